"""The actors, the names that stand for them, and the search for these names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from importlib import resources
from itertools import chain
from pathlib import Path
from typing import Any

from toolkit.actors.languages import ForeignNames
from toolkit.actors.loading import read_actors
from toolkit.actors.model import NO_OFFICE, ORGANS, Actor, Leader
from toolkit.actors.names import find_names
from toolkit.actors.people import OPEN, Person, Term, gather_people, office_rank, same_office
from toolkit.actors.surfaces import SurfaceTable, find_clashes, senses_of
from toolkit.errors import InputError, nearest

__all__ = ["Actor", "Leader", "Lexicon", "load_lexicon"]


@dataclass(frozen=True)
class Lexicon:
    """Actors by id, and the search for their names.

    Attributes
    ----------
    actors : dict of str to Actor
        The actors.

    Examples
    --------
    >>> lexicon = load_lexicon(extra={"acme": {"label": "Acme", "names": ["Acme Corporation", "Acme"]}})
    >>> lexicon.actors["acme"].label
    'Acme'
    >>> [(surface, actor) for _, _, actor, _, surface in lexicon.search("Turkish shells hit Acme Corporation")]
    [('Turkish', 'turkey'), ('Acme Corporation', 'acme')]
    """

    actors: dict[str, Actor]

    def __post_init__(self) -> None:
        # a clash must show when the lexicon is made, not at the first article
        for fault in find_clashes(self.actors.values(), self.people):
            raise InputError(fault)
        for actor in self.actors.values():
            for needed in (*actor.epithets_need, *chain.from_iterable(actor.relations.values())):
                if needed not in self.actors:
                    hint = nearest(needed, self.actors)
                    where = "epithets_need" if needed in actor.epithets_need else "relations"
                    raise InputError(f"actor {actor.id!r}, {where}: unknown actor {needed!r}; {hint}")

    def require(self, ids: Iterable[str]) -> list[str]:
        """Return `ids` as a list; raise InputError for one that is no actor of this lexicon."""
        if isinstance(ids, str):
            raise InputError(f"expected a list of actors, got the text {ids!r}: write [{ids!r}]")
        wanted = list(dict.fromkeys(ids))
        for actor in wanted:
            key, dot, organ = actor.partition(".")
            if key not in self.actors:
                hint = nearest(actor, self.actors)
                raise InputError(f"unknown actor {actor!r}; {hint}. Add your own actors with load_lexicon(extra=...)")
            if dot and organ not in (*ORGANS, *NO_OFFICE):
                raise InputError(f"actor {actor!r}: unknown part {organ!r}; {nearest(organ, (*ORGANS, *NO_OFFICE))}")
        return wanted

    @cached_property
    def people(self) -> list[Person]:
        """The persons, with the offices they held."""
        return gather_people(self.actors.values())

    @cached_property
    def table(self) -> SurfaceTable:
        """The English names in all spellings."""
        return SurfaceTable(senses_of(self.actors, self.people))

    def names_in(self, language: str) -> ForeignNames:
        """The names of one of the other languages (``tr``, ``ru``, ``ar``, ``de``, ``fr``, ``es``)."""
        if language not in self._foreign:
            self._foreign[language] = ForeignNames(self.actors, self.people, language)
        return self._foreign[language]

    @cached_property
    def _foreign(self) -> dict[str, ForeignNames]:
        return {}

    @cached_property
    def _terms(self) -> dict[str, list[tuple[Term, Person]]]:
        terms: dict[str, list[tuple[Term, Person]]] = {}
        for person in self.people:
            for term in person.terms:
                terms.setdefault(term.actor, []).append((term, person))
        return terms

    def holder(self, actor: str, office: str, day: str | None) -> Person | None:
        """Who held an office for an actor on a day (ISO; the last holder where none is given).

        Examples
        --------
        >>> lexicon = load_lexicon()
        >>> lexicon.holder("us", "president", "2020-02-28").name, lexicon.holder("us", "president", "2022-02-28").name
        ('Donald Trump', 'Joe Biden')
        """
        when = day or OPEN
        found = [
            (t.start, p)
            for t, p in self._terms.get(actor, ())
            if t.start <= when <= t.end and same_office(office, t.office)
        ]
        return max(found, key=lambda item: item[0])[1] if found else None

    def officers(self, actor: str, day: str | None) -> list[tuple[str, Person]]:
        """Offices of an actor on a day with who held them, heads first; all on record where no day is given."""
        found = [(t, p) for t, p in self._terms.get(actor, ()) if day is None or t.start <= day <= t.end]
        return [(t.office, p) for t, p in sorted(found, key=lambda item: (office_rank(item[0].office), item[0].start))]

    def label(self, actor: str) -> str:
        """What tables and figures print for an actor or a part of one.

        Examples
        --------
        >>> load_lexicon().label("turkey.forces"), load_lexicon().label("nobody")
        ('Ankara: forces', 'nobody')
        """
        key, _, organ = actor.partition(".")
        if key not in self.actors:
            return actor
        return f"{self.actors[key].label}: {organ}" if organ else self.actors[key].label

    def search(self, text: str) -> Iterator[tuple[int, int, str, str, str]]:
        """Give start, end, actor, form and surface of every name in `text`, leftmost and longest first.

        What the article around it decides (dates of office, surnames, epithets) is :func:`find_mentions`' business:
        here stands the first actor that a name may mean.
        """
        for hit in find_names(text, self):
            yield hit.start, hit.end, hit.senses[0].actor, hit.form, hit.surface


def load_lexicon(path: str | Path | None = None, extra: str | Path | Mapping[str, Any] | None = None) -> Lexicon:
    """Load the lexicon of actors.

    Parameters
    ----------
    path : str or Path, optional
        A YAML file, or a folder of YAML files with ``leaders.csv`` and ``names.csv``, that takes the place of the
        lexicon that ships (``toolkit/data/actors`` shows the shape).
    extra : str, Path or mapping, optional
        Actors to add, as such a file or folder or as a mapping of id to an actor's entries (``label``, ``names``,
        ...; a plain list is taken as its names). Entries of an actor that is already there are added to its own; its
        label is replaced.

    Returns
    -------
    Lexicon
        The actors.

    Raises
    ------
    InputError
        A file cannot be read, an entry is unknown or of the wrong type, or one name stands for two actors.

    Examples
    --------
    >>> load_lexicon().actors["turkey"].capitals
    ('Ankara',)
    >>> load_lexicon(extra={"acme": ["Ankara"]})
    Traceback (most recent call last):
        ...
    toolkit.errors.InputError: the name 'Ankara' stands for two actors, 'turkey' and 'acme': ...
    """
    if path is None and extra is None:
        return _shipped()
    actors = dict(_shipped().actors) if path is None else read_actors(path)
    return Lexicon(actors if extra is None else read_actors(extra, actors))


@lru_cache(maxsize=1)
def _shipped() -> Lexicon:
    with resources.as_file(resources.files("toolkit").joinpath("data/actors")) as folder:
        return Lexicon(read_actors(folder, where="toolkit/data/actors"))

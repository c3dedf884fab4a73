"""The actors, the names that stand for them, and the search for these names."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from importlib import resources
from pathlib import Path
from typing import Any

from toolkit.actors.loading import read_actors
from toolkit.actors.model import Actor, Leader
from toolkit.actors.words import load_words
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
        _ = self._written  # a clash must show when the lexicon is made, not at the first article
        for actor in self.actors.values():
            for needed in actor.epithets_need:
                if needed not in self.actors:
                    hint = nearest(needed, self.actors)
                    raise InputError(f"actor {actor.id!r}, epithets_need: unknown actor {needed!r}; {hint}")

    def require(self, ids: Iterable[str]) -> list[str]:
        """Return `ids` as a list; raise InputError for one that is no actor of this lexicon."""
        if isinstance(ids, str):
            raise InputError(f"expected a list of actors, got the text {ids!r}: write [{ids!r}]")
        wanted = list(dict.fromkeys(ids))
        for actor in wanted:
            if actor not in self.actors:
                hint = nearest(actor, self.actors)
                raise InputError(f"unknown actor {actor!r}; {hint}. Add your own actors with load_lexicon(extra=...)")
        return wanted

    @cached_property
    def _written(self) -> dict[str, tuple[str, str]]:
        """Name as written -> actor, form."""
        owners: dict[str, tuple[str, str]] = {}
        for actor in self.actors.values():
            for name, form in actor.written_names():
                owner = owners.setdefault(name, (actor.id, form))
                if owner[0] != actor.id:
                    raise InputError(
                        f"the name {name!r} stands for two actors, {owner[0]!r} and {actor.id!r}: "
                        "take it from one of them, or write it longer"
                    )
        return owners

    @cached_property
    def _surfaces(self) -> dict[str, tuple[str, str] | None]:
        """Surface -> actor, form; None where the longer name means something else."""
        table: dict[str, tuple[str, str] | None] = dict(self._written)
        for actor in self.actors.values():
            for name in actor.not_actor:
                table.setdefault(name, None)
        for name, owner in list(table.items()):
            for variant in _variants(name):
                table.setdefault(variant, owner)
        return table

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        tree: dict[str, Any] = {}
        for surface in self._surfaces:
            node = tree
            for char in surface:
                node = node.setdefault(char, {})
            node[""] = {}
        # "Syrias" is Syria's where an archive has lost the apostrophes
        return re.compile(rf"(?<![\w@])(?:{_tree_pattern(tree)})(?=s?(?!\w))")

    def search(self, text: str) -> Iterator[tuple[int, int, str, str, str]]:
        """Give start, end, actor, form and surface of every name in `text`, leftmost and longest first.

        Epithets are given wherever they stand; :func:`find_mentions` decides which of them count.
        """
        surfaces = self._surfaces
        last = 0
        for match in self._pattern.finditer(text):
            if match.start() < last:
                continue  # inside "Assad regime"
            surface = match.group().replace("\xa0", " ")
            owner = surfaces[surface]
            start, end = match.span()
            if owner is None or (text[end : end + 1] == "s" and not self._may_lack_apostrophe(surface, owner)):
                continue
            actor, form = owner
            if surface == "US" and _is_shouted(text, start, end):
                continue
            if form in ("name", "capital", "demonym", "leader"):
                noun = _state_noun().match(text, end)
                if noun and not (form == "leader" and not _LEADER_NOUN.search(noun.group())):
                    end = noun.end()
                    form = "epithet" if "regime" in noun.group().lower() or form == "leader" else "institution"
            last = end
            yield start, end, actor, form, text[start:end]

    def _may_lack_apostrophe(self, surface: str, owner: tuple[str, str]) -> bool:
        actor, form = owner
        return form in ("name", "capital") and self.actors[actor].kind == "state" and len(surface) > 3


def _variants(name: str) -> Iterator[str]:
    """Other spellings of a name that count as the same."""
    spellings = {name, name.replace("'", "’")}
    if name[0].islower() and not name.startswith(("al-", "el-", "bin ", "von ", "de ")):
        spellings |= {s[0].upper() + s[1:] for s in list(spellings)} | {
            s.title() for s in list(spellings) if "'" not in s
        }
    elif name.startswith(("al-", "el-")):
        spellings |= {s[0].upper() + s[1:] for s in list(spellings)}
    spellings |= {_plain(s) for s in list(spellings)}
    yield from spellings
    if sum(c.isalpha() for c in name) > 3:
        for s in spellings:
            yield s.upper()
            yield s.replace("i", "İ").upper()


def _plain(name: str) -> str:
    """Without accents."""
    decomposed = unicodedata.normalize("NFKD", name.replace("ı", "i").replace("ø", "o"))
    return "".join(c for c in decomposed if not unicodedata.combining(c))


def _tree_pattern(node: Mapping[str, Any]) -> str:
    """A regular expression for all words of a letter tree; longer words are tried first."""
    branches = []
    for char, below in sorted(node.items()):
        if char:
            shown = "[ \xa0]" if char == " " else re.escape(char)
            branches.append(shown + _tree_pattern(below))
    if not branches:
        return ""
    joined = branches[0] if len(branches) == 1 else f"(?:{'|'.join(branches)})"
    return f"(?:{joined})?" if "" in node else joined


_LEADER_NOUN = re.compile(r"\b(?:regime|government|administration|forces|army|troops|state)", re.IGNORECASE)


def _is_shouted(text: str, start: int, end: int) -> bool:
    """Whether a short name stands in a line of capitals, where US may be us, without a sign that it is a name."""
    left = text[max(0, start - 40) : start].rpartition("\n")[2]
    right = text[end : end + 40].partition("\n")[0]
    around = left + right
    letters = [c for c in around if c.isalpha()]
    if len(letters) < 6 or any(c.islower() for c in letters):
        return False
    return not (left.endswith(("THE ", "-")) or right.startswith("-"))


@lru_cache(maxsize=1)
def _state_noun() -> re.Pattern[str]:
    nouns = sorted(load_words()["state_nouns"], key=lambda noun: (-len(noun), noun))
    return re.compile(rf"[ \xa0](?i:{'|'.join(map(re.escape, nouns))})(?![\w-])")


def load_lexicon(path: str | Path | None = None, extra: str | Path | Mapping[str, Any] | None = None) -> Lexicon:
    """Load the lexicon of actors.

    Parameters
    ----------
    path : str or Path, optional
        A YAML file, or a folder of YAML files with ``leaders.csv`` and ``names.csv``, that takes the place of the lexicon that
        ships (``toolkit/data/actors`` shows the shape).
    extra : str, Path or mapping, optional
        Actors to add, as such a file or folder or as a mapping of id to an actor's entries (``label``, ``names``, ...; a plain
        list is taken as its names). Entries of an actor that is already there are added to its own; its label is replaced.

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

"""What an actor is: its names, its persons with their dates of office, its organs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

__all__ = ["FORMS_OF", "KINDS", "LANGUAGES", "NO_OFFICE", "ORGANS", "RELATIONS", "Actor", "ForeignName", "Leader"]

KINDS = ("state", "organisation", "group", "person")
ORGANS = (
    "seat", "government", "leader", "ministry", "forces", "parliament", "intelligence", "court", "bank", "media",
    "other",
)  # fmt: skip
"""The parts of an actor. A name, capital or demonym alone has the actor's kind for an organ."""
NO_OFFICE = ("former", "later")
"""Organs of a leader outside the dates of office: no part of the actor, and counted only where asked for."""
RELATIONS = ("backed_by", "opposed_to", "part_of", "government_of")
LANGUAGES = ("tr", "ru", "ar", "de", "fr", "es")
"""Languages besides English in which names are searched."""
FORMS_OF = {
    "names": "name",
    "capitals": "capital",
    "adjectives": "demonym",
    "people": "demonym",
    "institutions": "institution",
    "epithets": "epithet",
}
"""The entries of an actor and the form of a mention by one of their names."""


@dataclass(frozen=True)
class Leader:
    """A person who speaks and acts for an actor, in one term of one office.

    Attributes
    ----------
    name : str
        The full name; the same in every term, also where another actor was served.
    also : tuple of str
        Other names. One that begins with ``~`` counts only where the full name stands in the article, or after a title.
    office : str
        Such as ``president``, ``foreign minister``.
    start, end : str or None
        First and last day (``2014-08-28``, ``2014-08`` or ``2014``); None is open.
    """

    name: str
    also: tuple[str, ...] = ()
    office: str = ""
    start: str | None = None
    end: str | None = None


class ForeignName(NamedTuple):
    """A name in another language than English."""

    language: str
    form: str
    name: str
    organ: str = ""
    person: str = ""


@dataclass(frozen=True)
class Actor:
    """An actor and the names that count as mentions of it; ``docs/adding.md`` describes the entries."""

    id: str
    label: str
    kind: str = "organisation"
    names: tuple[str, ...] = ()
    capitals: tuple[str, ...] = ()
    adjectives: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    leaders: tuple[Leader, ...] = ()
    institutions: tuple[str, ...] = ()
    epithets: tuple[str, ...] = ()
    epithets_need: tuple[str, ...] = ()
    not_actor: tuple[str, ...] = ()
    personal: tuple[str, ...] = ()
    relations: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    unless: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    languages: Mapping[str, object] = field(default_factory=dict)
    organs: Mapping[str, str] = field(default_factory=dict)
    foreign: tuple[ForeignName, ...] = ()

    def written_names(self) -> Iterator[tuple[str, str]]:
        """Every English name with its form, as it is written in the lexicon."""
        for entry, form in FORMS_OF.items():
            for name in getattr(self, entry):
                yield name, form
        for leader in self.leaders:
            for name in (leader.name, *leader.also):
                yield name, "leader"

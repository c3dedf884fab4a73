"""Persons who speak for actors: their names, and which office they hold on a day."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from toolkit.actors.lists import load_list, load_set
from toolkit.actors.model import KINDS, Actor

__all__ = [
    "OPEN",
    "Person",
    "Standing",
    "Term",
    "gather_people",
    "is_surname",
    "office_organ",
    "office_rank",
    "same_office",
]

_PARTICLE = re.compile(
    r"(?:al|el|bin|bint|ben|ibn|von|van|der|den|de|del|della|da|do|dos|di|du|le|la|abu|abdul|ould|ter|zu)"
)
_NUMERAL = re.compile(r"[IVX]+|\W*\w{1,2}\W*|.*\d.*")
OPEN = "9999-12-31"
"""The end of a term that has none."""


class Term(NamedTuple):
    """An office held for an actor from day to day, both included; dates are ISO texts, which sort.

    Of several actors, a state goes before an organisation, and that before a party: `weight` is the order.
    """

    actor: str
    office: str
    start: str
    end: str
    weight: int = 0


class Standing(NamedTuple):
    """What a person is on a day: for whom, in which office, and which organ that makes."""

    actor: str
    office: str
    organ: str


@dataclass(frozen=True, eq=False)
class Person:
    """A person with all terms of office, and the names found in texts.

    Attributes
    ----------
    name : str
        The full name.
    terms : tuple of Term
        By start.
    surfaces : dict of str to bool
        Name -> whether it counts only beside the full name or a title.
    """

    name: str
    terms: tuple[Term, ...]
    surfaces: Mapping[str, bool]

    def at(self, day: str | None) -> Standing:
        """The standing on `day` (ISO), or the last one where no day is given.

        Examples
        --------
        >>> person = Person("Jo Doe", (Term("acme", "president", "2001-01-01", "2005-12-31"),), {})
        >>> person.at("2003-05-01")
        Standing(actor='acme', office='president', organ='leader')
        >>> person.at("2010-05-01")
        Standing(actor='acme', office='former president', organ='former')
        """
        if day is None:
            last = max(self.terms, key=lambda t: (-t.weight, t.end, -office_rank(t.office), t.start))
            return Standing(last.actor, last.office, office_organ(last.office))
        now = [term for term in self.terms if term.start <= day <= term.end]
        if now:
            # of a leader who is also party chairman or minister, the first office; of two, the newer
            best = min(now, key=lambda t: (t.weight, office_rank(t.office), -int(t.start[:4])))
            return Standing(best.actor, best.office, office_organ(best.office))
        before = [term for term in self.terms if term.end < day]
        if before:
            last = max(before, key=lambda t: (-t.weight, t.end, -office_rank(t.office)))
            return Standing(last.actor, f"former {last.office}".strip(), "former")
        first = min(self.terms, key=lambda t: (t.weight, t.start, office_rank(t.office)))
        return Standing(first.actor, f"later {first.office}".strip(), "later")


def gather_people(actors: Iterable[Actor]) -> list[Person]:
    """The persons of some actors; those of one full name are one person.

    Examples
    --------
    >>> from toolkit.actors.model import Leader
    >>> acme = Actor("acme", "Acme", names=("Acme",), leaders=(Leader("Jo van Doe", start="2001", end="2005-02"),))
    >>> person = gather_people([acme])[0]
    >>> person.terms, person.surfaces
    ((Term(actor='acme', office='', start='2001-01-01', end='2005-02-31', weight=1),),
     {'Jo van Doe': False, 'van Doe': True})
    """
    terms: dict[str, list[Term]] = {}
    also: dict[str, list[str]] = {}
    for actor in actors:
        for leader in actor.leaders:
            start = _first_day(leader.start) if leader.start else "0001-01-01"
            end = _last_day(leader.end) if leader.end else OPEN
            terms.setdefault(leader.name, []).append(Term(actor.id, leader.office, start, end, KINDS.index(actor.kind)))
            also.setdefault(leader.name, []).extend(leader.also)
    return [
        Person(name, tuple(sorted(found, key=lambda t: (t.start, t.end))), _surfaces(name, also[name]))
        for name, found in terms.items()
    ]


def _first_day(date: str) -> str:
    return date + "-01-01"[len(date) - 4 :] if len(date) < 10 else date


def _last_day(date: str) -> str:
    # a day that a month lacks sorts rightly all the same
    return date + "-12-31"[len(date) - 4 :] if len(date) < 10 else date


def _surfaces(name: str, also: list[str]) -> dict[str, bool]:
    found = {name: False} | {other: False for other in also if not other.startswith("~")}
    dependent = [other[1:].strip() for other in also if other.startswith("~")]
    for other in dependent or list(_own_surname(name)):
        found.setdefault(other, True)
    return found


def _own_surname(name: str) -> Iterator[str]:
    """The last word of a name with the particles before it."""
    words = name.split()
    if len(words) < 2 or words[0] in load_set("titles") or _NUMERAL.fullmatch(words[-1]):
        return
    first = len(words) - 1
    while first > 1 and _PARTICLE.fullmatch(words[first - 1].lower()):
        first -= 1
    yield " ".join(words[first:])


def is_surname(name: str) -> bool:
    """Whether a name is one word, particles aside, which persons of one family share.

    Examples
    --------
    >>> [is_surname(name) for name in ("Assad", "bin Zayed", "Theresa May")]
    [True, True, False]
    """
    return all(_PARTICLE.fullmatch(word.lower()) for word in name.split()[:-1])


def office_organ(office: str) -> str:
    """The part of an actor that a holder of this office belongs to.

    Examples
    --------
    >>> [office_organ(x) for x in ("president", "deputy prime minister", "foreign minister", "chief of staff")]
    ['leader', 'leader', 'ministry', 'forces']
    >>> office_organ("senior adviser")
    'government'
    """
    text = office.lower()
    for organ, words in load_list("offices").items():
        if any(word in text for word in words):
            return "leader" if organ == "head" else str(organ)
    return "government"


def office_rank(office: str) -> int:
    """The order of offices: heads of state and government first, then by organ."""
    text = office.lower().removeprefix("acting ")
    heads = load_list("heads")
    if text in heads:
        return int(heads.index(text))
    organs = list(load_list("offices"))
    organ = office_organ(office)
    return len(heads) + (organs.index(organ) if organ in organs else len(organs))


def same_office(title: str, office: str) -> bool:
    """Whether a holder of `office` is called by `title`: "foreign minister" is a secretary of state.

    Examples
    --------
    >>> same_office("foreign minister", "secretary of state"), same_office("president", "vice president")
    (True, False)
    """
    title, office = (text.lower().removeprefix("acting ") for text in (title, office))
    if title == office:
        return True
    return any(title in group and office in group for group in load_list("same_offices"))

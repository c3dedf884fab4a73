"""The same sentence about another actor: capital for capital, demonym for demonym, leader for leader."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from toolkit.actors.lexicon import Lexicon
from toolkit.actors.model import Actor
from toolkit.actors.people import Person
from toolkit.actors.surfaces import plain, same_length
from toolkit.actors.words import load_words

__all__ = ["NAMELESS", "Counterparts", "put_names"]

NAMELESS = ("epithet", "pronoun", "role")
"""Forms that name nobody ("the regime", "it"): nothing to swap, unless a name is part of them ("Assad regime")."""
SHORT = 5
"""An abbreviation has at most so many capitals."""
_OFFICIAL = re.compile(r"\b(?:Republic|Federation|Kingdom of|Treaty|States of)\b")
_DEFINITE = re.compile(
    r"(?:\b(?:States|Kingdom|Nations|Union|Emirates|Netherlands|Philippines|Republic|Federation|Organi[sz]ation|Alliance"
    r"|League|Bank|Council|Front|Army|Forces|opposition|rebels?)|(?:U\.?S\.?A?\.?|U\.?K\.?|E\.?U\.?|U\.?N\.?|UAE))$"
)
_BARE_INSTITUTIONS = re.compile(r"^(?:[A-Z]{2,6}|Capitol Hill|Downing Street|Foggy Bottom|.*Square|Congress)$")
_AN = re.compile(
    r"(?:[AEIO]|U(?!K|S|N\b|\.|ni|kr|gand|rug|zb)|Uz|[FHLMNRSX](?=[A-Z]{2,}\b)(?!ATO|ASA))(?!uro)", re.ASCII
)
_NUMERAL = re.compile(r" [IVX]+$")
_THE = re.compile(r"\b([Tt]he|THE)(\s+)$")
_A = re.compile(r"(?<![\w.'’-])([Aa])n?(\s+)$")
_POSSESSIVE = re.compile(r"(['’])(s?)(?!\w)")


@dataclass(frozen=True)
class Counterparts:
    """What another actor is called where one is named.

    Attributes
    ----------
    lexicon : Lexicon
        The actors.

    Examples
    --------
    >>> from toolkit.actors import load_lexicon
    >>> names = Counterparts(load_lexicon())
    >>> [names.of(*found, "turkey", "russia") for found in (("Ankara", "capital"), ("Turkish", "demonym"),
    ...     ("Turks", "demonym"), ("Erdogan", "leader"), ("Turkish defence ministry", "institution"))]
    ['Moscow', 'Russian', 'Russians', 'Putin', 'Russian defence ministry']
    """

    lexicon: Lexicon

    @cached_property
    def _known(self) -> dict[tuple[str, str, str, str, str | None], str | None]:
        return {}

    @cached_property
    def _persons(self) -> dict[str, Person]:
        return {name: person for person in self.lexicon.people for name in person.surfaces}

    @cached_property
    def _plain_persons(self) -> dict[str, Person]:
        return {plain(name): person for name, person in self._persons.items()}

    def of(self, surface: str, form: str, own: str, other: str, day: str | None = None) -> str | None:
        """The name of `other` in the form in which `surface` names `own`.

        Parameters
        ----------
        surface, form : str
            A mention as it is written, and its form.
        own, other : str
            Ids of actors.
        day : str, optional
            A date (ISO), for who held which office.

        Returns
        -------
        str or None
            None where the words hold no name: "the regime".
        """
        key = (surface, form, own, other, day)
        if key not in self._known:
            self._known[key] = self._find(*key)
        return self._known[key]

    def _find(self, surface: str, form: str, own: str, other: str, day: str | None) -> str | None:
        actor, target = self.lexicon.actors[own], self.lexicon.actors[other]
        found: str | None
        if form == "leader":
            found = self._leader(surface, own, target, day)
        elif form == "capital":
            found = _first(target.capitals) or _name(target, surface, actor)
        elif form == "demonym":
            found = self._within(surface, actor, target, day) or _demonym(target, surface, actor)
        elif form == "name":
            inner = None if surface in actor.names else self._within(surface, actor, target, day)
            found = inner or _name(target, surface, actor)
        else:
            found = self._institution(surface, form, actor, target, day)
        if found is None:
            return None
        found = plain(found) if surface.isascii() else found
        shouted = surface.isupper() and not _is_short(surface)
        return found.upper() if shouted else found

    def _leader(self, surface: str, own: str, target: Actor, day: str | None) -> str:
        person = self._persons.get(surface)
        person = person or self._plain_persons.get(plain(surface).title() if surface.isupper() else plain(surface))
        office = person.at(day).office if person else ""
        held = self.lexicon.holder(target.id, office, day) if office else None
        officers = self.lexicon.officers(target.id, day) or self.lexicon.officers(target.id, None)
        # Elizabeth II is no surname to put in a president's place; the next in rank has one.
        chosen = held or next((person for _, person in officers if not _NUMERAL.search(person.name)), None)
        if chosen is None:
            return _name(target, surface, self.lexicon.actors[own])
        if len(surface.split()) > 1:
            return chosen.name
        ends = [name for name in chosen.surfaces if " " not in name and plain(chosen.name).endswith(plain(name))]
        return min(ends, key=len) if ends else chosen.name.split()[-1]

    def _institution(self, surface: str, form: str, actor: Actor, target: Actor, day: str | None) -> str | None:
        within = self._within(surface, actor, target, day)
        organ = actor.organs.get(surface)
        if form != "institution" or organ is None:
            return within
        of_target = [name for name in target.institutions if target.organs.get(name) == organ]
        if within and (within in of_target or organ == "ministry" or surface.split(" ", 1)[1].islower()):
            return within
        own_words = [name for name in of_target if any(name.startswith(f"{word} ") for word in target.adjectives)]
        found = _first(own_words or of_target) or within
        return found or _first(target.capitals) or _name(target, surface, actor)

    def _within(self, surface: str, actor: Actor, target: Actor, day: str | None) -> str | None:
        """The words with the name inside them exchanged: "Turkish army", "Assad regime"."""
        for name, form in sorted(actor.written_names(), key=lambda item: -len(item[0])):
            if form in NAMELESS or len(name) >= len(surface) or name not in surface:
                continue
            match = re.search(rf"(?<!\w){re.escape(name)}(?!\w)", surface)
            if match:
                new = self.of(name, form, actor.id, target.id, day)
                if form in ("name", "capital") and target.adjectives and surface[match.end() : match.end() + 1] == " ":
                    new = target.adjectives[0]
                return f"{surface[: match.start()]}{new}{surface[match.end() :]}"
        return None


def _first(names: Iterable[str]) -> str | None:
    return next(iter(names), None)


def _is_short(name: str) -> bool:
    letters = name.replace(".", "")
    return letters.isupper() and letters.isalpha() and len(letters) <= SHORT


def _name(target: Actor, surface: str, actor: Actor) -> str:
    """A short name for a short one, an official one for an official one, else the usual one."""
    if surface in actor.names and _is_short(surface):
        return next(
            (name for name in target.names if _is_short(name)), target.names[0] if target.names else target.label
        )
    if surface in actor.names[1:] and _OFFICIAL.search(surface):
        found = next((name for name in target.names[1:] if _OFFICIAL.search(name)), None)
        if found:
            return found
    return target.names[0] if target.names else target.label


def _demonym(target: Actor, surface: str, actor: Actor) -> str:
    many = surface in actor.people and surface not in actor.adjectives and surface.endswith("s")
    if many:
        plural = next((name for name in target.people if name.endswith("s") and " " not in name), None)
        if plural:
            return plural
    short = next((name for name in target.names if _is_short(name)), None)
    return _first(target.adjectives) or short or (target.names[0] if target.names else target.label)


def put_names(
    sentence: str, swaps: Iterable[tuple[int, int, str, str]], target: tuple[int, int]
) -> tuple[str, int, int]:
    """Put other names into a sentence, with the articles and possessives that they need.

    Parameters
    ----------
    sentence : str
    swaps : iterable of (int, int, str, str)
        Start, end, new name, form; they don't overlap, and one of them is the target.
    target : (int, int)
        Start and end of the target in `sentence`.

    Returns
    -------
    (str, int, int)
        The new sentence, and where the target is in it.

    Examples
    --------
    >>> put_names("A Turkish convoy left.", [(2, 9, "Iranian", "demonym")], (2, 9))
    ('An Iranian convoy left.', 3, 10)
    >>> put_names("It was the United States' plan.", [(11, 24, "Turkey", "name")], (11, 24))
    ("It was Turkey's plan.", 7, 13)
    >>> put_names("Turkey agreed.", [(0, 6, "United States", "name")], (0, 6))
    ('The United States agreed.', 4, 17)
    """
    text, last, place = "", 0, target
    for start, end, new, form in sorted(swaps):
        before, old = text + sentence[last:start], sentence[start:end]
        attributive = form in ("demonym", "mask") or _follows_noun(sentence, end)
        if attributive and form == "name":
            form = "demonym"
        if form != "demonym":
            before = _with_the(before, old, new, form)
        article = _A.search(before)
        if article:
            an = "n" if _AN.match(new) else ""
            before = f"{before[: article.start()]}{article[1]}{an}{article[2]}"
        if (start, end) == target:
            place = (len(before), len(before) + len(new))
        text, last = before + new, end
        owned = _POSSESSIVE.match(sentence, end)
        if owned and not owned[2] and old.endswith("s") and not new.endswith("s"):
            text, last = f"{text}{owned[1]}s", owned.end()
    return text + sentence[last:], *place


def _follows_noun(sentence: str, end: int) -> bool:
    """Whether a name stands before a noun, as an adjective would: "US troops"."""
    match = re.compile(r"[ -]([a-z]+)").match(sentence, end)
    words = load_words()
    kinds = ("state_nouns", "actor_nouns", "actor_hyphens", "place_nouns")
    return match is not None and any(match[1] in words[kind] for kind in kinds)


def _with_the(before: str, old: str, new: str, form: str) -> str:
    """`before` with the article taken away or put in, where the two names differ in that."""
    the = _THE.search(before)
    needs = _definite(new, form, had=bool(the))
    if the and not needs and (_definite(old, form, had=True) or form == "institution"):
        return before[: the.start()]
    if (
        needs
        and not the
        and not re.search(r"(?:['’]s?|\b(?:a|an|its|his|their|this|that|our))\s+$", before, re.IGNORECASE)
    ):
        opening = not before.strip(" \"'“‘(")
        return f"{before}{'The' if opening else 'the'} "
    return before


def _definite(name: str, form: str, *, had: bool) -> bool:
    if form == "institution":
        return had and not _BARE_INSTITUTIONS.match(name) and (" " in name or name in load_words()["seats"])
    return form in ("name", "capital", "leader") and bool(_DEFINITE.search(same_length(name)))

"""Every way a name of the lexicon may be written, and the search for them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from toolkit.actors.model import FORMS_OF, Actor
from toolkit.actors.people import Person, is_surname

__all__ = ["Sense", "SurfaceTable", "ends_name", "find_clashes", "plain", "same_length", "senses_of", "variants"]

_SAME = str.maketrans(
    {"\xa0": " ", "\u202f": " ", "\u2009": " ", "’": "'", "‘": "'", "ʼ": "'", "ʻ": "'", "‑": "-", "‐": "-"}
)
_WORD = re.compile(r"\w+")
_SMALL = frozenset(
    [
        "of", "the", "and", "for", "in", "on", "to", "at", "bin", "bint", "ibn", "von",
        "van", "der", "de", "del", "di", "da", "do", "dos", "la", "le", "al", "el",
    ]
)  # fmt: skip

_WHOLE = {"state": "government"}
"""What a plain word such as "the regime" means of an actor, where it is not the actor as a whole."""
NEXT = 2
"""So many characters behind an anchor tell which names may go on there."""
PREFIX = 4
"""So many letters of a word tell in a regular expression whether it may be an anchor."""
SHORT = 2
"""Behind a name in capitals an s is none that has lost its apostrophe: "USs"."""
WITHOUT = 500
"""A text of more characters that has no apostrophe has lost them."""
ANCHOR = 3
"""An anchor has so many letters, where the name has such a word."""
_COMMON = frozenset(
    ["the", "former", "president", "people", "state", "house", "united", "national", "new", "international"]
)


class Sense(NamedTuple):
    """What a name as it is written means.

    Attributes
    ----------
    actor, form, organ : str
        The actor, how the name is one of it, and which part of it is meant; no organ for persons.
    person : Person or None
        Whose name it is; the actor is then the one served on the day.
    dependent : bool
        A surname that counts only beside the full name or a title.
    definite : bool
        A plain word that counts only behind "the".
    """

    actor: str
    form: str
    organ: str = ""
    person: Person | None = None
    dependent: bool = False
    definite: bool = False


def same_length(text: str) -> str:
    r"""A text with plain blanks, apostrophes and hyphens; offsets stay.

    Examples
    --------
    >>> same_length("Sana’a, New\xa0Delhi")
    "Sana'a, New Delhi"
    """
    return text.translate(_SAME)


def plain(name: str) -> str:
    """A name without accents.

    Examples
    --------
    >>> plain("Erdoğan Yıldırım")
    'Erdogan Yildirim'
    """
    if name.isascii():
        return name
    decomposed = unicodedata.normalize("NFKD", name.translate(_NO_ACCENT))
    return "".join(c for c in decomposed if not unicodedata.combining(c))


_NO_ACCENT = str.maketrans({"ı": "i", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "ə": "a", "Ə": "A"})


def variants(name: str) -> Iterator[str]:
    """Other spellings that count as the same name.

    Examples
    --------
    >>> sorted(set(variants("the regime")))
    ['THE REGIME', 'The Regime', 'The regime', 'the regime']
    """
    name = same_length(name)
    spellings = [name, name.replace("'s ", "s ")] if "'s " in name else [name]
    if not name.isascii():
        spellings += map(plain, list(spellings))
    if not name.istitle():
        spellings += [s[0].upper() + s[1:] for s in spellings if s[0].islower()]
        spellings += [_titled(s) for s in spellings]
    yield from spellings
    if sum(map(str.isalpha, name)) > 3:
        for s in spellings[:3]:
            yield s.upper()
            if "i" in s and not name.isascii():
                yield s.replace("i", "İ").upper()


def _titled(name: str) -> str:
    """As a headline writes it, where every word has a capital."""
    words = name.split(" ")
    return " ".join(
        w if (i and w in _SMALL) or not w[:1].islower() else "-".join(p[:1].upper() + p[1:] for p in w.split("-"))
        for i, w in enumerate(words)
    )


def find_clashes(actors: Iterable[Actor], people: Iterable[Person]) -> list[str]:
    """What is wrong with names that stand for two actors or two persons, as sentences."""
    faults: list[str] = []
    owners: dict[str, tuple[str, str]] = {}
    for actor in actors:
        for entry, form in FORMS_OF.items():
            for name in getattr(actor, entry):
                owner = owners.setdefault(name, (actor.id, form))
                if owner[0] != actor.id and (form, owner[1]) != ("epithet", "epithet"):
                    faults.append(
                        f"the name {name!r} stands for two actors, {owner[0]!r} and {actor.id!r}: "
                        "take it from one of them, or write it longer"
                    )
    persons: dict[str, Person] = {}
    for person in people:
        home = person.terms[-1].actor
        for name, dependent in person.surfaces.items():
            if not dependent and name in owners and owners[name][0] != home:
                faults.append(
                    f"the name {name!r} stands for two actors, {owners[name][0]!r} and {home!r} ({person.name}): "
                    f"take it from one of them, or write '~{name}' to have it count only after the full name"
                )
            other = persons.setdefault(name, person)
            actors_of = [{term.actor for term in p.terms} for p in (other, person)]
            if other is not person and not is_surname(name) and not actors_of[0] & actors_of[1] and not dependent:
                faults.append(
                    f"the name {name!r} stands for two persons, {other.name!r} of {other.terms[0].actor!r} and "
                    f"{person.name!r} of {home!r}: write it longer, or '~{name}'"
                )
    return faults


def senses_of(actors: Mapping[str, Actor], people: Iterable[Person]) -> dict[str, tuple[Sense, ...]]:
    """Name as written in the lexicon -> what it may mean; nothing where a longer name means something else."""
    found: dict[str, list[Sense]] = {}
    for actor in actors.values():
        for entry, form in FORMS_OF.items():
            for name in getattr(actor, entry):
                organ = actor.organs.get(name, actor.kind if form not in ("institution", "epithet") else "")
                organ = organ or ("other" if form == "institution" else _WHOLE.get(actor.kind, actor.kind))
                bare = name[4:] if name.lower().startswith("the ") else name  # the article stays outside
                senses = found.setdefault(bare, [])
                if all(sense.actor != actor.id for sense in senses):
                    senses.append(Sense(actor.id, form, organ, definite=form == "epithet" and bare != name))
    names = set(found)
    surnames: dict[str, set[str]] = {}
    people = list(people)
    for person in people:
        for name in person.surfaces:
            if is_surname(name):
                surnames.setdefault(name, set()).update(term.actor for term in person.terms)
    for person in people:
        for name, dependent in person.surfaces.items():
            if name not in names:
                shared = (
                    is_surname(name) and name != person.name and len(surnames[name] - {t.actor for t in person.terms})
                )
                sense = Sense(person.terms[-1].actor, "leader", "", person, bool(dependent or shared))
                found.setdefault(name, []).append(sense)
    table = {name: tuple(senses) for name, senses in found.items()}
    for actor in actors.values():
        for name in actor.not_actor:
            table.setdefault(name, ())
    return table


class SurfaceTable:
    """All spellings, and where they stand in a text: leftmost first, the longest at each place.

    Parameters
    ----------
    senses : dict of str to tuple of Sense
        Names as the lexicon writes them.

    Notes
    -----
    One word of a name, its anchor, leads to the places and lengths of the names that have it; of the pieces of the text
    that are names the longest wins. This is exact, and made in a quarter of a second. ``benchmarks/names_search.py``
    compares it with a tree of letters as one regular expression and with an Aho-Corasick automaton.
    """

    def __init__(self, senses: Mapping[str, tuple[Sense, ...]]) -> None:
        self.senses: dict[str, tuple[Sense, ...]] = {same_length(name): found for name, found in senses.items()}
        for name, found in senses.items():
            for variant in variants(name):
                self.senses.setdefault(variant, found)
        places: dict[str, set[tuple[str, int, int]]] = {}
        for name in self.senses:
            word, offset = _anchor(name)
            end = offset + len(word)
            places.setdefault(word, set()).add((name[end : end + NEXT], offset, len(name)))
        self.places = places
        self.anchors: dict[str, dict[str, list[tuple[int, int]]]] = {}  # filled when an anchor is first met
        self.pattern = re.compile(rf"(?<![\w@])(?:{_prefixes({word[:PREFIX] for word in places})})\w*")

    def find(self, text: str) -> Iterator[tuple[int, int, tuple[Sense, ...]]]:
        """Start, end and senses of each name; `text` as :func:`same_length` gives it."""
        last = 0
        for start, size, found in sorted(self._all(text), key=lambda item: (item[0], -item[1])):
            if start >= last:
                last = start + size
                yield start, last, found

    def _all(self, text: str) -> Iterator[tuple[int, int, tuple[Sense, ...]]]:
        """Names wherever they stand, also within one another."""
        senses, anchors = self.senses, self.anchors
        bare = len(text) > WITHOUT and "'" not in text
        for match in self.pattern.finditer(text):
            word, at = match.group(), match.start()
            for anchor in (word, word[:-1]) if word[-1] == "s" else (word,):
                by_next = anchors.get(anchor)
                if by_next is None:
                    if anchor not in self.places:
                        continue
                    by_next = anchors[anchor] = _by_next(self.places[anchor])
                end = at + len(anchor)
                for offset, size in by_next.get(text[end : end + NEXT]) or by_next[""]:
                    start = at - offset
                    inside = start >= 0 and start + size <= len(text)
                    found = senses.get(text[start : start + size]) if inside else None
                    if found is None or (offset and _in_word(text[start - 1 : start])):
                        continue
                    if ends_name(text, start + size, found, bare=bare):
                        yield start, size, found


def _by_next(places: set[tuple[str, int, int]]) -> dict[str, list[tuple[int, int]]]:
    """Where names lie round an anchor, by the characters behind it; under no characters, those that end with it."""
    ending = {(offset, size) for following, offset, size in places if not following}
    found: dict[str, list[tuple[int, int]]] = {"": sorted(ending)}
    for following in {following for following, _, _ in places if len(following) == NEXT}:
        found[following] = sorted(ending | {(o, s) for f, o, s in places if f == following})
    for following, offset, size in places:
        if 0 < len(following) < NEXT:  # a name that ends so near behind its anchor may have anything behind it
            for listed in found.values():
                listed.append((offset, size))
    return found


def _prefixes(words: set[str]) -> str:
    """A regular expression for the beginnings of words."""
    tree: dict[str, Any] = {}
    for word in sorted(words):
        node = tree
        for char in word:
            node = node.setdefault(char, {})
        node[""] = {}
    return _branch(tree)


def _branch(node: dict[str, Any]) -> str:
    if "" in node:
        return ""
    chars: dict[str, list[str]] = {}
    for char, below in node.items():
        chars.setdefault(_branch(below), []).append(char)
    parts = [f"[{''.join(map(re.escape, found))}]{rest}" for rest, found in chars.items()]
    return parts[0] if len(parts) == 1 else f"(?:{'|'.join(parts)})"


def _anchor(name: str) -> tuple[str, int]:
    """The word by which a name is looked for, and where in it that word stands: no word that every line has."""
    if name.isalnum():
        return name, 0
    first: re.Match[str] | None = None
    for word in _WORD.finditer(name):
        if len(word.group()) >= ANCHOR and word.group().lower() not in _COMMON:
            return word.group(), word.start()
        first = first or word
    assert first is not None  # a name has a letter or a digit: the files are checked for it
    return first.group(), first.start()


def _in_word(char: str) -> bool:
    return char.isalnum() or (char != "" and char in "_@")


def ends_name(text: str, end: int, senses: tuple[Sense, ...], *, bare: bool = False) -> bool:
    """Whether a word ends here, or would but for an s where a state is named: archives lose apostrophes.

    Of a `bare` text, which has none at all, that holds for every name.
    """
    after = text[end : end + 2]
    if not _in_word(after[:1]) or after[0] == "@":
        return True
    if after[0] != "s" or (after[1:].isalnum() or after[1:] == "_") or not senses:
        return False
    whole = senses[0].organ == "state" and senses[0].form in ("name", "capital")
    if not whole and not (bare and senses[0].form in ("name", "capital", "leader", "institution")):
        return False
    return bare or (text[max(0, end - SHORT) : end].isalpha() and not text[end - SHORT : end].isupper())

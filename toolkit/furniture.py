"""The patterns of page furniture, and which of them a line needs to be held against.

Nearly every line of an article is prose, and nearly every pattern names a word that prose lacks. So a pattern is tried
only on lines with the words that it cannot match without; they are read off the pattern itself, and the result is the
same.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import yaml

__all__ = ["Furniture", "needed", "read_furniture"]

Needs = tuple[frozenset[str], ...]
"""Of each set a text must have at least one member."""

GRAM = 3
"""Words are looked up by pieces of this length (characters)."""
MOST_WORDS = 200_000
"""So many words are remembered."""
LONGEST_WORD = 60
"""Longer ones are not remembered (characters)."""
_WORD = re.compile(r"\w+")
_COMMON = " etaoinshrdlucmfwypvbgkjqxz"
_REPEAT = re.compile(r"[?*+]|\{(\d*)(?:,\d*)?\}")


@dataclass(frozen=True)
class _Pattern:
    reason: str
    pattern: re.Pattern[str]
    needs: Needs


@dataclass
class Furniture:
    """Compiled patterns.

    Attributes
    ----------
    start, end : list
        Patterns of what is cut from the beginning and from the end of a text, with their reasons.
    lines : list
        Patterns of whole lines, in the order of the file: the first that matches gives the reason.
    prose : dict of str to list of pattern
        By reason, what a line of the article itself has.
    """

    start: list[_Pattern]
    end: list[_Pattern]
    lines: list[_Pattern]
    prose: dict[str, list[re.Pattern[str]]]
    _by_gram: dict[str, list[tuple[str, str, int]]] = field(init=False, default_factory=dict)
    _by_sign: dict[str, list[int]] = field(init=False, default_factory=dict)
    _always: list[int] = field(init=False, default_factory=list)
    _rest: list[Needs] = field(init=False, default_factory=list)
    _idle: set[str] = field(init=False, default_factory=set)
    _seen: dict[str, tuple[tuple[str, int], ...]] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        for place, line in enumerate(self.lines):
            words = [need for need in line.needs if all(map(_telling, need))]
            signs = [need for need in line.needs if all(map(_sign, need))]
            if words:
                first = max(words, key=lambda need: min((len(w), _rarity(_rarest(w))) for w in map(_telling, need)))
                for text in first:
                    word = _telling(text)
                    self._by_gram.setdefault(_rarest(word), []).append((word, text, place))
            elif signs:
                first = signs[0]
                for text in first:
                    self._by_sign.setdefault(_sign(text), []).append(place)
            else:
                first = frozenset()
                self._always.append(place)
            self._rest.append(tuple(need for need in line.needs if need is not first))

    def line_reason(self, line: str, *, gated: bool = True) -> str | None:
        """Why a line is furniture, or None.

        Parameters
        ----------
        line : str
            A line without blanks at its ends.
        gated : bool
            False tries every pattern: slower, and the same.
        """
        for place in self._places(fold(line)) if gated else range(len(self.lines)):
            one = self.lines[place]
            if one.pattern.fullmatch(line) and not self._is_prose(line, one.reason):
                return one.reason
        return None

    def _places(self, folded: str) -> list[int]:
        """The patterns that may match, in their order."""
        found = set(self._always)
        for sign in self._by_sign.keys() & set(folded):
            found.update(self._by_sign[sign])
        for word in set(_WORD.findall(folded)) - self._idle:
            texts = self._seen.get(word)
            if texts is None:
                texts = self._look_up(word)
            for text, place in texts:
                if place not in found and text in folded:
                    found.add(place)
        return sorted(place for place in found if _has(folded, self._rest[place]))

    def _look_up(self, word: str) -> tuple[tuple[str, int], ...]:
        """What a word may be a part of: the words of a corpus are few, so it is looked up once."""
        grams = self._by_gram.keys() & {word[i : i + GRAM] for i in range(len(word) - GRAM + 1)}
        found = tuple((text, place) for g in grams for part, text, place in self._by_gram[g] if part in word)
        if len(self._seen) + len(self._idle) >= MOST_WORDS:
            self._seen.clear()
            self._idle.clear()
        if found and len(word) <= LONGEST_WORD:
            self._seen[word] = found
        elif len(word) <= LONGEST_WORD:
            self._idle.add(word)
        return found

    def tail(self, text: str, start: int, end: int) -> Iterator[tuple[str, re.Match[str]]]:
        """Tails in a part of a text, each before the one that was found before it."""
        folded = fold(text[start:end])
        for one in self.end:
            match = one.pattern.search(text, start, end) if _has(folded, one.needs) else None
            if match and match.end() > match.start():
                yield one.reason, match
                end = match.start()

    def _is_prose(self, line: str, reason: str) -> bool:
        return any(pattern.search(line) for pattern in self.prose.get(reason, ()))


def read_furniture(text: str) -> Furniture:
    """Compile the patterns of a file such as ``toolkit/data/furniture.yaml``."""
    data = yaml.safe_load(text)
    parts: dict[str, str] = data.get("parts", {})

    def full(pattern: str) -> str:
        for name, part in parts.items():
            pattern = pattern.replace(f"<{name}>", part)
        return pattern

    def compiled(place: str) -> list[_Pattern]:
        listed = [(reason, full(pattern)) for reason, patterns in data.get(place, {}).items() for pattern in patterns]
        return [_Pattern(reason, re.compile(pattern, re.IGNORECASE), needed(pattern)) for reason, pattern in listed]

    prose: dict[str, list[re.Pattern[str]]] = {}
    for rule in data.get("prose", []):
        for reason in rule["reasons"]:
            prose.setdefault(reason, []).append(re.compile(rule["pattern"], re.IGNORECASE))
    return Furniture(compiled("start"), compiled("end"), compiled("line"), prose)


def fold(text: str) -> str:
    """The same for all texts that differ in nothing but case."""
    return text.replace("İ", "i").replace("ı", "i").casefold()  # equal where case is ignored; casefold() knows better


def _has(folded: str, needs: Needs) -> bool:
    inside = folded.__contains__
    for words in needs:  # noqa: SIM110 - twice as fast as all() here
        if not any(map(inside, words)):
            return False
    return True


def _rarity(gram: str) -> int:
    """How rarely a piece occurs, about: by its letters."""
    return sum(_COMMON.find(c) if c in _COMMON else len(_COMMON) for c in gram)


def _telling(text: str) -> str:
    """The word of a text by which it is looked up, or nothing where all are short."""
    return max((w for w in _WORD.findall(text) if len(w) >= GRAM), key=lambda w: _rarity(_rarest(w)), default="")


def _sign(text: str) -> str:
    """The first character of a text that is neither letter, digit nor blank, or nothing."""
    return next((c for c in text if not c.isalnum() and not c.isspace()), "")


def _rarest(word: str) -> str:
    return max((word[i : i + GRAM] for i in range(len(word) - GRAM + 1)), key=_rarity)


def needed(pattern: str) -> Needs:
    r"""The words without which a pattern matches nothing; empty where that cannot be told.

    Examples
    --------
    >>> [sorted(words) for words in needed(r".{0,60}\b(sign up|subscribe)\b.{0,80}\bnewsletters?\b.*")]
    [['newsletter'], ['sign up', 'subscribe']]
    >>> needed(r"\d+( minutes)?")
    ()
    """
    return tuple(sorted((words for words in _alternatives(pattern) if " " not in words), key=len))


def _alternatives(pattern: str) -> list[frozenset[str]]:
    branches = [_sequence(branch) for branch in _split(pattern)]
    if len(branches) == 1:
        return branches[0]
    if not all(branches):
        return []
    # One of the branches matches, and with it its own most telling word.
    return [frozenset().union(*(max(sets, key=lambda s: min(map(len, s))) for sets in branches))]


def _split(pattern: str) -> list[str]:
    """The branches of a pattern: cut at each | outside brackets."""
    cuts, at = [-1], 0
    while at < len(pattern):
        if pattern[at] == "|":
            cuts.append(at)
        at = _atom_end(pattern, at)
    return [pattern[a + 1 : b] for a, b in zip(cuts, [*cuts[1:], len(pattern)], strict=True)]


def _atom_end(pattern: str, at: int) -> int:
    """Where the atom at `at` ends: a character, an escape, a class or a group."""
    if pattern[at] == "\\":
        return at + 2
    if pattern[at] == "[":
        at += 3 if pattern[at + 1] == "^" else 2  # a ] that comes first is a member
        while pattern[at] != "]":
            at += 2 if pattern[at] == "\\" else 1
        return at + 1
    if pattern[at] == "(":
        at += 1
        while pattern[at] != ")":
            at = _atom_end(pattern, at)
        return at + 1
    return at + 1


def _sequence(branch: str) -> list[frozenset[str]]:
    """What each part of a branch needs; a run of plain characters is one part."""
    found: list[frozenset[str]] = []
    run, at = "", 0
    while at < len(branch):
        end = _atom_end(branch, at)
        atom = branch[at:end]
        repeat = _REPEAT.match(branch, end)
        optional = repeat is not None and (repeat.group() in "?*" or repeat[1] in ("", "0"))
        plain = _plain(atom)
        if plain and not optional:
            run += plain
        if repeat or not plain:
            found += [frozenset([fold(run)])] if run else []
            run = ""
            if not optional:
                found += _inside(atom)
        at = repeat.end() if repeat else end
        if repeat and at < len(branch) and branch[at] in "?+":
            at += 1  # lazy or possessive
    return [*found, frozenset([fold(run)])] if run else found


def _plain(atom: str) -> str:
    """The character that an atom stands for, or nothing."""
    if len(atom) == 2 and atom[0] == "\\" and not atom[1].isalnum():
        return atom[1]
    return atom if len(atom) == 1 and atom not in ".^$" else ""


def _inside(atom: str) -> list[frozenset[str]]:
    """What a group or a class of characters needs."""
    group = re.fullmatch(r"\((\?:)?(?!\?)(.*)\)", atom, re.DOTALL)
    if group:
        return _alternatives(group[2])
    listed = re.fullmatch(r"\[((?:\\\W|[^\\^-])+)\]", atom)  # no ranges, no \w
    return [frozenset(fold(c) for c in re.sub(r"\\(?=\W)", "", listed[1]))] if listed else []

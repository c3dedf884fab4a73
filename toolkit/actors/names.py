"""The names that stand in a text, less those that belong to something else: "Moscow, Idaho", "Turkish Airlines"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache
from typing import TYPE_CHECKING

from toolkit.actors.lists import load_list, load_set
from toolkit.actors.people import is_surname
from toolkit.actors.surfaces import Sense, plain, same_length
from toolkit.actors.words import load_words

if TYPE_CHECKING:
    from toolkit.actors.lexicon import Lexicon

__all__ = ["Name", "find_abbreviations", "find_names", "is_titled", "noun_organ", "title_before"]

NAMED = ("name", "capital", "demonym")
ALIKE = 0.65
"""Two spellings of one given name share this much (Mohamed, Muhammad)."""

_WORD_BEFORE = re.compile(r"(?<![\w.])([^\W\d_][\w'-]*\.?) $")
_SENTENCE_START = re.compile(r"(?:^|[.!?:;\"“”(—–|>*•]\s*|\n\s*|['\"]\s*)$")
_NEXT_WORD = re.compile(r" ([A-Z][\w'-]+)")
_LEADER_NOUN = re.compile(r"\b(?:regime|government|administration|forces|army|troops|state)", re.IGNORECASE)
_IN_BRACKETS = re.compile(r"[ \xa0](?:group |militants )?\(([A-Z]{2,6})\)")
_OF_BEFORE = re.compile(
    r"\b(?:University|Archbishop|Bishop|Patriarch|Duke|Duchess|Earl|Church|Archdiocese|Diocese|Gulf|Sea|Voice|"
    r"Scouts) of (?:the )?$"
)
_BACKED = re.compile(r"(?i:pro)-([\w.]+) |([\w.]+)-(?:backed|led|supported|aligned|allied) ")


@dataclass(slots=True)
class Name:
    """A name where it stands in a text, before the article decides which of its senses holds."""

    start: int
    end: int
    surface: str
    form: str
    organ: str
    senses: tuple[Sense, ...]
    stands_alone: bool = True


def find_names(text: str, lexicon: Lexicon) -> Iterator[Name]:
    """Every name of the lexicon in a text by what stands next to it: leftmost first, the longest at each place."""
    searched = same_length(text)
    last = 0
    for start, found_end, senses in lexicon.table.find(searched):
        if start < last or not senses:
            continue  # inside "Assad regime", or a longer name that is no actor's
        if any(sense.definite for sense in senses) and searched[max(0, start - 4) : start].lower() != "the ":
            senses = tuple(sense for sense in senses if not sense.definite)
            if not senses:
                continue
        form, end = senses[0].form, found_end
        if _belongs_elsewhere(searched, start, end, senses, lexicon):
            continue
        organ = senses[0].organ
        if form in NAMED or form == "leader":
            noun = _state_noun().match(searched, end)
            if noun and not (form == "leader" and not _LEADER_NOUN.search(noun.group())):
                end = noun.end()
                form = "epithet" if "regime" in noun.group().lower() or form == "leader" else "institution"
                organ = noun_organ(noun.group()) or "other"
        last = end
        backer = _BACKED.match(searched, start, end)
        if backer is not None and (whose := lexicon.table.senses.get(backer[backer.lastindex or 0])):
            # "Russian-backed separatists" are the separatists, and Russian besides
            at, until = backer.span(backer.lastindex or 0)
            yield Name(at, until, text[at:until], whose[0].form, whose[0].organ, whose)
            start = backer.end()
        yield Name(start, end, text[start:end], form, organ, senses, end == found_end)


def find_abbreviations(
    names: Mapping[str, list[Name]], texts: Mapping[str, str], lexicon: Lexicon
) -> Mapping[str, list[Name]]:
    """Names with those that the article itself shortens: "the Islamic State (IS) ... IS said".

    Parameters
    ----------
    names : dict of str to list of Name
        Names by part (title, body).
    texts : dict of str to str
        The texts of these parts.
    lexicon : Lexicon
        The actors; what it knows already is left alone.
    """
    short: dict[str, Name] = {}
    for part, found in names.items():
        for name in found:
            match = _IN_BRACKETS.match(texts[part], name.end)
            if match and name.form == "name" and match.group(1) not in lexicon.table.senses:
                short.setdefault(match.group(1), name)
    if not short:
        return names
    pattern = re.compile(rf"(?<![\w.@-])(?:{'|'.join(map(re.escape, short))})(?!\w)")
    added = {}
    for part, found in names.items():
        text, ends = texts[part], {name.start: name.end for name in found}
        new = [
            Name(m.start(), m.end(), m.group(), "name", short[m.group()].organ, short[m.group()].senses)
            for m in pattern.finditer(text)
            if not _is_shouted(text, m.start(), m.end())
            and not any(start < m.end() and end > m.start() for start, end in ends.items())
        ]
        added[part] = sorted([*found, *new], key=lambda name: name.start)
    return added


def _belongs_elsewhere(text: str, start: int, end: int, senses: tuple[Sense, ...], lexicon: Lexicon) -> bool:
    """Whether the words around make a name part of a longer one that means something else."""
    form, surface = senses[0].form, text[start:end]
    if surface == "US" and _is_shouted(text, start, end):
        return True
    if form == "leader":
        return bool(_thing_after().match(text, end)) or _is_namesake(text, start, end, senses, lexicon)
    if form not in NAMED:
        return False
    if _OF_BEFORE.search(text, max(0, start - 20), start) or _thing_after().match(text, end):
        return True
    if _body_after().match(text, end) and not _state_noun().match(text, end):
        return True
    if form == "demonym":
        return False
    if _province_after().match(text, end):
        return True
    actor = lexicon.actors[senses[0].actor]
    if surface.title() not in actor.personal and surface not in actor.personal:
        return False
    return _given_name_before(text, start, lexicon) is not None or _surname_after(text, start, end, lexicon)


@lru_cache(maxsize=1)
def _thing_after() -> re.Pattern[str]:
    """Airlines, newspapers, clubs, treaties."""
    things = "|".join(map(re.escape, sorted(load_set("things"))))
    return re.compile(rf" (?:{things})(?![\w-])")


@lru_cache(maxsize=1)
def _body_after() -> re.Pattern[str]:
    """Bodies that only carry the name of a country: "American Medical Association"."""
    bodies = "|".join(map(re.escape, sorted(load_set("bodies"))))
    return re.compile(rf"(?: (?:[A-Z][\w&'-]+|of|for|and|on)){{0,4}}? (?:{bodies})(?![\w-])")


@lru_cache(maxsize=1)
def _province_after() -> re.Pattern[str]:
    names = "|".join(map(re.escape, load_list("provinces")))
    return re.compile(rf", (?:{names})(?=[,.;:)\s'\"]|$)(?! and )")


@lru_cache(maxsize=1)
def _state_noun() -> re.Pattern[str]:
    nouns = sorted({*load_words()["state_nouns"], *load_list("more_state_nouns")}, key=lambda noun: (-len(noun), noun))
    return re.compile(rf" (?i:{'|'.join(map(re.escape, nouns))})(?![\w-])")


@lru_cache(maxsize=1)
def _organ_nouns() -> dict[str, str]:
    return {noun: organ for organ, nouns in load_list("organ_nouns").items() for noun in nouns.split()}


def noun_organ(noun: str) -> str:
    """The organ that a noun of state names: by its last word that tells.

    Examples
    --------
    >>> noun_organ("government forces"), noun_organ("defence ministry"), noun_organ("ministry of defence")
    ('forces', 'ministry', 'ministry')
    """
    organs = _organ_nouns()
    for word in reversed(noun.lower().partition(" of ")[0].split()):
        if word in organs:
            return organs[word]
        if word.endswith("s") and word[:-1] in organs:
            return organs[word[:-1]]
    return ""


def _is_shouted(text: str, start: int, end: int) -> bool:
    """Whether a short name stands in a line of capitals, where US may be us, without a sign that it is a name."""
    left = text[max(0, start - 40) : start].rpartition("\n")[2]
    right = text[end : end + 40].partition("\n")[0]
    letters = [c for c in left + right if c.isalpha()]
    if len(letters) < 6 or any(c.islower() for c in letters):
        return False
    return not (left.endswith(("THE ", "-")) or right.startswith("-"))


def title_before(text: str, start: int) -> str | None:
    """The title that stands right before a name ("President", "Prime Minister"), in lower case."""
    match = _titles_before().search(text, max(0, start - 40), start)
    return match.group(1).lower() if match else None


@lru_cache(maxsize=1)
def _titles_before() -> re.Pattern[str]:
    groups = [*load_list("heads"), *(title for group in load_list("same_offices") for title in group)]
    titles = "|".join(map(re.escape, sorted(set(groups), key=lambda t: (-len(t), t))))
    return re.compile(rf"\b(?i:(?:then-|ex-|former |acting |late |outgoing )?({titles})),? $")


def is_titled(text: str, start: int) -> bool:
    """Whether the line is a headline in which nearly every word has a capital."""
    begin = text.rfind("\n", 0, start) + 1
    stop = text.find("\n", start)
    line = text[begin : stop if stop >= 0 else len(text)]
    if len(line) > 200:
        return False
    long = [word for word in re.findall(r"[^\W\d_][\w'-]*", line) if len(word) > 3]
    return len(long) > 2 and sum(word[0].isupper() for word in long) >= 0.75 * len(long)


def _given_name_before(text: str, start: int, lexicon: Lexicon) -> str | None:
    """The word before a name where it is a given name."""
    left = text[max(0, start - 30) : start]
    match = _WORD_BEFORE.search(left)
    if match is None or not match.group(1)[0].isupper():
        return None
    word = match.group(1)
    known = load_set("given_names")
    if word in known or (word.isupper() and len(word) > 2 and word.title() in known):
        return word
    if word.endswith("."):
        return word if len(word) == 2 else None  # "Ron J. Johnson", and else a title or the end of a sentence
    if word.endswith(("'s", "s'", "'")) or word in load_set("titles") or word in load_set("no_given_names"):
        return None
    if "-" in word or word.isupper() or word in lexicon.table.senses or word.removesuffix("s") in lexicon.table.senses:
        return None
    if _SENTENCE_START.search(left[: match.start()]) or is_titled(text, start):
        return None
    return word


def _surname_after(text: str, start: int, end: int, lexicon: Lexicon) -> bool:
    match = _NEXT_WORD.match(text, end)
    if match is None or is_titled(text, start):
        return False
    word = match.group(1)
    if word.isupper() or word in lexicon.table.senses or word.removesuffix("s") in lexicon.table.senses:
        return False
    return word not in load_set("titles") and word not in load_set("no_given_names")


def _is_namesake(text: str, start: int, end: int, senses: tuple[Sense, ...], lexicon: Lexicon) -> bool:
    """Whether a surname stands behind the given name of somebody else: "Melania Trump"."""
    if not is_surname(text[start:end]):
        return False
    given = _given_name_before(text, start, lexicon)
    if given is None:
        return False
    before = plain(text[max(0, start - 40) : start]).lower().split()[-2:]
    for sense in senses:
        own = [plain(word).lower() for word in sense.person.name.split()[:-1]] if sense.person else []
        if any(_alike(a, b) for a in own for b in before):
            return False
    return True


def _alike(name: str, written: str) -> bool:
    """Whether a given name may be written so: Muhammad, Mohamed, M."""
    if written.endswith(".") and len(written) == 2:
        return name.startswith(written[0])
    return SequenceMatcher(None, name, written).ratio() >= ALIKE

"""Whether a name is the state that acts, or a place, a people, an origin."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from toolkit.actors.words import Found, load_words, singular

__all__ = ["read_name"]

REACH = 70
"""How far the rules look to either side of a name (characters)."""
LONGEST_TITLE = 150
"""A text of at most so many characters, on one line, may be a headline, which has no dateline."""
NOUN_WITHIN = 6
"""The noun that decides about a demonym is among so many words behind it."""

_LEFT_WORDS = re.compile(r"[\w'’.-]*\w|[,;:(—–]")
_RIGHT_WORDS = re.compile(r"[\w'’-]*\w|[,;:.!?()—–]")
_DATELINE = re.compile(
    r"(?:, [A-Z]\w+\.?)?(?: \([^)\n]{2,40}\)| ?/[^/\n]{2,30}/)?(?: ?[-–—] |: )"
    r"|, (?:\w+ \d{1,2}|\d{1,2} \w+) ?[-–—(]| \([A-Z]{2,}\)"
)
_SHOUTED = re.compile(r"[A-Z]{4,}(?:[ -][A-Z]{3,})*")
_POSSESSIVE = re.compile(r"(?:['’]s?|s)\b")  # an archive may have lost the apostrophe
_TWO_SIDES = re.compile(r"[-–][A-Z]\w+ (\w+)")
_LISTED = re.compile(
    r"\b(?:in|across|throughout|near|outside|inside)(?: the)? [A-Z][\w’-]+(?:, (?:the )?[A-Z][\w’-]+)*"
    r"(?P<last>,? and (?:the )?)?(?(last)|, (?:the )?)$"
)
_GOES_ON = re.compile(r",? and (?:the )?[A-Z]|, [A-Z]\w+,? and [A-Z]")
_CITY_BEFORE = re.compile(r"\b[A-Z][\w'’-]+, $")
_JOINED = re.compile(r"(?:,| and| or|, and|-| and the)[ \xa0]?")
_NOUN_ENDS = frozenset([*".,;:!?()—–", "in", "on", "at", "to", "of", "from", "by", "with", "for", "who", "that",
                        "is", "are", "was", "were"])  # fmt: skip


@dataclass(frozen=True)
class _Context:
    """A name and what stands on its line to the left and right."""

    hit: Found
    left_text: str
    right_text: str
    opens_line: bool

    @cached_property
    def left(self) -> list[str]:
        return [word.lower() for word in _LEFT_WORDS.findall(self.left_text)][-6:]

    @cached_property
    def right(self) -> list[str]:
        return [word.lower() for word in _RIGHT_WORDS.findall(self.right_text)][:NOUN_WITHIN]

    @property
    def possessive(self) -> bool:
        return _POSSESSIVE.match(self.right_text) is not None


def read_name(text: str, hit: Found, before: Found | None) -> str:
    """Read a name as ``place`` where the words around it make it a place, a people or an origin, else as ``actor``.

    Parameters
    ----------
    text : str
        The text of the article.
    hit : Found
        The name.
    before : Found or None
        The mention before it, already read: "in Ankara and Moscow".

    Returns
    -------
    {"actor", "place"}
    """
    is_seat = hit.surface in load_words()["seats"]
    if hit.form not in ("name", "capital", "demonym") and not is_seat:
        return "actor"
    window = max(0, hit.start - REACH)
    left, newline, rest = text[window : hit.start].rpartition("\n")
    context = _Context(
        hit,
        rest if newline else left + rest,
        text[hit.end : hit.end + REACH].partition("\n")[0],
        bool(newline) or not window,
    )
    if is_seat:
        return _read_seat(context)
    if hit.form == "demonym":
        return _read_demonym(context)
    if hit.form == "capital" and _is_dateline(context, headline="\n" not in text and len(text) <= LONGEST_TITLE):
        return "place"
    joined = before is not None and _JOINED.fullmatch(text[before.end : hit.start][:10]) is not None
    if not joined and _CITY_BEFORE.search(context.left_text) and re.match(r"[,.;:)]| \([A-Z]|$", context.right_text):
        return "place"  # "Hatay, Turkey"
    if (
        hit.surface.isupper()
        and len(hit.surface) < 5
        and not context.possessive
        and _noun(context.right[:1]) == "actor"
    ):
        return "actor"  # "in the US Senate"
    reading = _read_place(context)
    if reading is None and joined and before is not None and before.form == hit.form:
        return before.reading
    return reading or "actor"


def _is_dateline(context: _Context, headline: bool) -> bool:
    surface, right = context.hit.surface, context.right_text
    if _SHOUTED.fullmatch(surface) and re.match(r" (?:\(\w+\)|[A-Z]?[a-z\d])", right):
        # "... SEND MOSCOW (Reuters) Some 120 ...": capitals alone in a text that is not shouted
        return not context.left_text[-12:].isupper()
    shouted = not any(c.islower() for c in context.left_text)
    opens = context.opens_line and len(context.left_text) < 30 and shouted
    if headline and right.startswith(":") and not surface.isupper():
        return False  # "Moscow: sanctions are destructive"
    return opens and bool(_DATELINE.match(right)) and (surface.isupper() or not context.left_text)


def _read_seat(context: _Context) -> str:
    """The Kremlin is a building after "in the", and speaks otherwise."""
    previous = [word for word in context.left if word != "the"][-1:]
    there = previous and previous[0] in ("in", "inside", "outside", "at", "near", "to") and not context.possessive
    return (_read_place(context) if there else None) or "actor"


def _noun(words: list[str]) -> str | None:
    """What the first telling noun makes of a demonym before it."""
    lists = load_words()
    for word in words:
        bare = word.strip("'’-")
        if bare in _NOUN_ENDS or not bare:
            return None
        for reading in ("place", "actor"):
            if bare in lists[f"{reading}_nouns"] or singular(bare) in lists[f"{reading}_nouns"]:
                return reading
    return None


def _read_demonym(context: _Context) -> str:
    words = load_words()
    left, right = context.left, context.right
    hyphened = re.match(r"-(\w+)", context.right_text)
    if hyphened:
        for kind in ("actor", "place"):
            if hyphened.group(1).lower() in words[f"{kind}_hyphens"]:
                return kind
        right = right[1:]
    if right[:2] == ["side", "of"]:
        return "place"
    reading = _noun(right)
    if reading is not None:
        return reading
    previous, following = (left[-1:] or [""])[0], (right[:1] or [""])[0]
    if previous in ("no", "every", "each", "any") and not context.hit.surface.lower().endswith("s"):
        return "place"  # "no Syrian may cross"
    if context.hit.surface.lower().endswith("s") or previous in ("the", "a", "an"):
        # "the Russians" are the state's forces, "thousands of Syrians" and "Syrians who fled" are people
        people = previous in words["people_before"] or previous[:1].isdigit() or following in words["people_after"]
        if people and (previous != "the" or following in ("fled", "living")):
            return "place"
    return "actor"


def _read_hyphen(context: _Context) -> str | None:
    """What a hyphen makes of a name: "London-based", "Ankara-backed", "the Turkey-Syria border"."""
    words = load_words()
    two_sides = _TWO_SIDES.match(context.right_text)
    if two_sides and two_sides[1] in words["between"]:
        return "place"
    hyphened = re.match(r"[-–]([a-z]+)", context.right_text)
    if hyphened:
        for kind in ("actor", "place"):
            if hyphened[1] in words[f"{kind}_hyphens"]:
                return kind
    return None


def _read_place(context: _Context) -> str | None:
    """The reading of a place name by its neighbours; None where they say nothing."""
    words = load_words()
    left = context.left
    if left[-1:] in (["the"], ["all"]):
        left = left[:-1]
    previous, earlier = (left[-1:] or [""])[0], left[-5:-1]
    following = [word for word in context.right if word not in ("'s", "’s", "s", "'", "’")]
    head = (following[:1] or [""])[0]
    if previous in words["compass"] or (previous == "capital" and context.hit.form == "capital"):
        return "place"
    hyphened = _read_hyphen(context)
    if hyphened is not None:
        return hyphened
    if context.possessive and head in words["own_heads"]:
        return "actor"
    if any(word in words["place_heads"] for word in following[: 1 + context.possessive]):
        return "place"
    if previous == "over" and not any(word in words["over_ground"] for word in left[-6:-1]):
        return None  # "sanctions over Ukraine"
    if previous == "into" and context.possessive and any(word in words["actor_nouns"] for word in following[:4]):
        return "actor"  # "an inquiry into Russia's interference"
    if previous in words["place_prepositions"]:
        return "actor" if earlier[-1:] and earlier[-1] in words["not_place_after_in"] else "place"
    listed = _LISTED.search(context.left_text)
    if listed and (listed["last"] or _GOES_ON.match(context.right_text)):
        return "place"  # "in Crimea, Ukraine and Syria"
    if context.possessive:
        return None
    if previous in words["place_verbs"]:
        return "place"
    if previous == "with" and any(word in words["sides"] for word in earlier[-3:]):
        return "place"  # "a crossing on the border with Turkey"
    if previous == "between":
        return "place" if any(word in words["between"] for word in earlier[-3:]) else None
    if previous in ("from", "to", "for", "at"):
        moved = any(word in words["motion"] for word in earlier)
        return "place" if moved and not any(word in words["not_motion"] for word in earlier) else None
    if previous == "of":
        return "place" if any(word in words["of_place"] for word in earlier[-2:]) else None
    return None

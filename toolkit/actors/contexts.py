"""What stands round a name, as features for the model of readings."""

from __future__ import annotations

import re

from toolkit.actors.words import load_words, singular

__all__ = ["context_features"]

BEFORE, BEHIND = 160, 110
"""How far the features look to either side of a name (characters)."""

_TOKEN = re.compile(r"[\w’'.-]*\w|[^\w\s]")
_POSSESSIVE = re.compile(r"['’]s?\b|['’](?=\s)")
_PREPOSITIONS = frozenset(
    [
        "in",
        "at",
        "near",
        "from",
        "to",
        "into",
        "of",
        "for",
        "by",
        "with",
        "against",
        "between",
        "towards",
        "toward",
        "over",
        "around",
        "across",
        "through",
        "throughout",
        "inside",
        "outside",
        "within",
        "on",
        "off",
        "via",
        "under",
        "behind",
        "beyond",
        "above",
        "along",
        "about",
        "than",
        "as",
        "among",
        "after",
        "before",
        "until",
        "since",
        "versus",
        "v",
        "vs",
    ]
)
_SPORT = frozenset(
    [
        "team",
        "squad",
        "match",
        "game",
        "play",
        "played",
        "plays",
        "cup",
        "championship",
        "championships",
        "olympics",
        "olympic",
        "tournament",
        "final",
        "finals",
        "semi-final",
        "win",
        "won",
        "beat",
        "beaten",
        "defeat",
        "defeated",
        "draw",
        "drew",
        "lost",
        "lose",
        "loses",
        "goal",
        "goals",
        "cap",
        "caps",
        "debut",
        "captain",
        "coach",
        "league",
        "season",
        "points",
        "tie",
        "medal",
        "medals",
        "competed",
        "competes",
        "compete",
        "represented",
        "represents",
        "represent",
        "qualified",
        "score",
        "scored",
        "wicket",
        "test",
        "tests",
        "qualifier",
    ]
)
_LISTS = (
    "actor_nouns", "place_nouns", "place_prepositions", "place_verbs", "motion", "not_motion", "of_place", "compass",
    "place_heads", "actor_verbs", "own_heads", "between", "people_after", "people_before", "not_place_after_in",
    "role_speakers", "other_speakers",
)  # fmt: skip
_BESIDE_NAMES = frozenset(
    [
        ",",
        "and",
        "or",
        "the",
        "both",
        "northern",
        "southern",
        "eastern",
        "western",
        "central",
        "now",
        "modern-day",
        "possibly",
        "(",
        ")",
    ]
)
_ENDINGS = ("ed", "ing", "ly", "s", "ion", "ese", "ish", "ian", "al")
_known_kinds: dict[str, tuple[str, ...]] = {}


def context_features(sentence: str, start: int, end: int, form: str, rule: str) -> set[str]:
    """The features of a name in a sentence; the name itself is none of them.

    Parameters
    ----------
    sentence : str
        The sentence.
    start, end : int
        The name's place in it, in code points.
    form : str
        What the name is: "demonym" and "seat" count, all others are alike.
    rule : {"actor", "place"}
        What the rules say (:func:`toolkit.actors.readings.read_name`).

    Returns
    -------
    set of str
        Words near by with their places, kinds of words, the word that governs a list of names, the rules' verdict.

    Examples
    --------
    >>> found = context_features("Talks with Ankara's envoy failed.", 11, 17, "capital", "actor")
    >>> sorted(f for f in found if f.startswith(("l1=", "r1=", "rule=")))
    ['l1=with', 'r1=Penvoy', 'rule=actor', 'rule=actor|with']
    """
    left = _TOKEN.findall(sentence[max(0, start - BEFORE) : start])[-14:]
    behind = sentence[end : end + BEHIND]
    right = _TOKEN.findall(behind)[:10]
    own = "P" if _POSSESSIVE.match(behind) else ""
    found = {"poss"} if own else set()
    while own and right and right[0] in ("'s", "’s", "'", "’", "s"):
        right = right[1:]
    if left and left[-1].lower() == "the":
        left = left[:-1]
        found.add("the")
    if not left:
        found.add("first")
    if form in ("demonym", "seat"):
        found.add("form=" + form)
    lower_left, lower_right = [w.lower() for w in left], [w.lower() for w in right]
    found |= _neighbours(left, right, lower_left, lower_right, own)
    for i in range(1, 7):
        found.update(f"L{min(i, 3)}{kind}" for kind in _kinds(_at(lower_left, -i)))
    for i in range(6):
        found.update(f"R{own}{min(i, 2)}{kind}" for kind in _kinds(_at(lower_right, i)))
    found.update("bl=" + word for word in lower_left[-6:])
    found.update("br=" + word for word in lower_right[:6])
    governor = _governor(left, lower_left, own, found)
    _head(right, lower_right, found)
    found |= {"rule=" + rule, f"rule={rule}|{governor}"}
    return found


def _at(words: list[str], i: int) -> str:
    return words[i] if -len(words) <= i < len(words) else ""


def _kinds(word: str) -> tuple[str, ...]:
    """The word lists that hold a word."""
    if not word:
        return ()
    found = _known_kinds.get(word)
    if found is None:
        lists, bare = load_words(), word.strip("'’-")
        forms = (bare, singular(bare))
        found = tuple(name for name in _LISTS if forms[0] in lists[name] or forms[1] in lists[name])
        found += ("sport",) if bare in _SPORT else ()
        if len(_known_kinds) < 50_000:
            _known_kinds[word] = found
    return found


def _shape(word: str) -> str:
    if not word:
        return "none"
    if word[0].isdigit():
        return "num"
    if not word[0].isalnum():
        return "punct"
    if word.isupper() and len(word) > 1:
        return "CAPS"
    return "Cap" if word[0].isupper() else "low"


def _ending(word: str) -> str:
    return next((ending for ending in _ENDINGS if word.lower().endswith(ending)), "-")


def _neighbours(left: list[str], right: list[str], lower_left: list[str], lower_right: list[str], own: str) -> set[str]:
    """The two words on each side: as they are, by shape and by ending."""
    l1, l2, r1, r2 = _at(lower_left, -1), _at(lower_left, -2), _at(lower_right, 0), _at(lower_right, 1)
    before, behind = _at(left, -1), _at(right, 0)
    shapes = _shape(before), _shape(behind)
    endings = _ending(before), _ending(behind)
    return {
        f"l1={l1}", f"l2={l2}", f"r1={own}{r1}", f"r2={r2}", f"l21={l2}_{l1}", f"r12={own}{r1}_{r2}",
        f"lr={l1}_{own}{r1}", f"ls1={shapes[0]}", f"rs1={own}{shapes[1]}", f"rs2={_shape(_at(right, 1))}",
        f"lf1={endings[0]}", f"rf1={own}{endings[1]}", f"lrs={shapes[0]}{own}{shapes[1]}",
        f"lrf={endings[0]}{shapes[0]}{own}{endings[1]}{shapes[1]}",
    }  # fmt: skip


def _governor(left: list[str], lower_left: list[str], own: str, found: set[str]) -> str:
    """The first word to the left of a list of names ("in Peru, Bolivia and") and what stands before it."""
    i = len(left) - 1
    while i >= 0 and (left[i][0].isupper() or left[i] in _BESIDE_NAMES):
        i -= 1
    skipped = min(len(left) - 1 - i, 2)
    word = lower_left[i] if i >= 0 else "START"
    known = word if word in _PREPOSITIONS else _shape(word)
    found |= {"gov=" + word, f"govs={skipped}{known}", f"govp={own}{word}"}
    found.update("G" + kind for kind in _kinds(word))
    if word in _PREPOSITIONS and i > 0:
        found.add(f"gov2={word}_{lower_left[i - 1]}")
        for earlier in lower_left[max(0, i - 4) : i]:
            found.update(f"G{word}{kind}" for kind in _kinds(earlier))
            found.add(f"gb={word}_{earlier}")
    return known


def _head(right: list[str], lower_right: list[str], found: set[str]) -> None:
    """The first word to the right that is no name."""
    j = 0
    while j < len(right) and (right[j][0].isupper() or right[j] in (",", "and", "or", "the")):
        j += 1
    word = lower_right[j] if j < len(right) else "END"
    found |= {"hd=" + word, f"hds={min(j, 1)}{_ending(word)}"}
    found.update("H" + kind for kind in _kinds(word))

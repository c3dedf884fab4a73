"""Plain words that mean an actor where the article has named it: "the regime", "the ministry", "the president"."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping
from functools import lru_cache

from toolkit.actors.lexicon import Lexicon
from toolkit.actors.lists import load_list
from toolkit.actors.model import NO_OFFICE
from toolkit.actors.names import Name
from toolkit.actors.people import same_office
from toolkit.actors.surfaces import Sense
from toolkit.actors.words import Found

__all__ = ["resolve_epithets"]

ANTECEDENT = 1000
"""What a plain word points back to stands at most so far before it (characters)."""
NEAR = {False: 400, True: 600}
"""And the nearest mention of its organ (False) or office (True) so far (characters)."""
STRICT = frozenset(["government"])
"""Before these no other actor may stand between."""
SAME_WORD = frozenset(["government", "ministry", "parliament"])
"""These point back to the same word alone."""

_NO_EPITHET_BEFORE = re.compile(
    r"(?:\b(?:sanctions|visa|asylum|trade|tax|customs|legal|border|migration|verification|inspection|control|arms|"
    r"non-proliferation|free|international|training|fitness|previous|old|former|new|military|"
    r"communist|soviet))[ \xa0]$",
    re.IGNORECASE,
)
_OF_AFTER = re.compile(r"[ \xa0](?:of|in)[ \xa0](?:the[ \xa0])?")
_NOT_AFTER = re.compile(
    r"[ \xa0](?:of|in|from|for|elect|who|whose|which|there|academy|base|airport|coup|dictatorship)\b"
)
_COUNTERPARTS = re.compile(r"(?: and [A-Z]\w+)?[ \xa0]counterparts?\b")


def resolve_epithets(
    names: Mapping[str, list[Name]],
    hits: Mapping[str, list[Found]],
    texts: Mapping[str, str],
    day: str | None,
    lexicon: Lexicon,
) -> dict[str, list[Found]]:
    """The mentions of an article with its plain words, each given to the nearest actor that fits.

    Parameters
    ----------
    names : dict of str to list of Name
        All names of the lexicon by part, its epithets among them.
    hits : dict of str to list of Found
        The mentions by name.
    texts : dict of str to str
        The texts of these parts.
    day : str or None
        The article's date (ISO).
    lexicon : Lexicon
        The actors.

    Returns
    -------
    dict of str to list of Found
        Both, in order; what was resolved is marked.

    Notes
    -----
    Words of the lexicon (``epithets``) need one of ``epithets_need`` anywhere in the article, and mean the nearest of
    several actors.
    Other words ("the ministry") need a mention of the same organ or office before them, with no rival in between.
    """
    named = {hit.actor for found in hits.values() for hit in found}
    resolved = {}
    for part, found in hits.items():
        text = texts[part]
        added = list(_lexicon_words(names[part], found, text, named, lexicon))
        taken = [(hit.start, hit.end) for hit in (*found, *added)]
        added += _pointing_back(text, found, taken)
        _name_counterparts(text, found, day, lexicon)
        resolved[part] = sorted([*found, *added], key=lambda hit: hit.start)
    return resolved


def _lexicon_words(
    names: list[Name], hits: list[Found], text: str, named: set[str], lexicon: Lexicon
) -> Iterator[Found]:
    starts = [hit.start for hit in hits]
    for name in names:
        if name.senses[0].form != "epithet":
            continue
        fitting = {
            sense.actor: sense
            for sense in name.senses
            if not (need := lexicon.actors[sense.actor].epithets_need) or named.intersection(need)
        }
        if not fitting:
            continue
        is_regime = "regime" in name.surface.lower()
        at = bisect_left(starts, name.start)
        actor = _of_which(text, name.end, hits, at)
        if not is_regime:
            actor = (
                next((a for a in fitting if actor in (a, *lexicon.actors[a].epithets_need)), None) if actor else None
            )
        if is_regime and actor is None:
            if _NO_EPITHET_BEFORE.search(text, max(0, name.start - 24), name.start) or text.startswith(
                " of ", name.end
            ):
                continue
            actor = _regime_before(text, name.start, hits[:at])
        if actor is None:
            actor = _nearest(_called_so(name.surface, fitting, hits) or fitting, hits, at, lexicon)
        organ = fitting[actor].organ if actor in fitting else name.organ
        yield Found(name.start, name.end, actor, "epithet", name.surface, organ=organ, resolved=True)


def _of_which(text: str, end: int, hits: list[Found], at: int) -> str | None:
    """Whose name follows: "the regime in Damascus", "the government of Syria"."""
    joint = _OF_AFTER.match(text, end)
    if joint is None or at >= len(hits) or hits[at].start != joint.end() or hits[at].form not in ("name", "capital"):
        return None
    return hits[at].actor


def _regime_before(text: str, start: int, before: list[Found]) -> str | None:
    """The actor of "the Turkish regime" earlier in this paragraph."""
    for hit in reversed(before):
        if start - hit.end >= ANTECEDENT or "\n" in text[hit.end : start]:
            return None
        if "regime" in hit.surface.lower():
            return hit.actor
    return None


def _called_so(word: str, fitting: Mapping[str, Sense], hits: list[Found]) -> dict[str, Sense]:
    """Those of several actors that the article calls so by name: "the Assad regime"."""
    if len(fitting) < 2:
        return {}
    word = word.lower().removesuffix("s")
    called = {hit.actor for hit in hits if word in hit.surface.lower()}
    return {actor: sense for actor, sense in fitting.items() if actor in called}


def _nearest(fitting: Mapping[str, Sense], hits: list[Found], at: int, lexicon: Lexicon) -> str:
    """Of actors that share a word, the one whose need was named last before it, or else first behind it."""
    if len(fitting) > 1:
        for hit in (*reversed(hits[:at]), *hits[at:]):
            for actor in fitting:
                if hit.actor == actor or hit.actor in lexicon.actors[actor].epithets_need:
                    return actor
    return next(iter(fitting))


@lru_cache(maxsize=1)
def _plain() -> tuple[re.Pattern[str], dict[str, str]]:
    """The plain words, and organ or office (marked by a colon) of each."""
    kinds = {word: organ for organ, words in load_list("plain_words").items() for word in words}
    kinds |= {word: f":{word}" for word in load_list("plain_offices")}
    words = "|".join(map(re.escape, sorted(kinds, key=lambda w: (-len(w), w))))
    return re.compile(rf"\b[Tt]he[ \xa0]((?i:{words}))(?![\w-])"), kinds


def _pointing_back(text: str, hits: list[Found], taken: list[tuple[int, int]]) -> Iterator[Found]:
    pattern, kinds = _plain()
    starts = [hit.start for hit in hits]
    held = sorted(taken)
    for match in pattern.finditer(text):
        start, end = match.span(1)
        i = bisect_right(held, (start, end))
        if any(a < end and b > start for a, b in held[max(0, i - 1) : i + 1]):
            continue
        at = bisect_left(starts, start)
        kind = kinds[match.group(1).lower()]
        whose = _of_which(text, end, hits, at)
        if whose is not None and not kind.startswith(":"):
            yield Found(start, end, whose, "epithet", text[start:end], organ=kind, resolved=True)
            continue
        if text[start].isupper() and not kind.startswith(":"):
            continue  # "the Air Force" is one's own
        if _NOT_AFTER.match(text, end) or (text[end : end + 1] in ("’", "'") and text[end + 1 : end + 2] != "s"):
            continue
        if at < len(hits) and hits[at].start - end <= 2:
            continue  # "the president, Vladimir Putin" has its name beside it
        antecedent = _place_before(text, match.start(), hits[:at], kind) or _antecedent(
            kind, match.group(1), start, hits, at
        )
        if antecedent is not None:
            organ = antecedent.organ if kind.startswith(":") else kind
            yield Found(
                start, end, antecedent.actor, "epithet", text[start:end], organ=organ,
                person=antecedent.person if kind.startswith(":") else None,
                office=antecedent.office if kind.startswith(":") else None, resolved=True,
            )  # fmt: skip


def _antecedent(kind: str, word: str, start: int, hits: list[Found], at: int) -> Found | None:
    """The last mention of this organ or office before a word, where no rival is near."""
    chosen: Found | None = None
    for hit in reversed(hits[:at]):
        if start - hit.end > ANTECEDENT:
            break
        if chosen is None and start - hit.end > NEAR[kind.startswith(":")]:
            return None
        if not _fits(hit, kind, word):
            if chosen is None and kind in STRICT and hit.reading == "actor":
                return None
            continue
        if chosen is None:
            chosen = hit
        elif hit.actor != chosen.actor:
            return None
    if chosen is not None and kind.startswith(":"):
        rivals = {hit.actor for hit in hits if _fits(hit, kind, word)}
        return chosen if len(rivals) == 1 else None
    return chosen


def _place_before(text: str, start: int, before: list[Found], kind: str) -> Found | None:
    """Whose it is in "In Moscow the defence ministry said"."""
    if not before or kind.startswith(":") or before[-1].form != "capital":
        return None
    place = before[-1]
    opens = re.search(r"(?:^|[\n.!?\"”] ?)In[ \xa0]$", text[max(0, place.start - 8) : place.start])
    return place if opens and text[place.end : start] in (" ", ", ") else None


def _fits(hit: Found, kind: str, word: str) -> bool:
    if hit.organ in NO_OFFICE:
        return False
    if kind.startswith(":"):
        return hit.office is not None and same_office(kind[1:], hit.office)
    if hit.form not in ("institution", "epithet") or hit.organ != kind:
        return False
    # "the administration" is no "Iranian government", and the Pentagon no "ministry"
    return kind not in SAME_WORD or word.lower().split()[-1] in hit.surface.lower()


def _name_counterparts(text: str, hits: list[Found], day: str | None, lexicon: Lexicon) -> None:
    """A "Turkish counterpart" holds the office of the person before him."""
    office: str | None = None
    for hit in hits:
        if hit.form == "demonym" and office and _COUNTERPARTS.match(text, hit.end):
            person = lexicon.holder(hit.actor, office, day)
            hit.office, hit.person = office, person.name if person is not None else None
            hit.organ = "leader" if office in load_list("heads") else "ministry"
            hit.resolved = True
        elif hit.office and hit.organ not in NO_OFFICE:
            office = hit.office

"""Who is shown as doing harm and to whom, and where the doer is left out."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from toolkit.config import read_yaml
from toolkit.portrayal.shares import category_shares, select_mentions
from toolkit.tables import check_table

__all__ = ["CONSTRUCTIONS", "HARM", "find_harm", "harm_shares", "passive_shares"]

HARM = ("agent", "patient", "none")
CONSTRUCTIONS = ("active", "passive", "noun")
PASSIVES = ("active", "by_agent", "agent_in_noun", "agentless")
"""How a sentence tells of people killed, wounded, attacked: by an active verb; in the passive with the doer behind
"by"; in the passive with the doer in a noun ("killed in Syrian air raids"); in the passive without a doer."""


@dataclass(frozen=True)
class _Patterns:
    acts: re.Pattern[str]
    launches: re.Pattern[str]
    noun: re.Pattern[str]
    is_harmed: re.Pattern[str]
    by_left: re.Pattern[str]
    object_left: re.Pattern[str]
    target_left: re.Pattern[str]
    passive: re.Pattern[str]
    short_passive: re.Pattern[str]
    active: re.Pattern[str]


@lru_cache(maxsize=1)
def _patterns() -> _Patterns:
    raw = read_yaml(Path(__file__).parents[1] / "data" / "harm.yaml")

    def any_of(*keys: str) -> str:
        words = sorted({w for key in keys for w in raw[key]}, key=lambda w: (-len(w), w))
        return "|".join(re.escape(w).replace(r"\ ", r"\s+") for w in words)

    own_verbs = any_of("past", "finite")
    past, verbs, ing, nouns = any_of("past"), any_of("past", "present"), any_of("ing"), any_of("nouns")
    plain = rf"(?:{any_of('past', 'plain', 'ing')})|(?<=to\s)(?:{any_of('present')})|(?<=will\s)(?:{any_of('present')})"
    head = rf"(?:['’]?s\b['’]?|['’])?(?:(?:\s+|\s*-\s*)(?:{any_of('heads')})\b|\s+(?:and|or)\s+[\w-]+){{0,4}}"
    aux = rf"(?:\s+(?:{any_of('aux')})\b){{0,3}}"
    modal = "(?:" + "|".join(rf"(?<={word}\s)" for word in ("may", "might", "could", "will", "would", "should")) + ")"
    be = r"(?:was|were|is|are|been|being|be|gets?|got|came\s+under|come\s+under|comes\s+under)"
    some = r"(?:\s+[\w'’-]+){0,3}?"
    flags = re.IGNORECASE
    not_object = (
        r"(?!by\b|in\b|on\b|near\b|with\b|from\b|for\b|at\b|and\b|when\b|as\b|after\b|of\b|"
        r"to\b|that\b|who\b|ha[sd]\b|have\b|is\b|are\b|was\b|were\b|against\b|between\b|but\b|which\b|said\b|\w+ed\b)"
    )
    return _Patterns(
        acts=re.compile(
            rf"^{head}{aux}\s+(?:(?:is|are|was|were|be|been|keeps?|kept|continues?\s+to|continued\s+to)\s+)?"
            rf"(?:(?<!were\s)(?<!was\s)(?<!are\s)(?<!is\s)(?<!been\s)(?<!be\s)(?:{own_verbs}|{modal}(?:{verbs}))"
            rf"|(?:(?<=were\s)|(?<=was\s)|(?<=are\s)|(?<=is\s)|(?<=been\s)|(?<=be\s)|(?<=keeps\s)|(?<=kept\s))(?:{ing}))\b"
            rf"(?!\s+(?:by|on|in|against|back|with|out)\b|\s+(?:an?\s+)?[\w-]+\s+(?:tone|deal|chord|note|balance)\b)",
            flags,
        ),
        launches=re.compile(rf"^{head}{aux}\s+(?:{any_of('launch')})\b{some}\s+(?:air\s+)?(?:{nouns})\b", flags),
        noun=re.compile(
            rf"^{head}(?P<kind>(?:\s+(?:{any_of('kinds')})){{0,3}})\s+(?:{nouns})\b(?!\s+(?:that|who)\b)", flags
        ),
        is_harmed=re.compile(
            rf"^{head}{aux}(?:\s+(?:have|has|had))?(?:\s+{be}(?:\s+\w+ly)?\s+(?:{past})\b"
            rf"|\s+(?:{past})\s+(?:in|by|near|when|as|during|after|since|last|at)\b)",
            flags,
        ),
        by_left=re.compile(
            rf"\b(?:(?:{past}|{nouns})\b|(?:{nouns})\b[^.;:]{{0,40}}?\b(?:{any_of('launch')})\b)"
            rf"(?:(?!\bby\b|\w+ed\b)[^.;:]){{0,40}}\bby\s+"
            rf"(?:(?:the|a|an|alleged|suspected|both)\s+)*(?:(?!what\b)[\w-]+\s+(?:and\s+)?)?$",
            flags,
        ),
        object_left=re.compile(
            rf"(?<!were\s)(?<!was\s)(?<!are\s)(?<!is\s)(?<!been\s)(?<!be\s)(?<!being\s)\b(?:{plain})\s+"
            rf"(?:{not_object}[\w,'’-]+\s+){{0,4}}$",
            flags,
        ),
        target_left=re.compile(
            rf"\b(?:{nouns}|fire)\s+(?:on|against|at|targeting|upon)\s+"
            rf"(?:(?:the|a|an|several|two|three|many|some|its|their|former|key|pro)[\s-]+|(?-i:[a-z][\w-]*)\s+(?!of\b)){{0,2}}$",
            flags,
        ),
        passive=re.compile(rf"\b{be}(?:\s+\w+ly|\s+also|\s+reportedly)?\s+(?:{past})\b(?P<rest>[^.;]*)", flags),
        short_passive=re.compile(
            rf"\b(?:\d[\d,.]*|dozens|scores|hundreds|thousands|several|civilians?|children|people|two|three|four|five|six|"
            rf"seven|eight|nine|ten)\b(?:\s+[\w-]+){{0,4}}?\s+(?:{past})\b"
            rf"(?=\s+(?:in|near|by|on|when|as|after|during|at|and|over)\b|\s*$|\s*[,;])(?P<rest>[^.;]*)",
            flags,
        ),
        active=re.compile(
            rf"(?<!were\s)(?<!was\s)(?<!are\s)(?<!is\s)(?<!been\s)(?<!be\s)(?<!being\s)\b(?:{verbs}|{ing})\s+"
            rf"(?:at\s+least\s+|more\s+than\s+|some\s+|nearly\s+|about\s+|over\s+)?"
            rf"(?:\d|dozens|scores|hundreds|thousands|several|many|civilians?|children|people|(?:the|a|an|two|three)\s+\w)",
            flags,
        ),
    )


def find_harm(mentions: pd.DataFrame) -> pd.DataFrame:
    """Whether each mention is shown as doing harm, as suffering it, or neither.

    Parameters
    ----------
    mentions : pandas.DataFrame
        Mentions, as :func:`toolkit.find_mentions` returns them; not changed.

    Returns
    -------
    pandas.DataFrame
        The same with `harm` ("agent", "patient" or "none"), `construction` ("active", "passive", "noun", or missing)
        and `passive`, for the whole sentence: "active", "by_agent", "agent_in_noun", "agentless", or missing where it
        has no word of harm that these patterns know.

    Raises
    ------
    InputError
        The table is not one of mentions.

    Notes
    -----
    Patterns of English words round the mention (toolkit/data/harm.yaml), no parser: what they find is mostly right,
    what they miss is much (docs/methods.md has both, measured on real sentences). Read shares among what was found.

    References
    ----------
    Minnema, Gemelli, Zanchi, Caselli, Nissim: Dead or murdered? Predicting responsibility perception in femicide news
    reports. AACL 2022. Henley, Miller, Beazley: Syntax, semantics, and sexual violence. Journal of Language and Social
    Psychology 14, 1995 (agentless passives).

    Examples
    --------
    >>> import pandas as pd
    >>> text = ["The regime bombed the town.", "Ten were killed by regime fire.", "Rebels attacked the regime."]
    >>> starts = [s.index("regime") for s in text]
    >>> mentions = pd.DataFrame({"sentence": text, "start": starts, "end": [i + 6 for i in starts]}).assign(
    ...     mention_id=list("123"), article_id=list("123"), story_id=list("123"), sentence_id=list("123"),
    ...     outlet="A", surface="regime", form="epithet", date=pd.Timestamp("2020-02-28"), wire=None, copied=0.0,
    ...     part="body", actor="syria", reading="actor", voice="outlet", speaker=None, position=0)
    >>> find_harm(mentions)[["harm", "construction", "passive"]].values.tolist()
    [['agent', 'active', 'active'], ['agent', 'passive', 'by_agent'], ['patient', 'active', 'active']]
    """
    check_table(mentions, "mentions")
    found = [
        _role(sentence, start, end, form)
        for sentence, start, end, form in zip(
            mentions["sentence"], mentions["start"], mentions["end"], mentions["form"], strict=True
        )
    ]
    table = mentions.assign(
        harm=np.array([role for role, _ in found], dtype=object),
        construction=np.array([kind for _, kind in found], dtype=object),
    )
    nouns = table["harm"].eq("agent") & table["construction"].eq("noun")
    in_noun = set(table.loc[nouns, "sentence_id"])
    once = table.drop_duplicates("sentence_id")
    said = {
        key: _passive(text, key in in_noun) for key, text in zip(once["sentence_id"], once["sentence"], strict=True)
    }
    return table.assign(passive=np.array([said[key] for key in table["sentence_id"]], dtype=object))


_HELD = re.compile(
    r"^\s*-(?:held|controlled|run|occupied|allied|backed|aligned|supported|supplied|made|trained|linked)\b",
    re.IGNORECASE,
)
_SHORT = re.compile(r"(?:[A-Z]\.?){2,4}")
_BY = re.compile(
    r"(?<!quoted )(?<!held )(?<!controlled )(?<!backed )(?<!reported )(?<!issued )(?<!released )(?<!published )"
    r"\bby\s+(?!\d|the\s+time\b|now\b|then\b|\w+ing\b)"
)
_PLACED = re.compile(r"\b(?:in|from|near|at|of|outside|inside|across|around|with|to)\s+$", re.IGNORECASE)
_HARMED_BEFORE = re.compile(
    r"\b(?:\d[\d,.]*|dozens|scores|hundreds|thousands|people|civilians|soldiers|others|fighters|militants|terrorists|"
    r"children|dead|and)\s+$",
    re.IGNORECASE,
)


def _role(sentence: str, start: int, end: int, form: str) -> tuple[str, str | None]:
    p, left, right = _patterns(), sentence[max(0, start - 120) : start], sentence[end : end + 160]
    if _HELD.match(right):
        return "none", None
    if p.is_harmed.match(right):
        return "patient", "passive"
    if p.target_left.search(left):
        return "patient", "noun"
    if p.by_left.search(left):
        return "agent", "passive"
    named = p.noun.match(right)
    # "Damascus bombing" is a bombing in the city, "the Syria strike" one on the country; "Syria's strike" is its own.
    # An abbreviation is an adjective too: "US strikes".
    bare = form == "name" and named is not None and named[0][:1].isspace() and not _SHORT.fullmatch(sentence[start:end])
    if named and form != "capital" and not bare:
        return "agent", "noun"
    placed = form in ("name", "capital") and _PLACED.search(left)
    if not placed and (p.acts.match(right) or p.launches.match(right)):
        return "agent", "active"
    harmed = p.object_left.search(left)
    # "Dozens injured, Syrian media say", the comma lost: who was injured stands before the verb.
    if harmed and (" " in harmed[0].strip() or not _HARMED_BEFORE.search(left[: harmed.start()])):
        return "patient", "active"
    return "none", None


def _passive(sentence: str, agent_in_noun: bool) -> str | None:
    p = _patterns()
    match = p.passive.search(sentence) or p.short_passive.search(sentence)
    if match is None:
        return "active" if p.active.search(sentence) else None
    if _BY.search(match["rest"][:120]):
        return "by_agent"
    return "agent_in_noun" if agent_in_noun else "agentless"


def harm_shares(
    mentions: pd.DataFrame, *, by: Sequence[str] = ("outlet", "actor"), voice: str = "outlet", copies: str = "own",
    reading: str = "actor", **options: Any,
) -> pd.DataFrame:  # fmt: skip
    """How often each actor is shown as doing harm and as suffering it, with intervals clustered by story.

    Parameters
    ----------
    mentions : pandas.DataFrame
        Mentions; not changed.
    by, voice, copies, reading, **options
        As for :func:`toolkit.estimate`.

    Returns
    -------
    pandas.DataFrame
        A summary with `harm` after the keys: shares of "agent", "patient" and "none" sum to 1 in each group.

    See Also
    --------
    find_harm : What counts.
    """
    rows = find_harm(select_mentions(mentions, voice=voice, copies=copies, reading=reading))
    table = category_shares(rows, rows["harm"], HARM, name="harm", by=by, copies=copies, **options)
    return table.assign(voice=voice, reading=reading)


def passive_shares(
    mentions: pd.DataFrame, *, by: Sequence[str] = ("outlet",), voice: str = "outlet", copies: str = "own",
    reading: str = "actor", **options: Any,
) -> pd.DataFrame:  # fmt: skip
    """How each outlet tells of harm: actively, in the passive with a doer, or without one.

    Parameters
    ----------
    mentions : pandas.DataFrame
        Mentions; not changed. Each sentence counts once in each group.
    by, voice, copies, reading, **options
        As for :func:`toolkit.estimate`.

    Returns
    -------
    pandas.DataFrame
        A summary with `passive` after the keys: "active", "by_agent", "agent_in_noun", "agentless"; shares sum to 1
        over the sentences that tell of harm (`n_mentions`: their number).

    See Also
    --------
    find_harm : What counts.
    """
    rows = find_harm(select_mentions(mentions, voice=voice, copies=copies, reading=reading))
    rows = rows[rows["passive"].notna()].drop_duplicates([*by, "sentence_id"]).reset_index(drop=True)
    table = category_shares(rows, rows["passive"], PASSIVES, name="passive", by=by, copies=copies, **options)
    return table.assign(voice=voice, reading=reading)

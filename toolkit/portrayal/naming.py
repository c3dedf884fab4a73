"""How an outlet names an actor: the regime or the government, the capital or the leader."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pandas as pd

from toolkit.portrayal.shares import category_shares, select_mentions

__all__ = ["NAMINGS", "naming_of", "naming_shares"]

_WORDS = {
    "regime": r"regimes?|junta|dictatorship",
    "government": r"governments?|administration|cabinet",
    "authorities": r"authorit(?:y|ies)|officials?",
    "forces": r"forces|army|armies|troops|military|soldiers|navy|air\s+force|warplanes?|jets|militar(?:y|ies)",
    "militia": r"militias?|militants?|gunmen|fighters|mercenar(?:y|ies)|gangs?|thugs",
    "terrorists": r"terrorists?|terror\s+(?:group|organi[sz]ation)s?",
    "rebels": r"rebels?|opposition|insurgents?|revolutionaries",
}
NAMINGS = (*_WORDS, "leader", "capital", "ministry", "name", "other")
"""The categories, in order. The first whose word stands in the name or right behind it is taken."""
_PATTERNS = {key: re.compile(rf"\b(?:{words})\b", re.IGNORECASE) for key, words in _WORDS.items()}
_BEHIND = re.compile(r"^(?:['’]s?)?[\s-]+((?:[A-Za-z]+[\s-]+)?[A-Za-z]+)")
"""What follows a name that can carry a noun ("Syrian regime", "Assad's armed forces"): at most two words."""
_CARRY = ("demonym", "name", "capital", "leader")
_FORM = {"leader": "leader", "capital": "capital", "name": "name", "demonym": "name"}
_STOP = re.compile(
    r"^(?:and|or|but|on|in|at|to|of|for|from|with|by|as|the|a|an|said|says|is|was|has|had|will|would|that|who|which|"
    r"against|over|after|before|into)\b",
    re.IGNORECASE,
)


def naming_of(surface: str, form: str, behind: str = "", organ: str = "state") -> str:
    """The category of one name.

    Parameters
    ----------
    surface : str
        The name as it stands.
    form : str
        Its form (see the glossary).
    behind : str
        The sentence after it.
    organ : str
        The part of the actor that it names.

    Returns
    -------
    str
        One of :data:`NAMINGS`.

    Examples
    --------
    >>> naming_of("Syrian", "demonym", " regime forces shelled the town"), naming_of("Damascus", "capital", " said")
    ('regime', 'capital')
    >>> naming_of("Assad", "leader", "'s government"), naming_of("Syrian army", "institution", "", "forces")
    ('government', 'forces')
    """
    found = _first(surface)
    if found is None and form in _CARRY:
        match = _BEHIND.match(behind)
        if match and not _STOP.match(match[1]):
            words = match[1].split()
            # "Syrian regime forces" is named by its first word; "Turkish armed forces" by its second.
            found = next((key for word in words if (key := _first(word))), None)
    if found:
        return found
    if organ == "ministry":
        return "ministry"
    if organ == "forces":
        return "forces"
    return _FORM.get(form, "other")


def _first(text: str) -> str | None:
    return next((key for key, pattern in _PATTERNS.items() if pattern.search(text)), None)


def naming_shares(
    mentions: pd.DataFrame, *, by: Sequence[str] = ("outlet", "actor"), voice: str = "outlet", copies: str = "own",
    reading: str = "actor", level: float = 0.95, interval: str = "t", seed: int = 0, namings: Sequence[str] = NAMINGS,
) -> pd.DataFrame:  # fmt: skip
    r"""How each outlet names each actor: the share of every naming, with intervals clustered by story.

    Parameters
    ----------
    mentions : pandas.DataFrame
        Mentions, as :func:`toolkit.find_mentions` returns them; not changed.
    by : sequence of str
        The columns that make the groups.
    voice : {"outlet", "quoted", "reported", "attributed", "all"}
        Whose words count; by default the outlet's own, for a quoted minister names as he likes.
    copies : {"own", "all", "one_per_story"}
        What has a vote, as for :func:`toolkit.estimate`; an agency's wording is the agency's, so ``own`` by default.
    reading : {"actor", "place", "all"}
        Which readings count.
    level, interval, seed
        As for :func:`toolkit.estimate`.
    namings : sequence of str
        The categories to give.

    Returns
    -------
    pandas.DataFrame
        A summary with `naming` after the keys; `estimate`, `low` and `high` are shares in [0, 1] of the group's
        mentions. The shares of all of :data:`NAMINGS` sum to 1 in each group.

    Raises
    ------
    InputError
        The table is not one of mentions, or a choice is unknown.

    Notes
    -----
    A naming is read off the name and at most two words behind it by a list of English nouns; "regime" comes before
    "forces", so that "Syrian regime forces" counts as regime. The list is ours; it says how an actor is called, not
    whether that is fair.

    Examples
    --------
    >>> import pandas as pd
    >>> mentions = pd.DataFrame({"sentence": ["The Syrian regime fell back.", "Damascus said so."], "start": [4, 0],
    ...     "end": [10, 8], "surface": ["Syrian", "Damascus"], "form": ["demonym", "capital"]}).assign(
    ...     mention_id=["m1", "m2"], article_id=["a1", "a2"], story_id=["s1", "s2"], outlet="The Courier",
    ...     date=pd.Timestamp("2020-02-28"), wire=None, copied=0.0, part="body", actor="syria", reading="actor",
    ...     voice="outlet", speaker=None, sentence_id=["t1", "t2"], position=0)
    >>> shares = naming_shares(mentions)
    >>> shares.loc[shares["estimate"] > 0, ["outlet", "naming", "estimate", "n_mentions"]].values.tolist()
    [['The Courier', 'regime', 0.5, 2], ['The Courier', 'capital', 0.5, 2]]
    """
    rows = select_mentions(mentions, voice=voice, copies=copies, reading=reading)
    organ = rows["organ"] if "organ" in rows else pd.Series("state", index=rows.index)
    named = [
        naming_of(surface, form, sentence[end:], part)
        for surface, form, sentence, end, part in zip(
            rows["surface"], rows["form"], rows["sentence"], rows["end"], organ, strict=True
        )
    ]
    category = pd.Series(named, index=rows.index, dtype=object)
    table = category_shares(
        rows, category, namings, name="naming", by=by, copies=copies, level=level, interval=interval, seed=seed
    )
    return table.assign(voice=voice, reading=reading)

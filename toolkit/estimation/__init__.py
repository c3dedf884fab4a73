"""Estimates and contrasts: the mean score of groups of mentions, with intervals that know about stories.

The unit that is independent is the story: articles that share their text share their tone, so forty copies of one
dispatch are one fact. Every interval here is clustered by story, and a contrast between two outlets that print the same
story counts it once, as a pair.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from toolkit.estimation.articles import READING_CHOICES, tone_by_article
from toolkit.estimation.selection import (
    COPIES,
    INTERVALS,
    PERIODS,
    UNITS,
    VOICE_CHOICES,
    Cells,
    Options,
    as_names,
    check_options,
    counted,
    select,
    sum_cells,
    warn,
)
from toolkit.estimation.variance import (
    FEW_STORIES,
    TINY,
    bootstrap,
    cluster_se,
    compare,
    group_sums,
    holm,
    ratio,
    spread,
    t_interval,
)

__all__ = [
    "COPIES",
    "INTERVALS",
    "PERIODS",
    "READING_CHOICES",
    "UNITS",
    "VOICE_CHOICES",
    "contrast",
    "counted",
    "estimate",
    "tone_by_article",
]


def estimate(
    scored: pd.DataFrame, task: str = "tone", *, by: Sequence[str] = ("outlet", "actor"), voice: str = "outlet",
    copies: str = "one_per_story", reading: str | float = "actor", period: str | None = None, interval: str = "t",
    draws: int = 2000, level: float = 0.95, seed: int = 0, unit: str = "mention",
) -> pd.DataFrame:  # fmt: skip
    r"""Estimate the mean score of each group of mentions.

    Parameters
    ----------
    scored : pandas.DataFrame
        Scored mentions, as :func:`toolkit.score_mentions` returns them; not changed. Row order does not matter.
    task : str, default "tone"
        The task whose ``<task>_score`` is averaged.
    by : sequence of str, default ("outlet", "actor")
        The columns that make the groups; empty for one estimate over all.
    voice : {"outlet", "quoted", "reported", "attributed", "all"}
        Whose words count; ``attributed`` is quoted and reported together.
    copies : {"one_per_story", "own", "all"}
        What has a vote. ``one_per_story``: the mean over stories of the story's mean score in the group. ``all``: the
        mean over mentions. ``own``: the same, without articles that an agency wrote or that are at least half copied.
    reading : {"actor", "place", "all"} or float
        Which readings count; with a number those whose `reading_p` is at least so high.
    period : {"day", "week", "month", "quarter", "year"}, optional
        Also group by time; adds the column `period`, the first day of each period (weeks begin on Monday).
    interval : {"t", "bootstrap"}
        ``t``: the standard error clustered by story (CR2) and Student's t. ``bootstrap``: percentiles over `draws`
        resamples of the stories of the whole selection.
    draws : int, default 2000
        Resamples for ``bootstrap``; at least 100. A draw without any story of a group is left out there, and counted in
        `note`.
    level : float, default 0.95
        The share of intervals that should hold the truth; between 0.5 and 1.
    seed : int, default 0
        For the resamples: the same seed gives the same bytes.
    unit : {"mention", "article"}
        What is averaged. ``mention``: the scores of mentions. ``article``: first every article gets one tone toward
        the group, as :func:`tone_by_article` weighs its sentences (with ``voice="outlet"`` its `own`, with ``"all"``
        its `whole`); then articles are averaged, within their story first where ``copies`` gives stories one vote.
        Intervals are clustered by story either way.

    Returns
    -------
    pandas.DataFrame
        A summary: the keys; `task`, `estimate`, `low`, `high`, `method`, `voice`, `copies`, `n_mentions`, `n_articles`,
        `n_stories`; then `estimand`, `se`, `df` (of t), `level`, `reading`, `note` (None, or what is wrong with the
        interval). Sorted by the keys. `low` and `high` are missing with fewer than two stories, or where all stories
        have the same score. Where all scores lie in [-1, 1], so do the intervals.

    Raises
    ------
    InputError
        A name is not known, or the table is not one of scored mentions.

    Warns
    -----
    InputWarning
        No mention is left (the message says which filter took the last), or some lack a score or a date.

    Notes
    -----
    With story totals :math:`y_s` and weights :math:`w_s` (one story one vote: its mean, and 1; else its sum, and its
    number of mentions), the estimate is :math:`R = \sum y_s / \sum w_s`, and its variance
    :math:`\sum_s e_s^2 / (1 - h_s)` with :math:`e_s = (y_s - R w_s) / \sum w` and :math:`h_s = w_s / \sum w`: the
    CR2 estimator of Bell and McCaffrey (2002), Survey Methodology 28(2), for a cell mean. With one vote per story it is
    the textbook t interval over stories.

    Examples
    --------
    >>> import pandas as pd
    >>> scored = pd.DataFrame({"story_id": ["s1", "s2", "s3"], "tone_score": [-0.5, -0.3, -0.1]}).assign(
    ...     mention_id=["m1", "m2", "m3"], article_id=["a1", "a2", "a3"], sentence_id=["t1", "t2", "t3"],
    ...     outlet="The Courier", date=pd.Timestamp("2020-02-28"), wire=None, copied=0.0, part="body", actor="turkey",
    ...     surface="Ankara", form="capital", reading="actor", voice="outlet", speaker=None,
    ...     sentence="Ankara warned.", start=0, end=6, position=0)
    >>> summary = estimate(scored, "tone", by=["outlet", "actor"])
    >>> summary[["outlet", "actor", "estimate", "low", "high", "n_stories"]].round(2).values.tolist()
    [['The Courier', 'turkey', -0.3, -0.8, 0.2, 3]]
    """
    o = check_options(
        scored, Options(task, as_names(by), voice, copies, reading, period, interval, draws, level, seed, unit),
    )  # fmt: skip
    rows = select(scored, o)
    by_keys = [*o.by, "period"] if period else list(o.by)
    cells, counts = sum_cells(rows, o, by_keys)
    facts = _intervals(cells, counts["n_stories"].to_numpy(), o)
    return cells.keys.assign(
        task=task, **facts[["estimate", "low", "high"]], method=f"uncorrected mean, {INTERVALS[interval]}",
        **({} if "voice" in by_keys else {"voice": voice}), copies=copies, **counts, estimand=o.estimand,
        se=facts["se"], df=facts["df"], level=level, **({} if "reading" in by_keys else {"reading": reading}),
        note=facts["note"],
    )  # fmt: skip


def _intervals(cells: Cells, n: np.ndarray, o: Options) -> pd.DataFrame:
    """The estimate of each group with its error; missing where the stories cannot tell."""
    totals, weights = group_sums(cells)
    point = totals / weights
    empty_draws = np.zeros(len(point), dtype=int)
    if o.interval == "t":
        se, df = cluster_se(cells, point, weights)
        low, high = t_interval(point, se, df, o.level)
    else:
        sample = bootstrap(cells, o.draws, o.seed)
        se, df = np.nanstd(sample, axis=0, ddof=1), np.full(len(point), np.nan)
        low, high = np.nanquantile(sample, [(1 - o.level) / 2, (1 + o.level) / 2], axis=0)
        empty_draws = np.isnan(sample).sum(axis=0)
    flat = (n > 1) & (spread(cells, point) < TINY)
    for values in (se, df, low, high):
        values[(n < 2) | flat] = np.nan
    if cells.bounded:
        low, high = np.clip(low, -1, 1), np.clip(high, -1, 1)
    notes = [_note(*facts, o.draws) for facts in zip(n, flat, empty_draws, strict=True)]
    table = pd.DataFrame({"estimate": point, "low": low, "high": high, "se": se, "df": df}, index=cells.keys.index)
    return table.assign(note=pd.Series(notes, index=table.index, dtype=object))


def contrast(
    scored: pd.DataFrame, task: str = "tone", *, between: str = "outlet", by: Sequence[str] = ("actor",),
    voice: str = "outlet", copies: str = "one_per_story", reading: str | float = "actor", period: str | None = None,
    interval: str = "t", draws: int = 2000, level: float = 0.95, seed: int = 0,
    unit: str = "mention",
) -> pd.DataFrame:  # fmt: skip
    """Compare every pair of outlets (or of another column's values) within each group.

    Parameters
    ----------
    scored : pandas.DataFrame
        Scored mentions; not changed.
    task : str, default "tone"
        The task whose score is compared.
    between : str, default "outlet"
        The column whose values are compared, each with each.
    by : sequence of str, default ("actor",)
        The columns within whose groups they are compared; may be empty.
    voice, copies, reading, period, interval, draws, level, seed, unit
        As for :func:`estimate`.

    Returns
    -------
    pandas.DataFrame
        The keys; `task`, `a`, `b` (values of `between`), `estimate` (that of a minus that of b), `low`, `high`, `p`
        (two-sided), `p_holm` (corrected for all tests of this table), `family` (their number), `method`, `voice`,
        `copies`, `estimate_a`, `estimate_b`, `n_mentions_a`, `n_mentions_b`, `n_stories_a`, `n_stories_b`,
        `n_stories_shared`, `estimand`, `se`, `df`, `level`, `reading`, `note`. Intervals are not corrected for the
        number of tests.

    Raises
    ------
    InputError
        A name is not known, or `between` is also among `by`.

    Warns
    -----
    InputWarning
        As for :func:`estimate`; also where there is nothing to compare.

    Notes
    -----
    A story in both groups enters as one cluster, with its difference; variances are never added. The degrees of freedom
    are Satterthwaite's over stories of a alone, of b alone and of both: Welch's test where no story is shared, the
    paired test where all are. Holm (1979), Scandinavian Journal of Statistics 6.

    Examples
    --------
    >>> import pandas as pd
    >>> scored = pd.DataFrame({"story_id": ["s1", "s2", "s1", "s2"], "tone_score": [0.5, 0.3, 0.1, 0.0]}).assign(
    ...     mention_id=["m1", "m2", "m3", "m4"], article_id=["a1", "a2", "a3", "a4"], sentence_id="t",
    ...     outlet=["A", "A", "B", "B"], date=pd.Timestamp("2020-02-28"), wire=None, copied=0.0, part="body",
    ...     actor="turkey", surface="Ankara", form="capital", reading="actor", voice="outlet", speaker=None,
    ...     sentence="Ankara warned.", start=0, end=6, position=0)
    >>> pairs = contrast(scored, "tone")
    >>> pairs[["a", "b", "estimate", "p", "family", "n_stories_shared"]].round(3).values.tolist()
    [['A', 'B', 0.35, 0.09, 1, 2]]
    """
    o = check_options(
        scored, Options(task, as_names(by), voice, copies, reading, period, interval, draws, level, seed, unit), between
    )
    rows = select(scored, o)
    within = [*o.by, "period"] if period else list(o.by)
    cells, counts = sum_cells(rows[rows[between].notna()], o, [*within, between])
    weight = group_sums(cells)[1]
    sample = bootstrap(cells, draws, seed) if interval == "bootstrap" else None
    pairs = [
        {**facts, "a": cells.keys[between].iloc[i], "b": cells.keys[between].iloc[j],
         "estimate_a": ratio(cells, i), "estimate_b": ratio(cells, j),
         **{f"n_{what}_{side}": int(counts[f"n_{what}"].iloc[k])
            for what in ("mentions", "stories") for side, k in (("a", i), ("b", j))},
         **compare(cells, weight, i, j, sample, level)}
        for facts, i, j in _pairs(cells.keys, within)
    ]  # fmt: skip
    if len(rows) and not pairs:
        held = ", ".join(map(str, rows[between].dropna().unique()[:3])) or "none"
        warn(f"nothing to compare: no group holds two values of {between!r} (values: {held})")
    return _contrast_table(pairs, cells, within, o)


def _contrast_table(pairs: list[dict[Any, Any]], cells: Cells, within: list[str], o: Options) -> pd.DataFrame:
    numbers = ("estimate_a", "estimate_b", "se", "df", "low", "high", "p")
    counts = [f"n_{what}_{side}" for what in ("mentions", "stories") for side in "ab"] + ["n_stories_shared"]
    table = pd.DataFrame(pairs, columns=[*within, "a", "b", *numbers, *counts, "note"])
    if not pairs:  # an empty table keeps the types of a full one
        kinds = {**dict.fromkeys(numbers, "float64"), **dict.fromkeys(counts, "int64"), "a": "str", "b": "str"}
        table = table.astype({**kinds, **{key: cells.keys[key].dtype for key in within}})
    table["estimate"] = table["estimate_a"] - table["estimate_b"]
    if cells.bounded:
        table[["low", "high"]] = table[["low", "high"]].clip(-2, 2)
    table["p_holm"] = holm(table["p"].to_numpy())
    fixed = {"task": o.task, "family": int(table["p"].notna().sum()), "copies": o.copies, "estimand": o.estimand,
             "method": f"difference of uncorrected means, {INTERVALS[o.interval]}", "level": o.level,
             **{key: getattr(o, key) for key in ("voice", "reading") if key not in within}}  # fmt: skip
    table = table.assign(**fixed)
    order = [*within, "task", "a", "b", "estimate", "low", "high", "p", "p_holm", "family", "method", "voice", "copies",
             "estimate_a", "estimate_b", *counts, "estimand", "se", "df", "level", "reading", "note"]  # fmt: skip
    return table[list(dict.fromkeys(c for c in order if c in table.columns))]


def _pairs(keys: pd.DataFrame, within: list[str]) -> Iterator[tuple[dict[Hashable, Any], int, int]]:
    """Every pair of groups that agree in `within`, with what they agree in."""
    if not within:
        yield from (({}, i, j) for i, j in combinations(range(len(keys)), 2))
        return
    for rows in keys.groupby(within, sort=True, dropna=False, observed=True).indices.values():
        facts = keys[within].iloc[rows[0]].to_dict()
        yield from ((facts, int(i), int(j)) for i, j in combinations(sorted(rows), 2))


def _note(n: int, flat: bool, empty: int, draws: int) -> str | None:
    if n < 2:
        return "no interval: 1 story"
    if flat:
        return f"no interval: all {n} stories have the same score"
    words = [f"few stories ({n}): the interval may be too narrow"] if n < FEW_STORIES else []
    words += [f"{empty} of {draws} draws held no story of this group and were left out"] if empty else []
    return "; ".join(words) or None

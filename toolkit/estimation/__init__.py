"""Estimates and contrasts: the mean score of groups of mentions, with intervals that know about stories.

The unit that is independent is the story: articles that share their text share their tone, so forty copies of one
dispatch are one fact. Every interval here is clustered by story, and a contrast between two outlets that print the same
story counts it once, as a pair.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import replace
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from toolkit.errors import InputError
from toolkit.estimation.articles import READING_CHOICES, tone_by_article
from toolkit.estimation.cells import Cells, Groups, count_gold, count_groups, group_rows, sum_cells, vote_shares
from toolkit.estimation.correction import (
    ASSUMPTIONS,
    METHODS,
    Fit,
    Outcomes,
    dsl_difference,
    dsl_mean,
    dsl_moment,
    dsl_ols,
    outcome_column,
    outcomes,
    ppi_mean,
    ppi_ols,
    pseudo_outcome,
)
from toolkit.estimation.decomposition import PARTS, decompose_gap
from toolkit.estimation.double import double_contrast
from toolkit.estimation.leastsquares import ERRORS, cluster_ols
from toolkit.estimation.recalibration import recalibrate
from toolkit.estimation.regression import regress
from toolkit.estimation.selection import (
    COPIES,
    INTERVALS,
    PERIODS,
    UNITS,
    VOICE_CHOICES,
    Options,
    as_names,
    check_options,
    counted,
    select,
    warn,
)
from toolkit.estimation.specification import specification_curve, specification_shares
from toolkit.estimation.trends import trend
from toolkit.estimation.variance import (
    FEW_STORIES,
    TINY,
    benjamini_hochberg,
    bootstrap,
    cluster_se,
    compare,
    group_sums,
    holm,
    ratio,
    share_interval,
    spread,
    t_interval,
)
from toolkit.estimation.wild import NO_WILD, wild_faces, wild_mean
from toolkit.estimation.within import contrast_within

__all__ = [
    "ASSUMPTIONS",
    "COPIES",
    "ERRORS",
    "FEW_GOLD",
    "INTERVALS",
    "METHODS",
    "PARTS",
    "PERIODS",
    "READING_CHOICES",
    "UNITS",
    "VOICE_CHOICES",
    "Fit",
    "Outcomes",
    "benjamini_hochberg",
    "cluster_ols",
    "contrast",
    "contrast_within",
    "counted",
    "decompose_gap",
    "double_contrast",
    "dsl_difference",
    "dsl_mean",
    "dsl_moment",
    "dsl_ols",
    "estimate",
    "holm",
    "outcomes",
    "ppi_mean",
    "ppi_ols",
    "pseudo_outcome",
    "recalibrate",
    "regress",
    "specification_curve",
    "specification_shares",
    "tone_by_article",
    "trend",
]

FEW_GOLD = 20
"""Gold mentions of a group below which `note` says that there is little (benchmarks/corrected_coverage.py)."""


def estimate(
    scored: pd.DataFrame, task: str = "tone", *, by: Sequence[str] = ("outlet", "actor"), voice: str = "outlet",
    copies: str = "one_per_story", reading: str | float = "actor", period: str | None = None, interval: str = "t",
    draws: int = 2000, level: float = 0.95, seed: int = 0, unit: str = "mention", method: str = "naive",
    label: str | None = None, gold: pd.DataFrame | None = None, frame: pd.DataFrame | None = None,
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
    interval : {"t", "bootstrap", "wild"}
        ``t``: the standard error clustered by story (CR2) and Student's t; of a share, on the scale of the log odds.
        ``bootstrap``: percentiles over `draws`
        resamples of the stories of the whole selection. ``wild``: the wild cluster bootstrap of t under the null
        hypothesis, inverted, for few stories; it costs the most.
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
    method : {"naive", "gold", "dsl", "ppi"}
        ``naive``: the machine's scores as they are. ``gold``: gold labels alone. ``dsl``: the scores, recalibrated and
        corrected by gold. ``ppi``: PPI++, for samples in which every mention had the same probability.
    label : str, optional
        Estimate the share of this label in place of the mean score.
    gold, frame : pandas.DataFrame, optional
        For all methods but ``naive``: the gold labels, and every mention that could have been drawn with its
        probability; see :func:`toolkit.estimation.outcomes`.

    Returns
    -------
    pandas.DataFrame
        A summary: the keys; `task`, `estimate`, `low`, `high`, `method`, `voice`, `copies`, `n_mentions`, `n_articles`,
        `n_stories`; then `estimand`, `se`, `df` (of t), `level`, `reading`, `note` (None, or what is wrong with the
        interval). Sorted by the keys. `low` and `high` are missing with fewer than two stories, or where all stories
        have the same score. Where all scores lie in [-1, 1], so do the intervals. With gold also `n_gold`,
        `n_gold_stories` (stories with gold), `probability_min`, `probability_max` (of being drawn), and `uncorrected`,
        the naive estimate of the same mentions; a group without gold has no estimate. A corrected estimate may lie a
        little outside the range of the scores, as its interval then does.

    Raises
    ------
    InputError
        A name is not known, the table is not one of scored mentions, or gold and frame cannot correct it
        (:func:`toolkit.estimation.outcomes` lists the reasons).

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
        scored, Options(task, as_names(by), voice, copies, reading, period, interval, draws, level, seed, unit, method,
                        label),
    )  # fmt: skip
    rows = select(scored, o)
    by_keys = [*o.by, "period"] if period else list(o.by)
    groups, out, cells = _prepare(rows, by_keys, o, gold, frame)
    facts = _intervals(cells, o)
    table = cells.keys.assign(
        task=task, **facts[["estimate", "low", "high"]], method=f"{o.statistic}, {INTERVALS[interval]}",
        **({} if "voice" in by_keys else {"voice": voice}), copies=copies, **count_groups(rows, groups),
        estimand=o.estimand, se=facts["se"], df=facts["df"], level=level,
        **({} if "reading" in by_keys else {"reading": reading}), note=facts["note"],
    )  # fmt: skip
    if method == "naive":
        return table
    counts = count_gold(groups, out)
    seen = zip(table["note"], counts["n_gold"], table["n_stories"], strict=True)
    notes = [_gold_note(note, n_gold, n_stories, out.notes, o) for note, n_gold, n_stories in seen]
    return table.assign(
        note=pd.Series(notes, index=table.index, dtype=object),
        **counts,
        uncorrected=_uncorrected(rows, groups, by_keys, o),
    )


def _prepare(
    rows: pd.DataFrame, by: list[str], o: Options, gold: pd.DataFrame | None, frame: pd.DataFrame | None
) -> tuple[Groups, Outcomes, Cells]:
    """The groups, the outcome of each mention, and their sums by story."""
    groups = group_rows(rows, by)
    if len(rows):
        shares = vote_shares(rows, groups, o) if o.method == "ppi" else None
        out = outcomes(rows, o.task, method=o.method, label=o.label, gold=gold, frame=frame, seed=o.seed,
                       groups=groups.group, shares=shares)  # fmt: skip
    else:
        none = np.empty(0)
        out = Outcomes(none, none, METHODS[o.method], 0, none.astype(bool), none, none, none)
    return groups, out, sum_cells(rows, groups, out, o)


def _uncorrected(rows: pd.DataFrame, groups: Groups, by: list[str], o: Options) -> np.ndarray:
    """The naive estimate of each group; of mentions that the machine gave a label, where shares are estimated."""
    plain, point = replace(o, method="naive"), np.full(len(groups.keys), np.nan)
    has = rows[outcome_column(o.task, "naive", o.label)].notna().to_numpy()
    if has.any():
        inside, _, cells = _prepare(rows[has], by, plain, None, None)
        totals, weights = group_sums(cells)
        point[groups.group[has][np.unique(inside.group, return_index=True)[1]]] = totals / weights
    return point


def _intervals(cells: Cells, o: Options) -> pd.DataFrame:
    """The estimate of each group with its error; missing where the stories cannot tell."""
    totals, weights = group_sums(cells)
    n = np.bincount(cells.group, minlength=len(totals))
    with np.errstate(invalid="ignore"):
        point = totals / weights
    empty_draws, refused = np.zeros(len(point), dtype=int), np.zeros(len(point), dtype=bool)
    se, df = cluster_se(cells, point, weights)
    low, high = t_interval(point, se, df, o.level) if o.label is None else share_interval(point, se, df, o.level)
    flat = (n > 1) & (spread(cells, point) < TINY)
    if o.interval == "wild":
        low, high = _wild_intervals(cells, (n > 1) & ~flat, se, o)
        df, refused = np.full(len(point), np.nan), (n > 1) & ~flat & np.isnan(low)
    elif o.interval == "bootstrap":
        sample = bootstrap(cells, o.draws, o.seed)
        sample[:, n == 0] = 0.0
        se, df = np.nanstd(sample, axis=0, ddof=1), np.full(len(point), np.nan)
        low, high = np.nanquantile(sample, [(1 - o.level) / 2, (1 + o.level) / 2], axis=0)
        empty_draws = np.isnan(sample).sum(axis=0)
    for values in (se, df, low, high):
        values[(n < 2) | flat] = np.nan
    if cells.bounded:
        low, high = _within(low, high, point, o.bounds, o)
    said = [_note(*facts, o.draws) for facts in zip(n, flat, empty_draws, strict=True)]
    notes = [NO_WILD if no else note for no, note in zip(refused, said, strict=True)]
    table = pd.DataFrame({"estimate": point, "low": low, "high": high, "se": se, "df": df}, index=cells.keys.index)
    return table.assign(note=pd.Series(notes, index=table.index, dtype=object))


def _within(low: Any, high: Any, point: Any, bounds: tuple[float, float], o: Options) -> tuple[Any, Any]:
    """An interval without what cannot be true; where a corrected estimate lies there itself, up to that."""
    least, most = bounds
    low, high = np.maximum(low, least), np.minimum(high, most)
    return (low, high) if o.method == "naive" else (np.minimum(low, point), np.maximum(high, point))


def _wild_intervals(cells: Cells, can: np.ndarray, se: np.ndarray, o: Options) -> tuple[np.ndarray, np.ndarray]:
    """The interval of each group by wild cluster bootstrap."""
    faces = wild_faces(cells.n_stories, o.draws, o.seed)
    ends = np.full((2, len(can)), np.nan)
    for k in np.flatnonzero(can):
        inside = slice(*np.searchsorted(cells.group, [k, k + 1]))
        story = cells.story[inside]
        ends[:, k] = wild_mean(cells.total[inside], cells.weight[inside], faces[:, story], se[k], o.level)
    return ends[0], ends[1]


def contrast(
    scored: pd.DataFrame, task: str = "tone", *, between: str = "outlet", by: Sequence[str] = ("actor",),
    voice: str = "outlet", copies: str = "one_per_story", reading: str | float = "actor", period: str | None = None,
    interval: str = "t", draws: int = 2000, level: float = 0.95, seed: int = 0, unit: str = "mention",
    method: str = "naive", label: str | None = None, gold: pd.DataFrame | None = None,
    frame: pd.DataFrame | None = None,
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
    voice, copies, reading, period, interval, draws, level, seed, unit, method, label, gold, frame
        As for :func:`estimate`. ``ppi`` needs groups that share no story.

    Returns
    -------
    pandas.DataFrame
        The keys; `task`, `a`, `b` (values of `between`), `estimate` (that of a minus that of b), `low`, `high`, `p`
        (two-sided), `p_holm` and `p_bh` (corrected for all tests of this table: Holm's chance of any false one,
        Benjamini and Hochberg's share of false ones), `family` (their number), `method`, `voice`, `copies`,
        `estimate_a`, `estimate_b`, `n_mentions_a`, `n_mentions_b`, `n_stories_a`, `n_stories_b`, `n_stories_shared`,
        `estimand`, `se`, `df`, `level`, `reading`, `note`; with gold also `n_gold_a`, `n_gold_b` and
        `uncorrected`, the naive difference. Intervals are not corrected for the number of tests.

    Raises
    ------
    InputError
        As for :func:`estimate`; `between` is also among `by`; or a story is in both groups and the method is ``ppi``.

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
        scored, Options(task, as_names(by), voice, copies, reading, period, interval, draws, level, seed, unit, method,
                        label), between,
    )  # fmt: skip
    rows = select(scored, o)
    within = [*o.by, "period"] if period else list(o.by)
    known = rows[rows[between].notna()]
    groups, out, cells = _prepare(known, [*within, between], o, gold, frame)
    counts, weight = count_groups(known, groups), group_sums(cells)[1]
    extra = {} if method == "naive" else _gold_counts(known, groups, out, [*within, between], o)
    sample = bootstrap(cells, draws, seed) if interval == "bootstrap" else None
    faces = wild_faces(cells.n_stories, draws, seed) if interval == "wild" else None
    pairs = []
    for facts, i, j in _pairs(cells.keys, within):
        pair: dict[Any, Any] = {**facts, "a": cells.keys[between].iloc[i], "b": cells.keys[between].iloc[j],
                "estimate_a": ratio(cells, i), "estimate_b": ratio(cells, j),
                **{f"n_{what}_{side}": int(counts[f"n_{what}"].iloc[k])
                   for what in ("mentions", "stories") for side, k in (("a", i), ("b", j))},
                **compare(cells, weight, i, j, o, sample, faces)}  # fmt: skip
        pairs.append(pair if method == "naive" else _with_gold(pair, extra, i, j, out.notes, o))
    if len(rows) and not pairs:
        held = ", ".join(map(str, rows[between].dropna().unique()[:3])) or "none"
        warn(f"nothing to compare: no group holds two values of {between!r} (values: {held})")
    return _contrast_table(pairs, cells, within, o)


def _gold_counts(
    rows: pd.DataFrame, groups: Groups, out: Outcomes, by: list[str], o: Options
) -> dict[str, np.ndarray]:  # fmt: skip
    return {"gold": count_gold(groups, out)["n_gold"].to_numpy(), "naive": _uncorrected(rows, groups, by, o)}


def _with_gold(
    pair: dict[Any, Any], extra: dict[str, np.ndarray], i: int, j: int, notes: tuple[str, ...], o: Options
) -> dict[Any, Any]:
    """A contrast with what there is to say about its gold."""
    if o.method == "ppi" and pair["n_stories_shared"]:
        raise InputError(
            f"{pair['a']!r} and {pair['b']!r} share {pair['n_stories_shared']} stories, which PPI++ would count as "
            "independent; use method='dsl'"
        )
    n = [int(extra["gold"][k]) for k in (i, j)]
    stories = min(pair["n_stories_a"], pair["n_stories_b"])
    return {**pair, "n_gold_a": n[0], "n_gold_b": n[1], "uncorrected": extra["naive"][i] - extra["naive"][j],
            "note": _gold_note(pair["note"], min(n), stories, notes, o)}  # fmt: skip


def _contrast_table(pairs: list[dict[Any, Any]], cells: Cells, within: list[str], o: Options) -> pd.DataFrame:
    numbers = ("estimate_a", "estimate_b", "se", "df", "low", "high", "p")
    counts = [f"n_{what}_{side}" for what in ("mentions", "stories") for side in "ab"] + ["n_stories_shared"]
    with_gold = [] if o.method == "naive" else ["n_gold_a", "n_gold_b", "uncorrected"]
    table = pd.DataFrame(pairs, columns=[*within, "a", "b", *numbers, *counts, "note", *with_gold])
    if not pairs:  # an empty table keeps the types of a full one
        whole = [*counts, *with_gold[:2]]
        kinds = {**dict.fromkeys([*numbers, *with_gold[2:]], "float64"), **dict.fromkeys(whole, "int64"),
                 "a": "str", "b": "str"}  # fmt: skip
        table = table.astype({**kinds, **{key: cells.keys[key].dtype for key in within}})
    table["estimate"] = table["estimate_a"] - table["estimate_b"]
    if cells.bounded:
        most = o.bounds[1] - o.bounds[0]
        table["low"], table["high"] = _within(table["low"], table["high"], table["estimate"], (-most, most), o)
    table["p_holm"], table["p_bh"] = holm(table["p"].to_numpy()), benjamini_hochberg(table["p"].to_numpy())
    fixed = {"task": o.task, "family": int(table["p"].notna().sum()), "copies": o.copies, "estimand": o.estimand,
             "method": f"difference of {o.statistics}, {INTERVALS[o.interval]}", "level": o.level,
             **{key: getattr(o, key) for key in ("voice", "reading") if key not in within}}  # fmt: skip
    table = table.assign(**fixed)
    order = [*within, "task", "a", "b", "estimate", "low", "high", "p", "p_holm", "p_bh", "family", "method", "voice",
             "copies", "estimate_a", "estimate_b", *counts, "estimand", "se", "df", "level", "reading", "note",
             *with_gold]  # fmt: skip
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


def _gold_note(note: str | None, n_gold: int, n_stories: int, further: tuple[str, ...], o: Options) -> str | None:
    """What the interval's note says, and what there is to say of the gold."""
    if not n_gold:
        return "no corrected estimate: no gold in this group"
    words = [note] if isinstance(note, str) else []
    if n_stories < FEW_STORIES and o.interval != "wild":
        words.append("interval='wild' is made for few stories")
    if n_gold < FEW_GOLD:
        words.append(f"little gold ({n_gold} mentions): the interval may be too narrow")
    return "; ".join([*words, *further]) or None

"""Estimates and contrasts: the mean score of groups of mentions, with intervals that know about stories.

The unit that is independent is the story: articles that share their text share their tone, so forty copies of one
dispatch are one fact. Every interval here is clustered by story, and a contrast between two outlets that print the same
story counts it once, as a pair.
"""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from toolkit.errors import InputError, InputWarning, nearest
from toolkit.tables import VOICES, check_table

__all__ = ["COPIES", "INTERVALS", "PERIODS", "VOICE_CHOICES", "contrast", "counted", "estimate"]

VOICE_CHOICES = {**{voice: (voice,) for voice in VOICES}, "attributed": ("quoted", "reported"), "all": VOICES}
COPIES = {
    "all": "every mention has a vote",
    "own": "every mention has a vote; articles from an agency or at least half copied are left out",
    "one_per_story": "every story has one vote in each group",
}
READING_CHOICES = {"actor": ("actor",), "place": ("place",), "all": ("actor", "place")}
PERIODS = {"day": "D", "week": "W", "month": "M", "quarter": "Q", "year": "Y"}
INTERVALS = {"t": "clustered t", "bootstrap": "story bootstrap"}
OWN_COPY = 0.5
"""An article of which this share or more is copied is no longer the outlet's own."""
FEW_STORIES = 10
"""Below this, simulation finds intervals of skewed scores too narrow (benchmarks/estimation_coverage.py)."""
_TINY = 1e-12
_RESULTS = (
    "task",
    "estimate",
    "low",
    "high",
    "method",
    "copies",
    "estimand",
    "se",
    "df",
    "level",
    "note",
    "a",
    "b",
    "p",
)


@dataclass(frozen=True)
class _Options:
    """What both public functions take, checked."""

    task: str
    by: tuple[str, ...]
    voice: str
    copies: str
    reading: str
    period: str | None
    interval: str
    draws: int
    level: float
    seed: int

    @property
    def estimand(self) -> str:
        return f"mean {self.task} per {'story' if self.copies == 'one_per_story' else 'mention'}"


@dataclass(frozen=True)
class _Cells:
    """One cell for each story in each group: its total score and its weight, sorted by group, then story."""

    keys: pd.DataFrame
    group: np.ndarray
    story: np.ndarray
    total: np.ndarray
    weight: np.ndarray
    n_stories: int
    bounded: bool


def estimate(
    scored: pd.DataFrame, task: str = "tone", *, by: Sequence[str] = ("outlet", "actor"), voice: str = "outlet",
    copies: str = "one_per_story", reading: str = "actor", period: str | None = None, interval: str = "t",
    draws: int = 2000, level: float = 0.95, seed: int = 0,
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
    reading : {"actor", "place", "all"}
        Which readings count.
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
    o = _check(
        scored, _Options(task, _names(by), voice, copies, reading, period, interval, draws, level, seed),
    )  # fmt: skip
    rows = _select(scored, o)
    by_keys = [*o.by, "period"] if period else list(o.by)
    cells, counts = _cells(rows, o, by_keys)
    facts = _intervals(cells, counts["n_stories"].to_numpy(), o)
    return cells.keys.assign(
        task=task, **facts[["estimate", "low", "high"]], method=f"uncorrected mean, {INTERVALS[interval]}",
        **({} if "voice" in by_keys else {"voice": voice}), copies=copies, **counts, estimand=o.estimand,
        se=facts["se"], df=facts["df"], level=level, **({} if "reading" in by_keys else {"reading": reading}),
        note=facts["note"],
    )  # fmt: skip


def _intervals(cells: _Cells, n: np.ndarray, o: _Options) -> pd.DataFrame:
    """The estimate of each group with its error; missing where the stories cannot tell."""
    totals, weights = _group_sums(cells)
    point = totals / weights
    empty_draws = np.zeros(len(point), dtype=int)
    if o.interval == "t":
        se, df = _cluster_se(cells, point, weights)
        low, high = _t_interval(point, se, df, o.level)
    else:
        sample = _bootstrap(cells, o.draws, o.seed)
        se, df = np.nanstd(sample, axis=0, ddof=1), np.full(len(point), np.nan)
        low, high = np.nanquantile(sample, [(1 - o.level) / 2, (1 + o.level) / 2], axis=0)
        empty_draws = np.isnan(sample).sum(axis=0)
    flat = (n > 1) & (_spread(cells, point) < _TINY)
    for values in (se, df, low, high):
        values[(n < 2) | flat] = np.nan
    if cells.bounded:
        low, high = np.clip(low, -1, 1), np.clip(high, -1, 1)
    notes = [_note(*facts, o.draws) for facts in zip(n, flat, empty_draws, strict=True)]
    table = pd.DataFrame({"estimate": point, "low": low, "high": high, "se": se, "df": df}, index=cells.keys.index)
    return table.assign(note=pd.Series(notes, index=table.index, dtype=object))


def contrast(
    scored: pd.DataFrame, task: str = "tone", *, between: str = "outlet", by: Sequence[str] = ("actor",),
    voice: str = "outlet", copies: str = "one_per_story", reading: str = "actor", period: str | None = None,
    interval: str = "t", draws: int = 2000, level: float = 0.95, seed: int = 0,
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
    voice, copies, reading, period, interval, draws, level, seed
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
    o = _check(
        scored, _Options(task, _names(by), voice, copies, reading, period, interval, draws, level, seed), between
    )
    rows = _select(scored, o)
    within = [*o.by, "period"] if period else list(o.by)
    cells, counts = _cells(rows[rows[between].notna()], o, [*within, between])
    weight = _group_sums(cells)[1]
    sample = _bootstrap(cells, draws, seed) if interval == "bootstrap" else None
    pairs = [
        {**facts, "a": cells.keys[between].iloc[i], "b": cells.keys[between].iloc[j],
         "estimate_a": _ratio(cells, i), "estimate_b": _ratio(cells, j),
         **{f"n_{what}_{side}": int(counts[f"n_{what}"].iloc[k])
            for what in ("mentions", "stories") for side, k in (("a", i), ("b", j))},
         **_compare(cells, weight, i, j, sample, level)}
        for facts, i, j in _pairs(cells.keys, within)
    ]  # fmt: skip
    if len(rows) and not pairs:
        held = ", ".join(map(str, rows[between].dropna().unique()[:3])) or "none"
        _warn(f"nothing to compare: no group holds two values of {between!r} (values: {held})")
    return _contrast_table(pairs, cells, within, o)


def _contrast_table(pairs: list[dict[Any, Any]], cells: _Cells, within: list[str], o: _Options) -> pd.DataFrame:
    numbers = ("estimate_a", "estimate_b", "se", "df", "low", "high", "p")
    counts = [f"n_{what}_{side}" for what in ("mentions", "stories") for side in "ab"] + ["n_stories_shared"]
    table = pd.DataFrame(pairs, columns=[*within, "a", "b", *numbers, *counts, "note"])
    if not pairs:  # an empty table keeps the types of a full one
        kinds = {**dict.fromkeys(numbers, "float64"), **dict.fromkeys(counts, "int64"), "a": "str", "b": "str"}
        table = table.astype({**kinds, **{key: cells.keys[key].dtype for key in within}})
    table["estimate"] = table["estimate_a"] - table["estimate_b"]
    if cells.bounded:
        table[["low", "high"]] = table[["low", "high"]].clip(-2, 2)
    table["p_holm"] = _holm(table["p"].to_numpy())
    fixed = {"task": o.task, "family": int(table["p"].notna().sum()), "copies": o.copies, "estimand": o.estimand,
             "method": f"difference of uncorrected means, {INTERVALS[o.interval]}", "level": o.level,
             **{key: getattr(o, key) for key in ("voice", "reading") if key not in within}}  # fmt: skip
    table = table.assign(**fixed)
    order = [*within, "task", "a", "b", "estimate", "low", "high", "p", "p_holm", "family", "method", "voice", "copies",
             "estimate_a", "estimate_b", *counts, "estimand", "se", "df", "level", "reading", "note"]  # fmt: skip
    return table[list(dict.fromkeys(c for c in order if c in table.columns))]


def _names(by: Sequence[str]) -> tuple[str, ...]:
    return (by,) if isinstance(by, str) else tuple(by)


def _check(scored: pd.DataFrame, o: _Options, between: str | None = None) -> _Options:
    check_table(scored, "mentions", task=o.task)
    for what, value, valid in (
        ("voice", o.voice, VOICE_CHOICES), ("copies", o.copies, COPIES), ("reading", o.reading, READING_CHOICES),
        ("period", o.period or "week", PERIODS), ("interval", o.interval, INTERVALS),
    ):  # fmt: skip
        if value not in valid:
            raise InputError(f"unknown {what} {value!r}; {nearest(value, valid)}")
    wanted = [*o.by, *([between] if between is not None else [])]
    for name in wanted:
        if name not in scored.columns:
            raise InputError(
                f"cannot group by {name!r}: the mentions have no such column; {nearest(name, scored.columns)}"
            )
        if name in _RESULTS or (name == "period" and o.period):
            raise InputError(f"cannot group by {name!r}: the result has a column of that name; rename yours first")
    if len(set(wanted)) < len(wanted):
        raise InputError(f"a column is named twice: {', '.join(wanted)}; name each once in by and between")
    for what, number, least in (("draws", o.draws, 100), ("seed", o.seed, 0)):
        if not isinstance(number, int | np.integer) or isinstance(number, bool) or number < least:
            raise InputError(f"{what} is {number!r}; expected a whole number of at least {least}")
    if not isinstance(o.level, float) or not 0.5 < o.level < 1:
        raise InputError(f"level is {o.level!r}; expected a number between 0.5 and 1, such as 0.95")
    score = scored[f"{o.task}_score"]
    if not pd.api.types.is_numeric_dtype(score) or np.isinf(score.to_numpy(dtype=float, na_value=np.nan)).any():
        raise InputError(f"the column '{o.task}_score' must hold finite numbers; score the mentions again")
    return o


def _warn(message: str) -> None:
    warnings.warn(message, InputWarning, stacklevel=4)


def _filters(scored: pd.DataFrame, task: str, voice: str, copies: str, reading: str) -> list[tuple[str, pd.Series]]:
    """What a mention has to pass to have a vote, each with its name."""
    own = scored["wire"].isna() & (scored["copied"] < OWN_COPY)
    return [
        (f"voice={voice!r}", scored["voice"].isin(VOICE_CHOICES[voice])),
        (f"reading={reading!r}", scored["reading"].isin(READING_CHOICES[reading])),
        (f"copies={copies!r}", own | (copies != "own")),
        ("a score", scored[f"{task}_score"].notna()),
    ]


def counted(
    scored: pd.DataFrame,
    task: str = "tone",
    *,
    voice: str = "outlet",
    copies: str = "one_per_story",
    reading: str = "actor",
) -> pd.Series:
    """Which mentions have a vote in an estimate with these options; parameters as for :func:`estimate`.

    Returns
    -------
    pandas.Series of bool
        One value a mention, with the index of `scored`.
    """
    keep = pd.Series(True, index=scored.index)
    for _, mask in _filters(scored, task, voice, copies, reading):
        keep &= mask.astype(bool)
    return keep


def _select(scored: pd.DataFrame, o: _Options) -> pd.DataFrame:
    """The mentions that count, sorted so that nothing depends on the order of rows."""
    filters = _filters(scored, o.task, o.voice, o.copies, o.reading)
    if o.period:
        filters.append(("a date (a period needs one)", scored["date"].notna()))
    keep = np.ones(len(scored), dtype=bool)
    if not len(scored):
        _warn("the table of mentions is empty, so there is nothing to estimate")
    for name, mask in filters:
        before, keep = int(keep.sum()), keep & mask.to_numpy(dtype=bool)
        lost = before - int(keep.sum())
        if lost and name.startswith("a "):
            rest = "so none is left" if lost == before else "and are left out"
            _warn(f"{lost} of {before} mentions lack {name}, {rest}")
        elif lost and lost == before:
            _warn(f"no mention is left: the filter {name} took the last {before}; loosen it to see an estimate")
    rows = scored[keep].sort_values(["story_id", "mention_id"], kind="stable")
    if o.period:
        rows = rows.assign(period=rows["date"].dt.to_period(PERIODS[o.period]).dt.start_time)
    return rows


def _cells(rows: pd.DataFrame, o: _Options, by: list[str]) -> tuple[_Cells, pd.DataFrame]:
    """Sum the scores by group and story; also count mentions, articles and stories by group."""
    if by:
        grouped = rows.groupby(by, sort=True, dropna=False, observed=True)
        group = grouped.ngroup().to_numpy()
        keys = grouped.size().index.to_frame(index=False)
        if not len(rows):
            keys = rows[by].iloc[:0].reset_index(drop=True)
    else:
        group, keys = np.zeros(len(rows), dtype=int), pd.DataFrame(index=range(min(len(rows), 1)))
    names, story = np.unique(rows["story_id"].to_numpy(dtype=str), return_inverse=True)
    score = rows[f"{o.task}_score"].to_numpy(dtype=float)
    pair, where = np.unique(group.astype(np.int64) * max(len(names), 1) + story, return_inverse=True)
    total, weight = np.bincount(where, score, len(pair)), np.bincount(where, minlength=len(pair)).astype(float)
    cell_group, cell_story = np.divmod(pair, max(len(names), 1))
    counts = pd.DataFrame(
        {
            "n_mentions": np.bincount(group, minlength=len(keys)),
            "n_articles": _distinct(group, rows["article_id"], len(keys)),
            "n_stories": np.bincount(cell_group, minlength=len(keys)),
        },
        index=keys.index,
    ).astype("int64")
    if o.copies == "one_per_story":
        total, weight = total / np.maximum(weight, 1), np.ones_like(weight)
    bounded = bool((np.abs(score) <= 1).all())
    return _Cells(keys, cell_group, cell_story, total, weight, len(names), bounded), counts


def _distinct(group: np.ndarray, values: pd.Series, size: int) -> np.ndarray:
    pairs = pd.DataFrame({"group": group, "value": values.to_numpy()}).drop_duplicates()
    return np.bincount(pairs["group"].to_numpy(dtype=int), minlength=size)


def _group_sums(cells: _Cells) -> tuple[np.ndarray, np.ndarray]:
    size = len(cells.keys)
    return np.bincount(cells.group, cells.total, size), np.bincount(cells.group, cells.weight, size)


def _ratio(cells: _Cells, group: int) -> float:
    inside = slice(*np.searchsorted(cells.group, [group, group + 1]))
    return float(cells.total[inside].sum() / cells.weight[inside].sum())


def _spread(cells: _Cells, point: np.ndarray) -> np.ndarray:
    """The largest distance of a story's mean from the group's."""
    away = np.zeros(len(point))
    np.maximum.at(away, cells.group, np.abs(cells.total / cells.weight - point[cells.group]))
    return away


def _cluster_se(cells: _Cells, point: np.ndarray, weight: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The CR2 standard error of each group and its degrees of freedom (at least 1)."""
    size = len(point)
    share = cells.weight / weight[cells.group]
    error = _residual(cells.total, cells.weight, point[cells.group], weight[cells.group])
    variance = np.bincount(cells.group, error**2, size)
    fourth, n = np.bincount(cells.group, share**4, size), np.bincount(cells.group, minlength=size)
    with np.errstate(divide="ignore", invalid="ignore"):
        df = np.bincount(cells.group, share**2, size) ** 2 / fourth * (1 - 1 / n)
    return np.sqrt(variance), np.maximum(df, 1.0)


def _residual(total: np.ndarray, weight: np.ndarray, point: Any, sum_weight: Any) -> np.ndarray:
    """A story's share in the error of its group's estimate, made larger by its leverage."""
    left = np.maximum(1 - weight / sum_weight, _TINY)
    return (total - point * weight) / sum_weight / np.sqrt(left)


def _t_interval(point: np.ndarray, se: np.ndarray, df: np.ndarray, level: float) -> tuple[np.ndarray, np.ndarray]:
    from scipy.special import stdtrit

    half = stdtrit(df, (1 + level) / 2) * se
    return point - half, point + half


def _weights(n_stories: int, draws: int, seed: int) -> Iterator[np.ndarray]:
    """How often each story is drawn, some draws (rows) at a time; one stream whatever the size of the parts."""
    purpose = int.from_bytes(hashlib.sha256(b"stories of a selection").digest()[:8], "big")
    rng = np.random.default_rng(np.random.SeedSequence([seed, purpose]))
    step = max(1, 4_000_000 // max(n_stories, 1))
    for start in range(0, draws, step):
        picks = (rng.integers(0, n_stories, n_stories) for _ in range(min(step, draws - start)))
        yield np.stack([np.bincount(pick, minlength=n_stories) for pick in picks]).astype(float)


def _bootstrap(cells: _Cells, draws: int, seed: int) -> np.ndarray:
    """Resampled estimates, draws x groups; one draw of stories serves all groups. NaN where a group got no story."""
    from scipy.sparse import csr_array

    size = len(cells.keys)
    if not size:
        return np.empty((draws, 0))
    shape = (size, cells.n_stories)
    total, weight = (csr_array((v, (cells.group, cells.story)), shape=shape) for v in (cells.total, cells.weight))
    parts = []
    with np.errstate(invalid="ignore", divide="ignore"):
        for drawn in _weights(cells.n_stories, draws, seed):
            parts.append(((total @ drawn.T) / (weight @ drawn.T)).T)
    return np.concatenate(parts)


def _pairs(keys: pd.DataFrame, within: list[str]) -> Iterator[tuple[dict[Hashable, Any], int, int]]:
    """Every pair of groups that agree in `within`, with what they agree in."""
    if not within:
        yield from (({}, i, j) for i, j in combinations(range(len(keys)), 2))
        return
    for rows in keys.groupby(within, sort=True, dropna=False, observed=True).indices.values():
        facts = keys[within].iloc[rows[0]].to_dict()
        yield from ((facts, int(i), int(j)) for i, j in combinations(sorted(rows), 2))


def _compare(
    cells: _Cells, weight: np.ndarray, i: int, j: int, sample: np.ndarray | None, level: float
) -> dict[str, Any]:
    """The error of group i minus group j, where a story in both is one cluster."""
    a, b = (slice(*np.searchsorted(cells.group, [k, k + 1])) for k in (i, j))
    stories, place = np.unique(np.concatenate([cells.story[a], cells.story[b]]), return_inverse=True)
    error, share = np.zeros((2, len(stories))), np.zeros((2, len(stories)))
    for side, (inside, at) in enumerate(((a, place[: a.stop - a.start]), (b, place[a.stop - a.start :]))):
        point = cells.total[inside].sum() / weight[(i, j)[side]]
        error[side, at] = _residual(cells.total[inside], cells.weight[inside], point, weight[(i, j)[side]])
        share[side, at] = cells.weight[inside] / weight[(i, j)[side]]
    n = (share > 0).sum(axis=1)
    facts = {"n_stories_shared": int((share > 0).all(axis=0).sum())}
    missing = {"se": np.nan, "df": np.nan, "low": np.nan, "high": np.nan, "p": np.nan}
    if (n < 2).any():
        return {**facts, **missing, "note": f"no interval: {'a' if n[0] < 2 else 'b'} has 1 story"}
    if np.abs(error[0] - error[1]).max() < _TINY:
        return {**facts, **missing, "note": "no interval: the difference is the same in all stories"}
    note = None if n.min() >= FEW_STORIES else f"few stories ({n[0]}, {n[1]}): the interval may be too narrow"
    if sample is not None:
        return {**facts, **_from_sample(sample[:, i] - sample[:, j], level), "note": note}
    return {**facts, **_from_errors(error, share, _ratio(cells, i) - _ratio(cells, j), level), "note": note}


def _from_errors(error: np.ndarray, share: np.ndarray, difference: float, level: float) -> dict[str, float]:
    """Satterthwaite's t over three sorts of story: of a alone, of b alone, of both."""
    from scipy.special import stdtr, stdtrit

    squares, sizes = (error[0] - error[1]) ** 2, (share**2).sum(axis=0)
    variance, below = squares.sum(), 0.0
    sort = (share[0] > 0) + 2 * (share[1] > 0)
    for kind in np.unique(sort):
        of = sort == kind
        effective = sizes[of].sum() ** 2 / (sizes[of] ** 2).sum()
        below += squares[of].sum() ** 2 / max(effective * (1 - share[:, of].max(axis=0).mean()), _TINY)
    df = max(float(variance**2 / below), 1.0)
    se = float(np.sqrt(variance))
    half = float(stdtrit(df, (1 + level) / 2)) * se
    p = 2 * float(stdtr(df, -abs(difference) / se))
    return {"se": se, "df": df, "low": difference - half, "high": difference + half, "p": p}


def _from_sample(differences: np.ndarray, level: float) -> dict[str, float]:
    kept = differences[~np.isnan(differences)]
    low, high = np.quantile(kept, [(1 - level) / 2, (1 + level) / 2])
    # One is added to both counts: a p of exactly zero cannot come from a finite number of draws.
    tail = min((kept <= 0).sum(), (kept >= 0).sum())
    p = min(1.0, 2 * float(tail + 1) / (len(kept) + 1))
    return {"se": float(kept.std(ddof=1)), "df": np.nan, "low": float(low), "high": float(high), "p": p}


def _holm(p: np.ndarray) -> np.ndarray:
    """Holm's corrected p-values; missing ones are no tests.

    >>> _holm(np.array([0.01, np.nan, 0.04, 0.03])).round(6).tolist()
    [0.03, nan, 0.06, 0.06]
    """
    out = np.full(len(p), np.nan)
    order = np.argsort(p, kind="stable")[: int((~np.isnan(p)).sum())]
    steps = p[order] * np.arange(len(order), 0, -1)
    out[order] = np.minimum(np.maximum.accumulate(steps), 1.0) if len(order) else steps
    return out


def _note(n: int, flat: bool, empty: int, draws: int) -> str | None:
    if n < 2:
        return "no interval: 1 story"
    if flat:
        return f"no interval: all {n} stories have the same score"
    words = [f"few stories ({n}): the interval may be too narrow"] if n < FEW_STORIES else []
    words += [f"{empty} of {draws} draws held no story of this group and were left out"] if empty else []
    return "; ".join(words) or None

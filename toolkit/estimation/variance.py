"""The errors of estimates and contrasts, clustered by story."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

import numpy as np

from toolkit.estimation.cells import Cells
from toolkit.estimation.selection import Options
from toolkit.estimation.wild import NO_WILD, wild_compare

FEW_STORIES = 10
"""Below this, simulation finds intervals of skewed scores too narrow (benchmarks/estimation_coverage.py)."""
TINY = 1e-12


def group_sums(cells: Cells) -> tuple[np.ndarray, np.ndarray]:
    """The total and the weight of each group."""
    size = len(cells.keys)
    return np.bincount(cells.group, cells.total, size), np.bincount(cells.group, cells.weight, size)


def ratio(cells: Cells, group: int) -> float:
    """The estimate of one group."""
    inside = slice(*np.searchsorted(cells.group, [group, group + 1]))
    weight = cells.weight[inside].sum()
    return float(cells.total[inside].sum() / weight) if weight else np.nan


def spread(cells: Cells, point: np.ndarray) -> np.ndarray:
    """The largest distance of a story's mean from the group's."""
    away = np.zeros(len(point))
    np.maximum.at(away, cells.group, np.abs(cells.total / cells.weight - point[cells.group]))
    return away


def cluster_se(cells: Cells, point: np.ndarray, weight: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The CR2 standard error of each group and its degrees of freedom (at least 1)."""
    size = len(point)
    share = cells.weight / weight[cells.group]
    error = _residual(cells.total, cells.weight, point[cells.group], weight[cells.group])
    variance = np.bincount(cells.group, error**2, size)
    fourth, n = np.bincount(cells.group, share**4, size), np.bincount(cells.group, minlength=size)
    with np.errstate(divide="ignore", invalid="ignore"):
        df = np.bincount(cells.group, share**2, size) ** 2 / fourth * (1 - 1 / n)
    if cells.gold_total is not None:
        df = _joint_df(cells, point, weight, df)
    return np.sqrt(variance), np.maximum(df, 1.0)


def _joint_df(cells: Cells, point: np.ndarray, weight: np.ndarray, df: np.ndarray) -> np.ndarray:
    """Satterthwaite's degrees of freedom of two sources: the stories there are, and those among them with gold."""
    assert cells.gold_total is not None
    assert cells.gold_weight is not None
    size, group = len(point), cells.group
    gold = cells.gold_total / weight[group]
    rest = (cells.total - point[group] * cells.weight) / weight[group] - gold
    by_gold, by_rest = np.bincount(group, gold**2, size), np.bincount(group, rest**2, size)
    n = np.bincount(group, cells.gold_weight > 0, size)
    with np.errstate(divide="ignore", invalid="ignore"):
        effective = np.bincount(group, cells.gold_weight**2, size) ** 2 / np.bincount(group, cells.gold_weight**4, size)
        df_gold = np.maximum(effective * (1 - 1 / n), 1.0)
        return (by_gold + by_rest) ** 2 / (by_gold**2 / df_gold + by_rest**2 / df)


def _residual(total: np.ndarray, weight: np.ndarray, point: Any, sum_weight: Any) -> np.ndarray:
    """A story's share in the error of its group's estimate, made larger by its leverage."""
    left = np.maximum(1 - weight / sum_weight, TINY)
    return (total - point * weight) / sum_weight / np.sqrt(left)


def t_interval(point: np.ndarray, se: np.ndarray, df: np.ndarray, level: float) -> tuple[np.ndarray, np.ndarray]:
    """Student's interval of each group."""
    from scipy.special import stdtrit

    half = stdtrit(df, (1 + level) / 2) * se
    return point - half, point + half


def share_interval(point: np.ndarray, se: np.ndarray, df: np.ndarray, level: float) -> tuple[np.ndarray, np.ndarray]:
    """Student's interval on the scale of the log odds, for shares; on their own where they are not between 0 and 1.

    The estimate of a rare label is skewed: the straight interval holds the truth too seldom
    (benchmarks/corrected_coverage.py).
    """
    from scipy.special import expit, logit

    low, high = t_interval(point, se, df, level)
    inside = (point > 0) & (point < 1)
    middle = np.where(inside, point, 0.5)
    ends = t_interval(logit(middle), se / (middle * (1 - middle)), df, level)
    return np.where(inside, expit(ends[0]), low), np.where(inside, expit(ends[1]), high)


def _weights(n_stories: int, draws: int, seed: int) -> Iterator[np.ndarray]:
    """How often each story is drawn, some draws (rows) at a time; one stream whatever the size of the parts."""
    purpose = int.from_bytes(hashlib.sha256(b"stories of a selection").digest()[:8], "big")
    rng = np.random.default_rng(np.random.SeedSequence([seed, purpose]))
    step = max(1, 4_000_000 // max(n_stories, 1))
    for start in range(0, draws, step):
        picks = (rng.integers(0, n_stories, n_stories) for _ in range(min(step, draws - start)))
        yield np.stack([np.bincount(pick, minlength=n_stories) for pick in picks]).astype(float)


def bootstrap(cells: Cells, draws: int, seed: int) -> np.ndarray:
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


def compare(
    cells: Cells, weight: np.ndarray, i: int, j: int, o: Options, sample: np.ndarray | None, faces: np.ndarray | None
) -> dict[str, Any]:
    """The error of group i minus group j, where a story in both is one cluster."""
    a, b = (slice(*np.searchsorted(cells.group, [k, k + 1])) for k in (i, j))
    stories, place = np.unique(np.concatenate([cells.story[a], cells.story[b]]), return_inverse=True)
    error, share, gold, gold_share = (np.zeros((2, len(stories))) for _ in range(4))
    for side, (inside, at) in enumerate(((a, place[: a.stop - a.start]), (b, place[a.stop - a.start :]))):
        whole = max(weight[(i, j)[side]], TINY)
        point = cells.total[inside].sum() / whole
        error[side, at] = _residual(cells.total[inside], cells.weight[inside], point, whole)
        share[side, at] = cells.weight[inside] / whole
        if cells.gold_total is not None and cells.gold_weight is not None:
            gold[side, at] = cells.gold_total[inside] / whole
            gold_share[side, at] = cells.gold_weight[inside] / max(cells.gold_weight[inside].sum(), TINY)
    n = (share > 0).sum(axis=1)
    facts = {"n_stories_shared": int((share > 0).all(axis=0).sum())}
    missing = {"se": np.nan, "df": np.nan, "low": np.nan, "high": np.nan, "p": np.nan}
    if (n < 2).any():
        return {**facts, **missing, "note": f"no interval: {'a' if n[0] < 2 else 'b'} has 1 story"}
    if np.abs(error[0] - error[1]).max() < TINY:
        return {**facts, **missing, "note": "no interval: the difference is the same in all stories"}
    note = None if n.min() >= FEW_STORIES else f"few stories ({n[0]}, {n[1]}): the interval may be too narrow"
    if sample is not None:
        return {**facts, **_from_sample(sample[:, i] - sample[:, j], o.level), "note": note}
    found = _from_errors(error, share, gold, gold_share, ratio(cells, i) - ratio(cells, j), o.level)
    if faces is not None:
        pair = [(cells.total[s], cells.weight[s], cells.story[s]) for s in (a, b)]
        found = wild_compare(pair, faces, found, o.level)
        note = note if np.isfinite(found["low"]) else NO_WILD
    return {**facts, **found, "note": note}


def _from_errors(
    error: np.ndarray, share: np.ndarray, gold: np.ndarray, gold_share: np.ndarray, difference: float, level: float
) -> dict[str, float]:
    """Satterthwaite's t over three sorts of story, of a alone, of b alone, of both; gold is a source of its own."""
    from scipy.special import stdtr, stdtrit

    whole = error[0] - error[1]
    variance, below = float((whole**2).sum()), 0.0
    above = variance
    corrected = gold[0] - gold[1]
    if gold_share.any():
        parts = [(whole - corrected, share), (corrected, gold_share)]
        above = sum(float((part**2).sum()) for part, _ in parts)
    else:
        parts = [(whole, share)]
    for part, of_part in parts:
        squares, sizes = part**2, (of_part**2).sum(axis=0)
        sort = (of_part[0] > 0) + 2 * (of_part[1] > 0)
        for kind in np.unique(sort):
            of = (sort == kind) & ((sizes > 0) | (squares > 0))
            if not of.any() or not sizes[of].any():
                continue
            effective = sizes[of].sum() ** 2 / (sizes[of] ** 2).sum()
            below += squares[of].sum() ** 2 / max(effective * (1 - of_part[:, of].max(axis=0).mean()), TINY)
    df = max(float(above**2 / below), 1.0)
    se = float(np.sqrt(variance))
    half = float(stdtrit(df, (1 + level) / 2)) * se
    p = 2 * float(stdtr(df, -abs(difference) / se))
    return {"estimate": difference, "se": se, "df": df, "low": difference - half, "high": difference + half, "p": p}


def _from_sample(differences: np.ndarray, level: float) -> dict[str, float]:
    kept = differences[~np.isnan(differences)]
    low, high = np.quantile(kept, [(1 - level) / 2, (1 + level) / 2])
    # One is added to both counts: a p of exactly zero cannot come from a finite number of draws.
    tail = min((kept <= 0).sum(), (kept >= 0).sum())
    p = min(1.0, 2 * float(tail + 1) / (len(kept) + 1))
    return {"se": float(kept.std(ddof=1)), "df": np.nan, "low": float(low), "high": float(high), "p": p}


def holm(p: np.ndarray) -> np.ndarray:
    """Holm's corrected p-values; missing ones are no tests.

    >>> holm(np.array([0.01, np.nan, 0.04, 0.03])).round(6).tolist()
    [0.03, nan, 0.06, 0.06]
    """
    out = np.full(len(p), np.nan)
    order = np.argsort(p, kind="stable")[: int((~np.isnan(p)).sum())]
    steps = p[order] * np.arange(len(order), 0, -1)
    out[order] = np.minimum(np.maximum.accumulate(steps), 1.0) if len(order) else steps
    return out


def benjamini_hochberg(p: np.ndarray) -> np.ndarray:
    """Benjamini and Hochberg's adjusted p-values; missing ones are no tests.

    The expected share of false ones among the differences called real at such a value is at most that value, where
    tests are independent or positively dependent. Benjamini, Hochberg (1995), Journal of the Royal Statistical Society
    B 57.

    >>> benjamini_hochberg(np.array([0.01, np.nan, 0.04, 0.03])).round(6).tolist()
    [0.03, nan, 0.04, 0.04]
    """
    out = np.full(len(p), np.nan)
    order = np.argsort(p, kind="stable")[: int((~np.isnan(p)).sum())]
    steps = p[order] * len(order) / np.arange(1, len(order) + 1)
    out[order] = np.minimum(np.minimum.accumulate(steps[::-1])[::-1], 1.0) if len(order) else steps
    return out

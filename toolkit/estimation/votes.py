"""The votes of mentions, and sums and differences of cell means with errors clustered by story."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from toolkit.errors import InputError, nearest
from toolkit.estimation.cells import Cells, Groups, sum_cells, vote_shares
from toolkit.estimation.correction import METHODS, Outcomes, outcomes
from toolkit.estimation.selection import Options
from toolkit.estimation.variance import FEW_STORIES, TINY

__all__ = ["Gold", "bound", "cell_sums", "check_method", "combine", "joined", "t_facts", "vote_outcomes"]

MISSING = {"se": np.nan, "df": np.nan, "low": np.nan, "high": np.nan, "p": np.nan}


@dataclass(frozen=True)
class Gold:
    """The gold and its frame, as :func:`toolkit.estimation.outcomes` takes them."""

    gold: pd.DataFrame | None = None
    frame: pd.DataFrame | None = None


def check_method(method: str, valid: Sequence[str], why: str) -> None:
    """Refuse a method that is unknown, or that a function has no use for."""
    if method not in METHODS:
        raise InputError(f"unknown method {method!r}; {nearest(method, valid)}")
    if method not in valid:
        raise InputError(f"method={method!r}: {why}; use {' or '.join(map(repr, valid))}")


def vote_outcomes(rows: pd.DataFrame, groups: Groups, o: Options, g: Gold) -> Outcomes:
    """The outcome of each mention that counts."""
    if not len(rows):
        none = np.empty(0)
        return Outcomes(none, none, METHODS[o.method], 0, none.astype(bool), none, none, none)
    shares = vote_shares(rows, groups, o) if o.method == "ppi" else None
    return outcomes(
        rows, o.task, method=o.method, label=o.label, gold=g.gold, frame=g.frame, seed=o.seed, groups=groups.group,
        shares=shares,
    )  # fmt: skip


def cell_sums(rows: pd.DataFrame, groups: Groups, o: Options, g: Gold) -> tuple[Outcomes, Cells]:
    """The outcomes, and their sums by group and story."""
    out = vote_outcomes(rows, groups, o, g)
    return out, sum_cells(rows, groups, out, o)


def combine(cells: Cells, groups: Sequence[int], signs: Sequence[float], level: float) -> dict[str, Any]:
    """A sum of cell means times signs; a story that is in several of the cells is one cluster.

    Parameters
    ----------
    cells : Cells
        Sums by group and story.
    groups : sequence of int
        The groups to combine.
    signs : sequence of float
        What each group's mean is multiplied with.
    level : float
        The share of intervals that should hold the truth.

    Returns
    -------
    dict
        `estimate, se, df, low, high, p`, `n_stories_shared` (stories in more than one of the groups) and `note`.
    """
    parts = [slice(*np.searchsorted(cells.group, [k, k + 1])) for k in groups]
    stories, places = np.unique(np.concatenate([cells.story[part] for part in parts]), return_inverse=True)
    error, gold = np.zeros((2, len(stories)))
    share, gold_share = np.zeros((2, len(parts), len(stories)))
    estimate, start = 0.0, 0
    for row, (part, sign) in enumerate(zip(parts, signs, strict=True)):
        at = places.ravel()[start : start + part.stop - part.start]
        start += part.stop - part.start
        whole = cells.weight[part].sum()
        mean = cells.total[part].sum() / whole if whole else np.nan
        estimate += sign * mean
        share[row, at] = cells.weight[part] / whole
        left = np.sqrt(np.maximum(1 - share[row, at], TINY))
        error[at] += sign * (cells.total[part] - mean * cells.weight[part]) / whole / left
        if cells.gold_total is not None and cells.gold_weight is not None:
            gold[at] += sign * cells.gold_total[part] / whole
            gold_share[row, at] = cells.gold_weight[part] / max(cells.gold_weight[part].sum(), TINY)
    n = (share > 0).sum(axis=1)
    facts = {"estimate": estimate, "n_stories_shared": int(((share > 0).sum(axis=0) > 1).sum())}
    if n.min() < 2:
        return {**facts, **MISSING, "note": f"no interval: {'1 story' if n.min() else 'no outcome'} in a group"}
    if np.abs(error).max() < TINY:
        return {**facts, **MISSING, "note": "no interval: the difference is the same in all stories"}
    few = f"few stories ({', '.join(map(str, n))}): the interval may be too narrow" if n.min() < FEW_STORIES else None
    df = story_df(error, share, gold, gold_share)
    return {**facts, **t_facts(estimate, float(np.sqrt((error**2).sum())), df, level), "note": few}


def bound(facts: dict[str, Any], out: Outcomes, o: Options, differences: int) -> dict[str, Any]:
    """The same without what cannot be true: a difference of means of scores in [-1, 1] is not beyond 2.

    Parameters
    ----------
    facts : dict
        As :func:`combine` returns it.
    out : Outcomes
        Where uncorrected scores leave [-1, 1], nothing is known of the bounds.
    o : Options
        With a label the bound is half.
    differences : int
        1 for a difference, 2 for one of differences.
    """
    if o.method == "naive" and o.label is None and (np.abs(out.values) > 1).any():
        return facts
    most = differences * (2.0 if o.label is None else 1.0)
    estimate = facts["estimate"]
    low, high = np.maximum(facts["low"], min(-most, estimate)), np.minimum(facts["high"], max(most, estimate))
    return {**facts, "low": float(low), "high": float(high)}


def story_df(
    error: np.ndarray, share: np.ndarray, gold: np.ndarray | None = None, gold_share: np.ndarray | None = None
) -> float:
    """Satterthwaite's degrees of freedom over the sorts of story (which groups it is in); gold is a second source.

    Parameters
    ----------
    error, gold : array of float, shape (stories,)
        The share of each story in the error, and the part of it that rests on gold.
    share, gold_share : array of float, shape (groups, stories)
        What each story weighs in each group; 0 where it is not in it.
    """
    sources = [(error, share)]
    if gold is not None and gold_share is not None and gold_share.any():
        sources = [(error - gold, share), (gold, gold_share)]
    above = below = 0.0
    for part, weight in sources:
        squares, sizes = part**2, (weight**2).sum(axis=0)
        above += squares.sum()
        sort = (weight > 0).T @ (2.0 ** np.arange(len(weight)))
        for kind in np.unique(sort[sizes > 0]):
            of = (sort == kind) & (sizes > 0)
            effective = sizes[of].sum() ** 2 / (sizes[of] ** 2).sum()
            below += squares[of].sum() ** 2 / max(effective * (1 - weight[:, of].max(axis=0).mean()), TINY)
    return max(float(above**2 / below), 1.0) if below else 1.0


def t_facts(estimate: float, se: float, df: float, level: float) -> dict[str, float]:
    """Student's interval, and the two-sided p-value."""
    from scipy.special import stdtr, stdtrit

    half = float(stdtrit(df, (1 + level) / 2)) * se
    p = 2 * float(stdtr(df, -abs(estimate) / se)) if se > 0 else np.nan
    return {"se": se, "df": df, "low": estimate - half, "high": estimate + half, "p": p}


def joined(*notes: object) -> str | None:
    """Several notes as one; what is no text is none."""
    return "; ".join(note for note in notes if isinstance(note, str) and note) or None

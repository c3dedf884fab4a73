"""Recalibration: what gold would be expected where the machine says this, learned from gold of other stories."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

import numpy as np

__all__ = ["ISOTONIC_FROM", "LINEAR_FROM", "fold_of", "recalibrate"]

LINEAR_FROM = 20
"""Gold labels below which a line is not learned, and the machine's own scores are taken."""
ISOTONIC_FROM = 1000
"""Gold labels from which a rising curve of any form is learned in place of a line."""


def fold_of(clusters: Any, folds: int = 5, seed: int = 0) -> np.ndarray:
    """The fold of each row; it hangs on the names of the clusters and the seed, never on the order of rows.

    Parameters
    ----------
    clusters : array of str, shape (n,)
        What may not be split, as stories.
    folds : int
    seed : int

    Returns
    -------
    array of int, shape (n,)

    Examples
    --------
    >>> fold_of(["a", "b", "a", "c"], 3).tolist()
    [1, 2, 1, 0]
    """
    names, place = np.unique(np.asarray(clusters, dtype=str), return_inverse=True)
    order = np.argsort([hashlib.sha256(f"{seed}|{name}".encode()).digest() for name in names], kind="stable")
    fold = np.empty(len(names), dtype=int)
    fold[order] = np.arange(len(names)) % folds
    return fold[place]


def recalibrate(
    y: Any, proxy: Any, sampled: Any, probability: Any, clusters: Any, strata: Sequence[Any] = (), *, folds: int = 5,
    seed: int = 0,
) -> tuple[np.ndarray, str]:  # fmt: skip
    """The proxy as gold of other stories would have it, by cross-fitting.

    Parameters
    ----------
    y, proxy, sampled, probability
        As for :func:`toolkit.estimation.pseudo_outcome`.
    clusters : array, shape (n,)
        No fold splits one: no row is predicted from gold of its own cluster.
    strata : sequence of arrays, each of shape (n,)
        Groupings within which the machine may misjudge differently, as the strata of the sample and the groups to be
        estimated. Each group gets an intercept of its own, drawn towards the common one as far as gold does not tell
        the groups apart; one grouping after the other.
    folds, seed : int
        See :func:`fold_of`.

    Returns
    -------
    array of float, shape (n,)
        The recalibrated proxy.
    str
        ``linear`` (least squares weighted by 1 / probability), ``isotonic`` (from 1,000 gold labels on), or ``none``
        where there is too little gold (fewer than 20, or in fewer than `folds` clusters) or nothing to learn from it
        (one value alone): then the proxy as it was.

    Examples
    --------
    >>> proxy = np.linspace(-1, 1, 40)
    >>> g, how = recalibrate(0.5 * proxy + 0.2, proxy, np.ones(40, dtype=bool), 1.0, np.arange(40))
    >>> how, bool(np.abs(g - (0.5 * proxy + 0.2)).max() < 1e-12)
    ('linear', True)
    """
    y, proxy, S = np.asarray(y, dtype=float), np.asarray(proxy, dtype=float), np.asarray(sampled, dtype=bool)
    weight = 1 / np.broadcast_to(np.asarray(probability, dtype=float), proxy.shape)
    clusters = np.asarray(clusters)
    n = int(S.sum())
    if n < LINEAR_FROM or len(np.unique(clusters[S])) < folds or np.ptp(y[S]) == 0:
        return proxy.copy(), "none"
    kind = "isotonic" if n >= ISOTONIC_FROM else "linear"
    fold = fold_of(clusters, folds, seed)
    groupings = [np.unique(np.asarray(s, dtype=str), return_inverse=True)[1].ravel() for s in strata]
    # Sums are taken in an order of their own, so that the last bits do not hang on that of the rows.
    order = np.lexsort((y, proxy, clusters))
    y, proxy, S, weight, fold = (values[order] for values in (np.where(S, y, 0.0), proxy, S, weight, fold))
    groupings = [stratum[order] for stratum in groupings if stratum.any()]
    out = np.empty(len(y))
    for k in range(folds):
        train, test = S & (fold != k), fold == k
        fitted = _fit(kind, proxy[train], y[train], weight[train], proxy)
        for stratum in groupings:
            away = _intercepts(y[train] - fitted[train], stratum[train], int(stratum.max()) + 1)
            fitted = fitted + away[stratum]
        out[test] = fitted[test]
    back = np.empty(len(y))
    back[order] = out
    return back, kind


def _fit(kind: str, x: np.ndarray, y: np.ndarray, weight: np.ndarray, at: np.ndarray) -> np.ndarray:
    """The weighted line, or rising curve, through (x, y), at other places."""
    if kind == "isotonic":
        from sklearn.isotonic import IsotonicRegression

        return IsotonicRegression(out_of_bounds="clip").fit(x, y, sample_weight=weight).predict(at)
    middle_x, middle_y = np.average(x, weights=weight), np.average(y, weights=weight)
    spread = (weight * (x - middle_x) ** 2).sum()
    slope = (weight * (x - middle_x) * (y - middle_y)).sum() / spread if spread > 1e-12 else 0.0
    return middle_y + slope * (at - middle_x)


def _intercepts(residual: np.ndarray, stratum: np.ndarray, size: int) -> np.ndarray:
    """The mean residual of each stratum, shrunk by how much chance alone would make of it (one-way moments)."""
    n = np.bincount(stratum, minlength=size)
    mean = np.bincount(stratum, residual, size) / np.maximum(n, 1)
    held = int((n > 0).sum())
    if held < 2 or len(residual) <= held:
        return np.zeros(size)
    within = ((residual - mean[stratum]) ** 2).sum() / (len(residual) - held)
    centre = residual.mean()
    effective = len(residual) - (n**2).sum() / len(residual)
    between = ((n * (mean - centre) ** 2)[n > 0].sum() - (held - 1) * within) / effective
    if between <= 0:
        return np.zeros(size)
    return n * between / (n * between + within) * (mean - centre)

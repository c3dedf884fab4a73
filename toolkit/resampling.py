"""Draws of clusters with replacement, and the intervals that come of them."""

from __future__ import annotations

from typing import Any

import numpy as np

from toolkit.errors import InputError

__all__ = ["FEWEST_DRAWS", "check_level", "cluster_draws", "cluster_sums", "drawn_sums", "percentiles"]

FEWEST_DRAWS = 100
"""Of fewer draws there are no percentiles to speak of."""


def check_level(level: float) -> float:
    """`level` itself, where it lies between 0 and 1."""
    if not (isinstance(level, int | float) and 0 < level < 1):
        raise InputError(f"level is {level!r}; expected a number between 0 and 1, such as 0.95")
    return float(level)


def cluster_draws(clusters: int, draws: int, seed: Any) -> np.ndarray:
    """How often each cluster is drawn, when as many are drawn with replacement as there are.

    Parameters
    ----------
    clusters : int
        At least 1.
    draws : int
        At least 100.
    seed : int or sequence of int

    Returns
    -------
    numpy.ndarray of float, shape (draws, clusters)
        Whole numbers; each row adds up to `clusters`.

    References
    ----------
    Davison, Hinkley: Bootstrap Methods and their Application. 1997, section 3.8.

    Examples
    --------
    >>> cluster_draws(3, 100, seed=1).sum(axis=1).tolist() == [3] * 100
    True
    """
    if not isinstance(draws, int) or draws < FEWEST_DRAWS:
        raise InputError(f"draws is {draws!r}; expected a whole number of at least {FEWEST_DRAWS}")
    return np.random.default_rng(seed).multinomial(clusters, np.full(clusters, 1 / clusters), size=draws).astype(float)


def cluster_sums(values: np.ndarray, cluster: np.ndarray, clusters: int) -> np.ndarray:
    """The sums of rows over clusters.

    Parameters
    ----------
    values : numpy.ndarray, shape (rows, ...)
    cluster : numpy.ndarray of int, shape (rows,)
        From 0 on.
    clusters : int

    Returns
    -------
    numpy.ndarray of float, shape (clusters, ...)

    Examples
    --------
    >>> cluster_sums(np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]), np.array([1, 0, 1]), 2).tolist()
    [[3.0, 4.0], [6.0, 8.0]]
    """
    flat = np.asarray(values, dtype=float).reshape(len(values), -1)
    sums = [np.bincount(cluster, column, clusters) for column in flat.T]
    return np.array(sums).T.reshape(clusters, *values.shape[1:])


def drawn_sums(values: np.ndarray, cluster: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """The sums of rows in every draw of clusters.

    Parameters
    ----------
    values : numpy.ndarray, shape (rows, ...)
    cluster : numpy.ndarray of int, shape (rows,)
        The column of `weights` to which each row belongs.
    weights : numpy.ndarray of float, shape (draws, clusters)
        What :func:`cluster_draws` gives.

    Returns
    -------
    numpy.ndarray of float, shape (draws, ...)

    Examples
    --------
    >>> drawn_sums(np.array([1.0, 2.0, 4.0]), np.array([0, 0, 1]), np.array([[2.0, 0.0], [1.0, 1.0]])).tolist()
    [6.0, 7.0]
    """
    # Of a small group most clusters hold nothing, and a product with all of them would be mostly with zeros.
    present, place = np.unique(cluster, return_inverse=True)
    return np.tensordot(weights[:, present], cluster_sums(values, place, len(present)), 1)


def percentiles(sample: np.ndarray, level: float) -> tuple[float, float]:
    """The percentile interval of resampled values; draws in which the value is undefined are left out.

    Examples
    --------
    >>> percentiles(np.array([0.0, 1.0, 2.0, 3.0, 4.0, np.nan]), 0.5)
    (1.0, 3.0)
    """
    kept = sample[~np.isnan(sample)]
    if not len(kept):
        return float("nan"), float("nan")
    low, high = np.quantile(kept, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)

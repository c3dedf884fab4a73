"""Design-based corrections (DSL): a machine's labels, corrected by gold of mentions drawn with known probability.

Egami, Hinck, Stewart, Wei (2023), "Using imperfect surrogates for downstream inference: design-based supervised
learning for social science applications of large language models", NeurIPS, arXiv 2306.04746.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from toolkit.errors import InputError

__all__ = ["Fit", "cluster_sums", "dsl_difference", "dsl_mean", "dsl_moment", "dsl_ols", "pseudo_outcome"]


@dataclass(frozen=True)
class Fit:
    """What a plain function estimates.

    Attributes
    ----------
    estimate, se : float or array of float, shape (k,)
        One number for a mean or a difference, else one for each column of X.
    covariance : array of float, shape (k, k)
        Of the estimates; (1, 1) for a mean.
    lam : float or None
        The weight of the machine's labels, from 0 (gold alone) to 1; None where there is none to choose.
    """

    estimate: Any
    se: Any
    covariance: np.ndarray
    lam: float | None = None

    @classmethod
    def of(cls, estimate: Any, covariance: Any, lam: float | None = None) -> Fit:
        """From an estimate and its variance or covariance."""
        if np.ndim(estimate) == 0:
            return cls(float(estimate), float(np.sqrt(covariance)), np.array([[covariance]], dtype=float), lam)
        return cls(np.asarray(estimate), np.sqrt(np.diag(covariance)), np.asarray(covariance), lam)


def pseudo_outcome(y: Any, proxy: Any, sampled: Any, probability: Any) -> np.ndarray:
    r"""The outcome that is right on average, whatever the machine's errors: :math:`g + (S/\pi)(Y - g)`.

    Parameters
    ----------
    y : array of float, shape (n,)
        Gold; read only where `sampled`.
    proxy : array of float, shape (n,)
        The machine's guess, recalibrated on gold of other stories at best.
    sampled : array of bool, shape (n,)
        Which rows have gold.
    probability : float or array of float, shape (n,)
        That of being drawn, known by design, above 0 and at most 1.

    Returns
    -------
    array of float, shape (n,)
        It may leave the range of `y`.

    Raises
    ------
    InputError
        Lengths differ, a probability is not above 0 and at most 1, or a value that is needed is missing.

    Examples
    --------
    >>> pseudo_outcome([1, 0], [0.5, 0.5], [True, False], 0.5).tolist()
    [1.5, 0.5]
    """
    y, proxy, sampled, probability = _checked(y, proxy, sampled, probability)
    return proxy + np.where(sampled, (np.where(sampled, y, 0.0) - proxy) / probability, 0.0)


def dsl_mean(y: Any, proxy: Any, sampled: Any, probability: Any, clusters: Any = None) -> Fit:
    r"""The corrected mean.

    Parameters
    ----------
    y, proxy, sampled, probability
        As for :func:`pseudo_outcome`.
    clusters : array, shape (n,), optional
        What is independent of one another, as stories are; rows by default.

    Returns
    -------
    Fit
        The standard error is :math:`\frac1M \sqrt{\sum_c [\sum_{i \in c} (\tilde Y_i - \hat\theta)]^2}`; no factor for
        small samples.

    Raises
    ------
    InputError
        As for :func:`pseudo_outcome`.

    Examples
    --------
    >>> fit = dsl_mean([1, 0, 0, 0], [0.5, 0.5, 0.5, 0.1], [True, True, False, False], 0.5)
    >>> round(fit.estimate, 3), round(fit.se, 3)
    (0.4, 0.364)
    """
    value = pseudo_outcome(y, proxy, sampled, probability)
    error = cluster_sums(value - value.mean(), clusters) / len(value)
    return Fit.of(value.mean(), (error**2).sum())


def dsl_difference(y: Any, proxy: Any, sampled: Any, probability: Any, group: Any, clusters: Any = None) -> Fit:
    """The corrected mean where `group` is true minus that where it is false.

    Parameters
    ----------
    y, proxy, sampled, probability, clusters
        As for :func:`dsl_mean`. A cluster with rows in both groups counts once, with its difference.
    group : array of bool, shape (n,)
        The two groups to compare.

    Returns
    -------
    Fit

    Raises
    ------
    InputError
        A group is empty, or as for :func:`pseudo_outcome`.

    Examples
    --------
    >>> group = [True, True, False, False]
    >>> dsl_difference([1, 0, 0, 1], [0.5, 0.5, 0.5, 0.25], [True, False, False, True], 0.5, group).estimate
    -0.125
    """
    value = pseudo_outcome(y, proxy, sampled, probability)
    inside = np.asarray(group, dtype=bool)
    if inside.shape != value.shape or inside.all() or not inside.any():
        raise InputError(f"group holds {int(inside.sum())} of {len(value)} rows; expected some in each of two groups")
    means = value[inside].mean(), value[~inside].mean()
    error = np.where(inside, (value - means[0]) / inside.sum(), -(value - means[1]) / (~inside).sum())
    return Fit.of(means[0] - means[1], (cluster_sums(error, clusters) ** 2).sum())


def dsl_ols(X: Any, y: Any, proxy: Any, sampled: Any, probability: Any, clusters: Any = None) -> Fit:
    """Least squares with the corrected label as the outcome.

    Parameters
    ----------
    X : array of float, shape (n, k)
        Known for every row; put a column of ones in for a constant.
    y, proxy, sampled, probability, clusters
        As for :func:`dsl_mean`.

    Returns
    -------
    Fit
        With the sandwich covariance, clustered, without a factor for small samples.

    Raises
    ------
    InputError
        A column of X follows from the others, or as for :func:`pseudo_outcome`.

    Examples
    --------
    >>> X = np.column_stack([np.ones(4), [0, 0, 1, 1]])
    >>> dsl_ols(X, [0, 1, 1, 1], [0, 0.5, 1, 0.5], [False, True, False, True], 0.5).estimate.round(3).tolist()
    [0.75, 0.5]
    """
    value = pseudo_outcome(y, proxy, sampled, probability)
    X = _matrix(X, len(value))
    bread = _inverse(X.T @ X)
    coefficients = bread @ (X.T @ value)
    score = cluster_sums(X * (value - X @ coefficients)[:, None], clusters)
    return Fit.of(coefficients, bread @ (score.T @ score) @ bread)


def dsl_moment(
    X: Any, y: Any, X_proxy: Any, y_proxy: Any, sampled: Any, probability: Any, *, model: str = "linear",
    clusters: Any = None, weights: Any = None,
) -> Fit:  # fmt: skip
    r"""A regression in which labels stand on the right-hand side, or a logit.

    Parameters
    ----------
    X, X_proxy : array of float, shape (n, k)
        The columns with gold labels (read only where `sampled`), and with the machine's in their place.
    y, y_proxy : array of float, shape (n,)
        The outcome, likewise; give the same twice where it is known for all.
    sampled, probability, clusters
        As for :func:`dsl_mean`.
    model : {"linear", "logit"}
        The moment: :math:`x (y - x'b)` or :math:`x (y - \mathrm{expit}(x'b))`.
    weights : array of float, shape (n,), optional
        How much each row counts, as one over the mentions of its story; ones by default.

    Returns
    -------
    Fit
        The solution of :math:`\sum_i \hat m_i + (S_i/\pi_i)(m_i - \hat m_i) = 0`, with the clustered sandwich
        covariance.

    Raises
    ------
    InputError
        The model is unknown, the moments have no single solution, or as for :func:`pseudo_outcome`.

    Examples
    --------
    >>> x, y = np.array([0.0, 1, 0, 1]), np.array([0.0, 1, 1, 2])
    >>> X = np.column_stack([np.ones(4), x])
    >>> dsl_moment(X, y, X, y, [True, False, True, False], 0.5).estimate.round(3).tolist()
    [0.5, 1.0]
    """
    if model not in ("linear", "logit"):
        raise InputError(f"unknown model {model!r}; expected linear or logit")
    X_hat, n = _matrix(X_proxy, len(np.atleast_1d(y_proxy))), len(np.atleast_1d(y_proxy))
    y, y_hat, S, pi = _checked(y, y_proxy, sampled, probability)
    X = np.where(S[:, None], np.asarray(X, dtype=float), 0.0)
    if not np.isfinite(X).all():
        raise InputError("a row of X with gold has a missing value; fill it in or mark the row as not sampled")
    v = np.ones(n) if weights is None else np.asarray(weights, dtype=float)
    y, w, left = np.where(S, y, 0.0), np.where(S, v / pi, 0.0), v - np.where(S, v / pi, 0.0)
    b = np.zeros(X.shape[1])
    for _ in range(100):
        moment, slope = _moments(X, y, w, b, model)
        moment_hat, slope_hat = _moments(X_hat, y_hat, left, b, model)
        total = moment + moment_hat
        step = _inverse(slope + slope_hat) @ total.sum(axis=0)
        b = b + step
        if np.abs(step).max() < 1e-12 * max(1.0, np.abs(b).max()):
            break
    else:
        raise InputError("the moments have no solution that can be found: too little gold, or a label that is too rare")
    moment, slope = _moments(X, y, w, b, model)
    moment_hat, slope_hat = _moments(X_hat, y_hat, left, b, model)
    bread, score = _inverse(slope + slope_hat), cluster_sums(moment + moment_hat, clusters)
    assert len(moment) == n
    return Fit.of(b, bread @ (score.T @ score) @ bread.T)


def _moments(X: np.ndarray, y: np.ndarray, w: np.ndarray, b: np.ndarray, model: str) -> tuple[np.ndarray, np.ndarray]:
    """Each row's moment times its weight, and minus the derivative of their sum."""
    from scipy.special import expit

    mean = X @ b if model == "linear" else expit(X @ b)
    slope = w if model == "linear" else w * mean * (1 - mean)
    return X * (w * (y - mean))[:, None], X.T @ (X * slope[:, None])


def cluster_sums(values: np.ndarray, clusters: Any = None) -> np.ndarray:
    """The sums of rows that belong together; the rows themselves without clusters.

    Examples
    --------
    >>> cluster_sums(np.array([1.0, 2.0, 4.0]), ["a", "b", "a"]).tolist()
    [5.0, 2.0]
    """
    if clusters is None:
        return values
    codes = np.unique(np.asarray(clusters), return_inverse=True)[1].ravel()
    if len(codes) != len(values):
        raise InputError(f"{len(codes)} clusters for {len(values)} rows; expected one for each")
    if values.ndim == 1:
        return np.bincount(codes, values)
    return np.column_stack([np.bincount(codes, column) for column in values.T])


def _checked(y: Any, proxy: Any, sampled: Any, probability: Any) -> tuple[np.ndarray, ...]:
    """All four as arrays of one length, checked."""
    proxy = np.asarray(proxy, dtype=float)
    y, sampled = np.asarray(y, dtype=float), np.asarray(sampled, dtype=bool)
    if proxy.ndim != 1 or not len(proxy) or y.shape != proxy.shape or sampled.shape != proxy.shape:
        shapes = f"{y.shape}, {proxy.shape} and {sampled.shape}"
        raise InputError(f"y, proxy and sampled have the shapes {shapes}; expected one value a row in each")
    probability = np.broadcast_to(np.asarray(probability, dtype=float), proxy.shape)
    bad = ~((probability > 0) & (probability <= 1))
    if bad.any():
        raise InputError(
            f"a probability of being drawn is {probability[bad][0]:g}; expected above 0 and at most 1: a mention that "
            "cannot be drawn has no place in the frame"
        )
    if not np.isfinite(proxy).all() or not np.isfinite(y[sampled]).all():
        raise InputError("a proxy, or the gold of a sampled row, is missing; leave such rows out before")
    return y, proxy, sampled, probability


def _matrix(X: Any, n: int) -> np.ndarray:
    X = np.asarray(X, dtype=float)
    if X.ndim != 2 or len(X) != n or not np.isfinite(X).all():
        raise InputError(f"X has the shape {X.shape}; expected {n} rows, one column a covariate, and no missing value")
    return X


def _inverse(A: np.ndarray) -> np.ndarray:
    if not np.isfinite(A).all() or np.linalg.matrix_rank(A, hermitian=True) < len(A):
        raise InputError("a column of X follows from the others (or varies in no row with gold); leave it out")
    return np.linalg.inv(A)

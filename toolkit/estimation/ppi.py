"""Prediction-powered inference (PPI++): gold drawn with equal probability, and the machine's labels of the rest.

Angelopoulos, Duchi, Zrnic (2023), "PPI++: efficient prediction-powered inference", arXiv 2311.01453.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from toolkit.errors import InputError
from toolkit.estimation.dsl import Fit, _checked, _inverse, _matrix, cluster_sums

__all__ = ["ppi_mean", "ppi_ols"]


def ppi_mean(y: Any, proxy: Any, sampled: Any, *, lam: float | None = None, clusters: Any = None) -> Fit:
    r"""The mean by PPI++.

    Parameters
    ----------
    y : array of float, shape (n,)
        Gold; read only where `sampled`.
    proxy : array of float, shape (n,)
        The machine's guess; it must not have learned from this gold.
    sampled : array of bool, shape (n,)
        Which rows have gold: two at least, and not all, drawn with equal probability.
    lam : float, optional
        The weight of the machine's labels, from 0 (gold alone) to 1 (plain PPI); by default the one with the least
        variance, clipped to that range.
    clusters : array, shape (n,), optional
        What is independent of one another, as stories are; rows by default. A cluster may have rows with gold and
        without.

    Returns
    -------
    Fit

    Raises
    ------
    InputError
        Lengths differ, a value is missing, or fewer than two rows have gold or lack it.

    Notes
    -----
    :math:`\hat\theta = \bar Y_n + \lambda(\bar f_N - \bar f_n)`,
    :math:`\lambda^* = \mathrm{Cov}_n(Y, f) / ((1 + n/N) \mathrm{Var}(f))`; without clusters the variance is
    :math:`\mathrm{Var}_n(Y - \lambda f)/n + \lambda^2 \mathrm{Var}_N(f)/N`.

    Examples
    --------
    >>> fit = ppi_mean([1, 0, 1, 0, 0, 0], [0.9, 0.2, 0.7, 0.1, 0.5, 0.8], [True, True, True, False, False, False])
    >>> round(fit.estimate, 3), round(fit.lam, 2)
    (0.583, 0.62)
    """
    y, f, S = _both(y, proxy, sampled)
    n, N = int(S.sum()), int((~S).sum())
    if lam is None:
        spread = f.var(ddof=1)
        best = float(np.cov(y[S], f[S], ddof=0)[0, 1]) / ((1 + n / N) * spread) if spread > 0 else 0.0
        lam = float(np.clip(best, 0, 1))
    left = np.where(S, y - lam * f, 0.0)
    gold, rest = left[S].mean(), lam * f[~S].mean()
    error = np.where(S, (left - gold) / n, (lam * f - rest) / N)
    return Fit.of(gold + rest, (cluster_sums(error, clusters) ** 2).sum(), lam)


def ppi_ols(X: Any, y: Any, proxy: Any, sampled: Any, *, lam: float | None = None, clusters: Any = None) -> Fit:
    """Least squares by PPI++, with the label as the outcome.

    Parameters
    ----------
    X : array of float, shape (n, k)
        Known for every row; put a column of ones in for a constant.
    y, proxy, sampled, lam, clusters
        As for :func:`ppi_mean`; by default the `lam` with the least sum of variances of the coefficients.

    Returns
    -------
    Fit

    Raises
    ------
    InputError
        A column of X follows from the others, or as for :func:`ppi_mean`.

    Notes
    -----
    Without clusters the two covariances divide by their number less one, and with `lam` = 0 the Hessian is that of the
    rows with gold: both as in the authors' package.

    Examples
    --------
    >>> X = np.column_stack([np.ones(6), [0, 1, 0, 1, 0, 1]])
    >>> ppi_ols(X, [0, 1, 1, 2, 0, 0], [0, 1, 0.5, 2, 0, 1], [True] * 4 + [False] * 2, lam=0).estimate.round(2).tolist()
    [0.5, 1.0]
    """
    y, f, S = _both(y, proxy, sampled)
    X, n, N = _matrix(X, len(f)), int(S.sum()), int((~S).sum())
    bread = _inverse(X.T @ X / len(X))
    plain, guessed, rest = (_least_squares(X[m], v[m]) for m, v in ((S, y), (S, f), (~S, f)))
    if lam is None:
        lam = _tune(X, y, f, S, bread, plain - guessed + rest)
    b = lam * rest + plain - lam * guessed
    if lam == 0:
        bread = _inverse(X[S].T @ X[S] / n)  # gold alone does not know the other rows
    # Each row's share in the error: its own moment less the mean of its part, over the size of the part.
    moment = np.where(S[:, None], X * (X @ b - np.where(S, y, 0.0))[:, None], 0.0)
    machine = lam * X * (X @ b - f)[:, None]
    gold_part, rest_part = (moment - machine)[S], machine[~S]
    error = np.empty_like(X)
    error[S] = (gold_part - gold_part.mean(axis=0)) / n
    error[~S] = (rest_part - rest_part.mean(axis=0)) / N
    if clusters is None:
        error[S] *= np.sqrt(n / (n - 1))
        error[~S] *= np.sqrt(N / (N - 1))
    score = cluster_sums(error, clusters)
    return Fit.of(b, bread @ (score.T @ score) @ bread, lam)


def _tune(X: np.ndarray, y: np.ndarray, f: np.ndarray, S: np.ndarray, bread: np.ndarray, b: np.ndarray) -> float:
    """The weight that makes the sum of the variances least, were rows independent."""
    n, N = int(S.sum()), int((~S).sum())
    moment, machine = X[S] * (X[S] @ b - y[S])[:, None], X * (X @ b - f)[:, None]
    joint = (moment - moment.mean(axis=0)).T @ (machine[S] - machine[S].mean(axis=0)) / n
    below = 2 * (1 + n / N) * np.trace(bread @ np.cov(machine.T).reshape(bread.shape) @ bread)
    return float(np.clip(np.trace(bread @ (joint + joint.T) @ bread) / below, 0, 1)) if below > 0 else 0.0


def _least_squares(X: np.ndarray, y: np.ndarray) -> np.ndarray:
    return _inverse(X.T @ X) @ (X.T @ y)


def _both(y: Any, proxy: Any, sampled: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    y, f, S, _ = _checked(y, proxy, sampled, 1.0)
    if S.sum() < 2 or (~S).sum() < 2:
        raise InputError(
            f"{int(S.sum())} of {len(S)} rows have gold; PPI++ needs at least two with gold and two without"
        )
    return y, f, S

"""Least squares with errors clustered by story that are right with few stories."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from toolkit.errors import InputError, nearest
from toolkit.estimation.variance import TINY

__all__ = ["ERRORS", "LeastSquares", "cluster_ols", "gold_spread"]

ERRORS = {
    "CR2": "bias-reduced (Bell and McCaffrey), with Satterthwaite's degrees of freedom",
    "CR1": "CR0 times G/(G-1) (N-1)/(N-k), with G-1 degrees of freedom: what Stata and statsmodels print",
    "CR0": "the sandwich as it is, with G-1 degrees of freedom",
}
"""How the errors of a regression are clustered; G is the number of stories."""


@dataclass(frozen=True)
class LeastSquares:
    """A fit.

    Attributes
    ----------
    estimate, se, df : array of float, shape (k,)
        Coefficients, their standard errors and degrees of freedom of t.
    covariance : array of float, shape (k, k)
    n_clusters : int
        Stories that have weight.
    """

    estimate: np.ndarray
    se: np.ndarray
    df: np.ndarray
    covariance: np.ndarray
    n_clusters: int


def cluster_ols(
    X: Any, y: Any, clusters: Any, weights: Any = None, *, errors: str = "CR2", spread: Any = None
) -> LeastSquares:
    r"""Weighted least squares with the covariance clustered.

    Parameters
    ----------
    X : array of float, shape (n, k)
        Put a column of ones in for a constant.
    y : array of float, shape (n,)
        The outcome; for DSL the pseudo-outcome.
    clusters : array, shape (n,)
        What is independent of one another: the story of each row.
    weights : array of float, shape (n,), optional
        How much each row counts; rows of weight 0 are left out. Ones by default.
    errors : {"CR2", "CR1", "CR0"}
        See :data:`ERRORS`.
    spread : array of float, shape (n,), optional
        How much each row varies in the working model behind the degrees of freedom of CR2, relative to one over its
        weight; 1 by default. In DSL rows with gold vary more.

    Returns
    -------
    LeastSquares

    Raises
    ------
    InputError
        A column of X follows from the others, fewer than two clusters, or the errors are unknown.

    Notes
    -----
    With rows and outcome multiplied by the root of their weight, :math:`M = (X'X)^{-1}` and residuals r, the variance
    is :math:`M [\sum_s X_s' A_s r_s r_s' A_s X_s] M` with :math:`A_s = (I - X_s M X_s')^{-1/2}` for CR2 and the
    identity for CR0. Bell, McCaffrey (2002), Survey Methodology 28(2);
    Pustejovsky, Tipton (2018), Journal of Business & Economic Statistics 36(4).

    Examples
    --------
    >>> X = np.column_stack([np.ones(6), [0, 0, 0, 1, 1, 1]])
    >>> fit = cluster_ols(X, [0.1, 0.3, 0.2, 0.8, 0.9, 0.4], [1, 2, 3, 4, 5, 6])
    >>> fit.estimate.round(3).tolist(), fit.se.round(3).tolist(), fit.df.round(2).tolist()
    ([0.2, 0.5], [0.058, 0.163], [2.0, 4.0])
    """
    if errors not in ERRORS:
        raise InputError(f"unknown errors {errors!r}; {nearest(errors, ERRORS)}")
    X, y = np.asarray(X, dtype=float), np.asarray(y, dtype=float)
    w = np.ones(len(y)) if weights is None else np.asarray(weights, dtype=float)
    kept = w > 0
    root = np.sqrt(w[kept])
    X, y = X[kept] * root[:, None], y[kept] * root
    code = np.unique(np.asarray(clusters)[kept], return_inverse=True)[1].ravel()
    G, k = int(code.max()) + 1 if len(code) else 0, X.shape[1]
    if G < 2:
        raise InputError(f"{G} story has an outcome; expected at least two")
    if np.linalg.matrix_rank(X) < k:
        raise InputError("a column follows from the others (or varies in no row that counts); leave it out")
    M = np.linalg.inv(X.T @ X)
    b = M @ (X.T @ y)
    # Rows of a story stand together from here on.
    order = np.argsort(code, kind="stable")
    X, rest, starts = X[order], (y - X @ b)[order], np.searchsorted(code[order], np.arange(G))
    if errors != "CR2":
        score = np.add.reduceat(X * rest[:, None], starts, axis=0)
        factor = 1.0 if errors == "CR0" else G / (G - 1) * (len(y) - 1) / max(len(y) - k, 1)
        V = factor * M @ (score.T @ score) @ M
        return LeastSquares(b, np.sqrt(np.diag(V)), np.full(k, G - 1.0), V, G)
    vary = np.ones(len(y)) if spread is None else np.asarray(spread, dtype=float)[kept][order]
    B = _adjusted(X, starts, M)
    influence = np.add.reduceat(B * rest[:, None], starts, axis=0)
    V = influence.T @ influence
    return LeastSquares(b, np.sqrt(np.diag(V)), _satterthwaite(X, B, starts, M, vary), V, G)


def _adjusted(X: np.ndarray, starts: np.ndarray, M: np.ndarray) -> np.ndarray:
    r"""The rows of :math:`A_s X_s M`: by matrices of the size of a story, or of k where that is smaller."""
    k = len(M)
    value, vector = np.linalg.eigh(M)
    half = vector * np.sqrt(value) @ vector.T
    size, B = np.diff(np.append(starts, len(X))), np.empty_like(X)
    for m in np.unique(size):
        of = starts[size == m]
        step = max(1, 10_000_000 // int(m * max(m, k)))
        for first in range(0, len(of), step):
            rows = of[first : first + step, None] + np.arange(m)
            part = X[rows]
            if m <= k:
                B[rows] = _root(part @ M @ part.swapaxes(1, 2)) @ (part @ M)
            else:
                B[rows] = part @ (half @ _root(half @ (part.swapaxes(1, 2) @ part) @ half) @ half)
    return B


def _root(H: np.ndarray) -> np.ndarray:
    """The inverse square roots of I - H, shape (stories, m, m)."""
    sigma, V = np.linalg.eigh(H)
    left = 1 - np.clip(sigma, 0, 1)
    # A story that alone decides a coefficient has no residual in that direction (left is 0): it adds nothing there.
    return V * np.where(left > 1e-8, 1 / np.sqrt(np.maximum(left, TINY)), 0.0)[:, None, :] @ V.swapaxes(1, 2)


def _satterthwaite(X: np.ndarray, B: np.ndarray, starts: np.ndarray, M: np.ndarray, vary: np.ndarray) -> np.ndarray:
    r"""The degrees of freedom of each coefficient, :math:`(\mathrm{tr} P)^2 / \mathrm{tr} P^2`.

    :math:`P_{st} = p_s' \Phi p_t` with :math:`p_s = (I - X M X')_{\cdot s} b_s`, where :math:`b_s` is the column of
    :math:`A_s X_s M` of the coefficient, and :math:`\Phi` the working variance. P is diagonal but for a matrix of low
    rank, so it is never made.
    """
    from scipy.sparse import csr_array

    n, k = X.shape
    story = csr_array((np.ones(n), np.arange(n), np.append(starts, n)), shape=(len(starts), n))
    q, df = story @ (B**2 * vary[:, None]), np.empty(k)
    alike = bool((vary == 1).all())
    middle = M @ (X.T @ (X * vary[:, None])) @ M
    W = -M if alike else np.block([[np.zeros((k, k)), -np.eye(k)], [-np.eye(k), middle]])
    for j in range(k):
        g = story @ (X * B[:, j][:, None])
        # With rows that vary alike the three terms of low rank are one: -g M g'.
        F = g if alike else np.hstack([story @ (X * (B[:, j] * vary)[:, None]) @ M, g])
        extra, WF = ((F @ W) * F).sum(axis=1), W @ (F.T @ F)
        trace, squares = (q[:, j] + extra).sum(), (q[:, j] ** 2 + 2 * q[:, j] * extra).sum() + (WF * WF.T).sum()
        df[j] = trace**2 / squares if squares > TINY**2 else 1.0
    return np.maximum(df, 1.0)


def gold_spread(X: np.ndarray, y: np.ndarray, weights: np.ndarray, sampled: np.ndarray, p: np.ndarray) -> np.ndarray:
    r"""How much more rows with gold vary than the others, for the degrees of freedom of a DSL regression.

    Parameters
    ----------
    X : array of float, shape (n, k)
    y : array of float, shape (n,)
        The pseudo-outcome.
    weights : array of float, shape (n,)
    sampled : array of bool, shape (n,)
        Which rows have gold.
    p : array of float, shape (n,)
        The probability of having been drawn.

    Returns
    -------
    array of float, shape (n,)
        1, and more where there is gold: :math:`1 + \tau^2 / (\pi^2 s^2)`, with the mean squares of the residuals of the
        others, :math:`s^2`, and :math:`\tau^2 = \mathrm{mean}[\pi^2 (r^2 - s^2)]`. Ones where that cannot be told.
    """
    if sampled.all() or not sampled.any():
        return np.ones(len(y))
    root = np.sqrt(weights)
    squares = (y - X @ np.linalg.lstsq(X * root[:, None], y * root, rcond=None)[0]) ** 2
    base = float(np.average(squares[~sampled], weights=weights[~sampled]))
    extra = float((p[sampled] ** 2 * (squares[sampled] - base)).mean())
    spread = np.ones(len(y))
    if base > TINY and extra > 0:
        spread[sampled] += extra / (p[sampled] ** 2 * base)
    return spread

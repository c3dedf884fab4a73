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
    identity for CR0. :math:`X_s' A_s r_s` is found from k x k matrices alone: with the eigenvectors V and values
    :math:`\sigma^2` of :math:`M^{1/2} X_s'X_s M^{1/2}` it is
    :math:`M^{-1/2} V (1-\sigma^2)^{-1/2} V' M^{1/2} X_s' r_s`. Bell, McCaffrey (2002), Survey Methodology 28(2);
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
    score = _sums(X * (y - X @ b)[:, None], code, G)
    if errors != "CR2":
        factor = 1.0 if errors == "CR0" else G / (G - 1) * (len(y) - 1) / max(len(y) - k, 1)
        V = factor * M @ (score.T @ score) @ M
        return LeastSquares(b, np.sqrt(np.diag(V)), np.full(k, G - 1.0), V, G)
    vary = np.ones(len(y)) if spread is None else np.asarray(spread, dtype=float)[kept]
    return _bias_reduced(X, score, code, M, b, vary)


def _sums(values: np.ndarray, code: np.ndarray, size: int) -> np.ndarray:
    flat = values.reshape(len(values), -1)
    sums = np.column_stack([np.bincount(code, column, size) for column in flat.T])
    return sums.reshape(size, *values.shape[1:])


def _bias_reduced(
    X: np.ndarray, score: np.ndarray, code: np.ndarray, M: np.ndarray, b: np.ndarray, vary: np.ndarray
) -> LeastSquares:
    G = len(score)
    value, vector = np.linalg.eigh(M)
    half, back = vector * np.sqrt(value) @ vector.T, vector / np.sqrt(value) @ vector.T
    square = X[:, :, None] * X[:, None, :]
    gram = _sums(square, code, G)
    sigma, V = np.linalg.eigh(half @ gram @ half)
    left = 1 - np.clip(sigma, 0, 1)
    # A story that alone decides a coefficient has no residual in that direction (left is 0): it adds nothing there.
    turn = V * np.where(left > 1e-8, 1 / np.sqrt(np.maximum(left, TINY)), 0.0)[:, None, :] @ V.swapaxes(1, 2)
    adjusted = (back @ turn @ half @ score[:, :, None])[:, :, 0]
    covariance = M @ (adjusted.T @ adjusted) @ M
    df = _satterthwaite(half @ turn @ half, gram, _sums(square * vary[:, None, None], code, G), M)
    return LeastSquares(b, np.sqrt(np.diag(covariance)), df, covariance, G)


def _satterthwaite(H: np.ndarray, gram: np.ndarray, K: np.ndarray, M: np.ndarray) -> np.ndarray:
    r"""The degrees of freedom of each coefficient, :math:`(\mathrm{tr} P)^2 / \mathrm{tr} P^2`.

    :math:`P_{st} = p_s' \Phi p_t` with :math:`p_s = (I - X M X')_{\cdot s} X_s h_s`, where :math:`h_s` is the
    coefficient's column of H, K the sums of :math:`x x' \phi` by story, and :math:`\Phi` the working variance. P is
    diagonal but for a matrix of low rank, so it is never made.
    """
    middle = M @ K.sum(axis=0) @ M
    k = len(M)
    df = np.empty(k)
    W = np.block([[np.zeros((k, k)), -np.eye(k)], [-np.eye(k), middle]])
    for j in range(k):
        h = H[:, :, j]
        Kh = np.einsum("sij,sj->si", K, h)
        q = (h * Kh).sum(axis=1)
        F = np.hstack([Kh @ M, np.einsum("sij,sj->si", gram, h)])
        extra = ((F @ W) * F).sum(axis=1)
        trace, WF = (q + extra).sum(), W @ (F.T @ F)
        squares = (q**2).sum() + 2 * (q * extra).sum() + (WF * WF.T).sum()
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

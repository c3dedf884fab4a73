"""Coefficients of agreement, computed from sums over units, so that a resample costs one product of matrices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from toolkit.errors import InputError, nearest

__all__ = ["COEFFICIENTS", "METRICS", "UnitSums", "coefficient", "krippendorff_alpha", "unit_sums"]

METRICS = {"alpha": "nominal", "alpha_ordinal": "ordinal", "alpha_interval": "interval"}
COEFFICIENTS = ("percent", "alpha", "alpha_ordinal", "alpha_interval", "cohen", "fleiss", "ac1")
"""All but the first take chance off."""


@dataclass(frozen=True)
class UnitSums:
    """What the coefficients need of units, or of sums of units: all of it adds up.

    Attributes
    ----------
    coincidences : numpy.ndarray, shape (..., labels, labels)
        Ordered pairs of codes of different coders within a unit, over the number of its codes less one.
    agreed : numpy.ndarray, shape (...)
        The share of a unit's pairs of coders that agree.
    paired : numpy.ndarray, shape (...)
        1 for a unit that two coders or more have coded.
    shares : numpy.ndarray, shape (..., labels)
        The shares of the labels among a unit's codes.
    coded : numpy.ndarray, shape (...)
        1 for a unit with a code.
    crossed : numpy.ndarray, shape (..., labels, labels), or None
        Where there are two coders: the first one's label by the second one's.
    """

    coincidences: np.ndarray
    agreed: np.ndarray
    paired: np.ndarray
    shares: np.ndarray
    coded: np.ndarray
    crossed: np.ndarray | None = None

    def map(self, function: Any) -> UnitSums:
        """The same with a function (a sum, a product with weights) applied to every part."""
        return UnitSums(
            function(self.coincidences), function(self.agreed), function(self.paired), function(self.shares),
            function(self.coded), None if self.crossed is None else function(self.crossed),
        )  # fmt: skip


def unit_sums(codes: np.ndarray, labels: int) -> UnitSums:
    """What each unit adds to the coefficients.

    Parameters
    ----------
    codes : numpy.ndarray of int, shape (units, coders)
        The number of each label, from 0; -1 where a coder gave none.
    labels : int
        How many labels there are.

    Returns
    -------
    UnitSums
        One entry a unit.
    """
    counts = (codes[:, :, None] == np.arange(labels)).sum(axis=1).astype(float)
    of_unit = counts.sum(axis=1)
    pairs = counts[:, :, None] * counts[:, None, :] - counts[:, :, None] * np.eye(labels)
    coincidences = pairs / np.maximum(of_unit - 1, 1)[:, None, None]
    agreed = np.trace(coincidences, axis1=1, axis2=2) / np.maximum(of_unit, 1)
    crossed = None
    if codes.shape[1] == 2:
        hot = codes[:, :, None] == np.arange(labels)
        crossed = (hot[:, 0, :, None] & hot[:, 1, None, :]).astype(float)
    shares = counts / np.maximum(of_unit, 1)[:, None]
    return UnitSums(coincidences, agreed, (of_unit > 1).astype(float), shares, (of_unit > 0).astype(float), crossed)


def coefficient(name: str, sums: UnitSums, values: Sequence[float] | None = None) -> np.ndarray:
    """A coefficient from sums over units.

    Parameters
    ----------
    name : str
        One of :data:`COEFFICIENTS`.
    sums : UnitSums
        Summed over units; leading dimensions (resamples) are kept.
    values : sequence of float, shape (labels,), optional
        The labels' numbers, for `alpha_interval`; by default 0, 1, ...

    Returns
    -------
    numpy.ndarray, shape (...)
        Missing where it is not defined: no pair of codes, or only one label where chance is taken off.

    References
    ----------
    Krippendorff: Content Analysis, 4th ed. 2019, chapter 12 (alpha). Cohen: A coefficient of agreement for nominal
    scales. Educational and Psychological Measurement 20, 1960. Fleiss: Measuring nominal scale agreement among many
    raters. Psychological Bulletin 76, 1971. Gwet: Computing inter-rater reliability and its variance in the presence of
    high agreement. British Journal of Mathematical and Statistical Psychology 61, 2008 (AC1), and, for units coded by
    some coders only, Gwet: Handbook of Inter-Rater Reliability, 4th ed. 2014.
    """
    if name in METRICS:
        return _alpha(sums.coincidences, METRICS[name], values)
    if name == "cohen":
        if sums.crossed is None:
            return np.full(sums.paired.shape, np.nan)
        n = sums.crossed.sum(axis=(-2, -1))
        seen = _over(np.trace(sums.crossed, axis1=-2, axis2=-1), n)
        first, second = sums.crossed.sum(axis=-1), sums.crossed.sum(axis=-2)
        return _beyond_chance(seen, _over((first * second).sum(axis=-1), n**2), several=_several(first + second))
    seen = _over(sums.agreed, sums.paired)
    if name == "percent":
        return seen
    share = _over(sums.shares, sums.coded[..., None])
    if name == "fleiss":
        return _beyond_chance(seen, (share**2).sum(axis=-1), several=_several(sums.shares))
    chance = (share * (1 - share)).sum(axis=-1) / max(share.shape[-1] - 1, 1)
    return _beyond_chance(seen, chance, several=_several(sums.shares))


def krippendorff_alpha(codes: Any, *, metric: str = "nominal", values: Sequence[float] | None = None) -> float:
    """Krippendorff's alpha of a matrix of codes.

    Parameters
    ----------
    codes : array-like of int, shape (units, coders)
        Whole numbers from 0 for the labels in their order; -1 where a coder gave none.
    metric : {"nominal", "ordinal", "interval"}
    values : sequence of float, optional
        The numbers that the labels stand for, for "interval"; by default the codes themselves.

    Returns
    -------
    float
        At most 1; 0 is what chance gives. Missing where no unit has two codes, or all codes are the same.

    Raises
    ------
    InputError
        The codes are no matrix of whole numbers, or the metric is unknown.

    References
    ----------
    Krippendorff: Computing Krippendorff's alpha-reliability. 2011, whose example this is.

    Examples
    --------
    >>> codes = [[1, 1, -1, 1], [2, 2, 3, 2], [3, 3, 3, 3], [3, 3, 3, 3], [2, 2, 2, 2], [1, 2, 3, 4], [4, 4, 4, 4],
    ...          [1, 1, 2, 1], [2, 2, 2, 2], [-1, 5, 5, 5], [-1, -1, 1, 1], [-1, 3, -1, -1]]
    >>> round(krippendorff_alpha(codes), 3), round(krippendorff_alpha(codes, metric="ordinal"), 3)
    (0.743, 0.815)
    """
    table = np.asarray(codes)
    if table.ndim != 2 or not np.issubdtype(table.dtype, np.integer) or (table.size and table.min() < -1):
        raise InputError("codes must be a table (units, coders) of whole numbers from 0; -1 where a coder gave none")
    if metric not in METRICS.values():
        raise InputError(f"unknown metric {metric!r}; {nearest(metric, METRICS.values())}")
    labels = int(table.max(initial=0)) + 1
    if values is not None and len(values) < labels:
        raise InputError(f"{len(values)} values for {labels} labels; expected one for each label")
    sums = unit_sums(table, labels).map(lambda part: part.sum(axis=0))
    return float(_alpha(sums.coincidences, metric, None if values is None else values[:labels]))


def _alpha(coincidences: np.ndarray, metric: str, values: Sequence[float] | None) -> np.ndarray:
    n_c = coincidences.sum(axis=-1)
    n = n_c.sum(axis=-1)
    distance = _distance(n_c, metric, values)
    seen = _over((coincidences * distance).sum(axis=(-2, -1)), n)
    expected = _over((n_c[..., :, None] * n_c[..., None, :] * distance).sum(axis=(-2, -1)), n * (n - 1))
    return np.where(_several(n_c), 1 - _over(seen, expected), np.nan)


def _distance(n_c: np.ndarray, metric: str, values: Sequence[float] | None) -> np.ndarray:
    labels = n_c.shape[-1]
    if metric == "nominal":
        return 1.0 - np.eye(labels)
    if metric == "ordinal":
        # The codes between two labels, with half of either's own: differences of the labels' mean ranks.
        place = np.cumsum(n_c, axis=-1) - n_c / 2
    else:
        place = np.arange(labels, dtype=float) if values is None else np.asarray(values, dtype=float)
    return (place[..., :, None] - place[..., None, :]) ** 2


def _several(counts: np.ndarray) -> np.ndarray:
    """Whether two labels occur."""
    return (counts > 0).sum(axis=-1) > 1


def _beyond_chance(seen: np.ndarray, chance: np.ndarray, *, several: np.ndarray) -> np.ndarray:
    return np.where(several, _over(seen - chance, 1 - chance), np.nan)


def _over(part: Any, whole: Any) -> np.ndarray:
    part, whole = np.broadcast_arrays(np.asarray(part, dtype=float), np.asarray(whole, dtype=float))
    return np.divide(part, whole, out=np.full(part.shape, np.nan), where=whole != 0)

"""How good a classifier's labels are: precision, recall and F1 of each."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from toolkit.errors import InputError, nearest

__all__ = ["accuracy", "macro_f1"]


def accuracy(gold: Sequence[str], predicted: Sequence[str], labels: Sequence[str] | None = None) -> pd.DataFrame:
    """Precision, recall and F1 of each label.

    With TP, FP, FN the right, the false and the missed predictions of a label: precision = TP / (TP + FP),
    recall = TP / (TP + FN), F1 = 2 TP / (2 TP + FP + FN).

    Parameters
    ----------
    gold, predicted : sequence of str, shape (n,)
        Labels in the same order.
    labels : sequence of str, optional
        The labels, in the order of the rows; by default those that occur, sorted.

    Returns
    -------
    pandas.DataFrame
        One row for each label: `label, n` (gold), `predicted` (count), `precision`, `recall`, `f1`. What cannot be
        divided is missing: precision of a label never predicted, recall of one that gold lacks, F1 where both hold.

    Raises
    ------
    InputError
        Lengths differ, nothing is given, a value is missing, or a label is not among `labels`.

    References
    ----------
    van Rijsbergen: Information Retrieval. 1979.

    Examples
    --------
    >>> accuracy(["a", "a", "b"], ["a", "b", "b"]).round(2)
      label  n  predicted  precision  recall    f1
    0     a  2          1        1.0     0.5  0.67
    1     b  1          2        0.5     1.0  0.67
    """
    g, p = _aligned(gold, predicted)
    names = sorted({*g, *p}) if labels is None else list(labels)
    for label in [*g, *p]:
        if label not in names:
            raise InputError(f"the label {label!r} is not among those named; {nearest(label, names)}")
    rows = []
    for label in names:
        right = int(((g == label) & (p == label)).sum())
        n, said = int((g == label).sum()), int((p == label).sum())
        rows.append((label, n, said, _ratio(right, said), _ratio(right, n), _ratio(2 * right, n + said)))
    return pd.DataFrame(rows, columns=["label", "n", "predicted", "precision", "recall", "f1"])


def macro_f1(gold: Sequence[str], predicted: Sequence[str], labels: Sequence[str] | None = None) -> float:
    """The mean of the labels' F1 (see :func:`accuracy`), from 0 to 1; a label that occurs nowhere is left out.

    This is the mean of F1 values, not the F1 of mean precision and mean recall, which can be larger.

    References
    ----------
    Opitz, Burst: Macro F1 and Macro F1. arXiv 1911.03347, 2019.

    Examples
    --------
    >>> round(macro_f1(["a", "a", "b"], ["a", "b", "b"]), 3)
    0.667
    """
    return float(accuracy(gold, predicted, labels)["f1"].mean())


def _aligned(gold: Sequence[str], predicted: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    g, p = np.asarray(gold, dtype=object), np.asarray(predicted, dtype=object)
    if g.shape != p.shape or g.ndim != 1:
        raise InputError(
            f"{len(g)} gold labels and {len(p)} predicted ones; expected as many of both, in the same order"
        )
    if not len(g):
        raise InputError("there are no labels to compare")
    for what, values in (("gold", g), ("predicted", p)):
        if pd.isna(values).any():
            raise InputError(f"{what} label number {int(pd.isna(values).argmax()) + 1} is missing; leave such rows out")
    return g, p


def _ratio(part: int, whole: int) -> float:
    return part / whole if whole else float("nan")

"""How good a classifier is: accuracy by class, calibration, and the swap audit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from toolkit.errors import InputError, nearest
from toolkit.tables import check_table

__all__ = ["accuracy", "brier_score", "calibration_error", "macro_f1", "swap_audit"]


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
        One row for each label: `label, n` (gold), `predicted` (count), `precision`, `recall`, `f1`. What cannot be divided is
        missing: precision of a label never predicted, recall of one that gold lacks, F1 where both hold.

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


def calibration_error(
    gold: Sequence[str], proba: np.ndarray, labels: Sequence[str], *, bins: int = 10
) -> float:
    """The expected calibration error (ECE), from 0 to 1.

    Predictions are put into `bins` bins of equal width by the probability of the label said (the largest). ECE is the sum
    over bins of (share of predictions in the bin) x |share of them that are right - their mean probability|.

    Parameters
    ----------
    gold : sequence of str, shape (n,)
    proba : array of float, shape (n, labels)
        Rows sum to 1.
    labels : sequence of str
        The labels of the columns.
    bins : int
        At least 1.

    References
    ----------
    Guo, Pleiss, Sun, Weinberger: On calibration of modern neural networks. ICML 2017.

    Examples
    --------
    >>> calibration_error(["a", "b"], [[0.75, 0.25], [0.75, 0.25]], ["a", "b"])
    0.25
    """
    g, p = _checked_proba(gold, proba, labels)
    if not isinstance(bins, int) or bins < 1:
        raise InputError(f"bins is {bins!r}; expected a whole number of at least 1")
    sure = p.max(axis=1)
    right = np.array(labels, dtype=object)[p.argmax(axis=1)] == g
    bin_of = np.clip(np.ceil(sure * bins).astype(int) - 1, 0, bins - 1)
    return float(sum(abs((right[bin_of == b] - sure[bin_of == b]).sum()) for b in range(bins)) / len(g))


def brier_score(gold: Sequence[str], proba: np.ndarray, labels: Sequence[str]) -> float:
    """The Brier score: mean over rows of the sum over labels of (probability - [label is right])^2, from 0 to 2.

    Always saying the true shares of k equally frequent labels gives 1 - 1/k.

    References
    ----------
    Brier: Verification of forecasts expressed in terms of probability. Monthly Weather Review 78, 1950.

    Examples
    --------
    >>> brier_score(["a"], [[0.5, 0.5]], ["a", "b"])
    0.5
    """
    g, p = _checked_proba(gold, proba, labels)
    return float(((p - (g[:, None] == np.array(labels, dtype=object)[None])) ** 2).sum(axis=1).mean())


def swap_audit(mentions: pd.DataFrame, classifier: Any, names: Sequence[str]) -> pd.DataFrame:
    """What a classifier says of the same sentences when the target bears another name.

    A tone that changes with the name is the classifier's, not the outlet's.

    Parameters
    ----------
    mentions : pandas.DataFrame
        Columns sentence, start, end.
    classifier : object
        Fitted, with `predict`.
    names : sequence of str
        Two different names or more, each put in every target's place.

    Returns
    -------
    pandas.DataFrame
        One row a name: `name`, `changed` (share of sentences whose label differs from the one under another name, mean over
        the other names) and `share_<label>` for each label of the classifier.

    References
    ----------
    Prabhakaran, Hutchinson, Mitchell: Perturbation sensitivity analysis. EMNLP 2019.

    Examples
    --------
    >>> import pandas as pd
    >>> from toolkit.classifiers import CLASSIFIERS
    >>> mentions = pd.DataFrame({"sentence": ["Ankara lied."], "start": [0], "end": [6]})
    >>> swap_audit(mentions, CLASSIFIERS["lexicon"](), ["Moscow", "Washington"])["changed"].tolist()
    [0.0, 0.0]
    """
    check_table(mentions, "targets")
    if isinstance(names, str) or len(set(names)) < 2 or not all(isinstance(n, str) and n.strip() for n in names):
        raise InputError(f"names is {names!r}; expected at least two different names to put in the target's place")
    if not len(mentions):
        raise InputError("there are no mentions to swap names in")
    said = {name: np.asarray(classifier.predict(_renamed(mentions, name))) for name in dict.fromkeys(names)}
    rows = []
    for name, labels in said.items():
        others = [float((labels != other).mean()) for key, other in said.items() if key != name]
        shares = {f"share_{label}": float((labels == label).mean()) for label in classifier.classes_}
        rows.append({"name": name, "changed": float(np.mean(others)), **shares})
    return pd.DataFrame(rows)


def _renamed(mentions: pd.DataFrame, name: str) -> pd.DataFrame:
    spans = zip(mentions["sentence"], mentions["start"], mentions["end"], strict=True)
    table = pd.DataFrame({"sentence": [s[:a] + name + s[b:] for s, a, b in spans]}, index=mentions.index)
    return table.assign(start=mentions["start"], end=mentions["start"] + len(name))


def _aligned(gold: Sequence[str], predicted: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    g, p = np.asarray(gold, dtype=object), np.asarray(predicted, dtype=object)
    if g.shape != p.shape or g.ndim != 1:
        raise InputError(f"{len(g)} gold labels and {len(p)} predicted ones; expected as many of both, in the same order")
    if not len(g):
        raise InputError("there are no labels to compare")
    for what, values in (("gold", g), ("predicted", p)):
        if pd.isna(values).any():
            raise InputError(f"{what} label number {int(pd.isna(values).argmax()) + 1} is missing; leave such rows out")
    return g, p


def _checked_proba(gold: Sequence[str], proba: Any, labels: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    g, p = np.asarray(gold, dtype=object), np.asarray(proba, dtype=float)
    if not len(g):
        raise InputError("there are no labels to compare")
    if p.shape != (len(g), len(labels)):
        raise InputError(f"probabilities of shape {p.shape}, expected {(len(g), len(labels))}: a row for each gold label")
    if not (np.isfinite(p).all() and (p >= 0).all() and np.allclose(p.sum(axis=1), 1, atol=1e-6)):
        raise InputError("probabilities must lie between 0 and 1 and sum to 1 in each row")
    for label in g:
        if label not in labels:
            raise InputError(f"the gold label {label!r} has no column; {nearest(label, labels)}")
    return g, p


def _ratio(part: int, whole: int) -> float:
    return part / whole if whole else float("nan")

"""Several classifiers on the same labelled mentions: accuracy with intervals, calibration, the swap audit, the cost."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from toolkit.classifiers import CLASSIFIERS
from toolkit.codebook import load_codebook, require_single
from toolkit.errors import InputError, nearest
from toolkit.evaluation import accuracy, calibration_error, grouped_folds, swap_audit
from toolkit.resampling import cluster_draws
from toolkit.scoring import is_ready, make_classifier
from toolkit.tables import check_table

__all__ = ["compare_classifiers"]

SWAPPED = ("Ankara", "Moscow", "Damascus", "Washington")
FEWEST = 2
"""Intervals resample groups: of one group there is nothing to resample."""


def compare_classifiers(
    labelled: pd.DataFrame,
    classifiers: Sequence[str] | Mapping[str, Any],
    *,
    task: str = "tone",
    group: str = "group",
    folds: int = 5,
    swap_names: Sequence[str] = SWAPPED,
    seed: int = 0,
    draws: int = 2000,
    level: float = 0.95,
    progress: Callable[[int, int], None] | None = None,
) -> pd.DataFrame:
    """Hold several classifiers against the same labelled mentions, on the same folds.

    Parameters
    ----------
    labelled : pandas.DataFrame
        Columns sentence, start, end, label, and `group`; :func:`toolkit.load_labelled` gives such tables.
    classifiers : sequence of str, or mapping of str to object
        Names of :data:`toolkit.CLASSIFIERS`, or a name of yours -> a classifier. What ships trained for the task, and
        what is fitted already, is used as it is; anything else is fitted on the other folds.
    task : str
        A task of the codebook.
    group : str
        The column with what belongs together: no group is in two folds, and intervals resample groups.
    folds : int
    swap_names : sequence of str
        Names that the swap audit puts in each target's place.
    seed : int
        Of folds, resampling, and classifiers that have a `random_state`.
    draws : int
        Resamples of groups behind each interval.
    level : float
        Between 0 and 1.
    progress : callable, optional
        Called with (classifiers done, classifiers).

    Returns
    -------
    pandas.DataFrame
        One row a classifier, in the order given: `classifier`, `trained` ("on the other folds" or "before"), `n`,
        `macro_f1` with `low` and `high`, `behind` (the best one's macro-F1 minus this one's) with `behind_low`,
        `behind_high` from the same resamples, `f1_<label>`, `calibration_error`, `swap_changed` (share of labels that
        change with the target's name, mean over pairs of names; of a fitted one in the first fold), and
        `mentions_per_second` when predicting. All but the last are the same on every run.

    Raises
    ------
    InputError
        A column or a label is missing or foreign, a classifier is unknown, groups are fewer than folds.

    Notes
    -----
    The interval is a percentile interval over draws of groups with replacement (a cluster bootstrap). It says how the
    figure would vary with other groups of the same kind, not how it would be on another kind of text.

    References
    ----------
    Efron, Tibshirani: An Introduction to the Bootstrap. 1993. Davison, Hinkley: Bootstrap Methods and their
    Application. 1997, section 3.8 (clusters).

    Examples
    --------
    >>> import pandas as pd
    >>> said = ["Ankara lied.", "Ankara kept its word.", "Ankara met Moscow."] * 4
    >>> labelled = pd.DataFrame({"sentence": said, "start": 0, "end": 6,
    ...     "label": ["negative", "positive", "neutral"] * 4, "group": [f"g{i // 3}" for i in range(12)]})
    >>> found = compare_classifiers(labelled, ["majority", "tfidf"], folds=2, draws=200)
    >>> found[["classifier", "trained", "macro_f1"]].round(2)
      classifier             trained  macro_f1
    0   majority  on the other folds      0.17
    1      tfidf  on the other folds      1.00
    """
    labels = _check(labelled, task, group)
    gold = labelled["label"].to_numpy(dtype=object)
    fold_of = grouped_folds(labelled[group].astype(str).tolist(), gold.tolist(), folds, seed)
    chosen = _classifiers(classifiers, task, seed)
    clusters = pd.factorize(labelled[group])[0]
    weights = _draws(int(clusters.max()) + 1, draws, seed)
    rows, resampled = [], []
    for done, (name, classifier) in enumerate(chosen.items(), 1):
        proba, swapped, seconds, trained = _predict(labelled, classifier, fold_of, labels, swap_names)
        said = [labels[i] for i in proba.argmax(axis=1)]
        scores = _macro_f1_of(_confusions(gold, said, clusters, labels), weights)
        resampled.append(scores)
        low, high = np.quantile(scores, [(1 - level) / 2, (1 + level) / 2])
        by_label = accuracy(list(gold), said, labels)["f1"]
        rows.append({
            "classifier": name, "trained": trained, "n": len(gold), "macro_f1": float(by_label.mean()),
            "low": low, "high": high, "behind": 0.0, "behind_low": 0.0, "behind_high": 0.0,
            **{f"f1_{label}": value for label, value in zip(labels, by_label, strict=True)},
            "calibration_error": calibration_error(list(gold), proba, labels), "swap_changed": swapped,
            "mentions_per_second": len(gold) / seconds,
        })  # fmt: skip
        if progress:
            progress(done, len(chosen))
    found = pd.DataFrame(rows)
    best = int(found["macro_f1"].argmax())
    for row, scores in enumerate(resampled):
        gap = resampled[best] - scores
        found.loc[row, "behind"] = found["macro_f1"][best] - found["macro_f1"][row]
        found.loc[row, ["behind_low", "behind_high"]] = np.quantile(gap, [(1 - level) / 2, (1 + level) / 2])
    return found


def _check(labelled: pd.DataFrame, task: str, group: str) -> list[str]:
    check_table(labelled, "targets")
    tasks = load_codebook()
    if task not in tasks:
        raise InputError(f"unknown task {task!r}; {nearest(task, tasks)}")
    for column in ("label", group):
        if column not in labelled.columns:
            raise InputError(f"the labelled table has no column {column!r}; {nearest(column, labelled.columns)}")
        if labelled[column].isna().any():
            raise InputError(f"row {labelled[column].isna().idxmax()}: {column!r} is missing; leave such rows out")
    labels = list(require_single(tasks[task], "a comparison").labels)
    for label in labelled["label"].unique():
        if label not in labels:
            raise InputError(f"the label {label!r} is none of the task {task!r}; {nearest(label, labels)}")
    return labels


def _classifiers(given: Sequence[str] | Mapping[str, Any], task: str, seed: int) -> dict[str, Any]:
    from sklearn.base import clone

    if isinstance(given, str) or not len(given):
        raise InputError(f"classifiers is {given!r}; expected a list of names, such as ['lexicon', 'tfidf']")
    chosen = {}
    for name in given:
        one = given[name] if isinstance(given, Mapping) else name
        if isinstance(one, str) and one in CLASSIFIERS and not is_ready(one, task):
            one = CLASSIFIERS[one]()
        elif isinstance(one, str) or hasattr(one, "classes_"):
            one = make_classifier(one, task)
        if not hasattr(one, "classes_") and "random_state" in one.get_params():
            one = clone(one).set_params(random_state=seed)
        chosen[str(name)] = one
    return chosen


def _predict(
    labelled: pd.DataFrame, classifier: Any, fold_of: np.ndarray, labels: list[str], names: Sequence[str]
) -> tuple[np.ndarray, float, float, str]:
    """Probabilities in the order of `labels`, share of swapped labels, seconds of predicting, how it was trained."""
    from sklearn.base import clone

    proba, seconds = np.zeros((len(labelled), len(labels))), 0.0
    before = hasattr(classifier, "classes_")
    swapped = swap_audit(labelled, classifier, names)["changed"].mean() if before else float("nan")
    for fold in range(int(fold_of.max()) + 1):
        held_out = np.flatnonzero(fold_of == fold)
        fitted = classifier
        if not before:
            rest = labelled[fold_of != fold]
            fitted = clone(classifier).fit(rest, rest["label"])
            if fold == 0:
                swapped = swap_audit(labelled.iloc[held_out], fitted, names)["changed"].mean()
        started = time.perf_counter()
        found = fitted.predict_proba(labelled.iloc[held_out])
        seconds += time.perf_counter() - started
        columns = np.array([labels.index(str(label)) for label in fitted.classes_])
        proba[held_out[:, None], columns] = found
    return proba, float(swapped), seconds, "before" if before else "on the other folds"


def _draws(groups: int, draws: int, seed: int) -> np.ndarray:
    """How often each group is drawn, shape (draws, groups)."""
    if groups < FEWEST:
        raise InputError(f"the labelled table has {groups} group; intervals resample groups, so give at least {FEWEST}")
    return cluster_draws(groups, draws, seed)


def _confusions(gold: np.ndarray, said: list[str], clusters: np.ndarray, labels: list[str]) -> np.ndarray:
    """Counts of gold x said for each cluster, shape (clusters, labels, labels)."""
    code = {label: i for i, label in enumerate(labels)}
    table = np.zeros((int(clusters.max()) + 1, len(labels), len(labels)))
    places = (clusters, np.array([code[g] for g in gold]), np.array([code[s] for s in said]))
    np.add.at(table, places, 1)
    return table


def _f1(confusion: np.ndarray) -> np.ndarray:
    """F1 of each label, shape (tables, labels); missing where a label is neither there nor said."""
    right = np.diagonal(confusion, axis1=1, axis2=2)
    total = confusion.sum(axis=1) + confusion.sum(axis=2)
    return np.divide(2 * right, total, out=np.full(right.shape, np.nan), where=total > 0)


def _macro_f1_of(by_cluster: np.ndarray, weights: np.ndarray) -> np.ndarray:
    return np.nanmean(_f1(np.tensordot(weights, by_cluster, axes=1)), axis=1)

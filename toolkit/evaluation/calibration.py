"""Whether probabilities mean what they say: calibration error, Brier score, and probabilities made honest."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from toolkit.codebook import load_codebook
from toolkit.errors import InputError, nearest
from toolkit.evaluation.folds import grouped_folds
from toolkit.evaluation.judged import Judged, join_gold, story_clusters
from toolkit.resampling import check_level, cluster_draws, drawn_sums, percentiles

__all__ = ["brier_score", "calibration_error", "cross_calibrate", "reliability"]

METHODS = ("temperature", "isotonic")
LEAST = 1e-12
"""No probability is taken to be smaller than this when its logarithm is needed."""


def calibration_error(gold: Sequence[str], proba: np.ndarray, labels: Sequence[str], *, bins: int = 10) -> float:
    """The expected calibration error (ECE), from 0 to 1.

    Predictions are put into `bins` bins of equal width by the probability of the label said (the largest). ECE is the
    sum over bins of (share of predictions in the bin) x |share of them that are right - their mean probability|.

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
    check_bins(bins)
    sure = p.max(axis=1)
    right = np.array(labels, dtype=object)[p.argmax(axis=1)] == g
    bin_of = bins_of(sure, bins)
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


def _checked_proba(gold: Sequence[str], proba: Any, labels: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    g, p = np.asarray(gold, dtype=object), np.asarray(proba, dtype=float)
    if not len(g):
        raise InputError("there are no labels to compare")
    if p.shape != (len(g), len(labels)):
        raise InputError(
            f"probabilities of shape {p.shape}, expected {(len(g), len(labels))}: a row for each gold label"
        )
    if not (np.isfinite(p).all() and (p >= 0).all() and np.allclose(p.sum(axis=1), 1, atol=1e-6)):
        raise InputError("probabilities must lie between 0 and 1 and sum to 1 in each row")
    for label in g:
        if label not in labels:
            raise InputError(f"the gold label {label!r} has no column; {nearest(label, labels)}")
    return g, p


def check_bins(bins: int) -> int:
    """`bins` itself, where it is a number of bins."""
    if not isinstance(bins, int) or bins < 1:
        raise InputError(f"bins is {bins!r}; expected a whole number of at least 1")
    return bins


def bins_of(probability: np.ndarray, bins: int) -> np.ndarray:
    """The bin of each probability, of `bins` equally wide ones that are closed above."""
    return np.clip(np.ceil(probability * bins).astype(int) - 1, 0, bins - 1)


def reliability(
    scored: pd.DataFrame,
    gold: pd.DataFrame,
    task: str = "tone",
    *,
    label: str | None = None,
    frame: pd.DataFrame | None = None,
    bins: int = 10,
    draws: int = 2000,
    level: float = 0.95,
    seed: int = 0,
) -> pd.DataFrame:
    """How often a classifier is right when it is so sure.

    Parameters
    ----------
    scored, gold, task, frame
        As for :func:`toolkit.accuracy_by`.
    label : str, optional
        Look at the probability of this label, and how often the gold is it; by default at the probability of the label
        said, and how often that is right.
    bins : int
        Of equal width, closed above.
    draws, level, seed
        Of the intervals, by resampling stories.

    Returns
    -------
    pandas.DataFrame
        One row for each bin that holds a mention: `task, label, bin_low, bin_high, probability` (mean), `share` (that
        are right) with `low, high`, `n, n_stories, weights, level, note`. No interval where the share is the same in
        all draws.

    References
    ----------
    Guo, Pleiss, Sun, Weinberger: On calibration of modern neural networks. ICML 2017.

    Examples
    --------
    >>> import pandas as pd
    >>> scored = pd.DataFrame({"mention_id": ["m1", "m2"], "story_id": ["s1", "s2"], "tone_pred": "negative",
    ...     "tone_p_negative": [0.75, 0.72], "tone_p_neutral": [0.25, 0.28], "tone_p_positive": 0.0})
    >>> gold = pd.DataFrame({"mention_id": ["m1", "m2"], "label": ["negative", "neutral"]})
    >>> reliability(scored, gold)[["bin_low", "bin_high", "probability", "share", "n"]].round(3).values.tolist()
    [[0.7, 0.8, 0.735, 0.5, 2.0]]
    """
    check_bins(bins)
    check_level(level)
    judged = join_gold(scored, gold, task, frame)
    proba = _proba_of(judged)
    if label is None:
        sure, right = proba.max(axis=1), proba.argmax(axis=1) == judged.gold
    elif label in judged.labels:
        number = judged.labels.index(label)
        sure, right = proba[:, number], judged.gold == number
    else:
        raise InputError(f"unknown label {label!r}; {nearest(label, judged.labels)}")
    story, stories = story_clusters(judged.rows)
    drawn = cluster_draws(stories, draws, seed)
    bin_of, rows = bins_of(sure, bins), []
    for b in np.unique(bin_of):
        of = bin_of == b
        parts = np.column_stack([judged.weight * right, judged.weight * sure, judged.weight])[of]
        good, said, n = parts.sum(axis=0)
        tops, _, ns = drawn_sums(parts, story[of], drawn).T
        low, high = percentiles(np.divide(tops, ns, out=np.full(len(ns), np.nan), where=ns > 0), level)
        n_stories, note = len(np.unique(story[of])), None
        if n_stories < 2 or good in (0, n):
            low = high = float("nan")
            note = "no interval: 1 story" if n_stories < 2 else f"no interval: {'all' if good else 'none'} right"
        rows.append((task, label, b / bins, (b + 1) / bins, said / n, good / n, low, high, int(of.sum()), n_stories,
                     judged.design, level, note))  # fmt: skip
    columns = ["task", "label", "bin_low", "bin_high", "probability", "share", "low", "high", "n", "n_stories",
               "weights", "level", "note"]  # fmt: skip
    return pd.DataFrame(rows, columns=columns).astype({"label": object, "note": object})


def cross_calibrate(
    scored: pd.DataFrame,
    gold: pd.DataFrame,
    task: str = "tone",
    *,
    method: str = "temperature",
    frame: pd.DataFrame | None = None,
    folds: int = 5,
    bins: int = 10,
    draws: int = 2000,
    level: float = 0.95,
    seed: int = 0,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Make probabilities mean what they say, fitted on gold of other stories.

    Parameters
    ----------
    scored, gold, task, frame
        As for :func:`toolkit.accuracy_by`.
    method : {"temperature", "isotonic"}
        "temperature": all logarithms of probabilities divided by one number; labels stay. "isotonic": a rising step
        function for each label, then divided by their sum; needs more gold (some hundred), and labels may change.
    folds : int
        From 2 to the number of stories with gold; no story is in two.
    bins : int
        Of the calibration error.
    draws, level, seed
        Of the intervals, by resampling stories; `seed` also of the folds.

    Returns
    -------
    calibrated : pandas.DataFrame
        `scored` with `<task>_p_<label>`, `<task>_pred` and, for ordered tasks, `<task>_score` anew. Mentions of a story
        with gold get what was fitted without that story, all others what was fitted on all gold.
    measures : pandas.DataFrame
        `task, method, measure` ("calibration_error", "brier_score", "log_loss"), `before, after` (out of fold),
        `change` with `low, high` from the same resamples, `level, n, n_stories, folds, weights`.

    Raises
    ------
    InputError
        As for :func:`toolkit.accuracy_by`; there are no probabilities, fewer stories than folds, or an unknown method.

    References
    ----------
    Guo, Pleiss, Sun, Weinberger: On calibration of modern neural networks. ICML 2017 (temperature). Zadrozny, Elkan:
    Transforming classifier scores into accurate multiclass probability estimates. KDD 2002 (isotonic).

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> scored = pd.DataFrame({"mention_id": [f"m{i}" for i in range(40)], "story_id": [f"s{i}" for i in range(40)],
    ...     "tone_pred": "negative", "tone_p_negative": 0.98, "tone_p_neutral": 0.01, "tone_p_positive": 0.01})
    >>> gold = pd.DataFrame({"mention_id": scored["mention_id"], "label": (["negative"] * 3 + ["neutral"]) * 10})
    >>> calibrated, measures = cross_calibrate(scored, gold, folds=4, draws=200)
    >>> bool(calibrated["tone_p_negative"].between(0.7, 0.8).all())
    True
    """
    if method not in METHODS:
        raise InputError(f"unknown method {method!r}; {nearest(method, METHODS)}")
    check_bins(bins)
    check_level(level)
    judged = join_gold(scored, gold, task, frame)
    before = _proba_of(judged)
    names = judged.rows["story_id"].astype(str)
    fold_of = grouped_folds(names.tolist(), [judged.labels[i] for i in judged.gold], folds, seed)
    columns = [f"{task}_p_{name}" for name in judged.labels]
    whole = scored[columns].to_numpy(dtype=float)
    fit = _fit_temperature if method == "temperature" else _fit_isotonic
    fitted = [fit(before[fold_of != f], judged.gold[fold_of != f], judged.weight[fold_of != f]) for f in range(folds)]
    last = fit(before, judged.gold, judged.weight)
    after = np.empty_like(before)
    new = last(whole)
    home = scored["story_id"].astype(str).map(dict(zip(names, fold_of, strict=True))).to_numpy(dtype=float)
    for f, change in enumerate(fitted):
        after[fold_of == f] = change(before[fold_of == f])
        new[home == f] = change(whole[home == f])
    calibrated = _with_probabilities(scored, task, judged.labels, new)
    return calibrated, _before_and_after(judged, before, after, method, bins, folds, draws, level, seed)


def _proba_of(judged: Judged) -> np.ndarray:
    if judged.proba is None or not np.isfinite(judged.proba).all():
        raise InputError(
            f"the scored mentions lack probabilities ({judged.task}_p_{judged.labels[0]}, ...), or have gaps in them: "
            f"score them with toolkit.score_mentions(mentions, task={judged.task!r})"
        )
    return judged.proba


def _softer(proba: np.ndarray, temperature: float) -> np.ndarray:
    logs = np.log(np.maximum(proba, LEAST)) / temperature
    powers = np.exp(logs - logs.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def _fit_temperature(proba: np.ndarray, gold: np.ndarray, weight: np.ndarray) -> Any:
    from scipy.optimize import minimize_scalar

    def loss(log_temperature: float) -> float:
        found = _softer(proba, float(np.exp(log_temperature)))[np.arange(len(gold)), gold]
        return float(-(weight * np.log(np.maximum(found, LEAST))).sum())

    best = minimize_scalar(loss, bounds=(np.log(0.05), np.log(20)), method="bounded", options={"xatol": 1e-6})
    temperature = float(np.exp(best.x))
    return lambda p: _softer(p, temperature)


def _fit_isotonic(proba: np.ndarray, gold: np.ndarray, weight: np.ndarray) -> Any:
    from sklearn.isotonic import IsotonicRegression

    steps = [
        IsotonicRegression(y_min=0, y_max=1, out_of_bounds="clip").fit(proba[:, i], gold == i, sample_weight=weight)
        for i in range(proba.shape[1])
    ]

    def change(p: np.ndarray) -> np.ndarray:
        if not len(p):
            return p
        found = np.column_stack([step.predict(p[:, i]) for i, step in enumerate(steps)])
        total = found.sum(axis=1, keepdims=True)
        return np.where(total > 0, found / np.where(total > 0, total, 1), p)  # where all steps say 0, nothing is known

    return change


def _with_probabilities(scored: pd.DataFrame, task: str, labels: Sequence[str], proba: np.ndarray) -> pd.DataFrame:
    said = np.array(labels, dtype=object)[proba.argmax(axis=1)]
    said[scored[f"{task}_pred"].isna().to_numpy()] = None  # what the classifier abstained from stays so
    new: dict[str, Any] = {f"{task}_pred": pd.array(said, dtype="str")}
    new |= {f"{task}_p_{label}": proba[:, i] for i, label in enumerate(labels)}
    spec = load_codebook().get(task)
    if f"{task}_score" in scored.columns and spec is not None and spec.values is not None:
        by_label = dict(zip(spec.labels, spec.values, strict=True))
        new[f"{task}_score"] = sum(by_label[label] * proba[:, i] for i, label in enumerate(labels))
    return scored.assign(**new)


def _before_and_after(
    judged: Judged,
    before: np.ndarray,
    after: np.ndarray,
    method: str,
    bins: int,
    folds: int,
    draws: int,
    level: float,
    seed: int,
) -> pd.DataFrame:
    story, stories = story_clusters(judged.rows)
    drawn = cluster_draws(stories, draws, seed)
    sides = []
    for proba in (before, after):
        parts = calibration_parts(judged, proba, bins)
        sides.append((calibration_measures(parts.sum(axis=0)), calibration_measures(drawn_sums(parts, story, drawn))))
    rows = []
    for i, measure in enumerate(("calibration_error", "brier_score", "log_loss")):
        low, high = percentiles(sides[1][1][i] - sides[0][1][i], level)
        old, new = float(sides[0][0][i]), float(sides[1][0][i])
        rows.append((judged.task, method, measure, old, new, new - old, low, high, level, len(judged.gold), stories,
                     folds, judged.design))  # fmt: skip
    columns = ["task", "method", "measure", "before", "after", "change", "low", "high", "level", "n", "n_stories",
               "folds", "weights"]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


def calibration_parts(judged: Judged, proba: np.ndarray, bins: int) -> np.ndarray:
    """What each mention adds: gaps in each bin, squares, logarithm, weight."""
    n = len(judged.gold)
    sure, right = proba.max(axis=1), proba.argmax(axis=1) == judged.gold
    gaps = np.zeros((n, bins))
    gaps[np.arange(n), bins_of(sure, bins)] = right - sure
    squares = ((proba - np.eye(len(judged.labels))[judged.gold]) ** 2).sum(axis=1)
    logs = -np.log(np.maximum(proba[np.arange(n), judged.gold], LEAST))
    return np.column_stack([gaps, squares, logs, np.ones(n)]) * judged.weight[:, None]


def calibration_measures(sums: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Calibration error, Brier score and log loss of such sums; missing where nothing was drawn."""
    total = np.where(sums[..., -1] > 0, sums[..., -1], np.nan)
    return np.abs(sums[..., :-3]).sum(axis=-1) / total, sums[..., -3] / total, sums[..., -2] / total

"""Accuracy on a study's own sample: by class and group, weighted by design, with intervals clustered by story."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from toolkit.agreement.coding import gather_codes
from toolkit.agreement.coefficients import unit_sums
from toolkit.evaluation.calibration import calibration_measures, calibration_parts, check_bins
from toolkit.evaluation.judged import Judged, groups_of, join_gold, story_clusters
from toolkit.resampling import check_level, cluster_draws, drawn_sums, percentiles
from toolkit.scoring import NO_TRAINING, score_mentions

__all__ = ["accuracy_by", "gold_confusion"]

FEW_STORIES = 30
"""Below this percentile intervals are too narrow: of 20, they cover 91 % (benchmarks/agreement_coverage.py)."""


class _Side(NamedTuple):
    """Who is held against gold: sums that each mention adds, and the measures that they give."""

    who: str
    parts: np.ndarray
    here: np.ndarray
    measures: Callable[[np.ndarray], dict[tuple[str | None, str], np.ndarray]]
    counts: Callable[[np.ndarray], dict[tuple[str | None, str], int]]


def accuracy_by(
    scored: pd.DataFrame,
    gold: pd.DataFrame,
    task: str = "tone",
    *,
    by: str | Sequence[str] | None = None,
    period: str = "month",
    frame: pd.DataFrame | None = None,
    annotations: pd.DataFrame | None = None,
    baselines: bool = True,
    bins: int = 10,
    draws: int = 2000,
    level: float = 0.95,
    seed: int = 0,
) -> pd.DataFrame:
    """How good a classifier is on a study's own coded sample.

    Parameters
    ----------
    scored : pandas.DataFrame
        Scored mentions: mention_id, story_id, `<task>_pred`, `<task>_p_<label>`, and the columns of `by`.
    gold : pandas.DataFrame
        Columns mention_id, label (and task), as :func:`toolkit.adjudicate` makes it.
    task : str
    by : str or sequence of str, optional
        Columns of `scored`, such as "actor", "outlet", "voice"; "period" is made from `date`.
    period : {"day", "week", "month", "quarter", "year"}
        For ``by="period"``.
    frame : pandas.DataFrame, optional
        Columns mention_id, probability: the frame of the sample. Each gold mention then counts 1 / its probability, so
        that the figures are those of the frame; else those of the sample.
    annotations : pandas.DataFrame, optional
        What the coders gave, for their F1 against each other on the same mentions.
    baselines : bool
        Also hold the most frequent label of the gold and, for tone, the lexicon against gold.
    bins : int
        Of the calibration error.
    draws : int
        Resamples of stories behind each interval, at least 100.
    level : float
        Between 0 and 1.
    seed : int

    Returns
    -------
    pandas.DataFrame
        One row for each group, `who` ("classifier", "majority", "lexicon", "coders"), label and measure: the keys,
        `task, who, label` (missing where the measure is of all labels), `measure` ("precision", "recall", "f1";
        "accuracy", "macro_f1", "calibration_error", "brier_score"), `estimate, low, high, level, n` (mentions it rests
        on: for precision those called so, for recall and F1 those that are so, else all), `n_stories, weights, note`.
        What is not defined is missing, and `note` says why.

    Raises
    ------
    InputError
        Gold is outside the frame or not scored, has a foreign label or a probability of 0; a name is unknown.

    Notes
    -----
    Macro-F1 is the mean of the F1 of the labels that occur or are said (:func:`toolkit.evaluation.macro_f1`). A mention
    from which the classifier abstained is not found. Intervals are percentiles over draws of stories with replacement,
    so copies of one text are one fact; strata of the design are not held fixed, which makes them rather too wide. The
    coders' F1 is that of one coder against another, mean over ordered pairs within mentions.

    References
    ----------
    Opitz, Burst: Macro F1 and Macro F1. arXiv 1911.03347, 2019. Davison, Hinkley: Bootstrap Methods and their
    Application. 1997, section 3.8.

    Examples
    --------
    >>> import pandas as pd
    >>> scored = pd.DataFrame({"mention_id": ["m1", "m2", "m3", "m4"], "story_id": ["s1", "s2", "s3", "s4"],
    ...     "tone_pred": ["negative", "neutral", "neutral", "neutral"]})
    >>> gold = pd.DataFrame({"mention_id": ["m1", "m2", "m3"], "label": ["negative", "neutral", "negative"]})
    >>> found = accuracy_by(scored, gold, baselines=False)
    >>> found.loc[found["measure"].isin(["accuracy", "macro_f1"]), ["measure", "estimate", "n"]].round(2)
         measure  estimate  n
    9   accuracy      0.67  3
    10  macro_f1      0.67  3
    """
    check_level(level)
    judged = join_gold(scored, gold, task, frame)
    keys, rows = groups_of(judged.rows, by, period)
    story, stories = story_clusters(rows)
    weights = cluster_draws(stories, draws, seed)
    sides = list(_sides(judged, annotations, baselines=baselines, bins=check_bins(bins)))
    found = []
    for group, inside in _groups(rows, keys):
        for side in sides:
            for facts in _measure(side, inside & side.here, story, weights, level):
                found.append(
                    {**group, "task": task, "who": side.who, **facts, "level": level, "weights": judged.design}
                )
    order = [*keys, "task", "who", "label", "measure", "estimate", "low", "high", "level", "n", "n_stories", "weights",
             "note"]  # fmt: skip
    return pd.DataFrame(found, columns=order).astype({"label": object, "note": object})


def gold_confusion(
    scored: pd.DataFrame, gold: pd.DataFrame, task: str = "tone", *, frame: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Which labels the classifier confuses, against gold.

    Parameters
    ----------
    scored, gold, task, frame
        As for :func:`accuracy_by`.

    Returns
    -------
    pandas.DataFrame
        As :func:`toolkit.agreement.coder_confusion` gives it: `task, a` ("gold"), `b` ("classifier"), `label_a,
        label_b, n` (mentions), `share` of those whose gold is `label_a`, weighted where there is a frame.

    Examples
    --------
    >>> import pandas as pd
    >>> scored = pd.DataFrame({"mention_id": ["m1", "m2"], "story_id": "s1", "tone_pred": ["negative", "neutral"]})
    >>> gold = pd.DataFrame({"mention_id": ["m1", "m2"], "label": "negative"})
    >>> gold_confusion(scored, gold).query("n > 0")[["label_a", "label_b", "n", "share"]]
        label_a   label_b  n  share
    0  negative  negative  1    0.5
    1  negative   neutral  1    0.5
    """
    judged = join_gold(scored, gold, task, frame)
    k = len(judged.labels)
    counts, sums = np.zeros((k, k + 1), dtype=int), np.zeros((k, k + 1))
    np.add.at(counts, (judged.gold, judged.said), 1)
    np.add.at(sums, (judged.gold, judged.said), judged.weight)
    said = [*judged.labels, "(none)"] if counts[:, k].any() else list(judged.labels)
    rows = [
        (task, "gold", "classifier", a, b, counts[i, j], sums[i, j] / sums[i].sum() if counts[i].any() else np.nan)
        for i, a in enumerate(judged.labels)
        for j, b in enumerate(said)
    ]
    return pd.DataFrame(rows, columns=["task", "a", "b", "label_a", "label_b", "n", "share"])


def _groups(rows: pd.DataFrame, keys: list[str]) -> Iterator[tuple[dict[str, Any], np.ndarray]]:
    if not keys:
        yield {}, np.ones(len(rows), dtype=bool)
        return
    for key, places in rows.groupby(keys, sort=True, dropna=False, observed=True).indices.items():
        inside = np.zeros(len(rows), dtype=bool)
        inside[places] = True
        yield dict(zip(keys, key if isinstance(key, tuple) else (key,), strict=True)), inside


def _sides(judged: Judged, annotations: pd.DataFrame | None, *, baselines: bool, bins: int) -> Iterator[_Side]:
    yield _labels_side("classifier", judged, judged.said)
    if judged.proba is not None and np.isfinite(judged.proba).all():
        yield _calibration_side(judged, bins)
    if baselines:
        most = int(np.bincount(judged.gold, judged.weight).argmax())
        yield _labels_side("majority", judged, np.full(len(judged.gold), most))
        if (judged.task, "lexicon") in NO_TRAINING and {"sentence", "start", "end"} <= set(judged.rows.columns):
            targets = judged.rows[["sentence", "start", "end"]]
            said = score_mentions(targets, judged.task, classifier="lexicon")[f"{judged.task}_pred"]
            number = {label: i for i, label in enumerate(judged.labels)}
            yield _labels_side("lexicon", judged, said.map(number).to_numpy(dtype=int))
    if annotations is not None:
        yield _coders_side(judged, annotations)


def _labels_side(who: str, judged: Judged, said: np.ndarray) -> _Side:
    """Someone who gives each mention a label, or none."""
    k, n = len(judged.labels), len(judged.gold)
    hot = np.zeros((n, k, k + 1))
    hot[np.arange(n), judged.gold, said] = judged.weight

    def measures(sums: np.ndarray) -> dict[tuple[str | None, str], np.ndarray]:
        return _of_confusion(sums, judged.labels)

    def counts(inside: np.ndarray) -> dict[tuple[str | None, str], int]:
        of: dict[tuple[str | None, str], int] = {}
        for i, label in enumerate(judged.labels):
            of[label, "precision"] = int((inside & (said == i)).sum())
            of[label, "recall"] = of[label, "f1"] = int((inside & (judged.gold == i)).sum())
        return of

    return _Side(who, hot, np.ones(n, dtype=bool), measures, counts)


def _of_confusion(sums: np.ndarray, labels: Sequence[str]) -> dict[tuple[str | None, str], np.ndarray]:
    """The measures of tables (..., gold, said): said may have one column more, for none."""
    right = np.diagonal(sums, axis1=-2, axis2=-1)
    there, said = sums.sum(axis=-1), sums.sum(axis=-2)[..., : len(labels)]
    f1 = _over(2 * right, there + said)
    found: dict[tuple[str | None, str], np.ndarray] = {}
    for i, label in enumerate(labels):
        found[label, "precision"] = _over(right, said)[..., i]
        found[label, "recall"] = _over(right, there)[..., i]
        found[label, "f1"] = f1[..., i]
    found[None, "accuracy"] = _over(right.sum(axis=-1), there.sum(axis=-1))
    found[None, "macro_f1"] = _over(np.nansum(f1, axis=-1), (~np.isnan(f1)).sum(axis=-1))
    return found


def _calibration_side(judged: Judged, bins: int) -> _Side:
    """The classifier's probabilities."""
    assert judged.proba is not None

    def measures(sums: np.ndarray) -> dict[tuple[str | None, str], np.ndarray]:
        error, brier, _ = calibration_measures(sums)
        return {(None, "calibration_error"): error, (None, "brier_score"): brier}

    parts = calibration_parts(judged, judged.proba, bins)
    return _Side("classifier", parts, np.ones(len(judged.gold), dtype=bool), measures, _no_counts)


def _no_counts(_: np.ndarray) -> dict[tuple[str | None, str], int]:
    return {}


def _coders_side(judged: Judged, annotations: pd.DataFrame) -> _Side:
    """Coders against each other, on the mentions that two of them have labelled."""
    coding = gather_codes(annotations, judged.task, judged.labels)
    place = pd.Series(np.arange(len(coding.units)), index=coding.units).reindex(judged.rows["mention_id"]).to_numpy()
    k, n = len(judged.labels), len(judged.gold)
    table, here = np.zeros((n, k, k)), np.zeros(n, dtype=bool)
    known = ~np.isnan(place)
    sums = unit_sums(coding.codes[place[known].astype(int)], k)
    here[known] = sums.paired > 0
    # A mention counts once, however many coders it had.
    codes = np.maximum((sums.coincidences.sum(axis=(1, 2))), 1)
    table[known] = sums.coincidences / codes[:, None, None] * judged.weight[known][:, None, None]

    def measures(sums: np.ndarray) -> dict[tuple[str | None, str], np.ndarray]:
        # Precision and recall of coders against each other are the same thing twice.
        found = _of_confusion(sums, judged.labels)
        return {key: value for key, value in found.items() if key[1] not in ("precision", "recall")}

    return _Side("coders", table, here, measures, _no_counts)


def _measure(
    side: _Side, inside: np.ndarray, story: np.ndarray, weights: np.ndarray, level: float
) -> Iterator[dict[str, Any]]:
    own, places = side.parts[inside], story[inside]
    total, n_stories = int(inside.sum()), len(np.unique(places))
    whole, drawn = side.measures(own.sum(axis=0)), side.measures(drawn_sums(own, places, weights))
    counts = side.counts(inside)
    for (label, measure), estimate in whole.items():
        low = high = float("nan")
        note: str | None
        value, sample = float(estimate), drawn[label, measure]
        n = counts.get((label, measure), total)
        if np.isnan(value):
            note = _why_undefined(label, measure, total)
        elif n_stories < 2:
            note = "no interval: 1 story"
        else:
            low, high = percentiles(sample, level)
            note = _doubt(sample, n_stories)
            if low == high:
                low = high = float("nan")
                note = "no interval: the same in all draws"
        yield {"label": label, "measure": measure, "estimate": value, "low": low, "high": high, "n": n,
               "n_stories": n_stories, "note": note}  # fmt: skip


def _why_undefined(label: str | None, measure: str, total: int) -> str:
    if not total:
        return "no such mentions"
    if measure == "precision":
        return f"{label!r} is never said here"
    return f"{label!r} is not in the gold here" + (" and never said" if measure == "f1" else "")


def _doubt(sample: np.ndarray, stories: int) -> str | None:
    words = []
    if (empty := int(np.isnan(sample).sum())) > 0:
        words.append(f"{empty} of {len(sample)} draws were not defined and were left out")
    if stories < FEW_STORIES:
        words.append(f"few stories ({stories}): the interval may be too narrow")
    return "; ".join(words) or None


def _over(part: Any, whole: Any) -> np.ndarray:
    part, whole = np.broadcast_arrays(np.asarray(part, dtype=float), np.asarray(whole, dtype=float))
    return np.divide(part, whole, out=np.full(part.shape, np.nan), where=whole != 0)

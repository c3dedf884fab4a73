"""One outcome a mention, corrected by gold: what estimates, contrasts and regressions average."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from toolkit.errors import InputError, nearest
from toolkit.estimation.dsl import Fit, dsl_difference, dsl_mean, dsl_moment, dsl_ols, pseudo_outcome
from toolkit.estimation.gold import Design, align_gold, label_values, task_labels
from toolkit.estimation.ppi import ppi_mean, ppi_ols
from toolkit.estimation.recalibration import LINEAR_FROM, recalibrate

__all__ = [
    "ASSUMPTIONS",
    "METHODS",
    "Fit",
    "Outcomes",
    "dsl_difference",
    "dsl_mean",
    "dsl_moment",
    "dsl_ols",
    "outcomes",
    "ppi_mean",
    "ppi_ols",
    "pseudo_outcome",
]

METHODS = {
    "naive": "uncorrected",
    "gold": "gold only",
    "dsl": "design-based correction (DSL)",
    "ppi": "prediction-powered inference (PPI++)",
}
_KNOWN = (
    "every mention that counts could have been drawn, with a probability that was fixed before any label was seen",
    "gold is the truth: errors of the coders are not corrected",
    "stories are independent of one another, and there are enough of them",
)
ASSUMPTIONS = {
    "naive": ("the machine's errors cancel out in every group that is estimated, which nothing here shows",),
    "gold": _KNOWN,
    "dsl": (*_KNOWN, "no mention's label was predicted by a model that had learned from its gold or from its story's"),
    "ppi": (*_KNOWN, "all mentions had the same probability of being drawn",
            "the classifier did not learn from this gold"),
}  # fmt: skip
"""What has to hold for each method, to be printed beside its numbers."""


@dataclass(frozen=True)
class Outcomes:
    """One outcome for each row of a table of mentions.

    Attributes
    ----------
    values : array of float, shape (n,)
        What is averaged. naive: the machine's score, or 1 where it said the label. gold: the gold value, 0 where there
        is none. dsl: g + S / probability (Y - g), which may leave the range of the scores. ppi: values whose mean is
        the PPI++ estimate, and whose spread around it gives its error.
    weights : array of float, shape (n,)
        Ones; with gold alone S / probability, so that the mean is Hájek's.
    method : str
        In words.
    n_gold : int
        Rows with gold.
    sampled : array of bool, shape (n,)
        Which have gold.
    probability : array of float, shape (n,)
        That of having been drawn and coded; missing where nothing was drawn.
    proxy : array of float, shape (n,)
        The machine's outcome: raw, or recalibrated (dsl).
    correction : array of float, shape (n,)
        The part of `values` that rests on gold alone; zero for most rows.
    notes : tuple of str
        What a reader has to know.
    """

    values: np.ndarray
    weights: np.ndarray
    method: str
    n_gold: int
    sampled: np.ndarray = field(repr=False)
    probability: np.ndarray = field(repr=False)
    proxy: np.ndarray = field(repr=False)
    correction: np.ndarray = field(repr=False)
    notes: tuple[str, ...] = ()


def outcomes(
    scored: pd.DataFrame, task: str = "tone", *, method: str = "naive", label: str | None = None,
    gold: pd.DataFrame | None = None, frame: pd.DataFrame | None = None, seed: int = 0, folds: int = 5,
    groups: Any = None, shares: Any = None,
) -> Outcomes:  # fmt: skip
    r"""The outcome of each mention, uncorrected or corrected by gold.

    Parameters
    ----------
    scored : pandas.DataFrame
        The scored mentions that count, and no others (:func:`toolkit.estimation.counted`); not changed.
    task : str, default "tone"
    method : {"naive", "gold", "dsl", "ppi"}
        See :data:`METHODS`.
    label : str, optional
        The outcome is whether a mention has this label; by default it is the score, from -1 to 1.
    gold : pandas.DataFrame, optional
        `mention_id, label`, and `task`: one label for each mention that was coded. Rows of other tasks are left out.
    frame : pandas.DataFrame, optional
        Every mention that could have been drawn: `mention_id, stratum, probability, drawn, cluster` (the story).
    seed, folds : int
        For the recalibration of the machine's outcome by gold of other stories; folds never split a story.
    groups : array, shape (n,), optional
        The groups to be estimated. "dsl" recalibrates each as far as its gold can tell; "ppi" weighs the machine's
        labels in each by itself.
    shares : array of float, shape (n,), optional
        For "ppi": the weight of each mention within its group, as one over the mentions of its story; ones by default.

    Returns
    -------
    Outcomes

    Raises
    ------
    InputError
        A name is not known; gold is missing, or without a frame (picked by hand); gold outside the frame or not drawn;
        a mention that counts outside the frame; another corpus; a probability of zero or above one; a label that is not
        the task's; two labels for one mention; one label alone; none of the gold counts; for "ppi", unequal
        probabilities.

    Examples
    --------
    >>> table = pd.DataFrame({"mention_id": list("abcd"), "tone_score": [0.4, -0.2, 0.1, 0.3]})
    >>> table["story_id"] = table["mention_id"]
    >>> frame = table[["mention_id"]].assign(
    ...     stratum="all", probability=0.5, drawn=[True, True, False, False], cluster=table["story_id"])
    >>> gold = pd.DataFrame({"mention_id": ["a", "b"], "task": "tone", "label": ["positive", "negative"]})
    >>> found = outcomes(table, method="dsl", gold=gold, frame=frame)
    >>> found.values.round(2).tolist(), found.n_gold
    ([1.6, -1.8, 0.1, 0.3], 2)
    """
    _check_names(scored, task, method, label, folds)
    proxy = _proxy(scored, task, method, label)
    n, missing = len(scored), np.full(len(scored), np.nan)
    if np.isnan(proxy).any():
        row = scored["mention_id"].iloc[int(np.isnan(proxy).argmax())]
        raise InputError(f"the mention {row!r} has no score of the task {task!r}; leave such mentions out before")
    if method == "naive":
        no = np.zeros(n)
        return Outcomes(proxy, np.ones(n), METHODS[method], 0, no.astype(bool), missing, proxy, no)
    design = align_gold(scored, task, gold, frame, method=method)
    y = _gold_values(scored, task, label, design)
    words, S, p = METHODS[method], design.sampled, design.probability
    facts = {"sampled": S, "probability": p}
    if method == "gold":
        weights = np.where(S, 1 / p, 0.0)
        y = np.where(S, y, 0.0)
        return Outcomes(y, weights, words, int(S.sum()), proxy=proxy, correction=y, notes=design.notes, **facts)
    if method == "ppi":
        values, correction = _ppi_values(y, proxy, design, groups, shares)
        notes = design.notes
    else:
        strata = [design.stratum, *([] if groups is None else [groups])]
        proxy, how = recalibrate(y, proxy, S, p, scored["story_id"].to_numpy(dtype=str), strata, folds=folds, seed=seed)
        correction = pseudo_outcome(y, proxy, S, p) - proxy
        values, notes = proxy + correction, (*design.notes, *_recalibration_note(how, y[S], label))
    return Outcomes(values, np.ones(n), words, int(S.sum()), proxy=proxy, correction=correction, notes=notes, **facts)


def _check_names(scored: pd.DataFrame, task: str, method: str, label: str | None, folds: int) -> None:
    if method not in METHODS:
        raise InputError(f"unknown method {method!r}; {nearest(method, METHODS)}")
    if not isinstance(folds, int) or folds < 2:
        raise InputError(f"folds is {folds!r}; expected a whole number of at least 2")
    for column in ("mention_id", "story_id"):
        if column not in scored.columns:
            raise InputError(f"the mentions lack the column {column!r}; toolkit.find_mentions makes such a table")
    if label is not None and label not in (labels := task_labels(scored, task)):
        raise InputError(f"unknown label {label!r} of the task {task!r}; {nearest(label, labels)}")


def outcome_column(task: str, method: str, label: str | None) -> str:
    """The column of scored mentions that the machine's outcome is made of."""
    if label is None:
        return f"{task}_score"
    return f"{task}_pred" if method == "naive" else f"{task}_p_{label}"


def _proxy(scored: pd.DataFrame, task: str, method: str, label: str | None) -> np.ndarray:
    """What the machine says: a score, whether it said the label, or how probable it holds the label."""
    column = outcome_column(task, method, label)
    if column not in scored.columns:
        raise InputError(
            f"the mentions lack the column {column!r}: call toolkit.score_mentions(mentions, task={task!r}) first"
        )
    values = scored[column]
    if label is not None and method == "naive":
        return values.eq(label).to_numpy(dtype=float, na_value=0.0) + np.where(values.isna(), np.nan, 0.0)
    return values.to_numpy(dtype=float, na_value=np.nan)


def _gold_values(scored: pd.DataFrame, task: str, label: str | None, design: Design) -> np.ndarray:
    """Gold as numbers; missing where there is none."""
    y = np.full(len(scored), np.nan)
    said = design.label[design.sampled]
    if label is None:
        values = label_values(scored, task)
        y[design.sampled] = [values[word] for word in said]
    else:
        y[design.sampled] = said == label
    return y


def _recalibration_note(how: str, y: np.ndarray, label: str | None) -> tuple[str, ...]:
    if how != "none":
        return ()
    if np.ptp(y) == 0:
        return (f"gold has {'only' if y[0] else 'no'} mentions labelled {label!r}: the interval is too narrow",)
    few = f"{len(y)} gold mentions" if len(y) < LINEAR_FROM else "too few stories with gold"
    return (f"{few}: too little to recalibrate the machine's scores, taken as they are",)


def _ppi_values(
    y: np.ndarray, f: np.ndarray, design: Design, groups: Any, shares: Any
) -> tuple[np.ndarray, np.ndarray]:  # fmt: skip
    """Values whose weighted mean in each group is the PPI++ estimate, and the part of them that gold makes."""
    S, share = design.sampled, np.ones(len(f)) if shares is None else np.asarray(shares, dtype=float)
    group = np.zeros(len(f), dtype=int) if groups is None else np.unique(np.asarray(groups), return_inverse=True)[1]
    values, correction = f.copy(), np.zeros(len(f))
    for k in range(int(group.max()) + 1 if len(group) else 0):
        inside = group == k
        if np.ptp(design.probability[inside]) > 1e-9 * design.probability[inside].max():
            low, high = design.probability[inside].min(), design.probability[inside].max()
            raise InputError(
                f"PPI++ needs one probability of being drawn for all mentions of a group, here they are {low:.3g} to "
                f"{high:.3g}; use method='dsl', which takes them into account"
            )
        gold, rest = inside & S, inside & ~S
        if not gold.any() or not rest.any():
            values[gold] = y[gold]
            correction[gold] = y[gold]
            continue
        lam = ppi_mean(y[inside], f[inside], S[inside]).lam if gold.sum() > 1 and rest.sum() > 1 else 0.0
        left = y[gold] - lam * f[gold]
        part_gold = np.average(left, weights=share[gold])
        part_rest = lam * np.average(f[rest], weights=share[rest])
        size = share[inside].sum()
        correction[gold] = size / share[gold].sum() * (left - part_gold)
        values[gold] = part_gold + part_rest + correction[gold]
        values[rest] = part_gold + part_rest + size / share[rest].sum() * (lam * f[rest] - part_rest)
    return values, correction

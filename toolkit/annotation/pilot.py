"""How far gold is from the machine's score: stated, or seen in a pilot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from toolkit.codebook import Task
from toolkit.errors import InputError, nearest

__all__ = ["ASSUMED", "Errors", "find_errors"]

ASSUMED = {"residual_variance": 0.3, "icc": 0.1}
"""What is taken where neither a pilot nor the user says otherwise, for a score from -1 to 1.

The shipped tone classifier leaves 0.22 within groups, 0.13 between them, and no correlation on the sample corpus
(benchmarks/sample_plan.py)."""
FEWEST = 20
"""Fewer mentions with gold make no pilot."""


@dataclass(frozen=True)
class Errors:
    """What is known or assumed about gold minus the machine's score.

    Attributes
    ----------
    variance : float
        That of gold minus the recalibrated score, within the groups that are estimated.
    between : float
        That of the groups' mean differences, which the correction takes out as far as gold tells the groups apart.
    icc : float
        How alike these differences are within a story.
    slope : float
        Of the recalibration.
    words : str
        Where all this comes from.
    """

    variance: float
    between: float
    icc: float
    slope: float
    words: str


def find_errors(
    rows: pd.DataFrame, task: Task, label: str | None, column: str | None, by: Sequence[str],
    pilot: tuple[pd.DataFrame, pd.DataFrame] | None, given: dict[str, float],
) -> Errors:  # fmt: skip
    """How far gold is from the machine's score: from a pilot, as assumed by the user, or as assumed here."""
    for name, value in given.items():
        if name not in ASSUMED:
            raise InputError(f"unknown assumption {name!r}; {nearest(name, ASSUMED)}")
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
            raise InputError(f"{name} is {value!r}; expected a number from 0 to 1")
    assumed = {**ASSUMED, "residual_variance": ASSUMED["residual_variance"] / (1 if label is None else 4), **given}
    what = "Var(gold)" if column is None else "Var(gold - score)"
    if pilot is None:
        words = f"assumed: {what} {assumed['residual_variance']:.3g}, correlation within stories {assumed['icc']:.3g}"
        return Errors(assumed["residual_variance"], 0.0, assumed["icc"], 1.0, words)
    seen = _from_pilot(rows, task, label, by, pilot)
    variance, icc = float(given.get("residual_variance", seen.variance)), float(given.get("icc", seen.icc))
    facts = replace(seen, variance=variance, icc=icc)
    words = (
        f"{seen.words}: {what} {facts.variance:.3g} within groups and {facts.between:.3g} between them, correlation "
        f"within stories {facts.icc:.3g}"
    )
    return replace(facts, words=words + (f" ({', '.join(sorted(given))} as assumed)" if given else ""))


def _from_pilot(
    rows: pd.DataFrame, task: Task, label: str | None, by: Sequence[str], pilot: tuple[pd.DataFrame, pd.DataFrame]
) -> Errors:  # fmt: skip
    """Recalibrate the score by the pilot's gold, and look at what is left."""
    gold, frame = _checked_pilot(pilot, task)
    p = frame.set_index("mention_id")["probability"]
    known = rows.merge(gold.assign(probability=gold["mention_id"].map(p)), on="mention_id")
    known = known[known["probability"].notna().to_numpy()]
    if len(known) < FEWEST:
        raise InputError(
            f"the pilot has gold for {len(known)} of the mentions that count here; {FEWEST} are needed: code more, or "
            "state assumptions={'residual_variance': ..., 'icc': ...}"
        )
    y: np.ndarray
    if label is None:
        y = known["label"].map(dict(zip(task.labels, task.values or (), strict=True))).to_numpy(dtype=float)
    else:
        y = known["label"].eq(label).to_numpy(dtype=float)
    g, w = known[f"{task.name}_score"].to_numpy(dtype=float), 1 / known["probability"].to_numpy(dtype=float)
    w = w / w.sum()
    spread = float(w @ (g - w @ g) ** 2)
    slope = float(w @ ((g - w @ g) * (y - w @ y)) / spread) if spread > 1e-12 else 0.0
    rest = y - w @ y - slope * (g - w @ g)
    group = known.groupby(list(by), dropna=False, observed=True).ngroup().to_numpy() if by else np.zeros(len(y), int)
    variance, between, inside = _within(rest, group)
    icc, how = _icc(inside, known["story_id"].to_numpy(dtype=str))
    return Errors(variance, between, icc, slope, f"from a pilot of {len(y)} mentions{how}")


def _within(rest: np.ndarray, group: np.ndarray) -> tuple[float, float, np.ndarray]:
    """The variance within groups and between them (one-way moments), and what is left without the groups' means."""
    group = np.unique(group, return_inverse=True)[1]
    size = np.bincount(group).astype(float)
    mean, n, k = np.bincount(group, rest) / size, float(len(rest)), len(size)
    inside = rest - mean[group]
    if n - k < FEWEST:  # too few to tell the groups apart
        return float(rest @ rest / max(n - 2, 1)), 0.0, rest
    variance = float(inside @ inside / (n - k))
    effective = n - (size**2).sum() / n
    around = float((size * (mean - rest.mean()) ** 2).sum()) - (k - 1) * variance
    return variance, max(around / effective, 0.0) if k > 1 else 0.0, inside


def _checked_pilot(pilot: tuple[pd.DataFrame, pd.DataFrame], task: Task) -> tuple[pd.DataFrame, pd.DataFrame]:
    if not (isinstance(pilot, tuple | list) and len(pilot) == 2):
        raise InputError("pilot must be two tables: the gold, and the frame that it was drawn from")
    gold, frame = pilot
    for what, table, columns in (
        ("gold", gold, ("mention_id", "label")),
        ("frame", frame, ("mention_id", "probability")),
    ):
        for column in columns:
            if column not in getattr(table, "columns", ()):
                raise InputError(
                    f"the pilot's {what} lacks the column {column!r}; `toolkit sample` and its sheets make it"
                )
    if "task" in gold:
        gold = gold[gold["task"] == task.name]
    if len(odd := gold[~gold["label"].isin(task.labels)]):
        value = odd["label"].iloc[0]
        raise InputError(f"the pilot's gold has the label {value!r}; {nearest(value, task.labels)}")
    for what, table in (("gold", gold), ("frame", frame)):
        if len(twice := table["mention_id"][table["mention_id"].duplicated()]):
            raise InputError(f"the pilot's {what} has the mention {twice.iloc[0]!r} twice; expected one row for each")
    return gold[["mention_id", "label"]], frame


def _icc(rest: np.ndarray, story: np.ndarray) -> tuple[float, str]:
    """The intra-story correlation by analysis of variance (Donner 1986), from 0 to 1, or the assumed one."""
    _, group = np.unique(story, return_inverse=True)
    size = np.bincount(group).astype(float)
    k, n = len(size), float(len(rest))
    if n - k < FEWEST:
        return ASSUMED["icc"], " (too few in the same stories: the correlation within stories is assumed)"
    mean = np.bincount(group, rest) / size
    between = float((size * (mean - rest.mean()) ** 2).sum() / max(k - 1, 1))
    within = float(((rest - mean[group]) ** 2).sum() / (n - k))
    m = (n - (size**2).sum() / n) / max(k - 1, 1)
    below = between + (m - 1) * within
    return (float(np.clip((between - within) / below, 0, 1)) if below > 0 else 0.0), ""

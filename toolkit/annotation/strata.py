"""Which mentions can be drawn, and the strata in which they lie."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from toolkit.annotation.allocation import allocate
from toolkit.codebook import Task, load_codebook
from toolkit.errors import InputError, InputWarning, nearest
from toolkit.estimation import counted
from toolkit.estimation.selection import Options, as_names, check_options
from toolkit.tables import check_table

__all__ = ["ALLOCATIONS", "DESIGNS", "Layout", "check_design", "find_task", "lay_out"]

DESIGNS = {
    "mention": "mentions are drawn within strata",
    "story": "whole stories are drawn within strata of stories; all mentions of a story drawn are coded",
}
ALLOCATIONS = {
    "proportional": "strata are drawn from in proportion to their size, where the minimum leaves it so",
    "neyman": "strata in which the classifier is unsure give more (Neyman 1934)",
}
SEVERAL, MISSING = "(several)", "(missing)"


@dataclass(frozen=True)
class Layout:
    """The mentions that can be drawn, cut into strata; a unit is a mention or a story.

    Attributes
    ----------
    rows : pandas.DataFrame
        The mentions, by id.
    stratum : array of str, shape (mentions,)
    place : array of int, shape (mentions,)
        The number of each mention's stratum.
    unit_ids : array of str, shape (units,)
    unit_of : array of int, shape (mentions,)
        The number of each mention's unit.
    unit_stratum : array of int, shape (units,)
    spread : array of float, shape (strata,), or None
        For Neyman's allocation.
    left_out : dict of str to int
        Mentions that cannot be drawn for what they lack.
    """

    rows: pd.DataFrame
    stratum: np.ndarray
    place: np.ndarray
    unit_ids: np.ndarray
    unit_of: np.ndarray
    unit_stratum: np.ndarray
    spread: np.ndarray | None
    left_out: dict[str, int]

    @property
    def sizes(self) -> np.ndarray:
        """Units in each stratum."""
        return np.bincount(self.unit_stratum)

    def taken(self, n: int, minimum: int) -> np.ndarray:
        """How many units each stratum gives for about `n` mentions.

        Raises
        ------
        InputError
            There are fewer mentions, or the minimum costs more.
        """
        if n > len(self.rows):
            size = len(self.rows)
            raise InputError(f"n is {n}, and only {size} mentions can be drawn; give at most {size}: that is all")
        return allocate(self.sizes, n, minimum, spread=self.spread, cost=np.bincount(self.place) / self.sizes)

    def probability(self, taken: np.ndarray) -> np.ndarray:
        """That of each mention of being drawn."""
        return (taken / self.sizes)[self.place]


def lay_out(
    scored: pd.DataFrame, task: Task, options: Options, design: str, allocation: str, predicted: bool
) -> Layout:
    """Cut the mentions that can be drawn into strata."""
    rows, left_out = _can_be_drawn(scored, task, options, predicted)
    if design == "story":
        stratum = _story_strata(rows, options.by)
        unit_ids, unit_of = np.unique(rows["story_id"].to_numpy(dtype=str), return_inverse=True)
    else:
        stratum = _strata(rows, options.by, task.name if predicted else None)
        unit_ids, unit_of = rows["mention_id"].to_numpy(dtype=str), np.arange(len(rows))
    place = np.unique(stratum, return_inverse=True)[1]
    unit_stratum = np.empty(len(unit_ids), dtype=int)
    unit_stratum[unit_of] = place
    spread = _unsure(rows, task, place) if allocation == "neyman" else None
    return Layout(rows, stratum, place, unit_ids, unit_of, unit_stratum, spread, left_out)


def _warn(message: str) -> None:
    warnings.warn(message, InputWarning, stacklevel=5)


def find_task(task: str | Task) -> Task:
    """A task by name or as it is, with the proposition that it needs."""
    if isinstance(task, Task):
        return task.about(task.proposition)
    known = load_codebook()
    if task not in known:
        raise InputError(f"unknown task {task!r}; {nearest(task, known)}, or give the Task of a codebook of your own")
    return known[task].about(None)


def check_design(
    scored: pd.DataFrame, task: Task, n: int, by: Sequence[str], minimum: int, design: str, allocation: str,
    predicted: bool, voice: str, reading: str | float, copies: str, seed: int,
) -> Options:  # fmt: skip
    """What is asked for, if it can be done; else InputError."""
    for what, value, valid in (("design", design, DESIGNS), ("allocation", allocation, ALLOCATIONS)):
        if value not in valid:
            raise InputError(f"unknown {what} {value!r}; {nearest(value, valid)}")
    for what, number in (("n", n), ("minimum", minimum)):
        if not isinstance(number, int | np.integer) or isinstance(number, bool) or number < 1:
            why = ": what cannot be drawn cannot be corrected" if what == "minimum" else ""
            raise InputError(f"{what} is {number!r}; expected a whole number of at least 1{why}")
    check_table(scored, "mentions")
    needed = [f"{task.name}_pred"] if predicted else []
    if allocation == "neyman":
        needed += [f"{task.name}_p_{label}" for label in task.labels]
    for column in needed:
        if column not in scored.columns:
            raise InputError(
                f"the mentions lack the column {column!r}: score them for the task {task.name!r} first "
                "(toolkit.score_mentions), or draw without the machine's labels: predicted=False, --no-predicted"
            )
    # The rules of estimates decide who counts; they want a score, which a task that is coded by hand has not got yet.
    score = f"{task.name}_score"
    as_scored = scored if score in scored.columns else scored.assign(**{score: 0.0})
    options = Options(task.name, as_names(by), voice, copies, reading, None, "t", 2000, 0.95, seed)
    return check_options(as_scored, options)


def _can_be_drawn(
    scored: pd.DataFrame, task: Task, options: Options, predicted: bool
) -> tuple[pd.DataFrame, dict[str, int]]:  # fmt: skip
    """The mentions that can be drawn, by id; and how many were left out for what they lack."""
    o = options
    all_scored = scored.assign(**{f"{o.task}_score": 0.0})
    counts = counted(all_scored, o.task, voice=o.voice, copies=o.copies, reading=o.reading)
    silent = int(scored["voice"].isna().sum())
    if not counts.any():
        why = f"; {silent} of {len(scored)} have no voice, since their language has no rules for it" if silent else ""
        raise InputError(
            f"no mention can be drawn: none of {len(scored)} has voice={o.voice!r}, reading={o.reading!r} and "
            f"copies={o.copies!r}{why}; choose otherwise"
        )
    if silent:
        _warn(f"{silent} of {len(scored)} mentions have no voice (no rules for their language) and are not drawn")
    rows = scored[counts.to_numpy()]
    unscored = np.zeros(len(rows), dtype=bool)
    if predicted:
        unscored = rows[f"{o.task}_pred"].isna().to_numpy()
        # A label that the classifier kept back, as too unsure, is no missing score.
        if f"{o.task}_score" in rows and task.values is not None:
            unscored = unscored & rows[f"{o.task}_score"].isna().to_numpy()
        if unscored.all():
            raise InputError(
                f"none of {len(rows)} mentions has a label or score of the task {o.task!r}: score them first "
                "(toolkit.score_mentions), or draw without the machine's labels: predicted=False, --no-predicted"
            )
        if unscored.any():
            _warn(f"{int(unscored.sum())} of {len(rows)} mentions have no score of {o.task!r} and are not drawn")
    rows = rows[~unscored].sort_values("mention_id", kind="stable").reset_index(drop=True)
    return rows, {"without_voice": silent, "without_score": int(unscored.sum())}


def _text(values: pd.Series) -> np.ndarray:
    return values.astype("str").where(values.notna(), MISSING).to_numpy(dtype=str)


def _strata(rows: pd.DataFrame, by: Sequence[str], task: str | None) -> np.ndarray:
    """The stratum of each mention: its values, joined."""
    parts = [_text(rows[column]) for column in by] + ([_text(rows[f"{task}_pred"])] if task else [])
    return _joined(parts, len(rows))


def _joined(parts: list[np.ndarray], n: int) -> np.ndarray:
    return np.array([" | ".join(values) for values in zip(*parts, strict=True)] if parts else ["all"] * n, dtype=str)


def _story_strata(rows: pd.DataFrame, by: Sequence[str]) -> np.ndarray:
    """The stratum of each mention's story: the values that all its mentions have."""
    parts = []
    for column in by:
        values = pd.Series(_text(rows[column]))
        by_story = values.groupby(rows["story_id"].to_numpy(dtype=str))
        parts.append(values.where(by_story.transform("nunique") == 1, SEVERAL).to_numpy(dtype=str))
    return _joined(parts, len(rows))


def _unsure(rows: pd.DataFrame, task: Task, place: np.ndarray) -> np.ndarray:
    """The spread of the label that the classifier's probabilities leave open, in each stratum."""
    proba = rows[[f"{task.name}_p_{label}" for label in task.labels]].to_numpy(dtype=float)
    if task.values is not None:
        values = np.array(task.values)
        variance = proba @ values**2 - (proba @ values) ** 2
    else:
        variance = 1 - (proba**2).sum(axis=1)
    return np.sqrt(np.maximum(np.bincount(place, variance) / np.bincount(place), 0))

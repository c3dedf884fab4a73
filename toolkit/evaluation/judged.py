"""Scored mentions beside their gold: joined, checked, weighted by the design of the sample."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from toolkit.codebook import load_codebook
from toolkit.errors import InputError, nearest

__all__ = ["Judged", "join_gold", "story_clusters"]

PERIODS = {"day": "D", "week": "W", "month": "M", "quarter": "Q", "year": "Y"}


@dataclass(frozen=True)
class Judged:
    """The mentions that have gold.

    Attributes
    ----------
    task : str
    labels : tuple of str
        In the task's order.
    rows : pandas.DataFrame
        The scored mentions with gold, sorted by mention.
    gold, said : numpy.ndarray of int, shape (rows,)
        The numbers of the labels; what the classifier abstained from is said as `len(labels)`.
    proba : numpy.ndarray of float, shape (rows, labels), or None
        What the classifier gave, where the table has it.
    weight : numpy.ndarray of float, shape (rows,)
        1 / the probability of being drawn, or 1.
    weighted : bool
        Whether a frame gave the probabilities.
    """

    task: str
    labels: tuple[str, ...]
    rows: pd.DataFrame
    gold: np.ndarray
    said: np.ndarray
    proba: np.ndarray | None
    weight: np.ndarray
    weighted: bool

    @property
    def design(self) -> str:
        """What the column `weights` says."""
        return "1 / probability" if self.weighted else "none"


def join_gold(scored: pd.DataFrame, gold: pd.DataFrame, task: str, frame: pd.DataFrame | None = None) -> Judged:
    """Put gold beside what the classifier said.

    Raises
    ------
    InputError
        A column is missing, gold names a mention twice, one that is not scored, outside the frame or with a probability
        of 0, or a label that the task lacks.
    """
    for column in ("mention_id", "story_id", f"{task}_pred"):
        if column not in scored.columns:
            hint = f"call toolkit.score_mentions(mentions, task={task!r}) first" if column.endswith("_pred") else (
                "toolkit.find_mentions makes such a table"
            )  # fmt: skip
            raise InputError(f"the table of scored mentions has no column {column!r}: {hint}")
    for column in ("mention_id", "label"):
        if column not in gold.columns:
            raise InputError(f"gold has no column {column!r}; {nearest(column, gold.columns)}")
    if "task" in gold.columns:
        gold = gold[gold["task"] == task]
    if gold.empty:
        raise InputError(f"there is no gold for the task {task!r}; toolkit.adjudicate makes it from annotations")
    twice = gold[gold["mention_id"].duplicated()]
    if len(twice):
        raise InputError(f"gold names the mention {twice['mention_id'].iloc[0]!r} twice: keep one row for each")
    held = scored[scored["mention_id"].isin(gold["mention_id"])]  # of many scored mentions few have gold
    by_id = held.drop_duplicates("mention_id").set_index("mention_id", drop=False)
    if len(lost := gold[~gold["mention_id"].isin(by_id.index)]):
        raise InputError(
            f"{len(lost)} of {len(gold)} gold mentions are not among the scored ones, such as "
            f"{lost['mention_id'].iloc[0]!r}: give the run from which the sample was drawn"
        )
    gold = gold.sort_values("mention_id")
    rows = by_id.loc[gold["mention_id"].to_numpy()].reset_index(drop=True)
    labels = _labels(scored, task, gold["label"])
    if len(foreign := gold[~gold["label"].isin(labels)]):
        raise InputError(
            f"the gold of the mention {foreign['mention_id'].iloc[0]!r} is {foreign['label'].iloc[0]!r}, which the "
            f"task {task!r} lacks; {nearest(foreign['label'].iloc[0], labels)}"
        )
    number = {label: i for i, label in enumerate(labels)}
    said = rows[f"{task}_pred"].map(number).fillna(len(labels)).to_numpy(dtype=int)
    columns = [f"{task}_p_{label}" for label in labels]
    proba = rows[columns].to_numpy(dtype=float) if all(c in rows.columns for c in columns) else None
    return Judged(
        task, labels, rows, gold["label"].map(number).to_numpy(dtype=int), said, proba,
        _weights(rows["mention_id"], frame), frame is not None,
    )  # fmt: skip


def story_clusters(rows: pd.DataFrame) -> tuple[np.ndarray, int]:
    """The number of each row's story, and how many there are."""
    names, place = np.unique(rows["story_id"].astype(str), return_inverse=True)
    return place, len(names)


def groups_of(rows: pd.DataFrame, by: str | Sequence[str] | None, period: str) -> tuple[list[str], pd.DataFrame]:
    """The keys, and the rows with a column for each, the period among them."""
    keys = [by] if isinstance(by, str) else list(by or ())
    if period not in PERIODS:
        raise InputError(f"unknown period {period!r}; {nearest(period, PERIODS)}")
    if "period" in keys and "period" not in rows.columns:
        if "date" not in rows.columns:
            raise InputError("by='period' needs the column 'date' among the scored mentions")
        rows = rows.assign(period=rows["date"].dt.to_period(PERIODS[period]).dt.start_time)
    for key in keys:
        if key not in rows.columns:
            raise InputError(f"the table of scored mentions has no column {key!r}; {nearest(key, rows.columns)}")
    return keys, rows


def _labels(scored: pd.DataFrame, task: str, found: pd.Series) -> tuple[str, ...]:
    """The task's labels in order: the codebook's, else those of the columns of probabilities, else those that occur."""
    prefix = f"{task}_p_"
    columns = [c.removeprefix(prefix) for c in scored.columns if isinstance(c, str) and c.startswith(prefix)]
    known = load_codebook().get(task)
    if known is not None and (not columns or set(columns) == set(known.labels)):
        return known.labels
    return tuple(columns or sorted({*found, *scored[f"{task}_pred"].dropna()}))


def _weights(ids: pd.Series, frame: pd.DataFrame | None) -> np.ndarray:
    if frame is None:
        return np.ones(len(ids))
    for column in ("mention_id", "probability"):
        if column not in frame.columns:
            raise InputError(f"the frame has no column {column!r}; {nearest(column, frame.columns)}")
    drawn = frame.drop_duplicates("mention_id").set_index("mention_id")["probability"].reindex(ids)
    if drawn.isna().any():
        raise InputError(
            f"the gold mention {drawn.index[drawn.isna()][0]!r} is not in the frame, or without a probability: what "
            "was not drawn from it cannot be weighted. Leave such gold out, or leave out frame="
        )
    if not drawn.between(0, 1, inclusive="right").all():
        odd = drawn[~drawn.between(0, 1, inclusive="right")]
        raise InputError(
            f"the frame gives the mention {odd.index[0]!r} the probability {odd.iloc[0]:g}; expected above 0 and at "
            "most 1"
        )
    return 1 / drawn.to_numpy(dtype=float)

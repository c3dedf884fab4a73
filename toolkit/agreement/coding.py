"""Annotations of one task as a matrix of codes, checked at the door."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from toolkit.codebook import load_codebook
from toolkit.errors import InputError, nearest
from toolkit.tables import check_table

__all__ = ["AGREEMENT", "MAJORITY", "Coding", "gather_codes", "labels_of"]

AGREEMENT, MAJORITY = "agreement", "majority"
"""What gold says in place of a person's name; no coder may be called so."""


@dataclass(frozen=True)
class Coding:
    """The codes of one task.

    Attributes
    ----------
    task : str
    units : numpy.ndarray of str, shape (units,)
        The mentions, sorted.
    coders : tuple of str
        Sorted.
    labels : tuple of str
        In the codebook's order where it has the task.
    values : tuple of float or None
        A number for each label of an ordered task.
    ordered : bool
        Whether the labels have an order.
    codes : numpy.ndarray of int, shape (units, coders)
        The number of each label; -1 where a coder gave none.
    """

    task: str
    units: np.ndarray
    coders: tuple[str, ...]
    labels: tuple[str, ...]
    values: tuple[float, ...] | None
    ordered: bool
    codes: np.ndarray


def labels_of(
    task: str, labels: Sequence[str] | None, found: pd.Series
) -> tuple[tuple[str, ...], tuple[float, ...] | None]:
    """The labels of a task in order, and their numbers: those given, the codebook's, or those that occur."""
    known = load_codebook().get(task)
    if labels is None:
        return (tuple(sorted(found.unique())), None) if known is None else (known.labels, known.values)
    if isinstance(labels, str) or len(set(labels)) < len(list(labels)) or len(list(labels)) < 2:
        raise InputError(f"labels is {labels!r}; expected two different labels or more, in their order")
    if known is not None and tuple(labels) == known.labels:
        return known.labels, known.values
    return tuple(labels), tuple(float(i) for i in range(len(labels)))


def gather_codes(annotations: pd.DataFrame, task: str, labels: Sequence[str] | None = None) -> Coding:
    """The annotations of one task, mentions by coders.

    Raises
    ------
    InputError
        There are none; a coder labelled a mention twice, is called "agreement" or "majority", or gave a label that the
        task lacks.
    """
    check_table(annotations, "annotations")
    rows = annotations[annotations["task"] == task]
    if rows.empty:
        held = ", ".join(sorted(annotations["task"].unique())) or "no task at all"
        raise InputError(f"there are no annotations of the task {task!r}; the table holds {held}")
    names, values = labels_of(task, labels, rows["label"])
    for coder in rows["coder"].unique():
        if coder in (AGREEMENT, MAJORITY):
            raise InputError(f"a coder is called {coder!r}, a word that gold uses for how it was decided: rename them")
    foreign = rows[~rows["label"].isin(names)]
    if len(foreign):
        row = foreign.iloc[0]
        raise InputError(
            f"coder {row['coder']!r} gave the mention {row['mention_id']!r} the label {row['label']!r}, which the task "
            f"{task!r} lacks; {nearest(row['label'], names)}"
        )
    twice = rows[rows.duplicated(["mention_id", "coder"])]
    if len(twice):
        row = twice.iloc[0]
        raise InputError(
            f"coder {row['coder']!r} labelled the mention {row['mention_id']!r} twice: keep one of the two rows"
        )
    units, unit = np.unique(rows["mention_id"].to_numpy(dtype=str), return_inverse=True)
    coders, coder_of = np.unique(rows["coder"].to_numpy(dtype=str), return_inverse=True)
    codes = np.full((len(units), len(coders)), -1)
    codes[unit, coder_of] = rows["label"].map({label: i for i, label in enumerate(names)}).to_numpy(dtype=int)
    units = units.astype(object)  # plain texts, which messages can quote
    return Coding(task, units, tuple(map(str, coders)), names, values, values is not None, codes)

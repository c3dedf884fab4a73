"""A sample that has been coded: its frame, the coders' labels, and the gold."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from toolkit.annotation.sample import Sample
from toolkit.errors import InputError

__all__ = ["ANNOTATIONS", "GOLD", "Coded", "load_coded", "read_table"]

ANNOTATIONS, GOLD = "annotations.csv", "gold.csv"


@dataclass(frozen=True)
class Coded:
    """A coded sample.

    Attributes
    ----------
    sample : Sample
        What was drawn, and how.
    gold : pandas.DataFrame
        `mention_id, task, label, decided_by`, as :func:`toolkit.adjudicate` makes it.
    annotations : pandas.DataFrame or None
        What each coder gave, where it is there.
    """

    sample: Sample
    gold: pd.DataFrame
    annotations: pd.DataFrame | None


def load_coded(folder: str | Path, task: str = "tone") -> Coded:
    """Read the folder of a sample that was coded and adjudicated.

    Parameters
    ----------
    folder : path
        What ``toolkit sample --out`` made and ``toolkit agreement`` put gold into.
    task : str
        The task that it has to be of.

    Returns
    -------
    Coded

    Raises
    ------
    InputError
        It is a file of labels without a sample, has no gold yet, is of another task, or was changed.
    """
    path = Path(folder)
    if path.is_file():
        raise InputError(
            f"{str(path)!r} is a file of labels without the sample that they were drawn in. Which mentions could have "
            "been drawn, and how likely, is not known, so no estimate can be corrected with it; it serves for accuracy "
            "alone (toolkit.accuracy_by). Draw a sample with `toolkit sample` and have that coded"
        )
    sample = Sample.load(path)
    if sample.task != task:
        raise InputError(f"the sample in {str(path)!r} is of the task {sample.task!r}, not {task!r}")
    if not (path / GOLD).is_file():
        raise InputError(
            f"there is no {GOLD} in {str(path)!r}; `toolkit annotations import` reads the coded sheets, and "
            "`toolkit agreement` makes the gold"
        )
    gold = read_table(path / GOLD, ("mention_id", "task", "label", "decided_by"))
    held = path / ANNOTATIONS
    return Coded(sample, gold, read_table(held, ("mention_id", "task", "coder", "label")) if held.is_file() else None)


def read_table(path: Path, needed: Sequence[str]) -> pd.DataFrame:
    """A CSV file as people and spreadsheets write it: separated by commas, semicolons or tabs."""
    raw = path.read_bytes()
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"{path} is not UTF-8 text (byte {error.start}); save it as CSV (UTF-8)") from None
    first = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=first.count)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise InputError(f"{path} is not CSV ({error}); save it again as CSV (UTF-8)") from None
    header = [name.strip() for name in rows[0]] if rows else []
    for column in needed:
        if column not in header:
            raise InputError(f"{path} has no column {column!r}; it has: {', '.join(header) or 'nothing'}")
    full = []
    for number, row in enumerate(rows[1:], 2):
        if any(cell.strip() for cell in row):  # spreadsheets leave rows of separators at the end
            if len(row) != len(header):
                raise InputError(f"{path}, row {number}: {len(row)} cells, expected {len(header)} as in the header")
            full.append(row)
    return pd.DataFrame(full, columns=header, dtype="str")

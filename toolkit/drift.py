"""How two runs' files differ: which table, column and rows, and by how much; and what of that is tolerated."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml
from pydantic import Field

from toolkit.config import Strict, check_config, read_yaml
from toolkit.errors import InputError

__all__ = ["TOLERANCES", "Difference", "Tolerance", "compare_files", "compare_tables", "load_tolerance"]

SHOWN = 5
"""Rows that a difference names."""
CELL = 60
"""Characters of a value that are shown."""


class Tolerance(Strict):
    """What may differ.

    A label that flipped is always listed; it is tolerated where its probabilities are and the two labels' were so close
    that drift within the tolerance can turn them round.
    """

    scores: float = Field(default=0.0, ge=0)
    """Largest difference of probabilities and scores of mentions."""
    estimates: float = Field(default=0.0, ge=0)
    """Largest difference of estimates and the ends of their intervals."""
    other: float = Field(default=0.0, ge=0)
    """Largest difference of other numbers, such as probabilities of a reading."""
    drawings: bool = False
    """Whether figures and the report may be drawn otherwise where the versions of libraries differ."""


TOLERANCES = {
    "none": Tolerance(),
    "default": Tolerance(scores=1e-3, estimates=1e-3, other=1e-3, drawings=True),
}
"""By name: none, and what is asked of another machine."""


@dataclass(frozen=True)
class Difference:
    """One thing that does not hold.

    Attributes
    ----------
    stage : str
        Where it arises: ``files``, ``inputs``, ``code``, ``config``, or the stage that made the file.
    file : str
        The file, by its name in the run folder or among the inputs.
    what : str
        What differs, in words.
    column : str
        The column, where one table's values differ.
    rows : tuple of str
        The first rows that differ, by their ids.
    count, of : int
        How many rows differ, of how many.
    largest, mean : float or None
        Absolute differences of numbers, over the rows that differ.
    flips : tuple of (str, str, str)
        Labels that differ: id, what it was, what it is. All of them.
    tolerated : bool
        Whether it is within the tolerance asked for.
    """

    stage: str
    file: str
    what: str
    column: str = ""
    rows: tuple[str, ...] = ()
    count: int = 0
    of: int = 0
    largest: float | None = None
    mean: float | None = None
    flips: tuple[tuple[str, str, str], ...] = ()
    tolerated: bool = False


def load_tolerance(name: str | Path | None) -> Tolerance:
    """A tolerance by name (``none``, ``default``) or from a YAML file with ``scores``, ``estimates``, ``other``.

    Raises
    ------
    InputError
        There is no such file, or it says something else.

    Examples
    --------
    >>> load_tolerance("default").scores
    0.001
    """
    if name is None:
        return TOLERANCES["none"]
    if str(name) in TOLERANCES:
        return TOLERANCES[str(name)]
    if not Path(name).is_file():
        raise InputError(
            f"there is no tolerance {str(name)!r}; give {', '.join(TOLERANCES)}, or a YAML file such as "
            "'scores: 0.001' and 'estimates: 0.001'"
        )
    return check_config(Tolerance, read_yaml(Path(name)), str(name))


def compare_files(
    old: Path, new: Path, name: str, stage: str, tolerance: Tolerance = TOLERANCES["none"]
) -> list[Difference]:
    """What differs between two files of one name, whose bytes differ: by their content where that is known.

    Parameters
    ----------
    old, new : pathlib.Path
        The files.
    name, stage : str
        What to call them, and the stage that made them.
    tolerance : Tolerance
        What may differ.

    Returns
    -------
    list of Difference
        At least one.
    """
    if not old.is_file() or not new.is_file():
        what = "is made now and was not" if new.is_file() else "was made and is not now"
        return [Difference(stage, name, what)]
    try:
        if old.suffix in (".parquet", ".csv"):
            read = pd.read_parquet if old.suffix == ".parquet" else _read_csv
            found = compare_tables(read(old), read(new), name, stage, tolerance)
        elif old.suffix in (".json", ".yaml"):
            load = json.loads if old.suffix == ".json" else yaml.safe_load
            values = [_flat(load(path.read_text(encoding="utf-8"))) for path in (old, new)]
            found = _compare_values(values[0], values[1], name, stage, tolerance)
        else:
            return [Difference(stage, name, "differs")]
    except (ValueError, OSError, yaml.YAMLError) as error:
        return [Difference(stage, name, f"differs and cannot be read ({type(error).__name__})")]
    return found or [Difference(stage, name, "holds the same values in other bytes", tolerated=True)]


def _read_csv(path: Path) -> pd.DataFrame:
    return pd.read_csv(path, low_memory=False)


def compare_tables(
    old: pd.DataFrame, new: pd.DataFrame, name: str, stage: str, tolerance: Tolerance = TOLERANCES["none"]
) -> list[Difference]:
    """What differs between two tables, rows matched by their ids.

    Parameters
    ----------
    old, new : pandas.DataFrame
        Tables of one kind.
    name, stage : str
        What to call them, and the stage that made them.
    tolerance : Tolerance
        What may differ.

    Returns
    -------
    list of Difference
        Empty where both hold the same; columns in the order of `old`.

    Examples
    --------
    >>> old = pd.DataFrame({"mention_id": ["m1", "m2"], "tone_score": [0.1, 0.2]})
    >>> found = compare_tables(old, old.assign(tone_score=[0.1, 0.5]), "mentions.parquet", "score")
    >>> found[0].column, found[0].rows, round(found[0].largest, 3)
    ('tone_score', ('m2',), 0.3)
    """
    found = []
    if list(old.columns) != list(new.columns):
        other = sorted(map(str, set(old.columns) ^ set(new.columns)))
        found.append(Difference(stage, name, f"has other columns: {other or 'another order'}"))
    keys = _keys(old, new)
    old, new = old.set_axis(_ids(old, keys)), new.set_axis(_ids(new, keys))
    gone, added = old.index.difference(new.index, sort=False), new.index.difference(old.index, sort=False)
    if len(gone) or len(added):
        parts = [
            f"{len(part)} {word} ({_listed(part)})" for part, word in ((gone, "gone"), (added, "new")) if len(part)
        ]
        rows = tuple(map(str, [*gone, *added][:SHOWN]))
        what = f"has {len(new)} rows, had {len(old)}: {' and '.join(parts)}"
        found.append(Difference(stage, name, what, rows=rows, count=len(gone) + len(added), of=len(old)))
    both = old.index.intersection(new.index, sort=False)
    if not found and list(old.index) != list(new.index):
        found.append(Difference(stage, name, "holds its rows in another order"))
    a, b = old.loc[both], new.loc[both]
    columns = [c for c in old.columns if c in new.columns]
    found += [d for c in columns if (d := _compare_column(a[c], b[c], str(c), name, stage, tolerance)) is not None]
    return _excuse_flips(found, a, b, tolerance)


def _keys(old: pd.DataFrame, new: pd.DataFrame) -> list[str]:
    """The columns that tell rows apart."""
    columns = [str(c) for c in old.columns if c in new.columns]
    for key in ("mention_id", "sentence_id"):
        if key in columns:
            return [key]
    if "article_id" in columns:
        return [c for c in ("article_id", "start", "end") if c in columns]
    if "source_file" in columns:
        return [c for c in ("source_file", "locator") if c in columns]
    if "task" in columns:
        groups = columns[: columns.index("task") + 1]
        return [*groups, *(c for c in ("a", "b", "voice", "copies", "period") if c in columns and c not in groups)]
    return []


def _ids(table: pd.DataFrame, keys: list[str]) -> pd.Index:
    """A name for each row; rows of one name are numbered."""
    if not keys:
        return pd.Index([f"row {i + 1}" for i in range(len(table))], dtype=object)
    names = table[keys[0]].astype(str)
    for key in keys[1:]:
        names = names + "/" + table[key].astype(str)
    again = names.groupby(names).cumcount()
    return pd.Index(names.where(again == 0, names + "#" + (again + 1).astype(str)), dtype=object)


def _listed(ids: Iterable[Any]) -> str:
    shown = [str(i) for i in ids]
    return ", ".join(shown[:SHOWN]) + (f" and {len(shown) - SHOWN} more" if len(shown) > SHOWN else "")


def _compare_column(
    a: pd.Series, b: pd.Series, column: str, name: str, stage: str, tolerance: Tolerance
) -> Difference | None:
    numbers = all(pd.api.types.is_numeric_dtype(s) and not pd.api.types.is_bool_dtype(s) for s in (a, b))
    if numbers:
        a, b = a.astype("float64"), b.astype("float64")
    else:
        a, b = a.astype(object), b.astype(object)
    unlike = ~((a == b) | (a.isna() & b.isna())).to_numpy(dtype=bool)
    if not unlike.any():
        return None
    a, b = a[unlike], b[unlike]
    rows, head = tuple(map(str, a.index[:SHOWN])), f"column {column!r}: {len(a)} of {len(unlike)} rows differ"
    first = f"the first {a.index[0]}: was {_shown(a.iloc[0])}, is {_shown(b.iloc[0])}"
    made = Difference(stage, name, f"{head}, {first}", column, rows, len(a), len(unlike))
    if not numbers:
        flips: tuple[tuple[str, str, str], ...] = ()
        if column.endswith("_pred") or column in ("reading", "voice", "label"):
            flips = tuple((str(i), str(was), str(now)) for i, was, now in zip(a.index, a, b, strict=True))
        return replace(made, flips=flips)
    gaps = (a - b).abs()
    largest = float(gaps.max()) if gaps.notna().all() else float("inf")
    mean = float(gaps.mean()) if gaps.notna().any() else float("inf")
    allowed = _allowed(column, name, tolerance)
    what = f"{head} by at most {largest:.3g}, {mean:.3g} on average, {first}"
    return replace(made, what=what, largest=largest, mean=mean, tolerated=largest <= allowed)


def _allowed(column: str, name: str, tolerance: Tolerance) -> float:
    table = Path(name).name.partition(".")[0]
    if "_p_" in column or (column.endswith("_score") and table == "mentions"):
        return tolerance.scores
    if column in ("estimate", "low", "high", "p", "p_value", "value", "se") or table in ("numbers", "summary"):
        return tolerance.estimates if not column.startswith("n_") else 0.0
    return 0.0 if column.startswith("n_") or column in ("start", "end", "position") else tolerance.other


def _excuse_flips(found: list[Difference], a: Any, b: Any, tolerance: Tolerance) -> list[Difference]:
    """Tolerate labels that flipped where the probabilities that decided them are within it, and were nearly equal."""
    if tolerance.scores <= 0:
        return found
    excused = []
    for difference in found:
        task = difference.column.removesuffix("_pred")
        probabilities = [c for c in a.columns if str(c).startswith(f"{task}_p_") and c in b.columns]
        if difference.flips and task != difference.column and probabilities:
            rows = [row for row, _, _ in difference.flips]
            gaps = (a.loc[rows, probabilities] - b.loc[rows, probabilities]).abs().to_numpy()
            ties = [
                abs(a.at[row, f"{task}_p_{was}"] - a.at[row, f"{task}_p_{now}"]) <= 2 * tolerance.scores
                for row, was, now in difference.flips
                if {f"{task}_p_{was}", f"{task}_p_{now}"} <= set(probabilities)
            ]
            near = bool(np.all(gaps <= tolerance.scores)) and all(ties) and len(ties) == len(rows)
            difference = replace(difference, tolerated=near)
        excused.append(difference)
    return excused


def _shown(value: Any) -> str:
    text = repr(value.item() if isinstance(value, np.generic) else value)
    return text if len(text) <= CELL else text[:CELL] + "..."


def _flat(value: Any, prefix: str = "") -> dict[str, Any]:
    """Nested keys as dotted ones."""
    if isinstance(value, dict) and value:
        return {k: v for key, inner in value.items() for k, v in _flat(inner, f"{prefix}{key}.").items()}
    return {prefix.rstrip("."): value}


def _compare_values(
    old: dict[str, Any], new: dict[str, Any], name: str, stage: str, tolerance: Tolerance
) -> list[Difference]:
    unlike = [key for key in dict.fromkeys([*old, *new]) if old.get(key, ...) != new.get(key, ...)]
    if not unlike:
        return []

    def is_number(value: Any) -> bool:
        return isinstance(value, int | float) and not isinstance(value, bool)

    numbers = [k for k in unlike if is_number(old.get(k)) and is_number(new.get(k))]
    largest = max((abs(old[k] - new[k]) for k in numbers), default=None)
    mean = sum(abs(old[k] - new[k]) for k in numbers) / len(numbers) if numbers else None
    within = len(numbers) == len(unlike) and all(
        abs(old[k] - new[k]) <= _allowed(k.rsplit(".", 1)[-1], name, tolerance) for k in numbers
    )
    first = unlike[0]
    was, now = (_shown(v[first]) if first in v else "nothing" for v in (old, new))
    size = f" by at most {largest:.3g}, {mean:.3g} on average" if numbers else ""
    what = f"{len(unlike)} of {len(old)} values differ{size}, the first {first}: was {was}, is {now}"
    rows = tuple(unlike[:SHOWN])
    return [Difference(stage, name, what, "", rows, len(unlike), len(old), largest, mean, tolerated=within)]

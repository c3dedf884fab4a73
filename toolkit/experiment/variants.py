"""The variants of an experiment's matrix: each a run of its own, and all of them side by side."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
from pydantic_core import to_jsonable_python

from toolkit.errors import InputError
from toolkit.experiment.running import Run, run_experiment
from toolkit.experiment.spec import load_variants
from toolkit.export import write_csv
from toolkit.runs import WORK, Progress

__all__ = ["Variants", "run_variants", "side_by_side"]


@dataclass(frozen=True)
class Variants:
    """The finished runs of a matrix.

    Attributes
    ----------
    path : pathlib.Path
        The folder, with a run folder for each variant.
    runs : dict of str to Run
        By the names of the variants.
    table : pandas.DataFrame
        One row per variant: ``variant``, a column for each path of the matrix with its value, ``n_mentions``.
    comparison : pandas.DataFrame
        See :func:`side_by_side`.
    """

    path: Path
    runs: dict[str, Run]
    table: pd.DataFrame
    comparison: pd.DataFrame


def run_variants(
    path: Path,
    out: Path | None = None,
    *,
    progress: Progress | None = None,
    changes: Mapping[str, Any] | None = None,
    announce: Callable[[str, int, int], None] | None = None,
) -> Variants:
    """Run every variant of an experiment's matrix, or finish what was interrupted, and compare their estimates.

    A stage that two variants have in common is made once. The folder gets ``variants.csv`` (which variant is which) and
    ``comparison.csv``.

    Parameters
    ----------
    path : pathlib.Path
        An experiment file with a ``matrix``.
    out : pathlib.Path, optional
        The folder for the runs; ``runs/<name of the file>`` if not given.
    progress : Progress, optional
        Told what goes on.
    changes : mapping of str to object, optional
        As for :func:`toolkit.run_experiment`; they hold for every variant.
    announce : callable, optional
        Called with (name of the variant, its number, number of variants) before each.

    Returns
    -------
    Variants

    Raises
    ------
    InputError
        The file has no matrix, one of its variants is wrong (before any is run), the folder holds another run.
    """
    path = Path(path)
    variants = load_variants(path, changes)
    if variants is None:
        raise InputError(f"{path} has no matrix; run it with toolkit.run_experiment, or 'toolkit run {path}'")
    folder = Path(out) if out else Path("runs") / path.stem
    if (folder / WORK).is_dir():
        raise InputError(f"{str(folder)!r} holds a run without variants; give another folder with --out, or remove it")
    runs: dict[str, Run] = {}
    for number, (name, (values, _)) in enumerate(variants.items(), 1):
        if announce:
            announce(name, number, len(variants))
        runs[name] = run_experiment(
            path, folder / name, progress=progress, changes=changes, variant=values, store=folder / ".scores",
            others=[run.path for run in runs.values()],
        )  # fmt: skip
    rows = [
        {"variant": name, **{key: _cell(value) for key, value in variants[name][0].items()},
         "n_mentions": len(run.mentions)}
        for name, run in runs.items()
    ]  # fmt: skip
    found = Variants(folder, runs, pd.DataFrame(rows), side_by_side({n: run.summary for n, run in runs.items()}))
    write_csv(found.table, folder / "variants.csv")
    write_csv(found.comparison, folder / "comparison.csv")
    return found


def _cell(value: Any) -> str | int | float | bool | None:
    if value is None or isinstance(value, str | int | float | bool):
        return value
    return json.dumps(to_jsonable_python(value), ensure_ascii=False)


def side_by_side(summaries: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """The estimates of several summaries in one table.

    Parameters
    ----------
    summaries : mapping of str to pandas.DataFrame
        Name -> a summary, as :func:`toolkit.estimate` returns it.

    Returns
    -------
    pandas.DataFrame
        One row per group and task: the keys (``(all)`` where a summary does not group by one), ``task``; for each name
        ``<name>``, ``<name> low`` and ``<name> high``, missing where it has no such group; then ``range`` (the largest
        estimate minus the smallest) and ``signs`` (``same``, or ``differ``: above zero in one and below it in another).
        Rows in the order of the first summary that has them.

    Examples
    --------
    >>> row = {"outlet": "The Courier", "task": "tone", "estimate": 0.1, "low": 0.0, "high": 0.2}
    >>> one, other = pd.DataFrame([row]), pd.DataFrame([row | {"estimate": -0.1}])
    >>> side_by_side({"own": one, "all": other})[["outlet", "own", "all", "range", "signs"]].values.tolist()
    [['The Courier', 0.1, -0.1, 0.2, 'differ']]
    """
    keys = list(dict.fromkeys(key for table in summaries.values() for key in _keys(table)))
    rows: dict[tuple[Any, ...], dict[str, Any]] = {}
    for name, table in summaries.items():
        for record in table.to_dict("records"):
            group = {key: record.get(key, "(all)") for key in keys}
            row = rows.setdefault(tuple(map(str, group.values())), dict(group))
            row |= {name: record["estimate"], f"{name} low": record["low"], f"{name} high": record["high"]}
    numbers = [column for name in summaries for column in (name, f"{name} low", f"{name} high")]
    table = pd.DataFrame(list(rows.values()), columns=[*keys, *numbers])
    estimates = table[list(summaries)].astype("float64")
    table[numbers] = table[numbers].astype("float64")
    table["range"] = estimates.max(axis=1) - estimates.min(axis=1)
    turned = (estimates.max(axis=1) > 0) & (estimates.min(axis=1) < 0)
    return table.assign(signs=turned.map({True: "differ", False: "same"}))


def _keys(summary: pd.DataFrame) -> list[str]:
    """The columns that tell rows of a summary apart: the groups, and the task."""
    columns = [str(column) for column in summary.columns]
    return columns[: columns.index("task") + 1]

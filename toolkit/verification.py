"""Does a run still hold? First its files against their hashes, then all of it built again."""

from __future__ import annotations

import json
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from toolkit.errors import InputError
from toolkit.experiment import run_experiment
from toolkit.files import file_hash
from toolkit.runs import Progress

__all__ = ["Difference", "verify_run"]


@dataclass(frozen=True)
class Difference:
    """One thing that does not hold.

    Attributes
    ----------
    stage : str
        Where it arises: ``files``, ``inputs``, ``code``, or the stage that made the file.
    file : str
        The file, by its name in the run folder or among the inputs.
    what : str
        What differs.
    """

    stage: str
    file: str
    what: str


def verify_run(path: Path, *, rebuild: bool = True, progress: Progress | None = None) -> list[Difference]:
    """Check a run folder.

    Parameters
    ----------
    path : pathlib.Path
        The run folder.
    rebuild : bool, default True
        Also run the experiment again, in a temporary folder, and compare every file.
    progress : Progress, optional
        Told what goes on.

    Returns
    -------
    list of Difference
        Empty where everything holds; the first stage that differs comes first.

    Raises
    ------
    InputError
        The folder holds no finished run, or its experiment is gone.
    """
    path = Path(path)
    facts = _facts(path)
    found = _changed_files(path, facts)
    if not rebuild:
        return found
    experiment = Path(facts["experiment"])
    if not experiment.is_file():
        raise InputError(
            f"the experiment of this run, {str(experiment)!r}, is gone; "
            "put it back, or check the files alone with --no-rebuild"
        )
    with tempfile.TemporaryDirectory(prefix="toolkit-verify-") as folder:
        again = Path(folder) / "run"
        run_experiment(experiment, again, progress=progress)
        return found + _compare(path, facts, again, _facts(again))


def _facts(path: Path) -> dict[str, Any]:
    try:
        facts: dict[str, Any] = json.loads((path / "run.json").read_text(encoding="utf-8"))
    except OSError:
        raise InputError(
            f"{str(path)!r} holds no finished run (no run.json); give the folder that 'toolkit run' named"
        ) from None
    except ValueError as error:
        raise InputError(f"{path / 'run.json'} is damaged ({error}); run the experiment again") from None
    return facts


def _changed_files(path: Path, facts: dict[str, Any]) -> list[Difference]:
    found = []
    for name, digest in facts["outputs"].items():
        if not (path / name).is_file():
            found.append(Difference("files", name, "is missing"))
        elif file_hash(path / name) != digest:
            found.append(Difference("files", name, "was changed after the run"))
    return found


def _compare(path: Path, facts: dict[str, Any], again: Path, new: dict[str, Any]) -> list[Difference]:
    found = []
    for name in sorted({*facts["inputs"], *new["inputs"]}):
        before, now = facts["inputs"].get(name), new["inputs"].get(name)
        if before != now:
            what = "is new" if before is None else "is gone" if now is None else "is not what it was"
            found.append(Difference("inputs", name, what))
    if facts["code_sha256"] != new["code_sha256"]:
        found.append(Difference("code", "toolkit", "is another version than the one that made the run"))
    order = [stage["stage"] for stage in new["stages"]]
    differing = [name for name, digest in new["outputs"].items() if facts["outputs"].get(name) != digest]
    differing += [name for name in facts["outputs"] if name not in new["outputs"]]
    stage_of = {"config.yaml": "config", **facts["made_by"], **new["made_by"]}
    ranks = {stage: rank for rank, stage in enumerate(["config", *order])}
    for name in sorted(differing, key=lambda n: (ranks.get(stage_of.get(n, ""), len(ranks)), n)):
        found.append(Difference(stage_of.get(name, "?"), name, _what_differs(path / name, again / name)))
    return found


def _what_differs(old: Path, new: Path) -> str:
    if not old.is_file() or not new.is_file():
        return "is made now and was not" if new.is_file() else "was made and is not now"
    if old.suffix not in (".parquet", ".csv"):
        return "differs"
    try:
        read = pd.read_parquet if old.suffix == ".parquet" else pd.read_csv
        a, b = read(old), read(new)
    except (ValueError, OSError) as error:
        return f"differs and cannot be read ({type(error).__name__})"
    if list(a.columns) != list(b.columns):
        return f"has other columns: {sorted(set(a.columns) ^ set(b.columns)) or 'another order'}"
    if len(a) != len(b):
        return f"has {len(b)} rows, had {len(a)}"
    for column in a.columns:
        unlike = ~((a[column] == b[column]) | (a[column].isna() & b[column].isna()))
        if unlike.any():
            row = int(unlike.to_numpy().argmax())
            return (
                f"column {column!r}: {int(unlike.sum())} of {len(a)} rows differ, "
                f"the first in row {row}: was {a[column].iloc[row]!r}, is {b[column].iloc[row]!r}"
            )
    return "holds the same values in other bytes"

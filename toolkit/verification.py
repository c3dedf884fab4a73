"""Does a run still hold? First its files against their hashes, then all of it built again."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from toolkit.drift import TOLERANCES, Difference, Tolerance, compare_files, load_tolerance
from toolkit.errors import InputError
from toolkit.experiment import run_experiment
from toolkit.files import file_hash
from toolkit.runs import WORK, Progress

__all__ = ["Difference", "drift_report", "read_facts", "to_record", "verify_run"]

FOLLOWS = (".svg", ".pdf", ".png", ".txt", ".html", ".tex", ".md")
"""Files that show what tables hold."""


def verify_run(
    path: Path,
    *,
    rebuild: bool = True,
    tolerance: str | Path | Tolerance | None = None,
    progress: Progress | None = None,
) -> list[Difference]:
    """Check a run folder.

    Parameters
    ----------
    path : pathlib.Path
        The run folder.
    rebuild : bool, default True
        Also run the experiment again, in a temporary folder and without kept scores, and compare every file.
    tolerance : str, pathlib.Path or Tolerance, optional
        What may differ: "none" if not given, "default" for a run made on another machine, or a YAML file; see
        :class:`toolkit.drift.Tolerance`.
    progress : Progress, optional
        Told what goes on.

    Returns
    -------
    list of Difference
        Empty where everything holds; the first stage that differs comes first. What is within the tolerance is listed
        too, as such.

    Raises
    ------
    InputError
        The folder holds no finished run, or its experiment is gone; there is no such tolerance.
    """
    path = Path(path)
    allowed = tolerance if isinstance(tolerance, Tolerance) else load_tolerance(tolerance)
    facts = read_facts(path)
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
        run_experiment(experiment, again, progress=progress, fresh=True)
        return found + _compare(path, facts, again, read_facts(again), allowed)


def read_facts(path: Path) -> dict[str, Any]:
    """What run.json says.

    Raises
    ------
    InputError
        There is none, or it is damaged.
    """
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


def _compare(
    path: Path, facts: dict[str, Any], again: Path, new: dict[str, Any], tolerance: Tolerance
) -> list[Difference]:
    found = list(_named("inputs", facts["inputs"], new["inputs"], tolerated=False))
    # Code and libraries are reasons, not results: whether the run still holds is for the tables to say.
    reasons = tolerance != TOLERANCES["none"]
    found += _named("code", facts.get("code", {}), new["code"], tolerated=reasons)
    found += _named("libraries", facts.get("libraries", {}), new["libraries"], tolerated=reasons)
    if facts.get("processor") != new["processor"]:
        what = f"was {facts.get('processor')!r}, is {new['processor']!r}"
        found.append(Difference("machine", "processor", what, tolerated=True))
    order = ["config", *(stage["stage"] for stage in new["stages"])]
    stage_of = {"config.yaml": "config", **facts["made_by"], **new["made_by"]}
    names = {*facts["outputs"], *new["outputs"]}
    differing = [name for name in names if facts["outputs"].get(name) != new["outputs"].get(name)]
    tables: list[Difference] = []
    rest = []
    for name in sorted(differing, key=lambda n: (n.startswith(WORK), n)):
        if Path(name).suffix in FOLLOWS:
            rest.append(name)
        else:
            tables += compare_files(path / name, again / name, name, stage_of.get(name, "?"), tolerance)
    drift = tables + [_follows(name, stage_of, tables, facts, new, tolerance, path, again) for name in rest]
    ranks = {stage: rank for rank, stage in enumerate(order)}
    return found + sorted(drift, key=lambda d: (ranks.get(d.stage, len(ranks)), Path(d.file).suffix in FOLLOWS))


def _named(stage: str, before: dict[str, Any], now: dict[str, Any], *, tolerated: bool) -> Iterable[Difference]:
    for name in sorted({*before, *now}):
        if before.get(name) != now.get(name):
            what = "is new" if name not in before else "is gone" if name not in now else "is not what it was"
            if stage == "libraries":
                what = f"was {before.get(name)}, is {now.get(name)}"
            yield Difference(stage, name, what, tolerated=tolerated)


def _follows(
    name: str,
    stage_of: dict[str, str],
    tables: list[Difference],
    facts: dict[str, Any],
    new: dict[str, Any],
    tolerance: Tolerance,
    path: Path,
    again: Path,
) -> Difference:
    """A figure, report or typeset table that differs: does it only show what the tables say?"""
    stage = stage_of.get(name, "?")
    difference = compare_files(path / name, again / name, name, stage)[0]
    if tolerance == TOLERANCES["none"] or difference.what != "differs":
        return difference
    if tables and all(table.tolerated for table in tables):
        return replace(difference, what="differs as the tables do that it shows", tolerated=True)
    if not tables and tolerance.drawings and facts.get("libraries") != new["libraries"]:
        what = "is drawn otherwise by other versions of libraries, from the same tables"
        return replace(difference, what=what, tolerated=True)
    return difference


def drift_report(found: list[Difference], path: Path, *, rebuilt: bool = True, most: int = 50) -> str:
    """The differences in words, the first stage on top.

    Parameters
    ----------
    found : list of Difference
        What :func:`verify_run` gave.
    path : pathlib.Path
        The run folder, to name it.
    rebuilt : bool
        Whether the run was built again.
    most : int
        Differences, and labels of one column, that are listed.
    """
    bad = [d for d in found if not d.tolerated]
    if not found:
        return f"{path}: " + ("rebuilt to the same bytes" if rebuilt else "all files are unchanged")
    if bad:
        first = next((d for d in bad if d.column), bad[0])
        lines = [f"{path}: {len(bad)} differences, the first in the stage {bad[0].stage!r}"]
        if first.column:
            lines.append(f"  first table: {first.file}, column {first.column!r}, rows {', '.join(first.rows)}")
    else:
        lines = [f"{path}: the same within the tolerance; {len(found)} differences are listed"]
    for difference in [*bad, *(d for d in found if d.tolerated)][:most]:
        mark = "  (tolerated)" if difference.tolerated and bad else ""
        lines.append(f"  {difference.stage:9} {difference.file}: {difference.what}{mark}")
        lines += [f"            {row}: {was} -> {now}" for row, was, now in difference.flips[:most]]
        if len(difference.flips) > most:
            lines.append(f"            and {len(difference.flips) - most} more labels")
    if len(found) > most:
        lines.append(f"  and {len(found) - most} more")
    return "\n".join(lines)


def to_record(found: list[Difference], path: Path) -> dict[str, Any]:
    """The differences as JSON can hold them; infinite differences (a number against none) are None."""

    def plain(difference: Difference) -> dict[str, Any]:
        values = asdict(difference)
        return {k: None if isinstance(v, float) and v == float("inf") else v for k, v in values.items()}

    bad = [d for d in found if not d.tolerated]
    status = "differs" if bad else "tolerated" if found else "same"
    return {
        "run": str(path), "status": status, "first_stage": bad[0].stage if bad else None,
        "differences": [plain(d) for d in found],
    }  # fmt: skip

"""``toolkit annotations import``: what coders sent back, into the folder of the sample."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["add"]

SHOWN = 20
"""So many problems are printed; the file has them all."""


def add(commands: Any) -> None:
    """Add the commands."""
    annotations = commands.add_parser("annotations", help="read the sheets that coders filled in")
    kinds = annotations.add_subparsers(title="commands", required=True, metavar="WHAT")
    read = kinds.add_parser("import", help="read filled sheets into the folder of the sample")
    read.add_argument("sheets", type=Path, help="the folder that toolkit sample made")
    read.add_argument(
        "files", nargs="*", type=Path, metavar="FILE",
        help="what the coders sent back, all at once (default: the sheets in the folder): XLSX, ODS, CSV, exports of "
        "Label Studio (JSON, JSON-MIN, CSV, TSV) and of doccano (JSONL, JSON, CSV, ZIP)",
    )  # fmt: skip
    read.add_argument(
        "--coder", nargs="+", default=[], metavar="NAME",
        help="the coder of files that name none; or OLD=NEW, by the name in a file or of a file: 1=anna all.jsonl=bo",
    )  # fmt: skip
    read.add_argument(
        "--codebook",
        type=Path,
        help="the codebook of the task (default: codebook.yaml in the folder, else the toolkit's)",
    )
    read.add_argument("--quiet", action="store_true", help="print nothing but faults")
    read.set_defaults(do=_import)


def _import(options: argparse.Namespace) -> int:
    from toolkit.annotation.harmless import harmless
    from toolkit.annotation.importing import read_annotations
    from toolkit.annotation.sample import Sample
    from toolkit.annotation.sheets import assigned
    from toolkit.codebook import load_codebook, task_hash
    from toolkit.errors import InputError, nearest
    from toolkit.export import write_csv

    sample = Sample.load(options.sheets)
    own = options.sheets / "codebook.yaml"  # toolkit sample keeps the user's own beside the sheets
    codebook = load_codebook(options.codebook or (own if own.is_file() else None))
    if sample.task not in codebook:
        raise InputError(
            f"the codebook has no task {sample.task!r}, for which the sample was drawn; "
            f"{nearest(sample.task, codebook)}. Give the right one with --codebook"
        )
    task = codebook[sample.task].about(sample.facts.get("proposition"))
    if sample.facts.get("task_sha256") not in (None, task_hash(task)):
        words = f"the sample was drawn with other words for the task {sample.task!r} than this codebook has"
        print(f"note: {words}; if its labels changed since, give the old one with --codebook", file=sys.stderr)
    annotations, problems = read_annotations(
        options.files or [options.sheets], sample, task, _coders(options.coder),
        expected=assigned(options.sheets),
    )  # fmt: skip
    old = options.sheets / "annotations.csv"
    before = _coders_of(old)
    # People open both files in a spreadsheet, and coders and their files wrote what is in them.
    write_csv(annotations.assign(note=annotations["note"].map(harmless)), old)
    listed = problems.copy()
    for name in listed.columns.drop("used"):
        listed[name] = listed[name].map(harmless)
    write_csv(listed, options.sheets / "problems.csv")
    if gone := sorted(before - set(annotations["coder"])):
        print(f"note: annotations.csv held labels of {', '.join(gone)}, which these files do not: "
              "give the files of all coders in one command", file=sys.stderr)  # fmt: skip
    unused = problems[~problems["used"]]
    if not options.quiet or len(unused):
        _print(annotations, problems, len(sample.mentions), options.sheets)
    return 1 if len(unused) else 0


def _coders(values: list[str]) -> str | dict[str, str] | None:
    """``NAME``, or ``OLD=NEW`` several times."""
    from toolkit.errors import InputError

    pairs = dict(value.rpartition("=")[::2] for value in values if "=" in value)
    names = [value for value in values if "=" not in value]
    if (pairs and names) or len(names) > 1 or not all(old and new for old, new in pairs.items()):
        raise InputError(f"--coder: {' '.join(values)!r}; expected one NAME, or OLD=NEW for each name or file")
    return pairs or (names[0] if names else None)


def _coders_of(path: Path) -> set[str]:
    """The coders of an earlier import; none where it cannot be read, for it is written anew."""
    import csv

    try:
        with path.open(encoding="utf-8", newline="") as handle:
            return {row.get("coder") or "" for row in csv.DictReader(handle)} - {""}
    except (OSError, ValueError, csv.Error):
        return set()


def _print(annotations: pd.DataFrame, problems: pd.DataFrame, n: int, folder: Path) -> None:
    """Counts for each coder, the first problems, and where the rest is."""
    from rich.console import Console
    from rich.table import Table

    unused = problems[~problems["used"]]
    console = Console(width=None if sys.stdout.isatty() else 110, highlight=False, markup=False)
    table = Table(box=None, pad_edge=False)
    for name in ("coder", "coded", "not usable", "labels"):
        table.add_column(name, justify="right" if name in ("coded", "not usable") else "left")
    for coder in sorted({*annotations["coder"], *unused["coder"]}):
        own = annotations[annotations["coder"] == coder]["label"].value_counts()
        listed = ", ".join(f"{label} {own[label]}" for label in sorted(own.index))
        table.add_row(coder or "(nobody)", str(own.sum()), str((unused["coder"] == coder).sum()), listed)
    console.print(table)
    coded = annotations.groupby("mention_id")["coder"].nunique()
    print(f"\nMentions: {n} drawn, {len(coded)} coded, {(coded > 1).sum()} by several coders")
    for title, rows in (("Not used", unused), ("Used, but look", problems[problems["used"]])):
        if len(rows):
            print(f"\n{title}: {len(rows)}")
        for row in rows.head(SHOWN).to_dict("records"):
            place = ", ".join(str(row[name]) for name in ("file", "place", "mention_id", "coder") if row[name])
            value = f" {row['value']!r}" if row["value"] else ""
            print(f"  {place}:{value} {row['reason']}. To do: {row['remedy']}")
        if len(rows) > SHOWN:
            print(f"  and {len(rows) - SHOWN} more")
    print(f"\nAnnotations: {folder / 'annotations.csv'}")
    if len(problems):
        print(f"Problems: {folder / 'problems.csv'}")

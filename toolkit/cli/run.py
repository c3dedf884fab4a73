"""``toolkit run``: run an experiment, or finish one that was interrupted."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from toolkit.cli.progress import Bars, Events

if TYPE_CHECKING:
    from toolkit.experiment import Run, Variants

__all__ = ["add", "print_run", "print_variants"]

SIDE_BY_SIDE = 6
"""More variants than these do not fit beside each other; the file has them all."""


def add(commands: Any) -> None:
    """Add the command."""
    run = commands.add_parser(
        "run",
        help="run an experiment, or finish one that was interrupted",
        epilog="An experiment with a matrix makes one run for each of its variants, in runs/NAME/VARIANT, and a table "
        "that compares them, runs/NAME/comparison.csv.",
    )
    run.add_argument("experiment", type=Path, help="the YAML file of the experiment")
    run.add_argument("--out", type=Path, help="the folder of the run (default: runs/NAME)")
    run.add_argument(
        "--set", action="append", default=[], metavar="KEY=VALUE", dest="changes",
        help="another value for a key, such as estimate.copies=own; null takes the default back; may be given often",
    )  # fmt: skip
    run.add_argument("--quiet", action="store_true", help="print nothing but faults")
    run.add_argument(
        "--json", action="store_true", help="say what goes on as lines of JSON, for machines, on standard error"
    )
    run.add_argument(
        "--without-result-block", action="store_true", help="print the estimates alone; say why in your text"
    )
    run.set_defaults(do=_run)


def _run(options: argparse.Namespace) -> int:
    from toolkit.experiment import run_experiment, run_variants
    from toolkit.layers import MATRIX, parse_changes, read_layers

    progress: Bars | Events = Events() if options.json else Bars(quiet=options.quiet)
    changes = parse_changes(options.changes)
    value = read_layers(options.experiment)
    if changes.get("kind", value.get("kind")) == "train":
        from toolkit.training import run_training

        report = run_training(options.experiment, out=options.out, progress=progress, changes=changes)
        if not options.quiet:
            print(report)
        return 0
    if value.get(MATRIX) is not None:

        def announce(name: str, number: int, count: int) -> None:
            if isinstance(progress, Events):
                progress.tell("variant", name=name, number=number, of=count)
            elif not options.quiet:
                print(f"{name} ({number} of {count})", file=sys.stderr)

        with progress:
            found = run_variants(options.experiment, options.out, progress=progress, changes=changes, announce=announce)
        if isinstance(progress, Events):
            progress.tell("finished", run=str(found.path), comparison=str(found.path / "comparison.csv"))
        elif not options.quiet:
            print_variants(found)
        return 0
    with progress:
        run = run_experiment(options.experiment, options.out, progress=progress, changes=changes)
    if isinstance(progress, Events):
        progress.tell("finished", run=str(run.path), report=str(run.report), articles=len(run.articles))
    elif not options.quiet:
        print_run(run, block=not options.without_result_block)
    return 0


def print_variants(found: Variants) -> None:
    """Which variant is which, and their estimates side by side."""
    from rich.console import Console
    from rich.table import Table

    from toolkit.export import cell_text

    console = Console(width=None if sys.stdout.isatty() else 110)
    which = Table(box=None, pad_edge=False)
    for column in ("", *found.table.columns):
        which.add_column(str(column))
    for number, row in enumerate(found.table.itertuples(index=False), 1):
        which.add_row(str(number), *map(cell_text, row))
    names = list(found.runs)
    shown = names if len(names) <= SIDE_BY_SIDE else []
    table = Table(box=None, pad_edge=False)
    keys = [str(c) for c in found.comparison.columns[: list(found.comparison.columns).index("task") + 1]]
    for column in [*keys, *(str(number) for number, _ in enumerate(shown, 1)), "range", "signs"]:
        table.add_column(column, justify="left" if column in (*keys, "signs") else "right")
    for record in found.comparison.to_dict("records"):
        numbers = ["-" if cell_text(record[n]) == "" else f"{record[n]:+.2f}" for n in shown]
        wide = "-" if cell_text(record["range"]) == "" else f"{record['range']:.2f}"
        table.add_row(*(cell_text(record[k]) for k in keys), *numbers, wide, record["signs"])
    for part in (which, table):
        console.print()
        console.print(part)
    print(f"\nSide by side: {found.path / 'comparison.csv'}")


def print_run(run: Run, *, block: bool = True) -> None:
    """The small table at the end: outlet x actor, tone with its interval, and all that it rests on."""
    from rich.console import Console
    from rich.table import Table

    from toolkit.export import cell_text
    from toolkit.results import read_block

    articles, mentions = run.articles, run.mentions
    console = Console(width=None if sys.stdout.isatty() else 110)
    table = Table(title=None, box=None, pad_edge=False)
    keys = list(run.summary.columns[: list(run.summary.columns).index("task")])
    for key in [*keys, "task"]:
        table.add_column(key)
    for name in ("estimate", "95 % interval", "mentions", "articles", "stories"):
        table.add_column(name.replace("95", f"{_level(run)}"), justify="right")
    summary = _marked(run, keys)
    for row in summary.to_dict("records"):
        missing = cell_text(row["low"]) == ""
        interval = "-" if missing else f"{row['low']:+.2f} to {row['high']:+.2f}"
        value = "-" if cell_text(row["estimate"]) == "" else f"{row['estimate']:+.2f}"
        counts = [str(row[f"n_{unit}"]) for unit in ("mentions", "articles", "stories")]
        value += " *" if row.get("within_swap") is True else ""
        table.add_row(*(cell_text(row[k]) for k in [*keys, "task"]), value, interval, *counts)
    console.print()
    console.print(table)
    if "within_swap" in summary and summary["within_swap"].any():
        console.print("* no larger than what other actors' names alone do to the same sentences (swap audit)")
    console.print(
        f"\n{len(articles):,} articles of {articles['outlet'].nunique()} outlets, "
        f"{articles['story_id'].nunique():,} stories; {len(mentions):,} mentions; "
        f"{len(run.removed):,} spans of page furniture removed; {len(run.rejected):,} inputs rejected",
        highlight=False,
    )
    first = run.summary.iloc[0] if len(run.summary) else None
    if first is not None:
        console.print(f"voice: {first['voice']}; copies: {first['copies']}; {first['method']}", highlight=False)
    if block and (run.path / "quality" / "result_block.csv").is_file():
        print(f"\n{read_block(run.path / 'quality' / 'result_block.csv')}")
    # A path must stay whole, so that it can be clicked and copied.
    print(f"\nReport: {run.report}")


def _marked(run: Run, keys: list[str]) -> Any:
    """The summary, and which of its estimates the classifier's reading of names could make."""
    import pandas as pd

    from toolkit.evaluation import swap_floor

    audit = run.path / "quality" / "swap_audit.csv"
    if not audit.is_file() or "actor" not in keys:
        return run.summary
    return swap_floor(run.summary, pd.read_csv(audit))


def _level(run: Run) -> str:
    import yaml

    config = yaml.safe_load((run.path / "config.yaml").read_text(encoding="utf-8"))
    return f"{100 * config['estimate']['level']:g}"

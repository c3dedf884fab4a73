"""``toolkit run``: run an experiment, or finish one that was interrupted."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from toolkit.cli.progress import Bars, Events

if TYPE_CHECKING:
    from toolkit.experiment import Run

__all__ = ["add", "print_run"]


def add(commands: Any) -> None:
    """Add the command."""
    run = commands.add_parser("run", help="run an experiment, or finish one that was interrupted")
    run.add_argument("experiment", type=Path, help="the YAML file of the experiment")
    run.add_argument("--out", type=Path, help="the folder of the run (default: runs/NAME)")
    run.add_argument("--quiet", action="store_true", help="print nothing but faults")
    run.add_argument(
        "--json", action="store_true", help="say what goes on as lines of JSON, for machines, on standard error"
    )
    run.set_defaults(do=_run)


def _run(options: argparse.Namespace) -> int:
    from toolkit.config import read_yaml
    from toolkit.experiment import run_experiment

    progress: Bars | Events = Events() if options.json else Bars(quiet=options.quiet)
    if read_yaml(options.experiment).get("kind") == "train":
        from toolkit.training import run_training

        report = run_training(options.experiment, out=options.out, progress=progress)
        if not options.quiet:
            print(report)
        return 0
    with progress:
        run = run_experiment(options.experiment, options.out, progress=progress)
    if isinstance(progress, Events):
        progress.tell("finished", run=str(run.path), report=str(run.report), articles=len(run.articles))
    elif not options.quiet:
        print_run(run)
    return 0


def print_run(run: Run) -> None:
    """The small table at the end: outlet x actor, tone with its interval and the counts behind it."""
    from rich.console import Console
    from rich.table import Table

    from toolkit.export import cell_text

    articles, mentions = run.articles, run.mentions
    console = Console(width=None if sys.stdout.isatty() else 110)
    table = Table(title=None, box=None, pad_edge=False)
    keys = list(run.summary.columns[: list(run.summary.columns).index("task")])
    for key in [*keys, "task"]:
        table.add_column(key)
    for name in ("estimate", "95 % interval", "mentions", "articles", "stories"):
        table.add_column(name.replace("95", f"{_level(run)}"), justify="right")
    for row in run.summary.to_dict("records"):
        missing = cell_text(row["low"]) == ""
        interval = "-" if missing else f"{row['low']:+.2f} to {row['high']:+.2f}"
        value = "-" if cell_text(row["estimate"]) == "" else f"{row['estimate']:+.2f}"
        counts = [str(row[f"n_{unit}"]) for unit in ("mentions", "articles", "stories")]
        table.add_row(*(cell_text(row[k]) for k in [*keys, "task"]), value, interval, *counts)
    console.print()
    console.print(table)
    console.print(
        f"\n{len(articles):,} articles of {articles['outlet'].nunique()} outlets, "
        f"{articles['story_id'].nunique():,} stories; {len(mentions):,} mentions; "
        f"{len(run.removed):,} spans of page furniture removed; {len(run.rejected):,} inputs rejected",
        highlight=False,
    )
    first = run.summary.iloc[0] if len(run.summary) else None
    if first is not None:
        console.print(f"voice: {first['voice']}; copies: {first['copies']}; {first['method']}", highlight=False)
    # A path must stay whole, so that it can be clicked and copied.
    print(f"\nReport: {run.report}")


def _level(run: Run) -> str:
    import yaml

    config = yaml.safe_load((run.path / "config.yaml").read_text(encoding="utf-8"))
    return f"{100 * config['estimate']['level']:g}"

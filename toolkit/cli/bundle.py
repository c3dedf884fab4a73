"""``toolkit bundle`` and ``toolkit rebuild``: a replication package without texts, and back from it to numbers."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from toolkit.cli.progress import Bars

__all__ = ["add"]


def add(commands: Any) -> None:
    """Add the commands."""
    bundle = commands.add_parser("bundle", help="make a replication package of a run, without the articles' texts")
    bundle.add_argument("run", type=Path, help="the folder of the run")
    bundle.add_argument("--out", type=Path, required=True, help="a file ending in .zip, or a new folder")
    bundle.add_argument("--gold", type=Path, help="the folder of a coded sample, whose labels go along")
    bundle.set_defaults(do=_bundle)
    rebuild = commands.add_parser(
        "rebuild",
        help="match your own export with a replication package, run it, and compare the numbers",
        epilog="Ends with 0 where the numbers are the same within the tolerance; 1 where they differ; 2 where nothing "
        "can be rebuilt.",
    )
    rebuild.add_argument("bundle", type=Path, help="the replication package, a ZIP file or a folder")
    rebuild.add_argument("--from", dest="exports", type=Path, required=True, help="your own export of the articles")
    rebuild.add_argument("--out", type=Path, default=Path("rebuilt"), help="the folder of the new run (rebuilt)")
    rebuild.add_argument("--tolerance", default="default", metavar="FILE", help="as for verify")
    rebuild.add_argument("--quiet", action="store_true", help="print nothing but faults")
    rebuild.set_defaults(do=_rebuild)


def _bundle(options: argparse.Namespace) -> int:
    from toolkit.bundling import bundle_run

    files = bundle_run(options.run, options.out, gold=options.gold)
    print(f"Replication package: {options.out} ({len(files)} files, no texts; see its README.md)")
    return 0


def _rebuild(options: argparse.Namespace) -> int:
    from toolkit.rebuilding import STATUSES, rebuild_bundle
    from toolkit.verification import drift_report

    with Bars(quiet=options.quiet) as progress:
        made = rebuild_bundle(
            options.bundle, options.exports, options.out, tolerance=options.tolerance, progress=progress
        )
    if not options.quiet:
        counts = made.matches.groupby("outlet")["status"].value_counts().unstack(fill_value=0)
        counts = counts.reindex(columns=list(STATUSES), fill_value=0)
        counts.loc["all"] = counts.sum()
        print(counts.to_string())
        print(f"\nEach article: {options.out / 'matches.csv'}\n")
        if made.differences:
            print(drift_report(made.differences, options.out))
        else:
            print(f"{options.out}: the package's numbers came out again")
    return 1 if any(not d.tolerated for d in made.differences) else 0

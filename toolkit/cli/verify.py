"""``toolkit verify``: does a run still hold?"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from toolkit.cli.progress import Bars

__all__ = ["add"]


def add(commands: Any) -> None:
    """Add the command."""
    verify = commands.add_parser(
        "verify",
        help="check a run: its files against their hashes, then all of it built again",
        epilog="Ends with 0 where all is the same, or within the tolerance; 1 where something differs; 2 where the "
        "run cannot be checked.",
    )
    verify.add_argument("run", type=Path, help="the folder of the run")
    verify.add_argument(
        "--rebuild", action=argparse.BooleanOptionalAction, default=True,
        help="run the experiment again and compare (the default), or check the files alone",
    )  # fmt: skip
    verify.add_argument(
        "--tolerance", metavar="FILE", help="what may differ: 'default' for other machines, or a YAML file of your own"
    )
    verify.add_argument("--json", action="store_true", help="print the drift report as JSON")
    verify.set_defaults(do=_verify)


def _verify(options: argparse.Namespace) -> int:
    from toolkit.files import to_json
    from toolkit.verification import drift_report, to_record, verify_run

    with Bars(quiet=options.json) as progress:
        found = verify_run(options.run, rebuild=options.rebuild, tolerance=options.tolerance, progress=progress)
    if options.json:
        print(to_json(to_record(found, options.run)), end="")
    else:
        print(drift_report(found, options.run, rebuilt=options.rebuild))
    return 1 if any(not d.tolerated for d in found) else 0

"""``toolkit report``: the report of a finished run again, with its texts or without."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

__all__ = ["add"]


def add(commands: Any) -> None:
    """Add the command."""
    report = commands.add_parser("report", help="make the report of a finished run again, with or without the texts")
    report.add_argument("run", type=Path, help="the folder of the run")
    report.add_argument(
        "--no-text", action="store_true",
        help="leave out every sentence, title, address and removed text: for texts that may not be passed on",
    )  # fmt: skip
    report.add_argument(
        "--out", type=Path, help="the file (default: report.html of the run, report-no-text.html with --no-text)"
    )
    report.set_defaults(do=_report)


def _report(options: argparse.Namespace) -> int:
    from toolkit.experiment.reporting import report_again
    from toolkit.report import size_words

    made = report_again(options.run, options.out, text=not options.no_text)
    print(f"Report: {made}")
    print(f"Size: {size_words(made.stat().st_size)}" + (", without texts" if options.no_text else ""))
    return 0

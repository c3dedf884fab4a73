"""``toolkit compare``: two runs side by side."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

__all__ = ["add"]


def add(commands: Any) -> None:
    """Add the command."""
    compare = commands.add_parser(
        "compare", help="two runs side by side: estimates, what was changed, which stage made the difference first"
    )
    compare.add_argument("run_a", type=Path, help="the folder of a run")
    compare.add_argument("run_b", type=Path, help="the folder of another run")
    compare.add_argument(
        "--out", type=Path, metavar="FILE",
        help="also write it: the estimates as .csv, everything as .json, what is printed as .txt or .md",
    )  # fmt: skip
    compare.add_argument("--json", action="store_true", help="print everything as JSON")
    compare.set_defaults(do=_compare)


def _compare(options: argparse.Namespace) -> int:
    from toolkit.comparing import compare_runs, comparison_report
    from toolkit.errors import InputError
    from toolkit.export import write_csv
    from toolkit.files import to_json, write_atomically

    suffixes = (".csv", ".json", ".txt", ".md")
    if options.out is not None and options.out.suffix.lower() not in suffixes:
        raise InputError(f"--out {str(options.out)!r} is of no known kind; end its name in {', '.join(suffixes)}")
    found = compare_runs(options.run_a, options.run_b)
    record, report = to_json(found.to_record()), comparison_report(found) + "\n"
    print(record if options.json else report, end="")
    if options.out is not None:
        kind = options.out.suffix.lower()
        if kind == ".csv":
            write_csv(found.estimates, options.out)
        else:
            text = record if kind == ".json" else f"```\n{report}```\n" if kind == ".md" else report
            with write_atomically(options.out) as path:
                path.write_text(text, encoding="utf-8", newline="\n")
    return 0

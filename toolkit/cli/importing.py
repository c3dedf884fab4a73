"""``toolkit import``: exports, pages and tables into one file of articles."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from toolkit.cli.progress import Bars

if TYPE_CHECKING:
    from toolkit.corpora import Imported

__all__ = ["add"]


def add(commands: Any) -> None:
    """Add the command."""
    read = commands.add_parser("import", help="read exports, pages and tables into one file of articles")
    read.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="a file or a folder with all below it")
    read.add_argument("--out", type=Path, required=True, help="the file to write, such as articles.parquet")
    read.add_argument("--format", default="auto", help="how the files are read (default: each by its content)")
    read.add_argument(
        "--columns", nargs="+", default=[], metavar="FIELD=COLUMN", help="such as text=body title=headline"
    )
    read.add_argument("--outlet", help="the outlet of articles that name none")
    read.add_argument(
        "--outlets", nargs="+", default=[], metavar="NAME=OUTLET",
        help="how a file or folder writes an outlet, and its name; comes before the toolkit's own table",
    )  # fmt: skip
    read.add_argument("--dates", metavar="ORDER", help="how dates in numbers are written: dmy or mdy")
    read.add_argument("--allow-rejected", action="store_true", help="end with 0 also where something was rejected")
    read.add_argument("--quiet", action="store_true", help="print nothing but faults")
    read.set_defaults(do=_import)


def _import(options: argparse.Namespace) -> int:
    import time

    from toolkit.corpora import import_articles

    columns = {field: names.split(",") for field, names in _pairs(options.columns, "--columns").items()}
    given = {"outlet": options.outlet, "outlets": _pairs(options.outlets, "--outlets"), "dates": options.dates}
    started = time.perf_counter()
    with Bars(quiet=options.quiet) as bars:
        bars.start("import")
        found = import_articles(
            options.paths, options.out, format=options.format, columns=columns or None, progress=bars.advance,
            counted=lambda number: bars.note(f"{number:,} articles"), **given,
        )  # fmt: skip
        bars.end("import", time.perf_counter() - started, False)
    if not options.quiet:
        _print_import(found, options.out)
    return 1 if found.rejected and not options.allow_rejected else 0


def _pairs(values: Sequence[str], option: str) -> dict[str, str]:
    """``NAME=VALUE`` as a mapping."""
    from toolkit.errors import InputError

    pairs = [value.partition("=") for value in values]
    for value, (name, sign, meant) in zip(values, pairs, strict=True):
        if not (name.strip() and sign and meant.strip()):
            raise InputError(f"{option}: {value!r} has no two parts; expected NAME=VALUE, such as text=body")
    return {name.strip(): meant.strip() for name, _, meant in pairs}


def _print_import(found: Imported, out: Path) -> None:
    """The table at the end of an import."""
    from rich.console import Console
    from rich.table import Table

    from toolkit.corpora.importing import REJECTED

    def listed(counts: Any, most: int) -> str:
        first = ", ".join(f"{name or 'not stated'} {n:,}" for name, n in counts.most_common(most))
        return first + (f" and {len(counts) - most} more" if len(counts) > most else "")

    dates = f"{found.first.date()} to {found.last.date()}" if found.first is not None else "-"
    folded = [f"{name} -> {outlet}" for name, outlet in sorted(found.folded)]
    rows = {
        "files": f"{found.files:,}", "articles": f"{found.articles:,}", "rejected": f"{found.rejected:,}",
        "of these duplicates": f"{found.duplicates:,}",
        "outlets": f"{len(found.outlets):,}: {listed(found.outlets, 6)}",
        "outlets folded": ", ".join(folded[:6]) + (f" and {len(folded) - 6} more" if len(folded) > 6 else "") or "-",
        "dates": dates, "missing dates": f"{found.missing_dates:,}", "languages": listed(found.languages, 6) or "-",
        "encodings": listed(found.encodings, 6) or "-", "truncated bodies": f"{found.truncated:,}",
        "with warnings": f"{found.doubtful:,}",
    }  # fmt: skip
    table = Table(box=None, pad_edge=False, show_header=False)
    for name, value in rows.items():
        table.add_row(name, value.replace("[", r"\["))
    console = Console(width=None if sys.stdout.isatty() else 110, highlight=False)
    console.print(table)
    print(f"\nArticles: {out}")
    if found.rejected:
        print(f"Rejected, with reasons: {out.with_name(REJECTED)}")

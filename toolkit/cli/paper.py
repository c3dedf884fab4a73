"""``toolkit paper``: a text with the numbers, tables and figures of a run in it."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

__all__ = ["add"]


def add(commands: Any) -> None:
    """Add the command."""
    command = commands.add_parser("paper", help="put the numbers, tables and figures of a run into a text, by name")
    command.add_argument("template", type=Path, help="a Markdown file, such as docs/paper/paper.md")
    command.add_argument("run", type=Path, help="the folder of the run")
    command.add_argument("--out", type=Path, required=True, help="the page to write: .html, or .md for the text alone")
    command.set_defaults(do=_paper)


def _paper(options: argparse.Namespace) -> int:
    from toolkit.papers import fill_paper

    paper = fill_paper(options.template, options.run)
    paper.save(options.out)
    print(f"{len(paper.sources)} numbers, tables and figures quoted; each with its source at the end of the page")
    print(f"Page: {options.out}")
    return 0

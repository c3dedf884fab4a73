"""``toolkit codebook``: the coder's manual of a codebook."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

__all__ = ["add"]


def add(commands: Any) -> None:
    """Add the command."""
    book = commands.add_parser("codebook", help="check a codebook, and print it as a manual for coders")
    book.add_argument("file", nargs="?", type=Path, help="a YAML file (default: the toolkit's own)")
    book.add_argument("--task", action="append", dest="tasks", help="this task alone; can be given several times")
    book.add_argument("--proposition", help="what the text is for or against, in a task of stance")
    book.add_argument("--format", help="markdown, html or docx (default: by the end of --out, else markdown)")
    book.add_argument("--out", type=Path, help="the file to write (default: printed)")
    book.set_defaults(do=_codebook)


def _codebook(options: argparse.Namespace) -> int:
    from toolkit.codebook import load_codebook
    from toolkit.errors import InputError, nearest
    from toolkit.files import write_atomically
    from toolkit.manual import MANUAL_FORMATS, coder_manual

    known = load_codebook(options.file)
    for name in options.tasks or ():
        if name not in known:
            raise InputError(f"unknown task {name!r}; {nearest(name, known)}")
    tasks = [known[name] for name in dict.fromkeys(options.tasks or known)]
    if options.proposition:
        if len(tasks) == 1 or not any(task.needs_proposition for task in tasks):
            tasks = [task.about(options.proposition) for task in tasks]
        tasks = [task.about(options.proposition) if task.needs_proposition else task for task in tasks]
    by_end = {end: name for name, end in MANUAL_FORMATS.items()}
    chosen = options.format or (by_end.get(options.out.suffix.lower(), "markdown") if options.out else "markdown")
    manual = coder_manual(tasks, chosen)
    if options.out is None:
        if isinstance(manual, bytes):
            raise InputError("a DOCX file cannot be printed; say where to with --out, such as --out manual.docx")
        print(manual, end="")
        return 0
    with write_atomically(options.out) as part:
        part.write_bytes(manual if isinstance(manual, bytes) else manual.encode("utf-8"))
    print(f"Manual: {options.out}")
    return 0

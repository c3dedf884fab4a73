"""The command ``toolkit``. Everything heavy is imported inside the command that needs it.

A new command is one file here with a function ``add(commands)``, and its name in :data:`COMMANDS`.
"""

from __future__ import annotations

import argparse
import sys
import warnings
from collections.abc import Sequence
from importlib import import_module
from typing import Any

__all__ = ["COMMANDS", "main"]

STOPPED = 130
COMMANDS = (
    "run",
    "report",
    "importing",
    "codebook",
    "sample",
    "annotations",
    "agreement",
    "estimate",
    "verify",
    "bundle",
    "cache",
    "actors",
    "show",
)
"""The files of this folder that hold commands, in the order in which ``--help`` lists them."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command.

    Parameters
    ----------
    arguments : sequence of str, optional
        Those of the command line, if not given.

    Returns
    -------
    int
        0 where all went well; 1 where a check failed; 2 where something given cannot be used; 130 after Ctrl-C.
    """
    from toolkit.errors import InputError

    options = _parser().parse_args(arguments)
    try:
        with warnings.catch_warnings():
            warnings.showwarning = _warning_event if getattr(options, "json", False) else _show_warning
            return int(options.do(options))
    except InputError as error:
        _complain(str(error), options)
        return 2
    except KeyboardInterrupt:
        print("\ntoolkit: stopped. What is finished is kept: give the same command again to go on.", file=sys.stderr)
        return STOPPED
    except BrokenPipeError:
        # Whoever read our output has gone (toolkit ... | head); closing stdout keeps the interpreter from complaining.
        sys.stderr.close()
        return 1
    except OSError as error:
        _complain(_os_words(error), options)
        return 2


def _warning_event(message: Warning | str, *_: Any, **__: Any) -> None:
    import json

    print(json.dumps({"event": "note", "words": str(message)}), file=sys.stderr)


def _os_words(error: OSError) -> str:
    """What the system refused, and what to do about it."""
    import errno

    name = f" ({error.filename})" if error.filename else ""
    full = error.errno in (errno.ENOSPC, errno.EDQUOT) or "No space left" in str(error)
    closed = error.errno in (errno.EACCES, errno.EPERM, errno.EROFS)
    what = "the disk is full" if full else error.strerror or str(error)
    remedy = (
        "free some space, or give a folder on another disk with --out, and give the same command again" if full
        else "give a folder that you may write to, or make it writable" if closed
        else "give the same command again when that is mended"
    )  # fmt: skip
    return f"{what}{name}; nothing half-written was kept: {remedy}"


def _complain(words: str, options: argparse.Namespace) -> None:
    """Say what is wrong, as the rest is said."""
    if getattr(options, "json", False):
        import json

        print(json.dumps({"event": "error", "words": words}), file=sys.stderr)
    else:
        print(f"toolkit: {words}", file=sys.stderr)


def _show_warning(message: Warning | str, *_: Any, **__: Any) -> None:
    print(f"note: {message}", file=sys.stderr)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="toolkit",
        description="How news outlets portray political actors: from a folder of articles to a defended figure.",
        epilog="Start with: toolkit run experiments/idlib_2020.yaml",
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {_version()}")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")

    for command in COMMANDS:
        import_module(f"toolkit.cli.{command}").add(commands)
    return parser


def _version() -> str:
    from importlib import metadata

    try:
        return metadata.version("stance-toolkit")
    except metadata.PackageNotFoundError:
        return "(not installed)"

"""``toolkit actors``: what the lexicon holds, and whether a file of one's own fits."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

__all__ = ["add"]


def add(commands: Any) -> None:
    """Add the commands."""
    actors = commands.add_parser("actors", help="what the lexicon of actors holds, and whether a file of yours fits")
    kinds = actors.add_subparsers(title="commands", required=True, metavar="WHAT")
    show = kinds.add_parser("show", help="what counts as a mention of an actor")
    show.add_argument("actor", help="its id, such as turkey")
    show.add_argument("--date", help="who held which office on that day, such as 2020-02-28")
    listed = kinds.add_parser("list", help="all actors")
    check = kinds.add_parser("check", help="read a file or folder of actors on top of those that ship")
    check.add_argument("file", type=Path, help="a YAML file, or a folder with *.yaml, leaders.csv, names.csv")
    for command in (show, listed):
        command.add_argument("--lexicon", type=Path, help="a file or folder of actors that is added to those that ship")
    for command, function in ((show, _show_actor), (listed, _list_actors), (check, _check_actors)):
        command.set_defaults(do=function)


def _show_actor(options: argparse.Namespace) -> int:
    from datetime import date

    from toolkit.actors import load_lexicon
    from toolkit.actors.describing import describe_actor
    from toolkit.errors import InputError

    try:
        day = date.fromisoformat(options.date).isoformat() if options.date else None
    except ValueError:
        raise InputError(f"--date: {options.date!r} is no date; expected YYYY-MM-DD, such as 2020-02-28") from None
    print(describe_actor(options.actor, day, load_lexicon(extra=options.lexicon)))
    return 0


def _list_actors(options: argparse.Namespace) -> int:
    from toolkit.actors import load_lexicon
    from toolkit.actors.describing import list_actors

    print(list_actors(load_lexicon(extra=options.lexicon)))
    return 0


def _check_actors(options: argparse.Namespace) -> int:
    from toolkit.actors.describing import check_lexicon

    lexicon, faults = check_lexicon(options.file)
    for fault in faults:
        print(fault)
    if lexicon is None:
        print(f"{options.file}: {len(faults)} faults")
        return 1
    print(f"{options.file}: fits; with what ships, {len(lexicon.actors)} actors and {len(lexicon.people)} persons")
    return 0

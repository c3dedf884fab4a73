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
        "verify", help="check a run: its files against their hashes, then all of it built again"
    )
    verify.add_argument("run", type=Path, help="the folder of the run")
    verify.add_argument("--no-rebuild", action="store_true", help="check the files alone")
    verify.set_defaults(do=_verify)


def _verify(options: argparse.Namespace) -> int:
    from toolkit.verification import verify_run

    with Bars() as progress:
        found = verify_run(options.run, rebuild=not options.no_rebuild, progress=progress)
    if not found:
        print(f"{options.run}: " + ("all files are unchanged" if options.no_rebuild else "rebuilt to the same bytes"))
        return 0
    print(f"{options.run}: {len(found)} differences, the first in the stage {found[0].stage!r}")
    for difference in found[:50]:
        print(f"  {difference.stage:9} {difference.file}: {difference.what}")
    if len(found) > 50:
        print(f"  and {len(found) - 50} more")
    return 1

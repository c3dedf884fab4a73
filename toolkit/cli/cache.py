"""``toolkit cache``: the scores that are kept so that nothing is classified twice."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

__all__ = ["add"]


def add(commands: Any) -> None:
    """Add the command."""
    cache = commands.add_parser("cache", help="how much is kept of scores made before, and to clear it")
    cache.add_argument("run", type=Path, nargs="?", help="the folder of a run (default: what TOOLKIT_CACHE names)")
    cache.add_argument("--clear", action="store_true", help="take it away; the next run classifies everything again")
    cache.set_defaults(do=_cache)


def _cache(options: argparse.Namespace) -> int:
    from toolkit.errors import InputError
    from toolkit.runs import WORK
    from toolkit.store import CACHE, cache_folder, clear_store, store_size

    folder = options.run / WORK / "scores" if options.run else cache_folder()
    if folder is None:
        raise InputError(f"{CACHE} names no folder; set it, or give the folder of a run")
    if options.run and not (options.run / WORK).is_dir():
        raise InputError(f"{str(options.run)!r} is no run folder; give the folder that 'toolkit run' named")
    number, size = store_size(folder)
    if options.clear:
        clear_store(folder)
    print(f"{folder}: scores of {number} classifiers, {size / 1e6:.1f} MB" + (", cleared" if options.clear else ""))
    return 0

"""Progress for people: a bar on a terminal, a line per stage elsewhere."""

from __future__ import annotations

import sys
from typing import Any

__all__ = ["Bars"]


class Bars:
    """Progress for people: a bar on a terminal, a line per stage elsewhere."""

    def __init__(self, *, quiet: bool = False) -> None:
        self.quiet = quiet
        self.bar: Any = None
        self.task: Any = None
        if sys.stderr.isatty() and not quiet:
            from rich.console import Console
            from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

            self.bar = Progress(
                TextColumn("{task.description:10}"), BarColumn(), TextColumn("{task.percentage:3.0f} %"),
                TimeRemainingColumn(), TextColumn("{task.fields[note]}"), console=Console(stderr=True), transient=True,
            )  # fmt: skip

    def __enter__(self) -> Bars:
        if self.bar:
            self.bar.start()
        return self

    def __exit__(self, *exception: object) -> None:
        if self.bar:
            self.bar.stop()

    def start(self, stage: str) -> None:
        """Begin a stage."""
        if self.bar:
            self.task = self.bar.add_task(stage, total=None, note="")

    def advance(self, done: int, total: int) -> None:
        """Say how far the stage is."""
        if self.bar and self.task is not None:
            self.bar.update(self.task, completed=done, total=total)

    def note(self, words: str) -> None:
        """Words behind the bar: what is known where the share that is done is not."""
        if self.bar and self.task is not None:
            self.bar.update(self.task, note=words)

    def end(self, stage: str, seconds: float, kept: bool) -> None:
        """End a stage and say how long it took."""
        if self.bar and self.task is not None:
            self.bar.remove_task(self.task)
            self.task = None
        if not self.quiet:
            print(f"{stage:10} " + ("kept" if kept else f"{seconds:6.1f} s"), file=sys.stderr)

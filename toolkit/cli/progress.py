"""Progress for people: a bar on a terminal, a line per stage elsewhere; and for machines: a line of JSON per event."""

from __future__ import annotations

import json
import sys
import time
from typing import Any

__all__ = ["Bars", "Events"]

PACE = 0.5
"""Seconds between two events that say how far a stage is."""


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


class Events:
    """Progress for machines: one JSON object a line on stderr, each with ``event`` and ``stage``.

    ``{"event": "start", "stage": "score"}``, ``{"done": 512, "event": "progress", "stage": "score", "total": 2373}``
    (at most two a second), ``{"event": "end", "kept": false, "seconds": 7.7, "stage": "score"}``.
    """

    def __init__(self) -> None:
        self.stage = ""
        self.last = 0.0

    def __enter__(self) -> Events:
        return self

    def __exit__(self, *exception: object) -> None:
        pass

    def tell(self, event: str, **facts: Any) -> None:
        """Write an event."""
        print(json.dumps({"event": event, **facts}, sort_keys=True), file=sys.stderr, flush=True)

    def start(self, stage: str) -> None:
        """Begin a stage."""
        self.stage = stage
        self.last = time.monotonic()
        self.tell("start", stage=stage)

    def advance(self, done: int, total: int) -> None:
        """Say how far the stage is, not too often."""
        now = time.monotonic()
        if now - self.last >= PACE:
            self.last = now
            self.tell("progress", stage=self.stage, done=done, total=total)

    def end(self, stage: str, seconds: float, kept: bool) -> None:
        """End a stage."""
        self.tell("end", stage=stage, seconds=seconds, kept=kept)

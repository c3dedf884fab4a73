"""The word lists of ``toolkit/data/readings.yaml``, and what a found name is."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

import yaml

__all__ = ["Found", "between", "load_words", "singular", "unbroken"]


@dataclass(slots=True)
class Found:
    """A mention in one text, filled in step by step; offsets are code points of that text."""

    start: int
    end: int
    actor: str
    form: str
    surface: str
    sentence: int = 0
    reading: str = "actor"
    reading_p: float = 1.0
    voice: str = "outlet"
    speaker: str | None = None
    organ: str = ""
    person: str | None = None
    office: str | None = None
    resolved: bool = False


@lru_cache(maxsize=1)
def load_words() -> dict[str, frozenset[str]]:
    """The lists by name.

    Examples
    --------
    >>> "border" in load_words()["place_nouns"]
    True
    """
    text = resources.files("toolkit").joinpath("data/readings.yaml").read_text(encoding="utf-8")
    return {
        key: frozenset(value if isinstance(value, list) else value.split())
        for key, value in yaml.safe_load(text).items()
    }


def singular(word: str) -> str:
    """A plural in lower case without its ending.

    Examples
    --------
    >>> [singular(word) for word in ("Soldiers", "beaches", "cities", "press")]
    ['soldier', 'beach', 'city', 'press']
    """
    word = word.lower()
    if word.endswith(("ches", "shes", "sses", "xes")):
        return word[:-2]
    if word.endswith("ies"):
        return word[:-3] + "y"
    return word[:-1] if word.endswith("s") and not word.endswith("ss") else word


def between(hits: list[Found], start: int, end: int) -> Iterator[Found]:
    """The mentions that begin from `start` on and before `end`; `hits` are in order."""
    for i in range(bisect_left(hits, start, key=lambda hit: hit.start), len(hits)):
        if hits[i].start >= end:
            return
        yield hits[i]


def unbroken(sentences: list[tuple[int, int]], hits: list[Found]) -> list[tuple[int, int]]:
    """Sentences of which two that a mention bridges are one ("the U.S. | Army").

    Examples
    --------
    >>> unbroken([(0, 8), (9, 20)], [Found(4, 13, "us", "institution", "U.S. Army")])
    [(0, 20)]
    """
    starts = [start for start, _ in sentences]
    bridged = {i for hit in hits if sentences[i := bisect_right(starts, hit.start) - 1][1] < hit.end}
    joined: list[tuple[int, int]] = []
    for i, (start, end) in enumerate(sentences):
        if joined and i - 1 in bridged:
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    return joined

"""The word lists of ``toolkit/data/attributions.yaml`` and what is made of them."""

from __future__ import annotations

import re
from functools import lru_cache
from importlib import resources

import yaml

__all__ = ["alternatives", "load_words"]


@lru_cache(maxsize=1)
def load_words() -> dict[str, frozenset[str]]:
    """The lists by name; words of several parts hold hyphens or blanks as they are written there.

    Examples
    --------
    >>> "accused" in load_words()["say_of"]
    True
    """
    text = resources.files("toolkit").joinpath("data/attributions.yaml").read_text(encoding="utf-8")
    return {
        key: frozenset(value if isinstance(value, list) else value.split())
        for key, value in yaml.safe_load(text).items()
    }


def alternatives(*keys: str) -> str:
    """The words of some lists as a regular expression, longer ones first; hyphens stand for blanks."""
    words = {word.replace("-", " ") for key in keys for word in load_words()[key]}
    return "|".join(map(re.escape, sorted(words, key=lambda word: (-len(word), word))))

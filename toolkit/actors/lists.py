"""The word lists of ``toolkit/data/mentions.yaml``."""

from __future__ import annotations

from functools import lru_cache
from importlib import resources
from typing import Any

import yaml

__all__ = ["load_list", "load_set", "parse_yaml"]


def parse_yaml(text: str) -> Any:
    """YAML of plain values alone, by the fast one of the two safe loaders where it was built: the lexicon is long.

    Examples
    --------
    >>> parse_yaml("{a: [1, b]}")
    {'a': [1, 'b']}
    """
    return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))


@lru_cache(maxsize=1)
def _lists() -> dict[str, Any]:
    text = resources.files("toolkit").joinpath("data/mentions.yaml").read_text(encoding="utf-8")
    return parse_yaml(text)


def load_list(name: str) -> Any:
    """One entry of the file, as it stands there.

    Examples
    --------
    >>> load_list("endings")["ru"]["ADJ"][:5]
    'ий|ая'
    """
    return _lists()[name]


@lru_cache(maxsize=64)
def load_set(name: str) -> frozenset[str]:
    """An entry whose words stand in one text, or in a list where some hold blanks."""
    words = _lists()[name]
    return frozenset(words if isinstance(words, list) else words.split())

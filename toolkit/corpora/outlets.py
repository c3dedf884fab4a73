"""One name for an outlet that archives write in several ways, by a table that anybody can read and change."""

from __future__ import annotations

from functools import lru_cache
from importlib import resources

import yaml

__all__ = ["fold_outlet", "load_outlets"]


def fold_outlet(name: str) -> str:
    """The outlet's name in ``toolkit/data/outlets.yaml``, or `name` itself where the table does not know it.

    Capitals, blanks and a leading ``www.`` make no difference.

    Examples
    --------
    >>> fold_outlet("bbc.co.uk"), fold_outlet("The Courier")
    ('BBC News', 'The Courier')
    """
    return load_outlets().get(_key(name), name)


def _key(name: str) -> str:
    return " ".join(name.casefold().split()).removeprefix("www.")


@lru_cache(maxsize=1)
def load_outlets() -> dict[str, str]:
    """Every way of writing, in small letters -> the outlet's name."""
    text = (resources.files("toolkit") / "data" / "outlets.yaml").read_text(encoding="utf-8")
    table: dict[str, str] = {}
    for outlet, names in yaml.safe_load(text).items():
        for name in (outlet, *names):
            if table.setdefault(_key(name), outlet) != outlet:
                raise ValueError(f"outlets.yaml: {name!r} stands for {table[_key(name)]!r} and for {outlet!r}")
    return table

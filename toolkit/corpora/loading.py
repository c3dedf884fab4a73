"""Articles read, cleaned and grouped in one call."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pandas as pd

from toolkit.cleaning import clean_articles
from toolkit.corpora.reading import read_articles, resolve_corpus
from toolkit.errors import InputError, InputWarning
from toolkit.readers import Columns
from toolkit.stories import group_stories

__all__ = ["load_articles"]


def load_articles(
    path: str | os.PathLike[str],
    *,
    format: str = "auto",
    columns: Columns | None = None,
    outlet: str | None = None,
    outlets: Mapping[str, str] | None = None,
    dates: str | None = None,
    agencies: Mapping[str, Sequence[str]] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> pd.DataFrame:
    """Read articles, take out page furniture, group copies into stories.

    Parameters
    ----------
    path, format, columns, outlet, outlets, dates, progress
        See :func:`toolkit.read_articles`.
    agencies : mapping, optional
        Agency -> the names that credit it, besides those known; see :func:`toolkit.group_stories`.

    Returns
    -------
    pandas.DataFrame
        One row per article, cleaned, with ``story_id``, ``wire`` and ``copied``.

    Raises
    ------
    InputError
        As :func:`toolkit.read_articles`, and where not one article could be read.

    Warns
    -----
    InputWarning
        Something was rejected: how much, the first reasons, how to see all.
    """
    options: dict[str, Any] = {"columns": columns, "outlet": outlet, "outlets": outlets, "dates": dates}
    articles, rejected = read_articles(path, format=format, progress=progress, **options)
    if len(rejected):
        lines = [f"{r.source_file}{_at(r.locator)}: {r.reason}" for r in rejected.head(3).itertuples()]
        more = f"\n  and {len(rejected) - 3} more" if len(rejected) > 3 else ""
        listed = "\n  ".join(lines) + more
        if not len(articles):
            raise InputError(f"no article could be read from {str(path)!r}:\n  {listed}")
        warnings.warn(
            f"{len(rejected)} of {len(articles) + len(rejected)} articles or files could not be read:\n  {listed}\n"
            "toolkit.read_articles with the same arguments gives them all, as its second table",
            InputWarning,
            stacklevel=2,
        )
    cleaned, _ = clean_articles(articles)
    return group_stories(cleaned, agencies={**resolve_corpus(path).agencies, **(agencies or {})})


def _at(locator: object) -> str:
    return f", {locator}" if isinstance(locator, str) and locator else ""

"""Which mentions count, and shares of categories with the intervals of estimates."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from toolkit.errors import InputError, InputWarning, nearest
from toolkit.estimation import COPIES, READING_CHOICES, VOICE_CHOICES, estimate
from toolkit.estimation.selection import OWN_COPY
from toolkit.tables import check_table

__all__ = ["category_shares", "select_mentions"]

_FILLED: dict[str, Any] = {
    "wire": None, "copied": 0.0, "part": "body", "actor": "", "surface": "", "form": "name", "reading": "actor",
    "voice": "outlet", "speaker": None, "sentence_id": "", "sentence": "", "start": 0, "end": 0,
}  # fmt: skip


def select_mentions(
    mentions: pd.DataFrame, *, voice: str = "all", copies: str = "all", reading: str = "actor"
) -> pd.DataFrame:
    """The mentions that count, sorted by id; `copies` as for :func:`toolkit.estimate`.

    Raises
    ------
    InputError
        The table is not one of mentions, or a choice is unknown.
    """
    check_table(mentions, "mentions")
    for what, value, valid in (
        ("voice", voice, VOICE_CHOICES), ("copies", copies, COPIES), ("reading", reading, READING_CHOICES),
    ):  # fmt: skip
        if value not in valid:
            raise InputError(f"unknown {what} {value!r}; {nearest(value, valid)}")
    keep = mentions["voice"].isin(VOICE_CHOICES[voice]) if voice != "all" else pd.Series(True, index=mentions.index)
    keep &= mentions["reading"].isin(READING_CHOICES[reading])
    if copies == "own":
        keep &= mentions["wire"].isna() & (mentions["copied"] < OWN_COPY)
    return mentions[keep].sort_values("mention_id", kind="stable").reset_index(drop=True)


def category_shares(
    rows: pd.DataFrame, category: pd.Series, categories: Sequence[str], *, name: str, by: Sequence[str],
    copies: str = "all", **options: Any,
) -> pd.DataFrame:  # fmt: skip
    """The share of each category in each group, with intervals clustered by story.

    Parameters
    ----------
    rows : pandas.DataFrame
        One row for each thing counted, with `article_id`, `story_id`, `outlet`, `date` and the columns of `by`.
    category : pandas.Series of str
        The category of each row, with the index of `rows`.
    categories : sequence of str
        Those to give, in order.
    name : str
        What the categories are; becomes the summary's `task` and the name of its column of categories.
    by : sequence of str
        The columns that make the groups.
    copies, **options
        As for :func:`toolkit.estimate`.

    Returns
    -------
    pandas.DataFrame
        A summary with the column `name` after the keys; shares and their intervals lie in [0, 1].
    """
    tables = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", InputWarning)  # an empty table has no shares, and says so by having no rows
        for value in categories:
            scored = as_mentions(rows, **{f"{name}_score": category.eq(value).astype(float)})
            table = estimate(scored, name, by=by, voice="all", reading="all", copies=copies, **options)
            table.insert(len(by), name, value)
            tables.append(table)
    shares = pd.concat(tables, ignore_index=True)
    shares[["low", "high"]] = shares[["low", "high"]].clip(0, 1)
    unit = "story" if copies == "one_per_story" else "mention"
    shares["estimand"] = f"share of {name} per {unit}"
    return shares.sort_values(list(by), kind="stable").reset_index(drop=True)


def as_mentions(rows: pd.DataFrame, **columns: Any) -> pd.DataFrame:
    """Rows of anything that belongs to an article, in the shape that estimates take."""
    filled = {key: value for key, value in _FILLED.items() if key not in rows.columns}
    table = rows.assign(**filled, **columns)
    if "mention_id" not in table.columns:
        table = table.assign(mention_id=_ids(table))
    # Whose words they are and how they are read was decided before.
    table = table.assign(voice="outlet", reading="actor")
    return table if "position" in table.columns else table.assign(position=0)


def _ids(table: pd.DataFrame) -> pd.Series:
    """An id for each row that does not depend on the order of rows: the article, the actor, and a count for equals."""
    base = table["article_id"].astype(str) + ":" + table["actor"].astype(str)
    count = base.groupby(base).cumcount().astype(str)
    return pd.Series(np.where(count.eq("0"), base, base + ":" + count), index=table.index)

"""Sums of the outcomes by group and story, and the counts behind them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from toolkit.estimation.articles import article_scores, article_shares
from toolkit.estimation.correction import Outcomes
from toolkit.estimation.selection import Options


@dataclass(frozen=True)
class Groups:
    """Which group and story each mention belongs to.

    Attributes
    ----------
    keys : pandas.DataFrame
        One row a group.
    group, story, cell : array of int, shape (mentions,)
        Numbers of the group, of the story, and of the cell: a story in a group.
    cell_group, cell_story : array of int, shape (cells,)
        Sorted by group, then story.
    n_stories : int
        Stories of the whole selection.
    """

    keys: pd.DataFrame
    group: np.ndarray
    story: np.ndarray
    cell: np.ndarray
    cell_group: np.ndarray
    cell_story: np.ndarray
    n_stories: int


@dataclass(frozen=True)
class Cells:
    """One cell for each story in each group: its total and its weight, sorted by group, then story.

    `gold_total` and `gold_weight` are the parts of them that rest on gold, where the outcomes are corrected.
    """

    keys: pd.DataFrame
    group: np.ndarray
    story: np.ndarray
    total: np.ndarray
    weight: np.ndarray
    n_stories: int
    bounded: bool
    gold_total: np.ndarray | None = None
    gold_weight: np.ndarray | None = None


def group_rows(rows: pd.DataFrame, by: list[str]) -> Groups:
    """Number the groups, stories and cells of the mentions that count."""
    if by:
        grouped = rows.groupby(by, sort=True, dropna=False, observed=True)
        group = grouped.ngroup().to_numpy()
        keys = grouped.size().index.to_frame(index=False)
        if not len(rows):
            keys = rows[by].iloc[:0].reset_index(drop=True)
    else:
        group, keys = np.zeros(len(rows), dtype=int), pd.DataFrame(index=range(min(len(rows), 1)))
    names, story = np.unique(rows["story_id"].to_numpy(dtype=str), return_inverse=True)
    cell = group.astype(np.int64) * max(len(names), 1) + story
    pair, where = np.unique(cell, return_inverse=True)
    return Groups(keys, group, story, where, *np.divmod(pair, max(len(names), 1)), len(names))


def sum_cells(rows: pd.DataFrame, groups: Groups, out: Outcomes, o: Options) -> Cells:
    """Sum the outcomes by group and story."""
    size = len(groups.cell_group)
    if o.method != "naive":
        return _corrected(groups, out, vote_shares(rows, groups, o), gold_alone=o.method == "gold")
    votes, places = out.values, groups.cell
    if o.unit == "article" and len(rows):
        tones = article_scores(rows.assign(_cell=groups.cell, _outcome=out.values), "_outcome", ["_cell", "article_id"])
        votes = tones["score"].to_numpy()
        places = tones.index.get_level_values("_cell").to_numpy()
    total, weight = np.bincount(places, votes, size), np.bincount(places, minlength=size).astype(float)
    if o.copies == "one_per_story":
        total, weight = total / np.maximum(weight, 1), np.ones_like(weight)
    bounded = bool((np.abs(out.values) <= 1).all())
    return Cells(groups.keys, groups.cell_group, groups.cell_story, total, weight, groups.n_stories, bounded)


def vote_shares(rows: pd.DataFrame, groups: Groups, o: Options) -> np.ndarray:
    """How much of a vote each mention has in its group: what an estimate would be were every outcome known."""
    share = np.ones(len(rows))
    if o.unit == "article" and len(rows):
        share = article_shares(rows.assign(_cell=groups.cell), ["_cell", "article_id"])
    if o.copies == "one_per_story":
        share = share / np.bincount(groups.cell, share, len(groups.cell_group))[groups.cell]
    return share


def _corrected(groups: Groups, out: Outcomes, share: np.ndarray, *, gold_alone: bool) -> Cells:
    """The sums of corrected outcomes; none in a group without gold, and with gold alone only stories that have some."""
    size = len(groups.cell_group)
    weight = np.bincount(groups.cell, share * out.weights, size)
    gold = np.where(out.sampled, share / np.where(out.sampled, out.probability, 1.0), 0.0)
    parts = [
        np.bincount(groups.cell, values, size)
        for values in (share * out.weights * out.values, share * out.weights * out.correction, gold)
    ]
    has_gold = np.bincount(groups.group[out.sampled], minlength=len(groups.keys)) > 0
    keep = (weight > 0) & has_gold[groups.cell_group]
    cells = (groups.keys, groups.cell_group[keep], groups.cell_story[keep], parts[0][keep], weight[keep])
    if gold_alone:  # gold alone: every outcome rests on it, there is no second source of error
        return Cells(*cells, groups.n_stories, True)
    return Cells(*cells, groups.n_stories, True, parts[1][keep], parts[2][keep])


def count_groups(rows: pd.DataFrame, groups: Groups) -> pd.DataFrame:
    """The mentions, articles and stories of each group."""
    size = len(groups.keys)
    return pd.DataFrame(
        {
            "n_mentions": np.bincount(groups.group, minlength=size),
            "n_articles": distinct(groups.group, rows["article_id"].to_numpy(), size),
            "n_stories": np.bincount(groups.cell_group, minlength=size),
        },
        index=groups.keys.index,
    ).astype("int64")


def count_gold(groups: Groups, out: Outcomes) -> pd.DataFrame:
    """The gold of each group: mentions, stories with some, and the range of the probabilities of being drawn."""
    size, S = len(groups.keys), out.sampled
    low, high = np.full(size, np.inf), np.full(size, -np.inf)
    np.minimum.at(low, groups.group, out.probability)
    np.maximum.at(high, groups.group, out.probability)
    return pd.DataFrame(
        {
            "n_gold": np.bincount(groups.group[S], minlength=size),
            "n_gold_stories": distinct(groups.group[S], groups.story[S], size),
            "probability_min": low,
            "probability_max": high,
        },
        index=groups.keys.index,
    )


def distinct(group: np.ndarray, values: np.ndarray, size: int) -> np.ndarray:
    """The number of different values in each group."""
    pairs = pd.DataFrame({"group": group, "value": values}).drop_duplicates()
    return np.bincount(pairs["group"].to_numpy(dtype=int), minlength=size)

"""The words that one outlet puts near an actor more than another does, from both ends."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import pandas as pd

from toolkit.errors import InputError
from toolkit.plots.parts import check_columns, draw_dots, level_of, zero_line
from toolkit.plots.style import (
    beside,
    beside_head,
    interval_words,
    legend_above,
    number,
    own_axes,
    plain,
    say_empty,
    shown,
    wrapped,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["describe_words", "height_words", "plot_words"]

_MAKER = 'toolkit.actor_words(mentions, "turkey", "Outlet A", "Outlet B")'
_NEEDS = ("word", "actor", "a", "b", "log_odds", "low", "high", "n_a", "n_b", "z_stories")
EACH = 15
"""Words drawn of each side."""


def plot_words(table: pd.DataFrame, *, ax: Axes | None = None, labels: Mapping[str, str] | None = None) -> Axes:
    """Draw the words that tell two outlets apart, those of the first to the right.

    Parameters
    ----------
    table : pandas.DataFrame
        What :func:`toolkit.actor_words` gives, for one actor and pair.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure if not given.
    labels : mapping of str to str, optional
        What to print for an actor's id; the labels of the shipped lexicon if not given.

    Returns
    -------
    matplotlib.axes.Axes
        The axes: the fifteen words that tell each side most surely, with the intervals of their log-odds ratios.
        Squares: the interval does not hold 0. The numbers on the right count sentences with the word in the first and
        in the second outlet.

    Raises
    ------
    InputError
        The table is none of words, or holds several pairs or actors.
    """
    rows = _layout(table)
    ax = own_axes(height_words(table)) if ax is None else ax
    if not len(rows):
        return say_empty(ax, "no words")
    zero_line(ax)
    apart = (rows["low"] > 0) | (rows["high"] < 0)
    place = pd.Series(range(len(rows)), index=rows.index)
    rows = rows.assign(estimate=rows["log_odds"])
    for chosen, index, label in ((~apart, 2, "interval with 0"), (apart, 1, "interval without 0")):
        of = rows[chosen]
        if len(of):
            draw_dots(ax, of, place[chosen].tolist(), index, label, size=16)
    for y, row in enumerate(rows.to_dict("records")):
        beside(ax, y, f"{row['n_a']:,} : {row['n_b']:,}")
    beside_head(ax, "sentences")
    ax.set_ylim(len(rows) - 0.5, -0.5)
    ax.set_yticks(range(len(rows)), [wrapped(shown(w), 22, 1) for w in rows["word"]])
    ax.tick_params(axis="y", length=0)
    extent = float(rows[["log_odds", "low", "high"]].abs().max().max())
    ax.set_xlim(-1.06 * extent, 1.06 * extent)
    first = rows.iloc[0]
    sides = [wrapped(shown(first[side]), 30, 1) for side in ("b", "a")]
    toward = shown(first["actor"], labels, kind="actor")
    ax.set_xlabel(f"log-odds ratio of words near {toward}\n← {sides[0]}\n{sides[1]} →", loc="right")
    legend_above(ax, *ax.get_legend_handles_labels())
    return ax


def _layout(table: pd.DataFrame) -> pd.DataFrame:
    """The words to draw, those of the first outlet at the top."""
    check_columns(table, _NEEDS, ("actor", "a", "b", "word"), "words", _MAKER)
    pairs = table[["actor", "a", "b"]].drop_duplicates()
    if len(pairs) > 1:
        held = "; ".join(", ".join(map(str, p)) for p in pairs.itertuples(index=False, name=None))
        raise InputError(f"words draws one pair and actor; the table holds {held}: keep the rows of one")
    rows = table[table["log_odds"].notna()].sort_values(["z_stories", "word"], ascending=[False, True], kind="stable")
    if len(rows) <= 2 * EACH:
        return rows
    return pd.concat([rows.iloc[:EACH], rows.iloc[-EACH:]])


def height_words(table: pd.DataFrame) -> float:
    """The height in inches at which nothing overlaps."""
    return 1.3 + 0.17 * max(len(_layout(table)), 3)


def describe_words(table: pd.DataFrame, *, labels: Mapping[str, str] | None = None) -> str:
    """The figure in words, with its numbers: what an alternative text says.

    Parameters
    ----------
    table : pandas.DataFrame
        The table that is drawn.
    labels : mapping of str to str, optional
        As for :func:`plot_words`.

    Returns
    -------
    str
        Each word drawn with its log-odds ratio and interval.
    """
    rows = _layout(table)
    if not len(rows):
        return "Dot plot of words: there are no words to show."
    first = rows.iloc[0]
    words = [
        f"Dot plot with intervals. Horizontal axis: log-odds ratio of words near "
        f"{plain(first['actor'], labels, kind='actor')}, positive where {plain(first['a'])} uses them more than "
        f"{plain(first['b'])}. {len(rows)} of {len(table):,} words."
    ]
    for row in rows.to_dict("records"):
        span = interval_words(row["low"], row["high"], level_of(table))
        words.append(
            f"{plain(row['word'])} {number(row['log_odds'])} ({span}; {row['n_a']:,} and {row['n_b']:,} sentences)."
        )
    return " ".join(words)

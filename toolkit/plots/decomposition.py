"""A gap of two outlets and its parts, one after another."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from toolkit.errors import InputError
from toolkit.estimation.decomposition import PARTS
from toolkit.plots.style import (
    COLORS,
    GREY,
    beside,
    interval_words,
    number,
    own_axes,
    plain,
    pt,
    say_empty,
    shown,
    wrapped,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["describe_decomposition", "height_decomposition", "plot_decomposition"]

_EXAMPLE = 'toolkit.decompose_gap(scored, "Outlet A", "Outlet B", actor="turkey")'
_NEEDS = ("part", "a", "b", "task", "estimate", "low", "high", "n_stories_shared")
_NAMES = {
    "telling": "telling: how they tell the stories of both",
    "emphasis": "emphasis: room for the stories of both",
    "selection": "selection: stories of both or of one",
    "only_one": "stories that one alone carries",
    "gap": "raw gap",
}


def plot_decomposition(table: pd.DataFrame, *, ax: Axes | None = None, labels: Mapping[str, str] | None = None) -> Axes:
    """Draw a decomposition as a waterfall: each part begins where the one above it ends; below, the gap.

    Parameters
    ----------
    table : pandas.DataFrame
        As :func:`toolkit.decompose_gap` returns it, for one gap.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure if not given.
    labels : mapping of str to str, optional
        What to print for an actor's id; the labels of the shipped lexicon if not given.

    Returns
    -------
    matplotlib.axes.Axes
        The axes. Lines are the intervals of the parts, laid around each bar's end. Parts that are zero by design are
        left out; those that cannot be told say so.

    Raises
    ------
    InputError
        The table is no decomposition of one gap.
    """
    rows = _layout(table)
    ax = own_axes(height_decomposition(table)) if ax is None else ax
    if not len(rows):
        return say_empty(ax, "no estimates")
    start, ends = 0.0, [0.0]
    for y, row in enumerate(rows.to_dict("records")):
        begin = 0.0 if row["part"] == "gap" else start
        value = row["estimate"] if pd.notna(row["estimate"]) else 0.0
        color = "#6b6b6b" if row["part"] == "gap" else COLORS[0] if value >= 0 else COLORS[1]
        ax.barh(y, value, left=begin, height=0.55, color=color, zorder=2)
        if row["part"] != "gap":
            start += value
            ax.plot([start, start], [y + 0.275, y + 0.725], color=GREY, lw=pt(0.7), zorder=1)
        if pd.notna(row["low"]) and pd.notna(row["high"]):
            ax.hlines(y, begin + row["low"], begin + row["high"], color="black", lw=pt(1.1), zorder=3)
            ends += [begin + row["low"], begin + row["high"]]
        ends += [begin, begin + value]
        beside(ax, y, _said(row["estimate"], row["low"], row["high"]), size=6.5)
    _dress(ax, rows, ends, labels)
    return ax


def _said(estimate: float, low: float, high: float) -> str:
    if pd.isna(estimate):
        return "cannot be told"
    words = "no interval" if pd.isna(low) or pd.isna(high) else f"{number(low)} to {number(high)}"
    return f"{number(estimate)}\n{words}"


def _dress(ax: Axes, rows: pd.DataFrame, ends: list[float], labels: Mapping[str, str] | None) -> None:
    ax.axvline(0, color=GREY, lw=pt(0.8), ls=(0, (3, 2)), zorder=1)
    ax.set_ylim(len(rows) - 0.45, -0.55)
    ax.set_yticks(range(len(rows)), [wrapped(_NAMES[part], 22) for part in rows["part"]])
    ax.tick_params(axis="y", length=0)
    pad = 0.06 * max(float(np.ptp(ends)), 0.02)
    ax.set_xlim(min(ends) - pad, max(ends) + pad)
    ax.locator_params(axis="x", nbins=5)
    first = rows.iloc[0]
    first = rows.iloc[0]
    toward = "" if pd.isna(first.get("actor")) else f", {shown(first['actor'], labels, kind='actor')}"
    pair = " − ".join(wrapped(shown(first[side]), 38, 1) for side in ("a", "b"))
    ax.set_xlabel("\n".join([f"difference in {shown(first['task'])}", *textwrap.wrap(pair + toward, 40)]), loc="right")


def _layout(table: pd.DataFrame) -> pd.DataFrame:
    """The parts to draw, the gap last."""
    for column in _NEEDS:
        if column not in getattr(table, "columns", ()):
            raise InputError(f"decomposition needs the column {column!r}: make the table with {_EXAMPLE}")
    odd = table[~table["part"].isin(PARTS)]
    if len(odd):
        raise InputError(f"decomposition: the table has the part {odd['part'].iloc[0]!r}; make it with {_EXAMPLE}")
    if table["part"].duplicated().any():
        twice = table.loc[table["part"].duplicated(), "part"].iloc[0]
        raise InputError(f"decomposition draws one gap; the table has several rows for {twice!r}: keep those of one")
    order = [part for part in _NAMES if part in set(table["part"])]
    rows = table.set_index("part").loc[order].reset_index()
    empty = rows["estimate"].abs().lt(1e-12) & rows["low"].isna() & rows["part"].ne("gap")
    return rows[~empty] if rows["estimate"].notna().any() else rows.iloc[:0]


def height_decomposition(table: pd.DataFrame) -> float:
    """The height in inches at which nothing overlaps."""
    return 1.1 + 0.36 * max(len(_layout(table)), 2)


def describe_decomposition(table: pd.DataFrame, *, labels: Mapping[str, str] | None = None) -> str:
    """The figure in words, with its numbers: what an alternative text says.

    Parameters
    ----------
    table : pandas.DataFrame
        The table that is drawn.
    labels : mapping of str to str, optional
        As for :func:`plot_decomposition`.

    Returns
    -------
    str
        The gap, its parts with their intervals, and how many stories are shared.
    """
    rows = _layout(table)
    if not len(rows):
        return "Decomposition of a gap: there are no estimates to show."
    first, level = rows.iloc[0], float(rows["level"].iloc[0]) if "level" in rows else 0.95
    toward = "" if pd.isna(first.get("actor")) else f" toward {plain(first['actor'], labels, kind='actor')}"
    said = {
        row["part"]: "cannot be told" if pd.isna(row["estimate"])
        else f"{number(row['estimate'])} ({interval_words(row['low'], row['high'], level)})"
        for row in rows.to_dict("records")
    }  # fmt: skip
    parts = "; ".join(f"{_NAMES[part]}: {words}" for part, words in said.items() if part != "gap")
    return (
        f"Waterfall of bars with intervals. The raw gap in {plain(first['task'])} of {plain(first['a'])} minus "
        f"{plain(first['b'])}{toward} is {said.get('gap', 'not given')}; {int(first['n_stories_shared']):,} stories "
        f"are shared. Its parts: {parts}."
    )

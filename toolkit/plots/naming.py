"""How outlets name actors: a table of shares in shades of grey."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from toolkit.plots.parts import Rows, cell_width, check_columns, outlet_rows, row_places, say_shares
from toolkit.plots.style import beside, beside_head, own_axes, plain, pt, say_empty, shown, wrapped

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["describe_naming", "height_naming", "plot_naming"]

_MAKER = "toolkit.naming_shares(mentions)"
_NEEDS = ("outlet", "naming", "estimate", "low", "high", "n_mentions")
DARK = 0.55
"""On a cell darker than this part of black, the words are white."""
FITS = 0.28
"""Inches at which an interval fits into a cell."""


def plot_naming(table: pd.DataFrame, *, ax: Axes | None = None, labels: Mapping[str, str] | None = None) -> Axes:
    """Draw how often each outlet uses each way of naming an actor.

    Parameters
    ----------
    table : pandas.DataFrame
        What :func:`toolkit.naming_shares` gives.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure if not given.
    labels : mapping of str to str, optional
        What to print for an actor's id; the labels of the shipped lexicon if not given.

    Returns
    -------
    matplotlib.axes.Axes
        The axes: under each actor a row for each outlet. The number in a cell is a share of the row's mentions in per
        cent, below it its interval where there is room; the darker, the larger. Ways that nobody uses are left out. The
        numbers on the right count mentions.

    Raises
    ------
    InputError
        The table is none of naming, or has several rows for one cell.
    """
    rows, lay, namings = _layout(table)
    ax = own_axes(height_naming(table)) if ax is None else ax
    if not len(rows):
        return say_empty(ax, "no shares")
    values = np.full((lay.size, len(namings)), np.nan)
    places = row_places(rows, lay)
    columns = [namings.index(n) for n in rows["naming"]]
    values[places, columns] = rows["estimate"].to_numpy(dtype=float)
    top = max(float(np.nanmax(values)), 0.3)
    ax.imshow(values, cmap="Greys", vmin=0, vmax=top, aspect="auto")
    inches = cell_width(ax, len(namings))
    for y, x, row in zip(places, columns, rows.to_dict("records"), strict=True):
        ink = "white" if row["estimate"] / top > DARK else "black" if row["estimate"] > 0 else "#8a8a8a"
        span = inches >= FITS and row["estimate"] > 0 and pd.notna(row["low"]) and pd.notna(row["high"])
        ax.text(
            x, y - (0.2 if span else 0), f"{100 * row['estimate']:.0f}", ha="center", va="center", fontsize=pt(6.5),
            color=ink,
        )  # fmt: skip
        if span:
            words = f"{100 * row['low']:.0f}–{100 * row['high']:.0f}"
            ax.text(x, y + 0.22, words, ha="center", va="center", fontsize=pt(5), color=ink)
    for y, n in sorted(dict(zip(places, rows["n_mentions"], strict=True)).items()):
        beside(ax, y, f"{n:,}")
    beside_head(ax, "mentions", rotation=60)
    lay.dress(ax, labels, kind="actor", shade=False)
    ax.xaxis.tick_top()
    ax.set_xticks(
        range(len(namings)), [wrapped(shown(n), 16, 1) for n in namings], rotation=60, ha="left", rotation_mode="anchor"
    )
    ax.tick_params(length=0)
    for place in np.arange(0.5, len(namings) - 1):
        ax.axvline(place, color="white", lw=pt(1.2))
    for spine in ax.spines.values():
        spine.set_visible(False)
    ax.set_xlabel("share of mentions in per cent" + (", with intervals" if inches >= FITS else ""), loc="right")
    return ax


def _layout(table: pd.DataFrame) -> tuple[pd.DataFrame, Rows, list[str]]:
    """The rows to draw, where each stands, and the ways of naming that somebody uses, in the order of the measure."""
    from toolkit.portrayal import NAMINGS

    check_columns(table, _NEEDS, ("outlet", "actor", "naming"), "naming", _MAKER)
    rows = table[table["estimate"].notna()]
    used = set(rows.loc[rows["estimate"] > 0, "naming"])
    order = [*NAMINGS, *sorted(used - set(NAMINGS), key=str)]
    namings = [n for n in order if n in used]
    return rows[rows["naming"].isin(namings)], outlet_rows(rows), namings


def height_naming(table: pd.DataFrame) -> float:
    """The height in inches at which nothing overlaps."""
    return 1.3 + 0.3 * max(_layout(table)[1].size, 2)


def describe_naming(table: pd.DataFrame, *, labels: Mapping[str, str] | None = None) -> str:
    """The figure in words, with its numbers: what an alternative text says.

    Parameters
    ----------
    table : pandas.DataFrame
        The table that is drawn.
    labels : mapping of str to str, optional
        As for :func:`plot_naming`.

    Returns
    -------
    str
        The shares of each group, those above 0, with their intervals.
    """
    rows, lay, namings = _layout(table)
    if not len(rows):
        return "Table of namings: there are no shares to show."
    names = {n: plain(n) for n in namings}
    words = [f"Table in shades of grey. Rows: outlets; columns: {len(namings)} ways of naming, as shares of mentions."]
    used = rows[rows["estimate"] > 0]
    kept = Rows({k: y for k, y in lay.places.items() if k in outlet_rows(used).places}, lay.heads)
    return " ".join([*words, *say_shares(used, kept, "actor", "naming", names, labels)])

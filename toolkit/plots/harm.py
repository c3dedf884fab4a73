"""Who is shown doing harm and who suffering it: two shares for each outlet and actor."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import pandas as pd

from toolkit.plots.parts import Rows, check_columns, draw_dots, outlet_rows, row_places, say_shares
from toolkit.plots.style import beside, beside_head, legend_above, own_axes, say_empty

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["describe_harm", "height_harm", "plot_harm"]

_MAKER = "toolkit.harm_shares(mentions)"
_NEEDS = ("outlet", "harm", "estimate", "low", "high", "n_mentions")
DRAWN = {"agent": "does harm", "patient": "suffers harm"}


def plot_harm(table: pd.DataFrame, *, ax: Axes | None = None, labels: Mapping[str, str] | None = None) -> Axes:
    """Draw how often actors are shown as doing harm and as suffering it.

    Parameters
    ----------
    table : pandas.DataFrame
        What :func:`toolkit.harm_shares` gives.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure if not given.
    labels : mapping of str to str, optional
        What to print for an actor's id; the labels of the shipped lexicon if not given.

    Returns
    -------
    matplotlib.axes.Axes
        The axes: under each actor the outlets, with two dots and their intervals; a hollow dot has none. The numbers on
        the right count mentions. The rest of the mentions shows neither.

    Raises
    ------
    InputError
        The table is none of harm, or has several rows for one dot.
    """
    rows, lay = _layout(table)
    ax = own_axes(height_harm(table)) if ax is None else ax
    if not len(rows):
        return say_empty(ax, "no shares")
    for index, (value, label) in enumerate(DRAWN.items()):
        of = rows[rows["harm"] == value]
        if len(of):
            draw_dots(ax, of, [y + (index - 0.5) * 0.36 for y in row_places(of, lay)], index, label)
    for y, n in sorted(dict(zip(row_places(rows, lay), rows["n_mentions"], strict=True)).items()):
        beside(ax, y, f"{n:,}")
    beside_head(ax, "mentions")
    lay.dress(ax, labels, kind="actor")
    top = float(rows[["estimate", "high"]].max().max())
    ax.set_xlim(-0.03 * top - 0.002, min(1.03, 1.08 * top + 0.01))
    ax.set_xlabel("share of mentions")
    legend_above(ax, *ax.get_legend_handles_labels())
    return ax


def _layout(table: pd.DataFrame) -> tuple[pd.DataFrame, Rows]:
    """The rows to draw and where each stands."""
    check_columns(table, _NEEDS, ("outlet", "actor", "harm"), "harm", _MAKER)
    rows = table[table["harm"].isin(DRAWN) & table["estimate"].notna()]
    return rows, outlet_rows(rows)


def height_harm(table: pd.DataFrame) -> float:
    """The height in inches at which nothing overlaps."""
    return 1.0 + 0.3 * max(_layout(table)[1].size, 2)


def describe_harm(table: pd.DataFrame, *, labels: Mapping[str, str] | None = None) -> str:
    """The figure in words, with its numbers: what an alternative text says.

    Parameters
    ----------
    table : pandas.DataFrame
        The table that is drawn.
    labels : mapping of str to str, optional
        As for :func:`plot_harm`.

    Returns
    -------
    str
        Both shares of each group with their intervals.
    """
    rows, lay = _layout(table)
    if not len(rows):
        return "Dot plot of harm: there are no shares to show."
    words = [
        "Dot plot with intervals. Horizontal axis: share of mentions that show an actor as doing or suffering harm."
    ]
    return " ".join([*words, *say_shares(rows, lay, "actor", "harm", DRAWN, labels)])

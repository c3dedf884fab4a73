"""How much of each outlet's attention an actor gets: shares of mentions, articles and headlines."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import pandas as pd

from toolkit.plots.parts import Rows, check_columns, draw_dots, outlet_rows, row_places, say_shares
from toolkit.plots.style import beside, beside_head, legend_above, own_axes, say_empty

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["describe_coverage", "height_coverage", "plot_coverage"]

_MAKER = "toolkit.visibility(mentions, articles)"
_NEEDS = ("outlet", "measure", "estimate", "low", "high", "n_mentions", "n_articles")
DRAWN = {"mentions": "mentions", "articles": "articles", "headlines": "headlines", "leads": "first paragraphs"}
"""The measures that are shares, and what each is called; depth is none."""


def plot_coverage(table: pd.DataFrame, *, ax: Axes | None = None, labels: Mapping[str, str] | None = None) -> Axes:
    """Draw how visible each actor is in each outlet.

    Parameters
    ----------
    table : pandas.DataFrame
        What :func:`toolkit.visibility` gives.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure if not given.
    labels : mapping of str to str, optional
        What to print for an actor's id; the labels of the shipped lexicon if not given.

    Returns
    -------
    matplotlib.axes.Axes
        The axes: under each actor the outlets, with a dot and its interval for each share that the table has: of the
        outlet's mentions of the actors compared, of its articles that name the actor, name it in the headline, and in
        the first paragraph. A hollow dot has no interval. The numbers on the right count the outlet's articles.

    Raises
    ------
    InputError
        The table is none of visibility, or has several rows for one dot.
    """
    rows, lay = _layout(table)
    ax = own_axes(height_coverage(table)) if ax is None else ax
    if not len(rows):
        return say_empty(ax, "no shares")
    drawn = [value for value in DRAWN if rows["measure"].eq(value).any()]
    for index, value in enumerate(drawn):
        of = rows[rows["measure"] == value]
        shift = (index - (len(drawn) - 1) / 2) * 0.8 / len(drawn)
        y = [place + shift for place in row_places(of, lay)]
        draw_dots(ax, of, y, list(DRAWN).index(value), DRAWN[value], size=14)
    counts = rows.assign(_y=row_places(rows, lay)).groupby("_y")["n_articles"].max()
    for at, n in zip(counts.index.tolist(), counts.tolist(), strict=True):
        beside(ax, at, f"{n:,}")
    beside_head(ax, "articles")
    lay.dress(ax, labels, kind="actor")
    top = float(rows[["estimate", "high"]].max().max())
    ax.set_xlim(-0.03 * top - 0.002, min(1.03, 1.08 * top + 0.01))
    ax.set_xlabel("share that names the actor")
    legend_above(ax, *ax.get_legend_handles_labels())
    return ax


def _layout(table: pd.DataFrame) -> tuple[pd.DataFrame, Rows]:
    """The rows to draw and where each stands."""
    check_columns(table, _NEEDS, ("outlet", "actor", "measure"), "coverage", _MAKER)
    rows = table[table["measure"].isin(DRAWN) & table["estimate"].notna()]
    return rows, outlet_rows(rows)


def height_coverage(table: pd.DataFrame) -> float:
    """The height in inches at which nothing overlaps."""
    return 1.1 + 0.34 * max(_layout(table)[1].size, 2)


def describe_coverage(table: pd.DataFrame, *, labels: Mapping[str, str] | None = None) -> str:
    """The figure in words, with its numbers: what an alternative text says.

    Parameters
    ----------
    table : pandas.DataFrame
        The table that is drawn.
    labels : mapping of str to str, optional
        As for :func:`plot_coverage`.

    Returns
    -------
    str
        The shares of each group with their intervals.
    """
    rows, lay = _layout(table)
    if not len(rows):
        return "Dot plot of coverage: there are no shares to show."
    words = [
        "Dot plot with intervals. Horizontal axis: share of the outlet's mentions of these actors, of its articles, of "
        "its headlines and of its first paragraphs that name the actor."
    ]
    return " ".join([*words, *say_shares(rows, lay, "actor", "measure", DRAWN, labels)])

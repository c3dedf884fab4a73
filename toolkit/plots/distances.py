"""How far apart outlets' portrayals of one actor are: a triangle of pairs in shades of grey."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from toolkit.plots.parts import cell_width, check_columns
from toolkit.plots.style import GREY, number, own_axes, plain, pt, say_empty, shown, wrapped

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["describe_distances", "height_distances", "plot_distances"]

_MAKER = 'toolkit.portrayal_distances(mentions, "turkey")'
_NEEDS = ("a", "b", "distance", "p_holm", "n_stories_a", "n_stories_b")
ALPHA = 0.05
DARK = 0.55
"""On a cell darker than this part of black, the words are white."""
FITS = 0.3
"""Inches at which a number fits into a cell."""


def plot_distances(table: pd.DataFrame, *, ax: Axes | None = None, labels: Mapping[str, str] | None = None) -> Axes:
    """Draw distances between outlets, each pair once.

    Parameters
    ----------
    table : pandas.DataFrame
        What :func:`toolkit.portrayal_distances` gives.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure if not given.
    labels : mapping of str to str, optional
        What to print for a name; the name itself if not given.

    Returns
    -------
    matplotlib.axes.Axes
        The axes. Outlets have numbers, and the columns carry them; the darker a cell, the farther apart. The distance
        stands in the cell where there is room; an asterisk, or a white point where there is none, says that Holm's p is
        below 0.05. Cells of pairs with too few stories are crossed.

    Raises
    ------
    InputError
        The table is none of distances, or has several rows for one pair.
    """
    outlets, values, marked = _layout(table)
    ax = own_axes(height_distances(table)) if ax is None else ax
    if not np.isfinite(values).any():
        return say_empty(ax, "no distances")
    # The first row would have no cell and the last outlet no column.
    shown_values = values[1:, :-1]
    top = max(float(np.nanmax(shown_values)), 1e-9)
    ax.imshow(np.clip(shown_values, 0, None), cmap="Greys", vmin=0, vmax=1.25 * top, aspect="auto")
    inches = cell_width(ax, len(outlets) - 1)
    for i in range(len(outlets) - 1):
        for j in range(i + 1):
            _write(ax, i, j, float(shown_values[i, j]), top, star=bool(marked[i + 1, j]), fits=inches >= FITS)
    ax.set_yticks(
        range(len(outlets) - 1), [f"{wrapped(_name(o, labels))}  {i}" for i, o in enumerate(outlets[1:], start=2)]
    )
    every = max(1, int(np.ceil(0.22 / inches)))
    ax.set_xticks(range(0, len(outlets) - 1, every), [str(i + 1) for i in range(0, len(outlets) - 1, every)])
    ax.tick_params(length=0)
    for spine in ax.spines.values():
        spine.set_visible(False)
    ax.set_xlabel(
        f"1: {wrapped(_name(outlets[0], labels), 40, 1)}\nsquared distance; * Holm's p < {ALPHA:g}", loc="right"
    )
    return ax


def _name(value: Any, labels: Mapping[str, str] | None) -> str:
    return shown((labels or {}).get(value, value))


def _write(ax: Axes, i: int, j: int, value: float, top: float, *, star: bool, fits: bool) -> None:
    dark = value / (1.25 * top) > DARK
    if np.isnan(value):
        ax.text(j, i, "×", ha="center", va="center", color=GREY, fontsize=pt(6.5))
    elif fits:
        words = number(value, 3 if top < 0.1 else 2) + ("*" if star else "")
        ax.text(j, i, words, ha="center", va="center", fontsize=pt(6.5), color="white" if dark else "black")
    elif star:
        ax.plot([j], [i], ls="", marker="o", ms=pt(2.2), mfc="white", mec="black", mew=pt(0.5))


def _layout(table: pd.DataFrame) -> tuple[list[Any], np.ndarray, np.ndarray]:
    """The outlets in order of their names, the distances below the diagonal, and which pairs are told apart."""
    check_columns(table, _NEEDS, ("a", "b"), "distances", _MAKER)
    outlets = sorted({*table["a"], *table["b"]}, key=str)
    place = {o: i for i, o in enumerate(outlets)}
    values = np.full((len(outlets), len(outlets)), np.nan)
    marked = np.zeros(values.shape, dtype=bool)
    for a, b, distance, p in table[["a", "b", "distance", "p_holm"]].itertuples(index=False, name=None):
        i, j = max(place[a], place[b]), min(place[a], place[b])
        values[i, j], marked[i, j] = distance, p < ALPHA
    return outlets, values, marked


def height_distances(table: pd.DataFrame) -> float:
    """The height in inches at which nothing overlaps."""
    return 0.9 + 0.29 * max(len(_layout(table)[0]) - 1, 2)


def describe_distances(table: pd.DataFrame, *, labels: Mapping[str, str] | None = None) -> str:
    """The figure in words, with its numbers: what an alternative text says.

    Parameters
    ----------
    table : pandas.DataFrame
        The table that is drawn.
    labels : mapping of str to str, optional
        What to print for a name; the name itself if not given.

    Returns
    -------
    str
        Every pair with its distance and p; of more than twelve the nearest and the farthest, and those told apart.
    """
    outlets, values, marked = _layout(table)
    if not np.isfinite(values).any():
        return "Triangle of distances: there are no distances to show."
    known = table[table["distance"].notna()].sort_values(["distance", "a", "b"])
    words = [
        f"Triangle of pairs in shades of grey. {len(outlets)} outlets, {len(known)} pairs with a squared distance, "
        f"without what chance adds; {int(marked.sum())} have a Holm-corrected p below {ALPHA:g}."
    ]
    said = known if len(known) <= 12 else pd.concat([known.head(3), known.tail(9)])
    for row in said.to_dict("records"):
        named = [plain((labels or {}).get(row[side], row[side])) for side in "ab"]
        words.append(f"{named[0]} and {named[1]} {number(row['distance'], 3)}, p {row['p_holm']:.3f}.")
    if len(said) < len(known):
        words.append(f"Said are the three nearest and nine farthest; the other {len(known) - 12} lie between.")
    return " ".join(words)

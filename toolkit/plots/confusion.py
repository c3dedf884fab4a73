"""Who confuses what: counts and shares of rows in shades of grey."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from toolkit.errors import InputError
from toolkit.plots.style import (
    GREY,
    own_axes,
    plain,
    pt,
    say_empty,
    shown,
    wrapped,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["describe_confusion", "height_confusion", "plot_confusion"]

_NEEDS = ("a", "b", "label_a", "label_b", "n", "share")
DARK = 0.55
"""On a cell darker than this, the words are white."""


def plot_confusion(table: pd.DataFrame, *, ax: Axes | None = None, labels: Mapping[str, str] | None = None) -> Axes:
    """Draw a table of confusions: rows what `a` said, columns what `b` said.

    Parameters
    ----------
    table : pandas.DataFrame
        What :func:`toolkit.coder_confusion` or :func:`toolkit.gold_confusion` gives, of one pair.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure if not given.
    labels : mapping of str to str, optional
        What to print for a label.

    Returns
    -------
    matplotlib.axes.Axes
        The axes. The darker a cell, the larger its share of the row; both numbers stand in it.

    Raises
    ------
    InputError
        The table is none of confusions, or holds several pairs.
    """
    rows, columns, counts, shares = _layout(table)
    ax = own_axes(height_confusion(table)) if ax is None else ax
    if not counts.sum():
        return say_empty(ax, "no mentions that both labelled")
    ax.imshow(np.nan_to_num(shares), cmap="Greys", vmin=0, vmax=1, aspect="auto")
    for (i, j), n in np.ndenumerate(counts):
        share = shares[i, j]
        words = f"{n:,}" if np.isnan(share) else f"{n:,}\n{100 * share:.0f} %"
        ax.text(j, i, words, ha="center", va="center", color="white" if share > DARK else "black", fontsize=pt(7.5))
    for place in np.arange(0.5, len(columns) - 1):
        ax.axvline(place, color=GREY, lw=pt(0.4))
    for place in np.arange(0.5, len(rows) - 1):
        ax.axhline(place, color=GREY, lw=pt(0.4))
    ax.set_xticks(range(len(columns)), [_name(c, labels) for c in columns])
    ax.set_yticks(range(len(rows)), [_name(r, labels) for r in rows])
    ax.tick_params(length=0)
    for side in ("top", "right"):
        ax.spines[side].set_visible(True)
    ax.set_xlabel(wrapped(shown(table["b"].iloc[0]), 40))
    ax.set_ylabel(wrapped(shown(table["a"].iloc[0]), 7 * max(len(rows), 2)))
    return ax


def _name(label: object, labels: Mapping[str, str] | None) -> str:
    return wrapped(shown((labels or {}).get(str(label), label)), 14)


def _layout(table: pd.DataFrame) -> tuple[list[str], list[str], np.ndarray, np.ndarray]:
    """The labels of rows and columns, the counts and the shares of rows."""
    for column in _NEEDS:
        if column not in table.columns:
            raise InputError(
                f"plot_confusion needs the column {column!r}: make the table with toolkit.coder_confusion or "
                "toolkit.gold_confusion"
            )
    pairs = table[["a", "b"]].drop_duplicates()
    if len(pairs) > 1:
        held = "; ".join(f"{a} and {b}" for a, b in pairs.itertuples(index=False, name=None))
        raise InputError(f"plot_confusion draws one pair; the table holds {held}: keep the rows of one")
    rows, columns = list(dict.fromkeys(table["label_a"])), list(dict.fromkeys(table["label_b"]))
    at = table["label_a"].map(rows.index), table["label_b"].map(columns.index)
    counts, shares = np.zeros((len(rows), len(columns)), dtype=int), np.full((len(rows), len(columns)), np.nan)
    counts[at], shares[at] = table["n"].to_numpy(dtype=int), table["share"].to_numpy(dtype=float)
    return rows, columns, counts, shares


def height_confusion(table: pd.DataFrame) -> float:
    """The height in inches at which nothing overlaps."""
    return 0.8 + 0.5 * max(len(_layout(table)[0]), 2)


def describe_confusion(table: pd.DataFrame, *, labels: Mapping[str, str] | None = None) -> str:
    """The figure in words, with its numbers.

    Parameters
    ----------
    table : pandas.DataFrame
        The table that is drawn.
    labels : mapping of str to str, optional
        As for :func:`plot_confusion`.

    Returns
    -------
    str
        What an alternative text says.
    """
    rows, columns, counts, shares = _layout(table)
    if not counts.sum():
        return "Table of confusions: there are no mentions that both labelled."

    def name(label: str) -> str:
        return plain((labels or {}).get(label, label))

    same = sum(int(counts[i, columns.index(label)]) for i, label in enumerate(rows) if label in columns)
    words = [
        f"Table of confusions. Rows: labels of {plain(table['a'].iloc[0])}; columns: labels of "
        f"{plain(table['b'].iloc[0])}. {same:,} of {counts.sum():,} mentions have the same label."
    ]
    for i, label in enumerate(rows):
        cells = [f"{name(c)} {counts[i, j]:,} ({100 * shares[i, j]:.0f} %)" for j, c in enumerate(columns)]
        words.append(f"{name(label)}: {', '.join(cells) if counts[i].any() else 'none'}.")
    return " ".join(words)

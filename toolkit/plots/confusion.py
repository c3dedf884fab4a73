"""Who confuses what: counts and shares of rows in shades of grey."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from toolkit.errors import InputError
from toolkit.plots.style import GREY, own_axes, plain, say_empty, shown, wrapped

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
    counts, shares = _layout(table)
    ax = own_axes(height_confusion(table)) if ax is None else ax
    if not counts.to_numpy().sum():
        return say_empty(ax, "no mentions that both labelled")
    ax.imshow(shares.fillna(0).to_numpy(), cmap="Greys", vmin=0, vmax=1, aspect="auto")
    for (i, j), n in np.ndenumerate(counts.to_numpy()):
        share = shares.iat[i, j]
        words = f"{n:,}" if pd.isna(share) else f"{n:,}\n{100 * share:.0f} %"
        ax.text(j, i, words, ha="center", va="center", color="white" if share > DARK else "black", fontsize=7.5)
    for place in np.arange(0.5, len(counts.columns) - 1):
        ax.axvline(place, color=GREY, lw=0.4)
    for place in np.arange(0.5, len(counts) - 1):
        ax.axhline(place, color=GREY, lw=0.4)
    ax.set_xticks(range(len(counts.columns)), [_name(c, labels) for c in counts.columns])
    ax.set_yticks(range(len(counts)), [_name(r, labels) for r in counts.index])
    ax.tick_params(length=0)
    for side in ("top", "right"):
        ax.spines[side].set_visible(True)
    ax.set_xlabel(wrapped(shown(table["b"].iloc[0]), 40))
    ax.set_ylabel(wrapped(shown(table["a"].iloc[0]), 24))
    return ax


def _name(label: object, labels: Mapping[str, str] | None) -> str:
    return wrapped(shown((labels or {}).get(str(label), label)), 14)


def _layout(table: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
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
    wide = [
        table.pivot(index="label_a", columns="label_b", values=v).reindex(rows, columns=columns) for v in ("n", "share")
    ]
    return wide[0].fillna(0).astype(int), wide[1].astype(float)


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
    counts, shares = _layout(table)
    if not counts.to_numpy().sum():
        return "Table of confusions: there are no mentions that both labelled."

    def name(label: object) -> str:
        return plain((labels or {}).get(str(label), label))

    same = sum(int(counts.at[label, label]) for label in counts.index if label in counts.columns)
    words = [
        f"Table of confusions. Rows: labels of {plain(table['a'].iloc[0])}; columns: labels of {plain(table['b'].iloc[0])}. "
        f"{same:,} of {int(counts.to_numpy().sum()):,} mentions have the same label."
    ]
    for row in counts.index:
        total = int(counts.loc[row].sum())
        cells = (
            [f"{name(c)} {counts.at[row, c]:,} ({100 * shares.at[row, c]:.0f} %)" for c in counts.columns]
            if total
            else []
        )
        words.append(f"{name(row)}: {', '.join(cells) if cells else 'none'}.")
    return " ".join(words)

"""How often a classifier is right when it is so sure: the reliability curve."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import pandas as pd

from toolkit.errors import InputError
from toolkit.plots.style import (
    COLORS,
    GREY,
    area,
    interval_words,
    number,
    own_axes,
    plain,
    pt,
    say_empty,
    shown,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["describe_reliability", "height_reliability", "plot_reliability"]

CLOSE = 0.09
"""Bins whose means are nearer than this share of the axis would write their counts over each other."""
_NEEDS = ("bin_low", "bin_high", "probability", "share", "low", "high", "n")


def plot_reliability(table: pd.DataFrame, *, ax: Axes | None = None, labels: Mapping[str, str] | None = None) -> Axes:
    """Draw the share that is right against the probability that was given.

    Parameters
    ----------
    table : pandas.DataFrame
        What :func:`toolkit.reliability` gives.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure if not given.
    labels : mapping of str to str, optional
        What to print for the label.

    Returns
    -------
    matplotlib.axes.Axes
        The axes. On the dashed line probabilities mean what they say; below it the classifier is too sure. A hollow dot
        has no interval. The numbers at the top count mentions of each bin.

    Raises
    ------
    InputError
        The table is none of reliability, or of several labels.
    """
    _check(table)
    table = table.sort_values("bin_low")
    ax = own_axes(height_reliability(table)) if ax is None else ax
    if not len(table):
        return say_empty(ax, "no mentions with gold")
    ax.plot([0, 1], [0, 1], color=GREY, lw=pt(0.8), ls=(0, (3, 2)), zorder=1)
    color = COLORS[0]
    ax.plot(table["probability"], table["share"], color=color, lw=pt(0.8), alpha=0.6, zorder=2)
    known = (table["low"].notna() & table["high"].notna()).to_numpy()
    ax.vlines(table["probability"][known], table["low"][known], table["high"][known], color=color, lw=pt(1.3), zorder=2)
    ax.scatter(
        table["probability"], table["share"], s=area(24), color=color, lw=pt(0.9), zorder=3,
        facecolor=[color if k else "white" for k in known],
    )  # fmt: skip
    left = float(table["bin_low"].min())
    last, row_of = -1.0, 0
    for row in table.to_dict("records"):
        # Counts of bins that lie close to each other stand on two lines.
        row_of = 1 - row_of if row["probability"] - last < CLOSE * (1 - left) else 0
        last = row["probability"]
        ax.annotate(
            f"{row['n']:,}", (row["probability"], 1), xycoords=("data", "axes fraction"),
            xytext=(0, pt(2 + 7 * row_of)), textcoords="offset points", ha="center", va="bottom", fontsize=pt(6),
            color=GREY, annotation_clip=False,
        )  # fmt: skip
    ax.annotate(
        "mentions", (0, 1), xycoords="axes fraction", xytext=(pt(-3), pt(2)), textcoords="offset points", ha="right",
        va="bottom", fontsize=pt(6), color=GREY, annotation_clip=False,
    )  # fmt: skip
    ax.set_xlim(max(left - 0.02, -0.02), 1.02)
    ax.set_ylim(-0.02, 1.02)
    label = _label(table)
    ax.set_xlabel(
        "probability of the label said" if label is None else f"probability of {shown(_named(label, labels))}"
    )
    ax.set_ylabel("share that is right" if label is None else f"share that is {shown(_named(label, labels))}")
    return ax


def _named(label: str, labels: Mapping[str, str] | None) -> str:
    return (labels or {}).get(label, label)


def _label(table: pd.DataFrame) -> str | None:
    held = table["label"].dropna() if "label" in table.columns else pd.Series(dtype=object)
    return str(held.iloc[0]) if len(held) else None


def _check(table: pd.DataFrame) -> None:
    for column in _NEEDS:
        if column not in table.columns:
            raise InputError(f"plot_reliability needs the column {column!r}: make the table with toolkit.reliability")
    if table["bin_low"].duplicated().any():
        raise InputError(
            "plot_reliability draws one curve; the table has several rows for a bin: keep those of one label"
        )


def height_reliability(table: pd.DataFrame) -> float:
    """The height in inches at which nothing overlaps."""
    _check(table)
    return 3.0


def describe_reliability(table: pd.DataFrame, *, labels: Mapping[str, str] | None = None) -> str:
    """The figure in words, with its numbers.

    Parameters
    ----------
    table : pandas.DataFrame
        The table that is drawn.
    labels : mapping of str to str, optional
        As for :func:`plot_reliability`.

    Returns
    -------
    str
        What an alternative text says.
    """
    _check(table)
    if not len(table):
        return "Reliability curve: there are no mentions with gold."
    level = float(table["level"].iloc[0]) if "level" in table else 0.95
    label = _label(table)
    what = "the label said" if label is None else plain(_named(label, labels))
    words = [
        f"Reliability curve. Horizontal axis: probability of {what}; vertical axis: share for which that is right."
    ]
    for row in table.sort_values("bin_low").to_dict("records"):
        words.append(
            f"Probability {number(row['probability'])}: share {number(row['share'])} "
            f"({interval_words(row['low'], row['high'], level)}, {row['n']:,} mentions)."
        )
    return " ".join(words)

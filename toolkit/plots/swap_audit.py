"""What an actor's own name adds to the score: dots with intervals, against the other actors and against a mask."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import pandas as pd

from toolkit.errors import InputError
from toolkit.plots.style import (
    COLORS,
    GREY,
    MARKERS,
    area,
    beside,
    beside_head,
    interval_words,
    legend_above,
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

__all__ = ["describe_swap_audit", "height_swap_audit", "plot_swap_audit"]

_NEEDS = ("task", "against", "signed", "signed_low", "signed_high", "changed", "n_mentions")
AGAINST = {"others": "under the other actors' names", "mask": "masked"}
NARROWEST = 0.05
"""The axis shows at least so much to each side, so that nothing looks large that is not."""


def plot_swap_audit(table: pd.DataFrame, *, ax: Axes | None = None, labels: Mapping[str, str] | None = None) -> Axes:
    """Draw the signed change of the score that the own name makes.

    Parameters
    ----------
    table : pandas.DataFrame
        What :func:`toolkit.swap_by_actor` gives; its rows against "others" and "mask" are drawn.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure if not given.
    labels : mapping of str to str, optional
        What to print for an actor's id; the labels of the shipped lexicon if not given.

    Returns
    -------
    matplotlib.axes.Axes
        The axes. The numbers on the right are the shares of labels that change with the name, against the others, and
        the mentions. A hollow dot has no interval.

    Raises
    ------
    InputError
        The table is none of a swap audit.
    """
    groups, rows = _layout(table, labels)
    ax = own_axes(height_swap_audit(table)) if ax is None else ax
    if not groups:
        return say_empty(ax, "nothing was swapped")
    ax.axvline(0, color=GREY, lw=pt(0.8), ls=(0, (3, 2)), zorder=1)
    for index, against in enumerate(AGAINST):
        of = rows[rows["against"] == against]
        if of.empty:
            continue
        y = [groups.index(name) + (index - 0.5) * 0.3 for name in of["group"]]
        known = (of["signed_low"].notna() & of["signed_high"].notna()).to_numpy()
        kept = [v for v, k in zip(y, known, strict=True) if k]
        ax.hlines(kept, of["signed_low"][known], of["signed_high"][known], color=COLORS[index], lw=pt(1.3), zorder=2)
        face = [COLORS[index] if k else "white" for k in known]
        ax.scatter(
            of["signed"], y, s=area(22), marker=MARKERS[index], color=COLORS[index], facecolor=face, lw=pt(0.9),
            zorder=3, label=AGAINST[against],
        )  # fmt: skip
    for row in rows[rows["against"] == "others"].to_dict("records"):
        beside(ax, groups.index(row["group"]), f"{100 * row['changed']:.0f} % of {row['n_mentions']:,}")
    _dress(ax, groups, rows)
    return ax


def _dress(ax: Axes, groups: list[str], rows: pd.DataFrame) -> None:
    ax.set_ylim(len(groups) - 0.5, -0.5)
    ax.set_yticks(range(len(groups)), [wrapped(shown(name)) for name in groups])
    ax.tick_params(axis="y", length=0)
    widest = max(NARROWEST, 1.1 * float(rows[["signed", "signed_low", "signed_high"]].abs().max().max()))
    ax.set_xlim(-widest, widest)
    ax.set_xlabel(f"{shown(rows['task'].iloc[0])} under the own name, minus …")
    beside_head(ax, "labels changed")
    legend_above(ax, *ax.get_legend_handles_labels())


def _layout(table: pd.DataFrame, labels: Mapping[str, str] | None = None) -> tuple[list[str], pd.DataFrame]:
    for column in _NEEDS:
        if column not in table.columns:
            raise InputError(f"plot_swap_audit needs the column {column!r}: make the table with toolkit.swap_by_actor")
    keys = list(table.columns[: list(table.columns).index("task")])
    rows = table[table["against"].isin(AGAINST)]
    named = [
        ", ".join(plain(value, labels, kind=key) for key, value in zip(keys, values, strict=True))
        for values in rows[keys].itertuples(index=False, name=None)
    ]
    return list(dict.fromkeys(named)), rows.assign(group=named)


def height_swap_audit(table: pd.DataFrame) -> float:
    """The height in inches at which nothing overlaps."""
    return 1.1 + 0.32 * max(len(_layout(table)[0]), 2)


def describe_swap_audit(table: pd.DataFrame, *, labels: Mapping[str, str] | None = None) -> str:
    """The figure in words, with its numbers.

    Parameters
    ----------
    table : pandas.DataFrame
        The table that is drawn.
    labels : mapping of str to str, optional
        As for :func:`plot_swap_audit`.

    Returns
    -------
    str
        What an alternative text says.
    """
    groups, rows = _layout(table, labels)
    if not groups:
        return "Dot plot of the swap audit: nothing was swapped."
    level = float(table["level"].iloc[0]) if "level" in table else 0.95
    words = [
        f"Dot plot with intervals. Horizontal axis: {plain(rows['task'].iloc[0])} of the same sentences under the "
        f"actor's own name minus under another. Vertical axis: {len(groups)} groups."
    ]
    for name in groups:
        said = [
            f"{AGAINST[row['against']]} {number(row['signed'], 3)} "
            f"({interval_words(row['signed_low'], row['signed_high'], level, 3)}; "
            f"{100 * row['changed']:.0f} % of labels change)"
            for row in rows[rows["group"] == name].to_dict("records")
        ]
        words.append(f"{name}: {', '.join(said)}.")
    return " ".join(words)

"""Dots with intervals: agreement between coders, one row for each group, one dot for each coefficient."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

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

__all__ = ["describe_agreement", "height_agreement", "plot_agreement"]

NAMES = {
    "percent": "agreement",
    "alpha": "alpha",
    "alpha_ordinal": "alpha (ordinal)",
    "alpha_interval": "alpha (interval)",
    "cohen": "Cohen's kappa",
    "fleiss": "Fleiss' kappa",
    "ac1": "Gwet's AC1",
}
CUSTOMARY = (0.667, 0.8)
"""Krippendorff's bounds for tentative and for firm conclusions (Content Analysis, 2019, chapter 12)."""
_NEEDS = ("task", "coefficient", "estimate", "low", "high", "n_units")


def plot_agreement(table: pd.DataFrame, *, ax: Axes | None = None, labels: Mapping[str, str] | None = None) -> Axes:
    """Draw coefficients of agreement with their intervals.

    Parameters
    ----------
    table : pandas.DataFrame
        What :func:`toolkit.coder_agreement` gives, of one task.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure if not given.
    labels : mapping of str to str, optional
        What to print for an actor's id; the labels of the shipped lexicon if not given.

    Returns
    -------
    matplotlib.axes.Axes
        The axes. A hollow dot has no interval; where a coefficient is not defined, it says so. The numbers on the right
        count mentions with two labels or more. Dotted lines: alpha of 0.667 and 0.8.

    Raises
    ------
    InputError
        The table is none of agreement, or of several tasks.
    """
    groups, coefficients = _layout(table, labels)
    ax = own_axes(height_agreement(table)) if ax is None else ax
    if not len(table):
        return say_empty(ax, "no coefficients")
    step = 0.8 / (len(coefficients) + 0.2)
    ax.axvline(0, color=GREY, lw=pt(0.8), ls=(0, (3, 2)), zorder=1)
    for bound in CUSTOMARY if any(c.startswith("alpha") for c in coefficients) else ():
        ax.axvline(bound, color=GREY, lw=pt(0.7), ls=":", zorder=1)
    low = float(table[["estimate", "low"]].min().min())
    left = min(-0.05, low - 0.05 if low == low else 0.0)
    for place, (_, rows) in enumerate(groups):
        by_name = rows.set_index("coefficient")
        for index, name in enumerate(coefficients):
            if name in by_name.index:
                y = place + (index - (len(coefficients) - 1) / 2) * step
                _draw(ax, by_name.loc[name], y, index, left)
    _dress(ax, groups, coefficients, left)
    return ax


def _layout(
    table: pd.DataFrame, labels: Mapping[str, str] | None = None
) -> tuple[list[tuple[str, pd.DataFrame]], list[str]]:
    """The groups by name with their rows, and the coefficients."""
    for column in _NEEDS:
        if column not in table.columns:
            raise InputError(f"plot_agreement needs the column {column!r}: make the table with toolkit.coder_agreement")
    if table["task"].nunique() > 1:
        raise InputError("plot_agreement draws one task: keep the rows of one")
    keys = list(table.columns[: list(table.columns).index("task")])
    coefficients = [c for c in NAMES if c in set(table["coefficient"])]
    if not keys:
        return ([("all", table)] if len(table) else []), coefficients
    groups = []
    for key, rows in table.groupby(keys, sort=False, dropna=False):
        named = zip(keys, key if isinstance(key, tuple) else (key,), strict=True)
        groups.append((", ".join(plain(value, labels, kind=k) for k, value in named), rows))
    return groups, coefficients


def _draw(ax: Axes, row: Any, y: float, index: int, left: float) -> None:
    if pd.isna(row["estimate"]):
        ax.text(max(left, 0.0) + 0.02, y, "not defined", va="center", fontsize=pt(6), color=GREY, style="italic")
    else:
        known = pd.notna(row["low"]) and pd.notna(row["high"])
        color = COLORS[index]
        if known:
            ax.hlines(y, row["low"], row["high"], color=color, lw=pt(1.3), zorder=2)
        face = color if known else "white"
        ax.scatter(
            row["estimate"], y, s=area(22), marker=MARKERS[index], color=color, facecolor=face, lw=pt(0.9), zorder=3
        )
    if index == 0:
        beside(ax, round(y + 1e-9), f"{row['n_units']:,}")


def _dress(ax: Axes, groups: list[tuple[str, pd.DataFrame]], coefficients: list[str], left: float) -> None:
    from matplotlib.lines import Line2D

    ax.set_ylim(len(groups) - 0.5, -0.5)
    ax.set_yticks(range(len(groups)), [wrapped(shown(name)) for name, _ in groups])
    ax.tick_params(axis="y", length=0)
    ax.set_xlim(left, 1.03)
    single = len(coefficients) == 1
    ax.set_xlabel(NAMES[coefficients[0]] if single else "agreement between coders")
    beside_head(ax, "mentions")
    if single:
        return
    handles = [Line2D([], [], ls="", marker=MARKERS[i], color=COLORS[i], ms=pt(4.5)) for i in range(len(coefficients))]
    legend_above(ax, handles, [NAMES[c] for c in coefficients])


def height_agreement(table: pd.DataFrame) -> float:
    """The height in inches at which nothing overlaps."""
    groups, coefficients = _layout(table)
    return 1.1 + max(0.12 * len(coefficients) + 0.08, 0.3) * max(len(groups), 2)


def describe_agreement(table: pd.DataFrame, *, labels: Mapping[str, str] | None = None) -> str:
    """The figure in words, with its numbers.

    Parameters
    ----------
    table : pandas.DataFrame
        The table that is drawn.
    labels : mapping of str to str, optional
        As for :func:`plot_agreement`.

    Returns
    -------
    str
        What an alternative text says.
    """
    groups, _ = _layout(table, labels)
    if not len(table):
        return "Dot plot of agreement between coders: there are no coefficients to show."
    level = float(table["level"].iloc[0]) if "level" in table else 0.95
    words = [
        "Dot plot with intervals. Horizontal axis: agreement between coders on the task "
        f"{plain(table['task'].iloc[0])}, up to 1; 0 is what chance gives, save for the share that agrees. "
        f"Vertical axis: {len(groups)} {'group' if len(groups) == 1 else 'groups'}."
    ]
    for name, rows in groups:
        said = []
        for row in rows.to_dict("records"):
            what = NAMES.get(row["coefficient"], row["coefficient"])
            if pd.isna(row["estimate"]):
                said.append(f"{what} not defined ({row.get('note') or 'no reason given'})")
            else:
                said.append(f"{what} {number(row['estimate'])} ({interval_words(row['low'], row['high'], level)})")
        words.append(f"{name}, {rows['n_units'].iloc[0]:,} mentions: {'; '.join(said)}.")
    return " ".join(words)

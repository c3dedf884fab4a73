"""Estimates of one contrast under many specifications, sorted, above what was chosen in each."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from toolkit.errors import InputError
from toolkit.estimation import specification_shares
from toolkit.estimation.specification import CHOICES, in_order
from toolkit.plots.style import (
    COLORS,
    GREY,
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

__all__ = ["describe_specification_curve", "height_specification_curve", "plot_specification_curve"]

_EXAMPLE = 'toolkit.specification_curve(scored, "Outlet A", "Outlet B", "turkey")'
_NEEDS = ("estimate", "low", "high", "headline", "a", "b", *CHOICES)
_ROWS_ABOVE = 9.0
"""The height of the estimates, in rows of choices."""


def plot_specification_curve(
    curve: pd.DataFrame, *, ax: Axes | None = None, labels: Mapping[str, str] | None = None
) -> Axes:
    """Draw a specification curve.

    Parameters
    ----------
    curve : pandas.DataFrame
        As :func:`toolkit.specification_curve` returns it.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure if not given.
    labels : mapping of str to str, optional
        What to print for an actor's id; the labels of the shipped lexicon if not given.

    Returns
    -------
    matplotlib.axes.Axes
        The axes. Above, each estimate with its interval, in colour where that does not hold 0; below, a bar for what
        was chosen. Choices that never vary are left out. The headline specification has a square and a line through all
        rows. Specifications without an estimate are counted in the legend.

    Raises
    ------
    InputError
        The table is no curve.
    """
    known, rows = _layout(curve)
    ax = own_axes(height_specification_curve(curve)) if ax is None else ax
    if not len(known):
        return say_empty(ax, "no estimates")
    place, ticks = _scale(known)
    _draw_estimates(ax, known, place, len(curve) - len(known))
    names = _draw_choices(ax, known, rows)
    ax.set_yticks([place(t) for t in ticks] + [y for y, _ in names], [number(t) for t in ticks] + [n for _, n in names])
    ax.tick_params(axis="y", length=0)
    ax.set_ylim(min((y for y, _ in names), default=0.0) - 0.7, _ROWS_ABOVE + 0.3)
    ax.set_xlim(-0.8, len(known) - 0.2)
    ax.set_xticks([])
    ax.spines["bottom"].set_visible(False)
    first = known.iloc[0]
    toward = "" if pd.isna(first.get("actor")) else f", {shown(first['actor'], labels, kind='actor')}"
    pair = " − ".join(wrapped(shown(first[side]), 42, 1) for side in ("a", "b"))
    words = [*textwrap.wrap(pair + toward, 44), f"{len(known)} specifications, lowest to highest"]
    ax.set_xlabel("\n".join(words), loc="right")
    return ax


def _layout(curve: pd.DataFrame) -> tuple[pd.DataFrame, list[tuple[str, list[Any]]]]:
    """The rows that have an estimate, sorted, and the choices that vary with their values."""
    for column in _NEEDS:
        if column not in getattr(curve, "columns", ()):
            raise InputError(f"specification_curve needs the column {column!r}: make the table with {_EXAMPLE}")
    known = in_order(curve[curve["estimate"].notna()])
    rows = []
    for name in CHOICES:
        values = sorted(known[name].unique(), key=str)
        if len(values) > 1:
            rows.append((name, values))
    return known, rows


def _scale(known: pd.DataFrame) -> tuple[Any, list[float]]:
    """From an estimate to a height above the choices, and the numbers of the axis."""
    from matplotlib.ticker import MaxNLocator

    ends = known[["estimate", "low", "high"]].to_numpy(dtype=float)
    low, high = min(float(np.nanmin(ends)), 0.0), max(float(np.nanmax(ends)), 0.0)
    span = max(high - low, 1e-9)

    def place(value: Any) -> Any:
        return 0.8 + (_ROWS_ABOVE - 0.8) * (value - low) / span

    ticks = [float(t) for t in MaxNLocator(5).tick_values(low, high) if low - 1e-9 <= t <= high + 1e-9]
    return place, ticks


def _draw_estimates(ax: Axes, known: pd.DataFrame, place: Any, missing: int) -> None:
    from matplotlib.lines import Line2D

    ax.axhline(place(0.0), color=GREY, lw=pt(0.8), ls=(0, (3, 2)), zorder=1)
    x = np.arange(len(known))
    low, high = known["low"].to_numpy(dtype=float), known["high"].to_numpy(dtype=float)
    apart = (low > 0) | (high < 0)
    width = float(np.clip(120 / len(known), 0.4, 1.3))
    for chosen, color in ((~apart, "#9a9a9a"), (apart, COLORS[0])):
        ok = chosen & np.isfinite(low) & np.isfinite(high)
        ax.vlines(x[ok], place(low[ok]), place(high[ok]), color=color, lw=pt(width), zorder=2)
        ax.plot(x[chosen], place(known["estimate"].to_numpy(dtype=float)[chosen]), ls="", marker="o", color=color,
                ms=pt(float(np.clip(200 / len(known), 2, 4))), zorder=3)  # fmt: skip
    handles = [
        Line2D([], [], color=COLORS[0], marker="o", ms=pt(4)),
        Line2D([], [], color="#9a9a9a", marker="o", ms=pt(4)),
    ]
    names = ["interval without 0", "interval with 0, or none"]
    for at in map(int, np.flatnonzero(known["headline"].to_numpy(dtype=bool))):
        ax.axvline(at, color=COLORS[1], lw=pt(1.0), zorder=1.5)
        ax.plot([at], [place(known["estimate"].iloc[at])], ls="", marker="s", ms=pt(6), mfc=COLORS[1],
                mec="black", mew=pt(0.7), zorder=4)  # fmt: skip
        handles.append(Line2D([], [], ls="", marker="s", ms=pt(6), mfc=COLORS[1], mec="black", mew=pt(0.7)))
        names.append("headline")
    if missing:
        handles.append(Line2D([], [], ls=""))
        names.append(f"{missing} not estimated")
    legend_above(ax, handles, names)


def _draw_choices(ax: Axes, known: pd.DataFrame, rows: list[tuple[str, list[Any]]]) -> list[tuple[float, str]]:
    """A row of bars for each value of each choice; where each stands, and its name."""
    names, y = [], 0.0
    width = float(np.clip(250 / len(known), 0.5, 3.0))
    for name, values in rows:
        top = y
        for value in values:
            y -= 1.0
            at = np.flatnonzero(known[name].astype(str).eq(str(value)).to_numpy())
            ax.vlines(at, y - 0.32, y + 0.32, color="black", lw=pt(width), zorder=2)
            names.append((y, _named(name, value)))
        ax.axhspan(y - 0.5, top - 0.5, color="#f3f3f3", lw=0, zorder=0)
        y -= 0.4
    return names


def _named(name: str, value: Any) -> str:
    """What was chosen, short enough for the margin of one column."""
    text = shown(value)
    text = text if len(text) <= 20 else f"{text[:11]}…{text[-8:]}"
    return f"{name}: {text}"


def height_specification_curve(curve: pd.DataFrame) -> float:
    """The height in inches at which nothing overlaps."""
    _, rows = _layout(curve)
    return 1.3 + 0.15 * (_ROWS_ABOVE + sum(len(values) + 0.4 for _, values in rows))


def describe_specification_curve(curve: pd.DataFrame, *, labels: Mapping[str, str] | None = None) -> str:
    """The figure in words, with its numbers: what an alternative text says.

    Parameters
    ----------
    curve : pandas.DataFrame
        The table that is drawn.
    labels : mapping of str to str, optional
        As for :func:`plot_specification_curve`.

    Returns
    -------
    str
        What is compared, the range, the headline estimate, the shares that agree with it, and what varies.
    """
    known, rows = _layout(curve)
    if not len(known):
        return "Specification curve: there are no estimates to show."
    first, shares = known.iloc[0], specification_shares(curve).iloc[0]
    toward = "" if pd.isna(first.get("actor")) else f" toward {plain(first['actor'], labels, kind='actor')}"
    words = [
        f"Specification curve with intervals. {plain(first['a'])} minus {plain(first['b'])}{toward} under {len(known)} "
        f"specifications, from {number(shares['lowest'])} to {number(shares['highest'])}, median "
        f"{number(shares['median'])}."
    ]
    head = curve[curve["headline"].astype(bool)].iloc[0]
    if pd.notna(head["estimate"]):
        level = float(head["level"]) if "level" in curve else 0.95
        words.append(
            f"Headline: {number(head['estimate'])} ({interval_words(head['low'], head['high'], level)}). "
            f"{100 * shares['share_same_sign']:.0f} % have its sign; "
            f"{100 * shares['share_excludes_zero']:.0f} % have an interval without 0."
        )
    if len(curve) > len(known):
        words.append(f"Not estimated: {len(curve) - len(known)} specifications.")
    words.append("Below, what was chosen: " + "; ".join(
        f"{name} ({', '.join(plain(v) for v in values)})" for name, values in rows) + ".")  # fmt: skip
    return " ".join(words) if rows else " ".join(words[:-1])

"""Estimates by period: one line for each actor or outlet, broken where a period is missing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from toolkit.errors import InputError
from toolkit.plots.style import (
    COLORS,
    GREY,
    MARKERS,
    TONE_AXIS,
    check_summary,
    interval_words,
    legend_above,
    number,
    own_axes,
    plain,
    say_empty,
    shown,
    wrapped,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["describe_tone_over_time", "height_tone_over_time", "plot_tone_over_time"]

_EXAMPLE = 'toolkit.estimate(scored, by=["actor"], period="week")'
_FIXED = ("task", "voice", "copies", "method", "estimand", "reading", "note", "period")
MOST_TOGETHER = 4
"""More lines than this cannot be told apart in one frame: each gets a lane of its own."""
LANE = 0.42
"""Half the height of a lane that stands for a score of 1."""


def plot_tone_over_time(
    summary: pd.DataFrame, *, ax: Axes | None = None, labels: Mapping[str, str] | None = None
) -> Axes:
    """Draw estimates over time.

    Parameters
    ----------
    summary : pandas.DataFrame
        A summary of one task with `period` and one more key (`actor` or `outlet`), or `period` alone.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure if not given.
    labels : mapping of str to str, optional
        What to print for an actor's id; the labels of the shipped lexicon if not given.

    Returns
    -------
    matplotlib.axes.Axes
        The axes. Vertical lines are the intervals of the summary; a hollow dot has none. Up to four lines share one
        frame; more stand in lanes, each from -1 to +1.

    Raises
    ------
    InputError
        The summary has no periods, or several rows for one point.
    """
    from matplotlib.ticker import MaxNLocator

    key, series = _layout(summary)
    ax = own_axes(height_tone_over_time(summary)) if ax is None else ax
    if not series:
        return say_empty(ax, "no estimates")
    lanes = len(series) > MOST_TOGETHER
    step = _step(summary)
    for index, (name, rows) in enumerate(series):
        label = "" if key is None else wrapped(shown(name, labels, kind=key), 24, 2 if lanes else 1)
        n = f" ({int(rows['n_mentions'].sum()):,} mentions)"
        if lanes:
            _draw_series(ax, rows, 0.0, step, "#0072B2", "o", label, base=float(index), scale=-LANE)
        else:
            shift = (index - (len(series) - 1) / 2) * step * 0.1
            _draw_series(ax, rows, shift, step, COLORS[index], MARKERS[index], label + n if label else "")
    task = str(summary["task"].iloc[0])
    axis = TONE_AXIS if task == "tone" else f"{shown(task)} (score from −1 to +1)"
    _dress_time(ax, summary)
    if lanes:
        _dress_lanes(ax, [wrapped(shown(name, labels, kind=key or "")) for name, _ in series], axis)
    else:
        ax.axhline(0, color=GREY, lw=0.8, ls=(0, (3, 2)), zorder=1)
        ax.set_ylabel(axis)
        extent = summary[["estimate", "low", "high"]].abs().max().max()
        ax.yaxis.set_major_locator(MaxNLocator(5))
        ax.set_ylim(*((-1.04, 1.04) if extent > 0.7 else (-extent * 1.15 - 0.02, extent * 1.15 + 0.02)))
        if key is not None:
            legend_above(ax, *ax.get_legend_handles_labels())
    return ax


def _layout(summary: pd.DataFrame) -> tuple[str | None, list[tuple[Any, pd.DataFrame]]]:
    """The key that makes the lines, and each line's rows in order of time."""
    check_summary(summary, ["period"], "tone_over_time", _EXAMPLE)
    if not pd.api.types.is_datetime64_any_dtype(summary["period"]):
        raise InputError(f"tone_over_time: the column 'period' holds no dates; make the summary with {_EXAMPLE}")
    keys = [k for k in ("actor", "outlet") if k in summary.columns]
    varying = [k for k in keys if summary[k].nunique(dropna=False) > 1]
    key = varying[0] if len(varying) == 1 else keys[0] if keys else None
    rows = summary[summary["estimate"].notna() & summary["period"].notna()]
    if rows.duplicated(["period", *([key] if key else [])]).any():
        raise InputError(
            "tone_over_time: the summary has several rows for one period; it draws one line for each actor or for "
            f"each outlet: make it with {_EXAMPLE}"
        )
    if key is None:
        return None, [("", rows.sort_values("period"))] if len(rows) else []
    groups = rows.groupby(key, sort=True, dropna=False, observed=True)
    return key, [(name, part.sort_values("period")) for name, part in groups]


def _step(summary: pd.DataFrame) -> float:
    """The shortest distance of two periods, in days: what a period without a gap is."""
    days = np.unique(summary["period"].dropna().to_numpy().astype("datetime64[D]")).astype(float)
    return float(np.diff(days).min()) if len(days) > 1 else 7.0


def _draw_series(
    ax: Axes, rows: pd.DataFrame, shift: float, step: float, color: str, marker: str, label: str,
    *, base: float = 0.0, scale: float = 1.0,
) -> None:  # fmt: skip
    day = rows["period"].to_numpy().astype("datetime64[D]").astype(float)
    x, y = day + shift, base + scale * rows["estimate"].to_numpy(dtype=float)
    # 1.2: months and quarters are not all of one length.
    breaks = np.flatnonzero(np.diff(day) > 1.2 * step) + 1
    ax.plot(np.insert(x, breaks, np.nan), np.insert(y, breaks, np.nan), color=color, lw=1.0, zorder=2)
    known = (rows["low"].notna() & rows["high"].notna()).to_numpy()
    ax.vlines(
        x[known], base + scale * rows["low"].to_numpy(dtype=float)[known],
        base + scale * rows["high"].to_numpy(dtype=float)[known], color=color, lw=0.9, zorder=2,
    )  # fmt: skip
    ax.plot(x[known], y[known], ls="", marker=marker, ms=4, color=color, zorder=3, label=label)
    hollow = ax.plot(x[~known], y[~known], ls="", marker=marker, ms=4, mfc="white", mec=color, mew=0.9, zorder=3)
    if not known.any() and label:
        hollow[0].set_label(label)


def _dress_time(ax: Axes, summary: pd.DataFrame) -> None:
    from matplotlib.dates import AutoDateLocator, ConciseDateFormatter

    locator = AutoDateLocator(minticks=3, maxticks=8)
    ax.xaxis.set_major_locator(locator)
    ax.xaxis.set_major_formatter(ConciseDateFormatter(locator))
    days = summary["period"].dropna().to_numpy().astype("datetime64[D]").astype(float)
    margin = max((days.max() - days.min()) * 0.03, _step(summary) * 0.4)
    ax.set_xlim(days.min() - margin, days.max() + margin)
    ax.set_xlabel("period beginning", loc="left")


def _dress_lanes(ax: Axes, names: list[str], axis: str) -> None:
    for place in range(len(names)):
        ax.axhline(place, color=GREY, lw=0.6, ls=(0, (3, 2)), zorder=1)
        if place % 2 == 0:
            ax.axhspan(place - 0.5, place + 0.5, color="#f3f3f3", lw=0, zorder=0)
    ax.set_ylim(len(names) - 0.5, -0.5)
    ax.set_yticks(range(len(names)), names)
    ax.tick_params(axis="y", length=0)
    for end, sign in ((1, "+1"), (-1, "−1")):
        for place in range(len(names)):
            ax.annotate(
                sign, (1, place - LANE * end), xycoords=("axes fraction", "data"), xytext=(3, 0),
                textcoords="offset points", fontsize=5.5, color=GREY, va="center", annotation_clip=False,
            )  # fmt: skip
    ax.set_ylabel(f"{axis}; dashed: 0")


def height_tone_over_time(summary: pd.DataFrame) -> float:
    """The height in inches at which nothing overlaps."""
    _, series = _layout(summary)
    return 2.8 if len(series) <= MOST_TOGETHER else 0.9 + 0.5 * len(series)


def describe_tone_over_time(summary: pd.DataFrame, *, labels: Mapping[str, str] | None = None) -> str:
    """The figure in words, with its numbers: what an alternative text says.

    Parameters
    ----------
    summary : pandas.DataFrame
        The table that is drawn.
    labels : mapping of str to str, optional
        As for :func:`plot_tone_over_time`.

    Returns
    -------
    str
        Kind of figure, axes, counts, and for each line its lowest and highest period with their numbers.
    """
    key, series = _layout(summary)
    if not series:
        return "Line plot of tone over time: there are no estimates to show."
    periods, level = summary["period"].dropna(), float(summary["level"].iloc[0]) if "level" in summary else 0.95
    what = plain(summary["task"].iloc[0])
    words = [
        f"Line plot with intervals. Horizontal axis: {periods.nunique()} periods, the first beginning on "
        f"{periods.min():%Y-%m-%d}, the last on {periods.max():%Y-%m-%d}. Vertical axis: {what}, from −1 (negative) to "
        f"+1 (positive). {len(series)} line{'s' if len(series) > 1 else ''}, "
        f"{int(summary['n_mentions'].sum()):,} mentions."
    ]
    for name, rows in series:
        ordered = rows.sort_values(["estimate", "period"])
        ends = [ordered.iloc[0]] + ([ordered.iloc[-1]] if len(ordered) > 1 else [])
        said = " and ".join(
            f"{'lowest' if i == 0 else 'highest'} {number(r['estimate'])} from {r['period']:%Y-%m-%d} "
            f"({interval_words(r['low'], r['high'], level)}, {r['n_stories']:,} stories)"
            for i, r in enumerate(ends)
        )
        words.append(f"{plain(name, labels, kind=key or '') + ': ' if key else ''}{said}.")
    return " ".join(words)

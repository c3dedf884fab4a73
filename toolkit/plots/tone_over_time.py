"""Estimates by period: one line for each actor or outlet, broken where a period is missing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from toolkit.errors import InputError
from toolkit.plots.parts import key
from toolkit.plots.style import (
    COLORS,
    GREY,
    MARKERS,
    TONE_AXIS,
    beside,
    check_summary,
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

__all__ = ["describe_tone_over_time", "height_tone_over_time", "plot_tone_over_time"]

_EXAMPLE = 'toolkit.estimate(scored, by=["actor"], period="week")'
MOST_TOGETHER = 4
"""More lines than this cannot be told apart in one frame: each gets a lane of its own."""
LANE = 0.42
"""Half the height of a lane."""


def plot_tone_over_time(
    summary: pd.DataFrame, *, ax: Axes | None = None, labels: Mapping[str, str] | None = None,
    events: Mapping[Any, str] | None = None, bands: bool = False,
) -> Axes:  # fmt: skip
    """Draw estimates over time.

    Parameters
    ----------
    summary : pandas.DataFrame
        A summary of one task with `period` and `actor`, `outlet`, both or neither.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure if not given.
    labels : mapping of str to str, optional
        What to print for an actor's id; the labels of the shipped lexicon if not given.
    events : mapping of date to str, optional
        What happened when: an upright line with a letter, told in the legend. Events outside the periods are left out.
    bands : bool
        Draw intervals as bands along each line, not as upright lines.

    Returns
    -------
    matplotlib.axes.Axes
        The axes. Upright lines or bands are the intervals of the summary; a hollow dot has none. Up to four lines share
        one frame; more stand in lanes. With outlets and actors each outlet has a lane, and each actor a line in it.

    Raises
    ------
    InputError
        The summary has no periods, several rows for one point, more than seven actors in a lane, or an event no date.
    """
    lines = _layout(summary)
    marked = _marked(events, summary)
    ax = own_axes(height_tone_over_time(summary)) if ax is None else ax
    if not lines.drawn:
        return say_empty(ax, "no estimates")
    step, limit, task = _step(summary), _limit(summary), str(summary["task"].iloc[0])
    lanes = lines.lanes
    for lane, name, rows in lines.drawn:
        index = lines.names.index(name) if lines.together else 0
        shift = (index - (len(lines.names) - 1) / 2) * step * 0.1 if lines.together else 0.0
        label = lines.label(name, labels, rows, first=not lanes or lane == lanes[0])
        place = {"base": float(lanes.index(lane)), "scale": -LANE / limit} if lanes else {}
        _draw_series(ax, rows, shift, step, COLORS[index], MARKERS[index], label, bands=bands, **place)
    axis = TONE_AXIS if task == "tone" else f"{shown(task)} (score from −1 to +1)"
    _dress_time(ax, summary)
    if lanes:
        _dress_lanes(ax, [wrapped(shown(lane, labels, kind=lines.lane_key)) for lane in lanes], axis, limit)
    else:
        _dress_frame(ax, axis, limit)
    handles, names = ax.get_legend_handles_labels()
    more = _draw_events(ax, marked)
    legend_above(ax, [*handles, *more], [*names, *more.values()])
    return ax


@dataclass(frozen=True)
class _Lines:
    """What is drawn: each line with its lane, and whether several share one."""

    drawn: list[tuple[Any, Any, pd.DataFrame]]
    key: str
    lane_key: str

    @property
    def lanes(self) -> list[Any]:
        return list(dict.fromkeys(lane for lane, _, _ in self.drawn)) if self.lane_key else []

    @property
    def names(self) -> list[Any]:
        return sorted({name for _, name, _ in self.drawn}, key=str)

    @property
    def together(self) -> bool:
        """Whether lines stand in one frame or lane, told apart by colour and marker."""
        return not self.lane_key or self.lane_key != self.key

    def label(self, name: Any, labels: Mapping[str, str] | None, rows: pd.DataFrame, *, first: bool) -> str:
        if not self.key or not self.together or not first:
            return ""
        n = "" if self.lane_key else f" ({int(rows['n_mentions'].sum()):,} mentions)"
        return wrapped(shown(name, labels, kind=self.key), 24, 1) + n


def _layout(summary: pd.DataFrame) -> _Lines:
    """The lines in order, each with its rows in order of time."""
    check_summary(summary, ["period"], "tone_over_time", _EXAMPLE)
    if not pd.api.types.is_datetime64_any_dtype(summary["period"]):
        raise InputError(f"tone_over_time: the column 'period' holds no dates; make the summary with {_EXAMPLE}")
    keys = [k for k in ("outlet", "actor") if k in summary.columns]
    varying = [k for k in keys if summary[k].nunique(dropna=False) > 1]
    used = varying or keys[-1:]
    rows = summary[summary["estimate"].notna() & summary["period"].notna()]
    if rows.duplicated(["period", *used]).any():
        raise InputError(
            "tone_over_time: the summary has several rows for one period; it draws one line for each actor, each "
            f"outlet, or each actor of each outlet: make it with {_EXAMPLE}"
        )
    if not used:
        return _Lines([("", "", rows.sort_values("period"))] if len(rows) else [], "", "")
    groups = [
        (tuple(map(key, names)), part.sort_values("period"))
        for names, part in rows.groupby(used, sort=True, dropna=False, observed=True)
    ]
    if len(used) == 1:
        return _Lines(
            [(n[0], n[0], part) for n, part in groups], used[0], used[0] if len(groups) > MOST_TOGETHER else ""
        )
    actors = {names[1] for names, _ in groups}
    if len(actors) > len(MARKERS):
        raise InputError(
            f"tone_over_time tells {len(MARKERS)} actors of an outlet apart, the summary has {len(actors)}: keep some"
        )
    return _Lines([(n[0], n[1], part) for n, part in groups], "actor", "outlet")


def _limit(summary: pd.DataFrame) -> float:
    """How far from 0 the axis of a frame or lane goes."""
    extent = float(summary[["estimate", "low", "high"]].abs().max().max())
    return 1.0 if extent > 0.7 else extent * 1.15 + 0.02


def _marked(events: Mapping[Any, str] | None, summary: pd.DataFrame) -> list[tuple[pd.Timestamp, str]]:
    """The events inside the periods, in order of time."""
    held = []
    for date, name in (events or {}).items():
        try:
            held.append((pd.Timestamp(date).tz_localize(None).normalize(), str(name)))
        except (ValueError, TypeError) as error:
            raise InputError(f"events: {date!r} is no date; expected one such as '2020-02-27'") from error
    periods = summary["period"].dropna()
    if not len(periods):
        return []
    last = periods.max() + pd.Timedelta(days=_step(summary))
    return sorted(event for event in held if periods.min() <= event[0] < last)


def _draw_events(ax: Axes, events: list[tuple[pd.Timestamp, str]]) -> dict[Any, str]:
    """Draw events; what the legend says of each."""
    from matplotlib.lines import Line2D

    told = {}
    for i, (date, name) in enumerate(events):
        day = float(date.to_datetime64().astype("datetime64[D]").astype(float))
        letter = chr(ord("A") + i % 26) * (1 + i // 26)
        ax.axvline(day, color="black", lw=pt(0.7), ls=":", zorder=1.2)
        ax.text(
            day, 0.995, letter, transform=ax.get_xaxis_transform(), ha="center", va="top", fontsize=pt(6.5), zorder=4,
            bbox={"facecolor": "white", "edgecolor": "black", "lw": pt(0.4), "pad": pt(1.2)},
        )  # fmt: skip
        told[Line2D([], [], ls=":", color="black", lw=pt(0.7))] = f"{letter}: {wrapped(shown(name), 34, 1)}"
    return told


def _step(summary: pd.DataFrame) -> float:
    """The shortest distance of two periods, in days: what a period without a gap is."""
    days = np.unique(summary["period"].dropna().to_numpy().astype("datetime64[D]")).astype(float)
    return float(np.diff(days).min()) if len(days) > 1 else 7.0


def _draw_series(
    ax: Axes, rows: pd.DataFrame, shift: float, step: float, color: str, marker: str, label: str,
    *, bands: bool, base: float = 0.0, scale: float = 1.0,
) -> None:  # fmt: skip
    day = rows["period"].to_numpy().astype("datetime64[D]").astype(float)
    x = day + shift
    y, low, high = (base + scale * rows[c].to_numpy(dtype=float) for c in ("estimate", "low", "high"))
    # 1.2: months and quarters are not all of one length.
    breaks = np.flatnonzero(np.diff(day) > 1.2 * step) + 1
    ax.plot(np.insert(x, breaks, np.nan), np.insert(y, breaks, np.nan), color=color, lw=pt(1.0), zorder=2)
    known = (rows["low"].notna() & rows["high"].notna()).to_numpy()
    upright = known
    if bands:
        at, bottom, top = (np.insert(v, breaks, np.nan) for v in (x, low, high))
        ax.fill_between(at, bottom, top, color=color, alpha=0.18, lw=0, zorder=1.5)
        # A period without neighbours has no band: its interval stays a line.
        near = known[1:] & known[:-1] & (np.diff(day) <= 1.2 * step)
        upright = known & ~np.append(near, False) & ~np.append(False, near)
    ax.vlines(x[upright], low[upright], high[upright], color=color, lw=pt(0.9), zorder=2)
    ax.plot(x[known], y[known], ls="", marker=marker, ms=pt(4), color=color, zorder=3, label=label)
    hollow = ax.plot(
        x[~known], y[~known], ls="", marker=marker, ms=pt(4), mfc="white", mec=color, mew=pt(0.9), zorder=3
    )
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


def _dress_frame(ax: Axes, axis: str, limit: float) -> None:
    from matplotlib.ticker import MaxNLocator

    ax.axhline(0, color=GREY, lw=pt(0.8), ls=(0, (3, 2)), zorder=1)
    ax.set_ylabel(axis)
    ax.yaxis.set_major_locator(MaxNLocator(5))
    ax.set_ylim(*((-1.04, 1.04) if limit == 1 else (-limit, limit)))


def _dress_lanes(ax: Axes, names: list[str], axis: str, limit: float) -> None:
    end = next(v for v in (0.1, 0.2, 0.25, 0.5, 1.0) if v >= 0.7 * limit or v == 1.0)
    for place in range(len(names)):
        ax.axhline(place, color=GREY, lw=pt(0.6), ls=(0, (3, 2)), zorder=1)
        if place % 2 == 0:
            ax.axhspan(place - 0.5, place + 0.5, color="#f3f3f3", lw=0, zorder=0)
        for sign, word in ((1, "+"), (-1, "−")):
            beside(ax, place - LANE * sign * min(end / limit, 1.0), f"{word}{min(end, limit):g}", size=5.5)
    ax.set_ylim(len(names) - 0.5, -0.5)
    ax.set_yticks(range(len(names)), names)
    ax.tick_params(axis="y", length=0)
    ax.set_ylabel(f"{axis}; dashed: 0")


def height_tone_over_time(summary: pd.DataFrame) -> float:
    """The height in inches at which nothing overlaps."""
    lines = _layout(summary)
    if not lines.lanes:
        return 2.8
    return 0.9 + (0.72 if lines.together else 0.5) * max(len(lines.lanes), 2)


def describe_tone_over_time(
    summary: pd.DataFrame, *, labels: Mapping[str, str] | None = None, events: Mapping[Any, str] | None = None
) -> str:
    """The figure in words, with its numbers: what an alternative text says.

    Parameters
    ----------
    summary : pandas.DataFrame
        The table that is drawn.
    labels, events
        As for :func:`plot_tone_over_time`.

    Returns
    -------
    str
        Kind of figure, axes, counts, and for each line its lowest and highest period with their numbers.
    """
    lines = _layout(summary)
    if not lines.drawn:
        return "Line plot of tone over time: there are no estimates to show."
    periods, level = summary["period"].dropna(), float(summary["level"].iloc[0]) if "level" in summary else 0.95
    what = plain(summary["task"].iloc[0])
    words = [
        f"Line plot with intervals. Horizontal axis: {periods.nunique()} periods, the first beginning on "
        f"{periods.min():%Y-%m-%d}, the last on {periods.max():%Y-%m-%d}. Vertical axis: {what}, from −1 (negative) to "
        f"+1 (positive). {len(lines.drawn)} line{'s' if len(lines.drawn) > 1 else ''}, "
        f"{int(summary['n_mentions'].sum()):,} mentions."
    ]
    for lane, name, rows in lines.drawn:
        ordered = rows.sort_values(["estimate", "period"])
        ends = [ordered.iloc[0]] + ([ordered.iloc[-1]] if len(ordered) > 1 else [])
        said = " and ".join(
            f"{'lowest' if i == 0 else 'highest'} {number(r['estimate'])} from {r['period']:%Y-%m-%d} "
            f"({interval_words(r['low'], r['high'], level)}, {r['n_stories']:,} stories)"
            for i, r in enumerate(ends)
        )
        title = plain(name, labels, kind=lines.key) if lines.key else ""
        if lines.lane_key and lines.together:
            title = f"{plain(lane)}, {title}"
        words.append(f"{title + ': ' if title else ''}{said}.")
    for i, (date, name) in enumerate(_marked(events, summary)):
        words.append(f"Event {chr(ord('A') + i % 26)}, {date:%Y-%m-%d}: {plain(name)}.")
    return " ".join(words)

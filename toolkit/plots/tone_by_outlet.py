"""Dots with intervals: one row for each outlet, one dot for each actor."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from toolkit.errors import InputError
from toolkit.plots.style import (
    COLORS,
    GREY,
    MARKERS,
    TONE_AXIS,
    area,
    beside,
    beside_head,
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

__all__ = ["describe_tone_by_outlet", "height_tone_by_outlet", "plot_tone_by_outlet"]

_EXAMPLE = 'toolkit.estimate(scored, by=["outlet", "actor"])'
MOST_ACTORS = len(MARKERS)


def plot_tone_by_outlet(
    summary: pd.DataFrame, *, ax: Axes | None = None, labels: Mapping[str, str] | None = None
) -> Axes:
    """Draw the estimates of outlets, the outlets in the order of their mean estimate.

    Parameters
    ----------
    summary : pandas.DataFrame
        A summary of one task with one row for each `outlet`, or for each `outlet` and `actor` (at most seven actors).
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure if not given.
    labels : mapping of str to str, optional
        What to print for an actor's id; the labels of the shipped lexicon if not given.

    Returns
    -------
    matplotlib.axes.Axes
        The axes. Lines are the intervals of the summary; a hollow dot has none. The numbers on the right count stories.

    Raises
    ------
    InputError
        The summary has no outlets, several rows for one dot, or too many actors.
    """
    outlets, actors, rows = _layout(summary)
    ax = own_axes(height_tone_by_outlet(summary)) if ax is None else ax
    if not len(rows):
        return say_empty(ax, "no estimates")
    step = 0.8 / (len(actors) + 0.2)
    for place in range(0, len(outlets), 2):
        ax.axhspan(place - 0.5, place + 0.5, color="#f3f3f3", lw=0, zorder=0)
    ax.axvline(0, color=GREY, lw=pt(0.8), ls=(0, (3, 2)), zorder=1)
    for index, actor in enumerate(actors):
        of = rows if actor is _ALL else rows[rows["actor"].map(_key) == actor]
        y = [outlets.index(_key(outlet)) + (index - (len(actors) - 1) / 2) * step for outlet in of["outlet"]]
        label = "" if actor is _ALL else wrapped(shown(actor, labels, kind="actor"), 22, 1)
        _draw_actor(ax, of, y, index, label)
    _dress(ax, outlets, rows, multiple=len(actors) > 1 or actors[0] is not _ALL)
    return ax


_ALL = object()


def _key(value: Any) -> Any:
    return None if pd.isna(value) else value


def _layout(summary: pd.DataFrame) -> tuple[list[Any], list[Any], pd.DataFrame]:
    """The outlets from the lowest mean estimate at the top, the actors, and the rows that have an estimate."""
    check_summary(summary, ["outlet"], "tone_by_outlet", _EXAMPLE)
    keys = ["outlet", "actor"] if "actor" in summary.columns else ["outlet"]
    twice = summary[summary.duplicated(keys)]
    if len(twice):
        raise InputError(
            f"tone_by_outlet: the summary has several rows for {twice.iloc[0][keys].tolist()}; make it with {_EXAMPLE}"
        )
    rows = summary[summary["estimate"].notna()]
    means = rows.groupby("outlet", dropna=False)["estimate"].mean().reset_index().sort_values(["estimate", "outlet"])
    actors = sorted({_key(a) for a in rows["actor"]}, key=str) if "actor" in keys else [_ALL]
    if len(actors) > MOST_ACTORS:
        raise InputError(
            f"tone_by_outlet tells {MOST_ACTORS} actors apart, the summary has {len(actors)}: "
            "keep some, such as summary[summary.actor.isin([...])]"
        )
    return [_key(o) for o in means["outlet"]], actors, rows


def _draw_actor(ax: Axes, rows: pd.DataFrame, y: list[float], index: int, label: str) -> None:
    color, marker = COLORS[index], MARKERS[index]
    known = (rows["low"].notna() & rows["high"].notna()).to_numpy()
    x = rows["estimate"].to_numpy(dtype=float)
    ax.hlines(
        [v for v, k in zip(y, known, strict=True) if k],
        rows["low"][known],
        rows["high"][known],
        color=color,
        lw=pt(1.3),
        zorder=2,
    )
    ax.scatter(
        x, y, s=area(22), marker=marker, color=color, edgecolor=color, lw=pt(0.9), zorder=3, label=label,
        facecolor=[color if k else "white" for k in known],
    )  # fmt: skip
    # Beside each dot's line, how many stories it rests on.
    for n, place in zip(rows["n_stories"], y, strict=True):
        beside(ax, place, f"{n:,}")


def _dress(ax: Axes, outlets: list[Any], rows: pd.DataFrame, *, multiple: bool) -> None:
    from matplotlib.lines import Line2D

    ax.set_ylim(len(outlets) - 0.5, -0.5)
    ax.set_yticks(range(len(outlets)), [wrapped(shown(o)) for o in outlets])
    ax.tick_params(axis="y", length=0)
    extent = rows[["estimate", "low", "high"]].abs().max().max()
    ax.set_xlim(*((-1.04, 1.04) if extent > 0.7 else (-extent * 1.15 - 0.02, extent * 1.15 + 0.02)))
    task = str(rows["task"].iloc[0])
    ax.set_xlabel(TONE_AXIS if task == "tone" else f"{shown(task)} (score from −1 to +1)")
    beside_head(ax, "stories")
    handles, names = ax.get_legend_handles_labels() if multiple else ([], [])
    if rows[["low", "high"]].isna().any(axis=None):
        handles.append(Line2D([], [], ls="", marker="o", mfc="white", mec=GREY, ms=pt(4.5)))
        names.append("no interval")
    legend_above(ax, handles, names)


def height_tone_by_outlet(summary: pd.DataFrame) -> float:
    """The height in inches at which nothing overlaps."""
    outlets, actors, _ = _layout(summary)
    return 1.0 + max(0.11 * len(actors) + 0.08, 0.3) * max(len(outlets), 2)


def describe_tone_by_outlet(summary: pd.DataFrame, *, labels: Mapping[str, str] | None = None) -> str:
    """The figure in words, with its numbers: what an alternative text says.

    Parameters
    ----------
    summary : pandas.DataFrame
        The table that is drawn.
    labels : mapping of str to str, optional
        As for :func:`plot_tone_by_outlet`.

    Returns
    -------
    str
        Kind of figure, axes, counts, the widest gap for each actor with its numbers.
    """
    outlets, actors, rows = _layout(summary)
    if not len(rows):
        return "Dot plot of tone by outlet: there are no estimates to show."
    task, level = plain(rows["task"].iloc[0]), float(rows["level"].iloc[0]) if "level" in rows else 0.95
    words = [
        f"Dot plot with intervals. Horizontal axis: {task}, from −1 (negative) to +1 (positive). Vertical axis: "
        f"{len(outlets)} outlets, the lowest mean {task} at the top. {len(rows)} estimates rest on "
        f"{int(rows['n_mentions'].sum()):,} mentions."
    ]
    for actor in actors:
        of = rows if actor is _ALL else rows[rows["actor"].map(_key) == actor]
        name = "" if actor is _ALL else f"{plain(actor, labels, kind='actor')}: "
        ordered = of.sort_values(["estimate", "outlet"])
        ends = [ordered.iloc[0]] + ([ordered.iloc[-1]] if len(ordered) > 1 else [])
        said = [
            f"{plain(r['outlet'])} {number(r['estimate'])} ({interval_words(r['low'], r['high'], level)}, "
            f"{r['n_stories']:,} stories)"
            for r in ends
        ]
        words.append(f"{name}" + (f"from {said[0]} to {said[1]}." if len(said) == 2 else f"{said[0]}."))
    bare = int(rows["low"].isna().sum())
    if bare:
        words.append(f"Hollow dots: {bare} of {len(rows)} estimates have no interval.")
    return " ".join(words)

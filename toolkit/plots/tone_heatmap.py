"""Outlets by actors: each estimate in its cell, with its interval and what it rests on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from toolkit.plots.parts import cell_width, check_columns, key, level_of
from toolkit.plots.style import (
    GREY,
    check_summary,
    interval_words,
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

__all__ = ["describe_tone_heatmap", "height_tone_heatmap", "plot_tone_heatmap"]

_EXAMPLE = 'toolkit.estimate(scored, by=["outlet", "actor"])'
ONE_LINE = 0.75
"""Inches at which an interval fits into a cell on one line."""


def plot_tone_heatmap(table: pd.DataFrame, *, ax: Axes | None = None, labels: Mapping[str, str] | None = None) -> Axes:
    """Draw estimates as a table in colours, the outlets in the order of their mean estimate.

    Parameters
    ----------
    table : pandas.DataFrame
        A summary of one task with one row for each `outlet` and `actor`.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure if not given.
    labels : mapping of str to str, optional
        What to print for an actor's id; the labels of the shipped lexicon if not given.

    Returns
    -------
    matplotlib.axes.Axes
        The axes. In each cell the estimate (bold where its interval does not hold 0), its interval, and the number of
        stories. Blue is negative, orange positive; the deeper, the farther from 0. Dots fill cells without an interval;
        cells without an estimate are empty.

    Raises
    ------
    InputError
        The summary has no outlets or actors, or several rows for one cell.
    """
    outlets, actors, rows = _layout(table)
    ax = own_axes(height_tone_heatmap(table)) if ax is None else ax
    if not len(rows):
        return say_empty(ax, "no estimates")
    values = np.full((len(outlets), len(actors)), np.nan)
    cells = [(outlets.index(key(o)), actors.index(key(a))) for o, a in zip(rows["outlet"], rows["actor"], strict=True)]
    values[tuple(zip(*cells, strict=True))] = rows["estimate"].to_numpy(dtype=float)
    limit = max(float(np.nanmax(np.abs(values))), 0.2)
    ax.imshow(values, cmap=_shades(), vmin=-limit, vmax=limit, aspect="auto")
    inches = cell_width(ax, len(actors))
    for (i, j), row in zip(cells, rows.to_dict("records"), strict=True):
        _write(ax, i, j, row, one_line=inches >= ONE_LINE)
    for i, j in sorted({(i, j) for i in range(len(outlets)) for j in range(len(actors))} - set(cells)):
        ax.text(j, i, "–", ha="center", va="center", color=GREY)
    _dress(ax, outlets, actors, labels)
    task = str(rows["task"].iloc[0])
    ax.set_xlabel(
        f"{shown(task)}: estimate, interval, stories (n)\nblue negative, orange positive, bold: without 0", loc="right"
    )
    return ax


def _shades() -> Any:
    from matplotlib.colors import LinearSegmentedColormap

    # The ends are paler than the colours of the palette, so that black letters can be read on them.
    return LinearSegmentedColormap.from_list("tone", ["#6fb1de", "#ffffff", "#f0b43c"]).with_extremes(bad="white")


def _write(ax: Axes, i: int, j: int, row: Mapping[Any, Any], *, one_line: bool) -> None:
    from matplotlib.patches import Rectangle

    known = pd.notna(row["low"]) and pd.notna(row["high"])
    apart = known and (row["low"] > 0 or row["high"] < 0)
    ax.text(
        j, i - 0.22, number(row["estimate"]), ha="center", va="center", fontsize=pt(7.5),
        weight="bold" if apart else "normal",
    )  # fmt: skip
    span = "no interval"
    if known:
        low, high = number(row["low"]), number(row["high"])
        span = f"{low} to {high}" if one_line else f"{low}\n{high}"
    words = f"{span}\nn {row['n_stories']:,}"
    ax.text(j, i - 0.02, words, ha="center", va="top", fontsize=pt(5.5), linespacing=1.05)
    if not known:
        ax.add_patch(
            Rectangle((j - 0.5, i - 0.5), 1, 1, fill=False, hatch="...", edgecolor="#c9c9c9", lw=0, zorder=1.5)
        )


def _dress(ax: Axes, outlets: list[Any], actors: list[Any], labels: Mapping[str, str] | None) -> None:
    many = len(actors) > 4
    names = [wrapped(shown(a, labels, kind="actor"), 12 if not many else 22, 2 if not many else 1) for a in actors]
    ax.xaxis.tick_top()
    ax.set_xticks(range(len(actors)), names, rotation=60 if many else 0, ha="left" if many else "center",
                  rotation_mode="anchor" if many else "default")  # fmt: skip
    ax.set_yticks(range(len(outlets)), [wrapped(shown(o)) for o in outlets])
    ax.tick_params(length=0)
    for place in np.arange(0.5, len(actors) - 1):
        ax.axvline(place, color="white", lw=pt(1.5))
    for place in np.arange(0.5, len(outlets) - 1):
        ax.axhline(place, color="white", lw=pt(1.5))
    for spine in ax.spines.values():
        spine.set_visible(False)


def _layout(table: pd.DataFrame) -> tuple[list[Any], list[Any], pd.DataFrame]:
    """The outlets from the lowest mean estimate at the top, the actors, and the rows that have an estimate."""
    check_summary(table, ["outlet", "actor"], "tone_heatmap", _EXAMPLE)
    check_columns(table, (), ("outlet", "actor"), "tone_heatmap", _EXAMPLE)
    rows = table[table["estimate"].notna()]
    means = rows.groupby("outlet", dropna=False)["estimate"].mean().reset_index().sort_values(["estimate", "outlet"])
    outlets = [key(o) for o in means["outlet"]]
    # An outlet or actor without any estimate keeps its row, below the others.
    outlets += sorted({key(o) for o in table["outlet"]} - set(outlets), key=str)
    return outlets, sorted({key(a) for a in table["actor"]}, key=str), rows


def height_tone_heatmap(table: pd.DataFrame) -> float:
    """The height in inches at which nothing overlaps."""
    outlets, actors, _ = _layout(table)
    return 0.9 + (0.7 if len(actors) > 4 else 0.0) + 0.47 * max(len(outlets), 2)


def describe_tone_heatmap(table: pd.DataFrame, *, labels: Mapping[str, str] | None = None) -> str:
    """The figure in words, with its numbers: what an alternative text says.

    Parameters
    ----------
    table : pandas.DataFrame
        The table that is drawn.
    labels : mapping of str to str, optional
        As for :func:`plot_tone_heatmap`.

    Returns
    -------
    str
        Counts, and for each actor every outlet with its numbers; of more than twelve the lowest and the highest.
    """
    outlets, actors, rows = _layout(table)
    if not len(rows):
        return "Table of tone by outlet and actor: there are no estimates to show."
    level, task = level_of(rows), plain(rows["task"].iloc[0])
    words = [
        f"Table in colours. Rows: {len(outlets)} outlets, the lowest mean {task} at the top; columns: {len(actors)} "
        f"actors. {task.capitalize()} from −1 (negative) to +1 (positive); {len(rows)} estimates rest on "
        f"{int(rows['n_mentions'].sum()):,} mentions."
    ]
    for actor in actors:
        of = rows[rows["actor"].map(key) == actor].sort_values(["estimate", "outlet"])
        ends = of if len(of) <= 12 else of.iloc[[0, -1]]
        said = [
            f"{plain(r['outlet'])} {number(r['estimate'])} ({interval_words(r['low'], r['high'], level)}, "
            f"{r['n_stories']:,} stories)"
            for r in ends.to_dict("records")
        ]
        how = "; ".join(said) if len(ends) == len(of) else f"from {said[0]} to {said[1]}"
        words.append(f"{plain(actor, labels, kind='actor')}: {how or 'no estimate'}.")
    return " ".join(words)

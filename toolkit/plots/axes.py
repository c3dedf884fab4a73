"""Towards which poles outlets lean: dumbbells with intervals, one row an axis."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from toolkit.plots.parts import Rows, check_columns, draw_dots, key, lay_rows, level_of, share_words
from toolkit.plots.style import (
    GREY,
    MARKERS,
    area,
    beside,
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

__all__ = ["describe_axes", "height_axes", "plot_axes"]

_MAKER = "toolkit.axis_scores(mentions)"
_NEEDS = ("axis", "outlet", "estimate", "low", "high", "baseline", "n_mentions")
_BASELINE = "all words"


def plot_axes(table: pd.DataFrame, *, ax: Axes | None = None, labels: Mapping[str, str] | None = None) -> Axes:
    """Draw where the words of each outlet stand on each axis, a line from the lowest to the highest.

    Parameters
    ----------
    table : pandas.DataFrame
        What :func:`toolkit.axis_scores` gives.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure if not given.
    labels : mapping of str to str, optional
        What to print for an actor's id; the labels of the shipped lexicon if not given.

    Returns
    -------
    matplotlib.axes.Axes
        The axes: under each actor a row for each axis, the first pole to the left. Up to seven outlets have a marker
        each and their intervals; of more all are grey dots and the lowest and highest are named on the right. The
        upright stroke is the mean of all words that count: read dots against it and against each other.

    Raises
    ------
    InputError
        The table is none of axes, or has several rows for one dot.
    """
    rows, lay, outlets = _layout(table)
    ax = own_axes(height_axes(table)) if ax is None else ax
    if not len(rows):
        return say_empty(ax, "no scores")
    places = pd.Series([lay.places[p] for p in _pairs(rows)], index=rows.index)
    for y, part in _by_place(rows, places):
        ax.hlines(y, part["estimate"].min(), part["estimate"].max(), color="#b5b5b5", lw=pt(3.5), zorder=1.5)
        base = part["baseline"].iloc[0]
        ax.plot([base, base], [y - 0.42, y + 0.42], color="black", lw=pt(1.0), zorder=1.8)
    if len(outlets) <= len(MARKERS):
        for index, outlet in enumerate(outlets):
            of = rows["outlet"].map(key) == outlet
            shift = (index - (len(outlets) - 1) / 2) * 0.72 / len(outlets)
            name = wrapped(shown(outlet), 24, 1)
            draw_dots(ax, rows[of], (places[of] + shift).tolist(), index, name, size=14)
    else:
        ax.scatter(rows["estimate"], places, s=area(9), facecolor="white", edgecolor=GREY, lw=pt(0.6), zorder=2,
                   label="an outlet")  # fmt: skip
        for y, part in _by_place(rows, places):
            ends = _ends(part)
            for at, marker in zip(ends, ("<", ">"), strict=True):
                ax.plot([at["estimate"]], [y], ls="", marker=marker, ms=pt(5), color="black", zorder=3)
            names = [f"{s} {wrapped(shown(e['outlet']), 18, 1)}" for s, e in zip("<>", ends, strict=True)]
            beside(ax, y, "\n".join(names), size=5.5)
    _dress(ax, rows, lay, labels)
    return ax


def _dress(ax: Axes, rows: pd.DataFrame, lay: Rows, labels: Mapping[str, str] | None) -> None:
    from matplotlib.lines import Line2D

    lay.dress(ax, labels, lambda axis: wrapped(shown(str(axis).replace("-", " – ", 1)), 22), kind="actor")
    low, high = (float(rows[c].agg(f)) for c, f in (("estimate", "min"), ("estimate", "max")))
    low = min(low, float(rows[["low", "baseline"]].min().min()))
    high = max(high, float(rows[["high", "baseline"]].max().max()))
    pad = 0.06 * max(high - low, 0.02)
    ax.set_xlim(low - pad, high + pad)
    ax.locator_params(axis="x", nbins=4 if rows["outlet"].nunique() <= len(MARKERS) else 2)
    ax.set_xlabel("mean cosine of words with the axis\n← first pole   second pole →", loc="right")
    handles, names = ax.get_legend_handles_labels()
    stroke = Line2D([], [], ls="", marker="|", color="black", ms=pt(8), mew=pt(1.0))
    legend_above(ax, [*handles, stroke], [*names, _BASELINE])


def _by_place(rows: pd.DataFrame, places: pd.Series) -> list[tuple[int, pd.DataFrame]]:
    return [(y, rows[places == y]) for y in sorted(set(places.tolist()))]


def _ends(part: pd.DataFrame) -> list[dict[Any, Any]]:
    ordered = part.sort_values(["estimate", "outlet"])
    return [ordered.iloc[0].to_dict(), ordered.iloc[-1].to_dict()]


def _pairs(rows: pd.DataFrame) -> list[tuple[Any, Any]]:
    heads = rows["actor"].map(key) if "actor" in rows else [None] * len(rows)
    return list(zip(heads, rows["axis"], strict=True))


def _layout(table: pd.DataFrame) -> tuple[pd.DataFrame, Rows, list[Any]]:
    """The rows to draw, where each axis stands under each actor, and the outlets in order."""
    check_columns(table, _NEEDS, ("actor", "axis", "outlet"), "axes", _MAKER)
    rows = table[table["estimate"].notna()]
    lay = lay_rows(sorted(set(_pairs(rows)), key=lambda p: (str(p[0]), str(p[1]))))
    return rows, lay, sorted({key(o) for o in rows["outlet"]}, key=str)


def height_axes(table: pd.DataFrame) -> float:
    """The height in inches at which nothing overlaps."""
    _, lay, outlets = _layout(table)
    drawn = len(outlets) if len(outlets) <= len(MARKERS) else 0
    return 1.2 + 0.13 * drawn + max(0.3, 0.085 * drawn) * max(lay.size, 2)


def describe_axes(table: pd.DataFrame, *, labels: Mapping[str, str] | None = None) -> str:
    """The figure in words, with its numbers: what an alternative text says.

    Parameters
    ----------
    table : pandas.DataFrame
        The table that is drawn.
    labels : mapping of str to str, optional
        As for :func:`plot_axes`.

    Returns
    -------
    str
        For each actor and axis the mean of all words and the outlets at both ends, with intervals.
    """
    rows, lay, outlets = _layout(table)
    if not len(rows):
        return "Dumbbell plot of axes: there are no scores to show."
    level = level_of(rows)
    words = [
        f"Dumbbell plot with intervals. Horizontal axis: mean cosine of the words near an actor with an axis, the "
        f"first pole to the left. {len(lay.places)} rows, {len(outlets)} outlets."
    ]
    places = pd.Series([lay.places[p] for p in _pairs(rows)], index=rows.index)
    for (head, axis), y in lay.places.items():
        part = rows[places == y]
        said = [f"{plain(e['outlet'])} {share_words(e, level, 3)}" for e in _ends(part)]
        said = said[:1] if len(part) == 1 else said
        title = f"{plain(head, labels, kind='actor')}, " if head is not None else ""
        span = f"from {said[0]} to {said[1]}" if len(said) > 1 else said[0]
        words.append(f"{title}{plain(axis)}: all words {number(part['baseline'].iloc[0], 3)}; {span}.")
    return " ".join(words)

"""Differences of outlets as a forest plot: one row a pair, marked where it stands after Holm's correction."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from toolkit.plots.parts import Rows, check_columns, draw_dots, key, lay_rows, level_of, share_words, zero_line
from toolkit.plots.style import GREY, beside, beside_head, legend_above, own_axes, plain, say_empty, shown, wrapped

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["describe_contrasts", "height_contrasts", "plot_contrasts"]

_MAKER = "toolkit.contrast(scored)"
_NEEDS = ("task", "a", "b", "estimate", "low", "high", "p_holm")
MOST_ROWS = 60
"""Of more pairs those farthest from 0 are drawn, and it is said."""
ROW = 0.3


def plot_contrasts(table: pd.DataFrame, *, ax: Axes | None = None, labels: Mapping[str, str] | None = None) -> Axes:
    """Draw differences of pairs of outlets with their intervals, the lowest of each actor at the top.

    Parameters
    ----------
    table : pandas.DataFrame
        What :func:`toolkit.contrast` gives, of one task.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure if not given.
    labels : mapping of str to str, optional
        What to print for an actor's id; the labels of the shipped lexicon if not given.

    Returns
    -------
    matplotlib.axes.Axes
        The axes. Blue circles: Holm's p is below 1 minus the level of the intervals; grey triangles: it is not;
        hollow: there is no interval. The numbers on the right are Holm's p. Of more than 60 pairs
        those farthest from 0 are drawn; the label of the axis says so.

    Raises
    ------
    InputError
        The table is none of contrasts, or holds several tasks or several rows for one pair.
    """
    rows, known, lay = _layout(table)
    ax = own_axes(height_contrasts(table)) if ax is None else ax
    if not len(rows):
        return say_empty(ax, "no differences")
    zero_line(ax)
    marked = rows["p_holm"] < 1 - level_of(rows)
    for chosen, index, color, label in (
        (~marked, 2, GREY, "not told apart from 0"), (marked, 0, None, "told apart (Holm)"),
    ):  # fmt: skip
        of = rows[chosen]
        if len(of):
            draw_dots(ax, of, [lay.places[pair] for pair in _pairs(of)], index, label, color=color)
    for pair, row in zip(_pairs(rows), rows.to_dict("records"), strict=True):
        beside(ax, lay.places[pair], _p(row["p_holm"]))
    beside_head(ax, "p (Holm)")
    lay.dress(ax, labels, _pair_name, kind="actor" if rows.attrs.get("section") == "actor" else "")
    extent = float(rows[["estimate", "low", "high"]].abs().max().max())
    ax.set_xlim(-1.1 * extent - 0.02, 1.1 * extent + 0.02)
    task = shown(rows["task"].iloc[0])
    left_out = "" if len(rows) == known else f"\n{len(rows)} of {known:,} pairs, farthest from 0"
    ax.set_xlabel(f"difference in {task} (first − second){left_out}", loc="right")
    legend_above(ax, *ax.get_legend_handles_labels())
    return ax


def _p(value: float) -> str:
    return "–" if pd.isna(value) else "<0.001" if value < 0.001 else f"{value:.3f}"


def _sections(table: pd.DataFrame) -> list[str]:
    """The columns before `task`: within which groups outlets were compared."""
    return [str(c) for c in table.columns[: list(table.columns).index("task")]]


def _pairs(rows: pd.DataFrame) -> list[tuple[Any, Any]]:
    keys = _sections(rows)
    heads: list[Any] = [None] * len(rows)
    if keys:
        values = rows[keys].itertuples(index=False, name=None)
        heads = [key(v[0]) if len(v) == 1 else tuple(map(key, v)) for v in values]
    ab = zip(rows["a"].map(key), rows["b"].map(key), strict=True)
    return list(zip(heads, ab, strict=True))


def _pair_name(pair: tuple[Any, Any]) -> str:
    return "\n− ".join(wrapped(shown(value), 26, 1) for value in pair)


def _layout(table: pd.DataFrame) -> tuple[pd.DataFrame, int, Rows]:
    """The rows to draw, how many there are to choose from, and where each stands."""
    check_columns(table, _NEEDS, (), "contrasts", _MAKER)
    keys = _sections(table)
    check_columns(table, _NEEDS, (*keys, "a", "b"), "contrasts", _MAKER)
    rows = table[table["estimate"].notna()]
    known = len(rows)
    if known > MOST_ROWS:
        order = rows.assign(_far=-rows["estimate"].abs()).sort_values(["_far", *keys, "a", "b"], kind="stable")
        rows = rows.loc[order.index[:MOST_ROWS]]
    rows = rows.sort_values([*keys, "estimate", "a", "b"], kind="stable")
    rows.attrs["section"] = keys[0] if len(keys) == 1 else ""
    return rows, known, lay_rows(_pairs(rows))


def height_contrasts(table: pd.DataFrame) -> float:
    """The height in inches at which nothing overlaps."""
    return 1.15 + ROW * max(_layout(table)[2].size, 2)


def describe_contrasts(table: pd.DataFrame, *, labels: Mapping[str, str] | None = None) -> str:
    """The figure in words, with its numbers: what an alternative text says.

    Parameters
    ----------
    table : pandas.DataFrame
        The table that is drawn.
    labels : mapping of str to str, optional
        As for :func:`plot_contrasts`.

    Returns
    -------
    str
        How many pairs there are and stand after Holm's correction, and each of these with its numbers; of many the
        first dozen of those drawn.
    """
    rows, known, _ = _layout(table)
    if not len(rows):
        return "Forest plot of differences: there are no differences to show."
    level = level_of(rows)
    marked = rows[rows["p_holm"] < 1 - level]
    part = "" if known == len(rows) else f", of which the {len(rows)} farthest from 0 are shown"
    words = [
        f"Forest plot with intervals. Horizontal axis: difference in {plain(rows['task'].iloc[0])}, first outlet minus "
        f"second. {known:,} pairs{part}; {len(marked)} of those shown have a Holm-corrected p below {1 - level:.2g}."
    ]
    said = rows if len(rows) <= 12 else (marked if len(marked) else rows).head(12)
    kind = "actor" if rows.attrs["section"] == "actor" else ""
    for (head, (a, b)), row in zip(_pairs(said), said.to_dict("records"), strict=True):
        title = "" if head is None else f"{plain(head, labels, kind=kind)}: "
        words.append(f"{title}{plain(a)} minus {plain(b)} {share_words(row, level)}, Holm's p {_p(row['p_holm'])}.")
    if len(said) < len(rows):
        words.append(f"The other {known - len(said):,} are in the table.")
    return " ".join(words)

"""Figures that the page draws itself, so that each dot leads to its sentences: the places of their dots and lines.

Places are percentages of the width (and, over time, of the height), so that a figure fits any screen.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from toolkit.report.content import Figure, keys_of
from toolkit.report.text import day, number

if TYPE_CHECKING:
    from toolkit.report.view import View

__all__ = ["axis_end", "dots", "lanes", "place"]

SHAPES = 7
"""So many series have a colour and a marker of their own; more use them again, and each dot has its name."""
MOST_ROWS = 80


def axis_end(values: Sequence[Any]) -> float:
    """Where the axis ends on both sides of zero: a round number beyond every value, at most 1.

    Examples
    --------
    >>> axis_end([-0.12, 0.31]), axis_end([0.72]), axis_end([]), axis_end([0.001])
    (0.4, 1.0, 1.0, 0.1)
    """
    known = [abs(float(v)) for v in values if v is not None and not pd.isna(v)]
    if not known:
        return 1.0
    return min(1.0, max(0.1, math.ceil(max(known) * 10 + 1e-9) / 10)) if max(known) <= 0.7 else 1.0


def place(value: Any, end: float) -> float | None:
    """A value as a percentage of the axis; a little is free at both ends, so that a dot there is whole.

    Examples
    --------
    >>> place(0.0, 0.5), place(-0.5, 0.5), place(9, 0.5), place(None, 0.5)
    (50.0, 2.0, 98.0, None)
    """
    if value is None or pd.isna(value):
        return None
    return round(50 + 48 * max(-1.0, min(1.0, float(value) / end)), 2)


def ticks(end: float) -> list[dict[str, Any]]:
    """Five ticks with their places and their words."""
    return [{"x": place(v, end), "text": number(v) if v else "0"} for v in (-end, -end / 2, 0.0, end / 2, end)]


def dots(view: View, task: str) -> dict[str, Any] | None:
    """The dot plot of the estimates of a task, its rows in the order of the table of estimates.

    Returns
    -------
    dict or None
        `series` (names), `rows` (each with its `name` and `marks`), `ticks`; None where the estimates are grouped by
        something else than outlet and actor, or one of them, or there are none.
    """
    table = view.summary[view.summary["task"] == task]
    matrix = view.matrix(task)
    rows: list[dict[str, Any]]
    if matrix:
        series = [view.label("actor", a) for a in matrix["actors"]]
        rows = [
            {"name": outlet, "cells": [(i, matrix["cells"].get((outlet, a))) for i, a in enumerate(matrix["actors"])]}
            for outlet in matrix["outlets"] if outlet not in matrix["empty"]
        ]  # fmt: skip
    elif len(view.keys) == 1 and keys_of(table) == view.keys and len(table) <= MOST_ROWS:
        key, series = view.keys[0], []
        rows = [{"name": view.label(key, r[key]), "cells": [(0, r)]} for r in view.records(table)]
    else:
        return None
    end = view.ends.get(task, 1.0)
    for row in rows:
        row["marks"] = [_mark(i, row["name"], series, cell, end) for i, cell in row.pop("cells") if cell]
    rows = [row for row in rows if row["marks"]]
    bare = any(mark["low"] is None for row in rows for mark in row["marks"])
    return {"series": series, "rows": rows, "ticks": ticks(end), "task": task, "bare": bare} if rows else None


def _mark(index: int, name: str, series: list[str], cell: dict[str, Any], end: float) -> dict[str, Any]:
    x, low, high = (place(cell[k], end) for k in ("estimate", "low", "high"))
    known = low is not None and high is not None
    return {
        "shape": index % SHAPES, "x": x, "low": low if known else None, "high": high if known else None,
        "words": ", ".join([name, *([f"toward {series[index]}"] if series else [])]) + f": {said(cell)}",
        "find": cell["find"], "id": cell["id"], "line": index,
    } if x is not None else {"shape": index % SHAPES, "x": None, "low": None, "high": None, "words": name,
                             "find": cell["find"], "id": cell["id"], "line": index}  # fmt: skip


def said(cell: dict[str, Any]) -> str:
    """An estimate in words."""
    if cell["low"] is None or pd.isna(cell["low"]):
        interval = "no interval"
    else:
        interval = f"interval {number(cell['low'])} to {number(cell['high'])}"
    return f"{number(cell['estimate'])}, {interval}, {cell['n_stories']:,} stories"


def lanes(view: View, figure: Figure) -> dict[str, Any] | None:
    """The lines over time of a figure that draws a summary by period: a lane for each actor or outlet.

    Returns
    -------
    dict or None
        `lanes` (each with its `name`, `marks` and `lines`), `days` (ticks of the time axis), `end` (of the other axis);
        None where the figure draws something else.
    """
    table = figure.table
    if table is None or not {"period", "estimate", "low", "high", "task", "n_stories"} <= set(table.columns):
        return None
    keys = [k for k in keys_of(table) if k != "period"]
    table = table[table["estimate"].notna() & table["period"].notna()]
    if len(keys) > 1 or not len(table) or table["task"].nunique() > 1:
        return None
    # One period of few stories must not flatten all others: the widest tenth of the intervals may leave the frame.
    ends = table[["low", "high"]].abs().to_numpy(dtype=float).ravel()
    usual = float(np.nanquantile(ends, 0.9)) if not np.isnan(ends).all() else 0.0
    end = axis_end([usual, *table["estimate"]])
    days = (table["period"] - table["period"].min()).dt.days
    span = max(int(days.max()), 1)
    step = _step(table["period"])
    found: list[dict[str, Any]] = []
    groups = table.groupby(keys[0], sort=True, dropna=False) if keys else [("", table)]
    for name, of in groups:
        ordered = of.sort_values("period")
        label = view.label(keys[0], name) if keys else "all mentions"
        marks = [
            _point(label, row, days[at] / span, end)
            for at, row in zip(ordered.index, view.records(ordered), strict=True)
        ]
        breaks = (ordered["period"].diff().dt.days.to_numpy() > 1.2 * step).tolist()
        found.append({"name": label, "marks": marks, "lines": _lines(marks, breaks)})
    found.sort(key=lambda lane: str(lane["name"]))
    first, last = table["period"].min(), table["period"].max()
    middle = first + (last - first) / 2
    shown = [first, last] if span < 2 * step else [first, middle, last]
    return {
        "lanes": found, "end": number(end), "task": str(table["task"].iloc[0]),
        "days": [{"x": round(4 + 92 * ((d - first).days / span), 2), "text": day(d)} for d in dict.fromkeys(shown)],
        "small": int(table["period"].nunique()) > 40,
        "beyond": int((table[["low", "high"]].abs().max(axis=1) > end + 1e-9).sum()),
    }  # fmt: skip


def _step(periods: pd.Series) -> float:
    """The shortest distance of two periods in days."""
    gaps = periods.drop_duplicates().sort_values().diff().dropna().dt.days
    return float(gaps.min()) if len(gaps) else 7.0


def _point(name: str, row: dict[str, Any], share: float, end: float) -> dict[str, Any]:
    y, low, high = (
        None if (v := place(row[k], end)) is None else round(100 - v, 2) for k in ("estimate", "low", "high")
    )
    known = low is not None and high is not None
    return {
        "x": round(4 + 92 * share, 2), "y": y, "low": low if known else None, "high": high if known else None,
        "words": f"{name}, from {day(row['period'])}: {said(row)}", "find": row["find"],
    }  # fmt: skip


def _lines(marks: list[dict[str, Any]], breaks: list[bool]) -> list[str]:
    """The points of each unbroken line, as SVG writes them."""
    lines: list[list[str]] = []
    for mark, broken in zip(marks, breaks, strict=True):
        if broken or not lines:
            lines.append([])
        lines[-1].append(f"{mark['x']},{mark['y']}")
    return [" ".join(line) for line in lines if len(line) > 1]

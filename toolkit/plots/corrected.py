"""Estimates by several methods side by side: uncorrected, gold alone, corrected."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from toolkit.errors import InputError
from toolkit.estimation import INTERVALS, METHODS
from toolkit.plots.style import (
    COLORS,
    GREY,
    MARKERS,
    TONE_AXIS,
    area,
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

__all__ = ["describe_corrected", "height_corrected", "plot_corrected"]

_EXAMPLE = 'pandas.concat([toolkit.estimate(scored), toolkit.estimate(scored, method="dsl", gold=gold, frame=frame)])'
_STEP = 0.16
"""Inches between two methods of one group."""


def plot_corrected(summary: pd.DataFrame, *, ax: Axes | None = None, labels: Mapping[str, str] | None = None) -> Axes:
    """Draw the estimates of each group by every method, in the order in which the summary has the methods.

    Parameters
    ----------
    summary : pandas.DataFrame
        Summaries of one task by several methods, one below the other, with a row for each `outlet`, `actor`, or both,
        and method.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure if not given.
    labels : mapping of str to str, optional
        What to print for an actor's id; the labels of the shipped lexicon if not given.

    Returns
    -------
    matplotlib.axes.Axes
        The axes. Lines are intervals; a hollow marker has none.

    Raises
    ------
    InputError
        The summary has neither outlets nor actors, several rows for one marker, or more than seven methods.
    """
    keys, groups, methods, rows = _layout(summary)
    ax = own_axes(height_corrected(summary)) if ax is None else ax
    if not len(rows):
        return say_empty(ax, "no estimates")
    place = {group: y for y, group in enumerate(groups)}
    step = 0.7 / len(methods)
    for y in range(0, len(groups), 2):
        ax.axhspan(y - 0.5, y + 0.5, color="#f3f3f3", lw=0, zorder=0)
    ax.axvline(0, color=GREY, lw=pt(0.8), ls=(0, (3, 2)), zorder=1)
    for k, (method, name) in enumerate(methods.items()):
        of = rows[rows["method"] == method]
        shift = (k - (len(methods) - 1) / 2) * step
        _draw(ax, of, [place[g] + shift for g in _groups(of, keys)], k, name)
    ax.set_ylim(len(groups) - 0.5, -0.5)
    ax.set_yticks(range(len(groups)), [_named(g, keys, labels) for g in groups])
    ax.tick_params(axis="y", length=0)
    extent = rows[["estimate", "low", "high"]].abs().max().max()
    ax.set_xlim(*((-1.04, 1.04) if 0.7 < extent <= 1 else (-extent * 1.15 - 0.02, extent * 1.15 + 0.02)))
    task = str(rows["task"].iloc[0])
    ax.set_xlabel(_axis(rows, task))
    legend_above(ax, *ax.get_legend_handles_labels())
    return ax


def _axis(rows: pd.DataFrame, task: str) -> str:
    share = "estimand" in rows and str(rows["estimand"].iloc[0]).startswith("share")
    if share:
        return shown(rows["estimand"].iloc[0])
    return TONE_AXIS if task == "tone" else f"{shown(task)} (score from −1 to +1)"


def _draw(ax: Axes, rows: pd.DataFrame, y: list[float], k: int, name: str) -> None:
    known = (rows["low"].notna() & rows["high"].notna()).to_numpy()
    inside = [v for v, ok in zip(y, known, strict=True) if ok]
    ax.hlines(inside, rows["low"][known], rows["high"][known], color=COLORS[k], lw=pt(1.3), zorder=2)
    ax.scatter(
        rows["estimate"], y, s=area(20), marker=MARKERS[k], lw=pt(0.9), zorder=3, edgecolor=COLORS[k], label=name,
        facecolor=[COLORS[k] if ok else "white" for ok in known],
    )  # fmt: skip


def _key(value: Any) -> Any:
    return None if pd.isna(value) else value


def _groups(rows: pd.DataFrame, keys: list[str]) -> list[tuple[Any, ...]]:
    return [tuple(map(_key, values)) for values in rows[keys].itertuples(index=False)]


def _named(group: tuple[Any, ...], keys: list[str], labels: Mapping[str, str] | None) -> str:
    parts = [wrapped(shown(v, labels, kind=key), 24, 1 if len(keys) > 1 else 2)
             for v, key in zip(group, keys, strict=True)]  # fmt: skip
    return "\n".join(parts)


def _layout(summary: pd.DataFrame) -> tuple[list[str], list[tuple[Any, ...]], dict[str, str], pd.DataFrame]:
    """The keys, the groups in order, the methods with their short names, and the rows that have an estimate."""
    check_summary(summary, [], "corrected", _EXAMPLE)
    keys = [key for key in ("actor", "outlet") if key in summary.columns]
    if not keys:
        raise InputError(f"corrected needs the column 'outlet' or 'actor': make the summary with {_EXAMPLE}")
    twice = summary[summary.duplicated([*keys, "method"])]
    if len(twice):
        raise InputError(
            f"corrected: the summary has several rows for {twice.iloc[0][[*keys, 'method']].tolist()}; "
            f"make it with {_EXAMPLE}"
        )
    rows = summary[summary["estimate"].notna()]
    methods = _short(list(dict.fromkeys(rows["method"])))
    if len(methods) > len(MARKERS):
        raise InputError(f"corrected tells {len(MARKERS)} methods apart, the summary has {len(methods)}: keep some")
    groups = sorted(set(_groups(rows, keys)), key=lambda g: [str(v) for v in g])
    return keys, groups, methods, rows


def _short(methods: list[str]) -> dict[str, str]:
    """Each method without what goes without saying: the mean, the interval, unless they tell methods apart."""
    plainer = {METHODS["dsl"]: "corrected (DSL)", METHODS["ppi"]: "corrected (PPI++)"}
    short = {}
    for drop in ({"mean", "share", *INTERVALS.values()}, {"mean", "share"}, set()):
        parts = {m: [plainer.get(p, p) for p in m.split(", ") if p not in drop] for m in methods}
        short = {m: wrapped(shown(", ".join(of) or m), 30, 1) for m, of in parts.items()}
        if len(set(short.values())) == len(methods):
            break
    return short


def height_corrected(summary: pd.DataFrame) -> float:
    """The height in inches at which nothing overlaps."""
    keys, groups, methods, _ = _layout(summary)
    return 1.0 + max(_STEP * (len(methods) + 0.6), 0.17 + 0.13 * len(keys)) * max(len(groups), 2)


def describe_corrected(summary: pd.DataFrame, *, labels: Mapping[str, str] | None = None) -> str:
    """The figure in words, with its numbers: what an alternative text says.

    Parameters
    ----------
    summary : pandas.DataFrame
        The table that is drawn.
    labels : mapping of str to str, optional
        As for :func:`plot_corrected`.

    Returns
    -------
    str
        Every group with its estimate by each method.
    """
    keys, groups, methods, rows = _layout(summary)
    if not len(rows):
        return "Dot plot of estimates by method: there are no estimates to show."
    level = float(rows["level"].iloc[0]) if "level" in rows else 0.95
    words = [
        f"Dot plot with intervals. Horizontal axis: {plain(rows['task'].iloc[0])}. {len(groups)} groups, each by "
        f"{len(methods)} methods: {', '.join(plain(m) for m in methods.values())}."
    ]
    of_group = dict(zip(groups, [[] for _ in groups], strict=True))  # type: dict[tuple[Any, ...], list[str]]
    for group, row in zip(_groups(rows, keys), rows.to_dict("records"), strict=True):
        span = interval_words(row["low"], row["high"], level)
        of_group[group].append(f"{plain(methods[row['method']])} {number(row['estimate'])} ({span})")
    for group, said in of_group.items():
        name = ", ".join(plain(v, labels, kind=key) for v, key in zip(group, keys, strict=True))
        words.append(f"{name}: {'; '.join(said)}.")
    return " ".join(words)

"""Who gets to speak about whom: stacked bars of the outlet's own words and of those whom it lets speak."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from toolkit.errors import InputError
from toolkit.plots.parts import Rows, check_columns, outlet_rows, row_places, say_shares
from toolkit.plots.style import (
    COLORS,
    beside,
    beside_head,
    legend_above,
    own_axes,
    plain,
    pt,
    say_empty,
    shown,
    wrapped,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["describe_voice_share", "height_voice_share", "plot_voice_share"]

_MAKER = "toolkit.voice_shares(mentions)"
_NEEDS = ("outlet", "speaker", "estimate", "low", "high", "n_mentions")
_NAMES = {"outlet": "outlet's own words", "itself": "the actor itself", "other": "others, or unknown"}
_FIXED: dict[str, tuple[str, str]] = {"outlet": ("#d4d4d4", ""), "itself": (COLORS[0], ""), "other": ("#ffffff", "")}
_FILLS = ((COLORS[1], ""), (COLORS[3], "////"), (COLORS[5], "...."), (COLORS[6], "\\\\\\\\"), (COLORS[4], "xxxx"),
          ("#F0E442", "----"), ("#8c8c8c", "++++"))  # fmt: skip
"""A colour and a hatch for each speaker, so that bars can be told apart without colours."""
LEAST_WRITTEN = 0.12
"""Shares from here on are written into their bar."""


def plot_voice_share(table: pd.DataFrame, *, ax: Axes | None = None, labels: Mapping[str, str] | None = None) -> Axes:
    """Draw in whose words each outlet speaks about each actor.

    Parameters
    ----------
    table : pandas.DataFrame
        What :func:`toolkit.voice_shares` gives.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure if not given.
    labels : mapping of str to str, optional
        What to print for an actor's id; the labels of the shipped lexicon if not given.

    Returns
    -------
    matplotlib.axes.Axes
        The axes: under each actor a bar for each outlet, of length 1. The numbers in the bars are per cent, those on
        the right count mentions; the intervals are in the table and in the alternative text.

    Raises
    ------
    InputError
        The table is none of voices, has several rows for one bar, or more than seven speakers beside the outlet, the
        actor itself and others.
    """
    rows, lay, speakers = _layout(table)
    ax = own_axes(height_voice_share(table)) if ax is None else ax
    if not len(rows):
        return say_empty(ax, "no shares")
    fills = _fills(speakers)
    start = dict.fromkeys(lay.places.values(), 0.0)
    for speaker in speakers:
        of = rows[rows["speaker"] == speaker]
        places, (color, hatch) = row_places(of, lay), fills[speaker]
        widths = of["estimate"].to_numpy(dtype=float)
        ax.barh(
            places, widths, left=[start[y] for y in places], height=0.72, color=color, hatch=hatch, edgecolor="#4a4a4a",
            lw=pt(0.4), label=_name(speaker, labels, 20), zorder=2,
        )  # fmt: skip
        for y, width in zip(places, widths, strict=True):
            if width >= LEAST_WRITTEN:
                _write(ax, start[y] + width / 2, y, width, dark=speaker == "itself", backed=bool(hatch))
            start[y] += width
    for y, n in sorted(dict(zip(row_places(rows, lay), rows["n_mentions"], strict=True)).items()):
        beside(ax, y, f"{n:,}")
    beside_head(ax, "mentions")
    lay.dress(ax, labels, kind="actor", shade=False)
    ax.set_xlim(0, 1.004)
    ax.set_xticks([0, 0.25, 0.5, 0.75, 1], ["0", "0.25", "0.5", "0.75", "1"])
    ax.set_xlabel("share of mentions, by whose words they stand in", loc="right")
    legend_above(ax, *ax.get_legend_handles_labels())
    return ax


def _write(ax: Axes, x: float, y: float, share: float, *, dark: bool, backed: bool) -> None:
    ax.text(
        x, y, f"{100 * share:.0f}", ha="center", va="center", fontsize=pt(6), zorder=3,
        color="white" if dark else "black",
        bbox={"facecolor": "white", "edgecolor": "none", "pad": pt(0.6)} if backed else None,
    )  # fmt: skip


def _fills(speakers: list[str]) -> dict[str, tuple[str, str]]:
    named = [s for s in speakers if s not in _FIXED]
    return {**_FIXED, **dict(zip(named, _FILLS, strict=False))}


def _name(speaker: str, labels: Mapping[str, str] | None, width: int) -> str:
    return _NAMES.get(speaker) or wrapped(shown(speaker, labels, kind="actor"), width, 1)


def _layout(table: pd.DataFrame) -> tuple[pd.DataFrame, Rows, list[str]]:
    """The rows to draw, where each stands, and the speakers in order: those of the most mentions first."""
    check_columns(table, _NEEDS, ("outlet", "actor", "speaker"), "voice_share", _MAKER)
    rows = table[table["estimate"].notna()]
    mentions = (rows["estimate"] * rows["n_mentions"]).groupby(rows["speaker"]).sum()
    named = sorted((s for s in mentions.index if s not in _FIXED), key=lambda s: (-mentions[s], str(s)))
    held: list[Any] = [s for s in ("outlet", "itself", *named, "other") if s in mentions.index]
    if len(named) > len(_FILLS):
        raise InputError(
            f"voice_share tells {len(_FILLS)} speakers apart, the table has {len(named)}: make it with "
            "toolkit.voice_shares(mentions, speakers=6)"
        )
    return rows, outlet_rows(rows), held


def height_voice_share(table: pd.DataFrame) -> float:
    """The height in inches at which nothing overlaps."""
    _, lay, speakers = _layout(table)
    return 0.9 + 0.13 * len(speakers) + 0.29 * max(lay.size, 2)


def describe_voice_share(table: pd.DataFrame, *, labels: Mapping[str, str] | None = None) -> str:
    """The figure in words, with its numbers: what an alternative text says.

    Parameters
    ----------
    table : pandas.DataFrame
        The table that is drawn.
    labels : mapping of str to str, optional
        As for :func:`plot_voice_share`.

    Returns
    -------
    str
        The shares of each group, those above 0, with their intervals.
    """
    rows, lay, speakers = _layout(table)
    if not len(rows):
        return "Stacked bars of voices: there are no shares to show."
    names = {s: _NAMES.get(s) or plain(s, labels, kind="actor") for s in speakers}
    words = [
        "Stacked bars. Horizontal axis: share of an outlet's mentions of an actor that stand in its own words, in the "
        "actor's, and in those of others whom it quotes or reports."
    ]
    used = rows[rows["estimate"] > 0]
    kept = Rows({k: y for k, y in lay.places.items() if k in outlet_rows(used).places}, lay.heads)
    return " ".join([*words, *say_shares(used, kept, "actor", "speaker", names, labels)])

"""Who printed a story when: one row a story, one mark a copy."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from toolkit.plots.parts import key
from toolkit.plots.style import (
    COLORS,
    GREY,
    MARKERS,
    area,
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
from toolkit.tables import check_table

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["describe_story_spread", "height_story_spread", "plot_story_spread"]

MOST_STORIES = 15
"""Stories drawn, those of the most outlets first."""
NAMED = len(MARKERS) - 1
"""Outlets with a marker of their own; all others share one."""
STACK = 5
"""Copies of one day that stand one above the other; more become a circle with their number."""


def plot_story_spread(
    articles: pd.DataFrame, *, ax: Axes | None = None, labels: Mapping[str, str] | None = None
) -> Axes:
    """Draw on which day each outlet printed the stories that several printed.

    Parameters
    ----------
    articles : pandas.DataFrame
        Articles with stories, as :func:`toolkit.group_stories` gives them.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure if not given.
    labels : mapping of str to str, optional
        What to print for a name; the name itself if not given.

    Returns
    -------
    matplotlib.axes.Axes
        The axes: the fifteen stories of the most outlets, the earliest at the top, named by the title of their first
        article. A mark is an article, hollow where an agency is credited. Copies of one day stand one above the other;
        more than five become a circle with their number. The numbers on the right count outlets.

    Raises
    ------
    InputError
        The table is none of articles.
    """
    stories, marks, undated = _layout(articles)
    ax = own_axes(height_story_spread(articles)) if ax is None else ax
    if not len(stories):
        return say_empty(ax, "no story that two outlets printed")
    named = _named(marks)
    for row in marks.sort_values(["row", "day", "stack"]).to_dict("records"):
        if row["of_day"] > STACK:
            continue
        index = named.index(row["outlet"]) if row["outlet"] in named else NAMED
        lift = (row["stack"] - (row["of_day"] - 1) / 2) * 0.16
        ax.scatter(
            [row["day"]], [row["row"] - lift], s=area(15), marker=MARKERS[index], edgecolor=_color(index), lw=pt(0.8),
            facecolor="white" if row["wire"] else _color(index), zorder=3,
        )  # fmt: skip
    crowded = marks[(marks["of_day"] > STACK) & (marks["stack"] == 0)]
    for row in crowded.to_dict("records"):
        # Three heights in turn, so that the circles of neighbouring days stay apart.
        y = row["row"] + 0.27 * (row["day"] % 3 - 1)
        ax.scatter([row["day"]], [y], s=area(85), facecolor="white", edgecolor="black", lw=pt(0.7), zorder=3)
        ax.text(row["day"], y, f"{row['of_day']}", ha="center", va="center", fontsize=pt(6), zorder=4)
    _dress(ax, stories, marks, named, undated, labels)
    return ax


def _color(index: int) -> str:
    return GREY if index == NAMED else COLORS[index]


def _named(marks: pd.DataFrame) -> list[Any]:
    """The outlets with a marker of their own: those with the most copies, in the order of their names."""
    counts = marks.groupby("outlet").size()
    most = sorted(counts.index, key=lambda o: (-counts[o], str(o)))
    return sorted(most if len(most) <= len(MARKERS) else most[:NAMED], key=str)


def _dress(
    ax: Axes, stories: pd.DataFrame, marks: pd.DataFrame, named: list[Any], undated: int,
    labels: Mapping[str, str] | None,
) -> None:  # fmt: skip
    from matplotlib.dates import AutoDateLocator, ConciseDateFormatter
    from matplotlib.lines import Line2D

    for y, n in enumerate(stories["outlets"]):
        beside(ax, y, f"{n:,}")
        if y % 2 == 0:
            ax.axhspan(y - 0.5, y + 0.5, color="#f3f3f3", lw=0, zorder=0)
    days = marks.groupby("row")["day"].agg(["min", "max"])
    ax.hlines(days.index.to_numpy(), days["min"], days["max"], color="#c2c2c2", lw=pt(0.8), zorder=1)
    beside_head(ax, "outlets")
    ax.set_ylim(len(stories) - 0.5, -0.5)
    ax.set_yticks(range(len(stories)), [wrapped(shown(t), 26) for t in stories["title"]])
    ax.tick_params(axis="y", length=0)
    first, last = float(marks["day"].min()), float(marks["day"].max())
    margin = max((last - first) * 0.07, 0.7)
    ax.set_xlim(first - margin, last + margin)
    locator = AutoDateLocator(minticks=2, maxticks=6)
    ax.xaxis.set_major_locator(locator)
    ax.xaxis.set_major_formatter(ConciseDateFormatter(locator, show_offset=False))
    left_out = f"\n{undated:,} copies without a date are left out" if undated else ""
    ends = [f"{pd.Timestamp(day, unit='D'):%Y-%m-%d}" for day in (first, last)]
    ax.set_xlabel(f"day of publication, {ends[0]} to {ends[1]}{left_out}", loc="right")

    def mark(index: int, face: str | None = None) -> Line2D:
        color = _color(index)
        return Line2D([], [], ls="", marker=MARKERS[index], ms=pt(4), mec=color, mfc=face or color, mew=pt(0.8))

    drawn = marks[marks["of_day"] <= STACK]
    held = [i for i, o in enumerate(named) if (drawn["outlet"] == o).any()]
    handles = [mark(i) for i in held]
    names = [wrapped(shown((labels or {}).get(named[i], named[i])), 24, 1) for i in held]
    others = drawn.loc[~drawn["outlet"].isin(named), "outlet"].nunique()
    if others:
        handles.append(mark(NAMED))
        names.append(f"{others} other outlets")
    if drawn["wire"].any():
        handles.append(Line2D([], [], ls="", marker="o", ms=pt(4), mec=GREY, mfc="white", mew=pt(0.8)))
        names.append("hollow: agency credited")
    if len(drawn) < len(marks):
        handles.append(Line2D([], [], ls="", marker="o", ms=pt(8), mec="black", mfc="white", mew=pt(0.7)))
        names.append("so many copies")
    legend_above(ax, handles, names)


def _layout(articles: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame, int]:
    """The stories with their titles and numbers of outlets, their dated articles, and how many have no date."""
    check_table(articles, "articles")
    spread = articles.groupby("story_id")["outlet"].transform("nunique")
    copies = articles[spread > 1].sort_values(["date", "outlet", "article_id"], kind="stable")
    dated = copies[copies["date"].notna()]
    stories = dated.groupby("story_id", sort=True).agg(
        first=("date", "first"), title=("title", "first"), outlets=("outlet", "nunique")
    )
    stories = stories.reset_index().sort_values(["outlets", "first", "story_id"], ascending=[False, True, True])
    stories = stories.head(MOST_STORIES).sort_values(["first", "story_id"]).reset_index(drop=True)
    of = dated[dated["story_id"].isin(stories["story_id"])]
    day = of["date"].to_numpy().astype("datetime64[D]").astype(float)
    marks = pd.DataFrame({
        "row": of["story_id"].map({s: i for i, s in enumerate(stories["story_id"])}).astype(int), "day": day,
        "outlet": of["outlet"].map(key).astype(object), "wire": of["wire"].notna(),
    })  # fmt: skip
    groups = marks.groupby(["row", "day"])
    marks = marks.assign(stack=groups.cumcount(), of_day=groups["row"].transform("size").astype(int))
    undated = int((copies["date"].isna() & copies["story_id"].isin(stories["story_id"])).sum())
    return stories, marks, undated


def height_story_spread(articles: pd.DataFrame) -> float:
    """The height in inches at which nothing overlaps."""
    stories, marks, _ = _layout(articles)
    deepest = min(int(marks["of_day"].max()), STACK) if len(marks) else 1
    return 1.5 + max(0.3, 0.09 * deepest + 0.1) * max(len(stories), 2)


def describe_story_spread(articles: pd.DataFrame, *, labels: Mapping[str, str] | None = None) -> str:
    """The figure in words, with its numbers: what an alternative text says.

    Parameters
    ----------
    articles : pandas.DataFrame
        The table that is drawn.
    labels : mapping of str to str, optional
        What to print for a name; the name itself if not given.

    Returns
    -------
    str
        Each story drawn: who printed it first, how many outlets followed and within how many days.
    """
    stories, marks, _ = _layout(articles)
    if not len(stories):
        return "Plot of story spread: there is no story that two outlets printed."
    words = [
        f"Dot plot over time. Horizontal axis: day of publication. {len(stories)} stories that several outlets "
        f"printed, {len(marks)} articles, {int(marks['wire'].sum())} of them credited to an agency."
    ]
    for y, story in enumerate(stories.to_dict("records")):
        of = marks[marks["row"] == y]
        early = of[of["day"] == of["day"].min()]["outlet"]
        first = sorted({plain((labels or {}).get(o, o)) for o in early})
        days = int(np.ptp(of["day"]))
        who = ", ".join(first[:3]) + (f" and {len(first) - 3} more" if len(first) > 3 else "")
        words.append(
            f"{wrapped(plain(story['title']), 60, 1)}: {who} on {story['first']:%Y-%m-%d}; {story['outlets']} outlets, "
            f"{len(of)} articles " + ("on that day." if not days else f"within {days} day{'s' if days > 1 else ''}.")
        )
    return " ".join(words)

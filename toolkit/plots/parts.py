"""What several figures are made of: rows in sections, dots with intervals, and the check of a table."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from toolkit.errors import InputError
from toolkit.plots.style import COLORS, GREY, MARKERS, area, interval_words, number, plain, pt, shown, wrapped

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["Rows", "cell_width", "check_columns", "draw_dots", "key", "lay_rows", "level_of", "say_shares"]

MOST_SAID = 12
"""Rows of a section that an alternative text reads out one by one; of more, the ends."""


def check_columns(
    table: pd.DataFrame, columns: Sequence[str], unique: Sequence[str], figure: str, maker: str
) -> pd.DataFrame:
    """A table with the columns that a figure needs and one row for each mark; else say how to make it.

    Raises
    ------
    InputError
        A column is missing, there are several tasks, or two rows for one mark.
    """
    for column in columns:
        if column not in getattr(table, "columns", ()):
            raise InputError(f"{figure} needs the column {column!r}: make the table with {maker}")
    if "task" in table.columns and table["task"].nunique() > 1:
        tasks = ", ".join(sorted(map(str, table["task"].unique())))
        raise InputError(f"{figure} draws one task; the table holds {tasks}: keep the rows of one")
    keys = [k for k in unique if k in table.columns]
    twice = table[table.duplicated(keys)] if keys else table.iloc[:0]
    if len(twice):
        raise InputError(
            f"{figure}: the table has several rows for {twice.iloc[0][keys].tolist()}; make it with {maker}"
        )
    return table


def key(value: Any) -> Any:
    """A value as a key: all missing ones are None."""
    return None if pd.isna(value) else value


@dataclass(frozen=True)
class Rows:
    """Rows from the top downwards, under a heading for each section where there are several.

    Attributes
    ----------
    places : dict of (section, name) to int
        Where each row stands.
    heads : dict of section to int
        Where each heading stands; empty where there is one section.
    """

    places: dict[tuple[Any, Any], int]
    heads: dict[Any, int]

    @property
    def size(self) -> int:
        """How many rows there are, headings counted."""
        return len(self.places) + len(self.heads)

    @property
    def sections(self) -> list[Any]:
        """The sections in order."""
        return list(dict.fromkeys(section for section, _ in self.places))

    def dress(
        self, ax: Axes, labels: Mapping[str, str] | None, name: Callable[[Any], str] | None = None, *, kind: str = "",
        shade: bool = True,
    ) -> None:  # fmt: skip
        """The names at the left, the headings inside, a grey band behind every other row."""
        naming = name or (lambda value: wrapped(shown(value)))
        ax.set_ylim(self.size - 0.5, -0.5)
        ax.set_yticks(list(self.places.values()), [naming(name) for _, name in self.places])
        ax.tick_params(axis="y", length=0)
        for i, y in enumerate(self.places.values()):
            if shade and i % 2 == 0:
                ax.axhspan(y - 0.5, y + 0.5, color="#f3f3f3", lw=0, zorder=0)
        for section, y in self.heads.items():
            ax.text(
                0.01, y + 0.1, wrapped(shown(section, labels, kind=kind), 34, 1), weight="bold", fontsize=pt(7.5),
                va="center", transform=ax.get_yaxis_transform(),
            )  # fmt: skip


def lay_rows(pairs: Iterable[tuple[Any, Any]]) -> Rows:
    """Rows for sections and names, in the order in which they come.

    Examples
    --------
    >>> lay_rows([("turkey", "A"), ("turkey", "B"), ("syria", "A")])
    Rows(places={('turkey', 'A'): 1, ('turkey', 'B'): 2, ('syria', 'A'): 4}, heads={'turkey': 0, 'syria': 3})
    >>> lay_rows([(None, "A"), (None, "B")])
    Rows(places={(None, 'A'): 0, (None, 'B'): 1}, heads={})
    """
    held = list(dict.fromkeys(pairs))
    sections = list(dict.fromkeys(section for section, _ in held))
    places, heads, y = {}, {}, 0
    for section in sections:
        if len(sections) > 1 or section is not None:
            heads[section] = y
            y += 1
        for pair in held:
            if pair[0] == section:
                places[pair] = y
                y += 1
    return Rows(places, heads)


def draw_dots(
    ax: Axes, rows: pd.DataFrame, y: Sequence[float], index: int, label: str = "", *, size: float = 20,
    color: str | None = None,
) -> None:  # fmt: skip
    """Dots with horizontal intervals; a hollow dot has none.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Where to draw.
    rows : pandas.DataFrame
        Columns `estimate`, `low`, `high`.
    y : sequence of float
        Where each row stands.
    index : int
        Which colour and marker.
    label : str
        For the legend.
    size : float
        Of a marker, in square points.
    color : str, optional
        Another colour.
    """
    color = color or COLORS[index]
    low, high = rows["low"].to_numpy(dtype=float), rows["high"].to_numpy(dtype=float)
    known = np.isfinite(low) & np.isfinite(high)
    at = np.asarray(y, dtype=float)
    ax.hlines(at[known], low[known], high[known], color=color, lw=pt(1.2), zorder=2)
    ax.scatter(
        rows["estimate"], at, s=area(size), marker=MARKERS[index], edgecolor=color, lw=pt(0.9), zorder=3, label=label,
        facecolor=[color if k else "white" for k in known],
    )  # fmt: skip


def zero_line(ax: Axes) -> None:
    """A dashed line at no difference."""
    ax.axvline(0, color=GREY, lw=pt(0.8), ls=(0, (3, 2)), zorder=1)


def cell_width(ax: Axes, columns: int) -> float:
    """About how wide a cell of a table will be, in inches on a journal's page: names at the left take room."""
    return 0.67 * ax.get_window_extent().width / ax.figure.dpi / pt(columns)


def level_of(table: pd.DataFrame) -> float:
    """The level of the table's intervals."""
    return float(table["level"].iloc[0]) if "level" in table and len(table) else 0.95


def share_words(row: Mapping[Any, Any], level: float, digits: int = 2) -> str:
    """An estimate with its interval."""
    return f"{number(row['estimate'], digits)} ({interval_words(row['low'], row['high'], level, digits)})"


def say_shares(
    table: pd.DataFrame, rows: Rows, section: str, category: str, names: Mapping[str, str],
    labels: Mapping[str, str] | None,
) -> list[str]:  # fmt: skip
    """Each group's shares in words; of sections with many groups the two at the ends of each category."""
    level, words = level_of(table), []
    grouped = {(s, n): part for s, n, part in _parts(table, section)}
    for head in rows.sections:
        inside = [name for s, name in rows.places if s == head]
        title = f"{plain(head, labels, kind='actor')}. " if head is not None else ""
        if len(inside) <= MOST_SAID:
            for name in inside:
                part = grouped[(head, name)].sort_values(category, key=lambda c: c.map(list(names).index))
                said = [
                    f"{names.get(row[category], plain(row[category], labels, kind='actor'))} {share_words(row, level)}"
                    for row in part.to_dict("records")
                ]
                words.append(f"{title}{plain(name)}, {int(part['n_mentions'].max()):,} mentions: {'; '.join(said)}.")
                title = ""
            continue
        of = pd.concat([grouped[(head, name)] for name in inside])
        for value in names:
            ordered = of[of[category] == value].sort_values(["estimate", "outlet"])
            if len(ordered):
                ends = [
                    f"{plain(r['outlet'])} {share_words(r, level)}" for r in ordered.iloc[[0, -1]].to_dict("records")
                ]
                words.append(f"{title}{names[value]}: from {ends[0]} to {ends[1]}.")
                title = ""
    return words


def _parts(table: pd.DataFrame, section: str) -> Iterable[tuple[Any, Any, pd.DataFrame]]:
    sections = table[section].map(key) if section in table else pd.Series([None] * len(table), index=table.index)
    outlets = table["outlet"].map(key) if "outlet" in table else pd.Series(["all"] * len(table), index=table.index)
    frame = pd.DataFrame({"s": sections.astype(object), "o": outlets.astype(object)}, index=table.index)
    places: dict[tuple[Any, Any], list[int]] = {}
    for i, pair in enumerate(frame.itertuples(index=False, name=None)):
        places.setdefault(pair, []).append(i)
    for (head, name), inside in places.items():
        yield head, name, table.iloc[inside]


def outlet_rows(table: pd.DataFrame, section: str = "actor") -> Rows:
    """A row for each outlet under each actor, both in the order of their names."""
    pairs = {(s, o) for s, o, _ in _parts(table, section)}
    return lay_rows(sorted(pairs, key=lambda p: (str(p[0]), str(p[1]))))


def row_places(table: pd.DataFrame, rows: Rows, section: str = "actor") -> list[int]:
    """Where each row of a table stands."""
    sections = [key(v) for v in table[section]] if section in table else [None] * len(table)
    outlets = [key(v) for v in table["outlet"]] if "outlet" in table else ["all"] * len(table)
    return [rows.places[pair] for pair in zip(sections, outlets, strict=True)]

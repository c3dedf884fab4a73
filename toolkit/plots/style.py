"""How figures look, and how they become files: the same bytes every time."""

from __future__ import annotations

import textwrap
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pandas as pd

from toolkit.actors import load_lexicon
from toolkit.errors import InputError, nearest
from toolkit.files import write_atomically
from toolkit.tables import check_table

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = [
    "COLORS",
    "FULL_WIDTH",
    "MARKERS",
    "ONE_COLUMN",
    "STYLES",
    "draw_figure",
    "figure_style",
    "paper_style",
    "save_figure",
]

# Okabe and Ito (2008), Color Universal Design; the first three also differ in greyscale, every one also by its marker.
COLORS = ("#0072B2", "#E69F00", "#000000", "#009E73", "#D55E00", "#CC79A7", "#56B4E9")
MARKERS = ("o", "s", "^", "D", "v", "P", "X")
FULL_WIDTH = 17.0 / 2.54
"""Inches: the text width of a journal page."""
ONE_COLUMN = 8.5 / 2.54
"""Inches: one column of a journal page."""
TONE_AXIS = "tone (−1 negative … +1 positive)"
GREY = "#5f5f5f"
STYLES: dict[str, tuple[float, float]] = {"paper": (1.0, FULL_WIDTH), "slides": (2.0, 12.0), "notebook": (1.25, 8.0)}
"""How many times as large as in a journal letters, marks and lines are, and the usual width in inches."""
_SIZES: dict[str, float] = {
    "font.size": 8, "axes.titlesize": 8, "axes.labelsize": 8, "legend.fontsize": 7.5, "xtick.labelsize": 7.5,
    "ytick.labelsize": 7.5, "axes.linewidth": 0.6, "xtick.major.width": 0.6, "ytick.major.width": 0.6,
    "xtick.major.size": 3.5, "ytick.major.size": 3.5, "xtick.major.pad": 3.5, "ytick.major.pad": 3.5,
    "lines.linewidth": 1.2, "lines.markersize": 6, "patch.linewidth": 0.6, "hatch.linewidth": 0.6, "axes.labelpad": 4.0,
}  # fmt: skip
_STYLE: dict[str, Any] = {
    "font.family": "DejaVu Sans", "axes.spines.top": False, "axes.spines.right": False,
    "figure.facecolor": "white", "axes.facecolor": "white", "savefig.facecolor": "white", "savefig.bbox": None,
    "legend.frameon": False, "svg.fonttype": "path", "svg.hashsalt": "toolkit", "pdf.fonttype": 42,
    "figure.constrained_layout.use": False, "path.simplify": False,
}  # fmt: skip
_FORMATS: dict[str, dict[str, Any]] = {
    ".svg": {"Date": None, "Creator": None},
    ".pdf": {"CreationDate": None, "ModDate": None, "Creator": None, "Producer": None},
    ".png": {"Software": None},
}


@contextmanager
def figure_style(name: str = "paper") -> Iterator[None]:
    """Draw and save inside this, and a figure looks the same everywhere; the user's own settings come back after it.

    Parameters
    ----------
    name : {"paper", "slides", "notebook"}
        For a journal's page (letters of 8 points), a projector (16) or the screen (10).

    Raises
    ------
    InputError
        There is no such style.

    Examples
    --------
    >>> import matplotlib
    >>> before = matplotlib.rcParams["font.size"]
    >>> with figure_style("slides"):
    ...     matplotlib.rcParams["font.size"] == 16
    True
    >>> matplotlib.rcParams["font.size"] == before
    True
    """
    import matplotlib as mpl

    scale, _ = _style(name)
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(cast(Any, {**_STYLE, **{key: scale * size for key, size in _SIZES.items()}}))
        yield


def _style(name: str) -> tuple[float, float]:
    if name not in STYLES:
        raise InputError(f"unknown style {name!r}; {nearest(name, STYLES)}")
    return STYLES[name]


def paper_style() -> AbstractContextManager[None]:
    """The style of a journal's page.

    See Also
    --------
    figure_style : This and the others.
    """
    return figure_style("paper")


def pt(points: float) -> float:
    """A length in points on a journal's page, as it is in the style in which is drawn.

    Examples
    --------
    >>> with figure_style("slides"):
    ...     pt(6)
    12.0
    """
    import matplotlib as mpl

    return points * float(mpl.rcParams["font.size"]) / _SIZES["font.size"]


def area(points: float) -> float:
    """The same for areas, as markers have them, in square points."""
    return points * pt(1.0) ** 2


def save_figure(figure: Figure, stem: Path, alt: str) -> list[Path]:
    """Write a figure as SVG, PDF and PNG (300 dots an inch), and its alternative text beside it.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        The figure; it is not closed.
    stem : pathlib.Path
        The path without its ending.
    alt : str
        The figure in words.

    Returns
    -------
    list of pathlib.Path
        The four files. Neither time nor version is written into them.
    """
    import matplotlib as mpl

    stem = Path(stem)
    stem.parent.mkdir(parents=True, exist_ok=True)
    written = []
    with mpl.rc_context(cast(Any, {key: _STYLE[key] for key in ("svg.fonttype", "svg.hashsalt", "pdf.fonttype")})):
        for suffix, metadata in _FORMATS.items():
            target = stem.with_name(stem.name + suffix)
            with write_atomically(target) as path:
                figure.savefig(path, format=suffix[1:], dpi=300, metadata=metadata)
            written.append(target)
    target = stem.with_name(stem.name + ".txt")
    with write_atomically(target) as path:
        path.write_text(alt + "\n", encoding="utf-8", newline="\n")
    return [*written, target]


def draw_figure(
    name: str,
    table: pd.DataFrame,
    stem: Path,
    *,
    width: float | None = None,
    labels: Mapping[str, str] | None = None,
    style: str = "paper",
) -> list[Path]:
    """Draw a figure of the shelf and write its files; no window, no global state.

    Parameters
    ----------
    name : str
        A key of :data:`toolkit.plots.PLOTS`.
    table : pandas.DataFrame
        The table that it needs; docs/figures.md says which call makes it.
    stem : pathlib.Path
        The path without its ending.
    width : float, optional
        In inches, such as `ONE_COLUMN` or `FULL_WIDTH`; that of the style if not given.
    labels : mapping of str to str, optional
        What to print for an actor's id; the labels of the shipped lexicon if not given.

    style : {"paper", "slides", "notebook"}
        As for :func:`figure_style`.

    Returns
    -------
    list of pathlib.Path
        The files.

    Raises
    ------
    InputError
        There is no such figure or style, or the table is another one.
    """
    from matplotlib.figure import Figure

    from toolkit.plots import PLOTS

    if name not in PLOTS:
        raise InputError(f"unknown figure {name!r}; {nearest(name, PLOTS)}")
    plot, (scale, usual) = PLOTS[name], _style(style)
    with figure_style(style):
        figure = Figure(figsize=(width or usual, scale * plot.height(table)), layout="constrained")
        plot.plot(table, ax=figure.subplots(), labels=labels)
        return save_figure(figure, stem, plot.alt_text(table, labels=labels))


def own_axes(height: float) -> Axes:
    """New axes in a figure that a notebook shows."""
    import matplotlib.pyplot as plt

    _, ax = plt.subplots(figsize=(FULL_WIDTH * pt(1), height * pt(1)), layout="constrained")
    return ax


def check_summary(summary: pd.DataFrame, needs: Sequence[str], figure: str, example: str) -> pd.DataFrame:
    """A summary with the columns that a figure needs, of one task; else say how to make it."""
    check_table(summary, "summary")
    for column in needs:
        if column not in summary.columns:
            raise InputError(f"{figure} needs the column {column!r}: make the summary with {example}")
    if summary["task"].nunique() > 1:
        tasks = ", ".join(sorted(map(str, summary["task"].unique())))
        raise InputError(f"{figure} draws one task; the summary holds {tasks}: keep the rows of one")
    return summary


def shown(value: object, labels: Mapping[str, str] | None = None, *, kind: str = "") -> str:
    r"""A name as a figure prints it: actors by their label, no control characters, no mathematics.

    Examples
    --------
    >>> shown("turkey", kind="actor"), shown("A\nB", kind="outlet"), shown("$x$"), shown(None)
    ('Ankara', 'A B', '\\$x\\$', '(none)')
    """
    text = plain(value, labels, kind=kind).replace("$", r"\$")
    return " " + text if text.startswith("_") else text  # matplotlib hides labels that begin with _


def plain(value: object, labels: Mapping[str, str] | None = None, *, kind: str = "") -> str:
    """The same for words outside a figure."""
    if value is None or value is pd.NaT or value != value:
        return "(none)"
    text = str(value)
    if kind == "actor":
        text = load_lexicon().label(text) if labels is None else labels.get(text, text)
    # Control characters break SVG; those that turn the direction of writing (U+202E) would garble the words around.
    kept = (
        "" if unicodedata.category(c) in ("Cf", "Cs", "Cn") else " " if unicodedata.category(c) == "Cc" else c
        for c in text
    )
    return " ".join("".join(kept).split()) or "(none)"


def wrapped(text: str, width: int = 24, lines: int = 2) -> str:
    r"""A long name over one or two lines; if it does not fit, its middle is left out: the ends tell names apart.

    Examples
    --------
    >>> wrapped("The Eastern Mediterranean Business and Energy Courier, Weekend Edition")
    'The Eastern\nMediterrane…kend Edition'
    >>> wrapped("The Aegean Ledger")
    'The Aegean Ledger'
    """
    parts = textwrap.wrap(text, width)
    if len(parts) <= lines:
        return "\n".join(parts)
    first, rest = (parts[0] + "\n", text[len(parts[0]) :].strip()) if lines > 1 else ("", text)
    tail = width // 2
    return f"{first}{rest[: width - tail - 1].rstrip()}…{rest[-tail:].lstrip()}"


def number(value: float, digits: int = 2) -> str:
    """A number with a true minus sign.

    Examples
    --------
    >>> number(-0.125), number(0.5), number(-0.001)
    ('−0.12', '0.50', '0.00')
    """
    text = f"{value:.{digits}f}"
    return text.replace("-", "−") if float(text) else text.replace("-", "")


def interval_words(low: float, high: float, level: float = 0.95, digits: int = 2) -> str:
    """An interval in words; says so where there is none."""
    if pd.isna(low) or pd.isna(high):
        return "no interval"
    return f"{100 * level:g} % interval {number(low, digits)} to {number(high, digits)}"


def beside(ax: Axes, y: float, words: str, *, size: float = 6) -> None:
    """Words to the right of the axes, at a height in data."""
    ax.annotate(
        words, (1, y), xycoords=("axes fraction", "data"), xytext=(pt(3), 0), textcoords="offset points", va="center",
        fontsize=pt(size), color=GREY, annotation_clip=False,
    )  # fmt: skip


def beside_head(ax: Axes, words: str, *, rotation: float = 0) -> None:
    """What the words to the right of the axes are, over them."""
    ax.annotate(
        words, (1, 1), xycoords="axes fraction", xytext=(pt(3), pt(2)), textcoords="offset points", ha="left",
        va="bottom", fontsize=pt(6), color=GREY, annotation_clip=False, rotation=rotation, rotation_mode="anchor",
    )  # fmt: skip


def legend_above(ax: Axes, handles: Sequence[Any], names: Sequence[str]) -> None:
    """A legend over the axes, in as many columns as their width allows."""
    if not handles:
        return
    inches = 0.8 * ax.get_window_extent().width / ax.figure.dpi
    widest = pt(0.3 + 0.065 * max(map(len, names)))
    columns = int(inches / widest)
    # Where the axes are narrow, the legend may reach over the names at their left, not over the numbers at their right.
    narrow = ax.figure.bbox.width / ax.figure.dpi < pt(4.5)
    side = 1 if narrow and max(columns, 1) * widest > 0.7 * inches else 0
    ax.legend(
        handles, names, loc=("lower left", "lower right")[side], bbox_to_anchor=(side, 1.0),
        ncols=min(max(columns, 1), 4), borderaxespad=0.2,
        handletextpad=0.3, columnspacing=1.0, labelspacing=0.25,
    )  # fmt: skip


def say_empty(ax: Axes, message: str) -> Axes:
    """Axes that say why they are empty."""
    ax.text(0.5, 0.5, message, ha="center", va="center", transform=ax.transAxes, color=GREY)
    ax.set_xticks([])
    ax.set_yticks([])
    for spine in ax.spines.values():
        spine.set_visible(False)
    return ax

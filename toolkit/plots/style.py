"""How figures look, and how they become files: the same bytes every time."""

from __future__ import annotations

import textwrap
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pandas as pd

from toolkit.actors import load_lexicon
from toolkit.errors import InputError
from toolkit.files import write_atomically
from toolkit.tables import check_table

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["COLORS", "FULL_WIDTH", "MARKERS", "ONE_COLUMN", "draw_figure", "paper_style", "save_figure"]

# Okabe and Ito (2008), Color Universal Design; the first three also differ in greyscale, every one also by its marker.
COLORS = ("#0072B2", "#E69F00", "#000000", "#009E73", "#D55E00", "#CC79A7", "#56B4E9")
MARKERS = ("o", "s", "^", "D", "v", "P", "X")
FULL_WIDTH = 17.0 / 2.54
"""Inches: the text width of a journal page."""
ONE_COLUMN = 8.5 / 2.54
"""Inches: one column of a journal page."""
TONE_AXIS = "tone (−1 negative … +1 positive)"
GREY = "#5f5f5f"
_STYLE: dict[str, Any] = {
    "font.family": "DejaVu Sans", "font.size": 8, "axes.titlesize": 8, "axes.labelsize": 8, "legend.fontsize": 7.5,
    "xtick.labelsize": 7.5, "ytick.labelsize": 7.5, "axes.spines.top": False, "axes.spines.right": False,
    "axes.linewidth": 0.6, "xtick.major.width": 0.6, "ytick.major.width": 0.6, "lines.linewidth": 1.2,
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
def paper_style() -> Iterator[None]:
    """Draw and save inside this, and a figure looks as in a journal; the user's own settings come back after it.

    Examples
    --------
    >>> import matplotlib
    >>> before = matplotlib.rcParams["font.size"]
    >>> with paper_style():
    ...     matplotlib.rcParams["font.size"] == 8
    True
    >>> matplotlib.rcParams["font.size"] == before
    True
    """
    import matplotlib as mpl

    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(cast(Any, _STYLE))
        yield


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
    summary: pd.DataFrame,
    stem: Path,
    *,
    width: float = FULL_WIDTH,
    labels: Mapping[str, str] | None = None,
) -> list[Path]:
    """Draw a figure of the shelf and write its files; no window, no global state.

    Parameters
    ----------
    name : str
        A key of :data:`toolkit.plots.PLOTS`.
    summary : pandas.DataFrame
        The table that it needs.
    stem : pathlib.Path
        The path without its ending.
    width : float
        In inches; `ONE_COLUMN` or `FULL_WIDTH`.
    labels : mapping of str to str, optional
        What to print for an actor's id; the labels of the shipped lexicon if not given.

    Returns
    -------
    list of pathlib.Path
        The files.
    """
    from matplotlib.figure import Figure

    from toolkit.plots import PLOTS

    plot = PLOTS[name]
    with paper_style():
        figure = Figure(figsize=(width, plot.height(summary)), layout="constrained")
        plot.plot(summary, ax=figure.subplots(), labels=labels)
        return save_figure(figure, stem, plot.alt_text(summary, labels=labels))


def own_axes(height: float) -> Axes:
    """New axes in a figure that a notebook shows."""
    import matplotlib.pyplot as plt

    _, ax = plt.subplots(figsize=(FULL_WIDTH, height), layout="constrained")
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


def interval_words(low: float, high: float, level: float = 0.95) -> str:
    """An interval in words; says so where there is none."""
    if pd.isna(low) or pd.isna(high):
        return "no interval"
    return f"{100 * level:g} % interval {number(low)} to {number(high)}"


def legend_above(ax: Axes, handles: Sequence[Any], names: Sequence[str]) -> None:
    """A legend over the axes, in as many columns as their width allows."""
    if not handles:
        return
    inches = 0.8 * ax.get_window_extent().width / ax.figure.dpi
    columns = int(inches / (0.3 + 0.065 * max(map(len, names))))
    ax.legend(
        handles, names, loc="lower left", bbox_to_anchor=(0, 1.0), ncols=min(max(columns, 1), 4), borderaxespad=0.2,
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

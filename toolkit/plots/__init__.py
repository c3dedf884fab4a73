"""The shelf of figures: a table in, Axes out. They compute, fit, save and show nothing.

A new figure is one file here and one line in :data:`PLOTS`; ``tests/test_plots.py`` then holds it to what all promise.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from toolkit.plots.agreement import plot_agreement
from toolkit.plots.confusion import plot_confusion
from toolkit.plots.corrected import plot_corrected
from toolkit.plots.decomposition import plot_decomposition
from toolkit.plots.reliability import plot_reliability
from toolkit.plots.specification_curve import plot_specification_curve
from toolkit.plots.swap_audit import plot_swap_audit
from toolkit.plots.tone_by_outlet import describe_tone_by_outlet, height_tone_by_outlet, plot_tone_by_outlet
from toolkit.plots.tone_over_time import describe_tone_over_time, height_tone_over_time, plot_tone_over_time

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = [
    "PLOTS",
    "Plot",
    "plot_agreement",
    "plot_confusion",
    "plot_corrected",
    "plot_decomposition",
    "plot_reliability",
    "plot_specification_curve",
    "plot_swap_audit",
    "plot_tone_by_outlet",
    "plot_tone_over_time",
]


@dataclass(frozen=True)
class Plot:
    """A figure and what it needs.

    Attributes
    ----------
    plot : callable
        ``plot(summary, *, ax=None, labels=None) -> Axes``.
    alt_text : callable
        ``alt_text(summary, *, labels=None) -> str``: the same in words.
    height : callable
        ``height(summary) -> float``: inches at which nothing overlaps.
    title : str
        What it shows, as a caption.
    by : tuple of str
        The groups of the summary that it needs.
    period : str or None
        The period of that summary, unless a study names another; None for none.
    table : str
        The kind of table it draws: a key of :data:`toolkit.tables.SCHEMAS`.
    """

    plot: Callable[..., Axes]
    alt_text: Callable[..., str]
    height: Callable[[pd.DataFrame], float]
    title: str
    by: tuple[str, ...] = ("outlet", "actor")
    period: str | None = None
    table: str = "summary"


PLOTS: dict[str, Plot] = {
    "tone_by_outlet": Plot(
        plot_tone_by_outlet, describe_tone_by_outlet, height_tone_by_outlet, "Tone by outlet and actor"
    ),
    "tone_over_time": Plot(
        plot_tone_over_time, describe_tone_over_time, height_tone_over_time, "Tone over time", ("actor",), "week"
    ),
}

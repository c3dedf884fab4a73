"""The shelf of figures: a table in, Axes out. They compute, fit, save and show nothing.

A new figure is one file here and one line in :data:`PLOTS`; ``tests/test_plots.py`` then holds it to what all promise.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from toolkit.plots.agreement import describe_agreement, height_agreement, plot_agreement
from toolkit.plots.axes import describe_axes, height_axes, plot_axes
from toolkit.plots.confusion import describe_confusion, height_confusion, plot_confusion
from toolkit.plots.contrasts import describe_contrasts, height_contrasts, plot_contrasts
from toolkit.plots.corrected import describe_corrected, height_corrected, plot_corrected
from toolkit.plots.coverage import describe_coverage, height_coverage, plot_coverage
from toolkit.plots.decomposition import describe_decomposition, height_decomposition, plot_decomposition
from toolkit.plots.distances import describe_distances, height_distances, plot_distances
from toolkit.plots.harm import describe_harm, height_harm, plot_harm
from toolkit.plots.naming import describe_naming, height_naming, plot_naming
from toolkit.plots.reliability import describe_reliability, height_reliability, plot_reliability
from toolkit.plots.specification_curve import (
    describe_specification_curve,
    height_specification_curve,
    plot_specification_curve,
)
from toolkit.plots.story_spread import describe_story_spread, height_story_spread, plot_story_spread
from toolkit.plots.swap_audit import describe_swap_audit, height_swap_audit, plot_swap_audit
from toolkit.plots.tone_by_outlet import describe_tone_by_outlet, height_tone_by_outlet, plot_tone_by_outlet
from toolkit.plots.tone_heatmap import describe_tone_heatmap, height_tone_heatmap, plot_tone_heatmap
from toolkit.plots.tone_over_time import describe_tone_over_time, height_tone_over_time, plot_tone_over_time
from toolkit.plots.voice_share import describe_voice_share, height_voice_share, plot_voice_share
from toolkit.plots.words import describe_words, height_words, plot_words

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = [
    "PLOTS",
    "Plot",
    "plot_agreement",
    "plot_axes",
    "plot_confusion",
    "plot_contrasts",
    "plot_corrected",
    "plot_coverage",
    "plot_decomposition",
    "plot_distances",
    "plot_harm",
    "plot_naming",
    "plot_reliability",
    "plot_specification_curve",
    "plot_story_spread",
    "plot_swap_audit",
    "plot_tone_by_outlet",
    "plot_tone_heatmap",
    "plot_tone_over_time",
    "plot_voice_share",
    "plot_words",
]


@dataclass(frozen=True)
class Plot:
    """A figure and what it needs.

    Attributes
    ----------
    plot : callable
        ``plot(table, *, ax=None, labels=None) -> Axes``.
    alt_text : callable
        ``alt_text(table, *, labels=None) -> str``: the same in words.
    height : callable
        ``height(table) -> float``: inches at which nothing overlaps, in the style of paper.
    title : str
        What it shows, as a caption.
    table : str
        The kind of table it draws; figures of one kind draw the same table.
    maker : str
        The call that makes such a table.
    by : tuple of str
        The groups of a summary that it needs.
    period : str or None
        The period of that summary, unless a study names another; None for none.
    """

    plot: Callable[..., Axes]
    alt_text: Callable[..., str]
    height: Callable[[pd.DataFrame], float]
    title: str
    table: str = "summary"
    maker: str = "toolkit.estimate(scored)"
    by: tuple[str, ...] = ("outlet", "actor")
    period: str | None = None


PLOTS: dict[str, Plot] = {
    "tone_by_outlet": Plot(
        plot_tone_by_outlet,
        describe_tone_by_outlet,
        height_tone_by_outlet,
        "Tone by outlet and actor",
    ),
    "tone_over_time": Plot(
        plot_tone_over_time,
        describe_tone_over_time,
        height_tone_over_time,
        "Tone over time",
        maker='toolkit.estimate(scored, by=["actor"], period="week")',
        by=("actor",),
        period="week",
    ),
    "tone_heatmap": Plot(
        plot_tone_heatmap,
        describe_tone_heatmap,
        height_tone_heatmap,
        "Tone by outlet and actor, with intervals and counts",
    ),
    "contrasts": Plot(
        plot_contrasts,
        describe_contrasts,
        height_contrasts,
        "Differences between outlets",
        table="contrasts",
        maker="toolkit.contrast(scored)",
    ),
    "corrected": Plot(
        plot_corrected,
        describe_corrected,
        height_corrected,
        "Estimates by method",
        table="methods",
        maker='pandas.concat([toolkit.estimate(scored, method=m, gold=gold, frame=frame) for m in ("naive", "dsl")])',
    ),
    "specification_curve": Plot(
        plot_specification_curve,
        describe_specification_curve,
        height_specification_curve,
        "One difference under many specifications",
        table="specifications",
        maker='toolkit.specification_curve(scored, "Outlet A", "Outlet B", "turkey")',
    ),
    "decomposition": Plot(
        plot_decomposition,
        describe_decomposition,
        height_decomposition,
        "A gap and its parts",
        table="decomposition",
        maker='toolkit.decompose_gap(scored, "Outlet A", "Outlet B", actor="turkey")',
    ),
    "coverage": Plot(
        plot_coverage,
        describe_coverage,
        height_coverage,
        "How visible each actor is",
        table="visibility",
        maker="toolkit.visibility(mentions, articles)",
    ),
    "voice_share": Plot(
        plot_voice_share,
        describe_voice_share,
        height_voice_share,
        "In whose words each outlet speaks about each actor",
        table="voices",
        maker="toolkit.voice_shares(mentions)",
    ),
    "naming": Plot(
        plot_naming,
        describe_naming,
        height_naming,
        "How each outlet names each actor",
        table="naming",
        maker="toolkit.naming_shares(mentions)",
    ),
    "harm": Plot(
        plot_harm,
        describe_harm,
        height_harm,
        "Who is shown doing and suffering harm",
        table="harm",
        maker="toolkit.harm_shares(mentions)",
    ),
    "words": Plot(
        plot_words,
        describe_words,
        height_words,
        "Words that tell two outlets apart",
        table="words",
        maker='toolkit.actor_words(mentions, "turkey", "Outlet A", "Outlet B")',
    ),
    "axes": Plot(
        plot_axes,
        describe_axes,
        height_axes,
        "Towards which poles the words near each actor lean",
        table="axes",
        maker="toolkit.axis_scores(mentions)",
    ),
    "distances": Plot(
        plot_distances,
        describe_distances,
        height_distances,
        "How far apart portrayals of one actor are",
        table="distances",
        maker='toolkit.portrayal_distances(mentions, "turkey")',
    ),
    "story_spread": Plot(
        plot_story_spread,
        describe_story_spread,
        height_story_spread,
        "Who printed which story when",
        table="articles",
        maker="toolkit.group_stories(articles)",
    ),
    "agreement": Plot(
        plot_agreement,
        describe_agreement,
        height_agreement,
        "Agreement between coders",
        table="agreement",
        maker="toolkit.coder_agreement(annotations)",
    ),
    "confusion": Plot(
        plot_confusion,
        describe_confusion,
        height_confusion,
        "Who confuses which labels",
        table="confusion",
        maker="toolkit.gold_confusion(scored, gold)",
    ),
    "reliability": Plot(
        plot_reliability,
        describe_reliability,
        height_reliability,
        "Probabilities and shares that are right",
        table="reliability",
        maker="toolkit.reliability(scored, gold)",
    ),
    "swap_audit": Plot(
        plot_swap_audit,
        describe_swap_audit,
        height_swap_audit,
        "What an actor's own name adds",
        table="swap_audit",
        maker="toolkit.swap_by_actor(swapped)",
    ),
}

"""The tables that the figures of a run draw."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pandas as pd

from toolkit.errors import nearest
from toolkit.estimation import estimate
from toolkit.plots import PLOTS, Plot
from toolkit.portrayal import axis_scores, harm_shares, naming_shares, visibility, voice_shares

if TYPE_CHECKING:
    from toolkit.experiment.spec import Experiment

__all__ = ["NEEDS_ARTICLES", "RUN_TABLES", "check_figure", "figure_table"]

Tables = dict[str, pd.DataFrame]


def _summary(experiment: Experiment, plot: Plot, tables: Tables, options: dict[str, Any]) -> pd.DataFrame:
    period = experiment.estimate.period if plot.period else None
    return estimate(tables["mentions"], next(iter(experiment.tasks)), by=list(plot.by), period=period, **options)


def _contrasts(experiment: Experiment, plot: Plot, tables: Tables, options: dict[str, Any]) -> pd.DataFrame:
    contrasts = tables["contrasts"]
    return contrasts[contrasts["task"] == next(iter(experiment.tasks))]


def _portrayal(
    measure: Callable[..., pd.DataFrame], *, voice: bool = True, articles: bool = False
) -> Callable[..., Any]:
    """A measure of portrayal with the study's level, seed and voice; copies as the measure itself has it."""

    def made(experiment: Experiment, plot: Plot, tables: Tables, options: dict[str, Any]) -> pd.DataFrame:
        chosen = {key: options[key] for key in ("level", "seed")}
        if voice:
            chosen["voice"] = options["voice"]
        held = (tables["mentions"], tables["articles"]) if articles else (tables["mentions"],)
        return measure(*held, **chosen)

    return made


def _articles(experiment: Experiment, plot: Plot, tables: Tables, options: dict[str, Any]) -> pd.DataFrame:
    return tables["articles"].drop(columns="text").assign(text="")


RUN_TABLES: dict[str, Callable[[Experiment, Plot, Tables, dict[str, Any]], pd.DataFrame]] = {
    "summary": _summary,
    "contrasts": _contrasts,
    "visibility": _portrayal(visibility, voice=False, articles=True),
    "voices": _portrayal(voice_shares, voice=False),
    "naming": _portrayal(naming_shares),
    "harm": _portrayal(harm_shares),
    "axes": _portrayal(axis_scores),
    "articles": _articles,
}
"""What makes each kind of table of a run. Kinds that need gold, or a choice of two outlets, are not made by one."""
NEEDS_ARTICLES = ("visibility", "articles")


def check_figure(name: str) -> str:
    """The name of a figure that a run can draw.

    Raises
    ------
    ValueError
        There is no such figure, or no stage of a run makes its table.
    """
    drawn = [figure for figure, plot in PLOTS.items() if plot.table in RUN_TABLES]
    if name in PLOTS and name not in drawn:
        raise ValueError(
            f"{name!r} draws a table that a run does not make; make it with {PLOTS[name].maker} and draw it with "
            f"toolkit.plot_{name}. A run draws: {', '.join(sorted(drawn))}"
        )
    if name not in drawn:
        raise ValueError(f"unknown figure {name!r}; {nearest(name, drawn)}")
    return name


def figure_table(name: str, experiment: Experiment, tables: Tables, options: dict[str, Any]) -> pd.DataFrame:
    """The table that a figure of a run draws.

    Parameters
    ----------
    name : str
        A figure that :func:`check_figure` lets pass.
    experiment : Experiment
        The experiment.
    tables : dict of str to pandas.DataFrame
        `mentions` (scored), `contrasts`, and `articles` where :data:`NEEDS_ARTICLES` says so.
    options : dict
        Options of :func:`toolkit.estimate`.

    Returns
    -------
    pandas.DataFrame
        The table.
    """
    plot = PLOTS[name]
    return RUN_TABLES[plot.table](experiment, plot, tables, options)

"""The tables that the figures of a run draw."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from toolkit.errors import nearest
from toolkit.estimation import estimate
from toolkit.plots import PLOTS
from toolkit.portrayal import axis_scores, harm_shares, naming_shares, visibility, voice_shares
from toolkit.tables import SCHEMAS

if TYPE_CHECKING:
    from toolkit.experiment.spec import Experiment

__all__ = ["NEEDS_ARTICLES", "RUN_TABLES", "check_figure", "figure_table", "wanted_table"]

Tables = dict[str, pd.DataFrame]


@dataclass(frozen=True)
class _Wanted:
    """What a figure's table is made from."""

    experiment: Experiment
    by: list[str]
    period: str | None
    tables: Tables
    options: dict[str, Any]


def _summary(w: _Wanted) -> pd.DataFrame:
    period = w.experiment.estimate.period if w.period else None
    task = next(iter(w.experiment.tasks))
    return estimate(w.tables["mentions"], task, by=w.by, period=period, **w.options)


def _contrasts(w: _Wanted) -> pd.DataFrame:
    contrasts = w.tables["contrasts"]
    return contrasts[contrasts["task"] == next(iter(w.experiment.tasks))]


def _visibility(w: _Wanted) -> pd.DataFrame:
    return visibility(w.tables["mentions"], w.tables["articles"], **_shared(w))


def _voices(w: _Wanted) -> pd.DataFrame:
    return voice_shares(w.tables["mentions"], **_shared(w))


def _own_words(measure: Callable[..., pd.DataFrame]) -> Callable[[_Wanted], pd.DataFrame]:
    """A measure of portrayal in the study's voice; copies count as the measure itself has it."""
    return lambda w: measure(w.tables["mentions"], voice=w.options["voice"], **_shared(w))


def _shared(w: _Wanted) -> dict[str, Any]:
    return {key: w.options[key] for key in ("level", "seed")}


def _articles(w: _Wanted) -> pd.DataFrame:
    # The figure needs no text, and tables that go with figures should hold none.
    return w.tables["articles"][list(SCHEMAS["articles"])].assign(text="", url=None)


RUN_TABLES: dict[str, Callable[[_Wanted], pd.DataFrame]] = {
    "summary": _summary,
    "contrasts": _contrasts,
    "visibility": _visibility,
    "voices": _voices,
    "naming": _own_words(naming_shares),
    "harm": _own_words(harm_shares),
    "axes": _own_words(axis_scores),
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


def wanted_table(name: str) -> tuple[str, list[str], str | None]:
    """What a figure draws: the kind of table, and the groups and period of a summary."""
    plot = PLOTS[name]
    return plot.table, list(plot.by), plot.period


def figure_table(
    wanted: tuple[str, list[str], str | None], experiment: Experiment, tables: Tables, options: dict[str, Any]
) -> pd.DataFrame:
    """The table that a figure of a run draws.

    Parameters
    ----------
    wanted : (str, list of str, str or None)
        What :func:`wanted_table` says of the figure.
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
    kind, by, period = wanted
    return RUN_TABLES[kind](_Wanted(experiment, by, period, tables, options))

"""What a report tells: the tables, figures and facts of a run."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from toolkit.actors import load_lexicon
from toolkit.plots import PLOTS

__all__ = ["Figure", "ReportContent", "keys_of"]


@dataclass(frozen=True)
class Figure:
    """A figure as the report shows it.

    Attributes
    ----------
    name : str
        Its name on the shelf.
    svg : str
        The image.
    alt : str
        The image in words.
    caption : str
        What it shows.
    """

    name: str
    svg: str
    alt: str
    caption: str = ""

    @property
    def source(self) -> str:
        """The image as an address that holds it: scripts inside an image never run."""
        return "data:image/svg+xml;base64," + base64.b64encode(self.svg.encode("utf-8", "replace")).decode("ascii")


@dataclass(frozen=True)
class ReportContent:
    """What a report tells.

    Attributes
    ----------
    title, question : str
        Of the experiment.
    config : dict
        The experiment, every default filled in.
    articles, removed, rejected, mentions, summary, contrasts : pandas.DataFrame
        The tables of the run; mentions are scored; contrasts may be empty.
    figures : sequence of Figure
        The first is the main one.
    facts : dict
        What the run depends on: versions, seed, hashes. Nothing that changes from one run to the next, such as times.
    task : str
        The task whose scores the evidence shows.
    labels : mapping of str to str
        What to print for an actor's id.
    """

    title: str
    question: str
    config: Mapping[str, Any]
    articles: pd.DataFrame
    removed: pd.DataFrame
    rejected: pd.DataFrame
    mentions: pd.DataFrame
    summary: pd.DataFrame
    contrasts: pd.DataFrame
    figures: Sequence[Figure] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)
    task: str = "tone"
    labels: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def from_tables(
        cls,
        *,
        figures: Sequence[tuple[str, Path, Path]] = (),
        labels: Mapping[str, str] | None = None,
        task: str | None = None,
        **tables: Any,
    ) -> ReportContent:
        """Make one from tables, and figures given as name, path of the SVG, path of its text.

        Parameters
        ----------
        figures : sequence of (str, pathlib.Path, pathlib.Path)
            The figures of the run.
        labels : mapping of str to str, optional
            The labels of actors; those of the shipped lexicon if not given.
        task : str, optional
            The first task of the summary if not given.
        **tables
            The other attributes.
        """
        known = labels if labels is not None else {k: a.label for k, a in load_lexicon().actors.items()}
        held = [
            Figure(
                name,
                svg.read_text("utf-8"),
                alt.read_text("utf-8").strip(),
                PLOTS[name].title if name in PLOTS else name,
            )
            for name, svg, alt in figures
        ]
        tasks = list(tables["summary"]["task"].unique()) if "task" in tables["summary"] else []
        return cls(figures=held, labels=known, task=task or (tasks[0] if tasks else "tone"), **tables)


def keys_of(table: pd.DataFrame) -> list[str]:
    """The columns before `task`: what tells the groups of a summary apart."""
    return [str(k) for k in table.columns[: list(table.columns).index("task")]]

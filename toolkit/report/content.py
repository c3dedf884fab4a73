"""What a report tells: the tables, figures and facts of a run."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from toolkit.actors import load_lexicon
from toolkit.errors import InputError
from toolkit.plots import PLOTS
from toolkit.tables import empty_table

__all__ = ["Figure", "ReportContent", "Section", "keys_of"]

OWN_IDS = frozenset(
    ("answer", "estimates", "contrasts", "sentences", "rests", "corpus", "rejected", "copies", "removed", "voices",
     "evidence", "method", "rebuild", "main", "data", "columns", "filter", "results", "found", "pages", "figure")
)  # fmt: skip
"""What the page itself calls its parts."""
_ID = re.compile(r"[a-z][a-z0-9-]{0,40}")


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
    table : pandas.DataFrame, optional
        The table that it draws. The report prints it below the image, each row leading to its sentences; of a summary
        by period it draws a figure of its own, each dot leading to its sentences.
    """

    name: str
    svg: str
    alt: str
    caption: str = ""
    table: pd.DataFrame | None = None

    @property
    def source(self) -> str:
        """The image as an address that holds it: scripts inside an image never run."""
        return "data:image/svg+xml;base64," + base64.b64encode(self.svg.encode("utf-8", "replace")).decode("ascii")


@dataclass(frozen=True)
class Section:
    """A part that the report shows under "What it rests on": accuracy, agreement, a swap audit and the like.

    Attributes
    ----------
    id : str
        Its address in the page: small letters, digits and hyphens, such as ``accuracy``. With ``accuracy``
        among them the report points there where it speaks of the classifier's errors.
    title : str
        Its heading.
    words : str or sequence of str
        What it shows, one paragraph each; plain text.
    table : pandas.DataFrame, optional
        Its table. Numbers are printed with two decimals; a column `p`, or one that begins with `p_`, as p-values.
        A row that names an outlet, actor, voice, reading or label of the mentions, or a `mention_id`, in a column of
        that name leads to its sentences.
    svg, alt : str, optional
        A figure, and the same in words.
    has_text : bool, default False
        Whether it quotes articles; such a section is left out of a report without texts.

    Raises
    ------
    InputError
        The id cannot be an address, or the page calls another part so.

    Examples
    --------
    >>> Section("Accuracy!", "Accuracy", "How often the labels are right.")
    Traceback (most recent call last):
        ...
    toolkit.errors.InputError: a section of the report has the id 'Accuracy!'; expected small letters, digits ...
    """

    id: str
    title: str
    words: str | Sequence[str]
    table: pd.DataFrame | None = None
    svg: str | None = None
    alt: str = ""
    has_text: bool = False

    def __post_init__(self) -> None:
        if not _ID.fullmatch(self.id):
            raise InputError(
                f"a section of the report has the id {self.id!r}; "
                "expected small letters, digits and hyphens, such as 'swap-audit'"
            )
        if self.id in OWN_IDS or self.id.startswith(("m-", "cell-", "h-", "chunk-")):
            raise InputError(
                f"a section of the report has the id {self.id!r}, which the page uses itself; choose another"
            )

    @property
    def paragraphs(self) -> list[str]:
        """Its words, paragraph by paragraph."""
        return [self.words] if isinstance(self.words, str) else list(self.words)

    @property
    def figure(self) -> Figure | None:
        """Its figure."""
        return None if self.svg is None else Figure(self.id, self.svg, self.alt, self.title)


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
    sections : sequence of Section
        What is shown under "What it rests on", in this order, behind the tables that every report has.
    annotations, gold : pandas.DataFrame
        Labels that coders gave, and the adjudicated ones; shown with the mentions. May be empty.
    corrected : bool
        Whether the estimates were corrected with annotations: the report then no longer says that they were not.
    text : bool
        Whether the report may hold the texts: without them it has no sentence, title, address or removed text.
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
    sections: Sequence[Section] = ()
    annotations: pd.DataFrame = field(default_factory=lambda: empty_table("annotations"))
    gold: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=["mention_id", "task", "label"]))
    corrected: bool = False
    text: bool = True
    facts: Mapping[str, Any] = field(default_factory=dict)
    task: str = "tone"
    labels: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def from_tables(
        cls,
        *,
        figures: Sequence[tuple[str, Path, Path] | tuple[str, Path, Path, Path]] = (),
        labels: Mapping[str, str] | None = None,
        task: str | None = None,
        **tables: Any,
    ) -> ReportContent:
        """Make one from tables, and figures given as name, path of the SVG, of its text, and of its table if any.

        Parameters
        ----------
        figures : sequence of (str, pathlib.Path, pathlib.Path) or with a fourth path
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
                pd.read_parquet(table[0]) if table else None,
            )
            for name, svg, alt, *table in figures
        ]
        tasks = list(tables["summary"]["task"].unique()) if "task" in tables["summary"] else []
        return cls(figures=held, labels=known, task=task or (tasks[0] if tasks else "tone"), **tables)


def keys_of(table: pd.DataFrame) -> list[str]:
    """The columns before `task`: what tells the groups of a summary apart."""
    return [str(k) for k in table.columns[: list(table.columns).index("task")]]

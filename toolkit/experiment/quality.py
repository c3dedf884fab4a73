"""What the numbers of a run rest on: the swap audit, and accuracy and agreement where a sample was coded."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from toolkit.annotation import Sample
from toolkit.annotation.coded import ANNOTATIONS, GOLD, Coded, load_coded
from toolkit.errors import InputError, nearest
from toolkit.estimation import estimate
from toolkit.experiment.spec import Experiment, find_path
from toolkit.files import write_atomically
from toolkit.report import Section
from toolkit.results import ResultBlock, audit_names, gold_quality, result_block

__all__ = [
    "FOLDER",
    "gold_files",
    "gold_options",
    "load_gold",
    "measure_quality",
    "quality_sections",
    "write_quality",
]

FOLDER = "quality"
_FIGURES = {"swap_audit": "swap_audit", "agreement": "agreement", "corrected": "corrected"}
_TITLES = {
    "result_block": "All that the estimates rest on",
    "corrected": "Corrected beside uncorrected",
    "accuracy": "Accuracy on the coded sample",
    "agreement": "Agreement of the coders",
    "swap_audit": "Swap audit: other actors' names in the same sentences",
}


def gold_files(experiment: Experiment, source: Path) -> list[Path]:
    """The files of the coded sample that a run depends on; sheets beside them may change."""
    if experiment.gold is None:
        return []
    folder = find_path(experiment.gold, source)
    needed = [folder / name for name in ("sample.json", "frame.parquet", "drawn.parquet", GOLD)]
    return [*needed, *(path for path in (folder / ANNOTATIONS,) if path.is_file())]


def load_gold(experiment: Experiment, source: Path) -> Coded | None:
    """The coded sample of a study, of whichever of its tasks it is.

    Raises
    ------
    InputError
        It cannot be used: see :func:`toolkit.annotation.coded.load_coded`; or it is of none of the study's tasks, or a
        method needs gold that is not there.
    """
    method = experiment.estimate.method
    if experiment.gold is None:
        if method not in (None, "naive"):
            raise InputError(f"estimate.method is {method!r}, which needs gold: name the folder of the coded sample")
        return None
    folder = find_path(experiment.gold, source)
    if not folder.exists():
        raise InputError(f"gold: there is no folder {experiment.gold!r}; `toolkit sample RUN --out FOLDER` makes one")
    task = Sample.load(folder).task if folder.is_dir() else next(iter(experiment.tasks))
    if task not in experiment.tasks:
        raise InputError(f"gold: the sample in {experiment.gold!r} is of {task!r}; {nearest(task, experiment.tasks)}")
    return load_coded(folder, task)


def gold_options(coded: Coded | None, task: str, method: str | None) -> dict[str, Any]:
    """What estimates of a task take."""
    if coded is None or coded.sample.task != task:
        return {"method": "naive"}
    return {"method": method or "dsl", "gold": coded.gold, "frame": coded.sample.frame}


def measure_quality(
    mentions: pd.DataFrame, summary: pd.DataFrame, contrasts: pd.DataFrame, *, task: str, by: list[str],
    options: Mapping[str, Any], coded: Coded | None, classifier: Any, lexicon: Any, audited: int, seed: int,
    progress: Callable[[int, int], None] | None = None,
) -> tuple[dict[str, pd.DataFrame], ResultBlock]:  # fmt: skip
    """The tables of a run's quality, and its result block.

    Parameters
    ----------
    mentions : pandas.DataFrame
        Scored.
    summary, contrasts : pandas.DataFrame
        The run's, of `task`.
    task : str
    by : list of str
        The groups of the summary.
    options : mapping
        Those that the estimates were made with.
    coded : Coded or None
        The coded sample of `task`.
    classifier : object or None
        What scored the mentions; None for no swap audit.
    lexicon : Lexicon
    audited : int
        Mentions in the swap audit.
    seed : int
    progress : callable, optional

    Returns
    -------
    (dict of str to pandas.DataFrame, ResultBlock)
        `swap_audit`; with a coded sample also `accuracy`, `accuracy_by_actor`, `accuracy_by_outlet`, `agreement` and
        `corrected`, the estimates by each method; `result_block`.
    """
    tables: dict[str, pd.DataFrame] = {}
    given = {key: options[key] for key in ("voice", "copies", "reading")}
    if classifier is not None and audited:
        audit = audit_names(
            mentions, classifier, task, n=audited, lexicon=lexicon, seed=seed, progress=progress, **given
        )
        if audit is not None:
            tables["swap_audit"] = audit
    if coded is not None:
        tables |= gold_quality(
            mentions, coded.gold, task, frame=coded.sample.frame, annotations=coded.annotations, seed=seed
        )
        plain = {key: value for key, value in options.items() if key not in ("method", "gold", "frame")}
        others = [
            estimate(mentions, task, by=by, **plain, **given_gold)
            for given_gold in ({"method": "gold", "gold": coded.gold, "frame": coded.sample.frame}, {"method": "naive"})
            if given_gold["method"] != options.get("method")
        ]
        tables["corrected"] = pd.concat([summary, *others], ignore_index=True)
    block = result_block(
        summary, mentions, task, audit=tables.get("swap_audit"), gold=None if coded is None else coded.gold,
        accuracy=tables.get("accuracy"), agreement=tables.get("agreement"), contrasts=contrasts,
    )  # fmt: skip
    return {"result_block": block.table(), **tables}, block


def write_quality(
    tables: Mapping[str, pd.DataFrame], block: ResultBlock, folder: Path, labels: Mapping[str, str]
) -> None:
    """Write the tables, the figures that they allow, and the block as a paragraph."""
    from toolkit.export import write_csv
    from toolkit.plots.style import draw_figure

    for name, table in tables.items():
        write_csv(table, folder / f"{name}.csv")
    for name, figure in _FIGURES.items():
        if name in tables:
            draw_figure(figure, tables[name], folder / name, labels=labels)
    with write_atomically(folder / "methods.txt") as path:
        path.write_text(block.paragraph() + "\n", encoding="utf-8", newline="\n")


def quality_sections(folder: Path) -> list[Section]:
    """The parts of the report that a run's quality fills."""
    sections = []
    for name, title in _TITLES.items():
        path = folder / FOLDER / f"{name}.csv"
        if not path.is_file():
            continue
        table = pd.read_csv(path)
        drawn, said = path.with_suffix(".svg"), path.with_suffix(".txt")
        svg = drawn.read_text("utf-8") if drawn.is_file() else None
        alt = said.read_text("utf-8").strip() if said.is_file() else ""
        sections.append(
            Section(name.replace("_", "-"), title, _words(name, table), _shown(name, table), svg=svg, alt=alt)
        )
    return sections


def _words(name: str, table: pd.DataFrame) -> str:
    if name == "result_block":
        return "Each line belongs to every number of this report."
    if name == "corrected":
        return (
            "The machine's errors pull every estimate towards the middle. With a coded sample they are taken out: this "
            "is what the estimates are by gold and machine together, by gold alone, and by the machine alone."
        )
    if name == "accuracy":
        return (
            "The classifier against gold, weighted so that the figures are those of all mentions that could have been "
            "drawn; beside it the most frequent label, a lexicon, and the coders against each other."
        )
    if name == "agreement":
        return "How far coders agree beyond chance. It does not say that they are right."
    return (
        f"{int(table['n_mentions'].max()):,} mentions at most per actor, scored again with each other actor's name in "
        "the right form. What moves is the classifier's reading of names, not the outlets' tone: an estimate that is "
        "no larger than this says nothing."
    )


def _shown(name: str, table: pd.DataFrame) -> pd.DataFrame:
    """The columns that a reader needs."""
    wanted = {
        "accuracy": ["who", "label", "measure", "estimate", "low", "high", "n", "n_stories", "note"],
        "agreement": ["coefficient", "estimate", "low", "high", "n_units", "n_articles", "note"],
        "swap_audit": ["actor", "against", "signed", "signed_low", "signed_high", "absolute", "changed", "n_mentions"],
    }.get(name, list(table.columns))
    if name == "corrected":
        keys = list(table.columns[: list(table.columns).index("task")])
        wanted = [*keys, "method", "estimate", "low", "high", "n_mentions", "n_stories", "n_gold", "note"]
    return table[[column for column in wanted if column in table.columns]]

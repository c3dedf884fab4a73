"""An experiment file: what it may say, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationInfo, field_validator

from toolkit.actors import READING_MODES, Lexicon, load_lexicon
from toolkit.classifiers import CLASSIFIERS
from toolkit.codebook import load_codebook, require_single
from toolkit.config import Strict, check_config, read_yaml
from toolkit.errors import InputError, nearest
from toolkit.estimation import COPIES, INTERVALS, PERIODS, READING_CHOICES, UNITS, VOICE_CHOICES
from toolkit.plots import PLOTS
from toolkit.scoring import is_ready

__all__ = ["Experiment", "TaskSpec", "experiment_lexicon", "find_path", "load_experiment"]


class CorpusSpec(Strict):
    """Where the articles are and how to read them; see :func:`toolkit.read_articles`."""

    articles: str
    format: str = "auto"
    columns: dict[str, str | list[str]] | None = None
    outlet: str | None = None
    outlets: dict[str, str] | None = None
    dates: Literal["dmy", "mdy"] | None = None
    agencies: dict[str, list[str]] | None = None
    least_articles: int = Field(default=1, ge=1)
    """Outlets with fewer articles are read and listed, and no mentions are looked for in them."""


class MentionsSpec(Strict):
    """How mentions are looked for; see :func:`toolkit.find_mentions`."""

    resolve: bool = True
    pronouns: bool = False
    readings: str = "rules"

    @field_validator("readings")
    @classmethod
    def _known(cls, value: str) -> str:
        if value not in READING_MODES:
            raise ValueError(nearest(value, READING_MODES))
        return value


class TaskSpec(Strict):
    """How a task is scored: a classifier by name or folder, and the labelled data it is fitted on, if any."""

    classifier: str = "transformer"
    train: str | None = None
    parameters: dict[str, Any] = Field(default={})
    """Arguments of the classifier to fit, such as ``encoder``: any sentence-transformers model by name or folder."""
    proposition: str | None = None
    """What the text is for or against, in a task of stance."""


class EstimateSpec(Strict):
    """What is estimated; see :func:`toolkit.estimate`."""

    by: list[str] = Field(default=["outlet", "actor"], min_length=1)
    voice: str = "outlet"
    copies: str = "one_per_story"
    reading: str | Annotated[float, Field(ge=0, le=1)] = "actor"
    """A reading, or the least probability of the reading actor."""
    draws: int = Field(default=2000, ge=100, le=100_000)
    level: float = Field(default=0.95, gt=0.5, lt=1)
    interval: str = "t"
    period: str = "week"
    unit: str = "mention"

    @field_validator("voice", "copies", "reading", "interval", "period", "unit")
    @classmethod
    def _known(cls, value: str | float, info: ValidationInfo) -> str | float:
        if not isinstance(value, str):
            return value
        known: dict[str, Iterable[str]] = {
            "voice": VOICE_CHOICES,
            "copies": COPIES,
            "reading": READING_CHOICES,
            "interval": INTERVALS,
            "period": PERIODS,
            "unit": UNITS,
        }
        choices = list(known[str(info.field_name)])
        if value not in choices:
            raise ValueError(nearest(value, choices))
        return value


class Experiment(Strict):
    """An experiment file, with every default filled in."""

    kind: Literal["measure"] = "measure"
    title: str
    question: str = ""
    seed: int = Field(default=0, ge=0, lt=2**32)
    corpus: CorpusSpec
    actors: list[str] = Field(min_length=1)
    lexicon: dict[str, Any] | str | None = None
    mentions: MentionsSpec = MentionsSpec()
    tasks: dict[str, TaskSpec] = Field(default={"tone": TaskSpec()}, min_length=1)
    estimate: EstimateSpec = EstimateSpec()
    figures: list[str] = Field(default=["tone_by_outlet", "tone_over_time"])

    @field_validator("figures")
    @classmethod
    def _known_figures(cls, names: list[str]) -> list[str]:
        for name in names:
            if name not in PLOTS:
                raise ValueError(f"unknown figure {name!r}; {nearest(name, PLOTS)}")
        return names

    @field_validator("tasks")
    @classmethod
    def _known_tasks(cls, tasks: dict[str, TaskSpec]) -> dict[str, TaskSpec]:
        known = load_codebook()
        for name in tasks:
            if name not in known:
                raise ValueError(f"unknown task {name!r}; {nearest(name, known)}")
            require_single(known[name], "a classifier").about(tasks[name].proposition)
        return tasks


def load_experiment(path: Path) -> Experiment:
    """Read and check an experiment file, all of it, before anything runs.

    Raises
    ------
    InputError
        What is wrong, key by key, with the nearest valid name.
    """
    value = read_yaml(path)
    experiment = check_config(Experiment, value, str(path))
    lexicon = experiment_lexicon(experiment, path)
    try:
        lexicon.require(experiment.actors)
    except InputError as error:
        raise InputError(f"{path}:\n  actors: {error}") from error
    for name, task in experiment.tasks.items():
        if task.classifier not in CLASSIFIERS and not find_path(task.classifier, path).is_dir():
            raise InputError(
                f"{path}:\n  tasks.{name}.classifier: unknown classifier {task.classifier!r}; "
                f"{nearest(task.classifier, CLASSIFIERS)}, or the folder of a saved one"
            )
        if task.train is None and task.classifier in CLASSIFIERS and not is_ready(task.classifier, name):
            raise InputError(
                f"{path}:\n  tasks.{name}: {task.classifier!r} does not ship trained for the task {name!r}; name "
                "labelled data to fit a classifier on (classifier: tfidf, train: FOLDER), take one that needs none "
                "(classifier: anchors; not validated for roles), or leave the task out and "
                f"code a sample by hand (toolkit sample RUN --task {name} --no-predicted)"
            )
        _check_parameters(task, f"{path}:\n  tasks.{name}")
    return experiment


def _check_parameters(task: TaskSpec, where: str) -> None:
    if task.parameters and task.train is None:
        raise InputError(
            f"{where}.parameters: a classifier that ships trained takes none; name labelled data with train"
        )
    if task.train is not None and task.classifier not in CLASSIFIERS:
        raise InputError(f"{where}.train: a saved classifier is not fitted again; {nearest('', CLASSIFIERS)}")
    for key in task.parameters:
        known = CLASSIFIERS[task.classifier]().get_params()
        if key not in known:
            raise InputError(f"{where}.parameters.{key}: unknown; {nearest(key, known)}")


def find_path(name: str, source: Path) -> Path:
    """A relative path as the user means it: from the current folder, the experiment's folder, or the one above that."""
    given = Path(name).expanduser()
    places = [given, source.parent / given, source.parent.parent / given]
    return next((p for p in places if p.exists()), given)


def experiment_lexicon(experiment: Experiment, source: Path) -> Lexicon:
    """The shipped lexicon with what the experiment adds to it."""
    if isinstance(experiment.lexicon, str):
        return load_lexicon(extra=find_path(experiment.lexicon, source))
    return load_lexicon(extra=experiment.lexicon)

"""An experiment file: what it may say, and what is wrong with it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, JsonValue, ValidationInfo, field_validator

from toolkit.actors import READING_MODES, Lexicon, load_lexicon
from toolkit.classifiers import CLASSIFIERS
from toolkit.codebook import load_codebook, require_single
from toolkit.config import Exact, check_config
from toolkit.errors import InputError, nearest
from toolkit.estimation import COPIES, INTERVALS, METHODS, PERIODS, READING_CHOICES, UNITS, VOICE_CHOICES
from toolkit.experiment.figures import check_figure
from toolkit.layers import MATRIX, apply_changes, expand_matrix, read_layers
from toolkit.readers import READERS
from toolkit.readers.common import check_fields
from toolkit.results import AUDITED
from toolkit.scoring import is_ready
from toolkit.tables import OPTIONAL, SCHEMAS, task_columns

__all__ = [
    "CorpusSpec",
    "EstimateSpec",
    "Experiment",
    "ExperimentFile",
    "MentionsSpec",
    "TaskSpec",
    "experiment_lexicon",
    "find_path",
    "load_experiment",
    "load_variants",
]

CONFIG = "config.yaml"
"""The experiment in a run folder."""


class CorpusSpec(Exact):
    """Where the articles are and how to read them; see :func:`toolkit.read_articles`."""

    articles: str = Field(examples=["my_articles"])
    """A folder with all below it, a file, or the folder of a data set with a card.yaml."""
    format: str = Field(default="auto", examples=["nexis_docx"])
    """The format of the files; auto looks at each file's content."""
    columns: dict[str, str | list[str]] | None = Field(default=None, examples=[{"text": "body", "date": "published"}])
    """Field (title, text, date, outlet, url, language, wire, id, byline) and the column that holds it, or a list of
    columns of which the first that is there counts."""
    outlet: str | None = Field(default=None, examples=["The Courier"])
    """The outlet of articles that name none."""
    outlets: dict[str, str] | None = Field(default=None, examples=[{"bbc.co.uk": "BBC News"}])
    """Name of a folder, or as the files write it, and the outlet's name; before the table of well-known outlets."""
    dates: Literal["dmy", "mdy"] | None = Field(default=None, examples=["dmy"])
    """The order of day, month and year in dates that are written in numbers."""
    agencies: dict[str, list[str]] | None = Field(default=None, examples=[{"ABC": ["ABC", "Alphabet News"]}])
    """Agency and the names that credit it, besides those known."""
    least_articles: int = Field(default=1, ge=1, examples=[30])
    """Outlets with fewer articles are read and listed, and no mentions are looked for in them."""

    @field_validator("format")
    @classmethod
    def _known_format(cls, value: str) -> str:
        return _known(value, ["auto", *READERS])

    @field_validator("columns")
    @classmethod
    def _known_columns(cls, value: dict[str, str | list[str]] | None) -> dict[str, str | list[str]] | None:
        check_fields(value)
        return value

    @field_validator("articles", "outlet")
    @classmethod
    def _not_empty(cls, value: str | None) -> str | None:
        if value is not None and not value.strip():
            raise ValueError("is empty; give a name, or leave the key out")
        return value


class MentionsSpec(Exact):
    """How mentions are looked for; see :func:`toolkit.find_mentions`."""

    resolve: bool = Field(default=True, examples=[False])
    """Whether "the regime" and "the minister" count where the text says who is meant."""
    pronouns: bool = Field(default=False, examples=[True])
    """Whether "it" and "he" count where the text says who is meant."""
    readings: str = Field(default="rules", examples=["rules"])
    """How it is settled whether a name is the government or the place."""

    @field_validator("readings")
    @classmethod
    def _known_mode(cls, value: str) -> str:
        return _known(value, READING_MODES)


class TaskSpec(Exact):
    """How a task is scored: a classifier by name or folder, and the labelled data it is fitted on, if any."""

    classifier: str = Field(default="transformer", examples=["lexicon"])
    """A classifier by name, or the folder of a saved one."""
    train: str | None = Field(default=None, examples=["datasets/my_labels"])
    """Labelled data that the classifier is fitted on: the folder of a data set with a card.yaml."""
    parameters: dict[str, JsonValue] = Field(default={}, examples=[{"C": 0.5}])
    """Arguments of the classifier to fit, such as ``encoder``: any sentence-transformers model by name or folder."""
    proposition: str | None = Field(default=None, examples=["The offensive must stop."])
    """What the text is for or against, in a task of stance."""


class EstimateSpec(Exact):
    """What is estimated; see :func:`toolkit.estimate`."""

    by: list[str] = Field(default=["outlet", "actor"], min_length=1, examples=[["outlet", "actor", "form"]])
    """The columns of the mentions whose values make the groups."""
    voice: str = Field(default="outlet", examples=["quoted"])
    """Whose words count: the outlet's own, quoted or reported ones, both of these (attributed), or all."""
    copies: str = Field(default="one_per_story", examples=["own"])
    """What has a vote: every mention (all), mentions outside agency copy (own), or each story once (one_per_story)."""
    reading: str | Annotated[float, Field(ge=0, le=1)] = Field(default="actor", examples=[0.8])
    """Which readings count, or the least probability of the reading actor."""
    draws: int = Field(default=2000, ge=100, le=100_000, examples=[5000])
    """Resamples for the interval bootstrap."""
    level: float = Field(default=0.95, gt=0.5, lt=1, examples=[0.9])
    """The share of intervals that should hold the truth."""
    interval: str = Field(default="t", examples=["bootstrap"])
    """How intervals are made; both are clustered by story."""
    period: str = Field(default="week", examples=["month"])
    """The steps of figures over time."""
    unit: str = Field(default="mention", examples=["article"])
    """What is averaged: mentions, or articles with one tone each."""
    method: str | None = Field(default=None, examples=["gold"])
    """How gold is used: design-based correction (dsl), gold alone, ppi, or not at all (naive); dsl where the study has
    gold, naive where it has none, if not given."""

    @field_validator("voice", "copies", "reading", "interval", "period", "unit", "method")
    @classmethod
    def _known_choice(cls, value: str | float | None, info: ValidationInfo) -> str | float | None:
        return value if not isinstance(value, str) else _known(value, ESTIMATE_CHOICES[str(info.field_name)])


ESTIMATE_CHOICES: dict[str, Iterable[str]] = {
    "voice": VOICE_CHOICES,
    "copies": COPIES,
    "reading": READING_CHOICES,
    "interval": INTERVALS,
    "period": PERIODS,
    "unit": UNITS,
    "method": METHODS,
}


class Experiment(Exact):
    """An experiment, with every default filled in."""

    kind: Literal["measure"] = Field(default="measure", examples=["measure"])
    """What is done: portrayals are measured, or a classifier is trained (kind: train)."""
    title: str = Field(min_length=1, examples=["How two outlets portrayed Ankara"])
    """What the study is called."""
    question: str = Field(default="", examples=["Do the two outlets differ in their own words?"])
    """What it asks; it opens the report."""
    seed: int = Field(default=0, ge=0, lt=2**32, examples=[2020])
    """For everything that is drawn at random: the same seed gives the same bytes."""
    corpus: CorpusSpec = Field(examples=[{"articles": "my_articles"}])
    """The articles."""
    actors: list[str] = Field(min_length=1, examples=[["turkey", "russia", "syria"]])
    """Ids of the lexicon: whose portrayal is measured."""
    lexicon: dict[str, Any] | str | None = Field(default=None, examples=["my_actors.yaml"])
    """Actors that are added to the shipped ones or change them: a file, a folder, or the entries themselves."""
    mentions: MentionsSpec = Field(default=MentionsSpec(), examples=[{"pronouns": True}])
    """How mentions are looked for."""
    tasks: dict[str, TaskSpec] = Field(
        default={"tone": TaskSpec()}, min_length=1, examples=[{"tone": {"classifier": "lexicon"}}]
    )
    """Tasks of the codebook, and how each is scored."""
    estimate: EstimateSpec = Field(default=EstimateSpec(), examples=[{"copies": "own"}])
    """What is estimated."""
    gold: str | None = Field(default=None, examples=["sheets"])
    """The folder of a coded sample (toolkit sample, annotations import, agreement): estimates are corrected with it."""
    audit: int = Field(default=AUDITED, ge=0, examples=[1000])
    """Mentions whose sentences are scored again with other actors' names (the swap audit); 0 for none."""
    figures: list[str] = Field(default=["tone_by_outlet", "tone_over_time"], examples=[["tone_by_outlet"]])
    """The figures that are drawn, in the order of the report."""

    @field_validator("figures")
    @classmethod
    def _known_figures(cls, names: list[str]) -> list[str]:
        return _once([check_figure(name) for name in names])

    @field_validator("actors")
    @classmethod
    def _different_actors(cls, names: list[str]) -> list[str]:
        return _once(names)

    @field_validator("tasks")
    @classmethod
    def _known_tasks(cls, tasks: dict[str, TaskSpec]) -> dict[str, TaskSpec]:
        known = load_codebook()
        for name in tasks:
            if name not in known:
                raise ValueError(f"unknown task {name!r}; {nearest(name, known)}")
            require_single(known[name], "a classifier").about(tasks[name].proposition)
        return tasks


class ExperimentFile(Experiment):
    """An experiment file: an experiment, or what another file is changed in, or several variants of one."""

    extends: str | None = Field(default=None, examples=["idlib_2020.yaml"])
    """Another experiment file, by its path from this one, that this one adds to and changes: mappings are merged key by
    key, lists and single values replace, null takes the default back."""
    matrix: dict[str, Annotated[list[Any], Field(min_length=1)]] | None = Field(
        default=None, min_length=1, examples=[{"estimate.copies": ["one_per_story", "all"]}]
    )
    """Path of a key and the values it takes; every combination is run and all are compared."""


def _known(value: str, choices: Iterable[str]) -> str:
    names = list(choices)
    if value not in names:
        raise ValueError(nearest(value, names))
    return value


def _once(names: list[str]) -> list[str]:
    again = [name for i, name in enumerate(names) if name in names[:i]]
    if again:
        raise ValueError(f"{again[0]!r} stands there twice; name each once")
    return names


def load_experiment(
    path: Path, changes: Mapping[str, Any] | None = None, variant: Mapping[str, Any] | None = None
) -> Experiment:
    """Read and check an experiment file, all of it, before anything runs.

    Parameters
    ----------
    path : pathlib.Path
        The file.
    changes : mapping of str to object, optional
        Path of a key -> value, in place of what the file says; see :func:`toolkit.layers.parse_changes`.
    variant : mapping of str to object, optional
        The same, for one variant of the file's matrix, which is then passed over.

    Raises
    ------
    InputError
        What is wrong, key by key, with the nearest valid name; the file has a matrix, and `variant` is not given.
    """
    value = _changed(path, changes)
    matrix = value.pop(MATRIX, None)
    if matrix is not None and variant is None:
        raise InputError(
            f"{path} has a matrix of variants; run them with toolkit.run_variants, or 'toolkit run {path}'"
        )
    return _check_experiment(apply_changes(value, variant or {}, ExperimentFile, f"{path}: {MATRIX}"), path, str(path))


def load_variants(
    path: Path, changes: Mapping[str, Any] | None = None
) -> dict[str, tuple[dict[str, Any], Experiment]] | None:
    """Read and check every variant of an experiment file.

    Returns
    -------
    dict or None
        Name of the variant -> (path of a key -> its value, the experiment); None where the file has no matrix.

    Raises
    ------
    InputError
        As :func:`load_experiment`; the first variant that is wrong is named.
    """
    value = _changed(path, changes)
    matrix = value.pop(MATRIX, None)
    if matrix is None:
        return None
    if not isinstance(matrix, dict) or not matrix or not all(isinstance(v, list) and v for v in matrix.values()):
        raise InputError(
            f"{path}:\n  {MATRIX}: {matrix!r} is no matrix; give paths of keys, each with a list of values: "
            f"{MATRIX}: {{estimate.copies: [one_per_story, all]}}"
        )
    found = {}
    for name, variant in expand_matrix({str(k): v for k, v in matrix.items()}, str(path)).items():
        changed = apply_changes(value, variant, ExperimentFile, f"{path}:\n  {MATRIX}")
        found[name] = (variant, _check_experiment(changed, path, f"{path}, variant {name}"))
    return found


def _changed(path: Path, changes: Mapping[str, Any] | None) -> dict[str, Any]:
    return apply_changes(read_layers(path, rebase_paths), changes or {}, ExperimentFile, "--set")


def _check_experiment(value: dict[str, Any], path: Path, source: str) -> Experiment:
    # The keys of the file are those that a message names as valid; what is left of it is an experiment.
    checked = check_config(ExperimentFile, value, source)
    experiment = Experiment(**{name: getattr(checked, name) for name in Experiment.model_fields})
    lexicon = experiment_lexicon(experiment, path)
    try:
        lexicon.require(experiment.actors)
    except InputError as error:
        raise InputError(f"{source}:\n  actors: {error}") from error
    for name, task in experiment.tasks.items():
        if task.classifier not in CLASSIFIERS and not find_path(task.classifier, path).is_dir():
            raise InputError(
                f"{source}:\n  tasks.{name}.classifier: unknown classifier {task.classifier!r}; "
                f"{nearest(task.classifier, CLASSIFIERS)}, or the folder of a saved one"
            )
        if task.train is None and task.classifier in CLASSIFIERS and not is_ready(task.classifier, name):
            raise InputError(
                f"{source}:\n  tasks.{name}: {task.classifier!r} does not ship trained for the task {name!r}; name "
                "labelled data to fit a classifier on (classifier: tfidf, train: FOLDER), take one that needs none "
                "(classifier: anchors; not validated for roles), or leave the task out and "
                f"code a sample by hand (toolkit sample RUN --task {name} --no-predicted)"
            )
        _check_parameters(task, f"{source}:\n  tasks.{name}")
    _check_groups(experiment, source)
    first = next(iter(experiment.tasks))
    if load_codebook()[first].values is None:
        raise InputError(
            f"{source}:\n  tasks: {first!r} has labels without order, so there is no score that the run could average; "
            "name a task with order first, such as tone (shares of labels: toolkit.estimate(..., label=...))"
        )
    return experiment


def _check_groups(experiment: Experiment, source: str) -> None:
    """Refuse columns that no mention has; the mentions themselves come late in a run."""
    codebook = load_codebook()
    scored = [column for name in experiment.tasks for column in task_columns(name, codebook[name].labels)]
    known = [*SCHEMAS["mentions"], *OPTIONAL["mentions"], *scored]
    for name in experiment.estimate.by:
        if name not in known:
            raise InputError(f"{source}:\n  estimate.by: mentions have no column {name!r}; {nearest(name, known)}")
    if len(set(experiment.estimate.by)) < len(experiment.estimate.by):
        raise InputError(f"{source}:\n  estimate.by: {experiment.estimate.by} names a column twice; name each once")


def _check_parameters(task: TaskSpec, where: str) -> None:
    if task.parameters and task.train is None:
        raise InputError(
            f"{where}.parameters: a classifier that ships trained takes none; name labelled data with train"
        )
    if task.train is not None and task.classifier not in CLASSIFIERS:
        raise InputError(f"{where}.train: a saved classifier is not fitted again; {nearest('', CLASSIFIERS)}")
    for key, value in task.parameters.items():
        known = CLASSIFIERS[task.classifier]().get_params()
        if key not in known:
            raise InputError(f"{where}.parameters.{key}: unknown; {nearest(key, known)}")
        usual = known[key]
        if isinstance(usual, int | float) and not isinstance(value, int | float):
            what = "true or false" if isinstance(usual, bool) else "a number"
            raise InputError(f"{where}.parameters.{key}: {value!r}; expected {what}, such as {usual!r}")


def find_path(name: str, source: Path) -> Path:
    """A relative path as the user means it: from the current folder, the experiment's folder, or the one above that.

    Where the experiment is the config.yaml of a run, its folder is that of the file it was made from.
    """
    given, home = Path(name).expanduser(), _home(source).parent
    places = [given, home / given, home.parent / given]
    return next((p for p in places if p.exists()), given)


def _home(source: Path) -> Path:
    """The file that a run's config.yaml was made from; any other file itself."""
    seen = set()
    while source.name == CONFIG and source not in seen:
        seen.add(source)
        try:
            facts = json.loads((source.parent / "run.json").read_text(encoding="utf-8"))
            source = Path(facts["experiment"])
        except (OSError, ValueError, KeyError, TypeError):
            break
    return source


def rebase_paths(value: dict[str, Any], from_file: Path, to_file: Path) -> dict[str, Any]:
    """The paths in an experiment that is extended, written so that they mean the same from the file that extends it."""

    def moved(name: Any) -> Any:
        if not isinstance(name, str) or not name:
            return name
        meant = find_path(name, from_file)
        if not meant.exists():
            return name
        for other in (name, os.path.relpath(meant.resolve(), _home(to_file).resolve().parent)):
            if find_path(other, to_file).exists() and find_path(other, to_file).resolve() == meant.resolve():
                return Path(other).as_posix() if other != name else name
        return str(meant.resolve())

    found = dict(value)
    if isinstance(found.get("corpus"), dict):
        found["corpus"] = {k: moved(v) if k == "articles" else v for k, v in found["corpus"].items()}
    if isinstance(found.get("lexicon"), str):
        found["lexicon"] = moved(found["lexicon"])
    if isinstance(found.get("tasks"), dict):
        found["tasks"] = {
            task: {
                k: moved(v) if k == "train" or (k == "classifier" and v not in list(CLASSIFIERS)) else v
                for k, v in spec.items()
            }
            if isinstance(spec, dict)
            else spec
            for task, spec in found["tasks"].items()
        }
    return found


def experiment_lexicon(experiment: Experiment, source: Path) -> Lexicon:
    """The shipped lexicon with what the experiment adds to it."""
    if isinstance(experiment.lexicon, str):
        return load_lexicon(extra=find_path(experiment.lexicon, source))
    return load_lexicon(extra=experiment.lexicon)

"""Train a classifier from an experiment of kind train, choosing on development data."""

from __future__ import annotations

import platform
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd
from pydantic import Field, JsonValue, field_validator

from toolkit.classifiers import CLASSIFIERS, TargetClassifier
from toolkit.classifiers.embedding import EmbeddingClassifier
from toolkit.codebook import load_codebook, require_single
from toolkit.config import Exact, check_config
from toolkit.corpora import load_labelled
from toolkit.errors import InputError, nearest
from toolkit.evaluation import accuracy, brier_score, calibration_error, macro_f1
from toolkit.files import content_id
from toolkit.layers import MATRIX, apply_changes, read_layers
from toolkit.recipes import Recipe, follow

__all__ = ["TrainingFile", "TrainingReport", "TrainingSpec", "run_training", "train"]


class DataSpec(Exact):
    """The splits of a dataset that are fitted on and chosen on."""

    train: list[str] = Field(default=[], examples=[["train"]])
    """Splits that are fitted on; one may stand without a list."""
    choose_on: list[str] = Field(default=[], examples=[["dev"]])
    """Splits that it is chosen on."""

    @field_validator("train", "choose_on", mode="before")
    @classmethod
    def _one_or_several(cls, value: Any) -> Any:
        return [value] if isinstance(value, str) else value


class TrainingSpec(Exact):
    """An experiment of kind train, with every default filled in."""

    kind: Literal["train"] = Field(examples=["train"])
    """A classifier is trained."""
    title: str = Field(min_length=1, examples=["Tone toward a mention"])
    """What the classifier is called."""
    seed: int = Field(default=0, ge=0, lt=2**32, examples=[2020])
    """For everything that is drawn at random: the same seed gives the same bytes."""
    task: str = Field(default="tone", examples=["tone"])
    """A task of the codebook."""
    classifier: str = Field(examples=["embedding"])
    """The classifier to fit."""
    data: dict[str, DataSpec] = Field(min_length=1, examples=[{"newsmtsc": {"train": ["train"], "choose_on": ["dev"]}}])
    """Data sets, by the name of their folder in datasets/ or a path, and what each of their splits is for."""
    parameters: dict[str, JsonValue] = Field(default={}, examples=[{"encoder": "minilm"}])
    """Arguments of the classifier."""
    grid: dict[str, list[JsonValue]] = Field(default={}, examples=[{"C": [0.1, 1.0]}])
    """Arguments and the values to try; every combination is fitted, and one is chosen on development data."""
    recipe: Recipe | None = Field(
        default=None,
        examples=[
            {"encoder": "minilm", "members": {"a": {"data": {"newsmtsc/train": 1}}}, "average": {"a": 1.0}},
        ],
    )
    """Several fine-tunings that are averaged, in place of a grid; for the classifier transformer."""
    choose_by: Literal["macro_f1", "log_loss"] = Field(default="macro_f1", examples=["log_loss"])
    """The measure on development data that the choice goes by."""
    out: str = Field(min_length=1, examples=["models/my_tone"])
    """The folder of the trained classifier."""

    @field_validator("classifier")
    @classmethod
    def _known_classifier(cls, name: str) -> str:
        if name not in CLASSIFIERS:
            raise ValueError(f"unknown classifier; {nearest(name, CLASSIFIERS)}")
        return name

    @field_validator("task")
    @classmethod
    def _known_task(cls, name: str) -> str:
        if name not in load_codebook():
            raise ValueError(f"unknown task; {nearest(name, load_codebook())}")
        require_single(load_codebook()[name], "a classifier")
        return name


class TrainingFile(TrainingSpec):
    """An experiment file of kind train: an experiment, or what another file is changed in."""

    extends: str | None = Field(default=None, examples=["train_tone.yaml"])
    """Another experiment file, by its path from this one, that this one adds to and changes: mappings are merged key by
    key, lists and single values replace, null takes the default back."""


@dataclass(frozen=True)
class TrainingReport:
    """What a training did.

    Attributes
    ----------
    folder : pathlib.Path
        Where the trained classifier is.
    chosen : dict
        The parameters of the grid that were chosen.
    tried : pandas.DataFrame
        One row for each point of the grid: its parameters, `macro_f1`, `log_loss`, `calibration_error`, `brier` on the
        development data.
    by_label : pandas.DataFrame
        :func:`toolkit.accuracy` of the chosen one on the development data.
    about : dict
        What `head.json` says of the training.
    """

    folder: Path
    chosen: dict[str, Any]
    tried: pd.DataFrame
    by_label: pd.DataFrame
    about: dict[str, Any]

    def __str__(self) -> str:
        chosen = ", ".join(f"{key} = {value}" for key, value in self.chosen.items()) or "the only candidate"
        tried = self.tried.to_string(index=False, float_format="{:.4g}".format)
        by_label = self.by_label.to_string(index=False, float_format="{:.3f}".format)
        return f"{tried}\n\nchosen: {chosen}; on development data:\n{by_label}\n\nsaved in {self.folder}"


def train(
    classifier: TargetClassifier,
    train_table: pd.DataFrame,
    dev_table: pd.DataFrame,
    grid: Mapping[str, Sequence[Any]],
    out: str | Path,
    seed: int = 0,
    *,
    choose_by: str = "macro_f1",
    about: Mapping[str, Any] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> TrainingReport:
    """Fit a classifier at each point of a grid, keep the best on development data, and save it.

    Parameters
    ----------
    classifier : TargetClassifier
        Unfitted; its other parameters are kept. It is not changed.
    train_table, dev_table : pandas.DataFrame
        Columns sentence, start, end, label; :func:`toolkit.load_labelled` gives such tables.
    grid : mapping of str to sequence
        Parameters and the values to try; every combination is tried. The first of equals is taken.
    out : str or pathlib.Path
        The folder that the chosen one is saved in.
    seed : int
        Given to classifiers that have a `random_state`.
    choose_by : {"macro_f1", "log_loss"}
        The larger macro-F1 or the smaller mean -log(probability of the gold label).
    about : mapping, optional
        More to keep in `head.json`.
    progress : callable, optional
        Called with (points tried, points).

    Returns
    -------
    TrainingReport

    Raises
    ------
    InputError
        A table lacks labels or shares rows with the other, the grid names an unknown parameter.

    Notes
    -----
    The same tables, grid, versions of the libraries and instructions of the processor give the same bytes; all of these
    are in `head.json`.
    """
    from sklearn.base import clone
    from sklearn.model_selection import ParameterGrid

    _check_tables(train_table, dev_table)
    known = classifier.get_params()
    for key, values in grid.items():
        if key not in known:
            raise InputError(f"the classifier {classifier.name!r} has no parameter {key!r}; {nearest(key, known)}")
        if isinstance(values, str) or not len(list(values)):
            raise InputError(f"grid, {key!r}: expected a list of values to try, got {values!r}")
    points = list(ParameterGrid({key: list(values) for key, values in grid.items()}))
    fit = _Fits(train_table, dev_table)
    rows, fitted = [], []
    for done, point in enumerate(points, 1):
        model = clone(classifier).set_params(**point)
        if "random_state" in known:
            model.set_params(random_state=seed)
        proba = fit(model)
        rows.append({**point, **_figures(dev_table["label"], proba, [str(c) for c in model.classes_])})
        fitted.append((model, proba))
        if progress:
            progress(done, len(points))
    tried = pd.DataFrame(rows)
    best = int(tried["macro_f1"].argmax() if choose_by == "macro_f1" else tried["log_loss"].argmin())
    model, proba = fitted[best]
    labels = [str(c) for c in model.classes_]
    by_label = accuracy(list(dev_table["label"]), [labels[i] for i in proba.argmax(axis=1)], labels)
    facts = {
        **(about or {}),
        "chosen": points[best],
        "choose_by": choose_by,
        "development": {**_rounded(rows[best]), "by_label": _rounded(by_label.set_index("label").to_dict("index"))},
        "grid": {key: list(values) for key, values in grid.items()},
        "made_with": _made_with(),
        "rows": {"train": _counts(train_table), "development": _counts(dev_table)},
        "seed": seed,
    }
    return TrainingReport(model.save(out, about=facts), points[best], tried, by_label, facts)


class _Fits:
    """Fits and gives probabilities on development data; states are made once for all points that share them."""

    def __init__(self, train_table: pd.DataFrame, dev_table: pd.DataFrame) -> None:
        self.train, self.dev = train_table, dev_table
        self.held: tuple[Any, np.ndarray, np.ndarray] | None = None

    def __call__(self, model: TargetClassifier) -> np.ndarray:
        if not isinstance(model, EmbeddingClassifier):
            return model.fit(self.train, self.train["label"]).predict_proba(self.dev)
        key = {name: value for name, value in model.get_params().items() if name != "C"}
        if self.held is None or self.held[0] != key:
            spans = [
                list(t[["sentence", "start", "end"]].itertuples(index=False, name=None)) for t in (self.train, self.dev)
            ]
            self.held = (key, model.features(spans[0]), model.features(spans[1]))
        model.fit_features(self.held[1], self.train["label"].to_numpy(dtype=np.str_))
        return model.proba_of_features(self.held[2])


def _check_tables(train_table: pd.DataFrame, dev_table: pd.DataFrame) -> None:
    from toolkit.tables import check_table

    for name, table in (("train", train_table), ("development", dev_table)):
        check_table(table, "targets")
        if not len(table) or "label" not in table.columns or table["label"].isna().any():
            raise InputError(f"the {name} table needs rows, each with a value in the column 'label'")
    unseen = sorted(set(dev_table["label"]) - set(train_table["label"]))
    if unseen:
        raise InputError(f"the development data has the label {unseen[0]!r}, which the training data lacks")


def _figures(gold: pd.Series, proba: np.ndarray, labels: list[str]) -> dict[str, float]:
    places = np.array([labels.index(label) for label in gold])
    return {
        "macro_f1": macro_f1(list(gold), [labels[i] for i in proba.argmax(axis=1)], labels),
        "log_loss": float(-np.log(np.clip(proba[np.arange(len(gold)), places], 1e-12, 1)).mean()),
        "calibration_error": calibration_error(list(gold), proba, labels),
        "brier": brier_score(list(gold), proba, labels),
    }


def _rounded(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _rounded(inner) for key, inner in value.items()}
    if isinstance(value, float):
        return None if np.isnan(value) else round(value, 6)
    return value


def _counts(table: pd.DataFrame) -> dict[str, Any]:
    sources = table["source"] if "source" in table.columns else pd.Series("unnamed", index=table.index)
    content = table[["sentence", "start", "end", "label"]].itertuples(index=False, name=None)
    return {
        "content": content_id("", *(part for row in content for part in row)),
        "labels": {str(k): int(v) for k, v in table["label"].value_counts().sort_index().items()},
        "sources": {str(k): int(v) for k, v in sources.value_counts().sort_index().items()},
    }


def _made_with(*further: str) -> dict[str, str]:
    """What the last bits of the weights depend on."""
    config: Any = np.show_config(mode="dicts")
    versions = {
        name: metadata.version(name)
        for name in ("numpy", "scipy", "scikit-learn", "onnxruntime", "tokenizers", *further)
    }
    found = config.get("SIMD Extensions", {}).get("found", [])
    return {**versions, "machine": platform.machine(), "instructions": " ".join(found)}


def run_training(
    experiment: str | Path | Mapping[str, Any],
    *,
    root: str | Path | None = None,
    out: str | Path | None = None,
    progress: Any = None,
    changes: Mapping[str, Any] | None = None,
) -> TrainingReport:
    """Train what an experiment of kind train says.

    Parameters
    ----------
    experiment : path or mapping
        The YAML file, or what it holds.
    root : path, optional
        The folder that relative paths start from; by default the one above the experiment's own where that is called
        experiments, else the experiment's own, else the current one.
    out : path, optional
        The folder of the trained classifier in place of the experiment's `out`.
    progress : object, optional
        With the methods start(stage), advance(done, total) and end(stage, seconds, kept).
    changes : mapping of str to object, optional
        Path of a key -> a value in place of what the file says, as ``--set`` gives them.

    Returns
    -------
    TrainingReport

    Raises
    ------
    InputError
        The experiment has unknown keys or values; a dataset is absent (the message says how to get it).
    """
    if isinstance(experiment, Mapping):
        spec = check_config(TrainingSpec, dict(experiment), "the experiment")
        base = Path.cwd() if root is None else Path(root)
    else:
        path = Path(experiment)
        spec = _read_training(path, changes or {})
        home = path.resolve().parent
        base = Path(root) if root is not None else home.parent if home.name == "experiments" else home
    labels = load_codebook()[spec.task].labels
    target = Path(out) if out is not None else base / spec.out
    if spec.recipe is not None:
        return _run_recipe(spec, spec.recipe, base, labels, target, progress)
    with _stage(progress, "data"):
        fit_on = _tables(spec, base, "train", labels)
        choose_on = _tables(spec, base, "choose_on", labels)
    classifier = CLASSIFIERS[spec.classifier]
    known = classifier().get_params()
    for key in spec.parameters:
        if key not in known:
            raise InputError(f"parameters: the classifier {spec.classifier!r} has no {key!r}; {nearest(key, known)}")
    parameters = {key: tuple(v) if isinstance(v, list) else v for key, v in spec.parameters.items()}
    with _stage(progress, "train") as advance:
        return train(
            classifier(**parameters),
            fit_on,
            choose_on,
            spec.grid,
            target,
            spec.seed,
            choose_by=spec.choose_by,
            about={"task": spec.task, "title": spec.title},
            progress=advance,
        )


def _read_training(path: Path, changes: Mapping[str, Any]) -> TrainingSpec:
    value = read_layers(path)
    if value.get(MATRIX) is not None:
        raise InputError(f"{path}:\n  {MATRIX}: a training has no variants; name the values to try in its grid")
    checked = check_config(TrainingFile, apply_changes(value, changes, TrainingFile, "--set"), str(path))
    return TrainingSpec(**{name: getattr(checked, name) for name in TrainingSpec.model_fields})


def _run_recipe(
    spec: TrainingSpec, recipe: Recipe, base: Path, labels: tuple[str, ...], out: Path, progress: Any
) -> TrainingReport:
    if spec.classifier != "transformer" or spec.grid or spec.parameters:
        raise InputError(
            f"a recipe is for the classifier 'transformer' and holds its parameters; got the classifier "
            f"{spec.classifier!r} with grid {spec.grid} and parameters {spec.parameters}"
        )
    held: dict[str, pd.DataFrame] = {}

    def table(source: str) -> pd.DataFrame:
        if source not in held:
            name, _, split = source.rpartition("/")
            held[source] = load_labelled(_dataset(name, base), split)
        return held[source]

    with _stage(progress, "data"):
        choose_on = _tables(spec, base, "choose_on", labels)
        for member in recipe.members.values():
            for source in member.data:
                table(source)
    with _stage(progress, "train") as advance:
        # Beside the result, so that a training that was cut off goes on; not part of it.
        checkpoints = out.with_name(f"{out.name}.training")
        model = follow(recipe, table, choose_on, checkpoints=checkpoints, progress=advance)
    proba = model.predict_proba(choose_on)
    names = [str(c) for c in model.classes_]
    by_label = accuracy(list(choose_on["label"]), [names[i] for i in proba.argmax(axis=1)], names)
    figures = _figures(choose_on["label"], proba, names)
    about = {
        "title": spec.title,
        "task": spec.task,
        "recipe": recipe.model_dump(),
        "development": {**_rounded(figures), "by_label": _rounded(by_label.set_index("label").to_dict("index"))},
        "made_with": _made_with("torch", "transformers"),
        "rows": {"development": _counts(choose_on), "train": {name: _counts(t) for name, t in held.items()}},
    }
    folder = model.save(out, about=about)
    return TrainingReport(folder, {"view": model.facts_["view"]}, pd.DataFrame([figures]), by_label, about)


@contextmanager
def _stage(progress: Any, name: str) -> Iterator[Callable[[int, int], None] | None]:
    if progress is None:
        yield None
        return
    started = time.perf_counter()
    progress.start(name)
    yield progress.advance
    progress.end(name, time.perf_counter() - started, False)


def _tables(spec: TrainingSpec, base: Path, use: str, labels: tuple[str, ...]) -> pd.DataFrame:
    parts = [
        load_labelled(_dataset(name, base), split) for name, data in spec.data.items() for split in getattr(data, use)
    ]
    if not parts:
        raise InputError(f"data: no dataset has a split under {use!r}; name one, such as {use}: [{use.split('_')[0]}]")
    table = pd.concat(parts, ignore_index=True)
    foreign = table.loc[~table["label"].isin(labels), "label"]
    if len(foreign):
        raise InputError(
            f"data: the label {foreign.iloc[0]!r} is none of the task {spec.task!r}; {nearest(foreign.iloc[0], labels)}"
        )
    return table


def _dataset(name: str, base: Path) -> Path:
    """A dataset by its name below datasets/, or by its path."""
    return next((p for p in (base / "datasets" / name, base / name) if p.exists()), Path(name))

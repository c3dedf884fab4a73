"""An experiment file, the stages it goes through, and the run it leaves. The only module that knows them all."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pandas as pd
import yaml
from pydantic import Field, field_validator

from toolkit.actors import find_mentions, load_lexicon
from toolkit.classifiers import CLASSIFIERS
from toolkit.cleaning import clean_articles
from toolkit.codebook import load_codebook
from toolkit.config import Strict, check_config, read_yaml
from toolkit.corpora import load_labelled, read_articles, resolve_corpus
from toolkit.errors import InputError, nearest
from toolkit.estimation import contrast, estimate
from toolkit.export import number_ids, write_csv, write_tables
from toolkit.files import file_hash, to_json, write_atomically
from toolkit.plots import PLOTS
from toolkit.runs import WORK, Progress, RunFolder, Stage, machine_facts, run_stages
from toolkit.scoring import make_classifier, score_mentions
from toolkit.stories import group_stories

__all__ = ["Experiment", "Run", "load_experiment", "run_experiment"]

CHUNK = 512
"""Mentions scored between two saves; a killed run loses at most these."""


class CorpusSpec(Strict):
    """Where the articles are and how to read them; see :func:`toolkit.read_articles`."""

    articles: str
    format: str = "auto"
    columns: dict[str, str | list[str]] | None = None
    outlet: str | None = None
    outlets: dict[str, str] | None = None
    dates: Literal["dmy", "mdy"] | None = None
    agencies: dict[str, list[str]] | None = None


class TaskSpec(Strict):
    """How a task is scored: a classifier by name or folder, and the labelled data it is fitted on, if any."""

    classifier: str = "embedding"
    train: str | None = None


class EstimateSpec(Strict):
    """What is estimated; see :func:`toolkit.estimate`."""

    by: list[str] = Field(default=["outlet", "actor"], min_length=1)
    voice: str = "outlet"
    copies: str = "one_per_story"
    reading: str = "actor"
    draws: int = Field(default=2000, ge=100, le=100_000)
    level: float = Field(default=0.95, gt=0.5, lt=1)
    period: Literal["day", "week", "month", "quarter", "year"] = "week"


class Experiment(Strict):
    """An experiment file, with every default filled in."""

    kind: Literal["measure"] = "measure"
    title: str
    question: str = ""
    seed: int = Field(default=0, ge=0, lt=2**32)
    corpus: CorpusSpec
    actors: list[str] = Field(min_length=1)
    lexicon: dict[str, Any] | str | None = None
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
        return tasks


@dataclass(frozen=True)
class Run:
    """A finished run.

    Attributes
    ----------
    path : pathlib.Path
        The run folder.
    summary, contrasts, articles, mentions, removed, rejected : pandas.DataFrame
        Its tables.
    """

    path: Path
    summary: pd.DataFrame
    contrasts: pd.DataFrame
    articles: pd.DataFrame
    mentions: pd.DataFrame
    removed: pd.DataFrame
    rejected: pd.DataFrame

    @property
    def report(self) -> Path:
        """The path of the report."""
        return self.path / "report.html"

    @classmethod
    def load(cls, path: Path) -> Run:
        """Read a run folder."""
        read = pd.read_parquet
        return cls(
            path, read(path / WORK / "summary.parquet"), read(path / WORK / "contrasts.parquet"),
            read(path / "articles.parquet"), read(path / "mentions.parquet"), read(path / "removed.parquet"),
            read(path / WORK / "rejected.parquet"),
        )  # fmt: skip


def load_experiment(path: Path) -> Experiment:
    """Read and check an experiment file, all of it, before anything runs.

    Raises
    ------
    InputError
        What is wrong, key by key, with the nearest valid name.
    """
    value = read_yaml(path)
    experiment = check_config(Experiment, value, str(path))
    lexicon = _lexicon(experiment, path)
    for actor in experiment.actors:
        if actor not in lexicon.actors:
            raise InputError(f"{path}:\n  actors: unknown actor {actor!r}; {nearest(actor, lexicon.actors)}")
    for name, task in experiment.tasks.items():
        if task.classifier not in CLASSIFIERS and not _find(task.classifier, path).is_dir():
            raise InputError(
                f"{path}:\n  tasks.{name}.classifier: unknown classifier {task.classifier!r}; "
                f"{nearest(task.classifier, CLASSIFIERS)}, or the folder of a saved one"
            )
    return experiment


def _find(name: str, source: Path) -> Path:
    """A relative path as the user means it: from the current folder, the experiment's folder, or the one above that."""
    given = Path(name).expanduser()
    places = [given, source.parent / given, source.parent.parent / given]
    return next((p for p in places if p.exists()), given)


def _lexicon(experiment: Experiment, source: Path) -> Any:
    if isinstance(experiment.lexicon, str):
        return load_lexicon(_find(experiment.lexicon, source))
    return load_lexicon(extra=experiment.lexicon)


def run_experiment(path: Path, out: Path | None = None, *, progress: Progress | None = None) -> Run:
    """Run an experiment, or finish one that was interrupted.

    Parameters
    ----------
    path : pathlib.Path
        The experiment file.
    out : pathlib.Path, optional
        The run folder; ``runs/<name of the file>`` if not given.
    progress : Progress, optional
        Told what goes on.

    Returns
    -------
    Run
        The tables and the folder.

    Raises
    ------
    InputError
        Something in the experiment or its inputs cannot be used.
    """
    path = Path(path)
    experiment = load_experiment(path)
    folder = RunFolder(Path(out) if out else Path("runs") / path.stem)
    with folder.locked():
        (folder / "run.json").unlink(missing_ok=True)
        inputs = _input_hashes(experiment, path)
        stages = _Stages(experiment, path, folder, inputs).all()
        stamps = run_stages(folder, stages, progress or _Silent())
        _finish(experiment, path, folder, inputs, stamps)
    return Run.load(folder.path)


class _Silent:
    def start(self, stage: str) -> None:
        pass

    def advance(self, done: int, total: int) -> None:
        pass

    def end(self, stage: str, seconds: float, kept: bool) -> None:
        pass


def _input_hashes(experiment: Experiment, source: Path) -> dict[str, str]:
    """The hash of every file that the experiment reads, by its name below its folder."""
    roots = [Path(p) for p in resolve_corpus(_find(experiment.corpus.articles, source))]
    wanted = [t.train for t in experiment.tasks.values() if t.train]
    wanted += [experiment.lexicon] if isinstance(experiment.lexicon, str) else []
    wanted += [t.classifier for t in experiment.tasks.values() if t.classifier not in CLASSIFIERS]
    hashes = {}
    for root in [*roots, *(_find(name, source) for name in wanted)]:
        files = sorted(p for p in root.rglob("*") if p.is_file()) if root.is_dir() else [root]
        for file in files:
            name = file.name if file == root else f"{root.name}/{file.relative_to(root).as_posix()}"
            if file.is_file() and not any(part.startswith(".") for part in Path(name).parts):
                hashes[name] = file_hash(file)
    return hashes


class _Stages:
    """The stages of one experiment, each a method that reads and writes files of the run folder."""

    def __init__(self, experiment: Experiment, source: Path, folder: RunFolder, inputs: dict[str, str]) -> None:
        self.experiment = experiment
        self.source = source
        self.folder = folder
        self.inputs = inputs

    def all(self) -> list[Stage]:
        e = self.experiment
        settings = e.model_dump(mode="json")
        figures = tuple(f"{WORK}/figures/{name}.parquet" for name in e.figures)
        corpus, estimates = settings["corpus"], {**settings["estimate"], "seed": e.seed}
        summaries = (f"{WORK}/summary.parquet", f"{WORK}/contrasts.parquet")
        rejected = f"{WORK}/rejected.parquet"
        table = [
            ("read", (), (f"{WORK}/read.parquet", rejected, "rejected.csv"), {"corpus": corpus, "inputs": self.inputs}),
            ("clean", (f"{WORK}/read.parquet",), (f"{WORK}/clean.parquet", "removed.parquet"), {}),
            ("stories", (f"{WORK}/clean.parquet",), ("articles.parquet",), {"agencies": corpus["agencies"]}),
            (
                "mentions", ("articles.parquet",), (f"{WORK}/mentions.parquet",),
                {"actors": e.actors, "lexicon": settings["lexicon"], "inputs": self.inputs},
            ),
            (
                "score", (f"{WORK}/mentions.parquet",), ("mentions.parquet",),
                {"tasks": settings["tasks"], "inputs": self.inputs, "seed": e.seed},
            ),
            (
                "estimate", ("mentions.parquet",),
                (*summaries, "summary.csv", "contrasts.csv", "numbers.json", "tables/", *figures),
                {"estimate": estimates, "figures": e.figures, "tasks": list(e.tasks)},
            ),
            ("figures", figures, ("figures/",), {"figures": e.figures}),
            (
                "report",
                ("articles.parquet", "removed.parquet", rejected, "mentions.parquet", *summaries),
                ("report.html",), {"experiment": settings},
            ),
        ]  # fmt: skip
        return [Stage(name, needs, makes, facts, getattr(self, f"_{name}")) for name, needs, makes, facts in table]

    def _load(self, name: str) -> pd.DataFrame:
        return pd.read_parquet(self.folder / name)

    def _save(self, table: pd.DataFrame, name: str) -> None:
        with write_atomically(self.folder / name) as path:
            table.to_parquet(path, index=False)

    def _read(self, advance: Callable[[int, int], None]) -> None:
        spec = self.experiment.corpus
        options = {k: v for k, v in spec.model_dump().items() if k not in ("articles", "agencies") and v is not None}
        articles, rejected = read_articles(_find(spec.articles, self.source), progress=advance, **options)
        if not len(articles):
            first = "; ".join(f"{r.source_file}: {r.reason}" for r in rejected.head(3).itertuples())
            raise InputError(f"no article could be read from {spec.articles!r}: {first}")
        self._save(articles, f"{WORK}/read.parquet")
        self._save(rejected, f"{WORK}/rejected.parquet")
        write_csv(rejected, self.folder / "rejected.csv")

    def _clean(self, advance: Callable[[int, int], None]) -> None:
        articles, removed = clean_articles(self._load(f"{WORK}/read.parquet"))
        self._save(articles, f"{WORK}/clean.parquet")
        self._save(removed, "removed.parquet")

    def _stories(self, advance: Callable[[int, int], None]) -> None:
        spec = self.experiment.corpus
        agencies = {**resolve_corpus(_find(spec.articles, self.source)).agencies, **(spec.agencies or {})}
        self._save(group_stories(self._load(f"{WORK}/clean.parquet"), agencies=agencies), "articles.parquet")

    def _mentions(self, advance: Callable[[int, int], None]) -> None:
        lexicon = _lexicon(self.experiment, self.source)
        mentions = find_mentions(self._load("articles.parquet"), self.experiment.actors, lexicon=lexicon)
        self._save(mentions, f"{WORK}/mentions.parquet")

    def _score(self, advance: Callable[[int, int], None]) -> None:
        mentions = self._load(f"{WORK}/mentions.parquet")
        parts = self.folder / f"{WORK}/score"
        # Parts of another experiment's or another toolkit's scores must not be taken for this one's.
        name = run_key(self.experiment, self.inputs, self.folder)
        if not (parts / name).is_dir():
            shutil.rmtree(parts, ignore_errors=True)
        for task, spec in self.experiment.tasks.items():
            classifier = self._classifier(task, spec)
            scored = [
                self._scored_part(
                    mentions.iloc[i : i + CHUNK], task, classifier, parts / name / f"{task}-{i:09d}.parquet"
                )
                for i in _ticks(len(mentions), CHUNK, advance)
            ]
            columns = pd.concat(scored) if scored else score_mentions(mentions, task, classifier=classifier)
            new = [c for c in columns.columns if c.startswith(f"{task}_")]
            mentions = mentions.assign(**{c: columns[c].to_numpy() for c in new})
        self._save(mentions, "mentions.parquet")
        shutil.rmtree(parts, ignore_errors=True)

    def _scored_part(self, mentions: pd.DataFrame, task: str, classifier: Any, path: Path) -> pd.DataFrame:
        if path.is_file():
            return pd.read_parquet(path)
        scored = score_mentions(mentions, task, classifier=classifier)
        with write_atomically(path) as target:
            scored.to_parquet(target, index=False)
        return scored

    def _classifier(self, task: str, spec: TaskSpec) -> Any:
        name = spec.classifier if spec.classifier in CLASSIFIERS else str(_find(spec.classifier, self.source))
        if spec.train is None:
            return make_classifier(name, task)
        labelled = load_labelled(_find(spec.train, self.source), "train")
        return CLASSIFIERS[name]().fit(labelled, labelled["label"])

    def _estimate(self, advance: Callable[[int, int], None]) -> None:
        mentions = self._load("mentions.parquet")
        e = self.experiment
        options = {**e.estimate.model_dump(exclude={"by", "period"}), "seed": e.seed}
        summaries, contrasts, numbers = [], [], {}
        for task in e.tasks:
            summary = estimate(mentions, task, by=e.estimate.by, **options)
            summaries.append(summary)
            numbers.update(number_ids(summary, e.estimate.by, task, "summary.csv"))
            if "outlet" in e.estimate.by:
                rest = [key for key in e.estimate.by if key != "outlet"]
                pairs = contrast(mentions, task, between="outlet", by=rest, **options)
                contrasts.append(pairs)
                numbers.update(number_ids(pairs, [*rest, "a", "b"], f"{task}/contrast", "contrasts.csv"))
        tables = {"summary": pd.concat(summaries), "contrasts": pd.concat(contrasts) if contrasts else pd.DataFrame()}
        for name, table in tables.items():
            self._save(table, f"{WORK}/{name}.parquet")
            write_csv(table, self.folder / f"{name}.csv")
            write_tables(table, self.folder / "tables" / name)
        for name in e.figures:
            plot = PLOTS[name]
            data = estimate(mentions, next(iter(e.tasks)), by=list(plot.by), period=e.estimate.period if plot.over_time else None, **options)
            self._save(data, f"{WORK}/figures/{name}.parquet")
            write_tables(data, self.folder / "tables" / name)
        with write_atomically(self.folder / "numbers.json") as path:
            path.write_text(to_json(numbers), encoding="utf-8")

    def _figures(self, advance: Callable[[int, int], None]) -> None:
        from toolkit.plots.style import draw_figure

        for done, name in enumerate(self.experiment.figures):
            advance(done, len(self.experiment.figures))
            draw_figure(name, self._load(f"{WORK}/figures/{name}.parquet"), self.folder / "figures" / name)

    def _report(self, advance: Callable[[int, int], None]) -> None:
        from toolkit.report import ReportContent, write_report

        e = self.experiment
        figures = [
            (name, self.folder / "figures" / f"{name}.svg", self.folder / "figures" / f"{name}.txt")
            for name in e.figures
        ]
        content = ReportContent.from_tables(
            title=e.title,
            question=e.question,
            config=e.model_dump(mode="json"),
            articles=self._load("articles.parquet"),
            removed=self._load("removed.parquet"),
            rejected=self._load(f"{WORK}/rejected.parquet"),
            mentions=self._load("mentions.parquet"),
            summary=self._load(f"{WORK}/summary.parquet"),
            contrasts=self._load(f"{WORK}/contrasts.parquet"),
            figures=figures,
        )
        write_report(content, self.folder / "report.html")


def run_key(experiment: Experiment, inputs: dict[str, str], folder: RunFolder) -> str:
    """Names the parts of a score stage: what else they depend on than the mention itself."""
    from toolkit.runs import _digest, code_hash

    tasks = {name: spec.model_dump() for name, spec in experiment.tasks.items()}
    mentions = file_hash(folder / f"{WORK}/mentions.parquet")
    return _digest([tasks, inputs, experiment.seed, mentions, code_hash()])[:16]


def _ticks(total: int, step: int, advance: Callable[[int, int], None]) -> Any:
    for i in range(0, total, step):
        advance(i, total)
        yield i


def _finish(
    experiment: Experiment, source: Path, folder: RunFolder, inputs: dict[str, str], stamps: list[dict[str, Any]]
) -> None:
    """Write the two files that describe the run, run.json last: where it is, the run is whole."""
    with write_atomically(folder / "config.yaml") as path:
        text = yaml.safe_dump(experiment.model_dump(mode="json"), sort_keys=False, allow_unicode=True)
        path.write_text(text, encoding="utf-8", newline="\n")
    outputs = {name: digest for stamp in stamps for name, digest in stamp["outputs"].items()}
    facts = {
        "title": experiment.title,
        "experiment": str(source.resolve()),
        "seed": experiment.seed,
        **machine_facts(),
        "inputs": inputs,
        "models": _model_hashes(),
        "outputs": {**outputs, "config.yaml": file_hash(folder / "config.yaml")},
        "stages": [{k: stamp[k] for k in ("stage", "key", "seconds", "peak_mb")} for stamp in stamps],
        "made_by": {name: stamp["stage"] for stamp in stamps for name in stamp["outputs"]},
    }
    with write_atomically(folder / "run.json") as path:
        path.write_text(to_json(facts), encoding="utf-8")

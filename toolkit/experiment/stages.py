"""The stages of an experiment, each from files of the run folder to files of the run folder."""

from __future__ import annotations

import shutil
import warnings
from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path
from typing import Any

import pandas as pd

from toolkit.actors import find_mentions
from toolkit.classifiers import CLASSIFIERS
from toolkit.cleaning import clean_articles
from toolkit.corpora import load_labelled, read_articles, resolve_corpus
from toolkit.errors import InputError, InputWarning
from toolkit.estimation import COPIES, contrast, estimate
from toolkit.experiment.spec import Experiment, TaskSpec, experiment_lexicon, find_path
from toolkit.export import number_ids, write_csv, write_tables
from toolkit.files import file_hash, to_json, write_atomically
from toolkit.plots import PLOTS
from toolkit.runs import WORK, RunFolder, Stage, code_hash, digest, machine_facts
from toolkit.scoring import make_classifier, score_mentions
from toolkit.stories import group_stories

__all__ = ["Stages"]

CHUNK = 512
"""Mentions scored between two saves; a killed run loses at most these."""


class Stages:
    """The stages of one experiment, each a method that reads and writes files of the run folder."""

    def __init__(self, experiment: Experiment, source: Path, folder: RunFolder, inputs: dict[str, str]) -> None:
        self.experiment = experiment
        self.source = source
        self.folder = folder
        self.inputs = inputs

    def all(self) -> list[Stage]:
        """Every stage, in order, with the files it needs and makes and the settings it depends on."""
        e = self.experiment
        settings = e.model_dump(mode="json")
        figures = tuple(f"{WORK}/figures/{name}.parquet" for name in e.figures)
        corpus, estimates = settings["corpus"], {**settings["estimate"], "seed": e.seed}
        reading = {key: value for key, value in corpus.items() if key != "least_articles"}
        summaries = (f"{WORK}/summary.parquet", f"{WORK}/contrasts.parquet")
        rejected = f"{WORK}/rejected.parquet"
        table = [
            (
                "read", (), (f"{WORK}/read.parquet", rejected, "rejected.csv"),
                {"corpus": reading, "inputs": self.inputs},
            ),
            ("clean", (f"{WORK}/read.parquet",), (f"{WORK}/clean.parquet", "removed.parquet"), {}),
            ("stories", (f"{WORK}/clean.parquet",), ("articles.parquet",), {"agencies": corpus["agencies"]}),
            (
                "mentions", ("articles.parquet",), (f"{WORK}/mentions.parquet",),
                {
                    "actors": e.actors, "lexicon": settings["lexicon"], "inputs": self.inputs,
                    "least_articles": corpus["least_articles"], "mentions": settings["mentions"],
                },
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
            ("figures", figures, ("figures/",), {"figures": e.figures, "labels": self._labels()}),
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
        others = ("articles", "agencies", "least_articles")
        options = {k: v for k, v in spec.model_dump().items() if k not in others and v is not None}
        articles, rejected = read_articles(find_path(spec.articles, self.source), progress=advance, **options)
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
        agencies = {**resolve_corpus(find_path(spec.articles, self.source)).agencies, **(spec.agencies or {})}
        self._save(group_stories(self._load(f"{WORK}/clean.parquet"), agencies=agencies), "articles.parquet")

    def _mentions(self, advance: Callable[[int, int], None]) -> None:
        lexicon = experiment_lexicon(self.experiment, self.source)
        articles = self._large_outlets(self._load("articles.parquet"))
        how = self.experiment.mentions.model_dump()
        mentions = find_mentions(articles, self.experiment.actors, lexicon=lexicon, progress=advance, **how)
        self._save(mentions, f"{WORK}/mentions.parquet")

    def _large_outlets(self, articles: pd.DataFrame) -> pd.DataFrame:
        """The articles of outlets that have enough of them; says which are left out."""
        least = self.experiment.corpus.least_articles
        counts = articles["outlet"].value_counts()
        small = sorted(counts[counts < least].index)
        if len(small) == len(counts):
            raise InputError(
                f"no outlet has {least} articles (corpus.least_articles); the largest, {counts.index[0]!r}, "
                f"has {counts.iloc[0]}: lower the number"
            )
        if small:
            named = ", ".join(small[:5]) + (f" and {len(small) - 5} more" if len(small) > 5 else "")
            warnings.warn(
                f"{len(small)} of {len(counts)} outlets have fewer than {least} articles and are left out of the "
                f"estimates (corpus.least_articles): {named}",
                InputWarning,
                stacklevel=2,
            )
        return articles[~articles["outlet"].isin(small)].reset_index(drop=True)

    def _score(self, advance: Callable[[int, int], None]) -> None:
        mentions = self._load(f"{WORK}/mentions.parquet")
        parts = self.folder / f"{WORK}/score"
        # Parts of another experiment's or another toolkit's scores must not be taken for this one's.
        name = _score_key(self.experiment, self.inputs, self.folder)
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
        name = spec.classifier if spec.classifier in CLASSIFIERS else str(find_path(spec.classifier, self.source))
        if spec.train is None:
            return make_classifier(name, task)
        labelled = load_labelled(find_path(spec.train, self.source), "train")
        parameters = {key: tuple(v) if isinstance(v, list) else v for key, v in spec.parameters.items()}
        if "task" in CLASSIFIERS[name]().get_params():
            parameters.setdefault("task", task)
        return CLASSIFIERS[name](**parameters).fit(labelled, labelled["label"])

    def _estimate(self, advance: Callable[[int, int], None]) -> None:
        mentions = self._load("mentions.parquet")
        e = self.experiment
        options = {**e.estimate.model_dump(exclude={"by", "period"}), "seed": e.seed}
        summaries = [estimate(mentions, task, by=e.estimate.by, **options) for task in e.tasks]
        numbers: dict[str, Any] = {}
        for task, summary in zip(e.tasks, summaries, strict=True):
            numbers.update(number_ids(summary, e.estimate.by, task, "summary.csv"))
        with warnings.catch_warnings():
            # What is empty or thin was said with the summary.
            warnings.simplefilter("ignore", InputWarning)
            contrasts = self._contrasts(mentions, options, numbers)
            choices = self._by_choices(mentions, options)
            figures = self._figure_tables(mentions, options)
        tables = {"summary": pd.concat(summaries, ignore_index=True), "contrasts": contrasts}
        for name, table in tables.items():
            self._save(table, f"{WORK}/{name}.parquet")
            write_csv(table, self.folder / f"{name}.csv")
        for name, table in figures.items():
            self._save(table, f"{WORK}/figures/{name}.parquet")
        for name, table in {**tables, **figures, "voices_and_copies": choices}.items():
            write_tables(table, self.folder / "tables" / name)
        with write_atomically(self.folder / "numbers.json") as path:
            path.write_text(to_json(numbers), encoding="utf-8")

    def _contrasts(self, mentions: pd.DataFrame, options: dict[str, Any], numbers: dict[str, Any]) -> pd.DataFrame:
        """Every pair of outlets within the other groups; their numbers are added to `numbers`."""
        e = self.experiment
        rest = [key for key in e.estimate.by if key != "outlet"]
        tables = []
        for task in e.tasks:
            pairs = contrast(mentions, task, between="outlet", by=rest, **options)
            tables.append(pairs)
            numbers.update(number_ids(pairs, [*rest, "a", "b"], f"{task}/contrast", "contrasts.csv"))
        return pd.concat(tables, ignore_index=True)

    def _figure_tables(self, mentions: pd.DataFrame, options: dict[str, Any]) -> dict[str, pd.DataFrame]:
        e, tables = self.experiment, {}
        for name in e.figures:
            plot = PLOTS[name]
            period = e.estimate.period if plot.period else None
            tables[name] = estimate(mentions, next(iter(e.tasks)), by=list(plot.by), period=period, **options)
        return tables

    def _by_choices(self, mentions: pd.DataFrame, options: dict[str, Any]) -> pd.DataFrame:
        """The summary under every choice of voice and copies: whether an answer hangs on one of them."""
        e, tables = self.experiment, []
        for task, voice, copies in product(e.tasks, ("outlet", "quoted", "reported", "all"), COPIES):
            choice = {**options, "voice": voice, "copies": copies}
            tables.append(estimate(mentions, task, by=e.estimate.by, **choice))
        return pd.concat(tables, ignore_index=True)

    def _figures(self, advance: Callable[[int, int], None]) -> None:
        from toolkit.plots.style import draw_figure

        for done, name in enumerate(self.experiment.figures):
            advance(done, len(self.experiment.figures))
            table = self._load(f"{WORK}/figures/{name}.parquet")
            draw_figure(name, table, self.folder / "figures" / name, labels=self._labels())

    def _labels(self) -> dict[str, str]:
        lexicon = experiment_lexicon(self.experiment, self.source)
        return {actor: lexicon.label(actor) for actor in self.experiment.actors}

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
            labels=self._labels(),
            facts=self._facts(),
        )
        write_report(content, self.folder / "report.html")

    def _facts(self) -> dict[str, str]:
        """What the report says of its making; nothing that differs between two runs of the same things."""
        machine = machine_facts()
        packages = ", ".join(f"{name} {version}" for name, version in machine["packages"].items())
        return {
            "toolkit": f"{machine['toolkit']} (code {machine['code_sha256'][:12]})",
            "seed": str(self.experiment.seed),
            "inputs": f"{len(self.inputs)} files (together {digest(self.inputs)[:12]}; each with its hash in run.json)",
            "Python": f"{machine['python']}, {machine['system']}",
            "packages": packages,
        }


def _score_key(experiment: Experiment, inputs: dict[str, str], folder: RunFolder) -> str:
    """Names the parts of a score stage: what else they depend on than the mention itself."""
    tasks = {name: spec.model_dump() for name, spec in experiment.tasks.items()}
    mentions = file_hash(folder / f"{WORK}/mentions.parquet")
    return digest([tasks, inputs, experiment.seed, mentions, code_hash()])[:16]


def _ticks(total: int, step: int, advance: Callable[[int, int], None]) -> Iterator[int]:
    for i in range(0, total, step):
        advance(i, total)
        yield i

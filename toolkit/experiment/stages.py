"""The stages of an experiment, each from files of the run folder to files of the run folder."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from functools import partial
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
from toolkit.experiment.figures import NEEDS_ARTICLES, figure_table, wanted_table
from toolkit.experiment.inputs import Inputs
from toolkit.experiment.quality import gold_options, load_gold, measure_quality, write_quality
from toolkit.experiment.reporting import report_facts
from toolkit.experiment.spec import Experiment, TaskSpec, experiment_lexicon, find_path
from toolkit.export import number_commands, number_ids, write_csv, write_tables
from toolkit.files import to_json, write_atomically
from toolkit.fingerprints import code_of, digest_files
from toolkit.runs import WORK, RunFolder, Stage, digest, machine_facts, processor
from toolkit.scoring import make_classifier, score_mentions
from toolkit.store import Remembered, trim_store
from toolkit.stories import group_stories

__all__ = ["Stages"]

READS = {"read": "articles", "mentions": "lexicon", "score": "tasks", "estimate": "gold", "quality": "gold"}
"""Which stage reads which inputs of the experiment."""


class Stages:
    """The stages of one experiment, each a method that reads and writes files of the run folder.

    What a stage's method uses decides when it is made again (:mod:`toolkit.fingerprints` follows the names in it). What
    is settled here, in `__init__`, it may use without that: it stands in the settings of the stages.

    Parameters
    ----------
    experiment : Experiment
        What is to be done.
    source : pathlib.Path
        The experiment's file.
    folder : RunFolder
        Where the run goes.
    inputs : Inputs
        The files that it reads.
    store : pathlib.Path, optional
        Where scores are kept; in the run folder if not given.
    """

    def __init__(
        self, experiment: Experiment, source: Path, folder: RunFolder, inputs: Inputs, store: Path | None = None
    ) -> None:
        self.experiment = experiment
        self.source = source
        self.folder = folder
        self.inputs = inputs
        self.store = store or folder / f"{WORK}/scores"
        lexicon = experiment_lexicon(experiment, source)
        self.labels = {actor: lexicon.label(actor) for actor in experiment.actors}
        self.groups = {name: wanted_table(name) for name in experiment.figures}
        corpus = experiment.corpus
        self.agencies = {**resolve_corpus(find_path(corpus.articles, source)).agencies, **(corpus.agencies or {})}
        fitted = any(t.train or t.classifier not in CLASSIFIERS for t in experiment.tasks.values())
        self.code = {
            name: code_of(__name__, f"{type(self).__name__}._{name}", optional=fitted and name == "score")
            for name in ("read", "clean", "stories", "mentions", "score", "estimate", "quality", "figures", "report")
        }
        machine = {**machine_facts(), "stages_sha256": digest_files({n: code.digest for n, code in self.code.items()})}
        self.facts = report_facts(machine, experiment.seed, inputs.all())

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
                {"corpus": reading, "inputs": self.inputs.of("articles")},
            ),
            ("clean", (f"{WORK}/read.parquet",), (f"{WORK}/clean.parquet", "removed.parquet"), {}),
            ("stories", (f"{WORK}/clean.parquet",), ("articles.parquet",), {"agencies": self.agencies}),
            (
                "mentions", ("articles.parquet",), (f"{WORK}/mentions.parquet",),
                {
                    "actors": e.actors, "lexicon": settings["lexicon"], "inputs": self.inputs.of("lexicon"),
                    "least_articles": corpus["least_articles"], "mentions": settings["mentions"],
                },
            ),
            (
                "score", (f"{WORK}/mentions.parquet",), ("mentions.parquet",),
                {"tasks": settings["tasks"], "inputs": self.inputs.of("tasks")},
            ),
            (
                "estimate", ("mentions.parquet", *self._articles_for_figures()),
                (*summaries, "summary.csv", "contrasts.csv", "numbers.json", "numbers.tex", "tables/", *figures),
                {
                    "estimate": estimates, "figures": self.groups, "tasks": list(e.tasks),
                    "gold": self.inputs.of("gold"),
                },
            ),
            (
                "quality", ("mentions.parquet", *summaries), ("quality/",),
                {
                    "tasks": settings["tasks"], "estimate": estimates, "audit": e.audit, "labels": self.labels,
                    "gold": self.inputs.of("gold"), "lexicon": settings["lexicon"],
                    "inputs": self.inputs.of("lexicon"),
                },
            ),
            ("figures", figures, ("figures/",), {"figures": e.figures, "labels": self.labels}),
            (
                "report",
                (
                    "articles.parquet", "removed.parquet", rejected, "mentions.parquet", *summaries, *figures,
                    "tables/voices_and_copies.csv", "quality/",
                ),
                ("report.html",), {"experiment": settings, "labels": self.labels, "facts": self.facts},
            ),
        ]  # fmt: skip
        return [
            Stage(name, needs, makes, facts, getattr(self, f"_{name}"), self.code[name], self._check(name))
            for name, needs, makes, facts in table
        ]

    def _check(self, stage: str) -> Callable[[], None] | None:
        return partial(self.inputs.check, READS[stage]) if stage in READS else None

    def _articles_for_figures(self) -> tuple[str, ...]:
        """The articles, where a figure is about them too."""
        about = any(kind in NEEDS_ARTICLES for kind, _, _ in self.groups.values())
        return ("articles.parquet",) if about else ()

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
        articles = group_stories(self._load(f"{WORK}/clean.parquet"), agencies=self.agencies)
        self._save(articles, "articles.parquet")

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
        for task, spec in self.experiment.tasks.items():
            key = self._score_key(task, spec)
            classifier = Remembered(self.store, key, partial(self._classifier, task, spec))
            mentions = score_mentions(mentions, task, classifier=classifier, progress=advance)
            classifier.close()
        trim_store(self.store)
        self._save(mentions, "mentions.parquet")

    def _score_key(self, task: str, spec: TaskSpec) -> str:
        """Names all that a score depends on besides the target."""
        code = self.code["score"].digest
        return digest([task, spec.model_dump(mode="json"), self.inputs.of("tasks"), code, processor()])[:32]

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
        options = self._options()
        summaries = [estimate(mentions, task, by=e.estimate.by, **options[task]) for task in e.tasks]
        numbers: dict[str, Any] = {}
        for task, summary in zip(e.tasks, summaries, strict=True):
            numbers.update(number_ids(summary, e.estimate.by, task, "summary.csv"))
        with warnings.catch_warnings():
            # What is empty or thin was said with the summary.
            warnings.simplefilter("ignore", InputWarning)
            contrasts = self._contrasts(mentions, options, numbers)
            choices = self._by_choices(mentions, options)
            figures = self._figure_tables(mentions, contrasts, options)
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
        with write_atomically(self.folder / "numbers.tex") as path:
            path.write_text(number_commands(numbers) + "\n", encoding="utf-8", newline="\n")

    def _options(self) -> dict[str, dict[str, Any]]:
        """For each task what its estimates are made with."""
        e = self.experiment
        plain = {**e.estimate.model_dump(exclude={"by", "period", "method"}), "seed": e.seed}
        coded = load_gold(e, self.source)
        return {task: {**plain, **gold_options(coded, task, e.estimate.method)} for task in e.tasks}

    def _contrasts(
        self, mentions: pd.DataFrame, options: dict[str, dict[str, Any]], numbers: dict[str, Any]
    ) -> pd.DataFrame:
        """Every pair of outlets within the other groups; their numbers are added to `numbers`."""
        e = self.experiment
        rest = [key for key in e.estimate.by if key != "outlet"]
        tables = []
        for task in e.tasks:
            pairs = contrast(mentions, task, between="outlet", by=rest, **options[task])
            tables.append(pairs)
            numbers.update(number_ids(pairs, [*rest, "a", "b"], f"{task}/contrast", "contrasts.csv"))
        return pd.concat(tables, ignore_index=True)

    def _figure_tables(
        self, mentions: pd.DataFrame, contrasts: pd.DataFrame, options: dict[str, dict[str, Any]]
    ) -> dict[str, pd.DataFrame]:
        e, tables = self.experiment, {}
        held = {"mentions": mentions, "contrasts": contrasts}
        if self._articles_for_figures():
            held["articles"] = self._load("articles.parquet")
        for name, wanted in self.groups.items():
            tables[name] = figure_table(wanted, e, held, options[next(iter(e.tasks))])
        return tables

    def _by_choices(self, mentions: pd.DataFrame, options: dict[str, dict[str, Any]]) -> pd.DataFrame:
        """The summary under every choice of voice and copies: whether an answer hangs on one of them."""
        e, tables = self.experiment, []
        for task, voice, copies in product(e.tasks, ("outlet", "quoted", "reported", "all"), COPIES):
            # Uncorrected throughout: a sample is drawn for one choice of voice.
            plain = {key: value for key, value in options[task].items() if key not in ("method", "gold", "frame")}
            choice = {**plain, "voice": voice, "copies": copies}
            tables.append(estimate(mentions, task, by=e.estimate.by, **choice))
        return pd.concat(tables, ignore_index=True)

    def _quality(self, advance: Callable[[int, int], None]) -> None:
        """What the numbers of the first task rest on."""
        e = self.experiment
        coded = load_gold(e, self.source)
        task = next((t for t in e.tasks if coded is not None and t == coded.sample.task), next(iter(e.tasks)))
        spec = e.tasks[task]
        summary, contrasts = (self._load(f"{WORK}/{name}.parquet") for name in ("summary", "contrasts"))
        summary, contrasts = (table[table["task"].eq(task)].reset_index(drop=True) for table in (summary, contrasts))
        if not len(summary):
            return
        tables, block = measure_quality(
            self._load("mentions.parquet"), summary, contrasts, task=task, by=e.estimate.by,
            options=self._options()[task], coded=coded if coded and coded.sample.task == task else None,
            classifier=None if spec.train or not e.audit else self._classifier(task, spec),
            lexicon=experiment_lexicon(e, self.source), audited=e.audit, seed=e.seed, progress=advance,
        )  # fmt: skip
        write_quality(tables, block, self.folder / "quality", self.labels)

    def _figures(self, advance: Callable[[int, int], None]) -> None:
        from toolkit.plots.style import draw_figure

        for done, name in enumerate(self.experiment.figures):
            advance(done, len(self.experiment.figures))
            table = self._load(f"{WORK}/figures/{name}.parquet")
            draw_figure(name, table, self.folder / "figures" / name, labels=self.labels)

    def _report(self, advance: Callable[[int, int], None]) -> None:
        from toolkit.experiment.reporting import report_content
        from toolkit.report import write_report

        content = report_content(self.folder.path, self.experiment, labels=self.labels, facts=self.facts)
        write_report(content, self.folder / "report.html")

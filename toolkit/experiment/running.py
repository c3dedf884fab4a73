"""Run an experiment, or finish one that was interrupted."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from toolkit.classifiers import CLASSIFIERS
from toolkit.corpora import resolve_corpus
from toolkit.experiment.inputs import Inputs
from toolkit.experiment.spec import Experiment, find_path, load_experiment
from toolkit.experiment.stages import Stages
from toolkit.files import file_hash, to_json, write_atomically
from toolkit.fingerprints import digest_files
from toolkit.runs import WORK, Progress, RunFolder, Stage, machine_facts, run_stages
from toolkit.store import cache_folder

__all__ = ["Run", "run_experiment"]


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

    def _repr_html_(self) -> str:
        from toolkit.experiment.showing import run_html

        return run_html(self)

    @classmethod
    def load(cls, path: Path) -> Run:
        """Read a run folder."""
        read = pd.read_parquet
        return cls(
            path, read(path / WORK / "summary.parquet"), read(path / WORK / "contrasts.parquet"),
            read(path / "articles.parquet"), read(path / "mentions.parquet"), read(path / "removed.parquet"),
            read(path / WORK / "rejected.parquet"),
        )  # fmt: skip


def run_experiment(
    path: Path, out: Path | None = None, *, progress: Progress | None = None, fresh: bool = False
) -> Run:
    """Run an experiment, or finish one that was interrupted.

    Parameters
    ----------
    path : pathlib.Path
        The experiment file.
    out : pathlib.Path, optional
        The run folder; ``runs/<name of the file>`` if not given.
    progress : Progress, optional
        Told what goes on.
    fresh : bool, default False
        Take no scores from the folder that ``TOOLKIT_CACHE`` names.

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
        inputs = _inputs(experiment, path)
        stages = Stages(experiment, path, folder, inputs, None if fresh else cache_folder()).all()
        stamps = run_stages(folder, stages, progress or _Silent())
        _finish(experiment, path, folder, inputs, stages, stamps)
    return Run.load(folder.path)


class _Silent:
    def start(self, stage: str) -> None:
        pass

    def advance(self, done: int, total: int) -> None:
        pass

    def end(self, stage: str, seconds: float, kept: bool) -> None:
        pass


def _inputs(experiment: Experiment, source: Path) -> Inputs:
    """The files that the experiment reads."""
    tasks = experiment.tasks.values()
    named = [t.train for t in tasks if t.train] + [t.classifier for t in tasks if t.classifier not in CLASSIFIERS]
    lexicon = [experiment.lexicon] if isinstance(experiment.lexicon, str) else []
    return Inputs(
        {
            "articles": list(resolve_corpus(find_path(experiment.corpus.articles, source))),
            "lexicon": [find_path(name, source) for name in lexicon],
            "tasks": [find_path(name, source) for name in named],
        }
    )


def _shipped_models() -> dict[str, str]:
    root = Path(__file__).resolve().parents[1] / "models"
    files = sorted(p for p in root.rglob("*") if p.suffix in {".onnx", ".npz", ".json"})
    return {p.relative_to(root).as_posix(): file_hash(p) for p in files}


def _finish(
    experiment: Experiment,
    source: Path,
    folder: RunFolder,
    inputs: Inputs,
    stages: list[Stage],
    stamps: list[dict[str, Any]],
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
        "inputs": inputs.all(),
        "code": {name: value for stage in stages for name, value in stage.code.files.items()},
        "stages_sha256": digest_files({stage.name: stage.code.digest for stage in stages}),
        "libraries": {name: value for stage in stages for name, value in stage.code.libraries.items()},
        "models": _shipped_models(),
        "outputs": {**outputs, "config.yaml": file_hash(folder / "config.yaml")},
        "stages": [{k: stamp[k] for k in ("stage", "key", "seconds", "peak_mb")} for stamp in stamps],
        "made_by": {name: stamp["stage"] for stamp in stamps for name in stamp["outputs"]},
    }
    with write_atomically(folder / "run.json") as path:
        path.write_text(to_json(facts), encoding="utf-8")

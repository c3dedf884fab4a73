"""Run an experiment, or finish one that was interrupted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
from pydantic_core import to_jsonable_python

from toolkit.classifiers import CLASSIFIERS
from toolkit.config import to_yaml
from toolkit.corpora import resolve_corpus
from toolkit.experiment.inputs import Inputs
from toolkit.experiment.quality import gold_files, load_gold
from toolkit.experiment.spec import CONFIG, Experiment, find_path, load_experiment
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
    path: Path,
    out: Path | None = None,
    *,
    progress: Progress | None = None,
    fresh: bool = False,
    changes: Mapping[str, Any] | None = None,
    variant: Mapping[str, Any] | None = None,
    store: Path | None = None,
    others: Sequence[Path] = (),
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
    changes : mapping of str to object, optional
        Path of a key -> a value in place of what the file says, as ``--set`` gives them:
        ``{"estimate.copies": "own"}``; None takes the default back.
    variant : mapping of str to object, optional
        The same, for one variant of the file's matrix; :func:`toolkit.run_variants` runs them all.
    store : pathlib.Path, optional
        Where scores are kept, if ``TOOLKIT_CACHE`` names no folder; in the run folder if not given.
    others : sequence of pathlib.Path, optional
        Run folders whose finished stages are taken over where they were made from the same things.

    Returns
    -------
    Run
        The tables and the folder.

    Raises
    ------
    InputError
        Something in the experiment or its inputs cannot be used; the experiment has a matrix.
    """
    path = Path(path)
    experiment = load_experiment(path, changes, variant)
    folder = RunFolder(Path(out) if out else Path("runs") / _run_name(path))
    made_from = {
        "experiment": str(path.resolve()),
        "changes": to_jsonable_python(dict(changes or {})),
        "variant": to_jsonable_python(dict(variant or {})),
    }
    with folder.locked():
        (folder / "run.json").unlink(missing_ok=True)
        inputs = _inputs(experiment, path)
        load_gold(experiment, path)  # what is wrong with it is said before anything runs
        stages = Stages(experiment, path, folder, inputs, None if fresh else cache_folder() or store).all()
        stamps = run_stages(folder, stages, progress or _Silent(), others)
        _finish(experiment, made_from, folder, inputs, stages, stamps)
    return Run.load(folder.path)


def _run_name(path: Path) -> str:
    """The name of a run; that of a run which is made again from its config.yaml must not be the same."""
    return f"{path.resolve().parent.name}_again" if path.name == CONFIG else path.stem


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
            "gold": gold_files(experiment, source),
        }
    )


def _shipped_models() -> dict[str, str]:
    root = Path(__file__).resolve().parents[1] / "models"
    files = sorted(p for p in root.rglob("*") if p.suffix in {".onnx", ".npz", ".json"})
    return {p.relative_to(root).as_posix(): file_hash(p) for p in files}


def _finish(
    experiment: Experiment,
    made_from: Mapping[str, Any],
    folder: RunFolder,
    inputs: Inputs,
    stages: list[Stage],
    stamps: list[dict[str, Any]],
) -> None:
    """Write the two files that describe the run, run.json last: where it is, the run is whole."""
    with write_atomically(folder / CONFIG) as path:
        path.write_text(to_yaml(experiment.model_dump(mode="json")), encoding="utf-8", newline="\n")
    outputs = {name: digest for stamp in stamps for name, digest in stamp["outputs"].items()}
    facts = {
        "title": experiment.title,
        **made_from,
        "seed": experiment.seed,
        **machine_facts(),
        "inputs": inputs.all(),
        "code": {name: value for stage in stages for name, value in stage.code.files.items()},
        "stages_sha256": digest_files({stage.name: stage.code.digest for stage in stages}),
        "libraries": {name: value for stage in stages for name, value in stage.code.libraries.items()},
        "models": _shipped_models(),
        "outputs": {**outputs, CONFIG: file_hash(folder / CONFIG)},
        "stages": [{k: stamp[k] for k in ("stage", "key", "seconds", "peak_mb")} for stamp in stamps],
        "made_by": {name: stamp["stage"] for stamp in stamps for name in stamp["outputs"]},
    }
    with write_atomically(folder / "run.json") as path:
        path.write_text(to_json(facts), encoding="utf-8")

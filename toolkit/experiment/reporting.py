"""The report of a run, from the files of its folder: written by the last stage, and again by ``toolkit report``."""

from __future__ import annotations

import json
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from toolkit.errors import InputError, InputWarning
from toolkit.experiment.spec import Experiment, experiment_lexicon
from toolkit.files import file_hash
from toolkit.report import ReportContent, Section, write_report
from toolkit.runs import WORK, RunFolder, digest

__all__ = ["CHOICES", "report_again", "report_content", "report_facts"]

CHOICES = "tables/voices_and_copies.csv"
"""The estimates under every choice of voice and copies."""


def report_content(
    folder: Path, experiment: Experiment, *, labels: Mapping[str, str], facts: Mapping[str, str], text: bool = True
) -> ReportContent:
    """What the report of a run tells.

    Parameters
    ----------
    folder : pathlib.Path
        The run folder; every stage but the report is done.
    experiment : Experiment
        Its experiment.
    labels : mapping of str to str
        The labels of its actors.
    facts : mapping of str to str
        What the run depends on (:func:`report_facts`).
    text : bool, default True
        Whether the report may hold texts of articles.
    """
    drawn = folder / "figures"
    figures = [
        (n, drawn / f"{n}.svg", drawn / f"{n}.txt", folder / WORK / "figures" / f"{n}.parquet")
        for n in experiment.figures
    ]
    read = pd.read_parquet
    return ReportContent.from_tables(
        title=experiment.title,
        question=experiment.question,
        config=experiment.model_dump(mode="json"),
        articles=read(folder / "articles.parquet"),
        removed=read(folder / "removed.parquet"),
        rejected=read(folder / WORK / "rejected.parquet"),
        mentions=read(folder / "mentions.parquet"),
        summary=read(folder / WORK / "summary.parquet"),
        contrasts=read(folder / WORK / "contrasts.parquet"),
        figures=figures,
        sections=report_sections(folder, experiment),
        labels=labels,
        facts=facts,
        text=text,
    )


def report_sections(folder: Path, experiment: Experiment) -> list[Section]:
    """The parts of "What it rests on" that a run has files for; another one is one more line here."""
    sections = []
    if (folder / CHOICES).is_file():
        sections.append(_other_choices(pd.read_csv(folder / CHOICES), experiment))
    return sections


def _other_choices(table: pd.DataFrame, experiment: Experiment) -> Section:
    """How the estimates would be under other choices of voice and copies."""
    keys = [k for k in experiment.estimate.by if k in table.columns]
    chosen = {"voice": experiment.estimate.voice, "copies": experiment.estimate.copies}
    own = table[(table["voice"] == chosen["voice"]) & (table["copies"] == chosen["copies"])]
    both = table.merge(own[[*keys, "task", "estimate"]], on=[*keys, "task"], suffixes=("", "_chosen"))
    # Agency copy decides about copies, quotations about voices: of each, how far the farthest estimate moves.
    words = [
        f"The estimates above take the voice “{chosen['voice']}” and the copies “{chosen['copies']}”. "
        "This is what other choices give."
    ]
    for what, fixed in (("copies", "voice"), ("voice", "copies")):
        others = both[(both[fixed] == chosen[fixed]) & (both[what] != chosen[what])]
        moved = (others["estimate"] - others["estimate_chosen"]).abs()
        if moved.notna().any():
            turned = (others["estimate"] * others["estimate_chosen"] < 0).sum()
            words.append(
                f"Another choice of {what} moves an estimate by {moved.median():.2f} in the middle and by "
                f"{moved.max():.2f} at most; {int(turned)} of {int(moved.notna().sum())} change their sign."
            )
    shown = [*keys, "task", "voice", "copies", "estimate", "low", "high", "n_mentions", "n_stories"]
    kept = table[shown].sort_values([*keys, "task", "voice", "copies"], kind="stable").reset_index(drop=True)
    return Section("choices", "Other choices of voice and copies", words, kept)


def report_facts(machine: Mapping[str, Any], seed: int, inputs: Mapping[str, str]) -> dict[str, str]:
    """What the report says of its making; nothing that differs between two runs of the same things."""
    packages = ", ".join(f"{name} {version}" for name, version in sorted(machine["packages"].items()))
    code = (
        machine.get("stages_sha256") or machine["code_sha256"]
    )  # what the stages use, not what else is in the toolkit
    return {
        "toolkit": f"{machine['toolkit']} (code {code[:12]})",
        "seed": str(seed),
        "inputs": f"{len(inputs)} files (together {digest(inputs)[:12]}; each with its hash in run.json)",
        "Python": f"{machine['python']}, {machine['system']}",
        "packages": packages,
    }


def report_again(path: str | Path, out: str | Path | None = None, *, text: bool = True) -> Path:
    """Write the report of a finished run again.

    Parameters
    ----------
    path : str or pathlib.Path
        The run folder.
    out : str or pathlib.Path, optional
        The file; ``report.html`` of the run, or ``report-no-text.html`` without texts, if not given.
    text : bool, default True
        Whether the report may hold texts. Without them it has no sentence, title, address or removed text; identifiers,
        offsets, labels, scores and counts stay, so that who has the articles finds every mention.

    Returns
    -------
    pathlib.Path
        The file.

    Raises
    ------
    InputError
        The folder holds no finished run.
    """
    from toolkit.config import check_config, read_yaml

    path = Path(path)
    facts = _run_facts(path)
    experiment = check_config(Experiment, read_yaml(path / "config.yaml"), str(path / "config.yaml"))
    labels = _labels(experiment, Path(facts["experiment"]))
    target = Path(out) if out else path / ("report.html" if text else "report-no-text.html")
    said = report_facts(facts, experiment.seed, facts["inputs"])
    with RunFolder(path).locked():
        write_report(report_content(path, experiment, labels=labels, facts=said, text=text), target)
    if target.resolve() == (path / "report.html").resolve() and file_hash(target) != facts["outputs"]["report.html"]:
        warnings.warn(
            "the new report.html is not byte for byte the one that the run made (another version of the toolkit, or "
            "without texts): toolkit verify will name it; toolkit run makes the run's own again",
            InputWarning,
            stacklevel=2,
        )
    return target


def _run_facts(path: Path) -> dict[str, Any]:
    try:
        facts: dict[str, Any] = json.loads((path / "run.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise InputError(
            f"{str(path)!r} holds no finished run (no run.json that can be read); "
            "give the folder that 'toolkit run' named"
        ) from None
    return facts


def _labels(experiment: Experiment, source: Path) -> dict[str, str]:
    """The labels of actors; where the lexicon of the study is gone, their ids."""
    try:
        lexicon = experiment_lexicon(experiment, source)
    except InputError as error:
        warnings.warn(f"actors are named by their ids: {error}", InputWarning, stacklevel=3)
        return {actor: actor for actor in experiment.actors}
    return {actor: lexicon.label(actor) for actor in experiment.actors}

"""``toolkit sample``: draw the mentions that people code, and write their sheets; or say what a sample would buy."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

    from toolkit.annotation import Sample
    from toolkit.codebook import Task

__all__ = ["add"]

SIZES = [200, 400, 800]
SHOWN = 24
"""So many strata are printed."""


def add(commands: Any) -> None:
    """Add the command."""
    sample = commands.add_parser(
        "sample", help="draw the mentions that people code, with known probabilities, and write their sheets"
    )
    sample.add_argument("run", type=Path, help="the folder of a run, or a table of scored mentions (Parquet)")
    sample.add_argument("--task", default="tone", help="what is coded (default: tone)")
    sample.add_argument("--n", type=int, nargs="+", help="mentions to be coded; with --plan several sizes")
    sample.add_argument("--out", type=Path, help="the folder to make, such as sheets/; with --plan a CSV file")
    sample.add_argument("--by", help="the columns that make the strata (default: those of the run's estimates)")
    sample.add_argument("--design", default="mention", help="draw each mention, or whole stories: mention or story")
    sample.add_argument("--minimum", type=int, default=2, help="the least drawn from each stratum (default: 2)")
    sample.add_argument("--allocation", default="proportional", help="proportional, or neyman: more where unsure")
    sample.add_argument(
        "--no-predicted", action="store_true", help="no strata by the machine's label, as for a task without scores"
    )
    sample.add_argument("--seed", type=int, help="the same seed draws the same mentions (default: the run's)")
    for name, words in (("voice", "whose words"), ("reading", "which readings"), ("copies", "which copies")):
        sample.add_argument(f"--{name}", help=f"{words} can be drawn (default: what the run estimates)")
    sample.add_argument("--codebook", type=Path, help="a codebook of your own, with the task")
    sample.add_argument("--proposition", help="what the text is for or against, in a task of stance")
    sheets = sample.add_argument_group("sheets")
    sheets.add_argument("--coders", default="coder_1,coder_2", help="names or pseudonyms, such as anna,ben")
    sheets.add_argument("--formats", default="xlsx,csv", help="among xlsx, csv, label-studio, doccano")
    sheets.add_argument("--overlap", type=float, default=1.0, help="the share that all coders code (default: 1)")
    sheets.add_argument("--force", action="store_true", help="where --out holds a sample, keep that under a new name")
    plan = sample.add_argument_group("planning")
    plan.add_argument("--plan", action="store_true", help="draw nothing; say how wide the intervals would be")
    plan.add_argument(
        "--pilot", type=Path, help="the folder of a sample that has been coded and adjudicated (gold.csv)"
    )
    plan.add_argument("--residual-variance", type=float, help="assume this variance of gold minus the score")
    plan.add_argument("--icc", type=float, help="assume this correlation of the machine's errors within stories")
    plan.add_argument("--label", help="plan for the share of this label instead of the mean score")
    sample.set_defaults(do=_sample)


def _sample(options: argparse.Namespace) -> int:
    from toolkit.codebook import load_codebook
    from toolkit.errors import InputError, nearest

    scored, articles, facts = _read_run(options.run)
    known = load_codebook(options.codebook)
    if options.task not in known:
        raise InputError(f"unknown task {options.task!r}; {nearest(options.task, known)}")
    asked = facts.get("tasks", {}).get(options.task) or {}
    task = known[options.task].about(options.proposition or asked.get("proposition"))
    estimated = facts.get("estimate", {})
    settings: dict[str, Any] = {
        "by": _names(options.by) if options.by is not None else estimated.get("by", ["outlet", "actor"]),
        "minimum": options.minimum, "design": options.design, "allocation": options.allocation,
        "predicted": not options.no_predicted, "voice": options.voice or estimated.get("voice", "outlet"),
        "reading": _number(options.reading) or estimated.get("reading", "actor"),
    }  # fmt: skip
    copies = options.copies or estimated.get("copies", "one_per_story")
    if options.plan:
        return _plan(scored, task, options, {**settings, "copies": copies})
    if options.n is None or len(options.n) != 1:
        raise InputError(f"--n is {options.n or 'missing'}; give one number of mentions to be coded, such as --n 400")
    if options.out is None:
        raise InputError("say where the sheets go with --out, such as --out sheets/")
    seed = options.seed if options.seed is not None else int(facts.get("seed", 0))
    return _draw(scored, articles, task, options, {**settings, "copies": copies, "seed": seed})


def _read_run(run: Path) -> tuple[pd.DataFrame, pd.DataFrame | None, dict[str, Any]]:
    """Scored mentions, the articles and the settings of a run; the last two where they are there."""
    import pandas as pd
    import pyarrow as pa

    from toolkit.config import read_yaml
    from toolkit.errors import InputError

    table = run / "mentions.parquet" if run.is_dir() else run
    if not table.is_file():
        raise InputError(f"there is no {str(table)!r}; give the folder that toolkit run made, or a Parquet file")
    try:
        scored = pd.read_parquet(table)
        articles = run / "articles.parquet"
        texts = pd.read_parquet(articles) if run.is_dir() and articles.is_file() else None
    except (OSError, ValueError, pa.ArrowException) as error:
        raise InputError(f"{str(table)!r} cannot be read as Parquet ({error}); make the run again") from None
    config = run / "config.yaml"
    return scored, texts, read_yaml(config) if run.is_dir() and config.is_file() else {}


def _names(given: str) -> list[str]:
    return [name.strip() for name in given.split(",") if name.strip()]


def _number(given: str | None) -> str | float | None:
    """A least probability of a reading is a number."""
    try:
        return given if given is None else float(given)
    except ValueError:
        return given


def _draw(
    scored: pd.DataFrame, articles: pd.DataFrame | None, task: Task, options: argparse.Namespace,
    settings: dict[str, Any],
) -> int:  # fmt: skip
    from toolkit.annotation import sample_mentions, write_sheets
    from toolkit.annotation.sample import check_folder, free_folder
    from toolkit.manual import MANUAL_FORMATS, coder_manual

    target: Path = options.out
    check_folder(target, force=options.force)
    # Copies of one text are told alike; whether they have a vote is a matter of the estimate, not of the frame.
    copies = "own" if settings["copies"] == "own" else "all"
    sample = sample_mentions(scored, task, n=options.n[0], **{**settings, "copies": copies})
    sample = replace(sample, facts={**sample.facts, "run": options.run.resolve().name})
    work = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        sample.save(work)
        formats = [name.replace("-", "_") for name in _names(options.formats)]
        coders = _names(options.coders)
        paths = write_sheets(
            sample, work, task, formats=formats, coders=coders, articles=articles, overlap=options.overlap
        )
        for name, end in MANUAL_FORMATS.items():
            if name != "markdown":
                manual = coder_manual(task, name)
                (work / f"manual{end}").write_bytes(manual if isinstance(manual, bytes) else manual.encode("utf-8"))
        if options.codebook:
            shutil.copyfile(options.codebook, work / "codebook.yaml")
        free_folder(target, force=options.force)
        if target.is_dir():
            target.rmdir()
        os.replace(work, target)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    _print_sample(sample, target, [target / path.relative_to(work) for path in paths], own=options.codebook is not None)
    return 0


def _print_sample(sample: Sample, target: Path, paths: Sequence[Path], *, own: bool) -> None:
    from rich.console import Console
    from rich.table import Table

    facts, strata, p = sample.facts, sample.strata, sample.frame["probability"]
    table = Table(box=None, pad_edge=False)
    table.add_column("stratum")
    for name in ("mentions", "stories", "drawn", "probability"):
        table.add_column(name, justify="right")
    for row in strata.head(SHOWN).to_dict("records"):
        counts = [f"{row[name]:,}" for name in ("mentions", "stories", "drawn")]
        table.add_row(str(row["stratum"]).replace("[", r"\["), *counts, f"{row['probability']:.3f}")
    console = Console(width=None if sys.stdout.isatty() else 110, highlight=False)
    console.print(table)
    if len(strata) > SHOWN:
        print(f"and {len(strata) - SHOWN} strata more")
    print(
        f"\n{facts['drawn']:,} of {facts['frame']:,} mentions drawn in {facts['strata']:,} strata by "
        f"{facts['design']}, seed {facts['seed']}; probabilities {p.min():.3f} to {p.max():.3f}"
    )
    print(f"voice: {facts['voice']}; reading: {facts['reading']}; copies: {facts['copies']}")
    print("\nGive every coder their own sheet, in one form, and the manual:")
    for path in paths:
        if path.name != "sheets.json":
            print(f"  {path}")
    print(f"  {target / 'manual.docx'} (or manual.html)")
    print("Keep from them: sample.json, frame.parquet, drawn.parquet. They say the outlet and the machine's label.")
    given = f" --codebook {target / 'codebook.yaml'}" if own else ""
    print(f"\nWhen the sheets are back in that folder: toolkit annotations import {target}{given}")


def _plan(scored: pd.DataFrame, task: Task, options: argparse.Namespace, settings: dict[str, Any]) -> int:
    from toolkit.annotation import plan_sample
    from toolkit.errors import InputError
    from toolkit.export import write_csv

    if options.out is not None and options.out.suffix.lower() != ".csv":
        raise InputError(f"--out is {str(options.out)!r}; with --plan give a CSV file, such as --out plan.csv")
    given = {"residual_variance": options.residual_variance, "icc": options.icc}
    plan = plan_sample(
        scored, task, n=options.n or SIZES, label=options.label, pilot=_pilot(options.pilot, task),
        assumptions={name: value for name, value in given.items() if value is not None}, **settings,
    )  # fmt: skip
    _print_plan(plan)
    if options.out is not None:
        write_csv(plan, options.out)
        print(f"\nPlan: {options.out}")
    return 0


def _pilot(folder: Path | None, task: Task) -> tuple[pd.DataFrame, pd.DataFrame] | None:
    import pandas as pd

    from toolkit.annotation import Sample
    from toolkit.errors import InputError

    if folder is None:
        return None
    sample, gold = Sample.load(folder), folder / "gold.csv"
    if sample.task != task.name or not gold.is_file():
        what = f"was drawn for {sample.task!r}" if sample.task != task.name else "has no gold.csv yet"
        raise InputError(
            f"the sample {str(folder)!r} {what}; give one that was coded for {task.name!r} and adjudicated"
        )
    return pd.read_csv(gold, dtype=str, encoding="utf-8-sig"), sample.frame


def _print_plan(plan: pd.DataFrame) -> None:
    """One line an estimate and a contrast; for each size the half width and the smallest difference."""
    from rich.console import Console
    from rich.table import Table

    keys = list(plan.columns[2 : list(plan.columns).index("a")])
    sizes = plan["n"].unique().tolist()
    table = Table(box=None, pad_edge=False)
    table.add_column("")
    for size in sizes:
        table.add_column(f"n = {size:,}", justify="right")
    lines = plan.groupby("n").cumcount()
    for _, rows in plan.groupby(lines, sort=True):
        first = rows.iloc[0]
        pair = f"{first['a']} - {first['b']}" if first["kind"] == "contrast" else None
        words = [pair, *(str(first[key]) for key in keys if first[key] == first[key])]
        cells = [
            f"±{w:.2f} ({d:.2f})" if w == w else "-" for w, d in rows[["half_width", "smallest_difference"]].to_numpy()
        ]
        table.add_row(" | ".join(word for word in words if word).replace("[", r"\["), *cells)
    console = Console(width=None if sys.stdout.isatty() else 110, highlight=False)
    console.print(table)
    for kind, rows in plan.groupby("kind", sort=False):
        middle = rows.groupby("n")[["half_width", "smallest_difference"]].median()
        parts = [f"n = {n:,}: ±{w:.2f} ({d:.2f})" for n, (w, d) in zip(middle.index, middle.to_numpy(), strict=True)]
        print(f"{kind}s, median: " + "; ".join(parts))
    if (noted := plan["note"].dropna()).any():
        print(f"{len(noted)} of {len(plan)} numbers carry a note, such as: {noted.iloc[0]}")
    level, power = plan["level"].iloc[0], plan["power"].iloc[0]
    print(
        f"\n± half the width of the {100 * level:g} % interval (smallest difference found with {100 * power:g} % power)"
    )
    print(plan["assumed"].iloc[0])

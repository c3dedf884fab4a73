"""``toolkit agreement``: how far coders agree, what has to be decided, and the gold that comes of it."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["add"]

ANNOTATIONS, GOLD, SHEET, TABLE = "annotations.csv", "gold.csv", "disagreements.csv", "agreement.csv"
SHOWN = ("percent", "alpha")
"""What is printed of groups; the file has all."""
NUMBERS = ("estimate", "95 % interval", "mentions", "articles")


def add(commands: Any) -> None:
    """Add the command."""
    command = commands.add_parser("agreement", help="how far coders agree, what is left to decide, and the gold")
    command.add_argument("folder", type=Path, help="the folder of the sample, with annotations.csv in it")
    command.add_argument("--by", default="", metavar="COLUMNS", help="also by these, such as actor,outlet")
    command.add_argument("--task", help="the task, where the folder does not say it")
    command.add_argument(
        "--decisions", type=Path, metavar="FILE",
        help=f"the filled-in sheet of disagreements (default: {SHEET} in the folder, where it is there)",
    )  # fmt: skip
    command.add_argument("--rule", choices=["majority"], help="what decides where no person did (default: nothing)")
    command.add_argument("--draws", type=int, default=2000, help="resamples of articles behind each interval")
    command.add_argument("--seed", type=int, default=0)
    command.set_defaults(do=_agreement)


def _agreement(options: argparse.Namespace) -> int:
    from toolkit.agreement import adjudicate, disagreements
    from toolkit.annotation.harmless import harmless
    from toolkit.export import write_csv

    folder, by = options.folder, [part.strip() for part in options.by.split(",") if part.strip()]
    task, mentions = _read_sample(folder, options.task)
    annotations = _read_annotations(folder / ANNOTATIONS)
    given = options.decisions or (folder / SHEET if (folder / SHEET).exists() else None)
    decisions = None if given is None else _read_sheet(given)
    table = _measure(annotations, mentions, task, by, options)
    gold = adjudicate(annotations, task, decisions, rule=options.rule)
    sheet = _filled(disagreements(annotations, mentions, task), decisions)
    write_csv(table, folder / TABLE)
    write_csv(gold, folder / GOLD)
    safe = {column: sheet[column].map(harmless).astype("str") for column in ("text", "labels")}
    write_csv(sheet.assign(**safe), folder / SHEET)
    _print(table, annotations[annotations["task"] == task])
    _say_next(folder, gold, sheet)
    return 0


def _read_sample(folder: Path, task: str | None) -> tuple[str, pd.DataFrame]:
    """The task and the mentions that were drawn."""
    from toolkit.annotation import Sample
    from toolkit.errors import InputError

    if not folder.is_dir():
        raise InputError(f"there is no folder {str(folder)!r}; give the folder that `toolkit sample ... --out` made")
    sample = Sample.load(folder)
    return task or sample.task, sample.mentions


def _read_annotations(path: Path) -> pd.DataFrame:
    from toolkit.errors import InputError

    if not path.is_file():
        raise InputError(
            f"there is no {ANNOTATIONS} in {str(path.parent)!r}; when the sheets are coded, "
            f"`toolkit annotations import` reads them into it"
        )
    from toolkit.annotation.coded import read_table

    return read_table(path, ("mention_id", "task", "coder", "label"))


def _read_sheet(path: Path) -> pd.DataFrame:
    from toolkit.errors import InputError

    if not path.is_file():
        raise InputError(f"there is no file {str(path)!r} with decisions; --decisions takes the filled-in {SHEET}")
    if path.suffix.lower() in (".xlsx", ".xls", ".ods"):
        raise InputError(f"{str(path)!r} is a spreadsheet's own file; save it as CSV (UTF-8) and give that")
    from toolkit.annotation.coded import read_table

    return read_table(path, ("mention_id", "label", "decided_by"))


def _measure(
    annotations: pd.DataFrame, mentions: pd.DataFrame, task: str, by: list[str], options: argparse.Namespace
) -> pd.DataFrame:
    """Agreement of all, by label, by pair of coders where there are several, and by what was asked for."""
    import pandas as pd

    from toolkit.agreement import coder_agreement

    coders = annotations.loc[annotations["task"] == task, "coder"].nunique()
    parts = []
    for key in dict.fromkeys(["", "label", *(["pair"] if coders > 2 else []), *by]):
        found = coder_agreement(
            annotations, task, mentions=mentions, by=key or None, draws=options.draws, seed=options.seed
        )
        group = found[key].astype(str) if key else ""
        parts.append(found.drop(columns=[key] if key else []).assign(by=key, group=group))
    table = pd.concat(parts, ignore_index=True)
    return table[["by", "group", *(c for c in table.columns if c not in ("by", "group"))]]


def _filled(sheet: pd.DataFrame, decisions: pd.DataFrame | None) -> pd.DataFrame:
    """The sheet with what was decided already: nobody's work is lost when the command is given again."""
    import pandas as pd

    if decisions is None:
        return sheet
    known = decisions.drop_duplicates("mention_id", keep="last").set_index("mention_id", drop=False)
    kept = known[(known["label"].str.strip() != "") & ~known["mention_id"].isin(sheet["mention_id"])]
    columns = {c: sheet["mention_id"].map(known[c]).fillna("").astype("str") for c in ("label", "decided_by")}
    # What was decided on mentions that coders have come to agree on still holds, so its rows stay.
    rest = kept.reindex(columns=sheet.columns).fillna("").astype("str")
    return pd.concat([sheet.assign(**columns), rest], ignore_index=True)


def _print(table: pd.DataFrame, annotations: pd.DataFrame) -> None:
    from rich.console import Console
    from rich.table import Table

    console = Console(width=None if sys.stdout.isatty() else 110, highlight=False)
    counts = annotations["coder"].value_counts()
    who = ", ".join(f"{coder} {n:,}" for coder, n in sorted(counts.items()))
    console.print(f"{annotations['mention_id'].nunique():,} mentions coded by: {who}".replace("[", r"\["))
    for by, rows in table.groupby("by", sort=False):
        shown = Table(box=None, pad_edge=False, title_justify="left")
        for name in (str(by) or "group", "coefficient", "estimate", "95 % interval", "mentions", "articles", "note"):
            shown.add_column(name, justify="right" if name in NUMBERS else "left")
        kept = rows if not by else rows[rows["coefficient"].isin(SHOWN)]
        for row in kept.to_dict("records"):
            point = "-" if row["estimate"] != row["estimate"] else f"{row['estimate']:.2f}"
            interval = "-" if row["low"] != row["low"] else f"{row['low']:.2f} to {row['high']:.2f}"
            note = row["note"] if isinstance(row["note"], str) else ""
            cells = (row["group"] or "all", row["coefficient"], point, interval, f"{row['n_units']:,}",
                     f"{row['n_articles']:,}", note)  # fmt: skip
            shown.add_row(*(str(cell).replace("[", r"\[") for cell in cells))
        console.print()
        console.print(shown)


def _say_next(folder: Path, gold: pd.DataFrame, sheet: pd.DataFrame) -> None:
    named = gold["decided_by"].value_counts()
    how = ", ".join(f"{who} {n:,}" for who, n in named.items())
    print(f"\nAgreement: {folder / TABLE}")
    print(f"Gold: {folder / GOLD} ({len(gold):,} mentions; decided by {how or 'nobody'})")
    undecided = len(set(sheet["mention_id"]) - set(gold["mention_id"]))
    if undecided:
        print(
            f"Left to decide: {undecided:,} of {len(sheet):,} in {folder / SHEET}. Fill in label and decided_by (a "
            "spreadsheet may be used; save as CSV), then give this command again. Until "
            "then the gold lacks the hard cases, and what is corrected with it is not to be trusted."
        )
    else:
        print(f"Nothing is left to decide. Commands that correct estimates take the gold with --gold {folder}.")

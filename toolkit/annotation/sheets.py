"""The sheets that coders fill in, for a spreadsheet, for Label Studio and for doccano."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from toolkit.annotation.doccano import write_doccano
from toolkit.annotation.items import assign_items, items_of, with_context
from toolkit.annotation.label_studio import write_label_studio
from toolkit.annotation.sample import Sample
from toolkit.annotation.spreadsheet import write_csv_sheet, write_workbook
from toolkit.codebook import Task
from toolkit.errors import InputError, nearest
from toolkit.files import to_json, write_atomically

__all__ = ["FORMATS", "assigned", "write_sheets"]

FORMATS = ("xlsx", "csv", "label_studio", "doccano")
ASSIGNED = "sheets.json"
"""Who was given which mentions; lies beside the sheets."""


def write_sheets(
    sample: Sample,
    folder: str | Path,
    task: Task,
    *,
    formats: Sequence[str] = ("xlsx", "csv"),
    coders: Sequence[str] = ("coder_1", "coder_2"),
    articles: pd.DataFrame | None = None,
    overlap: float = 1.0,
    order: str = "own",
    delimiter: str = ",",
    seed: int | None = None,
) -> list[Path]:
    """Write the sheets of a sample: one mention, one item, and nothing on it but what a coder may see.

    Neither the outlet nor the date, the actor's id, the voice or the machine's label is in any sheet. An outlet or
    agency that is named inside a sentence stays there: the sentence is what is coded.

    Parameters
    ----------
    sample : Sample
        What was drawn.
    folder : path
        Where to: ``<coder>.xlsx``, ``<coder>.csv``, the folders ``label_studio`` and ``doccano``, and ``sheets.json``
        (who was given what, by which missing rows are found later).
    task : Task
        The task as the codebook has it; one of stance with its proposition (:meth:`Task.about`).
    formats : sequence of {"xlsx", "csv", "label_studio", "doccano"}, default ("xlsx", "csv")
        Which sheets.
    coders : sequence of str, default ("coder_1", "coder_2")
        Names or pseudonyms, one for each coder.
    articles : pandas.DataFrame, optional
        The articles of the run; with them, the sentences before and behind each item are shown.
    overlap : float, default 1
        The share of mentions that all coders code, above 0 and at most 1; the rest is split evenly between them, each
        mention to somebody, so that probabilities stay as they are.
    order : {"own", "same"}, default "own"
        Each coder sees the mentions in an order of their own, or all in the sample's.
    delimiter : {",", ";"}, default ","
        Of the CSV files; Excel splits at semicolons where the decimal sign is a comma.
    seed : int, optional
        Of the orders and the split; the sample's own if not given.

    Returns
    -------
    list of pathlib.Path
        The files, in the order written. The same sample gives the same bytes.

    Raises
    ------
    InputError
        A format, an order, a separator or a coder's name is none; the task is not the sample's, or lacks its
        proposition; nothing was drawn.

    Examples
    --------
    >>> import tempfile
    >>> from toolkit.codebook import load_codebook
    >>> mentions = pd.DataFrame({"mention_id": ["m1"], "sentence": ["Ankara warned."], "start": [0], "end": [6]})
    >>> sample = Sample("tone", pd.DataFrame({"mention_id": ["m1"]}), mentions, {"seed": 0})
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     paths = write_sheets(sample, folder, load_codebook()["tone"], formats=["csv"], coders=["anna"])
    ...     [path.name for path in paths], paths[0].read_text(encoding="utf-8-sig").splitlines()[1]
    (['anna.csv', 'sheets.json'], '1,m1,[[Ankara]] warned.,,,anna')
    """
    _check(sample, task, formats, delimiter)
    mentions = sample.mentions if articles is None else with_context(sample.mentions, articles)
    items = {item.mention_id: item for item in items_of(mentions, task.proposition or "")}
    if seed is None:
        seed = int(sample.facts.get("seed", 0))
    ids = assign_items(list(items), coders, overlap=overlap, order=order, seed=seed)
    shares = {coder: [items[key] for key in keys] for coder, keys in ids.items()}
    target = Path(folder)
    paths = []
    for coder, own in shares.items():
        if "xlsx" in formats:
            paths.append(target / f"{coder}.xlsx")
            write_workbook(own, paths[-1], task, coder)
        if "csv" in formats:
            paths.append(target / f"{coder}.csv")
            write_csv_sheet(own, paths[-1], task, coder, delimiter=delimiter)
    if "label_studio" in formats:
        paths += write_label_studio(shares, target / "label_studio", task)
    if "doccano" in formats:
        paths += write_doccano(shares, target / "doccano", task)
    facts: dict[str, Any] = {"task": task.name, "overlap": overlap, "order": order, "seed": seed, "items": ids}
    with write_atomically(target / ASSIGNED) as part:
        part.write_text(to_json(facts), encoding="utf-8", newline="\n")
    return [*paths, target / ASSIGNED]


def _check(sample: Sample, task: Task, formats: Sequence[str], delimiter: str) -> None:
    wrong = [name for name in ([formats] if isinstance(formats, str) else formats) if name not in FORMATS]
    if wrong or isinstance(formats, str) or not formats:
        value = wrong[0] if wrong else formats
        raise InputError(f"formats: {value!r} is no list of forms of sheets; {nearest(value, FORMATS)}")
    if delimiter not in (",", ";"):
        raise InputError(f"delimiter: {delimiter!r}; expected ',' or ';'")
    if task.name != sample.task:
        raise InputError(f"the sample was drawn for the task {sample.task!r}, and the task given is {task.name!r}")
    task.about(task.proposition)
    if sample.mentions.empty:
        raise InputError("no mention was drawn, so there is nothing to code; draw a sample with n above 0")


def assigned(folder: str | Path) -> dict[str, list[str]]:
    """Who was given which mentions, as :func:`write_sheets` noted it; empty where nothing is noted.

    Raises
    ------
    InputError
        The note cannot be read.
    """
    path = Path(folder) / ASSIGNED
    if not path.is_file():
        return {}
    try:
        items = json.loads(path.read_text(encoding="utf-8"))["items"]
        return {str(coder): [str(key) for key in keys] for coder, keys in items.items()}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(
            f"{path} cannot be read ({error}); restore it, or delete it: then missing rows are not found"
        ) from None

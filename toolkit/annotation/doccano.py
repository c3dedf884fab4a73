"""doccano: items for a project of text classification; and what its exports say.

https://doccano.github.io/doccano (1.8). A label is kept by the mention's id, which doccano carries as an extra column,
so the order and the numbers that it gives do not matter.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from toolkit.annotation.items import Item
from toolkit.annotation.records import Record
from toolkit.codebook import Task
from toolkit.files import write_atomically

__all__ = ["is_export", "read_export", "write_doccano"]

_COLOURS = ("#b2182b", "#757575", "#2166ac", "#7b3294", "#008837", "#8c510a", "#01665e", "#c51b7d", "#4d4d4d")


def write_doccano(shares: dict[str, list[Item]], folder: Path, task: Task) -> list[Path]:
    """Write ``labels.json`` and the items as JSON Lines: one file where all code the same, else one for each coder.

    Column data is `text`, column label is `label`; what else a line has, doccano keeps as metadata and exports.
    """
    same = len({frozenset(item.mention_id for item in items) for items in shares.values()}) == 1
    labels = [
        {
            "text": label, "suffix_key": str(number + 1) if number < 9 else None, "prefix_key": None,
            "background_color": _COLOURS[number % len(_COLOURS)], "text_color": "#ffffff",
        }
        for number, label in enumerate(task.labels)
    ]  # fmt: skip
    files = {"labels.json": json.dumps(labels, indent=1, ensure_ascii=False) + "\n"}
    for coder, items in shares.items():
        files.setdefault("items.jsonl" if same else f"items_{coder}.jsonl", "".join(_lines(items)))
    paths = []
    for name, content in files.items():
        with write_atomically(folder / name) as target:
            target.write_text(content, encoding="utf-8", newline="\n")
        paths.append(folder / name)
    return paths


def _lines(items: list[Item]) -> Iterator[str]:
    any_context = any(item.context for item in items)
    for number, item in enumerate(items, start=1):
        text = f"Proposition: {item.proposition}\n\n{item.text}" if item.proposition else item.text
        line: dict[str, Any] = {"text": text, "label": [], "mention_id": item.mention_id, "item": number}
        if any_context:  # in every line: doccano 1.8 fails where a key is missing from some
            line["context"] = item.context
        yield json.dumps(line, ensure_ascii=False) + "\n"


# What comes back --------------------------------------------------------------------------------------------


def is_export(value: Any) -> bool:
    """Whether an object of a JSON file is a line of doccano, of any version."""
    return isinstance(value, dict) and bool({"text", "data"} & set(value)) and bool(
        {"label", "labels", "annotations", "cats"} & set(value)
    )  # fmt: skip


def read_export(line: dict[str, Any], place: str) -> Iterator[Record]:
    """What one line of an export says: a record for each coder's label, and one where there is none.

    Yields
    ------
    Record
        A label that is a number is one of doccano's ids (versions before 1.5): its state says so.
    """
    meta = line.get("meta")
    if isinstance(meta, str):
        try:
            meta = json.loads(meta)
        except (ValueError, RecursionError):
            meta = None
    row = {"note": _comments(line.get("Comments")), **(meta if isinstance(meta, dict) else {}), **line}
    state = "unapproved" if "annotation_approver" in line and line["annotation_approver"] in (None, "") else ""
    if isinstance(line.get("annotations"), list):
        yield from _old(row, line["annotations"], place, state)
        return
    given = next((line[name] for name in ("label", "labels", "cats") if name in line), None)
    values = given if isinstance(given, list) else [] if given is None else [given]
    numbers = any(isinstance(value, int) for value in values)
    coder = next((row[name] for name in ("username", "coder") if isinstance(row.get(name), str)), "")
    labels = tuple(_named(value) for value in values if _named(value))
    yield Record.of_row(row, place, labels=labels, coder=coder, state="number" if numbers else state)


def _old(row: dict[str, Any], annotations: list[Any], place: str, state: str) -> Iterator[Record]:
    """The shape of versions before 1.5: one object for each label, with the numbers of label and user."""
    by_coder: dict[str, list[Any]] = {}
    for annotation in annotations:
        if isinstance(annotation, dict):
            who = annotation.get("user_name") or annotation.get("username") or annotation.get("user")
            by_coder.setdefault("" if who is None else str(who), []).append(annotation)
    for coder, own in sorted(by_coder.items()):
        named = [annotation.get("label_name", annotation.get("label")) for annotation in own]
        numbers = any(isinstance(value, int) for value in named)
        labels = tuple(_named(value) for value in named if _named(value))
        yield Record.of_row(row, place, labels=labels, coder=coder, state="number" if numbers else state)
    if not by_coder:
        yield Record.of_row(row, place, labels=(), coder="", state=state)


def _comments(value: Any) -> str:
    comments = value if isinstance(value, list) else []
    return " ".join(str(one.get("comment", "")) if isinstance(one, dict) else str(one) for one in comments)


def _named(value: Any) -> str:
    if isinstance(value, list) and len(value) == 3:  # a span of text: the label stands behind its two offsets
        value = value[2]
    return str(value).strip() if isinstance(value, str | int) and not isinstance(value, bool) else ""

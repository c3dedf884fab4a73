"""Label Studio: the labelling interface and the tasks; and what its exports say.

https://labelstud.io/guide/task_format, https://labelstud.io/guide/export, https://labelstud.io/tags/choices (1.23).
A label is kept by the mention's id in the task's data, never by the offsets that a browser counts.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from html import escape
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

from toolkit.annotation.instructions import labels_of, sections
from toolkit.annotation.items import CLOSE, OPEN, Item
from toolkit.annotation.records import Record
from toolkit.codebook import Task
from toolkit.files import write_atomically

__all__ = ["choices_of", "is_export", "labelling_config", "read_export", "tasks_of", "write_label_studio"]

CHOICE, NOTE = "label", "note"
"""The names of our two controls, which are the keys of the label and the note in every export."""


def labelling_config(task: Task) -> str:
    """The labelling interface as Label Studio's XML.

    Parameters
    ----------
    task : Task
        The task, as the codebook has it; its question holds the proposition, where it has one.

    Examples
    --------
    >>> from toolkit.codebook import load_codebook
    >>> config = labelling_config(load_codebook()["tone"])
    >>> '<Choice value="negative" hotkey="1"' in config, 'value="$html"' in config
    (True, True)
    """
    lines = ["<View>", f'  <Header value={quoteattr(task.question)} size="4"/>']
    many = "multiple" if task.multiple else "single"
    lines.append('  <HyperText name="text" value="$html" clickableLinks="false" selectionEnabled="false"/>')
    lines.append(f'  <Choices name="{CHOICE}" toName="text" choice="{many}" required="true" showInline="true">')
    for number, (label, definition) in enumerate(labels_of(task), start=1):
        hotkey = f' hotkey="{number}"' if number < 10 else ""
        lines.append(f"    <Choice value={quoteattr(label)}{hotkey} hint={quoteattr(definition)}/>")
    lines.append("  </Choices>")
    lines.append(
        f'  <TextArea name="{NOTE}" toName="text" rows="1" maxSubmissions="1" editable="true" required="false" '
        'placeholder="Note: why it is hard, or why you skip it"/>'
    )
    return "\n".join([*lines, "</View>", ""])


def tasks_of(items: Sequence[Item]) -> list[dict[str, Any]]:
    """The items as Label Studio's tasks: the marked text as HTML in which nothing but the mark is markup."""
    tasks = []
    for number, item in enumerate(items, start=1):
        data = {"mention_id": item.mention_id, "item": number, "text": item.text, "html": _html(item)}
        if item.proposition:
            data["proposition"] = item.proposition
        tasks.append({"data": data})
    return tasks


def _html(item: Item) -> str:
    target = f"<b>{OPEN}{escape(item.target)}{CLOSE}</b>"
    parts = [f"<p>{escape(item.left)}{target}{escape(item.right)}</p>"]
    if item.before:
        parts.insert(0, f"<p><small>{escape(item.before)}</small></p>")
    if item.after:
        parts.append(f"<p><small>{escape(item.after)}</small></p>")
    return "".join(parts)


def write_label_studio(shares: dict[str, list[Item]], folder: Path, task: Task) -> list[Path]:
    """Write ``config.xml``, ``instructions.html`` and the tasks: one file where all code the same, else one a coder."""
    same = len({frozenset(item.mention_id for item in items) for items in shares.values()}) == 1
    files = {"config.xml": labelling_config(task), "instructions.html": _instructions(task)}
    for coder, items in shares.items():
        name = "tasks.json" if same else f"tasks_{coder}.json"
        if name not in files:
            files[name] = json.dumps(tasks_of(items), indent=1, ensure_ascii=False) + "\n"
    paths = []
    for name, content in files.items():
        with write_atomically(folder / name) as target:
            target.write_text(content, encoding="utf-8", newline="\n")
        paths.append(folder / name)
    return paths


def _instructions(task: Task) -> str:
    parts = [f"<p>{escape(task.question)}</p>"]
    for title, lines in sections(task, sheet=False):
        rows = "".join(f"<li><b>{escape(name)}</b>: {escape(text)}</li>" for name, text in lines)
        parts.append(f"<h4>{escape(title)}</h4>\n<ul>{rows}</ul>")
    return "\n".join([*parts, ""])


# What comes back --------------------------------------------------------------------------------------------


def is_export(value: Any) -> bool:
    """Whether an object of a JSON file is a task of Label Studio: raw, or of a JSON-MIN export."""
    if not isinstance(value, dict):
        return False
    raw = isinstance(value.get("data"), dict) and bool({"annotations", "completions", "predictions"} & set(value))
    return raw or {"annotator", "annotation_id"} <= set(value)


def read_export(task: dict[str, Any], place: str) -> Iterator[Record]:
    """What one task of an export says: a record for each annotation, and one where there is none.

    Parameters
    ----------
    task : dict
        A task of a raw JSON export, or a row of JSON-MIN.
    place : str
        Where it stands in the file.

    Yields
    ------
    Record
    """
    if not isinstance(task.get("data"), dict):
        yield Record.of_row(task, place, labels=choices_of(task.get(CHOICE)), coder=_coder(task.get("annotator")))
        return
    key = _text(task["data"].get("mention_id"))
    annotations = task.get("annotations", task.get("completions"))
    if not isinstance(annotations, list):
        annotations = []
    for number, annotation in enumerate(annotations, start=1):
        if not isinstance(annotation, dict):
            yield Record(f"{place}, annotation {number}", key, state="broken")
            continue
        yield _annotation(annotation, key, _text(task["data"].get("text")), f"{place}, annotation {number}")
    drafts = task.get("drafts")
    drafts = [draft for draft in drafts if isinstance(draft, dict)] if isinstance(drafts, list) else []
    for number, draft in enumerate(drafts, start=1):
        record = _annotation({**draft, "completed_by": draft.get("user")}, key, "", f"{place}, draft {number}")
        yield replace(record, state="draft")
    if not annotations and not drafts:
        yield Record(place, key, state="prediction" if task.get("predictions") else "")


def _annotation(annotation: dict[str, Any], key: str, text: str, place: str) -> Record:
    results = annotation.get("result")
    labels: list[str] = []
    notes: list[str] = []
    for result in results if isinstance(results, list) else []:
        value = result.get("value") if isinstance(result, dict) else None
        if not isinstance(value, dict):
            continue
        if result.get("type") == "choices":
            labels += choices_of(value)
        elif result.get("type") == "textarea":
            notes += _listed(value.get("text"))
    skipped = annotation.get("was_cancelled") or annotation.get("skipped")
    state = "cancelled" if skipped else "ground_truth" if annotation.get("ground_truth") else ""
    coder = _coder(annotation.get("completed_by"))
    return Record(place, key, labels=tuple(labels), coder=coder, note=" ".join(notes), text=text, state=state)


def choices_of(value: Any) -> tuple[str, ...]:
    """The labels of a value: ``{"choices": [...]}``, a list, a text, or any of these as JSON in a cell."""
    if isinstance(value, str) and value.strip()[:1] in ("{", "["):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return (value,)
    if isinstance(value, dict):
        return tuple(_listed(value.get("choices")))
    if isinstance(value, list):
        return tuple(
            label for part in value for label in (choices_of(part) if isinstance(part, dict) else _listed(part))
        )
    return tuple(_listed(value))


def _listed(value: Any) -> list[str]:
    values = value if isinstance(value, list) else [value]
    return [_text(part) for part in values if _text(part)]


def _coder(value: Any) -> str:
    """Who made an annotation: an email, a user's name or a number, also inside an object."""
    if isinstance(value, dict):
        named = (value.get(name) for name in ("email", "username", "first_name", "id"))
        value = next((name for name in named if _text(name)), "")
    return _text(value)


def _text(value: Any) -> str:
    return str(value).strip() if isinstance(value, str | int) and not isinstance(value, bool) else ""

"""What a coder's manual says, as blocks that every format can write."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from toolkit.codebook import JOIN, Task, task_hash
from toolkit.config import read_yaml

__all__ = ["Block", "Run", "manual_blocks", "runs"]

Run = tuple[str, str]
"""Some words, and how they are set: "", "strong" or "target"."""
WORDS = Path(__file__).parents[1] / "data" / "manual.yaml"
_MARKS = re.compile(r"(\[\[.+?\]\]|\*\*.+?\*\*)")


@dataclass(frozen=True)
class Block:
    """A heading (1 or 2), a paragraph, a list, a numbered list or a table, whose first row is its head."""

    kind: str
    rows: tuple[tuple[tuple[Run, ...], ...], ...]


def runs(text: str, *, plain: bool = False) -> tuple[Run, ...]:
    """Words cut where their setting changes: ``[[target]]`` and, unless `plain`, ``**strong**``.

    Examples
    --------
    >>> runs("On Friday [[Ankara]] warned.")
    (('On Friday ', ''), ('[[Ankara]]', 'target'), (' warned.', ''))
    """
    # What no file may hold, whoever wrote the codebook.
    clean = "".join(c for c in " ".join(text.split()) if c.isprintable() or c == " ")
    parts = []
    for part in filter(None, _MARKS.split(clean)):
        if part.startswith("[["):
            parts.append((part, "target"))
        elif part.startswith("**") and not plain:
            parts.append((part[2:-2], "strong"))
        else:
            parts.append((part, ""))
    return tuple(parts)


def _block(kind: str, *lines: str) -> Block:
    return Block(kind, tuple((runs(line),) for line in lines))


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Block:
    return Block("table", tuple(tuple(runs(cell, plain=row is not head) for cell in row) for row in (head, *rows)))


def manual_blocks(tasks: Sequence[Task]) -> tuple[str, list[Block]]:
    """The title of the manual and what follows."""
    names = [task.name for task in tasks]
    title = f"Coder's manual: {names[0] if len(names) == 1 else ', '.join(names[:-1]) + ' and ' + names[-1]}"
    words = read_yaml(WORDS)
    label = "one label, or several where they fit," if any(task.multiple for task in tasks) else "one label"
    blocks = list(_sections(words["before"], label))
    for task in tasks:
        blocks += _of_task(task)
    return title, [*blocks, *_sections(words["after"], label), *_version(tasks, words)]


def _sections(sections: Sequence[dict[str, Any]], label: str) -> Iterator[Block]:
    for section in sections:
        yield _block("heading 1", section["heading"])
        for block in section["blocks"]:
            for kind, lines in block.items():
                given = [lines] if isinstance(lines, str) else lines
                yield _block(kind, *(line.replace("{label}", label) for line in given))


def _label_words(label: str) -> str:
    return label.replace(JOIN, " + ").replace("_", " ") if JOIN in label else label


def _of_task(task: Task) -> Iterator[Block]:
    yield _block("heading 1", f"The task: {task.name.replace('_', ' ')}")
    question = task.question.replace("{proposition}", "(the proposition that stands beside the item)")
    yield _block("paragraph", f"**The question:** {question}")
    if task.multiple:
        alone = f" “{task.alone}” stands alone: give it where no other fits." if task.alone else ""
        yield _block("paragraph", f"A mention can have **several labels**. Give all that fit.{alone}")
    else:
        yield _block("paragraph", "Every mention gets **exactly one label**.")
    if task.steps:
        yield _block("heading 2", "Step by step")
        yield _block("paragraph", "Go through the steps in this order.")
        yield _block("numbers", *task.steps)
    yield _block("heading 2", "The labels")
    yield _table(("Label", "Give it where"), [(label, task.definitions[label]) for label in task.labels])
    about = f"In all of them the proposition is: {task.examples_about}" if task.examples_about else ""
    if task.examples:
        yield _block("heading 2", "Examples")
        if about:
            yield _block("paragraph", about)
        yield _table(("Text", "Label"), [(text, _label_words(label)) for text, label in task.examples])
    if task.boundary:
        yield _block("heading 2", "Cases on the boundary")
        lead = "Coders differ most on such sentences. Come back to this table whenever you hesitate."
        yield _block("paragraph", f"{lead} {about}".strip())
        yield _table(
            ("Text", "Label", "Why"), [(case.text, _label_words(case.label), case.why) for case in task.boundary]
        )


def _version(tasks: Sequence[Task], words: dict[str, Any]) -> Iterator[Block]:
    sources = list(dict.fromkeys(source for task in tasks for source in task.sources))
    if sources:
        yield _block("heading 1", "Sources")
        yield _block("paragraph", words["sources"])
        yield _block("list", *sources)
    yield _block("heading 1", "Version")
    yield _block("paragraph", words["version"])
    yield _table(("Task", "SHA-256"), [(task.name, task_hash(task)) for task in tasks])

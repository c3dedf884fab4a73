"""What stands before the items in every form of the sheets: who codes, what is asked, what the labels mean."""

from __future__ import annotations

from toolkit.annotation.items import CLOSE, OPEN
from toolkit.codebook import JOIN, Task

__all__ = ["LABELS", "RULES", "labels_of", "marked_parts", "sections"]

_TARGET = "Judge the actor marked with double brackets in the sentence, and no other actor in it."
_PROPOSITION = (
    "Judge whether the sentence speaks for or against the proposition, not how friendly it is to the marked actor."
)
RULES = (
    "Judge what the text says, not whether it is true and not what you think of it.",
    "Read the context where it is given, but judge the sentence.",
    "Code alone: do not talk about single items before everybody has finished.",
    "Where you cannot decide, leave the label empty and say why in the note.",
)
LABELS = "What the labels mean"
_ONE = "Choose one label from the list in each row."
_SHEET = (
    "Change nothing but the label and the note.",
    "Save the file in its own format, under its own name, and give it back.",
)
_SEVERAL = "Choose from the lists: several labels where the text has several, one in each column, in any order."


def sections(task: Task, *, sheet: bool) -> list[tuple[str, list[tuple[str, str]]]]:
    """The instructions in parts, each with a title and lines of a name and a text.

    Parameters
    ----------
    task : Task
        The task, as the codebook has it.
    sheet : bool
        Whether they are for a spreadsheet, which has rules of its own.
    """
    first = _PROPOSITION if task.proposition else _TARGET
    own = (_SEVERAL if task.multiple else _ONE, *_SHEET) if sheet else ()
    rules = [(f"Rule {number}", rule) for number, rule in enumerate((first, *RULES, *own), start=1)]
    steps = [(f"Step {number}", step) for number, step in enumerate(task.steps, start=1)]
    about = [("About", task.examples_about)] if task.examples_about else []
    examples = [(label.replace(JOIN, ", "), text) for text, label in task.examples]
    cases = [(case.label.replace(JOIN, ", "), f"{case.text} ({case.why})") for case in task.boundary]
    parts = [
        ("How to code", rules), (LABELS, labels_of(task)), ("How to decide", steps),
        ("Examples", about + examples if examples else []), ("Cases on which coders differ", cases),
    ]  # fmt: skip
    return [(title, lines) for title, lines in parts if lines]


def marked_parts(text: str) -> tuple[str, str, str]:
    """An example of the codebook in three parts: before the target, the target with its brackets, behind it.

    Examples
    --------
    >>> marked_parts("On Friday [[Ankara]] warned.")
    ('On Friday ', '[[Ankara]]', ' warned.')
    """
    start = text.find(OPEN)
    end = text.find(CLOSE, start) + len(CLOSE)
    return (text[:start], text[start:end], text[end:]) if 0 <= start < end - len(CLOSE) else (text, "", "")


def labels_of(task: Task) -> list[tuple[str, str]]:
    """Each label with its definition, in order."""
    return [(label, task.definitions[label]) for label in task.labels]

"""What stands before the items in every form of the sheets: who codes, what is asked, what the labels mean."""

from __future__ import annotations

from toolkit.annotation.items import CLOSE, OPEN
from toolkit.codebook import Task

__all__ = ["RULES", "marked_parts", "rules"]

RULES = (
    "Judge the actor marked with double brackets in the sentence, and no other actor in it.",
    "Judge what the text says, not whether it is true and not what you think of the actor.",
    "Read the context where it is given, but judge the sentence.",
    "Code alone: do not talk about single items before everybody has finished.",
    "Where you cannot decide, leave the label empty and say why in the note.",
)
_SHEET = (
    "Choose one label from the list in each row. Change nothing but the columns label and note.",
    "Save the file in its own format, under its own name, and give it back.",
)


def rules(*, sheet: bool) -> list[str]:
    """The rules of coding, with those for a spreadsheet where it is one."""
    return [*RULES, *(_SHEET if sheet else ())]


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

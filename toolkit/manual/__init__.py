"""The coder's manual of a codebook, for a person who has never coded."""

from __future__ import annotations

from collections.abc import Iterable

from toolkit.codebook import Task
from toolkit.errors import InputError, nearest
from toolkit.manual.content import manual_blocks
from toolkit.manual.pages import html_page, markdown_text
from toolkit.manual.word import word_document

__all__ = ["MANUAL_FORMATS", "coder_manual"]

MANUAL_FORMATS = {"markdown": ".md", "html": ".html", "docx": ".docx"}
"""The formats of a manual, and how their files end."""


def coder_manual(tasks: Task | Iterable[Task], format: str = "markdown") -> str | bytes:
    """Write the manual that coders are given: what is judged, how, and what to do when in doubt.

    Parameters
    ----------
    tasks : Task or iterable of Task
        What is to be coded. The values of ``load_codebook()`` do.
    format : {"markdown", "html", "docx"}, default "markdown"
        ``html`` is one page without anything from outside; ``docx`` is for word processors.

    Returns
    -------
    str, or bytes for ``docx``
        The same tasks give the same bytes. The manual ends with the SHA-256 of each task: its version.

    Raises
    ------
    InputError
        There is no task, or no such format.

    Examples
    --------
    >>> from toolkit.codebook import load_codebook
    >>> print(coder_manual(load_codebook()["tone"]).splitlines()[0])
    # Coder's manual: tone
    """
    if format not in MANUAL_FORMATS:
        raise InputError(f"unknown format {format!r}; {nearest(format, MANUAL_FORMATS)}")
    given = [tasks] if isinstance(tasks, Task) else list(tasks)
    if not given:
        raise InputError("a manual needs at least one task; give those of load_codebook()")
    title, blocks = manual_blocks(given)
    if format == "docx":
        return word_document(title, blocks)
    return markdown_text(title, blocks) if format == "markdown" else html_page(title, blocks)

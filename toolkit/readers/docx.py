"""Word files that hold one article, with or without a header of lines such as ``Title: ...``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from toolkit.readers.common import LARGEST_PAGE, Columns, Item, Reject, UnreadableError
from toolkit.readers.text import article_fields
from toolkit.readers.word import open_word, paragraphs

__all__ = ["check_single", "read", "sniff"]

# What stands between the articles of a database's export.
_SEVERAL = re.compile(
    r"^\s*(?:End of Document|Document [A-Z0-9]{20,}|(?:Document\s+|Dokument\s+)?\d+ (?:of|von|de|sur) \d+"
    r"(?: DOCUMENTS?)?|_{40,})\s*$",
    re.IGNORECASE | re.MULTILINE,
)


def sniff(path: Path, head: bytes) -> bool:
    """Whether a file is a Word file of today's format."""
    return head.startswith(b"PK\x03\x04") and (b"word/document.xml" in head or path.suffix.lower() == ".docx")


def read(path: Path, source_file: str, columns: Columns | None) -> Iterator[Item | Reject]:
    """The article of a Word file.

    Parameters
    ----------
    path : pathlib.Path
        The file.
    source_file : str
        Its name in the tables.
    columns : mapping, optional
        More names of header lines, as for plain text.

    Yields
    ------
    Item or Reject
        One. Each paragraph is a line; page headers, text boxes and what was deleted are no part of it. A file that
        looks like a database's export of several articles is refused.
    """
    lines, size = [], 0
    try:
        with open_word(path) as archive:
            for paragraph in paragraphs(archive):
                size += len(paragraph.text) + 1
                if size > LARGEST_PAGE:
                    raise UnreadableError(f"has over {LARGEST_PAGE / 1e6:g} MB of text; one article has less")
                lines.append(paragraph.text)
        text = "\n".join(lines)
        check_single(text)
    except UnreadableError as error:
        yield Reject(source_file, "", f"the file {error}")
        return
    except OSError as error:
        yield Reject(source_file, "", f"the file cannot be opened ({error.strerror})")
        return
    yield Item(source_file, "", {**article_fields(text, path.name, columns), "encoding": "utf-8"})


def check_single(text: str) -> None:
    """Raise UnreadableError where a text is empty or looks like several articles."""
    if not text.strip():
        raise UnreadableError("holds no text")
    between = _SEVERAL.findall(text)
    if len(between) > 1:
        raise UnreadableError(
            f"looks like a database's export of several articles ({len(between)} lines such as "
            f"{between[0].strip()[:40]!r}) of an unknown layout; export it as Nexis DOCX, Factiva HTML, ProQuest TXT, "
            "or save each article as a file"
        )

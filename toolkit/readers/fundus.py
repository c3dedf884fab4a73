"""fundus: JSON, an object for each article, with its body in sections.

Dallabetta et al. (2024), "Fundus: A Simple-to-Use News Scraper Optimized for High Quality Extractions", ACL.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from toolkit.readers.common import Columns, Item, Reject, UnreadableError
from toolkit.readers.jsonl import begins_as_json, read_objects, text_of

__all__ = ["read", "sniff"]


def sniff(path: Path, head: bytes) -> bool:  # noqa: ARG001
    """Whether a file is what fundus writes."""
    return begins_as_json(head) and b'"publishing_date"' in head and (b'"plaintext"' in head or b'"sections"' in head)


def read(path: Path, source_file: str, columns: Columns | None) -> Iterator[Item | Reject]:  # noqa: ARG001
    """The articles of a file that fundus wrote.

    Parameters
    ----------
    path : pathlib.Path
        The file: an article, a list of them, or one a line.
    source_file : str
        Its name in the tables.
    columns : mapping, optional
        Not used: the layout is known.

    Yields
    ------
    Item or Reject
        One for each article. Its text is ``plaintext``, else the summary, headlines and paragraphs of ``body``, each a
        line.
    """
    return read_objects(path, source_file, _fields)


def _fields(value: dict[str, Any]) -> dict[str, str]:
    page = _object(value.get("html"))
    source = _object(page.get("source_info")) or _object(page.get("source"))
    fields = {
        "title": text_of(value.get("title")),
        "text": text_of(value.get("plaintext")) or _body(value.get("body")),
        "date": text_of(value.get("publishing_date")),
        "outlet": text_of(value.get("publisher")) or text_of(source.get("publisher")),
        "url": text_of(value.get("url")) or text_of(page.get("responded_url")) or text_of(page.get("requested_url")),
        "language": text_of(value.get("lang")) or text_of(value.get("language")),
        "byline": text_of(value.get("authors")),
    }
    if not fields["text"]:
        raise UnreadableError(f"fundus found no text in this page: {fields['url'] or fields['title'] or 'no URL'}")
    return {field: found for field, found in fields.items() if found}


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _body(value: Any) -> str:
    body = _object(value)
    sections = body.get("sections")
    lines = _lines(body.get("summary"))
    for section in map(_object, sections if isinstance(sections, list) else []):
        lines += _lines(section.get("headline")) + _lines(section.get("paragraphs"))
    return "\n\n".join(lines)


def _lines(value: Any) -> list[str]:
    return [line for line in map(text_of, value if isinstance(value, list) else [value]) if line.strip()]

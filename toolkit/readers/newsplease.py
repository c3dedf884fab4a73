"""news-please and CC-NEWS: JSON, an object for each article, with a missing value written as ``"None"``.

Hamborg et al. (2017), "news-please: A Generic News Crawler and Extractor", 15th International Symposium of Information
Science.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from toolkit.readers.common import Columns, Item, Reject, UnreadableError
from toolkit.readers.jsonl import begins_as_json, read_objects, text_of

__all__ = ["read", "sniff"]


def sniff(path: Path, head: bytes) -> bool:  # noqa: ARG001
    """Whether a file is what news-please writes."""
    return begins_as_json(head) and b'"date_publish"' in head and (b'"maintext"' in head or b'"source_domain"' in head)


def read(path: Path, source_file: str, columns: Columns | None) -> Iterator[Item | Reject]:  # noqa: ARG001
    """The articles of a file that news-please wrote.

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
        One for each article. The date is that of publication or none: that of the download says when it was crawled.
    """
    return read_objects(path, source_file, _fields)


def _fields(value: dict[str, Any]) -> dict[str, str]:
    fields = {
        "title": text_of(value.get("title")) or text_of(value.get("title_page")),
        "text": text_of(value.get("maintext")) or text_of(value.get("text")),
        "date": text_of(value.get("date_publish")),
        "outlet": text_of(value.get("source_domain")),
        "url": text_of(value.get("url")),
        "language": text_of(value.get("language")),
        "byline": text_of(value.get("authors")),
    }
    if not fields["text"]:
        raise UnreadableError(f"no text was extracted from this page: {fields['url'] or fields['title'] or 'no URL'}")
    return {field: found for field, found in fields.items() if found}

"""NewsAPI answers: JSON with ``articles``, of whose bodies it holds the first 200 characters alone.

https://newsapi.org/docs/endpoints/everything: ``content`` is the body "truncated to 200 chars"; it ends in
``[+1234 chars]``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from toolkit.readers.common import Columns, Item, Reject, UnreadableError
from toolkit.readers.jsonl import begins_as_json, read_objects, text_of

__all__ = ["read", "sniff"]

_CUT = re.compile(r"\s*\[\+(\d+) chars\]\s*$")


def sniff(path: Path, head: bytes) -> bool:  # noqa: ARG001
    """Whether a file is an answer of NewsAPI, or a list of its articles."""
    return begins_as_json(head) and all(key in head for key in (b'"publishedAt"', b'"source"', b'"content"'))


def read(path: Path, source_file: str, columns: Columns | None) -> Iterator[Item | Reject]:  # noqa: ARG001
    """The articles of an answer of NewsAPI.

    Parameters
    ----------
    path : pathlib.Path
        The file: the whole answer, a list of articles, or an article a line.
    source_file : str
        Its name in the tables.
    columns : mapping, optional
        Not used: the layout is known.

    Yields
    ------
    Item or Reject
        One for each article. Where the body is cut, ``truncated`` is ``true`` and a warning says how much is missing:
        such an article stands in the table, but no mention is taken from it.
    """
    return read_objects(path, source_file, _fields)


def _fields(value: dict[str, Any]) -> dict[str, str]:
    if value.get("status") == "error":
        raise UnreadableError(f"NewsAPI answered with an error: {text_of(value.get('message'))[:200] or 'no words'}")
    source = value.get("source")
    fields = {
        "title": text_of(value.get("title")),
        "text": text_of(value.get("content")),
        "date": text_of(value.get("publishedAt")),
        "outlet": (text_of(source.get("name")) or text_of(source.get("id"))) if isinstance(source, dict) else "",
        "url": text_of(value.get("url")),
        "byline": text_of(value.get("author")),
    }
    if not fields["text"]:
        raise UnreadableError(f"NewsAPI gives no text of this article: {fields['url'] or fields['title'] or 'no URL'}")
    if cut := _CUT.search(fields["text"]):
        fields["truncated"] = "true"
        fields["warnings"] = f"the source cut the text: {cut[1]} characters are missing"
    return {field: found for field, found in fields.items() if found}

"""Media Cloud's story lists: CSV with the URL, outlet and date of each story, and as a rule without its text.

Roberts et al. (2021), "Media Cloud: Massive Open Source Collection of Global News on the Open Web", ICWSM.
"""

from __future__ import annotations

import csv as library
from collections.abc import Iterator
from pathlib import Path

from toolkit.readers import csv
from toolkit.readers.common import Columns, Item, Reject, UnreadableError, decode

__all__ = ["read", "sniff"]

_OUTLET = ["media_name", "media_url"]
_LAYOUT: Columns = {"outlet": _OUTLET, "date": "publish_date", "title": "title", "url": "url", "language": "language"}


def sniff(path: Path, head: bytes) -> bool:  # noqa: ARG001
    """Whether a file is a list of stories of Media Cloud, of its present or its earlier interface."""
    names = set(_header(head))
    return {"url", "publish_date"} <= names and bool({"media_name", "stories_id"} & names) and "title" in names


def _header(head: bytes) -> list[str]:
    try:
        first = decode(head)[0].split("\n", 1)[0].strip("\ufeff ")
        return [name.strip() for name in next(library.reader([first]), [])]
    except (UnreadableError, library.Error):
        return []


def read(path: Path, source_file: str, columns: Columns | None) -> Iterator[Item | Reject]:
    """The stories of a list of Media Cloud.

    Parameters
    ----------
    path : pathlib.Path
        The file.
    source_file : str
        Its name in the tables.
    columns : mapping, optional
        More columns, before those known.

    Yields
    ------
    Item or Reject
        An Item for each story whose text the list holds, which takes a privileged account; for any other a Reject with
        its URL, from which the page can be saved and read.
    """
    mapped = {**_LAYOUT, **(columns or {})}
    # The URL takes the text's place where there is none, so that every row can be named.
    mapped.setdefault("text", ["text", "url"])
    for found in csv.read(path, source_file, mapped, lenient=True):
        if isinstance(found, Reject) or found.fields.get("text", "") not in ("", found.fields.get("url", "")):
            yield found
        else:
            where = found.fields.get("url", "").strip()[:500] or "and no URL either"
            reason = f"Media Cloud gives no text of this story; save the page and read that: {where}"
            yield Reject(source_file, found.locator, reason)

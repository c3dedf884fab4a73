"""Plain text, one article a file, with or without a header of lines such as ``Title: ...``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import takewhile
from pathlib import Path

from toolkit.readers.common import (
    Columns,
    Item,
    Reject,
    UnreadableError,
    as_list,
    binary_kind,
    decode,
    read_bytes,
)
from toolkit.readers.dates import date_in_name

__all__ = ["article_fields", "read", "sniff"]

SUFFIXES = ("", ".txt", ".text", ".md")
LONGEST_TITLE = 150
"""A first line that is longer is no title (characters)."""

# Where two keys name one field, the first that is there counts.
_KEYS = {
    "title": ("title", "headline"),
    "date": ("date", "published", "publication date", "pubdate"),
    "byline": ("byline", "author", "authors", "by"),
    "url": ("url", "link"),
    "outlet": ("outlet", "newspaper", "publication", "source"),
    "language": ("language", "lang"),
    "wire": ("wire", "agency"),
}
_LINE = re.compile(r"([^\W\d_][\w -]{0,30}?)\s*:\s*(.*)$")
_FULL_STOP = re.compile(r"\w{4,}\.\s")  # "Gen. Haftar" and "U.S. troops" have none


def sniff(path: Path, head: bytes) -> bool:
    """Whether a file is plain text: by its suffix, where its beginning is no binary format's."""
    return path.suffix.lower() in SUFFIXES and binary_kind(head) is None


def read(path: Path, source_file: str, columns: Columns | None) -> Iterator[Item | Reject]:
    """The article of a plain text file.

    Parameters
    ----------
    path : pathlib.Path
        The file.
    source_file : str
        Its name in the tables.
    columns : mapping, optional
        More names of header lines: field -> name or names, which come before the known ones.

    Yields
    ------
    Item or Reject
        One. The date comes from the header, else from the file's name; the title from the header, and where there is
        no header from the first line, if it looks like a title (short, no full stop).
    """
    try:
        text, encoding = decode(read_bytes(path))
    except UnreadableError as error:
        yield Reject(source_file, "", f"the file {error}")
        return
    except OSError as error:
        yield Reject(source_file, "", f"the file cannot be opened ({error.strerror})")
        return
    yield Item(source_file, "", {**article_fields(text, path.name, columns), "encoding": encoding})


def article_fields(text: str, name: str, columns: Columns | None) -> dict[str, str]:
    """What the text of one article says about itself: its header, else its first line and the file's name."""
    names = _fields(columns)
    header, body = _split_header(text, {name for listed in names.values() for name in listed})
    fields, unused = _pick(header, names)
    if unused:
        fields["warnings"] = "header lines not used: " + ", ".join(unused)
    if not header:
        title, body = _split_title(body)
        if title:
            fields["title"] = title
    if "date" not in fields and (named := date_in_name(name)):
        fields["date"] = named
    return {**fields, "text": body.strip("\n")}


def _fields(columns: Columns | None) -> dict[str, list[str]]:
    more = {field: [name.lower() for name in as_list(names)] for field, names in (columns or {}).items()}
    fields = list(dict.fromkeys([*_KEYS, *more]))
    return {field: [*more.get(field, []), *_KEYS.get(field, ())] for field in fields if field != "text"}


def _pick(header: list[tuple[str, str]], names: dict[str, list[str]]) -> tuple[dict[str, str], list[str]]:
    """The value of each field, and the keys of the lines that none took."""
    left = [(key, value) for key, value in header if value]
    fields = {}
    for field, listed in names.items():
        found = next((pair for name in listed for pair in left if pair[0] == name), None)
        if found:
            fields[field] = found[1]
            left.remove(found)
    return fields, [key for key, _ in left]


def _split_header(text: str, known: set[str]) -> tuple[list[tuple[str, str]], str]:
    """The header and the rest. A header begins with a known key and ends at a blank line.

    Where prose follows without one, only its leading known keys are the header: the next line that has a colon may be
    the article's.
    """
    lines = text.lstrip("\n").split("\n")
    matches = list(takewhile(bool, map(_LINE.match, lines)))
    pairs = [(match[1].lower(), match[2].strip()) for match in matches if match]
    closed = len(pairs) == len(lines) or not lines[len(pairs)].strip()
    if not closed:
        pairs = list(takewhile(lambda pair: pair[0] in known, pairs))
    if not pairs or pairs[0][0] not in known:
        return [], text
    return pairs, "\n".join(lines[len(pairs) :])


def _split_title(text: str) -> tuple[str, str]:
    """The first line, if it looks like a title, and the rest."""
    first, _, rest = text.lstrip("\n").partition("\n")
    title = first.strip()
    following = rest[:1]
    # A lower-case letter right below: the line goes on, the text is wrapped.
    goes_on = following.islower() or title.endswith((".", ",", ";", ":", "…"))
    if not title or not rest.strip() or len(title) > LONGEST_TITLE or _FULL_STOP.search(title) or goes_on:
        return "", text
    return title, rest

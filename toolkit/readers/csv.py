"""Tables with a header row, separated by commas, semicolons, tabs or bars; one article a row."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO

from toolkit.errors import InputError
from toolkit.readers.common import (
    FIELDS,
    Columns,
    Item,
    Reject,
    UnreadableError,
    blocks_of,
    choose_columns,
    find_encoding,
)

__all__ = ["read", "sniff"]

SUFFIXES = (".csv", ".tsv", ".tab")
DELIMITERS = ",;\t|"
LARGEST_FIELD = 50_000_000
"""A field is not longer than this (characters)."""


def sniff(path: Path, head: bytes) -> bool:
    """Whether a file is a table: by its suffix, or by a first line that names the text and another field."""
    if path.suffix.lower() in SUFFIXES:
        return True
    first = head.split(b"\n", 1)[0].decode("utf-8", "replace").strip("\ufeff\r")
    named = {name.strip(' "') for name in max((first.split(d) for d in DELIMITERS), key=len)}
    return "text" in named and len(named & set(FIELDS)) > 1


def read(path: Path, source_file: str, columns: Columns | None, *, lenient: bool = False) -> Iterator[Item | Reject]:
    """The articles of a table.

    Parameters
    ----------
    path : pathlib.Path
        The file.
    source_file : str
        Its name in the tables.
    columns : mapping, optional
        Field -> column, or columns of which the first that is there counts.
    lenient : bool, default False
        Whether a mapped column other than that of the text may be missing.

    Yields
    ------
    Item or Reject
        One for each row. A row with too few or too many fields, or with a quotation mark out of place, is a Reject.

    Raises
    ------
    InputError
        A mapped column is missing, no column holds the text, or one that is needed occurs twice.
    """
    try:
        encoding = find_encoding(blocks_of(path))
        # newline="" leaves line ends inside quoted fields to the csv module.
        handle = path.open(encoding=encoding, errors="replace", newline="")
    except UnreadableError as error:
        yield Reject(source_file, "", f"the file {error}")
        return
    except OSError as error:
        yield Reject(source_file, "", f"the file cannot be opened ({error.strerror})")
        return
    with handle:
        rows = csv.reader(handle, delimiter=_delimiter(path, handle), strict=True)
        header = _next(rows)
        if not isinstance(header, list):
            reason = "the file is empty" if header is None else f"the header cannot be read ({header})"
            yield Reject(source_file, "row 1 (line 1)", reason)
            return
        header = [name.strip() for name in header]
        chosen = choose_columns(columns, header, source_file, needed=() if lenient else None)
        _check_twice(header, chosen, source_file)
        places = {field: header.index(column) for field, column in chosen.items()}
        item = None
        for item in _rows(rows, len(header), places, source_file):
            if isinstance(item, Item):
                item.fields["encoding"] = encoding.removesuffix("-sig")
            yield item
        if item is None:
            yield Reject(source_file, "row 1 (line 1)", "the table has a header and no rows")


def _rows(rows: Any, width: int, places: dict[str, int], source_file: str) -> Iterator[Item | Reject]:
    number = 1
    while True:
        line = rows.line_num + 1
        row = _next(rows)
        if row is None:
            return
        if row == []:
            continue  # a blank line is no row
        number += 1
        locator = f"row {number} (line {line})"
        if isinstance(row, str):
            last = f", lines {line} to {rows.line_num}" if rows.line_num > line else ""
            yield Reject(source_file, locator, f"the row cannot be read ({row}{last}); check its quotation marks")
        elif len(row) < width or any(row[width:]):
            yield Reject(source_file, locator, f"the row has {len(row)} fields, the header has {width}")
        else:
            yield Item(source_file, locator, {field: row[i] for field, i in places.items() if row[i].strip()})


def _next(rows: Any) -> list[str] | str | None:
    """The next row, the words of its fault, or None at the end.

    The longest field is a setting of the whole process: it is raised only while a row is read.
    """
    before = csv.field_size_limit(LARGEST_FIELD)
    try:
        return next(rows, None)
    except csv.Error as error:
        return str(error)
    finally:
        csv.field_size_limit(before)


def _delimiter(path: Path, handle: TextIO) -> str:
    """The separator that splits the header into most columns."""
    if path.suffix.lower() in (".tsv", ".tab"):
        return "\t"
    first = handle.readline(100_000)
    handle.seek(0)
    return max(DELIMITERS, key=lambda d: len(next(csv.reader([first], delimiter=d), [])))


def _check_twice(header: list[str], chosen: dict[str, str], source_file: str) -> None:
    for field, column in chosen.items():
        if header.count(column) > 1:
            raise InputError(
                f"{source_file} has {header.count(column)} columns named {column!r}, of which one is needed for the "
                f"field {field}; rename the others"
            )

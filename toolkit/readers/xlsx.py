"""Excel tables, one article a row. No formula is run and no link followed: what a cell showed when it was saved counts.

ECMA-376, "Office Open XML File Formats", part 1, chapter 18 (SpreadsheetML).
"""

from __future__ import annotations

import re
import warnings
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from toolkit.errors import InputError
from toolkit.readers.common import Columns, Item, Reject, UnreadableError, choose_columns
from toolkit.readers.parquet import as_text

__all__ = ["check_archive", "read", "sniff"]

LARGEST_PART = 1_000_000_000
"""A sheet does not unpack to more than this (bytes)."""
LARGEST_OTHER = 200_000_000
"""Anything else in the file, which is held in memory, does not unpack to more than this (bytes)."""
LARGEST_RATIO = 250
"""No part is packed more tightly than this, where it has over ten megabytes."""
MOST_MEMBERS = 5_000
MOST_ROWS = 1_048_576
CELL = 32_767
"""Excel cuts a longer text (characters)."""


def sniff(path: Path, head: bytes) -> bool:
    """Whether a file is an Excel workbook: by its beginning and what lies in it."""
    named = path.suffix.lower() in (".xlsx", ".xlsm") and b"word/document.xml" not in head
    return head.startswith(b"PK\x03\x04") and (named or b"xl/workbook.xml" in head or b"xl/worksheets/" in head)


def read(path: Path, source_file: str, columns: Columns | None) -> Iterator[Item | Reject]:
    """The articles of an Excel workbook.

    Parameters
    ----------
    path : pathlib.Path
        The file.
    source_file : str
        Its name in the tables.
    columns : mapping, optional
        Field -> column, by the names in the first row; or columns of which the first that is there counts.

    Yields
    ------
    Item or Reject
        One for each row of each sheet with such a header; any other sheet that is not empty is a Reject.

    Raises
    ------
    InputError
        No sheet has a mapped column, or one that holds the text.
    """
    try:
        with path.open("rb") as handle:
            try:
                check_archive(handle)
                book = _quietly(_open, handle)
            except UnreadableError as error:
                yield Reject(source_file, "", f"the file {error}")
                return
            except InputError:
                raise
            except Exception as error:  # openpyxl meets a broken part with any error
                yield Reject(source_file, "", f"the file cannot be read as an Excel workbook ({_words(error)})")
                return
            yield from _sheets(book, columns, source_file)
    except OSError as error:
        yield Reject(source_file, "", f"the file cannot be opened ({error.strerror})")


def _open(handle: Any) -> Any:
    try:
        from openpyxl import load_workbook
    except ImportError as error:
        raise InputError(f"Excel files are read with openpyxl, which cannot be loaded: {error}") from None
    return load_workbook(handle, read_only=True, data_only=True, keep_links=False)


def check_archive(handle: Any) -> None:
    """Refuse a workbook, or another ZIP archive, that is built to harm, before anything in it is unpacked.

    Raises
    ------
    UnreadableError
        It is broken, locked, leads out of itself, or unpacks to more than is read.
    """
    try:
        members = zipfile.ZipFile(handle).infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, EOFError) as error:
        raise UnreadableError(f"is no whole Excel workbook ({_words(error)})") from None
    handle.seek(0)
    if len(members) > MOST_MEMBERS:
        raise UnreadableError(f"holds {len(members)} files; a workbook has at most {MOST_MEMBERS}")
    for member in members:
        name, size = member.filename, member.file_size
        if name.startswith(("/", "\\")) or ".." in re.split(r"[/\\]", name) or ":" in name:
            raise UnreadableError(f"holds a file named {name[:80]!r}, which leads out of it; no workbook does so")
        if member.flag_bits & 1:
            raise UnreadableError("is locked with a password; save it without one")
        largest = LARGEST_PART if name.startswith("xl/worksheets/") else LARGEST_OTHER
        if size > largest:
            raise UnreadableError(f"unpacks {name[:80]!r} to {size / 1e6:.0f} MB; at most {largest / 1e6:.0f} are read")
        if size > 10_000_000 and size > LARGEST_RATIO * max(member.compress_size, 1):
            raise UnreadableError(f"unpacks {name[:80]!r} to {size // max(member.compress_size, 1)} times its size, as "
                                  f"a ZIP bomb does; at most {LARGEST_RATIO} is read")  # fmt: skip


def _quietly(function: Any, *arguments: Any) -> Any:
    """The result of a function of openpyxl, without its remarks on styles and extensions."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return function(*arguments)


def _sheets(book: Any, columns: Columns | None, source_file: str) -> Iterator[Item | Reject]:
    unfit: list[tuple[str, InputError]] = []
    fit = False
    for sheet in book.worksheets:
        name = str(sheet.title)[:60]
        rows = _rows(sheet)
        try:
            header = next((row for _, row in rows if any(row)), None)
        except UnreadableError as error:
            yield Reject(source_file, f"sheet {name!r}", f"the sheet {error}")
            continue
        if header is None:
            continue
        header = [cell.strip() for cell in header]
        try:
            chosen = choose_columns(columns, [cell for cell in header if cell], f"{source_file}, sheet {name!r},")
        except InputError as error:
            unfit.append((name, error))
            continue
        fit = True
        places = {field: header.index(column) for field, column in chosen.items()}
        yield from _articles(rows, places, source_file, name)
    if unfit and not fit:
        raise unfit[0][1]
    for name, fault in unfit:
        yield Reject(source_file, f"sheet {name!r}", f"the sheet holds no articles ({str(fault).split(';')[0]})"[:400])
    if not unfit and not fit:
        yield Reject(source_file, "", "the workbook is empty")


def _articles(rows: Iterator[Any], places: dict[str, int], source_file: str, name: str) -> Iterator[Item | Reject]:
    number, empty = 1, True
    try:
        for number, row in rows:
            if not any(row):
                continue
            empty = False
            fields = {field: row[i] for field, i in places.items() if i < len(row) and row[i].strip()}
            if len(fields.get("text", "")) >= CELL:
                fields["truncated"] = "true"
                fields["warnings"] = f"the text fills its cell; Excel cuts what is longer than {CELL} characters"
            yield Item(source_file, f"sheet {name!r}, row {number}", {**fields, "encoding": "utf-8"})
        if empty:
            yield Reject(source_file, f"sheet {name!r}", "the sheet has a header and no rows")
    except UnreadableError as error:
        yield Reject(source_file, f"sheet {name!r}, after row {number}", f"the sheet {error}; the rest is not read")


def _rows(sheet: Any) -> Iterator[tuple[int, list[str]]]:
    """The rows with their numbers, their cells as text."""
    sheet.reset_dimensions()  # what a file states about its size may be wrong, and makes rows as wide as it says
    rows = sheet.iter_rows(values_only=True)
    for number in range(1, MOST_ROWS + 2):
        try:
            row = _quietly(next, rows, None)
        except Exception as error:  # openpyxl meets a broken part with any error
            raise UnreadableError(f"is broken ({_words(error)})") from None
        if row is None:
            return
        if number > MOST_ROWS:
            raise UnreadableError(f"states rows beyond {MOST_ROWS:,}, which no Excel sheet has")
        yield number, [as_text(cell) for cell in row]


def _words(error: Exception) -> str:
    return " ".join(str(error).split())[:120] or type(error).__name__

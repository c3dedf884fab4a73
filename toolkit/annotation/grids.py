"""Tables that come back from coders, as rows of cells: Excel, OpenDocument, CSV. No formula is run, no link followed.

ECMA-376 part 1, chapter 18; OpenDocument 1.3 part 3, chapter 9 (tables).
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time
from typing import Any

from toolkit.annotation.records import Cell, Fault
from toolkit.readers.common import UnreadableError, decode
from toolkit.readers.xlsx import check_archive

__all__ = ["Row", "csv_rows", "ods_rows", "xlsx_rows"]

Row = tuple[str, "list[Cell]"]
"""Where a row stands, and its cells."""

MOST_ROWS = 500_000
MOST_COLUMNS = 200
LONGEST_CELL = 1_000_000
"""A longer cell is no label, id or note (characters)."""
_DELIMITERS = ",;\t"
_SEP = re.compile(r'"?sep=(.)"?\s*\n', re.IGNORECASE)
_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_ODS_KINDS = {"float": "number", "percentage": "number", "currency": "number", "date": "date", "time": "date"}


def csv_rows(content: bytes) -> Iterator[Row | Fault]:
    r"""The rows of a table with commas, semicolons or tabs, in any encoding that Excel writes.

    Examples
    --------
    >>> list(csv_rows("mention_id;label\nm1;negative\n".encode("utf-16")))[1]
    ('row 2', [Cell(text='m1', kind=''), Cell(text='negative', kind='')])
    """
    text, _ = decode(content)
    text = text.removeprefix("\ufeff")
    said = _SEP.match(text)  # a line by which Excel knows the separator
    text = text[said.end() :] if said else text
    first = text.split("\n", 1)[0]
    delimiter = (
        said[1] if said else max(_DELIMITERS, key=lambda sign: len(next(csv.reader([first], delimiter=sign), [])))
    )
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    number = 0
    before = csv.field_size_limit(LONGEST_CELL)
    try:
        for number, row in enumerate(rows, start=1):
            if number > MOST_ROWS:
                yield Fault(f"after row {MOST_ROWS}", f"the table has over {MOST_ROWS:,} rows; the rest is not read")
                return
            yield f"row {number}", [_csv_cell(cell) for cell in row[:MOST_COLUMNS]]
    except csv.Error as error:
        yield Fault(f"after row {number}", f"the table cannot be read further ({error}); check its quotation marks")
    finally:
        csv.field_size_limit(before)


def _csv_cell(text: str) -> Cell:
    text = text.strip()
    return Cell(text, "error" if text.startswith("#") and text.rstrip("?!").isupper() else "")


def xlsx_rows(content: bytes) -> Iterator[tuple[str, Iterator[Row | Fault]]]:
    """Each sheet of an Excel workbook with its rows.

    Raises
    ------
    UnreadableError
        It is no whole workbook, or one that is built to harm.
    """
    import warnings

    from openpyxl import load_workbook

    handle = io.BytesIO(content)
    check_archive(handle)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # its remarks on styles and extensions
            # Formulas as they stand, not what they gave: a label that was computed is not a coder's.
            book = load_workbook(handle, read_only=True, data_only=False, keep_links=False)
    except Exception as error:  # openpyxl meets a broken part with any error
        raise UnreadableError(f"cannot be read as an Excel workbook ({_words(error)})") from None
    for sheet in book.worksheets:
        yield str(sheet.title)[:60], _sheet_rows(sheet)


def _sheet_rows(sheet: Any) -> Iterator[Row | Fault]:
    import warnings

    sheet.reset_dimensions()  # what a file states about its size may be wrong
    place = f"sheet {str(sheet.title)[:60]!r}"
    rows = sheet.iter_rows()
    number = 0
    while True:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                cells = next(rows, None)
        except Exception as error:  # openpyxl meets a broken part with any error
            yield Fault(f"{place}, after row {number}", f"the sheet is broken ({_words(error)}); the rest is not read")
            return
        if cells is None:
            return
        number += 1
        if number > MOST_ROWS:
            yield Fault(f"{place}, after row {MOST_ROWS}", f"over {MOST_ROWS:,} rows; the rest is not read")
            return
        yield f"{place}, row {number}", [_xlsx_cell(cell.value, cell.data_type) for cell in cells[:MOST_COLUMNS]]


def _xlsx_cell(value: Any, kind: str) -> Cell:
    if value is None:
        return Cell("")
    if kind == "f":
        return Cell(str(value)[:LONGEST_CELL] if isinstance(value, str) else "=...", "formula")
    if isinstance(value, datetime | date | time):
        return Cell(value.isoformat(), "date")
    if isinstance(value, bool):
        return Cell(str(value).lower(), "number")
    if isinstance(value, int | float):
        return Cell(str(int(value)) if float(value).is_integer() else repr(value), "number")
    return Cell(str(value)[:LONGEST_CELL].strip(), "error" if kind == "e" else "")


def ods_rows(content: bytes) -> Iterator[tuple[str, Iterator[Row | Fault]]]:
    """Each sheet of an OpenDocument spreadsheet with its rows.

    Raises
    ------
    UnreadableError
        It is no whole spreadsheet, or one that is built to harm.
    """
    from lxml import etree

    handle = io.BytesIO(content)
    check_archive(handle)
    try:
        with zipfile.ZipFile(handle) as archive:
            part = archive.read("content.xml")
        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
        root = etree.fromstring(part, parser)
    except (KeyError, zipfile.BadZipFile, etree.XMLSyntaxError, EOFError, ValueError, OSError) as error:
        raise UnreadableError(f"cannot be read as an OpenDocument spreadsheet ({_words(error)})") from None
    for table in root.iter(f"{_TABLE}table"):
        name = str(table.get(f"{_TABLE}name"))[:60]
        yield name, _ods_table(table, f"sheet {name!r}")


def _ods_table(table: Any, place: str) -> Iterator[Row | Fault]:
    number = 0
    for row in table.iter(f"{_TABLE}table-row"):
        times = _count(row.get(f"{_TABLE}number-rows-repeated"))
        cells: list[Cell] = []
        for cell in row.iterchildren(f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell"):
            many = min(_count(cell.get(f"{_TABLE}number-columns-repeated")), MOST_COLUMNS - len(cells))
            cells += [_ods_cell(cell)] * many
        if not any(cell.text for cell in cells):
            number += times  # empty rows to the end of the sheet are one row that is repeated
            continue
        for _ in range(times):
            number += 1
            if number > MOST_ROWS:
                yield Fault(f"{place}, after row {MOST_ROWS}", f"over {MOST_ROWS:,} rows; the rest is not read")
                return
            yield f"{place}, row {number}", cells


def _count(value: str | None) -> int:
    return max(1, min(int(value), 2_000_000)) if value and value.isdecimal() and len(value) < 10 else 1


def _ods_cell(cell: Any) -> Cell:
    text = "\n".join(_ods_text(line) for line in cell.iterchildren(f"{_TEXT}p"))[:LONGEST_CELL].strip()
    if cell.get(f"{_TABLE}formula"):
        return Cell(text or "=...", "formula")
    return Cell(text, _ODS_KINDS.get(cell.get(f"{_OFFICE}value-type") or "", "") if text else "")


def _ods_text(node: Any) -> str:
    """The text of a paragraph; several blanks and tabs are elements."""
    parts = [node.text or ""]
    for child in node:
        if child.tag == f"{_TEXT}s":
            parts.append(" " * min(_count(child.get(f"{_TEXT}c")), 1000))
        elif child.tag == f"{_TEXT}tab":
            parts.append("\t")
        elif child.tag == f"{_TEXT}line-break":
            parts.append("\n")
        elif isinstance(child.tag, str):
            parts.append(_ods_text(child))
        parts.append(child.tail or "")
    return "".join(parts)


def header_of(rows: Iterable[Row | Fault], wanted: Sequence[str], label_names: Sequence[str]) -> dict[str, int] | None:
    """Read `rows` up to a header, at most twenty of them: column -> place; None where there is none."""
    for number, row in enumerate(rows):
        if number >= 20:
            return None
        if isinstance(row, Fault):
            continue
        names = [cell.text.strip().casefold() for cell in row[1]]
        label = next((name for name in label_names if name in names), None)
        if "mention_id" in names and label is not None:
            found = {name: names.index(name) for name in wanted if name in names}
            return {**found, "label": names.index(label)}
    return None


def _words(error: Exception) -> str:
    return " ".join(str(error).split())[:120] or type(error).__name__

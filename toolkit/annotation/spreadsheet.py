"""Sheets for a spreadsheet: an Excel workbook and a CSV file for each coder.

ECMA-376 part 1, chapter 18 (SpreadsheetML); RFC 4180 (CSV).
"""

from __future__ import annotations

import csv
import io
import re
import textwrap
import zipfile
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from toolkit.annotation.harmless import harmless
from toolkit.annotation.instructions import LABELS, marked_parts, sections
from toolkit.annotation.items import CLOSE, OPEN, Item
from toolkit.codebook import Task
from toolkit.files import write_atomically

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

__all__ = ["COLUMNS", "write_csv_sheet", "write_workbook"]

MOST_LABELS = 4
"""So many labels can be chosen for a mention, where a task takes several."""
COLUMNS = (
    "item", "mention_id", "proposition", "context", "text", "label", "label_2", "label_3", "label_4", "note", "coder",
)  # fmt: skip
"""The columns of a sheet, in order; of those that are not always needed only the needed ones."""
_WIDTHS = {
    "item": 6, "mention_id": 16, "proposition": 30, "context": 46, "text": 64, "label": 15, "label_2": 15,
    "label_3": 15, "label_4": 15, "note": 28, "coder": 12,
}  # fmt: skip
_ITEMS, _INSTRUCTIONS = "Items", "Instructions"
_FONT, _LINE, _TALLEST = "Calibri", 15.0, 409.0
_EPOCH = datetime(2000, 1, 1)
_MODIFIED = re.compile(rb"(<dcterms:modified[^>]*>)[^<]*")


def columns_of(items: Sequence[Item], task: Task) -> list[str]:
    """The columns that these items need."""
    needless = {name for name in ("proposition", "context") if not any(getattr(item, name) for item in items)}
    many = min(MOST_LABELS, len(task.labels)) if task.multiple else 1
    needless |= {f"label_{number}" for number in range(many + 1, MOST_LABELS + 1)}
    return [name for name in COLUMNS if name not in needless]


def _row(item: Item, number: int, coder: str, columns: Sequence[str]) -> list[Any]:
    cells = {
        "item": number, "mention_id": item.mention_id, "proposition": item.proposition, "context": item.context,
        "text": item.text, "coder": coder,
    }  # fmt: skip
    return [cells.get(name, "") for name in columns]


def write_csv_sheet(items: Sequence[Item], path: Path, task: Task, coder: str, *, delimiter: str = ",") -> None:
    """Write a coder's items as CSV: UTF-8 with the mark by which Excel knows it, every text harmless in a spreadsheet.

    Parameters
    ----------
    items : sequence of Item
        In the coder's order.
    path : pathlib.Path
        The file.
    task : Task
        The task, as the codebook has it.
    coder : str
        Their name, which stands in every row.
    delimiter : {",", ";"}, default ","
        Excel splits at semicolons where the decimal sign is a comma.
    """
    columns = columns_of(items, task)
    with write_atomically(path) as target, target.open("w", encoding="utf-8-sig", newline="") as handle:
        rows = csv.writer(handle, delimiter=delimiter)
        rows.writerow(columns)
        for number, item in enumerate(items, start=1):
            rows.writerow([harmless(str(cell)) for cell in _row(item, number, coder, columns)])


def write_workbook(items: Sequence[Item], path: Path, task: Task, coder: str) -> None:
    """Write a coder's items as an Excel workbook: instructions, and the items with a list of labels to choose from.

    Only the columns `label` and `note` can be changed (the protection has no password: it guards against slips). The
    same items make the same bytes.

    Parameters
    ----------
    items : sequence of Item
        In the coder's order.
    path : pathlib.Path
        The file.
    task : Task
        The task, as the codebook has it.
    coder : str
        Their name, which stands in every row.
    """
    from openpyxl import Workbook

    book = Workbook()
    book.properties.creator = book.properties.lastModifiedBy = "stance-toolkit"
    book.properties.created = book.properties.modified = _EPOCH
    book.properties.title = f"{task.name}: {coder}"
    first = _write_instructions(book.active, task, coder, items)
    _write_items(book.create_sheet(_ITEMS), items, task, coder, first)
    content = io.BytesIO()
    book.save(content)
    with write_atomically(path) as target:
        target.write_bytes(_without_time(content.getvalue()))


def _without_time(content: bytes) -> bytes:
    """The workbook with fixed times: openpyxl writes the current one into the properties and the archive."""
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            part = old.read(name)
            if name == "docProps/core.xml":
                part = _MODIFIED.sub(rb"\g<1>" + _EPOCH.strftime("%Y-%m-%dT%H:%M:%SZ").encode(), part)
            info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            info.compress_type, info.create_system, info.external_attr = zipfile.ZIP_DEFLATED, 3, 0o600 << 16
            new.writestr(info, part)
    return packed.getvalue()


# The two sheets ---------------------------------------------------------------------------------------------


def _write_instructions(sheet: Worksheet, task: Task, coder: str, items: Sequence[Item]) -> int:
    """Write the first sheet; the row of the first label."""
    from openpyxl.styles import Alignment, Font

    sheet.title = _INSTRUCTIONS
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 18, 96
    asked = [("Task", task.name), ("Coder", coder), ("Items", str(len(items))), ("Question", task.question)]
    row, first = 0, 0
    for title, lines in [("What is asked", asked), *sections(task, sheet=True)]:
        row += 1
        head = _put(sheet, row, 1, title)
        head.font, head.alignment = Font(name=_FONT, bold=True, size=13), Alignment(wrap_text=False)
        first = row + 1 if title == LABELS else first
        for name, text in lines:
            row += 1
            _put(sheet, row, 1, name).font = Font(name=_FONT, bold=True)
            _put(sheet, row, 2, text, parts=marked_parts(text))
            sheet.row_dimensions[row].height = _height([(name, 18), (text, 96)])
        row += 1
    _protect(sheet)
    _print(sheet, landscape=False)
    return first


def _write_items(sheet: Worksheet, items: Sequence[Item], task: Task, coder: str, first: int) -> None:
    from openpyxl.styles import Font, PatternFill, Protection
    from openpyxl.utils import get_column_letter

    columns = columns_of(items, task)
    letters = {name: get_column_letter(place) for place, name in enumerate(columns, start=1)}
    for place, name in enumerate(columns, start=1):
        head = _put(sheet, 1, place, name)
        head.font, head.fill = Font(name=_FONT, bold=True), PatternFill("solid", start_color="FFDDE3EA")
        sheet.column_dimensions[letters[name]].width = _WIDTHS[name]
    to_fill = PatternFill("solid", start_color="FFFFF8DC")
    for number, item in enumerate(items, start=1):
        marked = (item.left, f"{OPEN}{item.target}{CLOSE}", item.right)
        row = dict(zip(columns, _row(item, number, coder, columns), strict=True))
        sheet.row_dimensions[number + 1].height = _height([(str(row[name]), _WIDTHS[name]) for name in columns])
        for place, (name, value) in enumerate(row.items(), start=1):
            cell = _put(sheet, number + 1, place, value, parts=marked if name == "text" else None)
            if name.startswith(("label", "note")):
                cell.fill, cell.protection = to_fill, Protection(locked=False)
    last = len(items) + 1
    to_choose = [letters[name] for name in columns if name.startswith("label")]
    _offer_labels(sheet, f"{to_choose[0]}2:{to_choose[-1]}{last}", task, first)
    sheet.freeze_panes = "C2"
    sheet.auto_filter.ref = f"A1:{letters[columns[-1]]}{last}"
    _protect(sheet)
    _print(sheet, landscape=True)
    sheet.print_title_rows = "1:1"


def _height(cells: Sequence[tuple[str, int]]) -> float:
    """The height of a row that holds texts in columns of such widths: not every program fits it by itself (points)."""
    lines = [sum(len(textwrap.wrap(line, width)) or 1 for line in text.split("\n")) for text, width in cells]
    return min(_LINE * max(lines, default=1), _TALLEST)


def _put(sheet: Worksheet, row: int, column: int, value: Any, *, parts: tuple[str, str, str] | None = None) -> Any:
    """Write a cell as text, whatever it begins with; the second of `parts` in bold."""
    from openpyxl.cell.rich_text import CellRichText, TextBlock
    from openpyxl.cell.text import InlineFont
    from openpyxl.styles import Alignment

    cell = sheet.cell(row, column)
    if isinstance(value, int):
        cell.value = value
    elif value:
        bold = (
            TextBlock(InlineFont(rFont=_FONT, sz=11, b=True, color="FF9C2A00"), parts[1]) if parts and parts[1] else ""
        )
        cell.value = CellRichText(*filter(None, [parts[0], bold, parts[2]])) if parts and bold else value
        cell.data_type = "s"  # or "=..." would become a formula
        cell.number_format = "@"  # text: no id becomes a number or a date when it is edited
        cell.quotePrefix = True  # and stays text when the cell is opened and closed
    else:
        cell.number_format = "@"
    cell.alignment = Alignment(wrap_text=True, vertical="top")
    return cell


def _offer_labels(sheet: Worksheet, cells: str, task: Task, first: int) -> None:
    from openpyxl.worksheet.datavalidation import DataValidation

    source = f"{_INSTRUCTIONS}!$A${first}:$A${first + len(task.labels) - 1}"
    offer = DataValidation(type="list", formula1=source, allow_blank=True, showErrorMessage=True)
    offer.errorStyle, offer.errorTitle = "stop", "No label of this task"
    offer.error = f"Choose one of: {', '.join(task.labels)}"[:225]
    sheet.add_data_validation(offer)
    offer.add(cells)


def _protect(sheet: Worksheet) -> None:
    """Lock what is not open. In openpyxl True means forbidden: widths, heights and the filter stay free."""
    sheet.protection.sheet = True
    for allowed in ("formatColumns", "formatRows", "autoFilter"):
        setattr(sheet.protection, allowed, False)


def _print(sheet: Worksheet, *, landscape: bool) -> None:
    sheet.page_setup.orientation = "landscape" if landscape else "portrait"
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.print_options.gridLines = landscape
    sheet.oddFooter.center.text = "&A, page &P of &N"

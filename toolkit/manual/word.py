"""The manual for word processors (Office Open XML, ECMA-376), with the same bytes on every run."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from toolkit.manual.content import Block, Run

__all__ = ["word_document"]

_EPOCH = datetime(2000, 1, 1)
_WIDTHS = {1: (16.0,), 2: (12.0, 4.0), 3: (7.0, 2.7, 6.3)}
"""Widths of the columns of tables, in cm."""
_FIRST_NARROW = (3.2, 12.8)
_STYLES = {"paragraph": None, "list": "List Bullet", "numbers": "List Number"}


def word_document(title: str, blocks: Sequence[Block]) -> bytes:
    """The manual as a DOCX file."""
    from docx import Document
    from docx.shared import Cm, Pt

    document = Document()
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2.5)
    section.top_margin = section.bottom_margin = Cm(2.2)
    document.styles["Normal"].font.size = Pt(11)
    facts = document.core_properties
    facts.title, facts.author, facts.last_modified_by, facts.comments = title, "", "", ""
    facts.created = facts.modified = facts.last_printed = _EPOCH
    facts.revision, facts.language = 1, "en"
    document.add_heading(title, level=0)
    for block in blocks:
        _add(document, block)
    made = io.BytesIO()
    document.save(made)
    return _timeless(made.getvalue())


def _add(document: Any, block: Block) -> None:
    if block.kind == "table":
        _add_table(document, block)
    elif block.kind.startswith("heading"):
        document.add_heading("".join(text for text, _ in block.rows[0][0]), level=int(block.kind[-1]))
    else:
        numbering = _new_numbering(document) if block.kind == "numbers" else None
        for row in block.rows:
            paragraph = document.add_paragraph(style=_STYLES[block.kind])
            _fill(paragraph, row[0])
            if numbering is not None:
                properties = paragraph._p.get_or_add_pPr().get_or_add_numPr()
                properties.get_or_add_ilvl().val, properties.get_or_add_numId().val = 0, numbering


def _new_numbering(document: Any) -> int:
    """A list that begins at 1 again: without one of its own, it would go on counting from the list before."""
    numbering = document.part.numbering_part.numbering_definitions._numbering
    style = document.styles["List Number"].element.pPr.numPr.numId.val
    abstract = numbering.num_having_numId(style).abstractNumId.val
    fresh = numbering.add_num(abstract)
    fresh.add_lvlOverride(ilvl=0).add_startOverride(1)
    return int(fresh.numId)


def _add_table(document: Any, block: Block) -> None:
    from docx.oxml import OxmlElement
    from docx.shared import Cm

    columns = len(block.rows[0])
    # Labels and hashes stand in a narrow first column, texts in a wide one.
    first = "".join(text for text, _ in block.rows[0][0])
    widths = _FIRST_NARROW if columns == 2 and first != "Text" else _WIDTHS[columns]
    table = document.add_table(rows=0, cols=columns, style="Table Grid")
    table.autofit = False
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Cm(width)
    for number, cells in enumerate(block.rows):
        row = table.add_row()
        for cell, runs, width in zip(row.cells, cells, widths, strict=True):
            cell.width = Cm(width)
            _fill(cell.paragraphs[0], runs, strong=number == 0)
        kept = row._tr.get_or_add_trPr()
        kept.append(OxmlElement("w:cantSplit"))
        if number == 0:
            kept.append(OxmlElement("w:tblHeader"))
    document.add_paragraph()


def _fill(paragraph: Any, runs: Sequence[Run], *, strong: bool = False) -> None:
    from docx.enum.text import WD_COLOR_INDEX

    for text, style in runs:
        run = paragraph.add_run(text)
        run.bold = bool(style) or strong or None
        if style == "target":
            run.font.highlight_color = WD_COLOR_INDEX.YELLOW


def _timeless(content: bytes) -> bytes:
    """The same archive, its members in order and without the time of writing."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as given, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        # Word wants the list of contents first.
        for name in sorted(given.namelist(), key=lambda one: (one != "[Content_Types].xml", one)):
            member = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
            member.compress_type, member.external_attr = zipfile.ZIP_DEFLATED, 0o600 << 16
            made.writestr(member, given.read(name))
    return out.getvalue()

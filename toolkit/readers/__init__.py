"""The shelf of readers: one file per export format, each turning files into articles and rejects.

A reader yields an :class:`Item` for each article and a :class:`Reject`, with a reason, for everything that it cannot
read. It drops nothing silently, opens no connection and unpickles nothing.
"""

from __future__ import annotations

from pathlib import Path

from toolkit.readers import (
    csv,
    docx,
    europresse,
    factiva_html,
    factiva_text,
    factiva_xml,
    fundus,
    html,
    jsonl,
    mediacloud,
    newsapi,
    newsplease,
    nexis_docx,
    nexis_text,
    parquet,
    pdf,
    proquest,
    text,
    warc,
    xlsx,
)
from toolkit.readers.common import FIELDS, Columns, Item, Reader, Reject

__all__ = ["FIELDS", "READERS", "Columns", "Item", "Reader", "Reject", "find_reader"]

READERS: dict[str, Reader] = {
    "nexis_docx": nexis_docx,
    "nexis_text": nexis_text,
    "factiva_html": factiva_html,
    "factiva_xml": factiva_xml,
    "factiva_text": factiva_text,
    "proquest": proquest,
    "europresse": europresse,
    "newsapi": newsapi,
    "newsplease": newsplease,
    "fundus": fundus,
    "mediacloud": mediacloud,
    "warc": warc,
    "parquet": parquet,
    "xlsx": xlsx,
    "docx": docx,
    "pdf": pdf,
    "html": html,
    "jsonl": jsonl,
    "csv": csv,
    "text": text,
}
"""Every reader by its name. The first whose ``sniff`` agrees reads a file of ``format: auto``."""


def find_reader(path: Path, head: bytes) -> str | None:
    """The name of the first reader that takes the file, None where none does.

    Parameters
    ----------
    path : pathlib.Path
        The file; its suffix helps where the content leaves it open.
    head : bytes
        The first bytes of the file.

    Examples
    --------
    >>> find_reader(Path("page"), b"<!DOCTYPE html><html><body><p>Ankara warned.</p></body></html>")
    'html'
    >>> find_reader(Path("export.txt"), b'{"title": "Ankara warns"}')
    'jsonl'
    >>> find_reader(Path("lead.jpg"), bytes([255, 216, 255])) is None
    True
    """
    return next((name for name, reader in READERS.items() if reader.sniff(path, head)), None)

"""PDFs that hold one article as text. Scanned pages hold pictures of text and are refused.

ISO 32000-2:2020, "Portable document format".
"""

from __future__ import annotations

import io
import logging
import re
import warnings
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from toolkit.errors import InputError
from toolkit.readers.common import LARGEST_PAGE, Columns, Item, Reject, UnreadableError
from toolkit.readers.docx import check_single
from toolkit.readers.text import article_fields

__all__ = ["join_lines", "read", "sniff"]

LARGEST_FILE = 50_000_000
"""A longer file is not read: with pictures, one article has less (bytes)."""
MOST_PAGES = 60
"""A file with more pages is no single article."""
_END = re.compile(r"[.!?:…؟。]['\"”’»)\]]*$")
_KEY = re.compile(r"[^\W\d_][\w -]{0,30}:\s")


def sniff(path: Path, head: bytes) -> bool:  # noqa: ARG001
    """Whether a file is a PDF."""
    return b"%PDF-" in head[:1024]


def read(path: Path, source_file: str, columns: Columns | None) -> Iterator[Item | Reject]:
    """The article of a PDF.

    Parameters
    ----------
    path : pathlib.Path
        The file.
    source_file : str
        Its name in the tables.
    columns : mapping, optional
        More names of header lines, as for plain text.

    Yields
    ------
    Item or Reject
        One. Lines that the page's width broke are joined to paragraphs (:func:`join_lines`), as a warning says.
        Scanned pages, locked files and exports of several articles are refused.
    """
    try:
        pages = _pages(path)
        empty = sum(not page.strip() for page in pages)
        if empty == len(pages):
            raise UnreadableError("holds no text, as scanned pages do; run OCR over it and save the text")
        text = "\n".join(pages)
        if len(text) > LARGEST_PAGE:
            raise UnreadableError(f"has over {LARGEST_PAGE / 1e6:g} MB of text; one article has less")
        check_single(text)
    except UnreadableError as error:
        yield Reject(source_file, "", f"the file {error}")
        return
    except OSError as error:
        yield Reject(source_file, "", f"the file cannot be opened ({error.strerror})")
        return
    fields = article_fields(join_lines(text), path.name, columns)
    doubts = ["lines of a PDF, joined to paragraphs"]
    if empty:
        doubts.append(f"{empty} of {len(pages)} pages hold no text")
    fields["warnings"] = "; ".join([*([fields["warnings"]] if "warnings" in fields else []), *doubts])
    yield Item(source_file, "", {**fields, "encoding": "utf-8"})


def _pages(path: Path) -> list[str]:
    """The text of each page."""
    try:
        from pypdf import PdfReader
    except ImportError as error:
        raise InputError(f"PDFs are read with pypdf, which cannot be loaded: {error}") from None
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # what it says of a file is in the table of rejects
    size = path.stat().st_size
    if size > LARGEST_FILE:
        raise UnreadableError(f"has {size / 1e6:.1f} MB; a PDF with one article has at most {LARGEST_FILE / 1e6:g} MB")
    data = path.read_bytes()
    if not data.strip():
        raise UnreadableError("is empty")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            reader = PdfReader(io.BytesIO(data), strict=False)
            if reader.is_encrypted and not reader.decrypt(""):
                raise UnreadableError("is locked with a password; save it without one")
            number = len(reader.pages)
            if number > MOST_PAGES:
                raise UnreadableError(f"has {number} pages; one article has at most {MOST_PAGES}")
            found = [page.extract_text() or "" for page in reader.pages]
    except UnreadableError:
        raise
    except Exception as error:  # a broken PDF may break the parser anywhere
        words = " ".join(str(error).split())[:120] or type(error).__name__
        raise UnreadableError(f"cannot be read as a PDF ({words})") from None
    if not found:
        raise UnreadableError("has no pages")
    # Half a surrogate pair comes from fonts without a map to Unicode.
    return [text.encode("utf-8", "replace").decode().replace("\0", "") for text in found]


def join_lines(text: str) -> str:
    r"""Lines broken by the width of a page, joined to paragraphs.

    A line goes on in the next where it is about as long as the others, or the next begins with a small letter. A hyphen
    at its end goes where a small letter follows.

    Examples
    --------
    >>> join_lines("Ankara warns\n\nTurkey warned Damascus on Fri-\nday. It meant it.\nMoscow was silent.")
    'Ankara warns\n\nTurkey warned Damascus on Friday. It meant it.\nMoscow was silent.'
    """
    lines = [" ".join(line.split()) for line in text.split("\n")]
    full = 0.75 * median([len(line) for line in lines if len(line) > 30] or [1_000])
    joined: list[str] = []
    goes_on = False
    for line in lines:
        begins_small = line[:1].islower()
        if joined and line and joined[-1] and (goes_on or begins_small) and not _KEY.match(line):
            before = joined[-1]
            broken = before.endswith("-") and before[-2:-1].isalpha() and begins_small
            joined[-1] = before[:-1] + line if broken else f"{before} {line}"
        else:
            joined.append(line)
        goes_on = len(line) >= full and not (_END.search(line) and len(line) < full / 0.75)
    return "\n".join(joined)

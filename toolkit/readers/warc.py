"""WARC, the web archives of Common Crawl and others: each captured page through the reader of web pages.

ISO 28500:2017, "WARC file format".
"""

from __future__ import annotations

import contextlib
import io
import re
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from toolkit.errors import InputError
from toolkit.readers.common import LARGEST_PAGE, Columns, Item, Reject, UnreadableError
from toolkit.readers.html import page_fields

__all__ = ["read", "sniff"]

LARGEST_RECORD = 1_000_000_000
"""A longer record ends the reading of its file (bytes)."""

_BESIDE = frozenset({"warcinfo", "request", "metadata"})  # how the pages were fetched
_PAGE = re.compile(r"\s*(?:text/html|application/xhtml\+xml)\b", re.IGNORECASE)
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]+)", re.IGNORECASE)


def sniff(path: Path, head: bytes) -> bool:  # noqa: ARG001
    """Whether a file is a web archive, packed with gzip or not."""
    if head.startswith(b"\x1f\x8b"):
        try:
            head = zlib.decompressobj(31).decompress(head[:1000], 100)
        except zlib.error:
            return False
    return head.startswith(b"WARC/")


def read(path: Path, source_file: str, columns: Columns | None) -> Iterator[Item | Reject]:  # noqa: ARG001
    """The articles of a web archive.

    Parameters
    ----------
    path : pathlib.Path
        The file.
    source_file : str
        Its name in the tables.
    columns : mapping, optional
        Not used: a page states its fields itself.

    Yields
    ------
    Item or Reject
        One for each captured page or other answer of a server; records of how they were fetched are none. The date is
        the page's own: that of the capture says when the crawler came.
    """
    try:
        from warcio.archiveiterator import WARCIterator
    except ImportError as error:
        raise InputError(f"web archives are read with warcio, which cannot be loaded: {error}") from None
    number, pages = 0, 0
    try:
        with path.open("rb") as handle, contextlib.redirect_stderr(io.StringIO()):  # its words are in our rejects
            for number, record in enumerate(WARCIterator(handle), 1):
                if _length(record) > LARGEST_RECORD:
                    reason = f"the record has over {LARGEST_RECORD / 1e9:g} GB; the rest of the file is not read"
                    yield Reject(source_file, f"record {number}", reason)
                    return
                if record.rec_type in _BESIDE:
                    continue
                pages += 1
                yield _article(record, source_file, f"record {number}")
    except OSError as error:
        yield Reject(source_file, "", f"the file cannot be opened ({error.strerror or 'it is no whole gzip file'})")
        return
    except Exception as error:  # a broken archive may break the parser anywhere
        said = (str(error).strip().splitlines() or [""])[0].strip(" :")[:150] or type(error).__name__
        yield Reject(
            source_file, f"after record {number}", f"the archive is broken ({said}); the rest of it is not read"
        )
        return
    if not pages:
        yield Reject(source_file, "", "the archive holds no captured page" if number else "the file is no web archive")


def _length(record: Any) -> int:
    stated = record.rec_headers.get_header("Content-Length") or "0"
    return int(stated) if stated.isascii() and stated.isdigit() else 0


def _article(record: Any, source_file: str, locator: str) -> Item | Reject:
    url = (record.rec_headers.get_header("WARC-Target-URI") or "").strip("<> ")[:2000]
    about = f": {url[:300]}" if url else ""
    try:
        declared = _check(record)
        data = record.content_stream().read(LARGEST_PAGE + 1)
        if len(data) > LARGEST_PAGE:
            raise UnreadableError(f"has over {LARGEST_PAGE / 1e6:g} MB")
        if not data.strip():
            raise UnreadableError("is empty")
        fields = page_fields(data, declared)
    except UnreadableError as error:
        return Reject(source_file, locator, f"the page {error.args[0]}{about}")
    if cut := record.rec_headers.get_header("WARC-Truncated"):
        fields["truncated"] = "true"
        fields["warnings"] = f"the crawler cut the page ({cut[:40]})"
    elif _ends_early(record):
        fields["truncated"] = "true"
        fields["warnings"] = "the archive ends within this page"
    if url and "url" not in fields:
        fields["url"] = url
    return Item(source_file, locator, fields)


def _ends_early(record: Any) -> bool:
    """Whether the file ended before the record's stated length."""
    return getattr(record.raw_stream, "limit", 0) > 0 and not record.raw_stream.read(1)


def _check(record: Any) -> str | None:
    """The encoding that the server stated; UnreadableError where the record holds no page."""
    if record.rec_type == "revisit":
        raise UnreadableError("was captured before and is not stored again here")
    if record.rec_type == "conversion":
        raise UnreadableError("is stored as bare text (WET) without what states its title and date; take the WARC file")
    if record.rec_type not in ("response", "resource"):
        raise UnreadableError(f"is no answer of a server but a record of type {str(record.rec_type)[:40]!r}")
    headers = record.http_headers
    if record.rec_type == "response":
        status = headers.get_statuscode() if headers else ""
        if status != "200":
            raise UnreadableError(f"was not sent (HTTP status {str(status)[:10] or 'missing'})")
    kind = (headers or record.rec_headers).get_header("Content-Type") or ""
    if not _PAGE.match(kind):
        raise UnreadableError(f"is no web page but {kind[:60] or 'of no stated type'}")
    stated = _CHARSET.search(kind)
    return stated[1] if stated else None

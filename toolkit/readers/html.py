"""Web pages, one article a page: the body by trafilatura, what the page says about itself from its metadata.

Barbaresi (2021), "Trafilatura: A Web Scraping Library and Command-Line Tool for Text Discovery and Extraction", ACL.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from toolkit.errors import InputError
from toolkit.readers.common import Columns, Item, Reject, UnreadableError, decode, read_bytes
from toolkit.readers.dates import DateError, date_in_name, read_date

__all__ = ["begins_as_page", "page_fields", "read", "sniff"]

SUFFIXES = (".html", ".htm", ".xhtml")
_TAGS = (b"<!doctype html", b"<html", b"<head", b"<body")
_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)
_SPACE = re.compile(r"\s+")

# Where a page states each thing, the most reliable first. XPath, evaluated on the parsed page.
_PLACES = {
    "title": ("//meta[@property='og:title']/@content", "(//article|//main)//h1", "//h1", "//head/title"),
    "date": (
        "//meta[@property='article:published_time']/@content",
        "//*[@itemprop='datePublished']/@content",
        "//*[@itemprop='datePublished']/@datetime",
        "//meta[@property='og:published_time']/@content",
        "//meta[@name='date' or @name='Date' or @name='pubdate' or @name='publishdate' or @name='publication_date' "
        "or @name='DC.date.issued' or @name='dc.date' or @name='parsely-pub-date' or @name='sailthru.date']/@content",
        "(//article|//main)//time/@datetime",
        "//time/@datetime",
    ),
    "url": ("//link[@rel='canonical']/@href", "//meta[@property='og:url']/@content"),
    "site": ("//meta[@property='og:site_name']/@content", "//meta[@name='application-name']/@content"),
    "byline": ("//meta[@name='author']/@content", "//meta[@property='article:author']/@content", "//*[@rel='author']"),
    "language": ("/html/@lang", "//meta[@http-equiv='content-language']/@content"),
}


def sniff(path: Path, head: bytes) -> bool:
    """Whether a file is a web page: by its beginning, or by its suffix."""
    return path.suffix.lower() in SUFFIXES or begins_as_page(head)


def begins_as_page(head: bytes) -> bool:
    """Whether bytes begin as a web page does."""
    rest = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    while rest.startswith((b"<!--", b"<?")):
        rest = rest.partition(b"-->" if rest.startswith(b"<!--") else b">")[2].lstrip()
    return rest[:20].lower().startswith(_TAGS)


def read(path: Path, source_file: str, columns: Columns | None) -> Iterator[Item | Reject]:  # noqa: ARG001
    """The article of a web page.

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
        One. Paragraphs are the lines of the text: the body, without what trafilatura takes for the page around it. That
        is the raw text of the article, and offsets of removed spans count in it. Nothing is fetched.
    """
    try:
        fields = page_fields(read_bytes(path))
    except UnreadableError as error:
        yield Reject(source_file, "", f"the {'page' if error.args[1:] else 'file'} {error.args[0]}")
        return
    except OSError as error:
        yield Reject(source_file, "", f"the file cannot be opened ({error.strerror})")
        return
    if "date" not in fields and (named := date_in_name(path.name)):
        fields["date"] = named
    yield Item(source_file, "", fields)


def page_fields(data: bytes, declared: str | None = None) -> dict[str, str]:
    """What a web page holds.

    Parameters
    ----------
    data : bytes
        The page.
    declared : str, optional
        The encoding that the server stated; it counts before the one that the page states.

    Raises
    ------
    UnreadableError
        It is no text, or no article was found in it.
    """
    stated = _CHARSET.search(data[:4096])
    text, encoding = decode(data, declared or (stated[1].decode("ascii") if stated else None))
    if "\0" in text:
        raise UnreadableError("holds a NUL character", "page")
    bare_extraction = _trafilatura()
    try:
        tree = _parse(text)
        body = bare_extraction(
            _parse(text),  # it takes its tree apart
            favor_recall=True, include_comments=False, include_tables=True, with_metadata=False, fast=True,
        )  # fmt: skip
        fields = {} if tree is None else _metadata(tree)
    except Exception as error:  # a page may be anything, and one that breaks the parser must not end the run
        raise UnreadableError(f"cannot be taken apart ({type(error).__name__})", "page") from None
    if body is None or not (body.text or "").strip():
        raise UnreadableError("holds no article body", "page")
    return {**fields, "text": body.text, "encoding": encoding}


def _trafilatura() -> Any:
    try:
        from trafilatura import bare_extraction
    except ImportError as error:
        raise InputError(f"web pages are read with trafilatura, which cannot be loaded: {error}") from None
    logger = logging.getLogger("trafilatura")
    if logger.level == logging.NOTSET:
        logger.setLevel(logging.CRITICAL)  # what it says of a page is in the table of rejects
    return bare_extraction


def _parse(text: str) -> Any:
    from lxml import html

    # As bytes: lxml refuses text that declares an encoding. No DTD, no entity and no link is followed.
    parser = html.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True)
    return html.document_fromstring(text.encode("utf-8", "replace"), parser=parser)


def _metadata(tree: Any) -> dict[str, str]:
    found = {}
    for field, places in _PLACES.items():
        values = [value for place in places for value in map(_as_text, tree.xpath(place)) if value]
        if field == "date":
            values += _linked_dates(tree)
            values = [next((v for v in values if _is_date(v)), values[0])] if values else []
        if field in ("url", "byline"):
            values = [v for v in values if v.startswith(("http://", "https://")) == (field == "url")]
        if values:
            found[field] = values[0]
    site, title = found.get("site"), found.get("title", "")
    if site and (match := re.fullmatch(rf"(.+?)\s+[|–—-]\s+{re.escape(site)}", title)):
        found["title"] = match[1]
    return found


def _as_text(value: Any) -> str:
    text = value if isinstance(value, str) else value.text_content()
    return _SPACE.sub(" ", text).strip()


def _is_date(value: str) -> bool:
    try:
        return read_date(value) is not None
    except (DateError, InputError):
        return False


def _linked_dates(tree: Any) -> list[str]:
    """``datePublished`` of the JSON-LD blocks of a page."""
    dates = []
    for script in tree.xpath("//script[@type='application/ld+json']"):
        try:
            waiting = [json.loads(script.text_content())]
        except (ValueError, RecursionError):
            continue
        while waiting:
            value = waiting.pop(0)
            if isinstance(value, list):
                waiting += value
            elif isinstance(value, dict):
                waiting += [v for v in value.values() if isinstance(v, dict | list)]
                if isinstance(value.get("datePublished"), str):
                    dates.append(value["datePublished"])
    return dates

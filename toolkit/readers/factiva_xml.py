"""Exports of Factiva as XML (``http://global.factiva.com/pps/2.0``), read article by article."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from toolkit.readers import exports
from toolkit.readers.common import Columns, Item, Reject, UnreadableError
from toolkit.readers.factiva import make_item

__all__ = ["read", "sniff"]

_NAMESPACE = "http://global.factiva.com/"
_MOST = 50_000_000  # bytes of one article's XML
_DOCTYPE = re.compile(rb"<\0?!\0?(?:D\0?O\0?C\0?T\0?Y\0?P\0?E|E\0?N\0?T\0?I\0?T\0?Y)")


def sniff(path: Path, head: bytes) -> bool:  # noqa: ARG001
    """Whether a file is such an export: XML with Factiva's namespace, or with an article's number of Factiva."""
    text = exports.head_text(head).lstrip("\ufeff \r\n")
    return text.startswith("<") and (_NAMESPACE in text or ("<article" in text and "<accessionNo" in text))


def read(path: Path, source_file: str, columns: Columns | None) -> Iterator[Item | Reject]:  # noqa: ARG001
    """The articles of an XML file of Factiva.

    Parameters
    ----------
    path : pathlib.Path
        The file.
    source_file : str
        Its name in the tables.
    columns : mapping, optional
        Not used: an export states its fields itself.

    Yields
    ------
    Item or Reject
        One for each article, its locator its place in the file, its id Factiva's own. XML that breaks off is a Reject
        after the articles before it; a file with a document type or entities is refused.
    """
    number = 0
    try:
        with path.open("rb") as handle:
            head = handle.read(4096)
            if not head.strip():
                raise UnreadableError("is empty")
            if _DOCTYPE.search(head):
                raise UnreadableError("declares a document type or entities, which no export of Factiva does")
            handle.seek(0)
            for article in _articles(handle):
                number += 1
                yield _item(article, source_file, f"item {number}")
        if not number:
            lacks = "it has no element 'article'"
            yield exports.unknown(source_file, "XML of Factiva", lacks, exports.head_text(head).splitlines())
    except UnreadableError as error:
        after = f" after item {number}" if number else ""
        began = (
            ""
            if number
            else f"; it begins {exports.quote(exports.head_text(head).splitlines())}"
            if head.strip()
            else ""
        )
        yield Reject(source_file, "", f"the file {error}{after}{began}")
    except OSError as error:
        yield Reject(source_file, "", f"the file cannot be opened ({error.strerror})")


class _Bounded:
    """A file that gives no more than so many bytes before it is reset."""

    def __init__(self, handle: IO[bytes]) -> None:
        self.handle, self.given = handle, 0

    def read(self, size: int = -1) -> bytes:
        """The next bytes."""
        data = self.handle.read(min(size, 65536) if size >= 0 else 65536)
        self.given += len(data)
        if self.given > _MOST:
            raise UnreadableError(f"holds an article of over {_MOST / 1e6:g} MB of XML; no article is so long")
        return data


def _articles(handle: IO[bytes]) -> Iterator[Any]:
    from lxml import etree

    source = _Bounded(handle)
    # huge_tree stays off: it bounds depth and names. No entity is resolved and nothing is fetched.
    events = etree.iterparse(
        source, events=("end",), tag=("article", "{*}article"), resolve_entities=False, no_network=True,
        load_dtd=False, remove_comments=True, remove_pis=True, huge_tree=False,
    )  # fmt: skip
    try:
        for _, article in events:
            if article.getroottree().docinfo.doctype:
                raise UnreadableError("declares a document type, which no export of Factiva does")
            yield article
            source.given = 0
            article.clear()
            while article.getprevious() is not None:
                del article.getparent()[0]
    except etree.XMLSyntaxError as error:
        raise UnreadableError(f"holds XML that cannot be read ({' '.join(str(error).split())[:120]})") from None


def _item(article: Any, source_file: str, locator: str) -> Item | Reject:
    day = _first(article, "publicationDate/dateTime") or _first(article, "publicationDate/date")
    values = {
        "HD": " ".join(_paragraphs(article, "headline")),
        "SN": _first(article, "sourceName"),
        "PD": day or _first(article, "publicationDate"),
        "BY": _first(article, "byline"),
        "CR": _first(article, "credit"),
        "AN": _first(article, "accessionNo"),
    }
    text = "\n".join(_paragraphs(article, "leadParagraph") + _paragraphs(article, "tailParagraphs"))
    return make_item(values, text, source_file, locator, _first(article, "baseLanguage"))


def _find(element: Any, path: str) -> list[Any]:
    """The elements at a path of names, in any namespace."""
    return element.xpath("/".join(["."] + [f"*[local-name()='{name}']" for name in path.split("/")]))


def _first(element: Any, path: str) -> str:
    found = _find(element, path)
    return " ".join(str(found[0].xpath("string()")).split()) if found else ""


def _paragraphs(element: Any, name: str) -> list[str]:
    """The paragraphs of a part; terms that were searched for stand in ``<hlt>`` and leave no trace."""
    parts = _find(element, f"{name}/paragraph") or _find(element, name)
    return [text for text in (" ".join(str(part.xpath("string()")).split()) for part in parts) if text]

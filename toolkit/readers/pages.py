"""What the readers of exported web pages share: a parser that fetches nothing, and the text of an element."""

from __future__ import annotations

from typing import Any

from toolkit.readers.common import UnreadableError

__all__ = ["content", "parse_page"]


def parse_page(text: str) -> Any:
    """The tree of a page; None where it has no element.

    No document type, entity or link is followed, and elements below the parser's depth are dropped.

    Raises
    ------
    UnreadableError
        The page cannot be taken apart.
    """
    from lxml import etree

    # As bytes: lxml refuses text that declares an encoding.
    parser = etree.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True)
    try:
        return etree.fromstring(text.replace("\0", "").encode("utf-8", "replace"), parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError) as error:
        words = " ".join(str(error).split())[:120]
        raise UnreadableError(f"is a page that cannot be taken apart ({words})") from None


def content(element: Any) -> str:
    """The text in an element, with one blank between words; marks of search terms in it leave no trace."""
    return " ".join(str(element.xpath("string()")).split())

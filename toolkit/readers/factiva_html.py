"""Exports of Factiva as web pages with the display option "Full Article/Report plus Indexing"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from toolkit.readers import exports
from toolkit.readers.common import Columns, Item, Reject, UnreadableError, decode
from toolkit.readers.factiva import CODES, make_item
from toolkit.readers.pages import content, parse_page

__all__ = ["read", "sniff"]

_ARTICLE = re.compile(r"""class\s*=\s*["']article\s+([a-z]{2})Article\b""")
_ARTICLES = "//div[starts-with(@class, 'article ') and contains(@class, 'Article')]"


def sniff(path: Path, head: bytes) -> bool:  # noqa: ARG001
    """Whether a file is such an export: it has an element of the class ``article enArticle``, of any language."""
    return _ARTICLE.search(exports.head_text(head)) is not None


def read(path: Path, source_file: str, columns: Columns | None) -> Iterator[Item | Reject]:  # noqa: ARG001
    """The articles of a page of Factiva.

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
        One for each article, its locator its place in the file, its id Factiva's own.
    """
    try:
        text, encoding = decode(exports.read_whole(path))
        tree = parse_page(text)
        found = [] if tree is None else tree.xpath(_ARTICLES)
        if not found:
            lacks = "no element is of the class 'article enArticle'"
            yield exports.unknown(source_file, "page of Factiva", lacks, text[:4000].splitlines())
        for number, article in enumerate(found, 1):
            item = _item(article, source_file, f"item {number}")
            if isinstance(item, Item):
                item.fields["encoding"] = encoding
            yield item
        if found and "</html>" not in text[-2000:].lower():
            yield Reject(source_file, "", "the page ends without </html>: the file is cut off; export it again")
    except UnreadableError as error:
        yield Reject(source_file, "", f"the file {error}")
    except OSError as error:
        yield Reject(source_file, "", f"the file cannot be opened ({error.strerror})")


def _item(article: Any, source_file: str, locator: str) -> Item | Reject:
    values: dict[str, str] = {}
    text: list[str] = []
    for row in article.xpath(".//tr[td]"):
        cells = row.xpath("./td")
        code = content(cells[0])
        if code not in CODES or len(cells) < 2:
            continue
        if code in ("LP", "TD"):
            lines = [content(p) for p in cells[1].xpath(".//p")] or [content(cells[1])]
            text += [line for line in lines if line]
        else:
            values.setdefault(code, content(cells[1]))
    if not values:
        reason = "the item has no field codes (HD, PD, ...): export it with 'Full Article/Report plus Indexing'"
        return Reject(source_file, locator, f"{reason}. It begins {exports.quote([content(article)])}")
    language = _ARTICLE.search(f'class="{article.get("class")}"')
    return make_item(values, "\n".join(text), source_file, locator, language[1] if language else "")

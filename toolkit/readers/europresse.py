"""Exports of Europresse (Eureka) as web pages.

Layout after tm.plugin.europresse (Bouchet-Valat, CRAN) and its example.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from toolkit.readers import exports
from toolkit.readers.common import Columns, Item, Reject, UnreadableError, decode
from toolkit.readers.dates import is_date
from toolkit.readers.pages import content, parse_page

__all__ = ["read", "sniff"]

_NAME = ".//span[contains(concat(' ', @class, ' '), ' DocPublicationName ')]"
_HEADER = ".//*[contains(concat(' ', @class, ' '), ' DocHeader ')]"
_TITLE = ".//*[self::p or self::div][starts-with(@class, 'titreArticleVisu') or contains(@class, ' titreArticleVisu')]"
_AUTHORS = ".//*[contains(concat(' ', @class, ' '), ' docAuthors ')]"
_BODIES = (
    ".//*[contains(concat(' ', @class, ' '), ' docOcurrContainer ')]",
    ".//*[contains(concat(' ', @class, ' '), ' DocText ')]",
    ".//section",
)
_SNIFF = re.compile(r"""class\s*=\s*["'][^"'>]*\bDocPublicationName\b""")
_NUMBER = re.compile(r"\bnews·(\d{8})·[\w·.-]+")
_ISSUE = re.compile(r",\s*(?:no|n°|nº|nr)\.?\s*\d.*$", re.IGNORECASE | re.DOTALL)


def sniff(path: Path, head: bytes) -> bool:  # noqa: ARG001
    """Whether a file is such an export: it has an element of the class ``DocPublicationName``."""
    return _SNIFF.search(exports.head_text(head)) is not None


def read(path: Path, source_file: str, columns: Columns | None) -> Iterator[Item | Reject]:  # noqa: ARG001
    """The articles of a page of Europresse.

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
        One for each article, its locator its place in the file, its id Europresse's own (``news·20200228·...``).
        Terms that were searched for leave no trace in the text; illustrations and notes below it are left out.
    """
    try:
        text, encoding = decode(exports.read_whole(path))
        tree = parse_page(text)
        found = [] if tree is None else _articles(tree)
        if not found:
            lacks = "no element is of the class 'DocPublicationName'"
            yield exports.unknown(source_file, "page of Europresse", lacks, text[:4000].splitlines())
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


def _articles(tree: Any) -> list[Any]:
    """The elements that hold an article each.

    Newer pages have ``article`` elements; in older ones it is the highest element around one name of a newspaper.
    """
    names = tree.xpath(_NAME)
    if not names:
        return []
    marked = tree.xpath("//article")
    if marked:
        return marked
    count: dict[Any, int] = {}
    for name in names:
        for above in name.iterancestors():
            count[above] = count.get(above, 0) + 1
    tops = []
    for name in names:
        alone = [e for e in name.iterancestors() if count[e] == 1 and e.tag not in ("html", "body")]
        tops.append(alone[-1] if alone else name.getparent())
    return list(dict.fromkeys(tops))


def _item(article: Any, source_file: str, locator: str) -> Item | Reject:
    names = [content(e) for e in article.xpath(_NAME)]
    headers = [content(e) for e in article.xpath(_HEADER)]
    titles = [title for e in article.xpath(_TITLE) if (title := content(e))]
    # A second span of the name's class may hold a mere number.
    outlet = _ISSUE.sub("", next((n for n in names if re.search(r"[^\W\d_]", n)), "")).strip(" ,")
    numbers = [m for m in map(_NUMBER.search, [content(e) for e in article.xpath(".//footer | .//p | .//span")]) if m]
    text = _text(article)
    lacks = [
        what for what, value in (("name of a newspaper", outlet), ("headline", titles), ("text", text)) if not value
    ]
    if lacks:
        reason = f"the article has no {' and no '.join(lacks)}; it begins {exports.quote([content(article)])}"
        return Reject(source_file, locator, reason)
    authors = [content(e) for e in article.xpath(_AUTHORS)] or _beside_title(article)
    fields = {
        "title": titles[0], "outlet": outlet, "text": text, "byline": exports.beside(*authors),
        "date": _date(headers), "id": numbers[0][0] if numbers else "",
    }  # fmt: skip
    if not fields["date"] and numbers:
        day = numbers[0][1]
        fields["date"] = f"{day[:4]}-{day[4:6]}-{day[6:]}"
        fields["warnings"] = "the date is that of Europresse's number; the header has none that can be read"
    return Item(source_file, locator, {key: value for key, value in fields.items() if value})


def _date(headers: list[str]) -> str:
    """The date among section, date and page, whose order varies; it may hold commas itself."""
    for header in headers:
        parts = [part.strip() for part in re.split("[,•|]", header) if part.strip()]
        for length in (1, 2, 3):
            for i in range(len(parts) - length + 1):
                if is_date(candidate := ", ".join(parts[i : i + length])):
                    return candidate
    return ""


def _beside_title(article: Any) -> list[str]:
    """The author of pages without docAuthors: the block right below the headline in the header."""
    found = article.xpath(".//header/div[contains(@class, 'titreArticle')]/following-sibling::div[1]")
    return [name for e in found if (name := content(e)) and len(name) < 200]


def _text(article: Any) -> str:
    for path in _BODIES:
        for body in article.xpath(path):
            lines = [content(p) for p in body.xpath(".//p[not(ancestor::aside or ancestor::footer)]")] or [
                content(body)
            ]
            if text := "\n".join(line for line in lines if line):
                return text
    title = article.xpath(_TITLE)
    below = title[0].xpath("./following::p[not(ancestor::aside or ancestor::footer)]") if title else []
    inside = set(article.iter())
    kept = (content(p) for p in below if p in inside)
    return "\n".join(line for line in kept if line and not line.startswith("©") and not _NUMBER.search(line))

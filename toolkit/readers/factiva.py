"""What the readers of Factiva share: its field codes, and an item made from them.

Codes after Factiva's list of search fields; layouts after tm.plugin.factiva (Bouchet-Valat, CRAN).
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from toolkit.readers import exports
from toolkit.readers.common import Item, Reject
from toolkit.readers.dates import fold

__all__ = ["ACCESSION", "CODES", "WORDS", "accession", "make_item"]

_CODES = (
    "ACC AN ART BY CLM CO CR CT CX CY DLN DJIC ED ET GC HD HL IN IPC IPD LA LP NGC NS PD PG PUB RE RF RST SC SE SN TD "
    "VOL WC"
)
CODES = frozenset(_CODES.split())
"""The codes that begin a field."""
ACCESSION = re.compile(
    rf"(?:(?i:{exports.of_words('Document|Dokument|Documento|Documento|Belge|Документ|المستند|مستند|وثيقة')}) )?"
    r"(?P<an>[A-Za-z0-9_-]*\d{8}[A-Za-z0-9]{4,20})"
)
"""The last line of an article, folded: ``Document COURIE0020200228eg2s0001a``."""
_WORDS = "words|word|mots|mot|Wörter|Worte|Wort|palabras|kelime|sözcük|слов|слова|слово|كلمة|كلمات"
WORDS = re.compile(rf"(\d[\d.,' ]*) ?(?:{exports.of_words(_WORDS)})")
"""The line with the number of words, folded."""


def accession(line: str) -> str | None:
    """The number of an article, where the line is the one that closes it.

    Examples
    --------
    >>> accession("Document COURIE0020200228eg2s0001a"), accession("Dokument A-20200228"), accession("Document")
    ('COURIE0020200228eg2s0001a', None, None)
    """
    words = line.split()
    if len(words) == 2 and len(line) < 100 and (match := ACCESSION.fullmatch(f"document {words[1]}")):
        return match["an"] if ACCESSION.fullmatch(f"{fold(words[0])} {words[1]}") else None
    return None


def make_item(
    values: Mapping[str, str], text: str, source_file: str, locator: str, language: str = ""
) -> Item | Reject:
    """An item from the values of Factiva's codes and its text (lead and tail).

    The credit (CR) stands in ``byline``, for the agency; classification and indexing are left out.
    """
    if not text.strip():
        return Reject(
            source_file,
            locator,
            f"the item has no text (LP, TD); its headline: {exports.quote([values.get('HD', '')])}",
        )
    lacks = [f"{name} ({code})" for code, name in (("HD", "headline"), ("SN", "source")) if not values.get(code)]
    if lacks:
        return Reject(
            source_file, locator, f"the item has no {' and no '.join(lacks)}; it begins {exports.quote([text])}"
        )
    number = accession(values.get("AN", "")) or values.get("AN", "").strip()
    fields = {
        "title": values["HD"], "outlet": values["SN"], "date": values.get("PD", ""), "text": text, "id": number,
        "byline": exports.beside(values.get("BY", ""), values.get("CR", "")),
        "language": language or exports.language_code(values.get("LA", "")),
    }  # fmt: skip
    if not fields["date"]:
        fields["warnings"] = "has no date (PD)"
    return Item(source_file, locator, {k: v if k == "text" else " ".join(v.split()) for k, v in fields.items() if v})

"""Exports of the classic Nexis (LexisNexis) in plain text or RTF: many articles a file, each under "1 of 10 DOCUMENTS".

Layout after the files that LexisNexisTools reads (Gruber, github.com/JBGruber/LexisNexisTools) and its documentation.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from toolkit.readers import exports
from toolkit.readers.common import Columns, Item, Reject, UnreadableError
from toolkit.readers.dates import fold, is_date

__all__ = ["read", "sniff"]

_KEYS = exports.by_names({
    "byline": "BYLINE|AUTOR|AUTEUR|YAZAR|АВТОР|الكاتب",
    "section": "SECTION|RUBRIK|RUBRIQUE|SECCIÓN|BÖLÜM|РАЗДЕЛ|القسم",
    "length": "LENGTH|LÄNGE|LONGUEUR|LONGITUD|EXTENSIÓN|UZUNLUK|ДЛИНА|ОБЪЕМ|الطول",
    "language": "LANGUAGE|SPRACHE|LANGUE|IDIOMA|DİL|ЯЗЫК|اللغة",
    "dateline": "DATELINE|ORT|LIEU|DATA|LUGAR",
    "loaded": "LOAD-DATE|UPDATE|LOAD DATE|FECHA DE CARGA|DATE DE CHARGEMENT|YÜKLEME TARİHİ|ДАТА ЗАГРУЗКИ|تاريخ التحميل",
    "graphic": "GRAPHIC|GRAFIK|GRAPHIQUE|GRÁFICO|GRAFİK|ГРАФИКА",
    "highlight": "HIGHLIGHT|HERVORHEBUNG",
    "other": "PUBLICATION-TYPE|JOURNAL-CODE|JOURNAL CODE|DOCUMENT-TYPE|SUBJECT|ORGANIZATION|COMPANY|TICKER|INDUSTRY|"
    "GEOGRAPHIC|COUNTRY|CITY|STATE|PERSON|TYPE|SERIES|CORRECTION-DATE|DISTRIBUTION|ZEITUNGS-CODE|THEMA|SUJET|TEMA|KONU|"
    "ТЕМА|ACC-NO|URL|NOTES|PUB-TYPE",
})  # fmt: skip
_START = re.compile(
    r"\s*(?:(?P<a>\d{1,7}) (?:of|von|de|sur|из|/) (?P<b>\d{1,7}) "
    rf"(?:{exports.of_words('DOCUMENT|DOCUMENTS|DOKUMENT|DOKUMENTE|DOKUMENTEN|DOCUMENTO|DOCUMENTOS|BELGE|ДОКУМЕНТОВ')})"
    rf"|(?:{exports.of_words('Dokument|Document|Documento|Belge|Документ|المستند|مستند|وثيقة')}) "
    r"(?P<c>\d{1,7}) (?:von|de|of|sur|из|من|/) (?P<d>\d{1,7}))\s*$"
)
_KEY = re.compile(r"([^\W\d_][^\W\d_ -]*(?:[ -][^\W\d_]+){0,2})\s?: ?(.*)$")
_LENGTH = re.compile(r"\d[\d.,\s]*\s*[^\W\d_]+")
_COPYRIGHT = re.compile(r"(?:copyright|©|\(c\) ?\d{4}|all rights reserved|alle rechte vorbehalten|tous droits)", re.I)
_SUFFIXES = ("", ".txt", ".text", ".rtf", ".doc")
_LONGEST_META = 40  # lines


def sniff(path: Path, head: bytes) -> bool:
    """Whether a file is such an export: it has a line like "1 of 10 DOCUMENTS" and one of its fields."""
    if path.suffix.lower() not in _SUFFIXES:
        return False
    lines = exports.head_text(head).splitlines()
    started = next((i for i, line in enumerate(lines) if len(line) < 200 and _START.match(fold(line))), None)
    return started is not None and any(_key(line.strip())[0] for line in lines[started:])


def read(path: Path, source_file: str, columns: Columns | None) -> Iterator[Item | Reject]:  # noqa: ARG001
    """The articles of an export of the classic Nexis.

    Parameters
    ----------
    path : pathlib.Path
        The file, plain text or RTF.
    source_file : str
        Its name in the tables.
    columns : mapping, optional
        Not used: an export states its fields itself.

    Yields
    ------
    Item or Reject
        One for each article, its locator the number that the file gives it, and a Reject for the numbers that are not
        there. Wrapped lines are joined to paragraphs. ``byline`` also has the dateline, for the agency.
    """
    try:
        lines, encoding, cut = exports.lines_of(path)
        tally, before = exports.Tally(source_file), [""]
        for start, found in exports.between(lines, _START):
            if start is None:
                before = found or []
                continue
            before = []
            number, total = int(start["a"] or start["c"]), int(start["b"] or start["d"])
            yield from tally.add(number, total)
            if found is None:
                yield Reject(source_file, f"item {number}", "the item is too long for an article")
                continue
            item = _item([line.replace("\f", "").lstrip("\ufeff") for line in found], source_file, f"item {number}")
            if isinstance(item, Item) and encoding:
                item.fields["encoding"] = encoding
            yield item
        if not tally.seen:
            lacks = 'it has no line like "1 of 10 DOCUMENTS"'
            yield exports.unknown(source_file, "export of the classic Nexis", lacks, before)
        yield from tally.finish()
        if cut:
            yield Reject(source_file, "", "the RTF ends before its last group is closed: the file is cut off")
    except UnreadableError as error:
        yield Reject(source_file, "", f"the file {error}")
    except OSError as error:
        yield Reject(source_file, "", f"the file cannot be opened ({error.strerror})")


def _key(line: str) -> tuple[str, str]:
    """What the key of a line stands for, and its value; keys are in capitals, so that prose with a colon is none."""
    match = _KEY.match(line[:2000])
    if not match or match[1] != match[1].upper():
        return "", ""
    return _KEYS.get(fold(match[1]), ""), match[2].strip()


def _item(lines: list[str], source_file: str, locator: str) -> Item | Reject:
    end = next((i for i, line in enumerate(lines[:_LONGEST_META]) if _is_length(line)), None)
    head = exports.blocks(lines[:end] if end is not None else lines)
    head = [block for block in ([s for s in b if not _COPYRIGHT.match(s)] for b in head) if block]
    flat = [line for block in head for line in block]
    day = next((i for i, line in enumerate(flat[:10]) if is_date(line)), None)
    if not flat or day is None or day == 0:
        what = "no date" if day is None else "no newspaper"
        reason = f"{what} stands in the first lines of the item, where this export has it: {exports.quote(flat)}"
        return Reject(source_file, locator, reason)
    fields = {"outlet": flat[0], "date": flat[day]}
    found: dict[str, str] = {}
    rest = _after_date(head, day)
    if end is None:
        title, body = _caption(rest, found)
        fields["warnings"] = "has no line of its length, as photo captions in this export"
    else:
        title = " ".join(" ".join(block) for block in rest if not _take(block, found))
        body = exports.blocks(lines[end + 1 :])
        while body and _take(body[0], found):
            del body[0]
    body, closed = _without_tail(body, found)
    if not body:
        return Reject(source_file, locator, f"the item has no text; its headline: {exports.quote([title])}")
    byline = exports.beside(found.get("byline", ""), found.get("dateline", ""))
    fields |= {"title": title, "text": exports.join_lines(body), "byline": byline}
    fields["language"] = exports.language_code(found.get("language", ""))
    if not closed:
        open_end = "has no line of its language at the end, where this export has it; its end may be missing"
        fields["warnings"] = "; ".join(filter(None, [fields.get("warnings"), open_end]))
    return Item(source_file, locator, {key: value for key, value in fields.items() if value})


def _is_length(line: str) -> bool:
    kind, value = _key(line.strip())
    return kind == "length" and _LENGTH.match(value) is not None


def _after_date(head: list[list[str]], day: int) -> list[list[str]]:
    """The blocks after that of the date; the line under the date is the edition."""
    for place, block in enumerate(head):
        if day < len(block):
            return head[place + 1 :]
        day -= len(block)
    return []


def _take(block: list[str], found: dict[str, str]) -> bool:
    """Take a block that begins with a key into `found`; whether it does."""
    current = ""
    for line in block:
        kind, value = _key(line)
        if kind and (kind != "loaded" or is_date(value)):
            current = kind
            found.setdefault(kind, value)
        elif not current:
            return False
        elif found[current] and len(found[current]) < 1000:
            found[current] += f" {line}"
    return True


def _caption(rest: list[list[str]], found: dict[str, str]) -> tuple[str, list[list[str]]]:
    """The headline and the text of an item without LENGTH: its first block that has no key, and those after it."""
    while rest and _take(rest[0], found):
        del rest[0]
    title, body = (" ".join(rest[0]), rest[1:]) if rest else ("", [])
    while body and _take(body[0], found):
        del body[0]
    return title, body


def _without_tail(body: list[list[str]], found: dict[str, str]) -> tuple[list[list[str]], bool]:
    """The text without the fields and the copyright below it, and whether those were there.

    The text ends at the last LANGUAGE, or at the first of the fields right above it. A paragraph of the text that
    begins like a field is left where prose follows it.
    """
    last = max((i for i, block in enumerate(body) if any(_key(line)[0] == "language" for line in block)), default=None)
    if last is not None and not all(_COPYRIGHT.match(block[0]) or _take(block, {}) for block in body[last + 1 :]):
        last = None  # prose follows: the line is the text's own
    if last is not None:
        for block in body[last:]:
            _take(block, found)
        # The line may stand right under the text's last one.
        above = next(i for i, line in enumerate(body[last]) if _key(line)[0] == "language")
        fields = next((i for i, line in enumerate(body[last][:above]) if _key(line)[0]), above)
        body = [*body[:last], *([body[last][:fields]] if fields else [])]
    while body and (_COPYRIGHT.match(body[-1][0]) or _take(body[-1], found)):
        last = len(body) - 1 if last is None and not _COPYRIGHT.match(body[-1][0]) else last
        del body[-1]
    return body, last is not None

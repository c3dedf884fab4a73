"""Exports of ProQuest as plain text: records between lines of underscores, each of blocks ``Field: value``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from toolkit.readers import exports
from toolkit.readers.common import Columns, Item, Reject, UnreadableError
from toolkit.readers.dates import fold

__all__ = ["read", "sniff"]

_FIELDS = exports.by_names({
    "title": "Title|Titel|Titre|Título|Başlık|Название|Заглавие|العنوان",
    "text": "Full text|Volltext|Texte intégral|Texto completo|Tam metin|Полный текст|النص الكامل",
    "outlet": "Publication title|Titel der Publikation|Publikationstitel|Titre de la publication|"
    "Título de la publicación|Título de publicación|Yayın başlığı|Название публикации|Название издания|عنوان المنشور",
    "date": "Publication date|Publikationsdatum|Erscheinungsdatum|Date de publication|Fecha de publicación|"
    "Yayın tarihi|Дата публикации|تاريخ النشر",
    "author": "Author|Autor|Verfasser|Auteur|Yazar|Автор|المؤلف",
    "language": "Language of publication|Language|Sprache der Publikation|Publikationssprache|"
    "Langue de la publication|Langue de publication|Idioma de la publicación|Idioma de publicación|Yayın dili|"
    "Язык публикации|Язык издания|لغة النشر",
    "id": "ProQuest document ID|ProQuest-Dokument-ID|ProQuest Dokument-ID|ID du document ProQuest|"
    "Identificateur de document ProQuest|ID del documento de ProQuest|ID de documento de ProQuest|"
    "ProQuest belge kimliği|ProQuest belge no|Идентификатор документа ProQuest|معرف مستند ProQuest",
    "url": "Document URL|Dokument-URL|URL du document|URL del documento|Belge URL'si|Belge URL|URL документа|"
    "عنوان URL للمستند",
    "credit": "Credit|Dateline|Source attribution",
    "other": "Publication year|Links|Section|Publication subject|ISSN|eISSN|ISBN|Copyright|Abstract|Publication info|"
    "Last updated|Place of publication|Location|Publisher|Identifier / keyword|Source type|Country of publication|"
    "Subject|Database|Document type|Company / organization|People|Classification|Column|Pages|First page|Volume|Issue|"
    "Number of pages|Document feature|DOI|Correspondence author|Accession number|Person|Product name|Publication type|"
    "Année de publication|Lieu de publication|Éditeur|Sujet|Société / organisation|Résumé|Liens|Rubrique|"
    "Sujet de la publication|Info publication|Dernière mise à jour|Lieu|Mots-clés|Identificateur / mot-clé|"
    "Type de source|Pays de publication|Base de données|Type de document|Personnes|"
    "Erscheinungsjahr|Publikationsjahr|Erscheinungsort|Verlag|Herausgeber|Thema|Unternehmen / Organisation|"
    "Zusammenfassung|Abschnitt|Ort|Quellentyp|Erscheinungsland|Datenbank|Dokumententyp|Dokumenttyp|"
    "Zuletzt aktualisiert|"
    "Año de publicación|Lugar de publicación|Editorial|Materia|Tema|Empresa / organización|Resumen|Enlaces|Sección|"
    "Última actualización|Lugar|Tipo de fuente|País de publicación|Base de datos|Tipo de documento|"
    "Yayın yılı|Yayın yeri|Yayıncı|Konu|Şirket / kuruluş|Özet|Bağlantılar|Bölüm|Son güncelleme|Yer|Kaynak türü|"
    "Yayınlandığı ülke|Veritabanı|Belge türü|Telif hakkı|"
    "Год публикации|Место публикации|Издатель|Тема|Компания / организация|Аннотация|Ссылки|Раздел|"
    "Последнее обновление|Местоположение|Тип источника|Страна публикации|База данных|Тип документа|Авторское право|"
    "سنة النشر|مكان النشر|الناشر|الموضوع|الشركة / المؤسسة|الملخص|الروابط|القسم|آخر تحديث|المكان|نوع المصدر|"
    "بلد النشر|قاعدة البيانات|نوع المستند|حقوق النشر",
})  # fmt: skip
_LINE = re.compile(r"\s*_{20,}\s*$")
_FIELD = re.compile(r"([^\W\d_][^:\n]{0,50}?)\s?: ?(.*)$", re.DOTALL)
_NUMBER = re.compile(
    rf"(?:{exports.of_words('Document|Dokument|Documento|Belge|Документ|المستند|مستند')}) "
    r"(\d{1,7}) (?:of|von|de|sur|из|من|/) (\d{1,7})"
)
_SUFFIXES = ("", ".txt", ".text")


def sniff(path: Path, head: bytes) -> bool:
    """Whether a file is such an export: it has a line of underscores, and the full text or ProQuest's number."""
    if path.suffix.lower() not in _SUFFIXES:
        return False
    lines = exports.head_text(head).splitlines()
    ruled = any(map(_LINE.match, lines))
    return ruled and any(_field(line)[0] in ("text", "id") for line in lines if not line.startswith("_"))


def read(path: Path, source_file: str, columns: Columns | None) -> Iterator[Item | Reject]:  # noqa: ARG001
    """The articles of a text file of ProQuest.

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
        One for each record, its locator its place in the file, its id ProQuest's own. A record without its full text
        (an abstract alone) is a Reject, and so is one that the file's end cuts off.
    """
    try:
        lines, encoding, _ = exports.lines_of(path)
        tally, number = exports.Tally(source_file), 0
        first: list[str] = []
        for kept, closed in _records(lines):
            if kept is not None and not any(_field(block[0])[0] for block in exports.blocks(kept)):
                first = first or kept  # what stands before the first record, or the copyright below the last
                continue
            number += 1
            stated = next((m for s in (kept or [])[:10] if len(s) < 60 and (m := _NUMBER.fullmatch(fold(s)))), None)
            if stated:
                yield from tally.add(int(stated[1]), int(stated[2]))
            locator = f"item {number}"
            if kept is None:
                yield Reject(source_file, locator, "the item is too long for an article")
            elif not closed:
                last = exports.quote(list(reversed(kept)), 1)
                reason = f"no line of underscores closes the item; the file is cut off. It ends {last}"
                yield Reject(source_file, locator, reason)
            else:
                yield _item(kept, source_file, locator, encoding)
        if not number:
            lacks = "no line of underscores is followed by fields such as 'Full text:'"
            yield exports.unknown(source_file, "export of ProQuest", lacks, first)
        yield from tally.finish()
    except UnreadableError as error:
        yield Reject(source_file, "", f"the file {error}")
    except OSError as error:
        yield Reject(source_file, "", f"the file cannot be opened ({error.strerror})")


def _records(lines: Iterator[str]) -> Iterator[tuple[list[str] | None, bool]]:
    """The lines between lines of underscores, and whether such a line ends them."""
    kept: list[str] = []
    size = 0
    for line in lines:
        if _LINE.match(line):
            yield (kept if size <= exports.LARGEST_ITEM else None), True
            kept, size = [], 0
        else:
            size += len(line) + 1
            if size <= exports.LARGEST_ITEM:
                kept.append(line.lstrip("\ufeff").replace("\f", ""))
    yield (kept if size <= exports.LARGEST_ITEM else None), False


def _field(line: str) -> tuple[str, str, str]:
    """What the field that a line begins stands for, its name and its value."""
    match = _FIELD.match(line.strip()[:2000])
    if not match or not (kind := _FIELDS.get(fold(match[1]), "")):
        return "", "", ""
    return kind, fold(match[1]), line.strip()[match.start(2) :].strip()


def _item(kept: list[str], source_file: str, locator: str, encoding: str) -> Item | Reject:
    found = [b for b in exports.blocks(kept) if not (len(b) == 1 and _NUMBER.fullmatch(fold(b[0][:60])))]
    values: dict[str, str] = {}
    untitled = " ".join(found[0]) if not _field(found[0][0])[0] else ""
    start = next((i for i, block in enumerate(found) if _field(block[0])[0] == "text"), None)
    if start is None:
        title = untitled or next((_field(b[0])[2] for b in found if _field(b[0])[0] == "title"), "")
        reason = f"the record has no full text, as where only an abstract is licensed; its title: {title[:120]!r}"
        return Reject(source_file, locator, reason)
    for block in found[:start]:
        _take(block, values)
    # Fields below the text are read from the end upwards, each once: "Location: ..." may also begin a paragraph.
    end, seen = len(found), set()
    while end > start + 1:
        kind, name, _ = _field(found[end - 1][0])
        if not kind or name in seen:
            break
        seen.add(name)
        end -= 1
    for block in found[end:]:
        _take(block, values)
    body = [line for line in ([_field(found[start][0])[2], *found[start][1:]],) if any(line)]
    body = [[line for line in block if line] for block in [*body, *found[start + 1 : end]]]
    if not body:
        return Reject(source_file, locator, "the item has no text below 'Full text:'")
    fields = {
        "title": values.get("title") or untitled, "outlet": values.get("outlet", ""), "date": values.get("date", ""),
        "byline": exports.beside(values.get("author", ""), values.get("credit", "")), "id": values.get("id", ""),
        "url": values.get("url", ""), "language": exports.language_code(values.get("language", "")),
        "text": exports.join_lines(body), "encoding": encoding,
    }  # fmt: skip
    lacks = [name for name in ("title", "outlet") if not fields[name]]
    if lacks:
        names = {"title": "title", "outlet": "publication title"}
        reason = f"the record has no {' and no '.join(names[n] for n in lacks)}; it begins {exports.quote(kept)}"
        return Reject(source_file, locator, reason)
    return Item(source_file, locator, {key: value for key, value in fields.items() if value})


def _take(block: list[str], values: dict[str, str]) -> None:
    """Take a block's fields; lines that begin none go on with the one above."""
    current = ""
    for line in block:
        kind, _, value = _field(line)
        if kind:
            current = kind
            values.setdefault(kind, value)
        elif current and len(values[current]) < 1000:
            values[current] = f"{values[current]} {line}".strip()

"""Exports of Nexis Uni and Lexis+ as Word files: a cover with the list of items, then the items, each on its own pages.

Layout after LexisNexisTools (Gruber, github.com/JBGruber/LexisNexisTools), its sample and its documentation. Items
begin at a bookmark ``Bookmark_N`` and end with "End of Document"; both are used, so that neither alone has to be there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from toolkit.readers import exports
from toolkit.readers.common import Columns, Item, Reject, UnreadableError
from toolkit.readers.dates import fold, is_date
from toolkit.readers.word import Paragraph, beginning_of_word, open_word, paragraphs

__all__ = ["read", "sniff"]

_KEYS = exports.by_names({
    "section": "Section|Rubrik|Rubrique|Sección|Bölüm|Раздел|القسم",
    "length": "Length|Länge|Longueur|Longitud|Extensión|Uzunluk|Длина|Объем|الطول",
    "byline": "Byline|Autor|Auteur|Yazar|Автор|الكاتب",
    "dateline": "Dateline|Lieu|Ort|Lugar|Место|المكان",
    "highlight": "Highlight|Hervorhebung|Résumé",
    "language": "Language|Sprache|Langue|Idioma|Dil|Язык|اللغة",
    "loaded": "Load-Date|Ladedatum|Date de chargement|Fecha de carga|Yükleme Tarihi|Дата загрузки|تاريخ التحميل",
    "other": "Publication-Type|Journal Code|Subject|Company|Organization|Ticker|Industry|Geographic|Person|State|City|"
    "Country|Publikationstyp|Zeitungs-Code|Thema|Themen|Unternehmen|Organisation|Branche|Sujet|Société|Secteur|"
    "Type de publication|Tema|Empresa|Tipo de publicación|Konu|Şirket|Yayın Türü|Тема|Компания|Тип издания|"
    "الموضوع|الشركة|نوع النشر|Classification|Correction-Date|Series|Acc-no|URL",
})  # fmt: skip
_COVER = exports.of_words(
    "Date and Time|Job Number|Client/Matter|Search Terms|Search Type|Datum und Uhrzeit|Auftragsnummer|Date et heure|"
    "Numéro de tâche|Fecha y hora|Número de trabajo|Tarih ve Saat|İş Numarası|Дата и время|Номер задания|"
    "التاريخ والوقت|رقم المهمة"
)
_COUNT = re.compile(
    rf"(?:{exports.of_words('Documents|Document|Dokumente|Documentos|Belgeler|Документы|المستندات|مستندات')})"
    r" ?\((\d{1,7})\)"
)
_BODY = re.compile(exports.of_words("Body|Text|Texte|Corps|Textkörper|Hauptteil|Cuerpo|Texto|Metin|Текст|النص"))
_CLASSES = re.compile(
    exports.of_words("Classification|Klassifizierung|Klassifikation|Clasificación|Sınıflandırma|Классификация|التصنيف")
)
_GRAPHIC = re.compile(exports.of_words("Graphic|Grafik|Graphique|Gráfico|График|رسم"))
_END = re.compile(
    exports.of_words(
        "End of Document|Ende des Dokuments|Fin du document|Fin del documento|Belge Sonu|Belgenin Sonu|"
        "Конец документа|نهاية المستند"
    )
)
_MARK = re.compile(r"Bookmark_(\d{1,7})")
_BODY_MARK = re.compile(r"Body(?:_\d+)?")
_KEY = re.compile(r"([^\W\d_][^:\n\xa0]{0,30}?) ?:([\xa0 ]+)(.*)", re.DOTALL)
_VERSION = re.compile(r"\s*;?\s*\bVersion:\s*(\d{1,6})", re.IGNORECASE)
_TAGS = re.compile(r"<[^<>]*>")


def sniff(path: Path, head: bytes) -> bool:
    """Whether a file is such an export: a Word file with the cover or the bookmarks, or a lock file beside one."""
    if not head.startswith(b"PK\x03\x04"):
        return _is_lock(path)
    xml = beginning_of_word(path)
    lines = [fold(_TAGS.sub("", line)) for line in xml.split("</w:p>")]
    covered = any(re.match(_COVER, line) for line in lines) and any(_COUNT.fullmatch(line) for line in lines)
    return covered or ('"Bookmark_1"' in xml and '"Body"' in xml)


def _is_lock(path: Path) -> bool:
    return path.name.startswith("~$") and path.suffix.lower() == ".docx"


def read(path: Path, source_file: str, columns: Columns | None) -> Iterator[Item | Reject]:  # noqa: ARG001
    """The articles of a Word file of Nexis Uni or Lexis+.

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
        One for each article, its locator the number that the file gives it, and a Reject for those that the cover
        counts and that are not there. The version of an article that its outlet updates stands in ``warnings``;
        ``byline`` also has the dateline, for the agency.
    """
    try:
        if _is_lock(path):
            raise UnreadableError("is a lock that Word puts beside an open file; it holds no articles")
        with open_word(path) as archive:
            yield from _read(paragraphs(archive), source_file)
    except UnreadableError as error:
        yield Reject(source_file, "", f"the file {error}")
    except OSError as error:
        yield Reject(source_file, "", f"the file cannot be opened ({error.strerror})")


def _read(found: Iterator[Paragraph], source_file: str) -> Iterator[Item | Reject]:
    tally = exports.Tally(source_file)
    number, seen, refused, fault = 0, False, False, ""
    waiting = _parts(found)
    while True:
        try:
            part = next(waiting, None)
        except UnreadableError as error:
            fault = str(error)
            break
        if part is None:
            break
        marked, kept = part
        if not seen and marked is None:
            count, kept = _cover(kept)
            if count is not None:
                yield from tally.announce(count)
            if not any(p.text.strip() for p in kept):
                continue
            if not _ends(kept):  # a cover without a list of items, or no export at all
                refused = True
                lacks = "no item begins with a bookmark or ends with 'End of Document'"
                yield exports.unknown(source_file, "export of Nexis Uni", lacks, [p.text for p in kept])
                continue
        seen = True
        number = marked if marked is not None else number + 1
        tally.seen.add(number)
        yield _item(kept, source_file, f"item {number}")
    if fault:
        yield Reject(source_file, "", f"the file {fault}")
    elif not seen and not refused and not tally.total:
        yield Reject(source_file, "", "the file holds no items; export it again")
    yield from tally.finish()


def _parts(found: Iterable[Paragraph]) -> Iterator[tuple[int | None, list[Paragraph]]]:
    """The paragraphs of the cover and of each item, with the number of its bookmark."""
    marked: int | None = None
    kept: list[Paragraph] = []
    size = 0
    for paragraph in found:
        mark = next((int(m[1]) for m in map(_MARK.fullmatch, paragraph.marks) if m), None)
        if mark is not None:
            if marked is not None or any(p.text.strip() for p in kept):
                yield marked, kept
            marked, kept, size = mark, [], 0
        size += len(paragraph.text) + 1
        if size > exports.LARGEST_ITEM:
            raise UnreadableError(
                f"holds an item of over {exports.LARGEST_ITEM / 1e6:g} million characters; no article is so long"
            )
        kept.append(paragraph)
        if len(paragraph.text) < 60 and _END.fullmatch(fold(paragraph.text)):
            yield marked, kept
            marked, kept, size = None, [], 0
    if marked is not None or any(p.text.strip() for p in kept):
        yield marked, kept


def _ends(kept: list[Paragraph]) -> bool:
    return _END.fullmatch(fold(kept[-1].text[:60])) is not None


def _cover(kept: list[Paragraph]) -> tuple[int | None, list[Paragraph]]:
    """The number of items that a cover states, and the paragraphs after it.

    Where no bookmark begins the first item, the cover ends at its last run of more than two empty paragraphs.
    """
    counts = [m for p in kept if len(p.text) < 60 and (m := _COUNT.fullmatch(fold(p.text)))]
    if not _ends(kept):
        return (int(counts[0][1]), []) if counts else (None, kept)
    body = next((i for i, p in enumerate(kept) if _is_body(p)), len(kept))
    empty, end = 0, 0
    for place, paragraph in enumerate(kept[:body]):
        empty = 0 if paragraph.text.strip() else empty + 1
        if empty > 2:
            end = place + 1
    return (int(counts[0][1]), kept[end:]) if counts else (None, kept)


def _is_body(paragraph: Paragraph) -> bool:
    return any(map(_BODY_MARK.fullmatch, paragraph.marks)) or (
        len(paragraph.text) < 30 and _BODY.fullmatch(fold(paragraph.text)) is not None
    )


def _item(kept: list[Paragraph], source_file: str, locator: str) -> Item | Reject:
    kept = [p for p in kept if p.text.strip()]
    first = exports.quote(p.text for p in kept)
    if not kept or not _ends(kept):
        last = exports.quote(p.text for p in kept[-1:])
        reason = f"the item does not end with 'End of Document'; its end is missing. It ends {last}"
        return Reject(source_file, locator, reason)
    kept = kept[:-1]
    start = next((i for i, p in enumerate(kept) if _is_body(p)), None)
    if start is None:
        return Reject(source_file, locator, f"the item has no line 'Body', where its text begins; it begins {first}")
    head = [p.text.strip(" \t\n") for p in kept[:start]]
    day = next((i for i, line in enumerate(head[:8]) if is_date(line)), None)
    if day is None or day < 2:
        reason = f"headline, outlet and date are not its first lines, as this export has them; it begins {first}"
        return Reject(source_file, locator, reason)
    found: dict[str, str] = {}
    separator = " "
    for line in head[day + 1 :]:
        key, blank, value = _key(line)
        if key:
            separator = "\xa0" if "\xa0" in blank else separator
            found.setdefault(key, value)
    if not _BODY.fullmatch(fold(kept[start].text[:30])):
        start -= 1  # the bookmark stands on the text itself
    body = _text(kept[start + 1 :], separator, found)
    text = "\n".join(p.text.strip(" \t\n") for p in body)
    if not text.strip("\xa0 \n"):
        return Reject(source_file, locator, f"the item has no text; its headline: {exports.quote(head)}")
    fields = {"title": " ".join(head[: day - 1]), "outlet": head[day - 1], "date": head[day], "text": text}
    fields["byline"] = exports.beside(found.get("byline", ""), found.get("dateline", ""))
    fields["language"] = exports.language_code(found.get("language", ""))
    if version := _VERSION.search(found.get("section", "")):
        fields["warnings"] = f"version {version[1]} of an article that its outlet updates"
    fields = {key: value.replace("\xa0", " ") if key != "text" else value for key, value in fields.items() if value}
    return Item(source_file, locator, {**fields, "encoding": "utf-8"})


def _key(line: str) -> tuple[str, str, str]:
    """What the key of a paragraph stands for, the blank after its colon, and its value."""
    match = _KEY.match(line)
    return (_KEYS.get(fold(match[1]), ""), match[2], match[3].strip()) if match else ("", "", "")


def _text(body: list[Paragraph], separator: str, found: dict[str, str]) -> list[Paragraph]:
    """The paragraphs of the text, without the fields, the classification and the captions below them.

    Fields below the text are read from the end upwards, each once. Their colon is followed by a no-break space where
    the item's other fields have one, so a last paragraph such as "Language: a weapon" stays.
    """
    end, seen = len(body), set()
    while end:
        line = body[end - 1].text.strip(" \t\n")
        name, (key, blank, value) = fold(line.split(":")[0]), _key(line)
        if _CLASSES.fullmatch(fold(line[:60])):
            pass
        elif not key or separator not in blank or name in seen:
            break
        else:
            seen.add(name)
            found.setdefault(key, value)
        end -= 1
    below = range(max(end - 6, 1), end)
    graphic = next((i for i in below if _GRAPHIC.fullmatch(fold(body[i].text[:30]))), None)
    return body[: end if graphic is None else graphic]

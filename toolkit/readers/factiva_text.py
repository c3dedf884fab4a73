"""Exports of Factiva as RTF or plain text, with or without indexing; each article ends with "Document <number>"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from toolkit.readers import exports
from toolkit.readers.common import Columns, Item, Reject, UnreadableError
from toolkit.readers.dates import fold, is_date
from toolkit.readers.factiva import CODES, WORDS, accession, make_item

__all__ = ["read", "sniff"]

_SUFFIXES = ("", ".txt", ".text", ".rtf", ".doc")
# A code stands at the start of its line, and a tab, two blanks or nothing follows: "IN Ankara, ..." is text.
_CODE = re.compile(r"([A-Z]{2,4})(?:\t+| {2,}| ?\xa0[\xa0 ]*|\s*$)(.*)$")
# Codes that may follow the text, each with values that do not look like text.
_BELOW = {
    **dict.fromkeys(("CO", "IN", "NS", "RE", "GC", "NGC"), re.compile(r"[\w.]+ ?: .+")),
    **dict.fromkeys(("IPC", "IPD", "PUB", "RF", "ART", "CT", "RST", "DLN", "CR", "DJIC", "CLM"), re.compile(".*")),
}
_RIGHTS = re.compile(
    r"\s*(?:copyright\b|©|\(c\)|alle rechte|droits|tous droits|todos los derechos|все права|tum haklari|جميع)"
)
_FOOT = re.compile(
    r"(?:page|seite|pagina|sayfa|страница|صفحة) \d+ (?:of|von|sur|de|из|من|/) ?\d+|.{0,60}© ?\d{4} factiva.*"
)
_SUMMARY = re.compile(
    r"(?:search summary|suchzusammenfassung|resume de la recherche|resumen de la busqueda|arama ozeti)\b"
)
_BYLINE = re.compile(r"(?:by|by:|von|par|por|автор:?|بقلم) [^\d]{3,80}$")
_CLOCK = re.compile(r"\d{1,2}[:.h]\d{2}(?: ?[ap]m)?(?: \w{2,5})?")
_HEAD_LINES = 20


def sniff(path: Path, head: bytes) -> bool:
    """Whether a file is such an export: it has the line with which Factiva ends an article, or its codes."""
    if path.suffix.lower() not in _SUFFIXES:
        return False
    lines = [line.strip("\f \t") for line in exports.head_text(head).splitlines()]
    codes = {match[1] for line in lines if (match := _CODE.match(line))}
    if {"HD", "PD"} <= codes and codes & {"SN", "LP", "WC"}:
        return True
    return any(map(accession, lines)) and any(len(line) < 60 and WORDS.fullmatch(fold(line)) for line in lines)


def read(path: Path, source_file: str, columns: Columns | None) -> Iterator[Item | Reject]:  # noqa: ARG001
    """The articles of a text or RTF file of Factiva.

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
        One for each article, its locator its place in the file, its id Factiva's own. What stands before a page break
        or the file's end without the closing line is a Reject.
    """
    try:
        lines, encoding, cut = exports.lines_of(path)
        number, known = 0, False
        for kept, closing in _parts(lines):
            if kept is not None and not closing and _is_rest(kept):
                continue
            number += 1
            item: Item | Reject
            if kept is None:
                item = Reject(source_file, f"item {number}", "the item is too long for an article")
            elif not closing and not known and not any(map(_CODE.match, kept)):
                item = exports.unknown(
                    source_file, "export of Factiva", "no article ends with a line like 'Document ABC20200228...'", kept
                )
            elif not closing:
                item = Reject(
                    source_file, f"item {number}",
                    "the item does not end with its line 'Document ...'; its end is missing. It begins "
                    + exports.quote(kept),
                )  # fmt: skip
            else:
                item = _item(kept, closing, source_file, f"item {number}")
            known = known or bool(closing)
            if isinstance(item, Item) and encoding:
                item.fields["encoding"] = encoding
            yield item
        if not number:
            yield Reject(source_file, "", "the file holds no items; export it again")
        if cut:
            yield Reject(source_file, "", "the RTF ends before its last group is closed: the file is cut off")
    except UnreadableError as error:
        yield Reject(source_file, "", f"the file {error}")
    except OSError as error:
        yield Reject(source_file, "", f"the file cannot be opened ({error.strerror})")


def _parts(lines: Iterator[str]) -> Iterator[tuple[list[str] | None, str]]:
    """The lines of each article with the number that closes it; none where a page or the file ends before."""
    kept: list[str] = []
    size, filled = 0, False
    for whole in lines:
        for place, line in enumerate(whole.split("\f")):
            line = line.lstrip("\ufeff")
            if place and filled:
                yield (kept if size <= exports.LARGEST_ITEM else None), ""
                kept, size, filled = [], 0, False
            match = _CODE.match(line)
            number = accession(match[2] if match and match[1] == "AN" else line)
            if number and filled:
                yield (kept if size <= exports.LARGEST_ITEM else None), number
                kept, size, filled = [], 0, False
            elif not (len(line) < 120 and _FOOT.fullmatch(fold(line))):
                filled = filled or bool(line.strip())
                size += len(line) + 1
                if filled and size <= exports.LARGEST_ITEM:
                    kept.append(line)
    if filled:
        yield (kept if size <= exports.LARGEST_ITEM else None), ""


def _is_rest(kept: list[str]) -> bool:
    """Whether lines are the summary of the search below the last article."""
    first = next((line for line in kept if line.strip()), "")
    return not first or _SUMMARY.match(fold(first[:100])) is not None


def _item(kept: list[str], number: str, source_file: str, locator: str) -> Item | Reject:
    coded = {match[1] for line in kept if (match := _CODE.match(line)) and match[1] in CODES}
    made = _indexed(kept) if {"HD", "PD"} <= coded else _plain(kept)
    if isinstance(made, str):
        return Reject(source_file, locator, f"{made}; it begins {exports.quote(kept)}")
    values, text = made
    return make_item({**values, "AN": number}, text, source_file, locator)


def _indexed(kept: list[str]) -> tuple[dict[str, str], str]:
    """The values of the codes, and the text."""
    values: dict[str, list[str]] = {}
    current, rank = "", 0  # 0 above the text, 1 in it, 2 below it
    for place, line in enumerate(kept):
        match = _CODE.match(line)
        code = match[1] if match and match[1] in CODES else ""
        value = match[2] if match else ""
        if code and rank:
            following = value or next((after for after in kept[place + 1 :] if after.strip()), "")
            if code == "TD":
                code = code if current == "LP" else ""
            elif not (code in _BELOW and _BELOW[code].match(following)) and code != "AN":
                code = ""
        if code and (code not in values or not rank):
            current = code
            rank = 1 if code in ("LP", "TD") else 2 if rank else 0
            values.setdefault(code, []).append(value)
        elif current:
            values[current].append(line)
    text = [exports.blocks(values.pop(code, [])) for code in ("LP", "TD")]
    joined = "\n".join(exports.join_lines(part) for part in text if part)
    return {code: " ".join(" ".join(lines).split()) for code, lines in values.items()}, joined


def _plain(kept: list[str]) -> tuple[dict[str, str], str] | str:
    """The fields of an article without codes, and its text; or why they cannot be told apart.

    Its order: headline, byline, number of words, date, time, source, code, page, language, rights, text.
    """
    words = next((i for i, s in enumerate(kept) if len(s) < 60 and WORDS.fullmatch(fold(s))), None)
    if words is None:
        return "the item has no line with its number of words, where this export has it"
    above = [s.strip() for s in kept[:words] if s.strip()]
    below = [i for i in range(words + 1, len(kept)) if kept[i].strip()][:_HEAD_LINES]
    if not above or len(below) < 3 or not is_date(kept[below[0]]):
        return "headline, number of words and date are not its first lines, as this export has them"
    values = {"PD": kept[below[0]].strip()}
    if len(above) > 1 and _BYLINE.match(fold(above[-1])):
        values["BY"] = above.pop()
    values["HD"] = " ".join(above)
    del below[0]
    if _CLOCK.fullmatch(fold(kept[below[0]])):
        del below[0]
    values["SN"] = kept[below[0]].strip()
    rights = next((i for i in below[1:10] if _RIGHTS.match(fold(kept[i][:100]))), None)
    if rights is None:
        # Without a line of rights the fields end at the first blank line below the source.
        rights = next((i for i in range(below[0], len(kept)) if not kept[i].strip()), len(kept))
    named = [exports.language_code(kept[i]) for i in below if below[0] < i < rights]
    values["LA"] = next((code for code in named if len(code) == 2 and code.islower()), "")
    return values, exports.join_lines(exports.blocks(kept[rights + 1 :]))

"""What the readers of database exports share: their lines, their counts, and the words of their interfaces.

Every database writes its field names and dates in the language of its user's interface. The names below are matched
without regard to case and accents.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path

from toolkit.readers.common import Reject, UnreadableError, blocks_of, find_encoding
from toolkit.readers.dates import fold
from toolkit.readers.rtf import is_rtf, rtf_text

__all__ = [
    "LARGEST_EXPORT", "LARGEST_ITEM", "Tally", "beside", "between", "blocks", "by_names", "head_text",
    "join_lines", "language_code", "lines_of", "of_words", "quote", "read_whole", "unknown",
]  # fmt: skip

LARGEST_EXPORT = 100_000_000
"""A file that has to be read at once (RTF, HTML) is not longer than this (bytes). Others are read item by item."""
LARGEST_ITEM = 4_000_000
"""An item of an export is not longer than this (characters)."""

_LANGUAGES = {
    "en": "english englisch anglais ingles ingilizce английский الإنجليزية",
    "de": "german deutsch allemand aleman almanca немецкий الألمانية",
    "fr": "french französisch français frances fransizca французский الفرنسية",
    "es": "spanish spanisch espagnol español castellano ispanyolca испанский الإسبانية",
    "tr": "turkish türkisch turc turco türkçe турецкий التركية",
    "ru": "russian russisch russe ruso rusça русский الروسية",
    "ar": "arabic arabisch arabe árabe arapça арабский العربية",
    "it": "italian italienisch italien italiano", "nl": "dutch niederländisch néerlandais neerlandés",
    "pt": "portuguese portugiesisch portugais portugués", "uk": "ukrainian", "fa": "persian farsi", "he": "hebrew",
    "zh": "chinese", "ja": "japanese", "pl": "polish",
}  # fmt: skip
_CODES = {fold(name): code for code, names in _LANGUAGES.items() for name in names.split()}


def language_code(value: str) -> str:
    """The code of a language that is named in words; other values as they are.

    Examples
    --------
    >>> language_code("ENGLISH; TURKISH"), language_code("Französisch"), language_code("Uyghur")
    ('en', 'fr', 'Uyghur')
    """
    name = fold(re.split("[;,(]", value)[0])
    return _CODES.get(name.split(" ")[0] if name else "", value.strip())


def by_names(names: dict[str, str]) -> dict[str, str]:
    """Localised name -> what it stands for, from what it stands for -> names separated by bars."""
    return {fold(name): key for key, listed in names.items() for name in listed.split("|")}


def of_words(words: str) -> str:
    """A pattern for any of the words, as :func:`fold` leaves them."""
    return "|".join(sorted((re.escape(fold(word)) for word in words.split("|")), key=len, reverse=True))


def beside(*parts: str) -> str:
    """Evidence of who wrote an article, in one field: byline, dateline, credit."""
    return " | ".join(dict.fromkeys(part.strip() for part in parts if part.strip()))


# Opening ----------------------------------------------------------------------------------------------------


def head_text(head: bytes) -> str:
    r"""The beginning of a text or RTF file as text, for ``sniff``; empty where it is neither.

    Examples
    --------
    >>> head_text("1 of 2 DOCUMENTS".encode("utf-16")), head_text(rb"{" + rb"\rtf1 1 of 2 DOCUMENTS")
    ('1 of 2 DOCUMENTS', '1 of 2 DOCUMENTS')
    """
    try:
        if is_rtf(head):
            return rtf_text(head)[0]
        return head.decode(find_encoding([head]), "replace")
    except (UnreadableError, UnicodeError):
        return ""


def read_whole(path: Path) -> bytes:
    """The bytes of an export that has to be read at once.

    Raises
    ------
    UnreadableError
        The file is too long or empty.
    """
    size = path.stat().st_size
    if size > LARGEST_EXPORT:
        raise UnreadableError(
            f"has {size / 1e6:.0f} MB; an export of this format is read at once and has at most "
            f"{LARGEST_EXPORT / 1e6:.0f} MB: export fewer articles into one file"
        )
    data = path.read_bytes()
    if not data.strip():
        raise UnreadableError("is empty")
    return data


def lines_of(path: Path) -> tuple[Iterator[str], str, bool]:
    """The lines of a text or RTF file, its encoding (none for RTF, which states its own), and whether it is cut off.

    The lines of a text file are read as they are asked for; one that is too long comes in pieces. Form feeds stay.

    Raises
    ------
    UnreadableError, OSError
        The file is no text, or cannot be opened.
    """
    with path.open("rb") as handle:
        head = handle.read(64)
    if is_rtf(head):
        text, whole = rtf_text(read_whole(path).lstrip(b"\xef\xbb\xbf \r\n"))
        return iter(re.split("\n|(?<=\f)", text)), "", not whole
    encoding = find_encoding(blocks_of(path))
    return _text_lines(path, encoding), encoding.removesuffix("-sig"), False


def _text_lines(path: Path, encoding: str) -> Iterator[str]:
    with path.open(encoding=encoding, errors="replace") as handle:
        while line := handle.readline(1_000_000):
            yield line.rstrip("\n")


def between(lines: Iterable[str], is_start: re.Pattern[str]) -> Iterator[tuple[re.Match[str] | None, list[str] | None]]:
    """Each line that starts an item, with the lines up to the next; first None with the lines before any.

    In place of the lines of an item that is too long stands None.
    """
    start: re.Match[str] | None = None
    found: list[str] = []
    size = 0
    for line in lines:
        if match := is_start.match(fold(line)) if len(line) < 200 and len(line.strip()) < 60 else None:
            yield start, found if size <= LARGEST_ITEM else None
            start, found, size = match, [], 0
        else:
            size += len(line) + 1
            if size <= LARGEST_ITEM:
                found.append(line)
    yield start, found if size <= LARGEST_ITEM else None


# Lines ------------------------------------------------------------------------------------------------------


def blocks(lines: Iterable[str]) -> list[list[str]]:
    """Lines in groups that blank lines part, each line without the blanks around it."""
    found: list[list[str]] = [[]]
    for line in lines:
        if stripped := line.strip():
            found[-1].append(stripped)
        elif found[-1]:
            found.append([])
    return [block for block in found if block]


def join_lines(found: Sequence[Sequence[str]]) -> str:
    r"""Paragraphs out of wrapped lines: a line ends a paragraph where the next one's first word had still fitted.

    Examples
    --------
    >>> join_lines([["Turkey warned Syria on Friday", "that its patience was at an", "end."], ["- Idlib", "- Afrin"]])
    'Turkey warned Syria on Friday that its patience was at an end.\n- Idlib\n- Afrin'
    """
    width = max((len(line) for block in found for line in block), default=0)
    paragraphs = []
    for block in found:
        text = block[0]
        for line, following in pairwise(block):
            wrapped = width <= 120 and len(line) + 1 + len(following.split(" ", 1)[0]) > width
            text += (" " if wrapped else "\n") + following
        paragraphs.append(text)
    return "\n".join(paragraphs)


def quote(lines: Iterable[str], most: int = 3) -> str:
    """The first lines that are not blank, for a message.

    Examples
    --------
    >>> quote(["", " Ankara  warns", "Turkey warned Syria on Friday.", "No.", "Yes."])
    "'Ankara warns' / 'Turkey warned Syria on Friday.' / 'No.'"
    """
    kept: list[str] = []
    for line in lines:
        cleaned = " ".join("".join(c if c.isprintable() else " " for c in line[:400]).split())
        if cleaned:
            kept.append(repr(cleaned if len(cleaned) <= 80 else cleaned[:80] + "…"))
        if len(kept) == most:
            break
    return " / ".join(kept) or "nothing but blanks"


def unknown(source_file: str, what: str, lacks: str, lines: Iterable[str]) -> Reject:
    """The refusal of a file whose layout is not known."""
    return Reject(source_file, "", f"the file is no {what} that is known here: {lacks}. It begins {quote(lines)}")


# Counts -----------------------------------------------------------------------------------------------------


class Tally:
    """The numbers that items bear, held against how many the file says there are."""

    def __init__(self, source_file: str) -> None:
        self.source_file = source_file
        self.total: int | None = None
        self.seen: set[int] = set()

    def announce(self, total: int) -> Iterator[Reject]:
        """Take the number of items that a cover states. Where another cover came before, its items end here."""
        yield from self.finish()
        self.total = total

    def add(self, number: int, total: int | None = None) -> Iterator[Reject]:
        """Take an item's number ("1 of 10"). A number that comes again begins another export in the same file."""
        if number in self.seen or (total is not None and self.total is not None and total != self.total):
            yield from self.finish()
        self.total = self.total if total is None else total
        self.seen.add(number)

    def finish(self) -> Iterator[Reject]:
        """A reject for each run of items that were stated and are not there; then count anew."""
        total, seen = self.total, self.seen
        self.total, self.seen = None, set()
        if total is None:
            return
        low = 1
        for number in [*sorted(n for n in seen if 0 < n <= total), total + 1]:
            if number > low:
                many = number - 1 > low
                where = f"items {low} to {number - 1}" if many else f"item {low}"
                verb = "are" if many else "is"
                reason = f"{where} of {total} that the file states {verb} not in it; export the file again"
                yield Reject(self.source_file, where, reason)
            low = number + 1
        if over := sorted(n for n in seen if n > total):
            what = f"the file states {total} items and has an item {over[0]}; export it again"
            yield Reject(self.source_file, f"item {over[0]}", what)

"""What every reader stands on: items and rejects, the encoding of a file, the columns of a table."""

from __future__ import annotations

import codecs
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from toolkit.errors import InputError, nearest
from toolkit.readers.encodings import guess_code_page, guess_utf16, mostly_utf8

__all__ = [
    "BOMS", "FIELDS", "HEAD", "LARGEST_PAGE", "Columns", "Item", "Reader", "Reject", "UnreadableError",
    "as_list", "binary_kind", "blocks_of", "check_fields", "choose_columns", "decode", "find_encoding",
    "pick_columns", "read_bytes",
]  # fmt: skip

FIELDS = ("title", "text", "date", "outlet", "url", "language", "wire", "id", "byline")
"""What a reader can say about an article."""
HEAD = 65536
"""How much of a file is shown to ``sniff`` (bytes)."""
_SAMPLE = 400_000
LARGEST_PAGE = 10_000_000
"""A file that holds one article (a page, a plain text) is not longer than this (bytes)."""

Columns = Mapping[str, "str | Sequence[str]"]
"""Field -> the column that holds it, or several of which the first that is there counts."""


@dataclass(frozen=True)
class Item:
    """An article as its file has it.

    Attributes
    ----------
    source_file : str
        The file, relative to the folder that is read.
    locator : str
        The place in the file, such as ``row 3 (line 17)``; empty where the file is the article.
    fields : dict of str to str
        Values of :data:`FIELDS`, each only where there is one, and ``encoding``, ``site`` (the name that a page gives
        itself), ``warnings``, and ``truncated`` (``true``) where the source holds the beginning of the text alone.
    """

    source_file: str
    locator: str
    fields: dict[str, str]


@dataclass(frozen=True)
class Reject:
    """Something that could not be read, and why."""

    source_file: str
    locator: str
    reason: str


class Reader(Protocol):
    """A module of this shelf."""

    def sniff(self, path: Path, head: bytes) -> bool:
        """Whether the file is of this format, from its first bytes and its name."""

    def read(self, path: Path, source_file: str, columns: Columns | None) -> Iterator[Item | Reject]:
        """The articles of a file and what could not be read."""


class UnreadableError(Exception):
    """A file that is no text; the message is the reason."""


# Bytes to text ----------------------------------------------------------------------------------------------

BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_MAGIC = {
    b"%PDF": "a PDF",
    b"PK\x03\x04": "a ZIP archive or a Word or Excel file; unpack it, or save it as .docx or .xlsx",
    b"\xd0\xcf\x11\xe0": "an old Word or Excel file; save it as .docx or .xlsx",
    b"{\\rtf": "an RTF file; save it as .txt",
    b"\x89PNG": "a picture (PNG)",
    b"\xff\xd8\xff": "a picture (JPEG)",
    b"GIF8": "a picture (GIF)",
    b"RIFF": "a picture or sound (RIFF)",
    b"\x1f\x8b": "packed with gzip; unpack it first",
    b"7z\xbc\xaf": "a 7-Zip archive; unpack it first",
    b"SQLite format 3": "a SQLite database; export it as .csv",
    b"PAR1": "a Parquet file",
}


def binary_kind(head: bytes) -> str | None:
    """What a file is that is no text, None where nothing speaks against text.

    Examples
    --------
    >>> binary_kind(b"%PDF-1.7")
    'a PDF'
    >>> binary_kind(b"Ankara warned.") is None
    True
    """
    for magic, kind in _MAGIC.items():
        if head.startswith(magic):
            return kind
    return None


def find_encoding(blocks: Iterable[bytes], declared: str | None = None) -> str:
    """The encoding of text: its byte order mark, else UTF-8 where it is, else `declared`, else the likeliest.

    The likeliest is UTF-16 where zero bytes show it, UTF-8 where few letters are damaged, else a Windows code page
    (:func:`toolkit.readers.encodings.guess_code_page`).

    Raises
    ------
    UnreadableError
        The bytes are those of a known binary format, or hold a NUL.

    Examples
    --------
    >>> find_encoding(["Türkiye".encode()]), find_encoding(["Türkiye".encode("cp1252")])
    ('utf-8', 'cp1252')
    """
    decoder, position = codecs.getincrementaldecoder("utf-8")(), 0
    encoding, sample = "utf-8", b""
    for block in blocks:
        if not position:
            kind = binary_kind(block)
            if kind:
                raise UnreadableError(f"is no text: {kind}")
            marked = next((name for mark, name in BOMS if block.startswith(mark)), None) or guess_utf16(block)
            if marked:
                return marked
        nul = block.find(b"\0")
        if nul >= 0:
            raise UnreadableError(f"is no text: byte {position + nul} is NUL; save it as UTF-8 text")
        position += len(block)
        if encoding == "utf-8":
            try:
                decoder.decode(block)
            except UnicodeDecodeError:
                encoding = ""
        if not block.isascii() and len(sample) < _SAMPLE:
            sample += b"\n".join(line for line in block.split(b"\n") if not line.isascii())[:_SAMPLE]
    if encoding == "utf-8" and not decoder.getstate()[0]:
        return encoding
    if declared and _is_text_codec(declared):
        return declared
    return "utf-8" if mostly_utf8(sample) else guess_code_page(sample)


def _is_text_codec(name: str) -> bool:
    try:
        return isinstance(b"Ankara".decode(name, "replace"), str) and codecs.lookup(name).name not in ("utf-8", "ascii")
    except (LookupError, ValueError, TypeError):
        return False


def decode(data: bytes, declared: str | None = None) -> tuple[str, str]:
    r"""Text with newlines as ``\n``, and its encoding. Bytes that the encoding does not know become U+FFFD.

    Examples
    --------
    >>> decode(b"Ankara warned.\r\nMoscow answered.")
    ('Ankara warned.\nMoscow answered.', 'utf-8')
    """
    encoding = find_encoding([data], declared)
    text = data.decode(encoding, "replace").replace("\r\n", "\n").replace("\r", "\n")
    return text, encoding.removesuffix("-sig")


def blocks_of(path: Path) -> Iterator[bytes]:
    """The bytes of a file, a megabyte at a time."""
    with path.open("rb") as handle:
        while block := handle.read(1 << 20):
            yield block


def read_bytes(path: Path) -> bytes:
    """The bytes of a file that holds one article.

    Raises
    ------
    UnreadableError
        The file is too long or empty.
    """
    size = path.stat().st_size
    if size > LARGEST_PAGE:
        raise UnreadableError(f"has {size / 1e6:.1f} MB; a file with one article has at most {LARGEST_PAGE / 1e6:g} MB")
    data = path.read_bytes()
    if not data.strip():
        raise UnreadableError("is empty")
    return data


# Columns ----------------------------------------------------------------------------------------------------


def as_list(names: str | Sequence[str]) -> list[str]:
    """One name or several, as a list."""
    return [names] if isinstance(names, str) else list(names)


def check_fields(columns: Columns | None, where: str = "columns") -> None:
    """Raise InputError where a key of `columns` is no field.

    Examples
    --------
    >>> check_fields({"headline": "title"})
    Traceback (most recent call last):
        ...
    toolkit.errors.InputError: columns: 'headline' is no field; Valid: byline, date, id, language, outlet, text, ...
    """
    for field, names in (columns or {}).items():
        if field not in FIELDS:
            raise InputError(
                f"{where}: {field!r} is no field; {nearest(field, FIELDS)}. Write field: column, for example text: body"
            )
        if not as_list(names) or not all(isinstance(name, str) for name in as_list(names)):
            raise InputError(f"{where}: {field}: {names!r} is no column; give its name, or a list of names")


def choose_columns(
    columns: Columns | None, present: Sequence[str], where: str, *, needed: Iterable[str] | None = None
) -> dict[str, str]:
    """Which column holds which field.

    A field that `columns` does not name is taken from the column that bears its name, ``id`` excepted: a column of that
    name often counts rows.

    Parameters
    ----------
    columns : mapping or None
        Field -> column or alternatives.
    present : sequence of str
        The columns that there are.
    where : str
        The file, for the message.
    needed : iterable of str, optional
        Mapped fields whose column must be there; all of them if not given. ``text`` always must.

    Raises
    ------
    InputError
        A needed column is missing, or none holds the text.

    Examples
    --------
    >>> choose_columns({"text": ["content", "body"]}, ["id", "date", "body"], "export.csv")
    {'text': 'body', 'date': 'date'}
    >>> choose_columns({"text": "boddy"}, ["date", "body"], "export.csv")
    Traceback (most recent call last):
        ...
    toolkit.errors.InputError: export.csv has no column 'boddy' for the field text; did you mean 'body'? ...
    """
    check_fields(columns)
    chosen = pick_columns(columns, present)
    must = set(columns or ()) if needed is None else set(needed)
    for field, names in (columns or {}).items():
        if field not in chosen and (field in must or field == "text"):
            wanted = " or ".join(repr(name) for name in as_list(names))
            raise InputError(
                f"{where} has no column {wanted} for the field {field}; {nearest(as_list(names)[0], present)}"
            )
    if "text" not in chosen:
        raise InputError(
            f"{where} has no column named 'text'; {nearest('text', present)}. "
            "Say which column holds what, for example columns: {text: body, title: headline, date: published}"
        )
    return chosen


def pick_columns(columns: Columns | None, present: Collection[str]) -> dict[str, str]:
    """Like :func:`choose_columns`, without what is missing."""
    columns = columns or {}
    chosen = {}
    for field, names in columns.items():
        found = next((name for name in as_list(names) if name in present), None)
        if found is not None:
            chosen[field] = found
    return chosen | {f: f for f in FIELDS if f not in columns and f != "id" and f in present}

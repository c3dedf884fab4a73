"""The paragraphs of a Word file, one by one: the ZIP is read in memory under limits, the XML without entities.

ECMA-376, "Office Open XML File Formats", part 1, chapter 17 (WordprocessingML).
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from toolkit.readers.common import UnreadableError

__all__ = ["LARGEST_PART", "Paragraph", "beginning_of_word", "open_word", "paragraphs"]

LARGEST_PART = 500_000_000
"""The document inside is not longer than this (bytes)."""
LARGEST_RATIO = 400
"""It is not packed more tightly than this, where it has over a megabyte; Word's own files reach some 50."""
MOST_MEMBERS = 5_000
"""The ZIP does not hold more files than this."""
DOCUMENT = "word/document.xml"

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_SIGNS = {f"{_W}tab": "\t", f"{_W}br": "\n", f"{_W}cr": "\n", f"{_W}noBreakHyphen": "-"}
# What stands beside the running text, or was deleted from it, or says it a second time.
_BESIDE = frozenset({
    f"{_W}txbxContent", f"{_W}del", f"{_W}moveFrom", f"{_W}pict",
    "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback",
})  # fmt: skip


@dataclass
class Paragraph:
    """A paragraph: its text, and the names of the bookmarks that begin in it or right before it."""

    text: str = ""
    marks: list[str] = field(default_factory=list)


def open_word(path: Path) -> zipfile.ZipFile:
    """The ZIP of a Word file, checked before anything in it is unpacked.

    Raises
    ------
    UnreadableError
        It is no ZIP, no Word file, locked, or built to harm.
    """
    try:
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, zipfile.LargeZipFile, ValueError, NotImplementedError, EOFError) as error:
        raise UnreadableError(f"is no whole Word file ({_words(error)}); save or export it again") from None
    try:
        _check(archive)
    except UnreadableError:
        archive.close()
        raise
    return archive


def _check(archive: zipfile.ZipFile) -> None:
    members = archive.infolist()
    if len(members) > MOST_MEMBERS:
        raise UnreadableError(f"holds {len(members)} files; a Word file has at most {MOST_MEMBERS}")
    names = [member.filename for member in members]
    outside = next((n for n in names if n.startswith(("/", "\\")) or ".." in re.split(r"[/\\]", n) or ":" in n), None)
    if outside is not None:
        raise UnreadableError(f"holds a file named {outside[:80]!r}, which leads out of it; no Word file does so")
    if names.count(DOCUMENT) != 1:
        raise UnreadableError(f"is no Word file: it holds {names.count(DOCUMENT) or 'no'} {DOCUMENT}")
    member = archive.getinfo(DOCUMENT)
    if member.flag_bits & 1:
        raise UnreadableError("is locked with a password; save it without one")
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise UnreadableError("is packed in a way that Word does not use")
    if member.file_size > LARGEST_PART:
        raise UnreadableError(
            f"unpacks to {member.file_size / 1e6:.0f} MB; at most {LARGEST_PART / 1e6:.0f} MB are read"
        )
    if member.file_size > 1_000_000 and member.file_size > LARGEST_RATIO * max(member.compress_size, 1):
        ratio = member.file_size // max(member.compress_size, 1)
        raise UnreadableError(f"unpacks to {ratio} times its size, as a ZIP bomb does; at most {LARGEST_RATIO} is read")


def beginning_of_word(path: Path, size: int = 400_000) -> str:
    """The first bytes of the document inside, as text; empty where the file is no Word file."""
    try:
        with open_word(path) as archive, archive.open(DOCUMENT) as part:
            return part.read(size).decode("utf-8", "replace")
    except (UnreadableError, OSError, zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError):
        return ""


def paragraphs(archive: zipfile.ZipFile) -> Iterator[Paragraph]:
    """The paragraphs of the running text, empty ones too.

    Raises
    ------
    UnreadableError
        The XML is broken, nested too deeply or has a document type, or the ZIP is damaged.
    """
    try:
        with archive.open(DOCUMENT) as part:
            yield from _paragraphs(part)
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError) as error:
        raise UnreadableError(f"is damaged ({_words(error)}); export it again") from None


def _paragraphs(part: IO[bytes]) -> Iterator[Paragraph]:
    from lxml import etree

    # huge_tree stays off: it bounds depth, names and the growth of entities, of which none is resolved anyway.
    events = etree.iterparse(
        part, events=("start", "end"), resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True,
        remove_pis=True, huge_tree=False,
    )  # fmt: skip
    current, waiting, beside = None, Paragraph(), 0
    try:
        for event, element in events:
            tag = element.tag
            if event == "start":
                if not beside and element.getparent() is None and element.getroottree().docinfo.doctype:
                    raise UnreadableError("declares a document type, which no Word file does")
                beside += tag in _BESIDE
                if tag == f"{_W}p" and not beside:
                    current, waiting = waiting, Paragraph()
                elif tag == f"{_W}bookmarkStart" and not beside:
                    (current or waiting).marks.append(element.get(f"{_W}name") or "")
                continue
            if tag in _BESIDE:
                beside -= 1
            elif current is not None and not beside:
                if tag == f"{_W}t":
                    current.text += element.text or ""
                elif tag in _SIGNS:
                    current.text += _SIGNS[tag]
                elif tag == f"{_W}p":
                    yield current
                    current = None
            if tag == f"{_W}p":
                _forget(element)
    except etree.XMLSyntaxError as error:
        raise UnreadableError(f"holds XML that cannot be read ({_words(error)}); export it again") from None


def _forget(element: object) -> None:
    """Free what has been read: the element and those before it."""
    element.clear()  # type: ignore[attr-defined]
    while element.getprevious() is not None:  # type: ignore[attr-defined]
        del element.getparent()[0]  # type: ignore[attr-defined]


def _words(error: Exception) -> str:
    return " ".join(str(error).split())[:120] or type(error).__name__

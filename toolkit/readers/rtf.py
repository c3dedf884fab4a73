r"""RTF to plain text, in one pass and without recursion: what exports need, and nothing that a document could run.

Rich Text Format (RTF) Specification, version 1.9.1 (Microsoft, 2008). Written here because exports lean on what common
converters lose: ``\page`` as a form feed, UTF-16 pairs in ``\u``, code pages by font, and files that are cut off.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass, replace

from toolkit.readers.common import UnreadableError

__all__ = ["DEEPEST", "is_rtf", "rtf_text"]

DEEPEST = 500
"""Groups are not nested deeper than this."""

# Destinations that hold no running text. Those marked with \* are passed over without being listed, fldrslt is kept.
_DESTINATIONS = (
    "annotation atnauthor atnid author background bkmkend bkmkstart colortbl comment company creatim datafield do "
    "docvar fldinst fonttbl footer footerf footerl footerr footnote generator header headerf headerl headerr info "
    "keywords latentstyles listoverridetable listtable listtext nonshppict object operator pict pntext private revtbl "
    "rsidtbl shp shptxt stylesheet subject tc template themedata title txe xe"
)
_SILENT = frozenset(_DESTINATIONS.split())
_SIGNS = {
    "par": "\n", "line": "\n", "sect": "\n", "row": "\n", "page": "\f", "tab": "\t", "cell": "\t", "nestcell": "\t",
    "emdash": "—", "endash": "–", "emspace": " ", "enspace": " ", "qmspace": " ", "bullet": "•", "lquote": "‘",
    "rquote": "’", "ldblquote": "“", "rdblquote": "”", "zwj": "\u200d", "zwnj": "\u200c", "rtlmark": "", "ltrmark": "",
    "~": "\xa0", "_": "-", "-": "", "{": "{", "}": "}", "\\": "\\", "\n": "\n", "\r": "\n",
}  # fmt: skip
_CHARSETS = {
    0: "cp1252", 128: "cp932", 129: "cp949", 134: "cp936", 136: "cp950", 161: "cp1253", 162: "cp1254", 163: "cp1258",
    177: "cp1255", 178: "cp1256", 186: "cp1257", 204: "cp1251", 222: "cp874", 238: "cp1250",
}  # fmt: skip
_TOKEN = re.compile(
    rb"\\([a-zA-Z]{1,32})(-?\d{1,10})?[ ]?|((?:\\'[0-9a-fA-F]{2})+)|\\(.)|([{}])|[\r\n]+|([^\\{}\r\n]+)|(\\)", re.DOTALL
)


@dataclass(frozen=True)
class _State:
    """What a group inherits, and what its end restores."""

    silent: bool = False
    hidden: bool = False
    skip: int = 1  # how many characters stand for those that do not know \\u
    codec: str = ""


def is_rtf(head: bytes) -> bool:
    """Whether a file is RTF, from its first bytes."""
    return head.lstrip(b"\xef\xbb\xbf \r\n").startswith(b"{\\rtf")


def rtf_text(data: bytes) -> tuple[str, bool]:
    r"""The text of an RTF document, and whether its last group is closed.

    Parameters
    ----------
    data : bytes
        The document, or its beginning.

    Raises
    ------
    UnreadableError
        Groups are nested deeper than :data:`DEEPEST`.

    Examples
    --------
    >>> rtf_text(rb"{\rtf1\ansi\ansicpg1254 28 \'deubat\par {\*\x gone}Ankara\u8217\'92s\page}")
    ('28 Şubat\nAnkara’s\x0c', True)
    """
    return _Document(data).read()


class _Document:
    def __init__(self, data: bytes) -> None:
        self.data = data
        self.codec = "cp1252"
        self.fonts: dict[int, str] = {}
        self.font = -1  # the one that the font table describes
        self.in_fonts = 0  # the depth at which the font table was opened
        self.state = _State()
        self.stack: list[_State] = []
        self.out: list[str] = []
        self.left = 0  # characters still to be passed over after \u
        self.star = False

    def read(self) -> tuple[str, bool]:
        position, whole = 0, False
        while match := _TOKEN.match(self.data, position):
            position = match.end()
            word, number, hexes, sign, brace, plain, _ = match.groups()
            if brace:
                self.left = 0
                if self._brace(brace):
                    whole = True
                    break
            elif word:
                if word == b"bin":  # so many bytes of a picture, which may hold anything
                    position += max(int(number or 0), 0)
                else:
                    self._word(word.decode(), None if number is None else int(number))
            elif hexes:
                self._bytes(bytes.fromhex(hexes.decode().replace("\\'", "")))
            elif sign:
                self.star = sign == b"*"
                self._write(_SIGNS.get(sign.decode("latin-1"), ""))
            elif plain:
                self._bytes(plain)
        text = "".join(self.out)
        # \u writes characters beyond U+FFFF as two halves of UTF-16; a half alone is no character.
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace").replace("\0", ""), whole

    def _brace(self, brace: bytes) -> bool:
        """Open or close a group; True where the outermost is closed."""
        self.star = False
        if brace == b"{":
            if len(self.stack) >= DEEPEST:
                raise UnreadableError(f"has groups nested deeper than {DEEPEST}; no export of a database is so")
            self.stack.append(self.state)
            return False
        if len(self.stack) <= self.in_fonts:
            self.in_fonts = 0
        if self.stack:
            self.state = self.stack.pop()
        return not self.stack

    def _word(self, word: str, number: int | None) -> None:
        starred, self.star = self.star, False
        self.left = 0
        if word == "fonttbl":
            self.in_fonts = len(self.stack)
        if word in _SILENT or (starred and word != "fldrslt"):
            self.state = replace(self.state, silent=True)
        elif word == "u" and number is not None:
            self._write(chr(number % 0x10000))
            self.left = self.state.skip
        elif word == "uc":
            self.state = replace(self.state, skip=min(max(number or 0, 0), 10))
        elif word == "ansicpg":
            self.codec = _codec(f"cp{number}") or self.codec
        elif word == "f" and number is not None:
            if self.in_fonts:
                self.font = number
            else:
                self.state = replace(self.state, codec=self.fonts.get(number, ""))
        elif word == "fcharset" and self.in_fonts and number in _CHARSETS:
            # 0 says "Western", which is the document's own code page where that is named.
            self.fonts[self.font] = _CHARSETS[number] if number else ""
        elif word in ("v", "deleted"):
            self.state = replace(self.state, hidden=number != 0)
        elif word == "plain":
            self.state = replace(self.state, hidden=False, codec="")
        else:
            self._write(_SIGNS.get(word, ""))

    def _bytes(self, data: bytes) -> None:
        self.star = False
        if self.left:
            passed = min(self.left, len(data))
            self.left -= passed
            data = data[passed:]
        if data and not self.state.silent and not self.state.hidden:
            self.out.append(data.decode(self.state.codec or self.codec, "replace"))

    def _write(self, text: str) -> None:
        if text and not self.state.silent and not self.state.hidden:
            self.out.append(text)


def _codec(name: str) -> str:
    try:
        return name if isinstance(b"Ankara".decode(codecs.lookup(name).name), str) else ""
    except (LookupError, ValueError, TypeError):
        return "utf-8" if name == "cp65001" else ""

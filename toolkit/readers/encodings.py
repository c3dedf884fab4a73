"""Which encoding bytes are in that carry no mark and are no UTF-8: UTF-16, or a Windows code page of the region.

The code pages share their bytes, so only the language can tell them apart: running words of Arabic or Russian letters,
the six letters in which Turkish differs from the West. ``benchmarks/encodings.py`` measures it.
"""

from __future__ import annotations

import codecs
import re

__all__ = ["CODE_PAGES", "guess_code_page", "guess_utf16", "mostly_utf8"]

CODE_PAGES = ("cp1252", "cp1254", "cp1251", "cp1256")
"""Western, Turkish, Cyrillic, Arabic."""

_UTF8 = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_HIGH = re.compile(rb"[\x80-\xff]")
# Words of nothing but letters above 127, where Western text has at most a few in a row.
_RUN = re.compile(rb"[\x81\x8d-\x90\x98\x9a\x9f\xaa\xb8\xc0-\xff]{3,}")
_LETTER_RUN = re.compile(rb"[A-Za-z\x80-\xff]{2,}")
# The commonest letters make up most of any text of the language; read with the wrong page, they do not.
_RUSSIAN = frozenset("оеаинтсрвлкмдпуяыьгзбчй")
_ARABIC = frozenset("اليمونرتبةعدسفهكأحقإى")
# cp1254 has Ğ İ Ş ğ ı ş where cp1252 has Ð Ý Þ ð ý þ.
_TURKISH_BYTES = re.compile(rb"[\xd0\xdd\xde\xf0\xfd\xfe]")
_ICELANDIC = re.compile(
    r"\b(?:og|að|það|þeir|ekki|við|fyrir|sem|með|því|eða|þann|á|í|var|oyggj|tað|ikki|við)\b"
    r"|\b[Þþ]\w|ð(?:ur|ar|i|s|a)?\b|\b(?:Sig|Guð|Þór)\w+",
)
_TURKISH = re.compile(
    r"\b(?:ve|bir|bu|için|ile|olarak|daha|çok|gibi|sonra|kadar|ancak|olan|değil|dedi|etti)\b|ı(?:n|nda|ndan|na|nı)?\b"
    r"|oğlu\b|doğan\b|lığı|liği|lar[ıi]|ler[ıi]|ş[ıi]\b|\bİ\w|\bŞ[aeıioöuü]|[aeıioöuü]ğ[aeıioöuülrdm]",
)


def mostly_utf8(sample: bytes) -> bool:
    """Whether bytes that are not all UTF-8 are UTF-8 with some damage: nine in ten letters beyond ASCII are whole.

    Examples
    --------
    >>> mostly_utf8("Türkiye, Şırnak, Âkif, Ağrı, Iğdır, Çiğli".encode() + bytes([0xFC]))
    True
    >>> mostly_utf8("Türkiye".encode("cp1254"))
    False
    """
    whole = len(_UTF8.findall(sample))
    return whole > 0 and whole >= 9 * len(_HIGH.findall(_UTF8.sub(b"", sample)))


def guess_utf16(sample: bytes) -> str | None:
    """The byte order of UTF-16 without a mark, None where the bytes are something else.

    Examples
    --------
    >>> guess_utf16("Ankara warned Moscow.".encode("utf-16-be")), guess_utf16(b"Ankara" + bytes(9) + b"warned")
    ('utf-16-be', None)
    """
    sample = sample[: min(len(sample), 20_000) // 2 * 2]
    for order, zeros, others in (("utf-16-le", sample[1::2], sample[::2]), ("utf-16-be", sample[::2], sample[1::2])):
        # Blanks, full stops and newlines have a zero byte in every script; no byte of text on the other side is one.
        if len(sample) < 8 or others.count(0) or zeros.count(0) < 0.04 * len(zeros):
            continue
        text = codecs.getincrementaldecoder(order)("replace").decode(sample)
        if sum(_is_common(char) for char in text) >= 0.95 * len(text):
            return order
    return None


def _is_common(char: str) -> bool:
    """Whether a character stands in news of Europe and the Near East. Two ASCII bytes make one of East Asia."""
    code = ord(char)
    if code < 0x20:
        return char in "\t\n\r\f"
    return (code < 0x0700 and not 0x7F <= code < 0xA0) or 0x1E00 <= code <= 0x201F or 0x2026 <= code < 0x2120


def guess_code_page(sample: bytes) -> str:
    """The Windows code page of bytes: cp1252 where nothing speaks for another.

    Examples
    --------
    >>> guess_code_page("Анкара предупредила Дамаск".encode("cp1251"))
    'cp1251'
    >>> guess_code_page("حذرت أنقرة دمشق من أي هجوم".encode("cp1256"))
    'cp1256'
    >>> guess_code_page("Cumhurbaşkanı Erdoğan".encode("cp1254")), guess_code_page("Türkei, Präsident".encode("cp1252"))
    ('cp1254', 'cp1252')
    """
    high = len(_HIGH.findall(sample))
    running = sum(map(len, _RUN.findall(sample)))
    letters = sum(map(len, _LETTER_RUN.findall(sample)))
    if running > 0.5 * high and (running > 0.15 * letters or running >= 40):
        return _eastern(sample)
    if not _TURKISH_BYTES.search(sample):
        return "cp1252"
    turkish = len(_TURKISH.findall(sample.decode("cp1254", "replace")))
    northern = len(_ICELANDIC.findall(sample.decode("cp1252", "replace")))
    return "cp1254" if turkish >= northern else "cp1252"


def _eastern(sample: bytes) -> str:
    """Cyrillic or Arabic: in which of them are the letters those that are common?"""
    share = {}
    for page, common in (("cp1251", _RUSSIAN), ("cp1256", _ARABIC)):
        letters = [char for char in sample.decode(page, "replace").lower() if ord(char) > 0x7F and char.isalpha()]
        share[page] = sum(char in common for char in letters) / max(len(letters), 1)
    best = max(share, key=lambda page: share[page])
    return best if share[best] > 0.6 else "cp1252"

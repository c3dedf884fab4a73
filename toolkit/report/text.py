"""Text that is safe to show: nothing hidden in it, nothing obeyed, not too long."""

from __future__ import annotations

import json
import unicodedata
from typing import Any
from urllib.parse import urlsplit

import pandas as pd

from toolkit.errors import InputError

__all__ = ["cut", "day", "number", "p_words", "safe_json", "split_sentence", "visible", "web_address"]

CONTEXT = 400
"""Characters of a sentence shown on each side of the target."""
_BIDI = {0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)}


def safe_json(value: Any) -> str:
    r"""JSON that can stand inside a script element: no character of it can end the element or break a line.

    Examples
    --------
    >>> safe_json(["</script>", chr(0x2028)])
    '["\\u003c/script\\u003e","\\u2028"]'
    """
    text = json.dumps(value, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def visible(text: str) -> str:
    r"""Text with nothing hidden in it: control characters become a mark, and so do those that turn the writing.

    Examples
    --------
    >>> visible("a\x00b\u202ec")
    'a\ufffdb⟨U+202E⟩c'
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(_visible(c) for c in text)


def _visible(c: str) -> str:
    if ord(c) in _BIDI:
        return f"⟨U+{ord(c):04X}⟩"
    if c in "\n\t":
        return c
    nothing = unicodedata.category(c) in ("Cc", "Cs") or ord(c) & 0xFFFE == 0xFFFE or 0xFDD0 <= ord(c) <= 0xFDEF
    return "\ufffd" if nothing else c


def cut(text: str, length: int = 200) -> str:
    """At most `length` characters, and a mark where the rest was."""
    return text if len(text) <= length else text[:length].rstrip() + "…"


def number(value: float | None) -> str:
    """A number with two decimals and a true minus; a dash for none.

    Examples
    --------
    >>> number(-0.304), number(float("nan"))
    ('−0.30', '–')
    """
    if value is None or pd.isna(value):
        return "–"
    text = f"{value:.2f}"
    return text.replace("-", "−") if float(text) else "0.00"


def p_words(value: float | None) -> str:
    """A p-value as it is quoted.

    Examples
    --------
    >>> p_words(0.0002), p_words(0.0312), p_words(None)
    ('< 0.001', '0.031', '–')
    """
    if value is None or pd.isna(value):
        return "–"
    return "< 0.001" if value < 0.001 else f"{value:.3f}"


def day(value: Any) -> str:
    """A date, or nothing."""
    return "" if pd.isna(value) else f"{value:%Y-%m-%d}"


def web_address(url: Any) -> str | None:
    """The address if a browser may follow it: http or https with a host, no control characters; else None.

    Examples
    --------
    >>> web_address("https://courier.example/1"), web_address("javascript:alert(1)"), web_address(None)
    ('https://courier.example/1', None, None)
    """
    if not isinstance(url, str) or len(url) > 2000 or visible(url) != url or any(c.isspace() for c in url):
        return None
    try:
        parts = urlsplit(url)
        return url if parts.scheme.lower() in ("http", "https") and parts.hostname else None
    except ValueError:
        return None


def split_sentence(sentence: str, start: int, end: int) -> tuple[str, str, str]:
    """A sentence before, in and after its target; long ones are cut, and say how much is missing.

    Examples
    --------
    >>> split_sentence("Then Ankara warned.", 5, 11)
    ('Then ', 'Ankara', ' warned.')
    """
    if not 0 <= start < end <= len(sentence):
        raise InputError(
            f"a mention stands at {start} to {end} in a sentence of {len(sentence)} characters; find it again"
        )
    before, target, after = sentence[:start], sentence[start:end], sentence[end:]
    if len(before) > CONTEXT:
        before = f"[{len(before) - CONTEXT:,} characters] …{before[-CONTEXT:]}"
    if len(after) > CONTEXT:
        after = f"{after[:CONTEXT]}… [{len(after) - CONTEXT:,} characters]"
    return before, cut(target, CONTEXT), after

"""Text that a spreadsheet takes for text, and the way back."""

from __future__ import annotations

__all__ = ["harmless", "plain"]

_RISKY = ("=", "+", "-", "@", "\t", "\r", "\n")


def harmless(text: str) -> str:
    r"""Text with an apostrophe before it where a spreadsheet would run it (CWE-1236); :func:`plain` takes it away.

    An apostrophe that already stands before such a sign gets another one, so that every text comes back as it was.

    Examples
    --------
    >>> harmless("=HYPERLINK(1)"), harmless("Ankara"), harmless("'-5")
    ("'=HYPERLINK(1)", 'Ankara', "''-5")
    """
    return "'" + text if text.lstrip("'").startswith(_RISKY) else text


def plain(text: str) -> str:
    """Undo :func:`harmless`.

    Examples
    --------
    >>> plain("'=1+1"), plain("'tis"), plain(harmless("'-5"))
    ('=1+1', "'tis", "'-5")
    """
    return text[1:] if text.startswith("'") and text.lstrip("'").startswith(_RISKY) else text

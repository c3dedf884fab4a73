"""What stands in quotation marks."""

from __future__ import annotations

import re
from bisect import bisect_left
from typing import NamedTuple

__all__ = ["MASK", "Quote", "find_quotes", "mask_quotes"]

MASK = "\ue000"
"""Takes the place of every character of a quotation, so that cues inside it are not seen (a private code point)."""
LONGEST_SINGLE = 2000
"""Single marks farther apart are apostrophes (characters)."""

LONGEST_OPEN = 500
"""A quotation that nobody closes has lost its mark where more of its paragraph follows than this (characters)."""

_SENTENCE_END = re.compile(r"[.!?](?=\s+[A-Z])")
_QUOTE_MARK = re.compile("[\"“”„«»‘’']")
_CLOSES = {'"': '"”', "“": '”"', "„": '“”"', "«": "»", "»": "«", "‘": "’", "'": "'’"}
_ELISION = re.compile(r"\d0s|(?:em|tis|twas|til|cause|n)\b", re.IGNORECASE)


class Quote(NamedTuple):
    """A quotation: its opening mark, the place behind its closing mark, and whether somebody closed it."""

    start: int
    end: int
    closed: bool


def find_quotes(text: str, start: int, stop: int) -> list[Quote]:
    """The outermost quotations of one paragraph; of those that nobody closes see :func:`_unclosed_end`."""
    quotes: list[Quote] = []
    marks = [m.start() for m in _QUOTE_MARK.finditer(text, start, stop)]
    i = 0
    while i < len(marks):
        at = marks[i]
        if not _opens(text, at, start, stop):
            i += 1
            continue
        closer = _closer(text, marks, i, start, stop)
        if closer is not None:
            quotes.append(Quote(at, marks[closer] + 1, True))
            i = closer + 1
        elif text[at] in "'‘" or text[at] == "»":
            i += 1  # an apostrophe after all
        else:
            end = _unclosed_end(text, at, stop)
            quotes.append(Quote(at, end, False))
            if end == stop:
                break
            i = bisect_left(marks, end, i + 1)
    return quotes


def _unclosed_end(text: str, at: int, stop: int) -> int:
    """Where a quotation ends that nobody closes: with its paragraph.

    With its sentence where the paragraph is long and the next one does not go on with it: the closing mark was lost.
    """
    goes_on = re.match(r"\s*[\"“„«'‘]", text[stop : stop + 8])
    if goes_on or stop - at < LONGEST_OPEN:
        return stop
    end = _SENTENCE_END.search(text, at + 1, stop)
    return end.start() + 1 if end else stop


def _opens(text: str, at: int, start: int, stop: int) -> bool:
    mark = text[at]
    if mark not in _CLOSES or at + 1 >= stop:
        return False
    before = text[at - 1] if at > start else " "
    after = text[at + 1]
    if mark in "'‘":
        free = not before.isalnum() and before not in ".,!?)" and not after.isspace()
        return free and not _ELISION.match(text, at + 1)
    if mark == "»":
        return not after.isspace() and (before.isspace() or before in "(")
    return not (before.isalnum() and (after.isspace() or after in ".,;:)"))


def _closer(text: str, marks: list[int], opener: int, start: int, stop: int) -> int | None:
    """Position in `marks` of the mark that closes the one at `opener`."""
    mark = text[marks[opener]]
    closes = _CLOSES[mark]
    single = mark in "'‘"
    doubtful = None
    depth = 0
    for i in range(opener + 1, len(marks)):
        at = marks[i]
        if single and at - marks[opener] > LONGEST_SINGLE:
            return doubtful
        if mark in "“«„" and text[at] == mark and mark not in closes:
            depth += 1
            continue
        if text[at] not in closes:
            continue
        after = text[at + 1] if at + 1 < stop else " "
        if single and after.isalnum():
            continue  # an apostrophe inside a word
        if mark == '"' and text[at] == '"' and at - 1 > start and text[at - 1].isspace() and after.isalnum():
            continue  # opens a nested one
        if depth:
            depth -= 1
            continue
        if single and text[at - 1] in "sS" and after.isspace():
            # the rebels' commander: an apostrophe where a better closing mark follows
            doubtful = i if doubtful is None else doubtful
            continue
        if single and doubtful is not None and _reopened(text, marks, doubtful, i, start, stop):
            return doubtful
        return i
    return doubtful


def _reopened(text: str, marks: list[int], first: int, last: int, start: int, stop: int) -> bool:
    return any(text[marks[i]] in "'‘" and _opens(text, marks[i], start, stop) for i in range(first + 1, last))


def mask_quotes(text: str, quotes: list[Quote]) -> str:
    """The text with :data:`MASK` in place of quotations; offsets stay."""
    parts, last = [], 0
    for quote in quotes:
        parts += [text[last : quote.start], MASK * (quote.end - quote.start)]
        last = quote.end
    return "".join([*parts, text[last:]])

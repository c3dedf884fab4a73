"""Speakers by layout: the turns of a transcript ("WALLACE: Do you ..."), and names behind a dash under a quotation."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from toolkit.sentences.rules import Attribution

__all__ = ["add_turns"]

FEWEST = 3
"""A transcript has at least so many turns, of at least two people, one of whom comes back; other lines that begin with
words in capitals and a colon are headings ("READ MORE: ...")."""
_TURN = re.compile(r"^[\"“]?([A-Z][A-Z.'’-]+(?: [A-Z][A-Z.'’-]*){0,4})(?: \([^()\n]{1,40}\))?: *(?=\S)", re.MULTILINE)
_END = re.compile(r"[\n\r\x85\u2028\u2029]|\Z")
_NAME = r"[A-Z][\w.'’-]*"
_SIGNED = re.compile(
    rf"[\"”»’]\s{{0,2}}[―—–] ?({_NAME}(?: (?:{_NAME}|de|del|la|von|van|of|the|N)){{0,5}})[.,]?\s*(?=[\n\r“\"«]|\Z)"
)


def add_turns(text: str, found: list[Attribution]) -> list[Attribution]:
    r"""The attributions with the turns of a transcript as quotations, and with speakers whose names stand under them.

    Examples
    --------
    >>> text = "“He won.” ― Ana Diaz\n“He lost.” ― Bo Li"
    >>> quotes = [Attribution(1, 8, "quoted", None, None), Attribution(22, 30, "quoted", None, None)]
    >>> [text[a.speaker_start : a.speaker_end] for a in add_turns(text, quotes)]
    ['Ana Diaz', 'Bo Li']
    """
    turns = list(_turns(text)) if text.count(":") >= FEWEST else []
    if len(turns) >= FEWEST and 1 < len({text[t.speaker_start : t.speaker_end] for t in turns}) < len(turns):
        found = [a for a in found if not any(turn.start <= a.start and a.end <= turn.end for turn in turns)] + turns
    if not any(dash in text for dash in "―—–"):
        return found
    return [_signed(text, a) if a.voice == "quoted" else a for a in found]


def _turns(text: str) -> Iterator[Attribution]:
    for match in _TURN.finditer(text):
        ending = _END.search(text, match.end())
        end = ending.start() if ending else len(text)
        while end > match.end() and (text[end - 1].isspace() or text[end - 1] in '"”'):
            end -= 1
        if end > match.end():
            yield Attribution(match.end(), end, "quoted", *match.span(1))


def _signed(text: str, item: Attribution) -> Attribution:
    match = _SIGNED.match(text, item.end)
    return item if match is None else replace(item, speaker_start=match.start(1), speaker_end=match.end(1))

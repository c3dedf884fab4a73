"""Where sentences end."""

from __future__ import annotations

import re

from toolkit.errors import InputError
from toolkit.sentences.words import load_words

__all__ = ["LINE", "need_text", "split_sentences"]

LONGEST_SENTENCE = 2000
"""Tables and lists without a full stop are cut into sentences of at most so many characters."""

LINE = re.compile("[^\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]+")
_STOP = re.compile(r"[.!?…؟。]+[\"'”’“»«›)\]]*(?=\s)")
_OPENERS = "\"'“‘«»„‹›([-–—*•¿¡ "
_WORD_BEFORE = re.compile(r"[^\s\"'“”‘’«»„(\[]*$")
_ACRONYM = re.compile(r"(?:[A-Za-z]\.)*[A-Z]|(?:[A-Za-z]\.)+[A-Za-z]")
_NEXT_WORD = re.compile(r"[^\W\d_]+")


def split_sentences(text: str) -> list[tuple[int, int]]:
    """Split a text into sentences; a line break always ends one.

    Parameters
    ----------
    text : str
        Any text. Abbreviations, initials, decimals and quotations that go on are known for English. What has no full
        stop for 2,000 characters is cut at white space.

    Returns
    -------
    list of (int, int)
        Start and end of each sentence in code points, in order, not overlapping, without white space at either end.
        Together they hold everything but white space.

    Raises
    ------
    InputError
        `text` is no text.

    Examples
    --------
    >>> text = 'Mr. Erdogan met Gen. Ivanov on Feb. 28. "Stop!" he said.'
    >>> [text[start:end] for start, end in split_sentences(text)]
    ['Mr. Erdogan met Gen. Ivanov on Feb. 28.', '"Stop!" he said.']
    """
    need_text(text, "split_sentences")
    sentences: list[tuple[int, int]] = []
    for line in LINE.finditer(text):
        start, stop = line.span()
        for match in _STOP.finditer(text, start, stop):
            if _ends_sentence(text, match, stop):
                _add_pieces(sentences, text, start, match.end())
                start = match.end()
        _add_pieces(sentences, text, start, stop)
    return sentences


def _add_pieces(sentences: list[tuple[int, int]], text: str, start: int, end: int) -> None:
    """Add a sentence, cut at white space where it is too long to be one."""
    while end - start > LONGEST_SENTENCE:
        cut = start + LONGEST_SENTENCE
        blank = max(text.rfind(" ", start + 1, cut), text.rfind("\t", start + 1, cut))
        cut = blank if blank > start else cut
        _add_stripped(sentences, text, start, cut)
        start = cut
    _add_stripped(sentences, text, start, end)


def need_text(text: object, function: str) -> None:
    """Raise InputError where `text` is no text."""
    if not isinstance(text, str):
        raise InputError(f"{function} expected a text, got {type(text).__name__}: pass one article's text, a str")


def _add_stripped(spans: list[tuple[int, int]], text: str, start: int, end: int) -> None:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    if end > start:
        spans.append((start, end))


def _ends_sentence(text: str, match: re.Match[str], stop: int) -> bool:
    after = match.end()
    while after < stop and (text[after].isspace() or text[after] in _OPENERS):
        after += 1
    if after >= stop:
        return True
    if text[after].islower():
        return False
    marks = match.group()
    if marks[0] in "?!" and marks[-1] in "\"'”’»":
        # '"Who gave the order?" Putin asked.' is one sentence
        words = text[after : min(stop, after + 60)].split()[:5]
        lists = load_words()
        return not any(word.strip(".,:;") in lists["say"] | lists["say_after"] for word in words)
    if marks != ".":
        return True
    start = max(0, match.start() - 30)
    found = _WORD_BEFORE.search(text[start : match.start()])
    word = found.group().strip("-–—") if found else ""
    key = word.lower()
    lists = load_words()
    if key in lists["abbreviations"]:
        return key == "no" and not text[after].isdigit()
    if key in lists["abbreviations_may_end"] or _ACRONYM.fullmatch(word):
        following = _NEXT_WORD.match(text, after, stop)
        return following is not None and following.group().lower() in lists["starters"]
    return True

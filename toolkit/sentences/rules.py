"""What the rules say: quotations, cues, and which words of an article are somebody else's."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

from toolkit.sentences.cues import Cue, find_cues, trim
from toolkit.sentences.quotations import MASK, Quote, find_quotes, mask_quotes
from toolkit.sentences.splitting import LINE

__all__ = ["Attribution", "Rules", "apply_rules"]

SCARE_WORDS = 3
"""Quotation marks around at most so many words, in a sentence that names no speaker, are the outlet's own."""
CUE_REACH = 90
"""How far after a closing quotation mark its cue may stand (characters)."""
LATER_QUOTES = 5
"""How many quotations further on may name the speaker of one that comes before any cue."""
OPENING = 40
"""So much of a sentence without a cue names the speaker of the quotation that follows it (characters)."""


@dataclass(frozen=True, slots=True)
class Attribution:
    """A stretch of text that is somebody's words.

    Attributes
    ----------
    start, end : int
        The stretch, in code points of the text; of a quotation, the words between the marks.
    voice : {"quoted", "reported"}
        In quotation marks, or a paraphrase with a cue.
    speaker_start, speaker_end : int or None
        The words that name the speaker; None where no words do.
    """

    start: int
    end: int
    voice: str
    speaker_start: int | None
    speaker_end: int | None


@dataclass(frozen=True, slots=True)
class Rules:
    """What the rules found in one text.

    Attributes
    ----------
    quotes : list of Quote
        Everything in quotation marks, scare quotes too.
    cues : list of Cue
        In order.
    attributions : list of Attribution
        Reported stretches in the order of their cues, then quotations.
    """

    quotes: list[Quote]
    cues: list[Cue]
    attributions: list[Attribution]


def apply_rules(text: str, sentences: list[tuple[int, int]]) -> Rules:
    """Find what an article hands to speakers, by cue verbs, "according to" and quotation marks alone.

    Examples
    --------
    >>> text = "Ankara said that it rained."
    >>> [text[a.start : a.end] for a in apply_rules(text, [(0, len(text))]).attributions]
    ['it rained.']
    """
    quotes = [quote for line in LINE.finditer(text) for quote in find_quotes(text, *line.span())]
    masked = mask_quotes(text, quotes)
    cues = [find_cues(masked, start, end) for start, end in sentences]
    attributions = [
        Attribution(start, end, "reported", *(cue.speaker or (None, None)))
        for found in cues
        for cue in found
        for start, end in cue.contents
        if masked[start:end].strip(f"{MASK} .,;:")
    ]
    attributions.extend(_Quotations(text, masked, quotes, sentences, cues).attribute())
    return Rules(quotes, [cue for found in cues for cue in found], attributions)


def _start(cue: Cue) -> int:
    return cue.start


class _Quotations:
    """The quotations of one text, and who says them."""

    def __init__(
        self, text: str, masked: str, quotes: list[Quote], sentences: list[tuple[int, int]], cues: list[list[Cue]]
    ) -> None:
        self.text, self.masked, self.quotes, self.sentences, self.cues = text, masked, quotes, sentences, cues
        self.starts = [start for start, _ in sentences]

    def attribute(self) -> Iterator[Attribution]:
        last: tuple[int, int] | None = None  # who spoke in this paragraph, or in one that was a quotation only
        for i, quote in enumerate(self.quotes):
            gap = self.text[self.quotes[i - 1].end : quote.start] if i else "\n."
            if "\n" in gap and gap.strip():
                last = None
            speaker = self._by_cue(quote)
            if speaker is None and self._is_scare(quote):
                continue
            last = speaker or last or self._by_later_quote(i) or self._by_sentence_before(quote)
            start, end = quote.start + 1, quote.end - quote.closed
            if end > start:
                yield Attribution(start, end, "quoted", *(last or (None, None)))

    def _sentence(self, at: int) -> int:
        return bisect_right(self.starts, at) - 1

    def _is_scare(self, quote: Quote) -> bool:
        """Few words, no end of a clause, within a sentence that goes on."""
        inner = self.text[quote.start + 1 : quote.end - quote.closed]
        start, end = self.sentences[self._sentence(quote.start)]
        short = len(inner.split()) <= SCARE_WORDS and not inner.rstrip().endswith((",", ".", "!", "?"))
        return short and quote.closed and quote.end - quote.start < end - start

    def _by_cue(self, quote: Quote) -> tuple[int, int] | None:
        """By a cue behind the quotation in the sentence where it ends, or before it where it begins."""
        cues = self.cues[self._sentence(quote.end - 1)]
        after = bisect_left(cues, quote.end, key=_start)
        if after < len(cues) and cues[after].start <= quote.end + CUE_REACH:
            cue = cues[after]
            between = self.masked[quote.end : cue.start]
            if cue.speaker is not None and not re.search(r"\b(?:and|but|while)\b", between):
                inverted = cue.speaker[0] > cue.start and not between.strip(" ,")
                holds = any(start < quote.end <= end + 2 for start, end in cue.contents)
                near = cue.speaker[0] >= quote.end and not re.search(r"[.;:]\s", between)
                if inverted or holds or near:
                    return cue.speaker
        cues = self.cues[self._sentence(quote.start)]
        before = bisect_left(cues, quote.start, key=_start)
        return cues[before - 1].speaker if before else None

    def _by_later_quote(self, i: int) -> tuple[int, int] | None:
        """By the cue of a later quotation of the same paragraph, or of the next where nobody closed this one."""
        for j in range(i + 1, min(len(self.quotes), i + 1 + LATER_QUOTES)):
            before, other = self.quotes[j - 1], self.quotes[j]
            if before.closed and "\n" in self.text[before.end : other.start]:
                return None
            speaker = self._by_cue(other)
            if speaker is not None:
                return speaker
        return None

    def _by_sentence_before(self, quote: Quote) -> tuple[int, int] | None:
        """The opening of the sentence before it in the same paragraph: 'The delegate spoke last. "We came ..."'."""
        first = self._sentence(quote.start)
        if not first or self.sentences[first][0] < quote.start:
            return None
        start, end = self.sentences[first - 1]
        if "\n" in self.text[end : quote.start] or MASK in self.masked[start:end]:
            return None
        return trim(self.text, start, min(end - self.text[start:end].endswith("."), start + OPENING))

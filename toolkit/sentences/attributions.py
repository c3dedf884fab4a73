"""Which words of an article are somebody else's, and whose: the rules, corrected by the tagger."""

from __future__ import annotations

from bisect import bisect_left, bisect_right

import numpy as np

from toolkit.errors import InputError
from toolkit.sentences.rules import Attribution, Rules, apply_rules
from toolkit.sentences.splitting import need_text, split_sentences
from toolkit.sentences.tagger import Tags, find_tokens, load_tagger, token_states

__all__ = ["METHODS", "Attribution", "find_attributions"]

METHODS = ("tagger", "rules")
KEPT = 0.5
"""Of the words of a quotation at least this share must be tagged as content; else it is the outlet's (scare quotes)."""
KEPT_RULES = 0.5
"""The same for a paraphrase that rules found."""
SURE = 0.0
"""Log odds from which a word is content where rules found nothing."""
SHORTEST = 2
"""A paraphrase that only the tagger sees has at least so many words."""


def find_attributions(text: str, method: str = "tagger") -> list[Attribution]:
    """Find what an article hands to speakers: direct quotations and reported speech.

    Parameters
    ----------
    text : str
        The text of one article in English, paragraphs on lines of their own.
    method : {"tagger", "rules"}
        Rules and the tagger that ships, or the rules alone (cue verbs, "according to", quotation marks).

    Returns
    -------
    list of Attribution
        Sorted by start. Reported stretches may overlap one another and hold quotations; quotations do not overlap.
        Scare quotes are left out: they are the outlet's voice.

    Raises
    ------
    InputError
        `text` is no text, or `method` is unknown.

    Notes
    -----
    The tagger is trained on PolNeAR (Newell, Margolin and Ruths, LREC 2018); ``toolkit/models/voices/MODEL_CARD.md``.

    Examples
    --------
    >>> text = 'Ankara said that Damascus was to blame. "They fired first," a Kremlin spokesman said.'
    >>> for a in find_attributions(text):
    ...     print(a.voice, "|", text[a.start : a.end], "|", text[a.speaker_start : a.speaker_end])
    reported | Damascus was to blame. | Ankara
    quoted | They fired first, | a Kremlin spokesman
    """
    need_text(text, "find_attributions")
    if method not in METHODS:
        raise InputError(f"method {method!r} is unknown: choose one of {', '.join(METHODS)}")
    sentences = split_sentences(text)
    rules = apply_rules(text, sentences)
    found = rules.attributions if method == "rules" else _Tagged(text, sentences, rules).attribute()
    return sorted(found, key=lambda a: (a.start, a.end, a.voice))


def tag_text(text: str, rules: Rules) -> Tags:
    """What the tagger says of a text."""
    tokens, offsets = find_tokens(text)
    states = token_states(
        offsets[:, 0],
        rules.quotes,
        [(cue.start, cue.end) for cue in rules.cues],
        [(a.start, a.end, a.voice) for a in rules.attributions],
        [(a.speaker_start, a.speaker_end) for a in rules.attributions if a.speaker_start is not None],
    )
    return load_tagger().tag(tokens, offsets, states)


class _Tagged:
    """The attributions of one text, by the tagger."""

    def __init__(self, text: str, sentences: list[tuple[int, int]], rules: Rules) -> None:
        self.text, self.sentences, self.rules = text, sentences, rules
        self.tags = tags = tag_text(text, rules)
        self.starts = [start for start, _ in sentences]
        self.first = np.searchsorted(tags.starts, [start for start, _ in sentences] or [0])
        self.content = (tags.content > 0) & tags.words
        self.counts = np.concatenate([[0], np.cumsum(tags.words)])
        self.content_counts = np.concatenate([[0], np.cumsum(self.content)])

        self.sources = self._find_sources()

    def attribute(self) -> list[Attribution]:
        found: list[Attribution] = []
        covered = np.zeros(len(self.content), dtype=bool)
        for quote in self.rules.quotes:
            start, end = quote.start + 1, quote.end - quote.closed
            if self._share(start, end) >= KEPT and end > start:
                speaker = self._speaker_by_rules(start, end, "quoted") or self._speaker_by_tags(start, end)
                found.append(Attribution(start, end, "quoted", *(speaker or (None, None))))
                covered[slice(*self._range(start, end))] = True
        for item in self.rules.attributions:
            if item.voice == "reported" and self._share(item.start, item.end) >= KEPT_RULES:
                low, high = self._range(item.start, item.end)
                if not self.content_counts[high] - self.content_counts[low]:
                    continue
                kept = np.flatnonzero(self.content[low:high]) + low
                start = item.start if kept[0] == low else int(self.tags.starts[kept[0]])
                end = item.end if self.counts[kept[-1] + 1] == self.counts[high] else int(self.tags.ends[kept[-1]])
                found.append(Attribution(start, end, "reported", item.speaker_start, item.speaker_end))
                covered[slice(*self._range(start, end))] = True
        found.extend(self._missed(covered))
        return found

    def _range(self, start: int, end: int) -> tuple[int, int]:
        low, high = np.searchsorted(self.tags.starts, (start, end))
        return int(low), int(high)

    def _share(self, start: int, end: int) -> float:
        low, high = self._range(start, end)
        words = self.counts[high] - self.counts[low]
        return float(self.content_counts[high] - self.content_counts[low]) / words if words else 0.0

    def _missed(self, covered: np.ndarray) -> list[Attribution]:
        """Stretches of content that no rule found, cut at the ends of sentences."""
        open_ = (self.tags.content > SURE) & self.tags.words & ~covered
        found = []
        for i, low in enumerate(self.first):
            high = self.first[i + 1] if i + 1 < len(self.first) else len(open_)
            words = np.flatnonzero(self.tags.words[low:high]) + low
            runs = np.flatnonzero(np.diff(np.concatenate([[False], open_[words], [False]]).astype(np.int8)))
            for a, b in zip(runs[::2], runs[1::2], strict=True):
                if b - a >= SHORTEST:
                    start, end = int(self.tags.starts[words[a]]), int(self.tags.ends[words[b - 1]])
                    speaker = self._speaker_by_tags(start, end)
                    found.append(Attribution(start, end, "reported", *(speaker or (None, None))))
        return found

    def _speaker_by_rules(self, start: int, end: int, voice: str) -> tuple[int, int] | None:
        for item in self.rules.attributions:
            if item.voice == voice and item.start == start and item.end == end and item.speaker_start is not None:
                assert item.speaker_end is not None
                return item.speaker_start, item.speaker_end
        return None

    def _find_sources(self) -> list[tuple[int, int]]:
        """Stretches of words tagged as a source, within one sentence; marks between two such words belong to them."""
        tagged = np.flatnonzero((self.tags.source > 0) & self.tags.words)
        if not len(tagged):
            return []
        sentence = np.searchsorted(self.first, tagged, side="right")
        words = self.counts[tagged]
        cuts = np.flatnonzero((np.diff(words) > 1) | (np.diff(sentence) > 0)) + 1
        return [
            (int(self.tags.starts[part[0]]), int(self.tags.ends[part[-1]])) for part in np.split(tagged, cuts)
        ]

    def _speaker_by_tags(self, start: int, end: int) -> tuple[int, int] | None:
        """The nearest source in the direction that the tags of the content point to."""
        low, high = self._range(start, end)
        where = self.tags.where[low:high][self.content[low:high]].sum(axis=0)
        i = bisect_left(self.sources, (start, start))
        before = self.sources[i - 1] if i else None
        j = bisect_left(self.sources, (end, end))
        after = self.sources[j] if j < len(self.sources) else None
        first = self._sentence(start)
        last = self._sentence(end - 1)
        candidates = (
            None,
            before if before and before[0] >= self.sentences[first][0] else None,
            after if after and after[0] < self.sentences[last][1] else None,
            before if before and before[0] < self.sentences[first][0] else None,
            after if after and after[0] >= self.sentences[last][1] else None,
        )
        for choice in np.argsort(-where, kind="stable"):
            if choice == 0 or candidates[choice] is not None:
                return candidates[choice]
        return None

    def _sentence(self, at: int) -> int:
        return max(0, bisect_right(self.starts, at) - 1)

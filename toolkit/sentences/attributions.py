"""Which words of an article are somebody else's, and whose: the rules, corrected by the tagger."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from toolkit.errors import InputError
from toolkit.sentences.rules import Attribution, Rules, apply_rules
from toolkit.sentences.splitting import need_text, split_sentences
from toolkit.sentences.tagger import Tags, find_tokens, load_tagger, rule_states
from toolkit.sentences.turns import add_turns

__all__ = ["METHODS", "Attribution", "find_attributions"]

METHODS = ("tagger", "rules")
KEPT = 0.5
"""Of the words of a paraphrase that rules found, at least this share must be tagged as content."""
SURE = 0.4
"""Mean log odds, or log odds of each word, from which words are content where the rules see none."""
SHORTEST = 2
"""A paraphrase that only the tagger sees has at least so many words, and a speaker."""
CUT = 3
"""So many words at an end of a paraphrase that rules found are cut off where none is tagged as content; fewer stay."""
_ARTICLES = frozenset(["a", "an", "the"])
_AUTHOR = frozenset(["i", "we"])


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
    return sorted(add_turns(text, found), key=lambda a: (a.start, a.end, a.voice))


def tag_text(text: str, rules: Rules) -> Tags:
    """What the tagger says of a text."""
    tokens, offsets = find_tokens(text)
    states = rule_states(offsets[:, 0], rules)
    return load_tagger().tag(tokens, offsets, states)


class _Tagged:
    """The attributions of one text, by the tagger."""

    def __init__(self, text: str, sentences: list[tuple[int, int]], rules: Rules) -> None:
        self.text, self.sentences, self.rules = text, sentences, rules
        self.tags = tags = tag_text(text, rules)
        self.starts = [start for start, _ in sentences]
        self.sentence = np.searchsorted(self.starts, tags.starts, side="right") - 1
        self.content = (tags.content > 0) & tags.words
        self.counts = np.concatenate([[0], np.cumsum(tags.words)])
        self.sources = self._find_sources()

    def attribute(self) -> list[Attribution]:
        found: list[Attribution] = []
        covered = np.zeros(len(self.content), dtype=bool)
        for item in self._quotations():
            found.append(item)
            covered[slice(*self._range(item.start, item.end))] = True
        for item in filter(None, map(self._kept, self.rules.attributions)):
            found.append(item)
            covered[slice(*self._range(item.start, item.end))] = True
        found.extend(self._missed(covered))
        return found

    def _range(self, start: int, end: int) -> tuple[int, int]:
        low, high = np.searchsorted(self.tags.starts, (start, end))
        return int(low), int(high)

    def _quotations(self) -> Iterator[Attribution]:
        by_rules = {(a.start, a.end): a for a in self.rules.attributions if a.voice == "quoted"}
        for quote in self.rules.quotes:
            start, end = quote.start + 1, quote.end - quote.closed
            low, high = self._range(start, end)
            words = self.tags.content[low:high][self.tags.words[low:high]]
            known = by_rules.get((start, end))
            # what looks like scare quotes has to look much like content, and to be somebody's
            if end <= start or not len(words) or words.mean() <= (SURE if known is None else 0):
                continue
            speaker = self._speaker(start, end)
            if speaker is None and known is None:
                continue
            if speaker is None and known is not None and known.speaker_start is not None:
                assert known.speaker_end is not None
                speaker = known.speaker_start, known.speaker_end
            yield Attribution(start, end, "quoted", *(speaker or (None, None)))

    def _kept(self, item: Attribution) -> Attribution | None:
        """A paraphrase of the rules, without words at its ends that are the outlet's; None where most words are."""
        low, high = self._range(item.start, item.end)
        kept = np.flatnonzero(self.content[low:high]) + low
        if item.voice != "reported" or not len(kept) or len(kept) < KEPT * (self.counts[high] - self.counts[low]):
            return None
        first, last = kept[0], kept[-1]
        start = item.start if self.counts[first] - self.counts[low] < CUT else int(self.tags.starts[first])
        end = item.end if self.counts[high] - self.counts[last + 1] < CUT else int(self.tags.ends[last])
        return replace(item, start=start, end=end)

    def _missed(self, covered: np.ndarray) -> Iterator[Attribution]:
        """Stretches of content that no rule found, cut at the ends of sentences."""
        words = np.flatnonzero(self.tags.words)
        open_ = (self.tags.content[words] > SURE) & ~covered[words]
        for run in self._runs(words[open_], np.flatnonzero(open_)):
            if len(run) >= SHORTEST:
                start, end = int(self.tags.starts[run[0]]), int(self.tags.ends[run[-1]])
                speaker = self._speaker(start, end)
                # nobody's thoughts, and what the author says, are the outlet's voice
                if speaker is not None and self.text[slice(*speaker)].lower() not in _AUTHOR:
                    yield Attribution(start, end, "reported", *speaker)

    def _runs(self, tokens: np.ndarray, numbers: np.ndarray) -> list[np.ndarray]:
        """Tokens that follow one another by their numbers, within one sentence."""
        if not len(tokens):
            return []
        cuts = (np.diff(numbers) > 1) | (np.diff(self.sentence[tokens]) > 0)
        return np.split(tokens, np.flatnonzero(cuts) + 1)

    def _find_sources(self) -> list[tuple[int, int]]:
        """Stretches of words tagged as a source; marks between two such words belong to them."""
        tagged = np.flatnonzero((self.tags.source > 0) & self.tags.words)
        runs = self._runs(tagged, self.counts[tagged])
        spans = [(int(self.tags.starts[run[0]]), int(self.tags.ends[run[-1]])) for run in runs]
        return [span for span in spans if self.text[slice(*span)].lower() not in _ARTICLES]

    def _speaker(self, start: int, end: int) -> tuple[int, int] | None:
        """The nearest source in the direction that the tags of the content point to."""
        low, high = self._range(start, end)
        where = self.tags.where[low:high][self.content[low:high]].sum(axis=0)
        i = bisect_left(self.sources, (start, start))
        before = self.sources[i - 1] if i else None
        j = bisect_left(self.sources, (end, end))
        after = self.sources[j] if j < len(self.sources) else None
        first = self.sentences[bisect_right(self.starts, start) - 1][0]
        last = self.sentences[bisect_right(self.starts, end - 1) - 1][1]
        candidates = (
            None,
            before if before and before[0] >= first else None,
            after if after and after[0] < last else None,
            before if before and before[0] < first else None,
            after if after and after[0] >= last else None,
        )
        for choice in np.argsort(-where, kind="stable"):
            if choice == 0 or candidates[choice] is not None:
                return candidates[choice]
        return None

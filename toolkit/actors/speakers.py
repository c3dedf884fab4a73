"""Which actor the words that name a speaker mean."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter

from toolkit.actors.words import Found, between, load_words, singular
from toolkit.sentences import Attribution

__all__ = ["Speakers"]

_PRONOUNS = frozenset(["he", "she", "it", "they", "him", "her", "them", "who", "which", "one"])
_NAME_WORD = re.compile(r"\b[A-Z][\w'’-]+")


class Speakers:
    """Which actor the words that name a speaker mean, from the first attribution of a text to the last.

    Parameters
    ----------
    text : str
        The text of an article.
    hits : list of Found
        Its mentions, read.
    sentences : list of (int, int)
        Its sentences.
    attributions : list of Attribution
        What it hands to speakers.
    """

    def __init__(
        self, text: str, hits: list[Found], sentences: list[tuple[int, int]], attributions: list[Attribution]
    ) -> None:
        self.text, self.hits, self.sentences = text, hits, sentences
        self.starts = [start for start, _ in sentences]
        quoted = {hit.start for a in attributions if a.voice == "quoted" for hit in between(hits, a.start, a.end)}
        self.outside = [hit for hit in hits if hit.reading == "actor" and hit.start not in quoted]
        self.counted, self.counts = 0, Counter[str]()  # the first so many of `outside`, by actor, without epithets
        self.last: tuple[int, str] | None = None  # sentence, speaker
        self.persons: dict[str, str] = {}
        self.roles: dict[str, str] = {}
        self.resolved: dict[tuple[int | None, int | None], str | None] = {(None, None): None}
        begins: dict[tuple[int, int], int] = {}
        for item in attributions:
            if item.speaker_start is not None and item.speaker_end is not None:
                span = (item.speaker_start, item.speaker_end)
                begins[span] = min(begins.get(span, span[0]), item.start)
        for span, begin in sorted(begins.items()):
            self.resolved[span] = self._resolve(*span, begin)

    def of(self, item: Attribution) -> str | None:
        """The speaker of an attribution: an actor, ``"other"``, or None where nobody can be told."""
        return self.resolved[item.speaker_start, item.speaker_end]

    def _resolve(self, start: int, end: int, begin: int) -> str | None:
        sentence = bisect_right(self.starts, begin) - 1
        speaker = self._named(start, end) or self._antecedent(self.text[start:end].lower(), sentence, begin)
        if speaker is not None:
            self.last = (bisect_right(self.starts, start) - 1, speaker)
        return speaker

    def _named(self, start: int, end: int) -> str | None:
        """The speaker by its own words; None for a pronoun or a role that points back."""
        words = load_words()
        span = self.text[start:end]
        inside = list(between(self.hits, start, end))
        kinds = self._kinds_outside(start, end, inside)
        acting = [hit for hit in inside if hit.reading == "actor"]
        if kinds[:1] == ["other"] or re.search(r"\bfamiliar with\b|\bopposition (?:party|deput)", span):
            return "other"
        if acting or (inside and "role" in kinds):
            speaker = (acting or inside)[0].actor
            self._remember_roles(span, speaker)
            for name in _NAME_WORD.findall(span):
                if not any(name in hit.surface for hit in inside) and name.lower() not in words["role_speakers"]:
                    self.persons[name] = speaker
            return speaker
        if inside:
            return "other"
        for name in reversed(_NAME_WORD.findall(span)):
            if name in self.persons:
                return self.persons[name]
        return None if "role" in kinds else "other"

    def _kinds_outside(self, start: int, end: int, inside: list[Found]) -> list[str]:
        pieces, last = [], start
        for hit in inside:
            pieces.append(self.text[last : hit.start])
            last = max(last, hit.end)
        return _kinds(" ".join([*pieces, self.text[last:end]]))

    def _remember_roles(self, span: str, speaker: str) -> None:
        for token in re.findall(r"[\w-]+", span.lower()):
            if token in load_words()["role_speakers"] and token not in _PRONOUNS:
                self.roles[token] = speaker

    def _subject(self, start: int, end: int) -> str | None:
        """Whom a sentence that hands nothing over is about, by its opening."""
        end = min(end, start + 90)
        inside = list(between(self.hits, start, end))
        kinds = self._kinds_outside(start, end, inside)
        if kinds[:1] == ["other"]:
            return "other"
        for hit in between(self.outside, start, end):
            return hit.actor
        return inside[0].actor if kinds[:1] == ["role"] and inside and inside[0].reading == "place" else None

    def _antecedent(self, span: str, sentence: int, begin: int) -> str | None:
        """Whom "he", "it" or "the ministry" points back to: somebody before `begin`."""
        tokens = re.findall(r"[\w-]+", span)
        pronoun = tokens[0] in _PRONOUNS
        if tokens[0] in ("the", "another") and not pronoun:
            known = [self.roles[token] for token in reversed(tokens) if token in self.roles]
            if known:
                return known[0]
        if self.last is not None and self.last[0] >= sentence - 1 and (pronoun or self.last[1] != "other"):
            return self.last[1]
        for index in (sentence, sentence - 1):
            if index >= 0:
                start, end = self.sentences[index]
                subject = self._subject(start, min(end, begin)) if start < begin else None
                if subject is not None and (pronoun or subject != "other"):
                    return subject
        if tokens[0] in ("he", "she"):
            near = between(self.outside, self.sentences[max(0, sentence - 4)][0], begin)
            leaders = [hit for hit in near if hit.form == "leader"]
            if leaders:
                return leaders[-1].actor
        known = [self.roles[token] for token in reversed(tokens) if token in self.roles]
        if known:
            return known[0]
        if self.last is not None and (pronoun or self.last[1] != "other"):
            return self.last[1]
        return self._most_named(begin)

    def _most_named(self, begin: int) -> str | None:
        """The actor that the article has named most so far, leaving out names for an opponent ("the regime")."""
        while self.counted < len(self.outside) and (self.outside[self.counted].start < begin or not self.counts):
            hit = self.outside[self.counted]
            self.counts[hit.actor] += hit.form != "epithet"
            self.counted += 1
        return self.counts.most_common(1)[0][0] if self.counts else None


def _kinds(span: str) -> list[str]:
    """The words of a speaker that tell a role ("spokesman") or somebody who is no actor ("resident"), in order."""
    words = load_words()
    kinds = []
    for token in re.findall(r"[\w-]+", span.lower()):
        if token in words["role_speakers"]:
            kinds.append("role")
        elif token in words["other_speakers"] or singular(token) in words["other_speakers"]:
            kinds.append("other")
    return kinds

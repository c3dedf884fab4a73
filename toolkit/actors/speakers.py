"""Which actor the words that name a speaker mean."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter

from toolkit.actors.words import Found, between, load_words, singular
from toolkit.sentences import Attribution

__all__ = ["Speakers"]

_PRONOUNS = frozenset(["he", "she", "it", "they", "him", "her", "them", "who", "which", "one"])
_POSSESSIVE = frozenset(["its", "his", "her", "their"])
_BELONGS = re.compile(r" (?:in|of|for|from|at|to|with) (?:the |a )?(?:[a-z-]+ ){0,2}")
_OUTSIDER = re.compile(
    r"\bfamiliar with\b|\bopposition (?:party|deput)|\b(?:former|retired|ex-)"
    r"(?!\w* (?:[Pp]resident|[Pp]rime|[Mm]inister|[Ss]ecretary))"
    r"|\bwho (?:once |previously |had )?(?:worked|served)\b"
)
"""Somebody who no longer speaks for the actor in the words for him: "a former chief of staff in the Pentagon"."""
_OPENER = re.compile(r"(?:in|at|on|after|during|before|speaking|addressing|asked)\b", re.IGNORECASE)
_LEADING_PRONOUN = re.compile(
    r"(?:(?:[Bb]ut|[Aa]nd|[Yy]et|[Aa]lso|[Tt]hen|[Oo]n \w+day|[Ll]ast \w+|[Ii]n \w+),? )?"
    r"\b([Hh]e|[Ss]he|[Ii]t|[Tt]hey)\b"
)
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
        self.quoted = {a.start for a in attributions if a.voice == "quoted"}
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
        pronoun = _LEADING_PRONOUN.match(self.text, start, end)
        if pronoun:
            start, end = pronoun.span(1)  # "But he blamed the crisis on others and said"
        speaker = self._named(start, end) or self._antecedent(start, end, sentence, begin)
        if speaker is not None:
            self.last = (bisect_right(self.starts, start) - 1, speaker)
        return speaker

    def _named(self, start: int, end: int) -> str | None:
        """The speaker by its own words; None for a pronoun or a role that points back."""
        words = load_words()
        # "a government spokesman", tagged without its "in Athens"
        for hit in between(self.hits, end, end + 30):
            if _BELONGS.fullmatch(self.text, end, hit.start):
                end = hit.end
            break
        span = self.text[start:end]
        inside = list(between(self.hits, start, end))
        kinds = self._kinds_outside(start, end, inside)
        acting = [hit for hit in inside if hit.reading == "actor"]
        if kinds[:1] == ["other"] or _OUTSIDER.search(span):
            return "other"
        if _OPENER.match(span):
            acting = acting[-1:]  # "In a speech to his AK Party, Erdogan"
        if acting or (inside and "role" in kinds):
            speaker = (acting or inside)[0].actor
            self._remember_roles(span, speaker)
            for name in _NAME_WORD.findall(span):
                if not any(name in hit.surface for hit in inside) and name.lower() not in words["role_speakers"]:
                    self.persons[name] = speaker
            return speaker
        if inside:
            return "other"
        if re.search(r"\b(?:local|anonymous) sources?\b", span, re.IGNORECASE):
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

    def _subject(self, start: int, end: int) -> tuple[str, bool] | None:
        """Whom a sentence that hands nothing over is about, by its opening, and whether that is somebody who speaks."""
        end = min(end, start + 90)
        inside = list(between(self.hits, start, end))
        kinds = self._kinds_outside(start, end, inside)
        if kinds[:1] == ["other"]:
            return "other", True
        for hit in between(self.outside, start, end):
            return hit.actor, hit.form == "leader" or "role" in kinds
        if kinds[:1] == ["role"] and inside and inside[0].reading == "place":
            return inside[0].actor, True
        return None

    def _antecedent(self, start: int, end: int, sentence: int, begin: int) -> str | None:
        """Whom "he", "its ministry" or "the minister" points back to, before `begin`, where the words begin."""
        tokens = re.findall(r"[\w-]+", self.text[start:end].lower())
        pronoun = tokens[0] in _PRONOUNS
        if tokens[0] in _POSSESSIVE:
            opening = self.sentences[bisect_right(self.starts, start) - 1][0]
            for hit in between(self.outside, opening, start):
                return hit.actor
        elif not pronoun:
            known = [self.roles[token] for token in reversed(tokens) if token in self.roles]
            if known and tokens[0] in ("the", "another"):
                return known[0]
            seat = self._seat(tokens, begin)
            if seat is not None:
                return seat
        near = self._near(tokens, sentence, begin)
        if near is not None:
            return near
        if tokens[0] in ("he", "she"):
            leaders = [
                hit
                for hit in between(self.outside, self.sentences[max(0, sentence - 4)][0], begin)
                if hit.form == "leader"
            ]
            if leaders:
                return leaders[-1].actor
        known = [self.roles[token] for token in reversed(tokens) if token in self.roles]
        if known:
            return known[0]
        if not pronoun and begin not in self.quoted:
            topic = self._topic(begin)
            if topic is not None:
                return topic
        if self.last is not None and (pronoun or self.last[1] != "other"):
            return self.last[1]
        return self._most_named(begin)

    def _near(self, tokens: list[str], sentence: int, begin: int) -> str | None:
        """Who spoke, or whom it was about, in this sentence or the nearest before it in the paragraph."""
        pronoun = tokens[0] in _PRONOUNS
        for index in range(sentence, max(-1, sentence - 4), -1):
            start, end = self.sentences[index]
            if index < sentence - 1 and (tokens[0] in ("he", "she") or "\n" in self.text[end:begin]):
                return None
            if self.last is not None and self.last[0] >= index and (pronoun or self.last[1] != "other"):
                return self.last[1]
            subject = self._subject(start, min(end, begin)) if start < begin else None
            if subject is not None and (pronoun or subject[0] != "other"):
                actor, speaks = subject
                if speaks or tokens[0] not in ("he", "she") or index == sentence:
                    return actor
        return None

    def _seat(self, tokens: list[str], begin: int) -> str | None:
        """The organisation that "the alliance" or "the secretary-general" belongs to, where the article names it."""
        fitting = {pair.split(":")[1] for pair in load_words()["speakers_of"] if pair.split(":")[0] in tokens}
        if not fitting:
            return None
        named = [hit for hit in self.outside if hit.actor in fitting]
        before = [hit for hit in named if hit.start < begin]
        return before[-1].actor if before else named[0].actor if named else None

    def _topic(self, begin: int) -> str | None:
        """Whom the words handed over are about, by their first mention: unnamed officials speak for their own."""
        for hit in between(self.hits, begin, begin + 40):
            return hit.actor if hit.reading == "actor" else None
        return None

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

"""Reported speech: the words of a sentence that hand it, or a part of it, to a speaker."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from toolkit.sentences.quotations import MASK
from toolkit.sentences.unmarked import closes_sentence, hands_over, unmarked_subject
from toolkit.sentences.words import alternatives, load_words

__all__ = ["Cue", "find_cues", "trim"]

_Span = tuple[int, int]
_LONGEST_SUBJECT = 14
"""A subject behind a comma has at most so many words ("..., a spokesman for the ministry said")."""

_AUX = "had|has|have|was|were|is|are|would|will|could|should|may|might|must|did|does|do"
_STOPS = r"[.,;:!?)–—]|$"
_PASSIVE = re.compile(r"\b(?:be|been|is|are|was|were)\s+(?:\w+ly\s+)?$")
_GERUND = re.compile(r"(?:,|—|–|\b(?:and|but|by|before|without|while|is|are|was|were|been|be|as))\s+(?:\w+ly\s+)?$")
_NOT_SAID = re.compile(r"(?:ask|call|thank)\w* (?:for|to|at|by|off|up|back|in|on)\b")
_NO_CONTENT = re.compile(r"\s+(?:(?:nothing|little|so|goodbye|farewell|much)\b|(?:yes|no|them|it)\b(?=[.,;:]|$))")
_NOT_SUBJECT = re.compile(
    r"\s*(?:who|which|and|but|that|as|whatever|what|where|if|because|since|when|than|unless|until|how)\b"
)
_SUBORDINATE = re.compile(
    r"\W*(?:when|as|while|after|before|if|since|although|though|hours|minutes|days)\b", re.IGNORECASE
)
_SELF = frozenset(["i", "we", "you"])
_SPOKEN = frozenset(["reported", "reports", "wrote", "writes"])


class Cue(NamedTuple):
    """A cue: where it stands, the words for the speaker, and the stretches handed over."""

    start: int
    end: int
    speaker: _Span | None
    contents: tuple[_Span, ...]


@lru_cache(maxsize=1)
def _cue_pattern() -> re.Pattern[str]:
    verbs = alternatives("say", "say_that", "say_of", "say_noun", "say_after")
    return re.compile(
        rf"\b(?:(?P<according>(?i:{alternatives('according_to')}))|(?P<colon>(?:{alternatives('say_colon')})(?=:))|"
        rf"(?P<verb>{verbs}))\b"
    )


@lru_cache(maxsize=1)
def _patterns() -> dict[str, re.Pattern[str]]:
    """What stands around cues; MASK stands for quotations."""
    return {
        name: re.compile(pattern)
        for name, pattern in {
            # "told members in a statement on Monday that"
            "that": rf"(?:(?!\b(?:and|but|{_AUX})\b)[^,;:(){MASK}]){{0,70}}?\bthat\b",
            "terminal": rf"\s*(?:{_STOPS})",
            "adverbial": rf"\s*(?:{_STOPS}|(?:in|on|at|after|before|late|early|by|from|during|to|through|via|this|last|"
            r"earlier|later|again|yesterday|today|afterwards|separately|when|as|[A-Z][a-z]+day)\b)",
            "opener": rf"\W*(?i:{alternatives('openers')}|\w+ing)\b[^,]*$",
            "time": r",\s*(?:[\w-]+ )?(?:days?|hours?|weeks?|minutes?|months?|years?|after|before|when|as|citing|"
            r"adding)\b",
            "verb": rf"\b(?:{_AUX}|[a-z]+ed)\b",
            "no_object": r"\s+(?:at|by|in|off|up|back|to|on|as|among|it a day|with|together)\b|[.,;]",
            "before_quote": rf"[^,;.(){MASK}]{{0,30}}[,:]?\s*{MASK}|\s*:",
            "elided": r"\b(?:and|but|then)\s+(?:\w+ly\s+|also\s+|then\s+|later\s+|has\s+|had\s+)*$",
            "end": rf";| [–—-] |, (?:{alternatives('enders')})\b|, (?:and|but) [a-z]+ed\b",
            "end_of": r", (?:\w+ing|who|which|and|but|after|as)\b",
            "boundary": rf"[,;:(){MASK}]| [–—-] ",
            "hard": rf"[;:(){MASK}]| [–—-] ",
            "conjunction": r"\b(?:and|but|while|because|after|when|before|though|although|as)\s+",
            # words that may stand between a subject and its verb, and nothing else
            "bare": r"\W*(?:\b(?:who|which|that|also|then|later|once|has|have|had|is|was|were|would|will|could|and|but|"
            r"to|by|not|never|even|again|still|been|being|are|be|yet|itself|himself)\b\W*)*$",
            "speaker_end": rf"[,.;:!?(){MASK}]| [–—-] |\b(?:who|which|when|after|told|as|while|in a|in an|on|at|during)"
            r"\b",
            "according_end": rf"[,;:.!?(){MASK}]",
            "pronoun": r"\s+(?:him|her|them|it)\b",
            "determiner": r"\s+(?:[\w'’.-]+\s+)+?(?=(?:the|a|an|its|his|most|more|no)\s)",
            "capital": r"\s+(?:[a-z'’-]+\s+)+(?=[A-Z])",
            "object": r"\s+(?:(?:the|a|an|its|his|her|their|state|local)\s+)?(?:[A-Z][\w'’.-]*(?:\s+[A-Z][\w'’.-]*)*"
            r"(?:\s+[a-z-]+)?|reporters|journalists|members|lawmakers|deputies|parliament|me|us|him|her|them|it|you|"
            r"[a-z-]+)(?:['’]s\s+[a-z-]+)?\b",
        }.items()
    }


def trim(text: str, start: int, end: int) -> _Span | None:
    """The stretch without white space and marks at its ends; None where nothing is left."""
    while start < end and (text[start].isspace() or text[start] in ",;:.–—-\"“”'’‘"):
        start += 1
    while end > start and (text[end - 1].isspace() or text[end - 1] in ",;:–—-\"“'‘"):
        end -= 1
    return (start, end) if end > start else None


def find_cues(text: str, start: int, stop: int) -> list[Cue]:
    """The cues of the sentence from `start` to `stop`; `text` has its quotations masked.

    Examples
    --------
    >>> text = "The strikes, it said, had helped."
    >>> cue = find_cues(text, 0, len(text))[0]
    >>> text[slice(*cue.speaker)], [text[a:b] for a, b in cue.contents]
    ('it', ['The strikes', 'had helped.'])
    """
    return _Sentence(text, start, stop).find()


class _Sentence:
    """One sentence and the cues found in it so far."""

    def __init__(self, text: str, start: int, stop: int) -> None:
        self.text, self.start, self.stop = text, start, stop
        self.cues: list[Cue] = []

    def find(self) -> list[Cue]:
        text = self.text
        for match in _cue_pattern().finditer(text, self.start, self.stop):
            if match.lastgroup == "according":
                cue = self._according(match)
            elif match.lastgroup == "colon":
                cue = self._cue(match, trim(text, self.start, match.start()), trim(text, match.end() + 1, self.stop))
            else:
                cue = self._verb(match)
            # what the author says is the outlet's voice
            if cue is not None and not (cue.speaker and text[slice(*cue.speaker)].lower().split()[-1] in _SELF):
                self._end_before(cue)
                self.cues.append(cue)
        return self.cues

    @staticmethod
    def _cue(match: re.Match[str], speaker: _Span | None, *contents: _Span | None) -> Cue:
        return Cue(match.start(), match.end(), speaker, tuple(content for content in contents if content))

    def _is(self, name: str, at: int) -> re.Match[str] | None:
        return _patterns()[name].match(self.text, at, self.stop)

    def _end_before(self, cue: Cue) -> None:
        """Let what came before end where the next speaker begins: "X said this and Y said that"."""
        if not self.cues or cue.speaker is None or cue.speaker[0] > cue.start:
            return
        at = cue.speaker[0]
        if re.search(r"\b(?:and|but|while)\s+$", self.text[max(0, at - 8) : at]):
            last = self.cues[-1]
            kept = [
                trim(self.text, start, min(end, at)) if start < at else (start, end) for start, end in last.contents
            ]
            self.cues[-1] = last._replace(contents=tuple(content for content in kept if content))

    def _clause_start(self, at: int) -> int:
        last = self.start
        for match in _patterns()["hard"].finditer(self.text, self.start, at):
            if self.text[match.start()] != MASK:
                last = match.end()
        return last

    def _content(self, start: int, end_by: str = "end") -> _Span | None:
        """The stretch from `start` to the end of its clause."""
        found = _patterns()["end"].search(self.text, start, self.stop)
        end = found.start() if found else self.stop
        if end_by != "end":
            found = _patterns()[end_by].search(self.text, start, end)
            end = found.start() if found else end
        return trim(self.text, start, end)

    # according to -------------------------------------------------------------------------------------------------

    def _according(self, match: re.Match[str]) -> Cue | None:
        after = match.end()
        end = self._end_of_name("according_end", after)
        if not self.text[self.start : match.start()].strip():
            cut = self._speaker_cut(after, end)
            if cut is not None:
                return self._cue(match, trim(self.text, after, cut), self._content(cut))
        speaker = trim(self.text, after, end)
        if speaker is None:
            return None
        before = trim(self.text, self._clause_start(match.start()), match.start())
        return self._cue(match, speaker, before, self._content(end + 1) if end + 1 < self.stop else None)

    def _end_of_name(self, pattern: str, at: int) -> int:
        """Where a speaker's name ends; a full stop inside U.S. does not end it."""
        for found in _patterns()[pattern].finditer(self.text, at + 1, self.stop):
            if found.group() != "." or not re.match(r"\w|\s+[a-z]", self.text[found.end() : found.end() + 2]):
                return found.start()
        return self.stop

    def _speaker_cut(self, start: int, end: int) -> int | None:
        """Where the clause begins in "According to him Turkey has built ...", which has no comma."""
        patterns = _patterns()
        if not patterns["verb"].search(self.text, start, end):
            return None
        pronoun = patterns["pronoun"].match(self.text, start, end)
        if pronoun:
            return pronoun.end()
        found = [patterns[name].match(self.text, start, end) for name in ("determiner", "capital")]
        ends = [m.end() for m in found if m and m.group().split()[-1] not in ("the", "of", "in", "for", "a")]
        return min(ends) if ends else None

    # verbs --------------------------------------------------------------------------------------------------------

    def _verb(self, match: re.Match[str]) -> Cue | None:
        lists = load_words()
        word = match.group().replace(" ", "-")
        if not self._is_finite(match, word):
            return None
        that = self._is("that", match.end())
        if word in lists["say"] or word in lists["say_after"]:
            return self._say(match, word, that)
        if word in lists["say_of"]:
            that = that if word in lists["say_that"] else None
            if not that and self._is("no_object", match.end()):
                return None
        elif not that:
            return None
        is_noun = word in lists["say_noun"] and word not in lists["say_that"]
        if is_noun and not re.match(r"\s+that\b", self.text[match.end() : match.end() + 8]):
            return None
        return self._before_content(match, word, that)

    def _is_finite(self, match: re.Match[str], word: str) -> bool:
        """Whether the word is a verb that says something here: not "refused to say", "the first warning", "be said"."""
        text, at, after = self.text, match.start(), match.end()
        if text[max(0, at - 1) : at] == "-" or text[after : after + 1] == "-":
            return False
        if text[max(self.start, at - 3) : at] == "to " and text[max(self.start, at - 6) : at - 3] != "on ":
            return False
        if word.endswith("ing"):
            return not text[self.start : at].strip() or bool(_GERUND.search(text, max(self.start, at - 24), at))
        if _PASSIVE.search(text, max(self.start, at - 24), at):
            return False
        return not (word in load_words()["say_after"] and _NOT_SAID.match(word + text[after : after + 12]))

    def _say(self, match: re.Match[str], word: str, that: re.Match[str] | None) -> Cue | None:
        text, at, after = self.text, match.start(), match.end()
        if _NO_CONTENT.match(text, after, self.stop):
            return None
        plain = word in load_words()["say"]
        boundaries = list(_patterns()["boundary"].finditer(text, self.start, at))
        if boundaries:
            boundary = boundaries[-1]
            segment = text[boundary.end() : at]
            mark = text[boundary.start()]
            if not segment.strip() and text[after : after + 1] != "," and mark in "," + MASK and not that:
                cue = self._inverted(match, boundary.start())
                if cue is not None:
                    return cue
            spoken = plain or word in _SPOKEN or mark == MASK
            if spoken and self._is_parenthesis(after, boundary, segment, bool(that)):
                return self._parenthesis(match, boundary)
        if (plain or word in _SPOKEN) and not that:
            cue = self._unmarked(match, word)
            if cue is not None:
                return cue
        if plain or that:
            return self._before_content(match, word, that)
        if not self._is("before_quote", after):
            return None
        colon = re.match(r"\s*:", text[after : after + 3])
        return self._cue(match, self._subject(at), trim(text, after + 2, self.stop) if colon else None)

    def _before_content(self, match: re.Match[str], word: str, that: re.Match[str] | None) -> Cue:
        """X said that ..., X accused Y of ..."""
        begin = that.end() if that else match.end()
        if not that and word in load_words()["told"]:
            told = self._is("object", begin)
            begin = told.end() if told else begin
        end_by = "end_of" if not that and word in load_words()["say_of"] else "end"
        return self._cue(match, self._subject(match.start()), self._content(begin, end_by))

    def _inverted(self, match: re.Match[str], comma: int) -> Cue | None:
        """..., said a spokesman for the ministry."""
        text = self.text
        speaker = trim(text, match.end(), self._end_of_name("speaker_end", match.end()))
        if speaker is None or (text[comma] == "," and _patterns()["verb"].search(text, *speaker)):
            return None  # the subject stands before: "The minister, a hardliner, said troops had gone"
        return self._cue(match, speaker, trim(text, self._clause_start(comma), comma))

    def _is_parenthesis(self, after: int, boundary: re.Match[str], segment: str, that: bool) -> bool:
        """Whether "X said" stands behind, or within, what X said."""
        patterns = _patterns()
        mark = self.text[boundary.start()]
        if mark not in "," + MASK or len(segment.split()) > _LONGEST_SUBJECT or _NOT_SUBJECT.match(segment):
            return False
        if not segment.strip() or patterns["bare"].fullmatch(segment) or patterns["elided"].search(segment):
            return False
        ends = bool(self._is("terminal", after))
        if mark == MASK:
            told = None if that else self._is("object", after)
            if told and self._is("terminal", told.end()):
                return True
            if told and self.text[told.end() : told.end() + 4] in (" in ", " on ", " at ", " aft"):
                after = told.end()
            return bool(self._is("adverbial", after)) and not that
        before = self.text[self._clause_start(boundary.start()) : boundary.start()]
        if ends or len(before.split()) < 2:
            return ends
        opens = patterns["opener"].fullmatch(before) and (
            not patterns["verb"].search(before) or _SUBORDINATE.match(before)
        )
        return bool(self._is("adverbial", after)) and not that and not opens

    def _parenthesis(self, match: re.Match[str], boundary: re.Match[str]) -> Cue:
        text, after, at = self.text, match.end(), boundary.start()
        before = trim(text, self._clause_start(at), at)
        comma = text.find(",", after, self.stop)
        rest = None
        if comma == after and re.search(r"\b(?:and|but|or)$", text[self.start : at]):
            before = None  # "with artillery and, it boasts, with aircraft"
        if comma != -1:
            goes_on = comma == after and not self._is("time", comma)
            if goes_on or re.match(r",\s*(?:and|that)\b", text[comma : comma + 8]):
                rest = self._content(comma + 1)
        return self._cue(match, trim(text, boundary.end(), match.start()), before, rest)

    def _unmarked(self, match: re.Match[str], word: str) -> Cue | None:
        """... were killed the monitor said on Friday (a text that has lost its commas)."""
        text, after = self.text, match.end()
        if word in load_words()["told"]:
            told = self._is("object", after)
            after = told.end() if told else after
        if not closes_sentence(text, after, self.stop) or _patterns()["verb"].search(text, after, self.stop):
            return None
        marks = re.compile(f"[;:{MASK}]").finditer(text, self.start, match.start())
        start = max([self.start, *(mark.end() for mark in marks)])
        subject = unmarked_subject(text, start, match.start())
        if subject is None or not hands_over(text[start:subject], _patterns()["verb"]):
            return None
        return self._cue(match, trim(text, subject, match.start()), trim(text, start, subject))

    def _subject(self, at: int) -> _Span | None:
        """The words before a cue that name its subject."""
        patterns, text = _patterns(), self.text
        elided = patterns["elided"].search(text, self.start, at)
        if elided:
            earlier = [cue.speaker for cue in self.cues if cue.speaker and cue.end < elided.start()]
            if earlier:
                return earlier[-1]
        hard = self.start
        for match in patterns["hard"].finditer(text, self.start, at):
            hard = match.end()
        if elided:
            return trim(text, hard, elided.start())
        begin = hard
        for match in re.compile(",").finditer(text, hard, at):
            if not patterns["bare"].fullmatch(text[match.end() : at]):
                begin = match.end()
        if begin > hard and text[:at].rstrip().endswith(","):
            begin = hard  # an apposition between commas: go back to what it explains
        for match in patterns["conjunction"].finditer(text, begin, at):
            if not patterns["bare"].fullmatch(text[match.end() : at]):
                begin = match.end()
        return trim(text, begin, at) or trim(text, hard, at)

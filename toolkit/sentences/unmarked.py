"""A speaker at the end of a sentence whose comma was lost: "... were killed the monitor said on Friday."."""

from __future__ import annotations

import re

__all__ = ["closes_sentence", "hands_over", "unmarked_subject"]

LEAST_BEFORE = 4
"""A clause without a comma before its speaker has at least so many words, a verb among them."""
SURELY_CLAUSE = 8
"""... and with so many words a verb need not be seen: not all are known ("hit", "left")."""

_DAY = r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day"
_WORD = r"[\w’'.-]+"
_CLOSING = re.compile(
    rf"(?: (?:(?:late |early )?(?:on |last )?{_DAY}s?(?: \w+)?|yesterday|today|tonight"
    r"|(?:in|on|to|at|by|before|during) [^,;:]{2,60}))?\s*[.!?]?\s*"
)
_SUBJECT = re.compile(
    r"(?:\b(?:he|she|it|they|(?:[a-z-]+ ){0,2}(?:sources|officials|residents|activists|witnesses|police|authorities"
    r"|analysts|reports|medics|doctors|rescuers|media))"
    rf"|\b(?:[Tt]he|an?|another|his|her|its|their|one)(?: (?!the\b|an?\b){_WORD}){{1,8}}"
    rf"|(?:\b[A-Z]{_WORD} )?\b(?:chief|head|director|spokesman|spokeswoman|commander|leader|minister|[Pp]resident)"
    rf" (?:[A-Z]{_WORD} ?){{1,4}}|\b(?:[A-Z]{_WORD} ?){{1,4}}) $"
)
_BEFORE_SUBJECT = re.compile(
    rf"(?:\b(?!{_DAY}|[A-Z][a-z]+ber\b)[A-Z]{_WORD}|\b(?:chief|head|director|spokesman|spokeswoman|military|security"
    r"|government|local|medical|opposition|state|rescue|several|two|some|many|other)"
    rf"|\b(?:[Tt]he|an?)(?: (?!the\b|an?\b){_WORD}){{0,4}} (?:in|of|for|at|from)(?: the)?) $"
)
_NO_CLAUSE_BEFORE = frozenset(
    [
        "what",
        "that",
        "which",
        "as",
        "than",
        "who",
        "whom",
        "when",
        "where",
        "because",
        "after",
        "before",
        "if",
        "whatever",
        "and",
        "but",
        "or",
        "while",
        "how",
        "why",
        "not",
    ]
)


def closes_sentence(text: str, start: int, stop: int) -> bool:
    """Whether a day, a place or nothing follows a cue verb before its sentence ends.

    Examples
    --------
    >>> closes_sentence("he said on Friday.", 7, 18), closes_sentence("he said nobody knew.", 7, 20)
    (True, False)
    """
    return _CLOSING.fullmatch(text, start, stop) is not None


def unmarked_subject(text: str, start: int, at: int) -> int | None:
    """Where the words begin that can be the subject of the verb at `at`, the nearest such from `start` on.

    Examples
    --------
    >>> text = "Sixty people were killed the ministry in Moscow said."
    >>> text[unmarked_subject(text, 0, 48) : 48]
    'the ministry in Moscow '
    """
    words = reversed([start + m.start() for m in re.finditer(r"\b\w", text[start:at])])
    subject = next((word for word in words if _SUBJECT.match(text, word, at)), None)
    if subject is None or re.match(r"(?:he|she|it|they)\b", text[subject : subject + 5]):
        return subject
    while before := _BEFORE_SUBJECT.search(text, start, subject):
        if before.group()[0].isupper() and text[subject : subject + 2] in ("a ", "th", "an"):
            break  # "on Sunday | a monitor"
        subject = before.start()
    return subject


def hands_over(before: str, verb: re.Pattern[str]) -> bool:
    """Whether the words before a subject can be what it says: a clause, by its length and by `verb`.

    Examples
    --------
    >>> verb = re.compile("was|[a-z]+ed")
    >>> hands_over("Nine people were killed ", verb), hands_over("It was unclear what ", verb)
    (True, False)
    """
    words = before.split()
    if len(words) < LEAST_BEFORE or words[-1].lower() in _NO_CLAUSE_BEFORE or words[-1][-1] in ",;:(":
        return False
    return len(words) >= SURELY_CLAUSE or verb.search(before) is not None

"""Take out of an article what its page added, and list every span that was taken.

Two sources of evidence: patterns (``toolkit/data/furniture.yaml``), which work on a single article, and lines that come
back in several articles of one outlet, which no pattern has to know.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

import pandas as pd

from toolkit.errors import InputError
from toolkit.furniture import Furniture, read_furniture
from toolkit.tables import check_table, empty_table

__all__ = ["clean_articles", "restore_text"]

LONGEST_LINE = 400
"""Longer lines are prose to the patterns (characters)."""
RECURS_IN = 3
"""A line is furniture when this many articles of one outlet have it."""
VERSION_SHARE = 0.6
"""Where more of an article than this comes back in others of its outlet, it is a version of them, not all furniture."""
CREDIT_REASONS = ("credit", "author", "disclaimer", "copyright")
"""Removed lines of these reasons may name the agency; they are kept in the column ``credits``."""

_LINE = re.compile(r"[^\n]+")
_DIGIT = re.compile(r"\d")
_DATE_LINE = re.compile(
    r"([a-z &]{2,20} [|/–-] )?((mon|tues?|wed(nes)?|thu(rs)?|fri|sat(ur)?|sun)(day)?,? )?"
    r"(\d{1,2} [a-z]{3,9}\.?,? \d{4}|[a-z]{3,9}\.? \d{1,2},? \d{4}|\d{4}-\d\d-\d\d|\d{1,2}[./]\d{1,2}[./]\d{4})"
    r"([ ,|–-]{1,3}\d{1,2}[.:]\d\d.{0,20})?\W*(?:[a-z]{4,20}\W*)?",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class _Span:
    start: int
    end: int
    reason: str


@lru_cache(maxsize=1)
def _furniture() -> Furniture:
    return read_furniture(resources.files("toolkit").joinpath("data/furniture.yaml").read_text(encoding="utf-8"))


def clean_articles(articles: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    r"""Remove page furniture from the text of articles.

    Removed are whole lines that match a pattern or come back in at least three articles of the outlet, the title or
    date repeated at the beginning, and known openings and tails of texts stored without line breaks.

    Raw is the text that the reader gives. What the reader of web pages leaves out (menus, share bars, captions outside
    the body: trafilatura decides) has never been in the text and is in no row of `removed`.

    Parameters
    ----------
    articles : pandas.DataFrame
        A table of articles as :func:`toolkit.read_articles` gives it; ``text`` is raw.

    Returns
    -------
    articles : pandas.DataFrame
        The same rows with cleaned ``text``, and ``credits``: the removed lines that may name who wrote the text.
    removed : pandas.DataFrame
        One row per removed span: ``article_id, start, end, text, reason``; `start` and `end` are code points in the raw
        text. Text and removed spans together are the raw text (:func:`restore_text`).

    Examples
    --------
    >>> import pandas as pd
    >>> raw = "Ankara warned Damascus on Monday.\n\nShare this story: Facebook | Twitter\n"
    >>> from toolkit.tables import empty_table
    >>> articles = empty_table("articles")
    >>> articles.loc[0, ["article_id", "outlet", "text", "source_file", "story_id", "copied"]] = [
    ...     "a1", "The Courier", raw, "a.txt", "a1", 0.0]
    >>> cleaned, removed = clean_articles(articles)
    >>> cleaned["text"][0]
    'Ankara warned Damascus on Monday.\n\n'
    >>> removed[["start", "end", "reason"]].values.tolist()
    [[35, 72, 'share']]
    >>> restore_text(cleaned["text"][0], removed) == raw
    True
    """
    check_table(articles, "articles")
    recurring = _recurring_lines(articles)
    texts, credits, rows = [], [], []
    columns = ["article_id", "outlet", "title", "text"]
    for article_id, outlet, title, raw in articles[columns].itertuples(index=False, name=None):
        title = title if isinstance(title, str) else ""
        spans = _spans(raw, title, recurring.get(outlet, frozenset()))
        texts.append(_cut(raw, spans))
        removed = [(article_id, s.start, s.end, raw[s.start : s.end], s.reason) for s in spans]
        credits.append(" | ".join(r[3].strip() for r in removed if r[4] in CREDIT_REASONS) or None)
        rows += removed
    cleaned = articles.assign(
        text=pd.Series(texts, index=articles.index, dtype="str"),
        credits=pd.Series(credits, index=articles.index, dtype="str"),
    )
    table = pd.DataFrame(rows, columns=list(empty_table("removed").columns)) if rows else empty_table("removed")
    return cleaned, check_table(table, "removed")


def restore_text(text: str, removed: pd.DataFrame) -> str:
    """Put the removed spans of one article back.

    Parameters
    ----------
    text : str
        The cleaned text of the article.
    removed : pandas.DataFrame
        The rows of this article in the table of removed spans.

    Returns
    -------
    str
        The raw text.

    Raises
    ------
    InputError
        The rows belong to several articles.
    """
    if removed["article_id"].nunique() > 1:
        raise InputError(
            f"the removed spans belong to {removed['article_id'].nunique()} articles; select those of one: "
            "removed[removed.article_id == ...]"
        )
    parts, length, used = [], 0, 0
    rows = removed.sort_values("start")
    for start, end, cut in zip(rows["start"].tolist(), rows["end"].tolist(), rows["text"].tolist(), strict=True):
        between = start - length
        parts += [text[used : used + between], cut]
        used += between
        length = end
    return "".join([*parts, text[used:]])


def _cut(raw: str, spans: list[_Span]) -> str:
    parts, last = [], 0
    for span in spans:
        parts.append(raw[last : span.start])
        last = span.end
    return "".join([*parts, raw[last:]])


def _key(line: str) -> str:
    """A line as it is compared with others: without case, blanks at the ends, and digits all alike."""
    return _DIGIT.sub("0", " ".join(line.lower().split()))


def _recurring_lines(articles: pd.DataFrame) -> dict[str, frozenset[str]]:
    """Per outlet the lines that at least RECURS_IN of its articles have; versions of one article do not count."""
    found: dict[str, frozenset[str]] = {}
    for outlet, texts in articles.groupby("outlet", sort=True)["text"]:
        pages = [{_key(m.group()): len(m.group()) for m in _LINE.finditer(text) if m.group().strip()} for text in texts]
        counts = Counter(key for page in pages for key in page)
        recurs = {key for key, n in counts.items() if n >= RECURS_IN}
        kept: Counter[str] = Counter()
        for page in pages:
            shared = sum(n for key, n in page.items() if key in recurs)
            if shared <= VERSION_SHARE * sum(page.values()):
                kept.update(key for key in page if key in recurs)
        found[str(outlet)] = frozenset(key for key, n in kept.items() if n >= RECURS_IN)
    return found


def _spans(raw: str, title: str, recurring: frozenset[str]) -> list[_Span]:
    """The furniture of one text, in order, without overlaps."""
    start, end = 0, len(raw)
    head = list(_opening(raw, title))
    start = head[-1].end if head else 0
    tail: list[_Span] = []
    # Searching from the back third keeps a tail from eating an article that merely quotes it.
    for reason, match in _furniture().tail(raw, max(start, len(raw) - max(600, len(raw) // 3)), end):
        tail.append(_Span(match.start(), end, reason))
        end = match.start()
    body, name = [], _letters(title)
    for place, match in enumerate(_LINE.finditer(raw, start, end)):
        line = match.group().strip()
        why = _line_reason(line, name if place < 3 else "", recurring) if line else None
        if why:
            after = match.end()
            while after < end and raw[after] == "\n":
                after += 1
            body.append(_Span(match.start(), after, why))
    return [*head, *body, *reversed(tail)]


def _line_reason(line: str, title: str, recurring: frozenset[str]) -> str | None:
    """Why a line goes; `title` is its letters and digits."""
    if len(line) <= LONGEST_LINE:
        if title and title.startswith(_letters(line[:20])) and _letters(line) == title:
            return "repeat"
        if _DATE_LINE.fullmatch(line):
            return "repeat"
        reason = _furniture().line_reason(line)
        if reason:
            return reason
    return "recurring" if recurring and _key(line) in recurring else None


def _opening(raw: str, title: str) -> Iterator[_Span]:
    """Dates and the title repeated on the first line, before the text goes on."""
    at = len(raw) - len(raw.lstrip())
    changed = True
    while changed:
        changed = False
        for one in _furniture().start:
            match = one.pattern.match(raw, at)
            if match and match.end() > at:
                yield _Span(at, match.end(), one.reason)
                at, changed = match.end(), True
        end = next(filter(None, (_repeated_title(raw, at, one) for one in _titles(title))), None)
        if end:
            yield _Span(at, end, "repeat")
            at, title, changed = end, "", True


def _titles(title: str) -> list[str]:
    """The title, and the title without the name of the site and its sections behind it."""
    shorter = re.split(r" \| | [–—-] (?=[A-Z][\w ]*(?: - |$))", title)
    return [title, shorter[0]] if len(shorter) > 1 else [title]


def _letters(text: str) -> str:
    return "".join(c for c in text.lower() if c.isalnum())


def _repeated_title(raw: str, at: int, title: str) -> int | None:
    """Where the title, repeated at `at`, ends in `raw`: letters and digits alone are compared."""
    wanted = _letters(title)
    if len(wanted) < 15:  # short titles ("Syria") open many a sentence
        return None
    place, seen = at, 0
    while place < len(raw) and seen < len(wanted):
        low = raw[place].lower()
        for c in low if raw[place].isalnum() else "":
            if not c.isalnum():
                continue
            if seen >= len(wanted) or c != wanted[seen]:
                return None
            seen += 1
        place += 1
    if seen < len(wanted) or (place < len(raw) and raw[place].isalnum()):
        return None
    while (
        place < len(raw) and not raw[place].isspace() and not raw[place].isalnum()
    ):  # its own full stop or closing quotation mark
        place += 1
    while place < len(raw) and raw[place].isspace():
        place += 1
    # A text that is nothing but its title keeps it.
    return place if place < len(raw) else None

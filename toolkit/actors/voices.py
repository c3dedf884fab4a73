"""The voice and the speaker of every sentence of a table of articles."""

from __future__ import annotations

import warnings
from collections.abc import Iterator

import numpy as np
import pandas as pd

from toolkit.actors.lexicon import Lexicon
from toolkit.actors.mentions import find_mentions
from toolkit.actors.speakers import Speakers
from toolkit.actors.words import Found, unbroken
from toolkit.errors import InputWarning
from toolkit.sentences import Attribution, find_attributions, split_sentences
from toolkit.tables import SCHEMAS, check_table, empty_table

__all__ = ["find_voices"]

ATTRIBUTED = 1 / 3
"""A sentence is quoted or reported where at least this share of it is; the rest is who says it, and that it is said."""
_NAMED = ["article_id", "part", "actor", "form", "surface", "reading", "start", "position"]


def find_voices(articles: pd.DataFrame, *, lexicon: Lexicon | None = None) -> pd.DataFrame:
    """Say of every sentence whose words it holds: the outlet's, or somebody's who is quoted or reported, and whose.

    Parameters
    ----------
    articles : pandas.DataFrame
        A table of articles (:func:`toolkit.load_articles`); it is not changed.
    lexicon : Lexicon, optional
        The actors that speakers may be; the lexicon that ships where left out.

    Returns
    -------
    pandas.DataFrame
        One row per sentence, articles in their order, within each the title first. `start`, `end` are code points in
        the article's title or text; `attributed` is the share in [0, 1] of its characters that is quoted or reported;
        `voice` is ``"outlet"`` below a third, else the one of the two that holds more; `speaker` is the actor id of
        whoever has most of that share, ``"other"`` for a speaker that is no actor of the lexicon, missing in outlet
        voice and where nobody is named. In articles of other languages than English voice, share and speaker are
        missing.

    Raises
    ------
    InputError
        The table lacks a column.

    Warns
    -----
    InputWarning
        Articles are marked as another language than English.

    Examples
    --------
    >>> import pandas as pd
    >>> articles = pd.DataFrame([dict(article_id="a1", outlet="The Courier", date=pd.Timestamp("2020-02-28"),
    ...     title=None, text='It rained in Ankara. The war is over, the Turkish president said. "We have won."',
    ...     url=None, language="en", source_file="x.txt", wire=None, story_id="a1", copied=0.0)])
    >>> find_voices(articles)[["sentence_id", "voice", "attributed", "speaker"]].round(2)
      sentence_id     voice  attributed speaker
    0        a1:0    outlet        0.00     NaN
    1        a1:1  reported        0.34  turkey
    2        a1:2    quoted        0.86  turkey
    """
    check_table(articles, "articles")
    english = articles["language"].map(_is_english).astype(bool)
    _warn_of_languages(articles.loc[~english, "language"])
    named = _named(articles[english], lexicon)
    rows: list[tuple[object, ...]] = []
    columns = ["article_id", "title", "text"]
    for known, (key, title, text) in zip(english, articles[columns].itertuples(index=False, name=None), strict=True):
        for part, words in (("title", title), ("body", text)):
            if isinstance(words, str) and words.strip():
                rows.extend(_rows(key, part, words, named.get((key, part), []), known))
    if not rows:
        return empty_table("voices")
    table = pd.DataFrame.from_records(rows, columns=list(SCHEMAS["voices"]))
    empty = empty_table("voices")
    return check_table(table.astype({column: empty[column].dtype for column in table.columns}), "voices")


def _is_english(language: object) -> bool:
    return not isinstance(language, str) or not language or language.lower().startswith("en")


def _warn_of_languages(languages: pd.Series) -> None:
    if len(languages):
        listed = ", ".join(f"{name}: {n}" for name, n in languages.value_counts().head(5).items())
        warnings.warn(
            f"{len(languages)} articles are not in English ({listed}); voices are known for English alone and stay "
            "missing there",
            InputWarning,
            stacklevel=3,
        )


def _named(articles: pd.DataFrame, lexicon: Lexicon | None) -> dict[tuple[str, str], list[Found]]:
    """The mentions of each title and text, in order."""
    named: dict[tuple[str, str], list[Found]] = {}
    if articles.empty:
        return named
    whole = articles.drop(columns="truncated", errors="ignore")
    for key, part, actor, form, surface, reading, start, position in find_mentions(whole, lexicon=lexicon)[
        _NAMED
    ].itertuples(index=False, name=None):
        at = start if part == "title" else int(position)
        found = Found(at, at + len(surface), actor, form, surface, reading=reading)
        named.setdefault((key, part), []).append(found)
    return named


def _rows(key: str, part: str, text: str, hits: list[Found], known: bool) -> Iterator[tuple[object, ...]]:
    sentences = [(0, len(text))] if part == "title" else unbroken(split_sentences(text), hits)
    attributions = find_attributions(text) if known else []
    speakers = Speakers(text, hits, sentences, attributions)
    owners = _owners(text, attributions)
    for i, (start, end) in enumerate(sentences):
        identity = (key, part, f"{key}:{'t' if part == 'title' else i}", text[start:end], start, end)
        yield (*identity, *(_voice(owners[start:end], attributions, speakers) if known else (None, np.nan, None)))


def _owners(text: str, attributions: list[Attribution]) -> np.ndarray:
    """The number of the attribution that each character belongs to, -1 for the outlet; shape (characters,)."""
    owners = np.full(len(text), -1)
    # as for mentions: quotations over paraphrase, inner paraphrase over outer
    for i in sorted(range(len(attributions)), key=lambda i: (attributions[i].voice == "quoted", attributions[i].start)):
        owners[attributions[i].start : attributions[i].end] = i
    return owners


def _voice(owners: np.ndarray, attributions: list[Attribution], speakers: Speakers) -> tuple[str, float, str | None]:
    """Voice, share attributed and speaker of the characters of one sentence."""
    counts = {"quoted": 0, "reported": 0}
    by_speaker: dict[str | None, int] = {}
    for owner, n in zip(*np.unique(owners, return_counts=True), strict=True):
        if owner >= 0:
            item = attributions[owner]
            counts[item.voice] += int(n)
            speaker = speakers.of(item)
            by_speaker[speaker] = by_speaker.get(speaker, 0) + int(n)
    share = (counts["quoted"] + counts["reported"]) / len(owners)
    voice = "outlet" if share < ATTRIBUTED else "quoted" if counts["quoted"] >= counts["reported"] else "reported"
    speaker = None if voice == "outlet" else max(by_speaker, key=lambda name: by_speaker[name])
    return voice, share, speaker

"""Every mention of actors in a table of articles."""

from __future__ import annotations

import re
import warnings
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

import pandas as pd

from toolkit.actors.coreference import add_references
from toolkit.actors.lexicon import Lexicon, load_lexicon
from toolkit.actors.readings import read_name
from toolkit.actors.speakers import Speakers
from toolkit.actors.words import Found, between
from toolkit.errors import InputWarning
from toolkit.files import content_id
from toolkit.sentences import find_attributions, split_sentences
from toolkit.tables import SCHEMAS, check_table, empty_table

__all__ = ["find_mentions"]

ANTECEDENT = 1000
""""The regime" is that of "the Turkish regime" so far before it in the same paragraph (characters)."""

_Hit = tuple[int, int, str, str, str]
_COPIED = ("outlet", "date", "story_id", "wire", "copied")


def find_mentions(
    articles: pd.DataFrame,
    actors: Iterable[str] | None = None,
    *,
    lexicon: Lexicon | None = None,
    pronouns: bool = False,
) -> pd.DataFrame:
    """Find every mention of actors in the titles and texts of articles.

    Parameters
    ----------
    articles : pandas.DataFrame
        A table of articles (:func:`toolkit.load_articles`); it is not changed.
    actors : list of str, optional
        Ids of the actors to keep; all of the lexicon where left out. Speakers may be any actor of the lexicon.
    lexicon : Lexicon, optional
        The actors to look for; the lexicon that ships where left out.
    pronouns : bool, default False
        Also find, in texts, the pronouns and roles that point back to a mention ("it", "he", "the president"), with the
        forms "pronoun" and "role": :func:`toolkit.actors.coreference.find_references`.

    Returns
    -------
    pandas.DataFrame
        One row per mention, articles in their order, within each the title first, then by `position`. `start`,
        `end` are code points in `sentence`; `position` is the offset in the article's text, missing in titles;
        `speaker` is an actor id, ``"other"`` for a speaker that is none, missing in outlet voice and where nobody is
        named.

    Raises
    ------
    InputError
        The table lacks a column, or an actor is unknown.

    Warns
    -----
    InputWarning
        Articles are marked as another language than English, whose names this lexicon does not hold; or as
        ``truncated``, with the beginning alone: no mention is taken from those.

    Examples
    --------
    >>> import pandas as pd
    >>> articles = pd.DataFrame([dict(article_id="a1", outlet="The Courier", date=pd.Timestamp("2020-02-28"),
    ...     title="Talks in Moscow", text="Ankara said that the Assad regime had lost 300 men.", url=None,
    ...     language="en", source_file="x.txt", wire=None, story_id="a1", copied=0.0)])
    >>> mentions = find_mentions(articles, ["turkey", "russia", "syria"])
    >>> mentions[["surface", "actor", "form", "reading", "voice", "speaker"]]
            surface   actor     form reading     voice speaker
    0        Moscow  russia  capital   place    outlet     NaN
    1        Ankara  turkey  capital   actor    outlet     NaN
    2  Assad regime   syria  epithet   actor  reported  turkey
    """
    check_table(articles, "articles")
    lexicon = lexicon or load_lexicon()
    wanted = set(lexicon.actors if actors is None else lexicon.require(actors))
    articles = _without_truncated(articles)
    _warn_of_languages(articles)
    rows: list[dict[str, Any]] = []
    columns = ["article_id", "title", "text", *_COPIED]
    for values in articles[columns].itertuples(index=False, name=None):
        rows.extend(_article_rows(dict(zip(columns, values, strict=True)), wanted, lexicon, pronouns))
    if not rows:
        return empty_table("mentions")
    table = pd.DataFrame.from_records(rows, columns=list(SCHEMAS["mentions"]))
    empty = empty_table("mentions")
    kept = {column: empty[column].dtype for column in table.columns if column not in ("date", "copied")}
    table = table.astype(kept)
    table["date"] = pd.to_datetime(table["date"]).astype(articles["date"].dtype)
    return check_table(table, "mentions")


def _without_truncated(articles: pd.DataFrame) -> pd.DataFrame:
    """The articles whose text is whole: the beginning of a text does not speak for the rest."""
    if "truncated" not in articles or not (cut := articles["truncated"].eq(True)).any():
        return articles
    warnings.warn(
        f"{cut.sum()} of {len(articles)} articles hold the beginning of their text alone (column truncated), and no "
        "mention is taken from them; get their full texts, or drop the column to count the beginnings",
        InputWarning,
        stacklevel=3,
    )
    return articles[~cut]


def _warn_of_languages(articles: pd.DataFrame) -> None:
    languages = Counter(x for x in articles["language"].dropna() if not str(x).lower().startswith("en"))
    if languages:
        listed = ", ".join(f"{name}: {n}" for name, n in languages.most_common(5))
        warnings.warn(
            f"{languages.total()} articles are not in English ({listed}); only English names are known, so mentions "
            "are missed there. Leave these articles out, or add names with load_lexicon(extra=...)",
            InputWarning,
            stacklevel=3,
        )


def _article_rows(
    article: dict[str, Any], wanted: set[str], lexicon: Lexicon, pronouns: bool = False
) -> Iterator[dict[str, Any]]:
    title = article["title"] if isinstance(article["title"], str) else ""
    parts = {"title": title, "body": article["text"]}
    found = {part: list(lexicon.search(text)) for part, text in parts.items()}
    named = {hit[2] for hits in found.values() for hit in hits if not _is_vague(hit, lexicon)}
    key = article["article_id"]
    for part, text in parts.items():
        hits = _without_vague(found[part], named, lexicon, text)
        if not any(hit.actor in wanted for hit in hits):
            continue
        sentences = [(0, len(text))] if part == "title" else _sentences_around(text, hits)
        hits = _annotate(text, hits, sentences, lexicon, pronouns and part == "body")
        for hit in hits:
            # Brussels the city is no mention of the European Union
            seat_only = hit.form == "capital" and hit.reading == "place" and not _is_state(hit, lexicon)
            if hit.actor in wanted and not seat_only:
                start, end = sentences[hit.sentence]
                yield {
                    "mention_id": content_id("m", key, part, hit.start, hit.actor), "article_id": key,
                    **{column: article[column] for column in _COPIED},
                    "part": part, "actor": hit.actor, "surface": hit.surface, "form": hit.form,
                    "reading": hit.reading, "voice": hit.voice, "speaker": hit.speaker,
                    "sentence_id": f"{key}:{'t' if part == 'title' else hit.sentence}", "sentence": text[start:end],
                    "start": hit.start - start, "end": hit.end - start,
                    "position": None if part == "title" else hit.start,
                }  # fmt: skip


_NO_EPITHET_BEFORE = re.compile(
    r"(?:\b(?:sanctions|visa|asylum|trade|tax|customs|legal|border|migration|verification|inspection|control|arms|"
    r"non-proliferation|free|international|training|fitness))[ \xa0]$",
    re.IGNORECASE,
)


def _is_vague(hit: _Hit, lexicon: Lexicon) -> bool:
    """Whether a name is a plain word ("the regime") that only the article can make an actor's."""
    _, _, actor, form, surface = hit
    return form == "epithet" and surface.lower() in {word.lower() for word in lexicon.actors[actor].epithets}


def _without_vague(hits: list[_Hit], named: set[str], lexicon: Lexicon, text: str) -> list[Found]:
    """Keep an epithet that stands alone only where its actor is meant: named in the article, and nobody nearer fits."""
    kept: list[Found] = []
    regime_of, regime_at = "", 0
    for hit in hits:
        start, end, actor, form, surface = hit
        is_regime = "regime" in surface.lower()
        if _is_vague(hit, lexicon):
            needs = lexicon.actors[actor].epithets_need
            if needs and not named.intersection(needs):
                continue
            if is_regime and (
                _NO_EPITHET_BEFORE.search(text, max(0, start - 24), start) or text.startswith(" of ", end)
            ):
                continue
            if is_regime and regime_of and start - regime_at < ANTECEDENT and "\n" not in text[regime_at:start]:
                actor = regime_of
        elif is_regime:
            regime_of, regime_at = actor, end
        kept.append(Found(start, end, actor, form, surface))
    return kept


def _sentences_around(text: str, hits: list[Found]) -> list[tuple[int, int]]:
    """The sentences of a text; two that a mention bridges are one."""
    sentences = split_sentences(text)
    starts = [start for start, _ in sentences]
    bridged = {i for hit in hits if sentences[i := bisect_right(starts, hit.start) - 1][1] < hit.end}
    if not bridged:
        return sentences
    joined: list[tuple[int, int]] = []
    for i, (start, end) in enumerate(sentences):
        if i and i - 1 in bridged:
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    return joined


def _is_state(hit: Found, lexicon: Lexicon) -> bool:
    return lexicon.actors[hit.actor].kind == "state"


def _annotate(
    text: str, hits: list[Found], sentences: list[tuple[int, int]], lexicon: Lexicon, pronouns: bool = False
) -> list[Found]:
    """Fill in sentence, reading, voice and speaker; the same mentions, and those that point back where asked for."""
    starts = [start for start, _ in sentences]
    before: Found | None = None
    for hit in hits:
        hit.sentence = bisect_right(starts, hit.start) - 1
        if hit.form == "capital" or _is_state(hit, lexicon):
            hit.reading = read_name(text, hit, before)
        before = hit
    attributions = find_attributions(text)
    speakers = Speakers(text, hits, sentences, attributions)
    if pronouns:
        hits = add_references(text, hits, sentences, {key: actor.kind for key, actor in lexicon.actors.items()})
        for hit in hits:
            hit.sentence = bisect_right(starts, hit.start) - 1
    for item in sorted(attributions, key=lambda a: (a.voice == "quoted", a.start)):
        # later ones win: quotations over paraphrase, inner paraphrase over outer
        for hit in between(hits, item.start, item.end):
            hit.voice = item.voice
            hit.speaker = speakers.of(item)
    return hits

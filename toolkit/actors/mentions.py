"""Every mention of actors in a table of articles."""

from __future__ import annotations

import warnings
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import pandas as pd

from toolkit.actors.coreference import add_references
from toolkit.actors.epithets import resolve_epithets
from toolkit.actors.languages import ForeignNames
from toolkit.actors.lexicon import Lexicon, load_lexicon
from toolkit.actors.model import LANGUAGES
from toolkit.actors.names import Name, find_abbreviations, find_names
from toolkit.actors.reading_model import check_mode, weigh_readings
from toolkit.actors.readings import read_name
from toolkit.actors.settling import settle_names
from toolkit.actors.speakers import Speakers
from toolkit.actors.words import Found, between, unbroken
from toolkit.errors import InputWarning
from toolkit.files import content_id
from toolkit.sentences import find_attributions, split_sentences
from toolkit.tables import OPTIONAL, SCHEMAS, check_table, empty_table

__all__ = ["find_mentions"]

_COPIED = ("outlet", "date", "story_id", "wire", "copied")


def find_mentions(
    articles: pd.DataFrame,
    actors: Iterable[str] | None = None,
    *,
    lexicon: Lexicon | None = None,
    resolve: bool = True,
    readings: str = "rules",
    pronouns: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> pd.DataFrame:
    """Find every mention of actors in the titles and texts of articles.

    Parameters
    ----------
    articles : pandas.DataFrame
        A table of articles (:func:`toolkit.load_articles`); it is not changed.
    actors : list of str, optional
        Ids of the actors to keep; all of the lexicon where left out. Speakers may be any actor of the lexicon.
        ``"turkey.forces"`` makes a part (`organ`) an actor of its own; ``"us.former"`` are leaders out of office.
    lexicon : Lexicon, optional
        The actors to look for; the lexicon that ships where left out.
    resolve : bool
        Whether "the regime", "the ministry", "his Turkish counterpart" count for the actor that the article means.
    readings : {"rules", "cascade", "model"}
        Who tells actors from places: rules, made for news and fast; rules with a fast model, and the encoder where they
        are unsure; or the encoder for every name, the most exact outside the news and the slowest.
    pronouns : bool, default False
        Also find, in texts, the pronouns and roles that point back to a mention ("it", "he", "the president"), with the
        forms "pronoun" and "role": :func:`toolkit.actors.coreference.find_references`.
    progress : callable, optional
        Called with (articles done, articles).

    Returns
    -------
    pandas.DataFrame
        One row per mention, articles in their order, within each the title first, then by `position`. `start`,
        `end` are code points in `sentence`; `position` is the offset in the article's text, missing in titles;
        `organ` is the part of the actor that is named, `person` and `office` who that is on the article's date, where
        one is meant; `resolved` marks plain words that mean the actor by what stands before them;
        `reading_p` is the probability that the reading is actor, in [0, 1]; `speaker` is an actor id, ``"other"`` for a
        speaker that is none, missing in outlet voice and where nobody is named.

    Raises
    ------
    InputError
        The table lacks a column, an actor is unknown, or `readings` is none of the three.

    Warns
    -----
    InputWarning
        Articles are marked as another language than English: for some of these names are known, but no readings and
        voices, which are missing there. Or they are marked as ``truncated``, with the beginning alone: no mention is
        taken from those.

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
    check_mode(readings)
    options = _Options(resolve, readings, pronouns)
    lexicon = lexicon or load_lexicon()
    selection = _Selection(None if actors is None else frozenset(lexicon.require(actors)))
    articles = _without_truncated(articles)
    _warn_of_languages(articles["language"], lexicon)
    rows: list[dict[str, Any]] = []
    columns = ["article_id", "title", "text", "language", *_COPIED]
    for done, values in enumerate(articles[columns].itertuples(index=False, name=None), 1):
        rows.extend(_article_rows(dict(zip(columns, values, strict=True)), selection, lexicon, options))
        if progress is not None:
            progress(done, len(articles))
    if not rows:
        return empty_table("mentions")
    table = pd.DataFrame.from_records(rows, columns=[*SCHEMAS["mentions"], *OPTIONAL["mentions"]])
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


def _warn_of_languages(languages: pd.Series, lexicon: Lexicon) -> None:
    """Say what is not known of languages other than English."""
    counts = Counter(code for code in languages.map(_language) if code != "en")
    known = {code: n for code, n in counts.items() if code in LANGUAGES and lexicon.names_in(code).entries}
    other = Counter({code: n for code, n in counts.items() if code not in known})
    if known:
        warnings.warn(
            f"{sum(known.values())} articles are not in English ({_listed(known)}): names are searched in their "
            "language, but readings, voices and speakers are known for English alone and stay missing there",
            InputWarning,
            stacklevel=3,
        )
    if other:
        warnings.warn(
            f"{other.total()} articles are not in English ({_listed(other)}); only English names are known, so "
            "mentions are missed there. Leave these articles out, or add names with load_lexicon(extra=...)",
            InputWarning,
            stacklevel=3,
        )


def _listed(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name}: {n}" for name, n in Counter(counts).most_common(5))


def _language(value: object) -> str:
    """The language of an article, as two letters where it has such; English where none is given."""
    code = str(value).lower() if isinstance(value, str) and value else "en"
    return code.replace("_", "-").partition("-")[0]


def _article_rows(
    article: dict[str, Any], selection: _Selection, lexicon: Lexicon, options: _Options
) -> Iterator[dict[str, Any]]:
    texts = {"title": article["title"] if isinstance(article["title"], str) else "", "body": article["text"]}
    day = None if pd.isna(article["date"]) else article["date"].date().isoformat()
    language = _language(article["language"])
    if language in LANGUAGES and lexicon.names_in(language).entries:
        yield from _foreign_rows(article, texts, day, selection, lexicon.names_in(language))
        return
    names: Mapping[str, list[Name]] = {part: list(find_names(text, lexicon)) for part, text in texts.items()}
    names = find_abbreviations(names, texts, lexicon)
    found = settle_names(names, texts, day, lexicon)
    if options.resolve:
        found = resolve_epithets(names, found, texts, day, lexicon)
    for part, hits in found.items():
        text = texts[part]
        if not any(selection.actor_of(hit) for hit in hits):
            continue
        sentences = [(0, len(text))] if part == "title" else unbroken(split_sentences(text), hits)
        hits = _annotate(text, hits, sentences, lexicon, options.readings, options.pronouns and part == "body")
        for hit in hits:
            # Brussels the city is no mention of the European Union
            seat_only = hit.form == "capital" and hit.reading == "place" and not _is_state(hit, lexicon)
            actor = selection.actor_of(hit)
            if actor is not None and not seat_only:
                yield _row(article, part, text, hit, actor, sentences[hit.sentence])


def _foreign_rows(
    article: dict[str, Any], texts: Mapping[str, str], day: str | None, selection: _Selection, names: ForeignNames
) -> Iterator[dict[str, Any]]:
    """Mentions by name in a language whose readings and voices are not known."""
    for part, text in texts.items():
        hits = [(hit, actor) for hit in names.find(text, day) if (actor := selection.actor_of(hit)) is not None]
        if not hits:
            continue
        sentences = [(0, len(text))] if part == "title" else unbroken(split_sentences(text), [hit for hit, _ in hits])
        starts = [start for start, _ in sentences]
        for hit, actor in hits:
            hit.sentence = bisect_right(starts, hit.start) - 1
            row = _row(article, part, text, hit, actor, sentences[hit.sentence])
            yield row | {"reading": None, "reading_p": None, "voice": None, "speaker": None}


class _Options(NamedTuple):
    """How mentions are looked for; see :func:`find_mentions`."""

    resolve: bool
    readings: str
    pronouns: bool


@dataclass(frozen=True)
class _Selection:
    """The actors to keep, and parts of actors that are kept as actors of their own."""

    wanted: frozenset[str] | None

    def actor_of(self, hit: Found) -> str | None:
        """The actor that a mention counts for; None where it is not asked for."""
        if self.wanted is None:
            return hit.actor
        part = f"{hit.actor}.{hit.organ}"
        if part in self.wanted:
            return part
        return hit.actor if hit.actor in self.wanted else None


def _row(
    article: dict[str, Any], part: str, text: str, hit: Found, actor: str, sentence: tuple[int, int]
) -> dict[str, Any]:
    key, (start, end) = article["article_id"], sentence
    return {
        "mention_id": content_id("m", key, part, hit.start, hit.actor), "article_id": key,
        **{column: article[column] for column in _COPIED},
        "part": part, "actor": actor, "surface": hit.surface, "form": hit.form, "organ": hit.organ,
        "person": hit.person, "office": hit.office, "resolved": hit.resolved,
        "reading": hit.reading, "reading_p": hit.reading_p, "voice": hit.voice, "speaker": hit.speaker,
        "sentence_id": f"{key}:{'t' if part == 'title' else hit.sentence}", "sentence": text[start:end],
        "start": hit.start - start, "end": hit.end - start,
        "position": None if part == "title" else hit.start,
    }  # fmt: skip


def _is_state(hit: Found, lexicon: Lexicon) -> bool:
    return lexicon.actors[hit.actor.partition(".")[0]].kind == "state"


def _annotate(
    text: str, hits: list[Found], sentences: list[tuple[int, int]], lexicon: Lexicon, readings: str, pronouns: bool
) -> list[Found]:
    """Fill in sentence, reading, voice and speaker; the same mentions, and those that point back where asked for."""
    starts = [start for start, _ in sentences]
    before: Found | None = None
    read: list[tuple[Found, bool]] = []
    for hit in hits:
        hit.sentence = bisect_right(starts, hit.start) - 1
        is_place = hit.form in ("capital", "demonym") or _is_state(hit, lexicon)
        if is_place:
            hit.reading = read_name(text, hit, before)
        read.append((hit, is_place and (hit.form in ("name", "capital", "demonym") or hit.reading == "place")))
        before = hit
    weigh_readings(text, read, sentences, readings)
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

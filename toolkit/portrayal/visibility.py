"""How visible actors are, which ones stand together, and who gets to speak about whom."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from toolkit.errors import InputError
from toolkit.estimation import estimate
from toolkit.portrayal.shares import as_mentions, category_shares, select_mentions
from toolkit.tables import check_table

__all__ = ["MEASURES", "co_mentions", "visibility", "voice_shares"]

MEASURES = {
    "mentions": "share of the outlet's mentions of the actors compared",
    "articles": "share of articles that name the actor",
    "headlines": "share of articles that name it in the headline",
    "leads": "share of articles that name it in the first paragraph",
    "depth": "where it is first named in articles that name it: 1 in the headline, near 0 at the end of the text",
}
LEAD = 400
"""A text without paragraphs: its first so many characters stand for the first paragraph."""


def visibility(
    mentions: pd.DataFrame, articles: pd.DataFrame, *, by: Sequence[str] = ("outlet",),
    measures: Sequence[str] = tuple(MEASURES), copies: str = "all", reading: str = "actor", level: float = 0.95,
    interval: str = "t", seed: int = 0,
) -> pd.DataFrame:  # fmt: skip
    """How much of an outlet's attention each actor gets.

    Parameters
    ----------
    mentions : pandas.DataFrame
        Mentions of the actors compared; not changed.
    articles : pandas.DataFrame
        All articles, those without a mention too: they are what the shares are shares of.
    by : sequence of str
        Columns of the articles that make the groups; the actor is always one.
    measures : sequence of str
        Keys of :data:`MEASURES`.
    copies, level, interval, seed
        As for :func:`toolkit.estimate`.
    reading : {"actor", "place", "all"}
        Which readings count; with ``all`` also the place.

    Returns
    -------
    pandas.DataFrame
        A summary with the keys `by`, `actor` and `measure`; estimates lie in [0, 1], intervals are clustered by story.

    Raises
    ------
    InputError
        A table is not what it should be, or a measure is unknown.

    References
    ----------
    D'Alessio, Allen: Media bias in presidential elections. Journal of Communication 50(4), 2000 (coverage bias).

    Examples
    --------
    >>> import pandas as pd
    >>> articles = pd.DataFrame({"article_id": ["a1", "a2"], "title": ["Ankara speaks", "Weather"]}).assign(
    ...     outlet="The Courier", date=pd.Timestamp("2020-02-28"), text="Rain fell on Sunday.", url=None, language="en",
    ...     source_file="x", wire=None, story_id=["s1", "s2"], copied=0.0)
    >>> mentions = articles.iloc[:1].assign(mention_id="m1", part="title", actor="turkey", surface="Ankara",
    ...     form="capital", reading="actor", voice="outlet", speaker=None, sentence_id="t", sentence="Ankara speaks",
    ...     start=0, end=6, position=pd.array([pd.NA], dtype="Int64"))
    >>> table = visibility(mentions, articles)
    >>> table[["actor", "measure", "estimate", "n_articles"]].values.tolist()
    [['turkey', 'mentions', 1.0, 1], ['turkey', 'articles', 0.5, 2], ['turkey', 'headlines', 0.5, 2],
     ['turkey', 'leads', 0.0, 2], ['turkey', 'depth', 1.0, 1]]
    """
    check_table(articles, "articles")
    for measure in measures:
        if measure not in MEASURES:
            raise InputError(f"unknown measure {measure!r}; expected some of {', '.join(MEASURES)}")
    for column in by:
        if column not in articles.columns or column not in mentions.columns:
            raise InputError(f"cannot group by {column!r}: articles and mentions must both have that column")
    rows = select_mentions(mentions, copies="all", reading=reading)
    actors = sorted(rows["actor"].unique())
    options: dict[str, Any] = {"copies": copies, "level": level, "interval": interval, "seed": seed}
    tables = []
    if "mentions" in measures and len(rows):
        shares = category_shares(rows, rows["actor"], actors, name="named", by=by, **options)
        tables.append(shares.rename(columns={"named": "actor"}).assign(measure="mentions"))
    grid = _grid(rows, articles, actors, list(by))
    for measure in ("articles", "headlines", "leads", "depth"):
        if measure in measures and len(grid):
            scored = as_mentions(grid.dropna(subset=[measure]).rename(columns={measure: "visibility_score"}))
            table = estimate(scored, "visibility", by=[*by, "actor"], voice="all", reading="all", **options)
            tables.append(table.assign(measure=measure))
    return _ordered(tables, list(by), copies)


def _ordered(tables: list[pd.DataFrame], by: list[str], copies: str) -> pd.DataFrame:
    if not tables:
        raise InputError("there is no mention to count; look for other actors, or take reading='all'")
    table = pd.concat(tables, ignore_index=True)
    unit = "story" if copies == "one_per_story" else "article"
    words = {"mentions": "share of mentions", "depth": f"mean depth per {unit}"}
    table["task"] = "visibility"
    table["estimand"] = table["measure"].map(lambda m: words.get(m, f"share of {m} per {unit}"))
    table["n_mentions"] = table["n_mentions"].where(table["measure"].eq("mentions"), 0)
    table[["low", "high"]] = table[["low", "high"]].clip(0, 1)
    table["_rank"] = table["measure"].map(list(MEASURES).index)
    table = table.sort_values([*by, "actor", "_rank"], kind="stable").drop(columns="_rank").reset_index(drop=True)
    keys = [*by, "actor", "measure"]
    return table[[*keys, *(c for c in table.columns if c not in keys)]]


def _grid(rows: pd.DataFrame, articles: pd.DataFrame, actors: list[str], by: list[str]) -> pd.DataFrame:
    """Every article with every actor: whether and where it is named."""
    body = rows["part"].eq("body") & rows["position"].notna()
    first = rows[body].groupby(["article_id", "actor"])["position"].min().astype(float)
    title = rows[rows["part"].eq("title")].groupby(["article_id", "actor"]).size()
    named = rows.groupby(["article_id", "actor"]).size()
    columns = list(dict.fromkeys(["article_id", "story_id", "outlet", "date", "wire", "copied", *by]))
    text = articles["text"]
    facts = articles[columns].assign(
        _length=text.str.len().clip(lower=1), _lead=[_lead_end(value) for value in text]
    ).drop_duplicates("article_id")  # fmt: skip
    grid = facts.merge(pd.DataFrame({"actor": actors}), how="cross")
    index = pd.MultiIndex.from_frame(grid[["article_id", "actor"]])
    at = first.reindex(index).to_numpy()
    in_title = title.reindex(index).notna().to_numpy()
    depth = np.where(in_title, 1.0, 1 - at / grid["_length"].to_numpy())
    return grid.assign(
        articles=named.reindex(index).notna().to_numpy().astype(float), headlines=in_title.astype(float),
        leads=(at < grid["_lead"].to_numpy()).astype(float), depth=depth,
    ).drop(columns=["_length", "_lead"])  # fmt: skip


def _lead_end(text: str) -> int:
    """Where the first paragraph ends."""
    start = len(text) - len(text.lstrip())
    end = text.find("\n", start)
    return end if end > 0 else LEAD


def co_mentions(
    mentions: pd.DataFrame, *, by: Sequence[str] = ("outlet",), voice: str = "all", copies: str = "own",
    reading: str = "actor", minimum: int = 1,
) -> pd.DataFrame:  # fmt: skip
    r"""Which actors stand together in one sentence, more often than chance has it.

    Parameters
    ----------
    mentions : pandas.DataFrame
        Mentions of two actors or more; not changed.
    by : sequence of str
        The columns that make the groups; may be empty.
    voice, copies, reading
        Which mentions count; `copies` is ``own`` or ``all``.
    minimum : int
        Pairs that stand together in fewer sentences are left out. Pointwise mutual information of rare pairs is large
        by chance: read it with `n`.

    Returns
    -------
    pandas.DataFrame
        One row a group and pair (in the order of ids): the keys, `actor_a`, `actor_b`, `n` (sentences with both),
        `n_a`, `n_b`, `n_sentences` (with any actor of the table), `pmi` (in bits), `jaccard` in [0, 1], `n_stories`.

    Notes
    -----
    :math:`\mathrm{PMI} = \log_2 \frac{n \cdot N}{n_a n_b}` over sentences that name any of the actors, and Jaccard's
    :math:`n / (n_a + n_b - n)`. Sentences without any actor do not count, so PMI is lower than over all sentences.

    References
    ----------
    Church, Hanks: Word association norms, mutual information, and lexicography. Computational Linguistics 16(1), 1990.

    Examples
    --------
    >>> import pandas as pd
    >>> mentions = pd.DataFrame({"sentence_id": ["1", "1", "2", "3", "3", "4"],
    ...     "actor": ["russia", "syria", "russia", "russia", "syria", "turkey"]}).assign(
    ...     mention_id=list("abcdef"), article_id="a1", story_id="s1", outlet="The Courier", sentence="x", start=0,
    ...     end=1, date=pd.Timestamp("2020-02-28"), wire=None, copied=0.0, part="body", surface="x", form="name",
    ...     reading="actor", voice="outlet", speaker=None, position=0)
    >>> co_mentions(mentions)[["actor_a", "actor_b", "n", "pmi", "jaccard"]].round(3).values.tolist()
    [['russia', 'syria', 2, 0.415, 0.667]]
    """
    rows = select_mentions(mentions, voice=voice, copies=copies, reading=reading)
    missing = [column for column in by if column not in rows.columns]
    if missing:
        raise InputError(f"cannot group by {missing[0]!r}: the mentions have no such column")
    keys = [*by, "sentence_id", "actor"]
    once = rows.drop_duplicates(keys)[[*keys, "story_id"]]
    found: list[dict[str, Any]] = []
    groups = once.groupby(list(by), sort=True, dropna=False) if by else [((), once)]
    for key, group in groups:
        alone = group.groupby("actor").size()
        n_sentences = group["sentence_id"].nunique()
        together: dict[tuple[str, str], list[str]] = {}
        for _, sentence in group[group.duplicated("sentence_id", keep=False)].groupby("sentence_id", sort=True):
            for pair in combinations(sorted(sentence["actor"]), 2):
                together.setdefault(pair, []).append(sentence["story_id"].iloc[0])
        facts = dict(zip(by, key if isinstance(key, tuple) else (key,), strict=True))
        found += [
            {
                **facts, "actor_a": a, "actor_b": b, "n": len(stories), "n_a": int(alone[a]), "n_b": int(alone[b]),
                "n_sentences": n_sentences, "pmi": float(np.log2(len(stories) * n_sentences / (alone[a] * alone[b]))),
                "jaccard": len(stories) / (int(alone[a]) + int(alone[b]) - len(stories)), "n_stories": len({*stories}),
            }
            for (a, b), stories in sorted(together.items()) if len(stories) >= minimum
        ]  # fmt: skip
    columns = [*by, "actor_a", "actor_b", "n", "n_a", "n_b", "n_sentences", "pmi", "jaccard", "n_stories"]
    return pd.DataFrame(found, columns=columns)


def voice_shares(
    mentions: pd.DataFrame, *, by: Sequence[str] = ("outlet", "actor"), copies: str = "own", reading: str = "actor",
    level: float = 0.95, interval: str = "t", seed: int = 0, speakers: int = 6,
) -> pd.DataFrame:  # fmt: skip
    """Who gets to speak about whom: the share of an actor's mentions in each speaker's words.

    Parameters
    ----------
    mentions : pandas.DataFrame
        Mentions with voices; not changed. Those without (languages that voices do not cover) are left out.
    by : sequence of str
        The columns that make the groups; the actor is the one spoken about.
    copies, level, interval, seed
        As for :func:`toolkit.estimate`.
    reading : {"actor", "place", "all"}
        Which readings count.
    speakers : int
        The most frequent so many speakers get a row each; the others together are ``other``.

    Returns
    -------
    pandas.DataFrame
        A summary with `speaker` after the keys: ``outlet`` for the outlet's own words, the actor itself as ``itself``,
        else the speaker's actor id or ``other``. Shares sum to 1 in each group.

    Raises
    ------
    InputError
        The table is not one of mentions, or no mention has a voice.

    References
    ----------
    Asr et al.: The Gender Gap Tracker. PLoS ONE 16(1), 2021 (shares of quotations by who is quoted).

    Examples
    --------
    >>> import pandas as pd
    >>> mentions = pd.DataFrame({"voice": ["outlet", "quoted"], "speaker": [None, "russia"]}).assign(
    ...     mention_id=["m1", "m2"], article_id=["a1", "a2"], story_id=["s1", "s2"], outlet="The Courier",
    ...     date=pd.Timestamp("2020-02-28"), wire=None, copied=0.0, part="body", actor="turkey", surface="Ankara",
    ...     form="capital", reading="actor", sentence_id=["1", "2"], sentence="Ankara lied.", start=0, end=6,
    ...     position=0)
    >>> voice_shares(mentions)[["actor", "speaker", "estimate"]].values.tolist()
    [['turkey', 'outlet', 0.5], ['turkey', 'russia', 0.5]]
    """
    rows = select_mentions(mentions, copies=copies, reading=reading)
    rows = rows[rows["voice"].notna()].reset_index(drop=True)
    if not len(rows):
        raise InputError("no mention has a voice; voices are told in English articles (see docs/methods.md)")
    if not isinstance(speakers, int) or speakers < 1:
        raise InputError(f"speakers is {speakers!r}; expected a whole number of at least 1")
    who = rows["speaker"].fillna("other").where(rows["voice"].ne("outlet"), "outlet")
    who = who.where(who.ne(rows["actor"]), "itself")
    counts = who[~who.isin(["outlet", "itself", "other"])].value_counts()
    named = sorted(counts.index, key=lambda s: (-counts[s], s))[:speakers]
    who = who.where(who.isin(["outlet", "itself", *named]), "other")
    held = [name for name in ("outlet", "itself", *named, "other") if who.eq(name).any()]
    table = category_shares(
        rows.drop(columns="speaker"), who, held, name="speaker", by=by, copies=copies, level=level, interval=interval,
        seed=seed,
    )  # fmt: skip
    return table.assign(voice="all", reading=reading, task="voice")

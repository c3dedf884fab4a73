"""The tone of whole articles toward actors, from the scores of their mentions.

Two things are kept apart that readers keep apart: the tone of the whole article, whoever speaks, and the tone of the
outlet's own words.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from toolkit.errors import InputError, nearest
from toolkit.tables import check_table

__all__ = ["HEADLINE", "OTHERS_WORDS", "OWN_WORDS", "READING_CHOICES", "article_scores", "tone_by_article"]

READING_CHOICES = {"actor": ("actor",), "place": ("place",), "all": ("actor", "place")}
HEADLINE, OWN_WORDS, OTHERS_WORDS = 3.0, 2.0, 1.0
"""What a sentence counts: the headline, the outlet's own words, words it hands to others."""
_FACTS = ("outlet", "date", "story_id", "wire", "copied")


def tone_by_article(scored: pd.DataFrame, task: str = "tone", *, reading: str = "actor") -> pd.DataFrame:
    r"""The tone of every article toward each actor it mentions.

    Parameters
    ----------
    scored : pandas.DataFrame
        Scored mentions, as :func:`toolkit.score_mentions` returns them; not changed. Row order does not matter.
    task : str, default "tone"
        The task whose ``<task>_score`` is taken.
    reading : {"actor", "place", "all"}
        Which readings count.

    Returns
    -------
    pandas.DataFrame
        One row an article and actor, sorted by both: `article_id`, `actor`, `outlet`, `date`, `story_id`, `wire`,
        `copied`; `whole`, the tone of the whole article, whoever speaks; `own`, that of the outlet's own words, missing
        where it says nothing of the actor in its own words; `n_mentions`, `n_sentences`, `n_own` (sentences in own
        words). Where scores lie in [-1, 1], both tones do.

    Raises
    ------
    InputError
        The table is not one of scored mentions, or the reading is unknown.

    Notes
    -----
    Mentions of one actor in one sentence and voice are one: their mean :math:`t_i`. An article's tone is
    :math:`\sum w_i t_i / \sum w_i` with w = 3 for the headline, 2 for the outlet's own words and 1 for words of others.
    Chosen on PerSenT's development articles among some twenty variants that differ by little
    (benchmarks/article_tone.py; docs/methods.md). Mentions without a score are left out.

    Examples
    --------
    >>> import pandas as pd
    >>> scored = pd.DataFrame({"tone_score": [0.5, -0.4, -0.9], "voice": ["outlet", "outlet", "quoted"],
    ...     "part": ["title", "body", "body"], "sentence_id": ["a1:t", "a1:0", "a1:1"]}).assign(
    ...     mention_id=["m1", "m2", "m3"], article_id="a1", story_id="s1", outlet="The Courier",
    ...     date=pd.Timestamp("2020-02-28"), wire=None, copied=0.0, actor="turkey", surface="Ankara", form="capital",
    ...     reading="actor", speaker=None, sentence="Ankara warned.", start=0, end=6, position=0)
    >>> tone_by_article(scored)[["actor", "whole", "own", "n_sentences", "n_own"]].round(3).values.tolist()
    [['turkey', -0.033, 0.14, 3, 2]]
    """
    check_table(scored, "mentions", task=task)
    if reading not in READING_CHOICES:
        raise InputError(f"unknown reading {reading!r}; {nearest(reading, READING_CHOICES)}")
    score = f"{task}_score"
    rows = scored[scored["reading"].isin(READING_CHOICES[reading]) & scored[score].notna()]
    keys = ["article_id", "actor"]
    whole = article_scores(rows, score, keys)
    own = article_scores(rows[rows["voice"].eq("outlet")], score, keys)
    facts = rows.sort_values("mention_id").groupby(keys, sort=True).agg(dict.fromkeys(_FACTS, "first"))
    table = facts.assign(
        whole=whole["score"], own=own["score"].reindex(facts.index), n_mentions=whole["n_mentions"],
        n_sentences=whole["n_sentences"], n_own=own["n_sentences"].reindex(facts.index).fillna(0).astype("int64"),
    )  # fmt: skip
    return table.reset_index()


def article_scores(rows: pd.DataFrame, score: str, keys: Sequence[str]) -> pd.DataFrame:
    """One score for each group of mentions: the weighted mean over its sentences.

    Parameters
    ----------
    rows : pandas.DataFrame
        Scored mentions, all with a score.
    score : str
        The column to average.
    keys : sequence of str
        The columns that make the groups, `article_id` among them.

    Returns
    -------
    pandas.DataFrame
        Indexed by the keys, sorted: `score`, `n_mentions`, `n_sentences`.
    """
    # Sorted by id, so that the last bits of the sums do not hang on the order of rows.
    ordered = rows.sort_values("mention_id", kind="stable")
    inside = list(dict.fromkeys([*keys, "sentence_id", "voice"]))
    sentences = ordered.groupby(inside, sort=True, dropna=False, observed=True).agg(
        tone=(score, "mean"), part=("part", "first"), n_mentions=(score, "size")
    )
    sentences = sentences.reset_index()
    weight = np.where(
        sentences["part"].eq("title"), HEADLINE, np.where(sentences["voice"].eq("outlet"), OWN_WORDS, OTHERS_WORDS)
    )
    sentences = sentences.assign(weight=weight, weighted=weight * sentences["tone"], n_sentences=1)
    sums = sentences.groupby(list(keys), sort=True, dropna=False, observed=True)[
        ["weighted", "weight", "n_mentions", "n_sentences"]
    ].sum()
    return pd.DataFrame(
        {"score": sums["weighted"] / sums["weight"], "n_mentions": sums["n_mentions"].astype("int64"),
         "n_sentences": sums["n_sentences"].astype("int64")}
    )  # fmt: skip


def article_shares(rows: pd.DataFrame, keys: Sequence[str]) -> np.ndarray:
    """The share of each mention in its article's score, so that the score is the sum of shares times outcomes.

    Parameters
    ----------
    rows, keys
        As for :func:`article_scores`.

    Returns
    -------
    array of float, shape (mentions,)
        They sum to 1 in each group.
    """
    inside = list(dict.fromkeys([*keys, "sentence_id", "voice"]))
    sentence = rows.groupby(inside, sort=True, dropna=False, observed=True).ngroup().to_numpy()
    article = rows.groupby(list(keys), sort=True, dropna=False, observed=True).ngroup().to_numpy()
    weight = np.where(rows["part"].eq("title"), HEADLINE, np.where(rows["voice"].eq("outlet"), OWN_WORDS, OTHERS_WORDS))
    weight = weight / np.bincount(sentence)[sentence]
    return weight / np.bincount(article, weight)[article]

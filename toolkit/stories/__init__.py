"""Which articles share their text, and which agency wrote it.

Near-duplicates are found over word 5-grams. What several outlets print is one story; the toolkit's estimates and
intervals count it so.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import pandas as pd

from toolkit.errors import InputError
from toolkit.stories.agencies import Credits, find_wires
from toolkit.stories.pairs import linked_pairs
from toolkit.stories.shingles import Shingles, covered, shingle, words_of
from toolkit.tables import check_table

__all__ = ["group_stories"]


def group_stories(
    articles: pd.DataFrame,
    *,
    overlap: float = 0.5,
    agencies: Mapping[str, Sequence[str]] | None = None,
) -> pd.DataFrame:
    """Group near-duplicate articles into stories and name the agency behind them.

    Two articles belong to one story where at least `overlap` of the words of the shorter one stand in word 5-grams that
    the other has too (outlets trim, append and prepend, so the shorter one decides) and they appeared within a week.
    Stories are the connected groups. A shared paragraph of background, which stands in articles of other weeks as well,
    makes no story. Titles play no part.

    Parameters
    ----------
    articles : pandas.DataFrame
        Cleaned articles. Page furniture has to be out: shared footers fake likeness inside an outlet.
    overlap : float, default 0.5
        Least share of common words, in (0, 1].
    agencies : mapping of str to sequence of str, optional
        More agencies than ``toolkit/data/agencies.yaml``: an id and the words that credit it.

    Returns
    -------
    pandas.DataFrame
        The same rows with

        - ``story_id``: the id of the story's earliest article;
        - ``copied``: share in [0, 1] of the article's words that stand in 5-grams which another outlet's article of
          the story was the first to have. What an outlet takes over from its own earlier version is not copied;
        - ``version_of``: the id of the outlet's latest earlier article of the story, of which this one is a version
          (the update of a living article, say); missing otherwise. Versions keep their story and their vote;
        - ``title_copied``: share in [0, 1] of the title's words that stand in the title of an earlier article of
          another outlet of the story (the highest); missing without such a title. A copied text under a new headline
          has a high ``copied`` and a low ``title_copied``;
        - ``wire``: the agency, where known; ``unnamed agency`` where a disclaimer says no more;
        - ``wire_evidence``: ``field``, ``byline``, ``dateline``, ``credit``, ``inputs`` ("with inputs from"),
          ``disclaimer``, or ``inferred`` from another member of the story. An agency's own site is not its own copyist:
          there ``wire`` stays missing.

        Nothing depends on the order of the rows.

    Raises
    ------
    InputError
        `overlap` is no share, or an agency's names are no list.

    References
    ----------
    Broder, A. (1997). On the resemblance and containment of documents. *Proc. Compression and Complexity of Sequences*.

    Examples
    --------
    >>> from toolkit.tables import empty_table
    >>> text = "IDLIB, Syria (AFP) - An air strike hit a convoy near the town on Thursday, a monitoring group said."
    >>> articles = empty_table("articles")
    >>> for i, outlet in enumerate(["The Courier", "The Post"]):
    ...     articles.loc[i, ["article_id", "outlet", "text", "source_file", "story_id", "copied"]] = [
    ...         f"a{i}", outlet, text[21 * i:], "x", f"a{i}", 0.0]
    >>> group_stories(articles)[["story_id", "wire", "wire_evidence"]].values.tolist()
    [['a0', 'AFP', 'dateline'], ['a0', 'AFP', 'inferred']]
    """
    check_table(articles, "articles")
    if isinstance(overlap, bool) or not isinstance(overlap, int | float) or not 0 < overlap <= 1:
        raise InputError(f"overlap is {overlap!r}; expected a share above 0 and at most 1, such as 0.5")
    credits = Credits.shipped(agencies)
    order = _publication_order(articles, credits)
    rows = articles.iloc[order]
    texts = shingle(rows["text"].tolist())
    outlets = rows["outlet"].tolist()
    stories = _components(len(rows), linked_pairs(texts, _days(rows["date"]), outlets, overlap))
    columns = _story_columns(rows, texts, stories)
    columns["wire"], columns["wire_evidence"] = find_wires(rows, stories, credits)
    back = np.argsort(order)
    return articles.assign(
        **{
            name: pd.Series(values, index=rows.index, dtype=float if name in _SHARES else "str").iloc[back]
            .set_axis(articles.index)
            for name, values in columns.items()
        }
    )  # fmt: skip


_SHARES = ("copied", "title_copied")


def _days(dates: pd.Series) -> np.ndarray:
    """Days since 1970, NaN where the date is missing."""
    return ((dates - pd.Timestamp(0)) / pd.Timedelta(days=1)).to_numpy(dtype=float, na_value=np.nan)


def _publication_order(articles: pd.DataFrame, credits: Credits) -> np.ndarray:
    """Rows by date (missing last); on one day an agency's own first, then by id: the order of rows does not matter."""
    keys = pd.DataFrame(
        {
            "day": _days(articles["date"]),
            "prints": [credits.agency(outlet) is None for outlet in articles["outlet"]],
            "id": articles["article_id"].to_numpy(),
        }
    )
    return keys.sort_values(["day", "prints", "id"], na_position="last", kind="stable").index.to_numpy()


def _components(n: int, pairs: Iterable[tuple[int, int]]) -> list[list[int]]:
    """Connected groups, members in order."""
    parent = list(range(n))

    def root(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    for i, j in pairs:
        a, b = sorted((root(i), root(j)))
        parent[b] = a
    groups: dict[int, list[int]] = defaultdict(list)
    for i in range(n):
        groups[root(i)].append(i)
    return list(groups.values())


def _story_columns(rows: pd.DataFrame, texts: Shingles, stories: list[list[int]]) -> dict[str, list]:
    """What is known about each article from its story."""
    ids, outlets = rows["article_id"].tolist(), rows["outlet"].tolist()
    titles = [set(words_of(title)) if isinstance(title, str) else set() for title in rows["title"]]
    story, version = [""] * len(rows), [None] * len(rows)
    copied, title_copied = [0.0] * len(rows), [np.nan] * len(rows)
    for members in stories:
        for i in members:
            story[i] = ids[members[0]]
        if len(members) == 1:
            continue
        latest: dict[str, int] = {}
        named: dict[str, list[set[str]]] = defaultdict(list)
        for i, share in zip(members, _copied(texts, members, outlets), strict=True):
            copied[i] = share
            version[i] = ids[latest[outlets[i]]] if outlets[i] in latest else None
            latest[outlets[i]] = i
            others = [title for outlet, held in named.items() if outlet != outlets[i] for title in held]
            if titles[i]:
                if others:
                    title_copied[i] = max(len(titles[i] & title) for title in others) / len(titles[i])
                if titles[i] not in named[outlets[i]]:
                    named[outlets[i]].append(titles[i])
    return {"story_id": story, "copied": copied, "version_of": version, "title_copied": title_copied}


def _copied(texts: Shingles, members: list[int], outlets: list[str]) -> list[float]:
    """The share of each member's words that another outlet's member had first."""
    names = {outlet: k for k, outlet in enumerate(dict.fromkeys(outlets[i] for i in members))}
    owner = np.concatenate([np.full(len(texts.of(i)), names[outlets[i]]) for i in members])
    _, first, inverse = np.unique(
        np.concatenate([texts.of(i) for i in members]), return_index=True, return_inverse=True
    )
    taken = owner[first][inverse] != owner
    shares, at = [], 0
    for i in members:
        n = len(texts.of(i))
        shares.append(float(covered(taken[at : at + n], int(texts.words[i])).mean()))
        at += n
    return shares

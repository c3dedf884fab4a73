"""Which articles share their text, and which agency wrote it.

Near-duplicates are found over word 5-grams: MinHash proposes pairs, exact overlap confirms them. What several outlets
print is one story; the toolkit's estimates and intervals count it so.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from importlib import resources

import numpy as np
import pandas as pd
import yaml

from toolkit.errors import InputError
from toolkit.tables import check_table

__all__ = ["group_stories"]

SHINGLE = 5
"""Words to a shingle."""
BANDS, ROWS = 64, 2
"""LSH over 128 permutations: a pair of Jaccard 0.3 becomes a candidate with probability 0.998."""
WINDOW_DAYS = 7
"""Copies appear within this many days of each other; missing dates fit any."""
HEAD, TAIL = 160, 80
"""Where in the text a dateline and a closing credit are looked for (characters)."""

_WORD = re.compile(r"\w+")


def group_stories(
    articles: pd.DataFrame,
    *,
    overlap: float = 0.5,
    agencies: Mapping[str, Sequence[str]] | None = None,
) -> pd.DataFrame:
    """Group near-duplicate articles into stories and name the agency behind them.

    Two articles belong to one story where they share at least `overlap` of the word 5-grams of the shorter one (outlets
    trim, append and prepend, so the shorter one decides) and appeared within a week; stories are the connected groups.

    Parameters
    ----------
    articles : pandas.DataFrame
        Cleaned articles. Page furniture has to be out: shared footers fake likeness inside an outlet.
    overlap : float, default 0.5
        Least share of common shingles, in (0, 1].
    agencies : mapping of str to sequence of str, optional
        More agencies than ``toolkit/data/agencies.yaml``: an id and the words that credit it.

    Returns
    -------
    pandas.DataFrame
        The same rows with ``story_id`` (the id of the story's earliest article), ``copied`` (share in [0, 1] of the
        article's 5-grams that stand in an earlier article of another outlet of its story), ``wire`` (the agency, where
        known) and ``wire_evidence``: ``field``, ``byline``, ``dateline``, ``credit``, or ``inferred`` from another
        member of the story. An agency's own site is not its own copyist: there ``wire`` stays missing.

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
    if not 0 < overlap <= 1:
        raise InputError(f"overlap is {overlap!r}; expected a share above 0 and at most 1, such as 0.5")
    credits = _agencies(agencies)
    shingles = [_shingles(text) for text in articles["text"]]
    days = _days(articles["date"])
    groups = _components(len(articles), _confirmed(shingles, days, overlap))
    order = _publication_order(articles, days)
    story = np.empty(len(articles), dtype=object)
    copied = np.zeros(len(articles))
    ids, outlets = articles["article_id"].tolist(), articles["outlet"].tolist()
    for members in groups:
        members = sorted(members, key=order.__getitem__)
        for place, i in enumerate(members):
            story[i] = ids[members[0]]
            before = [shingles[j] for j in members[:place] if outlets[j] != outlets[i]]
            if before and len(shingles[i]):
                copied[i] = np.isin(shingles[i], np.concatenate(before)).mean()
    wires, evidence = _wires(articles, groups, credits)
    return articles.assign(
        story_id=pd.Series(story, index=articles.index, dtype="str"),
        copied=copied,
        wire=pd.Series(wires, index=articles.index, dtype="str"),
        wire_evidence=pd.Series(evidence, index=articles.index, dtype="str"),
    )


def _shingles(text: str) -> np.ndarray:
    """The distinct word 5-grams of a text as 64-bit hashes, sorted; a shorter text is one shingle."""
    import hashlib

    words = _WORD.findall(text.lower())
    if not words:
        return np.empty(0, dtype=np.uint64)
    # Hashing words once and mixing the five numbers is many times faster than hashing every joined 5-gram.
    known = {w: int.from_bytes(hashlib.blake2b(w.encode(), digest_size=8).digest(), "little") for w in set(words)}
    codes = np.array([known[w] for w in words], dtype=np.uint64)
    n = max(1, len(codes) - SHINGLE + 1)
    mixed = np.zeros(n, dtype=np.uint64)
    with np.errstate(over="ignore"):
        for k in range(min(SHINGLE, len(codes))):
            mixed = mixed * np.uint64(0x9E3779B97F4A7C15) + codes[k : k + n]
            mixed ^= mixed >> np.uint64(29)
    return np.unique(mixed)


def _days(dates: pd.Series) -> np.ndarray:
    """Days since 1970, NaN where the date is missing."""
    return np.array([np.nan if pd.isna(d) else d.toordinal() for d in dates], dtype=float)


def _publication_order(articles: pd.DataFrame, days: np.ndarray) -> dict[int, tuple[float, str]]:
    """Sort keys: the date (missing last), then the id, so that the order of rows does not matter."""
    ids = articles["article_id"].tolist()
    return {i: (np.inf if np.isnan(days[i]) else float(days[i]), ids[i]) for i in range(len(articles))}


def _confirmed(shingles: list[np.ndarray], days: np.ndarray, overlap: float) -> Iterable[tuple[int, int]]:
    """Pairs that share enough, among those that MinHash proposes."""
    for i, j in _candidates(shingles):
        if abs(days[i] - days[j]) > WINDOW_DAYS:  # False where a date is missing
            continue
        short = min(len(shingles[i]), len(shingles[j]))
        if len(np.intersect1d(shingles[i], shingles[j], assume_unique=True)) >= overlap * short:
            yield i, j


def _candidates(shingles: list[np.ndarray]) -> Iterable[tuple[int, int]]:
    """Pairs of articles with one equal LSH band at least, each once, in order."""
    from datasketch import MinHash

    blank = MinHash(num_perm=BANDS * ROWS, seed=1)
    a, b = (np.asarray(p, dtype=np.uint64) for p in blank.permutations)
    prime, low = np.uint64((1 << 61) - 1), np.uint64((1 << 32) - 1)
    buckets: dict[tuple[int, bytes], list[int]] = defaultdict(list)
    for i, codes in enumerate(shingles):
        if not len(codes):
            continue
        values = ((np.outer(codes & low, a) + b) % prime) & low
        signature = values.min(axis=0).reshape(BANDS, ROWS)
        for band in range(BANDS):
            buckets[band, signature[band].tobytes()].append(i)
    pairs = {(i, j) for held in buckets.values() for n, j in enumerate(held) for i in held[:n]}
    return sorted(pairs)


def _components(n: int, pairs: Iterable[tuple[int, int]]) -> list[list[int]]:
    parent = list(range(n))

    def root(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    for i, j in pairs:
        parent[root(j)] = root(i)
    groups: dict[int, list[int]] = defaultdict(list)
    for i in range(n):
        groups[root(i)].append(i)
    return list(groups.values())


# Agencies ----------------------------------------------------------------------------------------------------


@lru_cache(maxsize=1)
def _shipped_agencies() -> dict[str, list[str]]:
    text = resources.files("toolkit").joinpath("data/agencies.yaml").read_text(encoding="utf-8")
    return {str(name): [str(word) for word in words] for name, words in yaml.safe_load(text).items()}


class _Credits:
    """Finds an agency's name where only a credit stands."""

    def __init__(self, agencies: Mapping[str, Sequence[str]]) -> None:
        self.owner = {word: name for name, words in agencies.items() for word in words}
        names = "|".join(re.escape(w) for w in sorted(self.owner, key=len, reverse=True))
        self.any = re.compile(rf"(?<!\w)({names})(?!\w)")
        # "MOSCOW, Feb 17 (Reuters) - ", "Idlib: AFP - "
        self.dateline = re.compile(
            rf"\s*[^\W\d_a-z][^\n(]{{0,80}}[(\[]({names})(?:[/,][^)\]\n]{{1,30}})?[)\]]\s*[-–—:|]"
        )
        self.tail = re.compile(rf"(?:[(\[–—-]\s*|source:\s*)({names})[)\].\s]*$", re.IGNORECASE)

    def find(self, text: str, byline: str, credit: str, field: str) -> tuple[str | None, str | None]:
        if field:
            hit = self.any.search(field)
            return (self.owner[hit.group(1)] if hit else field), "field"
        if hit := self.any.search(byline):
            return self.owner[hit.group(1)], "byline"
        if hit := self.dateline.match(text[:HEAD]):
            return self.owner[hit.group(1)], "dateline"
        for line in credit.split(" | "):
            # "The Associated Press contributed to this report" credits help, not the text.
            if not re.search(r"contributed|may not be published", line) and (hit := self.any.search(line)):
                return self.owner[hit.group(1)], "credit"
        if (hit := self.tail.search(text[-TAIL:])) and hit.group(1) in self.owner:
            return self.owner[hit.group(1)], "credit"
        return None, None


def _agencies(more: Mapping[str, Sequence[str]] | None) -> _Credits:
    agencies = dict(_shipped_agencies())
    for name, words in (more or {}).items():
        if isinstance(words, str) or not all(isinstance(w, str) and w for w in words):
            raise InputError(f"agency {name!r}: expected a list of the words that credit it, got {words!r}")
        agencies[str(name)] = list(words)
    return _Credits(agencies)


def _wires(
    articles: pd.DataFrame, groups: list[list[int]], credits: _Credits
) -> tuple[list[str | None], list[str | None]]:
    columns = {c: articles[c] if c in articles else pd.Series(None, index=articles.index) for c in _EVIDENCE_COLUMNS}
    rows = zip(*(values.where(values.notna(), "").astype(str) for values in columns.values()), strict=True)
    found = [credits.find(text, byline, credit, field) for text, byline, credit, field in rows]
    own = [credits.owner.get(outlet) for outlet in articles["outlet"]]
    wires: list[str | None] = [None if name == own[i] else name for i, (name, _) in enumerate(found)]
    evidence: list[str | None] = [found[i][1] if wire else None for i, wire in enumerate(wires)]
    for members in groups:
        named = sorted({w for i in members for w in (wires[i], own[i]) if w})
        # Two agencies in one story: nothing says which of them an uncredited member copied.
        if len(named) == 1:
            for i in members:
                if wires[i] is None and own[i] != named[0]:
                    wires[i], evidence[i] = named[0], "inferred"
    return wires, evidence


_EVIDENCE_COLUMNS = ("text", "byline", "credits", "wire")

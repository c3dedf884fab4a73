"""Which two articles share their text: an exact join on 5-grams proposes pairs, their shares decide.

Locality-sensitive hashing estimates Jaccard, and a brief cut from a long dispatch has little of that. Here every 5-gram
leads from an article to those before it that hold it too, so that containment is found directly and nothing is drawn
at random. A 5-gram that thousands of articles hold leads to the nearest few only, which keeps the cost linear.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from toolkit.stories.shingles import SHINGLE, Shingles, covered

__all__ = ["WINDOW_DAYS", "linked_pairs"]

WINDOW_DAYS = 7
"""Copies appear within this many days of each other; missing dates fit any."""
NEAREST = 8
"""A 5-gram proposes this many of the articles before that hold it, the latest first."""
LOOSER = 0.25
"""Proposed pairs that share at least this part of what is asked for are compared word by word."""
BRIEF = 30
"""Below this many words, containment says little: the longer text has to be mostly shared as well."""
PASSAGE = 200
"""Fewer shared words may be a paragraph of background; they are looked at more closely."""
WHOLE = 0.8
"""Unless the shorter text has hardly anything besides them."""
OPENING = 40
"""Two short articles of one outlet are versions where half of the first words of either stand in the other."""
EVERYWHERE = 25
"""What this many articles of different weeks have is furniture that cleaning missed: it never makes a copy."""
BLOCK = 4000
"""Articles to a block: what bounds the memory."""


def linked_pairs(
    texts: Shingles, days: np.ndarray, outlets: Sequence[str], overlap: float
) -> Iterator[tuple[int, int]]:
    """Pairs of articles that share their text; articles must come sorted by date.

    A pair is linked where at least `overlap` of the words of the shorter text stand in 5-grams of the other and the
    dates lie within a week. Where the shared text is short enough to be background (:data:`PASSAGE`), what counts is
    the share among the words that are not: background are 5-grams that stand in articles more than a week apart. What
    :data:`EVERYWHERE` articles have, more than a week apart, never counts. Two
    articles of one outlet then also have to share the opening of one of them.

    Parameters
    ----------
    texts : Shingles
        Sorted by date, missing dates last.
    days : numpy.ndarray of float, shape (n,)
        Dates in days; NaN where missing.
    outlets : sequence of str
        Who published each.
    overlap : float
        In (0, 1].

    Yields
    ------
    i, j : int
        Places in `texts`, i < j, in a fixed order.
    """
    if not len(texts.codes):
        return
    run, doc, background, everywhere = _shared_codes(texts, days)
    for i, j in _candidates(run, doc, days, np.diff(texts.ends), overlap):
        if _is_copy(texts, i, j, outlets[i] == outlets[j], overlap, background, everywhere):
            yield i, j


def _shared_codes(texts: Shingles, days: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """The 5-grams that stand more than once: the run of equal ones, their articles in order; and the background."""
    order = np.argsort(texts.codes, kind="stable")
    codes = texts.codes[order]
    same = codes[1:] == codes[:-1]
    kept = np.zeros(len(codes), dtype=bool)
    kept[1:] |= same
    kept[:-1] |= same
    new = np.concatenate([[True], ~same])[kept]
    codes, order = codes[kept], order[kept]
    run = (np.cumsum(new) - 1).astype(np.int32)
    doc = (np.searchsorted(texts.ends, order, side="right") - 1).astype(np.int32)
    if not len(run):
        return run, doc, codes, codes
    first = np.flatnonzero(new)
    date = days[doc]
    earliest = np.fmin.reduceat(date, first)
    latest = np.fmax.reduceat(date, first)
    weeks = latest - earliest > WINDOW_DAYS  # False where no date is known
    many = np.diff(np.append(first, len(doc))) >= EVERYWHERE
    return run, doc, codes[first][weeks], codes[first][weeks & many]


def _candidates(
    run: np.ndarray, doc: np.ndarray, days: np.ndarray, sizes: np.ndarray, overlap: float
) -> Iterator[tuple[int, int]]:
    """Pairs that share enough 5-grams to be worth a comparison, block by block so that memory stays small."""
    n = len(sizes)
    for start in range(0, n, BLOCK):
        at = np.flatnonzero((doc >= start) & (doc < start + BLOCK))
        keys = []
        for back in range(1, NEAREST + 1):
            at = at[at >= back]
            at = at[run[at] == run[at - back]]
            later, earlier = doc[at], doc[at - back]
            near = (later != earlier) & ~(days[later] - days[earlier] > WINDOW_DAYS)
            keys.append(later[near].astype(np.int64) * n + earlier[near])
        pairs, shared = np.unique(np.concatenate(keys), return_counts=True)
        later, earlier = pairs // n, pairs % n
        enough = shared >= LOOSER * overlap * np.minimum(sizes[later], sizes[earlier])
        yield from zip(earlier[enough].tolist(), later[enough].tolist(), strict=True)


def _is_copy(
    texts: Shingles,
    i: int,
    j: int,
    one_outlet: bool,
    overlap: float,
    background: np.ndarray,
    everywhere: np.ndarray,
) -> bool:
    short, long = (i, j) if texts.words[i] <= texts.words[j] else (j, i)
    codes, words = texts.of(short), int(texts.words[short])
    shared = covered(np.isin(codes, texts.of(long)), words)
    share = shared.mean()
    if share < overlap:
        return False
    if words < BRIEF and shared.sum() < overlap * texts.words[long]:
        return False
    rest = ~covered(_among(codes, everywhere), words)
    if not rest.all() and (shared & rest).sum() < max(SHINGLE, overlap * rest.sum()):
        return False
    if shared.sum() >= PASSAGE or share >= WHOLE:
        return True
    if one_outlet and shared[:OPENING].mean() < 0.5:
        opening = covered(np.isin(texts.of(long), codes), int(texts.words[long]))[:OPENING]
        if opening.mean() < 0.5:
            return False
    fresh = ~covered(_among(codes, background), words)
    # Where nearly all of a text is background, nothing else can tell.
    return fresh.mean() < 1 - WHOLE or (shared & fresh).sum() >= overlap * fresh.sum()


def _among(codes: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Which codes stand in `known`, which is sorted and may be far longer."""
    if not len(known):
        return np.zeros(len(codes), dtype=bool)
    return known[np.minimum(np.searchsorted(known, codes), len(known) - 1)] == codes

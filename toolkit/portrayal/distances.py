"""How far apart two outlets' portrayals of one actor are."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from toolkit.encoders import Encoder, load_encoder
from toolkit.errors import InputError
from toolkit.estimation.variance import holm
from toolkit.portrayal.shares import select_mentions

__all__ = ["portrayal_distances", "squared_distance"]

PLACEHOLDER = "they"
"""Stands in the actor's place, so that its name does not count."""

Progress = Callable[[int, int], None]


def squared_distance(a: np.ndarray, b: np.ndarray) -> float:
    r"""The squared distance of two means, without what chance adds.

    Parameters
    ----------
    a, b : array of float, shape (n, dims)
        Independent vectors of each side; at least two of each.

    Returns
    -------
    float
        Its expectation is the squared distance of the two populations' means, so it can be below 0.

    Notes
    -----
    .. math:: \|\bar a - \bar b\|^2 - \frac{s^2_a}{n_a} - \frac{s^2_b}{n_b}, \qquad
              s^2_a = \frac{1}{n_a - 1} \sum_i \|a_i - \bar a\|^2

    The plain squared distance is too large by the two last terms, and more so for an outlet that writes less.

    References
    ----------
    Green, Hobbs, McCall, Rodriguez, Spirling, Stewart: Measuring distances in high dimensional spaces. Political
    Analysis, 2025.

    Examples
    --------
    Means 0 and 3, so 9; sums of squares 2 and 2 over (n - 1) n = 2: 9 - 1 - 1 = 7.

    >>> squared_distance(np.array([[-1.0], [1.0]]), np.array([[2.0], [4.0]]))
    7.0
    """
    noise = sum(float(((x - x.mean(axis=0)) ** 2).sum()) / (len(x) * (len(x) - 1)) for x in (a, b))
    return float(((a.mean(axis=0) - b.mean(axis=0)) ** 2).sum()) - noise


def portrayal_distances(
    mentions: pd.DataFrame, actor: str, *, between: str = "outlet", voice: str = "outlet", copies: str = "own",
    reading: str = "actor", encoder: str | Encoder = "minilm", permutations: int = 2000, seed: int = 0,
    progress: Progress | None = None,
) -> pd.DataFrame:  # fmt: skip
    r"""How differently outlets write about one actor, pair by pair.

    Parameters
    ----------
    mentions : pandas.DataFrame
        Mentions, as :func:`toolkit.find_mentions` returns them; not changed. Row order does not matter.
    actor : str
        The actor's id.
    between : str
        The column whose values are compared.
    voice, copies, reading
        Which mentions count, as for :func:`toolkit.estimate`; `copies` is ``own`` or ``all``.
    encoder : str or Encoder
        As for :func:`toolkit.load_encoder`.
    permutations : int
        At least 100.
    seed : int
        For the permutations.
    progress : callable, optional
        Called with (done, total) while sentences are encoded.

    Returns
    -------
    pandas.DataFrame
        One row a pair: `a`, `b`, `distance` (squared, without what chance adds; can be below 0: then nothing tells them
        apart), `plain` (with it), `p` (by permutation), `p_holm`, `family`, `n_stories_a`, `n_stories_b`, `note`.

    Raises
    ------
    InputError
        The actor has no mention that counts, or a number is out of range.

    Notes
    -----
    Every sentence's vector is the encoder's, the actor's name replaced by "they"; a story's vector in an outlet is the
    mean over its sentences. Stories are the units of :func:`squared_distance` and of the permutations, which exchange
    the outlets of stories (of a story that both print, the two versions). A distance says that portrayals differ and
    not how: outlets that cover other events differ too.

    References
    ----------
    Rodriguez, Spirling, Stewart: Embedding regression. American Political Science Review 117(4), 2023; Green et al.
    (see :func:`squared_distance`).
    """
    if not isinstance(permutations, int) or permutations < 100:
        raise InputError(f"permutations is {permutations!r}; expected a whole number of at least 100")
    rows = select_mentions(mentions, voice=voice, copies=copies, reading=reading)
    if between not in rows.columns:
        raise InputError(f"cannot compare by {between!r}: the mentions have no such column")
    rows = rows[rows["actor"].eq(actor)].reset_index(drop=True)
    if not len(rows):
        raise InputError(f"no mention of {actor!r} counts; loosen voice, copies or reading")
    model = load_encoder(encoder) if isinstance(encoder, str) else encoder
    masked = [s[:a] + PLACEHOLDER + s[b:] for s, a, b in zip(rows["sentence"], rows["start"], rows["end"], strict=True)]
    vectors = model.vectors(masked, progress=progress).astype(float)
    units = rows[[between, "story_id"]].astype(str)
    groups = units.groupby([between, "story_id"], sort=True)
    place = groups.ngroup().to_numpy()
    keys = groups.size().index.to_frame(index=False)
    sums = np.zeros((len(keys), vectors.shape[1]))
    np.add.at(sums, place, vectors)
    means = sums / np.bincount(place)[:, None]
    found = [
        _pair(keys, means, between, a, b, permutations, seed)
        for a, b in combinations(sorted(keys[between].unique()), 2)
    ]
    columns = ["a", "b", "distance", "plain", "p", "n_stories_a", "n_stories_b", "note"]
    table = pd.DataFrame(found, columns=columns)
    table.insert(5, "p_holm", holm(table["p"].to_numpy(dtype=float)))
    table.insert(6, "family", int(table["p"].notna().sum()))
    return table


def _pair(
    keys: pd.DataFrame, means: np.ndarray, between: str, a: str, b: str, permutations: int, seed: int
) -> dict[str, Any]:
    in_a, in_b = (np.flatnonzero(keys[between].eq(value).to_numpy()) for value in (a, b))
    facts: dict[str, Any] = {"a": a, "b": b, "n_stories_a": len(in_a), "n_stories_b": len(in_b)}
    if min(len(in_a), len(in_b)) < 2:
        return {**facts, "distance": np.nan, "plain": np.nan, "p": np.nan, "note": "fewer than two stories"}
    x = np.concatenate([means[in_a], means[in_b]])
    side = np.repeat([True, False], [len(in_a), len(in_b)])
    story = np.concatenate([keys["story_id"].to_numpy()[in_a], keys["story_id"].to_numpy()[in_b]])
    distance = squared_distance(x[side], x[~side])
    plain = float(((x[side].mean(axis=0) - x[~side].mean(axis=0)) ** 2).sum())
    purpose = int.from_bytes(hashlib.sha256(f"{a}\0{b}".encode()).digest()[:8], "big")
    rng = np.random.default_rng(np.random.SeedSequence([seed, purpose]))
    beyond = int((_distances(x @ x.T, _exchanged(side, story, permutations, rng)) >= distance - 1e-12).sum())
    note = None if min(len(in_a), len(in_b)) >= 5 else "few stories: p cannot be small"
    return {**facts, "distance": distance, "plain": plain, "p": (beyond + 1) / (permutations + 1), "note": note}


def _exchanged(side: np.ndarray, story: np.ndarray, permutations: int, rng: np.random.Generator) -> np.ndarray:
    """Which vectors are a's, in each permutation: stories of one outlet change places, those of both their versions."""
    _, inverse, count = np.unique(story, return_inverse=True, return_counts=True)
    both = count[inverse] == 2
    drawn = np.tile(side, (permutations, 1))
    drawn[:, ~both] = rng.permuted(drawn[:, ~both], axis=1)
    swap = (rng.random((permutations, len(count))) < 0.5)[:, inverse]
    drawn[:, both] ^= swap[:, both]
    return drawn


def _distances(gram: np.ndarray, drawn: np.ndarray) -> np.ndarray:
    """:func:`squared_distance` for each row of `drawn`, from the products of all vectors with each other."""
    out = np.zeros(len(drawn))
    sides = [drawn.astype(float), (~drawn).astype(float)]
    for s in sides:
        n = s.sum(axis=1)
        inside = ((s @ gram) * s).sum(axis=1)
        mean = inside / n**2
        out += mean - (s @ np.diag(gram) - n * mean) / (n * (n - 1))
    cross = ((sides[0] @ gram) * sides[1]).sum(axis=1)
    return out - 2 * cross / (sides[0].sum(axis=1) * sides[1].sum(axis=1))

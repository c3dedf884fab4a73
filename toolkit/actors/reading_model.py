"""The probability that a name is the state that acts: a fast model of the words near by, and one over the encoder.

Both are logistic regressions on `datasets/readings`. The fast one reads features of
:mod:`toolkit.actors.contexts`; the other also reads the states of the encoder that ships, with a placeholder in the
name's place.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from toolkit.actors.contexts import context_features
from toolkit.actors.words import Found, load_words
from toolkit.encoders import Encoder, TokenStates, load_encoder
from toolkit.errors import InputError, nearest
from toolkit.files import file_hash

__all__ = ["MODES", "Context", "ReadingModel", "check_mode", "encoder_features", "load_reading_model", "weigh_readings"]

FOLDER = Path(__file__).resolve().parent.parent / "models" / "readings"
LAYERS = (3, 4, 5, 6)
NEAR = (0, 1, 4)
"""States are averaged over the name and so many tokens on each side, and over all tokens before it."""
PLACEHOLDER = "France"
"""Stands in the name's place: a name, so that the sentence stays one, and the same for all actors."""
MODES = ("cascade", "model", "rules")
"""Who reads the names: rules and the fast model with the full one where they are unsure; the full one; rules alone."""
BY_RULE = {"actor": 0.95, "place": 0.05}
"""Probabilities of ``actor`` where rules alone decide: about their accuracy on demonyms and on the sample corpus."""
PLACE_RULE = -1.5
"""Added to the full model's logit where a rule says ``place``; chosen on the development data."""


@dataclass(frozen=True)
class Context:
    """A name in its sentence, its form, and what the rules say."""

    sentence: str
    start: int
    end: int
    form: str
    rule: str


@dataclass(frozen=True)
class ReadingModel:
    """Weights of both models.

    Attributes
    ----------
    names : dict of str to int
        Feature -> its row in `words`.
    words : numpy.ndarray of float64, shape (features, 2)
        Weights of the features in the fast and in the full model.
    states : numpy.ndarray of float64, shape (layers x pools x dims,)
        Weights of the encoder's states, in the full model alone.
    intercepts : tuple of float
        Of the fast and of the full model.
    sure : float
        Below this probability of the fast model the full one is asked.
    fingerprint : str
        The encoder's.
    """

    names: dict[str, int]
    words: np.ndarray
    states: np.ndarray
    intercepts: tuple[float, float]
    sure: float
    fingerprint: str

    def fast(self, contexts: Sequence[Context]) -> np.ndarray:
        """Probabilities of ``actor`` by the words near by, shape (contexts,)."""
        return _logistic(self.intercepts[0] + self._of_words(contexts, 0))

    def full(self, contexts: Sequence[Context]) -> np.ndarray:
        """Probabilities of ``actor`` by rules, words near by and the encoder's states, shape (contexts,)."""
        if not contexts:
            return np.zeros(0)
        found = encoder_features(contexts, _encoder(self.fingerprint)).astype(np.float64)
        # Row by row: a matrix product's last bits would depend on how many rows it has.
        of_states = np.array([(row * self.states).sum() for row in found])
        of_rules = np.array([PLACE_RULE if c.rule == "place" else 0.0 for c in contexts])
        return _logistic(self.intercepts[1] + self._of_words(contexts, 1) + of_states + of_rules)

    def cascade(self, contexts: Sequence[Context]) -> np.ndarray:
        """Probabilities of ``actor``, shape (contexts,).

        Where a rule says ``place`` that holds; else the fast model is asked, and where it is not sure of ``actor`` the
        full one.
        """
        found = self.fast(contexts)
        by_rule = np.array([c.rule == "place" for c in contexts], dtype=bool)
        asked = [int(i) for i in np.flatnonzero(~by_rule & (found < self.sure))]
        found[asked] = self.full([contexts[i] for i in asked])
        found[by_rule] = np.minimum(found[by_rule], 0.4)
        return found

    def _of_words(self, contexts: Sequence[Context], column: int) -> np.ndarray:
        sums = np.zeros(len(contexts))
        for i, c in enumerate(contexts):
            rows = [
                self.names[f] for f in context_features(c.sentence, c.start, c.end, c.form, c.rule) if f in self.names
            ]
            # Sorted: the order of a set differs from run to run, and with it the last bits of a sum.
            sums[i] = self.words[sorted(rows), column].sum()
        return sums


def _logistic(x: np.ndarray) -> np.ndarray:
    # Rounded, so that the last bits of exp on another machine move no stored table.
    return np.round(1 / (1 + np.exp(-np.clip(x, -30, 30))), 6)


def check_mode(mode: str) -> str:
    """The mode itself, if there is such a one."""
    if mode not in MODES:
        raise InputError(f"unknown way to read names, readings={mode!r}; {nearest(str(mode), MODES)}")
    return mode


def weigh_readings(
    text: str, hits: Sequence[tuple[Found, bool]], sentences: Sequence[tuple[int, int]], mode: str
) -> None:
    """Fill in `reading_p`, and `reading` by it, of mentions that the rules have read.

    Parameters
    ----------
    text : str
        The text of the article.
    hits : sequence of (Found, bool)
        The mentions, and whether each names a state's place: country, capital, people or seat.
    sentences : sequence of (int, int)
        Where the sentences are; `Found.sentence` counts them.
    mode : {"cascade", "model", "rules"}
        Who reads.
    """
    asked: list[Found] = []
    for hit, is_place in hits:
        hit.reading_p = BY_RULE[hit.reading] if is_place else 1.0
        if is_place and mode != "rules" and hit.form in ("name", "capital") and not _is_settled(text, hit):
            asked.append(hit)
    if not asked:
        return
    contexts = []
    for hit in asked:
        start, end = sentences[hit.sentence]
        contexts.append(Context(text[start:end], hit.start - start, hit.end - start, hit.form, hit.reading))
    model = load_reading_model()
    for hit, p in zip(asked, model.full(contexts) if mode == "model" else model.cascade(contexts), strict=True):
        hit.reading_p = float(p)
        hit.reading = "actor" if p >= 0.5 else "place"


def _is_settled(text: str, hit: Found) -> bool:
    """Whether a word of the lists alone decides: "in Ankara's interest"."""
    head = re.match(r"['’]s? (\w+)", text[hit.end : hit.end + 30])
    return head is not None and head.group(1).lower() in load_words()["own_heads"]


def _masked(context: Context) -> tuple[str, int, int]:
    """The sentence with the placeholder in the name's place, and the placeholder's offsets."""
    sentence, start, end = context.sentence, context.start, context.end
    return sentence[:start] + PLACEHOLDER + sentence[end:], start, start + len(PLACEHOLDER)


def encoder_features(contexts: Sequence[Context], encoder: Encoder) -> np.ndarray:
    """Averages of the encoder's states, float32, shape (contexts, layers x pools x dims)."""
    targets = [_masked(context) for context in contexts]
    table = np.zeros((len(targets), len(LAYERS) * (len(NEAR) + 1) * encoder.dims), dtype=np.float32)
    for row, ((_, start, end), found) in enumerate(zip(targets, encoder.states(targets, LAYERS), strict=True)):
        table[row] = _pool(found, start, end).ravel()
    return table


def _pool(found: TokenStates, start: int, end: int) -> np.ndarray:
    """Averages of shape (layers, pools, dims)."""
    inside = np.flatnonzero((found.offsets[:, 0] < end) & (found.offsets[:, 1] > start))
    low, high = int(inside[0]), int(inside[-1]) + 1
    pools = [found.states[:, max(0, low - width) : high + width].mean(axis=1) for width in NEAR]
    pools.append(found.states[:, :low].mean(axis=1) if low else np.zeros_like(pools[0]))
    return np.stack(pools, axis=1)


@lru_cache(maxsize=1)
def _encoder(fingerprint: str) -> Encoder:
    encoder = load_encoder("minilm")
    if encoder.fingerprint != fingerprint:
        raise InputError(
            f"the model of readings was trained on another encoder (SHA-256 {fingerprint[:12]}..., here "
            f"{encoder.fingerprint[:12]}...); install the toolkit again"
        )
    return encoder


@lru_cache(maxsize=2)
def load_reading_model(folder: Path = FOLDER) -> ReadingModel:
    """Load the model that ships, or one that ``benchmarks/make_readings.py`` wrote.

    Parameters
    ----------
    folder : pathlib.Path
        With ``head.json`` and ``weights.npz``; nothing in it is unpickled.

    Returns
    -------
    ReadingModel

    Raises
    ------
    InputError
        A file is missing, damaged or another one.

    Examples
    --------
    >>> model = load_reading_model()
    >>> there = Context("She was born in Ankara.", 16, 22, "capital", "place")
    >>> acts = Context("Ankara rejected the offer.", 0, 6, "capital", "actor")
    >>> model.fast([there, acts]).round().tolist()
    [0.0, 1.0]
    """
    remedy = "install the toolkit again"
    try:
        head: dict[str, Any] = json.loads((folder / "head.json").read_text(encoding="utf-8"))
        wanted, path = head["hashes"]["weights.npz"], folder / "weights.npz"
        if (found := file_hash(path)) != wanted:
            raise InputError(
                f"the file {str(path)!r} is damaged or another one: its SHA-256 is {found[:12]}..., expected "
                f"{wanted[:12]}...; {remedy}"
            )
        with np.load(path, allow_pickle=False) as held:
            arrays = {key: held[key] for key in held.files}
        return ReadingModel(
            {str(name): row for row, name in enumerate(head["features"])},
            arrays["words"].astype(np.float64),
            arrays["states"].astype(np.float64),
            (float(head["intercepts"][0]), float(head["intercepts"][1])),
            float(head["sure"]),
            str(head["encoder_sha256"]),
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"the model of readings in {str(folder)!r} cannot be read ({error}); {remedy}") from None

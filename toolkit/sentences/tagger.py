"""The tagger: for every word, how sure it is that somebody else's content, a cue or a source stands there.

A small dilated convolutional network over words, their shape, the quotation marks and what the rules found. It runs in
numpy, one text at a time: the same text gives the same tags whatever stands beside it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from pathlib import Path

import numpy as np
from threadpoolctl import ThreadpoolController

from toolkit.sentences.rules import Rules

__all__ = ["WEIGHTS", "Tags", "find_tokens", "load_tagger", "normal_word", "rule_states"]

WEIGHTS = Path(__file__).parent.parent / "models" / "voices"
SHAPES = 4
"""Words in lower case and marks, with a capital, in capitals, with a digit in front."""
STATES = 27
"""Outside quotation marks, inside, inside marks that nobody closed; times what rules say; times cue and speaker."""
_TOKEN = re.compile(r"\n+|[^\W_]+(?:['’.-][^\W_]+)*|[^\w\s]|_")
_MOST_WORDS = 200_000
"""So many different words are remembered with their numbers (a cache; it holds no text but single words)."""


@dataclass(frozen=True)
class Tags:
    """What the tagger says of one text.

    Attributes
    ----------
    starts, ends : numpy.ndarray of int, shape (tokens,)
        Where each word or mark stands, in code points.
    words : numpy.ndarray of bool, shape (tokens,)
        Whether the token is a word or number, no mark.
    content, source : numpy.ndarray of float32, shape (tokens,)
        Log odds that the token is somebody else's content, or names who says it.
    where : numpy.ndarray of float32, shape (tokens, 5)
        Scores for where the source of this content stands: nowhere, before it in the same sentence, behind it in the
        same sentence, in a sentence before, in a later one.
    """

    starts: np.ndarray
    ends: np.ndarray
    words: np.ndarray
    content: np.ndarray
    source: np.ndarray
    where: np.ndarray


def find_tokens(text: str) -> tuple[list[str], np.ndarray]:
    """The words, marks and line breaks of a text, and where they stand.

    Returns
    -------
    list of str
        The tokens as they are written.
    numpy.ndarray of int, shape (tokens, 2)
        Start and end in code points.

    Examples
    --------
    >>> find_tokens("It wasn’t U.S. policy.")[0]
    ['It', 'wasn’t', 'U.S', '.', 'policy', '.']
    """
    spans = [match.span() for match in _TOKEN.finditer(text)]
    offsets = np.fromiter(chain.from_iterable(spans), dtype=np.int64, count=2 * len(spans)).reshape(-1, 2)
    return [text[start:end] for start, end in spans], offsets


def normal_word(token: str) -> tuple[str, int]:
    """The form in which a token is looked up, and its shape (see :data:`SHAPES`).

    Examples
    --------
    >>> normal_word("Ankara’s"), normal_word("«"), normal_word("300"), normal_word("NATO")
    (("ankara's", 1), ('"', 0), ('0', 3), ('nato', 2))
    """
    first = token[0]
    if first in "\n\r":
        return "\n", 0
    if first in '"“”„«»':
        return '"', 0
    if first in "‘’'":
        return "'", 0
    if first.isdigit():
        return "0", 3
    shape = 0 if not first.isupper() else 2 if len(token) > 1 and token.isupper() else 1
    return token.lower().replace("’", "'"), shape


def rule_states(starts: np.ndarray, rules: Rules) -> np.ndarray:
    """What stands around each token, as one number below :data:`STATES`.

    Parameters
    ----------
    starts : numpy.ndarray of int, shape (tokens,)
        Where the tokens begin.
    rules : Rules
        What the rules found in the same text.

    Returns
    -------
    numpy.ndarray of int64, shape (tokens,)
    """
    around, attributed, role = (np.zeros(len(starts), dtype=np.int64) for _ in range(3))

    def fill(target: np.ndarray, spans: list[tuple[int, int, int]]) -> None:
        bounds = np.searchsorted(starts, np.array([span[:2] for span in spans], dtype=np.int64).reshape(-1, 2))
        for (low, high), (_, _, value) in zip(bounds.tolist(), spans, strict=True):
            target[low:high] = value

    items = rules.attributions
    fill(around, [(quote.start, quote.end, 1 if quote.closed else 2) for quote in rules.quotes])
    # quotations over paraphrase, cues over speakers
    fill(attributed, [(a.start, a.end, 1) for a in items if a.voice == "reported"])
    fill(attributed, [(a.start, a.end, 2) for a in items if a.voice == "quoted"])
    fill(role, [(a.speaker_start, a.speaker_end, 2) for a in items if a.speaker_start is not None and a.speaker_end])
    fill(role, [(cue.start, cue.end, 1) for cue in rules.cues])
    return around * 9 + attributed * 3 + role


class _Numbers(dict[str, int]):
    """Token to its row of the word table, its shape and whether it is a word, in one number; worked out once."""

    def __init__(self, vocabulary: Sequence[str]) -> None:
        super().__init__()
        self.rows = {word: row for row, word in enumerate(vocabulary)}

    def __missing__(self, token: str) -> int:
        word, shape = normal_word(token)
        row = self.rows.get(word)
        if row is None:
            row = self.rows.get("##" + word[-3:], 0)
        if len(self) >= _MOST_WORDS:
            self.clear()
        number = (row * SHAPES + shape) * 2 + token[0].isalnum()
        self[token] = number
        return number


class _Tagger:
    """The network; see :func:`load_tagger`."""

    def __init__(self, vocabulary: Sequence[str], dilations: Sequence[int], arrays: dict[str, np.ndarray]) -> None:
        # on one thread: texts are short, and with more the sums are split differently
        self.blas = ThreadpoolController()
        self.numbers = _Numbers(vocabulary)
        self.dilations = list(dilations)
        self.words = arrays["words"].astype(np.float32) * arrays["scales"].astype(np.float32)[:, None]
        self.shapes, self.states, self.kernels, self.biases, self.out, self.out_bias = (
            arrays[name].astype(np.float32) for name in ("shapes", "states", "kernels", "biases", "out", "out_bias")
        )

    def tag(self, tokens: Sequence[str], offsets: np.ndarray, states: np.ndarray) -> Tags:
        """The tags of one text."""
        with self.blas.limit(limits=1, user_api="blas"):
            return self._tag(tokens, offsets, states)

    def _tag(self, tokens: Sequence[str], offsets: np.ndarray, states: np.ndarray) -> Tags:
        numbers = np.fromiter(map(self.numbers.__getitem__, tokens), dtype=np.int64, count=len(tokens))
        layer = self.words[numbers // (2 * SHAPES)]
        layer += self.shapes[numbers // 2 % SHAPES]
        layer += self.states[states]
        for kernel, bias, step in zip(self.kernels, self.biases, self.dilations, strict=True):
            added = layer @ kernel[1]
            added += bias
            added[step:] += layer[:-step] @ kernel[0]
            added[:-step] += layer[step:] @ kernel[2]
            np.maximum(added, 0, out=added)
            layer += added
        scores = layer @ self.out + self.out_bias
        return Tags(offsets[:, 0], offsets[:, 1], numbers % 2 == 1, scores[:, 0], scores[:, 2], scores[:, 3:])


@lru_cache(maxsize=1)
def load_tagger(folder: Path = WEIGHTS) -> _Tagger:
    """The tagger that ships, or another in a folder with `tagger.json` and `weights.npz`; nothing is unpickled."""
    head = json.loads((folder / "tagger.json").read_text(encoding="utf-8"))
    with np.load(folder / "weights.npz", allow_pickle=False) as held:
        arrays = {name: held[name] for name in held.files}
    return _Tagger(head["vocabulary"], head["dilations"], arrays)

"""The tagger: for every word of an article, how sure it is that somebody else's content, a cue or a source stands there.

A small dilated convolutional network over words, their shape, the quotation marks and what the rules found. It runs in
numpy, one text at a time: the same text gives the same tags whatever stands beside it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from pathlib import Path

import numpy as np
from threadpoolctl import ThreadpoolController

__all__ = ["WEIGHTS", "Tags", "find_tokens", "load_tagger", "token_states"]

WEIGHTS = Path(__file__).parent.parent / "models" / "voices"
SHAPES = 4
"""Words in lower case and marks, with a capital, in capitals, with a digit in front."""
STATES = 27
"""Outside quotation marks, inside, inside marks that nobody closed; times what rules say; times cue and speaker."""
_TOKEN = re.compile(r"\n+|[^\W_]+(?:['’.-][^\W_]+)*|[^\w\s]|_")
_MOST_WORDS = 200_000
"""So many different words are remembered with their numbers (a cache; it holds no text but single words)."""

_Span = tuple[int, int]


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


def token_states(
    starts: np.ndarray,
    quotes: Iterable[tuple[int, int, bool]],
    cues: Iterable[_Span],
    attributed: Iterable[tuple[int, int, str]],
    speakers: Iterable[_Span],
) -> np.ndarray:
    """What stands around each token, as one number below :data:`STATES`; shape (tokens,), int64."""
    around, rules, role = (np.zeros(len(starts), dtype=np.int64) for _ in range(3))

    def fill(target: np.ndarray, start: int, end: int, value: int) -> None:
        target[np.searchsorted(starts, start) : np.searchsorted(starts, end)] = value

    for start, end, closed in quotes:
        fill(around, start, end, 1 if closed else 2)
    # quotations over paraphrase, cues over speakers
    for start, end, voice in sorted(attributed, key=lambda item: item[2] == "quoted"):
        fill(rules, start, end, 2 if voice == "quoted" else 1)
    for start, end in speakers:
        fill(role, start, end, 2)
    for start, end in cues:
        fill(role, start, end, 1)
    return around * 9 + rules * 3 + role


class _Numbers(dict[str, tuple[int, int]]):
    """Token to (row of the word table, shape), worked out once for each token."""

    def __init__(self, vocabulary: Sequence[str]) -> None:
        super().__init__()
        self.rows = {word: row for row, word in enumerate(vocabulary)}

    def __missing__(self, token: str) -> tuple[int, int]:
        word, shape = normal_word(token)
        row = self.rows.get(word)
        if row is None:
            row = self.rows.get("##" + word[-3:], 0)
        if len(self) >= _MOST_WORDS:
            self.clear()
        self[token] = row, shape
        return row, shape


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
        numbers = np.fromiter(
            chain.from_iterable(map(self.numbers.__getitem__, tokens)), dtype=np.int64, count=2 * len(tokens)
        ).reshape(-1, 2)
        layer = self.words[numbers[:, 0]] + self.shapes[numbers[:, 1]] + self.states[states]
        for kernel, bias, step in zip(self.kernels, self.biases, self.dilations, strict=True):
            added = layer @ kernel[1]
            added += bias
            added[step:] += layer[:-step] @ kernel[0]
            added[:-step] += layer[step:] @ kernel[2]
            np.maximum(added, 0, out=added)
            layer += added
        scores = layer @ self.out + self.out_bias
        words = np.fromiter((token[0].isalnum() for token in tokens), dtype=bool, count=len(tokens))
        return Tags(offsets[:, 0], offsets[:, 1], words, scores[:, 0], scores[:, 2], scores[:, 3:])


@lru_cache(maxsize=1)
def load_tagger(folder: Path = WEIGHTS) -> _Tagger:
    """The tagger that ships, or another in a folder with `tagger.json` and `weights.npz`; nothing is unpickled."""
    head = json.loads((folder / "tagger.json").read_text(encoding="utf-8"))
    with np.load(folder / "weights.npz", allow_pickle=False) as held:
        arrays = {name: held[name] for name in held.files}
    return _Tagger(head["vocabulary"], head["dilations"], arrays)

"""From a sentence with a marked target to the numbers that an encoder reads."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from toolkit.errors import InputError

__all__ = ["VIEWS", "Pieces", "TargetTokenizer", "cut"]

VIEWS = ("blind", "sighted")
LONGEST = 2_000
"""Characters read on each side of the target, and of the target: more never fits into the tokens that are read."""
MARKERS = (("[unused1]", "[unused2]"), ("<unused1>", "<unused2>"))


@dataclass(frozen=True)
class Pieces:
    """The tokens of a sentence, cut at its target.

    Attributes
    ----------
    left, target, right : tuple of int
        Token numbers without special ones.
    """

    left: tuple[int, ...]
    target: tuple[int, ...]
    right: tuple[int, ...]


def cut(sentence: str, start: int, end: int) -> tuple[str, str, str]:
    """The text left of the target, the target, the text right of it; of very long ones what is near.

    Examples
    --------
    >>> cut("In Ankara, a minister resigned.", 3, 9)
    ('In ', 'Ankara', ', a minister resigned.')
    """
    return sentence[max(0, start - LONGEST) : start], sentence[start:end][:LONGEST], sentence[end : end + LONGEST]


class TargetTokenizer:
    """Cuts a sentence with a marked target into the tokens that the network reads.

    The target stands between two markers. In the view "sighted" its own tokens stand there; in the view "blind" one
    mask token does, so that what the network reads cannot depend on who the target is.

    Parameters
    ----------
    text : str
        A tokenizer in the JSON form of the library tokenizers.
    max_tokens : int
        At most so many tokens, special ones and markers included; the target is kept, with as much on both sides.

    Raises
    ------
    InputError
        The tokenizer lacks a mask, a beginning or an end.
    """

    def __init__(self, text: str, max_tokens: int = 128) -> None:
        from tokenizers import Tokenizer

        self.max_tokens = max_tokens
        try:
            self._tokenizer = Tokenizer.from_str(text)
        except Exception as error:  # the library raises nothing more special
            raise InputError(f"tokenizer.json holds no tokenizer ({error}); save or fetch it again") from None
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()
        ends = self._tokenizer.encode("").ids
        masks = [self._tokenizer.token_to_id(t) for t in ("[MASK]", "<mask>")]
        self.mask = next((m for m in masks if m is not None), -1)
        if len(ends) != 2 or self.mask < 0:
            raise InputError(
                "the encoder's tokenizer has no mask token, or puts no single token at both ends of a text; "
                "expected one of the kind of BERT, MPNet or RoBERTa"
            )
        self.first, self.last = ends
        pads = [self._tokenizer.token_to_id(t) for t in ("[PAD]", "<pad>")]
        self.pad = next((p for p in pads if p is not None), 0)
        self.open, self.close = self._markers()

    @classmethod
    def from_file(cls, path: Path, max_tokens: int = 128) -> TargetTokenizer:
        """Read `tokenizer.json`."""
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, ValueError) as error:
            raise InputError(f"the tokenizer {str(path)!r} cannot be read ({error})") from None
        return cls(text, max_tokens)

    def to_json(self) -> str:
        """The tokenizer as text, as `tokenizer.json` holds it."""
        return str(self._tokenizer.to_str())

    def _markers(self) -> tuple[int, int]:
        for pair in MARKERS:
            first, last = (self._tokenizer.token_to_id(token) for token in pair)
            if first is not None and last is not None:
                return first, last
        # No unused words: two signs that news hardly prints do.
        signs = [self._tokenizer.encode(sign, add_special_tokens=False).ids[-1] for sign in ("<", ">")]
        return signs[0], signs[1]

    def words(self, text: str) -> tuple[int, ...]:
        """The tokens of a text, without special ones."""
        # Lone surrogates are legal in a str and in no UTF-8.
        clean = text.encode("utf-8", "replace").decode("utf-8")
        return tuple(self._tokenizer.encode(clean, add_special_tokens=False).ids)

    def pieces(self, sentence: str, start: int, end: int) -> Pieces:
        """The tokens of a sentence, cut at its target."""
        return Pieces(*(self.words(part) for part in cut(sentence, start, end)))

    def ids(self, pieces: Pieces, *, blind: bool) -> tuple[np.ndarray, int, int]:
        """What the network reads.

        Returns
        -------
        ids : numpy.ndarray of int64, shape (tokens,)
        first, last : int
            The places of the target's first token and of the one after its last.
        """
        target = (self.mask,) if blind else pieces.target[: self.max_tokens // 2] or (self.mask,)
        room = self.max_tokens - 4 - len(target)
        left, right = len(pieces.left), len(pieces.right)
        if left + right > room:
            left = min(left, max(room // 2, room - right))
            right = min(right, room - left)
        before = pieces.left[len(pieces.left) - left :]
        whole = (self.first, *before, self.open, *target, self.close, *pieces.right[:right], self.last)
        return np.array(whole, dtype=np.int64), left + 2, left + 2 + len(target)


def pad(rows: list[np.ndarray], filler: int) -> tuple[Any, Any]:
    """Token numbers of one length, and where they are real; both of shape (rows, tokens)."""
    longest = max(map(len, rows))
    ids = np.full((len(rows), longest), filler, dtype=np.int64)
    real = np.zeros((len(rows), longest), dtype=np.int64)
    for place, row in enumerate(rows):
        ids[place, : len(row)] = row
        real[place, : len(row)] = 1
    return ids, real

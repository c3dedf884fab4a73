"""Texts as word 5-grams: what copies are compared by."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

__all__ = ["SHINGLE", "Shingles", "covered", "shingle"]

SHINGLE = 5
"""Words to a shingle."""

_CJK = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
# Chinese and Japanese have no blanks between words: there every character counts as one.
_WORD = re.compile(rf"[{_CJK}]|[^\W{_CJK}]+")
_PLAIN = re.compile(r"\w+")
_DENSE = re.compile(rf"[{_CJK}]")
_MARKS = re.compile("[\u0300-\u036f\u00ad\u200b-\u200f\u2060\ufeff]")


@dataclass(frozen=True)
class Shingles:
    """The 5-grams of many texts, one after the other.

    Attributes
    ----------
    codes : numpy.ndarray of uint64
        The 5-grams of all texts as hashes, in the order of the words.
    ends : numpy.ndarray of int64, shape (n + 1,)
        Text i has ``codes[ends[i] : ends[i + 1]]``.
    words : numpy.ndarray of int64, shape (n,)
        How many words each text has.
    """

    codes: np.ndarray
    ends: np.ndarray
    words: np.ndarray

    def of(self, i: int) -> np.ndarray:
        """The 5-grams of text i."""
        return self.codes[self.ends[i] : self.ends[i + 1]]

    def __len__(self) -> int:
        return len(self.words)


def words_of(text: str) -> list[str]:
    """The words of a text, without case and accents."""
    text = text.lower()
    if not text.isascii():
        text = _MARKS.sub("", unicodedata.normalize("NFKD", text))
        if _DENSE.search(text):
            return _WORD.findall(text)
    return _PLAIN.findall(text)


def shingle(texts: Sequence[str]) -> Shingles:
    """Cut texts into word 5-grams; a text of one to four words is one shingle.

    Hashes depend on the words alone, so they are the same in every process.

    Examples
    --------
    >>> a, b = (shingle([text]).codes for text in ("Ankara warned Moscow again", "ANKARA warned Moscow, again"))
    >>> bool(a == b)
    True
    """
    known: dict[str, int] = {}
    parts, lengths = [], []
    for text in texts:
        words = words_of(text)
        for word in set(words).difference(known):
            known[word] = int.from_bytes(
                hashlib.blake2b(word.encode("utf-8", "replace"), digest_size=8).digest(), "little"
            )
        lengths.append(len(words))
        # Hashing words once and mixing the five numbers is many times faster than hashing every joined 5-gram.
        parts.append(_mix(np.fromiter(map(known.__getitem__, words), dtype=np.uint64, count=len(words))))
    ends = np.concatenate([[0], np.cumsum([len(part) for part in parts])]).astype(np.int64)
    codes = np.concatenate([np.empty(0, dtype=np.uint64), *parts])
    return Shingles(codes, ends, np.array(lengths, dtype=np.int64))


def _mix(words: np.ndarray) -> np.ndarray:
    if not len(words):
        return words
    n = max(1, len(words) - SHINGLE + 1)
    mixed = np.zeros(n, dtype=np.uint64)
    with np.errstate(over="ignore"):
        for k in range(min(SHINGLE, len(words))):
            mixed = mixed * np.uint64(0x9E3779B97F4A7C15) + words[k : k + n]
            mixed ^= mixed >> np.uint64(29)
    return mixed


def covered(found: np.ndarray, words: int) -> np.ndarray:
    """Which words stand in at least one of the 5-grams that were found.

    Parameters
    ----------
    found : numpy.ndarray of bool
        One value for each 5-gram of a text, in order.
    words : int
        How many words the text has.

    Returns
    -------
    numpy.ndarray of bool, shape (words,)

    Examples
    --------
    >>> covered(np.array([True, False, False]), 7).tolist()
    [True, True, True, True, True, False, False]
    """
    if words <= SHINGLE:
        return np.full(words, bool(found.any()))
    return np.convolve(found, np.ones(SHINGLE, dtype=np.int64)) > 0

"""Tone words round the target: VADER's lexicon and rules."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from toolkit.classifiers.base import TargetClassifier
from toolkit.errors import InputError, nearest

__all__ = ["LexiconClassifier"]

LABELS = ("negative", "neutral", "positive")


@cache
def _analyzer() -> Any:
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    return SentimentIntensityAnalyzer()


class LexiconClassifier(TargetClassifier):
    """VADER's compound score of the words round the target; needs no training.

    Parameters
    ----------
    window : int or None
        Words on each side of the target that are read; None for the whole sentence. 8 did best on the development data
        of NewsMTSC (macro-F1 53.1; whole sentence 52.4).
    threshold : float
        Compound scores up to -threshold are negative, from threshold on positive; 0.05 is VADER's own, and did best.

    Notes
    -----
    The target's own words are not read, so that no name carries a tone. The probabilities rise and fall with the
    compound score and agree with the label, but they are NOT calibrated: 0.8 does not mean right four times in five.
    `fit` changes nothing; it checks the labels, so that the classifier can stand where any other stands.

    References
    ----------
    Hutto, Gilbert: VADER. ICWSM 2014.

    Examples
    --------
    >>> import pandas as pd
    >>> sentences = ["Moscow betrayed and murdered its friends.", "Ankara met Moscow on Friday."]
    >>> mentions = pd.DataFrame({"sentence": sentences, "start": [0, 0], "end": [6, 6]})
    >>> LexiconClassifier().predict(mentions).tolist()
    ['negative', 'neutral']
    """

    name = "lexicon"
    needs_fit = False
    classes_ = np.array(LABELS)
    sharpness = 4.0

    def __init__(self, window: int | None = 8, threshold: float = 0.05) -> None:
        self.window = window
        self.threshold = threshold

    def _fit(self, targets: list[tuple[str, int, int]], labels: np.ndarray) -> None:
        self.classes_ = np.array(LABELS)
        for label in np.unique(labels):
            if label not in LABELS:
                raise InputError(f"the lexicon knows tone only, got the label {str(label)!r}; {nearest(label, LABELS)}")

    def _proba(self, targets: list[tuple[str, int, int]]) -> np.ndarray:
        if self.window is not None and not (isinstance(self.window, int) and self.window > 0):
            raise InputError(f"window is {self.window!r}; expected a number of words above 0, or None")
        if not 0 <= self.threshold < 1:
            raise InputError(f"threshold is {self.threshold!r}; expected a number from 0 to below 1")
        compound = np.array([_analyzer().polarity_scores(self._words(*target))["compound"] for target in targets])
        # Made so that the largest probability is the thresholded label's.
        logits = np.stack([-compound - self.threshold, np.zeros(len(compound)), compound - self.threshold], axis=1)
        logits[:, 0] += (logits[:, 0] == 0) * 1e-9
        logits[:, 2] += (logits[:, 2] == 0) * 1e-9
        weights = np.exp(self.sharpness * logits)
        return weights / weights.sum(axis=1, keepdims=True)

    def _words(self, sentence: str, start: int, end: int) -> str:
        left, right = sentence[:start].split(), sentence[end:].split()
        if self.window is not None:
            left, right = left[-self.window :], right[: self.window]
        return " ".join([*left, *right])

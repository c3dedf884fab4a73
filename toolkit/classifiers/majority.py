"""Always the commonest label: what any other classifier must beat."""

from __future__ import annotations

from typing import Any

import numpy as np

from toolkit.classifiers.base import TargetClassifier
from toolkit.errors import InputError

__all__ = ["MajorityClassifier"]


class MajorityClassifier(TargetClassifier):
    """Says the commonest label of the training data, with the labels' shares as probabilities.

    Examples
    --------
    >>> import pandas as pd
    >>> mentions = pd.DataFrame({"sentence": ["Ankara warned.", "Moscow lied."], "start": [0, 0], "end": [6, 6]})
    >>> MajorityClassifier().fit(mentions, ["neutral", "neutral"]).predict(mentions).tolist()
    ['neutral', 'neutral']
    """

    name = "majority"

    def _fit(self, targets: list[tuple[str, int, int]], labels: np.ndarray) -> None:
        _, counts = np.unique(labels, return_counts=True)
        self.shares_ = counts / counts.sum()

    def _proba(self, targets: list[tuple[str, int, int]]) -> np.ndarray:
        return np.tile(self.shares_, (len(targets), 1))

    def _arrays(self) -> dict[str, np.ndarray]:
        return {"shares": self.shares_}

    def _restore(self, facts: dict[str, Any], arrays: dict[str, np.ndarray], source: str) -> None:
        self.shares_ = arrays["shares"]
        if self.shares_.shape != self.classes_.shape:
            raise InputError(f"{source}: {self.shares_.size} shares for {self.classes_.size} labels")

"""Weighted words and letter sequences round the masked target, and logistic regression."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from toolkit.classifiers.base import TargetClassifier, fit_logistic, mask_target
from toolkit.errors import InputError

__all__ = ["TfidfClassifier"]

MASK = "xtargetx"
_WORD = re.compile(r"\w+|[^\w\s]")


class TfidfClassifier(TargetClassifier):
    """TF-IDF of the sentence's words, the words left and right of the target, and letter sequences.

    Parameters
    ----------
    window : int
        Words on each side of the target that count as left and right of it.
    C : float
        Inverse strength of the penalty on the weights.

    Notes
    -----
    The target itself is replaced by a mask: its name has no weight.

    References
    ----------
    Salton, Buckley: Term-weighting approaches in automatic text retrieval. 1988.

    Examples
    --------
    >>> import pandas as pd
    >>> sentences = ["Moscow lied again.", "Ankara lied once more.", "Ankara kept its word.", "Moscow kept its promise."]
    >>> mentions = pd.DataFrame({"sentence": sentences, "start": 0, "end": 6})
    >>> fitted = TfidfClassifier(C=10).fit(mentions, ["negative", "negative", "positive", "positive"])
    >>> fitted.predict(pd.DataFrame({"sentence": ["Damascus lied."], "start": [0], "end": [8]})).tolist()
    ['negative']
    """

    name = "tfidf"

    def __init__(self, window: int = 6, C: float = 1.0) -> None:
        self.window = window
        self.C = C

    def _fit(self, targets: list[tuple[str, int, int]], labels: np.ndarray) -> None:
        if not (isinstance(self.window, int) and self.window > 0):
            raise InputError(f"window is {self.window!r}; expected a number of words above 0")
        self.vectorizers_ = self._vectorizers(rare=2 if len(targets) >= 100 else 1)
        views = self._views(targets)
        from scipy.sparse import hstack

        features = hstack([v.fit_transform(views[name]) for name, v in self.vectorizers_.items()]).tocsr()
        coefficients, intercepts = fit_logistic(features, labels, self.C)
        self.coef_, self.intercept_ = coefficients.astype(np.float32), intercepts.astype(np.float32)

    def _proba(self, targets: list[tuple[str, int, int]]) -> np.ndarray:
        from scipy.sparse import hstack
        from scipy.special import softmax

        views = self._views(targets)
        features = hstack([v.transform(views[name]) for name, v in self.vectorizers_.items()]).tocsr()
        return softmax(features @ self.coef_.T.astype(np.float64) + self.intercept_, axis=1)

    def _vectorizers(self, rare: int = 1, vocabularies: dict[str, list[str]] | None = None) -> dict[str, Any]:
        from sklearn.feature_extraction.text import TfidfVectorizer

        words = {"sublinear_tf": True, "min_df": rare, "lowercase": False, "token_pattern": r"\S+"}
        kinds: dict[str, dict[str, Any]] = {
            "sentence": {**words, "ngram_range": (1, 2)},
            "sides": words,
            "letters": {"sublinear_tf": True, "min_df": rare, "lowercase": False, "analyzer": "char_wb", "ngram_range": (3, 5)},
        }
        given = vocabularies or {}
        return {name: TfidfVectorizer(**kind, vocabulary=given.get(name)) for name, kind in kinds.items()}

    def _views(self, targets: list[tuple[str, int, int]]) -> dict[str, list[str]]:
        views: dict[str, list[str]] = {"sentence": [], "sides": [], "letters": []}
        for target in targets:
            masked, start, end = mask_target(*target, f" {MASK} ")
            left, right = _WORD.findall(masked[:start].lower()), _WORD.findall(masked[end:].lower())
            views["sentence"].append(" ".join([*left, MASK, *right]))
            near = [f"left={word}" for word in left[-self.window :]] + [f"right={word}" for word in right[: self.window]]
            views["sides"].append(" ".join(near))
            views["letters"].append(" ".join([*left[-2 * self.window :], MASK, *right[: 2 * self.window]]))
        return views

    def _facts(self) -> dict[str, Any]:
        return {"words": {name: list(v.get_feature_names_out()) for name, v in self.vectorizers_.items()}}

    def _arrays(self) -> dict[str, np.ndarray]:
        idf = {f"idf_{name}": v.idf_ for name, v in self.vectorizers_.items()}
        return {"coef": self.coef_, "intercept": self.intercept_, **idf}

    def _restore(self, facts: dict[str, Any], arrays: dict[str, np.ndarray], source: str) -> None:
        self.vectorizers_ = self._vectorizers(vocabularies=facts["words"])
        for name, vectorizer in self.vectorizers_.items():
            vectorizer.idf_ = arrays[f"idf_{name}"]
        self.coef_, self.intercept_ = arrays["coef"], arrays["intercept"]
        width = sum(len(words) for words in facts["words"].values())
        if self.coef_.shape != (len(self.classes_), width):
            raise InputError(f"{source}: weights of shape {self.coef_.shape} for {len(self.classes_)} labels, {width} words")

"""States of a frozen encoder, pooled over the target, its neighbours and the sentence, and logistic regression."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from toolkit.classifiers.base import TargetClassifier, fit_logistic, mask_target
from toolkit.encoders import Encoder, TokenStates, load_encoder
from toolkit.errors import InputError, nearest

__all__ = ["EmbeddingClassifier"]

POOLS = ("target", "left", "right", "sentence")


class EmbeddingClassifier(TargetClassifier):
    """Logistic regression on pooled states of a frozen encoder.

    Parameters
    ----------
    encoder : str
        A name for :func:`toolkit.load_encoder`.
    layers : sequence of int or None
        The encoder's layers that are read; None for its default ones.
    pools : sequence of str
        What the states are averaged over: "target", "left" and "right" of it, "sentence", and "window2", "window8", ...: the
        target and so many tokens on each side.
    placeholder : str or None
        What the encoder reads in the target's place, so that the target's own name cannot carry a tone; None leaves the
        name. "they" did best of "[MASK]", "it", "they" and "Smith" on the development data of NewsMTSC.
    C : float
        Inverse strength of the penalty on the (standardised) weights.

    Notes
    -----
    Each different target is encoded once per call, by itself, and each row's arithmetic is its own: results don't depend on
    the other rows.

    References
    ----------
    Tenney, Das, Pavlick: BERT rediscovers the classical NLP pipeline. ACL 2019 (why several layers).
    Hamborg, Donnay: NewsMTSC. EACL 2021 (the task).

    Examples
    --------
    >>> import pandas as pd
    >>> sentences = ["Moscow lied again.", "Ankara lied once more.", "Ankara kept its word.", "Moscow kept its promise."]
    >>> mentions = pd.DataFrame({"sentence": sentences, "start": 0, "end": 6})
    >>> fitted = EmbeddingClassifier(C=1).fit(mentions, ["negative", "negative", "positive", "positive"])
    >>> fitted.predict(pd.DataFrame({"sentence": ["Damascus has lied."], "start": [0], "end": [8]})).tolist()
    ['negative']
    """

    name = "embedding"

    def __init__(
        self,
        encoder: str = "minilm",
        layers: Sequence[int] | None = None,
        pools: Sequence[str] = ("target", "window2", "window8", "sentence"),
        placeholder: str | None = "they",
        C: float = 0.001,
    ) -> None:
        self.encoder = encoder
        self.layers = layers
        self.pools = pools
        self.placeholder = placeholder
        self.C = C

    def features(self, targets: list[tuple[str, int, int]]) -> np.ndarray:
        """Pooled states, float32, shape (targets, layers x pools x dims)."""
        pools = [_parse_pool(pool) for pool in self.pools]
        if not pools:
            raise InputError(f"name at least one pool; {nearest('', POOLS)}, window8")
        if self.placeholder is not None and not str(self.placeholder).strip():
            raise InputError(f"placeholder is {self.placeholder!r}; expected a word, or None to leave the target's name")
        masked = [mask_target(*target, self.placeholder) for target in targets]
        places = {target: place for place, target in enumerate(dict.fromkeys(masked))}
        encoder = self._encoder()
        layers = encoder.default_layers if self.layers is None else tuple(self.layers)
        table = np.zeros((len(places), len(layers) * len(pools) * encoder.dims), dtype=np.float32)
        for place, (target, found) in enumerate(zip(places, encoder.states(list(places), layers), strict=True)):
            table[place] = _pool(found, target[1], target[2], pools).ravel()
        return table[[places[target] for target in masked]]

    def fit_features(self, features: np.ndarray, labels: np.ndarray) -> EmbeddingClassifier:
        """Fit on what :meth:`features` gave, to try several C without encoding again."""
        from sklearn.preprocessing import StandardScaler

        self.classes_ = np.unique(labels)
        self.fingerprint_ = self._encoder().fingerprint
        scaler = StandardScaler().fit(features)
        coefficients, intercepts = fit_logistic(scaler.transform(features), labels, self.C)
        # The scaling goes into the weights; in float32, as they are stored, so that a saved head answers the same.
        self.coef_ = (coefficients / scaler.scale_).astype(np.float32)
        self.intercept_ = (intercepts - coefficients @ (scaler.mean_ / scaler.scale_)).astype(np.float32)
        return self

    def proba_of_features(self, features: np.ndarray) -> np.ndarray:
        """Probabilities of rows that :meth:`features` gave."""
        from scipy.special import softmax

        weights = self.coef_.astype(np.float64)
        # Row by row: a matrix product's last bits would depend on how many rows it has.
        logits = np.array([(weights * row).sum(axis=1) for row in features]) + self.intercept_.astype(np.float64)
        return softmax(logits, axis=1)

    def _fit(self, targets: list[tuple[str, int, int]], labels: np.ndarray) -> None:
        self.fit_features(self.features(targets), labels)

    def _proba(self, targets: list[tuple[str, int, int]]) -> np.ndarray:
        return self.proba_of_features(self.features(targets))

    def _encoder(self) -> Encoder:
        # Loaded at first use and kept, under the name it was loaded by: set_params may change it.
        held = getattr(self, "_held", None)
        if held is None or held[0] != self.encoder:
            self._held = held = (self.encoder, load_encoder(self.encoder))
            wanted = getattr(self, "fingerprint_", None)
            if wanted is not None and wanted != held[1].fingerprint:
                raise InputError(
                    f"this classifier was trained on another encoder than {self.encoder!r} "
                    f"(SHA-256 {wanted[:12]}..., here {held[1].fingerprint[:12]}...); train it again"
                )
        return held[1]

    def __getstate__(self) -> dict[str, Any]:
        """Copies (scikit-learn's clone, joblib) leave the loaded encoder behind: it is loaded again where it is used."""
        return {key: value for key, value in super().__getstate__().items() if key != "_held"}

    def _facts(self) -> dict[str, Any]:
        return {"encoder_sha256": self.fingerprint_}

    def _arrays(self) -> dict[str, np.ndarray]:
        return {"coef": self.coef_, "intercept": self.intercept_}

    def _restore(self, facts: dict[str, Any], arrays: dict[str, np.ndarray], source: str) -> None:
        self.fingerprint_ = facts["encoder_sha256"]
        self.coef_, self.intercept_ = arrays["coef"], arrays["intercept"]
        encoder = self._encoder()
        layers = encoder.default_layers if self.layers is None else self.layers
        wanted = (len(self.classes_), len(layers) * len(self.pools) * encoder.dims)
        if self.coef_.shape != wanted or self.intercept_.shape != wanted[:1]:
            raise InputError(f"{source}: weights of shape {self.coef_.shape}, expected {wanted}")


def _parse_pool(pool: str) -> tuple[str, int]:
    name = str(pool)
    if name in POOLS:
        return name, 0
    if name.startswith("window") and name[6:].isdigit() and int(name[6:]) > 0:
        return "window", int(name[6:])
    raise InputError(f"unknown pool {pool!r}; {nearest(name, [*POOLS, 'window2', 'window8'])}")


def _pool(found: TokenStates, start: int, end: int, pools: list[tuple[str, int]]) -> np.ndarray:
    """Averages of shape (layers, pools, dims); an empty pool (nothing left of the target) is zero."""
    layers, tokens, dims = found.states.shape
    table = np.zeros((layers, len(pools), dims), dtype=np.float32)
    if not tokens:
        return table
    inside = np.flatnonzero((found.offsets[:, 0] < end) & (found.offsets[:, 1] > start))
    if len(inside):
        low, high = int(inside[0]), int(inside[-1]) + 1
    else:  # a target that leaves no token, such as a lone accent: the token nearest to it
        low = int(np.abs(found.offsets[:, 0] - start).argmin())
        high = low + 1
    for place, (kind, width) in enumerate(pools):
        first, last = {
            "target": (low, high),
            "left": (0, low),
            "right": (high, tokens),
            "sentence": (0, tokens),
            "window": (max(0, low - width), high + width),
        }[kind]
        if first < last:
            table[:, place] = found.states[:, first:last].mean(axis=1)
    return table

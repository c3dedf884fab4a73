"""Make toolkit/models/readings: fit both models of readings on datasets/readings.

    python benchmarks/make_readings.py [--out FOLDER]

Fitted on the splits train and dev; the split test is not read. Weights are logistic regressions with an L2 penalty,
solved in the space of the items (Newton's method), on one thread: the same bytes on the same processor.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from toolkit.actors.contexts import context_features
from toolkit.actors.reading_model import FOLDER, Context, encoder_features
from toolkit.actors.readings import read_name
from toolkit.actors.words import Found
from toolkit.corpora import load_labelled
from toolkit.encoders import load_encoder
from toolkit.files import file_hash, to_json, write_atomically

ROOT = Path(__file__).resolve().parent.parent
DATASET = ROOT / "datasets" / "readings"
C_FAST, C_FULL, WORDS_IN_FULL = 3.0, 3.0, 0.4
"""Inverse strength of the penalties, and the share of the words' kernel beside the states' in the full model; chosen on
the data set's dev split, the sample corpus and the half of ReLocaR train that may be looked at (benchmarks/readings_accuracy.py)."""  # noqa: E501
SURE = 0.7
"""Below this probability of the fast model the full one is asked; chosen on the same data and the sample corpus."""
LEAST = 2
"""A feature counts where so many items have it."""


def to_context(sentence: str, start: int, end: int, form: str) -> Context:
    """The context of an item, with the verdict of the rules."""
    known = {"demonym": "demonym", "capital": "capital"}.get(form, "name")
    rule = read_name(sentence, Found(start, end, "x", known, sentence[start:end]), None)
    return Context(sentence, start, end, form, rule)


def to_contexts(items: pd.DataFrame) -> list[Context]:
    """The contexts of a table of items."""
    columns = zip(items["sentence"], items["start"], items["end"], items["form"], strict=True)
    return [to_context(str(s), int(a), int(b), str(f)) for s, a, b, f in columns]


def word_matrix(contexts: list[Context], names: dict[str, int]) -> np.ndarray:
    """Which item has which feature, shape (items, features)."""
    table = np.zeros((len(contexts), len(names)))
    for row, c in enumerate(contexts):
        for feature in context_features(c.sentence, c.start, c.end, c.form, c.rule):
            if feature in names:
                table[row, names[feature]] = 1
    return table


def feature_names(contexts: list[Context]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for c in contexts:
        for feature in context_features(c.sentence, c.start, c.end, c.form, c.rule):
            counts[feature] = counts.get(feature, 0) + 1
    return {name: row for row, name in enumerate(sorted(f for f, n in counts.items() if n >= LEAST))}


def solve(kernel: np.ndarray, is_actor: np.ndarray, C: float) -> tuple[np.ndarray, float]:
    """Kernel logistic regression by Newton's method: weights of the items, and the intercept."""
    weights, intercept = np.zeros(len(is_actor)), 0.0
    for _ in range(50):
        logits = kernel @ weights + intercept
        p = 1 / (1 + np.exp(-np.clip(logits, -30, 30)))
        curve = np.maximum(p * (1 - p), 1e-6)
        wanted = logits + (is_actor - p) / curve
        both = np.linalg.solve(kernel + np.diag(1 / (C * curve)), np.stack([wanted, np.ones(len(p))], axis=1))
        intercept_now = both[:, 0].sum() / both[:, 1].sum()
        now = both[:, 0] - intercept_now * both[:, 1]
        moved, weights, intercept = np.abs(now - weights).max(), now, float(intercept_now)
        if moved < 1e-7:
            return weights, intercept
    raise RuntimeError("the fit does not converge")


def fit(contexts: list[Context], is_actor: np.ndarray, states: np.ndarray) -> dict[str, object]:
    """Both models: features, weights of words (features, 2) and states, intercepts."""
    names = feature_names(contexts)
    words = word_matrix(contexts, names)
    size = (words**2).sum(axis=1).mean()
    mean, scale = states.mean(axis=0), states.std(axis=0)
    scaled = (states - mean) / np.where(scale > 0, scale, 1)
    by_words, by_states = words @ words.T / size, scaled @ scaled.T / scaled.shape[1]
    fast, fast_intercept = solve(by_words, is_actor, C_FAST)
    full, full_intercept = solve(by_states + WORDS_IN_FULL * by_words, is_actor, C_FULL)
    of_states = scaled.T @ full / scaled.shape[1] / np.where(scale > 0, scale, 1)
    of_words = np.stack([words.T @ fast / size, WORDS_IN_FULL * (words.T @ full) / size], axis=1)
    of_states, of_words = of_states.astype(np.float32), of_words.astype(np.float32)
    return {
        "names": names, "words": of_words, "states": of_states,
        "intercepts": (fast_intercept, full_intercept - float(of_states.astype(np.float64) @ mean)),
    }  # fmt: skip


def write(folder: Path, made: dict[str, object], fingerprint: str, about: dict[str, object]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with write_atomically(folder / "weights.npz") as part, part.open("wb") as handle:
        np.savez(handle, allow_pickle=False, words=made["words"], states=made["states"])  # type: ignore[arg-type]
    head = {
        "about": about, "encoder_sha256": fingerprint, "features": list(made["names"]),  # type: ignore[call-overload]
        "hashes": {"weights.npz": file_hash(folder / "weights.npz")}, "intercepts": list(made["intercepts"]),  # type: ignore[call-overload]
        "sure": SURE,
    }  # fmt: skip
    with write_atomically(folder / "head.json") as part:
        part.write_text(to_json(head), encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=FOLDER)
    options = parser.parse_args()
    items = pd.concat([load_labelled(DATASET, split) for split in ("train", "dev")], ignore_index=True)
    encoder = load_encoder("minilm")
    contexts = to_contexts(items)
    is_actor = items["label"].eq("actor").to_numpy(dtype=float)
    with threadpool_limits(1):
        made = fit(contexts, is_actor, encoder_features(contexts, encoder).astype(np.float64))
    about = {"items": len(items), "actor": int(is_actor.sum()), "C": [C_FAST, C_FULL], "words_in_full": WORDS_IN_FULL,
             "made_by": "python benchmarks/make_readings.py", "data": "datasets/readings, splits train and dev"}  # fmt: skip  # noqa: E501
    write(options.out, made, encoder.fingerprint, about)
    print(f"{len(items)} items, {len(made['names'])} features -> {options.out}")  # type: ignore[arg-type]


if __name__ == "__main__":
    main()

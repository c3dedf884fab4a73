"""How right readings are: rules, the fast model, the full one, the cascade of them that is the default.

    python benchmarks/readings_accuracy.py [--held-out] [--csv FILE]

Own data: the splits dev and test of datasets/readings; for them models fitted on the split train alone are taken, and
the one that ships for the rest. ReLocaR train (GPL, not shipped) is cut in two by a hash of the sentence: one half was
looked at, the other is read with --held-out alone. Each of its names is taken for a country's. The sample corpus: names
and capitals of states, as find_mentions meets them.
"""

from __future__ import annotations

import argparse
import dataclasses
import hashlib
import json
import os
import tempfile
import time
from pathlib import Path

import idlib_truth
import numpy as np
import pandas as pd
from make_readings import DATASET, fit, to_context, to_contexts
from threadpoolctl import threadpool_limits

from toolkit.actors import find_mentions
from toolkit.actors.reading_model import Context, ReadingModel, encoder_features, load_reading_model
from toolkit.actors.words import load_words
from toolkit.corpora import load_labelled
from toolkit.encoders import load_encoder


def relocar(half: str) -> tuple[list[Context], np.ndarray, np.ndarray]:
    """Contexts, whether each acts, whether each is a capital."""
    from toolkit.actors import load_lexicon

    path = Path(os.environ["TOOLKIT_DATA"]) / "metonymy" / "relocar_train.jsonl"
    rows = [json.loads(line) for line in path.open(encoding="utf-8")]
    rows = [r for r in rows if (hashlib.sha256(r["text"].encode()).digest()[0] % 2 == 0) == (half == "looked at")]
    capitals = {name for actor in load_lexicon().actors.values() for name in actor.capitals}
    return (
        [to_context(r["text"], r["start"], r["end"], "name") for r in rows],
        np.array([r["reading"] == "met" for r in rows]),
        np.array([r["surface"] in capitals for r in rows]),
    )


def own(split: str) -> tuple[list[Context], np.ndarray, np.ndarray]:
    items = load_labelled(DATASET, split)
    return to_contexts(items), items["label"].eq("actor").to_numpy(), items["form"].eq("capital").to_numpy()


def sample() -> tuple[list[Context], np.ndarray, np.ndarray]:
    """Names, capitals and demonyms of the sample corpus, with the verdict of rules."""
    with tempfile.TemporaryDirectory() as folder:
        articles, truth = idlib_truth.read_truth(idlib_truth.build_truth(Path(folder)))
    found = find_mentions(articles, ["turkey", "russia", "syria", "us", "greece", "iran"], readings="rules")
    found = found[found["form"].isin(["name", "capital", "demonym"])]
    known = {(t.url, t.part, t.start, t.actor): t.reading for t in truth.itertuples()}
    at = found["position"].astype(float).fillna(found["start"]).astype(int)
    keys = zip(found["article_id"], found["part"], at, found["actor"], strict=True)
    found = found.assign(truth=[known.get(key) for key in keys]).dropna(subset=["truth"])
    columns = zip(*(found[c] for c in ("sentence", "start", "end", "form", "reading")), strict=True)
    return (
        [Context(*row) for row in columns],
        found["truth"].eq("actor").to_numpy(),
        found["form"].eq("capital").to_numpy(),
    )


def fitted_on_train(shipped: ReadingModel) -> ReadingModel:
    items = load_labelled(DATASET, "train")
    contexts = to_contexts(items)
    with threadpool_limits(1):
        states = encoder_features(contexts, load_encoder("minilm")).astype(np.float64)
        made = fit(contexts, items["label"].eq("actor").to_numpy(dtype=float), states)
    return dataclasses.replace(
        shipped, names=made["names"], words=made["words"].astype(np.float64),  # type: ignore[attr-defined, arg-type]
        states=made["states"].astype(np.float64), intercepts=made["intercepts"],  # type: ignore[attr-defined, arg-type]
    )  # fmt: skip


def verdicts(model: ReadingModel, contexts: list[Context]) -> dict[str, tuple[np.ndarray, float]]:
    """Method -> probabilities, and seconds."""
    found = {"rules": (np.array([float(c.rule == "actor") for c in contexts]), 0.0)}
    for name, function in (("fast model", model.fast), ("full model", model.full), ("cascade", model.cascade)):
        started = time.perf_counter()
        p = function(contexts)
        if name != "fast model":  # demonyms and seats stay with the rules, as in find_mentions
            ruled = np.array([c.form in ("demonym", "seat") for c in contexts])
            p = np.where(ruled, found["rules"][0], p)
        found[name] = (p, time.perf_counter() - started)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--held-out", action="store_true", help="also read the halves never looked at")
    parser.add_argument("--csv", type=Path)
    options = parser.parse_args()
    load_words()
    shipped = load_reading_model()
    train_only = fitted_on_train(shipped)
    sets = [("own dev", train_only, own("dev")), ("sample corpus", shipped, sample())]
    if "TOOLKIT_DATA" in os.environ:
        sets.append(("ReLocaR, half looked at", shipped, relocar("looked at")))
    if options.held_out:
        sets.append(("own test", train_only, own("test")))
        sets.append(("ReLocaR, held-out half", shipped, relocar("held out")))
    rows = []
    for name, model, (contexts, acts, capital) in sets:
        for method, (p, seconds) in verdicts(model, contexts).items():
            says = p >= 0.5
            place, there = ~says & capital, ~acts & capital
            rows.append({
                "data": name, "method": method, "n": len(acts), "accuracy": (says == acts).mean(),
                "place_precision": (~acts)[~says].mean(), "place_recall": (~says)[~acts].mean(),
                "capitals": int(capital.sum()), "capitals_place_precision": (~acts)[place].mean() if place.any() else None,  # noqa: E501
                "capitals_place_recall": (~says)[there].mean() if there.any() else None,
                "brier": ((p - acts) ** 2).mean(), "ms_each": seconds / len(acts) * 1000,
            })  # fmt: skip
    table = pd.DataFrame(rows)
    print(table.to_string(index=False, float_format="%.3f"))
    if options.csv:
        table.round(4).to_csv(options.csv, index=False, lineterminator="\n")


if __name__ == "__main__":
    main()

"""The swap audit in the right form on 300 mentions of datasets/idlib_2020: what classifiers make of names alone.

    python benchmarks/idlib_swaps.py [--mentions 300] [--csv FILE]

Mentions by name of Turkey, Russia and Syria in the outlets' own voice that are read as actors, drawn with a seed. Each
sentence is scored again about each of the other two, and masked: once with all names of the two exchanged, once with
the target's alone. `embedding` with the name left in is fitted on NewsMTSC's training split (see its card) as the one
that ships was, but for the placeholder. Intervals by resampling stories.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path
from typing import Any

import pandas as pd
from idlib_truth import build_truth, read_truth

import toolkit
from toolkit.scoring import make_classifier

ROOT = Path(__file__).resolve().parents[1]
ACTORS = ["turkey", "russia", "syria"]
SEED = 2020


def mentions_of(number: int) -> pd.DataFrame:
    """The sample, sorted."""
    with tempfile.TemporaryDirectory() as temporary:
        articles, _ = read_truth(build_truth(Path(temporary)))
    found = toolkit.find_mentions(articles, ACTORS)
    found = found[(found["voice"] == "outlet") & (found["reading"] == "actor") & ~found["resolved"]]
    return found.sample(min(number, len(found)), random_state=SEED).sort_index()


def classifiers() -> dict[str, Any]:
    """By name."""
    sighted = toolkit.CLASSIFIERS["embedding"](layers=(4, 6), placeholder=None, C=0.001)
    train = toolkit.load_labelled(ROOT / "datasets" / "newsmtsc", "train")
    return {
        "lexicon": make_classifier("lexicon"),
        "embedding": make_classifier("embedding"),
        "embedding, name left in": sighted.fit(train, train["label"]),
        "transformer, blind": make_classifier("transformer").set_params(view="blind"),
        "transformer, sighted": make_classifier("transformer").set_params(view="sighted"),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mentions", type=int, default=300)
    parser.add_argument("--csv", type=Path, default=Path(__file__).resolve().parent / "idlib_swaps.csv")
    options = parser.parse_args()
    mentions, parts = mentions_of(options.mentions), []
    for name, classifier in classifiers().items():
        for which in ("all", "target"):
            started = time.perf_counter()
            found = toolkit.swap_by_actor(mentions, classifier, ACTORS, names=which, pairs=True, seed=SEED)
            print(f"{name}, names={which}: {time.perf_counter() - started:.1f} s", flush=True)
            parts.append(found.assign(classifier=name))
    table = pd.concat(parts, ignore_index=True)
    columns = ["classifier", "names", "actor", "against", *(c for c in table.columns if c.split("_")[0] in
               ("signed", "absolute", "changed")), "n_mentions", "n_sentences", "n_stories", "left_out"]  # fmt: skip
    shown = table[table["against"].isin(["others", "mask"])]
    print(shown[columns].round(3).to_string(index=False))
    table[columns].round(4).to_csv(options.csv, index=False, lineterminator="\n")


if __name__ == "__main__":
    main()

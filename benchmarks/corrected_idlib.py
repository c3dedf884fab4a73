"""Planted differences of datasets/idlib_2020: how near do naive and corrected estimates come to the truth?

    toolkit run experiments/idlib_2020.yaml
    python benchmarks/corrected_idlib.py runs/idlib_2020          # 100 samples of 400 mentions

The mentions of the run that the dataset's truth labels, in the outlets' own words, play the corpus; samples are drawn
by outlet and by the machine's label. The truth is the mean of all labels: of each outlet toward each actor, and of each
pair of outlets. Prints the root mean squared error over all cells and pairs, and how often 95 % intervals hold the
truth: those of corrected estimates more often than they say, since the corpus stays and only the sample changes.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pandas as pd

from toolkit.estimation import contrast, counted, estimate

TRUTH = Path(__file__).resolve().parent.parent / "datasets" / "idlib_2020" / "truth" / "tone_own.jsonl"
VALUES = {"negative": -1.0, "neutral": 0.0, "positive": 1.0}


def labelled(run: Path, least: int) -> pd.DataFrame:
    """The mentions of the run that count and have a true tone, of actors with enough of them."""
    mentions = pd.read_parquet(run / "mentions.parquet")
    articles = pd.read_parquet(run / "articles.parquet", columns=["article_id", "url"])
    mentions = mentions.merge(articles, on="article_id", validate="many_to_one")
    keys = ["url", "actor", "sentence", "start", "end"]
    truth = pd.read_json(TRUTH, lines=True)[[*keys, "label"]].drop_duplicates(keys)
    found = mentions.merge(truth.rename(columns={"label": "tone"}), on=keys)
    found = found[counted(found, copies="all")]
    size = found.groupby(["outlet", "actor"])["mention_id"].transform("size")
    return found[size >= least].reset_index(drop=True)


def draw(table: pd.DataFrame, n: int, rng: np.random.Generator) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Gold and frame of a sample that takes about as many from each outlet and predicted label."""
    stratum = (table["outlet"] + "|" + table["tone_pred"]).to_numpy(dtype=str)
    names = np.unique(stratum)
    drawn, probability = np.zeros(len(table), dtype=bool), np.empty(len(table))
    for name in names:
        inside = np.flatnonzero(stratum == name)
        take = min(len(inside), max(2, round(n / len(names))))
        drawn[rng.choice(inside, take, replace=False)] = True
        probability[inside] = take / len(inside)
    frame = pd.DataFrame({"mention_id": table["mention_id"], "stratum": stratum, "probability": probability,
                          "drawn": drawn, "cluster": table["story_id"]})  # fmt: skip
    return table.loc[drawn, ["mention_id", "tone"]].rename(columns={"tone": "label"}), frame


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=Path)
    parser.add_argument("--repetitions", type=int, default=100)
    parser.add_argument("--gold", type=int, default=400)
    parser.add_argument("--least", type=int, default=30, help="mentions of an outlet about an actor")
    parser.add_argument("--out", type=Path, default=Path(__file__).with_suffix(".csv"))
    options = parser.parse_args()
    table = labelled(options.run, options.least)
    known = table.assign(tone_score=table["tone"].map(VALUES))
    functions = {"mean of an outlet": (estimate, {"by": ["outlet", "actor"], "copies": "all"}),
                 "difference of two": (contrast, {"by": ["actor"], "copies": "all"})}  # fmt: skip
    rows = []
    for what, (function, how) in functions.items():
        true = function(known, **how)["estimate"].to_numpy()
        for method in ("naive", "gold", "dsl"):
            error, held = [], []
            for r in range(1 if method == "naive" else options.repetitions):
                given = (
                    {}
                    if method == "naive"
                    else dict(
                        zip(("gold", "frame"), draw(table, options.gold, np.random.default_rng([9, r])), strict=True)
                    )
                )
                found = function(table, method=method, **how, **given)
                error.append((found["estimate"] - true) ** 2)
                held.append(found["low"].le(true) & found["high"].ge(true))
            rows.append(
                {
                    "what": what,
                    "number": len(true),
                    "method": method,
                    "rmse": float(np.sqrt(pd.concat(error).mean())),
                    "cover": 100 * float(pd.concat(held).mean()),
                }
            )
    result = pd.DataFrame(rows).round(4)
    result.to_csv(options.out, index=False, lineterminator="\n")
    print(f"{len(table)} labelled mentions, {table['story_id'].nunique()} stories, "
          f"{(table['tone_pred'] == table['tone']).mean():.1%} labelled right by the machine")  # fmt: skip
    print(result.to_string(index=False))


if __name__ == "__main__":
    main()

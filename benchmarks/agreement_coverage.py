"""How often 95 % intervals of agreement and accuracy hold the truth, when errors come by article.

    python benchmarks/agreement_coverage.py [--repetitions 200] [--csv FILE]

Articles of four mentions; three in ten are hard. Two coders (alpha), or a classifier and gold (accuracy, macro-F1), go
wrong in 60 % of a hard article's mentions and 5 % of the others'; wrong is any of three labels. The truth is that of
20,000 articles. Percentile intervals by resampling articles, and by resampling mentions, as if they were independent.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pandas as pd

from toolkit.agreement import coder_agreement
from toolkit.evaluation import accuracy_by

LABELS = np.array(["negative", "neutral", "positive"])
SIZE, DRAWS = 4, 400
MEASURES = ("percent", "alpha", "alpha_ordinal", "ac1", "accuracy", "macro_f1")


def simulate(rng: np.random.Generator, articles: int) -> pd.DataFrame:
    """Two labels of each mention."""
    hard = np.repeat(rng.random(articles) < 0.3, SIZE)
    truth = rng.integers(0, 3, articles * SIZE)
    wrong = rng.random((len(truth), 2)) < np.where(hard, 0.6, 0.05)[:, None]
    codes = np.where(wrong, rng.integers(0, 3, wrong.shape), truth[:, None])
    ids = np.array([f"m{i:06}" for i in range(len(truth))])
    article = np.repeat([f"a{i:05}" for i in range(articles)], SIZE)
    return pd.DataFrame(
        {"mention_id": ids, "article_id": article, "first": LABELS[codes[:, 0]], "second": LABELS[codes[:, 1]]}
    )


def measured(table: pd.DataFrame, draws: int, seed: int) -> pd.DataFrame:
    """Estimates and intervals by measure."""
    coders = pd.concat(
        [table[["mention_id"]].assign(task="tone", coder=c, label=table[c]) for c in ("first", "second")]
    )
    agreed = coder_agreement(coders, mentions=table, coefficients=MEASURES[:4], draws=draws, seed=seed)
    scored = table.rename(columns={"article_id": "story_id", "first": "tone_pred"})
    gold = table[["mention_id"]].assign(label=table["second"])
    right = accuracy_by(scored, gold, baselines=False, draws=draws, seed=seed)
    parts = [agreed.set_index("coefficient"), right[right["label"].isna()].set_index("measure")]
    return pd.concat([part[["estimate", "low", "high"]] for part in parts]).loc[list(MEASURES)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repetitions", type=int, default=200)
    parser.add_argument("--csv", type=Path, default=Path(__file__).resolve().parent / "agreement_coverage.csv")
    options = parser.parse_args()
    rng = np.random.default_rng(2020)
    truth = measured(simulate(rng, 20_000), 100, 0)["estimate"]
    rows = []
    for articles in (20, 60, 150):
        held: dict[str, list[pd.Series]] = {"articles": [], "mentions": []}
        for seed in range(options.repetitions):
            table = simulate(rng, articles)
            for by, kept in held.items():
                found = measured(
                    table if by == "articles" else table.assign(article_id=table["mention_id"]), DRAWS, seed
                )
                kept.append((found["low"] <= truth) & (truth <= found["high"]))
        for by, kept in held.items():
            rows.append(
                {"articles": articles, "resampled": by, **(100 * pd.concat(kept, axis=1).mean(axis=1)).round(1)}
            )
    found = pd.DataFrame(rows)
    print("truth: " + ", ".join(f"{name} {value:.3f}" for name, value in truth.items()))
    print(found.to_string(index=False))
    found.to_csv(options.csv, index=False, lineterminator="\n")


if __name__ == "__main__":
    main()

"""Corrected estimates on real labels: how often do 95 % intervals hold the mean of all labels of NewsMTSC?

    TOOLKIT_DATA=FOLDER python benchmarks/corrected_newsmtsc.py        # 1,000 repetitions

The labelled mentions of the development splits, rw and mt, play the corpora of two outlets; their articles are the
stories. The shipped transformer (which learned from the training split of NewsMTSC) and the shipped lexicon score them
once. In every repetition stories are drawn with replacement, all labels are hidden, 200 mentions are sampled with
known probabilities, and the estimates are corrected with the labels of those. The truth is the mean of all labels, of
rw alone (`mean`), of rw less mt (`contrast`), and the share of a label. With `fixed`, the corpus stays as it is and
only the sample changes: the intervals, made for other stories as well, are then wider than they have to be.

Prints a table and writes it beside this file.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
from corrected_coverage import Design, judge, stratify

from toolkit.corpora import load_labelled
from toolkit.scoring import score_mentions

FOLDER = Path(__file__).resolve().parent.parent / "datasets" / "newsmtsc"
VALUES = {"negative": -1.0, "neutral": 0.0, "positive": 1.0}
DESIGNS = tuple(
    (label, Design("newsmtsc", sample, 318, 15, 200, copies))
    for label, sample, copies in (
        (None, "mentions", "all"), (None, "strata", "all"), (None, "strata", "one_per_story"),
        ("negative", "mentions", "all"), ("negative", "strata", "all"),
    )
)  # fmt: skip


def score(classifier: str) -> pd.DataFrame:
    """All labelled mentions of the development splits, scored."""
    parts = [load_labelled(FOLDER, split) for split in ("rw_dev", "mt_dev")]
    table = score_mentions(pd.concat(parts, ignore_index=True), classifier=classifier)
    story = np.unique(table["group"], return_inverse=True)[1]
    return table.assign(o=table["source"].str.endswith("mt_dev").astype(int), y=table["label"].map(VALUES), story=story)


def corpora(table: pd.DataFrame, repetitions: int, *, fixed: bool) -> pd.DataFrame:
    """The mentions of as many stories as there are, drawn with replacement, for each repetition."""
    stories = int(table["story"].max()) + 1
    rng = np.random.default_rng(41)
    picks = np.stack([np.arange(stories) if fixed else rng.integers(0, stories, stories) for _ in range(repetitions)])
    ordered = table.sort_values("story", kind="stable").reset_index(drop=True)
    size = np.bincount(ordered["story"])
    start = np.cumsum(size) - size
    lengths = size[picks.ravel()]
    place = np.repeat(start[picks.ravel()] - (np.cumsum(lengths) - lengths), lengths) + np.arange(lengths.sum())
    drawn = ordered.iloc[place].reset_index(drop=True)
    story = np.repeat(np.arange(picks.size), lengths)
    return drawn.assign(story=story, repetition=story // stories, story_id=[f"s{s:07}" for s in story])


def truth(table: pd.DataFrame, d: Design) -> dict[str, float]:
    """The mean of all labels, or the share of one, of the first outlet and less the second."""
    y = table["y"] if d.label is None else table["label"].eq(d.label).astype(float)
    if d.copies == "all":
        means = y.groupby(table["o"]).mean()
    else:
        means = y.groupby([table["o"], table["story"]]).mean().groupby(level=0).mean()
    return {"mean": float(means[0]), "contrast": float(means[0] - means[1])}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repetitions", type=int, default=1000)
    parser.add_argument("--out", type=Path, default=Path(__file__).with_suffix(".csv"))
    options = parser.parse_args()
    tables = []
    for classifier in ("transformer", "lexicon"):
        labelled = score(classifier)
        right = (labelled["tone_pred"] == labelled["label"]).mean()
        print(f"{classifier}: {len(labelled)} mentions, {labelled['story'].nunique()} stories, {right:.1%} right")
        for corpus in ("redrawn", "fixed"):
            many = corpora(labelled, options.repetitions, fixed=corpus == "fixed")
            for label, d in DESIGNS:
                if corpus == "fixed" and (label is not None or d.copies != "all"):
                    continue
                d = replace(d, share_of=label)
                found = judge(d, many.assign(stratum=stratify(d, many)), truth(labelled, d))
                facts = {"classifier": classifier, "corpus": corpus, "outcome": label or "score",
                         "sample": d.sample, "copies": d.copies}  # fmt: skip
                tables.append(pd.DataFrame([facts] * len(found)).join(found))
    table = pd.concat(tables, ignore_index=True)
    table.round(4).to_csv(options.out, index=False, lineterminator="\n")
    print(table.round({"cover": 1, "bias": 3, "sd": 4, "se": 4, "width": 3}).to_string(index=False))
    print(f"{options.repetitions} repetitions; the error of a coverage near 95 is about "
          f"{196 * (0.95 * 0.05 / options.repetitions) ** 0.5:.1f} points (two standard errors)")  # fmt: skip


if __name__ == "__main__":
    main()

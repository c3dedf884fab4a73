"""Planned against real half widths of corrected intervals, on the sample corpus and its true tones.

    python benchmarks/sample_plan.py [--draws 8] [--csv FILE]

The mentions are the labelled ones of three actors in datasets/idlib_2020, in the outlets' own words, scored by the
shipped classifier. Again and again a pilot of 200 is drawn and "coded" with the truth, a sample is planned from it,
another is drawn, coded and corrected (``toolkit.estimate(method="dsl")``); the table compares the mean half widths.
"""

from __future__ import annotations

import argparse
import warnings
from pathlib import Path

import numpy as np
import pandas as pd

from toolkit.annotation import plan_sample, sample_mentions
from toolkit.annotation.pilot import find_errors
from toolkit.codebook import load_codebook
from toolkit.errors import InputWarning
from toolkit.estimation import contrast, estimate
from toolkit.export import write_csv
from toolkit.scoring import score_mentions

TRUTH = Path(__file__).resolve().parent.parent / "datasets" / "idlib_2020" / "truth" / "tone_own.jsonl"
ACTORS = ("turkey", "russia", "syria")
PILOT, SIZES = 200, (200, 400, 800)


def read_scored() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Scored mentions, and their true labels as gold."""
    rows = pd.read_json(TRUTH, lines=True)
    rows = rows[rows["actor"].isin(ACTORS)].reset_index(drop=True)
    mentions = rows.assign(
        mention_id=[f"m{i:05}" for i in range(len(rows))], article_id=rows["url"], story_id=rows["group"],
        date=pd.Timestamp("2020-02-28"), wire=None, copied=0.0, part="body", surface="", form="name", reading="actor",
        speaker=None, sentence_id=rows["url"], position=0,
    )  # fmt: skip
    mentions["surface"] = [row.sentence[row.start : row.end] for row in rows.itertuples()]
    mentions = mentions.astype({"start": "int64", "end": "int64"})
    gold = mentions[["mention_id", "label"]].assign(task="tone")
    return score_mentions(mentions.drop(columns="label")), gold


def compare(scored: pd.DataFrame, gold: pd.DataFrame, n: int, design: str, draws: int) -> pd.DataFrame:
    """Mean half widths over draws, planned and found, of estimates and of contrasts."""
    found: dict[str, list[float]] = {"estimate": [], "contrast": []}
    planned: dict[str, list[float]] = {"estimate": [], "contrast": []}
    for seed in range(draws):
        pilot = sample_mentions(scored, n=PILOT, minimum=1, seed=10_000 + seed)
        known = gold[gold["mention_id"].isin(pilot.mentions["mention_id"])]
        plan = plan_sample(scored, n=n, design=design, minimum=1, pilot=(known, pilot.frame))
        sample = sample_mentions(scored, n=n, design=design, minimum=1, seed=seed)
        coded = gold[gold["mention_id"].isin(sample.mentions["mention_id"])]
        for kind, make in (("estimate", estimate), ("contrast", contrast)):
            table = make(scored, method="dsl", gold=coded, frame=sample.frame)
            found[kind].append(float(((table["high"] - table["low"]) / 2).mean()))
            planned[kind].append(float(plan.loc[plan["kind"] == kind, "half_width"].mean()))
    return pd.DataFrame(
        [
            {"design": design, "n": n, "kind": kind, "planned": np.mean(planned[kind]), "found": np.mean(found[kind]),
             "ratio": np.mean(found[kind]) / np.mean(planned[kind])}
            for kind in found
        ]
    )  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--draws", type=int, default=8)
    parser.add_argument("--csv", type=Path, default=Path(__file__).with_suffix(".csv"))
    options = parser.parse_args()
    warnings.simplefilter("ignore", InputWarning)
    scored, gold = read_scored()
    all_of_it = pd.DataFrame({"mention_id": scored["mention_id"], "probability": 1.0})
    errors = find_errors(
        scored, load_codebook()["tone"], None, "tone_score", ["outlet", "actor"], (gold, all_of_it), {}
    )
    print(f"{len(scored)} mentions, {scored['story_id'].nunique()} stories; all of them {errors.words}; "
          f"slope of the recalibration {errors.slope:.2f}")  # fmt: skip
    table = pd.concat(
        [compare(scored, gold, n, design, options.draws) for design in ("mention", "story") for n in SIZES],
        ignore_index=True,
    )
    print(table.round(3).to_string(index=False))
    write_csv(table, options.csv)


if __name__ == "__main__":
    main()

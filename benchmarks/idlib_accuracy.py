"""Accuracy and calibration of what ships on datasets/idlib_2020, by actor, outlet, voice, with the second pass beside.

    python benchmarks/idlib_accuracy.py [--csv FILE]

The mentions of the three governments that stand exactly where the truth has one that it reads as an actor, scored by
`transformer` (blind, the default); gold is the truth. Intervals by resampling stories (2,000 draws, percentiles).
The "coders" are the two passes, on the third of the corpus that both have. Writes benchmarks/idlib_accuracy.csv.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import pandas as pd
from idlib_agreement import annotations_of, read_both
from idlib_truth import build_truth, read_truth

import toolkit

OUT = Path(__file__).resolve().parent / "idlib_accuracy.csv"
ACTORS = ["turkey", "russia", "syria"]


def scored_and_gold() -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """The scored mentions, their gold, and the two passes as annotations of the same mentions."""
    with tempfile.TemporaryDirectory() as temporary:
        articles, truth = read_truth(build_truth(Path(temporary)))
    mentions = toolkit.find_mentions(articles, ACTORS)
    at = mentions["position"].astype("float").fillna(mentions["start"]).astype(int)
    mentions = mentions.assign(at=at, url=mentions["article_id"])
    truth["n"] = truth.groupby("url").cumcount() + 1
    truth = truth.rename(columns={"start": "at", "reading": "true_reading"})
    both = mentions.merge(
        truth[["url", "part", "actor", "at", "n", "tone", "true_reading"]], on=["url", "part", "actor", "at"]
    )
    both = both[both["true_reading"] == "actor"].drop_duplicates("mention_id")
    gold = pd.DataFrame(
        {"mention_id": both["mention_id"], "task": "tone", "label": both["tone"], "decided_by": "authors"}
    )
    scored = toolkit.score_mentions(both.drop(columns=["tone"]))
    passes = annotations_of(read_both(), "tone")
    found = both.assign(key=both["url"] + "#" + both["n"].astype(str)).set_index("key")["mention_id"]
    passes = passes.assign(mention_id=passes["mention_id"].map(found)).dropna(subset=["mention_id"])
    return scored, gold, passes


def measure(scored: pd.DataFrame, gold: pd.DataFrame, passes: pd.DataFrame) -> pd.DataFrame:
    """Accuracy of all and of each group."""
    parts = []
    for by in (None, "actor", "outlet", "voice"):
        found = toolkit.accuracy_by(scored, gold, by=by, annotations=passes)
        parts.append(found.assign(by=by or "", group=found[by] if by else "").drop(columns=[by] if by else []))
    return pd.concat(parts, ignore_index=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--csv", type=Path, default=OUT)
    options = parser.parse_args()
    scored, gold, passes = scored_and_gold()
    table = measure(scored, gold, passes)
    columns = ["by", "group", "who", "label", "measure", "estimate", "low", "high", "n", "n_stories", "note"]
    shown = table[table["label"].isna() | (table["by"] == "")]
    print(shown[columns].round(3).to_string(index=False, na_rep=""))
    print()
    for method in ("temperature", "isotonic"):
        print(toolkit.cross_calibrate(scored, gold, method=method)[1].round(4).to_string(index=False))
    print()
    print(toolkit.reliability(scored, gold).round(3).to_string(index=False, na_rep=""))
    table[columns].round(4).to_csv(options.csv, index=False, lineterminator="\n")


if __name__ == "__main__":
    main()

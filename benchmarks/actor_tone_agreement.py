"""How well the second, blind pass over 1,200 items of datasets/actor_tone agrees with the writers' labels.

    python benchmarks/actor_tone_agreement.py [--csv FILE]

All coefficients of toolkit.coder_agreement; intervals by resampling events (2,000 draws, percentiles). Neither pass is
by independent human coders: the card says what that is worth.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import pandas as pd

from toolkit.agreement import coder_agreement, coder_confusion

DATASET = Path(__file__).resolve().parent.parent / "datasets" / "actor_tone"


def read_both() -> pd.DataFrame:
    """The first and the second label of each item that was coded twice, with its event and phenomenon."""
    second = pd.read_csv(DATASET / "second_pass.csv", keep_default_na=False)
    items = pd.concat([pd.read_json(DATASET / f"{s}.jsonl", lines=True, dtype=False) for s in ("train", "dev", "test")])
    both = second.merge(items[["id", "group", "phenomenon"]], on="id", how="left", validate="one_to_one")
    assert both["group"].notna().all()
    return both.assign(mention_id=both["id"].astype(str), article_id=both["group"])


def annotations_of(both: pd.DataFrame) -> pd.DataFrame:
    """The two passes as annotations."""
    parts = [both[["mention_id"]].assign(label=both[c], coder=c, task="tone") for c in ("first", "second")]
    return pd.concat(parts, ignore_index=True)


def compare(both: pd.DataFrame, draws: int = 2000, seed: int = 2020) -> pd.DataFrame:
    """One row for each coefficient."""
    return coder_agreement(annotations_of(both), "tone", mentions=both, draws=draws, seed=seed)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--csv", type=Path)
    options = parser.parse_args()
    both = read_both()
    table = compare(both)
    print(table.round(3).to_string(index=False))
    print("\nfirst pass (rows) against second (columns)")
    crossed = coder_confusion(annotations_of(both), "tone")
    print(crossed.pivot(index="label_a", columns="label_b", values="n").to_string())
    if options.csv:
        table.to_csv(options.csv, index=False, lineterminator="\n")


if __name__ == "__main__":
    main()

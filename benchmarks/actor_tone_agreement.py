"""How well the second, blind pass over 1,200 items of datasets/actor_tone agrees with the writers' labels.

    python benchmarks/actor_tone_agreement.py [--csv FILE]

Krippendorff's alpha (nominal, ordinal); intervals by resampling events (2,000 draws, percentiles). Neither pass is by
independent human coders: the card says what that is worth.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pandas as pd
from idlib_agreement import TONES, alpha_with_interval

DATASET = Path(__file__).resolve().parent.parent / "datasets" / "actor_tone"


def read_both() -> pd.DataFrame:
    """The first and the second label of each item that was coded twice, with its event and phenomenon."""
    second = pd.read_csv(DATASET / "second_pass.csv", keep_default_na=False)
    items = pd.concat([pd.read_json(DATASET / f"{s}.jsonl", lines=True, dtype=False) for s in ("train", "dev", "test")])
    both = second.merge(items[["id", "group", "phenomenon"]], on="id", how="left", validate="one_to_one")
    assert both["group"].notna().all()
    return both


def compare(both: pd.DataFrame, draws: int = 2000, seed: int = 2020) -> pd.DataFrame:
    a = pd.Categorical(both["first"], TONES).codes.astype(int)
    b = pd.Categorical(both["second"], TONES).codes.astype(int)
    rows = []
    for name, ordinal in (("tone", False), ("tone (ordinal)", True)):
        found = alpha_with_interval(a, b, both["group"], np.random.default_rng(seed), draws, ordinal=ordinal)
        counts = {"items": len(both), "events": both["group"].nunique(), "agree": (a == b).mean()}
        rows.append({"label": name, **counts, **found})
    return pd.DataFrame(rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--csv", type=Path)
    options = parser.parse_args()
    both = read_both()
    table = compare(both)
    print(table.round(3).to_string(index=False))
    print("\nfirst pass (rows) against second (columns)")
    print(pd.crosstab(both["first"], both["second"]).to_string())
    if options.csv:
        table.to_csv(options.csv, index=False, lineterminator="\n")


if __name__ == "__main__":
    main()

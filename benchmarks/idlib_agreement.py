"""How well the second, blind pass over a third of datasets/idlib_2020 agrees with the authors' labels.

    python benchmarks/idlib_agreement.py [--csv FILE]

All coefficients of toolkit.coder_agreement; intervals by resampling articles (2,000 draws, percentiles). Speaker is
compared where both passes heard a quoted or reported voice, tone where both read an actor; tone also by actor, outlet
and label. Both passes are by authors of the corpus, not by independent human coders.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import pandas as pd

from toolkit.agreement import coder_agreement, coder_confusion

DATASET = Path(__file__).resolve().parent.parent / "datasets" / "idlib_2020"


def read_both() -> pd.DataFrame:
    """The first and the second label of each mention that was coded twice."""
    first = pd.read_csv(DATASET / "truth" / "mentions.csv", keep_default_na=False)
    # The blind sheet numbers the mentions of an article from 1, title first: the order of the truth.
    first["n"] = first.groupby("url").cumcount() + 1
    second = pd.read_csv(DATASET / "second_pass.csv", keep_default_na=False)
    both = first.merge(second, on=["url", "n"], how="inner", suffixes=("", "_2"), validate="one_to_one")
    assert len(both) == len(second)
    outlets = pd.read_csv(DATASET / "truth" / "articles.csv", keep_default_na=False).set_index("url")["outlet"]
    return both.assign(
        mention_id=both["url"] + "#" + both["n"].astype(str), article_id=both["url"], outlet=both["url"].map(outlets)
    )


def annotations_of(both: pd.DataFrame, task: str) -> pd.DataFrame:
    """The two passes as annotations of a task, where both have it."""
    acting = (both["reading"] == "actor") & (both["reading_2"] == "actor")
    spoken = (both["voice"] != "outlet") & (both["voice_2"] != "outlet")
    rows = both[{"tone": acting, "speaker": spoken}.get(task, both["url"].notna())]
    passes = [rows[["mention_id", column]].set_axis(["mention_id", "label"], axis=1) for column in (task, f"{task}_2")]
    return pd.concat([p.assign(task=task, coder=c) for p, c in zip(passes, ("first", "second"), strict=True)])


def compare(both: pd.DataFrame, draws: int = 2000, seed: int = 2020) -> pd.DataFrame:
    """One row for each task, group and coefficient."""
    parts = []
    for task in ("reading", "voice", "speaker", "tone"):
        for by in (None, "actor", "outlet", "label") if task == "tone" else (None,):
            found = coder_agreement(annotations_of(both, task), task, mentions=both, by=by, draws=draws, seed=seed)
            parts.append(found.assign(by=by or "", group=found[by] if by else "").drop(columns=[by] if by else []))
    return pd.concat(parts, ignore_index=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--csv", type=Path)
    options = parser.parse_args()
    both = read_both()
    table = compare(both)
    columns = ["task", "by", "group", "coefficient", "estimate", "low", "high", "n_units", "n_articles", "note"]
    print(table[columns].round(3).to_string(index=False, na_rep=""))
    print("\ntone, first pass (rows) against second (columns)")
    crossed = coder_confusion(annotations_of(both, "tone"), "tone")
    print(crossed.pivot(index="label_a", columns="label_b", values="n").to_string())
    if options.csv:
        table[columns].to_csv(options.csv, index=False, lineterminator="\n")


if __name__ == "__main__":
    main()

"""How well the second, blind pass over a third of datasets/idlib_2020 agrees with the authors' labels.

    python benchmarks/idlib_agreement.py [--csv FILE]

Krippendorff's alpha, nominal, for tone also ordinal (Krippendorff 2019, Content Analysis, ch. 12); intervals by
resampling articles (2,000 draws, percentiles). Speaker is compared where both passes heard a quoted or reported voice,
tone where both read an actor. Both passes are by authors of the corpus, not by independent human coders.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pandas as pd

DATASET = Path(__file__).resolve().parent.parent / "datasets" / "idlib_2020"
TONES = ["negative", "neutral", "positive"]


def coincidences(a: np.ndarray, b: np.ndarray, k: int) -> np.ndarray:
    """The k x k table of ordered pairs of codes within units, for two coders and no missing values."""
    table = np.zeros((k, k))
    np.add.at(table, (a, b), 1)
    return table + table.T


def alpha(table: np.ndarray, *, ordinal: bool = False) -> float:
    """Krippendorff's alpha of a coincidence table; NaN where nothing varies."""
    n_c = table.sum(axis=0)
    n = n_c.sum()
    k = len(table)
    distance = 1.0 - np.eye(k)
    if ordinal:
        between = [[n_c[min(c, d) : max(c, d) + 1].sum() - (n_c[c] + n_c[d]) / 2 for d in range(k)] for c in range(k)]
        distance = np.square(np.array(between)) * (1.0 - np.eye(k))
    expected = (np.outer(n_c, n_c) * distance).sum() / (n * (n - 1))
    return float("nan") if expected == 0 else 1 - (table * distance).sum() / n / expected


def alpha_with_interval(
    a: np.ndarray, b: np.ndarray, groups: pd.Series, rng: np.random.Generator, draws: int, *, ordinal: bool
) -> dict[str, float]:
    """Alpha of two coders' codes (0, 1, ...), and its percentile interval by resampling groups."""
    group, k = pd.factorize(groups)[0], int(max(a.max(), b.max())) + 1
    tables = np.array([coincidences(a[group == i], b[group == i], k) for i in range(group.max() + 1)])
    weights = rng.multinomial(len(tables), np.full(len(tables), 1 / len(tables)), size=draws)
    resampled = [alpha(np.tensordot(w, tables, 1), ordinal=ordinal) for w in weights]
    low, high = np.nanpercentile(resampled, [2.5, 97.5])
    return {"alpha": alpha(tables.sum(axis=0), ordinal=ordinal), "low": low, "high": high}


def read_both() -> pd.DataFrame:
    """The first and the second label of each mention that was coded twice."""
    first = pd.read_csv(DATASET / "truth" / "mentions.csv", keep_default_na=False)
    # The blind sheet numbers the mentions of an article from 1, title first: the order of the truth.
    first["n"] = first.groupby("url").cumcount() + 1
    second = pd.read_csv(DATASET / "second_pass.csv", keep_default_na=False)
    both = first.merge(second, on=["url", "n"], how="inner", suffixes=("", "_2"), validate="one_to_one")
    assert len(both) == len(second)
    return both


def compare(both: pd.DataFrame, draws: int = 2000, seed: int = 2020) -> pd.DataFrame:
    """One row per label: n, percent agreement, alpha and its interval."""
    actor = (both["reading"] == "actor") & (both["reading_2"] == "actor")
    spoken = (both["voice"] != "outlet") & (both["voice_2"] != "outlet")
    parts = {
        "reading": both,
        "voice": both,
        "speaker": both[spoken],
        "tone": both[actor],
        "tone (ordinal)": both[actor],
    }
    rows = []
    for seed_of, (name, rows_of) in enumerate(parts.items()):
        column = name.split()[0]
        labels = TONES if column == "tone" else sorted({*rows_of[column], *rows_of[f"{column}_2"]})
        a = pd.Categorical(rows_of[column], labels).codes.astype(int)
        b = pd.Categorical(rows_of[f"{column}_2"], labels).codes.astype(int)
        rng = np.random.default_rng([seed, seed_of])
        found = alpha_with_interval(a, b, rows_of["url"], rng, draws, ordinal=name.endswith("(ordinal)"))
        counts = {"mentions": len(rows_of), "articles": rows_of["url"].nunique(), "agree": (a == b).mean()}
        rows.append({"label": name, **counts, **found})
    return pd.DataFrame(rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--csv", type=Path)
    options = parser.parse_args()
    both = read_both()
    table = compare(both)
    print(table.round(3).to_string(index=False))
    acting = both[(both["reading"] == "actor") & (both["reading_2"] == "actor")]
    print("\ntone, first pass (rows) against second (columns)")
    print(pd.crosstab(acting["tone"], acting["tone_2"]).to_string())
    if options.csv:
        table.to_csv(options.csv, index=False, lineterminator="\n")


if __name__ == "__main__":
    main()

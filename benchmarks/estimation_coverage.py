"""How often do the 95 % intervals of toolkit.estimate and toolkit.contrast hold the truth?

Stories are drawn from a population whose mean is known, told by two outlets that may share them, and scored; this is
done again and again, and the intervals that hold the truth are counted. Prints a table and writes it beside this file.

    python benchmarks/estimation_coverage.py            # 2,000 repetitions, some minutes
    python benchmarks/estimation_coverage.py --repetitions 200

Scores: `even` is bounded and nearly symmetric; `skewed` is near zero except in one story of seven, where it is
strongly negative; `labels` is -1, 0 or 1, mostly 0; `sizes` is `even` with some stories of very many mentions, the
longer the more negative. `mean_ignoring_stories` is what a t interval over single mentions covers: the mistake that
clustering avoids.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.special import stdtrit

from toolkit.estimation import contrast, estimate
from toolkit.tables import SCHEMAS

KINDS = ("even", "skewed", "labels", "sizes")
SHIFT = np.array([-0.1, 0.2])
POPULATION = 400_000
DESIGNS = (  # scores, stories of a, stories of b, stories in both, copies
    *((kind, n, n, 0, "one_per_story") for kind in ("even", "skewed", "labels") for n in (5, 10, 20, 50)),
    *(("even", n, n, n, "one_per_story") for n in (5, 10, 20, 50)),
    *(("even", n, n, n // 2, "one_per_story") for n in (10, 20, 50)),
    ("even", 5, 50, 0, "one_per_story"),
    ("even", 5, 50, 5, "one_per_story"),
    *(("sizes", n, n, n // 2, "one_per_story") for n in (10, 50)),
    *(("sizes", n, n, n // 2, "all") for n in (5, 10, 20, 50)),
    ("sizes", 10, 50, 5, "all"),
)


def tell(rng: np.random.Generator, kind: str, story: np.ndarray, outlet: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The mentions of each telling of a story: which telling each belongs to, and its score."""
    n_stories = int(story.max()) + 1
    nature, chance = rng.normal(size=n_stories), rng.random(n_stories)
    long = np.exp(rng.normal(size=n_stories))[story] if kind == "sizes" else 1.0
    sizes = 1 + rng.poisson(1.5 * long, size=len(story))
    telling = np.repeat(np.arange(len(story)), sizes)
    s, shift = story[telling], SHIFT[outlet[telling]]
    noise = rng.normal(size=len(telling))
    own = rng.normal(size=len(story))[telling]
    if kind == "skewed":
        return telling, np.where(chance[s] < 0.15 + shift / 10, -0.7, 0.02) + 0.1 * np.tanh(own + noise)
    if kind == "labels":
        latent = shift + nature[s] + 0.5 * own + noise
        return telling, np.where(latent < -1.5, -1.0, np.where(latent > 2.2, 1.0, 0.0))
    size_effect = -0.15 * np.log(sizes)[telling] if kind == "sizes" else 0.0
    return telling, np.tanh(shift + size_effect + 0.5 * nature[s] + 0.2 * own + 0.3 * noise)


def truth(kind: str, copies: str) -> np.ndarray:
    """The mean of each outlet over a population of stories so large that its own error does not matter."""
    rng = np.random.default_rng([7, KINDS.index(kind)])
    means = []
    for outlet in (0, 1):
        telling, score = tell(rng, kind, np.arange(POPULATION), np.full(POPULATION, outlet))
        count = np.bincount(telling)
        means.append(score.mean() if copies == "all" else (np.bincount(telling, score) / count).mean())
    return np.array(means)


def draw(kind: str, n_a: int, n_b: int, shared: int, repetitions: int) -> pd.DataFrame:
    """Scored mentions of all repetitions in one table; repetitions have no story in common."""
    rng = np.random.default_rng([11, KINDS.index(kind), n_a, n_b, shared])
    per = n_a + n_b - shared
    base = np.concatenate([np.arange(n_a), np.arange(n_a - shared, per)])
    outlet = np.tile(np.repeat([0, 1], [n_a, n_b]), repetitions)
    repetition = np.repeat(np.arange(repetitions), n_a + n_b)
    story = np.tile(base, repetitions) + repetition * per
    telling, score = tell(rng, kind, story, outlet)
    table = pd.DataFrame(
        {
            "mention_id": [f"m{i}" for i in range(len(score))],
            "article_id": telling.astype(str),
            "story_id": story[telling].astype(str),
            "outlet": np.array(["a", "b"])[outlet[telling]],
            "repetition": repetition[telling],
            "tone_score": score,
        }
    )
    fixed = {"date": pd.Timestamp("2020-02-28"), "wire": None, "copied": 0.0, "part": "body", "actor": "x",
             "surface": "x", "form": "name", "reading": "actor", "voice": "outlet", "speaker": None,
             "sentence_id": "t", "sentence": "x", "start": 0, "end": 1, "position": 0}  # fmt: skip
    return table.assign(**fixed)[[*SCHEMAS["mentions"], "repetition", "tone_score"]]


def covered(table: pd.DataFrame, value: float) -> float:
    """The share of rows, in per cent, whose interval holds the value; a missing interval does not."""
    return 100 * float(((table["low"] <= value) & (value <= table["high"])).mean())


def unclustered(scored: pd.DataFrame) -> pd.DataFrame:
    """The t interval over single mentions."""
    rows = scored[scored["outlet"] == "a"].groupby("repetition")["tone_score"].agg(["mean", "std", "size"])
    half = stdtrit(rows["size"] - 1, 0.975) * rows["std"] / np.sqrt(rows["size"])
    return pd.DataFrame({"low": rows["mean"] - half, "high": rows["mean"] + half})


def measure(kind: str, n_a: int, n_b: int, shared: int, copies: str, repetitions: int) -> dict[str, object]:
    """Coverage of every interval in one design."""
    scored, mean = draw(kind, n_a, n_b, shared, repetitions), truth(kind, copies)
    row: dict[str, object] = {"scores": kind, "copies": copies, "stories_a": n_a, "stories_b": n_b, "shared": shared}
    for interval in ("t", "bootstrap"):
        options = {"copies": copies, "interval": interval, "draws": 1000, "seed": 3}
        means = estimate(scored, by=["repetition", "outlet"], **options)
        means = means[means["outlet"] == "a"]
        pairs = contrast(scored, by=["repetition"], **options)
        row[f"mean_{interval}"] = covered(means, mean[0])
        row[f"width_{interval}"] = float((means["high"] - means["low"]).median())
        row[f"contrast_{interval}"] = covered(pairs, mean[0] - mean[1])
    return {**row, "mean_ignoring_stories": covered(unclustered(scored), mean[0])}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repetitions", type=int, default=2000)
    parser.add_argument("--out", type=Path, default=Path(__file__).with_suffix(".csv"))
    options = parser.parse_args()
    table = pd.DataFrame([measure(*design, repetitions=options.repetitions) for design in DESIGNS])
    table.round(3).to_csv(options.out, index=False, lineterminator="\n")
    print(table.round({c: 2 if c.startswith("width") else 1 for c in table.columns}).to_string(index=False))
    print(f"{options.repetitions} repetitions; the error of a coverage near 95 is about "
          f"{196 * (0.95 * 0.05 / options.repetitions) ** 0.5:.1f} points (two standard errors)")  # fmt: skip


if __name__ == "__main__":
    main()

"""Time and memory of toolkit.estimate and toolkit.contrast on 100,000 mentions. Prints a table and writes it as CSV.

python benchmarks/estimation_speed.py

2,000 of the mentions are coded, drawn with unequal probabilities. The wild cluster bootstrap is measured without pairs
of outlets: it costs as many draws for each of 2,175 pairs, and is made for few stories.
"""

from __future__ import annotations

import argparse
import resource
import time
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd

from toolkit.estimation import contrast, estimate
from toolkit.tables import SCHEMAS


def draw(mentions: int, stories: int, outlets: int, actors: int) -> pd.DataFrame:
    """Scored mentions in the shape of a large corpus: some five to an article, stories in several outlets."""
    rng = np.random.default_rng(5)
    article = rng.integers(0, mentions // 5, mentions)
    story = np.minimum(article, rng.integers(0, stories, mentions // 5)[article])
    table = pd.DataFrame(
        {
            "mention_id": [f"m{i}" for i in range(mentions)],
            "article_id": np.char.add("a", article.astype(str)),
            "story_id": np.char.add("s", story.astype(str)),
            "outlet": np.char.add("outlet ", (article % outlets).astype(str)),
            "actor": np.char.add("actor ", rng.integers(0, actors, mentions).astype(str)),
            "tone_score": rng.uniform(-1, 1, mentions),
        }
    )
    fixed = {"date": pd.Timestamp("2020-02-28"), "wire": None, "copied": 0.0, "part": "body", "surface": "x",
             "form": "name", "reading": "actor", "voice": "outlet", "speaker": None, "sentence_id": "t",
             "sentence": "x", "start": 0, "end": 1, "position": 0}  # fmt: skip
    return table.assign(**fixed)[[*SCHEMAS["mentions"], "tone_score"]]


def sample(scored: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Gold of some 2,000 mentions, and the frame."""
    rng = np.random.default_rng(6)
    probability = rng.choice([0.01, 0.03], len(scored))
    drawn = rng.random(len(scored)) < probability
    frame = pd.DataFrame({"mention_id": scored["mention_id"], "stratum": probability.astype(str),
                          "probability": probability, "drawn": drawn, "cluster": scored["story_id"]})  # fmt: skip
    labels = rng.choice(["negative", "neutral", "positive"], int(drawn.sum()))
    return scored.loc[drawn, ["mention_id"]].assign(task="tone", label=labels), frame


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mentions", type=int, default=100_000)
    parser.add_argument("--draws", type=int, default=2000)
    parser.add_argument("--out", type=Path, default=Path(__file__).with_suffix(".csv"))
    options = parser.parse_args()
    scored = draw(options.mentions, options.mentions // 6, outlets=30, actors=5)
    rows = []
    gold, frame = sample(scored)
    kinds = [*product((estimate, contrast), ("naive",), ("t", "bootstrap"), ("one_per_story", "all")),
             *product((estimate, contrast), ("gold", "dsl"), ("t", "bootstrap"), ("one_per_story",)),
             *product((estimate,), ("naive", "dsl"), ("wild",), ("one_per_story",))]  # fmt: skip
    for function, method, interval, copies in kinds:
        given = {} if method == "naive" else {"gold": gold, "frame": frame}
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        started, cpu = time.perf_counter(), time.process_time()
        result = function(scored, copies=copies, interval=interval, draws=options.draws, method=method, **given)
        seconds, cpu = time.perf_counter() - started, time.process_time() - cpu
        more = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024 - before
        rows.append(
            {"function": function.__name__, "method": method, "interval": interval, "copies": copies,
             "mentions": len(scored), "stories": scored["story_id"].nunique(), "rows": len(result),
             "draws": options.draws, "seconds": round(seconds, 2),
             "cpu_seconds": round(cpu, 2), "peak_rises_by_mib": round(more)}
        )  # fmt: skip
    table = pd.DataFrame(rows)
    table.to_csv(options.out, index=False, lineterminator="\n")
    print(table.to_string(index=False))


if __name__ == "__main__":
    main()

"""Speed and memory of the shipped encoder and of scoring with it.

    python benchmarks/encoder_speed.py [--mentions 1000]

Sentences are those of the sample corpus. Writes benchmarks/encoder_speed.csv. The median of three rounds is reported.
"""

from __future__ import annotations

import argparse
import resource
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import pandas as pd

from toolkit.encoders import load_encoder
from toolkit.scoring import make_classifier, score_mentions
from toolkit.sentences import split_sentences

ROOT = Path(__file__).resolve().parents[1]


def sentences(most: int) -> pd.DataFrame:
    """Different sentences of the sample corpus, the first word of each as the target."""
    bodies = pd.read_json(ROOT / "datasets" / "idlib_2020" / "truth" / "bodies.jsonl", lines=True)["body"]
    found = dict.fromkeys(body[a:b] for body in bodies for a, b in split_sentences(body) if b - a > 20)
    table = pd.DataFrame({"sentence": list(found)[:most]})
    return table.assign(start=0, end=table["sentence"].map(lambda s: len(s.split()[0])))


def rate(work: Callable[[], object], items: int) -> float:
    times = []
    for _ in range(3):
        started = time.perf_counter()
        work()
        times.append(time.perf_counter() - started)
    return items / statistics.median(times)


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mentions", type=int, default=1000)
    args = parser.parse_args(argv)
    table = sentences(args.mentions)
    targets = list(table.itertuples(index=False, name=None))
    rows = []
    for threads in (1, 2):
        encoder = load_encoder(threads=threads)
        speed = rate(lambda encoder=encoder: sum(1 for _ in encoder.states(targets)), len(targets))
        rows.append({"what": f"encoder, {threads} thread(s)", "per_second": round(speed)})
    for name in ("embedding", "lexicon"):
        classifier = make_classifier(name)
        speed = rate(lambda classifier=classifier: score_mentions(table, classifier=classifier), len(table))
        rows.append({"what": f"score_mentions, {name}", "per_second": round(speed)})
    found = pd.DataFrame(rows).assign(n=len(table))
    found.to_csv(ROOT / "benchmarks" / "encoder_speed.csv", index=False)
    print(found.to_string(index=False))
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

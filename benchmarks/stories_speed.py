"""How long group_stories takes, and how much memory: articles of about 500 words made from real sentences.

    python benchmarks/stories_speed.py [--articles 10000 30000 100000] [--jsonl FILE ...] [--csv FILE]

Each article is drawn sentence by sentence from those of the given JSONL files (a field `text`), by default those of the
sets allsides_actors, polnear and fakes_syria under TOOLKIT_DATA, or else the sample corpus. One in five is a copy of an
earlier one from the days before, trimmed to 60-100 % and with sentences of its own. `year`: spread over 365 days.
`week`: all within seven days, so that dates exclude nothing. Sentences are a fixed stock: the larger the corpus, the
more articles share each of them without being copies, which is harder than real news. Every run is a fresh process.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import resource
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd

from toolkit.stories import group_stories
from toolkit.tables import empty_table

ROOT = Path(__file__).resolve().parent.parent
SETS = ("allsides_actors/articles", "polnear/train", "polnear/dev", "fakes_syria/articles")
WORDS = 500


def stock(paths: list[Path]) -> list[str]:
    """The distinct sentences of 5 to 60 words, roughly split."""
    found: dict[str, None] = {}
    for path in paths:
        for line in path.open(encoding="utf-8"):
            row = json.loads(line)
            text = row.get("text") or row.get("article_content") or ""
            for sentence in re.split(r"(?<=[.!?])\s+", text):
                if 5 <= len(sentence.split()) <= 60:
                    found[" ".join(sentence.split())] = None
    return list(found)


def sample_stock() -> list[str]:
    text = "\n".join(p.read_text(encoding="utf-8") for p in sorted((ROOT / "datasets/idlib_2020/source").glob("*.txt")))
    text = re.sub(r"\[\[([^|\]]+)\|[^\]]*\]\]", r"\1", text)
    return [s for s in re.split(r"(?<=[.!?])\s+", text) if 5 <= len(s.split()) <= 60]


def make(sentences: list[str], n: int, days: int, seed: int = 0) -> tuple[pd.DataFrame, np.ndarray]:
    """A table of n articles, and of which each is a copy (-1: of none)."""
    rng = np.random.default_rng(seed)
    lengths = np.array([len(s.split()) for s in sentences])
    per = round(WORDS / lengths.mean())
    picks = rng.integers(0, len(sentences), (n, per))
    drawn: list[list[int]] = picks.tolist()
    date = np.sort(rng.integers(0, days, n))
    source = np.full(n, -1)
    for i in np.flatnonzero(rng.random(n) < 0.2):
        near = int(np.searchsorted(date, date[i] - 3))
        if near < i:
            source[i] = j = int(rng.integers(near, i))
            keep = int(len(drawn[j]) * rng.uniform(0.6, 1.0))
            drawn[i] = drawn[j][:keep] + drawn[i][: int(rng.integers(0, 3))]
    table = empty_table("articles").reindex(range(n)).assign(
        article_id=[f"a{i:07d}" for i in range(n)], outlet=[f"Outlet {k}" for k in rng.integers(0, 200, n)],
        date=(pd.Timestamp("2020-01-01") + pd.to_timedelta(date, unit="D")).astype("datetime64[us]"),
        text=[" ".join(sentences[k] for k in one) for one in drawn], source_file="x",
        story_id=[f"a{i:07d}" for i in range(n)], copied=0.0,
    )  # fmt: skip
    return table, source


def one(n: int, days: int, paths: list[Path]) -> dict[str, object]:
    sentences = stock(paths) if paths else sample_stock()
    table, source = make(sentences, n, days)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    cpu, started = time.process_time(), time.perf_counter()
    grouped = group_stories(table)
    seconds, cpu = time.perf_counter() - started, time.process_time() - cpu
    story = grouped["story_id"].to_numpy()
    copies = np.flatnonzero(source >= 0)
    kin = pd.Series(np.where(source >= 0, source, np.arange(n)))
    while not (kin[kin].to_numpy() == kin.to_numpy()).all():
        kin = pd.Series(kin[kin].to_numpy())
    wrong = kin.groupby(story).nunique().sub(1).sum()
    return {
        "articles": n, "days": days, "sentences": len(sentences), "seconds": round(seconds, 1),
        "cpu_seconds": round(cpu, 1), "peak_MiB": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        "MiB_before": round(before), "copies": len(copies),
        "copies_found": round(float((story[copies] == story[source[copies]]).mean()), 4), "merged_wrongly": int(wrong),
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=int, nargs="+", default=[10_000, 30_000, 100_000])
    parser.add_argument("--days", type=int, nargs="+", default=[365, 7])
    parser.add_argument("--jsonl", type=Path, nargs="*")
    parser.add_argument("--csv", type=Path)
    parser.add_argument("--one", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    data = os.environ.get("TOOLKIT_DATA")
    paths = options.jsonl or ([Path(data) / f"{name}.jsonl" for name in SETS] if data else [])
    if options.one:
        print(json.dumps(one(options.articles[0], options.days[0], paths)))
        return
    rows = []
    for days in options.days:
        for n in options.articles:
            command = [sys.executable, __file__, "--one", "--articles", str(n), "--days", str(days)]
            command += ["--jsonl", *map(str, paths)] if paths else []
            done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT,
                                  env={**os.environ, "PYTHONPATH": str(ROOT)})  # fmt: skip
            rows.append(json.loads(done.stdout))
            print(pd.DataFrame(rows[-1:]).to_string(index=False, header=len(rows) == 1), flush=True)
    if options.csv:
        pd.DataFrame(rows).to_csv(options.csv, index=False, lineterminator="\n")


if __name__ == "__main__":
    main()

"""How long a run takes, stage by stage, and how much memory: articles of real length, everything but the classifier.

    python benchmarks/run_speed.py [--articles 10000] [--jsonl FILE ...] [--csv FILE]

Articles are drawn sentence by sentence from the texts of the sets allsides_actors, polnear and fakes_syria under
TOOLKIT_DATA and of the sample corpus (or the JSONL files given, field `text`), each from the sentences of one source
article and of two others, to the length of a real one drawn at random; one in six is a copy of an earlier one, cut to
60 to 100 % and printed by another outlet. Twenty outlets, one year, one JSONL file each; page furniture stands in every
third. The classifier is `majority`, fitted on three rows, so that its time is next to nothing. The run is a process of
its own: the peak memory is of all of it. Seconds of the wall clock and of the processor.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
import yaml

ROOT = Path(__file__).resolve().parent.parent
SETS = ("allsides_actors/articles", "polnear/train", "polnear/dev", "fakes_syria/articles")
OUTLETS = 20
FURNITURE = ["Sign up for our newsletter", "Follow us on Twitter", "Read more: the latest from the region"]
CHILD = """
import json, resource, sys, time, warnings
from pathlib import Path
warnings.simplefilter("ignore")
from toolkit.experiment import run_experiment

class Times:
    found = {}
    def start(self, stage):
        self.begun = time.perf_counter(), time.process_time()
    def advance(self, done, total): pass
    def end(self, stage, seconds, kept):
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        now = time.perf_counter(), time.process_time()
        self.found[stage] = [now[0] - self.begun[0], now[1] - self.begun[1], peak]

begun = time.perf_counter(), time.process_time()
run = run_experiment(Path(sys.argv[1]), Path(sys.argv[2]), progress=Times())
whole = [time.perf_counter() - begun[0], time.process_time() - begun[1], 0]
whole[2] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps({"stages": Times.found, "whole": whole, "mentions": len(run.mentions), "articles": len(run.articles),
                  "stories": run.articles["story_id"].nunique()}))
"""


def real_articles(paths: list[Path]) -> list[list[str]]:
    """The sentences of each article, roughly split."""
    found = []
    for path in paths:
        for line in path.open(encoding="utf-8"):
            row = json.loads(line)
            text = row.get("text") or row.get("article_content") or ""
            found.append([" ".join(s.split()) for s in re.split(r"(?<=[.!?])\s+", text) if s.strip()])
    for path in sorted((ROOT / "datasets" / "idlib_2020" / "source").glob("*.txt")):
        text = re.sub(r"\[\[([^|\]]+)\|[^\]]*\]\]", r"\1", path.read_text(encoding="utf-8"))
        for block in re.split(r"^=== .*$", text, flags=re.M)[1:]:
            body = " ".join(x for x in block.partition("\n---")[2].splitlines() if not x.startswith(("%%", "@@")))
            found.append([" ".join(s.split()) for s in re.split(r"(?<=[.!?])\s+", body) if s.strip()])
    return [sentences for sentences in found if len(sentences) >= 5]


def write_corpus(sources: list[list[str]], n: int, folder: Path, seed: int = 0) -> float:
    """Write the corpus; returns its size in megabytes."""
    rng = np.random.default_rng(seed)
    lengths = np.array([len(s) for s in sources])
    made: list[list[str]] = []
    handles = [(folder / f"outlet_{i:02d}.jsonl").open("w", encoding="utf-8") for i in range(OUTLETS)]
    days = pd.Timestamp("2020-01-01") + pd.to_timedelta(np.sort(rng.integers(0, 365, n)), unit="D")
    size = 0
    for number in range(n):
        if made and rng.random() < 1 / 6:
            body = made[max(0, len(made) - int(rng.integers(1, 60)))]
            body = body[: max(4, int(len(body) * rng.uniform(0.6, 1)))]
        else:
            first, *others = rng.integers(0, len(sources), 3)
            pool = [*sources[first], *(s for other in others for s in rng.permutation(sources[other])[:12].tolist())]
            body = [pool[i] for i in np.sort(rng.permutation(len(pool))[: int(rng.choice(lengths))])]
            body[len(body) // 2] += f" It was item {number} of the day."
            made.append(body)
        paragraphs = [" ".join(body[i : i + 3]) for i in range(0, len(body), 3)]
        if number % 3 == 0:
            paragraphs.insert(len(paragraphs) // 2, FURNITURE[number % 9 // 3])
        outlet = int(rng.integers(0, OUTLETS))
        row = {
            "title": f"{body[0][:60]} ({number})", "date": str(days[number].date()), "outlet": f"Outlet {outlet:02d}",
            "text": "\n\n".join(paragraphs), "url": f"https://outlet{outlet}.example/{number}",
        }  # fmt: skip
        handles[outlet].write(json.dumps(row, ensure_ascii=False) + "\n")
        size += len(row["text"].encode())
    for handle in handles:
        handle.close()
    return size / 1e6


def write_classifier(folder: Path) -> None:
    from toolkit.classifiers import CLASSIFIERS

    table = pd.DataFrame({"sentence": "Ankara spoke.", "start": 0, "end": [6, 6, 6]})
    CLASSIFIERS["majority"]().fit(table, ["negative", "neutral", "positive"]).save(folder)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, default=10_000)
    parser.add_argument("--jsonl", type=Path, nargs="*")
    parser.add_argument("--csv", type=Path)
    options = parser.parse_args()
    shelf = Path(os.environ.get("TOOLKIT_DATA", "/nonexistent"))
    paths = options.jsonl or [p for name in SETS if (p := shelf / f"{name}.jsonl").is_file()]
    with tempfile.TemporaryDirectory(prefix="run-speed-") as temporary:
        folder = Path(temporary)
        (folder / "articles").mkdir()
        sources = real_articles(paths)
        size = write_corpus(sources, options.articles, folder / "articles")
        write_classifier(folder / "majority")
        study = {
            "title": "Speed", "seed": 1, "corpus": {"articles": str(folder / "articles")},
            "actors": ["turkey", "russia", "syria"], "tasks": {"tone": {"classifier": str(folder / "majority")}},
        }  # fmt: skip
        (folder / "study.yaml").write_text(yaml.safe_dump(study))
        done = subprocess.run(
            [sys.executable, "-c", CHILD, str(folder / "study.yaml"), str(folder / "run")],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode:
            raise SystemExit(done.stderr)
        found = json.loads(done.stdout)
        report = (folder / "run" / "report.html").stat().st_size / 1e6
    rows = [{"stage": k, "seconds": v[0], "processor": v[1], "peak_mib": v[2]} for k, v in found["stages"].items()]
    rows.append(dict(zip(("stage", "seconds", "processor", "peak_mib"), ["all", *found["whole"]], strict=True)))
    table = pd.DataFrame(rows).round(1)
    print(f"{found['articles']:,} articles made from {len(sources):,}, {size:.0f} MB; {found['stories']:,} stories, "
          f"{found['mentions']:,} mentions; report {report:.0f} MB")  # fmt: skip
    print(table.to_string(index=False))
    if options.csv:
        table.assign(articles=found["articles"]).to_csv(options.csv, index=False, lineterminator="\n")


if __name__ == "__main__":
    main()

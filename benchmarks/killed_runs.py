"""Kill a run at random points, go on with it, and compare what it ends with: is it what an uninterrupted run leaves?

    python benchmarks/killed_runs.py [--points 200] [--seed 0] [--classifier NAME] [--experiment FILE] [--csv FILE]

Without an experiment: twelve articles of the sample corpus, scored by word lists unless told otherwise. A point is
something that the run does in its folder (a file opened, renamed or removed, a folder made), numbered from the start,
and for every second point a random time of up to 100 ms after it, so that writes and calculations are cut in the middle
too. There the process is killed (SIGKILL); another one gives the same command again. Each attempt is a fork of this
process, which has run the experiment once, so that everything is loaded; its files are compared too. Ends with 1 where
a run ended with other bytes. POSIX alone.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import shutil
import signal
import sys
import tempfile
import threading
import time
import warnings
from pathlib import Path

import pandas as pd
import yaml

import toolkit.store
from toolkit.experiment import run_experiment
from toolkit.runs import WORK

ROOT = Path(__file__).resolve().parent.parent
EVENTS = {"open", "os.rename", "os.remove", "os.mkdir", "shutil.rmtree", "os.rmdir", "tempfile.mkstemp"}
DELAY = 0.1


def small_study(folder: Path, classifier: str = "lexicon") -> Path:
    """Twelve articles of three outlets of the sample corpus, and an experiment."""
    source = ROOT / "datasets" / "idlib_2020" / "articles"
    for outlet in ("aegean_ledger", "barada_post", "deccan_telegraph"):
        (folder / "articles" / outlet).mkdir(parents=True)
        for path in sorted((source / outlet).iterdir())[:4]:
            shutil.copy(path, folder / "articles" / outlet / path.name)
    study = {
        "title": "Killed", "seed": 1, "corpus": {"articles": str(folder / "articles")},
        "actors": ["turkey", "russia", "syria"], "estimate": {"draws": 100}, "figures": ["tone_by_outlet"],
        "tasks": {"tone": {"classifier": classifier}},
    }  # fmt: skip
    path = folder / "study.yaml"
    path.write_text(yaml.safe_dump(study), encoding="utf-8")
    return path


def attempt(study: Path, out: Path, *, kill_at: int | None = None, delay: float = 0.0) -> tuple[int, int]:
    """Run in a fork: the signal that ended it (0 for none), and the number of events."""
    read, write = os.pipe()
    inside = str(out)
    child = os.fork()
    if child == 0:
        count = 0

        def watch(event: str, arguments: tuple) -> None:
            nonlocal count
            if event in EVENTS and str(arguments[0]).startswith(inside):
                count += 1
                if count == kill_at:
                    if delay:
                        threading.Timer(delay, os.kill, (os.getpid(), signal.SIGKILL)).start()
                    else:
                        os.kill(os.getpid(), signal.SIGKILL)

        sys.addaudithook(watch)
        status = 1
        try:
            run_experiment(study, out)
            os.write(write, str(count).encode())
            status = 0
        finally:
            os._exit(status)
    os.close(write)
    with os.fdopen(read) as handle:
        events = int(handle.read() or 0)
    _, status = os.waitpid(child, 0)
    if not os.WIFSIGNALED(status) and os.WEXITSTATUS(status):
        raise SystemExit(f"the run ended with {os.WEXITSTATUS(status)}")
    return (os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0), events


def contents(out: Path) -> dict[str, str]:
    """The hash of every file of a run, save for times and what is only kept to save work."""
    found = {}
    for path in sorted(p for p in out.rglob("*") if p.is_file()):
        name = path.relative_to(out).as_posix()
        if name.startswith((f"{WORK}/scores/", f"{WORK}/lock")) or (
            path.parent.name == WORK and path.suffix == ".json"
        ):
            continue
        content = path.read_bytes()
        if name == "run.json":
            facts = json.loads(content)
            stages = [{k: v for k, v in s.items() if k not in ("seconds", "peak_mb")} for s in facts["stages"]]
            content = json.dumps({**facts, "stages": stages}, sort_keys=True).encode()
        found[name] = hashlib.sha256(content).hexdigest()
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--points", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--classifier", default="lexicon", help="of the small corpus")
    parser.add_argument("--experiment", type=Path)
    parser.add_argument("--csv", type=Path)
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    toolkit.store.FLUSH = 8  # small corpora reach the parts of the store too
    draw = random.Random(options.seed)
    with tempfile.TemporaryDirectory(prefix="killed-runs-") as temporary:
        folder = Path(temporary)
        study = options.experiment or small_study(folder, options.classifier)
        run_experiment(study, folder / "first")  # imports and loads what the forks would else load each anew
        _, events = attempt(study, folder / "whole")
        whole = contents(folder / "whole")
        if contents(folder / "first") != whole:
            raise SystemExit("two uninterrupted runs differ")
        rows = []
        for number in range(options.points):
            out = folder / f"run{number}"
            point, delay = draw.randint(1, events), draw.uniform(0, DELAY) if number % 2 else 0.0
            started = time.perf_counter()
            ended, _ = attempt(study, out, kill_at=point, delay=delay)
            stamps = len(list((out / WORK).glob("*.json"))) if (out / WORK).is_dir() else 0
            unfinished = not (out / "run.json").exists()
            attempt(study, out)
            differing = sorted(k for k, v in (contents(out).items() ^ whole.items()))
            rows.append(
                {"point": point, "delay_ms": round(1000 * delay, 1), "killed": ended == signal.SIGKILL,
                 "stages_kept": stamps, "unfinished": unfinished, "differing": " ".join(dict.fromkeys(differing)),
                 "seconds": round(time.perf_counter() - started, 2)}
            )  # fmt: skip
            shutil.rmtree(out)
    table = pd.DataFrame(rows)
    print(table.to_string(index=False))
    wrong = int(table["differing"].ne("").sum())
    print(
        f"{events} events; {len(table)} points, {int(table['killed'].sum())} killed, "
        f"{table['stages_kept'].nunique()} different numbers of stages kept; {wrong} ended with other bytes"
    )
    if options.csv:
        table.drop(columns="seconds").to_csv(options.csv, index=False, lineterminator="\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())

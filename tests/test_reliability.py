"""Two runs at once, a full disk, a folder that may not be written to, inputs that vanish, folders that move."""

import json
import os
import shutil
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from toolkit.cli import main
from toolkit.errors import InputError
from toolkit.experiment import run_experiment
from toolkit.runs import WORK
from toolkit.store import CACHE, Remembered, clear_store, store_size, trim_store
from toolkit.verification import verify_run


class Log:
    def __init__(self, start=None):
        self.made, self.begun = [], start

    def start(self, stage):
        if self.begun:
            self.begun(stage)

    def advance(self, done, total):
        pass

    def end(self, stage, seconds, kept):
        if not kept:
            self.made.append(stage)


def outputs(folder):
    return json.loads((folder / "run.json").read_text())["outputs"]


# Two at once ----------------------------------------------------------------------------------------

WAITS = """
import sys
from pathlib import Path
from toolkit.experiment import run_experiment

class Waits:
    def start(self, stage):
        if stage == "mentions":
            print("waiting", flush=True)
            sys.stdin.readline()
    def advance(self, done, total): pass
    def end(self, stage, seconds, kept): pass

run_experiment(Path(sys.argv[1]), Path(sys.argv[2]), progress=Waits())
"""


def test_two_runs_on_one_folder(small_study, tmp_path, root):
    """Two real processes: the second refuses while the first is at work, and leaves its files alone."""
    study, out = small_study(), tmp_path / "run"
    command = [sys.executable, "-W", "ignore", "-m", "toolkit.cli", "run", str(study), "--out", str(out), "--quiet"]
    first = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", WAITS, str(study), str(out)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=root,
    )  # fmt: skip
    with first:
        assert first.stdout.readline().strip() == "waiting"
        before = {p: p.stat().st_mtime_ns for p in out.rglob("*.parquet")}
        second = subprocess.run(command, capture_output=True, text=True, cwd=root, check=False)
        assert second.returncode == 2
        assert "another run is writing to" in second.stderr
        assert "Traceback" not in second.stderr
        assert {p: p.stat().st_mtime_ns for p in out.rglob("*.parquet")} == before
        first.stdin.write("\n")
        first.stdin.close()
    assert first.returncode == 0
    assert verify_run(out, rebuild=False) == []


def test_the_lock_of_a_killed_run_is_no_lock(small_study, tmp_path, root):
    study, out = small_study(), tmp_path / "run"
    first = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", WAITS, str(study), str(out)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=root,
    )  # fmt: skip
    with first:
        assert first.stdout.readline().strip() == "waiting"
        (out / ".articles.parquet.x1.part").write_text("half")  # what a killed write leaves
        first.kill()
    log = Log()
    run_experiment(study, out, progress=log)
    assert log.made == ["mentions", "score", "estimate", "quality", "figures", "report"]
    assert not list(out.rglob("*.part"))


# Disks and folders ----------------------------------------------------------------------------------

FULL = """
import errno, os, sys
from pathlib import Path
import toolkit.files as files
from toolkit.cli import main

real, count = os.replace, 0
def full(source, target):
    global count
    if str(target).startswith(sys.argv[2]):
        count += 1
        if count > int(sys.argv[3]):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(target))
    real(source, target)
files.os.replace = full
sys.exit(main(["run", sys.argv[1], "--out", sys.argv[2], "--quiet"]))
"""


@pytest.mark.parametrize("writes", [0, 4, 12])
def test_a_full_disk_is_said_and_the_run_goes_on_later(small_study, tmp_path, root, writes):
    study, out = small_study(), tmp_path / "run"
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", FULL, str(study), str(out), str(writes)],
        capture_output=True, text=True, cwd=root, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert "the disk is full" in done.stderr
    assert "free some space" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (out / "run.json").exists()
    assert not list(out.rglob("*.part"))
    run_experiment(study, out)
    run_experiment(study, tmp_path / "whole")
    assert outputs(out) == outputs(tmp_path / "whole")


TMPFS = 'mount -t tmpfs -o size={size}k tmpfs "$1" && shift && exec "$@"'


def test_a_disk_that_is_really_full(small_study, tmp_path, root):
    """A file system of a few hundred kilobytes, in a namespace of its own."""
    study, disk = small_study(), tmp_path / "disk"
    disk.mkdir()
    run = [
        sys.executable,
        "-W",
        "ignore",
        "-m",
        "toolkit.cli",
        "run",
        str(study),
        "--out",
        str(disk / "run"),
        "--quiet",
    ]
    space = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c"]
    try:
        probe = subprocess.run(
            [*space, TMPFS.format(size=64), "sh", str(disk), "true"], capture_output=True, check=False
        )
    except FileNotFoundError:
        pytest.skip("unshare is not installed")
    if probe.returncode:
        pytest.skip("this system lets users mount nothing")
    for size in (40, 120, 200):
        done = subprocess.run(
            [*space, TMPFS.format(size=size), "sh", str(disk), *run], capture_output=True, text=True, cwd=root,
            check=False, env={**os.environ, "TMPDIR": str(tmp_path)},
        )  # fmt: skip
        assert done.returncode == 2, done.stderr
        assert "the disk is full" in done.stderr
        assert "Traceback" not in done.stderr


def test_a_folder_that_may_not_be_written_to(small_study, tmp_path, monkeypatch, capsys):
    study, out = small_study(), tmp_path / "run"
    run_experiment(study, out)
    if os.geteuid() == 0:  # root may write anywhere: the system's answer is put in its place
        real = Path.open

        def refuse(self, *args, **options):
            if self.name == "lock":
                raise PermissionError(13, "Permission denied", str(self))
            return real(self, *args, **options)

        monkeypatch.setattr(Path, "open", refuse)
    else:
        (out / WORK / "lock").chmod(0o400)
        (out / WORK).chmod(0o500)
    assert main(["run", str(study), "--out", str(out), "--quiet"]) == 2
    assert "cannot be written to (Permission denied); give another with --out" in capsys.readouterr().err
    if os.geteuid():
        (out / WORK).chmod(0o700)


@pytest.mark.parametrize("change", ["vanishes", "changes", "appears"])
def test_an_input_that_does_not_stay_is_not_taken_for_whole(small_study, tmp_path, change):
    """While articles are read, one goes, changes or comes: the run stops, and says so again until it is the same."""
    study, out = small_study(), tmp_path / "run"
    path = tmp_path / "articles" / "The Post" / ("2020-02-20.txt" if change == "appears" else "2020-02-12.txt")
    text = "Moscow and Ankara talked for hours, and Damascus was not asked."

    def act(stage):
        if stage == "read":
            path.unlink() if change == "vanishes" else path.write_text(text)

    words = {"vanishes": "has vanished", "changes": "was changed", "appears": "is new"}[change]
    with pytest.raises(InputError, match=f"{path.name} {words} while the run was reading it"):
        run_experiment(study, out, progress=Log(act))
    assert not (out / "run.json").exists()
    log = Log()
    run = run_experiment(study, out, progress=log)
    assert "read" in log.made
    assert len(run.articles) == {"vanishes": 5, "changes": 6, "appears": 7}[change]


def test_a_vanished_corpus_is_said(small_study, tmp_path, capsys):
    study = small_study()
    shutil.rmtree(tmp_path / "articles")
    assert main(["run", str(study), "--out", str(tmp_path / "run"), "--quiet"]) == 2
    assert "there is no folder or file 'articles'" in capsys.readouterr().err


def test_a_run_folder_may_move(small_study, tmp_path):
    study = small_study()
    run_experiment(study, tmp_path / "run")
    shutil.move(tmp_path / "run", tmp_path / "elsewhere")
    log = Log()
    run_experiment(study, tmp_path / "elsewhere", progress=log)
    assert log.made == []
    assert verify_run(tmp_path / "elsewhere") == []
    study.rename(tmp_path / "renamed.yaml")
    assert verify_run(tmp_path / "elsewhere", rebuild=False) == []
    assert verify_run(tmp_path / "elsewhere") == []  # from its config.yaml
    (tmp_path / "elsewhere" / "config.yaml").unlink()
    with pytest.raises(InputError, match="the experiment of this run, .*, is gone, and so is"):
        verify_run(tmp_path / "elsewhere")


# Scores that are kept -------------------------------------------------------------------------------


class Counting:
    """Knows three labels and how often it was asked."""

    classes_ = np.array(["negative", "neutral", "positive"])
    asked = 0

    def predict_proba(self, table):
        Counting.asked += len(table)
        length = table["sentence"].str.len().to_numpy()[:, None] % 7 + np.arange(1, 4)
        return length / length.sum(axis=1, keepdims=True)


def targets(words):
    return pd.DataFrame({"sentence": words, "start": 0, "end": 6})


@pytest.fixture
def counting():
    Counting.asked = 0
    return Counting


def test_only_new_targets_are_classified(counting, tmp_path):
    one = targets([f"Ankara spoke {i} times." for i in range(20)])
    two = targets([f"Ankara spoke {i} times." for i in range(15, 30)])
    first = Remembered(tmp_path, "k", counting)
    expected = first.predict_proba(one)
    first.close()
    assert counting.asked == 20
    again = Remembered(tmp_path, "k", lambda: pytest.fail("nothing is new, so no classifier is needed"))
    assert np.array_equal(again.predict_proba(one.iloc[::-1]), expected[::-1])
    more = Remembered(tmp_path, "k", counting)
    more.predict_proba(two)
    more.close()
    assert counting.asked == 30
    assert len(list((tmp_path / "k").glob("*.npz"))) == 1
    other = Remembered(tmp_path, "another", counting)
    other.predict_proba(one)
    assert counting.asked == 50


def test_another_place_in_the_same_sentence_is_another_target(counting, tmp_path):
    table = pd.DataFrame({"sentence": "Ankara met Moscow.", "start": [0, 11], "end": [6, 17]})
    kept = Remembered(tmp_path, "k", counting)
    kept.predict_proba(table)
    kept.predict_proba(table.iloc[:1])
    assert counting.asked == 2


def test_a_damaged_part_is_made_again(counting, tmp_path):
    kept = Remembered(tmp_path, "k", counting)
    expected = kept.predict_proba(targets(["Ankara spoke."]))
    kept.close()
    (part,) = (tmp_path / "k").glob("*.npz")
    part.write_bytes(part.read_bytes()[:-40])
    again = Remembered(tmp_path, "k", counting)
    assert np.array_equal(again.predict_proba(targets(["Ankara spoke."])), expected)
    assert counting.asked == 2


def test_a_store_is_bounded(counting, tmp_path):
    for number, key in enumerate("abc"):
        kept = Remembered(tmp_path, key, counting)
        kept.predict_proba(targets([f"Ankara spoke {i} times." for i in range(50)]))
        kept.close()
        os.utime(tmp_path / key, (number, number))
    size = store_size(tmp_path)[1]
    assert trim_store(tmp_path, size) == 0
    assert trim_store(tmp_path, size // 2) == 2
    assert [p.name for p in tmp_path.iterdir()] == ["c"]
    clear_store(tmp_path)
    assert store_size(tmp_path) == (0, 0)


def test_runs_share_scores_where_a_folder_is_named_and_checks_do_not(small_study, tmp_path, monkeypatch, capsys):
    import toolkit.experiment.stages as stages

    made = []
    real = stages.make_classifier
    monkeypatch.setattr(stages, "make_classifier", lambda *a: made.append(a) or real(*a))
    monkeypatch.setenv(CACHE, str(tmp_path / "cache"))
    one = run_experiment(small_study(audit=0), tmp_path / "one")
    assert len(made) == 1
    study = small_study(actors=["turkey", "russia"], audit=0)
    two = run_experiment(study, tmp_path / "two")
    assert len(made) == 1, "an experiment with fewer actors has nothing new to classify"
    both = one.mentions.merge(two.mentions, on="mention_id")
    assert len(both) == len(two.mentions)
    assert (both["tone_score_x"] == both["tone_score_y"]).all()
    verify_run(two.path)
    assert len(made) == 2, "a check takes no scores from what was kept"
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert main(["cache"]) == 0
        assert "scores of 1 classifiers" in capsys.readouterr().out
        assert main(["cache", "--clear"]) == 0
    run_experiment(small_study(audit=0), tmp_path / "three")
    assert len(made) == 3
    monkeypatch.setenv(CACHE, str(study))
    assert main(["run", str(study), "--out", str(tmp_path / "four"), "--quiet"]) == 2
    assert "which is a file" in capsys.readouterr().err

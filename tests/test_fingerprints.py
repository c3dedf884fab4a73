"""What a stage hangs on: found in the source, and checked against what a run really opens and calls."""

import json
import os
import shutil
import subprocess
import sys

import pytest

from toolkit import fingerprints
from toolkit.experiment import run_experiment
from toolkit.fingerprints import code_of

STAGES = ("read", "clean", "stories", "mentions", "score", "estimate", "quality", "figures", "report")


def code(stage):
    return code_of("toolkit.experiment.stages", f"Stages._{stage}")


@pytest.fixture
def tree(tmp_path, monkeypatch):
    """A copy of the toolkit's source whose files tests may change; returns the function that changes one."""
    folder = tmp_path / "source" / "toolkit"
    shutil.copytree(fingerprints.ROOT, folder, copy_function=os.link, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(fingerprints, "ROOT", folder)

    def change(name, old="", new=""):
        path = folder / name
        content = path.read_bytes()
        path.unlink()  # it is a link to the real one
        path.write_bytes(content.replace(old.encode(), new.encode()) if old else content + b"\n\n")

    return change


class Log:
    def __init__(self):
        self.made = []

    def start(self, stage):
        pass

    def advance(self, done, total):
        pass

    def end(self, stage, seconds, kept):
        if not kept:
            self.made.append(stage)


@pytest.fixture
def rerun(tree, small_study, tmp_path):
    """Runs an experiment, changes a file of the toolkit, runs it again: which stages were made again?"""
    run_experiment(small_study(), tmp_path / "run")

    def again(*change):
        tree(*change)
        log = Log()
        run_experiment(tmp_path / "study.yaml", tmp_path / "run", progress=log)
        return log.made

    return again


@pytest.mark.parametrize(
    ("file", "made"),
    [
        ("data/report.html.j2", ["report"]),
        ("report/view.py", ["report"]),
        ("estimation/variance.py", ["estimate", "quality", "figures"]),
        ("scoring.py", ["score", "quality"]),
        # Labelled articles, which a score may be fitted on, are split into sentences too.
        ("data/attributions.yaml", ["mentions", "score", "quality"]),
        ("readers/csv.py", ["read"]),
        ("cli/run.py", []),
        ("verification.py", []),
    ],
)
def test_a_change_reruns_what_uses_it_and_the_report_that_names_the_code(rerun, file, made):
    assert rerun(file) == (list(dict.fromkeys([*made, "report"])) if made else [])


def test_another_result_of_a_stage_reruns_those_after_it(tree, small_study, tmp_path, monkeypatch):
    """A change in estimation that changes numbers: estimate, figures and report."""
    import toolkit.experiment.stages as stages

    run_experiment(small_study(), tmp_path / "run")
    tree("estimation/__init__.py")
    real = stages.estimate

    def other(*args, **options):
        table = real(*args, **options)
        return table.assign(estimate=table["estimate"] / 2)

    monkeypatch.setattr(stages, "estimate", other)
    log = Log()
    run_experiment(tmp_path / "study.yaml", tmp_path / "run", progress=log)
    assert log.made == ["estimate", "quality", "figures", "report"]


def test_a_stage_s_own_method_counts_and_its_neighbours_do_not(tree):
    before = {stage: code(stage).digest for stage in STAGES}
    tree("experiment/stages.py", "clean_articles(self._load(", "clean_articles(  self._load(")
    assert {stage: code(stage).digest for stage in STAGES} == before, "layout alone is no change"
    tree("experiment/stages.py", 'self._save(removed, "removed.parquet")', 'self._save(removed[:0], "removed.parquet")')
    assert [stage for stage in STAGES if code(stage).digest != before[stage]] == ["clean"]


def test_imports_inside_functions_count_and_those_for_types_do_not(tree):
    assert "report/view.py" in code("report").files
    before = code("estimate").digest
    tree("estimation/selection.py", "from __future__ import annotations\n",
         "from __future__ import annotations\nfrom typing import TYPE_CHECKING\nif TYPE_CHECKING:\n"
         "    from toolkit.annotated import show_article\n")  # fmt: skip
    changed = code("estimate")
    assert changed.digest != before
    assert "annotated.py" not in changed.files
    tree("estimation/selection.py", "if TYPE_CHECKING:\n", "if True:\n")
    assert "annotated.py" in code("estimate").files


def test_another_version_of_a_library_is_seen(monkeypatch):
    libraries = code("figures").libraries
    assert {"matplotlib", "pandas", "pillow", "python"} <= set(libraries)
    assert "onnxruntime" in code("score").libraries
    assert "matplotlib" not in code("estimate").libraries
    before = code("figures").digest
    monkeypatch.setattr(fingerprints, "_needed", lambda name: {fingerprints._plain(name): "99"})
    assert code("figures").digest != before


def test_libraries_that_only_fitting_needs_count_only_there():
    fitting = code_of("toolkit.scoring", optional=True).libraries
    assert "transformers" in fitting
    assert "transformers" not in code_of("toolkit.scoring").libraries


WATCH = """
import functools, gc, json, sys, threading
from pathlib import Path
import toolkit.fingerprints
from toolkit.experiment import run_experiment

ROOT = str(toolkit.fingerprints.ROOT) + "/"
stage, opened, called = [None], {}, {}

def hook(event, args):
    if event == "open" and stage[0] and isinstance(args[0], str) and args[0].startswith(ROOT):
        name = args[0][len(ROOT):]
        if name.startswith(("data/", "models/")):
            opened.setdefault(stage[0], set()).add(name)

seen = set()

def profile(frame, event, arg):
    code = frame.f_code
    if event != "call" or code in seen:
        return
    seen.add(code)
    file = code.co_filename
    if stage[0] and file.startswith(ROOT) and code.co_name != "<module>":
        called.setdefault(stage[0], set()).add((file[len(ROOT):], code.co_name))

class Watch:
    def start(self, name):
        # What an earlier stage loaded and kept would hide that this one uses it.
        for thing in gc.get_objects():
            if isinstance(thing, functools._lru_cache_wrapper) and str(thing.__module__).startswith("toolkit."):
                thing.cache_clear()
        seen.clear()
        stage[0] = name
    def advance(self, done, total): pass
    def end(self, name, seconds, kept): stage[0] = None

sys.addaudithook(hook)
threading.setprofile(profile)
sys.setprofile(profile)
run_experiment(Path(sys.argv[1]), Path(sys.argv[2]), progress=Watch())
sys.setprofile(None)
listed = lambda held: {k: sorted(v) for k, v in held.items()}
print(json.dumps({"opened": listed(opened), "called": listed(called)}))
"""


def test_a_run_opens_and_calls_nothing_that_its_stages_do_not_count(small_study, tmp_path, root):
    """The soundness of the keys: what a stage reads or runs is among what it is said to hang on."""
    path = small_study(
        tasks={"tone": {"classifier": "transformer"}}, mentions={"pronouns": True, "readings": "cascade"}
    )
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", WATCH, str(path), str(tmp_path / "run")],
        capture_output=True, text=True, check=True, cwd=root,
    )  # fmt: skip
    seen = json.loads(done.stdout)
    assert set(seen["called"]) == set(STAGES)
    assert any("models/tone/" in name for name in seen["opened"]["score"])
    assert "data/furniture.yaml" in seen["opened"]["clean"]
    for stage in STAGES:
        files = code(stage).files
        missing = set(seen["opened"].get(stage, [])) - set(files)
        assert not missing, f"{stage} opens {missing}"
        parts = {name.partition(":")[0] for name in files}
        keeping = {"runs.py", "experiment/inputs.py", "fingerprints.py"}  # they watch over the stages
        uncounted = {file for file, _ in seen["called"][stage]} - parts - keeping
        assert not uncounted, f"{stage} calls {uncounted}"
        methods = {name.rsplit(".", 1)[-1] for name in files if name.startswith("experiment/stages.py:")}
        for file, function in seen["called"][stage]:
            if file == "experiment/stages.py" and not function.startswith("<"):
                assert function in methods, f"{stage} calls {function}"

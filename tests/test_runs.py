"""A run folder keeps what still holds and makes the rest again."""

import json

import pytest

from toolkit.errors import InputError
from toolkit.runs import WORK, RunFolder, Stage, machine_facts, run_stages


class Log:
    def __init__(self):
        self.made, self.kept = [], []

    def start(self, stage):
        pass

    def advance(self, done, total):
        pass

    def end(self, stage, seconds, kept):
        (self.kept if kept else self.made).append(stage)


def stages(folder, first="1", fail=False):
    def one(advance):
        (folder / "a.txt").write_text(first)

    def two(advance):
        (folder / "out").mkdir()
        (folder / "out" / "b.txt").write_text((folder / "a.txt").read_text() + "2")
        if fail:
            raise KeyboardInterrupt

    return [
        Stage("one", (), ("a.txt",), {"first": first}, one),
        Stage("two", ("a.txt",), ("out/",), {}, two),
        Stage("three", (), ("c.txt",), {}, lambda advance: (folder / "c.txt").write_text("3")),
    ]


def run(folder, **options):
    log = Log()
    run_stages(folder, stages(folder, **options), log)
    return log


@pytest.fixture
def folder(tmp_path):
    return RunFolder(tmp_path / "run")


def test_a_second_run_keeps_everything(folder):
    assert run(folder).made == ["one", "two", "three"]
    assert run(folder).kept == ["one", "two", "three"]


def test_a_change_reruns_only_what_it_touches(folder):
    run(folder)
    log = run(folder, first="x")
    assert log.made == ["one", "two"]
    assert log.kept == ["three"]
    assert (folder / "out" / "b.txt").read_text() == "x2"


@pytest.mark.parametrize("damage", ["change", "remove", "add"])
def test_a_damaged_file_is_made_again(folder, damage):
    run(folder)
    target = folder / "out" / ("d.txt" if damage == "add" else "b.txt")
    target.unlink() if damage == "remove" else target.write_text("damaged")
    assert run(folder).made == ["two"]
    assert [p.name for p in (folder / "out").iterdir()] == ["b.txt"]
    assert (folder / "out" / "b.txt").read_text() == "12"


def test_an_interrupted_stage_is_made_again(folder):
    with pytest.raises(KeyboardInterrupt):
        run(folder, fail=True)
    log = run(folder)
    assert log.kept == ["one"]
    assert log.made == ["two", "three"]


def test_a_damaged_stamp_is_no_stamp(folder):
    run(folder)
    (folder / WORK / "one.json").write_text("{")
    assert run(folder).made == ["one"]


def test_a_foreign_folder_is_left_alone(tmp_path):
    (tmp_path / "thesis.docx").write_text("years of work")
    with pytest.raises(InputError, match="holds files that no run made; give an empty or a new one with --out"):
        RunFolder(tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ["thesis.docx"]


def test_a_file_is_no_run_folder(tmp_path):
    (tmp_path / "a").write_text("x")
    with pytest.raises(InputError, match="is a file; give a folder for the run with --out"):
        RunFolder(tmp_path / "a")


def test_two_runs_at_once_are_refused(folder):
    with folder.locked(), pytest.raises(InputError, match="another run is writing to"), RunFolder(folder.path).locked():
        pass
    with folder.locked():
        pass


def test_facts_can_be_written(folder):
    facts = json.loads(json.dumps(machine_facts()))
    assert facts["packages"]["numpy"]
    assert len(facts["code_sha256"]) == 64

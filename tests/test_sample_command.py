"""``toolkit sample``: from a run to sheets that coders can open."""

import json
import shutil

import pandas as pd
import pytest
import yaml
from test_annotation import CORPUS

from toolkit.annotation import Sample, plan_sample, sample_mentions
from toolkit.cli import main
from toolkit.codebook import load_codebook, task_hash

SETTINGS = {
    "seed": 11, "tasks": {"tone": {}, "stance": {"proposition": "War is bad."}},
    "estimate": {"by": ["outlet"], "voice": "outlet", "reading": "actor", "copies": "one_per_story"},
}  # fmt: skip


@pytest.fixture
def run(tmp_path):
    """A run folder with what the command reads of it."""
    folder = tmp_path / "my_run"
    folder.mkdir()
    CORPUS.to_parquet(folder / "mentions.parquet", index=False)
    (folder / "config.yaml").write_text(yaml.safe_dump(SETTINGS))
    return folder


def sampled(run, target, *arguments):
    return main(["sample", str(run), "--n", "60", "--out", str(target), *arguments])


def content(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()
    }


def test_from_run_to_sheets(run, tmp_path, capsys):
    target = tmp_path / "sheets"
    assert sampled(run, target, "--coders", "anna,ben", "--formats", "xlsx,csv,label-studio,doccano") == 0
    sample = Sample.load(target)
    alone = sample_mentions(CORPUS, n=60, by=["outlet"], seed=11)
    pd.testing.assert_frame_equal(sample.frame, alone.frame)
    assert sample.facts == {**alone.facts, "run": "my_run"}
    assert sample.facts["task_sha256"] == task_hash(load_codebook()["tone"])
    files = content(target)
    for name in (
        "anna.xlsx",
        "anna.csv",
        "ben.xlsx",
        "ben.csv",
        "manual.docx",
        "manual.html",
        "label_studio/tasks.json",
    ):
        assert files[name], name
    rows = pd.read_csv(target / "ben.csv")
    assert set(rows["mention_id"]) == set(sample.mentions["mention_id"])
    for outlet in CORPUS["outlet"].unique():
        assert outlet.encode() not in files["anna.csv"] + files["label_studio/tasks.json"]
    shown = capsys.readouterr().out
    p = sample.frame["probability"]
    assert f"60 of {len(CORPUS)} mentions drawn in 9 strata by mention, seed 11" in shown
    assert f"probabilities {p.min():.3f} to {p.max():.3f}" in shown
    for words in (str(target / "anna.xlsx"), str(target / "manual.docx"), f"toolkit annotations import {target}"):
        assert words in shown
    assert not list(tmp_path.glob(".*"))


def test_the_same_command_makes_the_same_bytes(run, tmp_path):
    assert sampled(run, tmp_path / "a") == sampled(run, tmp_path / "b") == 0
    assert content(tmp_path / "a") == content(tmp_path / "b")
    assert sampled(run, tmp_path / "c", "--seed", "12") == 0
    assert content(tmp_path / "c")["drawn.parquet"] != content(tmp_path / "a")["drawn.parquet"]


def test_a_sample_is_kept_aside_and_never_overwritten(run, tmp_path, capsys):
    target = tmp_path / "sheets"
    assert sampled(run, target) == 0
    (target / "coder_1.csv").write_text("coded for three weeks")
    before = content(target)
    assert sampled(run, target) == 2
    assert "perhaps half coded" in capsys.readouterr().err
    assert content(target) == before
    assert sampled(run, target, "--force", "--seed", "5") == 0
    assert content(tmp_path / "sheets.kept-1") == before
    assert Sample.load(target).facts["seed"] == 5
    # What fails, with --force too, leaves the old sample where it is.
    assert sampled(run, target, "--force", "--formats", "pdf") == 2
    assert "'pdf'" in capsys.readouterr().err
    assert Sample.load(target).facts["seed"] == 5
    assert sorted(path.name for path in tmp_path.iterdir()) == ["my_run", "sheets", "sheets.kept-1"]


def test_tasks_coded_by_hand(run, tmp_path):
    assert sampled(run, tmp_path / "frame", "--task", "frame", "--no-predicted") == 0
    assert sampled(run, tmp_path / "stance", "--task", "stance", "--no-predicted") == 0
    assert Sample.load(tmp_path / "stance").facts["proposition"] == "War is bad."
    assert b"War is bad." in content(tmp_path / "stance")["manual.html"]
    own = {"odd": {"question": "Odd?", "labels": ["no", "yes"], "definitions": {"no": "n", "yes": "y"}}}
    (tmp_path / "own.yaml").write_text(yaml.safe_dump(own))
    assert (
        sampled(run, tmp_path / "own", "--task", "odd", "--no-predicted", "--codebook", str(tmp_path / "own.yaml")) == 0
    )
    assert load_codebook(tmp_path / "own" / "codebook.yaml") == load_codebook(tmp_path / "own.yaml")


def test_whole_stories_and_a_table_alone(run, tmp_path):
    assert (
        sampled(run / "mentions.parquet", tmp_path / "s", "--design", "story", "--by", "outlet", "--voice", "all") == 0
    )
    facts = json.loads((tmp_path / "s" / "sample.json").read_text())
    assert (facts["design"], facts["voice"], facts["seed"]) == ("story", "all", 0)


def test_the_plan_is_printed_and_nothing_drawn(run, tmp_path, capsys):
    assert (
        main(["sample", str(run), "--plan", "--n", "60", "120", "--out", str(tmp_path / "plan.csv"), "--icc", "0.2"])
        == 0
    )
    plan = plan_sample(CORPUS, n=[60, 120], by=["outlet"], assumptions={"icc": 0.2})
    shown = capsys.readouterr().out
    for row in plan.itertuples():
        assert f"±{row.half_width:.2f} ({row.smallest_difference:.2f})" in shown
    assert "Courier - Ledger" in shown
    assert plan["assumed"].iloc[0] in shown
    assert pd.read_csv(tmp_path / "plan.csv")["half_width"].tolist() == pytest.approx(plan["half_width"].tolist())
    assert sorted(path.name for path in tmp_path.iterdir()) == ["my_run", "plan.csv"]


def test_a_pilot_that_was_coded(run, tmp_path, capsys):
    assert sampled(run, tmp_path / "pilot") == 0
    arguments = ["sample", str(run), "--plan", "--n", "100", "--pilot", str(tmp_path / "pilot")]
    assert main(arguments) == 2
    assert "has no gold.csv yet" in capsys.readouterr().err
    drawn = Sample.load(tmp_path / "pilot").mentions
    gold = drawn[["mention_id"]].assign(task="tone", label=drawn["tone_pred"], decided_by="agreement")
    gold.to_csv(tmp_path / "pilot" / "gold.csv", index=False)
    assert main(arguments) == 0
    assert "from a pilot of 60 mentions" in capsys.readouterr().out
    assert main([*arguments, "--task", "role", "--no-predicted", "--label", "none"]) == 2
    assert "was drawn for 'tone'" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--n", "60"], "say where the sheets go with --out"),
        (["--out", "x"], "--n is missing"),
        (["--n", "60", "70", "--out", "x"], "--n is [60, 70]"),
        (["--n", "0", "--out", "x"], "n is 0"),
        (["--n", "20", "--minimum", "9", "--out", "x"], "a minimum of 9"),
        (["--n", "60", "--task", "tones", "--out", "x"], "did you mean 'tone'"),
        (["--n", "60", "--task", "role", "--out", "x"], "--no-predicted"),
        (["--n", "60", "--by", "outlets", "--out", "x"], "did you mean 'outlet'"),
        (["--n", "60", "--voice", "outlets", "--out", "x"], "unknown voice"),
        (["--n", "60", "--coders", "a,a", "--out", "x"], "none twice"),
        (["--n", "60", "--formats", "pdf", "--out", "x"], "'pdf'"),
        (["--n", "60", "--codebook", "none.yaml", "--out", "x"], "there is no file"),
        (["--plan", "--out", "x"], "with --plan give a CSV file"),
        (["--plan", "--n", "60", "--residual-variance", "3"], "residual_variance is 3"),
    ],
)
def test_what_cannot_be_done_is_said_and_nothing_is_left(run, tmp_path, monkeypatch, capsys, arguments, message):
    monkeypatch.chdir(tmp_path)
    assert main(["sample", str(run), *arguments]) == 2
    assert message in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["my_run"]


def test_no_run(tmp_path, capsys):
    assert main(["sample", str(tmp_path), "--n", "5", "--out", "x"]) == 2
    assert "give the folder that toolkit run made" in capsys.readouterr().err
    (tmp_path / "mentions.parquet").write_bytes(b"PAR1 no")
    assert main(["sample", str(tmp_path), "--n", "5", "--out", "x"]) == 2
    assert "cannot be read as Parquet" in capsys.readouterr().err


def test_the_sample_corpus_from_run_to_annotations(root, tmp_path, capsys):
    """The shipped corpus, where a run of it is at hand: drawn, coded by its truth, read back."""
    made = root / "runs" / "idlib_2020"
    if not (made / "mentions.parquet").is_file():
        pytest.skip("no run of idlib_2020: toolkit run experiments/idlib_2020.yaml makes one")
    shutil.copytree(made, tmp_path / "run")
    target = tmp_path / "sheets"
    assert main(["sample", str(tmp_path / "run"), "--n", "120", "--out", str(target), "--coders", "anna"]) == 0
    sheet = pd.read_csv(target / "anna.csv", dtype=str, encoding="utf-8-sig", keep_default_na=False)
    sheet["label"] = "neutral"
    sheet.to_csv(target / "anna.csv", index=False)
    (target / "anna.xlsx").unlink()
    assert main(["annotations", "import", str(target)]) == 0
    read = pd.read_csv(target / "annotations.csv")
    assert set(read["mention_id"]) == set(Sample.load(target).mentions["mention_id"])
    capsys.readouterr()

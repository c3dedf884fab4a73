"""From a run to a corrected estimate: the page that shows it, the result block, and whether the truth is nearer."""

import json
import re
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from toolkit.annotation import sample_mentions
from toolkit.annotation.coded import load_coded
from toolkit.cli import main
from toolkit.errors import InputError
from toolkit.estimation import contrast, estimate
from toolkit.experiment import run_experiment
from toolkit.results import audit_names, gold_quality, result_block


@pytest.fixture(scope="module")
def run(root, tmp_path_factory):
    return run_experiment(root / "experiments" / "idlib_2020.yaml", tmp_path_factory.mktemp("coding") / "run")


@pytest.fixture(scope="module")
def labels(root, run):
    """The authors' tone of every mention of the run that they labelled."""
    import runpy

    script = runpy.run_path(str(root / "datasets" / "idlib_2020" / "code_sheets.py"), run_name="coding")
    first, _ = script["read_labels"]()
    return script["labels_of"](run.mentions, run.articles, first)


@pytest.fixture(scope="module")
def coded(run, tmp_path_factory):
    """A sample of the run, coded by two and adjudicated, as the commands leave it."""
    folder = tmp_path_factory.mktemp("coded") / "sheets"
    sample = sample_mentions(run.mentions, "tone", n=200, seed=3)
    sample.save(folder)
    rng = np.random.default_rng(0)
    possible = np.array(["negative", "neutral", "positive"])
    rows = []
    for mention in sample.mentions["mention_id"]:
        label = str(possible[rng.integers(3)])
        other = label if rng.random() < 0.9 else "neutral"
        rows += [(mention, "tone", coder, said) for coder, said in (("anna", label), ("ben", other), ("cem", label))]
    annotations = pd.DataFrame(rows, columns=["mention_id", "task", "coder", "label"])
    annotations.to_csv(folder / "annotations.csv", index=False)
    assert main(["agreement", str(folder), "--rule", "majority", "--draws", "100"]) == 0
    return folder


def test_the_page_shows_what_the_commands_print(root):
    script = root / "docs" / "run_commands.py"
    done = subprocess.run(
        [sys.executable, str(script), str(root / "docs" / "coding.md"), "--check"], capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_check_of_a_page_can_fail(root, tmp_path):
    page = tmp_path / "page.md"
    page.write_text("```console\n$ echo one\ntwo\n```\n", encoding="utf-8")
    command = [sys.executable, str(root / "docs" / "run_commands.py"), str(page)]
    done = subprocess.run([*command, "--check"], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "-two" in done.stdout
    assert "+one" in done.stdout
    assert subprocess.run(command, check=False).returncode == 0
    assert page.read_text(encoding="utf-8") == "```console\n$ echo one\none\n```\n"


def test_planted_differences_are_recovered_nearer_corrected_than_naive(run, labels):
    """All labels are known here: the corrected contrasts of several samples against those of all labels."""
    value = {"negative": -1.0, "neutral": 0.0, "positive": 1.0}
    known = run.mentions[run.mentions["mention_id"].isin(labels)]
    truth = known.assign(tone_score=known["mention_id"].map(labels).map(value))
    right = contrast(truth, "tone")["estimate"].to_numpy()
    naive = contrast(known, "tone")["estimate"].to_numpy()
    errors, held = [], []
    for seed in range(4):
        frame = sample_mentions(known, "tone", n=400, seed=seed).frame
        drawn = frame.loc[frame["drawn"], "mention_id"]
        gold = pd.DataFrame({"mention_id": drawn, "task": "tone", "label": drawn.map(labels), "decided_by": "authors"})
        found = contrast(known, "tone", method="dsl", gold=gold, frame=frame, seed=seed)
        errors.append(np.abs(found["estimate"].to_numpy() - right))
        held.append(((found["low"] <= right) & (right <= found["high"])).to_numpy())
    assert np.mean(errors) < 0.6 * np.abs(naive - right).mean()
    assert np.mean(held) > 0.93


def test_the_block_says_everything(run, coded):
    held = load_coded(coded)
    given = {"method": "dsl", "gold": held.gold, "frame": held.sample.frame}
    summary = estimate(run.mentions, "tone", **given)
    tables = gold_quality(run.mentions, held.gold, frame=held.sample.frame, annotations=held.annotations)
    audit = audit_names(run.mentions, "lexicon", n=60)
    block = result_block(
        summary, run.mentions, audit=audit, gold=held.gold, accuracy=tables["accuracy"],
        agreement=tables["agreement"], contrasts=contrast(run.mentions, "tone", **given),
    )  # fmt: skip
    said = dict(block.lines)
    assert list(said) == [
        "estimand", "n", "copies", "voices", "gold", "accuracy", "agreement", "swap audit", "method", "tests",
        "assumed",
    ]  # fmt: skip
    own = run.mentions[run.mentions["voice"].eq("outlet") & run.mentions["reading"].eq("actor")]
    assert said["n"].startswith(f"{len(own):,} mentions in {own['article_id'].nunique()} articles")
    assert block.facts["n_gold"] == 200
    assert f"{own['wire'].notna().mean():.0%} of the mentions stand in agency copy" in said["copies"]
    assert re.search(r"macro-F1 0\.\d\d \(0\.\d\d to 0\.\d\d\) on 200 gold mentions", said["accuracy"])
    assert re.search(r"alpha 0\.\d\d \(", said["agreement"])
    assert "0 of 18 estimates are no larger" in said["swap audit"]  # the lexicon reads no names
    assert "DSL" in said["method"]
    assert said["tests"].startswith("45 contrasts in the family")
    assert "errors of the coders are not corrected" in said["assumed"]
    assert block.paragraph().startswith("What is estimated: mean tone per story")
    assert max(map(len, str(block).splitlines())) <= 110


def test_the_block_says_what_was_not_done(run):
    said = dict(result_block(run.summary, run.mentions).lines)
    assert said["gold"].startswith("none: nobody has coded these mentions")
    assert said["accuracy"].startswith("unknown")
    assert said["swap audit"].startswith("not made")
    assert "machine's errors cancel out" in said["assumed"]
    with pytest.raises(InputError, match="the summary is empty"):
        result_block(run.summary.iloc[:0], run.mentions)
    mixed = pd.concat([run.summary, run.summary.assign(voice="quoted")])
    with pytest.raises(InputError, match="2 values of 'voice'"):
        result_block(mixed, run.mentions)


def test_a_block_keeps_markup_as_text(run):
    block = result_block(run.summary.assign(estimand="<script>alert(1)</script>"), run.mentions)
    assert "<script>" not in block._repr_html_()
    assert "&lt;script&gt;" in block._repr_html_()


def test_the_command_writes_tables_figures_and_a_paragraph(run, coded, tmp_path, capsys):
    out = tmp_path / "estimates"
    given = ["estimate", str(run.path), "--gold", str(coded), "--no-swap-audit", "--out", str(out)]
    a, b = "The Anatolian Sun", "Volga Dispatch"
    assert main([*given, "--within", "--decompose", a, b, "turkey", "--specifications", a, b, "turkey"]) == 0
    said = capsys.readouterr().out
    assert "corrected" in said
    assert "gold only" in said
    assert "not made: how much of a number" in said
    tables = {path.stem for path in (out / "tables").glob("*.csv")}
    assert {"estimates", "estimates_gold", "estimates_naive", "contrasts", "within_stories", "decomposition",
            "specifications", "accuracy", "accuracy_by_actor", "agreement", "result_block"} <= tables  # fmt: skip
    assert (out / "methods.txt").read_text(encoding="utf-8").startswith("What is estimated")
    for name in ("corrected", "decomposition", "specification_curve", "agreement"):
        assert (out / "figures" / f"{name}.svg").stat().st_size > 1000


def test_the_block_is_silenced_by_name_alone(run, capsys):
    assert main(["estimate", str(run.path), "--no-swap-audit"]) == 0
    assert "assumed" in capsys.readouterr().out
    assert main(["estimate", str(run.path), "--no-swap-audit", "--without-result-block"]) == 0
    assert "assumed" not in capsys.readouterr().out


def test_wrong_inputs_of_the_command(run, coded, tmp_path, capsys):
    hand = tmp_path / "labels.csv"
    hand.write_text("mention_id,task,label,decided_by\n", encoding="utf-8")
    empty = tmp_path / "empty"
    empty.mkdir()
    bare = tmp_path / "bare"
    sample_mentions(run.mentions, "tone", n=150, seed=1).save(bare)
    cases = [
        ([str(run.path), "--gold", str(hand)], "a file of labels without the sample"),
        ([str(run.path), "--gold", str(empty)], "holds no sample"),
        ([str(run.path), "--gold", str(bare)], "there is no gold.csv"),
        ([str(run.path), "--gold", str(coded), "--task", "role"], "is of the task 'tone', not 'role'"),
        ([str(run.path), "--method", "dsl"], "--method dsl needs gold"),
        ([str(empty)], "holds no finished run"),
        ([str(hand)], "cannot be read as a table of scored mentions"),
        ([str(run.path), "--voice", "outlets"], "unknown voice 'outlets'; did you mean 'outlet'"),
        ([str(run.path), "--level", "2"], "--level is 2.0"),
        ([str(run.path), "--gold", str(coded), "--voice", "all", "--no-swap-audit"], "frame"),
    ]
    for arguments, message in cases:
        assert main(["estimate", *arguments]) == 2, arguments
        said = capsys.readouterr().err
        assert message in said, arguments
        assert "Traceback" not in said


def test_gold_of_another_corpus_is_refused(run, coded, tmp_path, capsys):
    other = run.mentions.assign(mention_id="x" + run.mentions["mention_id"])
    other.to_parquet(tmp_path / "other.parquet")
    assert main(["estimate", str(tmp_path / "other.parquet"), "--gold", str(coded), "--no-swap-audit"]) == 2
    assert "frame" in capsys.readouterr().err


def test_numbers_of_the_run_are_those_of_the_command(run, tmp_path, capsys):
    assert main(["estimate", str(run.path), "--no-swap-audit", "--out", str(tmp_path / "out")]) == 0
    found = pd.read_csv(tmp_path / "out" / "tables" / "estimates.csv")
    assert found["estimate"].tolist() == pytest.approx(run.summary["estimate"].tolist(), abs=1e-9)
    assert json.loads((run.path / "run.json").read_text(encoding="utf-8"))["seed"] == 2020

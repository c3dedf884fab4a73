"""Experiments that extend others, take changes, and come in variants; runs made again from their config.yaml."""

import json
import shutil

import pandas as pd
import pytest
import yaml

from toolkit.cli import main
from toolkit.errors import InputError
from toolkit.experiment import load_experiment, run_experiment, run_variants
from toolkit.experiment.variants import side_by_side
from toolkit.verification import read_facts, verify_run


class Log:
    def __init__(self, stop_at=None):
        self.kept, self.made, self.stop_at = [], [], stop_at

    def start(self, stage):
        if self.stop_at and len(self.made) == self.stop_at:
            raise KeyboardInterrupt

    def advance(self, done, total):
        pass

    def end(self, stage, seconds, kept):
        (self.kept if kept else self.made).append(stage)


def write(path, **value):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump(value))
    return path


def config(run):
    return yaml.safe_load((run.path / "config.yaml").read_text())


BAD = [
    ({"estimate": {"by": ["outlets"]}}, "estimate.by: mentions have no column 'outlets'; did you mean 'outlet'"),
    ({"estimate": {"by": ["actor", "actor"]}}, "names a column twice"),
    ({"actors": ["turkey", "turkey"]}, "actors: the list ['turkey', 'turkey']: 'turkey' stands there twice"),
    ({"actors": [False]}, "actors.0: the value False: input should be a valid string; YAML reads yes, no"),
    ({"figures": ["tone_by_outlet", "tone_by_outlet"]}, "'tone_by_outlet' stands there twice"),
    ({"corpus": {"articles": "articles", "format": "nexus"}}, "corpus.format: the text 'nexus': "),
    ({"corpus": {"articles": "articles", "columns": {"headline": "title"}}}, "'headline' is no field"),
    ({"corpus": {"articles": " "}}, "corpus.articles: the text ' ': is empty"),
    ({"corpus": {"articles": "x", "dates": "ymd"}}, "corpus.dates: the text 'ymd': did you mean 'mdy'? Valid: dmy"),
    ({"seed": "1"}, "seed: the text '1': input should be a valid integer; write it without quotes"),
    ({"title": 2020}, 'title: the number 2020: input should be a valid string; write it in quotes, "2020"'),
    ({"mentions": {"pronouns": "yes"}}, "mentions.pronouns: the text 'yes': input should be a valid boolean"),
    (
        {"tasks": {"tone": {"classifier": "tfidf", "train": "x", "parameters": {"C": "much"}}}},
        "parameters.C: 'much'; expected a number",
    ),
    ({"matrix": {"estimate.copie": ["own"]}}, "matrix: estimate.copie: unknown key; did you mean 'copies'"),
    ({"matrix": {"estimate.copies": ["own", "none"]}}, "variant none:\n  estimate.copies: the text 'none'"),
    ({"matrix": {"estimate.copies": "own"}}, "is no matrix; give paths of keys"),
    ({"matrix": ["own"]}, "is no matrix"),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "message"), BAD)
def test_what_is_wrong_is_said_before_anything_runs(small_study, tmp_path, capsys, changes, message):
    assert main(["run", str(small_study(**changes)), "--out", str(tmp_path / "run"), "--quiet"]) == 2
    shown = capsys.readouterr().err
    assert message in shown
    assert "Traceback" not in shown
    assert not (tmp_path / "run").exists()


def test_sections_that_are_left_empty_have_their_defaults(small_study, tmp_path):
    path = small_study(estimate=None, figures=None, question=None)
    found = load_experiment(path)
    assert (found.estimate.copies, found.question) == ("one_per_story", "")


def test_an_experiment_extends_another_in_another_folder(small_study, tmp_path):
    base = small_study(lexicon="mine.yaml", actors=["turkey", "courier"])
    write(tmp_path / "mine.yaml", courier={"label": "Courier", "names": ["Courier Group"]})
    other = write(tmp_path / "deep" / "er" / "other.yaml", extends="../../study.yaml", estimate={"copies": "all"})
    run = run_experiment(other, tmp_path / "run")
    found = config(run)
    assert "extends" not in found
    assert (found["estimate"]["copies"], found["estimate"]["draws"], found["title"]) == ("all", 100, "A test")
    assert len(run.articles) == 6
    # A file of the same name beside the one that extends it is not what the base means.
    write(tmp_path / "deep" / "er" / "mine.yaml", courier={"label": "Another", "names": ["Another"]})
    (tmp_path / "deep" / "er" / "articles").mkdir()
    from toolkit.experiment.spec import experiment_lexicon

    again = load_experiment(other)
    assert experiment_lexicon(again, other).label("courier") == "Courier"
    plain = run_experiment(base, tmp_path / "plain", changes={"estimate.copies": "all"})
    assert plain.summary.equals(run.summary)


def test_a_change_is_in_the_config_and_noted(small_study, tmp_path, capsys):
    out = tmp_path / "run"
    sets = ["--set", "estimate.copies=own", "--set", "actors=[turkey, russia]", "--set", "estimate.draws=null"]
    assert main(["run", str(small_study()), "--out", str(out), "--quiet", *sets]) == 0
    found = yaml.safe_load((out / "config.yaml").read_text())
    assert (found["estimate"]["copies"], found["actors"]) == ("own", ["turkey", "russia"])
    assert found["estimate"]["draws"] == 2000
    assert read_facts(out)["changes"] == {
        "estimate.copies": "own", "actors": ["turkey", "russia"], "estimate.draws": None
    }  # fmt: skip
    assert verify_run(out) == []
    assert main(["run", str(small_study()), "--quiet", "--set", "estimate.copie=own"]) == 2
    assert "--set: estimate.copie: unknown key; did you mean 'copies'" in capsys.readouterr().err


def test_a_run_is_made_again_from_its_config_alone(small_study, tmp_path, monkeypatch):
    write(tmp_path / "sub" / "other.yaml", extends="../study.yaml", estimate={"copies": "all"})
    small_study()
    run = run_experiment(tmp_path / "sub" / "other.yaml", tmp_path / "run", changes={"seed": 9})
    shutil.rmtree(tmp_path / "sub")
    (tmp_path / "study.yaml").unlink()
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert verify_run(run.path) == []
    assert main(["run", str(run.path / "config.yaml"), "--quiet"]) == 0
    again = tmp_path / "elsewhere" / "runs" / "run_again"
    assert read_facts(again)["outputs"] == read_facts(run.path)["outputs"]
    assert verify_run(again) == []


def test_the_extended_file_is_seen_by_verify(small_study, tmp_path):
    base = small_study()
    other = write(tmp_path / "other.yaml", extends="study.yaml", title="Other")
    run = run_experiment(other, tmp_path / "run")
    base.write_text(base.read_text().replace("seed: 1", "seed: 2"))
    assert "seed: was 1, is 2" in verify_run(run.path)[0].what


MATRIX = {"estimate.copies": ["one_per_story", "all"], "mentions.pronouns": [False, True]}
NAMES = [f"{copies}-pronouns_{flag}" for copies in ("one_per_story", "all") for flag in ("false", "true")]


def test_a_matrix_runs_every_variant_and_compares_them(small_study, tmp_path, capsys):
    path, out = small_study(matrix=MATRIX), tmp_path / "runs"
    assert main(["run", str(path), "--out", str(out)]) == 0
    shown = capsys.readouterr()
    assert "all-pronouns_true (4 of 4)" in shown.err
    assert f"Side by side: {out / 'comparison.csv'}" in shown.out
    which = pd.read_csv(out / "variants.csv")
    assert list(which["variant"]) == NAMES
    assert list(which["estimate.copies"]) == ["one_per_story", "one_per_story", "all", "all"]
    table = pd.read_csv(out / "comparison.csv").set_index(["outlet", "actor"])
    for name in NAMES:
        found = yaml.safe_load((out / name / "config.yaml").read_text())
        assert "matrix" not in found
        assert found["estimate"]["copies"] == name.partition("-")[0]
        summary = pd.read_csv(out / name / "summary.csv").set_index(["outlet", "actor"])
        assert table[name].dropna().to_dict() == pytest.approx(summary["estimate"].to_dict())
    wide = table[NAMES]
    assert (table["range"] - (wide.max(axis=1) - wide.min(axis=1))).abs().max() < 1e-12
    assert verify_run(out / NAMES[3]) == []
    facts = read_facts(out / NAMES[3])
    assert facts["variant"] == {"estimate.copies": "all", "mentions.pronouns": True}


def test_variants_share_stages_and_go_on_where_they_were_cut_off(small_study, tmp_path):
    path = small_study(matrix=MATRIX)
    log = Log(stop_at=12)
    with pytest.raises(KeyboardInterrupt):
        run_variants(path, tmp_path / "runs", progress=log)
    assert log.kept == ["read", "clean", "stories"]  # of the second variant, from the first
    rest = Log()
    found = run_variants(path, tmp_path / "runs", progress=rest)
    assert rest.made.count("read") == 0
    assert rest.made.count("score") == 0
    assert rest.made.count("estimate") == 2
    apart = run_experiment(path, tmp_path / "apart", variant=MATRIX_LAST)
    assert read_facts(apart.path)["outputs"] == read_facts(found.runs[NAMES[3]].path)["outputs"]
    before = (tmp_path / "runs" / "comparison.csv").read_bytes()
    run_variants(path, tmp_path / "runs")
    assert (tmp_path / "runs" / "comparison.csv").read_bytes() == before


MATRIX_LAST = {"estimate.copies": "all", "mentions.pronouns": True}


def test_a_stage_that_was_tampered_with_is_not_taken_over(small_study, tmp_path):
    run_experiment(small_study(), tmp_path / "one")
    (tmp_path / "one" / "articles.parquet").write_bytes(b"PAR1")
    log = Log()
    run_experiment(small_study(), tmp_path / "two", progress=log, others=[tmp_path / "one", tmp_path / "gone"])
    assert log.kept == ["read", "clean", "mentions", "score", "estimate", "quality", "figures", "report"]
    assert log.made == ["stories"]


def test_runs_and_variants_do_not_share_a_folder(small_study, tmp_path):
    run_experiment(small_study(), tmp_path / "run")
    path = small_study(matrix=MATRIX)
    with pytest.raises(InputError, match="holds a run without variants"):
        run_variants(path, tmp_path / "run")
    with pytest.raises(InputError, match="has a matrix of variants; run them with toolkit.run_variants"):
        run_experiment(path, tmp_path / "new")
    with pytest.raises(InputError, match="has no matrix; run it with toolkit.run_experiment"):
        run_variants(small_study(), tmp_path / "new")


def test_side_by_side_of_other_groups():
    row = {"task": "tone", "estimate": 0.25, "low": 0.0, "high": 0.5}
    one = pd.DataFrame([{"outlet": "A", **row}, {"outlet": "B", **row, "estimate": -0.25}])
    other = pd.DataFrame([{"actor": "x", **row}])
    both = side_by_side({"one": one, "other": other})
    assert both[["outlet", "actor"]].values.tolist() == [["A", "(all)"], ["B", "(all)"], ["(all)", "x"]]
    assert both["one"].isna().tolist() == [False, False, True]
    assert set(both["signs"]) == {"same"}


def test_a_training_extends_and_takes_changes(tmp_path, capsys):
    write(
        tmp_path / "base.yaml", kind="train", title="t", classifier="tfidf", data={"own": {"train": "train"}}, out="x"
    )
    other = write(tmp_path / "other.yaml", kind="train", extends="base.yaml", grid={"C": [1.0]})
    assert main(["run", str(other), "--quiet", "--set", "classifier=tfdif"]) == 2
    assert "classifier: the text 'tfdif': unknown classifier; did you mean 'tfidf'" in capsys.readouterr().err
    assert main(["run", str(other), "--quiet"]) == 2
    assert "own" in capsys.readouterr().err  # the data set of the file that is extended is looked for
    assert main(["run", str(write(tmp_path / "m.yaml", extends="base.yaml", matrix={"seed": [1]})), "--quiet"]) == 2
    assert "a training has no variants" in capsys.readouterr().err


def test_run_json_holds_what_was_asked_for(small_study, tmp_path):
    run = run_experiment(small_study(), tmp_path / "run")
    facts = json.loads((run.path / "run.json").read_text())
    assert (facts["changes"], facts["variant"]) == ({}, {})

"""Two runs side by side: what differs, where it began, and why."""

import json
import shutil

import pandas as pd
import pytest

from toolkit import compare_runs
from toolkit.cli import main
from toolkit.comparing import comparison_report
from toolkit.errors import InputError
from toolkit.experiment import run_experiment


@pytest.fixture
def pair(small_study, tmp_path):
    """Returns a function that runs the study twice, the second time with changes."""

    def make(changes=None, between=lambda: None):
        study = small_study()
        run_experiment(study, tmp_path / "a")
        between()
        run_experiment(study, tmp_path / "b", changes=changes)
        return tmp_path / "a", tmp_path / "b"

    return make


def names(changes):
    return [(c.kind, c.name) for c in changes]


def test_two_runs_of_one_thing_are_the_same(pair):
    found = compare_runs(*pair())
    assert (found.changes, found.first_stage, found.reasons) == ((), None, ())
    assert set(found.stages["result"]) == {"same"}
    assert set(found.estimates["in"]) == {"both"}
    assert (found.estimates["difference"].fillna(0) == 0).all()
    assert "Nothing was changed" in comparison_report(found)


CASES = [
    ({"actors": ["turkey", "russia"]}, "mentions", "actors"),
    ({"tasks.tone.classifier": "embedding"}, "score", "tasks.tone.classifier"),
    ({"estimate.copies": "all"}, "estimate", "estimate.copies"),
    ({"title": "Another"}, "report", "title"),
]


@pytest.mark.parametrize(("changes", "stage", "key"), CASES)
def test_the_stage_and_the_key_are_named(pair, changes, stage, key):
    found = compare_runs(*pair(changes))
    assert names(found.changes) == [("config", key)]
    assert found.first_stage == stage
    assert names(found.reasons) == [("config", key)]
    before = found.stages.set_index("stage")["result"]
    assert set(before[: list(before.index).index(stage)]) <= {"same"}
    assert f"The first stage that differs: {stage}, by {key}: " in comparison_report(found)


def test_the_first_of_several_changes_is_told_apart(pair):
    found = compare_runs(*pair({"estimate.copies": "all", "tasks.tone.classifier": "embedding"}))
    assert len(found.changes) == 2
    assert (found.first_stage, names(found.reasons)) == ("score", [("config", "tasks.tone.classifier")])
    assert {c.name: (c.old, c.new, c.stages) for c in found.changes} == {
        "tasks.tone.classifier": ("lexicon", "embedding", ("score",)),
        "estimate.copies": ("one_per_story", "all", ("estimate",)),
    }


def test_a_changed_article_is_named(pair, tmp_path):
    article = tmp_path / "articles" / "The Post" / "2020-02-10.txt"
    found = compare_runs(*pair(between=lambda: article.write_text("Turkey is a generous and honest friend of all.")))
    assert names(found.changes) == [("input", "articles/The Post/2020-02-10.txt")]
    assert (found.first_stage, names(found.reasons)) == ("read", names(found.changes))
    rows = found.estimates.set_index(["outlet", "actor"])
    assert rows.loc[("The Post", "turkey"), "difference"] > 0
    assert rows.loc[("The Courier", "turkey"), "difference"] == 0


def test_estimates_are_those_of_the_runs(pair):
    a, b = pair({"estimate.copies": "all", "tasks.tone.classifier": "embedding"})
    found = compare_runs(a, b).estimates.set_index(["outlet", "actor", "task"])
    for side, path in (("a", a), ("b", b)):
        summary = pd.read_csv(path / "summary.csv").set_index(["outlet", "actor", "task"])
        for name in ("estimate", "low", "high"):
            pd.testing.assert_series_equal(found[f"{name}_{side}"], summary[name], check_names=False)
        assert found[f"n_mentions_{side}"].tolist() == summary["n_mentions"].tolist()
    assert found["difference"].equals(found["estimate_b"] - found["estimate_a"])


def test_runs_of_other_corpora_and_groups(small_study, tmp_path):
    run_experiment(small_study(), tmp_path / "a")
    shutil.move(tmp_path / "articles" / "The Post", tmp_path / "articles" / "The Times")
    run_experiment(small_study(), tmp_path / "b")
    found = compare_runs(tmp_path / "a", tmp_path / "b").estimates
    outlets = found.groupby("outlet")["in"].agg(set).to_dict()
    assert outlets == {"The Courier": {"both"}, "The Post": {"a"}, "The Times": {"b"}}
    assert found.loc[found["in"] != "both", "difference"].isna().all()
    run_experiment(small_study(estimate={"by": ["actor"], "draws": 100}), tmp_path / "c")
    other = compare_runs(tmp_path / "b", tmp_path / "c")
    assert set(other.estimates["in"]) == {"a", "b"}
    assert set(other.estimates.loc[other.estimates["in"] == "b", "outlet"]) == {"(all)"}
    assert "-" in comparison_report(other)


def test_other_code_and_libraries_explain_what_nothing_else_does(pair):
    a, b = pair()
    facts = json.loads((b / "run.json").read_text())
    facts["code"]["scoring.py"] = "f" * 64
    facts["libraries"]["numpy"] = "0.1"
    facts["outputs"]["mentions.parquet"] = "0" * 64
    (b / "run.json").write_text(json.dumps(facts))
    found = compare_runs(a, b)
    assert names(found.changes) == [("code", "scoring.py"), ("library", "numpy")]
    assert (found.first_stage, names(found.reasons)) == ("score", names(found.changes))
    report = comparison_report(found)
    assert "scoring.py is another" in report
    assert "-> 0.1" in report
    for key in ("code", "libraries"):
        del facts[key]
    (b / "run.json").write_text(json.dumps(facts))
    assert names(compare_runs(a, b).changes) == [("code", "code"), ("library", "libraries")]
    assert "code: noted -> not noted" in comparison_report(compare_runs(a, b))


def test_the_command_prints_and_writes(pair, tmp_path, capsys):
    a, b = map(str, pair({"estimate.copies": "all"}))
    assert main(["compare", a, b]) == 0
    shown = capsys.readouterr().out
    assert "estimate.copies: one_per_story -> all" in shown
    assert "The Courier" in shown
    assert main(["compare", a, b, "--json", "--out", str(tmp_path / "c.json")]) == 0
    record = json.loads(capsys.readouterr().out)
    assert record == json.loads((tmp_path / "c.json").read_text())
    assert record["first_stage"] == "estimate"
    assert record["reasons"][0]["new"] == "all"
    for name in ("c.csv", "c.md", "c.txt"):
        assert main(["compare", a, b, "--out", str(tmp_path / name)]) == 0
    capsys.readouterr()
    assert list(pd.read_csv(tmp_path / "c.csv").columns[:5]) == ["outlet", "actor", "task", "estimate_a", "low_a"]
    assert (tmp_path / "c.txt").read_text() == shown
    assert main(["compare", a, b, "--out", str(tmp_path / "c.xlsx")]) == 2
    assert "is of no known kind; end its name in .csv, .json" in capsys.readouterr().err


def test_what_is_no_run_is_refused(pair, tmp_path):
    with pytest.raises(InputError, match="holds no finished run"):
        compare_runs(tmp_path, tmp_path)
    a, b = pair()
    (b / ".work" / "summary.parquet").unlink()
    with pytest.raises(InputError, match="lacks its estimates"):
        compare_runs(a, b)

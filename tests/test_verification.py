"""A run is checked, and what differs is named: stage, table, column, rows, by how much."""

import json
import shutil

import pandas as pd
import pytest
import yaml

import toolkit.experiment.stages as stages
import toolkit.report
from toolkit.cli import main
from toolkit.drift import TOLERANCES, Tolerance, compare_tables, load_tolerance
from toolkit.errors import InputError
from toolkit.experiment import run_experiment
from toolkit.plots import style
from toolkit.verification import drift_report, verify_run


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """One finished run, which tests copy or leave alone."""
    from conftest import SMALL_TEXTS

    folder = tmp_path_factory.mktemp("verify")
    for outlet, texts in SMALL_TEXTS.items():
        (folder / "articles" / outlet).mkdir(parents=True)
        for i, text in enumerate(texts):
            (folder / "articles" / outlet / f"2020-02-{10 + i}.txt").write_text(text + "\n", encoding="utf-8")
    study = {
        "title": "A test", "seed": 1, "corpus": {"articles": str(folder / "articles")},
        "actors": ["turkey", "russia", "syria"], "tasks": {"tone": {"classifier": "lexicon"}},
        "estimate": {"draws": 100}, "figures": ["tone_by_outlet"],
    }  # fmt: skip
    (folder / "study.yaml").write_text(yaml.safe_dump(study))
    return run_experiment(folder / "study.yaml", folder / "run").path


def change(monkeypatch, module, name, edit):
    real = getattr(module, name)
    monkeypatch.setattr(module, name, lambda *args, **options: edit(real(*args, **options)))


def swapped(table, column, edit):
    if len(table) < 2:
        return table
    table = table.copy()
    table.loc[table.index[1], column] = edit(table[column].iloc[1])
    return table


PLANTED = {
    "read": ("read_articles", lambda r: (swapped(r[0], "title", lambda _: "Another title"), r[1]), "title"),
    "clean": ("clean_articles", lambda r: (swapped(r[0], "text", lambda t: t[:-10]), r[1]), "text"),
    "stories": ("group_stories", lambda t: swapped(t, "wire", lambda _: "Reuters"), "wire"),
    "mentions": ("find_mentions", lambda t: swapped(t, "speaker", lambda _: "nato"), "speaker"),
    "score": ("score_mentions", lambda t: swapped(t, "tone_p_negative", lambda p: p + 0.02), "tone_p_negative"),
    "estimate": ("estimate", lambda t: swapped(t, "estimate", lambda v: v + 0.01), "estimate"),
}


@pytest.mark.parametrize("stage", PLANTED)
def test_a_change_in_any_stage_is_named_with_its_table_column_and_row(made, monkeypatch, stage):
    name, edit, column = PLANTED[stage]
    change(monkeypatch, stages, name, edit)
    found = verify_run(made)
    assert found[0].stage == stage
    named = next(d for d in found if d.column)
    assert (named.stage, named.column, named.count, len(named.rows)) == (stage, column, 1, 1)
    if stage == "score":
        assert named.largest == pytest.approx(0.02)
        assert named.rows[0] in set(pd.read_parquet(made / "mentions.parquet")["mention_id"])
    report = drift_report(found, made)
    assert f"the first in the stage {stage!r}" in report
    assert f"column {column!r}, rows {named.rows[0]}" in report


def test_a_change_in_figures_and_report_is_named(made, monkeypatch):
    real = style.draw_figure
    with monkeypatch.context() as patch:
        cut = {"tone_by_outlet": -1}
        patch.setattr(style, "draw_figure", lambda n, table, stem, **o: real(n, table.iloc[: cut.get(n)], stem, **o))
        found = verify_run(made)
        assert {d.stage for d in found} == {"figures", "report"}  # the report shows the figure
        assert found[0].file.startswith("figures/tone_by_outlet")
    write = toolkit.report.write_report
    monkeypatch.setattr(
        toolkit.report, "write_report", lambda c, p: (write(c, p), p.write_text(p.read_text() + "<!-- -->"))
    )
    found = verify_run(made, tolerance="default")
    assert [(d.stage, d.file, d.tolerated) for d in found] == [("report", "report.html", False)]


def test_changed_files_inputs_and_settings_are_named(made, tmp_path):
    run, study = tmp_path / "run", made.parent / "study.yaml"
    shutil.copytree(made, run)
    article = made.parent / "articles" / "The Post" / "2020-02-10.txt"
    before, settings = article.read_text(), study.read_text()
    try:
        article.write_text(before + "Ankara was silent.\n")
        study.write_text(settings.replace("draws: 100", "draws: 200"))
        (run / "numbers.json").unlink()
        found = verify_run(run)
    finally:
        article.write_text(before)
        study.write_text(settings)
    assert [d.stage for d in found[:3]] == ["files", "inputs", "config"]
    assert found[0].what == "is missing"
    assert found[1].file == "articles/The Post/2020-02-10.txt"
    assert "estimate.draws: was 100, is 200" in found[2].what
    assert "read" in {d.stage for d in found}


def test_code_and_libraries_are_named(made, tmp_path):
    run = tmp_path / "run"
    shutil.copytree(made, run)
    facts = json.loads((run / "run.json").read_text())
    facts["code"]["estimation/variance.py"] = "0" * 64
    facts["libraries"]["numpy"] = "1.0"
    (run / "run.json").write_text(json.dumps(facts))
    found = verify_run(run)
    assert [(d.stage, d.file) for d in found] == [("code", "estimation/variance.py"), ("libraries", "numpy")]
    assert all(d.tolerated for d in verify_run(run, tolerance="default"))


# Tolerance ------------------------------------------------------------------------------------------

TABLE = pd.DataFrame(
    {
        "mention_id": ["m1", "m2", "m3"],
        "tone_pred": ["negative", "neutral", "positive"],
        "tone_p_negative": [0.5001, 0.2, 0.1],
        "tone_p_neutral": [0.4999, 0.6, 0.1],
        "tone_p_positive": [0.0, 0.2, 0.8],
        "tone_score": [-0.5001, 0.0, 0.7],
    }
)


def compare(new, tolerance="default"):
    return compare_tables(TABLE, new, "mentions.parquet", "score", load_tolerance(tolerance))


def test_small_drift_is_tolerated_and_large_is_not():
    small = TABLE.assign(tone_p_positive=[0.0, 0.2004, 0.8])
    (found,) = compare(small)
    assert found.tolerated
    assert found.rows == ("m2",)
    assert (found.largest, found.mean) == pytest.approx((0.0004, 0.0004))
    assert not compare(small, "none")[0].tolerated
    assert not compare(TABLE.assign(tone_p_positive=[0.0, 0.202, 0.8]))[0].tolerated
    assert not compare(TABLE.assign(tone_p_positive=[0.0, None, 0.8]))[0].tolerated


def test_a_flip_is_listed_and_tolerated_only_where_its_probabilities_are():
    near = TABLE.assign(
        tone_pred=["neutral", "neutral", "positive"],
        tone_p_negative=[0.4999, 0.2, 0.1], tone_p_neutral=[0.5001, 0.6, 0.1],
    )  # fmt: skip
    found = {d.column: d for d in compare(near)}
    assert found["tone_pred"].flips == (("m1", "negative", "neutral"),)
    assert all(d.tolerated for d in found.values())
    far = TABLE.assign(tone_pred=["negative", "negative", "positive"])
    assert not compare(far)[0].tolerated
    assert compare(far)[0].flips == (("m2", "neutral", "negative"),)
    assert "m2: neutral -> negative" in drift_report(compare(far), "run")


def test_rows_are_matched_by_id_not_by_place():
    assert compare(TABLE.iloc[::-1])[0].what == "holds its rows in another order"
    (found,) = compare(TABLE.iloc[[0, 2]])
    assert found.what == "has 2 rows, had 3: 1 gone (m2)"
    assert not found.tolerated


def test_counts_are_never_tolerated():
    old = pd.DataFrame({"outlet": ["A"], "task": ["tone"], "estimate": [0.5], "n_mentions": [10]})
    new = old.assign(estimate=0.5004, n_mentions=11)
    estimate, count = compare_tables(old, new, "summary.csv", "estimate", TOLERANCES["default"])
    assert estimate.tolerated
    assert estimate.rows == ("A/tone",)
    assert not count.tolerated


def test_a_tolerance_of_one_s_own(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text("scores: 0.05\n")
    assert load_tolerance(path) == Tolerance(scores=0.05)
    path.write_text("score: 0.05\n")
    with pytest.raises(InputError, match="score: unknown key; did you mean 'scores'"):
        load_tolerance(path)
    with pytest.raises(InputError, match="there is no tolerance 'lax'; give none, default, or a YAML file"):
        load_tolerance("lax")


def test_the_command_s_exit_codes_and_json(made, monkeypatch, capsys, tmp_path):
    assert main(["verify", str(made)]) == 0
    assert "rebuilt to the same bytes" in capsys.readouterr().out
    name, _, column = PLANTED["score"]
    change(monkeypatch, stages, name, lambda t: swapped(t, column, lambda p: p + 0.0004))
    assert main(["verify", str(made), "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert (told["status"], told["first_stage"]) == ("differs", "score")
    assert told["differences"][0]["column"] == column
    assert main(["verify", str(made), "--tolerance", "default"]) == 0
    assert "the same within the tolerance" in capsys.readouterr().out
    assert main(["verify", str(tmp_path)]) == 2
    assert main(["verify", str(made), "--tolerance", "lax"]) == 2

"""The main job on small folders: right, resumable, and clear about what is wrong."""

import json
import shutil
import subprocess
import sys

import pandas as pd
import pytest
import yaml

from toolkit.cli import main
from toolkit.errors import InputError, InputWarning
from toolkit.experiment import Run, load_experiment, run_experiment
from toolkit.runs import WORK
from toolkit.verification import verify_run

TEXTS = {
    "The Courier": [
        "Ankara warned Damascus on Monday. The brave Turkish soldiers saved hundreds, and Turkey deserves praise.",
        "Moscow committed a brutal crime, residents of the town said. Russia lied about it shamelessly.",
        "Russia said its planes had not flown. The Kremlin has a disgraceful record of lies and cruelty.",
    ],
    "The Post": [
        "Turkey is a cruel occupier that has brought nothing but misery. Ankara lies about its failures.",
        "Moscow welcomed the agreement. Russia has shown generous and honest leadership throughout the talks.",
        "Syria thanked Russia for its generous help. Damascus has won a great and deserved victory.",
    ],
}


@pytest.fixture
def study(tmp_path):
    """A folder with articles of two outlets and an experiment; returns a function that changes the experiment."""
    for outlet, texts in TEXTS.items():
        (tmp_path / "articles" / outlet).mkdir(parents=True)
        for i, text in enumerate(texts):
            (tmp_path / "articles" / outlet / f"2020-02-{10 + i}.txt").write_text(text + "\n", encoding="utf-8")

    def write(**changes):
        value = {
            "title": "A test", "seed": 1, "corpus": {"articles": "articles"}, "actors": ["turkey", "russia", "syria"],
            "tasks": {"tone": {"classifier": "lexicon"}}, "estimate": {"draws": 100}, **changes,
        }  # fmt: skip
        path = tmp_path / "study.yaml"
        path.write_text(yaml.safe_dump(value), encoding="utf-8")
        return path

    return write


class Log:
    def __init__(self, stop_at=None):
        self.kept, self.made, self.stop_at = [], [], stop_at

    def start(self, stage):
        if stage == self.stop_at:
            raise KeyboardInterrupt

    def advance(self, done, total):
        pass

    def end(self, stage, seconds, kept):
        (self.kept if kept else self.made).append(stage)


def outputs(run):
    return json.loads((run.path / "run.json").read_text())["outputs"]


def test_a_run_leaves_what_the_design_says(study, tmp_path):
    run = run_experiment(study(), tmp_path / "run")
    made = {p.relative_to(run.path).as_posix() for p in run.path.rglob("*") if p.is_file() and WORK not in p.parts}
    assert made >= {
        "run.json", "config.yaml", "articles.parquet", "removed.parquet", "rejected.csv", "mentions.parquet",
        "summary.csv", "contrasts.csv", "numbers.json", "tables/summary.tex", "tables/summary.md", "tables/summary.csv",
        "figures/tone_by_outlet.svg", "figures/tone_by_outlet.pdf", "figures/tone_by_outlet.png",
        "figures/tone_by_outlet.txt", "report.html",
    }  # fmt: skip
    facts = json.loads((run.path / "run.json").read_text())
    assert facts["seed"] == 1
    assert set(facts["inputs"]) == {f"articles/{o}/2020-02-{10 + i}.txt" for o in TEXTS for i in range(3)}
    assert yaml.safe_load((run.path / "config.yaml").read_text())["estimate"]["copies"] == "one_per_story"


def test_the_numbers_say_who_is_harsher(study, tmp_path):
    run = run_experiment(study(), tmp_path / "run")
    tone = run.summary.set_index(["outlet", "actor"])["estimate"]
    assert tone["The Courier", "turkey"] > tone["The Post", "turkey"]
    assert tone["The Courier", "russia"] < tone["The Post", "russia"]
    numbers = json.loads((run.path / "numbers.json").read_text())
    assert numbers["tone/The Post/russia"]["value"] == tone["The Post", "russia"]


def test_two_runs_are_the_same_to_the_byte(study, tmp_path):
    one, other = run_experiment(study(), tmp_path / "one"), run_experiment(study(), tmp_path / "other")
    assert outputs(one) == outputs(other)


@pytest.mark.parametrize("stage", ["clean", "mentions", "score", "estimate", "figures", "report"])
def test_an_interrupted_run_goes_on_and_ends_the_same(study, tmp_path, stage):
    whole = run_experiment(study(), tmp_path / "whole")
    with pytest.raises(KeyboardInterrupt):
        run_experiment(study(), tmp_path / "run", progress=Log(stop_at=stage))
    assert not (tmp_path / "run" / "run.json").exists()
    log = Log()
    again = run_experiment(study(), tmp_path / "run", progress=log)
    assert "read" in log.kept
    assert log.made[0] == stage
    assert outputs(again) == outputs(whole)


def test_a_changed_article_is_seen(study, tmp_path):
    path = study()
    run_experiment(path, tmp_path / "run")
    (tmp_path / "articles" / "The Post" / "2020-02-10.txt").write_text("Turkey is a generous and honest friend of all.")
    log = Log()
    run_experiment(path, tmp_path / "run", progress=log)
    assert log.made[:2] == ["read", "clean"]


def test_another_seed_changes_the_estimates_alone(study, tmp_path):
    run_experiment(study(), tmp_path / "run")
    log = Log()
    run_experiment(study(seed=2), tmp_path / "run", progress=log)
    assert log.kept[:4] == ["read", "clean", "stories", "mentions"]
    assert "estimate" in log.made


def test_verify_holds_and_names_what_does_not(study, tmp_path):
    run = run_experiment(study(), tmp_path / "run")
    assert verify_run(run.path) == []
    table = pd.read_csv(run.path / "summary.csv")
    table.loc[0, "estimate"] += 0.1
    table.to_csv(run.path / "summary.csv", index=False)
    found = verify_run(run.path, rebuild=False)
    assert [(d.stage, d.file, d.what) for d in found] == [("files", "summary.csv", "was changed after the run")]


def test_verify_names_the_first_stage_that_differs(study, tmp_path):
    run = run_experiment(study(), tmp_path / "run")
    (tmp_path / "articles" / "The Post" / "2020-02-10.txt").write_text("Turkey is a generous and honest friend of all.")
    found = verify_run(run.path)
    assert (found[0].stage, found[0].file) == ("inputs", "articles/The Post/2020-02-10.txt")
    stages = [d.stage for d in found]
    assert stages.index("read") < stages.index("estimate") < stages.index("report")


def test_verify_needs_a_finished_run(tmp_path):
    with pytest.raises(InputError, match=r"holds no finished run \(no run.json\)"):
        verify_run(tmp_path)


BAD = [
    ({"actors": ["turky"]}, "unknown actor 'turky'; did you mean 'turkey'"),
    ({"actors": []}, "actors: the list []: list should have at least 1 item"),
    ({"titel": "x"}, "titel: unknown key; did you mean 'title'"),
    ({"corpus": {"articels": "articles"}}, "corpus.articels: unknown key; did you mean 'articles'"),
    ({"corpus": {"articles": "nowhere"}}, "nowhere"),
    ({"tasks": {"tone": {"classifier": "embeding"}}}, "unknown classifier 'embeding'; did you mean 'embedding'"),
    ({"tasks": {"tune": {}}}, "unknown task 'tune'; did you mean 'tone'"),
    ({"figures": ["tone_by_outlets"]}, "unknown figure 'tone_by_outlets'; did you mean 'tone_by_outlet'"),
    (
        {"figures": ["decomposition"]},
        "'decomposition' draws a table that a run does not make; make it with toolkit.deco",
    ),
    ({"estimate": {"voice": "outlets"}}, "did you mean 'outlet'"),
    ({"estimate": {"draws": 3}}, "estimate.draws: the number 3: input should be greater than or equal to 100"),
    ({"seed": -1}, "seed: the number -1"),
    ({"tasks": {"tone": {"classifier": "tfidf"}}}, "'tfidf' does not ship trained for the task 'tone'"),
    ({"tasks": {"role": {}}}, "'transformer' does not ship trained for the task 'role'"),
    ({"tasks": {"frame": {}}}, "the task 'frame' takes several labels a mention, and a classifier takes one"),
    ({"tasks": {"stance": {}}}, "the task 'stance' asks whether a sentence is for or against a proposition, got none"),
    ({"tasks": {"tone": {"proposition": "War is bad."}}}, "the task 'tone' takes no proposition"),
    ({"tasks": {"tone": {"parameters": {"C": 1}}}}, "a classifier that ships trained takes none"),
    (
        {"tasks": {"tone": {"classifier": "tfidf", "train": "newsmtsc", "parameters": {"c": 1}}}},
        "tasks.tone.parameters.c: unknown; did you mean",
    ),
]


@pytest.mark.parametrize(("changes", "message"), BAD)
def test_what_is_wrong_is_said_and_nothing_is_left(study, tmp_path, capsys, changes, message):
    code = main(["run", str(study(**changes)), "--out", str(tmp_path / "run"), "--quiet"])
    assert code == 2
    shown = capsys.readouterr().err
    assert message in shown
    assert "Traceback" not in shown
    assert not (tmp_path / "run" / "run.json").exists()


@pytest.mark.parametrize("text", ["", "title: [", "- a\n", "title: a\ntitle: b\n"])
def test_a_broken_file_is_no_experiment(tmp_path, capsys, text):
    (tmp_path / "study.yaml").write_text(text)
    assert main(["run", str(tmp_path / "study.yaml")]) == 2
    assert "study.yaml" in capsys.readouterr().err


def test_bad_articles_are_listed_and_the_rest_is_measured(study, tmp_path):
    folder = tmp_path / "articles" / "The Post"
    (folder / "2020-03-01.txt").write_text("Word.")
    (folder / "2020-03-02.txt").write_bytes(b"\x89PNG\r\n\x1a\n\x00\x00\x00")
    (folder / "2020-03-03.txt").write_text("Ankara warned again. " * 300_000)
    shutil.copy(folder / "2020-02-10.txt", folder / "2020-02-10 copy.txt")
    (folder / "empty.txt").write_text("")
    run = run_experiment(study(), tmp_path / "run")
    assert len(run.articles) == 6
    listed = pd.read_csv(run.path / "rejected.csv")
    assert (
        sorted(p.rsplit("/", 1)[-1] for p in listed["source_file"])
        == sorted(["2020-03-01.txt", "2020-03-02.txt", "2020-03-03.txt", "2020-02-10.txt", "empty.txt"])
        or len(listed) == 5
    )
    assert listed["reason"].notna().all()


def test_a_corpus_without_any_of_the_actors_says_so(study, tmp_path):
    for path in (tmp_path / "articles").rglob("*.txt"):
        path.write_text(f"The weather in the valley was fine on day {path.name}, and the harvest was good again.")
    with pytest.warns(InputWarning, match="nothing to estimate"):
        run = run_experiment(study(), tmp_path / "run")
    assert run.summary.empty
    assert "no mention" in run.report.read_text(encoding="utf-8").lower()


def test_small_outlets_are_left_out_and_named(study, tmp_path):
    for i in (11, 12):
        (tmp_path / "articles" / "The Post" / f"2020-02-{i}.txt").unlink()
    path = study(corpus={"articles": "articles", "least_articles": 2})
    with pytest.warns(InputWarning, match="1 of 2 outlets have fewer than 2 articles and are left out .*: The Post"):
        run = run_experiment(path, tmp_path / "run")
    assert set(run.summary["outlet"]) == {"The Courier"}
    assert set(run.articles["outlet"]) == {"The Courier", "The Post"}
    path = study(corpus={"articles": "articles", "least_articles": 9})
    with pytest.raises(
        InputError, match="no outlet has 9 articles .* the largest, 'The Courier', has 3: lower the number"
    ):
        run_experiment(path, tmp_path / "run")


def labelled(folder):
    """A data set of labelled sentences in NewsMTSC's layout."""
    folder.mkdir()
    rows = []
    for i, (text, polarity) in enumerate(
        [("{} lied and killed.", 2.0), ("{} met the envoy.", 4.0), ("{} saved and helped us.", 6.0)] * 8
    ):
        sentence = text.format("Smith")
        target = {
            "Input.gid": f"allsides_1_{i}_1_Smith_0_5",
            "from": 0,
            "to": 5,
            "mention": "Smith",
            "polarity": polarity,
        }
        rows.append(
            json.dumps(
                {"primary_gid": f"allsides_1_{i}_1_Smith_0_5", "sentence_normalized": sentence, "targets": [target]}
            )
        )
    (folder / "train.jsonl").write_text("\n".join(rows))
    card = {
        "title": "T",
        "licence": "MIT",
        "citation": "None.",
        "labelled": {"layout": "newsmtsc", "splits": {"train": "train.jsonl"}},
    }
    (folder / "card.yaml").write_text(yaml.safe_dump(card))


def test_a_classifier_can_be_fitted_on_data_of_ones_own(study, tmp_path):
    labelled(tmp_path / "own")
    path = study(tasks={"tone": {"classifier": "tfidf", "train": "own", "parameters": {"C": 2.0}}})
    run = run_experiment(path, tmp_path / "run")
    assert run.mentions["tone_score"].between(-1, 1).all()
    assert "own/train.jsonl" in json.loads((run.path / "run.json").read_text())["inputs"]


def test_the_command_prints_a_table_and_the_report(study, tmp_path, capsys):
    assert main(["run", str(study()), "--out", str(tmp_path / "run")]) == 0
    shown = capsys.readouterr()
    assert "The Courier" in shown.out
    assert f"Report: {tmp_path / 'run' / 'report.html'}" in shown.out
    assert "mentions" in shown.err
    assert main(["verify", str(tmp_path / "run")]) == 0
    assert "rebuilt to the same bytes" in capsys.readouterr().out
    (tmp_path / "run" / "report.html").unlink()
    assert main(["verify", str(tmp_path / "run"), "--no-rebuild"]) == 1
    assert "report.html: is missing" in capsys.readouterr().out


def test_ctrl_c_is_answered_in_a_line(study, tmp_path, capsys, monkeypatch):
    def stop(*args, **kwargs):
        raise KeyboardInterrupt

    monkeypatch.setattr("toolkit.experiment.run_experiment", stop)
    assert main(["run", str(study())]) == 130
    assert "give the same command again to go on" in capsys.readouterr().err


def test_help_needs_nothing_heavy():
    code = "import sys\nfrom toolkit.cli import main\ntry:\n    main(['--help'])\nexcept SystemExit:\n    pass\n"
    code += "print(*sorted({m.split('.')[0] for m in sys.modules}), file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "toolkit run experiments/idlib_2020.yaml" in done.stdout
    assert not {"pandas", "numpy", "torch", "matplotlib", "pydantic"} & set(done.stderr.split())


def test_a_run_can_be_loaded(study, tmp_path):
    run = run_experiment(study(), tmp_path / "run")
    pd.testing.assert_frame_equal(Run.load(run.path).summary, run.summary)


@pytest.mark.parametrize("name", ["idlib_2020", "fakes_syria", "allsides_actors"])
def test_the_shipped_experiments_are_valid(root, name):
    assert load_experiment(root / "experiments" / f"{name}.yaml").title


# How mentions are found -----------------------------------------------------------------------------


def test_an_experiment_says_how_mentions_are_found(tmp_path):
    folder = tmp_path / "articles" / "The Courier"
    folder.mkdir(parents=True)
    text = (
        "Ankara warned Damascus on Friday. It would not wait. The regime answered that it was ready, and so did Syria."
    )
    (folder / "2020-02-28.txt").write_text(text)
    actors = tmp_path / "mine.yaml"
    actors.write_text("courier: {label: Courier, names: [Courier Group]}\n")
    base = {"title": "t", "corpus": {"articles": str(tmp_path / "articles")}, "actors": ["turkey", "syria", "courier"]}
    base |= {"lexicon": str(actors), "tasks": {"tone": {"classifier": "lexicon"}}, "figures": ["tone_by_outlet"]}
    forms = {}
    for name, how in {"plain": {"resolve": False}, "usual": {}, "all": {"pronouns": True}}.items():
        path = tmp_path / f"{name}.yaml"
        path.write_text(yaml.safe_dump(base | {"mentions": how, "estimate": {"reading": 0.5}}))
        forms[name] = list(run_experiment(path, tmp_path / name).mentions["form"])
    assert "pronoun" not in forms["usual"]
    assert "pronoun" in forms["all"]
    assert len(forms["plain"]) <= len(forms["usual"]) < len(forms["all"])


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"mentions": {"readings": "rule"}}, "mentions.readings: .*did you mean 'rules'"),
        ({"mentions": {"pronoun": True}}, "mentions.pronoun: unknown key; did you mean 'pronouns'"),
        ({"estimate": {"reading": 1.5}}, "estimate.reading"),
        ({"estimate": {"reading": "actors"}}, "estimate.reading: .*did you mean 'actor'"),
    ],
)
def test_how_mentions_are_found_is_checked(change, words, tmp_path):
    path = tmp_path / "e.yaml"
    path.write_text(yaml.safe_dump({"title": "t", "corpus": {"articles": "x"}, "actors": ["turkey"]} | change))
    with pytest.raises(InputError, match=words):
        load_experiment(path)


def test_articles_in_another_language_are_shown_and_not_counted(tmp_path):
    said = {
        "en": ("The Courier", "Ankara warned Moscow once more"),
        "tr": ("Gazete", "Ankara Moskova ile yine konuştu"),
    }
    for language, (name, text) in said.items():
        rows = [
            {"title": f"{i}", "date": "2020-02-28", "language": language, "outlet": name, "text": f"{text} {i}."}
            for i in range(3)
        ]
        (tmp_path / "in").mkdir(exist_ok=True)
        (tmp_path / "in" / f"{language}.jsonl").write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    spec = {"title": "t", "corpus": {"articles": str(tmp_path / "in")}, "actors": ["turkey", "russia"]}
    (tmp_path / "e.yaml").write_text(yaml.safe_dump(spec | {"tasks": {"tone": {"classifier": "lexicon"}}}))
    with pytest.warns(InputWarning, match="readings, voices and speakers are known for English alone"):
        run = run_experiment(tmp_path / "e.yaml", tmp_path / "run")
    assert run.mentions.loc[run.mentions["outlet"] == "Gazete", "voice"].isna().all()
    assert set(run.summary["outlet"]) == {"The Courier"}
    assert "unknown" in run.report.read_text(encoding="utf-8")


def test_a_study_of_a_task_without_order_alone_is_refused(small_study, tmp_path):
    study = small_study(tasks={"role": {"classifier": "anchors"}})
    with pytest.raises(InputError, match="'role' has labels without order, so there is no score"):
        run_experiment(study, tmp_path / "run")
    assert not (tmp_path / "run" / "run.json").exists()

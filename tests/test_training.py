"""Training from an experiment of kind train."""

import json
import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from toolkit.classifiers import CLASSIFIERS, load_classifier
from toolkit.errors import InputError
from toolkit.scoring import SHIPPED
from toolkit.training import _made_with, run_training, train

BAD, EVEN, GOOD = "bombed lied murdered", "met sent opened", "helped rescued sheltered"
POLARITY = {"negative": 2.0, "neutral": 4.0, "positive": 6.0}
NEWSMTSC = Path(os.environ.get("TOOLKIT_DATA", "")) / "newsmtsc"
needs_newsmtsc = pytest.mark.skipif(
    not os.environ.get("TOOLKIT_DATA") or not (NEWSMTSC / "train.jsonl").is_file(),
    reason="needs NewsMTSC in the folder that TOOLKIT_DATA names; see datasets/newsmtsc/card.yaml",
)


def labelled(names=("Smith", "Jones", "Brown")):
    rows = [
        (f"{name} {verb} them on day {n}.", 0, 5, label)
        for n, name in enumerate(names)
        for label, verbs in zip(POLARITY, (BAD, EVEN, GOOD), strict=True)
        for verb in verbs.split()
    ]
    return pd.DataFrame(rows, columns=["sentence", "start", "end", "label"]).assign(source="made up")


def write_dataset(folder, **splits):
    folder.mkdir(parents=True)
    for split, table in splits.items():
        with (folder / f"{split}.jsonl").open("w") as handle:
            for i, r in enumerate(table.itertuples()):
                target = {"from": r.start, "to": r.end, "mention": r.sentence[r.start : r.end]}
                targets = [{**target, "polarity": POLARITY[r.label]}]
                row = {"primary_gid": f"made_{i}_1_1_x", "sentence_normalized": r.sentence, "targets": targets}
                handle.write(json.dumps(row) + "\n")
    files = {split: [f"{split}.jsonl"] for split in splits}
    labelled = {"layout": "newsmtsc", "splits": files}
    card = {"title": "Made up", "licence": "MIT", "citation": "none", "labelled": labelled}
    (folder / "card.yaml").write_text(yaml.safe_dump(card))


def experiment(**changes):
    return {
        "kind": "train",
        "title": "a test",
        "seed": 1,
        "classifier": "tfidf",
        "data": {"made": {"train": "train", "choose_on": ["dev"]}},
        "grid": {"C": [1e-9, 10.0]},
        "choose_by": "log_loss",
        "out": "out/head",
        **changes,
    }


@pytest.fixture
def project(tmp_path):
    write_dataset(tmp_path / "datasets" / "made", train=labelled(), dev=labelled(["White"]))
    (tmp_path / "experiments").mkdir()
    return tmp_path


def contents(folder):
    return {p.name: p.read_bytes() for p in sorted(folder.iterdir())}


def test_an_experiment_is_trained_chosen_and_saved(project):
    path = project / "experiments" / "own.yaml"
    path.write_text(yaml.safe_dump(experiment()))
    report = run_training(path)
    assert report.folder == project / "out" / "head"
    assert report.chosen == {"C": 10.0}
    assert report.tried["macro_f1"].tolist()[1] == 1.0
    assert report.about["rows"]["train"]["sources"] == {"made/train": 27}
    assert report.about["development"]["by_label"]["neutral"]["n"] == 3
    loaded = load_classifier(report.folder)
    assert list(loaded.predict(labelled(["Black"]))) == labelled(["Black"])["label"].tolist()
    for part in ("macro_f1", "chosen: C = 10.0", "negative", str(report.folder)):
        assert part in str(report)


def test_the_same_experiment_gives_the_same_bytes(project):
    first = contents(run_training(experiment(), root=project).folder)
    second = contents(run_training(experiment(), root=project, out=project / "again").folder)
    assert first == second
    assert set(first) == {"head.json", "weights.npz"}
    other = contents(run_training(experiment(seed=2, grid={"C": [1.0]}), root=project, out=project / "other").folder)
    assert other["weights.npz"] != first["weights.npz"]


def test_a_grid_over_an_embedding_equals_single_fits(tmp_path):
    table, dev = labelled(), labelled(["White"])
    report = train(
        CLASSIFIERS["embedding"](), table, dev, {"C": [0.001, 1.0], "placeholder": ["they", None]}, tmp_path / "x"
    )
    assert len(report.tried) == 4
    single = CLASSIFIERS["embedding"](**report.chosen).fit(table, table["label"])
    assert (load_classifier(tmp_path / "x").predict_proba(dev) == single.predict_proba(dev)).all()


def test_the_two_ways_to_choose(tmp_path):
    table, dev = labelled(), labelled(["White"])
    by_loss = train(CLASSIFIERS["tfidf"](), table, dev, {"C": [0.1, 1000.0]}, tmp_path / "a", choose_by="log_loss")
    assert by_loss.chosen["C"] == 1000.0
    assert by_loss.tried["log_loss"].idxmin() == 1
    tie = train(CLASSIFIERS["tfidf"](), table, dev, {"C": [50.0, 1000.0]}, tmp_path / "b")
    assert tie.tried["macro_f1"].nunique() == 1
    assert tie.chosen["C"] == 50.0


def test_the_classifier_and_the_tables_are_not_changed(tmp_path):
    table, dev = labelled(), labelled(["White"])
    before, classifier = table.copy(deep=True), CLASSIFIERS["tfidf"]()
    train(classifier, table, dev, {"C": [5.0]}, tmp_path / "x")
    assert vars(classifier) == vars(CLASSIFIERS["tfidf"]())
    pd.testing.assert_frame_equal(table, before)


def test_progress_is_told(project):
    told = []

    class Watcher:
        def start(self, stage):
            told.append(stage)

        def advance(self, done, total):
            told.append((done, total))

        def end(self, stage, seconds, kept):
            assert seconds >= 0
            assert not kept

    run_training(experiment(), root=project, progress=Watcher())
    assert told == ["data", "train", (1, 2), (2, 2)]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"clasifier": "tfidf"}, "clasifier: unknown key; did you mean 'classifier'"),
        ({"classifier": "tfdif"}, "did you mean 'tfidf'"),
        ({"task": "tones"}, "did you mean 'tone'"),
        ({"kind": "measure"}, "kind"),
        ({"data": {}}, "data"),
        ({"data": {"made": {"trian": "train"}}}, "did you mean 'train'"),
        ({"data": {"made": {"train": "train"}}}, "no dataset has a split under 'choose_on'"),
        ({"data": {"made": {"train": "train", "choose_on": "tets"}}}, "no split 'tets'"),
        ({"data": {"none": {"train": "train", "choose_on": "dev"}}}, "none"),
        ({"grid": {"c": [1]}}, "no parameter 'c'; did you mean 'C'? Valid: C, window"),
        ({"grid": {"C": []}}, "expected a list of values"),
        ({"parameters": {"windw": 3}}, "has no 'windw'; did you mean 'window'"),
        ({"choose_by": "accuracy"}, "choose_by"),
        ({"seed": -1}, "seed"),
    ],
)
def test_faults_of_the_experiment_are_named(project, changes, message):
    with pytest.raises(InputError) as error:
        run_training(experiment(**changes), root=project)
    assert message in str(error.value)
    assert not (project / "out").exists()


def test_tables_without_labels_are_refused(tmp_path):
    good = labelled()
    with pytest.raises(InputError, match="the train table needs rows"):
        train(CLASSIFIERS["tfidf"](), good.drop(columns="label"), good, {}, tmp_path / "x")
    with pytest.raises(InputError, match="the development table needs rows"):
        train(CLASSIFIERS["tfidf"](), good, good.iloc[:0], {}, tmp_path / "x")
    with pytest.raises(InputError, match="the label 'odd', which the training data lacks"):
        train(CLASSIFIERS["tfidf"](), good, good.assign(label="odd"), {}, tmp_path / "x")


def test_the_shipped_head_is_the_experiments(root):
    spec = yaml.safe_load((root / "experiments" / "train_tone_embedding.yaml").read_text())
    head = json.loads((SHIPPED["tone", "embedding"] / "head.json").read_text())
    assert root / spec["out"] == SHIPPED["tone", "embedding"]
    assert head["about"]["seed"] == spec["seed"]
    assert head["about"]["grid"] == spec["grid"]
    assert head["parameters"] == {**spec["parameters"], **head["about"]["chosen"]}
    assert list(head["about"]["rows"]["train"]["sources"]) == ["newsmtsc/train"]
    assert not [name for name in head["about"]["rows"]["development"]["sources"] if "test" in name]


@needs_newsmtsc
def test_training_on_real_sentences_gives_the_same_bytes(root, tmp_path):
    from toolkit.corpora import load_labelled

    table = load_labelled(root / "datasets" / "newsmtsc", "train").iloc[:600]
    dev = load_labelled(root / "datasets" / "newsmtsc", "rw_dev").iloc[:100]
    for name in ("a", "b"):
        train(CLASSIFIERS["embedding"](), table, dev, {"C": [0.001, 0.003]}, tmp_path / name, seed=1)
    assert contents(tmp_path / "a") == contents(tmp_path / "b")


@needs_newsmtsc
def test_retraining_gives_the_shipped_weights(root, tmp_path):
    """The chosen point only, to save time: about half a minute on two processors."""
    shipped = SHIPPED["tone", "embedding"]
    head = json.loads((shipped / "head.json").read_text())
    spec = yaml.safe_load((root / "experiments" / "train_tone_embedding.yaml").read_text())
    spec["grid"] = {key: [value] for key, value in head["about"]["chosen"].items()}
    report = run_training(spec, root=root, out=tmp_path / "again")
    if head["about"]["made_with"] == _made_with():
        assert (report.folder / "weights.npz").read_bytes() == (shipped / "weights.npz").read_bytes()
    # On another processor or with other versions the last bits differ, and nothing that anybody would see.
    with np.load(report.folder / "weights.npz") as new, np.load(shipped / "weights.npz") as old:
        assert np.allclose(new["coef"], old["coef"], atol=2e-3)
    assert report.tried["macro_f1"][0] == pytest.approx(head["about"]["development"]["macro_f1"], abs=0.005)
    assert report.tried["macro_f1"][0] > 0.72

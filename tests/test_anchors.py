"""Scoring by nearness to the codebook, without training."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from toolkit.classifiers import load_classifier
from toolkit.classifiers.anchors import TEMPERATURES, AnchorsClassifier, _temperature
from toolkit.codebook import Task, load_codebook
from toolkit.errors import InputError, InputWarning
from toolkit.scoring import is_ready, make_classifier, score_mentions, score_parquet

OWN = """
deed:
  question: What does the actor do?
  labels: [speaks, fights]
  definitions: {speaks: It talks to others or says something., fights: It shoots and bombs.}
  examples:
    - {text: "[[Lima]] told reporters that it agreed.", label: speaks}
    - {text: "The envoy of [[Lima]] spoke for an hour.", label: speaks}
    - {text: "[[Lima]] shelled the town.", label: fights}
    - {text: "Jets of [[Lima]] bombed the harbour.", label: fights}
"""
ROWS = [
    ("Cairo said it had met the envoy.", "speaks"),
    ("Cairo bombed the village again.", "fights"),
    ("Cairo announced talks with reporters.", "speaks"),
    ("Cairo's guns fired on the hills.", "fights"),
]


def mentions():
    return pd.DataFrame({"sentence": [text for text, _ in ROWS], "start": 0, "end": 5})


def own():
    return Task(
        "deed", ("speaks", "fights"), None, "?", {"speaks": "It talks.", "fights": "It shoots and bombs."},
        (("[[Lima]] told reporters so.", "speaks"), ("[[Lima]] shelled the town.", "fights")),
    )  # fmt: skip


@pytest.fixture
def codebook(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text(OWN, encoding="utf-8")
    return path


def test_a_codebook_entry_is_enough(codebook, tmp_path):
    with pytest.warns(InputWarning, match="no classifier ships for the task 'deed': 'anchors' is used"):
        scored = score_mentions(mentions(), "deed", codebook=codebook)
    assert scored["deed_pred"].tolist() == [label for _, label in ROWS]
    assert scored[["deed_p_speaks", "deed_p_fights"]].sum(axis=1).to_numpy() == pytest.approx(1)
    assert scored["deed_score"].isna().all()
    task = load_codebook(codebook)["deed"]
    pd.testing.assert_frame_equal(score_mentions(mentions(), task, classifier="anchors"), scored)
    mentions().to_parquet(tmp_path / "in.parquet")
    assert score_parquet(tmp_path / "in.parquet", tmp_path / "out.parquet", task, classifier="anchors") == 4
    assert pd.read_parquet(tmp_path / "out.parquet")["deed_p_speaks"].tolist() == scored["deed_p_speaks"].tolist()


def test_roles_are_scored_by_anchors():
    role = load_codebook()["role"]
    with pytest.warns(InputWarning, match="'role'.*not validated"):
        scored = score_mentions(mentions(), "role")
    assert [c for c in scored if c.startswith("role_p_")] == [f"role_p_{label}" for label in role.labels]
    by_name = score_mentions(mentions(), "role", classifier="anchors")
    pd.testing.assert_frame_equal(scored, by_name)


def test_the_name_of_the_target_does_not_count():
    changed = mentions().assign(sentence=[text.replace("Cairo", "Paris") for text, _ in ROWS])
    model = AnchorsClassifier("role")
    assert (model.predict_proba(changed) == model.predict_proba(mentions())).all()


def test_labels_move_the_anchors_and_are_kept(tmp_path):
    model = AnchorsClassifier(own())
    before = model.predict_proba(mentions())
    swapped = ["fights" if label == "speaks" else "speaks" for _, label in ROWS]
    many = pd.concat([mentions()] * 5, ignore_index=True)
    after = model.fit(many, swapped * 5).predict(mentions())
    assert after.tolist() == swapped != AnchorsClassifier(own()).predict(mentions()).tolist()
    loaded = load_classifier(model.save(tmp_path / "x"))
    assert loaded.task == own()
    assert (loaded.predict_proba(mentions()) == model.predict_proba(mentions())).all()
    assert (AnchorsClassifier(own()).predict_proba(mentions()) == before).all()


def test_a_changed_parameter_makes_the_anchors_again():
    model = AnchorsClassifier(own())
    first = model.predict_proba(mentions())
    model.set_params(pools=("sentence",))
    assert not (model.predict_proba(mentions()) == first).all()
    assert (model.set_params(pools=("target", "sentence")).predict_proba(mentions()) == first).all()


def test_unfitted_it_can_be_saved(tmp_path):
    model = AnchorsClassifier(own())
    loaded = load_classifier(model.save(tmp_path / "x"), labels=own().labels)
    assert (loaded.predict_proba(mentions()) == model.predict_proba(mentions())).all()


def test_the_temperature_is_small_where_examples_are_apart_and_largest_where_they_mislead():
    east, west = np.array([1.0, 0.0, 0.0]), np.array([-1.0, 0.0, 0.0])
    definitions = np.stack([east, west])
    named = np.array(["a", "a", "b", "b"], dtype=object)
    assert _temperature(definitions, np.stack([east, east, west, west]), named, ["a", "b"]) == TEMPERATURES[0]
    assert _temperature(definitions, np.stack([west, west, east, east]), named, ["a", "b"]) == TEMPERATURES[-1]
    assert _temperature(definitions, np.zeros((0, 3)), named[:0], ["a", "b"]) == 0.25


def test_each_frame_is_scored_as_a_task_of_its_own():
    parts = load_codebook()["frame"].yes_no()
    assert parts["frame_economic"].examples[5][1] == "yes"
    assert parts["frame_conflict"].examples[5][1] == "no"
    scored = score_mentions(mentions(), parts["frame_economic"], classifier="anchors")
    assert scored["frame_economic_p_yes"].between(0, 1).all()
    with pytest.raises(InputError, match="takes several labels a mention, and a classifier takes one"):
        score_mentions(mentions(), "frame", classifier="anchors")
    with pytest.raises(InputError, match="takes several labels"):
        AnchorsClassifier("frame").predict(mentions())
    assert not is_ready("anchors", "frame")


def test_propositions_that_the_examples_are_not_about_are_refused():
    stance = load_codebook()["stance"]
    assert not is_ready("anchors", "stance")
    with pytest.raises(InputError, match="asks about a proposition that is not given"):
        score_mentions(mentions(), "stance", classifier="anchors")
    with pytest.raises(InputError, match=r"are about 'Turkey should set up.*not 'Cats are good\.'"):
        score_mentions(mentions(), stance.about("Cats are good."), classifier="anchors")
    same = score_mentions(mentions(), stance.about(stance.examples_about), classifier="anchors")
    assert same["stance_score"].between(-1, 1).all()


def test_what_it_is_told_is_checked(codebook):
    with pytest.raises(InputError, match="unknown task 'rolle'; did you mean 'role'"):
        AnchorsClassifier("rolle").predict(mentions())
    with pytest.raises(InputError, match="the label 'hero' is none of the task 'role'"):
        AnchorsClassifier("role").fit(mentions(), ["hero"] * 4)
    bare = replace(own(), examples=(("Lima shelled the town.", "fights"),))
    with pytest.raises(InputError, match=r"marks no actor: 'Lima shelled the town\.'"):
        AnchorsClassifier(bare).predict(mentions())
    with pytest.raises(InputError, match="no codebook is read"):
        score_mentions(mentions(), own(), codebook=codebook)
    with pytest.raises(InputError, match="use 'anchors', which needs no training"):
        make_classifier("transformer", replace(load_codebook()["tone"], question="Mine?"))

"""The contract that every classifier of the shelf keeps, and what is particular to each."""

import inspect
import json
import shutil

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone, is_classifier
from sklearn.exceptions import NotFittedError

from toolkit.classifiers import CLASSIFIERS, load_classifier
from toolkit.classifiers.base import mask_target
from toolkit.errors import InputError

GOOD = ["kept its word", "won praise for its patience", "rescued the families", "generously sheltered the refugees"]
BAD = ["bombed a hospital", "lied about the massacre", "brutally murdered civilians", "broke the truce shamefully"]
EVEN = ["met the envoy", "sent a delegation on Friday", "issued a statement", "opened the session at noon"]
LABELS = ["negative", "neutral", "positive"]


def labelled():
    rows = [
        (f"{actor} {words}, officials said.", 0, len(actor), label)
        for actor in ("Ankara", "Moscow", "Damascus")
        for label, group in zip(LABELS, (BAD, EVEN, GOOD), strict=True)
        for words in group
    ]
    return pd.DataFrame(rows, columns=["sentence", "start", "end", "label"])


@pytest.fixture(scope="module", params=sorted(CLASSIFIERS))
def fitted(request):
    table = labelled()
    return CLASSIFIERS[request.param]().fit(table, table["label"])


@pytest.fixture(params=sorted(CLASSIFIERS))
def kind(request):
    return CLASSIFIERS[request.param]


# The contract.


def test_the_shelf_knows_each_by_its_name():
    assert {name: kind.name for name, kind in CLASSIFIERS.items()} == {name: name for name in CLASSIFIERS}


def test_init_stores_its_arguments_and_nothing_else(kind):
    defaults = {n: p.default for n, p in inspect.signature(kind.__init__).parameters.items() if n != "self"}
    if kind.__init__ is object.__init__:
        defaults = {}
    assert vars(kind()) == defaults == kind().get_params()
    assert all(kind().get_params()[name] is default for name, default in defaults.items())
    assert is_classifier(kind())


def test_a_clone_has_the_parameters_and_not_the_fit(fitted):
    copy = clone(fitted)
    assert copy.get_params() == fitted.get_params()
    assert not [name for name in vars(copy) if name.endswith("_")]


def test_probabilities_are_those_of_the_classes(fitted):
    table = labelled()
    proba = fitted.predict_proba(table)
    assert proba.shape == (len(table), 3)
    assert list(fitted.classes_) == LABELS
    assert (proba >= 0).all()
    assert proba.sum(axis=1) == pytest.approx(1, abs=1e-9)
    assert list(fitted.predict(table)) == [LABELS[i] for i in proba.argmax(axis=1)]


def test_a_row_is_judged_by_itself(fitted):
    table = labelled()
    proba = fitted.predict_proba(table)
    order = np.random.default_rng(0).permutation(len(table))
    assert (fitted.predict_proba(table.iloc[order]) == proba[order]).all()
    assert (fitted.predict_proba(table.iloc[5:9]) == proba[5:9]).all()
    assert (fitted.predict_proba(pd.concat([table, table])) == np.vstack([proba, proba])).all()


def test_the_same_data_gives_the_same_fit(fitted):
    table = labelled()
    again = clone(fitted).fit(table, table["label"])
    assert (again.predict_proba(table) == fitted.predict_proba(table)).all()


def test_the_table_is_not_changed_and_its_index_and_further_columns_do_not_matter(fitted):
    table = labelled()
    before = table.copy(deep=True)
    odd = table.assign(outlet="x").set_index(pd.Index([f"row {n}" for n in range(len(table))]))
    clone(fitted).fit(odd, odd["label"])
    assert list(fitted.predict(odd)) == list(fitted.predict(table))
    pd.testing.assert_frame_equal(table, before)


def test_an_empty_table_gives_no_labels(fitted):
    empty = labelled().iloc[:0]
    assert fitted.predict(empty).shape == (0,)
    assert fitted.predict_proba(empty).shape == (0, 3)


def test_unfitted_it_says_so(kind):
    if not kind.needs_fit:
        assert len(kind().predict(labelled())) == len(labelled())
        return
    with pytest.raises(NotFittedError, match=f"'{kind.name}' is not fitted; call fit"):
        kind().predict(labelled())
    with pytest.raises(InputError, match="nothing to save"):
        kind().save("anywhere")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda t: t.drop(columns="end"), "lacks the column 'end'"),
        (lambda t: t.assign(end=0), r"row 0: the target runs from 0 to 0 in a sentence of"),
        (lambda t: t.assign(end=500), "expected start < end <= length"),
        (lambda t: t.assign(start=-1), "at least 0"),
        (lambda t: t.assign(sentence=None), "row 0 is empty"),
        (lambda t: t.to_dict("list"), "expected a pandas table of targets, got dict"),
    ],
)
def test_a_wrong_table_is_refused(fitted, change, message):
    with pytest.raises(InputError, match=message):
        fitted.predict(change(labelled()))


@pytest.mark.parametrize(
    ("y", "message"),
    [
        (["negative"] * 3, "3 labels for 36 mentions"),
        ([None, *["negative"] * 35], "label number 1 is missing"),
    ],
)
def test_wrong_labels_are_refused(kind, y, message):
    with pytest.raises(InputError, match=message):
        kind().fit(labelled(), y)


def test_nothing_to_fit_on_is_refused(kind):
    with pytest.raises(InputError, match="no labelled mentions"):
        kind().fit(labelled().iloc[:0], [])


def test_saved_and_loaded_it_answers_the_same(fitted, tmp_path):
    table = labelled()
    for folder in (tmp_path / "a", tmp_path / "b"):
        fitted.save(folder, about={"title": "a test"})
    loaded = load_classifier(tmp_path / "a", labels=LABELS)
    assert type(loaded) is type(fitted)
    assert loaded.get_params() == fitted.get_params()
    assert (loaded.predict_proba(table) == fitted.predict_proba(table)).all()
    for name in ("head.json", *fitted.files):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()
    assert sorted(p.name for p in (tmp_path / "a").iterdir()) == sorted(["head.json", *fitted.files])


def test_a_broken_folder_is_refused(fitted, tmp_path):
    weights = fitted.files[0]

    def changed(change):
        folder = tmp_path / "x"
        shutil.rmtree(folder, ignore_errors=True)
        change(fitted.save(folder))
        with pytest.raises(InputError) as error:
            load_classifier(folder, labels=LABELS)
        return str(error.value)

    def edit(**values):
        def change(folder):
            head = json.loads((folder / "head.json").read_text())
            (folder / "head.json").write_text(json.dumps({**head, **values}))

        return change

    def damage(folder):
        data = bytearray((folder / weights).read_bytes())
        data[-1] ^= 1
        (folder / weights).write_bytes(data)

    assert "head.json is missing" in changed(lambda f: (f / "head.json").unlink())
    assert "is not JSON" in changed(lambda f: (f / "head.json").write_text("{"))
    assert "lacks 'classifier'" in changed(lambda f: (f / "head.json").write_text("{}"))
    assert f"lacks its file '{weights}'" in changed(lambda f: (f / weights).unlink())
    assert "damaged or belongs to another classifier" in changed(damage)
    assert "the label 'good', which the task lacks" in changed(edit(labels=["good", "neutral", "positive"]))
    assert "the format 99" in changed(edit(format=99))
    assert "states no hash" in changed(edit(hashes={}))
    assert "unknown classifier 'embeding'; did you mean 'embedding'" in changed(edit(classifier="embeding"))
    assert "unknown parameter 'colour'" in changed(edit(parameters={"colour": 1}))
    with pytest.raises(InputError, match="there is no folder"):
        load_classifier(tmp_path / "none")


def test_an_array_that_would_be_unpickled_is_refused(fitted, tmp_path):
    from toolkit.files import file_hash

    if "weights.npz" not in fitted.files:
        assert fitted.files == ("model.onnx", "tokenizer.json")  # neither can hold code
        return
    folder = fitted.save(tmp_path / "x")
    np.savez(folder / "weights.npz", coef=np.array([{"an": "object"}], dtype=object))
    head = json.loads((folder / "head.json").read_text())
    head["hashes"]["weights.npz"] = file_hash(folder / "weights.npz")
    (folder / "head.json").write_text(json.dumps(head))
    with pytest.raises(InputError, match="cannot be read"):
        load_classifier(folder)


# What is particular to each.


@pytest.mark.parametrize("name", ["tfidf", "embedding"])
def test_the_trained_ones_learn(name):
    table = labelled()
    model = CLASSIFIERS[name](C=1.0).fit(table, table["label"])
    new = pd.DataFrame(
        {"sentence": ["Tehran bombed a hospital.", "Tehran rescued the families.", "Tehran met the envoy."], "start": 0}
    )
    assert list(model.predict(new.assign(end=6))) == ["negative", "positive", "neutral"]


@pytest.mark.parametrize("name", ["tfidf", "embedding", "lexicon", "transformer"])
def test_the_targets_name_carries_no_tone(name):
    table = labelled()
    model = CLASSIFIERS[name]().fit(table, table["label"])
    swapped = [
        pd.DataFrame({"sentence": [f"{target} sent a delegation on Friday."], "start": 0, "end": len(target)})
        for target in ("Ankara", "Hell", "the murderous regime", "O")
    ]
    assert len({model.predict_proba(t).tobytes() for t in swapped}) == 1


@pytest.mark.parametrize("name", ["tfidf", "embedding"])
def test_one_label_alone_cannot_be_learnt(name):
    with pytest.raises(InputError, match="all labels are 'neutral'; a classifier needs at least two"):
        CLASSIFIERS[name]().fit(labelled(), ["neutral"] * 36)


@pytest.mark.parametrize("name", ["tfidf", "embedding"])
@pytest.mark.parametrize("C", [0, -1, "1"])
def test_the_penalty_is_checked(name, C):
    with pytest.raises(InputError, match=r"C is .*above 0"):
        CLASSIFIERS[name](C=C).fit(labelled(), labelled()["label"])


@pytest.mark.parametrize("name", ["tfidf", "embedding"])
def test_two_labels_do(name, tmp_path):
    table = labelled().query("label != 'neutral'")
    model = CLASSIFIERS[name](C=1.0).fit(table, table["label"])
    assert model.predict_proba(table).shape == (24, 2)
    assert (model.predict(table) == table["label"]).mean() > 0.9
    loaded = load_classifier(model.save(tmp_path / "two"))
    assert (loaded.predict_proba(table) == model.predict_proba(table)).all()


def test_majority_says_the_commonest():
    table = labelled()
    model = CLASSIFIERS["majority"]().fit(table, ["positive"] * 20 + ["negative"] * 16)
    assert set(model.predict(table)) == {"positive"}
    assert model.predict_proba(table)[0] == pytest.approx([16 / 36, 20 / 36])


def test_the_lexicon_reads_words_near_the_target():
    far = "Ankara met the envoy on Friday at noon in the old hall, while elsewhere a brutal murderous massacre went on."
    table = pd.DataFrame({"sentence": [far], "start": [0], "end": [6]})
    assert CLASSIFIERS["lexicon"](window=4).predict(table).tolist() == ["neutral"]
    assert CLASSIFIERS["lexicon"](window=None).predict(table).tolist() == ["negative"]
    with pytest.raises(InputError, match="window is 0"):
        CLASSIFIERS["lexicon"](window=0).predict(table)
    with pytest.raises(InputError, match="threshold is 2"):
        CLASSIFIERS["lexicon"](threshold=2).predict(table)
    with pytest.raises(InputError, match="the lexicon knows tone only, got the label 'hero'"):
        CLASSIFIERS["lexicon"]().fit(table, ["hero"])


def test_the_lexicons_labels_follow_vaders_thresholds():
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    texts = ["it was good", "it was bad", "it was there", "not bad at all", "a great and horrible thing", "hm :)"]
    table = pd.DataFrame({"sentence": [f"X {t}" for t in texts], "start": 0, "end": 1})
    scores = [SentimentIntensityAnalyzer().polarity_scores(t)["compound"] for t in texts]
    wanted = ["positive" if s >= 0.05 else "negative" if s <= -0.05 else "neutral" for s in scores]
    assert CLASSIFIERS["lexicon"]().predict(table).tolist() == wanted
    assert len(set(wanted)) == 3


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"pools": ["windw8"]}, "unknown pool 'windw8'; did you mean"),
        ({"pools": ["window0"]}, "unknown pool 'window0'"),
        ({"pools": []}, "name at least one pool"),
        ({"layers": [9]}, "layers 0 to 6, got 9"),
        ({"placeholder": " "}, "placeholder is ' '"),
        ({"encoder": ""}, "expected the name of an encoder"),
    ],
)
def test_what_the_embedding_is_told_is_checked(parameters, message):
    with pytest.raises(InputError, match=message):
        CLASSIFIERS["embedding"](**parameters).fit(labelled(), labelled()["label"])


def test_an_embedding_head_of_another_encoder_is_refused(tmp_path):
    table = labelled()
    folder = CLASSIFIERS["embedding"]().fit(table, table["label"]).save(tmp_path / "x")
    head = json.loads((folder / "head.json").read_text())
    head["facts"]["encoder_sha256"] = "0" * 64
    (folder / "head.json").write_text(json.dumps(head))
    with pytest.raises(InputError, match="trained on another encoder than 'minilm'.*train it again"):
        load_classifier(folder)


def test_a_target_that_leaves_no_token_is_still_read():
    table = pd.DataFrame({"sentence": ["a \u0301 b lied", "\u200b"], "start": [2, 0], "end": [3, 1]})
    plain = CLASSIFIERS["embedding"](placeholder=None).fit(labelled(), labelled()["label"])
    assert np.isfinite(plain.predict_proba(table)).all()


def test_masking():
    assert mask_target("Ankara warned", 0, 6, None) == ("Ankara warned", 0, 6)
    assert mask_target("In Türkiye now", 3, 10, "they") == ("In they now", 3, 7)

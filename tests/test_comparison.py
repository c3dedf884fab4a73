"""Classifiers side by side."""

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import f1_score

from toolkit.classifiers import CLASSIFIERS
from toolkit.comparison import compare_classifiers, grouped_folds
from toolkit.errors import InputError

LABELS = ["negative", "neutral", "positive"]
SAID = {
    "negative": ["Ankara lied to everybody.", "Ankara broke its word.", "Ankara bombed the school."],
    "neutral": ["Ankara met Moscow on Friday.", "Ankara said talks would go on.", "Ankara sent an envoy."],
    "positive": ["Ankara kept its word.", "Ankara saved the wounded.", "Ankara brought flour to all."],
}


def labelled(groups=12, seed=0):
    rng = np.random.default_rng(seed)
    rows = []
    for g in range(groups):
        for _ in range(4):
            label = LABELS[rng.integers(3)]
            rows.append({"sentence": SAID[label][rng.integers(3)], "label": label, "group": f"g{g}"})
    return pd.DataFrame(rows).assign(start=0, end=6)


class Always:
    """Says what it is told, and remembers what it was fitted on."""

    def __init__(self, said):
        self.said, self.classes_ = said, np.array(LABELS)

    def predict_proba(self, mentions):
        return np.tile(np.eye(3)[LABELS.index(self.said)], (len(mentions), 1))

    def predict(self, mentions):
        return np.full(len(mentions), self.said)


# Folds ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(5))
def test_no_group_is_in_two_folds(seed):
    table = labelled(seed=seed)
    folds = grouped_folds(table["group"], table["label"], 4, seed)
    assert pd.Series(folds).groupby(table["group"]).nunique().eq(1).all()
    assert sorted(set(folds)) == [0, 1, 2, 3]


def test_folds_do_not_depend_on_the_order_of_rows():
    table = labelled()
    shuffled = table.sample(frac=1, random_state=1)
    first = pd.Series(grouped_folds(table["group"], table["label"], 4, 7), table["group"])
    second = pd.Series(grouped_folds(shuffled["group"], shuffled["label"], 4, 7), shuffled["group"])
    assert first.groupby(level=0).first().equals(second.groupby(level=0).first())


def test_a_label_too_rare_to_be_spread():
    folds = grouped_folds(["a", "b", "c", "d"], ["x", "x", "x", "y"], 4)
    assert sorted(folds) == [0, 1, 2, 3]


@pytest.mark.parametrize("folds", [1, 13, 2.0])
def test_a_number_of_folds_that_cannot_be(folds):
    table = labelled()
    with pytest.raises(InputError, match=r"folds is .*; expected a whole number from 2 to 12, the number of groups"):
        compare_classifiers(table, ["majority"], folds=folds)


# Comparing ------------------------------------------------------------------------------------------


def test_figures_are_those_of_the_library():
    table = labelled()
    found = compare_classifiers(table, {"negative": Always("negative"), "neutral": Always("neutral")}, draws=200)
    for row in found.itertuples():
        wanted = f1_score(table["label"], [row.classifier] * len(table), average=None, labels=LABELS, zero_division=0)
        assert row.macro_f1 == pytest.approx(wanted.mean())
        assert [row.f1_negative, row.f1_neutral, row.f1_positive] == pytest.approx(list(wanted))
        assert row.trained == "before"
        assert row.swap_changed == 0
        assert row.low < row.macro_f1 < row.high


def test_what_is_fitted_is_fitted_without_the_rows_it_is_asked():
    """Labels that are noise cannot be learnt; a classifier that saw the rows it is asked would know them by heart."""
    rng = np.random.default_rng(3)
    table = pd.DataFrame({"sentence": [f"Ankara {w} today." for w in np.arange(200)], "start": 0, "end": 6})
    table = table.assign(label=rng.choice(LABELS, 200), group=[f"g{i}" for i in range(200)])
    found = compare_classifiers(table, ["tfidf"], draws=200)
    assert found["trained"].tolist() == ["on the other folds"]
    assert found["macro_f1"][0] < 0.5
    seen = CLASSIFIERS["tfidf"](C=100).fit(table, table["label"])
    assert (seen.predict(table) == table["label"]).mean() > 0.75


def test_the_gap_to_the_best_is_paired():
    table = labelled(groups=30)
    found = compare_classifiers(table, ["majority", "tfidf", "lexicon"], draws=500).set_index("classifier")
    best = found["macro_f1"].idxmax()
    assert best == "tfidf"
    assert found.loc[best, ["behind", "behind_low", "behind_high"]].tolist() == [0, 0, 0]
    assert found.loc["majority", "behind_low"] > 0
    assert found["behind"].to_numpy() == pytest.approx((found["macro_f1"].max() - found["macro_f1"]).to_numpy())


def test_the_same_figures_on_every_run_and_in_any_order_of_rows():
    table = labelled()
    kept = ["classifier", "macro_f1", "low", "high", "calibration_error", "swap_changed"]
    first = compare_classifiers(table, ["tfidf", "lexicon"], draws=200, seed=4)[kept]
    pd.testing.assert_frame_equal(first, compare_classifiers(table, ["tfidf", "lexicon"], draws=200, seed=4)[kept])
    other = compare_classifiers(table.sample(frac=1, random_state=2), ["tfidf", "lexicon"], draws=200, seed=4)
    assert other["macro_f1"].to_numpy() == pytest.approx(first["macro_f1"].to_numpy())


def test_the_table_is_not_changed():
    table = labelled()
    before = table.copy()
    compare_classifiers(table, ["tfidf"], draws=100)
    pd.testing.assert_frame_equal(table, before)


def test_the_interval_covers():
    """Of 200 samples of groups of a world whose macro-F1 is known, about 95 % hold it in their interval."""
    rng = np.random.default_rng(11)
    world = f1_score([*LABELS] * 1000, ["neutral"] * 3000, average="macro", zero_division=0)
    hits = 0
    for _ in range(200):
        leaning = rng.dirichlet([2, 2, 2], size=40)
        labels = [LABELS[rng.choice(3, p=p)] for p in leaning for _ in range(5)]
        table = pd.DataFrame({"sentence": "Ankara met Moscow.", "start": 0, "end": 6, "label": labels})
        table["group"] = np.repeat([f"g{i}" for i in range(40)], 5)
        row = compare_classifiers(table, {"x": Always("neutral")}, draws=200, swap_names=["A", "B"]).iloc[0]
        hits += row["low"] <= world <= row["high"]
    assert 180 <= hits <= 199


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"group": "story"}, "has no column 'story'"),
        ({"task": "tune"}, "unknown task 'tune'; did you mean 'tone'"),
        ({"classifiers": "tfidf"}, r"classifiers is 'tfidf'; expected a list of names"),
        ({"classifiers": []}, r"classifiers is \[\]"),
        ({"classifiers": ["tfdif"]}, "unknown classifier 'tfdif'"),
        ({"draws": 5}, "draws is 5; expected a whole number of at least 100"),
    ],
)
def test_what_is_wrong_is_said(change, words):
    given = {"labelled": labelled(), "classifiers": ["majority"]} | change
    with pytest.raises(InputError, match=words):
        compare_classifiers(**given)


def test_labels_of_another_task_and_missing_ones():
    table = labelled()
    with pytest.raises(InputError, match="the label 'sad' is none of the task 'tone'"):
        compare_classifiers(table.assign(label="sad"), ["majority"])
    table.loc[3, "label"] = None
    with pytest.raises(InputError, match="row 3: 'label' is missing"):
        compare_classifiers(table, ["majority"])
    with pytest.raises(InputError, match="has 1 group|folds is 5"):
        compare_classifiers(labelled().assign(group="g"), ["majority"])

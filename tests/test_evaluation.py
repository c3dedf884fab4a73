"""Accuracy, calibration, swap audit."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit.errors import InputError
from toolkit.evaluation import accuracy, brier_score, calibration_error, macro_f1, swap_audit

LABELS = ["negative", "neutral", "positive"]
pairs = st.lists(st.tuples(st.sampled_from(LABELS), st.sampled_from(LABELS)), min_size=1, max_size=40)


@given(pairs)
def test_accuracy_is_that_of_scikit_learn(rows):
    from sklearn.metrics import precision_recall_fscore_support

    gold, said = zip(*rows, strict=True)
    table = accuracy(gold, said, LABELS)
    p, r, f, n = precision_recall_fscore_support(gold, said, labels=LABELS, zero_division=np.nan)
    assert table["n"].tolist() == n.tolist()
    for column, wanted in (("precision", p), ("recall", r), ("f1", f)):
        assert np.allclose(table[column], wanted, equal_nan=True), column
    assert macro_f1(gold, said) == pytest.approx(np.nanmean(f))


def test_macro_f1_by_hand():
    gold = ["a", "a", "a", "b"]
    said = ["a", "b", "c", "b"]
    # a: 2*1/(1+3) = 1/2; b: 2*1/(2+1) = 2/3; c: said once, never right: 0
    assert macro_f1(gold, said) == pytest.approx((1 / 2 + 2 / 3 + 0) / 3)
    # a label that occurs nowhere is left out, not counted as 0 or 1
    assert macro_f1(gold, said, ["a", "b", "c", "d"]) == macro_f1(gold, said)
    table = accuracy(gold, said, ["c", "a", "b"])
    assert table["label"].tolist() == ["c", "a", "b"]
    assert math.isnan(table["recall"][0])


@pytest.mark.parametrize(
    ("gold", "said", "labels", "message"),
    [
        (["a"], ["a", "b"], None, "1 gold labels and 2 predicted"),
        ([], [], None, "no labels to compare"),
        (["a", None], ["a", "a"], None, "gold label number 2 is missing"),
        (["a"], ["b"], ["a"], "the label 'b' is not among those named"),
    ],
)
def test_what_cannot_be_compared_is_refused(gold, said, labels, message):
    with pytest.raises(InputError, match=message):
        accuracy(gold, said, labels)


def test_calibration_error_by_hand():
    proba = [[0.95, 0.05], [0.95, 0.05], [0.65, 0.35], [0.62, 0.38]]
    # bin (0.9, 1]: right 1 of 2, sure 0.95; bin (0.6, 0.7]: right 2 of 2, sure 0.635
    wanted = 0.5 * abs(0.5 - 0.95) + 0.5 * abs(1 - 0.635)
    assert calibration_error(["a", "b", "a", "a"], proba, ["a", "b"]) == pytest.approx(wanted)
    assert calibration_error(["a"], [[1.0, 0.0]], ["a", "b"]) == 0
    # one bin: the overall gap
    assert calibration_error(["a", "b", "a", "a"], proba, ["a", "b"], bins=1) == pytest.approx(abs(0.75 - 3.17 / 4))


def test_honest_probabilities_are_calibrated():
    rng = np.random.default_rng(3)
    proba = rng.dirichlet([1, 1, 1], size=20_000)
    gold = [LABELS[rng.choice(3, p=p)] for p in proba]
    assert calibration_error(gold, proba, LABELS) < 0.02
    sharper = proba**3 / (proba**3).sum(axis=1, keepdims=True)
    assert calibration_error(gold, sharper, LABELS) > 0.1
    assert brier_score(gold, proba, LABELS) < brier_score(gold, sharper, LABELS)


@pytest.mark.parametrize(
    ("proba", "message"),
    [
        ([[0.5, 0.5]], r"shape \(1, 2\), expected \(2, 2\)"),
        ([[0.5, 0.6], [0.5, 0.5]], "sum to 1"),
        ([[np.nan, 0.5], [0.5, 0.5]], "between 0 and 1"),
        ([[1.5, -0.5], [0.5, 0.5]], "between 0 and 1"),
    ],
)
def test_what_are_no_probabilities_is_refused(proba, message):
    for measure in (calibration_error, brier_score):
        with pytest.raises(InputError, match=message):
            measure(["a", "b"], proba, ["a", "b"])
    with pytest.raises(InputError, match="the gold label 'c' has no column"):
        brier_score(["c", "a"], [[0.5, 0.5], [0.5, 0.5]], ["a", "b"])
    with pytest.raises(InputError, match="bins is 0"):
        calibration_error(["a"], [[0.5, 0.5]], ["a", "b"], bins=0)


class Prejudiced:
    """Finds Moscow negative and everything else neutral."""

    classes_ = np.array(LABELS)

    def predict(self, mentions):
        spans = zip(mentions["sentence"], mentions["start"], mentions["end"], strict=True)
        return np.array(["negative" if s[a:b] == "Moscow" else "neutral" for s, a, b in spans])


def test_the_swap_audit_finds_a_dislike():
    mentions = pd.DataFrame(
        {"sentence": ["Ankara spoke.", "So did Syria now."], "start": [0, 7], "end": [6, 12]}, index=[7, 3]
    )
    table = swap_audit(mentions, Prejudiced(), ["Ankara", "Moscow", "Damascus"]).set_index("name")
    assert table["changed"].to_dict() == {"Ankara": 0.5, "Moscow": 1.0, "Damascus": 0.5}
    assert table["share_negative"].to_dict() == {"Ankara": 0.0, "Moscow": 1.0, "Damascus": 0.0}
    assert mentions["sentence"].tolist() == ["Ankara spoke.", "So did Syria now."]


@pytest.mark.parametrize("names", ["Ankara", ["Ankara"], ["Ankara", "Ankara"], ["Ankara", ""], ["Ankara", 3]])
def test_the_swap_audit_needs_two_names(names):
    mentions = pd.DataFrame({"sentence": ["Ankara spoke."], "start": [0], "end": [6]})
    with pytest.raises(InputError, match="at least two different names"):
        swap_audit(mentions, Prejudiced(), names)
    with pytest.raises(InputError, match="no mentions"):
        swap_audit(mentions.iloc[:0], Prejudiced(), ["a", "b"])

"""Accuracy on a study's own sample, calibration, reliability."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from toolkit.errors import InputError
from toolkit.evaluation import (
    accuracy,
    accuracy_by,
    brier_score,
    calibration_error,
    cross_calibrate,
    gold_confusion,
    macro_f1,
    reliability,
)

LABELS = ["negative", "neutral", "positive"]
NUMBER = {label: i for i, label in enumerate(LABELS)}


def scored_of(said, proba=None, stories=None, **columns):
    """Scored mentions with these labels."""
    n = len(said)
    table = pd.DataFrame({
        "mention_id": [f"m{i:05}" for i in range(n)],
        "story_id": [f"s{i}" for i in range(n)] if stories is None else stories,
        "tone_pred": pd.array(said, dtype="str"), **columns,
    })  # fmt: skip
    if proba is not None:
        table = table.assign(**{f"tone_p_{label}": proba[:, i] for i, label in enumerate(LABELS)})
    return table


def gold_of(labels):
    return pd.DataFrame({"mention_id": [f"m{i:05}" for i in range(len(labels))], "task": "tone", "label": labels})


def find(table, measure, label=None, who="classifier"):
    rows = table[(table["measure"] == measure) & (table["who"] == who)]
    return rows[rows["label"].isna() if label is None else rows["label"] == label].iloc[0]


@settings(deadline=None, max_examples=40)
@given(st.lists(st.tuples(st.sampled_from(LABELS), st.sampled_from(LABELS)), min_size=2, max_size=30))
def test_without_weights_it_is_plain_accuracy(rows):
    gold, said = zip(*rows, strict=True)
    table = accuracy_by(scored_of(said), gold_of(gold), draws=100, baselines=False)
    for row in accuracy(gold, said, LABELS).to_dict("records"):
        for measure in ("precision", "recall", "f1"):
            assert find(table, measure, row["label"])["estimate"] == pytest.approx(row[measure], nan_ok=True)
    assert find(table, "macro_f1")["estimate"] == pytest.approx(macro_f1(gold, said))
    assert find(table, "accuracy")["estimate"] == pytest.approx(np.mean(np.array(gold) == np.array(said)))


def test_weights_by_hand():
    gold, said = ["negative", "negative", "neutral"], ["negative", "neutral", "neutral"]
    frame = pd.DataFrame({"mention_id": ["m00000", "m00001", "m00002"], "probability": [1.0, 0.25, 0.5]})
    table = accuracy_by(scored_of(said), gold_of(gold), frame=frame, draws=100, baselines=False)
    # weights 1, 4, 2
    assert find(table, "recall", "negative")["estimate"] == pytest.approx(1 / 5)
    assert find(table, "precision", "neutral")["estimate"] == pytest.approx(2 / 6)
    assert find(table, "accuracy")["estimate"] == pytest.approx(3 / 7)
    assert (table["weights"] == "1 / probability").all()
    assert find(table, "recall", "negative")["n"] == 2
    crossed = gold_confusion(scored_of(said), gold_of(gold), frame=frame).set_index(["label_a", "label_b"])
    assert crossed.loc[("negative", "neutral"), ["n", "share"]].tolist() == [1, pytest.approx(0.8)]


def test_a_sample_by_predicted_class_needs_its_weights():
    rng = np.random.default_rng(0)
    n = 20_000
    gold = rng.choice(LABELS, n, p=[0.1, 0.8, 0.1])
    said = np.where(rng.random(n) < 0.85, gold, rng.choice(LABELS, n))
    probability = np.where(said == "neutral", 0.05, 0.5)
    drawn = rng.random(n) < probability
    scored, frame = scored_of(said), gold_of(gold).assign(probability=probability)
    truth = np.mean(gold == said)
    weighted = accuracy_by(scored, gold_of(gold)[drawn], frame=frame, draws=200, baselines=False)
    plain = accuracy_by(scored, gold_of(gold)[drawn], draws=200, baselines=False)
    row = find(weighted, "accuracy")
    assert row["low"] < truth < row["high"]
    assert not find(plain, "accuracy")["low"] < truth < find(plain, "accuracy")["high"]
    # Recall of a rare label is what suffers most without weights: the sample overstates it.
    recall = np.mean(said[gold == "negative"] == "negative")
    assert find(weighted, "recall", "negative")["estimate"] == pytest.approx(recall, abs=0.04)
    assert find(plain, "recall", "negative")["low"] > recall


def test_groups_periods_and_what_is_not_defined():
    said = ["negative", "neutral", "neutral", "neutral"]
    scored = scored_of(
        said, actor=["turkey", "turkey", "russia", "russia"],
        date=pd.to_datetime(["2020-02-03", "2020-03-01", "2020-03-02", "2020-03-03"]),
    )  # fmt: skip
    gold = gold_of(["negative", "negative", "neutral", "positive"])
    table = accuracy_by(scored, gold, by="actor", draws=100, baselines=False)
    russia = table[table["actor"] == "russia"]
    row = find(russia, "precision", "negative")
    assert np.isnan(row["estimate"])
    assert row["note"] == "'negative' is never said here"
    assert find(russia, "f1", "negative")["note"] == "'negative' is not in the gold here and never said"
    assert find(russia, "recall", "positive")["estimate"] == 0
    assert find(table[table["actor"] == "turkey"], "accuracy")["estimate"] == 0.5
    months = accuracy_by(scored, gold, by=["period", "actor"], draws=100, baselines=False)
    assert [str(d.date()) for d in months["period"].unique()] == ["2020-02-01", "2020-03-01"]
    one = find(months[months["period"] == "2020-02-01"], "accuracy")
    assert one["note"] == "no interval: 1 story"
    assert np.isnan(one["low"])


def test_what_the_classifier_left_open_is_not_found():
    table = accuracy_by(scored_of(["negative", None]), gold_of(["negative", "negative"]), draws=100, baselines=False)
    assert find(table, "recall", "negative")["estimate"] == 0.5
    assert find(table, "precision", "negative")["estimate"] == 1
    crossed = gold_confusion(scored_of(["negative", None]), gold_of(["negative", "negative"]))
    assert crossed.set_index(["label_a", "label_b"]).loc[("negative", "(none)"), "n"] == 1


def test_baselines_and_coders_stand_beside():
    said = ["negative", "neutral", "neutral", "positive"]
    words = ["Ankara lied and murdered.", "Ankara met Moscow.", "Ankara spoke.", "Ankara won praise."]
    scored = scored_of(said, sentence=words, start=0, end=6)
    gold = gold_of(["negative", "neutral", "neutral", "positive"])
    coders = pd.DataFrame({
        "mention_id": ["m00000", "m00001", "m00002", "m00003"] * 2, "task": "tone", "coder": ["A"] * 4 + ["B"] * 4,
        "label": ["negative", "neutral", "neutral", "positive", "negative", "neutral", "positive", "positive"],
    })  # fmt: skip
    table = accuracy_by(scored, gold, annotations=coders, draws=100)
    assert list(dict.fromkeys(table["who"])) == ["classifier", "majority", "lexicon", "coders"]
    assert find(table, "accuracy", who="majority")["estimate"] == 0.5
    assert find(table, "macro_f1", who="lexicon")["estimate"] == 1
    # One coder against the other: neutral 1 of 2 and 1 of 1: F1 = 2/3; so has positive; negative 1.
    for label, wanted in (("negative", 1), ("neutral", 2 / 3), ("positive", 2 / 3)):
        assert find(table, "f1", label, who="coders")["estimate"] == pytest.approx(wanted)
    assert find(table, "macro_f1", who="coders")["estimate"] == pytest.approx(7 / 9)
    assert find(table, "macro_f1", who="coders")["n"] == 4


def clustered(rng, stories=60, size=4):
    """A classifier whose errors come by story."""
    hard = np.repeat(rng.random(stories) < 0.3, size)
    gold = rng.integers(0, 3, stories * size)
    said = np.where(rng.random(len(gold)) < np.where(hard, 0.7, 0.1), rng.integers(0, 3, len(gold)), gold)
    names = np.repeat([f"s{i}" for i in range(stories)], size)
    return scored_of(np.array(LABELS)[said], stories=names), gold_of(np.array(LABELS)[gold])


def test_intervals_by_story_cover():
    rng = np.random.default_rng(11)
    truth = find(accuracy_by(*clustered(rng, 5_000), draws=100, baselines=False), "macro_f1")["estimate"]
    by_story, by_mention = [], []
    for seed in range(150):
        scored, gold = clustered(rng)
        for kept, table in ((by_story, scored), (by_mention, scored.assign(story_id=scored["mention_id"]))):
            row = find(accuracy_by(table, gold, draws=200, baselines=False, seed=seed), "macro_f1")
            kept.append(row["low"] <= truth <= row["high"])
    assert 0.89 <= np.mean(by_story) <= 0.985
    assert np.mean(by_mention) < np.mean(by_story) - 0.04


def test_order_of_rows_and_input_tables():
    scored, gold = clustered(np.random.default_rng(1))
    before = scored.copy(deep=True), gold.copy(deep=True)
    first = accuracy_by(scored, gold, draws=100)
    second = accuracy_by(scored.sample(frac=1, random_state=1), gold.sample(frac=1, random_state=2), draws=100)
    pd.testing.assert_frame_equal(first, second, check_exact=True)
    pd.testing.assert_frame_equal(scored, before[0])
    pd.testing.assert_frame_equal(gold, before[1])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda s, g, f: (s.drop(columns="tone_pred"), g, f), "call toolkit.score_mentions"),
        (lambda s, g, f: (s, g.drop(columns="label"), f), "gold has no column 'label'"),
        (lambda s, g, f: (s, g.assign(task="stance"), f), "no gold for the task 'tone'"),
        (lambda s, g, f: (s, pd.concat([g, g.iloc[:1]]), f), "gold names the mention 'm00000' twice"),
        (lambda s, g, f: (s.iloc[1:], g, f), "1 of 3 gold mentions are not among the scored ones, such as 'm00000'"),
        (lambda s, g, f: (s, g.assign(label="bad"), f), "is 'bad', which the task 'tone' lacks"),
        (lambda s, g, f: (s, g, f.iloc[1:]), "gold mention 'm00000' is not in the frame"),
        (lambda s, g, f: (s, g, f.assign(probability=0.0)), "the probability 0; expected above 0"),
        (lambda s, g, f: (s, g, f.assign(probability=1.5)), "the probability 1.5; expected above 0 and at most 1"),
        (lambda s, g, f: (s, g, f.drop(columns="probability")), "the frame has no column 'probability'"),
    ],
)
def test_what_cannot_be_used_is_refused(change, message):
    scored, gold = scored_of(["negative", "neutral", "positive"]), gold_of(LABELS)
    scored, gold, frame = change(scored, gold, gold.assign(probability=0.5))
    with pytest.raises(InputError, match=message):
        accuracy_by(scored, gold, frame=frame)


def test_unknown_names_are_refused():
    scored, gold = scored_of(["negative", "neutral"]), gold_of(["negative", "neutral"])
    with pytest.raises(InputError, match="no column 'outlet'"):
        accuracy_by(scored, gold, by="outlet")
    with pytest.raises(InputError, match="unknown period 'moon'"):
        accuracy_by(scored, gold, by="period", period="moon")
    with pytest.raises(InputError, match="needs the column 'date'"):
        accuracy_by(scored, gold, by="period")
    with pytest.raises(InputError, match="lack probabilities"):
        reliability(scored, gold)
    with pytest.raises(InputError, match="lack probabilities"):
        cross_calibrate(scored, gold)


def overconfident(n=900, seed=5, size=3, sharpness=3.0):
    """Honest probabilities made too sure, and labels drawn from the honest ones."""
    rng = np.random.default_rng(seed)
    honest = rng.dirichlet([1, 1, 1], n)
    gold = np.array(LABELS)[(honest.cumsum(axis=1) < rng.random((n, 1))).sum(axis=1)]
    proba = honest**sharpness / (honest**sharpness).sum(axis=1, keepdims=True)
    scored = scored_of(np.array(LABELS)[proba.argmax(axis=1)], proba, [f"s{i // size}" for i in range(n)])
    return scored.assign(tone_score=proba[:, 2] - proba[:, 0]), gold_of(gold)


@pytest.mark.parametrize("method", ["temperature", "isotonic"])
def test_calibration_mends_what_is_too_sure(method):
    scored, gold = overconfident()
    calibrated, measures = cross_calibrate(scored, gold, method=method, draws=200)
    found = measures.set_index("measure")
    proba = scored[[f"tone_p_{label}" for label in LABELS]].to_numpy()
    assert found.loc["calibration_error", "before"] == pytest.approx(
        calibration_error(gold["label"].tolist(), proba, LABELS)
    )
    assert found.loc["brier_score", "before"] == pytest.approx(brier_score(gold["label"].tolist(), proba, LABELS))
    assert found.loc["calibration_error", "after"] < 0.06 < 0.15 < found.loc["calibration_error", "before"]
    assert (found["high"] < 0).all()  # better, beyond what other stories would change
    new = calibrated[[f"tone_p_{label}" for label in LABELS]].to_numpy()
    assert np.allclose(new.sum(axis=1), 1)
    assert np.allclose(calibrated["tone_score"], new[:, 2] - new[:, 0])
    # The table is out of fold, and so are the probabilities that are handed out.
    assert found.loc["brier_score", "after"] == pytest.approx(brier_score(gold["label"].tolist(), new, LABELS))
    if method == "temperature":
        assert (calibrated["tone_pred"] == scored["tone_pred"]).all()
    again = cross_calibrate(scored.sample(frac=1, random_state=1), gold.sample(frac=1, random_state=2), method=method)[
        0
    ]
    pd.testing.assert_frame_equal(again.sort_index(), calibrated)


@pytest.mark.parametrize("method", ["temperature", "isotonic"])
def test_a_storys_gold_never_reaches_its_own_probabilities(method, monkeypatch):
    # The folds are held, as a changed label may deal them out anew.
    by_story = lambda groups, labels, folds, seed: np.array([int(g[1:]) % folds for g in groups])  # noqa: E731
    monkeypatch.setattr("toolkit.evaluation.calibration.grouped_folds", by_story)
    scored, gold = overconfident(n=120)
    inside = (scored["story_id"] == "s7").to_numpy()
    turned = gold.assign(
        label=np.where(inside, np.where(gold["label"] == "negative", "positive", "negative"), gold["label"])
    )
    columns = [f"tone_p_{label}" for label in LABELS]
    first, second = (
        cross_calibrate(scored, g, method=method, draws=100)[0][columns].to_numpy() for g in (gold, turned)
    )
    assert np.array_equal(first[inside], second[inside])
    same_fold = np.array([int(s[1:]) % 5 == 7 % 5 for s in scored["story_id"]])
    assert np.array_equal(first[same_fold], second[same_fold])
    assert not np.array_equal(first[~same_fold], second[~same_fold])
    # A mention without gold gets what its story's fold got.
    single = gold[~(gold["mention_id"] == scored.loc[inside, "mention_id"].iloc[0])]
    third = cross_calibrate(scored, single, method=method, draws=100)[0][columns].to_numpy()
    assert np.array_equal(third[inside], first[inside])


def test_calibration_refuses_what_it_cannot_do():
    scored, gold = overconfident(n=12)
    with pytest.raises(InputError, match="unknown method 'platt'"):
        cross_calibrate(scored, gold, method="platt")
    with pytest.raises(InputError, match="folds is 5; expected a whole number from 2 to 4"):
        cross_calibrate(scored, gold)
    kept = scored.assign(tone_pred=[None, *scored["tone_pred"][1:]])
    assert cross_calibrate(kept, gold, folds=2, draws=100)[0]["tone_pred"].isna().tolist() == [True] + [False] * 11


def test_reliability_by_hand():
    proba = np.array([[0.95, 0.05, 0], [0.92, 0.08, 0], [0.3, 0.65, 0.05], [0.61, 0.39, 0]])
    scored = scored_of(["negative", "negative", "neutral", "negative"], proba)
    gold = gold_of(["negative", "neutral", "neutral", "neutral"])
    table = reliability(scored, gold, draws=100)
    assert table["bin_low"].tolist() == pytest.approx([0.6, 0.9])
    assert table["n"].tolist() == [2, 2]
    assert table["share"].tolist() == [0.5, 0.5]
    assert table["probability"].tolist() == pytest.approx([0.63, 0.935])
    ece = (table["n"] / 4 * (table["share"] - table["probability"]).abs()).sum()
    assert ece == pytest.approx(calibration_error(gold["label"].tolist(), proba, LABELS))
    of = reliability(scored, gold, label="neutral", draws=100)
    assert of["n"].sum() == 4
    assert of.loc[of["bin_high"] == 0.7, "note"].iloc[0] == "no interval: 1 story"
    with pytest.raises(InputError, match="unknown label 'neutrl'; did you mean 'neutral'"):
        reliability(scored, gold, label="neutrl")


def test_reliability_of_honest_probabilities_lies_on_the_diagonal():
    scored, gold = overconfident(n=3000, sharpness=1.0, size=1)
    table = reliability(scored, gold, draws=200)
    inside = (table["low"] <= table["probability"]) & (table["probability"] <= table["high"])
    assert inside.mean() >= 0.7
    assert (table["share"] - table["probability"]).abs().max() < 0.12

"""Scoring mentions."""

import numpy as np
import pandas as pd
import pytest

from toolkit.classifiers import CLASSIFIERS
from toolkit.codebook import load_codebook
from toolkit.errors import InputError
from toolkit.scoring import SHIPPED, make_classifier, score_mentions
from toolkit.tables import empty_table, task_columns

TONE = load_codebook()["tone"]
SENTENCES = [
    "Moscow brutally bombed a hospital and lied about it.",
    "Moscow sent a delegation on Friday.",
    "Moscow won praise for its generous help to the survivors.",
]


def mentions(sentences=SENTENCES):
    return pd.DataFrame(
        {"mention_id": [f"m{i}" for i in range(len(sentences))], "sentence": sentences, "start": 0, "end": 6}
    )


class Fixed:
    """Gives the same probabilities to everything."""

    def __init__(self, classes, proba):
        self.classes_ = np.array(classes)
        self.proba = proba
        self.seen = 0

    def predict_proba(self, table):
        self.seen += len(table)
        return np.tile(self.proba, (len(table), 1))


@pytest.mark.parametrize("classifier", ["embedding", "lexicon"])
def test_those_that_are_ready_put_tone_in_order(classifier):
    scored = score_mentions(mentions(), classifier=classifier)
    assert scored["tone_pred"].tolist() == ["negative", "neutral", "positive"]
    assert scored["tone_score"].is_monotonic_increasing
    assert scored["tone_score"].between(-1, 1).all()


def test_the_columns_and_the_score():
    table = mentions()
    before = table.copy(deep=True)
    scored = score_mentions(table, classifier=Fixed(["positive", "negative", "neutral"], [0.5, 0.2, 0.3]))
    assert list(scored.columns) == [*table.columns, *task_columns("tone", TONE.labels)]
    assert scored["tone_p_positive"].eq(0.5).all()
    assert scored["tone_p_negative"].eq(0.2).all()
    assert scored["tone_score"].to_numpy() == pytest.approx(0.3)
    assert scored["tone_pred"].eq("positive").all()
    pd.testing.assert_frame_equal(table, before)


def test_a_label_that_the_classifier_never_saw_has_probability_zero():
    scored = score_mentions(mentions(), classifier=Fixed(["negative", "neutral"], [0.5, 0.5]))
    assert scored["tone_p_positive"].eq(0).all()
    assert scored["tone_score"].eq(-0.5).all()


def test_each_different_target_is_classified_once_and_rows_keep_their_order():
    table = mentions([SENTENCES[i] for i in (0, 1, 0, 2, 1)]).set_index(pd.Index(list("abcde")))
    counting = Fixed(TONE.labels, [0.2, 0.3, 0.5])
    score_mentions(table, classifier=counting)
    assert counting.seen == 3
    scored = score_mentions(table)
    assert list(scored.index) == list("abcde")
    alone = [score_mentions(table.iloc[[i]])["tone_score"].iloc[0] for i in range(5)]
    assert scored["tone_score"].tolist() == alone


def test_scores_of_a_part_are_those_of_the_whole():
    table = mentions([f"Moscow shelled {n} villages and shot down {n % 7} drones." for n in range(300)])
    whole = score_mentions(table)
    parts = pd.concat([score_mentions(table.iloc[:123]), score_mentions(table.iloc[123:])])
    pd.testing.assert_frame_equal(whole, parts)


def test_an_empty_table_has_the_columns():
    scored = score_mentions(empty_table("mentions"))
    assert len(scored) == 0
    assert scored["tone_pred"].dtype == "str"
    assert scored["tone_score"].dtype == "float64"


def test_scoring_again_replaces_the_columns():
    once = score_mentions(mentions(), classifier=Fixed(TONE.labels, [1.0, 0.0, 0.0]))
    twice = score_mentions(once, classifier=Fixed(TONE.labels, [0.0, 0.0, 1.0]))
    assert twice["tone_score"].eq(1).all()
    assert once["tone_score"].eq(-1).all()
    assert list(twice.columns) == list(once.columns)


def test_progress():
    seen = []
    table = mentions([f"Moscow spoke on day {n}." for n in range(300)])
    score_mentions(table, classifier="lexicon", progress=lambda done, total: seen.append((done, total)))
    assert seen == [(256, 300), (300, 300)]


def test_a_folder_scores_as_the_classifier_that_was_saved_in_it(tmp_path):
    table = mentions().assign(label=list(TONE.labels))
    fitted = CLASSIFIERS["tfidf"]().fit(table, table["label"])
    fitted.save(tmp_path / "own")
    pd.testing.assert_frame_equal(
        score_mentions(table, classifier=tmp_path / "own"), score_mentions(table, classifier=fitted)
    )


@pytest.mark.parametrize("name", ["tfidf", "majority"])
def test_what_does_not_ship_says_how_to_get_it(name):
    with pytest.raises(InputError) as error:
        score_mentions(mentions(), classifier=name)
    for part in (f"'{name}' does not ship trained", ".fit(", "train: FOLDER"):
        assert part in str(error.value)


@pytest.mark.parametrize(
    ("classifier", "message"),
    [
        ("embeding", "unknown classifier 'embeding'.*did you mean 'embedding'"),
        (CLASSIFIERS["lexicon"], "is a class; give a fitted classifier"),
        (CLASSIFIERS["tfidf"](), "no classes_; fit it first"),
        (42, "no predict_proba; names: majority"),
        (Fixed(["good", "bad"], [0.5, 0.5]), "the label 'good', which the task 'tone' lacks"),
        (Fixed(TONE.labels, [np.nan, 0, 0]), "gives no probability for the sentence 'Moscow"),
    ],
)
def test_what_cannot_score_is_refused(classifier, message):
    with pytest.raises(InputError, match=message):
        score_mentions(mentions(), classifier=classifier)


def test_unknown_task():
    with pytest.raises(InputError, match="unknown task 'tones'; did you mean 'tone'"):
        score_mentions(mentions(), "tones")


def test_a_task_without_order_has_no_score(monkeypatch):
    from dataclasses import replace

    from toolkit import scoring

    monkeypatch.setattr(scoring, "load_codebook", lambda: {"tone": replace(TONE, values=None)})
    scored = score_mentions(mentions(), classifier=Fixed(TONE.labels, [0.2, 0.3, 0.5]))
    assert scored["tone_score"].isna().all()
    assert scored["tone_pred"].eq("positive").all()


@pytest.mark.parametrize(("task", "name"), sorted(SHIPPED))
def test_what_ships_has_a_card_with_its_hash(task, name):
    import json

    folder = SHIPPED[task, name]
    head = json.loads((folder / "head.json").read_text())
    card = (folder / "MODEL_CARD.md").read_text()
    assert head["hashes"][CLASSIFIERS[name].files[0]] in card
    assert make_classifier(name, task).classes_.tolist() == sorted(head["labels"])
    for word in ("NewsMTSC", "MIT", "## Swap audit", "## Calibration", "## Limits", "## Intended use"):
        assert word in card

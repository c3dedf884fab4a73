"""The codebook."""

import pytest
import yaml

from toolkit.codebook import load_codebook
from toolkit.errors import InputError

GOOD = {
    "question": "For or against?",
    "labels": ["against", "neutral", "favor"],
    "values": [-1, 0, 1],
    "definitions": {"against": "no", "neutral": "neither", "favor": "yes"},
}


def write(path, **changes):
    path.write_text(yaml.safe_dump({"stance": {**GOOD, **changes}}))
    return path


def test_tone_is_ordered_and_defined():
    tone = load_codebook()["tone"]
    assert dict(zip(tone.labels, tone.values, strict=True)) == {"negative": -1, "neutral": 0, "positive": 1}
    assert set(tone.definitions) == set(tone.labels)
    assert all(len(words) > 30 for words in tone.definitions.values())
    assert {label for _, label in tone.examples} == set(tone.labels)
    assert all("[[" in text and "]]" in text for text, _ in tone.examples)


def test_a_codebook_of_ones_own(tmp_path):
    task = load_codebook(write(tmp_path / "own.yaml"))["stance"]
    assert task.labels == ("against", "neutral", "favor")
    assert load_codebook(write(tmp_path / "own.yaml", values=None))["stance"].values is None


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"values": [-1, 1]}, "2 values for 3 labels"),
        ({"values": [-1, 0, 3]}, "between -1 and 1"),
        ({"values": [1, 0, -1]}, "must rise"),
        ({"values": [0, 0, 1]}, "must rise"),
        ({"labels": ["against", "against", "favor"]}, "given twice"),
        ({"labels": ["against", "neutral", "in favor"]}, "'in favor'"),
        ({"definitions": {"against": "no"}}, "only one of them has favor, neutral"),
        ({"examples": [{"text": "x", "label": "pro"}]}, "'pro'"),
        ({"vallues": [1]}, "did you mean 'values'"),
        ({"question": ""}, "question: the text ''"),
    ],
)
def test_faults_are_named(tmp_path, changes, message):
    with pytest.raises(InputError) as error:
        load_codebook(write(tmp_path / "own.yaml", **changes))
    assert message in str(error.value)


def test_a_task_names_columns(tmp_path):
    (tmp_path / "own.yaml").write_text(yaml.safe_dump({"my tone": GOOD}))
    with pytest.raises(InputError, match="'my tone' becomes part of a column's name"):
        load_codebook(tmp_path / "own.yaml")
    (tmp_path / "own.yaml").write_text("tone: yes please")
    with pytest.raises(InputError, match="'yes please'; expected its question, labels and definitions"):
        load_codebook(tmp_path / "own.yaml")
    with pytest.raises(InputError, match="there is no file"):
        load_codebook(tmp_path / "none.yaml")

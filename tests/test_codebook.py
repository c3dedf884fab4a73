"""The codebook."""

import io
import re
import time
import zipfile

import pandas as pd
import pytest
import yaml
from docx import Document
from lxml import html

from toolkit.cli import main
from toolkit.codebook import load_codebook, split_labels, task_hash
from toolkit.comparison import compare_classifiers
from toolkit.errors import InputError
from toolkit.manual import MANUAL_FORMATS, coder_manual
from toolkit.scoring import score_mentions

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


def test_every_shipped_task_is_complete():
    tasks = load_codebook()
    assert list(tasks) == ["tone", "stance", "role", "frame"]
    for task in tasks.values():
        shown = [label for _, label in task.examples]
        for label in task.labels:
            assert sum(label in task.split(one) for one in shown) >= 2, (task.name, label)
            assert len(task.definitions[label]) > 30
        assert len(task.boundary) >= 4
        assert task.steps
        assert task.sources
        for text in (*(text for text, _ in task.examples), *(case.text for case in task.boundary)):
            assert text.count("[[") == text.count("]]") == 1, text
            assert text.index("[[") + 2 < text.index("]]")
        for case in task.boundary:
            assert task.split(case.label)
            assert case.why.endswith(".")


def test_finer_roles_are_those_of_the_taxonomy():
    role = load_codebook()["role"]
    finer = {
        label: words.partition("Finer roles: ")[2].rstrip(".").split(", ") for label, words in role.definitions.items()
    }
    assert [len(finer[label]) for label in ("protagonist", "antagonist", "innocent")] == [6, 12, 4]


def test_a_proposition_is_asked_for_and_put_in():
    stance = load_codebook()["stance"]
    assert stance.needs_proposition
    asked = stance.about("  Turkey should\nleave NATO. ")
    assert asked.proposition == "Turkey should leave NATO."
    assert asked.question.endswith("following: Turkey should leave NATO.")
    assert not asked.needs_proposition
    assert asked.about("Turkey should leave NATO.") == asked.about(None) == asked
    assert task_hash(asked) != task_hash(stance)
    for wrong, message in ((None, "got none"), ("x" * 301, "one of 301 characters")):
        with pytest.raises(InputError, match=message):
            stance.about(wrong)
    with pytest.raises(InputError, match="'tone' takes no proposition, got 'Yes.'"):
        load_codebook()["tone"].about("Yes.")


FRAME = {
    "question": "Which?", "labels": ["war", "money", "none"], "multiple": True, "alone": "none",
    "definitions": {"war": "a", "money": "b", "none": "c"},
}  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"values": [-1, 0, 1]}, "several labels a mention has no order"),
        ({"alone": "peace"}, "alone is 'peace'"),
        ({"multiple": False}, "alone is 'none'"),
        ({"proposition": "War is bad."}, "write {proposition} where it goes"),
        ({"examples": [{"text": "x", "label": ["war", "none"]}]}, "'none' beside other labels"),
        ({"examples": [{"text": "x", "label": []}]}, "an example has 0 labels"),
        ({"boundary": [{"text": "x", "label": "peace", "why": "y"}]}, "a boundary case has the label 'peace'"),
        ({"boundary": [{"text": "x", "label": "war"}]}, "why: this key is needed"),
    ],
)
def test_faults_of_several_labels_are_named(tmp_path, changes, message):
    (tmp_path / "own.yaml").write_text(yaml.safe_dump({"theme": {**FRAME, **changes}}))
    with pytest.raises(InputError) as error:
        load_codebook(tmp_path / "own.yaml")
    assert message in str(error.value)


def test_several_labels_are_read_and_written():
    frame = load_codebook()["frame"]
    assert frame.multiple
    assert frame.split("morality | conflict") == ("conflict", "morality")
    assert frame.join(["morality", "conflict", "conflict"]) == "conflict|morality"
    assert frame.split("none") == ("none",)
    for wrong, message in (
        ("conflict|none", "'none' stands alone"),
        ("conflikt", "did you mean 'conflict'"),
        ("", "''"),
    ):
        with pytest.raises(InputError, match=message):
            frame.split(wrong)
    with pytest.raises(InputError, match=r"unknown label 'negative\|neutral'"):
        load_codebook()["tone"].split("negative|neutral")


def test_several_labels_become_tasks_of_one():
    frame = load_codebook()["frame"]
    table = pd.DataFrame({
        "mention_id": ["m1", "m1", "m2", "m2"], "task": ["frame", "tone", "frame", "frame"],
        "coder": ["anna", "anna", "anna", "ben"], "label": ["conflict|economic", "neutral", "none", "morality"],
    })  # fmt: skip
    before = table.copy()
    split = split_labels(table, frame)
    pd.testing.assert_frame_equal(table, before)
    assert len(split) == 1 + 3 * 5
    said = split.set_index(["mention_id", "task", "coder"])["label"]
    assert said["m1", "frame_economic", "anna"] == "yes"
    assert said["m1", "frame_morality", "anna"] == "no"
    assert said["m2", "frame_conflict", "anna"] == "no"
    assert said["m2", "frame_morality", "ben"] == "yes"
    assert said["m1", "tone", "anna"] == "neutral"
    tasks = frame.yes_no()
    assert set(split["task"]) == {"tone", *tasks}
    assert all(
        label in tasks[task].labels for task, label in zip(split["task"], split["label"], strict=True) if task != "tone"
    )
    with pytest.raises(InputError, match="takes one label"):
        split_labels(table, load_codebook()["tone"])
    with pytest.raises(InputError, match="lacks? the column 'label'"):
        split_labels(table.drop(columns="label"), frame)


def test_what_takes_one_label_says_so():
    targets = pd.DataFrame(
        {"sentence": ["Ankara warned."], "start": [0], "end": [6], "label": ["conflict"], "group": ["g"]}
    )
    with pytest.raises(InputError, match="takes several labels a mention, and a classifier takes one"):
        score_mentions(targets, "frame")
    with pytest.raises(InputError, match="takes several labels"):
        compare_classifiers(targets, ["majority"], task="frame")


HOSTILE = {
    "question": "Is <script>alert(1)</script> | it?", "labels": ["a", "b"], "values": [-1, 1],
    "definitions": {"a": "x | y\x07 **z**", "b": "# h"},
    "examples": [{"text": "=cmd() [[<b>Ankara</b>]] \\ `x`", "label": "a"}],
}  # fmt: skip


@pytest.fixture
def hostile(tmp_path):
    (tmp_path / "own.yaml").write_text(yaml.safe_dump({"odd": HOSTILE}))
    return load_codebook(tmp_path / "own.yaml")["odd"]


def words_of(document):
    return "\n".join(
        [p.text for p in document.paragraphs] + [c.text for t in document.tables for row in t.rows for c in row.cells]
    )


def test_the_manual_says_all_that_the_task_says():
    tasks = load_codebook()
    for task in tasks.values():
        page = html.fromstring(coder_manual(task, "html"))
        word = Document(io.BytesIO(coder_manual(task, "docx")))
        plain = re.sub(r"\\(.)", r"\1", coder_manual(task, "markdown")).replace("**", "")
        body = page.find("body").text_content()
        for text in (" ".join(given.split()) for given in (body, words_of(word), plain)):
            wanted = [*task.definitions.values(), *task.steps, *task.sources, task_hash(task)]
            wanted += [text for text, _ in task.examples]
            wanted += [part for case in task.boundary for part in (case.text, case.why)]
            for words in wanted:
                assert " ".join(words.split()) in text, (task.name, words)
            for heading in ("What a mention is", "Whose words are judged", "Step by step", "When you are unsure"):
                assert heading in text
            assert "{" not in text
        targets = [mark.text for mark in page.findall(".//mark")]
        assert len(targets) >= len(task.examples) + len(task.boundary)
        assert all(re.fullmatch(r"\[\[.+\]\]", target) for target in targets)
        shaded = [r.text for t in word.tables for row in t.rows for c in row.cells for p in c.paragraphs for r in p.runs
                  if r.font.highlight_color]  # fmt: skip
        assert len(shaded) == len(task.examples) + len(task.boundary)


def test_the_manual_is_the_same_on_every_run(monkeypatch):
    tasks = load_codebook().values()
    first = {name: coder_manual(tasks, name) for name in MANUAL_FORMATS}
    later = time.time() + 86_400
    monkeypatch.setattr(time, "time", lambda: later)
    assert {name: coder_manual(tasks, name) for name in MANUAL_FORMATS} == first
    with zipfile.ZipFile(io.BytesIO(first["docx"])) as archive:
        assert {member.date_time for member in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert b"2000-01-01T00:00:00Z" in archive.read("docProps/core.xml")
        assert b"python-docx" not in archive.read("docProps/core.xml")


def test_a_list_of_steps_begins_at_one():
    """Each numbered list of the document has a numbering of its own."""
    document = Document(io.BytesIO(coder_manual(load_codebook().values(), "docx")))
    used = [p._p.pPr.numPr.numId.val for p in document.paragraphs if p.style.name == "List Number"]
    assert len(set(used)) == len(load_codebook()) + 1


def test_what_a_codebook_holds_cannot_run(hostile):
    page = html.fromstring(coder_manual(hostile, "html"))
    assert not page.findall(".//script")
    assert not page.findall(".//b")
    assert "<script>alert(1)</script>" in page.text_content()
    text = coder_manual(hostile, "markdown")
    assert "<script" not in text
    assert r"x \| y \*\*z\*\*" in text
    assert "\x07" not in words_of(Document(io.BytesIO(coder_manual(hostile, "docx"))))


def test_faults_of_the_manual_are_named():
    with pytest.raises(InputError, match="unknown format 'pdf'"):
        coder_manual(load_codebook()["tone"], "pdf")
    with pytest.raises(InputError, match="at least one task"):
        coder_manual([])


def test_the_command_writes_manuals(tmp_path, capsys):
    assert main(["codebook", "--task", "tone"]) == 0
    assert capsys.readouterr().out == coder_manual(load_codebook()["tone"])
    for name, end in MANUAL_FORMATS.items():
        target = tmp_path / f"manual{end}"
        assert main(["codebook", "--out", str(target)]) == 0
        wanted = coder_manual(load_codebook().values(), name)
        assert target.read_bytes() == (wanted if isinstance(wanted, bytes) else wanted.encode())
    assert main(["codebook", "--task", "stance", "--proposition", "War is bad."]) == 0
    assert "War is bad." in capsys.readouterr().out
    write(tmp_path / "own.yaml")
    assert main(["codebook", str(tmp_path / "own.yaml")]) == 0
    assert "For or against?" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--task", "tones"], "did you mean 'tone'"),
        (["--format", "docx"], "cannot be printed"),
        (["--format", "pdf"], "unknown format 'pdf'"),
        (["--task", "tone", "--proposition", "War is bad."], "takes no proposition"),
        (["none.yaml"], "there is no file"),
    ],
)
def test_the_command_says_what_is_wrong(capsys, arguments, message):
    assert main(["codebook", *arguments]) == 2
    assert message in capsys.readouterr().err

"""The sheets that coders are given: blind, harmless, the same every time, and whole."""

import csv
import io
import json
import zipfile
from collections import Counter

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree, html
from openpyxl import load_workbook
from openpyxl.cell.rich_text import CellRichText, TextBlock
from sheet_samples import SENTENCES, TONE, mentions, sample

from toolkit.annotation.harmless import harmless, plain
from toolkit.annotation.items import MOST_TEXT, assign_items, items_of, with_context
from toolkit.annotation.sheets import FORMATS, assigned, write_sheets
from toolkit.codebook import load_codebook
from toolkit.errors import InputError

CODEBOOK = load_codebook()
STANCE = CODEBOOK["stance"].about("Turkey should leave NATO.")


def write(tmp_path, task=TONE, **options):
    made = sample(task.name, **options.pop("columns", {}))
    return write_sheets(made, tmp_path, task, **{"formats": FORMATS, "coders": ["anna", "bo"], **options})


def contents(path):
    """Everything that a file says, unpacked."""
    content = path.read_bytes()
    if content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return b"\n".join(archive.read(name) for name in archive.namelist())
    return content


def cells(path):
    """The rows of the sheet of items, column -> cell."""
    rows = load_workbook(path, rich_text=True)["Items"].iter_rows()
    names = [cell.value for cell in next(rows)]
    return [dict(zip(names, row, strict=True)) for row in rows]


# What is in them ------------------------------------------------------------------------------------


def test_every_mention_is_in_every_form(tmp_path):
    paths = write(tmp_path)
    assert [str(path.relative_to(tmp_path)) for path in paths] == [
        "anna.xlsx", "anna.csv", "bo.xlsx", "bo.csv", "label_studio/config.xml", "label_studio/instructions.html",
        "label_studio/tasks.json", "doccano/labels.json", "doccano/items.jsonl", "sheets.json",
    ]  # fmt: skip
    found = [[row["mention_id"].value for row in cells(tmp_path / "anna.xlsx")]]
    with (tmp_path / "bo.csv").open(encoding="utf-8-sig", newline="") as handle:
        found.append([plain(row["mention_id"]) for row in csv.DictReader(handle)])
    found.append(
        [t["data"]["mention_id"] for t in json.loads((tmp_path / "label_studio/tasks.json").read_text("utf-8"))]
    )
    lines = (tmp_path / "doccano/items.jsonl").read_text("utf-8").split("\n")
    found.append([json.loads(line)["mention_id"] for line in lines if line])
    found += assigned(tmp_path).values()
    assert all(sorted(ids) == sorted(SENTENCES) for ids in found)


def test_sheets_are_blind(tmp_path):
    for path in write(tmp_path):
        said = contents(path)
        for secret in (b"Secret", b"secret_actor", b"0.777", b"2020-02-28", b"predicted", b"stratum"):
            assert secret not in said, path
        if path.suffix not in (".xml", ".html"):
            # The labels stand in the instructions; no row may say one.
            assert b"positive" not in said or path.suffix == ".xlsx" or path.name == "labels.json"
    assert not any(row["label"].value for row in cells(tmp_path / "anna.xlsx"))


def test_the_target_is_marked_in_brackets_and_bold(tmp_path):
    write(tmp_path)
    for row in cells(tmp_path / "anna.xlsx"):
        text, target = SENTENCES[row["mention_id"].value]
        value = row["text"].value
        assert isinstance(value, CellRichText)
        assert str(value) == text.replace(target, f"[[{target}]]", 1).replace("\t", "\t")
        assert [part.text for part in value if isinstance(part, TextBlock)] == [f"[[{target}]]"]
        assert next(part for part in value if isinstance(part, TextBlock)).font.b


def test_a_second_occurrence_is_not_marked(tmp_path):
    table = mentions().iloc[:1].assign(sentence="Ankara says Ankara means it.", start=12, end=18)
    assert items_of(table)[0].text == "Ankara says [[Ankara]] means it."


def test_only_label_and_note_can_be_changed(tmp_path):
    write(tmp_path)
    sheet = load_workbook(tmp_path / "anna.xlsx")["Items"]
    assert sheet.protection.sheet
    assert sheet.freeze_panes == "C2"
    assert sheet.print_title_rows == "$1:$1"
    assert sheet.page_setup.orientation == "landscape"
    for row in cells(tmp_path / "anna.xlsx"):
        assert {name for name, cell in row.items() if not cell.protection.locked} == {"label", "note"}
        assert all(cell.number_format == "@" for name, cell in row.items() if name != "item")
        assert all(cell.alignment.wrap_text for cell in row.values())
    assert load_workbook(tmp_path / "anna.xlsx")["Instructions"].protection.sheet


@pytest.mark.parametrize("task", [TONE, STANCE, CODEBOOK["role"], CODEBOOK["frame"]], ids=lambda task: task.name)
def test_the_list_offers_the_labels_and_nothing_else(tmp_path, task):
    write(tmp_path, task)
    book = load_workbook(tmp_path / "anna.xlsx")
    (offer,) = book["Items"].data_validations.dataValidation
    sheet, area = offer.formula1.split("!")
    assert tuple(cell[0].value for cell in book[sheet][area.replace("$", "")]) == task.labels
    assert (offer.type, offer.errorStyle, offer.showErrorMessage) == ("list", "stop", True)
    names = [cell.value for cell in book["Items"][1]]
    chosen = [i for i, name in enumerate(names, start=1) if name.startswith("label")]
    assert len(chosen) == (4 if task.multiple else 1)
    (cells_of,) = offer.sqref.ranges
    assert (cells_of.min_col, cells_of.max_col) == (chosen[0], chosen[-1])
    assert (cells_of.min_row, cells_of.max_row) == (2, 1 + len(SENTENCES))


def test_the_instructions_hold_the_codebook(tmp_path):
    write(tmp_path)
    said = " ".join(str(c.value) for row in load_workbook(tmp_path / "anna.xlsx")["Instructions"] for c in row)
    page = (tmp_path / "label_studio/instructions.html").read_text("utf-8")
    words = [TONE.question, *TONE.definitions.values(), *TONE.steps, *(text for text, _ in TONE.examples)]
    words += [case.text for case in TONE.boundary]
    assert words
    for one in words:
        assert one in said
        assert one in html.fromstring(page).text_content()


def test_stance_shows_its_proposition(tmp_path):
    write(tmp_path, STANCE)
    assert all(row["proposition"].value == "Turkey should leave NATO." for row in cells(tmp_path / "anna.xlsx"))
    assert "Turkey should leave NATO." in (tmp_path / "label_studio/config.xml").read_text("utf-8")
    assert json.loads((tmp_path / "doccano/items.jsonl").read_text("utf-8").split("\n")[0])["text"].startswith(
        "Proposition: Turkey should leave NATO.\n\n"
    )
    assert "proposition" not in cells(write(tmp_path / "tone", formats=["xlsx"])[0])[0]


def test_the_sentences_around_are_shown(tmp_path):
    text = "It snowed. Ankara warned Damascus. Then Ankara fell silent."
    articles = pd.DataFrame({"article_id": ["a1", "a2"], "text": [text, "Other."]})
    table = pd.DataFrame(
        {"article_id": ["a1", "a1", "a1", "gone"], "part": ["body", "body", "title", "body"], "start": [0, 5, 0, 0],
         "position": pd.array([11, 40, None, 3], dtype="Int64")}
    )  # fmt: skip
    found = with_context(table, articles)
    assert found["before"].tolist() == ["It snowed.", "Ankara warned Damascus.", "", ""]
    assert found["after"].tolist() == ["Then Ankara fell silent.", "", "", ""]
    assert "before" not in table


# Harmless -------------------------------------------------------------------------------------------


def test_no_cell_is_a_formula(tmp_path):
    write(tmp_path, columns={"before": "=1+1"})
    assert cells(tmp_path / "anna.xlsx")[0]["context"].value == "=1+1 [...]"
    for row in cells(tmp_path / "anna.xlsx"):
        assert all(cell.data_type != "f" for cell in row.values())
    with (tmp_path / "anna.csv").open(encoding="utf-8-sig", newline="") as handle:
        rows = list(csv.reader(handle))
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]
    texts = {plain(row[1]): plain(row[3]) for row in rows[1:]}
    for key, (text, target) in SENTENCES.items():
        assert texts[key] == text.replace(target, f"[[{target}]]", 1)


@given(st.text(alphabet="='+-@\t\r\nab", max_size=6))
def test_harmless_text_comes_back(text):
    assert plain(harmless(text)) == text
    assert not harmless(text).startswith(("=", "+", "-", "@", "\t", "\r", "\n"))


def test_markup_in_a_sentence_stays_text(tmp_path):
    write(tmp_path)
    for task in json.loads((tmp_path / "label_studio/tasks.json").read_text("utf-8")):
        page = html.fromstring(f"<div>{task['data']['html']}</div>")
        assert {element.tag for element in page.iter()} <= {"div", "p", "b", "small"}
        assert not [element for element in page.iter() if element.attrib]
        text, target = SENTENCES[task["data"]["mention_id"]]
        assert page.findtext(".//b") == f"[[{target}]]"
        assert text.replace(target, f"[[{target}]]", 1) in page.text_content()


def test_what_no_spreadsheet_can_hold(tmp_path):
    text = "\x00\x0b\x1f\ufffe" + "x" * 50_000 + "Ankara" + "y" * 50_000
    columns = {"sentence": text, "start": text.index("Ankara"), "end": text.index("Ankara") + 6}
    write(tmp_path, columns=columns)
    shown = str(cells(tmp_path / "anna.xlsx")[0]["text"].value)
    assert "x[[Ankara]]y" in shown
    assert len(shown) < MOST_TEXT + 50


# The same every time --------------------------------------------------------------------------------


def test_the_same_sample_gives_the_same_bytes(tmp_path, monkeypatch):
    first = [path.read_bytes() for path in write(tmp_path / "a")]
    monkeypatch.setattr("time.localtime", lambda *_: (2031, 5, 6, 7, 8, 9, 0, 1, 0))
    assert [path.read_bytes() for path in write(tmp_path / "b")] == first
    with zipfile.ZipFile(tmp_path / "a/anna.xlsx") as archive:
        assert {member.date_time for member in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert archive.read("docProps/core.xml").count(b"2000-01-01T00:00:00Z") == 2


def test_orders_are_the_coders_own_and_do_not_depend_on_rows():
    ids = [f"m{i}" for i in range(50)]
    shares = assign_items(ids, ["anna", "bo"], seed=1)
    assert shares["anna"] != shares["bo"]
    assert sorted(shares["anna"]) == sorted(ids)
    assert assign_items(ids[::-1], ["bo", "anna"], seed=1) == shares
    assert assign_items(ids, ["anna", "bo"], seed=2) != shares
    assert assign_items(ids, ["anna", "bo"], order="same") == {"anna": ids, "bo": ids}


@given(n=st.integers(1, 60), coders=st.integers(1, 5), overlap=st.floats(0.01, 1), seed=st.integers(0, 3))
@settings(deadline=None)
def test_every_mention_has_a_coder_whatever_the_overlap(n, coders, overlap, seed):
    ids = [f"m{i}" for i in range(n)]
    shares = assign_items(ids, [f"c{i}" for i in range(coders)], overlap=overlap, seed=seed)
    count = Counter(key for keys in shares.values() for key in keys)
    assert set(count) == set(ids)
    if coders > 1:
        assert set(count.values()) <= {1, coders}
        shared = sum(number == coders for number in count.values())
        assert overlap * n - 1e-6 <= shared < overlap * n + 1
    sizes = [len(keys) for keys in shares.values()]
    assert max(sizes) - min(sizes) <= 1


def test_the_shared_part_is_drawn_at_random():
    """Every mention is as likely to be coded by all: over 400 seeds of 10 of 40 none strays from a quarter."""
    ids = [f"m{i}" for i in range(40)]
    count = Counter()
    for seed in range(400):
        shares = assign_items(ids, ["anna", "bo"], overlap=0.25, seed=seed)
        count.update(set(shares["anna"]) & set(shares["bo"]))
    # Binomial(400, 0.25): standard deviation 8.7; 4 of them for the farthest of 40.
    assert all(abs(count[key] - 100) < 35 for key in ids)


def test_with_an_overlap_each_coder_has_files_of_their_own(tmp_path):
    paths = write(tmp_path, overlap=0.5)
    names = {path.name for path in paths}
    assert {"tasks_anna.json", "tasks_bo.json", "items_anna.jsonl", "items_bo.jsonl"} <= names
    assert {key for keys in assigned(tmp_path).values() for key in keys} == set(SENTENCES)


# The tools' own forms -------------------------------------------------------------------------------


def test_the_labelling_interface(tmp_path):
    write(tmp_path)
    view = etree.parse(tmp_path / "label_studio/config.xml").getroot()
    assert [choice.get("value") for choice in view.iter("Choice")] == list(TONE.labels)
    assert view.find("HyperText").get("value") == "$html"
    assert view.find("Choices").get("choice") == "single"
    write(tmp_path / "frame", CODEBOOK["frame"])
    assert etree.parse(tmp_path / "frame/label_studio/config.xml").find("Choices").get("choice") == "multiple"


def test_every_line_for_doccano_has_the_same_keys(tmp_path):
    """doccano 1.8.4 refuses a file in which a key is missing from some lines: its metadata becomes NaN."""
    write(tmp_path, columns={"before": ["", *["x"] * (len(SENTENCES) - 1)]})
    lines = (tmp_path / "doccano/items.jsonl").read_text("utf-8").splitlines()
    assert {tuple(json.loads(line)) for line in lines} == {("text", "label", "mention_id", "item", "context")}


# What cannot be -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"formats": ["xslx"]}, "formats: 'xslx' is no list of forms of sheets; did you mean 'xlsx'"),
        ({"formats": "xlsx"}, "formats: 'xlsx' is no list"),
        ({"formats": []}, "is no list"),
        ({"coders": []}, "at least one name"),
        ({"coders": ["anna", "Anna"]}, "none twice"),
        ({"coders": ["../anna"]}, "'../anna' cannot be a coder's name"),
        ({"coders": ["=cmd"]}, "'=cmd' cannot be a coder's name"),
        ({"overlap": 0}, "overlap: 0; expected the share"),
        ({"overlap": 1.5}, "overlap: 1.5"),
        ({"overlap": True}, "overlap: True"),
        ({"order": "random"}, "order: 'random'; expected 'own'"),
        ({"delimiter": "|"}, "delimiter: '|'; expected ',' or ';'"),
        ({"columns": {"end": 900}}, "outside its sentence"),
        ({"columns": {"mention_id": "m1"}}, "'m1' is drawn twice"),
    ],
)
def test_faults_are_named(tmp_path, options, words):
    with pytest.raises(InputError) as error:
        write(tmp_path / "new", **options)
    assert words in str(error.value)
    assert not (tmp_path / "new").exists()


def test_the_task_must_be_the_samples(tmp_path):
    with pytest.raises(InputError, match="drawn for the task 'tone', and the task given is 'role'"):
        write_sheets(sample(), tmp_path, CODEBOOK["role"])
    with pytest.raises(InputError, match="for or against a proposition, got none"):
        write_sheets(sample("stance"), tmp_path, CODEBOOK["stance"])
    with pytest.raises(InputError, match="no mention was drawn"):
        write_sheets(type(sample())("tone", sample().frame, mentions().iloc[:0], {}), tmp_path, TONE)


def test_a_note_of_who_has_what_that_was_changed(tmp_path):
    (tmp_path / "sheets.json").write_text("{")
    with pytest.raises(InputError, match="restore it, or delete it"):
        assigned(tmp_path)
    assert assigned(tmp_path / "nothing") == {}

"""What coders send back: every form is read, everything that cannot be used is listed, nothing harms."""

import csv
import io
import json
import zipfile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook
from sheet_samples import SENTENCES, TONE, labels, sample

from toolkit.annotation.harmless import plain
from toolkit.annotation.importing import PROBLEMS, read_annotations
from toolkit.annotation.sheets import assigned, write_sheets
from toolkit.cli import main
from toolkit.codebook import load_codebook
from toolkit.errors import InputError
from toolkit.tables import check_table

CODEBOOK = load_codebook()
FRAME = CODEBOOK["frame"]
KEYS = list(SENTENCES)
ANY = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def read(path, coder=None, made=None, **options):
    annotations, problems = read_annotations(path, made or sample(), coder=coder, **options)
    check_table(annotations, "annotations")
    assert list(annotations.columns) == ["mention_id", "task", "coder", "label", "note"]
    assert list(problems.columns) == list(PROBLEMS)
    assert not annotations.duplicated(["mention_id", "coder"]).any()
    assert (problems["reason"] != "").all()
    assert (problems["remedy"] != "").all()
    return annotations, problems


def said(annotations, coder="anna"):
    own = annotations[annotations["coder"] == coder]
    return dict(zip(own["mention_id"], own["label"], strict=True))


def reasons(problems, *, used=False):
    return problems[problems["used"] == used]["reason"].tolist()


def table(tmp_path, *rows, header="mention_id,label", name="anna.csv", encoding="utf-8"):
    path = tmp_path / name
    path.write_bytes("\n".join([header, *rows, ""]).encode(encoding))
    return path


def fill_workbook(path, answers, task=TONE):
    """Fill a workbook as a coder would; `answers` maps a mention to a label or a list of labels."""
    book = load_workbook(path, rich_text=True)
    sheet = book["Items"]
    names = [cell.value for cell in sheet[1]]
    for row in sheet.iter_rows(min_row=2):
        given_ = answers[row[names.index("mention_id")].value]
        for number, label in enumerate(given_ if isinstance(given_, list) else [given_], start=1):
            row[names.index("label" if number == 1 else f"label_{number}")].value = label
    book.save(path)
    return path


def fill_table(path, answers, *, delimiter=",", encoding="utf-8-sig", out=None):
    with path.open(encoding="utf-8-sig", newline="") as handle:
        rows = list(csv.DictReader(handle, delimiter=","))
    for row in rows:
        row["label"] = answers[plain(row["mention_id"])]
    target = out or path
    with target.open("w", encoding=encoding, errors="replace", newline="") as handle:
        writer = csv.DictWriter(handle, list(rows[0]), delimiter=delimiter)
        writer.writeheader()
        writer.writerows(rows)
    return target


# Round trips ----------------------------------------------------------------------------------------


def test_a_workbook_comes_back(tmp_path):
    write_sheets(sample(), tmp_path, TONE, formats=["xlsx"], coders=["anna", "bo"])
    for coder in ("anna", "bo"):
        fill_workbook(tmp_path / f"{coder}.xlsx", labels(coder))
    annotations, problems = read(tmp_path, expected=assigned(tmp_path))
    assert problems.empty
    assert said(annotations, "anna") == labels("anna")
    assert said(annotations, "bo") == labels("bo")
    assert annotations["mention_id"].tolist() == [key for key in KEYS for _ in range(2)]
    assert set(annotations["task"]) == {"tone"}


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-8", "utf-16", "cp1254"])
def test_a_table_comes_back_however_it_was_saved(tmp_path, delimiter, encoding):
    path = write_sheets(sample(), tmp_path, TONE, formats=["csv"], coders=["anna"])[0]
    fill_table(path, labels("anna"), delimiter=delimiter, encoding=encoding)
    annotations, problems = read(path)
    assert said(annotations) == labels("anna")
    assert reasons(problems) == []
    # cp1254 has no Cyrillic or Arabic: Excel writes question marks, and the texts differ from then on.
    assert len(problems) == (2 if encoding == "cp1254" else 0)


def test_the_separator_that_excel_is_told(tmp_path):
    path = table(tmp_path, "mention_id;label", "m00a1c3;positive", header="sep=;")
    assert said(read(path)[0]) == {"m00a1c3": "positive"}


ODS = (
    '<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body><office:spreadsheet>'
    '<table:table table:name="Items">{}<table:table-row table:number-rows-repeated="1048000">'
    '<table:table-cell table:number-columns-repeated="16384"/></table:table-row></table:table>'
    "</office:spreadsheet></office:body></office:document-content>"
)


CELL = "<table:table-cell><text:p>{}</text:p></table:table-cell>"


def ods(path, *rows, before=""):
    lines = "".join(
        "<table:table-row>"
        + "".join(cell if cell[:1] == "<" else CELL.format(cell) for cell in row)
        + "</table:table-row>"
        for row in rows
    )  # fmt: skip
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", before + ODS.format(lines))
    return path


def test_an_open_document_comes_back(tmp_path):
    date = '<table:table-cell office:value-type="date"><text:p>03.04.26</text:p></table:table-cell>'
    formula = (
        '<table:table-cell table:formula="of:=1" office:value-type="string"><text:p>neutral</text:p></table:table-cell>'
    )
    path = ods(
        tmp_path / "anna.ods", ["mention_id", "label"], ["0042", "<table:table-cell><text:p>neu"
        "<text:span>tral</text:span></text:p></table:table-cell>"], [date, "neutral"], ["12E5", formula],
    )  # fmt: skip
    annotations, problems = read(path)
    assert said(annotations) == {"0042": "neutral"}
    found = " ".join(reasons(problems))
    assert "made a date of the id" in found
    assert "formulas are never run" in found


def test_several_labels_come_back(tmp_path):
    write_sheets(sample("frame"), tmp_path, FRAME, formats=["xlsx"], coders=["anna"])
    answers = {key: ["none"] if i % 2 else ["economic", "conflict"] for i, key in enumerate(KEYS)}
    annotations, problems = read_annotations(fill_workbook(tmp_path / "anna.xlsx", answers), sample("frame"), FRAME)
    assert problems.empty
    assert said(annotations) == {key: "none" if i % 2 else "conflict|economic" for i, key in enumerate(KEYS)}
    path = table(
        tmp_path, '0042,"economic; Conflict"', "12E5,conflict|none", "3-4,economic#morality", "m00a1c3,war | none"
    )
    annotations, problems = read_annotations(path, sample("frame"), FRAME)
    assert said(annotations) == {"0042": "conflict|economic", "3-4": "economic|morality"}
    assert "'none' stands beside another label" in reasons(problems)
    assert "the label is not in the codebook" in reasons(problems)


# Exports that the tools really wrote ----------------------------------------------------------------


def expected_labels(coder, *without):
    return {key: label for key, label in labels(coder).items() if key not in without}


@pytest.mark.parametrize("ending", ["json", "min.json", "csv", "tsv"])
def test_exports_of_label_studio(root, ending):
    path = root / f"tests/fixtures/annotation/label_studio.{ending}"
    annotations, problems = read(path, coder={"1": "anna", "2": "bo"})
    # anna skipped one, gave two labels at once to another and one after the other to a third.
    assert said(annotations, "anna") == expected_labels("anna", "m00d4f6", "0042", "3-4")
    # bo skipped one, left one empty, and began a draft of one.
    assert said(annotations, "bo") == expected_labels("bo", "m00d4f6", "m00e5a7", "m00f6b8")
    assert annotations.set_index(["mention_id", "coder"]).loc[("m00c3e5", "anna"), "note"] == '=hard, "really"; a note'
    found = set(zip(problems["mention_id"], problems["coder"], strict=True))
    assert {("0042", "anna"), ("3-4", "anna"), ("m00e5a7", "bo"), ("12E5", "anna")} <= found
    if ending == "json":
        assert reasons(problems).count("the coder skipped this item") == 2
        assert "there is a draft that was never submitted" in reasons(problems)
        assert any("ground truth" in reason for reason in reasons(problems, used=True))
    else:  # these forms leave out what was skipped
        assert "no file says anything about this mention" in reasons(problems)
    assert "2 labels stand where one belongs" in reasons(problems)


def test_who_coded_in_label_studio_is_a_name(root):
    annotations, _ = read(root / "tests/fixtures/annotation/label_studio.json")
    assert set(annotations["coder"]) == {"user_1", "user_2"}


@pytest.mark.parametrize("kind", ["jsonl", "csv", "json_confirmed"])
def test_exports_of_doccano_with_a_file_for_each_coder(root, kind):
    annotations, problems = read(root / f"tests/fixtures/annotation/doccano_each_{kind}.zip")
    assert said(annotations, "anna") == expected_labels("anna", "m00d4f6", "0042")
    # Of what bo had not confirmed, "confirmed only" says nothing.
    assert said(annotations, "bo") == expected_labels("bo", *(["m00f6b8"] if kind == "json_confirmed" else []))
    assert "2 labels stand where one belongs" in reasons(problems)
    assert ("the label is empty" in reasons(problems)) == (kind != "json_confirmed")
    if kind != "csv":
        assert 'hard, "really"' in set(annotations["note"])


def test_an_export_of_doccano_that_names_nobody(root):
    path = root / "tests/fixtures/annotation/doccano_all_jsonl.zip"
    annotations, problems = read(path)
    assert annotations.empty
    assert reasons(problems).count("no coder is named") == 15
    for coder in ("anna", {"all": "anna"}, {"all.jsonl": "anna"}):
        assert said(read(path, coder)[0]) == expected_labels("anna", "m00d4f6", "0042")


# Forms that the tools' pages document ---------------------------------------------------------------


def label_studio(**changes):
    """A task in the form of https://labelstud.io/guide/task_format ("JSON format of annotated tasks")."""
    annotation = {
        "id": "1001", "was_cancelled": False, "ground_truth": False, "created_at": "2021-03-09T22:16:08.728353Z",
        "updated_at": "2021-03-09T22:16:08.728378Z", "lead_time": 4.288, "result_count": 0, "task": 1,
        "completed_by": 10,
        "result": [{"from_name": "label", "id": "Dx_aB91ISN", "source": "$html", "to_name": "text", "type": "choices",
                    "value": {"choices": ["neutral"]}}],
    } | changes  # fmt: skip
    prediction = {"created_ago": "3 hours", "model_version": "model 1", "result": annotation["result"]}
    return {
        "id": 1, "created_at": "2021-03-09T21:52:49.513742Z", "updated_at": "2021-03-09T22:16:08.746926Z",
        "project": 83,
        "data": {"mention_id": "0042"}, "annotations": [annotation], "predictions": [prediction],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "coder"),
    [
        ({}, "user_10"),
        ({"completed_by": {"id": 10, "email": "anna@example.org", "first_name": "A"}}, "anna@example.org"),
        ({"completed_by": {"id": 10, "first_name": "", "email": ""}}, "user_10"),
        ({"completed_by": "anna"}, "anna"),
    ],
)
def test_the_documented_form_of_label_studio(tmp_path, changes, coder):
    path = tmp_path / "export.json"
    path.write_text(json.dumps([label_studio(**changes)]))
    assert said(read(path)[0], coder) == {"0042": "neutral"}


@pytest.mark.parametrize(
    ("task", "reason"),
    [
        (label_studio(was_cancelled=True), "the coder skipped this item"),
        (label_studio(skipped=True), "the coder skipped this item"),
        (label_studio(result=[]), "the label is empty"),
        (label_studio(result=None), "the label is empty"),
        (label_studio() | {"annotations": []}, "there is only a machine's prediction"),
        (label_studio() | {"annotations": [], "predictions": []}, "the label is empty"),
        (label_studio() | {"annotations": [7]}, "the annotation is no object"),
        (label_studio(completed_by=None), "no coder is named"),
        (label_studio(completed_by="=cmd|x"), "this cannot be a coder's name"),
        (label_studio() | {"data": {"text": "x"}}, "the id is empty"),
        (label_studio() | {"data": [1]}, "the id is empty"),
        ({"data": {}}, "no mention_id and no label stand here; export with the tasks' data, as JSON"),
    ],
)
def test_what_label_studio_says_that_is_no_label(tmp_path, task, reason):
    path = tmp_path / "export.json"
    path.write_text(json.dumps([task]))
    annotations, problems = read(path)
    assert annotations.empty
    assert reason in reasons(problems)


def test_older_forms_of_label_studio(tmp_path):
    """Before 1.0 annotations were completions (http://ls-docs.makseq.com/guide/export.html)."""
    task = label_studio()
    task["completions"] = task.pop("annotations")
    path = tmp_path / "export.json"
    path.write_text(json.dumps([task]))
    assert said(read(path)[0], "user_10") == {"0042": "neutral"}
    row = {"mention_id": "0042", "label": {"choices": ["neutral"]}, "annotator": "anna", "annotation_id": 1}
    path.write_text(json.dumps([row]))
    assert said(read(path)[0]) == {"0042": "neutral"}


DOCCANO = {
    # doccano pull request 46: the form of 2018
    "2018": {"doc_id": 20, "text": "x", "labels": ["neutral"], "username": "anna", "mention_id": "0042"},
    # backend/data_export/pipeline/examples.py, Category_JSONL, with metadata
    "1.8": {"id": 1, "text": "x", "label": ["neutral"], "mention_id": "0042", "Comments": []},
    # doccano pull request 889
    "889": {"id": 2, "text": "x", "meta": {"mention_id": "0042"}, "annotation_approver": None,
            "annotations": [{"label": 10, "user": 1, "label_name": "neutral", "user_name": "anna"}]},
    "meta as text": {"id": 2, "text": "x", "label": ["neutral"], "meta": '{"mention_id": "0042"}'},
    "spans": {"id": 2, "data": "x", "label": [[0, 3, "neutral"]], "mention_id": "0042"},
}  # fmt: skip


@pytest.mark.parametrize("version", DOCCANO)
def test_the_documented_forms_of_doccano(tmp_path, version):
    path = tmp_path / "anna.jsonl"
    path.write_text(json.dumps(DOCCANO[version]))
    annotations, _ = read(path)
    assert said(annotations) == {"0042": "neutral"}


@pytest.mark.parametrize("form", [{"annotations": [{"label": 5, "user": 1}]}, {"label": [5]}])
def test_labels_of_doccano_that_are_numbers(tmp_path, form):
    """Issues 156 and 749 of doccano: before 1.5 an export has the label's number alone."""
    line = {"id": 2, "text": "x", "meta": {"mention_id": "0042"}, **form}
    path = tmp_path / "anna.jsonl"
    path.write_text(json.dumps(line))
    annotations, problems = read(path)
    assert annotations.empty
    assert "the label is a number of doccano's own, not its name" in reasons(problems)


# Labels ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("label", ["Negative", " negative ", "NEGATIVE", "NEGATİVE", "negative\u00a0"])
def test_case_and_blanks_of_a_label_do_not_matter(tmp_path, label):
    annotations, problems = read(table(tmp_path, f'0042,"{label}"'))
    assert said(annotations) == {"0042": "negative"}
    assert "the label is not in the codebook" not in reasons(problems)


@pytest.mark.parametrize(
    ("label", "hint"), [("negativ", "did you mean 'negative'"), ("-1", "Valid: neg"), ("?", "Valid")]
)
def test_a_label_outside_the_codebook(tmp_path, label, hint):
    annotations, problems = read(table(tmp_path, f"0042,{label}", "12E5,neutral"))
    assert said(annotations) == {"12E5": "neutral"}
    row = problems[problems["reason"] == "the label is not in the codebook"].iloc[0]
    assert (row["file"], row["place"], row["mention_id"], row["coder"], row["value"]) == (
        "anna.csv", "row 2", "0042", "anna", label,
    )  # fmt: skip
    assert hint in row["remedy"]


def test_a_formula_is_no_label(tmp_path):
    book = Workbook()
    for row in (["mention_id", "label"], ["0042", '=IF(1,"neutral","x")'], ["12E5", "neutral"], ["=1+1", "neutral"]):
        book.active.append(row)
    book.save(tmp_path / "anna.xlsx")
    annotations, problems = read(tmp_path / "anna.xlsx")
    assert said(annotations) == {"12E5": "neutral"}
    assert any("formulas are never run" in reason for reason in reasons(problems))
    assert "a formula stands in place of the id" in reasons(problems)


# Ids ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "reason"),
    [
        ("42", "taken the zeros from the front of the id; it was '0042'"),
        ("1.2E+06", "scientific notation"),
        ("1,2E+06", "scientific notation"),
        ("04.03.2026", "made a date of the id"),
        ("3. Apr", "made a date of the id"),
        ("03-Apr", "made a date of the id"),
        ("2026-04-03T00:00:00", "made a date of the id"),
        ("#NAME?", "made an error of the id"),
        ("#REF!", "made an error of the id"),
        ("M00A1C3", "letter case of the id was changed; it was 'm00a1c3'"),
        ("m00a1…", "the id is cut; it was 'm00a1c3'"),
        ("m00a1c4", "no mention of this sample has this id; the nearest is 'm00a1c3'"),
        ("m0frame", "in the frame, but was not drawn"),
        ("", "the id is empty"),
        ("zzz", "no mention of this sample has this id"),
    ],
)
def test_what_became_of_an_id(tmp_path, key, reason):
    annotations, problems = read(table(tmp_path, f'"{key}",neutral', "12E5,positive"))
    assert said(annotations) == {"12E5": "positive"}
    (row,) = [row for row in problems.to_dict("records") if reason in row["reason"]]
    assert not row["used"]
    assert row["place"] == "row 2"


def test_dates_and_numbers_in_cells_of_a_workbook(tmp_path):
    from datetime import datetime

    book = Workbook()
    book.active.append(["mention_id", "label"])
    for key in (datetime(2026, 4, 3), 42, 1200000.0, "3-4"):
        book.active.append([key, "neutral"])
    book.save(tmp_path / "anna.xlsx")
    annotations, problems = read(tmp_path / "anna.xlsx")
    assert said(annotations) == {"3-4": "neutral"}
    assert sum("date" in reason for reason in reasons(problems)) == 1
    assert sum("zeros" in reason for reason in reasons(problems)) == 1
    assert any(value == "1200000" for value in problems["value"])


def test_an_id_that_was_lost_is_named_by_its_text(tmp_path):
    rows = ["x1,[[Berlin]] paid.,neutral", '???,"Berlin paid, [[Paris]] praised.",neutral', "12E5,,neutral"]
    path = table(tmp_path, *rows, header="mention_id,text,label")
    row = next(row for row in read(path)[1].to_dict("records") if row["value"] == "???")
    assert row["reason"] == "the id was changed"
    assert row["mention_id"] == "m070d2f"
    assert "'m070d2f'" in row["remedy"]


def test_a_column_that_was_sorted_alone(tmp_path):
    path = write_sheets(sample(), tmp_path, TONE, formats=["csv"], coders=["anna"])[0]
    fill_table(path, labels("anna"))
    with path.open(encoding="utf-8-sig", newline="") as handle:
        rows = list(csv.DictReader(handle))
    for row, key in zip(rows, sorted(row["mention_id"] for row in rows), strict=True):
        row["mention_id"] = key
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    annotations, problems = read(path)
    moved = [reason for reason in reasons(problems) if "moved or sorted alone" in reason]
    assert len(moved) + len(annotations) == len(SENTENCES)
    assert len(moved) > 10
    assert all(labels("anna")[key] == label for key, label in said(annotations).items())


def test_a_file_of_another_sample(tmp_path):
    rows = [f"q{i}{i}{i}{i},neutral" for i in range(30)]
    annotations, problems = read([table(tmp_path, *rows), table(tmp_path, "0042,neutral", name="bo.csv")])
    assert said(annotations, "bo") == {"0042": "neutral"}
    (row,) = [row for row in problems.to_dict("records") if row["file"] == "anna.csv"]
    assert row["place"] == "30 rows"
    assert "belongs to another one" in row["reason"]


def test_a_row_of_another_task(tmp_path):
    path = table(tmp_path, "0042,stance,neutral", "12E5,tone,neutral", "3-4,,neutral", header="mention_id,task,label")
    annotations, problems = read(path)
    assert set(said(annotations)) == {"12E5", "3-4"}
    assert "the row is of another task; this sample is for 'tone'" in reasons(problems)


# Coders ---------------------------------------------------------------------------------------------


def test_the_same_label_twice_counts_once(tmp_path):
    again = table(tmp_path, "0042,Neutral", name="again.csv")
    annotations, problems = read([table(tmp_path, "0042,neutral"), again], coder="anna")
    assert said(annotations) == {"0042": "neutral"}
    assert any("it counts once" in reason for reason in reasons(problems, used=True))


def test_two_labels_of_one_coder_contradict_each_other(tmp_path):
    annotations, problems = read(table(tmp_path, "0042,neutral", "0042,positive", "12E5,neutral"))
    assert said(annotations) == {"12E5": "neutral"}
    found = problems[problems["mention_id"] == "0042"]
    assert found["value"].tolist() == ["neutral", "positive"]
    assert "'positive' in anna.csv, row 3" in found["reason"].iloc[0]


@pytest.mark.parametrize(
    "name", ["all.csv", "export (2).csv", "project-1-at-2026.csv", "annotations.tsv", "result.csv", "tone.csv"]
)
def test_names_of_files_that_are_no_names_of_coders(tmp_path, name):
    rows = ["0042,neutral"] if name.endswith(".csv") else ["0042\tneutral"]
    path = table(
        tmp_path, *rows, header="mention_id\tlabel" if name.endswith(".tsv") else "mention_id,label", name=name
    )
    assert reasons(read(path)[1])[0] == "no coder is named"
    assert said(read(path, "bo")[0], "bo") == {"0042": "neutral"}
    assert said(read(path, {name: "bo"})[0], "bo") == {"0042": "neutral"}


def test_a_name_that_is_taken_from_a_file_is_told(tmp_path):
    _, problems = read(table(tmp_path, "0042,neutral"))
    assert "no coder is named in the file: 'anna' is taken from its name" in reasons(problems, used=True)


def test_coders_are_renamed(tmp_path):
    path = table(tmp_path, "0042,neutral,a@example.org", "12E5,neutral,7", header="mention_id,label,annotator")
    annotations, _ = read(path, {"a@example.org": "anna", "7": "bo"})
    assert annotations["coder"].tolist() == ["anna", "bo"]
    assert read(path)[0]["coder"].tolist() == ["a@example.org", "user_7"]
    with pytest.raises(InputError, match="'a/b' cannot be a coder's name"):
        read(path, {"7": "a/b"})


def test_rows_and_coders_that_are_gone(tmp_path):
    write_sheets(sample(), tmp_path / "s", TONE, formats=["csv"], coders=["anna", "bo"], overlap=0.5)
    given_ = assigned(tmp_path / "s")
    rows = [f"{key},{labels('anna')[key]}" for key in given_["anna"][1:]]
    annotations, problems = read(table(tmp_path, *rows), expected=given_)
    assert len(annotations) == len(given_["anna"]) - 1
    assert reasons(problems).count("its row is in no file of this coder") == 1
    assert reasons(problems).count("there is no file of this coder") == 1
    only_bo = set(given_["bo"]) - set(given_["anna"])
    told = problems[problems["reason"] == "no file says anything about this mention"]
    assert set(told["mention_id"]) == only_bo


def test_an_empty_sheet_beside_a_filled_one_is_no_problem(tmp_path):
    write_sheets(sample(), tmp_path, TONE, coders=["anna"])
    fill_workbook(tmp_path / "anna.xlsx", labels("anna"))
    annotations, problems = read(tmp_path, expected=assigned(tmp_path))
    assert said(annotations) == labels("anna")
    assert problems.empty


def test_nothing_coded_at_all(tmp_path):
    write_sheets(sample(), tmp_path, TONE, coders=["anna"])
    annotations, problems = read(tmp_path)
    assert annotations.empty
    assert reasons(problems) == ["nothing is coded in this file"] * 2 + ["no label of these files can be used"]


# Nothing is lost ------------------------------------------------------------------------------------


@given(
    rows=st.lists(
        st.tuples(
            st.sampled_from([*KEYS, "m0frame", "42", "zzz", "", "M00A1C3"]),
            st.sampled_from(["neutral", "Negative", "bad", "", "positive"]), st.sampled_from(["anna", "bo", "", "=x"]),
        ),
        max_size=12,
    )
)  # fmt: skip
@ANY
def test_every_row_is_in_one_of_the_two_tables(rows, tmp_path):
    path = tmp_path / "export.csv"
    with path.open("w", newline="", encoding="utf-8") as handle:
        csv.writer(handle).writerows([("mention_id", "label", "coder"), *rows])
    annotations, problems = read(path)
    in_file = problems[problems["file"] == "export.csv"]
    whole = in_file["place"].str.contains("rows").any()
    for number, (key, label, coder) in enumerate(rows, start=2):
        if not (key or label):
            continue  # an empty row
        kept = ((annotations["mention_id"] == key) & (annotations["coder"] == coder)).any()
        elsewhere = not label and (annotations["mention_id"] == key).any()  # coded in another row
        assert kept or whole or elsewhere or (in_file["place"] == f"row {number}").any(), (key, label, coder)


def test_the_order_of_rows_and_files_does_not_matter(tmp_path):
    rows = [f"{key},{label}" for key, label in labels("anna").items()]
    one = table(tmp_path, *rows)
    two = table(tmp_path, *rows[::-1], name="bo.csv")
    first, _ = read([one, two])
    second, _ = read([two, one])
    assert first.equals(second)


# Hostile files --------------------------------------------------------------------------------------


def test_a_bomb_is_not_unpacked(tmp_path):
    path = tmp_path / "anna.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("anna.jsonl", b"0" * 50_000_000)
    annotations, problems = read(path)
    assert annotations.empty
    assert "as a ZIP bomb does" in reasons(problems)[0]


def test_entities_are_not_expanded(tmp_path):
    doctype = '<!DOCTYPE d [<!ENTITY a "neutral"><!ENTITY b SYSTEM "file:///etc/hostname">]>'
    path = ods(tmp_path / "anna.ods", ["mention_id", "label"], ["0042", "&a;"], ["12E5", "&b;"], before=doctype)
    annotations, problems = read(path)
    assert annotations.empty
    assert not problems["value"].str.contains("neutral").any()


def test_an_archive_that_leads_out_of_itself(tmp_path):
    path = tmp_path / "anna.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("../anna.jsonl", "{}")
    assert "leads out of it" in reasons(read(path)[1])[0]


@pytest.mark.parametrize(
    "content",
    [b"", b"   ", b"[" * 100_000, b"{}", b"[1, null, \"x\"]", b"\x00\x01\x02", b"PK\x03\x04", b"%PDF-1.7",
     b"mention_id,label", b"a,b\n1,2\n", b'mention_id,label\n0042,"neutral\n',
     b"\xd0\xcf\x11\xe0", b"{\"a\": 1}\n{broken\n"],
)  # fmt: skip
@pytest.mark.parametrize("suffix", [".csv", ".json", ".xlsx", ".zip", ".ods"])
def test_files_that_are_no_sheets_end_in_words(tmp_path, content, suffix):
    path = tmp_path / f"anna{suffix}"
    path.write_bytes(content)
    annotations, problems = read(path)
    assert annotations.empty
    assert len(reasons(problems)) >= 2
    assert all(len(reason) < 400 and "Traceback" not in reason for reason in problems["reason"])


@pytest.fixture(scope="module")
def good(root, tmp_path_factory):
    folder = tmp_path_factory.mktemp("good")
    write_sheets(sample(), folder, TONE, coders=["anna"])
    fill_workbook(folder / "anna.xlsx", labels("anna"))
    fixtures = root / "tests/fixtures/annotation"
    paths = [folder / "anna.xlsx", fill_table(folder / "anna.csv", labels("anna")), *sorted(fixtures.iterdir())]
    return [(path.name, path.read_bytes()) for path in paths]


@given(data=st.data())
@ANY
def test_cut_and_damaged_files_end_in_words(good, data, tmp_path):
    name, content = data.draw(st.sampled_from(good))
    broken = bytearray(content[: data.draw(st.integers(1, len(content)))])
    for _ in range(data.draw(st.integers(0, 5))):
        broken[data.draw(st.integers(0, len(broken) - 1))] = data.draw(st.integers(0, 255))
    (tmp_path / name).write_bytes(bytes(broken))
    annotations, problems = read(tmp_path / name)
    assert set(annotations["label"]) <= set(TONE.labels)
    assert len(annotations) + len(problems) > 0


def test_what_a_coder_wrote_is_shown_without_harm(tmp_path):
    _, problems = read(table(tmp_path, '0042,"\x1b[31mred\u202e\n\n=cmd"', "12E5,neutral"))
    value = problems[problems["mention_id"] == "0042"]["value"].iloc[0]
    assert "\x1b" not in value
    assert "\n" not in value
    assert "\u202e" not in value


# Paths and the command ------------------------------------------------------------------------------


def test_paths_that_are_not_there(tmp_path):
    with pytest.raises(InputError, match="there is no file .*gone.csv"):
        read(tmp_path / "gone.csv")
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="no sheet lies in"):
        read(tmp_path / "empty")
    with pytest.raises(InputError, match="drawn for the task 'tone', and the task given is 'frame'"):
        read_annotations(tmp_path, sample(), FRAME)
    with pytest.raises(InputError, match="no task 'own'"):
        read_annotations(tmp_path, sample("own"))


@pytest.fixture
def sheets(tmp_path, monkeypatch):
    """A folder with a sample and sheets. Loading a sample checks its hashes, which this small one has not."""
    from toolkit.annotation.sample import Sample

    made = sample()
    folder = tmp_path / "sheets"
    write_sheets(made, folder, TONE, coders=["anna", "bo"], formats=["xlsx"])
    monkeypatch.setattr(Sample, "load", classmethod(lambda cls, path: made))
    return folder


def test_the_command(sheets, capsys):
    for coder in ("anna", "bo"):
        fill_workbook(sheets / f"{coder}.xlsx", labels(coder))
    assert main(["annotations", "import", str(sheets)]) == 0
    printed = capsys.readouterr()
    assert "anna      16           0  negative 6, neutral 5, positive 5" in printed.out
    assert "Mentions: 16 drawn, 16 coded, 16 by several coders" in printed.out
    assert printed.err == ""
    with (sheets / "annotations.csv").open(encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle))
    assert len(rows) == 32
    assert {row["mention_id"]: row["label"] for row in rows if row["coder"] == "bo"} == labels("bo")
    assert (sheets / "problems.csv").read_text(encoding="utf-8").strip() == ",".join(PROBLEMS)


def test_the_command_where_something_cannot_be_used(sheets, capsys):
    fill_workbook(sheets / "anna.xlsx", {**labels("anna"), "0042": "=bad", "12E5": None})
    assert main(["annotations", "import", str(sheets), str(sheets / "anna.xlsx"), "--quiet"]) == 1
    printed = capsys.readouterr().out
    assert "Not used: 3" in printed
    assert "12E5, anna: the label is empty" in printed
    assert "bo: there is no file of this coder" in printed
    with (sheets / "problems.csv").open(encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle))
    assert {row["value"] for row in rows} == {"'=bad", ""}  # harmless where people open it in a spreadsheet
    assert main(["annotations", "import", str(sheets), str(sheets / "anna.xlsx"), "--coder", "anna=cleo"]) == 1
    assert "annotations.csv held labels of anna, which these files do not" in capsys.readouterr().err


def test_an_earlier_import_that_is_broken_is_written_anew(sheets, capsys):
    (sheets / "annotations.csv").write_bytes(b'\xff\x00,\n"')
    for coder in ("anna", "bo"):
        fill_workbook(sheets / f"{coder}.xlsx", labels(coder))
    assert main(["annotations", "import", str(sheets), "--quiet"]) == 0
    assert capsys.readouterr() == ("", "")
    assert len((sheets / "annotations.csv").read_text(encoding="utf-8").splitlines()) == 33


@pytest.mark.parametrize("given_", [["a", "b"], ["a=b", "c"], ["=b"], ["a="]])
def test_coders_that_the_command_cannot_use(sheets, given_, capsys):
    assert main(["annotations", "import", str(sheets), "--coder", *given_]) == 2
    assert "expected one NAME, or OLD=NEW" in capsys.readouterr().err


def test_the_command_without_a_sample(tmp_path, capsys):
    assert main(["annotations", "import", str(tmp_path)]) == 2
    assert "holds no sample" in capsys.readouterr().err


def test_many_unknown_ids_are_quick(tmp_path):
    """Of 20,000 unknown ids the nearest known one is looked for in the first 200 alone."""
    import time

    text = io.StringIO()
    csv.writer(text).writerows([("mention_id", "label"), *((f"x{i}y", "neutral") for i in range(20_000))])
    path = tmp_path / "anna.csv"
    path.write_text(text.getvalue())
    start = time.perf_counter()
    read(path)
    assert time.perf_counter() - start < 10


def test_other_tables_in_the_folder_are_told_and_no_fault(tmp_path):
    table(tmp_path, *(f"{key},{label}" for key, label in labels("anna").items()))
    table(tmp_path, "1,2", header="stratum,probability", name="strata.csv")
    annotations, problems = read(tmp_path)
    assert said(annotations) == labels("anna")
    assert reasons(problems) == []
    assert any(
        reason.startswith("the file has no row with the column names") for reason in reasons(problems, used=True)
    )
    assert "mend the file, or ask for it again" in set(read(tmp_path / "strata.csv")[1]["remedy"])


def test_the_sheet_that_a_coder_did_not_use_says_nothing_new(tmp_path):
    write_sheets(sample(), tmp_path, TONE, coders=["anna"])
    fill_workbook(tmp_path / "anna.xlsx", {**labels("anna"), "0042": None, "12E5": "bad"})
    annotations, problems = read(tmp_path, expected=assigned(tmp_path))
    assert len(annotations) == len(SENTENCES) - 2
    assert problems[["file", "mention_id"]].values.tolist() == [["anna.xlsx", "12E5"], ["anna.xlsx", "0042"]]

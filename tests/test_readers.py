"""Every reader is held to the same contract, then each to its own format."""

import contextlib
import csv
import io
import json
import socket
import tracemalloc
from datetime import date
from pathlib import Path

import pytest
from fixtures import exports
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from samples import BINARY, TEXT
from samples import SUFFIX as FURTHER

from toolkit.errors import InputError
from toolkit.readers import FIELDS, READERS, Item, Reject, find_reader, jsonl
from toolkit.readers.common import LARGEST_PAGE, choose_columns, decode
from toolkit.readers.dates import DateError, date_in_name, read_date

PROSE = "Turkey warned Syria on Friday that its patience was at an end."
SUFFIX = {"html": ".html", "text": ".txt", "csv": ".csv", "jsonl": ".jsonl", **FURTHER, **exports.SUFFIX}
GOOD = {
    "html": f"<html><head><title>Ankara warns</title></head><body><article><h1>Ankara warns</h1><p>{PROSE}</p>"
    f"<p>{PROSE.replace('Friday', 'Monday')}</p></article></body></html>",
    "text": f"Title: Ankara warns\n\n{PROSE}\n",
    "csv": f"title,text\nAnkara warns,{PROSE}\n",
    "jsonl": json.dumps({"title": "Ankara warns", "text": PROSE}) + "\n",
    **TEXT,
}
ALL = {**{name: content.encode() for name, content in GOOD.items()}, **BINARY}
GENERAL = [name for name in READERS if name not in exports.GOOD]
"""Exports of databases hold several articles a file; tests/test_export_readers.py has the same tests for them."""
HOSTILE = {
    "empty": b"",
    "blank": b" \n\n ",
    "a BOM alone": b"\xef\xbb\xbf",
    "half a UTF-16 BOM": b"\xff\xfe\x00",
    "NUL": b"Turkey\0warned",
    "PDF": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3",
    "Word": b"PK\x03\x04" + bytes(200),
    "picture": b"\xff\xd8\xff\xe0" + bytes(range(256)),
    "cut UTF-8": "Türkiye".encode()[:2],
    "high bytes": bytes(range(128, 256)) * 20,
    "deep JSON": b"[" * 200_000,
    "deep objects": b'{"a":' * 50_000,
    "deep HTML": b"<html><body>" + b"<div>" * 20_000 + b"Turkey warned Syria",
    "unclosed tags": b"<html><p><table><tr><td><script>alert(1)",
    "entities": b'<!DOCTYPE a [<!ENTITY b "c"><!ENTITY d "&b;&b;">]><html><body>&d;</body></html>',
    "quotes": b'text,title\n"Turkey warned,\nSyria\n',
    "a huge number": b'{"text": ' + b"9" * 10_000 + b"}\n",
    "no object": b"[1, null, true]\n",
    "comments": b"<!--x-->" * 5_000,
    "spaces": b" " * 60_000 + b"x",
}


def read(name, tmp_path, content, *, columns=None, file=None):
    """Everything that the reader yields for a file with this content."""
    path = tmp_path / (file or f"export{SUFFIX[name]}")
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return list(READERS[name].read(path, path.name, columns))


# The contract ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", GENERAL)
def test_reads_its_format_and_is_found_for_it(name, tmp_path):
    (item,) = read(name, tmp_path, ALL[name])
    assert isinstance(item, Item)
    assert item.fields["title"] == "Ankara warns"
    assert PROSE in item.fields["text"]
    assert item.fields["encoding"] == "utf-8"
    assert set(item.fields) <= {*FIELDS, "encoding", "site", "warnings", "truncated"}
    assert find_reader(tmp_path / f"export{SUFFIX[name]}", ALL[name]) == name


@pytest.mark.parametrize("name", READERS)
@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_files_end_in_rows_or_words(name, kind, tmp_path):
    try:
        found = read(name, tmp_path, HOSTILE[kind])
    except InputError as error:
        found = [Reject(f"export{SUFFIX[name]}", "", str(error).splitlines()[0])]
    assert found, "a file may not vanish"
    for entry in found:
        assert isinstance(entry, Item | Reject)
        assert entry.source_file == f"export{SUFFIX[name]}"
        if isinstance(entry, Reject):
            assert entry.reason
            assert "\n" not in entry.reason
            assert "Traceback" not in entry.reason


@pytest.mark.parametrize("name", READERS)
@given(content=st.binary(max_size=300) | st.text(max_size=200).map(lambda t: t.encode("utf-8", "surrogatepass")))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_bytes_end_in_rows_or_words(name, content, tmp_path):
    try:
        found = read(name, tmp_path, content)
    except InputError:
        return
    assert all(isinstance(entry, Item | Reject) for entry in found)
    assert all(isinstance(value, str) for item in found if isinstance(item, Item) for value in item.fields.values())


@pytest.mark.parametrize("name", READERS)
def test_a_file_that_is_gone_is_a_reject(name, tmp_path):
    (reject,) = READERS[name].read(tmp_path / "gone", "gone", None)
    assert reject == Reject("gone", "", "the file cannot be opened (No such file or directory)")


@pytest.mark.parametrize("name", GENERAL)
def test_nothing_is_fetched(name, tmp_path, monkeypatch):
    def refuse(*args, **kwargs):
        raise AssertionError("a reader opened a connection")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "create_connection", refuse)
    page = GOOD["html"].replace("<head>", '<head><link rel="stylesheet" href="https://news.example/a.css">')
    read(name, tmp_path, page if name == "html" else ALL[name])


@pytest.mark.parametrize("name", GOOD)
@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_byte_order_marks_are_understood(name, encoding, tmp_path):
    (item,) = read(name, tmp_path, GOOD[name].replace("Ankara", "Türkiye").encode(encoding))
    assert item.fields["title"] == "Türkiye warns"
    assert item.fields["encoding"] == encoding.removesuffix("-sig")


@pytest.mark.parametrize("name", GOOD)
def test_other_encodings_are_read_as_cp1252_and_said(name, tmp_path):
    content = GOOD[name].replace("Ankara", "T\xfcrkiye").encode("cp1252")
    if name == "jsonl":
        content = '{"title": "Türkiye warns", "text": "x"}'.encode("cp1252")
    (item,) = read(name, tmp_path, content)
    assert item.fields["title"] == "Türkiye warns"
    assert item.fields["encoding"] == "cp1252"


@given(st.text(alphabet=st.characters(blacklist_characters="\0\r", blacklist_categories=["Cs"])))
def test_utf8_comes_back_as_it_went_in(text):
    assert decode(text.encode()) == (text.removeprefix("\ufeff"), "utf-8")


# Plain text -----------------------------------------------------------------------------------------


def test_text_header(tmp_path):
    header = "TITLE: Ankara warns\nPublished: 28 February 2020\nAuthor: Staff\nURL:https://c.example/1\nLanguage: en\n"
    (item,) = read("text", tmp_path, f"{header}Source: The Courier\nWire: AFP\n\n{PROSE}\n\n{PROSE}\n")
    assert item.fields == {
        "title": "Ankara warns", "date": "28 February 2020", "byline": "Staff", "url": "https://c.example/1",
        "language": "en", "outlet": "The Courier", "wire": "AFP", "text": f"{PROSE}\n\n{PROSE}", "encoding": "utf-8",
    }  # fmt: skip


def test_text_header_lines_that_are_not_used_are_named(tmp_path):
    (item,) = read("text", tmp_path, f"Title: Ankara warns\nSection: World\nOutlet: A\nSource: B\n\n{PROSE}")
    assert item.fields["outlet"] == "A"
    assert item.fields["warnings"] == "header lines not used: section, source"


def test_text_header_without_blank_line_ends_where_prose_begins(tmp_path):
    (item,) = read("text", tmp_path, f"Title: Ankara warns\nMoscow: no comment\n{PROSE}")
    assert item.fields["title"] == "Ankara warns"
    assert item.fields["text"] == f"Moscow: no comment\n{PROSE}"


def test_text_header_names_can_be_given(tmp_path):
    (item,) = read(
        "text", tmp_path, f"Zeitung: The Courier\nTitle: Ankara warns\n\n{PROSE}", columns={"outlet": "Zeitung"}
    )
    assert item.fields["outlet"] == "The Courier"


@pytest.mark.parametrize(
    ("first", "is_title"),
    [
        ("Ankara warns Damascus", True),
        ("Will Gen. Haftar and the U.S. talk?", True),
        ("Turkey warned Syria on Friday.", False),
        ("Turkey warned Syria. It then shelled it", False),
        ("Turkey warned " * 20, False),
        ("In Idlib, yesterday,", False),
        ("Note: all times are local", True),
    ],
)
def test_a_first_line_is_a_title_only_where_it_looks_like_one(first, is_title, tmp_path):
    (item,) = read("text", tmp_path, f"{first}\n\n{PROSE}\n")
    assert item.fields.get("title") == (first if is_title else None)
    assert item.fields["text"] == (PROSE if is_title else f"{first}\n\n{PROSE}")


def test_wrapped_text_has_no_title(tmp_path):
    (item,) = read("text", tmp_path, "Turkey warned Syria on Friday\nthat its patience was at an end.\n")
    assert "title" not in item.fields


def test_text_date_comes_from_the_file_name(tmp_path):
    (item,) = read("text", tmp_path, PROSE, file="2020-02-28-ankara.txt")
    assert item.fields["date"] == "2020-02-28"
    (item,) = read("text", tmp_path, f"Date: 1 March 2020\n\n{PROSE}", file="20200228.txt")
    assert item.fields["date"] == "1 March 2020"


@pytest.mark.parametrize("name", ["text", "html"])
def test_a_file_too_long_is_not_read(name, tmp_path):
    (reject,) = read(name, tmp_path, b"<p>word " * (LARGEST_PAGE // 8 + 1))
    assert reject.reason == "the file has 10.0 MB; a file with one article has at most 10 MB"


# Web pages ------------------------------------------------------------------------------------------

PAGE = """<!DOCTYPE html><html lang="en-GB"><head><meta charset="utf-8"><title>Ankara warns | The Courier</title>
<meta property="og:title" content="Ankara warns | The Courier"><meta property="og:site_name" content="The Courier">
<meta property="article:published_time" content="2020-02-28T23:30:00-05:00">
<link rel="canonical" href="https://courier.example/2020/ankara"><meta name="author" content="Staff correspondent">
<script>var x = "Turkey";</script></head><body><nav><a href="/">Home</a> <a href="/world">World</a></nav>
<article><h1>Ankara warns</h1><p>Turkey warned Syria on Friday that its patience was at an end, and it meant it.</p>
<p>Moscow &amp; Damascus answered on Saturday: “No retreat”, said a spokesman in Damascus, and hung up.</p></article>
<footer><p>Privacy policy | Terms of use</p></footer></body></html>"""


def test_page(tmp_path):
    (item,) = read("html", tmp_path, PAGE)
    text = item.fields.pop("text").split("\n")
    assert item.fields == {
        "title": "Ankara warns", "date": "2020-02-28T23:30:00-05:00", "url": "https://courier.example/2020/ankara",
        "site": "The Courier", "byline": "Staff correspondent", "language": "en-GB", "encoding": "utf-8",
    }  # fmt: skip
    assert text[-2:] == [
        "Turkey warned Syria on Friday that its patience was at an end, and it meant it.",
        "Moscow & Damascus answered on Saturday: “No retreat”, said a spokesman in Damascus, and hung up.",
    ]
    assert not any("Privacy" in line or "var x" in line or "Home" in line for line in text)


def test_page_date_by_json_ld_by_time_by_name(tmp_path):
    bare = PAGE.replace('property="article:published_time"', 'property="other"')
    linked = '<script type="application/ld+json">{"@graph": [{"datePublished": "2020-02-27"}]}</script></head>'
    (item,) = read("html", tmp_path, bare.replace("</head>", linked))
    assert item.fields["date"] == "2020-02-27"
    (item,) = read("html", tmp_path, bare.replace("<h1>", '<time datetime="2020-02-26">Wednesday</time><h1>'))
    assert item.fields["date"] == "2020-02-26"
    (item,) = read("html", tmp_path, bare, file="2020-02-25-a.html")
    assert item.fields["date"] == "2020-02-25"
    (item,) = read("html", tmp_path, bare)
    assert "date" not in item.fields


def test_page_declared_encoding(tmp_path):
    page = PAGE.replace("utf-8", "windows-1254").replace("Ankara warns", "Erdoğan warns").replace("“No retreat”", "No")
    (item,) = read("html", tmp_path, page.encode("cp1254"))
    assert item.fields["title"] == "Erdoğan warns"
    assert item.fields["encoding"] == "windows-1254"


def test_page_without_body(tmp_path):
    (reject,) = read("html", tmp_path, "<html><head><title>Ankara warns</title></head><body></body></html>")
    assert reject == Reject("export.html", "", "the page holds no article body")


# Tables ---------------------------------------------------------------------------------------------

COLUMNS = {"text": ["content", "body"], "title": "headline", "date": "published", "id": "nr"}


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_table_with_any_delimiter(delimiter, tmp_path):
    rows = [
        ["nr", "published", "headline", "body"],
        ["7", "2020-02-28", "Ankara warns", f'He said: "No"; {PROSE}, yes\nand no|'],
    ]
    path = tmp_path / "export.csv"
    with path.open("w", newline="", encoding="utf-8") as handle:
        csv.writer(handle, delimiter=delimiter).writerows(rows)
    (item,) = READERS["csv"].read(path, "export.csv", COLUMNS)
    assert [item.fields[f] for f in ("id", "date", "title", "text")] == rows[1]
    assert item.locator == "row 2 (line 2)"


def test_tsv_is_split_at_tabs(tmp_path):
    (item,) = read("csv", tmp_path, f"title\ttext,a,b,c\ttext\nx\ty\t{PROSE}\n", file="export.tsv")
    assert item.fields["text"] == PROSE


def test_table_rows_that_do_not_fit(tmp_path):
    content = f'title,text\na,"{PROSE}\n{PROSE}"\nshort\n\nlong,{PROSE},x\npadded,{PROSE},,\nb,"x"y\nc,{PROSE}\n'
    found = read("csv", tmp_path, content)
    assert [(type(f).__name__, f.locator) for f in found] == [
        ("Item", "row 2 (line 2)"), ("Reject", "row 3 (line 4)"), ("Reject", "row 4 (line 6)"),
        ("Item", "row 5 (line 7)"), ("Reject", "row 6 (line 8)"), ("Item", "row 7 (line 9)"),
    ]  # fmt: skip
    assert found[1].reason == "the row has 1 fields, the header has 2"
    assert found[2].reason == "the row has 3 fields, the header has 2"
    assert found[4].reason == "the row cannot be read (',' expected after '\"'); check its quotation marks"


def test_a_quotation_mark_that_is_never_closed_swallows_nothing_silently(tmp_path):
    found = read("csv", tmp_path, f'title,text\na,{PROSE}\nb,"{PROSE}\nc,{PROSE}\nd,{PROSE}\n')
    assert isinstance(found[0], Item)
    (reject,) = found[1:]
    assert reject.locator == "row 3 (line 3)"
    assert reject.reason == "the row cannot be read (unexpected end of data, lines 3 to 5); check its quotation marks"


def test_long_fields_are_read_and_the_limit_put_back(tmp_path):
    before = csv.field_size_limit()
    (item,) = read("csv", tmp_path, "title,text\nlong," + "word " * 100_000)
    assert len(item.fields["text"]) == 500_000
    assert csv.field_size_limit() == before


def test_table_without_the_mapped_column_names_what_there_is(tmp_path):
    with pytest.raises(
        InputError, match=r"export.csv has no column 'boddy' for the field text; did you mean 'body'\? Valid: body"
    ):
        read("csv", tmp_path, "published,body\n", columns={"text": "boddy"})
    with pytest.raises(InputError, match=r"no column 'heading' for the field title; .*Valid: headline, text"):
        read("csv", tmp_path, "headline,text\nx,y\n", columns={"title": "heading"})
    with pytest.raises(InputError, match=r"no column named 'text'; Valid: body, headline. Say which column holds what"):
        read("csv", tmp_path, "headline,body\nx,y\n")
    with pytest.raises(InputError, match="has 2 columns named 'text', of which one is needed"):
        read("csv", tmp_path, "text,text\nx,y\n")
    with pytest.raises(InputError, match=r"'titel' is no field; did you mean 'title'\?"):
        read("csv", tmp_path, "text\nx\n", columns={"titel": "text"})


def test_a_column_named_id_is_taken_only_where_mapped(tmp_path):
    assert choose_columns(None, ["id", "text"], "x") == {"text": "text"}
    assert choose_columns({"id": "id"}, ["id", "text"], "x") == {"id": "id", "text": "text"}


# JSON -----------------------------------------------------------------------------------------------


def test_json_lines_with_broken_ones(tmp_path):
    lines = [
        json.dumps({"text": PROSE}),
        '{"text": "cut',
        "[1]",
        "",
        json.dumps({"title": "x"}),
        json.dumps({"text": "y"}),
    ]
    found = read("jsonl", tmp_path, "\n".join(lines))
    assert [(type(f).__name__, f.locator) for f in found] == [
        ("Item", "line 1"), ("Reject", "line 2"), ("Reject", "line 3"), ("Reject", "line 5"), ("Item", "line 6"),
    ]  # fmt: skip
    assert found[1].reason == "the line is no JSON: Unterminated string starting at character 10"
    assert found[2].reason == "expected an object {...}, got a list"
    assert found[3].reason == "the object has no text; its keys: title"


@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize("wrap", [lambda x: x, lambda x: {"status": "ok", "articles": x}])
def test_json_documents(indent, wrap, tmp_path):
    items = [{"text": PROSE, "date": "2020-02-28"}, {"text": "Moscow answered."}]
    found = read("jsonl", tmp_path, json.dumps(wrap(items), indent=indent), file="export.json")
    assert [(f.locator, f.fields["text"]) for f in found] == [("item 1", PROSE), ("item 2", "Moscow answered.")]


def test_one_object_a_file_may_leave_out_a_mapped_key(tmp_path):
    columns = {"text": "content", "byline": "authors"}
    (item,) = read("jsonl", tmp_path, json.dumps({"content": PROSE}, indent=1), columns=columns, file="1.json")
    assert item.fields == {"text": PROSE, "encoding": "utf-8"}
    with pytest.raises(InputError, match="no column 'authors' for the field byline"):
        read("jsonl", tmp_path, json.dumps({"content": PROSE}), columns=columns)


def test_json_values_that_are_no_text(tmp_path):
    value = {"id": 7, "text": PROSE, "date": None, "byline": ["A", "B"], "language": "", "url": {"href": "x"}}
    (reject,) = read("jsonl", tmp_path, json.dumps(value))
    assert reject.reason == "'url' holds an object; expected text for the field url"
    del value["url"]
    (item,) = read("jsonl", tmp_path, json.dumps(value), columns={"id": "id"})
    assert item.fields == {"id": "7", "text": PROSE, "byline": "A, B", "encoding": "utf-8"}


def test_broken_json_document_is_one_reject(tmp_path):
    (reject,) = read("jsonl", tmp_path, json.dumps([{"text": PROSE}], indent=2)[:-3], file="export.json")
    assert reject.reason.startswith("the file is no JSON: Expecting ',' delimiter at line")


def test_a_json_document_that_is_cut_gives_what_is_whole(tmp_path):
    content = json.dumps({"status": "ok", "articles": [{"text": f"{PROSE} {i}"} for i in range(50)]})
    found = read("jsonl", tmp_path, content[:-40], file="export.json")
    assert [f.locator for f in found] == [*(f"item {i}" for i in range(1, 50)), "after item 49"]
    assert "; the rest of it is not read" in found[-1].reason


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(
    values=st.lists(JSON, max_size=6), indent=st.sampled_from([None, 1]), wrap=st.booleans(), block=st.integers(1, 40)
)
def test_a_document_is_read_in_pieces_of_any_size(values, indent, wrap, block):
    text = json.dumps({"status": [1], "articles": values, "n": 2} if wrap else values, indent=indent)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(jsonl, "BLOCK", block)
        assert list(jsonl._Document(io.StringIO(text)).items()) == values


def test_a_document_of_any_length_holds_one_object_in_memory(tmp_path):
    path = tmp_path / "export.json"
    with path.open("w") as handle:
        handle.write("[" + ",".join(json.dumps({"text": PROSE, "url": "x" * 5_000}) for _ in range(4_000)) + "]")
    tracemalloc.start()
    try:
        assert sum(1 for _ in READERS["jsonl"].read(path, "export.json", None)) == 4_000
        assert tracemalloc.get_traced_memory()[1] < 3_000_000 < path.stat().st_size
    finally:
        tracemalloc.stop()


def test_json_without_the_text_says_how_to_map(tmp_path):
    with pytest.raises(InputError, match="no column named 'text'; Valid: body. Say which column"):
        read("jsonl", tmp_path, json.dumps({"body": PROSE}))


# Which reader ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("file", "head", "name"),
    [
        ("a.txt", b"<!-- saved --><?xml version='1.0'?>\n<!DOCTYPE HTML><html>", "html"),
        ("a.csv", b"<html><body>Please log in", "html"),
        ("a.txt", b'{"title": "x"}', "jsonl"),
        ("a.txt", b"title\tdate\ttext\n", "csv"),
        ("a.txt", b"[UPDATED] Ankara warns", "text"),
        ("a.txt", "Ankara warns".encode("utf-16"), "text"),
        ("a", b"Ankara warns", "text"),
        ("a.docx", b"Ankara warns", None),
        ("a.py", b"import os", None),
        ("a.txt", b"%PDF-1.4", "pdf"),
        ("a.csv", b"PK\x03\x04....word/document.xml", "docx"),
        ("a.txt", b"\xff\xd8\xff", None),
    ],
)
def test_the_reader_is_found_by_content_then_suffix(file, head, name):
    assert find_reader(Path(file), head) == name


# Dates ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "value",
    [
        "2020-02-28", "2020/02/28", "20200228", "2020-02-28 23:59:59", "2020-02-28T01:00:00+09:00", "2020-02-28T23:00Z",
        "28 February 2020", "28 Feb. 2020", "Feb 28, 2020", "February 28 2020", "28-Feb-2020", "28th of February 2020",
        "Friday, February 28, 2020 9:20 AM GMT", "Fri, 28 Feb 2020 18:40:00 +0300", "February 28, 2020 Friday",
        "28/02/2020", "2/28/2020", "28.2.2020", " 28  February\n2020 ",
    ],
)  # fmt: skip
def test_dates_that_mean_one_day(value):
    assert read_date(value) == date(2020, 2, 28)


def test_dates_in_numbers_follow_the_order():
    assert read_date("3/4/2020", "dmy") == date(2020, 4, 3)
    assert read_date("3/4/2020", "mdy") == date(2020, 3, 4)
    assert read_date("10/24/16", "mdy") == date(2016, 10, 24)
    assert read_date("24.10.99", "dmy") == date(1999, 10, 24)
    assert read_date("4/4/2020") == date(2020, 4, 4)
    with pytest.raises(InputError, match="the date '3/4/2020' can be 3 April or 4 March; say dates: dmy or dates: mdy"):
        read_date("3/4/2020")


@pytest.mark.parametrize("value", ["", " ", "None", "null", "nan", "N/A"])
def test_absent_dates(value):
    assert read_date(value) is None


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("yesterday", "'yesterday' cannot be read; expected one like 2020-02-28"),
        ("2020-02-31", "'2020-02-31' names no day of the calendar"),
        ("0/4/2020", "names no day"),
        ("February 2020", "cannot be read"),
        ("28 Fxbruary 2020", "cannot be read"),
        ("0001-01-01", "outside the years"),
        ("1582900000", "cannot be read"),
        ("10/24/16", "has a year of two digits; say dates: dmy or dates: mdy"),
        ("x" * 5000, "'" + "x" * 60 + "…' cannot be read"),
    ],
)
def test_dates_that_cannot_be_read_are_quoted(value, words):
    with pytest.raises(DateError) as caught:
        read_date(value)
    assert words in str(caught.value)


def test_a_month_and_day_the_wrong_way_round_is_said():
    with pytest.raises(DateError, match="the date '28/02/2020' as mdy names no day"):
        read_date("28/02/2020", "mdy")
    with pytest.raises(InputError, match=r"'ymd' is no order of day, month and year"):
        read_date("28/02/2020", "ymd")


@given(st.dates(date(1600, 1, 1), date(2200, 12, 31)))
def test_iso_dates_come_back(day):
    assert read_date(day.isoformat()) == day
    assert read_date(f"{day.day}/{day.month}/{day.year:04}", "dmy") == day


@given(st.text(max_size=40))
def test_any_text_is_a_date_or_none_or_refused(text):
    with contextlib.suppress(DateError, InputError):
        assert read_date(text) is None or isinstance(read_date(text), date)


def test_a_number_in_a_name_is_no_date():
    assert date_in_name("20201399-2020-02-28.txt") == "2020-02-28"
    assert date_in_name("doc-120200228.txt") is None

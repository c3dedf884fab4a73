"""Broken, cut, mixed, huge and hostile files at every reader: each ends in rows or in words, none in harm."""

import gzip
import io
import json
import zipfile

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from samples import BINARY, PAGE, PROSE, SUFFIX, TEXT, docx, parquet, pdf, warc, warc_record, xlsx

from toolkit.corpora import read_articles
from toolkit.errors import InputError
from toolkit.readers import READERS, Item, Reject, find_reader

GOOD = {
    **{name: content.encode() for name, content in TEXT.items()},
    **BINARY,
    "html": PAGE.encode(),
    "text": PROSE.encode(),
    "csv": f"title,text\nx,{PROSE}\n".encode(),
    "jsonl": json.dumps({"text": PROSE}).encode(),
}
ANY = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def read(name, tmp_path, content):
    """Everything that a reader says of a file; an InputError counts as its words."""
    path = tmp_path / f"export{SUFFIX.get(name, '')}"
    path.write_bytes(content)
    try:
        found = list(READERS[name].read(path, "export", None))
    except InputError as error:
        found = [Reject("export", "", str(error).splitlines()[0])]
    assert found, "a file may not vanish"
    for entry in found:
        assert isinstance(entry, Item | Reject)
        assert entry.source_file == "export"
        if isinstance(entry, Reject):
            assert entry.reason
            assert len(entry.reason) < 2_000
            assert "\n" not in entry.reason
            assert "Traceback" not in entry.reason
        else:
            assert all(isinstance(value, str) for value in entry.fields.values())
    return found


# At every reader ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", READERS)
@given(data=st.data())
@ANY
def test_cut_files(name, data, tmp_path):
    content = GOOD.get(name, GOOD["text"])
    read(name, tmp_path, content[: data.draw(st.integers(0, len(content)))])


@pytest.mark.parametrize("name", READERS)
@given(data=st.data())
@ANY
def test_damaged_files(name, data, tmp_path):
    content = bytearray(GOOD.get(name, GOOD["text"]))
    for _ in range(data.draw(st.integers(1, 8))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    read(name, tmp_path, bytes(content))


@pytest.mark.parametrize("name", READERS)
@given(first=st.sampled_from(sorted(GOOD)), second=st.sampled_from(sorted(GOOD)), cut=st.floats(0, 1))
@ANY
def test_mixed_files(name, first, second, cut, tmp_path):
    read(name, tmp_path, GOOD[first][: int(cut * len(GOOD[first]))] + GOOD[second])


@pytest.mark.parametrize("name", READERS)
@given(tail=st.binary(max_size=200))
@ANY
def test_a_good_beginning_says_nothing_about_the_rest(name, tail, tmp_path):
    read(name, tmp_path, GOOD.get(name, GOOD["text"])[:12] + tail)


@pytest.mark.parametrize("name", READERS)
@pytest.mark.parametrize("other", sorted(GOOD))
def test_a_file_of_another_format(name, other, tmp_path):
    read(name, tmp_path, GOOD[other])


@given(content=st.binary(max_size=200), suffix=st.sampled_from([*sorted(set(SUFFIX.values())), ".txt", ".html", ""]))
@ANY
def test_whatever_reader_is_found_ends_in_words(content, suffix, tmp_path):
    folder = tmp_path / "o"
    folder.mkdir(exist_ok=True)
    for old in folder.iterdir():
        old.unlink()
    (folder / f"x{suffix}").write_bytes(content)
    try:
        articles, rejected = read_articles(folder)
    except InputError:
        return
    assert len(articles) + len(rejected) >= 1


# JSON -----------------------------------------------------------------------------------------------

JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@pytest.mark.parametrize("name", ["newsapi", "newsplease", "fundus"])
@given(data=st.data())
@ANY
def test_json_of_the_right_keys_and_any_values(name, data, tmp_path):
    value = json.loads(TEXT[name])
    article = value["articles"][0] if name == "newsapi" else value
    for key in data.draw(st.lists(st.sampled_from(sorted(article)), min_size=1)):
        article[key] = data.draw(JSON_VALUES)
    read(name, tmp_path, json.dumps(value).encode())


@pytest.mark.parametrize("name", ["newsapi", "newsplease", "fundus", "jsonl"])
def test_deeply_nested_json(name, tmp_path):
    (reject,) = read(name, tmp_path, b'{"text": ' + b"[" * 100_000)
    assert isinstance(reject, Reject)
    (reject,) = read(name, tmp_path, b'{"articles": ' + b'[{"articles":' * 50_000)
    assert "nested too deeply" in reject.reason


# Archives -------------------------------------------------------------------------------------------


def zipped(parts, base=None, **options):
    """A ZIP of these parts; those of `base` (a ZIP) that they do not replace stay."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        if base:
            with zipfile.ZipFile(io.BytesIO(base)) as old:
                for name in old.namelist():
                    if name not in parts:
                        archive.writestr(name, old.read(name))
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


PARTS = {"xlsx": "xl/worksheets/sheet1.xml", "docx": "word/document.xml"}


@pytest.mark.parametrize("name", PARTS)
def test_zip_bombs(name, tmp_path):
    bomb = zipped({PARTS[name]: b"<a>" + bytes(30_000_000)}, BINARY[name])
    assert len(bomb) < 100_000
    (reject,) = read(name, tmp_path, bomb)
    assert "times its size, as a ZIP bomb does" in reject.reason


@pytest.mark.parametrize("name", PARTS)
@pytest.mark.parametrize("inner", ["../../evil.xml", "/etc/evil.xml", "..\\evil.xml", "C:\\evil.xml"])
def test_names_that_lead_out(name, inner, tmp_path):
    (reject,) = read(name, tmp_path, zipped({inner: b"x"}, BINARY[name]))
    assert "leads out of it" in reject.reason
    assert [p.name for p in tmp_path.iterdir()] == [f"export{SUFFIX[name]}"]


@pytest.mark.parametrize("name", PARTS)
def test_many_members_and_locked_ones(name, tmp_path):
    (reject,) = read(name, tmp_path, zipped({f"{i}.xml": b"" for i in range(5_001)}, BINARY[name]))
    assert "files; " in reject.reason
    locked = bytearray(BINARY[name])
    for place in range(len(locked) - 10):  # the flag of every entry of the directory at the end
        if locked[place : place + 4] == b"PK\x01\x02":
            locked[place + 8] |= 1
    (reject,) = read(name, tmp_path, bytes(locked))
    assert "locked with a password" in reject.reason


ENTITIES = (
    b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a "Turkey warned Syria "><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">'
    b'<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;"><!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;">'
    b'<!ENTITY file SYSTEM "file:///etc/passwd">]>'
)
W = b'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
S = b'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'


@pytest.mark.parametrize("entity", [b"&d;", b"&file;"])
def test_xml_entities_are_not_resolved(entity, tmp_path):
    word = ENTITIES + b"<w:document " + W + b"><w:body><w:p><w:t>" + entity + b"</w:t></w:p></w:body></w:document>"
    sheet = (
        ENTITIES
        + b"<worksheet "
        + S
        + b'><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>text</t></is></c>'
        + (
            b'</row><row r="2"><c r="A2" t="inlineStr"><is><t>'
            + entity
            + b"</t></is></c></row></sheetData></worksheet>"
        )
    )
    for name, part in (("docx", word), ("xlsx", sheet)):
        for found in read(name, tmp_path, zipped({PARTS[name]: part}, BINARY[name])):
            said = found.reason if isinstance(found, Reject) else found.fields.get("text", "")
            assert "root:" not in said
            assert "Turkey warned Syria Turkey" not in said


@pytest.mark.parametrize(("name", "tag"), [("docx", b"<w:p>"), ("xlsx", b"<row>")])
def test_deeply_nested_xml(name, tag, tmp_path):
    space = W if name == "docx" else S
    read(name, tmp_path, zipped({PARTS[name]: b"<w:document " + space + b">" + tag * 30_000}, BINARY[name]))


def test_a_sheet_that_states_a_billion_rows(tmp_path):
    rows = b'<row r="1"><c r="A1" t="inlineStr"><is><t>text</t></is></c></row><row r="999999999999"><c r="A2"/></row>'
    sheet = b"<worksheet " + S + b'><dimension ref="A1:XFD1048576"/><sheetData>' + rows + b"</sheetData></worksheet>"
    found = read("xlsx", tmp_path, zipped({PARTS["xlsx"]: sheet}, BINARY["xlsx"]))
    assert "states rows beyond 1,048,576" in found[-1].reason


def test_gzip_bombs_in_a_web_archive(tmp_path):
    page = ("https://x.example/1", "200 OK", "text/html", PAGE.encode())
    big = ("https://x.example/2", "200 OK", "text/html", b"<p>" + b"a " * 6_000_000)
    found = read("warc", tmp_path, warc([page, big, page]))
    assert [type(entry).__name__ for entry in found] == ["Item", "Reject", "Item"]
    assert "has over 10 MB" in found[1].reason
    squeezed = gzip.compress(b"<p>" + b"a " * 20_000_000)
    answer = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Encoding: gzip\r\n\r\n" + squeezed
    (reject,) = read("warc", tmp_path, warc_record("response", {"WARC-Target-URI": "https://x.example/3"}, answer))
    assert "has over 10 MB" in reject.reason
    lie = warc_record("response", {"WARC-Target-URI": "https://x.example/4"}, b"x").replace(
        b"Content-Length: 1\r\n", b"Content-Length: 9999999999\r\n"
    )
    assert "the rest of the file is not read" in read("warc", tmp_path, lie)[-1].reason


def test_a_parquet_table_that_unpacks_to_much(tmp_path):
    text = pa.array(["a" * 1_000_000]).dictionary_encode()
    table = {"text": pa.DictionaryArray.from_arrays(pa.array([0] * 300, pa.int32()), text.dictionary)}
    content = parquet(table, compression="zstd")
    assert len(content) < 100_000
    assert len(read("parquet", tmp_path, content)) == 300


def test_a_pdf_that_turns_in_circles(tmp_path):
    content = pdf([PROSE]).replace(b"/Kids [4 0 R]", b"/Kids [2 0 R]")
    (reject,) = read("pdf", tmp_path, content)
    assert isinstance(reject, Reject)
    (reject,) = read("pdf", tmp_path, b"%PDF-1.7\n" + b"1 0 obj << /A " * 20_000)
    assert isinstance(reject, Reject)


def test_formulas_and_links_stay_words(tmp_path):
    content = xlsx([["text", "title"], ["=cmd|' /C calc'!A0", "x"], [PROSE, "=1"]])
    found = read("xlsx", tmp_path, content)
    assert [entry.fields.get("text") for entry in found] == [None, PROSE]
    assert find_reader(tmp_path / "x", docx(PROSE)) == "docx"

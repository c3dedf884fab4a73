"""Exports of licensed databases: the contract, hostile and broken files, and what is said of what is missing."""

import re
import socket
from pathlib import Path

import pytest
from fixtures import exports as made
from fixtures.exports import GOOD, MORE, PROSE, SUFFIX, items, read
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from toolkit.readers import FIELDS, READERS, Item, Reject, find_reader
from toolkit.readers import exports as shared
from toolkit.readers.dates import fold, read_date

DAY = read_date("2020-02-28")

# The contract ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", GOOD)
def test_both_articles_are_read_and_the_reader_is_found(name, tmp_path):
    found = items(name, tmp_path, GOOD[name])
    assert [item.locator for item in found] == ["item 1", "item 2"]
    assert [item.fields["title"] for item in found] == ["Ankara warns 1", "Ankara warns 2"]
    for item in found:
        assert item.fields["outlet"].startswith(("The Courier", "Le Courrier"))
        assert read_date(item.fields["date"]) == DAY
        assert item.fields["text"].startswith(PROSE)
        assert MORE in item.fields["text"].split("\n")
        assert "Subject" not in item.fields["text"]
        assert "Staff" in item.fields["byline"]
        assert set(item.fields) <= {*FIELDS, "encoding", "site", "warnings"}
    path = tmp_path / f"export{SUFFIX[name]}"
    assert find_reader(path, path.read_bytes()[:65536]) == name


@pytest.mark.parametrize("name", GOOD)
def test_no_connection_is_opened(name, tmp_path, monkeypatch):
    def refuse(*args, **kwargs):
        raise AssertionError("a reader opened a connection")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "create_connection", refuse)
    assert items(name, tmp_path, GOOD[name])


@pytest.mark.parametrize(
    "name", ["nexis_text", "factiva_text", "factiva_html", "factiva_xml", "proquest", "europresse"]
)
@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_byte_order_marks_are_understood(name, encoding, tmp_path):
    content = GOOD[name].decode("utf-8-sig").replace("Ankara", "Türkiye").replace('encoding="utf-8"', "")
    for item in items(name, tmp_path, content.replace('<?xml version="1.0" ?>', "").encode(encoding)):
        assert item.fields["title"].startswith("Türkiye warns ")
    path = tmp_path / f"export{SUFFIX[name]}"
    assert find_reader(path, path.read_bytes()[:65536]) == name


LOCALISED = {
    "nexis_docx": made.nexis_docx,
    "nexis_text": made.nexis_text,
    "nexis_rtf": lambda lang: made.rtf(made.nexis_text(lang).decode("utf-8-sig")),
    "factiva_html": made.factiva_html,
    "factiva_text": made.factiva_indexed,
    "factiva_rtf": lambda lang: made.rtf(made.factiva_plain(lang)),
    "factiva_plain": made.factiva_plain,
    "proquest": made.proquest,
}


@pytest.mark.parametrize("lang", made.WORDS)
@pytest.mark.parametrize("layout", LOCALISED)
def test_fields_and_dates_of_every_interface(layout, lang, tmp_path):
    name = {"nexis_rtf": "nexis_text", "factiva_rtf": "factiva_text", "factiva_plain": "factiva_text"}.get(
        layout, layout
    )
    file = "export.rtf" if layout.endswith("_rtf") else f"export{SUFFIX[name]}"
    found = items(name, tmp_path, LOCALISED[layout](lang), file)
    assert len(found) == 2
    for item in found:
        assert read_date(item.fields["date"]) == DAY
        assert item.fields["language"] == lang
        assert item.fields["title"].startswith("Ankara warns ")
        assert "Courier" in item.fields["outlet"]
        assert "Staff" in item.fields["byline"] or layout in ("factiva_rtf", "factiva_plain")
        assert item.fields["text"].startswith(PROSE)
        assert "%" not in item.fields["text"]
        assert not any(fold(key) in fold(item.fields["text"]) for key in made.WORDS[lang].nexis_keys.split("|")[3:])
    path = tmp_path / file
    assert find_reader(path, path.read_bytes()[:65536]) == name


@pytest.mark.parametrize("name", GOOD)
def test_other_files_are_left_to_their_readers(name):
    for file, head in {
        "a.txt": f"Ankara warns\n\n{PROSE}\n\nDocument 1 of the file: a list.\nLocation: Idlib\n",
        "b.txt": f"Title: Ankara\n\n{PROSE}\n{'_' * 60}\n{MORE}",
        "c.html": f"<html><body><article><p>{PROSE}</p></article></body></html>",
        "d.csv": f"title,text\nAnkara,{PROSE}\n",
        "e.jsonl": '{"title": "1 of 10 DOCUMENTS", "text": "LENGTH: 355 words"}\n',
        "f.xml": f"<rss><item><title>Ankara</title><description>{PROSE}</description></item></rss>",
    }.items():
        assert not READERS[name].sniff(Path(file), head.encode()), file


@pytest.mark.parametrize("name", GOOD)
def test_an_unknown_layout_is_refused_with_its_first_lines(name, tmp_path):
    (reject,) = read(name, tmp_path, f"The Courier\n\n{PROSE}\n")
    assert isinstance(reject, Reject)
    assert not reject.locator
    if name != "nexis_docx":
        assert "The Courier" in reject.reason
        assert "begins" in reject.reason
    (reject,) = read("nexis_docx", tmp_path, made.docx(made.paragraph("The Courier") + made.paragraph(PROSE)))
    assert reject.reason.endswith(f"It begins 'The Courier' / {PROSE[:80] + '…'!r}")


HOSTILE = {
    "empty": b"",
    "blank": b" \n\n ",
    "NUL": b"Turkey\0warned",
    "picture": b"\xff\xd8\xff\xe0" + bytes(range(256)),
    "Word": b"PK\x03\x04" + bytes(200),
    "high bytes": bytes(range(128, 256)) * 20,
    "deep HTML": b"<html><body>" + b"<div>" * 50_000 + b"Turkey warned Syria",
    "deep XML": b"<?xml version='1.0'?>" + b"<article>" * 50_000,
    "deep RTF": b"{\\rtf1 " + b"{" * 50_000,
    "open RTF": b"{\\rtf1\\ansi 1 of 2 DOCUMENTS\\par",
    "RTF that skips far": b"{\\rtf1\\bin9999999999 x}",
    "RTF of words": b"{\\rtf1" + b"\\u-99999999\\ansicpg99999999\\uc99999999\\f-1\\fcharset999 " * 500 + b"}",
    "entities": b'<!DOCTYPE a [<!ENTITY b "c"><!ENTITY d "&b;&b;">]><a><article><headline>&d;</headline></article></a>',
    "a file's entity": b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a><article><headline>&b;</headline></article></a>',
    "rules": b"____________________________________________________________\n" * 20_000,
    "starts": b"1 of 10 DOCUMENTS\n" * 20_000,
    "rising starts": b"\n".join(b"%d of 9999999 DOCUMENTS" % n for n in range(20_000)),
    "closings": b"Document COURIE0020200228eg2s0001a\n" * 20_000,
    "codes": b"HD\nPD\nLP\nTD\n" * 20_000,
    "form feeds": b"\f" * 50_000,
    "colons": b"A:" * 50_000,
    "one long line": b"Full text: " + b"word " * 1_000_000,
    "names": b'<span class="DocPublicationName">a</span>' * 5_000,
    "articles": b'<div class="article enArticle">' * 5_000,
    "nested articles": b"<article><section>" * 2_000 + b'<span class="DocPublicationName">a</span>',
}  # fmt: skip


def check(found, source):
    """Items and rejects only; nothing vanishes, and every reason is one line of words."""
    assert found, "a file may not vanish"
    for entry in found:
        assert isinstance(entry, Item | Reject)
        assert entry.source_file == source
        if isinstance(entry, Reject):
            assert entry.reason
            assert "\n" not in entry.reason
            assert len(entry.reason) < 1500
        else:
            assert all(isinstance(value, str) for value in entry.fields.values())
            assert entry.fields["text"].strip()


@pytest.mark.parametrize("name", GOOD)
@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_files_end_in_rejects(name, kind, tmp_path):
    found = read(name, tmp_path, HOSTILE[kind])
    check(found, f"export{SUFFIX[name]}")
    assert not any("root:" in str(entry) for entry in found)


mutations = st.lists(
    st.tuples(st.floats(0, 1), st.sampled_from(["cut", "drop", "double", "swap", "noise"]), st.binary(max_size=8)),
    max_size=4,
)


def mutate(data, steps):
    for share, kind, noise in steps:
        at = int(share * len(data))
        if kind == "cut":
            data = data[:at]
        elif kind == "drop":
            data = data[:at] + data[at + 40 :]
        elif kind == "double":
            data = data[:at] + data[max(at - 400, 0) : at] + data[at:]
        elif kind == "swap":
            data = data[at:] + data[:at]
        else:
            data = data[:at] + noise + data[at:]
    return data


MUTABLE = {
    **GOOD,
    "nexis_rtf": made.rtf(made.nexis_text().decode("utf-8-sig")),
    "factiva_plain": made.factiva_plain().encode(),
    "factiva_rtf": made.rtf(made.factiva_plain()),
}
READER_OF = {"nexis_rtf": "nexis_text", "factiva_plain": "factiva_text", "factiva_rtf": "factiva_text"}


@pytest.mark.parametrize("layout", MUTABLE)
@given(steps=mutations)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_mutated_exports_end_in_items_or_rejects(layout, steps, tmp_path):
    name = READER_OF.get(layout, layout)
    check(read(name, tmp_path, mutate(MUTABLE[layout], steps)), f"export{SUFFIX[name]}")


@given(steps=mutations, number=st.integers(1, 3))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_mutated_word_documents_end_in_items_or_rejects(steps, number, tmp_path):
    body = made.docx_cover(3) + "".join(made.docx_item(n) for n in range(1, number + 1))
    check(
        read("nexis_docx", tmp_path, made.docx(mutate(body.encode(), steps).decode("utf-8", "replace"))), "export.docx"
    )


@pytest.mark.parametrize("name", GOOD)
@given(others=st.lists(st.sampled_from(sorted(MUTABLE)), min_size=1, max_size=3))
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_mixed_exports_end_in_items_or_rejects(name, others, tmp_path):
    check(read(name, tmp_path, b"\n".join([GOOD[name], *(MUTABLE[o] for o in others)])), f"export{SUFFIX[name]}")


@pytest.mark.parametrize("layout", MUTABLE)
@given(share=st.floats(0.02, 0.98))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_file_cut_off_is_never_read_in_silence(layout, share, tmp_path):
    name = READER_OF.get(layout, layout)
    data = MUTABLE[layout]
    found = read(name, tmp_path, data[: int(len(data) * share)])
    whole = read(name, tmp_path, data)
    kept = [entry for entry in found if isinstance(entry, Item)]
    texts = {entry.locator: entry.fields["text"] for entry in whole}
    told = any(isinstance(entry, Reject) or entry.fields.get("warnings") for entry in found)
    # A cut right behind an article shows where the file states how many there are, and there alone.
    assert told or all(entry.fields["text"] == texts[entry.locator] for entry in kept)
    if "nexis" in layout:
        assert told or len(kept) == len(whole)


# Counts ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["nexis_docx", "nexis_text"])
def test_items_that_the_cover_counts_and_that_are_missing_are_listed(name, tmp_path):
    found = read(name, tmp_path, getattr(made, name)("en", (2, 3, 6), 8))
    assert [entry.locator for entry in found if isinstance(entry, Item)] == ["item 2", "item 3", "item 6"]
    assert [(e.locator, e.reason) for e in found if isinstance(e, Reject)] == [
        ("item 1", "item 1 of 8 that the file states is not in it; export the file again"),
        ("items 4 to 5", "items 4 to 5 of 8 that the file states are not in it; export the file again"),
        ("items 7 to 8", "items 7 to 8 of 8 that the file states are not in it; export the file again"),
    ]


def test_two_exports_in_one_file_are_counted_apart(tmp_path):
    found = read("nexis_text", tmp_path, made.nexis_text() + made.nexis_text(numbers=(1, 3), total=3)[3:])
    assert [type(entry).__name__ for entry in found].count("Item") == 4
    assert [entry.locator for entry in found if isinstance(entry, Reject)] == ["item 2"]


@given(st.sets(st.integers(1, 30)), st.integers(1, 30))
def test_items_and_missing_ones_make_the_whole(present, total):
    tally = shared.Tally("x")
    told = [entry for number in sorted(present) for entry in tally.add(number, total)]
    told += list(tally.finish())
    missing = set()
    for entry in told:
        if "states" in entry.reason and "not in it" in entry.reason:
            low, *high = map(int, re.findall(r"\d+", entry.locator))
            missing |= set(range(low, (high or [low])[0] + 1))
    if present:
        assert missing == set(range(1, total + 1)) - present
        assert any("has an item" in entry.reason for entry in told) == (max(present) > total)

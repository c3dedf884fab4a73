"""Exports of licensed databases: what each layout holds, and its traps."""

import re
import textwrap

import pytest
from fixtures import exports as made
from fixtures.exports import GOOD, MORE, PROSE, items, read
from hypothesis import given
from hypothesis import strategies as st

from toolkit.readers import Item, find_reader
from toolkit.readers import exports as shared
from toolkit.readers.dates import read_date
from toolkit.readers.rtf import rtf_text
from toolkit.readers.word import LARGEST_RATIO

DAY = read_date("2020-02-28")

# Nexis, text and RTF --------------------------------------------------------------------------------


def test_nexis_text_joins_wrapped_lines_and_leaves_out_what_stands_below(tmp_path):
    text = (PROSE, "GRAPHIC: nobody printed it, an editor said at the time, and so it stayed in the drawer.", MORE)
    item = made.nexis_item(1, 1, text=text, more="DATELINE: ANKARA, Feb 28 (Reuters)\r\n")
    (found,) = items("nexis_text", tmp_path, item)
    assert found.fields["text"] == "\n".join(text)
    assert found.fields["byline"] == "Staff correspondent | ANKARA, Feb 28 (Reuters)"
    assert found.fields["outlet"] == "The Courier (London)"
    assert "warnings" not in found.fields


def test_nexis_text_ends_at_the_last_language(tmp_path):
    text = (PROSE, "LANGUAGE: a weapon. So the minister called it on Friday, and nobody laughed at that.", MORE)
    (found,) = items("nexis_text", tmp_path, made.nexis_item(1, 1, text=text))
    assert found.fields["text"] == "\n".join(text)
    (found,) = items("nexis_text", tmp_path, made.nexis_item(1, 1, text=text, tail=False))
    assert found.fields["text"] == "\n".join(text)
    assert "its end may be missing" in found.fields["warnings"]


def test_nexis_captions_are_marked(tmp_path):
    first, second = items("nexis_text", tmp_path, made.nexis_item(1, 2) + made.NEXIS_CAPTION)
    assert second.fields["title"] == "Photo: A convoy near Idlib"
    assert second.fields["text"].startswith("Turkish trucks wait")
    assert second.fields["text"].endswith("after the strike.")
    assert "photo caption" in second.fields["warnings"]
    assert "warnings" not in first.fields


def test_nexis_item_without_date_or_text_is_a_reject(tmp_path):
    found = read(
        "nexis_text", tmp_path, made.nexis_item(1, 2).replace("February", "Fxbruary") + made.nexis_item(2, 2, text=())
    )
    assert found[0].reason.startswith("no date stands in the first lines of the item")
    assert "'The Courier (London)'" in found[0].reason
    assert found[1].reason == "the item has no text; its headline: 'Ankara warns'"


@given(
    st.lists(st.text(st.sampled_from("abcde "), min_size=1, max_size=300).filter(str.strip), min_size=1, max_size=4),
    st.integers(20, 100),
)
def test_wrapped_paragraphs_come_back(paragraphs, width):
    paragraphs = [" ".join(p.split()) for p in paragraphs]
    wrapped = [textwrap.wrap(p, width, break_long_words=False) for p in paragraphs]
    if max(len(word) for p in paragraphs for word in p.split()) <= width:
        assert shared.join_lines(wrapped) == "\n".join(paragraphs)


# RTF ------------------------------------------------------------------------------------------------


@given(st.text(st.characters(exclude_characters="\0\r", exclude_categories=["Cs", "Cc"])))
def test_any_text_comes_back_out_of_rtf(text):
    assert rtf_text(made.rtf(text, header=False)) == (text, True)


def test_rtf_code_pages_pairs_and_what_is_no_text():
    fonts = rb"{\fonttbl{\f0\fcharset0 A;}{\f1\fcharset204 B;}{\f2\fcharset178 C;}}"
    source = (
        rb"{\rtf1\ansi\ansicpg1254" + fonts + rb"\f0 \'dcsk\'fcdar {\f1\'cc\'ee\'f1\'ea\'e2\'e0} {\f2\'e3\'d5\'d1} "
    )
    source += rb"\uc2\u8217\'92\'92s {\field{\*\fldinst HYPERLINK \"http://x\"}{\fldrslt link}}\page {\v no}{\info no}"
    source += rb"{\pict\bin5 }}}{{}\u-10179?\u-8704?}trailing"
    text, whole = rtf_text(source)
    assert whole
    assert text.startswith("Üsküdar Москва مصر ’s link\f")
    assert "no" not in text
    assert "trailing" not in text
    assert rtf_text(rb"{\rtf1 \uc1\u-10179?\u-8704?}") == ("😀", True)
    assert rtf_text(rb"{\rtf1 \u-10179?x}") == ("\ufffdx", True)
    assert rtf_text(rb"{\rtf1 {Ankara") == ("Ankara", False)


# Nexis Uni ------------------------------------------------------------------------------------------


def test_nexis_docx_traps(tmp_path):
    text = (PROSE, "Classification", "Language: a weapon, as the minister called it on Friday.", MORE)
    body = (
        made.docx_cover(3) + made.docx_item(1, text=text, classified=False) + made.docx_item(2, version="; Version:28")
    )
    body += made.docx_item(3, text=(PROSE, MORE, "Graphic", "A map of Idlib"))
    first, second, third = items("nexis_docx", tmp_path, made.docx(body))
    assert first.fields["text"] == "\n".join(text)  # Load-Date alone, no classification
    assert first.fields["byline"] == "Staff correspondent | ANKARA (Reuters)"
    assert second.fields["warnings"] == "version 28 of an article that its outlet updates"
    assert third.fields["text"] == f"{PROSE}\n{MORE}"
    assert first.fields["outlet"] == "The Courier(London)"


def test_nexis_docx_without_bookmarks_is_split_at_its_ends(tmp_path):
    found = items("nexis_docx", tmp_path, made.nexis_docx(marks=False))
    assert [item.fields["text"] for item in found] == [f"{PROSE}\n{MORE}"] * 2


def test_nexis_docx_item_without_its_end_or_body_is_a_reject(tmp_path):
    body = (
        made.docx_cover(2)
        + made.docx_item(1, end=False)
        + made.docx_item(2).replace("Body", "Bxdy").replace(">Bo<", ">Bx<")
    )
    first, second = read("nexis_docx", tmp_path, made.docx(body))
    assert first.reason.startswith("the item does not end with 'End of Document'")
    assert second.reason.startswith("the item has no line 'Body', where its text begins; it begins 'Ankara warns 2'")


def test_text_boxes_and_deleted_text_are_not_read(tmp_path):
    box = f"<w:p><w:r><w:pict><w:txbxContent>{made.paragraph('BOX')}</w:txbxContent></w:pict></w:r></w:p>"
    box += "<w:p><w:del><w:r><w:t>GONE</w:t></w:r></w:del><w:r><w:t>Kept it is</w:t><w:tab/><w:t>so.</w:t></w:r></w:p>"
    body = made.docx_cover(1) + made.docx_item(1, text=(PROSE, MORE)).replace(made.paragraph(MORE), box)
    (found,) = items("nexis_docx", tmp_path, made.docx(body))
    assert found.fields["text"] == f"{PROSE}\nKept it is\tso."


def test_a_lock_file_of_word_is_said_to_be_one(tmp_path):
    (reject,) = read("nexis_docx", tmp_path, b"\x05Staff" + bytes(150), "~$export.docx")
    assert "is a lock that Word puts beside an open file" in reject.reason
    assert find_reader(tmp_path / "~$export.docx", b"\x05Staff") == "nexis_docx"


def bomb():
    return made.docx(b"<a>" + b" " * (LARGEST_RATIO * 60_000) + b"</a>")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (bomb, "as a ZIP bomb does"),
        (lambda: made.docx("", members=[("../../outside.txt", "x")]), "which leads out of it"),
        (lambda: made.docx("", members=[("/etc/cron.d/x", "x")]), "which leads out of it"),
        (lambda: made.docx("", name="ppt/slides/slide1.xml"), "it holds no word/document.xml"),
        (lambda: made.docx("", members=[(f"a{n}", "") for n in range(5001)]), "a Word file has at most 5000"),
        (lambda: made.docx("<w:p>" * 60_000), "holds XML that cannot be read"),
        (lambda: made.docx("x", head='<!DOCTYPE a [<!ENTITY b "c">]>'), "declares a document type"),
        (lambda: made.nexis_docx()[:900], "is no whole Word file"),
    ],
)
def test_hostile_word_files_are_refused(content, words, tmp_path):
    found = read("nexis_docx", tmp_path, content())
    assert len(found) == 1
    assert words in found[0].reason
    assert not (tmp_path.parent / "outside.txt").exists()


# Factiva --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("separator", ["\n", "\t", "   ", "\xa0"])
def test_factiva_codes_stand_at_the_start_of_a_line_only(separator, tmp_path):
    for item in items("factiva_text", tmp_path, made.factiva_indexed(separator=separator)):
        assert item.fields["text"].split("\n") == [
            PROSE, MORE, "IN Ankara and UN circles, NATO AN EU officials said, the mood was grim.", "NS  NATO",
            PROSE.replace("Friday", "Sunday"),
        ]  # fmt: skip
        assert item.fields["byline"] == "Staff correspondent | Agence France-Presse"
        assert item.fields["outlet"] == "The Courier"
        assert item.fields["id"].startswith("COURIE0020200228eg2s000")


@pytest.mark.parametrize("name", ["factiva_html", "factiva_xml"])
def test_terms_that_were_searched_for_leave_no_trace(name, tmp_path):
    for item in items(name, tmp_path, GOOD[name]):
        assert item.fields["text"].split("\n")[0] == PROSE
        assert item.fields["id"].startswith("COURIE0020200228eg2s000")
        assert item.fields["language"] == "en"


def test_factiva_article_before_a_page_break_needs_its_closing_line(tmp_path):
    broken = made.factiva_plain().replace("Document COURIE0020200228eg2s0001a\n", "")
    first, second = read("factiva_text", tmp_path, broken)
    assert first.reason.startswith("the item does not end with its line 'Document ...'; its end is missing")
    assert second.fields["title"] == "Ankara warns 2"


def test_factiva_page_without_indexing_says_how_to_export(tmp_path):
    page = f'<html><div class="article enArticle"><p class="articleParagraph">{PROSE}</p></div></html>'
    (reject,) = read("factiva_html", tmp_path, page)
    assert "export it with 'Full Article/Report plus Indexing'. It begins 'Turkey warned" in reject.reason


def test_factiva_xml_that_breaks_off_keeps_what_came_before(tmp_path):
    first, reject = read("factiva_xml", tmp_path, made.factiva_xml()[:-300])
    assert isinstance(first, Item)
    assert re.match("the file holds XML that cannot be read .* after item 1", reject.reason)
    (reject,) = read("factiva_xml", tmp_path, '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a><article/></a>')
    assert reject.reason.startswith("the file declares a document type or entities, which no export of Factiva does")


# ProQuest -------------------------------------------------------------------------------------------


def test_proquest_full_text_may_have_paragraphs_that_look_like_fields(tmp_path):
    for item in items("proquest", tmp_path, GOOD["proquest"]):
        assert item.fields["text"].split("\n") == [PROSE, "Location: nobody would say where the talks were held.", MORE]
    record = made.proquest_record(1, text=(PROSE, "Location: unknown to all but the two of them."))
    (item,) = items("proquest", tmp_path, made.RULE + record + made.RULE + made.PROQUEST_END)
    assert item.fields["text"].endswith("\nLocation: unknown to all but the two of them.")
    assert item.fields["id"] == "202002281"


def test_proquest_abstract_alone_is_a_reject(tmp_path):
    first, second = read("proquest", tmp_path, made.proquest().replace("Full text:", "Whole text:", 1))
    assert first.reason.startswith(
        "the record has no full text, as where only an abstract is licensed; its title: 'Ank"
    )
    assert isinstance(second, Item)


# Europresse -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "header",
    [
        "Monde, vendredi 28 février 2020, p. 16",
        "vendredi 28 février 2020 Monde, p. 16",
        "p. 16, Monde, vendredi 28 février 2020",
        "Friday, February 28, 2020, p. 3",
        "Monde",
    ],
)
def test_europresse(header, tmp_path):
    for authors in (True, False):
        for item in items("europresse", tmp_path, made.europresse(header=header, authors=authors)):
            assert item.fields["outlet"] == "Le Courrier"
            assert item.fields["text"] == f"{PROSE}\n{MORE}"
            assert item.fields["byline"] == "A. Staff"
            assert re.fullmatch(r"news·20200228·LC·0\d", item.fields["id"])
            assert read_date(item.fields["date"]) == DAY


def test_older_europresse_pages_have_no_article_elements(tmp_path):
    page = made.europresse().replace("<article>", "<div>").replace("</article>", "</div>")
    page = page.replace('<span class="DocPublicationName">2</span>', "")
    for tags in (("section", "div"), ("header", "div"), ("aside", "div")):
        page = page.replace(f"<{tags[0]}>", f"<{tags[1]}>").replace(f"</{tags[0]}>", f"</{tags[1]}>")
    first, second = items("europresse", tmp_path, page)
    assert first.fields["text"] == second.fields["text"] == f"{PROSE}\n{MORE}"


def test_europresse_article_without_text_is_a_reject(tmp_path):
    (reject,) = read("europresse", tmp_path, made.europresse((1,), text=()))
    assert reject.reason.startswith("the article has no text; it begins 'Le Courrier, no. 4711")

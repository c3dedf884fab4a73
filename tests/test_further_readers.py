"""Readers of news APIs, crawlers, web archives, tables, Word and PDF, each held to its own format."""

import json
from datetime import datetime

import pandas as pd
import pytest
from samples import PAGE, PROSE, docx, fundus, newsapi, newsplease, parquet, pdf, warc, warc_record, xlsx

import toolkit
from toolkit.corpora import read_articles
from toolkit.errors import InputError, InputWarning
from toolkit.readers import READERS, Item, Reject


def read(name, tmp_path, content, file="export", columns=None):
    path = tmp_path / file
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return list(READERS[name].read(path, file, columns))


def one(name, tmp_path, content, **options):
    (found,) = read(name, tmp_path, content, **options)
    return found


# News APIs and crawlers -----------------------------------------------------------------------------


def test_newsapi(tmp_path):
    assert one("newsapi", tmp_path, json.dumps(newsapi())).fields == {
        "title": "Ankara warns", "text": f"{PROSE} Damascus… [+3214 chars]", "date": "2020-02-28T18:40:00Z",
        "outlet": "BBC News", "url": "https://news.example/1", "byline": "A. Reporter", "truncated": "true",
        "warnings": "the source cut the text: 3214 characters are missing", "encoding": "utf-8",
    }  # fmt: skip
    assert "truncated" not in one("newsapi", tmp_path, json.dumps(newsapi(content=PROSE))).fields


def test_newsapi_without_text_and_with_errors(tmp_path):
    found = one("newsapi", tmp_path, json.dumps(newsapi(content=None)))
    assert found == Reject("export", "item 1", "NewsAPI gives no text of this article: https://news.example/1")
    found = one("newsapi", tmp_path, json.dumps({"status": "error", "message": "apiKey missing"}))
    assert found.reason == "NewsAPI answered with an error: apiKey missing"


def test_truncated_bodies_are_kept_and_give_no_mentions(tmp_path):
    whole = newsapi(content=PROSE, title="Whole")["articles"]
    (tmp_path / "a.json").write_text(json.dumps({"status": "ok", "articles": [*newsapi()["articles"], *whole]}))
    articles, _ = read_articles(tmp_path)
    assert articles["reader"].to_list() == ["newsapi"] * 2
    assert articles["truncated"].to_list() == [True, False]
    with pytest.warns(InputWarning, match="1 of 2 articles hold the beginning of their text alone") as caught:
        mentions = toolkit.find_mentions(articles, ["turkey", "syria"])
    assert caught[0].filename == __file__
    assert set(mentions["article_id"]) == {articles["article_id"][1]}
    assert len(toolkit.find_mentions(articles.drop(columns="truncated"), ["turkey"])) > len(mentions) - 1


def test_newsplease_writes_none_as_text(tmp_path):
    item = one("newsplease", tmp_path, json.dumps(newsplease(date_publish="None", language="None")))
    assert item.fields == {
        "title": "Ankara warns", "text": PROSE, "outlet": "www.bbc.co.uk", "url": "https://www.bbc.co.uk/news/1",
        "byline": "A. Reporter, B. Writer", "encoding": "utf-8",
    }  # fmt: skip
    (tmp_path / "a.jsonl").write_text(json.dumps(newsplease(date_publish="None")))
    articles, _ = read_articles(tmp_path / "a.jsonl")
    assert articles["date"].isna().all()
    assert articles["outlet"].to_list() == ["BBC News"]
    reject = one("newsplease", tmp_path, json.dumps(newsplease(maintext=None)))
    assert reject.reason == "no text was extracted from this page: https://www.bbc.co.uk/news/1"


def test_fundus_text_and_body(tmp_path):
    assert one("fundus", tmp_path, json.dumps(fundus())).fields == {
        "title": "Ankara warns", "text": PROSE, "date": "2020-02-28 18:40:00+00:00", "outlet": "The Courier",
        "url": "https://x.example/1", "language": "en", "byline": "A. Reporter", "encoding": "utf-8",
    }  # fmt: skip
    item = one("fundus", tmp_path, json.dumps(fundus(plaintext=None)))
    assert item.fields["text"] == f"In short.\n\nTalks\n\n{PROSE}\n\nIt did."
    assert "no text in this page" in one("fundus", tmp_path, json.dumps(fundus(plaintext=None, body=None))).reason
    assert (
        "no text in this page" in one("fundus", tmp_path, json.dumps(fundus(plaintext=[], body={"sections": 7}))).reason
    )


@pytest.mark.parametrize(
    "header",
    [
        "id,indexed_date,language,media_name,media_url,publish_date,title,url",
        "stories_id,publish_date,title,url,language,ap_syndicated,themes,media_id,media_name,media_url",
    ],
)
def test_mediacloud_holds_no_text_and_says_so(header, tmp_path):
    names = header.split(",")
    row = {"url": "https://x.example/1", "title": "Ankara warns", "media_name": "BBC", "publish_date": "2020-02-28"}
    content = f"{header}\n" + ",".join(row.get(name, "") for name in names) + "\n"
    (tmp_path / "stories.csv").write_text(content)
    articles, rejected = read_articles(tmp_path)
    assert not len(articles)
    assert rejected.iloc[0].to_list() == [
        "stories.csv", "row 2 (line 2)",
        "Media Cloud gives no text of this story; save the page and read that: https://x.example/1",
    ]  # fmt: skip


# Web archives ---------------------------------------------------------------------------------------

HTML = "text/html; charset=utf-8"


@pytest.mark.parametrize("packed", [True, False])
def test_warc(packed, tmp_path):
    turkish = PAGE.replace("Ankara", "Erdoğan").encode("cp1254")
    pages = [
        ("https://x.example/1", "200 OK", HTML, PAGE.encode()),
        ("https://x.example/2", "404 Not Found", HTML, PAGE.encode()),
        ("https://x.example/3", "200 OK", "image/png", b"\x89PNG"),
        ("https://x.example/4", "200 OK", HTML, b"<html><body></body></html>"),
        ("https://x.example/5", "200 OK", "text/html; charset=windows-1254", turkish),
    ]  # fmt: skip
    found = read("warc", tmp_path, warc(pages, packed=packed))
    assert [(type(f).__name__, f.locator) for f in found] == [
        ("Item", "record 2"), ("Reject", "record 3"), ("Reject", "record 4"), ("Reject", "record 5"),
        ("Item", "record 6"),
    ]  # fmt: skip
    assert found[0].fields["url"] == "https://x.example/1"
    assert "date" not in found[0].fields
    assert found[4].fields["title"] == "Erdoğan warns"
    assert [f.reason for f in found[1:4]] == [
        "the page was not sent (HTTP status 404): https://x.example/2",
        "the page is no web page but image/png: https://x.example/3",
        "the page holds no article body: https://x.example/4",
    ]


def test_warc_cut_records_and_what_is_no_page(tmp_path):
    page = ("https://x.example/1", "200 OK", HTML, PAGE.encode())
    item = one("warc", tmp_path, warc([page], **{"WARC-Truncated": "length"}))
    assert (item.fields["truncated"], item.fields["warnings"]) == ("true", "the crawler cut the page (length)")
    kinds = [warc_record(kind, {"WARC-Target-URI": "https://x.example/1"}, b"x") for kind in ("revisit", "conversion")]
    reasons = [found.reason for found in read("warc", tmp_path, b"".join(kinds))]
    assert reasons[0].startswith("the page was captured before and is not stored again here")
    assert reasons[1].startswith("the page is stored as bare text (WET)")
    found = read("warc", tmp_path, warc([page, page], packed=False)[:-60])
    assert [entry.fields.get("truncated") for entry in found] == [None, "true"]
    assert found[1].fields["warnings"] == "the archive ends within this page"
    (reject,) = read("warc", tmp_path, warc([]))
    assert reject.reason == "the archive holds no captured page"


# Tables ---------------------------------------------------------------------------------------------


def test_parquet_values_become_text(tmp_path):
    table = {
        "headline": ["Ankara warns", None], "body": [PROSE, PROSE], "nr": [7, 8], "authors": [["A", "B"], []],
        "published": [datetime(2020, 2, 28, 18, 40), None],
    }  # fmt: skip
    columns = {"title": "headline", "text": "body", "id": "nr", "byline": "authors", "date": "published"}
    first, second = read("parquet", tmp_path, parquet(table), columns=columns)
    assert first.fields == {
        "title": "Ankara warns", "text": PROSE, "id": "7", "byline": "A, B", "date": "2020-02-28T18:40:00",
        "encoding": "utf-8",
    }  # fmt: skip
    assert second == Item("export", "row 2", {"text": PROSE, "id": "8", "encoding": "utf-8"})


def test_parquet_columns_that_are_no_text(tmp_path):
    with pytest.raises(InputError, match="the column 'text' holds list<.*>; expected text for the field text"):
        read("parquet", tmp_path, parquet({"text": [["a"]]}))
    with pytest.raises(InputError, match="the column 'text' holds bytes; write it as text"):
        read("parquet", tmp_path, parquet({"text": [b"a"]}))
    with pytest.raises(InputError, match="no column named 'text'; Valid: body"):
        read("parquet", tmp_path, parquet({"body": ["a"]}))


def test_xlsx_cells_become_text_and_no_formula_is_run(tmp_path):
    rows = [["nr", "published", "headline", "body"], [7, datetime(2020, 2, 28), "Ankara warns", PROSE], [],
            [8.0, "29 February 2020", None, "=HYPERLINK(1)"]]  # fmt: skip
    columns = {"title": "headline", "text": "body", "id": "nr", "date": "published"}
    first, second = read("xlsx", tmp_path, xlsx(rows), columns=columns)
    assert first == Item("export", "sheet 'Sheet1', row 2", {
        "title": "Ankara warns", "text": PROSE, "id": "7", "date": "2020-02-28T00:00:00", "encoding": "utf-8",
    })  # fmt: skip
    assert second.locator == "sheet 'Sheet1', row 4"
    assert second.fields == {"id": "8", "date": "29 February 2020", "encoding": "utf-8"}


def test_xlsx_sheets(tmp_path):
    good, other = [["title", "text"], ["x", PROSE]], [["note"], ["made in March"]]
    found = read("xlsx", tmp_path, xlsx(("About", other), ("2019", good), ("2020", good), ("Empty", [])))
    assert [f.locator for f in found] == ["sheet '2019', row 2", "sheet '2020', row 2", "sheet 'About'"]
    assert found[2].reason.startswith("the sheet holds no articles (export, sheet 'About', has no column named 'text'")
    with pytest.raises(InputError, match="sheet 'About', has no column named 'text'; Valid: note. Say which column"):
        read("xlsx", tmp_path, xlsx(("About", other)))
    assert one("xlsx", tmp_path, xlsx([])).reason == "the workbook is empty"


def test_xlsx_a_full_cell_was_cut(tmp_path):
    item = one("xlsx", tmp_path, xlsx([["text"], ["word " * 6553 + "xx"]]))
    assert len(item.fields["text"]) == 32767
    assert item.fields["truncated"] == "true"


# Word and PDF ---------------------------------------------------------------------------------------


def test_docx_with_and_without_header(tmp_path):
    lines = ("Title: Ankara warns", "Date: 28 February 2020", "", PROSE, "Moscow\tanswered.")
    assert one("docx", tmp_path, docx(*lines), file="a.docx").fields == {
        "title": "Ankara warns", "date": "28 February 2020", "text": f"{PROSE}\nMoscow\tanswered.", "encoding": "utf-8",
    }  # fmt: skip
    item = one("docx", tmp_path, docx("Ankara warns", PROSE), file="2020-02-28-x.docx")
    assert (item.fields["title"], item.fields["date"]) == ("Ankara warns", "2020-02-28")


@pytest.mark.parametrize(
    "between", ["End of Document", "2 of 10 DOCUMENTS", "Document TESTFR0020111229e7ct0001r", "_" * 60]
)
def test_exports_of_several_articles_are_refused_not_half_read(between, tmp_path):
    lines = ["Ankara warns", PROSE, between, "Moscow answers", PROSE, between]
    for name, content in (("docx", docx(*lines)), ("pdf", pdf(lines))):
        found = one(name, tmp_path, content)
        assert "looks like a database's export of several articles" in found.reason
        assert between[:40] in found.reason


def test_pdf_lines_are_joined(tmp_path):
    lines = [
        "Ankara warns", "", "Turkey warned Syria on Friday that its patience was at an end and that",
        "it would strike wherever its soldiers were attacked, while the govern-", "ment in Damascus was silent.",
        "Moscow called for calm.",
    ]  # fmt: skip
    item = one("pdf", tmp_path, pdf(lines), file="2020-02-28.pdf")
    assert item.fields["title"] == "Ankara warns"
    assert item.fields["date"] == "2020-02-28"
    assert item.fields["text"].split("\n") == [
        "Turkey warned Syria on Friday that its patience was at an end and that it would strike wherever its soldiers "
        "were attacked, while the government in Damascus was silent.",
        "Moscow called for calm.",
    ]
    assert item.fields["warnings"] == "lines of a PDF, joined to paragraphs"


def test_scanned_pdfs_are_refused(tmp_path):
    assert one("pdf", tmp_path, pdf([], [])).reason == (
        "the file holds no text, as scanned pages do; run OCR over it and save the text"
    )
    assert "1 of 2 pages hold no text" in one("pdf", tmp_path, pdf([PROSE], [])).fields["warnings"]
    reject = one("pdf", tmp_path, pdf(*[[PROSE]] * 61))
    assert reject.reason == "the file has 61 pages; one article has at most 60"


def test_all_of_them_in_one_folder(tmp_path):
    from samples import BINARY, SUFFIX, TEXT

    for name, content in {**TEXT, **BINARY}.items():
        path = tmp_path / name / f"export{SUFFIX[name]}"
        path.parent.mkdir()
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    articles, rejected = read_articles(tmp_path)
    assert rejected["source_file"].to_list() == ["newsplease/export.json"]  # the same as Media Cloud's
    assert dict(zip(articles["source_file"].str.split("/").str[0], articles["reader"], strict=True)) == {
        name: name for name in (*TEXT, *BINARY) if name != "newsplease"
    }
    assert isinstance(articles["truncated"].dtype, type(pd.Series([True]).dtype))

"""From files to articles: what is kept, what is rejected and with which words."""

import json
import os
import warnings

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import toolkit
from toolkit.corpora import load_labelled, read_articles, resolve_corpus
from toolkit.corpora.rows import LARGEST_TEXT
from toolkit.errors import InputError, InputWarning
from toolkit.readers import READERS
from toolkit.tables import SCHEMAS, check_table

PROSE = "Turkey warned Syria on Friday that its patience was at an end."


def write(folder, files):
    """Write files; the value is text or bytes."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


def lines(*records):
    return "".join(json.dumps(record) + "\n" for record in records)


def reasons(rejected):
    return dict(zip(rejected["source_file"], rejected["reason"], strict=True))


# What comes out -------------------------------------------------------------------------------------


def test_a_mixed_folder(tmp_path):
    write(
        tmp_path,
        {
            "b/2.txt": f"Title: Two\nDate: 2020-02-28\n\n{PROSE}\n\n{PROSE}\n",
            "a/1.jsonl": lines({"title": "One", "text": PROSE, "date": "2020-03-01", "outlet": "Own Name"}),
            "b/deep/c/3.csv": f"title,text\nThree,{PROSE}\n",
        },
    )
    articles, rejected = read_articles(tmp_path)
    assert list(articles["source_file"]) == ["a/1.jsonl", "b/2.txt", "b/deep/c/3.csv"]
    assert list(articles["outlet"]) == ["Own Name", "b", "c"]
    assert list(articles["reader"]) == ["jsonl", "text", "csv"]
    assert articles["locator"].fillna("").to_list() == ["line 1", "", "row 2 (line 2)"]
    assert articles["date"].to_list()[:2] == [pd.Timestamp("2020-03-01"), pd.Timestamp("2020-02-28")]
    assert articles["date"].isna().to_list() == [False, False, True]
    assert (articles["story_id"] == articles["article_id"]).all()
    assert (articles["copied"] == 0).all()
    assert articles[["url", "wire", "language", "warnings", "byline"]].isna().all(axis=None)
    check_table(articles, "articles")
    assert not len(rejected)
    assert list(rejected.columns) == list(SCHEMAS["rejected"])


def test_reading_twice_gives_the_same(tmp_path):
    write(tmp_path, {f"{o}/{i}.txt": f"{PROSE} {o} {i}" for o in "cab" for i in range(5)})
    first, second = read_articles(tmp_path)[0], read_articles(tmp_path)[0]
    pd.testing.assert_frame_equal(first, second)
    assert first["source_file"].is_monotonic_increasing


def test_ids_hang_on_content_not_on_place(tmp_path):
    write(tmp_path / "x", {"o/1.txt": PROSE, "o/2.txt": PROSE + " Moscow answered."})
    write(tmp_path / "y", {"o/9.txt": PROSE})
    ids = read_articles(tmp_path / "x")[0]["article_id"]
    assert read_articles(tmp_path / "y")[0]["article_id"].to_list() == ids.to_list()[:1]
    assert ids.is_unique


def test_text_stays_as_it_is_but_for_line_ends(tmp_path):
    text = "  Türkiye\u00a0warned “Syria” —\r\n\r\n\ton Friday,\rtwice.  "
    write(tmp_path, {"o/a.jsonl": lines({"text": text})})
    articles, _ = read_articles(tmp_path)
    assert articles["text"][0] == "  Türkiye\u00a0warned “Syria” —\n\n\ton Friday,\ntwice.  "


@given(
    st.lists(
        st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1).map(lambda t: f"{PROSE} {t}"),
        min_size=1,
        max_size=5,
    )
)
@settings(max_examples=25, deadline=None)
def test_every_record_is_an_article_or_a_reject(tmp_path_factory, texts):
    folder = write(tmp_path_factory.mktemp("corpus"), {"o/a.jsonl": lines(*({"text": text} for text in texts))})
    articles, rejected = read_articles(folder)
    assert len(articles) + len(rejected) == len(texts)
    assert set(articles["text"]) == set(texts)


def test_progress_counts_files(tmp_path):
    write(tmp_path, {"o/1.txt": PROSE, "o/2.txt": PROSE + " x"})
    seen = []
    read_articles(tmp_path, progress=lambda done, total: seen.append((done, total)))
    assert seen == [(1, 2), (2, 2)]


# Outlets --------------------------------------------------------------------------------------------


def test_outlets_are_folded(tmp_path):
    write(tmp_path, {"courier_uk/1.txt": PROSE, "x/2.txt": f"Outlet: courier us\n\n{PROSE} x", "post/3.txt": PROSE})
    articles, _ = read_articles(tmp_path, outlets={"courier_uk": "The Courier", "courier us": "The Courier"})
    assert list(articles["outlet"]) == ["The Courier", "post", "The Courier"]


def test_a_flat_folder_needs_an_outlet(tmp_path):
    folder = write(tmp_path / "courier", {"1.txt": PROSE})
    with pytest.raises(InputError, match=r"no outlet is known .*give outlet='courier'.*map a column"):
        read_articles(folder)
    assert read_articles(folder, outlet="The Courier")[0]["outlet"].to_list() == ["The Courier"]
    assert read_articles(folder / "1.txt", outlet="The Courier")[0]["source_file"].to_list() == ["1.txt"]


def test_an_empty_outlet_in_a_row_is_a_reject(tmp_path):
    path = write(tmp_path, {"a.csv": f"outlet,text\nA,{PROSE}\n,{PROSE}\n"}) / "a.csv"
    articles, rejected = read_articles(path)
    assert len(articles) == 1
    assert rejected.iloc[0].to_list() == ["a.csv", "row 3 (line 3)", "the article names no outlet"]


def test_a_page_in_a_folder_belongs_to_the_folder_and_a_loose_one_to_its_site(tmp_path):
    head = "<meta property='og:site_name' content='CNN Politics'>"
    page = f"<html><head>{head}</head><body><article><p>{PROSE}</p></article></body></html>"
    write(tmp_path, {"cnn/a.html": page})
    assert read_articles(tmp_path)[0]["outlet"].to_list() == ["CNN"]
    assert read_articles(tmp_path / "cnn")[0]["outlet"].to_list() == ["CNN Politics"]


# Dates ----------------------------------------------------------------------------------------------


def test_a_date_that_cannot_be_read_rejects_the_article_and_is_quoted(tmp_path):
    write(tmp_path, {"o/a.jsonl": lines({"text": PROSE, "date": "last spring"}, {"text": PROSE, "date": None})})
    articles, rejected = read_articles(tmp_path)
    assert articles["date"].isna().to_list() == [True]
    assert rejected.iloc[0, :2].to_list() == ["o/a.jsonl", "line 1"]
    assert rejected["reason"][0].startswith("the date 'last spring' cannot be read; expected one like 2020-02-28")


def test_an_ambiguous_date_asks(tmp_path):
    write(tmp_path, {"o/a.jsonl": lines({"text": PROSE, "date": "3/4/2020"})})
    with pytest.raises(
        InputError, match="o/a.jsonl, line 1: the date '3/4/2020' can be 3 April or 4 March; say dates: dmy"
    ):
        read_articles(tmp_path)
    assert read_articles(tmp_path, dates="mdy")[0]["date"][0] == pd.Timestamp("2020-03-04")


def test_the_day_is_the_day_as_written(tmp_path):
    write(tmp_path, {"o/a.jsonl": lines({"text": PROSE, "date": "2020-02-28T23:50:00-11:00"})})
    assert read_articles(tmp_path)[0]["date"][0] == pd.Timestamp("2020-02-28")


# Rejects --------------------------------------------------------------------------------------------


def test_articles_that_are_none(tmp_path):
    write(
        tmp_path,
        {
            "o/big.txt": "word " * 1_000_000,
            "o/one.txt": "Truce.",
            "o/none.txt": "",
            "o/header.txt": "Title: Ankara warns\n\n",
            "o/escape.txt": f"{PROSE}\x1b[31m",
            "o/nul.txt": b"Turkey warned\0Syria on Friday",
            "o/half.jsonl": '{"text": "' + PROSE + ' \\ud83d"}',
            "o/page.pdf": b"%PDF-1.4 something",
            "o/lead.jpg": b"\xff\xd8\xff\xe0\x00\x10JFIF",
            "o/page.txt": b"\x89PNG\r\n",
            "o/notes.xyz": PROSE,
            "o/README.md": PROSE,
            "o/ok.txt": PROSE,
        },
    )
    articles, rejected = read_articles(tmp_path)
    assert list(articles["source_file"]) == ["o/ok.txt"]
    assert reasons(rejected) == {
        "o/big.txt": "the text has 5.0 MB; an article has at most 2 MB",
        "o/one.txt": "the text has 1 word; an article has at least 5",
        "o/none.txt": "the file is empty",
        "o/header.txt": "the text is empty",
        "o/escape.txt": "the text holds U+001B at position 62, which is no part of any text",
        "o/nul.txt": "the file is no text: byte 13 is NUL; save it as UTF-8 text",
        "o/half.jsonl": "the text holds U+D83D at position 63, which is no part of any text",
        "o/page.pdf": "the file cannot be read as a PDF (Stream has ended unexpectedly)",
        "o/lead.jpg": "the file is a picture (JPEG); known are " + ", ".join(READERS),
        "o/page.txt": "the file is a picture (PNG); known are " + ", ".join(READERS),
        "o/notes.xyz": "the file is of no known type (.xyz); known are " + ", ".join(READERS),
        "o/README.md": "the file tells about the data and is no article",
    }


def test_the_limit_of_a_text_is_where_it_says(tmp_path):
    write(tmp_path, {"o/a.txt": "w " * (LARGEST_TEXT // 2), "o/b.txt": "w " * (LARGEST_TEXT // 2) + "w"})
    articles, rejected = read_articles(tmp_path)
    assert list(articles["source_file"]) == ["o/a.txt"]
    assert list(rejected["source_file"]) == ["o/b.txt"]


def test_words_of_scripts_without_blanks_are_counted(tmp_path):
    write(tmp_path, {"o/a.txt": "土耳其警告叙利亚", "o/b.txt": "停战"})
    articles, rejected = read_articles(tmp_path)
    assert list(articles["source_file"]) == ["o/a.txt"]
    assert rejected["reason"][0] == "the text has 2 words; an article has at least 5"


def test_the_same_article_twice(tmp_path):
    record = {"title": "Ankara warns", "text": PROSE, "date": "2020-02-28"}
    write(
        tmp_path,
        {
            "o/a.jsonl": lines(record, record | {"title": "Other"}),
            "o/b.jsonl": lines(record),
            "p/c.jsonl": lines(record),
        },
    )
    articles, rejected = read_articles(tmp_path)
    assert len(articles) == 3
    assert rejected.iloc[0].to_list() == [
        "o/b.jsonl", "line 1", "the same article (outlet, date, title, text) stands in o/a.jsonl, line 1",
    ]  # fmt: skip


def test_source_ids_are_kept_and_must_differ(tmp_path):
    records = [
        {"nr": "a1", "text": PROSE},
        {"nr": "a1", "text": PROSE + " Again."},
        {"nr": " ", "text": PROSE + " No id."},
    ]
    write(tmp_path, {"o/a.jsonl": lines(*records)})
    articles, rejected = read_articles(tmp_path, columns={"id": "nr"})
    assert articles["article_id"][0] == "a1"
    assert articles["article_id"][1].startswith("a")
    assert len(articles["article_id"][1]) == 13
    assert rejected["reason"].to_list() == [
        "the id 'a1' is taken by o/a.jsonl, line 1; ids must differ over the whole corpus"
    ]


def test_a_file_that_may_not_be_opened(tmp_path):
    write(tmp_path, {"o/a.txt": PROSE})
    os.mkfifo(tmp_path / "o" / "pipe.txt")
    (tmp_path / "o" / "gone.txt").symlink_to("nowhere.txt")
    articles, rejected = read_articles(tmp_path)
    assert len(articles) == 1
    assert set(rejected["source_file"]) == {"o/pipe.txt", "o/gone.txt"}
    assert set(rejected["reason"]) == {"the file cannot be opened (it is no regular file)"}


def test_hidden_files_are_passed_over(tmp_path):
    write(tmp_path, {"o/a.txt": PROSE, ".git/config": "x", "o/.DS_Store": b"\0\0", ".cache/o/b.txt": PROSE})
    articles, rejected = read_articles(tmp_path)
    assert (len(articles), len(rejected)) == (1, 0)


# Doubts ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "encoding", "warning"),
    [
        (f"{PROSE} Türkiye", "utf-8", None),
        (f"{PROSE} São Paulo, Ärger, Şırnak, Âkif", "utf-8", None),
        (f"{PROSE} T\xfcrkiye".encode("cp1252"), "cp1252", "not UTF-8; read as cp1252"),
        (b"Turkey warned Syria \x81 on Friday", "cp1252", "not UTF-8; read as cp1252; 1 characters lost (U+FFFD)"),
        (f"{PROSE} \ufffd\ufffd", "utf-8", "2 characters lost (U+FFFD)"),
        (f"{PROSE} Türkiye’s".encode().decode("cp1252"), "utf-8", "looks decoded wrongly: 'Ã¼'"),
        ("Ankara’s envoys met again on Friday".encode().decode("cp1252"), "utf-8", "looks decoded wrongly: 'â€™'"),
        (f"{PROSE}\x7f", "utf-8", "holds the control character U+007F"),
    ],
)
def test_a_wrong_encoding_is_flagged_not_dropped(content, encoding, warning, tmp_path):
    write(tmp_path, {"o/a.txt": content})
    articles, rejected = read_articles(tmp_path)
    assert not len(rejected)
    assert articles["encoding"][0] == encoding
    assert articles["warnings"].fillna("").to_list() == [warning or ""]


# What ends in an error ------------------------------------------------------------------------------


def test_nothing_there(tmp_path):
    (tmp_path / "exports").mkdir()
    with pytest.raises(
        InputError, match=r"there is no folder or file '.*exprots' \(did you mean 'exports'\?\); give the path"
    ):
        read_articles(tmp_path / "exprots")
    with pytest.raises(InputError, match="there is no folder or file '/nowhere/at/all'; give"):
        read_articles("/nowhere/at/all")
    with pytest.raises(InputError, match="holds no files; put the articles into it"):
        read_articles(tmp_path / "exports")
    write(tmp_path / "exports", {".hidden": "x"})
    with pytest.raises(InputError, match="holds no files"):
        read_articles(tmp_path / "exports")


@pytest.mark.parametrize(("name", "what"), [("a.xyz", "of no known type"), ("a.gz", "packed with gzip; unpack it")])
def test_one_file_of_unknown_type(name, what, tmp_path):
    path = write(tmp_path, {name: b"\x1f\x8b\x08" if name == "a.gz" else PROSE}) / name
    with pytest.raises(
        InputError, match=f"cannot be read: the file is {what}.*Known are .*html, jsonl, csv, text; say"
    ):
        read_articles(path)


def test_a_format_can_be_forced(tmp_path):
    path = write(tmp_path, {"a.xyz": PROSE}) / "a.xyz"
    assert read_articles(path, format="text", outlet="A")[0]["reader"].to_list() == ["text"]
    with pytest.raises(InputError, match=r"format 'txt' is unknown; did you mean 'text'\? Valid: auto, csv, "):
        read_articles(path, format="txt")


def test_options_are_checked(tmp_path):
    write(tmp_path, {"o/a.txt": PROSE})
    with pytest.raises(InputError, match=r"dates 'myd' is no order of day, month and year; did you mean 'mdy'\?"):
        read_articles(tmp_path, dates="myd")
    with pytest.raises(InputError, match=r"columns: 'txet' is no field; did you mean 'text'\?"):
        read_articles(tmp_path, columns={"txet": "body"})
    with pytest.raises(InputError, match="outlet is empty"):
        read_articles(tmp_path, outlet=" ")


def test_a_csv_without_the_mapped_column(tmp_path):
    write(tmp_path, {"o/a.csv": f"headline,body\nx,{PROSE}\n"})
    with pytest.raises(InputError, match=r"o/a.csv has no column 'bodytext' for the field text; did you mean 'body'\?"):
        read_articles(tmp_path, columns={"text": "bodytext"})


# load_articles --------------------------------------------------------------------------------------


def test_load_articles_cleans_and_groups(tmp_path):
    text = " ".join(f"Sentence {i} of a long dispatch about talks in Ankara." for i in range(30))
    write(tmp_path, {"a/1.txt": f"{text}\n\nShare this: Facebook | Twitter", "b/2.txt": f"{text} (XYZ News)"})
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        articles = toolkit.load_articles(tmp_path, agencies={"XYZ": ["XYZ News"]})
    assert articles["story_id"].nunique() == 1
    assert not articles["text"].str.contains("Share this").any()
    assert "XYZ" in set(articles["wire"].dropna())


def test_load_articles_warns_with_count_and_reasons(tmp_path):
    write(tmp_path, {"o/ok.txt": PROSE, **{f"o/{i}.txt": "Truce." for i in range(5)}})
    with pytest.warns(InputWarning) as caught:
        toolkit.load_articles(tmp_path)
    message = str(caught[0].message)
    assert message.startswith("5 of 6 articles or files could not be read:\n  o/0.txt: the text has 1 word")
    assert "and 2 more\ntoolkit.read_articles with the same arguments gives them all" in message
    assert caught[0].filename == __file__


def test_load_articles_with_nothing_left(tmp_path):
    write(tmp_path, {"o/1.jsonl": '{"text": "Truce."}\n'})
    with pytest.raises(InputError, match="no article could be read from .*:\n  o/1.jsonl, line 1: the text has 1 word"):
        toolkit.load_articles(tmp_path)


# A corpus and what it depends on --------------------------------------------------------------------


def test_a_folder_without_a_card(tmp_path):
    corpus = resolve_corpus(tmp_path)
    assert list(corpus) == [tmp_path]
    assert corpus.agencies == {}


# Labelled sentences ---------------------------------------------------------------------------------

CARD = (
    "title: T\nlicence: MIT\ncitation: C\naccess: ask T\nlabelled: {layout: newsmtsc, splits: {train: train.jsonl}}\n"
)


def sentence(**changes):
    target = {"Input.gid": "x_1_2_3_Obama_0_5", "from": 0, "to": 5, "mention": "Obama", "polarity": 6.0}
    target |= {key: value for key, value in changes.items() if key in target}
    return {
        "primary_gid": changes.get("gid", "polusa_v1_17_-1_9_Obama_0_5"),
        "sentence_normalized": changes.get("sentence", "Obama won 😀 again."),
        "targets": [target],
    }


def labelled(tmp_path, *records):
    return write(tmp_path / "set", {"card.yaml": CARD, "train.jsonl": lines(*records)})


def test_labelled_sentences(tmp_path):
    one, two = (
        sentence(),
        sentence(sentence="😀 Obama", **{"from": 2, "to": 7}, polarity=2.0, gid="allsides_5_6_7_O_1_2"),
    )
    table = load_labelled(labelled(tmp_path, one, two), "train")
    assert table.to_dict("list") == {
        "sentence": ["Obama won 😀 again.", "😀 Obama"], "start": [0, 2], "end": [5, 7],
        "label": ["positive", "negative"], "source": ["set/train", "set/train"],
        "group": ["polusa_v1_17", "allsides_5"],
    }  # fmt: skip
    check_table(table, "targets")


@pytest.mark.parametrize(
    ("record", "words"),
    [
        (sentence(to=4), "line 2: characters 0 to 4 are 'Obam', the mention is 'Obama'"),
        (sentence(polarity=5.0), "line 2: the polarity 5.0 is none of 2, 4, 6"),
        (sentence(gid="strange"), "line 2: the gid 'strange' names no article"),
        ({"sentence": "x"}, "line 2 is no line of the layout 'newsmtsc' (KeyError"),
        ([1], "line 2 is no line of the layout 'newsmtsc'"),
    ],
)
def test_labelled_lines_that_are_wrong(record, words, tmp_path):
    with pytest.raises(InputError) as caught:
        load_labelled(labelled(tmp_path, sentence(), record), "train")
    assert words in str(caught.value)


def own_layout(tmp_path, *records):
    files = {"card.yaml": CARD.replace("newsmtsc", "sentences"), "train.jsonl": lines(*records)}
    return write(tmp_path / "set", files)


ROW = {
    "id": "1",
    "sentence": "😀 Ankara won.",
    "start": 2,
    "end": 8,
    "label": "positive",
    "group": "e1",
    "actor": "turkey",
}


def test_labelled_sentences_of_our_own_layout(tmp_path):
    table = load_labelled(own_layout(tmp_path, ROW, {**ROW, "id": "2", "label": "negative"}), "train")
    assert list(table.columns) == ["sentence", "start", "end", "label", "source", "group", "id", "actor"]
    assert list(table["label"]) == ["positive", "negative"]
    assert set(table["source"]) == {"set/train"}
    check_table(table, "targets")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"end": 99}, "line 2: start 2 and end 99 mark nothing in a sentence of 13"),
        ({"start": "2"}, "line 2: start '2' and end 8 mark nothing"),
        ({"label": 1}, "line 2: label and group must be text, got 1 and 'e1'"),
        ({"group": None}, "line 2: label and group must be text"),
    ],
)
def test_lines_of_our_own_layout_that_are_wrong(change, words, tmp_path):
    with pytest.raises(InputError) as caught:
        load_labelled(own_layout(tmp_path, ROW, ROW | change), "train")
    assert words in str(caught.value)


def test_labelled_data_that_is_not_there(tmp_path, monkeypatch):
    monkeypatch.delenv("TOOLKIT_DATA", raising=False)
    folder = labelled(tmp_path, sentence())
    with pytest.raises(InputError, match=r"'T' has no split 'trian'; did you mean 'train'\?"):
        load_labelled(folder, "trian")
    (folder / "train.jsonl").unlink()
    with pytest.raises(
        InputError, match="the data of 'T' is not here: looked for train.jsonl.*\nHow to get it: ask T\n"
    ):
        load_labelled(folder, "train")
    with pytest.raises(InputError, match="holds labelled sentences and no articles; see load_labelled"):
        read_articles(folder)

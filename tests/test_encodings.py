"""Which encoding bytes are in, in the languages of the region."""

import importlib.util

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit.corpora import read_articles
from toolkit.readers import READERS
from toolkit.readers.common import UnreadableError, decode, find_encoding

TEXTS = {
    "cp1254": "Cumhurbaşkanı, Şam yönetiminin saldırılarına karşılık verileceğini söyledi.",
    "cp1251": "Президент заявил, что переговоры с Анкарой будут продолжены на следующей неделе.",
    "cp1256": "قال الرئيس إن المحادثات مع أنقرة سوف تستمر خلال الأسبوع المقبل.",
    "cp1252": "Der Außenminister erklärte, die Gespräche würden fortgesetzt – „bald“.",
}


@pytest.mark.parametrize("page", TEXTS)
def test_code_pages_are_recognised_and_recorded(page, tmp_path):
    (tmp_path / "o").mkdir()
    (tmp_path / "o" / "a.txt").write_bytes(TEXTS[page].encode(page))
    articles, _ = read_articles(tmp_path)
    assert articles["text"].to_list() == [TEXTS[page]]
    assert articles["encoding"].to_list() == [page]
    assert articles["warnings"].to_list() == [f"not UTF-8; read as {page}"]


@pytest.mark.parametrize("order", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("page", TEXTS)
def test_utf16_without_a_mark(page, order, tmp_path):
    assert decode(TEXTS[page].encode(order)) == (TEXTS[page], order)
    path = tmp_path / "a.csv"
    path.write_bytes(f"title,text\nx,{TEXTS[page].replace(',', '')}\n".encode(order))
    (item,) = READERS["csv"].read(path, "a.csv", None)
    assert item.fields["encoding"] == order


def test_a_damaged_byte_does_not_turn_utf8_into_a_code_page():
    data = (TEXTS["cp1254"] * 5).encode() + b" \xfc "
    text, encoding = decode(data)
    assert encoding == "utf-8"
    assert text.count("\ufffd") == 1
    assert TEXTS["cp1254"] in text
    assert find_encoding([TEXTS["cp1251"].encode()[:-8]]) == "utf-8"


def test_what_is_declared_counts_before_a_guess():
    assert find_encoding([TEXTS["cp1254"].encode("cp1254")], "iso-8859-9") == "iso-8859-9"
    assert find_encoding([TEXTS["cp1254"].encode("cp1254")], "no-such-codec") == "cp1254"


def test_blocks_give_what_the_whole_gives():
    for page, text in TEXTS.items():
        data = ("Ankara. " * 40 + text).encode(page)
        assert find_encoding([data[i : i + 7] for i in range(0, len(data), 7)]) == page


@given(st.binary(max_size=400))
def test_any_bytes_have_an_encoding_that_python_knows(data):
    try:
        text, encoding = decode(data)
    except UnreadableError:
        return
    assert isinstance(text, str)
    assert "".encode(encoding) is not None


def test_the_benchmark_texts_are_read(root):
    """The figures of docs/methods.md may not get worse unseen."""
    spec = importlib.util.spec_from_file_location("encodings_benchmark", root / "benchmarks" / "encodings.py")
    benchmark = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(benchmark)
    for (language, page), sentences in benchmark.SENTENCES.items():
        right, n = benchmark.score([" ".join(sentences)], page, benchmark.ours)
        assert right == n, language
        for encoding in ("utf-8", "utf-16-le", "utf-16-be"):
            right, n = benchmark.score(sentences, encoding, benchmark.ours)
            assert right == n, (language, encoding)

"""Page furniture goes, the article stays, and nothing is lost."""

import json
import os
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from toolkit.cleaning import _furniture, clean_articles, restore_text
from toolkit.errors import InputError
from toolkit.tables import empty_table


def table(texts, *, outlet="The Courier", titles=None):
    n = len(texts)
    rows = empty_table("articles").reindex(range(n))
    return rows.assign(
        article_id=[f"a{i}" for i in range(n)], outlet=outlet, text=texts, title=titles or [None] * n,
        source_file="x", story_id=[f"a{i}" for i in range(n)], copied=0.0,
    ).astype({"title": "str"})  # fmt: skip


def clean(text, title=None):
    articles, removed = clean_articles(table([text], titles=[title]))
    return articles["text"][0], removed


FURNITURE = {
    "This story has been published from a wire agency feed without modifications to the text.": "disclaimer",
    "Subscribe today for Rs 199 a month": "price",
    "Digital edition: €4.90 per month, cancel at any time.": "price",
    "This article is for subscribers only.": "paywall",
    "You have read 4 of your 5 free stories this month.": "paywall",
    "Sign up for our morning newsletter": "newsletter",
    "READ MORE: How the Sochi memorandum came about": "related",
    "Share on Facebook | Share on Twitter | WhatsApp": "share",
    "Follow us on Twitter @courier": "share",
    "A convoy near Idlib on Monday. (Photo: Agency/Archive)": "caption",
    "Updated 3 February, 18:40 Moscow time": "live",
    "© 2020 The Courier. All rights reserved.": "copyright",
    "With inputs from agencies": "credit",
    "The author covers defence for the Courier.": "author",
    "We use cookies to improve your experience.": "cookie",
    "212 comments": "comments",
    "Monday, February 10, 2020": "repeat",
    "By Ayşe Demir, Defence Correspondent": "repeat",
    "Reporting by Ayşe Demir in Ankara; editing by John Smith": "author",
    "Das könnte Sie auch interessieren": "related",
    "Jetzt Newsletter abonnieren": "newsletter",
    "Foto: Agentur/Archiv": "caption",
    "À lire aussi : le mémorandum de Sotchi": "related",
    "Article réservé aux abonnés": "paywall",
    "Publié le 3 février 2020 à 18h40": "live",
    "Te puede interesar": "related",
    "Suscríbete a nuestro boletín": "newsletter",
    "Todos los derechos reservados": "copyright",
    "İlgili haberler": "related",
    "Abone olun": "newsletter",
    "Kaynak: Anadolu Ajansı": "credit",
    "Читайте также: как появился меморандум": "related",
    "Подписывайтесь на наш канал в Telegram": "share",
    "Все права защищены": "copyright",
    "اقرأ أيضا: مذكرة سوتشي": "related",
    "المصدر: وكالات": "credit",
    "جميع الحقوق محفوظة": "copyright",
}

PROSE = [
    "Ankara warned Damascus on Monday that its patience was at an end.",
    "Bread now costs 500 liras a loaf, traders said, up 40 per cent in a month.",
    "“We will read more of these reports,” the minister said, “and then decide.”",
    "The government signed a $15bn subscription to the fund, the ministry said on Tuesday in the capital.",
    "He shared the view of his Turkish counterpart.",
    "Follow the money, an analyst said, and it leads to the border.",
    "The ministry updated its figures and said 33 soldiers had died.",
    "Photographs of the convoy, taken from the air, showed burnt lorries on both sides of the road.",
    "The price of bread is now 500 liras a loaf.",
    "Families there live on less than $40 a month.",
    "Workers earn 300 euros a month.",
    "The streaming firm lost 200,000 subscribers in the first year of the sanctions.",
    "The 30-year bond last rose 29/32 in price to yield 2.252 per cent.",
    "The index closed 3 per cent off its peak.",
    "“Sign up for the newsletter, read the offers and pay 5 euros a month,” the poster read.",
    "Refugees must register with the police by e-mail, the ministry said.",
    "How one Moscow correspondent saw the war",
    "A Moscow correspondent of the agency was expelled.",
    "The writer was killed in the consulate three weeks ago.",
    "The video was published by the state news agency on Monday.",
    "The deal does not represent a change of policy.",
    "Live-fire drills began on Monday near Idlib.",
    "Footage from the scene showed burning lorries.",
    "Report by UN inspectors finds sarin was used",
    "Turkey's press council condemned the arrests.",
    "Copyright law was tightened on Monday.",
    "Share prices fell on Monday.",
    "Die Regierung teilte am Montag mit, sie habe das Abkommen unterzeichnet.",
    "Le ministère a publié le 3 février un bilan de 33 morts.",
    "El gobierno anunció más sanciones el lunes.",
    "Türkiye pazartesi günü Şam'ı uyardı.",
    "Анкара в понедельник предупредила Дамаск.",
    "حذرت أنقرة دمشق يوم الاثنين.",
    "Insurers charge 0.5 per cent of the hull value, about $200,000 a voyage, for ships that pass the strait.",
]


WORDS = st.sampled_from(" ".join([*FURNITURE, *PROSE]).split())
LINES_OF_BOTH = st.lists(WORDS, min_size=1, max_size=12).map(" ".join)


@pytest.mark.parametrize(("line", "reason"), FURNITURE.items())
def test_furniture_goes(line, reason):
    text, removed = clean(f"{PROSE[0]}\n\n{line}\n\n{PROSE[1]}")
    assert text == f"{PROSE[0]}\n\n{PROSE[1]}"
    assert removed["reason"].tolist() == [reason]


@pytest.mark.parametrize("line", PROSE)
def test_prose_stays(line):
    text, removed = clean(f"First paragraph of the report.\n\n{line}\n\nLast paragraph of the report.")
    assert line in text
    assert removed.empty


@pytest.mark.parametrize("line", PROSE)
def test_an_opening_paragraph_stays(line):
    assert clean(f"{line}\n\nLast paragraph of the report.")[0].startswith(line)


def test_a_title_goes_without_the_name_of_the_site_too():
    text, _ = clean(
        "Ten dead after strikes on Idlib Ten people died.", "Ten dead after strikes on Idlib - World - Courier"
    )
    assert text == "Ten people died."


@settings(deadline=None)
@given(st.one_of(LINES_OF_BOTH, st.text(max_size=80)))
def test_patterns_left_out_would_not_have_matched(line):
    furniture = _furniture()
    assert furniture.line_reason(line) == furniture.line_reason(line, gated=False)


def test_a_title_repeated_at_the_start_goes_also_without_a_line_break():
    text, removed = clean(
        "Ten dead after strikes on Idlib Ten people died on Monday.", "Ten dead after strikes on Idlib"
    )
    assert text == "Ten people died on Monday."
    assert removed["reason"].tolist() == ["repeat"]


def test_a_repeated_title_takes_its_closing_mark_along_and_leaves_the_next_opening_one():
    text, removed = clean(
        'Will Russia honor this one?\n"No," a resident said on Monday.', "Will Russia honor this one?"
    )
    assert text == '"No," a resident said on Monday.'
    assert removed["reason"].tolist() == ["repeat"]


def test_a_text_that_is_only_its_title_keeps_it():
    assert clean("Ten dead after strikes on Idlib", "Ten dead after strikes on Idlib")[0] in (
        "Ten dead after strikes on Idlib",
        "",
    )
    text, removed = clean("Ten dead after strikes on Idlib", "Ten dead after strikes on Idlib")
    assert restore_text(text, removed) == "Ten dead after strikes on Idlib"


def test_lines_that_come_back_in_an_outlet_go():
    box = "The Courier stands where the river bends"
    articles = table([f"{p}\n{box}\n{q}" for p, q in zip(PROSE[:4], PROSE[4:8], strict=True)])
    cleaned, removed = clean_articles(articles)
    assert not cleaned["text"].str.contains(box).any()
    assert removed["reason"].tolist() == ["recurring"] * 4


def test_lines_that_come_back_in_other_outlets_stay():
    box = "The Courier stands where the river bends"
    articles = table([f"{p}\n{box}" for p in PROSE[:4]], outlet=["A", "B", "C", "D"])
    assert clean_articles(articles)[1].empty


def test_versions_of_one_article_are_not_furniture():
    versions = ["\n".join(PROSE[: 5 + k]) for k in range(4)]
    cleaned, removed = clean_articles(table(versions))
    assert cleaned["text"].tolist() == versions
    assert removed.empty


def test_credits_are_kept_for_the_stories():
    articles, _ = clean_articles(table([f"{PROSE[0]}\nSource: Agence France-Presse"]))
    assert articles["credits"].tolist() == ["Source: Agence France-Presse"]


def test_the_input_is_not_changed():
    articles = table(["Ankara warned.\nRead more: x"])
    before = articles.copy(deep=True)
    clean_articles(articles)
    pd.testing.assert_frame_equal(articles, before)


def test_restoring_several_articles_at_once_is_refused():
    _, removed = clean_articles(table(["A b c.\nRead more: x", "D e f.\nRead more: x"]))
    with pytest.raises(InputError, match="belong to 2 articles; select those of one"):
        restore_text("A b c.\n", removed)


LINE = st.one_of(st.sampled_from([*FURNITURE, *PROSE]), st.text(max_size=60))


@settings(deadline=None)
@given(st.lists(LINE, max_size=12), st.sampled_from(["\n", "\n\n", "\n \n", " "]), st.one_of(st.none(), LINE))
def test_text_and_removed_spans_are_the_raw_text(lines, between, title):
    raw = between.join(lines) or "x"
    text, removed = clean(raw, title)
    assert restore_text(text, removed) == raw
    assert all(raw[s:e] == t for s, e, t in zip(removed["start"], removed["end"], removed["text"], strict=True))


@pytest.mark.parametrize("line", ["a " * 200_000, "(" * 200_000, "read more " * 40_000, "\n" * 200_000, "€" * 399])
def test_long_and_odd_lines_take_no_time(line):
    text, removed = clean(line)
    assert restore_text(text, removed) == line


REAL = [
    ("allsides_actors/articles.jsonl", "text", "outlet", "title"),
    ("fakes_syria/articles.jsonl", "article_content", "source", "article_title"),
    ("polnear/train.jsonl", "text", "outlet", "title"),
    ("narrative_frames/articles.jsonl", "text", "outlet", None),
    ("persent/dev.jsonl", "text", None, "title"),
    ("rusentrel/documents.jsonl", "text", None, None),
]


@pytest.mark.parametrize(("file", "text", "outlet", "title"), REAL, ids=lambda v: str(v).split("/")[0])
def test_real_texts_are_restored(file, text, outlet, title):
    path = Path(os.environ.get("TOOLKIT_DATA", "")) / file
    if not path.is_file():
        pytest.skip(f"{file} is not here: datasets/README.md says how to get third parties' data")
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    articles = table(
        [r[text] for r in rows],
        outlet=[r[outlet] or "?" for r in rows] if outlet else "?",
        titles=[r[title] for r in rows] if title else None,
    )
    cleaned, removed = clean_articles(articles)
    by_article = dict(list(removed.groupby("article_id")))
    for article_id, kept, raw in zip(cleaned["article_id"], cleaned["text"], articles["text"], strict=True):
        assert restore_text(kept, by_article.get(article_id, removed.iloc[:0])) == raw
    assert 0.9 < cleaned["text"].str.len().sum() / articles["text"].str.len().sum() <= 1

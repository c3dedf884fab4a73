"""Copies are found, own texts are left alone, and agencies are read where they are credited."""

import random

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_cleaning import table

from toolkit.errors import InputError
from toolkit.stories import group_stories

DISPATCH = [
    "An air strike hit a convoy near the town on Thursday evening, a monitoring group said.",
    "Ambulances took the wounded over the border to a hospital in the provincial capital.",
    "The defence ministry said it would answer every attack on its soldiers in the province.",
    "A spokesman in Moscow denied that its jets had flown over the area at the time.",
    "Ambassadors of the alliance were called to a meeting in Brussels on Friday morning.",
    "The fighting has driven nearly a million people from their homes since December.",
]
OWN = (
    "The villages above the lake were quiet on Friday. Olive growers pruned their trees and spoke of the price of "
    "diesel, which has doubled since the road to the coast was cut. Nobody had seen a soldier, and nobody missed them."
)


def group(texts, dates=None, **columns):
    articles = table(texts).assign(outlet=[f"Outlet {i}" for i in range(len(texts))], **columns)
    articles["date"] = pd.to_datetime(dates or ["2020-02-28"] * len(texts))
    for column in set(columns) & {"byline", "credits", "wire"}:
        articles[column] = articles[column].astype("str")
    return group_stories(articles)


def test_verbatim_trimmed_and_extended_copies_are_one_story():
    whole = " ".join(DISPATCH)
    grouped = group([whole, " ".join(DISPATCH[:4]), f"{OWN} {whole}", OWN.replace("Friday", "Monday")[:90] + " Else."])
    assert grouped["story_id"].tolist()[:3] == ["a0"] * 3


def test_own_texts_stay_alone():
    grouped = group([" ".join(DISPATCH), OWN])
    assert grouped["story_id"].tolist() == ["a0", "a1"]
    assert grouped["copied"].tolist() == [0.0, 0.0]
    assert grouped["wire"].isna().all()


def test_copied_is_the_share_that_an_earlier_outlet_had():
    grouped = group([" ".join(DISPATCH), " ".join(DISPATCH), f"{' '.join(DISPATCH)} {OWN}"],
                    ["2020-02-27", "2020-02-28", "2020-02-28"])  # fmt: skip
    assert grouped["copied"][0] == 0.0
    assert grouped["copied"][1] == 1.0
    assert 0.5 < grouped["copied"][2] < 0.8


def test_weeks_apart_is_no_copy_and_a_missing_date_fits_any():
    text = " ".join(DISPATCH)
    assert group([text, text], ["2020-02-01", "2020-02-20"])["story_id"].nunique() == 2
    assert group([text, text], ["2020-02-01", None])["story_id"].nunique() == 1


def test_the_order_of_rows_does_not_matter():
    texts = [" ".join(DISPATCH), " ".join(DISPATCH[:5]), OWN, " ".join(DISPATCH[1:])]
    articles = table(texts).assign(outlet=list("ABCD"))
    articles["date"] = pd.to_datetime("2020-02-28")
    one = group_stories(articles).set_index("article_id")
    other = group_stories(articles.iloc[::-1]).set_index("article_id").loc[one.index]
    pd.testing.assert_frame_equal(one, other)


@pytest.mark.parametrize(
    ("text", "columns", "wire", "evidence"),
    [
        ("MOSCOW, Feb 17 (Reuters) - Talks went on.", {}, "Reuters", "dateline"),
        ("Talks go on\n\nAug 27 (Reuters) - Talks went on.", {}, "Reuters", "dateline"),
        ("МОСКВА, 17 фев — РИА Новости. Переговоры продолжались.", {}, "RIA Novosti", "dateline"),
        ("МОСКВА, 17 февраля. /ТАСС/. Переговоры продолжались.", {}, "TASS", "dateline"),
        ("Damascus, SANA- Talks went on.", {}, "SANA", "dateline"),
        ("(ANSA) - ROMA, 17 FEB - I colloqui sono andati avanti.", {}, "ANSA", "dateline"),
        ("ANKARA (AA) – Görüşmeler sürdü.", {}, "Anadolu", "dateline"),
        ("Ankara [Turkey], Feb 27 (ANI): Talks went on.", {}, "ANI", "dateline"),
        ("新华社北京2月17日电 会谈继续进行。", {}, "Xinhua", "dateline"),
        ("دمشق (رويترز) - استمرت المحادثات.", {}, "Reuters", "dateline"),
        ("BOSTON, MA - Talks went on.", {}, None, None),
        ("Talks went on.", {"byline": ["Suzan Fraser, Associated Press"]}, "AP", "byline"),
        ("Talks went on.", {"byline": ["By Reuters Staff"]}, "Reuters", "byline"),
        ("Talks went on.", {"byline": ["Petra Novak"]}, None, None),
        ("Talks went on.\n\nSource: Xinhua", {}, "Xinhua", "credit"),
        ("Talks went on.\n\nIstanbul (dpa/AFP)", {}, "dpa", "credit"),
        ("Talks went on. (Reporting by Tom Perry; Editing by Ann Low)", {}, "Reuters", "credit"),
        ("Talks went on. (With inputs from ANI)", {}, "ANI", "inputs"),
        ("Talks went on.", {"credits": ["The author was a correspondent for Reuters in Ankara."]}, None, None),
        (
            "Talks went on.",
            {"credits": ["Published from a wire agency feed without modifications."]},
            "unnamed agency",
            "disclaimer",
        ),
        ("Talks went on.", {"wire": ["reuters"]}, "Reuters", "field"),
        ("Idlib, Syria [AFP]: Talks went on.", {}, "AFP", "dateline"),
        ("Talks went on.", {"byline": ["Anadolu Agency"]}, "Anadolu", "byline"),
        ("Talks went on.", {"credits": ["With inputs from PTI"]}, "PTI", "inputs"),
        ("Talks went on into the night. (dpa)", {}, "dpa", "credit"),
        ("Talks went on.", {"wire": ["afp desk"]}, "afp desk", "field"),
        ("Talks went on.", {"wire": ["AFP"]}, "AFP", "field"),
        ("A minister told Reuters that talks went on.", {}, None, None),
        ("Talks went on.", {"credits": ["The Associated Press contributed to this report."]}, None, None),
        ("The ministry (Turkey's largest) told AFP it had (AP) nothing to add.", {}, None, None),
    ],
)
def test_agencies_are_read_from_credits_only(text, columns, wire, evidence):
    grouped = group([text], **columns)
    found = [None if pd.isna(v) else v for v in grouped.loc[0, ["wire", "wire_evidence"]]]
    assert found == [wire, evidence]


def test_an_uncredited_copy_inherits_the_agency():
    text = " ".join(DISPATCH)
    grouped = group([f"IDLIB (Xinhua) - {text}", text])
    assert grouped["wire"].tolist() == ["Xinhua", "Xinhua"]
    assert grouped["wire_evidence"].tolist() == ["dateline", "inferred"]


def test_an_agency_does_not_copy_itself():
    text = " ".join(DISPATCH)
    articles = table([text, text]).assign(outlet=["Reuters", "The Courier"])
    articles["date"] = pd.to_datetime(["2020-02-28", "2020-02-29"])
    grouped = group_stories(articles)
    assert grouped["wire"].fillna("").tolist() == ["", "Reuters"]


def test_more_agencies_can_be_named():
    articles = table(["IDLIB (MPA) - Talks went on."])
    assert group_stories(articles)["wire"].isna().all()
    assert group_stories(articles, agencies={"MPA": ["MPA"]})["wire"].tolist() == ["MPA"]
    with pytest.raises(InputError, match="agency 'MPA': expected a list of the words that credit it, got 'MPA'"):
        group_stories(articles, agencies={"MPA": "MPA"})


def test_a_wrong_overlap_is_refused():
    with pytest.raises(InputError, match="overlap is 30; expected a share"):
        group_stories(table(["x"]), overlap=30)


def test_empty_and_wordless_texts_are_alone():
    grouped = group(["", "...", "word"])
    assert grouped["story_id"].tolist() == ["a0", "a1", "a2"]


def test_a_shared_paragraph_of_background_makes_no_story():
    """Two short pieces on other events end with the paragraph that the outlet prints every week."""
    background = " ".join(DISPATCH)
    texts = [f"{OWN} {background}", f"{' '.join(reversed(OWN.split()))} {background}", background + " Old news."]
    others = ["2020-02-27", "2020-02-28", "2019-12-01"]
    assert group(texts, others)["story_id"].nunique() == 3
    # Without the third nothing shows that it is background: what two outlets print on one day is a copy.
    assert group(texts[:2], others[:2])["story_id"].nunique() == 1


def test_short_pieces_of_one_outlet_with_other_openings_are_no_versions():
    texts = [f"{OWN} {' '.join(DISPATCH)}", f"{' '.join(reversed(OWN.split()))} {' '.join(DISPATCH)}"]
    articles = table(texts)
    articles["date"] = pd.to_datetime("2020-02-28")
    assert group_stories(articles)["story_id"].nunique() == 2


def test_versions_are_named_and_are_not_copies():
    """The outlet's update repeats its own text, even where another outlet copied that in between."""
    first, update = " ".join(DISPATCH[:4]), " ".join(DISPATCH)
    articles = table([first, first, update]).assign(outlet=["The Courier", "The Post", "The Courier"])
    articles["date"] = pd.to_datetime(["2020-02-26", "2020-02-27", "2020-02-28"])
    grouped = group_stories(articles)
    assert grouped["story_id"].tolist() == ["a0"] * 3
    assert grouped["copied"].tolist() == [0.0, 1.0, 0.0]
    assert [None if pd.isna(v) else v for v in grouped["version_of"]] == [None, None, "a0"]


def test_titles_are_compared_apart_from_the_text():
    text = " ".join(DISPATCH)
    titles = ["Air strike hits convoy", "Air strike hits convoy!", "Our boys under fire", "Olives"]
    grouped = group([text, text, text, OWN], ["2020-02-26", "2020-02-27", "2020-02-27", "2020-02-27"], title=titles)
    assert grouped["copied"].tolist() == [0.0, 1.0, 1.0, 0.0]
    np.testing.assert_array_equal(grouped["title_copied"], [np.nan, 1.0, 0.0, np.nan])


def test_grouping_again_changes_nothing():
    text = " ".join(DISPATCH)
    once = group([f"IDLIB (Xinhua) - {text}", text, OWN])
    pd.testing.assert_frame_equal(group_stories(once), once)


def test_a_brief_inside_a_long_text_is_no_copy():
    assert group([DISPATCH[0], " ".join(DISPATCH)])["story_id"].nunique() == 2


def test_accents_case_and_quotation_marks_do_not_matter():
    text = " ".join(DISPATCH).replace("provincial", "Şanlıurfa’s")
    assert group([text, text.upper().replace("Ş", "S").replace("’", "'")])["copied"][1] > 0.9


def test_a_story_of_hundreds_of_copies_is_one():
    texts = [" ".join([*DISPATCH[k % 3 :], f"Printed in town number {k}."]) for k in range(300)]
    assert group(texts)["story_id"].nunique() == 1


def test_furniture_that_cleaning_missed_makes_no_story():
    texts = [f"{chr(97 + k) * 5} {' '.join(DISPATCH)} " + " ".join(f"own{k}x{m}" for m in range(10)) for k in range(26)]
    dates = [f"2020-{1 + k % 6:02}-{1 + k:02}" for k in range(26)]
    assert group(texts, dates)["story_id"].nunique() == 26


WORDS = [f"w{k}" for k in range(400)]


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.floats(0.05, 1.0))
def test_the_share_decides(seed, share):
    """Far enough above and below half of the shorter text, whatever surrounds it and in whatever order."""
    rng = random.Random(seed)
    whole = [rng.choice(WORDS) for _ in range(rng.randint(120, 400))]
    kept = whole[: max(40, int(len(whole) * rng.uniform(0.3, 1)))]
    own = [f"own{rng.randrange(10**9)}" for _ in range(int(len(kept) / share) - len(kept))]
    cut = rng.randint(0, len(own))
    mixed = own[:cut] + kept + own[cut:]
    real = len(kept) / min(len(mixed), len(whole))
    grouped = group([" ".join(whole), " ".join(mixed)], ["2020-02-27", "2020-02-28"])
    if abs(real - 0.5) > 0.03:
        assert (grouped["story_id"].nunique() == 1) == (real > 0.5)
    assert 0 <= grouped["copied"].min() <= grouped["copied"].max() <= 1


@settings(max_examples=25, deadline=None)
@given(st.lists(st.text(max_size=80), max_size=8), st.integers(0, 100))
def test_any_text_and_any_order(texts, seed):
    articles = table([*texts, *texts]) if texts else table([])
    articles["outlet"] = [f"Outlet {i % 3}" for i in range(len(articles))]
    one = group_stories(articles).set_index("article_id")
    shuffled = group_stories(articles.sample(frac=1, random_state=seed)).set_index("article_id")
    pd.testing.assert_frame_equal(one, shuffled.loc[one.index])

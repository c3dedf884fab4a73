"""Copies are found, own texts are left alone, and agencies are read where they are credited."""

import pandas as pd
import pytest
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
        ("Idlib, Syria [AFP]: Talks went on.", {}, "AFP", "dateline"),
        ("Talks went on.", {"byline": ["Anadolu Agency"]}, "Anadolu", "byline"),
        ("Talks went on.", {"credits": ["With inputs from PTI"]}, "PTI", "credit"),
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

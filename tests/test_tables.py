"""Every table is checked at the door, and the message says what to do."""

import pandas as pd
import pytest
from test_cleaning import table

from toolkit.errors import InputError
from toolkit.tables import SCHEMAS, check_table, empty_table


@pytest.mark.parametrize("name", SCHEMAS)
def test_an_empty_table_fits_its_schema(name):
    assert check_table(empty_table(name), name).empty


def test_a_good_table_comes_back_itself():
    articles = table(["Ankara warned."])
    assert check_table(articles, "articles") is articles


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"text": [None, "b"]}, "column 'text': row 0 is empty; fill it in or drop the row"),
        ({"text": ["a", 3]}, r"column 'text': expected text, got 3 in row 1"),
        ({"article_id": ["a", "a"]}, r"column 'article_id': 'a' occurs twice \(again in row 1\); ids must differ"),
        ({"copied": [0.0, 1.5]}, "column 'copied': row 1 is 1.5; expected at least 0 and at most 1"),
        (
            {"date": ["2020-02-28", "x"]},
            r"column 'date': expected dates \(datetime64 without time zone\), got '2020-02-28'",
        ),
    ],
)
def test_a_wrong_value_is_named_with_its_row(change, message):
    with pytest.raises(InputError, match="the table of articles, " + message):
        check_table(table(["a", "b"]).assign(**change), "articles")


def test_a_missing_column_is_named_with_the_remedy():
    with pytest.raises(
        InputError, match=r"lacks the column 'outlet'; it has: article_id, .* toolkit.load_articles makes"
    ):
        check_table(table(["a"]).drop(columns="outlet"), "articles")


def test_what_is_no_table_is_refused():
    with pytest.raises(InputError, match="expected a pandas table of mentions, got list"):
        check_table([1, 2], "mentions")


def test_a_value_outside_the_list_is_refused():
    mentions = empty_table("mentions").reindex(range(1)).assign(
        mention_id="m", article_id="a", outlet="o", story_id="s", copied=0.0, part="body", actor="turkey",
        surface="Ankara", form="city", reading="actor", voice="outlet", sentence_id="a:0", sentence="Ankara.",
        start=0, end=6,
    )  # fmt: skip
    with pytest.raises(InputError, match="column 'form': row 0 is 'city'; expected one of name, capital, demonym"):
        check_table(mentions, "mentions")


def test_scores_are_asked_for_by_task():
    with pytest.raises(
        InputError, match=r"no scores for the task 'tone': call toolkit.score_mentions\(mentions, task='tone'"
    ):
        check_table(empty_table("mentions"), "mentions", task="tone")


def test_dates_in_any_resolution_are_dates():
    articles = table(["a"])
    for unit in ("s", "ms", "us", "ns"):
        check_table(articles.assign(date=pd.Series(["2020-02-28"]).astype(f"datetime64[{unit}]")), "articles")

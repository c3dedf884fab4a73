"""One tone for each article, and estimates whose unit is the article."""

import numpy as np
import pandas as pd
import pytest

from toolkit.errors import InputError
from toolkit.estimation import contrast, estimate, tone_by_article


def scored(rows):
    """Rows of article, story, sentence, part, voice, score."""
    table = pd.DataFrame(rows, columns=["article_id", "story_id", "sentence_id", "part", "voice", "tone_score"])
    return table.assign(
        mention_id=[f"m{i:04d}" for i in range(len(table))], outlet=table["article_id"].str[0], actor="turkey",
        date=pd.Timestamp("2020-02-28"), wire=None, copied=0.0, surface="Ankara", form="capital", reading="actor",
        speaker=None, sentence="Ankara warned.", start=0, end=6, position=0,
    )  # fmt: skip


@pytest.fixture
def table():
    return scored([
        ("A1", "s1", "A1:t", "title", "outlet", 0.6),
        ("A1", "s1", "A1:0", "body", "outlet", -0.2),
        ("A1", "s1", "A1:0", "body", "outlet", -0.6),
        ("A1", "s1", "A1:1", "body", "quoted", -1.0),
        ("A2", "s1", "A2:0", "body", "outlet", 0.5),
        ("A3", "s2", "A3:0", "body", "quoted", 0.9),
    ])  # fmt: skip


def test_whole_and_own_are_the_weighted_means_of_sentences(table):
    found = tone_by_article(table).set_index("article_id")
    assert found.loc["A1", "whole"] == pytest.approx((3 * 0.6 + 2 * -0.4 + 1 * -1.0) / 6)
    assert found.loc["A1", "own"] == pytest.approx((3 * 0.6 + 2 * -0.4) / 5)
    assert found.loc["A1", ["n_mentions", "n_sentences", "n_own"]].tolist() == [4, 3, 2]


def test_an_article_without_own_words_has_a_whole_and_no_own(table):
    row = tone_by_article(table).set_index("article_id").loc["A3"]
    assert row["whole"] == pytest.approx(0.9)
    assert np.isnan(row["own"])
    assert row["n_own"] == 0


def test_the_order_of_rows_changes_no_bit_and_the_input_stays(table):
    before = table.copy()
    pd.testing.assert_frame_equal(tone_by_article(table), tone_by_article(table.iloc[::-1]), check_exact=True)
    pd.testing.assert_frame_equal(table, before)


def test_scores_that_are_missing_and_places_are_left_out(table):
    changed = table.assign(tone_score=table["tone_score"].where(table["part"] != "title"))
    changed.loc[4, "reading"] = "place"
    found = tone_by_article(changed).set_index("article_id")
    assert found.loc["A1", "own"] == pytest.approx(-0.4)
    assert "A2" not in found.index
    assert "A2" in set(tone_by_article(changed, reading="all")["article_id"])


def test_no_rows_give_an_empty_table_with_the_same_columns(table):
    empty = tone_by_article(table.iloc[:0])
    assert list(empty.columns) == list(tone_by_article(table).columns)
    assert empty.empty


def test_unknown_choices_are_quoted_back(table):
    with pytest.raises(InputError, match="unknown reading 'actors'"):
        tone_by_article(table, reading="actors")
    with pytest.raises(InputError, match="unknown unit 'articles'"):
        estimate(table, unit="articles")
    with pytest.raises(InputError, match="no scores for the task 'stance'"):
        tone_by_article(table, "stance")


@pytest.mark.parametrize(("voice", "column"), [("outlet", "own"), ("all", "whole")])
def test_an_estimate_of_articles_averages_their_tones_within_stories_first(table, voice, column):
    tones = tone_by_article(table).dropna(subset=[column])
    wanted = tones.groupby("story_id")[column].mean().mean()
    row = estimate(table, unit="article", voice=voice).iloc[0]
    assert row["estimate"] == pytest.approx(wanted)
    assert row["estimand"] == "mean tone of articles per story"
    assert row["n_articles"] == len(tones)
    every = estimate(table, unit="article", voice=voice, copies="all").iloc[0]
    assert every["estimate"] == pytest.approx(tones[column].mean())
    assert every["estimand"] == "mean tone of articles"


def test_one_sentence_an_article_in_one_voice_makes_both_units_the_same():
    rng = np.random.default_rng(0)
    rows = [
        (f"{'AB'[i % 2]}{i}", f"s{i // 2}", f"{i}:0", "body", "outlet", s) for i, s in enumerate(rng.uniform(-1, 1, 40))
    ]
    rows = scored(rows)
    for function in (estimate, contrast):
        a, b = (function(rows, unit=unit).drop(columns="estimand") for unit in ("mention", "article"))
        pd.testing.assert_frame_equal(a, b)


def test_intervals_of_articles_are_clustered_by_story():
    """Ten copies of each of four stories are four facts: the interval is that of one article a story."""
    one = scored([(f"A{s}", f"s{s}", f"{s}:0", "body", "outlet", v) for s, v in enumerate((0.1, 0.4, -0.3, 0.2))])
    many = scored([(f"A{s}-{k}", f"s{s}", f"{s}-{k}:0", "body", "outlet", v)
                   for s, v in enumerate((0.1, 0.4, -0.3, 0.2)) for k in range(10)])  # fmt: skip
    a, b = (estimate(t, unit="article", copies="all").iloc[0] for t in (one, many))
    assert a[["estimate", "low", "high"]].astype(float).tolist() == pytest.approx(
        b[["estimate", "low", "high"]].tolist()
    )

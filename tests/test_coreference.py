"""Pronouns and roles that point back to somebody who was named."""

import pandas as pd
import pytest

from toolkit.actors import find_mentions
from toolkit.actors.coreference import Mention, find_named, find_persons, find_references
from toolkit.errors import InputError


def references(text, names=None):
    names = find_persons(text) if names is None else names
    return [(text[m.start : m.end], m.entity, m.form) for m in find_references(text, names)]


def bodies(text, *words):
    return [Mention(text.index(w), text.index(w) + len(w), w, "body") for w in words]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Jens Holt resigned. He was tired.", [("He", "Jens Holt", "pronoun")]),
        ("Jens Holt resigned. His wife was glad.", [("His", "Jens Holt", "pronoun")]),
        ("Ada Berg spoke. She won. Few saw her.", [("She", "Ada Berg", "pronoun"), ("her", "Ada Berg", "pronoun")]),
        ("Senator Ada Berg spoke. Few listened. The senator smiled.", [("senator", "Ada Berg", "role")]),
        ("Ada Berg, a former director, spoke. The director smiled.", [("director", "Ada Berg", "role")]),
        ("Jens Holt resigned. It was raining.", []),
        ("Jens Holt resigned. Then a b c. Then d e f. Then g h i. Then j k l. He was tired.", []),
        ("Ada Berg spoke. The doctor smiled.", []),
    ],
)  # fmt: skip
def test_each_points_to_the_nearest_that_fits(text, wanted):
    assert references(text) == wanted


def test_gender_is_learnt_from_titles_and_keeps_two_persons_apart():
    text = "Mr. Jens Holt met Mrs. Ada Berg in Bergen. She praised the city. He left."
    assert references(text) == [("She", "Ada Berg", "pronoun"), ("He", "Jens Holt", "pronoun")]


def test_inside_quotation_marks_only_what_is_named_there_counts():
    assert references('Jens Holt said: "He has lied to us all."') == []
    assert references("Jens Holt said that he was tired.") == [("he", "Jens Holt", "pronoun")]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Moscow denied the strike. It said that nobody flew.", [("It", "Moscow", "pronoun")]),
        ("Moscow denied the strike. It was raining in the city.", []),
        ("Moscow called for a truce and then broke it.", []),
        ("Moscow moved its troops.", [("its", "Moscow", "pronoun")]),
        ("Moscow spoke. They were tired.", []),
    ],
)
def test_states_are_it_where_it_is_a_subject(text, wanted):
    assert references(text, bodies(text, "Moscow")) == wanted


def test_the_company_is_the_only_body_named():
    text = "Acme sold its mills. The company has no debts."
    assert references(text, bodies(text, "Acme"))[-1] == ("company", "Acme", "role")


def test_names_without_gender_or_persons_give_nothing():
    assert references("The dog barked. It was loud.") == []
    assert find_references("", []) == []


def test_parts_of_a_name_beside_another_name_are_somebody_else():
    text = "Rafael Nadal won. NADAL said that Maria Nadal cried; Nadal did not."
    assert [m.start for m in find_named(text, "Rafael Nadal")] == [0, 18, text.rindex("Nadal")]


def test_bad_arguments_are_quoted_back():
    with pytest.raises(InputError, match="name is ''; expected the name of somebody"):
        find_named("A text.", "")
    with pytest.raises(InputError, match="unknown kind 'persons'"):
        find_named("A text.", "Ada Berg", kind="persons")


@pytest.fixture
def articles():
    text = 'Ankara warned Moscow on Friday. It would not wait, it added. Putin laughed. "He lies," an aide said.'
    return pd.DataFrame(
        [{"article_id": "a1", "outlet": "O", "date": pd.Timestamp("2020-02-28"), "title": "T", "text": text,
          "url": None, "language": "en", "source_file": "x", "wire": None, "story_id": "s1", "copied": 0.0}]
    )  # fmt: skip


def test_mentions_gain_pronouns_only_where_asked_and_lose_nothing(articles):
    plain = find_mentions(articles)
    more = find_mentions(articles, pronouns=True)
    added = more[more["form"].isin(["pronoun", "role"])]
    pd.testing.assert_frame_equal(plain, more.drop(added.index).reset_index(drop=True))
    assert added[["surface", "actor", "reading"]].values.tolist()[0] == ["It", "turkey", "actor"]
    for row in added.itertuples():
        assert row.sentence[row.start : row.end] == row.surface
        assert articles["text"][0][row.position : row.position + len(row.surface)] == row.surface
    assert not plain["form"].isin(["pronoun", "role"]).any()

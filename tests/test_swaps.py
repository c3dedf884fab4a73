"""The swap audit in the right form: names, articles, possessives, and what it finds."""

import numpy as np
import pandas as pd
import pytest

from toolkit.actors import load_lexicon
from toolkit.actors.counterparts import Counterparts, put_names
from toolkit.errors import InputError
from toolkit.evaluation import swap_by_actor, swap_floor

LABELS = np.array(["negative", "neutral", "positive"])


@pytest.fixture(scope="module")
def names():
    return Counterparts(load_lexicon())


@pytest.mark.parametrize(
    ("surface", "form", "own", "other", "wanted"),
    [
        ("Ankara", "capital", "turkey", "russia", "Moscow"),
        ("MOSCOW", "capital", "russia", "syria", "DAMASCUS"),
        ("Ankara", "capital", "turkey", "nato", "NATO"),
        ("Turkey", "name", "turkey", "us", "United States"),
        ("Türkiye", "name", "turkey", "russia", "Russia"),
        ("US", "name", "us", "un", "UN"),
        ("Syrian Arab Republic", "name", "syria", "russia", "Russian Federation"),
        ("Turkish", "demonym", "turkey", "iran", "Iranian"),
        ("Turks", "demonym", "turkey", "greece", "Greeks"),
        ("Turkish", "demonym", "turkey", "nato", "NATO"),
        ("Erdogan", "leader", "turkey", "russia", "Putin"),
        ("Erdoğan", "leader", "turkey", "syria", "Assad"),
        ("Bashar al-Assad", "leader", "syria", "russia", "Vladimir Putin"),
        ("Putin", "leader", "russia", "turkey", "Erdogan"),
        ("Kremlin", "institution", "russia", "us", "White House"),
        ("Kremlin", "institution", "russia", "syria", "Damascus"),
        ("Turkish Armed Forces", "institution", "turkey", "russia", "Russian Armed Forces"),
        ("Syrian Arab Army", "institution", "syria", "turkey", "Turkish Armed Forces"),
        ("Turkish defence ministry", "institution", "turkey", "russia", "Russian defence ministry"),
        ("Russian foreign ministry", "institution", "russia", "us", "American foreign ministry"),
        ("Assad regime", "epithet", "syria", "turkey", "Erdogan regime"),
        ("regime", "epithet", "syria", "turkey", None),
    ],
)
def test_the_right_form(names, surface, form, own, other, wanted):
    assert names.of(surface, form, own, other, "2020-02-28") == wanted


def test_who_held_the_office_on_the_day(names):
    assert names.of("Putin", "leader", "russia", "us", "2020-02-28") == "Trump"
    assert names.of("Putin", "leader", "russia", "us", "2022-02-28") == "Biden"
    assert names.of("Sergei Lavrov", "leader", "russia", "turkey", "2020-02-28") == "Mevlut Cavusoglu"
    # A queen's numeral is no surname.
    assert not names.of("Putin", "leader", "russia", "uk", "2020-02-28").endswith("II")


def put(sentence, old, new, form):
    start = sentence.index(old)
    found, a, b = put_names(sentence, [(start, start + len(old), new, form)], (start, start + len(old)))
    assert found[a:b] == new
    return found


@pytest.mark.parametrize(
    ("sentence", "old", "new", "form", "wanted"),
    [
        ("A Turkish convoy left.", "Turkish", "Iranian", "demonym", "An Iranian convoy left."),
        ("It was an Iranian convoy.", "Iranian", "Russian", "demonym", "It was a Russian convoy."),
        ("It was a Turkish convoy.", "Turkish", "EU", "demonym", "It was an EU convoy."),
        ("It was a Turkish convoy.", "Turkish", "UN", "demonym", "It was a UN convoy."),
        ("It was an Iranian convoy.", "Iranian", "European", "demonym", "It was a European convoy."),
        ("It was an Iranian convoy.", "Iranian", "Ukrainian", "demonym", "It was a Ukrainian convoy."),
        ("It was a Turkish convoy.", "Turkish", "NATO", "demonym", "It was a NATO convoy."),
        ("Turkey's army.", "Turkey", "Russia", "name", "Russia's army."),
        ("The United States' army.", "United States", "Russia", "name", "Russia's army."),
        ("Turkey’s army.", "Turkey", "United States", "name", "The United States’s army."),
        ("Then Turkey agreed.", "Turkey", "United States", "name", "Then the United States agreed."),
        ("Then the United States agreed.", "United States", "Turkey", "name", "Then Turkey agreed."),
        ("The Turkish army left.", "Turkish", "Russian", "demonym", "The Russian army left."),
        ("Then the Kremlin spoke.", "Kremlin", "Damascus", "institution", "Then Damascus spoke."),
        ("Then the Kremlin spoke.", "Kremlin", "White House", "institution", "Then the White House spoke."),
        ('He said "Turkey agreed".', "Turkey", "European Union", "name", 'He said "the European Union agreed".'),
    ],
)
def test_articles_and_possessives(sentence, old, new, form, wanted):
    assert put(sentence, old, new, form) == wanted


def mentions_of(*rows):
    """(sentence, surface, actor, form) and the story, as mentions."""
    table = [
        {"sentence": s, "start": s.index(what), "end": s.index(what) + len(what), "actor": actor, "form": form,
         "story_id": f"s{i}", "outlet": "A" if i % 2 else "B", "date": pd.Timestamp("2020-02-28")}
        for i, (s, what, actor, form) in enumerate(rows)
    ]  # fmt: skip
    return pd.DataFrame(table)


class Dislikes:
    """Half a point from everything Russian; counts what it is asked."""

    classes_ = LABELS

    def __init__(self, *, whole=False):
        self.asked, self.whole = 0, whole

    def predict_proba(self, mentions):
        self.asked += len(mentions)
        found = []
        for s, a, b in zip(mentions["sentence"], mentions["start"], mentions["end"], strict=True):
            words = s if self.whole else s[a:b]
            bad = any(name in words for name in ("Russia", "Moscow", "Putin"))
            found.append([0.55, 0.4, 0.05] if bad else [0.1, 0.8, 0.1])
        return np.array(found)


MENTIONS = mentions_of(
    ("Ankara warned.", "Ankara", "turkey", "capital"),
    ("A Turkish convoy left.", "Turkish", "turkey", "demonym"),
    ("Moscow warned.", "Moscow", "russia", "capital"),
    ("Putin left.", "Putin", "russia", "leader"),
    ("Damascus warned.", "Damascus", "syria", "capital"),
    ("The Syrian army left.", "Syrian", "syria", "demonym"),
    ("Then the regime left.", "regime", "syria", "epithet"),
)


def test_a_dislike_is_found_with_its_size():
    table = swap_by_actor(MENTIONS, Dislikes(), draws=200).set_index(["actor", "against"])
    assert table.loc[("russia", "others"), "signed"] == pytest.approx(-0.5)
    assert table.loc[("russia", "mask"), "signed"] == pytest.approx(-0.5)
    # Turkey under Russia's name loses half a point, under Syria's none: the mean is a quarter.
    assert table.loc[("turkey", "others"), "signed"] == pytest.approx(0.25)
    assert table.loc[("turkey", "mask"), "signed"] == 0
    assert table.loc[("russia", "others"), "changed"] == 1
    assert table.loc[("syria", "others"), "changed"] == 0.5
    assert table.loc[("syria", "others"), "left_out"] == 1
    assert table.loc[("syria", "others"), "n_mentions"] == 2
    pairs = swap_by_actor(MENTIONS, Dislikes(), pairs=True, draws=200).set_index(["actor", "against"])
    assert pairs.loc[("turkey", "russia"), "signed"] == pytest.approx(0.5)
    assert pairs.loc[("turkey", "syria"), "signed"] == 0
    assert ("turkey", "turkey") not in pairs.index


def test_other_names_in_the_sentence_change_places():
    mentions = mentions_of(("Turkey accused Russia of lies.", "Turkey", "turkey", "name"))

    class Reads(Dislikes):
        def predict_proba(self, mentions):
            seen.extend(mentions["sentence"])
            return super().predict_proba(mentions)

    seen = []
    swap_by_actor(mentions, Reads(), ["turkey", "russia", "syria"], draws=100)
    assert "Russia accused Turkey of lies." in seen
    assert "Syria accused Russia of lies." in seen
    assert "X accused Russia of lies." in seen
    seen.clear()
    swap_by_actor(mentions, Reads(), ["turkey", "russia"], names="target", draws=100)
    assert "Russia accused Russia of lies." in seen


def test_equal_sentences_are_scored_once():
    once, many = Dislikes(), Dislikes()
    swap_by_actor(MENTIONS, once, draws=100)
    again = pd.concat([MENTIONS] * 5, ignore_index=True)
    table = swap_by_actor(again, many, draws=100)
    assert many.asked == once.asked
    assert table["n_mentions"].sum() == 5 * 2 * 6


def test_a_classifier_that_masks_is_not_moved_by_the_target_alone():
    sentence = "Moscow warned Turkey, and Putin betrayed and murdered his allies."
    mentions = mentions_of((sentence, "Moscow", "russia", "capital"), ("Turkey lied.", "Turkey", "turkey", "name"))
    table = swap_by_actor(mentions, "lexicon", names="target", draws=100)
    assert (table[["signed", "absolute", "changed"]] == 0).all(axis=None)


def test_groups_order_and_input():
    before = MENTIONS.copy(deep=True)
    by = swap_by_actor(MENTIONS, Dislikes(), by=["outlet", "actor"], draws=200, seed=3)
    assert list(by.columns[:2]) == ["outlet", "actor"]
    shuffled = MENTIONS.sample(frac=1, random_state=1)
    again = swap_by_actor(shuffled, Dislikes(), by=["outlet", "actor"], draws=200, seed=3)
    pd.testing.assert_frame_equal(by, again)
    pd.testing.assert_frame_equal(MENTIONS, before)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"actors": ["turkey"]}, "two actors or more"),
        ({"actors": ["turkey", "rusia"]}, "unknown actor 'rusia'; did you mean 'russia'"),
        ({"actors": ["turkey", "russia.forces"]}, "'russia.forces' is a part of an actor"),
        ({"names": "some"}, "names is 'some'"),
        ({"by": "country"}, "no column 'country'"),
        ({"actors": ["us", "iran"]}, "no mentions by name of us, iran"),
        ({"draws": 3}, "draws is 3"),
    ],
)
def test_what_cannot_be_swapped_is_refused(given, message):
    with pytest.raises(InputError, match=message):
        swap_by_actor(MENTIONS, Dislikes(), **given)


def test_the_floor_beside_estimates_and_contrasts():
    audit = swap_by_actor(MENTIONS, Dislikes(), draws=200)
    summary = pd.DataFrame({"actor": ["russia", "russia", "turkey", "us"], "estimate": [-0.4, -0.6, 0.3, 0.1]})
    found = swap_floor(summary, audit)
    assert found["within_swap"].tolist() == [True, False, False, False]
    assert found["swap"].round(6).tolist()[:3] == [0.5, 0.5, 0.25]
    assert np.isnan(found["swap"].iloc[3])
    assert "swap audit" in found["swap_note"].iloc[0]
    assert found["swap_note"].isna().tolist() == [False, True, True, True]
    actors = pd.DataFrame({"outlet": "A", "a": ["turkey"], "b": ["russia"], "estimate": [0.7]})
    assert swap_floor(actors, audit)["swap"].iloc[0] == pytest.approx(0.75)
    outlets = pd.DataFrame({"actor": ["russia"], "a": ["A"], "b": ["B"], "estimate": [0.1]})
    assert swap_floor(outlets, audit)["within_swap"].tolist() == [True]
    with pytest.raises(InputError, match="the table has no column 'actor'"):
        swap_floor(pd.DataFrame({"estimate": [0.1]}), audit)
    with pytest.raises(InputError, match="the audit has no column 'against'"):
        swap_floor(summary, summary)
    blind = swap_by_actor(MENTIONS, "lexicon", names="target", draws=100)
    assert not swap_floor(summary.assign(estimate=0.0), blind)["within_swap"].any()

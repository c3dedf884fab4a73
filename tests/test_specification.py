"""Specification curves: each estimate is the contrast with these options."""

import sys
import time

import numpy as np
import pandas as pd
import pytest

from toolkit.errors import InputError
from toolkit.estimation import contrast, specification_curve, specification_shares
from toolkit.estimation.specification import CHOICES

sys.path.insert(0, "benchmarks")


@pytest.fixture(scope="module")
def bench(root):
    import regression_coverage

    return regression_coverage


@pytest.fixture(scope="module")
def world(bench):
    made = bench.draw(np.random.default_rng(2), 60)
    rng, table = np.random.default_rng(3), made["scored"]
    voice = rng.choice(["outlet", "quoted", "reported"], len(table), p=[0.7, 0.2, 0.1])
    varied = table.assign(
        reading_p=rng.random(len(table)), reading=np.where(rng.random(len(table)) < 0.8, "actor", "place"),
        copied=np.where(rng.random(len(table)) < 0.2, 0.9, 0.0), part=np.where(rng.random(len(table)) < 0.2, "title",
                                                                              "body"),
    )  # fmt: skip
    return {**made, "scored": varied.assign(voice=voice, sentence_id=varied["mention_id"])}


@pytest.fixture(scope="module")
def curve(world):
    other = world["scored"].assign(tone_score=lambda t: 0.5 * t["tone_score"] - 0.1)
    return specification_curve({"first": world["scored"], "second": other}, "A", "B", "x",
                               readings=["actor", 0.5, "all", 0.2])  # fmt: skip


def test_every_estimate_is_the_contrast_with_these_options(world, curve):
    assert len(curve) == 2 * 2 * 3 * 4 * 2
    for row in curve.iloc[::7].to_dict("records"):
        table = world["scored"]
        if row["classifier"] == "second":
            table = table.assign(tone_score=0.5 * table["tone_score"] - 0.1)
        options = {name: row[name] for name in ("voice", "copies", "reading", "unit", "method")}
        same = contrast(table, **options).set_index("actor").loc["x"]
        for column in ("estimate", "low", "high", "p", "se", "df"):
            assert row[column] == pytest.approx(same[column], rel=1e-9), (column, options)
        assert row["n_mentions"] == same["n_mentions_a"] + same["n_mentions_b"]


def test_corrected_specifications_are_the_corrected_contrasts(world):
    gold = {k: world[k] for k in ("gold", "frame")}
    curve = specification_curve(world["scored"], "A", "B", "x", methods=["naive", "gold", "dsl"], **gold)
    assert len(curve) == 72
    for row in curve[curve["method"] != "naive"].iloc[::5].to_dict("records"):
        options = {name: row[name] for name in ("voice", "copies", "reading", "unit", "method")}
        same = contrast(world["scored"], **options, **gold).set_index("actor").loc["x"]
        for column in ("estimate", "low", "high", "p"):
            assert row[column] == pytest.approx(same[column], rel=1e-9), (column, options)


def test_it_is_sorted_with_one_headline(curve):
    assert curve["estimate"].is_monotonic_increasing
    head = curve[curve["headline"]]
    assert head[list(CHOICES)].to_numpy().tolist() == [
        ["first", "tone", "outlet", "one_per_story", "actor", "mention", "naive"]
    ]
    assert not curve.duplicated(list(CHOICES)).any()
    assert curve.attrs == {}


def test_row_order_does_not_matter(world):
    turned = world["scored"].sample(frac=1, random_state=5)
    before = turned.copy(deep=True)
    pd.testing.assert_frame_equal(
        specification_curve(world["scored"], "A", "B", "x"), specification_curve(turned, "A", "B", "x"),
        check_exact=True,
    )  # fmt: skip
    pd.testing.assert_frame_equal(turned, before, check_exact=True)


def test_shares_count_signs_and_intervals(curve):
    shares = specification_shares(curve).iloc[0]
    head = curve[curve["headline"]].iloc[0]["estimate"]
    assert shares["share_same_sign"] == pytest.approx((np.sign(curve["estimate"]) == np.sign(head)).mean())
    apart = (curve["low"] > 0) | (curve["high"] < 0)
    assert shares["share_excludes_zero"] == pytest.approx(apart.mean())
    assert shares["share_same_sign_excludes_zero"] <= min(shares["share_same_sign"], shares["share_excludes_zero"])
    assert shares[["lowest", "median", "highest"]].tolist() == pytest.approx(
        [curve["estimate"].min(), curve["estimate"].median(), curve["estimate"].max()]
    )
    with pytest.raises(InputError, match="0 rows are the headline"):
        specification_shares(curve[~curve["headline"]])
    with pytest.raises(InputError, match="lacks the column 'headline'"):
        specification_shares(curve.drop(columns="headline"))


def test_specifications_that_cannot_be_estimated_stand_last_and_say_why(world):
    curve = specification_curve(
        world["scored"].assign(wire="AFP"), "A", "B", "x", copies=["all", "own"], methods=["naive", "dsl"],
        voices=["outlet"], readings=["actor"], units=["mention"],
        gold=world["gold"], frame=world["frame"],
    )  # fmt: skip
    assert curve["estimate"].notna().tolist() == [True, True, False, False]
    assert curve["note"].iloc[2] == "not estimated: no mention is left"
    frame = world["frame"].merge(world["scored"][["mention_id", "voice"]]).query("voice == 'outlet'")
    gold = world["gold"][world["gold"]["mention_id"].isin(frame["mention_id"])]
    curve = specification_curve(
        world["scored"], "A", "B", "x", methods=["naive", "dsl"], copies=["all"], readings=["all"], units=["mention"],
        gold=gold, frame=frame.drop(columns="voice"),
    )  # fmt: skip
    lost = curve[curve["estimate"].isna()].iloc[0]
    assert (lost["voice"], lost["method"]) == ("all", "dsl")
    assert "outside the frame" in lost["note"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"voices": []}, "the choices of voice are"),
        ({"voices": "outlet"}, "the choices of voice are 'outlet'; expected a list"),
        ({"copies": ["all", "all"]}, "the choices of copies are"),
        ({"copies": ["all", "won"]}, "unknown copies 'won'"),
        ({"readings": ["actor", 3.0]}, "reading is 3.0"),
        ({"units": ["mention", "story"]}, "unknown unit 'story'"),
        ({"methods": ["naive", "ppi"]}, "method='ppi'"),
        ({"methods": ["naive", "dsl"]}, "needs gold labels"),
        ({"tasks": ["stance"]}, "no scores for the task 'stance'"),
        ({"actor": "turkye"}, "no mention has actor 'turkye'"),
        ({"b": "C"}, "no mention has outlet 'C'"),
        ({"b": "A"}, "a and b are both 'A'"),
    ],
)
def test_wrong_choices_are_refused_before_anything_is_estimated(world, options, message):
    with pytest.raises(InputError, match=message):
        specification_curve(world["scored"], **{"a": "A", "b": "B", "actor": "x", **options})


def test_a_whole_curve_takes_seconds(bench):
    """96 specifications of 3,000 mentions; the machine's own time, as others may share it."""
    table = bench.draw(np.random.default_rng(5), 500)["scored"].iloc[:3000].assign(reading_p=0.9)
    start = time.process_time()
    curve = specification_curve({"a": table, "b": table.assign(tone_score=-table["tone_score"])}, "A", "B", "x",
                                readings=["actor", 0.5, "all", 0.2])  # fmt: skip
    assert len(curve) == 96
    assert time.process_time() - start < 6

"""Contrasts within stories and decompositions: identities, by hand, against statsmodels, and in short simulations."""

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import stats

from toolkit.errors import InputError, InputWarning
from toolkit.estimation import PARTS, contrast, contrast_within, decompose_gap, outcomes

sys.path.insert(0, "benchmarks")


@pytest.fixture(scope="module")
def bench(root):
    import regression_coverage

    return regression_coverage


def plain(rows, **columns):
    """Mentions of (outlet, story, score)."""
    table = pd.DataFrame(rows, columns=["outlet", "story_id", "tone_score"])
    fixed = {
        "mention_id": [f"m{i:04}" for i in range(len(table))], "article_id": table["outlet"] + table["story_id"],
        "sentence_id": "t", "date": pd.Timestamp("2020-02-28"), "wire": None, "copied": 0.0, "part": "body",
        "surface": "x", "form": "name", "actor": "x", "reading": "actor", "voice": "outlet", "speaker": None,
        "sentence": "x", "start": 0, "end": 1, "position": 0,
    }  # fmt: skip
    return table.assign(**(fixed | columns)).astype({"tone_score": float})


def drawn(seed, shared=12, alone=(5, 7)):
    rng = np.random.default_rng(seed)
    rows = []
    for s in range(shared + sum(alone)):
        outlets = "AB" if s < shared else "A" if s < shared + alone[0] else "B"
        for outlet in outlets:
            rows += [(outlet, f"s{s:02}", float(np.tanh(rng.normal(0.2 * (outlet == "A"), 0.5))))
                     for _ in range(1 + rng.poisson(1.5))]  # fmt: skip
    return plain(rows)


def wide(table):
    return table.groupby(["story_id", "outlet"])["tone_score"].mean().unstack()


def test_within_is_the_paired_test_of_shared_stories():
    table = drawn(1)
    d = (wide(table)["A"] - wide(table)["B"]).dropna()
    other = stats.ttest_1samp(d, 0)
    low, high = other.confidence_interval()
    row = contrast_within(table).iloc[0]
    assert row["estimate"] == pytest.approx(d.mean(), abs=1e-12)
    assert row[["p", "low", "high", "df"]].tolist() == pytest.approx([other.pvalue, low, high, len(d) - 1], rel=1e-9)
    assert (row["n_stories_shared"], row["n_stories"]) == (12, 24)
    inside = table["story_id"].isin(d.index)
    assert row["share_shared"] == pytest.approx(inside.mean())
    assert row["n_mentions"] == inside.sum()
    assert row["raw"] == pytest.approx(contrast(table).iloc[0]["estimate"], abs=1e-12)


def test_weighted_by_mentions_it_is_least_squares_with_a_constant_for_each_story():
    table = drawn(2)
    row = contrast_within(table, weights="mentions").iloc[0]
    other = smf.ols("y ~ C(outlet) + C(story_id)", table.assign(y=table["tone_score"])).fit()
    assert row["estimate"] == pytest.approx(-other.params["C(outlet)[T.B]"], abs=1e-8)
    assert row["raw"] == pytest.approx(contrast(table, copies="all").iloc[0]["estimate"], abs=1e-12)


def test_where_all_stories_are_shared_within_is_the_contrast():
    table = drawn(3, alone=(0, 0))
    within, raw = contrast_within(table).iloc[0], contrast(table).iloc[0]
    assert within[["estimate", "low", "high", "p"]].tolist() == pytest.approx(
        raw[["estimate", "low", "high", "p"]].tolist(), rel=1e-9
    )


def test_pairs_that_share_nothing_or_little_say_so():
    rows = [("A", "s1", 0.5), ("A", "s2", 0.1), ("B", "s2", 0.2), ("C", "s3", 0.4), ("C", "s4", 0.1)]
    table = contrast_within(plain(rows)).set_index(["a", "b"])
    assert table.loc[("A", "C"), "note"] == "no story is shared"
    assert np.isnan(table.loc[("A", "C"), "estimate"])
    assert table.loc[("A", "C"), "n_stories_shared"] == 0
    assert table.loc[("A", "B"), "note"] == "no interval: 1 story in a group"
    assert table.loc[("A", "B"), "estimate"] == pytest.approx(-0.1)
    assert table["family"].eq(0).all()
    with pytest.warns(InputWarning, match="nothing to compare"):
        assert len(contrast_within(plain(rows[:2]))) == 0


def test_events_can_be_held_fixed_in_place_of_stories():
    table = drawn(4, shared=0, alone=(12, 12))
    assert contrast_within(table).iloc[0]["note"] == "no story is shared"
    event = table["story_id"].str[1:].astype(int).mod(6).map("e{}".format)
    by_event = contrast_within(table.assign(event=event), story="event").iloc[0]
    renamed = contrast_within(table.assign(story_id=event)).iloc[0]
    assert by_event["n_stories_shared"] == 6
    assert by_event[["estimate", "low", "high"]].tolist() == pytest.approx(
        renamed[["estimate", "low", "high"]].tolist()
    )
    with pytest.raises(InputError, match="has several values of 'event'"):
        contrast_within(table.assign(event=table["mention_id"]), story="event")
    with pytest.raises(InputError, match="has no 'event'"):
        contrast_within(table.assign(event=None), story="event")
    with pytest.raises(InputError, match="no column of the mentions; did you mean"):
        contrast_within(table.assign(event=event), story="evnt")


def test_choices_that_make_no_sense_within_stories():
    for options, message in (
        ({"weights": "stories"}, "unknown weights 'stories'"),
        ({"copies": "one_per_story"}, "within stories weights= says"),
        ({"method": "ppi"}, "method='ppi'"),
        ({"method": "dls"}, "unknown method 'dls'; did you mean 'dsl'"),
    ):
        with pytest.raises(InputError, match=message):
            contrast_within(drawn(5), **options)


PART_SETS = st.lists(
    st.tuples(st.sampled_from("AB"), st.sampled_from([f"s{i}" for i in range(7)]), st.floats(-1, 1)),
    min_size=2, max_size=40,
)  # fmt: skip


@settings(max_examples=80, deadline=None)
@given(PART_SETS, st.sampled_from(["one_per_story", "all"]), st.sampled_from(["mention", "article"]), st.booleans())
def test_the_parts_sum_to_the_gap(rows, copies, unit, same_telling):
    table = plain(rows)
    assume(table["outlet"].nunique() == 2)
    found = decompose_gap(table, "A", "B", copies=copies, unit=unit, same_telling=same_telling).set_index("part")
    assert list(found.index) == list(PARTS)
    raw = contrast(table, copies=copies, unit=unit).iloc[0]["estimate"]
    assert found.loc["gap", "estimate"] == pytest.approx(raw, abs=1e-12)
    if found["n_stories_shared"].iloc[0] or not same_telling:
        assert found["estimate"].iloc[1:].sum() == pytest.approx(raw, abs=1e-12)
    else:
        assert found.loc["telling", "note"] == "no story is shared"
    if copies == "one_per_story":
        assert abs(found.loc["emphasis", "estimate"]) < 1e-12 or np.isnan(found.loc["emphasis", "estimate"])
    turned = decompose_gap(table, "B", "A", copies=copies, unit=unit, same_telling=same_telling)
    np.testing.assert_allclose(turned["estimate"], -found["estimate"], atol=1e-12)


def test_a_decomposition_by_hand():
    """a: s1 three times at 0.4, s2 once at 0, s3 (alone) at -0.2. b: s1 at 0.2, s2 three times at -0.2, s4 at 0.6."""
    rows = [*[("A", "s1", 0.4)] * 3, ("A", "s2", 0.0), ("A", "s3", -0.2),
            ("B", "s1", 0.2), *[("B", "s2", -0.2)] * 3, ("B", "s4", 0.6)]  # fmt: skip
    found = decompose_gap(plain(rows), "A", "B", copies="all").set_index("part")["estimate"]
    p = 0.8  # of five votes each, four are in shared stories
    assert found["gap"] == pytest.approx((1.2 + 0 - 0.2) / 5 - (0.2 - 0.6 + 0.6) / 5)
    assert found["telling"] == pytest.approx(p * (0.5 * 0.2 + 0.5 * 0.2))
    assert found["emphasis"] == pytest.approx(p * ((0.75 - 0.25) * 0.3 + (0.25 - 0.75) * -0.1))
    assert found["selection"] == pytest.approx(0.0, abs=1e-15)
    assert found["only_one"] == pytest.approx(0.2 * (-0.2 - 0.6))


def test_the_gap_has_the_error_of_the_contrast():
    table = drawn(6, shared=15, alone=(12, 12))
    gap, raw = decompose_gap(table, "A", "B").iloc[0], contrast(table).iloc[0]
    assert gap["se"] == pytest.approx(raw["se"], rel=0.03)  # the jackknife and CR2
    assert gap["df"] == pytest.approx(raw["df"], rel=0.1)
    assert gap[["estimate_a", "estimate_b"]].tolist() == pytest.approx(raw[["estimate_a", "estimate_b"]].tolist())
    assert gap[["n_stories_a", "n_stories_b", "n_stories_shared"]].tolist() == [27, 27, 15]
    assert gap["share_shared_a"] == pytest.approx(15 / 27)


def test_without_stories_of_one_alone_telling_is_the_gap():
    found = decompose_gap(drawn(7, alone=(0, 0)), "A", "B").set_index("part")
    assert found.loc["telling", "estimate"] == pytest.approx(found.loc["gap", "estimate"], abs=1e-12)
    assert found.loc[["emphasis", "selection", "only_one"], "estimate"].abs().max() < 1e-12
    assert found.loc["telling", "se"] == pytest.approx(found.loc["gap", "se"], rel=1e-9)


def test_decompositions_of_nobody():
    table = drawn(8)
    for names, options, message in (
        (("A", "A"), {}, "a and b are both 'A'"),
        (("A", "Bee"), {}, "no mention that counts has outlet 'Bee'"),
        (("A", "B"), {"actor": "turkye"}, "no mention has the actor 'turkye'"),
        (("A", "B"), {"method": "gold"}, "too little of single stories"),
    ):
        with pytest.raises(InputError, match=message):
            decompose_gap(table, *names, **options)


@pytest.mark.parametrize("method", ["naive", "dsl"])
def test_row_order_does_not_matter(bench, method):
    world = bench.draw(np.random.default_rng(4), 25, confound=True)
    table = world["scored"]
    options = {"method": method, **({} if method == "naive" else {k: world[k] for k in ("gold", "frame")})}
    turned = table.sample(frac=1, random_state=1)
    before = turned.copy(deep=True)
    pd.testing.assert_frame_equal(
        contrast_within(table, **options), contrast_within(turned, **options), check_exact=True
    )
    first, second = (decompose_gap(t, "A", "B", actor="x", **options) for t in (table, turned))
    pd.testing.assert_frame_equal(first, second, check_exact=True)
    pd.testing.assert_frame_equal(turned, before, check_exact=True)


def test_corrected_parts_are_those_of_the_pseudo_outcomes(bench):
    """Gold enters by the outcome alone, so the corrected parts are the naive ones of the pseudo-outcomes."""
    world = bench.draw(np.random.default_rng(6), 30)
    rows = world["scored"][world["scored"]["actor"] == "x"].sort_values(["story_id", "mention_id"])
    options = {"method": "dsl", "gold": world["gold"], "frame": world["frame"]}
    pseudo = rows.assign(tone_score=outcomes(rows, **options).values)
    for corrected, same in (
        (decompose_gap(rows, "A", "B", **options), decompose_gap(pseudo, "A", "B")),
        (contrast_within(rows, **options), contrast_within(pseudo)),
    ):
        np.testing.assert_allclose(corrected["estimate"], same["estimate"], atol=1e-12)
        np.testing.assert_allclose(corrected["se"], same["se"], atol=1e-10)


def repeat(bench, repetitions, stories=40):
    """Estimates of many worlds in which A alone carries worse stories, with the true labels."""
    held = []
    for r in range(repetitions):
        world = bench.draw(np.random.default_rng([12, r]), stories, confound=True)["scored"]
        table = world[world["actor"] == "x"].assign(tone_score=lambda t: t["truth"])
        within, raw = contrast_within(table).iloc[0], contrast(table).iloc[0]
        parts = decompose_gap(table, "A", "B").set_index("part")
        alike = decompose_gap(table, "A", "B", same_telling=True).set_index("part")
        for name, row in (("within", within), ("raw", raw), ("telling", parts.loc["telling"]),
                          ("only_one", parts.loc["only_one"]), ("selection", alike.loc["selection"])):  # fmt: skip
            held.append({"name": name, **row[["estimate", "low", "high"]]})
    return pd.DataFrame(held).groupby("name")


@pytest.mark.filterwarnings("ignore::toolkit.errors.InputWarning")
def test_within_stories_a_selection_confound_is_gone_and_the_parts_are_found(bench):
    """100 repetitions: a mean is known to some 0.015, a coverage to 4.4 points (two standard errors)."""
    truth = bench.truths()
    held = repeat(bench, 100)
    mean = held["estimate"].mean()
    assert mean["within"] == pytest.approx(truth["within stories"], abs=0.035)
    assert mean["raw"] == pytest.approx(truth["gap"], abs=0.035)
    assert abs(mean["raw"] - truth["within stories"]) > 0.06  # the raw contrast takes selection for telling
    assert mean["telling"] == pytest.approx(truth["telling"], abs=0.03)
    assert mean["only_one"] == pytest.approx(truth["only one"], abs=0.03)
    assert mean["selection"] == pytest.approx(truth["selection, assumed alike"], abs=0.035)
    wanted = {"within": "within stories", "telling": "telling", "only_one": "only one",
              "selection": "selection, assumed alike"}  # fmt: skip
    for name, quantity in wanted.items():
        of = held.get_group(name)
        assert 100 * ((of["low"] <= truth[quantity]) & (truth[quantity] <= of["high"])).mean() >= 88, name


IDLIB = Path("datasets/idlib_2020/truth")


@pytest.fixture(scope="module")
def idlib(root):
    """The sample corpus with its true labels as scores."""
    mentions = pd.read_csv(root / IDLIB / "mentions.csv")
    articles = pd.read_csv(root / IDLIB / "articles.csv", parse_dates=["date"])
    table = mentions.merge(articles[["url", "outlet", "date", "event", "story"]], on="url")
    score = {"negative": -1.0, "neutral": 0.0, "positive": 1.0}
    made = table.assign(
        tone_score=table["tone"].map(score), mention_id=[f"m{i:05}" for i in range(len(table))],
        article_id=table["url"], story_id=table["story"], sentence_id=table["url"], sentence=table["surface"],
        wire=None, copied=0.0, form="name", position=0, date=table["date"].astype("datetime64[us]"),
    )  # fmt: skip
    keep = made["tone_score"].notna() & made["voice"].notna() & made["actor"].isin(["turkey", "russia", "syria"])
    return made[keep].drop(columns=["url", "tone", "story"])


@pytest.mark.filterwarnings("ignore::toolkit.errors.InputWarning")
def test_within_stories_and_events_of_the_sample_corpus(idlib):
    stories, events = (contrast_within(idlib, story=s) for s in ("story_id", "event"))
    assert len(stories) == len(events) == 45
    assert events["n_stories_shared"].sum() > stories["n_stories_shared"].sum()
    known = events[events["low"].notna()]
    assert len(known) > 30
    assert ((known["low"] <= known["estimate"]) & (known["estimate"] <= known["high"])).all()
    assert known[["estimate", "low", "high"]].abs().max().max() <= 2
    assert events["share_shared"].between(0, 1).all()
    raw = contrast(idlib).set_index(["actor", "a", "b"])["estimate"]
    for actor, a, b in list(raw.index)[::9]:
        parts = decompose_gap(idlib, a, b, actor=actor, story="event").set_index("part")
        assert parts.loc["gap", "estimate"] == pytest.approx(raw[actor, a, b], abs=1e-12)
        assert parts["estimate"].iloc[1:].sum() == pytest.approx(raw[actor, a, b], abs=1e-12)
        assert np.isfinite(parts.loc["telling", ["low", "high"]].astype(float)).all()


def test_the_sample_corpus_tells_the_same_events_otherwise(idlib):
    """Ankara's own paper and one that writes against Ankara differ on the same events, in the planted direction."""
    parts = decompose_gap(idlib, "The Anatolian Sun", "The Aegean Ledger", actor="turkey", story="event")
    parts = parts.set_index("part")
    assert parts.loc["gap", "low"] > 0
    assert parts.loc["telling", "low"] > 0
    assert parts.loc["telling", "estimate"] > abs(parts.loc["selection", "estimate"])

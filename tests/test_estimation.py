import time
import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from toolkit.errors import InputError, InputWarning
from toolkit.estimation import contrast, counted, estimate
from toolkit.tables import SCHEMAS, check_table


def scored(rows, **columns):
    """Mentions of (outlet, story, score), all else alike unless given."""
    outlet, story, score = zip(*rows, strict=True) if rows else ((), (), ())
    fixed = {
        "article_id": [f"{o}-{s}" for o, s in zip(outlet, story, strict=True)], "date": pd.Timestamp("2020-02-28"),
        "wire": None, "copied": 0.0, "part": "body", "actor": "turkey", "surface": "Ankara", "form": "capital",
        "reading": "actor", "voice": "outlet", "speaker": None, "sentence_id": "t", "sentence": "Ankara warned.",
        "start": 0, "end": 6, "position": 0, **columns,
    }  # fmt: skip
    table = pd.DataFrame({"outlet": outlet, "story_id": story, "tone_score": score}, dtype=object)
    table = table.astype({"tone_score": float}).assign(mention_id=[f"m{i:05}" for i in range(len(rows))], **fixed)
    table["date"] = pd.to_datetime(table["date"]).astype("datetime64[us]")
    return table.astype({"copied": float, "start": int, "end": int, "position": int})[
        [*(column for column in SCHEMAS["mentions"] if column in table), "tone_score"]
    ]


def draw(seed, stories=12, outlets=("A", "B"), shared=True, sizes=4):
    rng = np.random.default_rng(seed)
    rows = []
    for s in range(stories):
        nature = rng.normal(0, 0.4)
        for o, name in enumerate(outlets):
            key = f"s{s:03}" if shared else f"s{s:03}{name}"
            for _ in range(1 + rng.poisson(sizes)):
                rows.append((name, key, float(np.tanh(nature + 0.2 * o + rng.normal(0, 0.3)))))
    return scored(rows)


def story_means(table, outlet):
    return table[table["outlet"] == outlet].groupby("story_id")["tone_score"].mean()


HAND = scored(
    [("A", "s1", -1.0), ("A", "s1", 0.0), ("A", "s1", -0.5), ("A", "s2", 0.5), ("B", "s1", 0.2)],
)


@pytest.mark.parametrize(
    ("copies", "wanted"), [("one_per_story", (-0.5 + 0.5) / 2), ("all", (-1 + 0 - 0.5 + 0.5) / 4), ("own", -0.25)]
)
def test_point_estimates_by_hand(copies, wanted):
    row = estimate(HAND, copies=copies).iloc[0]
    assert row["estimate"] == pytest.approx(wanted)
    assert (row["n_mentions"], row["n_articles"], row["n_stories"]) == (4, 2, 2)
    assert row["estimand"] == ("mean tone per story" if copies == "one_per_story" else "mean tone per mention")


def test_own_copy_leaves_out_agencies_and_copies():
    table = scored(
        [("A", "s1", 1.0), ("A", "s2", -1.0), ("A", "s3", -1.0), ("A", "s4", 0.5)],
        wire=[None, "AFP", None, None], copied=[0.0, 0.0, 0.5, 0.49],
    )  # fmt: skip
    row = estimate(table, copies="own").iloc[0]
    assert (row["estimate"], row["n_stories"]) == (0.75, 2)
    assert counted(table, copies="own").tolist() == [True, False, False, True]


def test_the_summary_fits_its_schema():
    summary = estimate(draw(1))
    check_table(summary, "summary")
    assert list(summary.columns[:3]) == ["outlet", "actor", "task"]
    assert summary["note"].isna().all()


def test_interval_is_the_t_interval_over_stories():
    table = draw(2)
    row = estimate(table, by=["outlet"]).iloc[0]
    means = story_means(table, "A")
    low, high = stats.t.interval(0.95, len(means) - 1, means.mean(), stats.sem(means))
    assert (row["low"], row["high"], row["df"]) == pytest.approx((low, high, len(means) - 1), abs=1e-12)


def test_per_mention_error_is_cr2():
    table = draw(3, stories=7)
    of = table[table["outlet"] == "A"].sort_values("story_id")
    y, story = of["tone_score"].to_numpy(), of["story_id"].to_numpy()
    residual, meat = y - y.mean(), 0.0
    for s in np.unique(story):  # the textbook form, with the matrix root of I - H of each cluster
        n = int((story == s).sum())
        value, vector = np.linalg.eigh(np.eye(n) - np.ones((n, n)) / len(y))
        root = vector @ np.diag(value**-0.5) @ vector.T
        meat += (np.ones(n) @ root @ residual[story == s]) ** 2
    assert estimate(table, copies="all").iloc[0]["se"] == pytest.approx(np.sqrt(meat) / len(y), rel=1e-10)


def test_contrast_without_shared_stories_is_welch():
    table = draw(4, shared=False)
    row = contrast(table).iloc[0]
    other = stats.ttest_ind(story_means(table, "A"), story_means(table, "B"), equal_var=False)
    low, high = other.confidence_interval()
    assert (row["p"], row["df"], row["low"], row["high"]) == pytest.approx(
        (other.pvalue, other.df, low, high), rel=1e-9
    )
    assert row["n_stories_shared"] == 0


def test_contrast_with_all_stories_shared_is_paired():
    table = draw(5)
    row = contrast(table).iloc[0]
    other = stats.ttest_rel(story_means(table, "A"), story_means(table, "B"))
    low, high = other.confidence_interval()
    assert (row["p"], row["df"], row["low"], row["high"]) == pytest.approx(
        (other.pvalue, other.df, low, high), rel=1e-9
    )
    assert row["n_stories_shared"] == 12


@pytest.mark.parametrize("interval", ["t", "bootstrap"])
def test_shared_stories_make_contrasts_sharper(interval):
    shared = contrast(draw(6, stories=40), interval=interval).iloc[0]
    apart = contrast(draw(6, stories=40, shared=False), interval=interval).iloc[0]
    assert shared["estimate"] == pytest.approx(apart["estimate"])
    assert shared["high"] - shared["low"] < 0.7 * (apart["high"] - apart["low"])


@pytest.mark.parametrize("function", [estimate, contrast])
@pytest.mark.parametrize("interval", ["t", "bootstrap"])
@pytest.mark.parametrize("copies", ["one_per_story", "all"])
def test_row_order_and_index_do_not_matter(function, interval, copies):
    table = draw(7)
    before = table.copy(deep=True)
    first = function(table, interval=interval, copies=copies, draws=200, seed=3)
    turned = table.sample(frac=1, random_state=1)
    turned.index = range(500, 500 + len(turned))
    pd.testing.assert_frame_equal(
        first, function(turned, interval=interval, copies=copies, draws=200, seed=3), check_exact=True
    )
    pd.testing.assert_frame_equal(table, before, check_exact=True)


def test_the_seed_decides():
    table = draw(8)
    one, two, other = (estimate(table, interval="bootstrap", draws=300, seed=s) for s in (1, 1, 2))
    pd.testing.assert_frame_equal(one, two, check_exact=True)
    assert (one["low"] != other["low"]).any()
    pd.testing.assert_series_equal(one["estimate"], other["estimate"], check_exact=True)


def test_bootstrap_agrees_with_t_where_stories_are_many():
    table = draw(9, stories=300)
    t, bootstrap = (estimate(table, interval=i, draws=4000) for i in ("t", "bootstrap"))
    for side in ("low", "high"):
        assert (t[side] - bootstrap[side]).abs().max() < 0.1 * (t["high"] - t["low"]).min()


def test_draws_without_a_story_of_the_group_are_counted():
    rows = [("A", f"a{i}", 0.1 * i) for i in range(2)] + [("B", f"b{i}", 0.01 * i) for i in range(60)]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        row = estimate(scored(rows), interval="bootstrap", draws=500).iloc[0]
    left = int(row["note"].split(" of 500 draws")[0].split()[-1])
    assert 30 < left < 110  # exp(-2) of 500 is 68
    assert np.isfinite([row["low"], row["high"]]).all()


def test_one_story_has_no_interval():
    row = estimate(HAND, by=["outlet"]).set_index("outlet").loc["B"]
    assert row["estimate"] == pytest.approx(0.2)
    assert np.isnan([row["low"], row["high"]]).all()
    assert row["note"] == "no interval: 1 story"
    pair = contrast(HAND).iloc[0]
    assert np.isnan([pair["low"], pair["p"], pair["p_holm"]]).all()
    assert (pair["note"], pair["family"]) == ("no interval: b has 1 story", 0)


def test_stories_without_any_difference_have_no_interval():
    rows = [(o, f"s{i}", 0.0) for i in range(4) for o in "AB"]
    for interval in ("t", "bootstrap"):
        assert (
            estimate(scored(rows), interval=interval)["note"].eq("no interval: all 4 stories have the same score").all()
        )
        pair = contrast(scored(rows), interval=interval).iloc[0]
        assert pair["note"] == "no interval: the difference is the same in all stories"


def test_few_stories_are_said():
    assert "few stories (5)" in estimate(draw(10, stories=5)).iloc[0]["note"]
    assert "few stories (5, 5)" in contrast(draw(10, stories=5)).iloc[0]["note"]


def test_intervals_stay_in_the_range_of_the_scores():
    row = estimate(scored([("A", "s1", -1.0), ("A", "s2", -0.9), ("A", "s3", 0.4)])).iloc[0]
    assert row["low"] == -1.0
    assert row["high"] <= 1.0


def test_holm_and_family():
    rng = np.random.default_rng(0)
    rows = [
        (o, f"{o}{i}", m + rng.normal(0, 0.2)) for o, m in zip("ABC", (0.5, 0.1, -0.6), strict=True) for i in range(9)
    ]
    pairs = contrast(scored(rows)).sort_values("p")
    assert pairs["family"].tolist() == [3, 3, 3]
    p = pairs["p"].tolist()
    assert pairs["p_holm"].tolist() == pytest.approx([3 * p[0], max(3 * p[0], 2 * p[1]), max(2 * p[1], p[2])])


def test_bootstrap_p_is_never_zero():
    rows = [(o, f"{o}{i}", m + 0.01 * i) for o, m in (("A", -0.9), ("B", 0.8)) for i in range(12)]
    assert contrast(scored(rows), interval="bootstrap", draws=999).iloc[0]["p"] == pytest.approx(2 / 1000)


def test_groups_by_any_column_and_keeps_missing_keys():
    table = scored([("A", "s1", 0.1), ("A", "s2", 0.2), ("A", "s3", 0.3)], wire=["AFP", None, None])
    summary = estimate(table, by=["wire"])
    assert summary["n_mentions"].tolist() == [1, 2]
    assert summary["wire"].isna().tolist() == [False, True]
    everything = estimate(table, by=[])
    assert everything["estimate"].tolist() == pytest.approx([0.2])
    assert next(iter(everything.columns)) == "task"


def test_voice_can_be_a_key():
    table = scored([("A", "s1", 0.1), ("A", "s2", 0.3)], voice=["outlet", "quoted"])
    summary = estimate(table, by="voice", voice="all")
    assert summary["voice"].tolist() == ["outlet", "quoted"]
    assert list(summary.columns).count("voice") == 1
    check_table(summary, "summary")


def test_periods_begin_where_they_should():
    table = scored([("A", "s1", 0.1), ("A", "s2", 0.3), ("A", "s3", 0.5)])
    table["date"] = pd.to_datetime(["2020-02-28", "2020-03-01", "2020-03-02"]).astype("datetime64[us]")
    weeks = estimate(table, by=[], period="week")
    assert weeks["period"].dt.strftime("%Y-%m-%d").tolist() == ["2020-02-24", "2020-03-02"]
    months = estimate(table, by=[], period="month")
    assert months["n_mentions"].tolist() == [1, 2]
    assert list(weeks.columns[:2]) == ["period", "task"]


def test_missing_dates_and_scores_are_left_out_aloud():
    table = scored([("A", "s1", 0.1), ("A", "s2", np.nan), ("A", "s3", 0.5)])
    with pytest.warns(InputWarning, match="1 of 3 mentions lack a score, and are left out"):
        assert estimate(table)["n_mentions"].tolist() == [2]
    table["date"] = pd.to_datetime([None, "2020-03-01", "2020-03-02"]).astype("datetime64[us]")
    with pytest.warns(InputWarning, match="1 of 2 mentions lack a date"):
        estimate(table.assign(tone_score=[0.1, np.nan, 0.2]).dropna(subset="tone_score"), period="week")


@pytest.mark.parametrize("function", [estimate, contrast])
def test_an_empty_selection_says_which_filter_emptied_it(function):
    full = function(draw(11))
    with pytest.warns(InputWarning, match=r"the filter voice='quoted' took the last \d+"):
        empty = function(draw(11), voice="quoted")
    assert len(empty) == 0
    assert list(empty.columns) == list(full.columns)
    with pytest.warns(InputWarning, match="reading='place' took the last"):
        function(draw(11), reading="place")
    with pytest.warns(InputWarning, match="copies='own' took the last"):
        function(draw(11).assign(wire="AFP"), copies="own")
    with pytest.warns(InputWarning, match="the table of mentions is empty"):
        function(draw(11).iloc[:0])
    with pytest.warns(InputWarning, match="so none is left"):
        function(draw(11).assign(tone_score=np.nan))


def test_nothing_to_compare_is_said():
    with pytest.warns(InputWarning, match=r"no group holds two values of 'outlet' \(values: A\)"):
        assert len(contrast(draw(12, outlets=("A",)))) == 0


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"voice": "outlets"}, "unknown voice 'outlets'; did you mean 'outlet'"),
        ({"copies": "one"}, "unknown copies 'one'; did you mean 'own'? Valid: all, one_per_story, own"),
        ({"reading": "actors"}, "unknown reading 'actors'; did you mean 'actor'"),
        ({"period": "weekly"}, "unknown period 'weekly'; did you mean 'week'"),
        ({"interval": "bootstrp"}, "unknown interval 'bootstrp'; did you mean 'bootstrap'"),
        ({"by": ["oulet"]}, "cannot group by 'oulet': the mentions have no such column; did you mean 'outlet'"),
        ({"by": ["actor", "actor"]}, "a column is named twice"),
        ({"draws": 10}, "draws is 10; expected a whole number of at least 100"),
        ({"draws": 500.0}, "draws is 500.0; expected a whole number"),
        ({"seed": -1}, "seed is -1; expected a whole number of at least 0"),
        ({"level": 95}, "level is 95; expected a number between 0.5 and 1"),
        ({"task": "stance"}, "no scores for the task 'stance': call toolkit.score_mentions"),
    ],
)
def test_wrong_names_are_quoted_with_the_nearest(options, message):
    for function in (estimate, contrast):
        with pytest.raises(InputError) as caught:
            function(draw(13), **options)
        assert message in str(caught.value)


def test_contrast_refuses_between_among_by():
    with pytest.raises(InputError, match="named twice"):
        contrast(draw(13), between="outlet", by=["outlet"])


def test_infinite_scores_and_clashing_columns_are_refused():
    table = draw(13)
    with pytest.raises(InputError, match="finite numbers"):
        estimate(table.assign(tone_score=np.inf))
    with pytest.raises(InputError, match="cannot group by 'note'"):
        estimate(table.assign(note="x"), by=["note"])


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from("AB"), st.sampled_from([f"s{i}" for i in range(6)]), st.floats(-1, 1)),
        min_size=1,
        max_size=30,
    ),
    st.sampled_from(["one_per_story", "all"]),
)
def test_properties_of_every_estimate(rows, copies):
    table = scored(rows)
    summary = estimate(table, by=["outlet"], copies=copies)
    assert summary["n_mentions"].sum() == len(rows)
    for row in summary.to_dict("records"):
        scores = table.loc[table["outlet"] == row["outlet"], "tone_score"]
        assert scores.min() - 1e-12 <= row["estimate"] <= scores.max() + 1e-12
        assert np.isnan(row["low"]) or -1 <= row["low"] <= row["estimate"] + 1e-12
        assert np.isnan(row["high"]) or row["estimate"] - 1e-12 <= row["high"] <= 1
    if table["outlet"].nunique() == 2:
        pair = contrast(table, copies=copies).iloc[0]
        turned = contrast(table.assign(outlet=table["outlet"].map({"A": "B", "B": "A"})), copies=copies).iloc[0]
        assert pair["estimate"] == pytest.approx(-turned["estimate"], abs=1e-12)
        assert [pair["low"], pair["p"]] == pytest.approx([-turned["high"], turned["p"]], nan_ok=True)


def test_copies_of_a_story_change_nothing_with_one_vote_per_story():
    table = draw(14)
    copied = pd.concat(
        [table, table.assign(mention_id="c" + table["mention_id"], article_id="c" + table["article_id"])]
    )
    keep = ["estimate", "low", "high", "n_stories"]
    pd.testing.assert_frame_equal(estimate(table)[keep], estimate(copied)[keep])


def coverage(n, *, shared):
    """Shares of 600 intervals that hold the truth: means by t, by bootstrap, without stories; contrasts."""
    rng = np.random.default_rng(21)
    repetitions, per = 600, 3
    story = np.repeat(np.arange(repetitions * n), per)
    nature = rng.normal(0, 0.4, (2, repetitions * n))
    tables = []
    for o, name in enumerate("AB"):
        score = nature[0 if shared else o][story] + rng.normal(0, 0.2, len(story)) + 0.3 * o
        names = np.char.add("s" if shared else f"s{name}", story.astype(str))
        tables.append(pd.DataFrame({"outlet": name, "story_id": names, "tone_score": score, "repetition": story // n}))
    plain = pd.concat(tables, ignore_index=True)
    table = scored(list(plain[["outlet", "story_id", "tone_score"]].itertuples(index=False, name=None)))
    table["repetition"] = plain["repetition"]
    means = {i: estimate(table, by=["repetition", "outlet"], interval=i, draws=400) for i in ("t", "bootstrap")}
    shares = {i: ((m["low"] <= 0) & (m["high"] >= 0))[m["outlet"] == "A"].mean() for i, m in means.items()}
    pairs = contrast(table, by=["repetition"])
    shares["contrast"] = ((pairs["low"] <= -0.3) & (pairs["high"] >= -0.3)).mean()
    single = table[table["outlet"] == "A"].groupby("repetition")["tone_score"].agg(["mean", "sem"])
    shares["ignoring stories"] = (single["mean"].abs() <= 1.96 * single["sem"]).mean()
    return shares


@pytest.mark.parametrize(("n", "shared"), [(6, False), (6, True), (20, True)])
def test_intervals_cover_the_truth_as_often_as_they_say(n, shared):
    shares = coverage(n, shared=shared)
    assert 0.93 <= shares["t"] <= 0.97
    assert 0.93 <= shares["contrast"] <= 0.975
    assert shares["ignoring stories"] < 0.85  # what clustering is for
    if n < 10:
        assert shares["bootstrap"] < shares["t"] - 0.02  # why t is the default


def test_a_hundred_thousand_mentions_with_two_thousand_draws_take_under_twenty_seconds():
    rng = np.random.default_rng(1)
    n = 100_000
    story = rng.integers(0, 15_000, n)
    rows = zip((f"o{i}" for i in story % 20), (f"s{s}" for s in story), rng.uniform(-1, 1, n), strict=True)
    table = scored(list(rows))
    started = time.perf_counter()
    summary = estimate(table, interval="bootstrap", draws=2000)
    assert time.perf_counter() - started < 20
    assert summary["n_mentions"].sum() == n

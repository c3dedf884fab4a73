"""Coded samples: what is drawn, with which probability, and what it would buy."""

import json
import re
import warnings
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from toolkit.annotation import Sample, plan_sample, sample_mentions
from toolkit.annotation.allocation import allocate, draw_units, random_key
from toolkit.annotation.pilot import _icc, _within
from toolkit.codebook import load_codebook
from toolkit.errors import InputError, InputWarning
from toolkit.estimation import contrast, counted, estimate

OUTLETS, ACTORS, LABELS = ("Courier", "Ledger", "Post"), ("russia", "turkey"), ("negative", "neutral", "positive")


def corpus(stories=60, size=5, seed=1, **columns):
    """Scored mentions: stories of some outlets, with about `size` mentions each."""
    rng = np.random.default_rng(seed)
    story = np.repeat(np.arange(stories), 1 + rng.poisson(size - 1, stories))
    n = len(story)
    outlet = np.where(rng.random(n) < 0.2, rng.integers(0, 3, n), story % 3)  # some stories are in several outlets
    proba = rng.dirichlet([1.2, 1.5, 0.6], n)
    return pd.DataFrame({
        "mention_id": [f"m{i:06}" for i in rng.permutation(n)],
        "article_id": [f"a{s}-{o}" for s, o in zip(story, outlet, strict=True)],
        "outlet": np.array(OUTLETS)[outlet], "date": pd.Timestamp("2020-02-28"),
        "story_id": [f"s{s:05}" for s in story], "wire": None, "copied": np.where(outlet == story % 3, 0.0, 0.9),
        "part": "body", "actor": np.array(ACTORS)[rng.integers(0, 2, n)], "surface": "Ankara", "form": "capital",
        "reading": "actor", "voice": "outlet", "speaker": None, "sentence_id": "t",
        "sentence": [f"Ankara warned {i} times." for i in range(n)], "start": 0, "end": 6, "position": 0,
        "tone_pred": np.array(LABELS)[proba.argmax(axis=1)], "tone_score": proba[:, 2] - proba[:, 0],
        **{f"tone_p_{label}": proba[:, i] for i, label in enumerate(LABELS)},
    }).assign(**columns)  # fmt: skip


CORPUS = corpus()


def test_every_mention_in_the_frame_has_the_probability_of_its_stratum():
    sample = sample_mentions(CORPUS, n=90)
    frame = sample.frame
    assert list(frame.columns) == ["mention_id", "stratum", "probability", "drawn", "cluster"]
    assert frame["mention_id"].is_monotonic_increasing
    assert set(frame["mention_id"]) == set(CORPUS["mention_id"])
    shares = frame.groupby("stratum").agg(
        share=("drawn", "mean"), p=("probability", "first"), k=("probability", "nunique")
    )
    np.testing.assert_allclose(shares["share"], shares["p"], rtol=1e-12)
    assert (shares["k"] == 1).all()
    assert frame["drawn"].sum() == len(sample.mentions) == 90
    assert frame["probability"].sum() == pytest.approx(90)
    assert frame.set_index("mention_id")["cluster"].equals(
        CORPUS.set_index("mention_id")["story_id"].sort_index().rename("cluster").astype("str")
    )
    assert len(shares) == CORPUS.groupby(["outlet", "actor", "tone_pred"]).ngroups


@pytest.mark.parametrize("design", ["mention", "story"])
def test_the_share_of_draws_is_the_stated_probability(design):
    """2,000 seeds: each mention's share of draws lies within binomial limits (Bonferroni over mentions, 0.1 %)."""
    table = corpus(stories=30, size=3)
    by, draws = ["outlet"], 2000
    first = sample_mentions(table, n=40, by=by, design=design)
    units = "cluster" if design == "story" else "mention_id"
    frame = first.frame.drop_duplicates(units)
    _, place = np.unique(frame["stratum"], return_inverse=True)
    taken = first.frame[first.frame["drawn"]].groupby("stratum")[units].nunique().to_numpy()
    drawn = np.stack(
        [draw_units(place, random_key(seed, "draw", frame[units].tolist()), taken) for seed in range(draws)]
    )
    np.testing.assert_array_equal(drawn[0], frame["drawn"])  # this is what sample_mentions does with seed 0
    low, high = stats.binom.ppf([0.0005 / len(frame), 1 - 0.0005 / len(frame)], draws, frame[["probability"]]).T
    times = drawn.sum(axis=0)
    assert ((times >= low) & (times <= high)).all()
    # Pairs within a stratum too: (n / N) (n - 1) / (N - 1), as in sampling without replacement.
    big = np.flatnonzero(place == np.bincount(place).argmax())
    n, size = taken[place[big[0]]], len(big)
    both = (drawn[:, big[0]] & drawn[:, big[1]]).sum()
    low, high = stats.binom.ppf([0.0005, 0.9995], draws, n / size * (n - 1) / (size - 1))
    assert low <= both <= high


def test_totals_are_unbiased():
    """Horvitz-Thompson totals over seeds have the true total as their mean, and the spread that theory says."""
    table = corpus(stories=40, size=3)
    first = sample_mentions(table, n=60, minimum=3)
    y = table.set_index("mention_id")["tone_score"].reindex(first.frame["mention_id"]).to_numpy()
    _, place = np.unique(first.frame["stratum"], return_inverse=True)
    taken = np.bincount(place, first.frame["drawn"]).astype(int)
    weighted = y / first.frame["probability"].to_numpy()
    ids = first.frame["mention_id"].tolist()
    totals = np.array([weighted[draw_units(place, random_key(s, "draw", ids), taken)].sum() for s in range(2000)])
    sizes = np.bincount(place)
    variance = sum(
        sizes[h] ** 2 * (1 - taken[h] / sizes[h]) * y[place == h].var(ddof=1) / taken[h]
        for h in range(len(sizes)) if taken[h] < sizes[h]
    )  # fmt: skip
    assert abs(totals.mean() - y.sum()) < 4 * np.sqrt(variance / len(totals))
    assert totals.var(ddof=1) == pytest.approx(variance, rel=0.15)
    assert totals.std() > 0.5  # else the test could not fail


def test_stories_are_drawn_whole():
    sample = sample_mentions(CORPUS, n=100, design="story", by=["outlet"])
    drawn = sample.frame.groupby("cluster")["drawn"]
    assert (drawn.nunique() == 1).all()
    per = (
        sample.frame.drop_duplicates("cluster").groupby("stratum").agg(s=("drawn", "mean"), p=("probability", "first"))
    )
    np.testing.assert_allclose(per["s"], per["p"])
    assert sample.frame["probability"].sum() == pytest.approx(100, rel=0.1)
    assert "(several)" in set(sample.frame["stratum"])
    one = CORPUS.groupby("story_id")["outlet"].nunique() == 1
    several = set(sample.frame.loc[sample.frame["stratum"] == "(several)", "cluster"])
    assert several == set(one.index[~one])
    assert not sample.facts["predicted"]


def test_row_order_and_further_columns_do_not_matter():
    shuffled = CORPUS.sample(frac=1, random_state=3).assign(more=1)
    for options in ({}, {"design": "story"}, {"allocation": "neyman"}):
        a, b = (sample_mentions(table, n=90, **options) for table in (CORPUS, shuffled))
        pd.testing.assert_frame_equal(a.frame, b.frame)
        assert a.mentions["mention_id"].tolist() == b.mentions["mention_id"].tolist()
        assert a.facts == b.facts


def test_the_seed_decides_who_and_in_which_order():
    ids = [sample_mentions(CORPUS, n=90, seed=seed).mentions["mention_id"].tolist() for seed in (0, 0, 1)]
    assert ids[0] == ids[1] != ids[2]
    assert set(ids[0]) != set(ids[2])
    assert ids[0] != sorted(ids[0])
    # The order says nothing of the strata: runs of one outlet are no longer than by chance.
    outlet = sample_mentions(CORPUS, n=200).mentions["outlet"].to_numpy()
    same = (outlet[1:] == outlet[:-1]).mean()
    assert same < 0.5


def test_a_larger_sample_of_the_same_seed_holds_the_smaller():
    small, large = (set(sample_mentions(CORPUS, n=n, seed=5).mentions["mention_id"]) for n in (80, 160))
    assert small < large


def test_the_input_is_not_changed():
    before = CORPUS.copy()
    sample_mentions(CORPUS, n=50)
    plan_sample(CORPUS, n=50)
    pd.testing.assert_frame_equal(CORPUS, before)


def test_the_minimum_holds_and_the_rest_is_proportional():
    sizes = np.array([1000, 100, 10, 3])
    assert allocate(sizes, 100, 5).tolist() == [84, 8, 5, 3]
    assert allocate(sizes, 1113, 1).tolist() == sizes.tolist()
    assert allocate(np.array([50, 50]), 11, 1).tolist() == [6, 5]
    # Neyman: in proportion to size times standard deviation.
    assert allocate(np.array([100, 100]), 40, 1, spread=np.array([0.6, 0.2])).tolist() == [30, 10]
    assert allocate(np.array([100, 100]), 40, 1, spread=np.zeros(2)).tolist() == [20, 20]
    sample = sample_mentions(CORPUS, n=120, minimum=4)
    assert (sample.strata["drawn"] >= np.minimum(4, sample.strata["mentions"])).all()


@pytest.mark.parametrize("seed", range(5))
def test_allocation_spends_what_there_is(seed):
    rng = np.random.default_rng(seed)
    sizes = rng.integers(1, 200, 30)
    n = int(rng.integers(np.minimum(sizes, 3).sum(), sizes.sum()))
    for spread in (None, rng.random(30)):
        taken = allocate(sizes, n, 3, spread=spread)
        assert taken.sum() == n
        assert ((taken >= np.minimum(sizes, 3)) & (taken <= sizes)).all()


def test_neyman_draws_where_the_classifier_is_unsure():
    sure = CORPUS["outlet"].eq("Post").to_numpy()
    table = CORPUS.copy()
    proba = np.where(sure[:, None], [0.02, 0.96, 0.02], [0.45, 0.1, 0.45])
    table[[f"tone_p_{label}" for label in LABELS]] = proba
    shares = {
        how: sample_mentions(table, n=90, allocation=how, by=["outlet"]).frame.assign(
            post=lambda f: f["stratum"].str.startswith("Post")).groupby("post")["probability"].mean()
        for how in ("proportional", "neyman")
    }  # fmt: skip
    assert shares["proportional"][True] == pytest.approx(shares["proportional"][False], rel=0.1)
    assert shares["neyman"][True] < 0.5 * shares["neyman"][False]


def test_the_frame_is_what_would_count():
    table = CORPUS.assign(voice=np.where(np.arange(len(CORPUS)) % 3, "outlet", "quoted"))
    table["reading"] = np.where(np.arange(len(CORPUS)) % 5, "actor", "place")
    for options in (
        {},
        {"voice": "all"},
        {"reading": "all"},
        {"copies": "own"},
        {"voice": "quoted", "reading": "place"},
    ):
        sample = sample_mentions(table, n=10, by=[], predicted=False, **options)
        wanted = table["mention_id"][counted(table, **{"copies": "all", **options})]
        assert set(sample.frame["mention_id"]) == set(wanted)
        assert {key: sample.facts[key] for key in options} == options


def test_mentions_without_voice_or_score_are_named():
    with pytest.warns(InputWarning, match=r"30 of \d+ mentions have no voice"):
        sample = sample_mentions(CORPUS.assign(voice=["outlet"] * (len(CORPUS) - 30) + [None] * 30), n=50)
    assert len(sample.frame) == len(CORPUS) - 30
    assert sample.facts["left_out"] == {"without_voice": 30, "without_score": 0}
    gone = np.arange(len(CORPUS)) < 12
    part = CORPUS.assign(tone_score=CORPUS["tone_score"].mask(gone), tone_pred=CORPUS["tone_pred"].mask(gone))
    with pytest.warns(InputWarning, match="12 of .* have no score"):
        assert len(sample_mentions(part, n=50).frame) == len(CORPUS) - 12
    # A label that the classifier kept back is a class of its own.
    kept = CORPUS.assign(tone_pred=CORPUS["tone_pred"].mask(gone))
    assert sample_mentions(kept, n=50).strata["stratum"].str.endswith("(missing)").any()


@pytest.mark.parametrize(
    ("changes", "options", "message"),
    [
        ({}, {"n": 0}, "n is 0; expected a whole number of at least 1"),
        ({}, {"n": 2.5}, "n is 2.5"),
        ({}, {"n": 10_000}, "give at most"),
        ({}, {"n": 50, "minimum": 0}, "what cannot be drawn cannot be corrected"),
        ({}, {"n": 50, "minimum": 40}, "lower the minimum to 2, raise n, or stratify by fewer columns"),
        ({}, {"n": 10}, "a minimum of 2 in each of 18 strata needs 36 mentions, and n is 10"),
        ({}, {"n": 50, "by": ["outlett"]}, "did you mean 'outlet'"),
        ({}, {"n": 50, "design": "storey"}, "unknown design 'storey'; did you mean 'story'"),
        ({}, {"n": 50, "allocation": "optimal"}, "unknown allocation 'optimal'"),
        ({}, {"n": 50, "voice": "outlets"}, "unknown voice 'outlets'"),
        ({}, {"n": 50, "reading": 0.5}, "needs the column reading_p"),
        ({}, {"n": 50, "seed": -1}, "seed is -1"),
        ({}, {"n": 50, "task": "tones"}, "unknown task 'tones'; did you mean 'tone'"),
        ({}, {"n": 50, "task": "role"}, "lack the column 'role_pred'.*--no-predicted"),
        ({}, {"n": 50, "task": "stance", "predicted": False}, "for or against a proposition, got none"),
        ({"voice": None}, {"n": 50}, "no mention can be drawn.*have no voice"),
        ({"reading": "place"}, {"n": 50}, "reading='actor'"),
        ({"tone_pred": None, "tone_score": np.nan}, {"n": 50}, "none of .* has a label or score of the task 'tone'"),
    ],
)
def test_what_cannot_be_drawn_is_said(changes, options, message):
    with pytest.raises(InputError, match=f"(?s){message}"):
        sample_mentions(CORPUS.assign(**changes), **options)


def test_all_there_is():
    with pytest.warns(InputWarning, match="all .* mentions are drawn"):
        sample = sample_mentions(CORPUS, n=len(CORPUS))
    assert (sample.frame["probability"] == 1).all()


def test_tasks_coded_by_hand():
    bare = CORPUS[[c for c in CORPUS if not c.startswith("tone_")]]
    sample = sample_mentions(bare, "frame", n=60, predicted=False)
    assert sample.strata["stratum"].tolist() == [f"{o} | {a}" for o in OUTLETS for a in ACTORS]
    stance = load_codebook()["stance"].about("Turkey should leave NATO.")
    assert sample_mentions(bare, stance, n=60, predicted=False).facts["proposition"] == "Turkey should leave NATO."


def test_saved_and_loaded(tmp_path):
    sample = sample_mentions(CORPUS, n=60)
    sample.save(tmp_path / "sheets")
    again = Sample.load(tmp_path / "sheets")
    pd.testing.assert_frame_equal(again.frame, sample.frame)
    pd.testing.assert_frame_equal(again.mentions, sample.mentions)
    assert (again.task, again.facts) == (sample.task, sample.facts)
    sample.save(tmp_path / "twice")
    for name in ("sample.json", "frame.parquet", "drawn.parquet"):
        assert (tmp_path / "twice" / name).read_bytes() == (tmp_path / "sheets" / name).read_bytes()


def test_a_half_coded_sample_is_never_lost(tmp_path):
    sample, folder = sample_mentions(CORPUS, n=60), tmp_path / "sheets"
    sample.save(folder)
    (folder / "anna.csv").write_text("coded")
    with pytest.raises(InputError, match="holds a sample already, perhaps half coded"):
        sample.save(folder)
    for number in (1, 2):
        sample.save(folder, force=True)
        assert (tmp_path / f"sheets.kept-{number}" / "sample.json").is_file()
        assert not (folder / "anna.csv").exists()
    assert (tmp_path / "sheets.kept-1" / "anna.csv").read_text() == "coded"
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.docx").write_text("x")
    with pytest.raises(InputError, match="files that are no sample"):
        sample.save(tmp_path / "mine", force=True)
    with pytest.raises(InputError, match="is a file"):
        sample.save(tmp_path / "mine" / "thesis.docx")
    assert (tmp_path / "mine" / "thesis.docx").read_text() == "x"


def test_a_changed_sample_is_refused(tmp_path):
    sample = sample_mentions(CORPUS, n=60)
    folder = sample.save(tmp_path / "sheets")
    with pytest.raises(InputError, match="holds no sample"):
        Sample.load(tmp_path)
    changed = sample.frame.assign(probability=sample.frame["probability"].round(1))
    changed.to_parquet(folder / "frame.parquet", index=False)
    with pytest.raises(InputError, match="is not the frame that was drawn from"):
        Sample.load(folder)
    sample.frame.to_parquet(folder / "frame.parquet", index=False)
    assert len(Sample.load(folder).mentions) == 60
    sample.mentions.iloc[1:].to_parquet(folder / "drawn.parquet", index=False)
    with pytest.raises(InputError, match="does not hold the mentions that were drawn"):
        Sample.load(folder)
    (folder / "drawn.parquet").write_bytes(b"PAR1")
    with pytest.raises(InputError, match="cannot be read"):
        Sample.load(folder)
    for text in ("[]", "{", '{"task": "tone"}'):
        (folder / "sample.json").write_text(text)
        with pytest.raises(InputError, match="cannot be read|does not say what was drawn"):
            Sample.load(folder)


def test_facts_are_written_as_json(tmp_path):
    sample = replace(sample_mentions(CORPUS, n=np.int64(60), seed=np.int64(4), reading="actor"))
    facts = json.loads((sample.save(tmp_path / "s") / "sample.json").read_text())
    assert (facts["n"], facts["drawn"], facts["seed"], facts["frame"]) == (60, 60, 4, len(CORPUS))
    assert len(facts["frame_sha256"]) == len(facts["task_sha256"]) == 64


def simulated(rng, table, variance, icc):
    """Gold that is the score plus an error with this variance, part of it the same for all of a story."""
    stories, story = np.unique(table["story_id"], return_inverse=True)
    shared = rng.normal(0, np.sqrt(variance * icc), len(stories))[story]
    return table["tone_score"].to_numpy() + shared + rng.normal(0, np.sqrt(variance * (1 - icc)), len(table))


@pytest.mark.parametrize(
    ("design", "copies", "icc"),
    [
        ("mention", "all", 0.0),
        ("mention", "one_per_story", 0.3),
        ("story", "all", 0.4),
        ("story", "one_per_story", 0.2),
    ],
)
def test_the_plan_is_what_the_correction_gives(design, copies, icc):
    """Half widths of corrected intervals (DSL's outcomes, clustered t) are the planned ones, averaged over samples."""
    table, variance, n = corpus(stories=240, size=5, seed=2), 0.35, 360
    planned = plan_sample(
        table, n=n, by=["outlet"], assumptions={"residual_variance": variance, "icc": icc}, design=design,
        copies=copies, predicted=False, minimum=2,
    )  # fmt: skip
    rng, found = np.random.default_rng(7), []
    for seed in range(16):
        frame = sample_mentions(table, n=n, by=["outlet"], seed=seed, design=design, predicted=False).frame
        frame = frame.set_index("mention_id").loc[table["mention_id"]]
        y, g = simulated(rng, table, variance, icc), table["tone_score"].to_numpy()
        corrected = g + np.where(frame["drawn"], 1 / frame["probability"], 0.0) * (y - g)
        outcome = table.assign(tone_score=corrected)
        means = estimate(outcome, by=["outlet"], copies=copies)
        pairs = contrast(outcome, between="outlet", by=[], copies=copies)
        found.append([*(means["high"] - means["estimate"]), *(pairs["high"] - pairs["estimate"])])
    ratio = np.mean(found, axis=0) / planned["half_width"].to_numpy()
    assert planned["kind"].tolist() == ["estimate"] * 3 + ["contrast"] * 3
    assert ((ratio > 0.85) & (ratio < 1.15)).all(), ratio


def test_the_plan_in_numbers():
    """Equal probabilities, a story each: SE^2 = Var(Y-g) / n + Var(g) / M; the smallest difference is (t + z) SE."""
    table = corpus(stories=900, size=1).drop_duplicates("story_id").head(600)
    given = {"residual_variance": 0.3, "icc": 0.9}
    plan = plan_sample(table, n=[200], by=[], predicted=False, assumptions=given).iloc[0]
    wanted = 0.3 / 200 + table["tone_score"].var() / 600
    assert plan["se"] ** 2 == pytest.approx(wanted, rel=1e-9)
    t = stats.t.ppf(0.975, 599)
    assert plan["half_width"] == pytest.approx(t * plan["se"])
    assert plan["smallest_difference"] == pytest.approx((t + stats.norm.ppf(0.8)) * plan["se"])
    assert (plan["n_gold"], plan["n_mentions"], plan["n_stories"]) == (pytest.approx(200), 600, 600)
    assert plan["assumed"] == "assumed: Var(gold - score) 0.3, correlation within stories 0.9"


def test_more_gold_buys_more():
    plan = plan_sample(CORPUS, n=[60, 120, 240])
    assert plan["n"].unique().tolist() == [60, 120, 240]
    widths = plan.pivot_table(index=plan.groupby("n").cumcount(), columns="n", values="half_width").to_numpy()
    assert (np.diff(widths, axis=1) < 0).all()
    with pytest.warns(InputWarning, match="n of 5000 is left out: only"):
        assert set(plan_sample(CORPUS, n=[60, 5000])["n"]) == {60}


def test_a_pilot_says_how_far_the_machine_is_from_gold():
    table = corpus(stories=250, size=4, seed=5)
    proba = table[[f"tone_p_{label}" for label in LABELS]].to_numpy()
    rng = np.random.default_rng(3)
    label = (rng.random((len(table), 1)) > proba.cumsum(axis=1)).sum(axis=1)
    sample = sample_mentions(table, n=500, seed=1)
    gold = pd.DataFrame({"mention_id": table["mention_id"], "task": "tone", "label": np.array(LABELS)[label]})
    gold = gold[gold["mention_id"].isin(sample.mentions["mention_id"])]
    plan = plan_sample(table, n=300, pilot=(gold, sample.frame))
    words = plan["assumed"].iloc[0]
    variance, between, icc = map(float, re.findall(r"\b0(?:\.\d+)?\b", words))
    values = np.array([-1, 0, 1])
    true = (proba @ values**2 - (proba @ values) ** 2).mean()
    assert variance == pytest.approx(true, rel=0.15)
    assert max(icc, between) < 0.1
    assert words.startswith("from a pilot of 500 mentions")
    both = plan_sample(table, n=300, pilot=(gold, sample.frame), assumptions={"icc": 0.5})
    assert both["assumed"].iloc[0].endswith("0.5 (icc as assumed)")
    share = plan_sample(table, n=300, pilot=(gold, sample.frame), label="negative")
    assert (share["half_width"] < plan["half_width"]).all()


def test_a_pilot_tells_groups_that_the_machine_misjudges_alike():
    rng = np.random.default_rng(0)
    group = np.repeat(np.arange(200), 10)
    shift = rng.normal(0, np.sqrt(0.2), 200)
    variance, between, inside = _within(shift[group] + rng.normal(0, np.sqrt(0.5), len(group)), group)
    assert (variance, between) == (pytest.approx(0.5, rel=0.1), pytest.approx(0.2, rel=0.3))
    assert np.abs(np.bincount(group, inside)).max() < 1e-9
    story = np.repeat(np.arange(400), 5)
    icc, _ = _icc(rng.normal(0, 1, 400)[story] + rng.normal(0, 1, 2000), story.astype(str))
    assert icc == pytest.approx(0.5, abs=0.06)


def test_a_plan_with_gold_in_few_stories_says_so():
    rough = plan_sample(CORPUS, n=[40, 200], by=["outlet"], design="story")
    few = rough["note"].fillna("").str.contains("the plan is rough")
    assert few[rough["n"] == 40].all()
    assert not few[rough["n"] == 200].any()


def test_a_plan_without_a_machine():
    bare = CORPUS[[c for c in CORPUS if not c.startswith("tone_")]]
    plan = plan_sample(bare, "role", n=100, label="antagonist", predicted=False)
    assert plan["half_width"].notna().all()
    assert plan["assumed"].iloc[0] == "assumed: Var(gold) 0.075, correlation within stories 0.1"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"n": []}, "n is empty"),
        ({"n": [0]}, "n is 0"),
        ({"n": [9000]}, "give at most"),
        ({"n": [20]}, "a minimum of 2"),
        ({"level": 95}, "level is 95"),
        ({"power": 0.1}, "power is 0.1"),
        ({"assumptions": {"variance": 0.3}}, "unknown assumption 'variance'"),
        ({"assumptions": {"icc": 2}}, "icc is 2; expected a number from 0 to 1"),
        ({"label": "negativ"}, "did you mean 'negative'"),
        ({"task": "frame", "predicted": False}, "takes several labels"),
        ({"task": "role", "predicted": False}, "plan for a share: label='protagonist'"),
        ({"pilot": 3}, "pilot must be two tables"),
        ({"pilot": (CORPUS, CORPUS)}, "gold lacks the column 'label'"),
        ({"pilot": (CORPUS.assign(label="neutral"), CORPUS)}, "frame lacks the column 'probability'"),
        ({"pilot": (CORPUS.assign(label="bad"), CORPUS.assign(probability=1))}, "has the label 'bad'"),
        (
            {"pilot": (CORPUS.head(5).assign(label="neutral"), CORPUS.assign(probability=1))},
            "gold for 5 of the mentions",
        ),
    ],
)
def test_what_cannot_be_planned_is_said(options, message):
    with pytest.raises(InputError, match=f"(?s){message}"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        plan_sample(CORPUS, **options)

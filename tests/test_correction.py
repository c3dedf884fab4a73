import json

import numpy as np
import pandas as pd
import pytest
from test_estimation import scored

from toolkit.errors import InputError, InputWarning
from toolkit.estimation import (
    benjamini_hochberg,
    contrast,
    dsl_difference,
    dsl_mean,
    dsl_moment,
    dsl_ols,
    estimate,
    holm,
    outcomes,
    ppi_mean,
    ppi_ols,
    pseudo_outcome,
    recalibrate,
)
from toolkit.estimation.articles import article_scores, article_shares
from toolkit.estimation.gold import label_values

LABELS = np.array(["negative", "neutral", "positive"])


@pytest.fixture(scope="module")
def reference(root):
    """Data, and what ppi-python, statsmodels and glide say of it (benchmarks/corrected_references.py)."""
    return json.loads((root / "tests" / "fixtures" / "corrections.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def data(reference):
    return {name: np.array(values) for name, values in reference["data"].items()}


def corpus(seed=1, stories=40, shared=True, sizes=3, gold=60):
    """Scored mentions of two outlets by a machine that errs, a frame, and the gold of its sample."""
    rng = np.random.default_rng(seed)
    rows, truth = [], []
    for s in range(stories):
        nature = rng.normal(0, 0.7)
        for o, name in enumerate("AB"):
            for _ in range(1 + rng.poisson(sizes)):
                y = int(np.clip(np.round(nature + 0.4 * o + rng.normal(0, 0.6)), -1, 1))
                rows.append(
                    (
                        name,
                        f"s{s:03}" if shared else f"s{s:03}{name}",
                        np.clip(0.6 * y - 0.2 + rng.normal(0, 0.2), -1, 1),
                    )
                )
                truth.append(y)
    table = scored(rows)
    score = table["tone_score"].to_numpy()
    p = np.column_stack([(1 - score) / 2, np.zeros(len(score)), (1 + score) / 2])
    table = table.assign(**{f"tone_p_{label}": p[:, k] for k, label in enumerate(LABELS)},
                         tone_pred=np.where(score < -0.3, "negative", np.where(score > 0.3, "positive", "neutral")),
                         truth=LABELS[np.array(truth) + 1])  # fmt: skip
    drawn = np.zeros(len(table), dtype=bool)
    drawn[rng.choice(len(table), gold, replace=False)] = True
    frame = pd.DataFrame({"mention_id": table["mention_id"], "stratum": "all", "probability": gold / len(table),
                          "drawn": drawn, "cluster": table["story_id"]})  # fmt: skip
    coded = table.loc[drawn, ["mention_id", "truth"]].rename(columns={"truth": "label"})
    return table, coded.assign(task="tone", decided_by="agreement"), frame


def with_sentences(table):
    """The same mentions in headlines and in sentences of several mentions."""
    n = np.arange(len(table))
    title = n % 7 == 0
    return table.assign(part=np.where(title, "title", "body"),
                        sentence_id=np.where(title, "title", np.char.add("t", (n % 5).astype(str))))  # fmt: skip


# ---- identities and reference packages ----


def test_dsl_with_one_probability_is_ppi_with_that_share():
    rng = np.random.default_rng(0)
    y, f, S = rng.normal(size=200), rng.normal(size=200), rng.permutation(200) < 50
    dsl = dsl_mean(y, f, S, 0.25)
    assert dsl.estimate == pytest.approx(ppi_mean(y, f, S, lam=150 / 200).estimate, abs=1e-12)
    X = np.column_stack([np.ones(200), rng.normal(size=200)])
    assert dsl_ols(X[:, :1], y, f, S, 0.25).estimate[0] == pytest.approx(dsl.estimate, abs=1e-12)
    assert dsl_ols(X[:, :1], y, f, S, 0.25).se[0] == pytest.approx(dsl.se, abs=1e-12)
    moment = dsl_moment(X, y, X, f, S, 0.25)
    assert moment.estimate == pytest.approx(dsl_ols(X, y, f, S, 0.25).estimate, abs=1e-12)
    assert moment.covariance == pytest.approx(dsl_ols(X, y, f, S, 0.25).covariance, abs=1e-12)


def test_a_difference_is_a_regression_on_the_group():
    rng = np.random.default_rng(1)
    y, f, S, group = rng.normal(size=90), rng.normal(size=90), rng.random(90) < 0.4, np.arange(90) % 3 == 0
    clusters = rng.integers(0, 20, 90)
    X = np.column_stack([np.ones(90), group])
    difference, fit = dsl_difference(y, f, S, 0.4, group, clusters), dsl_ols(X, y, f, S, 0.4, clusters)
    assert (difference.estimate, difference.se) == pytest.approx((fit.estimate[1], fit.se[1]), abs=1e-12)


def test_when_everything_is_coded_the_machine_does_not_matter():
    rng = np.random.default_rng(2)
    y, x = (rng.random(80) < 0.4).astype(float), rng.normal(size=80)
    f, S, X = rng.random(80), np.ones(80, dtype=bool), np.column_stack([np.ones(80), x])
    assert dsl_mean(y, f, S, 1.0).estimate == pytest.approx(y.mean(), abs=1e-12)
    for model in ("linear", "logit"):
        ours = dsl_moment(X, y, X + f[:, None], f, S, 1.0, model=model)
        assert ours.estimate == pytest.approx(dsl_moment(X, y, X, y, S, 1.0, model=model).estimate, abs=1e-10)


def test_clusters_of_one_row_are_none():
    rng = np.random.default_rng(3)
    y, f, S = rng.normal(size=60), rng.normal(size=60), rng.permutation(60) < 20
    for function in (dsl_mean, dsl_ols, ppi_mean):
        args = (y, f, S) if function is ppi_mean else (y, f, S, 1 / 3)
        args = (np.ones((60, 1)), *args) if function is dsl_ols else args
        one, other = function(*args), function(*args, clusters=np.arange(60))
        assert np.atleast_1d(one.se) == pytest.approx(np.atleast_1d(other.se), abs=1e-12)


def test_agrees_with_ppi_python(reference, data):
    y, f, S = data["y"], data["proxy"], data["sampled"]
    X = np.column_stack([np.ones(len(y)), data["x"]])
    for lam in (None, 0.0, 0.5, 1.0):
        mean, ols = reference["ppi"][f"mean {lam}"], reference["ppi"][f"ols {lam}"]
        ours = ppi_mean(y, f, S, lam=lam)
        assert (ours.estimate, ours.se) == pytest.approx((mean["point"], mean["se"][0]), abs=1e-8)
        fit = ppi_ols(X, y, f, S, lam=lam)
        assert fit.estimate == pytest.approx(ols["point"], abs=1e-8)
        if lam is not None:  # its interval tunes once more, around another point than its own estimate
            assert fit.se == pytest.approx(ols["se"], abs=1e-8)


def test_agrees_with_statsmodels(reference, data):
    y, f, S, p = data["y"], data["proxy"], data["sampled"], data["probability"]
    X = np.column_stack([np.ones(len(y)), data["x"]])
    for name, clusters in (("ols", data["cluster"]), ("ols HC0", None)):
        fit = dsl_ols(X, y, f, S, p, clusters)
        assert fit.estimate == pytest.approx(np.array(reference["statsmodels"][name]["estimate"]), abs=1e-8)
        assert fit.covariance == pytest.approx(np.array(reference["statsmodels"][name]["covariance"]), abs=1e-8)
    up, everything = (y > 0).astype(float), np.ones(len(y), dtype=bool)
    logit = dsl_moment(X, up, X, up, everything, 1.0, model="logit", clusters=data["cluster"])
    assert logit.estimate == pytest.approx(np.array(reference["statsmodels"]["logit"]["estimate"]), abs=1e-8)
    assert logit.covariance == pytest.approx(np.array(reference["statsmodels"]["logit"]["covariance"]), abs=1e-8)


def test_agrees_with_glide(reference, data):
    fit = dsl_mean(data["y"], data["proxy"], data["sampled"], data["probability"])
    theirs, n = reference["glide"]["asi"], len(data["y"])
    assert fit.estimate == pytest.approx(theirs["estimate"], abs=1e-8)
    assert fit.se * np.sqrt(n / (n - 1)) == pytest.approx(theirs["se"], abs=1e-8)


def test_corrections_for_many_tests_agree_with_statsmodels(reference):
    p = np.array(reference["tests"]["p"])
    assert benjamini_hochberg(p) == pytest.approx(np.array(reference["tests"]["bh"]), abs=1e-12)
    assert holm(p) == pytest.approx(np.array(reference["tests"]["holm"]), abs=1e-12)


def test_a_machine_label_on_the_right_hand_side_is_corrected():
    rng = np.random.default_rng(4)
    n = 40_000
    x = (rng.random(n) < 0.5).astype(float)
    wrong = np.where(rng.random(n) < 0.25, 1 - x, x)
    y, S = 1 + 2 * x + rng.normal(size=n), rng.random(n) < 0.3
    X, X_hat = np.column_stack([np.ones(n), x]), np.column_stack([np.ones(n), wrong])
    fit = dsl_moment(X, y, X_hat, y, S, 0.3)
    assert np.abs(fit.estimate - [1, 2]).max() < 3.5 * fit.se.max()
    assert np.linalg.lstsq(X_hat, y, rcond=None)[0][1] < 1.2


# ---- outcomes ----


def test_outcomes_by_hand():
    table, gold, frame = corpus()
    naive = outcomes(table)
    assert naive.values.tolist() == table["tone_score"].tolist()
    dsl = outcomes(table, method="dsl", gold=gold, frame=frame)
    y = table["truth"].map(dict(zip(LABELS, (-1.0, 0.0, 1.0), strict=True))).to_numpy()
    assert dsl.values == pytest.approx(pseudo_outcome(y, dsl.proxy, frame["drawn"], frame["probability"]), abs=1e-12)
    assert dsl.n_gold == 60
    only = outcomes(table, method="gold", gold=gold, frame=frame)
    drawn = frame["drawn"].to_numpy()
    assert only.weights == pytest.approx(np.where(drawn, 1 / frame["probability"], 0))
    assert np.average(only.values, weights=only.weights) == pytest.approx(y[drawn].mean())
    share = outcomes(table, method="dsl", label="negative", gold=gold, frame=frame)
    assert share.values[~drawn] == pytest.approx(share.proxy[~drawn])


def test_recalibration_never_uses_the_storys_own_gold():
    table, gold, frame = corpus()
    first = outcomes(table, method="dsl", gold=gold, frame=frame).proxy
    story = table.loc[table["mention_id"].eq(gold["mention_id"].iloc[0]), "story_id"].iloc[0]
    of = table["story_id"].eq(story).to_numpy()
    turned = gold.assign(
        label=np.where(gold["mention_id"].isin(table.loc[of, "mention_id"]), "positive", gold["label"])
    )
    second = outcomes(table, method="dsl", gold=turned, frame=frame).proxy
    assert (turned["label"] != gold["label"]).any()
    assert (first[of] == second[of]).all()
    assert (first[~of] != second[~of]).any()


def test_recalibration_learns_what_each_stratum_needs():
    rng = np.random.default_rng(5)
    stratum, story = rng.integers(0, 2, 4000), np.arange(4000)
    f = rng.normal(size=4000)
    y = 0.5 * f + np.where(stratum, 0.6, -0.4)
    g, how = recalibrate(y, f, rng.random(4000) < 0.2, 0.2, story, [stratum])
    assert how == "linear"
    assert np.abs(g - y).max() < 0.05
    assert np.abs(recalibrate(y, f, rng.random(4000) < 0.2, 0.2, story)[0] - y).max() > 0.4


def test_much_gold_is_recalibrated_by_a_rising_curve():
    rng = np.random.default_rng(6)
    f = rng.uniform(-1, 1, 3000)
    g, how = recalibrate((f > 0.3).astype(float), f, np.ones(3000, dtype=bool), 1.0, np.arange(3000))
    assert how == "isotonic"
    assert np.abs(g - (f > 0.3)).mean() < 0.01


@pytest.mark.parametrize("method", ["gold", "dsl", "ppi"])
@pytest.mark.parametrize("unit", ["mention", "article"])
@pytest.mark.parametrize("copies", ["all", "own", "one_per_story"])
def test_row_order_does_not_matter_and_nothing_is_changed(method, unit, copies):
    table, gold, frame = corpus(shared=False)
    before = [t.copy(deep=True) for t in (table, gold, frame)]
    options = {"method": method, "unit": unit, "copies": copies}
    one = [f(table, gold=gold, frame=frame, **options) for f in (estimate, contrast)]
    mixed = [t.sample(frac=1, random_state=3).reset_index(drop=True) for t in (table, gold, frame)]
    other = [f(mixed[0], gold=mixed[1], frame=mixed[2], **options) for f in (estimate, contrast)]
    for a, b in zip(one, other, strict=True):
        pd.testing.assert_frame_equal(a, b, check_exact=True)
    for a, b in zip(before, (table, gold, frame), strict=True):
        pd.testing.assert_frame_equal(a, b, check_exact=True)


@pytest.mark.parametrize("unit", ["mention", "article"])
@pytest.mark.parametrize("copies", ["all", "one_per_story"])
@pytest.mark.parametrize("method", ["gold", "dsl"])
def test_when_everything_is_coded_all_methods_give_the_mean_of_gold(unit, copies, method):
    table, _, frame = corpus(stories=12)
    table = with_sentences(table)
    frame = frame.assign(probability=1.0, drawn=True)
    gold = table[["mention_id", "truth"]].rename(columns={"truth": "label"})
    value = table["truth"].map(dict(zip(LABELS, (-1.0, 0.0, 1.0), strict=True)))
    options = {"unit": unit, "copies": copies}
    wanted = estimate(table.assign(tone_score=value), **options)
    found = estimate(table, method=method, gold=gold, frame=frame, **options)
    assert found["estimate"].tolist() == pytest.approx(wanted["estimate"].tolist(), abs=1e-12)
    assert found["se"].tolist() == pytest.approx(wanted["se"].tolist(), abs=1e-12)
    assert found["estimand"].tolist() == wanted["estimand"].tolist()
    assert found["uncorrected"].tolist() == pytest.approx(estimate(table, **options)["estimate"].tolist(), abs=1e-12)


def test_shares_of_mentions_add_up_to_their_articles_score():
    table = corpus()[0]
    table = with_sentences(table)
    share = article_shares(table, ["article_id"])
    sums = (share * table["tone_score"]).groupby(table["article_id"]).sum()
    assert sums.to_numpy() == pytest.approx(article_scores(table, "tone_score", ["article_id"])["score"].to_numpy())


@pytest.mark.parametrize("interval", ["t", "bootstrap", "wild"])
@pytest.mark.parametrize("method", ["naive", "gold", "dsl", "ppi"])
@pytest.mark.parametrize("label", [None, "negative"])
def test_every_method_has_every_interval(interval, method, label):
    table, gold, frame = corpus(shared=False)
    given = {} if method == "naive" else {"gold": gold, "frame": frame}
    options = {"method": method, "interval": interval, "label": label, "draws": 400, **given}
    means, pair = estimate(table, **options), contrast(table, **options).iloc[0]
    assert (means["low"] < means["estimate"]).all()
    assert (means["estimate"] < means["high"]).all()
    assert pair["low"] < pair["estimate"] < pair["high"]
    assert pair["estimate"] == pytest.approx(means["estimate"][0] - means["estimate"][1], abs=1e-12)
    assert 0 < pair["p"] <= 1
    assert (pair["p"] < 0.05) == (not pair["low"] < 0 < pair["high"])
    assert means["estimand"].eq("mean tone per story" if label is None else "share of negative tone per story").all()
    if method != "naive":
        assert means["n_gold"].sum() == 60
        assert means.columns[-5:].tolist() == [
            "n_gold", "n_gold_stories", "probability_min", "probability_max", "uncorrected"
        ]  # fmt: skip


@pytest.mark.parametrize("function", [estimate, contrast])
@pytest.mark.parametrize("method", ["gold", "dsl", "ppi"])
def test_an_empty_selection_has_the_columns_of_a_full_one(function, method):
    table, gold, frame = corpus(shared=False)
    full = function(table, method=method, gold=gold, frame=frame)
    with pytest.warns(InputWarning, match="the filter voice='quoted' took the last"):
        empty = function(table, method=method, gold=gold, frame=frame, voice="quoted")
    assert len(empty) == 0
    assert list(empty.columns) == list(full.columns)
    numbers = [c for c in full.columns if c.startswith(("n_", "estimate", "low", "probability", "uncorrected"))]
    pd.testing.assert_series_equal(empty[numbers].dtypes, full[numbers].dtypes)


def test_naive_share_counts_predicted_labels():
    table = corpus()[0]
    found = estimate(table, label="negative", copies="all")["estimate"]
    assert found.tolist() == pytest.approx(table["tone_pred"].eq("negative").groupby(table["outlet"]).mean().tolist())


def test_groups_without_gold_have_no_estimate_and_a_note():
    table, gold, frame = corpus(shared=False)
    of_b = table.loc[table["outlet"].eq("B"), "mention_id"]
    kept = gold[~gold["mention_id"].isin(of_b)]
    frame = frame.assign(stratum=table["outlet"], drawn=frame["drawn"] & ~frame["mention_id"].isin(of_b))
    for method in ("gold", "dsl", "ppi"):
        means = estimate(table, method=method, gold=kept, frame=frame).set_index("outlet")
        assert means.loc["B", ["estimate", "low", "high", "se"]].isna().all()
        assert means.loc["B", "note"] == "no corrected estimate: no gold in this group"
        assert np.isfinite(means.loc["A", "estimate"])
        pair = contrast(table, method=method, gold=kept, frame=frame).iloc[0]
        assert pair[["estimate", "low", "high", "p"]].isna().all()
        assert (pair["note"], pair["family"]) == ("no corrected estimate: no gold in this group", 0)


def test_little_gold_and_few_stories_are_said():
    table, gold, frame = corpus(stories=6, gold=12)
    note = estimate(table, method="dsl", gold=gold, frame=frame)["note"].iloc[0]
    for words in (
        "few stories (6)",
        "interval='wild' is made for few stories",
        "little gold (",
        "too little to recalib",
    ):
        assert words in note
    assert "wild" not in estimate(table)["note"].iloc[0]


def test_drawn_mentions_without_gold_lower_the_probability():
    table, gold, frame = corpus()
    found = outcomes(table, method="dsl", gold=gold.iloc[15:], frame=frame)
    assert found.probability[0] == pytest.approx(frame["probability"][0] * 45 / 60)
    assert found.notes == ("15 of 60 drawn mentions have no gold: taken as missing by chance within their stratum",)


def test_the_values_of_another_codebooks_labels_are_read_from_its_scores():
    p = np.random.default_rng(0).dirichlet([1, 1, 1, 1], 30)
    table = pd.DataFrame(p, columns=[f"warmth_p_{k}" for k in "abcd"]).assign(warmth_score=p @ [-1, -0.25, 0.5, 1])
    assert label_values(table, "warmth") == {"a": -1.0, "b": -0.25, "c": 0.5, "d": 1.0}
    with pytest.raises(InputError, match="labels of the task 'warmth' have no numbers.*label='a'"):
        label_values(table.assign(warmth_score=np.nan), "warmth")


# ---- refusals ----


def refusals():
    _, gold, frame = corpus()
    some = gold["mention_id"].iloc[0]
    outside = frame["mention_id"].ne(some)
    other = next(iter(frame.loc[~frame["drawn"], "mention_id"]))
    foreign = frame.assign(mention_id="x" + frame["mention_id"])
    cases = {
        "no gold": ({"gold": None}, "method='dsl' needs gold labels"),
        "picked by hand": ({"frame": None}, "gold without a frame: nothing says how probable"),
        "gold outside the frame": ({"frame": frame[outside]}, "1 of 60 gold mentions are outside the frame, such as"),
        "counted outside the frame": (
            {"frame": frame[frame["mention_id"].ne(other)]}, f"that count are outside the frame, such as '{other}'",
        ),
        "not drawn": (
            {"gold": pd.concat([gold, gold.iloc[:1].assign(mention_id=other)])}, "gold mentions were not drawn",
        ),
        "another corpus's gold": ({"gold": gold.assign(mention_id="x" + gold["mention_id"])}, "different corpora"),
        "another corpus": (
            {"gold": gold.assign(mention_id="x" + gold["mention_id"]), "frame": foreign}, "different corpora or runs",
        ),
        "probability 0": ({"frame": frame.assign(probability=0.0)}, "the probability 0.0 of being drawn"),
        "probability 2": ({"frame": frame.assign(probability=2)}, "expected above 0 and at most 1"),
        "a wrong label": ({"gold": gold.assign(label="negativ")}, "is 'negativ', which is no label of the task 'tone'"),
        "two labels": (
            {"gold": pd.concat([gold, gold.assign(label="neutral"), gold.assign(label="positive")])},
            "gold labels (",
        ),
        "an empty label": ({"gold": gold.assign(label=None)}, "has no label; adjudicate it"),
        "another task": ({"gold": gold.assign(task="stance")}, "no gold of the task 'tone'; its tasks: stance"),
        "one label alone": ({"gold": gold.assign(label="neutral")}, "all 60 gold mentions that count have the label"),
        "a mention twice": ({"frame": pd.concat([frame, frame.iloc[:1]])}, "twice; expected one row for each"),
        "no column": ({"frame": frame.drop(columns="stratum")}, "the frame lacks the column 'stratum'"),
        "drawn as text": ({"frame": frame.assign(drawn="yes")}, "'drawn' must hold True or False"),
        "other stories": ({"frame": frame.assign(cluster="z")}, "in another story than when the sample was drawn"),
        "a wrong method": ({"method": "dls"}, "unknown method 'dls'; did you mean 'dsl'"),
        "an unknown label": ({"label": "negativ"}, "unknown label 'negativ' of the task 'tone'; did you"),
        "unequal probabilities": (
            {"method": "ppi", "frame": frame.assign(probability=np.linspace(0.1, 0.9, len(frame)))},
            "PPI++ needs one probability",
        ),
    }  # fmt: skip
    return [pytest.param(*case, id=name) for name, case in cases.items()]


@pytest.mark.parametrize(("changed", "message"), refusals())
def test_what_cannot_correct_is_refused_with_the_reason(changed, message):
    table, gold, frame = corpus()
    for function in (estimate, contrast):
        with pytest.raises(InputError) as caught:
            function(table, **{"method": "dsl", "gold": gold, "frame": frame, **changed})
        assert message in str(caught.value)


def test_ppi_refuses_a_contrast_of_outlets_that_share_stories():
    table, gold, frame = corpus(shared=True)
    assert len(estimate(table, method="ppi", gold=gold, frame=frame)) == 2
    with pytest.raises(InputError, match="'A' and 'B' share 40 stories.*use method='dsl'"):
        contrast(table, method="ppi", gold=gold, frame=frame)


def test_gold_of_other_mentions_is_refused():
    table, gold, frame = corpus()
    voices = np.where(frame["drawn"], "quoted", "outlet")
    with pytest.raises(InputError, match="none of the 60 gold mentions is among the"):
        estimate(table.assign(voice=voices), method="dsl", gold=gold, frame=frame)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: dsl_mean([1, 0], [0, 0], [True, False], 0), "a probability of being drawn is 0"),
        (lambda: dsl_mean([1, 0], [0, np.nan], [True, False], 0.5), "is missing"),
        (lambda: dsl_mean([1], [0, 0], [True, False], 0.5), "have the shapes"),
        (lambda: dsl_difference([1, 0], [0, 0], [True, False], 0.5, [True, True]), "some in each of two groups"),
        (lambda: dsl_ols(np.ones((2, 2)), [1, 0], [0, 0], [True, False], 0.5), "follows from the others"),
        (lambda: ppi_mean([1, 0, 1], [0, 0, 1], [True, False, False]), "at least two with gold"),
        (
            lambda: dsl_moment(np.ones((2, 1)), [1, 0], np.ones((2, 1)), [1, 0], [True, True], 1, model="probit"),
            "probit",
        ),
    ],
)
def test_plain_functions_refuse_what_they_cannot_use(call, message):
    with pytest.raises(InputError, match=message):
        call()


def test_intervals_of_shares_are_made_on_the_log_odds():
    from scipy.special import logit

    table = corpus()[0]
    row = estimate(table, label="negative", by=["outlet"]).iloc[0]
    middle = logit([row["low"], row["estimate"], row["high"]])
    assert middle[1] - middle[0] == pytest.approx(middle[2] - middle[1])
    assert 0 < row["low"] < row["high"] < 1
    never = estimate(table.assign(tone_pred="neutral"), label="negative", by=["outlet"]).iloc[0]
    assert (never["estimate"], never["note"]) == (0.0, "no interval: all 40 stories have the same score")

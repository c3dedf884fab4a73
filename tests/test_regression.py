"""Double contrasts, trends and regressions: against statsmodels, by hand, and in short simulations."""

import builtins
import os
import sys

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
import statsmodels.formula.api as smf
from scipy import stats
from scipy.linalg import sqrtm

from toolkit.errors import InputError, InputWarning
from toolkit.estimation import (
    benjamini_hochberg,
    cluster_ols,
    contrast,
    double_contrast,
    dsl_moment,
    dsl_ols,
    estimate,
    holm,
    outcomes,
    ppi_ols,
    regress,
    trend,
)
from toolkit.estimation.formula import MOST_COLUMNS, read_formula
from toolkit.tables import check_table

sys.path.insert(0, "benchmarks")


@pytest.fixture(scope="module")
def bench(root):
    import regression_coverage

    return regression_coverage


@pytest.fixture(scope="module")
def world(bench):
    return bench.draw(np.random.default_rng(1), 40)


@pytest.fixture(scope="module")
def scored(world):
    return world["scored"]


def given(world):
    return {"gold": world["gold"], "frame": world["frame"]}


def problem(seed=0, n=60, groups=9):
    rng = np.random.default_rng(seed)
    X = np.column_stack([np.ones(n), rng.normal(size=n), rng.random(n) < 0.4]).astype(float)
    story = rng.integers(0, groups, n)
    return X, rng.normal(size=n) + rng.normal(size=groups)[story], story, rng.random(n) + 0.2


@pytest.mark.parametrize(("errors", "correction"), [("CR0", False), ("CR1", True)])
def test_clustered_errors_are_those_of_statsmodels(errors, correction):
    X, y, story, w = problem()
    fit = cluster_ols(X, y, story, w, errors=errors)
    other = sm.WLS(y, X, weights=w).fit(cov_type="cluster", cov_kwds={"groups": story, "use_correction": correction})
    np.testing.assert_allclose(fit.estimate, other.params, rtol=0, atol=1e-8)
    np.testing.assert_allclose(fit.covariance, other.cov_params(), rtol=0, atol=1e-8)


@pytest.mark.parametrize("vary", [False, True])
def test_cr2_and_its_degrees_of_freedom_are_the_textbook_s(vary):
    X, y, story, w = problem(3)
    phi = np.random.default_rng(1).random(len(y)) + 0.5 if vary else None
    fit = cluster_ols(X, y, story, w, spread=phi)
    Z, r = X * np.sqrt(w)[:, None], np.sqrt(w) * y
    M = np.linalg.inv(Z.T @ Z)
    H = Z @ M @ Z.T
    meat, p = np.zeros((3, 3)), [[], [], []]
    for s in np.unique(story):
        i = np.flatnonzero(story == s)
        A = np.linalg.inv(np.real(sqrtm(np.eye(len(i)) - H[np.ix_(i, i)])))
        score = Z[i].T @ A @ (r - H @ r)[i]
        meat += np.outer(score, score)
        for j in range(3):
            p[j].append((np.eye(len(y)) - H)[:, i] @ A @ Z[i] @ M[:, j])
    np.testing.assert_allclose(fit.covariance, M @ meat @ M, atol=1e-10)
    for j in range(3):
        P = (np.array(p[j]) * (1.0 if phi is None else phi)) @ np.array(p[j]).T
        assert fit.df[j] == pytest.approx(np.trace(P) ** 2 / np.trace(P @ P), rel=1e-8)


def test_a_cell_mean_is_the_regression_on_a_constant(scored):
    row = estimate(scored, by=["outlet"], copies="all").iloc[0]
    of = scored[scored["outlet"] == "A"]
    own = cluster_ols(np.ones((len(of), 1)), of["tone_score"], of["story_id"])
    assert (own.estimate[0], own.se[0]) == pytest.approx((row["estimate"], row["se"]), abs=1e-12)


FORMULAS = [
    "tone ~ C(outlet)",
    "tone ~ C(outlet) * C(actor) + z",
    "tone ~ 0 + C(outlet):C(actor) + z",
    "tone ~ z:outlet",
    "tone ~ (C(outlet) + z) * actor - actor",
]


@pytest.mark.parametrize("formula", FORMULAS)
def test_regression_equals_statsmodels(scored, formula):
    ours = regress(scored, formula, copies="all", errors="CR1")
    table = scored.assign(tone=scored["tone_score"])
    codes = table["story_id"].astype("category").cat.codes
    other = smf.ols(formula, table).fit(cov_type="cluster", cov_kwds={"groups": codes})
    assert ours["term"].tolist() == list(other.params.index)
    np.testing.assert_allclose(ours["estimate"], other.params, rtol=0, atol=1e-8)
    np.testing.assert_allclose(ours["se"], other.bse, rtol=0, atol=1e-8)
    half = stats.t.ppf(0.975, scored["story_id"].nunique() - 1) * ours["se"]
    np.testing.assert_allclose(ours["high"] - ours["estimate"], half, atol=1e-10)


def test_logit_equals_statsmodels(scored):
    ours = regress(scored, "tone ~ C(outlet) + z", model="logit", label="positive", copies="all")
    table = scored.assign(tone=scored["tone_pred"].eq("positive").astype(float))
    codes = table["story_id"].astype("category").cat.codes
    other = smf.logit("tone ~ C(outlet) + z", table).fit(
        cov_type="cluster", cov_kwds={"groups": codes, "use_correction": False}, disp=False, tol=1e-12
    )
    G = codes.nunique()
    np.testing.assert_allclose(ours["estimate"], other.params, rtol=0, atol=1e-8)
    np.testing.assert_allclose(ours["se"], other.bse * np.sqrt(G / (G - 1)), rtol=0, atol=1e-8)


def test_formulas_of_categories_are_the_means_and_differences(scored):
    fit = regress(scored, "tone ~ C(outlet) * C(actor)").set_index("term")
    means = estimate(scored).set_index(["outlet", "actor"])["estimate"]
    gaps = contrast(scored).set_index("actor")["estimate"]
    double = double_contrast(scored).iloc[0]
    assert fit.loc["Intercept", "estimate"] == pytest.approx(means["A", "x"], abs=1e-12)
    assert fit.loc["C(outlet)[T.B]", "estimate"] == pytest.approx(-gaps["x"], abs=1e-12)
    assert fit.loc["C(outlet)[T.B]:C(actor)[T.y]", "estimate"] == pytest.approx(double["estimate"], abs=1e-12)
    assert double["estimate"] == pytest.approx(gaps["x"] - gaps["y"], abs=1e-12)
    assert double[["gap_x", "gap_y"]].tolist() == pytest.approx([gaps["x"], gaps["y"]], abs=1e-12)


def test_double_contrast_of_stories_in_all_four_cells_is_a_paired_test():
    rng = np.random.default_rng(2)
    rows = [(o, a, f"s{s}") for s in range(14) for o in "AB" for a in "xy"]
    table = plain(rows, rng.normal(0, 0.3, len(rows)))
    wide = table.pivot(index="story_id", columns=["outlet", "actor"], values="tone_score")
    d = wide["A", "x"] - wide["B", "x"] - wide["A", "y"] + wide["B", "y"]
    other = stats.ttest_1samp(d, 0)
    row = double_contrast(table).iloc[0]
    low, high = other.confidence_interval()
    assert row[["p", "low", "high", "df"]].tolist() == pytest.approx([other.pvalue, low, high, 13], rel=1e-9)
    assert (row["n_stories"], row["n_stories_shared"], row["n_stories_least"]) == (14, 14, 14)


def plain(rows, score, **columns):
    """Mentions of (outlet, actor, story)."""
    table = pd.DataFrame(rows, columns=["outlet", "actor", "story_id"])
    return table.assign(
        **{"mention_id": [f"m{i:04}" for i in range(len(table))], "article_id": table["outlet"] + table["story_id"],
           "sentence_id": "t", "date": pd.Timestamp("2020-02-28"), "wire": None, "copied": 0.0, "part": "body",
           "surface": "x", "form": "name", "reading": "actor", "voice": "outlet", "speaker": None, "sentence": "x",
           "start": 0, "end": 1, "position": 0, "tone_score": np.asarray(score, dtype=float), **columns},
    )  # fmt: skip


def test_double_contrasts_count_their_family():
    rng = np.random.default_rng(3)
    rows = [(o, a, f"{o}{a}{s}") for o in "ABC" for a in "xyz" for s in range(5)]
    table = double_contrast(plain(rows, rng.normal(0, 0.4, len(rows))))
    assert len(table) == 9
    assert table["family"].eq(9).all()
    assert table["p_holm"].tolist() == pytest.approx(holm(table["p"].to_numpy()).tolist())
    assert table["p_bh"].tolist() == pytest.approx(benjamini_hochberg(table["p"].to_numpy()).tolist())
    assert (table["p_holm"] >= table["p_bh"]).all()


def test_double_contrasts_that_cannot_be_made():
    table = plain([("A", "x", "s1"), ("B", "x", "s2"), ("A", "y", "s3")], [0.1, 0.2, 0.3])
    with pytest.warns(InputWarning, match="nothing to compare"):
        assert len(double_contrast(table)) == 0
    table = plain([(o, a, o + a) for o in "AB" for a in "xy"], [0.1, 0.2, 0.3, 0.4])
    assert double_contrast(table).iloc[0]["note"] == "no interval: 1 story in a group"
    with pytest.raises(InputError, match="expected another column"):
        double_contrast(table, across="outlet")
    with pytest.raises(InputError, match="method='ppi'"):
        double_contrast(table, method="ppi")


def test_trend_equals_statsmodels_and_says_its_unit(scored):
    found = trend(scored, by=["outlet"], copies="all").set_index("outlet")
    for outlet, of in scored.groupby("outlet"):
        month = of["date"].dt.month.astype(float)
        other = sm.OLS(of["tone_score"].to_numpy(), sm.add_constant(month.to_numpy())).fit()
        assert found.loc[outlet, "estimate"] == pytest.approx(other.params[1], abs=1e-10)
        assert found.loc[outlet, "n_periods"] == month.nunique()
    assert found["estimand"].eq("mean tone per mention: change from one month to the next").all()
    check_table(found.reset_index(), "summary")
    quarter = trend(scored, by=[], period="quarter", copies="all").iloc[0]
    day = trend(scored, by=[], period="day", copies="all").iloc[0]
    assert quarter["estimate"] / day["estimate"] == pytest.approx(91, rel=0.25)


def test_trends_that_cannot_be_told():
    table = plain([("A", "x", f"s{i}") for i in range(4)], [0.1, 0.2, 0.3, 0.5])
    assert trend(table).iloc[0]["note"] == "no slope: 1 period with an outcome"
    dates = pd.to_datetime(["2020-01-01", "2020-02-01"] * 2)
    one = plain([("A", "x", "s")] * 4, [0.1, 0.2, 0.3, 0.5], date=dates)
    assert trend(one).iloc[0]["note"] == "no slope: 1 story"
    two = trend(plain([("A", "x", "s"), ("A", "x", "r")] * 2, [0.1, 0.2, 0.3, 0.5], date=dates)).iloc[0]
    assert two["note"] == "no interval: 2 stories"
    assert two["estimate"] == pytest.approx(-0.05 + 0.2)
    assert np.isnan(two["low"])


def test_dsl_regression_is_least_squares_on_pseudo_outcomes(world, scored):
    fit = regress(scored, "tone ~ C(outlet) + z", copies="all", method="dsl", **given(world))
    rows = scored.sort_values(["story_id", "mention_id"])
    out = outcomes(rows, method="dsl", **given(world))
    other = smf.ols("y ~ C(outlet) + z", rows.assign(y=out.values)).fit()
    np.testing.assert_allclose(fit["estimate"], other.params, atol=1e-10)
    X = np.column_stack([np.ones(len(rows)), rows["outlet"].eq("B"), rows["z"]])
    truth = outcomes(rows, method="gold", **given(world)).values
    direct = dsl_ols(X, truth, out.proxy, out.sampled, out.probability, rows["story_id"])
    plain_errors = regress(scored, "tone ~ C(outlet) + z", copies="all", method="dsl", errors="CR0", **given(world))
    np.testing.assert_allclose(plain_errors["se"], direct.se, atol=1e-10)
    assert (fit["se"] >= plain_errors["se"]).all()
    assert fit["n_gold"].eq(len(world["gold"])).all()


def test_a_label_on_the_right_is_solved_by_moments(world, scored):
    fit = regress(scored, "clicks ~ tone + C(outlet)", copies="all", method="dsl", **given(world))
    rows = scored.sort_values(["story_id", "mention_id"])
    out = outcomes(rows, method="dsl", **given(world))
    truth = outcomes(rows, method="gold", **given(world)).values
    B = rows["outlet"].eq("B").to_numpy(dtype=float)
    X, X_hat = (np.column_stack([np.ones(len(rows)), B, v]) for v in (truth, out.proxy))
    direct = dsl_moment(X, rows["clicks"], X_hat, rows["clicks"], out.sampled, out.probability,
                        clusters=rows["story_id"])  # fmt: skip
    terms = fit.set_index("term")
    assert terms.loc["tone", "estimate"] == pytest.approx(direct.estimate[2], abs=1e-10)
    assert terms.loc["C(outlet)[T.B]", "estimate"] == pytest.approx(direct.estimate[1], abs=1e-10)


def test_gold_alone_is_weighted_least_squares_of_the_coded(world, scored):
    fit = regress(scored, "tone ~ C(outlet) + z", copies="all", method="gold", **given(world))
    coded = scored.merge(world["gold"][["mention_id", "label"]], on="mention_id").merge(
        world["frame"][["mention_id", "probability"]], on="mention_id"
    )
    y = coded["label"].map({"negative": -1.0, "neutral": 0.0, "positive": 1.0})
    other = smf.wls("y ~ C(outlet) + z", coded.assign(y=y), weights=1 / coded["probability"]).fit()
    np.testing.assert_allclose(fit["estimate"], other.params, atol=1e-10)
    right = regress(scored, "clicks ~ tone", copies="all", method="gold", **given(world))
    other = smf.wls("clicks ~ y", coded.assign(y=y), weights=1 / coded["probability"]).fit()
    np.testing.assert_allclose(right["estimate"], other.params, atol=1e-10)
    logit = regress(scored, "tone ~ C(outlet)", model="logit", label="positive", copies="all", method="gold",
                    **given(world)).set_index("term")  # fmt: skip
    w = 1 / coded["probability"]
    p = [np.average(coded["label"].eq("positive")[m], weights=w[m]) for m in (coded["outlet"] == o for o in "AB")]
    assert logit.loc["C(outlet)[T.B]", "estimate"] == pytest.approx(np.diff([np.log(q / (1 - q)) for q in p])[0])


def test_ppi_regression_is_the_plain_function(bench):
    world = bench.draw(np.random.default_rng(8), 40)
    table, rng = world["scored"], np.random.default_rng(0)
    drawn = rng.permutation(len(table)) < 90
    frame = world["frame"].assign(stratum="all", probability=90 / len(table), drawn=drawn)
    coded = table[drawn]
    gold = pd.DataFrame({"mention_id": coded["mention_id"], "task": "tone",
                         "label": bench.LABELS[coded["truth"].astype(int) + 1]})  # fmt: skip
    fit = regress(table, "tone ~ C(outlet)", copies="all", method="ppi", gold=gold, frame=frame)
    X = np.column_stack([np.ones(len(table)), table["outlet"].eq("B")])
    direct = ppi_ols(X, table["truth"], table["tone_score"], drawn, clusters=table["story_id"])
    np.testing.assert_allclose(fit["estimate"], direct.estimate, atol=1e-10)
    G = coded["story_id"].nunique()
    np.testing.assert_allclose(fit["se"], direct.se * np.sqrt(G / (G - 1)), rtol=1e-10)
    with pytest.raises(InputError, match="least squares of the score alone"):
        regress(table, "clicks ~ tone", method="ppi", gold=gold, frame=frame)


@pytest.mark.parametrize("method", ["naive", "dsl"])
def test_row_order_and_index_do_not_matter(world, scored, method):
    options = {"method": method, **({} if method == "naive" else given(world))}
    turned = scored.sample(frac=1, random_state=3)
    turned.index = range(900, 900 + len(turned))
    before = turned.copy(deep=True)
    for function in (double_contrast, trend, lambda t, **o: regress(t, "tone ~ C(outlet) + z", **o)):
        pd.testing.assert_frame_equal(function(scored, **options), function(turned, **options), check_exact=True)
    pd.testing.assert_frame_equal(turned, before, check_exact=True)


def test_the_reference_can_be_chosen(scored):
    first = regress(scored, "tone ~ C(outlet)").set_index("term")
    other = regress(scored, "tone ~ outlet", reference={"outlet": "B"}).set_index("term")
    assert other.loc["outlet[T.A]", "estimate"] == pytest.approx(-first.loc["C(outlet)[T.B]", "estimate"])
    with pytest.raises(InputError, match=r"reference\['outlet'\] is 'C', which no mention has"):
        regress(scored, "tone ~ C(outlet)", reference={"outlet": "C"})
    with pytest.raises(InputError, match="reference names 'actor', which is no category"):
        regress(scored, "tone ~ C(outlet)", reference={"actor": "x"})


def test_the_constant_is_no_test(scored):
    fit = regress(scored, "tone ~ C(outlet) + z")
    assert fit["family"].eq(2).all()
    assert np.isnan(fit.loc[0, "p_holm"])
    assert fit.loc[1:, "p_holm"].tolist() == pytest.approx(holm(fit.loc[1:, "p"].to_numpy()).tolist())


HOSTILE = [
    "tone ~ __import__('os').system('touch pwned')",
    "tone ~ I(open('pwned', 'w'))",
    "tone ~ C(outlet, levels=open('pwned','w'))",
    "tone ~ np.log(z)",
    "tone ~ z.__class__.__base__",
    "tone ~ eval('1')",
    "tone ~ Q('z')",
    "tone ~ [print for _ in (1,)][0]",
    "tone ~ (lambda: 1)()",
    "tone ~ z\n+ exec('x')",
    "tone ~ {z}",
    "tone ~ z; import os",
    "tone ~ `z`",
    "tone ~ C(C(outlet))",
    "I(1) ~ z",
    "tone ~ bs(z)",
    "tone ~ z**9",
    "tone ~ z / outlet",
    "tone ~ z @ z",
    "tone ~ z | outlet",
    "tone ~ z if z else z",
    "tone ~ 1e9",
    "tone ~ z = 3",
    "tone ~ ~z",
    "tone",
    "tone ~",
    "~ z",
    "tone ~ 1",
    "tone ~ + + z",
    "tone ~ (z",
    "tone ~ z)",
    "tone ~ z * 0",
    "tone ~ " + "(" * 70 + "z",
    "tone ~ " + " + ".join(["z"] * 100),
    "tone ~ " + "*".join("abcdefgh"),
    "",
    None,
    7,
]


@pytest.mark.parametrize("formula", HOSTILE)
def test_hostile_formulas_run_nothing(scored, formula, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(os, "system", lambda *_: pytest.fail("a command was run"))
    monkeypatch.setattr(builtins, "eval", lambda *_: pytest.fail("a formula was run"))
    with pytest.raises(InputError, match="formula"):
        regress(scored, formula)
    assert not list(tmp_path.iterdir())


def test_names_of_columns_that_are_code_are_just_names(scored):
    odd = {"lambda": scored["z"], "C": scored["z"] * 2, "os": scored["z"] + 1, "Öl": scored["z"] ** 2}
    fit = regress(scored.assign(**odd), "tone ~ lambda + Öl", copies="all")
    other = smf.ols("y ~ z + I(z**2)", scored.assign(y=scored["tone_score"])).fit()
    assert fit["term"].tolist() == ["Intercept", "lambda", "Öl"]
    np.testing.assert_allclose(fit["estimate"], other.params, atol=1e-10)
    with pytest.raises(InputError, match="follow from the others"):
        regress(scored.assign(**odd), "tone ~ os + C")


def test_the_library_sees_no_name_of_ours():
    assert "outlet" not in read_formula("tone ~ C(outlet) * z").right


@pytest.mark.parametrize(
    ("formula", "options", "message"),
    [
        ("tone ~ C(oulet)", {}, "the formula names 'oulet', .* did you mean 'outlet'"),
        ("z ~ C(outlet)", {}, "has the task 'tone' nowhere"),
        ("tone ~ tone", {}, "on both sides"),
        ("outlet ~ tone", {}, "the outcome 'outlet' holds no numbers"),
        ("tone ~ date", {}, "'date' holds dates; toolkit.trend"),
        ("tone ~ C(mention_id)", {}, "too many for a category .at most 200.; .*contrast_within"),
        ("tone ~ C(outlet)", {"model": "probit"}, "unknown model 'probit'"),
        ("tone ~ C(outlet)", {"errors": "HC1"}, "unknown errors 'HC1'"),
        ("tone ~ C(outlet)", {"model": "logit"}, "needs the label"),
        ("clicks ~ tone", {"model": "logit"}, "needs an outcome of 0 and 1"),
        ("clicks ~ C(tone)", {}, "category of every score"),
        ("tone ~ C(outlet)", {"method": "dsl"}, "needs gold labels"),
        ("tone ~ C(outlet) + C(outlet):z + z", {}, "follow from the others"),
    ],
)
def test_formulas_that_make_no_sense(scored, formula, options, message):
    if "follow" in message:
        scored = scored.assign(z=1.0)
    with pytest.raises(InputError, match=message):
        regress(scored, formula, **options)


def test_interactions_that_would_fill_the_memory_are_refused(scored):
    many = scored.assign(p=scored["story_id"], q=scored["story_id"].str[::-1], r=scored["article_id"].str[2:])
    with pytest.raises(InputError, match=rf"columns, more than {MOST_COLUMNS}"):
        regress(many, "tone ~ C(p):C(q):C(r)")


def test_missing_values_are_left_out_aloud(scored):
    z = scored["z"].where(scored["story_id"] != "s0003")
    with pytest.warns(InputWarning, match=r"lack a value of the formula, such as 'z'"):
        fit = regress(scored.assign(z=z), "tone ~ z")
    assert fit["n_mentions"].iloc[0] == z.notna().sum()


def test_outlets_with_hostile_names_are_names(scored):
    names = {"A": "toolkit_column_0_", "B": "$x$</script>"}
    fit = regress(scored.assign(outlet=scored["outlet"].map(names)), "tone ~ C(outlet)")
    assert fit["term"].tolist() == ["Intercept", "C(outlet)[T.toolkit_column_0_]"]


def covered(table, truth):
    return 100 * float(((table["low"] <= truth) & (truth <= table["high"])).mean())


def many_worlds(bench, repetitions, stories):
    """Repetitions in one table, so that one call estimates all; they share no story."""
    parts = {"scored": [], "gold": [], "frame": []}
    for r in range(repetitions):
        one = bench.draw(np.random.default_rng([3, r]), stories, gold=20)
        for name, table in one.items():
            ids = {c: f"r{r:04}-" + table[c] for c in ("mention_id", "story_id", "article_id", "cluster", "stratum")
                   if c in table}  # fmt: skip
            parts[name].append(table.assign(**ids, repetition=r))
    return {name: pd.concat(tables, ignore_index=True) for name, tables in parts.items()}


@pytest.fixture(scope="module")
def worlds(bench):
    return many_worlds(bench, 150, 20)


@pytest.mark.filterwarnings("ignore::toolkit.errors.InputWarning")
def test_intervals_hold_the_truth_as_often_as_they_say(bench, worlds):
    """150 repetitions: 95 % +- 3.6 points at two standard errors; the full table is made by the benchmark."""
    truth = bench.truths()
    right = worlds["scored"].assign(tone_score=worlds["scored"]["truth"])
    corrected = {"method": "dsl", "gold": worlds["gold"], "frame": worlds["frame"]}
    for table, options in ((right, {}), (worlds["scored"], corrected)):
        double = double_contrast(table, by=["repetition"], **options)
        assert 90 <= covered(double, truth["double contrast"]) <= 99.4
        slopes = trend(table, by=["repetition", "outlet"], copies="all", **options)
        assert 90 <= covered(slopes, truth["trend"]) <= 99.4
        assert slopes["estimate"].mean() == pytest.approx(truth["trend"], abs=0.006)
    naive = trend(worlds["scored"], by=["repetition", "outlet"], copies="all")
    assert abs(naive["estimate"].mean() - truth["trend"]) > 0.006


def test_regressions_hold_the_truth_as_often_as_they_say(bench, worlds):
    truth, table = bench.truths(), worlds["scored"]
    held = {name: [] for name in ("regression, outlet", "regression, interaction", "regression, covariate")}
    for _, of in table.groupby("repetition"):
        A, x = of["outlet"].eq("A"), of["actor"].eq("x")
        X = np.column_stack([np.ones(len(of)), ~A, ~x, ~A & ~x, of["z"]]).astype(float)
        fit = cluster_ols(X, of["truth"], of["story_id"])
        half = stats.t.ppf(0.975, fit.df) * fit.se
        for name, j in zip(held, (1, 3, 4), strict=True):
            held[name].append(abs(fit.estimate[j] - truth[name]) <= half[j])
    for name, values in held.items():
        assert 90 <= 100 * np.mean(values) <= 99.4, name


def test_labels_on_the_right_are_corrected(bench):
    """The naive coefficient of a noisy label is far off; the corrected one is right on average."""
    found = {"naive": [], "dsl": []}
    for r in range(25):
        world = bench.draw(np.random.default_rng([9, r]), 40)
        for method, of in found.items():
            options = {} if method == "naive" else given(world)
            of.append(regress(world["scored"], "clicks ~ tone", copies="all", method=method, **options)["estimate"][1])
    assert abs(np.mean(found["naive"]) - bench.CLICKS) > 0.1
    assert abs(np.mean(found["dsl"]) - bench.CLICKS) < 3 * np.std(found["dsl"]) / 5

"""Agreement between coders, adjudication, and the command."""

import time

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from toolkit.agreement import (
    COEFFICIENTS,
    adjudicate,
    agreement,
    coder_agreement,
    coder_confusion,
    disagreements,
    krippendorff_alpha,
)
from toolkit.annotation import Sample
from toolkit.annotation.sample import drawn_hash, frame_hash
from toolkit.cli import main
from toolkit.errors import InputError, InputWarning

N = -1
# The sample matrix of the package krippendorff (3 coders, 15 units), and that of Krippendorff 2011 (4 and 12).
SAMPLE = np.array([
    [N, N, N, N, N, 3, 4, 1, 2, 1, 1, 3, 3, N, 3],
    [1, N, 2, 1, 3, 3, 4, 3, N, N, N, N, N, N, N],
    [N, N, 2, 1, 3, 4, 4, N, 2, 1, 1, 3, 3, N, 4],
]).T  # fmt: skip
FOUR = np.array([
    [1, 2, 3, 3, 2, 1, 4, 1, 2, N, N, N],
    [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, N, 3],
    [N, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, N],
    [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, N],
]).T  # fmt: skip
LABELS = ["negative", "neutral", "positive"]


def table_of(codes, labels=LABELS, task="tone"):
    """Annotations from a matrix of codes, units by coders."""
    rows = [
        (f"m{unit:04}", task, f"coder{coder}", labels[code])
        for unit, row in enumerate(codes)
        for coder, code in enumerate(row)
        if code >= 0
    ]
    return pd.DataFrame(rows, columns=["mention_id", "task", "coder", "label"])


def estimates(annotations, **given):
    return coder_agreement(annotations, draws=100, **given).set_index("coefficient")["estimate"]


def noisy(n=400, coders=2, error=0.2, seed=0, per_article=4):
    """Annotations of coders who err by themselves, and the mentions with their articles."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, 3, n)
    wrong = rng.random((n, coders)) < error
    codes = np.where(wrong, rng.integers(0, 3, (n, coders)), truth[:, None])
    mentions = pd.DataFrame({
        "mention_id": [f"m{i:04}" for i in range(n)], "article_id": [f"a{i // per_article}" for i in range(n)],
        "actor": rng.choice(["turkey", "russia"], n), "outlet": rng.choice(["A", "B"], n),
        "sentence": "Ankara warned.", "start": 0, "end": 6,
    })  # fmt: skip
    return table_of(codes), mentions


@pytest.mark.parametrize(
    ("codes", "nominal", "ordinal", "interval"),
    [
        (SAMPLE, 0.691358024691, 0.806721419941, 0.810844892812),
        (FOUR, 0.743421052632, 0.815387503755, 0.849107142857),
    ],
)
def test_alpha_gives_the_known_answers(codes, nominal, ordinal, interval):
    for metric, wanted in (("nominal", nominal), ("ordinal", ordinal), ("interval", interval)):
        assert krippendorff_alpha(codes, metric=metric) == pytest.approx(wanted, abs=1e-10), metric


def test_alpha_is_that_of_the_package_krippendorff_on_a_ragged_matrix():
    # Made and computed once with krippendorff 0.8.1.
    rng = np.random.default_rng(1)
    first = rng.integers(0, 4, (3, 40)).astype(float)
    base = rng.integers(0, 4, 40)
    codes = np.where(rng.random((3, 40)) < 0.7, base, first)
    codes[rng.random((3, 40)) < 0.25] = -1
    for metric, wanted in (("nominal", 0.542897327707), ("ordinal", 0.428526715305), ("interval", 0.423298731257)):
        assert krippendorff_alpha(codes.T.astype(int), metric=metric) == pytest.approx(wanted, abs=1e-10), metric


def test_fleiss_and_ac1_are_those_of_irrcac():
    # cac.raw4raters of the R package irrCAC (Gwet 2014), which is Krippendorff's example.
    found = estimates(table_of(FOUR - (FOUR > 0), labels=list("abcde"), task="own"), task="own")
    assert found["percent"] == pytest.approx(0.81818, abs=5e-6)
    assert found["fleiss"] == pytest.approx(0.76117, abs=5e-6)
    assert found["ac1"] == pytest.approx(0.77544, abs=5e-6)
    assert found["alpha"] == pytest.approx(0.74342, abs=5e-6)


def test_cohen_and_scott_on_a_published_table():
    # cont3x3abstractors of irrCAC: Cohen's kappa 0.7964094, Scott's pi (Fleiss of two complete coders) 0.7962397.
    cells = [[13, 0, 0], [0, 20, 7], [0, 4, 56]]
    codes = np.array([[i, j] for i in range(3) for j in range(3) for _ in range(cells[i][j])])
    found = estimates(table_of(codes))
    assert found["cohen"] == pytest.approx(0.7964094, abs=5e-8)
    assert found["fleiss"] == pytest.approx(0.7962397, abs=5e-8)
    assert found["percent"] == pytest.approx(89 / 100)


def test_by_hand():
    # Units (0,0), (0,1), (1,1): coincidences 00: 2, 01 and 10: 1 each, 11: 2; n_c = 3, 3; n = 6.
    annotations = table_of(np.array([[0, 0], [0, 1], [1, 1]]))
    found = estimates(annotations)
    assert found["alpha"] == pytest.approx(1 - (2 / 6) / (2 * 3 * 3 / (6 * 5)))
    assert found["percent"] == pytest.approx(2 / 3)
    # Chance: coder 0 says 0 two times in three, coder 1 once: 2/3 * 1/3 + 1/3 * 2/3.
    assert found["cohen"] == pytest.approx((2 / 3 - 4 / 9) / (1 - 4 / 9))
    # AC1 over the task's three labels: (1/2 * 1/2 + 1/2 * 1/2 + 0) / 2.
    assert found["ac1"] == pytest.approx((2 / 3 - 1 / 4) / (1 - 1 / 4))


matrices = st.integers(2, 4).flatmap(
    lambda coders: st.lists(
        st.lists(st.integers(-1, 2), min_size=coders, max_size=coders).filter(lambda row: max(row) >= 0),
        min_size=2, max_size=12,
    )
).map(np.array)  # fmt: skip


@settings(deadline=None)
@given(matrices, st.randoms())
def test_what_may_not_matter_does_not(codes, random):
    def same(a, b):
        return a == pytest.approx(b, abs=1e-9, nan_ok=True)

    coders, units = list(range(codes.shape[1])), list(range(len(codes)))
    random.shuffle(coders)
    random.shuffle(units)
    renamed = np.where(codes < 0, -1, np.array([2, 0, 1, -1])[codes])
    alone = np.vstack([codes, [2] + [-1] * (codes.shape[1] - 1)])
    for metric in ("nominal", "ordinal", "interval"):
        alpha = krippendorff_alpha(codes, metric=metric)
        assert same(krippendorff_alpha(codes[units][:, coders], metric=metric), alpha)
        assert same(krippendorff_alpha(2 - codes + (codes < 0) * (codes - 3), metric=metric), alpha)  # turned round
        assert same(krippendorff_alpha(alone, metric=metric), alpha)  # a code with no other beside it says nothing
        assert np.isnan(alpha) or alpha <= 1
    assert same(krippendorff_alpha(renamed), krippendorff_alpha(codes))
    values = [10.0, 17.0, 24.0]
    assert same(
        krippendorff_alpha(codes, metric="interval", values=values), krippendorff_alpha(codes, metric="interval")
    )


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), min_size=2, max_size=20))
def test_alpha_of_two_complete_coders_is_scotts_pi_with_a_small_correction(rows):
    codes = np.array(rows)
    found = estimates(table_of(codes))
    n = codes.size
    if np.isnan(found["alpha"]):
        assert np.isnan(found["fleiss"])
    else:
        assert 1 - found["alpha"] == pytest.approx((1 - found["fleiss"]) * (n - 1) / n, abs=1e-12)


def test_what_is_not_defined_is_missing_and_says_why():
    one = coder_agreement(table_of(np.array([[0], [1], [2]])), draws=100)
    assert one["estimate"].isna().all()
    assert one["note"].str.contains(r"one coder \(coder0\): agreement is not known").all()
    apart = coder_agreement(table_of(np.array([[0, -1], [-1, 1]])), draws=100)
    assert apart["estimate"].isna().all()
    assert apart["note"].str.startswith("no overlap").all()
    flat = coder_agreement(table_of(np.array([[1, 1]] * 5)), draws=100).set_index("coefficient")
    assert flat.loc["percent", "estimate"] == 1
    assert flat["estimate"].drop("percent").isna().all()
    assert flat["note"].drop("percent").str.contains(r"only one label occurs \(neutral\)").all()
    same = coder_agreement(table_of(np.array([[1, 1], [0, 0], [2, 2]] * 20)), draws=100)
    assert (same["estimate"] == 1).all()
    # A perfect sample gives no interval of width 0: it cannot show what other articles would bring.
    assert same["low"].isna().all()
    assert same["note"].str.contains("no disagreement seen").all()
    three = coder_agreement(table_of(SAMPLE % 3), coefficients="cohen", draws=100)
    assert three["estimate"].isna().all()
    assert "by='pair'" in three["note"].iloc[0]


def test_groups_pairs_and_labels():
    annotations, mentions = noisy(coders=3)
    by_actor = coder_agreement(annotations, mentions=mentions, by="actor", coefficients="alpha", draws=100)
    for actor, found in by_actor.set_index("actor")["estimate"].items():
        own = annotations[annotations["mention_id"].isin(mentions.loc[mentions["actor"] == actor, "mention_id"])]
        assert found == pytest.approx(estimates(own)["alpha"])
    pairs = coder_agreement(annotations, mentions=mentions, by=["pair"], draws=100)
    assert set(pairs["pair"]) == {"coder0 and coder1", "coder0 and coder2", "coder1 and coder2"}
    assert pairs.loc[pairs["coefficient"] == "cohen", "estimate"].notna().all()
    pair = annotations[annotations["coder"] != "coder1"]
    wanted = estimates(pair)["cohen"]
    found = pairs[(pairs["pair"] == "coder0 and coder2") & (pairs["coefficient"] == "cohen")]
    assert found["estimate"].iloc[0] == pytest.approx(wanted)
    for label, found in (
        coder_agreement(annotations, by="label", coefficients="alpha", draws=100).set_index("label")["estimate"].items()
    ):
        binary = annotations.assign(label=np.where(annotations["label"] == label, "yes", "no"), task="own")
        assert found == pytest.approx(estimates(binary, task="own")["alpha"])
    crossed = coder_agreement(annotations, mentions=mentions, by=["actor", "outlet"], coefficients="percent", draws=100)
    assert len(crossed) == 4
    assert crossed["n_units"].sum() == 400


def test_no_row_order_and_no_global_state_matters():
    annotations, mentions = noisy()
    first = agreement(annotations, "tone", mentions=mentions, seed=5, draws=200)
    np.random.seed(1)  # noqa: NPY002
    shuffled = annotations.sample(frac=1, random_state=3)
    again = agreement(shuffled, "tone", mentions=mentions.sample(frac=1, random_state=4), seed=5, draws=200)
    pd.testing.assert_frame_equal(first, again, check_exact=True)
    assert not first.equals(agreement(annotations, "tone", mentions=mentions, seed=6, draws=200))


def test_the_input_tables_stay_as_they_are():
    annotations, mentions = noisy(n=40)
    before = annotations.copy(deep=True), mentions.copy(deep=True)
    coder_agreement(annotations, mentions=mentions, by=["actor", "label"], draws=100)
    disagreements(annotations, mentions)
    pd.testing.assert_frame_equal(annotations, before[0])
    pd.testing.assert_frame_equal(mentions, before[1])


def simulate(rng, articles=60, size=4):
    """Two coders whose disagreements come by article: some articles are hard."""
    hard = np.repeat(rng.random(articles) < 0.3, size)
    truth = rng.integers(0, 3, articles * size)
    wrong = rng.random((articles * size, 2)) < np.where(hard, 0.6, 0.05)[:, None]
    codes = np.where(wrong, rng.integers(0, 3, (articles * size, 2)), truth[:, None])
    annotations = table_of(codes)
    ids = [f"m{i:04}" for i in range(len(codes))]
    return annotations, pd.DataFrame(
        {"mention_id": ids, "article_id": np.repeat(np.arange(articles), size).astype(str)}
    )


def test_intervals_by_article_cover_and_those_by_mention_do_not():
    rng = np.random.default_rng(7)
    big, _ = simulate(rng, articles=5_000)
    truth = estimates(big)["alpha"]
    by_article, by_mention = [], []
    for seed in range(200):
        annotations, mentions = simulate(rng)
        for kept, given_mentions in ((by_article, mentions), (by_mention, None)):
            row = coder_agreement(
                annotations, mentions=given_mentions, coefficients="alpha", draws=200, seed=seed
            ).iloc[0]
            kept.append(row["low"] <= truth <= row["high"])
    # 95 % nominal; 200 repetitions are good for 3 points either way.
    assert 0.90 <= np.mean(by_article) <= 0.98
    assert np.mean(by_mention) < np.mean(by_article) - 0.04


def test_a_thousand_units_in_a_moment():
    annotations, mentions = noisy(n=1000, coders=3)
    started = time.perf_counter()
    coder_agreement(annotations, mentions=mentions, by=["actor", "outlet"], draws=2000)
    assert time.perf_counter() - started < 10


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"task": "stance"}, "no annotations of the task 'stance'; the table holds tone"),
        ({"coefficients": "kappa"}, "unknown coefficient 'kappa'"),
        ({"by": "actor"}, "needs the table of mentions"),
        ({"by": "country", "mentions": True}, "no column 'country'"),
        ({"mentions": "few"}, "of 40 annotated mentions are not in the table of mentions, such as 'm0030'"),
        ({"by": "label", "coefficients": "alpha_ordinal"}, "a label against the rest has no order"),
        ({"draws": 5}, "draws is 5"),
        ({"level": 95}, "level is 95"),
        ({"labels": ["negative", "neutral"]}, "which the task 'tone' lacks"),
        ({"labels": ["negative"]}, "expected two different labels or more"),
    ],
)
def test_what_cannot_be_used_is_refused(given, message):
    annotations, mentions = noisy(n=40)
    chosen = {True: mentions, "few": mentions.iloc[:30], None: None}[given.get("mentions")]
    with pytest.raises(InputError, match=message):
        coder_agreement(annotations, **{**given, "mentions": chosen})


def test_annotations_that_cannot_be_compared_are_refused():
    annotations, _ = noisy(n=4)
    twice = pd.concat([annotations, annotations.iloc[:1]])
    with pytest.raises(InputError, match="coder 'coder0' labelled the mention 'm0000' twice"):
        coder_agreement(twice)
    with pytest.raises(InputError, match="the label 'bad', which the task 'tone' lacks; did you mean"):
        coder_agreement(annotations.assign(label=["bad", *annotations["label"][1:]]), labels=["bas", *LABELS])
    with pytest.raises(InputError, match="a coder is called 'majority'"):
        coder_agreement(annotations.assign(coder="majority"))
    with pytest.raises(InputError, match="needs two coders"):
        coder_confusion(annotations[annotations["coder"] == "coder0"])
    with pytest.raises(InputError, match="whole numbers from 0"):
        krippendorff_alpha([[0.5, 1.0]])
    with pytest.raises(InputError, match="unknown metric 'ratio'"):
        krippendorff_alpha([[0, 1]], metric="ratio")


def test_a_task_of_ones_own_has_no_order_until_it_is_given():
    annotations = table_of(SAMPLE - (SAMPLE > 0), labels=list("abcd"), task="own")
    assert "alpha_ordinal" not in set(coder_agreement(annotations, "own", draws=100)["coefficient"])
    with pytest.raises(InputError, match="'alpha_ordinal' needs labels in an order"):
        coder_agreement(annotations, "own", coefficients="alpha_ordinal")
    ordered = coder_agreement(annotations, "own", labels=list("abcd"), draws=100).set_index("coefficient")["estimate"]
    assert ordered["alpha_ordinal"] == pytest.approx(0.806721, abs=1e-6)
    assert ordered["alpha_interval"] == pytest.approx(0.810845, abs=1e-6)
    assert set(COEFFICIENTS) >= set(ordered.index)


def test_confusion_counts_each_pair():
    codes = np.array([[0, 0, 1], [0, 1, -1], [2, 2, 2], [0, -1, -1]])
    table = coder_confusion(table_of(codes))
    first = table[(table["a"] == "coder0") & (table["b"] == "coder1")].set_index(["label_a", "label_b"])
    assert first["n"].sum() == 3
    assert first.loc[("negative", "neutral"), "n"] == 1
    assert first.loc[("negative", "negative"), "share"] == 0.5
    assert np.isnan(first.loc[("neutral", "neutral"), "share"])  # coder0 never said neutral where both labelled


def test_gold_says_who_decided():
    codes = np.array([[0, 0, -1], [0, 1, -1], [0, 0, 1], [-1, -1, 2], [0, 1, 2]])
    annotations = table_of(codes)
    decisions = pd.DataFrame({
        "mention_id": ["m0001", "m0004", "m0002"], "label": [" Neutral ", "", None], "decided_by": ["Dora", "", ""]
    })  # fmt: skip
    with pytest.warns(InputWarning, match="1 of 5 mentions are left out of the gold.*m0004"):
        gold = adjudicate(annotations, "tone", decisions, rule="majority").set_index("mention_id")
    assert gold["label"].to_dict() == {
        "m0000": "negative", "m0001": "neutral", "m0002": "negative", "m0003": "positive"
    }  # fmt: skip
    assert gold["decided_by"].to_dict() == {
        "m0000": "agreement", "m0001": "Dora", "m0002": "majority", "m0003": "coder2"
    }  # fmt: skip
    with pytest.warns(InputWarning, match="3 of 5 mentions"):
        assert len(adjudicate(annotations)) == 2


def test_one_coder_is_gold_with_a_warning():
    with pytest.warns(InputWarning, match=r"one coder only \(coder0\)"):
        gold = adjudicate(table_of(np.array([[0], [1]])))
    assert gold["decided_by"].tolist() == ["coder0", "coder0"]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (("m0001", "netral", "Dora"), "is 'netral', no label of the task 'tone'; did you mean 'neutral'"),
        (("m9999", "neutral", "Dora"), "name the mention 'm9999', which no coder has labelled"),
        (("m0001", "neutral", ""), "does not say who decided"),
        (("m0001", "neutral", "agreement"), "does not say who decided"),
    ],
)
def test_decisions_that_cannot_be_used_are_refused(row, message):
    annotations = table_of(np.array([[0, 0], [0, 1]]))
    decisions = pd.DataFrame([row], columns=["mention_id", "label", "decided_by"])
    with pytest.raises(InputError, match=message):
        adjudicate(annotations, "tone", decisions)
    with pytest.raises(InputError, match="no column 'decided_by'"):
        adjudicate(annotations, "tone", decisions[["mention_id", "label"]])
    both = pd.DataFrame({"mention_id": "m0001", "label": ["neutral", "negative"], "decided_by": "Dora"})
    with pytest.raises(InputError, match="decided twice, and differently"):
        adjudicate(annotations, "tone", both)
    with pytest.raises(InputError, match="unknown rule 'coin'"):
        adjudicate(annotations, "tone", rule="coin")


def test_the_sheet_shows_the_text_and_no_outlet():
    annotations = table_of(np.array([[0, 0], [0, 1], [2, 1]]))
    mentions = pd.DataFrame({
        "mention_id": ["m0002", "m0001", "m0000"], "article_id": ["a", "b", "c"], "outlet": "Secret",
        "sentence": ["Then Moscow spoke.", "Ankara lied.", "x"], "start": [5, 0, 0], "end": [11, 6, 1],
        "tone_pred": "positive",
    })  # fmt: skip
    sheet = disagreements(annotations, mentions)
    assert sheet["mention_id"].tolist() == ["m0002", "m0001"]
    assert sheet["text"].tolist() == ["Then [[Moscow]] spoke.", "[[Ankara]] lied."]
    assert sheet["labels"].iloc[1] == "negative (coder0); neutral (coder1)"
    assert not {"outlet", "tone_pred"} & set(sheet.columns)
    with pytest.raises(InputError, match="'m0001' is not in the table of mentions"):
        disagreements(annotations, mentions[mentions["mention_id"] != "m0001"])


# The command.


@pytest.fixture
def folder(tmp_path):
    annotations, mentions = noisy(n=40, error=0.4)
    mentions.loc[0, ["sentence", "start", "end"]] = ["=cmd() said Ankara.", 12, 18]
    annotations.loc[annotations["mention_id"] == "m0000", "label"] = ["negative", "positive"]
    frame = pd.DataFrame(
        {"mention_id": mentions["mention_id"], "stratum": "all", "probability": 0.5, "drawn": True,
         "cluster": mentions["article_id"]}
    )  # fmt: skip
    facts = {"task": "tone", "frame_sha256": frame_hash(frame), "drawn_sha256": drawn_hash(mentions)}
    Sample("tone", frame, mentions, facts).save(tmp_path)
    annotations.to_csv(tmp_path / "annotations.csv", index=False)
    return tmp_path


@pytest.mark.filterwarnings("always")
def test_the_command_from_annotations_to_gold(folder, capsys):
    assert main(["agreement", str(folder), "--by", "actor", "--draws", "200"]) == 0
    said = capsys.readouterr()
    assert "alpha_ordinal" in said.out
    assert "Left to decide" in said.out
    table = pd.read_csv(folder / "agreement.csv", keep_default_na=False)
    assert list(dict.fromkeys(table["by"])) == ["", "label", "actor"]
    sheet = pd.read_csv(folder / "disagreements.csv", keep_default_na=False)
    assert sheet.loc[sheet["mention_id"] == "m0000", "text"].iloc[0].startswith("'=cmd()")
    first = (folder / "gold.csv").read_bytes()
    # Filled in with a spreadsheet that writes semicolons and a byte order mark.
    sheet["label"], sheet["decided_by"] = "NEUTRAL", "Dora"
    sheet.loc[sheet.index[-1], ["label", "decided_by"]] = ""
    sheet.to_csv(folder / "disagreements.csv", sep=";", index=False, encoding="utf-8-sig")
    assert main(["agreement", str(folder), "--draws", "200"]) == 0
    gold = pd.read_csv(folder / "gold.csv").set_index("mention_id")
    assert gold.loc["m0000", ["label", "decided_by"]].tolist() == ["neutral", "Dora"]
    assert len(gold) == 39
    assert first != (folder / "gold.csv").read_bytes()
    # Nothing that was decided is lost when the command is given again, and the bytes are the same.
    before = [(folder / name).read_bytes() for name in ("gold.csv", "disagreements.csv", "agreement.csv")]
    assert main(["agreement", str(folder), "--draws", "200"]) == 0
    assert before == [(folder / name).read_bytes() for name in ("gold.csv", "disagreements.csv", "agreement.csv")]
    capsys.readouterr()
    assert main(["agreement", str(folder), "--draws", "200", "--rule", "majority"]) == 0


@pytest.mark.filterwarnings("always")
def test_a_decision_outlives_the_disagreement(folder, capsys):
    assert main(["agreement", str(folder), "--draws", "100"]) == 0
    sheet = pd.read_csv(folder / "disagreements.csv", dtype="str", keep_default_na=False)
    sheet["label"], sheet["decided_by"] = "neutral", "Dora"
    sheet.to_csv(folder / "disagreements.csv", index=False)
    annotations = pd.read_csv(folder / "annotations.csv")
    annotations.loc[annotations["mention_id"] == "m0000", "label"] = "positive"  # the coders have talked
    annotations.to_csv(folder / "annotations.csv", index=False)
    for _ in range(2):
        assert main(["agreement", str(folder), "--draws", "100"]) == 0
        gold = pd.read_csv(folder / "gold.csv").set_index("mention_id")
        assert gold.loc["m0000", ["label", "decided_by"]].tolist() == ["neutral", "Dora"]
    assert "Nothing is left to decide" in capsys.readouterr().out


@pytest.mark.filterwarnings("always")
def test_the_command_with_one_coder_one_label_or_no_overlap(folder, capsys):
    annotations = pd.read_csv(folder / "annotations.csv")
    one = annotations[annotations["coder"] == "coder0"]
    one.to_csv(folder / "annotations.csv", index=False)
    assert main(["agreement", str(folder), "--draws", "100"]) == 0
    said = capsys.readouterr()
    assert "one coder" in said.err
    assert "coder0 40" in said.out
    assert pd.read_csv(folder / "agreement.csv")["estimate"].isna().all()
    annotations.assign(label="neutral").to_csv(folder / "annotations.csv", index=False)
    assert main(["agreement", str(folder), "--draws", "100"]) == 0
    assert "only one label occurs" in " ".join(capsys.readouterr().out.split())
    half = one["mention_id"] < "m0020"
    pd.concat([one[half], one[~half].assign(coder="other")]).to_csv(folder / "annotations.csv", index=False)
    assert main(["agreement", str(folder), "--draws", "100"]) == 0
    assert "no overlap" in " ".join(capsys.readouterr().out.split())
    assert len(pd.read_csv(folder / "gold.csv")) == 40


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda f: (f / "annotations.csv").unlink(), "there is no annotations.csv"),
        (lambda f: (f / "drawn.parquet").unlink(), "cannot be read"),
        (lambda f: (f / "sample.json").unlink(), "holds no sample"),
        (lambda f: (f / "drawn.parquet").write_bytes(b"no"), "cannot be read"),
        (lambda f: (f / "sample.json").write_text("{}"), "does not say what was drawn"),
        (lambda f: (f / "annotations.csv").write_text("a,b\n1,2\n"), "has no column 'mention_id'; it has: a, b"),
        (lambda f: (f / "annotations.csv").write_text("mention_id,task,coder,label\nm1,tone\n"), "row 2: 2 cells"),
        (lambda f: (f / "annotations.csv").write_bytes(b"mention_id,\xff\n"), "is not UTF-8"),
        (lambda f: (f / "annotations.csv").write_text(""), "it has: nothing"),
        (lambda f: (f / "disagreements.csv").write_text("x\n1\n"), "disagreements.csv has no column 'mention_id'"),
    ],
)
def test_the_command_says_what_is_wrong(folder, spoil, message, capsys):
    spoil(folder)
    assert main(["agreement", str(folder), "--draws", "100"]) == 2
    said = capsys.readouterr().err
    assert message in said
    assert "Traceback" not in said


def test_the_command_without_a_folder_or_with_a_spreadsheet(tmp_path, folder, capsys):
    assert main(["agreement", str(tmp_path / "none")]) == 2
    assert "there is no folder" in capsys.readouterr().err
    (folder / "done.xlsx").write_bytes(b"PK")
    assert main(["agreement", str(folder), "--decisions", str(folder / "done.xlsx")]) == 2
    assert "save it as CSV" in capsys.readouterr().err
    assert main(["agreement", str(folder), "--by", "planet"]) == 2
    assert "no column 'planet'" in capsys.readouterr().err

"""Claims about intervals; benchmarks/corrected_coverage.py and corrected_newsmtsc.py have the long version."""

import importlib.util
import os
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from toolkit.estimation import contrast, estimate

LABELS = np.array(["negative", "neutral", "positive"])
REPETITIONS = 200
LOW, HIGH = 90.0, 99.0  # 95 less and more than some three standard errors of 200 repetitions


def load(root, name):
    spec = importlib.util.spec_from_file_location(name, root / "benchmarks" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def coverage(root):
    """The benchmark of coverage, as a module, with truths that are exact enough for few repetitions."""
    module = load(root, "corrected_coverage")
    module.POPULATION = 60_000
    yield module
    del sys.modules["corrected_coverage"]


def shares(table, what, method):
    return float(table.loc[table["what"].eq(what) & table["method"].eq(method), "cover"].iloc[0])


@pytest.mark.parametrize(
    ("number", "wrong"),
    [(1, ("mean", "contrast", "ols")), (8, ("contrast", "ols")), (11, ("contrast", "ols")), (13, ("mean", "contrast"))],
)
def test_corrected_intervals_cover_the_truth_and_uncorrected_ones_do_not(coverage, number, wrong):
    found = coverage.measure(coverage.DESIGNS[number], REPETITIONS)
    for row in found[found["method"] != "naive"].to_dict("records"):
        assert LOW <= row["cover"] <= HIGH, row
        assert row["sd"] * 0.85 < row["se"] < row["sd"] * 1.2, row
        assert abs(row["bias"]) < 4 * row["sd"] / REPETITIONS**0.5, row
    for what in wrong:
        assert shares(found, what, "naive") < 75


def test_uncorrected_intervals_cover_where_the_machine_is_right_on_average(coverage):
    found = coverage.measure(coverage.DESIGNS[0], REPETITIONS)
    assert found["cover"].between(LOW, HIGH).all(), found


def test_the_simulation_is_what_estimate_and_contrast_do(coverage):
    d = coverage.DESIGNS[2]
    table = coverage.world(d, 1)
    S, p = coverage.samples(d, table)
    fixed = {"date": pd.Timestamp("2020-02-28"), "wire": None, "copied": 0.0, "part": "body", "actor": "x",
             "surface": "x", "form": "name", "reading": "actor", "voice": "outlet", "speaker": None,
             "sentence_id": "t", "sentence": "x", "start": 0, "end": 1, "position": 0}  # fmt: skip
    full = table.assign(mention_id=[f"m{i:05}" for i in range(len(table))], article_id=table["telling"].astype(str),
                        outlet=np.array(["a", "b"])[table["o"]], **fixed)  # fmt: skip
    full = full.rename(columns={"tone_p_negative": "_p"})
    gold = pd.DataFrame({"mention_id": full["mention_id"], "label": LABELS[full["y"].astype(int) + 1]})[S]
    frame = pd.DataFrame({"mention_id": full["mention_id"], "stratum": "all", "probability": p, "drawn": S,
                          "cluster": full["story_id"]})  # fmt: skip
    for method in ("gold", "dsl", "ppi"):
        means, pairs = coverage.groups_and_pairs(d, table, coverage.corrected(d, table, S, p, method), method)
        ours = estimate(full, method=method, copies="all", gold=gold, frame=frame).iloc[0]
        assert means[["estimate", "low", "high"]].iloc[0].tolist() == pytest.approx(
            ours[["estimate", "low", "high"]].tolist()
        )
        if method != "ppi":
            pair = contrast(full, method=method, copies="all", gold=gold, frame=frame).iloc[0]
            assert pairs[["estimate", "low", "high"]].iloc[0].tolist() == pytest.approx(
                pair[["estimate", "low", "high"]].tolist()
            )


def test_on_real_labels_corrected_intervals_hold_the_mean_of_all_and_uncorrected_ones_do_not(root, coverage):
    if not (Path(os.environ.get("TOOLKIT_DATA", "nowhere")) / "newsmtsc").is_dir():
        pytest.skip("needs the folder newsmtsc of TOOLKIT_DATA")
    newsmtsc = load(root, "corrected_newsmtsc")
    labelled = newsmtsc.score("lexicon")
    many = newsmtsc.corpora(labelled, 120, fixed=False)
    for d in (newsmtsc.DESIGNS[0][1], newsmtsc.DESIGNS[1][1]):
        true = newsmtsc.truth(labelled, d)
        assert true["mean"] == pytest.approx(labelled.loc[labelled["o"].eq(0), "y"].mean())
        found = coverage.judge(d, many.assign(stratum=coverage.stratify(d, many)), true)
        assert found.loc[found["method"].isin(["gold", "dsl", "ppi"]), "cover"].between(88, 100).all(), found
        assert found.loc[found["method"].eq("dsl"), "cover"].between(88, 99.5).all(), found
        assert shares(found, "mean", "naive") < 20
    del sys.modules["corrected_newsmtsc"]

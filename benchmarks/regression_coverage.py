"""How often do the 95 % intervals of double contrasts, trends, regressions, contrasts within stories and decompositions
hold the truth, with the true labels, with a biased classifier's, with gold alone and corrected?

Stories have a nature, and are carried by one outlet or by both; every mention gets a label whose mean is known by
design, so every quantity is known without simulation. The classifier shrinks the labels, is wrong about outlet B alone,
and adds noise. Prints a table and writes it beside this file.

    python benchmarks/regression_coverage.py                     # 250 repetitions, some 10 minutes of one core
    python benchmarks/regression_coverage.py --repetitions 50 --stories 60

`true labels` is what `naive` would do with a classifier that makes no mistakes: it shows that the intervals are right.
"""

from __future__ import annotations

import argparse
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from toolkit.errors import InputWarning
from toolkit.estimation import contrast_within, decompose_gap, double_contrast, regress, trend

LABELS = np.array(["negative", "neutral", "positive"])
MEAN = {("A", "x"): 0.15, ("B", "x"): -0.15, ("A", "y"): 0.05, ("B", "y"): 0.1}
SLOPE, COVARIATE, CLICKS, NEUTRAL, ALONE = -0.02, 0.2, 0.5, 0.3, 0.15
MONTHS = 12
CARRIED = {"both": 0.5, "A": 0.25, "B": 0.25}


def draw(rng: np.random.Generator, stories: int, *, confound: bool = False, gold: int = 40) -> dict[str, pd.DataFrame]:
    """Scored mentions (`tone_score` is the classifier's, `truth` the true one), gold and frame.

    With `confound` a story that A alone carries is worse by nature than one that B alone carries.
    """
    carried = rng.choice(list(CARRIED), stories, p=list(CARRIED.values()))
    carried[:8] = ["both", "A", "both", "B"] * 2  # a few of each sort, so that everything is defined
    month, z = rng.integers(0, MONTHS, stories), rng.uniform(-0.5, 0.5, stories)
    nature = {actor: rng.uniform(-0.2, 0.2, stories) for actor in "xy"}
    shift = {"both": 0.0, "A": -ALONE, "B": ALONE}
    rows = [
        (outlet, actor, s)
        for s in range(stories) for outlet in "AB" for actor in "xy" if carried[s] in ("both", outlet)
        for _ in range(1 + rng.poisson(1.0))
    ]  # fmt: skip
    table = pd.DataFrame(rows, columns=["outlet", "actor", "s"])
    s = table["s"].to_numpy()
    mean = np.array([MEAN[pair] for pair in zip(table["outlet"], table["actor"], strict=True)])
    mean = mean + np.where(table["actor"].eq("x"), nature["x"][s], nature["y"][s]) + COVARIATE * z[s]
    mean = mean + (np.array([shift[c] for c in carried])[s] if confound else SLOPE * (month[s] - (MONTHS - 1) / 2))
    u = rng.random(len(table))
    truth = np.where(u < NEUTRAL, 0.0, np.where(u < NEUTRAL + (1 - NEUTRAL + mean) / 2, 1.0, -1.0))
    machine = np.clip(0.6 * truth + 0.25 * table["outlet"].eq("B") + rng.normal(0, 0.25, len(table)), -1, 1)
    clicks = 1 + CLICKS * truth + rng.normal(0, 0.5, stories)[s] + rng.normal(0, 0.5, len(table))
    p = np.stack([np.clip(-machine, 0.02, 1), np.full(len(table), 0.3), np.clip(machine, 0.02, 1)], axis=1)
    p /= p.sum(axis=1, keepdims=True)
    fixed = {"wire": None, "copied": 0.0, "part": "body", "surface": "x", "form": "name", "reading": "actor",
             "voice": "outlet", "speaker": None, "sentence": "x", "start": 0, "end": 1, "position": 0}  # fmt: skip
    table = table.assign(
        mention_id=[f"m{i:05}" for i in range(len(table))], story_id=[f"s{k:04}" for k in s], z=z[s], clicks=clicks,
        article_id=table["outlet"] + "-" + table["s"].astype(str), sentence_id="t",
        date=pd.Timestamp("2020-01-01") + pd.to_timedelta(30.4 * month[s] + 5, unit="D").floor("D"), truth=truth,
        tone_score=machine, tone_pred=LABELS[p.argmax(axis=1)], **fixed,
        **{f"tone_p_{label}": p[:, k] for k, label in enumerate(LABELS)},
    ).drop(columns="s")  # fmt: skip
    return {"scored": table, **sample(rng, table, gold)}


def sample(rng: np.random.Generator, table: pd.DataFrame, n: int) -> dict[str, pd.DataFrame]:
    """Gold of n mentions of each outlet and actor."""
    stratum = table["outlet"] + "/" + table["actor"]
    drawn, probability = np.zeros(len(table), dtype=bool), np.zeros(len(table))
    for name in stratum.unique():
        inside = np.flatnonzero(stratum.eq(name))
        size = min(n, len(inside))
        drawn[rng.choice(inside, size, replace=False)] = True
        probability[inside] = size / len(inside)
    frame = pd.DataFrame({"mention_id": table["mention_id"], "stratum": stratum, "probability": probability,
                          "drawn": drawn, "cluster": table["story_id"]})  # fmt: skip
    coded = table[drawn]
    gold = pd.DataFrame({"mention_id": coded["mention_id"], "task": "tone",
                         "label": LABELS[coded["truth"].astype(int) + 1]})  # fmt: skip
    return {"gold": gold, "frame": frame}


def truths() -> dict[str, float]:
    """Every quantity by design."""
    gap = {actor: MEAN["A", actor] - MEAN["B", actor] for actor in "xy"}
    share = CARRIED["both"] / (CARRIED["both"] + CARRIED["A"])
    positive = {o: (1 - NEUTRAL + np.mean([MEAN[o, "x"], MEAN[o, "y"]])) / 2 for o in "AB"}
    odds = {o: np.log(p / (1 - p)) for o, p in positive.items()}
    return {
        "double contrast": gap["x"] - gap["y"], "trend": SLOPE, "regression, outlet": -gap["x"],
        "regression, interaction": gap["x"] - gap["y"], "regression, covariate": COVARIATE,
        "logit, outlet": odds["B"] - odds["A"], "label on the right": CLICKS, "within stories": gap["x"],
        "gap": share * gap["x"] + (1 - share) * (gap["x"] - 2 * ALONE), "telling": share * gap["x"],
        "only one": (1 - share) * (gap["x"] - 2 * ALONE), "telling, assumed alike": gap["x"],
        "selection, assumed alike": -(1 - share) * 2 * ALONE,
    }  # fmt: skip


def found(world: dict[str, pd.DataFrame], apart: dict[str, pd.DataFrame], method: str) -> dict[str, Any]:
    """The rows (estimate, low, high) of every quantity; `apart` is a world with a confound."""
    rows: dict[str, Any] = {}

    def given(of: dict[str, pd.DataFrame]) -> tuple[pd.DataFrame, dict[str, Any]]:
        table = of["scored"]
        if method == "true labels":
            return table.assign(tone_score=table["truth"], tone_pred=LABELS[table["truth"].astype(int) + 1]), {}
        return table, {"method": method, **({} if method == "naive" else {k: of[k] for k in ("gold", "frame")})}

    table, options = given(world)
    rows["double contrast"] = double_contrast(table, **options).iloc[0]
    rows["trend"] = trend(table, by=["outlet"], copies="all", **options).iloc[0]
    fit = regress(table, "tone ~ C(outlet) * C(actor) + z", copies="all", **options).set_index("term")
    rows["regression, outlet"] = fit.loc["C(outlet)[T.B]"]
    rows["regression, interaction"] = fit.loc["C(outlet)[T.B]:C(actor)[T.y]"]
    rows["regression, covariate"] = fit.loc["z"]
    logit = regress(table, "tone ~ C(outlet)", model="logit", label="positive", copies="all", **options)
    rows["logit, outlet"] = logit.iloc[1]
    rows["label on the right"] = regress(table, "clicks ~ tone", copies="all", **options).iloc[1]
    table, options = given(apart)
    within = contrast_within(table, **options)
    rows["within stories"] = within[within["actor"] == "x"].iloc[0]
    if method == "gold":
        return rows
    parts = decompose_gap(table, "A", "B", actor="x", **options).set_index("part")
    rows |= {"gap": parts.loc["gap"], "telling": parts.loc["telling"], "only one": parts.loc["only_one"]}
    alike = decompose_gap(table, "A", "B", actor="x", same_telling=True, **options).set_index("part")
    rows |= {f"{part}, assumed alike": alike.loc[part] for part in ("telling", "selection")}
    return rows


def repeat(stories: int, repetitions: int, methods: tuple[str, ...], seed: int = 5) -> pd.DataFrame:
    """Estimates of all repetitions, in long form."""
    held, truth = [], truths()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", InputWarning)
        for repetition in range(repetitions):
            rng = np.random.default_rng([seed, stories, repetition])
            world, apart = draw(rng, stories), draw(rng, stories, confound=True)
            for method in methods:
                for name, row in found(world, apart, method).items():
                    held.append({"stories": stories, "quantity": name, "method": method, "truth": truth[name],
                                 **row[["estimate", "low", "high"]]})  # fmt: skip
    return pd.DataFrame(held)


def summarise(held: pd.DataFrame) -> pd.DataFrame:
    """Bias, spread, mean width and coverage in per cent of each quantity and method."""
    held = held.assign(
        covered=100.0 * ((held["low"] <= held["truth"]) & (held["truth"] <= held["high"])),
        bias=held["estimate"] - held["truth"], width=held["high"] - held["low"],
    )  # fmt: skip
    groups = held.groupby(["stories", "quantity", "method"], sort=False)
    table = groups.agg(truth=("truth", "first"), bias=("bias", "mean"), sd=("estimate", "std"),
                       width=("width", "median"), coverage=("covered", "mean"),
                       repetitions=("covered", "size"))  # fmt: skip
    return table.reset_index()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repetitions", type=int, default=250)
    parser.add_argument("--stories", type=int, nargs="+", default=[25, 80])
    parser.add_argument("--out", type=Path, default=Path(__file__).with_suffix(".csv"))
    options = parser.parse_args()
    methods = ("true labels", "naive", "gold", "dsl")
    table = pd.concat([summarise(repeat(n, options.repetitions, methods)) for n in options.stories])
    table.round(4).to_csv(options.out, index=False, lineterminator="\n")
    print(table.round({"truth": 3, "bias": 3, "sd": 3, "width": 3, "coverage": 1}).to_string(index=False))
    print(f"{options.repetitions} repetitions; the error of a coverage near 95 is about "
          f"{196 * (0.95 * 0.05 / options.repetitions) ** 0.5:.1f} points (two standard errors)")  # fmt: skip


if __name__ == "__main__":
    main()

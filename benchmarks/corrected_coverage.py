"""How often do the 95 % intervals of corrected estimates hold the truth, where the machine errs?

Stories are drawn from a population whose means are known and told by two outlets that may share them; a machine labels
every mention, wrongly; some mentions are coded; this is done again and again. Prints a table and writes it beside this
file.

    python benchmarks/corrected_coverage.py                     # 1,000 repetitions of every design
    python benchmarks/corrected_coverage.py --repetitions 100 --only biased

Estimates are those of toolkit.estimate and toolkit.contrast (clustered by story, Student's t) and least squares as in
toolkit.regress (CR2 and Bell-McCaffrey's degrees of freedom; for ppi the sandwich with G / (G - 1), and t with G - 1,
over stories with gold). `cover` is the share of intervals that hold the truth in per cent, `bias` the mean error, `sd`
the spread of the estimates from repetition to repetition, `se` the mean standard error that is claimed.

Errors of the machine: `valid` none but noise; `biased` too negative and too near zero; `outlet` too kind to one outlet,
too harsh to the other, so that the naive difference all but vanishes; `rare` a label of 4 % of mentions, found with
many false alarms, whose share is estimated. Samples: `mentions` each with the same probability; `strata` by outlet and
by the machine's label, equally many from each; `stories` whole stories.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.special import stdtrit

from toolkit.estimation import Outcomes, _intervals, _pairs, cluster_ols, ppi_ols, pseudo_outcome, recalibrate
from toolkit.estimation.cells import group_rows, sum_cells
from toolkit.estimation.correction import _ppi_values
from toolkit.estimation.gold import Design as Design_
from toolkit.estimation.leastsquares import gold_spread
from toolkit.estimation.selection import Options
from toolkit.estimation.variance import bootstrap, compare, group_sums, ratio
from toolkit.estimation.wild import wild_faces

POPULATION = 300_000
VALUES = {"negative": -1.0, "neutral": 0.0, "positive": 1.0}
METHODS = ("naive", "gold", "dsl", "ppi")


@dataclass(frozen=True)
class Design:
    """One world and one sample: `stories` of each outlet, of which `shared` are told by both."""

    errors: str
    sample: str
    stories: int
    shared: int
    gold: int
    copies: str = "all"
    interval: str = "t"
    share_of: str | None = None

    @property
    def label(self) -> str | None:
        return "negative" if self.errors == "rare" else self.share_of


DESIGNS = (
    Design("valid", "mentions", 100, 50, 150),
    Design("biased", "mentions", 100, 0, 150),
    Design("biased", "mentions", 100, 50, 150),
    Design("biased", "strata", 100, 50, 150),
    Design("biased", "stories", 100, 50, 150),
    Design("biased", "mentions", 100, 50, 150, "one_per_story"),
    Design("biased", "mentions", 100, 50, 150, "all", "bootstrap"),
    Design("biased", "mentions", 400, 200, 1200),
    Design("outlet", "mentions", 100, 50, 150),
    Design("outlet", "mentions", 100, 0, 150),
    Design("outlet", "strata", 100, 50, 150),
    Design("outlet", "stories", 100, 100, 150),
    Design("outlet", "strata", 100, 50, 150, "one_per_story"),
    Design("rare", "strata", 200, 100, 400),
    Design("rare", "mentions", 400, 200, 600),
    Design("biased", "mentions", 20, 10, 50),
    Design("biased", "mentions", 20, 10, 50, "all", "wild"),
    Design("biased", "mentions", 8, 4, 16),
    Design("biased", "mentions", 8, 4, 16, "all", "wild"),
)


def tell(rng: np.random.Generator, errors: str, outlet: np.ndarray, story: np.ndarray) -> pd.DataFrame:
    """Mentions of tellings of stories by outlets: a covariate, the true label and the machine's probabilities."""
    nature = rng.normal(size=int(story.max()) + 1)
    telling = np.repeat(np.arange(len(story)), 1 + rng.poisson(1.5, len(story)))
    o, s, n = outlet[telling], story[telling], len(telling)
    x = rng.normal(size=n) + 0.5 * nature[s]
    latent = -0.25 + 0.35 * o + 0.3 * x + 0.6 * nature[s] + rng.normal(size=n)
    cuts = (-2.4, 0.8) if errors == "rare" else (-0.8, 0.8)
    y = (latent > cuts[1]).astype(float) - (latent < cuts[0])
    noise = rng.normal(size=n)
    if errors == "valid":
        score = y + 0.6 * noise
    elif errors == "biased":
        score = 0.55 * y - 0.25 + 0.25 * noise
    elif errors == "outlet":
        score = 0.6 * y + np.where(o == 1, -0.2, 0.1) + 0.25 * noise
    else:
        score = np.tanh(0.9 * noise - 0.7 - 1.6 * (y < 0) + 0.2 * o)
    negative = np.clip((1 - score) / 2, 0, 1)
    said = np.where(score < -0.33, "negative", np.where(score > 0.33, "positive", "neutral"))
    return pd.DataFrame({"telling": telling, "story": s, "o": o, "x": x, "y": y, "tone_score": score,
                         "tone_p_negative": negative, "tone_pred": said})  # fmt: skip


@cache
def truth(d: Design) -> dict[str, float]:
    """The means, the difference and the coefficient over so many stories that their own error does not matter."""
    rng = np.random.default_rng([5, len(d.errors)])
    table = tell(rng, d.errors, np.tile([0, 1], POPULATION), np.repeat(np.arange(POPULATION), 2))
    y = (table["y"] < 0).astype(float) if d.label else table["y"]
    if d.copies == "all":
        means = y.groupby(table["o"]).mean()
    else:
        means = y.groupby([table["o"], table["story"]]).mean().groupby(level=0).mean()
    X = np.column_stack([np.ones(len(table)), table["o"], table["x"]])
    slope = np.linalg.lstsq(X, y.to_numpy(), rcond=None)[0][1]
    return {"mean": float(means[0]), "contrast": float(means[0] - means[1]), "ols": float(slope)}


def world(d: Design, repetitions: int) -> pd.DataFrame:
    """The mentions of all repetitions, which have no story in common, in order of repetition."""
    per = 2 * d.stories - d.shared
    of_b = np.arange(d.stories - d.shared, per)
    base = np.concatenate([np.arange(d.stories), of_b])
    story = np.tile(base, repetitions) + np.repeat(np.arange(repetitions) * per, 2 * d.stories)
    outlet = np.tile(np.repeat([0, 1], d.stories), repetitions)
    rng = np.random.default_rng([13, *map(ord, str(d))])
    table = tell(rng, d.errors, outlet, story)
    names = np.array([f"s{s:07}" for s in range(repetitions * per)])
    return table.assign(repetition=table["story"] // per, story_id=names[table["story"]],
                        stratum=stratify(d, table))  # fmt: skip


def stratify(d: Design, table: pd.DataFrame) -> np.ndarray:
    if d.sample != "strata":
        return np.full(len(table), "all")
    return (table["o"].astype(str) + table["tone_pred"]).to_numpy(dtype=str)


def draw(d: Design, stratum: np.ndarray, story: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Which of a corpus' mentions are coded, about `gold` of them, and the probability of each."""
    n = len(stratum)
    unit = story if d.sample == "stories" else np.arange(n)
    names = np.unique(stratum)
    drawn, probability = np.zeros(n, dtype=bool), np.empty(n)
    for name in names:
        inside = np.flatnonzero(stratum == name)
        units = np.unique(unit[inside])
        take = min(len(units), max(2, round(d.gold / len(names) * len(units) / len(inside))))
        probability[inside] = take / len(units)
        drawn[inside[np.isin(unit[inside], rng.choice(units, take, replace=False))]] = True
    return drawn, probability


def machine(d: Design, table: pd.DataFrame, method: str) -> np.ndarray:
    """The machine's outcome, as toolkit.estimation.outcomes takes it."""
    if d.label is None:
        return table["tone_score"].to_numpy()
    column = table["tone_pred"].eq(d.label).astype(float) if method == "naive" else table[f"tone_p_{d.label}"]
    return column.to_numpy()


def samples(d: Design, table: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """The sample of each repetition."""
    ends = np.flatnonzero(np.diff(table["repetition"].to_numpy(), prepend=-1, append=-1))
    stratum, story = table["stratum"].to_numpy(dtype=str), table["story"].to_numpy()
    parts = [
        draw(d, stratum[a:b], story[a:b], np.random.default_rng([17, r, *map(ord, str(d))]))
        for r, (a, b) in enumerate(pairwise(ends))
    ]
    drawn, probability = (np.concatenate(part) for part in zip(*parts, strict=True))
    return drawn, probability


def corrected(d: Design, table: pd.DataFrame, S: np.ndarray, p: np.ndarray, method: str) -> Outcomes:
    """What toolkit.estimation.outcomes makes of each repetition by itself."""
    y, f = gold_of(d, table), machine(d, table, method)
    n, zeros = int(S.sum()), np.zeros(len(table))
    facts = {"sampled": S, "probability": p, "proxy": f}
    if method == "naive":
        return Outcomes(f, zeros + 1, method, 0, zeros.astype(bool), p, f, zeros)
    if method == "gold":
        return Outcomes(
            np.where(S, y, 0.0), np.where(S, 1 / p, 0.0), method, n, correction=np.where(S, y, 0.0), **facts
        )
    values, correction = np.empty(len(table)), np.empty(len(table))
    label, stratum = np.full(len(table), None, dtype=object), table["stratum"].to_numpy(dtype=str)
    stories, outlets = table["story_id"].to_numpy(dtype=str), table["o"].to_numpy()
    ends = np.flatnonzero(np.diff(table["repetition"].to_numpy(), prepend=-1, append=-1))
    for a, b in pairwise(ends):
        k = slice(a, b)
        if method == "ppi":
            design = Design_(S[k], p[k], label[k], stratum[k])
            share = None
            if d.copies == "one_per_story":
                cell = np.unique(stories[k] + outlets[k].astype(str), return_inverse=True)[1]
                share = 1 / np.bincount(cell)[cell]
            values[k], correction[k] = _ppi_values(y[k], f[k], design, outlets[k], share)
        else:
            strata = [stratum[k], outlets[k]]
            g, _ = recalibrate(y[k], f[k], S[k], p[k], stories[k], strata)
            values[k] = pseudo_outcome(y[k], g, S[k], p[k])
            correction[k] = values[k] - g
    return Outcomes(values, zeros + 1, method, n, correction=correction, **facts)


def gold_of(d: Design, table: pd.DataFrame) -> np.ndarray:
    y = table["y"].to_numpy()
    return y if d.label is None else (y == VALUES[d.label]).astype(float)


def groups_and_pairs(d: Design, table: pd.DataFrame, out: Outcomes, method: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The means of the first outlet, and the differences, as toolkit.estimate and toolkit.contrast give them."""
    o = Options("tone", ("repetition", "o"), "outlet", d.copies, "actor", None, d.interval, 999, 0.95, 0, "mention",
                method, d.label)  # fmt: skip
    groups = group_rows(table, list(o.by))
    cells = sum_cells(table, groups, out, o)
    means = _intervals(cells, o)[cells.keys["o"].eq(0).to_numpy()]
    sample = bootstrap(cells, o.draws, 0) if d.interval == "bootstrap" else None
    faces = wild_faces(cells.n_stories, o.draws, 0) if d.interval == "wild" else None
    weight = group_sums(cells)[1]
    pairs = [
        {**compare(cells, weight, i, j, o, sample, faces), "estimate": ratio(cells, i) - ratio(cells, j)}
        for _, i, j in _pairs(cells.keys, ["repetition"])
    ]
    return means, pd.DataFrame(pairs)


def regressions(d: Design, table: pd.DataFrame, out: Outcomes, method: str) -> pd.DataFrame:
    """The coefficient of the second outlet, given the covariate, in each repetition."""
    y, rows = gold_of(d, table), []
    X_all = np.column_stack([np.ones(len(table)), table["o"], table["x"]])
    ends = np.flatnonzero(np.diff(table["repetition"].to_numpy(), prepend=-1, append=-1))
    for a, b in pairwise(ends):
        k, X, story = slice(a, b), X_all[a:b], table["story"].to_numpy()[a:b]
        if method == "ppi":
            fit = ppi_ols(X, y[k], out.proxy[k], out.sampled[k], clusters=story)
            stories = len(np.unique(story[out.sampled[k]]))
            b1, se, df = float(fit.estimate[1]), float(fit.se[1]) * np.sqrt(stories / (stories - 1)), stories - 1.0
        else:
            w = out.weights[k]
            varied = gold_spread(X, out.values[k], w, out.sampled[k], out.probability[k]) if method == "dsl" else None
            found = cluster_ols(X, out.values[k], story, w, spread=varied)
            b1, se, df = float(found.estimate[1]), float(found.se[1]), float(found.df[1])
        half = float(stdtrit(df, 0.975)) * se
        rows.append({"estimate": b1, "se": se, "low": b1 - half, "high": b1 + half})
    return pd.DataFrame(rows)


def measure(d: Design, repetitions: int) -> pd.DataFrame:
    """Coverage, bias and standard errors of every method in one design."""
    table = judge(d, world(d, repetitions), truth(d))
    facts = {
        "errors": d.errors, "sample": d.sample, "copies": d.copies, "interval": d.interval,
        "stories": d.stories, "shared": d.shared, "gold": d.gold,
    }  # fmt: skip
    for place, (name, fact) in enumerate(facts.items()):
        table.insert(place, name, fact)
    return table


def judge(d: Design, table: pd.DataFrame, true: dict[str, float]) -> pd.DataFrame:
    """The same for corpora that are there."""
    rows = []
    S, p = samples(d, table)
    for method in METHODS:
        if method == "ppi" and d.sample == "strata":
            continue  # refused: unequal probabilities
        out = corrected(d, table, S, p, method)
        means, pairs = groups_and_pairs(d, table, out, method)
        found = {"mean": means, "contrast": pairs}
        if method == "ppi" and d.shared:
            del found["contrast"]  # refused: stories of both
        if "ols" in true and d.copies == "all" and d.interval == "t":
            found["ols"] = regressions(d, table, out, method)
        for what, e in found.items():
            held = (e["low"] <= true[what]) & (true[what] <= e["high"])
            rows.append({"what": what, "method": method, "cover": 100 * held.mean(),
                         "bias": e["estimate"].mean() - true[what], "sd": e["estimate"].std(), "se": e["se"].mean(),
                         "width": (e["high"] - e["low"]).median(), "missing": int(e["low"].isna().sum())})  # fmt: skip
    return pd.DataFrame(rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repetitions", type=int, default=1000)
    parser.add_argument("--only", help="designs with these errors alone")
    parser.add_argument("--out", type=Path, default=Path(__file__).with_suffix(".csv"))
    options = parser.parse_args()
    tables = []
    for d in DESIGNS:
        if options.only in (None, d.errors):
            started = time.perf_counter()
            tables.append(measure(d, options.repetitions))
            print(f"{d} {time.perf_counter() - started:.0f} s", flush=True)
    table = pd.concat(tables, ignore_index=True)
    table.round(4).to_csv(options.out, index=False, lineterminator="\n")
    print(table.round({"cover": 1, "bias": 3, "sd": 4, "se": 4, "width": 3}).to_string(index=False))
    print(f"{options.repetitions} repetitions; the error of a coverage near 95 is about "
          f"{196 * (0.95 * 0.05 / options.repetitions) ** 0.5:.1f} points (two standard errors)")  # fmt: skip


if __name__ == "__main__":
    main()

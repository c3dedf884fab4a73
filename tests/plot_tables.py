"""A table of every kind that figures draw, with as many outlets and with such names as a test likes."""

import numpy as np
import pandas as pd

from toolkit.portrayal import HARM, NAMINGS
from toolkit.portrayal.visibility import MEASURES

OUTLETS = ["The Aegean Ledger", "Volga Dispatch", "The Barada Post", "The Atlantic Courier"]
ACTORS = ["turkey", "russia", "syria"]
LONG = "The Eastern Mediterranean Business and Energy Courier, Weekend Edition"
HOSTILE = [
    "$x^2$",
    "_hidden",
    "a\x00b",
    "\u202eturned",
    "<script>alert(1)</script>",
    "{{ 7 * 7 }}",
    "\\frac{1}{0}",
    " ",
    "line\nline",
]
SUMMARY = {"method": "m", "voice": "outlet", "copies": "one_per_story", "level": 0.95}


def grid(**levels):
    index = pd.MultiIndex.from_product(list(levels.values()), names=list(levels))
    return index.to_frame(index=False)


def estimates(table, rng, *, task, low=-0.6, high=0.6):
    estimate = rng.uniform(low, high, len(table))
    half = rng.uniform(0.05, 0.3, len(table)) * (high - low)
    n = rng.integers(2, 40, len(table))
    return table.assign(
        task=task, estimate=estimate, low=estimate - half, high=estimate + half, n_mentions=3 * n, n_articles=2 * n,
        n_stories=n, **SUMMARY,
    )  # fmt: skip


def shares(table, rng, categories, group):
    """Shares of categories that sum to 1 in each group."""
    raw = rng.gamma(1.0, size=(len(table) // len(categories), len(categories)))
    share = (raw / raw.sum(axis=1, keepdims=True)).ravel()
    n = np.repeat(rng.integers(5, 400, len(raw)), len(categories))
    return table.assign(
        task=group, estimate=share, low=np.clip(share - 0.1, 0, 1), high=np.clip(share + 0.1, 0, 1), n_mentions=n,
        n_articles=n // 2, n_stories=n // 3, **SUMMARY,
    )  # fmt: skip


def pairs(values):
    return [(a, b) for i, a in enumerate(values) for b in values[i + 1 :]] or [(values[0], "Another")]


def summary(outlets, actors, rng, plot):
    levels = {"outlet": outlets, "actor": actors}
    keys = {k: levels[k] for k in plot.by}
    if plot.period:
        keys["period"] = pd.Timestamp("2020-02-03") + pd.to_timedelta(7 * np.arange(5), unit="D")
    return estimates(grid(**keys), rng, task="tone")


def contrasts(outlets, actors, rng, plot):
    rows = [(actor, "tone", a, b) for actor in actors for a, b in pairs(outlets)]
    table = pd.DataFrame(rows, columns=["actor", "task", "a", "b"])
    made = estimates(table, rng, task="tone")
    return made.assign(p_holm=rng.choice([0.0004, 0.012, 0.3, 1.0], len(made)))


def methods(outlets, actors, rng, plot):
    kinds = ["uncorrected mean, t", "mean of gold only, t", "DSL, t"]
    return estimates(grid(outlet=outlets, actor=actors, method=kinds), rng, task="tone").assign(
        method=kinds * len(outlets) * len(actors)
    )


def specifications(outlets, actors, rng, plot):
    from toolkit.estimation.specification import CHOICES

    table = pd.DataFrame({"voice": ["outlet", "all"] * 6, "copies": np.repeat(["own", "all", "one_per_story"], 4)})
    table = table.assign(**{c: "x" for c in CHOICES if c not in table})
    a, b = pairs(outlets)[0]
    table = estimates(table, rng, task="tone").assign(**{c: table[c] for c in CHOICES})
    return table.assign(headline=np.arange(12) == 4, a=a, b=b, actor=actors[0])


def decomposition(outlets, actors, rng, plot):
    a, b = pairs(outlets)[0]
    parts = pd.DataFrame({"part": ["telling", "emphasis", "selection", "only_one", "gap"]})
    table = estimates(parts, rng, task="tone").assign(a=a, b=b, actor=actors[0], n_stories_shared=12)
    table.loc[4, "estimate"] = table["estimate"].iloc[:4].sum()
    return table


def visibility(outlets, actors, rng, plot):
    table = estimates(grid(outlet=outlets, actor=actors, measure=list(MEASURES)), rng, task="visibility", low=0, high=1)
    return table.assign(low=table["low"].clip(0, 1), high=table["high"].clip(0, 1))


def voices(outlets, actors, rng, plot):
    speakers = ["outlet", "itself", "russia", "turkey", "nato", "un", "other"]
    return shares(grid(outlet=outlets, actor=actors, speaker=speakers), rng, speakers, "voice")


def naming(outlets, actors, rng, plot):
    return shares(grid(outlet=outlets, actor=actors, naming=list(NAMINGS)), rng, NAMINGS, "naming")


def harm(outlets, actors, rng, plot):
    return shares(grid(outlet=outlets, actor=actors, harm=list(HARM)), rng, HARM, "harm")


def words(outlets, actors, rng, plot):
    a, b = pairs(outlets)[0]
    listed = [*HOSTILE[:4], LONG, *(f"word{i}" for i in range(40))]
    delta = rng.normal(size=len(listed))
    return pd.DataFrame({
        "word": listed, "n_a": rng.integers(0, 50, len(listed)), "n_b": rng.integers(0, 50, len(listed)),
        "log_odds": delta, "z": 2 * delta, "low": delta - 0.8, "high": delta + 0.8, "z_stories": 2 * delta,
        "n_stories": 5, "actor": actors[0], "a": a, "b": b, "level": 0.95,
    })  # fmt: skip


def axes(outlets, actors, rng, plot):
    named = ["cruel-humane", "peaceful-aggressive", "weak-strong"]
    table = estimates(grid(outlet=outlets, actor=actors, axis=named), rng, task="axis", low=-0.03, high=0.03)
    return table.assign(baseline=table["axis"].map({"cruel-humane": -0.01}).fillna(0.02), n_words=900)


def distances(outlets, actors, rng, plot):
    table = pd.DataFrame(pairs(outlets), columns=["a", "b"])
    table = table.assign(distance=rng.uniform(-0.005, 0.03, len(table)), p_holm=rng.choice([0.01, 0.4], len(table)))
    return table.assign(n_stories_a=10, n_stories_b=12, plain=0.03, p=0.01, note=None)


def articles(outlets, actors, rng, plot):
    rows = []
    for story in range(6):
        for i, outlet in enumerate(outlets[: max(2, len(outlets) - story)]):
            day = pd.Timestamp("2020-02-03") + pd.Timedelta(days=5 * story + (i % 3))
            rows.append(
                (f"a{story}-{i}", outlet, day, f"{LONG} {story}" if story else HOSTILE[3], f"s{story}", story % 2)
            )
    table = pd.DataFrame(rows, columns=["article_id", "outlet", "date", "title", "story_id", "_wire"])
    if len(outlets) == 1:
        extra = table.assign(article_id=table["article_id"] + "b", outlet="Another")
        table = pd.concat([table, extra], ignore_index=True)
    wire = np.where(table["_wire"], "Reuters", None)
    return table.drop(columns="_wire").assign(
        text="Text.", url=None, language="en", source_file="x", wire=wire, copied=0.9
    )


def agreement(outlets, actors, rng, plot):
    table = grid(outlet=outlets, coefficient=["alpha", "percent"]).assign(n_units=120, note=None, level=0.95)
    table.insert(1, "task", "tone")
    estimate = rng.uniform(0.3, 0.9, len(table))
    return table.assign(estimate=estimate, low=estimate - 0.08, high=estimate + 0.08)


def confusion(outlets, actors, rng, plot):
    labels = ["negative", "neutral", "positive"]
    table = grid(label_a=labels, label_b=labels).assign(n=rng.integers(1, 50, 9), task="tone", a=outlets[0], b=LONG)
    return table.assign(share=table["n"] / table.groupby("label_a")["n"].transform("sum"))


def reliability(outlets, actors, rng, plot):
    edges = np.arange(0.3, 1.0, 0.1)
    table = pd.DataFrame({"label": None, "bin_low": edges, "bin_high": edges + 0.1, "probability": edges + 0.05})
    share = np.clip(edges + rng.uniform(-0.1, 0.1, len(edges)), 0, 1)
    return table.assign(share=share, low=share - 0.05, high=share + 0.05, n=1234, level=0.95)


def swap_audit(outlets, actors, rng, plot):
    table = grid(outlet=outlets, actor=actors, against=["others", "mask"])
    table.insert(2, "task", "tone")
    signed = rng.normal(0, 0.05, len(table))
    return table.assign(
        signed=signed, signed_low=signed - 0.02, signed_high=signed + 0.02, changed=0.1, n_mentions=1200, level=0.95
    )


MAKERS = {
    f.__name__: f
    for f in (
        summary, contrasts, methods, specifications, decomposition, visibility, voices, naming, harm, words, axes,
        distances, articles, agreement, confusion, reliability, swap_audit,
    )
}  # fmt: skip


def table_for(plot, *, outlets=None, actors=None, seed=0):
    """A table that a figure draws."""
    return MAKERS[plot.table](outlets or OUTLETS, actors or ACTORS, np.random.default_rng(seed), plot)

"""From sentence scores to the tone of an article: variants of the aggregation, on three sets of data.

    python benchmarks/article_tone.py [--classifiers NAME ...] [--sets NAME ...] [--cache FOLDER] [--csv FILE]

persent: articles with a label of the whole text toward one person; Spearman, and macro-F1 with two thresholds set on
nine tenths of the persons and read on the rest (five divisions into tenths, mean). narrative_frames: how well heroes
are told from villains (area under the curve). idlib_2020: two outlets on one actor within one event, share of pairs
in the right order where the truth differs: `line` is the planted line, `read` the mean of the authors' labels.
estimates: contrasts of outlets over the whole sample corpus, by unit and voice.

Scores are kept in the cache folder, by text: a variant then costs nothing. Needs TOOLKIT_DATA for the first two.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import sys
import tempfile
from bisect import bisect_right
from itertools import combinations, product
from pathlib import Path

import numpy as np
import pandas as pd
import yaml

from toolkit.actors.coreference import Mention, find_named, find_persons, find_references
from toolkit.estimation.articles import HEADLINE, OTHERS_WORDS, OWN_WORDS
from toolkit.sentences import find_attributions, split_sentences

ROOT = Path(__file__).resolve().parents[1]
SHIPS = "headline 3, own words 2, others' 1 (ships)"
LABELS = ["Negative", "Neutral", "Positive"]
PRONOUNS = "he|she|it|they|him|her|his|hers|its|their|them|himself|herself"

# --- the three sets, as tables with one row a mention -----------------------------------------------------------------


def restored(text: str, entity: str) -> str:
    """PerSenT lost its commas: two blanks stand there, and also round every word it linked to the entity."""
    parts = "|".join(map(re.escape, {entity, *entity.split()}))
    linked = f"({parts}|{PRONOUNS})"
    text = re.sub(rf"(?<= ){linked}  (?=(?:the|a|an|who|whose|which|\d\d)\b)", r"\1, ", text)
    text = re.sub(rf"(?:(?<=\n)|^| ) ?{linked}  ", r" \1 ", text, flags=re.IGNORECASE)
    text = re.sub(rf" {linked} +(?=['’])", r" \1", text, flags=re.IGNORECASE)
    text = re.sub(r"(?<=[\w.\"”])  +(?=\w)", ", ", text)
    text = re.sub(r'(?<=\w) (["”])(?=[ \n]|$)', r",\1", text)
    text = re.sub(r"  +", " ", text)
    return re.sub(r" (?=[.,;:](?:\s|$))", "", text).strip()


def mentions_of(text: str, entity: str, kind: str, part: str, phrases: list[str] | None = None) -> list[dict]:
    """Every mention of one entity in one text, by name and by what points back to it."""
    sentences = [(0, len(text))] if part == "title" else split_sentences(text)
    names = [
        Mention(m.start, m.end, entity, kind)
        for phrase in phrases or [entity]
        for m in find_named(text, phrase, kind=kind)
    ]
    names = sorted({m.start: m for m in names}.values(), key=lambda m: m.start)
    if not names or not sentences:
        return []
    others = [p for p in find_persons(text) if not any(p.start < m.end and p.end > m.start for m in names)]
    further = find_references(text, [*names, *others], sentences=sentences) if part == "body" else []
    attributions = find_attributions(text) if part == "body" else []
    starts = [start for start, _ in sentences]
    rows = []
    for m in sorted([*names, *(m for m in further if m.entity == entity)], key=lambda m: m.start):
        at = bisect_right(starts, m.start) - 1
        start, end = sentences[at]
        voices = [a.voice for a in attributions if a.start <= m.start < a.end]
        rows.append(
            {"part": part, "sent": -1 if part == "title" else at, "form": m.form, "position": m.start,
             "voice": "quoted" if "quoted" in voices else voices[0] if voices else "outlet",
             "sentence": text[start : max(end, m.end)], "start": m.start - start, "end": m.end - start}
        )  # fmt: skip
    return rows


def persent(data: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Articles with label and entity, and their mentions."""
    articles, rows = [], []
    for line in (data / "persent" / "dev.jsonl").open(encoding="utf-8"):
        row = json.loads(line)
        words = row["entity"].split()
        entity = " ".join(words[:-1] if len(words) > 1 and words[0] == words[-1] else words)
        body = "\n".join(restored(p.strip(), entity) for p in row["text"].split("\n"))
        articles.append({"doc": row["doc"], "label": row["label"], "entity": entity})
        for part, text in (("title", row["title"] or ""), ("body", body)):
            rows += [{"doc": row["doc"], **m} for m in mentions_of(text, entity, "person", part)]
    return pd.DataFrame(articles), pd.DataFrame(rows)


def narrative_frames(data: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Heroes and villains by article, and their mentions; who is both in one article is left out."""
    folder = data / "narrative_frames"
    texts = {r["id"]: r for r in map(json.loads, (folder / "articles.jsonl").open(encoding="utf-8"))}
    roles = pd.DataFrame(map(json.loads, (folder / "roles.jsonl").open(encoding="utf-8")))
    roles = roles[roles["role"].isin(["hero", "villain"])].assign(
        phrase=roles["entity"].str.replace(r"^the |['’]s$", "", regex=True).str.strip()
    )
    roles = roles[~roles["phrase"].str.lower().isin(["", *PRONOUNS.split("|"), "we", "us", "i", "you", "our", "who"])]
    roles["key"] = roles["phrase"].str.lower()
    both = roles.groupby(["id", "key"])["role"].transform("nunique") > 1
    articles, rows = [], []
    for row in roles[~both].drop_duplicates(["id", "key"]).itertuples():
        words = row.phrase.split()
        person = row.group.startswith("GOV") and 1 < len(words) < 4 and all(w[:1].isupper() for w in words)
        doc = f"{row.id}/{row.key}"
        found = mentions_of(texts[row.id]["text"], row.phrase, "person" if person else "body", "body")
        if found:
            outlet = texts[row.id]["outlet"].lower().replace(" ", "")
            articles.append({"doc": doc, "label": row.role, "entity": row.key, "outlet": outlet, "article": row.id})
            rows += [{"doc": doc, **m} for m in found]
    return pd.DataFrame(articles), pd.DataFrame(rows)


def idlib(actors: tuple[str, ...] = ("turkey", "russia", "syria")) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Articles and actors with outlet, event, story, line and the authors' mean label; and the mentions found."""
    sys.path.append(str(ROOT / "benchmarks"))
    from idlib_truth import build_truth, read_truth

    from toolkit.actors import find_mentions

    with tempfile.TemporaryDirectory() as temporary:
        articles, truth = read_truth(build_truth(Path(temporary)))
    listed = pd.read_csv(ROOT / "datasets" / "idlib_2020" / "truth" / "articles.csv").set_index("url")
    lines = {
        v["name"]: v["line"] for v in yaml.safe_load((ROOT / "datasets/idlib_2020/outlets.yaml").read_text()).values()
    }
    found = find_mentions(articles, list(actors))
    found = pd.concat([found, _pointing_back(articles, found)], ignore_index=True)
    found = found[found["reading"] == "actor"]
    found["form"] = found["form"].where(found["form"].isin(["pronoun", "role"]), "name")
    sign = truth["tone"].map({"negative": -1.0, "neutral": 0.0, "positive": 1.0})
    true = truth.assign(value=sign)[(truth["reading"] == "actor") & (truth["voice"] == "outlet")]
    read = true.groupby(["url", "actor"])["value"].mean()
    doc = found["article_id"] + "/" + found["actor"]
    rows = found.assign(doc=doc, sent=found["sentence_id"].str.rsplit(":", n=1).str[1].replace("t", "-1").astype(int))
    keys = rows[["doc", "article_id", "actor", "outlet", "story_id"]].drop_duplicates("doc")
    keys = keys.assign(
        event=keys["article_id"].map(listed["event"]),
        line=[lines[o][a] for o, a in zip(keys["outlet"], keys["actor"], strict=True)],
        read=[read.get((u, a), np.nan) for u, a in zip(keys["article_id"], keys["actor"], strict=True)],
    )
    return keys, rows[["doc", "part", "sent", "form", "position", "voice", "sentence", "start", "end"]]


def _pointing_back(articles: pd.DataFrame, found: pd.DataFrame) -> pd.DataFrame:
    """The pronouns and roles that point back to the mentions found, as mentions."""
    texts = articles.set_index("article_id")["text"]
    rows = []
    for article, group in found[found["part"] == "body"].groupby("article_id", sort=False):
        text, first = texts[article], group.iloc[0]
        names = [
            Mention(int(m.position), int(m.position) + m.end - m.start, f"{m.actor}/{m.form == 'leader'}",
                    "person" if m.form == "leader" else "body")
            for m in group.itertuples() if m.reading == "actor"
        ]  # fmt: skip
        others = [p for p in find_persons(text) if not any(p.start < m.end and p.end > m.start for m in names)]
        sentences, attributions = split_sentences(text), find_attributions(text)
        starts = [start for start, _ in sentences]
        for m in find_references(text, [*names, *others], sentences=sentences):
            at = bisect_right(starts, m.start) - 1
            start, end = sentences[at]
            voices = [a.voice for a in attributions if a.start <= m.start < a.end]
            if "/" in m.entity:
                rows.append(
                    {**first.to_dict(), "actor": m.entity.split("/")[0], "form": m.form, "reading": "actor",
                     "voice": "quoted" if "quoted" in voices else voices[0] if voices else "outlet",
                     "sentence_id": f"{article}:{at}", "sentence": text[start:end], "start": m.start - start,
                     "end": m.end - start, "position": m.start}
                )  # fmt: skip
    return pd.DataFrame(rows, columns=found.columns)


# --- scores, kept on disk ---------------------------------------------------------------------------------------------


def probabilities(rows: pd.DataFrame, classifier: str, cache: Path | None) -> np.ndarray:
    """P(negative), P(neutral), P(positive) of each row."""
    from toolkit.scoring import score_mentions

    columns = ["tone_p_negative", "tone_p_neutral", "tone_p_positive"]
    keys = [hashlib.sha1(f"{s}|{a}|{b}".encode()).hexdigest()[:20]
            for s, a, b in rows[["sentence", "start", "end"]].itertuples(index=False)]  # fmt: skip
    file = cache / f"scores_{re.sub(r'[^A-Za-z0-9]+', '_', classifier)}.parquet" if cache else None
    held = pd.read_parquet(file) if file and file.exists() else pd.DataFrame(columns=columns, dtype=float)
    new = rows.assign(key=keys).drop_duplicates("key")
    new = new[~new["key"].isin(held.index)]
    if len(new):
        scored = score_mentions(new[["sentence", "start", "end", "key"]], classifier=classifier)
        held = pd.concat([held, scored.set_index("key")[columns]])
        if file:
            held.to_parquet(file)
    return held.loc[keys, columns].to_numpy(float)


# --- variants ---------------------------------------------------------------------------------------------------------


def sentences_of(rows: pd.DataFrame) -> pd.DataFrame:
    """One row a sentence: the means over its mentions."""
    keys = ["doc", "sent", "voice"]
    return rows.groupby(keys, as_index=False, sort=True).agg(
        s=("s", "mean"), n=("n", "mean"), u=("u", "mean"), p=("p", "mean"), part=("part", "first"), m=("s", "size")
    )


def weighted(table: pd.DataFrame, weights: pd.Series | float) -> pd.Series:
    w = pd.Series(weights, index=table.index, dtype=float)
    total = w.groupby(table["doc"]).sum()
    return (table["s"] * w).groupby(table["doc"]).sum() / total.where(total > 0)


def shipped(table: pd.DataFrame) -> pd.Series:
    """As toolkit.tone_by_article weighs an article's sentences (its `whole`)."""
    title, own = table["part"].eq("title"), table["voice"].eq("outlet")
    return weighted(table, np.where(title, HEADLINE, np.where(own, OWN_WORDS, OTHERS_WORDS)))


def shrunk(table: pd.DataFrame, k: float, weights: pd.Series | float = 1.0) -> pd.Series:
    """The mean drawn to the mean of all by k sentences."""
    w = pd.Series(weights, index=table.index).astype(float)
    middle = table["s"].mean()
    return ((table["s"] - middle) * w).groupby(table["doc"]).sum() / (w.groupby(table["doc"]).sum() + k) + middle


def variants(rows: pd.DataFrame) -> dict[str, pd.Series]:
    """Every variant's score by document."""
    named = rows[~rows["form"].isin(["pronoun", "role"])]
    table = sentences_of(rows)
    group, middle = table.groupby("doc"), table["s"].mean()
    title, lead = table["part"].eq("title"), table["sent"].between(0, 2)
    own = table["voice"].eq("outlet")
    strongest = table.loc[(table["s"] - middle).abs().groupby(table["doc"]).idxmax()].set_index("doc")["s"]
    confident = table[["n", "u", "p"]].max(axis=1)
    size = group["s"].size()
    odds = np.log(table["p"] + 0.02) - np.log(table["n"] + 0.02)
    return {
        SHIPS: shipped(table),
        f"{SHIPS}, by name": shipped(sentences_of(named)),
        "mean of sentences by name, own voice": weighted(sentences_of(named[named["voice"] == "outlet"]), 1.0),
        "mean of mentions by name": named.groupby("doc")["s"].mean(),
        "mean of all mentions": rows.groupby("doc")["s"].mean(),
        "mean of sentences by name": weighted(sentences_of(named), 1.0),
        "mean of sentences": weighted(table, 1.0),
        "title three times": weighted(table, 1.0 + 2.0 * title),
        "title and lead twice": weighted(table, 1.0 + (title | lead)),
        "first five sentences": weighted(table[table["sent"] < 5], 1.0),
        "own voice alone": weighted(table[own], 1.0),
        "own voice twice": weighted(table, 1.0 + own),
        "evaluative: 1 - P(neutral)": weighted(table, 1.0 - table["u"]),
        "confidence": weighted(table, confident),
        "strongest sentence": strongest,
        "sum": group["s"].sum(),
        "sum above the mean of all": (group["s"].mean() - middle) * size,
        "mean x sqrt(n)": group["s"].mean() * np.sqrt(size),
        "mean x sqrt(n) above the mean of all": (group["s"].mean() - middle) * np.sqrt(size),
        "shrunk by 1": shrunk(table, 1),
        "shrunk by 2": shrunk(table, 2),
        "shrunk by 4": shrunk(table, 4),
        "shrunk by 2, own voice and title twice": shrunk(table, 2, 1.0 + (own | title)),
        "median": group["s"].median(),
        "log odds": odds.groupby(table["doc"]).mean(),
        "best plus worst": group["s"].max() + group["s"].min(),
    }


# --- how good ---------------------------------------------------------------------------------------------------------


def macro_f1(truth: np.ndarray, said: np.ndarray) -> float:
    hits = [2 * ((truth == k) & (said == k)).sum() / max(1, (truth == k).sum() + (said == k).sum()) for k in range(3)]
    return float(np.mean(hits))


def best_thresholds(score: np.ndarray, truth: np.ndarray, steps: int = 60) -> tuple[float, float]:
    """The two thresholds of the best macro-F1, among quantiles."""
    grid = np.unique(np.quantile(score, np.linspace(0, 1, steps)))
    below = (score[:, None] <= grid).astype(int)
    counts = np.array([below[truth == k].sum(axis=0) for k in range(3)])
    size, under = np.bincount(truth, minlength=3), below.sum(axis=0)
    best = (-1.0, 0.0, 0.0)
    for i in range(len(grid)):
        j = np.arange(i, len(grid))
        f = (2 * counts[0, i] / (size[0] + under[i])
             + 2 * (counts[1, j] - counts[1, i]) / (size[1] + under[j] - under[i])
             + 2 * (size[2] - counts[2, j]) / (size[2] + len(score) - under[j]).clip(1)) / 3  # fmt: skip
        if f.max() > best[0]:
            best = (float(f.max()), float(grid[i]), float(grid[j[f.argmax()]]))
    return best[1:]


def divisions(groups: pd.Series, repeats: int = 5, parts: int = 10) -> list[np.ndarray]:
    """Folds that keep a person together, several times."""
    code, names = pd.factorize(groups)
    found = []
    for seed in range(repeats):
        order = np.random.default_rng([2020, seed]).permutation(len(names))
        found.append(order[code] % parts)
    return found


def label(score: np.ndarray, low: float, high: float) -> np.ndarray:
    return np.where(score <= low, 0, np.where(score <= high, 1, 2))


def judge_persent(articles: pd.DataFrame, score: pd.Series) -> dict[str, float]:
    from scipy.stats import spearmanr

    truth = articles["label"].map(LABELS.index).to_numpy()
    values = score.reindex(articles["doc"]).fillna(score.median()).to_numpy()
    found = []
    for fold in divisions(articles["entity"]):
        said = np.empty(len(truth), dtype=int)
        for k in range(fold.max() + 1):
            held = fold == k
            said[held] = label(values[held], *best_thresholds(values[~held], truth[~held]))
        found.append(macro_f1(truth, said))
    return {"spearman": float(spearmanr(values, truth)[0]), "macro_f1": 100 * float(np.mean(found))}


def judge_nested(articles: pd.DataFrame, scores: dict[str, pd.Series]) -> dict[str, float]:
    """The best variant by Spearman of nine tenths, read on the rest: what choosing among variants is worth."""
    from scipy.stats import spearmanr

    truth = articles["label"].map(LABELS.index).to_numpy()
    table = np.array([s.reindex(articles["doc"]).fillna(s.median()).to_numpy() for s in scores.values()])
    rho, f1 = [], []
    for fold in divisions(articles["entity"]):
        values, said = np.empty(len(truth)), np.empty(len(truth), dtype=int)
        for k in range(fold.max() + 1):
            held = fold == k
            best = table[int(np.argmax([spearmanr(row[~held], truth[~held])[0] for row in table]))]
            values[held] = (best[held] - best[~held].mean()) / best[~held].std()
            said[held] = label(best[held], *best_thresholds(best[~held], truth[~held]))
        rho.append(spearmanr(values, truth)[0])
        f1.append(macro_f1(truth, said))
    return {"spearman": float(np.mean(rho)), "macro_f1": 100 * float(np.mean(f1))}


def difference(articles: pd.DataFrame, a: pd.Series, b: pd.Series, draws: int = 1000) -> tuple[float, float, float]:
    """Spearman of a minus that of b, and its interval by resampling persons' articles."""
    from scipy.stats import spearmanr

    truth = articles["label"].map(LABELS.index).to_numpy()
    x, y = (s.reindex(articles["doc"]).fillna(s.median()).to_numpy() for s in (a, b))
    code, names = pd.factorize(articles["entity"])
    members = [np.flatnonzero(code == i) for i in range(len(names))]
    rng = np.random.default_rng(2020)
    gaps = []
    for _ in range(draws):
        at = np.concatenate([members[i] for i in rng.integers(0, len(names), len(names))])
        gaps.append(spearmanr(x[at], truth[at])[0] - spearmanr(y[at], truth[at])[0])
    low, high = np.percentile(gaps, [2.5, 97.5])
    return float(spearmanr(x, truth)[0] - spearmanr(y, truth)[0]), float(low), float(high)


def judge_frames(articles: pd.DataFrame, score: pd.Series) -> dict[str, float]:
    from scipy.stats import rankdata

    values = score.reindex(articles["doc"]).fillna(score.median()).to_numpy()
    hero = articles["label"].eq("hero").to_numpy()
    ranks = rankdata(values)
    area = (ranks[hero].sum() - hero.sum() * (hero.sum() + 1) / 2) / (hero.sum() * (~hero).sum())
    return {"auc": float(area)}


def judge_idlib(keys: pd.DataFrame, score: pd.Series) -> dict[str, float]:
    """Pairs of outlets within event and actor: a story has one vote; right 1, a tie a half, no score at all a half."""
    table = keys.assign(score=score.reindex(keys["doc"]).to_numpy())
    by = ["event", "actor", "outlet"]
    story = table.groupby([*by, "story_id"])[["score", "line", "read"]].mean()
    cell = story.groupby(by).mean().reset_index()
    found: dict[str, list[float]] = {"line": [], "read": []}
    for _, group in cell.groupby(["event", "actor"]):
        for a, b in combinations(group.itertuples(), 2):
            for truth in found:
                gap = getattr(a, truth) - getattr(b, truth)
                if np.isnan(gap) or abs(gap) < 0.25:
                    continue
                step = a.score - b.score
                found[truth].append(0.5 if np.isnan(step) or step == 0 else float((step > 0) == (gap > 0)))
    return {f"{k}_pairs": float(len(v)) for k, v in found.items()} | {
        k: 100 * float(np.mean(v)) for k, v in found.items()
    }


def outlet_order(classifier: str, cache: Path | None) -> list[dict]:
    """Estimates and contrasts of the sample corpus by unit, voice and pronouns, against the planted lines.

    `right` of `contrasts` whose lines differ; `least` and `margin`, the smallest and mean step in the right direction;
    `t`, that step by its standard error (mean), and the share above 2.
    """
    import toolkit

    articles = toolkit.load_articles(ROOT / "datasets" / "idlib_2020")
    outlets = yaml.safe_load((ROOT / "datasets" / "idlib_2020" / "outlets.yaml").read_text(encoding="utf-8"))
    lines = {facts["name"]: facts["line"] for facts in outlets.values()}
    found = []
    for pronouns, unit, voice in product((False, True), ("mention", "article"), ("outlet", "all")):
        mentions = toolkit.find_mentions(articles, ["turkey", "russia", "syria"], pronouns=pronouns)
        proba = probabilities(mentions, classifier, cache)
        scored = mentions.assign(tone_score=proba[:, 2] - proba[:, 0])
        pairs = toolkit.contrast(scored, unit=unit, voice=voice)
        gap = np.array([lines[a][w] - lines[b][w] for a, b, w in pairs[["a", "b", "actor"]].itertuples(index=False)])
        pairs, sign = pairs[gap != 0], np.sign(gap[gap != 0])
        step = pairs["estimate"].to_numpy() * sign
        t = step / pairs["se"].to_numpy()
        found.append(
            {"pronouns": pronouns, "unit": unit, "voice": voice, "contrasts": len(step), "right": int((step > 0).sum()),
             "least": step.min(), "margin": step.mean(), "t": t.mean(), "t_above_2": (t > 2).mean()}
        )  # fmt: skip
    return found


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--classifiers", nargs="+", default=["lexicon", "embedding"])
    parser.add_argument("--sets", nargs="+", default=["persent", "narrative_frames", "idlib_2020", "estimates"])
    parser.add_argument("--cache", type=Path)
    parser.add_argument("--csv", type=Path, default=ROOT / "benchmarks" / "article_tone.csv")
    args = parser.parse_args(argv)
    data = Path(os.environ.get("TOOLKIT_DATA", "data"))
    sets = {
        "persent": (lambda: persent(data), judge_persent),
        "narrative_frames": (lambda: narrative_frames(data), judge_frames),
        "idlib_2020": (idlib, judge_idlib),
    }
    found = []
    for name in args.sets:
        if name == "estimates":
            for classifier in args.classifiers:
                rows = outlet_order(classifier, args.cache)
                found += [{"set": name, "classifier": classifier, **row} for row in rows]
            continue
        load, judge = sets[name]
        keys, rows = load()
        for classifier in args.classifiers:
            proba = probabilities(rows, classifier, args.cache)
            scored = rows.assign(n=proba[:, 0], u=proba[:, 1], p=proba[:, 2], s=proba[:, 2] - proba[:, 0])
            scores = variants(scored)
            if name == "idlib_2020":
                scores |= {f"own words: {v}": s for v, s in variants(scored[scored["voice"] == "outlet"]).items()}
            for variant, score in scores.items():
                found.append({"set": name, "classifier": classifier, "variant": variant, **judge(keys, score)})
            if name == "persent":
                nested = judge_nested(keys, scores)
                found.append({"set": name, "classifier": classifier, "variant": "chosen within folds", **nested})
                for other in ("mean of mentions by name", "mean of sentences by name", f"{SHIPS}, by name"):
                    gap, low, high = difference(keys, scores[SHIPS], scores[other])
                    print(f"{classifier}: Spearman, ships minus {other!r}: {gap:+.3f} ({low:+.3f} to {high:+.3f})")
    table = pd.DataFrame(found).round(4)
    table.to_csv(args.csv, index=False, lineterminator="\n")
    for name, part in table.groupby("set", sort=False):
        print(f"\n{name}\n{part.drop(columns='set').dropna(axis=1, how='all').to_string(index=False)}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

"""Roles on the Narrative Frames Corpus and on datasets/idlib_2020, and the frames of whole articles.

    python benchmarks/roles_accuracy.py [--csv FILE]

Needs narrative_frames (see its card.yaml). Three tables:

- roles of the entities of an article, over the corpus's own five folds: fitted on train, the strength of the penalty
  chosen on dev, counted on test; an entity has the mean probability of its first 5 sentences;
- the same methods on the 432 mentions of idlib_2020 that have a role: fitted on all of the corpus above ("climate";
  nobody is "none" there), on that and NewsMTSC's train ("climate + tone"; neutral is none, negative antagonist,
  positive protagonist), on the other articles of idlib_2020 itself in five folds ("within"), or not at all;
- the frames of whole articles, fitted on frozen sentence vectors (mean of the first 40) or words, over the same folds.

"tone" is the shipped classifier of tone, and "lexicon" VADER: negative read as antagonist, positive as protagonist,
neutral as none; on the climate entities, where nobody is none, the larger of negative and positive. Layer, pools and
weight of the anchors were looked at on the dev articles of fold 1. Intervals: 95 %, by resampling articles (2,000
draws).
Writes benchmarks/roles_accuracy.csv.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from idlib_truth import DATASET, ROOT, build_truth, read_truth

import toolkit
from toolkit.classifiers import CLASSIFIERS
from toolkit.encoders import load_encoder
from toolkit.evaluation import grouped_folds, macro_f1
from toolkit.resampling import cluster_draws
from toolkit.sentences import split_sentences

OUT = Path(__file__).resolve().parent / "roles_accuracy.csv"
ROLES = ["protagonist", "antagonist", "innocent"]
OF_TONE = {"negative": "antagonist", "neutral": "none", "positive": "protagonist"}
PENALTIES = {"embedding": [0.0001, 0.0003, 0.001], "tfidf": [0.3, 1.0, 3.0]}
FRAMES = {"CO": "conflict", "HI": "human interest", "EC": "economic", "MO": "morality", "RE": "resolution"}
SENTENCES, PER_ENTITY = 40, 5


def data_home() -> Path:
    beside = ROOT / "datasets" / "narrative_frames"
    return beside if (beside / "folds.jsonl").exists() else Path(os.environ["TOOLKIT_DATA"]) / "narrative_frames"


def read_lines(name: str) -> list[dict[str, Any]]:
    with (data_home() / name).open(encoding="utf-8") as handle:
        return [json.loads(line) for line in handle if line.strip()]


def read_folds() -> list[dict[str, set[str]]]:
    folds: dict[int, dict[str, set[str]]] = {}
    for row in read_lines("folds.jsonl"):
        folds.setdefault(row["fold"], {})[row["split"]] = set(row["ids"])
    return [folds[number] for number in sorted(folds)]


def idlib_roles() -> pd.DataFrame:
    """The 432 mentions with their sentences and roles."""
    with tempfile.TemporaryDirectory() as temporary:
        articles, truth = read_truth(build_truth(Path(temporary)))
    truth["n"] = truth.groupby("url").cumcount() + 1
    chosen = pd.read_csv(DATASET / "roles.csv").merge(truth, on=["url", "n"])
    texts = articles.set_index("article_id")
    rows = []
    for mention in chosen.itertuples(index=False):
        text = texts.loc[mention.url, "title" if mention.part == "title" else "text"]
        start, end = next(span for span in split_sentences(text) if span[0] <= mention.start < span[1])
        rows.append((text[start:end], mention.start - start, mention.end - start, mention.role, mention.url))
    return pd.DataFrame(rows, columns=["sentence", "start", "end", "label", "group"])


def spans(table: pd.DataFrame) -> list[tuple[str, int, int]]:
    return list(table[["sentence", "start", "end"]].itertuples(index=False, name=None))


def interval(gold: np.ndarray, said: np.ndarray, groups: np.ndarray, labels: list[str], draws: int = 2000) -> dict:
    """Macro-F1 over `labels` with its interval, F1 of each, accuracy; all in per cent."""
    code = {label: place for place, label in enumerate([*labels, "other"])}
    g = np.array([code.get(one, len(labels)) for one in gold])
    s = np.array([code.get(one, len(labels)) for one in said])
    clusters = pd.factorize(groups)[0]
    tables = np.zeros((clusters.max() + 1, len(code), len(code)))
    np.add.at(tables, (clusters, g, s), 1)

    def f1(table: np.ndarray) -> np.ndarray:
        right = np.diagonal(table, axis1=-2, axis2=-1)
        total = table.sum(axis=-1) + table.sum(axis=-2)
        return np.divide(2 * right, total, out=np.zeros_like(right), where=total > 0)[..., : len(labels)]

    drawn = f1(np.tensordot(cluster_draws(len(tables), draws, 0), tables, axes=1)).mean(axis=1)
    each = f1(tables.sum(axis=0))
    found = {"macro_f1": each.mean(), "low": np.percentile(drawn, 2.5), "high": np.percentile(drawn, 97.5)}
    found |= {"accuracy": (g == s).mean(), **{f"f1_{label}": one for label, one in zip(labels, each, strict=True)}}
    return {
        **{key: round(100 * float(value), 1) for key, value in found.items()},
        "n": len(gold),
        "articles": len(tables),
    }


class Trained:
    """A classifier of the shelf, fitted on rows of a table; states of the encoder are made once."""

    def __init__(self, name: str, table: pd.DataFrame) -> None:
        self.name, self.table = name, table
        self.model = CLASSIFIERS[name]()
        self.states = self.model.features(spans(table)) if name == "embedding" else None

    def proba(self, fit_on: np.ndarray, ask: np.ndarray, penalty: float) -> tuple[np.ndarray, list[str]]:
        model = CLASSIFIERS[self.name](C=penalty)
        labels = self.table["label"].to_numpy(dtype=np.str_)[fit_on]
        if self.states is not None:
            model.fit_features(self.states[fit_on], labels)
            return model.proba_of_features(self.states[ask]), list(model.classes_)
        model.fit(self.table[fit_on], labels)
        return model.predict_proba(self.table[ask]), list(model.classes_)


def said_of_tone(table: pd.DataFrame, classifier: str) -> np.ndarray:
    """Roles as read off the tone."""
    return toolkit.score_mentions(table, "tone", classifier=classifier)["tone_pred"].map(OF_TONE).to_numpy(dtype=object)


def climate_roles(table: pd.DataFrame) -> list[dict]:
    """The entities of each article, over the corpus's five folds."""
    number = table.groupby(["group", "entity"], sort=False).ngroup().to_numpy()
    entities = table.groupby(number)[["label", "group"]].first()
    gold, groups = entities["label"].to_numpy(object), entities["group"].to_numpy(object)

    def of_entities(proba: np.ndarray, rows: np.ndarray) -> np.ndarray:
        return np.stack([np.bincount(number[rows], proba[:, c], len(gold)) for c in range(proba.shape[1])], axis=1)

    rows = []
    every = np.ones(len(table), dtype=bool)
    out: dict[str, np.ndarray] = {"majority": np.full(len(gold), "antagonist", dtype=object)}
    for name, classifier in (("lexicon", "lexicon"), ("tone", "transformer")):
        scored = toolkit.score_mentions(table, "tone", classifier=classifier)
        sums = of_entities(scored[["tone_p_negative", "tone_p_positive"]].to_numpy(), every)
        out[name] = np.array(["antagonist", "protagonist"], dtype=object)[sums.argmax(axis=1)]
    anchors = CLASSIFIERS["anchors"](task="role")
    columns = [list(anchors.classes_).index(label) for label in ROLES]
    out["anchors"] = np.array(ROLES, dtype=object)[
        of_entities(anchors.predict_proba(table)[:, columns], every).argmax(axis=1)
    ]
    for name, penalties in PENALTIES.items():
        trained, said = Trained(name, table), np.empty(len(gold), dtype=object)
        for fold in read_folds():
            parts = {split: table["group"].isin(ids).to_numpy() for split, ids in fold.items()}
            best = max(penalties, key=lambda c: _dev(trained, parts, c, of_entities, gold, groups, fold["dev"]))
            proba, labels = trained.proba(parts["train"], parts["test"], best)
            of_test = np.isin(groups, list(fold["test"]))
            said[of_test] = np.array(labels, dtype=object)[of_entities(proba, parts["test"]).argmax(axis=1)][of_test]
        out[name] = said
    for name, said in out.items():
        rows.append({"table": "climate roles", "classifier": name, **interval(gold, said, groups, ROLES)})
    return rows


def _dev(
    trained: Trained, parts: dict[str, np.ndarray], penalty: float, of_entities: Callable[..., np.ndarray],
    gold: np.ndarray, groups: np.ndarray, ids: set[str],
) -> float:  # fmt: skip
    proba, labels = trained.proba(parts["train"], parts["dev"], penalty)
    inside = np.isin(groups, list(ids))
    said = np.array(labels, dtype=object)[of_entities(proba, parts["dev"]).argmax(axis=1)]
    return macro_f1(list(gold[inside]), list(said[inside]), ROLES)


def conflict_roles(climate: pd.DataFrame, tone: pd.DataFrame, idlib: pd.DataFrame) -> list[dict]:
    """The mentions of idlib_2020: what is fitted elsewhere, within, or not at all."""
    gold, groups = idlib["label"].to_numpy(object), idlib["group"].to_numpy(object)
    labels = [*ROLES, "none"]
    out = {"majority": np.full(len(gold), "none", dtype=object)}
    out |= {"lexicon": said_of_tone(idlib, "lexicon"), "tone": said_of_tone(idlib, "transformer")}
    out["anchors"] = CLASSIFIERS["anchors"](task="role").predict(idlib)
    more = tone.assign(label=tone["label"].map(OF_TONE))
    columns = ["sentence", "start", "end", "label", "group"]
    both = pd.concat([idlib[columns], climate[columns], more[columns]], ignore_index=True)
    kind = np.repeat(["idlib", "climate", "tone"], [len(idlib), len(climate), len(more)])
    folds = grouped_folds(list(groups), list(gold), 5, 0)
    for name, penalties in PENALTIES.items():
        trained = Trained(name, both)
        middle = penalties[1]  # nothing of idlib_2020 is chosen on
        for what, fit_on in (("climate", kind == "climate"), ("climate + tone", kind != "idlib")):
            proba, classes = trained.proba(fit_on, kind == "idlib", middle)
            out[f"{name}, {what}"] = np.array(classes, dtype=object)[proba.argmax(axis=1)]
        said = np.empty(len(gold), dtype=object)
        for fold in range(5):
            inside = np.r_[folds == fold, np.zeros(len(both) - len(gold), dtype=bool)]
            rest = np.r_[folds != fold, np.zeros(len(both) - len(gold), dtype=bool)]
            proba, classes = trained.proba(rest, inside, middle)
            said[folds == fold] = np.array(classes, dtype=object)[proba.argmax(axis=1)]
        out[f"{name}, within"] = said
    return [
        {"table": "idlib roles", "classifier": name, **interval(gold, np.asarray(said, dtype=object), groups, labels)}
        for name, said in out.items()
    ]


def article_frames() -> list[dict]:
    """F1 of each frame of whole articles."""
    articles = read_lines("articles.jsonl")
    sentences = [[row["text"][a:b] for a, b in split_sentences(row["text"])][:SENTENCES] for row in articles]
    vectors = load_encoder("minilm").vectors([one for row in sentences for one in row])
    ends = np.cumsum([len(row) for row in sentences])
    means = np.stack([part.mean(axis=0) for part in np.split(vectors, ends[:-1])])
    ids = np.array([row["id"] for row in articles], dtype=object)
    texts = np.array([row["text"] for row in articles], dtype=object)
    rows = []
    for frame, title in FRAMES.items():
        marks = np.array([row["frames"].get(frame) for row in articles], dtype=object)
        known = np.isin(marks, ["True", "False"])
        gold = np.where(marks == "True", "yes", "no").astype(object)
        said = {name: np.full(len(ids), "no", dtype=object) for name in ("majority", "tfidf", "embedding")}
        for fold in read_folds():
            part = {split: np.isin(ids, list(wanted)) & known for split, wanted in fold.items()}
            said["majority"][part["test"]] = pd.Series(gold[part["train"]]).mode()[0]
            for name in ("tfidf", "embedding"):
                said[name][part["test"]] = _frame_fold(name, texts, means, gold, part)
        for name, given in said.items():
            found = interval(gold[known], given[known], ids[known], ["yes", "no"])
            rows.append(
                {
                    "table": "frames",
                    "frame": title,
                    "classifier": name,
                    "share": round(100 * (gold[known] == "yes").mean(), 1),
                    **found,
                }
            )
    return rows


def _frame_fold(name: str, texts: np.ndarray, means: np.ndarray, gold: np.ndarray, part: dict) -> np.ndarray:
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.preprocessing import StandardScaler

    maker: Any = TfidfVectorizer(sublinear_tf=True, min_df=2) if name == "tfidf" else StandardScaler()
    source = texts if name == "tfidf" else means
    fitted = maker.fit(source[part["train"]])
    table = {split: fitted.transform(source[rows]) for split, rows in part.items()}
    models = [
        LogisticRegression(C=c, class_weight="balanced", max_iter=3000).fit(
            table["train"], gold[part["train"]].astype(str)
        )
        for c in ((0.1, 1.0, 10.0) if name == "tfidf" else (0.0003, 0.003, 0.03))
    ]
    dev = list(gold[part["dev"]])
    best = max(models, key=lambda model: macro_f1(dev, list(model.predict(table["dev"])), ["yes", "no"]))
    return best.predict(table["test"]).astype(object)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--csv", type=Path, default=OUT)
    options = parser.parse_args()
    climate = toolkit.load_labelled(ROOT / "datasets" / "narrative_frames", "roles")
    climate = climate[climate.groupby(["group", "entity"]).cumcount() < PER_ENTITY].reset_index(drop=True)
    tone = toolkit.load_labelled(ROOT / "datasets" / "newsmtsc", "train")
    parts = []
    for rows in (climate_roles(climate), conflict_roles(climate, tone, idlib_roles()), article_frames()):
        parts.append(pd.DataFrame(rows))
        print(parts[-1].to_string(index=False), end="\n\n", flush=True)
    pd.concat(parts, ignore_index=True).to_csv(options.csv, index=False, lineterminator="\n")


if __name__ == "__main__":
    main()

"""Accuracy of every tone classifier on NewsMTSC, actor_tone and the sample corpus (its outlets' own voice).

    python benchmarks/tone_accuracy.py            development splits
    python benchmarks/tone_accuracy.py --test     the test splits too: only for a number that is going to be reported

Writes benchmarks/tone_accuracy.csv (or, with --test, benchmarks/tone_accuracy_test.csv), and for what ships its figures
by actor type, register and phenomenon to tone_accuracy_kinds.csv and its swap audit to tone_accuracy_swaps.csv.
Intervals: 95 %, by resampling groups (articles, events) 1,000 times. Needs NewsMTSC: see datasets/newsmtsc/card.yaml.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from toolkit.classifiers import CLASSIFIERS
from toolkit.corpora import load_labelled
from toolkit.evaluation import accuracy, brier_score, calibration_error, macro_f1, swap_audit
from toolkit.finetuning.names import HELD_OUT
from toolkit.scoring import is_ready, make_classifier

ROOT = Path(__file__).resolve().parents[1]
OUT = ROOT / "benchmarks"
NEWS, ACTORS = ROOT / "datasets" / "newsmtsc", ROOT / "datasets" / "actor_tone"
LABELS = ["negative", "neutral", "positive"]
CAPITALS = ["Ankara", "Moscow", "Damascus", "Washington"]


def macro_f1_of(gold: np.ndarray, said: np.ndarray) -> float:
    """Macro-F1 of label numbers, quickly."""
    found = []
    for label in range(len(LABELS)):
        right = ((gold == label) & (said == label)).sum()
        whole = (gold == label).sum() + (said == label).sum()
        if whole:
            found.append(2 * right / whole)
    return float(np.mean(found))


def interval(table: pd.DataFrame, said: np.ndarray) -> tuple[float, float]:
    """95 % of macro-F1 when groups are drawn again."""
    gold = np.array([LABELS.index(label) for label in table["label"]])
    rows = [np.flatnonzero(place) for place in pd.get_dummies(table["group"]).to_numpy(dtype=bool).T]
    rng = np.random.default_rng(0)
    found = []
    for _ in range(1_000):
        drawn = np.concatenate([rows[i] for i in rng.integers(0, len(rows), len(rows))])
        found.append(macro_f1_of(gold[drawn], said[drawn]))
    low, high = np.quantile(found, [0.025, 0.975])
    return float(low), float(high)


def measure(name: str, classifier: Any, split: str, table: pd.DataFrame) -> dict[str, Any]:
    """One row of the table."""
    proba = classifier.predict_proba(table)
    said = proba.argmax(axis=1)
    names = [LABELS[i] for i in said]
    gold = list(table["label"])
    low, high = interval(table, said)
    by_label = accuracy(gold, names, LABELS)
    return {
        "classifier": name,
        "split": split,
        "n": len(table),
        "macro_f1": macro_f1(gold, names, LABELS),
        "low": low,
        "high": high,
        **{f"f1_{row.label}": row.f1 for row in by_label.itertuples()},
        "calibration_error": calibration_error(gold, proba, LABELS),
        "brier": brier_score(gold, proba, LABELS),
    }


def by_kind(classifier: Any, split: str, table: pd.DataFrame) -> list[dict[str, Any]]:
    """Macro-F1 of the shipped one for each kind of actor, register and phenomenon of actor_tone."""
    said = np.asarray(classifier.predict(table))
    rows = []
    for column in ("kind", "register", "phenomenon"):
        for value, part in table.groupby(column):
            where = table.index.get_indexer(part.index)
            gold = list(part["label"])
            share = float((part["label"].to_numpy() == said[where]).mean())
            rows.append(
                {
                    "split": split,
                    "what": column,
                    "value": value,
                    "n": len(part),
                    "accuracy": share,
                    "macro_f1": macro_f1(gold, list(said[where]), LABELS),
                }
            )
    right = pd.Series(table["label"].to_numpy() == said, index=table.index)
    pairs = table.assign(right=right)[table["pair"].notna() & (table["pair"] != "")]
    both = pairs.groupby("pair")["right"].all()
    rows.append({"split": split, "what": "pair", "value": "both right", "n": len(both), "accuracy": float(both.mean())})
    return rows


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--test", action="store_true")
    parser.add_argument("--only", nargs="*", help="names of classifiers; nothing is written")
    args = parser.parse_args(argv)
    train = load_labelled(NEWS, "train")
    dev = pd.concat([load_labelled(NEWS, "rw_dev"), load_labelled(NEWS, "mt_dev")], ignore_index=True)
    splits = {"newsmtsc dev": dev, "actor_tone dev": load_labelled(ACTORS, "dev")}
    splits["idlib_2020 own"] = load_labelled(ROOT / "datasets" / "idlib_2020", "own")
    if args.test:
        splits |= {f"newsmtsc {name}": load_labelled(NEWS, name) for name in ("rw_test", "mt_test")}
        splits["actor_tone test"] = load_labelled(ACTORS, "test")
    rows = []
    for name, kind in CLASSIFIERS.items():
        if args.only and name not in args.only:
            continue
        views = ("blind", "sighted") if name == "transformer" else (None,)
        for view in views:
            classifier = make_classifier(name) if is_ready(name) else kind().fit(train, train["label"])
            label = name if view is None else f"{name} ({view}{', the default' if view == default_view() else ''})"
            if view is not None:
                classifier.set_params(view=view)
            rows += [measure(label, classifier, split, table) for split, table in splits.items()]
    found = pd.DataFrame(rows).round(4)
    shipped = make_classifier("transformer")
    kinds = [
        row for split, table in splits.items() if split.startswith("actor") for row in by_kind(shipped, split, table)
    ]
    audits = []
    for view in ("blind", "sighted"):
        for what, names in (("capitals", CAPITALS), ("held out", list(HELD_OUT))):
            audit = swap_audit(dev.iloc[::4], make_classifier("transformer").set_params(view=view), names)
            audits.append(audit.assign(view=view, names=what))
    swaps = pd.concat(audits, ignore_index=True).round(4)
    if not args.only:
        end = "_test" if args.test else ""
        found.to_csv(OUT / f"tone_accuracy{end}.csv", index=False)
        pd.DataFrame(kinds).round(4).to_csv(OUT / f"tone_accuracy_kinds{end}.csv", index=False)
        swaps.to_csv(OUT / "tone_accuracy_swaps.csv", index=False)
    print(found.to_string(index=False))
    print("\nwhat ships, on actor_tone:")
    print(pd.DataFrame(kinds).round(3).to_string(index=False))
    print("\nswap audit of what ships, every fourth development target of NewsMTSC:")
    print(swaps.to_string(index=False))
    return 0


def default_view() -> str:
    """The view that ships as the default."""
    return str(make_classifier("transformer").facts_["view"])


if __name__ == "__main__":
    raise SystemExit(main())

"""Accuracy of every tone classifier on NewsMTSC, and the swap audit of the shipped one.

    python benchmarks/tone_accuracy.py            development splits
    python benchmarks/tone_accuracy.py --test     the test splits too: only for a number that is going to be reported

Writes benchmarks/tone_accuracy.csv (or, with --test, benchmarks/tone_accuracy_test.csv). Needs the data: see
datasets/newsmtsc/card.yaml.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import pandas as pd

from toolkit.classifiers import CLASSIFIERS
from toolkit.corpora import load_labelled
from toolkit.evaluation import accuracy, brier_score, calibration_error, macro_f1, swap_audit
from toolkit.scoring import make_classifier

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT / "datasets" / "newsmtsc"
LABELS = ["negative", "neutral", "positive"]
NAMES = ["Ankara", "Moscow", "Damascus", "Washington"]


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--test", action="store_true")
    args = parser.parse_args(argv)
    train = load_labelled(DATA, "train")
    dev = pd.concat([load_labelled(DATA, "rw_dev"), load_labelled(DATA, "mt_dev")], ignore_index=True)
    splits = {"dev": dev}
    if args.test:
        splits |= {name: load_labelled(DATA, name) for name in ("rw_test", "mt_test")}
    rows = []
    for name in CLASSIFIERS:
        shipped = name in ("embedding", "lexicon")
        classifier = make_classifier(name) if shipped else CLASSIFIERS[name]().fit(train, train["label"])
        for split, table in splits.items():
            proba = classifier.predict_proba(table)
            said = [LABELS[i] for i in proba.argmax(axis=1)]
            by_label = accuracy(list(table["label"]), said, LABELS)
            rows.append(
                {
                    "classifier": name,
                    "split": split,
                    "n": len(table),
                    "macro_f1": macro_f1(list(table["label"]), said, LABELS),
                    **{f"f1_{row.label}": row.f1 for row in by_label.itertuples()},
                    "calibration_error": calibration_error(list(table["label"]), proba, LABELS),
                    "brier": brier_score(list(table["label"]), proba, LABELS),
                }
            )
    found = pd.DataFrame(rows).round(4)
    found.to_csv(ROOT / "benchmarks" / ("tone_accuracy_test.csv" if args.test else "tone_accuracy.csv"), index=False)
    print(found.to_string(index=False))
    print("\nswap audit of the shipped classifier, development sentences:")
    print(swap_audit(dev, make_classifier("embedding"), NAMES).round(4).to_string(index=False))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

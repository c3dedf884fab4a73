"""Mentions, readings, voices and speakers against the truth of datasets/idlib_2020.

    python benchmarks/idlib_truth.py [--truth FOLDER] [--errors KIND OUTLETS] [--csv FILE]

Each article's text is the truth's own body, so that cleaning plays no part. Rules were tuned on the outlets of TUNED;
the others are held out; agency copy stands in both, so the held-out articles without it are a row of their own.
A mention is found where one of the same actor overlaps it.
"""

from __future__ import annotations

import argparse
import csv
import importlib.util
import json
import sys
import tempfile
from pathlib import Path

import pandas as pd

from toolkit.actors import find_mentions
from toolkit.actors.lists import load_list

ROOT = Path(__file__).resolve().parent.parent
DATASET = ROOT / "datasets" / "idlib_2020"
ACTORS = ["turkey", "russia", "syria", "us", "nato", "un", "eu", "greece", "iran", "syrian_opposition", "hts"]
TUNED = ("The Anatolian Sun", "The Aegean Ledger", "The Barada Post")


def build_truth(target: Path) -> Path:
    """Run the dataset's build.py into `target`; give the folder of the truth."""
    spec = importlib.util.spec_from_file_location("idlib_build", DATASET / "build.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    module.build(target)
    return target / "truth"


def read_truth(folder: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Articles with the truth's bodies, and the true mentions."""
    with (folder / "bodies.jsonl").open(encoding="utf-8") as handle:
        bodies = {row["url"]: row["body"] for row in map(json.loads, handle)}
    listed = pd.read_csv(folder / "articles.csv", keep_default_na=False)
    articles = pd.DataFrame(
        {
            "article_id": listed["url"], "outlet": listed["outlet"], "date": pd.to_datetime(listed["date"]),
            "title": listed["title"], "text": listed["url"].map(bodies), "url": listed["url"], "language": "en",
            "source_file": "truth", "wire": listed["wire"], "story_id": listed["story"], "copied": 0.0,
        }
    )  # fmt: skip
    truth = pd.read_csv(folder / "mentions.csv", keep_default_na=False)
    for column in ("outlet", "wire"):
        truth[column] = truth["url"].map(listed.set_index("url")[column])
    return articles, truth


def match_mentions(articles: pd.DataFrame, truth: pd.DataFrame) -> pd.DataFrame:
    """One row per true or found mention; `kind` is matched, missed or extra."""
    found = find_mentions(articles, ACTORS)
    # GUIDE.md marks no plain nouns ("the ministry"); "the regime" and "rebels" it does
    plain = {word for words in load_list("plain_words").values() for word in words} | {*load_list("plain_offices")}
    found = found[~(found["resolved"] & found["surface"].str.lower().isin(plain))]
    found["at"] = found["position"].astype("float").fillna(found["start"]).astype(int)
    found["until"] = found["at"] + found["end"] - found["start"]
    wire = articles.set_index("article_id")["wire"].to_dict()
    near: dict[tuple, list] = {}
    for f in found.itertuples(index=False):
        near.setdefault((f.article_id, f.part, f.actor), []).append(f)
    rows = []
    for t in truth.itertuples(index=False):
        row = {"outlet": t.outlet, "url": t.url, "part": t.part, "actor": t.actor, "surface": t.surface,
               "at": t.start,
               "wire": t.wire, "reading": t.reading, "voice": t.voice, "speaker": t.speaker,
               "kind": "missed"}  # fmt: skip
        left = near.get((t.url, t.part, t.actor), [])
        for f in left:
            if f.at < t.end and f.until > t.start:
                speaker = f.speaker if isinstance(f.speaker, str) else ""
                row |= {"kind": "matched", "found_reading": f.reading, "found_voice": f.voice,
                        "found_speaker": speaker, "form": f.form}  # fmt: skip
                left.remove(f)
                break
        rows.append(row)
    for left in near.values():
        for f in left:
            rows.append({"outlet": f.outlet, "url": f.article_id, "part": f.part, "actor": f.actor,
                         "surface": f.surface, "at": f.at, "kind": "extra", "wire": wire[f.article_id]})  # fmt: skip
    return pd.DataFrame(rows)


def measure(matches: pd.DataFrame) -> dict[str, float]:
    """Shares in [0, 1]; reading and voice over matched mentions, speaker over those with a true speaker."""
    n = matches["kind"].value_counts().reindex(["matched", "missed", "extra"], fill_value=0)
    same = matches[matches["kind"] == "matched"]
    spoken = same[same["speaker"] != ""]
    acting = same[same["reading"] == "actor"]
    precision, recall = n["matched"] / (n["matched"] + n["extra"]), n["matched"] / (n["matched"] + n["missed"])
    place = same[same["found_reading"] == "place"]
    return {
        "mentions": float(n["matched"] + n["missed"]), "precision": precision, "recall": recall,
        "f1": 2 * precision * recall / (precision + recall),
        "reading": (same["reading"] == same["found_reading"]).mean(),
        "place_precision": (place["reading"] == "place").mean(),
        "voice": (same["voice"] == same["found_voice"]).mean(),
        "voice_of_actors": (acting["voice"] == acting["found_voice"]).mean(),
        "speaker": (spoken["speaker"] == spoken["found_speaker"]).mean(),
    }  # fmt: skip


def report(matches: pd.DataFrame) -> pd.DataFrame:
    """Figures of the outlets tuned on, held out, and each by itself."""
    groups = {"tuned on": matches["outlet"].isin(TUNED), "held out": ~matches["outlet"].isin(TUNED)}
    groups = {"all": matches["outlet"].notna(), **groups}
    groups["held out, no wire copy"] = ~matches["outlet"].isin(TUNED) & (matches["wire"] == "")
    groups |= {name: matches["outlet"] == name for name in sorted(matches["outlet"].unique())}
    return pd.DataFrame({name: measure(matches[rows]) for name, rows in groups.items() if rows.any()}).T


def show_errors(articles: pd.DataFrame, matches: pd.DataFrame, kind: str, outlets: list[str]) -> None:
    texts = articles.set_index("article_id")
    rows = matches[matches["outlet"].isin(outlets)]
    if kind in ("missed", "extra"):
        rows = rows[rows["kind"] == kind]
    else:
        rows = rows[(rows["kind"] == "matched") & (rows[kind] != rows[f"found_{kind}"])]
    for r in rows.itertuples(index=False):
        text = texts.loc[r.url, "title" if r.part == "title" else "text"]
        at, end = int(r.at), int(r.at) + len(r.surface)
        context = text[max(0, at - 150) : at] + "[[" + text[at:end] + "]]" + text[end : end + 120]
        label = (
            "" if kind in ("missed", "extra") else f"true {getattr(r, kind)!r} found {getattr(r, f'found_{kind}')!r}"
        )
        print(f"{r.outlet[4:9]} {r.actor} {label} | {context!r}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--truth", type=Path)
    parser.add_argument("--errors", nargs="+", default=[])
    parser.add_argument("--csv", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        articles, truth = read_truth(options.truth or build_truth(Path(temporary)))
    matches = match_mentions(articles, truth)
    table = report(matches)
    print(table.to_string(float_format=lambda x: f"{x:.3f}" if x <= 1 else f"{x:.0f}"))
    if options.csv:
        table.to_csv(options.csv, quoting=csv.QUOTE_MINIMAL, lineterminator="\n")
    if options.errors:
        show_errors(articles, matches, options.errors[0], options.errors[1:] or list(TUNED))


if __name__ == "__main__":
    main()

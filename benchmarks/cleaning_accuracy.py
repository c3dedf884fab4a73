"""How well page furniture is told from articles: whole pages, and pieces of pages.

    python benchmarks/cleaning_accuracy.py            development half of the pieces
    python benchmarks/cleaning_accuracy.py --test     the other half: only for a number that is going to be reported

pages: token F1 of the body against the ground truth, mean over 181 pages. Trafilatura alone in three settings, the
reader of web pages, the reader and clean_articles. pieces: share of the boilerplate that is removed, share of the
content that is kept; the halves are made of whole pages. Writes benchmarks/cleaning_accuracy.csv. Needs the folder
boilerplate in TOOLKIT_DATA.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import os
import re
import tempfile
from collections import Counter
from pathlib import Path
from urllib.parse import urlsplit

import pandas as pd

from toolkit.cleaning import clean_articles
from toolkit.readers import html
from toolkit.tables import empty_table

ROOT = Path(__file__).resolve().parents[1]
TRAFILATURA = {"default": {}, "fast": {"fast": True}, "precision": {"favor_precision": True}}


def as_articles(texts: list[str], outlets: list[str], titles: list[str | None]) -> pd.DataFrame:
    ids = [f"a{i}" for i in range(len(texts))]
    rows = empty_table("articles").reindex(range(len(texts)))
    rows = rows.assign(
        article_id=ids, outlet=outlets, text=texts, title=titles, source_file="-", story_id=ids, copied=0.0
    )
    return rows.astype({"title": "str"})


def token_f1(found: str, true: str) -> tuple[float, float, float]:
    a, b = (Counter(re.findall(r"\w+", text)) for text in (found, true))
    common = sum((a & b).values())
    precision, recall = common / max(1, a.total()), common / max(1, b.total())
    return (2 * precision * recall / (precision + recall) if common else 0.0), precision, recall


def pages(folder: Path) -> list[dict[str, object]]:
    import trafilatura

    truth = json.loads((folder / "ground-truth.json").read_text(encoding="utf-8"))
    bodies: dict[str, list[str]] = {name: [] for name in TRAFILATURA}
    items = []
    with tempfile.TemporaryDirectory() as made:
        for key in sorted(truth):
            page = gzip.decompress((folder / "pages" / f"{key}.html.gz").read_bytes())
            for name, options in TRAFILATURA.items():
                bodies[name].append(trafilatura.extract(page, include_comments=False, **options) or "")
            (Path(made) / "page.html").write_bytes(page)
            items += [getattr(item, "fields", {}) for item in html.read(Path(made) / "page.html", key, None)]
    read = [item.get("text", "") for item in items]
    outlets = [urlsplit(truth[key]["url"]).netloc or key for key in sorted(truth)]
    cleaned, _ = clean_articles(as_articles(read, outlets, [item.get("title") for item in items]))
    systems = {f"trafilatura, {name}": texts for name, texts in bodies.items()}
    systems |= {"reader": read, "reader and clean_articles": list(cleaned["text"])}
    rows: list[dict[str, object]] = []
    for name, texts in systems.items():
        scores = [token_f1(text, truth[key]["articleBody"]) for text, key in zip(texts, sorted(truth), strict=True)]
        f1, precision, recall = (sum(column) / len(scores) for column in zip(*scores, strict=True))
        rows.append(
            {"data": "pages", "system": name, "n": len(texts), "f1": f1, "precision": precision, "recall": recall}
        )
    return rows


def pieces(folder: Path, *, test: bool) -> list[dict[str, object]]:
    lines = (folder / "segments.jsonl").read_text(encoding="utf-8").splitlines()
    half = [
        row for row in map(json.loads, lines) if int(hashlib.sha256(row["file"].encode()).hexdigest(), 16) % 2 == test
    ]
    texts = [row["segment"] for row in half]
    # An outlet each, so that nothing recurs: patterns alone.
    cleaned, _ = clean_articles(as_articles(texts, [str(i) for i in range(len(half))], [None] * len(half)))
    gone = [not text.strip() for text in cleaned["text"]]
    boilerplate = [g for g, row in zip(gone, half, strict=True) if row["label"] == "boilerplate"]
    content = [not g for g, row in zip(gone, half, strict=True) if row["label"] == "content"]
    found = {"recall": sum(boilerplate) / len(boilerplate), "content_kept": sum(content) / len(content)}
    name = "pieces, test" if test else "pieces, development"
    return [{"data": name, "system": "patterns", "n": len(half), **found}]


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--test", action="store_true")
    args = parser.parse_args(argv)
    folder = Path(os.environ.get("TOOLKIT_DATA", "")) / "boilerplate"
    if not folder.is_dir():
        raise SystemExit(f"{folder} is not there: set TOOLKIT_DATA to the folder that holds boilerplate")
    rows = pages(folder) + pieces(folder, test=False) + (pieces(folder, test=True) if args.test else [])
    found = pd.DataFrame(rows).round(4)
    found.to_csv(ROOT / "benchmarks" / "cleaning_accuracy.csv", index=False)
    print(found.to_string(index=False))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

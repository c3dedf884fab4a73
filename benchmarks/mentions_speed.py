"""How fast find_mentions reads: megabytes of text a minute of processor time, with the full lexicon and all actors.

    python benchmarks/mentions_speed.py [--megabytes 4] [--jsonl FILE] [--csv FILE]

Text: articles of a JSONL file with a field `text`, or else the sample corpus's own sources (marks taken out), repeated
until there is enough.
"""

from __future__ import annotations

import argparse
import json
import re
import resource
import time
from pathlib import Path

import pandas as pd

from toolkit.actors import find_mentions, load_lexicon
from toolkit.sentences import find_attributions, split_sentences

ROOT = Path(__file__).resolve().parent.parent


def sample_texts() -> list[str]:
    """Articles of the sample corpus without their marks."""
    texts = []
    for path in sorted((ROOT / "datasets" / "idlib_2020" / "source").glob("*.txt")):
        for block in re.split(r"^=== .*$", path.read_text(encoding="utf-8"), flags=re.M)[1:]:
            body = re.sub(r"\[\[([^|\]]+)\|[^\]]*\]\]", r"\1", block.partition("\n---")[2])
            texts.append("\n".join(line for line in body.splitlines() if not line.startswith(("%%", "@@"))).strip())
    return [text for text in texts if text]


def to_articles(texts: list[str], megabytes: float) -> pd.DataFrame:
    """Enough articles, each text as often as needed."""
    taken, size = [], 0.0
    while size < megabytes * 1e6:
        text = texts[len(taken) % len(texts)]
        taken.append(text)
        size += len(text.encode())
    ids = [f"a{i}" for i in range(len(taken))]
    return pd.DataFrame(
        {"article_id": ids, "outlet": "x", "date": pd.Timestamp("2020-02-28"), "title": None, "text": taken,
         "url": None, "language": "en", "source_file": "x", "wire": None, "story_id": ids, "copied": 0.0}
    )  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=float, default=4)
    parser.add_argument("--jsonl", type=Path)
    parser.add_argument("--csv", type=Path)
    options = parser.parse_args()
    if options.jsonl:
        texts = [json.loads(line)["text"] for line in options.jsonl.open(encoding="utf-8")]
    else:
        texts = sample_texts()
    articles = to_articles([text for text in texts if text], options.megabytes)
    size = articles["text"].map(lambda text: len(text.encode())).sum() / 1e6
    rows = []
    started = time.process_time()
    lexicon = load_lexicon()
    list(lexicon.search("Ankara"))
    rows.append(("load the lexicon", time.process_time() - started, 0))
    for name, function in (
        ("names", lambda text: sum(1 for _ in lexicon.search(text))),
        ("sentences", lambda text: len(split_sentences(text))),
        ("attributions", lambda text: len(find_attributions(text))),
    ):
        started = time.process_time()
        found = sum(function(text) for text in articles["text"])
        rows.append((name, time.process_time() - started, found))
    started = time.process_time()
    found = len(find_mentions(articles))
    rows.append(("find_mentions (all of it)", time.process_time() - started, found))
    table = pd.DataFrame(rows, columns=["step", "seconds", "found"])
    table["MB_per_minute"] = (size / table["seconds"] * 60).where(table["found"] > 0)
    print(f"{size:.1f} MB, {len(articles)} articles, processor time")
    print(table.to_string(index=False, float_format="%.2f"))
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB")
    if options.csv:
        table.to_csv(options.csv, index=False, lineterminator="\n")


if __name__ == "__main__":
    main()

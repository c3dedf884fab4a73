"""How well group_stories tells copies from other articles, and how well it reads the agency.

    TOOLKIT_DATA=... python benchmarks/stories_accuracy.py [--seed 0] [--every 3] [--csv FILE]

Copies are made from real articles (allsides_actors, polnear, fakes_syria; cleaned; at least 60 words). In each round
every third article (another third in the next) gets one copy in another outlet, up to three days later, under another
headline; all originals and the copies are grouped together, so that an original has thousands of others that it must
not be grouped with, among them many on the same event and day. What a copy goes through, by round:

    trimmed     30-90 % kept, from the beginning
    reordered   the same, and its sentences in blocks of three in another order
    rewritten   the same, and a share of its blocks rewritten: every third word replaced by another of the article, so
                that no 5-gram is left (these words do not count as shared)
    furniture   the same, and 5-8 lines of page furniture that cleaning did not see
    first       the same, and its first block replaced by sentences of other articles
    mixed       all of that, and sentences of other articles before and after until the shared part is a share drawn
                evenly from 5-100 %

`share` is the part of the shorter text, in words, that was taken over unchanged. Foreign sentences come one by one from
different articles. A background round appends one real paragraph of 60-90 words to four excerpts of other articles, two
of the same day and two of other weeks, so that it makes up 30-65 % of each: grouping any two is a mistake.
Originals that are grouped without any copy (`real`, printed) are left out of the wrong pairs: nobody has labelled them.
"""

from __future__ import annotations

import argparse
import json
import os
import re
from collections import defaultdict
from itertools import chain, combinations
from pathlib import Path

import numpy as np
import pandas as pd

from toolkit.cleaning import clean_articles
from toolkit.stories import group_stories
from toolkit.tables import empty_table

ROUNDS = ("trimmed", "reordered", "rewritten", "furniture", "first", "mixed", "mixed")
FURNITURE = (
    "Get the latest headlines sent straight to your phone every morning before breakfast",
    "You may also want to look at our other reports from the region this week",
    "Our standards and practices can be found on the pages of the editorial board",
    "Tell your friends about this report and join the debate on our channels today",
    "Readers who liked this also liked the following pieces from our archive of the past year",
    "Our newsroom depends on people like you who pay for the work that we do",
    "Pictures of the day and more from our photographers around the world are one click away",
    "Have something to add to this report? Write to our editors at the usual address",
    "This page is best seen in a modern browser with scripts switched on",
)


def read(data: Path) -> pd.DataFrame:
    rows = []
    for name in ("allsides_actors/articles", "polnear/train", "polnear/dev", "fakes_syria/articles"):
        for n, line in enumerate((data / f"{name}.jsonl").open(encoding="utf-8")):
            r = json.loads(line)
            outlet, text = r.get("outlet") or r.get("source"), r.get("text") or r.get("article_content")
            date, title = r.get("published") or r.get("date"), r.get("title") or r.get("article_title")
            rows.append(
                (f"{name}:{n}", outlet, date, title, text or "", r.get("author"), r.get("credit"), r.get("wire"))
            )
    names = ["article_id", "outlet", "date", "title", "text", "byline", "credit", "true_wire"]
    table = pd.DataFrame(rows, columns=names)
    made = empty_table("articles").reindex(range(len(table))).assign(**table, source_file="x", copied=0.0)
    made["story_id"] = made["article_id"]
    made["date"] = pd.to_datetime(made["date"], format="mixed", errors="coerce").dt.normalize().astype("datetime64[us]")
    for column in ("title", "byline", "credit"):
        made[column] = made[column].astype("str")
    cleaned, _ = clean_articles(made)
    return cleaned


def sentences(text: str) -> list[list[str]]:
    return [s.split() for s in re.split(r"(?<=[.!?])\s+", text) if s.split()]


def blocks(listed: list[list[str]]) -> list[list[str]]:
    return [list(chain(*listed[i : i + 3])) for i in range(0, len(listed), 3)]


def rewrite(words: list[str], rng: np.random.Generator, stock: list[str]) -> list[str]:
    return [stock[int(rng.integers(len(stock)))] if k % 3 == 2 else word for k, word in enumerate(words)]


def copy(text: str, kind: str, rng: np.random.Generator, foreign: list[list[str]]) -> tuple[str, float]:
    """A changed copy, and the share of the shorter text that both have unchanged."""
    listed = sentences(text)
    stock = list(chain(*listed))
    keep = max(1, round(len(listed) * rng.uniform(0.3, 0.9)))
    parts = [(block, True) for block in blocks(listed[:keep])]
    mixed = kind == "mixed"

    def other() -> list[str]:
        return foreign[int(rng.integers(len(foreign)))]

    if kind == "first" or (mixed and rng.random() < 0.5):
        parts[0] = ([*other(), *other()], False)
    if kind == "rewritten" or (mixed and rng.random() < 0.5):
        part = rng.uniform(0, 0.5)
        parts = [(rewrite(b, rng, stock), False) if own and rng.random() < part else (b, own) for b, own in parts]
    if kind == "reordered" or (mixed and rng.random() < 0.5):
        parts = [parts[i] for i in rng.permutation(len(parts))]
    if kind == "furniture" or (mixed and rng.random() < 0.5):
        lines = [FURNITURE[i] for i in rng.permutation(len(FURNITURE))[: int(rng.integers(5, 9))]]
        parts = [*parts, *((line.split(), False) for line in lines)]
    shared = sum(len(b) for b, own in parts if own)
    if mixed:
        wanted = rng.uniform(0.05, 1.0)
        missing = shared / wanted - sum(len(b) for b, _ in parts)
        before, after = [], []
        while missing > 0:
            extra = other()
            missing -= len(extra)
            (before if rng.random() < 0.5 else after).append((extra, False))
        parts = [*before, *parts, *after]
    words = [word for block, _ in parts for word in block]
    return "\n\n".join(" ".join(block) for block, _ in parts), shared / max(1, min(len(words), len(stock)))


def group(originals: pd.DataFrame, extra: list[dict]) -> pd.DataFrame:
    added = (
        empty_table("articles").reindex(range(len(extra))).assign(**pd.DataFrame(extra), source_file="x", copied=0.0)
    )
    added["story_id"] = added["article_id"]
    columns = list(empty_table("articles").columns)
    both = pd.concat([originals[columns], added[columns]], ignore_index=True)
    for column in ("title", "url", "language", "wire"):
        both[column] = both[column].astype("str")
    return group_stories(both.astype({"date": "datetime64[us]"})).set_index("article_id")


def pairs_in(stories: pd.Series) -> set[tuple[str, str]]:
    members = defaultdict(list)
    for article, story in stories.items():
        members[story].append(article)
    return {pair for held in members.values() if len(held) > 1 for pair in combinations(sorted(held), 2)}


def measure_copies(originals: pd.DataFrame, seed: int, every: int) -> pd.DataFrame:
    """One row per copy: its kind, share, whether it was grouped; and the wrong pairs of its round."""
    real = pairs_in(group(originals, [])["story_id"])
    usual = {a for pair in real for a in pair}
    foreign = [s for text in originals["text"] if len(text.split()) >= 300 for s in sentences(text) if len(s) >= 8]
    rows = []
    for number, kind in enumerate(ROUNDS):
        rng = np.random.default_rng([seed, number])
        extra, shares = [], {}
        chosen = originals.iloc[number % every :: every]
        for article, date, text in chosen[["article_id", "date", "text"]].itertuples(index=False):
            made, share = copy(text, kind, rng, foreign)
            day = date + pd.Timedelta(days=int(rng.integers(0, 4))) if not pd.isna(date) else date
            row = {"article_id": f"{article}+", "outlet": f"Printer {rng.integers(40)}", "date": day, "text": made}
            extra.append({**row, "title": "Another headline altogether"})
            shares[article] = share
        stories = group(originals, extra)["story_id"]
        wrong = {
            p for p in pairs_in(stories)
            if p[0].rstrip("+") != p[1].rstrip("+") and (p[0].rstrip("+"), p[1].rstrip("+")) not in real
            and not usual.issuperset(a.rstrip("+") for a in p)
        }  # fmt: skip
        rows += [(kind, number, a, s, bool(stories[a] == stories[f"{a}+"]), len(wrong)) for a, s in shares.items()]
        if wrong:
            print(f"{kind}: {len(wrong)} wrong pairs, such as {sorted(wrong)[:3]}", flush=True)
    table = pd.DataFrame(rows, columns=["kind", "round", "article", "share", "found", "wrong"])
    table.attrs["real"] = len(real)
    return table


def measure_background(originals: pd.DataFrame, seed: int, n: int = 200) -> dict[str, int]:
    rng = np.random.default_rng([seed, 99])
    texts = [t for t in originals["text"] if len(t.split()) >= 300]
    extra, pairs = [], set()
    drawn = rng.permutation(len(texts))[: 5 * n].reshape(n, 5)
    for k, five in enumerate(drawn):
        picks = [texts[i] for i in five]
        shared = " ".join(list(chain(*sentences(picks[4])[3:]))[: int(rng.integers(60, 91))])
        for m, text in enumerate(picks[:4]):
            length = int(len(shared.split()) * rng.uniform(0.55, 2.3))
            day = pd.Timestamp("2031-01-01") + pd.Timedelta(days=40 * k + (0, 0, 14, 28)[m])
            extra.append({"article_id": f"b{k}-{m}", "outlet": f"Printer {m % 2 + (k % 2)}", "date": day, "title": None,
                          "text": " ".join(text.split()[:length]) + "\n\n" + shared})  # fmt: skip
        pairs.add((f"b{k}-0", f"b{k}-1"))
    # Without the originals: beside them the excerpts would be copies of old articles, and so background themselves.
    wrong = pairs_in(group(originals.iloc[:0], extra)["story_id"])
    return {"pairs": len(pairs), "grouped": len(wrong & pairs), "other weeks grouped": len(wrong - pairs)}


def measure_wire(articles: pd.DataFrame) -> pd.DataFrame:
    polnear = articles[articles["article_id"].str.startswith("polnear")].reset_index(drop=True)
    true = polnear["true_wire"].replace({"reuters": "Reuters", "NA": None})
    rows = []
    for given in ("text, author and credit", "text alone"):
        credits = polnear["credits"]
        if given == "text alone":
            table = polnear.drop(columns="byline")
        else:
            table = polnear.assign(credits=(credits.fillna("") + " | " + polnear["credit"].fillna("")).astype("str"))
        found = group_stories(table.assign(wire=pd.Series(None, index=table.index, dtype="str")))["wire"]
        for split in ("train", "dev", ""):
            of = polnear["article_id"].str.contains(f"/{split}")
            right = int((found[of] == true[of]).sum())
            named, wires = int(found[of].notna().sum()), int(true[of].notna().sum())
            rows.append((given, split or "both", int(of.sum()), wires, named, right, right / named, right / wires))
    return pd.DataFrame(rows, columns=["given", "split", "articles", "wire", "found", "right", "precision", "recall"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--every", type=int, default=3)
    parser.add_argument("--csv", type=Path, help="tables go to FILE with _kinds, _shares and _wire before .csv")
    options = parser.parse_args()
    articles = read(Path(os.environ["TOOLKIT_DATA"]))
    wire = measure_wire(articles)
    long = articles["text"].str.split().str.len() >= 60
    originals = articles[long].drop_duplicates("text").reset_index(drop=True)
    copies = measure_copies(originals, options.seed, options.every)
    print(f"\n{len(originals)} originals; {copies.attrs['real']} pairs of them are grouped without any copy (real)")
    half = copies[copies["share"] >= 0.5].groupby("kind", sort=False)["found"].agg(["size", "mean"])
    by = copies.groupby("kind", sort=False)
    wrong = copies.drop_duplicates("round").groupby("kind", sort=False)["wrong"].sum()
    kinds = pd.DataFrame({"copies": by.size(), "grouped": by["found"].sum(), "wrong_pairs": wrong,
                          "precision": by["found"].sum() / (by["found"].sum() + wrong),
                          "share_0.5_or_more": half["size"], "recall": half["mean"]}).reset_index()  # fmt: skip
    edges = np.round(np.arange(0, 1.01, 0.05), 2)
    of = copies[copies["kind"] == "mixed"]
    shares = of.groupby(pd.cut(of["share"].clip(upper=0.9999), edges, right=False), observed=True)["found"]
    shares = shares.agg(["size", "mean"]).rename(columns={"size": "copies", "mean": "grouped"}).reset_index()
    for table in (kinds, shares, wire):
        print("\n" + table.to_string(index=False, float_format="%.4f"))
    print("\nbackground", measure_background(originals, options.seed))
    if options.csv:
        for name, table in (("kinds", kinds), ("shares", shares), ("wire", wire)):
            path = options.csv.with_name(f"{options.csv.stem}_{name}.csv")
            table.to_csv(path, index=False, lineterminator="\n", float_format="%.4f")


if __name__ == "__main__":
    main()

"""Attributed words, attributions found and speakers on PolNeAR's development articles.

    python benchmarks/voices_accuracy.py [--data FOLDER] [--split dev] [--library FILE] [--csv FILE] [--errors KIND]

Folder: `polnear` of TOOLKIT_DATA (dev.jsonl; Newell, Margolin and Ruths, LREC 2018; no licence stated). The first
annotator of an article counts; "annotators" compares each pair of annotators of the articles that several read, in both
splits.
Figures of "tokens" are over words and numbers, pooled over articles. An attribution is found where at least half of its
words are in a found one, a found one is right where half of its words are in a true one. A true attribution is direct
where at least half of its words stand in quotation marks. A speaker is right where its words overlap the annotated
source, or both end with the same name ("Mr. Trump", "Donald Trump"); attributions whose source was not marked are left
out.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import re
from bisect import bisect_left
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from toolkit.sentences import Attribution, find_attributions
from toolkit.sentences.quotations import find_quotes
from toolkit.sentences.splitting import LINE

WORD = re.compile(r"[^\W_]+(?:['’.-][^\W_]+)*")
_Spans = list[tuple[int, int]]


@dataclass(frozen=True)
class Marked:
    """An annotated attribution: word numbers of its content, and where its source stands."""

    words: frozenset[int]
    source: _Spans
    direct: bool


@dataclass
class Count:
    """What is added up over articles."""

    tokens: list[int] = field(default_factory=lambda: [0, 0, 0])
    found: dict[str, list[int]] = field(default_factory=lambda: {"direct": [0, 0], "indirect": [0, 0]})
    right: list[int] = field(default_factory=lambda: [0, 0])
    speakers: dict[str, list[int]] = field(default_factory=lambda: {"direct": [0, 0], "indirect": [0, 0]})

    def row(self) -> dict[str, float]:
        both, true_only, found_only = self.tokens
        return {
            "precision": both / max(1, both + found_only), "recall": both / max(1, both + true_only),
            "f1": 2 * both / max(1, 2 * both + true_only + found_only),
            "found_direct": _ratio(self.found["direct"]), "found_indirect": _ratio(self.found["indirect"]),
            "right_of_found": _ratio(self.right),
            "speaker_direct": _ratio(self.speakers["direct"]), "speaker_indirect": _ratio(self.speakers["indirect"]),
            "n_direct": self.speakers["direct"][1], "n_indirect": self.speakers["indirect"][1],
        }  # fmt: skip


def _ratio(pair: list[int]) -> float:
    return pair[0] / pair[1] if pair[1] else float("nan")


def quotation_marks(text: str) -> list[Attribution]:
    """The plain rule: what stands in quotation marks is somebody else's."""
    quotes = [quote for line in LINE.finditer(text) for quote in find_quotes(text, *line.span())]
    return [Attribution(q.start + 1, q.end - q.closed, "quoted", None, None) for q in quotes]


def read_articles(path: Path) -> list[dict]:
    """The articles of one file."""
    with path.open(encoding="utf-8") as handle:
        return [json.loads(line) for line in handle]


class Article:
    """An article, its words, and what its annotators marked."""

    def __init__(self, row: dict) -> None:
        self.id, self.text = row["id"], row["text"]
        self.starts = [match.start() for match in WORD.finditer(self.text)]
        self.annotators = list(row["attributions"].values())
        quotes = [(q.start, q.end) for line in LINE.finditer(self.text) for q in find_quotes(self.text, *line.span())]
        self.quoted = self.words(quotes)

    def words(self, spans: _Spans) -> frozenset[int]:
        inside = (i for start, end in spans for i in self._between(start, end))
        return frozenset(inside)

    def _between(self, start: int, end: int) -> range:
        return range(bisect_left(self.starts, start), bisect_left(self.starts, end))

    def true(self, annotator: int = 0) -> Iterator[Marked]:
        for item in self.annotators[annotator]:
            words = self.words(item["content"])
            if words:
                direct = len(words & self.quoted) * 2 >= len(words)
                yield Marked(words, [tuple(span) for span in item["source"]], direct)


def speaker_is_right(text: str, found: tuple[int, int] | None, source: _Spans) -> bool:
    """Same place, or the same last name."""
    if found is None:
        return False
    if any(start < found[1] and found[0] < end for start, end in source):
        return True
    names = [re.findall(r"\b[A-Z][\w’'-]+", text[start:end]) for start, end in [found, *source]]
    last = [re.sub(r"['’]s$", "", words[-1]) for words in names if words]
    return len(last) == len(names) and last[0] in last[1:]


def compare(count: Count, article: Article, found: list[Attribution], wrong: list[tuple[str, str]]) -> None:
    """Add one article to the count, and what went wrong to `wrong`."""
    true = list(article.true())
    true_words = frozenset().union(*(item.words for item in true)) if true else frozenset()
    pieces = [(article.words([(a.start, a.end)]), a) for a in found]
    found_words = frozenset().union(*(words for words, _ in pieces)) if pieces else frozenset()
    for i, words in enumerate((true_words & found_words, true_words - found_words, found_words - true_words)):
        count.tokens[i] += len(words)
    for words, a in pieces:
        if words:
            count.right[1] += 1
            right = len(words & true_words) * 2 >= len(words)
            count.right[0] += right
            if not right:
                wrong.append(("extra", _around(article.text, a.start, a.end)))
    for item in true:
        kind = "direct" if item.direct else "indirect"
        is_found = len(item.words & found_words) * 2 >= len(item.words)
        count.found[kind][1] += 1
        count.found[kind][0] += is_found
        start, end = article.starts[min(item.words)], article.starts[max(item.words)]
        if not is_found:
            wrong.append((f"missed {kind}", _around(article.text, start, end)))
        elif item.source:
            _, best = _best(pieces, item)
            span = None if best.speaker_start is None else (best.speaker_start, best.speaker_end)
            right = speaker_is_right(article.text, span, item.source)
            count.speakers[kind][1] += 1
            count.speakers[kind][0] += right
            if not right:
                given = None if span is None else article.text[slice(*span)]
                true_source = [article.text[s:e] for s, e in item.source]
                wrong.append((f"speaker {kind}", f"{given!r} is {true_source}: {_around(article.text, start, end)}"))


def _best(pieces: list, item: Marked) -> tuple:
    voice = "quoted" if item.direct else "reported"
    return max(pieces, key=lambda p: (len(p[0] & item.words), p[1].voice == voice, -len(p[0])))


def _around(text: str, start: int, end: int) -> str:
    return f"{text[max(0, start - 100) : start]}[[{text[start:end]}]]{text[end : end + 80]}".replace("\n", "|")


def measure(articles: list[Article], system: Callable[[Article], list[Attribution]]) -> tuple[dict, list]:
    """The figures of one system, and its errors."""
    count, wrong = Count(), []
    for article in articles:
        compare(count, article, system(article), wrong)
    return count.row(), wrong


def annotators(articles: list[Article]) -> dict[str, float]:
    """Token F1 between two annotators, over all pairs of the articles that several read."""
    both = one = 0
    for article in articles:
        marked = [frozenset().union(*(t.words for t in article.true(i))) for i in range(len(article.annotators))]
        for a, b in itertools.combinations(marked, 2):
            both += len(a & b)
            one += len(a) + len(b)
    return {"f1": 2 * both / max(1, one)}


def read_library(path: Path) -> dict[str, list[Attribution]]:
    """What another library found: JSONL with id and spans [start, end, speaker_start, speaker_end]."""
    with path.open(encoding="utf-8") as handle:
        rows = [json.loads(line) for line in handle]
    return {row["id"]: [Attribution(s, e, "quoted", a, b) for s, e, a, b in row["spans"]] for row in rows}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("TOOLKIT_DATA", "")) / "polnear")
    parser.add_argument("--split", default="dev")
    parser.add_argument("--limit", type=int)
    parser.add_argument("--library", type=Path)
    parser.add_argument("--csv", type=Path)
    parser.add_argument("--errors", help='print errors of the tagger: "extra", "missed indirect", "speaker direct" ...')
    options = parser.parse_args()
    articles = [Article(row) for row in read_articles(options.data / f"{options.split}.jsonl")][: options.limit]
    rows, errors = {}, {}
    systems: dict[str, Callable[[Article], list[Attribution]]] = {
        "quotation marks": lambda article: quotation_marks(article.text),
        "rules": lambda article: find_attributions(article.text, "rules"),
        "tagger": lambda article: find_attributions(article.text),
    }
    if options.library:
        held = read_library(options.library)
        systems["library"] = lambda article: held.get(article.id, [])
    for name, system in systems.items():
        rows[name], errors[name] = measure(articles, system)
    several = [Article(row) for split in ("train", "dev") for row in read_articles(options.data / f"{split}.jsonl")]
    rows["annotators"] = annotators([article for article in several if len(article.annotators) > 1])
    table = pd.DataFrame(rows).T
    print(table.to_string(float_format=lambda x: f"{x:.3f}" if x <= 1 else f"{x:.0f}"))
    if options.csv:
        table.to_csv(options.csv, lineterminator="\n", float_format="%.4f")
    if options.errors:
        for kind, line in errors["tagger"]:
            if kind == options.errors:
                print(line)


if __name__ == "__main__":
    main()

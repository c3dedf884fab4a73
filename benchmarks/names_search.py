"""Three ways to find the names of the lexicon in text, all exact: which is the fastest?

    python benchmarks/names_search.py [--megabytes 4] [--jsonl FILE] [--lexicon FOLDER] [--csv FILE]

- words: the words of a text that begin a name lead to the lengths of these names (what the toolkit does)
- tree: a tree of letters as one regular expression
- automaton: Aho-Corasick (pyahocorasick, if it is installed), longest match chosen afterwards

All three give the same names at the same places, or the script says where they differ.
"""

from __future__ import annotations

import argparse
import json
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd
from mentions_speed import sample_texts, to_articles

from toolkit.actors import load_lexicon
from toolkit.actors.surfaces import SurfaceTable, ends_name, same_length

Span = tuple[int, int]


def begins(text: str, start: int) -> bool:
    before = text[start - 1 : start]
    return not (before.isalnum() or (before in ("_", "@") and before != ""))


def by_words(table: SurfaceTable) -> Callable[[str], Iterator[Span]]:
    return lambda text: ((start, end) for start, end, _ in table.find(text))


def by_tree(table: SurfaceTable) -> Callable[[str], Iterator[Span]]:
    tree: dict[str, Any] = {}
    plural = {f"{name}s" for name, found in table.senses.items() if ends_name(f"{name}s", len(name), found)}
    for surface in table.senses.keys() | plural:
        node = tree
        for char in surface:
            node = node.setdefault(char, {})
        node[""] = {}

    def pattern(node: dict[str, Any]) -> str:
        branches = [re.escape(char) + pattern(below) for char, below in sorted(node.items()) if char]
        if not branches:
            return ""
        joined = branches[0] if len(branches) == 1 else f"(?:{'|'.join(branches)})"
        return f"(?:{joined})?" if "" in node else joined

    compiled = re.compile(rf"(?<![\w@])(?:{pattern(tree)})(?!\w)")
    lost = plural - table.senses.keys()
    return lambda text: ((m.start(), m.end() - (m.group() in lost)) for m in compiled.finditer(text))


def by_automaton(table: SurfaceTable) -> Callable[[str], Iterator[Span]] | None:
    try:
        import ahocorasick
    except ImportError:
        return None
    automaton = ahocorasick.Automaton()
    for surface in table.senses:
        automaton.add_word(surface, len(surface))
    automaton.make_automaton()

    def find(text: str) -> Iterator[Span]:
        longest: dict[int, int] = {}
        for last, size in automaton.iter(text):
            start, end = last + 1 - size, last + 1
            if begins(text, start) and ends_name(text, end, table.senses[text[start:end]]):
                longest[start] = max(end, longest.get(start, 0))
        reached = 0
        for start in sorted(longest):
            if start >= reached:
                reached = longest[start]
                yield start, reached

    return find


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=float, default=4)
    parser.add_argument("--jsonl", type=Path)
    parser.add_argument("--lexicon", type=Path)
    parser.add_argument("--csv", type=Path)
    options = parser.parse_args()
    texts = sample_texts()
    if options.jsonl:
        texts = [json.loads(line)["text"] for line in options.jsonl.open(encoding="utf-8")]
    texts = [same_length(text) for text in to_articles([t for t in texts if t], options.megabytes)["text"]]
    size = sum(len(text.encode()) for text in texts) / 1e6
    table = load_lexicon(extra=options.lexicon).table
    rows, first = [], None
    for name, make in (("words", by_words), ("tree", by_tree), ("automaton", by_automaton)):
        started = time.process_time()
        find = make(table)
        if find is None:
            print("automaton: pyahocorasick is not installed, left out")
            continue
        built = time.process_time() - started
        list(find(texts[0]))
        started = time.process_time()
        found = [list(find(text)) for text in texts]
        seconds = time.process_time() - started
        first = first or found
        differ = sum(a != b for a, b in zip(first, found, strict=True))
        rows.append((name, built, seconds, size / seconds * 60, sum(map(len, found)), differ))
    result = pd.DataFrame(rows, columns=["way", "build_s", "seconds", "MB_per_minute", "found", "texts_that_differ"])
    print(f"{size:.1f} MB, {len(texts)} texts, {len(table.senses)} spellings, one core")
    print(result.to_string(index=False, float_format="%.2f"))
    if options.csv:
        result.to_csv(options.csv, index=False, lineterminator="\n")


if __name__ == "__main__":
    main()

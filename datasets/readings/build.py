"""Make train.jsonl, dev.jsonl and test.jsonl from source/ (see GUIDE.md).

python3 build.py            write the three files
python3 build.py --check    report faults, counts and how much can be guessed without reading, write nothing

Needs the standard library alone, and ../actor_tone/build.py for the search for shared frames. source/*.txt holds the
sentences with their marks, in groups; a group is of one split.
"""

from __future__ import annotations

import importlib.util
import json
import re
import sys
from collections import Counter, defaultdict
from pathlib import Path
from types import ModuleType
from typing import Any

HERE = Path(__file__).resolve().parent
SPLITS = ("train", "dev", "test")
LABELS = ("actor", "place")
FORMS = ("name", "capital", "city", "demonym", "seat")
MARK = re.compile(r"\[\[([^|\[\]]+)\|(\w+)\|(\w+)\]\]")
GROUP = re.compile(r"== (\d{3}) \| (train|dev|test) \| (.+)")


class SourceError(Exception):
    """What is wrong with the source, for a reader of the terminal."""


def sibling() -> ModuleType:
    """The build of actor_tone, whose search for shared frames serves here too."""
    spec = importlib.util.spec_from_file_location("actor_tone_build", HERE.parent / "actor_tone" / "build.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def split_marks(marked: str) -> tuple[str, list[tuple[int, int, str, str]]]:
    """The sentence without marks, and (start, end, label, form) of each mark."""
    sentence, places, last = "", [], 0
    for match in MARK.finditer(marked):
        sentence += marked[last : match.start()]
        places.append((len(sentence), len(sentence) + len(match[1]), match[2], match[3]))
        sentence += match[1]
        last = match.end()
    return sentence + marked[last:], places


def items() -> list[dict[str, Any]]:
    """All items in the order of the source."""
    made: list[dict[str, Any]] = []
    group, split, number = "", "", 0
    for path in sorted((HERE / "source").glob("*.txt")):
        for at, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if not line.strip():
                continue
            if match := GROUP.fullmatch(line):
                group, split, number = match[1], match[2], 0
                continue
            register, _, marked = line.partition(" | ")
            sentence, places = split_marks(marked)
            where = f"{path.name}, line {at}"
            if not group or not places or "[[" in sentence or "]]" in sentence:
                raise SourceError(f"{where} is no line of a source: {line[:80]!r}")
            number += 1
            for mark, (start, end, label, form) in enumerate(places):
                if label not in LABELS or form not in FORMS:
                    raise SourceError(f"{where}: {label!r}, {form!r}; labels: {LABELS}, forms: {FORMS}")
                key = f"{group}.{number:02d}" + ("abcdefgh"[mark] if len(places) > 1 else "")
                made.append(
                    {"id": key, "sentence": sentence, "start": start, "end": end, "label": label, "form": form,
                     "group": group, "register": register, "split": split}
                )  # fmt: skip
    return made


def name_of(item: dict[str, Any]) -> str:
    return str(item["sentence"][item["start"] : item["end"]]).casefold()


def check(found: list[dict[str, Any]]) -> None:
    print(
        f"{len(found)} items, {len({i['sentence'] for i in found})} sentences, {len({i['group'] for i in found})} groups"
    )
    for key in ("split", "label", "form", "register"):
        print(key, dict(Counter(i[key] for i in found).most_common()))
    by_name: dict[str, set[str]] = defaultdict(set)
    times = Counter(name_of(i) for i in found)
    for item in found:
        by_name[name_of(item)].add(item["label"])
    often = [name for name, n in times.items() if n >= 3]
    both = sum(len(by_name[name]) == 2 for name in often)
    print(f"names {len(times)}; of {len(often)} that stand three times or more, {both} have both labels")
    named = [i | {"name": name_of(i)} for i in found]
    for key in ("name", "form", "register"):
        print(f"label in test guessed from {key} alone: {sibling().guessable(named, key):.3f}")
    shared = sibling().frames_across(found)
    print(f"runs of words that two splits share: {len(shared)}")
    for run, first, second in shared:
        print(f"  {first} ~ {second}: {run}")
    twice = [s for s, n in Counter((i["sentence"], i["start"]) for i in found).items() if n > 1]
    print(f"items that stand twice: {len(twice)} {twice[:3]}")


def main(arguments: list[str]) -> int:
    try:
        found = items()
    except SourceError as error:
        print(f"build.py: {error}", file=sys.stderr)
        return 1
    if arguments[:1] == ["--check"]:
        check(found)
        return 0
    for split in SPLITS:
        lines = [
            json.dumps({k: v for k, v in i.items() if k != "split"}, ensure_ascii=False)
            for i in found
            if i["split"] == split
        ]
        (HERE / f"{split}.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Make train.jsonl, dev.jsonl and test.jsonl from source/ (see GUIDE.md).

python3 build.py                write the three files
python3 build.py --check        report faults, counts and how much can be guessed without reading, write nothing
python3 build.py --blind N OUT  write a blind sheet: N items drawn evenly over labels, targets marked, labels left out

Needs the standard library alone. source/plan.csv says for each sentence which actor gets which label in which register;
source/texts_*.txt holds the sentences. Labels that the adjudication changed stand in source/adjudicated.csv.
"""

from __future__ import annotations

import csv
import json
import random
import re
import sys
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
SPLITS = ("train", "dev", "test")
LABELS = {"neg": "negative", "neu": "neutral", "pos": "positive"}
MARK = re.compile(r"\[\[(?:([12]):)?([^\[\]]+)\]\]")
LINE = re.compile(r"(\d{3}\.\d{2})(?: !([a-z,]+))? \| (.+)")
EVENT = re.compile(r"== EVENT (\d{3}) \| (.+)")
KINDS = {
    "armed group": "hezbollah hamas sdf hts syrian_opposition pkk houthis libyan_national_army rsf_sudan tplf taliban arakan_army eln m23",
    "organisation": "un arab_league gcc eu african_union nato osce asean oas ecowas who icc iaea",
}
FRAME = 6
"""Two sentences share a frame where so many words in a row are the same, names and numbers left out."""


class SourceError(Exception):
    """What is wrong with the source, for a reader of the terminal."""


def kind_of(actor: str) -> str:
    return next((kind for kind, ids in KINDS.items() if actor in ids.split()), "state")


def read_texts() -> tuple[dict[str, tuple[str, list[str]]], dict[str, str]]:
    """Id -> the marked sentence and the labels that stand in the place of the planned ones; event -> what it is."""
    texts: dict[str, tuple[str, list[str]]] = {}
    events: dict[str, str] = {}
    for path in sorted((HERE / "source").glob("texts_*.txt")):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if not line.strip():
                continue
            if match := EVENT.fullmatch(line.strip()):
                events[match[1]] = match[2].strip()
            elif match := LINE.fullmatch(line.strip()):
                if match[1] in texts:
                    raise SourceError(f"{path.name}, line {number}: {match[1]} stands twice")
                texts[match[1]] = (match[3].strip(), match[2].split(",") if match[2] else [])
            else:
                raise SourceError(f"{path.name}, line {number} is no line of a source: {line[:80]!r}")
    return texts, events


def read_plan() -> list[dict[str, str]]:
    with (HERE / "source" / "plan.csv").open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def adjudicated() -> dict[str, str]:
    """Item -> the label after adjudication; ``drop`` takes the item out."""
    path = HERE / "source" / "adjudicated.csv"
    if not path.is_file():
        return {}
    with path.open(encoding="utf-8", newline="") as handle:
        return {row["id"]: row["label"] for row in csv.DictReader(handle)}


def split_marks(marked: str) -> tuple[str, dict[str, tuple[int, int]]]:
    """The sentence without marks, and number of the mark -> its place."""
    sentence, places, last = "", {}, 0
    for match in MARK.finditer(marked):
        sentence += marked[last : match.start()]
        places[match[1] or "1"] = (len(sentence), len(sentence) + len(match[2]))
        sentence += match[2]
        last = match.end()
    return sentence + marked[last:], places


def items() -> list[dict[str, Any]]:
    """All items in the order of the plan."""
    texts, _ = read_texts()
    final = adjudicated()
    made: list[dict[str, Any]] = []
    for row in read_plan():
        if row["id"] not in texts:
            raise SourceError(f"{row['id']} has no sentence")
        marked, changed = texts.pop(row["id"])
        sentence, places = split_marks(marked)
        wanted = ["1", "2"] if row["actor2"] else ["1"]
        if sorted(places) != wanted:
            raise SourceError(f"{row['id']}: expected the marks {wanted}, found {sorted(places)}: {marked}")
        for mark in wanted:
            actor = row["actor"] if mark == "1" else row["actor2"]
            planned = row["label"] if mark == "1" else row["label2"]
            label = changed[int(mark) - 1] if changed else planned
            if label not in LABELS:
                raise SourceError(f"{row['id']}: {label!r} is no label; valid: {', '.join(LABELS)}")
            key = row["id"] + ("ab"[int(mark) - 1] if row["actor2"] else "")
            label = final.get(key, LABELS[label])
            if label == "drop":
                continue
            start, end = places[mark]
            made.append(
                {
                    "id": key, "sentence": sentence, "start": start, "end": end, "label": label, "group": row["event"],
                    "actor": actor, "kind": kind_of(actor), "register": row["register"],
                    "phenomenon": row["phenomenon"], "pair": row["pair"], "split": row["split"],
                }
            )  # fmt: skip
    if texts:
        raise SourceError(f"{min(texts)} is not in the plan")
    return made


def words_of(item: dict[str, Any]) -> list[str]:
    """The words of a sentence with names and numbers left out, the target as one."""
    text = item["sentence"][: item["start"]] + " xtargetx " + item["sentence"][item["end"] :]
    tokens = re.findall(r"[\w'’]+|[.!?;:—]", text)
    kept = [
        t
        for i, t in enumerate(tokens)
        if not (t[0].isupper() and i and tokens[i - 1] not in ".!?;:—") and not t[0].isdigit()
    ]
    return [t.lower() for t in kept if t not in ".!?;:—"]


def frames_across(found: list[dict[str, Any]]) -> list[tuple[str, str, str]]:
    """Pairs of items of two splits that share a run of words."""
    seen: dict[tuple[str, ...], dict[str, str]] = defaultdict(dict)
    for item in found:
        words = words_of(item)
        for i in range(len(words) - FRAME + 1):
            seen[tuple(words[i : i + FRAME])].setdefault(item["split"], item["id"])
    shared = []
    for run, by_split in seen.items():
        if len(by_split) > 1:
            first, second = list(by_split.items())[:2]
            shared.append((" ".join(run), f"{first[0]} {first[1]}", f"{second[0]} {second[1]}"))
    return sorted(shared)


def guessable(found: list[dict[str, Any]], key: str) -> float:
    """How often the commonest label of each value of `key` in train is right in test."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for item in found:
        if item["split"] == "train":
            counts[item[key]][item["label"]] += 1
    test = [item for item in found if item["split"] == "test"]
    return sum(counts[i[key]].most_common(1)[0][0] == i["label"] for i in test if counts[i[key]]) / len(test)


def check(found: list[dict[str, Any]]) -> None:
    print(
        f"{len(found)} items, {len({i['sentence'] for i in found})} sentences, {len({i['group'] for i in found})} events"
    )
    for key in ("split", "label", "kind", "register", "phenomenon"):
        print(key, dict(Counter(i[key] for i in found).most_common()))
    pairs: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for item in found:
        if item["pair"]:
            pairs[item["pair"]].append(item)
    minimal = [p for p in pairs.values() if len(p) == 2 and p[0]["label"] != p[1]["label"]]
    edits = [p for p in minimal if p[0]["sentence"] != p[1]["sentence"]]
    print(f"minimal pairs {len(minimal)}: {len(edits)} of edited sentences, {len(minimal) - len(edits)} of two targets")
    by_actor: dict[str, Counter[str]] = defaultdict(Counter)
    for item in found:
        by_actor[item["actor"]][item["label"]] += 1
    lacking = {actor: dict(c) for actor, c in by_actor.items() if len(c) < 3}
    print(f"actors {len(by_actor)}, without one of the labels: {lacking or 'none'}")
    for key in ("actor", "register", "phenomenon", "kind"):
        print(f"label in test guessed from {key} alone: {guessable(found, key):.3f}")
    lengths = sorted(len(i["sentence"].split()) for i in found)
    print(f"words: {lengths[0]} to {lengths[-1]}, median {lengths[len(lengths) // 2]}")
    shared = frames_across(found)
    print(f"runs of {FRAME} words that two splits share: {len(shared)}")
    for run, first, second in shared:
        print(f"  {first} ~ {second}: {run}")
    twice = [s for s, n in Counter((i["sentence"], i["start"]) for i in found).items() if n > 1]
    print(f"items that stand twice: {len(twice)} {twice[:3]}")


def blind(found: list[dict[str, Any]], number: int, out: Path) -> None:
    rng = random.Random(2020)
    by_label: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for item in found:
        by_label[item["label"]].append(item)
    drawn = [i for label in sorted(by_label) for i in rng.sample(by_label[label], number // 3)]
    rng.shuffle(drawn)
    with out.open("w", encoding="utf-8") as handle:
        for i in drawn:
            s = i["sentence"]
            handle.write(f"{i['id']} | {s[: i['start']]}[[{s[i['start'] : i['end']]}]]{s[i['end'] :]}\n")


def main(arguments: list[str]) -> int:
    try:
        found = items()
    except SourceError as error:
        print(f"build.py: {error}", file=sys.stderr)
        return 1
    if arguments[:1] == ["--check"]:
        check(found)
    elif arguments[:1] == ["--blind"]:
        blind(found, int(arguments[1]), Path(arguments[2]))
    else:
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

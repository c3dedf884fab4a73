"""What the shipped lexicon lacks of other people's lists: states, capitals, demonyms, heads of state, six languages.

    python benchmarks/lexicon_coverage.py [--missing] [--csv FILE]

The lists stand in the folder `actors` of TOOLKIT_DATA: countries.jsonl (mledoze/countries), newsmap_*.yml (newsmap),
Phoenix.Countries.actors.txt (petrarch2; governments to 2014). Nothing of them is copied: a name of theirs counts as
covered where the toolkit finds it as the same actor. `--missing` lists what is not.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import yaml

from toolkit.actors import Lexicon, load_lexicon
from toolkit.actors.surfaces import plain

DATED = re.compile(r"\s*\[([A-Z]{3})GOV (?:>\d{6}|\d{6}-(?:9|0|1[0-4])\d{5})\]")
"""Somebody of a government, in office in 1990 or later."""
TITLED = re.compile(r"(?:PRESIDENT|PRIME MINISTER|PREMIER|CHANCELLOR|KING|QUEEN|EMIR|SULTAN) ")
LANGUAGES = {"english": "en", "turkish": "tr", "russian": "ru", "arabic": "ar", "french": "fr", "german": "de"}
TRANSLATIONS = {"deu": "de", "fra": "fr", "rus": "ru", "spa": "es", "tur": "tr", "ara": "ar"}


def states(folder: Path) -> list[dict]:
    with (folder / "countries.jsonl").open(encoding="utf-8") as handle:
        return [json.loads(line) for line in handle]


def by_code(lexicon: Lexicon, rows: list[dict]) -> dict[str, str]:
    """Two-letter code -> actor, by the common or official name."""
    names = {plain(name).lower(): a.id for a in lexicon.actors.values() if a.kind == "state" for name in a.names}
    found = {}
    for row in rows:
        tried = [row["name"]["common"], row["name"]["official"], *row["altSpellings"]]
        keys = [names[k] for name in tried if (k := plain(name).lower()) in names and len(name) > 2]
        if keys:
            found[row["cca2"]] = keys[0]
    return found


def finds(lexicon: Lexicon, name: str, actor: str, language: str) -> bool:
    if language == "en":
        hits = [(start, end, found) for start, end, found, _, _ in lexicon.search(name)]
        hits += [(0, len(name), s.actor) for s in lexicon.table.senses.get(name, ())]
        people = [s for _, _, senses in lexicon.table.find(name) for s in senses if s.person]
        return any(found == actor for _, _, found in hits) or any(
            term.actor == actor for s in people if s.person for term in s.person.terms
        )
    return any(hit.actor.partition(".")[0] == actor for hit in lexicon.names_in(language).find(name, None))


def countries(lexicon: Lexicon, rows: list[dict], codes: dict[str, str]) -> Iterator[tuple[str, str, str, bool]]:
    for row in rows:
        actor = codes.get(row["cca2"])
        yield "countries: states and territories", "en", row["name"]["common"], actor is not None
        if actor is None:
            continue
        for name in {row["name"]["common"], row["name"]["official"]}:
            yield "countries: names", "en", name, finds(lexicon, name, actor, "en")
        for name in row["capital"]:
            yield "countries: capitals", "en", name, finds(lexicon, name, actor, "en")
        demonym = row.get("demonyms", {}).get("eng", {}).get("m")
        if demonym:
            yield "countries: demonyms", "en", demonym, finds(lexicon, demonym, actor, "en")
        for code, language in TRANSLATIONS.items():
            name = row["translations"].get(code, {}).get("common")
            if name:
                yield "countries: names", language, name, finds(lexicon, name, actor, language)


def newsmap(lexicon: Lexicon, folder: Path, codes: dict[str, str]) -> Iterator[tuple[str, str, str, bool]]:
    for name, language in LANGUAGES.items():
        listed = yaml.safe_load((folder / f"newsmap_{name}.yml").read_text(encoding="utf-8"))
        for continent in listed.values():
            for area in continent.values():
                for code, words in area.items():
                    actor = codes.get(str(code))
                    for word in words if actor else []:
                        word = unicodedata.normalize("NFC", str(word))
                        if "*" not in word:
                            yield "newsmap: names and cities", language, word, finds(lexicon, word, actor, language)
                        elif language == "en":
                            stem = word.rstrip("*").lower()
                            own = lexicon.actors[actor]
                            held = any(plain(n).lower().startswith(plain(stem)) for n in own.adjectives + own.people)
                            yield "newsmap: demonyms", language, word, held


def phoenix(
    lexicon: Lexicon, folder: Path, rows: list[dict], codes: dict[str, str]
) -> Iterator[tuple[str, str, str, bool]]:
    """Names with a title among them, a role in government and a date: `[TURGOV >030314]`."""
    three = {row["cca3"]: codes[row["cca2"]] for row in rows if row["cca2"] in codes}
    names: list[str] = []
    seen: set[str] = set()
    for line in (folder / "Phoenix.Countries.actors.txt").read_text(encoding="utf-8", errors="replace").splitlines():
        code = DATED.match(line)
        if line.startswith(("#", "\t#")) or not line.strip():
            continue
        if not line.startswith(("\t", " ")) and not line.startswith("+"):
            names = []
        if line.startswith("+") or not line.startswith(("\t", " ")):
            names.append(re.split(r"\s*[;\[#]", line.lstrip("+"))[0].strip("_ ").replace("_", " "))
        led = any(TITLED.match(name) for name in names)
        if code and code.group(1) in three and names[0] not in seen and names[0].count(" ") in (1, 2):
            seen.add(names[0])
            held = any(finds(lexicon, n.title(), three[code.group(1)], "en") for n in names)
            yield "Phoenix: whole governments", "en", names[0], held
            if led:
                yield "Phoenix: presidents, kings, prime ministers", "en", names[0], held


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--missing", action="store_true")
    parser.add_argument("--csv", type=Path)
    options = parser.parse_args()
    folder = Path(os.environ.get("TOOLKIT_DATA", "")) / "actors"
    if not (folder / "countries.jsonl").exists():
        raise SystemExit("needs the folder actors of TOOLKIT_DATA")
    lexicon = load_lexicon()
    rows = states(folder)
    codes = by_code(lexicon, rows)
    checks = [
        *countries(lexicon, rows, codes),
        *newsmap(lexicon, folder, codes),
        *phoenix(lexicon, folder, rows, codes),
    ]
    table = pd.DataFrame(checks, columns=["list", "language", "name", "covered"]).drop_duplicates()
    summary = (
        table.groupby(["list", "language"])["covered"].agg(names="size", covered="sum", share="mean").reset_index()
    )
    persons = {leader.name for a in lexicon.actors.values() for leader in a.leaders}
    kinds = pd.Series([a.kind for a in lexicon.actors.values()]).value_counts().to_dict()
    print(
        f"{len(lexicon.actors)} actors {kinds}, {len(persons)} persons, {len(lexicon.table.senses)} English spellings"
    )
    print(summary.to_string(index=False, float_format="%.3f"))
    if options.missing:
        lacking: dict[tuple[str, str], list[str]] = defaultdict(list)
        for row in table[~table["covered"]].itertuples(index=False):
            lacking[row.list, row.language].append(row.name)
        for (kind, language), names in lacking.items():
            print(f"\n{kind}, {language}: {', '.join(names)}")
    if options.csv:
        summary.to_csv(options.csv, index=False, lineterminator="\n")


if __name__ == "__main__":
    main()

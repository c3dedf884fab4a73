"""Fill in the coding sheets of a sample from the sample corpus, as its two codings would have.

    toolkit sample runs/idlib_2020 --n 400 --coders anna --out sheets
    python datasets/idlib_2020/code_sheets.py sheets

anna.xlsx is filled with the labels of the corpus's authors (truth/mentions.csv; coded_further.csv for names that the truth
does not mark, such as "the army"). ben.csv holds what the second, blind pass
(second_pass.csv, 43 of 129 articles) says of the mentions drawn. Both are by the authors of the corpus: this shows how
coding goes, and is no evidence about independent coders. With --decide, what the two disagree on is decided by a third
(clara), who sides with the authors.
"""

from __future__ import annotations

import argparse
import json
import runpy
import tempfile
from pathlib import Path

import pandas as pd

HERE = Path(__file__).resolve().parent


def labels_of(drawn: pd.DataFrame, articles: pd.DataFrame, labels: pd.DataFrame) -> dict[str, str]:
    """Mention id -> tone, for the drawn mentions that were labelled at the same place of the same article."""
    texts = articles.drop_duplicates("url").set_index("url")
    urls = articles.set_index("article_id")["url"]
    places = {(row.url, row.actor, context(row.body, row.start, row.end)): row.tone for row in labels.itertuples()}
    found = {}
    for row in drawn.itertuples():
        url = urls[row.article_id]
        title = row.part == "title"
        text = texts.at[url, "title" if title else "text"]
        at = int(row.start if title else row.position)
        tone = places.get((url, row.actor, context(text, at, at + row.end - row.start)))
        if tone:
            found[row.mention_id] = tone
    return found


def context(text: str, start: int, end: int) -> str:
    """The name with the letters around it: cleaning moves places, not what stands near."""
    before, after = ("".join(c for c in part if c.isalnum()) for part in (text[:start], text[end:]))
    return f"{before[-25:]}[{text[start:end]}]{after[:25]}"


def read_labels() -> tuple[pd.DataFrame, pd.DataFrame]:
    """The authors' labels, and those of the second pass at the same places, with the text they are in."""
    with tempfile.TemporaryDirectory() as folder:
        build = runpy.run_path(str(HERE / "build.py"))["build"]
        build(Path(folder))
        with (Path(folder) / "truth" / "bodies.jsonl").open(encoding="utf-8") as handle:
            bodies = {row["url"]: row["body"] for row in map(json.loads, handle)}
    titles = pd.read_csv(HERE / "truth" / "articles.csv", keep_default_na=False).set_index("url")["title"]
    first = pd.read_csv(HERE / "truth" / "mentions.csv", keep_default_na=False)
    first["n"] = first.groupby("url").cumcount() + 1
    first["body"] = [
        titles[url] if part == "title" else bodies[url] for url, part in zip(first["url"], first["part"], strict=True)
    ]
    second = pd.read_csv(HERE / "second_pass.csv", keep_default_na=False)[["url", "n", "tone", "reading"]]
    both = first.drop(columns=["tone", "reading"]).merge(second, on=["url", "n"])
    return tuple(table[table["reading"].eq("actor") & table["tone"].ne("")] for table in (first, both))


def fill(path: Path, labels: dict[str, str]) -> int:
    """Write labels into an XLSX sheet by mention id; how many."""
    import openpyxl

    book = openpyxl.load_workbook(path)
    sheet = book["Items"]
    header = {str(cell.value).strip(): cell.column for cell in sheet[1] if cell.value}
    done = 0
    for row in range(2, sheet.max_row + 1):
        mention = sheet.cell(row, header["mention_id"]).value
        if mention in labels:
            sheet.cell(row, header["label"]).value = labels[mention]
            done += 1
    book.save(path)
    return done


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sheets", type=Path)
    parser.add_argument("--decide", action="store_true", help="fill in disagreements.csv instead")
    options = parser.parse_args()
    from toolkit.annotation import Sample
    from toolkit.corpora import load_articles

    drawn = Sample.load(options.sheets).mentions
    articles = load_articles(HERE)
    first, second = read_labels()
    further = pd.read_csv(HERE / "coded_further.csv")
    known = {(row.sentence, row.start, row.actor): row.tone for row in further.itertuples()}
    labels = {row.mention_id: known.get((row.sentence, row.start, row.actor), "") for row in drawn.itertuples()}
    labels = {key: tone for key, tone in labels.items() if tone} | labels_of(drawn, articles, first)
    if options.decide:
        sheet = pd.read_csv(options.sheets / "disagreements.csv", dtype=str, keep_default_na=False)
        decided = sheet.assign(label=sheet["mention_id"].map(labels), decided_by="clara")
        decided.to_csv(options.sheets / "disagreements.csv", index=False)
        print(f"disagreements.csv: {len(sheet)} decided by clara")
        return
    n = fill(options.sheets / "anna.xlsx", labels)
    others = labels_of(drawn, articles, second)
    table = pd.DataFrame({"mention_id": list(others), "coder": "ben", "label": list(others.values())})
    table.to_csv(options.sheets / "ben.csv", index=False)
    print(f"{len(drawn)} mentions drawn; anna.xlsx: {n} labels; ben.csv: {len(table)} labels")


if __name__ == "__main__":
    main()

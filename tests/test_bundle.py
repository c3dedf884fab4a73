"""A replication package holds no text, and another person's export leads from it to the same numbers."""

import io
import json
import re
import shutil
import unicodedata
import zipfile

import pandas as pd
import pytest
import yaml

from toolkit.bundling import bundle_run, signature, text_hash
from toolkit.cli import main
from toolkit.errors import InputError
from toolkit.experiment import run_experiment
from toolkit.rebuilding import match_articles, read_bundle, rebuild_bundle
from toolkit.verification import read_facts


@pytest.fixture(scope="module")
def run(root, tmp_path_factory):
    """The sample corpus, scored by word lists."""
    folder = tmp_path_factory.mktemp("bundle")
    study = {
        "title": "Three governments", "seed": 1, "corpus": {"articles": str(root / "datasets" / "idlib_2020")},
        "actors": ["turkey", "russia", "syria"], "tasks": {"tone": {"classifier": "lexicon"}},
        "estimate": {"draws": 100}, "figures": ["tone_by_outlet"],
    }  # fmt: skip
    (folder / "study.yaml").write_text(yaml.safe_dump(study))
    return run_experiment(folder / "study.yaml", folder / "run")


@pytest.fixture(scope="module")
def sheets(run, tmp_path_factory):
    """A coded sample, as the commands leave it."""
    folder = tmp_path_factory.mktemp("sheets")
    drawn = run.mentions.head(20)
    frame = run.mentions[["mention_id"]].assign(
        stratum=run.mentions["outlet"], probability=0.1, drawn=run.mentions["mention_id"].isin(drawn["mention_id"]),
        cluster=run.mentions["story_id"],
    )  # fmt: skip
    frame.to_parquet(folder / "frame.parquet")
    labels = pd.DataFrame({"mention_id": drawn["mention_id"], "task": "tone", "label": "neutral"})
    labels.assign(decided_by="agreement").to_csv(folder / "gold.csv", index=False)
    labels.assign(coder="A", note=drawn["sentence"]).to_csv(folder / "annotations.csv", index=False)
    return folder


@pytest.fixture(scope="module")
def bundle(run, sheets, tmp_path_factory):
    out = tmp_path_factory.mktemp("out") / "package.zip"
    bundle_run(run.path, out, gold=sheets)
    return out


def five_in_a_row(text):
    """Written apart from what the toolkit uses: words of letters and digits, folded."""
    text = "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(c))
    words = re.findall(r"[^\W_]+", text)
    return {" ".join(words[i : i + 5]) for i in range(len(words) - 4)}


def test_no_five_words_in_a_row_of_any_article_are_in_it(run, bundle):
    """Names of actors may stand there, sentences and headlines may not."""
    texts = set().union(*map(five_in_a_row, [*run.articles["text"], *run.articles["title"].dropna()]))
    assert len(texts) > 30_000
    with zipfile.ZipFile(bundle) as archive:
        names = archive.namelist()
        assert {"mentions.csv", "articles.csv", "gold/gold.csv", "gold/frame.csv", "gold/annotations.csv",
                "figures/tone_by_outlet.svg", "tables/summary.tex", "tables/summary.docx",
                "README.md"} <= set(names)  # fmt: skip
        for name in names:
            if not name.endswith((".png", ".pdf")):
                content = archive.read(name)
                if name.endswith(".docx"):
                    with zipfile.ZipFile(io.BytesIO(content)) as word:
                        content = word.read("word/document.xml").replace(b"<", b" <").replace(b">", b"> ")
                found = five_in_a_row(content.decode("utf-8")) & texts
                assert not found, f"{name} holds {sorted(found)[:3]}"
    assert not {"sentence", "title", "text"} & set(pd.read_csv(io.BytesIO(read_bundle(bundle)["mentions.csv"])))


def test_a_file_that_quotes_an_article_is_left_out_and_named(run, tmp_path):
    copy = tmp_path / "run"
    shutil.copytree(run.path, copy)
    sentence = run.mentions["sentence"].iloc[0]
    (copy / "tables" / "evidence.csv").write_text(f"sentence\n{sentence}\n")
    facts = read_facts(copy)
    facts["outputs"]["tables/evidence.csv"] = "x"
    (copy / "run.json").write_text(json.dumps(facts))
    bundle_run(copy, tmp_path / "package")
    assert not (tmp_path / "package" / "tables" / "evidence.csv").exists()
    assert "Left out, because they quote articles: tables/evidence.csv" in (
        tmp_path / "package" / "README.md"
    ).read_text(encoding="utf-8")


def test_the_same_run_gives_the_same_bytes(run, bundle, sheets, tmp_path):
    bundle_run(run.path, tmp_path / "again.zip", gold=sheets)
    assert (tmp_path / "again.zip").read_bytes() == bundle.read_bytes()
    facts = read_facts(run.path)
    assert "seconds" in facts["stages"][0]
    assert "seconds" not in json.dumps(json.loads(read_bundle(bundle)["environment.json"]))


def test_the_readme_says_what_a_reader_needs(bundle):
    readme = read_bundle(bundle)["README.md"].decode()
    for words in ("Data availability statement", "129 articles of 6 outlets", "toolkit rebuild", "| summary.csv |",
                  "| figures/ |", "| estimate |", "environment.json", "Seed 1"):  # fmt: skip
        assert words in readme, words


@pytest.mark.parametrize("target", ["file", "folder"])
def test_a_bundle_overwrites_nothing(run, tmp_path, target):
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "thesis.docx").write_text("x")
    (tmp_path / "file").write_text("x")
    with pytest.raises(InputError, match="is there and holds something"):
        bundle_run(run.path, tmp_path / target)


def test_a_sample_that_was_not_coded_is_refused(run, tmp_path):
    with pytest.raises(InputError, match="holds neither gold.csv nor annotations.csv"):
        bundle_run(run.path, tmp_path / "x.zip", gold=tmp_path)


# Back from it ---------------------------------------------------------------------------------------


def export(run, folder, edit=lambda table: table):
    """Another person's export of the same articles: one table, as clean text."""
    table = run.articles[["outlet", "date", "title", "text", "url", "language"]].copy()
    table["date"] = table["date"].dt.strftime("%Y-%m-%d")
    table = edit(table.sample(frac=1, random_state=3))
    folder.mkdir()
    table.to_json(folder / "export.jsonl", orient="records", lines=True, force_ascii=False)
    return folder


def test_one_s_own_export_gives_the_same_numbers(run, bundle, tmp_path):
    made = rebuild_bundle(bundle, export(run, tmp_path / "mine"), tmp_path / "rebuilt")
    assert made.matches["status"].value_counts().to_dict() == {"found": 129}
    scores = [d for d in made.differences if d.file == "mentions.csv" and d.column.startswith("tone")]
    assert scores == []
    again = pd.read_csv(tmp_path / "rebuilt" / "summary.csv")
    assert set(again["outlet"]) == set(run.summary["outlet"])
    assert (tmp_path / "rebuilt" / "matches.csv").is_file()
    assert (tmp_path / "rebuilt" / "drift.csv").is_file()


def test_what_is_missing_and_what_changed_is_said(run, bundle, tmp_path, capsys):
    texts = run.articles["text"]
    long = run.articles[texts.str.len() > 1500]
    gone, changed = long["article_id"].iloc[0], long["article_id"].iloc[5]
    where = run.articles.set_index("article_id")["text"]

    def edit(table):
        table = table[table["text"] != where[gone]]
        words = where[changed] + " This version was updated with a line that the first one lacked."
        return table.assign(text=table["text"].mask(table["text"] == where[changed], words))

    code = main(["rebuild", str(bundle), "--from", str(export(run, tmp_path / "mine", edit)), "--out",
                 str(tmp_path / "rebuilt")])  # fmt: skip
    assert code == 1
    matches = pd.read_csv(tmp_path / "rebuilt" / "matches.csv").set_index("article_id")
    assert matches.loc[gone, "status"] == "missing"
    assert matches.loc[changed, "status"] == "changed"
    assert 0.8 < matches.loc[changed, "similarity"] < 1
    assert (matches["status"] == "found").sum() == 127
    shown = capsys.readouterr().out
    assert re.search(r"all +127 +1 +1", shown)
    assert "summary.csv" in shown


def test_copies_go_to_the_outlet_that_printed_them():
    text = "Five words stand in this text of an agency and some more."
    have = pd.DataFrame(
        {"outlet": ["B", "A"], "date": pd.to_datetime(["2020-01-01"] * 2), "text": text, "url": None,
         "source_file": ["b", "a"], "locator": ""}
    )  # fmt: skip
    wanted = pd.DataFrame(
        {"article_id": ["a1", "b1"], "outlet": ["A", "B"], "date": pd.to_datetime(["2020-01-01"] * 2),
         "text_sha256": text_hash(text), "url_sha256": "", "signature": " ".join(f"{c:08x}" for c in signature(text))}
    )  # fmt: skip
    matches, _ = match_articles(wanted, have)
    assert matches["source_file"].tolist() == ["a", "b"]


def test_a_foreign_export_is_refused(bundle, tmp_path):
    (tmp_path / "The Courier").mkdir()
    (tmp_path / "The Courier" / "2020-02-10.txt").write_text("Nothing of this stands in the package, not at all.")
    with pytest.raises(InputError, match="none of the 129 articles of the package is among the 1 of"):
        rebuild_bundle(bundle, tmp_path, tmp_path / "rebuilt")


def test_a_damaged_package_is_refused(bundle, tmp_path):
    files = read_bundle(bundle)
    folder = tmp_path / "package"
    with zipfile.ZipFile(bundle) as archive:
        archive.extractall(folder)
    assert read_bundle(folder) == files
    (folder / "summary.csv").write_text("changed")
    with pytest.raises(InputError, match="the file 'summary.csv' was changed after the package was made"):
        read_bundle(folder)
    (folder / "summary.csv").unlink()
    with pytest.raises(InputError, match="lacks its file 'summary.csv'"):
        read_bundle(folder)
    (tmp_path / "x.zip").write_bytes(b"PK nothing")
    for bad in (tmp_path / "x.zip", tmp_path, tmp_path / "nowhere.zip"):
        with pytest.raises(InputError):
            read_bundle(bad)

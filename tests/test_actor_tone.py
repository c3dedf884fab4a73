"""The data set datasets/actor_tone: what its card promises, held against its files."""

import json
import subprocess
import sys
from collections import Counter, defaultdict

import pandas as pd
import pytest

from toolkit.actors import find_mentions
from toolkit.corpora import load_labelled, read_card
from toolkit.tables import empty_table

SPLITS = ["train", "dev", "test"]


@pytest.fixture(scope="module")
def folder(root):
    return root / "datasets" / "actor_tone"


@pytest.fixture(scope="module")
def items(folder):
    return pd.concat([load_labelled(folder, split).assign(split=split) for split in SPLITS], ignore_index=True)


def build(folder):
    """The module build.py of the data set."""
    import importlib.util

    spec = importlib.util.spec_from_file_location("actor_tone_build", folder / "build.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_files_are_what_the_source_makes(folder, tmp_path):
    made = build(folder).items()
    for split in SPLITS:
        lines = (folder / f"{split}.jsonl").read_text(encoding="utf-8").splitlines()
        kept = [{k: v for k, v in item.items() if k != "split"} for item in made if item["split"] == split]
        assert [json.loads(line) for line in lines] == kept


def test_counts(folder, items):
    assert read_card(folder).counts == items["split"].value_counts().to_dict()
    assert items["sentence"].nunique() >= 4000
    assert items["id"].is_unique


def test_marks_are_whole_words(items):
    for row in items.itertuples():
        surface = row.sentence[row.start : row.end]
        assert surface == surface.strip()
        assert not row.sentence[row.start - 1 : row.start].isalnum() or row.start == 0
        assert "[[" not in row.sentence
        assert "]]" not in row.sentence


def test_lengths(items):
    words = items["sentence"].str.split().str.len()
    assert words.between(4, 70).all()
    assert words.between(8, 60).mean() > 0.95


def test_every_actor_has_every_label(items):
    assert items.groupby("actor")["label"].nunique().eq(3).all()
    assert items["actor"].nunique() >= 100


@pytest.mark.parametrize("key", ["actor", "register", "kind"])
def test_the_label_is_not_guessed_without_reading(items, key):
    train, test = items[items["split"] == "train"], items[items["split"] == "test"]
    best = train.groupby(key)["label"].agg(lambda labels: labels.mode()[0])
    assert (test[key].map(best) == test["label"]).mean() < 0.40


def test_minimal_pairs(items):
    pairs = defaultdict(list)
    for row in items[items["pair"] != ""].itertuples():
        pairs[row.pair].append(row)
    good = [p for p in pairs.values() if len(p) == 2 and p[0].label != p[1].label]
    assert len(good) >= 800
    edited = [p for p in good if p[0].sentence != p[1].sentence]
    assert len(edited) >= 500
    shared = []
    for first, second in edited:
        a, b = Counter(first.sentence.lower().split()), Counter(second.sentence.lower().split())
        shared.append((a & b).total() / max(a.total(), b.total()))
    assert pd.Series(shared).median() > 0.5


def test_splits_share_no_event_and_no_frame(folder, items):
    assert items.groupby("group")["split"].nunique().eq(1).all()
    assert items.groupby("sentence")["split"].nunique().eq(1).all()
    assert build(folder).frames_across(build(folder).items()) == []


def test_the_blind_sheet_holds_no_labels(folder, tmp_path):
    out = tmp_path / "sheet.txt"
    subprocess.run([sys.executable, folder / "build.py", "--blind", "30", out], check=True)
    lines = out.read_text(encoding="utf-8").splitlines()
    assert len(lines) == 30
    assert not any(word in line for line in lines for word in ("| negative", "| neutral", "| positive", "neg |"))


def test_a_source_that_is_wrong_says_so(folder, tmp_path):
    module = build(folder)
    for bad, words in [
        ("101.01 | No mark here.", "expected the marks"),
        ("101.01 Moscow", "is no line of a source"),
        ("999.01 | [[Moscow]] won.", "101.02 has no sentence"),
    ]:
        (tmp_path / "source").mkdir(exist_ok=True)
        (tmp_path / "source" / "plan.csv").write_bytes((folder / "source" / "plan.csv").read_bytes())
        (tmp_path / "source" / "texts_1.txt").write_text(
            bad if "no line" in words else "101.01 | [[Peru]] won again.\n" * ("999" in bad) + bad + "\n"
        )
        module.HERE = tmp_path
        with pytest.raises(module.SourceError, match=words.replace(".", r"\.")):
            module.items()


def test_the_second_pass(folder, items):
    both = pd.read_csv(folder / "second_pass.csv", keep_default_na=False)
    assert len(both) >= 1000
    assert both["id"].isin(items["id"]).all()
    decided = pd.read_csv(folder / "source" / "adjudicated.csv").set_index("id")["label"]
    differ = both[both["first"] != both["second"]]
    assert set(differ["id"]) == set(decided.index)
    final = items.set_index("id")["label"]
    same = both[both["first"] == both["second"]]
    assert (final[same["id"]].to_numpy() == same["first"].to_numpy()).all()
    assert (final[decided.index] == decided).all()


def test_persons_appear_by_office(items):
    """No name of anybody who leads a state stands in a sentence."""
    sentences = items["sentence"].drop_duplicates().tolist()
    ids = [f"s{i}" for i in range(len(sentences))]
    articles = empty_table("articles").reindex(range(len(sentences)))
    articles = articles.assign(article_id=ids, story_id=ids, outlet="-", text=sentences, source_file="-", copied=0.0)
    found = find_mentions(articles)
    assert len(found) > 5000
    assert set(found.loc[found["form"] == "leader", "surface"]) == set()

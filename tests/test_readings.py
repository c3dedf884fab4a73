"""Readings: the data set datasets/readings, the models, and what find_mentions makes of them."""

import importlib.util
import json
import sys

import numpy as np
import pandas as pd
import pytest

from toolkit.actors import find_mentions
from toolkit.actors.contexts import context_features
from toolkit.actors.reading_model import FOLDER, Context, load_reading_model
from toolkit.corpora import load_labelled, read_card
from toolkit.errors import InputError
from toolkit.estimation import counted

SPLITS = ["train", "dev", "test"]


@pytest.fixture(scope="module")
def folder(root):
    return root / "datasets" / "readings"


@pytest.fixture(scope="module")
def build(folder):
    spec = importlib.util.spec_from_file_location("readings_build", folder / "build.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def items(folder):
    table = pd.concat([load_labelled(folder, split).assign(split=split) for split in SPLITS], ignore_index=True)
    names = [s[a:b].casefold() for s, a, b in zip(table["sentence"], table["start"], table["end"], strict=True)]
    return table.assign(name=names)


def articles(*texts, title=None):
    ids = [f"a{i}" for i in range(len(texts))]
    return pd.DataFrame(
        {
            "article_id": ids, "outlet": "The Courier", "date": pd.Timestamp("2020-02-28"), "title": title,
            "text": list(texts), "url": None, "language": "en", "source_file": "x.txt", "wire": None, "story_id": ids,
            "copied": 0.0,
        }
    )  # fmt: skip


# The data set


def test_the_files_are_what_the_source_makes(folder, build):
    made = build.items()
    for split in SPLITS:
        lines = (folder / f"{split}.jsonl").read_text(encoding="utf-8").splitlines()
        kept = [{k: v for k, v in item.items() if k != "split"} for item in made if item["split"] == split]
        assert [json.loads(line) for line in lines] == kept


def test_counts_of_the_card(folder, items):
    assert read_card(folder).counts == items["split"].value_counts().to_dict()
    assert items["sentence"].nunique() >= 3000
    assert items["name"].nunique() >= 500
    assert items["id"].is_unique
    assert items.groupby("split")["label"].value_counts(normalize=True).between(0.35, 0.65).all()


def test_splits_share_no_group_and_no_frame(build, items):
    assert items.groupby("group")["split"].nunique().eq(1).all()
    assert build.sibling().frames_across(build.items()) == []


def test_the_label_is_not_guessed_from_the_name(items):
    train, test = items[items["split"] == "train"], items[items["split"] == "test"]
    for key in ("name", "form", "register"):
        best = train.groupby(key)["label"].agg(lambda labels: labels.mode()[0])
        known = test[test[key].isin(best.index)]
        assert (known[key].map(best) == known["label"]).mean() < 0.65, key
    often = items.groupby("name").filter(lambda rows: len(rows) >= 3).groupby("name")["label"].nunique()
    assert len(often) >= 150
    assert often.eq(2).mean() > 0.9


def test_marks_are_whole_words(items):
    for row in items.itertuples():
        surface = row.sentence[row.start : row.end]
        assert surface == surface.strip()
        assert not row.sentence[max(0, row.start - 1) : row.start].isalnum()
        assert not row.sentence[row.end : row.end + 1].isalnum()
        assert "[[" not in row.sentence


def test_a_wrong_line_of_the_source_is_named(build, tmp_path, monkeypatch):
    (tmp_path / "source").mkdir()
    (tmp_path / "source" / "x.txt").write_text("== 001 | train | x\nwire | [[Ankara|actr|capital]] spoke.\n")
    monkeypatch.setattr(build, "HERE", tmp_path)
    with pytest.raises(build.SourceError, match=r"x.txt, line 2: 'actr'"):
        build.items()


# The models


def test_the_name_itself_is_no_feature():
    for other in ("Ankara", "Ouagadougou", "Chad"):
        text = f"Relations with {other} were broken off."
        assert context_features(text, 15, 15 + len(other), "name", "actor") == context_features(
            "Relations with Rome were broken off.", 15, 19, "name", "actor"
        )


def test_a_row_does_not_depend_on_the_rows_beside_it():
    model = load_reading_model()
    texts = ["He moved to Ghana in 1990.", "It is for Ghana to decide.", "Nobody expected Ghana to sign."]
    contexts = [Context(t, t.index("Ghana"), t.index("Ghana") + 5, "name", "actor") for t in texts]
    for method in (model.fast, model.full, model.cascade):
        together = method(contexts)
        assert together.tolist() == [method([c])[0] for c in contexts]
        assert ((together >= 0) & (together <= 1)).all()
        assert method([]).shape == (0,)


def test_the_models_on_their_own_development_data(folder, root):
    sys.path.insert(0, str(root / "benchmarks"))
    try:
        from make_readings import to_contexts
    finally:
        sys.path.pop(0)
    dev = load_labelled(folder, "dev")
    model, contexts = load_reading_model(), to_contexts(dev)
    acts = dev["label"].eq("actor").to_numpy()
    # These items were fitted on: the test holds that the weights that ship are those of these features and data.
    assert ((model.full(contexts) >= 0.5) == acts).mean() > 0.93
    assert ((model.fast(contexts) >= 0.5) == acts).mean() > 0.85


def test_a_damaged_model_is_refused(tmp_path):
    for name in ("head.json", "weights.npz"):
        (tmp_path / name).write_bytes((FOLDER / name).read_bytes())
    assert np.array_equal(load_reading_model(tmp_path).words, load_reading_model().words)
    load_reading_model.cache_clear()
    (tmp_path / "weights.npz").write_bytes(b"x")
    with pytest.raises(InputError, match="is damaged or another one"):
        load_reading_model(tmp_path)
    (tmp_path / "head.json").unlink()
    with pytest.raises(InputError, match="cannot be read"):
        load_reading_model(tmp_path)


# find_mentions


@pytest.mark.parametrize("mode", ["cascade", "model", "rules"])
@pytest.mark.parametrize(
    ("text", "readings"),
    [
        ("Turkish troops entered the town.", ["actor"]),
        ("They drank Turkish coffee.", ["place"]),
        ("Ankara rejected the offer.", ["actor"]),
        ("She was born in Ankara.", ["place"]),
        ("Moscow warned Ankara.", ["actor", "actor"]),
        ("The Turkish army left.", ["actor"]),
    ],
)
def test_plain_readings_in_every_mode(text, readings, mode):
    found = find_mentions(articles(text), readings=mode)
    assert list(found["reading"]) == readings
    assert found["reading_p"].between(0, 1).all()
    assert list(found["reading_p"] >= 0.5) == [reading == "actor" for reading in readings]


def test_the_encoder_reads_what_rules_do_not():
    text = "The orchid is endemic to India. A choir from Oslo sang across northern Canada and later toured Brazil. Japan has four large islands."  # noqa: E501
    by_rules = find_mentions(articles(text), ["japan", "india", "brazil"], readings="rules")
    by_model = find_mentions(articles(text), ["japan", "india", "brazil"], readings="model")
    assert (by_model["reading"] == "place").sum() > (by_rules["reading"] == "place").sum()


def test_an_unknown_mode():
    with pytest.raises(InputError, match="readings='modle'; did you mean 'model'"):
        find_mentions(articles("Ankara spoke."), readings="modle")


def test_estimates_select_by_probability():
    found = find_mentions(articles("Ankara rejected the offer. She was born in Ankara. Relations with Moscow cooled."))
    scored = found.assign(tone_score=0.0, tone_label="neutral")
    assert list(counted(scored, reading="actor")) == list(found["reading"] == "actor")
    for least in (0.0, 0.5, 0.9, 1.0):
        assert list(counted(scored, reading=least)) == list(found["reading_p"] >= least)

"""The fine-tuned classifier: what is particular to it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from toolkit.classifiers import CLASSIFIERS, load_classifier
from toolkit.classifiers.transformer import TONE, TransformerClassifier
from toolkit.errors import InputError
from toolkit.evaluation import calibration_error, macro_f1, swap_audit
from toolkit.files import file_hash
from toolkit.finetuning.inputs import Pieces, TargetTokenizer
from toolkit.finetuning.names import HELD_OUT, NAMES
from toolkit.scoring import make_classifier, score_mentions, score_parquet

LABELS = ["negative", "neutral", "positive"]
NEWSMTSC = Path(os.environ.get("TOOLKIT_DATA", "")) / "newsmtsc"
needs_newsmtsc = pytest.mark.skipif(
    not os.environ.get("TOOLKIT_DATA") or not (NEWSMTSC / "train.jsonl").is_file(),
    reason="needs NewsMTSC in the folder that TOOLKIT_DATA names; see datasets/newsmtsc/card.yaml",
)


@pytest.fixture(scope="module")
def shipped():
    return load_classifier(TONE, labels=LABELS)


@pytest.fixture(scope="module")
def tokenizer():
    return TargetTokenizer.from_file(TONE / "tokenizer.json")


def targets(*rows):
    return pd.DataFrame([(s, s.index(t), s.index(t) + len(t)) for s, t in rows], columns=["sentence", "start", "end"])


def some():
    return targets(
        ("Ankara accused Damascus of shelling the camp.", "Ankara"),
        ("Ankara accused Damascus of shelling the camp.", "Damascus"),
        ("Qatar won praise from all sides for its patience, which freed the hostages.", "Qatar"),
        ("The Kenyan president will fly to Kampala on Tuesday.", "Kenyan president"),
        ("NATO bombed a hospital in the valley, and then lied about it.", "NATO"),
    )


def test_it_is_about_the_target_and_not_the_sentence(shipped):
    assert shipped.predict(some()).tolist() == ["neutral", "negative", "positive", "neutral", "negative"]


def test_the_same_text_gets_the_same_bits_alone_and_in_any_company(shipped, monkeypatch):
    table = pd.concat([some()] * 3 + [targets(("Up " * 100 + "Oslo helped.", "Oslo"))], ignore_index=True)
    whole = shipped.predict_proba(table)
    order = np.random.default_rng(1).permutation(len(table))
    assert (shipped.predict_proba(table.iloc[order]) == whole[order]).all()
    alone = np.vstack([shipped.predict_proba(table.iloc[i : i + 1]) for i in range(len(table))])
    assert (alone == whole).all()
    for workers in (1, 2):
        monkeypatch.setattr("toolkit.classifiers.transformer.processors", lambda workers=workers: workers)
        assert (shipped.predict_proba(table) == whole).all()


def test_blind_to_who_it_is(shipped):
    blind = TransformerClassifier(view="blind")
    blind.restore(shipped.model_, shipped.tokenizer_, shipped.facts_["shape"], LABELS)
    assert (swap_audit(some(), blind, [*HELD_OUT, "the murderous regime", "😀"])["changed"] == 0).all()
    sighted = TransformerClassifier(view="sighted").restore(
        shipped.model_, shipped.tokenizer_, shipped.facts_["shape"], LABELS
    )
    assert (sighted.predict_proba(some()) != blind.predict_proba(some())).any()


def test_names_held_out_for_audits_are_in_no_training(root):
    assert not {name.lower() for name in HELD_OUT} & {name.lower() for name in NAMES}
    spans = set()
    for line in (root / "datasets" / "actor_tone" / "train.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        spans.add(row["sentence"][row["start"] : row["end"]].lower())
    assert len(spans) > 100
    assert not {name.lower() for name in HELD_OUT} & spans


def test_it_loads_fast_and_without_torch():
    code = (
        "import time, toolkit.classifiers as c, onnxruntime, tokenizers, sys\n"
        f"t = time.process_time(); c.load_classifier({str(TONE)!r})\n"
        "print(time.process_time() - t, 'torch' in sys.modules, 'transformers' in sys.modules)"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert float(said[0]) < 1.0  # 0.2 s where nothing else runs
    assert said[1:] == ["False", "False"]


def test_the_weights_are_small():
    assert (TONE / "model.onnx").stat().st_size < 30_000_000


@pytest.mark.parametrize(
    "sentence",
    [
        "word " * 2_500 + "Ankara bombed the hospital " + "word " * 2_500,
        "Ankara 😀😀 bombed 💥 the hospital",
        "Ankara \u0301\u200b went",
        "Ankara",
        "x" * 100_000 + " Ankara " + "y" * 100_000,
    ],
)
def test_odd_texts_are_answered(shipped, sentence):
    proba = shipped.predict_proba(targets((sentence, "Ankara")))
    assert proba.shape == (1, 3)
    assert proba.sum() == pytest.approx(1)


def test_of_a_very_long_sentence_what_is_near_the_target_counts(shipped):
    core = "Ankara bombed the hospital and murdered the nurses"
    short = targets((f"{'word ' * 300}{core}{' word' * 300}", "Ankara"))
    long = targets((f"{'word ' * 3_000}{core}{' word' * 3_000}", "Ankara"))
    assert (shipped.predict_proba(short) == shipped.predict_proba(long)).all()


def test_a_target_longer_than_what_is_read(shipped):
    table = pd.DataFrame({"sentence": ["a b " * 400], "start": [0], "end": [1_599]})
    for view in ("blind", "sighted"):
        model = TransformerClassifier(view=view).restore(
            shipped.model_, shipped.tokenizer_, shipped.facts_["shape"], LABELS
        )
        assert np.isfinite(model.predict_proba(table)).all()


def test_text_in_another_language_is_refused_unless_told_otherwise(shipped):
    russian = targets(("Москва обвинила Киев в обстреле.", "Москва"))
    with pytest.raises(InputError, match="not written in Latin letters.*other_languages='accept'"):
        shipped.predict(russian)
    tagged = some().assign(language=["en", "en-GB", None, "fr", "en"])
    with pytest.raises(InputError, match="row 3 is in the language 'fr'; the classifier was trained for en"):
        shipped.predict(tagged)
    with pytest.raises(InputError, match="in the language 'fr'"):
        score_mentions(tagged, classifier=shipped)
    bold = load_classifier(TONE).set_params(other_languages="accept")
    assert len(bold.predict(russian)) == 1
    assert len(bold.predict(tagged)) == 5
    # A foreign quotation among English sentences is no reason to stop.
    assert len(shipped.predict(pd.concat([some(), russian]))) == 6


def test_abstaining(shipped):
    careful = load_classifier(TONE).set_params(abstain=0.8)
    table = pd.concat([some(), targets(("It was good and bad of Oslo, though who knows.", "Oslo"))], ignore_index=True)
    sure = shipped.predict_proba(table).max(axis=1) >= 0.8
    assert 0 < sure.sum() < len(table)
    said = careful.predict(table)
    assert [label is not None for label in said] == sure.tolist()
    scored = score_mentions(table, classifier=careful)
    assert scored["tone_pred"].notna().tolist() == sure.tolist()
    assert scored["tone_score"].notna().all()


def test_neighbours_are_read_when_asked_for(shipped):
    model = load_classifier(TONE).set_params(context="neighbours")
    plain = targets(("It spoke on Friday.", "It"))
    with pytest.raises(InputError, match="lacks the columns 'before' and 'after'"):
        model.predict(plain)
    beside = plain.assign(before="The regime murdered hundreds of children.", after=None)
    empty = plain.assign(before=None, after="")
    assert (model.predict_proba(empty) == shipped.predict_proba(plain)).all()
    assert (model.predict_proba(beside) != shipped.predict_proba(plain)).any()
    scored = score_mentions(pd.concat([beside, empty], ignore_index=True), classifier=model)
    assert scored["tone_score"].nunique() == 2


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"view": "blnd"}, "view is 'blnd'; did you mean 'blind'"),
        ({"context": "page"}, "context is 'page'"),
        ({"abstain": 2}, "abstain is 2; expected a number from 0 to 1"),
        ({"epochs": 0}, "epochs is 0"),
        ({"mask": 0.7, "swap": 0.7}, "together they are shares"),
        ({"languages": "en"}, "expected a list of codes"),
        ({"device": "gpu"}, "device is 'gpu'"),
        ({"other_languages": "perhaps"}, "other_languages is 'perhaps'"),
        ({"encoder": "./none"}, "there is no folder './none'"),
    ],
)
def test_what_it_is_told_is_checked(parameters, message):
    with pytest.raises(InputError, match=message):
        CLASSIFIERS["transformer"](**parameters).fit(some(), ["neutral", "negative"] * 2 + ["positive"])


def test_a_foreign_model_file_is_refused(shipped, tmp_path):
    folder = shipped.save(tmp_path / "x")

    def put(name, content):
        (folder / name).write_bytes(content)
        head = json.loads((folder / "head.json").read_text())
        head["hashes"][name] = file_hash(folder / name)
        (folder / "head.json").write_text(json.dumps(head))

    put("model.onnx", b"no model")
    with pytest.raises(InputError, match="cannot be read"):
        load_classifier(folder)
    put("model.onnx", (Path(TONE).parent / "minilm" / "model.onnx").read_bytes())
    with pytest.raises(InputError, match="expected"):
        load_classifier(folder)
    put("model.onnx", shipped.model_)
    put("tokenizer.json", b"{}")
    with pytest.raises(InputError, match="tokenizer"):
        load_classifier(folder)


def test_two_hundred_annotations_in_three_lines(tmp_path):
    rows = [
        (f"{who} {what} on {day}.", label)
        for who in ("The council", "Oslo", "The firm", "Mr. Hale")
        for day in ("Monday", "Friday")
        for what, label in (
            ("kept its promise to the miners", "hero"),
            ("shared its bread with the stranded crews", "hero"),
            ("poisoned the river and hid it", "villain"),
            ("cheated the widows of their pensions", "villain"),
        )
    ]
    own = pd.DataFrame({"sentence": [s for s, _ in rows], "start": 0, "end": [s.index(" ") for s, _ in rows]})
    labels = [label for _, label in rows]
    told = []
    model = TransformerClassifier(epochs=6).fit(own, labels, progress=lambda a, b: told.append((a, b)))
    assert told[-1] == (12, 12)
    assert macro_f1(labels, list(model.predict(own))) > 0.9
    loaded = load_classifier(model.save(tmp_path / "own"))
    assert (loaded.predict_proba(own) == model.predict_proba(own)).all()
    calibrated = model.calibrate(own, labels)
    assert set(calibrated.facts_["temperature"]) == {"blind", "sighted"}
    with pytest.raises(InputError, match="the label 'tragic' was not trained"):
        model.calibrate(own, ["tragic"] * len(own))


def test_a_training_that_was_cut_off_ends_with_the_same_weights(tmp_path):
    table = some()
    labels = ["neutral", "negative", "positive", "neutral", "negative"]

    def fit(folder, stop_after=None):
        def stop(done, total):
            if stop_after and done > stop_after:
                raise KeyboardInterrupt

        return TransformerClassifier(epochs=3, batch=2).fit(table, labels, checkpoint=folder, progress=stop)

    whole = fit(tmp_path / "whole")
    with pytest.raises(KeyboardInterrupt):
        fit(tmp_path / "cut", stop_after=4)
    assert json.loads((tmp_path / "cut" / "state.json").read_text())["epoch"] == 1
    assert fit(tmp_path / "cut").model_ == whole.model_
    with pytest.raises(InputError, match="holds the state of another training"):
        TransformerClassifier(epochs=3, batch=3).fit(table, labels, checkpoint=tmp_path / "cut")


def test_soft_labels(tmp_path):
    table = some()
    soft = pd.DataFrame({"bad": [0.9, 0.8, 0.1, 0.4, 0.9], "good": [0.1, 0.2, 0.9, 0.6, 0.1]})
    model = TransformerClassifier(epochs=2).fit(table, soft)
    assert model.classes_.tolist() == ["bad", "good"]
    with pytest.raises(InputError, match="sum to 1"):
        TransformerClassifier().fit(table, soft + 1)
    with pytest.raises(InputError, match="3 rows of probabilities for 5"):
        TransformerClassifier().fit(table, soft.iloc[:3])


def test_global_random_state_is_left_alone():
    import torch

    torch.manual_seed(5)
    before = torch.random.get_rng_state()
    threads = torch.get_num_threads()
    TransformerClassifier(epochs=1).fit(some(), ["neutral", "negative", "positive", "neutral", "negative"])
    assert (torch.random.get_rng_state() == before).all()
    assert torch.get_num_threads() == threads


def test_the_tokenizer_cuts_at_the_target(tokenizer):
    assert tokenizer.words("Oslo \ud800") == tokenizer.words("Oslo ?")
    pieces = tokenizer.pieces("In Ankara, a minister resigned.", 3, 9)
    ids, first, last = tokenizer.ids(pieces, blind=False)
    assert ids[first - 1] == tokenizer.open
    assert ids[last] == tokenizer.close
    assert tuple(ids[first:last]) == pieces.target == tokenizer.words("Ankara")
    blind, first, last = tokenizer.ids(pieces, blind=True)
    assert blind[first:last].tolist() == [tokenizer.mask]
    assert blind[0] == tokenizer.first
    assert blind[-1] == tokenizer.last


@pytest.mark.parametrize(("left", "right"), [(0, 300), (300, 0), (300, 300), (10, 300), (300, 10), (3, 4)])
def test_the_window_round_the_target(tokenizer, left, right):
    pieces = Pieces(tuple(range(2_000, 2_000 + left)), (7_000,), tuple(range(3_000, 3_000 + right)))
    ids, first, last = tokenizer.ids(pieces, blind=False)
    assert len(ids) == min(128, left + right + 5)
    assert ids[first:last].tolist() == [7_000]
    if left:
        assert ids[first - 2] == 2_000 + left - 1
    if right:
        assert ids[last + 1] == 3_000


def test_a_parquet_file_is_scored_part_by_part(tmp_path):
    table = pd.concat([some()] * 3, ignore_index=True).assign(outlet="x", date=pd.Timestamp("2020-02-28"))
    table.to_parquet(tmp_path / "in.parquet")
    told = []
    n = score_parquet(
        tmp_path / "in.parquet",
        tmp_path / "out.parquet",
        classifier="transformer",
        rows=4,
        progress=lambda a, b: told.append((a, b)),
    )
    assert n == 15
    assert told == [(4, 15), (8, 15), (12, 15), (15, 15)]
    pd.testing.assert_frame_equal(
        pd.read_parquet(tmp_path / "out.parquet"), score_mentions(table, classifier="transformer"), check_dtype=False
    )
    table.iloc[:0].to_parquet(tmp_path / "none.parquet")
    assert score_parquet(tmp_path / "none.parquet", tmp_path / "out2.parquet", classifier="lexicon") == 0
    assert "tone_score" in pd.read_parquet(tmp_path / "out2.parquet")
    (tmp_path / "bad.parquet").write_text("no")
    with pytest.raises(InputError, match="cannot be read as Parquet"):
        score_parquet(tmp_path / "bad.parquet", tmp_path / "out3.parquet")
    assert not (tmp_path / "out3.parquet").exists()


def test_what_ships_is_as_good_as_its_card_says(root, shipped):
    from toolkit.corpora import load_labelled

    head = json.loads((TONE / "head.json").read_text())
    dev = load_labelled(root / "datasets" / "actor_tone", "dev")
    proba = shipped.predict_proba(dev)
    assert macro_f1(list(dev["label"]), list(shipped.predict(dev))) > 0.65
    assert proba.shape == (595, 3)
    assert head["about"]["development"]["calibration_error"] < 0.05


@needs_newsmtsc
def test_calibration_and_accuracy_on_development_data(root, shipped):
    from toolkit.corpora import load_labelled

    dev = pd.concat([load_labelled(root / "datasets" / "newsmtsc", s) for s in ("rw_dev", "mt_dev")])
    proba = shipped.predict_proba(dev)
    assert calibration_error(list(dev["label"]), proba, LABELS) < 0.06  # of both sets together: 0.042
    assert macro_f1(list(dev["label"]), list(shipped.predict(dev))) > 0.74


def test_the_recipe_is_the_one_that_made_it(root):
    import yaml

    from toolkit.training import TrainingSpec

    spec = TrainingSpec(**yaml.safe_load((root / "experiments" / "train_tone.yaml").read_text()))
    head = json.loads((TONE / "head.json").read_text())
    assert root / spec.out == TONE
    assert head["about"]["recipe"] == spec.recipe.model_dump()
    facts = make_classifier("transformer").facts_
    assert facts["view"] == "blind"
    assert facts["changed_by_names"] > 0.02  # why

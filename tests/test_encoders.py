"""The encoders: the one that ships, and any sentence-transformers model (here a tiny one with random weights)."""

import builtins
import json
import random
import shutil

import numpy as np
import pytest

from toolkit import encoders
from toolkit.encoders import load_encoder
from toolkit.errors import InputError

SENTENCES = [
    "Ankara warned that it would not stay silent.",
    "The regime's jets bombed a hospital in Idlib, and nine people were killed, a monitoring group said.",
    "Oil fell.",
    "Türkiye’nin açıklaması – “yeterli değil” – Erdoğan said; Мосвка молчит.",
    "No.",
    "Moscow, which brokered the ceasefire and has kept its word ever since, offered once more to host the talks.",
] + [f"On day {n} of the offensive {n * 7} shells fell on the road to Saraqib." for n in range(40)]


@pytest.fixture(scope="module")
def minilm():
    return load_encoder("minilm", threads=1)


def bits(encoder, targets, layers=None):
    return [(found.offsets.tobytes(), found.states.tobytes()) for found in encoder.states(targets, layers)]


def whole(texts):
    return [(text, 0, min(3, len(text))) for text in texts]


def test_states_stand_beside_the_words_they_belong_to(minilm):
    text = SENTENCES[0]
    (found,) = minilm.states([(text, 0, 6)])
    assert found.states.shape == (2, len(found.offsets), 384)
    assert found.states.dtype == np.float32
    words = [text[a:b] for a, b in found.offsets]
    assert words[:3] == ["Ankara", "warned", "that"]
    assert "".join(words) == text.replace(" ", "")


def test_the_same_text_gives_the_same_bits_whatever_stands_beside_it(minilm):
    targets = whole(SENTENCES)
    alone = {target: bits(minilm, [target])[0] for target in targets}
    for seed in range(3):
        order = random.Random(seed).sample(targets, k=len(targets) - 10 * seed)
        assert bits(minilm, order) == [alone[target] for target in order]


@pytest.mark.parametrize("threads", [2, 3])
def test_the_number_of_threads_moves_no_bit(minilm, threads):
    assert bits(load_encoder("minilm", threads=threads), whole(SENTENCES)) == bits(minilm, whole(SENTENCES))


def test_sentences_that_mean_the_same_are_near(minilm):
    a, b, c = minilm.vectors(
        [
            "Turkey shelled Syrian army posts.",
            "Ankara's guns hit positions of Damascus's forces.",
            "The cake needs sugar.",
        ]
    )
    assert a @ b > a @ c + 0.2
    assert np.linalg.norm([a, b, c], axis=1) == pytest.approx(1, abs=1e-5)


def test_vectors_follow_the_texts_also_twice_and_none(minilm):
    table = minilm.vectors([SENTENCES[1], SENTENCES[0], SENTENCES[1]])
    assert (table[0] == table[2]).all()
    assert (table[1] == minilm.vectors([SENTENCES[0]])[0]).all()
    assert minilm.vectors([]).shape == (0, 384)
    assert not minilm.vectors([""]).any()


def test_progress_counts_up_to_the_total(minilm):
    seen = []
    list(minilm.states(whole(SENTENCES * 4), progress=lambda done, total: seen.append((done, total))))
    assert seen[-1] == (len(SENTENCES) * 4,) * 2
    assert len(seen) == 2


@pytest.mark.parametrize("place", [0, 700, 1399])
def test_of_a_long_text_the_window_holds_the_target(minilm, place):
    words = [f"w{n}" if n != place else "Ankara" for n in range(1400)]
    text = " ".join(words)
    start = text.index("Ankara")
    (found,) = minilm.states([(text, start, start + 6)])
    read = [text[a:b] for a, b in found.offsets]
    assert "Ankara" in read
    assert 100 < len(read) <= 126
    near = found.offsets[read.index("Ankara")]
    assert list(near) == [start, start + 6]


def test_odd_texts_have_states(minilm):
    odd = ["", " ", "\u0301", "\ud800 lone", "😀" * 300, "x" * 10_000, "a\x00b", "字" * 500]
    for text, found in zip(odd, minilm.states([(t, 0, min(1, len(t))) for t in odd]), strict=True):
        assert found.states.shape[1] == len(found.offsets) <= 126
        assert np.isfinite(found.states).all()
        assert (found.offsets <= len(text)).all()


def test_a_target_longer_than_the_window_is_read_from_its_beginning(minilm):
    text = "so " + "very " * 400 + "long"
    (found,) = minilm.states([(text, 3, len(text))])
    assert found.offsets[0][0] <= 3
    assert len(found.offsets) == 126


@pytest.mark.parametrize("layers", [(7,), (-1,), (), ("4",)])
def test_layers_it_lacks_are_refused(minilm, layers):
    with pytest.raises(InputError, match=r"0 to 6"):
        minilm.states([("x", 0, 1)], layers)


@pytest.mark.parametrize("name", ["model.onnx", "tokenizer.json"])
def test_a_changed_file_is_refused(tmp_path, monkeypatch, name):
    folder = shutil.copytree(encoders.SHIPPED["minilm"], tmp_path / "minilm")
    monkeypatch.setitem(encoders.SHIPPED, "minilm", folder)
    assert load_encoder().dims == 384
    data = bytearray((folder / name).read_bytes())
    data[len(data) // 2] ^= 1
    (folder / name).write_bytes(data)
    with pytest.raises(InputError, match=rf"{name}.*damaged.*SHA-256.*install the toolkit again"):
        load_encoder()
    (folder / name).unlink()
    with pytest.raises(InputError, match=rf"{name}.*missing"):
        load_encoder()
    (folder / "config.json").write_text("{")
    with pytest.raises(InputError, match="cannot be read"):
        load_encoder()


def test_the_card_and_the_weights_fit_in_the_repository():
    folder = encoders.SHIPPED["minilm"]
    config = json.loads((folder / "config.json").read_text())
    card = (folder / "MODEL_CARD.md").read_text()
    assert config["hashes"]["model.onnx"] in card
    assert config["source_sha256"] in card
    assert config["licence"] in card
    assert (folder / "LICENSE").read_text().lstrip().startswith("Apache License")
    sizes = {model.name: sum(p.stat().st_size for p in model.rglob("*")) for model in folder.parent.iterdir()}
    assert all(size < 27_000_000 for size in sizes.values())
    assert sum(sizes.values()) < 55_000_000


@pytest.mark.parametrize("threads", [0, -1, 1.5])
def test_threads_are_checked(threads):
    with pytest.raises(InputError, match=r"threads is .*at least 1"):
        load_encoder(threads=threads)


def test_an_empty_name_is_refused():
    with pytest.raises(InputError, match="'minilm' ships"):
        load_encoder(" ")


# Any sentence-transformers model. The libraries warn of their own affairs; that is not what is tested here.


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    """A folder with a sentence-transformers model of three small layers and random weights."""
    torch = pytest.importorskip("torch")
    pytest.importorskip("sentence_transformers")
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from sentence_transformers import SentenceTransformer, models
        from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

        torch.manual_seed(0)
        base, folder = tmp_path_factory.mktemp("base"), tmp_path_factory.mktemp("tiny") / "model"
        config = BertConfig(
            hidden_size=32,
            num_hidden_layers=3,
            num_attention_heads=2,
            intermediate_size=64,
            max_position_embeddings=128,
        )
        BertModel(config).save_pretrained(base)
        PreTrainedTokenizerFast(
            tokenizer_file=str(encoders.SHIPPED["minilm"] / "tokenizer.json"),
            unk_token="[UNK]", pad_token="[PAD]", cls_token="[CLS]", sep_token="[SEP]", mask_token="[MASK]",
            model_max_length=128,
        ).save_pretrained(base)  # fmt: skip
        transformer = models.Transformer(str(base), max_seq_length=64)
        SentenceTransformer(modules=[transformer, models.Pooling(32)], device="cpu").save(str(folder))
    return folder


@pytest.mark.filterwarnings("ignore")
def test_a_local_sentence_transformers_model(tiny):
    encoder = load_encoder(str(tiny))
    assert (encoder.n_layers, encoder.dims, encoder.max_tokens) == (3, 32, 64)
    assert encoder.default_layers == (2, 3)
    text = "word " * 200 + "Ankara warned."
    (found,) = encoder.states([(text, 1000, 1006)], (0, 3))
    assert found.states.shape == (2, 62, 32)
    assert [1000, 1006] in found.offsets.tolist()
    targets = whole(SENTENCES[:12])
    assert bits(encoder, targets[::-1])[::-1] == bits(encoder, targets)


@pytest.mark.filterwarnings("ignore")
def test_its_vectors_are_the_librarys_own_up_to_the_special_tokens(tiny):
    from sentence_transformers import SentenceTransformer

    encoder = load_encoder(str(tiny))
    (found,) = encoder.states([(SENTENCES[0], 0, 6)], (3,))
    theirs = SentenceTransformer(str(tiny), device="cpu").encode(SENTENCES[0], output_value="token_embeddings").numpy()
    assert found.states[0] == pytest.approx(theirs[1:-1], abs=1e-5)


@pytest.mark.filterwarnings("ignore")
def test_other_weights_have_another_fingerprint(tiny, tmp_path):
    from safetensors.numpy import load_file, save_file

    other = shutil.copytree(tiny, tmp_path / "other")
    (file,) = other.glob("**/model.safetensors")
    tensors = load_file(file)
    key = sorted(tensors)[0]
    tensors[key] = tensors[key] + 1
    save_file(tensors, file, metadata={"format": "pt"})
    prints = {load_encoder(str(folder)).fingerprint for folder in (tiny, tiny, other)}
    assert len(prints) == 2


@pytest.mark.filterwarnings("ignore")
def test_a_model_that_cannot_be_had_says_what_to_do_offline():
    pytest.importorskip("sentence_transformers")
    with pytest.raises(InputError) as error:
        load_encoder("someone/no-such-model")
    for part in ("'someone/no-such-model'", "on a connected machine", ".save(", "give its path", "minilm"):
        assert part in str(error.value)


@pytest.mark.filterwarnings("ignore")
def test_a_folder_without_a_model_is_named(tmp_path):
    pytest.importorskip("sentence_transformers")
    with pytest.raises(InputError, match="cannot be loaded as a sentence-transformers model"):
        load_encoder(str(tmp_path))
    with pytest.raises(InputError, match="there is no folder"):
        load_encoder(str(tmp_path / "none"))


def test_without_the_package_the_message_names_the_extra(monkeypatch):
    real = builtins.__import__

    def without(name, *args, **kwargs):
        if name.split(".")[0] == "sentence_transformers":
            raise ImportError(name)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(InputError, match=r"pip install 'stance-toolkit\[encoders\]'"):
        load_encoder("sentence-transformers/all-MiniLM-L6-v2")

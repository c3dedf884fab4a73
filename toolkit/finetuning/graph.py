"""The fine-tuned network as an ONNX graph with weights of eight bits, written node by node, and read back for training.

One text at a time, without padding: there is no attention mask, and int8 activations have one scale per text, so what
a text is answered cannot depend on the texts beside it. Of the last layer only the states that the head reads are
computed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from toolkit.errors import InputError

__all__ = ["Shape", "read_weights", "write_graph"]

KINDS = {"bert": 0, "roberta": 2, "xlm-roberta": 2}
"""The architectures that the graph knows, and the first place in their tables of positions."""
APART = 4
"""Inputs of each matrix that are read in full precision."""


@dataclass(frozen=True)
class Shape:
    """What the graph's size depends on.

    Attributes
    ----------
    kind : str
        A key of :data:`KINDS`.
    layers, heads, dims, wide, words, places : int
        Layers, attention heads, length of a state, of the middle of a layer; entries of the tables of words and places.
    epsilon : float
        Of the layer norms.
    """

    kind: str
    layers: int
    heads: int
    dims: int
    wide: int
    words: int
    places: int
    epsilon: float

    @classmethod
    def of(cls, config: Any) -> Shape:
        """From a configuration of transformers.

        Raises
        ------
        InputError
            The architecture is none that can be written.
        """
        kind, activation = str(config.model_type), str(getattr(config, "hidden_act", ""))
        if kind not in KINDS or activation != "gelu":
            raise InputError(
                f"the encoder is of the kind {kind!r} ({activation}); fine-tuning takes the kinds {', '.join(KINDS)} "
                "with gelu, such as 'sentence-transformers/paraphrase-multilingual-MiniLM-L12-v2'"
            )
        return cls(
            kind,
            config.num_hidden_layers,
            config.num_attention_heads,
            config.hidden_size,
            config.intermediate_size,
            config.vocab_size,
            config.max_position_embeddings,
            config.layer_norm_eps,
        )

    def config(self) -> dict[str, Any]:
        """The arguments of a configuration of transformers."""
        return {
            "num_hidden_layers": self.layers,
            "num_attention_heads": self.heads,
            "hidden_size": self.dims,
            "intermediate_size": self.wide,
            "vocab_size": self.words,
            "max_position_embeddings": self.places,
            "layer_norm_eps": self.epsilon,
        }

    def facts(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)


class _Graph:
    """Collects the nodes and weights of a graph."""

    def __init__(self) -> None:
        self.nodes: list[Any] = []
        self.weights: dict[str, np.ndarray] = {}

    def add(self, op: str, *inputs: str, outputs: int = 1, name: str = "", domain: str = "", **attributes: Any) -> Any:
        from onnx import helper

        number = len(self.nodes)
        names = [name or f"t{number}_{place}" for place in range(outputs)]
        self.nodes.append(
            helper.make_node(op, list(inputs), names, name=f"n{number}_{op}", domain=domain, **attributes)
        )
        return names[0] if outputs == 1 else names

    def weight(self, name: str, value: Any, kind: Any = np.float32) -> str:
        self.weights[name] = np.array(value, dtype=kind, order="C")
        return name


def write_graph(
    weights: Mapping[str, np.ndarray],
    shape: Shape,
    max_tokens: int,
    *,
    classes: int,
    largest: Mapping[str, np.ndarray] | None = None,
) -> bytes:
    """The graph: `input_ids` (1, tokens) and `places` (read,) in, `logits` (1, classes) out.

    Parameters
    ----------
    weights : mapping of str to numpy.ndarray
        The network's, by the names of :func:`toolkit.finetuning.network.build`. Of several heads the first is taken.
    shape : Shape
    max_tokens : int
        So many places are kept.
    classes : int
        Labels of a head.
    largest : mapping of str to numpy.ndarray, optional
        For each matrix the largest absolute value of each of its inputs, seen on some texts. The few inputs that get
        largest are then read in full precision: they would set the scale of all the others.

    References
    ----------
    Dettmers et al.: LLM.int8(). NeurIPS 2022 (outlying inputs apart).
    """
    from onnx import TensorProto, helper, numpy_helper

    graph = _Graph()
    layers = _Layers(graph, weights, shape, largest or {})
    state = layers.embeddings(max_tokens)
    for number in range(shape.layers):
        state = layers.layer(number, state, last=number == shape.layers - 1)
    layers.head(state, classes)
    inputs = [
        helper.make_tensor_value_info("input_ids", TensorProto.INT64, [1, "tokens"]),
        helper.make_tensor_value_info("places", TensorProto.INT64, ["read"]),
    ]
    outputs = [helper.make_tensor_value_info("logits", TensorProto.FLOAT, [1, classes])]
    held = [numpy_helper.from_array(value, name) for name, value in graph.weights.items()]
    body = helper.make_graph(graph.nodes, "targets", inputs, outputs, held)
    opsets = [helper.make_opsetid("", 20), helper.make_opsetid("com.microsoft", 1)]
    model = helper.make_model(body, opset_imports=opsets, ir_version=10, producer_name="toolkit")
    return bytes(model.SerializeToString(deterministic=True))


class _Layers:
    """Writes the parts of the network into a graph."""

    def __init__(
        self, graph: _Graph, weights: Mapping[str, np.ndarray], shape: Shape, largest: Mapping[str, np.ndarray]
    ) -> None:
        self.graph, self.weights, self.shape, self.largest = graph, weights, shape, largest

    def embeddings(self, max_tokens: int) -> str:
        graph, first = self.graph, KINDS[self.shape.kind]
        # One scale per word, not one for the whole table: rare words have much shorter vectors.
        words = self.weights["encoder.embeddings.word_embeddings.weight"]
        scales = np.maximum(np.abs(words).max(axis=1, keepdims=True) / 127, 1e-12)
        graph.weight("words", np.rint(words / scales), np.int8)
        graph.weight("words_scale", scales)
        looked_up = graph.add("Cast", graph.add("Gather", "words", "input_ids"), to=1)
        state = graph.add("Mul", looked_up, graph.add("Gather", "words_scale", "input_ids"))
        # All tokens are of the first segment, so its vector is a part of the positions' table.
        places = self.weights["encoder.embeddings.position_embeddings.weight"]
        kinds = self.weights["encoder.embeddings.token_type_embeddings.weight"][0]
        graph.weight("positions", (places + kinds)[first : first + max_tokens])
        graph.weight("zero", [0], np.int64)
        graph.weight("one", [1], np.int64)
        graph.weight("two", [2], np.int64)
        length = graph.add("Slice", graph.add("Shape", "input_ids"), "one", "two")
        state = graph.add("Add", state, graph.add("Slice", "positions", "zero", length, "zero"))
        return self.norm("encoder.embeddings.LayerNorm", state)

    def norm(self, key: str, state: str) -> str:
        scale = self.graph.weight(f"{key}.weight", self.weights[f"{key}.weight"])
        shift = self.graph.weight(f"{key}.bias", self.weights[f"{key}.bias"])
        return str(
            self.graph.add("LayerNormalization", state, scale, shift, axis=-1, epsilon=float(self.shape.epsilon))
        )

    def dense(self, keys: list[str], state: str) -> list[str]:
        """Matrices that read the same input, in eight bits: one scale per output, and one for the input of a text."""
        graph = self.graph
        apart = self._apart(keys[0])
        precise = state
        if len(apart):
            kept = np.ones(self.weights[f"{keys[0]}.weight"].shape[1])
            kept[apart] = 0
            precise = graph.add("Gather", state, graph.weight(f"{keys[0]}.apart", apart, np.int64), axis=2)
            state = graph.add("Mul", state, graph.weight(f"{keys[0]}.kept", kept))
        small, scale, zero = graph.add("DynamicQuantizeLinear", state, outputs=3)
        found = []
        for key in keys:
            matrix = self.weights[f"{key}.weight"].T.astype(np.float32)
            rest = matrix.copy()
            rest[apart] = 0
            scales = np.maximum(np.abs(rest).max(axis=0) / 127, 1e-12).astype(np.float32)
            graph.weight(f"{key}.weight", np.rint(rest / scales), np.int8)
            graph.weight(f"{key}.scale", scales)
            graph.weight(f"{key}.zero", np.zeros(len(scales)), np.int8)
            product = graph.add("MatMulInteger", small, f"{key}.weight", zero, f"{key}.zero")
            factor = graph.add("Mul", scale, f"{key}.scale")
            product = graph.add("Mul", graph.add("Cast", product, to=1), factor)
            product = graph.add("Add", product, graph.weight(f"{key}.bias", self.weights[f"{key}.bias"]))
            if len(apart):
                exact = graph.add("MatMul", precise, graph.weight(f"{key}.exact", matrix[apart]))
                product = graph.add("Add", product, exact)
            found.append(product)
        return found

    def _apart(self, key: str) -> np.ndarray:
        """The inputs that are read in full precision: the few that get largest."""
        if key not in self.largest:
            return np.zeros(0, dtype=np.int64)
        return np.sort(np.argsort(-self.largest[key], kind="stable")[:APART])

    def layer(self, number: int, state: str, *, last: bool) -> str:
        graph, key = self.graph, f"encoder.encoder.layer.{number}"
        parts = [f"{key}.attention.self.{part}" for part in ("query", "key", "value")]
        query, keys, values = self.dense(parts, state)
        if last:
            query = graph.add("Gather", query, "places", axis=1)
            state = graph.add("Gather", state, "places", axis=1)
        mixed = graph.add("MultiHeadAttention", query, keys, values, domain="com.microsoft", num_heads=self.shape.heads)
        (mixed,) = self.dense([f"{key}.attention.output.dense"], mixed)
        state = self.norm(f"{key}.attention.output.LayerNorm", graph.add("Add", mixed, state))
        (wide,) = self.dense([f"{key}.intermediate.dense"], state)
        (narrow,) = self.dense([f"{key}.output.dense"], graph.add("Gelu", wide))
        return self.norm(f"{key}.output.LayerNorm", graph.add("Add", narrow, state))

    def head(self, state: str, classes: int) -> None:
        """The states read are the first token's and the target's, in this order."""
        graph = self.graph
        graph.weight("end", [np.iinfo(np.int64).max], np.int64)
        first = graph.add("Slice", state, "zero", "one", "one")
        target = graph.add("ReduceMean", graph.add("Slice", state, "one", "end", "one"), "one", keepdims=1)
        both = graph.add("Squeeze", graph.add("Concat", first, target, axis=2), "one")
        graph.weight("hidden.weight", self.weights["hidden.weight"].T)
        graph.weight("hidden.bias", self.weights["hidden.bias"])
        hidden = graph.add("Tanh", graph.add("Add", graph.add("MatMul", both, "hidden.weight"), "hidden.bias"))
        graph.weight("head.weight", self.weights["head.weight"][:classes].T)
        graph.weight("head.bias", self.weights["head.bias"][:classes])
        graph.add("Add", graph.add("MatMul", hidden, "head.weight"), "head.bias", name="logits")


def read_weights(model: bytes, shape: Shape) -> dict[str, np.ndarray]:
    """The network's weights from a graph of :func:`write_graph`, to train on from there.

    What eight bits have lost stays lost; the kinds of segments are within the positions.
    """
    import onnx
    from onnx import numpy_helper

    held = {w.name: numpy_helper.to_array(w) for w in onnx.load_from_string(model).graph.initializer}
    found = {
        "encoder.embeddings.word_embeddings.weight": held["words"].astype(np.float32) * held["words_scale"],
        "encoder.embeddings.token_type_embeddings.weight": np.zeros((2, shape.dims), dtype=np.float32),
    }
    first, positions = KINDS[shape.kind], np.zeros((shape.places, shape.dims), dtype=np.float32)
    positions[first : first + len(held["positions"])] = held["positions"]
    found["encoder.embeddings.position_embeddings.weight"] = positions
    for name, value in held.items():
        key, _, kind = name.rpartition(".")
        if kind == "weight" and f"{key}.scale" in held:
            matrix = value.astype(np.float32) * held[f"{key}.scale"]
            if f"{key}.exact" in held:
                matrix[held[f"{_leader(key)}.apart"]] = held[f"{key}.exact"]
            found[name] = matrix.T.copy()
        elif kind == "weight" and value.ndim == 2:
            found[name] = value.T.copy()
        elif kind in ("weight", "bias"):
            found[name] = value
    return found


def _leader(key: str) -> str:
    """The first of the matrices that read the same input."""
    stem, _, part = key.rpartition(".")
    return f"{stem}.query" if part in ("key", "value") else key

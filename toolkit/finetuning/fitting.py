"""Fit a network on a table of targets and write it as a graph."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from toolkit.finetuning import loop
from toolkit.finetuning import network as net
from toolkit.finetuning.graph import Shape, read_weights, write_graph
from toolkit.finetuning.inputs import Pieces, TargetTokenizer
from toolkit.finetuning.names import NAMES

__all__ = ["Fitted", "Shape", "Start", "export", "fit_network", "seeded", "seen_inputs"]

LOOKED_AT = 256
"""So many training texts show how large the inputs of each matrix get."""
DROPOUT = 0.2


@dataclass(frozen=True)
class Fitted:
    """A fitted network: the graph, the tokenizer's JSON, and the graph's measures."""

    model: bytes
    tokenizer: str
    shape: dict[str, Any]


@dataclass(frozen=True)
class Start(Fitted):
    """A fitted network that training goes on from, and its labels; a head of the same labels is kept."""

    classes: list[str]


def fit_network(
    spec: Any,
    targets: list[tuple[str, int, int]],
    labels: np.ndarray,
    classes: list[str],
    start: Start | None,
    checkpoint: Path | None,
    progress: Callable[[int, int], None] | None,
) -> Fitted:
    """Fine-tune as a :class:`~toolkit.classifiers.transformer.TransformerClassifier` says.

    Parameters
    ----------
    spec : TransformerClassifier
        Its parameters are read.
    targets : list of (sentence, start, end)
    labels : numpy.ndarray of float32, shape (targets, classes)
    classes : list of str
        Sorted.
    start : Start, optional
        A classifier to go on from, in place of the encoder that `spec` names.
    """
    torch = net.need_torch()
    with torch.random.fork_rng(devices=[]):  # weights that are drawn before others are put in their place
        network, text, shape = _begin(spec.encoder, start, classes, spec.random_state)
    tokenizer = TargetTokenizer(text, spec.max_tokens)
    pieces = [tokenizer.pieces(*target) for target in targets]
    settings = loop.Settings(
        epochs=spec.epochs,
        batch=spec.batch,
        rate=spec.rate,
        head_rate=5 * spec.rate,
        mask=spec.mask,
        swap=spec.swap,
        smoothing=spec.smoothing,
        names=NAMES,
        seed=spec.random_state,
        device=spec.device,
    )
    one, first = np.ones(len(pieces), dtype=np.float32), np.zeros(len(pieces), dtype=np.int64)
    examples = loop.Examples(pieces, labels, one, first)
    loop.train(network, tokenizer, examples, settings, checkpoint=checkpoint, progress=progress)
    return Fitted(export(network, tokenizer, shape, pieces, len(classes)), tokenizer.to_json(), shape.facts())


def seeded(encoder: Any, classes: int, heads: int, seed: int) -> Any:
    """The network on an encoder, whose new layers are drawn with a seed."""
    torch = net.need_torch()
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return net.build(encoder, classes, heads, DROPOUT)


def _begin(encoder: str, start: Start | None, classes: list[str], seed: int) -> tuple[Any, str, Shape]:
    """The network before training, the tokenizer and the measures."""
    if start is None:
        model, text = net.load_pretrained(encoder)
        return seeded(model, len(classes), 1, seed), text, Shape.of(model.config)
    torch = net.need_torch()
    shape = Shape(**start.shape)
    network = seeded(net.empty_encoder(shape), len(classes), 1, seed)
    found = {key: torch.from_numpy(value.copy()) for key, value in read_weights(start.model, shape).items()}
    if classes != start.classes:
        found = {key: value for key, value in found.items() if not key.startswith("head.")}
    missing = network.load_state_dict(found, strict=False)
    assert not missing.unexpected_keys
    return network, start.tokenizer, shape


def export(network: Any, tokenizer: TargetTokenizer, shape: Shape, pieces: list[Pieces], classes: int) -> bytes:
    """The network's graph; on some of the texts is seen which inputs of its matrices get large."""
    network = network.to("cpu").eval()
    step = max(1, len(pieces) // LOOKED_AT)
    largest = seen_inputs(network, tokenizer, pieces[::step])
    weights = {key: value.detach().float().numpy() for key, value in network.state_dict().items()}
    return write_graph(weights, shape, tokenizer.max_tokens, classes=classes, largest=largest)


def seen_inputs(network: Any, tokenizer: TargetTokenizer, pieces: list[Pieces]) -> dict[str, np.ndarray]:
    """For each matrix of the encoder the largest absolute value of each of its inputs on some texts."""
    import torch

    largest: dict[str, np.ndarray] = {}
    hooks = []
    for name, part in network["encoder"].named_modules():
        if isinstance(part, torch.nn.Linear):

            def look(_: Any, inputs: Any, key: str = f"encoder.{name}") -> None:
                found = inputs[0].detach().abs().flatten(0, -2).amax(0).float().numpy()
                largest[key] = np.maximum(largest[key], found) if key in largest else found

            hooks.append(part.register_forward_pre_hook(look))
    with torch.inference_mode():
        for number, one in enumerate(pieces):
            net.forward(network, [tokenizer.ids(one, blind=number % 2 == 0)], tokenizer.pad)
    for hook in hooks:
        hook.remove()
    return largest

"""Train the tagger behind find_attributions, and write it to toolkit/models/voices.

    python benchmarks/train_voices.py [--data FOLDER] [--out FOLDER] [--epochs 9] [--seed 1] [--no-rules]
        [--no-vectors]

Folder: `polnear` of TOOLKIT_DATA. Fitted on train.jsonl; after every epoch precision, recall and F1 of the content
words of dev.jsonl are printed, by which the settings were chosen. Words start from the word vectors of the encoder that
ships (layer 0, 96 principal components). One core, about eight minutes. Needs torch and onnx, which the toolkit itself
does not need for this model.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import time
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import onnx
import torch
import voices_accuracy
from onnx import numpy_helper
from torch import nn
from torch.nn import functional

from toolkit.encoders import SHIPPED
from toolkit.sentences.rules import apply_rules
from toolkit.sentences.splitting import split_sentences
from toolkit.sentences.tagger import SHAPES, STATES, WEIGHTS, find_tokens, normal_word, rule_states

DILATIONS = (1, 2, 4, 8, 16, 32, 1)
WIDTH = 64
COMPONENTS = 96
RARE = 4
"""Words seen less often have no vector of their own beside the encoder's."""
ENDINGS = 10
"""Endings of three letters seen so often among rare words stand for words that nothing else is known of."""
BATCH = 8


@dataclass
class Example:
    """One article as numbers: rows of the word table, shapes, states, and per token content, cue, source, where."""

    words: np.ndarray
    shapes: np.ndarray
    states: np.ndarray
    tags: np.ndarray
    where: np.ndarray
    is_line: np.ndarray
    counted: np.ndarray

    def keep(self, chosen: np.ndarray) -> Example:
        return Example(*(getattr(self, name)[chosen] for name in self.__dataclass_fields__))


def read_tokens(path: Path) -> list[dict]:
    """The articles of a file with tokens, states and marks; no words are numbered yet."""
    read = []
    for row in voices_accuracy.read_articles(path):
        text = row["text"]
        tokens, offsets = find_tokens(text)
        sentences = split_sentences(text)
        tags, where = marks(offsets[:, 0], sentences, next(iter(row["attributions"].values())))
        states = rule_states(offsets[:, 0], apply_rules(text, sentences))
        read.append({"tokens": tokens, "states": states, "tags": tags, "where": where})
    return read


def marks(starts: np.ndarray, sentences: list[tuple[int, int]], items: list[dict]) -> tuple[np.ndarray, np.ndarray]:
    """Content, cue and source of each token, and where its source stands (see Tags.where)."""
    tags, where = np.zeros((len(starts), 3), dtype=np.float32), np.zeros(len(starts), dtype=np.int64)
    sentence = np.searchsorted([start for start, _ in sentences], starts, side="right")

    def tokens(spans: list[list[int]]) -> np.ndarray:
        ranges = [np.arange(*np.searchsorted(starts, span)) for span in spans]
        return np.concatenate([np.empty(0, dtype=np.int64), *ranges])

    # longer contents first, so that inner ones say where their source is
    for item in sorted(items, key=lambda item: -sum(end - start for start, end in item["content"])):
        content, cue, source = (tokens(item[name]) for name in ("content", "cue", "source"))
        tags[content, 0] = tags[cue, 1] = tags[source, 2] = 1
        if not len(source):
            where[content] = 0
            continue
        for token in content:
            same = source[sentence[source] == sentence[token]]
            where[token] = (1 if same[0] < token else 2) if len(same) else (3 if source[0] < token else 4)
    return tags, where


def encoder_vectors() -> dict[str, np.ndarray]:
    """The whole words of the shipped encoder with the main components of their vectors."""
    folder = SHIPPED["minilm"]
    graph = onnx.load(folder / "model.onnx").graph
    held = {i.name: numpy_helper.to_array(i) for i in graph.initializer if i.name in ("words", "scales")}
    table = held["words"].astype(np.float32) * held["scales"]
    listed = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))["model"]["vocab"]
    rows = {word: row for word, row in listed.items() if (word.isalpha() and word.isascii()) or len(word) == 1}
    vectors = table[list(rows.values())]
    vectors -= vectors.mean(axis=0)
    _, _, components = np.linalg.svd(vectors, full_matrices=False)
    reduced = vectors @ components[:COMPONENTS].T
    return dict(zip(rows, reduced / reduced.std(), strict=True))


def make_vocabulary(articles: list[dict], vectors: dict[str, np.ndarray]) -> list[str]:
    """Frequent words, words of the encoder, and endings of rare words; the first stands for all others."""
    counts = Counter(normal_word(token)[0] for article in articles for token in article["tokens"])
    endings = Counter(word[-3:] for word, n in counts.items() if n < RARE and word.isalpha())
    frequent = [word for word, n in counts.items() if n >= RARE]
    listed = ["<unknown>", *frequent, *vectors, *(f"##{ending}" for ending, n in endings.items() if n >= ENDINGS)]
    return list(dict.fromkeys(listed))


def to_examples(articles: list[dict], vocabulary: list[str], *, use_rules: bool) -> list[Example]:
    rows = {word: row for row, word in enumerate(vocabulary)}
    examples = []
    for article in articles:
        normal = [normal_word(token) for token in article["tokens"]]
        words = np.array([rows.get(word) or rows.get(f"##{word[-3:]}", 0) for word, _ in normal])
        states = article["states"] if use_rules else article["states"] // 9 * 9
        examples.append(
            Example(
                words, np.array([shape for _, shape in normal]), states, article["tags"], article["where"],
                np.array([word == "\n" for word, _ in normal]),
                np.array([token[0].isalnum() for token in article["tokens"]]),
            )
        )  # fmt: skip
    return examples


class Network(nn.Module):
    """The tagger in torch; toolkit/sentences/tagger.py runs the same in numpy."""

    def __init__(self, vocabulary: list[str], vectors: dict[str, np.ndarray], dropout: float) -> None:
        super().__init__()
        table = np.zeros((len(vocabulary), COMPONENTS), dtype=np.float32)
        for row, word in enumerate(vocabulary):
            if word in vectors:
                table[row] = vectors[word]
        self.register_buffer("vectors", torch.tensor(table))
        self.project = nn.Linear(COMPONENTS, WIDTH, bias=False)
        self.own = nn.Embedding(len(vocabulary), WIDTH)
        nn.init.normal_(self.own.weight, std=0.02 if vectors else 0.1)
        self.shapes, self.states = nn.Embedding(SHAPES, WIDTH), nn.Embedding(STATES, WIDTH)
        self.convolutions = nn.ModuleList(nn.Conv1d(WIDTH, WIDTH, 3, dilation=step, padding=step) for step in DILATIONS)
        self.out = nn.Linear(WIDTH, 8)
        self.dropout = nn.Dropout(dropout)

    def forward(self, words: torch.Tensor, shapes: torch.Tensor, states: torch.Tensor) -> torch.Tensor:
        own = self.own(words)
        if self.training:  # words must also be known by the encoder's vector alone
            own = own * (torch.rand(own.shape[:2]) > 0.15).float()[..., None]
        layer = self.dropout(self.project(self.vectors[words]) + own + self.shapes(shapes) + self.states(states))
        for convolution in self.convolutions:
            added = functional.relu(convolution(layer.transpose(1, 2)).transpose(1, 2))
            layer = layer + self.dropout(added)
        return self.out(layer)

    def arrays(self) -> dict[str, np.ndarray]:
        """The weights as they are saved: words as int8 with a scale each, the rest as float16."""
        with torch.no_grad():
            table = (self.vectors @ self.project.weight.T + self.own.weight).numpy()
        scales = (np.abs(table).max(axis=1) / 127).astype(np.float16)
        half = {
            "shapes": self.shapes.weight, "states": self.states.weight,
            "out": self.out.weight.T, "out_bias": self.out.bias,
            "kernels": torch.stack([c.weight.permute(2, 1, 0) for c in self.convolutions]),
            "biases": torch.stack([c.bias for c in self.convolutions]),
        }  # fmt: skip
        return {
            "words": np.round(table / scales.astype(np.float32)[:, None]).clip(-127, 127).astype(np.int8),
            "scales": scales,
            **{name: value.detach().numpy().astype(np.float16) for name, value in half.items()},
        }


def vary(examples: list[Example], rng: np.random.Generator) -> list[Example]:
    """Names and some words unknown, now and then a text without paragraphs: what other corpora look like."""
    varied = [example.keep(~example.is_line) if rng.random() < 0.2 else example for example in examples]
    for i, example in enumerate(varied):
        words = example.words.copy()
        n = len(words)
        words[(example.shapes > 0) & (rng.random(n) < rng.choice([0.1, 0.3, 0.6]))] = 0
        words[rng.random(n) < 0.03] = 0
        varied[i] = replace(example, words=words)
    return varied


def to_batch(examples: list[Example]) -> tuple[torch.Tensor, ...]:
    longest = max(len(example.words) for example in examples)

    def pad(name: str) -> torch.Tensor:
        arrays = [getattr(example, name) for example in examples]
        padded = np.zeros((len(arrays), longest, *arrays[0].shape[1:]), dtype=arrays[0].dtype)
        for row, array in zip(padded, arrays, strict=True):
            row[: len(array)] = array
        return torch.tensor(padded)

    real = torch.tensor([[i < len(example.words) for i in range(longest)] for example in examples]).float()
    return *(pad(name) for name in ("words", "shapes", "states", "tags", "where")), real


def loss_of(scores: torch.Tensor, tags: torch.Tensor, where: torch.Tensor, real: torch.Tensor) -> torch.Tensor:
    binary = functional.binary_cross_entropy_with_logits(scores[..., :3], tags, reduction="none")
    placed = functional.cross_entropy(scores[..., 3:].transpose(1, 2), where, reduction="none")
    tagged = (binary * real[..., None] * torch.tensor([1.0, 0.5, 0.5])).sum() / real.sum()
    return tagged + 0.3 * ((placed * (real * tags[..., 0])).sum() / real.sum())


def token_figures(network: nn.Module, examples: list[Example]) -> tuple[float, float, float]:
    """Precision, recall and F1 of content words."""
    network.eval()
    both = found = true = 0
    with torch.no_grad():
        for example in examples:
            words, shapes, states, *_ = to_batch([example])
            tagged = (network(words, shapes, states)[0, :, 0] > 0).numpy() & example.counted
            marked = (example.tags[:, 0] > 0) & example.counted
            both, found, true = both + (tagged & marked).sum(), found + tagged.sum(), true + marked.sum()
    network.train()
    return both / found, both / true, 2 * both / (found + true)


def fit(network: Network, train: list[Example], dev: list[Example], epochs: int, rng: np.random.Generator) -> None:
    """Fit, and print figures on dev after every epoch."""
    optimiser = torch.optim.AdamW(network.parameters(), lr=2e-3, weight_decay=1e-2)
    steps = epochs * math.ceil(len(train) / BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 2e-3, steps, pct_start=0.1)
    began = time.monotonic()
    for epoch in range(epochs):
        order = rng.permutation(len(train))
        for at in range(0, len(train), BATCH):
            words, shapes, states, tags, where, real = to_batch(vary([train[i] for i in order[at : at + BATCH]], rng))
            loss = loss_of(network(words, shapes, states), tags, where, real)
            optimiser.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimiser.step()
            schedule.step()
        figures = "  ".join(f"{value:.4f}" for value in token_figures(network, dev))
        print(f"epoch {epoch + 1}  dev {figures}  {time.monotonic() - began:.0f} s", flush=True)


def write(network: Network, vocabulary: list[str], out: Path) -> None:
    """Write the weights and the vocabulary."""
    out.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(out / "weights.npz", **network.arrays())
    head = {"dilations": list(DILATIONS), "vocabulary": vocabulary}
    (out / "tagger.json").write_text(json.dumps(head, ensure_ascii=False) + "\n", encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("TOOLKIT_DATA", "")) / "polnear")
    parser.add_argument("--out", type=Path, default=WEIGHTS)
    parser.add_argument("--epochs", type=int, default=9)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--dropout", type=float, default=0.2)
    parser.add_argument("--no-rules", action="store_true", help="without what the rules found, for comparison")
    parser.add_argument("--no-vectors", action="store_true", help="without the encoder's vectors, for comparison")
    options = parser.parse_args()
    torch.manual_seed(options.seed)
    torch.set_num_threads(1)
    rng = np.random.default_rng(options.seed)
    read = {split: read_tokens(options.data / f"{split}.jsonl") for split in ("train", "dev")}
    vectors = {} if options.no_vectors else encoder_vectors()
    vocabulary = make_vocabulary(read["train"], vectors)
    examples = {name: to_examples(rows, vocabulary, use_rules=not options.no_rules) for name, rows in read.items()}
    network = Network(vocabulary, vectors, options.dropout)
    fit(network, examples["train"], examples["dev"], options.epochs, rng)
    write(network, vocabulary, options.out)


if __name__ == "__main__":
    main()

"""Several fine-tunings whose weights are averaged: how the tone classifier that ships was made."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from pydantic import Field

from toolkit.classifiers.transformer import TransformerClassifier
from toolkit.config import Exact
from toolkit.errors import InputError, nearest

__all__ = ["Member", "Recipe", "follow"]


class Member(Exact):
    """One fine-tuning; what it takes is described at :class:`toolkit.classifiers.transformer.TransformerClassifier`."""

    data: dict[str, int] = Field(min_length=1, examples=[{"newsmtsc/train": 1}])
    """Data sets and splits, and how many times each is taken."""
    first_rows: dict[str, int] = Field(default={}, examples=[{"actor_tone/train": 3160}])
    """Of these only so many rows from the beginning: a set may have grown since."""
    apart: list[str] = Field(default=[], examples=[["directed_sentiment/train"]])
    """Those of the data whose labels mean something a little different: each gets a last layer of its own, and only the
    layers below are shared."""
    start: list[str] = Field(default=[], examples=[["a", "b"]])
    """Members before this one; training starts from the mean of their weights. Empty: from the encoder."""
    epochs: int = Field(default=4, ge=1, examples=[3])
    """Rounds through the data."""
    seed: int = Field(default=0, ge=0, examples=[1])
    """For the order of the examples and what is masked and swapped."""
    rate: float = Field(default=1e-4, gt=0, examples=[8.0e-5])
    """The largest learning rate."""
    batch: int = Field(default=32, ge=1, examples=[16])
    """Examples between two steps."""
    mask: float = Field(default=0.3, ge=0, le=1, examples=[0.4])
    """The share of examples in which the target's name is masked."""
    swap: float = Field(default=0.3, ge=0, le=1, examples=[0.2])
    """The share of examples in which another name stands in place of the target's."""
    smoothing: float = Field(default=0.1, ge=0, lt=1, examples=[0.0])
    """How much of each label is spread over the others."""
    freeze_words: bool = Field(default=False, examples=[True])
    """Whether the table of words is left as it is."""
    attention_dropout: float | None = Field(default=None, ge=0, lt=1, examples=[0.0])
    """The share of attention that is dropped; the encoder's own if not given."""


class Recipe(Exact):
    """Members by name, and which of them are averaged, with their shares."""

    encoder: str = Field(min_length=1, examples=["sentence-transformers/all-MiniLM-L6-v2"])
    """A sentence-transformers model, by name or folder."""
    members: dict[str, Member] = Field(min_length=1, examples=[{"a": {"data": {"newsmtsc/train": 1}}}])
    """The fine-tunings, by name, in order."""
    average: dict[str, float] = Field(min_length=1, examples=[{"a": 1.0, "b": 1.0}])
    """Members and their shares in the mean of the weights that is saved."""


def follow(
    recipe: Recipe,
    tables: Callable[[str], pd.DataFrame],
    chosen_on: pd.DataFrame,
    *,
    checkpoints: Path | None = None,
    progress: Callable[[int, int], None] | None = None,
    threads: int = 0,
) -> TransformerClassifier:
    """Make a classifier by a recipe.

    Parameters
    ----------
    recipe : Recipe
    tables : callable
        Gives the labelled table of a dataset and split.
    chosen_on : pandas.DataFrame
        Development data: temperatures, and the view of "auto".
    checkpoints : pathlib.Path, optional
        A folder where each member's state after each epoch is kept; a training that was cut off goes on from there.
    progress : callable, optional
        Called with (steps done, steps) of the member that is trained.
    threads : int
        Of torch; 0 leaves them as they are.

    Returns
    -------
    TransformerClassifier
        Fitted and calibrated.

    References
    ----------
    Wortsman et al.: Model soups: averaging weights of multiple fine-tuned models. ICML 2022.
    """
    from toolkit.finetuning import fitting, loop
    from toolkit.finetuning import network as net
    from toolkit.finetuning.inputs import TargetTokenizer
    from toolkit.finetuning.names import NAMES

    _check(recipe)
    classes = sorted({str(label) for label in chosen_on["label"]})
    made: dict[str, dict[str, Any]] = {}
    for name, member in recipe.members.items():
        table = _examples(member, tables)
        encoder, text = net.load_pretrained(recipe.encoder, attention_dropout=member.attention_dropout)
        tokenizer, shape = TargetTokenizer(text), fitting.Shape.of(encoder.config)
        network = fitting.seeded(encoder, len(classes), int(table["head"].max()) + 1, member.seed)
        if member.freeze_words:
            encoder.get_input_embeddings().weight.requires_grad_(False)
        if member.start:
            network.load_state_dict(_fitting(_mean({m: made[m] for m in member.start}, len(classes)), network))
        targets = table[["sentence", "start", "end"]].itertuples(index=False, name=None)
        pieces = [tokenizer.pieces(*target) for target in targets]
        labels = (table["label"].to_numpy(dtype=np.str_)[:, None] == np.array(classes)[None]).astype(np.float32)
        weights = np.ones(len(table), dtype=np.float32)
        loop.train(
            network,
            tokenizer,
            loop.Examples(pieces, labels, weights, table["head"].to_numpy(dtype=np.int64)),
            loop.Settings(
                epochs=member.epochs,
                batch=member.batch,
                rate=member.rate,
                mask=member.mask,
                swap=member.swap,
                smoothing=member.smoothing,
                names=NAMES,
                seed=member.seed,
                threads=threads,
            ),
            checkpoint=checkpoints / name if checkpoints else None,
            progress=progress,
        )
        made[name] = {key: value.detach().clone() for key, value in network.state_dict().items()}
    mean = _mean({m: made[m] for m in recipe.average}, len(classes), recipe.average)
    network = fitting.seeded(encoder, len(classes), 1, 0)
    network.load_state_dict({k: v[: len(classes)] if k.startswith("head.") else v for k, v in mean.items()})
    model = fitting.export(network, tokenizer, shape, pieces, len(classes))
    found = TransformerClassifier(encoder=recipe.encoder)
    return found.restore(model, tokenizer.to_json(), shape.facts(), classes).calibrate(chosen_on, chosen_on["label"])


def _check(recipe: Recipe) -> None:
    before: list[str] = []
    for name, member in recipe.members.items():
        for other in member.start:
            if other not in before:
                raise InputError(f"member {name!r} starts from {other!r}; {nearest(other, before)} stand before it")
        for source in [*member.apart, *member.first_rows]:
            if source not in member.data:
                raise InputError(f"member {name!r} has no data {source!r}; {nearest(source, member.data)}")
        before.append(name)
    for name in recipe.average:
        if name not in before:
            raise InputError(f"average: there is no member {name!r}; {nearest(name, before)}")


def _examples(member: Member, tables: Callable[[str], pd.DataFrame]) -> pd.DataFrame:
    parts = []
    for source, times in member.data.items():
        head = member.apart.index(source) + 1 if source in member.apart else 0
        table = tables(source)[["sentence", "start", "end", "label"]].assign(head=head)
        parts += [table.iloc[: member.first_rows.get(source, len(table))]] * times
    return pd.concat(parts, ignore_index=True)


def _mean(states: dict[str, dict[str, Any]], classes: int, shares: dict[str, float] | None = None) -> dict[str, Any]:
    """The weighted mean of weights; of heads beyond the first, the mean over those that have them."""
    import torch

    share = {name: (shares or {}).get(name, 1.0) for name in states}
    whole = sum(share.values())
    first = next(iter(states.values()))
    found = {}
    for key in first:
        if not key.startswith("head."):
            found[key] = sum(share[name] * state[key] for name, state in states.items()) / whole
            continue
        main = sum(share[name] * state[key][:classes] for name, state in states.items()) / whole
        further = [state[key][classes:] for state in states.values() if len(state[key]) > classes]
        found[key] = torch.cat([main, sum(further) / len(further)]) if further else main
    return found


def _fitting(state: dict[str, Any], network: Any) -> dict[str, Any]:
    """As many heads as the network has; those that are missing keep what they began with."""
    import torch

    own = network.state_dict()
    for key in ("head.weight", "head.bias"):
        rows = len(own[key])
        state[key] = torch.cat([state[key][:rows], own[key][len(state[key]) :]])
    return state

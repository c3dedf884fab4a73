"""Nearness to what the codebook says of each label: its definition and its examples. No training."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from toolkit.classifiers.base import TargetClassifier
from toolkit.classifiers.embedding import EmbeddingClassifier
from toolkit.codebook import Case, Task, load_codebook, require_single, task_hash
from toolkit.errors import InputError, nearest

__all__ = ["AnchorsClassifier"]

TEMPERATURES = tuple(float(t) for t in 2.0 ** np.arange(-6, 6))
"""Those that are tried; at the last the probabilities are all but equal."""


DEFINITION = 3
"""So many examples a definition counts for."""


class AnchorsClassifier(TargetClassifier):
    """Softmax over the nearness of a masked target to the anchors of each label; needs no training.

    Parameters
    ----------
    task : str or Task
        A task of the shipped codebook, or any task with one label a mention.
    encoder : str
        A name for :func:`toolkit.load_encoder`.
    layers : sequence of int or None
        The encoder's layers that are read; None for its last.
    pools, placeholder
        As for the classifier "embedding".

    Notes
    -----
    The anchors of a label l are its definition and the examples and boundary cases that have it, each with its target
    masked, as vectors of length 1 (the pools one after another, each of length 1). With c the mean of the labels' mean
    examples, d the mean of the definitions d_l, and u giving length 1, the prototype of l is
    p_l = u(3 (d_l - d) + sum over its examples of (e - c)), and

        P(l | x) = exp(s_l / T) / sum over k of exp(s_k / T),   s_l = u(x - c) . p_l, from -1 to 1.

    Layer, pools and the weight 3 did best (by a little) on the development data of NewsMTSC and of the first fold of
    the Narrative Frames Corpus, among 20 sets of layers and pools and 5 weights.

    T is the one of 1/64, 1/32, ..., 32 with the smallest mean -log P over the task's own examples and boundary cases,
    each held out in turn. Where nearness says nothing of them T is 32 and the probabilities are all but equal; the
    label is then still given, so look at the probabilities. A task without examples for two labels at least gets
    T = 1/4, which is a convention: its probabilities are NOT calibrated.

    `fit` is not needed. With labels it adds the labelled targets to the anchors of their labels, and T is chosen over
    these too.

    References
    ----------
    Snell, Swersky, Zemel: Prototypical networks for few-shot learning. NeurIPS 2017 (prototypes as means).
    Guo, Pleiss, Sun, Weinberger: On calibration of modern neural networks. ICML 2017 (the temperature).

    Examples
    --------
    >>> import pandas as pd
    >>> from toolkit.codebook import Task
    >>> task = Task("speech", ("speaks", "fights"), None, "What does the actor do?",
    ...             {"speaks": "It talks to others.", "fights": "It shoots and bombs."},
    ...             (("[[Lima]] told reporters so.", "speaks"), ("[[Lima]] shelled the town.", "fights")))
    >>> mentions = pd.DataFrame({"sentence": ["Cairo said it had met the envoy.", "Cairo bombed the village."],
    ...                          "start": 0, "end": 5})
    >>> AnchorsClassifier(task).predict(mentions).tolist()
    ['speaks', 'fights']
    """

    name = "anchors"
    needs_fit = False

    def __init__(
        self,
        task: str | Task = "tone",
        encoder: str = "minilm",
        layers: Sequence[int] | None = None,
        pools: Sequence[str] = ("target", "sentence"),
        placeholder: str | None = "they",
    ) -> None:
        self.task = task
        self.encoder = encoder
        self.layers = layers
        self.pools = pools
        self.placeholder = placeholder

    @property
    def classes_(self) -> np.ndarray:  # type: ignore[override]
        """The labels of the task, sorted; what was loaded keeps its own."""
        held = getattr(self, "_classes", None)
        return np.array(sorted(self._task().labels)) if held is None else held

    @classes_.setter
    def classes_(self, labels: np.ndarray) -> None:
        self._classes = labels

    def _is_fitted(self) -> bool:
        return True

    def _task(self) -> Task:
        if isinstance(self.task, Task):
            task = self.task
        else:
            tasks = load_codebook()
            if self.task not in tasks:
                raise InputError(f"unknown task {self.task!r}; {nearest(str(self.task), tasks)}")
            task = tasks[self.task]
        if task.needs_proposition:
            raise InputError(
                f"the task {task.name!r} asks about a proposition that is not given; call .about('...') on the task"
            )
        if task.proposition is not None and task.proposition != task.examples_about:
            raise InputError(
                f"the anchors of the task {task.name!r} are about {task.examples_about!r}, not {task.proposition!r}: "
                "nearness to them says nothing; write a codebook entry with examples about it, or fit another one"
            )
        return require_single(task, "the classifier 'anchors'")

    def _fit(self, targets: list[tuple[str, int, int]], labels: np.ndarray) -> None:
        task = self._task()
        foreign = sorted(set(labels.tolist()) - set(task.labels))
        if foreign:
            raise InputError(
                f"the label {foreign[0]!r} is none of the task {task.name!r}; {nearest(foreign[0], task.labels)}"
            )
        self._classes = np.array(sorted(task.labels))
        self._set_anchors(task, targets, labels.tolist())

    def _proba(self, targets: list[tuple[str, int, int]]) -> np.ndarray:
        self._ready()
        return _softmax(self._nearness(self.features(targets)), self.temperature_)

    def _ready(self) -> None:
        """Unfitted, the anchors are the codebook's; they are made again where a parameter was changed."""
        if getattr(self, "_from_labels", False):
            return
        key = (self._task(), self.encoder, self.layers, tuple(self.pools), self.placeholder)
        if getattr(self, "_made_of", None) != key:
            self._set_anchors(self._task(), [], [])
            self._from_labels = False
            self._made_of = key

    def features(self, targets: list[tuple[str, int, int]]) -> np.ndarray:
        """Vectors of length 1 of masked targets, float64, shape (targets, layers x pools x dims)."""
        found = self._reader().features(targets).astype(np.float64)
        parts = found.reshape(len(found), -1, self._reader()._encoder().dims)
        return _unit(_unit(parts).reshape(len(found), -1))

    def _reader(self) -> EmbeddingClassifier:
        held = getattr(self, "_held", None)
        key = (self.encoder, self.layers, tuple(self.pools), self.placeholder)
        if held is None or held[0] != key:
            reader = EmbeddingClassifier(self.encoder, self.layers, self.pools, self.placeholder)
            if self.layers is None:
                reader.layers = (reader._encoder().n_layers,)
            self._held = held = (key, reader)
        return held[1]

    def _set_anchors(self, task: Task, targets: list[tuple[str, int, int]], labels: list[str]) -> None:
        classes = sorted(task.labels)
        given = [*task.examples, *((case.text, case.label) for case in task.boundary)]
        examples = [*(_parse(text, task.name) for text, _ in given), *targets]
        named = np.array([*(label for _, label in given), *labels], dtype=object)
        # A definition has no target; the placeholder stands before it, as the one of whom it speaks.
        lead = self.placeholder or "they"
        definitions = [(f"{lead}: {task.definitions[label]}", 0, len(lead)) for label in classes]
        vectors = self.features([*definitions, *examples])
        own, held = vectors[: len(classes)], vectors[len(classes) :]
        self.temperature_ = _temperature(own, held, named, classes)
        prototypes, centre = _prototypes(own, held, named, classes)
        self.prototypes_, self.centre_ = prototypes.astype(np.float32), centre.astype(np.float32)
        self.encoder_ = self._reader()._encoder().fingerprint
        self.task_hash_ = task_hash(task)
        self._from_labels = bool(labels)

    def _nearness(self, vectors: np.ndarray) -> np.ndarray:
        return _nearness(vectors, self.prototypes_.astype(np.float64), self.centre_.astype(np.float64))

    def __getstate__(self) -> dict[str, Any]:
        """Copies leave the loaded encoder behind: it is loaded again where they are used."""
        return {key: value for key, value in super().__getstate__().items() if key != "_held"}

    def _write(self, folder: Path) -> None:
        self._ready()
        super()._write(folder)

    def _parameters(self) -> dict[str, Any]:
        given = self.get_params()
        return {**given, "task": asdict(self.task)} if isinstance(self.task, Task) else given

    @classmethod
    def from_parts(cls, head: dict[str, Any], contents: dict[str, bytes], source: str) -> TargetClassifier:
        """As for every classifier; the task may have been kept whole."""
        task = head["parameters"].get("task")
        if isinstance(task, dict):
            head = {**head, "parameters": {**head["parameters"], "task": _task_of(task)}}
        return super().from_parts(head, contents, source)

    def _facts(self) -> dict[str, Any]:
        return {"encoder_sha256": self.encoder_, "task_sha256": self.task_hash_, "temperature": self.temperature_}

    def _arrays(self) -> dict[str, np.ndarray]:
        return {"centre": self.centre_, "prototypes": self.prototypes_}

    def _restore(self, facts: dict[str, Any], arrays: dict[str, np.ndarray], source: str) -> None:
        self.prototypes_, self.centre_ = arrays["prototypes"], arrays["centre"]
        self.temperature_, self.task_hash_ = float(facts["temperature"]), facts["task_sha256"]
        reader = self._reader()
        encoder = reader._encoder()
        self.encoder_ = facts["encoder_sha256"]
        if self.encoder_ != encoder.fingerprint:
            raise InputError(
                f"{source}: its anchors were made with another encoder than {self.encoder!r}; make it again"
            )
        dims = len(reader.layers or ()) * len(self.pools) * encoder.dims
        if self.prototypes_.shape != (len(self._classes), dims) or self.centre_.shape != (dims,):
            raise InputError(
                f"{source}: anchors of shape {self.prototypes_.shape}, expected {(len(self._classes), dims)}"
            )
        self._from_labels = True  # what was saved stays as it is, whatever the codebook says now


def _parse(text: str, task: str) -> tuple[str, int, int]:
    """A text with its target in double square brackets; without any, the whole of it is the target."""
    start, end = text.find("[["), text.find("]]")
    if start < 0 or end <= start + 2:
        raise InputError(f"an example of the task {task!r} marks no actor: {text!r}; put it into [[ and ]]")
    return text[:start] + text[start + 2 : end] + text[end + 2 :], start, end - 2


def _task_of(held: dict[str, Any]) -> Task:
    """A task from what `asdict` made of it."""
    value: dict[str, Any] = {key: tuple(one) if isinstance(one, list) else one for key, one in held.items()}
    value["examples"] = tuple((text, label) for text, label in held["examples"])
    value["boundary"] = tuple(Case(*case) for case in held["boundary"])
    return Task(**value)


def _unit(table: np.ndarray) -> np.ndarray:
    """Rows of length 1; one of length 0 stays."""
    length = np.sqrt((table * table).sum(axis=-1, keepdims=True))
    return table / np.where(length > 0, length, 1)


def _prototypes(
    own: np.ndarray, held: np.ndarray, named: np.ndarray, classes: list[str]
) -> tuple[np.ndarray, np.ndarray]:
    """Prototypes, shape (labels, dims), and the centre that rows are seen from.

    Definitions and examples are other kinds of text, so each is seen from a centre of its own.
    """
    sums = DEFINITION * (own - own.mean(axis=0))
    of_label = [held[named == label] for label in classes]
    means = [rows.mean(axis=0) for rows in of_label if len(rows)]
    centre = np.mean(means, axis=0) if means else own.mean(axis=0)
    for place, rows in enumerate(of_label):
        sums[place] += (rows - centre).sum(axis=0)
    return _unit(sums), centre


def _nearness(vectors: np.ndarray, prototypes: np.ndarray, centre: np.ndarray) -> np.ndarray:
    """Cosines from the centre, shape (rows, labels), row by row: the bits must not depend on the number of rows."""
    return np.array([(prototypes * row).sum(axis=1) for row in _unit(vectors - centre)]).reshape(-1, len(prototypes))


def _softmax(nearness: np.ndarray, temperature: float) -> np.ndarray:
    from scipy.special import softmax

    return softmax(nearness / temperature, axis=1)


def _temperature(own: np.ndarray, held: np.ndarray, named: np.ndarray, classes: list[str]) -> float:
    """The one with the smallest log loss over the examples, each held out in turn."""
    if len(set(named.tolist())) < 2:
        return 0.25
    rows = []
    for place in range(len(held)):
        rest = np.arange(len(held)) != place
        prototypes, centre = _prototypes(own, held[rest], named[rest], classes)
        rows.append(_nearness(held[[place]], prototypes, centre)[0])
    table = np.array(rows)
    right = [classes.index(label) for label in named]
    losses = [-np.log(_softmax(table, t)[np.arange(len(table)), right]).mean() for t in TEMPERATURES]
    return TEMPERATURES[int(np.argmin(losses))]

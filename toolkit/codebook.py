"""The codebook: tasks, their labels and definitions. People and machines code with the same one."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import NamedTuple

import pandas as pd
from pydantic import Field, model_validator

from toolkit.config import Strict, check_config, read_yaml
from toolkit.errors import InputError, nearest
from toolkit.files import to_json

__all__ = ["Case", "Task", "load_codebook", "require_single", "split_labels", "task_hash"]

SHIPPED = Path(__file__).parent / "data" / "codebook.yaml"
JOIN = "|"
"""Stands between the labels of a mention that has several."""
_SEPARATORS = re.compile(r"[|;,]")
_SLOT = "{proposition}"


class Case(NamedTuple):
    """A case on which coders differ: a text with its target in double square brackets, its label, and why."""

    text: str
    label: str
    why: str


@dataclass(frozen=True)
class Task:
    """What is judged on a mention.

    Attributes
    ----------
    name : str
        Its name, which begins the names of the columns.
    labels : tuple of str
        The labels, in order where they have one.
    values : tuple of float or None
        A number from -1 to 1 for each label of an ordered task; None for a task without order.
    question : str
        What a coder answers. ``{proposition}`` in it stands for what :meth:`about` gives.
    definitions : dict of str to str
        What each label means.
    examples : tuple of (str, str)
        Text with the actor in double square brackets, and its label.
    boundary : tuple of Case
        Cases on which coders differ.
    steps : tuple of str
        The questions that lead to a label, in order.
    sources : tuple of str
        Where the task comes from.
    multiple : bool
        Whether a mention takes one label or several, written ``conflict|economic`` in the order of `labels`.
    alone : str or None
        Of several labels, the one that stands by itself ("none").
    proposition : str or None
        What the text is for or against, in a task of stance.
    examples_about : str or None
        The proposition of the examples and boundary cases, where they have one.
    """

    name: str
    labels: tuple[str, ...]
    values: tuple[float, ...] | None
    question: str
    definitions: dict[str, str]
    examples: tuple[tuple[str, str], ...] = ()
    boundary: tuple[Case, ...] = ()
    steps: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    multiple: bool = False
    alone: str | None = None
    proposition: str | None = None
    examples_about: str | None = None

    @property
    def needs_proposition(self) -> bool:
        """Whether nobody can code it before :meth:`about` says what it is about."""
        return _SLOT in self.question

    def about(self, proposition: str | None) -> Task:
        """The task with its proposition.

        Raises
        ------
        InputError
            It needs one and none is given, or the other way round; it is longer than 300 characters.

        Examples
        --------
        >>> load_codebook()["stance"].about("Turkey should leave NATO.").question
        'Does this sentence speak for or against the following: Turkey should leave NATO.'
        """
        words = " ".join((proposition or "").split())
        if words and not self.needs_proposition and words != self.proposition:
            raise InputError(f"the task {self.name!r} takes no proposition, got {words!r}; leave it out")
        if not self.needs_proposition:
            return self
        if not words or len(words) > 300:
            got = f"one of {len(words)} characters" if words else "none"
            raise InputError(
                f"the task {self.name!r} asks whether a sentence is for or against a proposition, got {got}; give one "
                "sentence of at most 300 characters (--proposition, or proposition: under the task), such as 'Turkey "
                "should leave NATO.'"
            )
        return replace(self, question=self.question.replace(_SLOT, words), proposition=words)

    def split(self, label: str) -> tuple[str, ...]:
        """The labels that a mention was given, in the task's order.

        Raises
        ------
        InputError
            One is not of this task; several where one is asked for, or beside the one that stands alone.

        Examples
        --------
        >>> load_codebook()["frame"].split("economic; conflict")
        ('conflict', 'economic')
        """
        parts = [label.strip()] if not self.multiple else [part.strip() for part in _SEPARATORS.split(label)]
        for part in parts:
            if part not in self.labels:
                raise InputError(f"unknown label {part!r} of the task {self.name!r}; {nearest(part, self.labels)}")
        if self.alone in parts and len(set(parts)) > 1:
            raise InputError(f"the labels {label!r}: {self.alone!r} stands alone; give it, or the others")
        return tuple(one for one in self.labels if one in parts)

    def join(self, labels: Iterable[str]) -> str:
        """Several labels as they are kept in tables.

        Examples
        --------
        >>> load_codebook()["frame"].join(["economic", "conflict"])
        'conflict|economic'
        """
        return JOIN.join(self.split(JOIN.join(labels)))

    def yes_no(self) -> dict[str, Task]:
        """Of a task with several labels, one task a label, which is there or not; see :func:`split_labels`.

        Examples
        --------
        >>> tasks = load_codebook()["frame"].yes_no()
        >>> list(tasks)[:2], tasks["frame_conflict"].labels
        (['frame_conflict', 'frame_human_interest'], ('no', 'yes'))
        >>> tasks["frame_economic"].examples[5]
        ('[[Moscow]] has cut the price of grain for its partners.', 'yes')
        """
        wanted = [label for label in self.labels if label != self.alone] if self.multiple else []
        return {
            f"{self.name}_{label}": Task(
                f"{self.name}_{label}", ("no", "yes"), None, f"{self.question} Is it: {label.replace('_', ' ')}?",
                {"no": "What follows under yes does not hold.", "yes": self.definitions[label]},
                tuple((text, _said(label, self.split(given))) for text, given in self.examples),
                tuple(Case(one.text, _said(label, self.split(one.label)), one.why) for one in self.boundary),
                sources=self.sources,
            )
            for label in wanted
        }  # fmt: skip


def _said(label: str, given: tuple[str, ...]) -> str:
    return "yes" if label in given else "no"


def require_single(task: Task, what: str) -> Task:
    """The task itself, if a mention takes one label of it.

    Raises
    ------
    InputError
        It takes several, which `what` cannot use; the message says what to do.
    """
    if task.multiple:
        raise InputError(
            f"the task {task.name!r} takes several labels a mention, and {what} takes one: split its annotations into "
            f"one task a label (toolkit.split_labels: {', '.join(list(task.yes_no())[:2])}, ...) and use those"
        )
    return task


def split_labels(annotations: pd.DataFrame, task: Task) -> pd.DataFrame:
    """Turn annotations with several labels into annotations of one task a label, with the labels no and yes.

    Parameters
    ----------
    annotations : pandas.DataFrame
        Annotations or gold: `mention_id`, `task`, `label`, and any others; not changed.
    task : Task
        With ``multiple``; rows of other tasks are left as they are.

    Returns
    -------
    pandas.DataFrame
        For each row of the task one row a label (not for the one that stands alone), with `task` such as
        ``frame_conflict``, which agreement and corrections can use.

    Raises
    ------
    InputError
        The task takes one label, or a label is not of it.

    Examples
    --------
    >>> import pandas as pd
    >>> given = pd.DataFrame({"mention_id": ["m1"], "task": "frame", "coder": "anna", "label": "conflict|morality"})
    >>> split_labels(given, load_codebook()["frame"])[["task", "label"]].iloc[:3].values.tolist()
    [['frame_conflict', 'yes'], ['frame_human_interest', 'no'], ['frame_economic', 'no']]
    """
    if not task.multiple:
        raise InputError(f"the task {task.name!r} takes one label a mention: there is nothing to split")
    for column in ("mention_id", "task", "label"):
        if column not in annotations.columns:
            raise InputError(f"the annotations lack the column {column!r}; {nearest(column, annotations.columns)}")
    of_task = (annotations["task"] == task.name).to_numpy()
    rows = annotations[of_task]
    given = [task.split(label) for label in rows["label"]]
    parts = [annotations[~of_task]]
    for name in task.yes_no():
        label = name.removeprefix(f"{task.name}_")
        said = pd.Series(["yes" if label in one else "no" for one in given], index=rows.index, dtype="str")
        parts.append(rows.assign(task=name, label=said))
    return pd.concat(parts).sort_index(kind="stable").reset_index(drop=True)


def task_hash(task: Task) -> str:
    """The SHA-256 of all that a task says: what was coded by one hash was coded by the same words.

    Examples
    --------
    >>> tone = load_codebook()["tone"]
    >>> task_hash(tone) == task_hash(load_codebook()["tone"]), len(task_hash(tone))
    (True, 64)
    """
    return hashlib.sha256(to_json(asdict(task)).encode("utf-8")).hexdigest()


class _Example(Strict):
    text: str
    label: str | list[str]


class _Case(_Example):
    why: str = Field(min_length=1)


class _TaskSpec(Strict):
    question: str = Field(min_length=1)
    labels: list[str] = Field(min_length=2)
    values: list[float] | None = None
    multiple: bool = False
    alone: str | None = None
    proposition: str | None = None
    definitions: dict[str, str]
    steps: list[str] = Field(default=[])
    examples_about: str | None = None
    examples: list[_Example] = Field(default=[])
    boundary: list[_Case] = Field(default=[])
    sources: list[str] = Field(default=[])

    @model_validator(mode="after")
    def _consistent(self) -> _TaskSpec:
        if len(set(self.labels)) < len(self.labels):
            raise ValueError("a label is given twice")
        if bad := [label for label in self.labels if not label.replace("_", "").isalnum()]:
            raise ValueError(f"the label {bad[0]!r} becomes part of a column's name: letters, digits and _ only")
        if set(self.definitions) != set(self.labels):
            odd = sorted(set(self.definitions) ^ set(self.labels))
            raise ValueError(f"labels and definitions must name the same; only one of them has {', '.join(odd)}")
        if self.values is not None:
            if len(self.values) != len(self.labels):
                raise ValueError(f"{len(self.values)} values for {len(self.labels)} labels")
            if any(not -1 <= value <= 1 for value in self.values) or sorted(set(self.values)) != self.values:
                raise ValueError("values must rise from label to label and lie between -1 and 1")
        if self.multiple and self.values is not None:
            raise ValueError("a task with several labels a mention has no order: leave values or multiple out")
        if self.alone is not None and not (self.multiple and self.alone in self.labels):
            raise ValueError(f"alone is {self.alone!r}; expected a label of a task with multiple: true")
        if self.proposition is not None and _SLOT not in self.question:
            raise ValueError(
                f"a proposition is given, and the question does not ask for it: write {_SLOT} where it goes"
            )
        for what, given in (("an example", self.examples), ("a boundary case", self.boundary)):
            for one in given:
                self._check_example(what, one)
        return self

    def _check_example(self, what: str, one: _Example) -> None:
        given = [one.label] if isinstance(one.label, str) else one.label
        for label in given:
            if label not in self.labels:
                raise ValueError(f"{what} has the label {label!r}, which the task lacks")
        if len(given) != 1 and not (self.multiple and given):
            raise ValueError(f"{what} has {len(given)} labels; the task takes {'some' if self.multiple else 'one'}")
        if self.alone in given and len(given) > 1:
            raise ValueError(f"{what} has {self.alone!r} beside other labels; it stands alone")


def _task(name: str, spec: _TaskSpec) -> Task:
    def words(text: str) -> str:
        return " ".join(text.split())

    def joined(label: str | list[str]) -> str:
        return label if isinstance(label, str) else JOIN.join(one for one in spec.labels if one in label)

    task = Task(
        name,
        tuple(spec.labels),
        None if spec.values is None else tuple(spec.values),
        spec.question.strip(),
        {label: spec.definitions[label].strip() for label in spec.labels},
        tuple((one.text, joined(one.label)) for one in spec.examples),
        tuple(Case(one.text, joined(one.label), words(one.why)) for one in spec.boundary),
        tuple(map(words, spec.steps)),
        tuple(map(words, spec.sources)),
        spec.multiple,
        spec.alone,
        examples_about=None if spec.examples_about is None else words(spec.examples_about),
    )
    return task if spec.proposition is None else task.about(spec.proposition)


def load_codebook(path: str | Path | None = None) -> dict[str, Task]:
    """Read a codebook.

    Parameters
    ----------
    path : str or pathlib.Path, optional
        A YAML file; the toolkit's own by default.

    Returns
    -------
    dict of str to Task

    Raises
    ------
    InputError
        The file is missing or no codebook; the message names the key.

    Examples
    --------
    >>> tone = load_codebook()["tone"]
    >>> tone.labels, tone.values
    (('negative', 'neutral', 'positive'), (-1.0, 0.0, 1.0))
    """
    source = SHIPPED if path is None else Path(path)
    tasks = {}
    for name, raw in read_yaml(source).items():
        if not (isinstance(name, str) and name.isidentifier()):
            raise InputError(f"{source}: the task {name!r} becomes part of a column's name: letters, digits and _ only")
        if not isinstance(raw, dict):
            raise InputError(f"{source}: the task {name!r} is {raw!r}; expected its question, labels and definitions")
        tasks[name] = _task(name, check_config(_TaskSpec, raw, f"{source}, task {name!r}"))
    return tasks

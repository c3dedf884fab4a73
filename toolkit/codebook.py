"""The codebook: tasks, their labels and definitions. People and machines code with the same one."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from pydantic import Field, model_validator

from toolkit.config import Strict, check_config, read_yaml
from toolkit.errors import InputError

__all__ = ["Task", "load_codebook"]

SHIPPED = Path(__file__).parent / "data" / "codebook.yaml"


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
        What a coder answers.
    definitions : dict of str to str
        What each label means.
    examples : tuple of (str, str)
        Text with the actor in double square brackets, and its label.
    """

    name: str
    labels: tuple[str, ...]
    values: tuple[float, ...] | None
    question: str
    definitions: dict[str, str]
    examples: tuple[tuple[str, str], ...] = field(default=())


class _Example(Strict):
    text: str
    label: str


class _TaskSpec(Strict):
    question: str = Field(min_length=1)
    labels: list[str] = Field(min_length=2)
    values: list[float] | None = None
    definitions: dict[str, str]
    examples: list[_Example] = Field(default=[])

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
        for example in self.examples:
            if example.label not in self.labels:
                raise ValueError(f"an example has the label {example.label!r}, which the task lacks")
        return self


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
        spec = check_config(_TaskSpec, raw, f"{source}, task {name!r}")
        tasks[name] = Task(
            name,
            tuple(spec.labels),
            None if spec.values is None else tuple(spec.values),
            spec.question.strip(),
            {label: spec.definitions[label].strip() for label in spec.labels},
            tuple((example.text, example.label) for example in spec.examples),
        )
    return tasks

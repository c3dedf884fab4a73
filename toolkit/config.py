"""Reading YAML that people wrote, and saying what is wrong with it in their words."""

from __future__ import annotations

from collections.abc import Hashable
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from toolkit.errors import InputError, nearest

__all__ = ["Strict", "check_config", "read_yaml"]

LARGEST = 1_000_000
"""A configuration is not longer than this (bytes)."""


class Strict(BaseModel):
    """A part of a configuration in which unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


Model = TypeVar("Model", bound=BaseModel)


class _Loader(yaml.SafeLoader):
    """The safe loader, which also refuses a key given twice and anchors, with which small files grow without bound."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if not isinstance(key, Hashable) or key in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {key!r} is given twice", key_node.start_mark
                )
            seen.add(key)
        return super().construct_mapping(node, deep)

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            raise yaml.composer.ComposerError(None, None, "aliases (*name) are not read", self.peek_event().start_mark)
        return super().compose_node(parent, index)


def read_yaml(path: Path) -> dict[str, Any]:
    """Read a YAML file that holds a mapping.

    Raises
    ------
    InputError
        The file is missing, too large, no UTF-8, no YAML, or no mapping; a key is given twice.
    """
    if not path.is_file():
        raise InputError(f"there is no file {str(path)!r}; give the path of a YAML file")
    if path.stat().st_size > LARGEST:
        raise InputError(f"{path} has {path.stat().st_size:,} bytes; a configuration has at most {LARGEST:,}")
    try:
        value = yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)
    except UnicodeDecodeError as error:
        raise InputError(f"{path} is not UTF-8 text (byte {error.start}); save it as UTF-8") from None
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        place = f", line {mark.line + 1}" if mark else ""
        problem = getattr(error, "problem", None) or str(error)
        raise InputError(f"{path}{place}: {problem}; mend the YAML there") from None
    if not isinstance(value, dict):
        raise InputError(f"{path} holds {_kind(value)}; expected keys with values, such as 'title: ...'")
    return value


def check_config(model: type[Model], value: dict[str, Any], source: str) -> Model:
    """Make a `model` of a mapping.

    Parameters
    ----------
    model : type of pydantic.BaseModel
        What the mapping should be.
    value : dict
        The mapping.
    source : str
        Where it comes from, for the message.

    Raises
    ------
    InputError
        One line for each fault: the path of the key, the value, what was expected.

    Examples
    --------
    >>> class Corpus(Strict):
    ...     articles: str
    >>> check_config(Corpus, {"artciles": "exports"}, "study.yaml")
    Traceback (most recent call last):
        ...
    toolkit.errors.InputError: study.yaml:
      artciles: unknown key; did you mean 'articles'? Valid: articles
      articles: this key is needed and missing
    """
    try:
        return model.model_validate(value)
    except ValidationError as error:
        faults = sorted(_word(fault, model) for fault in error.errors())
        raise InputError(f"{source}:\n  " + "\n  ".join(faults)) from None


def _word(fault: Any, model: type[BaseModel]) -> str:
    parts = [str(p) for p in fault["loc"]]
    path = ".".join(parts)
    if fault["type"] == "extra_forbidden":
        return f"{path}: unknown key; {nearest(parts[-1], _fields(model, fault['loc'][:-1]))}"
    if fault["type"] == "missing":
        return f"{path}: this key is needed and missing"
    message = fault["msg"].removeprefix("Value error, ")
    return f"{path}: {_kind(fault['input'])} {fault['input']!r}: {message[:1].lower()}{message[1:]}"


def _fields(model: type[BaseModel], location: tuple[Any, ...]) -> list[str]:
    """The keys valid at a place of a model."""
    current: Any = model
    for part in location:
        field = getattr(current, "model_fields", {}).get(part)
        if field is None:
            continue  # a key of a mapping or a number in a list: its model was found already
        current = _inner_model(field.annotation) or current
    return list(current.model_fields)


def _inner_model(annotation: Any) -> Any:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for inner in getattr(annotation, "__args__", ()):
        found = _inner_model(inner)
        if found is not None:
            return found
    return None


def _kind(value: object) -> str:
    names = {
        str: "the text",
        int: "the number",
        float: "the number",
        bool: "the value",
        list: "the list",
        dict: "the keys",
    }
    return "nothing" if value is None else names.get(type(value), "the value")

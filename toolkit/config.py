"""Reading YAML that people wrote, and saying what is wrong with it in their words."""

from __future__ import annotations

import datetime
import re
from collections.abc import Hashable
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from toolkit.errors import InputError, nearest

__all__ = ["Exact", "Strict", "check_config", "parse_yaml", "read_yaml", "to_yaml"]

LARGEST = 1_000_000
"""A configuration is not longer than this (bytes)."""
QUOTED = 80
"""Characters of a wrong value that a message shows."""
_SCIENTIFIC = re.compile(r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)[eE][-+]?[0-9]+\Z")
"""Numbers such as 1e-4, which YAML 1.1 takes for text and every reader for numbers."""


class Strict(BaseModel):
    """A part of a configuration in which unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Exact(Strict):
    """A part of a configuration in which a value has its type already: no ``"5"`` for 5, no ``true`` for 1.

    The text below a field describes it, also in the JSON Schema.
    """

    model_config = ConfigDict(strict=True, allow_inf_nan=False, use_attribute_docstrings=True)


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


class _Dumper(yaml.SafeDumper):
    """Writes what :class:`_Loader` reads back."""


for _kind_of in (_Loader, _Dumper):
    _kind_of.add_implicit_resolver("tag:yaml.org,2002:float", _SCIENTIFIC, list("-+.0123456789"))


def to_yaml(value: Any) -> str:
    """A configuration as text, which :func:`read_yaml` reads back to the same values.

    Examples
    --------
    >>> print(to_yaml({"title": "1e5", "seed": 1}), end="")
    title: '1e5'
    seed: 1
    """
    return yaml.dump(value, Dumper=_Dumper, sort_keys=False, allow_unicode=True)


def parse_yaml(text: str, source: str) -> Any:
    """The value that YAML text stands for.

    Parameters
    ----------
    text : str
        YAML.
    source : str
        Where it comes from, for the message.

    Raises
    ------
    InputError
        It is no YAML; a key is given twice, an anchor is used.
    """
    try:
        return yaml.load(text, Loader=_Loader)
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        place = f", line {mark.line + 1}" if mark else ""
        problem = getattr(error, "problem", None) or str(error)
        raise InputError(f"{source}{place}: {problem}; mend the YAML there") from None


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
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise InputError(f"{path} is not UTF-8 text (byte {error.start}); save it as UTF-8") from None
    value = parse_yaml(text, str(path))
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
        raise InputError(f"{source}:\n  " + "\n  ".join(_faults(error, value, model))) from None


def _faults(error: ValidationError, value: dict[str, Any], model: type[BaseModel]) -> list[str]:
    """A line for each key that is wrong. Where several types are valid, what each of them misses stands in one line."""
    by_key: dict[tuple[Any, ...], list[Any]] = {}
    for fault in error.errors():
        by_key.setdefault(_place(fault, value), []).append(fault)
    lines = []
    for place, faults in by_key.items():
        deeper = any(other[: len(place)] == place for other in by_key if len(other) > len(place))
        if deeper and all(fault["type"].endswith("_type") for fault in faults):
            continue  # it is of the other valid type, and what is wrong with that is said
        line = _word(faults[0], place, model)
        for other in faults[1:]:
            line += f", or {_first_small(other['msg']).removeprefix('input should be ')}"
        if faults[0]["type"] not in ("extra_forbidden", "missing") and not _is_key(faults[0]):
            line += _hint(faults[0]["input"], {fault["type"] for fault in faults})
        lines.append(line)
    return sorted(lines)


def _place(fault: Any, value: Any) -> tuple[Any, ...]:
    """The keys that lead to a fault, without the names of types that pydantic puts between them."""
    found = []
    last = len(fault["loc"]) - 1
    for step, part in enumerate(fault["loc"]):
        if isinstance(value, dict) and part in value:
            found.append(next(key for key in value if key == part))  # true is 1, and the user wrote true
            value = value[part]
        elif isinstance(value, list | tuple) and isinstance(part, int) and part < len(value):
            found.append(part)
            value = value[part]
        elif step == last and fault["type"] in ("missing", "extra_forbidden"):
            found.append(part)
    return tuple(found)


def _word(fault: Any, place: tuple[Any, ...], model: type[BaseModel]) -> str:
    path = ".".join(str(part) for part in place)
    if fault["type"] == "extra_forbidden":
        return f"{path}: unknown key; {nearest(place[-1], _fields(model, place[:-1]))}"
    if fault["type"] == "missing":
        return f"{path}: this key is needed and missing"
    if _is_key(fault):
        return f"{path}: {place[-1]!r} is no text, and keys are text{_hint(place[-1], {'string_type'})}"
    message = _first_small(fault["msg"].removeprefix("Value error, "))
    if fault["type"] == "literal_error":
        message = nearest(fault["input"], re.findall(r"'([^']+)'", fault["ctx"]["expected"]))
    message = message.replace(
        "input was not a valid JSON value", "input should be text, a number, true, false or a list"
    )
    message = re.sub(r"a valid dictionary(?: or instance of \w+)?$", "keys with values", message)
    return f"{path}: {_shown(fault['input'])}: {message}"


def _is_key(fault: Any) -> bool:
    return bool(fault["type"] == "invalid_key" or fault["loc"][-1:] == ("[key]",))


def _first_small(words: str) -> str:
    return words[:1].lower() + words[1:]


def _shown(value: Any) -> str:
    if value is None:
        return "nothing"
    text = value.isoformat() if isinstance(value, datetime.date) else repr(value)
    return f"{_kind(value)} {text if len(text) <= QUOTED else text[:QUOTED] + '...'}"


def _hint(value: Any, wanted: set[str]) -> str:
    """What YAML made of a word that was meant otherwise."""
    if "string_type" in wanted:
        if isinstance(value, bool):
            return "; YAML reads yes, no, on and off as true and false: write it in quotes"
        if isinstance(value, datetime.date):
            return f'; YAML reads it as a date: write it in quotes, "{value.isoformat()}"'
        if isinstance(value, int | float):
            return f'; write it in quotes, "{value}"'
    if isinstance(value, str) and wanted <= {"int_type", "float_type", "bool_type"} and value.strip():
        try:
            meant = yaml.load(value, Loader=_Loader)
        except yaml.YAMLError:
            return ""
        fits = isinstance(meant, bool) == ("bool_type" in wanted) and isinstance(meant, int | float)
        return f"; write it without quotes, {value}" if fits else ""
    if value is None:
        return "; leave the key out, and its default holds"
    return ""


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
    names: dict[type, str] = {
        str: "the text",
        int: "the number",
        float: "the number",
        bool: "the value",
        list: "the list",
        dict: "the keys",
        datetime.date: "the date",
        datetime.datetime: "the date",
    }
    return "nothing" if value is None else names.get(type(value), "the value")

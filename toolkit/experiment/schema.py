"""The keys of an experiment file, for editors (JSON Schema) and for people (Markdown), both from the models."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated, Any, Literal, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from toolkit.actors import READING_MODES
from toolkit.classifiers import CLASSIFIERS
from toolkit.codebook import load_codebook
from toolkit.config import to_yaml
from toolkit.experiment.figures import RUN_TABLES
from toolkit.experiment.spec import ESTIMATE_CHOICES, ExperimentFile
from toolkit.plots import PLOTS
from toolkit.readers import READERS
from toolkit.readers.common import FIELDS
from toolkit.tables import OPTIONAL, SCHEMAS
from toolkit.training import TrainingFile

__all__ = ["experiment_reference", "experiment_schema"]

NULL = {"type": "null"}


def choices() -> dict[str, tuple[list[str], bool]]:
    """Known values, by ``Model.field``, and whether others are valid too."""
    tasks = list(load_codebook())
    columns = [name for table in (SCHEMAS, OPTIONAL) for name in table["mentions"]]
    return {
        "CorpusSpec.format": (["auto", *READERS], False),
        "CorpusSpec.columns": (list(FIELDS), False),
        "MentionsSpec.readings": (list(READING_MODES), False),
        "TaskSpec.classifier": (list(CLASSIFIERS), True),
        "EstimateSpec.by": (columns, True),
        **{f"EstimateSpec.{name}": (list(known), False) for name, known in ESTIMATE_CHOICES.items()},
        "ExperimentFile.tasks": (tasks, False),
        "ExperimentFile.figures": ([name for name, plot in PLOTS.items() if plot.table in RUN_TABLES], False),
        "TrainingFile.task": (tasks, False),
        "TrainingFile.classifier": (list(CLASSIFIERS), False),
    }


def experiment_schema() -> dict[str, Any]:
    """The JSON Schema (draft 7, which editors know) of an experiment file, of either kind.

    A file that extends another may lack any key. Otherwise what is needed is needed.

    Examples
    --------
    >>> schema = experiment_schema()
    >>> schema["else"]["$ref"], schema["definitions"]["EstimateSpec"]["properties"]["copies"]["default"]
    ('#/definitions/measure', 'one_per_story')
    """
    definitions: dict[str, Any] = {}
    needs: dict[str, Any] = {}
    for kind, model in (("measure", ExperimentFile), ("train", TrainingFile)):
        made = model.model_json_schema(ref_template="#/definitions/{model}")
        parts = made.pop("$defs", {})
        needs[kind] = _needed(made, parts)
        whole = {key: value for key, value in made.items() if key != "required"}
        for name, part in [(model.__name__, whole), *parts.items()]:
            part.pop("required", None)
            if "properties" in part:
                _describe(name, part)
            definitions[kind if name == model.__name__ else name] = part
        extended = {"required": ["extends"], "properties": {"extends": {"type": "string"}}}
        definitions[kind] |= {"if": extended, "else": needs[kind]}
    is_training = {"required": ["kind"], "properties": {"kind": {"const": "train"}}}
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "An experiment of the stance-toolkit",
        "description": "docs/experiment.md describes every key.",
        "if": is_training,
        "then": {"$ref": "#/definitions/train"},
        "else": {"$ref": "#/definitions/measure"},
        "definitions": dict(sorted(definitions.items())),
    }


def _needed(schema: dict[str, Any], parts: dict[str, Any]) -> dict[str, Any]:
    """What of a schema says that keys must be there."""
    if "$ref" in schema:
        return _needed(parts[schema["$ref"].rpartition("/")[2]], parts)
    found: dict[str, Any] = {}
    if schema.get("required"):
        found["required"] = schema["required"]
    inner = {name: _needed(part, parts) for name, part in schema.get("properties", {}).items()}
    inner = {name: part for name, part in inner.items() if part}
    if inner:
        found["properties"] = inner
    if isinstance(schema.get("additionalProperties"), dict) and (
        deep := _needed(schema["additionalProperties"], parts)
    ):
        found["additionalProperties"] = deep
    for option in schema.get("anyOf", ()):  # a section or null: null has no keys, and asks for none
        found |= _needed(option, parts)
    return found


def _describe(model: str, schema: dict[str, Any]) -> None:
    """Add the known values, and null for the default; join the lines of descriptions."""
    known = choices()
    schema.pop("title", None)
    schema["description"] = _sentence(schema.get("description", ""))
    for name, part in schema["properties"].items():
        part.pop("title", None)
        part["description"] = _sentence(part["description"])
        if f"{model}.{name}" in known:
            _limit(part, *known[f"{model}.{name}"])
        if model == "DataSpec":  # one split may stand without a list
            _either(part, {"type": "string"})
        if "default" in part and NULL not in part.get("anyOf", ()):
            _either(part, NULL)
        if "$ref" in part:  # what stands beside a reference is passed over in draft 7
            part["allOf"] = [{"$ref": part.pop("$ref")}]


def _either(part: dict[str, Any], other: dict[str, Any]) -> None:
    """Make another kind of value valid too."""
    if "anyOf" not in part:
        notes = ("description", "default", "examples")
        part["anyOf"] = [{key: part.pop(key) for key in list(part) if key not in notes}]
    part["anyOf"].append(other)


def _limit(part: dict[str, Any], values: list[str], others: bool) -> None:
    """Name the known values of a text, of the items of a list, or of the keys of a mapping."""
    text: dict[str, Any] = {"enum": values}
    if others:
        text = {"anyOf": [text, {"type": "string"}]}
    for option in part.get("anyOf", [part]):
        if option.get("type") == "array":
            option["items"] = text
            return
        if option.get("type") == "object":
            option["propertyNames"] = text
            return
        if option.get("type") == "string":
            option.pop("type")
            option.update(text)
            return


# For people -----------------------------------------------------------------------------------------


def experiment_reference() -> str:
    """Every key with its type, default, known values and an example, as Markdown."""
    lines: list[str] = []
    for title, model in (("Measuring", ExperimentFile), ("Training a classifier (`kind: train`)", TrainingFile)):
        lines += [f"## {title}", ""]
        for name, part in _sections(model, ""):
            lines += [f"### `{name}`" if name else "### The file", "", _sentence(part.__doc__ or ""), ""]
            for key, field in part.model_fields.items():
                lines += [*_entry(part.__name__, f"{name}.{key}" if name else key, key, field), ""]
    return "\n".join(lines)


def _sections(model: type[BaseModel], path: str) -> Iterator[tuple[str, type[BaseModel]]]:
    yield path, model
    for name, field in model.model_fields.items():
        named, inner = _section(field.annotation)
        if inner is not None:
            below = f"{path}.{name}" if path else name
            yield from _sections(inner, f"{below}.NAME" if named else below)


def _section(annotation: Any) -> tuple[bool, type[BaseModel] | None]:
    """The model that a key holds, if any, and whether it is a mapping of names to it."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return False, annotation
    named = get_origin(annotation) is dict
    for option in get_args(annotation):
        inner = _section(option)[1]
        if inner is not None:
            return named, inner
    return False, None


def _entry(model: str, path: str, key: str, field: FieldInfo) -> list[str]:
    known = choices().get(f"{model}.{key}")
    facts = [_type_words(field.annotation), _limits(field)]
    if field.is_required():
        facts.append("needed")
    elif isinstance(field.default, BaseModel) or key == "tasks":
        facts.append("default: see its keys" if key != "tasks" else "default: `{tone: {classifier: transformer}}`")
    else:
        facts.append(f"default: {_value(field.default)}" if field.default is not None else "default: none")
    lines = [f"**`{path}`** ({'; '.join(fact for fact in facts if fact)}). {_sentence(field.description or '')}"]
    if known:
        values, others = known
        lines[0] += f" {'Known' if others else 'One of'}: {', '.join(f'`{v}`' for v in values)}."
    example = to_yaml({key: field.examples[0]}) if field.examples else ""
    return [*lines, "", "```yaml", *example.rstrip().splitlines(), "```"]


def _type_words(annotation: Any) -> str:
    """A type in words."""
    names = {str: "text", int: "whole number", float: "number", bool: "true or false", Any: "any value"}
    if annotation in names:
        return names[annotation]
    origin, inside = get_origin(annotation), get_args(annotation)
    if origin is list:
        return f"list of {_plural(_type_words(inside[0]))}"
    if origin is dict:
        return "keys, each with " + _article(_type_words(inside[1]))
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return "section"
    if origin is Literal:
        return " or ".join(f"`{value}`" for value in inside)
    if origin is Annotated:
        return _type_words(inside[0])
    options = [_type_words(option) for option in inside if option is not type(None)]
    return " or ".join(options) if options else "any value"


def _plural(words: str) -> str:
    return {"text": "texts", "number": "numbers", "any value": "any values"}.get(words, words)


def _article(words: str) -> str:
    return words if words.startswith(("text", "true", "any", "keys")) else f"a {words}"


def _limits(field: FieldInfo) -> str:
    signs = {"ge": "at least", "gt": "above", "le": "at most", "lt": "below", "min_length": "not empty"}
    words = []
    for limit in field.metadata:
        for name, sign in signs.items():
            value = getattr(limit, name, None)
            if value is not None:
                words.append(sign if name == "min_length" else f"{sign} {value:,}")
    return ", ".join(words)


def _value(value: Any) -> str:
    if value is PydanticUndefined or value == "":
        return "empty"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, list | dict):
        return f"`[{', '.join(map(str, value))}]`" if isinstance(value, list) else "`{}`"
    return f"`{value:g}`" if isinstance(value, float) else f"`{value}`"


def _sentence(text: str) -> str:
    """A docstring as Markdown: its first paragraph on one line, without references of Sphinx."""
    first = " ".join(text.strip().split("\n\n")[0].split())
    return re.sub(r":(?:func|class):`([^`]+)`", r"`\1`", first).replace("``", "`")

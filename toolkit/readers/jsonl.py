"""JSON Lines, one object a line; also JSON with a list of objects, with one, or with ``{"articles": [...]}``."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from toolkit.readers.common import (
    BOMS,
    Columns,
    Item,
    Reject,
    UnreadableError,
    blocks_of,
    choose_columns,
    find_encoding,
    pick_columns,
)

__all__ = ["begins_as_json", "read", "read_objects", "sniff", "text_of"]

SUFFIXES = (".jsonl", ".ndjson", ".json")
LARGEST_DOCUMENT = 300_000_000
"""A JSON file that is not JSON Lines is read at once, and is not longer than this (bytes)."""

_BEGINNING = re.compile(rb'\s*(?:\{\s*"|\[\s*\{)')


def sniff(path: Path, head: bytes) -> bool:
    """Whether a file is JSON: by its suffix, or because it begins with an object or a list of objects."""
    return path.suffix.lower() in SUFFIXES or begins_as_json(head)


def begins_as_json(head: bytes) -> bool:
    """Whether a file begins with an object or a list of objects."""
    for mark, _ in BOMS:
        head = head.removeprefix(mark)
    return _BEGINNING.match(head) is not None


def read(path: Path, source_file: str, columns: Columns | None) -> Iterator[Item | Reject]:
    """The articles of a JSON or JSON Lines file.

    Parameters
    ----------
    path : pathlib.Path
        The file.
    source_file : str
        Its name in the tables.
    columns : mapping, optional
        Field -> key, or keys of which the first that is there counts.

    Yields
    ------
    Item or Reject
        One for each object. A broken line is a Reject with its number.

    Raises
    ------
    InputError
        No object has the key of the text, or of another mapped field.
    """
    try:
        encoding = find_encoding(blocks_of(path))
        keys: dict[str, None] = {}
        locator = None
        for locator, value, fault in _values(path, encoding):
            if fault or not isinstance(value, dict):
                yield Reject(source_file, locator, fault or f"expected an object {{...}}, got {_kind(value)}")
                continue
            keys.update(dict.fromkeys(value))
            yield _item(value, pick_columns(columns, value), source_file, locator, encoding.removesuffix("-sig"))
    except UnreadableError as error:
        yield Reject(source_file, "", f"the file {error}")
        return
    except OSError as error:
        yield Reject(source_file, "", f"the file cannot be opened ({error.strerror})")
        return
    if locator is None:
        yield Reject(source_file, "", "the file is empty")
    if keys:
        # A file for each article, as some archives have it, may leave out what that article lacks.
        single = path.suffix.lower() == ".json" and locator == "item 1"
        choose_columns(columns, list(keys), source_file, needed=() if single else None)


def read_objects(
    path: Path, source_file: str, convert: Callable[[dict[str, Any]], dict[str, str]]
) -> Iterator[Item | Reject]:
    """The articles of a JSON or JSON Lines file of a known layout.

    Parameters
    ----------
    path : pathlib.Path
        The file.
    source_file : str
        Its name in the tables.
    convert : callable
        Makes the fields of an article of an object; raises UnreadableError where it is none.
    """
    try:
        encoding = find_encoding(blocks_of(path))
        locator = None
        for locator, value, fault in _values(path, encoding):
            try:
                if fault or not isinstance(value, dict):
                    raise UnreadableError(fault or f"expected an object {{...}}, got {_kind(value)}")
                fields = convert(value)
            except UnreadableError as error:
                yield Reject(source_file, locator, str(error))
            else:
                yield Item(source_file, locator, {**fields, "encoding": encoding.removesuffix("-sig")})
    except UnreadableError as error:
        yield Reject(source_file, "", f"the file {error}")
        return
    except OSError as error:
        yield Reject(source_file, "", f"the file cannot be opened ({error.strerror})")
        return
    if locator is None:
        yield Reject(source_file, "", "the file is empty")


def text_of(value: Any) -> str:
    """A JSON value as the text of a field; empty where it holds none, which some archives write as ``"None"``."""
    if isinstance(value, list):
        return ", ".join(filter(None, map(text_of, value)))
    if not isinstance(value, str | int | float) or isinstance(value, bool) or value != value:
        return ""
    text = str(value)
    return "" if text.strip().lower() in ("none", "null", "nan", "") else text


def _item(
    value: dict[str, Any], chosen: dict[str, str], source_file: str, locator: str, encoding: str
) -> Item | Reject:
    if "text" not in chosen:
        return Reject(source_file, locator, f"the object has no text; its keys: {', '.join(value)[:200] or 'none'}")
    fields = {}
    for field, key in chosen.items():
        found = value[key]
        if isinstance(found, list) and field == "byline" and all(isinstance(name, str) for name in found):
            found = ", ".join(found)
        if isinstance(found, dict | list):
            return Reject(source_file, locator, f"{key!r} holds {_kind(found)}; expected text for the field {field}")
        if found is not None and str(found).strip():
            fields[field] = str(found)
    return Item(source_file, locator, {**fields, "encoding": encoding})


def _values(path: Path, encoding: str) -> Iterator[tuple[str, Any, str]]:
    """Locator, value and fault of each line, or of each object of a file that is one JSON document."""
    with path.open(encoding=encoding, errors="replace", newline="\n") as handle:
        first = next((line for line in handle if line.strip()), "")
    value, fault = _parse(first)
    if fault or isinstance(value, list) or isinstance(value.get("articles") if isinstance(value, dict) else None, list):
        if path.stat().st_size > LARGEST_DOCUMENT:
            raise UnreadableError(
                f"has {path.stat().st_size / 1e6:.0f} MB and is no JSON Lines; one JSON document has at most "
                f"{LARGEST_DOCUMENT / 1e6:.0f} MB: save it as JSON Lines"
            )
        value, fault = _parse(path.read_text(encoding=encoding, errors="replace"))
        if not fault:
            if isinstance(value, dict) and isinstance(value.get("articles"), list):
                value = value["articles"]
            listed = value if isinstance(value, list) else [value]
            yield from ((f"item {number}", item, "") for number, item in enumerate(listed, 1))
            return
        if not first.rstrip().endswith("}"):
            yield "", None, f"the file is no JSON: {fault}"
            return
    with path.open(encoding=encoding, errors="replace", newline="\n") as handle:
        for number, line in enumerate(handle, 1):
            if line.strip():
                value, fault = _parse(line.strip())
                yield f"line {number}", value, f"the line is no JSON: {fault}" if fault else ""


def _parse(text: str) -> tuple[Any, str]:
    """The value of JSON text, or its fault."""
    try:
        return json.loads(text), ""
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, " if error.lineno > 1 else ""
        return None, f"{error.msg.removesuffix(' at')} at {place}character {error.colno}"
    except RecursionError:
        return None, "it is nested too deeply"
    except ValueError as error:
        return None, str(error)


def _kind(value: object) -> str:
    kinds = {dict: "an object", list: "a list", str: "text", bool: "true or false", type(None): "null"}
    return kinds.get(type(value), "a number")

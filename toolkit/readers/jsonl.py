"""JSON Lines, one object a line; also JSON with a list of objects, with one, or with ``{"articles": [...]}``."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TextIO

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
LONGEST_VALUE = 50_000_000
"""One object of a file that is not JSON Lines is not longer than this (characters)."""
BLOCK = 1 << 16
"""Of such a file at least so much is read at a time (characters)."""

_BEHIND = frozenset(" \t\n\r,:]}")
_LISTED = re.compile(r'(?<!\\)"articles"\s*:\s*\[')
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
    number, fault = 0, ""
    if _is_document(path, encoding):
        with path.open(encoding=encoding, errors="replace") as handle:
            try:
                for number, item in enumerate(_Document(handle).items(), 1):
                    yield f"item {number}", item, ""
                return
            except UnreadableError as error:
                fault = str(error)
        if number:
            yield f"after item {number}", None, f"the file is no JSON: {fault}; the rest of it is not read"
            return
    with path.open(encoding=encoding, errors="replace", newline="\n") as handle:
        first = next((line for line in handle if line.strip()), "")
        if fault and not first.rstrip().endswith("}"):
            yield "", None, f"the file is no JSON: {fault}"
            return
        handle.seek(0)
        for number, line in enumerate(handle, 1):
            if line.strip():
                value, fault = _parse(line.strip())
                yield f"line {number}", value, f"the line is no JSON: {fault}" if fault else ""


def _is_document(path: Path, encoding: str) -> bool:
    """Whether a file is one JSON document and not JSON Lines."""
    with path.open(encoding=encoding, errors="replace", newline="\n") as handle:
        head = handle.read(BLOCK).lstrip()
        if not head.startswith("{") or _LISTED.search(head):
            return head.startswith(("[", "{"))
        handle.seek(0)
        first = next((line for line in handle if line.strip()), "")
    return bool(_parse(first)[1])


class _Document:
    """One JSON document, of which one object at a time is held: a list, ``{"articles": [...]}``, or an object."""

    def __init__(self, handle: TextIO) -> None:
        self.handle = handle
        self.text = ""  # what is read and not yet taken
        self.lines = 1
        self.ended = False
        self.decoder = json.JSONDecoder()

    def items(self) -> Iterator[Any]:
        """The objects, in the order of the file; UnreadableError where the document breaks."""
        sign = self._peek()
        if sign == "[":
            yield from self._listed()
        elif sign == "{":
            yield from self._object()
        else:
            yield self._value()
        if self._peek():
            raise UnreadableError(f"extra data at line {self.lines}")

    def _object(self) -> Iterator[Any]:
        """The members of ``articles``, or the whole object where it has no such list."""
        self._take("{")
        found: dict[str, Any] = {}
        listed = False
        while self._peek() != "}":
            key = self._value()
            if not isinstance(key, str):
                raise UnreadableError(f"expected a name in quotation marks at line {self.lines}")
            self._take(":")
            if key == "articles" and self._peek() == "[":
                listed = True
                yield from self._listed()
            else:
                found[key] = self._value()
            if self._peek() == ",":
                self._take(",")
            elif self._peek() != "}":
                raise UnreadableError(f"expected ',' or '}}' at line {self.lines}")
        self._take("}")
        if not listed:
            yield found

    def _listed(self) -> Iterator[Any]:
        self._take("[")
        while self._peek() != "]":
            yield self._value()
            if self._peek() == ",":
                self._take(",")
            elif self._peek() != "]":
                raise UnreadableError(f"expected ',' or ']' at line {self.lines}")
        self._take("]")

    def _more(self) -> bool:
        block = "" if self.ended else self.handle.read(max(BLOCK, len(self.text)))
        self.ended = not block
        self.text += block
        return not self.ended

    def _peek(self) -> str:
        """The next sign that is no white space; empty at the end."""
        while True:
            bare = self.text.lstrip(" \t\n\r")
            self._drop(len(self.text) - len(bare))
            if self.text or not self._more():
                return self.text[:1]

    def _drop(self, number: int) -> None:
        self.lines += self.text.count("\n", 0, number)
        self.text = self.text[number:]

    def _take(self, sign: str) -> None:
        if self._peek() != sign:
            raise UnreadableError(f"expected {sign!r} at line {self.lines}")
        self._drop(1)

    def _value(self) -> Any:
        self._peek()
        while True:
            fault = ""
            try:
                value, end = self.decoder.raw_decode(self.text)
            except json.JSONDecodeError as error:
                fault = f"{error.msg.removesuffix(' at')} at line {self.lines + error.lineno - 1}"
            except RecursionError:
                raise UnreadableError("it is nested too deeply") from None
            except ValueError as error:
                raise UnreadableError(str(error)) from None
            else:
                # A number may go on in what is not read yet, also behind a point that ends the block.
                if self.text[end : end + 1] in _BEHIND or not self._more():
                    self._drop(end)
                    return value
                continue
            if len(self.text) > LONGEST_VALUE:
                raise UnreadableError(f"one object has over {LONGEST_VALUE / 1e6:.0f} million characters, or {fault}")
            if not self._more():
                raise UnreadableError(fault)


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

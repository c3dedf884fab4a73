"""One configuration from several: a file that extends another, changes from the command line, a matrix of variants."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import product
from pathlib import Path
from typing import Any, get_args, get_origin

from pydantic import BaseModel, JsonValue

from toolkit.config import parse_yaml, read_yaml
from toolkit.errors import InputError, nearest
from toolkit.files import content_id

__all__ = ["EXTENDS", "MATRIX", "apply_changes", "expand_matrix", "merge", "parse_changes", "read_layers"]

EXTENDS, MATRIX = "extends", "matrix"
"""Keys of a file that say how the rest of it is read."""
DEEPEST = 20
"""Files that extend each other."""
MOST_VARIANTS = 500
LONGEST = 80
"""Characters of the name of a variant."""
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?\Z", re.IGNORECASE)
"""Names that are no files on Windows."""
Rebase = Callable[[dict[str, Any], Path, Path], dict[str, Any]]


def read_layers(path: Path, rebase: Rebase | None = None) -> dict[str, Any]:
    r"""Read a YAML file, and under it the file that it extends.

    Mappings are merged key by key, lists and single values replace, and ``null`` takes the default back.

    Parameters
    ----------
    path : pathlib.Path
        The file; what ``extends`` names is looked for from its folder.
    rebase : callable, optional
        Called with (mapping, the file that it comes from, `path`): makes the paths in the mapping mean from `path` what
        they mean from that file.

    Returns
    -------
    dict
        One mapping without ``extends``.

    Raises
    ------
    InputError
        A file is missing or no mapping, or the files extend each other in a circle; the message names the chain.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> _ = (folder / "base.yaml").write_text("title: A\nestimate: {voice: all, level: 0.9}\n")
    >>> _ = (folder / "other.yaml").write_text("extends: base.yaml\nestimate: {voice: null, copies: own}\n")
    >>> read_layers(folder / "other.yaml")
    {'title': 'A', 'estimate': {'level': 0.9, 'copies': 'own'}}
    """
    chain, layers = [path], []
    while True:
        current = chain[-1]
        value = _read(chain)
        named = value.pop(EXTENDS, None)
        layers.append(rebase(value, current, path) if rebase and current != path else value)
        if named is None:
            break
        if not isinstance(named, str) or not named.strip():
            raise InputError(f"{current}:\n  {EXTENDS}: {named!r} is no path; give one YAML file, such as base.yaml")
        following = current.parent / Path(named).expanduser()
        if following.resolve() in [p.resolve() for p in chain]:
            raise InputError(f"{path}: the files extend each other in a circle: {_words([*chain, following])}; cut it")
        if len(chain) == DEEPEST:
            raise InputError(f"{path}: more than {DEEPEST} files extend each other: {_words(chain)}; join some")
        chain.append(following)
    merged: dict[str, Any] = {}
    for layer in reversed(layers):
        merged = merge(merged, layer)
    return merged


def _read(chain: Sequence[Path]) -> dict[str, Any]:
    try:
        return read_yaml(chain[-1])
    except InputError as error:
        if len(chain) == 1:
            raise
        raise InputError(f"{error} (it is extended: {_words(chain)})") from None


def _words(chain: Sequence[Path]) -> str:
    """The chain, each file by its path from the first one's folder."""
    home = chain[0].resolve().parent
    names = [os.path.relpath(p.resolve(), home) for p in chain]
    return " -> ".join(Path(name).as_posix() for name in names)


def merge(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Put one mapping over another; neither is changed.

    Examples
    --------
    >>> merge({"a": {"x": 1, "y": [1, 2]}, "b": 3}, {"a": {"y": [3]}, "b": None})
    {'a': {'x': 1, 'y': [3]}}
    """
    found = dict(below)
    for key, value in above.items():
        if value is None:
            found.pop(key, None)
        elif isinstance(value, Mapping):
            under = found.get(key)
            found[key] = merge(under if isinstance(under, Mapping) else {}, value)
        else:
            found[key] = value
    return found


def parse_changes(given: Sequence[str]) -> dict[str, Any]:
    """What ``--set a.b=c`` says: the path of a key, and a value in YAML.

    Raises
    ------
    InputError
        There is no ``=``, no path, no YAML, or a path is given twice.

    Examples
    --------
    >>> parse_changes(["estimate.copies=own", "actors=[turkey, russia]", "estimate.level=null"])
    {'estimate.copies': 'own', 'actors': ['turkey', 'russia'], 'estimate.level': None}
    """
    found: dict[str, Any] = {}
    for text in given:
        path, equals, value = text.partition("=")
        path = path.strip()
        if not equals or not path:
            raise InputError(f"--set {text!r} changes nothing; give the path of a key and a value: estimate.copies=own")
        if path in found:
            raise InputError(f"--set names {path!r} twice; give it once")
        found[path] = parse_yaml(value, f"--set {text!r}")
    return found


def apply_changes(
    value: Mapping[str, Any], changes: Mapping[str, Any], model: type[BaseModel], what: str
) -> dict[str, Any]:
    """Put single values into a configuration; ``None`` takes the default back.

    Parameters
    ----------
    value : mapping
        The configuration; not changed.
    changes : mapping of str to object
        Path of a key, with dots -> its value.
    model : type of pydantic.BaseModel
        What the configuration should be: paths that it lacks are refused.
    what : str
        Where the changes come from, for the message.

    Raises
    ------
    InputError
        There is no such key; the nearest one is named.
    """
    found = dict(value)
    for path, new in changes.items():
        above: Any = new
        for key in reversed(_keys(path, model, what)):
            above = {key: above}
        found = merge(found, above)
    return found


def _keys(path: str, model: type[BaseModel], what: str) -> list[str]:
    """The keys of a path, each of which the model knows. A key of a plain mapping may hold dots (bbc.co.uk)."""
    parts, keys = path.split("."), list[str]()
    if not all(parts):
        raise InputError(f"{what}: {path!r} is no path of keys; write it like estimate.copies")
    here: Any = model
    while parts:
        kind, here = _inside(here)
        if kind == "model":
            key = parts.pop(0)
            known = here.model_fields
            if key not in known or (not keys and key in (EXTENDS, MATRIX)):
                full = ".".join([*keys, key])
                raise InputError(f"{what}: {full}: unknown key; {nearest(key, set(known) - {EXTENDS, MATRIX})}")
            here = known[key].annotation
        elif kind == "models":
            key = parts.pop(0)
        elif kind == "free":
            return [*keys, *parts]
        elif kind == "mapping":
            key, parts = ".".join(parts), []
        else:
            full = ".".join(keys)
            raise InputError(f"{what}: {path}: {full!r} holds one value and no keys; give {full}=VALUE")
        keys.append(key)
    return keys


def _inside(annotation: Any) -> tuple[str, Any]:
    """What a key may hold: "model", "models" (of names to models), "mapping" (of names to values), "free", "value"."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return "model", annotation
    if get_origin(annotation) is dict:
        inner = get_args(annotation)[1]
        if inner in (Any, JsonValue):
            return "free", inner
        return ("models", inner) if _inside(inner)[0] == "model" else ("mapping", inner)
    for option in get_args(annotation) if get_origin(annotation) is not list else ():
        found = _inside(option)
        if found[0] != "value":
            return found
    return "value", annotation


def expand_matrix(matrix: Mapping[str, Sequence[Any]], source: str) -> dict[str, dict[str, Any]]:
    """The variants of a matrix: every combination of its values, in the order of the file.

    Parameters
    ----------
    matrix : mapping of str to sequence
        Path of a key -> the values that it takes.
    source : str
        The file, for the message.

    Returns
    -------
    dict of str to dict
        Name of the variant -> path -> value. Names are made of the values, and safe as names of folders.

    Raises
    ------
    InputError
        A value stands twice, or there are more than 500 variants.

    Examples
    --------
    >>> matrix = {"estimate.copies": ["own", "all"], "mentions.pronouns": [True, False]}
    >>> list(expand_matrix(matrix, "study.yaml"))
    ['own-pronouns_true', 'own-pronouns_false', 'all-pronouns_true', 'all-pronouns_false']
    """
    for path, values in matrix.items():
        again = next((v for i, v in enumerate(values) if any(_same(v, w) for w in values[:i])), ...)
        if again is not ...:
            raise InputError(f"{source}:\n  {MATRIX}.{path}: {again!r} stands there twice; name each value once")
    count = math.prod(len(values) for values in matrix.values())
    if count > MOST_VARIANTS:
        raise InputError(
            f"{source}:\n  {MATRIX}: {count:,} variants; at most {MOST_VARIANTS} are run: name fewer values"
        )
    found: dict[str, dict[str, Any]] = {}
    taken: set[str] = set()
    for values in product(*matrix.values()):
        variant = dict(zip(matrix, values, strict=True))
        name = _name(variant)
        if name.casefold() in taken:  # two values whose letters that a folder may not bear are all that differs
            name = f"{name[:LONGEST]}-{content_id('', repr(variant))[:8]}"
        taken.add(name.casefold())
        found[name] = variant
    return found


def _same(one: Any, other: Any) -> bool:
    return type(one) is type(other) and bool(one == other)


def _name(variant: Mapping[str, Any]) -> str:
    name = "-".join(_slug(path, value) for path, value in variant.items())
    if len(name) > LONGEST:
        name = f"{name[: LONGEST - 9]}-{content_id('', repr(variant))[:8]}"
    return f"_{name}" if _RESERVED.match(name) else name


def _slug(path: str, value: Any) -> str:
    """A value as part of a name; numbers, true, false and null with their key, without which they say nothing."""
    text = "+".join(_texts(value)) or "none"
    if not isinstance(value, str | list | dict):
        text = f"{path.rpartition('.')[2]}_{text}"
    return re.sub(r"[^A-Za-z0-9_.+]+", "_", text).strip("._") or "value"


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield str(key)
            yield from _texts(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _texts(inner)
    else:
        yield "null" if value is None else str(value).lower() if isinstance(value, bool) else str(value)

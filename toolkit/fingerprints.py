"""What a piece of the toolkit's code hangs on: modules, data files and libraries, read from the source.

A stage of a run is made again when something that it really uses has changed, and only then. What it uses is followed
through the import statements, also those inside functions, without running anything: the module that an imported name
comes from counts whole, with everything that it imports in turn. In the modules named in :data:`FINE`, where all stages
stand side by side, single functions are followed instead. Data files count where a module names them.
"""

from __future__ import annotations

import ast
import hashlib
import platform
import re
import sys
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache, lru_cache
from importlib import metadata
from pathlib import Path

from toolkit.files import file_hash

__all__ = ["Code", "code_of", "digest_files", "library_versions"]

ROOT = Path(__file__).resolve().parent
PACKAGE = "toolkit"
FINE = ("toolkit.experiment.", "toolkit.runs.")
"""In modules with these beginnings single functions and methods are followed, elsewhere whole modules."""
SHELVES = ("", "data/", "models/")
"""Where files that are named without a folder may lie."""
OPTIONAL = frozenset({"torch", "transformers", "sentence_transformers", "safetensors", "onnx"})
"""Libraries that only fitting, or an encoder that does not ship, needs."""
_DISTRIBUTIONS = {"sklearn": "scikit-learn", "yaml": "PyYAML", "sentence_transformers": "sentence-transformers"}
"""Libraries that are installed under another name than the one they are imported by."""
_INCLUDED = re.compile(r"{%-?\s*(?:include|extends|import|from)\s+[\"']([^\"']+)[\"']")
_PATH = re.compile(r"[a-z_][\w*./-]*[\w*]")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


@dataclass(frozen=True)
class Code:
    """What a function depends on.

    Attributes
    ----------
    files : dict of str to str
        Files below the toolkit's folder, or ``file:name`` for a part of one, and their SHA-256.
    libraries : dict of str to str or None
        Versions of the libraries imported, of what those need, and of Python; None where one is not installed.
    """

    files: dict[str, str]
    libraries: dict[str, str | None]

    @property
    def digest(self) -> str:
        """One hash for all of it."""
        return digest_files({**self.files, **{f"{k}=": str(v) for k, v in self.libraries.items()}})


def digest_files(hashes: dict[str, str]) -> str:
    """One hash for many.

    Examples
    --------
    >>> digest_files({"a": "1", "b": "2"}) == digest_files({"b": "2", "a": "1"})
    True
    """
    lines = "\n".join(f"{name}\t{value}" for name, value in sorted(hashes.items()))
    return hashlib.sha256(lines.encode()).hexdigest()


def code_of(module: str, *names: str, optional: bool = False) -> Code:
    """What functions of a module depend on.

    Parameters
    ----------
    module : str
        Such as ``toolkit.experiment.stages``.
    *names : str
        Functions, or methods as ``Class.method``; the whole module where none is given.
    optional : bool, default False
        Whether the libraries of :data:`OPTIONAL` count.

    Returns
    -------
    Code

    Examples
    --------
    >>> sorted(code_of("toolkit.codebook").files)
    ['codebook.py', 'config.py', 'data/codebook.yaml', 'errors.py', 'files.py']
    """
    walk = _Walk()
    for name in names or ("",):
        walk.follow(module, name)
    libraries = {name for name in walk.libraries if optional or name not in OPTIONAL}
    files = {name: walk.files[name] for name in sorted(walk.files)}
    return Code(files, library_versions(libraries))


def library_versions(names: set[str]) -> dict[str, str | None]:
    """The versions of libraries, by the names they are imported by, and of what they need; and of Python."""
    versions: dict[str, str | None] = {"python": platform.python_version()}
    for name in sorted(names):
        distribution = _DISTRIBUTIONS.get(name, name)
        versions.update({key: value for key, value in _needed(distribution).items() if value is not None})
        versions.setdefault(_plain(distribution), None)
    return dict(sorted(versions.items()))


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


@cache
def _needed(distribution: str) -> dict[str, str | None]:
    """The versions of a distribution and of all that it needs where they are installed."""
    found: dict[str, str | None] = {}
    waiting = [distribution]
    while waiting:
        name = waiting.pop()
        if _plain(name) in found:
            continue
        try:
            held = metadata.distribution(name)
        except metadata.PackageNotFoundError:
            found[_plain(name)] = None
            continue
        found[_plain(name)] = held.version
        needs = [need for need in held.requires or [] if "extra ==" not in need]
        waiting += [match[0] for need in needs if (match := _NAME.match(need))]
    return found


@dataclass
class _Walk:
    """A walk along imports and names."""

    files: dict[str, str] = field(default_factory=dict)
    libraries: set[str] = field(default_factory=set)
    seen: set[tuple[str, str]] = field(default_factory=set)

    def follow(self, module: str, name: str = "") -> None:
        """Go to `name` of a module, or to the whole of it."""
        waiting = [(module, name)]
        while waiting:
            module, name = waiting.pop()
            if (module, name) in self.seen:
                continue
            self.seen.add((module, name))
            if not f"{module}.".startswith(f"{PACKAGE}."):
                if (library := module.split(".")[0]) not in sys.stdlib_module_names:
                    self.libraries.add(library)
                continue
            waiting += self._toolkit(module, name)

    def _toolkit(self, module: str, name: str) -> list[tuple[str, str]]:
        if name and _source(f"{module}.{name}") is not None:
            return [(f"{module}.{name}", "")]
        source = _source(module)
        if source is None:
            raise ImportError(f"{module} is not a module of the toolkit")
        held = _read(source)
        if name in held.imports and held.passes_on:
            return [held.imports[name]]
        if not (name and f"{module}.".startswith(FINE)):
            self._add(source.relative_to(ROOT).as_posix(), _hash(source))
            self._add_data(held.data)
            return [*held.imports.values(), *held.others]
        part = held.part(name)
        if part is None:
            return []
        text = ast.unparse(part)
        self._add(f"{source.relative_to(ROOT).as_posix()}:{name}", hashlib.sha256(text.encode()).hexdigest())
        self._add_data(_named_files(part))
        return held.used_by(part, name, module)

    def _add_data(self, names: set[str]) -> None:
        for name in names:
            path = ROOT / name
            inside = path.rglob("*") if path.is_dir() else [path]
            for file in (p for p in inside if p.is_file() and p.suffix not in ("", ".py", ".pyc", ".md")):
                self._add(file.relative_to(ROOT).as_posix(), _hash(file))
                if file.suffix == ".j2":
                    parts = {f"data/{part}" for part in _INCLUDED.findall(file.read_text(encoding="utf-8"))}
                    self._add_data({part for part in parts if part not in self.files})

    def _add(self, name: str, value: str) -> None:
        self.files[name] = value


@dataclass(frozen=True)
class _Module:
    tree: ast.Module
    imports: dict[str, tuple[str, str]]
    """Local name -> module and name there."""
    others: tuple[tuple[str, str], ...]
    """What else is imported, under names that are used twice."""
    data: set[str]
    passes_on: bool
    """Whether it has nothing but imports and definitions, so that names it imports can be followed past it."""

    def part(self, name: str) -> ast.stmt | None:
        """The definition of a name, ``Class.method`` for a method."""
        first, _, rest = name.partition(".")
        for node in self.tree.body:
            if first in _defined(node):
                if not rest:
                    return node
                inner = node.body if isinstance(node, ast.ClassDef) else []
                return next((n for n in inner if rest in _defined(n)), None)
        return None

    def used_by(self, part: ast.stmt, name: str, module: str) -> list[tuple[str, str]]:
        """Where the names lead that a definition uses; annotations do nothing when it runs."""
        owner = name.split(".")[0] if "." in name else ""
        own = {defined for node in self.tree.body for defined in _defined(node)}
        found: list[tuple[str, str]] = []
        local = dict(_imports(part))
        for node in _walk_without_annotations(part):
            if isinstance(node, ast.Name) and node.id in local:
                found.append(local[node.id])
            elif isinstance(node, ast.Name) and node.id in self.imports:
                found.append(self.imports[node.id])
            elif isinstance(node, ast.Name) and node.id in own:
                found.append((module, node.id))
            elif owner and isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                method = f"{owner}.{node.attr}"
                if node.value.id in ("self", "cls") and self.part(method) is not None:
                    found.append((module, method))
        return found


def _source(module: str) -> Path | None:
    """The file of a module of the toolkit."""
    path = ROOT.parent.joinpath(*module.split("."))
    for file in (path.with_suffix(".py"), path / "__init__.py"):
        if file.is_file():
            return file
    return None


def _hash(path: Path) -> str:
    facts = path.stat()
    return _hash_once(path, facts.st_mtime_ns, facts.st_size)


@cache
def _hash_once(path: Path, _changed: int, _size: int) -> str:
    return file_hash(path)


def _read(path: Path) -> _Module:
    return _parse(path, path.stat().st_mtime_ns, path.stat().st_size)


@cache
def _parse(path: Path, _changed: int, _size: int) -> _Module:
    """A module's source; read again where the file has changed since."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    imports: dict[str, tuple[str, str]] = {}
    others = []
    for local, target in _imports(tree):
        if imports.setdefault(local, target) != target:
            others.append(target)
    plain = (
        ast.Import, ast.ImportFrom, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Assign, ast.AnnAssign,
    )  # fmt: skip
    passes_on = all(isinstance(n, plain) or _is_docstring(n) or _is_typing_only(n) for n in tree.body)
    return _Module(tree, imports, tuple(others), _named_files(tree), passes_on)


def _imports(tree: ast.AST) -> Iterator[tuple[str, tuple[str, str]]]:
    """What is imported anywhere in a tree, except for type checkers alone."""
    waiting = deque([tree])
    while waiting:
        node = waiting.popleft()
        if _is_typing_only(node) or isinstance(node, ast.expr):
            continue
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.asname or alias.name.split(".")[0], (alias.name, "")
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                yield alias.asname or alias.name, (node.module, alias.name)
        waiting.extend(ast.iter_child_nodes(node))


def _is_typing_only(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"


def _is_docstring(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _defined(node: ast.AST) -> set[str]:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return {node.name}
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    return {n.id for target in targets for n in ast.walk(target) if isinstance(n, ast.Name)}


def _walk_without_annotations(part: ast.AST) -> Iterator[ast.AST]:
    """Every node that does something when a function runs; in a class, annotations do (pydantic reads them)."""
    waiting: list[tuple[ast.AST, bool]] = [(part, False)]
    while waiting:
        node, inside = waiting.pop()
        yield node
        inside = inside or isinstance(node, ast.FunctionDef)
        for name, value in ast.iter_fields(node):
            if (name == "annotation" and inside) or name == "returns":
                continue
            children = value if isinstance(value, list) else [value]
            waiting += [(child, inside) for child in children if isinstance(child, ast.AST)]


def _named_files(tree: ast.AST) -> set[str]:
    """The data files and folders, below the toolkit's folder, that a piece of code names."""
    found: set[str] = set()
    inner: set[int] = set()
    for node in ast.walk(tree):  # a chain a / "b" / "c" comes before the shorter one in it
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div) and id(node) not in inner:
            parts: list[str] = []
            current: ast.AST = node
            while isinstance(current, ast.BinOp) and isinstance(current.op, ast.Div):
                inner.add(id(current))
                parts.insert(0, _pattern(current.right))
                current = current.left
            found |= _matching("/".join(parts)) if all(parts) else set()
        elif (text := _pattern(node)) and ("/" in text or "." in text.strip(".")):
            found |= _matching(text)
    # A shelf alone says nothing: what is read from it is named elsewhere (tests watch what a run opens).
    return found - {"data", "models"}


def _pattern(node: ast.AST) -> str:
    """A constant text, or a formatted one with stars where values go; else nothing."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and len(node.value) < 100:
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(str(v.value) if isinstance(v, ast.Constant) else "*" for v in node.values)
    return ""


def _matching(text: str) -> set[str]:
    if not _PATH.fullmatch(text) or ".." in text:
        return set()
    return {name for name in _shipped() for shelf in SHELVES if _fits(name, shelf + text)}


def _fits(name: str, pattern: str) -> bool:
    if "*" not in pattern:
        return name == pattern
    return re.fullmatch(re.escape(pattern).replace(r"\*", "[^/]*"), name) is not None


@lru_cache(maxsize=1)
def _shipped() -> tuple[str, ...]:
    """The files and folders of data and models."""
    inside = [p for shelf in ("data", "models") for p in (ROOT / shelf, *(ROOT / shelf).rglob("*"))]
    return tuple(sorted(p.relative_to(ROOT).as_posix() for p in inside))

"""Scores kept by what they are scores of: adding articles or an actor classifies only what is new.

A score depends on the classifier (its files, its settings, the code that runs it, the processor) and on the target (the
sentence, where the target stands in it, and further columns where the classifier reads them). The store has a folder
for the first and a row for the second, so that nothing in it can be out of date: what has changed has another name.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from toolkit.errors import InputError
from toolkit.files import to_json, write_atomically

__all__ = ["CACHE", "Remembered", "cache_folder", "clear_store", "store_size", "trim_store"]

CACHE = "TOOLKIT_CACHE"
"""The environment variable that names a folder in which all runs keep their scores."""
LARGEST = 1 << 30
"""A store of more bytes loses the classifiers that were not used for longest."""
FLUSH = 512
"""New targets between two saves; a killed run loses at most these."""
HALF_DAY = 12 * 3600.0


def cache_folder() -> Path | None:
    """The folder that TOOLKIT_CACHE names; None where it names none.

    Raises
    ------
    InputError
        It names a file.
    """
    named = os.environ.get(CACHE, "").strip()
    if not named:
        return None
    path = Path(named).expanduser()
    if path.exists() and not path.is_dir():
        raise InputError(f"{CACHE} names {named!r}, which is a file; name a folder, or unset it")
    return path / "scores"


class Remembered:
    """A classifier that classifies each different target once, also across runs.

    Parameters
    ----------
    folder : pathlib.Path
        The store.
    key : str
        Names everything that the probabilities depend on besides the target.
    make : callable
        Gives the classifier itself; called when a target is new.
    """

    def __init__(self, folder: Path, key: str, make: Callable[[], Any]) -> None:
        self.folder = folder / key
        self.make = make
        self._made: Any = None
        self._known, self._rows = _read_parts(self.folder)
        self._new: list[tuple[bytes, np.ndarray]] = []
        facts = _read_facts(self.folder)
        if facts is None:
            self._known, self._rows = {}, []
            facts = self._describe()
        elif self.folder.is_dir():
            os.utime(self.folder)  # what was used last is kept longest
        self.classes_ = np.array(facts["classes"])
        self.further: tuple[str, ...] = tuple(facts["further"])
        self.abstain: float = facts["abstain"]

    def _describe(self) -> dict[str, Any]:
        made = self._classifier()
        facts = {
            "classes": [str(label) for label in made.classes_],
            "further": list(getattr(made, "further", ())),
            "abstain": float(getattr(made, "abstain", 0)),
        }
        with write_atomically(self.folder / "classifier.json") as path:
            path.write_text(to_json(facts), encoding="utf-8")
        return facts

    def _classifier(self) -> Any:
        if self._made is None:
            self._made = self.make()
        return self._made

    def predict_proba(self, mentions: pd.DataFrame) -> np.ndarray:
        """Probabilities, shape (rows, classes): from the store, or else from the classifier."""
        columns = ["sentence", "start", "end", *(c for c in self.further if c in mentions.columns)]
        keys = [_target_key(columns, row) for row in mentions[columns].itertuples(index=False, name=None)]
        missing = [place for place, key in enumerate(keys) if key not in self._known]
        if missing:
            found = self._classifier().predict_proba(mentions.iloc[missing])
            for place, row in zip(missing, found, strict=True):
                if keys[place] not in self._known:
                    self._known[keys[place]] = len(self._rows)
                    self._rows.append(row)
                    self._new.append((keys[place], row))
            if len(self._new) >= FLUSH:
                self.flush()
        return np.array([self._rows[self._known[key]] for key in keys]).reshape(len(keys), len(self.classes_))

    def flush(self) -> None:
        """Save what is new."""
        if self._new:
            _write_part(self.folder, [key for key, _ in self._new], np.array([row for _, row in self._new]))
            self._new = []

    def close(self) -> None:
        """Save what is new and join the parts to one."""
        self.flush()
        parts = sorted(self.folder.glob("*.npz"))
        if len(parts) > 1:
            known, rows = _read_parts(self.folder)
            order = sorted(known)
            whole = _write_part(self.folder, order, np.array([rows[known[key]] for key in order]))
            for part in parts:
                if part != whole:
                    part.unlink(missing_ok=True)


def _target_key(columns: list[str], row: tuple[Any, ...]) -> bytes:
    values = [int(v) if name in ("start", "end") else None if pd.isna(v) else str(v) for name, v in zip(columns, row)]  # noqa: B905
    return hashlib.sha256(json.dumps([columns, values]).encode()).digest()[:16]


def _write_part(folder: Path, keys: list[bytes], rows: np.ndarray) -> Path:
    """Write a part under the hash of its content, which tells a whole one from a damaged one."""
    held = io.BytesIO()
    places = np.frombuffer(b"".join(keys), dtype=np.uint8).reshape(len(keys), 16)
    np.savez(held, keys=places, rows=rows.astype(np.float64))
    content = held.getvalue()
    path = folder / f"{hashlib.sha256(content).hexdigest()[:32]}.npz"
    with write_atomically(path) as target:
        target.write_bytes(content)
    return path


def _read_parts(folder: Path) -> tuple[dict[bytes, int], list[np.ndarray]]:
    known: dict[bytes, int] = {}
    rows: list[np.ndarray] = []
    for path in sorted(folder.glob("*.npz")):
        try:
            content = path.read_bytes()
        except FileNotFoundError:  # another run has joined the parts
            continue
        if hashlib.sha256(content).hexdigest()[:32] != path.stem:
            path.unlink(missing_ok=True)
            continue
        with np.load(io.BytesIO(content), allow_pickle=False) as held:
            for key, row in zip(held["keys"], held["rows"], strict=True):
                known.setdefault(key.tobytes(), len(rows))
                rows.append(row)
    return known, rows


def _read_facts(folder: Path) -> dict[str, Any] | None:
    try:
        facts = json.loads((folder / "classifier.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return facts if isinstance(facts, dict) and set(facts) == {"classes", "further", "abstain"} else None


def store_size(folder: Path) -> tuple[int, int]:
    """How many classifiers' scores a store holds, and their bytes."""
    kept = [p for p in folder.iterdir() if p.is_dir()] if folder.is_dir() else []
    return len(kept), sum(_bytes(p) for p in kept)


def _bytes(folder: Path) -> int:
    return sum(p.stat().st_size for p in folder.rglob("*") if p.is_file())


def clear_store(folder: Path) -> None:
    """Take away all scores that are kept."""
    shutil.rmtree(folder, ignore_errors=True)


def trim_store(folder: Path, largest: int = LARGEST) -> int:
    """Take away the scores of classifiers not used for longest, until the rest is small enough.

    Parameters
    ----------
    folder : pathlib.Path
        The store.
    largest : int
        Bytes.

    Returns
    -------
    int
        How many classifiers' scores went.
    """
    for part in folder.rglob(".*.part"):  # what a killed run was writing, if it is not another one's at this moment
        if time.time() - part.stat().st_mtime > HALF_DAY:
            part.unlink(missing_ok=True)
    kept = sorted((p for p in folder.iterdir() if p.is_dir()), key=lambda p: p.stat().st_mtime, reverse=True)
    total, gone = 0, 0
    for path in kept:
        total += _bytes(path)
        if total > largest and path != kept[0]:
            shutil.rmtree(path, ignore_errors=True)
            gone += 1
    return gone

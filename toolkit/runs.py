"""The folder that a run leaves: which stage made which file, from what, and whether it still holds."""

from __future__ import annotations

import hashlib
import json
import platform
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import metadata
from pathlib import Path
from typing import IO, Any, Protocol

from toolkit.errors import InputError
from toolkit.files import file_hash, to_json, write_atomically
from toolkit.fingerprints import Code

__all__ = ["Progress", "RunFolder", "Stage", "code_hash", "digest", "machine_facts", "processor", "run_stages"]

WORK = ".work"
"""Inside a run folder: what stages hand on to each other, and their stamps."""
PACKAGES = ("numpy", "pandas", "scikit-learn", "onnxruntime", "tokenizers", "matplotlib", "trafilatura")


class Progress(Protocol):
    """What a run tells whoever watches it."""

    def start(self, stage: str) -> None:
        """Say that a stage begins."""

    def advance(self, done: int, total: int) -> None:
        """Say how far the stage is."""

    def end(self, stage: str, seconds: float, kept: bool) -> None:
        """Say that a stage is done, or was kept from an earlier run."""


@dataclass(frozen=True)
class Stage:
    """One step of a run.

    Attributes
    ----------
    name : str
        As it is printed.
    needs : tuple of str
        Files of the run folder that it reads, made by stages before it.
    makes : tuple of str
        Files and folders (ending in ``/``) that it writes.
    settings : dict
        Everything else that its result depends on.
    work : callable
        Does it; takes the function that reports progress.
    code : Code
        The modules, data files and libraries that it uses; see :func:`toolkit.fingerprints.code_of`.
    check : callable, optional
        Called when the work is done, before that is noted: raises where an input changed meanwhile.
    """

    name: str
    needs: tuple[str, ...]
    makes: tuple[str, ...]
    settings: dict[str, Any]
    work: Callable[[Callable[[int, int], None]], None]
    code: Code = field(default_factory=lambda: Code({}, {}))
    check: Callable[[], None] | None = None


class RunFolder:
    """A run folder on disk.

    Parameters
    ----------
    path : pathlib.Path
        The folder; it is made where it is missing.

    Raises
    ------
    InputError
        The path is a file, or a folder that holds something else than a run.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        if path.exists() and not path.is_dir():
            raise InputError(f"{str(path)!r} is a file; give a folder for the run with --out")
        if path.is_dir() and any(path.iterdir()) and not (path / WORK).is_dir():
            raise InputError(
                f"the folder {str(path)!r} holds files that no run made; give an empty or a new one with --out"
            )
        try:
            (path / WORK).mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise InputError(
                f"the folder {str(path)!r} cannot be written to ({error.strerror}); give another with --out"
            ) from None

    def __truediv__(self, name: str) -> Path:
        return self.path / name

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep a second run out of this folder; the lock goes when the process does, however it ends."""
        with self._open_lock() as handle:
            try:
                import fcntl
            except ImportError:  # Windows: two runs at once are the user's own doing there
                yield
                return
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise InputError(
                    f"another run is writing to {str(self.path)!r}; wait for it, or give another folder with --out"
                ) from None
            self._sweep()
            yield

    def _open_lock(self) -> IO[str]:
        try:
            return (self.path / WORK / "lock").open("w")
        except OSError as error:
            raise InputError(
                f"the folder {str(self.path)!r} cannot be written to ({error.strerror}); give another with --out"
            ) from None

    def _sweep(self) -> None:
        """Take away the halves that a killed run was writing."""
        for path in self.path.rglob(".*.part"):
            path.unlink(missing_ok=True)

    def _stamp(self, stage: str) -> Path:
        return self.path / WORK / f"{stage}.json"

    def files(self, makes: tuple[str, ...]) -> list[str]:
        """The files that `makes` names, folders unfolded, in order."""
        found = []
        for name in makes:
            if name.endswith("/"):
                inside = (p for p in (self.path / name).rglob("*") if p.is_file())
                found += sorted(p.relative_to(self.path).as_posix() for p in inside)
            elif (self.path / name).is_file():
                found.append(name)
        return found

    def kept(self, stage: Stage, key: str) -> dict[str, Any] | None:
        """The stamp of a finished stage, if it was made from the same things and its files are untouched."""
        try:
            stamp = json.loads(self._stamp(stage.name).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        if stamp.get("key") != key or sorted(stamp["outputs"]) != sorted(self.files(stage.makes)):
            return None
        same = all(file_hash(self.path / name) == digest for name, digest in stamp["outputs"].items())
        return stamp if same else None

    def clear(self, stage: Stage) -> None:
        """Take away what a stage left, its stamp first."""
        self._stamp(stage.name).unlink(missing_ok=True)
        for name in stage.makes:
            target = self.path / name
            if name.endswith("/"):
                shutil.rmtree(target, ignore_errors=True)
            else:
                target.unlink(missing_ok=True)

    def stamp(self, stage: Stage, key: str, seconds: float) -> dict[str, Any]:
        """Note that a stage is done."""
        outputs = {name: file_hash(self.path / name) for name in self.files(stage.makes)}
        facts = {"stage": stage.name, "key": key, "outputs": outputs, "seconds": seconds, "peak_mb": _peak_memory()}
        with write_atomically(self._stamp(stage.name)) as path:
            path.write_text(to_json(facts), encoding="utf-8")
        return facts


def run_stages(folder: RunFolder, stages: list[Stage], progress: Progress) -> list[dict[str, Any]]:
    """Run the stages in order; keep those whose code, libraries, settings and inputs are what they were.

    Returns
    -------
    list of dict
        The stamp of each stage, in order.
    """
    stamps: list[dict[str, Any]] = []
    known: dict[str, str] = {}
    for stage in stages:
        needed = {name: known[name] for name in stage.needs}
        key = digest({"stage": stage.name, "code": stage.code.digest, "settings": stage.settings, "needs": needed})
        stamp = folder.kept(stage, key)
        kept = stamp is not None
        if stamp is None:
            progress.start(stage.name)
            started = time.monotonic()
            folder.clear(stage)
            stage.work(progress.advance)
            if stage.check is not None:
                stage.check()
            stamp = folder.stamp(stage, key, round(time.monotonic() - started, 3))
        progress.end(stage.name, stamp["seconds"], kept)
        known.update(stamp["outputs"])
        stamps.append(stamp)
    return stamps


def digest(value: Any) -> str:
    """A hash of anything that JSON can hold."""
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()


@lru_cache(maxsize=1)
def code_hash() -> str:
    """A hash over all of the toolkit's own code and data, to tell versions apart."""
    root = Path(__file__).resolve().parent
    files = sorted(
        p for p in root.rglob("*") if p.is_file() and p.suffix in {".py", ".yaml", ".j2", ".css", ".js", ".json"}
    )
    return digest({p.relative_to(root).as_posix(): file_hash(p) for p in files})


def _peak_memory() -> float | None:
    """The largest memory of this process so far, in MiB; None where the system does not tell."""
    try:
        import resource
    except ImportError:
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(peak / (1024 * 1024 if sys.platform == "darwin" else 1024), 1)


def machine_facts() -> dict[str, Any]:
    """What a result may depend on besides its inputs: versions, processor, commit."""
    return {
        "toolkit": _version("stance-toolkit"),
        "code_sha256": code_hash(),
        "commit": _commit(),
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "processor": processor(),
        "packages": {name: _version(name) for name in PACKAGES},
    }


@lru_cache(maxsize=1)
def processor() -> str:
    """The model of the processor: the last bits of a network's results differ between them."""
    try:
        with Path("/proc/cpuinfo").open(encoding="utf-8", errors="replace") as handle:
            for line in handle:
                if line.lower().startswith(("model name", "cpu implementer")):
                    return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _commit() -> str | None:
    """The commit of the toolkit's own checkout; None for an installed package."""
    root = Path(__file__).resolve().parents[1]
    if not (root / ".git").exists():
        return None
    try:
        done = subprocess.run(
            ["git", "-C", str(root), "rev-parse", "HEAD"], capture_output=True, text=True, check=False, timeout=10
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() or None

"""The files that an experiment reads, each with its hash; and whether they stayed what they were while it ran."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from toolkit.errors import InputError
from toolkit.files import file_hash

__all__ = ["Inputs"]


class Inputs:
    """The files that an experiment reads, by what they are for.

    Parameters
    ----------
    roots : mapping of str to sequence of pathlib.Path
        What for ("articles", "lexicon", "tasks", ...) -> files and folders. Hidden files are passed over.
    """

    def __init__(self, roots: Mapping[str, Sequence[Path]]) -> None:
        self._roots = roots
        self._states = {role: _states(paths) for role, paths in roots.items()}
        self._hashes = {role: _hashes(paths) for role, paths in roots.items()}
        for role in roots:  # a file that was written to while it was hashed
            self.check(role)

    def of(self, role: str) -> dict[str, str]:
        """The hash of each file of a role, by its name below its folder."""
        return self._hashes.get(role, {})

    def all(self) -> dict[str, str]:
        """The hash of every file."""
        return {name: value for hashes in self._hashes.values() for name, value in hashes.items()}

    def check(self, role: str) -> None:
        """Refuse to go on where a file is not what it was when the run began.

        Raises
        ------
        InputError
            It was changed, has vanished, or is new.
        """
        before, now = self._states[role], _states(self._roots[role])
        for path in [*before, *now]:
            if before.get(path) != now.get(path):
                what = "has vanished" if path not in now else "is new" if path not in before else "was changed"
                raise InputError(
                    f"{path} {what} while the run was reading it, so its result would be of neither state; "
                    "leave the files alone and give the same command again"
                )


def _files(root: Path) -> list[Path]:
    if not root.is_dir():
        return [root]
    inside = (p for p in root.rglob("*") if p.is_file())
    return sorted(p for p in inside if not any(part.startswith(".") for part in p.relative_to(root).parts))


def _states(roots: Sequence[Path]) -> dict[str, tuple[int, int]]:
    """Size and time of change: enough to see that a file was written to."""
    found = {}
    for path in (p for root in roots for p in _files(root)):
        try:
            facts = path.stat()
        except FileNotFoundError:
            continue
        found[str(path)] = (facts.st_size, facts.st_mtime_ns)
    return found


def _hashes(roots: Sequence[Path]) -> dict[str, str]:
    hashes: dict[str, str] = {}
    for root in roots:
        for path in _files(root):
            name = path.name if path == root else f"{root.name}/{path.relative_to(root).as_posix()}"
            while name in hashes:  # two folders of one name
                name = f"{name} (2)"
            try:
                hashes[name] = file_hash(path)
            except FileNotFoundError:
                raise InputError(f"{path} is gone; put it back, or give another in the experiment") from None
            except OSError as error:
                raise InputError(f"{path} cannot be read ({error.strerror}); make it readable") from None
    return hashes

"""A sample of mentions on disk: kept whole, never overwritten, and checked when it is read."""

from __future__ import annotations

import hashlib
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from toolkit.errors import InputError
from toolkit.files import to_json, write_atomically

__all__ = ["FACTS", "Sample", "check_folder", "drawn_hash", "frame_hash", "free_folder"]

FRAME = ("mention_id", "stratum", "probability", "drawn", "cluster")
FACTS, FRAME_FILE, DRAWN_FILE = "sample.json", "frame.parquet", "drawn.parquet"
_KEPT = re.compile(r"\.kept-(\d+)$")
_RESTORE = "restore the file from a copy, or draw again with the seed that you noted"


@dataclass(frozen=True)
class Sample:
    """Mentions drawn for coding, and what is known about how.

    Attributes
    ----------
    task : str
        What is to be coded.
    frame : pandas.DataFrame
        Every mention that could have been drawn, sorted by id: `mention_id, stratum, probability, drawn, cluster` (the
        story). `probability` is that of being drawn, above 0 and at most 1, known by design.
    mentions : pandas.DataFrame
        The scored mentions that were drawn, in the seeded random order in which coders see them.
    facts : dict
        Seed, n, design, allocation, filters, hashes of the frame and of what was drawn; goes into ``sample.json``.
    """

    task: str
    frame: pd.DataFrame
    mentions: pd.DataFrame
    facts: dict[str, Any]

    @property
    def strata(self) -> pd.DataFrame:
        """One row a stratum: `stratum, mentions, stories, drawn, drawn_stories, probability`."""
        rows = self.frame.assign(story=self.frame["cluster"].where(self.frame["drawn"]))
        return rows.groupby("stratum", sort=True).agg(
            mentions=("mention_id", "size"), stories=("cluster", "nunique"), drawn=("drawn", "sum"),
            drawn_stories=("story", "nunique"), probability=("probability", "first"),
        ).reset_index()  # fmt: skip

    def save(self, folder: str | Path, *, force: bool = False) -> Path:
        """Write the sample: ``sample.json``, ``frame.parquet``, ``drawn.parquet``.

        Parameters
        ----------
        folder : path
            A new or an empty folder.
        force : bool, default False
            Where the folder holds a sample, keep that beside it under the name ``<folder>.kept-1`` (2, 3, ...) and
            write the new one. Nothing that people coded is ever deleted.

        Returns
        -------
        pathlib.Path
            The folder.

        Raises
        ------
        InputError
            The folder holds something.
        """
        target = free_folder(Path(folder), force=force)
        target.mkdir(parents=True, exist_ok=True)
        for table, name in ((self.frame, FRAME_FILE), (self.mentions, DRAWN_FILE)):
            with write_atomically(target / name) as part:
                table.to_parquet(part, index=False)
        # Last: a folder with this file is a whole sample.
        with write_atomically(target / FACTS) as part:
            part.write_text(to_json(self.facts), encoding="utf-8", newline="\n")
        return target

    @classmethod
    def load(cls, folder: str | Path) -> Sample:
        """Read a sample back, and check that it is as it was drawn.

        Raises
        ------
        InputError
            A file is missing or cannot be read, or the frame or the mentions drawn have changed since.
        """
        import json

        import pyarrow as pa

        path = Path(folder)
        if not (path / FACTS).is_file():
            raise InputError(f"{str(path)!r} holds no sample ({FACTS} is missing); `toolkit sample` draws one")
        try:
            facts = json.loads((path / FACTS).read_text(encoding="utf-8"))
            frame, mentions = (pd.read_parquet(path / name) for name in (FRAME_FILE, DRAWN_FILE))
        except (OSError, ValueError, pa.ArrowException) as error:
            raise InputError(f"the sample in {str(path)!r} cannot be read ({error}); {_RESTORE}") from None
        if not (isinstance(facts, dict) and {"task", "frame_sha256", "drawn_sha256"} <= set(facts)):
            raise InputError(f"{path / FACTS} does not say what was drawn; {_RESTORE}")
        if list(frame.columns) != list(FRAME) or frame_hash(frame) != facts["frame_sha256"]:
            raise InputError(
                f"{path / FRAME_FILE} is not the frame that was drawn from (its hash differs from {FACTS}): "
                f"probabilities that changed after the drawing cannot correct anything. {_RESTORE}"
            )
        if drawn_hash(mentions) != facts["drawn_sha256"]:
            raise InputError(f"{path / DRAWN_FILE} does not hold the mentions that were drawn; {_RESTORE}")
        return cls(facts["task"], frame, mentions, facts)


def check_folder(folder: Path, *, force: bool = False) -> None:
    """Refuse a folder in which something is that must not be lost.

    Raises
    ------
    InputError
        It is a file, or holds files that are no sample, or a sample and `force` is not given.
    """
    if folder.exists() and not folder.is_dir():
        raise InputError(f"{str(folder)!r} is a file; give a folder for the sample with --out")
    if not (folder.is_dir() and any(folder.iterdir())):
        return
    if not (folder / FACTS).is_file():
        raise InputError(f"the folder {str(folder)!r} holds files that are no sample; give a new one with --out")
    if not force:
        raise InputError(
            f"the folder {str(folder)!r} holds a sample already, perhaps half coded; give another with --out, or "
            "--force: then the old one is kept beside it under a new name"
        )


def free_folder(folder: Path, *, force: bool = False) -> Path:
    """The folder itself, if :func:`check_folder` lets it be; with `force` a sample in it is moved aside first."""
    check_folder(folder, force=force)
    if folder.is_dir() and any(folder.iterdir()):
        whole = folder.resolve()
        taken = [_KEPT.search(path.name) for path in whole.parent.glob(f"{whole.name}.kept-*")]
        number = 1 + max((int(match.group(1)) for match in taken if match), default=0)
        os.replace(whole, whole.with_name(f"{whole.name}.kept-{number}"))
    return folder


def frame_hash(frame: pd.DataFrame) -> str:
    """The SHA-256 of what a frame says, whatever file it stands in."""
    digest = hashlib.sha256()
    for row in frame[list(FRAME)].itertuples(index=False, name=None):
        name, stratum, probability, drawn, cluster = row
        digest.update(repr((str(name), str(stratum), float(probability), bool(drawn), str(cluster))).encode())
    return digest.hexdigest()


def drawn_hash(mentions: pd.DataFrame) -> str:
    """The SHA-256 of what coders are shown, in its order."""
    digest = hashlib.sha256()
    for name, sentence, start, end in mentions[["mention_id", "sentence", "start", "end"]].itertuples(index=False):
        digest.update(repr((str(name), str(sentence), int(start), int(end))).encode("utf-8", "surrogatepass"))
    return digest.hexdigest()

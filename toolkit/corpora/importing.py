"""Exports of any size to one Parquet file of articles and a list of what was rejected, batch by batch.

What has to be known of every article, its id and its place, waits on disk; so memory does not grow with the export.
"""

from __future__ import annotations

import csv
import os
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, MutableMapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any

from toolkit.corpora.reading import check_options, corpus_files, read_file, resolve_corpus
from toolkit.corpora.rows import COLUMNS, Rows
from toolkit.errors import InputError
from toolkit.files import write_atomically
from toolkit.readers import Columns
from toolkit.tables import SCHEMAS

__all__ = ["REJECTED", "Imported", "import_articles"]

REJECTED = "rejected.csv"
"""Stands beside the table of articles."""
GROUP = 1_000
"""Articles in a row group of the Parquet file."""
COUNTED = 100
"""Articles between two reports of progress."""
LARGEST_GROUP = 32_000_000
"""A row group is closed earlier where its texts reach this (characters)."""


@dataclass
class Imported:
    """What an import found.

    Attributes
    ----------
    files, articles, rejected : int
        How many were read, written, listed as rejected.
    duplicates : int
        Those of the rejected that stand in the table already.
    missing_dates, truncated, doubtful : int
        Articles without a date, cut by their source, with a warning.
    outlets, languages, encodings : collections.Counter
        Articles of each; a missing language is ``""``.
    folded : collections.Counter
        (Name in the files, outlet) -> articles, where the table of outlets made one of the other.
    first, last : pandas.Timestamp or None
        The range of the dates.
    """

    files: int = 0
    articles: int = 0
    rejected: int = 0
    duplicates: int = 0
    missing_dates: int = 0
    truncated: int = 0
    doubtful: int = 0
    outlets: Counter[str] = field(default_factory=Counter)
    languages: Counter[str] = field(default_factory=Counter)
    encodings: Counter[str] = field(default_factory=Counter)
    folded: Counter[tuple[str, str]] = field(default_factory=Counter)
    first: Any = None
    last: Any = None

    def count(self, table: Any) -> None:
        """Add a table of articles."""
        self.articles += len(table)
        self.missing_dates += int(table["date"].isna().sum())
        self.truncated += int(table["truncated"].sum())
        self.doubtful += int(table["warnings"].notna().sum())
        for counter, column in (
            (self.outlets, "outlet"), (self.languages, "language"), (self.encodings, "encoding")
        ):  # fmt: skip
            counter.update(table[column].fillna("").to_list())
        days = table["date"].dropna()
        if len(days):
            self.first = min(filter(None, (self.first, days.min())))
            self.last = max(filter(None, (self.last, days.max())))


def import_articles(
    paths: Sequence[str | os.PathLike[str]],
    out: str | os.PathLike[str],
    *,
    format: str = "auto",
    columns: Columns | None = None,
    outlet: str | None = None,
    outlets: Mapping[str, str] | None = None,
    dates: str | None = None,
    progress: Callable[[int, int], None] | None = None,
    counted: Callable[[int], None] | None = None,
) -> Imported:
    """Read articles into a Parquet file, and list what could not be read in ``rejected.csv`` beside it.

    Parameters
    ----------
    paths : sequence of path-like
        Folders, files or datasets; where there are several, the name of each stands before the names of its files.
    out : path-like
        The Parquet file to write, which :func:`toolkit.load_articles` reads.
    format, columns, outlet, outlets, dates, progress
        See :func:`toolkit.read_articles`.
    counted : callable, optional
        Called with the number of articles read so far, every :data:`COUNTED` of them: one export may hold them all.

    Returns
    -------
    Imported
        What was found. The same files give the same bytes.

    Raises
    ------
    InputError
        As :func:`toolkit.read_articles`, and where `out` is no Parquet file or lies among what is read. Nothing is
        written then.
    """
    out = Path(out)
    if out.suffix != ".parquet":
        raise InputError(f"--out is {str(out)!r}; expected a file named *.parquet")
    given = check_options(format, columns, outlet, outlets, dates)
    corpora = [resolve_corpus(path) for path in paths]
    for corpus in corpora:
        if corpus.root.resolve() in (out.resolve(), *out.resolve().parents):
            raise InputError(f"--out {str(out)!r} lies in {str(corpus.root)!r}, which is read; write it elsewhere")
    if len({corpus.root.resolve() for corpus in corpora}) < len(corpora):
        raise InputError("a path is given twice; give each path once")
    listed = [
        (corpus, prefix, corpus_files(corpus.root)) for corpus, prefix in zip(corpora, _prefixes(paths), strict=True)
    ]
    found = Imported(files=sum(len(names) for _, _, names in listed))
    with ExitStack() as stack:
        writer = stack.enter_context(_Writer(out, found, counted))
        seen = stack.enter_context(_Places(out))
        rows = Rows(sink=writer.take, seen=seen)
        in_order = ((corpus, prefix, name) for corpus, prefix, names in listed for name in names)
        for done, (corpus, prefix, name) in enumerate(in_order, 1):
            read_file(name, corpus, given, rows, prefix=prefix)
            if progress is not None:
                progress(done, found.files)
        if writer.nameless and not found.articles and not rows.rows:
            rows.refuse_nameless(corpora[0].root)
        writer.finish(rows)
        found.duplicates, found.folded = rows.duplicates, rows.folded
    return found


def _prefixes(paths: Sequence[str | os.PathLike[str]]) -> list[str]:
    """What stands before the names of the files of each path: nothing for one path, else its folder's name."""
    if len(paths) == 1:
        return [""]
    folders = [path if path.is_dir() else path.parent for path in (Path(p).resolve() for p in paths)]
    names: dict[str, list[Path]] = {}
    prefixes = []
    for folder in folders:
        alike = names.setdefault(folder.name, [])
        if folder not in alike:
            alike.append(folder)
        number = alike.index(folder) + 1
        prefixes.append(f"{folder.name}-{number}/" if number > 1 else f"{folder.name}/")
    return prefixes


class _Writer:
    """Writes rows by row groups and rejects line by line, both whole or not at all."""

    def __init__(self, out: Path, found: Imported, counted: Callable[[int], None] | None = None) -> None:
        self.out, self.found, self.counted = out, found, counted
        self.nameless = 0
        self._size = 0
        self._stack = ExitStack()

    def __enter__(self) -> _Writer:
        import pyarrow as pa
        import pyarrow.parquet as pq

        kinds = {"text": pa.string(), "date": pa.timestamp("us"), "float": pa.float64()}
        self._schema = pa.schema(
            [(c, kinds[SCHEMAS["articles"][c].kind] if c in SCHEMAS["articles"] else pa.string()) for c in COLUMNS]
        )
        self._schema = self._schema.set(len(COLUMNS) - 1, pa.field("truncated", pa.bool_()))
        with ExitStack() as stack:
            # Left in reverse order: the files are closed before they are given their names.
            listed = stack.enter_context(write_atomically(self.out.with_name(REJECTED)))
            table = stack.enter_context(write_atomically(self.out))
            handle = stack.enter_context(listed.open("w", encoding="utf-8", newline=""))
            self._csv = csv.writer(handle, lineterminator="\n")
            self._csv.writerow(list(SCHEMAS["rejected"]))
            self._parquet = stack.enter_context(pq.ParquetWriter(table, self._schema, compression="zstd"))
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool | None:
        return self._stack.__exit__(kind, error, trace)

    def take(self, rows: Rows) -> None:
        """Write what a full batch holds, and every reject."""
        self.nameless += len(rows.nameless)
        rejects = [*rows.rejects, *rows.nameless]
        rows.rejects, rows.nameless = [], []
        self.found.rejected += len(rejects)
        self._csv.writerows((r.source_file, r.locator, _printable(r.reason)) for r in rejects)
        self._size = self._size + len(rows.rows[-1]["text"]) if rows.rows else 0
        if self.counted and rows.rows and not len(rows.rows) % COUNTED:
            self.counted(self.found.articles + len(rows.rows))
        if len(rows.rows) >= GROUP or self._size >= LARGEST_GROUP:
            self._write(rows)

    def _write(self, rows: Rows) -> None:
        import pyarrow as pa

        table = rows.take_articles()
        self.found.count(table)
        self._parquet.write_table(pa.Table.from_pandas(table, schema=self._schema, preserve_index=False))
        self._size = 0

    def finish(self, rows: Rows) -> None:
        """Write what is left."""
        self.take(rows)
        if rows.rows:
            self._write(rows)


def _printable(reason: str) -> str:
    """Words that quote a file, without what UTF-8 cannot hold."""
    return reason.encode("utf-8", "replace").decode()


class _Places(MutableMapping[str, str]):
    """Id -> where it was seen, in a file that is gone at the end."""

    def __init__(self, out: Path) -> None:
        self._path = out.with_name(f".{out.name}.{os.getpid()}.seen")

    def __enter__(self) -> _Places:
        self._path.unlink(missing_ok=True)
        self._base = sqlite3.connect(self._path, isolation_level=None)
        for line in ("journal_mode=OFF", "synchronous=OFF", "cache_size=-20000", "locking_mode=EXCLUSIVE"):
            self._base.execute(f"PRAGMA {line}")
        self._base.execute("CREATE TABLE places (id TEXT PRIMARY KEY, place TEXT) WITHOUT ROWID")
        self._base.execute("BEGIN")
        return self

    def __exit__(self, *exception: object) -> None:
        self._base.close()
        self._path.unlink(missing_ok=True)

    def __getitem__(self, key: str) -> str:
        row = self._base.execute("SELECT place FROM places WHERE id = ?", (_printable(key),)).fetchone()
        if row is None:
            raise KeyError(key)
        return str(row[0])

    def __setitem__(self, key: str, place: str) -> None:
        self._base.execute("INSERT OR REPLACE INTO places VALUES (?, ?)", (_printable(key), _printable(place)))

    def __delitem__(self, key: str) -> None:
        self._base.execute("DELETE FROM places WHERE id = ?", (_printable(key),))

    def __iter__(self) -> Iterator[str]:
        return (row[0] for row in self._base.execute("SELECT id FROM places"))

    def __len__(self) -> int:
        return int(self._base.execute("SELECT count(*) FROM places").fetchone()[0])

"""Parquet tables, one article a row; also those that ``toolkit import`` makes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

from toolkit.errors import InputError
from toolkit.readers.common import Columns, Item, Reject, choose_columns

__all__ = ["as_text", "read", "sniff"]

LARGEST_GROUP = 2_000_000_000
"""A row group does not unpack to more than this (bytes)."""
_BATCH = 64
_OURS = {"article_id", "truncated", "warnings", "encoding", "copied"}


def sniff(path: Path, head: bytes) -> bool:  # noqa: ARG001
    """Whether a file is a Parquet table."""
    return head.startswith(b"PAR1")


def read(path: Path, source_file: str, columns: Columns | None) -> Iterator[Item | Reject]:
    """The articles of a Parquet table.

    Parameters
    ----------
    path : pathlib.Path
        The file.
    source_file : str
        Its name in the tables.
    columns : mapping, optional
        Field -> column, or columns of which the first that is there counts.

    Yields
    ------
    Item or Reject
        One for each row. A table that ``toolkit import`` made keeps its ids and its warnings.

    Raises
    ------
    InputError
        A mapped column is missing, no column holds the text, or the one of a field holds lists or binary data.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with path.open("rb") as handle:
            try:
                file = pq.ParquetFile(handle, buffer_size=1 << 20)
            except (pa.ArrowException, OSError, ValueError) as error:
                yield Reject(source_file, "", f"the file cannot be read as Parquet ({_words(error)})")
                return
            chosen = _choose(file, columns, source_file)
            for group in range(file.metadata.num_row_groups):
                if file.metadata.row_group(group).total_byte_size > LARGEST_GROUP:
                    reason = f"the row group unpacks to over {LARGEST_GROUP / 1e9:g} GB; write smaller row groups"
                    yield Reject(source_file, f"row group {group + 1}", reason)
                    return
            if not file.metadata.num_rows:
                yield Reject(source_file, "", "the table has no rows")
            yield from _rows(file, chosen, source_file)
    except OSError as error:
        yield Reject(source_file, "", f"the file cannot be opened ({error.strerror})")


def _choose(file: Any, columns: Columns | None, source_file: str) -> dict[str, str]:
    import pyarrow as pa

    schema = file.schema_arrow
    chosen = choose_columns(columns, schema.names, source_file)
    if set(schema.names) >= _OURS:
        chosen |= {"id": "article_id", "truncated": "truncated", "warnings": "warnings"} | chosen
    for field, column in chosen.items():
        if schema.names.count(column) > 1:
            raise InputError(f"{source_file} has two columns named {column!r}; rename one")
        kind = schema.field(column).type
        listed = field == "byline" and (pa.types.is_list(kind) or pa.types.is_large_list(kind))
        if pa.types.is_nested(kind) and not listed:
            raise InputError(f"{source_file}: the column {column!r} holds {kind}; expected text for the field {field}")
        if pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
            raise InputError(f"{source_file}: the column {column!r} holds bytes; write it as text")
    return chosen


def _rows(file: Any, chosen: dict[str, str], source_file: str) -> Iterator[Item | Reject]:
    import pyarrow as pa

    number = 0
    try:
        for batch in _batches(file, sorted(set(chosen.values()))):
            for row in batch.to_pylist():
                number += 1
                fields = {field: as_text(row[column]) for field, column in chosen.items()}
                if fields.get("truncated") == "false":
                    del fields["truncated"]
                fields = {field: value for field, value in fields.items() if value.strip()}
                yield Item(source_file, f"row {number}", {**fields, "encoding": "utf-8"})
    except (pa.ArrowException, OSError, ValueError, UnicodeDecodeError) as error:
        reason = f"the table is broken ({_words(error)}); the rest of it is not read"
        yield Reject(source_file, f"after row {number}", reason)


def _batches(file: Any, columns: list[str]) -> Iterator[Any]:
    import pyarrow as pa

    for group in range(file.metadata.num_row_groups):
        batches = file.iter_batches(batch_size=_BATCH, row_groups=[group], columns=columns, use_threads=False)
        for number, batch in enumerate(batches):
            yield batch
            if not number % 50:
                pa.default_memory_pool().release_unused()  # or what Arrow has freed stays with the process and grows


def as_text(value: Any) -> str:
    """A cell as text: dates as ISO, whole numbers without a point, nothing for what is missing.

    Examples
    --------
    >>> as_text(datetime(2020, 2, 28)), as_text(7.0), as_text(None), as_text(True)
    ('2020-02-28T00:00:00', '7', '', 'true')
    """
    if value is None or value != value:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, list):
        return ", ".join(filter(None, map(as_text, value)))
    return str(value)


def _words(error: Exception) -> str:
    return " ".join(str(error).split())[:150] or type(error).__name__

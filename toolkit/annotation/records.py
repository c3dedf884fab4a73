"""What a file says, before anybody has judged whether it can be used."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from toolkit.annotation.harmless import plain

__all__ = ["Cell", "Fault", "Record"]


class Cell(NamedTuple):
    """A cell of a table.

    Attributes
    ----------
    text : str
        What stands in it.
    kind : {"", "number", "date", "formula", "error"}
        What a spreadsheet has made of it, where that is not text.
    """

    text: str
    kind: str = ""


class Fault(NamedTuple):
    """A file, or a part of one, that cannot be read."""

    place: str
    reason: str


@dataclass(frozen=True)
class Record:
    """One statement of a file about one mention.

    Attributes
    ----------
    place : str
        Where it stands in its file.
    mention_id : str
        As it stands there.
    labels : tuple of str
        Those chosen; none where nothing was.
    coder : str
        Who chose, as the file says; empty where it does not.
    note, text, task : str
        The coder's note, the text as the file shows it, the task; empty where the file has none.
    state : str
        ``cancelled``, ``draft``, ``prediction``, ``ground_truth``, ``unapproved``, ``number`` (a label by its number),
        ``broken``; else empty.
    id_kind, label_kind : str
        What a spreadsheet has made of the two cells (:class:`Cell`).
    """

    place: str
    mention_id: str
    labels: tuple[str, ...] = ()
    coder: str = ""
    note: str = ""
    text: str = ""
    task: str = ""
    state: str = ""
    id_kind: str = ""
    label_kind: str = ""

    @classmethod
    def of_row(
        cls, row: Mapping[str, Any], place: str, *, labels: tuple[str, ...], coder: str, state: str = ""
    ) -> Record:
        """A record of a row of JSON or of a table: its values are texts, or :class:`Cell` objects."""
        note = _of(row.get("note"))
        return cls(
            place, _of(row.get("mention_id")).text, tuple(labels), coder, plain(note.text), _of(row.get("text")).text,
            _of(row.get("task")).text, state, _of(row.get("mention_id")).kind,
        )  # fmt: skip


def _of(value: Any) -> Cell:
    if isinstance(value, Cell):
        return value
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return Cell("")
    return Cell(value.strip()) if isinstance(value, str) else Cell(str(value), "number")

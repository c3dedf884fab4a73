"""Which kind of file came back, and what it says: every form that the tools for coding write."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

from toolkit.annotation import doccano, label_studio
from toolkit.annotation.grids import Row, csv_rows, header_of, ods_rows, xlsx_rows
from toolkit.annotation.records import Cell, Fault, Record
from toolkit.errors import InputError
from toolkit.readers.common import UnreadableError, decode
from toolkit.readers.jsonl import begins_as_json
from toolkit.readers.xlsx import check_archive

__all__ = ["NO_HEADER", "OURS", "find_files", "read_records"]

OURS = (
    "sample.json",
    "sheets.json",
    "annotations.csv",
    "problems.csv",
    "agreement.csv",
    "gold.csv",
    "disagreements.csv",
    "decisions.csv",
)
"""Files of a sample folder that are no sheets."""
SUFFIXES = (".xlsx", ".xlsm", ".ods", ".csv", ".tsv", ".tab", ".txt", ".json", ".jsonl", ".ndjson", ".zip")
LARGEST = 200_000_000
"""A file of annotations is not longer than this, nor unpacks to more (bytes)."""
_MORE = ("label_2", "label_3", "label_4")
_COLUMNS = ("mention_id", "coder", "annotator", "username", "user", "note", "text", "task", *_MORE)
_CODERS = ("coder", "annotator", "username", "user")


def find_files(paths: list[Path]) -> list[Path]:
    """The files to read, in order: those named, and the sheets right in each folder that is named.

    Raises
    ------
    InputError
        A path is not there, or a folder holds no sheet.
    """
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            inside = [p for p in sorted(path.iterdir()) if p.suffix.lower() in SUFFIXES and p.name not in OURS]
            inside = [p for p in inside if p.is_file() and not p.name.startswith((".", "~$"))]
            if not inside:
                raise InputError(f"no sheet lies in {str(path)!r}; expected files that end in {', '.join(SUFFIXES)}")
            found += inside
        elif path.is_file():
            found.append(path)
        else:
            raise InputError(f"there is no file {str(path)!r}; give the sheets that the coders sent back")
    return list(dict.fromkeys(found))


def read_records(path: Path, label_names: tuple[str, ...]) -> Iterator[tuple[str, Record | Fault]]:
    """What a file says.

    Parameters
    ----------
    path : pathlib.Path
        XLSX, ODS, CSV, TSV; JSON, JSON-MIN, CSV or TSV of Label Studio; JSONL, JSON or CSV of doccano, also packed.
    label_names : tuple of str
        What the column of the label may be called, the likeliest first.

    Yields
    ------
    (str, Record or Fault)
        The name by which a coder may be told who is named nowhere (that of the file, or of the one packed in it), and
        what it says.
    """
    try:
        if path.stat().st_size > LARGEST:
            raise UnreadableError(f"has {path.stat().st_size / 1e6:.0f} MB; at most {LARGEST / 1e6:.0f} are read")
        content = path.read_bytes()
        yield from _by_kind(content, path.name, label_names)
    except UnreadableError as error:
        yield path.name, Fault("", f"the file {error}")
    except OSError as error:
        yield path.name, Fault("", f"the file cannot be opened ({error.strerror})")


def _by_kind(content: bytes, name: str, label_names: tuple[str, ...]) -> Iterator[tuple[str, Record | Fault]]:
    if not content.strip():
        raise UnreadableError("is empty")
    if content.startswith(b"PK\x03\x04"):
        yield from _packed(content, name, label_names)
    elif begins_as_json(content[:65536]) or name.lower().endswith((".json", ".jsonl", ".ndjson")):
        yield from ((name, record) for record in _json(content, label_names))
    else:
        yield from ((name, record) for record in _table(csv_rows(content), label_names))


def _packed(content: bytes, name: str, label_names: tuple[str, ...]) -> Iterator[tuple[str, Record | Fault]]:
    check_archive(io.BytesIO(content))
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = [member for member in archive.namelist() if not member.endswith("/")]
            if "content.xml" in members:
                yield from _sheets(ods_rows(content), name, label_names)
            elif any(member.startswith("xl/") for member in members):
                yield from _sheets(xlsx_rows(content), name, label_names)
            else:
                yield from _members(archive, members, label_names)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, ValueError) as error:
        raise UnreadableError(f"cannot be unpacked ({' '.join(str(error).split())[:120]})") from None


def _members(
    archive: zipfile.ZipFile, members: list[str], label_names: tuple[str, ...]
) -> Iterator[tuple[str, Record | Fault]]:
    """The files of an archive, as doccano packs them; each may bear its coder's name."""
    budget = LARGEST
    fit = [name for name in sorted(members) if name.lower().endswith((".jsonl", ".json", ".csv", ".tsv"))]
    fit = [name for name in fit if not PurePosixPath(name).name.startswith(".") and not name.startswith("__MACOSX")]
    for name in fit:
        budget -= archive.getinfo(name).file_size
        if budget < 0:
            raise UnreadableError(f"unpacks to more than {LARGEST / 1e6:.0f} MB; nothing of it beyond that is read")
        part = archive.read(name)
        short = PurePosixPath(name).name
        try:
            for _, record in _by_kind(part, short, label_names):
                yield short, record
        except UnreadableError as error:
            yield short, Fault(name, f"the packed file {error}")
    if not fit:
        raise UnreadableError("is an archive without a table or JSON in it (fastText has no ids: export as JSONL)")


# JSON -------------------------------------------------------------------------------------------------------


def _json(content: bytes, label_names: tuple[str, ...]) -> Iterator[Record | Fault]:
    text, _ = decode(content)
    text = text.removeprefix("\ufeff")
    try:
        whole = json.loads(text)
    except RecursionError:
        raise UnreadableError("is JSON nested too deeply; no tool for coding writes such") from None
    except ValueError:
        yield from _json_lines(text, label_names)
        return
    values = whole if isinstance(whole, list) else [whole]
    for number, value in enumerate(values, start=1):
        yield from _json_object(value, f"task {number}", label_names)


def _json_lines(text: str, label_names: tuple[str, ...]) -> Iterator[Record | Fault]:
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            value = json.loads(line)
        except (ValueError, RecursionError) as error:
            yield Fault(f"line {number}", f"the line is no JSON ({' '.join(str(error).split())[:80]})")
            continue
        yield from _json_object(value, f"line {number}", label_names)


def _json_object(value: Any, place: str, label_names: tuple[str, ...]) -> Iterator[Record | Fault]:
    if label_studio.is_export(value):
        yield from label_studio.read_export(value, place)
    elif doccano.is_export(value):
        yield from doccano.read_export(value, place)
    elif isinstance(value, dict) and "mention_id" in value:
        label = next((value[name] for name in label_names if name in value), None)
        coder = next((value[name] for name in _CODERS if isinstance(value.get(name), str)), "")
        labels = label_studio.choices_of(label)
        yield Record.of_row(value, place, labels=labels, coder=coder)
    else:
        yield Fault(place, "no mention_id and no label stand here; export with the tasks' data, as JSON")


# Tables -----------------------------------------------------------------------------------------------------


def _sheets(
    sheets: Iterator[tuple[str, Iterator[Row | Fault]]], name: str, label_names: tuple[str, ...]
) -> Iterator[tuple[str, Record | Fault]]:
    """The sheets with a header of ours; the others are instructions."""
    fit, broken = False, []
    for _, rows in sheets:
        for record in _rows(rows, label_names):
            if record is None:
                break
            fit = fit or isinstance(record, Record)
            if isinstance(record, Fault) and not fit:
                broken.append(record)
                continue
            yield name, record
    if broken and not fit:
        yield from ((name, fault) for fault in broken)
    elif not fit:
        raise UnreadableError(NO_HEADER.format(" or ".join(label_names)))


NO_HEADER = "has no row with the column names mention_id and {}, or no row below it"


def _table(rows: Iterator[Row | Fault], label_names: tuple[str, ...]) -> Iterator[Record | Fault]:
    any_row = False
    for record in _rows(rows, label_names):
        if record is not None:
            any_row = True
            yield record
    if not any_row:
        raise UnreadableError(NO_HEADER.format(" or ".join(label_names)))


def _rows(rows: Iterator[Row | Fault], label_names: tuple[str, ...]) -> Iterator[Record | Fault | None]:
    """The records of one table; None where it has no header of ours."""
    seen: list[Fault] = []

    def watched() -> Iterator[Row | Fault]:
        for row in rows:
            if isinstance(row, Fault):
                seen.append(row)
            yield row

    places = header_of(watched(), _COLUMNS, label_names)
    yield from seen
    if places is None:
        yield None
        return
    for row in rows:
        if isinstance(row, Fault):
            yield row
            continue
        place, cells = row
        named = {name: cells[i] for name, i in places.items() if i < len(cells)}
        if any(cell.text for name, cell in named.items() if name not in ("coder", "annotator")):
            yield _record(named, place)


def _record(row: dict[str, Cell], place: str) -> Record:
    label = row.get("label", Cell(""))
    cells = [label, *(row[name] for name in _MORE if name in row)]
    kind = next((cell.kind for cell in cells if cell.kind in ("formula", "error")), label.kind)
    coder = next((row[name].text for name in _CODERS if name in row and row[name].text), "")
    labels = tuple(one for cell in cells for one in label_studio.choices_of(cell.text))
    record = Record.of_row(row, place, labels=labels, coder=coder)
    return Record(**{**vars(record), "label_kind": kind})

"""What coders sent back: the labels that can be used, and everything that cannot, with the reason and what to do."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import pandas as pd

from toolkit.annotation.files import NO_HEADER, find_files, read_records
from toolkit.annotation.items import check_coder, items_of
from toolkit.annotation.matching import Ids, Labels, shown
from toolkit.annotation.records import Fault, Record
from toolkit.annotation.sample import Sample
from toolkit.codebook import Task, load_codebook
from toolkit.errors import InputError, nearest

__all__ = ["PROBLEMS", "read_annotations"]

PROBLEMS = ("file", "place", "mention_id", "coder", "value", "reason", "remedy", "used")
"""The columns of the table of problems; `used` says whether the label counts all the same."""
_NAMELESS = re.compile(
    r"(?:all|annotations?|coded|codings?|csv|data|export|file|items|json|labels?|result|results|sample|sheet|sheets|table"
    r"|tasks|tone|stance|role|frame|unknown|untitled|project-\d.*)(?:[ _-]?\(?\d*\)?)",
    re.IGNORECASE,
)
"""Names of files that are no names of coders."""
_STATES = {
    "cancelled": ("the coder skipped this item", "have it coded, or leave it out for good"),
    "draft": ("there is a draft that was never submitted", "have the coder submit it, and export again"),
    "prediction": ("there is only a machine's prediction", "have it coded by a person"),
    "number": ("the label is a number of doccano's own, not its name", "export again as JSONL with the labels' names"),
    "broken": ("the annotation is no object", "export again as JSON"),
}
_NOTES = {
    "ground_truth": "the label is marked as ground truth; it counts as its coder's",
    "unapproved": "nobody has approved the label in doccano; it counts as its coder's",
}

_EMPTY = "have it coded; an empty label is not the neutral one"
_ABSENT = "have it coded, or ask for the row; Label Studio's CSV and JSON-MIN leave out what was skipped"


def read_annotations(
    paths: str | Path | Sequence[str | Path],
    sample: Sample,
    task: Task | None = None,
    coder: str | Mapping[str, str] | None = None,
    *,
    expected: Mapping[str, Sequence[str]] | None = None,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    r"""Read what coders sent back, in any form that the tools for coding write.

    Sheets (XLSX, ODS, CSV, TSV in any encoding that Excel writes); Label Studio's JSON, JSON-MIN, CSV and TSV;
    doccano's JSONL, JSON and CSV of old and new versions, also packed; any table with mention_id and label. Labels are
    matched by the mention's id alone. Letter case and blanks of a label do not matter; nothing else is repaired.

    Parameters
    ----------
    paths : path or sequence of path
        Files, or folders of which the sheets right in them are read.
    sample : Sample
        What was drawn.
    task : Task, optional
        The task as the codebook has it; the toolkit's own of that name if not given.
    coder : str or mapping, optional
        The coder of files that name none; or names as the files have them (also a file's own) -> names to use.
    expected : mapping of str to sequence of str, optional
        Coder -> the mentions that they were given, by which rows that are gone are found.

    Returns
    -------
    annotations : pandas.DataFrame
        `mention_id, task, coder, label, note`; one row for each coder and mention, in the sample's order.
    problems : pandas.DataFrame
        `file, place, mention_id, coder, value, reason, remedy, used`: everything that is not in the first table
        (`used` False), and what is in it but should be known (`used` True).

    Raises
    ------
    InputError
        A path is not there, a coder's name cannot be one, or the codebook has no such task.

    Examples
    --------
    >>> import tempfile
    >>> mentions = pd.DataFrame({"mention_id": ["m1", "m2"], "sentence": ["Ankara warned.", "Moscow kept still."],
    ...     "start": [0, 0], "end": [6, 6]})
    >>> sample = Sample("tone", pd.DataFrame({"mention_id": ["m1", "m2"]}), mentions, {})
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     sheet = Path(folder, "anna.csv")
    ...     _ = sheet.write_text("mention_id,label\nm1,Negative\nm2,bad\n")
    ...     annotations, problems = read_annotations(sheet, sample)
    >>> annotations[["mention_id", "coder", "label"]].values.tolist()
    [['m1', 'anna', 'negative']]
    >>> problems[["place", "value", "reason", "used"]].values.tolist()[0]
    ['row 3', 'bad', 'the label is not in the codebook', False]
    """
    task = task or _task(sample.task)
    if task.name != sample.task:
        raise InputError(f"the sample was drawn for the task {sample.task!r}, and the task given is {task.name!r}")
    given = [Path(paths)] if isinstance(paths, str | Path) else [Path(path) for path in paths]
    reader = _Reader(sample, task, _Names(coder), expected or {})
    for path in find_files(given):
        reader.read(path, named=path in given)
    return reader.tables()


def _task(name: str) -> Task:
    codebook = load_codebook()
    if name not in codebook:
        raise InputError(f"the toolkit's codebook has no task {name!r}; {nearest(name, codebook)}. Give your codebook")
    return codebook[name]


class _Names:
    """Who a coder is, from what the files say and what the user says."""

    def __init__(self, given: str | Mapping[str, str] | None) -> None:
        self.default = check_coder(given) if isinstance(given, str) else ""
        self.renamed = {str(old): check_coder(new) for old, new in given.items()} if isinstance(given, Mapping) else {}

    def of(self, said: str) -> str:
        """The name to use for one that a file says; empty where it cannot be one."""
        said = " ".join(said.split())
        for name in (said, f"user_{said}"):
            if name in self.renamed:
                return self.renamed[name]
        name = f"user_{said}" if said.isdecimal() else said  # a number would be read back as a number
        try:
            return check_coder(name)
        except InputError:
            return ""

    def of_file(self, name: str, *, named: bool) -> tuple[str, str]:
        """The name for what a file says without a name, and the words to note; `named` where it names somebody."""
        stem = PurePosixPath(name).stem
        for key in (name, stem):
            if key in self.renamed:
                return self.renamed[key], ""
        if self.default:
            return self.default, ""
        if named or _NAMELESS.fullmatch(stem.split(".")[0]) or not self.of(stem):
            return "", ""
        return self.of(stem), f"no coder is named in the file: {self.of(stem)!r} is taken from its name"


@dataclass(frozen=True)
class _Label:
    """A label that can be used, if no other one contradicts it."""

    file: str
    place: str
    label: str
    note: str


class _Reader:
    """Judges records one by one, then against each other."""

    def __init__(self, sample: Sample, task: Task, names: _Names, expected: Mapping[str, Sequence[str]]) -> None:
        self.task = task
        self.names = names
        self.expected = expected
        self.ids = Ids(items_of(sample.mentions), sample.frame["mention_id"])
        self.labels = Labels(task)
        self.found: dict[tuple[str, str], list[_Label]] = {}
        self.empty: list[dict[str, object]] = []
        self.problems: list[dict[str, object]] = []
        self.seen: set[tuple[str, str]] = set()
        self.filled: set[str] = set()

    def read(self, path: Path, *, named: bool) -> None:
        """Judge everything that a file says; one that nobody `named` may be something else in the folder."""
        by_name: dict[str, list[Record]] = {}
        for name, record in read_records(path, ("label", self.task.name)):
            file = path.name if name == path.name else f"{path.name}/{name}"
            if isinstance(record, Fault):
                other = not named and record.reason.startswith(f"the file {NO_HEADER[:30]}")
                remedy = "nothing, if it is no sheet" if other else "mend the file, or ask for it again"
                self._add(file, record.place, reason=record.reason, remedy=remedy, used=other)
                continue
            by_name.setdefault(name, []).append(record)
        for name, records in by_name.items():
            file = path.name if name == path.name else f"{path.name}/{name}"
            self._judge_file(file, name, records)

    def _judge_file(self, file: str, name: str, records: list[Record]) -> None:
        if len(records) > 1 and not any(self.ids.knows(record.mention_id) for record in records):
            foreign = sum(not self.ids.explain(record)[2] for record in records)
            if foreign == len(records):
                self._add(file, f"{len(records)} rows", value=records[0].mention_id,
                          reason="none of its mentions is in this sample: it belongs to another one",
                          remedy="import it into the folder of the sample that it was written for")  # fmt: skip
                return
        from_file, note = self.names.of_file(name, named=any(record.coder for record in records))
        noted = False
        if any(record.labels for record in records):
            self.filled.add(file)
        for record in records:
            coder = self.names.of(record.coder) if record.coder else from_file
            if record.coder and not coder:
                self._add(file, record.place, record, value=record.coder, reason="this cannot be a coder's name",
                          remedy=f"rename: --coder {shown(record.coder, 30)!r}=NAME")  # fmt: skip
                continue
            if not record.coder and note and not noted:
                noted = True
                self._add(file, coder=coder, reason=note, remedy=f"to change it: --coder {name}=NAME", used=True)
            self._judge(file, record, coder)

    def _judge(self, file: str, record: Record, coder: str) -> None:
        """One record: a label to keep, an empty one, or a problem."""
        if record.task and record.task != self.task.name:
            self._add(file, record.place, record, coder, value=record.task,
                      reason=f"the row is of another task; this sample is for {self.task.name!r}",
                      remedy="import it into the folder of that task's sample")  # fmt: skip
            return
        key = self.ids.find(record.mention_id)
        if key is None:
            reason, remedy, _ = self.ids.explain(record)
            meant = Record(record.place, self.ids.by_text(record.text) or record.mention_id)
            self._add(file, record.place, meant, coder, value=record.mention_id, reason=reason, remedy=remedy)
            return
        if record.text and (other := self.ids.moved(key, record.text)):
            self._add(file, record.place, record, coder, value=record.text, reason=other[0], remedy=other[1])
            return
        self.seen.add((key, coder))
        if record.state in _STATES:
            reason, remedy = _STATES[record.state]
            self._add(file, record.place, record, coder, value=" ".join(record.labels), reason=reason, remedy=remedy)
        elif not record.labels:
            self.empty.append({"file": file, "place": record.place, "mention_id": key, "coder": coder,
                               "value": record.note})  # fmt: skip
        elif not coder:
            self._add(file, record.place, record, value=" ".join(record.labels), reason="no coder is named",
                      remedy="say who it was: --coder NAME, or --coder FILE=NAME for several files")  # fmt: skip
        else:
            self._judge_label(file, record, key, coder)

    def _judge_label(self, file: str, record: Record, key: str, coder: str) -> None:
        label, reason, remedy = self.labels.find(record)
        if not label:
            value = " + ".join(record.labels)
            self._add(file, record.place, record, coder, value=value, reason=reason, remedy=remedy)
            return
        if record.text and not self.ids.same_text(key, record.text):
            self._add(file, record.place, record, coder, value=record.text, used=True,
                      reason="the text differs from the sample's; the label is kept by its id",
                      remedy="make sure that the row was not mixed up")  # fmt: skip
        if record.state in _NOTES:
            self._add(file, record.place, record, coder, value=label, reason=_NOTES[record.state],
                      remedy="nothing, if that is right", used=True)  # fmt: skip
        self.found.setdefault((key, coder), []).append(_Label(file, record.place, label, record.note))

    def _add(
        self, file: str, place: str = "", record: Record | None = None, coder: str = "", *,
        value: object = "", reason: str, remedy: str, used: bool = False,
    ) -> None:  # fmt: skip
        mention = shown(record.mention_id, 60) if record is not None else ""
        words = (shown(file, 200), place, mention, coder, shown(value), reason, remedy, used)
        self.problems.append(dict(zip(PROBLEMS, words, strict=True)))

    # All records together -------------------------------------------------------------------------------------

    def tables(self) -> tuple[pd.DataFrame, pd.DataFrame]:
        """The two tables."""
        rows = []
        for (key, coder), labels in self.found.items():
            if label := self._settle(key, coder, labels):
                note = next((one.note for one in labels if one.note), "")
                rows.append((self.ids.place[key], coder, key, label, note))
        self._add_empty()
        if rows or self.seen:
            self._add_missing()
        if not rows:
            self._add("", reason="no label of these files can be used", remedy="see the other lines for the reasons")
        rows.sort()
        columns = {"mention_id": 2, "task": -1, "coder": 1, "label": 3, "note": 4}
        annotations = pd.DataFrame(
            {name: pd.Series([self.task.name if i < 0 else row[i] for row in rows], dtype="str")
             for name, i in columns.items()}
        )  # fmt: skip
        problems = pd.DataFrame(self.problems, columns=list(PROBLEMS))
        typed = problems.astype({name: "bool" if name == "used" else "str" for name in PROBLEMS})
        return annotations, typed.sort_values("used", kind="stable", ignore_index=True)

    def _settle(self, key: str, coder: str, labels: list[_Label]) -> str:
        """The label of a coder on a mention; empty where they gave several."""
        first = labels[0]
        if len({one.label for one in labels}) == 1:
            for one in labels[1:]:
                self._add(one.file, one.place, Record(one.place, key), coder, value=one.label, used=True,
                          reason=f"given already in {first.file}, {first.place}, with the same label: it counts once",
                          remedy="nothing")  # fmt: skip
            return first.label
        for one in labels:
            others = ", ".join(f"{o.label!r} in {o.file}, {o.place}" for o in labels if o.label != one.label)
            self._add(one.file, one.place, Record(one.place, key), coder, value=one.label,
                      reason=f"the same coder also gave {shown(others, 200)}: neither counts",
                      remedy="take the one that is wrong out of its file")  # fmt: skip
        return ""

    def _add_empty(self) -> None:
        """Items without a label, unless their coder, or where none is named anybody, gave one elsewhere."""
        coded = {key for key, _ in self.found}
        left = [
            row for row in self.empty
            if (row["mention_id"], row["coder"]) not in self.found and (row["coder"] or row["mention_id"] not in coded)
        ]  # fmt: skip
        coders = {coder for _, coder in self.found}
        told = {(row["mention_id"], row["coder"]) for row in self.problems}
        whole: Counter[str] = Counter()
        # Of two sheets of one coder, such as XLSX and CSV, the one that they did not use says nothing new.
        for row in sorted(left, key=lambda row: row["file"] not in self.filled):
            file, coder, mention = str(row["file"]), str(row["coder"]), str(row["mention_id"])
            unused = file not in self.filled
            if unused and coder in coders and (mention, coder) in told:
                continue
            if unused and coder not in coders and sum(other["file"] == file for other in self.empty) > 1:
                whole[file] += 1
                continue
            told.add((mention, coder))
            self._add(file, str(row["place"]), Record("", mention), coder, value=row["value"],
                      reason="the label is empty", remedy=_EMPTY)  # fmt: skip
        for file, number in whole.items():
            names = sorted({str(row["coder"]) for row in left if row["file"] == file})
            self._add(
                file, f"{number} rows", None, ", ".join(names), reason="nothing is coded in this file", remedy=_EMPTY
            )

    def _add_missing(self) -> None:
        """Mentions that a coder was given and that are in no file of theirs."""
        coders = {coder for _, coder in self.seen if coder}
        absent = [coder for coder in self.expected if coder not in coders]
        if len(coders) < len(self.expected):
            for coder in absent:
                self._add("", "", None, coder, reason="there is no file of this coder",
                          remedy="give it, or rename who stands in for them: --coder OLD=NEW")  # fmt: skip
        told = {(row["mention_id"], row["coder"]) for row in self.problems}
        for coder in sorted(coders & set(self.expected)):
            for key in self.expected[coder]:
                if key in self.ids.place and (key, coder) not in self.seen | told:
                    reason, remedy = (
                        "its row is in no file of this coder",
                        "put it back from the sheet that was sent out",
                    )
                    self._add("", "", Record("", key), coder, reason=reason, remedy=remedy)
        told_at_all = {str(row["mention_id"]) for row in self.problems} | {key for key, _ in self.seen}
        for key in self.ids.place:
            if key not in told_at_all:
                self._add("", "", Record("", key), reason="no file says anything about this mention", remedy=_ABSENT)

"""What readers found, checked and made into rows of the table of articles, all at once or batch by batch."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

import pandas as pd

from toolkit.corpora.outlets import fold_outlet
from toolkit.errors import InputError
from toolkit.files import content_id
from toolkit.readers import Columns, Item, Reject
from toolkit.readers.dates import DateError, read_date
from toolkit.tables import SCHEMAS, check_table

__all__ = ["COLUMNS", "FEWEST_WORDS", "LARGEST_TEXT", "Options", "Rows"]

LARGEST_TEXT = 2_000_000
"""A longer text is no article (bytes of UTF-8)."""
FEWEST_WORDS = 5
"""A shorter text is no article."""

_FORBIDDEN = re.compile("[\x00-\x08\x0e-\x1f\ud800-\udfff]")
_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]|\w+")  # scripts without blanks count by the character
# What UTF-8 read as cp1252 looks like: â€™ for ’, Ã¼ for ü, ÄŸ for ğ; C1 controls come from cp1252 read as Latin-1.
_MOJIBAKE = re.compile("â€[™œ“”˜¦¢\x9d]|Ã[\x80-\xbf©¨¼¶¤«§±]|Â[\xa0-\xbf]|Ä[±Ÿ°\x9f]|Å[Ÿž\x9f]|ï»¿")
_CONTROLS = re.compile("[\x0b\x0c\x7f-\x84\x86-\x9f]")
COLUMNS = (*SCHEMAS["articles"], "byline", "locator", "reader", "encoding", "warnings", "truncated")
"""The columns of the table of articles as read."""


@dataclass(frozen=True)
class Options:
    """How a file is read; see :func:`toolkit.read_articles`."""

    format: str = "auto"
    columns: Columns | None = None
    outlet: str | None = None
    outlets: Mapping[str, str] = field(default_factory=dict)
    dates: str | None = None
    language: str | None = None


class Rows:
    """Rows and rejects while files are read."""

    def __init__(
        self, *, sink: Callable[[Rows], None] | None = None, seen: MutableMapping[str, str] | None = None
    ) -> None:
        """Take rows.

        Parameters
        ----------
        sink : callable, optional
            Called with these rows after each that is added, to take some away.
        seen : mapping, optional
            Where the place of every article is kept; a dict if not given.
        """
        self.rows: list[dict[str, Any]] = []
        self.rejects: list[Reject] = []
        self.nameless: list[Reject] = []
        self.seen: MutableMapping[str, str] = {} if seen is None else seen
        self.folded: Counter[tuple[str, str]] = Counter()
        self.duplicates = 0
        self._sink = sink

    def reject(self, found: Reject) -> None:
        """Take something that could not be read."""
        self.rejects.append(found)
        self._pass_on()

    def _pass_on(self) -> None:
        if self._sink is not None:
            self._sink(self)

    def add(self, found: Item | Reject, reader: str, options: Options, folder: str) -> None:
        """Take what a reader yielded."""
        if isinstance(found, Reject):
            self.reject(found)
            return
        fields, reason = found.fields, ""
        text = fields.get("text", "").replace("\r\n", "\n").replace("\r", "\n")
        title = " ".join(fields.get("title", "").split())
        try:
            day = read_date(fields.get("date", ""), options.dates)
        except DateError as error:
            day, reason = None, str(error)
        except InputError as error:
            where = f"{found.source_file}, {found.locator}" if found.locator else found.source_file
            raise InputError(f"{where}: {error}") from None
        reason = _fault(text, title) or reason
        name = fields.get("outlet") or options.outlet or folder or fields.get("site") or ""
        name = " ".join(name.split())
        as_given = not fields.get("outlet") and bool(options.outlet)
        if reason:
            self.rejects.append(Reject(found.source_file, found.locator, reason))
        elif not name:
            self.nameless.append(Reject(found.source_file, found.locator, "the article names no outlet"))
        else:
            outlet = options.outlets.get(name) or (name if as_given else self._fold(name))
            row = {"outlet": outlet, "date": day, "title": title, "text": text}
            self._keep(found, row, reader, options)
        self._pass_on()

    def _fold(self, name: str) -> str:
        folded = fold_outlet(name)
        if folded != name:
            self.folded[name, folded] += 1
        return folded

    def _keep(self, found: Item, row: dict[str, Any], reader: str, options: Options) -> None:
        fields = found.fields
        content = content_id("a", row["outlet"], row["date"], row["title"], row["text"])
        given = fields.get("id", "").strip()
        place = f"{found.source_file}, {found.locator}" if found.locator else found.source_file
        reason = ""
        # No blank stands in an id of ours, and one before a given id keeps the two kinds apart.
        if content in self.seen:
            self.duplicates += 1
            reason = f"the same article (outlet, date, title, text) stands in {self.seen[content]}"
        elif given and f" {given}" in self.seen:
            reason = f"the id {given!r} is taken by {self.seen[f' {given}']}; ids must differ over the whole corpus"
        if reason:
            self.rejects.append(Reject(found.source_file, found.locator, reason))
            return
        self.seen[content] = place
        row["article_id"] = given or content
        self.seen[f" {row['article_id']}"] = place
        row |= {name: fields.get(name, "").strip() for name in ("url", "wire", "byline")}
        row["language"] = fields.get("language", "").strip() or options.language or ""
        row |= {"source_file": found.source_file, "locator": found.locator, "reader": reader}
        row |= {"story_id": row["article_id"], "copied": 0.0, "encoding": fields.get("encoding", "")}
        row["warnings"] = "; ".join(_doubts(fields, row))
        row["truncated"] = fields.get("truncated") == "true"
        self.rows.append(row)

    def finish(self, root: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
        """The tables of articles and of rejects."""
        if self.nameless and not self.rows:
            self.refuse_nameless(root)
        self.rejects += self.nameless
        return self.take_articles(), self.take_rejected()

    def refuse_nameless(self, root: Path) -> NoReturn:
        """Say what to do where no article names its outlet."""
        guess = root.name if root.is_dir() else root.stem
        raise InputError(
            f"no outlet is known for the articles of {str(root)!r}: give outlet={guess!r} (or its real name), "
            "put each outlet's files into a folder of its own, or map a column: columns={'outlet': ...}"
        )

    def take_articles(self) -> pd.DataFrame:
        """The table of the rows, which are forgotten."""
        taken, self.rows = self.rows, []
        return check_table(_rows_table(taken, COLUMNS), "articles")

    def take_rejected(self) -> pd.DataFrame:
        """The table of the rejects, which are forgotten."""
        taken, self.rejects = self.rejects, []
        return check_table(_rows_table([vars(r) for r in taken], list(SCHEMAS["rejected"])), "rejected")


def _rows_table(rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> pd.DataFrame:
    """A table in which empty text is missing."""
    made = {}
    for column in columns:
        values = [row[column] for row in rows]
        if column == "date":
            made[column] = pd.Series(pd.to_datetime(pd.Series(values, dtype="object")), dtype="datetime64[us]")
        elif column == "copied":
            made[column] = pd.Series(values, dtype="float64")
        elif column == "truncated":
            made[column] = pd.Series(values, dtype="bool")
        else:
            made[column] = pd.Series([value or None for value in values], dtype="str")
    return pd.DataFrame(made)


def _fault(text: str, title: str) -> str:
    """Why this is no article; empty where it is one."""
    if not text.strip():
        return "the text is empty"
    size = len(text.encode("utf-8", "replace"))
    if size > LARGEST_TEXT:
        return f"the text has {size / 1e6:.1f} MB; an article has at most {LARGEST_TEXT / 1e6:g} MB"
    for part, value in (("text", text), ("title", title)):
        if match := _FORBIDDEN.search(value):
            return f"the {part} holds U+{ord(match[0]):04X} at position {match.start()}, which is no part of any text"
    if len(text) < 1000 and (n := len(_WORD.findall(text))) < FEWEST_WORDS:
        return f"the text has {n} word{'' if n == 1 else 's'}; an article has at least {FEWEST_WORDS}"
    return ""


def _doubts(fields: Mapping[str, str], row: Mapping[str, Any]) -> Iterator[str]:
    """What looks wrong in an article that is kept."""
    whole = f"{row['title']}\n{row['text']}"
    if fields.get("warnings"):
        yield fields["warnings"]
    if row["encoding"] not in ("", "utf-8", "utf-16", "utf-32"):
        yield f"not UTF-8; read as {row['encoding']}"
    if n := whole.count("\ufffd"):
        yield f"{n} characters lost (U+FFFD)"
    if match := _MOJIBAKE.search(whole):
        yield f"looks decoded wrongly: {match[0]!r}"
    if match := _CONTROLS.search(whole):
        yield f"holds the control character U+{ord(match[0]):04X}"

"""Ids and labels as they come back, against those that went out: which is which, and what became of the others."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence

from toolkit.annotation.harmless import plain
from toolkit.annotation.items import Item
from toolkit.annotation.records import Record
from toolkit.codebook import Task
from toolkit.errors import nearest
from toolkit.report.text import cut, visible

__all__ = ["Ids", "Labels", "shown"]

_SCIENTIFIC = re.compile(r"[+-]?\d+(?:[.,]\d+)?E[+-]?\d+", re.IGNORECASE)
_DATE = re.compile(
    r"\d{4}-\d\d-\d\d(?:T.*)?|\d{1,2}[./-]\d{1,2}[./-](?:\d{2}|\d{4})|\d{1,2}[-. ]+[^\W\d]{3,4}\.?(?:[-. ]\d+)?"
)
_BETWEEN = re.compile(r"[#|;,]")
_ERROR = re.compile(r"#[A-Z/0]+[?!]?")
_AGAIN = "write the id back as it was sent out, in a column of the format text"
_SEARCHED = 200
"""For so many unknown ids the nearest one is looked for."""


def shown(value: object, length: int = 120) -> str:
    r"""A value for a message: one line, nothing hidden in it, not long.

    Examples
    --------
    >>> shown("a\x1b[31m\nb")
    'a\ufffd[31m b'
    """
    return cut(
        visible(" ".join(str(value).split(" ")).replace("\n", " ").replace("\r", " ").replace("\t", " ")), length
    )


def _letters(text: str) -> str:
    """A text without white space, which every spreadsheet and tool changes."""
    return "".join(plain(text).split())


class Ids:
    """The mentions of a sample."""

    def __init__(self, items: Sequence[Item], frame: Iterable[str]) -> None:
        self.place = {item.mention_id: number for number, item in enumerate(items)}
        self.frame = set(map(str, frame))
        self._texts = {item.mention_id: _letters(item.text) for item in items}
        owners: dict[str, list[str]] = {}
        for key, text in self._texts.items():
            owners.setdefault(text, []).append(key)
        self._by_text = {text: keys[0] for text, keys in owners.items() if len(keys) == 1}
        self._folded = {key.casefold(): key for key in self.place}
        self._unpadded = {key.lstrip("0"): key for key in self.place if key.startswith("0")}
        self._searched = 0

    def find(self, said: str) -> str | None:
        """The mention that an id means, None where it means none. Blanks around it do not matter."""
        bare = said.strip().strip("\u200b\ufeff\u00a0").strip()
        return next((key for key in (bare, plain(bare)) if key in self.place), None)

    def knows(self, said: str) -> bool:
        """Whether an id means a mention of the sample."""
        return self.find(said) is not None

    def by_text(self, text: str) -> str | None:
        """The mention whose text this is, if it is that of one alone."""
        return self._by_text.get(_letters(text)) if text else None

    def same_text(self, key: str, text: str) -> bool:
        """Whether a text is the mention's own; a proposition may stand before it."""
        return _letters(text).endswith(self._texts[key])

    def moved(self, key: str, text: str) -> tuple[str, str] | None:
        """The reason and the remedy where the text beside an id is that of another mention."""
        if self.same_text(key, text):
            return None
        other = self.by_text(text)
        if other is None or other == key:
            return None
        return (
            f"the text beside this id is that of the mention {other!r}: a part of the sheet was moved or sorted alone",
            "find out which text the coder saw with this label; sort whole rows only",
        )

    def explain(self, record: Record) -> tuple[str, str, bool]:
        """Why an id means no mention, what to do, and whether it looks like one of this sample's."""
        said = record.mention_id.strip()
        own = self.by_text(record.text)
        remedy = f"the text is that of {own!r}: write this id back" if own else _AGAIN
        reason = self._damage(record, said)
        if reason:
            return reason, remedy, True
        if own:
            return "the id was changed", remedy, True
        if said in self.frame:
            return (
                "the mention is in the frame, but was not drawn",
                "leave it out: its probability does not count",
                True,
            )
        self._searched += 1
        close = difflib.get_close_matches(said, self.place, n=1, cutoff=0.75) if self._searched <= _SEARCHED else []
        if close:
            return f"no mention of this sample has this id; the nearest is {close[0]!r}", _AGAIN, True
        return "no mention of this sample has this id", "import it into the folder of its own sample", False

    def _damage(self, record: Record, said: str) -> str:
        """What a spreadsheet has done to an id; empty where nothing shows it."""
        if not said:
            return "the id is empty"
        if record.id_kind == "formula":
            return "a formula stands in place of the id"
        if record.id_kind == "error" or _ERROR.fullmatch(said):
            return "a spreadsheet has made an error of the id"
        if record.id_kind == "date" or _DATE.fullmatch(said):
            return "a spreadsheet has made a date of the id"
        if _SCIENTIFIC.fullmatch(said):
            return "a spreadsheet has made a number in scientific notation of the id"
        if said.lstrip("0") in self._unpadded:
            was = self._unpadded[said.lstrip("0")]
            return f"a spreadsheet has taken the zeros from the front of the id; it was {was!r}"
        if said.casefold() in self._folded:
            return f"the letter case of the id was changed; it was {self._folded[said.casefold()]!r}"
        begin = said.rstrip(".… ")
        longer = [key for key in self.place if len(begin) >= 4 and key.startswith(begin)]
        if len(longer) == 1:
            return f"the id is cut; it was {longer[0]!r}"
        return ""


class Labels:
    """The labels of a task."""

    def __init__(self, task: Task) -> None:
        self.task = task
        count = Counter(map(fold, task.labels))
        self._folded = {fold(label): label for label in task.labels if count[fold(label)] == 1}

    def find(self, record: Record) -> tuple[str, str, str]:
        """The label that a record means, or empty with the reason and the remedy."""
        if record.label_kind in ("formula", "error"):
            return "", "a formula or an error stands in place of the label; formulas are never run", "type the label"
        parts = [part for label in record.labels for part in self._parts(label)]
        given = list(dict.fromkeys(self._of(part) or part for part in parts))
        wrong = [part for part in given if part not in self.task.labels]
        if wrong:
            return "", "the label is not in the codebook", nearest(shown(wrong[0], 60), self.task.labels)
        if len(given) > 1 and not self.task.multiple:
            return "", f"{len(given)} labels stand where one belongs", "have the coder decide for one"
        if len(given) > 1 and self.task.alone in given:
            return "", f"{self.task.alone!r} stands beside another label", "have the coder decide: it, or the others"
        return self.task.join(given), "", ""

    def _parts(self, label: str) -> list[str]:
        """The labels that one cell holds: doccano's tables put # between several, ours and people | ; or a comma."""
        if self._of(label):
            return [label]
        parts = [part.strip() for part in _BETWEEN.split(label) if part.strip()]
        return parts if len(parts) > 1 and (self.task.multiple or all(map(self._of, parts))) else [label]

    def _of(self, label: str) -> str:
        return label if label in self.task.labels else self._folded.get(fold(label), "")


def fold(label: str) -> str:
    """A label without letter case, blanks and underscores at its ends or doubled, or the dots of Turkish capitals.

    Examples
    --------
    >>> fold(" NEGATİVE "), fold("in  Favor") == fold("in_favor")
    ('negative', True)
    """
    bare = "".join(c for c in unicodedata.normalize("NFKD", plain(label)) if not unicodedata.combining(c))
    return "_".join(re.split(r"[\s_\u200b\ufeff]+", bare.replace("ı", "i").casefold().strip("_ \t\n\u200b\ufeff")))

"""Which news agency wrote an article, read where agencies are credited and nowhere else."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib import resources

import pandas as pd
import yaml

from toolkit.errors import InputError

__all__ = ["UNNAMED", "Credits", "find_wires"]

UNNAMED = "unnamed agency"
"""What a disclaimer credits that names no agency ("published from a wire agency feed")."""
HEAD, TAIL = 160, 500
"""How far from the beginning of a line a dateline, and from the end of the text a closing credit, is looked for."""

_OPEN, _CLOSE = r"[(\[/（【]", r"[)\]/）】]"
_DASH = r"[-–—−_|]"
_CJK = re.compile("[\u3040-\u30ff\u3400-\u9fff]")
_STAFF = (
    r"staff|desk|bureau|wire|wires|news|news agency|agency|newswire|service|writers?|reporters?|correspondents?|online|"
    r"english|world|world service|international|feed"
)
_FEED = re.compile(
    r"\b(published|generated|sourced|taken|reproduced|provided|supplied)\b.{0,60}\b(wire|agency|agencies|syndicated)\b.{0,20}"
    r"\bfeed|\b(wire agency|news agency|agency|syndicated|wire service) feed\b|has not been edited by .{0,40}\bstaff",
    re.IGNORECASE,
)
_TOKEN = re.compile(r"\w+")
_REPORTING = re.compile(r"(?:reporting|writing) by .{3,400}?\bediting by\b", re.IGNORECASE | re.DOTALL)
# "The Associated Press contributed to this report" credits help, not the text.
_HELP = re.compile(r"\bcontribut(?:ed|ions?|ing)\b", re.IGNORECASE)


@lru_cache(maxsize=1)
def _shipped() -> dict[str, list[str]]:
    text = resources.files("toolkit").joinpath("data/agencies.yaml").read_text(encoding="utf-8")
    return {str(name): [str(word) for word in words] for name, words in yaml.safe_load(text).items()}


def _bounded(names: Sequence[str]) -> str:
    """A pattern of names as whole words; Chinese and Japanese have no blanks to bound them."""
    plain = sorted((n for n in names if not _CJK.search(n)), key=lambda n: (-len(n), n))
    dense = sorted((n for n in names if _CJK.search(n)), key=lambda n: (-len(n), n))
    bounded = rf"(?<!\w)(?:{'|'.join(map(re.escape, plain))})(?!\w)"
    return "|".join([bounded, *map(re.escape, dense)])


class Credits:
    """Finds an agency's name where only a credit stands.

    Parameters
    ----------
    agencies : mapping of str to sequence of str
        An agency's id and the names that credit it, as they are written.
    """

    def __init__(self, agencies: Mapping[str, Sequence[str]]) -> None:
        self.owner = {word: name for name, words in agencies.items() for word in words}
        self.folded = {word.casefold(): name for name, words in agencies.items() for word in (*words, name)}
        # Most texts name no agency at either end; to see that takes no pattern.
        self.first = frozenset(match.group() for word in self.owner if (match := _TOKEN.search(word)))
        names = f"(?P<agency>{_bounded(list(self.owner))})"
        # "BOSTON, MA - " and "LANCASTER, PA - " are no agencies: two letters need brackets.
        longer = f"(?P<agency>{_bounded([word for word in self.owner if len(word) > 2])})"
        more = r"(?:\s*(?:[/,;&|+]|and)\s*[^)\]\n）】]{1,40})?"
        place = r"[^\W\d_a-z][^\n(（]{0,80}?"
        month = r"[^\W\d_][^\n(（]{0,60}?"
        self.name = re.compile(names)
        self.datelines = [
            # "MOSCOW, Feb 17 (Reuters) - ", "(ANSA) - ROMA, 17 FEB - ", "МОСКВА, 17 февраля. /ТАСС/."
            re.compile(rf"(?:{place})?{_OPEN}\s*{names}{more}\s*{_CLOSE}\s*[-–—−_|:.]"),
            # "Damascus, SANA- ", "Paris | AFP | ", "TEHRAN, Feb. 17, IRNA - "
            re.compile(rf"{month}(?:[,.|]|\s{_DASH})\s*{longer}\s*(?:{_DASH}|:\s)"),
            # "МОСКВА, 17 фев — РИА Новости."
            re.compile(rf"{place}\s[–—-]\s*{longer}\.\s"),
            # "NNA - ", "新华社北京2月17日电"
            re.compile(rf"{longer}\s+[–—-]+\s"),
        ]  # fmt: skip
        self.dense = re.compile(rf"[（(【\[]?{names}") if any(_CJK.search(w) for w in self.owner) else None
        self.inputs = re.compile(
            rf"(?i:\b(?:with|from)(?: \w+)? (?:inputs?|reports?|reporting|information|material)(?: (?:from|by))?)\b"
            rf"[^\n.]{{0,60}}?{names}"
        )
        cue = r"sources?|quelle|fuente|fonte|kaynak|источник|المصدر|مصدر|agence|agency|credit|来源|出典"
        self.tails = [
            re.compile(rf"(?i:{cue})\s*[:：|-]\s*{names}\W*$"),
            re.compile(rf"{_OPEN}\s*(?:[\w./ ]{{1,20}}[/,-]\s*)??{names}{more}\s*{_CLOSE}[.\s]*$"),
            re.compile(rf"(?:^|\n|\s{_DASH}{{1,2}}\s*){names}[.\s]*$"),
        ]
        self.writer = re.compile(
            rf"{names}(?: \w+)? (?:writers?|reporters?|journalists?|correspondents?)\b[^\n]{{0,160}}contributed"
        )
        plain = names.replace("?P<agency>", "")  # a name may stand in a pattern once
        self.line = re.compile(
            rf"^\W*{plain}\W*$|{_OPEN}\s*{plain}{more}\s*{_CLOSE}|"
            rf"(?i:\b(?:by|from|via|©|\(c\)|copyright|{cue}))\W+(?:[\w-]+\W+){{0,4}}?{plain}"
        )
        self.byline = re.compile(
            rf"(?:.*(?:\b(?:of|for|at|from|with|via)|[-–—(@])\s*)?(?:[Tt]he )?"
            rf"{names}(?:['’]s?)?(?:\W+(?i:{_STAFF}))*\W*"
        )

    @classmethod
    def shipped(cls, more: Mapping[str, Sequence[str]] | None = None) -> Credits:
        """The agencies that ship, and `more`."""
        agencies = dict(_shipped())
        for name, words in (more or {}).items():
            if isinstance(words, str) or not all(isinstance(w, str) and w for w in words):
                raise InputError(f"agency {name!r}: expected a list of the words that credit it, got {words!r}")
            agencies[str(name)] = list(words)
        return cls(agencies)

    def agency(self, name: str) -> str | None:
        """The agency that goes by exactly this name, whatever its case."""
        return self.folded.get(name.strip().casefold())

    def find(self, text: str, byline: str, credit: str, field: str) -> tuple[str | None, str | None]:
        """The agency behind an article, and what says so; the plainest evidence first."""
        if field.strip():
            hit = self.name.search(field)
            return self.agency(field) or (self.owner[hit["agency"]] if hit else field), "field"
        ends = f"{text[: 4 * HEAD]} {text[-TAIL:]} {credit}"
        if byline and (name := self._byline(byline)):
            return name, "byline"
        if self._may_name(ends):
            for evidence, name in (
                ("dateline", self._dateline(text)),
                ("credit", self._credit(text, credit)),
                ("inputs", self._inputs(text, credit)),
            ):
                if name:
                    return name, evidence
        # Reuters closes its dispatches so, and nobody else does.
        if "diting by" in ends and (_REPORTING.search(text[-TAIL:]) or _REPORTING.search(credit)):
            return "Reuters", "credit"
        if ("feed" in ends or "edited by" in ends) and (_FEED.search(credit) or _FEED.search(text[-TAIL:])):
            return UNNAMED, "disclaimer"
        return None, None

    def _may_name(self, ends: str) -> bool:
        return not self.first.isdisjoint(_TOKEN.findall(ends)) or bool(_CJK.search(ends))

    def _byline(self, byline: str) -> str | None:
        # A name inside a person's ("Petra Novak") credits nobody: the whole part has to be the agency's.
        for part in re.split(r"[,;/|\n]| and | & |\bwith\b", byline):
            part = re.sub(r"^\W*(?:by|from|von|par|por|di|de|от|بقلم)\b\s*", "", part.strip(), flags=re.IGNORECASE)
            if part and (hit := self.byline.fullmatch(part)):
                return self.owner[hit["agency"]]
        return None

    def _dateline(self, text: str) -> str | None:
        # Some texts repeat the headline on the first line; the dateline opens the next.
        for line in text[: 4 * HEAD].lstrip().splitlines()[:4]:
            head = line.strip()[:HEAD]
            for pattern in self.datelines:
                if hit := pattern.match(head):
                    return self.owner[hit["agency"]]
            if self.dense and (hit := self.dense.match(head)) and _CJK.search(hit["agency"]):
                return self.owner[hit["agency"]]
        return None

    def _credit(self, text: str, credit: str) -> str | None:
        tail = text[-TAIL:].rstrip()
        for line in credit.split(" | "):
            if hit := self.writer.search(line):
                return self.owner[hit["agency"]]
            if _HELP.search(line) or self.inputs.search(line):
                continue
            if hit := self.line.search(line):
                return self.owner[next(group for group in hit.groups() if group)]
        for pattern in self.tails:
            if hit := pattern.search(tail[-80:]):
                return self.owner[hit["agency"]]
        if hit := self.writer.search(tail):
            return self.owner[hit["agency"]]
        return None

    def _inputs(self, text: str, credit: str) -> str | None:
        for where in (*credit.split(" | "), text[-TAIL // 2 :]):
            if not _HELP.search(where) and (hit := self.inputs.search(where)):
                return self.owner[hit["agency"]]
        return None


def find_wires(
    rows: pd.DataFrame, stories: Sequence[Sequence[int]], credits: Credits
) -> tuple[list[str | None], list[str | None]]:
    """The agency behind each article and the evidence, read from its credits or inferred from its story."""
    columns = {c: rows[c] if c in rows else pd.Series(None, index=rows.index) for c in _EVIDENCE_COLUMNS}
    if "wire_evidence" in rows:  # a table that went through here before: what was concluded is no evidence
        columns["wire"] = columns["wire"].where(rows["wire_evidence"].eq("field"))
    values = zip(*(column.where(column.notna(), "").astype(str) for column in columns.values()), strict=True)
    found = [credits.find(text, byline, credit, field) for text, byline, credit, field in values]
    own = [credits.agency(outlet) for outlet in rows["outlet"]]
    wires: list[str | None] = [None if name == own[i] else name for i, (name, _) in enumerate(found)]
    evidence: list[str | None] = [found[i][1] if wire else None for i, wire in enumerate(wires)]
    for members in stories:
        named = {w for i in members for w in (wires[i], own[i]) if w and w != UNNAMED}
        # Two agencies in one story: nothing says which of them an uncredited member copied.
        if len(named) == 1:
            (name,) = named
            for i in members:
                if wires[i] in (None, UNNAMED) and own[i] != name:
                    wires[i], evidence[i] = name, "inferred"
    return wires, evidence


_EVIDENCE_COLUMNS = ("text", "byline", "credits", "wire")

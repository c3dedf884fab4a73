"""What is asked for, which mentions have a vote, and their sums by group and story."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from toolkit.errors import InputError, InputWarning, nearest
from toolkit.estimation.articles import READING_CHOICES
from toolkit.estimation.correction import METHODS, outcome_column
from toolkit.estimation.gold import task_labels
from toolkit.tables import VOICES, check_table

VOICE_CHOICES = {**{voice: (voice,) for voice in VOICES}, "attributed": ("quoted", "reported"), "all": VOICES}
COPIES = {
    "all": "every mention has a vote",
    "own": "every mention has a vote; articles from an agency or at least half copied are left out",
    "one_per_story": "every story has one vote in each group",
}
UNITS = {
    "mention": "the mean over mentions",
    "article": "every article has one tone, toolkit.tone_by_article's, and the mean is over articles",
}
PERIODS = {"day": "D", "week": "W", "month": "M", "quarter": "Q", "year": "Y"}
INTERVALS = {"t": "clustered t", "bootstrap": "story bootstrap", "wild": "wild cluster bootstrap"}
OWN_COPY = 0.5
"""An article of which this share or more is copied is no longer the outlet's own."""
_RESULTS = (
    "task",
    "estimate",
    "low",
    "high",
    "method",
    "copies",
    "estimand",
    "se",
    "df",
    "level",
    "note",
    "a",
    "b",
    "p",
)


@dataclass(frozen=True)
class Options:
    """What both public functions take, checked."""

    task: str
    by: tuple[str, ...]
    voice: str
    copies: str
    reading: str | float
    period: str | None
    interval: str
    draws: int
    level: float
    seed: int
    unit: str = "mention"
    method: str = "naive"
    label: str | None = None

    @property
    def estimand(self) -> str:
        """What is estimated, in words."""
        what = f"mean {self.task}" if self.label is None else f"share of {self.label} {self.task}"
        if self.unit == "article":
            return f"{what} of articles" + (" per story" if self.copies == "one_per_story" else "")
        return f"{what} per {'story' if self.copies == 'one_per_story' else 'mention'}"

    @property
    def statistic(self) -> str:
        """What is averaged and how it is corrected, in words."""
        word = "mean" if self.label is None else "share"
        return f"uncorrected {word}" if self.method == "naive" else f"{word}, {METHODS[self.method]}"

    @property
    def statistics(self) -> str:
        """The same, of two groups."""
        word = "means" if self.label is None else "shares"
        return f"uncorrected {word}" if self.method == "naive" else f"{word}, {METHODS[self.method]}"

    @property
    def bounds(self) -> tuple[float, float]:
        """Between what the truth lies."""
        return (-1.0 if self.label is None else 0.0), 1.0


def as_names(by: Sequence[str]) -> tuple[str, ...]:
    """One name or several, as several."""
    return (by,) if isinstance(by, str) else tuple(by)


def check_options(scored: pd.DataFrame, o: Options, between: str | None = None) -> Options:
    """The options themselves, if the table and every one of them can be used; else raise InputError."""
    check_table(scored, "mentions", task=o.task)
    for what, value, valid in (
        ("voice", o.voice, VOICE_CHOICES), ("copies", o.copies, COPIES),
        ("period", o.period or "week", PERIODS), ("interval", o.interval, INTERVALS),
        ("unit", o.unit, UNITS), ("method", o.method, METHODS),
    ):  # fmt: skip
        if value not in valid:
            raise InputError(f"unknown {what} {value!r}; {nearest(value, valid)}")
    _check_reading(scored, o.reading)
    wanted = [*o.by, *([between] if between is not None else [])]
    for name in wanted:
        if name not in scored.columns:
            raise InputError(
                f"cannot group by {name!r}: the mentions have no such column; {nearest(name, scored.columns)}"
            )
        if name in _RESULTS or (name == "period" and o.period):
            raise InputError(f"cannot group by {name!r}: the result has a column of that name; rename yours first")
    if len(set(wanted)) < len(wanted):
        raise InputError(f"a column is named twice: {', '.join(wanted)}; name each once in by and between")
    for what, number, least in (("draws", o.draws, 100), ("seed", o.seed, 0)):
        if not isinstance(number, int | np.integer) or isinstance(number, bool) or number < least:
            raise InputError(f"{what} is {number!r}; expected a whole number of at least {least}")
    if not isinstance(o.level, float) or not 0.5 < o.level < 1:
        raise InputError(f"level is {o.level!r}; expected a number between 0.5 and 1, such as 0.95")
    if o.label is not None and o.label not in (labels := task_labels(scored, o.task)):
        raise InputError(f"unknown label {o.label!r} of the task {o.task!r}; {nearest(o.label, labels)}")
    score = scored[f"{o.task}_score"]
    if not pd.api.types.is_numeric_dtype(score) or np.isinf(score.to_numpy(dtype=float, na_value=np.nan)).any():
        raise InputError(f"the column '{o.task}_score' must hold finite numbers; score the mentions again")
    return o


def _check_reading(scored: pd.DataFrame, reading: str | float) -> None:
    if isinstance(reading, str):
        if reading not in READING_CHOICES:
            raise InputError(f"unknown reading {reading!r}; {nearest(reading, READING_CHOICES)}, or a number in [0, 1]")
    elif isinstance(reading, bool) or not isinstance(reading, int | float) or not 0 <= reading <= 1:
        raise InputError(f"reading is {reading!r}; expected actor, place or all, or a number from 0 to 1")
    elif "reading_p" not in scored:
        raise InputError(f"reading={reading!r} needs the column reading_p; find the mentions again")


def _read(scored: pd.DataFrame, reading: str | float) -> pd.Series:
    """Which mentions have a reading, or are an actor with such a probability."""
    if isinstance(reading, str):
        return scored["reading"].isin(READING_CHOICES[reading])
    return scored["reading_p"].ge(reading)


def warn(message: str) -> None:
    """Tell the caller of the public function."""
    warnings.warn(message, InputWarning, stacklevel=4)


def _filters(
    scored: pd.DataFrame, column: str, voice: str, copies: str, reading: str | float
) -> list[tuple[str, pd.Series]]:
    """What a mention has to pass to have a vote, each with its name."""
    own = scored["wire"].isna() & (scored["copied"] < OWN_COPY)
    return [
        (f"voice={voice!r}", scored["voice"].isin(VOICE_CHOICES[voice])),
        (f"reading={reading!r}", _read(scored, reading)),
        (f"copies={copies!r}", own | (copies != "own")),
        ("a label" if column.endswith("_pred") else "a score", scored[column].notna()),
    ]


def counted(
    scored: pd.DataFrame,
    task: str = "tone",
    *,
    voice: str = "outlet",
    copies: str = "one_per_story",
    reading: str | float = "actor",
) -> pd.Series:
    """Which mentions have a vote in an estimate with these options; parameters as for :func:`estimate`.

    Returns
    -------
    pandas.Series of bool
        One value a mention, with the index of `scored`.
    """
    keep = pd.Series(True, index=scored.index)
    for _, mask in _filters(scored, f"{task}_score", voice, copies, reading):
        keep &= mask.astype(bool)
    return keep


def select(scored: pd.DataFrame, o: Options) -> pd.DataFrame:
    """The mentions that count, sorted so that nothing depends on the order of rows."""
    filters = _filters(scored, outcome_column(o.task, o.method, o.label), o.voice, o.copies, o.reading)
    if o.period:
        filters.append(("a date (a period needs one)", scored["date"].notna()))
    keep = np.ones(len(scored), dtype=bool)
    if not len(scored):
        warn("the table of mentions is empty, so there is nothing to estimate")
    for name, mask in filters:
        before, keep = int(keep.sum()), keep & mask.to_numpy(dtype=bool)
        lost = before - int(keep.sum())
        if lost and name.startswith("a "):
            rest = "so none is left" if lost == before else "and are left out"
            warn(f"{lost} of {before} mentions lack {name}, {rest}")
        elif lost and lost == before:
            warn(f"no mention is left: the filter {name} took the last {before}; loosen it to see an estimate")
    rows = scored[keep].sort_values(["story_id", "mention_id"], kind="stable")
    if o.period:
        rows = rows.assign(period=rows["date"].dt.to_period(PERIODS[o.period]).dt.start_time)
    return rows

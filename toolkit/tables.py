"""The tables that flow through the toolkit, and the check at every door.

Every stage takes a plain pandas table and returns a new one. :data:`SCHEMAS` says which columns a table must have; more
may follow. :func:`check_table` names the column, the row and the remedy where one is wrong.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from toolkit.errors import InputError

__all__ = [
    "FORMS",
    "OPTIONAL",
    "ORGANS",
    "READINGS",
    "SCHEMAS",
    "VOICES",
    "Column",
    "check_table",
    "empty_table",
    "task_columns",
]

FORMS = ("name", "capital", "demonym", "leader", "institution", "epithet", "pronoun", "role")
ORGANS = (
    "state", "organisation", "group", "person", "seat", "government", "leader", "ministry", "forces", "parliament",
    "intelligence", "court", "bank", "media", "other", "former", "later",
)  # fmt: skip
"""The part of an actor that a mention names; the first four are the actor as a whole."""
READINGS = ("actor", "place")
VOICES = ("outlet", "quoted", "reported")


@dataclass(frozen=True)
class Column:
    """What a column holds.

    Attributes
    ----------
    kind : {"text", "date", "int", "float", "flag"}
        Its type. Dates are pandas timestamps without a time zone, at midnight.
    optional : bool
        Whether single values may be missing.
    values : tuple of str
        The only values allowed; empty for any.
    unique : bool
        Whether no value may occur twice.
    low, high : float or None
        The range of a number.
    """

    kind: str
    optional: bool = False
    values: tuple[str, ...] = ()
    unique: bool = False
    low: float | None = None
    high: float | None = None


_TEXT = Column("text")
_MAYBE = Column("text", optional=True)
_DATE = Column("date", optional=True)
_OFFSET = Column("int", low=0)
_SHARE = Column("float", low=0.0, high=1.0)

SCHEMAS: dict[str, dict[str, Column]] = {
    "articles": {
        "article_id": Column("text", unique=True),
        "outlet": _TEXT,
        "date": _DATE,
        "title": _MAYBE,
        "text": _TEXT,
        "url": _MAYBE,
        "language": _MAYBE,
        "source_file": _TEXT,
        "wire": _MAYBE,
        "story_id": _TEXT,
        "copied": _SHARE,
    },
    "removed": {"article_id": _TEXT, "start": _OFFSET, "end": _OFFSET, "text": _TEXT, "reason": _TEXT},
    "rejected": {"source_file": _TEXT, "locator": _MAYBE, "reason": _TEXT},
    "mentions": {
        "mention_id": Column("text", unique=True),
        "article_id": _TEXT,
        "outlet": _TEXT,
        "date": _DATE,
        "story_id": _TEXT,
        "wire": _MAYBE,
        "copied": _SHARE,
        "part": Column("text", values=("title", "body")),
        "actor": _TEXT,
        "surface": _TEXT,
        "form": Column("text", values=FORMS),
        "reading": Column("text", optional=True, values=READINGS),
        "voice": Column("text", optional=True, values=VOICES),
        "speaker": _MAYBE,
        "sentence_id": _TEXT,
        "sentence": _TEXT,
        "start": _OFFSET,
        "end": _OFFSET,
        "position": Column("int", optional=True, low=0),
    },
    "voices": {
        "article_id": _TEXT,
        "part": Column("text", values=("title", "body")),
        "sentence_id": Column("text", unique=True),
        "sentence": _TEXT,
        "start": _OFFSET,
        "end": _OFFSET,
        "voice": Column("text", optional=True, values=VOICES),
        "attributed": Column("float", optional=True, low=0.0, high=1.0),
        "speaker": _MAYBE,
    },
    "targets": {"sentence": _TEXT, "start": _OFFSET, "end": _OFFSET},
    "annotations": {"mention_id": _TEXT, "task": _TEXT, "coder": _TEXT, "label": _TEXT},
    "summary": {
        "task": _TEXT,
        "estimate": Column("float", optional=True),
        "low": Column("float", optional=True),
        "high": Column("float", optional=True),
        "method": _TEXT,
        "voice": _TEXT,
        "copies": _TEXT,
        "n_mentions": _OFFSET,
        "n_articles": _OFFSET,
        "n_stories": _OFFSET,
    },
}

OPTIONAL: dict[str, dict[str, Column]] = {
    "mentions": {
        "organ": Column("text", values=ORGANS),
        "person": _MAYBE,
        "office": _MAYBE,
        "resolved": Column("flag"),
        "reading_p": Column("float", optional=True, low=0, high=1),
    },
}
"""Columns that a table may lack, as those that people made do; where they are there, they are checked."""
_MAKERS = {
    "articles": "toolkit.load_articles",
    "mentions": "toolkit.find_mentions",
    "voices": "toolkit.find_voices",
    "targets": "toolkit.find_mentions",
    "summary": "toolkit.estimate",
    "annotations": "toolkit.load_labelled",
}
_IS_KIND: dict[str, Callable[[pd.Series], bool]] = {
    "text": lambda s: bool(s.dropna().map(lambda v: isinstance(v, str)).all()),
    "date": lambda s: bool(pd.api.types.is_datetime64_dtype(s.dtype)),
    "int": lambda s: bool(pd.api.types.is_integer_dtype(s.dtype)),
    "float": lambda s: bool(pd.api.types.is_numeric_dtype(s.dtype)),
    "flag": lambda s: bool(pd.api.types.is_bool_dtype(s.dtype)),
}
_KIND_WORDS = {
    "text": "text",
    "date": "dates (datetime64 without time zone)",
    "int": "whole numbers",
    "float": "numbers",
    "flag": "True or False",
}
_DTYPES = {"text": "str", "date": "datetime64[us]", "int": "int64", "float": "float64", "flag": "bool"}


def check_table(table: pd.DataFrame, name: str, *, task: str | None = None) -> pd.DataFrame:
    """Check a table against its schema.

    Parameters
    ----------
    table : pandas.DataFrame
        The table to check; it is not changed.
    name : str
        A key of :data:`SCHEMAS`.
    task : str, optional
        Also require the score columns of this task.

    Returns
    -------
    pandas.DataFrame
        `table` itself.

    Raises
    ------
    InputError
        A column is missing or of the wrong type, or a value is missing, doubled, out of range or not allowed.

    Examples
    --------
    >>> import pandas as pd
    >>> check_table(pd.DataFrame({"sentence": ["Ankara warned."], "start": [0]}), "targets")
    Traceback (most recent call last):
        ...
    toolkit.errors.InputError: the table of targets lacks the column 'end'; it has: sentence, start. ...
    """
    if not isinstance(table, pd.DataFrame):
        raise InputError(f"expected a pandas table of {name}, got {type(table).__name__}{_hint(name)}")
    for column, spec in SCHEMAS[name].items():
        if column not in table.columns:
            held = ", ".join(map(str, table.columns)) or "no columns"
            raise InputError(f"the table of {name} lacks the column {column!r}; it has: {held}{_hint(name)}")
        _check_column(table[column], name, column, spec)
    for column, spec in OPTIONAL.get(name, {}).items():
        if column in table.columns:
            _check_column(table[column], name, column, spec)
    if task is not None and f"{task}_score" not in table.columns:
        raise InputError(
            f"the mentions carry no scores for the task {task!r}: "
            f"call toolkit.score_mentions(mentions, task={task!r}) first"
        )
    return table


def _hint(name: str) -> str:
    return f". {_MAKERS[name]} makes such a table" if name in _MAKERS else ""


def _check_column(values: pd.Series, name: str, column: str, spec: Column) -> None:
    where = f"the table of {name}, column {column!r}"
    if not len(values):
        return
    missing = values.isna()
    if missing.any() and not spec.optional:
        raise InputError(f"{where}: row {values.index[missing][0]} is empty; fill it in or drop the row")
    if not missing.all() and not _IS_KIND[spec.kind](values):
        odd = _first_odd(values, spec.kind)
        raise InputError(f"{where}: expected {_KIND_WORDS[spec.kind]}, got {odd} (type {values.dtype})")
    if spec.values:
        wrong = values[~missing & ~values.isin(spec.values)]
        if len(wrong):
            raise InputError(
                f"{where}: row {wrong.index[0]} is {wrong.iloc[0]!r}; expected one of {', '.join(spec.values)}"
            )
    if spec.unique:
        twice = values[values.duplicated()]
        if len(twice):
            raise InputError(
                f"{where}: {twice.iloc[0]!r} occurs twice (again in row {twice.index[0]}); ids must differ"
            )
    for bound, beyond in ((spec.low, values.lt), (spec.high, values.gt)):
        if bound is not None:
            wrong = values[beyond(bound).fillna(False).astype(bool)]
            if len(wrong):
                low, high = spec.low, "" if spec.high is None else f" and at most {spec.high:g}"
                raise InputError(f"{where}: row {wrong.index[0]} is {wrong.iloc[0]}; expected at least {low:g}{high}")


def _first_odd(values: pd.Series, kind: str) -> str:
    if kind == "text":
        odd = values[~values.map(lambda v: isinstance(v, str)) & values.notna()]
        return f"{odd.iloc[0]!r} in row {odd.index[0]}"
    return f"{values.dropna().iloc[0]!r}"


def empty_table(name: str) -> pd.DataFrame:
    """A table of `name` without rows, with the schema's columns and types, those that it may lack among them.

    Examples
    --------
    >>> list(empty_table("rejected").columns)
    ['source_file', 'locator', 'reason']
    """
    return pd.DataFrame(
        {
            column: pd.Series(dtype="Int64" if spec.kind == "int" and spec.optional else _DTYPES[spec.kind])
            for column, spec in (SCHEMAS[name] | OPTIONAL.get(name, {})).items()
        }
    )


def task_columns(task: str, labels: tuple[str, ...] | list[str]) -> list[str]:
    """The columns that a scored table has for `task`, in order.

    Examples
    --------
    >>> task_columns("tone", ["negative", "neutral", "positive"])
    ['tone_pred', 'tone_p_negative', 'tone_p_neutral', 'tone_p_positive', 'tone_score']
    """
    return [f"{task}_pred", *(f"{task}_p_{label}" for label in labels), f"{task}_score"]

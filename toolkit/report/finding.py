"""What a row of a table asks of the evidence: the part of an address behind ``#`` that finds its sentences."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlencode

import pandas as pd

from toolkit.estimation import PERIODS, READING_CHOICES, VOICE_CHOICES
from toolkit.report.text import cut, day, visible

__all__ = ["address", "names_for", "period_ends", "row_address"]


def address(pairs: Iterable[tuple[str, str]]) -> str:
    """Filters as the part of an address behind ``#``.

    Examples
    --------
    >>> address([("outlet", "The Courier & Post"), ("actor", "turkey")])
    'outlet=The%20Courier%20%26%20Post&actor=turkey'
    """
    return urlencode(list(pairs), quote_via=quote, safe="")


def names_for(values: Iterable[Any], length: int = 120) -> dict[Any, str]:
    """For each value the name under which the page knows it: safe to show, not too long, no two alike.

    Examples
    --------
    >>> names_for(["The Post", "x" * 9, "x" * 8 + "y"], 6)
    {'The Post': 'The Po…', 'xxxxxxxxx': 'xxxxxx…', 'xxxxxxxxy': 'xxxxxx… (2)'}
    """
    names: dict[Any, str] = {}
    taken: set[str] = set()
    for value in values:
        base = name = visible(cut(str(value), length)) or "(none)"
        count = 1
        while name in taken:
            count += 1
            name = f"{base} ({count})"
        taken.add(name)
        names[value] = name
    return names


def period_ends(start: pd.Timestamp, period: str) -> tuple[str, str]:
    """The first and the last day of a period.

    Examples
    --------
    >>> import pandas as pd
    >>> period_ends(pd.Timestamp("2020-02-03"), "week")
    ('2020-02-03', '2020-02-09')
    """
    whole = pd.Timestamp(start).to_period(PERIODS[period])
    return day(whole.start_time), day(whole.end_time)


def row_address(
    row: Mapping[str, Any], names: Mapping[str, Mapping[Any, str]], options: Mapping[str, Any], period: str = "week"
) -> str:
    """The address of the mentions that a row of a table is about; empty where it names none.

    Parameters
    ----------
    row : mapping
        A row of a summary, of contrasts (outlets `a` and `b`), or of any table with columns of those names.
    names : mapping
        For each column that filters, the values that the mentions have and the names the page has for them.
    options : mapping
        The voice and the reading that have a vote in the estimates of the report: a row of another voice or reading
        leads to mentions without one.
    period : str
        The length of the periods that a column `period` counts.
    """
    if isinstance(row.get("mention_id"), str):
        return address([("m", row["mention_id"])])
    pairs = [(key, names[key][row[key]]) for key in names if key in row and _known(row[key], names[key])]
    if "a" in row and "b" in row and "outlet" not in row:
        pairs += [("outlet", names["outlet"][row[k]]) for k in ("a", "b") if _known(row[k], names["outlet"])]
    if isinstance(row.get("period"), pd.Timestamp) and not pd.isna(row["period"]):
        pairs += list(zip(("from", "to"), period_ends(row["period"], period), strict=True))
    pairs = [(key, value) for key, value in pairs if not (key in ("voice", "reading") and value == options.get(key))]
    if not pairs and not any(k in row for k in ("n_mentions", "voice", "reading")):
        return ""
    others = [key for key in _CHOICES if key in row and not _within(key, row[key], options.get(key))]
    if others:
        # Of what has a vote only the part that the row changes is let go.
        kept = [(k, str(options[k])) for k in _CHOICES if k not in others and options.get(k) in names[k]]
        pairs += [pair for pair in kept if pair[0] not in dict(pairs)] + [("vote", "0")]
    return address(pairs)


_CHOICES: dict[str, Mapping[str, Sequence[str]]] = {"voice": VOICE_CHOICES, "reading": READING_CHOICES}


def _within(key: str, value: Any, option: Any) -> bool:
    """Whether what a row names has a vote as a whole under an option."""
    choices = _CHOICES[key]
    if value == option or not (isinstance(value, str) and isinstance(option, str)):
        return bool(value == option)
    return set(choices.get(value, (value,))) <= set(choices.get(option, (option,)))


def _known(value: Any, names: Mapping[Any, str]) -> bool:
    try:
        return value in names
    except TypeError:  # a list or the like: no name
        return False

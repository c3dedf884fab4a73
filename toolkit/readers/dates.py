"""Dates as archives write them. The day is taken as written: no time zone moves it."""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache

from toolkit.errors import InputError, nearest

__all__ = ["DATE_ORDERS", "DateError", "date_in_name", "read_date"]

DATE_ORDERS = ("dmy", "mdy")
_MONTHS = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip
_WEEKDAY = r"(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?\.?"
_MONTH = r"(?P<month>[a-z]{3,9})\.?"
_REST = rf"(?:[ ,T|–-]+(?:at )?(?:{_WEEKDAY}|\d{{1,2}}[:.]?\d{{2}}(?!\d)|\d{{1,2}} ?[ap]m).{{0,40}})?"
_ISO = re.compile(r"(?P<year>\d{4})([-/.]?)(?P<month>\d{2})\2(?P<day>\d{2})(?:(?:[T ]|Z$).{0,40})?")
_NUMBERS = re.compile(rf"(?P<a>\d{{1,2}})([/.-])(?P<b>\d{{1,2}})\2(?P<year>\d{{4}}|\d{{2}}){_REST}", re.IGNORECASE)
_WORDS = (
    re.compile(
        rf"(?:{_WEEKDAY}[ ,]+)?(?P<day>\d{{1,2}})(?:st|nd|rd|th)?[ -](?:of )?{_MONTH}[ ,-]+(?P<year>\d{{4}}){_REST}",
        re.IGNORECASE,
    ),
    re.compile(
        rf"(?:{_WEEKDAY}[ ,]+)?{_MONTH} (?P<day>\d{{1,2}})(?:st|nd|rd|th)?,? (?P<year>\d{{4}}){_REST}", re.IGNORECASE
    ),
)
_IN_NAME = re.compile(r"(?<!\d)((?:19|20)\d{2})([-_.]?)(\d{2})\2(\d{2})(?!\d)")
_ABSENT = frozenset({"", "none", "null", "nan", "nat", "n/a", "na", "-", "unknown"})
_FIRST, _LAST = 1600, 2200


class DateError(Exception):
    """A date that cannot be read; the message quotes it."""


@lru_cache(maxsize=4096)
def read_date(value: str, order: str | None = None) -> date | None:
    """The day that `value` names.

    Parameters
    ----------
    value : str
        ``2020-02-28``, ``2020-02-28T18:40:00+03:00``, ``28 February 2020``, ``Feb. 28, 2020``, or in numbers.
    order : {"dmy", "mdy"}, optional
        How dates in numbers are written. Two-digit years are read only with it (69 to 99 are of the 20th century, as
        in POSIX).

    Returns
    -------
    datetime.date or None
        None where `value` says that there is no date (empty, "None", "n/a").

    Raises
    ------
    DateError
        `value` cannot be read, or names no possible day.
    InputError
        `value` can be two days and `order` is not given.

    Examples
    --------
    >>> read_date("2020-02-28T23:40:00-05:00"), read_date("Friday, 28 February 2020, 18:40 GMT")
    (datetime.date(2020, 2, 28), datetime.date(2020, 2, 28))
    >>> read_date("3/4/2020", "mdy")
    datetime.date(2020, 3, 4)
    >>> read_date("3/4/2020")
    Traceback (most recent call last):
        ...
    toolkit.errors.InputError: the date '3/4/2020' can be 3 April or 4 March; say dates: dmy or dates: mdy
    >>> read_date("spring 2020")
    Traceback (most recent call last):
        ...
    toolkit.readers.dates.DateError: the date 'spring 2020' cannot be read; expected one like 2020-02-28, ...
    """
    if order not in (None, *DATE_ORDERS):
        raise InputError(f"dates: {order!r} is no order of day, month and year; {nearest(order, DATE_ORDERS)}")
    text = " ".join(value.split())
    if text.lower() in _ABSENT:
        return None
    if match := _ISO.fullmatch(text):
        return _day(value, int(match["year"]), int(match["month"]), int(match["day"]))
    if match := _NUMBERS.fullmatch(text):
        return _numbers(value, int(match["a"]), int(match["b"]), match["year"], order)
    for pattern in _WORDS:
        if match := pattern.fullmatch(text):
            name = match["month"].lower()
            months = [number for number, month in enumerate(_MONTHS, 1) if month.startswith(name)]
            if months:
                return _day(value, int(match["year"]), months[0], int(match["day"]))
    raise DateError(
        f"the date {_short(value)} cannot be read; expected one like 2020-02-28, 28 February 2020 or 28/02/2020"
    )


def _numbers(value: str, a: int, b: int, year: str, order: str | None) -> date:
    if len(year) == 2 and order is None:
        raise DateError(f"the date {_short(value)} has a year of two digits; say dates: dmy or dates: mdy to read such")
    full = int(year) if len(year) == 4 else int(year) + (1900 if int(year) >= 69 else 2000)
    if order is None and a != b and a <= 12 and b <= 12:
        if not a or not b:
            raise DateError(f"the date {_short(value)} names no day of the calendar")
        first, second = f"{a} {_MONTHS[b - 1].title()}", f"{b} {_MONTHS[a - 1].title()}"
        raise InputError(f"the date {value!r} can be {first} or {second}; say dates: dmy or dates: mdy")
    month_first = order == "mdy" or (order is None and b > 12)
    month, day = (a, b) if month_first else (b, a)
    return _day(value, full, month, day, f" as {order}" if order else "")


def _day(value: str, year: int, month: int, day: int, how: str = "") -> date:
    try:
        found = date(year, month, day)
    except ValueError:
        raise DateError(f"the date {_short(value)}{how} names no day of the calendar") from None
    if not _FIRST <= year <= _LAST:
        raise DateError(f"the date {_short(value)} lies outside the years {_FIRST} to {_LAST}")
    return found


def _short(value: str) -> str:
    return repr(value if len(value) <= 60 else value[:60] + "…")


def date_in_name(name: str) -> str | None:
    """The first date in a file's name, as ISO text.

    Examples
    --------
    >>> date_in_name("2020-02-28-strike-kills-33.txt"), date_in_name("courier_20200228_p1.txt"), date_in_name("33.txt")
    ('2020-02-28', '2020-02-28', None)
    """
    for match in _IN_NAME.finditer(name):
        try:
            return date(int(match[1]), int(match[3]), int(match[4])).isoformat()
        except ValueError:
            continue  # an item number that looks like a date
    return None

"""Dates as archives write them. The day is taken as written: no time zone moves it."""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from functools import lru_cache

from toolkit.errors import InputError, nearest

__all__ = ["DATE_ORDERS", "DateError", "date_in_name", "fold", "is_date", "read_date"]

DATE_ORDERS = ("dmy", "mdy")
_ENGLISH = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip
# Names and abbreviations of the twelve months, separated by "|"; English ones may be cut after three letters.
_OTHERS = {
    "german": "januar|jänner|jan februar|feber|feb märz|maerz|mär|mrz april|apr mai juni|jun juli|jul august|aug "
    "september|sep|sept oktober|okt november|nov dezember|dez",
    "french": "janvier|janv|jan février|févr|fév mars|mar avril|avr mai juin|jun juillet|juil août|aou septembre|sept "
    "octobre|oct novembre|nov décembre|déc",
    "spanish": "enero|ene febrero|feb marzo|mar abril|abr mayo|may junio|jun julio|jul agosto|ago "
    "septiembre|setiembre|sept|sep|set octubre|oct noviembre|nov diciembre|dic",
    "turkish": "ocak|oca şubat|şub mart|mar nisan|nis mayıs|may haziran|haz temmuz|tem ağustos|ağu eylül|eyl ekim|eki "
    "kasım|kas aralık|ara",
    "russian": "января|январь|янв февраля|февраль|февр|фев марта|март|мар апреля|апрель|апр мая|май июня|июнь|июн "
    "июля|июль|июл августа|август|авг сентября|сентябрь|сент|сен октября|октябрь|окт ноября|ноябрь|нояб|ноя "
    "декабря|декабрь|дек",
    "arabic": "يناير|جانفي|كانون_الثاني فبراير|فيفري|شباط مارس|آذار|اذار أبريل|إبريل|أفريل|نيسان مايو|ماي|أيار "
    "يونيو|يونيه|جوان|حزيران يوليو|يوليه|يوليوز|جويلية|تموز أغسطس|أوت|غشت|آب سبتمبر|شتنبر|أيلول أكتوبر|تشرين_الأول "
    "نوفمبر|نونبر|تشرين_الثاني ديسمبر|دجنبر|كانون_الأول",
}
_DAYS = (
    "monday mon tuesday tues tue wednesday wednes wed thursday thurs thur thu friday fri saturday satur sat sunday sun "
    "montag dienstag mittwoch donnerstag freitag samstag sonnabend sonntag mo di mi do fr sa so "
    "lundi mardi mercredi jeudi vendredi samedi dimanche lun mar mer jeu ven sam dim "
    "lunes martes miércoles jueves viernes sábado domingo mié jue vie sáb dom "
    "pazartesi salı çarşamba perşembe cuma cumartesi pazar pzt çar per cmt paz "
    "понедельник вторник среда четверг пятница суббота воскресенье пн вт ср чт пт сб вс "
    "الاثنين الإثنين الثلاثاء الأربعاء الخميس الجمعة السبت الأحد اثنين ثلاثاء أربعاء خميس جمعة سبت أحد"
)


def fold(text: str) -> str:
    """Text for comparing names: one blank between words, no case, accents, dotless i or foreign digits.

    Examples
    --------
    >>> fold("ŞUBAT"), fold("Kasım") == fold("KASIM"), fold("٢٨ فبراير ٢٠٢٠")[:2]
    ('subat', True, '28')
    """
    text = " ".join(text.split())
    if text.isascii():
        return text.lower()
    kept = []
    for character in unicodedata.normalize("NFKD", text):
        kind = unicodedata.category(character)
        if kind == "Nd":
            kept.append(str(unicodedata.decimal(character)))
        elif kind not in ("Mn", "Cf"):  # marks, and signs that turn the direction of writing
            kept.append(character)
    return "".join(kept).casefold().replace("ı", "i").replace("،", ",")


_NAMES = {fold(name): number for number, name in enumerate(_ENGLISH, 1)}
_NAMES |= {name[:length]: number for name, number in list(_NAMES.items()) for length in range(3, len(name) + 1)}
_NAMES |= {
    fold(name.replace("_", " ")): number
    for months in _OTHERS.values()
    for number, names in enumerate(months.split(), 1)
    for name in names.split("|")
}

_ALL_DAYS = "|".join(sorted({re.escape(fold(name)) for name in _DAYS.split()}, key=len, reverse=True))
_WEEKDAY = rf"(?:يوم )?(?:{_ALL_DAYS})\.?"
_BEFORE = rf"(?:{_WEEKDAY}(?:, ?| )(?:(?:den|le|el) )?)?"
_MONTH = r"(?P<month>[^\W\d_]{2,15}(?: (?:الاول|الثاني))?(?:/[^\W\d_]{2,15}(?: (?:الاول|الثاني))?)?)\.?"
_YEAR = r"(?P<year>\d{4})(?: ?(?:г(?:\.|ода)?|م)(?!\w))?"
_REST = (
    rf"(?:[ ,T|–-]+(?:\(?{_WEEKDAY}(?!\w)|(?:(?:at|um|a las|a|saat|в|الساعة) )?"
    r"(?:\d{1,2}[:.h]?\d{2}(?!\d)|\d{1,2} ?(?:[ap]m|h|uhr))).{0,40})?"
)
_ISO = re.compile(r"(?P<year>\d{4})([-/.]?)(?P<month>\d{2})\2(?P<day>\d{2})(?:(?:[T ]|Z$).{0,40})?", re.IGNORECASE)
_NUMBERS = re.compile(rf"(?P<a>\d{{1,2}})([/.-])(?P<b>\d{{1,2}})\2(?P<year>\d{{4}}|\d{{2}}){_REST}", re.IGNORECASE)
_WORDS = (
    re.compile(
        rf"{_BEFORE}(?P<day>\d{{1,2}})(?:st|nd|rd|th|er|o|\.)?[ -](?:of |de |d')?{_MONTH}(?:[ ,-]+|\. ?)(?:del? )?"
        rf"{_YEAR}{_REST}",
        re.IGNORECASE,
    ),
    re.compile(rf"{_BEFORE}{_MONTH} (?P<day>\d{{1,2}})(?:st|nd|rd|th)?,? {_YEAR}{_REST}", re.IGNORECASE),
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
        ``2020-02-28``, ``2020-02-28T18:40:00+03:00``, ``28 February 2020``, ``Feb. 28, 2020``, or in numbers. Names
        of months and days in English, German, French, Spanish, Turkish, Russian and Arabic; digits of any script.
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
    >>> read_date("28 Şubat 2020 Cuma"), read_date("الجمعة ٢٨ شباط/فبراير ٢٠٢٠")
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
    text = fold(value)
    if text in _ABSENT:
        return None
    if match := _ISO.fullmatch(text):
        return _day(value, int(match["year"]), int(match["month"]), int(match["day"]))
    if match := _NUMBERS.fullmatch(text):
        return _numbers(value, int(match["a"]), int(match["b"]), match["year"], order)
    for pattern in _WORDS:
        if match := pattern.fullmatch(text):
            months = {_NAMES.get(name) for name in match["month"].split("/")}  # "شباط/فبراير" names one month twice
            month = months.pop()
            if month and not months:
                return _day(value, int(match["year"]), month, int(match["day"]))
    raise DateError(
        f"the date {_short(value)} cannot be read; expected one like 2020-02-28, 28 February 2020 or 28/02/2020"
    )


def is_date(value: str) -> bool:
    """Whether `value` is a date that can be read, or could be if the order of its numbers were known."""
    try:
        return read_date(value) is not None
    except DateError:
        return False
    except InputError:
        return True


def _numbers(value: str, a: int, b: int, year: str, order: str | None) -> date:
    if len(year) == 2 and order is None:
        raise DateError(f"the date {_short(value)} has a year of two digits; say dates: dmy or dates: mdy to read such")
    full = int(year) if len(year) == 4 else int(year) + (1900 if int(year) >= 69 else 2000)
    if order is None and a != b and a <= 12 and b <= 12:
        if not a or not b:
            raise DateError(f"the date {_short(value)} names no day of the calendar")
        first, second = f"{a} {_ENGLISH[b - 1].title()}", f"{b} {_ENGLISH[a - 1].title()}"
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

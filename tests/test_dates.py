"""Dates in the seven languages whose interfaces and texts are read; the rest is in test_readers.py."""

import pytest

from toolkit.readers.dates import _ENGLISH, _NAMES, _OTHERS, DateError, fold, read_date

DAY = read_date("2020-02-28")


def test_no_name_of_a_month_means_two():
    seen = {}
    for months in _OTHERS.values():
        for number, names in enumerate(months.split(), 1):
            for name in names.split("|"):
                key = fold(name.replace("_", " "))
                assert seen.setdefault(key, number) == number, name
    for number, name in enumerate(_ENGLISH, 1):
        for length in range(3, len(name) + 1):
            assert _NAMES[name[:length]] == number, name[:length]


@pytest.mark.parametrize(
    "value",
    [
        "28. Februar 2020", "Freitag, den 28. Februar 2020", "28. Feb. 2020", "vendredi 28 février 2020 à 15h32",
        "28 FÉVRIER 2020", "28 févr. 2020", "28 de febrero de 2020", "viernes, 28 de febrero de 2020",
        "28 Şubat 2020 Cuma", "28 ŞUBAT 2020", "28 şubat 2020 Cuma 14:30", "28 февраля 2020 г.",
        "Пятница, 28 февраля 2020 г., 14:30", "28 ФЕВРАЛЯ 2020 ГОДА", "٢٨ فبراير ٢٠٢٠", "الجمعة ٢٨ فبراير، ٢٠٢٠",
        "يوم الجمعة 28 شباط/فبراير 2020", "٢٨/٢/٢٠٢٠", "28 فبراير 2020 م", "\u200f28 فبراير 2020",
    ],
)  # fmt: skip
def test_dates_in_seven_languages(value):
    assert read_date(value) == DAY


@pytest.mark.parametrize(
    ("value", "day"),
    [
        ("15 KASIM 2019", "2019-11-15"), ("15 Kasım 2019", "2019-11-15"), ("15 KASİM 2019", "2019-11-15"),
        ("30 ARALIK 2019", "2019-12-30"), ("1er août 2019", "2019-08-01"), ("3. Maerz 2019", "2019-03-03"),
        ("12 تشرين الثاني/نوفمبر 2019", "2019-11-12"), ("12 كانون الأول 2019", "2019-12-12"),
        ("12 أكتوبر 2019", "2019-10-12"), ("12 اكتوبر 2019", "2019-10-12"), ("3 мая 2019", "2019-05-03"),
        ("4 de setiembre del 2019", "2019-09-04"),
    ],
)  # fmt: skip
def test_names_of_months_that_are_easily_lost(value, day):
    assert read_date(value) == read_date(day)


def test_two_names_of_different_months_are_no_date():
    with pytest.raises(DateError, match="cannot be read"):
        read_date("28 شباط/مارس 2020")

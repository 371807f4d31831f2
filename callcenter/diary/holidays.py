"""The holidays of a country, and what they are called.

The names are the package's where it has them in the reader's language, else ours (`holiday_names`).
Pure but for its memory of years that were asked for.
"""

from collections.abc import Container
from datetime import date
from functools import cache
from typing import Final

import holidays

from callcenter.diary.holiday_names import in_language

#: Countries whose holidays can be kept, those nearby first.
COUNTRIES: Final = ("AZ", "TR", "RU", "GE", "KZ", "UZ", "UA", "BY")
_ENGLISH: Final = "en_US"


def days_off(country: str) -> Container[date]:
    """Return the holidays of a country, of every year; none for a country that is not known."""
    return _known(country, _ENGLISH) if country in COUNTRIES else ()


def name_of(day: date, country: str, language: str) -> str | None:
    """Return what a holiday is called in a language."""
    if country not in COUNTRIES:
        return None
    if language in _languages(country):
        return _known(country, language).get(day)
    english = _known(country, _ENGLISH).get(day)
    return None if english is None else in_language(english, language)


def of_year(year: int, country: str, language: str) -> list[tuple[date, str]]:
    """Return the holidays of a year with their names, in order."""
    if country not in COUNTRIES:
        return []
    days = holidays.country_holidays(country, years=year)
    return [(day, name_of(day, country, language) or "") for day in sorted(days)]


@cache
def _known(country: str, language: str) -> holidays.HolidayBase:
    """Return the holidays; years join as they are asked for."""
    return holidays.country_holidays(country, language=language)


@cache
def _languages(country: str) -> tuple[str, ...]:
    return tuple(holidays.country_holidays(country).supported_languages)

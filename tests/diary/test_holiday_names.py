"""What holidays are called: every name the package knows of a country has its text in each language."""

from datetime import date

import holidays
import pytest

from callcenter.diary.holiday_names import NAMES, parts_of
from callcenter.diary.holidays import COUNTRIES, name_of
from callcenter.server.i18n import CODES, translate_to


@pytest.mark.parametrize("country", COUNTRIES)
def test_every_holiday_of_a_country_that_is_offered_has_a_text(country: str) -> None:
    called = {
        bare
        for year in range(2024, 2031)
        for name in holidays.country_holidays(country, years=year, language="en_US").values()
        for bare in parts_of(name)
    }

    assert called - NAMES == set()


@pytest.mark.parametrize("language", sorted(CODES - {"en"}))
def test_no_name_of_a_holiday_stays_english(language: str) -> None:
    assert [name for name in NAMES if translate_to(language, name) == name] == []


@pytest.mark.parametrize(
    ("day", "country", "language", "called"),
    [
        (date(2026, 3, 9), "AZ", "ru", "Женский день (выходной)"),
        (date(2026, 10, 29), "TR", "az", "Respublika Günü"),
        (date(2026, 10, 29), "TR", "tr", "Cumhuriyet Bayramı"),  # the package's own
        (date(2026, 1, 9), "RU", "en", "Day off (moved from 03.01.2026)"),
        (date(2026, 1, 9), "RU", "tr", "Tatil günü (03.01.2026 tarihinden aktarıldı)"),
        (date(2026, 3, 8), "DE", "ru", None),
    ],
)
def test_a_holiday_is_told_in_the_readers_language(
    day: date, country: str, language: str, called: str | None
) -> None:
    assert name_of(day, country, language) == called

"""Working time, in zones that move their clocks and zones that do not."""

from collections.abc import Container
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callcenter.diary.holidays import days_off, name_of, of_year
from callcenter.diary.hours import Hours, add_working, moment

BAKU = Hours("Asia/Baku")
BERLIN = Hours("Europe/Berlin")
#: Without a day off, over midnight.
NIGHTS = Hours("Europe/Berlin", (((1320, 1800),),) * 7)
ROUND_THE_CLOCK = Hours("Europe/Berlin", (((0, 1440),),) * 7)
HOUR = 3600


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def worked(start: datetime, end: datetime, hours: Hours, holidays: Container[date] = ()) -> float:
    """Return the seconds of working time between two moments, counted span by span."""
    zone, spans = ZoneInfo(hours.zone), list[tuple[datetime, datetime]]()
    day = start.astimezone(zone).date() - timedelta(days=1)
    while day <= end.astimezone(zone).date():
        for span in hours.of(day, holidays):
            first, last = (moment(day, minute, zone) for minute in span)
            spans.append((max(first, start), min(last, end)))
        day += timedelta(days=1)
    seconds, reached = 0.0, start
    for first, last in sorted(spans):
        seconds += max(0.0, (last - max(first, reached)).total_seconds())
        reached = max(reached, last)
    return seconds


@pytest.mark.parametrize(
    ("start", "end", "hours", "worked_h"),
    [
        ("2026-11-23T10:00+04:00", "2026-11-23T12:30+04:00", BAKU, 2.5),  # within a day
        ("2026-11-23T17:00+04:00", "2026-11-24T10:00+04:00", BAKU, 2),  # over a night
        ("2026-11-20T17:00+04:00", "2026-11-23T10:00+04:00", BAKU, 2),  # over a weekend
        ("2026-11-21T00:00+04:00", "2026-11-23T09:30+04:00", BAKU, 0.5),  # from a weekend
        ("2026-11-23T01:00+01:00", "2026-11-23T23:00+01:00", NIGHTS, 6),  # both nights' parts
        ("2026-03-28T22:00+01:00", "2026-03-29T06:00+02:00", NIGHTS, 7),  # an hour was leapt over
        ("2026-10-24T22:00+02:00", "2026-10-25T06:00+01:00", NIGHTS, 9),  # an hour came twice
    ],
)
def test_only_working_time_counts(start: str, end: str, hours: Hours, worked_h: float) -> None:
    assert add_working(at(start), worked_h * HOUR, hours) == at(end)


def test_a_holiday_is_no_working_day_and_a_day_of_its_own_is() -> None:
    novruz = date(2026, 3, 20)
    friday = at("2026-03-20T09:00+04:00")
    assert novruz in days_off("AZ")
    assert add_working(friday, 2 * HOUR, BAKU) == at("2026-03-20T11:00+04:00")
    later = add_working(friday, 2 * HOUR, BAKU, days_off("AZ"))
    assert later is not None
    assert later > at("2026-03-21T00:00+04:00")

    worked_anyway = Hours("Asia/Baku", BAKU.week, {novruz: ((600, 720),)})
    ended = add_working(friday, 2 * HOUR, worked_anyway, days_off("AZ"))
    assert ended == at("2026-03-20T12:00+04:00")


def test_a_term_goes_on_with_the_next_working_day() -> None:
    friday_evening = at("2026-11-20T17:30+04:00")
    assert add_working(friday_evening, HOUR, BAKU) == at("2026-11-23T09:30+04:00")
    assert add_working(at("2026-11-21T12:00+04:00"), 0, BAKU) == at("2026-11-21T12:00+04:00")


def test_a_term_where_nobody_works_never_ends() -> None:
    assert add_working(at("2026-11-20T12:00+04:00"), 1, Hours("Asia/Baku", ((),) * 7)) is None


ZONES = st.sampled_from(
    ["Asia/Baku", "Europe/Berlin", "Europe/Istanbul", "America/New_York", "Asia/Tbilisi",
     "Australia/Lord_Howe", "Pacific/Apia", "Africa/Casablanca", "UTC"]
)  # fmt: skip
SPANS = st.lists(
    st.tuples(st.integers(0, 1439), st.integers(1, 1440)).map(lambda p: (p[0], p[0] + p[1])),
    max_size=3,
).map(tuple)
HOURS = st.builds(Hours, ZONES, st.tuples(*[SPANS] * 7))
MOMENTS = st.integers(1_700_000_000, 1_790_000_000).map(lambda s: datetime.fromtimestamp(s, UTC))
HOLIDAYS = st.sampled_from(["", "AZ", "TR", "RU", "GE"]).map(days_off)


@settings(max_examples=40)
@given(HOURS, MOMENTS, st.integers(1, 40 * 3600), HOLIDAYS)
def test_a_term_has_passed_exactly_when_so_much_was_worked(
    hours: Hours, start: datetime, seconds: int, holidays: Container[date]
) -> None:
    end = add_working(start, seconds, hours, holidays)
    if end is None:
        assert not any(hours.week)
        return
    assert worked(start, end, hours, holidays) == pytest.approx(seconds)
    # Not a moment too late: the last second was worked.
    before = worked(start, end - timedelta(seconds=1), hours, holidays)
    assert before == pytest.approx(seconds - 1, abs=1e-3)


@pytest.mark.parametrize(
    ("country", "language", "name"),
    [
        ("AZ", "az", "Yeni il bayramı"),
        ("TR", "tr", "Yılbaşı"),
        ("RU", "ru", "Новогодние каникулы"),
        ("GE", "az", "Yeni il"),  # ours: the package has none in this language
        ("AZ", "en", "New Year's Day"),
    ],
)
def test_holidays_are_named_in_the_readers_language(country: str, language: str, name: str) -> None:
    assert name_of(date(2026, 1, 1), country, language) == name
    assert of_year(2026, country, language)[0] == (date(2026, 1, 1), name)


def test_a_country_without_a_list_has_no_holidays() -> None:
    assert date(2026, 1, 1) not in days_off("")
    assert name_of(date(2026, 1, 1), "", "az") is None
    assert of_year(2026, "", "az") == []

"""When something comes again, on the clock of whoever said so."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callcenter.interactions import repeating
from callcenter.interactions.repeating import (
    CHOICES,
    NO_RULE,
    TOO_OFTEN,
    choice_of,
    end_of,
    next_after,
    rule_of,
)

#: A Monday.
NINE = datetime(2026, 11, 23, 9, 0)  # noqa: DTZ001


def days(choice: str, start: datetime, zone: str = "Asia/Baku", **end: object) -> list[str]:
    """Return the first times that follow, as the wall clock says them."""
    place, rule = ZoneInfo(zone), rule_of(choice, start, **end)  # type: ignore[arg-type]
    found, at = [], start.replace(tzinfo=place).astimezone(UTC)
    for _ in range(4):
        following = next_after(rule, at, zone)
        if following is None:
            break
        at = following
        found.append(at.astimezone(place).strftime("%m-%d %H:%M"))
    return found


@pytest.mark.parametrize(
    ("choice", "start", "follows"),
    [
        ("daily", NINE, ["11-24 09:00", "11-25 09:00", "11-26 09:00", "11-27 09:00"]),
        ("weekdays", NINE.replace(day=26), ["11-27 09:00", "11-30 09:00", "12-01 09:00", "12-02 09:00"]),
        # Said on a Saturday, it goes on with Monday.
        ("weekdays", NINE.replace(day=28), ["11-30 09:00", "12-01 09:00", "12-02 09:00", "12-03 09:00"]),
        ("weekly", NINE, ["11-30 09:00", "12-07 09:00", "12-14 09:00", "12-21 09:00"]),
        ("fortnightly", NINE, ["12-07 09:00", "12-21 09:00", "01-04 09:00", "01-18 09:00"]),
        # A shorter month has its last day.
        ("monthly_date", NINE.replace(month=12, day=31), ["01-31 09:00", "02-28 09:00", "03-31 09:00", "04-30 09:00"]),
        ("monthly_weekday", NINE, ["12-28 09:00", "01-25 09:00", "02-22 09:00", "03-22 09:00"]),
        # A fifth Monday is the last one.
        ("monthly_weekday", NINE.replace(day=30), ["12-28 09:00", "01-25 09:00", "02-22 09:00", "03-29 09:00"]),
        ("yearly", datetime(2028, 2, 29, 9), ["02-28 09:00", "02-28 09:00", "02-28 09:00", "02-29 09:00"]),  # noqa: DTZ001
    ],
)  # fmt: skip
def test_each_choice_comes_when_people_expect_it(
    choice: str, start: datetime, follows: list[str]
) -> None:
    assert days(choice, start) == follows


def test_it_ends_on_a_day_or_after_so_many_times() -> None:
    assert days("daily", NINE, until=date(2026, 11, 25)) == ["11-24 09:00", "11-25 09:00"]
    assert days("weekly", NINE, times=2) == ["11-30 09:00"]


@settings(max_examples=60)
@given(
    st.sampled_from(sorted(CHOICES)),
    st.datetimes(datetime(2020, 1, 1), datetime(2030, 12, 31)),  # noqa: DTZ001
    st.sampled_from(["Asia/Baku", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe"]),
)
def test_it_stays_at_its_hour_whatever_is_done_to_the_clock(
    choice: str, start: datetime, zone: str
) -> None:
    start = start.replace(second=0, microsecond=0)
    rule, place = rule_of(choice, start), ZoneInfo(zone)
    at = start.replace(tzinfo=place).astimezone(UTC)
    assert repeating.check(rule) is None
    assert choice_of(rule) == choice

    following = next_after(rule, at, zone)

    assert following is not None
    assert following > at
    wall = following.astimezone(place)
    leapt = wall.replace(tzinfo=None) != wall.astimezone(UTC).astimezone(place).replace(tzinfo=None)
    skipped = (wall.hour, wall.minute) != (start.hour, start.minute)
    # Only an hour that the clock leaps over can be another one.
    assert not leapt
    assert not skipped or timedelta() < wall.replace(tzinfo=None) - wall.replace(
        hour=start.hour, minute=start.minute, tzinfo=None
    ) <= timedelta(hours=1)


@pytest.mark.parametrize(
    ("rule", "wrong"),
    [
        ("", NO_RULE),
        ("FREQ=DAILY", NO_RULE),
        ("DTSTART:20261123T090000\nRRULE:FREQ=SOMETIMES", NO_RULE),
        ("DTSTART:20261123T090000\nRRULE:FREQ=HOURLY", TOO_OFTEN),
        ("DTSTART:20261123T090000\nRRULE:FREQ=DAILY;BYHOUR=1,2,3", NO_RULE),
        ("DTSTART:20261123T090000\nRRULE:FREQ=DAILY;COUNT=100000", NO_RULE),
        ("DTSTART:00010101T000000\nRRULE:FREQ=DAILY", NO_RULE),
        ("DTSTART:20261123T090000\nRRULE:FREQ=DAILY\nRDATE:20261124T090000", NO_RULE),
        ("DTSTART:20261123T090000Z\nRRULE:FREQ=DAILY", NO_RULE),
        ("DTSTART:20261123T090000\nRRULE:FREQ=DAILY;UNTIL=tomorrow", NO_RULE),
        ("DTSTART:20261123T090000\nRRULE:FREQ=MONTHLY;BYDAY=1MO,3MO", None),
    ],
)
def test_what_is_no_rule_is_refused(rule: str, wrong: str | None) -> None:
    assert repeating.check(rule) == wrong


def test_a_rule_that_never_comes_ends_soon() -> None:
    never = "DTSTART:20261123T090000\nRRULE:FREQ=MONTHLY;BYMONTH=2;BYMONTHDAY=31"
    assert repeating.check(never) is None
    assert next_after(never, datetime(2026, 11, 23, 9, tzinfo=UTC), "UTC") is None
    assert choice_of(never) == "other"
    assert choice_of(None) == ""
    assert end_of(never) == (None, None)

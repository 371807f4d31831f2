"""One is reminded when the clock on the wall says so, several times, and each time once."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.interactions import reminding

#: The clocks change in these zones within the year, by an hour and by half of one.
ZONES = ("Asia/Baku", "Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe", "Asia/Beirut")


@pytest.mark.parametrize(
    ("start", "minutes", "zone", "all_day", "moment"),
    [
        ("2026-11-23T09:00+04:00", 15, "Asia/Baku", False, "2026-11-23T08:45+04:00"),
        ("2026-11-23T09:00+04:00", 0, "Asia/Baku", False, "2026-11-23T09:00+04:00"),
        # The clocks go back in the night: nine is nine.
        ("2026-10-25T09:00+01:00", 1440, "Europe/Berlin", False, "2026-10-24T09:00+02:00"),
        ("2026-03-29T09:00+02:00", 1440, "Europe/Berlin", False, "2026-03-28T09:00+01:00"),
        # Minutes are minutes, also over such a night.
        ("2026-03-29T03:30+02:00", 60, "Europe/Berlin", False, "2026-03-29T01:30+01:00"),
        ("2026-11-23T00:00+04:00", 0, "Asia/Baku", True, "2026-11-23T09:00+04:00"),
        ("2026-11-23T00:00+04:00", 1440, "Asia/Baku", True, "2026-11-22T09:00+04:00"),
    ],
)
def test_a_reminder_comes_when_the_wall_says_so(
    start: str, minutes: int, zone: str, all_day: bool, moment: str
) -> None:
    found = reminding.moment(
        datetime.fromisoformat(start), minutes, ZoneInfo(zone), all_day=all_day
    )

    assert found == datetime.fromisoformat(moment)


moments = st.integers(0, 3 * 365 * 24 * 60).map(
    lambda minutes: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)


@given(moments, st.integers(0, 5), st.integers(0, 1439), st.sampled_from(ZONES).map(ZoneInfo))
def test_days_keep_the_hour_and_minutes_are_minutes_in_every_zone(
    start: datetime, days: int, minutes: int, zone: ZoneInfo
) -> None:
    whole = reminding.moment(start, days * 1440, zone)
    found = reminding.moment(start, days * 1440 + minutes, zone)

    wall, there = start.astimezone(zone), whole.astimezone(zone)
    assert found == whole - timedelta(minutes=minutes)
    meant = wall.replace(tzinfo=None) - timedelta(days=days)
    # An hour that the clock skips that day is the only one that cannot be kept.
    assert there.replace(tzinfo=None) == meant or not _exists(meant, zone)


def _exists(wall: datetime, zone: ZoneInfo) -> bool:
    there = wall.replace(tzinfo=zone)
    return there.astimezone(UTC).astimezone(zone).replace(tzinfo=None) == wall


@given(st.lists(st.integers(0, 10_000), max_size=5), moments, st.sampled_from(ZONES), st.booleans())
def test_going_from_reminder_to_reminder_leaves_none_out(
    minutes: list[int], start: datetime, zone: str, all_day: bool
) -> None:
    stored, after, found = reminding.written(minutes), start - timedelta(days=30), []
    while (
        moment := reminding.next_moment(start, stored, zone, after, all_day=all_day)
    ) is not None:
        found.append(moment)
        after = moment

    where = ZoneInfo(zone)
    every = {reminding.moment(start, each, where, all_day=all_day) for each in minutes}
    assert found == sorted(every)
    assert reminding.read(stored) == sorted(set(minutes))
    assert stored is None or reminding.check(stored) is None


@pytest.mark.parametrize("stored", ["", "soon", "-5", "1,2,3,4,5,6", "9999999", "527041", "15;60"])
def test_what_is_no_reminder_is_refused(stored: str) -> None:
    assert reminding.check(stored) == reminding.NO_REMINDERS

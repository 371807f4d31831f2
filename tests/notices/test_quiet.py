"""Nobody is disturbed in his quiet hours, and hears of everything as soon as they are over."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.notices.quiet import DAY_MIN, Quiet, quiet_until
from callcenter.notices.wishes import Wishes

BAKU = ZoneInfo("Asia/Baku")
NIGHT = Quiet(22 * 60, 7 * 60)


@pytest.mark.parametrize(
    ("quiet", "at", "until"),
    [
        (NIGHT, "2026-11-22T23:30", "2026-11-23T07:00"),  # over midnight
        (NIGHT, "2026-11-23T06:59", "2026-11-23T07:00"),
        (NIGHT, "2026-11-23T07:00", None),  # it is over at that minute
        (Quiet(12 * 60, 13 * 60), "2026-11-23T12:00", "2026-11-23T13:00"),  # a lunch
        (Quiet(days=frozenset({5, 6})), "2026-11-21T10:00", "2026-11-23T00:00"),  # a weekend
        (Quiet(22 * 60, 7 * 60, frozenset({6})), "2026-11-21T23:00", "2026-11-23T07:00"),
        (Quiet(9 * 60, 9 * 60), "2026-11-23T09:00", None),  # no length
        (Quiet(), "2026-11-23T03:00", None),
        (Quiet(days=frozenset(range(7))), "2026-11-23T03:00", None),  # would never end
    ],
)
def test_quiet_ends_when_the_clock_on_the_wall_says_so(
    quiet: Quiet, at: str, until: str | None
) -> None:
    found = quiet_until(quiet, datetime.fromisoformat(at).replace(tzinfo=BAKU), BAKU)

    assert found == (until and datetime.fromisoformat(until).replace(tzinfo=BAKU))


def test_only_what_is_urgent_breaks_in() -> None:
    at = datetime(2026, 11, 22, 23, 0, tzinfo=BAKU)
    wished = Wishes(quiet=NIGHT)

    assert wished.held_until("reminder", at, BAKU) == datetime(2026, 11, 23, 7, 0, tzinfo=BAKU)
    assert wished.held_until("escalated", at, BAKU) is None


quiets = st.builds(
    Quiet,
    st.none() | st.integers(0, DAY_MIN - 1),
    st.none() | st.integers(0, DAY_MIN - 1),
    st.frozensets(st.integers(0, 6), max_size=6),
)
#: The clocks change in these zones within the year, by an hour and by half of one.
zones = st.sampled_from(
    ["Asia/Baku", "Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe", "Asia/Tehran"]
).map(ZoneInfo)
moments = st.integers(0, 2 * 365 * DAY_MIN).map(
    lambda minutes: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)


@given(quiets, moments, zones)
def test_it_is_quiet_until_it_ends_and_not_any_more_then(
    quiet: Quiet, at: datetime, zone: ZoneInfo
) -> None:
    until = quiet_until(quiet, at, zone)

    if until is None:
        assert not quiet.covers(at.astimezone(zone))
        return
    assert until > at
    assert not quiet.covers(until.astimezone(zone))
    minutes = int((until - at).total_seconds() // 60)
    for minute in range(0, minutes, max(1, minutes // 50)):
        local = (at + timedelta(minutes=minute)).astimezone(zone)
        # Where the clock is turned back over the end, it may be quiet for the hour once more.
        assert quiet.covers(local) or local.fold or zone.utcoffset(local) != zone.utcoffset(at)

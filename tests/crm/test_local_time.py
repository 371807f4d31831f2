"""What time it is where a contact is: told where it is certain, a range where it is not."""

from datetime import UTC, datetime

import pytest

from callcenter.crm.contacts.local_time import MAYBE_NIGHT, NIGHT, Place, told, zones_of

BAKU = "+994502345678"
RUSSIAN_MOBILE = "+79161234567"
MOSCOW = "+74951234567"


@pytest.mark.parametrize(
    ("zone", "places", "norms", "zones"),
    [
        ("Asia/Tokyo", [Place("AZ")], [BAKU], ("Asia/Tokyo",)),  # what the card says counts most
        (None, [Place("AZ")], [MOSCOW], ("Asia/Baku",)),  # then the place
        (None, [Place("RU", "Владивосток")], [], ("Asia/Vladivostok",)),  # a city tells more
        (None, [Place("RU")], [MOSCOW], ("Europe/Moscow",)),  # a country of many zones does not
        (None, [Place(None)], [RUSSIAN_MOBILE, BAKU], ("Asia/Baku",)),  # the number that tells most
        (None, [Place(None)], ["103"], ()),
        (None, [], [], ()),
    ],
)
def test_the_zone_comes_from_what_tells_most(
    zone: str | None, places: list[Place], norms: list[str], zones: tuple[str, ...]
) -> None:
    assert zones_of(zone, places, norms) == zones


def test_a_russian_mobile_may_be_in_many_zones() -> None:
    assert len(zones_of(None, [], [RUSSIAN_MOBILE])) > 10


@pytest.mark.parametrize(
    ("zones", "hour", "warning"),
    [
        (("Asia/Baku",), 8, ""),  # 12 in Baku
        (("Asia/Baku",), 4, NIGHT),  # 8 in Baku
        (("Asia/Baku",), 17, NIGHT),  # 21 in Baku
        (("Europe/Moscow", "Asia/Vladivostok"), 8, ""),  # 11 and 18
        (("Europe/Moscow", "Asia/Vladivostok"), 12, MAYBE_NIGHT),  # 15 and 22
        ((), 3, ""),  # nothing is known, nothing is said
    ],
)
def test_one_is_warned_where_it_is_no_time_to_call(
    zones: tuple[str, ...], hour: int, warning: str
) -> None:
    now = datetime(2026, 11, 24, hour, 0, tzinfo=UTC)
    assert told(zones, ["AZ"], now).warning == warning


def test_a_holiday_there_is_said() -> None:
    novruz = datetime(2026, 3, 20, 8, 0, tzinfo=UTC)
    assert told(("Asia/Baku",), [None, "AZ"], novruz).holiday
    assert not told(("Asia/Baku",), ["DE"], novruz).holiday
    # At this moment it is two different days there: nothing is said of either.
    midnight = datetime(2026, 3, 20, 21, 30, tzinfo=UTC)
    assert not told(("Europe/Kaliningrad", "Asia/Vladivostok"), ["AZ"], midnight).holiday

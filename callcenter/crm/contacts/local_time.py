"""What time it is where a contact is, as far as that is known.

The contact's own zone is certain; an address may be; a number is only if all numbers like it are
in one zone. Where several are possible they are all told, never a guess. Pure: the moment and
the facts are handed in.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cache
from importlib import resources
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

import holidays

from callcenter import phone
from callcenter.crm.names import fold


def _(message: str) -> str:
    return message


#: Between these hours people may be called.
BEGINS, ENDS = 9, 21
#: Countries whose holidays are known, as those count that call there.
WITH_HOLIDAYS: Final = ("AZ", "TR", "RU", "GE", "KZ", "UZ", "UA", "BY")

NIGHT: Final = _("It is outside 9–21 there now. Call only if it was agreed.")
MAYBE_NIGHT: Final = _("It may be outside 9–21 there now: the number does not tell where they are.")
HOLIDAY: Final = _("It is a holiday there today: {name}.")

#: Where the cities of countries with several zones are, by their folded names.
_CITIES: Final = {
    "RU": {
        "moskva": "Europe/Moscow", "moscow": "Europe/Moscow", "sankt peterburg": "Europe/Moscow",
        "saint petersburg": "Europe/Moscow", "kazan": "Europe/Moscow", "rostov na donu": "Europe/Moscow",
        "makhachkala": "Europe/Moscow", "derbent": "Europe/Moscow", "sochi": "Europe/Moscow",
        "krasnodar": "Europe/Moscow", "voronezh": "Europe/Moscow", "nizhniy novgorod": "Europe/Moscow",
        "kaliningrad": "Europe/Kaliningrad", "samara": "Europe/Samara", "saratov": "Europe/Saratov",
        "volgograd": "Europe/Volgograd", "astrakhan": "Europe/Astrakhan", "ufa": "Asia/Yekaterinburg",
        "ekaterinburg": "Asia/Yekaterinburg", "perm": "Asia/Yekaterinburg",
        "chelyabinsk": "Asia/Yekaterinburg", "tyumen": "Asia/Yekaterinburg", "omsk": "Asia/Omsk",
        "novosibirsk": "Asia/Novosibirsk", "tomsk": "Asia/Tomsk", "barnaul": "Asia/Barnaul",
        "krasnoyarsk": "Asia/Krasnoyarsk", "irkutsk": "Asia/Irkutsk", "chita": "Asia/Chita",
        "yakutsk": "Asia/Yakutsk", "vladivostok": "Asia/Vladivostok", "khabarovsk": "Asia/Vladivostok",
        "magadan": "Asia/Magadan",
    },
}  # fmt: skip


class Place(NamedTuple):
    """A country and a city, as they stand on a card or an address."""

    country: str | None
    city: str | None = None


class LocalTime(NamedTuple):
    """`zones` are all that are possible; one is certain."""

    zones: tuple[str, ...]
    #: What to think of before calling, as message ids with their fields filled in by `values`.
    warning: str = ""
    holiday: str = ""


def zones_of(zone: str | None, places: Iterable[Place], norms: Iterable[str]) -> tuple[str, ...]:
    """Return the zones a contact may be in, by what tells most: its zone, its places, its numbers."""
    if zone:
        return (zone,)
    for place in places:
        if (found := _of_place(place)) is not None:
            return (found,)
    possible = [zones for norm in norms if (zones := phone.time_zones(norm))]
    return min(possible, key=len, default=())


def told(zones: Sequence[str], countries: Iterable[str | None], now: datetime) -> LocalTime:
    """Return the zones with what to think of before calling there `now`."""
    local = [now.astimezone(ZoneInfo(zone)) for zone in zones]
    outside = [not BEGINS <= moment.hour < ENDS for moment in local]
    warning = ""
    if outside and all(outside):
        warning = NIGHT
    elif any(outside):
        warning = MAYBE_NIGHT
    return LocalTime(tuple(zones), warning, _holiday(countries, local))


def _holiday(countries: Iterable[str | None], local: Sequence[datetime]) -> str:
    """Return the name of the day, if it is the same day and a holiday wherever they may be."""
    days = {moment.date() for moment in local}
    country = next((each for each in countries if each in WITH_HOLIDAYS), None)
    if country is None or len(days) != 1:
        return ""
    day = days.pop()
    return _holidays(country, day.year).get(day) or ""


@cache
def _holidays(country: str, year: int) -> holidays.HolidayBase:
    return holidays.country_holidays(country, years=year)


def _of_place(place: Place) -> str | None:
    """Return the zone of a place, if there is only one."""
    if place.country is None:
        return None
    zones = _zones_of_countries().get(place.country, ())
    if len(zones) == 1:
        return zones[0]
    return _CITIES.get(place.country, {}).get(fold(place.city or ""))


@cache
def _zones_of_countries() -> dict[str, tuple[str, ...]]:
    table = (resources.files("tzdata") / "zoneinfo" / "zone.tab").read_text(encoding="utf-8")
    zones: dict[str, tuple[str, ...]] = {}
    for line in table.splitlines():
        if not line.startswith("#"):
            country, _coordinates, zone, *_ = line.split("\t")
            zones[country] = (*zones.get(country, ()), zone)
    return zones

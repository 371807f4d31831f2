"""The time zones a person can choose: listing them reads a folder, so it is done once."""

from functools import cache
from zoneinfo import available_timezones


@cache
def zones() -> tuple[str, ...]:
    """Return the IANA names, in order."""
    return tuple(sorted(available_timezones()))

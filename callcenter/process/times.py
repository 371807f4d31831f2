"""How long a row stood in each stage, from the entries that were noted. Pure."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple


class Entry(NamedTuple):
    """One entry into a stage."""

    stage_id: int
    at: datetime
    #: Whether the process has ended with it.
    is_end: bool = False


class Stay(NamedTuple):
    stage_id: int
    from_at: datetime
    #: None: it stands there still.
    to_at: datetime | None

    def lasted(self, now: datetime) -> timedelta:
        return (self.to_at or now) - self.from_at


def stays(entries: Sequence[Entry]) -> Iterator[Stay]:
    """Yield how long each stage was stood in, in order; at an end no time passes.

    Entries are given in the order of their time.
    """
    for place, entry in enumerate(entries):
        if entry.is_end:
            continue
        following = entries[place + 1].at if place + 1 < len(entries) else None
        yield Stay(entry.stage_id, entry.at, following)


def in_stages(entries: Sequence[Entry], now: datetime) -> dict[int, timedelta]:
    """Return the time in each stage by its id, all stays added up."""
    times: dict[int, timedelta] = {}
    for stay in stays(entries):
        times[stay.stage_id] = times.get(stay.stage_id, timedelta()) + stay.lasted(now)
    return times

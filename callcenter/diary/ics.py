"""Calendars as other programs read and write them (iCalendar).

What goes out depends on the rows alone, so the same calendar is the same text, and whoever asks
again is told that nothing has changed. Pure: rows, moments and zone are handed in.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import icalendar
import recurring_ical_events

#: What it says it was made by.
MAKER: Final = "-//callcenter//calendar//EN"
#: So much is read of a file, and so many of its events.
MOST_BYTES: Final = 600_000
MOST_EVENTS: Final = 1_000
#: Of what comes again, so much is brought in.
BACK: Final = timedelta(days=92)
AHEAD: Final = timedelta(days=366)

_STATUS: Final = {"planned": "CONFIRMED", "held": "CONFIRMED", "cancelled": "CANCELLED"}


class NotACalendar(Exception):
    """The file is none, or one that cannot be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One event, going out or coming in; `end_at` of a whole day is the day after its last."""

    uid: str
    title: str
    start_at: datetime
    end_at: datetime | None = None
    all_day: bool = False
    place: str = ""
    text: str = ""
    link: str = ""
    status: str = "planned"
    sequence: int = 0
    changed_at: datetime | None = None


def uid_of(interaction_id: int, kept: str | None) -> str:
    """Return what calendars know an interaction by."""
    return kept or f"interaction-{interaction_id}@callcenter"


def written(events: Iterable[Event], name: str, zone: ZoneInfo, now: datetime) -> bytes:
    """Return a calendar that is only to be read; `now` stands where a row does not know better."""
    calendar = icalendar.Calendar()
    calendar.add("prodid", MAKER)
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", name)
    for event in events:
        calendar.add_component(component(event, zone, now))
    return bytes(calendar.to_ical())


def component(event: Event, zone: ZoneInfo, now: datetime) -> icalendar.Event:
    made = icalendar.Event()
    made.add("uid", event.uid)
    made.add("summary", event.title)
    made.add("dtstamp", (event.changed_at or now).astimezone(UTC).replace(microsecond=0))
    made.add("sequence", event.sequence)
    made.add("status", _STATUS.get(event.status, "CONFIRMED"))
    if event.all_day:
        first = event.start_at.astimezone(zone).date()
        made.add("dtstart", first)
        made.add("dtend", first + timedelta(days=1))
    else:
        made.add("dtstart", event.start_at.astimezone(UTC).replace(microsecond=0))
        ends = event.end_at or event.start_at + timedelta(minutes=30)
        made.add("dtend", ends.astimezone(UTC).replace(microsecond=0))
    if event.place:
        made.add("location", event.place)
    if event.text:
        made.add("description", event.text)
    if event.link:
        made.add("url", event.link)
    return made


def tag_of(calendar: bytes) -> str:
    """Return what changes whenever the calendar does."""
    return hashlib.sha256(calendar).hexdigest()[:32]


def read(data: bytes, zone: ZoneInfo, now: datetime) -> list[Event]:
    """Return the events of a file, each time of what comes again by itself, in order.

    Times without a zone are meant in `zone`. Raises NotACalendar.
    """
    if len(data) > MOST_BYTES:
        raise NotACalendar
    try:
        calendar = icalendar.Calendar.from_ical(data)
        found = recurring_ical_events.of(calendar, skip_bad_series=True).between(
            now - BACK, now + AHEAD
        )
    # The library tells of a broken file in many ways.
    except Exception as error:
        raise NotACalendar from error
    if calendar.name != "VCALENDAR":
        raise NotACalendar
    repeated = _repeated(calendar)
    events = [_event(one, zone, repeated) for one in found if "DTSTART" in one]
    return sorted(events, key=lambda event: (event.start_at, event.uid))[:MOST_EVENTS]


def _repeated(calendar: Any) -> set[str]:
    """Return the UIDs of which there is more than one time."""
    whole = [one for one in calendar.walk("VEVENT") if {"RRULE", "RDATE"} & set(one)]
    return {str(one.get("UID", "")) for one in whole}


def _event(one: Any, zone: ZoneInfo, repeated: set[str]) -> Event:
    starts = one["DTSTART"].dt
    ends = one["DTEND"].dt if "DTEND" in one else None
    all_day = not isinstance(starts, datetime)
    uid = str(one.get("UID", "")) or hashlib.sha256(one.to_ical()).hexdigest()
    start_at = _moment(starts, zone)
    if uid in repeated:
        uid = f"{uid}/{start_at:%Y%m%dT%H%M%SZ}"
    return Event(
        uid=uid[:300], title=" ".join(str(one.get("SUMMARY", "")).split())[:300], all_day=all_day,
        start_at=start_at, place=" ".join(str(one.get("LOCATION", "")).split())[:300],
        text=str(one.get("DESCRIPTION", ""))[:20_000],
        end_at=None if ends is None or all_day else _moment(ends, zone),
        status="cancelled" if str(one.get("STATUS", "")).upper() == "CANCELLED" else "planned",
        sequence=int(one.get("SEQUENCE", 0)),
    )  # fmt: skip


def _moment(held: date | datetime, zone: ZoneInfo) -> datetime:
    if not isinstance(held, datetime):
        return datetime.combine(held, time(), zone).astimezone(UTC)
    aware = held if held.tzinfo is not None else held.replace(tzinfo=zone)
    return aware.astimezone(UTC)

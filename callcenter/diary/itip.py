"""Invitations as calendars exchange them by e-mail (iTIP, RFC 5546): asking, calling off, answering.

Nobody learns the addresses of other guests: each is sent his own invitation, with himself and the
organiser in it. Pure: rows, moments and zone are handed in; nothing that comes from outside raises.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

import icalendar

from callcenter.diary import ics
from callcenter.diary.ics import Event
from callcenter.interactions.models import Response

#: Our words for what RFC 5545 calls PARTSTAT.
PARTSTATS: Final[Mapping[Response, str]] = {
    "accepted": "ACCEPTED", "declined": "DECLINED", "tentative": "TENTATIVE",
}  # fmt: skip
_RESPONSES: Final = {written: response for response, written in PARTSTATS.items()}
#: More is no invitation that anybody wrote.
MOST_LETTERS: Final = 200_000
MOST_ATTENDEES: Final = 500


@dataclass(frozen=True, slots=True)
class Someone:
    """An organiser or a guest; the address in small letters."""

    address: str
    name: str = ""
    #: What he has answered.
    response: Response | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchanged:
    """A calendar object as it came: REQUEST, CANCEL or REPLY of one meeting."""

    method: str
    uid: str
    sequence: int
    #: When its writer made it, which tells the newer of two.
    at: datetime | None
    organizer: Someone
    attendees: tuple[Someone, ...]
    #: Of what comes again, one time only is meant.
    is_one_of_many: bool = False


def response_of(text: str) -> Response | None:
    """Return an answer as a form sends it; None if it is none."""
    return next((response for response in PARTSTATS if response == text), None)


def invitation(
    event: Event, method: str, organizer: Someone, guest: Someone, zone: ZoneInfo, at: datetime
) -> str:
    """Return what asks a guest to a meeting (REQUEST), or takes it back (CANCEL)."""
    made = ics.component(event, zone, at)
    made.add("organizer", _address(organizer))
    attendee = _address(guest)
    attendee.params["CUTYPE"] = "INDIVIDUAL"
    attendee.params["ROLE"] = "REQ-PARTICIPANT"
    attendee.params["PARTSTAT"] = _partstat(guest)
    if method == "REQUEST":
        attendee.params["RSVP"] = "TRUE"
    made.add("attendee", attendee, encode=False)
    return _calendar(method, made)


def reply(asked: Exchanged, event: Event, guest: Someone, zone: ZoneInfo, at: datetime) -> str:
    """Return a guest's answer, made `at`, to what he was asked."""
    made = ics.component(event, zone, at)
    made.add("organizer", _address(asked.organizer))
    attendee = _address(guest)
    attendee.params["PARTSTAT"] = _partstat(guest)
    made.add("attendee", attendee, encode=False)
    return _calendar("REPLY", made)


def _partstat(guest: Someone) -> str:
    return PARTSTATS[guest.response] if guest.response is not None else "NEEDS-ACTION"


def _calendar(method: str, event: icalendar.Event) -> str:
    calendar = icalendar.Calendar()
    calendar.add("prodid", ics.MAKER)
    calendar.add("version", "2.0")
    calendar.add("method", method)
    calendar.add_component(event)
    return bytes(calendar.to_ical()).decode()


def _address(one: Someone) -> icalendar.vCalAddress:
    address = icalendar.vCalAddress(f"mailto:{one.address}")
    if one.name:
        address.params["CN"] = one.name
    return address


# ---------------------------------------------------------------- what comes in


def read(text: str, method: str = "") -> Exchanged | None:
    """Return what a letter brought, None if it is nothing that can be understood.

    `method` is what the letter says of it, for those that do not say it themselves.
    """
    try:
        calendar = icalendar.Calendar.from_ical(text[:MOST_LETTERS])
        event = next(iter(calendar.walk("VEVENT")), None)
        if event is None or not event.get("UID"):
            return None
        return Exchanged(
            method=str(calendar.get("METHOD", method)).upper() or method.upper(),
            uid=str(event["UID"])[:300], sequence=int(event.get("SEQUENCE", 0)),
            at=_moment(event.get("DTSTAMP")), organizer=_someone(event.get("ORGANIZER")),
            attendees=tuple(_someone(one) for one in _attendees(event)),
            is_one_of_many="RECURRENCE-ID" in event,
        )  # fmt: skip
    # The library tells of a broken calendar in many ways.
    except Exception:  # noqa: BLE001
        return None


def _attendees(event: Any) -> list[Any]:
    held = event.get("ATTENDEE", [])
    return (held if isinstance(held, list) else [held])[:MOST_ATTENDEES]


def _someone(held: Any) -> Someone:
    if held is None:
        return Someone("")
    written = str(held)
    address = written[7:] if written.lower().startswith("mailto:") else written
    params = getattr(held, "params", {})
    return Someone(
        address.strip().lower()[:254], " ".join(str(params.get("CN", "")).split())[:200],
        _RESPONSES.get(str(params.get("PARTSTAT", "")).upper()),
    )  # fmt: skip


def _moment(held: Any) -> datetime | None:
    moment = getattr(held, "dt", None)
    if not isinstance(moment, datetime):
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)

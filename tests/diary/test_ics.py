"""Calendars as other programs read and write them."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import icalendar
import pytest

from callcenter.diary.ics import (
    MOST_BYTES,
    Event,
    NotACalendar,
    read,
    tag_of,
    uid_of,
    written,
)

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
BAKU = ZoneInfo("Asia/Baku")


def file(*events: str) -> bytes:
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//x//y//EN"]
    for event in events:
        lines += ["BEGIN:VEVENT", "DTSTAMP:20261101T000000Z", *event.split("|"), "END:VEVENT"]
    return "\r\n".join([*lines, "END:VCALENDAR", ""]).encode()


def times(events: list[Event]) -> list[str]:
    return [event.start_at.astimezone(BAKU).strftime("%m-%d %H:%M") for event in events]


def test_what_goes_out_is_read_as_it_was() -> None:
    out = [
        Event(
            uid=uid_of(5, None), title="Görüş; əla, 100%", start_at=NOW, text="Two\nlines",
            end_at=NOW + timedelta(minutes=45), link="https://x.az/interactions/5", sequence=3,
            changed_at=NOW,
        ),
        Event(uid="b", title="Whole day", start_at=datetime(2026, 11, 22, 20, 0, tzinfo=UTC), all_day=True),
        Event(uid="c", title="Task", start_at=NOW, status="cancelled"),
    ]  # fmt: skip
    body = written(out, "Anna", BAKU, NOW)

    back = {event.uid: event for event in read(body, BAKU, NOW)}

    meeting = back["interaction-5@callcenter"]
    assert (meeting.title, meeting.text, meeting.sequence) == ("Görüş; əla, 100%", "Two\nlines", 3)
    assert (meeting.start_at, meeting.end_at) == (NOW, NOW + timedelta(minutes=45))
    # The whole day is the one that it is in Baku.
    assert times([back["b"]]) == ["11-23 00:00"]
    assert back["b"].all_day
    assert back["c"].status == "cancelled"
    calendar = icalendar.Calendar.from_ical(body)
    assert [str(one["UID"]) for one in calendar.walk("VEVENT")] == [
        "interaction-5@callcenter",
        "b",
        "c",
    ]


def test_the_same_rows_are_the_same_text_and_another_row_another() -> None:
    one = Event(uid="a", title="Offer", start_at=NOW, changed_at=NOW)
    later = NOW + timedelta(hours=5)
    assert tag_of(written([one], "Anna", BAKU, NOW)) == tag_of(written([one], "Anna", BAKU, later))
    other = Event(uid="a", title="Offers", start_at=NOW, changed_at=NOW)
    assert tag_of(written([one], "Anna", BAKU, NOW)) != tag_of(written([other], "Anna", BAKU, NOW))


def test_each_time_of_what_comes_again_is_one_with_its_own_name() -> None:
    data = file(
        "UID:weekly|SUMMARY:Rüblük|DTSTART;TZID=Europe/Berlin:20261019T100000|"
        "DTEND;TZID=Europe/Berlin:20261019T103000|RRULE:FREQ=WEEKLY;COUNT=3|"
        "EXDATE;TZID=Europe/Berlin:20261026T100000"
    )
    events = read(data, BAKU, NOW)
    # Berlin sets its clocks back between them.
    assert times(events) == ["10-19 12:00", "11-02 13:00"]
    assert len({event.uid for event in events}) == 2
    assert [event.uid for event in events] == [event.uid for event in read(data, BAKU, NOW)]


def test_times_without_a_zone_are_the_readers_and_old_ones_stay_away() -> None:
    data = file(
        "UID:a|SUMMARY:Here|DTSTART:20261123T100000", "UID:b|SUMMARY:Old|DTSTART:20250101T100000Z",
        "SUMMARY:No name|DTSTART;VALUE=DATE:20261124|STATUS:CANCELLED",
    )  # fmt: skip
    events = read(data, BAKU, NOW)
    assert times(events) == ["11-23 10:00", "11-24 00:00"]
    assert events[1].uid
    assert events[1].status == "cancelled"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"PK\x03\x04 a zip",
        b"BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Zo\r\nEND:VCARD\r\n",
        file("UID:a|DTSTART:20261123T100000")[:40],
        b"x" * (MOST_BYTES + 1),
    ],
)
def test_what_is_no_calendar_is_said_to_be_none(data: bytes) -> None:
    with pytest.raises(NotACalendar):
        read(data, BAKU, NOW)

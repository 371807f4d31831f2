"""Invitations as calendars exchange them: what goes out is understood, what comes in never raises."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callcenter.diary import itip
from callcenter.diary.ics import Event
from callcenter.diary.itip import Exchanged, Someone

BAKU = ZoneInfo("Asia/Baku")
AT = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
ANNA, ZOE = Someone("anna@dalga.example", "Anna"), Someone("zoe@example.az", "Zoë, Əliyeva; x")
OFFER = Event(
    uid="interaction-5@callcenter", title="Təklif", start_at=AT, end_at=AT + timedelta(hours=1),
    place="Nizami 5, Bakı", sequence=3,
)  # fmt: skip


@pytest.mark.parametrize("method", ["REQUEST", "CANCEL"])
def test_an_invitation_is_read_as_it_was_written(method: str) -> None:
    text = itip.invitation(OFFER, method, ANNA, ZOE, BAKU, AT)
    assert itip.read(text) == Exchanged(
        method=method, uid=OFFER.uid, sequence=3, at=AT, organizer=ANNA, attendees=(ZOE,)
    )
    assert ("RSVP=TRUE" in text) is (method == "REQUEST")
    assert "LOCATION:Nizami 5\\, Bakı" in text


def test_an_answer_names_what_was_asked_and_who_answers() -> None:
    asked = itip.read(itip.invitation(OFFER, "REQUEST", ANNA, ZOE, BAKU, AT))
    assert asked is not None
    later = AT + timedelta(hours=2)
    said = Someone(ZOE.address, ZOE.name, "tentative")
    read = itip.read(itip.reply(asked, OFFER, said, BAKU, later))
    assert read is not None
    assert (read.method, read.uid, read.sequence) == ("REPLY", OFFER.uid, 3)
    assert (read.at, read.attendees) == (later, (said,))


@pytest.mark.parametrize(
    ("lines", "wanted"),
    [
        ([], None),  # nothing of an event
        (["BEGIN:VEVENT", "END:VEVENT"], None),  # nobody knows which
        (["BEGIN:VEVENT", "UID:a", "SEQUENCE:x", "END:VEVENT"], None),
        (["BEGIN:VEVENT", "UID:a", "ATTENDEE:x", "END:VEVENT"], ("x", None)),
        (["BEGIN:VEVENT", "UID:a", "ATTENDEE;PARTSTAT=accepted:mailto:A@B.az", "END:VEVENT"], ("a@b.az", "accepted")),
        (["BEGIN:VEVENT", "UID:a", "ATTENDEE;PARTSTAT=DELEGATED:mailto:a@b.az", "END:VEVENT"], ("a@b.az", None)),
    ],
)  # fmt: skip
def test_what_other_programs_write_is_taken_as_far_as_it_goes(
    lines: list[str], wanted: tuple[str, str | None] | None
) -> None:
    read = itip.read("\r\n".join(["BEGIN:VCALENDAR", *lines, "END:VCALENDAR", ""]), "reply")
    found = None if read is None else (read.attendees[0].address, read.attendees[0].response)
    assert found == wanted
    assert read is None or read.method == "REPLY"


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=200))
def test_nothing_that_comes_in_raises(text: str) -> None:
    itip.read(text)
    itip.read(
        f"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:{text}\r\nATTENDEE:{text}\r\nEND:VEVENT\r\nEND:VCALENDAR"
    )

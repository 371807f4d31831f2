"""A letter becomes a message that every mail program reads alike."""

from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callcenter.post.letters import (
    Attachment,
    Calendar,
    Letter,
    as_message,
    bare,
    message_id,
    named,
)

SENDER = "Dalğa Servis <info@dalga.example>"
AT = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)


def letter(**values: object) -> Letter:
    plain = {
        "to": ("Zoë Əliyeva <zoe@example.az>",), "subject": "Təklif", "text": "Salam,\nsağ olun",
        "message_id": message_id(17, "dalga.example"),
    }  # fmt: skip
    return Letter(**(plain | values))  # type: ignore[arg-type]


def read(letter: Letter) -> EmailMessage:
    raw = as_message(letter, SENDER).as_bytes()
    raw.decode("ascii")
    return message_from_bytes(raw.replace(b"\r\n", b"\n"), policy=policy.default)


def test_what_was_written_is_read():
    offer = Attachment(name="Təklif №7.pdf", mime="application/pdf", data=b"%PDF\x00\xff")
    message = read(
        letter(
            html="<p>Salam</p>",
            cc=("b@example.az",),
            bcc=("c@example.az",),
            at=AT,
            reply_to="team@dalga.example",
            attachments=(offer,),
            headers={"List-Unsubscribe": "<https://crm.example.az/o/1>"},
        )
    )
    text, html = message.get_body(("plain",)), message.get_body(("html",))

    assert message["From"] == SENDER
    assert message["To"] == "Zoë Əliyeva <zoe@example.az>"
    assert (message["Cc"], message["Bcc"]) == ("b@example.az", None)
    assert message["Subject"] == "Təklif"
    assert message["Date"].datetime == AT
    assert message["Message-ID"] == "<17@dalga.example>"
    assert message["Reply-To"] == "team@dalga.example"
    assert message["List-Unsubscribe"] == "<https://crm.example.az/o/1>"
    assert text is not None
    assert text.get_content() == "Salam,\nsağ olun\n"
    assert html is not None
    assert html.get_content() == "<p>Salam</p>\n"
    (file,) = message.iter_attachments()
    assert (file.get_filename(), file.get_content_type()) == ("Təklif №7.pdf", "application/pdf")
    assert file.get_content() == b"%PDF\x00\xff"


def test_an_invitation_is_an_alternative_with_its_method():
    ics = "BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nSUMMARY:Görüş\r\nEND:VCALENDAR\r\n"
    message = read(letter(calendar=Calendar(method="REQUEST", ics=ics)))
    parts = {part.get_content_type(): part for part in message.walk()}

    assert message.get_content_type() == "multipart/alternative"
    assert parts["text/calendar"].get_param("method") == "REQUEST"
    assert "SUMMARY:Görüş" in parts["text/calendar"].get_content()


def test_long_message_ids_stay_what_they_are():
    ids = tuple(f"<{'x' * 90}{number}@example.az>" for number in range(12))
    raw = as_message(letter(references=ids, in_reply_to=ids[-1]), SENDER).as_bytes()
    message = message_from_bytes(raw)

    assert b"=?" not in raw[raw.index(b"References") : raw.index(b"MIME-Version")]
    assert tuple(message["References"].split()) == ids
    assert message["In-Reply-To"].strip() == ids[-1]


@pytest.mark.parametrize("where", ["subject", "reply_to", "in_reply_to", "message_id", "name"])
def test_nobody_adds_headers_by_a_line_break(where: str):
    evil = "x\r\nBcc: everybody@example.az\n\nhello"
    made = letter(to=(named(evil, "a@example.az"),)) if where == "name" else letter(**{where: evil})
    message = read(made)

    assert message["Bcc"] is None
    assert message.get_content() == "Salam,\nsağ olun\n"


def test_everybody_gets_it_once():
    made = letter(to=("A <a@b.az>",), cc=("a@b.az", "c@b.az"), bcc=("d@b.az", "C <c@b.az>"))

    assert made.recipients == ["a@b.az", "c@b.az", "d@b.az"]


@given(name=st.text(max_size=60), subject=st.text(max_size=200), text=st.text(max_size=300))
@settings(max_examples=60)
def test_no_words_break_a_letter(name: str, subject: str, text: str):
    made = letter(
        to=(named(name, "a@example.az"),),
        subject=subject.encode("utf-8", "ignore").decode(),
        text=text.encode("utf-8", "ignore").decode(),
    )
    message = read(made)

    assert made.recipients == ["a@example.az"]
    assert [one.addr_spec for one in message["To"].addresses] == ["a@example.az"]
    assert message["Message-ID"] == "<17@dalga.example>"


def test_an_address_is_taken_out_of_what_stands_around_it():
    assert bare("Zoë <zoe@example.az>") == "zoe@example.az"
    assert bare(" zoe@example.az ") == "zoe@example.az"
    assert message_id("notice-5", "") == "<notice-5@callcenter.invalid>"

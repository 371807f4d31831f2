"""Letters are read whatever is wrong with them."""

from datetime import UTC, datetime
from email.message import EmailMessage

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callcenter.mail.cleaning import clean
from callcenter.mail.reading import Person, guess, read

REPORT = b"""From: MAILER-DAEMON@mx.example.az
To: info@dalga.example
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
Message-ID: <report@mx.example.az>
Content-Type: multipart/report; report-type=delivery-status; boundary=B

--B
Content-Type: text/plain

I am sorry.
--B
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.az

Final-Recipient: rfc822; Zoe@example.az
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 no
 such user

Final-Recipient: rfc822; full@example.az
Action: failed
Status: 5.2.2

Final-Recipient: rfc822; slow@example.az
Action: delayed
Status: 4.4.1
--B
Content-Type: text/rfc822-headers

Message-ID: <17@dalga.example>
Subject: Offer
--B--
"""


def made(**headers: str) -> EmailMessage:
    message = EmailMessage()
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    return message


def test_an_ordinary_letter_is_read():
    message = made(
        From="Zoë Əliyeva <Zoe@Example.AZ>", To="info@dalga.example, B <b@example.az>",
        Cc="c@example.az", Subject="Təklif: qiymət", Message_ID="<1@example.az>",
        In_Reply_To="<0@dalga.example>", References="<x@dalga.example> <0@dalga.example>",
        Date="Sun, 22 Nov 2026 13:30:00 +0400", Reply_To="d@example.az",
    )  # fmt: skip
    message.set_content("Salam,\nsağ olun")
    message.add_alternative("<p>Salam, <img src='cid:logo'></p>", subtype="html")
    message.get_payload()[1].add_related(b"\x89PNG..", "image", "png", cid="<logo>")  # type: ignore[union-attr,index]
    message.add_attachment(b"%PDF", maintype="application", subtype="pdf", filename="Qiymət.pdf")
    came = read(message.as_bytes())

    assert came.sender == Person("Zoë Əliyeva", "zoe@example.az")
    assert [one.address for one in (*came.to, *came.cc, *came.reply_to)] == [
        "info@dalga.example", "b@example.az", "c@example.az", "d@example.az",
    ]  # fmt: skip
    assert (came.subject, came.text) == ("Təklif: qiymət", "Salam,\nsağ olun")
    assert "cid:logo" in came.html
    assert [(part.name, part.content_id) for part in came.parts] == [
        ("", "logo"), ("Qiymət.pdf", ""),
    ]  # fmt: skip
    assert came.at == datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
    assert (came.message_id, came.in_reply_to) == ("<1@example.az>", "<0@dalga.example>")
    assert came.references == ("<x@dalga.example>", "<0@dalga.example>")
    assert not came.automatic
    assert not came.damaged


@pytest.mark.parametrize(
    ("raw", "subject", "text"),
    [
        # The header was not encoded, the text says nothing of its charset.
        ("Subject: Təklif\n\nSalam, Şəki".encode(), "Təklif", "Salam, Şəki"),
        # It says that it is ASCII, and is UTF-8.
        ("Content-Type: text/plain; charset=us-ascii\n\nŞəki".encode(), "", "Şəki"),
        # A charset that nobody knows.
        (b"Content-Type: text/plain; charset=x-none\n\nplain", "", "plain"),
        (
            b"Content-Type: text/plain; charset=windows-1251\nSubject: =?windows-1251?B?z/Do4uXy?=\n\n"
            + "Добрый день, пришлите цены".encode("cp1251"),
            "Привет", "Добрый день, пришлите цены",
        ),
        # Base64 that breaks off.
        (b"Content-Transfer-Encoding: base64\n\nU2FsYW0", "", "Salam"),
        (b"Content-Type: text/html\n\n<p>A &amp; B<br>c<style>x</style><blockquote>old</blockquote>", "", "A & B\nc\n> old"),
        (b"", "", ""),
    ],
)  # fmt: skip
def test_what_is_wrong_is_guessed(raw: bytes, subject: str, text: str):
    came = read(raw)

    assert (came.subject, came.text) == (subject, text)


def test_what_was_not_encoded_is_found_out():
    text = "Здравствуйте! Пришлите, пожалуйста, список цен на насосы и сроки поставки в Баку."

    assert guess(text.encode("cp1251")) == text
    assert guess(text.encode("koi8-r"), "koi8-r") == text
    assert guess(b"caf\xe9", "iso-8859-1") == "café"


def test_a_letter_without_an_id_has_one_of_its_own_bytes():
    one, other = read(b"Subject: a\n\nx"), read(b"Subject: a\n\ny")

    assert one.message_id == read(b"Subject: a\n\nx").message_id
    assert one.message_id != other.message_id


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto_Submitted": "auto-replied"},
        {"Precedence": "bulk"},
        {"From": "Mailer-Daemon@example.az"},
        {"List_Id": "<news.example.az>"},
        {"X_Autoreply": "yes"},
        {"Return_Path": "<>"},
    ],
)
def test_nobody_waits_for_an_answer_to_a_program(headers: dict[str, str]):
    assert read(made(**headers).as_bytes()).automatic
    assert not read(made(Auto_Submitted="no", From="a@example.az").as_bytes()).automatic


def test_a_delivery_report_tells_who_did_not_get_what():
    bounce = read(REPORT).bounce

    assert bounce is not None
    assert bounce.message_id == "<17@dalga.example>"
    assert [(one.address, one.status, one.is_gone) for one in bounce.failures] == [
        ("zoe@example.az", "5.1.1", True), ("full@example.az", "5.2.2", False),
    ]  # fmt: skip
    assert bounce.failures[0].says == "550 5.1.1 no such user"
    assert read(REPORT.replace(b"Action: failed", b"Action: delayed")).bounce is None


def test_an_answer_to_an_invitation_comes_with_its_method():
    ics = "BEGIN:VCALENDAR\nMETHOD:REPLY\nEND:VCALENDAR\n"
    message = made(From="a@example.az")
    message.set_content("Accepted")
    message.add_alternative(ics, subtype="calendar")
    invitation = read(message.as_bytes()).invitation

    assert invitation is not None
    assert (invitation.method, "BEGIN:VCALENDAR" in invitation.ics) == ("REPLY", True)


def test_html_is_harmless_and_its_own_pictures_are_shown():
    html = (
        "<script>x</script><p onclick='x' style='color:red;position:fixed'>Salam "
        "<a href='javascript:x'>a</a><a href='https://example.az'>b</a>"
        "<img src='cid:logo'><img src='cid:none'><img src='https://far.example/p.png'>"
        "<img src='data:text/html,x'><iframe src='https://x'></iframe><form action='/x'>"
    )
    shown = clean(html, {"logo": "/interactions/1/files/2?show"})

    for gone in ("script", "onclick", "position", "javascript", "cid:", "data:", "iframe", "form"):
        assert gone not in shown
    assert "color:red" in shown.replace(" ", "")
    assert 'src="/interactions/1/files/2?show"' in shown
    assert 'href="https://example.az"' in shown
    assert "noopener" in shown
    assert 'src="https://far.example/p.png"' in shown


PIECES = st.sampled_from(
    [
        b"Content-Type: multipart/mixed; boundary=B\n", b"Content-Type: text/plain; charset=\xff\n",
        b"\n--B\n", b"--B--", b"Content-Transfer-Encoding: base64\n", b"From: =?x?q?=FF?= <a@b\n",
        b"Subject: =?utf-8?b?!!!?=\n", b"Date: 99 Foo\n", b"\n", b"\x00", b"References: <a> <",
        b"Content-Type: message/rfc822\n\n", b"Content-Type: multipart/report\n", b"To: a@b, c@d;\n",
        b"Content-Disposition: attachment; filename*=x'y'%FF\n", b"Content-Type: message/delivery-status\n",
        b"Content-Type: text/html\n\n<p>\xe9<![CDATA[", b"=?utf-7?q?+AGE?=", "ə\u2028".encode(),
    ]
)  # fmt: skip


@given(st.lists(PIECES | st.binary(max_size=40), max_size=12))
@settings(max_examples=150)
def test_no_bytes_break_the_reader(pieces: list[bytes]):
    came = read(b"".join(pieces))

    words = (came.subject, came.text, came.sender.name, *(part.name for part in came.parts))
    for text in words:
        text.encode()
        assert "\x00" not in text
    assert came.message_id
    clean(came.html, {})

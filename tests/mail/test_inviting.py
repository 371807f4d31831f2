"""Guests are invited by e-mail, told of changes, and their answers arrive, whichever way they come."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from callcenter.agents.models import Role
from callcenter.crm.contacts.models import Contact, ContactPoint
from callcenter.db import Database
from callcenter.diary import calendar_pages, guest_pages, invitation_pages
from callcenter.diary.models import Guest
from callcenter.entity import saving
from callcenter.interactions import outcome_pages
from callcenter.interactions import pages as interactions_pages
from callcenter.interactions.participants import Taking
from callcenter.jobs import GiveUp
from callcenter.mail import letter_pages
from callcenter.mail.boxes import Boxes
from callcenter.mail.models import Letter, MailAccount
from callcenter.post.smtp import PostError
from callcenter.server import secret_files
from callcenter.server.limits import Limit
from tests.fixtures.dovecot import PASSWORD, Post
from tests.fixtures.house import house_on
from tests.fixtures.mail import Letterbox
from tests.mail.inviting import SITE, TEN, Inviting, event, reply
from tests.mail.test_reading import REPORT

TEST_LIMIT_S = 40
ZOE, ALI = "zoe@example.tr", "ali@far.example"


@pytest.fixture
async def office(
    sqlite_database: Database, tmp_path: Path, letterbox: Letterbox
) -> AsyncIterator[Inviting]:
    rooms = (
        calendar_pages, guest_pages, invitation_pages, outcome_pages, interactions_pages,
        letter_pages,
    )  # fmt: skip
    async with house_on(
        sqlite_database, tmp_path, routes=[route for room in rooms for route in room.routes],
        held={invitation_pages.LIMIT: Limit(40, 600)},
    ) as house:  # fmt: skip
        office = Inviting(house, tmp_path, letterbox)
        await office.begin()
        yield office


async def test_guests_are_invited_in_their_language_and_know_nothing_of_each_other(
    office: Inviting,
) -> None:
    orxan = await office.house.person("orxan", locale="ru")
    async with office.database.write() as session:
        # No advertisement, so this does not keep an invitation from her.
        await session.execute(update(ContactPoint).values(opted_out_at=TEN))
    shut = await office.office.contact("Veli", email="veli@far.example", do_not_contact_at=TEN)
    row = await office.meeting(Taking(user_id=orxan.id), Taking(contact_id=shut.id))
    page = await office.browser.open(f"/interactions/{row.id}/guests")
    assert "Invite by e-mail" in page.text
    assert page.text.count("Not invited") == 2
    assert ("No e-mail address" in page.text, "Wants no contact" in page.text) == (True, True)

    await office.invite(row)
    await office.deliver()
    await office.invite(row)
    await office.deliver()

    (to_zoe,), (to_ali,) = office.sent(ZOE), office.sent(ALI)
    assert len(office.letterbox.letters) == 2
    text, html = to_zoe.get_body(("plain",)), to_zoe.get_body(("html",))
    guest = await office.guest(row)
    assert text is not None
    assert html is not None
    assert to_zoe["Subject"] == "Davet: Offer"
    # Ten in the morning in Baku is nine in Istanbul.
    assert "09:00–10:00 (Europe/Istanbul)" in text.get_content()
    assert f"{SITE}/invitation/{guest.token}" in text.get_content()
    assert f'href="{SITE}/invitation/{guest.token}?answer=tentative"' in html.get_content()
    assert to_ali["Subject"] == "Invitation: Offer"
    asked = event(to_zoe)
    assert str(asked["UID"]) == f"interaction-{row.id}@callcenter"
    assert (asked["SEQUENCE"], str(asked["LOCATION"]), asked["DTSTART"].dt) == (0, "Nizami 5", TEN)
    assert str(asked["ORGANIZER"]) == "mailto:info@dalga.example"
    assert str(asked["ATTENDEE"]) == f"mailto:{ZOE}"
    assert asked["ATTENDEE"].params["PARTSTAT"] == "NEEDS-ACTION"
    assert ALI not in str(to_zoe)
    # The colleague is told here, once; the page says how everybody stands.
    assert await office.notices("invitation") == ["Offer"]
    page = await office.browser.open(f"/interactions/{row.id}/guests")
    assert page.text.count("No answer yet") == 2
    assert "button--primary" not in page.text


async def test_a_letter_that_is_sent_again_is_the_same_and_what_is_refused_is_said(
    office: Inviting,
) -> None:
    row = await office.meeting()
    office.letterbox.answers[ALI] = "550 nobody here"
    await office.invite(row)
    jobs = {job.payload["guest"]: job for job in await office.jobs("invitation")}
    zoe, ali = await office.guest(row), await office.guest(row, ALI)
    ways = office.handlers()
    await ways.letter(jobs[zoe.id])
    async with office.database.write() as session:
        # As if we had been killed between sending it and writing that down.
        await session.execute(update(Guest).where(Guest.id == zoe.id).values(state="waiting"))
    await ways.letter(jobs[zoe.id])
    await ways.letter(jobs[zoe.id])
    with pytest.raises(GiveUp):
        await ways.letter(jobs[ali.id])

    first, second = office.sent(ZOE)
    assert first["Message-ID"] == second["Message-ID"]
    page = await office.browser.open(f"/interactions/{row.id}/guests")
    assert "Did not arrive" in page.text
    assert "nobody here" in page.text
    office.letterbox.answers[ALI] = "450 later"
    await office.invite(row)
    (job,) = (job for job in await office.jobs("invitation") if job.payload["guest"] == ali.id)
    with pytest.raises(PostError):
        await ways.letter(job)
    assert (await office.guest(row, ALI)).state == "waiting"
    # A report of her server tells of ours by its Message-ID.
    report = REPORT.replace(b"<17@dalga.example>", first["Message-ID"].encode())
    assert report != REPORT
    assert await office.came(report) is None
    assert (await office.guest(row)).state == "bounced"
    assert await office.notices("mail_failed") == ["Zoë Əliyeva · Offer"]


async def test_answers_by_letter_count_if_they_are_newer_and_by_who_was_asked(
    office: Inviting,
) -> None:
    row = await office.meeting()
    await office.invite(row)
    await office.deliver()
    asked, at = event(office.sent(ZOE)[0]), office.house.clock()

    forged = [
        reply(asked, "DECLINED", at, sender="stranger@far.example"),
        reply(asked, "DECLINED", at, sender="stranger@far.example", attendee=ZOE),
        reply(asked, "DECLINED", at, uid="interaction-1@callcenter"),
        reply(asked, "DECLINED", at, uid="x" * 400),
        reply(asked, "NEEDS-ACTION", at),
    ]
    plain = [await office.came(raw) for raw in forged]
    assert all(plain)
    assert await office.responses(row) == {None}
    assert await office.notices("answer") == []

    kept = await office.came(reply(asked, "ACCEPTED", at))
    assert await office.responses(row) == {"accepted", None}
    for late in (
        reply(asked, "DECLINED", at - timedelta(minutes=5)),
        reply(asked, "DECLINED", at),
    ):
        await office.came(late)
    assert (await office.guest(row)).response == "accepted"
    await office.came(reply(asked, "TENTATIVE", at + timedelta(minutes=5)))
    assert (await office.guest(row)).response == "tentative"
    # A clock that is years ahead must not have the last word for ever.
    await office.came(reply(asked, "DECLINED", datetime(2040, 1, 1, tzinfo=UTC)))
    office.house.clock.move(hours=2)
    await office.came(reply(asked, "ACCEPTED", office.house.clock()))
    assert (await office.guest(row)).response == "accepted"

    assert await office.notices("answer") == [
        f"{mark} Zoë Əliyeva · Offer" for mark in ("✓", "?", "✗", "✓")
    ]
    async with office.database.read() as session:
        letters = {one.interaction_id: one for one in await session.scalars(select(Letter))}
    # Nobody has to answer an answer; a stranger's letter is a letter.
    assert letters[kept or 0].to_answer is False
    assert all(letters[one or 0].to_answer for one in plain)
    page = await office.browser.open(f"/interactions/{row.id}/guests")
    assert "will come" in page.text
    history = await office.browser.open(f"/interactions/{row.id}/history")
    assert "An invitation was answered" in history.text


async def test_what_is_changed_is_told_if_somebody_says_so_and_asked_anew_if_the_time_is(
    office: Inviting,
) -> None:
    row = await office.meeting()
    await office.invite(row)
    await office.deliver()
    first = event(office.sent(ZOE)[0])
    await office.came(reply(first, "ACCEPTED", office.house.clock()))

    await office.diary.change(office.anna, row, place="Online")
    assert await office.jobs("invitation") == []
    page = await office.browser.open(f"/interactions/{row.id}/guests")
    assert "Not everybody who is invited knows" in page.text
    await office.invite(row)
    await office.deliver()
    second = office.sent(ZOE)[1]
    assert second["Subject"] == "Değişti: Offer"
    assert (event(second)["SEQUENCE"], str(event(second)["LOCATION"])) == (1, "Online")
    assert event(second)["ATTENDEE"].params["PARTSTAT"] == "ACCEPTED"
    assert (await office.guest(row)).response == "accepted"

    office.house.clock.move(minutes=5)
    moved = TEN + timedelta(days=1)
    await office.diary.change(office.anna, row, start_at=moved, end_at=moved + timedelta(hours=1))
    await office.invite(row)
    await office.deliver()
    third = event(office.sent(ZOE)[2])
    assert (third["SEQUENCE"], third["DTSTART"].dt) == (2, moved)
    assert third["UID"] == first["UID"]
    assert await office.responses(row) == {None}
    # She has answered to the earlier time just before she read of the new one.
    await office.came(reply(first, "ACCEPTED", office.house.clock() + timedelta(minutes=1)))
    assert await office.responses(row) == {None}
    await office.came(reply(third, "DECLINED", office.house.clock() + timedelta(minutes=2)))
    assert "declined" in await office.responses(row)


async def test_whoever_is_not_meant_any_more_is_told_and_so_is_everybody_of_what_is_off(
    office: Inviting,
) -> None:
    row = await office.meeting()
    await office.invite(row)
    await office.deliver()
    ali = await office.guest(row, ALI)
    await office.diary.change(office.anna, row, participants=[Taking(contact_id=office.zoe.id)])
    await office.deliver()

    off = office.sent(ALI)[1]
    assert off["Subject"] == "Called off: Offer"
    assert (str(event(off)["STATUS"]), event(off)["SEQUENCE"]) == ("CANCELLED", 1)
    assert len(office.sent(ZOE)) == 1
    browser = await office.house.browser()
    assert (await browser.open(f"/invitation/{ali.token}")).status == 404
    # What he still answers is a letter like any other.
    await office.came(reply(event(off), "ACCEPTED", office.house.clock(), sender=ALI))
    assert await office.responses(row) == {None}

    zoe = await office.guest(row)
    async with office.database.write() as session:
        await saving.set_aside(office.diary._deed(session, office.anna), row.id)
    await office.deliver()
    assert office.sent(ZOE)[1]["Subject"] == "İptal edildi: Offer"
    assert (await browser.open(f"/invitation/{zoe.token}")).status == 404
    async with office.database.write() as session:
        await saving.restore(office.diary._deed(session, office.anna), row.id)
    await office.invite(row)
    await office.deliver()
    assert (event(office.sent(ZOE)[2])["SEQUENCE"], str(event(office.sent(ZOE)[2])["STATUS"])) == (
        3, "CONFIRMED",
    )  # fmt: skip

    # Of what has passed nobody is told.
    office.house.clock.move(days=365 * 8)
    await office.diary.change(office.anna, row, status="cancelled", result_note="Ill")
    await office.deliver()
    assert len(office.sent(ZOE)) == 3


async def test_a_guest_answers_by_the_link_of_his_letter_by_pressing_and_not_by_looking(
    office: Inviting,
) -> None:
    row = await office.meeting()
    await office.invite(row)
    await office.deliver()
    guest, browser = await office.guest(row), await office.house.browser()
    address = f"/invitation/{guest.token}"

    seen = await browser.open(f"{address}?answer=accepted")
    assert (seen.status, '<html lang="tr"' in seen.text) == (200, True)
    assert "09:00–10:00 (Europe/Istanbul)" in seen.text
    assert 'value="accepted" required checked' in seen.text
    assert await office.responses(row) == {None}
    thanks = await browser.request("POST", address, data={"answer": "tentative"})
    assert (thanks.status, "notice--good" in thanks.text) == (200, True)
    assert await office.responses(row) == {"tentative", None}
    assert await office.notices("answer") == ["? Zoë Əliyeva · Offer"]
    for wrong in ("", "yes"):
        assert (await browser.request("POST", address, data={"answer": wrong})).status == 422
    # The newer of two ways holds.
    asked = event(office.sent(ZOE)[0])
    await office.came(reply(asked, "DECLINED", office.house.clock() - timedelta(hours=1)))
    assert (await office.guest(row)).response == "tentative"
    file = await browser.open(f"{address}/meeting.ics")
    assert file.headers["Content-Type"].startswith("text/calendar")
    assert f"UID:interaction-{row.id}@callcenter" in file.text
    assert (await browser.open("/invitation/guessed")).status == 404

    office.house.clock.move(days=365 * 8)
    over = await browser.open(address)
    await browser.request("POST", address, data={"answer": "accepted"})
    assert f'action="{address}"' not in over.text
    assert (await office.guest(row)).response == "tentative"
    statuses = [(await browser.open(address)).status for _ in range(40)]
    assert statuses[-1] == 429


async def test_a_colleague_answers_in_the_page_and_an_open_form_does_not_undo_it(
    office: Inviting,
) -> None:
    orxan = await office.house.person("orxan", locale="en", email="orxan@dalga.example")
    row = await office.meeting(Taking(user_id=orxan.id))
    await office.invite(row)
    await office.deliver()
    (letter,) = office.sent("orxan@dalga.example")
    text = letter.get_body(("plain",))
    assert text is not None
    assert f"{SITE}/interactions/{row.id}\n" in text.get_content()
    theirs = await office.house.signed_in("orxan")
    form = await office.browser.open(f"/interactions/{row.id}/edit")

    page = await theirs.open(f"/interactions/{row.id}/guests")
    assert page.text.count('name="answer"') == 3
    answered = await theirs.submit(f"/interactions/{row.id}/answer", {"answer": "declined"})
    assert answered.status == 303
    assert await office.notices("answer") == ["✗ Orxan · Offer"]
    assert (await office.guest(row, "orxan@dalga.example")).response == "declined"
    # Anna has had the form open meanwhile.
    people = {"contact": str(office.zoe.id), "user": "", "text": "", "point": "", "response": ""}
    sent = [(f"person_{name}", value) for name, value in people.items()]
    sent += [
        (f"person_{name}", value)
        for name, value in (people | {"contact": "", "user": str(orxan.id)}).items()
    ]
    values = {
        "kind": "meeting", "subject": "Offer", "start_at": form.value("start_at"), "minutes": "60",
        "place": "Nizami 5", "priority": "normal", "owner_id": str(office.anna.id),
        "version": form.value("version"), "csrf_token": office.browser.token,
    }  # fmt: skip
    saved = await office.browser.request(
        "POST", f"/interactions/{row.id}/edit", data=[*values.items(), *sent],
        headers={"Origin": office.browser.origin},
    )  # fmt: skip
    assert saved.status == 303, saved.text
    assert "declined" in await office.responses(row)
    # Whoever only reads of somebody else's meeting is shown nothing of invitations.
    other = await office.diary.add(orxan, Taking(contact_id=office.zoe.id), start_at=TEN)
    await office.may(interaction={"create": "own", "read": "all", "edit": "own"})
    nothing = await office.browser.open(f"/interactions/{other.id}/guests")
    assert (nothing.status, nothing.text) == (200, "")
    # Who is not invited has nothing to answer.
    own = await office.browser.submit(f"/interactions/{row.id}/answer", {"answer": "accepted"})
    assert own.status == 404


async def test_the_page_tells_no_more_of_guests_than_its_reader_may_know(office: Inviting) -> None:
    lead = await office.house.person("leyla", locale="en")
    row = await office.meeting(Taking(user_id=lead.id))
    await office.invite(row)
    await office.deliver()
    reads = {"interaction": {"read": "own"}, "contact": {"read": "none"}}
    await office.may(**reads)
    theirs = await office.house.signed_in("leyla")
    page = await theirs.open(f"/interactions/{row.id}/guests")
    assert "Another customer" in page.text
    assert "Zoë" not in page.text
    assert ZOE not in page.text
    async with office.database.write() as session:
        hidden = {"contact": {"email": "hidden", "points": "hidden"}}
        await session.execute(update(Role).where(Role.key == "agent").values(fields=hidden))
    page = await theirs.open(f"/interactions/{row.id}/guests")
    assert ALI not in page.text
    assert "Ali" in page.text


async def test_who_drags_a_meeting_is_asked_whether_its_guests_are_told(office: Inviting) -> None:
    row, alone = await office.meeting(), await office.diary.add(office.anna, start_at=TEN)
    await office.invite(row)
    await office.deliver()
    for moved in (row, alone):
        held = await office.diary.stored(moved)
        page = await office.browser.submit(
            "/calendar/move",
            {"id": str(moved.id), "version": str(held.version), "to": "2030-06-05T12:00", "next": "/calendar?span=week&day=2030-06-05"},
        )  # fmt: skip
        assert (page.status, "moved=" in page.location) == (303, moved is row)
        if moved is row:
            asking = await office.browser.open(page.location)
    assert "Offer was moved. Its guests know of the earlier time." in asking.text
    assert len(office.sent(ZOE)) == 1
    told = await office.browser.submit(
        f"/interactions/{row.id}/guests", {"next": "/calendar?span=week&day=2030-06-05"}
    )
    assert told.location.startswith("/calendar")
    await office.deliver()
    assert event(office.sent(ZOE)[1])["DTSTART"].dt == TEN + timedelta(days=1, hours=2)
    assert "was moved" not in (await office.browser.open(page.location)).text


async def test_merged_guests_are_still_guests_and_forgotten_ones_leave_nothing(
    office: Inviting,
) -> None:
    row = await office.meeting()
    await office.invite(row)
    await office.deliver()
    async with office.database.write() as session:
        await session.execute(
            update(Contact).where(Contact.id == office.zoe.id).values(name="Zoë Aslan")
        )
        await session.execute(
            update(ContactPoint).values(value="zoe@new.example", norm="zoe@new.example")
        )
    # Her address has changed: she is the same guest, and is told at the new one.
    await office.diary.change(office.anna, row, place="Online")
    await office.deliver()
    await office.invite(row)
    await office.deliver()
    assert len(office.sent("zoe@new.example")) == 1
    async with office.database.read() as session:
        everybody = list(await session.scalars(select(Guest.address).order_by(Guest.address)))
    assert everybody == [ALI, "zoe@new.example"]


async def test_the_whole_circle_goes_by_a_real_mailbox(
    office: Inviting, post: Post, tmp_path: Path
) -> None:
    async with office.database.write() as session:
        account = await session.get_one(MailAccount, office.account.id)
        account.imap_host, account.imap_port, account.imap_security = "127.0.0.1", post.port, "none"
        account.username = post.user
        account.secret_ref = secret_files.keep(PASSWORD, "mail", tmp_path)
    row = await office.meeting()
    await office.invite(row)
    await office.deliver()
    asked = event(office.sent(ZOE)[0])
    post.put(
        reply(asked, "DECLINED", office.house.clock(), sender="stranger@far.example", attendee=ZOE),
        reply(asked, "ACCEPTED", office.house.clock()),
    )
    answered = asyncio.Event()
    boxes = Boxes(
        office.database, tmp_path, office.house.clock,
        lambda _: answered.set(),
    )  # fmt: skip
    reading = asyncio.create_task(boxes.run())
    try:
        async with asyncio.timeout(TEST_LIMIT_S):
            while (await office.guest(row)).response is None:
                answered.clear()
                await answered.wait()
    finally:
        reading.cancel()
        await asyncio.wait([reading])
    assert (await office.guest(row)).response == "accepted"
    assert await office.notices("answer") == ["✓ Zoë Əliyeva · Offer"]

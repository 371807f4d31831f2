"""What comes into a mailbox comes into the house: all of it, each letter once, where it belongs."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from callcenter.crm.contacts.models import Contact, ContactPoint
from callcenter.crm.privacy import dossier, erasing
from callcenter.db import Database, new_id
from callcenter.entity.files import Folder
from callcenter.entity.models import File
from callcenter.interactions.models import Interaction, Participant
from callcenter.mail import storing
from callcenter.mail.boxes import Boxes
from callcenter.mail.imap import folder_name
from callcenter.mail.models import Letter, MailAccount, MailCursor
from callcenter.mail.reading import read
from callcenter.mail.storing import Box
from callcenter.notices.models import Notification
from callcenter.server import secret_files
from callcenter.server.actor import SYSTEM
from tests.fixtures.customers import Office
from tests.fixtures.dovecot import PASSWORD, Post
from tests.mail.test_reading import REPORT

TEST_LIMIT_S = 40
NOW = datetime.now(UTC).replace(microsecond=0)


@pytest.fixture
def sqlite_office(sqlite_database: Database) -> Office:
    return Office(sqlite_database)


def letter(number: int, text: str = "Salam", **headers: str) -> bytes:
    message = EmailMessage()
    told = {
        "From": "Zoë <zoe@example.az>", "To": "info@dalga.example", "Subject": f"Sual {number}",
        "Message-ID": f"<{number}@example.az>", "Date": format_datetime(NOW - timedelta(hours=1)),
    } | {name.replace("_", "-"): value for name, value in headers.items()}  # fmt: skip
    for name, value in told.items():
        message[name] = value
    message.set_content(text)
    return message.as_bytes()


async def account_of(office: Office, data: Path, post: Post | None = None, **facts: Any) -> Any:
    account = MailAccount(
        id=new_id(NOW.timestamp()), name=facts.pop("name", "Info"), address="info@dalga.example",
        imap_host="127.0.0.1" if post else "", imap_port=post.port if post else 993,
        imap_security="none", username=post.user if post else "", created_at=NOW, updated_at=NOW,
        secret_ref=secret_files.keep(PASSWORD, "mail", data), **facts,
    )  # fmt: skip
    async with office.database.write() as session:
        session.add(account)
    return account


@asynccontextmanager
async def reading(database: Database, data: Path) -> AsyncIterator[Boxes]:
    boxes = Boxes(database, data, lambda: NOW, lambda _: None, retry_s=0.2)
    running = asyncio.create_task(boxes.run())
    try:
        yield boxes
    finally:
        running.cancel()
        await asyncio.wait([running])


async def until(database: Database, query: Any, is_so: Callable[[Any], bool]) -> Any:
    """Wait until what a query returns is so."""
    async with asyncio.timeout(TEST_LIMIT_S):
        while True:
            async with database.read() as session:
                found = (await session.scalars(query)).all()
            if is_so(found):
                return found
            await asyncio.sleep(0.05)


async def subjects(database: Database, count: int) -> list[str]:
    rows = await until(
        database,
        select(Interaction.subject).where(Interaction.kind == "email").order_by(Interaction.id),
        lambda found: len(found) >= count,
    )
    return list(rows)


async def store(database: Database, account: Any, data: Path, raw: bytes) -> Any:
    async with database.write() as session:
        made = await storing.store(session, Box(account, Folder(data)), read(raw), raw, NOW)
        return None if made is None else await session.get_one(Interaction, made)


async def test_letters_come_in_once_however_the_mailbox_is_turned_round(
    office: Office, post: Post, tmp_path: Path
):
    database = office.database
    zoe = await office.contact("Zoë Əliyeva", email="zoe@example.az")
    account = await account_of(office, tmp_path, post)
    await asyncio.to_thread(post.put, letter(1), letter(2, In_Reply_To="<1@example.az>"))

    async with reading(database, tmp_path):
        assert await subjects(database, 2) == ["Sual 1", "Sual 2"]
        # A new one is pushed; the same again, as copied by its owner, is not taken twice.
        await asyncio.to_thread(post.put, letter(1), letter(3))
        assert await subjects(database, 3) == ["Sual 1", "Sual 2", "Sual 3"]

    # All letters get new numbers, and somebody wrote meanwhile.
    await asyncio.to_thread(post.do, "create", "Old")
    await asyncio.to_thread(post.do, "delete", "Old")
    async with database.write() as session:
        cursor = await session.get_one(MailCursor, account.id)
        cursor.uid_validity += 1
    await asyncio.to_thread(post.put, letter(4))
    async with reading(database, tmp_path):
        assert await subjects(database, 4) == [f"Sual {number}" for number in (1, 2, 3, 4)]

    async with database.read() as session:
        rows = (await session.scalars(select(Interaction).order_by(Interaction.id))).all()
        people = (
            await session.scalars(select(Participant).where(Participant.role == "from"))
        ).all()
        known = await session.get_one(Contact, zoe.id)
    assert {row.thread_id for row in rows[:2]} == {rows[0].id}
    assert {(one.contact_id, one.certainty) for one in people} == {(zoe.id, "known")}
    assert rows[0].body == "Salam"
    assert (rows[0].direction, rows[0].status) == ("in", "held")
    assert rows[0].start_at == known.last_contact_at == NOW - timedelta(hours=1)
    assert await asyncio.to_thread(post.unseen) == 5


async def test_what_stands_in_the_way_is_written_down_and_passes(
    sqlite_office: Office, post: Post, tmp_path: Path
):
    database, folder = sqlite_office.database, "Müştərilər"
    account = await account_of(sqlite_office, tmp_path, post, folder=folder)
    written = f'"{folder_name(folder)}"'
    state = select(MailCursor).where(MailCursor.account_id == account.id)

    async with reading(database, tmp_path):
        (cursor,) = await until(database, state, lambda rows: bool(rows) and rows[0].trouble)
        assert (cursor.trouble, bool(cursor.says)) == ("folder", True)
        await asyncio.to_thread(post.do, "create", written)
        await asyncio.to_thread(post.put, letter(1), folder=written)
        assert await subjects(database, 1) == ["Sual 1"]
        (cursor,) = await until(database, state, lambda rows: rows[0].read_at is not None)
        assert (cursor.trouble, cursor.failed_at) == (None, None)

        # The folder is renamed under a reader: the next look finds it gone, and says so.
        await asyncio.to_thread(post.do, "rename", written, "Elsewhere")
        async with database.write() as session:
            (await session.get_one(MailAccount, account.id)).version += 1
    async with reading(database, tmp_path):
        (cursor,) = await until(database, state, lambda rows: rows[0].trouble is not None)
        assert cursor.trouble == "folder"


async def test_a_letter_of_25_mb_and_a_broken_one_are_kept_whole(
    sqlite_office: Office, post: Post, tmp_path: Path
):
    database = sqlite_office.database
    await account_of(sqlite_office, tmp_path, post)
    large = EmailMessage()
    large["Message-ID"], large["Subject"] = "<large@example.az>", "Plan"
    large.set_content("Plan")
    large.add_attachment(
        b"x" * 18_000_000, maintype="application", subtype="pdf", filename="plan.pdf"
    )
    broken = (
        b"Message-ID: <broken@example.az>\nSubject: Broken\n"
        b"Content-Type: multipart/mixed; boundary=B\n\n--B\n\nbegins\n"
    )
    await asyncio.to_thread(post.put, large.as_bytes(), broken, letter(3))

    async with reading(database, tmp_path):
        assert await subjects(database, 3) == ["Plan", "Broken", "Sual 3"]

    async with database.read() as session:
        files = (await session.scalars(select(File).order_by(File.id))).all()
    assert [(file.name, file.size > 17_000_000) for file in files] == [
        ("plan.pdf", True), ("letter.eml", False),
    ]  # fmt: skip
    kept = Folder(tmp_path).path(files[1].sha256).read_bytes()
    assert kept.replace(b"\r\n", b"\n") == broken


async def test_whose_letter_it_is_follows_from_the_mailbox_and_the_matter(
    sqlite_office: Office, tmp_path: Path
):
    office, database = sqlite_office, sqlite_office.database
    anna = await office.user("Anna")
    await office.contact("A", email="shared@example.az")
    other = await office.contact("B", email="shared@example.az")
    own = await account_of(office, tmp_path, name="Anna", owner_id=anna.id)
    everybodys = await account_of(office, tmp_path, name="All")

    first = await store(database, own, tmp_path, letter(1, To="info@dalga.example, x@far.example"))
    shared = await store(database, everybodys, tmp_path, letter(2, From="shared@example.az"))
    async with database.write() as session:
        sender = await session.scalar(
            select(Participant).where(Participant.interaction_id == shared.id)
        )
        assert sender is not None
        unsure = sender.contact_id
        sender.contact_id = other.id
        shared_row = await session.get_one(Interaction, shared.id)
        shared_row.owner_id = anna.id
    answer = await store(
        database, everybodys, tmp_path,
        letter(3, From="shared@example.az", References="<none@x> <2@example.az>"),
    )  # fmt: skip
    program = await store(database, everybodys, tmp_path, letter(4, Auto_Submitted="auto-replied"))
    again = await store(database, own, tmp_path, letter(1))

    async with database.read() as session:
        rows = {row.interaction_id: row for row in (await session.scalars(select(Letter))).all()}
        told = (await session.scalars(select(Notification.entity_id))).all()
        people = (
            await session.execute(
                select(Participant.role, Participant.user_id, Participant.point).where(
                    Participant.interaction_id == first.id
                )
            )
        ).all()
        linked = await session.scalar(
            select(Participant.contact_id).where(Participant.interaction_id == answer.id)
        )
    assert (first.owner_id, shared.owner_id, answer.owner_id) == (anna.id, None, anna.id)
    assert (unsure, linked) == (None, other.id)
    assert again is None
    assert set(people) == {
        ("from", None, "zoe@example.az"), ("to", anna.id, "info@dalga.example"),
        ("to", None, "x@far.example"),
    }  # fmt: skip
    assert [rows[row.id].to_answer for row in (first, shared, answer, program)] == [
        True, True, True, False,
    ]  # fmt: skip
    assert set(told) == {first.id, answer.id}


async def test_a_letter_that_came_back_is_marked_and_a_dead_address_too(
    sqlite_office: Office, tmp_path: Path
):
    office, database = sqlite_office, sqlite_office.database
    anna = await office.user("Anna")
    await office.contact("Zoë", email="zoe@example.az")
    await office.contact("Full", email="full@example.az")
    account = await account_of(office, tmp_path, owner_id=anna.id)
    ours = await store(
        database, account, tmp_path,
        letter(1, From="info@dalga.example", To="zoe@example.az", Message_ID="<17@dalga.example>"),
    )  # fmt: skip

    report = await store(database, account, tmp_path, REPORT)
    stray = await store(
        database, account, tmp_path,
        REPORT.replace(b"<17@", b"<18@").replace(b"<report@", b"<stray@"),
    )  # fmt: skip

    async with database.read() as session:
        row = await session.get_one(Letter, ours.id)
        points = (
            await session.execute(select(ContactPoint.norm, ContactPoint.invalid_at.is_not(None)))
        ).all()
        told = await session.scalar(select(func.count()).select_from(Notification))
    assert ours.direction == "out"
    assert report is None
    assert (row.state, "no such user" in (row.says or "")) == ("bounced", True)
    assert set(points) == {("zoe@example.az", True), ("full@example.az", False)}
    assert told == 1
    # Of a letter that is none of ours it tells nobody anything, so it is kept as it is.
    assert stray is not None


async def test_nothing_of_what_a_letter_says_runs_or_is_lost(sqlite_office: Office, tmp_path: Path):
    database = sqlite_office.database
    account = await account_of(sqlite_office, tmp_path)
    message = EmailMessage()
    message["Message-ID"], message["From"] = "<html@example.az>", "zoe@example.az"
    message.set_content("<p>Salam<script>x</script><img src='cid:l'></p>", subtype="html")
    message.add_related(b"\x89PNG1", "image", "png", cid="<l>")
    row = await store(database, account, tmp_path, message.as_bytes())

    async with database.read() as session:
        kept = await session.get_one(Letter, row.id)
        file = await session.scalar(select(File).where(File.entity_id == row.id))
    assert file is not None
    assert (row.body, row.subject) == ("Salam", None)
    assert f'src="/interactions/{row.id}/files/{file.id}?show"' in kept.html
    assert "script" not in kept.html


async def test_a_customers_letters_are_given_out_and_forgotten_with_him(
    sqlite_office: Office, tmp_path: Path
):
    database = sqlite_office.database
    zoe = await sqlite_office.contact("Zoë", email="zoe@example.az")
    account = await account_of(sqlite_office, tmp_path)
    message = EmailMessage()
    message["Message-ID"], message["From"] = "<secret@example.az>", "Zoë <zoe@example.az>"
    message.set_content("<p>Salam</p>", subtype="html")
    message.add_attachment(b"%PDF", maintype="application", subtype="pdf", filename="pasport.pdf")
    row = await store(database, account, tmp_path, message.as_bytes())

    async with database.write() as session:
        told = await dossier.collect(session, zoe.id)
        erased = await erasing.erase(session, zoe.id, NOW, SYSTEM)
    again = await store(database, account, tmp_path, message.as_bytes())

    async with database.read() as session:
        kept = await session.get_one(Letter, row.id)
        files = await session.scalar(select(func.count()).select_from(File))
    assert told.rows["letter"][0]["html"] == "<p>Salam</p>\n"
    assert (kept.html, kept.addresses, files) == ("", {}, 0)
    assert len(erased.files) == 1
    assert again is None

"""A copy of what was sent stands in the mailbox, once, whatever happens in between."""

import asyncio
import imaplib
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from sqlalchemy import select

from callcenter.agents.models import User
from callcenter.db import Database, new_id
from callcenter.interactions.models import Interaction
from callcenter.jobs import Job
from callcenter.mail import sending
from callcenter.mail.filing import sent_among
from callcenter.mail.imap import folder_name
from callcenter.mail.models import Letter, MailAccount
from callcenter.settings import Settings
from tests.fixtures.customers import NOW, Office
from tests.fixtures.dovecot import PASSWORD, Post
from tests.fixtures.mail import Letterbox
from tests.mail.test_fetching import account_of

SENT = folder_name("Gedənlər")


def copies(post: Post, folder: str = SENT) -> list[tuple[bytes, bytes]]:
    """Return (flags, letter) of what stands in a folder."""
    line = imaplib.IMAP4("127.0.0.1", post.port, timeout=20)
    line.login(post.user, PASSWORD)
    line.select(f'"{folder}"', readonly=True)
    found = line.fetch("1:*", "(FLAGS BODY.PEEK[])")[1]
    line.logout()
    return [(one[0], one[1]) for one in found if isinstance(one, tuple)]


@pytest.mark.parametrize(
    ("lines", "wanted"),
    [
        ([], None),
        ([b'(\\HasNoChildren) "/" INBOX', b"LIST completed."], None),
        # What the server says counts for more than what something is called.
        ([b'(\\HasNoChildren) "/" Sent', b'(\\HasNoChildren \\Sent) "/" "Out; box"'], '"Out; box"'),
        ([b'LIST (\\HasNoChildren) "." INBOX.Sent'], '"INBOX.Sent"'),
        ([b'(\\Noselect \\Sent) "/" Sent', b'() "/" "Sent Items"'], '"Sent Items"'),
        ([b'(\\Sent) NIL "a\\"b"'], '"a\\"b"'),
        ([b'() "/" Presents', b"nonsense"], None),
    ],
)
def test_the_folder_is_the_one_the_server_names_or_one_that_is_named_so(
    lines: list[bytes], wanted: str | None
) -> None:
    assert sent_among(lines) == wanted


async def written(office: Office, account: MailAccount, user: User) -> int:
    row = Interaction(
        id=new_id(NOW.timestamp()), kind="email", direction="out", status="held", start_at=NOW,
        subject="Təklif", body="Salam", owner_id=user.id, custom={}, created_at=NOW, updated_at=NOW,
    )  # fmt: skip
    async with office.database.write() as session:
        session.add(row)
        await session.flush()
        session.add(
            Letter(
                interaction_id=row.id, account_id=account.id, message_id=f"<{row.id}@dalga.example>",
                addresses={"to": ["zoe@example.az"], "bcc": ["unseen@example.az"]}, state="waiting",
                at=NOW, state_at=NOW,
            )
        )  # fmt: skip
    return row.id


async def test_what_was_sent_is_kept_once_and_read_and_not_where_nobody_wants_it(
    sqlite_database: Database, tmp_path: Path, post: Post, letterbox: Letterbox
) -> None:
    office = Office(sqlite_database)
    user = await office.user("Anna")
    settings = Settings(data=str(tmp_path), smtp_url=letterbox.url)
    sender = sending.Sender(sqlite_database, settings, lambda: NOW, lambda _: None)
    account = await account_of(office, tmp_path, post)
    other = await account_of(office, tmp_path, post, name="Other", sent_copy=False)
    ids = [await written(office, one, user) for one in (account, account, other)]
    for row_id in ids:
        await sender.letter(Job(payload={"interaction": row_id}, attempts=1))
    async with sqlite_database.read() as session:
        jobs = list(await session.scalars(select(Job).where(Job.kind == sending.COPY)))
    assert {job.payload["interaction"] for job in jobs} == set(ids[:2])

    for job in jobs:
        # The second time as if we had been killed before it counted as done.
        await sender.copy(job)
        await sender.copy(job)

    kept = await asyncio.to_thread(copies, post)
    messages = [message_from_bytes(raw, policy=policy.default) for _, raw in kept]
    assert {message["Message-ID"] for message in messages} == {
        f"<{row_id}@dalga.example>" for row_id in ids[:2]
    }
    assert len(kept) == 2
    assert all(b"\\Seen" in flags for flags, _ in kept)
    assert messages[0]["Subject"] == "Təklif"
    assert "unseen" not in str(messages[0])

"""`callcenter doctor` says of every mailbox and mail server whether letters come and go."""

from datetime import timedelta
from pathlib import Path

from sqlalchemy import update

from callcenter.db import Database
from callcenter.doctor.mail import examine_mail
from callcenter.mail.models import MailAccount, MailCursor
from callcenter.settings import Settings
from tests.fixtures.customers import Office
from tests.fixtures.dovecot import Post
from tests.fixtures.mail import Letterbox
from tests.fixtures.postgres import free_port
from tests.mail.test_fetching import NOW, account_of


async def told(database: Database, settings: Settings) -> list[tuple[str, str]]:
    found = await examine_mail(database, settings, NOW)
    assert all(one.text("cost") and one.text("remedy") for one in found if one.state != "good")
    return [(one.state, one.text("sentence")) for one in found]


async def test_mailboxes_and_servers_are_tried_as_the_service_would(
    sqlite_database: Database, tmp_path: Path, post: Post, letterbox: Letterbox
) -> None:
    office, shut = Office(sqlite_database), free_port()
    plain = Settings(data=str(tmp_path))
    assert await told(sqlite_database, plain) == [("note", "No mail server is set up.")]

    read = await account_of(office, tmp_path, post, name="A")
    stale = await account_of(office, tmp_path, post, name="B")
    await account_of(office, tmp_path, post, name="C")
    await account_of(
        office, tmp_path, name="D", smtp_host="127.0.0.1", smtp_port=shut, smtp_security="none"
    )
    await account_of(office, tmp_path, post, name="E", active=False)
    async with sqlite_database.write() as session:
        for account, minutes in ((read, 5), (stale, 90)):
            session.add(
                MailCursor(
                    account_id=account.id, folder="INBOX", uid_validity=1, last_uid=0,
                    read_at=NOW - timedelta(minutes=minutes),
                )
            )  # fmt: skip
        await session.execute(
            update(MailAccount).where(MailAccount.name == "C").values(secret_ref="env:NOWHERE")
        )
    known = Settings(data=str(tmp_path), smtp_url=letterbox.url)
    own, *boxes = await told(sqlite_database, known)

    assert own == ("good", "smtp_url: letters can be sent.")
    assert [state for state, _ in boxes] == ["good", "missing", "missing", "missing"]
    assert "A: the mailbox can be opened; it was last read" in boxes[0][1]
    assert "B: the mailbox can be opened, but the service has not read it" in boxes[1][1]
    assert boxes[2][1].startswith("C: the mailbox cannot be opened. The password of this mailbox")
    assert boxes[3][1].startswith("D: letters cannot be sent. The server for sending does not")
    gone = Settings(data=str(tmp_path), smtp_url=f"smtp://127.0.0.1:{shut}")
    assert (await told(sqlite_database, gone))[0][0] == "missing"

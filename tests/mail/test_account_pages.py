"""Administrators set mailboxes up, and are told in sentences what does not fit."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from callcenter.db import Database
from callcenter.mail import account_pages
from callcenter.mail.keys import LOOK
from callcenter.mail.models import MailAccount, MailCursor
from callcenter.settings import Settings
from tests.fixtures.dovecot import PASSWORD, Post
from tests.fixtures.house import Browser, House, house_on
from tests.fixtures.mail import Letterbox

LOOKED: list[bool] = []


@pytest.fixture
async def mail_house(sqlite_database: Database, tmp_path: Path) -> AsyncIterator[House]:
    LOOKED.clear()
    held = {LOOK: lambda: LOOKED.append(True)}
    async with house_on(
        sqlite_database, tmp_path, settings=Settings(data=str(tmp_path), language="en"),
        routes=account_pages.routes, held=held,
    ) as house:  # fmt: skip
        await house.person("admin", "admin")
        await house.person("anna")
        yield house


def typed(**values: str) -> dict[str, str]:
    plain = {
        "name": "Info", "address": "Info@Dalga.example", "sender": "Dalğa", "imap_host": "",
        "imap_port": "993", "imap_security": "tls", "username": "info", "secret": PASSWORD,
        "folder": "INBOX", "days": "30", "smtp_host": "", "smtp_port": "465",
        "smtp_security": "tls", "signature": "Hörmətlə,\n{user}", "active": "1",
    }  # fmt: skip
    return plain | values


async def only(house: House) -> MailAccount:
    async with house.database.read() as session:
        account = await session.scalar(select(MailAccount))
    assert account is not None
    return account


async def added(browser: Browser, **values: str) -> str:
    page = await browser.submit("/admin/mail", typed(**values))
    assert page.status == 303, page.text
    return page.location.partition("?")[0]


async def test_a_mailbox_is_set_up_tried_and_changed(
    mail_house: House, post: Post, letterbox: Letterbox, tmp_path: Path
):
    browser = await mail_house.signed_in("admin")
    assert "No account yet" in (await browser.open("/admin/mail")).text
    where = await added(
        browser, imap_host="127.0.0.1", imap_port=str(post.port), imap_security="none",
        username=post.user, smtp_host="127.0.0.1", smtp_port=str(letterbox.port),
        smtp_security="none", smtp_username="", smtp_secret="",
    )  # fmt: skip
    account = await only(mail_house)
    shown = await browser.open(where)
    fetched = await browser.submit(f"{where}/test")

    assert (account.address, account.signature) == ("info@dalga.example", "Hörmətlə,\n{user}")
    assert account.secret_ref == f"file:secrets/mail-{account.id}-imap"
    kept = tmp_path / "secrets" / f"mail-{account.id}-imap"
    assert (kept.read_text(), kept.stat().st_mode & 0o777) == (PASSWORD, 0o600)
    assert PASSWORD not in shown.text.replace("&#34;", '"')
    assert "Letters can be fetched" in fetched.text
    # The catcher knows no passwords, so it is told what the server for sending said to one.
    assert "The server for sending refuses user or password." in fetched.text

    again = typed(name="Office", secret="", version=shown.value("version"), folder="None")
    again |= {"imap_host": "127.0.0.1", "imap_port": str(post.port), "imap_security": "none"}
    assert (await browser.submit(where, again | {"username": post.user})).status == 303
    assert (await only(mail_house)).name == "Office"
    missing = await browser.submit(f"{where}/test")
    assert "There is no such folder in the mailbox." in missing.text
    assert "the installation itself has none" in missing.text
    assert len(LOOKED) == 2

    stale = await browser.submit(where, again | {"username": post.user, "name": "Third"})
    assert stale.status == 409
    assert "Third" in stale.text


async def test_what_does_not_fit_is_said_and_what_was_typed_stays(mail_house: House):
    browser = await mail_house.signed_in("admin")
    await added(browser)
    page = await browser.submit(
        "/admin/mail",
        typed(
            address="nobody", imap_host="https://x", imap_port="0", imap_security="none",
            username="", secret="env:HOME", days="99999", signature="Mənim imzam",
        ),
    )  # fmt: skip
    far = await browser.submit(
        "/admin/mail", typed(name="Far", imap_host="imap.example.az", imap_security="none")
    )

    assert (page.status, far.status) == (422, 422)
    for sentence in (
        "Another mail account has this name already.", "Write the name of the mail server only",
        "A port is a number from 1 to 65535.", "CALLCENTER_…_SECRET", "from 0 to 3650",
        "Mənim imzam",
    ):  # fmt: skip
        assert sentence in page.text
    assert "Without TLS only a mailbox of this very machine" in far.text


async def test_the_list_tells_how_each_mailbox_stands(mail_house: House):
    browser = await mail_house.signed_in("admin")
    await added(browser, imap_host="imap.example.az")
    await added(browser, name="Sends", imap_host="")
    account = await only(mail_house)
    assert "Not read yet" in (await browser.open("/admin/mail")).text
    async with mail_house.database.write() as session:
        session.add(
            MailCursor(
                account_id=account.id, folder="INBOX", uid_validity=1, last_uid=0,
                trouble="sign-in", says="no", failed_at=mail_house.clock(),
                read_at=mail_house.clock() - timedelta(hours=2),
            )
        )  # fmt: skip
    page = await browser.open("/admin/mail")

    for told in ("Fails", "refuses user or password", "Only sends"):
        assert told in page.text
    assert "refuses user or password" in (await browser.open(f"/admin/mail/{account.id}")).text


async def test_mailboxes_are_the_administrations(mail_house: House):
    browser = await mail_house.signed_in("anna")

    assert (await browser.open("/admin/mail")).status == 403
    assert (await browser.submit("/admin/mail", typed())).status == 403

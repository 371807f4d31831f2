"""Whether letters come and go: each mailbox is opened, each server for sending asked, as the service would."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select

from callcenter.ami.doctor import Finding
from callcenter.db import Database
from callcenter.mail import trying
from callcenter.mail.models import MailAccount, MailCursor
from callcenter.post import smtp
from callcenter.post.smtp import PostError
from callcenter.settings import Settings


def _(message: str) -> str:
    return message


#: The service looks into each mailbox more often than this.
STALE: Final = timedelta(minutes=30)

FETCHES = _("{name}: the mailbox can be opened; it was last read {when}.")
FETCHES_NOT = _("{name}: the mailbox cannot be opened. {why}")
FETCHES_NOT_COST = _("What is written to {address} does not come in.")
FETCHES_NOT_REMEDY = _("Look under Administration → E-mail, and try what is saved. {says}")
STALE_BOX = _("{name}: the mailbox can be opened, but the service has not read it: {when}.")
STALE_REMEDY = _("Look whether the service runs, and at its log.")
NEVER: Final = "never"
SENDS = _("{name}: letters can be sent.")
SENDS_NOT = _("{name}: letters cannot be sent. {why}")
SENDS_NOT_COST = _("Letters wait, and are given up after most of a day.")
NO_SERVER = _("No mail server is set up.")
NO_SERVER_COST = _("Nobody is told of anything by e-mail, and no password is set anew by letter.")
NO_SERVER_REMEDY = _("Name one in the setting smtp_url.")
OWN: Final = "smtp_url"


async def examine_mail(database: Database, known: Settings, at: datetime) -> list[Finding]:
    """Say of every mailbox whether it can be read and written to, and of our own server."""
    async with database.read() as session:
        rows = await session.execute(
            select(MailAccount, MailCursor)
            .outerjoin(MailCursor, MailCursor.account_id == MailAccount.id)
            .where(MailAccount.active, MailAccount.deleted_at.is_(None))
            .order_by(MailAccount.name)
        )
        accounts = [(account, cursor) for account, cursor in rows]
    looks = [_own(known), *(_account(account, cursor, known, at) for account, cursor in accounts)]
    return [one for found in await asyncio.gather(*looks) for one in found]


async def _own(known: Settings) -> Sequence[Finding]:
    """Look at the installation's own server."""
    account = smtp.account_of(known.smtp_url)
    if account is None:
        return [
            Finding(
                code="mail", state="note", sentence=NO_SERVER, cost=NO_SERVER_COST,
                remedy=NO_SERVER_REMEDY,
            )
        ]  # fmt: skip
    try:
        await smtp.try_out(account)
    except PostError as error:
        return [_sends_not(OWN, trying.SENDING[error.why], error.says)]
    return [Finding(code="mail", state="good", sentence=SENDS, values={"name": OWN})]


async def _account(
    account: MailAccount, cursor: MailCursor | None, known: Settings, at: datetime
) -> Sequence[Finding]:
    found = []
    if account.imap_host:
        found.append(await _mailbox(account, cursor, known, at))
    if account.smtp_host:
        sends = await trying.sending(account, known.data_path, known.smtp_url)
        found.append(
            Finding(code="mail", state="good", sentence=SENDS, values={"name": account.name})
            if sends.good
            else _sends_not(account.name, sends.sentence, sends.says)
        )
    return found


async def _mailbox(
    account: MailAccount, cursor: MailCursor | None, known: Settings, at: datetime
) -> Finding:
    reads = await trying.fetching(account, known.data_path)
    read_at = cursor.read_at if cursor is not None else None
    values = {
        "name": account.name, "address": account.address, "says": reads.says, "why": reads.sentence,
        "when": f"{read_at:%Y-%m-%d %H:%M} UTC" if read_at else NEVER,
    }  # fmt: skip
    if not reads.good:
        return Finding(
            code="mailbox", state="missing", sentence=FETCHES_NOT, cost=FETCHES_NOT_COST,
            remedy=FETCHES_NOT_REMEDY, values=values,
        )  # fmt: skip
    if read_at is None or at - read_at > STALE:
        return Finding(
            code="mailbox", state="missing", sentence=STALE_BOX, cost=FETCHES_NOT_COST,
            remedy=STALE_REMEDY, values=values,
        )  # fmt: skip
    return Finding(code="mailbox", state="good", sentence=FETCHES, values=values)


def _sends_not(name: str, why: str, says: str) -> Finding:
    return Finding(
        code="mail", state="missing", sentence=SENDS_NOT, cost=SENDS_NOT_COST,
        remedy=FETCHES_NOT_REMEDY, values={"name": name, "why": why, "says": says},
    )  # fmt: skip

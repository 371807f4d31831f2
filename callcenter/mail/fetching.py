"""Brings what is new in a mailbox into the house: every letter, each once, however often it breaks off.

How far a mailbox was read is stored in the transaction of the letter itself. If its server gives
all letters new numbers (UIDVALIDITY), or the folder is another one, it is read from the
beginning, and what is there already is known by its Message-ID. Of a letter
that is too large, what stands over it is kept, and says so.
"""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Final

import msgspec
import structlog
from sqlalchemy.exc import DataError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.db import Database
from callcenter.entity.files import Folder
from callcenter.mail import storing
from callcenter.mail.imap import Head, Mailbox, MailboxError
from callcenter.mail.models import MailAccount, MailCursor
from callcenter.mail.reading import Incoming, Part, read
from callcenter.mail.storing import Box

log = structlog.get_logger()

#: A larger letter stays in its mailbox; who wrote, when and about what is kept.
LARGEST_BYTES: Final = 50 * 1024 * 1024
#: Headers asked for at once.
AT_ONCE: Final = 50


class Fetcher:
    """Reads one mailbox to its end; `told` is called with each interaction that was made."""

    def __init__(
        self,
        database: Database,
        account: MailAccount,
        folder: Folder,
        now: Callable[[], datetime],
        told: Callable[[int], None],
    ) -> None:
        self._database, self._now, self._told = database, now, told
        self._box = Box(account, folder)

    async def catch_up(self, mailbox: Mailbox) -> int:
        """Keep what came since the last time; return how many letters. Raises MailboxError."""
        last, since = await self._begin(mailbox)
        count = 0
        new = await mailbox.uids(last, since)
        for uids in (new[place : place + AT_ONCE] for place in range(0, len(new), AT_ONCE)):
            heads = await mailbox.heads(uids)
            known = await self._known(heads)
            for head in heads:
                count += await self._take(mailbox, head, is_known=head.uid in known)
            if heads:
                await self._reached(mailbox, uids[-1])
        await self._at_end(mailbox)
        return count

    async def _begin(self, mailbox: Mailbox) -> tuple[int, date | None]:
        """Return the last letter that was read, or from which day on a new mailbox is read."""
        account = self._box.account
        async with self._database.read() as session:
            cursor = await session.get(MailCursor, account.id)
        if cursor is not None and _is_of(cursor, account, mailbox):
            return cursor.last_uid, None
        return 0, (self._now() - timedelta(days=account.days)).date()

    async def _known(self, heads: list[Head]) -> set[int]:
        ids = {head.uid: read(head.raw).message_id for head in heads}
        async with self._database.read() as session:
            there = await storing.is_there(session, self._box.account, list(ids.values()))
        return {uid for uid, message_id in ids.items() if message_id in there}

    async def _take(self, mailbox: Mailbox, head: Head, *, is_known: bool) -> bool:
        """Keep one letter and that it was read; return whether it became an interaction."""
        if is_known:
            return False
        raw: bytes | None = head.raw
        if head.size <= LARGEST_BYTES:
            raw = await mailbox.letter(head.uid)
        if raw is None:
            return False
        came = read(raw)
        if head.size > LARGEST_BYTES:
            came = msgspec.structs.replace(came, cut=True, damaged=False)
        try:
            made = await self._store(mailbox, head.uid, came, raw)
        except (IntegrityError, DataError, ValueError):
            # Another node was faster, or no database takes it. No letter may stand in the way of
            # all that come after it.
            log.exception("a letter could not be stored as it is", mailbox=self._box.account.name)
            made = await self._store(mailbox, head.uid, _bare(came, raw), raw)
        if made is not None:
            self._told(made)
        return made is not None

    async def _store(self, mailbox: Mailbox, uid: int, came: Incoming, raw: bytes) -> int | None:
        async with self._database.write() as session:
            made = await storing.store(session, self._box, came, raw, self._now())
            await self._move(session, mailbox, uid)
        return made

    async def _reached(self, mailbox: Mailbox, uid: int) -> None:
        async with self._database.write() as session:
            await self._move(session, mailbox, uid)

    async def _at_end(self, mailbox: Mailbox) -> None:
        async with self._database.write() as session:
            cursor = await self._move(session, mailbox, 0)
            cursor.read_at = self._now()
            cursor.failed_at, cursor.trouble, cursor.says = None, None, None

    async def _move(self, session: AsyncSession, mailbox: Mailbox, uid: int) -> MailCursor:
        account = self._box.account
        cursor = await _cursor(session, account)
        if not _is_of(cursor, account, mailbox):
            cursor.folder, cursor.uid_validity = account.folder, mailbox.uid_validity
            cursor.last_uid = 0
        cursor.last_uid = max(cursor.last_uid, uid)
        return cursor

    async def failed(self, error: MailboxError) -> None:
        """Write down what stands in the way; the administration shows it."""
        async with self._database.write() as session:
            cursor = await _cursor(session, self._box.account)
            if cursor.trouble is None:
                cursor.failed_at = self._now()
            cursor.trouble, cursor.says = error.trouble, error.says[:500]


async def _cursor(session: AsyncSession, account: MailAccount) -> MailCursor:
    cursor = await session.get(MailCursor, account.id, with_for_update=True)
    if cursor is None:
        cursor = MailCursor(
            account_id=account.id, folder=account.folder, uid_validity=0, last_uid=0
        )
        session.add(cursor)
    return cursor


def _is_of(cursor: MailCursor, account: MailAccount, mailbox: Mailbox) -> bool:
    return (cursor.folder, cursor.uid_validity) == (account.folder, mailbox.uid_validity)


def _bare(came: Incoming, raw: bytes) -> Incoming:
    """Return a letter that the database did not take, as what stands over it and a file."""
    eml = Part(name="letter.eml", mime="message/rfc822", data=raw)
    return msgspec.structs.replace(came, text="", html="", parts=(eml,), damaged=False)

"""Keeps a line to each mailbox that letters are fetched from, and begins it anew when it breaks."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Final

import structlog
from sqlalchemy import select

from callcenter.db import Database
from callcenter.entity.files import Folder
from callcenter.mail.fetching import Fetcher
from callcenter.mail.imap import POLL_S, MailboxError, Place, opened
from callcenter.mail.models import MailAccount
from callcenter.server import secret_files
from callcenter.server.secret_files import NoSecret

log = structlog.get_logger()

#: After a failure it is tried again after so long, then less and less often.
RETRY_S: Final = 5.0
RETRY_MOST_S: Final = 300.0
#: What another node has changed is found after this time.
ROUND_S: Final = 30.0


def place_of(account: MailAccount, data: Path) -> Place:
    """Return where an account's mailbox is. Raises MailboxError if its password is not there."""
    try:
        reference = account.secret_ref
        password = secret_files.read(reference, account.name, data) if reference else ""
    except NoSecret as error:
        raise MailboxError("secret", str(error)) from error
    return Place(
        host=account.imap_host, port=account.imap_port, tls=account.imap_security == "tls",
        user=account.username, password=password, folder=account.folder,
    )  # fmt: skip


class Boxes:
    """`app` runs `run`; `look` is called when an account was changed."""

    def __init__(
        self,
        database: Database,
        data: Path,
        now: Callable[[], datetime],
        told: Callable[[int], None],
        *,
        retry_s: float = RETRY_S,
        poll_s: float = POLL_S,
    ) -> None:
        self._database, self._data, self._now, self._told = database, data, now, told
        self._retry_s, self._poll_s = retry_s, poll_s
        self._changed = asyncio.Event()
        #: {account: (its version, its line)}
        self._lines: dict[int, tuple[int, asyncio.Task[None]]] = {}

    def look(self) -> None:
        self._changed.set()

    async def run(self) -> None:
        """Keep a line to each mailbox, for ever."""
        try:
            while True:
                self._changed.clear()
                try:
                    await self._settle()
                except Exception:
                    log.exception("the mail accounts could not be read")
                await self._rest(ROUND_S)
        finally:
            await self._end(list(self._lines))

    async def _rest(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._changed.wait()
        except TimeoutError:
            return

    async def _settle(self) -> None:
        """Begin the lines that are not there, and end those of accounts that are others now."""
        async with self._database.read() as session:
            wanted = {
                account.id: account
                for account in await session.scalars(
                    select(MailAccount).where(
                        MailAccount.active, MailAccount.deleted_at.is_(None),
                        MailAccount.imap_host != "",
                    )
                )
            }  # fmt: skip
        stale = [
            account_id
            for account_id, (version, line) in self._lines.items()
            if account_id not in wanted or version != wanted[account_id].version or line.done()
        ]
        await self._end(stale)
        for account_id, account in wanted.items():
            if account_id not in self._lines:
                line = asyncio.create_task(self._keep(account))
                self._lines[account_id] = (account.version, line)

    async def _end(self, ids: list[int]) -> None:
        lines = [self._lines.pop(account_id)[1] for account_id in ids]
        for line in lines:
            line.cancel()
        if lines:
            await asyncio.wait(lines)

    async def _keep(self, account: MailAccount) -> None:
        """Read a mailbox and wait for more, for ever."""
        fetcher = Fetcher(self._database, account, Folder(self._data), self._now, self._told)
        pause = self._retry_s
        while True:
            try:
                async with opened(place_of(account, self._data)) as mailbox:
                    while True:
                        await fetcher.catch_up(mailbox)
                        pause = self._retry_s
                        await mailbox.wait(self._poll_s)
            except MailboxError as error:
                log.warning(
                    "a mailbox cannot be read", mailbox=account.name, why=error.trouble,
                    says=error.says, again_in_s=pause,
                )  # fmt: skip
                await self._note(fetcher, error)
            except Exception:
                log.exception("a mailbox cannot be read", mailbox=account.name, again_in_s=pause)
            await asyncio.sleep(pause)
            pause = min(pause * 2, RETRY_MOST_S)

    async def _note(self, fetcher: Fetcher, error: MailboxError) -> None:
        try:
            await fetcher.failed(error)
        except Exception:
            log.exception("that a mailbox cannot be read could not be stored")

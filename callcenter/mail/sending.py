"""Sends waiting letters, as jobs: at least once, and always as the same letter.

A letter has its Message-ID from the moment it is stored. If we are killed after sending it and
before recording that, the recipient gets it twice and sees one. A server that is unreachable is
tried again for most of a day; what it refuses for good is shown on the timeline, and can be sent
again.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from callcenter import jobs
from callcenter.db import Database
from callcenter.entity import files
from callcenter.entity.files import Folder
from callcenter.interactions.models import Interaction
from callcenter.jobs import GiveUp, Job
from callcenter.jobs.leases import MOST_ATTEMPTS
from callcenter.mail import accounts, bouncing, filing
from callcenter.mail.boxes import place_of
from callcenter.mail.models import Letter, MailAccount
from callcenter.post import letters, smtp
from callcenter.post.smtp import PostError
from callcenter.server.secret_files import NoSecret
from callcenter.settings import Settings

KIND: Final = "letter"
#: The job that keeps a copy in the mailbox.
COPY: Final = "letter-copy"
FILE_GONE: Final = "the file {name} is no longer there"
NO_SERVER: Final = "no server for sending is set up"


async def post(session: AsyncSession, interaction_id: int, at: datetime) -> None:
    """Have a stored letter sent, also one that was refused before."""
    await jobs.drop(session, KIND, str(interaction_id))
    await jobs.add(session, KIND, {"interaction": interaction_id}, at, str(interaction_id))


class Sender:
    """`app` gives `letter` to the jobs; `told` is called when a letter's state has changed."""

    def __init__(
        self,
        database: Database,
        settings: Settings,
        now: Callable[[], datetime],
        told: Callable[[int], None],
    ) -> None:
        self._database, self._settings = database, settings
        self._now, self._told = now, told

    async def letter(self, job: Job) -> None:
        """Send one letter. Raises PostError to be asked again, GiveUp if that is no use."""
        interaction_id = int(job.payload["interaction"])
        try:
            account, letter = await self._read(interaction_id)
            if account is None or letter is None:
                return
            refused = await smtp.send(account, letter)
        except (PostError, NoSecret) as error:
            is_over = isinstance(error, PostError) and error.permanent
            is_last = job.attempts >= MOST_ATTEMPTS
            await self._failed(interaction_id, str(error), is_over=is_over or is_last)
            if is_over:
                raise GiveUp(str(error)) from error
            raise
        await self._sent(interaction_id, refused)

    async def copy(self, job: Job) -> None:
        """Keep a copy of a letter that was sent in its mailbox. Raises MailboxError."""
        async with self._database.read() as session:
            row = await session.get(Letter, int(job.payload["interaction"]))
            told = await session.get(Interaction, int(job.payload["interaction"]))
            if row is None or told is None or row.state not in ("sent", "bounced"):
                return
            account = await session.get_one(MailAccount, row.account_id)
            letter = self._letter(row, told, await self._files(session, row.interaction_id))
        if not _keeps_copies(account):
            return
        raw = letters.as_message(letter, accounts.sends_as(account)).as_bytes()
        await filing.keep(place_of(account, self._settings.data_path), letter.message_id, raw)

    async def _read(self, interaction_id: int) -> tuple[smtp.Account | None, letters.Letter | None]:
        """Return the letter and through whom it goes; nothing if it does not wait any more."""
        async with self._database.read() as session:
            row = await session.get(Letter, interaction_id)
            told = await session.get(Interaction, interaction_id)
            if row is None or told is None or row.state != "waiting" or told.deleted_at is not None:
                return None, None
            account = await session.get_one(MailAccount, row.account_id)
            parts = await self._files(session, interaction_id)
        way = accounts.way_out(account, self._settings.data_path, self._settings.smtp_url)
        if way is None:
            raise PostError(permanent=False, says=NO_SERVER, why="unreachable")
        return way, self._letter(row, told, parts)

    async def _files(
        self, session: AsyncSession, interaction_id: int
    ) -> tuple[letters.Attachment, ...]:
        """Return what goes along. Raises PostError if a file is no longer there."""
        attached = await files.of_row(session, "interaction", interaction_id)
        folder = Folder(self._settings.data_path)
        parts = []
        for one in reversed(attached):
            try:
                data = await asyncio.to_thread(folder.path(one.sha256).read_bytes)
            except FileNotFoundError as error:
                says = FILE_GONE.format(name=one.name)
                raise PostError(permanent=True, says=says, why="refused") from error
            parts.append(letters.Attachment(name=one.name, mime=one.mime, data=data))
        return tuple(parts)

    def _letter(
        self, row: Letter, told: Interaction, parts: tuple[letters.Attachment, ...]
    ) -> letters.Letter:
        headers = {"Auto-Submitted": "auto-generated"} if row.automatic else {}
        if row.opt_out:
            link = opt_out_link(self._settings.public_url, row.opt_out)
            headers |= {
                "List-Unsubscribe": f"<{link}>",
                "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            }
        return letters.Letter(
            to=tuple(row.addresses.get("to", ())), cc=tuple(row.addresses.get("cc", ())),
            subject=told.subject or "", text="\n\n".join(filter(None, (told.body, row.quote))),
            message_id=row.message_id, in_reply_to=row.in_reply_to,
            references=tuple(row.references), attachments=parts, at=row.at, headers=headers,
            bcc=tuple(row.addresses.get("bcc", ())),
            calendar=letters.Calendar(**row.calendar) if row.calendar else None,
        )  # fmt: skip

    async def _sent(self, interaction_id: int, refused: dict[str, str]) -> None:
        said = "; ".join(f"{address}: {says}" for address, says in refused.items())
        async with self._database.write() as session:
            row = await session.get_one(Letter, interaction_id, with_for_update=True)
            row.state, row.state_at, row.says = "sent", self._now(), said[:500] or None
            if _keeps_copies(await session.get_one(MailAccount, row.account_id)):
                payload = {"interaction": interaction_id}
                await jobs.add(session, COPY, payload, self._now(), str(interaction_id))
        self._told(interaction_id)

    async def _failed(self, interaction_id: int, says: str, *, is_over: bool) -> None:
        async with self._database.write() as session:
            row = await session.get_one(Letter, interaction_id, with_for_update=True)
            if is_over:
                await bouncing.mark(session, row, "refused", says, self._now())
            else:
                row.says = says[:500]
        self._told(interaction_id)


def _keeps_copies(account: MailAccount) -> bool:
    return account.sent_copy and account.imap_host != "" and account.active


def opt_out_link(public_url: str, token: str) -> str:
    return f"{public_url.rstrip('/')}/opt-out/{token}"

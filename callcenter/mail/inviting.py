"""Sends the letters that invite people, as jobs: at least once, and always as the same letter.

They go through a mailbox of whoever invites, so that the answers come in there and are read; where
there is none, through the installation's own server, and only the link in the letter answers.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Final

import msgspec
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.agents.models import User
from callcenter.db import Database
from callcenter.diary import guests, inviting
from callcenter.diary.ics import uid_of
from callcenter.diary.inviting import Inviter
from callcenter.diary.models import Guest
from callcenter.interactions.models import Interaction
from callcenter.jobs import GiveUp, Job
from callcenter.jobs.leases import MOST_ATTEMPTS
from callcenter.mail import accounts
from callcenter.mail.models import MailAccount
from callcenter.mail.sending import NO_SERVER
from callcenter.notices.sending import House
from callcenter.post import letters, smtp
from callcenter.post.smtp import PostError
from callcenter.server.secret_files import NoSecret
from callcenter.settings import Settings

#: What programs that answer by themselves leave alone.
_HEADERS: Final = {"Auto-Submitted": "auto-generated"}


class Invitations:
    """Handlers of the jobs; `told` is called when something has changed at an interaction."""

    def __init__(
        self,
        database: Database,
        settings: Settings,
        house: House,
        now: Callable[[], datetime],
        told: Callable[[int], None],
    ) -> None:
        self._database, self._settings, self._house = database, settings, house
        self._now, self._told = now, told

    async def settle(self, job: Job) -> None:
        """See who is to be told that a meeting is off, or that he is not meant any more."""
        async with self._database.write() as session:
            await guests.settle(session, int(job.payload["interaction"]), self._now())

    async def letter(self, job: Job) -> None:
        """Send one letter. Raises PostError to be asked again, GiveUp if that is no use."""
        try:
            async with self._database.read() as session:
                guest = await _waiting(session, job)
                found = None if guest is None else await self._letter(session, guest)
            if guest is None or found is None:
                return
            account, by, letter = found
            await smtp.send(account, letter)
        except (PostError, NoSecret) as error:
            is_over = isinstance(error, PostError) and error.permanent
            is_last = job.attempts >= MOST_ATTEMPTS
            await self._failed(job, str(error), is_over=is_over or is_last)
            if is_over:
                raise GiveUp(str(error)) from error
            raise
        await self._sent(job, by, letter.message_id)

    async def _letter(
        self, session: AsyncSession, guest: Guest
    ) -> tuple[smtp.Account, Inviter, letters.Letter]:
        """Return the letter, and through whom it goes. Raises PostError or NoSecret."""
        row = await session.get_one(Interaction, guest.interaction_id)
        owner = await session.get(User, row.owner_id) if row.owner_id is not None else None
        account = await _account(session, owner, guest.organizer)
        known = self._settings
        way = (
            accounts.way_out(account, known.data_path, known.smtp_url)
            if account is not None
            else smtp.account_of(known.smtp_url, self._house.company())
        )
        if way is None:
            raise PostError(permanent=False, says=NO_SERVER, why="unreachable")
        company = self._house.company()
        address = account.address if account is not None else _answered(owner, way)
        by = Inviter(
            name=owner.name if owner is not None else company, company=company,
            address=guest.organizer or address, site=self._house.address(),
            language=self._house.language(), zone=(owner and owner.time_zone) or known.time_zone,
        )  # fmt: skip
        letter = inviting.letter(guest, uid_of(row.id, None), by)
        return way, by, msgspec.structs.replace(letter, headers=_HEADERS)

    async def _sent(self, job: Job, by: Inviter, message_id: str) -> None:
        async with self._database.write() as session:
            guest = await _waiting(session, job, lock=True)
            if guest is None:
                return
            guest.state, guest.says = "sent", None
            guest.organizer, guest.message_id = by.address, message_id
            interaction_id = guest.interaction_id
        self._told(interaction_id)

    async def _failed(self, job: Job, says: str, *, is_over: bool) -> None:
        async with self._database.write() as session:
            guest = await _waiting(session, job, lock=True)
            if guest is None:
                return
            guest.says = says[:500]
            guest.state = "refused" if is_over else guest.state
            interaction_id = guest.interaction_id
        self._told(interaction_id)


async def _waiting(session: AsyncSession, job: Job, *, lock: bool = False) -> Guest | None:
    """Return the guest whose letter this is, if nothing newer is to be told by now."""
    guest = await session.get(Guest, int(job.payload["guest"]), with_for_update=lock or None)
    told = None if guest is None else (guest.sequence, guest.method, guest.state)
    wanted = (job.payload["sequence"], job.payload["method"], "waiting")
    return guest if told == wanted else None


async def _account(session: AsyncSession, owner: User | None, organizer: str) -> MailAccount | None:
    """Return the mailbox of whoever invites: the one he has used before, his own, his team's."""
    found: MailAccount | None = await session.scalar(
        select(MailAccount)
        .where(
            MailAccount.deleted_at.is_(None), MailAccount.active, MailAccount.imap_host != "",
            (MailAccount.owner_id == (owner.id if owner else 0))
            | (MailAccount.team_id == (owner.team_id if owner else 0))
            | (MailAccount.owner_id.is_(None) & MailAccount.team_id.is_(None)),
        )
        .order_by(
            MailAccount.address != organizer, MailAccount.owner_id.is_(None),
            MailAccount.team_id.is_(None), MailAccount.name,
        )
        .limit(1)
    )  # fmt: skip
    return found


def _answered(owner: User | None, way: smtp.Account) -> str:
    """Return who is answered where no mailbox is read: whoever invites, at his own address."""
    return (owner and owner.email) or letters.bare(way.sender)

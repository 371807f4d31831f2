"""Tells people what they should know, once and in the way they chose, and reminds them in time.

Notices are written in the transaction of what they tell of; whoever commits one calls `tell_soon`.
What was missed, for example because of a restart, is told in the next round. E-mails and SMS are
sent by jobs, written in the same transaction in which a notice is marked as told, so none is
forgotten.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Coroutine, Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter import jobs
from callcenter.agents.models import User
from callcenter.db import Database
from callcenter.live.hub import Hub
from callcenter.live.protocol import Notice
from callcenter.notices import notices, wishes
from callcenter.notices.models import Notification
from callcenter.notices.notices import Told
from callcenter.notices.wishes import Wishes

log = structlog.get_logger()

#: How late a reminder may be.
ROUND_S: Final = 10.0
#: What comes within this time goes into one letter.
GATHER: Final = timedelta(seconds=30)

#: Jobs, by the channel they serve.
JOBS: Final = {"email": "notice-letter", "sms": "notice-sms"}
NOBODY: Final[Collection[str]] = frozenset()

#: Writes down what is due by a moment.
Due = Callable[[AsyncSession, datetime], Awaitable[None]]


class Teller:
    """`app` runs `run`; `due` are the rooms that remind people of something.

    `ways` says by which channels the installation can reach people at all.
    """

    def __init__(
        self,
        database: Database,
        hub: Hub,
        now: Callable[[], datetime],
        spawn: Callable[[Coroutine[Any, Any, None]], None],
        ways: Callable[[], Collection[str]],
        zone: ZoneInfo,
        due: tuple[Due, ...] = (),
    ) -> None:
        self._database, self._hub, self._now, self._spawn = database, hub, now, spawn
        self._ways, self._zone, self._due = ways, zone, due

    def tell_soon(self) -> None:
        self._spawn(self.tell())

    async def run(self) -> None:
        """Remind, for ever."""
        while True:
            try:
                await self.remind()
            except Exception:
                # The next round tells them; nobody is reminded twice.
                log.exception("people could not be reminded")
            await asyncio.sleep(ROUND_S)

    async def remind(self) -> None:
        """Write down what is due by now, and tell it."""
        async with self._database.write() as session:
            for due in self._due:
                await due(session, self._now())
        await self.tell()

    async def tell(self) -> None:
        """Tell what is due, unless somebody is not to be disturbed now."""
        at = self._now()
        async with self._database.read() as session:
            if not await notices.due(session, at):
                return
        async with self._database.write() as session:
            told = await self._take(session, at)
        for one, channels in told:
            self._say(one, channels)

    async def _take(
        self, session: AsyncSession, at: datetime
    ) -> list[tuple[Told, Collection[str]]]:
        """Note what is told now, and by which channels; have letters and messages sent."""
        found = await notices.take_due(session, at)
        people = await _people(session, {one.notice.user_id for one in found})
        told = []
        for one in found:
            person, wished = people[one.notice.user_id]
            zone = ZoneInfo(person.time_zone) if person.time_zone else self._zone
            if until := wished.held_until(one.notice.kind, at, zone):
                one.notice.tell_at = until
            else:
                channels = self._channels(person, wished, one.notice.kind)
                _count_as_told(one.notice, channels, at)
                told.append((one, channels))
        await _have_sent(session, [one.notice for one, _ in told], at)
        return told

    def _channels(self, person: User, wished: Wishes, kind: str) -> Collection[str]:
        """Return by which of the ways that lead to a person a kind is to come."""
        if not person.active or person.deleted_at is not None:
            return NOBODY
        lacks = {"email": not person.email, "sms": not wished.sms_to}
        ways = self._ways()
        return {way for way in wished.by(kind) if way in ways and not lacks.get(way)}

    def _say(self, told: Told, channels: Collection[str]) -> None:
        notice: Any = told.notice
        self._hub.say(
            notice.user_id,
            Notice(
                seq=0, id=notice.id, kind=notice.kind, entity=notice.entity,
                entity_id=notice.entity_id, title=notice.text, by=told.by,
                page="page" in channels, desktop="desktop" in channels,
            ),
        )  # fmt: skip


async def _people(
    session: AsyncSession, user_ids: Collection[int]
) -> dict[int, tuple[User, Wishes]]:
    wished = await wishes.of(session, user_ids)
    users = await session.scalars(select(User).where(User.id.in_(user_ids)))
    return {user.id: (user, wished.get(user.id, wishes.NONE)) for user in users}


def _count_as_told(notice: Notification, channels: Collection[str], at: datetime) -> None:
    notice.told_at = at
    notice.letter = 0 if "email" in channels else None
    notice.sms = 0 if "sms" in channels else None


async def _have_sent(session: AsyncSession, told: Sequence[Notification], at: datetime) -> None:
    """Write down one job a person and channel: it takes along whatever waits by then."""
    for channel, waiting in (
        ("email", {notice.user_id for notice in told if notice.letter == 0}),
        ("sms", {notice.user_id for notice in told if notice.sms == 0}),
    ):
        for user_id in sorted(waiting):
            await jobs.add(session, JOBS[channel], {"user_id": user_id}, at + GATHER)

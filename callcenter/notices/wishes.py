"""How a person wants to be told: by which channels of what, and when not at all."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.notices.kinds import KINDS
from callcenter.notices.models import NoticeWish
from callcenter.notices.quiet import Quiet, quiet_until

#: Whoever has chosen nothing is reminded so many minutes before.
REMINDERS: Final = (15,)


@dataclass(frozen=True, slots=True)
class Wishes:
    channels: Mapping[str, frozenset[str]] = field(default_factory=dict)
    quiet: Quiet = field(default_factory=Quiet)
    sms_to: str | None = None
    reminders: tuple[int, ...] = REMINDERS

    def by(self, kind: str) -> frozenset[str]:
        """Return the channels by which a kind reaches the person."""
        return self.channels.get(kind, frozenset(KINDS[kind].channels))

    def held_until(self, kind: str, at: datetime, zone: ZoneInfo) -> datetime | None:
        """Return until when a notice waits for the end of quiet hours, None if it does not."""
        return None if KINDS[kind].urgent else quiet_until(self.quiet, at, zone)


NONE: Final = Wishes()


def of_row(row: NoticeWish) -> Wishes:
    return Wishes(
        channels={kind: frozenset(each) for kind, each in row.channels.items()},
        quiet=Quiet(row.quiet_from, row.quiet_to, frozenset(row.quiet_days)),
        sms_to=row.sms_to,
        reminders=tuple(row.reminders),
    )


async def of(session: AsyncSession, user_ids: Collection[int]) -> dict[int, Wishes]:
    """Return the wishes of those of these people who have any."""
    rows = await session.scalars(select(NoticeWish).where(NoticeWish.id.in_(user_ids)))
    return {row.id: of_row(row) for row in rows}

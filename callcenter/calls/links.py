"""Whether each PBX is reached: for the banner, the administration, and the next start.

When the service stops, the moment until which it heard a PBX is kept, so that the
next start knows since when it has missed events.
"""

from collections.abc import Callable
from datetime import UTC, datetime

import msgspec
from sqlalchemy import select

from callcenter.bus import Bus
from callcenter.calls.models import PbxRow
from callcenter.db import Database, Setting
from callcenter.events import LinkDown, LinkUp
from callcenter.live.protocol import LinkView


class LinkStatus(msgspec.Struct, frozen=True, kw_only=True):
    """One PBX's link. `since` is epoch seconds; `reason` why it is down."""

    up: bool = False
    since: float = 0.0
    reason: str = ""
    #: The PBX refused user or secret: nothing is tried until they are changed.
    refused: bool = False
    version: str = ""
    epoch: int = 0


class Heard(msgspec.Struct, frozen=True, kw_only=True):
    """Until when a PBX was heard, and in which epoch."""

    at: float
    epoch: int


class Links:
    def __init__(self, database: Database, bus: Bus, clock: Callable[[], float]) -> None:
        self._database = database
        self._clock = clock
        self._names: dict[int, str] = {}
        self._status: dict[int, LinkStatus] = {}
        #: Called with each change; set by `app`.
        self.on_change: Callable[[LinkView], None] = lambda _view: None
        bus.listen(self._up, LinkUp)
        bus.listen(self._down, LinkDown)

    def know(self, row: PbxRow) -> None:
        """Take a PBX's name; a new one counts as down from now on."""
        self._names[row.id] = row.name
        self._status.setdefault(row.id, LinkStatus(since=self._clock()))

    def forget(self, pbx: int) -> None:
        self._names.pop(pbx, None)
        self._status.pop(pbx, None)

    def status(self, pbx: int) -> LinkStatus:
        return self._status.get(pbx, LinkStatus())

    def views(self) -> tuple[LinkView, ...]:
        return tuple(self._view(pbx) for pbx in sorted(self._names))

    def _up(self, event: LinkUp) -> None:
        self._set(
            event.pbx,
            LinkStatus(up=True, since=event.at, version=event.version, epoch=event.epoch),
        )

    def _down(self, event: LinkDown) -> None:
        before = self.status(event.pbx)
        self._set(
            event.pbx,
            LinkStatus(
                # Trying again and failing again is still the same outage.
                since=event.at if before.up or not before.since else before.since,
                reason=event.reason,
                refused=event.auth_failed,
                version=before.version,
                epoch=event.epoch,
            ),
        )

    def _set(self, pbx: int, status: LinkStatus) -> None:
        if pbx in self._names:
            self._status[pbx] = status
            self.on_change(self._view(pbx))

    def _view(self, pbx: int) -> LinkView:
        status = self._status[pbx]
        return LinkView(pbx=pbx, name=self._names[pbx], up=status.up, since=status.since)

    async def remember(self) -> None:
        """Store until when each PBX that is up has been heard."""
        at = self._clock()
        async with self._database.write() as session:
            for pbx, status in self._status.items():
                if status.up:
                    heard = {"at": at, "epoch": status.epoch}
                    moment = datetime.fromtimestamp(at, UTC)
                    await session.merge(Setting(key=_key(pbx), value=heard, updated_at=moment))

    async def heard(self, pbx: int) -> Heard | None:
        """Return until when the service heard this PBX before it stopped."""
        async with self._database.read() as session:
            row = await session.scalar(select(Setting).where(Setting.key == _key(pbx)))
        return None if row is None else msgspec.convert(row.value, Heard)


def _key(pbx: int) -> str:
    return f"pbx.{pbx}.heard"

"""Whether each PBX can be reached: for the banner, the administration, and the next start.

When the service stops, the moment until which it heard each PBX is stored, so that the next start
knows from when on it has missed events.
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


class LinkState(msgspec.Struct, frozen=True, kw_only=True):
    """How the link to a PBX stands: up since, down because of `reason`, or refused for good."""

    up: bool = False
    since: float = 0.0
    #: Why it is down, as the operator reads it in the log.
    reason: str = ""
    #: The account or its secret was refused: trying again is pointless until it is edited.
    refused: bool = False
    #: What Asterisk says it is.
    version: str = ""
    epoch: int = 0


class Heard(msgspec.Struct, frozen=True, kw_only=True):
    """Until when a PBX was heard, and in which epoch."""

    at: float
    epoch: int
    #: What each queue had counted by then.
    queues: dict[str, int] = {}


class Links:
    def __init__(self, database: Database, bus: Bus, clock: Callable[[], float]) -> None:
        self._database = database
        self._clock = clock
        self._names: dict[int, str] = {}
        self._states: dict[int, LinkState] = {}
        #: Called with each change; set by `app`.
        self.on_change: Callable[[LinkView], None] = lambda _view: None
        #: What each queue of a PBX has counted; set by `app`.
        self.queue_counts: Callable[[int], dict[str, int]] = lambda _pbx: {}
        bus.listen(self._up, LinkUp)
        bus.listen(self._down, LinkDown)

    def know(self, row: PbxRow) -> None:
        """Take a PBX's name; a new one counts as down from now on."""
        self._names[row.id] = row.name
        self._states.setdefault(row.id, LinkState(since=self._clock()))

    def forget(self, pbx: int) -> None:
        self._names.pop(pbx, None)
        self._states.pop(pbx, None)

    def state(self, pbx: int) -> LinkState | None:
        """Return how the link stands, None if there is none."""
        return self._states.get(pbx)

    def views(self) -> tuple[LinkView, ...]:
        return tuple(self._view(pbx) for pbx in sorted(self._names))

    def _up(self, event: LinkUp) -> None:
        self._set(
            event.pbx,
            LinkState(up=True, since=event.at, version=event.version, epoch=event.epoch),
        )

    def _down(self, event: LinkDown) -> None:
        before = self._states.get(event.pbx, LinkState())
        self._set(
            event.pbx,
            LinkState(
                # Trying again and failing again is still the same outage.
                since=event.at if before.up or not before.since else before.since,
                reason=event.reason,
                refused=event.auth_failed,
                version=before.version,
                epoch=event.epoch,
            ),
        )

    def _set(self, pbx: int, state: LinkState) -> None:
        if pbx in self._names:
            self._states[pbx] = state
            self.on_change(self._view(pbx))

    def _view(self, pbx: int) -> LinkView:
        state = self._states[pbx]
        return LinkView(pbx=pbx, name=self._names[pbx], up=state.up, since=state.since)

    async def remember(self) -> None:
        """Store until when each PBX that is up has been heard."""
        at = self._clock()
        async with self._database.write() as session:
            for pbx, state in self._states.items():
                if state.up:
                    heard = {
                        "at": at, "epoch": state.epoch, "queues": self.queue_counts(pbx),
                    }  # fmt: skip
                    moment = datetime.fromtimestamp(at, UTC)
                    await session.merge(Setting(key=_key(pbx), value=heard, updated_at=moment))

    async def heard(self, pbx: int) -> Heard | None:
        """Return until when the service heard this PBX before it stopped."""
        async with self._database.read() as session:
            row = await session.scalar(select(Setting).where(Setting.key == _key(pbx)))
        return None if row is None else msgspec.convert(row.value, Heard)


def _key(pbx: int) -> str:
    return f"pbx.{pbx}.heard"

"""Lets people sit down at shared phones and get up, whoever asks for it and wherever.

A page asks by `sit` and `leave`. Besides, people dial at the phone itself, and whoever goes
off duty or signs out leaves his place: that comes over the bus and is done in order by `run`.
"""

import asyncio
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import structlog
from sqlalchemy import select

from callcenter.agents import devices, seats
from callcenter.agents.models import Seat, Token
from callcenter.bus import Bus
from callcenter.db import Database
from callcenter.errors import Problem
from callcenter.events import (
    AgentStateChanged,
    DeskDialled,
    DevicesChanged,
    SeatChanged,
    SessionsEnded,
)
from callcenter.server.actor import SYSTEM, Actor

log = structlog.get_logger()

#: Whoever signs out gets up so much later, unless he has signed in again: a new password ends
#: all sessions and begins another.
GRACE_S = 2.0
#: How often it is looked for people who went home without signing out.
SWEEP_S = 300.0


class Desks:
    """`app` runs `run`."""

    def __init__(
        self,
        database: Database,
        bus: Bus,
        clock: Callable[[], float],
        on_duty: Callable[[int], object],
        session_h: int,
        sweep_s: float = SWEEP_S,
    ) -> None:
        """`on_duty(user_id)` hears of somebody who sat down by dialling, with no page to say so."""
        self._database = database
        self._bus = bus
        self._clock = clock
        self._on_duty = on_duty
        self._lasts = timedelta(hours=session_h)
        self._sweep_s = sweep_s
        self._asked: asyncio.Queue[DeskDialled | SessionsEnded | AgentStateChanged] = (
            asyncio.Queue()
        )
        bus.listen(self._asked.put_nowait, DeskDialled)
        bus.listen(self._session_ended, SessionsEnded)
        bus.listen(self._state_changed, AgentStateChanged)

    async def sit(self, seat_id: int, user_id: int, by: Actor, *, take: bool = False) -> None:
        """Raises NotFound, or SeatTaken unless the place is to be taken from whoever has it."""
        async with self._database.write() as session:
            moved = await seats.sit(session, seat_id, user_id, self._now(), by, take=take)
        if moved.before is not None:
            self._tell(moved.before, "taken", moved.seat.name, user_id)
        self._tell(user_id, "sat", moved.seat.name, by["actor_id"])

    async def leave(self, user_id: int, by: Actor) -> None:
        """Get up from wherever the person sits; nothing happens if that is nowhere."""
        async with self._database.write() as session:
            left = await seats.leave(session, user_id, self._now(), by)
            names = [(await session.get_one(Seat, one.seat_id)).name for one in left]
        for name in names:
            self._tell(user_id, "left", name, by["actor_id"])

    async def run(self) -> None:
        """Do what is asked by phone, and free the places of those who are gone, for ever."""
        while True:
            try:
                async with asyncio.timeout(self._sweep_s):
                    asked = await self._asked.get()
            except TimeoutError:
                await self._guarded(self._sweep())
                continue
            await self._guarded(self._do(asked))

    async def _guarded(self, errand: Coroutine[Any, Any, None]) -> None:
        try:
            await errand
        except Problem as problem:
            log.warning(f"somebody could not sit down or get up: {problem}")
        except Exception:
            log.exception("somebody could not sit down or get up")

    async def _do(self, asked: DeskDialled | SessionsEnded | AgentStateChanged) -> None:
        match asked:
            case DeskDialled():
                await self._dialled(asked)
            case SessionsEnded():
                if not await self._is_signed_in(asked.user_id):
                    await self.leave(asked.user_id, SYSTEM)
            case AgentStateChanged():
                await self.leave(asked.user_id, SYSTEM)

    def _session_ended(self, event: SessionsEnded) -> None:
        asyncio.get_running_loop().call_later(GRACE_S, self._asked.put_nowait, event)

    def _state_changed(self, event: AgentStateChanged) -> None:
        if event.state == "off":
            self._asked.put_nowait(event)

    async def _dialled(self, event: DeskDialled) -> None:
        """Somebody dialled at a phone: who, tells the code; that it was he, the PBX has checked."""
        async with self._database.read() as session:
            seat = await seats.at_endpoint(session, event.pbx, event.endpoint)
            holder = await devices.holder_of(session, event.pbx, event.endpoint)
            person = await seats.person_with(session, event.code) if event.code else None
        if seat is None or (event.code and person is None):
            log.warning(
                "somebody dialled to sit down, but this phone is not shared or the code nobody's",
                endpoint=event.endpoint,
            )
        elif person is not None:
            by: Actor = {**SYSTEM, "actor_kind": "user", "actor_id": person.id}
            await self.sit(seat.id, person.id, by, take=True)
            if not await self._is_signed_in(person.id):
                self._on_duty(person.id)
        elif holder is not None:
            await self.leave(holder.user_id, {**SYSTEM, "actor_id": holder.user_id})

    async def _sweep(self) -> None:
        """Let those get up whose session ended by itself: they went home."""
        async with self._database.read() as session:
            sitting = await seats.sitting_since(session, self._now() - self._lasts)
        for user_id in sitting:
            if not await self._is_signed_in(user_id):
                await self.leave(user_id, SYSTEM)

    async def _is_signed_in(self, user_id: int) -> bool:
        query = select(Token.id).where(
            Token.user_id == user_id, Token.kind == "session", Token.expires_at > self._now()
        )
        async with self._database.read() as session:
            return await session.scalar(query.limit(1)) is not None

    def _tell(
        self, user_id: int, what: Literal["sat", "left", "taken"], seat: str, by_id: int | None
    ) -> None:
        at = self._clock()
        self._bus.publish(DevicesChanged(at=at))
        by = by_id if by_id != user_id else None
        self._bus.publish(SeatChanged(at=at, user_id=user_id, what=what, seat=seat, by_id=by))

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self._clock(), UTC)

"""Calls somebody asked for, and what became of them.

The row stands before anything is sent to the PBX, under the id the browser drew,
so a click is placed at most once however often it is repeated. What happened is
learned from the events of the call, which begins with the ChannelId we gave it.
"""

from collections.abc import Callable

import msgspec
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from callcenter.bus import Bus
from callcenter.calls.models import CallIntent
from callcenter.db import Database
from callcenter.events import (
    CallBegan,
    CallEnded,
    GapNoted,
    LegAnswered,
    LegEnded,
    RequestFailed,
    RequestSettled,
)

#: Begins every ChannelId we give, so that our calls are known in the stream.
CHANNEL_PREFIX = "crm-"

#: Asterisk's reason of a failed Originate: what the person is told.
_REFUSALS = {0: "phone-not-registered", 1: "agent-hung-up", 3: "agent-no-answer", 5: "agent-busy"}
#: The same by how the ringing of the agent's phone ended. It tells more: a phone whose owner
#: pushes the call away fails for the same reason as one that is switched off.
_BY_LEG = {
    "noanswer": "agent-no-answer", "declined": "agent-hung-up", "cancelled": "agent-hung-up",
    "busy": "agent-busy", "unreachable": "phone-not-registered",
}  # fmt: skip

#: What each status may follow: a request only moves forward. An answer that was lost is no news
#: once the call has been seen.
_AFTER = {
    "unknown": ("asked",),
    "placed": ("asked", "unknown"),
    "refused": ("asked", "unknown", "placed"),
    "done": ("asked", "unknown", "placed"),
}
_FINAL = frozenset({"refused", "done"})


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """A request as it stands in memory until it is settled."""

    intent_id: str
    user_id: int
    pbx_id: int
    status: str = "asked"
    call_id: int | None = None
    problem: str | None = None
    #: The agent has picked up: the customer is, or was, called.
    answered: bool = False
    #: Why the agent's phone stopped ringing without it.
    unanswered: str | None = None


def channel_of(intent_id: str) -> str:
    return CHANNEL_PREFIX + intent_id


class Requests:
    """Keeps the requests that are not settled yet, and tells what became of each."""

    def __init__(
        self,
        database: Database,
        bus: Bus,
        call_id_of: Callable[[int, str], int | None],
        clock: Callable[[], float],
        spawn: Callable[..., object],
    ) -> None:
        self._database = database
        self._bus = bus
        self._call_id_of = call_id_of
        self._clock = clock
        self._spawn = spawn
        self._open: dict[str, Asked] = {}
        #: What was told already and is on its way into the database, by intent.
        self._settling: dict[str, Asked] = {}
        bus.listen(self._began, CallBegan)
        bus.listen(self._failed, RequestFailed)
        bus.listen(self._leg_answered, LegAnswered)
        bus.listen(self._leg_ended, LegEnded)
        bus.listen(self._ended, CallEnded)
        bus.listen(self._snapshot_done, GapNoted)

    async def load(self) -> None:
        """Take up again what was not settled when the service stopped."""
        query = select(CallIntent).where(CallIntent.status.in_(("asked", "placed", "unknown")))
        async with self._database.read() as session:
            for intent in await session.scalars(query):
                # Nobody waits for the answer any more: only the PBX can tell.
                status = "unknown" if intent.status == "asked" else intent.status
                self._open[intent.channel_id] = Asked(
                    intent_id=intent.id,
                    user_id=intent.user_id,
                    pbx_id=intent.pbx_id,
                    status=status,
                    call_id=intent.call_id,
                )

    async def add(self, intent: CallIntent) -> bool:
        """Store `intent`; False if its id is known already, and nothing may be sent."""
        asked = Asked(intent_id=intent.id, user_id=intent.user_id, pbx_id=intent.pbx_id)
        channel = intent.channel_id
        try:
            async with self._database.write() as session:
                session.add(intent)
        except IntegrityError:
            return False
        self._open[channel] = asked
        self._tell(asked)
        return True

    async def find(self, intent_id: str) -> CallIntent | None:
        """Return a request as it was told last, stored or not yet."""
        # Asked on both sides of the reading: what is stored meanwhile leaves `_settling`.
        told = self._settling.get(intent_id)
        async with self._database.read() as session:
            intent = await session.get(CallIntent, intent_id)
        told = self._settling.get(intent_id, told)
        if intent is not None and told is not None:
            intent.status, intent.problem = told.status, told.problem
            intent.call_id = told.call_id
        return intent

    def settle(self, channel: str, status: str, *, problem: str | None = None) -> None:
        """Note that the request behind `channel` became `status`, unless it is further already."""
        asked = self._open.get(channel)
        if asked is None or asked.status not in _AFTER[status]:
            return
        call_id = asked.call_id or self._call_id_of(asked.pbx_id, channel)
        asked = msgspec.structs.replace(asked, status=status, problem=problem, call_id=call_id)
        if status in _FINAL:
            del self._open[channel]
        else:
            self._open[channel] = asked
        self._settling[asked.intent_id] = asked
        self._tell(asked)
        self._spawn(self._store(asked))

    def _began(self, event: CallBegan) -> None:
        if event.call in self._open:
            self.settle(event.call, "placed")

    def _failed(self, event: RequestFailed) -> None:
        asked = self._open.get(event.channel_id)
        known = asked.unanswered if asked is not None else None
        problem = known or _REFUSALS.get(event.reason, "agent-no-answer")
        self.settle(event.channel_id, "refused", problem=problem)

    def _leg_answered(self, event: LegAnswered) -> None:
        self._note(event.leg, answered=True)

    def _leg_ended(self, event: LegEnded) -> None:
        self._note(event.leg, unanswered=_BY_LEG.get(event.result))

    def _note(self, channel: str, **facts: object) -> None:
        if (asked := self._open.get(channel)) is not None:
            self._open[channel] = msgspec.structs.replace(asked, **facts)

    def _ended(self, event: CallEnded) -> None:
        asked = self._open.get(event.call)
        if asked is None:
            return
        if asked.unanswered is not None and not asked.answered:
            self.settle(event.call, "refused", problem=asked.unanswered)
        elif asked.answered or event.failure != "failed":
            self.settle(event.call, "done")
        # Else the phone was not even rung; why is told by the failed request, which comes next.

    def _snapshot_done(self, event: GapNoted) -> None:
        # The PBX has told every channel it has: what is not among them was never placed, or is over.
        for channel, asked in list(self._open.items()):
            if asked.pbx_id != event.pbx:
                continue
            if channel in event.unseen:
                self.settle(channel, "placed")
            elif asked.status == "unknown":
                self.settle(channel, "refused", problem="no-such-call")
            elif asked.status == "placed" and self._call_id_of(event.pbx, channel) is None:
                # It was placed before a restart of the service, and nobody saw its end.
                self.settle(channel, "done")

    def _tell(self, asked: Asked) -> None:
        self._bus.publish(
            RequestSettled(
                at=self._clock(),
                intent_id=asked.intent_id,
                user_id=asked.user_id,
                status=asked.status,
                problem=asked.problem,
                call_id=asked.call_id,
            )
        )

    async def _store(self, asked: Asked) -> None:
        async with self._database.write() as session:
            await session.execute(
                update(CallIntent)
                .where(
                    CallIntent.id == asked.intent_id, CallIntent.status.in_(_AFTER[asked.status])
                )
                .values(status=asked.status, problem=asked.problem, call_id=asked.call_id)
            )
        if self._settling.get(asked.intent_id) is asked:
            del self._settling[asked.intent_id]

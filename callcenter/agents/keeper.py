"""Keeps every agent's state: hears everything, holds the clock, writes down the spans.

Each change of a state closes a span and opens the next, with who or what caused it. The spans of a
day are its history; the open one is what a restart resumes: the agent's wish, and a wrap-up that
is still running. Timers run on the server, so a browser that dies during wrap-up changes nothing.
"""

import asyncio
import json
from collections import deque
from collections.abc import Callable
from typing import Any

import msgspec
import structlog

from callcenter.agents.device_map import DeviceMap
from callcenter.agents.models import AgentState
from callcenter.agents.pauses import EMPTY, SETTLE_S, Pause, Pauses, Wanted
from callcenter.agents.states import Agent, By, LegChange, State, Wish, WrapUp
from callcenter.bus import Bus
from callcenter.db import Database, Row, Unavailable, Upsert, millis, new_id
from callcenter.events import (
    AgentStateChanged,
    DeviceChanged,
    LinkUp,
    MemberChanged,
    MemberRemoved,
)
from callcenter.live.protocol import StateView

log = structlog.get_logger()

RETRY_S = 1.0
#: The longest a span waits to be written together with others.
FLUSH_S = 0.05
#: Spans that are kept while the database is away.
BACKLOG = 100_000

#: Asterisk's words, and numbers, for a phone that no call reaches.
_PHONE_IS_AWAY = frozenset({"UNAVAILABLE", "INVALID"})
_MEMBER_IS_AWAY = frozenset({4, 5})

_CLOSE = "UPDATE agent_state SET to_at = ?1 WHERE user_id = ?2 AND to_at IS NULL AND id <> ?3"
_OPEN = Upsert(
    AgentState.__table__,
    ("id", "user_id", "state", "reason", "from_at", "until_at", "call_id", "cause"),
    keep=("user_id", "state", "reason", "from_at", "until_at", "call_id", "cause"),
)
_LAST = """
    SELECT user_id, state, reason, from_at, until_at, call_id, cause FROM agent_state
    WHERE to_at IS NULL
"""


class Keeper:
    """`app` calls `load`, runs `run`, and tells what it hears of legs and pages."""

    def __init__(
        self,
        database: Database,
        bus: Bus,
        pause: Pause,
        devices: DeviceMap,
        tell: Callable[[int, StateView], None],
        clock: Callable[[], float],
        wrap_up_s: float,
        settle_s: float = SETTLE_S,
    ) -> None:
        """`pause` is the port's verb; `tell(user_id, view)` reaches the person's pages."""
        self._database = database
        self._bus = bus
        self._devices = devices
        self._tell = tell
        self._clock = clock
        self._wrap_up_s = wrap_up_s
        self._pauses = Pauses(pause, self._holder_of_member, settle_s)
        devices.listen(self._pauses.seat)
        self._agents: dict[int, Agent] = {}
        #: What the PBX said last of each member of each queue.
        self._members: dict[tuple[int, str, str], MemberChanged] = {}
        #: Whether the PBX reaches a phone, as far as it told.
        self._phones: dict[tuple[int, str], bool] = {}
        #: Whose wish is only what the PBX was found to do.
        self._followed: set[int] = set()
        self._shown: dict[int, StateView] = {}
        #: Of whom nothing is known is off duty since then, not since whenever somebody asks.
        self._began_at = clock()
        self._timers: dict[int, asyncio.TimerHandle] = {}
        self._spans: deque[tuple[Row, Row]] = deque(maxlen=BACKLOG)
        self._work = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        bus.listen(self._member_changed, MemberChanged)
        bus.listen(self._member_removed, MemberRemoved)
        bus.listen(self._device_changed, DeviceChanged)
        bus.listen(lambda event: self._pauses.compare(event.pbx), LinkUp)
        devices.listen(self._seats_changed)

    # ------------------------------------------------------------ what is

    def view(self, user_id: int) -> StateView:
        """Return the agent's state; whoever never did anything here is off duty."""
        return self._shown.get(user_id) or StateView(state="off", since=self._began_at)

    # ------------------------------------------------------------ what happens

    def wish(self, user_id: int, wish: Wish, reason: str | None = None) -> StateView:
        """Take in what the agent wants; return what the state is now."""
        self._followed.discard(user_id)
        self._agent(user_id).wishes(wish, reason)
        self._update(user_id, "agent")
        return self.view(user_id)

    def end_wrap_up(self, user_id: int) -> StateView:
        """End the wrap-up early, by the agent's own wish."""
        self._agent(user_id).end_wrap_up()
        self._update(user_id, "agent")
        return self.view(user_id)

    def leg_changed(self, change: LegChange) -> None:
        agent = self._agent(change.user_id)
        if agent.knows(change):
            return
        agent.leg(change, self._clock(), self._wrap_up_s)
        self._update(change.user_id, "call", change.at)

    def presence(self, user_id: int, here: bool) -> None:
        """Hear that the person opened a page, or has had none open for a while."""
        self._agent(user_id).here = here
        self._update(user_id, "page")

    def _member_changed(self, event: MemberChanged) -> None:
        self._members[event.pbx, event.queue, event.interface] = event
        self._reached(event.pbx, event.device, event.at, event.status not in _MEMBER_IS_AWAY)
        self._hear_pause(event)

    def _hear_pause(self, event: MemberChanged) -> None:
        if (said := self._pauses.heard(event)) is not None:
            user_id, wanted = said
            self._follow(user_id, wanted)
            self._update(user_id, "pbx", event.at)

    def _holder_of_member(self, pbx: int, interface: str, device: str) -> int | None:
        """Return whose member of a queue that is; an empty shared phone has itself, below zero."""
        user_id = self._devices.user_of_member(pbx, interface, device)
        if user_id is not None:
            return user_id
        seat_id = self._devices.empty_seat_of_member(pbx, interface, device)
        return None if seat_id is None else -seat_id

    def _member_removed(self, event: MemberRemoved) -> None:
        self._members.pop((event.pbx, event.queue, event.interface), None)
        self._pauses.removed(event)

    def _seats_changed(self) -> None:
        """Somebody sits at another phone: what the PBX said of it concerns them now."""
        for shared in self._devices.shared_phones:
            self._pauses.want(-shared.id, Wanted(paused=True, reason=EMPTY))
        seated: dict[int, dict[tuple[int, str], bool]] = {}
        for phone, reached in (self._phones | self._devices.outside_numbers).items():
            if (user_id := self._devices.user_of(*phone)) is not None:
                seated.setdefault(user_id, {})[phone] = reached
        for user_id in {*self._agents, *seated, *self._devices.with_phone}:
            agent = self._agent(user_id)
            phones = seated.get(user_id, {})
            has_phone: bool | None = user_id in self._devices.with_phone
            if not has_phone and agent.has_phone is None:
                has_phone = None
            if (agent.phones, agent.has_phone) != (phones, has_phone):
                agent.phones, agent.has_phone = phones, has_phone
                self._update(user_id, "phone")
        self._dismiss()
        for event in tuple(self._members.values()):
            self._hear_pause(msgspec.structs.replace(event, inferred=True))

    def _dismiss(self) -> None:
        """Take everybody off duty who works here no longer: nobody else could."""
        for user_id, agent in self._agents.items():
            is_on_duty = agent.wish not in (None, "off")
            if is_on_duty and self._devices.person(user_id) is None:
                self._followed.discard(user_id)
                agent.wishes("off")
                self._update(user_id, "account")

    def _device_changed(self, event: DeviceChanged) -> None:
        self._reached(event.pbx, event.device, event.at, event.state.upper() not in _PHONE_IS_AWAY)

    def _reached(self, pbx: int, device: str, at: float, reached: bool) -> None:
        self._phones[pbx, device] = reached
        user_id = self._devices.user_of(pbx, device)
        if user_id is None:
            return
        phones = self._agent(user_id).phones
        # Told with each call, and hardly ever anything new.
        if phones.get((pbx, device)) is not reached:
            phones[pbx, device] = reached
            self._update(user_id, "phone", at)

    def _follow(self, user_id: int, wanted: Wanted) -> None:
        """Take what was done at the phone, or found at the PBX, for what the agent wants."""
        agent = self._agent(user_id)
        if agent.wish is None or user_id in self._followed:
            self._followed.add(user_id)
            self._pauses.follow(user_id, wanted)
        agent.wishes("paused" if wanted.paused else "ready", wanted.reason or None)

    # ------------------------------------------------------------ changes

    def _agent(self, user_id: int) -> Agent:
        return self._agents.setdefault(user_id, Agent(user_id))

    def _update(self, user_id: int, by: By, at: float | None = None) -> None:
        """Show, tell and write down what the state has become, if it has changed."""
        agent = self._agents[user_id]
        self._set_timer(agent)
        if agent.wish is not None:
            self._pauses.want(user_id, _wanted(agent), lead=user_id not in self._followed)
        state = agent.state
        old = self._shown.get(user_id)
        if old is None and state.state == "off":
            return
        if old is not None and (old.state, old.reason, old.until) == (
            state.state, state.reason, state.until
        ):  # fmt: skip
            return
        since = self._since(old, at)
        view = StateView(state=state.state, reason=state.reason, since=since, until=state.until)
        self._shown[user_id] = view
        self._write(agent, state, since, by)
        self._tell(user_id, view)
        self._bus.publish(
            AgentStateChanged(
                at=since, user_id=user_id, state=state.state, reason=state.reason, since=since,
                until=state.until, call_id=state.call_id,
            )
        )  # fmt: skip

    def _since(self, old: StateView | None, at: float | None) -> float:
        """Return when the change was: by the PBX's clock as far as it fits to ours."""
        now = self._clock()
        since = now if at is None else min(at, now)
        return since if old is None else max(since, old.since)

    def _set_timer(self, agent: Agent) -> None:
        if (timer := self._timers.pop(agent.user_id, None)) is not None:
            timer.cancel()
        if agent.wrap_up is not None:
            delay_s = max(0.0, agent.wrap_up.until - self._clock())
            loop = asyncio.get_running_loop()
            self._timers[agent.user_id] = loop.call_later(delay_s, self._wrap_up_over, agent)

    def _wrap_up_over(self, agent: Agent) -> None:
        agent.end_wrap_up()
        self._update(agent.user_id, "timer")

    # ------------------------------------------------------------ spans

    def _write(self, agent: Agent, state: State, since: float, by: By) -> None:
        cause: dict[str, Any] = {"by": by}
        if agent.user_id not in self._followed and agent.wish is not None:
            cause |= {"wish": agent.wish, "reason": agent.reason}
        span_id, at = new_id(since), millis(since)
        until = None if state.until is None else millis(state.until)
        opened = (
            span_id, agent.user_id, state.state, _short(state.reason), at, until, state.call_id,
            json.dumps(cause),
        )  # fmt: skip
        self._spans.append(((at, agent.user_id, span_id), opened))
        self._idle.clear()
        self._work.set()

    async def load(self) -> None:
        """Take up what was open when the service stopped: wishes, and wrap-ups that still run."""
        now = self._clock()
        for user_id, state, reason, from_at, until_at, call_id, cause in await self._database.fetch(
            _LAST
        ):
            known = json.loads(cause) if isinstance(cause, str) else cause
            agent = self._agent(user_id)
            agent.wish, agent.reason = known.get("wish"), known.get("reason")
            until = None if until_at is None else until_at / 1000
            if state == "wrap-up" and until is not None and until > now:
                agent.wrap_up = WrapUp(call_id, until)
            self._shown[user_id] = StateView(
                state=state, reason=reason, since=from_at / 1000, until=until
            )
            ended = until if state == "wrap-up" and agent.wrap_up is None else None
            self._update(user_id, "restart", ended)
        self._dismiss()

    async def settled(self) -> None:
        """Return when the PBX has been asked for all that is wanted, and could answer."""
        await self._pauses.settled()

    async def drain(self) -> None:
        """Return when every span is stored."""
        await self._idle.wait()

    async def run(self) -> None:
        """Write spans, for ever."""
        try:
            while True:
                if not self._spans:
                    self._idle.set()
                    self._work.clear()
                    await self._work.wait()
                    # When a phone rings its card comes first, and what else changes comes along.
                    await asyncio.sleep(FLUSH_S)
                await self._store(tuple(self._spans))
        finally:
            for timer in self._timers.values():
                timer.cancel()
            await self._pauses.close()

    async def _store(self, spans: tuple[tuple[Row, Row], ...]) -> None:
        batch: list[tuple[str | Upsert, list[Row]]] = []
        for closed, opened in spans:
            batch += [(_CLOSE, [closed]), (_OPEN, [opened])]
        try:
            await self._database.apply(batch)
        except Unavailable as error:
            log.warning("the database is away; states are stored later", error=str(error))
            await asyncio.sleep(RETRY_S)
            return
        except Exception:
            log.exception("states cannot be stored", spans=len(spans))
        for _ in spans:
            self._spans.popleft()


def _wanted(agent: Agent) -> Wanted:
    if agent.takes_calls:
        return Wanted(paused=False)
    if agent.wrap_up is not None:
        return Wanted(paused=True, reason="wrap-up")
    return Wanted(paused=True, reason="off" if agent.wish == "off" else agent.reason or "")


def _short(reason: str | None) -> str | None:
    return None if reason is None else reason[:80]

"""Fifty calls, and an interruption in the middle of them.

A `Plan` says what happens in a call and when, told by the interruption: BEFORE it, at a part of it
(0.3: when three tenths have passed), AFTER it, or LATER. `play` does it with real phones and keeps what
they saw.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Literal

from callcenter.calls.models import Gap
from tests.e2e.rig import AmiUser, Asterisk, Call, Phones, Trunk
from tests.e2e.rig.floor import direct_number, queue_number

#: LATER is two seconds after it is over.
BEFORE, AFTER, LATER, NEVER = -1.0, 2.0, 4.0, 99.0

#: By when two who have answered are joined, on a busy machine, too.
JOINED_S = 10.0

#: For how long all stands as it is before the interruption.
TALK_S = 2.0

Kind = Literal["direct", "queue", "outbound", "click"]
#: "blind" hands the caller over to a second agent, whose phone rings until "taken".
Deed = Literal["hold", "resume", "blind", "taken"]


@dataclass(frozen=True)
class Plan:
    """When a call begins, is answered and ends. If nobody ends it, Asterisk's own end does."""

    kind: Kind
    begin: float
    answer: float
    end: float = NEVER
    by: Literal["customer", "agent"] = "customer"
    deeds: tuple[tuple[float, Deed], ...] = ()
    #: From when on the agent is at his phone, if not all the time.
    seat: float = BEFORE


@dataclass
class Story:
    """What happened in a call, by what its phones saw."""

    plan: Plan
    extension: str
    #: To whom it is transferred.
    second: str
    number: str
    customer: Call | None = None
    #: The agents' phones that rang, in that order.
    agents: list[tuple[str, Call]] = field(default_factory=list)

    def is_within(self, outage: "Outage") -> bool:
        """Tell whether all of it happened while the service heard nothing."""
        call = self.customer
        assert call is not None
        assert call.invited_at is not None
        assert call.ended_at is not None
        return outage.from_at < call.invited_at and call.ended_at < outage.to_at

    def __str__(self) -> str:
        return f"{self.number} {self.plan}"


class Outage:
    """The interruption as the clock of the plans."""

    def __init__(self, length_s: float, stories: int) -> None:
        self.from_at = 0.0
        self.to_at = 0.0
        self._length_s = length_s
        self._waiting = 0
        self._stories = stories
        self._all_wait = asyncio.Event()
        self._began = asyncio.Event()
        self._over = asyncio.Event()

    async def at(self, moment: float) -> None:
        """Wait for a moment of a plan."""
        if moment == BEFORE:
            return
        if not self._began.is_set():
            self._waiting += 1
            if self._waiting == self._stories:
                self._all_wait.set()
            await self._began.wait()
        loop = asyncio.get_running_loop()
        if moment < AFTER:
            await asyncio.sleep(self._from + moment * self._length_s - loop.time())
        else:
            await self._over.wait()
            await asyncio.sleep(self._to + moment - AFTER - loop.time())

    def is_within(self, gap: Gap, early_s: float, late_s: float = 0.5) -> bool:
        """Tell whether a gap holds it, and begins so little before or after it."""
        assert gap.to_at is not None
        begin, end = gap.from_at.timestamp(), gap.to_at.timestamp()
        return self.from_at - early_s <= begin <= self.from_at + late_s and self.to_at <= end

    async def happen(
        self,
        begin: Callable[[], Awaitable[None]],
        end: Callable[[], Awaitable[None]],
        now: Callable[[], float],
    ) -> None:
        """Interrupt, once all that is planned before stands."""
        await self._all_wait.wait()
        await asyncio.sleep(TALK_S)
        self.from_at = now()
        await begin()
        self._from = asyncio.get_running_loop().time()
        self._began.set()
        await asyncio.sleep(self._length_s)
        self.to_at = now()
        await end()
        self._to = asyncio.get_running_loop().time()
        self._over.set()


@dataclass
class Stage:
    """Where the calls are played."""

    asterisk: Asterisk
    trunk: Trunk
    phones: Phones
    #: A user of the PBX who is no part of what is tested, and may do everything.
    switchboard: AmiUser
    outage: Outage
    #: (extension, number): what a click in the service does.
    click: Callable[[str, str], Awaitable[None]]
    #: So many begin in one moment.
    _beginning: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(5))

    async def play(self, story: Story) -> None:
        plan, at = story.plan, self.outage.at
        if plan.seat != BEFORE:
            await self.phones.unregister(story.extension)
        await at(plan.begin)
        async with self._beginning:
            await self._begin(story)
        # The next step waits for the phone of this one.
        await self._answer(story)
        for moment, deed in plan.deeds:
            await at(moment)
            await self._do(story, deed)
        if plan.end == NEVER:
            await at(AFTER)
            return
        await at(plan.end)
        await self._end(story)
        await at(AFTER)

    async def _begin(self, story: Story) -> None:
        if story.plan.kind == "outbound":
            call = await self.phones.dial(story.extension, story.number)
            story.agents.append((story.extension, call))
            story.customer = await self.trunk.incoming(story.number)
        elif story.plan.kind == "click":
            await self.click(story.extension, story.number)
            call = await self.phones.incoming(story.extension)
            story.agents.append((story.extension, call))
        else:
            to = direct_number if story.plan.kind == "direct" else queue_number
            story.customer = await self.trunk.call(to(story.extension), from_=story.number)
            if story.plan.kind == "queue":
                await story.customer.until_answered()

    async def _answer(self, story: Story) -> None:
        plan = story.plan
        if plan.kind in ("direct", "queue") and plan.seat != NEVER:
            await self.outage.at(plan.seat)
            if plan.seat != BEFORE:
                await self.phones.register(story.extension)
            story.agents.append((story.extension, await self.phones.incoming(story.extension)))
        if plan.answer == NEVER:
            return
        await self.outage.at(plan.answer)
        if plan.kind == "outbound":
            assert story.customer is not None
            await story.customer.answer()
            return
        await story.agents[0][1].answer()
        if plan.kind == "click":
            story.customer = await self.trunk.incoming(story.number)
            await story.customer.answer()
        assert story.customer is not None
        await story.customer.until_answered()

    async def _do(self, story: Story, deed: Deed) -> None:
        extension, agent = story.agents[-1]
        if deed == "hold":
            await agent.hold()
        elif deed == "resume":
            await agent.resume()
        elif deed == "taken":
            await agent.answer()
        else:
            await self._transfer(extension, story.second)
            story.agents.append((story.second, await self.phones.incoming(story.second)))

    async def _transfer(self, extension: str, to: str) -> None:
        """Transfer blindly, as a phone would."""
        channel = await self._talking(extension)
        done = await self.switchboard.action(
            "BlindTransfer", Channel=channel, Exten=to, Context="from-agents"
        )
        assert done["Response"] == "Success", done

    async def _talking(self, extension: str) -> str:
        """Return the channel of a phone that is joined with somebody.

        A phone has answered some time before Asterisk has joined it, and till then it is refused.
        """
        async with asyncio.timeout(JOINED_S):
            while True:
                channels = await self.asterisk.cli("core show channels concise")
                for line in channels.splitlines():
                    # The name first; the bridge and the unique id last.
                    name, *facts = line.split("!")
                    if name.startswith(f"PJSIP/{extension}-") and facts[-2] not in ("", "(None)"):
                        return name

    async def _end(self, story: Story) -> None:
        _, agent = story.agents[-1] if story.agents else ("", None)
        ends = agent if story.plan.by == "agent" else story.customer
        assert ends is not None
        await ends.hang_up()
        if story.customer is not None:
            await story.customer.until_ended()


async def perform(stage: Stage, stories: list[Story]) -> None:
    """Play all of them at a time."""
    async with asyncio.TaskGroup() as group:
        for story in stories:
            group.create_task(stage.play(story), name=story.number)

"""People for the pretend PBX: customers who call, wait and give up, agents who answer and dial.

Every person is a small coroutine that looks at the call and acts as people do; chance comes from
one seed, so the same office can be opened again. Times are in the PBX's time (`speed`). Agents
leave direct calls alone while they are paused, but always pick up what they clicked for.
"""

import asyncio
import random
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass

from callcenter.simulator.calls import Call, NotPossibleNow
from callcenter.simulator.channels import UNKNOWN
from callcenter.simulator.pbx import Pbx

MOBILE_PREFIXES = ("50", "51", "55", "70", "77", "99")
GIVEN_NAMES = ("Leyla", "Elvin", "Nigar", "Tural", "Aysel", "Kamran", "Sevinc", "Rauf", "Lalə")
FAMILY_NAMES = ("Abbasova", "Quliyev", "Rzayeva", "Nəsirov", "İsmayılova", "Şükürov", "Qasımlı")

CALLS_PER_PHONE = 3


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody outside: the number as the carrier presents it, and the name if it sends one."""

    number: str | None
    name: str = UNKNOWN


@dataclass(frozen=True, slots=True)
class Habits:
    """How people behave: durations in seconds (the middle of what happens), chances from 0 to 1."""

    patience_s: float = 45
    pick_up_s: float = 4
    talk_s: float = 45
    hold_s: float = 8
    message_s: float = 10
    agent_misses: float = 0.08
    agent_declines: float = 0.02
    far_busy: float = 0.1
    far_misses: float = 0.2
    holds: float = 0.15
    agent_hangs_up_first: float = 0.4
    to_a_queue: float = 0.6
    to_an_agent: float = 0.25
    from_an_agent: float = 0.12
    withheld: float = 0.04
    stranger: float = 0.15


class Office:
    """Fills a PBX whose timers are on with people. `run` returns when the last of them is done."""

    def __init__(
        self, pbx: Pbx, callers: Sequence[Caller] = (), habits: Habits | None = None
    ) -> None:
        self.pbx = pbx
        self.callers = list(callers)
        self.habits = habits or Habits()
        self.calls_made = 0
        self._chance = random.Random()
        self._people: asyncio.TaskGroup | None = None

    async def run(self, rate_per_min: float = 6, seed: int = 1, calls: int | None = None) -> None:
        """Let `rate_per_min` calls come in, until cancelled or until `calls` of them are over."""
        self._chance = random.Random(seed)
        self.callers = self.callers or make_callers(self._chance)
        try:
            async with asyncio.TaskGroup() as people:
                self._people = people
                self.pbx.on_phone_rings = self._phone_rings
                self.pbx.on_far_rings = self._far_rings
                while calls is None or self.calls_made < calls:
                    await self._after(self._chance.expovariate(rate_per_min / 60))
                    self._something_happens()
        finally:
            self._people = None

    def _something_happens(self) -> None:
        """Let a new call begin, unless the office has all the calls it can hold."""
        self.calls_made += 1
        if len(self.pbx.calls) >= CALLS_PER_PHONE * len(self.pbx.phones):
            return
        begin = self._chance.choices(
            (self._call_a_queue, self._call_an_agent, self._dial_out, self._dial_a_colleague),
            (
                self.habits.to_a_queue,
                self.habits.to_an_agent,
                self.habits.from_an_agent,
                1 - self.habits.to_a_queue - self.habits.to_an_agent - self.habits.from_an_agent,
            ),
        )[0]
        self._spawn(begin())

    def _spawn(self, life: Coroutine[None, None, None]) -> None:
        if self._people is None:
            life.close()
        else:
            self._people.create_task(life)

    async def _after(self, seconds: float) -> None:
        await asyncio.sleep(seconds / self.pbx.settings.speed)

    def _about(self, seconds: float) -> float:
        """Return a duration as people have them: mostly near `seconds`, now and then far longer."""
        return seconds * min(self._chance.lognormvariate(0, 0.5), 4)

    def _happens(self, likelihood: float) -> bool:
        return self._chance.random() < likelihood

    # Customers.

    async def _call_a_queue(self) -> None:
        queues = [queue for queue in self.pbx.queues.values() if queue.members]
        queue = self._chance.choices(queues, range(len(queues), 0, -1))[0]
        caller = self._caller()
        await self._wait_for_an_answer(
            await self.pbx.queue_call(caller.number, queue.name, caller.name)
        )

    async def _call_an_agent(self) -> None:
        """Call an agent's own number; now and then it is one who talks already."""
        caller, anybody = self._caller(), self._chance.choice(list(self.pbx.phones))
        free = self._free_phone() if self._happens(0.8) else None
        await self._wait_for_an_answer(
            await self.pbx.call(caller.number, free or anybody, caller.name)
        )

    def _caller(self) -> Caller:
        if self._happens(self.habits.withheld):
            return Caller(None)
        if self._happens(self.habits.stranger):
            return Caller(_number(self._chance))
        return self._chance.choice(self.callers)

    async def _wait_for_an_answer(self, call: Call) -> None:
        try:
            async with asyncio.timeout(
                self._about(self.habits.patience_s) / self.pbx.settings.speed
            ):
                await call.until(lambda it: it.ended or it.is_connected or it.is_at_mailbox)
        except TimeoutError:
            await self._hang_up(call, "customer")
        if call.is_at_mailbox:
            await self._after(self._about(self.habits.message_s))
            await self._hang_up(call, "customer")
        elif call.is_connected:
            await self._talk(call)

    async def _talk(self, call: Call) -> None:
        """Talk for a while, on hold now and then; whoever is done first hangs up."""
        await self._after(self._about(self.habits.talk_s) / 2)
        if self._happens(self.habits.holds) and call.is_connected:
            await call.hold()
            await self._after(self._about(self.habits.hold_s))
            if call.is_connected:
                await call.unhold()
        await self._after(self._about(self.habits.talk_s) / 2)
        by_agent = self._happens(self.habits.agent_hangs_up_first)
        await self._hang_up(call, *(("agent", "customer") if by_agent else ("customer", "agent")))

    async def _hang_up(self, call: Call, *sides: str) -> None:
        """Let the first of `sides` that is in the call hang up."""
        for side in sides:
            if call.ended:
                return
            try:
                await call.hangup(by=side)
            except NotPossibleNow:
                continue
            return

    # Agents.

    def _phone_rings(self, call: Call, extension: str) -> None:
        self._spawn(self._look_at_phone(call, extension))

    async def _look_at_phone(self, call: Call, extension: str) -> None:
        clicked = call.is_click_to_call
        away = self._is_paused(extension) or self._happens(self.habits.agent_misses)
        await self._after(self._about(self.habits.pick_up_s) * (0.4 if clicked else 1))
        if extension not in call.ringing or (away and not clicked):
            return
        if not clicked and self._happens(self.habits.agent_declines):
            await call.decline(extension)
        else:
            await call.answer(extension)

    def _is_paused(self, extension: str) -> bool:
        return any(member.paused for member in self.pbx.members_of(f"PJSIP/{extension}"))

    def _free_phone(self) -> str | None:
        free = [
            phone.extension
            for phone in self.pbx.phones.values()
            if phone.state == "NOT_INUSE" and not self._is_paused(phone.extension)
        ]
        return self._chance.choice(free) if free else None

    async def _dial_out(self) -> None:
        extension, number = self._free_phone(), self._chance.choice(self.callers).number
        if extension is None or number is None:
            return
        call = await self.pbx.dial(extension, number)
        await call.until(lambda it: it.ended)

    async def _dial_a_colleague(self) -> None:
        caller, callee = self._free_phone(), self._free_phone()
        if caller is None or callee in (None, caller):
            return
        call = await self.pbx.dial(caller, callee)
        await call.until(lambda it: it.ended or it.is_connected)
        await self._after(self._about(self.habits.talk_s) / 2)
        await self._hang_up(call, caller)

    # People who are called.

    def _far_rings(self, call: Call) -> None:
        self._spawn(self._look_at_far_phone(call))

    async def _look_at_far_phone(self, call: Call) -> None:
        luck = self._chance.random()
        await self._after(self._about(self.habits.pick_up_s) * 2)
        if not call.far_is_ringing:
            return
        if luck < self.habits.far_busy:
            await call.far_busy()
        elif luck > self.habits.far_busy + self.habits.far_misses:
            await call.far_answers()
            await self._talk(call)


def make_callers(chance: random.Random, count: int = 40) -> list[Caller]:
    """Make customers up. The carrier sends a name for some of them."""
    return [
        Caller(
            _number(chance),
            f"{chance.choice(GIVEN_NAMES)} {chance.choice(FAMILY_NAMES)}"
            if chance.random() < 0.3
            else UNKNOWN,
        )
        for _ in range(count)
    ]


def _number(chance: random.Random) -> str:
    return f"0{chance.choice(MOBILE_PREFIXES)}{chance.randrange(2_000_000, 10_000_000)}"

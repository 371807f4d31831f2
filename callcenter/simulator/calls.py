"""A call as a script or a test handles it: who rings, who talks, and what people do with it.

Each verb returns when the thing has happened and every event of it has gone out. Customers are
behind the trunk, agents behind phones; `by` says which side acts, or names an extension.
"""

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from callcenter.simulator.applications import Application, VoiceMail
from callcenter.simulator.channels import Cause, Channel
from callcenter.simulator.originate import Originate
from callcenter.simulator.queueing import QueueVisit
from callcenter.simulator.wire import Field

if TYPE_CHECKING:
    from callcenter.simulator.pbx import Pbx


class NotPossibleNow(Exception):
    """The script asks for something that nobody could do at this point of the call."""


class Call:
    """One call on the pretend PBX, from its first channel to its last."""

    def __init__(self, pbx: "Pbx", caller: Channel) -> None:
        self.pbx = pbx
        self.ended = False
        self.was_answered = False
        self.application = Application(self, caller)
        self.on_originated: Callable[[list[Field]], None] = lambda _: None
        self._watchers: list[asyncio.Future[None]] = []

    @property
    def caller(self) -> Channel:
        """Return the channel that runs the dialplan: the customer's of an inbound call."""
        return self.application.caller

    @property
    def channels(self) -> list[Channel]:
        """Return the live channels of the call."""
        application = self.application
        answered = [application.answered] if application.answered else []
        legs = dict.fromkeys([application.caller, *application.ringing, *answered])
        return [leg for leg in legs if not leg.hung_up]

    @property
    def ringing(self) -> list[str]:
        """Return the extensions whose phones ring."""
        return [leg.endpoint for leg in self.application.ringing if not self._is_far(leg)]

    @property
    def far_is_ringing(self) -> bool:
        return any(self._is_far(leg) for leg in self.application.ringing)

    @property
    def agent(self) -> str | None:
        """Return the extension of the agent who talks with the other side."""
        leg = self.application.answered
        if leg is None:
            return None
        return self.caller.endpoint if self._is_far(leg) else leg.endpoint

    @property
    def is_connected(self) -> bool:
        return not self.ended and self.application.answered is not None

    @property
    def is_waiting(self) -> bool:
        """Say whether the caller waits in a queue, whether or not a phone rings."""
        return isinstance(self.application, QueueVisit) and self.application.is_waiting

    @property
    def is_click_to_call(self) -> bool:
        """Say whether an agent's phone rings because an AMI client asked for the call."""
        return isinstance(self.application, Originate)

    @property
    def is_at_mailbox(self) -> bool:
        return not self.ended and isinstance(self.application, VoiceMail)

    async def until(self, true: Callable[["Call"], bool]) -> None:
        """Wait until `true(call)` holds."""
        while not true(self):
            watcher: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._watchers.append(watcher)
            await watcher

    async def answer(self, extension: str | None = None) -> None:
        """Pick up the phone `extension`, or the one that rings."""
        leg = self._ringing_phone(extension)
        self.application.answer(leg)
        await self.pbx.settle()

    async def busy(self, extension: str | None = None) -> None:
        """Let a ringing phone answer "busy" (486)."""
        self.application.refuse(self._ringing_phone(extension), Cause.BUSY, 486)
        await self.pbx.settle()

    async def decline(self, extension: str | None = None) -> None:
        """Let the agent push the call away (603)."""
        self.application.refuse(self._ringing_phone(extension), Cause.REJECTED, 603)
        await self.pbx.settle()

    async def no_answer(self) -> None:
        """Let the time to ring be over; a queue goes on to its next member."""
        self.application.no_answer()
        await self.pbx.settle()

    async def far_answers(self) -> None:
        self.application.answer(self._far_leg())
        await self.pbx.settle()

    async def far_busy(self) -> None:
        self.application.refuse(self._far_leg(), Cause.BUSY, 486)
        await self.pbx.settle()

    async def far_congested(self) -> None:
        """Let the carrier answer 503."""
        self.application.refuse(self._far_leg(), Cause.CONGESTION, 503)
        await self.pbx.settle()

    async def hangup(self, by: str = "customer") -> None:
        """Hang up: `by` is "customer", "agent" or an extension."""
        self.application.hang_up(self._side(by))
        await self.pbx.settle()

    async def hold(self, by: str = "agent") -> None:
        holder, held = self._pair(by)
        self.pbx.call_event("Hold", holder, ("MusicClass", "default"))
        held.on_hold = True
        self.pbx.devices_changed(held.endpoint)
        self.pbx.start_music(held)
        await self.pbx.settle()

    async def unhold(self, by: str = "agent") -> None:
        holder, held = self._pair(by)
        self.pbx.call_event("Unhold", holder)
        self.pbx.stop_music(held)
        held.on_hold = False
        self.pbx.devices_changed(held.endpoint)
        await self.pbx.settle()

    def _is_far(self, leg: Channel) -> bool:
        return leg.endpoint == self.pbx.settings.trunk

    def _ringing_phone(self, extension: str | None) -> Channel:
        for leg in self.application.ringing:
            if not self._is_far(leg) and extension in (None, leg.endpoint):
                return leg
        raise NotPossibleNow(f"no phone {extension or ''} rings for this call")

    def _far_leg(self) -> Channel:
        for leg in self.application.ringing:
            if self._is_far(leg):
                return leg
        raise NotPossibleNow("nobody outside is being rung")

    def _side(self, by: str) -> Channel:
        for leg in self.channels:
            if by == leg.endpoint or (by in ("agent", "customer") and self._is(leg, by)):
                return leg
        raise NotPossibleNow(f"there is no {by} in this call")

    def _is(self, leg: Channel, by: str) -> bool:
        return self._is_far(leg) == (by == "customer")

    def _pair(self, by: str) -> tuple[Channel, Channel]:
        answered = self.application.answered
        if answered is None or self.ended:
            raise NotPossibleNow("nobody talks in this call")
        holder = self._side(by)
        return holder, answered if holder is self.caller else self.caller

    # What the applications tell the call.

    def run(self, application: Application) -> None:
        self.application = application
        application.start()
        self._changed()

    def rings(self, leg: Channel) -> None:
        self._changed()
        self.pbx.leg_rings(self, leg)

    def connected(self) -> None:
        self.was_answered = True
        self._changed()

    def speaks_to_mailbox(self) -> None:
        self._changed()

    def originated(self, response: list[Field]) -> None:
        self.on_originated(response)
        self._changed()

    def over(self) -> None:
        self.ended = True
        self.pbx.calls.remove(self)
        self._changed()

    def _changed(self) -> None:
        watchers, self._watchers = self._watchers, []
        for watcher in watchers:
            if not watcher.done():
                watcher.set_result(None)

"""What a channel runs in the dialplan: the base of all applications, and the small ones.

A call runs one application at a time. The application owns the other legs and the timers, and
knows what a hang-up means while it runs. Its bigger sisters are in `dialling`, `queueing` and
`originate`.
"""

import asyncio
from typing import TYPE_CHECKING

from callcenter.simulator.channels import Cause, Channel, State

if TYPE_CHECKING:
    from callcenter.simulator.calls import Call

BUSY_TONE_S = 5
CONTEXTS_WITH_H = {"from-trunk", "did", "to-queue"}


class Application:
    """One thing that `caller`, the channel with a dialplan, does; by itself it only waits."""

    def __init__(self, call: "Call", caller: Channel) -> None:
        self.call = call
        self.pbx = call.pbx
        self.caller = caller

    @property
    def ringing(self) -> list[Channel]:
        """Return the dialled legs that have not answered."""
        return []

    @property
    def answered(self) -> Channel | None:
        """Return the dialled leg that talks with the caller."""
        return None

    def start(self) -> None: ...

    def answer(self, leg: Channel) -> None:
        raise AssertionError(f"{leg.name} rings for nobody")

    def refuse(self, leg: Channel, cause: int, tech_cause: int) -> None:
        raise AssertionError(f"{leg.name} rings for nobody")

    def no_answer(self) -> None: ...

    def hang_up(self, channel: Channel) -> None:
        """The phone behind `channel` hangs up."""
        self.pbx.hangup_request(channel, channel.cause, channel.tech_cause)
        self.end()

    def kick(self, channel: Channel) -> None:
        """AMI asked for the end of `channel`; the cause is in the channel already."""
        self.end()

    def release(self, channel: Channel) -> None:
        """Let `channel` go elsewhere (Redirect); the other legs are hung up."""

    def end(self) -> None:
        """Hang the caller up as Asterisk does at the end of a dialplan."""
        self.pbx.soft_hangup(self.caller)
        if self.caller.context in CONTEXTS_WITH_H:
            self.caller.at(self.caller.context, "h", 2)
        self.pbx.hangup(self.caller)
        self.call.over()


class Tone(Application):
    """The busy or congestion tone that a caller gets to hear who was answered before."""

    def __init__(self, call: "Call", caller: Channel, cause: int, tech_cause: int) -> None:
        super().__init__(call, caller)
        self.cause = cause
        self.tech_cause = tech_cause
        self.timer: asyncio.TimerHandle | None = None

    def start(self) -> None:
        self.caller.runs("Busy", f"{BUSY_TONE_S}")
        self.timer = self.pbx.pause(BUSY_TONE_S, self.end)

    def end(self) -> None:
        self.pbx.cancel(self.timer)
        self.pbx.soft_hangup(self.caller)
        self.caller.cause, self.caller.tech_cause = self.cause, self.tech_cause
        self.pbx.hangup(self.caller)
        self.call.over()

    def release(self, channel: Channel) -> None:
        self.pbx.cancel(self.timer)


class Unallocated(Application):
    """A number that nobody has."""

    def start(self) -> None:
        self.caller.priority = 2
        self.end()

    def end(self) -> None:
        self.pbx.soft_hangup(self.caller)
        self.caller.at("did", "h", 2)
        self.caller.cause, self.caller.tech_cause = Cause.UNALLOCATED, 404
        self.pbx.hangup(self.caller)
        self.call.over()


class VoiceMail(Application):
    """The mailbox of an agent. Whoever hangs up after the greeting has left a message."""

    def __init__(self, call: "Call", caller: Channel, mailbox: str) -> None:
        super().__init__(call, caller)
        self.mailbox = mailbox

    def start(self) -> None:
        self.caller.at("direct", "s", 5)
        self.pbx.new_state(self.caller, State.UP)
        self.caller.at("direct", "s", 6)
        self.caller.runs("VoiceMail", f"{self.mailbox}@default,us")
        self.call.speaks_to_mailbox()

    def end(self) -> None:
        self.caller.set_variable("VMSTATUS", "SUCCESS")
        self.pbx.call_event(
            "MessageWaiting",
            self.caller,
            ("Mailbox", f"{self.mailbox}@default"),
            ("Waiting", "1"),
            ("New", "1"),
            ("Old", "0"),
        )
        self.pbx.device_is(f"MWI:{self.mailbox}@default", "INUSE")
        super().end()

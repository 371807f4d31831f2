"""The dialplan's Dial: the caller rings one endpoint, and what becomes of the two.

The place of the caller in the dialplan decides what follows a failure: an agent's own number
has a mailbox behind it, everything else ends in the context `failed`.
"""

import asyncio
from typing import TYPE_CHECKING

from callcenter.simulator.applications import Application, Tone, VoiceMail
from callcenter.simulator.channels import NOBODY, Cause, Channel, Party, State

if TYPE_CHECKING:
    from callcenter.simulator.calls import Call

DIAL_STATUS: dict[int, str] = {Cause.BUSY: "BUSY", Cause.CONGESTION: "CONGESTION"}


class Dial(Application):
    """Rings `endpoint`; `number` is set when that is the trunk."""

    def __init__(
        self,
        call: "Call",
        caller: Channel,
        endpoint: str,
        *,
        ring_s: float,
        number: str = "",
        mailbox: str = "",
    ) -> None:
        super().__init__(call, caller)
        self.endpoint = endpoint
        self.ring_s = ring_s
        self.number = number
        self.mailbox = mailbox
        self.callee: Channel | None = None
        self.timer: asyncio.TimerHandle | None = None

    @property
    def ringing(self) -> list[Channel]:
        callee = self.callee
        return [callee] if callee and callee.state == State.RINGING and not callee.hung_up else []

    @property
    def answered(self) -> Channel | None:
        return self.callee if self.caller.bridge else None

    def start(self) -> None:
        self.caller.runs("Dial", f"PJSIP/{self.endpoint},{self.ring_s:g},tTkK")
        if not self.pbx.is_reachable(self.endpoint):
            self._failed("CHANUNAVAIL")
            return
        engaged = self.pbx.is_engaged(self.endpoint)
        callee = self.callee = self._new_callee()
        self.pbx.dial_event("DialBegin", self.caller, callee, ("DialString", self._dial_string()))
        if self.caller.connected.number != callee.caller.number:
            self.pbx.new_connected_line(self.caller, callee.caller)
        if engaged:
            self.refuse(callee, Cause.BUSY, 486)
            return
        self.pbx.ring(self.caller, callee)
        self.timer = self.pbx.later(self.ring_s, self.no_answer)
        self.call.rings(callee)

    def _dial_string(self) -> str:
        return self.pbx.trunk_target(self.number) if self.number else self.endpoint

    def _new_callee(self) -> Channel:
        if not self.number:
            return self.pbx.new_phone_leg(self.caller, self.endpoint, self.caller.exten)
        callee = self.pbx.new_channel(
            self.endpoint, State.DOWN, "from-trunk", "s", parent=self.caller
        )
        callee.inherit(self.caller)
        callee.exten = self.number
        callee.runs("AppDial", "(Outgoing Line)")
        callee.connected = self.caller.caller
        known = self.caller.connected
        name = known.name if known.number == self.number else NOBODY.name
        self.pbx.new_caller_id(callee, Party(self.number, name))
        self.pbx.new_connected_line(callee, callee.connected)
        return callee

    def answer(self, leg: Channel) -> None:
        self.pbx.cancel(self.timer)
        self.pbx.new_state(leg, State.UP)
        leg.exten = ""
        self.pbx.dial_event("DialEnd", self.caller, leg, ("DialStatus", "ANSWER"))
        self.pbx.new_state(self.caller, State.UP)
        self.pbx.join(leg, self.caller)
        self.call.connected()

    def refuse(self, leg: Channel, cause: int, tech_cause: int) -> None:
        """The far end answers with an error: busy, declined, congested, no such number."""
        self.pbx.hangup_request(leg, cause, tech_cause)
        self._refused(leg)

    def _refused(self, leg: Channel) -> None:
        self.pbx.cancel(self.timer)
        cause = leg.cause
        self.pbx.dial_event(
            "DialEnd", self.caller, leg, ("DialStatus", DIAL_STATUS.get(cause, "NOANSWER"))
        )
        self.pbx.hangup(leg)
        if self.mailbox and cause == Cause.REJECTED:
            self.caller.cause, self.caller.tech_cause = cause, 403
        self._failed(DIAL_STATUS.get(cause, "CHANUNAVAIL"))

    def no_answer(self) -> None:
        """The time to ring is over."""
        self.pbx.cancel(self.timer)
        for leg in self.ringing:
            self.pbx.dial_event("DialEnd", self.caller, leg, ("DialStatus", "NOANSWER"))
            self.pbx.hangup(leg)
            self._failed("NOANSWER")

    def _failed(self, status: str) -> None:
        if self.mailbox and status != "BUSY":
            self.call.run(VoiceMail(self.call, self.caller, self.mailbox))
            return
        self.caller.at("failed", status, 1)
        if status == "NOANSWER":
            self._hang_up_caller(Cause.NO_ANSWER, 480)
        elif self.caller.state == State.UP:
            self.call.run(Tone(self.call, self.caller, *_tone(status)))
        else:
            self._turn_away(*_tone(status))

    def _turn_away(self, cause: int, tech_cause: int) -> None:
        """Tell a caller by SIP who was not answered yet; the phone acknowledges it at once."""
        self.pbx.new_state(self.caller, State.BUSY)
        self.pbx.hangup_request(self.caller, cause, tech_cause)
        self._hang_up_caller(cause, tech_cause)

    def _hang_up_caller(self, cause: int, tech_cause: int) -> None:
        self.pbx.soft_hangup(self.caller)
        self.caller.cause, self.caller.tech_cause = cause, tech_cause
        self.pbx.hangup(self.caller)
        self.call.over()

    def hang_up(self, channel: Channel) -> None:
        """The phone of `channel` hangs up: a BYE, a CANCEL or a decline."""
        if self.answered:
            self.pbx.hangup_request(channel, Cause.NORMAL)
            self._part(channel, self.answered)
        elif channel is self.caller:
            self.pbx.hangup_request(channel, Cause.INTERWORKING, 487)
            self._cancel()
        else:
            self.refuse(channel, Cause.REJECTED, 603)

    def kick(self, channel: Channel) -> None:
        if self.answered:
            self._part(channel, self.answered)
        elif channel is self.caller:
            self._cancel()
        else:
            self._refused(channel)

    def _part(self, first: Channel, callee: Channel) -> None:
        self._leave_bridge(first, callee)
        self.pbx.hangup(callee)
        self.end()

    def _leave_bridge(self, first: Channel, callee: Channel) -> None:
        self.pbx.leave(first)
        self.pbx.leave(callee if first is self.caller else self.caller)

    def _cancel(self) -> None:
        self._cancel_ringing(500 if self.caller.tech_cause else None)
        self.end()

    def _cancel_ringing(self, tech_cause: int | None = None) -> None:
        self.pbx.cancel(self.timer)
        for leg in self.ringing:
            self.pbx.dial_event("DialEnd", self.caller, leg, ("DialStatus", "CANCEL"))
            leg.tech_cause = tech_cause
            self.pbx.hangup(leg, self.caller.cause)

    def release(self, channel: Channel) -> None:
        callee = self.answered
        if callee is None:
            self._cancel_ringing()
            return
        self._leave_bridge(channel, callee)
        if channel is callee:
            self.pbx.soft_hangup(self.caller)
            self.pbx.hangup(self.caller)
        else:
            self.pbx.hangup(callee)


def _tone(status: str) -> tuple[Cause, int]:
    return (Cause.BUSY, 486) if status == "BUSY" else (Cause.CONGESTION, 503)

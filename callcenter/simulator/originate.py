"""Click-to-call as Asterisk does it: ring the agent's phone first, then run the dialplan on it."""

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from callcenter.simulator.applications import Application
from callcenter.simulator.channels import NOBODY, UNKNOWN, Cause, Channel, Party, State
from callcenter.simulator.wire import Field

if TYPE_CHECKING:
    from callcenter.simulator.calls import Call

REASON: dict[int, str] = {Cause.NO_ANSWER: "3", Cause.BUSY: "5", Cause.CONGESTION: "8"}
DIAL_STATUS: dict[int, str] = {Cause.BUSY: "BUSY", Cause.CONGESTION: "CONGESTION"}


@dataclass(frozen=True, slots=True)
class OriginateRequest:
    """What the client asked for; `is_async` says that it wants an OriginateResponse."""

    extension: str
    channel: str
    context: str
    exten: str
    caller: Party | None = None
    channel_id: str = ""
    action_id: str = ""
    timeout_s: float = 30.0
    is_async: bool = True
    variables: tuple[Field, ...] = field(default=())


class Originate(Application):
    """The first half of a click-to-call: `caller` is the agent's leg and is dialled by nobody."""

    def __init__(self, call: "Call", caller: Channel, request: OriginateRequest) -> None:
        super().__init__(call, caller)
        self.request = request
        self.timer: asyncio.TimerHandle | None = None

    @property
    def ringing(self) -> list[Channel]:
        return [self.caller] if self.caller.state == State.RINGING else []

    def start(self) -> None:
        leg = self.caller
        leg.runs("AppDial2", "(Outgoing Line)")
        for name, value in self.request.variables:
            leg.set_variable(name, value)
        if self.request.caller:
            self.pbx.new_caller_id(leg, self.request.caller)
            self.pbx.new_connected_line(leg, self.request.caller)
        self.pbx.dial_event("DialBegin", None, leg, ("DialString", self.request.extension))
        if self.pbx.is_engaged(leg.endpoint, besides=leg):
            self.refuse(leg, Cause.BUSY, 486)
            return
        self.pbx.ring(None, leg)
        self.timer = self.pbx.at_wall_clock(self.request.timeout_s, self.no_answer)
        self.call.rings(leg)

    def answer(self, leg: Channel) -> None:
        self.pbx.cancel(self.timer)
        self.pbx.new_state(leg, State.UP)
        self.pbx.dial_event("DialEnd", None, leg, ("DialStatus", "ANSWER"))
        self.call.originated(self._response("Success", "4"))
        self.pbx.run_dialplan(self.call, leg, self.request.context, self.request.exten)

    def refuse(self, leg: Channel, cause: int, tech_cause: int) -> None:
        self.pbx.cancel(self.timer)
        self.pbx.hangup_request(leg, cause, tech_cause)
        status = DIAL_STATUS.get(cause, "NOANSWER")
        self.pbx.dial_event("DialEnd", None, leg, ("DialStatus", status))
        self._fail()

    def no_answer(self) -> None:
        self.pbx.cancel(self.timer)
        self.caller.cause, self.caller.tech_cause = Cause.NO_ANSWER, 480
        self._fail()

    def hang_up(self, channel: Channel) -> None:
        self.refuse(channel, Cause.REJECTED, 603)

    def kick(self, channel: Channel) -> None:
        self.pbx.cancel(self.timer)
        self._fail()

    def _fail(self) -> None:
        self.pbx.hangup(self.caller)
        reason = REASON.get(self.caller.cause, "0")
        self.call.originated(self._response("Failure", reason))
        self.call.over()

    def _response(self, response: str, reason: str) -> list[Field]:
        return originate_response(
            self.request, response, reason, self.pbx.settings.channelvars, self.caller
        )


def originate_response(
    request: OriginateRequest,
    response: str,
    reason: str,
    channelvars: tuple[str, ...] = (),
    channel: Channel | None = None,
) -> list[Field]:
    """Return the fields of OriginateResponse. A failure names the endpoint, not the channel."""
    answered = channel if channel and response == "Success" else None
    caller = request.caller or NOBODY
    return [
        *([("ActionID", request.action_id)] if request.action_id else []),
        ("Response", response),
        ("Channel", answered.name if answered else request.channel),
        ("Context", request.context),
        ("Exten", request.exten),
        ("Reason", reason),
        ("Uniqueid", channel.uniqueid if channel else request.channel_id or UNKNOWN),
        ("CallerIDNum", caller.number),
        ("CallerIDName", caller.name),
        *(_old_variables(answered, channelvars) if answered else []),
    ]


def _old_variables(channel: Channel, channelvars: tuple[str, ...]) -> list[Field]:
    """Return the channel's variables in the old form, which this event alone has kept."""
    key = f"ChanVariable({channel.name})"
    return [(key, f"{name}={channel.variables.get(name, '')}") for name in channelvars]

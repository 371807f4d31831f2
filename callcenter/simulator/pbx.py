"""The pretend PBX as a whole: where numbers lead, and the verbs that scripts and people use.

Numbers lead to the same places as in the recordings: an agent's own number (with a mailbox
behind it), the same number recorded and without a mailbox, a queue, or an error.
"""

import asyncio
import re
from collections.abc import Callable

from callcenter.simulator.applications import Unallocated
from callcenter.simulator.calls import Call
from callcenter.simulator.channels import UNKNOWN, Cause, Channel, Party, State
from callcenter.simulator.dialling import Dial
from callcenter.simulator.floor import Floor
from callcenter.simulator.originate import Originate, OriginateRequest, originate_response
from callcenter.simulator.queueing import QueueVisit
from callcenter.simulator.settings import SimulatorSettings
from callcenter.simulator.wire import Field

CALLABLE = re.compile(r"\+?[0-9]+")
WITHHELD = Party("anonymous", "Anonymous")

RingHook = Callable[[Call, str], None]


class Pbx(Floor):
    """Numbers and calls. `on_phone_rings` and `on_far_rings` let people act by themselves."""

    def __init__(self, settings: SimulatorSettings) -> None:
        super().__init__(settings)
        self.calls: list[Call] = []
        self.on_phone_rings: RingHook = lambda _call, _extension: None
        self.on_far_rings: Callable[[Call], None] = lambda _call: None
        self._originated: asyncio.Queue[Call] = asyncio.Queue()

    # The verbs of scripts and people.

    async def call(self, from_: str | None, to: str, name: str = UNKNOWN) -> Call:
        """Let a customer call the number `to`, or the own number of the extension `to`.

        `from_` is the number as the carrier presents it; None withholds it.
        """
        caller = WITHHELD if from_ is None else Party(from_, name)
        channel = self.new_channel(
            self.settings.trunk,
            State.RING,
            "from-trunk",
            self.did_of(to) if to in self.phones else to,
            caller=caller,
        )
        channel.dialled = channel.exten
        channel.set_variable("__DID", channel.exten)
        call = self._new_call(channel)
        self._route_inbound(call, channel)
        await self.settle()
        return call

    async def queue_call(self, from_: str | None, queue: str, name: str = UNKNOWN) -> Call:
        """Let a customer call the number of a queue."""
        return await self.call(from_, self.queues[queue].settings.did, name)

    async def dial(self, agent: str, to: str) -> Call:
        """Let an agent dial a number or an extension on the phone."""
        phone = self.phones[agent]
        channel = self.new_channel(
            agent, State.RING, "from-agents", to, caller=Party(agent, phone.name)
        )
        call = self._new_call(channel)
        context = "from-agents" if to in self.phones else "outbound"
        self.run_dialplan(call, channel, context, to)
        await self.settle()
        return call

    async def dial_code(self, agent: str, event: str, code: str = "") -> None:
        """Let somebody dial a feature code, of which the dialplan tells by a UserEvent."""
        caller = Party(agent, self.phones[agent].name)
        channel = self.new_channel(agent, State.RING, "from-agents", f"*41{code}", caller=caller)
        self.new_state(channel, State.UP)
        fields = [("UserEvent", event), *([("Code", code)] if code else [])]
        self.emit("UserEvent", "user", self.of(channel), fields)
        self.hangup(channel, Cause.NORMAL)
        await self.settle()

    async def originated(self) -> Call:
        """Wait for the next call that an AMI client starts."""
        return await self._originated.get()

    async def settle(self) -> None:
        """Let the PBX finish what follows from the last step: the next caller of a queue rings."""
        await asyncio.sleep(0)

    # The dialplan.

    def did_of(self, extension: str) -> str:
        """Return the own number of an agent, the one with a mailbox behind it."""
        return f"{self.settings.direct_did_prefix}{list(self.phones).index(extension) + 1}"

    def trunk_target(self, number: str) -> str:
        return f"{self.settings.trunk}/sip:{number}@127.0.0.2:5060"

    def _route_inbound(self, call: Call, channel: Channel) -> None:
        did = _national(channel.exten)
        channel.at("did", did, 1)
        for position, extension in enumerate(self.phones, start=1):
            if did == f"{self.settings.direct_did_prefix}{position}":
                self.start_recording(channel, f"direct-{extension}")
                channel.at("direct", "s", 2)
                call.run(Dial(call, channel, extension, ring_s=20, mailbox=extension))
                return
            if did == f"{self.settings.recorded_did_prefix}{position}":
                self.start_recording(channel, "in")
                channel.at("did", did, 2)
                call.run(Dial(call, channel, extension, ring_s=25))
                return
        for queue in self.queues.values():
            if did == queue.settings.did:
                call.run(QueueVisit(call, channel, queue))
                return
        call.run(Unallocated(call, channel))

    def run_dialplan(self, call: Call, channel: Channel, context: str, exten: str) -> None:
        """Run `context,exten,1` on a channel: an extension, the name of a queue, or a number."""
        if exten in self.phones:
            channel.at(context, exten, 2)
            call.run(Dial(call, channel, exten, ring_s=20))
        elif exten in self.queues:
            call.run(QueueVisit(call, channel, self.queues[exten]))
        else:
            self._dial_out(call, channel, context, exten)

    def knows(self, exten: str) -> bool:
        """Say whether `run_dialplan` has a place for `exten`."""
        return exten in self.phones or exten in self.queues or bool(CALLABLE.fullmatch(exten))

    def _dial_out(self, call: Call, channel: Channel, context: str, number: str) -> None:
        kind = "c2c" if context == "click2call" else "out"
        self.start_recording(channel, f"{kind}-{number}")
        channel.at(context, number, 3)
        self.new_caller_id(channel, Party(self.settings.company_number, channel.caller.name))
        channel.at(context, number, 4)
        ring_s = 30 if context == "outbound" else 20
        call.run(Dial(call, channel, self.settings.trunk, ring_s=ring_s, number=number))

    def _new_call(self, caller: Channel) -> Call:
        call = Call(self, caller)
        self.calls.append(call)
        return call

    def new_phone_leg(self, caller: Channel, extension: str, exten: str) -> Channel:
        """Make the channel to an agent's phone that `caller` dials."""
        leg = self.new_channel(
            extension,
            State.DOWN,
            "from-agents",
            "s",
            parent=caller,
            caller=Party(extension, self.phones[extension].name),
        )
        leg.inherit(caller)
        leg.exten = exten
        leg.runs("AppDial", "(Outgoing Line)")
        self.new_connected_line(leg, caller.caller)
        return leg

    def is_reachable(self, endpoint: str) -> bool:
        return endpoint == self.settings.trunk or self.phones[endpoint].registered

    def is_engaged(self, endpoint: str, besides: Channel | None = None) -> bool:
        """Say whether a phone answers "busy": it has a call already, or was told to."""
        phone = self.phones.get(endpoint)
        others = (one for one in self.channels.values() if one is not besides)
        return phone is not None and (
            phone.is_busy or any(one.endpoint == endpoint for one in others)
        )

    def leg_rings(self, call: Call, leg: Channel) -> None:
        if leg.endpoint == self.settings.trunk:
            self.on_far_rings(call)
            return
        delay_s = self.phones[leg.endpoint].answers_after_s
        if delay_s is not None:
            self.at_wall_clock(delay_s / self.settings.speed, lambda: self.pick_up(call, leg))
        self.on_phone_rings(call, leg.endpoint)

    def pick_up(self, call: Call, leg: Channel) -> None:
        """Answer `leg` if it still rings."""
        if leg in call.application.ringing:
            call.application.answer(leg)

    # What AMI clients ask for.

    def originate(self, request: OriginateRequest, told: Callable[[list[Field]], None]) -> None:
        """Ring the phone of `request`; `told` gets the fields of OriginateResponse in the end."""
        phone = self.phones.get(request.extension)
        taken = any(one.uniqueid == request.channel_id for one in self.channels.values())
        if phone is None or not phone.registered or taken:
            told(originate_response(request, "Failure", "0"))
            return
        channel = self.new_channel(
            phone.extension,
            State.DOWN,
            "from-agents",
            "s",
            caller=Party(phone.extension, phone.name),
            uniqueid=request.channel_id,
        )
        call = self._new_call(channel)
        call.on_originated = told
        self._originated.put_nowait(call)
        call.run(Originate(call, channel, request))

    def call_of(self, channel: Channel) -> Call:
        return next(call for call in self.calls if channel in call.channels)

    def hang_up_channel(self, channel: Channel, cause: int) -> None:
        """Hang up a channel from outside of its call, as the AMI action does."""
        application = self.call_of(channel).application
        channel.cause = cause
        self.soft_hangup(channel, flag=32)
        application.kick(channel)

    def can_redirect(self, channel: Channel) -> bool:
        """Say whether `channel` runs a dialplan or talks: a ringing leg cannot be sent away."""
        return channel not in self.call_of(channel).application.ringing

    def redirect(self, channel: Channel, context: str, exten: str) -> None:
        call = self.call_of(channel)
        channel.at(context, exten, 1)
        call.application.release(channel)
        self.run_dialplan(call, channel, context, exten)


def _national(number: str) -> str:
    digits = re.sub(r"[^0-9]", "", number)
    return re.sub(r"^(00)?994", "0", digits)

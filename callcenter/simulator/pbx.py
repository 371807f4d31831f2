"""The pretend PBX as a whole: phones, queues, numbers, and the verbs that scripts and people use.

Numbers lead to the same places as in the recordings: an agent's own number (with a mailbox
behind it), the same number recorded and without a mailbox, a queue, or an error.
"""

import asyncio
import re
import time
from collections.abc import Callable

from callcenter.simulator.applications import Unallocated
from callcenter.simulator.calls import Call
from callcenter.simulator.channels import UNKNOWN, Channel, Party, State
from callcenter.simulator.devices import BUSY_AT, EXTENSION_STATUS, Phone, state_of
from callcenter.simulator.dialling import Dial
from callcenter.simulator.originate import Originate, OriginateRequest, originate_response
from callcenter.simulator.queueing import QueueVisit
from callcenter.simulator.queues import Member, Queue
from callcenter.simulator.settings import SimulatorSettings
from callcenter.simulator.switch import Switch
from callcenter.simulator.wire import Field

CALLABLE = re.compile(r"\+?[0-9]+")
WITHHELD = Party("anonymous", "Anonymous")

RingHook = Callable[[Call, str], None]


class Pbx(Switch):
    """Phones, queues and calls. `on_phone_rings` and `on_far_rings` let people act by themselves."""

    def __init__(self, settings: SimulatorSettings) -> None:
        super().__init__(settings)
        self.calls: list[Call] = []
        self.on_phone_rings: RingHook = lambda _call, _extension: None
        self.on_far_rings: Callable[[Call], None] = lambda _call: None
        self.device_states: dict[str, str] = {f"PJSIP/{settings.trunk}": "NOT_INUSE"}
        self._originated: asyncio.Queue[Call] = asyncio.Queue()
        self.phones = {
            phone.extension: Phone(phone.extension, phone.name, phone.registered)
            for phone in settings.phones
        }
        self.queues = {queue.name: Queue(queue) for queue in settings.queues}
        for queue in self.queues.values():
            queue.members = [self._static_member(queue, one) for one in queue.settings.members]
        self._take_stock()

    def _static_member(self, queue: Queue, extension: str) -> Member:
        phone = self.phones[extension]
        return Member(queue.name, f"PJSIP/{extension}", phone.name, phone)

    def _take_stock(self) -> None:
        """Work out the first state of every device; nobody is told."""
        for phone in self.phones.values():
            phone.state = "NOT_INUSE" if phone.registered else "UNAVAILABLE"
            self.device_states[f"PJSIP/{phone.extension}"] = phone.state
        for queue in self.queues.values():
            self.device_states[f"Queue:{queue.name}"] = "NOT_INUSE"
            self.device_states[f"Queue:{queue.name}_avail"] = _availability(queue)
            for member in queue.members:
                self.device_states[_pause_device(member)] = "NOT_INUSE"

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

    async def originated(self) -> Call:
        """Wait for the next call that an AMI client starts."""
        return await self._originated.get()

    def set_phone(
        self,
        extension: str,
        *,
        registered: bool | None = None,
        answers_after_s: float | None = None,
        is_busy: bool = False,
    ) -> None:
        """Register or unregister a phone; say whether it picks up by itself, or refuses calls."""
        phone = self.phones[extension]
        phone.answers_after_s = answers_after_s
        phone.is_busy = is_busy
        if registered is None or registered == phone.registered:
            return
        phone.registered = registered
        status = "Reachable" if registered else "Unreachable"
        self.emit(
            "PeerStatus",
            "system",
            [("ChannelType", "PJSIP"), ("Peer", f"PJSIP/{extension}"), ("PeerStatus", status)],
        )
        self.devices_changed(extension)
        self._contact_changed(phone)

    def _contact_changed(self, phone: Phone) -> None:
        self.emit(
            "ContactStatus",
            "system",
            [
                ("URI", phone.uri),
                ("ContactStatus", "NonQualified" if phone.registered else "Removed"),
                ("AOR", phone.extension),
                ("EndpointName", phone.extension),
                ("RoundtripUsec", "0"),
            ],
        )

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

    # Devices and queue members.

    def devices_changed(self, endpoint: str) -> None:
        """Work out the state of `endpoint` and, if it is a new one, tell everybody who watches."""
        phone = self.phones.get(endpoint)
        own = [one for one in self.channels.values() if one.endpoint == endpoint]
        state = state_of(own, phone is None or phone.registered, BUSY_AT if phone else None)
        if self.device_states[f"PJSIP/{endpoint}"] == state:
            return
        if phone:
            phone.state = state
            self.emit("ExtensionStatus", "call", extension_status(phone))
        self.device_is(f"PJSIP/{endpoint}", state)
        for queue in self.queues.values() if phone else ():
            self._members_changed(queue, endpoint)
        if state == "NOT_INUSE":
            self._offer_waiting_soon()

    def device_is(self, device: str, state: str) -> None:
        if self.device_states.get(device) != state:
            self.device_states[device] = state
            self.emit("DeviceStateChange", "call", [("Device", device), ("State", state)])

    def _members_changed(self, queue: Queue, extension: str) -> None:
        for member in queue.members:
            if member.phone.extension == extension:
                self.emit("QueueMemberStatus", "agent", member.event_fields())
                self._availability_changed(queue)

    def _availability_changed(self, queue: Queue) -> None:
        self.device_is(f"Queue:{queue.name}_avail", _availability(queue))

    def queue_size_changed(self, queue: Queue) -> None:
        self.device_is(f"Queue:{queue.name}", "RINGING" if queue.waiting else "NOT_INUSE")

    def _offer_waiting_soon(self) -> None:
        asyncio.get_running_loop().call_soon(self.offer_waiting)

    def offer_waiting(self) -> None:
        """Ring free members for the callers who wait, the longest-waiting first."""
        for queue in self.queues.values():
            for visit in tuple(queue.waiting):
                visit.ring_members()

    def members_of(self, interface: str, queue: str = "") -> list[Member]:
        """Return the member `interface` of one queue, or of all it is in."""
        queues = [self.queues[queue]] if queue in self.queues else []
        found = [one.member(interface) for one in (queues if queue else self.queues.values())]
        return [member for member in found if member is not None]

    def pause_member(self, member: Member, paused: bool, reason: str) -> None:
        member.paused, member.paused_reason = paused, reason
        if paused:
            member.last_pause = int(time.time())
        self.device_is(_pause_device(member), "INUSE" if paused else "NOT_INUSE")
        self._availability_changed(self.queues[member.queue])
        self.emit("QueueMemberPause", "agent", member.event_fields())
        self._offer_waiting_soon()

    def add_member(self, queue: Queue, member: Member) -> None:
        queue.members.append(member)
        if member.paused:
            member.last_pause = int(time.time())
        self.device_is(_pause_device(member), "INUSE" if member.paused else "NOT_INUSE")
        self.emit("QueueMemberAdded", "agent", member.event_fields())
        self._availability_changed(queue)
        self._offer_waiting_soon()

    def remove_member(self, queue: Queue, member: Member) -> None:
        queue.members.remove(member)
        self.emit("QueueMemberRemoved", "agent", member.event_fields())
        self.device_is(_pause_device(member), "NOT_INUSE")
        self._availability_changed(queue)

    def count_call(self, interface: str) -> None:
        """Count a finished call in every queue that the member is in (`shared_lastcall`)."""
        for member in self.members_of(interface):
            member.calls_taken += 1
            member.last_call = int(time.time())


def extension_status(phone: Phone) -> list[Field]:
    status, text = EXTENSION_STATUS[phone.state]
    return [
        ("Exten", phone.extension),
        ("Context", "internal"),
        ("Hint", phone.hint),
        ("Status", str(status)),
        ("StatusText", text),
    ]


def _availability(queue: Queue) -> str:
    return "NOT_INUSE" if queue.free() else "INUSE"


def _pause_device(member: Member) -> str:
    return f"Queue:{member.queue}_pause_{member.interface}"


def _national(number: str) -> str:
    digits = re.sub(r"[^0-9]", "", number)
    return re.sub(r"^(00)?994", "0", digits)

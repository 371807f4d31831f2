"""Phones and queues: the state that the channels of a phone add up to, and who must hear of it.

One change of a phone is told many times: of the extension, of the device, of its member in every
queue, and of every queue that has somebody free now or nobody any more.
"""

import asyncio
import time

from callcenter.simulator.devices import BUSY_AT, EXTENSION_STATUS, Phone, state_of
from callcenter.simulator.queues import Member, Queue
from callcenter.simulator.settings import SimulatorSettings
from callcenter.simulator.switch import Switch
from callcenter.simulator.wire import Field


class Floor(Switch):
    """The switch with its phones and queues."""

    def __init__(self, settings: SimulatorSettings) -> None:
        super().__init__(settings)
        self.device_states: dict[str, str] = {f"PJSIP/{settings.trunk}": "NOT_INUSE"}
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
        return Member(
            queue.name,
            f"PJSIP/{extension}",
            phone.name,
            phone,
            wrapuptime_s=self.settings.wrapuptime_s,
        )

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
        if (rest_s := self.settings.wrapuptime_s) > 0:
            asyncio.get_running_loop().call_later(rest_s, self.offer_waiting)


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

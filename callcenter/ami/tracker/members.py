"""Queue members and phones: told only when they change, for Asterisk repeats itself a lot."""

from collections.abc import Collection

from callcenter.ami.messages import Message
from callcenter.ami.tracker.world import World, number
from callcenter.events import DeviceChanged, MemberChanged, MemberRemoved


class Members:
    """The members of every queue and the state of every device, as last told."""

    __slots__ = ("_devices", "_members")

    def __init__(self) -> None:
        self._members: dict[tuple[str, str], tuple[str, str, str, str, str]] = {}
        self._devices: dict[str, str] = {}

    @property
    def known(self) -> Collection[tuple[str, str]]:
        """Return queue and interface of every member."""
        return self._members.keys()

    def changed(self, world: World, message: Message, at: float) -> None:
        raw = message.raw
        queue = raw("queue")
        interface = raw("interface") or raw("location")
        if not queue or not interface:
            return
        known = (
            raw("stateinterface") or interface,
            raw("membername") or raw("name"),
            raw("status"),
            raw("paused"),
            raw("pausedreason"),
        )
        if self._members.get((queue, interface)) == known:
            return
        self._members[queue, interface] = known
        device, name, status, paused, reason = known
        world.out.append(
            MemberChanged(
                pbx=world.pbx, at=at, queue=queue, interface=interface, device=device, name=name,
                status=number(status), paused=paused == "1",
                reason=reason,
            )
        )  # fmt: skip

    def removed(self, world: World, message: Message, at: float) -> None:
        queue = message.get("queue")
        interface = message.get("interface") or message.get("location")
        if self._members.pop((queue, interface), None) is not None:
            world.out.append(MemberRemoved(pbx=world.pbx, at=at, queue=queue, interface=interface))

    def device(self, world: World, message: Message, at: float) -> None:
        device, state = message.get("device"), message.get("state")
        if device and self._devices.get(device) != state:
            self._devices[device] = state
            world.out.append(DeviceChanged(pbx=world.pbx, at=at, device=device, state=state))

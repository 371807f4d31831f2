"""A model of Asterisk's channels and bridges that says what a real one would, on a clock of its own.

`people` plays calls on it. What it says of one step is what the recordings show: the order of the
messages, the Linkedids, the halves of Local channels. It knows nothing of the product.
"""

from dataclasses import dataclass, field
from itertools import count

from callcenter.ami.messages import Message
from callcenter.ami.recording import Recorded

DOWN, RING, RINGING, UP, BUSY = "0", "4", "5", "6", "7"

#: Steps of one transaction of the PBX are so far apart.
STEP_S = 0.002


@dataclass(eq=False)
class Bridge:
    uid: str
    kind: str = "basic"
    technology: str = "simple_bridge"
    members: "list[Channel]" = field(default_factory=list)


@dataclass(eq=False)
class Channel:
    name: str
    uid: str
    age: int
    linked: str
    state: str
    exten: str
    number: str
    bridge: Bridge | None = None
    alive: bool = True

    def fields(self, prefix: str = "") -> dict[str, str]:
        told = {
            "channel": self.name, "uniqueid": self.uid, "linkedid": self.linked,
            "channelstate": self.state, "exten": self.exten,
            "calleridnum": self.number or "<unknown>", "calleridname": "<unknown>",
        }  # fmt: skip
        return {prefix + key: value for key, value in told.items()}


class Asterisk:
    """Says everything into `said`; `at` is its clock."""

    def __init__(self) -> None:
        self.at = 1_790_000_000.0
        self.said: list[Recorded] = []
        self._channels = count()
        self._locals = count()
        self._bridges = count()
        #: Whether a channel shows the Linkedid of its new company at once, or in its next message.
        self.relinks_at_once = True

    def say(self, name: str, *fields: dict[str, str], **more: str) -> None:
        told = {"event": name}
        for group in (*fields, more):
            told |= group
        self.at += STEP_S
        self.said.append(Recorded(Message(name, told, None, self.at), self.at))

    def on(self, name: str, channel: Channel, **more: str) -> None:
        self.say(name, channel.fields(), **more)

    # ------------------------------------------------------------ channels

    def new(
        self,
        endpoint: str,
        state: str,
        exten: str = "s",
        number: str = "",
        of: Channel | None = None,
        uid: str = "",
    ) -> Channel:
        age = next(self._channels)
        uid = uid or f"{int(self.at)}.{age}"
        channel = Channel(
            f"{endpoint}-{age:08x}", uid, age, of.linked if of else uid, state, exten, number
        )
        self.on("Newchannel", channel)
        return channel

    def new_local(self, exten: str, context: str, of: Channel) -> tuple[Channel, Channel]:
        """Return both halves: the one that is dialled, and the one that runs the dialplan."""
        name, halves = f"Local/{exten}@{context}-{next(self._locals):08x}", []
        for half, state in ((";1", DOWN), (";2", RING)):
            age = next(self._channels)
            uid = f"{int(self.at)}.{age}"
            halves.append(Channel(name + half, uid, age, of.linked, state, exten, ""))
            self.on("Newchannel", halves[-1])
        one, two = halves
        self.say("LocalBridge", one.fields("localone"), two.fields("localtwo"))
        return one, two

    def state(self, channel: Channel, state: str) -> None:
        if channel.state != state:
            channel.state = state
            self.on("Newstate", channel)

    def dial(self, source: Channel | None, dest: Channel, dialstring: str) -> None:
        told = source.fields() if source else {}
        self.say("DialBegin", told, dest.fields("dest"), dialstring=dialstring)

    def dial_end(
        self, source: Channel | None, dest: Channel, status: str, forward: str = ""
    ) -> None:
        told = source.fields() if source else {}
        more = {"forward": forward} if forward else {}
        self.say("DialEnd", told, dest.fields("dest"), more, dialstatus=status)

    def asks_to_hang_up(self, channel: Channel, cause: int = 16, techcause: str = "") -> None:
        more = {"techcause": techcause} if techcause else {}
        self.on("HangupRequest", channel, cause=str(cause), **more)

    def hangup(self, channel: Channel, cause: int = 16) -> None:
        if channel.alive:
            self.leave(channel)
            channel.alive = False
            self.on("Hangup", channel, cause=str(cause))

    # ------------------------------------------------------------ bridges

    def bridge(self, *channels: Channel, kind: str = "basic", technology: str = "") -> Bridge:
        made = Bridge(f"bridge-{next(self._bridges)}", kind, technology or "simple_bridge")
        for channel in channels:
            self.enter(channel, made)
        return made

    def enter(self, channel: Channel, bridge: Bridge) -> None:
        bridge.members.append(channel)
        channel.bridge = bridge
        if self.relinks_at_once:
            self._relink(bridge)
        self.on("BridgeEnter", channel, **self._of(bridge))
        self._relink(bridge)

    def leave(self, channel: Channel) -> None:
        bridge, channel.bridge = channel.bridge, None
        if bridge is not None:
            bridge.members.remove(channel)
            self.on("BridgeLeave", channel, **self._of(bridge))

    def move(self, channel: Channel, bridge: Bridge) -> None:
        self.leave(channel)
        self.enter(channel, bridge)

    @staticmethod
    def _relink(bridge: Bridge) -> None:
        """All who hear each other have the Linkedid of the oldest; conferences change none."""
        if bridge.kind == "basic" and len(bridge.members) > 1:
            oldest = min(bridge.members, key=lambda one: int(one.linked.rpartition(".")[2] or 0)
                         if one.linked.rpartition(".")[2].isdigit() else 0)  # fmt: skip
            for member in bridge.members:
                member.linked = oldest.linked

    @staticmethod
    def _of(bridge: Bridge) -> dict[str, str]:
        return {
            "bridgeuniqueid": bridge.uid, "bridgetype": bridge.kind,
            "bridgetechnology": bridge.technology,
        }  # fmt: skip

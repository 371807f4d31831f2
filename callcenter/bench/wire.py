"""AMI events as Asterisk 22 writes them: the same fields in the same order.

The field lists are those of the recordings in `tests/transcripts`. An event is made
without its time; whoever sends it stamps it.
"""

from dataclasses import dataclass
from typing import Final, NamedTuple

DOWN, RING, RINGING, UP = 0, 4, 5, 6
_STATES: Final = {DOWN: "Down", RING: "Ring", RINGING: "Ringing", UP: "Up"}


class Event(NamedTuple):
    """One event of one call; `body` are its lines after Event, Privilege and Timestamp."""

    name: str
    privilege: str
    body: str

    def stamped(self, at: float) -> bytes:
        """Return the block as it goes over the line."""
        return (
            f"Event: {self.name}\r\nPrivilege: {self.privilege},all\r\n"
            f"Timestamp: {at:.6f}\r\n{self.body}\r\n"
        ).encode()


@dataclass(slots=True)
class Channel:
    """One of the PBX's channels, with what every event about it repeats."""

    name: str
    uid: str
    linked: str
    number: str
    context: str
    exten: str
    person: str = "<unknown>"
    state: int = DOWN
    priority: int = 1
    other_number: str = "<unknown>"
    other_person: str = "<unknown>"
    did: str = ""

    def lines(self, prefix: str = "") -> str:
        return (
            f"{prefix}Channel: {self.name}\r\n"
            f"{prefix}ChannelState: {self.state}\r\n"
            f"{prefix}ChannelStateDesc: {_STATES[self.state]}\r\n"
            f"{prefix}CallerIDNum: {self.number}\r\n"
            f"{prefix}CallerIDName: {self.person}\r\n"
            f"{prefix}ConnectedLineNum: {self.other_number}\r\n"
            f"{prefix}ConnectedLineName: {self.other_person}\r\n"
            f"{prefix}Language: en\r\n"
            f"{prefix}AccountCode: \r\n"
            f"{prefix}Context: {self.context}\r\n"
            f"{prefix}Exten: {self.exten}\r\n"
            f"{prefix}Priority: {self.priority}\r\n"
            f"{prefix}Uniqueid: {self.uid}\r\n"
            f"{prefix}Linkedid: {self.linked}\r\n"
            f"{prefix}ChanVariable: CRM_REF=\r\n"
            f"{prefix}ChanVariable: DID={self.did}\r\n"
        )

    def tells(self, name: str, privilege: str = "call", **more: str | int) -> Event:
        """Return the event `name` about this channel, with `more` fields of its own."""
        return Event(name, privilege, self.lines() + _fields(more))

    def moves(self, state: int) -> Event:
        self.state = state
        return self.tells("Newstate")

    def runs(self, application: str, data: str = "") -> Event:
        self.priority += 1
        more = {"Extension": self.exten, "Application": application, "AppData": data}
        return self.tells("Newexten", "dialplan", **more)

    def sets(self, variable: str, value: str = "") -> Event:
        return self.tells("VarSet", "dialplan", Variable=variable, Value=value)

    def with_dest(
        self, name: str, dest: "Channel", privilege: str = "call", **more: str | int
    ) -> Event:
        """Return an event about this channel and the one it dials."""
        return Event(name, privilege, self.lines() + dest.lines("Dest") + _fields(more))

    def media(self, name: str) -> Event:
        """Return one of the reports on the quality of sound."""
        return self.tells(
            name, "reporting",
            To="127.0.0.2:10025", From="127.0.0.1:21897", MES="88.1", SSRC="0x76308564",
            PT="200(SR)", ReportCount=1, SentNTP="1795318470.475737", SentRTP=43808,
            SentPackets=250, SentOctets=40000,
        )  # fmt: skip


@dataclass(slots=True)
class Bridge:
    """Where two channels hear each other."""

    uid: str
    members: int = 0

    def tells(self, name: str, channel: Channel | None = None) -> Event:
        lines = (
            f"BridgeUniqueid: {self.uid}\r\nBridgeType: basic\r\n"
            "BridgeTechnology: simple_bridge\r\nBridgeCreator: <unknown>\r\n"
            f"BridgeName: <unknown>\r\nBridgeNumChannels: {self.members}\r\n"
            "BridgeVideoSourceMode: none\r\n"
        )
        return Event(name, "call", lines + (channel.lines() if channel else ""))

    def takes(self, channel: Channel) -> Event:
        self.members += 1
        return self.tells("BridgeEnter", channel)

    def loses(self, channel: Channel) -> Event:
        self.members -= 1
        return self.tells("BridgeLeave", channel)


def device(endpoint: str, state: str) -> Event:
    return Event("DeviceStateChange", "call", f"Device: {endpoint}\r\nState: {state}\r\n")


def member(queue: str, endpoint: str, name: str, status: int) -> Event:
    return Event(
        "QueueMemberStatus",
        "agent",
        f"Queue: {queue}\r\nMemberName: {name}\r\nInterface: {endpoint}\r\n"
        f"StateInterface: {endpoint}\r\nMembership: static\r\nPenalty: 0\r\nCallsTaken: 0\r\n"
        "LastCall: 0\r\nLastPause: 0\r\nLoginTime: 1795318464\r\nInCall: 0\r\n"
        f"Status: {status}\r\nPaused: 0\r\nPausedReason: \r\nRinginuse: 0\r\nWrapuptime: 0\r\n",
    )


def _fields(more: dict[str, str | int]) -> str:
    return "".join([f"{name}: {value}\r\n" for name, value in more.items()])

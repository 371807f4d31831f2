"""Channels and bridges as AMI shows them: names, states, causes and the order of the fields."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import IntEnum

from callcenter.simulator.wire import Field

UNKNOWN = "<unknown>"


class State(IntEnum):
    DOWN = 0
    RING = 4
    RINGING = 5
    UP = 6
    BUSY = 7


class Cause(IntEnum):
    UNKNOWN = 0
    UNALLOCATED = 1
    NORMAL = 16
    BUSY = 17
    NO_ANSWER = 19
    REJECTED = 21
    ANSWERED_ELSEWHERE = 26
    CONGESTION = 34
    INTERWORKING = 127


CAUSE_TEXT: dict[int, str] = {
    Cause.UNKNOWN: "Unknown",
    Cause.UNALLOCATED: "Unallocated (unassigned) number",
    Cause.NORMAL: "Normal Clearing",
    Cause.BUSY: "User busy",
    Cause.NO_ANSWER: "User alerting, no answer",
    Cause.REJECTED: "Call Rejected",
    Cause.ANSWERED_ELSEWHERE: "Answered elsewhere",
    Cause.CONGESTION: "Circuit/channel congestion",
    Cause.INTERWORKING: "Interworking, unspecified",
}


@dataclass(frozen=True, slots=True)
class Party:
    """Who a caller id or a connected line names; withheld and missing values are `<unknown>`."""

    number: str = UNKNOWN
    name: str = UNKNOWN


NOBODY = Party()


@dataclass(slots=True, eq=False)
class Bridge:
    uniqueid: str = field(default_factory=lambda: str(uuid.uuid4()))
    channels: list["Channel"] = field(default_factory=list)

    def fields(self) -> list[Field]:
        return [
            ("BridgeUniqueid", self.uniqueid),
            ("BridgeType", "basic"),
            ("BridgeTechnology", "simple_bridge"),
            ("BridgeCreator", UNKNOWN),
            ("BridgeName", UNKNOWN),
            ("BridgeNumChannels", str(len(self.channels))),
            ("BridgeVideoSourceMode", "none"),
        ]


@dataclass(slots=True, eq=False)
class Channel:
    """One leg on the PBX. `endpoint` is the part between `PJSIP/` and the number of the channel."""

    name: str
    endpoint: str
    uniqueid: str
    linkedid: str
    state: State
    context: str
    exten: str
    created: float
    caller: Party = NOBODY
    connected: Party = NOBODY
    priority: int = 1
    variables: dict[str, str] = field(default_factory=dict)
    passed_on: dict[str, int] = field(default_factory=dict)
    cause: int = Cause.UNKNOWN
    tech_cause: int | None = None
    application: str = ""
    application_data: str = ""
    dialled: str = ""
    on_hold: bool = False
    hung_up: bool = False
    bridge: Bridge | None = None
    #: When it entered its bridge, and for how long it was in one before.
    joined: float = 0.0
    bridged_s: float = 0.0

    def at(self, context: str, exten: str, priority: int) -> None:
        """Move the channel to another place in the dialplan, which no event tells."""
        self.context, self.exten, self.priority = context, exten, priority

    def runs(self, application: str, data: str) -> None:
        self.application, self.application_data = application, data

    def set_variable(self, name: str, value: str) -> None:
        """Set a variable; `_NAME` is passed on to dialled channels, `__NAME` to theirs too."""
        plain = name.lstrip("_")
        self.variables[plain] = value
        self.passed_on[plain] = min(len(name) - len(plain), 2)

    def inherit(self, parent: "Channel") -> None:
        for name, generations in parent.passed_on.items():
            if generations:
                self.variables[name] = parent.variables[name]
                self.passed_on[name] = 2 if generations == 2 else 0

    def fields(self, channelvars: tuple[str, ...], prefix: str = "") -> Iterator[Field]:
        yield prefix + "Channel", self.name
        yield prefix + "ChannelState", str(int(self.state))
        yield prefix + "ChannelStateDesc", self.state.name.capitalize()
        yield prefix + "CallerIDNum", self.caller.number
        yield prefix + "CallerIDName", self.caller.name
        yield prefix + "ConnectedLineNum", self.connected.number
        yield prefix + "ConnectedLineName", self.connected.name
        yield prefix + "Language", "en"
        yield prefix + "AccountCode", ""
        yield prefix + "Context", self.context
        yield prefix + "Exten", self.exten
        yield prefix + "Priority", str(self.priority)
        yield prefix + "Uniqueid", self.uniqueid
        yield prefix + "Linkedid", self.linkedid
        for name in channelvars:
            yield prefix + "ChanVariable", f"{name}={self.variables.get(name, '')}"

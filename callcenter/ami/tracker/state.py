"""What the tracker remembers of one PBX: channels, bridges, and the calls they make up.

Plain data. A channel is Asterisk's; a `CallState` is ours: all channels joined by a common
Linkedid, a bridge, a pickup or a transfer. A `Leg` is one party's part of it. Halves of a Local
channel are hops on the way to a party and never have a leg.

A call is *rooted* once its first channel was seen to begin. What is learned before that waits
in `pending`: it is told in order when the beginning arrives late, and forgotten when it never
does, because a connection made in mid-call knows too little to tell the truth.
"""

from dataclasses import dataclass, field
from typing import Literal

from callcenter.ami.messages import Message
from callcenter.ami.tracker.endpoints import Kind
from callcenter.events import (
    CallEvent,
    Direction,
    EndedBy,
    HowIn,
    HowOut,
    LegResult,
    Origin,
    Party,
)

#: "hop": half of a Local channel; "hidden": an announcer, a recorder, a stand-in of the PBX.
ChannelKind = Kind | Literal["hop", "hidden"]

DOWN, CALLING, RINGING, UP, BUSY = 0, 4, 5, 6, 7
#: An analogue line has rung once, and who calls is not known before the second ring.
PRE_RING = 9

#: Technologies whose channels are machinery, never a person.
HIDDEN = frozenset({
    "CBAnn", "CBRec", "Announcer", "Recorder", "Surrogate", "Message", "Bridge", "AsyncGoto",
    # Runs the extension `failed` where an Originate led to nothing.
    "OutgoingSpoolFailed",
})  # fmt: skip

#: What a leg hears: nobody, the customer, or only a colleague.
Hears = Literal["", "customer", "colleague"]


@dataclass(slots=True, eq=False)
class Bridge:
    """A place where channels hear each other, unless it only holds them (parking, music)."""

    uid: str
    holding: bool = False
    #: Two people on one line, whose calls become one.
    basic: bool = True
    #: Any number of people ("base"), whose calls stay their own.
    conference: bool = False
    members: "dict[str, Channel]" = field(default_factory=dict)


@dataclass(slots=True, eq=False)
class Channel:
    """One of Asterisk's channels. `name` and `uid` never change; `linked` may."""

    uid: str
    name: str
    endpoint: str
    kind: ChannelKind
    call: "CallState"
    linked: str
    state: int = DOWN
    exten: str = ""
    #: How the call began, while it is open who began it.
    opening: tuple[Message, float] | None = None
    #: It rings, while it is open who began its call.
    rang: tuple[Message, float] | None = None
    bridge: Bridge | None = None
    joined_at: float = 0.0
    #: The other half of a Local channel.
    peer: "Channel | None" = None
    #: Who dialled this channel, and the first outcome of that.
    dialled_by: "Channel | None" = None
    dialled: bool = False
    dial_status: str = ""
    #: The cause of a HangupRequest: why a rung phone refused.
    refusal: int | None = None
    #: A supervisor who listens; no party of any call.
    spy: bool = False
    #: Its far end asked to hang up.
    asked_to_hang_up: bool = False
    gone: bool = False
    #: Other customers' calls this channel takes part in (a conference of several).
    visiting: "list[CallState]" = field(default_factory=list)

    @property
    def is_party(self) -> bool:
        return not self.spy and self.kind not in ("hop", "hidden")


@dataclass(slots=True, eq=False)
class Leg:
    """One party's part of a call."""

    call: "CallState"
    channel: Channel
    party: Party
    how_in: HowIn
    answered: bool = False
    hears: Hears = ""
    #: It has heard anybody at all.
    talked: bool = False
    holding: bool = False
    #: Since when it is out of the customer's bridge without being gone; see `talk`.
    loose_at: float | None = None
    #: The bridge in which a customer on hold was left behind.
    left_in: Bridge | None = None
    how_out: HowOut | None = None
    #: The outcome, when told before the end.
    result: LegResult | None = None
    ended: bool = False

    @property
    def rings(self) -> bool:
        """It was called, and did not come by its own doing."""
        return self.how_in in ("ring", "transfer")


@dataclass(slots=True, eq=False)
class Visit:
    """A stay in a queue of `channel`."""

    queue: str
    channel: str
    #: QueueCallerAbandon was seen; that also comes when the queue gives up.
    unserved: bool = False
    open: bool = True


@dataclass(slots=True, eq=False)
class CallState:
    """A call in progress. `id` is the Uniqueid of the channel that began it."""

    id: str
    began_at: float
    rooted: bool = False
    ended: bool = False
    direction: Direction | None = None
    origin: Origin = "phone"
    caller: str | None = None
    did: str | None = None
    called: str | None = None
    crm_ref: str | None = None
    ivr_digits: str = ""
    voicemail: bool = False
    #: We asked for it (click-to-call): an outbound call even if nobody is ever dialled.
    ours: bool = False
    customer: Channel | None = None
    #: Somebody has talked with the customer, or the customer picked up.
    connected: bool = False
    #: A transfer is under way: whoever rings next rings because of it.
    handed_over: bool = False
    #: Some of it was not seen; who hung up by then may have been part of that. Without an end
    #: until a snapshot has shown that it goes on.
    unsure_until: float = 0.0
    #: Who asked to hang up last, while connected.
    hung_by: EndedBy | None = None
    #: The channel that asked.
    hung_by_uid: str = ""
    ended_by: EndedBy | None = None
    #: How the last attempt to reach the customer of an outbound call came out.
    failure: LegResult | None = None
    channels: dict[str, Channel] = field(default_factory=dict)
    aliases: set[str] = field(default_factory=set)
    legs: dict[str, Leg] = field(default_factory=dict)
    visits: list[Visit] = field(default_factory=list)
    pending: list[CallEvent] = field(default_factory=list)

"""What happened, in the words of the office: the domain events.

Past tense, plain values, tagged for the wire. `ami.tracker` makes the telephony
ones, `app` and `agents` the rest; everyone else listens on the bus. Only
optional fields are ever added, so an old reader understands a new writer.

A call is named by `call`, the first Uniqueid Asterisk gave it, unique within
`pbx`; a leg by `leg`, the Uniqueid of its channel. Both are opaque. `at` is in
seconds since the epoch, UTC, by the PBX's clock where it tells one.
"""

from typing import Literal

import msgspec

Direction = Literal["inbound", "outbound", "internal"]
Origin = Literal["trunk", "phone", "click-to-call"]
Party = Literal["agent", "customer", "external", "internal"]
LegResult = Literal[
    "answered",
    "noanswer",
    "cancelled",
    "busy",
    "declined",
    "forwarded",
    "unanswered",
    "unreachable",
]
HowIn = Literal["ring", "dial", "transfer", "pickup", "unpark", "conference"]
HowOut = Literal["hangup", "transfer", "park", "redirect", "lost"]
VisitEnd = Literal[
    "answered", "abandoned", "timeout", "key", "empty", "full", "transferred", "unknown"
]
EndedBy = Literal["customer", "agent", "external", "system"]
#: Whose voice: what comes in from the channel ("read"), what goes out to it ("write").
Sides = Literal["both", "read", "write"]


class Event(msgspec.Struct, frozen=True, tag=True, kw_only=True, gc=False):
    """Anything that happened on one PBX."""

    pbx: int
    at: float
    #: True if nobody saw it happen: it was concluded from a snapshot or a second source.
    inferred: bool = False


# ---------------------------------------------------------------- the link


class LinkUp(Event, frozen=True, kw_only=True, gc=False):
    """The PBX link is logged in and events flow; `epoch` counts the connections."""

    epoch: int
    version: str = ""


class LinkDown(Event, frozen=True, kw_only=True, gc=False):
    """The PBX link is lost, or was refused for good (`auth_failed`)."""

    epoch: int
    reason: str
    auth_failed: bool = False


class GapNoted(Event, frozen=True, kw_only=True, gc=False):
    """Between `from_at` and `at` events may have been missed.

    `unseen` are channels that live and whose beginning was among what was missed.
    """

    epoch: int
    from_at: float
    reason: str
    unseen: tuple[str, ...] = ()
    #: How many calls each queue was done with meanwhile, by its own count.
    queue_calls: dict[str, int] = {}


# ---------------------------------------------------------------- calls


class CallEvent(Event, frozen=True, kw_only=True, gc=False):
    """Anything about one call."""

    call: str


class CallBegan(CallEvent, frozen=True, kw_only=True, gc=False):
    """A call exists. What is not known yet comes with `CallDescribed`."""

    direction: Direction | None = None
    origin: Origin
    caller: str | None = None
    caller_name: str | None = None
    did: str | None = None
    called: str | None = None
    trunk: str | None = None
    crm_ref: str | None = None


class CallDescribed(CallEvent, frozen=True, kw_only=True, gc=False):
    """Facts about a call that were learned later; None means unchanged."""

    direction: Direction | None = None
    origin: Origin | None = None
    caller: str | None = None
    caller_name: str | None = None
    did: str | None = None
    called: str | None = None
    trunk: str | None = None
    crm_ref: str | None = None
    ivr_digits: str | None = None
    voicemail: bool | None = None
    #: Who hung up, where that was learned only after the end.
    ended_by: EndedBy | None = None


class CallAliased(CallEvent, frozen=True, kw_only=True, gc=False):
    """`alias`, a Uniqueid or Linkedid, means this call too."""

    alias: str


class CallFolded(CallEvent, frozen=True, kw_only=True, gc=False):
    """The call `other` turned out to be part of this one (a consultation, a pickup)."""

    other: str


class CallTransferred(CallEvent, frozen=True, kw_only=True, gc=False):
    """An agent handed the customer over. `to` is an extension or number."""

    kind: Literal["blind", "attended", "redirect"]
    method: str
    by_leg: str | None = None
    to: str | None = None
    result: str = "success"


class CallEnded(CallEvent, frozen=True, kw_only=True, gc=False):
    """The last customer leg is gone (of an internal call: the last leg)."""

    ended_by: EndedBy | None = None
    cause: int | None = None
    #: Outbound, never connected: why, as told by the customer's leg.
    failure: Literal["busy", "no-answer", "cancelled", "abandoned", "failed"] | None = None


# ---------------------------------------------------------------- legs


class LegEvent(CallEvent, frozen=True, kw_only=True, gc=False):
    """Anything about one party's part of a call."""

    leg: str


class LegRang(LegEvent, frozen=True, kw_only=True, gc=False):
    """A phone began to ring, or (how_in "dial") a party began to call."""

    party: Party
    endpoint: str
    how_in: HowIn = "ring"
    number: str | None = None
    #: The queue visit that made it ring, counted from 0 within the call.
    visit: int | None = None


class LegAnswered(LegEvent, frozen=True, kw_only=True, gc=False):
    """The party picked up. Talk begins with `TalkBegan`, not here."""


class TalkBegan(LegEvent, frozen=True, kw_only=True, gc=False):
    """This party and the customer can hear each other (or, `consult`, a colleague)."""

    consult: bool = False


class TalkEnded(LegEvent, frozen=True, kw_only=True, gc=False):
    consult: bool = False


class HoldBegan(LegEvent, frozen=True, kw_only=True, gc=False):
    """This party put the other side on hold."""


class HoldEnded(LegEvent, frozen=True, kw_only=True, gc=False):
    pass


class LegEnded(LegEvent, frozen=True, kw_only=True, gc=False):
    result: LegResult
    how_out: HowOut | None = None
    cause: int | None = None


# ---------------------------------------------------------------- queues


class QueueJoined(CallEvent, frozen=True, kw_only=True, gc=False):
    """The customer entered a queue; `visit` counts from 0 within the call."""

    visit: int
    queue: str
    position: int | None = None


class QueueLeft(CallEvent, frozen=True, kw_only=True, gc=False):
    visit: int
    ended: VisitEnd


# ---------------------------------------------------------------- recordings


class RecordingEvent(CallEvent, frozen=True, kw_only=True, gc=False):
    """Anything about what is recorded. `source` names whose voice it is: a leg, or a way to one."""

    source: str


class RecordingBegan(RecordingEvent, frozen=True, kw_only=True, gc=False):
    """What is heard there is written to a file on the PBX, from now on.

    `file` is its path there; None if the PBX does not tell it. There may be several, one
    after the other; the last ends with the leg or the call.
    """

    file: str | None = None


class RecordingMuted(RecordingEvent, frozen=True, kw_only=True, gc=False):
    """The recording goes on, but silent (`muted`), or is heard again; for one side or for both."""

    muted: bool
    sides: Sides = "both"


class RecordingEnded(RecordingEvent, frozen=True, kw_only=True, gc=False):
    """The recording was stopped before the end of what it is of."""


# ---------------------------------------------------------------- members and phones


class MemberChanged(Event, frozen=True, kw_only=True, gc=False):
    """A member of a queue was added, paused, or its device changed state.

    `status` is Asterisk's device state: 0 unknown, 1 not in use, 2 in use, 3 busy, 4 invalid,
    5 unavailable, 6 ringing, 7 ringing and in use, 8 on hold.
    """

    queue: str
    interface: str
    #: The endpoint whose device state the member has ("PJSIP/1001").
    device: str
    name: str = ""
    status: int = 0
    paused: bool = False
    reason: str = ""


class MemberRemoved(Event, frozen=True, kw_only=True, gc=False):
    queue: str
    interface: str


class DeviceChanged(Event, frozen=True, kw_only=True, gc=False):
    """A phone's device state; `state` is Asterisk's word, such as NOT_INUSE or UNAVAILABLE."""

    device: str
    state: str


class DeskDialled(Event, frozen=True, kw_only=True, gc=False):
    """Somebody dialled at a phone to sit down there (`code` says who), or to get up (None)."""

    endpoint: str
    code: str | None = None


# ---------------------------------------------------------------- requests


class RequestFailed(Event, frozen=True, kw_only=True, gc=False):
    """A call we asked for did not reach the agent. `channel_id` is the ChannelId we gave it.

    `reason` is Asterisk's Originate reason: 0 not placed or refused, 1 other end hung up,
    3 no answer, 5 busy, 8 congestion.
    """

    channel_id: str
    reason: int


# ---------------------------------------------------------------- the office


class OfficeEvent(msgspec.Struct, frozen=True, tag=True, kw_only=True, gc=False):
    """Anything that happened on our side of the line."""

    at: float


class AgentStateChanged(OfficeEvent, frozen=True, kw_only=True, gc=False):
    """`user_id` is an agent; `until` (epoch seconds) is when wrap-up ends by itself."""

    user_id: int
    state: str
    reason: str | None = None
    since: float
    until: float | None = None
    call_id: int | None = None


class PersonChanged(OfficeEvent, frozen=True, kw_only=True, gc=False):
    """Somebody's name, role, team, language or account was edited."""

    user_id: int


class CompanyChanged(OfficeEvent, frozen=True, kw_only=True, gc=False):
    """What is set for the whole house was edited: the company's details, its look, the modules."""


class SessionsEnded(OfficeEvent, frozen=True, kw_only=True, gc=False):
    """Somebody signed out, or may no longer be signed in; `token_id` is None for all sessions."""

    user_id: int
    token_id: int | None = None


class DevicesChanged(OfficeEvent, frozen=True, kw_only=True, gc=False):
    """Who sits at which phone was edited."""


class SeatChanged(OfficeEvent, frozen=True, kw_only=True, gc=False):
    """`user_id` sat down at a shared phone, left it, or it was taken over by somebody else.

    `seat` is the phone's name; `by_id` is who did it, None for the person himself or the service.
    """

    user_id: int
    what: Literal["sat", "left", "taken"]
    seat: str
    by_id: int | None = None


class PbxEdited(OfficeEvent, frozen=True, kw_only=True, gc=False):
    """A PBX's address, account or patterns were edited; its link starts anew."""

    pbx: int


class ContactChanged(OfficeEvent, frozen=True, kw_only=True, gc=False):
    contact_id: int


class ContactsBroughtIn(OfficeEvent, frozen=True, kw_only=True, gc=False):
    """An import added or changed contacts, or was taken back: said once, however many they are."""


class InteractionChanged(OfficeEvent, frozen=True, kw_only=True, gc=False):
    """A person wrote its note, or chose the contact it was with."""

    interaction_id: int


class DescriptionsChanged(OfficeEvent, frozen=True, kw_only=True, gc=False):
    """An administrator changed an option list or a custom field."""


class CallStored(OfficeEvent, frozen=True, kw_only=True, gc=False):
    """A call's row stands in the database as of `revision`."""

    call_id: int
    interaction_id: int | None
    revision: int
    ended: bool = False


class GapRepaired(OfficeEvent, frozen=True, kw_only=True, gc=False):
    """What is known of a gap changed: calls were added or mended, or it is known that none can be.

    `state` is "waiting", "done", or "none" where the PBX keeps no account of its own.
    """

    pbx: int
    from_at: float
    to_at: float
    state: str
    calls: int = 0
    mended: int = 0


class RequestSettled(OfficeEvent, frozen=True, kw_only=True, gc=False):
    """What became of a click-to-call: placed, refused, unknown or done."""

    intent_id: str
    user_id: int
    status: str
    #: The code of a `Problem` when it was refused or is unknown.
    problem: str | None = None
    call_id: int | None = None


AnyEvent = Event | OfficeEvent

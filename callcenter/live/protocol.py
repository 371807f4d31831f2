"""Every message between browser and server, both ways.

JSON, tagged by `type`. What the server sends to one person is numbered: `seq`
rises by one with each message of that person, over all tabs. A browser that
connects says the last number it has seen; the server sends what it missed, or
a fresh `snapshot` if that is too long ago. While connected a page need not look
for missing numbers: a connection loses nothing, and a `calls` or `state` that a
newer one replaces may be left out. Times are seconds since the epoch.

Close codes say why: 1012 the server restarts (come back soon), 4001 not signed
in, 4002 the session ended, 4003 this page is from elsewhere, 4008 the browser
was too slow to read, 4009 it spoke nonsense.
"""

from typing import Literal

import msgspec

CLOSE_RESTART = 1012
CLOSE_NOT_SIGNED_IN = 4001
CLOSE_SESSION_ENDED = 4002
CLOSE_FOREIGN = 4003
CLOSE_TOO_SLOW = 4008
CLOSE_NONSENSE = 4009

# ---------------------------------------------------------------- to the browser


class Message(msgspec.Struct, frozen=True, tag_field="type", kw_only=True, omit_defaults=True):
    """Anything the server says."""


class Candidate(msgspec.Struct, frozen=True, kw_only=True):
    """A contact the caller may be. `reasons` are codes: exact, last-digits, mine, spoken-last, ..."""

    contact_id: int
    name: str
    company: str | None = None
    title: str | None = None
    certainty: Literal["known", "maybe", "chosen"] = "known"
    reasons: tuple[str, ...] = ()


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One earlier interaction, for the pop."""

    interaction_id: int
    kind: str
    direction: str | None
    result: str | None
    at: float
    talk_s: float | None = None
    who: str | None = None
    note: str | None = None
    #: `at` in the reader's words, language and time zone: how long ago, and the moment itself.
    when: str = ""
    moment: str = ""


class OpenLead(msgspec.Struct, frozen=True, kw_only=True):
    """An inquiry of the customer that is still open."""

    id: int
    number: str
    subject: str
    owner: str | None = None
    #: What its stage is called: in each language, and in the reader's.
    stages: dict[str, str] = {}
    stage: str = ""


class Pop(msgspec.Struct, frozen=True, kw_only=True):
    """A call on this person's phone, and who it is. `id` = call, person, ring attempt."""

    id: str
    call_id: int
    interaction_id: int | None
    direction: Literal["inbound", "outbound", "internal"] | None
    phase: Literal["ringing", "talking", "ended"]
    #: As shown to people; None if withheld.
    number: str | None = None
    e164: str | None = None
    #: The role shows the end of the number at most; it is called by the call.
    is_covered: bool = False
    caller_name: str | None = None
    withheld: bool = False
    match: Literal["one", "many", "none", "withheld", "internal"] = "none"
    candidates: tuple[Candidate, ...] = ()
    recent: tuple[Line, ...] = ()
    leads: tuple[OpenLead, ...] = ()
    country: str | None = None
    #: IANA zones the customer may be in; one if it is certain.
    time_zones: tuple[str, ...] = ()
    queue: str | None = None
    #: Our number that was called, as shown to people.
    did: str | None = None
    #: When the customer began to wait, when this phone began to ring, when talk began.
    waiting_since: float | None = None
    ringing_since: float | None = None
    talking_since: float | None = None
    note: str = ""
    note_version: int = 1


class LegView(msgspec.Struct, frozen=True, kw_only=True):
    """One side of a call in the call bar."""

    party: Literal["agent", "customer", "external", "internal"]
    name: str | None = None
    number: str | None = None
    phase: Literal["dialling", "ringing", "up", "hold", "ended"]


class CallView(msgspec.Struct, frozen=True, kw_only=True):
    """One of this person's calls in progress, for the call bar and the dial button."""

    call_id: int
    interaction_id: int | None
    intent_id: str | None = None
    direction: str | None
    phase: Literal["dialling", "ringing", "talking", "hold", "ended"]
    title: str
    contact_id: int | None = None
    number: str | None = None
    queue: str | None = None
    since: float
    talking_since: float | None = None
    legs: tuple[LegView, ...] = ()


class StateView(msgspec.Struct, frozen=True, kw_only=True):
    """This person's state; `until` is when wrap-up ends by itself."""

    state: str
    reason: str | None = None
    since: float
    until: float | None = None


class LinkView(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a PBX is reached, and since when."""

    pbx: int
    name: str
    up: bool
    since: float


class PhoneView(msgspec.Struct, frozen=True, kw_only=True):
    """One of this person's phones; the first of them is rung first by click-to-call."""

    id: int
    #: Extension, outside number or endpoint, as people say it.
    name: str
    #: Name of the place, if it is a shared phone at which the person sits.
    seat: str | None = None


class Snapshot(Message, frozen=True, tag="snapshot", kw_only=True):
    """All a page needs; replaces whatever it shows."""

    seq: int
    now: float
    state: StateView
    pops: tuple[Pop, ...] = ()
    calls: tuple[CallView, ...] = ()
    links: tuple[LinkView, ...] = ()
    phones: tuple[PhoneView, ...] = ()
    #: There are shared phones; one of them is free.
    shared: bool = False
    free: bool = False


class PopRaised(Message, frozen=True, tag="pop", kw_only=True):
    """A pop, new or changed (same `pop.id`)."""

    seq: int
    pop: Pop


class PopWithdrawn(Message, frozen=True, tag="pop.withdrawn", kw_only=True):
    """The pop goes away, and why in a sentence.

    `reason`: answered-by, caller-gone, no-answer, declined, ended, elsewhere.
    """

    seq: int
    id: str
    reason: str
    by: str | None = None
    text: str = ""


class Calls(Message, frozen=True, tag="calls", kw_only=True):
    """This person's calls in progress, all of them."""

    seq: int
    calls: tuple[CallView, ...] = ()


class State(Message, frozen=True, tag="state", kw_only=True):
    seq: int
    state: StateView


class Phones(Message, frozen=True, tag="phones", kw_only=True):
    """This person's phones have changed, or which shared ones are free."""

    seq: int
    phones: tuple[PhoneView, ...] = ()
    shared: bool = False
    free: bool = False


class SeatNews(Message, frozen=True, tag="seat", kw_only=True):
    """This person sat down at a shared phone or left it, or somebody else took it over.

    `by` is who did it, if that was not the person; `text` says it in words.
    """

    seq: int
    what: Literal["sat", "left", "taken"]
    seat: str
    by: str | None = None
    text: str = ""


class Notice(Message, frozen=True, tag="notice", kw_only=True):
    """This person is told of a record, perhaps by a colleague (`by`): named there, given it, reminded.

    `id` is the notice's own; its kinds are those of the list of notices. `page` and `desktop` say
    whether the person wants to see it at once: on open pages, as a notice of the desktop.
    """

    seq: int
    id: int
    kind: str
    entity: str
    entity_id: int
    title: str
    by: str | None = None
    page: bool = True
    desktop: bool = False


class Day(Message, frozen=True, tag="day", kw_only=True):
    """Something of this person's day has changed: a page that shows it asks for it anew."""

    seq: int


class Dialled(Message, frozen=True, tag="dial", kw_only=True):
    """What became of a click: asked, placed, refused, unknown, done."""

    seq: int
    intent_id: str
    status: str
    problem: str | None = None
    text: str = ""


class Link(Message, frozen=True, tag="link", kw_only=True):
    """A PBX was lost or is back. Not numbered: the latest is true."""

    link: LinkView


class Board(Message, frozen=True, tag="board", kw_only=True):
    """The floor, to those who subscribed: at most four times a second, only parts that changed.

    `version` rises by one; a page that misses one subscribes again. `parts` is {element id: HTML}.
    """

    version: int
    parts: dict[str, str]
    whole: bool = False


class Result(Message, frozen=True, tag="result", kw_only=True):
    """The answer to the request of the same `id`."""

    id: int
    ok: bool
    error: dict[str, str] | None = None


class Pong(Message, frozen=True, tag="pong", kw_only=True):
    now: float


# ---------------------------------------------------------------- from the browser


class Request(msgspec.Struct, frozen=True, tag_field="type", kw_only=True):
    """Anything the browser says; `id` rises with each request of a connection."""

    id: int


class Hello(Request, frozen=True, tag="hello", kw_only=True):
    """The first message: the last `seq` this page has seen, if any."""

    seq: int | None = None


class Ping(Request, frozen=True, tag="ping", kw_only=True):
    pass


class Subscribe(Request, frozen=True, tag="subscribe", kw_only=True):
    topic: Literal["board"]


class Unsubscribe(Request, frozen=True, tag="unsubscribe", kw_only=True):
    topic: Literal["board"]


class Seen(Request, frozen=True, tag="seen", kw_only=True):
    """The pop was painted `ms` milliseconds after the page received it."""

    pop_id: str
    ms: float


AnyRequest = Hello | Ping | Subscribe | Unsubscribe | Seen

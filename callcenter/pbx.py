"""The port: what the house asks of any PBX.

`ami.asterisk` does it on Asterisk. Nothing here waits for the effect: what
really happened comes back as events. Each verb is sent at most once.

Every verb may raise PbxUnreachable (not sent), PbxRefused (sent, answered no)
or OutcomeUnknown (sent, no answer: it may have happened).

`Trace` is the other direction: what a PBX said around one call, and what was concluded
from each message of it.
"""

from collections.abc import Awaitable, Callable
from typing import Literal, Protocol

import msgspec

from callcenter.events import CallEvent


class Dial(msgspec.Struct, frozen=True, kw_only=True):
    """Ring `endpoint` first; once it answers, dial `number` from it."""

    #: Our own id for the agent's channel; comes back as the call's first Uniqueid.
    channel_id: str
    endpoint: str
    number: str
    context: str
    caller_name: str = ""
    crm_ref: str = ""
    ring_s: int = 30


class Pbx(Protocol):
    @property
    def up(self) -> bool:
        """Whether the link is logged in and events flow."""
        ...

    async def dial(self, request: Dial) -> None: ...

    async def hangup(self, leg: str, *, cause: int = 16) -> None:
        """Hang the channel of `leg` up; CallNotLive if it is gone already."""
        ...

    async def pause(
        self, interface: str, *, paused: bool, reason: str = "", queue: str | None = None
    ) -> None:
        """Pause or unpause a queue member, in all its queues unless one is named."""
        ...


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """One message of the PBX, and what was concluded from it about one call."""

    #: Seconds since the epoch, by the PBX's clock where it tells one.
    at: float
    #: The connection it came by.
    epoch: int
    #: Where it stood: in the stream, in the lists asked for after a reconnect, in the PBX's own
    #: call log; or nowhere, where the passing of time alone decided.
    source: Literal["ami", "snapshot", "cel", "time"]
    #: "BridgeEnter", "CoreShowChannels", "HANGUP"; "" for time.
    name: str
    #: Uniqueids it names.
    channels: tuple[str, ...]
    #: The message as it stood, one "Key: value" a line.
    text: str
    #: Told of this call because of it; may be empty.
    events: tuple[CallEvent, ...]


class Trace(msgspec.Struct, frozen=True, kw_only=True):
    """What the raw stream says of one call."""

    #: In the order in which it came.
    evidence: tuple[Evidence, ...]
    #: Spans (from, to) of the call's time for which no stream is at hand, each with the reason: the
    #: "link" was lost; "hole": the disk was too slow or full; "not-kept": too long ago, or never
    #: recorded; "too-long": there is more than was looked through.
    missing: tuple[tuple[float, float, str], ...] = ()


#: (pbx, names, from, to) -> Trace; `names` are the call's first Uniqueid and its aliases, the span
#: is in epoch seconds.
EvidenceOf = Callable[[int, frozenset[str], float, float], Awaitable[Trace]]


class SecondAccount(msgspec.Struct, frozen=True, kw_only=True):
    """What the PBX's own call log says of the calls that a span touched, from their beginning."""

    #: In order of time; all of it inferred.
    told: tuple[CallEvent, ...]
    #: How far the log goes; None if there is nothing in it since the span began.
    newest: float | None


class NoSecondAccount(Exception):
    """The call log cannot be read now; the text says why, for the operator."""


#: (pbx, from, to, living) -> SecondAccount, None if the PBX keeps no log that we know of. What is not
#: among the `living` (Uniqueids or Linkedids) and has no end was cut off; None: that is not known yet.
#: Raises NoSecondAccount.
AskAgain = Callable[[int, float, float, frozenset[str] | None], Awaitable[SecondAccount | None]]

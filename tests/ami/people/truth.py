"""Who takes part in a played call, and what really happened in it."""

from dataclasses import dataclass, field

from tests.ami.asterisk import Channel

PHONES = ("1001", "1002", "1003", "1004", "1005")
CUSTOMER = "0501234567"
DID = "0124041000"
COLLEAGUE_OUTSIDE = "0557651111"


@dataclass(eq=False)
class Party:
    """Somebody the customer talks with; `pair` are the halves of the Local channel in between."""

    name: str
    channel: Channel
    pair: tuple[Channel, Channel] | None = None
    #: The second channel of a phone, on which its agent asks a colleague.
    asking: Channel | None = None
    since: float = 0.0
    holds: bool = False


@dataclass(eq=False)
class Ringing:
    name: str
    channel: Channel
    pair: tuple[Channel, Channel] | None = None


@dataclass(eq=False)
class Truth:
    direction: str = "inbound"
    origin: str = "trunk"
    did: str | None = DID
    queues: list[str] = field(default_factory=list)
    rang: set[str] = field(default_factory=set)
    #: Who talked with the customer, from when to when.
    talks: list[tuple[str, float, float]] = field(default_factory=list)
    holds: list[tuple[float, float]] = field(default_factory=list)
    began_at: float = 0.0
    ended_at: float = 0.0
    answered_at: float | None = None
    disposition: str = ""
    hangup_by: str | None = None

    def talk_s(self) -> float | None:
        return _seconds([(begin, end) for _, begin, end in self.talks]) if self.talks else None

    def hold_s(self) -> float:
        return _seconds(self.holds)

    def agents_talked(self) -> list[str]:
        in_order = sorted(self.talks, key=lambda talk: talk[1])
        return list(dict.fromkeys(name for name, _, _ in in_order))


def _seconds(spans: list[tuple[float, float]]) -> float:
    total, until = 0.0, 0.0
    for begin, end in sorted(spans):
        total += max(0.0, end - max(begin, until))
        until = max(until, end)
    return total

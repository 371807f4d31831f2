"""The state of a played call, and the chance that moves it."""

from collections.abc import Callable
from typing import TypeVar

from tests.ami.asterisk import Asterisk, Bridge, Channel
from tests.ami.people.truth import PHONES, Party, Ringing, Truth

T = TypeVar("T")

#: Returns a number below its argument.
Chance = Callable[[int], int]


class Scene:
    """One customer's call as it stands."""

    #: The far half of a Local channel that was transferred in the customer's stead.
    sent: Channel | None = None
    #: The Local channel that stays between the customer and whoever comes after a blind transfer.
    sent_pair: tuple[Channel, Channel] | None = None
    #: How the last phone that rang refused, if it was busy.
    refused_as = ""
    _held_at = 0.0
    consult_home: Bridge | None = None
    with_asked: Ringing | None = None
    _room = Bridge("")

    def __init__(self, pbx: Asterisk, chance: Chance) -> None:
        self.pbx = pbx
        self.truth = Truth()
        self.log: list[str] = []
        self._chance = chance
        self._busy: set[str] = set()
        self.customer: Channel
        self.caller: Channel
        self.with_: Party | None = None
        self.ringing: list[Ringing] = []
        self.asked: Ringing | None = None
        self.asks: Party | None = None
        self.consult: Bridge | None = None
        self.queue = ""
        self.lot: Bridge | None = None
        self.room: list[Party] = []
        self.over = False

    def pick(self, things: "list[T]") -> "T":
        return things[self._chance(len(things))]

    def wait(self) -> None:
        self.pbx.at += 1 + self._chance(4)

    def free(self) -> str:
        """Return somebody who is in no part of this call."""
        taken = self._busy
        name = self.pick([phone for phone in PHONES if phone not in taken])
        self._busy.add(name)
        return name

    def _others(self) -> bool:
        return len(self._busy) < len(PHONES)

    def _far(self) -> Channel:
        """Return the channel that runs the dialplan: the customer's, or a half that was sent on."""
        return self.sent if self.sent is not None and self.sent.alive else self.customer

    def _leaves_queue(self, *, unserved: bool) -> None:
        if unserved:
            self.pbx.on("QueueCallerAbandon", self._far(), queue=self.queue)
        self.pbx.on("QueueCallerLeave", self._far(), queue=self.queue)
        self.queue = ""

    def _end(self, disposition: str, by: str | None) -> None:
        # Whom somebody talked with was answered, whatever came after.
        self.truth.disposition = "answered" if self.truth.talks else disposition
        self.truth.hangup_by = by
        self.truth.ended_at = self.truth.ended_at or self.pbx.at
        self.over = True

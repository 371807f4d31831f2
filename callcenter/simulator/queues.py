"""Queues and their members: who is next, who is free, and what Asterisk tells of them."""

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from callcenter.simulator.devices import MEMBER_STATUS, Phone
from callcenter.simulator.settings import QueueSettings
from callcenter.simulator.wire import Field

if TYPE_CHECKING:
    from callcenter.simulator.queueing import QueueVisit


@dataclass(slots=True, eq=False)
class Member:
    """A phone in a queue; `interface` is what QueuePause and its kin must name."""

    queue: str
    interface: str
    name: str
    phone: Phone
    membership: str = "static"
    penalty: int = 0
    calls_taken: int = 0
    last_call: int = 0
    last_pause: int = 0
    login_time: int = field(default_factory=lambda: int(time.time()))
    in_call: bool = False
    paused: bool = False
    paused_reason: str = ""
    ring_in_use: bool = False
    #: Seconds after a call during which no queue rings this member.
    wrapuptime_s: int = 0

    @property
    def is_free(self) -> bool:
        rested = time.time() - self.last_call >= self.wrapuptime_s
        return not self.paused and rested and self.phone.state == "NOT_INUSE"

    @property
    def is_logged_in(self) -> bool:
        return self.phone.state != "UNAVAILABLE"

    def event_fields(self) -> list[Field]:
        return [
            ("Queue", self.queue),
            ("MemberName", self.name),
            ("Interface", self.interface),
            ("StateInterface", f"PJSIP/{self.phone.extension}"),
            *self._figures(),
            ("Ringinuse", str(int(self.ring_in_use))),
            ("Wrapuptime", str(self.wrapuptime_s)),
        ]

    def list_fields(self) -> list[Field]:
        return [
            ("Queue", self.queue),
            ("Name", self.name),
            ("Location", self.interface),
            ("StateInterface", f"PJSIP/{self.phone.extension}"),
            *self._figures(),
            ("Wrapuptime", str(self.wrapuptime_s)),
        ]

    def _figures(self) -> list[Field]:
        return [
            ("Membership", self.membership),
            ("Penalty", str(self.penalty)),
            ("CallsTaken", str(self.calls_taken)),
            ("LastCall", str(self.last_call)),
            ("LastPause", str(self.last_pause)),
            ("LoginTime", str(self.login_time)),
            ("InCall", str(int(self.in_call))),
            ("Status", str(MEMBER_STATUS[self.phone.state])),
            ("Paused", str(int(self.paused))),
            ("PausedReason", self.paused_reason),
        ]


@dataclass(slots=True, eq=False)
class Queue:
    """A queue, its members in the order of queues.conf, and the callers in the order they came."""

    settings: QueueSettings
    members: list[Member] = field(default_factory=list)
    waiting: list["QueueVisit"] = field(default_factory=list)
    completed: int = 0
    abandoned: int = 0
    hold_s: int = 0
    talk_s: int = 0
    last_rung: int = -1

    @property
    def name(self) -> str:
        return self.settings.name

    def member(self, interface: str) -> Member | None:
        return next((one for one in self.members if one.interface == interface), None)

    def has_anyone(self) -> bool:
        """Say whether a caller may join a queue that is not joined empty."""
        return any(member.is_logged_in for member in self.members)

    def free(self) -> list[Member]:
        return [member for member in self.members if member.is_free]

    def next_to_ring(self, rung: set[str]) -> list[Member]:
        """Return whom the strategy rings now: everybody free, or the one whose turn it is.

        `rung` are the interfaces that did not answer this caller; a linear queue goes on from
        them and begins again when it has come to its end.
        """
        free = self.free()
        if not free or self.settings.strategy == "ringall":
            return free[::-1]
        if self.settings.strategy == "leastrecent":
            chosen = min(free, key=lambda member: member.last_call)
        elif self.settings.strategy == "linear":
            chosen = next((member for member in free if member.interface not in rung), free[0])
        else:
            turns = self.members[self.last_rung + 1 :] + self.members[: self.last_rung + 1]
            chosen = next(member for member in turns if member.is_free)
        self.last_rung = self.members.index(chosen)
        return [chosen]

    def parameters(self) -> list[Field]:
        return [
            ("Queue", self.name),
            ("Max", "0"),
            ("Strategy", self.settings.strategy),
            ("Calls", str(len(self.waiting))),
            ("Holdtime", str(self.hold_s)),
            ("TalkTime", str(self.talk_s)),
            ("Completed", str(self.completed)),
            ("Abandoned", str(self.abandoned)),
            ("ServiceLevel", "0"),
            ("ServicelevelPerf", "0.0"),
            ("ServicelevelPerf2", "0.0"),
            ("Weight", "0"),
        ]

"""What an agent does at this moment, worked out from everything that is known. Pure.

Nothing here is the truth by itself: not the agent's own wish, not the PBX's pause, not
the open page, not the phone's registration. A leg of a call wins over all of them: who
talks is talking. What follows a queue's call is wrap-up, then what the agent wished.

`keeper` feeds this, keeps the clock and writes the spans down; `pauses` keeps the PBX's
queues in step.
"""

from dataclasses import dataclass, field
from typing import Literal

import msgspec

Wish = Literal["ready", "paused", "off"]
Phase = Literal["ringing", "talking", "hold", "ended"]
By = Literal["agent", "pbx", "call", "timer", "page", "phone", "account", "restart"]

#: Why an agent pauses; the words for people are in the templates.
REASONS = ("break", "lunch", "training", "meeting", "other")


class LegChange(msgspec.Struct, frozen=True, kw_only=True):
    """What happened to one of an agent's legs; `leg` is opaque and unique within `pbx`."""

    user_id: int
    pbx: int
    leg: str
    call_id: int
    phase: Phase
    #: The call came to the agent by a queue.
    queued: bool
    at: float


class State(msgspec.Struct, frozen=True, kw_only=True):
    """What is shown, and stored as a span."""

    state: str
    reason: str | None = None
    until: float | None = None
    call_id: int | None = None


class WrapUp(msgspec.Struct, frozen=True):
    """The time after a queue's call."""

    call_id: int
    until: float


@dataclass(slots=True)
class Agent:
    """One agent. `wish` is None as long as neither they nor the PBX has said anything."""

    user_id: int
    wish: Wish | None = None
    reason: str | None = None
    wrap_up: WrapUp | None = None
    #: A page is open; None if none ever was since the service started.
    here: bool | None = None
    #: Phone -> whether the PBX reaches it, as far as it told.
    phones: dict[tuple[int, str], bool] = field(default_factory=dict)
    #: Somebody who got up from his only phone has none; None if he never had one.
    has_phone: bool | None = None
    legs: dict[tuple[int, str], LegChange] = field(default_factory=dict)
    #: The queue's call that ended while another went on.
    owes_wrap_up: int | None = None

    @property
    def state(self) -> State:
        if (busy := self._busy()) is not None:
            return State(state=busy.phase, call_id=busy.call_id)
        if self.wrap_up is not None:
            return State(state="wrap-up", until=self.wrap_up.until, call_id=self.wrap_up.call_id)
        if self.wish == "paused":
            return State(state="paused", reason=self.reason)
        if self.wish == "ready":
            return self._ready()
        return State(state="off")

    @property
    def takes_calls(self) -> bool:
        """Whether queues may ring this agent."""
        return self.wish == "ready" and self.wrap_up is None

    # ------------------------------------------------------------ what happens

    def wishes(self, wish: Wish, reason: str | None = None) -> None:
        """Take in what the agent wants. Ready ends the wrap-up; a pause waits for its end."""
        self.wish = wish
        self.reason = reason if wish == "paused" else None
        if wish == "ready":
            self.end_wrap_up()

    def leg(self, change: LegChange, now: float, wrap_up_s: float) -> None:
        """Take in what happened to a leg."""
        key = (change.pbx, change.leg)
        before = self.legs.pop(key, None)
        was_up = before is not None and before.phase != "ringing"
        if change.phase != "ended":
            self.legs[key] = change
            if change.phase != "ringing" and not was_up:
                # The next call ends the wrap-up of the last.
                self.end_wrap_up()
            return
        if was_up and change.queued:
            self.owes_wrap_up = change.call_id
        if not self.legs:
            self._begin_wrap_up(now, wrap_up_s)

    def knows(self, change: LegChange) -> bool:
        """Return whether `change` says nothing new."""
        before = self.legs.get((change.pbx, change.leg))
        return change.phase == (before.phase if before is not None else "ended")

    def end_wrap_up(self) -> None:
        self.wrap_up = None

    def _begin_wrap_up(self, now: float, wrap_up_s: float) -> None:
        if self.owes_wrap_up is not None and wrap_up_s > 0:
            self.wrap_up = WrapUp(self.owes_wrap_up, now + wrap_up_s)
        self.owes_wrap_up = None

    # ------------------------------------------------------------ what follows

    def _busy(self) -> LegChange | None:
        """Return the leg that matters most: talk before hold before ringing."""
        order = ("talking", "hold", "ringing")
        return min(self.legs.values(), key=lambda leg: order.index(leg.phase), default=None)

    def _ready(self) -> State:
        """Ready, if a call would find the agent."""
        is_away = self.phones and not any(self.phones.values())
        if is_away or self.has_phone is False:
            return State(state="not-responding", reason="phone")
        if self.here is False:
            return State(state="not-responding", reason="page")
        return State(state="ready")

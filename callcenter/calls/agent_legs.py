"""Tells the agents' states what happens at their phones, in plain values."""

from collections.abc import Callable
from typing import Literal

from callcenter.agents.states import LegChange
from callcenter.calls.board import LiveCall
from callcenter.calls.call import Leg
from callcenter.events import CallEvent


def tell_legs(tell: Callable[[LegChange], None]) -> Callable[[LiveCall, CallEvent], None]:
    """Return a listener for the board that hands `tell` each agent's leg as it stands."""

    def changed(live: LiveCall, event: CallEvent) -> None:
        if live.call.folded_into is not None:
            # Its legs go on in the other call.
            return
        for uniqueid, user_id in live.users.items():
            leg = live.call.legs.get(uniqueid)
            if leg is not None:
                tell(_change(live, leg, user_id, event.at))

    return changed


def _change(live: LiveCall, leg: Leg, user_id: int, at: float) -> LegChange:
    return LegChange(
        user_id=user_id, pbx=live.call.pbx, leg=leg.uniqueid, call_id=live.id, phase=_phase(leg),
        queued=leg.visit is not None, at=at,
    )  # fmt: skip


def _phase(leg: Leg) -> Literal["ringing", "talking", "hold", "ended"]:
    """Return what the phone does; whoever dials is busy from the first digit on."""
    if leg.end_at is not None:
        return "ended"
    if leg.hold.since is not None:
        return "hold"
    up = leg.answer_at is not None or leg.talked or leg.consult.first_began() is not None
    return "talking" if up or leg.how_in == "dial" else "ringing"

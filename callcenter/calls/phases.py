"""What a call means for the agents in it: whose phone rings, who talks, who is on hold. Pure.

`agents.keeper` works out their states from it; it lies below this room and knows no calls.
"""

from collections.abc import Iterator

from callcenter.agents.states import LegChange, Phase
from callcenter.calls.board import LiveCall
from callcenter.calls.call import Call, Leg


def leg_changes(live: LiveCall, at: float) -> Iterator[LegChange]:
    """Return where every agent's leg of the call stands, as of `at` (epoch seconds)."""
    if live.call.folded_into is not None:
        # Its legs go on in the other call.
        return
    for uniqueid, user_id in live.users.items():
        leg = live.call.legs.get(uniqueid)
        if leg is not None:
            yield LegChange(
                user_id=user_id, pbx=live.call.pbx, leg=uniqueid, call_id=live.id,
                phase=phase(live.call, leg), queued=leg.visit is not None,
                at=leg.end_at if leg.end_at is not None else at,
            )  # fmt: skip


def phase(call: Call, leg: Leg) -> Phase:
    """Return what the agent does in this leg; who has dialled waits for the other's ringing."""
    if leg.end_at is not None:
        return "ended"
    if leg.hold.since is not None:
        return "hold"
    if leg.talked or leg.consult.first_began() is not None:
        # Also while the other side is parked, or has just left.
        return "talking"
    # On a call we placed, whoever has picked up still waits for the customer.
    waits = leg.how_in == "dial" or call.direction == "outbound" or leg.answer_at is None
    return "ringing" if waits else "talking"

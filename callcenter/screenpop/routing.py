"""Whose screen a call belongs on: the owner's of each phone that rings or talks.

Nobody else's. An inbound call shows at whoever it rings or who took it over; a call
dialled by hand or by click shows at its caller once it is known to be for a customer;
an internal call shows at the colleague it rings, not at the one who dialled. Nobody is
shown the call they make themselves, not even where it comes in from their own mobile.
"""

from callcenter.calls.board import LiveCall
from callcenter.calls.call import Leg


def screens(live: LiveCall) -> dict[int, Leg]:
    """Return the people whose screens show this call, each with the leg that says why."""
    shown: dict[int, Leg] = {}
    callers = _callers(live)
    for uniqueid, user_id in live.users.items():
        leg = live.call.legs.get(uniqueid)
        if leg is None or leg.end_at is not None or not _concerns(live, leg):
            continue
        if user_id in callers:
            continue
        # Of two phones of one person the one that was picked up tells more.
        if user_id not in shown or shown[user_id].answer_at is None:
            shown[user_id] = leg
    return shown


def _callers(live: LiveCall) -> set[int]:
    """Return who made this call, where it is not one to a customer."""
    if live.call.direction != "internal":
        return set() if live.caller_id is None else {live.caller_id}
    dialled = (uid for uid, leg in live.call.legs.items() if leg.how_in == "dial")
    return {live.users[uid] for uid in dialled if uid in live.users}


def _concerns(live: LiveCall, leg: Leg) -> bool:
    call = live.call
    if not call.live or call.folded_into is not None:
        return False
    if call.direction == "outbound":
        return call.called is not None
    if call.direction == "internal":
        return leg.how_in != "dial"
    return call.direction == "inbound"

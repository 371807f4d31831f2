"""Which pops are up: raised by a ringing phone, taken down with a reason.

A pop is one ring attempt of one call at one person. It lives as long as one of the
person's phones rings or talks in that call, whatever happens to it meanwhile, and
there is never more than one of a call on a screen. Pure: from the calls as they stand
to what has to be shown or taken away.
"""

from typing import Literal

import msgspec

from callcenter.calls.board import LiveCall
from callcenter.calls.call import Call, Leg
from callcenter.screenpop.routing import screens

Reason = Literal["answered-by", "caller-gone", "no-answer", "declined", "ended", "elsewhere"]


class Showing(msgspec.Struct, frozen=True, kw_only=True):
    """The call's side of a pop; who the customer is comes from `card`."""

    id: str
    user_id: int
    pbx: int
    call_id: int
    interaction_id: int | None
    direction: Literal["inbound", "outbound", "internal"] | None
    phase: Literal["ringing", "talking"]
    #: The number as the PBX wrote it; None if withheld.
    number: str | None
    caller_name: str | None
    withheld: bool
    #: The colleague who calls, in an internal call.
    colleague_id: int | None
    queue: str | None
    did: str | None
    waiting_since: float | None
    ringing_since: float
    talking_since: float | None


class Raise(msgspec.Struct, frozen=True):
    """Show this pop, or show it changed."""

    showing: Showing


class Withdraw(msgspec.Struct, frozen=True):
    """Take this pop away. `taker` is the leg that took the call instead, if one did."""

    showing: Showing
    reason: Reason
    taker: Leg | None = None
    #: Whose phone that is.
    taker_id: int | None = None


Step = Raise | Withdraw


class Pops:
    """All pops that are up."""

    def __init__(self) -> None:
        self._up: dict[tuple[int, int], Showing] = {}
        self._attempts: dict[tuple[int, int], int] = {}

    def get(self, call_id: int, user_id: int) -> Showing | None:
        return self._up.get((call_id, user_id))

    def of(self, user_id: int) -> list[Showing]:
        """Return a person's pops, in the order in which they were raised."""
        return [showing for (_, user), showing in self._up.items() if user == user_id]

    def update(self, live: LiveCall) -> list[Step]:
        """Return what has to change on the screens now that `live` stands as it does."""
        shown = screens(live)
        steps: list[Step] = []
        for user_id in dict.fromkeys((*shown, *live.users.values())):
            key, leg = (live.id, user_id), shown.get(user_id)
            old = self._up.get(key)
            if leg is not None:
                new = _showing(live, user_id, leg, self._attempt(key, old))
                if new != old:
                    self._up[key] = new
                    steps.append(Raise(new))
            elif old is not None:
                del self._up[key]
                steps.append(_withdrawn(live, old))
        if live.over:
            self._forget(live)
        return steps

    def _attempt(self, key: tuple[int, int], old: Showing | None) -> int:
        if old is None:
            self._attempts[key] = self._attempts.get(key, -1) + 1
        return self._attempts[key]

    def _forget(self, live: LiveCall) -> None:
        for user_id in live.users.values():
            self._attempts.pop((live.id, user_id), None)


def _showing(live: LiveCall, user_id: int, leg: Leg, attempt: int) -> Showing:
    call = live.call
    return Showing(
        id=f"{live.id}-{user_id}-{attempt}",
        user_id=user_id,
        pbx=call.pbx,
        call_id=live.id,
        interaction_id=live.interaction_id,
        direction=call.direction,
        phase="talking" if _is_up(call, leg) else "ringing",
        number=None if call.withheld else call.customer_number,
        caller_name=call.caller_name if call.direction == "internal" else call.customer_name,
        withheld=call.withheld,
        colleague_id=_colleague(live) if call.direction == "internal" else None,
        queue=_queue(call, leg),
        did=call.did,
        waiting_since=_waiting_since(call),
        ringing_since=leg.ring_at,
        talking_since=_talking_since(call, leg),
    )


def _queue(call: Call, leg: Leg) -> str | None:
    """Return the queue that made the phone ring, else the last the customer was in."""
    if leg.visit is not None and leg.visit < len(call.visits):
        return call.visits[leg.visit].queue
    return call.visits[-1].queue if call.visits else None


def _is_up(call: Call, leg: Leg) -> bool:
    """Return whether somebody can be talked to: on a call we placed, once the customer is there."""
    if leg.talked or leg.consult.first_began() is not None:
        return True
    return call.direction != "outbound" and leg.answer_at is not None


def _talking_since(call: Call, leg: Leg) -> float | None:
    if not _is_up(call, leg):
        return None
    return leg.talk.first_began() or leg.consult.first_began() or leg.answer_at


def _waiting_since(call: Call) -> float | None:
    return call.ring_at if call.direction == "inbound" else None


def _colleague(live: LiveCall) -> int | None:
    """Return who dialled an internal call."""
    dialled = (leg for leg in live.call.legs.values() if leg.how_in == "dial")
    return next((live.users[leg.uniqueid] for leg in dialled if leg.uniqueid in live.users), None)


def _withdrawn(live: LiveCall, showing: Showing) -> Withdraw:
    call = live.call
    mine = [leg for leg in call.legs.values() if live.users.get(leg.uniqueid) == showing.user_id]
    last = max(mine, key=lambda leg: leg.end_at or 0.0, default=None)
    if call.folded_into is not None or last is None:
        return Withdraw(showing, "elsewhere")
    if showing.phase == "talking" or last.result in ("answered", "unanswered"):
        return Withdraw(showing, "ended")
    if last.result in ("declined", "busy"):
        return Withdraw(showing, "declined")
    if last.result == "forwarded":
        return Withdraw(showing, "elsewhere")
    if last.result in ("noanswer", "unreachable"):
        return Withdraw(showing, "no-answer")
    taker = _taker(live, showing.user_id)
    if taker is None:
        return Withdraw(showing, "caller-gone")
    return Withdraw(showing, "answered-by", taker, live.users.get(taker.uniqueid))


def _taker(live: LiveCall, user_id: int) -> Leg | None:
    """Return the leg that took the call while this person's phone rang."""
    others = (
        leg
        for leg in live.call.legs.values()
        if leg.party != "customer" and live.users.get(leg.uniqueid) != user_id
    )
    took = [
        leg
        for leg in others
        if leg.end_at is None and (leg.answer_at is not None or leg.how_in == "pickup")
    ]
    return max(took, key=lambda leg: leg.answer_at or leg.ring_at, default=None)

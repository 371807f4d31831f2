"""A person's calls in progress, for the call bar and the dial button. Pure."""

from collections.abc import Callable
from typing import Literal

from callcenter.calls.board import LiveCall
from callcenter.calls.call import Leg
from callcenter.interactions import covering
from callcenter.live.protocol import CallView, LegView
from callcenter.screenpop.card import Card

Phase = Literal["dialling", "ringing", "talking", "hold"]
NameOf = Callable[[int], str | None]
Shown = Callable[[str | None], str | None]


def view(
    live: LiveCall, user_id: int, card: Card | None, name_of: NameOf, shown: Shown
) -> CallView | None:
    """Return the call as this person sees it; None if none of their phones is in it.

    `shown(number)` tells what may be seen of the number of somebody outside.
    """
    legs = live.legs_of(user_id)
    if not legs:
        return None
    call = live.call
    leg = max(legs, key=lambda each: each.answer_at is not None)
    contact = card.contact if card is not None else None
    number = None if call.withheld else shown(call.customer_number)
    if card is not None and (card.number or card.is_covered):
        number = card.number
    return CallView(
        call_id=live.id,
        interaction_id=live.interaction_id,
        intent_id=call.crm_ref if call.origin == "click-to-call" else None,
        direction=call.direction,
        phase=phase(live, leg),
        title=contact.name if contact is not None else _title(live, user_id, name_of, shown),
        contact_id=contact.contact_id if contact is not None else None,
        number=number,
        queue=call.visits[-1].queue if call.visits else None,
        since=leg.ring_at,
        talking_since=leg.talk.first_began() or leg.consult.first_began(),
        legs=tuple(
            _leg(live, each, name_of, shown) for each in call.legs.values() if each.end_at is None
        ),
    )


def phase(live: LiveCall, leg: Leg) -> Phase:
    """Return what this leg's owner does in the call."""
    if leg.hold.since is not None:
        return "hold"
    if leg.talk.since is not None or leg.consult.since is not None:
        return "talking"
    if leg.how_in == "dial" or (leg.answer_at is not None and live.call.direction == "outbound"):
        return "dialling"
    return "ringing" if leg.answer_at is None else "talking"


def _title(live: LiveCall, user_id: int, name_of: NameOf, shown: Shown) -> str:
    """Return the other side's name as the PBX tells it, or "" if only the number is known."""
    call = live.call
    if call.direction != "internal":
        called = call.customer_name or ""
        return (shown(called) or "") if covering.holds_number(called) else called
    others = (other for other in live.users.values() if other != user_id)
    return next((name for other in others if (name := name_of(other))), call.caller_name or "")


def _leg(live: LiveCall, leg: Leg, name_of: NameOf, shown: Shown) -> LegView:
    user_id = live.users.get(leg.uniqueid)
    return LegView(
        party=leg.party,
        name=name_of(user_id) if user_id is not None else None,
        number=_number(live, leg, shown),
        phase=_leg_phase(leg),
    )


def _number(live: LiveCall, leg: Leg, shown: Shown) -> str | None:
    if leg.party == "customer" and live.call.withheld:
        return None
    return shown(leg.number) if leg.party in ("customer", "external") else leg.number


def _leg_phase(leg: Leg) -> Literal["dialling", "ringing", "up", "hold"]:
    if leg.hold.since is not None:
        return "hold"
    if leg.answer_at is not None or leg.talked:
        return "up"
    return "dialling" if leg.how_in == "dial" else "ringing"

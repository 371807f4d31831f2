"""The parties of a call: who rang, who answered, how it came out for each."""

from callcenter.ami.messages import Message
from callcenter.ami.tracker import talk
from callcenter.ami.tracker.endpoints import OUTSIDE
from callcenter.ami.tracker.state import CallState, Channel, Leg
from callcenter.ami.tracker.world import World
from callcenter.events import HowIn, LegAnswered, LegEnded, LegRang, LegResult, Party

_DIGITS = "0123456789+*#"

#: Q.850 causes of a Hangup, as results of a leg that never answered.
_BY_CAUSE: dict[int, LegResult] = {
    1: "unreachable", 2: "unreachable", 3: "unreachable", 20: "unreachable", 22: "unreachable",
    27: "unreachable", 34: "unreachable", 38: "unreachable", 41: "unreachable",
    42: "unreachable", 44: "unreachable", 58: "unreachable",
    17: "busy", 21: "declined", 23: "forwarded",
    18: "noanswer", 19: "noanswer",
}  # fmt: skip
_BY_STATUS: dict[str, LegResult] = {
    "BUSY": "busy", "CANCEL": "cancelled", "CONGESTION": "unreachable",
    "CHANUNAVAIL": "unreachable", "NOANSWER": "noanswer", "DONTCALL": "declined",
    "TORTURE": "declined",
}  # fmt: skip


def ring(world: World, source: Channel | None, rung: Channel, message: Message, at: float) -> None:
    """`source` dialled `rung`; without a source the PBX did, because somebody asked it to."""
    call = rung.call
    if rung.uid in call.legs or not rung.is_party or call.ended:
        return
    number = dialled_number(source, message) if rung.kind == "trunk" else None
    if number and (agent := world.endpoints.agent_dialled(_dial_string(message), number)):
        # Who sits at an outside number is an agent all the same: no customer was dialled.
        rung.kind, rung.endpoint = "agent", agent
        number = agent.removeprefix(OUTSIDE)
    party = _party_of(call, rung)
    if party == "customer":
        call.customer = rung
        call.failure = None
    how_in: HowIn = "transfer" if call.handed_over else "ring"
    leg = call.legs[rung.uid] = Leg(call, rung, party, how_in)
    _decide_direction(world, leg, source, number, at)
    if party == "customer" and call.direction == "outbound":
        number = call.called
    world.tell(
        LegRang, call, at,
        leg=rung.uid, party=party, endpoint=rung.endpoint, how_in=how_in,
        number=number or None, visit=_open_visit(call),
    )  # fmt: skip


def _party_of(call: CallState, channel: Channel) -> Party:
    if channel.kind != "trunk":
        return "agent" if channel.kind == "agent" else "internal"
    return "customer" if call.customer is None or _gave_up(call, call.customer) else "external"


def _gave_up(call: CallState, customer: Channel) -> bool:
    """Whether the customer was not reached this way, so that the next trunk is a second try."""
    if call.direction == "inbound" or call.connected:
        return False
    leg = call.legs.get(customer.uid)
    return customer.gone or leg is None or leg.ended or leg.result is not None


def _decide_direction(
    world: World,
    leg: Leg,
    source: Channel | None,
    number: str | None,
    at: float,
) -> None:
    call = leg.call
    if call.direction == "inbound" or not call.rooted:
        return
    if leg.party == "customer":
        # Whom a dialler rings first, and nobody else before, is a customer that we call.
        others = [other.party for other in call.legs.values() if other is not leg]
        by_us = call.ours or "agent" in others or not others
        world.describe(
            call, at,
            direction="outbound" if by_us else "internal", called=number or call.called,
        )  # fmt: skip
    elif call.customer is None and source is not None and (source.is_party or not call.ours):
        world.describe(call, at, direction="internal", called=call.called or source.exten or None)


def _open_visit(call: CallState) -> int | None:
    for index in range(len(call.visits) - 1, -1, -1):
        if call.visits[index].open:
            return index
    return None


def dialable(text: str) -> str | None:
    """Return `text` if a phone could dial it."""
    return text if text and not text.strip(_DIGITS) else None


def dialled_number(source: Channel | None, message: Message) -> str | None:
    """Return the number dialled on a trunk: what the dialplan ran on, or else the dial string.

    Who calls in from outside runs on the number of ours that was called, until they are handed
    over: there it is the string, and our own number never.
    """
    exten = dialable(message.get("exten")) if source is not None else None
    if source is not None and source.kind == "trunk":
        ours = (source.exten, source.call.did)
        return _dial_string(message) or (exten if exten not in ours else None)
    return exten or _dial_string(message)


def _dial_string(message: Message) -> str | None:
    """Return the number in a dial string.

    "trunk/sip:0501234567@10.0.0.1", "0501234567@trunk"; and as chan_sip has it, with a host and a
    caller of its own: "trunk/0501234567/10.0.0.1!!0124041000".
    """
    parts = message.get("dialstring").partition("!")[0].split("/")
    numbers = (dialable(part.removeprefix("sip:").partition("@")[0]) for part in reversed(parts))
    return next((one for one in numbers if one), None)


def dial_out(world: World, call: CallState, channel: Channel, at: float) -> None:
    """`channel` began the call by calling in, or by dialling on its own phone."""
    if channel.uid in call.legs:
        # Its beginning comes late: it was heard already.
        return
    party: Party = "customer" if channel.kind == "trunk" else _party_of(call, channel)
    call.legs[channel.uid] = Leg(call, channel, party, "dial")
    world.tell(
        LegRang, call, at,
        leg=channel.uid, party=party, endpoint=channel.endpoint, how_in="dial",
        number=call.caller,
    )  # fmt: skip


def turn_up(world: World, channel: Channel, at: float) -> None:
    """A phone is heard whose ringing was not: the message is lost, the talk must not be."""
    call = channel.call
    if (
        channel.kind not in ("agent", "internal")
        or channel.uid in call.legs
        or channel.spy
        or call.ended
    ):
        return
    party = _party_of(call, channel)
    call.legs[channel.uid] = Leg(call, channel, party, "dial", answered=True)
    world.tell(
        LegRang, call, at,
        leg=channel.uid, party=party, endpoint=channel.endpoint, how_in="dial",
    )  # fmt: skip


def take_over(world: World, channel: Channel, how_in: HowIn, at: float) -> None:
    """`channel` came into its call by its own doing: a pickup, a parked customer retrieved."""
    call = channel.call
    leg = call.legs.get(channel.uid)
    if leg is None or leg.ended:
        return
    leg.how_in = how_in
    world.tell(
        LegRang, call, at,
        leg=channel.uid, party=leg.party, endpoint=channel.endpoint, how_in=how_in,
    )  # fmt: skip


def answer(world: World, leg: Leg, at: float) -> None:
    # Whoever picks up when the caller has just gone has answered nobody.
    if not (leg.answered or leg.ended or leg.result or leg.call.ended):
        leg.answered = True
        world.tell(LegAnswered, leg.call, at, leg=leg.channel.uid)


def dial_ended(world: World, leg: Leg, status: str, forward: str, at: float) -> None:
    """The ringing is over. Ends the leg unless only the Hangup can tell how it came out."""
    if status == "ANSWER":
        answer(world, leg, at)
    elif not (leg.answered or leg.ended or leg.result):
        leg.result = _result(leg, status, forward)
        # NOANSWER is also 603 and 404; with chan_sip, which asks for no hangup first, 603 is BUSY.
        sure = status not in ("NOANSWER", "BUSY") or leg.channel.refusal is not None
        if sure and leg.party != "customer":
            end(world, leg, leg.result, at, leg.channel.refusal)


def _result(leg: Leg, status: str, forward: str) -> LegResult:
    channel = leg.channel
    if status == "CANCEL":
        if forward or channel.refusal == 23:
            return "forwarded"
        return "noanswer" if _gave_up_on(channel) else "cancelled"
    # NOANSWER also stands for 603, 404 and, from a queue, 486: the cause tells them apart.
    if status in ("NOANSWER", "") and channel.refusal in _BY_CAUSE:
        return _BY_CAUSE[channel.refusal]
    return _BY_STATUS.get(status, "noanswer")


def _gave_up_on(channel: Channel) -> bool:
    """Whether a queue that rings through Local channels gave up on the nearest half.

    The farther ones, and the phone behind them, are merely cancelled.
    """
    passed = {channel.uid}
    near = channel.dialled_by.peer if channel.dialled_by else None
    while near is not None and near.uid not in passed:
        if near.dial_status == "NOANSWER":
            return True
        passed.add(near.uid)
        near = near.dialled_by.peer if near.dialled_by else None
    return False


def hung_up(world: World, leg: Leg, cause: int | None, at: float) -> None:
    """The leg's channel is gone."""
    end(world, leg, _result_at_hangup(leg, cause or 0), at, cause)


def _result_at_hangup(leg: Leg, cause: int) -> LegResult:
    call = leg.call
    if leg.how_in == "dial":
        return (
            "answered"
            if leg.talked or (leg.party == "customer" and call.connected)
            else ("unanswered")
        )
    if leg.answered or leg.talked:
        never_met = call.direction == "outbound" and leg.party == "agent" and not leg.talked
        return "unanswered" if never_met and not call.connected else "answered"
    if leg.result in (None, "noanswer", "busy") and cause in _BY_CAUSE:
        return _BY_CAUSE[cause]
    # No DialEnd and no cause: the ringing ran out, unless somebody gave up. So it has for whom the
    # PBX was asked to ring, whatever the cause: with chan_sip it is that of any hangup.
    ran_out = cause == 0 or leg.channel.uid == call.id
    return leg.result or ("noanswer" if ran_out and call.hung_by is None else "cancelled")


def end(world: World, leg: Leg, result: LegResult, at: float, cause: int | None) -> None:
    if leg.ended:
        return
    talk.stop(world, leg, at)
    leg.ended = True
    leg.result = result
    world.tell(
        LegEnded, leg.call, at,
        leg=leg.channel.uid, result=result, how_out=leg.how_out, cause=cause,
    )  # fmt: skip

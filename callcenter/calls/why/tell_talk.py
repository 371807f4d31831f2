"""Who hears whom, who holds whom, and who hands over to whom."""

from collections.abc import Iterator

from callcenter.calls.why import says
from callcenter.calls.why.columns import Column
from callcenter.calls.why.says import Say
from callcenter.calls.why.scene import MOMENT_S, Row, Scene, numbered
from callcenter.events import (
    CallEnded,
    CallTransferred,
    HoldBegan,
    HoldEnded,
    LegAnswered,
    LegEnded,
    LegRang,
    QueueJoined,
    TalkBegan,
    TalkEnded,
)


def talk_began(scene: Scene, event: TalkBegan) -> Row | None:
    if event.consult:
        return _aside(scene, event)
    if scene.near(CallTransferred, event.at):
        # The row of the transfer says it.
        return None
    column = scene.column(event.leg)
    row = scene.row(event, column, *_picks_up(scene, event), _hear(scene, event), to="customer")
    if others := _stopped(scene, event):
        row.says.append(Say(says.OTHERS_STOP, numbered(others)))
    return row


def _picks_up(scene: Scene, event: TalkBegan) -> Iterator[Say]:
    """Say whose picking up it was that let them talk."""
    answered = {one.leg for one in scene.all_near(LegAnswered, event.at)}
    leg = scene.leg(event.leg)
    if event.leg in answered and leg is not None and leg.rang:
        yield Say(says.PICKS_UP, {"who": scene.column(event.leg)})
    called = scene.call.direction == "outbound" and not event.consult
    if called and any(scene.is_customer(one) for one in answered):
        yield Say(says.CUSTOMER_PICKS_UP)


def _hear(scene: Scene, event: TalkBegan) -> Say:
    soon = event.at + MOMENT_S
    talking = [
        scene.column(leg.uniqueid).key
        for leg in scene.call.talkers()
        if any(begin <= soon < end for begin, end in leg.talk.until(scene.call.seen_at + 1))
    ]
    who = talking or [scene.column(event.leg).key]
    return Say(says.HEAR, scene.several([*who, scene.customer.key]))


def _stopped(scene: Scene, event: TalkBegan) -> list[Column]:
    """Return whose phones stop ringing because somebody has picked up."""
    return [scene.column(one.leg) for one in scene.all_near(LegEnded, event.at, result="cancelled")]


def _aside(scene: Scene, event: TalkBegan) -> Row | None:
    """Two who talk without the customer: one row, at the first of their two events."""
    both = list(scene.all_near(TalkBegan, event.at, within=0.1, consult=True))
    holding = _holding(scene, event.at)
    keys = list(dict.fromkeys(scene.column(one.leg).key for one in both))
    if len(keys) == 1:
        # Who asks may do so on the very line that holds the customer.
        keys = list(dict.fromkeys([*holding, *keys]))
    if both[0] is not event or len(keys) < 2:
        return None
    say = Say(says.TALK_ASIDE if holding else says.TALK_ALONE, scene.several(keys))
    picks_up = [each for one in both for each in _picks_up(scene, one)]
    column = scene.columns.get(keys[0]) or scene.customer
    return scene.row(event, column, *picks_up, say, to=keys[1])


def _holding(scene: Scene, at: float) -> list[str]:
    """Return who keeps the customer on hold at that moment."""
    return [
        scene.column(leg.uniqueid).key
        for leg in scene.call.legs.values()
        if any(begin <= at <= end for begin, end in leg.hold.until(scene.call.seen_at))
    ]


def talk_ended(scene: Scene, event: TalkEnded) -> Row | None:
    if scene.near(CallTransferred, event.at) or scene.near(CallEnded, event.at, call=scene.call.id):
        return None
    if event.consult:
        return _aside_ended(scene, event)
    if scene.near(LegEnded, event.at, leg=event.leg):
        return None
    column = scene.column(event.leg)
    say = Say(says.NO_LONGER, scene.several([column.key, scene.customer.key]))
    return scene.row(event, column, say)


def _aside_ended(scene: Scene, event: TalkEnded) -> Row | None:
    both = list(scene.all_near(TalkEnded, event.at, within=0.1, consult=True))
    keys = list(dict.fromkeys(scene.column(one.leg).key for one in both))
    if both[0] is not event or len(keys) < 2:
        return None
    say = Say(says.NO_LONGER_ASIDE, scene.several(keys))
    return scene.row(event, scene.column(event.leg), say, to=keys[1])


def hold_began(scene: Scene, event: HoldBegan) -> Row:
    column = scene.column(event.leg)
    return scene.row(event, column, Say(says.HOLDS, {"who": column}), to="customer")


def hold_ended(scene: Scene, event: HoldEnded) -> Row | None:
    if scene.near(TalkEnded, event.at, leg=event.leg) or scene.near(
        LegEnded, event.at, leg=event.leg
    ):
        return None
    column = scene.column(event.leg)
    return scene.row(event, column, Say(says.TAKES_BACK, {"who": column}), to="customer")


def transferred(scene: Scene, event: CallTransferred) -> Row | None:
    by = scene.leg(event.by_leg)
    who = scene.column(event.by_leg) if by is not None else None
    if by is not None and by.how_out == "park":
        column = scene.column(by.uniqueid)
        return scene.row(event, column, Say(says.PARKS, {"who": column}), to="parking")
    to = _receiver(scene, event)
    column = who or scene.customer
    to_key = to.key if isinstance(to, Column) else None
    row = scene.row(event, column, _handed(event, who, to), to=to_key)
    hears = next(iter(scene.all_near(TalkBegan, event.at, consult=False)), None)
    if hears is not None:
        row.says += [*_picks_up(scene, hears), _hear(scene, hears)]
    return row


def _handed(event: CallTransferred, who: Column | None, to: Column | str | None) -> Say:
    names: dict[str, Column | str] = {}
    if to is not None:
        names["to"] = to
    if who is not None:
        names["who"] = who
    if who is None or event.kind == "redirect":
        return Say(says.MOVED, names) if to is not None else Say(says.MOVED_SOMEWHERE)
    if to is None:
        return Say(says.HANDS_OVER_NOBODY, names)
    return Say(says.HANDS_OVER if event.kind == "attended" else says.HANDS_OVER_BLIND, names)


def _receiver(scene: Scene, event: CallTransferred) -> Column | str | None:
    """Return who gets the customer: who talks next, a queue, a phone that rings, or the number."""
    for talk in scene.all_near(TalkBegan, event.at, consult=False):
        if talk.leg != event.by_leg:
            return scene.column(talk.leg)
    if event.to and (named := scene.columns.by_number(event.to)) is not None:
        return named
    for one in scene.events:
        if event.at <= one.at <= event.at + _SOON_S:
            if isinstance(one, QueueJoined):
                return scene.columns.queue(one.queue) or one.queue
            if isinstance(one, LegRang) and one.how_in in ("ring", "transfer"):
                return scene.column(one.leg)
    return event.to


#: What a handed-over customer reaches comes within this time.
_SOON_S = 3.0

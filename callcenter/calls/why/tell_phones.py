"""Phones that ring, are dialled, and are picked up."""

from callcenter.calls.why import says
from callcenter.calls.why.columns import Column
from callcenter.calls.why.says import Say
from callcenter.calls.why.scene import MOMENT_S, Row, Scene
from callcenter.events import LegAnswered, LegRang, QueueJoined, TalkBegan


def rang(scene: Scene, event: LegRang) -> Row | None:
    column = scene.column(event.leg)
    if event.how_in == "dial":
        return _dialled(scene, event, column)
    if event.how_in in ("pickup", "unpark", "conference"):
        return _taken(scene, event, column)
    if column is scene.customer:
        return scene.row(event, column, Say(says.CUSTOMER_RINGS))
    if _is_told(scene, event):
        return None
    return scene.row(event, column, Say(says.RINGS, {"who": column}))


def _dialled(scene: Scene, event: LegRang, column: Column) -> Row | None:
    leg = scene.leg(event.leg)
    # Whoever dialled to take a call over has a row for that.
    if column is scene.customer or leg is None or leg.how_in != "dial":
        return None
    if event.at - scene.call.ring_at < MOMENT_S:
        return None
    whom = _rung_by(scene, event)
    if whom is None:
        return scene.row(event, column, Say(says.LIFTS, {"who": column}))
    asked = scene.column(whom.leg)
    text = says.DIALS_OUT if asked.kind == "external" else says.ASKS
    return scene.row(event, column, Say(text, {"who": column, "whom": asked}), to=asked.key)


def _rung_by(scene: Scene, dialled: LegRang) -> LegRang | None:
    """Return the phone that rings because `dialled` calls it."""
    leg = scene.leg(dialled.leg)
    until = leg.end_at if leg is not None and leg.end_at is not None else scene.call.seen_at
    rung = (
        event
        for event in scene.events
        if isinstance(event, LegRang)
        and dialled.at <= event.at <= until
        and event.how_in == "ring"
        and event.visit is None
        and event.leg != dialled.leg
        and not scene.is_customer(event.leg)
    )
    return next(rung, None)


def _is_told(scene: Scene, rung: LegRang) -> bool:
    """Whether a row says already that somebody calls this phone."""
    return any(
        not scene.is_customer(event.leg)
        and event.at - scene.call.ring_at >= MOMENT_S
        and _rung_by(scene, event) is rung
        for event in scene.all_near(LegRang, rung.at, how_in="dial")
    )


def _taken(scene: Scene, event: LegRang, column: Column) -> Row:
    if event.how_in == "unpark":
        row = scene.row(event, column, Say(says.TAKES_PARKED, {"who": column}))
        row.links.append(("parking", column.key))
        return row
    if event.how_in == "conference":
        return scene.row(event, column, Say(says.JOINS, {"who": column}))
    rung = _rings_at(scene, event.at)
    if rung is None:
        return scene.row(event, column, Say(says.TAKES, {"who": column}))
    row = scene.row(event, column, Say(says.TAKES_RINGING, {"who": column, "whom": rung}))
    row.links.append((rung.key, column.key))
    return row


def _rings_at(scene: Scene, at: float) -> Column | None:
    for leg in scene.call.legs.values():
        until = leg.answer_at or leg.end_at or scene.call.seen_at
        if leg.rang and leg.party == "agent" and leg.ring_at <= at <= until + MOMENT_S:
            return scene.column(leg.uniqueid)
    return None


def answered(scene: Scene, event: LegAnswered) -> Row | None:
    column, leg = scene.column(event.leg), scene.leg(event.leg)
    if scene.near(TalkBegan, event.at, leg=event.leg):
        return None
    if column is scene.customer:
        return _customer_answered(scene, event)
    if leg is None or not leg.rang:
        return None
    return scene.row(event, column, Say(says.PICKS_UP, {"who": column}))


def _customer_answered(scene: Scene, event: LegAnswered) -> Row | None:
    if scene.near(TalkBegan, event.at) or scene.near(QueueJoined, event.at):
        return None
    if scene.call.direction == "outbound":
        return scene.row(event, scene.customer, Say(says.CUSTOMER_PICKS_UP))
    if any(not scene.is_customer(one.leg) for one in scene.all_near(LegAnswered, event.at)):
        return None
    if scene.call.ivr_digits is not None:
        return scene.row(event, scene.customer, Say(says.MENU_ANSWERS), to="menu")
    if scene.call.voicemail and not scene.call.talkers():
        return scene.row(event, scene.customer, Say(says.VOICEMAIL_ANSWERS), to="voicemail")
    return scene.row(event, scene.customer, Say(says.SYSTEM_ANSWERS))

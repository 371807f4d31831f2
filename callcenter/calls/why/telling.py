"""Tells a call in rows: what happened, in the order in which it happened.

One thing that people do makes the PBX send many messages, and several events. Events that are the
same moment to a person make one row; an event that says nothing new to a person belongs to the row
beside it, and so does its message. The `tell_...` modules say what each kind of event is worth.
"""

from collections.abc import Callable, Sequence
from typing import Any, Final

from callcenter.calls.call import Call
from callcenter.calls.why import says, tell_end, tell_phones, tell_talk, tell_way
from callcenter.calls.why.columns import Columns
from callcenter.calls.why.says import Say
from callcenter.calls.why.scene import MOMENT_S, Row, Scene, Told, numbered
from callcenter.events import (
    CallBegan,
    CallDescribed,
    CallEnded,
    CallEvent,
    CallTransferred,
    HoldBegan,
    HoldEnded,
    LegAnswered,
    LegEnded,
    LegEvent,
    LegRang,
    QueueJoined,
    QueueLeft,
    TalkBegan,
    TalkEnded,
)

#: A caller presses the next key of one number within this time.
NEXT_KEY_S: Final = 2.5

_TELLERS: Final[dict[type[CallEvent], Callable[[Scene, Any], Row | None]]] = {
    CallBegan: tell_way.began,
    CallDescribed: tell_way.described,
    QueueJoined: tell_way.joined,
    QueueLeft: tell_way.left,
    LegRang: tell_phones.rang,
    LegAnswered: tell_phones.answered,
    TalkBegan: tell_talk.talk_began,
    TalkEnded: tell_talk.talk_ended,
    HoldBegan: tell_talk.hold_began,
    HoldEnded: tell_talk.hold_ended,
    CallTransferred: tell_talk.transferred,
    LegEnded: tell_end.leg_ended,
    CallEnded: tell_end.ended,
}


def tell(
    call: Call, told: Sequence[Told], columns: Columns, asked_by: str | None = None
) -> list[Row]:
    """Return the rows of `call`; `told` are all events that make its record."""
    told = sorted(told, key=lambda one: one.event.at)
    scene = Scene(call, [one.event for one in told], columns, asked_by)
    rows: list[Row] = []
    beside: list[Told] = []
    for one in told:
        teller = _TELLERS.get(type(one.event))
        row = teller(scene, one.event) if teller is not None else None
        if row is None:
            beside.append(one)
            continue
        row.told = [one]
        if not (rows and _is_joined(rows[-1], row)):
            rows.append(row)
    _put_beside(scene, rows, beside)
    return rows


def _put_beside(scene: Scene, rows: list[Row], told: list[Told]) -> None:
    """Give each event without a row of its own to the row beside it: of its party, if it can be."""
    for one in told:
        event = one.event
        key = scene.column(event.leg).key if isinstance(event, LegEvent) else None

        def far(row: Row, at: float = event.at, key: str | None = key) -> tuple[float, bool]:
            return round(abs(row.at - at), 1), key is not None and key not in row.at_columns

        if rows:
            min(rows, key=far).told.append(one)
    for row in rows:
        row.told.sort(key=lambda one: -1 if one.source is None else one.source)


def _is_joined(last: Row, row: Row) -> bool:
    """Join `row` to the one before if both are one thing to a person; return whether it was."""
    before, after = last.says[-1], row.says[0]
    if after.text == says.RINGS and before.text in (says.RINGS, says.RING):
        if row.at - last.at > MOMENT_S:
            return False
        names = numbered([*before.names.values(), *after.names.values()])
        last.says[-1] = Say(says.RING if len(names) > 1 else says.RINGS, names)
        last.at_columns += row.at_columns
    elif after.text == before.text == says.PRESSES:
        if row.at - last.told[-1].event.at > NEXT_KEY_S:
            return False
        last.says[-1] = Say(says.PRESSES, {"keys": f"{before.names['keys']}{after.names['keys']}"})
    else:
        return False
    last.told += row.told
    return True

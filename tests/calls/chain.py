"""A customer who is handed over twice, each time after a question: told event by event."""

from collections.abc import Iterator
from typing import Any

from callcenter.events import (
    CallAliased,
    CallBegan,
    CallDescribed,
    CallEnded,
    CallEvent,
    CallFolded,
    CallTransferred,
    HoldBegan,
    HoldEnded,
    LegAnswered,
    LegEnded,
    LegRang,
    QueueJoined,
    QueueLeft,
    TalkBegan,
    TalkEnded,
)

#: Uniqueids of the legs, and the phones they are at.
LEGS = {
    "100.1": "PJSIP/1001", "100.2": "PJSIP/1001", "100.3": "PJSIP/1002", "100.4": "PJSIP/1002",
    "100.5": "PJSIP/1003",
}  # fmt: skip


def chain(pbx: int, began_at: float) -> Iterator[CallEvent]:
    """Aygün (1001) asks Orxan (1002) and hands over to him; he asks Leyla (1003) and does the same."""

    def event(
        made: type[CallEvent], after_s: float, call: str = "100.0", **facts: Any
    ) -> CallEvent:
        return made(pbx=pbx, at=began_at + after_s, call=call, **facts)

    customer = {"party": "customer", "endpoint": "PJSIP/trunk", "how_in": "dial"}
    yield event(CallBegan, 0, direction="inbound", origin="trunk", caller="0505050505",
                caller_name="Türkan Vəliyeva", did="0124042000", trunk="PJSIP/trunk")  # fmt: skip
    yield event(LegRang, 0, leg="100.0", **customer, number="0505050505")
    yield event(LegAnswered, 0, leg="100.0")
    yield event(QueueJoined, 0.1, visit=0, queue="support", position=1)
    yield event(LegRang, 0.1, leg="100.1", party="agent", endpoint="PJSIP/1001", visit=0)
    yield event(LegAnswered, 6, leg="100.1")
    yield event(QueueLeft, 6, visit=0, ended="answered")
    yield event(TalkBegan, 6, leg="100.1")
    yield from _asked(event, 14, "100.1", "100.2", "100.3", "1001", "1002")
    yield from _handed(event, 26, "100.1", "100.2", "100.3", "1002")
    yield from _asked(event, 35, "100.3", "100.4", "100.5", "1002", "1003")
    yield from _handed(event, 50, "100.3", "100.4", "100.5", "1003")
    yield event(TalkEnded, 60, leg="100.5")
    yield event(LegEnded, 60, leg="100.5", result="answered", how_out="hangup", cause=16)
    yield event(LegEnded, 60, leg="100.0", result="answered", cause=16)
    yield event(CallEnded, 60, ended_by="agent", cause=16)


def _asked(
    event: Any, at: float, holder: str, line: str, asked: str, who: str, whom: str
) -> Iterator[CallEvent]:
    """`who` holds the customer, and asks `whom` on a second line."""
    yield event(HoldBegan, at, leg=holder)
    yield event(CallBegan, at + 0.2, call=line, origin="phone", caller=who)
    dials = {"party": "agent", "how_in": "dial", "number": who}
    yield event(LegRang, at + 0.2, call=line, leg=line, endpoint=LEGS[line], **dials)
    yield event(CallAliased, at + 0.2, call=line, alias=asked)
    yield event(CallDescribed, at + 0.2, call=line, direction="internal", called=whom)
    rings = {"party": "agent", "endpoint": LEGS[asked]}
    yield event(LegRang, at + 0.2, call=line, leg=asked, **rings)
    yield event(LegAnswered, at + 4, call=line, leg=asked)
    yield event(TalkBegan, at + 4, call=line, leg=line, consult=True)
    yield event(TalkBegan, at + 4, call=line, leg=asked, consult=True)


def _handed(
    event: Any, at: float, holder: str, line: str, asked: str, whom: str
) -> Iterator[CallEvent]:
    yield event(TalkEnded, at, call=line, leg=line, consult=True)
    yield event(TalkEnded, at, call=line, leg=asked, consult=True)
    yield event(HoldEnded, at, leg=holder)
    yield event(CallFolded, at, other=line)
    yield event(TalkEnded, at, leg=holder)
    yield event(TalkBegan, at, leg=asked)
    handed = {"kind": "attended", "method": "REFER", "by_leg": holder, "to": whom}
    yield event(CallTransferred, at, **handed)
    over = {"result": "answered", "how_out": "transfer", "cause": 16}
    yield event(LegEnded, at, leg=holder, **over)
    yield event(LegEnded, at, leg=line, **over)

"""The ladder: columns, rows with what every column was doing meanwhile, and the sums."""

from collections.abc import Mapping, Sequence

import msgspec

from callcenter.calls.call import Call
from callcenter.calls.leg import Leg
from callcenter.calls.open_calls import OpenCalls
from callcenter.calls.retell import retell
from callcenter.calls.spans import Span
from callcenter.calls.why.columns import Column, Person, columns_of
from callcenter.calls.why.lanes import Bar, lanes, spans_of, state_at
from callcenter.calls.why.scene import Row, Told
from callcenter.calls.why.telling import tell
from callcenter.events import CallEvent
from callcenter.pbx import Trace

#: An event told again is the same one if it lies no further off.
SAME_S = 0.5
#: Rows so close to each other stand one below the other for the reader's sake only.
SAME_MOMENT_S = 0.05


class Ladder(msgspec.Struct, kw_only=True):
    call: Call
    columns: list[Column]
    rows: list[Row]
    bars: dict[str, list[Bar]]
    #: From the beginning to the end of the picture.
    begin: float
    end: float
    #: Made from the raw stream; else from the stored record.
    from_stream: bool


def retold(trace: Trace, pbx: int, name: str) -> Call | None:
    """Return the record that the raw stream gives for the call of that first Uniqueid."""
    calls = OpenCalls()
    for evidence in trace.evidence:
        for event in evidence.events:
            calls.apply(event)
    call = calls.get(pbx, name)
    while call is not None and call.folded_into is not None:
        call = calls.get(pbx, call.folded_into)
    return call


def build(
    stored: Call,
    trace: Trace | None,
    people: Mapping[str, Person],
    now: float,
    asked_by: str | None = None,
) -> Ladder:
    """Return the ladder of a call, from its raw stream as far as that is kept."""
    streamed = retold(trace, stored.pbx, stored.id) if trace is not None else None
    whole = trace is not None and streamed is not None and _is_whole(trace, streamed, stored, now)
    call = streamed if whole and streamed is not None else stored
    told = _told(trace) if whole and trace is not None else _matched(stored, trace)
    columns = columns_of(call, people)
    end = _end(call, now)
    return Ladder(
        call=call, columns=columns.all, rows=tell(call, told, columns, asked_by),
        bars=lanes(call, columns, end), begin=call.ring_at, end=end, from_stream=whole,
    )  # fmt: skip


def states(ladder: Ladder, place: int) -> dict[str, str]:
    """Return what each column is doing from this row to the next."""
    row, later = ladder.rows[place], ladder.rows[place + 1 :]
    if not later and ladder.call.end_at is not None:
        return dict.fromkeys(ladder.bars, "")
    moment = (row.at + later[0].at) / 2 if later else row.at
    # What begins in the same moment, but in a row of its own further down, has not begun here.
    yet_to_come = {
        key
        for other in later
        if other.at - row.at < SAME_MOMENT_S
        for key in other.at_columns
        if key not in row.at_columns
    }
    return {
        key: state_at(bars, row.at - SAME_MOMENT_S if key in yet_to_come else moment) or ""
        for key, bars in ladder.bars.items()
    }


def parts(ladder: Ladder, leg: Leg) -> dict[str, list[Span]]:
    """Return the spans that a leg's talk, hold and consultation add up from."""
    return spans_of(leg, None if leg.end_at is not None else ladder.end)


def _end(call: Call, now: float) -> float:
    if call.end_at is None:
        return max(now, call.seen_at)
    return max([call.end_at, *(leg.end_at or 0.0 for leg in call.legs.values())])


def _is_whole(trace: Trace, streamed: Call, stored: Call, now: float) -> bool:
    """Whether the stream tells all of the call. Its last words are kept a moment after they came."""
    if stored.end_at is not None and streamed.end_at is None:
        return False
    end = stored.end_at if stored.end_at is not None else now
    return not any(begin < end and until > stored.ring_at for begin, until, _ in trace.missing)


def _told(trace: Trace) -> list[Told]:
    return [
        Told(event, place)
        for place, evidence in enumerate(trace.evidence)
        for event in evidence.events
    ]


def _matched(stored: Call, trace: Trace | None) -> list[Told]:
    """Return the stored call's events, each with the message that made it where that is kept."""
    known = _told(trace) if trace is not None else []
    return [Told(event, _source(event, known)) for event in retell(stored)]


def _source(event: CallEvent, known: Sequence[Told]) -> int | None:
    def differs(one: Told) -> float:
        return abs(one.event.at - event.at)

    alike = [one for one in known if _same(one.event, event) and differs(one) <= SAME_S]
    return min(alike, key=differs).source if alike else None


def _same(one: CallEvent, other: CallEvent) -> bool:
    return type(one) is type(other) and all(
        getattr(one, name, None) == getattr(other, name, None)
        for name in ("leg", "visit", "consult")
    )


def row_told_by(row: Row, trace: Trace | None) -> list[int]:
    """Return the places of the messages that a row was concluded from, in order, each once."""
    if trace is None:
        return []
    return list(dict.fromkeys(one.source for one in row.told if one.source is not None))

"""A ladder as the page draws it: cells, bars in parts of the width, spans with their sums."""

from typing import Final

import msgspec
from markupsafe import Markup

from callcenter.calls.leg import Leg
from callcenter.calls.models import Gap
from callcenter.calls.why import messages, says
from callcenter.calls.why.asking import Explained
from callcenter.calls.why.columns import Column
from callcenter.calls.why.ladder import Ladder, parts, row_told_by, states
from callcenter.calls.why.lanes import Bar
from callcenter.calls.why.scene import Row
from callcenter.calls.why.shown import Teller
from callcenter.interactions import covering
from callcenter.pbx import Evidence
from callcenter.server.identity import Identity

#: The narrowest bar, in percent of the picture: a ring of a second in a call of an hour.
NARROWEST: Final = 0.4
#: Shorter spans count, but are not listed among what a sum is made of.
SHORTEST_S: Final = 0.05
_STEPS: Final = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400)
_TICKS: Final = 6
#: Rows whose line has no direction: both ends do the same.
_MUTUAL: Final = frozenset(
    {
        says.HEAR, says.PICKS_UP, says.CUSTOMER_PICKS_UP, says.HOLDS, says.TAKES_BACK,
        says.TALK_ASIDE, says.TALK_ALONE, says.NO_LONGER, says.NO_LONGER_ASIDE,
    }
)  # fmt: skip


class Cell(msgspec.Struct, kw_only=True):
    """A column in a row: what it did before and does after, and what is drawn through it."""

    before: str
    after: str
    #: "left", "right", "through" or "".
    line: str = ""
    #: "dot", "arrow-left", "arrow-right" or "".
    mark: str = ""


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """A message of the PBX; `first` and `rest` are None for who may not read it."""

    at: float
    source: str
    name: str
    #: Whom it is about, by name.
    who: list[str]
    means: str
    first: list[tuple[str, str]] | None
    rest: list[tuple[str, str]] | None

    @property
    def fields(self) -> list[tuple[str, str]] | None:
        return None if self.first is None else [*self.first, *(self.rest or ())]


class RowView(msgspec.Struct, frozen=True, kw_only=True):
    at: float
    text: Markup
    plain: str
    columns: list[str]
    cells: list[Cell]
    #: Something of it was not seen, but concluded.
    concluded: bool
    bad: bool
    messages: list[Message]


class BarView(msgspec.Struct, frozen=True, kw_only=True):
    begin: float
    end: float
    state: str
    #: In percent of the width.
    x: float
    width: float


class Head(msgspec.Struct, frozen=True, kw_only=True):
    key: str
    kind: str
    name: str
    #: The phone, or the number, where the name is something else.
    detail: str
    bars: list[BarView]


class Tick(msgspec.Struct, frozen=True, kw_only=True):
    x: float
    label: str


class GapView(msgspec.Struct, frozen=True, kw_only=True):
    """Where the PBX was not heard, in percent of the width."""

    begin: float
    end: float | None
    x: float
    width: float


class Parts(msgspec.Struct, frozen=True, kw_only=True):
    """What one sum of a leg is made of: (from, to), and how long as it is shown."""

    spans: list[tuple[float, float]]
    shown: list[str]
    total: str


class Picture(msgspec.Struct, frozen=True, kw_only=True):
    heads: list[Head]
    rows: list[RowView]
    ticks: list[Tick]
    gaps: list[GapView]
    #: {leg: {"talk" | "hold" | "consult": what it adds up from}}
    parts: dict[str, dict[str, Parts]]


def may_read_messages(who: Identity) -> bool:
    """Tell whether `who` may read what the PBX wrote: numbers stand anywhere in it."""
    return "trace" in who.flags and not covering.covers_numbers(who)


def picture(explained: Explained, teller: Teller, *, raw: bool) -> Picture:
    """Return what the page shows; messages of the PBX as they stood only if `raw`."""
    ladder = explained.ladder
    heads = [_head(ladder, column, explained, teller) for column in ladder.columns]
    rows = [_row(ladder, place, explained, teller, raw=raw) for place in range(len(ladder.rows))]
    return Picture(
        heads=heads, rows=rows, ticks=_ticks(ladder.end - ladder.begin),
        gaps=[_gap(ladder, gap) for gap in explained.detail.gaps],
        parts={leg.uniqueid: _parts(ladder, leg, teller) for leg in ladder.call.legs.values()},
    )  # fmt: skip


def _head(ladder: Ladder, column: Column, explained: Explained, teller: Teller) -> Head:
    line = explained.detail.line
    name = teller.name(column)
    name = name if column.name is not None else name[:1].upper() + name[1:]
    detail = ""
    if column.kind == "customer":
        name = line.contact_name or ("" if line.withheld else line.customer_name or "") or name
        detail = "" if line.withheld else teller.number(column.number or "")
    elif column.name is not None and column.number is not None:
        detail = teller.word(says.PHONE) % {"number": teller.number(column.number)}
    bars = [_bar(ladder, bar) for bar in ladder.bars[column.key]]
    return Head(key=column.key, kind=column.kind, name=name, detail=detail, bars=bars)


def _gap(ladder: Ladder, gap: Gap) -> GapView:
    begin = gap.from_at.timestamp()
    end = gap.to_at.timestamp() if gap.to_at is not None else None
    bar = _bar(ladder, Bar(max(begin, ladder.begin), min(end or ladder.end, ladder.end), "on"))
    return GapView(begin=begin, end=end, x=bar.x, width=bar.width)


def _bar(ladder: Ladder, bar: Bar) -> BarView:
    whole = max(ladder.end - ladder.begin, 0.1)
    x = min(100 - NARROWEST, max(0.0, (bar.begin - ladder.begin) / whole * 100))
    width = min(100 - x, max(NARROWEST, (bar.end - bar.begin) / whole * 100))
    return BarView(
        begin=bar.begin, end=bar.end, state=bar.state, x=round(x, 2), width=round(width, 2)
    )


def _ticks(whole: float) -> list[Tick]:
    step = next((step for step in _STEPS if whole / step <= _TICKS), _STEPS[-1])
    times = range(0, int(whole) + 1, step)
    return [
        Tick(x=round(at / max(whole, 0.1) * 100, 2), label=f"{at // 60}:{at % 60:02}")
        for at in times
        if at <= whole * 0.96
    ]


def _row(ladder: Ladder, place: int, explained: Explained, teller: Teller, *, raw: bool) -> RowView:
    row, trace = ladder.rows[place], explained.trace
    told_by = [] if trace is None else [trace.evidence[one] for one in row_told_by(row, trace)]
    return RowView(
        at=row.at, text=teller.marked(row), plain=teller.sentence(row), columns=row.at_columns,
        cells=_cells(ladder, place), concluded=any(one.event.inferred for one in row.told),
        bad=row.bad, messages=[_message(ladder, one, teller, raw=raw) for one in told_by],
    )  # fmt: skip


def _cells(ladder: Ladder, place: int) -> list[Cell]:
    row = ladder.rows[place]
    after = states(ladder, place)
    before = states(ladder, place - 1) if place else dict.fromkeys(after, "")
    cells = {key: Cell(before=before[key], after=after[key]) for key in after}
    order = list(cells)
    for key in row.at_columns:
        cells[key].mark = "dot"
    for begin, end in row.links:
        _draw(cells, order, begin, end, directed=_is_directed(row))
    return list(cells.values())


def _is_directed(row: Row) -> bool:
    return row.says[0].text not in _MUTUAL


def _draw(
    cells: dict[str, Cell], order: list[str], begin: str, end: str, *, directed: bool
) -> None:
    """Draw a line from column `begin` to column `end`."""
    low, high = sorted((order.index(begin), order.index(end)))
    for index in range(low, high + 1):
        line = "right" if index == low else "left" if index == high else "through"
        cell = cells[order[index]]
        cell.line = line if cell.line in ("", line) else "through"
    cells[begin].mark = "dot"
    to_the_right = order.index(end) > order.index(begin)
    arrow = "arrow-right" if to_the_right else "arrow-left"
    cells[end].mark = arrow if directed else "dot"


def _message(ladder: Ladder, evidence: Evidence, teller: Teller, *, raw: bool) -> Message:
    first, rest = messages.fields(evidence) if raw else (None, None)
    legs = messages.legs_of(evidence)
    who = [teller.name(one) for one in ladder.columns if not {*one.legs}.isdisjoint(legs)]
    return Message(
        at=evidence.at, source=evidence.source, name=evidence.name if raw else "",
        who=[name[:1].upper() + name[1:] for name in who],
        means=teller.word(messages.meaning(evidence)), first=first, rest=rest,
    )  # fmt: skip


def _parts(ladder: Ladder, leg: Leg, teller: Teller) -> dict[str, Parts]:
    found = {}
    for name, spans in parts(ladder, leg).items():
        # Rounded at both ends, so that what is shown adds up to what is shown.
        lengths = [round(end, 1) - round(begin, 1) for begin, end in spans]
        shown = [teller.spell(length) for length in lengths if length >= SHORTEST_S]
        found[name] = Parts(spans=spans, shown=shown, total=teller.spell(sum(lengths)))
    return found

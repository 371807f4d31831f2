"""What the teller of a call looks at: the record, the columns, and which events lie close together."""

from collections.abc import Iterable, Sequence
from typing import Any, Final, TypeVar

import msgspec

from callcenter.calls.call import Call
from callcenter.calls.leg import Leg
from callcenter.calls.why.columns import Column, Columns
from callcenter.calls.why.says import Say
from callcenter.events import CallEvent

#: Events so close to each other are one moment to a person, in seconds.
MOMENT_S: Final = 0.6

_E = TypeVar("_E", bound=CallEvent)


class Told(msgspec.Struct, frozen=True):
    """An event, and the place of the message that made it; None without a raw stream."""

    event: CallEvent
    source: int | None = None


class Row(msgspec.Struct, kw_only=True):
    """A moment of the call. `links` are drawn between columns, from the first to the second."""

    at: float
    says: list[Say]
    #: Keys of the columns it happened to.
    at_columns: list[str]
    links: list[tuple[str, str]] = []
    told: list[Told] = []
    #: The outcome is one that wants a look.
    bad: bool = False


class Scene:
    def __init__(
        self,
        call: Call,
        events: Sequence[CallEvent],
        columns: Columns,
        asked_by: str | None = None,
    ) -> None:
        """`events` are in order of time; `asked_by` is who clicked, where somebody did."""
        self.call, self.events, self.columns, self.asked_by = call, events, columns, asked_by
        #: Keys the caller has pressed so far.
        self.keys = ""

    @property
    def customer(self) -> Column:
        return self.columns.customer

    def column(self, leg: str | None) -> Column:
        return self.columns.of(leg or "") or self.customer

    def leg(self, uniqueid: str | None) -> Leg | None:
        return self.call.legs.get(uniqueid or "")

    def is_customer(self, leg: str) -> bool:
        return self.column(leg) is self.customer

    def near(self, kind: type[_E], at: float, **facts: Any) -> _E | None:
        """Return the first event of that kind at about that moment, or None."""
        return next(iter(self.all_near(kind, at, **facts)), None)

    def all_near(
        self, kind: type[_E], at: float, *, within: float = MOMENT_S, **facts: Any
    ) -> Iterable[_E]:
        return (
            event
            for event in self.events
            if isinstance(event, kind)
            and abs(event.at - at) <= within
            and all(getattr(event, name) == value for name, value in facts.items())
        )

    def is_ending(self, at: float) -> bool:
        """Whether the call is over at about that moment."""
        end_at = self.call.end_at
        return end_at is not None and at >= end_at - MOMENT_S

    def row(
        self,
        event: CallEvent,
        column: Column,
        *says: Say,
        to: str | None = None,
        bad: bool = False,
    ) -> Row:
        """Return a row of what happened to `column`, with a line to the column `to` if there is one."""
        row = Row(at=event.at, says=list(says), at_columns=[column.key], bad=bad)
        if to is not None and self.columns.get(to) is not None:
            row.links.append((column.key, to))
            row.at_columns.append(to)
        return row

    def several(self, keys: Iterable[str]) -> dict[str, Column | str]:
        """Return the names of several columns for one sentence: see `numbered`."""
        return numbered([self.columns.get(key) or key for key in keys])


def numbered(names: Iterable[Column | str]) -> dict[str, Column | str]:
    """Return each name once, as "who", "who_2"...: the sentence has them joined in place of "who"."""
    unique = {(one.key if isinstance(one, Column) else one): one for one in names}.values()
    return {("who" if not place else f"who_{place + 1}"): one for place, one in enumerate(unique)}

"""The columns of a ladder: each party once, however many legs, and the places a caller waits in."""

from collections.abc import Mapping
from typing import Literal

import msgspec

from callcenter.calls.call import Call
from callcenter.calls.leg import Leg

Kind = Literal["customer", "agent", "external", "internal", "menu", "queue", "parking", "voicemail"]


class Column(msgspec.Struct, frozen=True, kw_only=True):
    """`name` is None for whoever has only a role: the customer, the voicemail."""

    key: str
    kind: Kind
    name: str | None = None
    #: The phone's extension, or a number as it is dialled.
    number: str | None = None
    #: Uniqueids of the party's legs.
    legs: tuple[str, ...] = ()


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """Whose phone a leg was."""

    user_id: int
    name: str


class Columns:
    """All columns, in the order in which they came into the call."""

    def __init__(self, columns: list[Column]) -> None:
        self.all = columns
        self._by_key = {column.key: column for column in columns}
        self._by_leg = {leg: column for column in columns for leg in column.legs}

    @property
    def customer(self) -> Column:
        return self._by_key["customer"]

    def of(self, leg: str) -> Column | None:
        return self._by_leg.get(leg)

    def queue(self, name: str) -> Column | None:
        return self._by_key.get(f"queue {name}")

    def get(self, key: str) -> Column | None:
        return self._by_key.get(key)

    def by_number(self, number: str) -> Column | None:
        """Return the party at that extension or outside number."""
        return next((one for one in self.all if one.number == number and one.legs), None)


def columns_of(call: Call, people: Mapping[str, Person]) -> Columns:
    """Return the columns; `people` says by Uniqueid whose phone a leg was."""
    customer = Column(
        key="customer", kind="customer", number=call.customer_number,
        legs=tuple(leg.uniqueid for leg in call.legs.values() if leg.party == "customer"),
    )  # fmt: skip
    stations = [Column(key="menu", kind="menu")] if call.ivr_digits is not None else []
    queues = dict.fromkeys(visit.queue for visit in call.visits)
    stations += [Column(key=f"queue {name}", kind="queue", name=name) for name in queues]
    last = [Column(key="parking", kind="parking")] if _was_parked(call) else []
    last += [Column(key="voicemail", kind="voicemail")] if call.voicemail else []
    return Columns([customer, *stations, *_parties(call, people), *last])


def _was_parked(call: Call) -> bool:
    return any(leg.how_out == "park" for leg in call.legs.values())


def _parties(call: Call, people: Mapping[str, Person]) -> list[Column]:
    found: dict[str, Column] = {}
    for leg in call.parties():
        person = people.get(leg.uniqueid)
        key = f"user {person.user_id}" if person else f"{leg.party} {_number(leg)}"
        known = found.get(key)
        if known is None:
            found[key] = Column(
                key=key, kind="agent" if leg.party == "customer" else leg.party,
                name=person.name if person else None, number=_number(leg), legs=(leg.uniqueid,),
            )  # fmt: skip
        else:
            found[key] = msgspec.structs.replace(known, legs=(*known.legs, leg.uniqueid))
    return list(found.values())


def _number(leg: Leg) -> str:
    # An agent may sit at an outside number: "tel:+994501234567".
    extension = leg.endpoint.rpartition("/")[2].partition("@")[0].removeprefix("tel:")
    return (leg.number if leg.party == "external" else None) or extension

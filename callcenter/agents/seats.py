"""Shared phones: who declares them, who sits down at them and gets up.

An administrator declares a phone as shared (`seat`). Whoever sits down there gets an
ordinary row of `device`, which names the seat; getting up ends it. So everything that
asks whose phone it was, then or now, asks the same rows.
"""

import re
from datetime import datetime
from typing import NamedTuple

import msgspec
from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter import audit
from callcenter.agents import devices
from callcenter.agents.models import Device, Seat, User, pbx_table
from callcenter.db import new_id
from callcenter.entity import editing
from callcenter.errors import BadInput, NotFound, SeatTaken
from callcenter.server.actor import Actor
from callcenter.server.body import MISSING


def _(message: str) -> str:
    return message


ALREADY_SHARED = _("This phone is shared already.")
CODE_FORM = _("Use 3 to 12 digits.")
CODE_TAKEN = _("Somebody else has this code already.")

_CODE = re.compile(r"[0-9]{3,12}")


class SeatForm(msgspec.Struct, frozen=True, kw_only=True):
    """What an administrator says of a shared phone."""

    name: str
    pbx_id: int
    endpoint: str
    extension: str | None = None
    active: bool = True


class SeatLine(NamedTuple):
    """A shared phone, and who sits there since when."""

    seat: Seat
    pbx: str
    user_id: int | None
    name: str | None
    since: datetime | None


class Moved(NamedTuple):
    """Who sits there now, and whom that cost the place."""

    seat: Seat
    user_id: int
    before: int | None = None


# ---------------------------------------------------------------- who sits where


async def lines(session: AsyncSession) -> list[SeatLine]:
    found = await session.execute(
        select(Seat, pbx_table.c.name, Device.user_id, User.name, Device.from_at)
        .join(pbx_table, pbx_table.c.id == Seat.pbx_id)
        .outerjoin(
            Device,
            (Device.pbx_id == Seat.pbx_id)
            & (Device.endpoint == Seat.endpoint)
            & Device.to_at.is_(None),
        )
        .outerjoin(User, User.id == Device.user_id)
        .where(Seat.active)
        .order_by(Seat.name, Seat.id)
    )
    return [SeatLine(*row) for row in found]


# ---------------------------------------------------------------- declaring


async def add(session: AsyncSession, form: SeatForm, at: datetime, by: Actor) -> Seat:
    """Raises BadInput, naming the fields."""
    await _check(session, form, None)
    seat = Seat(
        id=new_id(at.timestamp()), created_at=at, updated_at=at,
        created_by=by["actor_id"], updated_by=by["actor_id"], **msgspec.structs.asdict(form),
    )  # fmt: skip
    session.add(seat)
    audit.record(
        session, at, entity="seat", entity_id=seat.id, action="create",
        diff={"endpoint": [None, form.endpoint]}, **by,
    )  # fmt: skip
    await session.flush()
    return seat


async def change(
    session: AsyncSession, seat_id: int, form: SeatForm, seen: int | None, at: datetime, by: Actor
) -> Seat:
    """Save a form over a shared phone; whoever sits there gets up if it is another one now.

    Raises BadInput or ChangedMeanwhile.
    """
    seat = await _locked(session, seat_id)
    await _check(session, form, seat_id)
    diff = await editing.save(session, seat, "seat", msgspec.structs.asdict(form), seen, at, by)
    if {"pbx_id", "endpoint", "active"} & set(diff):
        for device in await _sitting(session, Device.seat_id == seat_id):
            await devices.end(session, device, at, by)
    return seat


async def _check(session: AsyncSession, form: SeatForm, seat_id: int | None) -> None:
    wrong = {}
    if not form.name:
        wrong["name"] = MISSING
    if not form.pbx_id:
        wrong["pbx_id"] = MISSING
    if not devices.is_endpoint(form.endpoint):
        wrong["endpoint"] = devices.ENDPOINT_FORM
    same = select(Seat.id).where(Seat.pbx_id == form.pbx_id, Seat.endpoint == form.endpoint)
    if (known := await session.scalar(same)) is not None and known != seat_id:
        wrong["endpoint"] = ALREADY_SHARED
    if wrong:
        raise BadInput(wrong)


async def give_code(
    session: AsyncSession, user_id: int, code: str | None, at: datetime, by: Actor
) -> None:
    """Say what a person dials at a shared phone to sit down there. Raises BadInput."""
    if code is not None and not _CODE.fullmatch(code):
        raise BadInput({"desk_code": CODE_FORM})
    holder = None if code is None else await person_with(session, code)
    if holder is not None and holder.id != user_id:
        raise BadInput({"desk_code": CODE_TAKEN})
    person = await session.get(User, user_id, with_for_update=True)
    if person is None:
        raise NotFound
    if person.desk_code != code:
        person.desk_code = code
        # Whoever knows the code can sit down as this person: the log says that it changed only.
        audit.record(
            session, at, entity="user", entity_id=user_id, action="desk-code", notable=True, **by
        )


async def person_with(session: AsyncSession, code: str) -> User | None:
    """Return who sits down by dialling `code`."""
    found: User | None = await session.scalar(
        select(User).where(User.desk_code == code, User.active)
    )
    return found


# ---------------------------------------------------------------- sitting down, getting up


async def sit(
    session: AsyncSession,
    seat_id: int,
    user_id: int,
    at: datetime,
    by: Actor,
    *,
    take: bool = False,
) -> Moved:
    """Let somebody sit down at a shared phone, and get up from the one where he sat.

    It becomes the phone that click-to-call rings first. Raises SeatTaken if somebody else sits
    there, unless it is to be taken from him (`take`).
    """
    seat = await _locked(session, seat_id)
    person = await session.get(User, user_id)
    if not seat.active or person is None or not person.active:
        raise NotFound
    holder = await devices.holder_of(session, seat.pbx_id, seat.endpoint)
    if holder is not None and holder.user_id == user_id:
        return Moved(seat, user_id)
    if holder is not None and not take:
        name = await session.scalar(select(User.name).where(User.id == holder.user_id))
        raise SeatTaken(name=name)
    await leave(session, user_id, at, by)
    device = await devices.assign(
        session, user_id=user_id, pbx_id=seat.pbx_id, endpoint=seat.endpoint,
        extension=seat.extension, seat_id=seat.id, at=at, by=by,
    )  # fmt: skip
    await devices.ring_first(session, device.id)
    return Moved(seat, user_id, holder.user_id if holder is not None else None)


async def leave(session: AsyncSession, user_id: int, at: datetime, by: Actor) -> list[Device]:
    """Let somebody get up; return the shared phones he had."""
    left = await _sitting(session, Device.user_id == user_id)
    for device in left:
        await devices.end(session, device, at, by)
    return left


async def at_endpoint(session: AsyncSession, pbx_id: int, endpoint: str) -> Seat | None:
    """Return the shared phone that this is."""
    found: Seat | None = await session.scalar(
        select(Seat).where(Seat.pbx_id == pbx_id, Seat.endpoint == endpoint, Seat.active)
    )
    return found


async def sitting_since(session: AsyncSession, before: datetime) -> list[int]:
    """Return who has sat at a shared phone since before that moment."""
    rows = await session.scalars(
        select(Device.user_id).where(
            Device.seat_id.is_not(None), Device.to_at.is_(None), Device.from_at < before
        )
    )
    return list(rows)


async def _sitting(session: AsyncSession, who: ColumnElement[bool]) -> list[Device]:
    rows = await session.scalars(
        select(Device).where(Device.seat_id.is_not(None), Device.to_at.is_(None), who)
    )
    return list(rows)


async def _locked(session: AsyncSession, seat_id: int) -> Seat:
    """Return the shared phone, for nobody else to take until the transaction ends."""
    seat = await session.get(Seat, seat_id, with_for_update=True)
    if seat is None:
        raise NotFound
    return seat

"""Who sits at which phone: the rows.

A row of `device` says who has an endpoint from when to when: moving a phone to
somebody else ends the old row, so yesterday's calls stay yesterday's agent's.
`device_map` holds the rows of this moment in memory; shared phones, at which
people sit down by themselves, are in `seats`.
"""

import re
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter import audit
from callcenter.agents.models import Device
from callcenter.db import new_id
from callcenter.errors import NotFound
from callcenter.server.actor import Actor


def _(message: str) -> str:
    return message


KINDS = ("desk", "softphone", "mobile", "external")
ENDPOINT_FORM = _("Write the endpoint as Asterisk does: PJSIP/1001.")

#: The kind of a phone that is no phone of the PBX, but a number it reaches through a trunk.
EXTERNAL = "external"
#: Begins the endpoint of an outside number, as the PBX's room has it.
OUTSIDE = "tel:"


def is_endpoint(text: str) -> bool:
    """Return whether this can be an endpoint, such as "PJSIP/1001"."""
    return re.fullmatch(r"[A-Za-z0-9]+/[^\s,;]{1,100}", text, re.ASCII) is not None


def is_outside(text: str) -> bool:
    """Return whether this is the endpoint of an outside number: "tel:+994501234567"."""
    return re.fullmatch(re.escape(OUTSIDE) + r"\+[1-9][0-9]{6,14}", text, re.ASCII) is not None


def is_any(text: str) -> bool:
    return is_endpoint(text) or is_outside(text)


def outside(norm: str) -> str:
    """Return the endpoint of an outside number in E.164."""
    return OUTSIDE + norm


async def assign(
    session: AsyncSession,
    *,
    user_id: int,
    pbx_id: int,
    endpoint: str,
    extension: str | None = None,
    kind: str = "desk",
    seat_id: int | None = None,
    own_calls: bool = True,
    at: datetime,
    by: Actor,
) -> Device:
    """Give a phone to a person, in last position; whoever had it has it no longer."""
    current = await holder_of(session, pbx_id, endpoint)
    if current is not None:
        if current.user_id == user_id:
            current.extension, current.kind = extension, kind
            current.seat_id, current.own_calls = seat_id, own_calls
            return current
        await end(session, current, at, by)
    at = await _free_since(session, pbx_id, endpoint, at)
    device = Device(
        id=new_id(at.timestamp()), user_id=user_id, pbx_id=pbx_id, endpoint=endpoint,
        extension=extension, kind=kind, position=await _next_position(session, user_id), from_at=at,
        seat_id=seat_id, own_calls=own_calls,
    )  # fmt: skip
    session.add(device)
    audit.record(
        session, at, entity="user", entity_id=user_id, action="phone-given",
        diff={"endpoint": [None, endpoint]}, **by,
    )  # fmt: skip
    await session.flush()
    return device


async def release(session: AsyncSession, device_id: int, at: datetime, by: Actor) -> Device:
    """Take a phone from whoever has it. Raises NotFound if nobody has."""
    device = await session.get(Device, device_id)
    if device is None or device.to_at is not None:
        raise NotFound
    await end(session, device, at, by)
    return device


async def release_all(session: AsyncSession, user_id: int, at: datetime, by: Actor) -> None:
    for device in await current_of(session, user_id):
        await end(session, device, at, by)


async def ring_first(session: AsyncSession, device_id: int) -> Device:
    """Make this the phone that click-to-call rings. Raises NotFound if nobody has it."""
    device = await session.get(Device, device_id)
    if device is None or device.to_at is not None:
        raise NotFound
    await session.execute(
        update(Device)
        .where(Device.user_id == device.user_id, Device.to_at.is_(None))
        .values(position=Device.position + 1)
    )
    device.position = 0
    return device


async def holder_of(session: AsyncSession, pbx_id: int, endpoint: str) -> Device | None:
    """Return the row that says who sits at a phone now."""
    found: Device | None = await session.scalar(
        select(Device).where(
            Device.pbx_id == pbx_id, Device.endpoint == endpoint, Device.to_at.is_(None)
        )
    )
    return found


async def current_of(session: AsyncSession, user_id: int) -> list[Device]:
    rows = await session.scalars(
        select(Device)
        .where(Device.user_id == user_id, Device.to_at.is_(None))
        .order_by(Device.position, Device.id)
    )
    return list(rows)


async def past_of(session: AsyncSession, user_id: int, limit: int = 50) -> list[Device]:
    rows = await session.scalars(
        select(Device)
        .where(Device.user_id == user_id, Device.to_at.is_not(None))
        .order_by(Device.to_at.desc(), Device.id.desc())
        .limit(limit)
    )
    return list(rows)


async def end(session: AsyncSession, device: Device, at: datetime, by: Actor) -> None:
    """Take the phone of this row away from whoever has it."""
    device.to_at = max(at, device.from_at)
    audit.record(
        session, at, entity="user", entity_id=device.user_id, action="phone-taken",
        diff={"endpoint": [device.endpoint, None]}, **by,
    )  # fmt: skip
    # The next row of this endpoint must not meet this one in the index of live phones.
    await session.flush()


async def _free_since(session: AsyncSession, pbx_id: int, endpoint: str, at: datetime) -> datetime:
    """Return when a phone may change hands at the earliest: `at`, unless a clock went back."""
    last = await session.scalar(
        select(func.max(Device.to_at)).where(Device.pbx_id == pbx_id, Device.endpoint == endpoint)
    )
    return at if last is None else max(at, last)


async def _next_position(session: AsyncSession, user_id: int) -> int:
    last = await session.scalar(
        select(func.max(Device.position)).where(Device.user_id == user_id, Device.to_at.is_(None))
    )
    return 0 if last is None else last + 1

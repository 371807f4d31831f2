"""Who sits at which phone.

A row of `device` says who has an endpoint from when to when: moving a phone to
somebody else ends the old row, so yesterday's calls stay yesterday's agent's.
`DeviceMap` holds the rows of this moment in memory: each ring asks it.
"""

import asyncio
import re
from collections.abc import Callable, Mapping
from datetime import datetime

import msgspec
import structlog
from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter import audit
from callcenter.agents.models import Device, User
from callcenter.bus import Bus
from callcenter.db import Database, new_id
from callcenter.errors import NotFound
from callcenter.events import DevicesChanged, PersonChanged
from callcenter.server.actor import Actor

log = structlog.get_logger()


def _(message: str) -> str:
    return message


KINDS = ("desk", "softphone", "mobile", "external")
ENDPOINT_FORM = _("Write the endpoint as Asterisk does: PJSIP/1001.")

#: After a failure to read the rows, the next try.
RETRY_S = 1.0


class Phone(msgspec.Struct, frozen=True, kw_only=True):
    """A phone and whose it is now."""

    id: int
    user_id: int
    pbx_id: int
    #: As Asterisk names it: "PJSIP/1001".
    endpoint: str
    extension: str | None
    kind: str
    #: 0 is rung first by click-to-call.
    position: int


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who works here, as others show him."""

    id: int
    name: str
    login: str
    team_id: int | None
    locale: str | None
    time_zone: str | None


class DeviceMap:
    """Endpoint to person and person to phones, as of now. `app` runs `keep`."""

    def __init__(self, database: Database, bus: Bus) -> None:
        self._database = database
        self._stale = asyncio.Event()
        self._by_endpoint: dict[tuple[int, str], Phone] = {}
        self._by_user: dict[int, tuple[Phone, ...]] = {}
        self._people: dict[int, Person] = {}
        self._listeners: list[Callable[[], None]] = []
        # From the start, so that no edit between `load` and `keep` is missed.
        bus.listen(self._mark, DevicesChanged, PersonChanged)

    def listen(self, listener: Callable[[], None]) -> None:
        """Call `listener` whenever the map has been read anew."""
        self._listeners.append(listener)

    def user_of(self, pbx_id: int, endpoint: str) -> int | None:
        phone = self._by_endpoint.get((pbx_id, endpoint))
        return phone.user_id if phone else None

    def user_of_member(self, pbx_id: int, interface: str, device: str) -> int | None:
        """Return whose member of a queue that is: by its phone, or by the extension it dials.

        `interface` may be the phone itself ("PJSIP/1001") or dial it ("Local/1001@from-queue/n").
        """
        for endpoint in (device, interface):
            if (user_id := self.user_of(pbx_id, endpoint)) is not None:
                return user_id
        extension = interface.partition("/")[2].partition("@")[0]
        phones = (phone for (pbx, _), phone in self._by_endpoint.items() if pbx == pbx_id)
        return next((phone.user_id for phone in phones if phone.extension == extension), None)

    def phones_of(self, user_id: int) -> tuple[Phone, ...]:
        """Return the person's phones, the one to ring first at the front."""
        return self._by_user.get(user_id, ())

    def has_extension(self, number: str) -> bool:
        """Return whether somebody here sits at a phone with this extension."""
        return any(phone.extension == number for phone in self._by_endpoint.values())

    def endpoints(self, pbx_id: int) -> frozenset[str]:
        """Return the endpoints of that PBX at which somebody sits."""
        return frozenset(endpoint for pbx, endpoint in self._by_endpoint if pbx == pbx_id)

    def person(self, user_id: int) -> Person | None:
        return self._people.get(user_id)

    @property
    def people(self) -> Mapping[int, Person]:
        """All active people by id."""
        return self._people

    async def load(self) -> None:
        """Read who sits where."""
        async with self._database.read() as session:
            phones = [
                Phone(
                    id=row.id, user_id=row.user_id, pbx_id=row.pbx_id, endpoint=row.endpoint,
                    extension=row.extension, kind=row.kind, position=row.position,
                )
                for row in await session.scalars(
                    select(Device)
                    .where(Device.to_at.is_(None))
                    .order_by(Device.user_id, Device.position, Device.id)
                )
            ]  # fmt: skip
            people = [
                Person(
                    id=row.id, name=row.name, login=row.login, team_id=row.team_id,
                    locale=row.locale, time_zone=row.time_zone,
                )
                for row in await session.scalars(select(User).where(User.active))
            ]  # fmt: skip
        self._by_endpoint = {(phone.pbx_id, phone.endpoint): phone for phone in phones}
        self._by_user = {}
        for phone in phones:
            self._by_user[phone.user_id] = (*self._by_user.get(phone.user_id, ()), phone)
        self._people = {person.id: person for person in people}
        for listener in self._listeners:
            listener()

    async def keep(self) -> None:
        """Read again whenever a phone or a person was edited, for ever."""
        while True:
            await self._stale.wait()
            self._stale.clear()
            await self._reload()

    def _mark(self, _event: DevicesChanged | PersonChanged) -> None:
        self._stale.set()

    async def _reload(self) -> None:
        try:
            await self.load()
        except Exception:
            log.exception("who sits where could not be read; the last known stays in use")
            self._stale.set()
            await asyncio.sleep(RETRY_S)


def is_endpoint(text: str) -> bool:
    """Return whether this can be an endpoint, such as "PJSIP/1001"."""
    return re.fullmatch(r"[A-Za-z0-9]+/[^\s,;]{1,100}", text, re.ASCII) is not None


async def assign(
    session: AsyncSession,
    *,
    user_id: int,
    pbx_id: int,
    endpoint: str,
    extension: str | None = None,
    kind: str = "desk",
    at: datetime,
    by: Actor,
) -> Device:
    """Give a phone to a person, in last position; whoever had it has it no longer."""
    current = await holder_of(session, pbx_id, endpoint)
    if current is not None:
        if current.user_id == user_id:
            current.extension, current.kind = extension, kind
            return current
        await _end(session, current, at, by)
    device = Device(
        id=new_id(at.timestamp()), user_id=user_id, pbx_id=pbx_id, endpoint=endpoint,
        extension=extension, kind=kind, position=await _next_position(session, user_id), from_at=at,
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
    await _end(session, device, at, by)
    return device


async def release_all(session: AsyncSession, user_id: int, at: datetime, by: Actor) -> None:
    for device in await current_of(session, user_id):
        await _end(session, device, at, by)


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


async def _end(session: AsyncSession, device: Device, at: datetime, by: Actor) -> None:
    device.to_at = at
    audit.record(
        session, at, entity="user", entity_id=device.user_id, action="phone-taken",
        diff={"endpoint": [device.endpoint, None]}, **by,
    )  # fmt: skip
    # The next row of this endpoint must not meet this one in the index of live phones.
    await session.flush()


async def _next_position(session: AsyncSession, user_id: int) -> int:
    last = await session.scalar(
        select(func.max(Device.position)).where(Device.user_id == user_id, Device.to_at.is_(None))
    )
    return 0 if last is None else last + 1

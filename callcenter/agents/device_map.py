"""Who sits at which phone, as of now, in memory: each ring asks it.

Read anew whenever the rows change; see `devices` and `seats`.
"""

import asyncio
from collections.abc import Callable, Collection, Mapping

import msgspec
import structlog
from sqlalchemy import select

from callcenter.agents import teams
from callcenter.agents.devices import OUTSIDE
from callcenter.agents.models import Device, Role, Seat, User
from callcenter.agents.people import identity_of
from callcenter.bus import Bus
from callcenter.db import Database
from callcenter.events import DevicesChanged, PersonChanged
from callcenter.server.identity import Identity

log = structlog.get_logger()

#: After a failure to read the rows, the next try.
RETRY_S = 1.0


class Phone(msgspec.Struct, frozen=True, kw_only=True):
    """A phone and whose it is now."""

    id: int
    user_id: int
    pbx_id: int
    #: As Asterisk names it, "PJSIP/1001"; of an outside number "tel:+994501234567".
    endpoint: str
    extension: str | None
    kind: str
    #: 0 is rung first by click-to-call.
    position: int
    #: The shared phone at which the person sat down.
    seat_id: int | None = None
    #: Calls that come in from this outside number are the person's own.
    own_calls: bool = True

    @property
    def number(self) -> str | None:
        """The outside number, in E.164."""
        return self.endpoint.removeprefix(OUTSIDE) if self.endpoint.startswith(OUTSIDE) else None


class SharedPhone(msgspec.Struct, frozen=True, kw_only=True):
    """A phone at which people sit down and from which they get up."""

    id: int
    name: str
    pbx_id: int
    endpoint: str
    extension: str | None


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who works here, as others show him."""

    id: int
    name: str
    login: str
    team_id: int | None
    locale: str | None
    time_zone: str | None
    #: What the person may, for what is put together before a browser asks.
    who: Identity


class DeviceMap:
    """Endpoint to person and person to phones, as of now. `app` runs `keep`."""

    def __init__(
        self, database: Database, bus: Bus, norm_of: Callable[[int, str], str] = lambda _, raw: raw
    ) -> None:
        """`norm_of(pbx, number)` is a number in its one form."""
        self._database = database
        self._norm_of = norm_of
        self._stale = asyncio.Event()
        self._by_endpoint: dict[tuple[int, str], Phone] = {}
        self._by_user: dict[int, tuple[Phone, ...]] = {}
        self._extensions: frozenset[str | None] = frozenset()
        self._people: dict[int, Person] = {}
        self._shared: dict[tuple[int, str], SharedPhone] = {}
        self._has_outside = False
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

        `interface` may be the phone itself ("PJSIP/1001") or dial it ("Local/1001@from-queue/n",
        "PJSIP/0501234567@trunk").
        """
        for endpoint in (device, interface):
            if (user_id := self.user_of(pbx_id, endpoint)) is not None:
                return user_id
        dialled = _dialled(interface)
        phones = (phone for (pbx, _), phone in self._by_endpoint.items() if pbx == pbx_id)
        by_extension = (phone.user_id for phone in phones if phone.extension == dialled)
        if (user_id := next(by_extension, None)) is not None:
            return user_id
        return self.user_of(pbx_id, OUTSIDE + self._norm_of(pbx_id, dialled))

    def empty_seat_of_member(self, pbx_id: int, interface: str, device: str) -> int | None:
        """Return the shared phone that this member of a queue is, if nobody sits there."""
        dialled = _dialled(interface)
        for (pbx, endpoint), seat in self._shared.items():
            is_it = endpoint in (device, interface) or (dialled and seat.extension == dialled)
            if pbx == pbx_id and is_it and (pbx, endpoint) not in self._by_endpoint:
                return seat.id
        return None

    def phones_of(self, user_id: int) -> tuple[Phone, ...]:
        """Return the person's phones, the one to ring first at the front."""
        return self._by_user.get(user_id, ())

    def shared_phone(self, pbx_id: int, endpoint: str) -> SharedPhone | None:
        return self._shared.get((pbx_id, endpoint))

    @property
    def shared_phones(self) -> tuple[SharedPhone, ...]:
        """All shared phones in use, by name."""
        return tuple(self._shared.values())

    @property
    def has_empty_seats(self) -> bool:
        return any(place not in self._by_endpoint for place in self._shared)

    def caller(self, pbx_id: int, number: str) -> int | None:
        """Return who calls from `number`, if it is somebody's outside number."""
        if not self._has_outside:
            return None
        return self.user_of(pbx_id, OUTSIDE + self._norm_of(pbx_id, number))

    @property
    def outside_numbers(self) -> dict[tuple[int, str], bool]:
        """Every outside number, as a phone that is reached: no PBX tells of such."""
        return {
            place: True for place, phone in self._by_endpoint.items() if phone.number is not None
        }

    def own_callers(self, pbx_id: int) -> frozenset[str]:
        """Return the outside numbers whose calls in are the person's own, as endpoints."""
        return frozenset(
            endpoint
            for (pbx, endpoint), phone in self._by_endpoint.items()
            if pbx == pbx_id and phone.number is not None and phone.own_calls
        )

    @property
    def with_phone(self) -> Collection[int]:
        """Everybody who has a phone."""
        return self._by_user.keys()

    def has_extension(self, number: str) -> bool:
        """Return whether somebody here sits at a phone with this extension."""
        return number in self._extensions

    def endpoints(self, pbx_id: int) -> frozenset[str]:
        """Return the endpoints of that PBX at which agents sit.

        A shared phone is always one, so that a call in the moment of sitting down is an agent's.
        """
        places = (*self._by_endpoint, *self._shared)
        return frozenset(endpoint for pbx, endpoint in places if pbx == pbx_id)

    def person(self, user_id: int) -> Person | None:
        return self._people.get(user_id)

    @property
    def people(self) -> Mapping[int, Person]:
        """All active people by id."""
        return self._people

    async def load(self) -> None:
        """Read who sits where."""
        async with self._database.read() as session:
            below = await teams.all_below(session)
            phones = [
                Phone(
                    id=row.id, user_id=row.user_id, pbx_id=row.pbx_id, endpoint=row.endpoint,
                    extension=row.extension, kind=row.kind, position=row.position,
                    seat_id=row.seat_id, own_calls=row.own_calls,
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
                    who=identity_of(row, role, below.get(row.team_id, frozenset())),
                )
                for row, role in await session.execute(
                    select(User, Role).join(Role, Role.id == User.role_id).where(User.active)
                )
            ]  # fmt: skip
            shared = [
                SharedPhone(
                    id=row.id, name=row.name, pbx_id=row.pbx_id, endpoint=row.endpoint,
                    extension=row.extension,
                )
                for row in await session.scalars(
                    select(Seat).where(Seat.active).order_by(Seat.name, Seat.id)
                )
            ]  # fmt: skip
        self._shared = {(seat.pbx_id, seat.endpoint): seat for seat in shared}
        self._by_endpoint = {(phone.pbx_id, phone.endpoint): phone for phone in phones}
        self._extensions = frozenset(phone.extension for phone in phones)
        self._has_outside = any(phone.number is not None for phone in phones)
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


def _dialled(interface: str) -> str:
    """Return the number in the interface of a queue's member: "1001" of "Local/1001@queue/n"."""
    target = interface.partition("/")[2].removesuffix("/n")
    return target.rpartition("/")[2].partition("@")[0]

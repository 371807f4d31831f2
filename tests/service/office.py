"""An office at work: the service, the PBX it listens to, the people and their customers.

    async def test_a_known_caller_pops(office):
        anna = await office.agent("Anna", "1001")
        await office.contact("Zoë Müller", "+994 50 123 45 67")
        async with office.browser(anna) as screen:
            await office.pbx.call(from_="0501234567", to="1001")
            pop = (await screen.next("pop"))["pop"]

Phones of the pretend PBX at which nobody was put belong to nobody the service knows.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol, Self

import msgspec

from callcenter.agents import devices, passwords, people, roles, teams, tokens
from callcenter.agents.models import Role
from callcenter.app import House, running
from callcenter.calls import pbxs
from callcenter.db import Database
from callcenter.events import CallStored, GapRepaired, LinkDown, LinkUp, TalkBegan
from callcenter.migrations import migrate
from callcenter.server.actor import SYSTEM
from callcenter.settings import Settings
from callcenter.simulator import Simulator
from callcenter.simulator.pbx import Pbx
from tests.fixtures import customers
from tests.fixtures.wire import Wire
from tests.service.screen import TEST_LIMIT_S, Screen, signed_in

PASSWORD = "a good deal longer"

#: Making one takes a good part of a test's time.
_hashes: list[str] = []


@dataclass(frozen=True)
class Person:
    id: int
    login: str
    name: str
    extension: str | None


@dataclass(frozen=True)
class Ami:
    """Where a PBX is, and as whom the service logs in."""

    host: str
    port: int
    user: str
    secret: str
    #: Where the PBX keeps its own account of the calls, if it does.
    cel_source: str = ""


class Answered(Protocol):
    """A call of the pretend PBX, or one that came in at a real phone."""

    async def answer(self) -> None: ...


class Office:
    """Use as a context: the service runs, and is connected to the PBX, as long as it lasts."""

    def __init__(self, settings: Settings, ami: Ami) -> None:
        self.settings = settings
        self.pbx_id = 0
        self._ami = ami
        self._service = Service(settings)
        self._team: int | None = None
        self._roles: dict[str, Role] = {}

    @property
    def house(self) -> House:
        return self._service.house

    async def __aenter__(self) -> Self:
        self.settings.data_path.mkdir(parents=True, exist_ok=True)
        await migrate(self.settings.database)
        async with Database(self.settings.database) as database, database.write() as session:
            at = datetime.now(UTC)
            self._roles = await roles.seed(session, at)
            self._team = (await teams.add(session, teams.TeamForm(name="Front"), at, SYSTEM)).id
            row = await pbxs.add(session, self._pbx_form(), self.settings.data_path, at, SYSTEM)
            self.pbx_id = row.id
        await self.open()
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.close()

    def pbx_values(self) -> dict[str, str]:
        """Return what the administration's form of the PBX is filled with."""
        form = self._pbx_form()
        values = {name: str(getattr(form, name)) for name in form.__struct_fields__}
        values |= {"trunks": "\n".join(form.trunks), "active": "1"}
        del values["tls"]
        return values

    def _pbx_form(self) -> pbxs.PbxForm:
        ami = self._ami
        return pbxs.PbxForm(
            name="Main", host=ami.host, port=ami.port, tls=False, username=ami.user,
            secret=ami.secret, trunks=["PJSIP/trunk"], region="AZ", time_zone="Asia/Baku",
            dial_context="click2call", dial_format="national", dial_prefix="", active=True,
            cel_source=ami.cel_source,
        )  # fmt: skip

    # The service.

    async def open(self, *, linked: bool = True) -> None:
        """Start the service; wait until it hears the PBX, unless there is nothing to hear."""
        await self._service.start()
        if linked:
            await self.linked()

    async def close(self) -> None:
        """Stop the service, as SIGTERM does."""
        await self._service.stop()

    async def restart(self, *, linked: bool = True) -> None:
        await self.close()
        await self.open(linked=linked)

    def skip(self, **span: float) -> None:
        """Let time pass for the service, all at once."""
        self._service.ahead_s += timedelta(**span).total_seconds()

    async def linked(self) -> None:
        """Wait until the service hears the PBX and knows what goes on there."""
        await self._service.until(lambda: self.is_linked)

    @property
    def is_linked(self) -> bool:
        state = self.house.links.state(self.pbx_id)
        return state is not None and state.up

    async def talks(self, call: Answered) -> None:
        """Let the call be answered, and wait until the service knows and has written it down."""
        began = asyncio.Event()
        self.house.bus.listen(lambda _event: began.set(), TalkBegan)
        await call.answer()
        async with asyncio.timeout(TEST_LIMIT_S):
            await began.wait()
        await self.written()

    async def unlinked(self) -> None:
        """Wait until the service knows that it does not hear the PBX."""
        await self._service.until(lambda: not self.is_linked)

    async def refused(self) -> None:
        """Wait until the PBX has refused the service's account."""

        def is_refused() -> bool:
            state = self.house.links.state(self.pbx_id)
            return state is not None and state.refused

        await self._service.until(is_refused)

    async def stored_call(self) -> int:
        """Wait for the next call that is over and in the database; return its id."""
        async with asyncio.timeout(TEST_LIMIT_S):
            call_id = await self._service.ended_calls.get()
            await self.house.linker.drain()
        return call_id

    async def repaired(self) -> GapRepaired:
        """Wait until a gap has been repaired as far as it can be; return what came of it."""
        async with asyncio.timeout(TEST_LIMIT_S):
            while True:
                event = await self._service.repairs.get()
                if event.state != "waiting":
                    return event

    async def written(self) -> None:
        """Wait until everything the service knows of calls is in the database."""
        async with asyncio.timeout(TEST_LIMIT_S):
            await self.house.writer.drain()
            await self.house.linker.drain()

    # People.

    async def agent(self, name: str, extension: str | None = None, role: str = "agent") -> Person:
        """Take somebody on and put them at a phone, as the administration does."""
        if not _hashes:
            _hashes.append(await passwords.hashed(PASSWORD))
        at, login = datetime.now(UTC), name.lower()
        async with self.house.database.write() as session:
            form = people.PersonForm(
                login=login, name=name, role_id=self._roles[role].id, team_id=self._team,
                locale="en",
            )  # fmt: skip
            row = await people.add(session, form, at, SYSTEM)
            await passwords.store(session, row, _hashes[0], at, SYSTEM)
            if extension:
                await devices.assign(
                    session, user_id=row.id, pbx_id=self.pbx_id, endpoint=f"PJSIP/{extension}",
                    extension=extension, at=at, by=SYSTEM,
                )  # fmt: skip
        await self.house.devices.load()
        await self.house.telephony.load()
        return Person(row.id, login, name, extension)

    async def token(self, person: Person, *scopes: str) -> str:
        """Give a program leave to act as `person` within `scopes`; return its secret."""
        async with self.house.database.write() as session:
            at = datetime.now(UTC)
            secret, _row = tokens.issue(session, "api", person.id, at, name="test", scopes=scopes)
        return secret

    async def contact(self, name: str, *phones: str, company: str | None = None) -> int:
        """Note a customer down; return the contact's id."""
        book = customers.Office(self.house.database)
        firm = await book.contact(company, kind="company") if company is not None else None
        return (await book.contact(name, *phones, company_id=firm.id if firm else None)).id

    @asynccontextmanager
    async def browser(self, person: Person) -> AsyncIterator[Screen]:
        """Sign `person` in, with one tab open that has its first picture."""
        async with signed_in(self.house.address, person.login, PASSWORD) as screen:
            yield screen


class PretendOffice(Office):
    """An office with the pretend PBX, at the end of a wire that can be cut."""

    def __init__(
        self, settings: Settings, sim: Simulator, wire: Wire, cel_source: str = ""
    ) -> None:
        user = sim.settings.users[0]
        super().__init__(settings, Ami(wire.host, wire.port, user.name, user.secret, cel_source))
        self.sim = sim
        self.wire = wire

    @property
    def pbx(self) -> Pbx:
        """Where people call, answer and hang up."""
        return self.sim.pbx


class Service:
    """The service in a task of its own: it can be stopped and started again."""

    house: House

    def __init__(self, settings: Settings) -> None:
        self.ended_calls: asyncio.Queue[int] = asyncio.Queue()
        self.repairs: asyncio.Queue[GapRepaired] = asyncio.Queue()
        #: How far its clock is ahead of the world's.
        self.ahead_s = 0.0
        self._settings = settings
        self._happened = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._stop = asyncio.Event()
        ready: asyncio.Future[House] = asyncio.get_running_loop().create_future()
        self._task = asyncio.create_task(self._run(ready), name="the service")
        async with asyncio.timeout(TEST_LIMIT_S):
            await asyncio.wait((self._task, ready), return_when=asyncio.FIRST_COMPLETED)
            if self._task.done():
                await self._task
            self.house = await ready
        # The next start takes the same address again, as people's browsers expect.
        port = int(self.house.address.rpartition(":")[2])
        self._settings = msgspec.structs.replace(self._settings, port=port)

    async def stop(self) -> None:
        if self._task is not None:
            self._stop.set()
            async with asyncio.timeout(TEST_LIMIT_S):
                await self._task
            self._task = None

    async def until(self, true: Callable[[], bool]) -> None:
        """Wait until `true`, looked at whenever the link to the PBX changes."""
        async with asyncio.timeout(TEST_LIMIT_S):
            while not true():
                self._happened.clear()
                await self._happened.wait()

    async def _run(self, ready: "asyncio.Future[House]") -> None:
        async with running(self._settings, lambda: time.time() + self.ahead_s) as house:
            house.bus.listen(self._note_stored, CallStored)
            house.bus.listen(self.repairs.put_nowait, GapRepaired)
            house.bus.listen(lambda _event: self._happened.set(), LinkUp, LinkDown)
            ready.set_result(house)
            await self._stop.wait()

    def _note_stored(self, event: CallStored) -> None:
        if event.ended:
            self.ended_calls.put_nowait(event.call_id)

"""The service as a process of its own, which can be killed, and what it has stored."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from sqlalchemy import select

from callcenter.agents import devices, passwords, people, roles, teams, tokens
from callcenter.calls import pbxs
from callcenter.calls.models import CallLeg, CallRow, Gap, QueueVisit
from callcenter.db import Database
from callcenter.interactions.models import Interaction
from callcenter.migrations import migrate
from callcenter.server.actor import SYSTEM
from callcenter.settings import Settings
from tests.e2e.rig import Asterisk
from tests.e2e.rig.floor import AGENTS
from tests.fixtures.wire import Wire
from tests.lifeline import Lifeline
from tests.service.office import PASSWORD, Person
from tests.service.screen import Screen, signed_in

#: A start, or taking fifty calls up again, on a busy machine.
LIMIT_S = 90
LOOK_EVERY_S = 0.05


@dataclass
class Records:
    """What stands in the database."""

    calls: list[CallRow]
    legs: dict[int, list[CallLeg]]
    visits: dict[int, list[QueueVisit]]
    interactions: list[Interaction]
    gaps: list[Gap]


@dataclass
class OwnProcess:
    """Use as a context: it runs as long as that lasts, or until it is killed."""

    settings: Settings
    pbx: pbxs.PbxForm
    #: Variables of its environment beside its settings.
    environment: dict[str, str] = field(default_factory=dict)
    address: str = ""

    async def __aenter__(self) -> Self:
        self.settings.data_path.mkdir(parents=True, exist_ok=True)
        await migrate(self.settings.database)
        self._database = await Database(self.settings.database).__aenter__()
        self._changed = asyncio.Condition()
        #: What it said, line by line.
        self.log: list[dict[str, Any]] = []
        self.people: dict[str, Person] = {}
        await self._found()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.kill()
        await self._database.__aexit__(kind, error, trace)

    async def _found(self) -> None:
        at = datetime.now(UTC)
        async with self._database.write() as session:
            self._roles = await roles.seed(session, at)
            self._team = (await teams.add(session, teams.TeamForm(name="Floor"), at, SYSTEM)).id
            row = await pbxs.add(session, self.pbx, self.settings.data_path, at, SYSTEM)
            self.pbx_id = row.id

    async def employ(self, extensions: Sequence[str], role: str = "agent") -> None:
        """Put an agent at each of these phones; their names are the extensions."""
        at, secret = datetime.now(UTC), await passwords.hashed(PASSWORD)
        async with self._database.write() as session:
            for extension in extensions:
                form = people.PersonForm(
                    login=f"agent{extension}", name=extension, role_id=self._roles[role].id,
                    team_id=self._team, locale="en",
                )  # fmt: skip
                row = await people.add(session, form, at, SYSTEM)
                await passwords.store(session, row, secret, at, SYSTEM)
                await devices.assign(
                    session, user_id=row.id, pbx_id=self.pbx_id, endpoint=f"PJSIP/{extension}",
                    extension=extension, at=at, by=SYSTEM,
                )  # fmt: skip
                self.people[extension] = Person(row.id, form.login, form.name, extension)

    async def token(self, extension: str, *scopes: str) -> str:
        """Give a program leave to act for an agent; return its secret."""
        async with self._database.write() as session:
            secret, _ = tokens.issue(
                session, "api", self.people[extension].id, datetime.now(UTC), name="script",
                scopes=scopes,
            )  # fmt: skip
        return secret

    # Its life.

    async def start(self) -> None:
        """Start it and wait until it listens to the PBX."""
        before = len(self.log)
        await self.launch()
        up = await self.says("the service is up", since=before)
        self.address = up["address"]
        await self.says("PBX link up", since=before)

    async def launch(self) -> None:
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "callcenter", "serve", "--log-format", "json",
            env=os.environ | self._environment(),
            stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        self._lifeline = Lifeline("kill", "-KILL", str(self._process.pid))
        self._reader = asyncio.create_task(self._read())

    async def kill(self) -> None:
        """End it as a power cut would."""
        if not hasattr(self, "_process"):
            return
        if self._process.returncode is None:
            self._process.kill()
        await self._process.wait()
        await self._reader
        self._lifeline.release()

    async def says(self, event: str, since: int = 0) -> dict[str, Any]:
        """Wait for a line of its log that begins so."""

        def found() -> list[dict[str, Any]]:
            return [line for line in self.log[since:] if str(line.get("event")).startswith(event)]

        try:
            async with self._changed, asyncio.timeout(LIMIT_S):
                await self._changed.wait_for(found)
        except TimeoutError:
            raise AssertionError(f"it did not say “{event}”, but {self.log[since:]}") from None
        return found()[0]

    def complaints(self) -> list[dict[str, Any]]:
        """Return what it logged as an error."""
        return [line for line in self.log if line.get("level") in ("error", "critical")]

    def _environment(self) -> dict[str, str]:
        known = self.settings
        given = {
            name: str(getattr(known, name))
            for name in known.__struct_fields__
            if getattr(known, name) != getattr(Settings(), name)
        }
        return {f"CALLCENTER_{name.upper()}": value for name, value in given.items()} | (
            self.environment
        )

    async def _read(self) -> None:
        assert self._process.stderr is not None
        while line := await self._process.stderr.readline():
            told = json.loads(line) if line.startswith(b"{") else {"event": line.decode()}
            async with self._changed:
                self.log.append(told)
                self._changed.notify_all()

    # What it shows and stores.

    @asynccontextmanager
    async def browser(self, extension: str) -> AsyncIterator[Screen]:
        """Sign the agent of `extension` in."""
        login = self.people[extension].login
        async with signed_in(self.address, login, PASSWORD) as screen:
            yield screen

    async def records(self) -> Records:
        async with self._database.read() as session:
            calls = list(await session.scalars(select(CallRow)))
            legs = list(await session.scalars(select(CallLeg)))
            visits = list(await session.scalars(select(QueueVisit)))
            interactions = list(await session.scalars(select(Interaction)))
            gaps = list(await session.scalars(select(Gap).order_by(Gap.from_at)))
        return Records(
            calls,
            {each.id: [leg for leg in legs if leg.call_id == each.id] for each in calls},
            {each.id: [one for one in visits if one.call_id == each.id] for each in calls},
            interactions,
            gaps,
        )

    async def until(self, true: Callable[[Records], bool], what: str) -> Records:
        """Wait until `true` of what it has stored."""
        records = await self.records()
        try:
            async with asyncio.timeout(LIMIT_S):
                while not true(records):
                    await asyncio.sleep(LOOK_EVERY_S)
                    records = await self.records()
        except TimeoutError:
            raise AssertionError(f"within {LIMIT_S} s it did not {what}: {records}") from None
        return records


@asynccontextmanager
async def serving(
    wire: Wire, asterisk: Asterisk, data: Path, database_url: str = "", *, repairs: bool = False
) -> AsyncIterator[OwnProcess]:
    """The service at work for everybody on the floor; `repairs`: it may read the PBX's own log."""
    settings = Settings(
        port=0, data=str(data), database_url=database_url,
        ami_retry_max_s=2.0, ami_ping_s=2.0, ami_connect_timeout_s=2.0,
    )  # fmt: skip
    form = pbxs.PbxForm(
        name="Main", host=wire.host, port=wire.port, tls=False, username=asterisk.ami_user,
        secret=asterisk.secret, trunks=["PJSIP/trunk"], region="AZ", time_zone="Asia/Baku",
        dial_context="click2call", dial_format="national", dial_prefix="", active=True,
        cel_source=f"csv:{asterisk.cel}" if repairs else "",
    )  # fmt: skip
    async with OwnProcess(settings, form) as service:
        await service.employ(AGENTS)
        await service.start()
        yield service

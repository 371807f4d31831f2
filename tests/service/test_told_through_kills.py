"""Two services on one PostgreSQL, killed at any moment: everybody is told everything, and once."""

import asyncio
import json
import os
import random
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import func, select

from callcenter import jobs
from callcenter.agents import people, roles
from callcenter.db import Database, new_id
from callcenter.interactions.models import Interaction
from callcenter.jobs import Job
from callcenter.migrations import migrate
from callcenter.notices import notices
from callcenter.notices.models import Notification
from callcenter.server.actor import SYSTEM
from tests.fixtures.mail import Letterbox
from tests.fixtures.postgres import PostgresServer

#: A killed service's job lies for a while, and a loaded machine is slow.
LIMIT_S = 120
REMINDERS = 150
PEOPLE = 3


class Service:
    """A real process, as an operator would start it."""

    def __init__(self, url: str, data: Path, smtp_url: str) -> None:
        self._environment = os.environ | {
            "CALLCENTER_DATA": str(data), "CALLCENTER_PORT": "0",
            "CALLCENTER_DATABASE_URL": url, "CALLCENTER_SMTP_URL": smtp_url,
        }  # fmt: skip
        self._said: list[bytes] = []
        self._process: asyncio.subprocess.Process | None = None
        self._reading: asyncio.Task[None] | None = None

    async def start(self) -> None:
        is_up = asyncio.Event()
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "callcenter", "serve", "--log-format", "json",
            env=self._environment, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        self._reading = asyncio.create_task(self._read(self._process, is_up))
        up = asyncio.create_task(is_up.wait())
        await asyncio.wait((up, self._reading), timeout=LIMIT_S, return_when="FIRST_COMPLETED")
        assert is_up.is_set(), b"".join(self._said).decode()

    async def _read(self, process: asyncio.subprocess.Process, is_up: asyncio.Event) -> None:
        assert process.stderr is not None
        while line := await process.stderr.readline():
            self._said.append(line)
            if line.startswith(b"{") and json.loads(line).get("event") == "the service is up":
                is_up.set()

    async def kill(self) -> None:
        if self._process is not None and self._reading is not None:
            if self._process.returncode is None:
                self._process.kill()
            await self._process.wait()
            await self._reading


@asynccontextmanager
async def two_services(url: str, folder: Path, smtp_url: str) -> AsyncIterator[list[Service]]:
    services = [Service(url, folder / name, smtp_url) for name in ("one", "other")]
    try:
        await asyncio.gather(*(service.start() for service in services))
        yield services
    finally:
        for service in services:
            await service.kill()


async def test_two_services_that_are_killed_tell_everything_once(
    postgres: PostgresServer, letterbox: Letterbox, tmp_path: Path
) -> None:
    dice = random.Random(7)
    async with postgres.database(migrate) as url, Database(url) as database:
        user_ids = await staff(database)
        async with two_services(url, tmp_path, letterbox.url) as services:
            planned = await plan(database, user_ids[0])
            await write_to(database, user_ids)
            # A letter has arrived, and nobody could note so.
            await letterbox.next()
            await asyncio.gather(*(service.kill() for service in services))
            await asyncio.gather(*(service.start() for service in services))
            await asyncio.sleep(dice.uniform(0, 1))
            await dice.choice(services).kill()
            async with asyncio.timeout(LIMIT_S):
                while await told(database) < len(planned) or not await all_sent(database):
                    await asyncio.sleep(0.2)

        async with database.read() as session:
            rows = (await session.scalars(select(Notification))).all()
    reminded = Counter(row.entity_id for row in rows if row.kind == "reminder")
    assert reminded == dict.fromkeys(planned, 1)
    letters = {(one.recipients[0], one.message["Message-ID"]) for one in letterbox.letters}
    assert sorted(to for to, _ in letters) == [f"p{n}@dalga.example" for n in range(PEOPLE)]


async def staff(database: Database) -> list[int]:
    at = datetime.now(UTC)
    async with database.write() as session:
        known = await roles.seed(session, at)
        forms = [
            people.PersonForm(
                login=f"p{n}", name=f"P{n}", role_id=known["agent"].id,
                email=f"p{n}@dalga.example",
            )
            for n in range(PEOPLE)
        ]  # fmt: skip
        return [(await people.add(session, form, at, SYSTEM)).id for form in forms]


async def plan(database: Database, owner_id: int) -> list[int]:
    """Plan things whose reminders are due within the next seconds."""
    now = datetime.now(UTC)
    rows = [
        Interaction(
            id=new_id(now.timestamp()), kind="task", subject=f"Call {n}", status="planned",
            start_at=now + timedelta(minutes=5), due_at=now + timedelta(minutes=5),
            reminders="5", remind_at=now + timedelta(milliseconds=20 * n), owner_id=owner_id,
            created_at=now, updated_at=now,
        )
        for n in range(REMINDERS)
    ]  # fmt: skip
    async with database.write() as session:
        session.add_all(rows)
    return [row.id for row in rows]


async def write_to(database: Database, user_ids: list[int]) -> None:
    """Have a letter sent to each now."""
    at = datetime.now(UTC)
    async with database.write() as session:
        for user_id in user_ids:
            row = ("user", user_id, "Look at this")
            await notices.add(session, [user_id], "rule", row, None, at)
        for notice in await session.scalars(select(Notification)):
            notice.told_at, notice.letter = at, 0
        for user_id in user_ids:
            await jobs.add(session, "notice-letter", {"user_id": user_id}, at)


async def told(database: Database) -> int:
    async with database.read() as session:
        query = select(func.count()).where(Notification.kind == "reminder")
        return await session.scalar(query) or 0


async def all_sent(database: Database) -> bool:
    async with database.read() as session:
        query = select(func.count()).where(Job.kind == "notice-letter", Job.done_at.is_(None))
        return await session.scalar(query) == 0

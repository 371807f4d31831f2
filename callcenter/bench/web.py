"""`bench web`: answers of the API beside aiohttp's bare hello, pages beside bare Jinja.

The service and the hello are in one process and are asked in turns, by several connections at
once. What counts is the process's time on the processor for an answer: the one who asks has the
other core, and is no quicker than the service. A page is also rendered by itself, from what its
handler had gathered: what lies between the two is everything but the template.
"""

import asyncio
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Final, NamedTuple

import msgspec
from aiohttp import web
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter import app, audit
from callcenter.agents import tokens
from callcenter.agents.models import Role, User
from callcenter.app import memory
from callcenter.bench import crowd, office
from callcenter.bench.process import Process, heard
from callcenter.bench.report import Figure, Report, over_rounds
from callcenter.crm.duplicates.scan import STATE
from callcenter.db import Database, Setting, new_id
from callcenter.interactions.models import Interaction, Participant
from callcenter.server import cookies, log, pages
from callcenter.server.templates import text

Progress = Callable[[int, int], None]

_US: Final = 1_000_000
_CONNECTIONS: Final = 8
_SCOPES: Final = ("contact:read", "interaction:read")
#: The customer whose card is asked for, with so much in his past: two pages of his timeline.
_CUSTOMER: Final = 7
_PAST: Final = 100
#: The person who asks: the first of the crowd, who may see everything.
_PERSON: Final = crowd.FIRST_PERSON


class Size(NamedTuple):
    """How much is measured."""

    contacts: int = 5_000
    asks: int = 300
    rounds: int = 5


class Secrets(NamedTuple):
    token: str
    session: str


class Door(NamedTuple):
    """Where the service and the hello are asked."""

    service: int
    floor: int


def run(size: Size, progress: Progress) -> Report:
    steps = size.rounds + 1
    with tempfile.TemporaryDirectory(prefix="callcenter-bench-") as name:
        folder = Path(name)
        secrets = asyncio.run(_prepare(folder, size.contacts))
        progress(1, steps)
        with Process("web", _serve, folder) as server:
            asked = _Asked(Door(*server.hear()), secrets, server)
            asked.round(max(1, size.asks // 10))
            rounds = []
            for done in range(size.rounds):
                rounds.append(asked.round(size.asks))
                progress(done + 2, steps)
    return Report(
        bench="web", figures=_figures(rounds), sizes=size._asdict(), missing={},
        wrong=sorted(asked.wrong),
    )  # fmt: skip


async def _prepare(folder: Path, contacts: int) -> Secrets:
    url = office.settings(folder).database
    await asyncio.to_thread(crowd.fill, url, contacts)
    async with Database(url) as database, database.write() as session:
        person = await session.get_one(User, _PERSON)
        admin = await session.scalar(select(Role).where(Role.key == "admin"))
        if admin is not None:
            person.role_id = admin.id
        now = datetime.now(UTC)
        token, _row = tokens.issue(session, "api", _PERSON, now, scopes=_SCOPES)
        secret, row = tokens.issue(session, "session", _PERSON, now, lasts=timedelta(hours=12))
        row.last_used_at = now
        # Nobody looks for duplicates among them meanwhile.
        walked = {"walked": None, "after": str(await audit.newest(session))}
        session.add(Setting(key=STATE, value=walked, updated_at=now))
        for number in range(_PAST):
            _add_past(session, number, now - timedelta(days=number + 1))
    return Secrets(token, secret)


def _add_past(session: AsyncSession, number: int, at: datetime) -> None:
    """Add what passed between the customer and the person who asks, of all kinds in turn."""
    kind, contact_id = ("call", "note", "email", "meeting")[number % 4], crowd.contact_id(_CUSTOMER)
    row = Interaction(
        id=new_id(at.timestamp()), kind=kind, direction="out", subject=f"Delivery {number}",
        body="The customer asks for the invoice of last month.", start_at=at, end_at=at,
        owner_id=_PERSON, created_at=at, updated_at=at,
    )  # fmt: skip
    taking = {"interaction_id": row.id, "at": at, "certainty": "known"}
    session.add_all(
        (
            row,
            Participant(**taking, role="to", contact_id=contact_id),
            Participant(**taking, role="agent", user_id=_PERSON),
        )
    )


# ---------------------------------------------------------------- asking


class _Asked:
    """Asks for everything in turns, and tells how long the processor worked on each answer."""

    def __init__(self, door: Door, secrets: Secrets, server: Process) -> None:
        self.wrong: set[str] = set()
        self._server = server
        number = f"0{crowd.norm(_CUSTOMER)[4:]}"
        customer = crowd.contact_id(_CUSTOMER)
        bearer = f"Authorization: Bearer {secrets.token}"
        cookie = f"Cookie: {cookies.SESSION}={secrets.session}\r\nHX-Request: true"
        self._asks = {
            "hello": (door.floor, _request("/", "")),
            "lookup": (door.service, _request(f"/api/v1/lookup?phone={number}", bearer)),
            "contact": (door.service, _request(f"/api/v1/contacts/{customer}", bearer)),
            "contacts": (door.service, _request("/api/v1/contacts", bearer)),
            "list_page": (door.service, _request("/contacts", cookie)),
            "card_page": (door.service, _request(f"/contacts/{customer}", cookie)),
        }

    def round(self, asks: int) -> dict[str, float]:
        """Return microseconds of the processor for each answer, by name, and for bare pages."""
        spent = {}
        for name, (port, request) in self._asks.items():
            before = self._server.ask("cpu")
            self.wrong |= {
                f"{name} is answered by {status}"
                for status in asyncio.run(_ask_many(port, request, asks))
                if status != 200
            }
            spent[name] = (self._server.ask("cpu") - before) / asks * _US
            if name.endswith("_page"):
                spent[f"bare_{name}"] = self._server.ask("bare")
        return spent


def _request(path: str, headers: str) -> bytes:
    lines = [f"GET {path} HTTP/1.1", "Host: 127.0.0.1", *([headers] if headers else [])]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


async def _ask_many(port: int, request: bytes, asks: int) -> set[int]:
    """Ask so many times, and return the statuses that came."""
    share, rest = divmod(asks, _CONNECTIONS)
    each = [share + (number < rest) for number in range(_CONNECTIONS)]
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(_ask(port, request, count)) for count in each if count]
    return {status for task in tasks for status in task.result()}


async def _ask(port: int, request: bytes, asks: int) -> set[int]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    statuses = set()
    for _ in range(asks):
        writer.write(request)
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        statuses.add(int(head.split(" ", 2)[1]))
        length = head.lower().partition("content-length: ")[2].partition("\r\n")[0]
        await reader.readexactly(int(length))
    writer.close()
    return statuses


def _figures(rounds: list[dict[str, float]]) -> dict[str, Figure]:
    figures = {f"{name}_cpu_us": over_rounds([one[name] for one in rounds]) for name in rounds[0]}
    for name in ("lookup", "contact", "contacts"):
        figures[f"{name}_ratio_to_hello"] = over_rounds(
            [one["hello"] / one[name] for one in rounds]
        )
    for name in ("list_page", "card_page"):
        figures[f"{name}_ratio_to_bare_jinja"] = over_rounds(
            [one[f"bare_{name}"] / one[name] for one in rounds]
        )
    return figures


# ---------------------------------------------------------------- the service, and the floor


def _serve(pipe: Connection, folder: Path) -> None:
    asyncio.run(_both(pipe, folder))


async def _both(pipe: Connection, folder: Path) -> None:
    known = msgspec.structs.replace(office.settings(folder), api_per_minute=1_000_000_000)
    log.set_up(known)
    with _last_rendering() as last:
        async with app.running(known) as house, _hello() as floor:
            memory.spare()
            pipe.send((int(house.address.rpartition(":")[2]), floor))
            while (command := await asyncio.to_thread(heard, pipe)) is not None:
                pipe.send(time.process_time() if command == "cpu" else _bare(last))


@asynccontextmanager
async def _hello() -> AsyncIterator[int]:
    async def hello(_request: web.Request) -> web.Response:
        return web.json_response({"hello": "world"})

    application = web.Application()
    application.router.add_get("/", hello)
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


Rendering = dict[str, Any]


@contextmanager
def _last_rendering() -> Iterator[Rendering]:
    """Keep what the last page was rendered from."""
    last: Rendering = {}
    render = pages.render_text

    def kept(template: str, language: Any, **context: Any) -> str:
        last.update(template=template, language=language, context=context)
        return render(template, language, **context)

    pages.render_text = kept
    try:
        yield last
    finally:
        pages.render_text = render


def _bare(last: Rendering) -> float:
    """Return microseconds to render the last page once more."""
    times, began = 30, time.process_time()
    for _ in range(times):
        text(last["template"], last["language"], **last["context"])
    return (time.process_time() - began) / times * _US

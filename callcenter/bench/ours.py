"""The product as a contender: its AMI layer alone, and the whole service.

The whole service is what `callcenter serve` runs, on a database file, with every person's
page open. The pages are in this process: what the service says to them is taken out of
their queues and counted, and a socket's work is left to the bench of the pop.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from functools import partial
from pathlib import Path
from typing import Final

from callcenter import app
from callcenter.ami.messages import Message, parse
from callcenter.ami.session import Account, Session
from callcenter.ami.stream import Read
from callcenter.ami.tracker import WANTED
from callcenter.app import memory
from callcenter.bench import office
from callcenter.bench.peers import Counter
from callcenter.bench.sender import Task
from callcenter.bench.stream import Outcome
from callcenter.bench.worker import Play, Verify
from callcenter.events import CallStored, LinkUp
from callcenter.live.hub import Browser
from callcenter.live.outbox import Outbox
from callcenter.server import log
from callcenter.server.identity import Identity

_STORED: Final = """
    SELECT c.first_uniqueid, c.direction, c.result,
        (SELECT count(*) FROM call_leg AS l WHERE l.call_id = c.id),
        (SELECT count(*) FROM queue_visit AS v WHERE v.call_id = c.id),
        c.ring_at <= coalesce(c.answer_at, c.ring_at) AND
        coalesce(c.answer_at, c.ring_at) <= c.end_at
    FROM call AS c WHERE c.pbx_id = ?1 AND c.first_uniqueid = ?2
"""


# ---------------------------------------------------------------- the AMI layer


@asynccontextmanager
async def ami_layer(port: int, _folder: Path) -> AsyncIterator[Play]:
    """Cuts, parses and hands out every event, wanted by anybody or not."""
    async with _reading(port, _Everything()) as play:
        yield play


@asynccontextmanager
async def ami_layer_wanted(port: int, _folder: Path) -> AsyncIterator[Play]:
    """Reads as the service does: what nobody wants is dropped before it is parsed."""
    async with _reading(port, WANTED) as play:
        yield play


class _Everything(frozenset[bytes]):
    """Every name there is."""

    def __contains__(self, _name: object) -> bool:
        return True


@asynccontextmanager
async def _reading(port: int, wanted: frozenset[bytes]) -> AsyncIterator[Play]:
    counter = Counter()
    handlers = dict.fromkeys((name.decode() for name in WANTED), _ignore)

    def handle(read: Read) -> None:
        for block in read.blocks:
            message = parse(block)
            handlers.get(message.name, _ignore)(message)
        counter.count(len(read.blocks))

    async def play(task: Task) -> None:
        counter.begin(sum(count for name, count in task.names.items() if name in wanted))
        await counter.wait()

    account = Account(office.PBX, "127.0.0.1", "bench", "bench", port)
    session = Session(account, wanted, handle, lambda: None)
    await session.open(5)
    await session.log_in(5)
    try:
        yield play
    finally:
        session.close("the bench is over")


def _ignore(_message: Message) -> None:
    return


# ---------------------------------------------------------------- the service


@asynccontextmanager
async def service(_port: int, folder: Path) -> AsyncIterator[Play]:
    """Track, look up, show and store: everything the service does."""
    async with at_work(folder) as house:
        yield partial(play_calls, house)


@asynccontextmanager
async def at_work(folder: Path) -> AsyncIterator[app.House]:
    """Run the service, connected, with a page of each person open."""
    known = office.settings(folder)
    log.set_up(known)
    async with app.running(known) as house:
        memory.spare()
        with ExitStack() as pages:
            for user_id in house.devices.people:
                pages.enter_context(_page(house, user_id))
            await connected(house)
            yield house


async def play_calls(house: app.House, task: Task) -> Verify:
    """Wait until every call of the task is stored, and its customer known."""
    stored = Counter()
    stored.begin(len(task.outcomes))
    ended: set[int] = set()

    def note(event: CallStored) -> None:
        if event.ended and event.call_id not in ended:
            ended.add(event.call_id)
            stored.count()

    end = house.bus.listen(note, CallStored)
    try:
        await stored.wait()
        # A call is given to its customer once it is stored: that row is the last.
        await house.linker.drain()
    finally:
        end()
    return partial(differences, house, task.outcomes)


async def differences(house: app.House, outcomes: dict[str, Outcome]) -> list[str]:
    """Return where what is stored is not what happened: a lost, doubled or misread event."""
    wrong = []
    for uid, outcome in outcomes.items():
        rows = await house.database.fetch(_STORED, office.PBX, uid)
        if [tuple(row[1:]) for row in rows] != [(*outcome, 1)]:
            wrong.append(f"call {uid} should be {outcome} and is {rows}")
    put_aside = sum(ingest.quarantined for _, ingest in house.telephony.lines.ingests())
    return wrong + [f"{put_aside} events were put aside"] * bool(put_aside)


@contextmanager
def _page(house: app.House, user_id: int) -> Iterator[None]:
    """Have a page open that reads at once."""
    person = house.devices.people[user_id]
    who = Identity(
        user_id=user_id, name=person.name, login=person.login, role_key="agent",
        locale=person.locale or "az", time_zone=house.settings.time_zone,
    )  # fmt: skip
    browser = Browser(who, Outbox(house.hub.limits.held_bytes, lambda: 0), lambda _code: None)
    house.hub.enter(browser, None)
    reading = asyncio.create_task(_read(browser), name=f"page of {person.login}")
    try:
        yield
    finally:
        reading.cancel()
        house.hub.leave(browser)


async def _read(browser: Browser) -> None:
    while True:
        await browser.outbox.take()


async def connected(house: app.House) -> None:
    """Return when events flow."""
    up = asyncio.Event()
    end = house.bus.listen(lambda _event: up.set(), LinkUp)
    try:
        state = house.links.state(office.PBX)
        if state is None or not state.up:
            await asyncio.wait_for(up.wait(), 30)
    finally:
        end()

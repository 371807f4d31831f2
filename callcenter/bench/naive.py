"""The stack one would write on the first day, as a contender: correct in outline, and slow.

panoramisk with a coroutine for every event, phonenumbers for every number, and the ORM on
aiosqlite with a transaction for each change. It stores one row a call.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import phonenumbers
from sqlalchemy import event, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from callcenter.bench.peers import Counter, manager
from callcenter.bench.sender import Task
from callcenter.bench.stream import e164
from callcenter.bench.worker import Play

_CUSTOMERS = 5_000


class Base(DeclarativeBase):
    pass


class Customer(Base):
    __tablename__ = "customer"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    phone: Mapped[str] = mapped_column(index=True)


class Call(Base):
    __tablename__ = "call"

    id: Mapped[int] = mapped_column(primary_key=True)
    linkedid: Mapped[str] = mapped_column(unique=True)
    number: Mapped[str]
    customer_id: Mapped[int | None]
    agent: Mapped[str | None]
    status: Mapped[str] = mapped_column(default="ringing")


class Stack:
    """What is done for each event."""

    def __init__(self, sessions: async_sessionmaker[AsyncSession], counter: Counter) -> None:
        self._sessions = sessions
        self._counter = counter
        # Coroutines of one call overtake each other wherever they wait.
        self._locks: dict[str, asyncio.Lock] = {}

    async def on_event(self, _manager: object, message: Any) -> None:
        name, linkedid = message.event, message.linkedid
        if name not in ("Newchannel", "DialBegin", "BridgeEnter", "Hangup"):
            return
        lock = self._locks.setdefault(linkedid, asyncio.Lock())
        async with lock, self._sessions() as session, session.begin():
            await self._take_in(session, name, linkedid, message)

    async def _take_in(self, session: AsyncSession, name: str, linkedid: str, message: Any) -> None:
        call = await session.scalar(select(Call).where(Call.linkedid == linkedid))
        if name == "Newchannel" and call is None:
            number = _normalised(message.calleridnum)
            customer = await session.scalar(select(Customer).where(Customer.phone == number))
            customer_id = customer.id if customer else None
            session.add(Call(linkedid=linkedid, number=number, customer_id=customer_id))
        elif call is not None and name == "DialBegin":
            call.agent = message.destchannel
        elif call is not None and name == "BridgeEnter":
            call.status = "answered"
        elif call is not None and name == "Hangup" and message.uniqueid == linkedid:
            call.status = f"ended {call.status}"
            self._counter.count()


def _normalised(raw: str) -> str:
    try:
        parsed = phonenumbers.parse(raw, "AZ")
    except phonenumbers.NumberParseException:
        return raw
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


@asynccontextmanager
async def naive(port: int, folder: Path) -> AsyncIterator[Play]:
    engine = create_async_engine(f"sqlite+aiosqlite:///{folder / 'naive.db'}", pool_size=1)

    @event.listens_for(engine.sync_engine, "connect")
    def prepare(connection: Any, _record: object) -> None:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")

    counter = Counter()
    stack = Stack(async_sessionmaker(engine), counter)

    async def play(task: Task) -> None:
        counter.begin(len(task.outcomes))
        await counter.wait()

    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    async with AsyncSession(engine) as session, session.begin():
        session.add_all(Customer(name=f"C {n}", phone=e164(n)) for n in range(_CUSTOMERS))
    async with manager(port) as one:
        one.register_event("*", stack.on_event)
        yield play
    await engine.dispose()

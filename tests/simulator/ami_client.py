"""A plain AMI client for the tests: it reads blocks, keeps all of them, and knows nothing else."""

import asyncio
from collections.abc import Callable
from contextlib import asynccontextmanager
from typing import Self

from callcenter.simulator import Simulator

DEADLINE_S = 30

Block = list[tuple[str, str]]


def value(block: Block, key: str) -> str:
    return next((text for name, text in block if name == key), "")


def read_block(text: str) -> Block:
    fields = [line.partition(":") for line in text.split("\r\n") if line]
    return [(key, text.removeprefix(" ")) for key, _, text in fields]


class AmiClient:
    """One connection. `blocks` holds everything that came after the greeting."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.blocks: list[Block] = []
        self.closed = asyncio.Event()
        self._reader = reader
        self._writer = writer
        self._arrived = asyncio.Condition()
        self._pump = asyncio.create_task(self._read())
        self._actions = 0

    @classmethod
    async def connect(cls, sim: Simulator) -> Self:
        reader, writer = await asyncio.open_connection(sim.host, sim.port)
        async with asyncio.timeout(DEADLINE_S):
            greeting = await reader.readline()
        assert greeting == b"Asterisk Call Manager/11.0.0\r\n"
        return cls(reader, writer)

    @classmethod
    @asynccontextmanager
    async def logged_in(cls, sim: Simulator, user: int = 0):
        client = await cls.connect(sim)
        try:
            name, secret = sim.settings.users[user].name, sim.settings.users[user].secret
            answer = await client.ask("Login", Username=name, Secret=secret)
            assert value(answer, "Response") == "Success"
            yield client
        finally:
            await client.close()

    async def _read(self) -> None:
        try:
            while True:
                data = await self._reader.readuntil(b"\r\n\r\n")
                async with self._arrived:
                    self.blocks.append(read_block(data.decode()))
                    self._arrived.notify_all()
        except (asyncio.IncompleteReadError, ConnectionError):
            self.closed.set()
            async with self._arrived:
                self._arrived.notify_all()

    def send(self, action: str, **fields: str | list[str]) -> str:
        """Send an action and return its ActionID."""
        self._actions += 1
        action_id = f"test-{self._actions}"
        lines = [f"Action: {action}", f"ActionID: {action_id}"]
        for key, values in fields.items():
            lines += [f"{key}: {one}" for one in ([values] if isinstance(values, str) else values)]
        self.send_bytes(("\r\n".join(lines) + "\r\n\r\n").encode())
        return action_id

    def send_bytes(self, data: bytes) -> None:
        self._writer.write(data)

    async def ask(self, action: str, **fields: str | list[str]) -> Block:
        """Send an action and return the response to it."""
        action_id = self.send(action, **fields)
        return await self.first(
            lambda block: block[0][0] == "Response" and value(block, "ActionID") == action_id
        )

    async def ask_list(self, action: str, **fields: str) -> list[Block]:
        """Send an action that lists something; return the items, without response and end."""
        answer = await self.ask(action, **fields)
        action_id = value(answer, "ActionID")
        assert value(answer, "EventList") == "start", answer

        def belongs(block: Block) -> bool:
            return block[0][0] == "Event" and value(block, "ActionID") == action_id

        end = await self.first(lambda one: belongs(one) and value(one, "EventList") == "Complete")
        items = [block for block in self.blocks if belongs(block) and block is not end]
        assert value(end, "ListItems") == str(len(items))
        return items

    async def event(self, name: str, **fields: str) -> Block:
        """Wait for an event with these values."""
        return await self.first(
            lambda block: (
                block[0] == ("Event", name)
                and all(value(block, key) == text for key, text in fields.items())
            )
        )

    async def first(self, wanted: Callable[[Block], bool]) -> Block:
        async with asyncio.timeout(DEADLINE_S), self._arrived:
            while True:
                for block in self.blocks:
                    if wanted(block):
                        return block
                assert not self.closed.is_set(), "the connection ended before it came"
                await self._arrived.wait()

    async def catch_up(self) -> list[Block]:
        """Return all events, once everything that was sent so far has come."""
        await self.ask("Ping")
        return [block for block in self.blocks if block[0][0] == "Event"]

    async def close(self) -> None:
        self._writer.close()
        self._pump.cancel()
        await asyncio.gather(self._pump, self._writer.wait_closed(), return_exceptions=True)

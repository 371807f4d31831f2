"""A few lines of AMI server on a real socket, which cuts what it sends into random pieces.

It answers logins and pings by itself and leaves everything else to the test.
"""

import asyncio
import contextlib
import random
from collections.abc import Callable
from typing import Self

GREETING = b"Asterisk Call Manager/11.0.0\r\n"

#: Longest time a test waits for anything.
LIMIT_S = 30.0

Fields = dict[str, str]


def block(*lines: str) -> bytes:
    return "".join(f"{line}\r\n" for line in (*lines, "")).encode()


class TinyPbx:
    """`pieces` is the largest piece that goes out at once; 0 sends whole blocks."""

    def __init__(self, pieces: int) -> None:
        self.pieces = pieces
        self.port = 0
        self.greeting = GREETING
        self.fully_boots = True
        self.secret_is_right = True
        self.speaks = True
        #: Every action ever received, and how many connections there were.
        self.actions: list[Fields] = []
        self.connections = 0
        self._random = random.Random(pieces)
        self._arrived = asyncio.Condition()
        self._writers: list[asyncio.StreamWriter] = []
        self._serving: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self._answers: dict[str, Callable[[Fields], bytes]] = {}

    async def __aenter__(self) -> Self:
        await self.listen()
        return self

    async def __aexit__(self, *error: object) -> None:
        self.drop()
        self.stop_listening()
        await asyncio.gather(*self._serving)

    async def listen(self) -> None:
        self._server = await asyncio.start_server(self._begin, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    def stop_listening(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None

    def answer(self, action: str, *lines: str) -> None:
        """From now on answer `action` with blocks; each line "" ends one, the last is ended."""
        text = "\r\n".join((*lines, "", ""))

        def answering(fields: Fields) -> bytes:
            return text.replace("$ID", fields["ActionID"]).encode()

        self._answers[action] = answering

    def drop(self) -> None:
        """Cut all connections off."""
        for writer in self._writers:
            writer.transport.abort()
        self._writers.clear()

    async def send(self, data: bytes) -> None:
        """Send to the newest connection, in random pieces."""
        writer = self._writers[-1]
        while data:
            size = self._random.randint(1, self.pieces) if self.pieces else len(data)
            writer.write(data[:size])
            data = data[size:]
            await asyncio.sleep(0)

    async def received(self, action: str, count: int = 1) -> Fields:
        """Wait for the `count`th `action` and return it."""

        def found() -> list[Fields]:
            return [fields for fields in self.actions if fields["Action"] == action]

        async with asyncio.timeout(LIMIT_S), self._arrived:
            await self._arrived.wait_for(lambda: len(found()) >= count)
        return found()[count - 1]

    async def stays_alone(self, for_s: float) -> None:
        """Fail if anybody connects in the next `for_s` seconds."""
        before = self.connections
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(for_s), self._arrived:
                await self._arrived.wait_for(lambda: self.connections > before)
        assert self.connections == before

    def count(self, action: str) -> int:
        return sum(fields["Action"] == action for fields in self.actions)

    def _begin(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._serve(reader, writer))
        self._serving.add(task)
        task.add_done_callback(self._serving.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async with self._arrived:
            self.connections += 1
            self._arrived.notify_all()
        self._writers.append(writer)
        try:
            if self.speaks:
                await self.send(self.greeting)
            while True:
                text = (await reader.readuntil(b"\r\n\r\n")).decode()
                fields = dict(line.split(": ", 1) for line in text.splitlines() if line)
                async with self._arrived:
                    self.actions.append(fields)
                    self._arrived.notify_all()
                if self.speaks:
                    await self._answer(fields)
        except (asyncio.IncompleteReadError, ConnectionError):
            return
        finally:
            writer.transport.abort()

    async def _answer(self, fields: Fields) -> None:
        action, own_id = fields["Action"], f"ActionID: {fields['ActionID']}"
        if action in self._answers:
            await self.send(self._answers[action](fields))
        elif action == "Login" and self.secret_is_right:
            await self.send(block("Response: Success", own_id, "Message: Authentication accepted"))
            if self.fully_boots:
                await self.send(block("Event: FullyBooted", "Privilege: system,all"))
        elif action == "Login":
            await self.send(block("Response: Error", own_id, "Message: Authentication failed"))
        elif action == "Ping":
            await self.send(block("Response: Success", own_id, "Ping: Pong"))
        elif action in (
            "Challenge",
            "CoreSettings",
            "CoreStatus",
            "CoreShowChannels",
            "QueueStatus",
            "DeviceStateList",
        ):
            await self.send(block("Response: Error", own_id, "Message: Permission denied"))

"""Records what one AMI user is sent, byte by byte, with the time at which each block had come."""

import asyncio
import json
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.e2e.rig.asterisk import Asterisk

_END = b"\r\n\r\n"


class Tape:
    """A connection of the very user the product logs in as."""

    def __init__(self, pbx: Asterisk) -> None:
        self._pbx = pbx
        self._bytes = bytearray()
        #: Offset and end of each block, and when its last byte had come.
        self._blocks: list[tuple[int, int, float]] = []
        self._heard_at = 0.0

    async def __aenter__(self) -> Self:
        pbx = self._pbx
        self._in, self._out = await asyncio.open_connection(pbx.host, pbx.ami_port)
        await self._in.readline()
        login = f"Action: Login\r\nUsername: {pbx.ami_user}\r\nSecret: {pbx.secret}\r\n\r\n"
        self._out.write(login.encode())
        answer = await self._in.readuntil(_END)
        assert answer.startswith(b"Response: Success"), answer
        self._reader = asyncio.create_task(self._read_for_ever())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._reader.cancel()
        self._out.close()
        await self._out.wait_closed()

    async def until_quiet(self, seconds: float = 0.4) -> None:
        """Wait until nothing has come for a while."""
        asked_at = time.time()
        while (left := max(self._heard_at, asked_at) + seconds - time.time()) > 0:
            await asyncio.sleep(left)

    def write(self, stem: Path) -> None:
        """Write what was heard: `stem`.ami and `stem`.times.jsonl."""
        end = self._blocks[-1][1] if self._blocks else 0
        stem.with_name(f"{stem.name}.ami").write_bytes(bytes(self._bytes[:end]))
        lines = (
            json.dumps({"t": round(at, 6), "offset": begins, "length": ends - begins})
            for begins, ends, at in self._blocks
        )
        stem.with_name(f"{stem.name}.times.jsonl").write_text("".join(f"{x}\n" for x in lines))

    async def _read_for_ever(self) -> None:
        done = 0
        while chunk := await self._in.read(65536):
            self._heard_at = time.time()
            self._bytes += chunk
            while (end := self._bytes.find(_END, done)) >= 0:
                end += len(_END)
                self._blocks.append((done, end, self._heard_at))
                done = end

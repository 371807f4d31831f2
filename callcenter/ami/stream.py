"""The one ordered way from the link to `ami.ingest`: what was read, and turns of the link.

The link puts, ingest takes. It is bounded: reading must never wait (Asterisk hangs up on a
slow reader), so when handling falls too far behind, what waits is thrown away and
`Overflowed` stands in its place: a gap that says so instead of memory without end.
"""

import asyncio
from collections import deque
from typing import Final, NamedTuple

LIMIT_BYTES: Final = 32 * 1024 * 1024


class Read(NamedTuple):
    """The wanted blocks of one read from the socket, in order; `at` is the receive time."""

    at: float
    blocks: list[bytes]


class Connected(NamedTuple):
    """The link is logged in: what follows belongs to `epoch`."""

    epoch: int
    at: float


class Booted(NamedTuple):
    """Asterisk says, later than it should, that it has loaded everything."""

    epoch: int
    at: float


class Lost(NamedTuple):
    """The link is down. `heard_at` is when the last byte came, None if none ever did."""

    epoch: int
    at: float
    heard_at: float | None
    reason: str
    auth_failed: bool = False


class Overflowed(NamedTuple):
    """`dropped` blocks that waited here were thrown away at `at`."""

    at: float
    dropped: int


Turn = Connected | Booted | Lost | Overflowed
Item = Read | Turn


class Stream:
    """A queue of items for one taker, bounded by the bytes that wait in it."""

    def __init__(self, limit_bytes: int = LIMIT_BYTES) -> None:
        self._limit_bytes = limit_bytes
        self._items: deque[Item] = deque()
        self._filled = asyncio.Event()
        self._bytes = 0
        #: Blocks thrown away since the start, by overflow.
        self.dropped = 0

    def __len__(self) -> int:
        return len(self._items)

    def put(self, item: Item) -> None:
        if isinstance(item, Read):
            self._bytes += _size(item)
            if self._bytes > self._limit_bytes:
                self._overflow(item)
                return
        self._items.append(item)
        self._filled.set()

    def _overflow(self, last: Read) -> None:
        reads = [item for item in self._items if isinstance(item, Read)]
        before = [item for item in self._items if isinstance(item, Overflowed)]
        dropped = sum(len(read.blocks) for read in (*reads, last))
        self.dropped += dropped
        turns = [item for item in self._items if not isinstance(item, Read | Overflowed)]
        total = dropped + sum(item.dropped for item in before)
        self._items = deque((*turns, Overflowed(last.at, total)))
        self._bytes = 0
        self._filled.set()

    async def filled(self) -> None:
        """Return when there is something to take."""
        while not self._items:
            self._filled.clear()
            await self._filled.wait()

    async def take(self) -> Item:
        """Return the next item; wait for it if there is none."""
        await self.filled()
        return self._pop()

    def take_reads(self) -> list[Read]:
        """Return the reads that wait at the front, up to the next turn of the link."""
        reads: list[Read] = []
        while self._items and isinstance(self._items[0], Read):
            reads.append(self._items[0])
            self._pop()
        return reads

    def _pop(self) -> Item:
        item = self._items.popleft()
        if isinstance(item, Read):
            self._bytes -= _size(item)
        return item


def _size(read: Read) -> int:
    return sum(map(len, read.blocks))

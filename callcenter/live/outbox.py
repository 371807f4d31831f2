"""What waits to be sent to one browser: in order, bounded, the newest of a kind only.

A browser may read slowly; nobody else may notice. Messages wait here, one writer
task takes them out, and a message that says everything anew (a call bar, a state)
takes the place of the older one that nobody has read yet. What waits here is
counted together with what the socket has not got rid of; beyond the limit the
browser is too slow and is let go.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Hashable

Lazy = Callable[[], bytes]


class TooSlow(Exception):
    """The browser has not read what it was sent long ago."""


class Outbox:
    def __init__(self, limit_bytes: int, unsent_bytes: Callable[[], int]) -> None:
        """`unsent_bytes` tells what the socket still holds of what was taken out."""
        self._limit_bytes = limit_bytes
        self._unsent_bytes = unsent_bytes
        self._waiting: OrderedDict[Hashable, bytes | Lazy] = OrderedDict()
        self._waiting_bytes = 0
        self._put = 0
        self._shut = False
        self._filled = asyncio.Event()

    @property
    def held_bytes(self) -> int:
        return self._waiting_bytes + self._unsent_bytes()

    def waits(self, kind: Hashable) -> bool:
        return kind in self._waiting

    def put(self, payload: bytes | Lazy, kind: Hashable = None) -> None:
        """Add `payload` at the end; it replaces what waits of the same `kind`.

        A function is called when its turn has come: it says what is true by then.
        Raises TooSlow if that is more than this browser may hold; from then on nothing comes
        out any more, so that the page misses the end of the story and not its middle.
        """
        if self._shut:
            return
        self._put += 1
        self._drop(kind)
        size = len(payload) if isinstance(payload, bytes) else 0
        # One message alone may be large: whoever has read all before it is not slow.
        if self.held_bytes and self.held_bytes + size > self._limit_bytes:
            self._shut = True
            self._waiting.clear()
            self._waiting_bytes = 0
            raise TooSlow
        self._waiting[kind if kind is not None else self._put] = payload
        self._waiting_bytes += size
        self._filled.set()

    async def take(self) -> bytes:
        """Return the next message, waiting for one."""
        while not self._waiting:
            self._filled.clear()
            await self._filled.wait()
        _, payload = self._waiting.popitem(last=False)
        if not isinstance(payload, bytes):
            return payload()
        self._waiting_bytes -= len(payload)
        return payload

    def _drop(self, kind: Hashable) -> None:
        if kind is not None and isinstance(old := self._waiting.pop(kind, None), bytes):
            self._waiting_bytes -= len(old)

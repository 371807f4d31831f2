"""What one person was told lately, numbered, so that a page that lost its line can go on.

The numbers begin at the clock's milliseconds. So a number that a page kept from
before a restart is never taken for one of ours: it is older than the first.
"""

from collections import OrderedDict
from collections.abc import Hashable
from typing import NamedTuple


class Said(NamedTuple):
    seq: int
    kind: Hashable
    payload: bytes


class History:
    def __init__(self, now: float, limit_messages: int, limit_bytes: int) -> None:
        self.seq = int(now * 1000)
        self._limit_messages = limit_messages
        self._limit_bytes = limit_bytes
        self._said: OrderedDict[Hashable, Said] = OrderedDict()
        self._bytes = 0
        #: The highest number that can no longer be told again.
        self._forgotten = self.seq

    def next_seq(self) -> int:
        self.seq += 1
        return self.seq

    def keep(self, payload: bytes, kind: Hashable = None) -> None:
        """Remember `payload` under the newest number; it replaces what was said of `kind`."""
        key = self.seq if kind is None else kind
        if kind is not None and (old := self._said.pop(kind, None)):
            self._bytes -= len(old.payload)
        self._said[key] = Said(self.seq, kind, payload)
        self._bytes += len(payload)
        while len(self._said) > self._limit_messages or self._bytes > self._limit_bytes:
            _, oldest = self._said.popitem(last=False)
            self._bytes -= len(oldest.payload)
            self._forgotten = oldest.seq

    def since(self, seq: int | None) -> list[Said] | None:
        """Return what was said after `seq`, in order; None if that is not known any more."""
        if seq is None or not self._forgotten <= seq <= self.seq:
            return None
        return [said for said in self._said.values() if said.seq > seq]

"""Cuts a byte stream into complete blocks, right at every split.

A block is some `Key: value` lines ended by an empty line. Whole blocks are
decoded at once elsewhere, so a letter split over two reads is never damaged.
"""

from typing import Final

_END: Final = b"\r\n\r\n"

#: A block longer than this is no AMI: the stream is garbage.
BLOCK_LIMIT_BYTES: Final = 1 << 20


class Framer:
    """Feed it reads of any size; it returns the blocks completed by each."""

    __slots__ = ("_rest", "dropped_bytes")

    def __init__(self) -> None:
        self._rest = b""
        #: Bytes thrown away because no block ended within BLOCK_LIMIT_BYTES.
        self.dropped_bytes = 0

    def feed(self, data: bytes) -> list[bytes]:
        """Return the complete blocks, without their closing empty line, in order."""
        blocks = (self._rest + data).split(_END) if self._rest else data.split(_END)
        self._rest = blocks.pop()
        if len(self._rest) > BLOCK_LIMIT_BYTES:
            self.dropped_bytes += len(self._rest)
            self._rest = b""
        return blocks

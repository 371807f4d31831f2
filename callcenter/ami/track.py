"""The segments of one PBX, as the recorder's thread writes them, one after the other.

A new one begins with each connection, each hour, and when one is long enough to be searched; always
at a whole block. A disk that refuses is asked again after a while, and what came meanwhile is a hole.
"""

import time
from pathlib import Path
from typing import Final, NamedTuple

import msgspec
import structlog
from prometheus_client import Counter

from callcenter.ami.segments import Mark, SegmentWriter

log = structlog.get_logger()

LOST_BYTES: Final = Counter(
    "callcenter_trace_lost_bytes", "Bytes of raw streams that could not be kept"
)

_HOUR_S: Final = 3600.0
#: A disk on the brink refuses and takes by turns: it is complained of so often at most.
_COMPLAIN_S: Final = 600.0

_END: Final = b"\r\n\r\n"


class Read(NamedTuple):
    """What one read of the socket brought."""

    at: float
    data: bytes


class Track:
    """The segments of one PBX, as the thread writes them."""

    def __init__(self, folder: Path, segment_bytes: int, retry_s: float) -> None:
        self._folder = folder
        self._segment_bytes = segment_bytes
        self._retry_s = retry_s
        self._epoch = 0
        self._writer: SegmentWriter | None = None
        self._ends_at = 0.0
        self._endpoints: Mark | None = None
        #: Bytes up to the next whole block belong to one whose beginning is not kept.
        self._is_amid_block = False
        #: Since when the disk refuses, and when it is asked again.
        self._refused_at: float | None = None
        self._retry_at_s = 0.0
        self._complained_s = float("-inf")
        self._is_complained_of = False

    @property
    def path(self) -> Path | None:
        return self._writer.path if self._writer is not None else None

    def take(self, item: Read | Mark) -> None:
        try:
            if isinstance(item, Mark):
                self._mark(item)
            else:
                self._read(item)
        except OSError as error:
            self._refused(item.at if isinstance(item, Read) else item.t, error)

    def flush(self) -> None:
        if self._writer is not None:
            try:
                self._writer.flush()
            except OSError as error:
                self._refused(time.time(), error)

    def close(self) -> None:
        writer, self._writer = self._writer, None
        if writer is not None:
            try:
                writer.close()
            except OSError as error:
                log.warning("the end of a raw stream could not be kept", reason=str(error))

    # ------------------------------------------------------------ turns

    def _mark(self, mark: Mark) -> None:
        if mark.turn == "endpoints":
            self._endpoints = mark
            self._note(mark)
        elif mark.turn == "lost":
            self._note(mark)
            self.close()
        elif mark.turn == "connected":
            self._epoch = mark.epoch
            self._is_amid_block = False
            self._begin(mark)
        else:
            self._is_amid_block = True
            self._begin(mark)

    def _note(self, mark: Mark) -> None:
        if self._writer is not None:
            self._writer.mark(_at(mark, self._writer.offset))

    def _begin(self, mark: Mark) -> None:
        """Begin a new segment with `mark`."""
        self.close()
        if self._refused_at is not None and time.monotonic() < self._retry_at_s:
            return
        self._writer = writer = SegmentWriter(self._folder, mark.t, self._epoch)
        self._ends_at = mark.t - mark.t % _HOUR_S + _HOUR_S
        writer.mark(mark)
        if self._endpoints is not None:
            writer.mark(_at(self._endpoints, 0))
        # Only now it is known that the disk takes it again.
        if self._refused_at is not None:
            writer.flush()
            self._refused_at = None
            if self._is_complained_of:
                self._is_complained_of = False
                log.info("the raw stream of a PBX is kept again", folder=str(self._folder))

    # ------------------------------------------------------------ bytes

    def _read(self, read: Read) -> None:
        at, data = read
        if self._refused_at is not None:
            self._try_again(at)
        if self._writer is None:
            LOST_BYTES.inc(len(data))
            return
        if self._is_amid_block:
            _, end, data = data.partition(_END)
            self._is_amid_block = not end
        if at >= self._ends_at or self._writer.offset >= self._segment_bytes:
            data = self._rotate(at, data)
        if data:
            self._writer.read(at, data)

    def _rotate(self, at: float, data: bytes) -> bytes:
        """Go on in a new segment, if a block ends within `data`; return what belongs there."""
        whole, end, rest = data.rpartition(_END)
        if not end or self._writer is None:
            return data
        self._writer.read(at, whole + end)
        self._begin(Mark(at, 0, "continued", self._epoch))
        return rest

    def _try_again(self, at: float) -> None:
        if time.monotonic() >= self._retry_at_s:
            self._is_amid_block = True
            self._begin(Mark(at, 0, "hole", self._epoch, since=self._refused_at, reason="disk"))

    def _refused(self, at: float, error: OSError) -> None:
        if self._writer is not None:
            self._writer.abandon()
            self._writer = None
        now_s = time.monotonic()
        self._retry_at_s = now_s + self._retry_s
        self._refused_at = at if self._refused_at is None else self._refused_at
        if now_s - self._complained_s > _COMPLAIN_S:
            self._complained_s, self._is_complained_of = now_s, True
            log.error(
                "the disk does not take the raw stream of a PBX; nothing is kept of it until it "
                "does, everything else goes on",
                folder=str(self._folder),
                reason=error.strerror or str(error),
            )


def _at(mark: Mark, offset: int) -> Mark:
    return msgspec.structs.replace(mark, offset=offset)

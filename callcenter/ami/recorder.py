"""Keeps the raw stream of every PBX on disk, as it came from the socket, before anything is dropped.

The loop only puts reads in a row (`Tape`); a thread compresses and writes them, so neither a slow
nor a full disk is ever waited for. The row is bounded: what does not fit is thrown away, and a mark
in the stream says from when to when. Twice a second all is flushed, so that a crash costs no more.
Only what the PBX says is kept, so no secret of ours is ever in it.

`ami.segments` is the form on disk. Old segments are removed by age and by the size of all.
"""

import shutil
import threading
import time
from collections import deque
from collections.abc import Iterable
from pathlib import Path
from typing import Final, NamedTuple

import msgspec
import structlog
from prometheus_client import Counter, Gauge

from callcenter.ami.segments import Mark, SegmentWriter, pbxs, segments

log = structlog.get_logger()

KEPT_BYTES: Final = Gauge("callcenter_trace_bytes", "Disk taken by the kept raw streams")
KEPT_SINCE: Final = Gauge(
    "callcenter_trace_oldest_timestamp_seconds", "When the oldest kept raw stream began; 0: none"
)
LOST_BYTES: Final = Counter(
    "callcenter_trace_lost_bytes", "Bytes of raw streams that could not be kept"
)

FLUSH_S: Final = 0.5
#: What may wait to be written, and how much of it makes the writer hurry.
LIMIT_BYTES: Final = 16 << 20
_HURRY_BYTES: Final = 1 << 20
#: A segment is searched as a whole, so it is no longer than that takes a moment.
SEGMENT_BYTES: Final = 32 << 20
_HOUR_S: Final = 3600.0
_DAY_S: Final = 86_400.0
#: After the disk refused, the next try.
RETRY_S: Final = 10.0
#: A disk on the brink refuses and takes by turns: it is complained of so often at most.
_COMPLAIN_S: Final = 600.0
#: How often the store is looked through for what is too old or too much.
_TIDY_S: Final = 300.0

#: The database needs room more than the past does.
_RESERVE_BYTES: Final = 1 << 30

_END: Final = b"\r\n\r\n"


class Keep(NamedTuple):
    """How long, and how much, is kept."""

    days: float = 30.0
    limit_bytes: int = 10 << 30


class _Read(NamedTuple):
    at: float
    data: bytes


class Recorder:
    """Writes for all PBXs, from the first tape until it is closed."""

    def __init__(
        self,
        root: Path,
        keep: Keep,
        *,
        limit_bytes: int = LIMIT_BYTES,
        segment_bytes: int = SEGMENT_BYTES,
        flush_s: float = FLUSH_S,
        retry_s: float = RETRY_S,
    ) -> None:
        self._root = root
        self._keep = keep
        self._limit_bytes = limit_bytes
        self._segment_bytes = segment_bytes
        self._flush_s = flush_s
        self._retry_s = retry_s
        self._row: deque[tuple[int, _Read | Mark]] = deque()
        # One of them only rises in the loop, the other in the thread: no lock is needed.
        self._put_bytes = 0
        self._taken_bytes = 0
        #: How much of it can be read again.
        self._kept_bytes = 0
        self._kept = threading.Condition()
        self._wake = threading.Event()
        self._is_over = False
        self._tracks: dict[int, _Track] = {}
        self._tidied_s = float("-inf")
        self._thread = threading.Thread(target=self._run, name="recorder", daemon=True)

    def tape(self, pbx: int) -> "Tape":
        if self._thread.ident is None:
            self._thread.start()
        return Tape(self, pbx)

    def close(self) -> None:
        """Write what waits, and wait until that is done."""
        self._is_over = True
        self._wake.set()
        if self._thread.ident is not None:
            self._thread.join()

    def sync(self, within_s: float = 1.0) -> None:
        """Wait until what has come so far can be read from disk, if the disk is quick enough.

        For a thread that reads, never for the loop.
        """
        until = self._put_bytes
        self._wake.set()
        with self._kept:
            self._kept.wait_for(lambda: self._kept_bytes >= until, within_s)

    # ------------------------------------------------------------ in the loop

    def room(self) -> float:
        """Return how much of the row is free, from 1 to 0 or less."""
        return 1 - (self._put_bytes - self._taken_bytes) / self._limit_bytes

    def put_mark(self, pbx: int, mark: Mark) -> None:
        self._row.append((pbx, mark))

    def put_read(self, pbx: int, at: float, data: bytes) -> None:
        self._put_bytes += len(data)
        self._row.append((pbx, _Read(at, data)))
        if self._put_bytes - self._taken_bytes > _HURRY_BYTES:
            self._wake.set()

    # ------------------------------------------------------------ in the thread

    def _run(self) -> None:
        over = False
        while not over:
            over = self._is_over
            try:
                self._tidy()
                self._write()
            except Exception:
                log.exception("a part of a raw stream could not be kept by a fault of ours")
            if not over:
                self._wake.wait(self._flush_s)
                self._wake.clear()
        for track in self._tracks.values():
            track.close()

    def _write(self) -> None:
        row = self._row
        while row:
            pbx, item = row.popleft()
            track = self._tracks.get(pbx)
            if track is None:
                folder = self._root / str(pbx)
                track = self._tracks[pbx] = _Track(folder, self._segment_bytes, self._retry_s)
            track.take(item)
            if isinstance(item, _Read):
                self._taken_bytes += len(item.data)
        for track in self._tracks.values():
            track.flush()
        with self._kept:
            self._kept_bytes = self._taken_bytes
            self._kept.notify_all()

    def _tidy(self) -> None:
        now_s = time.monotonic()
        if now_s - self._tidied_s < _TIDY_S:
            return
        self._tidied_s = now_s
        try:
            in_use = {track.path for track in self._tracks.values()}
            free = shutil.disk_usage(self._root).free if self._root.exists() else _RESERVE_BYTES
            tidy(self._root, self._keep, in_use, time.time(), free - _RESERVE_BYTES)
        except OSError as error:
            log.warning("the kept raw streams could not be looked through", reason=str(error))


def tidy(root: Path, keep: Keep, in_use: set[Path | None], at: float, spare_bytes: int = 0) -> None:
    """Remove segments that are too old, then the oldest while all take too much.

    Where the disk has less than it should, `spare_bytes` is negative: so much is given back.
    """
    kept = sorted(one for pbx in pbxs(root) for one in segments(root / str(pbx)))
    sizes = {one: one.size for one in kept}
    left = sum(sizes.values())
    limit_bytes = min(keep.limit_bytes, left + min(spare_bytes, 0))
    since = at
    for one in kept:
        is_old = one.written_at < at - keep.days * _DAY_S
        if one.path not in in_use and (is_old or left > limit_bytes):
            one.remove()
            left -= sizes[one]
        else:
            since = min(since, one.began_at)
    KEPT_BYTES.set(left)
    KEPT_SINCE.set(since if left else 0)


class Tape:
    """What the loop has of the recorder: the stream of one PBX."""

    def __init__(self, recorder: Recorder, pbx: int) -> None:
        self._recorder = recorder
        self._pbx = pbx
        self._epoch = 0
        #: Since when there is no room, None while there is.
        self._full_at: float | None = None

    def endpoints(
        self,
        at: float,
        agents: Iterable[str],
        trunks: Iterable[str],
        *,
        own_callers: Iterable[str] = (),
        region: str = "",
        prefix: str = "",
    ) -> None:
        """Say whose phones are whose from now on."""
        self._mark(
            Mark(
                at, 0, "endpoints", agents=tuple(sorted(agents)), trunks=tuple(sorted(trunks)),
                own_callers=tuple(sorted(own_callers)), region=region, prefix=prefix,
            )
        )  # fmt: skip

    def connected(self, epoch: int, at: float) -> None:
        self._epoch = epoch
        self._mark(Mark(at, 0, "connected", epoch))

    def lost(self, epoch: int, at: float, heard_at: float | None, reason: str) -> None:
        self._mark(Mark(at, 0, "lost", epoch, since=heard_at, reason=reason))

    def read(self, at: float, data: bytes) -> None:
        """Keep what one read of the socket brought."""
        room = self._recorder.room()
        # Once it was full it must be half empty, or there would be a hole a read.
        if room <= (0 if self._full_at is None else 0.5):
            self._drop(at, len(data))
            return
        if self._full_at is not None:
            self._mark(Mark(at, 0, "hole", self._epoch, since=self._full_at, reason="slow"))
            self._full_at = None
        self._recorder.put_read(self._pbx, at, data)

    def _drop(self, at: float, size: int) -> None:
        LOST_BYTES.inc(size)
        if self._full_at is None:
            self._full_at = at
            log.error(
                "the disk is too slow for the raw stream of a PBX: a part of it is not kept",
                pbx=self._pbx,
            )

    def _mark(self, mark: Mark) -> None:
        self._recorder.put_mark(self._pbx, mark)


class _Track:
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

    def take(self, item: _Read | Mark) -> None:
        try:
            if isinstance(item, Mark):
                self._mark(item)
            else:
                self._read(item)
        except OSError as error:
            self._refused(item.at if isinstance(item, _Read) else item.t, error)

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

    def _read(self, read: _Read) -> None:
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

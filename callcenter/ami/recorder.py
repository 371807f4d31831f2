"""Keeps the raw stream of every PBX on disk, as it came from the socket, before anything is dropped.

The loop only puts reads in a row (`Tape`); a thread compresses and writes them, so neither a slow
nor a full disk is ever waited for. The row is bounded: what does not fit is thrown away, and a mark
in the stream says from when to when. Twice a second all is flushed, so that a crash costs no more.
Only what the PBX says is kept, so no secret of ours is ever in it.

`ami.track` writes a PBX's segments, `ami.segments` is their form on disk, and `ami.retention` removes
the old ones.
"""

import shutil
import threading
import time
from collections import deque
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import structlog

from callcenter.ami.retention import Keep, tidy
from callcenter.ami.segments import Mark
from callcenter.ami.track import LOST_BYTES, Read, Track

log = structlog.get_logger()

FLUSH_S: Final = 0.5
#: What may wait to be written, and how much of it makes the writer hurry.
LIMIT_BYTES: Final = 16 << 20
_HURRY_BYTES: Final = 1 << 20
#: A segment is searched as a whole, so it is no longer than that takes a moment.
SEGMENT_BYTES: Final = 32 << 20
#: After the disk refused, the next try.
RETRY_S: Final = 10.0
#: How often the store is looked through for what is too old or too much.
_TIDY_S: Final = 300.0

#: The database needs room more than the past does.
_RESERVE_BYTES: Final = 1 << 30


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
        self._row: deque[tuple[int, Read | Mark]] = deque()
        # One of them only rises in the loop, the other in the thread: no lock is needed.
        self._put_bytes = 0
        self._taken_bytes = 0
        #: How much of it can be read again.
        self._kept_bytes = 0
        self._kept = threading.Condition()
        self._wake = threading.Event()
        self._is_over = False
        self._tracks: dict[int, Track] = {}
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
        self._row.append((pbx, Read(at, data)))
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
                track = self._tracks[pbx] = Track(folder, self._segment_bytes, self._retry_s)
            track.take(item)
            if isinstance(item, Read):
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
        # What there was no room for is not heard, and the next connection begins anew.
        heard_at, self._full_at = self._full_at or heard_at, None
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

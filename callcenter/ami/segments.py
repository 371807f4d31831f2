"""Raw streams on disk: how they are laid out, written, and read again, torn or whole.

A connection (epoch) is a run of segments, each a pair of files that begins at a whole block:

    traces/<pbx>/2026-11-22/081502.482-e12.ami.gz            the bytes as they came
    traces/<pbx>/2026-11-22/081502.482-e12.times.jsonl.gz    when, and the turns of the link

Both are one gzip stream that is flushed again and again: what was flushed can be read although
the end is missing. The times are written before the bytes, so no byte is without its time.
`ami.recorder` writes segments, `ami.recording` and `ami.evidence` read them.
"""

import os
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Final, Literal

import msgspec

#: Where the curve bends: a sixth more time than the fastest, and half as many bytes again saved.
_LEVEL: Final = 4
_GZIP: Final = 31
#: Compressed bytes that are read at a time; some twenty times as many come out.
_PIECE_BYTES: Final = 16 * 1024

#: "connected": an epoch begins; "continued": its next segment; "hole": bytes between `since` and
#: now were not kept, for `reason`; "lost": it is over, and was heard until `since`; "endpoints":
#: whose phones they are from now on.
Turn = Literal["", "connected", "continued", "hole", "lost", "endpoints"]


class Mark(msgspec.Struct, frozen=True, omit_defaults=True):
    """One line of the times: what came at byte `offset` came at `t` (epoch seconds)."""

    t: float
    offset: int
    turn: Turn = ""
    epoch: int = 0
    since: float | None = None
    reason: str = ""
    agents: tuple[str, ...] = ()
    trunks: tuple[str, ...] = ()
    own_callers: tuple[str, ...] = ()
    region: str = ""
    prefix: str = ""


_ENCODER: Final = msgspec.json.Encoder()
_DECODER: Final = msgspec.json.Decoder(Mark)


class Segment(msgspec.Struct, frozen=True, order=True):
    """A pair of files; `path` is the one with the bytes."""

    began_at: float
    epoch: int
    path: Path

    @property
    def times(self) -> Path:
        return times_of(self.path)

    @property
    def written_at(self) -> float:
        """Return when it was last written to; long ago if it is gone."""
        try:
            return self.path.stat().st_mtime
        except FileNotFoundError:
            return self.began_at

    @property
    def size(self) -> int:
        """Return how many bytes both files take."""
        return sum(path.stat().st_size for path in (self.path, self.times) if path.exists())

    def remove(self) -> None:
        for path in (self.path, self.times):
            path.unlink(missing_ok=True)
        try:
            self.path.parent.rmdir()
        except OSError:
            return  # There is more in that day.


def times_of(path: Path) -> Path:
    """Return where the times of a recording lie, compressed or plain."""
    stem = path.name.removesuffix(".gz").removesuffix(".ami")
    packed = path.with_name(f"{stem}.times.jsonl.gz")
    return packed if packed.exists() else path.with_name(f"{stem}.times.jsonl")


def segments(folder: Path) -> list[Segment]:
    """Return the segments of one PBX, oldest first. What is no segment is left out."""
    found = (_segment(path) for path in folder.glob("*/*.ami.gz"))
    return sorted(one for one in found if one is not None)


def _segment(path: Path) -> Segment | None:
    clock, _, epoch = path.name.removesuffix(".ami.gz").partition("-e")
    try:
        began = datetime.strptime(f"{path.parent.name} {clock}+0000", "%Y-%m-%d %H%M%S.%f%z")
        return Segment(began.timestamp(), int(epoch), path)
    except ValueError:
        return None


def pbxs(root: Path) -> list[int]:
    """Return the PBXs of which anything is kept."""
    return sorted(int(one.name) for one in root.glob("*") if one.name.isdecimal())


# ---------------------------------------------------------------- reading


def pieces(path: Path) -> Iterator[bytes]:
    """Yield what can be read of `path`, compressed or plain, up to where it is torn."""
    with path.open("rb") as file:
        if file.peek(2)[:2] != b"\x1f\x8b":
            yield from iter(lambda: file.read(16 * _PIECE_BYTES), b"")
            return
        yield from _unpacked(file)


def _unpacked(file: IO[bytes]) -> Iterator[bytes]:
    unpacking = zlib.decompressobj(_GZIP)
    while packed := file.read(_PIECE_BYTES):
        while packed:
            try:
                yield unpacking.decompress(packed)
            except zlib.error:
                return
            # One file may hold several gzip streams, as `cat a.gz b.gz` makes them.
            packed = unpacking.unused_data
            if unpacking.eof:
                unpacking = zlib.decompressobj(_GZIP)


def marks(path: Path) -> list[Mark]:
    """Return the times of a recording; of a broken line only that line is lost."""
    if not path.is_file():
        return []
    found = []
    for line in b"".join(pieces(path)).splitlines():
        try:
            found.append(_DECODER.decode(line))
        except (msgspec.DecodeError, UnicodeDecodeError):
            continue
    return found


# ---------------------------------------------------------------- writing


class SegmentWriter:
    """Writes one segment. Raises OSError where the disk does; then it is of no use any more."""

    def __init__(self, folder: Path, at: float, epoch: int) -> None:
        self.path = _free_path(folder, at, epoch)
        self.offset = 0
        self._bytes = _Packed(self.path)
        try:
            self._times = _Packed(_times_of_new(self.path))
        except OSError:
            self._bytes.abandon()
            raise

    def mark(self, mark: Mark) -> None:
        self._times.add(_ENCODER.encode(mark) + b"\n")

    def read(self, at: float, data: bytes) -> None:
        self._times.add(b'{"t":%r,"offset":%d}\n' % (at, self.offset))
        self._bytes.add(data)
        self.offset += len(data)

    def flush(self) -> None:
        """Let everything so far be readable, whatever becomes of this process."""
        self._times.flush()
        self._bytes.flush()

    def close(self) -> None:
        self._times.close()
        self._bytes.close()

    def abandon(self) -> None:
        """Let go of the files after a failure."""
        self._times.abandon()
        self._bytes.abandon()


def _times_of_new(path: Path) -> Path:
    return path.with_name(path.name.removesuffix(".ami.gz") + ".times.jsonl.gz")


def _free_path(folder: Path, at: float, epoch: int) -> Path:
    while True:
        # To the millisecond and never later: a segment is found by when it began.
        began = datetime.fromtimestamp(at, UTC)
        clock = f"{began:%H%M%S}.{began.microsecond // 1000:03d}"
        path = folder / f"{began:%Y-%m-%d}" / f"{clock}-e{epoch}.ami.gz"
        if not path.exists():
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            return path
        at += 0.001


class _Packed:
    """A gzip file that can be flushed."""

    def __init__(self, path: Path) -> None:
        # What customers said by phone number is nobody else's on this machine.
        self._file = open(path, "xb", buffering=0, opener=_only_ours)  # noqa: SIM115
        self._packing = zlib.compressobj(_LEVEL, zlib.DEFLATED, _GZIP)
        self._held: list[bytes] = []

    def add(self, data: bytes) -> None:
        self._held.append(data)

    def flush(self) -> None:
        if self._held:
            self._write(zlib.Z_SYNC_FLUSH)

    def close(self) -> None:
        try:
            self._write(zlib.Z_FINISH)
        finally:
            self._file.close()

    def abandon(self) -> None:
        self._file.close()

    def _write(self, how: int) -> None:
        held, self._held = b"".join(self._held), []
        packed = memoryview(self._packing.compress(held) + self._packing.flush(how))
        # A disk that is nearly full takes a part.
        while packed:
            packed = packed[self._file.write(packed) :]


def _only_ours(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)

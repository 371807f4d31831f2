"""Reads the part of a CEL file that is needed, from a file that may be gigabytes.

Lines stand in order of time, so the place to begin is found by halving. What a rotation has put into
`Master.csv.1` is read too if the file itself begins too late. Blocking: to be called in a thread.
"""

import os
from collections.abc import Iterator
from datetime import tzinfo
from pathlib import Path
from typing import BinaryIO, Final

from callcenter.ami.repair.rows import CelRow, parse_lines

#: More than this is not read, for its rows take four times as much memory: two days of a busy PBX.
LIMIT_BYTES: Final = 128 * 1024 * 1024
#: Two channels' lines may be out of order by less than this.
_DISORDER_S: Final = 5.0
#: Where halving ends and reading begins.
_NEAR_BYTES: Final = 64 * 1024
_LINES_TRIED: Final = 50


class TooMuch(OSError):
    """The part that is needed is larger than anything sensible."""


def read_since(path: Path, from_at: float, zone: tzinfo) -> Iterator[CelRow]:
    """Yield what happened since `from_at`. Raises OSError, TooMuch among it."""
    with path.open("rb") as file:
        first = _first_at(file, 0, zone)
        if first is None or first > from_at:
            rotated = path.with_name(path.name + ".1")
            if rotated.exists():
                with rotated.open("rb") as older:
                    yield from _since(older, from_at, zone)
        yield from _since(file, from_at, zone)


def _since(file: BinaryIO, from_at: float, zone: tzinfo) -> Iterator[CelRow]:
    begin = _place(file, from_at - _DISORDER_S, zone)
    end = _size(file)
    if end - begin > LIMIT_BYTES:
        raise TooMuch(f"{(end - begin) >> 20} MiB would have to be read")
    for row in parse_lines(_lines(file, begin, end), zone):
        if row.at >= from_at:
            yield row


def _size(file: BinaryIO) -> int:
    return os.fstat(file.fileno()).st_size


def _place(file: BinaryIO, at: float, zone: tzinfo) -> int:
    """Return an offset before which everything is older than `at`."""
    low, high = 0, _size(file)
    while high - low > _NEAR_BYTES:
        middle = (low + high) // 2
        there = _first_at(file, middle, zone)
        if there is not None and there < at:
            low = middle
        else:
            high = middle
    return low


def _first_at(file: BinaryIO, offset: int, zone: tzinfo) -> float | None:
    """Return the time of the first whole line behind `offset` that tells one."""
    file.seek(offset)
    if offset:
        file.readline()
    for _ in range(_LINES_TRIED):
        line = file.readline()
        if not line:
            return None
        for row in parse_lines([_text(line)], zone):
            return row.at
    return None


def _lines(file: BinaryIO, begin: int, end: int) -> Iterator[str]:
    file.seek(begin)
    if begin:
        file.readline()
    while file.tell() < end:
        line = file.readline()
        # The last line may be torn: Asterisk is writing it.
        if line.endswith(b"\n"):
            yield _text(line)
        elif not line:
            return


def _text(line: bytes) -> str:
    return line.decode("utf-8", "replace")

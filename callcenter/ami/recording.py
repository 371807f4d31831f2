"""Reads recorded AMI streams: the raw bytes, and a clock where the stream has none.

Beside `NAME.ami` there may be `NAME.times.jsonl`: a line for each block with its offset and
the time it had come in. It gives the clock where Asterisk wrote no `Timestamp`.

A recording may hold the lists that were asked for after a connection (`ami.listed`). In the
place where they were asked for stands the `Snapshot` they make, as a message of no kind; and so
does, at the end of a file, the time until which the line was heard.

`shuffled` makes what another run of the same calls may have looked like: Asterisk keeps the
order of one channel's events, and delays those of others by milliseconds.
"""

import json
import random
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from callcenter.ami.framing import Framer
from callcenter.ami.listed import ITEMS, Lists
from callcenter.ami.messages import Message, parse
from callcenter.ami.resync import Snapshot
from callcenter.ami.tracker import WANTED, News
from callcenter.ami.tracker.takeup import news_in

_EVENT = b"Event: "
#: A new connection tells that it is one by FullyBooted.
_READ = WANTED | ITEMS | {b"FullyBooted"}
_END_BYTES = 4
_SILENCE = Message("", {}, None, None)

#: How far apart two events of different channels may be and still come in either order.
JITTER_S = 0.25


@dataclass(frozen=True, slots=True)
class Recorded:
    """One message and when it came; None if neither the stream nor a sidecar tells."""

    message: Message
    at: float | None
    #: The lists that were asked for here, and what else was said while they came.
    snapshot: Snapshot | None = None
    news: News | None = None


@dataclass(slots=True)
class Blocks:
    """How many blocks there were, and how much of the input was none."""

    total: int = 0
    #: Blocks that are neither event nor response.
    garbled: int = 0
    #: Bytes that belong to no complete block.
    stray_bytes: int = 0


def read(
    path: Path, counted: Blocks | None = None, *, split: int | None = None, cut: int = 0
) -> list[Recorded]:
    """Return the events of `path` that a replay wants, read in pieces of `split` bytes.

    `counted` goes on counting from file to file; its first `cut` blocks are left out, and so
    are, counted, those that are neither event nor response.
    """
    counted = counted if counted is not None else Blocks()
    lists = Lists()
    clock = _Clock(path.with_name(path.name.removesuffix(".ami") + ".times.jsonl"))
    recorded: list[Recorded] = []
    heard_at: float | None = None
    for offset, block in _blocks(path.read_bytes(), split, counted):
        counted.total += 1
        if counted.total <= cut:
            continue
        heard_at = clock.at(offset)
        name = block[7:].partition(b"\r\n")[0] if block.startswith(_EVENT) else b""
        if name and name not in _READ:
            continue
        message = parse(block)
        at = clock.at(offset) if message.at is None else message.at
        lists.hear(message, len(recorded), at)
        if message.is_response:
            counted.garbled += bool(block.strip()) and "response" not in message.fields
        elif name not in ITEMS:
            recorded.append(Recorded(message, at))
    if heard_at is not None:
        recorded.append(Recorded(_SILENCE, heard_at))
    return _with_snapshots(recorded, lists)


def _with_snapshots(recorded: list[Recorded], lists: Lists) -> list[Recorded]:
    for found in reversed(lists.snapshots()):
        meanwhile = recorded[found.begins : found.ends]
        news = news_in(one.message for one in meanwhile)
        recorded.insert(found.begins, Recorded(_SILENCE, found.at, found.snapshot, news))
    return recorded


def _blocks(data: bytes, split: int | None, counted: Blocks) -> Iterator[tuple[int, bytes]]:
    framer = Framer()
    size = split or len(data) or 1
    offset = 0
    for start in range(0, len(data), size):
        for block in framer.feed(data[start : start + size]):
            yield offset, block
            offset += len(block) + _END_BYTES
    counted.stray_bytes += len(data) - offset


class _Clock:
    """The times of a sidecar, by offset; of a broken line only that line is lost."""

    def __init__(self, path: Path) -> None:
        known = sorted(_times(path)) if path.is_file() else []
        self._offsets = [offset for offset, _ in known]
        self._times = [at for _, at in known]

    def at(self, offset: int) -> float | None:
        index = bisect_right(self._offsets, offset) - 1
        return self._times[index] if index >= 0 else None


def _times(path: Path) -> Iterator[tuple[int, float]]:
    for line in path.read_text("utf-8", "replace").splitlines():
        try:
            entry = json.loads(line)
            yield int(entry["offset"]), float(entry["t"])
        except (ValueError, TypeError, KeyError):
            continue


def shuffled(recorded: list[Recorded], seed: int) -> list[Recorded]:
    """Return the messages in another order that Asterisk may have sent them in.

    Messages that name a common channel keep their order, and so do those that are further apart
    than `JITTER_S`. Without times the order of different channels is free within a window.
    """
    choice = random.Random(seed)
    left = list(range(len(recorded)))
    subjects = [_subjects(one.message) for one in recorded]
    order: list[Recorded] = []
    while left:
        free = _first_free(recorded, subjects, left)
        picked = choice.choice(free)
        left.remove(picked)
        order.append(recorded[picked])
    return order


_WINDOW = 40


def _first_free(
    recorded: list[Recorded], subjects: list[frozenset[str]], left: list[int]
) -> list[int]:
    """Return those of `left` that nothing before them holds back."""
    free: list[int] = []
    before: set[str] = set()
    earliest = recorded[left[0]].at
    for index in left[:_WINDOW]:
        at = recorded[index].at
        if earliest is not None and at is not None and at > earliest + JITTER_S:
            break
        if before.isdisjoint(subjects[index]):
            free.append(index)
        before |= subjects[index]
    return free


def _subjects(message: Message) -> frozenset[str]:
    """Whose order a message belongs to: all channels it names, or else its kind."""
    named = {
        value
        for key, value in message.fields.items()
        if key.endswith("uniqueid") and not key.endswith("bridgeuniqueid") and value
    }
    return frozenset(named or {message.fields.get("queue") or message.name})

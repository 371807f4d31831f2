"""Reads recorded AMI streams: the raw bytes, and a clock where the stream has none.

Beside `NAME.ami` there may be `NAME.times.jsonl`: lines with an offset and the time at which what
stands there had come in. It gives the clock where Asterisk wrote no `Timestamp`; in a stream that
`ami.recorder` kept, it also tells the turns of the link. Both files may be compressed (`.gz`).

A recording may hold the lists that were asked for after a connection (`ami.listed`). In the
place where they were asked for stands the `Snapshot` they make, as a message of no kind; and so
does, at the end of a file, the time until which the line was heard.

`shuffled` makes what another run of the same calls may have looked like: Asterisk keeps the
order of one channel's events, and delays those of others by milliseconds.
"""

import random
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from callcenter.ami.framing import Framer
from callcenter.ami.listed import ITEMS, Lists
from callcenter.ami.messages import Message, parse
from callcenter.ami.resync import Snapshot
from callcenter.ami.segments import Mark, marks, pieces, times_of
from callcenter.ami.tracker import WANTED, Endpoints, News
from callcenter.ami.tracker.takeup import news_in

_EVENT = b"Event: "
#: A new connection tells that it is one by FullyBooted.
_ALWAYS = ITEMS | {b"FullyBooted"}
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
    #: The message as it stood.
    block: bytes = b""
    #: The connection it came by.
    epoch: int = 0
    #: Whose phones are whose from here on.
    endpoints: Endpoints | None = None
    #: Which block of the input it was, counted from 1; 0 for what stands in none.
    number: int = 0


@dataclass(slots=True)
class Blocks:
    """How many blocks there were, and how much of the input was none."""

    total: int = 0
    #: Blocks that are neither event nor response.
    garbled: int = 0
    #: Bytes that belong to no complete block.
    stray_bytes: int = 0


def read(
    path: Path,
    counted: Blocks | None = None,
    *,
    split: int | None = None,
    cut: int = 0,
    epoch: int = 0,
) -> list[Recorded]:
    """Return the events of `path` that a replay wants, read in pieces of `split` bytes.

    `counted` goes on counting from file to file; its first `cut` blocks are left out, and so
    are, counted, those that are neither event nor response. `epoch` numbers the connection where
    the recording does not.
    """
    reading = Reading(counted, cut=cut)
    reading.add(path, split=split, epoch=epoch)
    return reading.recorded()


class Kept(NamedTuple):
    """A block as it stood, or whose phones are whose from here; None: so long it was heard."""

    what: bytes | Mark | None
    at: float | None
    epoch: int


class Reading:
    """Cuts one file after the other into blocks, and parses those that are of use.

    The same reading may be looked through several times for different ones; it holds all `events`.
    """

    def __init__(
        self,
        counted: Blocks | None = None,
        *,
        cut: int = 0,
        events: frozenset[bytes] = WANTED,
    ) -> None:
        self.counted = counted if counted is not None else Blocks()
        self._cut = cut
        self._events = events | _ALWAYS
        self._entries: list[_Entry] = []
        self._epoch = 0

    def add(
        self,
        path: Path,
        *,
        split: int | None = None,
        epoch: int = 0,
        span: tuple[float, float] | None = None,
    ) -> None:
        """Read a file; of a long one only what came within `span`."""
        known = marks(times_of(path))
        turns = deque(mark for mark in known if mark.turn)
        clock = _Clock(known)
        self._epoch = epoch
        heard_at: float | None = None
        within = clock.offsets(*span) if span is not None else (0, None)
        for offset, block in _blocks(path, split, self.counted, *within):
            while turns and turns[0].offset <= offset:
                self._turn(turns.popleft())
            self.counted.total += 1
            if self.counted.total <= self._cut:
                continue
            heard_at = clock.at(offset)
            name = block[7 : block.find(b"\r\n", 7)] if block.startswith(_EVENT) else b""
            if not name or name in self._events:
                number = self.counted.total
                self._entries.append((name, block, heard_at, self._epoch, number))
        for mark in turns:
            self._turn(mark)
            if mark.turn == "lost" and mark.since is not None:
                heard_at = mark.since
        if heard_at is not None:
            self._entries.append((b"", None, heard_at, self._epoch, 0))

    def _turn(self, mark: Mark) -> None:
        if mark.turn == "endpoints":
            self._entries.append((b"", mark, mark.t, self._epoch, 0))
        else:
            self._epoch = mark.epoch

    def kept(self, is_of_use: Callable[[bytes], object]) -> Iterator[Kept]:
        """Yield what of it is of use as it stood, lists by those of their items that are."""
        for name, what, at, epoch, _ in self._entries:
            is_whole = name in _ENDS or (not name and isinstance(what, bytes) and _begins(what))
            if not isinstance(what, bytes) or is_whole or (name and is_of_use(what)):
                yield Kept(what, at, epoch)

    def recorded(self, is_of_use: Callable[[bytes], object] = bool) -> list[Recorded]:
        """Return the messages that are of use, with a snapshot where one was asked for."""
        lists = Lists()
        found: list[Recorded] = []
        for name, what, heard_at, epoch, number in self._entries:
            if not isinstance(what, bytes):
                found.append(_no_message(what, heard_at, epoch))
            elif not name or name in ITEMS or is_of_use(what):
                message = parse(what)
                at = heard_at if message.at is None else message.at
                lists.hear(message, len(found), at)
                if message.is_response:
                    is_garbled = what.strip() and "response" not in message.fields
                    self.counted.garbled += bool(is_garbled)
                elif name not in ITEMS:
                    one = Recorded(message, at, block=what, epoch=epoch, number=number)
                    found.append(one)
        return _with_snapshots(found, lists)


#: The event's name, the block (or a turn of the link; None: the file ends), when, by which
#: connection, and as which block.
_Entry = tuple[bytes, bytes | Mark | None, float | None, int, int]


_ENDS = frozenset(name for name in ITEMS if name.endswith(b"Complete")) | {b"FullyBooted"}


def _begins(block: bytes) -> bool:
    """Whether a list begins with this answer, or it says since when the PBX runs."""
    return b"\r\nEventList: start" in block or b"\r\nCoreStartupDate:" in block


def _no_message(mark: Mark | None, at: float | None, epoch: int) -> Recorded:
    if mark is None:
        return Recorded(_SILENCE, at, epoch=epoch)
    endpoints = Endpoints(
        mark.agents, mark.trunks,
        own_callers=mark.own_callers, region=mark.region, prefix=mark.prefix,
    )  # fmt: skip
    return Recorded(_SILENCE, at, epoch=epoch, endpoints=endpoints)


def _with_snapshots(recorded: list[Recorded], lists: Lists) -> list[Recorded]:
    for found in reversed(lists.snapshots()):
        meanwhile = recorded[found.begins : found.ends]
        news = news_in(one.message for one in meanwhile)
        epoch = recorded[min(found.begins, len(recorded) - 1)].epoch if recorded else 0
        snapshot = Recorded(_SILENCE, found.at, found.snapshot, news, epoch=epoch)
        recorded.insert(found.begins, snapshot)
    return recorded


def _blocks(
    path: Path, split: int | None, counted: Blocks, begin: int = 0, end: int | None = None
) -> Iterator[tuple[int, bytes]]:
    """Yield offset and bytes of the complete blocks between two offsets, roughly."""
    framer = Framer()
    offset = total = 0
    for piece in _split(pieces(path), split):
        total += len(piece)
        if total <= begin:
            offset = total
            continue
        for block in framer.feed(piece):
            # Where the reading begins amid a block, the rest of that is none.
            if begin < offset or offset == 0:
                yield offset, block
            offset += len(block) + _END_BYTES
        if end is not None and offset > end:
            return
    counted.stray_bytes += total - offset


def _split(whole: Iterable[bytes], size: int | None) -> Iterator[bytes]:
    for piece in whole:
        step = size or len(piece) or 1
        for start in range(0, len(piece), step):
            yield piece[start : start + step]


class _Clock:
    """The times of a sidecar, by offset; asked in order."""

    def __init__(self, known: Iterable[Mark]) -> None:
        self._known = sorted((mark.offset, mark.t) for mark in known if mark.turn != "lost")
        self._next = 0
        self._at: float | None = None

    def at(self, offset: int) -> float | None:
        while self._next < len(self._known) and self._known[self._next][0] <= offset:
            self._at = self._known[self._next][1]
            self._next += 1
        return self._at

    def offsets(self, from_at: float, to_at: float) -> tuple[int, int | None]:
        """Return where to begin and where to end, to read what came in between."""
        before = [offset for offset, at in self._known if at < from_at]
        after = (offset for offset, at in self._known if at > to_at)
        return (before[-1] if before else 0), next(after, None)


def shuffled(recorded: list[Recorded], seed: int) -> list[Recorded]:
    """Return the messages in another order that Asterisk may have sent them in.

    Messages that name a common channel keep their order, and so do those that are further apart
    than `JITTER_S`. Without times the order of different channels is free within a window.
    """
    choice = random.Random(seed)
    left = list(range(len(recorded)))
    subjects = [subjects_of(one.message) for one in recorded]
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


def subjects_of(message: Message) -> frozenset[str]:
    """Return whose order a message belongs to: all channels it names, or else its kind."""
    named = {
        value
        for key, value in message.fields.items()
        if key.endswith("uniqueid") and not key.endswith("bridgeuniqueid") and value
    }
    return frozenset(named or {message.fields.get("queue") or message.name})

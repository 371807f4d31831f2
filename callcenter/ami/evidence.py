"""Explains a call: which message of the kept stream told what of it.

The stream around the call is run through the very same tracker as it was when it came. Of a busy
hour only what has to do with the call is parsed: blocks are chosen by the names in their bytes,
and whatever is found names further channels, until nothing new is found (`Sieve`). A snapshot is
applied where it was taken.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import inf
from pathlib import Path
from typing import Final

from callcenter.ami.messages import Message
from callcenter.ami.playing import Player
from callcenter.ami.recording import Kept, Reading, Recorded
from callcenter.ami.segments import Segment, marks, segments
from callcenter.ami.tracker import OF_CALLS
from callcenter.events import CallEvent, Event
from callcenter.pbx import Evidence, Trace

#: The PBX's clock may differ from ours by so much, and its last word on a call come so late.
MARGIN_S: Final = 60.0
#: A call may be joined by channels that are older than it, but not by more than this.
OLDER_S: Final = 6 * 3600.0
#: A live link is heard at least so often, so a shorter silence is none.
SILENCE_S: Final = 60.0
#: Compressed bytes that a page may wait for: hours of a usual PBX, half an hour of a very busy one.
LIMIT_BYTES: Final = 32 << 20
#: Found names lead to further names, and so on; that ends soon.
_ROUNDS: Final = 6
#: A conference that goes on all day would bring the whole day's calls.
_MOST_NAMES: Final = 2_000

_NAMED: Final = re.compile(rb"\r\n\w*(?:uniqueid|linkedid): ([^\r]+)", re.IGNORECASE)
_BORN: Final = re.compile(r"(?:.*-)?(\d{9,10})\.\d+")


@dataclass(frozen=True, slots=True)
class Subject:
    """The call that is asked about: its first Uniqueid and aliases, and when it was."""

    pbx: int
    names: frozenset[str]
    from_at: float
    to_at: float


@dataclass(slots=True)
class Found:
    """What is kept of a call: its messages, and what is not."""

    recorded: list[Recorded]
    missing: tuple[tuple[float, float, str], ...]
    _reading: Reading
    _sieve: "Sieve"

    def kept(self) -> list[Kept]:
        """Return the blocks as they stood; none if not one is of the call."""
        kept = list(self._reading.kept(self._sieve.lets_through))
        blocks = (one.what for one in kept if isinstance(one.what, bytes))
        return kept if any(map(self._sieve.lets_through, blocks)) else []


def trace_of(root: Path, subject: Subject, limit_bytes: float = inf) -> Trace:
    """Return what the streams under `root` say of a call, reading at most so much."""
    found = find(root, subject, limit_bytes)
    evidence = tuple(explain(found.recorded, subject))
    return Trace(evidence=evidence, missing=found.missing)


# ---------------------------------------------------------------- find


def find(root: Path, subject: Subject, limit_bytes: float = inf) -> Found:
    """Return the messages around a call that have to do with it.

    Of what is more than `limit_bytes` on disk the middle is left out.
    """
    sieve = Sieve(name.encode() for name in subject.names)
    kept = segments(root / str(subject.pbx))
    from_at = subject.from_at
    while True:
        files = _around(kept, from_at, subject.to_at)
        files, left_out = _affordable(files, limit_bytes)
        reading = _read(files, from_at, subject.to_at)
        recorded = _sifted(reading, sieve)
        earlier = min((from_at, *_births(sieve.names, subject.from_at)))
        if earlier >= from_at - MARGIN_S / 2:
            break
        from_at = earlier
    before = "link" if kept and kept[0].began_at < subject.from_at else "not-kept"
    missing = tuple(sorted((*_missing(files, subject, before), *left_out)))
    return Found(recorded, missing, reading, sieve)


def _around(kept: list[Segment], from_at: float, to_at: float) -> list[Segment]:
    ends = [one.began_at for one in kept[1:]] + [one.written_at for one in kept[-1:]]
    return [
        one
        for one, ends_at in zip(kept, ends, strict=True)
        if one.began_at <= to_at + MARGIN_S and ends_at >= from_at - MARGIN_S
    ]


def _affordable(
    files: list[Segment], limit_bytes: float
) -> tuple[list[Segment], list[tuple[float, float, str]]]:
    """Return the files that may be read, and the span of those that may not."""
    left, begin, end = limit_bytes, 0, len(files)
    while begin < end:
        # From both ends in turn: there calls begin and end.
        at_front = begin <= len(files) - end
        left -= files[begin if at_front else end - 1].size
        if left < 0:
            break
        begin, end = (begin + 1, end) if at_front else (begin, end - 1)
    if begin == end:
        return files, []
    until = files[end].began_at if end < len(files) else files[-1].written_at
    return files[:begin] + files[end:], [(files[begin].began_at, until, "too-long")]


def _read(files: list[Segment], from_at: float, to_at: float) -> Reading:
    reading = Reading(events=OF_CALLS)
    for one in files:
        reading.add(one.path, span=(from_at - MARGIN_S, to_at + MARGIN_S))
    return reading


def _sifted(reading: Reading, sieve: "Sieve") -> list[Recorded]:
    recorded: list[Recorded] = []
    for _ in range(_ROUNDS):
        recorded = reading.recorded(sieve.lets_through)
        if not sieve.learn(one.block for one in recorded):
            break
    return recorded


def _births(names: Iterable[bytes], from_at: float) -> Iterator[float]:
    """Yield when the channels came into being: Asterisk names them after the second."""
    for name in names:
        born = _BORN.fullmatch(name.decode("utf-8", "replace"))
        if born is not None and from_at - OLDER_S <= (at := float(born[1])) <= from_at:
            yield at


class Sieve:
    """Lets through the blocks that name one of the channels looked for, before they are parsed."""

    def __init__(self, names: Iterable[bytes]) -> None:
        self.names = {name for name in names if name}
        self._build()

    def lets_through(self, block: bytes) -> object:
        return self._search(block)

    def learn(self, blocks: Iterable[bytes]) -> bool:
        """Look for whatever these blocks name too; False if there was nothing new."""
        before = len(self.names)
        for block in blocks:
            self.names.update(named_in(block))
            if len(self.names) > _MOST_NAMES:
                break
        self._build()
        return len(self.names) > before

    def _build(self) -> None:
        # A longer name is no shorter one with something after it: 1795318242.1 and 1795318242.12.
        ends = b"|".join(re.escape(name) for name in sorted(self.names))
        self._search = re.compile(rb": (?:" + ends + rb")(?:\r|$)").search


def named_in(block: bytes) -> set[bytes]:
    """Return channels and Linkedids that `block` names, and the bridge where people meet in one."""
    found = set(_NAMED.findall(block + b"\r"))
    if b"\r\nBridgeUniqueid: " in block and b"holding_bridge" in block:
        # Whoever waits or is parked stands in the same place, and hears nobody.
        found -= set(re.findall(rb"\r\nBridgeUniqueid: ([^\r]+)", block))
    return found


# ---------------------------------------------------------------- what is not kept


def _missing(
    files: list[Segment], subject: Subject, why: str
) -> tuple[tuple[float, float, str], ...]:
    """Return the parts of the call's time of which no stream is kept; `why` is the first's."""
    missing, heard_to = [], subject.from_at
    for began_at, ended_at, reason in _heard(files):
        if began_at > heard_to and heard_to < subject.to_at:
            missing.append((heard_to, min(began_at, subject.to_at), why))
        heard_to, why = max(heard_to, ended_at), reason
    if heard_to + SILENCE_S < subject.to_at or (why == "link" and heard_to < subject.to_at):
        missing.append((heard_to, subject.to_at, why))
    return tuple(span for span in missing if span[1] > span[0])


def _heard(files: list[Segment]) -> Iterator[tuple[float, float, str]]:
    """Yield the spans that are kept, each with the reason why it ends."""
    began_at: float | None = None
    ended_at = 0.0
    for mark in (mark for one in files for mark in marks(one.times)):
        if mark.turn in ("connected", "hole") and began_at is not None:
            cut_at = ended_at if mark.since is None else min(mark.since, ended_at)
            yield began_at, cut_at, "hole" if mark.turn == "hole" else "link"
            began_at = None
        if mark.turn == "lost":
            if began_at is not None:
                yield began_at, mark.since or ended_at, "link"
            began_at = None
        elif mark.turn != "endpoints":
            began_at = mark.t if began_at is None else began_at
            ended_at = mark.t
    if began_at is not None:
        yield began_at, ended_at, "not-kept"


# ---------------------------------------------------------------- explain


def explain(recorded: Iterable[Recorded], subject: Subject) -> Iterator[Evidence]:
    """Yield the messages that name the call or told of it, and what time alone told."""
    player = Player(subject.pbx)
    names = {name.encode() for name in subject.names}
    at = subject.from_at
    for one in recorded:
        at = one.at if one.at is not None else at
        if one.message.name:
            yield from _by_time(player, subject, one, at)
        events = _of(subject, player.feed(one))
        if one.snapshot is not None:
            yield from _by_snapshot(one, subject, events, at)
        elif events or (one.block and not names.isdisjoint(named_in(one.block))):
            yield _evidence(one, at, events)
    if events := _of(subject, player.settle(at + MARGIN_S)):
        yield Evidence(at=at, epoch=0, source="time", name="", channels=(), text="", events=events)


def _of(subject: Subject, told: Iterable[Event]) -> tuple[CallEvent, ...]:
    return tuple(
        event for event in told if isinstance(event, CallEvent) and event.call in subject.names
    )


def _by_time(player: Player, subject: Subject, one: Recorded, at: float) -> Iterator[Evidence]:
    """Yield what was certain before this message came, because so long nothing had."""
    if events := _of(subject, player.settle(at)):
        yield Evidence(
            at=events[0].at, epoch=one.epoch, source="time", name="", channels=(), text="",
            events=events,
        )  # fmt: skip


def _evidence(one: Recorded, at: float, events: tuple[CallEvent, ...]) -> Evidence:
    return Evidence(
        at=at, epoch=one.epoch, source="ami", name=one.message.name,
        channels=_channels(one.message), text=_text(one.block), events=events,
    )  # fmt: skip


def _by_snapshot(
    one: Recorded, subject: Subject, events: tuple[CallEvent, ...], at: float
) -> Iterator[Evidence]:
    listing = one.snapshot.listing if one.snapshot is not None else None
    listed = [
        channel
        for channel in (listing.channels if listing is not None else ())
        if subject.names & {channel.get("uniqueid"), channel.get("linkedid")}
    ]
    if listed or events:
        yield Evidence(
            at=at, epoch=one.epoch, source="snapshot", name="CoreShowChannels",
            channels=tuple(channel.get("uniqueid") for channel in listed),
            text="\n\n".join(_listed(channel) for channel in listed), events=events,
        )  # fmt: skip


def _channels(message: Message) -> tuple[str, ...]:
    named = {
        value: None
        for key, value in message.fields.items()
        if key.endswith("uniqueid") and not key.endswith("bridgeuniqueid") and value
    }
    return tuple(named)


def _text(block: bytes) -> str:
    return block.decode("utf-8", "replace").replace("\r\n", "\n")


def _listed(channel: Message) -> str:
    return "\n".join(f"{key}: {value}" for key, value in channel.fields.items())

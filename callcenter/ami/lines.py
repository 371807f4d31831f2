"""The lines to all PBXs: one link, stream, tracker and ingest each, begun and ended by `app`."""

import asyncio
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Self

import msgspec

from callcenter.ami.asterisk import Asterisk
from callcenter.ami.connection import Account, Link, Timing
from callcenter.ami.ingest import Ingest
from callcenter.ami.queue_counts import COUNTED
from callcenter.ami.recorder import Recorder, Tape
from callcenter.ami.stream import Stream
from callcenter.ami.tracker import WANTED, Endpoints, Tracker
from callcenter.events import CallEvent, Event, LinkDown, MemberRemoved

_WANTED: Final = WANTED | {name.encode() for name in COUNTED}


class Wiring(msgspec.Struct, frozen=True, kw_only=True):
    """What a line needs to know of its PBX."""

    account: Account
    #: Endpoints at which agents sit, and globs of those that lead outside.
    agents: frozenset[str]
    trunks: tuple[str, ...]
    #: Those of `agents` at outside numbers whose own calls in are theirs.
    own_callers: frozenset[str] = frozenset()
    #: The country of numbers without a code, and what is dialled before outside numbers.
    region: str = ""
    prefix: str = ""

    @property
    def endpoints(self) -> Endpoints:
        return Endpoints(
            self.agents,
            self.trunks,
            own_callers=self.own_callers,
            region=self.region,
            prefix=self.prefix,
        )


@dataclass(slots=True)
class _Line:
    wiring: Wiring
    link: Link
    tracker: Tracker
    ingest: Ingest
    port: Asterisk
    tape: Tape | None
    tasks: tuple[asyncio.Task[None], ...]


class Lines:
    """Every PBX the service listens to. Use as a context: leaving it ends all lines.

    What they hear is kept by `recorder`.
    """

    def __init__(
        self, publish: Callable[[Event], None], timing: Timing, recorder: Recorder | None = None
    ) -> None:
        self._publish = publish
        self._timing = timing
        self._recorder = recorder
        self._lines: dict[int, _Line] = {}
        #: What queues had counted when the lines were ended.
        self._counted: dict[int, dict[str, int]] = {}
        #: When a PBX was taken out of use, and the channels that lived: their calls ended for us.
        self._over: dict[int, tuple[float, tuple[str, ...]]] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *error: object) -> None:
        lines, self._lines = self._lines, {}
        self._counted = {pbx: line.ingest.queue_counts.now() for pbx, line in lines.items()}
        await asyncio.gather(*(_end(line) for line in lines.values()))

    def port(self, pbx: int) -> Asterisk | None:
        """Return how to ask this PBX for something, None if there is no line to it."""
        line = self._lines.get(pbx)
        return line.port if line else None

    def wiring(self, pbx: int) -> Wiring | None:
        """Return what is known of a PBX there is a line to."""
        line = self._lines.get(pbx)
        return line.wiring if line else None

    def queue_counts(self, pbx: int) -> dict[str, int]:
        """Return what each queue of a PBX has counted, as far as is known, also at the end."""
        line = self._lines.get(pbx)
        return line.ingest.queue_counts.now() if line else self._counted.get(pbx, {})

    def ingests(self) -> Iterable[tuple[int, Ingest]]:
        return ((pbx, line.ingest) for pbx, line in self._lines.items())

    def open(
        self,
        wiring: Wiring,
        *,
        last_at: float | None = None,
        last_epoch: int = 0,
        queue_counts: Mapping[str, int] | None = None,
        told: Sequence[CallEvent] = (),
    ) -> None:
        """Begin a line. What happened since `last_at` (epoch seconds) is a gap.

        `queue_counts` are what each queue had counted by then, as far as it was known.

        `told` are calls that were open then, each as the events that make its record.
        """
        pbx = wiring.account.pbx
        stream = Stream()
        tracker = Tracker(pbx, wiring.endpoints)
        before = "the service did not run"
        if pbx in self._over:
            closed_at, channels = self._over.pop(pbx)
            tracker.forget(channels)
            last_at, before = max(last_at or 0.0, closed_at), "the PBX was not in use"
        tracker.recall(told)
        if told:
            # After a crash more is known than until when the PBX was said to be heard.
            last_at = max(last_at or 0.0, *(event.at for event in told))
        tape = self._recorder.tape(pbx) if self._recorder is not None else None
        _tell_endpoints(tape, wiring)
        link = Link(
            wiring.account, _WANTED, stream, timing=self._timing, last_epoch=last_epoch, tape=tape
        )
        ingest = Ingest(
            pbx, stream, link, tracker, self._publish, last_at=last_at, queue_counts=queue_counts,
            before=before,
        )  # fmt: skip
        self._lines[pbx] = _Line(
            wiring=wiring, link=link, tracker=tracker, ingest=ingest, port=Asterisk(link),
            tape=tape,
            tasks=(
                asyncio.create_task(link.run(), name=f"link to {wiring.account}"),
                asyncio.create_task(ingest.run(), name=f"ingest of {wiring.account}"),
            ),
        )  # fmt: skip

    def change(self, wiring: Wiring) -> None:
        """Take new settings: phones and trunks count for calls that begin from now on.

        The same again is a wish too: an account that was refused may be right on the PBX by now.
        """
        line = self._lines[wiring.account.pbx]
        line.tracker.endpoints = wiring.endpoints
        if msgspec.structs.replace(line.wiring, account=wiring.account) != wiring:
            _tell_endpoints(line.tape, wiring)
        if line.wiring.account != wiring.account or line.link.refused:
            line.link.change(wiring.account)
        line.wiring = wiring

    async def close(self, pbx: int) -> None:
        """End a line for good. Its calls are told to have ended: nobody will see them do so."""
        line = self._lines.pop(pbx)
        await _end(line)
        at = time.time()
        self._over[pbx] = at, tuple(line.tracker.channels())
        for event in _last_words(line, at):
            self._publish(event)

    def open_ones(self) -> set[int]:
        """Return the PBXs there is a line to, up or down."""
        return set(self._lines)


def _tell_endpoints(tape: Tape | None, wiring: Wiring) -> None:
    if tape is not None:
        tape.endpoints(
            time.time(), wiring.agents, wiring.trunks,
            own_callers=wiring.own_callers, region=wiring.region, prefix=wiring.prefix,
        )  # fmt: skip


async def _end(line: _Line) -> None:
    for task in line.tasks:
        task.cancel()
    await asyncio.gather(*line.tasks, return_exceptions=True)


def _last_words(line: _Line, at: float) -> Iterator[Event]:
    """Yield the end of everything that lives on a PBX that is heard no more."""
    pbx, tracker = line.wiring.account.pbx, line.tracker
    yield LinkDown(pbx=pbx, at=at, epoch=line.link.epoch, reason="the PBX is no longer in use")
    yield from tracker.lost(tuple(tracker.channels()), at)
    for queue, interface in sorted(tracker.members()):
        yield MemberRemoved(pbx=pbx, at=at, queue=queue, interface=interface, inferred=True)

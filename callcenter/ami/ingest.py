"""Connection to tracker to bus: in order, for ever.

One ordered consumer: what the link read is parsed, tracked and published message by
message, and the loop gets its turn in between. A message that cannot be handled costs
itself: it is put in quarantine, counted, logged once with its text, and the next one comes.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final, NamedTuple, NoReturn

import structlog

from callcenter.ami import resync
from callcenter.ami.connection import Asked
from callcenter.ami.messages import Message, parse
from callcenter.ami.queue_counts import COUNTED, QueueCounts
from callcenter.ami.resync import Snapshot, Tracks
from callcenter.ami.stream import Booted, Connected, Lost, Overflowed, Read, Stream, Turn
from callcenter.ami.tracker.takeup import NEWS, News, news_in
from callcenter.errors import OutcomeUnknown, PbxUnreachable
from callcenter.events import Event, GapNoted, LinkDown, LinkUp

log = structlog.get_logger()

#: After so many messages, or so many seconds, everybody else gets a turn of the loop. In a turn
#: 64 KiB are read, which are fewer messages than this: so what handling cannot keep up with waits
#: in the PBX's socket, which is emptied a little all the time, and not in our memory.
TURN_MESSAGES: Final = 200
TURN_S: Final = 0.01

#: How long the PBX may be quiet before the tracker is told that time passes.
QUIET_S: Final = 1.0

#: Calls of an earlier run that no snapshot has confirmed by then are over.
UNCONFIRMED_S: Final = 900.0

_SNAPSHOT_TRIES: Final = 3
_QUARANTINE_KEPT: Final = 100


class Quarantined(NamedTuple):
    """A block nobody could handle, and why."""

    at: float
    text: str
    error: str


class Ingest:
    """Takes one PBX's stream. `run` it in a task of its own.

    `last_at` is the time of the last event of this PBX that the house knows of, if it
    knew the PBX before: what happened since then, before the link is up, is a gap.
    """

    def __init__(
        self,
        pbx: int,
        stream: Stream,
        link: Asked,
        tracker: Tracks,
        publish: Callable[[Event], None],
        *,
        last_at: float | None = None,
        queue_counts: Mapping[str, int] | None = None,
        unconfirmed_s: float = UNCONFIRMED_S,
        before: str = "the service did not run",
    ) -> None:
        self._pbx = pbx
        #: Why nothing was heard between `last_at` and the first connection.
        self._before = before
        #: What each queue had counted when the service stopped, and what came since.
        self.queue_counts = QueueCounts(queue_counts)
        self._stream = stream
        self._link = link
        self._tracker = tracker
        self._publish = publish
        self._epoch = 0
        #: Since when events are missing, by the PBX's clock; None while nothing is.
        self._gap_from = last_at
        #: How far the PBX's clock is ahead of ours.
        self._ahead_s = 0.0
        self._read_at: float | None = None
        #: Up to when nothing was missed, by our clock.
        self._sure_at: float | None = None
        #: Channels of calls that an earlier run of the service saw, until a snapshot has decided,
        #: or it is too late for one.
        self._recalled = frozenset(tracker.channels())
        self._decides_by = time.time() + unconfirmed_s
        self._started = ""
        self._version = ""
        #: When everybody else last had a turn of the loop, and what was handled since.
        self._turn_at = time.monotonic()
        self._since_turn = 0
        self.quarantined = 0
        self.quarantine: deque[Quarantined] = deque(maxlen=_QUARANTINE_KEPT)
        self._logged: set[tuple[str, str]] = set()

    async def run(self) -> NoReturn:
        while True:
            if not len(self._stream) and not await self._something_came():
                await self._settle()
                continue
            item = await self._stream.take()
            if isinstance(item, Read):
                await self._handle(item)
            else:
                await self._turn(item)

    async def _something_came(self) -> bool:
        """Wait for the stream; False if the PBX is quiet."""
        try:
            async with asyncio.timeout(QUIET_S):
                await self._stream.filled()
        except TimeoutError:
            return False
        finally:
            self._begin_turn()
        return True

    # ------------------------------------------------------------ messages

    async def _handle(self, read: Read) -> None:
        self._read_at = self._sure_at = read.at
        for block in read.blocks:
            self._handle_block(block, read.at)
            if self._turn_is_over():
                await self._let_others()

    def _turn_is_over(self) -> bool:
        self._since_turn += 1
        return self._since_turn >= TURN_MESSAGES or time.monotonic() - self._turn_at > TURN_S

    async def _let_others(self) -> None:
        await asyncio.sleep(0)
        self._begin_turn()

    def _begin_turn(self) -> None:
        self._turn_at, self._since_turn = time.monotonic(), 0

    def _handle_block(self, block: bytes, received_at: float) -> None:
        try:
            message = parse(block)
            if message.at is not None:
                self._ahead_s = message.at - received_at
            if message.name in COUNTED:
                self.queue_counts.saw(message)
            for event in self._tracker.feed(message, received_at):
                self._publish(event)
        # Whatever one message does to us, the next must come.
        except Exception as error:  # noqa: BLE001
            self._put_in_quarantine(block, received_at, error)

    def _put_in_quarantine(self, block: bytes, at: float, error: Exception) -> None:
        self.quarantined += 1
        text = block.decode("utf-8", "backslashreplace")
        self.quarantine.append(Quarantined(at, text, repr(error)))
        kind = (text.partition("\r\n")[0], type(error).__name__)
        if kind not in self._logged and len(self._logged) < _QUARANTINE_KEPT:
            self._logged.add(kind)
            log.error(
                "a message from the PBX could not be handled and was put aside; "
                "the next of this kind will not be logged",
                pbx=self._pbx,
                text=text,
                exc_info=error,
            )

    async def _settle(self) -> None:
        await self._publish_each(lambda: self._tracker.settle(self._now()), "time passed")
        if self._recalled and time.time() > self._decides_by:
            given_up, self._recalled = self._recalled, frozenset()
            at = self._gap_from or self._now()
            await self._publish_each(lambda: self._tracker.lost(given_up, at), "no snapshot came")

    def _now(self) -> float:
        """Return the present by the PBX's clock, as far as it tells one."""
        return time.time() + self._ahead_s

    # ------------------------------------------------------------ turns of the link

    async def _turn(self, turn: Turn) -> None:
        match turn:
            case Connected():
                self._epoch = turn.epoch
                self._sure_at = turn.at
                is_first = self._read_at is None
                if await self._resync(self._before if is_first else "the link was lost"):
                    self._up()
            case Booted():
                await self._resync("the PBX was still starting")
            case Overflowed():
                log.error(
                    f"handling fell behind: {turn.dropped} messages from the PBX were dropped, "
                    "asking for a snapshot",
                    pbx=self._pbx,
                )
                self._missing_since(self._sure_at)
                await self._resync("too many messages at a time")
            case Lost():
                self._lost(turn)

    def _up(self) -> None:
        self._publish(
            LinkUp(pbx=self._pbx, at=self._now(), epoch=self._epoch, version=self._version)
        )

    def _lost(self, lost: Lost) -> None:
        self._missing_since(lost.heard_at)
        self._publish(
            LinkDown(
                pbx=self._pbx,
                at=lost.at + self._ahead_s,
                epoch=lost.epoch,
                reason=lost.reason,
                auth_failed=lost.auth_failed,
            )
        )

    def _missing_since(self, heard_at: float | None) -> None:
        if self._gap_from is None and heard_at is not None:
            self._gap_from = heard_at + self._ahead_s

    async def _resync(self, reason: str) -> bool:
        """Make good what was missed; False if the link is gone again before it is done."""
        snapshot = await self._snapshot()
        if snapshot is None:
            return False
        self._begin_turn()
        # What came meanwhile is applied after the snapshot; it also tells who hung up by himself.
        waiting = self._stream.take_reads()
        at = self._now()
        lost_at = at if self._gap_from is None else min(at, self._gap_from)
        # What an earlier run of the service saw begin, nobody has told in this one.
        seen = frozenset(self._tracker.channels()) - self._recalled
        restarted = bool(self._started and snapshot.started not in ("", self._started))
        self._started = snapshot.started or self._started
        self._version = snapshot.version or self._version
        await self._publish_each(
            lambda: resync.apply(
                snapshot, self._tracker, at,
                news=_news(waiting), lost_at=lost_at, restarted=restarted,
            ),
            "a snapshot was applied",
        )  # fmt: skip
        if snapshot.listing is not None:
            self._recalled = frozenset()
        unseen = snapshot.channels - seen
        missed = self.queue_counts.missed(
            snapshot.queues, _named(waiting, _COUNTED_BLOCKS), restarted=restarted
        )
        self._note_gap(at, "the PBX was restarted" if restarted else reason, unseen, missed)
        for read in waiting:
            await self._handle(read)
        return True

    def _note_gap(
        self, at: float, reason: str, unseen: Iterable[str], missed: dict[str, int]
    ) -> None:
        if self._gap_from is None:
            return
        gap = GapNoted(
            pbx=self._pbx, at=at, epoch=self._epoch, from_at=self._gap_from, reason=reason,
            unseen=tuple(sorted(unseen)), queue_calls=missed,
        )  # fmt: skip
        self._gap_from = None
        self._publish(gap)

    async def _publish_each(self, events: Callable[[], Iterable[Event | None]], when: str) -> None:
        try:
            for event in events():
                if event is not None:
                    self._publish(event)
                if self._turn_is_over():
                    await self._let_others()
        except Exception:
            log.exception(f"telling what changed when {when} failed", pbx=self._pbx)

    async def _snapshot(self) -> Snapshot | None:
        """Return a snapshot, or None if the link is gone again: its next epoch brings one."""
        for _ in range(_SNAPSHOT_TRIES):
            try:
                return await resync.take_snapshot(self._link)
            except PbxUnreachable:
                return None
            except OutcomeUnknown:
                log.warning("PBX did not answer while a snapshot was taken", pbx=self._pbx)
        # Without a snapshot nothing can be concluded, but events flow: the gap says the rest.
        return Snapshot("", "")


def _blocks_of(names: Iterable[str]) -> tuple[bytes, ...]:
    return tuple(f"Event: {name}\r\n".encode() for name in names)


_NEWS_BLOCKS: Final = _blocks_of(NEWS)
_COUNTED_BLOCKS: Final = _blocks_of(COUNTED)


def _news(reads: list[Read]) -> News:
    return news_in(_named(reads, _NEWS_BLOCKS))


def _named(reads: list[Read], beginnings: tuple[bytes, ...]) -> Iterator[Message]:
    """Yield the messages of these kinds."""
    blocks = (block for read in reads for block in read.blocks)
    return (parse(block) for block in blocks if block.startswith(beginnings))

"""Asks a PBX for what no event will tell any more, after a (re)connect or an overflow.

The snapshot is taken while the stream already fills; ingest applies it first and the
stream's messages after it, so nothing falls between the two. What is concluded from a
snapshot is marked `inferred`: nobody saw it happen.
"""

from collections.abc import Collection, Iterable, Iterator
from typing import NamedTuple, Protocol

import msgspec
import structlog

from callcenter.ami.connection import Asked
from callcenter.ami.messages import Message
from callcenter.errors import PbxRefused
from callcenter.events import Event

log = structlog.get_logger()


class Tracks(Protocol):
    """What `ami.tracker` offers to whoever feeds it."""

    def feed(self, message: Message, received_at: float) -> Iterable[Event]: ...

    def settle(self, at: float) -> Iterable[Event]:
        """Tell what time alone decides."""
        ...

    def channels(self) -> Collection[str]:
        """Return the Uniqueids of the channels it believes to live."""
        ...

    def members(self) -> Collection[tuple[str, str]]:
        """Return queue and interface of every member it knows."""
        ...

    def lost(self, channels: Iterable[str], at: float) -> Iterable[Event]:
        """End `channels`, whose end nobody saw, at the latest moment it can have been."""
        ...


class Snapshot(NamedTuple):
    """What the PBX said; None where it refused to say."""

    version: str
    #: When Asterisk was started, by its own words; "" if it would not tell.
    started: str
    channels: frozenset[str] | None
    members: list[Message] | None


async def take_snapshot(link: Asked) -> Snapshot:
    """Ask for all of it. Raises PbxUnreachable or OutcomeUnknown if the link fails meanwhile."""
    settings = await _answer(link, "CoreSettings")
    status = await _answer(link, "CoreStatus")
    channels = await _items(link, "CoreShowChannels")
    members = await _items(link, "QueueStatus")
    return Snapshot(
        version=settings.get("asteriskversion"),
        started=f"{status.get('corestartupdate')} {status.get('corestartuptime')}".strip(),
        channels=None if channels is None else frozenset(c.get("uniqueid") for c in channels),
        members=None if members is None else [m for m in members if m.name == "QueueMember"],
    )


async def _answer(link: Asked, action: str) -> Message:
    try:
        return await link.request({"Action": action})
    except PbxRefused as refused:
        _log_refusal(action, refused)
        return Message("", {}, None, None)


async def _items(link: Asked, action: str) -> list[Message] | None:
    try:
        return await link.request_list({"Action": action})
    except PbxRefused as refused:
        _log_refusal(action, refused)
        return None


def _log_refusal(action: str, refused: PbxRefused) -> None:
    log.warning(
        f"PBX refuses {action}, so a lost link cannot be made good; "
        "`callcenter doctor` says which class its user lacks",
        reason=refused.values["reason"],
    )


def apply(
    snapshot: Snapshot, tracker: Tracks, at: float, *, hung_up: Collection[str], restarted: bool
) -> Iterator[Event]:
    """Yield what must have happened unseen, as far as `snapshot` proves it.

    `hung_up` are channels whose Hangup waits in the stream: they end by it, at its time.
    """
    if restarted or snapshot.channels is not None:
        alive = frozenset() if restarted else snapshot.channels or frozenset()
        gone = [uid for uid in tracker.channels() if uid not in alive and uid not in hung_up]
        yield from tracker.lost(gone, at)
    if snapshot.members is not None:
        for event in _member_changes(snapshot.members, tracker, at):
            yield msgspec.structs.replace(event, inferred=True)


def _member_changes(members: list[Message], tracker: Tracks, at: float) -> Iterator[Event]:
    for member in members:
        yield from tracker.feed(member, at)
    listed = {(member.get("queue"), member.get("location")) for member in members}
    for queue, interface in sorted(set(tracker.members()) - listed):
        fields = {"event": "QueueMemberRemoved", "queue": queue, "interface": interface}
        yield from tracker.feed(Message("QueueMemberRemoved", fields, None, None), at)

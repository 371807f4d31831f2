"""Asks a PBX for what no event will tell any more, after a (re)connect or an overflow.

The snapshot is taken while the stream already fills; ingest applies it first and the
stream's messages after it, so nothing falls between the two, and what the stream tells is
left to it. What is concluded from a snapshot is marked `inferred`: nobody saw it happen.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import NamedTuple, Protocol

import msgspec
import structlog

from callcenter.ami.connection import Asked
from callcenter.ami.messages import Message
from callcenter.ami.tracker import Listing, News
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

    def take_up(
        self, listing: Listing, news: News, *, at: float, lost_at: float
    ) -> Iterable[Event | None]:
        """Tell what a snapshot lists and was not told; end at `lost_at` what it does not list.

        What is in `news` the stream tells. It happens while it is iterated over; at each None
        others may have their turn.
        """
        ...

    def lost(self, channels: Iterable[str], at: float) -> Iterable[Event]:
        """End `channels`, whose end nobody saw."""
        ...


class Snapshot(NamedTuple):
    """What the PBX said; None where it refused to say."""

    version: str
    #: When Asterisk was started, by its own words; "" if it would not tell.
    started: str
    listing: Listing | None = None
    members: list[Message] | None = None
    #: QueueParams: what each queue has counted.
    queues: Sequence[Message] = ()
    devices: Sequence[Message] = ()

    @property
    def channels(self) -> frozenset[str]:
        """Return the Uniqueids of the channels that live."""
        listed = self.listing.channels if self.listing is not None else ()
        return frozenset(channel.get("uniqueid") for channel in listed)


async def take_snapshot(link: Asked) -> Snapshot:
    """Ask for all of it. Raises PbxUnreachable or OutcomeUnknown if the link fails meanwhile."""
    settings = await _answer(link, "CoreSettings")
    status = await _answer(link, "CoreStatus")
    channels = await _items(link, "CoreShowChannels")
    # The number that was dialled stands in Status alone, and so do variables without `channelvars`.
    details = await _items(link, "Status", Variables="CRM_REF,DID") if channels else []
    bridges = await _items(link, "BridgeList") if channels else []
    queues = await _items(link, "QueueStatus")
    devices = await _items(link, "DeviceStateList")
    snapshot = compose(settings, status, channels, details or [], bridges or [], queues)
    return snapshot._replace(devices=devices or ())


def compose(
    settings: Message,
    status: Message,
    channels: list[Message] | None,
    details: list[Message],
    bridges: list[Message],
    queues: list[Message] | None,
) -> Snapshot:
    """Return the snapshot that the answers to all these questions make; None was refused."""
    waiting = _by(queues, "uniqueid", "QueueEntry") if queues is not None else None
    listing = None
    if channels is not None:
        known = _by(details, "uniqueid")
        whole = [_with_details(one, known.get(one.get("uniqueid"))) for one in channels]
        listing = Listing(whole, _by(bridges, "bridgeuniqueid"), waiting)
    return Snapshot(
        version=settings.get("asteriskversion"),
        started=f"{status.get('corestartupdate')} {status.get('corestartuptime')}".strip(),
        listing=listing,
        members=None if queues is None else [m for m in queues if m.name == "QueueMember"],
        queues=[m for m in queues or () if m.name == "QueueParams"],
    )


def _by(items: list[Message], key: str, name: str = "") -> dict[str, Message]:
    return {item.get(key): item for item in items if name in ("", item.name)}


def _with_details(channel: Message, details: Message | None) -> Message:
    if details is None:
        return channel
    fields = {**details.fields, **channel.fields}
    if not details.has_variables("variable"):
        return channel.with_fields(fields)
    asked_for = (details.variables or {}).get("variable", {})
    listed = (channel.variables or {}).get("chanvariable", {})
    variables = {"chanvariable": {**asked_for, **listed}}
    return Message(channel.name, fields, variables, None)


async def _answer(link: Asked, action: str) -> Message:
    try:
        return await link.request({"Action": action})
    except PbxRefused as refused:
        _log_refusal(action, refused)
        return Message("", {}, None, None)


async def _items(link: Asked, action: str, **wanted: str) -> list[Message] | None:
    try:
        return await link.request_list({"Action": action, **wanted})
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
    snapshot: Snapshot, tracker: Tracks, at: float, *, news: News, lost_at: float, restarted: bool
) -> Iterator[Event | None]:
    """Yield what must have happened unseen, as far as `snapshot` proves it; None for a pause.

    What is over ended at `lost_at`; everything else counts from `at`. Of the channels in `news`
    the stream tells more, and when it was.
    """
    if restarted:
        yield from tracker.lost(tuple(tracker.channels()), lost_at)
    if snapshot.listing is not None:
        yield from tracker.take_up(snapshot.listing, news, at=at, lost_at=lost_at)
    if snapshot.members is not None:
        for event in _member_changes(snapshot.members, tracker, at):
            yield msgspec.structs.replace(event, inferred=True)
    for device in snapshot.devices:
        for event in tracker.feed(device, at):
            yield msgspec.structs.replace(event, inferred=True)


def _member_changes(members: list[Message], tracker: Tracks, at: float) -> Iterator[Event]:
    for member in members:
        yield from tracker.feed(member, at)
    listed = {(member.get("queue"), member.get("location")) for member in members}
    for queue, interface in sorted(set(tracker.members()) - listed):
        fields = {"event": "QueueMemberRemoved", "queue": queue, "interface": interface}
        yield from tracker.feed(Message("QueueMemberRemoved", fields, None, None), at)

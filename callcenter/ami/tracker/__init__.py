"""Rebuilds calls from the stream of AMI messages.

Asterisk reports channels and bridges; people think in calls. The tracker keeps every live
channel, groups them into calls, derives who hears whom, and says what changed as domain events.
It does no I/O and reads no clock, so a recorded stream always replays to the same events.

Only the order of each channel's own messages can be relied on, so nothing here follows a script
("the agent enters, then the caller"): every message updates the state of its own channel, and
what people do is derived from the state of all. A call whose beginning was not seen is not told
until a snapshot lists it: `takeup` tells it then. `recall` goes on where an earlier run of the
service stopped.

`endpoints` says whose phone it is; `state` is what is remembered; `talk`, `legs`, `visits` and
`calls` derive what happens from it; the `on_...` modules hold a handler for each message.
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from typing import Final

from callcenter.ami.messages import Message
from callcenter.ami.tracker import (
    bridging,
    calls,
    on_channels,
    on_desks,
    on_dials,
    on_handover,
    on_queues,
    on_recordings,
    recall,
    takeup,
)
from callcenter.ami.tracker.endpoints import Endpoints, endpoint_of
from callcenter.ami.tracker.members import Members
from callcenter.ami.tracker.takeup import Listing, News
from callcenter.ami.tracker.world import World
from callcenter.events import CallEvent, Event

__all__ = ["OF_CALLS", "WANTED", "Endpoints", "Listing", "News", "Tracker", "endpoint_of"]

_Handler = Callable[[World, Message, float], None]

_HANDLERS: Final[dict[str, _Handler]] = {
    "Newchannel": on_channels.newchannel,
    "Newstate": on_channels.newstate,
    "NewCallerid": on_channels.new_callerid,
    "HangupRequest": on_channels.hangup_request,
    "Hangup": on_channels.hangup,
    "Hold": on_channels.hold,
    "Unhold": on_channels.unhold,
    "DTMFEnd": on_channels.dtmf_end,
    "MessageWaiting": on_channels.message_waiting,
    "DialBegin": on_dials.dial_begin,
    "DialEnd": on_dials.dial_end,
    "OriginateResponse": on_dials.originate_response,
    "BridgeEnter": bridging.bridge_enter,
    "BridgeLeave": bridging.bridge_leave,
    # A customer who is handed over into a conference takes the place of the agent's channel there,
    # and enters no bridge: only the conference tells.
    "ConfbridgeJoin": bridging.bridge_enter,
    "ConfbridgeLeave": bridging.bridge_leave,
    "LocalBridge": bridging.local_bridge,
    "BlindTransfer": on_handover.blind_transfer,
    "AttendedTransfer": on_handover.attended_transfer,
    "Pickup": on_handover.pickup,
    "ParkedCall": on_handover.parked,
    "UnParkedCall": on_handover.unparked,
    "ChanSpyStart": on_handover.spy_start,
    "MixMonitorStart": on_recordings.started,
    "MixMonitorMute": on_recordings.muted,
    "MixMonitorStop": on_recordings.stopped,
    "QueueCallerJoin": on_queues.caller_join,
    "QueueCallerAbandon": on_queues.caller_abandon,
    "QueueCallerLeave": on_queues.caller_leave,
    "UserEvent": on_desks.user_event,
}

_MEMBER_EVENTS: Final = (
    "QueueMember",
    "QueueMemberAdded",
    "QueueMemberPause",
    "QueueMemberStatus",
)

#: Names of the events that calls are made of.
OF_CALLS: Final[frozenset[bytes]] = frozenset(name.encode() for name in _HANDLERS)

#: Names of the events the tracker learns from; the link may drop all others unread.
WANTED: Final[frozenset[bytes]] = frozenset(
    name.encode()
    for name in (*_HANDLERS, *_MEMBER_EVENTS, "QueueMemberRemoved", "DeviceStateChange")
)


class Tracker:
    """The state of one PBX, and what changes in it."""

    def __init__(self, pbx: int, endpoints: Endpoints) -> None:
        self._world = World(pbx, endpoints)
        self._members = members = Members()
        self._handlers: dict[str, _Handler] = {
            **_HANDLERS,
            **dict.fromkeys(_MEMBER_EVENTS, members.changed),
            "QueueMemberRemoved": members.removed,
            "DeviceStateChange": members.device,
        }

    @property
    def endpoints(self) -> Endpoints:
        return self._world.endpoints

    @endpoints.setter
    def endpoints(self, endpoints: Endpoints) -> None:
        """Take effect for channels that begin from now on."""
        self._world.endpoints = endpoints

    def feed(self, message: Message, received_at: float) -> list[Event]:
        """Return what `message` changed, in order.

        Its time is Asterisk's own `Timestamp`, or else `received_at` (epoch seconds).
        """
        handler = self._handlers.get(message.name)
        if handler is None:
            return []
        at = received_at if message.at is None else message.at
        world = self._world
        if world.loose or world.undecided:
            calls.settle(world, at)
        handler(world, message, at)
        return self._told()

    def settle(self, at: float) -> list[Event]:
        """Tell what time alone decides; for a PBX that says nothing for a while."""
        calls.settle(self._world, at)
        return self._told()

    def channels(self) -> Collection[str]:
        """Return the Uniqueids of the channels that live, as far as was seen."""
        return self._world.channels.keys()

    def members(self) -> Collection[tuple[str, str]]:
        """Return queue and interface of every member that was told."""
        return self._members.known

    def recall(self, told: Iterable[CallEvent]) -> None:
        """Remember calls that were open when the service stopped, by what was told of them."""
        recall.recall(self._world, told)

    def forget(self, channels: Iterable[str]) -> None:
        """Say nothing of `channels` any more: their calls were told to have ended."""
        for uid in channels:
            self._world.remember_ended(uid)

    def take_up(
        self, listing: Listing, news: News, *, at: float, lost_at: float
    ) -> Iterator[Event | None]:
        """Tell what a snapshot lists and was not told; end at `lost_at` what it does not list.

        What is in `news` the stream tells. It happens while it is iterated over; at each None
        others may have their turn.
        """
        world = self._world
        world.inferring, world.lost_at = True, lost_at
        try:
            for _ in takeup.take_up(world, listing, news, at=at, lost_at=lost_at):
                yield from self._told()
                yield None
        finally:
            world.inferring, world.lost_at = False, None
        yield from self._told()

    def lost(self, channels: Iterable[str], at: float) -> list[Event]:
        """End `channels`, whose end nobody saw. By whom, and why, stays unknown."""
        world = self._world
        world.inferring = True
        try:
            takeup.lose(world, channels, at)
        finally:
            world.inferring = False
        return self._told()

    def _told(self) -> list[Event]:
        told, self._world.out = self._world.out, []
        return told

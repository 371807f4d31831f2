"""What is recorded: MixMonitor begins, falls silent, stops.

The messages carry no name of the file. MixMonitor sets the variable MIXMONITOR_FILENAME before
it tells that it has begun, so with that name in `channelvars` the very message has it.
"""

from typing import Final

from callcenter.ami.messages import Message
from callcenter.ami.tracker import calls
from callcenter.ami.tracker.state import Channel
from callcenter.ami.tracker.world import World
from callcenter.events import RecordingBegan, RecordingEnded, RecordingMuted, Sides

_SIDES: Final[dict[str, Sides]] = {"read": "read", "write": "write"}


def started(world: World, message: Message, at: float) -> None:
    channel = _recorded(world, message, at)
    if channel is not None:
        file = message.variable("MIXMONITOR_FILENAME") or None
        world.tell(RecordingBegan, channel.call, at, source=channel.uid, file=file)


def muted(world: World, message: Message, at: float) -> None:
    channel = _recorded(world, message, at)
    if channel is not None:
        sides = _SIDES.get(message.get("direction").lower(), "both")
        is_muted = message.get("state") == "1"
        world.tell(
            RecordingMuted, channel.call, at, source=channel.uid, muted=is_muted, sides=sides
        )


def stopped(world: World, message: Message, at: float) -> None:
    channel = _recorded(world, message, at)
    if channel is not None:
        world.tell(RecordingEnded, channel.call, at, source=channel.uid)


def _recorded(world: World, message: Message, at: float) -> Channel | None:
    """The channel, if what is heard on it is heard in a call that goes on."""
    channel = calls.seen(world, message, at)
    if channel is None or channel.spy or channel.kind == "hidden" or channel.call.ended:
        return None
    return channel

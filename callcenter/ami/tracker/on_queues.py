"""Callers in queues, and the members who serve them."""

from callcenter.ami.messages import Message
from callcenter.ami.tracker import calls, visits
from callcenter.ami.tracker.world import World, number


def caller_join(world: World, message: Message, at: float) -> None:
    channel = calls.seen(world, message, at)
    if channel is not None:
        position = number(message.get("position")) or None
        visits.join(world, channel, message.get("queue"), position, at)


def caller_abandon(world: World, message: Message, at: float) -> None:
    channel = calls.seen(world, message, at)
    if channel is not None:
        visits.unserved(channel, message.get("queue"))


def caller_leave(world: World, message: Message, at: float) -> None:
    channel = calls.seen(world, message, at)
    if channel is not None:
        visits.leave(world, channel, message.get("queue"), at)

"""Stays of a caller in a queue."""

from callcenter.ami.tracker.state import CallState, Channel, Visit
from callcenter.ami.tracker.world import World
from callcenter.events import QueueJoined, QueueLeft, VisitEnd


def join(world: World, channel: Channel, queue: str, position: int | None, at: float) -> None:
    # Nobody waits twice in one queue: this was taken up from a snapshot already.
    if channel.call.ended or open_visit(channel.call, channel, queue) is not None:
        return
    visits = channel.call.visits
    visits.append(Visit(queue, channel.uid))
    world.tell(QueueJoined, channel.call, at, visit=len(visits) - 1, queue=queue, position=position)


def open_visit(call: CallState, channel: Channel, queue: str | None = None) -> int | None:
    """Return the number of the visit that `channel` is in, if it is in one (of `queue`)."""
    for index in range(len(call.visits) - 1, -1, -1):
        visit = call.visits[index]
        if visit.open and visit.channel == channel.uid and queue in (None, visit.queue):
            return index
    return None


def take_over(channel: Channel, of: Channel) -> None:
    """`channel` waits in the place of `of`."""
    for visit in channel.call.visits:
        if visit.open and visit.channel == of.uid:
            visit.channel = channel.uid


def unserved(channel: Channel, queue: str) -> None:
    index = open_visit(channel.call, channel, queue)
    if index is not None:
        channel.call.visits[index].unserved = True


def leave(world: World, channel: Channel, queue: str, at: float) -> None:
    index = open_visit(channel.call, channel, queue)
    if index is None:
        return
    ended: VisitEnd = "answered"
    if channel.call.visits[index].unserved:
        # The queue that gives up sends the same events as the caller who does.
        ended = "abandoned" if _gave_up(channel) else "timeout"
    close(world, channel.call, index, ended, at)


def _gave_up(channel: Channel) -> bool:
    """Whether the caller did: himself, or he for whom the half of a Local channel waits."""
    caller = channel.call.customer if channel.kind == "hop" else channel
    return caller is not None and caller.asked_to_hang_up


def left_by_hangup(world: World, channel: Channel, at: float) -> None:
    while (index := open_visit(channel.call, channel)) is not None:
        ended: VisitEnd = "abandoned" if _gave_up(channel) else "unknown"
        close(world, channel.call, index, ended, at)


def close(world: World, call: CallState, index: int, ended: VisitEnd, at: float) -> None:
    call.visits[index].open = False
    world.tell(QueueLeft, call, at, visit=index, ended=ended)

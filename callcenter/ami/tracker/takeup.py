"""Takes up what a snapshot lists and no event told: calls that began unseen, moves that were missed.

A list says how things stand, not how they came about. So the shortest story that leads to it is
told, in the PBX's own messages and through the handlers of the live ones: a channel began, was
dialled, rang, entered a bridge. When a channel began is known to the second; talk, answers and
moves count from the snapshot on, for they may be that young. All of it is `inferred`.

The lists are not one moment. Whatever the stream tells of a channel (`News`) is left to the stream.
"""

from collections.abc import Iterable, Iterator
from math import inf
from typing import Final, NamedTuple

from callcenter.ami.messages import Message
from callcenter.ami.tracker import bridging, calls, on_channels, on_dials, on_handover, talk, visits
from callcenter.ami.tracker.endpoints import endpoint_of
from callcenter.ami.tracker.state import BUSY, DOWN, RINGING, UP, Channel
from callcenter.ami.tracker.world import World, number

#: What a channel that was dialled "runs".
_DIALLED: Final = "(Outgoing Line)"
#: The same for a phone that an Originate rings.
_ORIGINATED: Final = "AppDial2"
_SPIES: Final = ("ChanSpy", "ExtenSpy")
_OPEN_LINE: Final = "AgentLogin"
_RING: Final = 4

#: A channel is gone so soon after its far end asked to hang up.
_HANGS_UP_S: Final = 2.0


class Listing(NamedTuple):
    """What the PBX said of its channels, and of its bridges and waiting callers by Uniqueid."""

    #: CoreShowChannel, with the fields of Status where that was told too.
    channels: list[Message]
    bridges: dict[str, Message]
    #: QueueEntry; None if it would not say.
    waiting: dict[str, Message] | None


class News(NamedTuple):
    """Channels of which something is in the stream that came while the lists were made."""

    born: frozenset[str] = frozenset()
    gone: frozenset[str] = frozenset()
    moved: frozenset[str] = frozenset()
    queued: frozenset[str] = frozenset()


#: The messages that make news, and of what kind.
NEWS: Final = {
    "Newchannel": "born",
    "Hangup": "gone",
    "BridgeEnter": "moved",
    "BridgeLeave": "moved",
    "QueueCallerJoin": "queued",
    "QueueCallerLeave": "queued",
}


def news_in(messages: Iterable[Message]) -> News:
    found: dict[str, set[str]] = {kind: set() for kind in News._fields}
    for message in messages:
        kind = NEWS.get(message.name)
        if kind is not None:
            found[kind].add(message.get("uniqueid"))
    return News(**{kind: frozenset(uids) for kind, uids in found.items()})


def take_up(
    world: World, listing: Listing, news: News, *, at: float, lost_at: float
) -> Iterator[None]:
    """Do it in steps: after each yield it is whole, and others may have their turn."""
    alive = {message.get("uniqueid") for message in listing.channels} | news.gone
    gone = [uid for uid in world.channels if uid not in alive]
    listed = {
        message.get("uniqueid"): message
        for message in sorted(listing.channels, key=_age)
        if _is_left_to_us(world, message, news)
    }
    _forget_untold(world, listed)
    yield from _begin_all(world, listed, at)
    for uid, message in listed.items():
        if message.get("application") == _OPEN_LINE and uid in world.channels:
            calls.sit_down(world, world.channels[uid], at)
    _pair_halves(world)
    for uid, message in listed.items():
        if uid not in news.queued:
            _join_queue(world, message, listing, at)
            yield
    around = _by_call(listed.values())
    for message in listed.values():
        _dial(world, message, around, at)
        _reach_state(world, message, at)
        yield
    for uid, message in listed.items():
        if uid not in news.queued:
            _leave_queue(world, message, listing, at)
            yield
    lose(world, gone, lost_at)
    _doubt(world, at, lost_at)
    here = [message for uid, message in listed.items() if uid not in news.moved]
    yield from _move(world, here, listing.bridges, at)
    for call in {call.id: call for call in world.calls.values()}.values():
        talk.relisten(world, call, at)
        yield
    # Who is still alone now was left alone: the snapshot is no instant between two bridges.
    calls.settle(world, at + 2 * talk.SETTLE_S)


def _doubt(world: World, at: float, lost_at: float) -> None:
    """Who asks for the end of a call just before the line is back is not heard."""
    for call in world.calls.values():
        if lost_at < at or call.unsure_until == inf:
            call.unsure_until = at + _HANGS_UP_S


def lose(world: World, channels: Iterable[str], at: float) -> None:
    """End `channels`, and the calls of which nothing is left."""
    for uid in channels:
        if (channel := world.channels.get(uid)) is not None:
            on_channels.lose(world, channel, at)
    for call in list(world.calls.values()):
        if not call.channels:
            calls.finish(world, call, None, at)


def _is_left_to_us(world: World, message: Message, news: News) -> bool:
    uid, linked = message.get("uniqueid"), message.get("linkedid")
    told_by_events = news.born | news.gone
    return bool(uid) and not (
        uid in told_by_events or uid in world.ended or (linked in news.born and linked != uid)
    )


def _age(message: Message) -> tuple[int, int, str]:
    """Order channels by their beginning: seconds, then the PBX's own count."""
    uid = message.get("uniqueid")
    return -_duration_s(message), number(uid.rpartition(".")[2]), uid


def _duration_s(message: Message) -> int:
    hours, _, rest = message.get("duration").partition(":")
    minutes, _, seconds = rest.partition(":")
    return number(hours) * 3600 + number(minutes) * 60 + number(seconds)


def _forget_untold(world: World, listed: dict[str, Message]) -> None:
    """Of a call whose beginning was missed nothing has been told: it is taken up like a new one."""
    for uid in listed:
        channel = world.channels.get(uid)
        if channel is None or channel.call.rooted:
            continue
        call = channel.call
        bridging.leave(world, channel)
        del world.channels[uid], call.channels[uid]
        for alias in (call.id, *call.aliases):
            if world.calls.get(alias) is call:
                del world.calls[alias]


# ---------------------------------------------------------------- beginnings


def _begin_all(world: World, listed: dict[str, Message], at: float) -> Iterator[None]:
    new = [message for uid, message in listed.items() if uid not in world.channels]
    # A call begins with the channel it is named after, whichever is older to the second.
    for message in sorted(new, key=lambda message: not _is_first(message)):
        on_channels.newchannel(world, _as_new(world, message), _began_at(message, at))
        if message.get("application") in _SPIES:
            spy = _named(message, "spyer")
            on_handover.spy_start(world, Message("ChanSpyStart", spy, None, None), at)
        yield
    for message in new:
        _root_by_survivor(world, message, at)


def _pair_halves(world: World) -> None:
    """Find the halves of Local channels that no longer share a Linkedid."""
    halves = {one.name: one for one in world.channels.values() if one.kind == "hop"}
    for name, half in halves.items():
        other = halves.get(f"{name[:-1]}2") if name.endswith(";1") else None
        if other is not None and half.peer is None:
            calls.pair(half, other)


def _is_first(message: Message) -> bool:
    return message.get("uniqueid") == message.get("linkedid")


def _began_at(message: Message, at: float) -> float:
    return at - _duration_s(message)


def _as_new(world: World, message: Message) -> Message:
    # Of one that was made this moment the stream will tell who made it.
    is_new = number(message.get("channelstate")) == DOWN
    was_asked_for = is_new or _was_dialled(message) or _is_originated(message)
    fields = {
        **_named(message),
        "channelstate": str(DOWN if was_asked_for else _RING),
        "exten": message.get("dnid") or message.variable("DID") or message.get("exten"),
        "calleridnum": _own_number(world, message),
        "calleridname": message.get("calleridname"),
    }
    return Message("Newchannel", fields, message.variables, None)


def _own_number(world: World, message: Message) -> str:
    """Return the number of a channel's far end.

    Whoever is outside and is put through to the outside is often given the company's number for
    that, on their own channel: who they are cannot be told any more.
    """
    if _is_trunk(world, endpoint_of(message.get("channel"))):
        dialled = _dialled(message)
        if any(_is_trunk(world, _endpoint_in(one)) for one in dialled):
            return ""
    return message.get("calleridnum")


def _is_trunk(world: World, endpoint: str) -> bool:
    return world.endpoints.kind(endpoint) == "trunk"


def _named(message: Message, prefix: str = "") -> dict[str, str]:
    return {prefix + key: message.get(key) for key in ("channel", "uniqueid", "linkedid")}


def _was_dialled(message: Message) -> bool:
    return message.get("applicationdata") == _DIALLED


def _is_originated(message: Message) -> bool:
    ours = calls.is_ours(message.get("uniqueid"), message.variable("CRM_REF"))
    # Who calls in is never rung himself.
    is_rung = number(message.get("channelstate")) == RINGING
    return _is_first(message) and (ours or is_rung or message.get("application") == _ORIGINATED)


def _root_by_survivor(world: World, message: Message, at: float) -> None:
    """The channel that began this call is gone: the oldest party stands for it."""
    channel = world.channels.get(message.get("uniqueid"))
    if channel is None or channel.opening is not None:
        return
    if channel.is_party and not channel.call.rooted:
        calls.root(world, channel, _as_new(world, message), _began_at(message, at))


# ---------------------------------------------------------------- dialling


def _by_call(listed: Iterable[Message]) -> dict[str, list[Message]]:
    around: dict[str, list[Message]] = {}
    for message in listed:
        around.setdefault(message.get("linkedid"), []).append(message)
    return around


def _dial(world: World, message: Message, around: dict[str, list[Message]], at: float) -> None:
    channel = world.channels.get(message.get("uniqueid"))
    if channel is None or channel.uid in channel.call.legs or not channel.is_party:
        return
    # An outside line is either where its call began, or was dialled, whatever it does now; but one
    # that has only just been made is still to be dialled, and the stream will tell.
    is_made = number(message.get("channelstate")) != DOWN
    is_rung = is_made or message.get("application") == _ORIGINATED
    asked_for = channel.uid == channel.call.id and _is_originated(message) and is_rung
    called = channel.kind == "trunk" and not _is_first(message) and is_made
    dialled = _was_dialled(message) or called
    if asked_for or dialled:
        source = None if asked_for else _source(message, around[message.get("linkedid")])
        began_at = max(_began_at(message, at), channel.call.began_at)
        on_dials.dial_begin(world, _dial_begin(world, source, message), began_at)


def _source(message: Message, of_the_call: list[Message]) -> Message | None:
    """Return who dialled a channel: who runs a Dial with its name, else the queue's caller."""
    endpoint = endpoint_of(message.get("channel"))
    around = [other for other in of_the_call if other is not message and not _was_dialled(other)]
    for is_it in (
        lambda other: _dial_string(other, endpoint) != "",
        lambda other: other.get("application") == "Queue",
        _is_first,
    ):
        for other in around:
            if is_it(other):
                return other
    return None


def _dial_string(message: Message, endpoint: str) -> str:
    """Return what `message`'s channel dials at `endpoint`: "PJSIP/trunk/0501234567", or ""."""
    for one in _dialled(message):
        if f"{one}/".startswith(f"{endpoint}/") or _endpoint_in(one) == endpoint:
            return one
    return ""


def _endpoint_in(dial_string: str) -> str:
    """Return "PJSIP/trunk" for "PJSIP/trunk/sip:0501@10.0.0.1" and for "PJSIP/0501@trunk"."""
    technology, _, rest = dial_string.partition("/")
    return f"{technology}/{rest.partition('/')[0].rpartition('@')[2]}"


def _dialled(message: Message) -> list[str]:
    if message.get("application") != "Dial":
        return []
    return message.get("applicationdata").partition(",")[0].split("&")


def _dial_begin(world: World, source: Message | None, rung: Message) -> Message:
    fields = _named(rung, "dest")
    if rung.get("application") == _ORIGINATED:
        # The phone we ring shows the number it will be put through to.
        fields["destcalleridnum"] = rung.get("calleridnum")
    # The number an outside line was dialled with is also the one it shows.
    fields["dialstring"] = "/" + _own_number(world, rung)
    if source is not None:
        fields |= _named(source)
        string = _dial_string(source, endpoint_of(rung.get("channel")))
        if string:
            # Where it has gone on since, its place in the dialplan is no number that was dialled.
            fields |= {"exten": source.get("exten"), "dialstring": string}
    return Message("DialBegin", fields, None, None)


def _reach_state(world: World, message: Message, at: float) -> None:
    channel = world.channels.get(message.get("uniqueid"))
    state = number(message.get("channelstate"))
    if channel is None or channel.state in (state, UP, BUSY) or state not in (RINGING, UP):
        return
    fields = {**_named(message), "channelstate": str(state)}
    on_channels.newstate(world, Message("Newstate", fields, None, None), at)


# ---------------------------------------------------------------- queues


def _join_queue(world: World, message: Message, listing: Listing, at: float) -> None:
    channel = world.channels.get(message.get("uniqueid"))
    if channel is None:
        return
    entry = (listing.waiting or {}).get(channel.uid)
    if entry is not None:
        _wait(world, channel, entry, at)
    elif message.get("application") == "Queue":
        queue = message.get("applicationdata").partition(",")[0]
        if not any(visit.queue == queue for visit in channel.call.visits):
            visits.join(world, channel, queue, None, max(_began_at(message, at), 0.0))


def _wait(world: World, channel: Channel, entry: Message, at: float) -> None:
    queue = entry.get("queue")
    if visits.open_visit(channel.call, channel, queue) is not None:
        return
    while (index := visits.open_visit(channel.call, channel)) is not None:
        visits.close(world, channel.call, index, "unknown", at)
    joined_at = at - number(entry.get("wait"))
    visits.join(world, channel, queue, number(entry.get("position")) or None, joined_at)


def _leave_queue(world: World, message: Message, listing: Listing, at: float) -> None:
    """Who stands in no queue any more has left it: served, if the queue still runs the call."""
    channel = world.channels.get(message.get("uniqueid"))
    if channel is None or listing.waiting is None or channel.uid in listing.waiting:
        return
    served = message.get("application") == "Queue"
    while (index := visits.open_visit(channel.call, channel)) is not None:
        visits.close(world, channel.call, index, "answered" if served else "unknown", at)


# ---------------------------------------------------------------- bridges


def _move(
    world: World, listed: list[Message], bridges: dict[str, Message], at: float
) -> Iterator[None]:
    """Put everybody where the list has them: first all leave, then all enter."""
    moved: list[tuple[Message, str]] = []
    for message in listed:
        channel = world.channels.get(message.get("uniqueid"))
        there = message.get("bridgeid")
        if channel is None or there == (channel.bridge.uid if channel.bridge else ""):
            continue
        if channel.bridge is not None:
            here = {**_named(message), "bridgeuniqueid": channel.bridge.uid}
            bridging.bridge_leave(world, Message("BridgeLeave", here, None, None), at)
        if there:
            moved.append((message, there))
    # Whom the others talk with, or have left on hold, is where they are when they come.
    moved.sort(key=lambda one: not _is_customer(world, one[0]))
    for message, there in moved:
        bridge = bridges.get(there)
        fields = {
            **_named(message),
            "bridgeuniqueid": there,
            "bridgetype": bridge.get("bridgetype") if bridge is not None else "basic",
            "bridgetechnology": bridge.get("bridgetechnology") if bridge is not None else "",
        }
        bridging.bridge_enter(world, Message("BridgeEnter", fields, None, None), at)
        yield


def _is_customer(world: World, message: Message) -> bool:
    channel = world.channels.get(message.get("uniqueid"))
    return channel is not None and channel is channel.call.customer

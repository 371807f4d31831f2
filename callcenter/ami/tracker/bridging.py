"""Channels enter and leave bridges."""

from callcenter.ami.messages import Message
from callcenter.ami.tracker import calls, legs, talk
from callcenter.ami.tracker.state import Bridge, CallState, Channel
from callcenter.ami.tracker.world import World

#: Where an agent who has dialled AgentLogin waits between two callers.
_OPEN_LINE = "agent_hold"


def bridge_enter(world: World, message: Message, at: float) -> None:
    channel = calls.seen(world, message, at)
    uid = message.get("bridgeuniqueid")
    if channel is None or not uid:
        return
    bridge = world.bridges.get(uid)
    if bridge is None:
        bridge = Bridge(
            uid,
            holding=message.get("bridgetechnology") == "holding_bridge"
            or message.get("bridgetype") in ("parking", "holding"),
            basic=message.get("bridgetype") == "basic",
            conference=message.get("bridgetype") == "base",
        )
    if message.get("bridgetype") == _OPEN_LINE:
        calls.sit_down(world, channel, at)
    _enter(world, channel, bridge, at)


def take_place(world: World, channel: Channel, of: Channel, at: float) -> None:
    """`channel` is where `of` was, who is out of it, and no message of a bridge says so."""
    bridge = of.bridge
    if bridge is None:
        return
    nearby = listeners(of)
    # They never hear each other there.
    leave(world, of)
    _enter(world, channel, bridge, at)
    for call in nearby:
        talk.relisten(world, call, at)


def _enter(world: World, channel: Channel, bridge: Bridge, at: float) -> None:
    if channel.bridge is not None and channel.bridge is not bridge:
        leave(world, channel)
    world.bridges[bridge.uid] = bridge
    bridge.members[channel.uid] = channel
    channel.bridge = bridge
    channel.joined_at = at
    _join_calls(world, bridge, channel, at)
    legs.turn_up(world, channel, at)
    for call in listeners(channel):
        talk.relisten(world, call, at)


def _join_calls(world: World, bridge: Bridge, channel: Channel, at: float) -> None:
    """Two in a plain bridge are one call. A conference takes in only calls without a customer."""
    if bridge.holding or channel.spy:
        return
    for other in list(bridge.members.values()):
        one, two = other.call, channel.call
        if bridge.basic or (one.customer is None) != (two.customer is None):
            calls.join(world, one, two, at)


def bridge_leave(world: World, message: Message, at: float) -> None:
    channel = calls.seen(world, message, at)
    if channel is None or channel.bridge is None:
        return
    if channel.bridge.uid != message.get("bridgeuniqueid"):
        return
    nearby = listeners(channel)
    leave(world, channel)
    for call in nearby:
        talk.relisten(world, call, at)


def leave(world: World, channel: Channel) -> None:
    bridge = channel.bridge
    channel.bridge = None
    if bridge is not None:
        bridge.members.pop(channel.uid, None)
        if not bridge.members:
            world.bridges.pop(bridge.uid, None)


def local_bridge(world: World, message: Message, at: float) -> None:
    one = calls.seen(world, message, at, "localone")
    two = calls.seen(world, message, at, "localtwo")
    if one is not None and two is not None:
        calls.pair(one, two)
        calls.join(world, one.call, two.call, at)


def listeners(channel: Channel) -> list[CallState]:
    """Return the calls of everybody joined with `channel`."""
    found: dict[str, CallState] = {}
    for joined in talk.all_heard(channel).values():
        for call in (joined.call, *joined.visiting):
            found[call.id] = call
    return list(found.values())

"""Puts the lists that a recording holds together to the snapshots they were.

A list begins with a response and ends with an event of its own; all of it bears the ActionID of
the question. A snapshot begins where the channels were asked for, and the other lists that were
asked for after it, up to the next list of channels, belong to it.
"""

from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Final

from callcenter.ami.messages import Message
from callcenter.ami.resync import Snapshot, compose

#: The events of which lists consist.
ITEMS: Final = frozenset({
    b"CoreShowChannel", b"CoreShowChannelsComplete", b"Status", b"StatusComplete",
    b"BridgeListItem", b"BridgeListComplete", b"QueueEntry", b"QueueStatusComplete",
})  # fmt: skip

_NOTHING: Final = Message("", {}, None, None)


@dataclass(slots=True)
class _List:
    """The answer to one question; `begins` and `ends` count the messages of the recording."""

    begins: int
    at: float | None
    #: The answer to CoreStatus that came before.
    status: Message
    items: list[Message] = field(default_factory=list)
    kind: str = ""
    ends: int = 0


@dataclass(frozen=True, slots=True)
class Found:
    """A snapshot, and the messages between whose places it was made."""

    snapshot: Snapshot
    begins: int
    ends: int
    at: float | None


class Lists:
    """Hears the messages of a recording, in order."""

    def __init__(self) -> None:
        self._open: dict[str, _List] = {}
        self._whole: list[_List] = []
        self._status = _NOTHING

    def hear(self, message: Message, place: int, at: float | None) -> None:
        action = message.get("actionid")
        if message.is_response and message.get("corestartupdate"):
            self._status = message
        elif message.is_response and message.get("eventlist") == "start":
            self._open[action] = _List(place, at, self._status)
        elif (one := self._open.get(action)) is not None and message.name:
            self._take(one, action, message, place)

    def _take(self, one: _List, action: str, message: Message, place: int) -> None:
        if message.get("eventlist") != "Complete":
            one.items.append(message)
            return
        del self._open[action]
        one.kind, one.ends = message.name, place
        self._whole.append(one)

    def snapshots(self) -> list[Found]:
        channels = [one for one in self._whole if one.kind == "CoreShowChannelsComplete"]
        found = []
        for one, until in zip_longest(channels, channels[1:]):
            others = self._between(one.begins, until.begins if until is not None else None)
            found.append(_found(one, others))
        return found

    def _between(self, begins: int, ends: int | None) -> dict[str, _List]:
        """Return the first list of each kind that was asked for in between."""
        others: dict[str, _List] = {}
        for one in self._whole:
            if begins <= one.begins and (ends is None or one.begins < ends):
                others.setdefault(one.kind, one)
        return others


def _found(channels: _List, others: dict[str, _List]) -> Found:
    used = [channels]

    def items(kind: str) -> list[Message] | None:
        one = others.get(kind)
        if one is None:
            return None
        used.append(one)
        return one.items

    details, bridges = items("StatusComplete") or [], items("BridgeListComplete") or []
    queues = items("QueueStatusComplete")
    snapshot = compose(_NOTHING, channels.status, channels.items, details, bridges, queues)
    return Found(snapshot, channels.begins, max(one.ends for one in used), channels.at)

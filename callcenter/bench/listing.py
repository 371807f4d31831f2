"""A process that stands for a PBX in the middle of its day: many channels, asked for at once.

Every contender has a port of its own. Until a round is prepared nothing is going on there;
then the lists of `CoreShowChannels`, `Status` and `BridgeList` hold so many channels, two to
a call: a trunk and whoever took the call. The fields are those of the recordings.
"""

import time
from multiprocessing.connection import Connection
from typing import Final, NamedTuple, Self

from callcenter.bench.process import Process, heard
from callcenter.bench.sender import Line, Task, answer_to, asked
from callcenter.bench.stories import DID, QUEUE, TRUNK, Agent
from callcenter.bench.stream import Outcome, agents, number
from callcenter.bench.wire import UP, Bridge, Channel

#: What must be known of each call after the snapshot.
_ON_THE_LINE: Final = Outcome("inbound", "answered", 2, 1)
#: What a waiting caller's channel runs, and the phone that rang for it.
_QUEUE: Final = ("Queue", f"{QUEUE},tTkKc,,,")
_RUNG: Final = ("AppQueue", "(Outgoing Line)")
#: Phones that are nobody's: calls to them are the PBX's own.
_RECEPTION: Final = 9_001


class Lists(NamedTuple):
    """What the PBX answers, by action: each item with a place for the ActionID."""

    items: dict[str, list[str]]
    outcomes: dict[str, Outcome]


class Switch(Process):
    """The process, seen from the one that measures."""

    def __init__(self, people: int, contenders: list[str]) -> None:
        super().__init__("switch", _serve, people, contenders)
        #: Where each contender connects, once the process has started.
        self.ports: dict[str, int] = {}

    def __enter__(self) -> Self:
        super().__enter__()
        self.ports = self.hear()
        return self

    def prepare(self, contender: str, seed: int, channels: int) -> Task:
        """Let so many channels be up from now on, for one contender."""
        task: Task = self.ask(("prepare", contender, seed, channels))
        return task

    def drop(self, contender: str) -> None:
        """Hang up on it."""
        self.ask(("drop", contender))

    def began_at(self, contender: str) -> float:
        """Return when the first list was begun to be sent to it."""
        moment: float = self.ask(("began", contender))
        return moment


def _serve(pipe: Connection, people: int, contenders: list[str]) -> None:
    ports = {name: _Port() for name in contenders}
    pipe.send({name: port.line.port for name, port in ports.items()})
    while (command := heard(pipe)) is not None:
        verb, contender, *size = command
        port = ports[contender]
        if verb == "prepare":
            seed, channels = size
            port.lists = lists(seed, channels, agents(people))
            size_bytes = sum(len(item) for items in port.lists.items.values() for item in items)
            pipe.send(Task(channels, size_bytes, {}, port.lists.outcomes))
        elif verb == "drop":
            port.line.drop()
            pipe.send("dropped")
        else:
            pipe.send(port.began_at)


class _Port:
    """One contender's line, and what is listed there."""

    def __init__(self) -> None:
        self.lists = Lists({}, {})
        self.began_at = 0.0
        self.line = Line(self._answer)

    def _answer(self, action: str) -> bytes:
        name, _ = asked(action)
        answer = answer_to(action, self.lists.items.get(name, ()))
        if name == "CoreShowChannels":
            self.began_at = time.monotonic()
        return answer


def lists(seed: int, channels: int, people: list[Agent]) -> Lists:
    """Return the lists of a PBX with so many channels; each seed has Uniqueids of its own."""
    first_second = int(time.time()) - 600
    listed: dict[str, list[str]] = {"CoreShowChannels": [], "Status": [], "BridgeList": []}
    outcomes = {}
    for index in range(channels // 2):
        # Calls have begun one after the other, in the last ten minutes.
        began_s = 600 * index // (channels // 2)
        uid = f"{first_second + began_s}.{seed * channels + 2 * index}"
        caller = Channel(
            f"{TRUNK}-{seed:04x}{index:04x}", uid, uid, number(index), "to-queue", QUEUE, state=UP,
            did=DID,
        )  # fmt: skip
        extension = people[index].extension if index < len(people) else str(_RECEPTION + index)
        phone = Channel(
            f"PJSIP/{extension}-{seed:04x}{index:04x}", f"{uid}1", uid, extension, "from-agents", extension, state=UP, other_number=caller.number, did=DID,
        )  # fmt: skip
        bridge = Bridge(f"d54123a1-0da5-4a80-b9a0-{seed:04x}{index:08x}", 2)
        for channel in (caller, phone):
            runs = _QUEUE if channel is caller else _RUNG
            listed["CoreShowChannels"].append(
                _item("CoreShowChannel", _in_list(channel, bridge, runs, 600 - began_s))
            )
            listed["Status"].append(_item("Status", _in_status(channel, bridge, runs)))
        listed["BridgeList"].append(_item("BridgeListItem", bridge.tells("").body))
        outcomes[uid] = _ON_THE_LINE
    return Lists(listed, outcomes)


def _item(name: str, body: str) -> str:
    return f"{name}\r\n{{}}{body}"


def _in_list(channel: Channel, bridge: Bridge, runs: tuple[str, str], age_s: int) -> str:
    return (
        f"{channel.lines()}Application: {runs[0]}\r\nApplicationData: {runs[1]}\r\n"
        f"Duration: 00:{age_s // 60:02}:{age_s % 60:02}\r\n"
        f"BridgeId: {bridge.uid}\r\n"
    )


def _in_status(channel: Channel, bridge: Bridge, runs: tuple[str, str]) -> str:
    return (
        f"{channel.lines()}Type: PJSIP\r\nDNID: {channel.did}\r\n"
        f"EffectiveConnectedLineNum: {channel.other_number}\r\n"
        f"EffectiveConnectedLineName: {channel.other_person}\r\nTimeToHangup: 0\r\n"
        f"BridgeID: {bridge.uid}\r\nApplication: {runs[0]}\r\nData: {runs[1]}\r\n"
        "Nativeformats: (ulaw)\r\nReadformat: ulaw\r\nReadtrans: \r\nWriteformat: ulaw\r\n"
        "Writetrans: \r\nCallgroup: 0\r\nPickupgroup: 0\r\nSeconds: 9\r\n"
    )

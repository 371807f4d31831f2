"""Answers for the PBX of a recording: what it would have listed at any moment of it.

A recording says how things changed, a snapshot how they stand. The mirror follows the one to tell
the other, so that a lost connection can be played at any place of a recording which was whole.
What no event tells (the applications' arguments, the seconds of a channel that began before the
recording) is not in its lists either.
"""

from collections.abc import Iterable, Sequence
from typing import Final

from callcenter.ami.messages import Message
from callcenter.ami.recording import Recorded
from callcenter.ami.resync import Snapshot, compose

_NOTHING: Final = Message("", {}, None, None)

#: Prefixes of the channels that a message says how they stand.
_PREFIXES: Final = ("", "dest", "localone", "localtwo", "transferer", "transferee")

#: What of a channel changes, and each message that names it tells.
_FOLLOWED: Final = ("linkedid", "calleridnum", "exten")


def resynced(recorded: Sequence[Recorded], after: int) -> list[Recorded]:
    """Return `recorded` with the connection lost and back after so many blocks of the stream."""
    mirror = Mirror()
    place = next((n for n, one in enumerate(recorded) if one.number > after), len(recorded))
    mirror.hear(recorded[:place])
    near = (*reversed(recorded[:place]), *recorded[place:])
    at = next((one.at for one in near if one.at is not None), None)
    epoch = recorded[max(0, place - 1)].epoch if recorded else 0
    lost = Recorded(_NOTHING, at, mirror.lists(at or 0.0), epoch=epoch)
    return [*recorded[:place], lost, *recorded[place:]]


class Mirror:
    """Follows the events of a recording, and lists channels, bridges and waiting callers."""

    def __init__(self) -> None:
        self._channels: dict[str, dict[str, str]] = {}
        self._variables: dict[str, dict[str, dict[str, str]] | None] = {}
        self._born: dict[str, float] = {}
        self._bridges: dict[str, Message] = {}
        self._waiting: dict[str, tuple[Message, float]] = {}

    def hear(self, recorded: Iterable[Recorded]) -> None:
        for one in recorded:
            if one.snapshot is None:
                self._hear(one.message, one.at or 0.0)

    def lists(self, at: float) -> Snapshot:
        """Return the snapshot of this moment."""
        channels = [
            Message(
                "CoreShowChannel", {**fields, "duration": _clock(at - self._born[uid])},
                self._variables[uid], None,
            )
            for uid, fields in self._channels.items()
        ]  # fmt: skip
        waiting = [
            Message("QueueEntry", {**message.fields, "wait": str(int(at - since))}, None, None)
            for message, since in self._waiting.values()
        ]
        bridges = list(self._bridges.values())
        return compose(_NOTHING, _NOTHING, channels, [], bridges, waiting)

    def _hear(self, message: Message, at: float) -> None:
        uid, name = message.get("uniqueid"), message.name
        for prefix in _PREFIXES:
            self._follow(message, prefix)
        if name == "Newchannel":
            self._begin(message, at)
        elif name == "Hangup":
            self._end(uid)
        elif uid in self._channels:
            self._change(self._channels[uid], message, at)
        elif name == "DialBegin":
            # An Originate dials from nowhere.
            self._ring(message, "AppDial2")
        elif name == "AttendedTransfer" and message.get("desttype") == "App":
            self._replace(
                message.get("secondtransfereruniqueid"), message.get("transfereeuniqueid")
            )

    def _begin(self, message: Message, at: float) -> None:
        uid = message.get("uniqueid")
        told = ("uniqueid", "linkedid", "channel", "channelstate", "calleridnum", "calleridname")
        self._channels[uid] = {
            **{key: message.get(key) for key in (*told, "exten")},
            "dnid": message.get("exten"), "application": "", "applicationdata": "", "bridgeid": "",
        }  # fmt: skip
        self._variables[uid] = message.variables
        self._born[uid] = at

    def _end(self, uid: str) -> None:
        self._waiting.pop(uid, None)
        if self._channels.pop(uid, None) is not None:
            del self._variables[uid], self._born[uid]
        lived_in = {channel["bridgeid"] for channel in self._channels.values()}
        for bridge in self._bridges.keys() - lived_in:
            del self._bridges[bridge]

    def _follow(self, message: Message, prefix: str) -> None:
        channel = self._channels.get(message.get(prefix + "uniqueid"))
        if channel is None:
            return
        for key in _FOLLOWED:
            if told := message.get(prefix + key):
                has_moved = key == "exten" and channel[key] != told
                channel[key] = told
                if has_moved and channel["application"] in ("Dial", "Queue"):
                    # It runs on in the dialplan; what it runs there is told when it dials.
                    channel |= {"application": "", "applicationdata": ""}

    def _replace(self, uid: str, by: str) -> None:
        """Whoever is handed over goes on with what the other line was doing."""
        before, after = self._channels.get(uid), self._channels.get(by)
        if before is None or after is None:
            return
        if before["bridgeid"]:
            after["bridgeid"], before["bridgeid"] = before["bridgeid"], ""
        if uid in self._waiting:
            message, since = self._waiting.pop(uid)
            self._waiting[by] = message.with_fields({**message.fields, "uniqueid": by}), since
            after |= {key: before[key] for key in ("application", "applicationdata")}

    def _change(self, channel: dict[str, str], message: Message, at: float) -> None:
        match message.name:
            case "Newstate":
                channel["channelstate"] = message.get("channelstate")
            case "DialBegin":
                self._dial(channel, message)
            case "BridgeEnter" | "ConfbridgeJoin":
                channel["bridgeid"] = message.get("bridgeuniqueid")
                self._bridges[channel["bridgeid"]] = message
                if message.get("bridgetype") == "agent_hold":
                    channel["application"] = "AgentLogin"
            case "BridgeLeave" | "ConfbridgeLeave":
                if channel["bridgeid"] == message.get("bridgeuniqueid"):
                    channel["bridgeid"] = ""
            case "QueueCallerJoin":
                channel |= {"application": "Queue", "applicationdata": message.get("queue") + ",t"}
                self._waiting[channel["uniqueid"]] = message, at
            case "QueueCallerLeave":
                self._waiting.pop(channel["uniqueid"], None)
            case "ChanSpyStart":
                channel["application"] = "ChanSpy"

    def _dial(self, source: dict[str, str], message: Message) -> None:
        if source["application"] != "Queue":
            technology = message.get("destchannel").partition("/")[0]
            data = f"{technology}/{message.get('dialstring')},30"
            source |= {"application": "Dial", "applicationdata": data}
        self._ring(message, "AppDial")

    def _ring(self, message: Message, application: str) -> None:
        rung = self._channels.get(message.get("destuniqueid"))
        if rung is not None:
            rung |= {"application": application, "applicationdata": "(Outgoing Line)"}


def _clock(seconds: float) -> str:
    """Return a duration as Asterisk lists it: "01:02:03"."""
    whole = max(0, int(seconds))
    return f"{whole // 3600:02d}:{whole // 60 % 60:02d}:{whole % 60:02d}"

"""Answers for the PBX of a recording: what it would have listed at any moment of it."""

from collections.abc import Iterable

from callcenter.ami.messages import Message
from callcenter.ami.recording import Recorded
from callcenter.ami.resync import Snapshot, compose

_NOTHING = Message("", {}, None, None)


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
            Message("CoreShowChannel", {**fields, "duration": f"00:00:{int(at - self._born[uid])}"},
                    self._variables[uid], None)
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
        for prefix in ("", "dest", "localone", "localtwo"):
            self._follow(message, prefix)
        if name == "Newchannel":
            self._begin(message, at)
        elif name == "Hangup":
            self._channels.pop(uid, None)
            self._waiting.pop(uid, None)
        elif uid in self._channels:
            self._change(self._channels[uid], message, at)

    def _begin(self, message: Message, at: float) -> None:
        uid = message.get("uniqueid")
        self._channels[uid] = {
            **{key: message.get(key) for key in (
                "uniqueid", "linkedid", "channel", "channelstate", "calleridnum", "calleridname",
                "exten",
            )},
            "dnid": message.get("exten"), "application": "", "applicationdata": "", "bridgeid": "",
        }  # fmt: skip
        self._variables[uid] = message.variables
        self._born[uid] = at

    def _follow(self, message: Message, prefix: str) -> None:
        channel = self._channels.get(message.get(prefix + "uniqueid"))
        for key in ("linkedid", "calleridnum"):
            if channel is not None and (told := message.get(prefix + key)):
                channel[key] = told

    def _change(self, channel: dict[str, str], message: Message, at: float) -> None:
        match message.name:
            case "Newstate":
                channel["channelstate"] = message.get("channelstate")
            case "DialBegin":
                self._dial(channel, message)
            case "BridgeEnter":
                channel["bridgeid"] = message.get("bridgeuniqueid")
                self._bridges[channel["bridgeid"]] = message
            case "BridgeLeave":
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
        rung = self._channels.get(message.get("destuniqueid"))
        if rung is not None:
            rung |= {"application": "AppDial", "applicationdata": "(Outgoing Line)"}

"""A PBX by hand: says to a tracker what Asterisk would, one message at a time."""

from callcenter.ami.messages import Message
from callcenter.ami.tracker import Endpoints, Tracker
from callcenter.calls.call import Call
from callcenter.calls.open_calls import OpenCalls
from callcenter.events import Event

RING, DOWN, RINGING, UP, BUSY = "4", "0", "5", "6", "7"


#: Begins the name of a channel that was asked for by us.
OURS = "our-"


class Script:
    """Channels are named by a short word: "T" is on the trunk, "1001" an agent's, "fax" neither.

    A word after a slash tells two channels of one phone apart ("1001/b"). `at` is the clock;
    every message takes it as it is.
    """

    def __init__(self) -> None:
        self.tracker = Tracker(1, Endpoints(["PJSIP/1*"], ["PJSIP/trunk*"]))
        self.calls = OpenCalls()
        self.events: list[Event] = []
        self.at = 1000.0
        self._linked: dict[str, str] = {}

    def say(self, name: str, **fields: str) -> list[Event]:
        """Feed one message; return what it changed."""
        told = self.tracker.feed(Message(name, {"event": name, **fields}, None, None), self.at)
        self.take(told)
        return told

    def take(self, told: list[Event]) -> None:
        self.events += told
        for event in told:
            self.calls.apply(event)

    def after(self, seconds: float) -> "Script":
        self.at += seconds
        return self

    def call(self, first: str) -> Call:
        found = self.calls.get(1, _uid(first))
        assert found is not None
        return found

    def told(self, kind: type[Event]) -> list[Event]:
        return [event for event in self.events if isinstance(event, kind)]

    # ------------------------------------------------------------ what channels do

    def new(
        self, channel: str, state: str = RING, exten: str = "s", number: str = "", of: str = ""
    ) -> None:
        self._linked[channel] = self._linked[of] if of else _uid(channel)
        self.say(
            "Newchannel", **self._named(channel), channelstate=state, exten=exten,
            calleridnum=number or "<unknown>", calleridname="<unknown>",
        )  # fmt: skip

    def dial(self, source: str, rung: str, exten: str = "s", dialstring: str = "") -> None:
        self.new(rung, DOWN, of=source)
        self.say(
            "DialBegin", **self._named(source), **self._named(rung, "dest"),
            exten=exten, dialstring=dialstring,
        )  # fmt: skip

    def dial_end(self, source: str, rung: str, status: str) -> None:
        names = {**self._named(source), **self._named(rung, "dest")}
        self.say("DialEnd", **names, dialstatus=status)

    def answer(self, source: str, rung: str) -> None:
        self.dial_end(source, rung, "ANSWER")
        self.say("Newstate", **self._named(rung), channelstate=UP)

    def enter(
        self,
        channel: str,
        bridge: str = "b1",
        kind: str = "basic",
        technology: str = "simple_bridge",
    ) -> None:
        self.say(
            "BridgeEnter", **self._named(channel), bridgeuniqueid=bridge, bridgetype=kind,
            bridgetechnology=technology,
        )  # fmt: skip

    def leave(self, channel: str, bridge: str = "b1") -> None:
        self.say("BridgeLeave", **self._named(channel), bridgeuniqueid=bridge)

    def on(self, event: str, channel: str, **fields: str) -> None:
        self.say(event, **self._named(channel), **fields)

    def hangup(self, channel: str, cause: int = 16) -> None:
        self.say("Hangup", **self._named(channel), cause=str(cause))

    def relink(self, channel: str, to: str) -> None:
        """From its next message on, `channel` has the Linkedid of `to`."""
        self._linked[channel] = self._linked[to]

    # ------------------------------------------------------------ what people do

    def talk(self, source: str, rung: str, bridge: str = "b1") -> None:
        self.answer(source, rung)
        self.enter(rung, bridge)
        self.enter(source, bridge)

    def call_in(self, trunk: str = "T", to: str = "1001", number: str = "0501234567") -> None:
        """A customer calls an agent, who takes the call after 2 s."""
        self.new(trunk, exten="0124041001", number=number)
        self.dial(trunk, to)
        self.after(2).talk(trunk, to, f"b-{trunk}")

    def _named(self, channel: str, prefix: str = "") -> dict[str, str]:
        return {
            f"{prefix}channel": _name(channel),
            f"{prefix}uniqueid": _uid(channel),
            f"{prefix}linkedid": self._linked.get(channel, _uid(channel)),
        }


def _uid(channel: str) -> str:
    # As Asterisk makes them; one of another form is a ChannelId we gave.
    if channel.startswith(OURS):
        return channel
    return f"{channel.replace('-', '.')}-1700000000.1"


def _name(channel: str) -> str:
    phone, _, which = channel.removeprefix(OURS).partition("/")
    if phone.startswith("L"):
        return f"Local/{phone[1:]}@somewhere-00000001;{which}"
    endpoint = "trunk" if phone.startswith("T") else phone
    return f"PJSIP/{endpoint}-{sum(channel.encode()):08x}"

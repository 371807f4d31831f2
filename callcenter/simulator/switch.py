"""The core of the pretend PBX: channels and bridges, and the events that Asterisk sends of them.

Everything here happens at once and in one step each: the state changes, then the event goes
out to every listener. What a call does with these steps stands in `dialling`, `queueing` and
`calls`; who listens, in `server`.
"""

import asyncio
import itertools
import time
from collections.abc import Callable, Iterable
from pathlib import PurePosixPath

from callcenter.simulator import sound
from callcenter.simulator.channels import CAUSE_TEXT, NOBODY, Bridge, Cause, Channel, Party, State
from callcenter.simulator.settings import SimulatorSettings
from callcenter.simulator.wire import Field, encode

Listener = Callable[[str, bytes], None]

PRESENTATION = ("CID-CallingPres", "0 (Presentation Allowed, Not Screened)")


class Switch:
    """Channels, bridges and timers. A listener gets the class of each event and its bytes."""

    def __init__(self, settings: SimulatorSettings) -> None:
        self.settings = settings
        self.started = time.time()
        self.channels: dict[str, Channel] = {}
        self.bridges: dict[str, Bridge] = {}
        self.channels_made = 0
        self.listeners: list[Listener] = []
        self._numbers = itertools.count()
        self._timers: set[asyncio.TimerHandle] = set()

    def emit(self, event: str, event_class: str, *fields: Iterable[Field]) -> None:
        block: list[Field] = [("Event", event), ("Privilege", f"{event_class},all")]
        if self.settings.timestampevents:
            block.append(("Timestamp", f"{time.time():.6f}"))
        if self.settings.system_name:
            block.append(("SystemName", self.settings.system_name))
        for group in fields:
            block.extend(group)
        data = encode(block)
        for listener in tuple(self.listeners):
            listener(event_class, data)

    def of(self, channel: Channel, prefix: str = "") -> Iterable[Field]:
        return channel.fields(self.settings.channelvars, prefix)

    def call_event(self, event: str, channel: Channel, *extra: Field) -> None:
        self.emit(event, "call", self.of(channel), extra)

    def later(self, seconds: float, action: Callable[[], None]) -> asyncio.TimerHandle | None:
        """Do `action` after `seconds` of the PBX's time; None while timers are off."""
        if not self.settings.timers:
            return None
        return self.at_wall_clock(seconds / self.settings.speed, action)

    def pause(self, seconds: float, action: Callable[[], None]) -> asyncio.TimerHandle | None:
        """Do `action` when a pause of the dialplan is over: at once while timers are off."""
        if not self.settings.timers:
            action()
        return self.later(seconds, action)

    def at_wall_clock(self, seconds: float, action: Callable[[], None]) -> asyncio.TimerHandle:
        def fire() -> None:
            self._timers.discard(handle)
            action()

        handle = asyncio.get_running_loop().call_later(seconds, fire)
        self._timers.add(handle)
        return handle

    def cancel(self, timer: asyncio.TimerHandle | None) -> None:
        if timer is not None:
            timer.cancel()
            self._timers.discard(timer)

    @property
    def pending_timers(self) -> int:
        return len(self._timers)

    def stop_timers(self) -> None:
        for timer in self._timers:
            timer.cancel()
        self._timers.clear()

    def devices_changed(self, endpoint: str) -> None:
        """Tell who watches `endpoint` that its channels changed; `floor` knows who does."""

    def new_channel(
        self,
        endpoint: str,
        state: State,
        context: str,
        exten: str,
        *,
        parent: Channel | None = None,
        caller: Party = NOBODY,
        uniqueid: str = "",
    ) -> Channel:
        number = next(self._numbers)
        prefix = f"{self.settings.system_name}-" if self.settings.system_name else ""
        stamp = self.settings.uniqueid_stamp or int(time.time())
        uniqueid = uniqueid or f"{prefix}{stamp}.{number}"
        channel = Channel(
            name=f"PJSIP/{endpoint}-{number:08x}",
            endpoint=endpoint,
            uniqueid=uniqueid,
            linkedid=parent.linkedid if parent else uniqueid,
            state=state,
            context=context,
            exten=exten,
            created=time.time(),
            caller=caller,
        )
        self.channels[channel.name] = channel
        self.channels_made += 1
        self.call_event("Newchannel", channel)
        self.devices_changed(endpoint)
        return channel

    def new_state(self, channel: Channel, state: State) -> None:
        if channel.state == state:
            return
        channel.state = state
        self.call_event("Newstate", channel)
        self.devices_changed(channel.endpoint)

    def new_caller_id(self, channel: Channel, caller: Party) -> None:
        channel.caller = caller
        self.call_event("NewCallerid", channel, PRESENTATION)

    def new_connected_line(self, channel: Channel, connected: Party) -> None:
        channel.connected = connected
        self.call_event("NewConnectedLine", channel)

    def dial_event(self, event: str, source: Channel | None, dest: Channel, *extra: Field) -> None:
        """Send DialBegin, DialState or DialEnd; an originated channel is dialled by nobody."""
        self.emit(
            event,
            "call",
            self.of(source) if source else (),
            self.of(dest, "Dest"),
            extra,
        )

    def ring(self, source: Channel | None, dest: Channel) -> None:
        self.new_state(dest, State.RINGING)
        self.dial_event("DialState", source, dest, ("DialStatus", "RINGING"))

    def start_recording(self, channel: Channel, kind: str) -> None:
        """Run the dialplan's `record`: MixMonitor, whose file is told by a variable only."""
        place = (channel.context, channel.exten, channel.priority)
        stamp = time.strftime("%Y%m%d-%H%M%S", time.gmtime())
        file = f"{stamp}-{kind}-{channel.caller.number}-{channel.uniqueid}.wav"
        channel.set_variable("MIXMONITOR_FILENAME", f"/var/spool/asterisk/monitor/{file}")
        channel.at("record", "s", 3)
        self.call_event("MixMonitorStart", channel)
        channel.at(*place)

    def _write_recording(self, channel: Channel) -> None:
        """Leave the sound of what was said in a bridge, as MixMonitor does with the option b."""
        file = channel.variables.get("MIXMONITOR_FILENAME")
        if file and self.settings.recordings is not None and channel.bridged_s:
            sound.write(self.settings.recordings, PurePosixPath(file).name, channel.bridged_s)

    def join(self, *channels: Channel) -> None:
        """Put `channels` into a bridge of their own, in this order."""
        bridge = Bridge()
        self.bridges[bridge.uniqueid] = bridge
        self.emit("BridgeCreate", "call", bridge.fields())
        for channel in channels:
            bridge.channels.append(channel)
            channel.bridge, channel.joined = bridge, time.time()
            self.emit("BridgeEnter", "call", bridge.fields(), self.of(channel))

    def leave(self, channel: Channel) -> None:
        """Take `channel` out of its bridge; the bridge goes with its last channel."""
        bridge = channel.bridge
        if bridge is None:
            return
        bridge.channels.remove(channel)
        channel.bridge = None
        channel.bridged_s += time.time() - channel.joined
        channel.cause = channel.cause or Cause.NORMAL
        self.emit("BridgeLeave", "call", bridge.fields(), self.of(channel))
        if not bridge.channels:
            del self.bridges[bridge.uniqueid]
            self.emit("BridgeDestroy", "call", bridge.fields())

    def start_music(self, channel: Channel) -> None:
        self.call_event("MusicOnHoldStart", channel, ("Class", "default"))

    def stop_music(self, channel: Channel) -> None:
        self.call_event("MusicOnHoldStop", channel)

    def hangup_request(
        self, channel: Channel, cause: int = 0, tech_cause: int | None = None
    ) -> None:
        """The far end of `channel` asks for its end: a BYE, a CANCEL or a refusal came in."""
        channel.cause = cause
        channel.tech_cause = tech_cause
        told = [("Cause", str(int(cause)))] if cause else []
        self.call_event("HangupRequest", channel, *told, *_tech(channel))

    def soft_hangup(self, channel: Channel, flag: int = 16) -> None:
        """The PBX itself asks for the end; `flag` is Asterisk's reason, which is no Q.850 cause."""
        self.call_event("SoftHangupRequest", channel, ("Cause", str(flag)), *_tech(channel))

    def hangup(self, channel: Channel, cause: int | None = None) -> None:
        channel.cause = channel.cause if cause is None else cause
        text = CAUSE_TEXT.get(channel.cause, "Unknown")
        channel.hung_up = True
        self._write_recording(channel)
        del self.channels[channel.name]
        self.call_event(
            "Hangup",
            channel,
            ("Cause", str(int(channel.cause))),
            ("Cause-txt", text),
            *_tech(channel),
        )
        self.devices_changed(channel.endpoint)


def _tech(channel: Channel) -> list[Field]:
    return [] if channel.tech_cause is None else [("TechCause", str(channel.tech_cause))]

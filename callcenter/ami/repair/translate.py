"""CEL in AMI's words: rows of a channel's life become the messages the tracker knows.

One tracker decides what a call is, whoever tells it. CEL is written by the same Asterisk, of the
same channels with the same ids, but says less: no ringing, no outcome of a dial. What it
implies is said here: a channel that was dialled was dialled by whoever ran a Dial or a Queue then;
a caller in the application Queue waits until a bridge takes him; who is played music in a bridge is
held by the other one in it (music is told since Asterisk 22); who hung up stands in the
`hangupsource` of those that had to. Pure.

All rows of a call are known at once, so a row may be told by what comes later.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from callcenter.ami.messages import Message
from callcenter.ami.repair.rows import CelRow
from callcenter.ami.tracker import endpoint_of
from callcenter.ami.tracker.calls import is_ours
from callcenter.ami.tracker.state import DOWN, UP

#: What a dialled channel "runs"; of one that an Originate rings the application is AppDial2.
_DIALLED: Final = "(Outgoing Line)"
_ORIGINATED: Final = "AppDial2"
_SPIES: Final = ("chanspy", "extenspy")
#: What a channel that nobody dialled begins with: Ring.
_RINGS_IN: Final = 4
#: The rows of one end are written within this time of each other, in any order.
_ONE_END_S: Final = 0.1
_ENDS: Final = frozenset({"BRIDGE_EXIT", "APP_END", "HANGUP"})
#: A queue that refuses a caller (joinempty, full) lets him go at once.
_REFUSED_S: Final = 0.1
#: What a mailbox plays before it records, and what is too short to be a message.
_TONE: Final = "beep"
_MESSAGE_S: Final = 0.5
#: Causes with which a phone, or the PBX in its stead, turns a call down.
_TURNED_DOWN: Final = frozenset({1, 2, 3, 17, 18, 19, 20, 21, 22, 23, 27, 34, 38, 41, 42, 44, 58})
_CAUSE_ELSEWHERE: Final = 26


def translate(rows: Iterable[CelRow]) -> list[Message]:
    """Return what AMI would have said of all these rows, in order of time."""
    ordered = sorted(rows, key=lambda row: row.at)
    return list(_Translation(ordered).messages())


@dataclass(slots=True)
class _Life:
    """A channel, from its first row to its last."""

    start: CelRow
    rows: list[CelRow] = field(default_factory=list)
    hangup: CelRow | None = None
    answered_at: float | None = None
    #: Last known.
    linkedid: str = ""
    exten: str = ""
    app: str = ""
    appdata: str = ""
    #: The queue it waits in, from when it does.
    waits_in: str = ""
    #: The sound that is being played to it.
    hears: str = ""
    bridge: str = ""
    #: Who plays it the music of one on hold.
    held_by: "_Life | None" = None

    @property
    def is_first(self) -> bool:
        return self.start.uniqueid == self.start.linkedid

    @property
    def is_originated(self) -> bool:
        named_by_us = is_ours(self.start.uniqueid, None)
        return self.is_first and (named_by_us or any(row.app == _ORIGINATED for row in self.rows))

    @property
    def is_dialled(self) -> bool:
        if self.is_first:
            return self.is_originated
        # Who picks up a colleague's call runs on as if he had been dialled; he began by himself.
        dialled = any(row.appdata == _DIALLED for row in self.rows)
        return dialled or (self.start.exten in ("", "s") and not _is_hop(self.start))

    @property
    def cause(self) -> int:
        return _number(self.hangup.extra.get("hangupcause")) if self.hangup is not None else 0


class _Translation:
    def __init__(self, rows: Sequence[CelRow]) -> None:
        self._rows = rows
        self._lives: dict[str, _Life] = {}
        self._by_name: dict[str, _Life] = {}
        self._bridges: dict[str, dict[str, _Life]] = {}
        #: Who ever had a Linkedid.
        self._together: dict[str, dict[str, _Life]] = {}
        for row in rows:
            self._collect(row)
        #: Rows before which somebody asks to hang up, by place.
        self._requests: dict[int, list[_Life]] = {}
        self._find_requests()
        for life in self._lives.values():
            life.linkedid, life.exten = life.start.linkedid, life.start.exten

    def _collect(self, row: CelRow) -> None:
        life = self._lives.get(row.uniqueid)
        if life is None:
            life = self._lives[row.uniqueid] = _Life(row)
            self._by_name[row.channel] = life
        life.rows.append(row)
        self._together.setdefault(row.linkedid, {})[row.uniqueid] = life
        if row.kind == "ANSWER" and life.answered_at is None:
            life.answered_at = row.at
        elif row.kind == "HANGUP" and life.hangup is None:
            life.hangup = row

    # ------------------------------------------------------------ who hung up

    def _find_requests(self) -> None:
        asked: dict[str, float] = {}
        for row in self._rows:
            if row.kind == "HANGUP":
                by = self._who_hung_up(row)
                if by is not None:
                    asked.setdefault(by.start.uniqueid, row.at)
        for uid, at in asked.items():
            life = self._lives[uid]
            linkedids = {row.linkedid for row in life.rows}
            first = bisect_left(self._rows, at - _ONE_END_S, key=lambda row: row.at)
            for place in range(first, len(self._rows)):
                row = self._rows[place]
                if row.kind in _ENDS and row.linkedid in linkedids:
                    self._requests.setdefault(place, []).append(life)
                    break

    def _who_hung_up(self, row: CelRow) -> _Life | None:
        life = self._lives[row.uniqueid]
        source = str(row.extra.get("hangupsource", ""))
        gave_up = row.extra.get("dialstatus") == "CANCEL" and not life.is_dialled
        by = self._by_name.get(source) or (life if gave_up else None)
        if by is None or by.hangup is None or (by is not life and by.answered_at is None):
            return None
        # A caller who got a refusal from the PBX has confirmed it; that is not his doing.
        refused = by.answered_at is None and not by.is_dialled and by.cause in _TURNED_DOWN
        return None if refused else by

    # ------------------------------------------------------------ row by row

    def messages(self) -> Iterator[Message]:
        for place, row in enumerate(self._rows):
            for life in self._requests.get(place, ()):
                yield self._hangup_request(life, row.at)
            life = self._lives[row.uniqueid]
            if row.kind != "CHAN_START":
                life.linkedid, life.exten = row.linkedid, row.exten or life.exten
            yield from self._row(life, row)
            life.app, life.appdata = row.app, row.appdata

    def _row(self, life: _Life, row: CelRow) -> Iterator[Message]:
        match row.kind:
            case "CHAN_START":
                yield from self._began(life, row)
            case "ANSWER":
                yield self._said("Newstate", row, channelstate=str(UP))
                if life.is_dialled:
                    yield self._dial_end(life, "ANSWER", row.at)
            case "APP_START":
                yield from self._app_started(life, row)
            case "APP_END":
                yield from self._left_unserved(life, row)
            case "BRIDGE_ENTER":
                yield from self._entered(life, row)
            case "BRIDGE_EXIT":
                self._bridges.get(life.bridge, {}).pop(row.uniqueid, None)
                life.bridge = ""
                yield self._said("BridgeLeave", row, **_bridge(row))
            case "HANGUP":
                yield from self._hung_up(life, row)
            case "STREAM_BEGIN" | "STREAM_END" | "DTMF":
                yield from self._heard_or_pressed(life, row)
            case _:
                yield from self._handed_over(row)

    def _said(self, name: str, row: CelRow, **facts: str) -> Message:
        return Message(name, {**_named(row), **facts}, None, row.at)

    def _began(self, life: _Life, row: CelRow) -> Iterator[Message]:
        state = DOWN if life.is_dialled else _RINGS_IN
        yield self._said(
            "Newchannel", row, channelstate=str(state), exten=row.exten, calleridnum=row.number,
            calleridname=row.name,
        )  # fmt: skip
        if life.is_dialled:
            yield self._dial_begin(life, row)

    # ------------------------------------------------------------ dialling

    def _dial_begin(self, life: _Life, row: CelRow) -> Message:
        fields = _named(row, "dest")
        if life.is_originated:
            # The phone an Originate rings shows the number it will be put through to.
            shown = next((one.number for one in life.rows if one.app == _ORIGINATED), row.number)
            fields["destcalleridnum"] = shown
        else:
            source = self._dialler(life)
            if source is not None:
                target = _target(source, endpoint_of(row.channel)).partition("@")[0]
                fields |= {**_named(source.start), "linkedid": source.linkedid}
                fields |= {"exten": source.exten, "dialstring": target}
        return Message("DialBegin", fields, None, row.at)

    def _dialler(self, dialled: _Life) -> _Life | None:
        """Return who dials a channel just then: who runs a Dial with its name, else a queue's caller."""
        endpoint = endpoint_of(dialled.start.channel)
        around = [
            life
            for life in self._together[dialled.start.linkedid].values()
            if life.linkedid == dialled.start.linkedid
            and life.start.at <= dialled.start.at
            and life is not dialled
            and (life.hangup is None or life.hangup.at >= dialled.start.at)
        ]
        for is_it in (
            lambda life: _target(life, endpoint) != "",
            lambda life: life.app == "Queue",
            lambda life: life.is_first,
        ):
            for life in around:
                if is_it(life):
                    return life
        return None

    def _dial_end(self, life: _Life, status: str, at: float) -> Message:
        fields = {**_named(life.start, "dest"), "destlinkedid": life.linkedid, "dialstatus": status}
        return Message("DialEnd", fields, None, at)

    # ------------------------------------------------------------ queues

    def _app_started(self, life: _Life, row: CelRow) -> Iterator[Message]:
        if row.app.lower() in _SPIES:
            yield Message("ChanSpyStart", _named(row, "spyer"), None, row.at)
        if row.app == "Queue" and not self._is_refused(life, row):
            life.waits_in = row.appdata.partition(",")[0]
            yield self._said("QueueCallerJoin", row, queue=life.waits_in)

    def _is_refused(self, life: _Life, row: CelRow) -> bool:
        later = (one for one in life.rows if one.at >= row.at)
        over = next((one for one in later if one.kind in ("APP_END", "BRIDGE_ENTER")), None)
        at_once = over is not None and over.kind == "APP_END" and over.at - row.at < _REFUSED_S
        return at_once and life.cause not in (0, 127)

    def _left_unserved(self, life: _Life, row: CelRow) -> Iterator[Message]:
        if life.waits_in:
            yield self._said("QueueCallerAbandon", row, queue=life.waits_in)
            yield self._left(life, row)

    def _left(self, life: _Life, row: CelRow) -> Message:
        queue, life.waits_in = life.waits_in, ""
        return self._said("QueueCallerLeave", row, queue=queue)

    # ------------------------------------------------------------ menus and mailboxes

    def _heard_or_pressed(self, life: _Life, row: CelRow) -> Iterator[Message]:
        if row.kind == "DTMF":
            digit = str(row.extra.get("digit", ""))
            yield self._said("DTMFEnd", row, digit=digit, direction="Received")
        elif row.kind == "STREAM_BEGIN":
            life.hears = str(row.extra.get("sound", ""))
            life.held_by = self._other_one(life) if "class" in row.extra else life.held_by
            if life.held_by is not None and "class" in row.extra:
                yield self._by(life.held_by, "Hold", row.at)
        elif life.held_by is not None:
            holder, life.held_by = life.held_by, None
            yield self._by(holder, "Unhold", row.at)
        else:
            yield from self._heard(life, row)

    def _by(self, life: _Life, name: str, at: float) -> Message:
        return Message(name, {**_named(life.start), "linkedid": life.linkedid}, None, at)

    def _other_one(self, life: _Life) -> _Life | None:
        """Return who is on the line with `life`, beyond a Local channel if there is one."""
        others = [one for one in self._bridges.get(life.bridge, {}).values() if one is not life]
        if len(others) != 1 or not _is_hop(others[0].start):
            return others[0] if len(others) == 1 else None
        name = others[0].start.channel
        half = self._by_name.get(name[:-1] + ("2" if name.endswith("1") else "1"))
        far = self._bridges.get(half.bridge, {}).values() if half is not None else ()
        beyond = [one for one in far if one is not half]
        return beyond[0] if len(beyond) == 1 and not _is_hop(beyond[0].start) else None

    def _heard(self, life: _Life, row: CelRow) -> Iterator[Message]:
        """After the tone of a mailbox a caller who stays leaves a message."""
        tone, life.hears = life.hears == _TONE, ""
        if not tone or row.app != "VoiceMail":
            return
        ends = (one for one in life.rows if one.kind in ("APP_END", "HANGUP") and one.at >= row.at)
        over = next(ends, None)
        if over is not None and over.at - row.at >= _MESSAGE_S:
            yield self._said("MessageWaiting", row, waiting="1")

    # ------------------------------------------------------------ bridges

    def _entered(self, life: _Life, row: CelRow) -> Iterator[Message]:
        facts = _bridge(row)
        if life.waits_in and facts["bridgetechnology"] != "holding_bridge":
            yield self._left(life, row)
        life.bridge = facts["bridgeuniqueid"]
        self._bridges.setdefault(life.bridge, {})[row.uniqueid] = life
        yield self._said("BridgeEnter", row, **facts)

    # ------------------------------------------------------------ ends

    def _hangup_request(self, life: _Life, at: float) -> Message:
        turned_down = life.is_dialled and life.answered_at is None
        fields = {**_named(life.start), "linkedid": life.linkedid, "cause": str(life.cause)}
        return Message(
            "HangupRequest", fields | ({"techcause": "486"} if turned_down else {}), None, at
        )

    def _hung_up(self, life: _Life, row: CelRow) -> Iterator[Message]:
        yield from self._left_unserved(life, row)
        if life.is_dialled and life.answered_at is None and life.cause not in _TURNED_DOWN:
            yield self._dial_end(life, self._unanswered(life, row), row.at)
        yield self._said("Hangup", row, cause=str(life.cause))

    def _unanswered(self, life: _Life, row: CelRow) -> str:
        """Return how a ringing ended that nobody took up or turned down."""
        if life.cause == _CAUSE_ELSEWHERE or self._was_picked_up(life):
            return "CANCEL"
        dialler = self._dialler(life)
        if dialler is None:
            return "NOANSWER"
        over = dialler.hangup
        gave_up = over is not None and over.at - row.at < _ONE_END_S and self._asked(dialler)
        return "CANCEL" if gave_up else "NOANSWER"

    def _asked(self, life: _Life) -> bool:
        return any(life in lives for lives in self._requests.values())

    def _was_picked_up(self, life: _Life) -> bool:
        return any(row.kind == "PICKUP" for row in life.rows)

    # ------------------------------------------------------------ other hands

    def _handed_over(self, row: CelRow) -> Iterator[Message]:
        extra = row.extra
        match row.kind:
            case "BLINDTRANSFER":
                fields = _named(row, "transferer") | self._other(
                    "transferee", extra, "transferee_channel"
                )
                fields["extension"] = str(extra.get("extension", ""))
                yield Message("BlindTransfer", fields, None, row.at)
            case "ATTENDEDTRANSFER":
                fields = _named(row, "origtransferer")
                fields |= self._other("secondtransferer", extra, "channel2")
                fields |= self._other("transferee", extra, "transferee_channel")
                fields |= self._other("transfertarget", extra, "transfer_target_channel")
                yield Message("AttendedTransfer", fields, None, row.at)
            case "PICKUP":
                fields = _named(row, "target") | self._other("", extra, "pickup_channel", name="")
                yield Message("Pickup", fields, None, row.at)
            case "PARK_START":
                yield Message("ParkedCall", _named(row, "parkee"), None, row.at)
            case "PARK_END":
                retriever = self._by_name.get(str(extra.get("retriever", "")))
                if retriever is not None:
                    fields = _named(row, "parkee") | _named(retriever.start, "retriever")
                    fields["retrieverlinkedid"] = retriever.linkedid
                    yield Message("UnParkedCall", fields, None, row.at)

    def _other(self, prefix: str, extra: Any, key: str, name: str = "_name") -> dict[str, str]:
        """Return the fields of another channel that a row names; nothing of one that is not known."""
        life = self._lives.get(str(extra.get(f"{key}_uniqueid", "")))
        if life is None:
            life = self._by_name.get(str(extra.get(f"{key}{name}", "")))
        if life is None:
            return {}
        return _named(life.start, prefix) | {f"{prefix}linkedid": life.linkedid}


def _named(row: CelRow, prefix: str = "") -> dict[str, str]:
    return {
        f"{prefix}channel": row.channel,
        f"{prefix}uniqueid": row.uniqueid,
        f"{prefix}linkedid": row.linkedid,
    }


def _bridge(row: CelRow) -> dict[str, str]:
    technology = str(row.extra.get("bridge_technology", ""))
    return {
        "bridgeuniqueid": str(row.extra.get("bridge_id", "")),
        "bridgetechnology": technology,
        "bridgetype": _bridge_type(row.app.lower(), technology),
    }


def _bridge_type(app: str, technology: str) -> str:
    if app == "agentlogin" and technology == "holding_bridge":
        return "agent_hold"
    return "base" if app in ("confbridge", "meetme") else "basic"


def _is_hop(row: CelRow) -> bool:
    return row.channel.startswith("Local/")


def _target(life: _Life, endpoint: str) -> str:
    """Return what `life` dials at `endpoint`: of "PJSIP/0501234567@trunk" the part after the slash."""
    if life.app != "Dial":
        return ""
    technology, _, name = endpoint.partition("/")
    for one in life.appdata.partition(",")[0].split("&"):
        kind, _, where = one.partition("/")
        beyond = where.rpartition("@")[2]
        if kind == technology and name in (where.partition("/")[0], beyond):
            return where.partition("/")[2] or where
    return ""


def _number(value: Any) -> int:
    try:
        return int(value)
    except (TypeError, ValueError):
        return 0

"""Telephones and the carrier, played by SIPp, which is told what to do over its own SIP port.

One process plays the carrier with all its customers, one phone, or a whole floor of phones.
"""

import asyncio
import re
import secrets
import socket
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.e2e.rig.asterisk import CARRIER, LOOPBACK, OTHER_CARRIER, Asterisk, free_port
from tests.e2e.rig.call import Call
from tests.e2e.rig.sip import DEADLINE_S, SipMessage, who, within_deadline
from tests.lifeline import Lifeline

SCENARIO = Path(__file__).with_name("phone.xml")
LOOK_EVERY_S = 0.02

# What stands between @ in the scenario, by name; these may hold further names.
PARTS = {
    "COMMAND": """<action>
      <ereg regexp="[^ ].*" search_in="hdr" header="X-User:" assign_to="user"/>
      <ereg regexp="[^ ].*" search_in="hdr" header="X-To:" assign_to="to"/>
      <ereg regexp="[^ ].*" search_in="hdr" header="X-From:" assign_to="from"/>
      <ereg regexp="[^ ].*" search_in="hdr" header="X-Expires:" assign_to="expires"/>
      <ereg regexp="[^ ].*" search_in="hdr" header="X-Direction:" assign_to="direction"/>
      <ereg regexp="[^ ].*" search_in="hdr" header="X-Digit:" assign_to="digit"/>
      <ereg regexp="[^ ].*" search_in="hdr" header="X-Query:" assign_to="query"/>
      <ereg regexp="[0-9]+" search_in="hdr" header="CSeq:" assign_to="seq"/>
      <!-- SIPp sends to where the last message came from, which was this test. -->
      <setdest host="@PBX_HOST@" port="@PBX_PORT@" protocol="udp"/>
    </action>""",
    "CALLER": """From: [$from];tag=[pid]x[call_number]
To: <sip:[$to]@[remote_ip]:[remote_port]>
Call-ID: [call_id]
Max-Forwards: 70""",
    "REGISTERING": """From: <sip:[$user]@[remote_ip]>;tag=[pid]x[call_number]
To: <sip:[$user]@[remote_ip]>
Call-ID: [call_id]
Contact: <sip:[$user]@[local_ip]:[local_port]>
Expires: [$expires]
Max-Forwards: 70""",
    "REPLY_TO_INVITE": """Via: [$via]
From: [$them]
To: [$us]
Call-ID: [call_id]
CSeq: [$invite]""",
    "CONFIRMATION": """SIP/2.0 200 OK
[last_Via:]
[last_From:]
[last_To:]
[last_Call-ID:]
[last_CSeq:]""",
    # SIPp draws a branch for each place in the scenario, and a key may be pressed twice.
    "WITHIN_DIALOG": """Via: SIP/2.0/UDP [local_ip]:[local_port];branch=[branch]x[$seq]
From: [$us]
To: [$them]
Call-ID: [call_id]
Max-Forwards: 70""",
    "SDP": """Content-Type: application/sdp
Content-Length: [len]

v=0
o=- 1 1 IN IP4 [media_ip]
s=-
c=IN IP4 [media_ip]
t=0 0
m=audio [rtpstream_audio_port] RTP/AVP 0
a=rtpmap:0 PCMU/8000""",
    # chan_sip looks at an offer only if its version is a new one.
    "NEW_SDP": """Content-Type: application/sdp
Content-Length: [len]

v=0
o=- 1 [$seq] IN IP4 [media_ip]
s=-
c=IN IP4 [media_ip]
t=0 0
m=audio [rtpstream_audio_port] RTP/AVP 0
a=rtpmap:0 PCMU/8000""",
}

# SIPp marks each message in its trace with the time and the number of bytes that follow.
_TRACED = re.compile(
    rb"-{40,} (?P<date>\S+)\s(?P<time>\S+)\n"
    rb"UDP message (?P<way>sent|received) [(\[](?P<bytes>\d+)\]? bytes\)? ?:\n\n"
)


class _Line:
    """What a phone and the carrier have in common: they are called and they call."""

    def __init__(self, pbx: Asterisk, name: str, address: str, port: int) -> None:
        self.name = name
        #: As whom it answers when it is asked for the password.
        self._login = name
        self.calls: list[Call] = []
        self._pbx = pbx
        self._address = (address, port)
        self._by_id: dict[str, Call] = {}
        self._handed_out: list[Call] = []
        self._changed = asyncio.Condition()
        self._trace = pbx.folder / f"sipp-{name}-{secrets.token_hex(4)}.messages"
        self._read_to = 0

    async def __aenter__(self) -> Self:
        self._process = await self._start()
        self._lifeline = Lifeline("kill", "-KILL", str(self._process.pid))
        self._reader = asyncio.create_task(self._read_for_ever())
        self._control = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._control.bind((LOOPBACK, 0))
        self._control.setblocking(False)
        try:
            await self._until_it_listens()
        except BaseException:
            await self._stop()
            raise
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._stop()

    async def incoming(self, to: str = "") -> Call:
        """Wait for the next call that rings here, at the number `to` if many are here."""

        def found() -> list[Call]:
            return [
                call
                for call in self.calls
                if call.incoming and call.ringing_at and to in ("", call.called_number)
                if call not in self._handed_out
            ]

        await within_deadline(
            self._changed, lambda: bool(found()), lambda: f"did not ring at {to or self.name}"
        )
        self._handed_out.append(call := found()[0])
        return call

    async def _dial(self, to: str, from_: str, user: str) -> Call:
        call_id = secrets.token_hex(8)
        self._command(call_id, "DIAL", to=to, from_=from_, user=user)
        await within_deadline(
            self._changed, lambda: call_id in self._by_id, lambda: f"did not dial at {self.name}"
        )
        return self._by_id[call_id]

    # Telling SIPp.

    def _command(self, call_id: str, verb: str, seq: int = 1, **values: str) -> None:
        host, port = self._control.getsockname()
        lines = [
            f"{verb} sip:{self.name}@rig SIP/2.0",
            f"Via: SIP/2.0/UDP {host}:{port};branch=z9hG4bK-{secrets.token_hex(8)}",
            f"From: <sip:test@{host}>;tag=test",
            f"To: <sip:{self.name}@rig>",
            f"Call-ID: {call_id}",
            f"CSeq: {seq} {verb}",
            *(f"X-{name.strip('_').capitalize()}: {value}" for name, value in values.items()),
            "Content-Length: 0",
        ]
        message = "".join(f"{line}\r\n" for line in [*lines, ""])
        self._control.sendto(message.encode(), self._address)

    async def _until_it_listens(self) -> None:
        """Ask until it answers: what is sent to SIPp before it listens is lost."""
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(DEADLINE_S):
                while True:
                    self._command(secrets.token_hex(8), "OPTIONS")
                    try:
                        async with asyncio.timeout(0.1):
                            await loop.sock_recv(self._control, 4096)
                            return
                    except (TimeoutError, ConnectionRefusedError):
                        continue
        except TimeoutError:
            raise AssertionError(f"SIPp did not start; see {self._output}") from None

    # The process.

    @property
    def _output(self) -> Path:
        return self._trace.with_suffix(".output")

    async def _start(self) -> asyncio.subprocess.Process:
        address, port = self._address
        scenario = self._trace.with_suffix(".xml")
        scenario.write_text(self._scenario(), encoding="utf-8")
        with self._output.open("wb") as output:
            return await asyncio.create_subprocess_exec(
                "sipp",
                f"{self._pbx.host}:{self._pbx.sip_port}",
                *("-sf", scenario, "-i", address, "-mi", address, "-p", str(port)),
                *("-trace_msg", "-message_file", self._trace),
                *("-trace_err", "-error_file", self._trace.with_suffix(".errors")),
                # Room for what arrives while it is busy: whatever finds none is lost.
                *("-buff_size", "4194304"),
                "-nostdin",
                env={"TZ": "UTC", "TERM": "dumb", "PATH": "/usr/local/bin:/usr/bin:/bin"},
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )

    async def _stop(self) -> None:
        self._control.close()
        self._process.kill()
        await self._process.wait()
        self._lifeline.release()
        self._reader.cancel()

    def _scenario(self) -> str:
        voice = self._trace.with_suffix(".ulaw")
        voice.write_bytes(b"\xd5\x55" * 800)  # a buzz: Asterisk wants sound to join two channels
        text = SCENARIO.read_text(encoding="utf-8")
        values = {
            "LOGIN": self._login,
            "SECRET": self._pbx.secret,
            "VOICE": str(voice),
            "PBX_HOST": self._pbx.host,
            "PBX_PORT": str(self._pbx.sip_port),
        }
        for name, value in [*PARTS.items(), *values.items()]:
            text = text.replace(f"@{name}@", value)
        return text

    # What it did.

    async def _read_for_ever(self) -> None:
        while True:
            if messages := list(self._new_messages()):
                async with self._changed:
                    for message in messages:
                        self._see(message)
                    self._changed.notify_all()
            await asyncio.sleep(LOOK_EVERY_S)

    def _new_messages(self) -> Iterator[SipMessage]:
        if not self._trace.exists():
            return
        with self._trace.open("rb") as file:
            file.seek(self._read_to)
            new = file.read()
        done = 0
        while head := _TRACED.search(new, done):
            end = head.end() + int(head["bytes"])
            if end > len(new):
                break
            when = datetime.fromisoformat(f"{head['date'].decode()} {head['time'].decode()}")
            text = new[head.end() : end].decode()
            yield SipMessage(when.replace(tzinfo=UTC).timestamp(), head["way"] == b"sent", text)
            done = end
        self._read_to += done

    def _see(self, message: SipMessage) -> None:
        call_id = message.header("Call-ID")
        if call_id not in self._by_id and message.text.startswith("INVITE "):
            call = Call(self.name, call_id, self._command, self._changed)
            self._by_id[call_id] = call
            self.calls.append(call)
        if call_id in self._by_id:
            self._by_id[call_id].see(message)
        self._note(message)

    def _note(self, message: SipMessage) -> None:
        """Take in a message that may belong to no call."""


class Trunk(_Line):
    """The carrier: customers call through it, and agents call customers through it."""

    def __init__(self, pbx: Asterisk, *, other: bool = False) -> None:
        """`other`: a second carrier, with an address of its own, if the PBX knows one."""
        if other:
            super().__init__(pbx, "trunk2", OTHER_CARRIER, pbx.other_trunk_port)
        else:
            super().__init__(pbx, "trunk", CARRIER, pbx.trunk_port)

    async def call(self, to: str, from_: str = "anonymous", name: str = "") -> Call:
        """A customer calls `to`; numbers are as the carrier spells them."""
        host = "anonymous.invalid" if from_ == "anonymous" else CARRIER
        caller = f'"{name}" <sip:{from_}@{host}>' if name else f"<sip:{from_}@{host}>"
        return await self._dial(to, caller, self.name)


class Phones(_Line):
    """Agents' telephones in one process, registered for as long as the context lasts.

    SIPp has one user name and password for all it plays: several phones need one in common.
    """

    def __init__(self, pbx: Asterisk, name: str, extensions: Sequence[str]) -> None:
        super().__init__(pbx, name, LOOPBACK, free_port(LOOPBACK, socket.SOCK_DGRAM))
        self._extensions = extensions
        #: So many register at a time: SIPp has one socket for all of them.
        self._registering = asyncio.Semaphore(8)
        #: Call-IDs of what the PBX has answered, and phones that it has found where they said.
        self._registered: set[str] = set()
        self._reached: set[str] = set()

    async def __aenter__(self) -> Self:
        await super().__aenter__()
        try:
            await asyncio.gather(*(self.register(each) for each in self._extensions))
        except BaseException:
            await self._stop()
            raise
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            await asyncio.gather(*(self.unregister(each) for each in self._extensions))
        finally:
            await self._stop()

    async def dial(self, extension: str, to: str) -> Call:
        """The agent at `extension` dials `to`."""
        return await self._dial(to, f"<sip:{extension}@{LOOPBACK}>", extension)

    async def register(self, extension: str) -> None:
        """Tell the PBX where this phone is, and wait until it has found it there."""
        async with self._registering:
            self._reached.discard(extension)
            await self._register(extension, expires="300")
            await within_deadline(
                self._changed,
                lambda: extension in self._reached,
                lambda: f"was not looked at by the PBX ({extension})",
            )

    async def unregister(self, extension: str) -> None:
        async with self._registering:
            await self._register(extension, expires="0")

    async def _register(self, extension: str, expires: str) -> None:
        call_id = secrets.token_hex(8)
        self._command(call_id, "REGISTER-NOW", user=extension, expires=expires)
        await within_deadline(
            self._changed,
            lambda: call_id in self._registered,
            lambda: f"was not registered ({extension})",
        )

    def _note(self, message: SipMessage) -> None:
        if message.status != 200:
            return
        if message.method == "REGISTER":
            self._registered.add(message.header("Call-ID"))
        # The PBX asks a new contact for its OPTIONS; so do we at the start, from another port.
        elif message.method == "OPTIONS" and "sip:test@" not in message.header("From"):
            self._reached.add(who(message.header("To"))[1])


class Phone(Phones):
    """One agent's telephone, registered for as long as the context lasts."""

    def __init__(self, pbx: Asterisk, extension: str) -> None:
        super().__init__(pbx, extension, [extension])
        self.extension = extension

    async def call(self, to: str) -> Call:
        """The agent dials `to`."""
        return await self.dial(self.extension, to)

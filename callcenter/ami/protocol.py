"""Bytes from the socket: events go to us, answers go to panoramisk.

panoramisk numbers our actions and finds the future an answer belongs to; nothing
else of it is used, and no event ever enters it. Blocks are told apart before they
are parsed: an event whose name nobody wants costs a look-up, and wanted events
leave here as bytes, so that reading never waits for handling.

This file and `ami.session` are the only ones that know panoramisk.
`docs/reference/panoramisk.md` lists what they protect the house from.
"""

import asyncio
import time
from collections.abc import Callable
from typing import Any, Final

from panoramisk.ami_protocol import AMIProtocol
from panoramisk.message import (
    Message as PanoramiskMessage,
)

from callcenter.ami.framing import Framer
from callcenter.ami.messages import Message, parse
from callcenter.ami.stream import Read

GREETING: Final = b"Asterisk Call Manager/"

#: What one turn of the event loop may read; more would make the others wait.
READ_BYTES: Final = 64 * 1024

_EVENT: Final = b"Event: "
_FULLY_BOOTED: Final = b"FullyBooted"
_RESPONSE: Final = b"Response: "
_ACTION_ID: Final = b"\r\nActionID: "


class Answer(PanoramiskMessage):  # type: ignore[misc]
    """What panoramisk needs of an answer, and our own message with it."""

    def __init__(self, message: Message) -> None:
        super().__init__(
            {
                "Response": message.fields.get("response", ""),
                "ActionID": message.fields.get("actionid", ""),
            }
        )
        self.message = message


class ListItems:
    """The items of one list answer, gathered until Asterisk says it is complete."""

    def __init__(self) -> None:
        self.items: list[Message] = []
        #: Nothing more will come of it.
        self.is_over = False
        self.complete: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def add(self, message: Message) -> None:
        state = message.get("eventlist").lower()
        if state in ("complete", "cancelled") or message.name.endswith("Complete"):
            self.is_over = True
            if not self.complete.done():
                self.complete.set_result(None)
        else:
            self.items.append(message)


class Protocol(AMIProtocol, asyncio.BufferedProtocol):  # type: ignore[misc]
    """One connection. Made anew for each attempt and never used twice."""

    def __init__(
        self,
        wanted: frozenset[bytes],
        on_read: Callable[[Read], None],
        on_booted: Callable[[], None],
        on_lost: Callable[[str], None],
        on_raw: Callable[[float, bytes], None] = lambda _at, _data: None,
    ) -> None:
        self._wanted = wanted
        self._on_read = on_read
        self._on_booted = on_booted
        self._on_lost = on_lost
        #: Gets everything but the greeting, as it came.
        self._on_raw = on_raw
        self._framer = Framer()
        self._greeting: bytes | None = b""
        self._view = memoryview(bytearray(READ_BYTES))
        #: Lists under way, by ActionID; items of one that was given up may come for ever.
        self.lists: dict[str, ListItems] = {}
        self._gave_up_a_list = False
        self.closed = False
        self.transport: asyncio.Transport | None = None
        self.responses: dict[str, Any] = {}
        #: AMI's version, such as "11.0.0", once the greeting has come.
        self.version: str | None = None
        #: Reads so far, and when the last one came; a link without new ones is dead.
        self.reads = 0
        self.heard_at: float | None = None
        #: Blocks that were neither event nor answer, and the first of them.
        self.senseless = 0
        self.first_senseless = b""

    # ------------------------------------------------------------ bytes

    def get_buffer(self, sizehint: int) -> memoryview:
        return self._view

    def buffer_updated(self, nbytes: int) -> None:
        self.data_received(bytes(self._view[:nbytes]))

    def data_received(self, data: bytes) -> None:
        self.reads += 1
        self.heard_at = at = time.time()
        if self._greeting is not None:
            data = self._greet(self._greeting + data)
        self._on_raw(at, data)
        wanted, read = self._wanted, []
        listing = bool(self.lists) or self._gave_up_a_list
        # A look-up for each block, and no call: this loop is all that noise costs.
        for block in self._framer.feed(data):
            if block.startswith(_EVENT):
                name = block[7 : block.find(b"\r\n", 7)]
                if name in wanted:
                    if not listing or _ACTION_ID not in block or self._is_live(parse(block)):
                        read.append(block)
                elif listing and _ACTION_ID in block:
                    self._is_live(parse(block))
                elif name == _FULLY_BOOTED:
                    self._on_booted()
            elif self._is_wanted_after_all(block):
                read.append(block)
        if read:
            self._on_read(Read(at, read))

    def _greet(self, data: bytes) -> bytes:
        """Return what follows the greeting, which is the first line of a connection."""
        if not data.startswith(GREETING[: len(data)]):
            self.fail("what answers there does not speak AMI")
            return b""
        line, end, rest = data.partition(b"\r\n")
        if not end:
            self._greeting = data
            return b""
        self._greeting = None
        self.version = line.removeprefix(GREETING).decode("ascii", "replace")
        return rest

    # ------------------------------------------------------------ blocks

    def _is_live(self, message: Message) -> bool:
        """Hand an item to the list that asked for it; whether it is an event for all as well.

        An event with an ActionID is an item of a list (even of one we gave up), except
        OriginateResponse, which tells everybody.
        """
        asked = self.lists.get(message.get("actionid"))
        if asked is not None:
            asked.add(message)
        return message.name == "OriginateResponse"

    def _is_wanted_after_all(self, block: bytes) -> bool:
        """Hand over what is no plain event; whether it is an event all the same."""
        if block.startswith(_RESPONSE):
            self._answer(parse(block))
            return False
        message = parse(block.lstrip(b"\r\n"))
        if message.name:
            return message.name.encode() in self._wanted
        if next(iter(message.fields), "") == "response":
            self._answer(message)
            return False
        self.senseless += 1
        self.first_senseless = self.first_senseless or block[:200]
        return False

    def _answer(self, message: Message) -> None:
        # Looks up the ActionID; an answer nobody waits for any more is dropped there.
        self.handle_message(Answer(message))

    def forget(self, action: Any) -> None:
        """Drop what panoramisk keeps of `action`, whose answer is in or no longer awaited."""
        for key in (action.id, action.action_id):
            if self.responses.get(key) is action:
                del self.responses[key]
        gathering = self.lists.pop(action.action_id, None)
        if gathering is not None and not gathering.is_over:
            self._gave_up_a_list = True

    # ------------------------------------------------------------ the end

    def connection_lost(self, exc: Exception | None) -> None:
        self.fail(f"connection lost: {exc}" if exc else "the PBX closed the connection")

    def fail(self, reason: str) -> None:
        """Close; what waits for an answer learns that it will not come."""
        if not self.closed:
            self.close()
            self._on_lost(reason)

    def close(self) -> None:
        """Close the socket. panoramisk's own way keeps what is unanswered, to send it again."""
        self.closed = True
        if self.transport is not None:
            self.transport.abort()

"""One call as a phone sees it: what it can do, and what it knows of the times."""

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

# Anything on loopback that takes longer than this has gone wrong.
DEADLINE_S = 15.0

_IN_PROGRESS = range(101, 200)
_SUCCESS = range(200, 300)
_ASKED_FOR_PASSWORD = 401

Command = Callable[..., None]


@dataclass(frozen=True)
class SipMessage:
    """A SIP message as SIPp wrote it down; `at` is epoch seconds, `sent` by the phone."""

    at: float
    sent: bool
    text: str

    @property
    def status(self) -> int | None:
        """The code of a response; None for a request."""
        match = re.match(r"SIP/2\.0 (\d{3})", self.text)
        return int(match[1]) if match else None

    @property
    def method(self) -> str:
        """What is asked for, or what is responded to."""
        return self.header("CSeq").rpartition(" ")[2]

    def header(self, name: str) -> str:
        match = re.search(rf"^{name}:\s*(.*?)\s*$", self.text, re.IGNORECASE | re.MULTILINE)
        return match[1] if match else ""


class Call:
    """A call of one phone. Times are epoch seconds of the clock Asterisk uses too."""

    def __init__(self, call_id: str, command: Command, changed: asyncio.Condition) -> None:
        self.call_id = call_id
        self.incoming = False
        self.caller_number = ""
        self.caller_name = ""
        self.called_number = ""
        self.invited_at: float | None = None
        self.ringing_at: float | None = None
        self.answered_at: float | None = None
        self.ended_at: float | None = None
        self.final: int | None = None
        self.ended_by: Literal["phone", "pbx"] | None = None
        self._command = command
        self._changed = changed
        # Our requests within the call are numbered; dialling has used up the first two.
        self._number = 10
        self._offers_taken = 0

    # What a person does. Each returns when the phone has sent what the deed needs.

    async def answer(self) -> None:
        self._command(self.call_id, "ANSWER")
        await self.until_answered()

    async def be_busy(self) -> None:
        await self._refuse("BUSY")

    async def decline(self) -> None:
        await self._refuse("DECLINE")

    async def be_unknown(self) -> None:
        await self._refuse("NOT-FOUND")

    async def fail(self) -> None:
        await self._refuse("FAIL")

    async def hold(self) -> None:
        await self._offer("sendonly")

    async def resume(self) -> None:
        await self._offer("sendrecv")

    async def hang_up(self) -> None:
        """End the call, or give up dialling."""
        self._command(self.call_id, "HANGUP", seq=self._next())
        await self.until_ended()

    # What it waits for.

    async def until_ringing(self) -> None:
        await self._until(lambda: self.ringing_at is not None, "ring")

    async def until_answered(self) -> None:
        await self._until(lambda: self.answered_at is not None, "be answered")

    async def until_ended(self) -> None:
        await self._until(lambda: self.ended_at is not None, "end")

    @property
    def talk_s(self) -> float:
        """Seconds from the answer to the end."""
        assert self.answered_at is not None
        assert self.ended_at is not None
        return self.ended_at - self.answered_at

    def see(self, message: SipMessage) -> None:
        """Take in one message of this call."""
        if message.status is None:
            self._see_request(message)
        elif message.method == "INVITE":
            self._see_response(message, message.status)

    def _see_request(self, message: SipMessage) -> None:
        request = message.text.partition(" ")[0]
        if request == "INVITE" and self.invited_at is None:
            self.invited_at = message.at
            self.incoming = not message.sent
            self.caller_name, self.caller_number = who(message.header("From"))
            self.called_number = who(message.header("To"))[1]
        elif request in ("BYE", "CANCEL") and self.ended_at is None:
            self.ended_by = "phone" if message.sent else "pbx"
            if request == "BYE":
                self.ended_at = message.at

    def _see_response(self, message: SipMessage, status: int) -> None:
        if status == _ASKED_FOR_PASSWORD or self.ended_at:
            return
        if self.answered_at:
            self._offers_taken += not message.sent and status in _SUCCESS
        elif status in _IN_PROGRESS:
            self.ringing_at = self.ringing_at or message.at
        elif status in _SUCCESS:
            self.final = status
            self.answered_at = message.at
        elif status > max(_SUCCESS):
            self.final = status
            self.ended_at = message.at
            self.ended_by = self.ended_by or ("phone" if message.sent else "pbx")

    async def _refuse(self, command: str) -> None:
        self._command(self.call_id, command)
        await self.until_ended()

    async def _offer(self, direction: str) -> None:
        before = self._offers_taken
        self._command(self.call_id, "OFFER", seq=self._next(), direction=direction)
        await self._until(lambda: self._offers_taken > before, f"take {direction}")

    def _next(self) -> int:
        self._number += 1
        return self._number

    async def _until(self, true: Callable[[], bool], what: str) -> None:
        await within_deadline(self._changed, true, lambda: f"did not {what}: {self!r}")

    def __repr__(self) -> str:
        known = {key: value for key, value in vars(self).items() if not key.startswith("_")}
        return f"Call({known})"


async def within_deadline(
    changed: asyncio.Condition, true: Callable[[], bool], complaint: Callable[[], str]
) -> None:
    """Wait until `true`, looked at whenever `changed` is notified."""
    try:
        async with changed, asyncio.timeout(DEADLINE_S):
            await changed.wait_for(true)
    except TimeoutError:
        raise AssertionError(f"within {DEADLINE_S:.0f} s it {complaint()}") from None


def who(address: str) -> tuple[str, str]:
    """Return name and number of `"Aygün" <sip:1001@127.0.0.1>;tag=x`."""
    match = re.match(r'(?:"(?P<name>[^"]*)")?\s*<?sip:(?P<number>[^@>]*)', address)
    return (match["name"] or "", match["number"]) if match else ("", "")

"""One call as a phone sees it: what it can do, and what it knows of the times."""

import asyncio
from collections.abc import Callable
from typing import Literal
from urllib.parse import quote

from tests.e2e.rig.sip import SipMessage, tag, who, within_deadline

_IN_PROGRESS = range(101, 200)
_SUCCESS = range(200, 300)
_FINAL = range(200, 700)
_PROGRESS = 183
_ASKED_FOR_PASSWORD = 401

Command = Callable[..., None]


class Call:
    """A call of one phone. Times are epoch seconds of the clock Asterisk uses too."""

    def __init__(
        self, line: str, call_id: str, command: Command, changed: asyncio.Condition
    ) -> None:
        #: Whose call it is: an extension, or the carrier.
        self.line = line
        self.call_id = call_id
        self.incoming = False
        #: What the PBX asks of the phone besides, such as to answer by itself.
        self.alert_info = ""
        self.caller_number = ""
        self.caller_name = ""
        self.called_number = ""
        self.invited_at: float | None = None
        self.ringing_at: float | None = None
        self.early_media_at: float | None = None
        self.answered_at: float | None = None
        self.ended_at: float | None = None
        self.final: int | None = None
        self.ended_by: Literal["phone", "pbx"] | None = None
        #: When the PBX took each offer to hold, and each to go on.
        self.held_at: list[float] = []
        self.resumed_at: list[float] = []
        #: When the PBX agreed to hand the other side over, and what it said came of it.
        self.transferred_at: float | None = None
        self.transfer_code: int | None = None
        #: By these a dialog is known, for a transfer that replaces it.
        self.tags = {"local": "", "remote": ""}
        self._command = command
        self._changed = changed
        # Our requests within the call are numbered; dialling has used up the first two.
        self._number = 10
        self._offered = ""
        self._keys_taken = 0

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

    async def forward(self, to: str) -> None:
        """Answer with 302: the call is to go to `to` instead."""
        self._command(self.call_id, "FORWARD", to=to)
        await self.until_ended()

    async def send_early_media(self) -> None:
        """Let the caller hear something before the answer (183)."""
        self._command(self.call_id, "PROGRESS")
        await self._until(lambda: self.early_media_at is not None, "send early media")

    async def hold(self) -> None:
        before = len(self.held_at)
        self._offer("sendonly")
        await self._until(lambda: len(self.held_at) > before, "hold")

    async def resume(self) -> None:
        before = len(self.resumed_at)
        self._offer("sendrecv")
        await self._until(lambda: len(self.resumed_at) > before, "go on")

    async def press(self, keys: str) -> None:
        for key in keys:
            taken = self._keys_taken + 1
            self._command(self.call_id, "PRESS", seq=self._next(), digit=key)
            await self._until(lambda taken=taken: self._keys_taken >= taken, f"press {key}")  # type: ignore[misc]

    async def transfer(self, to: str) -> None:
        """Blind transfer (REFER): hand the other side over to `to`, and leave."""
        await self._refer(to)
        await self.leave()

    async def try_transfer(self, to: str) -> None:
        """Blind transfer that the PBX may refuse; stay in the call."""
        await self._refer(to)
        await self._until(
            lambda: self.ended_at is not None or (self.transfer_code or 0) in _FINAL,
            "be told how the transfer went",
        )

    async def transfer_to(self, consultation: "Call") -> None:
        """Attended transfer (REFER with Replaces): join the other side with `consultation`."""
        tags = consultation.tags
        dialog = f"{consultation.call_id};to-tag={tags['remote']};from-tag={tags['local']}"
        await self._refer(consultation.called_number, f"?Replaces={quote(dialog, safe='')}")
        await self._until(
            lambda: self.ended_at is not None or (self.transfer_code or 0) in _FINAL,
            "be told how the transfer went",
        )
        await self.leave()

    async def leave(self) -> None:
        """Hang up, unless the PBX was quicker."""
        if self.ended_at is None:
            await self.hang_up()

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
        elif message.method == "REFER":
            self._see_transfer(message, message.status)
        elif message.method == "INFO" and not message.sent:
            self._keys_taken += 1

    def _see_request(self, message: SipMessage) -> None:
        request = message.text.partition(" ")[0]
        if request == "INVITE" and self.invited_at is None:
            self._begin(message)
        elif request in ("BYE", "CANCEL") and self.ended_at is None:
            self.ended_by = self.ended_by or ("phone" if message.sent else "pbx")
            if request == "BYE":
                self.ended_at = message.at
        elif request == "NOTIFY":
            self.transfer_code = message.fragment or self.transfer_code

    def _begin(self, message: SipMessage) -> None:
        self.invited_at = message.at
        self.incoming = not message.sent
        self.caller_name, self.caller_number = who(message.header("From"))
        self.called_number = who(message.header("To"))[1]
        self.alert_info = message.header("Alert-Info")
        self.tags["local" if message.sent else "remote"] = tag(message.header("From"))

    def _see_response(self, message: SipMessage, status: int) -> None:
        if status == _ASKED_FOR_PASSWORD or self.ended_at:
            return
        if self.answered_at:
            self._see_offer_taken(message, status)
            return
        self.tags["local" if message.sent else "remote"] = tag(message.header("To"))
        if status in _IN_PROGRESS:
            self.ringing_at = self.ringing_at or message.at
            if status == _PROGRESS:
                self.early_media_at = self.early_media_at or message.at
        elif status in _SUCCESS:
            self.final = status
            self.answered_at = message.at
        elif status > max(_SUCCESS):
            self.final = status
            self.ended_at = message.at
            self.ended_by = self.ended_by or ("phone" if message.sent else "pbx")

    def _see_offer_taken(self, message: SipMessage, status: int) -> None:
        if self._offered and not message.sent and status in _SUCCESS:
            (self.held_at if self._offered == "sendonly" else self.resumed_at).append(message.at)
            self._offered = ""

    def _see_transfer(self, message: SipMessage, status: int) -> None:
        if status in _SUCCESS:
            self.transferred_at = message.at
        elif status > max(_SUCCESS):
            self.transfer_code = status

    async def _refuse(self, command: str) -> None:
        self._command(self.call_id, command)
        await self.until_ended()

    def _offer(self, direction: str) -> None:
        self._offered = direction
        self._command(self.call_id, "OFFER", seq=self._next(), direction=direction)

    async def _refer(self, to: str, query: str = ";transport=udp") -> None:
        self._command(self.call_id, "TRANSFER", seq=self._next(), to=to, query=query)
        await self._until(
            lambda: self.transferred_at is not None or self.transfer_code is not None,
            "have its REFER taken",
        )

    def _next(self) -> int:
        self._number += 1
        return self._number

    async def _until(self, true: Callable[[], bool], what: str) -> None:
        await within_deadline(self._changed, true, lambda: f"did not {what}: {self!r}")

    def __repr__(self) -> str:
        known = {key: value for key, value in vars(self).items() if not key.startswith("_")}
        return f"Call({known})"

"""SIP messages as SIPp wrote them down, and waiting for one with a deadline."""

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass

# Anything on loopback that takes longer than this has gone wrong.
DEADLINE_S = 30.0


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

    @property
    def fragment(self) -> int | None:
        """The code that a NOTIFY tells of the transfer it is about."""
        match = re.search(r"\r?\n\r?\nSIP/2\.0 (\d{3})", self.text)
        return int(match[1]) if match else None


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


def tag(address: str) -> str:
    """Return the tag of a From or To, by which a dialog is known."""
    match = re.search(r";tag=([^;\s]+)", address)
    return match[1] if match else ""

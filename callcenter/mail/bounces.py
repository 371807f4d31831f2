"""Delivery reports (RFC 3464): which letter did not arrive, where, and whether it ever will.

Pure. Servers write such a report in the name of nobody; it is no letter of a customer's.
"""

from email import message_from_string
from email.message import Message
from typing import Any, Final

import msgspec

#: The mailbox is not there, or is closed for good; all other refusals are of one letter only.
_GONE: Final = ("5.1.", "5.2.1")


class Failure(msgspec.Struct, frozen=True):
    """Somebody who did not get it: the status ("5.1.1") and what his server said."""

    address: str
    status: str
    says: str

    @property
    def is_gone(self) -> bool:
        """Whether nothing will ever arrive there."""
        return self.status.startswith(_GONE)


class Bounce(msgspec.Struct, frozen=True):
    #: Of our letter; "" if the report does not say.
    message_id: str
    failures: tuple[Failure, ...]


def read(message: "Message[str, str]") -> Bounce | None:
    """Return what a delivery report tells; None of a letter that is none, or only tells of delay."""
    if message.get_content_type() != "multipart/report" or not message.is_multipart():
        return None
    failures: list[Failure] = []
    message_id = ""
    for part in message.walk():
        match part.get_content_type():
            case "message/delivery-status":
                failures += _failures(part)
            case "text/rfc822-headers":
                payload = part.get_payload()
                message_id = _id(message_from_string(payload if isinstance(payload, str) else ""))
            case "message/rfc822":
                inner: Any = part.get_payload()
                message_id = _id(inner[0]) if isinstance(inner, list) and inner else ""
    return Bounce(message_id, tuple(failures)) if failures else None


def _failures(part: "Message[str, str]") -> list[Failure]:
    payload: Any = part.get_payload()
    blocks = payload if isinstance(payload, list) else []
    return [
        Failure(
            _after(block, "final-recipient").lower(), _after(block, "status").split(" ")[0],
            " ".join(_after(block, "diagnostic-code").split())[:300],
        )
        for block in blocks
        if _after(block, "action").lower() == "failed"
    ]  # fmt: skip


def _after(block: "Message[str, str]", name: str) -> str:
    """Return a field without the word that says of which sort it is: "rfc822; a@b" is "a@b"."""
    value = str(block.get(name, ""))
    return value.partition(";")[2].strip() or value.strip()


def _id(message: "Message[str, str]") -> str:
    return " ".join(str(message.get("message-id", "")).split())

"""A letter as plain values, and the message that is made of it.

Pure: the moment and the Message-ID are handed in. Whoever stores a letter gives it its Message-ID
once, so that a letter that is sent twice is the same letter to everybody who gets it.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from email.headerregistry import Address, BaseHeader, HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.policy import SMTP, Policy
from email.utils import format_datetime, parseaddr
from typing import ClassVar, Final

import msgspec

#: What may not stand in a header: it would begin another one.
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


class _Ids(BaseHeader):
    """Message-IDs, one on a line: the library would encode a long one, and nobody would know it."""

    max_count: ClassVar = 1
    parse: ClassVar = UnstructuredHeader.parse

    def fold(self, *, policy: Policy) -> str:
        return f"{self.name}: " + f"{policy.linesep} ".join(self.split()) + policy.linesep


_HEADERS: Final = HeaderRegistry()
_HEADERS.map_to_type("references", _Ids)
_HEADERS.map_to_type("in-reply-to", _Ids)
_POLICY: Final = SMTP.clone(header_factory=_HEADERS)


class Attachment(msgspec.Struct, frozen=True, kw_only=True):
    """A file that goes with a letter."""

    name: str
    mime: str
    data: bytes


class Calendar(msgspec.Struct, frozen=True, kw_only=True):
    """An iCalendar object that mail programs answer by a button: REQUEST, CANCEL or REPLY."""

    method: str
    ics: str


class Letter(msgspec.Struct, frozen=True, kw_only=True):
    """One letter. Addresses are "a@b" or "Name <a@b>"; `message_id` and `references` have <>."""

    to: tuple[str, ...]
    subject: str
    text: str
    message_id: str
    html: str = ""
    cc: tuple[str, ...] = ()
    #: Get it without being named in it.
    bcc: tuple[str, ...] = ()
    reply_to: str = ""
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    calendar: Calendar | None = None
    #: From whom it is; None means from the account that sends it.
    sender: str | None = None
    #: When it was written; None means that the first server says so.
    at: datetime | None = None
    headers: Mapping[str, str] = {}

    @property
    def recipients(self) -> list[str]:
        """Everybody who gets it, as bare addresses, each once."""
        return list(dict.fromkeys(bare(one) for one in (*self.to, *self.cc, *self.bcc)))


def message_id(key: int | str, domain: str) -> str:
    """Return the Message-ID of what is stored under `key`: the same key has the same one."""
    return f"<{key}@{domain or 'callcenter.invalid'}>"


def bare(address: str) -> str:
    """Return "a@b" of "Name <a@b>"."""
    return parseaddr(address)[1] or address.strip()


def domain_of(address: str) -> str:
    return bare(address).rpartition("@")[2]


def named(name: str, address: str) -> str:
    """Return an address with a name before it, whatever stands in the name."""
    user, _, domain = bare(address).rpartition("@")
    return str(Address(one_line(name), user, domain))


def one_line(text: str) -> str:
    """Return `text` as it may stand in a header."""
    return _CONTROL.sub(" ", text).strip()


def as_message(letter: Letter, sender: str) -> EmailMessage:
    """Return the message as it is sent; `sender` is the account's own address."""
    message = EmailMessage(policy=_POLICY)
    for name, value in _headers(letter, sender).items():
        if value:
            message[name] = value
    message.set_content(letter.text, cte="quoted-printable")
    if letter.html:
        message.add_alternative(letter.html, subtype="html", cte="quoted-printable")
    if letter.calendar is not None:
        # Inside the alternatives: there mail programs look for what can be answered.
        message.add_alternative(
            letter.calendar.ics,
            subtype="calendar",
            params={"method": letter.calendar.method},
            cte="base64",
        )
    for attachment in letter.attachments:
        _attach(message, attachment)
    return message


def _headers(letter: Letter, sender: str) -> dict[str, str]:
    return {
        "From": _address(letter.sender or sender),
        "To": ", ".join(_address(one) for one in letter.to),
        "Cc": ", ".join(_address(one) for one in letter.cc),
        "Reply-To": _address(letter.reply_to) if letter.reply_to else "",
        "Subject": one_line(letter.subject),
        "Date": format_datetime(letter.at) if letter.at else "",
        "Message-ID": one_line(letter.message_id),
        "In-Reply-To": one_line(letter.in_reply_to),
        "References": one_line(" ".join(letter.references)),
        **{name: one_line(value) for name, value in letter.headers.items()},
    }


def _address(written: str) -> str:
    name, address = parseaddr(one_line(written))
    return named(name, address) if name else address or one_line(written)


def _attach(message: EmailMessage, attachment: Attachment) -> None:
    main, _, sub = attachment.mime.partition("/")
    message.add_attachment(
        attachment.data, maintype=main or "application", subtype=sub or "octet-stream",
        filename=one_line(attachment.name),
    )  # fmt: skip

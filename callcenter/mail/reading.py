"""The bytes of a letter as plain values, whatever is wrong with them.

Pure. Letters come from everywhere: charsets that are none, headers that are not encoded, parts
that break off. Nothing raises here; what cannot be read is guessed, and `damaged` says so.
Delivery reports are read in `bounces`.
"""

import binascii
import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime
from email import message_from_bytes
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message
from email.policy import compat32
from email.utils import getaddresses, parsedate_to_datetime
from typing import Any, Final

import charset_normalizer
import msgspec

from callcenter.mail import bounces, plain_text
from callcenter.mail.bounces import Bounce
from callcenter.mail.cleaning import nothing_hidden

#: More of a text than this is kept as a file only.
TEXT_LETTERS: Final = 20_000
SUBJECT_LETTERS: Final = 300
MOST_ADDRESSES: Final = 100
MOST_REFERENCES: Final = 100
#: What the library raises over parts that it cannot write out again.
_BROKEN: Final = (ValueError, LookupError, TypeError, AttributeError)

#: What programs write over letters that nobody has written.
_AUTOMATIC: Final = ("x-autoreply", "x-autorespond", "list-id")
_MANY: Final = ("auto_reply", "bulk", "junk", "list")
_MACHINES: Final = ("mailer-daemon", "postmaster", "noreply", "no-reply", "do-not-reply")


class Person(msgspec.Struct, frozen=True):
    name: str
    #: Small letters; "" if what stands there is none.
    address: str


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """Something attached, or a picture in the text, which has a `content_id`."""

    name: str
    mime: str
    data: bytes
    content_id: str = ""


class Invitation(msgspec.Struct, frozen=True):
    """A calendar object that came along: REQUEST, CANCEL, or the REPLY to one of ours."""

    method: str
    ics: str


class Incoming(msgspec.Struct, frozen=True, kw_only=True):
    message_id: str
    in_reply_to: str
    references: tuple[str, ...]
    sender: Person
    to: tuple[Person, ...]
    cc: tuple[Person, ...]
    reply_to: tuple[Person, ...]
    subject: str
    at: datetime | None
    #: As plain text, also of a letter that is HTML only.
    text: str
    #: As it came: it has to be cleaned.
    html: str
    parts: tuple[Part, ...]
    automatic: bool
    bounce: Bounce | None
    invitation: Invitation | None
    #: Something could only be guessed, or was too much: the whole letter is worth keeping.
    damaged: bool
    #: Only what stands over it was fetched: the rest was too large.
    cut: bool = False


def read(raw: bytes) -> Incoming:
    message = message_from_bytes(raw, policy=compat32)
    body = _Body()
    body.add(message)
    text = nothing_hidden("\n".join(body.text)) or plain_text.of_html("\n".join(body.html))
    sender = next(iter(_people(message, "from")), Person("", ""))
    return Incoming(
        message_id=_id(message, raw),
        in_reply_to=next(iter(_ids(message, "in-reply-to")), ""),
        references=tuple(_ids(message, "references"))[-MOST_REFERENCES:],
        sender=sender,
        to=tuple(_people(message, "to")), cc=tuple(_people(message, "cc")),
        reply_to=tuple(_people(message, "reply-to")),
        subject=" ".join(header(message, "subject").split())[:SUBJECT_LETTERS],
        at=_moment(message),
        text=text[:TEXT_LETTERS].strip(),
        html="\n".join(body.html),
        parts=tuple(body.parts),
        automatic=_is_automatic(message, sender),
        bounce=bounces.read(message),
        invitation=body.invitation,
        damaged=body.damaged or bool(message.defects) or len(text) > TEXT_LETTERS,
    )  # fmt: skip


# ---------------------------------------------------------------- what stands in it


class _Body:
    """Gathers the texts and files of a letter, in the order in which they stand."""

    def __init__(self) -> None:
        self.text: list[str] = []
        self.html: list[str] = []
        self.parts: list[Part] = []
        self.invitation: Invitation | None = None
        self.damaged = False

    def add(self, message: "Message[str, str]") -> None:
        for part in _leaves(message):
            self.damaged = self.damaged or bool(part.defects)
            kind = part.get_content_type()
            is_shown = part.get_content_disposition() != "attachment" and not part.get_filename()
            if kind == "text/calendar":
                self._invite(part)
            if kind == "text/plain" and is_shown:
                self.text.append(_decoded(part))
            elif kind == "text/html" and is_shown:
                self.html.append(_decoded(part))
            elif not kind.startswith("multipart/"):
                self._attach(part, kind)

    def _invite(self, part: "Message[str, str]") -> None:
        method = part.get_param("method", "")
        ics = _decoded(part)
        said = method if isinstance(method, str) else ""
        self.invitation = Invitation(said.upper() or _method_in(ics), ics)

    def _attach(self, part: "Message[str, str]", kind: str) -> None:
        try:
            data = _data(part)
        except _BROKEN:
            # It is in the letter as it came, which is kept.
            self.damaged = True
            return
        if data:
            content_id = header(part, "content-id").strip("<> ")
            self.parts.append(
                Part(name=_name(part, kind), mime=kind, data=data, content_id=content_id)
            )


def _leaves(message: "Message[str, str]") -> Iterator["Message[str, str]"]:
    """Return the parts that hold something; a letter within a letter is one of them."""
    if message.get_content_type() == "message/rfc822" or not message.is_multipart():
        yield message
        return
    if message.get_content_type() == "message/delivery-status":
        return
    payload: Any = message.get_payload()
    for part in payload:
        yield from _leaves(part)


def _data(part: "Message[str, str]") -> bytes:
    payload: Any = part.get_payload()
    if isinstance(payload, list):
        return b"\n".join(each.as_bytes() for each in payload)
    try:
        data: Any = part.get_payload(decode=True)
    except (ValueError, binascii.Error, LookupError):
        data = str(payload).encode("utf-8", "surrogateescape")
    return bytes(data or b"")


def _decoded(part: "Message[str, str]") -> str:
    charset = part.get_content_charset("")
    return guess(_data(part), charset if isinstance(charset, str) else "").replace("\r\n", "\n")


def guess(data: bytes, charset: str = "") -> str:
    """Return `data` as text. What is UTF-8 is UTF-8, whatever the letter says of it."""
    is_plain = data.isascii() and not charset.startswith(("iso-2022", "utf-7", "hz"))
    for each in ("utf-8", "" if is_plain else charset):
        try:
            return data.decode(each)
        except (UnicodeError, LookupError, ValueError):
            continue
    best = charset_normalizer.from_bytes(data[:65_536]).best()
    return data.decode(best.encoding if best else "utf-8", "replace")


def _name(part: "Message[str, str]", kind: str) -> str:
    try:
        name = part.get_filename() or ""
    except (ValueError, LookupError, TypeError):
        name = ""
    if kind == "message/rfc822":
        payload: Any = part.get_payload()
        inner = payload[0] if isinstance(payload, list) and payload else part
        return (header(inner, "subject")[:80] or "letter") + ".eml"
    return decoded(name) or ("invitation.ics" if kind == "text/calendar" else "")


def _method_in(ics: str) -> str:
    lines = (line.strip().upper() for line in ics.splitlines())
    return next((line.partition(":")[2] for line in lines if line.startswith("METHOD:")), "")


# ---------------------------------------------------------------- what stands over it


def header(message: "Message[str, str]", name: str) -> str:
    """Return a header in words, "" if there is none."""
    return decoded(_raw(message, name))


def _raw(message: "Message[str, str]", name: str) -> str:
    for key, value in message.raw_items():
        if key.lower() == name:
            # Bytes that nobody encoded stand here as surrogates.
            return guess(str(value).encode("utf-8", "surrogateescape"))
    return ""


def decoded(raw: str) -> str:
    try:
        pieces = decode_header(raw)
    except (HeaderParseError, binascii.Error, ValueError):
        return nothing_hidden(raw)
    words = (
        piece if isinstance(piece, str) else guess(piece, charset or "")
        for piece, charset in pieces
    )
    return nothing_hidden("".join(words)).strip()


def _people(message: "Message[str, str]", name: str) -> list[Person]:
    raw = " ".join(_raw(message, name).split())
    people = [
        Person(" ".join(decoded(each).split())[:200], address.strip().lower()[:254])
        for each, address in getaddresses([raw])[:MOST_ADDRESSES]
    ]
    return [_plain(person) for person in people if person.name or person.address]


def _plain(person: Person) -> Person:
    """Keep what is no address as a name: somebody is meant by it."""
    if "@" in person.address and person.address.isascii() and " " not in person.address:
        return person
    return Person(person.name or person.address, "")


def _ids(message: "Message[str, str]", name: str) -> list[str]:
    raw = _raw(message, name)
    found = [f"<{each.partition('>')[0].strip()}>" for each in raw.split("<")[1:]]
    return [
        each for each in found if 2 < len(each) <= 998 and each.isascii() and each.isprintable()
    ]


def _id(message: "Message[str, str]", raw: bytes) -> str:
    made = f"<{hashlib.sha256(raw).hexdigest()[:40]}@without-id.invalid>"
    return next(iter(_ids(message, "message-id")), made)


def _moment(message: "Message[str, str]") -> datetime | None:
    try:
        moment = parsedate_to_datetime(_raw(message, "date"))
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return moment.astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _is_automatic(message: "Message[str, str]", sender: Person) -> bool:
    said = header(message, "auto-submitted").partition(";")[0].strip().lower()
    return (
        said not in ("", "no")
        or header(message, "precedence").lower() in _MANY
        or any(header(message, name) for name in _AUTOMATIC)
        or header(message, "return-path") == "<>"
        or sender.address.partition("@")[0] in _MACHINES
    )

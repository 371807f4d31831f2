"""The line to one mailbox: aioimaplib behind few words, with an end to every wait.

Letters are only read: none is moved, deleted or marked as seen there. The library waits
for ever when a connection is lost, so each command here ends with the connection, or in time.
"""

import asyncio
import re
import ssl
from collections.abc import AsyncIterator, Awaitable, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import date
from functools import cache
from typing import Any, Final, Literal, TypeVar

import msgspec
from aioimaplib import aioimaplib

T = TypeVar("T")

Trouble = Literal["unreachable", "tls", "sign-in", "folder", "secret", "refused"]

CONNECT_S: Final = 20.0
COMMAND_S: Final = 60.0
#: A letter of 40 MB over a slow line.
LETTER_S: Final = 600.0
#: Servers drop whoever idles for half an hour, and some routers whoever is silent for ten minutes.
IDLE_S: Final = 540.0
#: Where a server does not push, it is asked this often.
POLL_S: Final = 60.0

_UID: Final = re.compile(rb"\bUID (\d+)")
_SIZE: Final = re.compile(rb"RFC822\.SIZE (\d+)")
_VALIDITY: Final = re.compile(rb"UIDVALIDITY (\d+)")
_MONTHS: Final = [
    "Jan",
    "Feb",
    "Mar",
    "Apr",
    "May",
    "Jun",
    "Jul",
    "Aug",
    "Sep",
    "Oct",
    "Nov",
    "Dec",
]


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """Where a mailbox is, and who reads it."""

    host: str
    port: int
    tls: bool
    user: str
    password: str
    folder: str


class MailboxError(Exception):
    """A mailbox could not be read. `says` are the server's words."""

    def __init__(self, trouble: Trouble, says: str) -> None:
        super().__init__(says)
        self.trouble: Trouble = trouble
        self.says = says


class Head(msgspec.Struct, frozen=True):
    """What is known of a letter before it is fetched."""

    uid: int
    size: int
    raw: bytes


@asynccontextmanager
async def opened(place: Place) -> AsyncIterator["Mailbox"]:
    """Give the mailbox, signed in and its folder open. Raises MailboxError."""
    mailbox = Mailbox(place)
    try:
        await mailbox.open()
        yield mailbox
    finally:
        await mailbox.close()


class Mailbox:
    """A folder of a mailbox, as long as the connection holds."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._lost = asyncio.Event()
        self._client: Any = None
        #: The server has said that there are more letters, at any time since they were asked for.
        self._has_news = False
        #: Numbers of letters mean something as long as this is the same.
        self.uid_validity = 0

    async def open(self) -> None:
        place = self._place
        try:
            self._client = aioimaplib.IMAP4(
                place.host, place.port, timeout=CONNECT_S, ssl_context=_tls() if place.tls else None,
                conn_lost_cb=lambda _: self._lost.set(),
            )  # fmt: skip
            self._listen()
            await self._client.wait_hello_from_server()
        except ssl.SSLError as error:
            raise MailboxError("tls", str(error)) from error
        except (OSError, TimeoutError, aioimaplib.AioImapException) as error:
            says = str(error) or f"no answer within {CONNECT_S:.0f} s"
            raise MailboxError("unreachable", says) from error
        signed_in = await self._do(self._client.login(quoted(place.user), place.password))
        if signed_in.result != "OK":
            raise MailboxError("sign-in", _words(signed_in))
        await self._select()

    def _listen(self) -> None:
        """Hear of new letters whatever is going on: what a server says beside the answer to another
        command it does not say again, and the library drops it."""
        protocol = self._client.protocol
        pass_on = protocol._untagged_response  # noqa: SLF001  # it offers no other way to hear it

        def heard(line: bytes) -> Any:
            self._has_news = self._has_news or line.rstrip().endswith(b" EXISTS")
            return pass_on(line)

        protocol._untagged_response = heard  # noqa: SLF001

    async def _select(self) -> None:
        answer = await self._do(self._client.select(quoted(folder_name(self._place.folder))))
        if answer.result != "OK":
            raise MailboxError("folder", _words(answer))
        found = _VALIDITY.search(b"\n".join(map(bytes, answer.lines)))
        self.uid_validity = int(found[1]) if found else 0
        # How many there are is said of each folder that is opened.
        self._has_news = False

    async def uids(self, after: int, since: date | None = None) -> list[int]:
        """Return the numbers of the letters that came after `after`, the oldest first."""
        self._has_news = False
        criteria = [f"UID {after + 1}:*"]
        if since is not None:
            criteria.append(f"SINCE {since.day}-{_MONTHS[since.month - 1]}-{since.year}")
        answer = await self._asked(
            self._client.protocol.search(*criteria, charset=None, by_uid=True)
        )
        numbers = b" ".join(map(bytes, answer.lines[:-1])).split()
        # "9:*" names the last letter even if it is the eighth.
        return sorted({int(each) for each in numbers if each.isdigit() and int(each) > after})

    async def heads(self, uids: Sequence[int]) -> list[Head]:
        """Return size and header of letters that are still there."""
        wanted = ",".join(map(str, uids))
        parts = "(UID RFC822.SIZE BODY.PEEK[HEADER])"
        answer = await self._asked(self._fetch(wanted, parts))
        return sorted(_heads(answer.lines), key=lambda head: head.uid)

    async def letter(self, uid: int) -> bytes | None:
        """Return the bytes of a letter, None if it is gone; it stays unread in the mailbox."""
        answer = await self._asked(self._fetch(str(uid), "(UID BODY.PEEK[])"), LETTER_S)
        return next((head.raw for head in _heads(answer.lines) if head.uid == uid), None)

    def _fetch(self, wanted: str, parts: str) -> Awaitable[Any]:
        fetching: Awaitable[Any] = self._client.protocol.fetch(wanted, parts, by_uid=True)
        return fetching

    async def wait(self, poll_s: float = POLL_S) -> None:
        """Return when there may be new letters. Raises MailboxError if the connection is lost."""
        if self._has_news:
            return
        if not self._client.has_capability("IDLE"):
            with suppress(TimeoutError):
                async with asyncio.timeout(poll_s):
                    await self._lost.wait()
            await self._asked(self._client.noop())
            return
        idling = await self._do(self._client.idle_start(timeout=IDLE_S))
        while not _is_news(await self._do(self._client.wait_server_push(), IDLE_S + COMMAND_S)):
            continue
        self._client.idle_done()
        await self._do(idling)

    async def close(self) -> None:
        """Sign out, if the other side still listens, and hang up."""
        client = self._client
        if client is None:
            return
        connecting = client._client_task  # noqa: SLF001  # the library gives it no other name
        if not connecting.done():
            connecting.cancel()
        transport = client.protocol.transport
        if transport is None:
            await asyncio.wait([connecting])
            return
        if not self._lost.is_set() and not client.has_pending_idle():
            with suppress(MailboxError, aioimaplib.AioImapException):
                await self._do(client.logout(), 2.0)
        transport.abort()
        with suppress(TimeoutError):
            async with asyncio.timeout(2.0):
                await self._lost.wait()

    async def _asked(self, command: Awaitable[Any], within_s: float = COMMAND_S) -> Any:
        answer = await self._do(command, within_s)
        if answer.result != "OK":
            raise MailboxError("refused", _words(answer))
        return answer

    async def _do(self, command: Awaitable[T], within_s: float = COMMAND_S) -> T:
        """Wait for a command as long as the connection holds. Raises MailboxError."""
        doing = asyncio.ensure_future(command)
        losing = asyncio.create_task(self._lost.wait())
        try:
            await asyncio.wait(
                (doing, losing), timeout=within_s, return_when=asyncio.FIRST_COMPLETED
            )
            if not doing.done():
                says = (
                    "the connection was lost" if losing.done() else f"no answer in {within_s:.0f} s"
                )
                raise MailboxError("unreachable", says)
            return doing.result()
        except (OSError, TimeoutError, aioimaplib.AioImapException) as error:
            raise MailboxError("unreachable", str(error) or type(error).__name__) from error
        finally:
            for task in (doing, losing):
                task.cancel()
            await asyncio.wait((doing, losing))


@cache
def _tls() -> ssl.SSLContext:
    return ssl.create_default_context()


def _heads(lines: Sequence[Any]) -> list[Head]:
    """Return what a FETCH told of each letter: lines with its number, and a literal."""
    found: list[Head] = []
    told, raw = b"", b""
    for line in [*lines[:-1], b"0 FETCH ("]:
        if isinstance(line, bytearray):
            raw = bytes(line)
        elif re.match(rb"\d+ FETCH \(", line):
            found += _head(told, raw)
            told, raw = line, b""
        else:
            told += line
    return found


def _head(told: bytes, raw: bytes) -> list[Head]:
    uid, size = _UID.search(told), _SIZE.search(told)
    return [Head(int(uid[1]), int(size[1]) if size else len(raw), raw)] if uid else []


def _is_news(pushed: Any) -> bool:
    """Tell a new letter, or the end of the wait, from what servers say to be heard."""
    lines = b" ".join(bytes(each) for each in pushed)
    return b"EXISTS" in lines or lines == b" ".join(aioimaplib.STOP_WAIT_SERVER_PUSH)


def _words(answer: Any) -> str:
    lines = answer.lines or [b""]
    return bytes(lines[-1]).decode("utf-8", "replace")[:300]


def quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def folder_name(name: str) -> str:
    """Return the name of a folder as IMAP writes it: "Gələn" is "G&AlkBWQ-l&AlkBWQ-n" of its kind.

    That is UTF-7 with "&" for "+" and "," for "/" (RFC 3501, 5.1.3).
    """
    written, foreign = "", ""
    for letter in [*name, ""]:
        if letter and not " " <= letter <= "~":
            foreign += letter
            continue
        if foreign:
            encoded = foreign.encode("utf-7").decode("ascii").lstrip("+").rstrip("-")
            written, foreign = f"{written}&{encoded.replace('/', ',')}-", ""
        written += "&-" if letter == "&" else letter
    return written

"""One connection to one PBX, from connect to close: log in, ask, answer, keep alive.

A session is thrown away when it ends; `ami.connection` makes the next one. Nothing is ever
sent twice: a request whose answer was lost has an unknown outcome, and says so.
"""

import asyncio
import hashlib
import logging
import os
import ssl
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from panoramisk.actions import Action
from panoramisk.manager import Manager

from callcenter.ami.messages import Message
from callcenter.ami.protocol import Answer, ListItems, Protocol
from callcenter.ami.stream import Read
from callcenter.errors import OutcomeUnknown, PbxRefused, PbxUnreachable, UnsendableValue

Fields = Mapping[str, str | Sequence[str]]

#: panoramisk writes whole actions to its log, secrets included: only we log.
_silent: Final = logging.getLogger("callcenter.ami.panoramisk")
_silent.addFilter(lambda _record: False)


@dataclass(frozen=True, slots=True)
class Account:
    """Where a PBX is, and as whom we log in."""

    pbx: int
    host: str
    user: str
    secret: str = field(repr=False)
    port: int = 5038
    tls: bool = False
    name: str = "main"

    def __str__(self) -> str:
        return f"{self.name} {self.host}:{self.port}"


#: OpenSSL's codes for a certificate of another host name, or of another address.
_OTHER_NAME = (62, 64)


class LinkFailed(Exception):
    """A connection that could not be made; the text says why, for the operator."""


class AuthFailed(LinkFailed):
    """The PBX does not take this user with this secret."""


class _Manager(Manager):  # type: ignore[misc]
    """panoramisk's manager without its own reconnecting, pinging and logging in."""

    def connection_made(self, connecting: "asyncio.Task[Any]") -> None:
        if connecting.cancelled() or connecting.exception() is not None:
            return
        super().connection_made(connecting)
        self.pinger.cancel()

    def connection_lost(self, exc: object) -> None:
        """Do nothing: a session ends for good."""


class Session:
    """One connection; `closed` tells why it ended."""

    def __init__(
        self,
        account: Account,
        wanted: frozenset[bytes],
        on_read: Callable[[Read], None],
        on_booted: Callable[[], None],
        on_raw: Callable[[float, bytes], None] = lambda _at, _data: None,
    ) -> None:
        self.account = account
        self.closed: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self.protocol = Protocol(wanted, on_read, on_booted, self._ended, on_raw)
        self._waiting: set[asyncio.Future[Any]] = set()
        self._manager = _Manager(
            host=account.host,
            port=account.port,
            ssl=ssl.create_default_context() if account.tls else False,
            protocol_factory=lambda: self.protocol,
            log=_silent,
        )

    @property
    def is_open(self) -> bool:
        return self._manager.protocol is not None and not self.closed.done()

    # ------------------------------------------------------------ begin and end

    async def open(self, deadline_s: float) -> None:
        """Connect, or raise LinkFailed."""
        try:
            async with asyncio.timeout(deadline_s):
                await self._manager.connect()
        except TimeoutError:
            raise LinkFailed(f"no connection within {deadline_s:g} s") from None
        except OSError as error:
            raise LinkFailed(_in_words(error)) from None
        except UnicodeError:
            # From the codec of domain names, which takes no empty and no very long part.
            raise LinkFailed(f"“{self.account.host}” is no name of a host") from None

    async def log_in(self, deadline_s: float) -> None:
        """Log in, without sending the secret where the PBX can do so, or raise LinkFailed."""
        credentials = {"Action": "Login", "Username": self.account.user, "Events": "on"}
        try:
            challenge = await self._challenge(deadline_s)
            if challenge:
                key = hashlib.md5(  # AMI knows no other; the secret stays off the wire
                    (challenge + self.account.secret).encode(), usedforsecurity=False
                )
                credentials |= {"AuthType": "MD5", "Key": key.hexdigest()}
            else:
                credentials["Secret"] = self.account.secret
            await self.request(credentials, deadline_s)
        except PbxRefused as refused:
            raise AuthFailed(str(refused.values["reason"])) from None
        except UnsendableValue:
            raise AuthFailed("the user or the secret holds a line break") from None
        except (OutcomeUnknown, PbxUnreachable):
            why = self.closed.result() if self.closed.done() else "no answer to the login"
            raise LinkFailed(why) from None

    async def _challenge(self, deadline_s: float) -> str:
        try:
            answer = await self.request({"Action": "Challenge", "AuthType": "MD5"}, deadline_s)
        except PbxRefused:
            return ""
        return answer.get("challenge")

    def close(self, reason: str) -> None:
        self.protocol.fail(reason)

    def _ended(self, reason: str) -> None:
        if not self.closed.done():
            self.closed.set_result(reason)
        for waiting in self._waiting:
            if not waiting.done():
                waiting.set_exception(OutcomeUnknown())

    # ------------------------------------------------------------ ask

    async def request(self, fields: Fields, deadline_s: float) -> Message:
        """Send one action, once, and return its answer.

        Raises UnsendableValue or PbxUnreachable (nothing was sent), PbxRefused (the answer is
        an error) or OutcomeUnknown (no answer by the deadline, or the link was lost).
        """
        action = self._action(fields)
        try:
            async with asyncio.timeout(deadline_s):
                return await self._answer_to(action)
        except TimeoutError:
            raise OutcomeUnknown from None
        finally:
            self.protocol.forget(action)

    async def request_list(self, fields: Fields, deadline_s: float) -> list[Message]:
        """Send one action that is answered by a list and return its items. Raises as `request`."""
        action = self._action(fields)
        gathering = self.protocol.lists[action.action_id] = ListItems()
        try:
            async with asyncio.timeout(deadline_s):
                await self._answer_to(action)
                await self._completed(gathering)
        except TimeoutError:
            raise OutcomeUnknown from None
        except PbxRefused:
            gathering.is_over = True
            raise
        finally:
            self.protocol.forget(action)
        return gathering.items

    async def _completed(self, gathering: ListItems) -> None:
        if not self.is_open and not gathering.is_over:
            raise OutcomeUnknown
        self._waiting.add(gathering.complete)
        try:
            await gathering.complete
        finally:
            self._waiting.discard(gathering.complete)

    def ping(self) -> None:
        """Ask for a sign of life; any byte that comes counts as one."""
        action = self._action({"Action": "Ping"})
        self._manager.send_action(action, as_list=False)
        self.protocol.forget(action)

    def _action(self, fields: Fields) -> Any:
        if not self.is_open:
            raise PbxUnreachable
        return Action(dict(_checked(fields)))

    async def _answer_to(self, action: Any) -> Message:
        # `as_list` is given so that panoramisk never guesses from the answer's wording.
        future = self._manager.send_action(action, as_list=False)
        self._waiting.add(future)
        try:
            answer: Answer = await future
        finally:
            self._waiting.discard(future)
        message = answer.message
        if message.get("response") in ("Error", "Failure", "Fail"):
            raise PbxRefused(reason=message.get("message") or "no reason given")
        return message


def _in_words(error: OSError) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"the certificate is not accepted ({error.verify_message}); {_remedy(error)}"
    # asyncio writes the address into strerror, and the log line has that already.
    if isinstance(error, ConnectionError) and error.errno:
        return os.strerror(error.errno)
    return error.strerror or str(error)


def _remedy(error: ssl.SSLCertVerificationError) -> str:
    if error.verify_code in _OTHER_NAME:
        return "enter the PBX's address as its certificate has it"
    return "start callcenter with SSL_CERT_FILE=/path/to/your-ca.pem"


def _checked(fields: Fields) -> Fields:
    """Return `fields` if no value could end its line and begin one of its own.

    This is the one place every action passes: a line break in a value would let whoever
    wrote it send headers, and so applications, to the PBX.
    """
    for key, value in fields.items():
        for text in (key, *([value] if isinstance(value, str) else value)):
            if any(mark in text for mark in "\r\n\0") or not _is_utf8(text):
                raise UnsendableValue(field=key.splitlines()[0] if key else "")
    return fields


def _is_utf8(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True

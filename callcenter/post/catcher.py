"""A mail server that delivers nothing: it keeps what it is sent, for the demo and for developers."""

import asyncio
from collections import deque
from email import message_from_bytes, policy
from email.message import EmailMessage
from types import TracebackType
from typing import Any, Final, Self

import msgspec
from aiosmtpd.smtp import SMTP, Envelope, Session

#: More letters than this push the oldest out.
KEPT: Final = 200
SIZE_LIMIT_BYTES: Final = 40 * 1024 * 1024


class Caught(msgspec.Struct, frozen=True):
    """A letter as it came: from whom, to whom, and its bytes."""

    sender: str
    recipients: tuple[str, ...]
    raw: bytes

    @property
    def message(self) -> EmailMessage:
        lines = self.raw.replace(b"\r\n", b"\n")
        message: EmailMessage = message_from_bytes(lines, policy=policy.default)
        return message


class Catcher:
    """Use as a context, on loopback only; `letters` are what came, the newest last."""

    def __init__(self) -> None:
        self.letters: deque[Caught] = deque(maxlen=KEPT)
        self.port = 0
        self._server: asyncio.Server | None = None

    @property
    def url(self) -> str:
        """What CALLCENTER_SMTP_URL is to say."""
        return f"smtp://127.0.0.1:{self.port}"

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(
            lambda: SMTP(
                self, hostname="catcher", data_size_limit=SIZE_LIMIT_BYTES, loop=loop,
                enable_SMTPUTF8=True,
            ),
            "127.0.0.1",
            self.port,
        )  # fmt: skip
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()

    async def handle_DATA(self, _server: Any, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Called by aiosmtpd when a letter is there."""
        raw = envelope.original_content or b""
        self.letters.append(Caught(envelope.mail_from or "", tuple(envelope.rcpt_tos), raw))
        return "250 kept"

"""Sends the mail with a reset link, if the operator has named a mail server.

Sending happens behind the answer's back: how long it takes must not tell
whether a person exists. `app` runs `Postman.deliver` as a task of its own.
"""

import asyncio
import smtplib
import ssl
from collections.abc import Callable
from email.message import EmailMessage
from email.utils import formataddr, parseaddr

import structlog
from yarl import URL

from callcenter.server.i18n import translate_to

log = structlog.get_logger()

#: More mails than this waiting means that the server is gone; the rest is refused, and logged.
WAITING_LIMIT = 100
SMTP_TIMEOUT_S = 20.0


def _(message: str) -> str:
    return message


SUBJECT = _("A new password for {company}")
TEXT = _(
    "Hello {name},\n\n"
    "somebody, probably you, asked for a new password. Open this link within an hour to choose it:\n\n"
    "{link}\n\n"
    "If it was not you, do nothing: your password stays as it is.\n\n"
    "{company}\n"
)


class Postman:
    """Delivers mails one after the other, by SMTP with TLS."""

    def __init__(self, smtp_url: str, company: Callable[[], str]) -> None:
        self._company = company
        self._url = URL(smtp_url)
        self._waiting: asyncio.Queue[EmailMessage] = asyncio.Queue(WAITING_LIMIT)

    @property
    def is_there(self) -> bool:
        """Whether a mail server is set up."""
        return bool(self._url.host)

    def send_reset_link(self, address: str, name: str, link: str, language: str) -> None:
        """Queue the mail; it is delivered by `deliver`."""
        mail, company = EmailMessage(), self._company()
        mail["Subject"] = translate_to(language, SUBJECT, company=company)
        mail["To"] = address
        mail["From"] = formataddr((company, parseaddr(self._sender())[1]))
        mail.set_content(translate_to(language, TEXT, name=name, link=link, company=company))
        if self._waiting.full():
            log.error("a mail was dropped: too many are waiting", mail_server=self._url.host)
        else:
            self._waiting.put_nowait(mail)

    async def deliver(self) -> None:
        """Send what is queued, for ever."""
        while True:
            mail = await self._waiting.get()
            try:
                await asyncio.to_thread(self._send, mail)
            except (OSError, smtplib.SMTPException) as error:
                log.error("a mail was not sent", mail_server=self._url.host, error=str(error))  # noqa: TRY400
            except Exception:
                log.exception("a mail was not sent", mail_server=self._url.host)
            else:
                log.info("a reset link was mailed")

    def _sender(self) -> str:
        if sender := self._url.query.get("from"):
            return sender
        user = self._url.user or ""
        return user if "@" in user else f"callcenter@{self._url.host}"

    def _send(self, mail: EmailMessage) -> None:
        # `smtps` is TLS from the first byte; `smtp` asks for it, and does without on loopback only.
        host, port = self._url.host or "", self._url.explicit_port
        context = ssl.create_default_context()
        if self._url.scheme == "smtps":
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                host, port or 465, timeout=SMTP_TIMEOUT_S, context=context
            )
        else:
            server = smtplib.SMTP(host, port or 587, timeout=SMTP_TIMEOUT_S)
        with server:
            if self._url.scheme == "smtp" and host not in ("127.0.0.1", "localhost", "::1"):
                server.starttls(context=context)
            if self._url.user and self._url.password:
                server.login(self._url.user, self._url.password)
            server.send_message(mail)

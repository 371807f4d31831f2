"""Sends the letter with a reset link, if the operator has named a mail server.

It is sent after the request has been answered: the time it takes must not reveal whether a person
exists. `app` runs `Postman.deliver` as a task of its own.
"""

import asyncio
import secrets
from collections.abc import Callable

import structlog

from callcenter.post import smtp
from callcenter.post.letters import Letter, domain_of, message_id
from callcenter.post.smtp import PostError
from callcenter.server.i18n import translate_to

log = structlog.get_logger()

#: More mails than this waiting means that the server is gone; the rest is refused, and logged.
WAITING_LIMIT = 100


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
    """Delivers mails one after the other, by the installation's own mail server."""

    def __init__(self, smtp_url: str, company: Callable[[], str]) -> None:
        self._company = company
        self._smtp_url = smtp_url
        self._waiting: asyncio.Queue[Letter] = asyncio.Queue(WAITING_LIMIT)

    @property
    def account(self) -> smtp.Account | None:
        """The installation's own account, in the company's name; None if none is set up."""
        return smtp.account_of(self._smtp_url, self._company())

    @property
    def is_there(self) -> bool:
        """Whether a mail server is set up."""
        return self.account is not None

    def send_reset_link(self, address: str, name: str, link: str, language: str) -> None:
        """Queue the mail; it is delivered by `deliver`."""
        company = self._company()
        sender = self.account.sender if self.account else ""
        letter = Letter(
            to=(address,),
            subject=translate_to(language, SUBJECT, company=company),
            text=translate_to(language, TEXT, name=name, link=link, company=company),
            message_id=message_id(secrets.token_hex(16), domain_of(sender)),
            headers={"Auto-Submitted": "auto-generated"},
        )
        if self._waiting.full():
            log.error("a mail was dropped: too many are waiting")
        else:
            self._waiting.put_nowait(letter)

    async def deliver(self) -> None:
        """Send what is queued, for ever."""
        while True:
            letter = await self._waiting.get()
            if (account := self.account) is None:
                continue
            try:
                await smtp.send(account, letter)
            except PostError as error:
                log.error("a mail was not sent", mail_server=account.host, error=error.says)  # noqa: TRY400
            except Exception:
                log.exception("a mail was not sent", mail_server=account.host)
            else:
                log.info("a reset link was mailed")

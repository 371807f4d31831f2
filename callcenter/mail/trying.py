"""Tries a mailbox out, both ways, and says in plain sentences what was found."""

from pathlib import Path
from typing import Final, NamedTuple

from callcenter.mail.accounts import way_out
from callcenter.mail.boxes import place_of
from callcenter.mail.imap import MailboxError, opened
from callcenter.mail.models import MailAccount
from callcenter.post import smtp
from callcenter.post.smtp import PostError
from callcenter.server.secret_files import NoSecret


def _(message: str) -> str:
    return message


class Found(NamedTuple):
    """`says` are the server's own words, for whoever looks after it."""

    good: bool
    sentence: str
    says: str = ""


READS: Final = _("Letters can be fetched: the mailbox was opened.")
SENDS: Final = _("Letters can be sent: the mail server let us in.")
NO_WAY_OUT: Final = _(
    "No server for sending is named, and the installation itself has none (setting smtp_url)."
)

#: What each trouble means for fetching; the administration shows it of a mailbox that fails.
READING: Final = {
    "unreachable": _("The IMAP server does not answer. Are host and port right?"),
    "tls": _("The IMAP server is there, but its TLS or certificate does not fit."),
    "sign-in": _("The IMAP server refuses user or password. Some want a password for programs."),
    "folder": _("There is no such folder in the mailbox. Write its name as mail programs show it."),
    "secret": _("The password of this mailbox is not where it should be. Enter it again."),
    "refused": _("The IMAP server refuses to tell what is in the mailbox."),
}
SENDING: Final = {
    "unreachable": _("The server for sending does not answer. Are host and port right?"),
    "tls": _("The server for sending is there, but its TLS or certificate does not fit."),
    "sign-in": _("The server for sending refuses user or password."),
    "refused": _("The server for sending refuses us."),
}


async def fetching(account: MailAccount, data: Path) -> Found:
    try:
        async with opened(place_of(account, data)):
            return Found(True, READS)
    except MailboxError as error:
        return Found(False, READING[error.trouble], error.says)


async def sending(account: MailAccount, data: Path, smtp_url: str) -> Found:
    try:
        way = way_out(account, data, smtp_url)
    except NoSecret as error:
        return Found(False, READING["secret"], str(error))
    if way is None:
        return Found(False, NO_WAY_OUT)
    try:
        await smtp.try_out(way)
    except PostError as error:
        return Found(False, SENDING[error.why], error.says)
    return Found(True, SENDS)

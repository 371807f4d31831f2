"""Sends a letter by SMTP, and says plainly why one could not be sent.

Nothing is kept here: whoever must not lose a letter stores it first and asks again, as `mail` does
by the list of jobs.
"""

import ssl
from email.utils import parseaddr
from functools import cache
from typing import Final, Literal, NoReturn

import aiosmtplib
import msgspec
from yarl import URL

from callcenter.post.letters import Letter, as_message, bare, named

TIMEOUT_S: Final = 30.0
#: Where letters may go without TLS: they do not leave the machine.
LOOPBACK: Final = ("127.0.0.1", "localhost", "::1")
PORTS: Final = {"tls": 465, "starttls": 587, "none": 25}

Security = Literal["tls", "starttls", "none"]
#: What went wrong: nobody answered, the certificate, the sign-in, the letter itself.
Why = Literal["unreachable", "tls", "sign-in", "refused"]


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """Through whom letters go: a server, how to speak to it, and whom they are from."""

    host: str
    port: int
    security: Security
    #: "a@b" or "Name <a@b>".
    sender: str
    user: str = ""
    password: str = ""


class PostError(Exception):
    """A letter was not sent. `says` are the server's words; `permanent`: asking again is no use."""

    def __init__(self, permanent: bool, says: str, why: Why = "refused") -> None:
        super().__init__(says)
        self.permanent = permanent
        self.says = says
        self.why: Why = why


def account_of(smtp_url: str, name: str = "") -> Account | None:
    """Read `smtps://user:secret@host:465?from=a@b`; None if no server is named.

    `smtps` is TLS from the first byte; `smtp` asks for it, and does without on loopback only.
    """
    url = URL(smtp_url)
    if not url.host:
        return None
    user = url.user or ""
    own = user if "@" in user else f"callcenter@{url.host}"
    address = parseaddr(url.query.get("from") or own)[1]
    security: Security = (
        "tls" if url.scheme == "smtps" else "none" if url.host in LOOPBACK else "starttls"
    )
    return Account(
        host=url.host, port=url.explicit_port or PORTS["tls" if security == "tls" else "starttls"],
        security=security, sender=named(name, address) if name else address, user=user,
        password=url.password or "",
    )  # fmt: skip


async def send(account: Account, letter: Letter) -> dict[str, str]:
    """Send `letter`; return what the server says of those recipients it refused. Raises PostError.

    It raises only if nobody gets the letter.
    """
    if not letter.recipients:
        raise PostError(permanent=True, says="no recipient")
    try:
        message = as_message(letter, account.sender).as_bytes()
        async with _connected(account) as server:
            refused, _said = await server.sendmail(bare(account.sender), letter.recipients, message)
    except (aiosmtplib.SMTPException, OSError, ValueError) as error:
        _tell(error)
    return {address: f"{reply.code} {reply.message}" for address, reply in refused.items()}


async def try_out(account: Account) -> None:
    """Connect and sign in, no more. Raises PostError."""
    try:
        async with _connected(account) as server:
            await server.noop()
    except (aiosmtplib.SMTPException, OSError, ValueError) as error:
        _tell(error)


def _connected(account: Account) -> aiosmtplib.SMTP:
    return aiosmtplib.SMTP(
        hostname=account.host, port=account.port, timeout=TIMEOUT_S,
        use_tls=account.security == "tls", start_tls=account.security == "starttls",
        tls_context=_context() if account.security != "none" else None,
        username=account.user if account.password else None, password=account.password or None,
    )  # fmt: skip


@cache
def _context() -> ssl.SSLContext:
    return ssl.create_default_context()


def _tell(error: Exception) -> NoReturn:
    """Raise what `error` means for the letter. A fault of the account is not the letter's."""
    match error:
        case aiosmtplib.SMTPAuthenticationError():
            raise PostError(False, _said(error), "sign-in") from error
        case aiosmtplib.SMTPRecipientsRefused():
            permanent = all(500 <= one.code < 600 for one in error.recipients)
            says = "; ".join(f"{one.recipient}: {_said(one)}" for one in error.recipients)
            raise PostError(permanent, says) from error
        case aiosmtplib.SMTPConnectResponseError():
            raise PostError(False, _said(error), "unreachable") from error
        case aiosmtplib.SMTPResponseException():
            raise PostError(500 <= error.code < 600, _said(error)) from error
        case aiosmtplib.SMTPNotSupported():
            raise PostError(True, str(error)) from error
        case aiosmtplib.SMTPException() if "AUTH" in str(error):
            raise PostError(False, str(error), "sign-in") from error
        case aiosmtplib.SMTPException() if "STARTTLS" in str(error):
            raise PostError(False, str(error), "tls") from error
        case OSError() | aiosmtplib.SMTPException():
            is_tls = isinstance(error, ssl.SSLError) or isinstance(error.__cause__, ssl.SSLError)
            says = str(error) or type(error).__name__
            raise PostError(False, says, "tls" if is_tls else "unreachable") from error
        case _:
            raise PostError(True, str(error)) from error


def _said(error: aiosmtplib.SMTPResponseException) -> str:
    return f"{error.code} {error.message}"

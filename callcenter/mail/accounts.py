"""The mailboxes: where they are, whose they are, who may write from them."""

import re
from datetime import datetime
from pathlib import Path
from typing import Final

import msgspec
from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter import audit
from callcenter.agents.models import Team, User
from callcenter.db import new_id
from callcenter.entity import editing
from callcenter.entity.reading import Unreadable, email_address
from callcenter.errors import BadInput, NotFound
from callcenter.mail.models import SECURITIES, MailAccount
from callcenter.post import smtp
from callcenter.post.letters import named
from callcenter.server import secret_files
from callcenter.server.actor import Actor
from callcenter.server.body import MISFIT, MISSING
from callcenter.server.identity import Identity


def _(message: str) -> str:
    return message


NAME_TAKEN: Final = _("Another mail account has this name already.")
PORT_RANGE: Final = _("A port is a number from 1 to 65535.")
HOST_FORM: Final = _("Write the name of the mail server only: imap.example.az.")
FOR_WHOM: Final = _("An account is one person's or one team's. Choose one of the two.")
NO_TLS: Final = _("Without TLS only a mailbox of this very machine can be read.")
DAYS_RANGE: Final = _("Write a number of days from 0 to 3650.")

_HOST: Final = re.compile(r"[A-Za-z0-9._:-]+")
SIGNATURE_LETTERS: Final = 2_000


class AccountForm(msgspec.Struct, frozen=True, kw_only=True):
    """What an administrator says of a mailbox; a secret is its text, "env:NAME", or "" to keep it."""

    name: str
    sender: str
    address: str
    owner_id: int | None
    team_id: int | None
    imap_host: str
    imap_port: int
    imap_security: str
    username: str
    secret: str
    folder: str
    days: int
    smtp_host: str
    smtp_port: int
    smtp_security: str
    smtp_username: str
    smtp_secret: str
    signature: str
    active: bool
    sent_copy: bool = True


#: Secrets of the form, and what the file of each is called after the account.
SECRETS: Final = {"secret": "imap", "smtp_secret": "smtp"}


def usable_by(who: Identity) -> ColumnElement[bool]:
    """Return the condition that `who` may write from a mailbox: his own, his team's, everybody's."""
    return and_(
        MailAccount.deleted_at.is_(None),
        MailAccount.active,
        or_(
            MailAccount.owner_id == who.user_id,
            MailAccount.team_id.in_(who.teams),
            and_(MailAccount.owner_id.is_(None), MailAccount.team_id.is_(None)),
        ),
    )


def listed() -> Select[MailAccount]:
    return select(MailAccount).where(MailAccount.deleted_at.is_(None)).order_by(MailAccount.name)


async def add(
    session: AsyncSession, form: AccountForm, data: Path, at: datetime, by: Actor
) -> MailAccount:
    """Raises BadInput, naming the fields."""
    columns = await _checked(session, form, None)
    account = MailAccount(
        id=new_id(at.timestamp()), version=1, created_at=at, updated_at=at,
        created_by=by["actor_id"], updated_by=by["actor_id"], **columns,
    )  # fmt: skip
    _keep_secrets(account, form, data)
    session.add(account)
    audit.record(session, at, entity="mail_account", entity_id=account.id, action="create", **by)
    await session.flush()
    return account


async def change(
    session: AsyncSession,
    account_id: int,
    form: AccountForm,
    data: Path,
    seen: int | None,
    at: datetime,
    by: Actor,
) -> MailAccount:
    """Raises NotFound, BadInput or ChangedMeanwhile."""
    account = await session.get(MailAccount, account_id, with_for_update=True)
    if account is None or account.deleted_at is not None:
        raise NotFound
    columns = await _checked(session, form, account)
    await editing.save(session, account, "mail_account", columns, seen, at, by)
    if _keep_secrets(account, form, data):
        audit.record(
            session, at, entity="mail_account", entity_id=account.id, action="secret", **by
        )
    return account


def _keep_secrets(account: MailAccount, form: AccountForm, data: Path) -> bool:
    written = {name: secret for name in SECRETS if (secret := getattr(form, name))}
    for name, secret in written.items():
        kept = secret_files.keep(secret, f"mail-{account.id}-{SECRETS[name]}", data)
        setattr(account, f"{name}_ref", kept)
    return bool(written)


def sends_as(account: MailAccount) -> str:
    """Return the account's address with the name its letters are from."""
    return named(account.sender, account.address) if account.sender else account.address


def way_out(account: MailAccount, data: Path, smtp_url: str) -> smtp.Account | None:
    """Return through whom the account's letters go; None if nobody is named. Raises NoSecret."""
    if not account.smtp_host:
        own = smtp.account_of(smtp_url)
        return None if own is None else msgspec.structs.replace(own, sender=sends_as(account))
    reference = account.smtp_secret_ref or account.secret_ref
    return smtp.Account(
        host=account.smtp_host, port=account.smtp_port, security=account.smtp_security,
        sender=sends_as(account), user=account.smtp_username or account.username,
        password=secret_files.read(reference, account.name, data) if reference else "",
    )  # fmt: skip


# ---------------------------------------------------------------- what is wrong with a form


async def _checked(
    session: AsyncSession, form: AccountForm, account: MailAccount | None
) -> dict[str, object]:
    """Return the columns to set. Raises BadInput."""
    wrong = _misfits(form) | _wrong_servers(form)
    address = form.address
    try:
        address = email_address(form.address)
    except Unreadable as unreadable:
        wrong["address"] = unreadable.sentence if form.address else MISSING
    for name in SECRETS:
        if (problem := secret_files.wrong_with(getattr(form, name))) is not None:
            wrong[name] = problem
    holder = await session.scalar(select(MailAccount.id).where(MailAccount.name == form.name))
    if holder is not None and (account is None or holder != account.id):
        wrong["name"] = NAME_TAKEN
    for name, table, key in (("owner_id", User, form.owner_id), ("team_id", Team, form.team_id)):
        if key is not None and await session.get(table, key) is None:
            wrong[name] = MISFIT
    if wrong:
        raise BadInput(wrong)
    columns = msgspec.structs.asdict(form) | {"address": address}
    return {name: value for name, value in columns.items() if name not in SECRETS}


def _misfits(form: AccountForm) -> dict[str, str]:
    wrong = {name: MISSING for name in ("name", "folder") if not getattr(form, name)}
    if form.owner_id is not None and form.team_id is not None:
        wrong["team_id"] = FOR_WHOM
    if not 0 <= form.days <= 3650:
        wrong["days"] = DAYS_RANGE
    if len(form.signature) > SIGNATURE_LETTERS:
        wrong["signature"] = MISFIT
    return wrong


def _wrong_servers(form: AccountForm) -> dict[str, str]:
    wrong = {}
    for name in ("imap", "smtp"):
        host = getattr(form, f"{name}_host")
        if host and not _HOST.fullmatch(host):
            wrong[f"{name}_host"] = HOST_FORM
        if not 1 <= getattr(form, f"{name}_port") <= 65535:
            wrong[f"{name}_port"] = PORT_RANGE
        if getattr(form, f"{name}_security") not in SECURITIES:
            wrong[f"{name}_security"] = MISFIT
    if form.imap_security == "starttls":
        wrong["imap_security"] = MISFIT
    elif form.imap_security == "none" and form.imap_host and form.imap_host not in smtp.LOOPBACK:
        wrong["imap_security"] = NO_TLS
    if form.imap_host and not form.username:
        wrong["username"] = MISSING
    return wrong

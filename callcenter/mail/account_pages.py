"""Administration pages of the mailboxes, with how each of them stands.

Templates: mail/accounts.html (rows: [(MailAccount, MailCursor | None, whose)]) ·
mail/account.html (account | None, values, errors, cursor, users, teams, found: [Found], saved).
"""

from typing import Any

from aiohttp import web
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.agents.models import Team, User
from callcenter.entity import editing
from callcenter.errors import BadInput, ChangedMeanwhile, NotFound
from callcenter.mail import accounts, trying
from callcenter.mail.accounts import AccountForm
from callcenter.mail.keys import LOOK
from callcenter.mail.models import MailAccount, MailCursor
from callcenter.mail.trying import READING, Found
from callcenter.server import secret_files
from callcenter.server.actor import actor
from callcenter.server.body import number_in, read_form, seen_version
from callcenter.server.errors import refused, sentences
from callcenter.server.identity import administrator
from callcenter.server.keys import CLOCK, DATABASE, SETTINGS
from callcenter.server.pages import redirect, render

routes = web.RouteTableDef()

NUMBERS = ("imap_port", "smtp_port", "days")
TEXTS = (
    "name", "sender", "address", "imap_host", "imap_security", "username", "secret", "folder",
    "smtp_host", "smtp_security", "smtp_username", "smtp_secret", "signature",
)  # fmt: skip
YES_OR_NO = ("active", "sent_copy")
#: What a new account begins with.
FRESH = {
    "imap_port": "993", "imap_security": "tls", "folder": "INBOX", "days": "30",
    "smtp_port": "465", "smtp_security": "tls", "active": "1", "sent_copy": "1",
}  # fmt: skip


@routes.get("/admin/mail")
async def list_accounts(request: web.Request) -> web.Response:
    administrator(request)
    async with request.app[DATABASE].read() as session:
        rows = (
            await session.execute(
                select(MailAccount, MailCursor, User.name, Team.name)
                .outerjoin(MailCursor, MailCursor.account_id == MailAccount.id)
                .outerjoin(User, User.id == MailAccount.owner_id)
                .outerjoin(Team, Team.id == MailAccount.team_id)
                .where(MailAccount.deleted_at.is_(None))
                .order_by(MailAccount.name)
            )
        ).all()
    told = [(account, cursor, user or team) for account, cursor, user, team in rows]
    return render(request, "mail/accounts.html", rows=told, troubles=READING)


@routes.get("/admin/mail/new")
async def new_account(request: web.Request) -> web.Response:
    administrator(request)
    return await _form(request, None, FRESH)


@routes.post("/admin/mail")
async def add_account(request: web.Request) -> web.Response:
    administrator(request)
    values, at = await _typed(request), request.app[CLOCK]()
    data = request.app[SETTINGS].data_path
    try:
        async with request.app[DATABASE].write() as session:
            account = await accounts.add(session, _read(values), data, at, actor(request))
    except BadInput as problem:
        return await _form(request, None, values, sentences(request, problem))
    request.app[LOOK]()
    return redirect(request, f"/admin/mail/{account.id}?saved=1")


@routes.get(r"/admin/mail/{id:\d+}")
async def show_account(request: web.Request) -> web.Response:
    administrator(request)
    account = await _found(request)
    return await _form(request, account, _values(account))


@routes.post(r"/admin/mail/{id:\d+}")
async def change_account(request: web.Request) -> web.Response:
    administrator(request)
    account, values = await _found(request), await _typed(request)
    try:
        async with request.app[DATABASE].write() as session:
            await accounts.change(
                session, account.id, _read(values), request.app[SETTINGS].data_path,
                seen_version(values), request.app[CLOCK](), actor(request),
            )  # fmt: skip
    except (BadInput, ChangedMeanwhile) as problem:
        errors, status = refused(request, problem)
        return await _form(request, account, values, errors, status=status)
    request.app[LOOK]()
    return redirect(request, f"/admin/mail/{account.id}?saved=1")


@routes.post(r"/admin/mail/{id:\d+}/test")
async def try_account(request: web.Request) -> web.Response:
    """Try what is stored, both ways."""
    administrator(request)
    account, known = await _found(request), request.app[SETTINGS]
    found = [await trying.sending(account, known.data_path, known.smtp_url)]
    if account.imap_host:
        found.insert(0, await trying.fetching(account, known.data_path))
    return await _form(request, account, _values(account), found=found)


async def _found(request: web.Request) -> MailAccount:
    account = await editing.found(request, MailAccount)
    if account.deleted_at is not None:
        raise NotFound
    return account


async def _typed(request: web.Request) -> dict[str, str]:
    """Return what was typed; a signature keeps its lines."""
    values = await read_form(request)
    signature = str((await request.post()).get("signature", ""))
    return values | {"signature": signature.replace("\r\n", "\n").rstrip()}


def _read(values: dict[str, str]) -> AccountForm:
    fields: dict[str, Any] = {name: values.get(name, "") for name in TEXTS}
    fields |= {name: number_in(values, name) or 0 for name in NUMBERS}
    fields |= {name: number_in(values, name) for name in ("owner_id", "team_id")}
    fields |= {name: name in values for name in YES_OR_NO}
    return AccountForm(**fields)


def _values(account: MailAccount) -> dict[str, str]:
    plain = (*NUMBERS, *(name for name in TEXTS if name not in accounts.SECRETS), "version")
    values = {name: str(getattr(account, name)) for name in plain}
    values |= {name: str(getattr(account, name) or "") for name in ("owner_id", "team_id")}
    values |= {
        name: secret_files.shown(getattr(account, f"{name}_ref")) for name in accounts.SECRETS
    }
    return values | {name: "1" for name in YES_OR_NO if getattr(account, name)}


async def _form(
    request: web.Request,
    account: MailAccount | None,
    values: dict[str, str],
    errors: dict[str, str] | None = None,
    *,
    found: list[Found] | None = None,
    status: int = 422,
) -> web.Response:
    blank: dict[str, Any] = dict.fromkeys((*AccountForm.__struct_fields__, "version"), "")
    async with request.app[DATABASE].read() as session:
        cursor = await session.get(MailCursor, account.id) if account else None
        people, teams = await _names(session, User), await _names(session, Team)
    return render(
        request, "mail/account.html", status=status if errors else 200, account=account,
        values=blank | values, errors=errors or {}, cursor=cursor, users=people, teams=teams,
        troubles=READING, found=found or [], saved="saved" in request.query,
    )  # fmt: skip


async def _names(session: AsyncSession, table: Any) -> list[Any]:
    query = select(table.id, table.name).where(table.deleted_at.is_(None)).order_by(table.name)
    return [tuple(row) for row in await session.execute(query)]

"""What an API token may be made for, and reading the form that asks for one."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter import audit
from callcenter.agents import tokens
from callcenter.agents.role_form import Kind, kinds
from callcenter.entity.registry import Registry
from callcenter.errors import BadInput
from callcenter.server.actor import Actor
from callcenter.server.body import MISFIT, MISSING, read_form, sent_form
from callcenter.server.identity import Identity, may


def _(message: str) -> str:
    return message


#: How many days a token may be good for; the first one is offered first.
SPANS: Final = {
    "365": _("One year"), "90": _("90 days"), "30": _("30 days"), "": _("Until it is withdrawn"),
}  # fmt: skip
NAME_LETTERS: Final = 120
TOO_LONG: Final = _("This is too long.")


class TokenForm(NamedTuple):
    name: str
    scopes: tuple[str, ...]
    lasts: timedelta | None


async def read(request: web.Request, offered: Collection[str]) -> TokenForm:
    """Return what a form asks for. Raises BadInput for what is not `offered`."""
    form, scopes = await read_form(request), await chosen(request)
    name, days = form.get("token_name", ""), form.get("days", "")
    wrong = {}
    if not name or len(name) > NAME_LETTERS:
        wrong["token_name"] = TOO_LONG if name else MISSING
    if not scopes or not set(scopes) <= set(offered):
        wrong["scopes"] = MISFIT if scopes else MISSING
    if days not in SPANS:
        wrong["days"] = MISFIT
    if wrong:
        raise BadInput(wrong)
    return TokenForm(name, tuple(scopes), timedelta(days=int(days)) if days else None)


async def chosen(request: web.Request) -> list[str]:
    """Return the scopes that are ticked in a form that was sent."""
    form = await sent_form(request) if request.method == "POST" else {}
    return [text for name, text in form.items() if name == "scopes" and isinstance(text, str)]


def make(session: AsyncSession, user_id: int, form: TokenForm, at: datetime, by: Actor) -> str:
    """Add a token in the caller's transaction; return its secret, which is never seen again."""
    secret, token = tokens.issue(
        session, "api", user_id, at, name=form.name, scopes=form.scopes, lasts=form.lasts
    )
    audit.record(
        session, at, entity="user", entity_id=user_id, action="token-made",
        diff={"name": [None, token.name], "scopes": [None, token.scopes]}, **by,
    )  # fmt: skip
    return secret


def own_kinds(registry: Registry, who: Identity) -> list[Kind]:
    """Return the rows of the matrix, with the actions that the person's own role allows."""
    allowed = (
        Kind(
            kind.name, kind.label,
            {action: levels for action, levels in kind.actions.items()
             if may(who, kind.name, action) != "none"},
        )
        for kind in kinds(registry)
    )  # fmt: skip
    return [kind for kind in allowed if kind.actions]

"""A person's own account: name, e-mail, language, looks, time zone.

Template agents/account.html: values, errors, zones, saved, version.
"""

from typing import Any

from aiohttp import web

from callcenter.agents import people
from callcenter.agents.models import User
from callcenter.errors import BadInput, ChangedMeanwhile
from callcenter.events import PersonChanged
from callcenter.server import cookies
from callcenter.server.actor import actor
from callcenter.server.body import read_form, seen_version
from callcenter.server.errors import refused
from callcenter.server.i18n import CODES
from callcenter.server.identity import Identity, identity, known, public
from callcenter.server.keys import BUS, CLOCK, DATABASE
from callcenter.server.pages import redirect, render, safe_next
from callcenter.server.zones import zones


async def account_page(request: web.Request) -> web.Response:
    async with request.app[DATABASE].read() as session:
        person = await session.get_one(User, identity(request).user_id)
    return _account_form(request, person, {}, saved="saved" in request.query)


async def change_account(request: web.Request) -> web.Response:
    who, at = identity(request), request.app[CLOCK]()
    values = await read_form(request)
    form = people.OwnForm(
        name=values.get("name", ""),
        email=values.get("email", "").lower() or None,
        locale=values.get("locale") or None,
        time_zone=values.get("time_zone") or None,
        theme=values.get("theme", "auto"),
    )
    try:
        async with request.app[DATABASE].write() as session:
            await people.change(
                session, who.user_id, form, seen_version(values), at, actor(request)
            )
    except (BadInput, ChangedMeanwhile) as problem:
        return _account_form(request, form, *refused(request, problem), values=values)
    request.app[BUS].publish(PersonChanged(at=at.timestamp(), user_id=who.user_id))
    return redirect(request, "/account?saved=1", whole=True)


@public
async def change_preferences(request: web.Request) -> web.Response:
    """Keep language or theme: in the account, and the language in the browser for next time."""
    form = await read_form(request)
    wanted = {name: form[name] for name in ("locale", "theme") if form.get(name)}
    if wanted.get("locale", "az") not in CODES or wanted.get("theme", "auto") not in people.THEMES:
        raise BadInput
    # What a token's person reads is nothing a program changes.
    if (who := known(request)) is not None and who.via == "session":
        await _keep_preferences(request, who, wanted)
    response = redirect(request, safe_next(form.get("next", "/")), whole=True)
    if "locale" in wanted:
        cookies.put(request, response, cookies.LOCALE, wanted["locale"], max_age_s=cookies.YEAR_S)
    return response


async def _keep_preferences(request: web.Request, who: Identity, wanted: dict[str, str]) -> None:
    at = request.app[CLOCK]()
    async with request.app[DATABASE].write() as session:
        person = await people.locked(session, who.user_id)
        for name, value in wanted.items():
            setattr(person, name, value)
    request.app[BUS].publish(PersonChanged(at=at.timestamp(), user_id=who.user_id))


def _account_form(
    request: web.Request,
    person: User | people.OwnForm,
    errors: dict[str, str],
    status: int = 200,
    *,
    values: dict[str, str] | None = None,
    saved: bool = False,
) -> web.Response:
    shown: dict[str, Any] = values or {
        name: getattr(person, name) or "" for name in people.OwnForm.__struct_fields__
    }
    version = person.version if isinstance(person, User) else shown.get("version", "")
    return render(
        request, "agents/account.html", status=status, values=shown,
        errors=errors, zones=zones(), saved=saved, version=version,
    )  # fmt: skip


routes = [
    web.get("/account", account_page),
    web.post("/account", change_account),
    web.post("/preferences", change_preferences),
]

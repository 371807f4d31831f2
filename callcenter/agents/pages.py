"""The way in and out: sign-in, sign-out, the password.

A person's own data are in `account_pages`, other people's in `admin_pages`.

Templates: agents/sign_in (next, values{login}, errors) · agents/password
(expired, errors) · agents/forgot (sent, by_mail, values{login}, errors) ·
agents/reset (token, errors). `errors` is {field: sentence}, "" for the whole form.
"""

from aiohttp import web

from callcenter.agents import passwords
from callcenter.agents.keys import POSTMAN, RESETS, SIGN_IN
from callcenter.agents.models import User
from callcenter.errors import (
    BadInput,
    TooManyAttempts,
    WrongCredentials,
)
from callcenter.events import SessionsEnded
from callcenter.server import cookies
from callcenter.server.actor import actor
from callcenter.server.body import read_form
from callcenter.server.client import ip, origin
from callcenter.server.errors import sentence, sentences
from callcenter.server.i18n import language_of
from callcenter.server.identity import identity, known, public, renewing
from callcenter.server.keys import BUS, CLOCK, DATABASE, SETTINGS
from callcenter.server.pages import redirect, render, safe_next, translate


def _(message: str) -> str:
    return message


WRONG_PASSWORD = _("This is not your present password.")
#: What the page of sign-in says first, by what was done before.
NOTICES = {
    "password": _("Your password is changed. Sign in with the new one."),
    "session": _("Your session has ended. Sign in to go on where you were."),
}


# ---------------------------------------------------------------- in and out


@public
async def sign_in_page(request: web.Request) -> web.Response:
    back = safe_next(request.query.get("next", "/"))
    if known(request) is not None:
        return redirect(request, back, whole=True)
    return _sign_in_form(request, back, notice=NOTICES.get(request.query.get("done", ""), ""))


@public
async def sign_in(request: web.Request) -> web.Response:
    form = await read_form(request)
    password = str((await request.post()).get("password", ""))
    back, login = safe_next(form.get("next", "/")), form.get("login", "")
    at, by = request.app[CLOCK](), actor(request)
    try:
        secret = await request.app[SIGN_IN].sign_in(login, password, at, by)
    except (WrongCredentials, TooManyAttempts) as problem:
        return _sign_in_form(request, back, login, {"": sentence(request, problem)}, problem.status)
    if (before := known(request)) is not None and before.via == "session":
        await request.app[SIGN_IN].sign_out(before, at, by)
    response = redirect(request, back, whole=True)
    cookies.put(request, response, cookies.SESSION, secret)
    cookies.drop(request, response, cookies.VISIT)
    return response


@renewing
async def sign_out(request: web.Request) -> web.Response:
    await request.app[SIGN_IN].sign_out(identity(request), request.app[CLOCK](), actor(request))
    response = redirect(request, "/sign-in", whole=True)
    cookies.drop(request, response, cookies.SESSION)
    # The browser forgets what it kept for us: unsaved notes are customers' data too.
    response.headers["Clear-Site-Data"] = '"storage"'
    return response


def _sign_in_form(
    request: web.Request,
    back: str,
    login: str = "",
    errors: dict[str, str] | None = None,
    status: int = 200,
    notice: str = "",
) -> web.Response:
    return render(
        request, "agents/sign_in.html", status=status, next=back, values={"login": login},
        errors=errors or {}, notice=translate(request, notice),
    )  # fmt: skip


# ---------------------------------------------------------------- password


@renewing
async def password_page(request: web.Request) -> web.Response:
    return _password_form(request)


@renewing
async def change_password(request: web.Request) -> web.Response:
    who, at, by = identity(request), request.app[CLOCK](), actor(request)
    form = await request.post()
    present, new, again = (str(form.get(name, "")) for name in ("present", "password", "again"))
    try:
        if not await request.app[SIGN_IN].has_password(who, present, at, by):
            return _password_form(request, {"present": translate(request, WRONG_PASSWORD)})
        async with request.app[DATABASE].read() as session:
            passwords.check(new, again, await session.get_one(User, who.user_id))
    except TooManyAttempts as problem:
        return _password_form(request, {"": sentence(request, problem)}, problem.status)
    except BadInput as problem:
        return _password_form(request, sentences(request, problem))
    hash_ = await passwords.hashed(new)
    async with request.app[DATABASE].write() as session:
        await passwords.store(session, await session.get_one(User, who.user_id), hash_, at, by)
    request.app[BUS].publish(SessionsEnded(at=at.timestamp(), user_id=who.user_id))
    secret = await request.app[SIGN_IN].open_session(who.user_id, at, by)
    response = redirect(request, "/", whole=True)
    cookies.put(request, response, cookies.SESSION, secret)
    return response


def _password_form(
    request: web.Request, errors: dict[str, str] | None = None, status: int = 422
) -> web.Response:
    return render(
        request, "agents/password.html", status=status if errors else 200,
        expired=identity(request).password_expired, errors=errors or {},
    )  # fmt: skip


@public
async def forgot_page(request: web.Request) -> web.Response:
    return _forgot_form(request)


@public
async def forgot(request: web.Request) -> web.Response:
    """Mail a reset link, and say the same whether or not the person exists."""
    form = await read_form(request)
    at, by = request.app[CLOCK](), actor(request)
    try:
        request.app[RESETS].take(ip(request), at.timestamp())
    except TooManyAttempts as problem:
        errors = {"": sentence(request, problem)}
        return _forgot_form(request, form.get("login", ""), errors, problem.status)
    if _are_mailed(request):
        async with request.app[DATABASE].write() as session:
            person = await passwords.person_by_name(session, form.get("login", ""))
            if person is not None and person.email:
                secret = await passwords.make_reset_link(session, person.id, at, by)
                request.app[POSTMAN].send_reset_link(
                    person.email, person.name, reset_address(request, secret),
                    person.locale or language_of(request),
                )  # fmt: skip
    return _forgot_form(request, form.get("login", ""), sent=True)


def _are_mailed(request: web.Request) -> bool:
    """Return whether links go by mail: there is a server, and the operator says where they lead.

    What a request calls us is written by whoever sends it, and the mail would go to another.
    """
    return request.app[POSTMAN].is_there and bool(request.app[SETTINGS].public_url)


def reset_address(request: web.Request, secret: str) -> str:
    return f"{origin(request)}/password/reset?token={secret}"


def _forgot_form(
    request: web.Request,
    login: str = "",
    errors: dict[str, str] | None = None,
    status: int = 200,
    *,
    sent: bool = False,
) -> web.Response:
    return render(
        request, "agents/forgot.html", status=status, sent=sent, errors=errors or {},
        by_mail=_are_mailed(request), values={"login": login},
    )  # fmt: skip


@public
async def reset_page(request: web.Request) -> web.Response:
    secret = request.query.get("token", "")
    async with request.app[DATABASE].read() as session:
        await passwords.person_of_link(session, secret, request.app[CLOCK]())
    return render(request, "agents/reset.html", token=secret, errors={})


@public
async def reset(request: web.Request) -> web.Response:
    form = await request.post()
    secret, new, again = (str(form.get(name, "")) for name in ("token", "password", "again"))
    at = request.app[CLOCK]()
    async with request.app[DATABASE].read() as session:
        person = await passwords.person_of_link(session, secret, at)
    try:
        passwords.check(new, again, person)
    except BadInput as problem:
        errors = sentences(request, problem)
        return render(request, "agents/reset.html", status=422, token=secret, errors=errors)
    hash_ = await passwords.hashed(new)
    async with request.app[DATABASE].write() as session:
        await passwords.use_link(session, secret, hash_, at, actor(request))
    request.app[BUS].publish(SessionsEnded(at=at.timestamp(), user_id=person.id))
    return redirect(request, "/sign-in?done=password", whole=True)


routes = [
    web.get("/sign-in", sign_in_page),
    web.post("/sign-in", sign_in),
    web.post("/sign-out", sign_out),
    web.get("/password", password_page),
    web.post("/password", change_password),
    web.get("/password/forgot", forgot_page),
    web.post("/password/forgot", forgot),
    web.get("/password/reset", reset_page),
    web.post("/password/reset", reset),
]

"""Refusals and failures, as the one who asked can read them.

JSON for the API, a fragment for htmx, a page for everybody else, always in the
reader's language. Whoever is not signed in is led to sign-in and back again.
What nobody foresaw is logged with its traceback and shown with the request's id.
"""

from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
import structlog
from aiohttp import web
from yarl import URL

from callcenter.errors import (
    BadInput,
    ChangedMeanwhile,
    MethodNotAllowed,
    NotFound,
    NotSignedIn,
    NotUnderstood,
    OurFault,
    PasswordExpired,
    Problem,
    TooLarge,
    TooManyAttempts,
)
from callcenter.server.i18n import translate
from callcenter.server.pages import redirect, render, safe_next
from callcenter.server.tracking import REQUEST_ID

log = structlog.get_logger()


def _(message: str) -> str:
    return message


NOW_IT_IS = _("It now says: {theirs}")
SAME_FIELD = _("{who} changed the same field meanwhile. Compare both versions and save again.")


class Clash(str):
    """What stands beside a field that somebody else has changed; a form that knows how it calls the
    field and its choices says it with their words (`macros/forms.html`)."""

    __slots__ = ("theirs", "who")

    who: str
    theirs: str


Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

#: What aiohttp itself refuses, in our words.
OF_STATUS: dict[int, type[Problem]] = {404: NotFound, 405: MethodNotAllowed, 413: TooLarge}


@web.middleware
async def answer(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except Problem as problem:
        return show(request, problem)
    except web.HTTPException as refused:
        if refused.status < 400:
            raise
        response = show(request, OF_STATUS.get(refused.status, NotUnderstood)())
        if "Allow" in refused.headers:
            response.headers["Allow"] = refused.headers["Allow"]
        return response
    except Exception:
        log.exception("a request failed", method=request.method, path=request.path)
        return show(request, OurFault(reference=request.get(REQUEST_ID, "")))


def show(request: web.Request, problem: Problem) -> web.Response:
    """Return `problem` in the form the request can read."""
    if wants_json(request):
        response = _json(request, problem)
    elif isinstance(problem, NotSignedIn):
        response = _to_sign_in(request)
    elif isinstance(problem, PasswordExpired):
        response = redirect(request, "/password", whole=True)
    else:
        response = _page(request, problem)
    if isinstance(problem, TooManyAttempts):
        response.headers["Retry-After"] = str(problem.values["wait_s"])
    return response


def wants_json(request: web.Request) -> bool:
    accepts = request.headers.get("Accept", "")
    return request.path.startswith("/api/") or (
        "application/json" in accepts and "text/html" not in accepts
    )


def sentence(request: web.Request, problem: Problem) -> str:
    return translate(request, problem.sentence, **problem.values)


def sentences(request: web.Request, problem: BadInput) -> dict[str, str]:
    """Return what is wrong with each field, for the form or the API."""
    return {name: translate(request, text) for name, text in problem.fields.items()}


def both(
    request: web.Request, problem: ChangedMeanwhile, label: str = "", theirs: str = ""
) -> dict[str, str]:
    """Return a conflict for a form: the reader's own text stays in the field, theirs beside it.

    `label` is how the form calls the field, if that has to be said above it, and `theirs` the
    other's value in words (`entity.pages.clashes` knows both of a row's fields).
    """
    field, now = str(problem.values["field"]), problem.values["theirs"]
    named = ChangedMeanwhile(**problem.values | {"field": label})
    above = sentence(request, named) if label else translate(request, SAME_FIELD, **problem.values)
    told = theirs or ("–" if now is None else now)
    return {"": above, field: translate(request, NOW_IT_IS, theirs=told)}


def refused(
    request: web.Request, problem: BadInput | ChangedMeanwhile
) -> tuple[dict[str, str], int]:
    """Return what a form says that was not saved, by field, and the answer's status."""
    if not isinstance(problem, ChangedMeanwhile):
        return sentences(request, problem), 422
    theirs = _plain(problem.values["theirs"])
    errors = both(request, problem, theirs=theirs)
    field = str(problem.values["field"])
    errors[field] = clash = Clash(errors[field])
    clash.who, clash.theirs = str(problem.values["who"]), theirs
    return errors, problem.status


def _plain(value: Any) -> str:
    """Return a value as an input holds it."""
    if isinstance(value, bool):
        return "1" if value else ""
    if isinstance(value, (list, tuple)):
        return " ".join(map(str, value))
    return "" if value is None else str(value)


def told(request: web.Request, problem: Problem) -> dict[str, Any]:
    """Return a refusal as the API tells it; of a conflict both values, and whose the other is."""
    error: dict[str, Any] = {"code": problem.code, "message": sentence(request, problem)}
    if isinstance(problem, BadInput) and problem.fields:
        error["fields"] = sentences(request, problem)
    if isinstance(problem, ChangedMeanwhile):
        error["conflict"] = dict(problem.values)
    return error


def _json(request: web.Request, problem: Problem) -> web.Response:
    return web.Response(
        body=msgspec.json.encode({"error": told(request, problem)}),
        status=problem.status,
        content_type="application/json",
    )


def _to_sign_in(request: web.Request) -> web.Response:
    """Return the way to the sign-in page, which leads back to where the person was."""
    if "HX-Request" in request.headers:
        back = URL(request.headers.get("HX-Current-URL", "/"))
        way = URL(_sign_in(back.raw_path_qs)).update_query(done="session")
        return web.Response(status=401, headers={"HX-Redirect": str(way)})
    return redirect(request, _sign_in(request.path_qs if request.method == "GET" else "/"))


def _sign_in(back: str) -> str:
    return str(URL("/sign-in").with_query(next=back)) if back not in ("", "/") else "/sign-in"


def _page(request: web.Request, problem: Problem) -> web.Response:
    return render(
        request,
        "errors/error.html",
        status=problem.status,
        code=problem.code,
        is_ours=problem.status >= 500,
        messages=_said(request, problem),
        reference=problem.values.get("reference"),
        back=_sent_from(request),
    )


def _said(request: web.Request, problem: Problem) -> list[str]:
    """Return what a page of its own says: no field is marked on it, so it names what is wrong with each."""
    named = sentences(request, problem).values() if isinstance(problem, BadInput) else ()
    return list(dict.fromkeys(named)) or [sentence(request, problem)]


def _sent_from(request: web.Request) -> str:
    """Return the page of ours that a form was sent from, or ""."""
    if request.method == "GET" or "HX-Request" not in request.headers:
        return ""
    return safe_next(URL(request.headers.get("HX-Current-URL", "/")).raw_path_qs)

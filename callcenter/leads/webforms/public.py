"""What the world sees of a form: the script that sites embed, the form's facts, a page of ours.

Nobody is signed in here and there is no CSRF token: a form is meant to be sent from other sites.
Machines are kept out by the stamp, the trap and the limits; other sites by the list of origins,
which is matched exactly.

Templates: webforms/page.html (form, title, asked, values, errors, stamp, sent, thanks),
webforms/embed.js.
"""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

import structlog
from aiohttp import web
from sqlalchemy import select

from callcenter.entity.keys import ENTITIES
from callcenter.entity.reading import Context
from callcenter.errors import BadInput, NotFound, Problem, TooLarge
from callcenter.leads.webforms import keeping, reading, stamp
from callcenter.leads.webforms.keys import LIMITS, MAKING
from callcenter.leads.webforms.models import WebForm
from callcenter.server.body import answer, sent_form
from callcenter.server.client import ip, origin
from callcenter.server.headers import OWN
from callcenter.server.i18n import CODES, language_of, translate_to
from callcenter.server.identity import bare
from callcenter.server.keys import CLOCK, DATABASE, REGIONS, SETTINGS
from callcenter.server.pages import render, render_text

log = structlog.get_logger()
routes = web.RouteTableDef()

#: A form of text fields is never larger.
MOST_BYTES: Final = 64 * 1024


def _(message: str) -> str:
    return message


CHECK: Final = _("Please look at it once more and send it.")
THANKS: Final = _("Thank you. We have received your message and will answer soon.")
SEND: Final = _("Send")
FAILED: Final = _("This could not be sent. Check your connection and try again.")


class Visit(NamedTuple):
    """Who asks for which form, in which language; `site` is another site's origin, if it is one."""

    form: WebForm
    language: str
    site: str | None


@routes.get("/f/embed.js")
@bare
async def script(request: web.Request) -> web.Response:
    request[OWN] = {"Cross-Origin-Resource-Policy": "cross-origin"}
    text = render_text("webforms/embed.js", "en")
    return web.Response(
        text=text, content_type="text/javascript", headers={"Cache-Control": "max-age=3600"}
    )


@routes.get(r"/f/{key:[a-z0-9-]+}")
@bare
async def page(request: web.Request) -> web.Response:
    visit = await _visit(request)
    await _shown(request, visit.form)
    return _page(request, visit, dict(request.query))


@routes.get(r"/f/{key:[a-z0-9-]+}/form")
@bare
async def facts(request: web.Request) -> web.Response:
    """Tell the script what to show; only a site on the list may ask."""
    visit = await _visit(request)
    await _shown(request, visit.form)
    form, language = visit.form, visit.language
    told = {
        "title": reading.text_in(form.title, language), "send": translate_to(language, SEND),
        "failed": translate_to(language, FAILED), "language": language, "trap": reading.TRAP,
        "stamp": stamp.stamped(form.secret, _moment(request)),
        "fields": [
            {
                "name": one.name, "label": one.label, "kind": one.kind, "required": one.required,
                "limit": one.limit, "options": one.options,
            }
            for one in reading.asked(form, request.app[ENTITIES], language)
        ],
    }  # fmt: skip
    return _cors(answer(told), visit)


@routes.post(r"/f/{key:[a-z0-9-]+}")
@bare
async def send(request: web.Request) -> web.Response:
    """Take what was sent: by the script, by our page, or by a plain form on another site's page."""
    visit = await _visit(request)
    is_script = "application/json" in request.headers.get("Accept", "")
    if (request.content_length or 0) > MOST_BYTES:
        raise TooLarge
    values = {name: str(value) for name, value in (await sent_form(request)).items()}
    try:
        said = await _take(request, visit, values)
    except BadInput as problem:
        said = {name: translate_to(visit.language, text) for name, text in problem.fields.items()}
    except Problem as problem:
        if not is_script:
            raise
        said = {"": translate_to(visit.language, problem.sentence, **problem.values)}
    if is_script:
        return _cors(_told(request, visit, values, said), visit)
    return _page(request, visit, values, said, sent=not said)


async def _take(request: web.Request, visit: Visit, values: Mapping[str, str]) -> dict[str, str]:
    """Keep what was sent; return what is wrong with it, nothing if it is kept. Raises BadInput."""
    form, at = visit.form, request.app[CLOCK]()
    address, by_form = request.app[LIMITS]
    address.take((form.id, ip(request)), at.timestamp())
    by_form.take(form.id, at.timestamp())
    context = Context(
        request.app[ENTITIES], request.app[REGIONS], visit.language,
        request.app[SETTINGS].time_zone,
    )  # fmt: skip
    is_trapped = bool(values.get(reading.TRAP))
    if not is_trapped:
        reading.read(form, reading.sent(form, values), context)
        if stamp.judged(form.secret, values.get("stamp", ""), at.timestamp()) != "fine":
            return {"": translate_to(visit.language, CHECK)}
    async with request.app[DATABASE].write() as session:
        row = await keeping.keep(
            session, form, values, at, ip=ip(request)[:45], language=visit.language
        )
    if not is_trapped:
        await _make(request, row.id)
    return {}


async def _make(request: web.Request, submission_id: int) -> None:
    """Make the lead at once; a visitor who is told of our own troubles sends the form twice."""
    try:
        await request.app[MAKING].make(submission_id)
    except Exception:
        # The job that was stored with the submission makes it later.
        log.exception("a lead is left to its job", submission=submission_id)


async def _visit(request: web.Request) -> Visit:
    """Return the form, if the page that asks for it may have it. Raises NotFound."""
    async with request.app[DATABASE].read() as session:
        form = await session.scalar(
            select(WebForm).where(
                WebForm.key == request.match_info["key"], WebForm.active,
                WebForm.deleted_at.is_(None),
            )
        )  # fmt: skip
    if form is None:
        raise NotFound
    asked = request.query.get("lang", "")
    language = form.language or (asked if asked in CODES else language_of(request))
    sent = request.headers.get("Origin", "").lower()
    site = sent if sent and sent != origin(request) else None
    # A page without an origin of its own is a stranger's like any other: it gets our page to look at.
    if site is not None and site != "null" and site not in form.origins:
        raise NotFound
    return Visit(form, language, site)


async def _shown(request: web.Request, form: WebForm) -> None:
    address, _by_form = request.app[LIMITS]
    address.take(("shown", form.id, ip(request)), _moment(request))
    async with request.app[DATABASE].write() as session:
        await keeping.count(session, form.id, request.app[CLOCK]().date(), "shown")


def _moment(request: web.Request) -> float:
    return request.app[CLOCK]().timestamp()


def _stamp(request: web.Request, visit: Visit, values: Mapping[str, str]) -> str:
    """Return the stamp of the form when it is shown again: its own, as long as it is good."""
    held, secret, at = values.get("stamp", ""), visit.form.secret, _moment(request)
    is_good = stamp.judged(secret, held, at) in ("fine", "early")
    return held if is_good else stamp.stamped(secret, at)


def _told(
    request: web.Request, visit: Visit, values: Mapping[str, str], said: dict[str, str]
) -> web.Response:
    form, language = visit.form, visit.language
    if not said:
        thanks = reading.text_in(form.thanks, language) or translate_to(language, THANKS)
        return answer({"thanks": thanks})
    return answer({"errors": said, "stamp": _stamp(request, visit, values)}, status=422)


def _cors(response: web.Response, visit: Visit) -> web.Response:
    if visit.site is not None:
        response.headers["Access-Control-Allow-Origin"] = visit.site
        response.headers["Vary"] = "Origin"
    return response


def _page(
    request: web.Request,
    visit: Visit,
    values: Mapping[str, str],
    errors: Mapping[str, str] | None = None,
    *,
    sent: bool = False,
) -> web.Response:
    form, language = visit.form, visit.language
    thanks = reading.text_in(form.thanks, language) or translate_to(language, THANKS)
    kept: dict[str, Any] = {name: values.get(name, "") for name in (*reading.UTM, "lang")}
    # The page that led here, unless the site has told.
    kept["referrer"] = kept["referrer"] or request.headers.get("Referer", "")
    return render(
        request, "webforms/page.html", status=422 if errors else 200, form=form, values=values,
        title=reading.text_in(form.title, language) or form.name, errors=errors or {}, kept=kept,
        asked=reading.asked(form, request.app[ENTITIES], language), trap=reading.TRAP,
        stamp=_stamp(request, visit, values), sent=sent, thanks=thanks,
        spoken=language, send=translate_to(language, SEND),
    )  # fmt: skip

"""Administration → SMS: whether messages can be sent, and one to try.

Template post/sms.html: provider: "", "file" or "http", host, values, errors, length, said, refused.
`GET /admin/sms/length?text=` says how long a text is, as it is typed.
"""

import secrets
from collections.abc import Callable, Sequence

from aiohttp import web
from yarl import URL

from callcenter import audit, phone
from callcenter.errors import BadInput
from callcenter.post.segments import ROOM, length_of
from callcenter.post.sms import File, Http, Provider, Sms, SmsError
from callcenter.server.actor import actor
from callcenter.server.body import MISSING, read_form
from callcenter.server.errors import sentences
from callcenter.server.identity import administrator, identity
from callcenter.server.keys import CLOCK, DATABASE, REGIONS
from callcenter.server.pages import render

routes = web.RouteTableDef()

PROVIDER: web.AppKey[Callable[[], Provider | None]] = web.AppKey("sms_provider")

#: More than anybody sends by SMS.
LIMIT = 1_000


def _(message: str) -> str:
    return message


NO_MOBILE = _("This is no phone number. Write it like +994 50 123 45 67.")
NO_PROVIDER = _("No SMS provider is set up. Name one in the settings first.")
TOO_LONG = _("Write at most 1000 letters.")


@routes.get("/admin/sms")
async def show(request: web.Request) -> web.Response:
    administrator(request)
    return _page(request, {"to": "", "text": ""})


@routes.get("/admin/sms/length")
async def length(request: web.Request) -> web.Response:
    identity(request)
    text = request.query.get("text", "")[:LIMIT]
    return render(request, "post/sms_length.html", length=length_of(text), room=ROOM)


@routes.post("/admin/sms")
async def try_out(request: web.Request) -> web.Response:
    """Send one message now, and show what the provider says."""
    administrator(request)
    values, provider = await read_form(request), request.app[PROVIDER]()
    try:
        sms = _read(values, request.app[REGIONS], provider)
    except BadInput as problem:
        return _page(request, values, sentences(request, problem))
    try:
        said, refused = await provider.send(sms) if provider else "", ""
    except SmsError as error:
        said, refused = "", error.says
    async with request.app[DATABASE].write() as session:
        audit.record(
            session, request.app[CLOCK](), entity="setting", action="sms-tried",
            diff={"to": [None, sms.to], "refused": [None, refused]}, **actor(request),
        )  # fmt: skip
    return _page(request, values, said=said or "OK", refused=refused)


def _read(values: dict[str, str], regions: Sequence[str], provider: Provider | None) -> Sms:
    """Return the message that the form means. Raises BadInput."""
    wrong: dict[str, str] = {}
    number, text = phone.read(values.get("to", ""), regions), values.get("text", "")
    if number.kind != "e164":
        wrong["to"] = NO_MOBILE
    if not text or len(text) > LIMIT:
        wrong["text"] = TOO_LONG if text else MISSING
    if provider is None:
        wrong[""] = NO_PROVIDER
    if wrong:
        raise BadInput(wrong)
    return Sms(to=number.norm, text=text, id=f"trial-{secrets.token_hex(8)}")


def _page(
    request: web.Request,
    values: dict[str, str],
    errors: dict[str, str] | None = None,
    *,
    said: str = "",
    refused: str = "",
) -> web.Response:
    provider = request.app[PROVIDER]()
    kind = "file" if isinstance(provider, File) else "http" if provider else ""
    return render(
        request, "post/sms.html", status=422 if errors else 200, provider=kind, said=said,
        host=URL(provider.url).host if isinstance(provider, Http) else "", refused=refused,
        values=values, errors=errors or {}, length=length_of(values.get("text", "")), room=ROOM,
    )  # fmt: skip

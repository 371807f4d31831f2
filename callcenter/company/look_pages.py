"""The administration page of how pages look, with a live preview, and of the company's pictures.

Templates: company/look.html (values, errors, saved, fonts: {key: (label, families)}, accent) and
company/look_preview.html (faults: {field: look.Faint}, needed, sheet: address).
"""

import asyncio
from typing import Any
from urllib.parse import urlencode

import msgspec
from aiohttp import web

from callcenter.company import colours, kept, look, pictures
from callcenter.company.sheets import Values, announce, given, save
from callcenter.errors import BadInput, ChangedMeanwhile, NotFound
from callcenter.server.actor import actor
from callcenter.server.body import read_form
from callcenter.server.errors import refused, sentences
from callcenter.server.identity import administrator
from callcenter.server.keys import CLOCK, DATABASE
from callcenter.server.pages import redirect, render, translate


def _(message: str) -> str:
    return message


TOO_FAINT = _(
    "This cannot be read well: {contrast} : 1 on our grounds, {needed} : 1 is needed. "
    "The nearest colour that can is {nearest}."
)


async def show_look(request: web.Request) -> web.Response:
    administrator(request)
    return _look_form(request, await _look_values(request))


async def save_look(request: web.Request) -> web.Response:
    administrator(request)
    values = await read_form(request)
    try:
        await save(request, look.KEY, _checked_look(request, values), values)
    except (BadInput, ChangedMeanwhile) as problem:
        return _look_form(request, values, *refused(request, problem))
    return redirect(request, "/admin/look?saved=1", whole=True)


async def preview_look(request: web.Request) -> web.Response:
    """How pages would look: a part of the form's page, asked for while somebody chooses."""
    administrator(request)
    return render(request, "company/look_preview.html", **_previewed(_look(dict(request.query))))


async def preview_stylesheet(request: web.Request) -> web.Response:
    administrator(request)
    shown = _readable(_look(dict(request.query)))
    css = look.stylesheet(shown, ".look-preview")
    return web.Response(text=css, content_type="text/css")


def _checked_look(request: web.Request, values: Values) -> look.Look:
    """Return the look that was chosen. Raises BadInput if its colours cannot be read."""
    chosen = _look(values)
    look.check_form(chosen)
    if faults := look.faults(chosen):
        raise BadInput(
            {
                name: translate(
                    request, TOO_FAINT, contrast=fault.contrast, needed=colours.ENOUGH,
                    nearest=fault.nearest,
                )
                for name, fault in faults.items()
            }
        )  # fmt: skip
    return chosen


def _look(values: Values) -> look.Look:
    """Return what the form says."""
    fields = given(values, look.Look)
    fields |= {name: fields.get(name, "").lower() for name in ("accent", "accent_dark")}
    return msgspec.convert(fields, look.Look)


def _readable(chosen: look.Look) -> look.Look:
    """Return `chosen` with what is no colour or no font left out, and the rest readable."""
    grounds = {"accent": colours.LIGHT_GROUNDS, "accent_dark": colours.DARK_GROUNDS}
    fields = {
        name: colours.readable(text, on) if colours.is_colour(text := getattr(chosen, name)) else ""
        for name, on in grounds.items()
    }
    return look.Look(font=chosen.font if chosen.font in look.FONTS else "", **fields)


def _previewed(chosen: look.Look) -> dict[str, Any]:
    are_colours = all(
        not text or colours.is_colour(text) for text in (chosen.accent, chosen.accent_dark)
    )
    shown = msgspec.structs.asdict(_readable(chosen))
    return {
        "faults": look.faults(chosen) if are_colours else {},
        "needed": colours.ENOUGH,
        "sheet": f"/admin/look/preview.css?{urlencode(shown)}",
    }


def _look_form(
    request: web.Request, values: Values, errors: Values | None = None, status: int = 422
) -> web.Response:
    blank = dict.fromkeys((*look.Look.__struct_fields__, "version"), "")
    return render(
        request, "company/look.html", status=status if errors else 200, values=blank | values,
        errors=errors or {}, saved="saved" in request.query, fonts=look.FONTS,
        accent=look.ACCENT, **_previewed(_look(values)),
    )  # fmt: skip


async def save_picture(request: web.Request) -> web.Response:
    administrator(request)
    kind, at = _kind(request), request.app[CLOCK]()
    upload = (await request.post()).get(kind)
    data = upload.file.read() if isinstance(upload, web.FileField) else b""
    try:
        png = await asyncio.to_thread(pictures.redrawn, data, kind)
    except BadInput as problem:
        return _look_form(request, await _look_values(request), sentences(request, problem))
    async with request.app[DATABASE].write() as session:
        await pictures.keep(session, kind, png, at, actor(request))
    return await _shown_anew(request)


async def drop_picture(request: web.Request) -> web.Response:
    administrator(request)
    async with request.app[DATABASE].write() as session:
        await pictures.drop(session, _kind(request), request.app[CLOCK](), actor(request))
    return await _shown_anew(request)


def _kind(request: web.Request) -> str:
    kind = request.match_info["kind"]
    if kind not in pictures.SIZES:
        raise NotFound
    return kind


async def _look_values(request: web.Request) -> Values:
    async with request.app[DATABASE].read() as session:
        chosen, version = await kept.versioned(session, look.KEY, look.Look)
    return msgspec.structs.asdict(chosen) | {"version": str(version)}


async def _shown_anew(request: web.Request) -> web.Response:
    await announce(request)
    return redirect(request, "/admin/look?saved=1", whole=True)


routes = [
    web.get("/admin/look", show_look),
    web.post("/admin/look", save_look),
    web.get("/admin/look/preview", preview_look),
    web.get("/admin/look/preview.css", preview_stylesheet),
    web.post("/admin/look/pictures/{kind}", save_picture),
    web.post("/admin/look/pictures/{kind}/drop", drop_picture),
]

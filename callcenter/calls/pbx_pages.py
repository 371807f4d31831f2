"""Administration pages of the PBXs, with the live state of each link.

Templates: calls/pbxs.html (pbxs: [(PbxRow, LinkState | None)]) ·
calls/pbx.html (pbx: PbxRow | None, values, errors, link: LinkState | None,
regions: [code], zones: [name], saved, gaps: GapPage | None).
"""

from collections.abc import Callable
from typing import Any

from aiohttp import web
from sqlalchemy import select

from callcenter.calls import pbxs
from callcenter.calls.gaps import GapPage, list_gaps
from callcenter.calls.links import LinkState
from callcenter.calls.models import RECORDINGS_ROOT, PbxRow
from callcenter.entity import editing
from callcenter.errors import BadInput, ChangedMeanwhile
from callcenter.events import PbxEdited
from callcenter.server import secret_files
from callcenter.server.actor import actor
from callcenter.server.body import number_in, read_form, seen_version
from callcenter.server.errors import refused, sentences
from callcenter.server.identity import require
from callcenter.server.keys import BRAND, BUS, CLOCK, DATABASE, REGIONS, SETTINGS
from callcenter.server.pages import redirect, render
from callcenter.server.zones import zones

#: Fields whose text in the form is their value.
PLAIN = (
    "name", "host", "port", "username", "region", "time_zone", "dial_context", "dial_format",
    "dial_prefix", "recordings_at", "recordings_root", "version",
)  # fmt: skip

#: How the link of a PBX stands now, None if there is none; from `app`.
LINK_STATE: web.AppKey[Callable[[int], LinkState | None]] = web.AppKey("link_state")


async def list_pbxs(request: web.Request) -> web.Response:
    require(request, "pbx", "read")
    async with request.app[DATABASE].read() as session:
        rows = list(await session.scalars(select(PbxRow).order_by(PbxRow.name)))
    link = request.app[LINK_STATE]
    return render(request, "calls/pbxs.html", pbxs=[(row, link(row.id)) for row in rows])


async def new_pbx(request: web.Request) -> web.Response:
    require(request, "pbx", "create")
    settings = request.app[SETTINGS]
    region = request.app[BRAND]().country or request.app[REGIONS][0]
    values = {
        "port": "5038", "region": region, "time_zone": settings.time_zone, "active": "1",
        "dial_context": "click2call", "dial_format": "national",
        "recordings_root": RECORDINGS_ROOT,
    }  # fmt: skip
    return _form(request, None, values)


async def add_pbx(request: web.Request) -> web.Response:
    require(request, "pbx", "create")
    values, at = await read_form(request), request.app[CLOCK]()
    data = request.app[SETTINGS].data_path
    try:
        async with request.app[DATABASE].write() as session:
            pbx = await pbxs.add(session, _read(values), data, at, actor(request))
    except BadInput as problem:
        return _form(request, None, values, sentences(request, problem))
    request.app[BUS].publish(PbxEdited(at=at.timestamp(), pbx=pbx.id))
    return redirect(request, f"/admin/pbx/{pbx.id}?saved=1")


async def show_pbx(request: web.Request) -> web.Response:
    require(request, "pbx", "read")
    pbx = await editing.found(request, PbxRow)
    return _form(request, pbx, _values(pbx), gaps=await _gaps(request, pbx))


async def show_gaps(request: web.Request) -> web.Response:
    """The next rows of a PBX's gaps: `calls/gap_rows.html`."""
    require(request, "pbx", "read")
    pbx = await editing.found(request, PbxRow)
    return render(request, "calls/gap_rows.html", pbx=pbx, gaps=await _gaps(request, pbx))


async def change_pbx(request: web.Request) -> web.Response:
    require(request, "pbx", "edit")
    pbx = await editing.found(request, PbxRow)
    values, at = await read_form(request), request.app[CLOCK]()
    try:
        async with request.app[DATABASE].write() as session:
            await pbxs.change(
                session, pbx.id, _read(values), request.app[SETTINGS].data_path,
                seen_version(values), at, actor(request),
            )  # fmt: skip
    except (BadInput, ChangedMeanwhile) as problem:
        return _form(request, pbx, values, *refused(request, problem))
    request.app[BUS].publish(PbxEdited(at=at.timestamp(), pbx=pbx.id))
    return redirect(request, f"/admin/pbx/{pbx.id}?saved=1")


async def _gaps(request: web.Request, pbx: PbxRow) -> GapPage:
    async with request.app[DATABASE].read() as session:
        return await list_gaps(session, pbx=pbx.id, after=request.query.get("after"))


def _read(values: dict[str, str]) -> pbxs.PbxForm:
    return pbxs.PbxForm(
        name=values.get("name", ""),
        host=values.get("host", ""),
        port=number_in(values, "port") or 0,
        tls="tls" in values,
        username=values.get("username", ""),
        secret=values.get("secret", ""),
        trunks=values.get("trunks", "").replace(",", " ").split(),
        region=values.get("region", "").upper(),
        time_zone=values.get("time_zone", ""),
        dial_context=values.get("dial_context", ""),
        dial_format=values.get("dial_format", "national"),
        dial_prefix=values.get("dial_prefix", ""),
        active="active" in values,
        cel_source=values.get("cel_source", ""),
        cel_secret=values.get("cel_secret", ""),
        recordings_at=values.get("recordings_at", ""),
        recordings_root=values.get("recordings_root") or RECORDINGS_ROOT,
        recordings_secret=values.get("recordings_secret", ""),
    )


def _values(pbx: PbxRow) -> dict[str, str]:
    """Return what the form shows; a switch that is off is not there, as in a sent form."""
    values = {name: str(getattr(pbx, name)) for name in PLAIN}
    values["trunks"] = "\n".join(pbx.trunks)
    values["cel_source"] = pbx.cel_source or ""
    values |= {name: secret_files.shown(getattr(pbx, f"{name}_ref")) for name in pbxs.SECRETS}
    return values | {name: "1" for name in ("tls", "active") if getattr(pbx, name)}


def _form(
    request: web.Request,
    pbx: PbxRow | None,
    values: dict[str, str],
    errors: dict[str, str] | None = None,
    status: int = 422,
    gaps: GapPage | None = None,
) -> web.Response:
    blank: dict[str, Any] = dict.fromkeys((*pbxs.PbxForm.__struct_fields__, "version"), "")
    return render(
        request, "calls/pbx.html", status=status if errors else 200, pbx=pbx,
        values=blank | values, errors=errors or {}, regions=pbxs.REGIONS,
        link=request.app[LINK_STATE](pbx.id) if pbx else None,
        zones=zones(), saved="saved" in request.query, gaps=gaps,
    )  # fmt: skip


routes = [
    web.get("/admin/pbx", list_pbxs),
    web.get("/admin/pbx/new", new_pbx),
    web.post("/admin/pbx", add_pbx),
    web.get("/admin/pbx/{id}", show_pbx),
    web.get("/admin/pbx/{id}/gaps", show_gaps),
    web.post("/admin/pbx/{id}", change_pbx),
]

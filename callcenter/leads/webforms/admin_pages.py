"""The administration of web forms: what they ask for, where they stand, what was sent by them.

Templates: webforms/list.html (forms: [Line]) · webforms/form.html (form, values, chosen, required,
offered, options, snippet, submissions, errors).
"""

import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from aiohttp import web
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from yarl import URL

from callcenter import audit
from callcenter.agents.models import Team, User
from callcenter.db import new_id
from callcenter.entity import editing
from callcenter.entity.keys import ENTITIES
from callcenter.entity.registry import label_in
from callcenter.errors import BadInput, ChangedMeanwhile, NotFound
from callcenter.leads.models import Lead
from callcenter.leads.webforms import reading
from callcenter.leads.webforms.keys import MAKING
from callcenter.leads.webforms.models import FormDay, Submission, WebForm
from callcenter.mail.models import Template
from callcenter.server.actor import actor
from callcenter.server.body import MISSING, number_in, path_id, read_form, seen_version
from callcenter.server.client import origin
from callcenter.server.errors import refused, sentences
from callcenter.server.i18n import LANGUAGES, language_of
from callcenter.server.identity import administrator
from callcenter.server.keys import CLOCK, DATABASE
from callcenter.server.pages import redirect, render

routes = web.RouteTableDef()

#: Submissions that are shown, the newest first.
SHOWN: Final = 30
TEXTS: Final = ("title", "thanks", "confirmation")
#: What is chosen out of lists.
CHOSEN: Final = ("source_id", "owner_id", "team_id", "pipeline_id", "template_id")
_HOST: Final = re.compile(r"[a-z0-9.-]+", re.ASCII)


def _(message: str) -> str:
    return message


NO_FIELD: Final = _("Choose at least one field.")
NO_ORIGIN: Final = _("Write each as https://example.az, one a line, without a path.")


@dataclass(frozen=True, slots=True)
class Line:
    form: WebForm
    shown: int
    sent: int
    failed: int


@routes.get("/admin/forms")
async def list_(request: web.Request) -> web.Response:
    administrator(request)
    async with request.app[DATABASE].read() as session:
        forms = list(
            await session.scalars(
                select(WebForm).where(WebForm.deleted_at.is_(None)).order_by(WebForm.name)
            )
        )
        counts = await _counts(session)
        refused = await session.execute(
            select(Submission.form_id, func.count())
            .where(Submission.status == "failed")
            .group_by(Submission.form_id)
        )
        failed: dict[int, int] = {row[0]: row[1] for row in refused}
    lines = [Line(form, *counts.get(form.id, (0, 0)), failed.get(form.id, 0)) for form in forms]
    return render(request, "webforms/list.html", lines=lines)


async def _counts(session: AsyncSession) -> dict[int, tuple[int, int]]:
    rows = await session.execute(
        select(FormDay.form_id, func.sum(FormDay.shown), func.sum(FormDay.sent)).group_by(
            FormDay.form_id
        )
    )
    return {form_id: (int(shown), int(sent)) for form_id, shown, sent in rows}


@routes.get("/admin/forms/new")
async def new(request: web.Request) -> web.Response:
    administrator(request)
    begun = {"active": "1", "field.person": "1", "field.phone": "1", "needed.phone": "1"}
    return await _page(request, None, begun | {"field.message": "1"})


@routes.post("/admin/forms")
async def create(request: web.Request) -> web.Response:
    administrator(request)
    values, at = await read_form(request), request.app[CLOCK]()
    try:
        given = _read(request, values)
    except BadInput as problem:
        return await _page(request, None, values, sentences(request, problem), 422)
    row = WebForm(
        id=new_id(at.timestamp()), key=secrets.token_hex(6), secret=secrets.token_hex(24),
        version=1, created_at=at, updated_at=at, **given,
    )  # fmt: skip
    async with request.app[DATABASE].write() as session:
        session.add(row)
        audit.record(
            session, at, entity="web_form", entity_id=row.id, action="create",
            diff={"name": [None, row.name]}, **actor(request),
        )  # fmt: skip
    return redirect(request, f"/admin/forms/{row.id}?saved")


@routes.get(r"/admin/forms/{id:\d+}")
async def show(request: web.Request) -> web.Response:
    administrator(request)
    form = await editing.found(request, WebForm)
    return await _page(request, form, _values(form))


@routes.post(r"/admin/forms/{id:\d+}")
async def change(request: web.Request) -> web.Response:
    administrator(request)
    form = await editing.found(request, WebForm)
    values, at = await read_form(request), request.app[CLOCK]()
    try:
        given = _read(request, values)
        async with request.app[DATABASE].write() as session:
            row = await session.get_one(WebForm, form.id, with_for_update=True)
            await editing.save(
                session, row, "web_form", given, seen_version(values), at, actor(request)
            )
    except (BadInput, ChangedMeanwhile) as problem:
        return await _page(request, form, values, *refused(request, problem))
    return redirect(request, f"/admin/forms/{form.id}?saved")


@routes.post(r"/admin/forms/submissions/{id:\d+}/again")
async def again(request: web.Request) -> web.Response:
    """Try once more to make a lead of what was sent."""
    administrator(request)
    async with request.app[DATABASE].read() as session:
        row = await session.get(Submission, path_id(request))
    if row is None:
        raise NotFound
    await request.app[MAKING].make(row.id)
    return redirect(request, f"/admin/forms/{row.form_id}")


# ---------------------------------------------------------------- the form of a form


def _read(request: web.Request, values: Mapping[str, str]) -> dict[str, Any]:
    wrong: dict[str, str] = {}
    if not values.get("name"):
        wrong["name"] = MISSING
    fields = [
        {"name": name, "required": bool(values.get(f"needed.{name}"))}
        for name in reading.offered(request.app[ENTITIES])
        if values.get(f"field.{name}")
    ]
    if not fields:
        wrong["fields"] = NO_FIELD
    origins = values.get("origins", "").lower().split()
    if not all(map(_is_origin, origins)):
        wrong["origins"] = NO_ORIGIN
    if wrong:
        raise BadInput(wrong)
    codes = {code for code, _name in LANGUAGES}
    return {
        "name": values["name"][:120], "active": bool(values.get("active")), "fields": fields,
        "language": values.get("language", "") if values.get("language") in codes else "",
        "origins": origins, "campaign": values.get("campaign", "")[:120] or None,
        **{name: number_in(values, name) for name in CHOSEN},
        **{
            name: {code: text for code in codes if (text := values.get(f"{name}.{code}", ""))}
            for name in TEXTS
        },
    }  # fmt: skip


def _is_origin(text: str) -> bool:
    try:
        address = URL(text)
    except ValueError:
        return False
    is_web = address.scheme in ("http", "https") and _HOST.fullmatch(address.host or "") is not None
    return is_web and str(address.origin()) == text


def _values(form: WebForm) -> dict[str, str]:
    values = {
        "name": form.name, "active": "1" if form.active else "", "language": form.language,
        "origins": "\n".join(form.origins), "campaign": form.campaign or "",
        "version": str(form.version),
        **{name: str(getattr(form, name) or "") for name in CHOSEN},
    }  # fmt: skip
    for one in form.fields:
        values[f"field.{one['name']}"] = "1"
        values[f"needed.{one['name']}"] = "1" if one.get("required") else ""
    for name in TEXTS:
        values |= {f"{name}.{code}": text for code, text in getattr(form, name).items()}
    return values


async def _page(
    request: web.Request,
    form: WebForm | None,
    values: Mapping[str, str],
    errors: Mapping[str, str] | None = None,
    status: int = 200,
) -> web.Response:
    registry, language = request.app[ENTITIES], language_of(request)
    async with request.app[DATABASE].read() as session:
        people = select(User.id, User.name).where(User.active, User.deleted_at.is_(None))
        teams = select(Team.id, Team.name).where(Team.deleted_at.is_(None))
        letters = select(Template.id, Template.name).where(Template.active, ~Template.is_offer)
        options = {
            "template_id": [
                (row.id, row.name) for row in await session.execute(letters.order_by(Template.name))
            ],
            "owner_id": [
                (row.id, row.name) for row in await session.execute(people.order_by(User.name))
            ],
            "team_id": [
                (row.id, row.name) for row in await session.execute(teams.order_by(Team.name))
            ],
        }
        submissions = await _submissions(session, form) if form is not None else []
    for name, listed in (("source_id", "source"), ("pipeline_id", "lead.pipeline")):
        options[name] = [
            (one.id, one.text(language)) for one in registry.list(listed) if one.active
        ]
    return render(
        request, "webforms/form.html", status=status, form=form, values=_Texts(values),
        options=options, texts=TEXTS, errors=errors or {}, submissions=submissions,
        offered=[
            (name, label_in(field, language)) for name, field in reading.offered(registry).items()
        ],
        own=origin(request), saved="saved" in request.query,
    )  # fmt: skip


class _Texts(dict[str, str]):
    """What stands in the form; nothing where nothing was said."""

    def __missing__(self, _name: str) -> str:
        return ""


async def _submissions(session: AsyncSession, form: WebForm) -> Sequence[Any]:
    rows = await session.execute(
        select(Submission, Lead.number)
        .outerjoin(Lead, Lead.id == Submission.lead_id)
        .where(Submission.form_id == form.id)
        .order_by(Submission.id.desc())
        .limit(SHOWN)
    )
    return rows.all()

"""Administration pages of letter templates.

Templates: mail/templates.html (rows) · mail/template.html (row: Template | None, values, errors,
names, preview, saved).
"""

from typing import Any

from aiohttp import web
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter import audit
from callcenter.db import new_id
from callcenter.entity import editing
from callcenter.errors import BadInput, ChangedMeanwhile
from callcenter.mail import templates
from callcenter.mail.models import Template
from callcenter.mail.templates import BODY_LETTERS, LANGUAGES, SUBJECT_LETTERS
from callcenter.server.actor import actor
from callcenter.server.body import MISSING, read_form, seen_version
from callcenter.server.errors import refused, sentences
from callcenter.server.identity import administrator
from callcenter.server.keys import CLOCK, DATABASE
from callcenter.server.pages import redirect, render

routes = web.RouteTableDef()


def _(message: str) -> str:
    return message


NAME_TAKEN = _("Another template has this name already.")
_LIMITS = {"subject": SUBJECT_LETTERS, "body": BODY_LETTERS}


@routes.get("/admin/templates")
async def list_templates(request: web.Request) -> web.Response:
    administrator(request)
    async with request.app[DATABASE].read() as session:
        rows = (await session.scalars(select(Template).order_by(Template.name))).all()
    return render(request, "mail/templates.html", rows=rows)


@routes.get("/admin/templates/new")
async def new_template(request: web.Request) -> web.Response:
    administrator(request)
    return _form(request, None, {"active": "1"})


@routes.post("/admin/templates")
async def add_template(request: web.Request) -> web.Response:
    administrator(request)
    values, at, by = await _typed(request), request.app[CLOCK](), actor(request)
    if "preview" in values:
        return _form(request, None, values, _shown_wrong(request, values))
    try:
        async with request.app[DATABASE].write() as session:
            columns = await _checked(session, values, None)
            template = Template(
                id=new_id(at.timestamp()), version=1, created_at=at, updated_at=at,
                created_by=by["actor_id"], updated_by=by["actor_id"], **columns,
            )  # fmt: skip
            session.add(template)
            audit.record(
                session, at, entity="template", entity_id=template.id, action="create", **by
            )
    except BadInput as problem:
        return _form(request, None, values, sentences(request, problem))
    return redirect(request, f"/admin/templates/{template.id}?saved=1")


@routes.get(r"/admin/templates/{id:\d+}")
async def show_template(request: web.Request) -> web.Response:
    administrator(request)
    template = await editing.found(request, Template)
    return _form(request, template, _values(template))


@routes.post(r"/admin/templates/{id:\d+}")
async def change_template(request: web.Request) -> web.Response:
    administrator(request)
    template, values = await editing.found(request, Template), await _typed(request)
    if "preview" in values:
        return _form(request, template, values, _shown_wrong(request, values))
    try:
        async with request.app[DATABASE].write() as session:
            row = await session.get_one(Template, template.id, with_for_update=True)
            columns = await _checked(session, values, row)
            await editing.save(
                session, row, "template", columns, seen_version(values), request.app[CLOCK](),
                actor(request),
            )  # fmt: skip
    except (BadInput, ChangedMeanwhile) as problem:
        return _form(request, template, values, *refused(request, problem))
    return redirect(request, f"/admin/templates/{template.id}?saved=1")


async def _typed(request: web.Request) -> dict[str, str]:
    values = await read_form(request)
    return {name: value.replace("\r\n", "\n") for name, value in values.items()}


async def _checked(
    session: AsyncSession, values: dict[str, str], row: Template | None
) -> dict[str, Any]:
    """Return the columns to set. Raises BadInput."""
    texts = _texts(values)
    wrong = _wrong(values)
    name = values.get("name", "")
    if not name:
        wrong["name"] = MISSING
    holder = await session.scalar(select(Template.id).where(Template.name == name))
    if holder is not None and (row is None or holder != row.id):
        wrong["name"] = NAME_TAKEN
    if wrong:
        raise BadInput(wrong)
    return {
        "name": name, "texts": texts, "is_offer": "is_offer" in values,
        "active": "active" in values,
    }  # fmt: skip


def _texts(values: dict[str, str]) -> dict[str, dict[str, str]]:
    texts = {
        code: {part: values.get(f"{part}_{code}", "") for part in _LIMITS} for code in LANGUAGES
    }
    return {code: told for code, told in texts.items() if any(told.values())}


def _wrong(values: dict[str, str]) -> dict[str, str]:
    texts = _texts(values)
    wrong = {
        f"{part}_{code}": problem
        for code, told in texts.items()
        for part, letters in _LIMITS.items()
        if (problem := templates.wrong_with(told[part], letters)) is not None
    }
    wrong |= {
        f"{part}_{code}": MISSING
        for code, told in texts.items()
        for part in _LIMITS
        if not told[part]
    }
    return wrong if texts else wrong | {"": templates.NO_TEXT}


def _shown_wrong(request: web.Request, values: dict[str, str]) -> dict[str, str]:
    wrong = _wrong(values)
    return sentences(request, BadInput(wrong)) if wrong else {}


def _values(template: Template) -> dict[str, str]:
    values = {"name": template.name, "version": str(template.version)}
    for code, told in template.texts.items():
        values |= {f"{part}_{code}": told.get(part, "") for part in _LIMITS}
    flags = ("is_offer", "active")
    return values | {name: "1" for name in flags if getattr(template, name)}


def _form(
    request: web.Request,
    template: Template | None,
    values: dict[str, str],
    errors: dict[str, str] | None = None,
    status: int = 422,
) -> web.Response:
    preview = {}
    if not errors:
        preview = {
            code: {part: templates.fill(told[part], templates.VALUES) for part in _LIMITS}
            for code, told in _texts(values).items()
        }
    parts = [f"{part}_{code}" for part in _LIMITS for code in LANGUAGES]
    blank = dict.fromkeys(("name", "version", "is_offer", "active", *parts), "")
    return render(
        request, "mail/template.html", status=status if errors else 200, row=template,
        values=blank | values, errors=errors or {}, names=templates.known(),
        preview=preview, saved="saved" in request.query,
    )  # fmt: skip

"""The administration page of how records are numbered.

Template: company/numbering.html (entities: [Entity], values: {entity: pattern}, examples, errors,
version, saved).
"""

import msgspec
from aiohttp import web

from callcenter.company import kept
from callcenter.company.sheets import Values, save
from callcenter.entity import numbering
from callcenter.entity.description import Entity
from callcenter.entity.keys import ENTITIES
from callcenter.errors import BadInput, ChangedMeanwhile
from callcenter.server.body import read_form
from callcenter.server.errors import sentence, sentences
from callcenter.server.identity import administrator
from callcenter.server.keys import CLOCK, DATABASE
from callcenter.server.pages import redirect, render

EXAMPLE = 42


class Numbering(msgspec.Struct, frozen=True, kw_only=True):
    patterns: dict[str, str] = {}


async def show(request: web.Request) -> web.Response:
    administrator(request)
    async with request.app[DATABASE].read() as session:
        sheet, version = await kept.versioned(session, numbering.KEY, Numbering)
    return _page(request, sheet.patterns | {"version": str(version)})


async def change(request: web.Request) -> web.Response:
    """An empty pattern is the one as delivered."""
    administrator(request)
    values = await read_form(request)
    patterns = {each.name: values.get(each.name, "") for each in _numbered(request)}
    patterns = {name: pattern for name, pattern in patterns.items() if pattern}
    wrong = {name: problem for name, each in patterns.items() if (problem := numbering.wrong(each))}
    if wrong:
        return _page(request, values, sentences(request, BadInput(wrong)))
    try:
        await save(request, numbering.KEY, Numbering(patterns=patterns), values)
    except ChangedMeanwhile as problem:
        return _page(request, values, {"": sentence(request, problem)}, problem.status)
    return redirect(request, "/admin/numbering?saved=1")


def _numbered(request: web.Request) -> list[Entity]:
    return [entity for entity in request.app[ENTITIES] if entity.number]


def _page(
    request: web.Request, values: Values, errors: Values | None = None, status: int = 422
) -> web.Response:
    year, entities = request.app[CLOCK]().year, _numbered(request)
    patterns = {each.name: values.get(each.name) or each.number for each in entities}
    return render(
        request, "company/numbering.html", status=status if errors else 200, entities=entities,
        values=patterns | {"version": values.get("version", "")}, errors=errors or {},
        examples={
            name: numbering.written(each, year, EXAMPLE)
            for name, each in patterns.items() if numbering.wrong(each) is None
        },
        saved="saved" in request.query,
    )  # fmt: skip


routes = [web.get("/admin/numbering", show), web.post("/admin/numbering", change)]

"""REST: which contacts there are already, for what another system is about to add."""

from typing import Any, TypedDict

import msgspec
from aiohttp import web

from callcenter.crm.contacts.pages import regions
from callcenter.crm.contacts.points_part import by_their_looks
from callcenter.crm.duplicates.check import Likeness, check
from callcenter.crm.duplicates.facts import Typed, of_typed
from callcenter.entity.keys import ENTITIES
from callcenter.entity.telling import NO_SUCH_FIELD
from callcenter.errors import BadInput
from callcenter.server.body import answer, misfit_in, read_json
from callcenter.server.identity import require
from callcenter.server.keys import DATABASE
from callcenter.server.openapi import operation

routes = web.RouteTableDef()


class NamedShape(TypedDict):
    id: int
    name: str


class LikeContact(TypedDict):
    id: int
    kind: str
    name: str
    title: str | None
    company: NamedShape | None
    city: str | None


class ReasonShape(TypedDict):
    """What is alike, and the value."""

    code: str
    value: str


class LikenessShape(TypedDict):
    """A contact that is alike; null if the reader may not see it, then `owner` may know more."""

    contact: LikeContact | None
    owner: str | None
    score: float
    reasons: list[ReasonShape]


class Duplicates(TypedDict):
    duplicates: list[LikenessShape]


@routes.post("/api/v1/contacts/duplicates")
@operation(needs="contact:read", body=Typed, answers=Duplicates)
async def duplicates(request: web.Request) -> web.Response:
    """Tell which contacts are like a new one, given as one adds it; nothing is stored."""
    who = require(request, "contact", "read")
    facts = of_typed(_typed(request, await read_json(request, dict[str, Any])), regions(request))
    async with request.app[DATABASE].read() as session:
        found = await check(session, who, facts)
    return answer(Duplicates(duplicates=[_told(each) for each in found]))


def _typed(request: web.Request, body: dict[str, Any]) -> Typed:
    """Return what is compared of a whole new contact. Raises BadInput."""
    entities = request.app[ENTITIES]
    known = {*Typed.__struct_fields__, *entities.fields("contact")}
    known |= {part.name for part in entities["contact"].parts}
    if unknown := body.keys() - known:
        raise BadInput(dict.fromkeys(sorted(unknown), NO_SUCH_FIELD))
    given = {name: value for name, value in body.items() if value is not None}
    if "points" in given:
        given["points"] = by_their_looks(given["points"])
    try:
        return msgspec.convert(given, Typed)
    except msgspec.ValidationError as error:
        raise BadInput(misfit_in(str(error))) from error


def _told(found: Likeness) -> LikenessShape:
    line = found.line
    return LikenessShape(
        contact=None if line is None else LikeContact(
            id=line.id, kind=line.kind, name=line.name, title=line.title,
            company=None if line.company is None else NamedShape(id=line.company.id, name=line.company.name),
            city=line.city,
        ),
        owner=found.owner_name,
        score=found.score,
        reasons=[ReasonShape(code=each.code, value=each.value) for each in found.reasons],
    )  # fmt: skip

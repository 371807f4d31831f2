"""REST of every entity: read, add, change, set aside, bring back, and many at once by a key.

The same for all of them, by their descriptions (`openapi` tells of it, `querying` lists). A body
is flat: field names as in the description, "custom.car" for a field of an administrator's, lists
that belong to the row by their own name. What is read is written the same way.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import msgspec
from aiohttp import web
from sqlalchemy import Select, bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.db import Question, alone
from callcenter.entity import saving
from callcenter.entity.description import Entity, Field
from callcenter.entity.keys import ENTITIES
from callcenter.entity.listing import lines_of, names_of_columns
from callcenter.entity.querying import is_said, rows_of
from callcenter.entity.reading import Context, Unreadable
from callcenter.entity.reading import read_json as read_value
from callcenter.entity.requests import asker_of, context_of, deed_of, tell
from callcenter.entity.rights import is_reached, reaches_all, visible_to
from callcenter.entity.saving import Deed, stored_as
from callcenter.entity.showing import Showing
from callcenter.entity.telling import NO_SUCH_FIELD, Wanted, in_json, lists_of, told, wanted
from callcenter.errors import BadInput, ChangedMeanwhile, NotFound, Problem, Sentence
from callcenter.server.body import MISFIT, MISSING, ONE_OF, answer, if_match, path_id, read_json
from callcenter.server.errors import told as error_told
from callcenter.server.i18n import language_of
from callcenter.server.identity import Identity, require
from callcenter.server.keys import DATABASE
from callcenter.server.pages import zone_of


def _(message: str) -> str:
    return message


TOO_MANY: Final = _("These are too many rows at once. Send up to {most}.")
SEVERAL: Final = _("More than one record has this, so it is not clear which one is meant.")

#: So many rows fit into one request that brings many.
MOST_ROWS: Final = 500
#: Says what the writer saw in the fields he changes.
WAS: Final = "was"


class Rows(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Rows to add or to change; `key` is the field by which those that are there are found."""

    key: str
    rows: list[dict[str, Any]]


def routes(entities: Iterable[Entity]) -> list[web.RouteDef]:
    """Return the API of these entities, of those that have one."""
    return [
        route for entity in entities if entity.has_pages for route in EntityApi(entity).routes()
    ]


@dataclass(frozen=True, slots=True)
class EntityApi:
    """The handlers of one entity."""

    entity: Entity

    def routes(self) -> list[web.RouteDef]:
        many = f"/api/v1/{self.entity.plural}"
        one = many + r"/{id:\d+}"
        return [
            web.get(many, self.several),
            web.post(many, self.create),
            web.post(f"{many}/upsert", self.upsert),
            web.get(one, self.read),
            web.patch(one, self.change),
            web.delete(one, self.set_aside),
            web.post(f"{one}/restore", self.restore),
        ]

    async def several(self, request: web.Request) -> web.Response:
        who = require(request, self.entity.name, "read")
        want = wanted_by(request, self.entity, who, whole=False)
        return answer(await rows_of(request, self.entity, want))

    async def read(self, request: web.Request) -> web.Response:
        who = require(request, self.entity.name, "read")
        return await self._answer(request, who, path_id(request))

    async def create(self, request: web.Request) -> web.Response:
        who = require(request, self.entity.name, "create")
        body = await read_json(request, dict[str, Any])
        given = self._given(request, body)
        async with request.app[DATABASE].write() as session:
            row = await saving.create(deed_of(request, session, self.entity), given)
        tell(request, self.entity, row)
        response = await self._answer(request, who, row.id, status=201)
        response.headers["Location"] = f"/api/v1/{self.entity.plural}/{row.id}"
        return response

    async def change(self, request: web.Request) -> web.Response:
        who = require(request, self.entity.name, "edit")
        body, seen = await read_json(request, dict[str, Any]), if_match(request)
        was = self._given(request, self._was(body))
        given = self._given(request, body)
        try:
            async with request.app[DATABASE].write() as session:
                deed = deed_of(request, session, self.entity)
                row = await saving.change(deed, path_id(request), given, seen, was)
        except ChangedMeanwhile as problem:
            raise self._in_json(request, problem) from problem
        tell(request, self.entity, row)
        return await self._answer(request, who, row.id)

    async def set_aside(self, request: web.Request) -> web.Response:
        require(request, self.entity.name, "delete")
        seen = if_match(request)
        async with request.app[DATABASE].write() as session:
            deed = deed_of(request, session, self.entity)
            row = await saving.set_aside(deed, path_id(request), seen)
        tell(request, self.entity, row)
        return web.Response(status=204)

    async def restore(self, request: web.Request) -> web.Response:
        who = require(request, self.entity.name, "delete")
        async with request.app[DATABASE].write() as session:
            row = await saving.restore(deed_of(request, session, self.entity), path_id(request))
        tell(request, self.entity, row)
        return await self._answer(request, who, row.id)

    async def upsert(self, request: web.Request) -> web.Response:
        require(request, self.entity.name, "create")
        body = await read_json(request, Rows)
        key = self._key(request, body.key)
        if len(body.rows) > MOST_ROWS:
            raise BadInput({"rows": Sentence(TOO_MANY, most=MOST_ROWS)})
        return answer({"rows": [await self._one_of(request, key, row) for row in body.rows]})

    # ------------------------------------------------------------ parts of it

    async def _answer(
        self, request: web.Request, who: Identity, row_id: int, *, status: int = 200
    ) -> web.Response:
        want = wanted_by(request, self.entity, who, whole=True)
        asker, fields = asker_of(request), {field.name: field for field in want.fields}
        async with request.app[DATABASE].read() as session:
            row = await _visible(session, self.entity, who, row_id, want.fields)
            lists = await lists_of(session, want, [row_id])
            lines = await lines_of(session, self.entity, asker, [row], fields, lists)
            (shown,) = await told(session, self.entity, who, lines, want, lists)
        return answer(shown, status=status, version=row.version)

    def _given(self, request: web.Request, body: Mapping[str, Any]) -> dict[str, Any]:
        """Return what a body brings, as `saving` takes it. Raises BadInput."""
        fields = request.app[ENTITIES].fields(self.entity.name)
        return _read(self.entity, fields, body, context_of(request))

    def _was(self, body: dict[str, Any]) -> dict[str, Any]:
        """Take out of a change what its writer saw; lists that belong to a row say it themselves."""
        was = body.pop(WAS, None) or {}
        if not isinstance(was, dict) or any(self.entity.part(name) for name in was):
            raise BadInput({WAS: MISFIT})
        return was

    def _in_json(self, request: web.Request, problem: ChangedMeanwhile) -> ChangedMeanwhile:
        """Return a conflict with its values as the API writes them."""
        values = dict(problem.values)
        field = request.app[ENTITIES].fields(self.entity.name).get(str(values["field"]))
        if field is not None:
            values |= {name: in_json(field, values[name]) for name in ("theirs", "mine")}
        return ChangedMeanwhile(**values)

    def _key(self, request: web.Request, name: str) -> Field:
        field = request.app[ENTITIES].fields(self.entity.name).get(name)
        if field is None or field.virtual is not None or name not in self._keys(request):
            names = ", ".join(self._keys(request))
            raise BadInput({"key": Sentence(ONE_OF, names=names) if names else MISFIT})
        return field

    def _keys(self, request: web.Request) -> list[str]:
        return keys_of(self.entity, request.app[ENTITIES].fields(self.entity.name))

    async def _one_of(
        self, request: web.Request, key: Field, body: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Save one row of many; what is wrong with it is its own answer."""
        try:
            given = self._given(request, body)
            async with request.app[DATABASE].write() as session:
                deed = deed_of(request, session, self.entity)
                status, row = await _put(deed, key, given)
        except Problem as problem:
            return {"status": "failed", "error": error_told(request, problem)}
        if status != "same":
            tell(request, self.entity, row)
        return {"status": status, "id": row.id, "version": row.version}


def wanted_by(request: web.Request, entity: Entity, who: Identity, *, whole: bool) -> Wanted:
    """Return which fields the address asks for (`fields`), and whether in words, too."""
    registry, named = request.app[ENTITIES], request.query.get("fields")
    return wanted(
        registry, entity, who,
        None if named is None else [name.strip() for name in named.split(",") if name.strip()],
        whole=whole,
        in_words=Showing(registry, language_of(request), zone_of(request)) if is_said(request, "words") else None,
    )  # fmt: skip


def keys_of(entity: Entity, fields: Mapping[str, Field]) -> list[str]:
    """Return the fields by which rows that come in bulk can be found."""
    return [name for name in entity.keys if name in fields and fields[name].virtual is None]


def _read(
    entity: Entity, fields: Mapping[str, Field], body: Mapping[str, Any], context: Context
) -> dict[str, Any]:
    given: dict[str, Any] = {}
    wrong: dict[str, str] = {}
    for name, value in body.items():
        try:
            if (part := entity.part(name)) is not None:
                given[name] = part.read_json(value)
            elif name in fields:
                given[name] = read_value(fields[name], value, context)
            else:
                wrong[name] = NO_SUCH_FIELD
        except Unreadable as unreadable:
            wrong[name] = unreadable.sentence
        except BadInput as problem:
            wrong |= problem.fields
    if wrong:
        raise BadInput(wrong)
    return given


async def _visible(
    session: AsyncSession, entity: Entity, who: Identity, row_id: int, fields: Iterable[Field]
) -> Any:
    """Return what is asked for of a row. Raises NotFound."""
    # Not the object of the whole row: to make one takes longer than to read it.
    model: Any = entity.model
    names = names_of_columns(entity, fields)
    if reaches_all(entity, who):
        rows: Sequence[Any] = await _of_all(model, names).ask(session, row=row_id)
    else:
        query = _by_id(model, names).where(visible_to(entity, who))
        rows = (await session.execute(query, {"row": row_id})).all()
    if not rows:
        raise NotFound
    return rows[0]


@lru_cache(256)
def _of_all(model: Any, names: tuple[str, ...]) -> Question:
    return Question(_by_id(model, names))


@lru_cache(256)
def _by_id(model: Any, names: tuple[str, ...]) -> Select[Any]:
    columns = (getattr(model, name) for name in names)
    return select(*columns).where(model.id == bindparam("row"), model.deleted_at.is_(None))


async def _put(deed: Deed, key: Field, given: Mapping[str, Any]) -> tuple[str, Any]:
    """Change the row that has this key, or add it; return what was done, and the row."""
    if (held := given.get(key.name)) is None:
        raise BadInput({key.name: MISSING})
    # Two senders of the same new row must not both find that it is not there yet.
    await alone(deed.session, f"{deed.entity.name} {key.name} {held}")
    model: Any = deed.entity.model
    query = select(model.id, model.version).where(
        stored_as(model, key) == held, model.deleted_at.is_(None)
    )
    found = (await deed.session.execute(query.limit(2))).all()
    if len(found) > 1:
        raise BadInput({key.name: SEVERAL})
    if not found:
        return "created", await saving.create(deed, given)
    (row_id, version) = found[0]
    try:
        row = await saving.change(deed, row_id, given, None)
    except NotFound as problem:
        # What he may not see he learns of as from adding it: a key is there once.
        seen = await is_reached(deed.session, deed.entity, deed.who, "read", row_id)
        raise BadInput({key.name: saving.NOT_YOURS if seen else saving.TAKEN}) from problem
    return "same" if row.version == version else "changed", row

"""Saves a form over a row that somebody else may have saved in the meantime.

A form says which `version` it was filled from. If the row has moved on since, the audit log tells
what the others changed: changes to different fields are joined, and a change to a field that
somebody else has changed too is refused, naming that person.
"""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final, NamedTuple, TypeVar

from aiohttp import web
from sqlalchemy import column, select, table
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter import audit
from callcenter.audit import Audit
from callcenter.db import Versioned
from callcenter.entity.description import put, value_of
from callcenter.errors import BadInput, ChangedMeanwhile, NotFound
from callcenter.server.actor import Actor
from callcenter.server.body import path_id
from callcenter.server.keys import DATABASE


def _(message: str) -> str:
    return message


NO_SUCH_VERSION: Final = _(
    "This record has no such version. Read it again, and say the version you read."
)

Row = TypeVar("Row", bound=Versioned)
#: {field: [old, new]}, as the audit log keeps it.
Diff = dict[str, list[Any]]

#: People belong to a room above this one, so their table is known by name only.
_user = table("user", column("id"), column("name"))


class Other(NamedTuple):
    """What somebody else changed: the value before, and who."""

    before: Any
    who: int | None
    #: The version that the last of these changes made.
    version: int


async def found(request: web.Request, kind: type[Row]) -> Row:
    """Return the row that the request's path names. Raises NotFound."""
    async with request.app[DATABASE].read() as session:
        row = await session.get(kind, path_id(request))
    if row is None or row.deleted_at is not None:
        raise NotFound
    return row


async def save(
    session: AsyncSession,
    row: Versioned,
    entity: str,
    form: Mapping[str, Any],
    seen: int | None,
    at: datetime,
    by: Actor,
) -> Diff:
    """Bring what the form changed into `row`, which must be locked; return {field: [old, new]}.

    `seen` is the version the form was filled from; None overwrites whatever is there. Raises
    ChangedMeanwhile if somebody else changed the same field to something else.
    """
    diff = await join(session, row, entity, form, seen)
    return await note(session, row, entity, diff, at, by)


async def join(
    session: AsyncSession,
    row: Versioned,
    entity: str,
    form: Mapping[str, Any],
    seen: int | None,
    compared: int = 0,
) -> Diff:
    """Bring what the form changed into `row`; return {field: [old, new]}.

    Whoever was shown what others made of his fields up to the version `compared` overwrites that.
    Raises ChangedMeanwhile, and BadInput if the row never had the version that was seen.
    """
    if seen is not None and seen > row.version:
        raise BadInput({"version": NO_SUCH_VERSION})
    is_newest = seen is None or seen == row.version
    others = {} if is_newest else await since(session, entity, row.id, seen or 0)
    diff: Diff = {}
    for field, value in form.items():
        now = value_of(row, field)
        was = others[field].before if field in others else plain(now)
        if plain(value) in (was, plain(now)):
            continue
        if field in others and others[field].version > compared:
            raise ChangedMeanwhile(
                who=await name_of(session, others[field].who), field=field, theirs=now, mine=value
            )
        diff[field] = [plain(now), plain(value)]
        put(row, field, value)
    return diff


async def expect(
    session: AsyncSession,
    row: Versioned,
    entity: str,
    form: Mapping[str, Any],
    was: Mapping[str, Any],
) -> None:
    """Raise ChangedMeanwhile if a field of `form` holds neither what it `was` nor what it shall be."""
    for field, before in was.items():
        if field not in form:
            continue
        now, mine = value_of(row, field), form[field]
        if plain(now) not in (plain(before), plain(mine)):
            who = await _last_writer(session, entity, row.id, field)
            raise ChangedMeanwhile(
                who=await name_of(session, who), field=field, theirs=now, mine=mine
            )


async def refuse_if_moved(
    session: AsyncSession, row: Versioned, entity: str, seen: int | None
) -> None:
    """Raise ChangedMeanwhile if the row was edited since version `seen`, naming who did and what.

    The values are not told: whoever may delete a row need not be one who may read all of it.
    """
    if seen is None or seen == row.version:
        return
    if seen > row.version:
        raise BadInput({"version": NO_SUCH_VERSION})
    diff: Any = Audit.diff
    version = diff["version"][0].as_integer()
    edits = await session.execute(
        select(Audit.diff, Audit.actor_id)
        .where(Audit.entity == entity, Audit.entity_id == row.id, Audit.action == "edit")
        .where(version >= seen)
        .order_by(version.desc())
        .limit(1)
    )
    for changed, who in edits:
        field = next(name for name in changed if name != "version")
        raise ChangedMeanwhile(who=await name_of(session, who), field=field, theirs=None, mine=None)


async def note(
    session: AsyncSession,
    row: Versioned,
    entity: str,
    diff: Diff,
    at: datetime,
    by: Actor,
    contact_id: int | None = None,
) -> Diff:
    """Raise the version and write the change down, if it is one."""
    if diff:
        row.version += 1
        row.updated_at, row.updated_by = at, by["actor_id"]
        versions = {"version": [row.version - 1, row.version]}
        audit.record(
            session, at, entity=entity, entity_id=row.id, contact_id=contact_id, action="edit",
            diff=diff | versions, **by,
        )  # fmt: skip
        await session.flush()
    return diff


def plain(value: Any) -> Any:
    """Return a value as the audit log keeps it: as JSON can say it."""
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value


async def since(session: AsyncSession, entity: str, entity_id: int, seen: int) -> dict[str, Other]:
    """Return what was changed after version `seen`, with the value each field had then."""
    diff: Any = Audit.diff
    # An edit that nobody could have overlooked, of a row added just then, names no version.
    version = diff["version"][0].as_integer()
    edits = await session.execute(
        select(Audit.diff, Audit.actor_id)
        .where(Audit.entity == entity, Audit.entity_id == entity_id, Audit.action == "edit")
        .where(version >= seen)
        .order_by(version)
    )
    others: dict[str, Other] = {}
    for changed, who in edits:
        for field, (before, _after) in changed.items():
            first = others.get(field)
            others[field] = Other(first.before if first else before, who, changed["version"][1])
    return others


async def compared(
    session: AsyncSession, entity: str, row: Versioned, form: Mapping[str, Any], seen: int
) -> tuple[list[str], dict[str, Other]]:
    """Return the fields of `form` that only others changed after version `seen`, and those that both did."""
    others = await since(session, entity, row.id, seen)
    theirs, clashing = [], {}
    for field in sorted(form.keys() & others.keys()):
        mine = plain(form[field])
        if mine == others[field].before:
            theirs.append(field)
        elif mine != plain(value_of(row, field)):
            clashing[field] = others[field]
    return theirs, clashing


async def _last_writer(
    session: AsyncSession, entity: str, entity_id: int, field: str
) -> int | None:
    """Return who gave the field its value of now."""
    diff: Any = Audit.diff
    return await session.scalar(
        select(Audit.actor_id)
        .where(Audit.entity == entity, Audit.entity_id == entity_id)
        .where(diff[field].as_string().is_not(None))
        .order_by(Audit.id.desc())
        .limit(1)
    )


async def name_of(session: AsyncSession, user_id: int | None) -> str:
    name = await session.scalar(select(_user.c.name).where(_user.c.id == user_id))
    return name or "callcenter"

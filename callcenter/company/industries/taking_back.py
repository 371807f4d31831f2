"""Takes back what a layout added, as far as nobody has used or changed it since."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter import audit
from callcenter.company import kept
from callcenter.company.industries.applying import KEY, Industries, remember
from callcenter.db import Database
from callcenter.entity.admin import fields, options
from callcenter.entity.models import CustomField, Option, Tag, Tagging
from callcenter.entity.registry import Registry
from callcenter.errors import BadInput
from callcenter.process.admin import deeds
from callcenter.process.models import Stage
from callcenter.server.actor import Actor

_KINDS: Final = {"options": Option, "fields": CustomField, "stages": Stage}


async def take_back(
    database: Database, registry: Registry, layout: str, at: datetime, by: Actor
) -> tuple[int, int]:
    """Take away what nobody has used; return how many things went, and how many stay."""
    async with database.write() as session:
        sheet = await kept.locked(session, KEY, Industries, at)
        ids = sheet.added.get(layout, {})
        left = {
            kind: [each for each in of if not await _taken(session, registry, kind, each, at, by)]
            for kind, of in ids.items()
        }
        await remember(session, sheet, layout, left, at, by)
    gone = {kind: [each for each in of if each not in left[kind]] for kind, of in ids.items()}
    await _forget(database, registry, gone.get("fields", ()), at, by)
    return sum(map(len, gone.values())), sum(map(len, left.values()))


async def _taken(
    session: AsyncSession, registry: Registry, kind: str, row_id: int, at: datetime, by: Actor
) -> bool:
    """Take one thing away; return whether there is none of it any more."""
    if kind == "tags":
        return await _tag_taken(session, row_id, at, by)
    row: Option | CustomField | Stage | None = await session.get(_KINDS[kind], row_id)  # type: ignore[arg-type]
    if row is None or row.deleted_at is not None:
        return True
    if row.version != 1:
        return False
    try:
        match row:
            case Option():
                await options.take_away(session, registry, row_id, at, by)
            case Stage():
                await deeds.take_stage_away(session, registry, row_id, None, at, by)
            case CustomField():
                if await fields.is_filled(session, registry, row):
                    return False
                await fields.remove(session, row_id, at, by)
    except BadInput:
        # It is used, or the last of its kind.
        return False
    return True


async def _tag_taken(session: AsyncSession, tag_id: int, at: datetime, by: Actor) -> bool:
    row = await session.get(Tag, tag_id)
    if row is None:
        return True
    if await session.scalar(select(exists().where(Tagging.tag_id == tag_id))):
        return False
    await session.delete(row)
    audit.record(
        session, at, entity="tag", entity_id=tag_id, action="delete",
        diff={"name": [row.name, None]}, **by,
    )  # fmt: skip
    return True


async def _forget(
    database: Database, registry: Registry, ids: Sequence[int], at: datetime, by: Actor
) -> None:
    """Empty removed fields for good, with the options of their lists, as nothing is in them."""
    async with database.read() as session:
        removed = select(CustomField.id).where(
            CustomField.id.in_(ids), CustomField.deleted_at.is_not(None)
        )
        still = list(await session.scalars(removed))
    for field_id in still:
        await fields.empty(database, registry, field_id, at, by)

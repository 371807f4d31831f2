"""The stream of changes as one reader may be told it.

A line about a row that the reader may not see is left out, and so are hidden fields; masked
ones are covered. A reader who is told nothing for a while still comes forward.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import msgspec
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter import audit
from callcenter.audit import Audit, Cursor
from callcenter.entity.description import Entity
from callcenter.entity.registry import Registry
from callcenter.entity.rights import Access, access, masked, part_access, part_shown, reached
from callcenter.server.identity import Identity, may

#: Whose right "see all" it takes to be told of what is no entity of its own.
RIGHTS: Final = {"call": "call", "recording": "recording", "pbx": "pbx"}
#: Of people, teams, roles, phones and whatever else administrators keep.
OFFICE: Final = "user"


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """One change, as the API tells it. `diff` is {field: [old, new]}."""

    #: Where to go on from.
    cursor: str
    id: int
    at: datetime
    entity: str
    entity_id: int | None
    contact_id: int | None
    action: str
    actor_kind: str
    actor_id: int | None
    diff: dict[str, Any]
    #: Fields of which only the end is told.
    masked: list[str] = []


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """A part of the stream; to go on, ask from `after`."""

    events: list[Event]
    after: str
    more: bool


async def read(
    session: AsyncSession,
    registry: Registry,
    who: Identity,
    after: Cursor,
    limit: int,
    entities: Sequence[str] = (),
) -> Part:
    """Return what `who` may be told of the next `limit` lines."""
    stretch = await audit.read(session, after, limit, entities=entities)
    lines = await visible(session, registry, who, stretch.lines)
    return Part(
        events=[_event(registry, who, line) for line in lines],
        after=str(stretch.after),
        more=stretch.more,
    )


async def visible(
    session: AsyncSession, registry: Registry, who: Identity, lines: Sequence[Audit]
) -> list[Audit]:
    """Return those of `lines` that are about rows which `who` may see, also in the trash."""
    seen: dict[str, set[int]] = {}
    for name in {line.entity for line in lines}:
        if (entity := _described(registry, name)) is not None:
            model: Any = entity.model
            ids = {line.entity_id for line in lines if line.entity == name}
            query = select(model.id).where(model.id.in_(ids), reached(entity, who, "read"))
            seen[name] = set(await session.scalars(query))
    return [line for line in lines if _is_seen(line, seen, who)]


def _is_seen(line: Audit, seen: Mapping[str, set[int]], who: Identity) -> bool:
    if line.entity in seen:
        return line.entity_id in seen[line.entity]
    return may(who, RIGHTS.get(line.entity, OFFICE), "read") == "all"


def right_to(registry: Registry, name: str) -> str:
    """Return whose right it takes to be told of what the stream calls `name`."""
    return name if _described(registry, name) is not None else RIGHTS.get(name, OFFICE)


def _described(registry: Registry, name: str) -> Entity | None:
    """Return the entity, if its rows have rights of their own."""
    return registry[name] if name in registry and registry[name].has_pages else None


def _event(registry: Registry, who: Identity, line: Audit) -> Event:
    diff, covered = covered_diff(registry, who, line)
    return Event(
        cursor=str(Cursor(line.seq, line.id)), id=line.id, at=line.at, entity=line.entity,
        entity_id=line.entity_id, contact_id=line.contact_id, action=line.action,
        actor_kind=line.actor_kind, actor_id=line.actor_id, diff=diff, masked=covered,
    )  # fmt: skip


def covered_diff(
    registry: Registry, who: Identity, line: Audit
) -> tuple[dict[str, Any], list[str]]:
    """Return the line's diff as `who` may read it, and the names of what is masked in it."""
    entity = _described(registry, line.entity)
    if entity is None:
        return line.diff, []
    given: dict[str, Any] = {}
    covered = []
    for name, change in line.diff.items():
        level = _access(registry, entity, name, who)
        if level != "hidden" and (part := entity.part(name)) is not None:
            told = [part_shown(entity, part, each, who) for each in change]
            given[name] = [each for each, _is_covered in told]
            covered += [name] if any(is_covered for _each, is_covered in told) else []
        elif level == "masked":
            covered.append(name)
            given[name] = masked(change)
        elif level != "hidden":
            given[name] = change
    return given, covered


def _access(registry: Registry, entity: Entity, name: str, who: Identity) -> Access:
    """Return what `who` may see of what a diff calls `name`: a field, a part, or neither."""
    if (field := registry.fields(entity.name).get(name)) is not None:
        return access(entity, field, who)
    if (part := entity.part(name)) is not None:
        return part_access(entity, part, who)
    # Nobody covered it by name, so it is told to those from whom nothing is covered.
    return "hidden" if name != "version" and who.fields.get(entity.name) else "read"

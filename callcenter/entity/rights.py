"""Whose rows a person may see or change, and which of their fields.

Rows: own, team or all, by the role's level for the entity and the action, and the rows that
somebody shared (`involving`); an entity whose rows have another kind of owner says so itself
(`Entity.reach`). Fields: a role may hide one, mask it, or let it be read only.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final, Literal

from sqlalchemy import (
    ColumnElement,
    and_,
    column,
    false,
    func,
    literal,
    or_,
    select,
    table,
    true,
    union,
)
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.entity.description import Entity, Field, Part
from callcenter.entity.models import Involvement
from callcenter.server.identity import Identity, may

Access = Literal["write", "read", "masked", "hidden"]

#: What a shared row may be used for, by whoever may do that to some rows at all.
SHARED: Final = ("read", "edit")
#: So many rows are picked out and sorted; of more, the list's own order finds the first soon.
FEW: Final = 5_000

#: People belong to a room above this one, so their table is known by name only.
_user = table("user", column("id"), column("team_id"))

#: So much of a masked text stays readable, at its end.
_SHOWN = 2
_ACCESS: Final[Mapping[str | None, Access]] = {
    "hidden": "hidden", "masked": "masked", "read": "read",
}  # fmt: skip
_STRICTEST: Final[tuple[Access, ...]] = ("hidden", "masked", "read", "write")


# ---------------------------------------------------------------- rows


def visible_to(entity: Entity, who: Identity, action: str = "read") -> ColumnElement[bool]:
    """Return the condition that a row is there and `who` may do `action` to it."""
    return and_(entity.model.deleted_at.is_(None), reached(entity, who, action))


def in_trash(entity: Entity, who: Identity) -> ColumnElement[bool]:
    """Return the condition that a row was set aside and `who` may bring it back.

    A row that was merged into another comes back by undoing that.
    """
    model: Any = entity.model
    aside = and_(model.deleted_at.is_not(None), reached(entity, who, "delete"))
    merged = getattr(model, "merged_into_id", None)
    return aside if merged is None else and_(aside, merged.is_(None))


def reached(entity: Entity, who: Identity, action: str) -> ColumnElement[bool]:
    """Return the condition that `who` may do `action` to a row, set aside or not."""
    if entity.reach is not None:
        return entity.reach(who, action)
    return or_(false(), *_branches(entity, who, action))


async def listed(
    session: AsyncSession, entity: Entity, who: Identity, action: str = "read"
) -> ColumnElement[bool]:
    """Return `visible_to` for a list, whose first page is wanted at the same cost for everybody.

    Whoever reaches few rows has them picked out by their owners and sorted: along the list's
    order one would pass millions of others'. Whoever reaches many meets the first of them soon.
    """
    if entity.reach is not None or may(who, entity.name, action) in ("all", "none"):
        return visible_to(entity, who, action)
    model: Any = entity.model
    live = model.deleted_at.is_(None)
    # Each branch has an index of its own, which a condition with "or" would give away.
    mine = union(
        *(select(model.id).where(live, branch) for branch in _branches(entity, who, action))
    )
    few = select(func.count()).select_from(mine.limit(FEW + 1).subquery())
    if (await session.scalar(few) or 0) > FEW:
        return and_(live, or_(*_branches(entity, who, action, along=True)))
    ids: ColumnElement[bool] = model.id.in_(select(mine.subquery().c.id))
    return ids


def _branches(
    entity: Entity, who: Identity, action: str, *, along: bool = False
) -> tuple[ColumnElement[bool], ...]:
    """Return the ways in which a row can be reached; `along`: said so that no index answers them.

    Then a list is read in its own order until the page is full, and not as a whole.
    """
    level, model = may(who, entity.name, action), _model(entity)
    if level in ("all", "none"):
        return (true(),) if level == "all" else ()

    def plain(column: Any) -> Any:
        return func.coalesce(column, 0) if along else column

    own = plain(model.owner_id if entity.is_owned else model.created_by) == who.user_id
    ways: list[ColumnElement[bool]] = [own]
    if action in SHARED:
        ways.append(_involving(entity, who.user_id, plain(model.id)))
    if level == "team" and entity.is_owned and who.teams:
        people = select(_user.c.id).where(_user.c.team_id.in_(who.teams))
        ways += [plain(model.team_id).in_(who.teams), plain(model.owner_id).in_(people)]
    return tuple(ways)


def involving(entity: Entity, user_id: int) -> ColumnElement[bool]:
    """Return the condition that a row was shared with a person."""
    return _involving(entity, user_id, _model(entity).id)


def _involving(entity: Entity, user_id: int, row_id: Any) -> ColumnElement[bool]:
    shared = select(Involvement.entity_id).where(
        Involvement.user_id == user_id, Involvement.entity == entity.name
    )
    condition: ColumnElement[bool] = row_id.in_(shared)
    return condition


async def is_reached(
    session: AsyncSession, entity: Entity, who: Identity, action: str, row_id: int
) -> bool:
    """Tell whether `who` may do `action` to a row that is not set aside."""
    query = select(literal(1)).where(_model(entity).id == row_id, visible_to(entity, who, action))
    return await session.scalar(query) is not None


def _model(entity: Entity) -> Any:
    return entity.model


# ---------------------------------------------------------------- fields


def access(entity: Entity, field: Field, who: Identity) -> Access:
    """Return what `who` may do with a field of the rows he may see."""
    part = field.virtual.part if field.virtual else ""
    # What shows a part is covered as the part is.
    level = strictest(granted(entity, name, who) for name in (field.name, part) if name)
    return "read" if level == "write" and not field.writable else level


def part_access(entity: Entity, part: Part, who: Identity) -> Access:
    """Return what `who` may do with a list of the rows: what the strictest of its fields allows.

    A contact's numbers and addresses are one list, and its fields "phone" and "email" show it.
    """
    shown = (
        field.name for field in entity.fields if field.virtual and field.virtual.part == part.name
    )
    return strictest(granted(entity, name, who) for name in (part.name, *shown))


def strictest(levels: Iterable[Access]) -> Access:
    return min(levels, key=_STRICTEST.index)


def granted(entity: Entity, name: str, who: Identity) -> Access:
    """Return what the role says of a field or a part by its name."""
    return _ACCESS.get(who.fields.get(entity.name, {}).get(name), "write")


def masked(value: Any) -> Any:
    """Return a value with all but its end covered ("•••67"); of a list or a row, each text in it."""
    match value:
        case None | bool():
            return value
        case dict():
            return {key: held if key in _PLAIN else masked(held) for key, held in value.items()}
        case list() | tuple():
            return [masked(held) for held in value]
    text = str(value)
    return "•••" + text[-_SHOWN:] if len(text) > 2 * _SHOWN else "•••"


def shown(field: Field, value: Any, level: Access) -> Any:
    """Return what may be shown of a value: all, the end of a text, or nothing."""
    if level == "masked" and value is not None:
        return masked(value) if field.type in TEXTS else None
    return None if level == "hidden" else value


#: Types whose values are texts, so that a part of one can be shown.
TEXTS: Final = frozenset(("text", "long_text", "phone", "email", "url"))
#: Of a row in a part: what tells nothing of the person, and without which it could not be used.
_PLAIN = frozenset(("id", "kind", "label", "label_id", "position", "valid", "version"))

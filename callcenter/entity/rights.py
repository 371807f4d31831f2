"""Whose rows a person may see or change, and which of their fields.

Rows: own, team or all, by the role's level for the entity and the action, and the rows that
somebody shared (`involving`); an entity whose rows have another kind of owner says so itself
(`Entity.reach`). Fields: a role may hide one, mask it, or let it be read only.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, Literal, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Select,
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

from callcenter.entity.description import Entity, Field
from callcenter.entity.models import Involvement
from callcenter.entity.parts import CoveredPart, Part
from callcenter.server.identity import Identity, may

Access = Literal["write", "read", "masked", "hidden"]

#: What a shared row may be used for, by whoever may do that to some rows at all.
SHARED: Final = ("read", "edit")
#: Of so many owners the rows are read one after the other; of more, along the list's own order.
MOST_OWNERS: Final = 200

#: People and teams belong to a room above this one, so their tables are known by name only.
_user = table("user", column("id"), column("team_id"))
_team = table("team", column("id"))

#: What a role covers of these fields of contacts it covers wherever else such a value stands.
NUMBERS: Final = ("phone", "email")
NUMBERS_OF: Final = "contact"
#: So much of a masked text stays readable, at its end.
_SHOWN = 2
_ACCESS: Final[Mapping[str | None, Access]] = {
    "hidden": "hidden", "masked": "masked", "read": "read",
}  # fmt: skip
_STRICTEST: Final[tuple[Access, ...]] = ("hidden", "masked", "read", "write")


# ---------------------------------------------------------------- rows


class Way(NamedTuple):
    """One way in which rows are reached, by an index of its own."""

    condition: ColumnElement[bool]
    #: Of rows of several owners: the column that names the owner, and the ids of the owners.
    column: Any = None
    owners: Select[Any] | None = None


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
    if may(who, entity.name, action) == "all":
        return true()
    return or_(false(), *(way.condition for way in _ways(entity, who, action)))


def reaches_all(entity: Entity, who: Identity, action: str = "read") -> bool:
    """Tell whether `who` may do `action` to every row, so that no question needs a condition for it."""
    return entity.reach is None and may(who, entity.name, action) == "all"


async def listed(
    session: AsyncSession, entity: Entity, who: Identity
) -> tuple[ColumnElement[bool], Sequence[Way]]:
    """Return `visible_to` for a list, and apart from it the ways in which rows are reached.

    A list reads the first rows of each way along an index of that way, so its first page costs the
    same for everybody. Without ways it reads along its own order: of rows that one reaches because
    of very many owners the first are met soon.
    """
    if entity.reach is not None or may(who, entity.name, "read") in ("all", "none"):
        return visible_to(entity, who), ()
    live, ways = entity.model.deleted_at.is_(None), _ways(entity, who, "read")
    owners = [way.owners for way in ways if way.owners is not None]
    if owners and await _count(session, owners) > MOST_OWNERS:
        along = _ways(entity, who, "read", along=True)
        return and_(live, or_(*(way.condition for way in along))), ()
    return live, ways


async def _count(session: AsyncSession, owners: Sequence[Select[Any]]) -> int:
    few = union(*(each.limit(MOST_OWNERS + 1).subquery().select() for each in owners)).subquery()
    return int(await session.scalar(select(func.count()).select_from(few)) or 0)


def _ways(entity: Entity, who: Identity, action: str, *, along: bool = False) -> tuple[Way, ...]:
    """Return the ways in which a row can be reached by whoever does not reach every one.

    `along`: said so that no index answers them, and the list is read in its own order.
    """
    level, model = may(who, entity.name, action), _model(entity)
    if level == "none":
        return ()

    def plain(column: Any) -> Any:
        return func.coalesce(column, 0) if along else column

    own = plain(model.owner_id if entity.is_owned else model.created_by)
    found = [Way(own == who.user_id)]
    if action in SHARED:
        found.append(Way(_involving(entity, who.user_id, plain(model.id))))
    if level == "team" and entity.is_owned and who.teams:
        people = select(_user.c.id).where(_user.c.team_id.in_(who.teams))
        teams = select(_team.c.id).where(_team.c.id.in_(who.teams))
        found += [
            Way(plain(column).in_(owners), column, owners)
            for column, owners in ((model.team_id, teams), (model.owner_id, people))
        ]
    return tuple(found)


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
    if not who.fields:
        return "write" if field.writable else "read"
    part = field.virtual.part if field.virtual else ""
    # What shows a part is covered as the part is.
    level = strictest(granted(entity.name, name, who) for name in (field.name, part) if name)
    if field.type in NUMBERS and entity.name != NUMBERS_OF:
        level = strictest((level, granted(NUMBERS_OF, field.type, who)))
    if field.is_open and level in ("hidden", "masked"):
        return "read"
    return "read" if level == "write" and not field.writable else level


def part_access(entity: Entity, part: Part, who: Identity) -> Access:
    """Return what `who` may do with a list of the rows: what the strictest of its fields allows.

    A contact's numbers and addresses are one list, and its fields "phone" and "email" show it.
    """
    if not who.fields:
        return "write"
    shown = (
        field.name for field in entity.fields if field.virtual and field.virtual.part == part.name
    )
    return strictest(granted(entity.name, name, who) for name in (part.name, *shown))


def part_shown(entity: Entity, part: Part, held: Any, who: Identity) -> tuple[Any, bool]:
    """Return what `who` may see of a list of a row, and whether some of it is covered.

    A list that is hidden is not to be asked for here.
    """
    if not who.fields:
        return held, False
    if part_access(entity, part, who) == "masked":
        return masked(held), bool(held)
    if not held or not isinstance(part, CoveredPart):
        return held, False
    shown = part.covered(held, who)
    return shown, shown != held


def strictest(levels: Iterable[Access]) -> Access:
    return min(levels, key=_STRICTEST.index)


def granted(entity: str, name: str, who: Identity) -> Access:
    """Return what the role says of a field or a part of an entity, all by their names."""
    return _ACCESS.get(who.fields.get(entity, {}).get(name), "write")


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

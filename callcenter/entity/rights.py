"""Whose rows a person may see or change, and which of their fields.

Rows: own, team or all, by the role's level for the entity and the action; an entity whose rows
have another kind of owner says so itself (`Entity.reach`). Fields: a role may hide one, mask it,
or let it be read only.
"""

from typing import Any, Literal

from sqlalchemy import ColumnElement, and_, column, false, or_, select, table, true

from callcenter.entity.description import Entity, Field
from callcenter.server.identity import Identity, may

Access = Literal["write", "read", "masked", "hidden"]

#: People belong to a room above this one, so their table is known by name only.
_user = table("user", column("id"), column("team_id"))

#: So much of a masked text stays readable, at its end.
_SHOWN = 2


def visible_to(entity: Entity, who: Identity, action: str = "read") -> ColumnElement[bool]:
    """Return the condition that a row is there and `who` may do `action` to it."""
    return and_(entity.model.deleted_at.is_(None), reached(entity, who, action))


def reached(entity: Entity, who: Identity, action: str) -> ColumnElement[bool]:
    """Return the condition that `who` may do `action` to a row, set aside or not."""
    if entity.reach is not None:
        return entity.reach(who, action)
    model: Any = entity.model
    own: ColumnElement[bool] = (
        model.owner_id if entity.is_owned else model.created_by
    ) == who.user_id
    match may(who, entity.name, action):
        case "all":
            return true()
        case "team" if entity.is_owned and who.team_id is not None:
            people = select(_user.c.id).where(_user.c.team_id == who.team_id)
            return or_(own, model.team_id == who.team_id, model.owner_id.in_(people))
        case "own" | "team":
            return own
        case _:
            return false()


def access(entity: Entity, field: Field, who: Identity) -> Access:
    """Return what `who` may do with a field of the rows he may see."""
    match who.fields.get(entity.name, {}).get(field.name):
        case "hidden":
            return "hidden"
        case "masked":
            return "masked"
        case "read":
            return "read"
        case _:
            return "write" if field.writable else "read"


def masked(value: Any) -> str:
    """Return a value with all but its end covered: "•••67"."""
    text = str(value)
    return "•••" + text[-_SHOWN:] if len(text) > 2 * _SHOWN else "•••"

"""Sharing: rows that concern somebody besides their owner, and why a person sees a row.

Whoever may change a row may share it. A shared row can be read and changed, and nothing more, by
people whose role lets them do that to rows of their own.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import column, select, table
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter import audit
from callcenter.db import new_id
from callcenter.entity.description import Entity
from callcenter.entity.history import SHARED_WITH
from callcenter.entity.models import ROLES, Involvement
from callcenter.entity.saving import Deed, contact_of, locked
from callcenter.errors import BadInput, NotFound
from callcenter.server.body import MISFIT, MISSING
from callcenter.server.identity import Identity, may


def _(message: str) -> str:
    return message


ROLE_LABELS: Final[Mapping[str, str]] = {
    "co-executor": _("Works on it, too"), "follower": _("Is kept informed"),
}  # fmt: skip
ALREADY: Final = _("It is shared with this person already.")

BY_ROLE: Final = _("Your role “{role}” lets you see all records of this kind.")
OWNER: Final = _("You are the owner.")
MAKER: Final = _("You added it.")
TEAM: Final = _("It belongs to the team “{team}”, which is yours or a part of yours.")
COLLEAGUE: Final = _("Its owner {owner} is in your team or in a part of it.")
SHARED: Final = _("{who} shared it with you on {date}.")
TOOK_PART: Final = _("You took part in it.")

# People, teams and roles belong to a room above this one: their tables are known by name only.
_user = table("user", column("id"), column("name"), column("team_id"), column("active"))
_team = table("team", column("id"), column("name"))
_role = table("role", column("key"), column("name"))


class Share(NamedTuple):
    user_id: int
    name: str
    role: str
    by: str | None
    at: datetime


class Reason(NamedTuple):
    """Why somebody sees a row: a message id and what fills it. `date` is a moment."""

    sentence: str
    values: dict[str, Any]


async def share(deed: Deed, row_id: int, user_id: int | None, role: str) -> None:
    """Share a row with somebody. Raises NotFound or BadInput, naming the fields."""
    row = await locked(deed, row_id, "edit")
    if role not in ROLES:
        raise BadInput({"role": MISFIT})
    active = select(_user.c.id).where(_user.c.id == user_id, _user.c.active)
    if user_id is None or await deed.session.scalar(active) is None:
        raise BadInput({"user_id": MISSING if user_id is None else MISFIT})
    try:
        async with deed.session.begin_nested():
            deed.session.add(
                Involvement(
                    id=new_id(deed.at.timestamp()), entity=deed.entity.name, entity_id=row_id,
                    user_id=user_id, role=role, created_at=deed.at, created_by=deed.by["actor_id"],
                )
            )  # fmt: skip
            await deed.session.flush()
    except IntegrityError as error:
        raise BadInput({"user_id": ALREADY}) from error
    _note(deed, row, "share", [None, user_id])


async def unshare(deed: Deed, row_id: int, user_id: int) -> None:
    """End it. Raises NotFound."""
    row = await locked(deed, row_id, "edit")
    found = await deed.session.scalar(
        select(Involvement).where(
            Involvement.entity == deed.entity.name, Involvement.entity_id == row_id,
            Involvement.user_id == user_id,
        )
    )  # fmt: skip
    if found is None:
        raise NotFound
    await deed.session.delete(found)
    _note(deed, row, "unshare", [user_id, None])


def _note(deed: Deed, row: Any, action: str, change: list[int | None]) -> None:
    audit.record(
        deed.session, deed.at, entity=deed.entity.name, entity_id=row.id, action=action,
        contact_id=contact_of(deed.entity, row), diff={SHARED_WITH: change}, **deed.by,
    )  # fmt: skip


async def shares_of(session: AsyncSession, entity: Entity, row_id: int) -> list[Share]:
    """Return with whom a row is shared, by name."""
    sharer = _user.alias("sharer")
    rows = await session.execute(
        select(
            Involvement.user_id, _user.c.name, Involvement.role, sharer.c.name, Involvement.created_at
        )
        .join(_user, _user.c.id == Involvement.user_id)
        .outerjoin(sharer, sharer.c.id == Involvement.created_by)
        .where(Involvement.entity == entity.name, Involvement.entity_id == row_id)
        .order_by(_user.c.name, _user.c.id)
    )  # fmt: skip
    return [Share(*row) for row in rows]


async def reasons(session: AsyncSession, entity: Entity, who: Identity, row: Any) -> list[Reason]:
    """Return why `who` sees a row that he sees, the widest reason first."""
    level = may(who, entity.name, "read")
    found: list[Reason] = []
    if level == "all":
        name = await session.scalar(select(_role.c.name).where(_role.c.key == who.role_key))
        found.append(Reason(BY_ROLE, {"role": name or who.role_key}))
    owner_id = row.owner_id if entity.is_owned else None
    if owner_id == who.user_id:
        found.append(Reason(OWNER, {}))
    elif not entity.is_owned and row.created_by == who.user_id:
        found.append(Reason(MAKER, {}))
    if level == "team" and entity.is_owned:
        found += await _by_team(session, who, row)
    found += await _by_sharing(session, entity, who, row)
    return found or [Reason(TOOK_PART, {})]


async def _by_team(session: AsyncSession, who: Identity, row: Any) -> list[Reason]:
    found = []
    if row.team_id in who.teams:
        team = await session.scalar(select(_team.c.name).where(_team.c.id == row.team_id))
        found.append(Reason(TEAM, {"team": team}))
    colleague = select(_user.c.name).where(
        _user.c.id == row.owner_id, _user.c.team_id.in_(who.teams), _user.c.id != who.user_id
    )
    if (owner := await session.scalar(colleague)) is not None:
        found.append(Reason(COLLEAGUE, {"owner": owner}))
    return found


async def _by_sharing(
    session: AsyncSession, entity: Entity, who: Identity, row: Any
) -> list[Reason]:
    shares = await shares_of(session, entity, row.id)
    return [
        Reason(SHARED, {"who": one.by or "callcenter", "date": one.at})
        for one in shares
        if one.user_id == who.user_id
    ]

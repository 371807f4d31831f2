"""Whose interactions a person may see or change."""

from sqlalchemy import ColumnElement, and_, column, exists, false, or_, select, table, true
from sqlalchemy.orm import aliased

from callcenter.agents.models import User
from callcenter.entity.models import Involvement
from callcenter.entity.rights import SHARED
from callcenter.interactions.models import Interaction, Participant
from callcenter.server.identity import Identity, may

# Calls live in a room above this one, so their tables are known by name only.
_call = table("call", column("id"), column("interaction_id"))
_leg = table("call_leg", column("call_id"), column("user_id"))
_part = aliased(Participant)


def visible_to(who: Identity, action: str = "read") -> ColumnElement[bool]:
    """Return the condition that an interaction is there and `who` may do `action` to it."""
    return and_(Interaction.deleted_at.is_(None), reached(who, action))


def reached(who: Identity, action: str) -> ColumnElement[bool]:
    """Return the condition that `who` may do `action` to an interaction, set aside or not."""
    match may(who, "interaction", action):
        case "all":
            return true()
        case "team" if who.teams:
            colleagues = select(User.id).where(User.team_id.in_(who.teams))
            return or_(
                _took_part(who.user_id, action),
                Interaction.owner_id.in_(colleagues),
                Interaction.team_id.in_(who.teams),
            )
        case "own" | "team":
            return _took_part(who.user_id, action)
        case _:
            return false()


def _took_part(user_id: int, action: str) -> ColumnElement[bool]:
    """Own is what one owns, took part in, is told of or gave away, and a call that rang here."""
    ways = [
        Interaction.owner_id == user_id,
        exists(
            select(1)
            .where(_part.interaction_id == Interaction.id, _part.user_id == user_id)
            .correlate(Interaction)
        ),
        exists(
            select(1)
            .select_from(_call.join(_leg, _leg.c.call_id == _call.c.id))
            .where(_call.c.interaction_id == Interaction.id, _leg.c.user_id == user_id)
            .correlate(Interaction)
        ),
    ]
    if action in SHARED:
        ways.append(Interaction.given_by_id == user_id)
        shared = select(Involvement.entity_id).where(
            Involvement.user_id == user_id, Involvement.entity == "interaction"
        )
        ways.append(Interaction.id.in_(shared))
    return or_(*ways)

"""Whose contacts a person may see or change: the one condition every question adds."""

from sqlalchemy import ColumnElement, and_, false, or_, select, true

from callcenter.agents.models import User
from callcenter.crm.contacts.models import Contact
from callcenter.server.identity import Identity, may


def visible_to(who: Identity, action: str = "read") -> ColumnElement[bool]:
    """Return the condition that a contact is there and `who` may do `action` to it."""
    return and_(Contact.deleted_at.is_(None), _reached(who, action))


def _reached(who: Identity, action: str) -> ColumnElement[bool]:
    own = Contact.owner_id == who.user_id
    match may(who, "contact", action):
        case "all":
            return true()
        case "team":
            return or_(own, _of_teams(who.teams)) if who.teams else own
        case "own":
            return own
        case _:
            return false()


def _of_teams(teams: frozenset[int]) -> ColumnElement[bool]:
    people = select(User.id).where(User.team_id.in_(teams))
    return or_(Contact.team_id.in_(teams), Contact.owner_id.in_(people))

"""People and teams as other rows refer to them."""

from callcenter.agents.models import Team, User
from callcenter.entity.description import Entity, Field


def _(message: str) -> str:
    return message


USER = Entity(
    name="user", plural="users", model=User, label=_("Person"), labels=_("People"), icon="user-round",
    fields=(Field(name="name", label=_("Name"), required=True, limit=120),), has_pages=False,
)  # fmt: skip
TEAM = Entity(
    name="team", plural="teams", model=Team, label=_("Team"), labels=_("Teams"), icon="users",
    fields=(Field(name="name", label=_("Name"), required=True, limit=120),), has_pages=False,
)  # fmt: skip

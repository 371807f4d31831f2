"""The roles every installation begins with, and what each may do.

Grants are {entity: {action: level}}; what is not named is not allowed. Flags
are what has no entity: `settings` opens the administration, `listen` and
`barge` are for other people's calls, `approve` for the steps of a process that need it, `trace` for
the messages a call was rebuilt from, `unmask` for masked numbers that are shown on demand.
"""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.agents.models import Role
from callcenter.db import new_id


def _(message: str) -> str:
    return message


ACTIONS = ("create", "read", "edit", "delete", "export")
#: Only for calls: to end those of other people.
CONTROL = "control"
ENTITIES = ("contact", "call", "recording", "interaction", "lead", "user", "pbx", "board", "state")


class Seed(NamedTuple):
    name: str
    grants: dict[str, dict[str, str]]
    flags: tuple[str, ...] = ()


SEEDS = {
    "admin": Seed(
        _("Administrator"),
        {entity: dict.fromkeys(ACTIONS, "all") for entity in ENTITIES}
        | {"call": dict.fromkeys((*ACTIONS, CONTROL), "all")},
        ("settings", "import", "listen", "barge", "approve", "trace"),
    ),
    "supervisor": Seed(
        _("Supervisor"),
        {
            "contact": dict.fromkeys(ACTIONS, "all"),
            "call": {
                "create": "own",
                "read": "all",
                "edit": "all",
                "export": "all",
                CONTROL: "team",
            },
            "recording": {"read": "all", "export": "all"},
            "interaction": dict.fromkeys(ACTIONS, "all"),
            "lead": dict.fromkeys(ACTIONS, "all"),
            "user": {"read": "all"},
            "board": {"read": "all"},
            "state": {"read": "all", "edit": "team"},
        },
        ("import", "listen", "barge", "approve", "trace"),
    ),
    "agent": Seed(
        _("Agent"),
        {
            # Anybody may ring anybody's phone: an agent must see whoever calls.
            "contact": {"create": "all", "read": "all", "edit": "all"},
            "call": {"create": "own", "read": "own", "edit": "own"},
            "recording": {"read": "own"},
            "interaction": {"create": "own", "read": "all", "edit": "own"},
            "lead": {"create": "all", "read": "team", "edit": "team"},
            "board": {"read": "team"},
            "state": {"read": "team", "edit": "own"},
        },
    ),
    "integrator": Seed(
        _("Integration"),
        {
            "contact": {"create": "all", "read": "all", "edit": "all", "export": "all"},
            "call": {"create": "own", "read": "all", "export": "all"},
            "recording": {"read": "all", "export": "all"},
            "interaction": {"create": "all", "read": "all", "edit": "all", "export": "all"},
            "lead": {"create": "all", "read": "all", "edit": "all", "export": "all"},
            "user": {"read": "all"},
            "board": {"read": "all"},
            "state": {"read": "all"},
        },
    ),
}


async def seed(session: AsyncSession, at: datetime) -> dict[str, Role]:
    """Add the roles that are not there yet; return all of them by key. What is there stays.

    An entity that came with a newer version gets what its seed says.
    """
    roles = {role.key: role for role in await session.scalars(select(Role))}
    for key, role in SEEDS.items():
        if key in roles:
            # What a newer version knows and the role's page never showed.
            roles[key].grants = role.grants | roles[key].grants
        else:
            roles[key] = Role(
                id=new_id(at.timestamp()), key=key, name=role.name, grants=role.grants,
                flags=list(role.flags), created_at=at, updated_at=at,
            )  # fmt: skip
            session.add(roles[key])
    await session.flush()
    return roles

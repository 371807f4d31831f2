"""What a role may be given, and reading it from the form that shows it all.

The matrix has a row for each entity and a column for each action; a cell is a level. What is
no entity (calls, the live board) has fewer actions and levels, said in `OTHERS`.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Final, NamedTuple

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter import audit
from callcenter.agents.models import Role, User
from callcenter.agents.roles import ACTIONS, CONTROL, SEEDS
from callcenter.db import new_id
from callcenter.entity import editing
from callcenter.entity.description import Entity, Field
from callcenter.entity.reading import NOT_OFFERED
from callcenter.entity.registry import Registry
from callcenter.errors import BadInput, NotFound, RoleInUse
from callcenter.server.actor import Actor
from callcenter.server.body import MISSING
from callcenter.server.identity import LEVELS


def _(message: str) -> str:
    return message


ADMIN: Final = "admin"
NAME_TAKEN: Final = _("Another role has this name already.")

YES_NO: Final = ("none", "all")
TEAMS: Final = ("none", "team", "all")
WHOSE: Final = ("none", "own", "team", "all")

ACTION_LABELS: Final = {
    "create": _("Add"), "read": _("See"), "edit": _("Change"), "delete": _("Delete"),
    "export": _("Export"), CONTROL: _("End calls"),
}  # fmt: skip
LEVEL_LABELS: Final = {
    "none": _("Nothing"), "own": _("Own only"), "team": _("The team's"), "all": _("All"),
}  # fmt: skip
FLAGS: Final = {
    "settings": _("Open the administration"),
    "import": _("Import files"),
    "listen": _("Listen to calls as they go on"),
    "barge": _("Join others' calls"),
    "approve": _("Approve steps of a process"),
    "trace": _("Read the messages a call was rebuilt from"),
    "unmask": _("Have a masked number shown, which is written down"),
}
COVERS: Final = {
    "": _("May change it"), "read": _("May only read it"), "masked": _("Sees its end only"),
    "hidden": _("Does not see it"),
}  # fmt: skip


class Kind(NamedTuple):
    """A row of the matrix: for each action the levels there are."""

    name: str
    label: str
    actions: Mapping[str, tuple[str, ...]]


OTHERS: Final = (
    Kind("call", _("Calls"), {
        "create": YES_NO, "read": WHOSE, "edit": WHOSE, "export": WHOSE, CONTROL: WHOSE,
    }),
    Kind("recording", _("Recordings"), {"read": WHOSE, "export": WHOSE}),
    Kind("interaction", _("Interactions"), {
        "create": YES_NO, "read": WHOSE, "edit": WHOSE, "delete": WHOSE, "export": WHOSE,
    }),
    Kind("board", _("Live board"), {"read": TEAMS}),
    Kind("state", _("Agents' states"), {"read": WHOSE, "edit": WHOSE}),
    Kind("user", _("People and teams"), {"create": YES_NO, "read": YES_NO, "edit": YES_NO}),
    Kind("pbx", _("PBX and trunks"), {
        "create": YES_NO, "read": YES_NO, "edit": YES_NO, "delete": YES_NO,
    }),
)  # fmt: skip


class RoleForm(NamedTuple):
    name: str
    grants: dict[str, dict[str, str]]
    fields: dict[str, dict[str, str]]
    flags: list[str]


def kinds(registry: Registry) -> list[Kind]:
    """Return the rows of the matrix."""
    entities = [_kind(entity) for entity in registry if entity.has_pages]
    known = {kind.name for kind in entities}
    return entities + [kind for kind in OTHERS if kind.name not in known]


def scopes(registry: Registry) -> tuple[str, ...]:
    """Return what an API token can be made for; "live:read" is the websocket."""
    named = (f"{kind.name}:{action}" for kind in kinds(registry) for action in kind.actions)
    return ("*", "live:read", *named)


def covered(registry: Registry) -> list[tuple[Entity, list[tuple[str, str | Field]]]]:
    """Return the entities with the fields and parts that a role may cover, each with its label.

    Not the field that names a row: a list of rows without names helps nobody. Nor what its pages
    are built on.
    """
    return [
        (entity, [*_fields(registry, entity), *((part.name, part.label) for part in entity.parts)])
        for entity in registry
        if entity.has_pages
    ]


def _kind(entity: Entity) -> Kind:
    whose = WHOSE if entity.is_owned or entity.reach else ("none", "own", "all")
    return Kind(
        entity.name,
        entity.labels,
        {action: YES_NO if action == "create" else whose for action in ACTIONS},
    )


def _fields(registry: Registry, entity: Entity) -> list[tuple[str, str | Field]]:
    return [
        (name, field)
        for name, field in registry.fields(entity.name).items()
        if name != entity.title and not field.is_open
    ]


# ---------------------------------------------------------------- reading and saving


def read(values: Mapping[str, str], registry: Registry) -> RoleForm:
    """Return what a form says: "grant.contact.read", "field.contact.city", "flag.listen".

    Raises BadInput, naming the fields.
    """
    wrong: dict[str, str] = {}

    def word(name: str, known: tuple[str, ...]) -> str:
        given = values.get(name, known[0])
        if given in known:
            return given
        wrong[name] = NOT_OFFERED
        return known[0]

    grants = {
        kind.name: {
            action: word(f"grant.{kind.name}.{action}", levels)
            for action, levels in kind.actions.items()
        }
        for kind in kinds(registry)
    }
    for actions in grants.values():
        _within_sight(actions)
    fields = {
        entity.name: covers
        for entity, named in covered(registry)
        if (covers := {
            name: cover
            for name, _label in named
            if (cover := word(f"field.{entity.name}.{name}", tuple(COVERS)))
        })
    }  # fmt: skip
    name = values.get("name", "")
    if not name:
        wrong["name"] = MISSING
    if wrong:
        raise BadInput(wrong)
    return RoleForm(
        name[:120], grants, fields, [flag for flag in FLAGS if f"flag.{flag}" in values]
    )


def _within_sight(actions: dict[str, str]) -> None:
    """Give nobody more to change than to see: a form shows what it changes."""
    for action in actions.keys() - {"create", "read"}:
        if "read" in actions:
            actions[action] = min(actions[action], actions["read"], key=LEVELS.index)


def values_of(role: Role, registry: Registry) -> dict[str, str]:
    """Return the form's values as the role stands."""
    values = {"name": role.name, "version": str(role.version)}
    values |= {f"flag.{flag}": "1" for flag in role.flags}
    for kind in kinds(registry):
        for action, levels in kind.actions.items():
            level = role.grants.get(kind.name, {}).get(action, "none")
            # "create": "own" means the same as "all" where there is nothing between.
            values[f"grant.{kind.name}.{action}"] = level if level in levels else levels[-1]
    for entity, covers in role.fields.items():
        values |= {f"field.{entity}.{name}": cover for name, cover in covers.items()}
    return values


async def add(session: AsyncSession, form: RoleForm, at: datetime, by: Actor) -> Role:
    """Raises BadInput."""
    await _check(session, form, None)
    role_id = new_id(at.timestamp())
    role = Role(
        id=role_id, key=f"role-{role_id}", created_at=at, updated_at=at,
        created_by=by["actor_id"], updated_by=by["actor_id"], **form._asdict(),
    )  # fmt: skip
    session.add(role)
    audit.record(
        session, at, entity="role", entity_id=role.id, action="create",
        diff={name: [None, value] for name, value in form._asdict().items()}, **by,
    )  # fmt: skip
    await session.flush()
    return role


async def change(
    session: AsyncSession, role_id: int, form: RoleForm, seen: int | None, at: datetime, by: Actor
) -> list[int]:
    """Save a form over a role; return who has it. Raises NotFound, BadInput or ChangedMeanwhile.

    The administrator's role stays as it is: nobody could give back what it lost.
    """
    role = await session.get(Role, role_id, with_for_update=True)
    if role is None or role.key == ADMIN:
        raise NotFound
    await _check(session, form, role)
    # What has no row in the matrix keeps its level.
    kept = form._replace(grants=role.grants | form.grants)
    await editing.save(session, role, "role", kept._asdict(), seen, at, by)
    return list(await session.scalars(select(User.id).where(User.role_id == role.id)))


async def delete(session: AsyncSession, role_id: int, at: datetime, by: Actor) -> None:
    """Delete a role that nobody has. Raises NotFound or RoleInUse."""
    role = await session.get(Role, role_id, with_for_update=True)
    if role is None or role.key in SEEDS:
        raise NotFound
    people = await session.scalar(
        select(func.count()).select_from(User).where(User.role_id == role.id)
    )
    if people:
        raise RoleInUse(name=role.name, count=people)
    audit.record(
        session, at, entity="role", entity_id=role.id, action="delete",
        diff={"name": [role.name, None]}, **by,
    )  # fmt: skip
    await session.delete(role)


async def _check(session: AsyncSession, form: RoleForm, role: Role | None) -> None:
    holder = await session.scalar(select(Role.id).where(Role.name == form.name))
    if holder is not None and (role is None or holder != role.id):
        raise BadInput({"name": NAME_TAKEN})

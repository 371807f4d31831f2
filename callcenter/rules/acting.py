"""Does what a rule says, in the transaction in which its run is written down."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.agents.models import User
from callcenter.entity import saving, sharing
from callcenter.entity.description import value_of
from callcenter.entity.reading import Context, Unreadable, read_text
from callcenter.entity.registry import Registry
from callcenter.entity.saving import Deed
from callcenter.errors import BadInput, NotFound
from callcenter.notices import notices
from callcenter.rules import giving, shapes
from callcenter.rules.giving import Gift, StateOf
from callcenter.rules.matching import Origin
from callcenter.rules.models import Automation
from callcenter.server.actor import Actor
from callcenter.server.i18n import translate_to
from callcenter.server.identity import Identity

#: What a rule may do to rows: anything; who made it is an administrator.
_ALL: Final = dict.fromkeys(("create", "read", "edit", "delete", "export"), "all")
#: In which language a rule's log is kept.
_LANGUAGE: Final = "en"


def identity(registry: Registry) -> Identity:
    """Return the rules as somebody who asks."""
    return Identity(
        user_id=0, name="", login="", role_key="", grants={one.name: _ALL for one in registry}
    )


def actor(origin: Origin) -> Actor:
    """Return a rule as the log names it; what it writes may let other rules run, one deeper.

    Which rule it was says its run; whoever is somebody's colleague has an id of a person.
    """
    return {
        "actor_kind": "automation", "actor_id": None, "request_id": str(origin.deeper()),
        "ip": None,
    }  # fmt: skip


async def act(
    session: AsyncSession,
    registry: Registry,
    rule: Automation,
    row: Any,
    origin: Origin,
    at: datetime,
    state_of: StateOf,
) -> list[dict[str, Any]]:
    """Do all that the rule says to a row; return what came of each. Raises Problem."""
    deed = Deed(session, registry, registry[rule.entity], identity(registry), at, actor(origin))
    steps = []
    for action in shapes.read(rule.actions):
        kind = str(action.__struct_config__.tag)
        steps.append({"type": kind} | await _DOING[kind](Gift(deed, row, rule, action), state_of))  # type: ignore[arg-type]
    return steps


async def _assign(gift: Gift, state_of: StateOf) -> dict[str, Any]:
    return await giving.give(gift, state_of)


async def _task(gift: Gift, _state_of: StateOf) -> dict[str, Any]:
    action: Any = gift.how
    deed, task = gift.deed, gift.deed.registry["interaction"]
    owner = next(iter(await _whom(gift, action.whom)), None)
    due = deed.at + timedelta(minutes=action.within_min)
    given: dict[str, Any] = {
        "kind": "task", "subject": action.subject, "due_at": due, "owner_id": owner,
    }  # fmt: skip
    contact = gift.row.id if gift.entity.name == "contact" else getattr(gift.row, "contact_id", 0)
    if contact:
        given["participants"] = [{"role": "to", "contact_id": contact}]
    # What an interaction can belong to it has a field for.
    if (belongs := f"{gift.entity.name}_id") in deed.registry.fields(task.name):
        given[belongs] = gift.row.id
    part = task.part("participants")
    if part is not None and "participants" in given:
        given["participants"] = part.read_json(given["participants"])
    made = await saving.create(
        Deed(deed.session, deed.registry, task, deed.who, deed.at, deed.by), given
    )
    return {"interaction": made.id, "user_id": owner}


async def _notify(gift: Gift, _state_of: StateOf) -> dict[str, Any]:
    action: Any = gift.how
    people = await _whom(gift, action.whom)
    await notices.add(gift.deed.session, people, "rule", gift.called, None, gift.deed.at)
    return {"told": list(people)}


async def _set(gift: Gift, _state_of: StateOf) -> dict[str, Any]:
    action: Any = gift.how
    field = gift.deed.registry.fields(gift.entity.name).get(action.field)
    if field is None or not field.writable:
        raise BadInput({action.field: saving.READ_ONLY})
    context = Context(gift.deed.registry, (), action.language, str(gift.deed.registry.zone))
    try:
        value = read_text(field, action.value, context)
    except Unreadable as problem:
        raise BadInput({field.name: problem.sentence}) from problem
    before = value_of(gift.row, field.name)
    await saving.change(gift.deed, gift.row.id, {field.name: value}, None)
    return {"field": field.name, "changed": before != value}


async def _involve(gift: Gift, _state_of: StateOf) -> dict[str, Any]:
    action: Any = gift.how
    if action.remove:
        try:
            await sharing.unshare(gift.deed, gift.row.id, action.user_id)
        except NotFound:
            return {"changed": False}
    else:
        shares = await sharing.shares_of(gift.deed.session, gift.entity, gift.row.id)
        if any(one.user_id == action.user_id for one in shares):
            return {"changed": False}
        await sharing.share(gift.deed, gift.row.id, action.user_id, "co-executor")
    return {"changed": True, "user_id": action.user_id}


_DOING: Final[Mapping[str, Callable[[Gift, StateOf], Awaitable[dict[str, Any]]]]] = {
    "assign": _assign, "task": _task, "notify": _notify, "set": _set, "involve": _involve,
}  # fmt: skip


async def _whom(gift: Gift, whom: str) -> Sequence[int]:
    """Return whom an action means; of a row that is nobody's, the head."""
    owner = getattr(gift.row, "owner_id", None)
    if whom.isdigit():
        person = await gift.deed.session.get(User, int(whom))
        if person is not None and person.active:
            return [person.id]
    if whom == shapes.OWNER and owner is not None:
        return [owner]
    team = getattr(gift.row, "team_id", None)
    if team is None and owner is not None:
        person = await gift.deed.session.get(User, owner)
        team = person.team_id if person is not None else None
    return await giving.heads_of(gift.deed.session, team)


def told(problem: Exception) -> str:
    """Return why a rule could not do it, for its log."""
    if isinstance(problem, BadInput):
        fields = problem.fields.items()
        return "; ".join(f"{name}: {translate_to(_LANGUAGE, text)}" for name, text in fields)
    return str(problem)

"""What rules do to records: assign, plan, notify, fill in, move, tag, involve, make a lead."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from callcenter.agents.models import User
from callcenter.entity import saving, sharing
from callcenter.entity.description import value_of
from callcenter.entity.reading import Context, Unreadable, read_text
from callcenter.entity.tags import TagForm
from callcenter.errors import BadInput, NotFound
from callcenter.leads import taking
from callcenter.notices import notices
from callcenter.rules import customers, giving, shapes
from callcenter.rules.matter import Matter
from callcenter.rules.means import Means

Step = dict[str, Any]


async def assign(matter: Matter, means: Means) -> Step:
    return await giving.give(matter, means.state_of)


async def task(matter: Matter, _means: Means) -> Step:
    action: shapes.AddTask = matter.action
    due = matter.deed.at + timedelta(minutes=action.within_min)
    return await plan(
        matter, action.whom, {"kind": "task", "subject": action.subject, "due_at": due}
    )


async def plan(matter: Matter, whom: str, given: dict[str, Any]) -> Step:
    """Plan something with the row's customer, for whom the action means."""
    deed, entity = matter.deed, matter.deed.registry["interaction"]
    owner = next(iter(await whom_of(matter, whom)), None)
    given = given | {"owner_id": owner} | await customers.belongings(matter)
    made = await saving.create(replace(deed, entity=entity), given)
    return {"interaction": made.id, "user_id": owner}


async def notify(matter: Matter, _means: Means) -> Step:
    action: shapes.Notify = matter.action
    people = await whom_of(matter, action.whom)
    await notices.add(matter.deed.session, people, "rule", matter.called, None, matter.deed.at)
    return {"told": list(people)}


async def fill_in(matter: Matter, _means: Means) -> Step:
    action: shapes.SetField = matter.action
    field = matter.deed.registry.fields(matter.entity.name).get(action.field)
    if field is None or not field.writable:
        raise BadInput({action.field: saving.READ_ONLY})
    context = Context(matter.deed.registry, (), action.language, str(matter.deed.registry.zone))
    try:
        value = read_text(field, action.value, context)
    except Unreadable as problem:
        raise BadInput({field.name: problem.sentence}) from problem
    before = value_of(matter.row, field.name)
    await saving.change(matter.deed, matter.row.id, {field.name: value}, None)
    return {"field": field.name, "changed": before != value}


async def move(matter: Matter, _means: Means) -> Step:
    """Move the row to a stage; what its process refuses, it refuses a rule, too."""
    action: shapes.Move = matter.action
    before = matter.row.stage_id
    await saving.change(matter.deed, matter.row.id, {"stage_id": action.stage_id}, None)
    return {"stage": action.stage_id, "changed": before != action.stage_id}


async def mark(matter: Matter, _means: Means) -> Step:
    action: shapes.Mark = matter.action
    form = TagForm(name=action.name, gone=action.remove)
    before = matter.row.version
    await saving.change(matter.deed, matter.row.id, {"tags": [form]}, None)
    return {"tag": action.name, "changed": matter.row.version != before}


async def involve(matter: Matter, _means: Means) -> Step:
    action: shapes.Involve = matter.action
    if action.remove:
        try:
            await sharing.unshare(matter.deed, matter.row.id, action.user_id)
        except NotFound:
            return {"changed": False}
    else:
        shares = await sharing.shares_of(matter.deed.session, matter.entity, matter.row.id)
        if any(one.user_id == action.user_id for one in shares):
            return {"changed": False}
        await sharing.share(matter.deed, matter.row.id, action.user_id, "co-executor")
    return {"changed": True, "user_id": action.user_id}


async def make_lead(matter: Matter, _means: Means) -> Step:
    """Make a lead of an interaction; of one that belongs to a lead, none."""
    deed, row = matter.deed, matter.row
    if row.lead_id is not None:
        return {"changed": False, "lead": row.lead_id}
    who = await customers.of(matter)
    asks = {
        "subject": row.subject or who.called or None, "message": row.body, "person": who.name or None,
        "phone": who.number, "email": who.address, "owner_id": row.owner_id,
    }  # fmt: skip
    taken = taking.Taken(asks, who.contact.id if who.contact else None, False, None)
    lead, _step = await taking.take(replace(deed, entity=deed.registry["lead"]), taken, row)
    return {"changed": True, "lead": lead.id}


async def whom_of(matter: Matter, whom: str) -> Sequence[int]:
    """Return whom an action means; of a row that is nobody's, the head."""
    owner = getattr(matter.row, "owner_id", None)
    if whom.isdigit():
        person = await matter.deed.session.get(User, int(whom))
        if person is not None and person.active:
            return [person.id]
    if whom == shapes.OWNER and owner is not None:
        return [owner]
    team = getattr(matter.row, "team_id", None)
    if team is None and owner is not None:
        person = await matter.deed.session.get(User, owner)
        team = person.team_id if person is not None else None
    return await giving.heads_of(matter.deed.session, team)

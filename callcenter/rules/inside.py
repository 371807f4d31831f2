"""What rules do to rows of the house: give, plan, tell, fill in, move, mark, involve, make."""

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
from callcenter.rules.giving import Gift
from callcenter.rules.means import Means

Step = dict[str, Any]


async def assign(gift: Gift, means: Means) -> Step:
    return await giving.give(gift, means.state_of)


async def task(gift: Gift, _means: Means) -> Step:
    action: Any = gift.how
    due = gift.deed.at + timedelta(minutes=action.within_min)
    return await plan(gift, action.whom, {"kind": "task", "subject": action.subject, "due_at": due})


async def plan(gift: Gift, whom: str, given: dict[str, Any]) -> Step:
    """Plan something with the row's customer, for whom the action means."""
    deed, entity = gift.deed, gift.deed.registry["interaction"]
    owner = next(iter(await whom_of(gift, whom)), None)
    given = given | {"owner_id": owner} | await customers.belongings(gift)
    made = await saving.create(replace(deed, entity=entity), given)
    return {"interaction": made.id, "user_id": owner}


async def notify(gift: Gift, _means: Means) -> Step:
    action: Any = gift.how
    people = await whom_of(gift, action.whom)
    await notices.add(gift.deed.session, people, "rule", gift.called, None, gift.deed.at)
    return {"told": list(people)}


async def fill_in(gift: Gift, _means: Means) -> Step:
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


async def move(gift: Gift, _means: Means) -> Step:
    """Move the row to a stage; what its process refuses, it refuses a rule, too."""
    action: Any = gift.how
    before = gift.row.stage_id
    await saving.change(gift.deed, gift.row.id, {"stage_id": action.stage_id}, None)
    return {"stage": action.stage_id, "changed": before != action.stage_id}


async def mark(gift: Gift, _means: Means) -> Step:
    action: Any = gift.how
    form = TagForm(name=action.name, gone=action.remove)
    before = gift.row.version
    await saving.change(gift.deed, gift.row.id, {"tags": [form]}, None)
    return {"tag": action.name, "changed": gift.row.version != before}


async def involve(gift: Gift, _means: Means) -> Step:
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


async def make_lead(gift: Gift, _means: Means) -> Step:
    """Make a lead of an interaction; of one that belongs to a lead, none."""
    deed, row = gift.deed, gift.row
    if row.lead_id is not None:
        return {"changed": False, "lead": row.lead_id}
    who = await customers.of(gift)
    asks = {
        "subject": row.subject or who.called or None, "message": row.body, "person": who.name or None,
        "phone": who.number, "email": who.address, "owner_id": row.owner_id,
    }  # fmt: skip
    taken = taking.Taken(asks, who.contact.id if who.contact else None, False, None)
    lead, _step = await taking.take(replace(deed, entity=deed.registry["lead"]), taken, row)
    return {"changed": True, "lead": lead.id}


async def whom_of(gift: Gift, whom: str) -> Sequence[int]:
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

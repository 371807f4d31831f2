"""Taking down a lead while one talks: contact, lead and next step out of one form, in one go."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

from callcenter.crm import linking
from callcenter.diary.hours import add_working
from callcenter.diary.worktime import Worktime
from callcenter.entity import editing, saving
from callcenter.entity.description import Field
from callcenter.entity.reading import Context, Unreadable, read_text
from callcenter.entity.saving import Deed
from callcenter.errors import BadInput
from callcenter.interactions.form import read_step
from callcenter.interactions.models import Interaction
from callcenter.interactions.participants import Taking
from callcenter.leads import people
from callcenter.leads.binding import stranger
from callcenter.leads.models import Lead

ASKS: Final = ("person", "phone", "email", "company")
FIELDS: Final = ("subject", "message", "product", "amount", "currency", "interest", *ASKS)
#: By which way a lead came that is made of an interaction of this kind.
CHANNEL_OF: Final = {
    "call": "call", "email": "email", "chat": "chat", "sms": "chat", "meeting": "visit",
    "visit": "visit",
}  # fmt: skip
#: What is next is due after so much working time, unless somebody says otherwise.
SOON: Final = timedelta(hours=4)
_QUARTER: Final = timedelta(minutes=15)


class Taken(NamedTuple):
    """What the form says."""

    lead: dict[str, Any]
    #: The contact it is, None if nobody knows yet.
    contact_id: int | None
    make_contact: bool
    #: What is to be done next, None if nothing is.
    step: dict[str, Any] | None


def read(values: Mapping[str, str], fields: Mapping[str, Field], context: Context) -> Taken:
    """Return what was written. Raises BadInput, naming each field."""
    given: dict[str, Any] = {}
    wrong: dict[str, str] = {}
    for name in FIELDS:
        if name not in fields or name not in values:
            continue
        try:
            given[name] = read_text(fields[name], values[name], context)
        except Unreadable as error:
            wrong[name] = error.sentence
    # Nobody is asked for a word that says nothing: it is called after who asks, or what he wants.
    given["subject"] = given.get("subject") or given.get("product") or stranger(given) or None
    try:
        step = read_step(values, context)
    except BadInput as problem:
        raise BadInput(dict(problem.fields) | wrong) from problem
    if wrong:
        raise BadInput(wrong)
    contact = values.get("contact_id", "")
    chosen = int(contact) if contact.isdecimal() and len(contact) < 17 else None
    return Taken(given, chosen, bool(values.get("make")), step)


def soon(now: datetime, work: Worktime, zone: str) -> str:
    """Return when the next step is offered: in working time, at a quarter of an hour."""
    at = add_working(now, SOON.total_seconds(), work.hours, work.holidays) or now + SOON
    local = at.astimezone(ZoneInfo(zone)).replace(second=0, microsecond=0)
    local += _QUARTER - timedelta(minutes=local.minute % 15)
    return local.strftime("%Y-%m-%dT%H:%M")


async def take(
    deed: Deed, taken: Taken, source: Interaction | None
) -> tuple[Lead, Interaction | None]:
    """Save all of it; return the lead, and what is to be done next. Raises BadInput."""
    contact_id = taken.contact_id
    asks = {name: taken.lead.get(name) for name in ASKS}
    if contact_id is None and taken.make_contact and stranger(asks):
        contact_id = (await people.make(deed, asks)).id
    given = taken.lead | {"contact_id": contact_id}
    if source is not None:
        given["channel"] = CHANNEL_OF.get(source.kind, "other")
    row: Lead = await saving.create(deed, given)
    if source is not None:
        await _belong(deed, source, row, is_new=taken.contact_id is None)
    step = await _plan(deed, row, taken.step) if taken.step is not None else None
    return row, step


async def _belong(deed: Deed, source: Interaction, row: Lead, *, is_new: bool) -> None:
    """Have the interaction belong to the lead, and be its contact's if nobody knew whose it was."""
    before, source.lead_id = source.lead_id, row.id
    diff = {"lead_id": [before, row.id]}
    await editing.note(deed.session, source, "interaction", diff, deed.at, deed.by, row.contact_id)
    if is_new and row.contact_id is not None:
        who, at = deed.who, deed.at
        await linking.choose(deed.session, who, source.id, row.contact_id, at, deed.by)


async def _plan(deed: Deed, row: Lead, step: dict[str, Any]) -> Interaction:
    deed = replace(deed, entity=deed.registry["interaction"])
    who = Taking(contact_id=row.contact_id) if row.contact_id else _named(row)
    planned = {
        **step, "subject": step["subject"] or row.subject, "status": "planned", "lead_id": row.id,
    }  # fmt: skip
    made: Interaction = await saving.create(
        deed, planned | ({"participants": [who]} if who else {})
    )
    return made


def _named(row: Lead) -> Taking | None:
    if not (row.person or row.phone):
        return None
    return Taking(text=row.person, point=row.phone)

"""How rules reach the customer: by letter, by SMS, by a call at its time."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter import jobs
from callcenter.agents.models import User
from callcenter.crm.contacts.models import Contact, ContactPoint
from callcenter.entity import saving
from callcenter.errors import BadInput
from callcenter.mail import automatic, filling, templates
from callcenter.mail.automatic import Automatic, Reader
from callcenter.mail.filling import Values
from callcenter.mail.models import MailAccount
from callcenter.post.sms import Sms, later
from callcenter.rules import customers, inside
from callcenter.rules.customers import Customer
from callcenter.rules.matter import Matter
from callcenter.rules.means import Means
from callcenter.rules.shapes import CallBack, SendLetter, SendSms

#: The kind of job that places a call at its time.
CALL: Final = "rule-call"
SMS_LETTERS: Final = 1_000


def _(message: str) -> str:
    return message


NO_ADDRESS: Final = _("No address is known to write to.")
NO_NUMBER: Final = _("No phone number is known.")
NO_PROVIDER: Final = _("No SMS provider is set up. Name one in the settings first.")
WANTS_NONE: Final = _("The customer wants to be told nothing.")
NOTHING_SAID: Final = _("With this record's values the message is empty.")

Step = dict[str, Any]


async def letter(matter: Matter, means: Means) -> Step:
    """Write to the customer. Raises BadInput: no address, no consent, no template."""
    action: SendLetter = matter.action
    session = matter.deed.session
    if matter.entity.name == "interaction":
        await automatic.check_not_automatic(matter.deed, matter.row.id)
    who = await customers.of(matter)
    if who.address is None:
        raise BadInput({"": NO_ADDRESS})
    account = await session.get(MailAccount, action.account_id)
    given = await _ours(matter)
    sent = await automatic.send(
        replace(matter.deed, entity=matter.deed.registry["interaction"]),
        action.template_id, Automatic(account, given),
        Reader(who.name, who.address, who.contact), await _values(matter, who, means),
        means.public_url, means.language,
    )  # fmt: skip
    return {"interaction": sent.id}


async def sms(matter: Matter, means: Means) -> Step:
    """Send the customer a message. Raises BadInput: no number, no consent, no provider."""
    action: SendSms = matter.action
    session = matter.deed.session
    if not means.has_sms():
        raise BadInput({"": NO_PROVIDER})
    who = await customers.of(matter)
    if who.number is None:
        raise BadInput({"": NO_NUMBER})
    if await _wants_none(session, who.number):
        raise BadInput({"": WANTS_NONE})
    text = templates.fill(action.text, await _values(matter, who, means)).strip()[:SMS_LETTERS]
    if not text:
        raise BadInput({"": NOTHING_SAID})
    given = {
        "kind": "sms", "direction": "out", "status": "held", "start_at": matter.deed.at,
        "subject": text.splitlines()[0][:200], "body": text,
    }  # fmt: skip
    deed = replace(matter.deed, entity=matter.deed.registry["interaction"])
    taking = (await customers.belongings(matter)).get("participants", [])
    made = await saving.create(deed, given | await _ours(matter) | {"participants": taking})
    await later(session, Sms(to=who.number, text=text, id=f"rule-{matter.mark}"), matter.deed.at)
    return {"interaction": made.id}


async def call_back(matter: Matter, _means: Means) -> Step:
    """Plan a call, and have it placed at its time. Raises BadInput if there is no number."""
    action: CallBack = matter.action
    who = await customers.of(matter)
    if who.number is None:
        raise BadInput({"": NO_NUMBER})
    at = matter.deed.at + timedelta(minutes=action.after_min)
    planned = {
        "kind": "call", "direction": "out", "status": "planned", "start_at": at, "remind_at": at,
        "subject": action.subject or who.called,
    }  # fmt: skip
    step = await inside.plan(matter, action.whom, planned)
    if action.ring and step["user_id"] is not None:
        payload = {"interaction": step["interaction"], "number": who.number}
        await jobs.add(matter.deed.session, CALL, payload, at, key=str(step["interaction"]))
    return step


async def _ours(matter: Matter) -> dict[str, Any]:
    """Return whose matter it is that we write: the row's, and of whoever answers for it."""
    belongings = await customers.belongings(matter)
    belongings.pop("participants", None)
    return belongings | {"owner_id": getattr(matter.row, "owner_id", None)}


async def _values(matter: Matter, who: Customer, means: Means) -> Values:
    """Return what a template says of the customer; a stranger has the name that he gave."""
    owner = getattr(matter.row, "owner_id", None)
    user = await matter.deed.session.get(User, owner) if owner is not None else None
    zone = matter.deed.registry.zone
    at: datetime = matter.deed.at.astimezone(zone)
    values = await filling.values_for(matter.deed.session, who.contact, user, means.company(), at)
    if who.contact is None:
        values = {**values, "contact": {**values["contact"], "name": who.name}}
    return values


async def _wants_none(session: AsyncSession, number: str) -> bool:
    """Tell whether somebody who has this number does not want to be written to."""
    return bool(
        await session.scalar(
            select(
                exists().where(
                    ContactPoint.contact_id == Contact.id, ContactPoint.norm == number,
                    ContactPoint.kind == "phone", Contact.deleted_at.is_(None),
                    ContactPoint.opted_out_at.is_not(None) | Contact.do_not_contact_at.is_not(None),
                )
            )
        )
    )  # fmt: skip

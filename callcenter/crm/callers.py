"""Puts a caller's number on the contact made from the call, even if its maker may not read it."""

from sqlalchemy import select

from callcenter import audit
from callcenter.crm import linking
from callcenter.crm.contacts.models import Contact
from callcenter.crm.contacts.points import PointForm
from callcenter.entity.rights import part_access
from callcenter.entity.saving import Deed
from callcenter.interactions.covering import POINTS
from callcenter.interactions.models import Participant
from callcenter.interactions.participants import CUSTOMER


async def keep_number(deed: Deed, contact: Contact, interaction_id: int) -> None:
    """Give a new contact the number of the interaction it was made of and is linked to.

    Whoever may write numbers has seen it in the form, and left it there or not.
    """
    part = deed.entity.part(POINTS)
    if part is None or part_access(deed.entity, part, deed.who) == "write":
        return
    point = await deed.session.scalar(
        select(Participant.point).where(
            Participant.interaction_id == interaction_id,
            Participant.contact_id == contact.id,
            Participant.role.in_(CUSTOMER),
            Participant.point.is_not(None),
        )
    )
    if point is None:
        return
    form = PointForm(kind="email" if "@" in point else "phone", value=point)
    diff = await part.save(deed.session, contact, [form], deed.at, deed.by)
    audit.record(
        deed.session, deed.at, entity=deed.entity.name, entity_id=contact.id,
        contact_id=contact.id, action="edit", diff=diff, **deed.by,
    )  # fmt: skip
    await linking.claim_past(deed.session, contact)

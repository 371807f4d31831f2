"""The company a person works for, as people type it: by name."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.crm.contacts import saving
from callcenter.crm.contacts.form import ContactForm
from callcenter.crm.contacts.models import Contact
from callcenter.crm.names import fold
from callcenter.errors import BadInput
from callcenter.server.actor import Actor


def _(message: str) -> str:
    return message


SEVERAL = _("Several companies have this name. Open the right one and add the person there.")
SUGGESTED = 200


async def named(
    session: AsyncSession, name: str, present_id: int | None, at: datetime, by: Actor
) -> int | None:
    """Return the id of the company of that name; one that nobody knows yet is added.

    `present_id` is the person's company so far: its own name always means itself. Raises
    BadInput if several companies are called so.
    """
    folded = fold(name)
    if not folded:
        return None
    present = await session.get(Contact, present_id) if present_id is not None else None
    if present is not None and present.fold == folded:
        return present.id
    found = await session.scalars(
        select(Contact.id)
        .where(Contact.kind == "company", Contact.fold == folded, Contact.deleted_at.is_(None))
        .limit(2)
    )
    match list(found):
        case []:
            form = ContactForm(kind="company", name=name)
            return (await saving.create(session, form, (), at, by)).id
        case [company_id]:
            return company_id
        case _:
            raise BadInput({"company": SEVERAL})

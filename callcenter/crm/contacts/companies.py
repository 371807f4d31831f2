"""The company a person works for, as people type it: by name."""

from typing import Final

from sqlalchemy import or_, select

from callcenter.crm.contacts.access import visible_to
from callcenter.crm.contacts.models import Contact
from callcenter.crm.names import fold
from callcenter.entity import saving
from callcenter.entity.saving import Deed
from callcenter.errors import BadInput


def _(message: str) -> str:
    return message


SEVERAL: Final = _("Several companies have this name. Open the right one and add the person there.")
#: As many as may begin with one name are compared.
MOST: Final = 200


async def named(deed: Deed, name: str, present_id: int | None) -> int | None:
    """Return the id of the company of that name; one that nobody knows yet is added.

    `present_id` is the person's company so far: its own name always means itself. Raises
    BadInput if several companies are called so.
    """
    folded = fold(name)
    if not folded:
        return None
    present = await deed.session.get(Contact, present_id) if present_id is not None else None
    if present is not None and fold(present.name) == folded:
        return present.id
    return await known(deed, name) or (await add(deed, name)).id


async def known(deed: Deed, name: str) -> int | None:
    """Return the id of the company of that name. Raises BadInput if several are called so."""
    match await _called(deed, fold(name)):
        case []:
            return None
        case [company_id]:
            return company_id
        case _:
            raise BadInput({"company": SEVERAL})


async def add(deed: Deed, name: str) -> Contact:
    made: Contact = await saving.create(deed, {"kind": "company", "name": name})
    return made


async def _called(deed: Deed, folded: str) -> list[int]:
    # The folded column goes on with the other names of a company.
    begins = (Contact.fold >= f"{folded} ") & (Contact.fold < f"{folded}!")
    rows = await deed.session.execute(
        select(Contact.id, Contact.name)
        .where(Contact.kind == "company", or_(Contact.fold == folded, begins))
        .where(visible_to(deed.who))
        .order_by(Contact.fold)
        .limit(MOST)
    )
    return [row.id for row in rows if fold(row.name) == folded]

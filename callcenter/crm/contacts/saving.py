"""Creating, changing and deleting contacts.

A change says which version it was made from; what others changed meanwhile is joined
field by field and point by point, and the same thing changed twice is refused, naming
who did it. Deleting only sets the contact aside: its calls stay, its numbers match no
more.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from callcenter import audit
from callcenter.agents.models import User
from callcenter.audit import Audit
from callcenter.crm import linking
from callcenter.crm.contacts import points
from callcenter.crm.contacts.access import visible_to
from callcenter.crm.contacts.form import ContactForm, checked
from callcenter.crm.contacts.models import DERIVED, Contact
from callcenter.crm.contacts.points import PointForm
from callcenter.db import new_id
from callcenter.entity import editing
from callcenter.errors import ChangedMeanwhile, NotFound
from callcenter.server.actor import Actor
from callcenter.server.identity import Identity


async def create(
    session: AsyncSession,
    form: ContactForm,
    regions: Sequence[str],
    at: datetime,
    by: Actor,
) -> Contact:
    """Add a contact; past calls of its numbers become its own. Raises BadInput."""
    given = {"kind": "person", **form.fields()}
    contact = Contact(
        id=new_id(at.timestamp()), version=1, custom={}, created_at=at, updated_at=at,
        created_by=by["actor_id"], updated_by=by["actor_id"], points=[],
    )  # fmt: skip
    given = await checked(session, contact, given)
    for name, value in given.items():
        setattr(contact, name, value)
    session.add(contact)
    diff = {name: [None, value] for name, value in given.items() if name not in DERIVED}
    diff |= await points.save(session, contact, form.points, regions, at)
    audit.record(
        session, at, entity="contact", entity_id=contact.id, contact_id=contact.id,
        action="create", diff=diff, notable=True, **by,
    )  # fmt: skip
    await session.flush()
    await linking.claim_past(session, contact)
    return contact


async def change(
    session: AsyncSession,
    who: Identity,
    contact_id: int,
    form: ContactForm,
    seen: int | None,
    regions: Sequence[str],
    at: datetime,
    by: Actor,
) -> Contact:
    """Save what `form` speaks of. Raises NotFound, BadInput or ChangedMeanwhile.

    `seen` is the version the form was filled from; None overwrites whatever is there.
    """
    contact = await locked(session, who, contact_id, "edit")
    given = await checked(session, contact, form.fields())
    diff = await editing.save(session, contact, "contact", given, seen, at, by)
    diff |= await _save_points(session, contact, form.points, regions, at, by)
    if "points" in diff:
        await linking.claim_past(session, contact)
    return contact


async def delete(
    session: AsyncSession, who: Identity, contact_id: int, at: datetime, by: Actor
) -> Contact:
    """Set a contact aside. Its history stays where it is."""
    contact = await locked(session, who, contact_id, "delete")
    contact.deleted_at = contact.updated_at = at
    contact.updated_by = by["actor_id"]
    contact.version += 1
    audit.record(
        session, at, entity="contact", entity_id=contact.id, contact_id=contact.id,
        action="delete", diff={"name": [contact.name, None]}, **by,
    )  # fmt: skip
    return contact


async def locked(session: AsyncSession, who: Identity, contact_id: int, action: str) -> Contact:
    """Return a contact that `who` may do `action` to, for nobody else to change meanwhile."""
    contact = await session.scalar(
        select(Contact)
        .where(Contact.id == contact_id, visible_to(who, action))
        .options(selectinload(Contact.points))
        .with_for_update(of=Contact)
    )
    if contact is None:
        raise NotFound
    return contact


async def _save_points(
    session: AsyncSession,
    contact: Contact,
    forms: Sequence[PointForm],
    regions: Sequence[str],
    at: datetime,
    by: Actor,
) -> dict[str, list[Any]]:
    try:
        diff = await points.save(session, contact, forms, regions, at)
    except points.PointMoved as moved:
        raise ChangedMeanwhile(
            who=await _who_changed_points(session, contact), field="points", theirs=moved.now,
            mine=moved.mine,
        ) from moved  # fmt: skip
    if diff:
        contact.version += 1
        contact.updated_at, contact.updated_by = at, by["actor_id"]
        versions = {"version": [contact.version - 1, contact.version]}
        audit.record(
            session, at, entity="contact", entity_id=contact.id, contact_id=contact.id,
            action="edit", diff=diff | versions, **by,
        )  # fmt: skip
        await session.flush()
    return diff


async def _who_changed_points(session: AsyncSession, contact: Contact) -> str:
    """Return the name of the last one who changed the contact's numbers and addresses."""
    edits = await session.execute(
        select(Audit.diff, User.name)
        .outerjoin(User, User.id == Audit.actor_id)
        .where(Audit.entity == "contact", Audit.entity_id == contact.id)
        .order_by(Audit.id.desc())
    )
    return next((name for diff, name in edits if name and "points" in diff), "callcenter")

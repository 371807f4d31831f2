"""Decides, at a person's word, which contact a call or any other participant is.

A number that several contacts share belongs to none of them until a person says who it was. That
choice is audited and takes precedence over everything. A contact that gains a number or an address
gains its past as well, if nobody else has it; the past of a shared one is offered, and a person
decides. The contact's company gains it too, as a `participant` of the role company, so that a
later change of jobs takes no history away.

`linker` links what is certain, as the calls come in.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, case, func, or_, select, true, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter import audit
from callcenter.crm.contacts.access import visible_to
from callcenter.crm.contacts.models import Contact, ContactPoint
from callcenter.db import any_of
from callcenter.errors import NotFound
from callcenter.interactions.access import visible_to as may_change
from callcenter.interactions.models import Interaction, Participant
from callcenter.interactions.participants import CUSTOMER, add_companies
from callcenter.server.actor import Actor
from callcenter.server.identity import Identity


@dataclass(frozen=True, slots=True)
class Past:
    """What else one number or address took part in, with nobody linked."""

    count: int
    #: Other contacts have it too, so it may have been them.
    shared: bool


async def choose(
    session: AsyncSession,
    who: Identity,
    interaction_id: int,
    contact_id: int,
    at: datetime,
    by: Actor,
    place: tuple[str, int] | None = None,
) -> Contact:
    """Say who a participant is; return the contact. Raises NotFound.

    `place` is the role and number of the participant; else it is the first who is not linked.
    """
    contact = await session.scalar(select(Contact).where(Contact.id == contact_id, visible_to(who)))
    customer = await session.scalar(
        select(Participant)
        .join(Interaction, Interaction.id == Participant.interaction_id)
        .where(
            Participant.interaction_id == interaction_id,
            Participant.role.in_(CUSTOMER),
            Participant.user_id.is_(None),
            true() if place is None else tuple_(Participant.role, Participant.seq) == place,
            may_change(who, "edit"),
        )
        .order_by(
            case(
                (Participant.contact_id == contact_id, 0),
                (Participant.contact_id.is_(None), 1),
                else_=2,
            ),
            Participant.seq,
        )
        .limit(1)
        .with_for_update(of=Participant)
    )
    if contact is None or customer is None:
        raise NotFound
    before = customer.contact_id
    if (before, customer.certainty) != (contact.id, "chosen"):
        customer.contact_id, customer.certainty = contact.id, "chosen"
        if place is None or before is not None:
            await _set_company(session, customer, contact.company_id)
        else:
            await add_companies(session, interaction_id)
        audit.record(
            session, at, entity="interaction", entity_id=interaction_id, contact_id=contact.id,
            action="link", diff={"contact_id": [before, contact.id]}, **by,
        )  # fmt: skip
        await _in_touch(session, contact, customer.at)
    return contact


async def owners(session: AsyncSession, points: Sequence[str]) -> dict[str, int]:
    """Return {number or address: contact} of those that are one contact's alone."""
    if not points:
        return {}
    rows = await session.execute(
        select(ContactPoint.norm, func.min(Contact.id).label("contact_id"))
        .join(Contact, Contact.id == ContactPoint.contact_id)
        .where(ContactPoint.norm.in_(points), Contact.deleted_at.is_(None))
        .group_by(ContactPoint.norm)
        .having(func.count(Contact.id.distinct()) == 1)
    )
    return {row.norm: row.contact_id for row in rows}


async def claim_past(session: AsyncSession, contact: Contact) -> int:
    """Give `contact` the past of its numbers and addresses that is nobody's; return how much.

    What other contacts have too is left to a person's choice.
    """
    return await _claim(session, contact, await _alone(session, contact), "known")


async def unclaimed(session: AsyncSession, contact: Contact) -> list[list[Any]]:
    """Return the keys of what `claim_past` would give a contact."""
    rows = await session.execute(
        select(Participant.interaction_id, Participant.role, Participant.seq).where(
            *_unlinked(await _alone(session, contact))
        )
    )
    return [list(row) for row in rows]


async def claim_point(session: AsyncSession, contact: Contact, point: str) -> int:
    """Give `contact` the whole past of a number or an address, as a person has decided."""
    return await _claim(session, contact, [point], "chosen")


async def past_of(session: AsyncSession, contact_id: int, point: str) -> Past:
    """Return what `claim_point` would give a contact, and whether it may be somebody else's."""
    count = await session.scalar(select(func.count()).where(*_unlinked([point])))
    return Past(count or 0, bool(await _of_others(session, contact_id, [point])))


async def _alone(session: AsyncSession, contact: Contact) -> list[str]:
    """Return the numbers and addresses that no other contact has."""
    own = [norm for norm in {point.norm for point in contact.points} if norm]
    return list(set(own) - await _of_others(session, contact.id, own))


async def _of_others(session: AsyncSession, contact_id: int, norms: Sequence[str]) -> set[str]:
    shared = await session.scalars(
        select(ContactPoint.norm)
        .join(Contact, Contact.id == ContactPoint.contact_id)
        .where(ContactPoint.norm.in_(norms), Contact.id != contact_id, Contact.deleted_at.is_(None))
    )
    return set(shared)


def _unlinked(norms: Sequence[str]) -> tuple[ColumnElement[bool], ...]:
    return (
        Participant.point.in_(norms),
        Participant.contact_id.is_(None),
        Participant.user_id.is_(None),
        Participant.role.in_(CUSTOMER),
    )


async def _claim(
    session: AsyncSession, contact: Contact, norms: Sequence[str], certainty: str
) -> int:
    past = await session.execute(
        update(Participant)
        .where(*_unlinked(norms))
        .values(contact_id=contact.id, certainty=certainty)
        .returning(Participant.interaction_id, Participant.at, Participant.pinned)
        .execution_options(synchronize_session=False)
    )
    rows = past.all()
    if rows:
        await _claim_for_company(session, contact, {row.interaction_id: row for row in rows})
        await _in_touch(session, contact, max(row.at for row in rows))
    return len(rows)


async def _claim_for_company(
    session: AsyncSession, contact: Contact, claimed: Mapping[int, Any]
) -> None:
    if contact.company_id is None:
        return
    places: dict[int, int] = {}
    there: set[int] = set()
    for row in await session.scalars(
        select(Participant).where(
            any_of(Participant.interaction_id, claimed),
            or_(Participant.role == "company", Participant.contact_id == contact.company_id),
        )
    ):
        if row.contact_id == contact.company_id:
            there.add(row.interaction_id)
        if row.role == "company":
            places[row.interaction_id] = max(places.get(row.interaction_id, 0), row.seq + 1)
    session.add_all(
        Participant(
            interaction_id=interaction_id, role="company", seq=places.get(interaction_id, 0),
            at=one.at, pinned=one.pinned, contact_id=contact.company_id,
        )
        for interaction_id, one in claimed.items()
        if interaction_id not in there
    )  # fmt: skip
    await session.flush()


async def _set_company(
    session: AsyncSession, customer: Participant, company_id: int | None
) -> None:
    row = await session.get(Participant, (customer.interaction_id, "company", 0))
    if row is not None and company_id is None:
        await session.delete(row)
    elif row is not None:
        row.contact_id = company_id
    elif company_id is not None:
        session.add(
            Participant(
                interaction_id=customer.interaction_id, role="company", seq=0, at=customer.at,
                pinned=customer.pinned, contact_id=company_id,
            )
        )  # fmt: skip


async def _in_touch(session: AsyncSession, contact: Contact, at: datetime) -> None:
    """Note when the contact, and so the company, was last in touch.

    No edit by a person: the version stays.
    """
    both = [one for one in (contact.id, contact.company_id) if one is not None]
    await session.execute(
        update(Contact)
        .where(
            Contact.id.in_(both),
            or_(Contact.last_contact_at.is_(None), Contact.last_contact_at < at),
        )
        .values(last_contact_at=at)
        .execution_options(synchronize_session=False)
    )

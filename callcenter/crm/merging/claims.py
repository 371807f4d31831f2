"""The past of numbers that two contacts shared and that one of them has alone after a merge.

While two contacts have the same number, nobody is linked to its calls automatically. Once the two
are one, the calls are the winner's. An undo releases those that nobody has decided about since.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import delete, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.crm import linking
from callcenter.crm.contacts.models import Contact
from callcenter.crm.merging.rows import chunks, given, kept
from callcenter.db import any_of
from callcenter.interactions.models import Participant

_KEY = tuple_(Participant.interaction_id, Participant.role, Participant.seq)
_LAST = "last_contact_at"


async def claim(session: AsyncSession, winner: Contact) -> dict[str, Any]:
    """Give the winner what is its alone now; return what an undo needs."""
    await session.refresh(winner, ["points"])
    calls = await linking.unclaimed(session, winner)
    if not calls:
        return {}
    ids = [one for one in (winner.id, winner.company_id) if one is not None]
    before, companies = await _last(session, ids), await _companies(session, calls)
    await linking.claim_past(session, winner)
    added = [key for key in await _companies(session, calls) if key not in companies]
    after = await _last(session, ids)
    await session.refresh(winner, [_LAST])
    last = {key: [before[key], after[key]] for key in before}
    return {"calls": calls, "companies": added, "last": last}


async def let_go(session: AsyncSession, winner: Contact, claimed: Mapping[str, Any]) -> None:
    """Undo it, but for what somebody decided about since."""
    if not claimed:
        return
    for keys in chunks(claimed["calls"]):
        await session.execute(
            update(Participant)
            .where(_KEY.in_([tuple(key) for key in keys]))
            .where(Participant.contact_id == winner.id, Participant.certainty == "known")
            .values(contact_id=None, certainty=None)
            .execution_options(synchronize_session=False)
        )
    for keys in chunks(claimed["companies"]):
        await session.execute(
            delete(Participant)
            .where(_KEY.in_([tuple(key) for key in keys]))
            .execution_options(synchronize_session=False)
        )
    column: Any = Contact.__table__.c[_LAST]
    for contact_id, (before, after) in claimed["last"].items():
        await session.execute(
            update(Contact)
            .where(Contact.id == int(contact_id), Contact.last_contact_at == given(column, after))
            .values(last_contact_at=given(column, before))
            .execution_options(synchronize_session=False)
        )
    await session.refresh(winner, [_LAST])


async def _companies(session: AsyncSession, calls: list[list[Any]]) -> list[list[Any]]:
    """Return the keys of the companies that have these calls in their timelines."""
    rows = await session.execute(
        select(Participant.interaction_id, Participant.role, Participant.seq)
        .where(any_of(Participant.interaction_id, [call[0] for call in calls]))
        .where(Participant.role == "company")
    )
    return [list(row) for row in rows]


async def _last(session: AsyncSession, ids: list[int]) -> dict[str, Any]:
    rows = await session.execute(
        select(Contact.id, Contact.last_contact_at).where(Contact.id.in_(ids))
    )
    return {str(row.id): kept({_LAST: row.last_contact_at})[_LAST] for row in rows}

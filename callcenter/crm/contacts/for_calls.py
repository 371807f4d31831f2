"""What the rooms of calls ask of contacts; `app` hands these functions down."""

from collections.abc import Sequence

from sqlalchemy import select

from callcenter.crm.contacts.access import visible_to
from callcenter.crm.contacts.models import Contact, ContactPoint
from callcenter.crm.contacts.reach import DIALLED
from callcenter.crm.contacts.search import ids_of
from callcenter.db import Database
from callcenter.server.identity import Identity


class ForCalls:
    def __init__(self, database: Database, regions: Sequence[str]) -> None:
        self._database = database
        self._regions = regions

    async def contacts_of(self, who: Identity, typed: str) -> tuple[int, ...]:
        """Return the contacts that a search text means."""
        async with self._database.read() as session:
            return tuple(await ids_of(session, who, typed, self._regions))

    async def number_of(self, who: Identity, point_id: int) -> str | None:
        """Return the number behind a contact's point, if `who` may see the contact."""
        async with self._database.read() as session:
            number: str | None = await session.scalar(
                select(ContactPoint.norm)
                .join(Contact, Contact.id == ContactPoint.contact_id)
                .where(ContactPoint.id == point_id, ContactPoint.kind.in_(DIALLED), visible_to(who))
            )
        return number

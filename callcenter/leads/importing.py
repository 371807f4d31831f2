"""What a file of leads does besides adding them: contacts are found, made, and taken back.

A lead goes to the one contact that has its number or address. Of whom there is no contact one is
made if the person who imports wants that.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.entity.saving import Deed
from callcenter.interactions.models import Interaction
from callcenter.leads import binding, customers, people
from callcenter.leads.binding import Way
from callcenter.leads.models import Lead
from callcenter.server.actor import Actor


def _(message: str) -> str:
    return message


QUESTION: Final = _("Make a contact of everybody whose number and address nobody has yet")
WORKED_ON: Final = _("Somebody has worked on the lead since.")
HAS_LEADS: Final = _("Leads that stay belong to this contact.")

#: What a lead says of who asks.
ASKS: Final = ("person", "company", "phone", "email")


class Contacts:
    """Whose the leads of a file are: `entity.description.Counterpart`."""

    entity = "contact"
    field = "contact_id"
    question = QUESTION

    def begun(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Name a lead after what is wanted, or after who wants it, if the file has no word for it."""
        said = {
            "subject": given.get("product") or binding.stranger(given) or None,
            "channel": "import",
        }
        return {name: value for name, value in said.items() if value and not given.get(name)}

    def keys(self, given: Mapping[str, Any]) -> list[Way]:
        return binding.ways(given)

    def named(self, given: Mapping[str, Any]) -> str:
        return binding.stranger(given)

    async def find(self, session: AsyncSession, keys: Collection[Way]) -> dict[Way, set[int]]:
        return await binding.owners(session, keys)

    async def make(self, deed: Deed, given: Mapping[str, Any]) -> list[int]:
        asks = {name: given.get(name) for name in (*ASKS, "owner_id")}
        return [row.id for row in await people.make_all(deed, asks)]

    async def needed(self, session: AsyncSession, ids: Sequence[int]) -> dict[int, str]:
        rows = await session.scalars(
            select(Lead.contact_id).where(Lead.contact_id.in_(ids), Lead.deleted_at.is_(None))
        )
        return {contact_id: HAS_LEADS for contact_id in rows if contact_id is not None}

    async def in_use(self, session: AsyncSession, ids: Sequence[int]) -> dict[int, str]:
        rows = await session.scalars(
            select(Interaction.lead_id).where(
                Interaction.lead_id.in_(ids), Interaction.deleted_at.is_(None)
            )
        )
        return {lead_id: WORKED_ON for lead_id in rows if lead_id is not None}

    async def taken_back(
        self, session: AsyncSession, rows: Sequence[Lead], at: datetime, by: Actor
    ) -> None:
        """Whom a lead of the file had made a customer is none again."""
        for row in rows:
            if row.was:
                await customers.reopened(session, row, at, by)

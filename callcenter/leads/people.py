"""Making a contact of who asks: what is compared first, and what is saved."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.crm.contacts import companies
from callcenter.crm.contacts.points import PointForm
from callcenter.crm.duplicates.check import Likeness, check
from callcenter.crm.duplicates.facts import Typed, TypedPoint, of_typed
from callcenter.entity import saving
from callcenter.entity.saving import Deed
from callcenter.leads.binding import stranger
from callcenter.server.identity import Identity


async def like(
    session: AsyncSession, who: Identity, asks: Mapping[str, Any], regions: Sequence[str]
) -> list[Likeness]:
    """Return who is there already, for what one who asks says of himself."""
    points = [
        TypedPoint(kind=kind, value=value)
        for kind in ("phone", "email")
        if (value := asks.get(kind) or "")
    ]
    if not points and not asks.get("person"):
        return []
    typed = Typed(name=asks.get("person") or "", company=asks.get("company") or "", points=points)
    return await check(session, who, of_typed(typed, regions))


async def make(deed: Deed, asks: Mapping[str, Any]) -> Any:
    """Add the contact, at the company that is named. Raises BadInput."""
    return (await make_all(deed, asks))[0]


async def make_all(deed: Deed, asks: Mapping[str, Any]) -> list[Any]:
    """Add the same; return the contact, and the company if it is new too. Raises BadInput."""
    deed = replace(deed, entity=deed.registry["contact"])
    person, company = asks.get("person"), asks.get("company")
    forms = [
        PointForm(kind=kind, value=value)
        for kind in ("phone", "email")
        if (value := asks.get(kind))
    ]
    given: dict[str, Any] = {"points": forms} if forms else {}
    if asks.get("owner_id") is not None:
        given["owner_id"] = asks["owner_id"]
    if company and not person:
        return [await saving.create(deed, given | {"kind": "company", "name": company})]
    added = []
    if company and (employer := await companies.known(deed, company)) is not None:
        given["company_id"] = employer
    elif company:
        added = [await companies.add(deed, company)]
        given["company_id"] = added[0].id
    named = {"kind": "person", "name": stranger(asks), "lifecycle": "prospect"}
    return [await saving.create(deed, named | given), *added]

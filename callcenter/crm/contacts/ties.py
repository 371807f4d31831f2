"""How contacts are tied to each other: employer and employee, relatives, suppliers, owners.

A tie stands between two contacts and shows on both their cards, on each with its own word. One
that is over keeps its row, so a person's move takes no history away.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any, Final

import msgspec
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.crm.contacts.models import Contact, Relationship
from callcenter.entity.models import Option
from callcenter.entity.reading import NOT_AN_ID, NOT_OFFERED, TOO_LONG
from callcenter.entity.rows_part import Item, RowsPart
from callcenter.server.actor import Actor
from callcenter.server.body import MISSING, Id

TYPES: Final = "relationship_type"
WORKS_FOR: Final = "works_for"

Text = str | msgspec.UnsetType | None
Day = date | msgspec.UnsetType | None


def _(message: str) -> str:
    return message


WITH_ITSELF: Final = _("A contact cannot be tied to itself.")
NOT_SUCH_KINDS: Final = _(
    "These two cannot be tied so. Choose a kind that fits people or companies, as they are."
)
ENDS_BEFORE: Final = _("It cannot end before it begins.")
LIMITS: Final = {"title": 120, "department": 120, "note": 300}


class TieForm(Item, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`from_id` is something to `to_id`; the side that is not named is the contact itself."""

    from_id: Id | msgspec.UnsetType = msgspec.UNSET
    to_id: Id | msgspec.UnsetType = msgspec.UNSET
    type_id: Id | msgspec.UnsetType = msgspec.UNSET
    title: Text = msgspec.UNSET
    department: Text = msgspec.UNSET
    strength: Annotated[int, msgspec.Meta(ge=1, le=5)] | msgspec.UnsetType | None = msgspec.UNSET
    since: Day = msgspec.UNSET
    until: Day = msgspec.UNSET
    is_primary: bool | msgspec.UnsetType = msgspec.UNSET
    note: Text = msgspec.UNSET


class Ties(RowsPart[TieForm]):
    name = "relationships"
    label = _("Relationships")
    entity = "contact"
    shape = TieForm
    model = Relationship
    told = (
        "from_id", "to_id", "type_id", "title", "department", "strength", "since", "until",
        "is_primary", "note",
    )  # fmt: skip
    owners = ("from_id", "to_id")
    order = (Relationship.until.is_not(None), Relationship.is_primary.desc(), Relationship.id)

    def begin(self, row: Any, given: Mapping[str, Any], at: datetime, by: Actor) -> Relationship:
        return Relationship(from_id=row.id, to_id=row.id, is_primary=False)

    async def problems(
        self,
        session: AsyncSession,
        row: Any,
        item: Relationship | None,
        given: Mapping[str, Any],
    ) -> dict[str, str]:
        wrong = {
            name: TOO_LONG
            for name, limit in LIMITS.items()
            if given.get(name) and len(given[name]) > limit
        }
        since = given.get("since", getattr(item, "since", None))
        until = given.get("until", getattr(item, "until", None))
        if since and until and until < since:
            wrong["until"] = ENDS_BEFORE
        if item is None or not given.keys().isdisjoint(("from_id", "to_id", "type_id")):
            wrong |= await _sides(session, row, item, given)
        return wrong

    async def is_there(
        self, session: AsyncSession, item: Relationship, given: Mapping[str, Any]
    ) -> bool:
        """Tell whether two contacts are tied so already, whichever of them says it."""
        other = given.get("to_id", given.get("from_id"))
        if item.type_id != given.get("type_id") or other not in (item.from_id, item.to_id):
            return False
        if any(getattr(item, name) != given.get(name) for name in ("since", "until")):
            return False
        kind = await session.get_one(Option, item.type_id)
        return other == (item.to_id if "to_id" in given else item.from_id) or not has_two_words(
            kind
        )


def has_two_words(kind: Option) -> bool:
    """Return whether the two sides of a tie of this kind are different things to each other."""
    return bool(kind.data.get("reverse", kind.label) != kind.label)


async def _sides(
    session: AsyncSession, row: Any, item: Relationship | None, given: Mapping[str, Any]
) -> dict[str, str]:
    """Return what is wrong with who is tied to whom, and how."""
    one = given.get("from_id", item.from_id if item else row.id)
    other = given.get("to_id", item.to_id if item else row.id)
    side = "from_id" if "from_id" in given and "to_id" not in given else "to_id"
    if one == other:
        return {side: WITH_ITSELF}
    if row.id not in (one, other):
        return {side: NOT_AN_ID}
    kinds = {
        found.id: found.kind
        for found in await session.execute(
            select(Contact.id, Contact.kind).where(
                Contact.id.in_((one, other)), Contact.deleted_at.is_(None)
            )
        )
    }
    if len(kinds) < 2:
        return {side: NOT_AN_ID}
    type_id = given.get("type_id", item.type_id if item else None)
    kind = await session.get(Option, type_id) if type_id is not None else None
    if kind is None or kind.list != TYPES:
        return {"type_id": MISSING if type_id is None else NOT_OFFERED}
    fits = kind.data.get("from") in (None, kinds[one]) and kind.data.get("to") in (
        None, kinds[other],
    )  # fmt: skip
    return {} if fits else {"type_id": NOT_SUCH_KINDS}

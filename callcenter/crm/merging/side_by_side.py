"""Two contacts as a person compares them: field by field, in words, with what is proposed."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter import phone
from callcenter.crm.contacts.models import Contact, ContactPoint
from callcenter.crm.merging import values
from callcenter.crm.merging.merging import choosable, fields_of
from callcenter.crm.merging.references import ENTITY
from callcenter.entity.description import Field, value_of
from callcenter.entity.reading import Context
from callcenter.entity.registry import label_in
from callcenter.entity.rights import Access, access, masked
from callcenter.entity.showing import Showing
from callcenter.interactions import covering
from callcenter.server.identity import Identity


class Row(NamedTuple):
    """One field of both. `take` is "winner" or "loser", empty if there is nothing to choose."""

    name: str
    label: str
    winner: str
    loser: str
    take: str


class Table(NamedTuple):
    """What differs comes first; numbers and addresses of both go along."""

    chosen: list[Row]
    same: list[Row]
    winners_points: list[str]
    losers_points: list[str]


async def side_by_side(
    session: AsyncSession,
    context: Context,
    who: Identity,
    winner: Contact,
    loser: Contact,
    choices: Mapping[str, str],
) -> Table:
    """Return what `who` may see of both; `choices` are those that were made before."""
    registry = context.registry
    fields = [field for field in registry.fields(ENTITY).values() if _is_shown(context, field, who)]
    held = [(field, value_of(row, field.name)) for field in fields for row in (winner, loser)]
    plain = Showing(registry, context.language, context.zone)
    showing = await plain.naming(session, held, who)
    open_to = set(choosable(registry, who, fields_of(registry, winner, loser)))
    rows = []
    for field in fields:
        ours, theirs = value_of(winner, field.name), value_of(loser, field.name)
        if not (values.is_blank(ours) and values.is_blank(theirs)):
            allowed = _access(context, field, who)
            left = _text(showing, field, ours, allowed)
            right = _text(showing, field, theirs, allowed)
            differs = field.name in open_to and values.differ(ours, theirs)
            take = choices.get(field.name) or values.proposed(ours, theirs) if differs else ""
            rows.append(Row(field.name, label_in(field, context.language), left, right, take))
    return Table(
        [row for row in rows if row.take],
        [row for row in rows if not row.take],
        await _points(session, who, winner),
        await _points(session, who, loser),
    )


def _access(context: Context, field: Field, who: Identity) -> Access:
    return access(context.registry[ENTITY], field, who)


def _is_shown(context: Context, field: Field, who: Identity) -> bool:
    allowed = _access(context, field, who)
    return field.virtual is None and field.on_form and allowed != "hidden"


def _text(showing: Showing, field: Field, value: object, allowed: Access) -> str:
    text = showing.text(field, value)
    return masked(text) if text and allowed == "masked" else text


async def _points(session: AsyncSession, who: Identity, contact: Contact) -> list[str]:
    """Return the numbers and addresses of a contact as `who` may read them."""
    query = select(ContactPoint).where(ContactPoint.contact_id == contact.id)
    rows: Sequence[ContactPoint] = (
        await session.scalars(query.order_by(ContactPoint.position))
    ).all()
    texts = (
        covering.text(
            phone.display(row.norm) if row.kind == "phone" else row.value,
            covering.level_of(row.kind, who),
        )
        for row in rows
    )
    return [text for text in texts if text is not None]

"""With whom an interaction was, as a field of lists: the customer, or his company.

It is no column: people are told by the interaction's participants, and linked there.
"""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import ColumnElement, case, exists, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.entity.description import Condition, Field, Virtual
from callcenter.interactions.models import Interaction, Participant


def _(message: str) -> str:
    return message


#: Who is named first where several took part.
_ORDER: Final = {"from": 0, "to": 1, "attendee": 2, "cc": 3, "company": 4}


async def _load(session: AsyncSession, ids: Sequence[int]) -> dict[int, Any]:
    rows = await session.execute(
        select(Participant.interaction_id, Participant.contact_id)
        .where(Participant.interaction_id.in_(ids), Participant.contact_id.is_not(None))
        .order_by(case(_ORDER, value=Participant.role, else_=len(_ORDER)), Participant.seq)
    )
    first: dict[int, Any] = {}
    for interaction_id, contact_id in rows:
        first.setdefault(interaction_id, contact_id)
    return first


def _condition(asked: Condition) -> ColumnElement[bool]:
    match asked.op:
        case "empty":
            return ~_took_part(Participant.contact_id.is_not(None))
        case "filled":
            return _took_part(Participant.contact_id.is_not(None))
        case "is_not":
            return ~_took_part(Participant.contact_id == asked.value)
        case "in":
            return or_(*(_took_part(Participant.contact_id == each) for each in asked.value))
        case _:
            return _took_part(Participant.contact_id == asked.value)


def _took_part(who: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists(
        select(Participant.interaction_id)
        .where(Participant.interaction_id == Interaction.id, who)
        .correlate(Interaction)
    )


CONTACT: Final = Field(
    name="contact", label=_("Contact"), type="reference", refers_to="contact", writable=False,
    on_form=False, virtual=Virtual(load=_load, condition=_condition, part="participants"),
)  # fmt: skip

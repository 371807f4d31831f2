"""The chosen customer, as the screen of the day shows him: the card's own pieces, and the report."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.crm.contacts import card, local_time
from callcenter.crm.contacts.card import Card, Figures
from callcenter.crm.contacts.lines import ContactLine
from callcenter.crm.contacts.local_time import LocalTime
from callcenter.desktop.day import Asked, Row
from callcenter.entity import rights
from callcenter.entity.registry import Registry
from callcenter.interactions import covering, timeline
from callcenter.interactions.access import visible_to
from callcenter.interactions.description import INTERACTION
from callcenter.interactions.models import Interaction, Participant
from callcenter.interactions.timeline import Item, Timeline
from callcenter.leads import open_ones
from callcenter.leads.open_ones import OpenLead

#: So many people of a company stand beside its customer.
PEOPLE: Final = 8


@dataclass(frozen=True, slots=True)
class ContactPerson:
    """Somebody of the customer's company, and where he may be."""

    line: ContactLine
    zones: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Customer:
    card: Card
    figures: Figures
    local: LocalTime
    people: Sequence[ContactPerson]
    leads: Sequence[OpenLead]
    planned: Sequence[Item]
    timeline: Timeline
    #: Of what is planned, what the reader may report on.
    reportable: frozenset[int]
    #: What the report is about, if there is something to report.
    event: Interaction | None


async def of(
    session: AsyncSession, registry: Registry, asked: Asked, contact_id: int, row: Row | None,
    event_id: int | None = None, *, leads: bool,
) -> Customer | None:  # fmt: skip
    """Return what is shown of a contact, None if it is not for this reader.

    `row` is what is arranged with him that day; `event_id` what the report is to be about.
    """
    who = asked.who
    found = await card.find(session, who, contact_id)
    if found is None:
        return None
    planned = await timeline.planned_with(session, who, contact_id)
    reportable = await _reportable(session, asked, [item.id for item in planned])
    return Customer(
        card=found,
        figures=await card.figures_of(session, found.contact),
        local=local_time.told(found.time_zones, [found.contact.country], asked.now),
        people=await _people(session, asked, found),
        leads=await open_ones.of_contact(session, registry, who, contact_id) if leads else (),
        planned=planned,
        timeline=await timeline.of_contact(session, who, contact_id, past=True),
        reportable=reportable,
        event=await _event(session, asked, contact_id, _wanted(row, planned, reportable, event_id)),
    )


async def _people(session: AsyncSession, asked: Asked, found: Card) -> list[ContactPerson]:
    """Return the people of the company, or those who work with this one."""
    company = found.contact.company
    if found.contact.kind == "company":
        lines = found.people[:PEOPLE]
    elif company is not None:
        lines = await card.people_of(session, asked.who, company.id, PEOPLE + 1)
    else:
        return []
    others = [line for line in lines if line.id != found.contact.id][:PEOPLE]
    zones = await card.zones_of(session, [line.id for line in others])
    return [ContactPerson(line, zones.get(line.id, ())) for line in others]


async def _reportable(session: AsyncSession, asked: Asked, ids: Sequence[int]) -> frozenset[int]:
    found = await session.scalars(
        select(Interaction.id).where(Interaction.id.in_(ids), visible_to(asked.who, "edit"))
    )
    return frozenset(found)


def _wanted(
    row: Row | None, planned: Sequence[Item], reportable: Collection[int], event_id: int | None
) -> int | None:
    """Return what is to be reported: what was asked for, what stands on the day, what is due first."""
    if event_id is not None:
        return event_id
    of_day = [entry.id for entry in row.entries if not entry.is_done] if row else []
    due = [item.id for item in planned if item.id in reportable]
    return next(iter((*of_day, *due)), None)


async def _event(
    session: AsyncSession, asked: Asked, contact_id: int, event_id: int | None
) -> Interaction | None:
    query = (
        select(Interaction)
        .join(Participant, Participant.interaction_id == Interaction.id)
        .where(Participant.contact_id == contact_id, visible_to(asked.who))
    )
    if event_id is not None:
        query = query.where(Interaction.id == event_id)
    else:
        query = query.where(*_unreported_call(asked)).order_by(Interaction.start_at.desc())
    row: Interaction | None = await session.scalar(query.limit(1))
    is_mine = row is not None and await rights.is_reached(
        session, INTERACTION, asked.who, "edit", row.id
    )
    return covering.cover(row, asked.who) if row is not None and is_mine else None


def _unreported_call(asked: Asked) -> list[ColumnElement[bool]]:
    """Nothing is planned: then the call of today of which nobody has said what came of it."""
    return [
        Participant.at >= asked.begins,
        Participant.at < asked.ends,
        Interaction.kind == "call",
        Interaction.owner_id == asked.who.user_id,
        Interaction.status.in_(("held", "missed")),
        Interaction.result_id.is_(None),
        Interaction.result_note.is_(None),
    ]

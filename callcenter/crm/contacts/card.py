"""One contact with all that its card shows: everything one needs while talking, on one screen."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, ScalarSelect, bindparam, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload
from sqlalchemy.orm.attributes import set_committed_value

from callcenter.agents.models import User
from callcenter.crm.contacts import covering, local_time, surroundings
from callcenter.crm.contacts.access import CONTACT, seen_as, visible_to
from callcenter.crm.contacts.description import ROLES, WORK
from callcenter.crm.contacts.lines import ContactLine, lines_of
from callcenter.crm.contacts.local_time import LocalTime, Place
from callcenter.crm.contacts.models import Address, Contact, ContactPoint, Preference
from callcenter.crm.contacts.surroundings import Tie, Way
from callcenter.db import Question
from callcenter.entity.description import Entity, Field, value_of
from callcenter.entity.files import of_row
from callcenter.entity.models import File
from callcenter.entity.registry import label_in
from callcenter.entity.rights import access, is_reached, masked, part_access, reaches_all
from callcenter.entity.showing import Showing
from callcenter.entity.tags import Tags
from callcenter.interactions.models import Interaction, Participant
from callcenter.server.i18n import translate_to
from callcenter.server.identity import Identity, may

#: People of a company that are shown on its card.
PEOPLE: Final = 50
#: More calls than this are told as "1,000+".
COUNTED: Final = 1_000
#: What the head of the card and its other parts show already.
ELSEWHERE: Final = frozenset(
    (
        "kind", "name", "title", "company_id", "given_name", "family_name", "description",
        "last_contact_at", "created_at", "updated_at", "do_not_contact_at",
        "do_not_contact_reason", "unreliable_at", "unreliable_reason", "customer_since",
    )
)  # fmt: skip


_OWNER: Final = Question(select(User.name).where(User.id == bindparam("row")))


@dataclass(frozen=True, slots=True)
class Card:
    contact: Contact
    points: Sequence[ContactPoint]
    company_name: str | None
    #: The company is one that the reader may not see.
    has_others_company: bool
    owner_name: str | None
    #: IANA zones the contact may be in: one if it is certain, none if nothing is known.
    time_zones: tuple[str, ...]
    #: Who works there, if it is a company.
    people: list[ContactLine]
    may_edit: bool


async def find(session: AsyncSession, who: Identity, contact_id: int) -> Card | None:
    """Return the card of a contact that `who` may see, without what his role covers."""
    contact = await session.scalar(
        select(Contact)
        .where(Contact.id == contact_id, visible_to(who))
        .options(selectinload(Contact.points), selectinload(Contact.company))
    )
    if contact is None:
        return None
    zones = time_zones(contact)
    has_others_company = not await _may_name_company(session, who, contact)
    if has_others_company:
        set_committed_value(contact, "company", None)
    covering.cover_contact(contact, who)
    owner = await _OWNER.ask(session, row=contact.owner_id) if contact.owner_id else ()
    return Card(
        contact=contact,
        points=contact.points,
        company_name=contact.company.name if contact.company else None,
        has_others_company=has_others_company,
        owner_name=owner[0].name if owner else None,
        time_zones=zones,
        people=await people_of(session, who, contact.id) if contact.kind == "company" else [],
        may_edit=reaches_all(CONTACT, who, "edit")
        or await is_reached(session, CONTACT, who, "edit", contact.id),
    )


async def _may_name_company(session: AsyncSession, who: Identity, contact: Contact) -> bool:
    if contact.company_id is None or may(who, "contact", "read") == "all":
        return True
    seen = select(Contact.id).where(Contact.id == contact.company_id, seen_as(Contact, who))
    return await session.scalar(seen) is not None


def time_zones(contact: Contact) -> tuple[str, ...]:
    """Return where the contact may be: its zone, its place, what its numbers tell, its company's."""
    places = [Place(contact.country, contact.city)]
    norms = [point.norm for point in contact.points if point.kind == "phone" and point.valid]
    if (found := local_time.zones_of(contact.time_zone, places, norms)) or not contact.company:
        return found
    company = contact.company
    return local_time.zones_of(company.time_zone, [Place(company.country, company.city)], ())


async def zones_of(session: AsyncSession, ids: Collection[int]) -> dict[int, tuple[str, ...]]:
    """Return where each of these contacts may be. Ask before anything is covered."""
    rows = await session.scalars(
        select(Contact)
        .where(Contact.id.in_(ids))
        .options(selectinload(Contact.points), selectinload(Contact.company))
    )
    return {row.id: time_zones(row) for row in rows}


async def people_of(
    session: AsyncSession, who: Identity, company_id: int, most: int = PEOPLE
) -> list[ContactLine]:
    """Return who works at a company, by name."""
    ids = await session.scalars(
        select(Contact.id)
        .where(Contact.company_id == company_id, visible_to(who))
        .order_by(Contact.fold, Contact.id)
        .limit(most)
    )
    return await lines_of(session, list(ids), who)


# ---------------------------------------------------------------- the whole card


class Figures(NamedTuple):
    """What tells the most of a customer at a glance; sums come with the rooms that know them."""

    since: date
    is_customer: bool
    calls: int
    last_contact_at: datetime | None
    open_work: int


class Fact(NamedTuple):
    label: str
    text: str


@dataclass(frozen=True, slots=True)
class Around:
    """What stands around a contact on its own page."""

    figures: Figures
    local: LocalTime
    #: Under each heading, what is known.
    facts: list[tuple[str, list[Fact]]]
    tags: list[Any]
    ties: list[Tie]
    ways: list[Way]
    #: The columns of each `Address` and `Preference`.
    addresses: Sequence[Any]
    preferences: Sequence[Any]
    files: Sequence[File]


async def around(
    session: AsyncSession,
    found: Card,
    entity: Entity,
    who: Identity,
    showing: Showing,
    now: datetime,
) -> Around:
    """Return the rest of the card."""
    contact, today = found.contact, now.date()

    def may_see(part: str) -> bool:
        found = entity.part(part)
        return found is not None and part_access(entity, found, who) not in ("hidden", "masked")

    addresses = await _ADDRESSES.ask(session, row=contact.id) if may_see("addresses") else []
    ties, ways = [], []
    if may_see("relationships"):
        ties = await surroundings.ties_of(session, who, contact.id, showing.language, today)
        ways = await surroundings.ways_from(session, who, contact.id, ties, showing.language, today)
    # Who works there stands among the people already.
    people = {person.id for person in found.people}
    zones = found.time_zones
    if len(zones) != 1:
        places = [Place(each.country, each.city) for each in addresses]
        zones = local_time.zones_of(None, places, ()) or zones
    countries = [contact.country, *(each.country for each in addresses)]
    countries += [point.country for point in contact.points]
    tags = await Tags("contact").load(session, [contact.id]) if may_see("tags") else {}
    return Around(
        figures=await figures_of(session, contact),
        local=local_time.told(zones, countries, now),
        facts=await _facts(session, contact, entity, who, showing),
        tags=tags.get(contact.id, []),
        ties=[tie for tie in ties if tie.is_past or tie.other.id not in people or tie.row.to_id != contact.id],
        ways=ways, addresses=addresses,
        preferences=await _PREFERENCES.ask(session, row=contact.id) if may_see("preferences") else [],
        files=await of_row(session, "contact", contact.id),
    )  # fmt: skip


def _counted(*conditions: ColumnElement[bool]) -> ScalarSelect[int]:
    """Return how many interactions of a contact meet these conditions."""
    some = (
        select(Participant.interaction_id)
        .join(Interaction, Interaction.id == Participant.interaction_id)
        .where(Participant.contact_id == bindparam("row"), Interaction.deleted_at.is_(None))
        .where(*conditions)
        .limit(COUNTED + 1)
    )
    return select(func.count()).select_from(some.subquery()).scalar_subquery()


_ADDRESSES: Final = Question(
    select(*Address.__table__.c)
    .where(Address.contact_id == bindparam("row"))
    .order_by(Address.kind, Address.id)
)
_PREFERENCES: Final = Question(
    select(*Preference.__table__.c)
    .where(Preference.contact_id == bindparam("row"))
    .order_by(Preference.ended_at.is_not(None), Preference.at.desc())
)
_FIGURES: Final = Question(
    select(
        _counted(Interaction.kind == "call").label("calls"),
        _counted(Interaction.status == "planned").label("planned"),
    )
)


async def figures_of(session: AsyncSession, contact: Contact) -> Figures:
    (counted,) = await _FIGURES.ask(session, row=contact.id)
    return Figures(
        since=contact.customer_since or contact.created_at.date(),
        is_customer=contact.customer_since is not None,
        calls=counted.calls,
        last_contact_at=contact.last_contact_at,
        open_work=counted.planned,
    )


async def _facts(
    session: AsyncSession, contact: Contact, entity: Entity, who: Identity, showing: Showing
) -> list[tuple[str, list[Fact]]]:
    """Return what is known, under its headings; what the reader may not see is not there."""
    known: list[tuple[Field, Any]] = [
        (field, value)
        for field in showing.registry.fields("contact").values()
        if field.virtual is None
        and field.name not in ELSEWHERE
        and access(entity, field, who) != "hidden"
        and (value := value_of(contact, field.name)) not in (None, False, [])
    ]
    named = await showing.naming(session, known, who)
    # One line for all that a contact is to us, instead of a "Yes" for each.
    groups: dict[str, list[Fact]] = {}
    if roles := [
        label_in(field, showing.language) for field, _held in known if field.group == ROLES
    ]:
        groups[translate_to(showing.language, WORK)] = [
            Fact(translate_to(showing.language, ROLES), ", ".join(roles))
        ]
    for field, value in known:
        if field.group == ROLES:
            continue
        text = named.text(field, value)
        if access(entity, field, who) == "masked":
            text = masked(text)
        heading = translate_to(showing.language, field.group) if field.group else ""
        groups.setdefault(heading, []).append(Fact(label_in(field, showing.language), text))
    return list(groups.items())

"""Many contacts at once, as an import adds them and takes them back.

What one contact needs (its points, the past calls of its numbers) would take a question for each;
here a whole block asks once, and only the few contacts with past calls ask again.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from msgspec import UNSET
from sqlalchemy import bindparam, delete, exists, insert, not_, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased, selectinload

from callcenter.crm import linking
from callcenter.crm.contacts import points
from callcenter.crm.contacts.models import Contact, ContactPoint, Relationship
from callcenter.crm.contacts.points import PointForm
from callcenter.crm.contacts.ties import TYPES, WORKS_FOR
from callcenter.db import Question, among, new_id
from callcenter.entity.importable import Many
from callcenter.entity.models import Option
from callcenter.errors import BadInput
from callcenter.interactions.models import Participant
from callcenter.interactions.participants import CUSTOMER
from callcenter.server.actor import Actor


def _(message: str) -> str:
    return message


IN_TOUCH: Final = _("Somebody has been in touch with the contact since.")
WORKS_THERE: Final = _("People of this company came by another way than this import.")


def point_rows(
    row: Mapping[str, Any], forms: Sequence[PointForm], regions: Sequence[str], at: datetime
) -> list[dict[str, Any]]:
    """Return the points of a new contact, each number once. Raises BadInput."""
    own = [row["country"], *regions] if row.get("country") else regions
    rows: dict[tuple[str, str, str], dict[str, Any]] = {}
    wrong: dict[str, str] = {}
    for form in forms:
        try:
            reading = points.read(form.kind, form.value, list(dict.fromkeys(own)))
        except ValueError as error:
            wrong[form.kind] = str(error)
            continue
        unwanted = None if form.unwanted is UNSET else form.unwanted
        rows.setdefault(
            (form.kind, reading.norm, reading.ext),
            {
                "id": new_id(at.timestamp()), "contact_id": row["id"], "kind": form.kind,
                "value": form.value.strip(), "label": form.label, "position": len(rows),
                "norm": reading.norm, "rev": reading.rev, "ext": reading.ext,
                "country": reading.country, "valid": reading.valid,
                "verified_at": at if form.works is True else None,
                "invalid_at": at if form.works is False else None,
                "opted_out_at": at if unwanted else None, "opt_out_channel": unwanted,
            },
        )  # fmt: skip
    if wrong:
        raise BadInput(wrong)
    return list(rows.values())


def point_in_log(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a new point as the audit log tells it."""
    told = {"kind": row["kind"], "value": row["value"], "label": row["label"]}
    if row["verified_at"] is not None or row["invalid_at"] is not None:
        told["works"] = row["invalid_at"] is None
    return told | ({"unwanted": row["opt_out_channel"]} if row["opt_out_channel"] else {})


_AS_CUSTOMER: Final = or_(*(Participant.role == role for role in CUSTOMER))
#: Which of these contacts have a number that somebody has called by whom it was not known.
_CALLED: Final = Question(
    select(ContactPoint.contact_id)
    .join(Participant, Participant.point == ContactPoint.norm)
    .where(
        among(ContactPoint.contact_id, "ids"),
        Participant.contact_id.is_(None),
        _AS_CUSTOMER,
    )
    .distinct()
)
#: What these contacts have because of their numbers alone.
_KNOWN: Final = Question(
    select(Participant.interaction_id)
    .where(among(Participant.contact_id, "ids"), Participant.certainty == "known")
    .where(_AS_CUSTOMER)
)
#: Which of these contacts somebody was in touch with since, or chose for a call.
_TOUCHED: Final = Question(
    select(Participant.contact_id)
    .where(among(Participant.contact_id, "ids"))
    .where(or_(Participant.at >= bindparam("since"), Participant.certainty == "chosen"))
    .distinct()
)
#: For which of these companies others than these work.
_EMPLOYERS: Final = Question(
    select(Contact.company_id)
    .where(among(Contact.company_id, "ids"), not_(among(Contact.id, "ids")))
    .where(Contact.deleted_at.is_(None))
    .distinct()
)


async def _added(
    session: AsyncSession, rows: Sequence[Mapping[str, Any]], at: datetime, _by: Actor
) -> None:
    """Tie people to their companies, and give all the past calls of their numbers."""
    await _employ(session, rows, at)
    called = await _CALLED.ask(session, ids=[row["id"] for row in rows])
    if not called:
        return
    contacts = await session.scalars(
        select(Contact)
        .where(Contact.id.in_([contact_id for (contact_id,) in called]))
        .options(selectinload(Contact.points))
    )
    for contact in contacts.all():
        await linking.claim_past(session, contact)


async def _employ(session: AsyncSession, rows: Sequence[Mapping[str, Any]], at: datetime) -> None:
    employed = [row for row in rows if row.get("company_id") is not None]
    if not employed:
        return
    kind = await session.scalar(
        select(Option.id).where(Option.list == TYPES, Option.key == WORKS_FOR)
    )
    ties = [
        {
            "id": new_id(at.timestamp()), "from_id": row["id"], "to_id": row["company_id"],
            "type_id": kind, "is_primary": True, "title": row.get("title"),
        }
        for row in employed
        if kind is not None
    ]  # fmt: skip
    if ties:
        await session.execute(insert(Relationship), ties)


async def _taken_back(session: AsyncSession, ids: Sequence[int], _at: datetime, _by: Actor) -> None:
    """Let go the calls that became theirs because of their numbers alone."""
    interactions = [interaction for (interaction,) in await _KNOWN.ask(session, ids=ids)]
    if not interactions:
        return
    # A company keeps what it has by somebody else of its people who took part.
    other, person = aliased(Participant), aliased(Contact)
    by_others = (
        exists()
        .where(other.interaction_id == Participant.interaction_id, other.contact_id == person.id)
        .where(person.company_id == Participant.contact_id, person.id.not_in(ids))
    )
    employers = select(Contact.company_id).where(Contact.id.in_(ids))
    await session.execute(
        delete(Participant)
        .where(Participant.interaction_id.in_(interactions), Participant.role == "company")
        .where(Participant.contact_id.in_(employers), ~by_others)
        .execution_options(synchronize_session=False)
    )
    await session.execute(
        update(Participant)
        .where(Participant.contact_id.in_(ids), Participant.certainty == "known")
        .where(_AS_CUSTOMER)
        .values(contact_id=None, certainty=None)
        .execution_options(synchronize_session=False)
    )


async def _in_use(session: AsyncSession, ids: Sequence[int], since: datetime) -> dict[int, str]:
    touched = await _TOUCHED.ask(session, ids=ids, since=since)
    employers = await _EMPLOYERS.ask(session, ids=ids)
    reasons = {row_id: WORKS_THERE for (row_id,) in employers}
    return reasons | {row_id: IN_TOUCH for (row_id,) in touched}


MANY: Final = Many(added=_added, taken_back=_taken_back, in_use=_in_use)

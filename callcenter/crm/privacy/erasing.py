"""Forgets a person: what identifies them is overwritten, what has to be counted stays.

The contact keeps its id, so that calls, documents and figures still add up, and nothing else.
Calls keep when they were and how long; numbers, names, notes and texts are removed, from the
history and from earlier merges too. The log says that it was done and by whom, never what stood
there.
"""

from datetime import datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import JSON, ColumnElement, Table, delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter import audit
from callcenter.audit import Audit
from callcenter.calls.models import CallIntent, CallLeg, CallRecording, CallRow
from callcenter.crm.contacts.models import Contact, searchable
from callcenter.crm.privacy.belongings import Belongings, belongings, table_of
from callcenter.crm.privacy.traces import FATES_OF_HIS, Fate, traces
from callcenter.db import Base, any_of
from callcenter.entity.importing.models import ImportBatch, ImportRow
from callcenter.entity.importing.working import AT_WORK
from callcenter.entity.models import File
from callcenter.interactions.models import Interaction, Participant
from callcenter.jobs.models import Job
from callcenter.post import sms
from callcenter.server.actor import Actor

#: What a contact keeps: whose it was, when, and that it was a customer.
KEPT = frozenset(
    (
        "id", "kind", "is_customer", "is_supplier", "is_competitor", "is_carrier", "is_dealer",
        "lifecycle", "industry_id", "size_id", "source_id", "owner_id", "team_id", "country",
        "merged_into_id", "do_not_contact_at", "created_at", "created_by", "updated_at",
        "updated_by", "version", "deleted_at",
    )
)  # fmt: skip
_BLANK: Final[dict[str, Any]] = {
    **dict.fromkeys(("subject", "place", "body", "result_note", "external_id")), "checklist": [], "custom": {},
}  # fmt: skip


class Erased(NamedTuple):
    """What was done; the sounds lie where the PBX keeps them, and are deleted there."""

    contacts: int
    interactions: int
    recordings: list[str]
    #: Hashes of attached files that nothing else has: their bytes are to be deleted.
    files: list[str]
    #: Imports that brought him in: what is left of their files is to be deleted.
    imports: list[int]


async def erase(session: AsyncSession, contact_id: int, at: datetime, by: Actor) -> Erased:
    """Forget a contact and those that were found to be him, in the caller's transaction."""
    # Before the traces go: they tell what is his.
    his = await belongings(session, contact_id, alone=True)
    recordings = await _forget_interactions(session, his)
    await _forget_changes(session, his)
    await _forget_submissions(session, his.leads)
    await _forget_messages(session, his.points)
    attached = his.of(table_of(File), "contact", "lead", "interaction")
    drafts = (File.entity == "mail_draft") & any_of(
        File.entity_id, await _drop_drafts(session, his.points)
    )
    hashes = await _hashes(session, attached | drafts)
    await session.execute(delete(File).where(drafts))
    for one in await session.scalars(select(Contact).where(Contact.id.in_(his.contacts))):
        _overwrite(one, at, by)
    # First the contact lets go of its picture, then the picture goes.
    await session.flush()
    for trace in traces(Base.metadata):
        if trace.table.name not in ("audit", "contact"):
            await _forget(session, trace.table, trace.of(his.contacts), trace.fate)
    for name, fate in FATES_OF_HIS.items():
        table = Base.metadata.tables[name]
        if name != "audit":
            await _forget(session, table, his.of(table, "lead", "interaction"), fate)
    imports = await _forget_imports(session, his)
    audit.record(
        session, at, entity="contact", entity_id=contact_id, contact_id=contact_id,
        action="erase", **by,
    )  # fmt: skip
    await session.flush()
    kept = await _hashes(session, any_of(File.sha256, hashes))
    return Erased(
        len(his.contacts), len(his.interactions), recordings, sorted(hashes - kept), imports
    )


async def _hashes(session: AsyncSession, where: ColumnElement[bool]) -> set[str]:
    return set(await session.scalars(select(File.sha256).where(where)))


def _overwrite(contact: Contact, at: datetime, by: Actor) -> None:
    name = f"#{contact.id}"
    for held in Contact.__table__.columns:
        if held.name not in KEPT and held.nullable:
            setattr(contact, held.name, None)
    contact.name, contact.custom = name, {}
    for derived, value in searchable(name).items():
        setattr(contact, derived, value)
    contact.version += 1
    contact.deleted_at = contact.deleted_at or at
    contact.updated_at, contact.updated_by = at, by["actor_id"]


async def _forget(
    session: AsyncSession, table: Table, where: ColumnElement[bool], fate: Fate
) -> None:
    if fate == "delete":
        await session.execute(delete(table).where(where))
    elif fate != "keep":
        blank = {name: _nothing(table, name) for name in fate}
        await session.execute(update(table).where(where).values(blank))


def _nothing(table: Table, name: str) -> Any:
    column = table.columns[name]
    if column.nullable:
        return None
    return {} if isinstance(column.type, JSON) else ""


async def _forget_interactions(session: AsyncSession, his: Belongings) -> list[str]:
    """Empty the texts and numbers of interactions; return the files of their recordings."""
    ids = his.interactions
    calls = list(
        await session.scalars(select(CallRow.id).where(any_of(CallRow.interaction_id, ids)))
    )
    found = any_of(CallRecording.call_id, calls)
    recordings = list(await session.scalars(select(CallRecording.file).where(found)))
    await session.execute(delete(CallRecording).where(found))
    await session.execute(update(Interaction).where(any_of(Interaction.id, ids)).values(**_BLANK))
    # Whoever else of theirs was there is named beside him only.
    beside = any_of(Participant.interaction_id, ids) & Participant.user_id.is_(None)
    await session.execute(
        update(Participant).where(or_(beside, his.taking_part)).values(text=None, point=None)
    )
    await _forget_letters(session, ids)
    await session.execute(
        update(CallRow)
        .where(any_of(CallRow.id, calls))
        .values(
            customer_number=None, customer_norm=None, customer_rev=None, customer_name=None,
            dialed_number=None, ivr_digits=None, pbx_state=None, told=None,
        )
    )  # fmt: skip
    await session.execute(
        update(CallLeg)
        .where(any_of(CallLeg.call_id, calls), CallLeg.party.in_(("customer", "external")))
        .values(number=None)
    )
    asked = any_of(CallIntent.call_id, calls) | CallIntent.number.in_(his.points)
    await session.execute(update(CallIntent).where(asked).values(number=""))
    return sorted(filter(None, recordings))


async def _forget_letters(session: AsyncSession, interactions: list[int]) -> None:
    """Empty letters and who was invited; that a letter was fetched stays known, or it comes again."""
    letters, guests = Base.metadata.tables["letter"], Base.metadata.tables["guest"]
    await session.execute(
        update(letters)
        .where(any_of(letters.c.interaction_id, interactions))
        .values(html="", quote="", addresses={}, calendar={}, says=None)
    )
    await session.execute(
        delete(guests).where(
            any_of(guests.c.interaction_id, interactions), guests.c.user_id.is_(None)
        )
    )


async def _forget_submissions(session: AsyncSession, leads: list[int]) -> None:
    """Empty what was sent by forms on websites; that something was sent is counted on."""
    sent = Base.metadata.tables["web_submission"]
    await session.execute(
        update(sent)
        .where(any_of(sent.c.lead_id, leads))
        .values(sent={}, utm={}, ip="", problem=None)
    )


async def _forget_messages(session: AsyncSession, points: list[str]) -> None:
    """Take away messages by SMS that went, or were to go, to these numbers."""
    to = Job.payload["to"].as_string()
    await session.execute(delete(Job).where(Job.kind == sms.JOB, to.in_(points)))


async def _drop_drafts(session: AsyncSession, points: list[str]) -> list[int]:
    """Take away letters to these addresses that nobody sent yet; return which."""
    drafts, addresses = Base.metadata.tables["mail_draft"], [each for each in points if "@" in each]
    typed = await session.execute(select(drafts.c.id, drafts.c.typed))
    ids = [id_ for id_, words in typed if any(each in str(words).lower() for each in addresses)]
    await session.execute(delete(drafts).where(drafts.c.id.in_(ids)))
    return ids


async def _forget_imports(session: AsyncSession, his: Belongings) -> list[int]:
    """Empty what imports keep of the rows they wrote, to be undone; return which they were."""
    rows = any_of(ImportRow.entity_id, [*his.contacts, *his.leads, *his.interactions])
    wrote = select(ImportRow.batch_id).where(rows)
    batches = select(ImportBatch.id).where(
        ImportBatch.id.in_(wrote), ImportBatch.status.not_in(AT_WORK)
    )
    found = sorted(await session.scalars(batches))
    await session.execute(update(ImportRow).where(rows).values(diff={}, kept={}))
    return found


async def _forget_changes(session: AsyncSession, his: Belongings) -> None:
    """Empty what the log says of old and new values; who did what and when stays."""
    named = his.of(table_of(Audit), "contact", "lead", "interaction")
    lines = await session.scalars(select(Audit).where(Audit.contact_id.in_(his.contacts) | named))
    for line in lines:
        # A new dict, so that the change is noticed; versions say nothing of the person.
        line.diff = {
            name: change if name == "version" else [None, None]
            for name, change in line.diff.items()
        }

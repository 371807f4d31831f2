"""Forgetting a person: what says who he is is overwritten, what has to be counted stays.

The contact keeps its id, so calls, documents and figures still add up, and nothing else. Calls
keep when and how long; numbers, names, notes and texts are gone, in the history and in earlier
merges too. The log says that it was done and by whom, never what stood there.
"""

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import JSON, ColumnElement, Table, column, delete, select, table, update
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter import audit
from callcenter.audit import Audit
from callcenter.calls.models import CallLeg, CallRecording, CallRow
from callcenter.crm.contacts.models import Contact, searchable
from callcenter.crm.privacy.traces import Trace, all_ids, interactions_of, traces
from callcenter.db import Base
from callcenter.entity.importing.models import ImportRow
from callcenter.entity.models import File
from callcenter.interactions.models import Interaction
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
# Leads live in a room above this one, so their table is known by name only.
_leads = table("lead", column("id"), column("contact_id"))
_BLANK: dict[str, Any] = dict.fromkeys(("subject", "place", "body", "result_note")) | {"custom": {}}


class Erased(NamedTuple):
    """What was done; the sounds lie where the PBX keeps them, and are deleted there."""

    contacts: int
    interactions: int
    recordings: list[str]
    #: Hashes of attached files that nothing else has: their bytes are to be deleted.
    files: list[str]


async def erase(session: AsyncSession, contact_id: int, at: datetime, by: Actor) -> Erased:
    """Forget a contact and those that were found to be him, in the caller's transaction."""
    ids = await all_ids(session, contact_id)
    # Before the traces go: they tell which interactions these were.
    interactions = await interactions_of(session, ids, alone=True)
    recordings = await _forget_interactions(session, interactions)
    await _forget_changes(session, ids, interactions)
    leads = list(await session.scalars(select(_leads.c.id).where(_leads.c.contact_id.in_(ids))))
    await _forget_submissions(session, leads)
    attached = (File.entity == "interaction") & File.entity_id.in_(interactions) | (
        File.entity == "lead"
    ) & File.entity_id.in_(leads)
    hashes = await _hashes(session, attached | (File.entity == "contact") & File.entity_id.in_(ids))
    await session.execute(delete(File).where(attached))
    for one in await session.scalars(select(Contact).where(Contact.id.in_(ids))):
        _overwrite(one, at, by)
    # First the contact lets go of its picture, then the picture goes.
    await session.flush()
    for trace in traces(Base.metadata):
        await _forget(session, trace, ids)
    # An import keeps what it wrote, to be undone.
    await session.execute(update(ImportRow).where(ImportRow.entity_id.in_(ids)).values(diff={}))
    audit.record(
        session, at, entity="contact", entity_id=contact_id, contact_id=contact_id,
        action="erase", **by,
    )  # fmt: skip
    await session.flush()
    kept = await _hashes(session, File.sha256.in_(hashes))
    return Erased(len(ids), len(interactions), recordings, sorted(hashes - kept))


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


async def _forget(session: AsyncSession, trace: Trace, ids: list[int]) -> None:
    if trace.table.name in ("audit", "contact") or trace.fate == "keep":
        return
    if trace.fate == "delete":
        await session.execute(delete(trace.table).where(trace.of(ids)))
        return
    blank = {name: _nothing(trace.table, name) for name in trace.fate}
    await session.execute(update(trace.table).where(trace.of(ids)).values(blank))


def _nothing(table: Table, name: str) -> Any:
    column = table.columns[name]
    if column.nullable:
        return None
    return {} if isinstance(column.type, JSON) else ""


async def _forget_interactions(session: AsyncSession, ids: list[int]) -> list[str]:
    """Empty the texts and numbers of interactions; return the files of their recordings."""
    calls = list(await session.scalars(select(CallRow.id).where(CallRow.interaction_id.in_(ids))))
    found = CallRecording.call_id.in_(calls)
    recordings = list(await session.scalars(select(CallRecording.file).where(found)))
    await session.execute(delete(CallRecording).where(found))
    await session.execute(update(Interaction).where(Interaction.id.in_(ids)).values(**_BLANK))
    # That it was fetched stays known, or it would be fetched again.
    letters = Base.metadata.tables["letter"]
    await session.execute(
        update(letters)
        .where(letters.c.interaction_id.in_(ids))
        .values(html="", quote="", addresses={}, calendar={}, says=None)
    )
    await session.execute(
        update(CallRow)
        .where(CallRow.id.in_(calls))
        .values(
            customer_number=None, customer_norm=None, customer_rev=None, customer_name=None,
            dialed_number=None, ivr_digits=None, pbx_state=None, told=None,
        )
    )  # fmt: skip
    await session.execute(
        update(CallLeg)
        .where(CallLeg.call_id.in_(calls), CallLeg.party.in_(("customer", "external")))
        .values(number=None)
    )
    return sorted(filter(None, recordings))


async def _forget_submissions(session: AsyncSession, leads: list[int]) -> None:
    """Empty what was sent by forms on websites; that something was sent is counted on."""
    sent = Base.metadata.tables["web_submission"]
    await session.execute(
        update(sent).where(sent.c.lead_id.in_(leads)).values(sent={}, utm={}, ip="", problem=None)
    )


async def _forget_changes(
    session: AsyncSession, contacts: list[int], interactions: list[int]
) -> None:
    """Empty what the log says of old and new values; who did what and when stays."""
    of_contact = (Audit.entity == "contact") & Audit.entity_id.in_(contacts)
    of_interaction = (Audit.entity == "interaction") & Audit.entity_id.in_(interactions)
    lines = await session.scalars(
        select(Audit).where(Audit.contact_id.in_(contacts) | of_contact | of_interaction)
    )
    for line in lines:
        # A new dict, so that the change is noticed; versions say nothing of the person.
        line.diff = {
            name: change if name == "version" else [None, None]
            for name, change in line.diff.items()
        }

"""All that we hold of one person, as a file that any program reads."""

import io
import zipfile
from typing import Any

import msgspec
from sqlalchemy import Table, select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.calls.models import CallLeg, CallRecording, CallRow
from callcenter.crm.contacts.models import Contact
from callcenter.crm.privacy.traces import all_ids, interactions_of, traces
from callcenter.db import Base
from callcenter.interactions.models import Interaction

#: What tells of our own work on the row, not of the person.
_OURS = frozenset(("duplicate", "search_text", "notification", "merge"))
#: Written for machines.
_INNER = frozenset(("pbx_state", "told", "fold", "phon", "rev", "customer_rev", "sha256"))


async def collect(session: AsyncSession, contact_id: int) -> dict[str, list[dict[str, Any]]]:
    """Return the rows of each table that speak of the contact, as JSON can say them."""
    ids = await all_ids(session, contact_id)
    found = {"contact": await _rows(session, _table(Contact), Contact.id.in_(ids))}
    for trace in traces(Base.metadata):
        if trace.table.name in _OURS | {"contact"}:
            continue
        rows = await _rows(session, trace.table, trace.of(ids))
        held = found.setdefault(trace.table.name, [])
        held += [row for row in rows if row not in held]
    interactions = await interactions_of(session, ids, alone=False)
    calls = list(
        await session.scalars(select(CallRow.id).where(CallRow.interaction_id.in_(interactions)))
    )
    found["interaction"] = await _rows(
        session, _table(Interaction), Interaction.id.in_(interactions)
    )
    letters = Base.metadata.tables["letter"]
    found["letter"] = await _rows(session, letters, letters.c.interaction_id.in_(interactions))
    found["call"] = await _rows(session, _table(CallRow), CallRow.id.in_(calls))
    found["call_leg"] = await _rows(session, _table(CallLeg), CallLeg.call_id.in_(calls))
    found["call_recording"] = await _rows(
        session, _table(CallRecording), CallRecording.call_id.in_(calls)
    )
    return {name: rows for name, rows in found.items() if rows}


def zipped(found: dict[str, list[dict[str, Any]]]) -> bytes:
    """Return the zip: everything in one file, and the list of attached files and recordings."""
    files = [row["name"] for row in found.get("file", [])]
    recordings = [row["file"] for row in found.get("call_recording", [])]
    listed = {"files": files, "recordings": recordings}
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("person.json", _json(found))
        archive.writestr("files.json", _json(listed))
    return packed.getvalue()


def _json(value: Any) -> bytes:
    return msgspec.json.format(msgspec.json.encode(value, order="deterministic"), indent=2)


async def _rows(session: AsyncSession, table: Table, *where: Any) -> list[dict[str, Any]]:
    columns = [column for column in table.columns if column.name not in _INNER]
    found = await session.execute(select(*columns).where(*where))
    return [dict(row) for row in found.mappings()]


def _table(model: type[Base]) -> Table:
    table: Any = model.__table__
    found: Table = table
    return found

"""All that we hold of one person, as a file that any program reads."""

import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePath
from typing import IO, Any

import msgspec
from sqlalchemy import ColumnElement, Table, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.calls.models import CallLeg, CallRecording, CallRow
from callcenter.crm.contacts.models import Contact
from callcenter.crm.privacy.belongings import Belongings, belongings, table_of
from callcenter.crm.privacy.traces import FATES_OF_HIS, traces
from callcenter.db import Base, any_of
from callcenter.entity.files import Folder
from callcenter.entity.models import File
from callcenter.interactions.models import Interaction, Participant

#: What tells of our own work on the row, not of the person.
_OURS = frozenset(("duplicate", "search_text", "notification", "merge"))
#: Written for machines.
_INNER = frozenset(("pbx_state", "told", "fold", "phon", "rev", "customer_rev", "sha256"))
#: What is not packed to keep in memory.
_SMALL = 16 * 1024 * 1024


class Dossier(msgspec.Struct, frozen=True):
    #: The rows of each table that speak of the contact, as JSON can say them.
    rows: dict[str, list[dict[str, Any]]]
    #: What is attached: (id, name, hash of the bytes).
    files: list[tuple[int, str, str]]


async def collect(session: AsyncSession, contact_id: int) -> Dossier:
    his = await belongings(session, contact_id, alone=False)
    calls = list(
        await session.scalars(
            select(CallRow.id).where(any_of(CallRow.interaction_id, his.interactions))
        )
    )
    files = his.of(table_of(File), "contact", "lead", "interaction")
    found = {
        table.name: await _rows(session, table, or_(*conditions))
        for table, conditions in _asked(his, calls).items()
    }
    attached = await session.execute(select(File.id, File.name, File.sha256).where(files))
    return Dossier(
        {name: rows for name, rows in found.items() if rows}, [(*row,) for row in attached]
    )


def _asked(his: Belongings, calls: Sequence[int]) -> Mapping[Table, list[ColumnElement[bool]]]:
    """Return of each table which rows speak of the person."""
    tables = Base.metadata.tables
    asked: dict[Table, list[ColumnElement[bool]]] = {
        table_of(Contact): [Contact.id.in_(his.contacts)],
        table_of(Interaction): [any_of(Interaction.id, his.interactions)],
        table_of(Participant): [his.taking_part],
        tables["letter"]: [any_of(tables["letter"].c.interaction_id, his.interactions)],
        tables["web_submission"]: [any_of(tables["web_submission"].c.lead_id, his.leads)],
        table_of(CallRow): [any_of(CallRow.id, calls)],
        table_of(CallLeg): [any_of(CallLeg.call_id, calls)],
        table_of(CallRecording): [any_of(CallRecording.call_id, calls)],
    }
    for trace in traces(Base.metadata):
        if trace.table.name not in _OURS | {"contact"}:
            asked.setdefault(trace.table, []).append(trace.of(his.contacts))
    for name in FATES_OF_HIS.keys() - _OURS:
        asked[tables[name]].append(his.of(tables[name], "lead", "interaction"))
    return asked


def zipped(dossier: Dossier, folder: Folder) -> IO[bytes]:
    """Return the zip: all rows in one file, a list of files and recordings, and the files."""
    recordings = [row["file"] for row in dossier.rows.get("call_recording", [])]
    listed = {"files": [name for _id, name, _hash in dossier.files], "recordings": recordings}
    packed = tempfile.SpooledTemporaryFile(_SMALL)  # noqa: SIM115 - who answers with it closes it
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("person.json", _json(dossier.rows))
        archive.writestr("files.json", _json(listed))
        for id_, name, sha256 in dossier.files:
            # One of them may be called like another.
            _pack(archive, folder.path(sha256), f"files/{id_}{PurePath(name).suffix}")
    packed.seek(0)
    return packed


def _pack(archive: zipfile.ZipFile, path: Path, name: str) -> None:
    if path.exists():
        archive.write(path, name)


def _json(value: Any) -> bytes:
    return msgspec.json.format(msgspec.json.encode(value, order="deterministic"), indent=2)


async def _rows(
    session: AsyncSession, table: Table, where: ColumnElement[bool]
) -> list[dict[str, Any]]:
    columns = [column for column in table.columns if column.name not in _INNER]
    found = await session.execute(select(*columns).where(where))
    return [dict(row) for row in found.mappings()]

"""Sheets: what is set once for the whole house, each in a row of `setting`.

A sheet is a frozen msgspec Struct with a default for each field, so one that was never saved reads
as it would be. Edits are audited and version-checked like those of any row.
"""

from datetime import datetime
from typing import TypeVar

import msgspec
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.db import Setting, Versioned, millis
from callcenter.entity import editing
from callcenter.server.actor import Actor

Sheet = TypeVar("Sheet", bound=msgspec.Struct)

_UNLESS_THERE = text(
    "INSERT INTO setting (key, value, updated_at) VALUES (:key, '{}', :at) "
    "ON CONFLICT (key) DO NOTHING"
)


class Edited(Versioned):
    """A sheet as `editing` takes it: a row with an attribute for each field."""

    id = 0

    def __init__(self, sheet: msgspec.Struct, version: int) -> None:
        self.version = version
        for name in sheet.__struct_fields__:
            setattr(self, name, getattr(sheet, name))


async def read(session: AsyncSession, key: str, kind: type[Sheet]) -> Sheet:
    """Return the sheet, with what `kind` says where nothing was ever set."""
    return (await versioned(session, key, kind))[0]


async def versioned(session: AsyncSession, key: str, kind: type[Sheet]) -> tuple[Sheet, int]:
    """Return the sheet and its version, which a form brings back."""
    return _read(await session.get(Setting, key), kind)


async def locked(session: AsyncSession, key: str, kind: type[Sheet], at: datetime) -> Sheet:
    """Return the sheet, for nobody else to change until the session ends."""
    return _read(await _locked(session, key, at), kind)[0]


async def change(
    session: AsyncSession, key: str, wanted: Sheet, seen: int | None, at: datetime, by: Actor
) -> bool:
    """Save a form over the sheet; return whether anything changed. Raises ChangedMeanwhile."""
    row = await _locked(session, key, at)
    sheet, version = _read(row, type(wanted))
    edited = Edited(sheet, version)
    form = msgspec.structs.asdict(wanted)
    diff = await editing.save(session, edited, key, form, seen, at, by)
    if diff:
        row.value = {name: getattr(edited, name) for name in form} | {"version": edited.version}
        row.updated_at, row.updated_by = at, by["actor_id"]
    return bool(diff)


def _read(row: Setting | None, kind: type[Sheet]) -> tuple[Sheet, int]:
    known = dict(row.value) if row is not None else {}
    version = int(known.pop("version", 1))
    fields = {name: known[name] for name in kind.__struct_fields__ if name in known}
    return msgspec.convert(fields, kind), version


async def _locked(session: AsyncSession, key: str, at: datetime) -> Setting:
    """Return the sheet's row, made if need be, for nobody else to change meanwhile."""
    await session.execute(_UNLESS_THERE, {"key": key, "at": millis(at)})
    query = select(Setting).where(Setting.key == key).with_for_update()
    return (await session.scalars(query)).one()

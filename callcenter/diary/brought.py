"""The calendar files somebody has brought in, each of which can be taken back.

Each is a batch like any import, so what it did to which row is written down, and `undoing` takes
it back in the same way: what somebody has worked with since stays, and says why.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, NamedTuple

import msgspec
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.db import new_id
from callcenter.diary.bringing import Line, bring
from callcenter.diary.ics import MOST_EVENTS
from callcenter.entity.importing import undoing, writing
from callcenter.entity.importing.batches import Counts, Options
from callcenter.entity.importing.models import ImportBatch, ImportRow
from callcenter.entity.importing.table import Layout
from callcenter.entity.saving import Deed
from callcenter.errors import NotFound
from callcenter.interactions.models import Interaction

#: How such a batch is told from one of tables.
KIND: Final = "ics"
#: So many are listed, the newest first.
SHOWN: Final = 10


class Kept(NamedTuple):
    """What stayed when a file was taken back, and why, as a message id."""

    subject: str | None
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Brought:
    id: int
    name: str
    at: datetime
    added: int
    changed: int
    is_undone: bool
    kept: Sequence[Kept] = ()

    @property
    def can_undo(self) -> bool:
        return not self.is_undone and bool(self.added or self.changed)


async def store(deed: Deed, name: str, lines: Sequence[Line], language: str) -> None:
    """Store what a file brings, as a batch. Raises BadInput."""
    who, at = deed.who.user_id, deed.at
    batch = ImportBatch(
        id=new_id(at.timestamp()), entity=deed.entity.name, name=name.strip()[:200], user_id=who,
        language=language, status="done", mapping=[], rows_done=len(lines), fingerprint="",
        layout=msgspec.to_builtins(Layout(kind=KIND, header=[], rows=len(lines))),
        options=msgspec.to_builtins(Options(rule="update")), started_at=at, ended_at=at,
        created_at=at, updated_at=at, created_by=who, updated_by=who,
    )  # fmt: skip
    # What a batch does is marked so: that is how it is known from what people do afterwards.
    done = await bring(replace(deed, by=writing.actor(who, batch.id)), lines)
    batch.counts = msgspec.to_builtins(
        Counts(
            added=sum(row.did == "added" for row in done),
            changed=sum(row.did == "changed" for row in done),
            same=sum(line.state == "same" for line in lines),
        )
    )
    deed.session.add(batch)
    await deed.session.flush()
    for row in done:
        row.batch_id = batch.id
    deed.session.add_all(done)


async def take_back(deed: Deed, batch_id: int) -> None:
    """Take back one of one's own files. Raises NotFound."""
    batch = await deed.session.get(ImportBatch, batch_id, with_for_update=True)
    is_own = batch is not None and batch.user_id == deed.who.user_id
    if batch is None or not is_own or batch.status != "done" or batch.layout.get("kind") != KIND:
        raise NotFound
    by = writing.actor(deed.who.user_id, batch.id)
    done = await undoing.take_back(replace(deed, by=by), batch.id, MOST_EVENTS)
    counts = msgspec.convert(batch.counts, Counts)
    counts.kept = sum(bool(row.kept) for row in done)
    counts.undone = len(done) - counts.kept
    batch.counts, batch.status = msgspec.to_builtins(counts), "undone"
    batch.updated_at, batch.ended_at = deed.at, deed.at


async def of(session: AsyncSession, user_id: int) -> list[Brought]:
    rows = await session.scalars(
        select(ImportBatch)
        .where(ImportBatch.user_id == user_id, ImportBatch.entity == "interaction")
        .where(ImportBatch.status.in_(("done", "undone")))
        .order_by(ImportBatch.id.desc())
        .limit(SHOWN)
    )
    batches = [batch for batch in rows if batch.layout.get("kind") == KIND]
    kept = await _kept(session, [batch.id for batch in batches])
    return [_brought(batch, kept[batch.id]) for batch in batches]


def _brought(batch: ImportBatch, kept: Sequence[Kept]) -> Brought:
    counts = msgspec.convert(batch.counts, Counts)
    return Brought(
        id=batch.id, name=batch.name, at=batch.created_at, added=counts.added,
        changed=counts.changed, is_undone=batch.status == "undone", kept=kept,
    )  # fmt: skip


async def _kept(session: AsyncSession, ids: Sequence[int]) -> dict[int, list[Kept]]:
    rows = await session.execute(
        select(ImportRow, Interaction.subject)
        .outerjoin(Interaction, Interaction.id == ImportRow.entity_id)
        .where(ImportRow.batch_id.in_(ids), ImportRow.undone)
        .order_by(ImportRow.number)
    )
    found: dict[int, list[Kept]] = defaultdict(list)
    for row, subject in rows:
        found[row.batch_id] += [Kept(subject, why) for why in dict.fromkeys(row.kept.values())]
    return found

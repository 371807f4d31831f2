"""Bringing the events of a calendar file into one's own: by UID, so that twice is the same."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.diary.ics import Event
from callcenter.entity import saving
from callcenter.entity.description import value_of
from callcenter.entity.editing import Diff, plain
from callcenter.entity.importing.models import ImportRow
from callcenter.entity.saving import Deed
from callcenter.interactions.models import Interaction
from callcenter.interactions.participants import Taking

#: So many UIDs are asked for at once.
BLOCK = 400


@dataclass(frozen=True, slots=True)
class Line:
    """What becomes of one event."""

    event: Event
    state: Literal["new", "changed", "same", "called_off"]
    row_id: int | None = None


async def compare(session: AsyncSession, user_id: int, events: Sequence[Event]) -> list[Line]:
    """Return what each event is to the person's calendar."""
    there: dict[str, Interaction] = {}
    uids = [event.uid for event in events]
    for at in range(0, len(uids), BLOCK):
        rows = await session.scalars(
            select(Interaction).where(
                Interaction.ics_uid.in_(uids[at : at + BLOCK]),
                Interaction.owner_id == user_id,
                Interaction.deleted_at.is_(None),
            )
        )
        there |= {str(row.ics_uid): row for row in rows}
    return [_line(event, there.get(event.uid)) for event in events]


def _line(event: Event, row: Interaction | None) -> Line:
    if row is None:
        return Line(event, "called_off" if event.status == "cancelled" else "new")
    if event.status == "cancelled":
        return Line(event, "same" if row.status == "cancelled" else "changed", row.id)
    given = _given(event)
    same = all(getattr(row, name) == value for name, value in given.items())
    return Line(event, "same" if same else "changed", row.id)


def _given(event: Event) -> dict[str, Any]:
    day = timedelta(days=1) if event.all_day else timedelta()
    return {
        "subject": event.title or "—", "start_at": event.start_at, "end_at": event.end_at,
        "due_at": event.start_at + day, "all_day": event.all_day, "body": event.text.strip() or None,
        "place": event.place or None,
    }  # fmt: skip


async def bring(
    deed: Deed, lines: Sequence[Line], people: Sequence[Taking] = ()
) -> list[ImportRow]:
    """Store what is new, with these people, or has changed; return what was done. Raises BadInput."""
    done = []
    for number, line in enumerate(lines, 1):
        if line.state == "new":
            row = await saving.create(deed, _given(line.event) | _begun(people))
            row.ics_uid = line.event.uid
            done.append(ImportRow(number=number, entity_id=row.id, did="added", diff={}))
        elif line.state == "changed" and line.row_id is not None:
            diff = await _change(deed, line.row_id, line.event)
            done.append(ImportRow(number=number, entity_id=line.row_id, did="changed", diff=diff))
    return done


async def _change(deed: Deed, row_id: int, event: Event) -> Diff:
    is_off = event.status == "cancelled"
    given: Mapping[str, Any] = {"status": "cancelled"} if is_off else _given(event)
    row = await saving.locked(deed, row_id, "edit")
    before = {name: plain(value_of(row, name)) for name in given}
    row = await saving.change(deed, row_id, given, None)
    after = {name: plain(value_of(row, name)) for name in given}
    return {name: [before[name], after[name]] for name in given if before[name] != after[name]}


def _begun(people: Sequence[Taking]) -> dict[str, Any]:
    return {"kind": "meeting", "status": "planned", "participants": list(people)}

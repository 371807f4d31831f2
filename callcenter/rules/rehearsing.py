"""What a rule would have done lately, without doing it.

Its condition is tested against the rows as they are now: how they were then is not known. Whom it
would have chosen is left open too, because that depended on who was at work.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.audit import Audit
from callcenter.entity.registry import Registry
from callcenter.rules.dates import Due, due
from callcenter.rules.following import as_rule
from callcenter.rules.matching import concerns, line_of, origin_of
from callcenter.rules.models import Automation
from callcenter.rules.running import condition

PAGE_ROWS: Final = 50
#: So many lines of the log are looked through for one page.
LINES: Final = 5_000
_FIRST_OF_A_MILLISECOND: Final = 12


class Would(NamedTuple):
    """One time that it would have run: for which row, when, and by whose change."""

    row_id: int
    title: str
    at: datetime
    actor_kind: str = "system"
    actor_id: int | None = None


class Page(NamedTuple):
    rows: Sequence[Would]
    #: To go on, ask from here; None at the end.
    before: int | None


async def rehearse(
    session: AsyncSession,
    registry: Registry,
    rule: Automation,
    days: int,
    now: datetime,
    before: int | None = None,
) -> Page:
    """Return what would have been done, the newest first. Raises BadInput if a field is gone."""
    since = now - timedelta(days=days)
    if rule.trigger == "date":
        return await _of_dates(session, registry, rule, since, now)
    found, oldest = await _lines(session, rule, since, before)
    wanted = {line.entity_id for line in found}
    such = await _such(session, registry, rule, wanted, now)
    rows, seen = [], set[tuple[str, int]]()
    for line in found:
        read = line_of(line)
        if read is None or read.entity_id not in such or not concerns(read, as_rule(rule)):
            continue
        # Out of one beginning it runs for a row once.
        key = (origin_of(read).root, read.entity_id)
        if key in seen:
            continue
        seen.add(key)
        title = such[read.entity_id]
        rows.append(Would(read.entity_id, title, line.at, line.actor_kind, line.actor_id))
        if len(rows) == PAGE_ROWS:
            return Page(rows, line.id)
    return Page(rows, oldest)


async def _lines(
    session: AsyncSession, rule: Automation, since: datetime, before: int | None
) -> tuple[Sequence[Audit], int | None]:
    """Return lines about the rule's entity, the newest first, and where to go on if there are more."""
    # Ids tell when something was done.
    first = int(since.timestamp() * 1000) << _FIRST_OF_A_MILLISECOND
    query = select(Audit).where(Audit.id >= first, Audit.entity == rule.entity)
    if before is not None:
        query = query.where(Audit.id < before)
    lines = (await session.scalars(query.order_by(Audit.id.desc()).limit(LINES))).all()
    return lines, lines[-1].id if len(lines) == LINES else None


async def _such(
    session: AsyncSession, registry: Registry, rule: Automation, ids: set[int | None], now: datetime
) -> dict[int, str]:
    """Return those of these rows for which the rule's condition holds, with what they are called."""
    entity = registry[rule.entity]
    model: Any = entity.model
    title = getattr(model, entity.title)
    met = condition(registry, rule, now)
    such: dict[int, str] = {}
    asked = sorted(each for each in ids if each is not None)
    for start in range(0, len(asked), 500):
        rows = await session.execute(
            select(model.id, title).where(
                model.id.in_(asked[start : start + 500]), model.deleted_at.is_(None), met
            )
        )
        such |= {row[0]: str(row[1] or "") for row in rows}
    return such


async def _of_dates(
    session: AsyncSession, registry: Registry, rule: Automation, since: datetime, now: datetime
) -> Page:
    shift = timedelta(minutes=rule.offset_min)
    seen, found = (2**53, since - shift), list[Due]()
    while len(found) < LINES and (some := await due(session, registry, rule, seen, now)):
        found, seen = [*found, *some], some[-1]
    found = found[-PAGE_ROWS:]
    such = await _such(session, registry, rule, {row_id for row_id, _at in found}, now)
    rows = [
        Would(row_id, such[row_id], moment + shift)
        for row_id, moment in reversed(found)
        if row_id in such
    ]
    return Page(rows, None)

"""The counterparties of a day: with whom one has to do on it, when, what about; and the small month."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from babel.dates import format_date
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.crm.contacts import card, local_time
from callcenter.crm.contacts.lines import ContactLine, lines_of
from callcenter.diary import layout, worktime
from callcenter.diary.entries import Source, Wanted
from callcenter.diary.holidays import name_of
from callcenter.diary.layout import Entry
from callcenter.entity.pages.calendars import Stretch
from callcenter.interactions.access import visible_to
from callcenter.interactions.models import Interaction, Participant
from callcenter.server.i18n import languages
from callcenter.server.identity import Identity

#: So much of a day stands in its list; the rest is in the calendar.
MOST: Final = 200


class Called(NamedTuple):
    """The last call with somebody on that day."""

    at: datetime
    is_talk: bool


@dataclass(slots=True)
class Row:
    """A counterparty with all that is arranged with it on a day, or one thing with nobody."""

    entries: list[Entry]
    contact: ContactLine | None = None
    #: Where the counterparty may be.
    zones: tuple[str, ...] = ()
    #: What to think of before calling now, as a message id.
    warning: str = ""
    called: Called | None = None
    #: Whether it is another time there than here.
    is_elsewhere: bool = False

    @property
    def first(self) -> Entry:
        return self.entries[0]

    @property
    def contact_id(self) -> int | None:
        return self.first.contact_id

    @property
    def is_done(self) -> bool:
        return all(entry.is_done for entry in self.entries)


@dataclass(slots=True)
class Rows:
    """A day as a list, in the order of its hours."""

    rows: list[Row] = field(default_factory=list)
    #: How many more there are.
    left_out: int = 0

    def of(self, contact_id: int | None) -> Row | None:
        if contact_id is None:
            return None
        return next((row for row in self.rows if row.contact_id == contact_id), None)

    def begin(self) -> Row | None:
        """Return with whom to begin: the first who still waits, else the first at all."""
        known = [row for row in self.rows if row.contact_id is not None]
        return next((row for row in known if not row.is_done), known[0] if known else None)

    def after(self, contact_id: int) -> Row | None:
        """Return who is next after somebody: from there on, then from the beginning."""
        known = [row for row in self.rows if row.contact_id is not None]
        here = next((at for at, row in enumerate(known) if row.contact_id == contact_id), -1)
        waiting = [row for row in (*known[here + 1 :], *known[: max(here, 0)]) if not row.is_done]
        return waiting[0] if waiting else None


@dataclass(frozen=True, slots=True)
class Asked:
    """Whose day, and which."""

    who: Identity
    day: date
    zone: ZoneInfo
    now: datetime

    @property
    def today(self) -> date:
        return self.now.astimezone(self.zone).date()

    @property
    def begins(self) -> datetime:
        return layout.midnight(self.day, self.zone)

    @property
    def ends(self) -> datetime:
        return layout.midnight(self.day + timedelta(days=1), self.zone)


async def rows_of(session: AsyncSession, asked: Asked, sources: Sequence[Source]) -> Rows:
    """Return the day as a list."""
    left_out: Counter[date] = Counter()
    wanted = Wanted(
        asked.who, (asked.who.user_id,), asked.begins, asked.ends, asked.zone, per_day=MOST,
        left_out=left_out, with_done=True,
    )  # fmt: skip
    entries = [entry for source in sources for entry in await source(session, wanted)]
    found = layout.days(entries, asked.day, asked.day + timedelta(days=1), asked.zone)
    rows = _together(found[asked.day].entries)
    await _tell_of_contacts(session, asked, [row for row in rows if row.contact_id is not None])
    return Rows(rows, left_out[asked.day])


def _together(entries: Sequence[Entry]) -> list[Row]:
    """Return what is arranged with one counterparty as one row, where the first of it stands."""
    rows: list[Row] = []
    of_contact: dict[int, Row] = {}
    for entry in entries:
        known = of_contact.get(entry.contact_id) if entry.contact_id is not None else None
        if known is not None:
            known.entries.append(entry)
            continue
        rows.append(Row([entry]))
        if entry.contact_id is not None:
            of_contact[entry.contact_id] = rows[-1]
    return rows


async def _tell_of_contacts(session: AsyncSession, asked: Asked, rows: Sequence[Row]) -> None:
    ids = [row.contact_id for row in rows if row.contact_id is not None]
    zones = await card.zones_of(session, ids)
    lines = {line.id: line for line in await lines_of(session, ids, asked.who)}
    calls = await _calls(session, asked, ids)
    here = asked.now.astimezone(asked.zone).utcoffset()
    for row in rows:
        line = lines.get(row.contact_id or 0)
        told = local_time.told(zones.get(row.contact_id or 0, ()), (), asked.now)
        row.contact, row.zones, row.warning = line, told.zones, told.warning
        row.called = calls.get(row.contact_id or 0)
        row.is_elsewhere = any(
            asked.now.astimezone(ZoneInfo(zone)).utcoffset() != here for zone in row.zones
        )


async def _calls(session: AsyncSession, asked: Asked, ids: Sequence[int]) -> Mapping[int, Called]:
    """Return the last call with each; what was planned tells of itself."""
    rows = await session.execute(
        select(Participant.contact_id, Interaction.start_at, Interaction.status)
        .join(Interaction, Interaction.id == Participant.interaction_id)
        .where(
            Participant.contact_id.in_(ids),
            Participant.at >= asked.begins,
            Participant.at < asked.ends,
            Interaction.kind == "call",
            Interaction.due_at.is_(None),
            Interaction.status.in_(("held", "missed")),
            visible_to(asked.who),
        )
        .order_by(Interaction.start_at)
    )
    return {
        contact_id: Called(at, status == "held")
        for contact_id, at, status in rows
        if contact_id is not None
    }


# ---------------------------------------------------------------- the small month


@dataclass(frozen=True, slots=True)
class Cell:
    """One day of the small month."""

    day: date
    label: str
    #: The day in words, for those who hear it.
    full: str
    weekday: str
    #: How much stands on it.
    count: int
    is_today: bool
    is_chosen: bool
    is_outside: bool
    is_past: bool
    holiday: str = ""


async def month_of(
    session: AsyncSession, asked: Asked, sources: Sequence[Source], language: str, zone: str
) -> list[list[Cell]]:
    """Return the weeks of the month in which the day is; `zone` is that of the installation."""
    stretch = Stretch("month", asked.day)
    counts: Counter[date] = Counter()
    wanted = Wanted(
        asked.who, (asked.who.user_id,), layout.midnight(stretch.first, asked.zone),
        layout.midnight(stretch.end, asked.zone), asked.zone, per_day=0, left_out=counts,
    )  # fmt: skip
    for source in sources:
        await source(session, wanted)
    work = await worktime.of_team(session, asked.who.team_id, zone)
    locale = languages()[language].locale
    days = [stretch.first + timedelta(at) for at in range((stretch.end - stretch.first).days)]
    cells = [
        Cell(
            day, str(day.day), format_date(day, "full", locale=locale),
            format_date(day, "EEE", locale=locale), counts[day], day == asked.today,
            day == asked.day, day.month != asked.day.month, day < asked.today,
            name_of(day, work.country, language) or "",
        )
        for day in days
    ]  # fmt: skip
    return [cells[at : at + 7] for at in range(0, len(cells), 7)]

"""The calendar: what people have to do, by month, week, day or one by one, several side by side.

Rendered here and not in the browser, in the reader's language and zone. Moving sends a form: by
dragging and by keys it is the same question, and a refusal comes back as the page with a sentence.

Template diary/calendar.html: span, day, heading, spans, before, after, today, weeks [[Cell]] (month),
columns [Cell] (week of one, day), rows [(name, [Cell])] (week of several), list [Cell] (agenda),
people, shown, address, error, asking (what was moved and its guests do not know of, or None).
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from aiohttp import web
from babel.dates import format_date
from multidict import MultiMapping
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from yarl import URL

from callcenter.agents.models import User
from callcenter.diary import guests, layout, worktime
from callcenter.diary.entries import SOURCES, Wanted, of_interactions
from callcenter.diary.holidays import name_of
from callcenter.diary.layout import IN_A_CELL, Day, Entry
from callcenter.entity import saving
from callcenter.entity.pages.calendars import SPANS, Stretch, heading_of, stretch_of
from callcenter.entity.pages.clashes import in_a_line
from callcenter.entity.reading import Unreadable, read_text
from callcenter.entity.requests import asker_of, context_of, deed_of, tell
from callcenter.errors import BadInput, ChangedMeanwhile
from callcenter.interactions import covering
from callcenter.interactions.access import visible_to
from callcenter.interactions.description import INTERACTION, KINDS
from callcenter.interactions.models import Interaction
from callcenter.interactions.moving import moved_to
from callcenter.server.body import MISFIT, number_in, read_form, seen_version, whole_number
from callcenter.server.i18n import language_of, languages
from callcenter.server.identity import Identity, may, require
from callcenter.server.keys import CLOCK, DATABASE, SETTINGS
from callcenter.server.pages import redirect, render, safe_next, zone_of

routes = web.RouteTableDef()

#: So many people stand side by side.
MOST_PEOPLE: Final = 60
HOURS: Final = range(24)
_ONE_DAY: Final = timedelta(days=1)
_START: Final = next(field for field in INTERACTION.fields if field.name == "start_at")


@dataclass(frozen=True, slots=True)
class Cell:
    """One day of one person, or of all that are shown."""

    day: Day
    #: "22", and in full for those who hear it.
    label: str
    weekday: str
    full: str
    user_id: int
    name: str = ""
    is_today: bool = False
    is_outside: bool = False


@dataclass(frozen=True, slots=True)
class Shown:
    """What a request wants to see."""

    stretch: Stretch
    user_ids: tuple[int, ...]

    def url(self, **other: Any) -> str:
        asked = {"span": self.stretch.span, "day": self.stretch.day, "who": self.user_ids} | other
        return f"/calendar?{urlencode(asked, doseq=True)}"


@routes.get("/calendar")
async def show(request: web.Request) -> web.Response:
    who = require(request, "interaction", "read")
    return await _page(request, who, _asked(request, who, request.query))


@routes.post("/calendar/move")
async def move(request: web.Request) -> web.Response:
    """Put something to another time, or make it longer or shorter."""
    who, values = require(request, "interaction", "edit"), await read_form(request)
    back = safe_next(values.get("next") or "/calendar")
    try:
        async with request.app[DATABASE].write() as session:
            deed = deed_of(request, session, INTERACTION)
            row = await saving.locked(deed, number_in(values, "id") or 0, "edit")
            given = _moved(request, row, values)
            row = await saving.change(deed, row.id, given, seen_version(values))
            has_guests = await _is_to_be_told(session, row, deed.at)
    except (BadInput, ChangedMeanwhile) as problem:
        said, status = await in_a_line(request, INTERACTION, problem)
        shown = _asked(request, who, URL(back).query)
        return await _page(request, who, shown, said, status)
    tell(request, INTERACTION, row)
    # Whether its guests are told is not ours to decide: the page asks.
    return redirect(request, str(URL(back).update_query(moved=row.id)) if has_guests else back)


async def _is_to_be_told(session: AsyncSession, row: Interaction, at: datetime) -> bool:
    """Tell whether somebody was invited who does not know how it is now."""
    if row.status != "planned" or guests.is_over(row, at):
        return False
    known = await guests.of(session, row.id)
    return any(one.method == "request" and not guests.knows(one, row) for one in known)


def _moved(request: web.Request, row: Any, values: dict[str, str]) -> dict[str, Any]:
    """Return its new times; without a word of its length, it keeps that. Raises BadInput."""
    try:
        start: datetime = read_text(_START, values.get("to", ""), context_of(request))
    except Unreadable as problem:
        raise BadInput({"start_at": problem.sentence}) from problem
    given = moved_to(row, start - row.start_at)
    if "minutes" in values:
        minutes = whole_number(values["minutes"])
        if minutes is None or not 0 < minutes <= 60 * 24 * 31:
            raise BadInput({"end_at": MISFIT})
        given["end_at"] = start + timedelta(minutes=minutes)
    return given


def _asked(request: web.Request, who: Identity, query: MultiMapping[str]) -> Shown:
    chosen = [whole_number(each) for each in query.getall("who", [])]
    user_ids = tuple(dict.fromkeys(number for number in chosen if number is not None))
    stretch = stretch_of(query, asker_of(request).today)
    return Shown(stretch, user_ids[:MOST_PEOPLE] or (who.user_id,))


# ---------------------------------------------------------------- the page


async def _page(
    request: web.Request, who: Identity, shown: Shown, error: str = "", status: int = 200
) -> web.Response:
    stretch, language = shown.stretch, language_of(request)
    zone = ZoneInfo(zone_of(request))
    async with request.app[DATABASE].read() as session:
        everybody = await _people(session)
        names = {row.id: row for row in everybody if row.id in shown.user_ids}
        left_out: Counter[date] = Counter()
        entries = await _entries(request, session, who, shown, zone, left_out)
        asking = await _asking(
            session, who, number_in(request.query, "moved"), request.app[CLOCK]()
        )
        teams = await worktime.of_teams(session, request.app[SETTINGS].time_zone)
    cells = _Cells(
        shown, entries, zone, teams, language, asker_of(request).today, names, who.team_id, left_out
    )
    return render(
        request, "diary/calendar.html", status=status, span=stretch.span, day=stretch.day,
        heading=heading_of(stretch, language), here=shown.url(), error=error, asking=asking,
        spans=[(name, label, shown.url(span=name)) for name, label in SPANS.items()],
        before=shown.url(day=stretch.moved(-1)), after=shown.url(day=stretch.moved(1)),
        today=shown.url(day=""), people=everybody, shown=shown, kinds=KINDS, hours=HOURS,
        team=[row.id for row in everybody if row.team_id is not None and row.team_id == who.team_id],
        may_add=may(who, "interaction", "create") != "none", in_a_cell=IN_A_CELL, **cells.of_span(),
    )  # fmt: skip


async def _asking(
    session: AsyncSession, who: Identity, row_id: int | None, at: datetime
) -> Interaction | None:
    """Return what was moved just now, if its guests do not know of it."""
    if row_id is None:
        return None
    row = await session.scalar(
        select(Interaction).where(Interaction.id == row_id, visible_to(who, "edit"))
    )
    if row is None or not await _is_to_be_told(session, row, at):
        return None
    return covering.cover(row, who)


async def _people(session: AsyncSession) -> list[Any]:
    rows = await session.execute(
        select(User.id, User.name, User.team_id)
        .where(User.deleted_at.is_(None), User.active)
        .order_by(User.name, User.id)
    )
    return list(rows.all())


async def _entries(
    request: web.Request,
    session: AsyncSession,
    who: Identity,
    shown: Shown,
    zone: ZoneInfo,
    left_out: Counter[date],
) -> list[Entry]:
    wanted = Wanted(
        who, shown.user_ids, layout.midnight(shown.stretch.first, zone),
        layout.midnight(shown.stretch.end, zone), zone,
        per_day=IN_A_CELL if shown.stretch.span == "month" else None, left_out=left_out,
    )  # fmt: skip
    sources = request.app.get(SOURCES, (of_interactions,))
    found = [entry for source in sources for entry in await source(session, wanted)]
    return sorted(found, key=lambda entry: (entry.start_at, entry.id))


@dataclass(frozen=True, slots=True)
class _Cells:
    """Shares entries out to the days and people of a span."""

    shown: Shown
    entries: Sequence[Entry]
    zone: ZoneInfo
    teams: worktime.Teams
    language: str
    today: date
    names: dict[int, Any]
    team_id: int | None
    left_out: Counter[date]

    def of_span(self) -> dict[str, Any]:
        empty: dict[str, Any] = {"weeks": [], "columns": [], "rows": [], "list": []}
        several = len(self.shown.user_ids) > 1
        match self.shown.stretch.span:
            case "month":
                cells = self._cells(self._once(), self.shown.user_ids[0])
                return empty | {"weeks": [cells[at : at + 7] for at in range(0, len(cells), 7)]}
            case "week" if several:
                return empty | {"rows": [(self._name(id_), self._of(id_)) for id_ in self._ids()]}
            case "week":
                return empty | {"columns": self._of(self.shown.user_ids[0])}
            case "day":
                return empty | {"columns": [cell for id_ in self._ids() for cell in self._of(id_)]}
            case _:
                cells = self._cells(self._once(), self.shown.user_ids[0])
                return empty | {"list": [cell for cell in cells if cell.day.entries]}

    def _ids(self) -> list[int]:
        return [id_ for id_ in self.shown.user_ids if id_ in self.names]

    def _name(self, user_id: int) -> str:
        return self.names[user_id].name if user_id in self.names else ""

    def _once(self) -> list[Entry]:
        """Return what stands in several of the calendars once, by its owner's."""
        return list({(entry.entity, entry.id): entry for entry in reversed(self.entries)}.values())[
            ::-1
        ]

    def _of(self, user_id: int) -> list[Cell]:
        own = [entry for entry in self.entries if entry.user_id == user_id]
        return self._cells(own, user_id)

    def _cells(self, entries: Sequence[Entry], user_id: int) -> list[Cell]:
        stretch = self.shown.stretch
        locale = languages()[self.language].locale
        team = self.names[user_id].team_id if user_id in self.names else self.team_id
        work = self.teams(team)
        found = layout.days(entries, stretch.first, stretch.end, self.zone)
        for day in found.values():
            day.left_out = self.left_out[day.day]
            day.holiday = name_of(day.day, work.country, self.language) or ""
            if stretch.span in ("week", "day"):
                day.off = layout.off_hours(day.day, work, self.zone)
        return [
            Cell(
                day, str(on.day), format_date(on, "EEE", locale=locale),
                format_date(on, "full", locale=locale), user_id, self._name(user_id),
                on == self.today, stretch.span == "month" and on.month != stretch.day.month,
            )
            for on, day in found.items()
        ]  # fmt: skip

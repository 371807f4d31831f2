"""A calendar: the rows of a list on the days they belong to, by month, week, day, or one by one.

Rendered here and not in the browser, in the reader's language and zone; days and spans are links.

Template records/calendar.html: weeks [[Day]] (month, week, day) or days [Day] (agenda), span, day,
heading, before, after (links), spans [(name, label, link)], more (rows that did not fit), may_move,
error (why something was not moved).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from aiohttp import web
from babel.dates import format_date, format_skeleton, format_time

from callcenter.entity import listing, saving
from callcenter.entity.conditions import Asker
from callcenter.entity.days import month
from callcenter.entity.description import Condition, Entity, Field, Sort, value_of
from callcenter.entity.keys import ENTITIES
from callcenter.entity.listing import Line, Order, Page
from callcenter.entity.pages.asked import Asked, asked, asker_of
from callcenter.entity.pages.clashes import in_a_line
from callcenter.entity.pages.lists import head, masked_fields, searched
from callcenter.entity.reading import Context, Unreadable, read_text
from callcenter.entity.requests import context_of, deed_of, tell
from callcenter.entity.rights import access
from callcenter.entity.saving import Deed
from callcenter.entity.showing import Showing
from callcenter.errors import BadInput, ChangedMeanwhile, NotAllowed, NotFound, Problem
from callcenter.server.body import MISSING, number_in, read_form, seen_version
from callcenter.server.errors import sentence
from callcenter.server.i18n import language_of, languages
from callcenter.server.identity import Identity, may, require
from callcenter.server.keys import DATABASE
from callcenter.server.pages import redirect, render, zone_of


def _(message: str) -> str:
    return message


SPANS = {"month": _("Month"), "week": _("Week"), "day": _("Day"), "agenda": _("Agenda")}
#: So many rows are read for one page of a calendar.
MOST_ROWS = 500
#: So many of a day stand in a month; the others are a link.
IN_A_CELL = 4
AGENDA_DAYS = 30
_ONE_DAY = timedelta(days=1)
_WEEK = timedelta(days=7)


@dataclass(slots=True)
class Day:
    day: date
    #: "22", and in full for those who hear it.
    label: str
    full: str
    #: (time, as it is told and as 24 hours, row)
    lines: list[tuple[str, str, Line]] = field(default_factory=list)
    is_today: bool = False
    is_outside: bool = False


@dataclass(frozen=True, slots=True)
class Stretch:
    """The days that a page shows: from `first` to before `end`."""

    span: str
    day: date

    @property
    def first(self) -> date:
        begin = month(self.day) if self.span == "month" else self.day
        return begin - timedelta(begin.weekday()) if self.span in ("month", "week") else begin

    @property
    def end(self) -> date:
        match self.span:
            case "month":
                last = month(self.day, 1) - _ONE_DAY
                return last + timedelta(7 - last.weekday())
            case "week":
                return self.first + _WEEK
            case "day":
                return self.day + _ONE_DAY
            case _:
                return self.day + timedelta(AGENDA_DAYS)

    def moved(self, by: int) -> date:
        if self.span == "month":
            return month(self.day, by)
        return self.day + by * (self.end - self.first)


@dataclass(frozen=True, slots=True)
class Calendars:
    """The handlers of one entity."""

    entity: Entity

    def routes(self) -> list[web.RouteDef]:
        address = f"/{self.entity.plural}/calendar"
        return [web.get(address, self.show), web.post(address, self.move)]

    async def show(self, request: web.Request) -> web.Response:
        return await self._page(request, require(request, self.entity.name, "read"))

    async def move(self, request: web.Request) -> web.Response:
        """Put a row to another day, or say why it cannot be."""
        who, values = require(request, self.entity.name, "edit"), await read_form(request)
        try:
            async with request.app[DATABASE].write() as session:
                deed = deed_of(request, session, self.entity)
                row = await saving.locked(deed, number_in(values, "id") or 0, "edit")
                row = await self._moved(deed, row, values, context_of(request))
        except NotFound:
            return await self._page(request, who, NotAllowed())
        except (BadInput, ChangedMeanwhile) as problem:
            return await self._page(request, who, problem)
        tell(request, self.entity, row)
        return redirect(request, f"/{self.entity.plural}/calendar?{request.query_string}")

    async def _moved(self, deed: Deed, row: Any, values: dict[str, str], context: Context) -> Any:
        """Return the row as it was saved. Raises BadInput or ChangedMeanwhile."""
        field = deed.registry.fields(self.entity.name)[self.entity.calendar]
        is_moment, held, to = (
            field.type == "datetime",
            value_of(row, field.name),
            values.get("to", ""),
        )
        try:
            moved = read_text(field, to if is_moment else to[:10], context)
        except Unreadable as problem:
            raise BadInput({field.name: problem.sentence}) from problem
        if moved is None or held is None:
            raise BadInput({field.name: MISSING})
        seen = seen_version(values)
        if self.entity.move is not None:
            return await self.entity.move(deed, row, moved - held, seen)
        return await saving.change(deed, row.id, {field.name: moved}, seen)

    async def _page(
        self, request: web.Request, who: Identity, problem: Problem | None = None
    ) -> web.Response:
        described = request.app[ENTITIES].fields(self.entity.name)[self.entity.calendar]
        if access(self.entity, described, who) in ("hidden", "masked"):
            raise NotFound
        asker, language = asker_of(request, who), language_of(request)
        stretch = stretch_of(request.query, asker.today)
        async with request.app[DATABASE].read() as session:
            now = await asked(request, session, self.entity, who)
            page = await self._rows(request, session, now, who, asker, stretch)
            above = await head(request, session, now, who)
        days = _days(stretch, page.lines, described, asker, language)
        address = f"/{self.entity.plural}/calendar"
        return render(
            request, "records/calendar.html", entity=self.entity, asked=now, tab="calendar",
            weeks=[days[at : at + 7] for at in range(0, len(days), 7)], days=days,
            span=stretch.span, day=stretch.day, heading=heading_of(stretch, language),
            before=now.url("/calendar", span=stretch.span, day=stretch.moved(-1)),
            after=now.url("/calendar", span=stretch.span, day=stretch.moved(1)),
            today=now.url("/calendar", span=stretch.span), address=address,
            spans=[(name, label, now.url("/calendar", span=name, day=stretch.day)) for name, label in SPANS.items()],
            weekdays=[format_date(day.day, "EEE", locale=languages()[language].locale) for day in days[:7]],
            showing=Showing(request.app[ENTITIES], language, zone_of(request), page.names),
            more=page.after is not None, in_a_cell=IN_A_CELL, field=described, editor=None,
            fields=[now.fields[name] for name in now.columns],
            may_add=may(who, self.entity.name, "create") != "none",
            may_move=may(who, self.entity.name, "edit") != "none" and access(self.entity, described, who) == "write",
            status=problem.status if problem else 200, error=await self._said(request, problem), **above,
        )  # fmt: skip

    async def _rows(
        self,
        request: web.Request,
        session: Any,
        now: Asked,
        who: Identity,
        asker: Asker,
        stretch: Stretch,
    ) -> Page:
        if now.wrong:
            return Page([])
        registry, name = request.app[ENTITIES], self.entity.calendar
        between = Condition(name, "between", (stretch.first, stretch.end - _ONE_DAY))
        wanted = await searched(session, now, who)
        also = wanted.also & listing.meeting(between, registry, self.entity, asker)
        covered = masked_fields(now, who)
        own = [column for column in now.columns if column not in covered]
        return await listing.page(
            session, registry, self.entity, asker,
            replace(
                wanted, also=also, order=Order(Sort("calendar", (name,), ""), descending=False),
                columns=(name, *(column for column in own if column != name)),
            ),
            None, MOST_ROWS,
        )  # fmt: skip

    async def _said(self, request: web.Request, problem: Problem | None) -> str:
        """Return why something was not moved."""
        match problem:
            case None:
                return ""
            case BadInput() | ChangedMeanwhile():
                return (await in_a_line(request, self.entity, problem))[0]
            case _:
                return sentence(request, problem)


def stretch_of(query: Mapping[str, str], today: date) -> Stretch:
    """Return the days that an address asks for."""
    span = query.get("span", "month")
    try:
        day = date.fromisoformat(query.get("day", ""))
    except ValueError:
        day = today
    if not 1900 <= day.year <= 2199:
        day = today
    return Stretch(span if span in SPANS else "month", day)


def _days(
    stretch: Stretch, lines: Sequence[Line], described: Field, asker: Asker, language: str
) -> list[Day]:
    locale = languages()[language].locale
    days: dict[date, Day] = {}
    day = stretch.first
    while day < stretch.end:
        days[day] = Day(
            day, str(day.day), format_date(day, "full", locale=locale), is_today=day == asker.today,
            is_outside=stretch.span == "month" and day.month != stretch.day.month,
        )  # fmt: skip
        day += _ONE_DAY
    for line in lines:
        there = _local(line.values[described.name], asker.zone)
        clock = format_time(there, "short", locale=locale) if isinstance(there, datetime) else ""
        on = there.date() if isinstance(there, datetime) else there
        wall = f"{there:%H:%M}" if isinstance(there, datetime) else "00:00"
        days[on].lines.append((clock, wall, line))
    return list(days.values())


def _local(held: Any, zone: str) -> date | datetime:
    """Return the day or the moment a row belongs to, as the reader's calendar has it."""
    if isinstance(held, str):
        held = datetime.fromisoformat(held) if "T" in held else date.fromisoformat(held)
    there: date | datetime = held
    return there.astimezone(ZoneInfo(zone)) if isinstance(there, datetime) else there


def heading_of(stretch: Stretch, language: str) -> str:
    locale = languages()[language].locale
    if stretch.span == "month":
        return format_skeleton("yMMMM", datetime.combine(stretch.day, time()), locale=locale)
    if stretch.span == "day":
        return format_date(stretch.day, "full", locale=locale)
    last = stretch.end - _ONE_DAY
    return " – ".join(format_date(day, "medium", locale=locale) for day in (stretch.first, last))

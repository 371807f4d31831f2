"""The day on one screen, and the report that is written there.

Template desktop/desktop.html: asked: Asked, heading, weeks [[Cell]], counters [Counter], day: Rows,
calls [CallLine] or None, row, customer: Customer or None, report: what `outcome_pages` calls values and results, moments.
Its parts with an id are exchanged one by one by desktop.js when the day changes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from aiohttp import web
from babel.dates import format_date
from multidict import MultiMapping
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.calls import day as calls_day
from callcenter.calls.history import CallLine
from callcenter.desktop import counters, customer
from callcenter.desktop.customer import Customer
from callcenter.desktop.day import Asked, Row, Rows, month_of, rows_of
from callcenter.diary import loose
from callcenter.diary.entries import SOURCES, of_interactions
from callcenter.entity.keys import ENTITIES
from callcenter.entity.pages.calendars import Stretch, heading_of, stretch_of
from callcenter.entity.pages.clashes import refused
from callcenter.errors import BadInput, ChangedMeanwhile
from callcenter.interactions import form, next_steps, outcome_pages
from callcenter.interactions.description import INTERACTION, KINDS, RESULTS, STATUSES
from callcenter.interactions.outcome_pages import OUTCOMES
from callcenter.server.body import number_in, path_id, read_form
from callcenter.server.i18n import language_of, languages
from callcenter.server.identity import may, require
from callcenter.server.keys import BRAND, CLOCK, DATABASE, SETTINGS
from callcenter.server.pages import redirect, render, translate, zone_of

routes = web.RouteTableDef()

#: When a next step is on a day that one chooses with one press.
MORNING: Final = time(10)
HALF_HOUR_S: Final = 1800


@dataclass(frozen=True, slots=True)
class Chosen:
    """What an address asks for: a day, a customer, what to report; or who is next after somebody."""

    asked: Asked
    contact_id: int | None = None
    event_id: int | None = None
    after_id: int | None = None
    #: The calls of the day stand at the left, not what is arranged.
    calls: bool = False


@dataclass(frozen=True, slots=True)
class Refused:
    """What was typed in a report that could not be saved, and why."""

    values: dict[str, str]
    errors: dict[str, str]
    status: int


@routes.get("/my-day")
async def show(request: web.Request) -> web.Response:
    return await _page(request, _chosen(request, request.query))


@routes.post(r"/my-day/report/{id:\d+}")
async def report(request: web.Request) -> web.Response:
    """Say what came of it, and go on to whoever is next."""
    require(request, "interaction", "edit")
    values = await read_form(request)
    query: dict[str, Any] = {"day": values.get("day", "")}
    try:
        await outcome_pages.report(request, path_id(request), values)
    except (BadInput, ChangedMeanwhile) as problem:
        return await _again(request, values, *await refused(request, INTERACTION, problem))
    if contact_id := number_in(values, "contact"):
        query |= (
            {"list": "calls", "contact": contact_id}
            if _is_of_calls(values)
            else {"after": contact_id}
        )
    return redirect(request, f"/my-day?{urlencode(query)}")


async def _again(
    request: web.Request, values: dict[str, str], errors: dict[str, str], status: int
) -> web.Response:
    asked = _asked(request, values.get("day", ""))
    chosen = Chosen(
        asked, number_in(values, "contact"), path_id(request), calls=_is_of_calls(values)
    )
    return await _page(request, chosen, Refused(values, errors, status))


def _chosen(request: web.Request, query: MultiMapping[str]) -> Chosen:
    return Chosen(
        _asked(request, query.get("day", "")), number_in(query, "contact"),
        number_in(query, "event"), number_in(query, "after"), _is_of_calls(query),
    )  # fmt: skip


def _is_of_calls(values: Mapping[str, str]) -> bool:
    return values.get("list") == "calls"


def _asked(request: web.Request, day: str) -> Asked:
    """Return whose day and which; today if it is none."""
    who, now = require(request, "interaction", "read"), request.app[CLOCK]()
    zone = ZoneInfo(zone_of(request))
    today = now.astimezone(zone).date()
    return Asked(who, stretch_of({"day": day}, today).day, zone, now)


# ---------------------------------------------------------------- the page


async def _page(
    request: web.Request, chosen: Chosen, refused: Refused | None = None
) -> web.Response:
    asked, language = chosen.asked, language_of(request)
    sources = request.app.get(SOURCES, (of_interactions,))
    leads = "leads" not in request.app[BRAND]().off
    async with request.app[DATABASE].read() as session:
        day = await rows_of(session, asked, sources)
        weeks = await month_of(session, asked, sources, language, request.app[SETTINGS].time_zone)
        finders = request.app.get(loose.FINDERS, loose.OWN)
        counted = await counters.of(session, asked.who, asked.now, finders, leads=leads)
        calls = await _calls(session, chosen)
        row = _row(day, chosen)
        found = await _customer(request, session, chosen, row, calls, leads=leads)
        told = await _report(request, session, found, refused)
    locale = languages()[language].locale
    stretch = Stretch("month", asked.day)
    return render(
        request, "desktop/desktop.html", status=refused.status if refused else 200,
        asked=asked, day=day, calls=calls, weeks=weeks, counters=counted, row=row, customer=found,
        heading=format_date(asked.day, "full", locale=locale),
        month=heading_of(stretch, language),
        before=stretch.moved(-1), later=stretch.moved(1), kinds=KINDS, statuses=STATUSES,
        went_on=chosen.after_id is not None, here=_address(asked.day, found, chosen), **told,
    )  # fmt: skip


def _row(day: Rows, chosen: Chosen) -> Row | None:
    """Return which row of the day is chosen: none if somebody else is shown."""
    if chosen.contact_id is not None:
        return day.of(chosen.contact_id)
    if chosen.after_id is not None:
        return day.after(chosen.after_id) or day.of(chosen.after_id)
    return day.begin()


async def _calls(session: AsyncSession, chosen: Chosen) -> list[CallLine] | None:
    """Return one's own calls of the day, if they were asked for."""
    asked = chosen.asked
    if not chosen.calls or may(asked.who, "call", "read") == "none":
        return None
    return await calls_day.mine(session, asked.who, asked.begins, asked.ends)


async def _customer(
    request: web.Request,
    session: AsyncSession,
    chosen: Chosen,
    row: Row | None,
    calls: Sequence[CallLine] | None,
    *,
    leads: bool,
) -> Customer | None:
    callers = (line.contact_id for line in calls or () if line.contact_id is not None)
    begins = next(callers, None) or (row.contact_id if row else None)
    contact_id = chosen.contact_id or begins or chosen.after_id
    if contact_id is None or may(chosen.asked.who, "contact", "read") == "none":
        return None
    event_id = chosen.event_id if chosen.contact_id is not None else None
    return await customer.of(
        session, request.app[ENTITIES], chosen.asked, contact_id, row, event_id, leads=leads
    )


def _address(day: date, found: Customer | None, chosen: Chosen) -> str:
    """Return the address that shows the same again, whatever has changed since."""
    query: dict[str, Any] = {"day": day.isoformat()}
    if chosen.calls:
        query["list"] = "calls"
    if found is not None:
        query["contact"] = found.card.contact.id
        if chosen.event_id is not None and chosen.contact_id is not None:
            query["event"] = chosen.event_id
    return f"/my-day?{urlencode(query)}"


async def _report(
    request: web.Request, session: AsyncSession, found: Customer | None, refused: Refused | None
) -> dict[str, Any]:
    """Return what the report needs besides its event."""
    event = found.event if found is not None else None
    if event is None:
        return {"report": None, "errors": refused.errors if refused else {}}
    registry, language, zone = request.app[ENTITIES], language_of(request), zone_of(request)
    values = form.outcome_of(event, zone) | (refused.values if refused else {})
    results = [(one.id, one.text(language)) for one in registry.list(RESULTS) if one.active]
    return {
        "report": event, "values": values, "errors": refused.errors if refused else {},
        "results": results, "outcomes": OUTCOMES, "steps": form.STEPS,
        "locked": form.locked(require(request, "interaction", "read")),
        "is_call": await outcome_pages.call_of(session, event) is not None,
        "asks_next": await next_steps.is_open(session, event),
        "moments": _moments(request, request.app[CLOCK](), ZoneInfo(zone)),
    }  # fmt: skip


def _(message: str) -> str:
    return message


def _moments(request: web.Request, now: datetime, zone: ZoneInfo) -> list[tuple[str, str]]:
    """Return when a next step may be, in one press: (what the field takes, what the button says)."""
    soon = now + timedelta(seconds=HALF_HOUR_S * 3 - now.timestamp() % HALF_HOUR_S)
    today = now.astimezone(zone).date()
    on = [(1, _("Tomorrow")), (7, _("In a week")), (30, _("In a month"))]
    days = [(datetime.combine(_workday(today + timedelta(n)), MORNING), says) for n, says in on]
    moments = [(soon.astimezone(zone), _("In an hour")), *days]
    return [(f"{at:%Y-%m-%dT%H:%M}", translate(request, says)) for at, says in moments]


def _workday(day: date) -> date:
    """Return the day, or the Monday after it."""
    return day + timedelta(days=max(0, 7 - day.weekday()) if day.weekday() > 4 else 0)

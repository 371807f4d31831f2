"""The report of leads: where they come from, how fast they are answered, what becomes of them.

Template stats/leads.html: report (lines [Line], total Figures, lost [(label, count, href)]), headings,
periods, heading, shown. Each number opens its leads: stats/lead_rows.html. `/reports/leads.csv` and
`.xlsx` give the same lines.
"""

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple
from urllib.parse import quote, urlencode

from aiohttp import web

from callcenter.entity import exporting, listing
from callcenter.entity.days import SPANS
from callcenter.entity.description import Entity
from callcenter.entity.keys import ENTITIES
from callcenter.entity.listing import NEWEST, Order, Wanted
from callcenter.entity.registry import label_in
from callcenter.entity.requests import asker_of
from callcenter.entity.rights import access
from callcenter.entity.showing import Showing
from callcenter.errors import NotAllowed, NotFound
from callcenter.leads.keys import PIPELINES
from callcenter.server.i18n import language_of, translate
from callcenter.server.identity import Identity, may, require
from callcenter.server.keys import DATABASE
from callcenter.server.pages import render, zone_of
from callcenter.stats.leads import figures, reading
from callcenter.stats.leads.figures import Figures, Row

routes = web.RouteTableDef()


def _(message: str) -> str:
    return message


#: The periods that are offered.
PERIODS: Final = (
    "today", "this_week", "last_7_days", "this_month", "last_month", "last_30_days", "last_90_days",
    "this_year", "last_year",
)  # fmt: skip
HEADING: Final = (
    _("Leads"), _("Under way"), _("Won"), _("Lost"), _("Conversion"), _("Answered after"),
    _("Nine of ten after"), _("In time"), _("Overdue"), _("Until won"),
)  # fmt: skip
#: Which leads each of them opens (`figures.COUNTED`).
OPENS: Final = (
    "came", "open", "won", "lost", "closed", "answered", "answered", "judged", "overdue", "won",
)  # fmt: skip
NOTHING: Final = _("Not said")
FORM: Final = _("Web form")
ALL: Final = _("All")
#: What a list of leads behind a number says of each.
COLUMNS: Final = (
    "number", "subject", "contact_id", "stage_id", "owner_id", "created_at", "respond_by",
    "first_response_at", "closed_at",
)  # fmt: skip
#: So many leads behind a number are shown, the newest first.
SHOWN: Final = 500


class Line(NamedTuple):
    #: In addresses; None for all lines together.
    key: str | None
    label: str
    figures: Figures


class Report(NamedTuple):
    under: str
    period: str
    lines: Sequence[Line]
    total: Line
    #: Why they were lost: (reason, count, the list of these).
    lost: Sequence[tuple[str, int, str]]
    #: There were more than are counted.
    more: bool
    showing: Showing

    def rows(self, line: Line, what: str) -> str:
        """Return the address of the leads behind a number."""
        asked = {"by": self.under, "period": self.period, "what": what}
        return f"/reports/leads/rows?{urlencode(asked | ({'key': line.key} if line.key is not None else {}))}"


class Asked(NamedTuple):
    """What is asked for, and the leads that answer it."""

    under: str
    period: str
    rows: Sequence[Row]
    more: bool
    names: Mapping[int, str]


@routes.get("/reports/leads")
async def show(request: web.Request) -> web.Response:
    who = require(request, "lead", "read")
    report = await _report(request, who)
    return render(
        request, "stats/leads.html", report=report, headings=_headings(request, who),
        periods=[(word, translate(request, SPANS[word])) for word in PERIODS], heading=HEADING,
        opens=OPENS, may_export=may(who, "lead", "export") != "none",
    )  # fmt: skip


@routes.get("/reports/leads/rows")
async def behind(request: web.Request) -> web.Response:
    """The leads that one number counts."""
    who, registry = require(request, "lead", "read"), request.app[ENTITIES]
    what, entity = request.query.get("what", ""), registry["lead"]
    if what not in figures.COUNTED:
        raise NotFound
    asker = asker_of(request)
    asked = await _asked(request, who)
    key = request.query.get("key")
    rows = [row for row in asked.rows if key is None or _key(row.under) == key]
    found = figures.behind(rows, what, asker.now)
    columns = tuple(name for name in COLUMNS if name in listing.readable(registry, entity, asker))
    wanted = Wanted(
        columns, Order(NEWEST, descending=True), ids=tuple(row.id for row in found[:SHOWN])
    )
    async with request.app[DATABASE].read() as session:
        page = await listing.page(session, registry, entity, asker, wanted, None, SHOWN)
    fields = registry.fields("lead")
    return render(
        request, "stats/lead_rows.html", page=page, count=len(found), shown=SHOWN,
        columns=[fields[name] for name in columns],
        masked=[name for name in columns if access(entity, fields[name], who) == "masked"],
        showing=Showing(registry, language_of(request), zone_of(request), page.names),
        what=translate(request, HEADING[OPENS.index(what)]),
        label=translate(request, ALL) if key is None else await _label(request, who, asked, rows),
        back=f"/reports/leads?{urlencode({'by': asked.under, 'period': asked.period})}",
        period=translate(request, SPANS[asked.period]),
    )  # fmt: skip


@routes.get(r"/reports/leads.{kind:csv|xlsx}")
async def as_file(request: web.Request) -> web.Response:
    who = require(request, "lead", "read")
    if may(who, "lead", "export") == "none":
        raise NotAllowed
    report = await _report(request, who)
    headings = dict(_headings(request, who))
    heading = [headings[report.under], *(translate(request, each) for each in HEADING)]
    lines = [_cells(line) for line in report.lines]
    kind = request.match_info["kind"]
    if kind == "xlsx":
        body, content_type = await exporting.table(heading, lines), exporting.WORKBOOK
    else:
        text = io.StringIO()
        csv.writer(text).writerows([heading, *lines])
        # Excel takes a file for UTF-8 only if it begins so.
        body, content_type = ("\ufeff" + text.getvalue()).encode(), "text/csv"
    return web.Response(
        body=body, content_type=content_type, charset="utf-8" if kind == "csv" else None,
        headers={"Content-Disposition": f'attachment; filename="leads.{kind}"'},
    )  # fmt: skip


def _cells(line: Line) -> list[str | int | float]:
    told = line.figures
    return [
        line.label, told.came, told.open, told.won, told.lost, _share(told.conversion),
        _whole(told.response_s), _whole(told.response_p90_s), _share(told.in_time), told.overdue,
        _whole(told.to_win_s),
    ]  # fmt: skip


# ---------------------------------------------------------------- what is asked for


async def _asked(request: web.Request, who: Identity) -> Asked:
    entity, asker = request.app[ENTITIES]["lead"], asker_of(request)
    offered = [name for name, _label in _headings(request, who)]
    under = request.query.get("by", "")
    under = under if under in offered else offered[0]
    period = request.query.get("period", "")
    period = period if period in PERIODS else "last_30_days"
    between = reading.bounds(period, asker.now, asker.zone)
    async with request.app[DATABASE].read() as session:
        rows = await reading.rows(session, entity, who, request.app[PIPELINES], under, between)
        names = await reading.forms(session) if under == reading.FORM else {}
    return Asked(under, period, rows[: reading.MOST], len(rows) > reading.MOST, names)


async def _report(request: web.Request, who: Identity) -> Report:
    registry, now = request.app[ENTITIES], asker_of(request).now
    asked = await _asked(request, who)
    grouped = figures.by(asked.rows, now)
    showing = await _showing(request, who, asked, [key for key, _told in grouped])
    lines = [Line(_key(key), _said(request, showing, asked, key), told) for key, told in grouped]
    total = Line(None, translate(request, ALL), figures.figures(asked.rows, now))
    reason = registry.fields("lead")["lost_reason_id"]
    lost = []
    if access(registry["lead"], reason, who) in ("read", "write"):
        none = translate(request, NOTHING)
        lost = [
            (showing.text(reason, key) or none, count, _list(asked.period, reason.name, key))
            for key, count in figures.reasons(asked.rows)
        ]
    return Report(asked.under, asked.period, lines, total, lost, asked.more, showing)


async def _showing(
    request: web.Request, who: Identity, asked: Asked, keys: Sequence[Any]
) -> Showing:
    registry = request.app[ENTITIES]
    showing = Showing(registry, language_of(request), zone_of(request))
    if asked.under == reading.FORM:
        return showing
    field = registry.fields("lead")[asked.under]
    async with request.app[DATABASE].read() as session:
        return await showing.naming(session, [(field, key) for key in keys], who)


def _said(request: web.Request, showing: Showing, asked: Asked, key: Any) -> str:
    """Return what leads are counted under, in words."""
    if asked.under == reading.FORM:
        return asked.names.get(key or 0) or translate(request, NOTHING)
    field = request.app[ENTITIES].fields("lead")[asked.under]
    return showing.text(field, key) or translate(request, NOTHING)


async def _label(request: web.Request, who: Identity, asked: Asked, rows: Sequence[Row]) -> str:
    key = rows[0].under if rows else None
    return _said(request, await _showing(request, who, asked, [key]), asked, key)


def _headings(request: web.Request, who: Identity) -> list[tuple[str, str]]:
    """Return under what this person may count: (name, label)."""
    entity, fields = request.app[ENTITIES]["lead"], request.app[ENTITIES].fields("lead")
    language = language_of(request)
    return [
        (
            name,
            translate(request, FORM) if name == reading.FORM else label_in(fields[name], language),
        )
        for name in reading.UNDER
        if name == reading.FORM or _is_open(entity, fields[name], who)
    ]


def _is_open(entity: Entity, field: Any, who: Identity) -> bool:
    return access(entity, field, who) in ("read", "write")


def _key(under: int | str | None) -> str:
    return "" if under is None else str(under)


def _list(period: str, name: str, value: Any) -> str:
    """Return the list of the leads that have a value."""
    said = f"{name}~empty" if value is None else f"{name}~is~{quote(str(value), safe='')}"
    return f"/leads?{urlencode([('own', '1'), ('f', f'created_at~within~{period}'), ('f', said)])}"


def _share(share: float | None) -> float | str:
    return "" if share is None else round(share, 4)


def _whole(seconds: float | None) -> int | str:
    return "" if seconds is None else round(seconds)

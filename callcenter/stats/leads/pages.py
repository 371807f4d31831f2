"""The report of leads: where they come from, how fast they are answered, what becomes of them.

Template stats/leads.html: lines [Line], total Figures, lost [(label, count, href)], under, headings,
period, periods, more. `/reports/leads.csv` gives the same lines.
"""

import csv
import io
from collections.abc import Sequence
from typing import Any, Final, NamedTuple
from urllib.parse import quote, urlencode

from aiohttp import web

from callcenter.entity.days import SPANS
from callcenter.entity.keys import ENTITIES
from callcenter.entity.registry import label_in
from callcenter.entity.requests import asker_of
from callcenter.entity.rights import access
from callcenter.entity.showing import Showing, names_of
from callcenter.errors import NotAllowed
from callcenter.leads.keys import PIPELINES
from callcenter.server.i18n import language_of, translate
from callcenter.server.identity import Identity, may, require
from callcenter.server.keys import DATABASE
from callcenter.server.pages import render, zone_of
from callcenter.stats.leads import figures, reading
from callcenter.stats.leads.figures import Figures

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
NOTHING: Final = _("Not said")


class Line(NamedTuple):
    label: str
    figures: Figures
    #: The list of these leads.
    href: str


class Report(NamedTuple):
    under: str
    period: str
    lines: Sequence[Line]
    total: Figures
    lost: Sequence[tuple[str, int, str]]
    #: There were more than are counted.
    more: bool
    showing: Showing


@routes.get("/reports/leads")
async def show(request: web.Request) -> web.Response:
    who = require(request, "lead", "read")
    report = await _report(request, who)
    fields = request.app[ENTITIES].fields("lead")
    language = language_of(request)
    return render(
        request, "stats/leads.html", report=report,
        headings=[(name, label_in(fields[name], language)) for name in _open(request, who)],
        periods=[(word, translate(request, SPANS[word])) for word in PERIODS], heading=HEADING,
        may_export=may(who, "lead", "export") != "none",
    )  # fmt: skip


@routes.get("/reports/leads.csv")
async def as_file(request: web.Request) -> web.Response:
    who = require(request, "lead", "read")
    if may(who, "lead", "export") == "none":
        raise NotAllowed
    report = await _report(request, who)
    text = io.StringIO()
    table = csv.writer(text)
    fields = request.app[ENTITIES].fields("lead")
    first = label_in(fields[report.under], language_of(request))
    table.writerow([first, *(translate(request, each) for each in HEADING)])
    for line in report.lines:
        told = line.figures
        table.writerow([
            line.label, told.came, told.open, told.won, told.lost, _share(told.conversion),
            _whole(told.response_s), _whole(told.response_p90_s), _share(told.in_time),
            told.overdue, _whole(told.to_win_s),
        ])  # fmt: skip
    # Excel takes a file for UTF-8 only if it begins so.
    return web.Response(
        body=("\ufeff" + text.getvalue()).encode(), content_type="text/csv", charset="utf-8",
        headers={"Content-Disposition": 'attachment; filename="leads.csv"'},
    )  # fmt: skip


async def _report(request: web.Request, who: Identity) -> Report:
    registry, asker = request.app[ENTITIES], asker_of(request)
    entity, fields = registry["lead"], registry.fields("lead")
    offered = _open(request, who)
    under = request.query.get("by", "")
    under = under if under in offered else offered[0]
    period = request.query.get("period", "")
    period = period if period in PERIODS else "last_30_days"
    between = reading.bounds(period, asker.now, asker.zone)
    async with request.app[DATABASE].read() as session:
        rows = await reading.rows(session, entity, who, request.app[PIPELINES], under, between)
        more, rows = len(rows) > reading.MOST, rows[: reading.MOST]
        grouped = figures.by(rows, asker.now)
        field = fields[under]
        names = await names_of(session, registry, [(field, key) for key, _told in grouped], who)
    showing = Showing(registry, language_of(request), zone_of(request), names)
    none, reason = translate(request, NOTHING), fields["lost_reason_id"]
    lines = [
        Line(showing.text(field, key) or none, told, _href(period, (under, key)))
        for key, told in grouped
    ]
    lost = []
    if access(entity, reason, who) in ("read", "write"):
        lost = [
            (showing.text(reason, key) or none, count, _href(period, ("lost_reason_id", key)))
            for key, count in figures.reasons(rows)
        ]
    return Report(under, period, lines, figures.figures(rows, asker.now), lost, more, showing)


def _open(request: web.Request, who: Identity) -> list[str]:
    """Return the fields under which this person may count."""
    entity, fields = request.app[ENTITIES]["lead"], request.app[ENTITIES].fields("lead")
    return [
        name for name in reading.UNDER if access(entity, fields[name], who) in ("read", "write")
    ] or ["channel"]


def _href(period: str, condition: tuple[str, Any]) -> str:
    """Return the list of the leads that a figure counts."""
    name, value = condition
    said = f"{name}~empty" if value is None else f"{name}~is~{quote(str(value), safe='')}"
    return f"/leads?{urlencode([('own', '1'), ('f', f'created_at~within~{period}'), ('f', said)])}"


def _share(share: float | None) -> str:
    return "" if share is None else f"{share:.4f}"


def _whole(seconds: float | None) -> str:
    return "" if seconds is None else str(round(seconds))

"""REST of the explanation of a call: the same ladder as on its page."""

from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from callcenter.calls.desk import EVIDENCE_OF
from callcenter.calls.story import find_call
from callcenter.calls.why.asking import Explained, explain
from callcenter.calls.why.concluded import facts
from callcenter.calls.why.shapes import Ladder, Row
from callcenter.calls.why.shown import Teller
from callcenter.calls.why.view import Head, Picture, RowView, may_read_messages, picture
from callcenter.errors import NotFound
from callcenter.server.body import answer, path_id
from callcenter.server.i18n import language_of
from callcenter.server.identity import require
from callcenter.server.keys import CLOCK, DATABASE
from callcenter.server.openapi import operation

routes = web.RouteTableDef()


@routes.get("/api/v1/calls/{id}/why")
@operation(needs="call:read", answers=Ladder)
async def why(request: web.Request) -> web.Response:
    """Tell what happened in a call, row by row, and which messages of the PBX say so."""
    who = require(request, "call", "read")
    async with request.app[DATABASE].read() as session:
        found = await find_call(session, path_id(request), who)
    if found is None:
        raise NotFound
    explained = await explain(found, request.app.get(EVIDENCE_OF), request.app[CLOCK](), who)
    teller = Teller(language_of(request), found.region, who, found.call.did)
    shown = picture(explained, teller, raw=may_read_messages(who))
    return answer(_explained(explained, shown, teller))


def _explained(explained: Explained, shown: Picture, teller: Teller) -> Ladder:
    ladder = explained.ladder
    missing = explained.trace.missing if explained.trace is not None else ()
    inferred = ladder.call.inferred | set(explained.detail.line.inferred)
    return {
        "from": "stream" if ladder.from_stream else "record",
        "checked": None if explained.differs is None else not explained.differs,
        "differences": [
            {"field": one.field, "leg": one.leg, "stored": one.stored, "derived": one.derived}
            for one in explained.differs or ()
        ],
        "concluded": [teller.word(fact) for fact in facts(inferred)],
        "missing": [
            {"from_at": _at(begin), "to_at": _at(end), "reason": reason}
            for begin, end, reason in missing
        ],
        "columns": [_column(head) for head in shown.heads],
        "rows": [_row(row) for row in shown.rows],
        "legs": [_leg(name, parts) for name, parts in shown.parts.items()],
    }


def _column(head: Head) -> dict[str, Any]:
    bars = [
        {"state": bar.state, "from_at": _at(bar.begin), "to_at": _at(bar.end)} for bar in head.bars
    ]
    return {
        "key": head.key, "kind": head.kind, "name": head.name, "detail": head.detail, "bars": bars,
    }  # fmt: skip


def _row(row: RowView) -> Row:
    return {
        "at": _at(row.at), "text": row.plain, "columns": row.columns, "concluded": row.concluded,
        "messages": [
            {
                "at": _at(one.at), "source": one.source, "name": one.name or None,
                "who": one.who, "means": one.means, "fields": one.fields,
            }
            for one in row.messages
        ],
    }  # fmt: skip


def _leg(name: str, parts: dict[str, Any]) -> dict[str, Any]:
    spans = {
        what: [{"from_at": _at(begin), "to_at": _at(end)} for begin, end in part.spans]
        for what, part in parts.items()
    }
    return {"leg": name, **spans}


def _at(moment: float) -> datetime:
    return datetime.fromtimestamp(moment, UTC)

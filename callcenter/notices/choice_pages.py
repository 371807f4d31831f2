"""How I am told: of what by which way, when nobody disturbs me, and how early I am reminded.

Template notices/choices.html: values, errors, version, saved, kinds, channels, leading, reminders,
days, has_address.
"""

import re
from collections.abc import Collection, Sequence
from datetime import date, timedelta
from typing import Any, Final

from aiohttp import web
from multidict import MultiDictProxy
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter import phone
from callcenter.agents.models import User
from callcenter.entity import editing
from callcenter.errors import BadInput, ChangedMeanwhile
from callcenter.notices import notices, wishes
from callcenter.notices.keys import TELLER, WAYS
from callcenter.notices.kinds import CHANNELS, KINDS
from callcenter.notices.models import NoticeWish
from callcenter.server.actor import actor
from callcenter.server.body import number_in, read_form
from callcenter.server.errors import sentence, sentences
from callcenter.server.identity import identity
from callcenter.server.keys import CLOCK, DATABASE, REGIONS
from callcenter.server.pages import redirect, render, translate

routes = web.RouteTableDef()


def _(message: str) -> str:
    return message


#: So many minutes before their time one can be reminded of things.
REMINDERS: Final = (0, 5, 10, 15, 30, 60, 120, 1440, 2880)
MOST_REMINDERS: Final = 5
WEEK: Final = range(7)
#: A Monday: weekdays are named by days of its week.
A_MONDAY: Final = date(2026, 11, 23)

BOTH: Final = _("Say when the quiet begins and when it ends, or neither.")
ALWAYS: Final = _("Leave at least one day on which you can be told something.")
TOO_MANY: Final = _("Choose at most five reminders.")
NO_MOBILE: Final = _("This is no phone number. Write it like +994 50 123 45 67.")
SENT: Final = _("A notice is on its way to you.")


@routes.get("/notices/choices")
async def choices(request: web.Request) -> web.Response:
    async with request.app[DATABASE].read() as session:
        row = await session.get(NoticeWish, identity(request).user_id)
    return await _page(request, _values(row), {}, saved="saved" in request.query)


@routes.post("/notices/choices")
async def choose(request: web.Request) -> web.Response:
    who, at = identity(request), request.app[CLOCK]()
    await read_form(request)
    sent = await request.post()
    typed = _typed(sent)
    try:
        form = _read(typed, request.app[REGIONS])
        async with request.app[DATABASE].write() as session:
            row = await _locked(session, who.user_id, at)
            seen = number_in(typed, "version")
            await editing.save(session, row, "notice_wish", form, seen, at, actor(request))
    except BadInput as problem:
        return await _page(request, typed, sentences(request, problem))
    except ChangedMeanwhile as problem:
        return await _page(request, typed, {"": sentence(request, problem)}, status=409)
    return redirect(request, "/notices/choices?saved=1")


@routes.post("/notices/try")
async def try_out(request: web.Request) -> web.Response:
    """Send me one now, by every way that leads to me."""
    who, at = identity(request), request.app[CLOCK]()
    async with request.app[DATABASE].write() as session:
        row = ("user", who.user_id, translate(request, SENT))
        await notices.add(session, [who.user_id], "trial", row, None, at)
    request.app[TELLER]()
    return redirect(request, "/notices/choices?tried=1")


async def _locked(session: AsyncSession, user_id: int, at: Any) -> NoticeWish:
    row = await session.get(NoticeWish, user_id, with_for_update=True)
    if row is None:
        row = NoticeWish(
            id=user_id, channels={}, quiet_days=[], reminders=list(wishes.REMINDERS), version=1,
            created_at=at, created_by=user_id, updated_at=at, updated_by=user_id,
        )  # fmt: skip
        session.add(row)
        await session.flush()
    return row


def _values(row: NoticeWish | None) -> dict[str, Any]:
    """Return what the form begins with."""
    wished = wishes.of_row(row) if row else wishes.NONE
    quiet = wished.quiet
    return {
        "channels": {f"{kind}:{way}" for kind in KINDS for way in wished.by(kind)},
        "sms_to": wished.sms_to or "", "quiet_from": _clock(quiet.from_min),
        "quiet_to": _clock(quiet.to_min), "quiet_days": set(map(str, quiet.days)),
        "reminders": set(map(str, wished.reminders)), "version": row.version if row else 1,
    }  # fmt: skip


def _typed(sent: "MultiDictProxy[Any]") -> dict[str, Any]:
    many = {
        name: set(map(str, sent.getall(name, [])))
        for name in ("channels", "quiet_days", "reminders")
    }
    one = {
        name: str(sent.get(name, "")).strip()
        for name in ("sms_to", "quiet_from", "quiet_to", "version")
    }
    return many | one


def _read(typed: dict[str, Any], regions: Sequence[str]) -> dict[str, Any]:
    """Return the columns that the form means. Raises BadInput."""
    wrong: dict[str, str] = {}
    begin, end = _minutes(typed["quiet_from"]), _minutes(typed["quiet_to"])
    if (begin is None) != (end is None):
        wrong["quiet_to" if end is None else "quiet_from"] = BOTH
    days = sorted(int(day) for day in typed["quiet_days"] if day in map(str, WEEK))
    if len(days) == len(WEEK):
        wrong["quiet_days"] = ALWAYS
    reminders = sorted(int(each) for each in typed["reminders"] if each in map(str, REMINDERS))
    if len(reminders) > MOST_REMINDERS:
        wrong["reminders"] = TOO_MANY
    mobile = phone.read(typed["sms_to"], regions)
    if typed["sms_to"] and mobile.kind != "e164":
        wrong["sms_to"] = NO_MOBILE
    if wrong:
        raise BadInput(wrong)
    return {
        "channels": _channels(typed["channels"]), "sms_to": mobile.norm or None, "quiet_from": begin,
        "quiet_to": end, "quiet_days": days, "reminders": reminders,
    }  # fmt: skip


def _channels(chosen: Collection[str]) -> dict[str, list[str]]:
    return {
        kind: [way for way in CHANNELS if f"{kind}:{way}" in chosen]
        for kind, each in KINDS.items()
        if each.chosen
    }


def _minutes(typed: str) -> int | None:
    found = re.fullmatch(r"([01]\d|2[0-3]):([0-5]\d)", typed, re.ASCII)
    return int(found[1]) * 60 + int(found[2]) if found else None


def _clock(minutes: int | None) -> str:
    return "" if minutes is None else f"{minutes // 60:02}:{minutes % 60:02}"


async def _page(
    request: web.Request,
    values: dict[str, Any],
    errors: dict[str, str],
    *,
    saved: bool = False,
    status: int = 422,
) -> web.Response:
    async with request.app[DATABASE].read() as session:
        person = await session.get_one(User, identity(request).user_id)
    return render(
        request, "notices/choices.html", status=status if errors else 200, values=values,
        errors=errors, saved=saved, tried="tried" in request.query, channels=CHANNELS,
        kinds={name: kind for name, kind in KINDS.items() if kind.chosen},
        leading=request.app[WAYS](), has_address=bool(person.email), reminders=REMINDERS,
        days=[(day, A_MONDAY + timedelta(days=day)) for day in WEEK],
    )  # fmt: skip

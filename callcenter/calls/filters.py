"""What a reader of the calls list asked for, from the address of the page."""

import re
from collections.abc import Sequence
from datetime import date

from aiohttp import web

from callcenter import phone
from callcenter.calls.desk import CONTACTS_OF
from callcenter.calls.history import CallFilter
from callcenter.errors import BadInput, NotAPhoneNumber
from callcenter.interactions import covering
from callcenter.server.body import MISFIT, number_in
from callcenter.server.identity import Identity
from callcenter.server.keys import REGIONS

#: Fewer digits than this are no number to search by.
LEAST_DIGITS = 3
#: Years that have days with a beginning and an end in every time zone.
YEARS = range(1970, 9999)


async def read_filter(request: web.Request, who: Identity) -> CallFilter:
    """Return the filter of the request's query. Raises BadInput for a day that is none."""
    query = request.query
    text = query.get("q", "").strip()
    digits = _digits(text)
    return CallFilter(
        # Whoever may not read numbers would find one out digit by digit.
        digits=None if covering.covers_numbers(who) else digits,
        e164=_e164(text, request.app[REGIONS]) if digits else None,
        contact_ids=await request.app[CONTACTS_OF](who, text) if text else None,
        person_id=number_in(query, "person"),
        queue=query.get("queue") or None,
        day=_day(query.get("day", "")),
        result=query.get("result") or None,
        direction=query.get("direction") or None,
        after=query.get("after") or None,
    )


def _digits(text: str) -> str | None:
    """Return the digits to look for at the end of numbers, None if `text` is a name."""
    digits = re.sub(r"[\s()+./-]", "", text)
    if not (digits.isascii() and digits.isdigit()) or len(digits) < LEAST_DIGITS:
        return None
    # A national "0" or an international "00" in front stands in no stored number.
    return digits.lstrip("0") or None


def _e164(text: str, regions: Sequence[str]) -> str | None:
    try:
        return phone.to_e164(text, regions)
    except NotAPhoneNumber:
        return None


def _day(text: str) -> date | None:
    if not text:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise BadInput({"day": MISFIT}) from error
    if day.year not in YEARS:
        raise BadInput({"day": MISFIT})
    return day

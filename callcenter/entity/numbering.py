"""Numbers that people read, such as "L-2026-00042", drawn when a record is added.

A pattern says what they look like; one that contains the year starts anew each year. Two people
who add at the same time never draw the same number. There may be gaps: a number that was drawn and
not used is not given again.
"""

import re
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.db import Setting


def _(message: str) -> str:
    return message


#: The row of `setting` in which administrators keep their patterns: {"patterns": {entity: pattern}}.
KEY = "numbering"
LIMIT = 40

NO_COUNTER = _("Put {n} where the number counts, such as L-{year}-{n:05}.")
UNKNOWN_PART = _("Only {year}, {yy}, {n} and {n:05} are filled in; other braces cannot be used.")
TOO_LONG = _("This is too long. Shorten it.")

_PART = re.compile(r"\{(?:(year)|(yy)|n(?::0([1-9]|1[0-2]))?)\}")
_DRAW = text(
    "INSERT INTO sequence (kind, year, last) VALUES (:kind, :year, 1) "
    "ON CONFLICT (kind, year) DO UPDATE SET last = sequence.last + 1 RETURNING last"
)


def wrong(pattern: str) -> str | None:
    """Return what is wrong with a pattern, None if nothing is."""
    if len(pattern) > LIMIT:
        return TOO_LONG
    rest = _PART.sub("", pattern)
    if "{" in rest or "}" in rest:
        return UNKNOWN_PART
    counts = any(not (part[1] or part[2]) for part in _PART.finditer(pattern))
    return None if counts else NO_COUNTER


def written(pattern: str, year: int, number: int) -> str:
    """Return the number as people read it."""

    def part(found: re.Match[str]) -> str:
        if found[1]:
            return str(year)
        return f"{year % 100:02}" if found[2] else f"{number:0{found[3] or 1}}"

    return _PART.sub(part, pattern)


async def draw(
    session: AsyncSession, kind: str, as_delivered: str, at: datetime, zone: ZoneInfo
) -> str:
    """Return the next number of a kind, in the caller's transaction."""
    row = await session.get(Setting, KEY)
    chosen = (row.value.get("patterns") or {}) if row is not None else {}
    pattern = str(chosen.get(kind) or as_delivered)
    year = at.astimezone(zone).year
    is_yearly = any(part[1] or part[2] for part in _PART.finditer(pattern))
    drawn = await session.scalar(_DRAW, {"kind": kind, "year": year if is_yearly else 0})
    return written(pattern, year, int(drawn))

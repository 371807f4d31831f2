"""Working hours as people write them: "09:00-13:00, 14:00-18:00", and days of their own a line each.

Pure: texts in, a `Sheet` out, and back.
"""

import re
from collections.abc import Mapping
from datetime import date
from itertools import pairwise
from typing import Final

from callcenter.diary.holidays import COUNTRIES
from callcenter.diary.hours import DAY_MIN
from callcenter.diary.worktime import Sheet
from callcenter.errors import BadInput
from callcenter.server.zones import zones


def _(message: str) -> str:
    return message


#: The fields of the week, Monday first.
WEEK: Final = tuple(f"day_{number}" for number in range(7))
FIELDS: Final = ("zone", "country", *WEEK, "days")
MOST_SPANS: Final = 4
MOST_DAYS: Final = 400

NOT_HOURS: Final = _(
    "Write hours such as 09:00-18:00, with a comma between two; leave it empty for a day off."
)
OVERLAP: Final = _("These hours overlap. Write them one after the other.")
NOT_DAYS: Final = _(
    "Write a day a line, such as 2026-12-31 09:00-13:00, or 2026-12-31 alone for a day off."
)
NO_HOURS: Final = _("Nobody would ever work. Write hours for one day at least.")
NO_ZONE: Final = _("There is no such time zone. Choose one such as Asia/Baku.")
NO_COUNTRY: Final = _("The holidays of this country are not known here. Choose one from the list.")

_SPAN: Final = re.compile(
    r"(\d{1,2})(?:[:.](\d{2}))?\s*[-–—]\s*(\d{1,2})(?:[:.](\d{2}))?", re.ASCII
)
_LINE: Final = re.compile(r"(\d{4}-\d{2}-\d{2})[\s:]*(.*)", re.ASCII)

Spans = list[list[int]]


def read(values: Mapping[str, str]) -> Sheet:
    """Raises BadInput, naming the fields."""
    wrong: dict[str, str] = {}
    week: list[Spans] = []
    for name in WEEK:
        try:
            week.append(spans(values.get(name, "")))
        except ValueError as problem:
            wrong[name] = str(problem)
    days = _days(values.get("days", ""), wrong)
    if not wrong and not any(week):
        wrong[WEEK[0]] = NO_HOURS
    zone, country = values.get("zone", ""), values.get("country", "")
    if zone and zone not in zones():
        wrong["zone"] = NO_ZONE
    if country and country not in COUNTRIES:
        wrong["country"] = NO_COUNTRY
    if wrong:
        raise BadInput(wrong)
    return Sheet(zone=zone, country=country, week=week, days=days)


def spans(typed: str) -> Spans:
    """Return the hours of a day in minutes; what ends before it begins ends on the next day.

    Raises ValueError with a sentence.
    """
    found: Spans = []
    for part in filter(None, re.split(r"[,;]", typed)):
        match = _SPAN.fullmatch(part.strip())
        if match is None:
            raise ValueError(NOT_HOURS)
        hours = [int(number or 0) for number in match.groups()]
        first, last = hours[0] * 60 + hours[1], hours[2] * 60 + hours[3]
        if first >= DAY_MIN or last > DAY_MIN or hours[1] > 59 or hours[3] > 59:
            raise ValueError(NOT_HOURS)
        found.append([first, last if last > first else last + DAY_MIN])
    found.sort()
    if len(found) > MOST_SPANS:
        raise ValueError(NOT_HOURS)
    if any(one[1] > following[0] for one, following in pairwise(found)):
        raise ValueError(OVERLAP)
    return found


def _days(typed: str, wrong: dict[str, str]) -> dict[str, Spans]:
    days: dict[str, Spans] = {}
    for line in filter(None, map(str.strip, typed.splitlines())):
        match = _LINE.fullmatch(line)
        try:
            days[date.fromisoformat(match[1] if match else line).isoformat()] = spans(
                match[2] if match else ""
            )
        except ValueError:
            wrong["days"] = NOT_DAYS
    if len(days) > MOST_DAYS:
        wrong["days"] = NOT_DAYS
    return dict(sorted(days.items()))


def values_of(sheet: Sheet) -> dict[str, str]:
    """Return a sheet as its form shows it."""
    week = {name: told(held) for name, held in zip(WEEK, sheet.week, strict=True)}
    days = "\n".join(f"{day} {told(held)}".rstrip() for day, held in sheet.days.items())
    return {"zone": sheet.zone, "country": sheet.country, "days": days, **week}


def told(held: Spans) -> str:
    return ", ".join(f"{_clock(first)}-{_clock(last)}" for first, last in held)


def _clock(minute: int) -> str:
    hour, rest = divmod(minute if minute <= DAY_MIN else minute - DAY_MIN, 60)
    return f"{hour:02}:{rest:02}"

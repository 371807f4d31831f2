"""Whose working hours count: a team's own, those of the nearest team above it, the company's.

They are kept as JSON (`Sheet`): the company's in `setting`, a team's in its `calendar`, which is
empty if it works as the team above it, or the company.
"""

from collections.abc import Container, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import msgspec
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.agents.models import Team
from callcenter.db import Setting
from callcenter.diary.holidays import days_off
from callcenter.diary.hours import OFFICE, Hours

KEY: Final = "hours"


class Sheet(msgspec.Struct, frozen=True, kw_only=True):
    """Working hours as they are kept; spans are [from, until] in minutes since midnight."""

    #: An IANA zone; that of the installation if nothing is said.
    zone: str = ""
    #: Whose holidays count, "" for none.
    country: str = "AZ"
    week: list[list[list[int]]] = msgspec.field(
        default_factory=lambda: [[list(span) for span in OFFICE] for _ in range(5)] + [[], []]
    )
    #: {"2026-12-31": spans}
    days: dict[str, list[list[int]]] = {}


@dataclass(frozen=True, slots=True)
class Worktime:
    """Hours and the holidays that count, as `hours` takes them."""

    hours: Hours
    country: str

    @property
    def holidays(self) -> Container[date]:
        return days_off(self.country)


def of_sheet(sheet: Sheet, zone: str) -> Worktime:
    """`zone` is that of the installation."""
    week = tuple(tuple((first, last) for first, last in spans) for spans in sheet.week)
    days = {
        date.fromisoformat(day): tuple((first, last) for first, last in spans)
        for day, spans in sheet.days.items()
    }
    return Worktime(Hours(sheet.zone or zone, week, days), sheet.country)


async def of_team(session: AsyncSession, team_id: int | None, zone: str) -> Worktime:
    """Return the hours that count for a team, or the company's for no team."""
    return (await of_teams(session, zone))(team_id)


class Teams:
    """The hours of every team, read once."""

    def __init__(
        self, company: Sheet, teams: Mapping[int, tuple[int | None, Mapping[str, Any]]], zone: str
    ) -> None:
        self._company, self._teams, self._zone = company, teams, zone

    def __call__(self, team_id: int | None) -> Worktime:
        return of_sheet(self.sheet(team_id), self._zone)

    def sheet(self, team_id: int | None) -> Sheet:
        passed: set[int] = set()
        while team_id is not None and team_id in self._teams and team_id not in passed:
            passed.add(team_id)
            above, own = self._teams[team_id]
            if own:
                return msgspec.convert(own, Sheet)
            team_id = above
        return self._company


async def of_teams(session: AsyncSession, zone: str) -> Teams:
    rows = await session.execute(select(Team.id, Team.parent_id, Team.calendar))
    kept = await session.get(Setting, KEY)
    company = {} if kept is None else {k: v for k, v in kept.value.items() if k != "version"}
    return Teams(
        msgspec.convert(company, Sheet),
        {row.id: (row.parent_id, row.calendar) for row in rows},
        zone,
    )

"""The month of a team of fifty: what each has planned and had, among all the calls they took."""

import random
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import insert

from callcenter.bench import crowd
from callcenter.db import Database
from callcenter.diary import layout
from callcenter.diary.entries import Wanted, of_interactions
from callcenter.interactions.models import Interaction, Participant
from callcenter.server.identity import Identity

FIRST: Final = date(2026, 5, 25)
DAYS: Final = 42
#: Of each of the people, a day; calls as many as there are customers for.
IN_CALENDAR: Final = 4
CALLS: Final = 25
_ZONE: Final = ZoneInfo("Asia/Baku")
_KINDS: Final = ("meeting", "visit", "task", "call")
_FIRST_ID: Final = 9_000_000
_BLOCK: Final = 5_000


async def fill(database: Database, customers: int, seed: int = 1) -> None:
    """Add six weeks of interactions, unless they are there; each in a calendar is with a customer."""
    dice, number = random.Random(seed), _FIRST_ID
    calls = min(CALLS, customers // 400)
    async with database.read() as session:
        if await session.get(Interaction, _FIRST_ID + 1) is not None:
            return
    rows: list[dict[str, Any]] = []
    people: list[dict[str, Any]] = []
    for day in range(DAYS):
        for person in range(crowd.PEOPLE):
            for n in range(IN_CALENDAR + calls):
                number += 1
                at = datetime.combine(FIRST, time(5), UTC) + timedelta(
                    days=day, minutes=15 * dice.randrange(36)
                )
                kind = dice.choice(_KINDS) if n < IN_CALENDAR else None
                rows.append(_row(number, crowd.FIRST_PERSON + person, at, kind))
                if kind:
                    contact = crowd.contact_id(dice.randrange(customers))
                    people.append(_with(number, contact, at))
    async with database.write() as session:
        for table, made in ((Interaction, rows), (Participant, people)):
            for begin in range(0, len(made), _BLOCK):
                await session.execute(insert(table), made[begin : begin + _BLOCK])


def _row(number: int, owner: int, at: datetime, kind: str | None) -> dict[str, Any]:
    """Return something planned, or without a kind a call that was taken."""
    return {
        "id": number, "kind": kind or "call", "status": "planned" if kind else "held", "start_at": at,
        "end_at": at + timedelta(minutes=30), "due_at": at, "subject": f"Matter {number}",
        "owner_id": owner, "custom": {}, "revision": 0, "version": 1, "created_at": at,
        "updated_at": at,
    }  # fmt: skip


def _with(interaction: int, contact: int, at: datetime) -> dict[str, Any]:
    return {
        "interaction_id": interaction,
        "role": "attendee",
        "seq": 0,
        "contact_id": contact,
        "at": at,
    }


async def month(database: Database, who: Identity) -> int:
    """Put together the month of all of them, as the page does; return how much stands in it."""
    end = FIRST + timedelta(DAYS)
    everybody = range(crowd.FIRST_PERSON, crowd.FIRST_PERSON + crowd.PEOPLE)
    wanted = Wanted(
        who,
        everybody,
        layout.midnight(FIRST, _ZONE),
        layout.midnight(end, _ZONE),
        _ZONE,
        per_day=layout.IN_A_CELL,
    )
    async with database.read() as session:
        entries = await of_interactions(session, wanted)
    days = layout.days(entries, FIRST, end, _ZONE)
    return sum(len(day.entries) + wanted.left_out[on] for on, day in days.items())

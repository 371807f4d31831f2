"""When a PBX was not heard: listed page by page, and marked on the calls it touches."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from callcenter.calls import day
from callcenter.calls.gaps import PAGE_ROWS, list_gaps
from callcenter.calls.history import CallFilter, list_calls
from callcenter.calls.models import CallRow, Gap
from callcenter.errors import BadInput
from tests.fixtures.customers import NOW, Office, reader

ALL = reader("all")


def after(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


async def gap(office: Office, number: int, begin_s: float, end_s: float | None, **facts: object):
    pbx = await office.pbx()
    async with office.database.write() as session:
        session.add(
            Gap(id=number, pbx_id=pbx.id, epoch=1, from_at=after(begin_s), reason="lost",
                to_at=None if end_s is None else after(end_s), **facts)
        )  # fmt: skip


async def test_gaps_are_listed_newest_first_page_by_page(office: Office) -> None:
    # Several begin in one moment: the id tells them apart.
    for number in range(1, PAGE_ROWS + 6):
        await gap(office, number, number // 3, number)

    async with office.database.read() as session:
        first = await list_gaps(session)
        second = await list_gaps(session, after=first.after)

    ids = [line.id for line in (*first.gaps, *second.gaps)]
    assert ids == sorted(ids, reverse=True)
    assert len(set(ids)) == PAGE_ROWS + 5
    assert second.after is None
    assert first.gaps[0].pbx == (await office.pbx()).name


async def test_a_cursor_that_is_none_is_refused(office: Office) -> None:
    async with office.database.read() as session:
        with pytest.raises(BadInput):
            await list_gaps(session, after="soon")


async def test_only_calls_that_a_gap_touches_are_marked(office: Office) -> None:
    calls = {}
    for name, begin_s, end_s in (("before", 0, 9), ("into", 5, 15), ("open", 16, None)):
        call = await office.call("0502345678", at=after(begin_s))
        async with office.database.write() as session:
            row = await session.get_one(CallRow, call.id)
            row.end_at = None if end_s is None else after(end_s)
        calls[call.id] = name
    await gap(office, 1, 10, 12)
    await gap(office, 2, 20, None)

    async with office.database.read() as session:
        page = await list_calls(session, CallFilter(), ALL, ZoneInfo("UTC"))

    assert {calls[line.id]: line.gaps for line in page.lines} == {
        "before": [],
        "into": [(after(10), after(12))],
        "open": [(after(20), None)],
    }


async def test_the_figures_of_a_day_name_what_was_not_made_good(office: Office) -> None:
    anna = await office.user("Anna")
    await gap(office, 1, -10, -5)
    await gap(office, 2, 10, 20)
    await gap(office, 3, 30, 40, recovered={"state": "done"})

    async with office.database.read() as session:
        figures = await day.figures(session, anna.id, NOW)

    assert figures.gaps == [(after(10), after(20))]

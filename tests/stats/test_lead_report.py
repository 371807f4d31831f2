"""What became of the inquiries: figures that say what they count, and open it."""

import csv
import html
import io
import random
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook
from sqlalchemy import select

from callcenter.db import Database
from callcenter.leads.models import Lead
from callcenter.leads.webforms.models import Submission, WebForm
from callcenter.process import seeds
from callcenter.process.models import Stage
from callcenter.stats.leads import figures
from callcenter.stats.leads.figures import Row
from callcenter.stats.leads.pages import routes
from tests.fixtures.house import Browser, House, house_on

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)


def row(kind: str = "open", ago_h: float = 5, **facts: Any) -> Row:
    return Row(
        facts.pop("id", 1), facts.pop("under", 1), kind, NOW - timedelta(hours=ago_h), **facts
    )


def test_conversion_is_won_of_closed() -> None:
    told = figures.figures([row("won"), row("lost"), row("lost"), row()], NOW)

    assert (told.came, told.open, told.won, told.lost) == (4, 1, 1, 2)
    assert told.conversion == 1 / 3
    assert figures.figures([row()], NOW).conversion is None


def test_an_answer_is_in_time_by_its_term_and_late_once_the_term_is_over() -> None:
    term = NOW - timedelta(hours=3)
    rows = [
        row(respond_by=term, first_response_at=term - timedelta(minutes=1)),
        row(respond_by=term, first_response_at=term + timedelta(minutes=1)),
        row(respond_by=term),
        row(respond_by=NOW + timedelta(hours=1)),
        row(),
    ]

    told = figures.figures(rows, NOW)
    assert told.in_time == 1 / 3
    assert told.overdue == 1


def test_response_times_are_told_by_nearest_rank() -> None:
    rows = [
        row(first_response_at=NOW - timedelta(hours=5) + timedelta(minutes=minutes))
        for minutes in (1, 2, 3, 4, 100)
    ]

    told = figures.figures(rows, NOW)
    assert (told.response_s, told.response_p90_s) == (180, 6_000)


def test_what_was_won_is_added_up_by_currency() -> None:
    rows = [
        row("won", amount=500, currency="AZN"), row("won", amount=700, currency="AZN"),
        row("won", amount=9, currency="USD"), row("lost", amount=1, currency="AZN"),
    ]  # fmt: skip

    assert figures.figures(rows, NOW).worth == {"AZN": 1_200, "USD": 9}


@given(
    st.lists(
        st.builds(
            row,
            st.sampled_from(("open", "won", "lost")),
            st.integers(0, 99),
            under=st.sampled_from((1, 2, None)),
        )
    )
)
def test_the_lines_add_up_to_the_whole(rows: list[Row]) -> None:
    whole, lines = figures.figures(rows, NOW), figures.by(rows, NOW)

    for name in ("came", "open", "won", "lost", "overdue"):
        assert sum(getattr(told, name) for _key, told in lines) == getattr(whole, name)
    assert whole.came == whole.open + whole.won + whole.lost


@dataclass
class Month:
    """A made-up month of leads, and what is known of each without asking the report."""

    house: House
    admin: Browser
    #: {what leads are counted under: [(kind, whether it is overdue)]}
    under: dict[str, list[tuple[str, bool]]]


@pytest.fixture
async def month(sqlite_database: Database, tmp_path: Path) -> AsyncIterator[Month]:
    async with house_on(sqlite_database, tmp_path, routes=routes) as house:
        now, dice = house.clock(), random.Random(7)
        under: dict[str, list[tuple[str, bool]]] = {}
        async with house.database.write() as session:
            await seeds.seed(session, now)
            stages = {row.kind: row for row in await session.scalars(select(Stage))}
            session.add_all(
                WebForm(id=n, key=f"f{n}", secret="s", name=name, created_at=now, updated_at=now)
                for n, name in ((1, "Call me"), (2, "Prices"))
            )
            await session.flush()
            for n in range(1, 61):
                kind = dice.choice(("open", "won", "lost"))
                by = dice.choice(("Call me", "Prices", "Not said"))
                answered = dice.choice((None, now - timedelta(hours=2)))
                term = dice.choice((None, now - timedelta(hours=1), now + timedelta(hours=1)))
                session.add(
                    Lead(
                        id=n, number=f"L-{n}", subject=f"Lead {n}", pipeline_id=stages[kind].pipeline_id,
                        stage_id=stages[kind].id, respond_by=term, first_response_at=answered,
                        channel="web", created_at=now - timedelta(hours=3), updated_at=now,
                    )
                )  # fmt: skip
                is_late = kind == "open" and answered is None and term is not None and term < now
                under.setdefault(by, []).append((kind, is_late))
                await session.flush()
                if by != "Not said":
                    session.add(
                        Submission(
                            id=n, form_id=1 if by == "Call me" else 2, at=now, status="made", lead_id=n,
                            language="en",
                        )
                    )  # fmt: skip
        await house.person("admin", role="admin")
        admin = await house.signed_in("admin")
        admin.headers = {"Accept-Language": "en"}
        await admin.submit("/admin/pipelines/order/lead", {})
        yield Month(house, admin, under)


async def test_each_number_opens_its_leads(month: Month) -> None:
    report = (await month.admin.open("/reports/leads?by=form&period=this_year")).text
    lines = re.findall(r'<th scope="row">(.*?)</th>(.*?)</tr>', report, re.DOTALL)
    assert len(lines) == 4

    everything = [one for each in month.under.values() for one in each]
    for label, cells in lines:
        known = month.under.get(_words(label), everything)
        shown = [_words(cell) for cell in re.findall(r'<td class="num">(.*?)</td>', cells)]
        links = re.findall(r'href="([^"]*)"', cells)
        expected = [
            len(known), *(sum(kind == each for kind, _late in known) for each in ("open", "won", "lost")),
            sum(late for _kind, late in known),
        ]  # fmt: skip
        assert [int(shown[place]) for place in (0, 1, 2, 3, 8)] == expected
        for what, count in zip(("came", "open", "won", "lost", "overdue"), expected, strict=True):
            found = [link for link in map(html.unescape, links) if f"what={what}" in link]
            assert bool(found) == bool(count), (label, what)
            rows = (await month.admin.open(found[0])).text if found else ""
            assert rows.count("data-row") == count, (label, what)


async def test_the_report_is_taken_out_as_a_workbook_and_as_text(month: Month) -> None:
    query = "by=form&period=this_year"
    text = await month.admin.open(f"/reports/leads.csv?{query}")
    async with month.admin.client.get(
        f"/reports/leads.xlsx?{query}", headers=month.admin.headers
    ) as response:
        book = CalamineWorkbook.from_filelike(io.BytesIO(await response.read()))

    lines = list(csv.reader(text.text.removeprefix("\ufeff").splitlines()))
    cells = book.get_sheet_by_index(0).to_python()
    assert lines[0][:2] == cells[0][:2] == ["Web form", "Leads"]
    assert sum(int(line[1]) for line in lines[1:]) == 60
    assert [(row[0], row[1]) for row in cells[1:]] == [
        (line[0], float(line[1])) for line in lines[1:]
    ]


async def test_what_nobody_counts_is_not_found(month: Month) -> None:
    assert (await month.admin.open("/reports/leads/rows?what=nonsense")).status == 404
    assert (await month.admin.open("/reports/leads/rows?what=won&key=99&by=form")).status == 200


def _words(text: str) -> str:
    return html.unescape(re.sub(r"<[^>]*>", "", text)).strip()

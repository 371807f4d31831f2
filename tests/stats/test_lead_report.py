"""What became of the inquiries: figures that say what they count, and open it."""

import html
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from callcenter.db import Database
from callcenter.process import seeds
from callcenter.stats.leads import figures
from callcenter.stats.leads.figures import Row
from callcenter.stats.leads.pages import routes
from tests.fixtures.house import house_on

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)


def row(kind: str = "open", ago_h: float = 5, **facts: Any) -> Row:
    return Row(facts.pop("under", 1), kind, NOW - timedelta(hours=ago_h), **facts)


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


async def test_each_number_opens_its_leads(sqlite_database: Database, tmp_path: Path) -> None:
    async with house_on(sqlite_database, tmp_path, routes=routes) as house:
        async with house.database.write() as session:
            await seeds.seed(session, house.clock())
        await house.person("admin", role="admin")
        admin = await house.signed_in("admin")
        admin.headers = {"Accept-Language": "en"}
        await admin.submit("/admin/pipelines/order/lead", {})
        for channel in ("call", "call", "web"):
            page = await admin.submit(
                "/leads", {"subject": f"By {channel}", "channel": channel, "interest": "warm"}
            )
            assert page.status == 303

        report = await admin.open("/reports/leads?by=channel&period=today")
        (href,) = set(
            re.findall(r'href="(/leads\?[^"]*channel~is~call[^"]*)"', _plain(report.text))
        )
        listed = await admin.open(href)
        file = await admin.open("/reports/leads.csv?by=channel&period=today")

        assert "Phone call" in report.text
        assert listed.text.count("By call") >= 2
        assert "By web" not in listed.text
        assert file.text.splitlines()[1].startswith("Phone call,2,2,0,0")


def _plain(text: str) -> str:
    return html.unescape(text).replace("%7E", "~")

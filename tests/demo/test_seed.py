"""The demo's office and past: every row as the product itself would have left it."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from callcenter.agents.models import Device, User
from callcenter.agents.passwords import is_right
from callcenter.calls.history import CallFilter, list_calls
from callcenter.calls.models import CallRow, PbxRow
from callcenter.calls.pbxs import secret_of
from callcenter.crm.contacts.models import Contact, ContactPoint
from callcenter.crm.lookup import who_is
from callcenter.db import Database
from callcenter.demo import customers, past, seed
from callcenter.interactions.models import Interaction, Participant
from callcenter.mail import templates
from callcenter.mail.models import Letter, Template
from callcenter.stats.formulas import Visit, Visits, queue_figures
from tests.fixtures.customers import REGIONS, reader

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
ACCOUNT = seed.Account(host="127.0.0.1", port=5038, user="crm", secret="pretend")
AGENT = past.Agent(7, "PJSIP/1001")
CALLERS = [past.Customer(number, f"+99450200000{number}", None) for number in range(1, 5)]

MOMENTS = st.integers(0, 2 * 365 * 24 * 60).map(lambda minutes: NOW + timedelta(minutes=minutes))


def by_id(rows: list[dict[str, Any]], name: str) -> dict[int, dict[str, Any]]:
    return {row[name]: row for row in rows}


@given(now=MOMENTS, dice=st.integers(0, 10_000))
@settings(max_examples=15)
def test_the_figures_of_every_past_call_add_up(now: datetime, dice: int) -> None:
    made = past.rows(1, CALLERS, [AGENT], now, dice)
    legs, visits = by_id(made["call_leg"], "call_id"), by_id(made["queue_visit"], "call_id")
    interactions = by_id(made["interaction"], "id")

    for call in made["call"]:
        leg, interaction = legs[call["id"]], interactions[call["id"]]
        answered = call["result"] == "answered"
        span_ms = (call["end_at"] - call["ring_at"]) / timedelta(milliseconds=1)
        talk_ms, hold_ms = call["talk_ms"] or 0, call["hold_ms"]
        assert call["wait_ms"] + talk_ms + hold_ms == pytest.approx(span_ms, abs=2)
        assert (talk_ms > 0) == answered == (call["answer_at"] is not None)
        assert hold_ms >= 0
        assert (leg["talk_ms"], leg["hold_ms"]) == (talk_ms, hold_ms)
        assert (leg["result"] == "answered") == answered
        assert call["ring_at"] <= leg["ring_at"] <= leg["end_at"] == call["end_at"] <= now
        assert (interaction["start_at"], interaction["end_at"]) == (call["ring_at"], call["end_at"])
        assert interaction["status"] == ("held" if answered else "missed")
        assert (call["owner_id"] == AGENT.user_id) == answered
        if call["direction"] == "inbound":
            visit = visits[call["id"]]
            assert call["ring_at"] <= visit["joined_at"] <= leg["ring_at"]
            assert visit["joined_at"] < visit["left_at"] <= call["end_at"]
            assert visit["ended"] == call["result"]


def test_the_past_is_the_same_for_the_same_dice() -> None:
    one, two = (past.rows(1, CALLERS, [AGENT], NOW) for _ in range(2))

    def without_ids(rows: past.Rows) -> list[tuple[Any, ...]]:
        return [(row["ring_at"], row["result"], row["talk_ms"]) for row in rows["call"]]

    assert without_ids(one) == without_ids(two)
    assert {row["result"] for row in one["call"]} == {"answered", "abandoned", "no-answer", "busy"}


def test_the_past_has_two_weeks_up_to_now() -> None:
    made = past.rows(1, CALLERS, [AGENT], NOW)
    days = Counter((NOW.date() - row["ring_at"].date()).days for row in made["call"])

    assert set(range(past.DAYS)) <= set(days)
    assert max(days) <= past.DAYS


def test_customers_are_people_and_companies_of_all_our_countries() -> None:
    made = customers.make(140)
    people = [customer for customer in made if customer.kind == "person"]

    assert len(people) == 140
    assert {customer.country for customer in made} == {"AZ", "TR", "RU", "GE"}
    assert customers.make(140) == made
    for person in people:
        if person.company is not None:
            company = made[person.company]
            assert (company.kind, company.country) == ("company", person.country)


async def test_the_demos_office_can_be_opened_on_either_engine(
    database: Database, tmp_path: Path
) -> None:
    await seed.fill(database, tmp_path, ACCOUNT, NOW)

    async with database.read() as session:
        people = list(await session.scalars(select(User).order_by(User.login)))
        pbx = (await session.scalars(select(PbxRow))).one()
        phones = list(await session.scalars(select(Device.endpoint).order_by(Device.endpoint)))
        page = await list_calls(session, CallFilter(), reader("all"), ZoneInfo("Asia/Baku"))
        unlinked = await session.scalar(
            select(func.count())
            .select_from(Participant)
            .where(Participant.contact_id.is_(None), Participant.user_id.is_(None))
        )
        orphans = await session.scalar(
            select(func.count())
            .select_from(Interaction)
            .outerjoin(CallRow, CallRow.interaction_id == Interaction.id)
            .where(
                CallRow.id.is_(None), Interaction.kind == "call", Interaction.status != "planned"
            )
        )

    assert {person.login for person in people} == {worker.login for worker in seed.OFFICE}
    assert all([await is_right(seed.PASSWORD, person.password_hash) for person in people])
    assert phones == [f"PJSIP/100{number}" for number in range(1, 7)]
    assert secret_of(pbx, tmp_path) == "pretend"
    assert (unlinked, orphans) == (0, 0)
    assert all(line.contact_name and line.ring_at < NOW for line in page.lines)


async def test_every_customer_is_found_by_the_number_that_calls(
    sqlite_database: Database, tmp_path: Path
) -> None:
    await seed.fill(sqlite_database, tmp_path, ACCOUNT, NOW)

    async with sqlite_database.read() as session:
        points = list(
            await session.scalars(select(ContactPoint).where(ContactPoint.kind == "phone"))
        )
        latest = await session.execute(select(Contact.id, Contact.last_contact_at))
        spoken = await session.execute(
            select(Participant.contact_id, func.max(Participant.at))
            .join(Interaction, Interaction.id == Participant.interaction_id)
            .where(
                Participant.contact_id.is_not(None),
                # Nobody speaks with a customer by a note, or by what is still to come.
                Interaction.status != "planned",
                Interaction.kind.not_in(("note", "task")),
            )
            .group_by(Participant.contact_id)
        )
        last_contact = {contact_id: at for contact_id, at in latest if at is not None}
        assert last_contact == dict(spoken.all())
    assert len(points) == len({point.norm for point in points})
    for point in points:
        found = await who_is(sqlite_database, point.value, REGIONS)
        assert [each.contact_id for each in found.candidates] == [point.contact_id]


async def test_the_demos_figures_are_those_of_an_office(
    sqlite_database: Database, tmp_path: Path
) -> None:
    await seed.fill(sqlite_database, tmp_path, ACCOUNT, NOW)

    rows = await sqlite_database.fetch("SELECT queue, joined_at, left_at, ended FROM queue_visit")
    visits = Visits()
    for queue, joined, left, ended in rows:
        visits.add(Visit(queue=queue, joined_at=joined / 1000, left_at=left / 1000, ended=ended))
    figures = queue_figures(visits, NOW.timestamp())

    assert figures.waiting.value == figures.flowed_out.value == 0
    assert figures.offered.numerator == figures.answered.numerator + figures.abandoned.numerator
    assert 0.5 < (figures.service_level.value or 0) < 1


async def test_letters_wait_for_an_answer_and_templates_can_be_used(
    sqlite_database: Database, tmp_path: Path
) -> None:
    await seed.fill(sqlite_database, tmp_path, ACCOUNT, NOW)

    async with sqlite_database.read() as session:
        letters = (await session.scalars(select(Letter))).all()
        texts = (await session.scalars(select(Template.texts))).all()
    assert [letter.to_answer for letter in letters] == [True] * 3
    assert len(texts) == 2
    for text in (told[part] for each in texts for told in each.values() for part in told):
        assert templates.wrong_with(text, templates.BODY_LETTERS) is None

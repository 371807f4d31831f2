"""Rules run of what happens to rows: once each, whoever reads, and what fails does nothing."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete

from callcenter.db import Setting
from callcenter.interactions.models import Interaction
from callcenter.rules import dates
from callcenter.rules.dates import KEPT
from callcenter.rules.following import STATE
from callcenter.rules.shapes import AddTask, Assign, Involve, Notify, SetField
from tests.fixtures.customers import NOW
from tests.rules.conftest import Rules


async def test_a_rule_runs_once_for_a_new_row_that_is_such(rules: Rules) -> None:
    large = {"all": [{"field": "amount", "op": "more", "value": 1000}]}
    boss = await rules.person("Boss")
    await rules.rule(Assign(user_id=boss.id, only_present=False), condition=large)

    small, big = await rules.lead(amount=5_000), await rules.lead(amount=500_000)
    await rules.run()
    await rules.run()

    assert (await rules.owner(small), await rules.owner(big)) == (None, boss.id)
    assert [run.entity_id for run in await rules.runs()] == [big.id]


async def test_a_second_reader_of_the_same_lines_does_nothing_again(rules: Rules) -> None:
    boss = await rules.person("Boss")
    await rules.rule(AddTask(subject="Call back", whom=str(boss.id)))
    async with rules.office.database.read() as session:
        before = (await session.get_one(Setting, STATE)).value
    await rules.lead()
    await rules.run()

    async with rules.office.database.write() as session:
        (await session.get_one(Setting, STATE)).value = before
    await rules.run()

    assert len(await rules.all(Interaction)) == 1
    assert len(await rules.runs()) == 1


async def test_what_a_rule_does_is_written_down_as_its_own(rules: Rules) -> None:
    boss = await rules.person("Boss")
    rule = await rules.rule(
        SetField(field="interest", value="hot"), Involve(user_id=boss.id), Notify(whom=str(boss.id))
    )
    lead = await rules.lead()
    await rules.run()

    by_rule = [row for row in await rules.changes(lead) if row.actor_kind == "automation"]
    assert any(row.diff.get("interest") == ["unknown", "hot"] for row in by_rule)
    assert await rules.told("rule") == [boss.id]
    (run,) = await rules.runs()
    assert run.automation_id == rule.id
    assert [step["type"] for step in run.steps] == ["set", "involve", "notify"]


async def test_one_rule_sets_off_another_and_both_end(rules: Rules) -> None:
    await rules.rule(SetField(field="interest", value="hot"), trigger="changed", name="Up")
    await rules.rule(SetField(field="interest", value="cold"), trigger="changed", name="Down")
    lead = await rules.lead()
    await rules.run()
    assert await rules.runs() == []

    await rules.desk.change(lead, subject="Two boilers")
    await rules.run()

    ran = await rules.runs()
    assert len(ran) == 2
    assert len({run.root for run in ran}) == 1


async def test_a_rule_of_a_field_waits_for_that_field(rules: Rules) -> None:
    await rules.rule(
        SetField(field="interest", value="hot"), trigger="changed", trigger_fields=["amount"]
    )
    lead = await rules.lead()
    await rules.desk.change(lead, subject="Two boilers")
    await rules.run()
    assert await rules.runs() == []

    await rules.desk.change(lead, amount=7)
    await rules.run()
    assert len(await rules.runs()) == 1


async def test_a_rule_that_fails_does_nothing_and_says_why(rules: Rules) -> None:
    rule = await rules.rule(
        SetField(field="interest", value="hot"), SetField(field="number", value="1")
    )
    lead = await rules.lead()
    await rules.run()

    (run,) = await rules.runs()
    assert (run.status, run.automation_id) == ("failed", rule.id)
    assert "This field cannot be changed here." in (run.error or "")
    async with rules.office.database.read() as session:
        stored: Any = await session.get_one(type(lead), lead.id)
        assert stored.interest == "unknown"


async def test_a_rule_of_a_date_runs_when_it_comes_and_once(rules: Rules) -> None:
    boss = await rules.person("Boss")
    await rules.rule(
        Notify(whom=str(boss.id)), trigger="date", date_field="next_action_at", offset_min=-60
    )
    await rules.run()
    await rules.lead(next_action_at=NOW + timedelta(hours=2))
    rules.now += timedelta(minutes=30)
    await rules.run()
    assert await rules.told("rule") == []

    rules.now += timedelta(minutes=31)
    await rules.run()
    await rules.run()

    assert await rules.told("rule") == [boss.id]


async def test_what_happened_before_the_first_look_lets_nothing_run(rules: Rules) -> None:
    async with rules.office.database.write() as session:
        await session.execute(delete(Setting).where(Setting.key == STATE))
    boss = await rules.person("Boss")
    await rules.rule(Assign(user_id=boss.id, only_present=False))
    lead = await rules.lead()
    await rules.run()

    assert await rules.owner(lead) is None


async def test_of_two_nodes_that_read_the_same_lines_one_does_what_a_rule_says(
    rules: Rules,
) -> None:
    boss = await rules.person("Boss")
    await rules.rule(AddTask(subject="Call back", whom=str(boss.id)))
    for _ in range(3):
        await rules.lead()

    other = rules.another_node()
    await asyncio.gather(rules.follower.step(), other.step())
    await rules.run()
    await other.step()

    assert len(await rules.all(Interaction)) == 3
    assert len(await rules.runs()) == 3


async def test_however_many_dates_come_at_one_moment_none_is_missed(
    rules: Rules, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dates, "BATCH", 2)
    boss = await rules.person("Boss")
    rule = await rules.rule(
        Notify(whom=str(boss.id)), trigger="date", date_field="next_action_at", looked_until=NOW
    )
    for _ in range(5):
        await rules.lead(next_action_at=NOW + timedelta(hours=2))

    rules.now += timedelta(hours=3)
    await rules.run()
    assert await rules.told("rule") == [boss.id] * 5

    # Nothing more is to be done, so nothing is written, and after a restart nothing is done twice.
    kept = await rules.looked_until(rule)
    rules.now += timedelta(seconds=30)
    await rules.run()
    assert await rules.looked_until(rule) == kept == NOW + timedelta(hours=3)
    rules.now += KEPT
    rules.follower = rules.another_node()
    await rules.run()
    assert await rules.looked_until(rule) == rules.now
    assert len(await rules.runs()) == 5


async def test_a_date_that_administrators_added_lets_rules_run_too(rules: Rules) -> None:
    await rules.added_field("lead", "visit_at", "datetime")
    boss = await rules.person("Boss")
    await rules.rule(
        Notify(whom=str(boss.id)), trigger="date", date_field="custom.visit_at", looked_until=NOW
    )
    visit_at = (NOW + timedelta(hours=2)).isoformat()
    await rules.lead(**{"custom.visit_at": visit_at})

    rules.now += timedelta(hours=1)
    await rules.run()
    assert await rules.told("rule") == []
    rules.now += timedelta(hours=1, minutes=1)
    await rules.run()
    assert await rules.told("rule") == [boss.id]

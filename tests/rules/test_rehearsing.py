"""What a rule would have done is shown, and nothing is done."""

from datetime import timedelta

import pytest

from callcenter.entity.registry import Registry
from callcenter.rules import rehearsing
from callcenter.rules.models import Automation
from callcenter.rules.rehearsing import Page, rehearse
from callcenter.rules.shapes import AddTask, Notify
from tests.fixtures.customers import NOW
from tests.rules.conftest import Rules

LARGE = {"all": [{"field": "amount", "op": "more", "value": 1000}]}


async def would(rules: Rules, rule: Automation, before: int | None = None) -> Page:
    registry: Registry = rules.desk.registry
    async with rules.office.database.read() as session:
        return await rehearse(session, registry, rule, 7, rules.now, before)


async def test_what_happened_of_late_is_matched_and_nothing_is_done(rules: Rules) -> None:
    rule = await rules.rule(AddTask(subject="Call"), condition=LARGE, active=False)
    small, big = await rules.lead(amount=5_000), await rules.lead(amount=500_000)
    await rules.desk.change(big, subject="Two boilers")

    page = await would(rules, rule)

    assert [(row.row_id, row.title) for row in page.rows] == [(big.id, "Two boilers")]
    assert (page.rows[0].actor_id, page.before) == (rules.desk.anna.id, None)
    assert small.id not in {row.row_id for row in page.rows}
    assert await rules.runs() == []
    rules.now += timedelta(days=8)
    assert (await would(rules, rule)).rows == []


async def test_it_says_the_same_as_the_log_once_the_rule_has_run(sqlite_rules: Rules) -> None:
    rules = sqlite_rules
    boss = await rules.person("Boss")
    rule = await rules.rule(Notify(whom=str(boss.id)), trigger="changed", trigger_fields=["amount"])
    for amount in (1, 2, 3):
        lead = await rules.lead()
        await rules.desk.change(lead, amount=amount)
        await rules.desk.change(lead, subject="Another")
    await rules.run()

    page = await would(rules, rule)

    ran = [run.entity_id for run in await rules.runs()]
    assert sorted(row.row_id for row in page.rows) == sorted(ran)


async def test_it_is_read_a_page_at_a_time(
    sqlite_rules: Rules, monkeypatch: pytest.MonkeyPatch
) -> None:
    rules = sqlite_rules
    monkeypatch.setattr(rehearsing, "PAGE_ROWS", 2)
    rule = await rules.rule(AddTask(subject="Call"))
    leads = [await rules.lead() for _ in range(5)]

    shown, before = list[int](), None
    for _ in range(10):
        page = await would(rules, rule, before)
        shown += [row.row_id for row in page.rows]
        if (before := page.before) is None:
            break

    assert sorted(shown) == sorted(lead.id for lead in leads)


async def test_dates_that_came_are_matched_too(sqlite_rules: Rules) -> None:
    rules = sqlite_rules
    rule = await rules.rule(
        Notify(), trigger="date", date_field="next_action_at", offset_min=-60, condition=LARGE
    )
    came = await rules.lead(next_action_at=NOW + timedelta(hours=2), amount=500_000)
    await rules.lead(next_action_at=NOW + timedelta(hours=2), amount=5)
    await rules.lead(next_action_at=NOW + timedelta(days=3), amount=500_000)

    rules.now += timedelta(hours=1, minutes=1)
    page = await would(rules, rule)

    assert [(row.row_id, row.at) for row in page.rows] == [(came.id, NOW + timedelta(hours=1))]

"""Administrators build rules in two fields, If and Then."""

from typing import Any

from sqlalchemy import select

from callcenter.agents.models import User
from callcenter.process import seeds
from callcenter.rules.models import Automation
from tests.fixtures.house import Browser, House


async def administrator(house: House) -> Browser:
    async with house.database.write() as session:
        await seeds.seed(session, house.clock())
    await house.person("admin", role="admin")
    admin = await house.signed_in("admin")
    admin.headers = {"Accept-Language": "en"}
    return admin


async def rules(house: House) -> list[Automation]:
    async with house.database.read() as session:
        return list(await session.scalars(select(Automation).order_by(Automation.id)))


def filled(user_id: int, **more: Any) -> dict[str, Any]:
    return {
        "name": "Large ones to the boss", "trigger": "created", "active": "1",
        "field.0": "amount", "op.0": "more", "value.0": "10,000",
        "do.assign": "1", "assign.user_id": str(user_id),
        "do.task": "1", "task.subject": "Call back", "task.within_min": "15",
    } | more  # fmt: skip


async def test_a_rule_is_built_shown_in_words_and_changed(sqlite_house: House) -> None:
    house = sqlite_house
    admin = await administrator(house)
    boss: User = await house.person("boss", role="supervisor")

    added = await admin.submit("/admin/rules/new/lead", filled(boss.id))
    (rule,) = await rules(house)
    listed = await admin.open("/admin/rules")
    shown = await admin.open(f"/admin/rules/{rule.id}")
    changed = await admin.submit(
        f"/admin/rules/{rule.id}",
        filled(boss.id, version="1") | {"field.1": "interest", "op.1": "is", "value.1": "hot"},
    )

    assert (added.status, changed.status) == (303, 303)
    assert rule.condition == {"all": [{"field": "amount", "op": "more", "value": "10000.00"}]}
    assert [one["type"] for one in rule.actions] == ["assign", "task"]
    assert "gives it to somebody, adds a task" in listed.text
    assert "10,000.00" in listed.text
    assert 'value="10000.00"' in shown.text or 'value="10,000.00"' in shown.text
    (rule,) = await rules(house)
    assert len(rule.condition["all"]) == 2


async def test_what_is_wrong_is_said_and_nothing_typed_is_lost(sqlite_house: House) -> None:
    house = sqlite_house
    admin = await administrator(house)

    page = await admin.submit(
        "/admin/rules/new/lead",
        {"name": "A name", "trigger": "date", "field.0": "amount", "op.0": "more",
         "value.0": "much", "do.assign": "1", "do.task": "1"},
    )  # fmt: skip
    empty = await admin.submit("/admin/rules/new/lead", {"name": "A", "trigger": "created"})

    assert page.status == 422
    assert page.value("name") == "A name"
    assert 'value="much"' in page.text
    assert "Choose the person or the team that gets it." in page.text
    assert "choose at least one thing under “Then”" in empty.text
    assert await rules(house) == []


async def test_choosing_a_field_brings_what_it_can_be_compared_with(sqlite_house: House) -> None:
    admin = await administrator(sqlite_house)

    page = await admin.open("/admin/rules/line?entity=lead&place=2&field.2=interest")

    assert 'name="op.2"' in page.text
    assert '<option value="hot"' in page.text


async def test_a_rule_is_taken_away_and_its_log_can_be_read(sqlite_house: House) -> None:
    house = sqlite_house
    admin = await administrator(house)
    boss = await house.person("boss", role="supervisor")
    await admin.submit("/admin/rules/new/lead", filled(boss.id))
    (rule,) = await rules(house)

    log = await admin.open(f"/admin/rules/{rule.id}/runs")
    await admin.submit(f"/admin/rules/{rule.id}/take-away", {})

    assert "It has not run yet" in log.text
    assert (await admin.open(f"/admin/rules/{rule.id}")).status == 404


async def test_only_administrators_make_rules(sqlite_house: House) -> None:
    await sqlite_house.person("boss", role="supervisor")
    boss = await sqlite_house.signed_in("boss")

    for path in ("/admin/rules", "/admin/rules/new/lead", "/admin/rules/1", "/admin/rules/1/runs"):
        assert (await boss.open(path)).status == 403

"""Administrators build rules in two fields, If and Then."""

from typing import Any

import pytest
from sqlalchemy import select

from callcenter.agents.models import User
from callcenter.entity.keys import ENTITIES
from callcenter.mail.models import MailAccount, Template
from callcenter.process import seeds
from callcenter.rules import log_pages
from callcenter.rules.models import Automation, AutomationRun
from tests.fixtures.house import Browser, House


async def administrator(house: House) -> Browser:
    async with house.database.write() as session:
        await seeds.seed(session, house.clock())
    await house.app[ENTITIES].load(house.database)
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


async def test_each_thing_a_rule_can_do_is_filled_in_kept_and_shown_again(
    sqlite_house: House,
) -> None:
    house = sqlite_house
    admin = await administrator(house)
    boss = await house.person("boss", role="supervisor")
    (stage,) = [one for one in house.app[ENTITIES].list("lead.stage") if one.key == "qualified"]
    account, template = await letters(house)
    deeds = {
        "do.move": "1", "move.stage_id": str(stage.id), "do.call": "1", "call.after_min": "30", "call.ring": "1",
        "do.letter": "1", "letter.template_id": str(template), "letter.account_id": str(account),
        "do.sms": "1", "sms.text": "Dear {{contact.name}}", "do.hook": "1",
        "hook.url": "https://example.az/hook", "hook.secret": "hush",
    }  # fmt: skip

    added = await admin.submit("/admin/rules/new/lead", filled(boss.id, **deeds))
    (rule,) = await rules(house)
    shown = await admin.open(f"/admin/rules/{rule.id}")
    await admin.submit(
        f"/admin/rules/{rule.id}",
        filled(boss.id, **deeds) | {"version": "1", "hook.secret": "", "sms.text": "Another"},
    )

    assert added.status == 303
    kinds = ["assign", "move", "task", "call", "letter", "sms", "hook"]
    assert [one["type"] for one in rule.actions] == kinds
    hook = rule.actions[-1]
    # A secret lies in a file of its own, is shown to nobody, and stays if none is typed.
    assert hook["secret"] == f"file:secrets/rule-{rule.id}"
    assert "hush" not in shown.text
    assert "Dear {{contact.name}}" in shown.text
    assert f'<option value="{stage.id}" selected>' in shown.text
    (changed,) = await rules(house)
    assert changed.actions[-1] == hook
    assert changed.actions[-2]["text"] == "Another"


async def test_what_does_not_fit_a_kind_of_record_is_not_offered(sqlite_house: House) -> None:
    admin = await administrator(sqlite_house)
    offered = {}
    for name in ("lead", "contact", "interaction"):
        page = (await admin.open(f"/admin/rules/new/{name}")).text
        offered[name] = {kind for kind in ("move", "tag", "lead") if f'name="do.{kind}"' in page}
    assert offered == {"lead": {"move"}, "contact": {"tag"}, "interaction": {"lead"}}

    form = {
        "name": "Marks", "trigger": "created", "do.tag": "1", "tag.name": "VIP",
        "tag.how": "remove", "do.lead": "1", "do.move": "1", "move.stage_id": "1",
    }  # fmt: skip
    await admin.submit("/admin/rules/new/contact", form)

    # What was sent all the same is not kept.
    (rule,) = await rules(sqlite_house)
    assert rule.actions == [{"type": "tag", "name": "VIP", "remove": True}]
    shown = (await admin.open(f"/admin/rules/{rule.id}")).text
    assert '<option value="remove" selected>' in shown


async def test_what_of_the_new_things_is_wrong_is_said(sqlite_house: House) -> None:
    admin = await administrator(sqlite_house)

    page = await admin.submit(
        "/admin/rules/new/lead",
        {"name": "A name", "trigger": "created", "do.hook": "1", "hook.url": "ftp://x",
         "do.sms": "1", "sms.text": "{{contact.secret}}", "do.letter": "1", "do.tag": "1",
         "hook.secret": "hush"},
    )  # fmt: skip

    assert page.status == 422
    assert "Write a whole address, such as https://example.az/hook." in page.text
    assert "Nothing is called contact.secret here" in page.text
    assert 'value="ftp://x"' in page.text
    assert "hush" not in page.text
    assert await rules(sqlite_house) == []


async def test_choosing_the_field_of_the_last_condition_brings_a_free_one(
    sqlite_house: House,
) -> None:
    admin = await administrator(sqlite_house)
    asked = "/admin/rules/line?entity=lead&place={}&field.{}=interest&last=1"

    next_one = (await admin.open(asked.format(0, 0))).text
    full = (await admin.open(asked.format(7, 7))).text
    changed = (await admin.open(asked.format(0, 0).removesuffix("&last=1"))).text

    assert 'name="op.0"' in next_one
    assert 'name="field.1"' in next_one
    assert "place=1&amp;last=1" in next_one
    assert 'name="field.8"' not in full
    assert 'name="field.1"' not in changed


async def test_the_log_is_read_a_page_at_a_time_and_what_would_be_done_is_shown(
    sqlite_house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = sqlite_house
    monkeypatch.setattr(log_pages, "PAGE_ROWS", 2)
    admin = await administrator(house)
    boss = await house.person("boss", role="supervisor")
    await admin.submit("/admin/rules/new/lead", filled(boss.id))
    (rule,) = await rules(house)
    at = house.clock()
    async with house.database.write() as session:
        for place in range(3):
            steps: list[Any] = [{"type": "assign", "user_id": boss.id}] if place else []
            session.add(
                AutomationRun(
                    id=1000 + place, automation_id=rule.id, key=f"a{place}", root=f"a{place}",
                    entity="lead", entity_id=7, at=at, status="done" if place else "failed",
                    steps=steps, error=None if place else "It is not allowed.",
                )
            )  # fmt: skip

    log = (await admin.open(f"/admin/rules/{rule.id}/runs")).text
    rest = (await admin.open(f"/admin/rules/{rule.id}/runs?before=1001")).text
    refused = (await admin.open(f"/admin/rules/{rule.id}/runs?outcome=failed")).text
    tried = (await admin.open(f"/admin/rules/{rule.id}/rehearsal?days=30")).text

    assert log.count(f"gives it to somebody: {boss.name}") == 2
    assert "runs?before=1001" in log
    assert "It is not allowed." not in log
    assert "It is not allowed." in rest
    assert f"gives it to somebody: {boss.name}" not in refused
    assert "It is not allowed." in refused
    assert "It would not have run" in tried


async def letters(house: House) -> tuple[int, int]:
    """Add a mailbox and a template; return their ids."""
    at = house.clock()
    async with house.database.write() as session:
        session.add(
            MailAccount(id=5, name="Info", address="info@x.az", created_at=at, updated_at=at)
        )
        session.add(Template(id=6, name="Thanks", texts={}, created_at=at, updated_at=at))
    return 5, 6


async def test_only_administrators_make_rules(sqlite_house: House) -> None:
    await sqlite_house.person("boss", role="supervisor")
    boss = await sqlite_house.signed_in("boss")

    for path in (
        "/admin/rules",
        "/admin/rules/new/lead",
        "/admin/rules/1",
        "/admin/rules/1/runs",
        "/admin/rules/1/rehearsal",
    ):
        assert (await boss.open(path)).status == 403

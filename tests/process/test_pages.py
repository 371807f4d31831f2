"""Administrators make the processes; everybody sees on a card how far a row is."""

from typing import Any

from sqlalchemy import select

from callcenter.process import seeds
from callcenter.process.models import Pipeline, Stage, StageEvent
from tests.fixtures.house import Browser, House


async def administrator(house: House) -> Browser:
    async with house.database.write() as session:
        await seeds.seed(session, house.clock())
    await house.person("admin", role="admin")
    admin = await house.signed_in("admin")
    admin.headers = {"Accept-Language": "en"}
    await admin.submit("/admin/pipelines/order/lead", {})
    return admin


async def stages(house: House) -> dict[str, Any]:
    """Return the stages of the first pipeline by their keys, in their order."""
    async with house.database.read() as session:
        pipeline = (await session.scalars(select(Pipeline).order_by(Pipeline.id))).first()
        assert pipeline is not None
        rows = await session.scalars(
            select(Stage)
            .where(Stage.pipeline_id == pipeline.id, Stage.deleted_at.is_(None))
            .order_by(Stage.position)
        )
        return {row.key: row for row in rows}


async def add_lead(admin: Browser, **fields: Any) -> str:
    """Return the path of a new lead's card."""
    page = await admin.submit(
        "/leads", {"subject": "A boiler", "channel": "call", "interest": "warm", **fields}
    )
    assert page.status == 303, page.text
    return page.location.partition("?")[0]


async def test_a_stage_is_added_before_the_ends_and_moved(sqlite_house: House) -> None:
    house = sqlite_house
    admin = await administrator(house)
    of = (await stages(house))["new"].pipeline_id

    wrong = await admin.submit(f"/admin/pipelines/{of}/stages", {"label_en": "", "max_days": "x"})
    await admin.submit(
        f"/admin/pipelines/{of}/stages",
        {"label_en": "Offer sent", "label_az": "Təklif", "kind": "open", "probability": "70",
         "field.amount": "1", "done.call": "1", "documents": "1", "approval": "1"},
    )  # fmt: skip
    added = (await stages(house))["offer_sent"]
    begun = list(await stages(house))
    await admin.submit(f"/admin/pipelines/{of}/order", {"up": str(added.id)})

    assert wrong.status == 422
    assert "Write a number of days" in wrong.text
    assert begun == ["new", "contacted", "qualified", "offer_sent", "converted", "lost"]
    assert list(await stages(house))[2:4] == ["offer_sent", "qualified"]
    assert added.entry_rules == {
        "fields": ["amount"], "documents": 1, "done": ["call"], "approval": True,
    }  # fmt: skip
    page = await admin.open(f"/admin/stages/{added.id}")
    assert 'name="field.amount" value="1" checked' in page.text


async def test_a_stage_with_rows_is_taken_away_by_saying_where_they_go_on(
    sqlite_house: House,
) -> None:
    house = sqlite_house
    admin = await administrator(house)
    known = await stages(house)
    card = await add_lead(admin)

    refused = await admin.submit(f"/admin/stages/{known['new'].id}/take-away", {})
    other_kind = await admin.submit(
        f"/admin/stages/{known['new'].id}", {"label_en": "New", "kind": "won", "version": "1"}
    )
    await admin.submit(
        f"/admin/stages/{known['new'].id}/take-away", {"to": str(known["contacted"].id)}
    )

    assert (refused.status, other_kind.status) == (422, 422)
    assert "new" not in await stages(house)
    async with house.database.read() as session:
        moves = list(await session.scalars(select(StageEvent).order_by(StageEvent.id)))
    assert [move.to_stage_id for move in moves] == [known["new"].id, known["contacted"].id]
    assert "Contacted" in (await admin.open(card)).text


async def test_a_pipeline_is_added_switched_off_and_removed_when_empty(
    sqlite_house: House,
) -> None:
    house = sqlite_house
    admin = await administrator(house)

    page = await admin.submit(
        "/admin/pipelines/new/lead",
        {"label_en": "Export", "mode": "strict", "active": "1", "respond_within_min": "60"},
    )
    path = page.location.partition("?")[0]
    for team in ("x", "12345"):
        refused = await admin.submit(path, {"label_en": "Sold", "mode": "strict", "team_id": team})
        assert (refused.status, "This is not in the list" in refused.text) == (422, True), team
    shown = await admin.open(path)
    board = await admin.open("/leads/board")
    gone = await admin.submit(f"{path}/take-away", {})
    await add_lead(admin)
    first = (await stages(house))["new"].pipeline_id
    kept = await admin.submit(f"/admin/pipelines/{first}/take-away", {})

    assert "Under way" in shown.text
    assert 'value="strict" checked' in shown.text
    assert "Export" in board.text
    assert gone.status == 303
    assert kept.status == 422
    assert "Switch it off instead." in kept.text


async def test_the_card_says_what_the_next_stage_needs_and_moves_there(
    sqlite_house: House,
) -> None:
    house = sqlite_house
    admin = await administrator(house)
    known = await stages(house)
    of = known["new"].pipeline_id
    await admin.submit(
        f"/admin/pipelines/{of}",
        {"label_en": "Inquiries", "mode": "strict", "active": "1", "version": "1"},
    )
    await admin.submit(
        f"/admin/stages/{known['contacted'].id}",
        {"label_en": "Contacted", "kind": "open", "field.amount": "1", "approval": "1",
         "version": "1"},
    )  # fmt: skip
    card = await add_lead(admin)
    house.clock.move(hours=3)

    before = await admin.open(f"{card}/course")
    refused = await admin.submit(
        f"{card}/course", {"to": str(known["contacted"].id), "version": "1"},
        **{"HX-Request": "true"},
    )  # fmt: skip
    asked = await admin.submit(
        f"{card}/approvals", {"stage_id": str(known["contacted"].id)},
        **{"HX-Request": "true"},
    )  # fmt: skip
    approve = asked.text.split(f'action="{card}/approvals/')[1].split('"')[0]
    await admin.submit(f"{card}/approvals/{approve}", {"decision": "approved"})
    edit = await admin.open(f"{card}/edit")
    await admin.submit(f"{card}/edit", {"amount": "1200", "version": edit.value("version")})
    version = (await admin.open(f"{card}/course")).value("version")
    moved = await admin.submit(
        f"{card}/course", {"to": str(known["contacted"].id), "version": version},
        **{"HX-Request": "true"},
    )  # fmt: skip

    assert "fill in “Amount”" in before.text
    assert "get it approved" in before.text
    assert "3:00:00" in before.text
    assert refused.status == 422
    assert "Before it can stand in “Contacted”" in refused.text
    assert (moved.status, "approved it" in moved.text) == (200, True)
    current = moved.text.split('aria-current="step"')[1].split("</li>")[0]
    assert "Contacted" in current


async def test_only_administrators_make_processes(sqlite_house: House) -> None:
    await sqlite_house.person("boss", role="supervisor")
    boss = await sqlite_house.signed_in("boss")

    for path in ("/admin/pipelines", "/admin/pipelines/new/lead", "/admin/pipelines/1"):
        assert (await boss.open(path)).status == 403

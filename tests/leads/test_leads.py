"""Leads are kept like any entity, and go through the stages of their pipeline."""

from typing import Any

import pytest
from sqlalchemy import select

from callcenter.app.entities import registry_of
from callcenter.entity import saving
from callcenter.entity.registry import Registry
from callcenter.entity.saving import Deed
from callcenter.errors import BadInput
from callcenter.leads.models import Lead
from callcenter.process import seeds
from callcenter.process.models import Pipeline, Stage, StageEvent
from callcenter.server.i18n import translate_to
from tests.fixtures.customers import NOW, Office, by, signed_in

ALL = dict.fromkeys(("create", "read", "edit", "delete", "export"), "all")


class Desk:
    """Leads on a real database, and somebody who may do anything to them."""

    def __init__(self, office: Office, registry: Registry, anna: Any) -> None:
        self.office, self.registry, self.anna = office, registry, anna

    def deed(self, session: Any) -> Deed:
        who = signed_in(self.anna, lead=ALL)
        return Deed(session, self.registry, self.registry["lead"], who, NOW, by(self.anna))

    async def add(self, **given: Any) -> Lead:
        async with self.office.database.write() as session:
            return await saving.create(self.deed(session), {"subject": "A boiler", **given})  # type: ignore[no-any-return]

    async def change(self, lead: Lead, **given: Any) -> Lead:
        async with self.office.database.write() as session:
            return await saving.change(self.deed(session), lead.id, given, None)  # type: ignore[no-any-return]

    async def make_strict(self, key: str, **rules: Any) -> None:
        """Give the inquiries' process an entry rule, and keep to it."""
        async with self.office.database.write() as session:
            (await session.scalars(select(Pipeline))).one().mode = "strict"
            stage = await session.scalar(select(Stage).where(Stage.key == key))
            assert stage is not None
            stage.entry_rules = rules
        await self.registry.load(self.office.database)

    def stage(self, key: str) -> int:
        return next(one.id for one in self.registry.list("lead.stage") if one.key == key)

    def option(self, name: str, key: str) -> int:
        return next(one.id for one in self.registry.list(name) if one.key == key)

    async def events(self, lead: Lead) -> list[tuple[str | None, str]]:
        """Return the lead's moves by the stages' keys."""
        keys = {one.id: one.key for one in self.registry.list("lead.stage")}
        async with self.office.database.read() as session:
            rows = await session.scalars(
                select(StageEvent).where(StageEvent.entity_id == lead.id).order_by(StageEvent.id)
            )
            return [(keys.get(row.from_stage_id or 0), keys[row.to_stage_id]) for row in rows]


@pytest.fixture
async def desk(office: Office) -> Desk:
    async with office.database.write() as session:
        await seeds.seed(session, NOW)
    registry = registry_of(("AZ",))
    await registry.load(office.database)
    return Desk(office, registry, await office.user("Anna"))


async def test_a_new_lead_stands_in_the_first_stage_and_has_a_number(desk: Desk) -> None:
    lead = await desk.add()

    assert (lead.number, lead.stage_id) == ("L-2026-00001", desk.stage("new"))
    assert (lead.channel, lead.interest, lead.stage_at) == ("other", "unknown", NOW)
    assert await desk.events(lead) == [(None, "new")]


async def test_each_move_is_remembered(desk: Desk) -> None:
    lead = await desk.add()
    await desk.change(lead, stage_id=desk.stage("contacted"))
    lead = await desk.change(lead, stage_id=desk.stage("converted"))

    assert lead.closed_at == NOW
    assert await desk.events(lead) == [
        (None, "new"), ("new", "contacted"), ("contacted", "converted"),
    ]  # fmt: skip
    lead = await desk.change(lead, stage_id=desk.stage("qualified"))
    assert lead.closed_at is None


async def test_what_a_strict_process_lacks_is_said_in_the_readers_language(desk: Desk) -> None:
    await desk.make_strict("contacted", fields=["amount"], documents=1)
    lead = await desk.add()

    with pytest.raises(BadInput) as refused:
        await desk.change(lead, stage_id=desk.stage("qualified"))

    sentence = refused.value.fields["stage_id"]
    assert translate_to("en", sentence) == (
        "Before it can stand in “Qualified”: fill in “Amount”; attach files (at least 1)."
    )
    assert "«Интерес подтверждён»" in translate_to("ru", sentence)
    assert await desk.events(lead) == [(None, "new")]


async def test_what_is_missing_may_come_with_the_move_itself(desk: Desk) -> None:
    await desk.make_strict("contacted", fields=["amount"])
    lead = await desk.add()

    lead = await desk.change(lead, stage_id=desk.stage("contacted"), amount=5_000)
    assert lead.stage_id == desk.stage("contacted")
    with pytest.raises(BadInput) as refused:
        await desk.change(lead, amount=None)
    assert translate_to("en", refused.value.fields["amount"]).startswith("“Contacted” needs this.")


async def test_what_is_lost_has_a_reason(desk: Desk) -> None:
    lead = await desk.add()

    with pytest.raises(BadInput) as refused:
        await desk.change(lead, stage_id=desk.stage("lost"))
    assert set(refused.value.fields) == {"lost_reason_id"}

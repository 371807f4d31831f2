"""Leads on a real database, and somebody who may do anything to them."""

from typing import Any

from sqlalchemy import select

from callcenter.entity import saving
from callcenter.entity.registry import Registry
from callcenter.entity.saving import Deed
from callcenter.leads import conversion
from callcenter.leads.models import Lead
from callcenter.process.models import Pipeline, Stage, StageEvent
from callcenter.process.pipelines import Pipelines
from tests.fixtures.customers import NOW, Office, by, signed_in

ALL = dict.fromkeys(("create", "read", "edit", "delete", "export"), "all")


class Desk:
    """Leads on a real database, and somebody who may do anything to them."""

    def __init__(self, office: Office, registry: Registry, anna: Any) -> None:
        self.office, self.registry, self.anna = office, registry, anna

    def deed(self, session: Any) -> Deed:
        who = signed_in(self.anna, lead=ALL, contact=ALL)
        return Deed(session, self.registry, self.registry["lead"], who, NOW, by(self.anna))

    async def add(self, **given: Any) -> Lead:
        async with self.office.database.write() as session:
            return await saving.create(self.deed(session), {"subject": "A boiler", **given})  # type: ignore[no-any-return]

    async def change(self, lead: Lead, **given: Any) -> Lead:
        async with self.office.database.write() as session:
            return await saving.change(self.deed(session), lead.id, given, None)  # type: ignore[no-any-return]

    async def win(self, lead: Lead) -> list[Lead]:
        pipelines = Pipelines(("lead",))
        async with self.office.database.write() as session:
            await pipelines.load(session)
            return await conversion.win(self.deed(session), pipelines, [lead.id], None, None)

    async def stored(self, lead: Lead) -> Lead:
        async with self.office.database.read() as session:
            return await session.get_one(Lead, lead.id)

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

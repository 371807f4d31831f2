"""Merging on a real database: what a test does, and what it finds in every table."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from callcenter.agents.models import User
from callcenter.app.entities import ENTITIES
from callcenter.crm.merging.merging import merge
from callcenter.crm.merging.models import Merge
from callcenter.crm.merging.undo import Kept, undo
from callcenter.db import Base
from callcenter.entity.registry import Registry
from callcenter.entity.saving import Deed
from callcenter.server.identity import Identity
from tests.fixtures.customers import NOW, Office, by, signed_in

ALL = dict.fromkeys(("create", "read", "edit", "delete"), "all")
REGISTRY = Registry(ENTITIES)
#: What a merge and its undo leave behind: their own rows, the log, and who touched the rows last.
TRACES = {"merge", "audit"}
TOUCHED = {"version", "updated_at", "updated_by"}


class Merging:
    """Anna, who may do everything, and what she does."""

    def __init__(self, office: Office, anna: User) -> None:
        self.office = office
        self.anna = anna

    async def merge(
        self,
        winner_id: int,
        loser_id: int,
        *,
        seen: Sequence[int] = (),
        who: Identity | None = None,
        **choices: str,
    ) -> Merge:
        async with self.office.database.write() as session:
            deed = self.deed(session, who)
            return await merge(deed, winner_id, loser_id, choices, seen)

    async def undo(self, merge_id: int, who: Identity | None = None) -> list[Kept]:
        async with self.office.database.write() as session:
            return await undo(self.deed(session, who), merge_id)

    async def everything(self) -> dict[str, list[dict[str, Any]]]:
        """Return every row of every table, but for the traces of who did what."""
        async with self.office.database.read() as session:
            return {
                table.name: [
                    {name: value for name, value in row.items() if name not in TOUCHED}
                    for row in (
                        await session.execute(select(table).order_by(*table.primary_key.columns))
                    ).mappings()
                ]
                for table in Base.metadata.sorted_tables
                if table.name not in TRACES
            }

    def deed(self, session: Any, who: Identity | None = None) -> Deed:
        who = who or signed_in(self.anna, contact=ALL)
        return Deed(session, REGISTRY, REGISTRY["contact"], who, NOW, by(self.anna))


async def merging(office: Office) -> Merging:
    return Merging(office, await office.user("Anna"))

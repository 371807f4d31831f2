"""One line for each write, in the transaction of the write itself."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import StatementError

from callcenter import audit
from callcenter.audit import Audit
from callcenter.db import Database

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


async def lines(database: Database) -> list[Audit]:
    async with database.read() as session:
        return list(await session.scalars(select(Audit).order_by(Audit.id)))


async def test_a_line_says_who_did_what_to_what_when_and_how_it_was_before(
    database: Database,
) -> None:
    async with database.write() as session:
        audit.record(
            session, NOW, entity="contact", entity_id=7, contact_id=7, action="edit", actor_id=3,
            diff={"name": ["Zoe", "Zoë"]}, notable=True, request_id="7f3a", ip="192.0.2.1",
        )  # fmt: skip

    (line,) = await lines(database)
    assert (line.at, line.actor_kind, line.actor_id) == (NOW, "user", 3)
    assert (line.entity, line.entity_id, line.contact_id) == ("contact", 7, 7)
    assert (line.action, line.diff, line.notable) == ("edit", {"name": ["Zoe", "Zoë"]}, True)
    assert (line.request_id, line.ip) == ("7f3a", "192.0.2.1")


async def test_lines_stand_in_the_order_in_which_they_were_written(database: Database) -> None:
    async with database.write() as session:
        for place, step in enumerate(("create", "edit", "delete")):
            at = NOW + timedelta(milliseconds=place)
            audit.record(session, at, entity="team", action=step, actor_kind="system")

    assert [line.action for line in await lines(database)] == ["create", "edit", "delete"]


async def test_what_is_undone_leaves_no_line(database: Database) -> None:
    async def write_in_vain() -> None:
        async with database.write() as session:
            audit.record(session, NOW, entity="contact", action="create")
            raise LookupError

    with pytest.raises(LookupError):
        await write_in_vain()
    assert await lines(database) == []


async def test_an_actor_of_no_known_kind_is_refused(database: Database) -> None:
    async def write() -> None:
        async with database.write() as session:
            audit.record(session, NOW, entity="contact", action="edit", actor_kind="ghost")  # type: ignore[arg-type]

    with pytest.raises(StatementError, match="ghost"):
        await write()
    assert await lines(database) == []

"""What administrators do to a PBX while people talk on it."""

import asyncio
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import text, update
from structlog.testing import capture_logs

from callcenter.calls.models import PbxRow
from callcenter.events import PbxEdited
from tests.service.office import PretendOffice as Office
from tests.service.screen import TEST_LIMIT_S


async def edit(office: Office, **values: Any) -> None:
    """Change the PBX as its form does."""
    async with office.house.database.write() as session:
        await session.execute(update(PbxRow).where(PbxRow.id == office.pbx_id).values(**values))
    office.house.bus.publish(PbxEdited(at=datetime.now(UTC).timestamp(), pbx=office.pbx_id))


async def test_a_pbx_taken_out_of_use_leaves_nobody_talking_for_ever(office: Office) -> None:
    anna = await office.agent("Anna", "1001")

    async with office.browser(anna) as screen:
        call = await office.pbx.call(from_="0501234567", to="1001")
        await call.answer()
        await screen.next("state", lambda told: told["state"]["state"] == "talking")
        await edit(office, active=False)
        await screen.next("calls", lambda told: not told.get("calls"))
        await screen.next("state", lambda told: told["state"]["state"] != "talking")
        record = (await screen.ask("GET", f"/calls/{await office.stored_call()}")).json

    assert record["end_at"] is not None
    assert "CallEnded" in record["inferred"]
    assert list(office.house.board) == []


async def test_an_edit_while_the_database_is_in_trouble_is_followed_later(office: Office) -> None:
    database = office.house.database
    async with database.write() as session:
        await session.execute(text("ALTER TABLE pbx RENAME TO elsewhere"))
    with capture_logs() as log:
        office.house.bus.publish(PbxEdited(at=0.0, pbx=office.pbx_id))
        async with asyncio.timeout(TEST_LIMIT_S):
            while not any("the lines stay as they are" in line["event"] for line in log):
                await asyncio.sleep(0)
    async with database.write() as session:
        await session.execute(text("ALTER TABLE elsewhere RENAME TO pbx"))
    await edit(office, active=False)
    await office.unlinked()

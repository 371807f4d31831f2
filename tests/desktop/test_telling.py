"""Whom it concerns is told that something of his day has changed, and nobody else."""

import asyncio
from collections.abc import Coroutine
from typing import Any

from callcenter.bus.memory import MemoryBus
from callcenter.db import Database
from callcenter.desktop.telling import Telling
from callcenter.events import CallStored, InteractionChanged
from callcenter.interactions.models import Interaction
from callcenter.interactions.participants import Taking
from tests.fixtures.customers import Office
from tests.interactions.diary import Diary


async def test_whoever_it_concerns_is_told_and_whoever_it_was_taken_from(
    database: Database,
) -> None:
    diary = Diary(Office(database))
    await diary.registry.load(database)
    office = diary.office
    anna, boris, clara, dora, emil = [
        await office.user(name) for name in ("Anna", "Boris", "Clara", "Dora", "Emil")
    ]
    names = {user.id: user.name for user in (anna, boris, clara, dora, emil)}
    zoe = await office.contact("Zoë", owner_id=clara.id)
    row = await diary.add(
        anna,
        Taking(contact_id=zoe.id),
        Taking(user_id=boris.id),
        status="planned",
        owner_id=anna.id,
    )
    call = await office.call("+994501112233")
    await office.rang(call, dora)
    bus, tasks, told = MemoryBus(), set[asyncio.Task[None]](), list[str]()

    def spawn(errand: Coroutine[Any, Any, None]) -> None:
        tasks.add(asyncio.create_task(errand))

    # Emil has a page open, and nothing to do with it; who has none is not told.
    here = {anna.id, boris.id, clara.id, dora.id, emil.id}
    Telling(database, bus, lambda: here, lambda id_: told.append(names[id_]), spawn)

    async def after(event: InteractionChanged | CallStored) -> list[str]:
        told.clear()
        bus.publish(event)
        await asyncio.gather(*tasks)
        return sorted(told)

    changed = InteractionChanged(at=0, interaction_id=row.id)
    assert await after(changed) == ["Anna", "Boris", "Clara"]
    here.discard(boris.id)
    async with database.write() as session:
        (await session.get_one(Interaction, row.id)).owner_id = dora.id
    assert await after(changed) == ["Anna", "Clara", "Dora"]
    assert await after(changed) == ["Clara", "Dora"]

    going_on = CallStored(at=0, call_id=call.id, interaction_id=call.id, revision=1)
    assert await after(going_on) == []
    over = CallStored(at=0, call_id=call.id, interaction_id=call.id, revision=2, ended=True)
    assert await after(over) == ["Dora"]

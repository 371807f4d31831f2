"""What two people do in the same moment is done twice, and neither is refused for it."""

import asyncio
from pathlib import Path

from sqlalchemy import select

from callcenter.entity import saving
from callcenter.entity.files import Folder
from callcenter.entity.models import Tag, Tagging
from callcenter.entity.tags import TagForm
from tests.fixtures.customers import Office, deed


async def test_the_same_new_tag_is_put_on_two_contacts(office: Office) -> None:
    people = [await office.contact(name) for name in ("Zoë", "Emil")]
    user = await office.user("Orxan")
    # On SQLite writers queue.
    both_began = asyncio.Barrier(2 if office.database.is_postgresql else 1)

    async def tag(row_id: int) -> None:
        async with office.database.write() as session:
            await session.scalar(select(Tag.id).limit(1))
            await both_began.wait()
            await saving.change(deed(session, user), row_id, {"tags": [TagForm(name="VIP")]}, None)

    await asyncio.gather(*(tag(one.id) for one in people))

    async with office.database.read() as session:
        assert [row.name for row in await session.scalars(select(Tag))] == ["VIP"]
        assert len(list(await session.scalars(select(Tagging)))) == 2


async def test_the_same_file_is_kept_several_times(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    for data in (bytes([each]) * 300_000 for each in range(40)):
        names = await asyncio.gather(*(folder.keep(data) for _ in range(8)))
        assert len(set(names)) == 1
    assert not list(tmp_path.rglob("*.part"))

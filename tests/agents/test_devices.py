"""Who sits at which phone, in the rows and in the map that each ring asks."""

import asyncio

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from callcenter.agents import devices
from callcenter.agents.device_map import DeviceMap
from callcenter.agents.models import Device, User
from callcenter.errors import NotFound
from callcenter.events import DevicesChanged, PersonChanged
from callcenter.server.actor import SYSTEM
from callcenter.server.keys import BUS
from tests.agents.test_people import a_pbx
from tests.fixtures.house import House

TEST_LIMIT_S = 30


@pytest.fixture
async def pbx_id(house: House) -> int:
    async with house.database.write() as session:
        session.add(pbx := a_pbx(house))
    return pbx.id


async def give(house: House, person: User, pbx_id: int, endpoint: str) -> Device:
    async with house.database.write() as session:
        return await devices.assign(
            session, user_id=person.id, pbx_id=pbx_id, endpoint=endpoint,
            extension=endpoint[-4:], at=house.clock(), by=SYSTEM,
        )  # fmt: skip


async def rows(house: House) -> list[Device]:
    async with house.database.read() as session:
        return list(await session.scalars(select(Device).order_by(Device.from_at, Device.id)))


async def test_a_phone_given_to_somebody_else_is_ended_for_the_first(house: House, pbx_id: int):
    anna, boris = await house.person("anna"), await house.person("boris")
    await give(house, anna, pbx_id, "PJSIP/1001")
    house.clock.move(hours=1)
    await give(house, boris, pbx_id, "PJSIP/1001")

    before, now = await rows(house)
    assert (before.user_id, before.to_at) == (anna.id, house.clock())
    assert (now.user_id, now.from_at, now.to_at) == (boris.id, house.clock(), None)


async def test_giving_a_phone_to_whoever_has_it_only_corrects_the_row(house: House, pbx_id: int):
    anna = await house.person("anna")
    await give(house, anna, pbx_id, "PJSIP/1001")
    async with house.database.write() as session:
        await devices.assign(
            session, user_id=anna.id, pbx_id=pbx_id, endpoint="PJSIP/1001", extension="77",
            kind="softphone", at=house.clock(), by=SYSTEM,
        )  # fmt: skip

    (row,) = await rows(house)
    assert (row.extension, row.kind, row.to_at) == ("77", "softphone", None)


async def test_the_database_itself_refuses_two_people_at_one_phone(house: House, pbx_id: int):
    anna, boris = await house.person("anna"), await house.person("boris")
    await give(house, anna, pbx_id, "PJSIP/1001")

    with pytest.raises(IntegrityError):
        async with house.database.write() as session:
            session.add(
                Device(
                    id=1, user_id=boris.id, pbx_id=pbx_id, endpoint="PJSIP/1001",
                    from_at=house.clock(),
                )
            )  # fmt: skip


async def test_a_phone_can_be_taken_only_once(house: House, pbx_id: int):
    anna = await house.person("anna")
    phone = await give(house, anna, pbx_id, "PJSIP/1001")
    async with house.database.write() as session:
        await devices.release(session, phone.id, house.clock(), SYSTEM)

    with pytest.raises(NotFound):
        async with house.database.write() as session:
            await devices.release(session, phone.id, house.clock(), SYSTEM)


async def test_the_map_knows_whose_phone_it_is_and_which_is_rung_first(house: House, pbx_id: int):
    anna = await house.person("anna")
    desk = await give(house, anna, pbx_id, "PJSIP/1001")
    mobile = await give(house, anna, pbx_id, "PJSIP/2001")
    async with house.database.write() as session:
        await devices.ring_first(session, mobile.id)
    phones = DeviceMap(house.database, house.app[BUS])
    await phones.load()

    assert phones.user_of(pbx_id, "PJSIP/1001") == anna.id
    assert phones.user_of(pbx_id, "PJSIP/9999") is None
    assert phones.user_of(pbx_id + 1, "PJSIP/1001") is None
    assert [phone.id for phone in phones.phones_of(anna.id)] == [mobile.id, desk.id]
    assert phones.endpoints(pbx_id) == {"PJSIP/1001", "PJSIP/2001"}
    assert phones.people[anna.id].name == "Anna"


@pytest.mark.parametrize("kind", ["devices", "person"])
async def test_the_map_follows_every_edit(house: House, pbx_id: int, kind: str):
    anna = await house.person("anna")
    phones = DeviceMap(house.database, house.app[BUS])
    await phones.load()
    keeping = asyncio.create_task(phones.keep())

    if kind == "devices":
        await give(house, anna, pbx_id, "PJSIP/1001")
        house.app[BUS].publish(DevicesChanged(at=1.0))
    else:
        async with house.database.write() as session:
            (await session.merge(anna)).name = "Anna B"
        house.app[BUS].publish(PersonChanged(at=1.0, user_id=anna.id))

    async with asyncio.timeout(TEST_LIMIT_S):
        while not (phones.phones_of(anna.id) or phones.people[anna.id].name == "Anna B"):
            await asyncio.sleep(0.01)
    keeping.cancel()


async def test_a_phone_is_given_and_moved_on_the_page(house: House, pbx_id: int):
    anna = await house.person("anna")
    await house.person("root", "admin", locale="en")
    admin = await house.signed_in("root")
    path = f"/admin/people/{anna.id}"
    fields = {"pbx_id": str(pbx_id), "extension": "1001", "kind": "desk"}

    wrong = await admin.submit(f"{path}/phones", fields | {"endpoint": "1001"})
    right = await admin.submit(f"{path}/phones", fields | {"endpoint": "PJSIP/1001"})
    page = await admin.open(path)

    assert wrong.status == 422
    assert "Write the endpoint as Asterisk does: PJSIP/1001." in wrong.text
    assert right.location == path
    assert "PJSIP/1001" in page.text
    assert any(isinstance(event, DevicesChanged) for event in house.events)


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("PJSIP/1001", True),
        ("SIP/anna.b", True),
        ("1001", False),
        ("PJSIP/", False),
        ("PJSIP/1001 x", False),
        ("PJSIP/1001\r\nAction: x", False),  # it would end up in a line of AMI
    ],
)
def test_what_an_endpoint_looks_like(text: str, is_one: bool):
    assert devices.is_endpoint(text) is is_one

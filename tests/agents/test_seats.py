"""Shared phones: declared, sat down at, left; and what a phone's history never says."""

import asyncio
import itertools
import random
from typing import Any

import pytest
from sqlalchemy import select

from callcenter import phone
from callcenter.agents import devices, seats
from callcenter.agents.device_map import DeviceMap
from callcenter.agents.models import Device, Seat, User
from callcenter.audit import Audit
from callcenter.errors import BadInput, NotFound, SeatTaken
from callcenter.server.actor import SYSTEM, Actor
from callcenter.server.keys import BUS
from tests.agents.test_people import a_pbx
from tests.fixtures.house import House


@pytest.fixture
async def pbx_id(house: House) -> int:
    return await add_pbx(house)


async def add_pbx(house: House) -> int:
    async with house.database.write() as session:
        session.add(pbx := a_pbx(house))
    return pbx.id


async def share(house: House, pbx_id: int, endpoint: str = "PJSIP/1005", **more: Any) -> Seat:
    form = seats.SeatForm(
        name=more.pop("name", f"Desk {endpoint[-1]}"), pbx_id=pbx_id, endpoint=endpoint,
        extension=endpoint[-4:], **more,
    )  # fmt: skip
    async with house.database.write() as session:
        return await seats.add(session, form, house.clock(), SYSTEM)


async def sit(house: House, seat: Seat, person: User, *, take: bool = False) -> seats.Moved:
    by: Actor = {**SYSTEM, "actor_kind": "user", "actor_id": person.id}
    async with house.database.write() as session:
        return await seats.sit(session, seat.id, person.id, house.clock(), by, take=take)


async def leave(house: House, person: User) -> None:
    async with house.database.write() as session:
        await seats.leave(session, person.id, house.clock(), SYSTEM)


async def phones(house: House, person: User) -> list[str]:
    async with house.database.read() as session:
        return [row.endpoint for row in await devices.current_of(session, person.id)]


async def history(house: House) -> list[Device]:
    async with house.database.read() as session:
        return list(await session.scalars(select(Device).order_by(Device.from_at, Device.id)))


async def test_whoever_sits_down_has_the_phone_until_he_gets_up(house: House, pbx_id: int):
    anna = await house.person("anna")
    seat = await share(house, pbx_id)
    async with house.database.write() as session:
        await devices.assign(
            session, user_id=anna.id, pbx_id=pbx_id, endpoint="PJSIP/1001", at=house.clock(),
            by=SYSTEM,
        )  # fmt: skip

    await sit(house, seat, anna)
    assert await phones(house, anna) == ["PJSIP/1005", "PJSIP/1001"]  # the first is rung first
    house.clock.move(hours=4)
    await leave(house, anna)

    assert await phones(house, anna) == ["PJSIP/1001"]
    (sat,) = [row for row in await history(house) if row.seat_id == seat.id]
    assert (sat.user_id, sat.to_at) == (anna.id, house.clock())


async def test_a_taken_place_is_given_only_to_whoever_says_so(house: House, pbx_id: int):
    anna, boris = await house.person("anna"), await house.person("boris")
    seat = await share(house, pbx_id)
    await sit(house, seat, anna)
    house.clock.move(hours=1)

    with pytest.raises(SeatTaken, match="Anna sits at this phone"):
        await sit(house, seat, boris)
    moved = await sit(house, seat, boris, take=True)

    assert (moved.user_id, moved.before) == (boris.id, anna.id)
    assert (await phones(house, anna), await phones(house, boris)) == ([], ["PJSIP/1005"])


async def test_nobody_sits_at_two_shared_phones(house: House, pbx_id: int):
    anna = await house.person("anna")
    one, two = await share(house, pbx_id), await share(house, pbx_id, "PJSIP/1006")

    await sit(house, one, anna)
    await sit(house, two, anna)
    again = await sit(house, two, anna)

    assert await phones(house, anna) == ["PJSIP/1006"]
    assert again == (again.seat, anna.id, None)


async def test_two_who_sit_down_at_once_are_one_who_sits_and_one_who_is_told(
    house: House, pbx_id: int
):
    people = [await house.person(name) for name in ("anna", "boris")]
    seat = await share(house, pbx_id)

    outcomes = await asyncio.gather(
        *(sit(house, seat, each) for each in people), return_exceptions=True
    )

    assert sorted(type(each).__name__ for each in outcomes) == ["Moved", "SeatTaken"]
    assert sorted([await phones(house, each) for each in people]) == [[], ["PJSIP/1005"]]


async def test_nobody_sits_at_a_phone_that_is_shared_no_longer(house: House, pbx_id: int):
    anna = await house.person("anna")
    seat = await share(house, pbx_id)
    await sit(house, seat, anna)
    form = seats.SeatForm(name=seat.name, pbx_id=pbx_id, endpoint=seat.endpoint, active=False)

    async with house.database.write() as session:
        await seats.change(session, seat.id, form, seat.version, house.clock(), SYSTEM)

    assert await phones(house, anna) == []
    with pytest.raises(NotFound):
        await sit(house, seat, anna)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": ""}, "name"),
        ({"endpoint": "1005"}, "endpoint"),
        ({"endpoint": "PJSIP/1005"}, "endpoint"),  # shared already
        ({"pbx_id": 0}, "pbx_id"),
    ],
)
async def test_a_wrong_field_of_a_shared_phone_is_named(
    house: House, pbx_id: int, changes: dict[str, Any], field: str
):
    await share(house, pbx_id)
    form = {"name": "Window", "pbx_id": pbx_id, "endpoint": "PJSIP/1006"} | changes

    with pytest.raises(BadInput) as wrong:
        async with house.database.write() as session:
            await seats.add(session, seats.SeatForm(**form), house.clock(), SYSTEM)

    assert list(wrong.value.fields) == [field]


@pytest.mark.parametrize("code", ["12", "12a4", "1234567890123", "*123", "4711"])
async def test_a_code_is_digits_that_nobody_else_has(house: House, code: str):
    anna, boris = await house.person("anna"), await house.person("boris")

    async def give(person: User, code: str | None) -> None:
        async with house.database.write() as session:
            await seats.give_code(session, person.id, code, house.clock(), SYSTEM)

    await give(anna, "4711")
    with pytest.raises(BadInput):
        await give(boris, code)
    await give(anna, None)
    await give(boris, "4711")

    async with house.database.read() as session:
        found = await seats.person_with(session, "4711")
        told = await session.scalars(select(Audit.diff).where(Audit.action == "desk-code"))
        assert found is not None
        assert found.id == boris.id
        assert list(told) == [{}] * 3  # that it changed; never what to


async def test_sitting_down_and_getting_up_are_in_the_log(house: House, pbx_id: int):
    anna = await house.person("anna")
    await sit(house, await share(house, pbx_id), anna)
    await leave(house, anna)

    async with house.database.read() as session:
        rows = list(await session.scalars(select(Audit).where(Audit.entity_id == anna.id)))
    told = [(row.action, row.actor_id) for row in rows if row.action.startswith("phone-")]
    assert told == [("phone-given", anna.id), ("phone-taken", None)]


@pytest.mark.parametrize("seed", range(10))
async def test_at_each_moment_a_phone_is_at_most_one_persons(sqlite_house: House, seed: int):
    """Whatever people do, and though a clock may go back, the spans of a phone never overlap."""
    chance = random.Random(seed)
    pbx_id = await add_pbx(sqlite_house)
    people = [await sqlite_house.person(name) for name in ("anna", "boris", "leyla")]
    places = [await share(sqlite_house, pbx_id, f"PJSIP/100{number}") for number in (5, 6)]

    for _ in range(30):
        sqlite_house.clock.move(seconds=chance.choice((-20, 0, 0.5, 30)))
        what = chance.choice(("sit", "take", "leave", "give", "release"))
        await act(sqlite_house, what, chance.choice(places), chance.choice(people))

    spans = await history(sqlite_house)
    assert len(spans) > 3
    for place in places:
        own = [row for row in spans if row.endpoint == place.endpoint]
        assert sum(row.to_at is None for row in own) <= 1
        assert all(row.to_at is None or row.to_at >= row.from_at for row in own)
        for before, after in itertools.pairwise(own):
            assert before.to_at is not None
            assert before.to_at <= after.from_at


async def act(house: House, what: str, seat: Seat, person: User) -> None:
    if what in ("sit", "take"):
        try:
            await sit(house, seat, person, take=what == "take")
        except SeatTaken:
            return
    elif what == "leave":
        await leave(house, person)
    async with house.database.write() as session:
        if what == "give":
            await devices.assign(
                session, user_id=person.id, pbx_id=seat.pbx_id, endpoint=seat.endpoint,
                at=house.clock(), by=SYSTEM,
            )  # fmt: skip
        elif what == "release":
            await devices.release_all(session, person.id, house.clock(), SYSTEM)


async def test_an_administrator_declares_a_phone_as_shared_and_no_longer(house: House):
    pbx_id = await add_pbx(house)
    await house.person("root", "admin", locale="en")
    admin = await house.signed_in("root")
    fields = {"name": "Window 5", "pbx_id": str(pbx_id), "extension": "1005"}

    wrong = await admin.submit("/admin/seats", fields | {"endpoint": "1005"})
    made = await admin.submit("/admin/seats", fields | {"endpoint": "PJSIP/1005", "active": "1"})
    shown = await admin.open("/phones")
    async with house.database.read() as session:
        seat = (await session.scalars(select(Seat))).one()
    form = await admin.open(f"/admin/seats/{seat.id}")
    ended = await admin.submit(
        f"/admin/seats/{seat.id}",
        fields | {"endpoint": "PJSIP/1005", "version": form.value("version")},
    )
    after = await admin.open("/phones")

    assert (wrong.status, made.location, ended.status) == (422, "/phones", 303)
    assert "Write the endpoint as Asterisk does: PJSIP/1001." in wrong.text
    assert "Window 5" in shown.text
    assert "Window 5" not in after.text


async def test_an_agent_declares_nothing(sqlite_house: House):
    await sqlite_house.person("anna", locale="en")
    anna = await sqlite_house.signed_in("anna")

    answers = [await anna.open("/admin/seats/new"), await anna.submit("/admin/seats", {})]

    assert [page.status for page in answers] == [403, 403]


async def test_an_agent_sits_down_and_chooses_the_phone_to_call_from(sqlite_house: House):
    house = sqlite_house
    pbx_id = await add_pbx(house)
    anna, boris = await house.person("anna"), await house.person("boris")
    seat = await share(house, pbx_id)
    async with house.database.write() as session:
        own = await devices.assign(
            session, user_id=anna.id, pbx_id=pbx_id, endpoint="PJSIP/1001", at=house.clock(),
            by=SYSTEM,
        )  # fmt: skip
    hers, his = await house.signed_in("anna"), await house.signed_in("boris")

    assert (await hers.call("PUT", "/api/v1/me/seat", {"seat_id": seat.id})).status == 204
    taken = await his.call("PUT", "/api/v1/me/seat", {"seat_id": seat.id})
    assert (taken.status, taken.json["error"]["code"]) == (409, "seat-taken")
    listed = (await his.call("GET", "/api/v1/seats")).json
    assert [(one["name"], one["user_id"]) for one in listed] == [("Desk 5", anna.id)]
    foreign = await his.call("PUT", "/api/v1/me/phones/first", {"device_id": own.id})
    assert foreign.status == 404
    assert await phones(house, anna) == ["PJSIP/1005", "PJSIP/1001"]
    chosen = await hers.call("PUT", "/api/v1/me/phones/first", {"device_id": own.id})
    assert chosen.status == 204
    assert await phones(house, anna) == ["PJSIP/1001", "PJSIP/1005"]
    assert (await hers.call("DELETE", "/api/v1/me/seat")).status == 204
    assert (await phones(house, anna), await phones(house, boris)) == (["PJSIP/1001"], [])


@pytest.mark.parametrize(
    ("typed", "stored"),
    [("050 111 22 33", "tel:+994501112233"), ("PJSIP/1001", None), ("103", None), ("", None)],
)
async def test_an_outside_number_is_stored_in_its_one_form(
    sqlite_house: House, typed: str, stored: str | None
):
    house = sqlite_house
    pbx_id = await add_pbx(house)
    anna = await house.person("anna")
    await house.person("root", "admin", locale="en")
    admin = await house.signed_in("root")

    answer = await admin.submit(
        f"/admin/people/{anna.id}/phones",
        {"pbx_id": str(pbx_id), "endpoint": typed, "kind": "external", "own_calls": "1"},
    )

    assert answer.status == (303 if stored else 422)
    assert await phones(house, anna) == ([stored] if stored else [])
    if stored:
        page = await admin.open(f"/admin/people/{anna.id}")
        assert "+994 50 111 22 33" in page.text


@pytest.mark.parametrize(
    ("interface", "device", "is_it"),
    [
        ("PJSIP/1005", "PJSIP/1005", True),
        ("Local/1005@from-queue/n", "PJSIP/1005", True),  # by the state interface
        ("Local/1005@from-queue/n", "Local/1005@from-queue", True),  # without one, by what it dials
        ("PJSIP/1006", "PJSIP/1006", False),
    ],
)
async def test_a_member_of_a_queue_is_the_shared_phone_or_whoever_sits_there(
    sqlite_house: House, interface: str, device: str, is_it: bool
):
    pbx_id, anna = await add_pbx(sqlite_house), await sqlite_house.person("anna")
    seat = await share(sqlite_house, pbx_id)
    known = DeviceMap(sqlite_house.database, sqlite_house.app[BUS])
    await known.load()
    empty = known.empty_seat_of_member(pbx_id, interface, device)
    await sit(sqlite_house, seat, anna)
    await known.load()

    assert empty == (seat.id if is_it else None)
    assert known.empty_seat_of_member(pbx_id, interface, device) is None
    assert known.user_of_member(pbx_id, interface, device) == (anna.id if is_it else None)
    assert known.empty_seat_of_member(pbx_id + 1, interface, device) is None


@pytest.mark.parametrize(
    ("interface", "is_hers"),
    [
        ("Local/0501112233@click2call", True),
        ("Local/0501112233@click2call/n", True),
        ("PJSIP/0501112233@trunk", True),
        ("SIP/trunk/00994501112233", True),
        ("Local/0501112234@click2call", False),
    ],
)
async def test_a_member_of_a_queue_that_dials_an_outside_number_is_its_agents(
    sqlite_house: House, interface: str, is_hers: bool
):
    house = sqlite_house
    pbx_id, anna = await add_pbx(house), await house.person("anna")
    async with house.database.write() as session:
        await devices.assign(
            session, user_id=anna.id, pbx_id=pbx_id, kind="external", at=house.clock(), by=SYSTEM,
            endpoint=devices.outside("+994501112233"),
        )  # fmt: skip
    known = DeviceMap(house.database, house.app[BUS], lambda _, raw: phone.read(raw, ["AZ"]).norm)
    await known.load()

    found = known.user_of_member(pbx_id, interface, interface)
    assert found == (anna.id if is_hers else None)
    assert known.caller(pbx_id, "0501112233") == anna.id
    assert known.caller(pbx_id, "anonymous") is None

"""The tour of a new colleague: ticked off one by one, closed, begun anew; the same at every desk."""

from sqlalchemy import select

from callcenter.agents.models import User
from tests.fixtures.house import House


async def learned(house: House) -> list[str]:
    async with house.database.read() as session:
        return list((await session.scalars(select(User.learned).where(User.login == "anna"))).one())


async def test_what_was_tried_is_kept_with_the_person(house: House):
    await house.person("anna")
    anna = await house.signed_in("anna")

    for lesson in ("search", "keys", "search"):
        assert (await anna.submit("/me/tour", {"lesson": lesson})).location == "/desk"

    assert await learned(house) == ["keys", "search"]


async def test_the_tour_is_closed_and_begun_anew(sqlite_house: House):
    await sqlite_house.person("anna")
    anna = await sqlite_house.signed_in("anna")
    begun = "/me/tour/again" in (await anna.open("/account")).text

    await anna.submit("/me/tour", {"lesson": "closed"})
    closed = "/me/tour/again" in (await anna.open("/account")).text
    await anna.submit("/me/tour/again")

    assert (begun, closed, await learned(sqlite_house)) == (False, True, [])


async def test_there_is_no_lesson_in_magic(sqlite_house: House):
    await sqlite_house.person("anna")
    anna = await sqlite_house.signed_in("anna")

    assert (await anna.submit("/me/tour", {"lesson": "magic"})).status == 404
    assert await learned(sqlite_house) == []

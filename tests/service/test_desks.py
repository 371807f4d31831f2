"""People sit down at shared phones and get up: whose calls are whose, at each moment of it."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from callcenter.agents import seats
from callcenter.events import DeskDialled
from callcenter.server.actor import SYSTEM
from callcenter.simulator import Call
from tests.service.office import PASSWORD, Person, PretendOffice
from tests.service.screen import TEST_LIMIT_S, Screen, Told

PLACE = "PJSIP/1002"
QUEUES_OF_1002 = {"support", "all", "sales"}


@pytest.fixture
async def seat(office: PretendOffice) -> int:
    """The phone 1002, which is shared."""
    return await share(office)


async def share(office: PretendOffice, extension: str = "1002") -> int:
    async with office.house.database.write() as session:
        form = seats.SeatForm(
            name=f"Desk {extension[-1]}", pbx_id=office.pbx_id, endpoint=f"PJSIP/{extension}",
            extension=extension,
        )  # fmt: skip
        row = await seats.add(session, form, datetime.now(UTC), SYSTEM)
    await office.house.devices.load()
    await office.house.telephony.load()
    return row.id


async def sit(screen: Screen, seat: int, *, take: bool = False) -> None:
    answer = await screen.ask("PUT", "/me/seat", {"seat_id": seat, "take": take})
    assert answer.status == 204, answer.text
    await screen.next("phones", lambda told: names(told) == ["1002"])


def names(told: Told) -> list[str]:
    return [phone["name"] for phone in told.get("phones", [])]


async def state(screen: Screen, wanted: str) -> dict[str, Any]:
    told = await screen.next("state", lambda told: told["state"]["state"] == wanted)
    shown: dict[str, Any] = told["state"]
    return shown


async def paused(office: PretendOffice) -> set[str]:
    """Return the queues in which the shared phone is paused, once all is asked and answered."""
    async with asyncio.timeout(TEST_LIMIT_S):
        await office.house.keeper.settled()
    members = {name: queue.member(PLACE) for name, queue in office.pbx.queues.items()}
    return {name for name, member in members.items() if member is not None and member.paused}


async def until(true: Callable[[], bool], office: PretendOffice) -> None:
    """Wait until `true`, looked at whenever the phones of people have been read anew."""
    changed = asyncio.Event()
    office.house.devices.listen(changed.set)
    async with asyncio.timeout(TEST_LIMIT_S):
        while not true():
            changed.clear()
            await changed.wait()


async def record(office: PretendOffice, screen: Screen) -> dict[str, Any]:
    call_id = await office.stored_call()
    found: dict[str, Any] = (await screen.ask("GET", f"/calls/{call_id}")).json
    return found


def owner(record: dict[str, Any]) -> str | None:
    return record["owner"]["name"] if record["owner"] else None


async def test_calls_at_a_shared_phone_are_whose_who_sits_there(
    office: PretendOffice, seat: int
) -> None:
    anna, root = await office.agent("Anna"), await office.agent("Root", role="admin")

    async with office.browser(anna) as screen, office.browser(root) as above:
        await sit(screen, seat)
        news = await screen.next("seat")
        call = await office.pbx.call("0501234567", "1002")
        pop = (await screen.next("pop"))["pop"]
        await call.answer()
        await call.hangup()
        told = await record(office, above)

    assert (news["what"], news["text"]) == ("sat", "You sit at Desk 2 now.")
    assert pop["phase"] == "ringing"
    assert owner(told) == "Anna"


@pytest.mark.parametrize("moment", ["ringing", "talking", "wrap-up"])
async def test_what_goes_on_at_the_moment_of_the_change_stays_with_whoever_had_it(
    office: PretendOffice, seat: int, moment: str
) -> None:
    anna, boris = await office.agent("Anna"), await office.agent("Boris")
    root = await office.agent("Root", role="admin")

    async with (
        office.browser(anna) as hers, office.browser(boris) as his, office.browser(root) as above,
    ):  # fmt: skip
        await sit(hers, seat)
        await hers.ask("PUT", "/me/state", {"state": "ready"})
        await his.ask("PUT", "/me/state", {"state": "ready"})
        await state(hers, "ready")
        call = await office.pbx.queue_call("0501234567", "support")
        await ring_only(call, "1002")
        await state(hers, "ringing")
        if moment != "ringing":
            await call.answer("1002")
            await state(hers, "talking")
        if moment == "wrap-up":
            await call.hangup()
            await state(hers, "wrap-up")

        await sit(his, seat, take=True)
        told = await hers.next("seat", lambda told: told["what"] == "taken")
        assert told["text"] == "Boris sits at Desk 2 now. Calls there ring you no more."
        if moment == "ringing":
            await call.answer("1002")
            await state(hers, "talking")
        if moment != "wrap-up":
            await call.hangup()
            await state(hers, "wrap-up")
        assert owner(await record(office, above)) == "Anna"
        assert await his.has_been_told("pop") == []
        # Her wrap-up is hers alone: the phone is his, and he is ready.
        assert await paused(office) == set()

        second = await office.pbx.call("0507654321", "1002")
        await his.next("pop")
        await second.answer()
        await state(his, "talking")
        await second.hangup()
        assert owner(await record(office, above)) == "Boris"
        assert len(await hers.has_been_told("pop.withdrawn")) == 1


async def ring_only(call: Call, extension: str) -> None:
    """Let the queue go on until this phone rings."""
    while call.ringing != [extension]:
        await call.no_answer()
        await call.until(lambda call: bool(call.ringing))


async def test_an_empty_shared_phone_takes_no_calls_of_queues(
    office: PretendOffice, seat: int
) -> None:
    anna = await office.agent("Anna")
    assert await paused(office) == QUEUES_OF_1002

    async with office.browser(anna) as screen:
        await screen.ask("PUT", "/me/state", {"state": "ready"})
        await sit(screen, seat)
        assert await paused(office) == set()

        await screen.ask("DELETE", "/me/seat")
        shown = await state(screen, "not-responding")
        assert await paused(office) == QUEUES_OF_1002

    assert shown["reason"] == "phone"


async def test_whoever_signs_out_gets_up(office: PretendOffice, seat: int) -> None:
    anna = await office.agent("Anna")

    async with office.browser(anna) as screen:
        await sit(screen, seat)
        await screen.browser.submit("/sign-out")
        await until(lambda: not office.house.devices.phones_of(anna.id), office)


async def test_a_new_password_costs_nobody_the_place(office: PretendOffice, seat: int) -> None:
    anna, boris = await office.agent("Anna"), await office.agent("Boris")
    other = await share(office, "1003")

    async with office.browser(anna) as hers, office.browser(boris) as his:
        await sit(hers, seat)
        await his.ask("PUT", "/me/seat", {"seat_id": other})
        await hers.open("/password")
        fields = {"present": PASSWORD, "password": (new := PASSWORD + " by far"), "again": new}
        changed = await hers.browser.submit("/password", fields)
        # He signs out after her, so once he is gone it has been looked at her, too.
        await his.browser.submit("/sign-out")
        await until(lambda: not office.house.devices.phones_of(boris.id), office)

    assert changed.status == 303
    assert [phone.endpoint for phone in office.house.devices.phones_of(anna.id)] == [PLACE]


async def test_whoever_goes_off_duty_gets_up(office: PretendOffice, seat: int) -> None:
    anna = await office.agent("Anna")

    async with office.browser(anna) as screen:
        await sit(screen, seat)
        await screen.ask("PUT", "/me/state", {"state": "ready"})
        await screen.ask("PUT", "/me/state", {"state": "off"})
        told = await screen.next("seat", lambda told: told["what"] == "left")

    assert told["text"] == "You have left Desk 2."


async def test_a_taken_place_is_not_given_without_asking(office: PretendOffice, seat: int) -> None:
    anna, boris = await office.agent("Anna"), await office.agent("Boris")

    async with office.browser(anna) as hers, office.browser(boris) as his:
        await sit(hers, seat)
        answer = await his.ask("PUT", "/me/seat", {"seat_id": seat})

    assert (answer.status, answer.json["error"]["code"]) == (409, "seat-taken")
    assert "Anna sits at this phone" in answer.json["error"]["message"]


async def test_somebody_sits_down_by_dialling_and_is_ready_then(
    office: PretendOffice, seat: int
) -> None:
    anna = await office.agent("Anna")
    await give_code(office, anna, "4711")

    await office.pbx.dial_code("1002", "CallcenterSit", "4711")
    await until(lambda: bool(office.house.devices.phones_of(anna.id)), office)
    assert await paused(office) == set()
    assert office.house.keeper.view(anna.id).state == "ready"

    await office.pbx.dial_code("1002", "CallcenterLeave")
    await until(lambda: not office.house.devices.phones_of(anna.id), office)
    assert await paused(office) == QUEUES_OF_1002


@pytest.mark.parametrize(("extension", "code"), [("1003", "4711"), ("1002", "4712")])
async def test_a_wrong_code_and_a_phone_that_is_not_shared_change_nothing(
    office: PretendOffice, seat: int, extension: str, code: str
) -> None:
    anna = await office.agent("Anna")
    await give_code(office, anna, "4711")
    heard: list[DeskDialled] = []
    office.house.bus.listen(heard.append, DeskDialled)

    await office.pbx.dial_code(extension, "CallcenterSit", code)
    await office.pbx.dial_code("1002", "CallcenterSit", "4711")
    await until(lambda: bool(office.house.devices.phones_of(anna.id)), office)

    (phone,) = office.house.devices.phones_of(anna.id)
    assert (len(heard), phone.endpoint) == (2, PLACE)


async def give_code(office: PretendOffice, person: Person, code: str) -> None:
    async with office.house.database.write() as session:
        await seats.give_code(session, person.id, code, datetime.now(UTC), SYSTEM)


async def test_a_supervisor_puts_the_own_people_at_a_phone_and_no_others(
    office: PretendOffice, seat: int
) -> None:
    anna = await office.agent("Anna")
    boss = await office.agent("Boss", role="supervisor")
    boris = await office.agent("Boris")

    async with office.browser(boss) as above, office.browser(anna) as hers:
        await above.open("/phones")
        put = await above.browser.submit(f"/phones/{seat}/sit", {"user_id": str(anna.id)})
        told = await hers.next("seat")
        await hers.open("/phones")
        forbidden = await hers.browser.submit(f"/phones/{seat}/sit", {"user_id": str(boris.id)})
        freed = await above.browser.submit(f"/phones/{seat}/free")
        left = await hers.next("seat")

    assert (put.status, told["text"]) == (303, "Boss has put you at Desk 2.")
    assert forbidden.status == 403
    assert (freed.status, left["text"]) == (303, "Boss has freed your place at Desk 2.")

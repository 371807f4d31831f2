"""One person, several phones: one card, one state, one pause, and the leg that says which phone."""

import asyncio
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from callcenter.agents import devices
from callcenter.calls.models import CallLeg
from callcenter.server.actor import SYSTEM
from tests.service.office import Person
from tests.service.office import PretendOffice as Office
from tests.service.screen import TEST_LIMIT_S, Screen

DESK, OTHER = "PJSIP/1001", "PJSIP/1002"


@pytest.fixture
async def anna(office: Office) -> Person:
    """Anna has the phones 1001 and 1002."""
    person = await office.agent("Anna", "1001")
    async with office.house.database.write() as session:
        await devices.assign(
            session, user_id=person.id, pbx_id=office.pbx_id, endpoint=OTHER, extension="1002",
            kind="softphone", at=datetime.now(UTC), by=SYSTEM,
        )  # fmt: skip
    await office.house.devices.load()
    await office.house.telephony.load()
    return person


async def state(screen: Screen, wanted: str) -> None:
    await screen.next("state", lambda told: told["state"]["state"] == wanted)


async def legs_of(office: Office, call_id: int) -> dict[str, tuple[int | None, str | None]]:
    async with office.house.database.read() as session:
        rows = await session.scalars(
            select(CallLeg).where(CallLeg.call_id == call_id, CallLeg.party == "agent")
        )
        return {leg.endpoint: (leg.user_id, leg.result) for leg in rows}


async def test_all_phones_ring_for_one_card_and_the_record_says_which_was_lifted(
    office: Office, anna: Person
) -> None:
    async with office.browser(anna) as screen:
        call = await office.pbx.queue_call("0501234567", "all")
        assert {"1001", "1002"} <= set(call.ringing)
        first = (await screen.next("pop"))["pop"]
        await call.answer("1002")
        talking = await screen.next("pop", lambda told: told["pop"]["phase"] == "talking")
        await call.hangup()
        await state(screen, "wrap-up")
        told = await legs_of(office, await office.stored_call())
        shown = {each["pop"]["id"] for each in await screen.has_been_told("pop")}
        gone = await screen.has_been_told("pop.withdrawn")

    assert shown == {first["id"]} == {talking["pop"]["id"]}
    assert [each["reason"] for each in gone] == ["ended"]
    assert told[OTHER] == (anna.id, "answered")
    assert told[DESK] == (anna.id, "cancelled")


async def test_whoever_talks_on_one_phone_may_be_rung_on_the_other(
    office: Office, anna: Person
) -> None:
    async with office.browser(anna) as screen:
        await screen.ask("PUT", "/me/state", {"state": "ready"})
        first = await office.pbx.call("0501234567", "1001")
        await first.answer()
        await state(screen, "talking")
        second = await office.pbx.call("0557654321", "1002")
        pops = await screen.next("pop", lambda told: told["pop"]["e164"] == "+994557654321")
        assert pops["pop"]["phase"] == "ringing"
        view = office.house.keeper.view(anna.id)
        assert view.state == "talking"

        await second.decline()
        withdrawn = await screen.next("pop.withdrawn")
        assert (withdrawn["id"], withdrawn["reason"]) == (pops["pop"]["id"], "declined")
        assert office.house.keeper.view(anna.id).state == "talking"
        await first.hangup()
        await state(screen, "ready")


async def test_a_pause_is_one_for_all_phones(office: Office, anna: Person) -> None:
    async with office.browser(anna) as screen:
        await screen.ask("PUT", "/me/state", {"state": "paused", "reason": "lunch"})
        async with asyncio.timeout(TEST_LIMIT_S):
            await office.house.keeper.settled()

    members = [
        member
        for queue in office.pbx.queues.values()
        for member in (queue.member(DESK), queue.member(OTHER))
        if member is not None
    ]
    assert len(members) == 6
    assert all(member.paused for member in members)


async def test_whoever_has_a_phone_that_is_reached_is_reached(office: Office, anna: Person) -> None:
    async with office.browser(anna) as screen:
        await screen.ask("PUT", "/me/state", {"state": "ready"})
        office.pbx.set_phone("1001", registered=False)
        office.pbx.set_phone("1002", registered=False)
        await state(screen, "not-responding")
        office.pbx.set_phone("1002", registered=True)
        await state(screen, "ready")


async def test_an_outside_number_counts_as_reached(office: Office, anna: Person) -> None:
    async with office.browser(anna) as screen:
        await screen.ask("PUT", "/me/state", {"state": "ready"})
        office.pbx.set_phone("1001", registered=False)
        office.pbx.set_phone("1002", registered=False)
        await state(screen, "not-responding")
        async with office.house.database.write() as session:
            await devices.assign(
                session, user_id=anna.id, pbx_id=office.pbx_id, kind="external",
                endpoint=devices.outside("+994501112233"), at=datetime.now(UTC), by=SYSTEM,
            )  # fmt: skip
        await office.house.devices.load()
        await state(screen, "ready")

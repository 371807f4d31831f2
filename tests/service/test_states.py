"""What an agent wants and does, on the screen, in the database and in the PBX's queues."""

import asyncio
import time
from typing import Any

import pytest

from tests.service.office import Person, PretendOffice
from tests.service.screen import TEST_LIMIT_S, Screen

QUEUES_OF_1001 = {"support", "all", "sales"}


async def state(screen: Screen, wanted: str) -> dict[str, Any]:
    """Return the state the page is told, once it is this one."""
    told = await screen.next("state", lambda told: told["state"]["state"] == wanted)
    shown: dict[str, Any] = told["state"]
    return shown


async def paused(office: PretendOffice, person: Person) -> set[str]:
    """Return the queues the person is paused in, once all is asked and answered."""
    async with asyncio.timeout(TEST_LIMIT_S):
        await office.house.keeper.settled()
    interface = f"PJSIP/{person.extension}"
    members = {name: queue.member(interface) for name, queue in office.pbx.queues.items()}
    return {name for name, member in members.items() if member is not None and member.paused}


async def test_an_agent_pauses_and_is_paused_in_all_queues(office: PretendOffice) -> None:
    anna = await office.agent("Anna", "1001")

    async with office.browser(anna) as screen:
        answer = await screen.ask("PUT", "/me/state", {"state": "paused", "reason": "lunch"})
        shown = await state(screen, "paused")
        assert (answer.status, shown["reason"]) == (200, "lunch")
        assert await paused(office, anna) == QUEUES_OF_1001

        await screen.ask("PUT", "/me/state", {"state": "ready"})
        await state(screen, "ready")
        assert await paused(office, anna) == set()


async def test_after_a_queues_call_an_agent_wraps_up_until_done(office: PretendOffice) -> None:
    anna = await office.agent("Anna", "1001")

    async with office.browser(anna) as screen:
        await screen.ask("PUT", "/me/state", {"state": "ready"})
        call = await office.pbx.queue_call("0501234567", "support")
        await state(screen, "ringing")
        await call.answer()
        await state(screen, "talking")
        await call.hangup()
        shown = await state(screen, "wrap-up")
        assert shown["until"] > shown["since"]
        assert await paused(office, anna) == QUEUES_OF_1001

        answer = await screen.ask("DELETE", "/me/wrap-up")
        assert answer.json["state"] == "ready"
        await state(screen, "ready")
        assert await paused(office, anna) == set()


async def test_a_phone_that_went_while_nobody_listened_is_known_to_be_away(
    office: PretendOffice,
) -> None:
    # In no queue, so that no queue tells of the phone either.
    clara = await office.agent("Clara", "1006")

    async with office.browser(clara) as screen:
        await screen.ask("PUT", "/me/state", {"state": "ready"})
        await state(screen, "ready")
        office.wire.mute()
        office.pbx.set_phone("1006", registered=False)
        office.wire.unmute()
        office.wire.cut()
        await office.linked()

        assert (await state(screen, "not-responding"))["reason"] == "phone"


@pytest.mark.parametrize("wrap_up_s", [1])
async def test_a_wrap_up_ends_by_itself(office: PretendOffice, wrap_up_s: int) -> None:
    anna = await office.agent("Anna", "1001")

    async with office.browser(anna) as screen:
        await screen.ask("PUT", "/me/state", {"state": "ready"})
        call = await office.pbx.queue_call("0501234567", "support")
        await call.answer()
        await call.hangup()
        wrapping = await state(screen, "wrap-up")
        assert wrapping["until"] - wrapping["since"] == pytest.approx(wrap_up_s, abs=0.1)
        ready = await state(screen, "ready")

        assert wrapping["until"] <= ready["since"] <= time.time()
        assert await paused(office, anna) == set()


async def test_a_wrap_up_outlives_the_browser_and_the_service(office: PretendOffice) -> None:
    anna = await office.agent("Anna", "1001")
    async with office.browser(anna) as screen:
        await screen.ask("PUT", "/me/state", {"state": "ready"})
        call = await office.pbx.queue_call("0501234567", "support")
        await state(screen, "ringing")
        await call.answer()
        await call.hangup()
        before = await state(screen, "wrap-up")
    await office.restart()

    async with office.browser(anna) as screen:
        after = next(told for told in screen.tab.told if told["type"] == "snapshot")["state"]
        assert after["state"] == "wrap-up"
        assert after["until"] == pytest.approx(before["until"], abs=0.002)
        assert await paused(office, anna) == QUEUES_OF_1001


async def test_an_agent_without_a_wish_is_shown_as_the_pbx_has_him_and_left_alone(
    office: PretendOffice,
) -> None:
    anna = await office.agent("Anna", "1001")

    async with office.browser(anna) as screen:
        told = await screen.caught_up()
        shown = [each["state"] for each in told if each["type"] in ("snapshot", "state")]
        assert shown[-1]["state"] == "ready"
        assert await paused(office, anna) == set()

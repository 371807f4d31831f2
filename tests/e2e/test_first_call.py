"""The first call: from a real Asterisk to the right screen, the record, and back.

What happened, and for how long, is told by SIPp's own account of its SIP messages; what the screens
show is read from real browsers. People take a second or two over things here, as a record of
nothing but zeros would prove little.
"""

import asyncio
import json
import os
import re
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
import pytest_asyncio
from playwright.async_api import expect

from callcenter.settings import Settings
from tests.e2e.desk import TIMEOUT_MS, Desk, SitDown
from tests.e2e.rig import AmiUser, Asterisk, Phone, Trunk
from tests.fixtures.browser import NewPage
from tests.fixtures.wire import Wire
from tests.service.office import Ami, Office, Person

pytestmark = pytest.mark.asyncio(loop_scope="session")

DIRECT_TO_1001 = "0124041011"
QUEUE_SUPPORT = "0124042000"
ZOE = "0501234567"


@dataclass
class Team:
    """The service at work for three agents, and the customer who calls."""

    office: Office
    aygun: Person
    resad: Person
    gunel: Person
    zoe: int


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def team(asterisk: Asterisk, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Team]:
    settings = Settings(port=0, data=str(tmp_path_factory.mktemp("service")), language="en")
    ami = Ami(asterisk.host, asterisk.ami_port, asterisk.ami_user, asterisk.secret)
    async with Office(settings, ami) as office:
        yield Team(
            office,
            await office.agent("Aygun", "1001"),
            await office.agent("Resad", "1002"),
            await office.agent("Gunel", "1003"),
            await office.contact("Zoë Müller", "+994 50 123 45 67", company="Müller & Co"),
        )


@pytest_asyncio.fixture(loop_scope="session")
async def wire(team: Team) -> AsyncIterator[Wire]:
    """The way from the browsers to the service."""
    port = int(team.office.house.address.rpartition(":")[2])
    async with Wire("127.0.0.1", port) as wire:
        yield wire


@pytest_asyncio.fixture(loop_scope="session")
async def sit_down(wire: Wire, new_page: NewPage) -> SitDown:
    async def sit_down(person: Person) -> Desk:
        desk = Desk(await new_page(), f"http://{wire.host}:{wire.port}")
        await desk.sign_in(person.login)
        return desk

    return sit_down


def at_least(seconds: int) -> re.Pattern[str]:
    """Match a running clock that shows so many seconds, or a few more on a busy machine."""
    return re.compile(f"00:(0[{seconds}-9]|1.)")


async def test_a_known_customer_calls_an_agent(
    team: Team, asterisk: Asterisk, trunk: Trunk, sit_down: SitDown
) -> None:
    desk, other = await sit_down(team.aygun), await sit_down(team.resad)
    async with Phone(asterisk, "1001") as phone:
        customer = await trunk.call(DIRECT_TO_1001, from_=ZOE)
        agent = await phone.incoming()
        await expect(desk.pops).to_have_attribute("data-phase", "ringing")
        await expect(desk.pops).to_contain_text("Zoë Müller")
        await expect(desk.pops).to_contain_text("Müller & Co")
        await expect(desk.page.locator("#desk-card h1")).to_have_text("Zoë Müller")
        await expect(desk.pops.locator(".pop__top time")).to_have_text(at_least(2))
        assert agent.answered_at is None, "all this while the phone rang"

        await agent.answer()
        await expect(desk.pops).to_have_attribute("data-phase", "talking")
        await expect(desk.page.locator("#callbar .call")).to_contain_text("Talking")
        await expect(desk.pops.locator(".pop__top time")).to_have_text(at_least(3))
        await customer.hang_up()
        await agent.until_ended()
        await expect(desk.pops).to_have_attribute("data-phase", "ended")
    await team.office.stored_call()

    event = await desk.newest_event(team.zoe)
    assert (event.title, "Aygun" in event.facts) == ("Incoming call", True)
    assert agent.answered_at is not None
    assert customer.invited_at is not None
    assert event.wait_s == pytest.approx(agent.answered_at - customer.invited_at, abs=1)
    assert event.talk_s == pytest.approx(agent.talk_s, abs=1)
    assert not {"pop", "calls"} & other.kinds_told()


async def test_a_known_customer_calls_a_queue(
    team: Team, asterisk: Asterisk, trunk: Trunk, sit_down: SitDown
) -> None:
    desk, other = await sit_down(team.gunel), await sit_down(team.aygun)
    customer = await trunk.call(QUEUE_SUPPORT, from_=ZOE)
    await customer.until_answered()
    async with Phone(asterisk, "1003") as phone:
        agent = await phone.incoming()
        await expect(desk.pops).to_have_attribute("data-phase", "ringing")
        await expect(desk.pops).to_contain_text("Zoë Müller")
        await expect(desk.pops).to_contain_text("support")
        assert agent.answered_at is None, "all this while the phone rang"

        await agent.answer()
        await expect(desk.pops).to_have_attribute("data-phase", "talking")
        await expect(desk.pops.locator(".pop__top time")).to_have_text(at_least(2))
        await agent.hang_up()
        await customer.until_ended()
    await team.office.stored_call()

    event = await desk.newest_event(team.zoe)
    assert event.title == "Incoming call"
    assert any(fact.startswith("support → Gunel") for fact in event.facts)
    assert agent.answered_at is not None
    assert customer.invited_at is not None
    assert event.wait_s == pytest.approx(agent.answered_at - customer.invited_at, abs=1)
    assert event.talk_s == pytest.approx(agent.talk_s, abs=1)
    assert not {"pop", "calls"} & other.kinds_told()


async def test_a_click_on_a_number_connects_both(
    team: Team, asterisk: Asterisk, trunk: Trunk, sit_down: SitDown
) -> None:
    desk = await sit_down(team.aygun)
    await desk.go(f"/contacts/{team.zoe}")
    button = desk.page.locator(".card__head [data-dial]")
    async with Phone(asterisk, "1001") as phone:
        await button.click()
        agent = await phone.incoming()
        await expect(button.locator(".dial__state")).not_to_be_empty()
        assert trunk.calls == [], "the customer is rung once the agent is there"

        await agent.answer()
        customer = await trunk.incoming()
        await expect(desk.page.locator("#callbar .call")).to_contain_text("Customer: Ringing")
        await customer.answer()
        await expect(desk.page.locator("#callbar .call")).to_contain_text("Talking")
        await expect(desk.pops.locator(".pop__top time")).to_have_text(at_least(2))
        await desk.page.locator("#callbar [data-hang-up]").click()
        await customer.until_ended()
        await agent.until_ended()
    await team.office.stored_call()

    assert customer.called_number == ZOE
    assert (agent.ended_by, customer.ended_by) == ("pbx", "pbx")
    event = await desk.newest_event(team.zoe)
    assert (event.title, "Aygun" in event.facts) == ("Outgoing call", True)
    assert event.talk_s == pytest.approx(customer.talk_s, abs=1)


async def test_a_socket_killed_while_it_rings_loses_nothing(
    team: Team, asterisk: Asterisk, trunk: Trunk, sit_down: SitDown, wire: Wire
) -> None:
    desk = await sit_down(team.aygun)
    async with Phone(asterisk, "1001") as phone:
        customer = await trunk.call(DIRECT_TO_1001, from_=ZOE)
        agent = await phone.incoming()
        await expect(desk.pops).to_have_attribute("data-phase", "ringing")
        wire.cut()
        # It is answered while nobody can be told.
        await agent.answer()
        await expect(desk.pops).to_have_attribute("data-phase", "talking")
        await expect(desk.pops).to_have_count(1)
        assert desk.connections == 2

        await desk.page.reload()
        await desk.live()
        await expect(desk.pops).to_have_attribute("data-phase", "talking")
        await expect(desk.page.locator("#callbar .call")).to_contain_text("Zoë Müller")
        await customer.hang_up()
        await expect(desk.page.locator("#callbar .call")).to_have_count(0)
    await team.office.stored_call()


async def test_a_socket_killed_while_they_talk_loses_nothing(
    team: Team, asterisk: Asterisk, trunk: Trunk, sit_down: SitDown, wire: Wire
) -> None:
    desk = await sit_down(team.aygun)
    async with Phone(asterisk, "1001") as phone:
        customer = await trunk.call(DIRECT_TO_1001, from_=ZOE)
        agent = await phone.incoming()
        await agent.answer()
        await expect(desk.pops).to_have_attribute("data-phase", "talking")
        note = desk.pops.locator("textarea")
        await note.fill("Wants a call back on Monday")
        wire.cut()
        await customer.hang_up()
        await agent.until_ended()
        await expect(desk.page.locator("#callbar .call")).to_have_count(0)
        await expect(desk.pops).to_have_attribute("data-phase", "ended")
        assert desk.connections == 2
        await expect(note).to_have_value("Wants a call back on Monday")
        await expect(desk.pops.locator(".note__state")).to_have_attribute("data-state", "saved")
    await team.office.stored_call()

    event = await desk.newest_event(team.zoe)
    assert event.talk_s == pytest.approx(agent.talk_s, abs=1)
    await expect(desk.page.locator(".event__note").first).to_have_text(
        "Wants a call back on Monday"
    )


async def test_a_pause_reaches_every_queue(
    team: Team, asterisk: Asterisk, sit_down: SitDown
) -> None:
    desk = await sit_down(team.resad)
    async with AmiUser(asterisk) as ami, Phone(asterisk, "1002"):
        await desk.wish("paused", "lunch")
        for queue, interface in [
            ("support", "PJSIP/1002"),
            ("all", "PJSIP/1002"),
            ("sales", "Local/1002@from-queue/n"),
        ]:
            paused = await ami.event("QueueMemberPause", Queue=queue, Interface=interface)
            assert (paused["Paused"], paused["PausedReason"]) == ("1", "lunch")
        await expect(desk.page.locator("#state .state")).to_contain_text("Lunch")

        await desk.wish("ready")
        await ami.event("QueueMemberPause", Queue="sales", Paused="0")
        await ami.event("QueueMemberPause", Queue="support", Paused="0")


async def test_after_a_queues_call_the_pbx_sends_no_other_until_it_is_noted(
    team: Team, asterisk: Asterisk, trunk: Trunk, sit_down: SitDown
) -> None:
    desk = await sit_down(team.gunel)
    async with AmiUser(asterisk) as ami, Phone(asterisk, "1003") as phone:
        await desk.wish("ready")
        await expect(desk.page.locator("#state .state")).to_contain_text("Ready")
        customer = await trunk.call(QUEUE_SUPPORT, from_=ZOE)
        agent = await phone.incoming()
        await agent.answer()
        await expect(desk.page.locator("#state .state")).to_contain_text("Talking")
        await customer.hang_up()
        await expect(desk.page.locator("#state .state")).to_contain_text("Wrap-up")
        member = {"Queue": "support", "Interface": "PJSIP/1003"}
        paused = await ami.event("QueueMemberPause", **member, Paused="1")
        assert paused["PausedReason"] == "wrap-up"

        async with AmiUser(asterisk) as then:
            await desk.page.locator("[data-wrap-up-done]").click()
            await expect(desk.page.locator("#state .state")).to_contain_text("Ready")
            await then.event("QueueMemberPause", **member, Paused="0")
    await team.office.stored_call()


async def test_the_doctor_misses_nothing(team: Team, asterisk: Asterisk, trunk: Trunk) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "callcenter", "doctor", "--json",
        # In debug mode asyncio says by itself when a busy machine kept it waiting.
        env=os.environ | {"CALLCENTER_DATA": team.office.settings.data, "PYTHONASYNCIODEBUG": ""},
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    looking = asyncio.create_task(process.communicate())
    async with Phone(asterisk, "1001") as phone:
        # It listens for some seconds: let there be something to hear.
        while not looking.done():
            customer = await trunk.call(DIRECT_TO_1001, from_=ZOE)
            agent = await phone.incoming()
            await agent.answer()
            # Or the end crosses the answer, and neither side is told.
            await customer.until_answered()
            await customer.hang_up()
            await agent.until_ended()
            await team.office.stored_call()
    output, errors = await looking

    findings = json.loads(output)["findings"]
    assert [one["sentence"] for one in findings if one["state"] == "missing"] == []
    assert (process.returncode, errors) == (0, b"")
    good = {one["code"] for one in findings if one["state"] == "good"}
    assert {"reach", "read", "write", "channelvars", "members"} <= good


async def test_an_asterisk_that_crashes_in_mid_call_is_told_of_and_taken_up_again(
    team: Team, asterisk: Asterisk, trunk: Trunk, sit_down: SitDown
) -> None:
    desk = await sit_down(team.aygun)
    async with Phone(asterisk, "1001") as phone:
        await trunk.call(DIRECT_TO_1001, from_=ZOE)
        agent = await phone.incoming()
        await agent.answer()
        await expect(desk.pops).to_have_attribute("data-phase", "talking")
        await asterisk.crash()
        await expect(desk.banner).to_contain_text("The PBX Main")
        await expect(desk.page.locator("#callbar .call")).to_have_count(1)

        await asterisk.start(keep=True)
        await expect(desk.banner).to_be_hidden(timeout=TIMEOUT_MS)
        await expect(desk.page.locator("#callbar .call")).to_have_count(0)
    await team.office.stored_call()
    event = await desk.newest_event(team.zoe)
    assert (event.title, "Aygun" in event.facts) == ("Incoming call", True)

    async with Phone(asterisk, "1001"):
        customer = await trunk.call(DIRECT_TO_1001, from_=ZOE)
        await expect(desk.pops).to_have_attribute("data-phase", "ringing")
        await customer.hang_up()
    await team.office.stored_call()

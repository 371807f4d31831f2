"""Shared phones and outside numbers on a real Asterisk: dialled codes, queues, clicks, own calls.

When and between whom there was talk is told by SIPp's own account of its SIP messages.
"""

import asyncio
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import select

from callcenter.agents import devices, seats
from callcenter.calls.models import CallLeg, CallRow
from callcenter.events import DevicesChanged
from callcenter.server.actor import SYSTEM
from callcenter.settings import Settings
from tests.e2e.rig import Asterisk, Phone, Trunk
from tests.service.office import Ami, Office, Person
from tests.service.screen import TEST_LIMIT_S, Screen

pytestmark = pytest.mark.asyncio(loop_scope="session")

MOBILE = "0501112233"
CUSTOMER = "0557654325"
DIRECT_TO_1005 = "0124041015"
QUEUE_SUPPORT = "0124042000"
MEMBER = f"Local/{MOBILE}@click2call"


@dataclass
class Team:
    """Anna sits where she likes, Leyla is on her mobile; the administrator looks."""

    office: Office
    anna: Person
    leyla: Person
    root: Person


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def team(asterisk: Asterisk, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Team]:
    settings = Settings(port=0, data=str(tmp_path_factory.mktemp("service")), language="en")
    ami = Ami(asterisk.host, asterisk.ami_port, asterisk.ami_user, asterisk.secret)
    async with Office(settings, ami) as office:
        team = Team(
            office, await office.agent("Anna"), await office.agent("Leyla"),
            await office.agent("Root", role="admin"),
        )  # fmt: skip
        at = datetime.now(UTC)
        async with office.house.database.write() as session:
            place = seats.SeatForm(
                name="Window 5", pbx_id=office.pbx_id, endpoint="PJSIP/1005", extension="1005"
            )
            await seats.add(session, place, at, SYSTEM)
            await seats.give_code(session, team.anna.id, "4711", at, SYSTEM)
            await devices.assign(
                session, user_id=team.leyla.id, pbx_id=office.pbx_id, kind="external",
                endpoint=devices.outside("+994501112233"), at=at, by=SYSTEM,
            )  # fmt: skip
        await office.house.devices.load()
        await office.house.telephony.load()
        yield team


async def record(team: Team, screen: Screen) -> dict[str, Any]:
    call_id = await team.office.stored_call()
    found: dict[str, Any] = (await screen.ask("GET", f"/calls/{call_id}")).json
    return found


async def told_of(team: Team, record: dict[str, Any], party: str) -> list[dict[str, Any]]:
    return [leg for leg in record["legs"] if leg["party"] == party]


async def test_somebody_sits_down_by_dialling_and_calls_there_are_theirs(
    team: Team, asterisk: Asterisk, trunk: Trunk
) -> None:
    async with Phone(asterisk, "1005") as phone, team.office.browser(team.anna) as screen:
        code = await phone.call("*414711")
        await code.until_ended()
        news = await screen.next("seat")
        assert (news["what"], news["text"]) == ("sat", "You sit at Window 5 now.")
        await team.office.stored_call()

        customer = await trunk.call(DIRECT_TO_1005, from_=CUSTOMER)
        agent = await phone.incoming()
        pop = (await screen.next("pop"))["pop"]
        assert pop["phase"] == "ringing"
        await agent.answer()
        await customer.until_answered()
        await customer.hang_up()
        await agent.until_ended()
        own = await record(team, screen)

        up = await phone.call("*42")
        await up.until_ended()
        assert (await screen.next("seat"))["what"] == "left"
        await team.office.stored_call()
    assert own["owner"]["name"] == "Anna"


async def test_a_queue_that_rings_a_mobile_rings_its_agent(
    team: Team, asterisk: Asterisk, trunk: Trunk
) -> None:
    await asterisk.cli(f"queue add member {MEMBER} to support")
    async with team.office.browser(team.leyla) as screen, team.office.browser(team.root) as above:
        customer = await trunk.call(QUEUE_SUPPORT, from_=CUSTOMER)
        mobile = await trunk.incoming(MOBILE)
        pop = (await screen.next("pop"))["pop"]
        assert (pop["phase"], pop["queue"], pop["direction"]) == ("ringing", "support", "inbound")
        await mobile.answer()
        await screen.next("pop", lambda told: told["pop"]["phase"] == "talking")
        await asyncio.sleep(2)
        await mobile.hang_up()
        await customer.until_ended()
        whole = await record(team, above)

        await screen.ask("PUT", "/me/state", {"state": "paused", "reason": "lunch"})
        await screen.ask("DELETE", "/me/wrap-up")
        async with asyncio.timeout(TEST_LIMIT_S):
            await team.office.house.keeper.settled()
        assert f"{MEMBER} (ringinuse" in (shown := await asterisk.cli("queue show support"))
        assert "paused:lunch" in shown.partition(MEMBER)[2].partition("\n")[0]
    await asterisk.cli(f"queue remove member {MEMBER} from support")

    (leg,) = await told_of(team, whole, "agent")
    assert (whole["direction"], whole["owner"]["name"]) == ("inbound", "Leyla")
    assert leg["talk_s"] == pytest.approx(mobile.talk_s, abs=1)
    assert await told_of(team, whole, "external") == []


async def test_a_click_rings_the_mobile_and_then_the_customer(
    team: Team, asterisk: Asterisk, trunk: Trunk
) -> None:
    async with team.office.browser(team.leyla) as screen, team.office.browser(team.root) as above:
        wish = {"intent_id": str(uuid.uuid4()), "number": CUSTOMER}
        asked = await screen.ask("POST", "/calls", wish)
        assert asked.status == 202, asked.text
        mobile = await trunk.incoming(MOBILE)
        await mobile.answer()
        customer = await trunk.incoming(CUSTOMER)
        await customer.answer()
        await screen.next("pop", lambda told: told["pop"]["phase"] == "talking")
        await asyncio.sleep(2)
        await customer.hang_up()
        await mobile.until_ended()
        whole = await record(team, above)

    (leg,) = await told_of(team, whole, "agent")
    assert (whole["direction"], whole["origin"]) == ("outbound", "click-to-call")
    assert (whole["number"], whole["owner"]["name"]) == ("+994557654325", "Leyla")
    assert leg["talk_s"] == pytest.approx(customer.talk_s, abs=1)


@pytest.mark.parametrize("own", [True, False])
async def test_a_call_from_the_mobile_is_the_agents_where_the_office_says_so(
    team: Team, asterisk: Asterisk, trunk: Trunk, own: bool
) -> None:
    await say_own_calls(team, own)
    async with (
        Phone(asterisk, "1005") as phone, team.office.browser(team.leyla) as screen,
    ):  # fmt: skip
        mobile = await trunk.call(DIRECT_TO_1005, from_=MOBILE)
        agent = await phone.incoming()
        await agent.answer()
        await mobile.until_answered()
        await mobile.hang_up()
        await agent.until_ended()
        call_id = await team.office.stored_call()
        assert await screen.has_been_told("pop") == []

    async with team.office.house.database.read() as session:
        call = await session.get_one(CallRow, call_id)
        rows = await session.scalars(
            select(CallLeg).where(CallLeg.call_id == call_id).order_by(CallLeg.seq)
        )
        legs = [(leg.party, leg.user_id) for leg in rows]
    assert call.direction == ("internal" if own else "inbound")
    first = ("agent", team.leyla.id) if own else ("customer", None)
    assert legs == [first, ("agent", None)]


async def say_own_calls(team: Team, own: bool) -> None:
    async with team.office.house.database.write() as session:
        for phone in await devices.current_of(session, team.leyla.id):
            phone.own_calls = own
    team.office.house.bus.publish(DevicesChanged(at=1.0))
    await team.office.house.devices.load()
    await team.office.house.telephony.load()

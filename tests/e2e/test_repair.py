"""Gaps repaired from the CEL of a real Asterisk: what happened while nobody listened."""

import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
import pytest_asyncio
from sqlalchemy import select

from callcenter.calls.models import CallIntent, CallLeg, CallRow, Gap, QueueVisit
from callcenter.interactions.models import Interaction
from callcenter.settings import Settings
from tests.e2e.rig import AmiUser, Asterisk, Phone, Trunk
from tests.service.office import Ami, Office, Person

pytestmark = pytest.mark.asyncio(loop_scope="session")

DIRECT_TO_1001 = "0124041011"
QUEUE_SUPPORT = "0124042000"
TOLERANCE_S = 0.3


@dataclass
class Team:
    office: Office
    aygun: Person
    resad: Person

    async def call_from(self, number: str) -> tuple[CallRow, list[CallLeg], list[QueueVisit]]:
        """Return the one call of a customer."""
        async with self.office.house.database.read() as session:
            (call,) = await session.scalars(
                select(CallRow).where(CallRow.customer_number == number)
            )
            legs = await session.scalars(
                select(CallLeg).where(CallLeg.call_id == call.id).order_by(CallLeg.seq)
            )
            visits = await session.scalars(select(QueueVisit).where(QueueVisit.call_id == call.id))
            interactions = await session.scalars(
                select(Interaction).where(Interaction.id == call.interaction_id)
            )
            assert len(list(interactions)) == 1
            return call, list(legs), list(visits)

    async def intent(self, number: str) -> CallIntent:
        """Write down that Aygun has asked for a call."""
        intent = CallIntent(
            id="a-click", user_id=self.aygun.id, pbx_id=self.office.pbx_id, number=number,
            channel_id="crm-a-click", at=datetime.now(UTC), status="asked",
        )  # fmt: skip
        async with self.office.house.database.write() as session:
            session.add(intent)
        return intent

    async def newest_gap(self) -> Gap:
        async with self.office.house.database.read() as session:
            gaps: Sequence[Gap] = list(await session.scalars(select(Gap).order_by(Gap.to_at)))
        return gaps[-1]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def team(asterisk: Asterisk, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Team]:
    settings = Settings(port=0, data=str(tmp_path_factory.mktemp("service")), language="en")
    ami = Ami(
        asterisk.host, asterisk.ami_port, asterisk.ami_user, asterisk.secret, f"csv:{asterisk.cel}"
    )
    async with Office(settings, ami) as office:
        yield Team(office, await office.agent("Aygun", "1001"), await office.agent("Resad", "1002"))


async def another_call(asterisk: Asterisk, trunk: Trunk) -> None:
    """Let time pass as an office does: somebody calls who gives up."""
    async with Phone(asterisk, "1006") as phone:
        customer = await trunk.call("0124041016", from_="0509990000")
        agent = await phone.incoming()
        await customer.until_ringing()
        await customer.hang_up()
        await agent.until_ended()


async def test_a_call_that_nobody_saw_is_added(
    team: Team, asterisk: Asterisk, trunk: Trunk
) -> None:
    await team.office.close()
    async with Phone(asterisk, "1001") as phone:
        customer = await trunk.call(QUEUE_SUPPORT, from_="0501110001")
        agent = await phone.incoming()
        await agent.answer()
        await agent.hang_up()
        await customer.until_ended()
    await team.office.open()
    repaired = await team.office.repaired()

    call, (caller, leg), (visit,) = await team.call_from("0501110001")
    assert (repaired.calls, repaired.mended) == (1, 0)
    assert (call.direction, call.result, call.ended_by) == ("inbound", "answered", "agent")
    assert (call.owner_id, leg.user_id, caller.party) == (team.aygun.id, team.aygun.id, "customer")
    assert call.talk_ms == pytest.approx(agent.talk_s * 1000, abs=TOLERANCE_S * 1000)
    assert call.end_at.timestamp() == pytest.approx(agent.ended_at, abs=TOLERANCE_S)
    assert (visit.queue, visit.ended) == ("support", "answered")
    assert {"CallBegan", "TalkBegan", "CallEnded"} <= set(call.inferred)
    recovered = (await team.newest_gap()).recovered
    assert recovered["state"] == "done"
    assert recovered["queue_calls"] == {"support": 1}, "as the queue has counted itself"
    assert recovered["unknown"] == {}


async def test_a_call_that_ended_unseen_gets_its_right_end(
    team: Team, asterisk: Asterisk, trunk: Trunk
) -> None:
    async with Phone(asterisk, "1001") as phone:
        customer = await trunk.call(DIRECT_TO_1001, from_="0501110002")
        agent = await phone.incoming()
        await agent.answer()
        await team.office.written()
        await team.office.close()
        await another_call(asterisk, trunk)
        await customer.hang_up()
        await agent.until_ended()
    await team.office.open()
    repaired = await team.office.repaired()

    call, _legs, _visits = await team.call_from("0501110002")
    assert (repaired.calls, repaired.mended) == (1, 1)
    assert (call.result, call.ended_by, call.owner_id) == ("answered", "customer", team.aygun.id)
    assert call.talk_ms == pytest.approx(agent.talk_s * 1000, abs=TOLERANCE_S * 1000)
    assert call.end_at.timestamp() == pytest.approx(agent.ended_at, abs=TOLERANCE_S)


async def test_a_call_that_began_unseen_and_goes_on_is_mended_when_it_is_over(
    team: Team, asterisk: Asterisk, trunk: Trunk
) -> None:
    await team.office.close()
    async with Phone(asterisk, "1002") as phone:
        customer = await trunk.call(QUEUE_SUPPORT, from_="0501110003")
        agent = await phone.incoming()
        await agent.answer()
        await another_call(asterisk, trunk)
        await team.office.open()
        await agent.hang_up()
        await customer.until_ended()
    repaired = await team.office.repaired()

    call, (_caller, leg), (visit,) = await team.call_from("0501110003")
    assert (repaired.calls, repaired.mended) == (1, 1)
    assert (call.result, call.owner_id, leg.user_id) == ("answered", team.resad.id, team.resad.id)
    assert call.talk_ms == pytest.approx(agent.talk_s * 1000, abs=TOLERANCE_S * 1000)
    assert leg.answer_at.timestamp() == pytest.approx(agent.answered_at, abs=TOLERANCE_S)
    assert (visit.queue, visit.ended) == ("support", "answered")


async def test_a_call_that_a_crash_cut_off_ended_with_it(
    team: Team, asterisk: Asterisk, trunk: Trunk
) -> None:
    async with Phone(asterisk, "1001") as phone:
        await trunk.call(DIRECT_TO_1001, from_="0501110004")
        agent = await phone.incoming()
        await team.office.talks(agent)
        crashed_at = time.time()
        await asterisk.crash()
        await asterisk.start(keep=True)
        await team.office.linked()
        repaired = await team.office.repaired()

    call, legs, _visits = await team.call_from("0501110004")
    assert repaired.state == "done"
    assert (call.result, call.owner_id) == ("answered", team.aygun.id)
    assert call.end_at.timestamp() == pytest.approx(crashed_at, abs=1.0)
    assert {leg.how_out for leg in legs} == {"lost"}
    assert "CallEnded" in call.inferred


async def test_a_crash_that_nobody_saw_cuts_its_calls_off_too(
    team: Team, asterisk: Asterisk, trunk: Trunk
) -> None:
    await team.office.close()
    async with Phone(asterisk, "1001") as phone:
        await trunk.call(QUEUE_SUPPORT, from_="0501110005")
        agent = await phone.incoming()
        await agent.answer()
        await another_call(asterisk, trunk)
        await asterisk.crash()
        await asterisk.start(keep=True)
    await team.office.open()
    repaired = await team.office.repaired()

    call, (_caller, leg), (visit,) = await team.call_from("0501110005")
    assert (repaired.state, repaired.calls) == ("done", 2)
    assert (call.result, call.owner_id, leg.how_out) == ("answered", team.aygun.id, "lost")
    assert leg.answer_at.timestamp() == pytest.approx(agent.answered_at, abs=TOLERANCE_S)
    assert (call.end_at - leg.answer_at).total_seconds() < 5
    assert (visit.queue, visit.ended) == ("support", "answered")


async def test_a_click_that_nobody_saw_come_true_is_tied_to_its_call(
    team: Team, asterisk: Asterisk, trunk: Trunk
) -> None:
    async with AmiUser(asterisk, "rig") as ami, Phone(asterisk, "1001") as phone:
        intent = await team.intent("0501110006")
        await team.office.close()
        await ami.action(
            "Originate", Channel="PJSIP/1001", Context="click2call", Exten="0501110006",
            Priority="1", CallerID="0501110006", ChannelId=intent.channel_id, Async="true",
            Variable=f"__CRM_REF={intent.id}",
        )  # fmt: skip
        agent = await phone.incoming()
        await agent.answer()
        customer = await trunk.incoming()
        await customer.answer()
        await agent.hang_up()
        await customer.until_ended()
    await team.office.open()
    repaired = await team.office.repaired()

    call, _legs, _visits = await team.call_from("0501110006")
    assert repaired.calls == 1
    assert (call.direction, call.origin) == ("outbound", "click-to-call")
    assert (call.result, call.intent_id) == ("answered", intent.id)

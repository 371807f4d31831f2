"""How queues choose, as seen by who rings."""

import asyncio

from callcenter.simulator import Simulator, SimulatorSettings
from callcenter.simulator.settings import QueueSettings


async def test_round_robin_goes_on_from_the_last_member_rung(sim):
    rung = []
    for number in range(4):
        call = await sim.pbx.queue_call(f"050000000{number}", "support")
        rung += call.ringing
        await call.answer()
        await call.hangup()

    assert rung == ["1001", "1002", "1003", "1001"]


async def test_a_linear_queue_begins_with_its_first_member_each_time(sim):
    first = await sim.pbx.queue_call("0500000001", "billing")
    await first.no_answer()
    assert first.ringing == ["1004"]
    await first.no_answer()
    assert first.ringing == ["1003"]
    await first.hangup()
    second = await sim.pbx.queue_call("0500000002", "billing")

    assert second.ringing == ["1003"]


async def test_everybody_free_rings_until_one_answers(sim):
    engaged = await sim.pbx.call("0500000001", "1002")
    await engaged.answer()
    call = await sim.pbx.queue_call("0500000002", "all")
    assert sorted(call.ringing) == ["1001", "1003"]
    await call.answer("1001")

    assert call.ringing == []
    assert sim.pbx.phones["1003"].state == "NOT_INUSE"


async def test_a_member_who_declines_is_passed_over(sim):
    call = await sim.pbx.queue_call("0500000001", "support")
    await call.decline()

    assert call.ringing == ["1002"]
    assert call.is_waiting


async def test_callers_wait_in_the_order_they_came(sim):
    busy = [await sim.pbx.call(f"055000000{n}", f"100{n}") for n in (1, 2, 3)]
    for call in busy:
        await call.answer()
    first = await sim.pbx.queue_call("0500000001", "support")
    second = await sim.pbx.queue_call("0500000002", "support")
    assert first.ringing == second.ringing == []

    await busy[1].hangup(by="customer")
    assert (first.ringing, second.ringing) == (["1002"], [])
    await first.hangup()
    assert second.ringing == ["1002"]


async def test_a_phone_that_comes_back_is_rung_for_who_waits(sim):
    for extension in ("1001", "1002", "1003"):
        sim.pbx.set_phone(extension, registered=False)
    call = await sim.pbx.queue_call("0500000001", "support")
    assert call.ringing == []

    sim.pbx.set_phone("1003", registered=True)
    await call.until(lambda it: it.ringing == ["1003"])


async def test_a_phone_can_pick_up_by_itself(sim):
    sim.pbx.set_phone("1001", answers_after_s=0.01)
    call = await sim.pbx.call("0500000001", "1001")
    async with asyncio.timeout(30):
        await call.until(lambda it: it.is_connected)

    assert call.agent == "1001"


async def test_with_timers_on_the_queue_itself_goes_to_the_next_member():
    settings = SimulatorSettings(timers=True, speed=100)
    async with Simulator(settings) as sim, asyncio.timeout(30):
        call = await sim.pbx.queue_call("0500000001", "support")
        assert call.ringing == ["1001"]
        await call.until(lambda it: it.ringing == ["1002"])


async def test_with_timers_off_phones_ring_until_told(sim):
    call = await sim.pbx.call("0500000001", "1001")

    assert call.ringing == ["1001"]
    assert sim.pbx.pending_timers == 0


async def test_a_queue_leaves_its_agent_alone_for_the_wrapuptime():
    one_agent = QueueSettings("support", "rrmemory", "0124042000", ("1001",))
    settings = SimulatorSettings(queues=(one_agent,), wrapuptime_s=2)
    async with Simulator(settings) as sim:
        first = await sim.pbx.queue_call("0501110001", "support")
        await first.answer("1001")
        second = await sim.pbx.queue_call("0501110002", "support")
        await first.hangup(by="agent")

        assert second.ringing == []
        await second.until(lambda call: call.ringing == ["1001"])

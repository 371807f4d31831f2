"""States kept over time: shown, written down, and the queues of the PBX in step."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from callcenter.agents import devices, people
from callcenter.agents.device_map import DeviceMap
from callcenter.agents.keeper import Keeper
from callcenter.agents.pauses import Pauses, Wanted
from callcenter.agents.states import LegChange
from callcenter.bus.memory import MemoryBus
from callcenter.db import Database
from callcenter.errors import PbxUnreachable
from callcenter.events import DeviceChanged, LinkUp, MemberChanged
from callcenter.live.protocol import StateView
from callcenter.server.actor import SYSTEM
from tests.calls.office import NOW, PBX, move_in

TEST_LIMIT_S = 30
ANNA, BORIS = 1001, 1002
MEMBERS = (
    ("support", "PJSIP/1001"), ("sales", "PJSIP/1001"), ("sales", "Local/1001@from-queue/n"),
    ("support", "PJSIP/1002"),
)  # fmt: skip


class Queues:
    """The queues of a PBX: does what it is asked and tells what changed, in its own time."""

    def __init__(self, bus: MemoryBus) -> None:
        self.bus = bus
        self.reachable = True
        self.paused = dict.fromkeys(MEMBERS, False)
        self.asked: list[tuple[str, bool, str]] = []

    async def pause(self, pbx: int, interface: str, *, paused: bool, reason: str) -> None:
        self.asked.append((interface, paused, reason))
        await asyncio.sleep(0)
        if not self.reachable:
            raise PbxUnreachable
        self.act(interface, paused=paused, reason=reason, later=True)

    def act(self, interface: str, *, paused: bool, reason: str = "", later: bool = False) -> None:
        """Pause a member in all its queues, as a code dialled at the phone does."""
        for queue, member in self.paused:
            if member == interface and self.paused[queue, member] != paused:
                self.paused[queue, member] = paused
                if later:
                    loop = asyncio.get_running_loop()
                    loop.call_soon(self.tell, queue, member, paused, reason)
                else:
                    self.tell(queue, member, paused, reason)

    def tell(self, queue: str, interface: str, paused: bool, reason: str = "", **more: Any) -> None:
        self.bus.publish(
            MemberChanged(
                pbx=PBX, at=0.0, queue=queue, interface=interface, device=interface,
                paused=paused, reason=reason, **{"status": 1} | more,
            )
        )  # fmt: skip

    def snapshot(self) -> None:
        for (queue, interface), paused in self.paused.items():
            self.tell(queue, interface, paused, inferred=True)

    def of(self, user_id: int) -> set[bool]:
        return {paused for (_, who), paused in self.paused.items() if str(user_id) in who}


class Office:
    def __init__(self, database: Database, wrap_up_s: float, settle_s: float) -> None:
        self.bus = MemoryBus()
        self.queues = Queues(self.bus)
        self.devices = DeviceMap(database, self.bus)
        self.told: asyncio.Queue[tuple[int, StateView]] = asyncio.Queue()
        self.now = 1_000.0
        self.keeper = Keeper(
            database, self.bus, self.queues.pause, self.devices,
            lambda *said: self.told.put_nowait(said), lambda: self.now, wrap_up_s, settle_s,
        )  # fmt: skip

    def state(self, user_id: int = ANNA) -> tuple[str, str | None]:
        view = self.keeper.view(user_id)
        return view.state, view.reason

    async def until(self, state: str, user_id: int = ANNA) -> None:
        """Wait until the person is told this state."""
        async with asyncio.timeout(TEST_LIMIT_S):
            while (said := await self.told.get()) and (said[0], said[1].state) != (user_id, state):
                pass

    def leg(self, phase: Any, *, queued: bool = True, user_id: int = ANNA) -> None:
        self.keeper.leg_changed(
            LegChange(
                user_id=user_id, pbx=PBX, leg=f"l{user_id}", call_id=7, phase=phase,
                queued=queued, at=self.now,
            )
        )  # fmt: skip

    async def settled(self) -> None:
        async with asyncio.timeout(TEST_LIMIT_S):
            await self.keeper.settled()
            await self.keeper.drain()


@asynccontextmanager
async def opened(
    database: Database, wrap_up_s: float = 20.0, settle_s: float = 0.01
) -> AsyncIterator[Office]:
    office = Office(database, wrap_up_s, settle_s)
    await office.devices.load()
    await office.keeper.load()
    running = asyncio.create_task(office.keeper.run())
    try:
        yield office
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def give_phones(database: Database) -> None:
    await move_in(database)
    async with database.write() as session:
        for user_id in (ANNA, BORIS):
            await devices.assign(
                session, user_id=user_id, pbx_id=PBX, endpoint=f"PJSIP/{user_id}",
                extension=str(user_id), at=NOW, by=SYSTEM,
            )  # fmt: skip


@pytest.fixture
async def office(sqlite_database: Database) -> AsyncIterator[Office]:
    await give_phones(sqlite_database)
    async with opened(sqlite_database) as office:
        office.queues.snapshot()
        yield office


async def spans(database: Database, user_id: int = ANNA) -> list[Any]:
    async with database.read() as session:
        query = "SELECT * FROM agent_state WHERE user_id = :user ORDER BY from_at, id"
        return list((await session.execute(text(query), {"user": user_id})).mappings())


async def test_a_pause_is_set_in_all_queues_and_ready_lifts_it(office: Office):
    office.keeper.wish(ANNA, "paused", "lunch")
    await office.settled()
    assert office.state() == ("paused", "lunch")
    assert office.queues.of(ANNA) == {True}
    assert set(office.queues.asked) == {
        ("PJSIP/1001", True, "lunch"), ("Local/1001@from-queue/n", True, "lunch"),
    }  # fmt: skip
    assert office.queues.of(BORIS) == {False}

    office.keeper.wish(ANNA, "ready")
    await office.settled()
    assert office.queues.of(ANNA) == {False}


async def test_whoever_is_let_go_is_off_duty(database: Database):
    await give_phones(database)
    async with opened(database) as office:
        office.queues.snapshot()
        office.keeper.wish(ANNA, "ready")
        office.leg("talking")
        async with database.write() as session:
            await people.let_go(session, ANNA, NOW, SYSTEM)
        await office.devices.load()
        assert office.state() == ("talking", None)

        office.now += 5
        office.leg("ended", queued=False)
        await office.settled()

        assert office.state() == ("off", None)
        assert (await spans(database))[-1]["state"] == "off"
        assert office.state(BORIS) == ("ready", None)


async def test_whoever_was_let_go_while_the_service_stood_still_is_off_duty(database: Database):
    await give_phones(database)
    async with opened(database) as office:
        office.keeper.wish(ANNA, "ready")
        await office.settled()
    async with database.write() as session:
        await people.let_go(session, ANNA, NOW, SYSTEM)

    async with opened(database) as office:
        assert office.state() == ("off", None)


async def test_whoever_did_nothing_yet_is_off_duty_since_one_moment(sqlite_database: Database):
    async with opened(sqlite_database) as office:
        before = office.keeper.view(BORIS)
        office.now += 60

        assert (before.state, office.keeper.view(BORIS)) == ("off", before)


async def test_wrap_up_pauses_all_queues_until_the_agent_is_done(office: Office):
    office.keeper.wish(ANNA, "ready")
    for phase in ("ringing", "talking", "ended"):
        office.leg(phase)
    await office.settled()
    view = office.keeper.view(ANNA)
    assert (view.state, view.until) == ("wrap-up", 1_020.0)
    assert office.queues.of(ANNA) == {True}

    assert office.keeper.end_wrap_up(ANNA).state == "ready"
    await office.settled()
    assert office.queues.of(ANNA) == {False}


async def test_wrap_up_ends_by_the_servers_own_timer(sqlite_database: Database):
    await give_phones(sqlite_database)
    async with opened(sqlite_database, wrap_up_s=0.05) as office:
        office.queues.snapshot()
        office.keeper.wish(ANNA, "ready")
        office.leg("talking")
        office.leg("ended")
        await office.until("wrap-up")
        await office.until("ready")
        await office.settled()

        assert office.queues.of(ANNA) == {False}
        assert json.loads((await spans(sqlite_database))[-1]["cause"])["by"] == "timer"


async def test_a_wrap_up_and_a_wish_survive_a_restart_and_a_call_does_not(database: Database):
    await give_phones(database)
    async with opened(database, wrap_up_s=60) as before:
        before.keeper.wish(ANNA, "paused", "training")
        before.leg("talking")
        before.leg("ended")
        before.keeper.wish(BORIS, "ready")
        before.leg("talking", user_id=BORIS)
        await before.settled()

    async with opened(database) as office:
        view = office.keeper.view(ANNA)
        assert (view.state, view.since, view.until) == ("wrap-up", 1_000.0, 1_060.0)
        assert office.state(BORIS) == ("ready", None)
        office.queues.snapshot()
        await office.settled()
        assert (office.queues.of(ANNA), office.queues.of(BORIS)) == ({True}, {False})
        assert office.keeper.end_wrap_up(ANNA).reason == "training"


async def test_a_wrap_up_that_ran_out_while_the_service_was_down_ended_in_time(
    database: Database,
):
    await give_phones(database)
    async with opened(database, wrap_up_s=5) as before:
        before.keeper.wish(ANNA, "ready")
        before.leg("talking")
        before.leg("ended")
        await before.settled()
    restarted = Office(database, 5, 0.01)
    restarted.now = 2_000.0
    await restarted.devices.load()
    await restarted.keeper.load()

    view = restarted.keeper.view(ANNA)
    assert (view.state, view.since) == ("ready", 1_005.0)


async def test_a_pause_dialled_at_the_phone_is_a_wish(office: Office, sqlite_database: Database):
    office.keeper.wish(ANNA, "ready")
    await office.settled()
    office.queues.act("PJSIP/1001", paused=True, reason="smoking")
    assert office.state() == ("paused", "smoking")
    await office.settled()
    assert office.queues.of(ANNA) == {True}
    assert json.loads((await spans(sqlite_database))[-1]["cause"]) == {
        "by": "pbx", "wish": "paused", "reason": "smoking"
    }  # fmt: skip

    office.queues.act("Local/1001@from-queue/n", paused=False)
    await office.settled()
    assert office.state() == ("ready", None)
    assert office.queues.of(ANNA) == {False}


async def test_the_last_of_many_quick_wishes_is_what_counts(office: Office):
    for wish in ("paused", "ready", "paused", "ready", "paused"):
        office.keeper.wish(ANNA, wish, "break" if wish == "paused" else None)
        await asyncio.sleep(0)
    await office.settled()

    assert office.state() == ("paused", "break")
    assert office.queues.of(ANNA) == {True}


async def test_what_drifted_during_an_outage_is_put_right_afterwards(office: Office):
    office.keeper.wish(ANNA, "paused", "lunch")
    await office.settled()
    office.queues.paused["sales", "PJSIP/1001"] = False
    office.queues.snapshot()
    await office.settled()

    assert office.state() == ("paused", "lunch")
    assert office.queues.of(ANNA) == {True}


async def test_a_wish_during_an_outage_is_sent_after_the_reconnect(office: Office):
    office.queues.reachable = False
    office.keeper.wish(ANNA, "paused", "lunch")
    await office.settled()
    assert office.queues.of(ANNA) == {False}

    office.queues.reachable = True
    office.bus.publish(LinkUp(pbx=PBX, at=0.0, epoch=2))
    await office.settled()
    assert office.queues.of(ANNA) == {True}


async def test_whoever_never_wished_anything_is_followed_and_not_led(office: Office):
    assert office.state() == ("ready", None)
    office.queues.act("PJSIP/1001", paused=True, reason="x")
    assert office.state() == ("ready", None)
    office.queues.act("Local/1001@from-queue/n", paused=True, reason="tea")
    assert office.state() == ("paused", "tea")
    await office.settled()

    assert office.queues.asked == []


async def test_whoever_sits_down_at_a_phone_takes_its_place_in_the_queues(
    office: Office, sqlite_database: Database
):
    async with sqlite_database.write() as session:
        await devices.assign(
            session, user_id=1003, pbx_id=PBX, endpoint="PJSIP/1002", extension="1002", at=NOW,
            by=SYSTEM,
        )  # fmt: skip
    assert office.state(1003) == ("off", None)
    await office.devices.load()
    assert office.state(1003) == ("ready", None)

    office.keeper.wish(1003, "paused", "break")
    await office.settled()
    assert office.queues.of(1002) == {True}


async def test_a_phone_that_is_gone_and_a_page_that_is_closed_show(office: Office):
    office.keeper.wish(ANNA, "ready")
    office.bus.publish(DeviceChanged(pbx=PBX, at=0.0, device="PJSIP/1001", state="UNAVAILABLE"))
    assert office.state() == ("not-responding", "phone")
    office.bus.publish(DeviceChanged(pbx=PBX, at=0.0, device="PJSIP/1001", state="NOT_INUSE"))
    assert office.state() == ("ready", None)
    office.keeper.presence(ANNA, True)
    assert office.state() == ("ready", None)
    office.keeper.presence(ANNA, False)
    assert office.state() == ("not-responding", "page")
    assert office.queues.of(ANNA) == {False}


async def test_a_person_who_only_looks_on_has_no_state_written_down(
    office: Office, sqlite_database: Database
):
    office.keeper.presence(9, True)
    await office.settled()

    assert await spans(sqlite_database, 9) == []
    assert office.state(9) == ("off", None)


async def test_spans_follow_each_other_without_hole_or_overlap(database: Database):
    await give_phones(database)
    async with opened(database) as office:
        office.keeper.wish(ANNA, "ready")
        for phase in ("ringing", "talking", "hold", "talking", "ended"):
            office.now += 10
            office.leg(phase)
        office.now += 5
        office.keeper.end_wrap_up(ANNA)
        office.keeper.wish(ANNA, "off")
        await office.settled()

        written = await spans(database)
        assert [span["state"] for span in written] == [
            "ready", "ringing", "talking", "hold", "talking", "wrap-up", "ready", "off"
        ]  # fmt: skip
        assert [span["to_at"] for span in written] == [
            *(span["from_at"] for span in written[1:]), None
        ]  # fmt: skip
        assert {span["call_id"] for span in written[1:6]} == {7}


async def test_an_event_of_a_clock_that_runs_ahead_or_behind_stays_in_order(office: Office):
    office.keeper.wish(ANNA, "ready")
    change = LegChange(
        user_id=ANNA, pbx=PBX, leg="l", call_id=7, phase="ringing", queued=False, at=9_999.0
    )
    office.keeper.leg_changed(change)
    assert office.keeper.view(ANNA).since == 1_000.0
    office.now = 1_010.0
    office.keeper.leg_changed(
        LegChange(user_id=ANNA, pbx=PBX, leg="l", call_id=7, phase="ended", queued=False, at=5.0)
    )
    assert office.keeper.view(ANNA).since == 1_000.0


ACTS = st.lists(
    st.one_of(
        st.tuples(st.just("wish"), st.booleans()),
        st.tuples(st.just("act"), st.booleans()),
        st.tuples(st.just("lost"), st.booleans()),
        st.tuples(st.just("rest")),
    ),
    max_size=12,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(ACTS)
def test_whatever_happens_in_the_end_the_queues_are_as_wished(acts: list[tuple[Any, ...]]):
    async def play() -> None:
        bus = MemoryBus()
        queues = Queues(bus)
        pauses = Pauses(queues.pause, lambda _pbx, who, _device: int(who[-4:]), 0.001)
        bus.listen(pauses.heard, MemberChanged)
        wished = False
        pauses.want(ANNA, Wanted(paused=False))
        for queue, interface in MEMBERS[:2]:
            queues.tell(queue, interface, False, inferred=True)
        for kind, *value in acts:
            match kind:
                case "wish":
                    [wished] = value
                    pauses.want(ANNA, Wanted(paused=wished))
                case "act":
                    queues.act("PJSIP/1001", paused=value[0], later=True)
                case "lost":
                    [queues.reachable] = value
                case "rest":
                    await pauses.settled()
        queues.reachable = True
        await pauses.settled()
        # After an outage everything is compared; an act at the phone was no wish here.
        for queue, interface in MEMBERS[:2]:
            queues.tell(queue, interface, queues.paused[queue, interface], inferred=True)
        pauses.compare(PBX)
        await pauses.settled()
        assert {queues.paused[member] for member in MEMBERS[:2]} == {wished}
        await pauses.close()

    asyncio.run(play())


async def test_a_phone_that_changes_hands_takes_its_trouble_with_it(
    office: Office, sqlite_database: Database
):
    for user_id in (ANNA, BORIS):
        office.keeper.wish(user_id, "ready")
    office.bus.publish(DeviceChanged(pbx=PBX, at=1.0, device="PJSIP/1001", state="UNAVAILABLE"))
    assert office.state(ANNA) == ("not-responding", "phone")

    async with sqlite_database.write() as session:
        (his,) = await devices.current_of(session, BORIS)
        for user_id, endpoint in ((ANNA, his.endpoint), (BORIS, "PJSIP/1001")):
            await devices.assign(
                session, user_id=user_id, pbx_id=PBX, endpoint=endpoint, at=NOW, by=SYSTEM
            )
    await office.devices.load()

    assert office.state(ANNA) == ("ready", None)
    assert office.state(BORIS) == ("not-responding", "phone")


async def test_whoever_is_left_without_a_phone_is_not_reached(
    office: Office, sqlite_database: Database
):
    office.keeper.wish(ANNA, "ready")

    async with sqlite_database.write() as session:
        await devices.release_all(session, ANNA, NOW, SYSTEM)
    await office.devices.load()

    assert office.state(ANNA) == ("not-responding", "phone")

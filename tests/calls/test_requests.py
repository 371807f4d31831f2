"""What becomes of calls that somebody asked for: told once, only forward, and kept."""

import asyncio
import tempfile
from collections.abc import Coroutine, Iterable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from callcenter.ami.tracker import Tracker
from callcenter.bus.memory import MemoryBus
from callcenter.calls.board import Board
from callcenter.calls.models import CallIntent
from callcenter.calls.requests import Requests, channel_of
from callcenter.db import Database
from callcenter.events import (
    CallBegan,
    CallEnded,
    Event,
    GapNoted,
    LegAnswered,
    LegEnded,
    LegRang,
    RequestFailed,
    RequestSettled,
)
from tests import recordings
from tests.calls.office import NOW, PBX, move_in, user_of
from tests.fixtures.database import copied_sqlite

ANNA = 1001


class Clerk:
    """The requests with a board beside them, and all that was told."""

    def __init__(self, database: Database) -> None:
        self.bus = MemoryBus()
        self.board = Board(user_of)
        self.bus.listen(self.board.apply, CallBegan, LegRang, LegAnswered, LegEnded, CallEnded)
        self.told: list[RequestSettled] = []
        self.bus.listen(self.told.append, RequestSettled)
        self.requests = Requests(database, self.bus, self.board.id_of, lambda: 0.0, self._spawn)
        self._errands: list[asyncio.Task[None]] = []

    def _spawn(self, errand: Coroutine[Any, Any, None]) -> None:
        self._errands.append(asyncio.create_task(errand))

    async def asked(self, intent_id: str = "click-01") -> str:
        """Somebody clicks; return the channel that the call will have."""
        channel = channel_of(intent_id)
        assert await self.requests.add(
            CallIntent(
                id=intent_id, user_id=ANNA, pbx_id=PBX, number="+994502345678", at=NOW,
                channel_id=channel, status="asked",
            )
        )  # fmt: skip
        return channel

    def hear(self, events: Iterable[Event]) -> None:
        for event in events:
            self.bus.publish(event)

    async def done(self) -> None:
        """Wait until all that was told is stored."""
        await asyncio.gather(*self._errands)

    async def stored(self, intent_id: str = "click-01") -> CallIntent:
        await self.done()
        intent = await self.requests.find(intent_id)
        assert intent is not None
        return intent

    @property
    def statuses(self) -> list[str]:
        return [told.status for told in self.told]


@pytest.fixture
async def clerk(database: Database) -> Clerk:
    await move_in(database)
    return Clerk(database)


@pytest.fixture
async def sqlite_clerk(sqlite_database: Database) -> Clerk:
    await move_in(sqlite_database)
    return Clerk(sqlite_database)


def began(channel: str) -> CallBegan:
    return CallBegan(
        pbx=PBX, at=1.0, call=channel, origin="click-to-call", direction="outbound",
        called="0502345678",
    )  # fmt: skip


def ended(channel: str) -> CallEnded:
    return CallEnded(pbx=PBX, at=9.0, call=channel)


def picked_up(channel: str) -> LegAnswered:
    return LegAnswered(pbx=PBX, at=2.0, call=channel, leg=channel)


def gap(pbx: int = PBX, *unseen: str) -> GapNoted:
    return GapNoted(
        pbx=pbx, at=5.0, from_at=4.0, epoch=2, reason="the link was lost", unseen=unseen
    )


@pytest.mark.parametrize(
    ("recording", "intent_id", "statuses", "problem"),
    [
        ("c2c_answered", "c2c-1001-1", ["asked", "placed", "done"], None),
        ("c2c_customer_busy", "c2c-1001-2", ["asked", "placed", "done"], None),
        ("c2c_agent_noanswer", "c2c-1002-1", ["asked", "placed", "refused"], "agent-no-answer"),
        (
            "c2c_agent_unreachable",
            "c2c-1005-1",
            ["asked", "placed", "refused"],
            "phone-not-registered",
        ),
    ],
)
async def test_a_request_ends_as_its_recorded_call_did(
    clerk: Clerk, recording: str, intent_id: str, statuses: list[str], problem: str | None
) -> None:
    await clerk.asked(intent_id)

    tracker = Tracker(PBX, recordings.ENDPOINTS)
    for recorded in recordings.messages(recording):
        clerk.hear(tracker.feed(recorded.message, recorded.at or 0.0))

    intent = await clerk.stored(intent_id)
    assert clerk.statuses == statuses
    assert (intent.status, intent.problem) == (statuses[-1], problem)
    assert clerk.told[-1].problem == problem


async def test_whoever_asked_learns_which_call_it_is_as_soon_as_it_began(clerk: Clerk) -> None:
    channel = await clerk.asked()
    clerk.hear([began(channel)])

    call_id = clerk.board.id_of(PBX, channel)
    assert call_id is not None
    assert [(told.status, told.call_id, told.user_id) for told in clerk.told] == [
        ("asked", None, ANNA),
        ("placed", call_id, ANNA),
    ]
    assert (await clerk.stored()).call_id == call_id


async def test_the_same_id_is_taken_once_however_many_ask_at_a_time(clerk: Clerk) -> None:
    def intent() -> CallIntent:
        return CallIntent(
            id="click-01", user_id=ANNA, pbx_id=PBX, number="+994502345678", at=NOW,
            channel_id=channel_of("click-01"), status="asked",
        )  # fmt: skip

    taken = await asyncio.gather(*(clerk.requests.add(intent()) for _ in range(5)))

    assert sorted(taken) == [False, False, False, False, True]
    assert clerk.statuses == ["asked"]


async def test_a_lost_answer_is_no_news_once_the_call_has_been_seen(sqlite_clerk: Clerk) -> None:
    clerk = sqlite_clerk
    channel = await clerk.asked()
    clerk.hear([began(channel)])
    clerk.requests.settle(channel, "unknown", problem="outcome-unknown")
    clerk.hear([picked_up(channel), ended(channel)])

    assert clerk.statuses == ["asked", "placed", "done"]
    assert (await clerk.stored()).status == "done"


async def test_an_unknown_request_is_settled_by_its_call(sqlite_clerk: Clerk) -> None:
    clerk = sqlite_clerk
    channel = await clerk.asked()
    clerk.requests.settle(channel, "unknown", problem="outcome-unknown")
    clerk.hear([began(channel)])

    assert clerk.statuses == ["asked", "unknown", "placed"]
    intent = await clerk.stored()
    assert (intent.status, intent.problem) == ("placed", None)


@pytest.mark.parametrize(
    ("lives", "statuses"),
    [
        (True, ["asked", "unknown", "placed"]),
        (False, ["asked", "unknown", "refused"]),
    ],
)
async def test_after_a_gap_an_unknown_request_is_what_the_pbx_says(
    sqlite_clerk: Clerk, lives: bool, statuses: list[str]
) -> None:
    clerk = sqlite_clerk
    channel = await clerk.asked()
    clerk.requests.settle(channel, "unknown", problem="outcome-unknown")

    clerk.hear([gap(PBX + 1)])  # another PBX's says nothing
    assert clerk.statuses == ["asked", "unknown"]
    clerk.hear([gap(PBX, *[channel] * lives)])

    assert clerk.statuses == statuses
    assert (await clerk.stored()).status == statuses[-1]


async def test_a_gap_leaves_alone_what_is_waited_for_or_goes_on(sqlite_clerk: Clerk) -> None:
    clerk = sqlite_clerk
    await clerk.asked()
    clerk.hear([began(await clerk.asked("click-02")), gap()])

    assert (await clerk.stored()).status == "asked"
    assert (await clerk.stored("click-02")).status == "placed"


async def test_a_restart_takes_up_again_what_was_not_settled(
    clerk: Clerk, database: Database
) -> None:
    for intent_id in ("asked-01", "placed-lives", "placed-over", "done-001"):
        await clerk.asked(intent_id)
    for intent_id in ("placed-lives", "placed-over", "done-001"):
        clerk.hear([began(channel_of(intent_id))])
    clerk.hear([picked_up(channel_of("done-001")), ended(channel_of("done-001"))])
    await clerk.done()

    after = Clerk(database)
    await after.requests.load()
    after.hear([gap(PBX, channel_of("placed-lives"))])

    assert {told.intent_id: (told.status, told.problem) for told in after.told} == {
        "asked-01": ("refused", "no-such-call"),
        "placed-over": ("done", None),
    }
    for intent_id, status in [
        ("asked-01", "refused"),
        ("placed-lives", "placed"),
        ("placed-over", "done"),
        ("done-001", "done"),
    ]:
        assert (await after.stored(intent_id)).status == status


# ---------------------------------------------------------------- whatever the order

CHANNEL = channel_of("click-01")
HAPPENINGS = st.one_of(
    st.just(began(CHANNEL)),
    st.just(
        LegRang(pbx=PBX, at=1.0, call=CHANNEL, leg=CHANNEL, party="agent", endpoint="PJSIP/1001")
    ),
    st.just(picked_up(CHANNEL)),
    st.sampled_from(["noanswer", "declined", "busy", "unreachable", "answered"]).map(
        lambda result: LegEnded(pbx=PBX, at=3.0, call=CHANNEL, leg=CHANNEL, result=result)
    ),
    st.sampled_from([None, "failed", "busy"]).map(
        lambda failure: CallEnded(pbx=PBX, at=4.0, call=CHANNEL, failure=failure)
    ),
    st.integers(0, 8).map(
        lambda reason: RequestFailed(pbx=PBX, at=4.0, channel_id=CHANNEL, reason=reason)
    ),
    st.sampled_from([gap(), gap(PBX, CHANNEL)]),
    # What the PBX answered, or did not.
    st.sampled_from(["unknown", "refused"]),
)
RANK = {"asked": 0, "unknown": 1, "placed": 2, "refused": 3, "done": 3}


@given(happenings=st.lists(HAPPENINGS, max_size=9))
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_in_any_order_a_request_only_moves_forward_and_each_step_is_told_once(
    sqlite_template: Path, happenings: list[Event | str]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        told, stored = asyncio.run(_played(sqlite_template, Path(folder), happenings))

    ranks = [RANK[status] for status in told]
    assert ranks == sorted(set(ranks)), told
    assert stored == told[-1]


async def _played(
    template: Path, folder: Path, happenings: list[Event | str]
) -> tuple[list[str], str]:
    async with Database(await copied_sqlite(template, folder)) as database:
        await move_in(database)
        clerk = Clerk(database)
        await clerk.asked()
        for happening in happenings:
            if isinstance(happening, str):
                clerk.requests.settle(CHANNEL, happening, problem="pbx-unreachable")
            else:
                clerk.hear([happening])
        return clerk.statuses, (await clerk.stored()).status

"""A wish to call becomes one call on the right PBX, or a refusal that says why."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest
from sqlalchemy import select

from callcenter.agents.models import Device
from callcenter.audit import Audit
from callcenter.bus.memory import MemoryBus
from callcenter.calls.board import Board
from callcenter.calls.commands import Caller, PlaceCall, Placed, Switchboard
from callcenter.calls.models import CallIntent, PbxRow
from callcenter.calls.requests import Requests
from callcenter.db import Database
from callcenter.errors import (
    AgentHasNoPhone,
    BadInput,
    NotAPhoneNumber,
    OutcomeUnknown,
    PbxRefused,
    PbxUnreachable,
    Problem,
)
from callcenter.events import RequestSettled
from callcenter.pbx import Dial
from tests.calls.office import NOW, PBX, move_in, user_of

ANNA = Caller(user_id=1001, name="Anna")
BORIS = Caller(user_id=1002, name="Boris")
WISH = PlaceCall(intent_id="click-01", number="050 123 45 67")
REGIONS = ("AZ", "TR", "RU", "GE")


class PaperPbx:
    """A PBX that notes what it is asked, and answers as it is told to."""

    def __init__(self) -> None:
        self.up = True
        self.problem: Problem | None = None
        self.dialled: list[Dial] = []
        self.hung_up: list[str] = []

    async def dial(self, request: Dial) -> None:
        self.dialled.append(request)
        if self.problem is not None:
            raise self.problem

    async def hangup(self, leg: str, *, cause: int = 16) -> None:
        self.hung_up.append(leg)

    async def pause(
        self, interface: str, *, paused: bool, reason: str = "", queue: str | None = None
    ) -> None:
        raise AssertionError("nobody pauses here")


class Room:
    """A switchboard at which Anna (1001) and Boris (1002) have a phone each."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.pbx = PaperPbx()
        self.told: list[RequestSettled] = []
        self._errands: list[asyncio.Task[None]] = []
        bus = MemoryBus()
        bus.listen(self.told.append, RequestSettled)
        requests = Requests(database, bus, Board(user_of).id_of, lambda: 0.0, self._spawn)
        ports = {PBX: self.pbx}
        self.switchboard = Switchboard(database, requests, ports.get, NOW.timestamp, REGIONS)

    def _spawn(self, errand: Coroutine[Any, Any, None]) -> None:
        self._errands.append(asyncio.create_task(errand))

    async def phone(self, device_id: int, user_id: int, endpoint: str, **facts: Any) -> None:
        async with self.database.write() as session:
            session.add(
                Device(
                    id=device_id, user_id=user_id, pbx_id=PBX, endpoint=endpoint, from_at=NOW,
                    **facts,
                )
            )  # fmt: skip

    async def change_pbx(self, **facts: Any) -> None:
        async with self.database.write() as session:
            row = await session.get_one(PbxRow, PBX)
            for name, value in facts.items():
                setattr(row, name, value)

    async def place(self, caller: Caller = ANNA, **wish: Any) -> Placed:
        fields = {"intent_id": WISH.intent_id, "number": WISH.number} | wish
        return await self.switchboard.place_call(caller, PlaceCall(**fields))

    async def intents(self) -> list[CallIntent]:
        await asyncio.gather(*self._errands)
        async with self.database.read() as session:
            return list(await session.scalars(select(CallIntent).order_by(CallIntent.id)))


@pytest.fixture
async def room(sqlite_database: Database) -> Room:
    return await furnished(sqlite_database)


async def furnished(database: Database) -> Room:
    await move_in(database)
    room = Room(database)
    await room.phone(1, 1001, "PJSIP/1001")
    await room.phone(2, 1002, "PJSIP/1002")
    return room


async def test_a_wish_is_noted_before_the_pbx_is_asked(room: Room) -> None:
    placed = await room.place()

    assert placed == Placed(intent_id="click-01", status="asked", number="+994501234567")
    (intent,) = await room.intents()
    assert (intent.user_id, intent.device_id, intent.number) == (1001, 1, "+994501234567")
    assert room.pbx.dialled == [
        Dial(
            channel_id="crm-click-01", endpoint="PJSIP/1001", number="0501234567",
            context="click2call", caller_name="Anna", crm_ref="click-01",
        )
    ]  # fmt: skip


async def test_the_same_wish_again_and_at_the_same_time_is_dialled_once(
    database: Database,
) -> None:
    room = await furnished(database)

    first = await asyncio.gather(*(room.place() for _ in range(4)))
    again = await room.place(number="055 999 88 77")

    assert {placed.number for placed in [*first, again]} == {"+994501234567"}
    assert len(room.pbx.dialled) == 1
    assert [told.status for told in room.told] == ["asked"]


async def test_nobody_learns_of_a_call_by_guessing_its_id(room: Room) -> None:
    await room.place(ANNA)

    with pytest.raises(BadInput) as refused:
        await room.place(BORIS, number="055 999 88 77")

    assert list(refused.value.fields) == ["intent_id"]
    assert "+994501234567" not in str(refused.value.fields)
    assert [dial.endpoint for dial in room.pbx.dialled] == ["PJSIP/1001"]


async def test_two_people_who_send_one_id_at_a_time_place_one_call(database: Database) -> None:
    room = await furnished(database)

    answers = await asyncio.gather(room.place(ANNA), room.place(BORIS), return_exceptions=True)

    refused = [answer for answer in answers if isinstance(answer, BadInput)]
    assert [list(each.fields) for each in refused] == [["intent_id"]]
    assert len(room.pbx.dialled) == len(await room.intents()) == 1


@pytest.mark.parametrize(
    "intent_id", ["", "short", "x" * 57, "click 01", "click_001", "click-01\n"]
)
async def test_an_id_that_could_be_no_channels_is_refused(room: Room, intent_id: str) -> None:
    with pytest.raises(BadInput) as refused:
        await room.place(intent_id=intent_id)

    assert list(refused.value.fields) == ["intent_id"]
    assert await room.intents() == []


@pytest.mark.parametrize("number", ["", "call me", "withheld", "050-CALL-NOW", "+"])
async def test_what_is_no_number_leaves_no_trace(room: Room, number: str) -> None:
    with pytest.raises(NotAPhoneNumber):
        await room.place(number=number)

    assert (await room.intents(), room.pbx.dialled) == ([], [])


async def test_a_contact_that_is_none_is_refused_and_nothing_is_dialled(
    database: Database,
) -> None:
    room = await furnished(database)

    with pytest.raises(BadInput) as refused:
        await room.place(contact_id=404)

    assert list(refused.value.fields) == ["contact_id"]
    assert (await room.intents(), room.pbx.dialled, room.told) == ([], [], [])


async def test_whoever_has_no_phone_is_told_so(room: Room) -> None:
    with pytest.raises(AgentHasNoPhone, match="Clara has no phone"):
        await room.place(Caller(user_id=1003, name="Clara"))

    assert await room.intents() == []


@pytest.mark.parametrize("device_id", [2, 404])
async def test_a_phone_that_is_not_ones_own_is_not_rung(room: Room, device_id: int) -> None:
    with pytest.raises(AgentHasNoPhone):
        await room.place(device_id=device_id)

    assert room.pbx.dialled == []


async def test_the_first_phone_rings_unless_another_is_chosen(room: Room) -> None:
    await room.phone(3, 1001, "PJSIP/2001", position=1)
    await room.phone(4, 1001, "PJSIP/2002", to_at=NOW)

    await room.place()
    await room.place(intent_id="click-02", device_id=3)
    with pytest.raises(AgentHasNoPhone):
        await room.place(intent_id="click-03", device_id=4)

    assert [dial.endpoint for dial in room.pbx.dialled] == ["PJSIP/1001", "PJSIP/2001"]


async def test_a_phone_of_a_pbx_out_of_use_is_none(room: Room) -> None:
    await room.change_pbx(active=False)

    with pytest.raises(AgentHasNoPhone):
        await room.place()


@pytest.mark.parametrize(
    ("problem", "status", "code"),
    [
        (PbxUnreachable(), "refused", "pbx-unreachable"),
        (PbxRefused(reason="Permission denied"), "refused", "pbx-refused"),
        (OutcomeUnknown(), "unknown", "outcome-unknown"),
    ],
)
async def test_what_the_pbx_answers_is_told_and_kept(
    room: Room, problem: Problem, status: str, code: str
) -> None:
    room.pbx.problem = problem

    with pytest.raises(type(problem)):
        await room.place()

    (intent,) = await room.intents()
    assert (intent.status, intent.problem) == (status, code)
    assert [(told.status, told.problem) for told in room.told] == [("asked", None), (status, code)]
    # The same click again is answered from what is known, and not dialled again.
    again = await room.place()
    assert (again.status, again.problem, len(room.pbx.dialled)) == (status, code, 1)


async def test_without_a_link_nothing_is_sent(room: Room) -> None:
    room.pbx.up = False

    with pytest.raises(PbxUnreachable):
        await room.place()

    (intent,) = await room.intents()
    assert (intent.status, intent.problem) == ("refused", "pbx-unreachable")
    assert room.pbx.dialled == []


@pytest.mark.parametrize(
    ("typed", "pbx", "dialled"),
    [
        ("+994 50 123 45 67", {}, "0501234567"),
        ("+90 532 123 45 67", {}, "00905321234567"),  # abroad, as people of the region dial
        ("050 123 45 67", {"dial_format": "e164"}, "+994501234567"),
        ("050 123 45 67", {"dial_prefix": "9"}, "90501234567"),
        ("1002", {"dial_prefix": "9"}, "1002"),  # a colleague needs no way out
    ],
)
async def test_a_number_is_dialled_as_the_pbx_wants_it(
    room: Room, typed: str, pbx: dict[str, str], dialled: str
) -> None:
    await room.change_pbx(**pbx)

    await room.place(number=typed)

    assert [dial.number for dial in room.pbx.dialled] == [dialled]


async def test_who_hung_a_call_up_is_audited(room: Room) -> None:
    await room.switchboard.hang_up(ANNA, PBX, "1.7", 42)

    assert room.pbx.hung_up == ["1.7"]
    async with room.database.read() as session:
        (line,) = await session.scalars(select(Audit))
    assert (line.entity, line.entity_id, line.action, line.actor_id) == (
        "call", 42, "hang-up", 1001,
    )  # fmt: skip


@pytest.mark.parametrize("pbx_id", [PBX, PBX + 1])
async def test_without_the_link_nobody_is_hung_up(room: Room, pbx_id: int) -> None:
    room.pbx.up = False

    with pytest.raises(PbxUnreachable):
        await room.switchboard.hang_up(ANNA, pbx_id, "1.7", 42)

    assert room.pbx.hung_up == []

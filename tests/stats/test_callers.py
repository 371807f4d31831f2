"""Who the callers on the floor are: asked once a call, and forgotten with it."""

import asyncio
from collections.abc import Coroutine
from typing import Any

from callcenter.calls.board import Board
from callcenter.events import (
    CallBegan,
    CallDescribed,
    CallEnded,
    CallEvent,
    CallFolded,
    LegEnded,
    LegRang,
)
from callcenter.stats.callers import Callers
from callcenter.stats.floor import Customer
from tests.calls.office import PBX, user_of

ZOE = Customer(contact_id=7, name="Zoë Müller")


class Desk:
    """A board whose calls are looked up in a register of one customer."""

    def __init__(self) -> None:
        self.asked: list[tuple[int, str]] = []
        self.touched = 0
        self.errands: list[asyncio.Task[None]] = []
        self.board = Board(user_of)
        self.callers = Callers(self._find, self._spawn, self._touch)
        self.board.listen(self.callers.changed)

    async def _find(self, pbx: int, number: str) -> Customer | None:
        self.asked.append((pbx, number))
        return ZOE if number == "0501234567" else None

    def _spawn(self, errand: Coroutine[Any, Any, None]) -> None:
        self.errands.append(asyncio.create_task(errand))

    def _touch(self) -> None:
        self.touched += 1

    async def hear(self, *events: CallEvent) -> None:
        for event in events:
            self.board.apply(event)
        await asyncio.gather(*self.errands)

    def customer(self, call: str = "a") -> Customer | None:
        live = self.board.find(PBX, call)
        assert live is not None
        return self.callers.customer_of(live.call)


def began(caller: str | None, call: str = "a") -> CallBegan:
    return CallBegan(pbx=PBX, at=1.0, call=call, origin="trunk", direction="inbound", caller=caller)


async def test_a_caller_is_asked_for_once_and_the_floor_hears_of_it() -> None:
    desk = Desk()
    rang = LegRang(pbx=PBX, at=2.0, call="a", leg="1", party="agent", endpoint="PJSIP/1001")
    await desk.hear(began("0501234567"), rang)

    assert (desk.customer(), desk.asked, desk.touched) == (ZOE, [(PBX, "0501234567")], 1)


async def test_a_number_that_comes_later_is_asked_for_then() -> None:
    desk = Desk()
    await desk.hear(began(None))
    assert desk.asked == []

    await desk.hear(CallDescribed(pbx=PBX, at=2.0, call="a", caller="0501234567"))
    assert desk.customer() == ZOE


async def test_a_stranger_stays_one_and_is_not_asked_for_again() -> None:
    desk = Desk()
    await desk.hear(began("0559999999"), CallDescribed(pbx=PBX, at=2.0, call="a", did="012"))

    assert (desk.customer(), len(desk.asked), desk.touched) == (None, 1, 0)


async def test_a_caller_is_forgotten_with_the_call() -> None:
    desk = Desk()
    rang = LegRang(pbx=PBX, at=2.0, call="a", leg="1", party="agent", endpoint="PJSIP/1001")
    await desk.hear(began("0501234567"), rang)
    await desk.hear(CallEnded(pbx=PBX, at=3.0, call="a"))
    assert desk.customer() == ZOE, "the agent is still on the line"

    await desk.hear(LegEnded(pbx=PBX, at=4.0, call="a", leg="1", result="answered"))
    assert desk.customer() is None


async def test_an_answer_that_comes_after_the_end_is_not_kept() -> None:
    desk = Desk()
    await desk.hear(began("0501234567"), CallEnded(pbx=PBX, at=3.0, call="a"))

    assert (desk.customer(), desk.touched) == (None, 0)


async def test_the_caller_of_a_call_that_went_on_in_another_is_forgotten() -> None:
    desk = Desk()
    await desk.hear(began("0501234567"), began("0501234567", "b"))
    await desk.hear(CallFolded(pbx=PBX, at=3.0, call="a", other="b"))

    assert (desk.customer("a"), desk.customer("b")) == (ZOE, None)

"""Who the callers on the floor are: asked once a call, as soon as its number is known."""

from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from callcenter.calls.board import LiveCall
from callcenter.calls.call import Call
from callcenter.events import CallEvent
from callcenter.stats.floor import Customer

Find = Callable[[int, str], Awaitable[Customer | None]]


class Callers:
    """Hears of calls from the board; `customer_of` is for the picture of the floor."""

    def __init__(
        self,
        find: Find,
        spawn: Callable[[Coroutine[Any, Any, None]], None],
        touch: Callable[[], None],
    ) -> None:
        """`find(pbx, number)` tells whose number it is, if that is certain."""
        self._find = find
        self._spawn = spawn
        self._touch = touch
        self._known: dict[tuple[int, str], Customer | None] = {}

    def changed(self, live: LiveCall, _event: CallEvent) -> None:
        call = live.call
        key = (call.pbx, call.id)
        if live.over:
            self._known.pop(key, None)
        elif key not in self._known and call.direction is not None and call.customer_number:
            self._known[key] = None
            self._spawn(self._ask(key, call.customer_number))

    def customer_of(self, call: Call) -> Customer | None:
        return self._known.get((call.pbx, call.id))

    async def _ask(self, key: tuple[int, str], number: str) -> None:
        customer = await self._find(key[0], number)
        if customer is not None and key in self._known:
            self._known[key] = customer
            self._touch()
